/*
 * reduce.c
 *	  Reduce-only orders: they never open, enlarge or flip a position.
 *
 * A reduce-only order is entered with no more than the position it reduces,
 * and refused if there is none.  Whenever a trade of the account, with
 * whatever order, leaves it with more, it is cut down at once, before anything
 * else trades, or cancelled if nothing is left to reduce; the oldest first.
 * Both are reported (exec_type Restated or Canceled).  Each order is held
 * against the whole position: two orders for all of it may work side by side,
 * as a take-profit and a stop-loss do; when one trades the other is cut.
 *
 * Orders that are parked are left alone and cut when they come into the book:
 * stops when they are triggered, pegs when they have a price.  A spot
 * instrument has no positions, so there the instruction is refused.  A spread
 * holds none either, but its legs do: an order of a spread reduces if it
 * reduces in every leg.
 *
 * It reserves like any order, but is never refused for margin: who is short of
 * it must be able to close.
 *
 * CLR_ATTR_ASKED_QTY keeps the quantity it was entered with.
 */
#include "engine/internal.h"

/* Lots of a position that an order of this side could close. */
static int64_t
closable(const ClrEngine *e, uint32_t account, uint32_t instrument, bool buys)
{
	uint32_t	position = clr_position_find(e, account, instrument);
	int64_t		qty = position == CLR_NONE ? 0 : position_at(e, position)->qty;

	if (buys)
		qty = -qty;
	return qty > 0 ? qty : 0;
}

/* Lots an order of this side may have at most. */
static int64_t
room_of(const ClrEngine *e, const ClrInstrument *in, uint32_t account, uint8_t side)
{
	int64_t		room = INT64_MAX;

	if (!is_spread(in))
		return closable(e, account, in->v.instrument, side == CLR_SIDE_BUY);
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		const ClrLeg *leg = &in->legs[i];
		int64_t		lots = closable(e, account, leg->instrument,
									(side == CLR_SIDE_BUY) == (leg->ratio > 0)) /
			abs64(leg->ratio);

		if (lots < room)
			room = lots;
	}
	return room;
}

bool
clr_is_reduce_only(const ClrOrder *o)
{
	return (o->exec_inst & CLR_EXEC_REDUCE_ONLY) != 0;
}

ClrReason
clr_reduce_adjust(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd)
{
	int64_t		room = room_of(e, in, cmd->account, cmd->u.order.side);

	if (room == 0)
		return CLR_R_NOTHING_TO_REDUCE;
	if (cmd->u.order.qty <= room)
		return CLR_OK;
	if (cmd->u.order.time_in_force == CLR_TIF_FOK)
		return CLR_R_FOK_NOT_FILLABLE;
	cmd->u.order.qty = room;
	return CLR_OK;
}

/* What was asked for is kept, however much of it is cut. */
void
clr_reduce_note(ClrEngine *e, ClrOrder *o, int64_t qty)
{
	if (clr_is_reduce_only(o))
		(void) clr_attr_set(e, o, CLR_ATTR_ASKED_QTY, qty);
}

/* A reduce-only order enters (1) or leaves (-1) the book. */
void
clr_reduce_count(ClrEngine *e, const ClrOrder *o, int sign)
{
	if (clr_is_reduce_only(o))
		position_at(e, o->position)->reduce_only += (uint32_t) sign;
}

/*
 * Does order a of the same position and side trade before o?  At one price,
 * whatever is not reduce-only counts as if it did.
 */
static bool
is_ahead(const ClrOrder *a, const ClrOrder *o)
{
	bool		market = a->ord_type == CLR_ORD_MARKET;

	if (market != (o->ord_type == CLR_ORD_MARKET))
		return market;
	if (!market && a->price != o->price)
		return (a->price > o->price) == (a->side == CLR_SIDE_BUY);
	return !clr_is_reduce_only(a) || a->priority < o->priority;
}

