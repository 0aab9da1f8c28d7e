/*
 * special.c
 *	  Matching where more is asked than first come, first served between
 *	  plain limit orders.
 *
 * clr_match() comes here if the instrument has special rules or orders with
 * attributes; where neither is the case, both give the same.  Each round looks
 * at the best price there is, asks whether a trade may happen there, and lets
 * the allocation of the instrument decide who gets how much.
 */
#include "engine/internal.h"

/*
 * May an order trade at price, as far as its own limit goes?  That of a market
 * order that may rest is its protection; others have none.
 */
static bool
within_limit(const ClrOrder *o, bool limited, int64_t price)
{
	if (!limited)
		return true;
	return o->side == CLR_SIDE_BUY ? price <= o->price : price >= o->price;
}

/* An order in the book has traded qty: reports it; it leaves when filled. */
void
clr_resting_filled(ClrEngine *e, ClrInstrument *in, uint32_t resting, int64_t qty)
{
	(void) qty;
	clr_report_resting(e, in, resting);
}

/*
 * Trades qty, no more than either has, at the resting order's price.  False if
 * the legs of a spread can't take it.
 */
bool
clr_fill_resting(ClrEngine *e, ClrInstrument *in, uint32_t order,
				 uint32_t resting, int64_t qty)
{
	int64_t		price = order_at(e, resting)->price;

	if (!clr_trade_fits(e, in, order, resting, qty, price))
		return false;
	clr_trade(e, in, order, resting, qty, price);
	clr_resting_filled(e, in, resting, qty);
	return true;
}

static bool
fill_first(ClrEngine *e, ClrInstrument *in, uint32_t order, uint32_t resting)
{
	int64_t		qty = clr_order_shown(e, order_at(e, resting));

	if (qty > order_leaves(order_at(e, order)))
		qty = order_leaves(order_at(e, order));
	return clr_fill_resting(e, in, order, resting, qty);
}

/*
 * Where orders share, everybody at the price could trade: all that must not
 * are dealt with first.  False if the aggressor ends; a level that has become
 * empty is gone.
 */
static bool
clear_level(ClrEngine *e, ClrOrder *o, uint32_t level, uint16_t *ended)
{
	uint32_t	next;
	bool		more = true;

	for (uint32_t i = level_at(e, level)->head; i != CLR_NONE && more; i = next)
	{
		next = order_at(e, i)->next;
		if (order_at(e, i)->smp == o->smp)
			more = clr_prevent_self_match(e, o, i, ended);
	}
	return more;
}

static bool
holds_own(const ClrEngine *e, const ClrOrder *o, uint32_t level)
{
	for (uint32_t i = level_at(e, level)->head; i != CLR_NONE;
		 i = order_at(e, i)->next)
		if (order_at(e, i)->smp == o->smp)
			return true;
	return false;
}

/* Trading has stopped: the order goes on if it may rest. */
static void
stop_at(const ClrOrder *o, bool rests, ClrReason reason, uint16_t *ended)
{
	if (!rests || o->time_in_force == CLR_TIF_IOC || o->time_in_force == CLR_TIF_FOK)
		*ended = (uint16_t) reason;
}

static void
interrupt(ClrEngine *e, ClrInstrument *in, const ClrOrder *o, bool rests,
		  const ClrRange *range, int64_t price, uint16_t *ended)
{
	stop_at(o, rests, clr_interrupt(e, in, range, price), ended);
}

/*
 * Trades with the market orders that rest, which come before all limits.
 * False if the aggressor ends.
 */
static bool
meet_market(ClrEngine *e, ClrInstrument *in, uint32_t order, bool limited,
			ClrRange range, uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		reference;
	bool		has_reference = clr_reference_price(in, &reference);

	while (order_leaves(o) > 0)
	{
		int64_t		price;
		uint32_t	resting = clr_market_head(e, in, o, has_reference ? &reference : NULL,
											  &price);
		int64_t		qty;

		if (resting == CLR_NONE || !within_limit(o, limited, price))
			break;
		if (order_at(e, resting)->smp == o->smp)
		{
			if (!clr_prevent_self_match(e, o, resting, ended))
				return false;
			continue;
		}
		if (!clr_in_range(range, price))
		{
			interrupt(e, in, o, limited, &range, price, ended);
			return false;
		}
		qty = order_leaves(order_at(e, resting));
		if (qty > order_leaves(o))
			qty = order_leaves(o);
		clr_trade(e, in, order, resting, qty, price);
		clr_report_resting(e, in, resting);
	}
	return true;
}

/* One round at the best price of the book; false if nothing may trade. */
static bool
direct_round(ClrEngine *e, ClrInstrument *in, uint32_t order, uint32_t level,
			 uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	uint32_t	resting = level_at(e, level)->head;
	bool		shares = (in->special & CLR_SPECIAL_ALLOCATION) != 0;

	if (shares && holds_own(e, o, level))
		return clear_level(e, o, level, ended);
	if (!shares && order_at(e, resting)->smp == o->smp)
		return clr_prevent_self_match(e, o, resting, ended);
	if (shares ? clr_allocate(e, in, order, level, order_leaves(o)) :
		fill_first(e, in, order, resting))
		return true;
	*ended = CLR_R_OVERFLOW;
	return false;
}

/*
 * Is the next to be met at price an order that must not trade with the
 * aggressor?  Then there is no trade whose price could matter.
 */
static bool
own_is_next(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o, int64_t price)
{
	uint32_t	level = in->side[!side_index(o->side)].best;

	if (level == CLR_NONE || level_at(e, level)->price != price)
		return false;
	if ((in->special & CLR_SPECIAL_ALLOCATION) != 0)
		return holds_own(e, o, level);
	return order_at(e, level_at(e, level)->head)->smp == o->smp;
}

