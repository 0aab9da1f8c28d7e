/*
 * adjust.c
 *	  What an order means at the moment it becomes active: the price of one
 *	  that takes its price from the book, the quantity of one that depends on
 *	  the position.
 *
 * Run when an order is entered, replaced or triggered, before it is checked:
 * from here on it is an order like others, and everything that holds for those
 * (margin, ranges, priority) holds for it.
 *
 *	market to limit		a limit order at the best opposite price
 *	market, with protection points
 *						trades no further than that many ticks beyond the best
 *						opposite price; what is left is cancelled, or rests
 *						there (CLR_RULE_MARKET_REMAINDER)
 *	post-only, reprice	one tick off the opposite best, if it would trade
 *	reduce-only			no larger than the position it reduces (reduce.c)
 */
#include "engine/internal.h"

static bool
best_opposite(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
			  int64_t *price)
{
	uint32_t	best = in->side[!side_index(side)].best;

	if (best == CLR_NONE)
		return false;
	*price = level_at(e, best)->price;
	return true;
}

/* Furthest price an order of this side may trade at, from `from` on. */
static int64_t
further(const ClrInstrument *in, uint8_t side, int64_t from, int64_t ticks)
{
	int64_t		least = is_future(in) ? -CLR_PRICE_MAX : 1;
	int64_t		price = side == CLR_SIDE_BUY ? from + ticks : from - ticks;

	price = price > CLR_PRICE_MAX ? CLR_PRICE_MAX : price < least ? least : price;
	return clr_into_range(clr_daily_limits(in), price);
}

/* Where a market order begins to trade; only market orders: at the reference price. */
static bool
first_price(const ClrEngine *e, const ClrInstrument *in, uint8_t side, int64_t *price)
{
	return best_opposite(e, in, side, price) ||
		(in->market[!side_index(side)] != CLR_NONE && clr_reference_price(in, price));
}

static ClrReason
adjust_market(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd)
{
	int64_t		best;
	bool		to_limit = cmd->u.order.ord_type == CLR_ORD_MARKET_TO_LIMIT;

	if (cmd->u.order.price != 0)
		return CLR_R_PRICE_INVALID;
	if (in->v.phase != CLR_PHASE_CONTINUOUS)
		return CLR_R_PHASE;
	/* the price of market orders that rest would not be that of the best limit */
	if (to_limit && in->market[!side_index(cmd->u.order.side)] != CLR_NONE)
		return CLR_R_NO_LIQUIDITY;
	if (to_limit ? !best_opposite(e, in, cmd->u.order.side, &best) :
		!first_price(e, in, cmd->u.order.side, &best))
		return CLR_R_NO_LIQUIDITY;
	cmd->u.order.price = to_limit ? best :
		further(in, cmd->u.order.side, best, in->rule[CLR_RULE_PROTECTION_POINTS]);
	return CLR_OK;
}

/* A post-only order that would trade. */
static ClrReason
adjust_post_only(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd,
				 uint16_t *ends)
{
	int64_t		best = cmd->u.order.price;
	bool		meets = in->v.phase == CLR_PHASE_CONTINUOUS &&
		!clr_meets_market(e, in, cmd->u.order.side, cmd->u.order.price, &best);

	if (in->v.phase != CLR_PHASE_CONTINUOUS ||
		(!meets && !clr_crosses(e, in, cmd->u.order.side, cmd->u.order.price)))
		return CLR_OK;
	if ((cmd->u.order.exec_inst & CLR_EXEC_POST_ONLY_CANCEL) != 0)
	{
		*ends = CLR_R_POST_ONLY_WOULD_TRADE;
		return CLR_OK;
	}
	/* a market order that rests has no price to keep off */
	if (meets)
		return CLR_R_POST_ONLY_WOULD_TRADE;
	(void) best_opposite(e, in, cmd->u.order.side, &best);
	cmd->u.order.price = cmd->u.order.side == CLR_SIDE_BUY ? best - 1 : best + 1;
	return clr_price_valid(in, cmd->u.order.price) ? CLR_OK :
		CLR_R_POST_ONLY_WOULD_TRADE;
}

/*
 * Turns the command into what it means now.  *ends becomes the reason for
 * which the order is accepted and ended at once, if it is.
 */
ClrReason
clr_order_adjust(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd,
				 uint16_t *ends)
{
	ClrReason	reason = CLR_OK;

	if (cmd->u.order.ord_type == CLR_ORD_MARKET_TO_LIMIT ||
		(cmd->u.order.ord_type == CLR_ORD_MARKET && clr_protects(in) &&
		 !clr_market_rests(in, cmd->u.order.time_in_force)))
		reason = adjust_market(e, in, cmd);
	if (reason == CLR_OK && (cmd->u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) != 0)
		reason = clr_reduce_adjust(e, in, cmd);
	if (reason == CLR_OK && (cmd->u.order.exec_inst &
							 (CLR_EXEC_POST_ONLY_CANCEL | CLR_EXEC_POST_ONLY_REPRICE)) != 0)
		reason = adjust_post_only(e, in, cmd, ends);
	return reason;
}
