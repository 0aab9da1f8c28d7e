/*
 * uncross.c
 *	  An auction is executed: everything that can trade at its price does.
 *
 * On each side market orders come first, then the better limit, then the
 * older order; so only the last order of the longer side is filled in part.
 * Of each pair the older order counts as resting; fees are a rule.
 *
 * Each fill is covered: a limit order reserved for its limit, a market order
 * for its protection, and the price is no worse than either (auction.c).
 * Whoever starts an auction has asked clr_auction_in_range() before.
 */
#include "engine/internal.h"

/*
 * Can the working orders trade that many lots, at prices whose magnitude is no
 * larger than `most`, without an amount leaving its range?
 */
bool
clr_fills_in_range(const ClrEngine *e, const ClrInstrument *in, int64_t most,
				   clr_int128 lots)
{
	if (!clr_fill_headroom(e, in, most, lots))
		return false;
	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
	{
		const ClrPosition *pos = position_at(e, p);
		clr_int128	working = (clr_int128) pos->lots[0] + pos->lots[1];

		if (working != 0 && !clr_position_in_range(in, pos, working * most, 0))
			return false;
	}
	return true;
}

/*
 * Can the volume trade at the price?  A price can be larger than a limit only
 * if it is negative, or for sellers.
 */
bool
clr_auction_in_range(const ClrEngine *e, const ClrInstrument *in,
					 const ClrAuction *a)
{
	return a->volume == 0 || clr_fills_in_range(e, in, abs64(a->price), a->volume);
}

/* The market order at or behind `i` that takes part. */
static uint32_t
first_protected(const ClrEngine *e, uint32_t i, int64_t price)
{
	while (i != CLR_NONE && !clr_is_protected(order_at(e, i), price))
		i = order_at(e, i)->next;
	return i;
}

/* First order of a side that trades; *market is where to look on. */
static uint32_t
first_of(const ClrEngine *e, const ClrInstrument *in, unsigned side,
		 const ClrAuction *a, uint32_t *market)
{
	uint32_t	best = in->side[side].best;

	*market = first_protected(e, *market, a->price);
	if (*market != CLR_NONE)
		return *market;
	if (best == CLR_NONE || (side == 0 ? level_at(e, best)->price < a->price :
							 level_at(e, best)->price > a->price))
		return CLR_NONE;
	return level_at(e, best)->head;
}

static void
start_market(const ClrEngine *e, const ClrInstrument *in, uint32_t *market)
{
	for (unsigned s = 0; s < 2; s++)
		market[s] = in->market[s] == CLR_NONE ? CLR_NONE :
			level_at(e, in->market[s])->head;
}

/* If the order is about to be gone, the one behind it is next. */
static void
pass(const ClrEngine *e, uint32_t order, uint32_t *market)
{
	if (order == *market)
		*market = order_at(e, order)->next;
}

/*
 * Two orders that must not trade; the newer one's instruction decides.  Either
 * may be gone afterwards, so the search for market orders begins anew.
 */
static void
prevent(ClrEngine *e, const ClrInstrument *in, uint32_t older, uint32_t newer,
		uint32_t *market)
{
	uint16_t	ended = CLR_OK;

	if (!clr_prevent_self_match(e, order_at(e, newer), older, &ended))
	{
		clr_order_end(e, newer, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, ended);
		e->out.n_cancelled++;
	}
	start_market(e, in, market);
}

static void
fill(ClrEngine *e, ClrInstrument *in, uint32_t order, uint32_t *market)
{
	const ClrOrder *o = order_at(e, order);

	if (order_leaves(o) == 0)
		pass(e, order, &market[side_index(o->side)]);
	clr_report_resting(e, in, order);
}

void
clr_auction_execute(ClrEngine *e, ClrInstrument *in, const ClrAuction *a)
{
	bool		prevention = in->rule[CLR_RULE_AUCTION_SELF_MATCH] != 0;
	uint32_t	market[2];

	start_market(e, in, market);
	while (!e->oom)
	{
		uint32_t	buy = first_of(e, in, 0, a, &market[0]);
		uint32_t	sell = first_of(e, in, 1, a, &market[1]);
		bool		buy_older;
		uint32_t	older;
		uint32_t	newer;
		int64_t		qty;

		if (buy == CLR_NONE || sell == CLR_NONE)
			break;
		buy_older = order_at(e, buy)->priority < order_at(e, sell)->priority;
		older = buy_older ? buy : sell;
		newer = buy_older ? sell : buy;
		if (prevention && order_at(e, buy)->smp == order_at(e, sell)->smp)
		{
			prevent(e, in, older, newer, market);
			continue;
		}
		qty = order_leaves(order_at(e, buy));
		if (qty > order_leaves(order_at(e, sell)))
			qty = order_leaves(order_at(e, sell));
		clr_trade_auction(e, in, newer, older, qty, a->price);
		fill(e, in, older, market);
		fill(e, in, newer, market);
	}
}

/*----------------------------------------------------------------
 * Market orders that are left
 *----------------------------------------------------------------
 */
/* Its reserve stays: the limit is no worse than what it was protected by. */
static void
make_limit(ClrEngine *e, ClrInstrument *in, uint32_t order, int64_t price)
{
	ClrOrder   *o = order_at(e, order);

	clr_order_unrest(e, in, order);
	o->ord_type = CLR_ORD_LIMIT;
	o->price = price;
	o->priority = e->house.next_priority++;
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
	(void) clr_order_rest(e, in, order);
}

void
clr_auction_leftover(ClrEngine *e, ClrInstrument *in, const ClrAuction *a)
{
	int64_t		rule = in->rule[CLR_RULE_AUCTION_MARKET_ORDERS];

	for (unsigned s = 0; s < 2 && rule != CLR_LEFTOVER_REST; s++)
	{
		uint32_t	next;

		for (uint32_t i = in->market[s] == CLR_NONE ? CLR_NONE :
			 level_at(e, in->market[s])->head; i != CLR_NONE && !e->oom; i = next)
		{
			next = order_at(e, i)->next;
			if (rule == CLR_LEFTOVER_LIMIT && a->volume > 0 &&
				clr_is_protected(order_at(e, i), a->price))
				make_limit(e, in, i, a->price);
			else
			{
				clr_order_end(e, i, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
							  CLR_R_AUCTION_OVER);
				e->out.n_cancelled++;
			}
		}
	}
}