/*
 * One round where orders of other instruments may imply a price.  Without a pro
 * rata step real orders come first, as if there were nobody else.  With one,
 * orders that must not trade with the aggressor are dealt with before sharing.
 */
static bool
implied_round(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	const ClrBookSide *s = &in->side[!side_index(o->side)];
	int64_t		price;

	if (!clr_best_opposite(e, in, o->side, &price) || !within_limit(o, true, price))
		return false;
	if (s->best != CLR_NONE && level_at(e, s->best)->price == price)
	{
		if (clr_pro_rata_min(in) == 0)
			return direct_round(e, in, order, s->best, ended);
		if (holds_own(e, o, s->best))
			return clear_level(e, o, s->best, ended);
	}
	if (clr_implied_round(e, in, order))
		return true;
	*ended = CLR_R_OVERFLOW;
	return false;
}

/*
 * Is the best price an implied one at which a leg may not trade?  Then it is
 * gone, and maybe trading has stopped where the order is.
 */
static bool
shut_out(ClrEngine *e, ClrInstrument *in, const ClrOrder *o, uint16_t *ended)
{
	ClrReason	reason = CLR_OK;

	if (!clr_implied_barred(e, in, o->side, &reason))
		return false;
	if (in->v.phase != CLR_PHASE_CONTINUOUS ||
		(is_spread(in) && !clr_legs_are_open(e, in)))
		stop_at(o, true, reason, ended);
	return true;
}

/*
 * Has the order a limit, or will what is left of it have one?  Others trade
 * with real orders only: what they reserve is what those say.
 */
static bool
becomes_limit(const ClrInstrument *in, const ClrOrder *o)
{
	if (!is_market(o))
		return true;
	return clr_protects(in) && !clr_market_rests(in, o->time_in_force) &&
		in->rule[CLR_RULE_MARKET_REMAINDER] == CLR_MARKET_REMAINDER_LIMIT &&
		o->time_in_force != CLR_TIF_IOC && o->time_in_force != CLR_TIF_FOK;
}

void
clr_match_special(ClrEngine *e, ClrInstrument *in, uint32_t order,
				  uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	const ClrBookSide *s = &in->side[!side_index(o->side)];
	bool		limited = is_limited(in, o);
	bool		implied = (in->special & CLR_SPECIAL_IMPLIED) != 0 &&
		becomes_limit(in, o);
	ClrRange	range = clr_price_range(e, in);

	/* entry is refused then, but a stop order may be triggered */
	if (is_spread(in) && !clr_legs_are_open(e, in))
	{
		if (clr_crosses(e, in, o->side, o->price) || o->ord_type != CLR_ORD_LIMIT)
			*ended = CLR_R_LEG_PHASE;
		return;
	}
	if (clr_unlikely(in->market[!side_index(o->side)] != CLR_NONE) &&
		!meet_market(e, in, order, limited, range, ended))
		return;
	if (implied)
		clr_implied_ready(e, in);
	while (order_leaves(o) > 0 && !e->oom && in->v.phase == CLR_PHASE_CONTINUOUS &&
		   (!is_spread(in) || clr_legs_are_open(e, in)))
	{
		int64_t		price;

		if (implied ? !clr_best_opposite(e, in, o->side, &price) :
			s->best == CLR_NONE)
			break;
		if (!implied)
			price = level_at(e, s->best)->price;
		if (!within_limit(o, limited, price))
			break;
		if (implied && clr_implied_beyond(e, in, o->side))
			continue;
		if (clr_unlikely(!clr_in_range(range, price)) && !own_is_next(e, in, o, price))
		{
			interrupt(e, in, o, limited, &range, price, ended);
			break;
		}
		if (implied && shut_out(e, in, o, ended))
			continue;
		if (implied ? !implied_round(e, in, order, ended) :
			!direct_round(e, in, order, s->best, ended))
			break;
	}
	/* the legs stopped amid it: an order that crosses can't wait in the book */
	if (clr_unlikely(is_spread(in)) && *ended == CLR_OK && order_leaves(o) > 0 &&
		!clr_legs_are_open(e, in) && clr_crosses(e, in, o->side, o->price))
		*ended = CLR_R_LEG_PHASE;
}

/* First order of the other side that trades at the closing price. */
static uint32_t
closing_head(const ClrEngine *e, const ClrInstrument *in, unsigned side, int64_t price)
{
	uint32_t	best = in->side[side].best;

	for (uint32_t i = in->market[side] == CLR_NONE ? CLR_NONE :
		 level_at(e, in->market[side])->head; i != CLR_NONE; i = order_at(e, i)->next)
		if (clr_is_protected(order_at(e, i), price))
			return i;
	if (best == CLR_NONE || (side == 0 ? level_at(e, best)->price < price :
							 level_at(e, best)->price > price))
		return CLR_NONE;
	return level_at(e, best)->head;
}

/* Trading at the close: at that price only; without one nothing trades. */
void
clr_match_at_close(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		price;

	if (!clr_closing_price(e, in, &price) || !within_limit(o, true, price) ||
		!clr_in_range(clr_daily_limits(in), price))
		return;
	while (order_leaves(o) > 0)
	{
		uint32_t	resting = closing_head(e, in, !side_index(o->side), price);
		int64_t		qty;

		if (resting == CLR_NONE)
			break;
		if (order_at(e, resting)->smp == o->smp)
		{
			if (!clr_prevent_self_match(e, o, resting, ended))
				break;
			continue;
		}
		qty = order_leaves(order_at(e, resting));
		if (qty > order_leaves(o))
			qty = order_leaves(o);
		clr_trade(e, in, order, resting, qty, price);
		clr_report_resting(e, in, resting);
	}
}