/*
 * Lots that an order of the book trades, if it is reached by an aggressor that
 * has taken all that is ahead of it: a reduce-only order has been cut by then.
 */
int64_t
clr_reduce_reach(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o)
{
	const ClrPosition *p = position_at(e, o->position);
	int64_t		room;

	if (clr_likely(!clr_is_reduce_only(o)))
		return order_leaves(o);
	room = room_of(e, in, p->account, o->side);
	for (uint32_t i = p->orders; i != CLR_NONE && room > 0; i = order_at(e, i)->position_next)
	{
		const ClrOrder *a = order_at(e, i);

		if (a != o && a->side == o->side && a->level != CLR_NONE && is_ahead(a, o))
			room -= order_leaves(a);
	}
	if (room < 0)
		room = 0;
	return room < order_leaves(o) ? room : order_leaves(o);
}

/* The oldest order of the position that is too large, CLR_NONE if none is. */
static uint32_t
find_excess(const ClrEngine *e, const ClrInstrument *in, const ClrPosition *p)
{
	uint32_t	found = CLR_NONE;

	for (uint32_t i = p->orders; i != CLR_NONE; i = order_at(e, i)->position_next)
	{
		const ClrOrder *o = order_at(e, i);

		if (clr_is_reduce_only(o) && o->level != CLR_NONE &&
			order_leaves(o) > room_of(e, in, p->account, o->side) &&
			(found == CLR_NONE || o->priority < order_at(e, found)->priority))
			found = i;
	}
	return found;
}

static void
cut(ClrEngine *e, ClrInstrument *in, ClrOrder *o, int64_t less)
{
	clr_order_shrink(e, in, o, less);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED,
				   CLR_R_REDUCE_ONLY, NULL);
}

/* Cuts the order to what it may do, or ends it: false. */
bool
clr_reduce_fit(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		room = room_of(e, in, position_at(e, o->position)->account, o->side);

	if (room == 0)
	{
		clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
					  CLR_R_REDUCE_ONLY);
		return false;
	}
	if (order_leaves(o) > room)
		cut(e, in, o, order_leaves(o) - room);
	return true;
}

static void
resize(ClrEngine *e, ClrInstrument *in, uint32_t position)
{
	const ClrPosition *p = position_at(e, position);
	uint32_t	order;

	while (p->reduce_only > 0 && (order = find_excess(e, in, p)) != CLR_NONE)
		(void) clr_reduce_fit(e, in, order);
}

/*
 * The position has changed: its reduce-only orders follow, and those of the
 * spreads it is a leg of.
 */
void
clr_reduce_resize(ClrEngine *e, ClrInstrument *in, uint32_t position)
{
	uint32_t	account = position_at(e, position)->account;

	resize(e, in, position);
	for (uint32_t i = 0; i < in->n_spreads; i++)
	{
		ClrInstrument *spread = instrument_at(e, in->spreads[i]);
		uint32_t	p = spread->special_orders == 0 ? CLR_NONE :
			clr_position_find(e, account, in->spreads[i]);

		if (p != CLR_NONE)
			resize(e, spread, p);
	}
}

/* Positions have changed without a trade of theirs. */
void
clr_reduce_settle(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_touched; i++)
		clr_reduce_resize(e, instrument_at(e, position_at(e, e->touched[i])->instrument),
						  e->touched[i]);
}

const char *
clr_reduce_check(const ClrEngine *e, const ClrInstrument *in, const ClrPosition *p)
{
	uint32_t	n = 0;

	for (uint32_t i = p->orders; i != CLR_NONE; i = order_at(e, i)->position_next)
	{
		const ClrOrder *o = order_at(e, i);

		if (!clr_is_reduce_only(o) || o->level == CLR_NONE)
			continue;
		if (order_leaves(o) > room_of(e, in, p->account, o->side))
			return "a reduce-only order could do more than reduce";
		n++;
	}
	return n == p->reduce_only ? NULL : "reduce-only orders are not counted right";
}
