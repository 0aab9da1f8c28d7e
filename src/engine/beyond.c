/*
 * beyond.c
 *	  Orders whose price is beyond the limits of the day.
 *
 * Nothing trades there, so no limit order stands in the book there.  When the
 * limits change - a settlement, another rule - orders that are beyond now are
 * parked, and those that are inside again come back; so do gtc and gtd orders
 * that may be entered beyond (CLR_RULE_BEYOND_LIMITS).  An order keeps the
 * priority of its entry in and out, and its reserve.  Where orders trade at
 * once, one that comes back does like an incoming order, when its command is
 * done (aftermath.c); it is checked as one, margin apart, and cancelled if it
 * is refused.  Pegged orders look after themselves (peg.c); market orders have
 * no price of their own, the prices they could trade at are kept inside
 * (protection.c, auction.c).  An order for one auction is cancelled.
 */
#include "engine/internal.h"

/* Does the order have a price of its own that is beyond the limits? */
bool
clr_is_beyond(const ClrInstrument *in, const ClrOrder *o)
{
	return (o->ord_type == CLR_ORD_LIMIT || o->ord_type == CLR_ORD_MARKET_TO_LIMIT) &&
		!clr_in_range(clr_daily_limits(in), o->price);
}

bool
clr_beyond_valid(const ClrInstrument *in, const ClrOrder *o)
{
	if (o->parked == CLR_PARKED_LIMITS)
		return clr_is_beyond(in, o);
	return o->parked != CLR_PARKED_NOT || !clr_is_beyond(in, o);
}

static void
restate(ClrEngine *e, const ClrOrder *o)
{
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
}

static void
set_aside(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_LIMITS);
	restate(e, o);
	(void) clr_order_park(e, in, order, CLR_PARKED_LIMITS);
}

void
clr_beyond_park(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type)
{
	const ClrOrder *o = order_at(e, order);

	clr_order_outcome(e, o, working_status(o), exec_type);
	set_aside(e, in, order);
	e->entered = order;
}

static void
cancel(ClrEngine *e, uint32_t order, uint16_t reason)
{
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, reason);
	e->out.n_cancelled++;
}

/* Into the book, where nothing is matched now. */
static void
come_back(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	clr_order_unpark(e, in, order);
	restate(e, o);
	if (clr_order_rest(e, in, order))
		clr_book_by_age(e, order);
}

static bool
matches_now(const ClrInstrument *in)
{
	return in->v.phase == CLR_PHASE_CONTINUOUS || in->v.phase == CLR_PHASE_TRADE_AT_CLOSE;
}

/* The order is where it should not be. */
static void
move(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);

	if (o->parked == CLR_PARKED_LIMITS && matches_now(in))
	{
		(void) clr_elect(e, o, 0);
		e->follows = true;
	}
	else if (o->parked == CLR_PARKED_LIMITS)
		come_back(e, in, order);
	else if (clr_is_cross_only(o->time_in_force))
		cancel(e, order, CLR_R_PRICE_LIMIT);
	else
	{
		clr_order_unrest(e, in, order);
		set_aside(e, in, order);
	}
}

void
clr_beyond_follow(ClrEngine *e, ClrInstrument *in)
{
	e->sort.len = 0;
	in->pegs.stale = true;
	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
			if (!clr_beyond_valid(in, order_at(e, i)) &&
				!clr_sort_add(&e->sort, order_at(e, i)->priority, i))
				e->oom = true;
	clr_sort(&e->sort);
	for (size_t i = 0; i < e->sort.len && !e->oom; i++)
		move(e, in, e->sort.items[i].index);
	/* those that came back reduce no more than there is */
	for (uint32_t p = in->positions; p != CLR_NONE && !e->oom;
		 p = position_at(e, p)->instrument_next)
		clr_reduce_resize(e, in, p);
}

/* As it would be entered now; the least that must trade was for its entry. */
static ClrReason
check(ClrEngine *e, const ClrInstrument *in, const ClrOrder *o, ClrCommand *now,
	  uint16_t *ends)
{
	uint8_t		gone[CLR_ATTR_BYTES];
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrPairs	changes = {gone, 1};
	ClrReason	reason = CLR_OK;
	uint32_t	position;
	int64_t		reserve;

	clr_put_attr(gone, CLR_ATTR_MIN_QTY | CLR_ATTR_GONE, 0);
	clr_order_describe(e, in, o, &changes, buf, now);
	if (!is_plain(in, now))
		reason = clr_form_check(e, in, now);
	if (reason == CLR_OK)
		reason = clr_order_prepare(e, in, now, NULL, true, &position, &reserve, ends);
	now->pairs.n = 0;
	return reason;
}

void
clr_beyond_enter(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrInstrument *in = instrument_at(e, position_at(e, o->position)->instrument);
	uint64_t	id = o->id;
	uint16_t	ends = CLR_OK;
	ClrCommand	now;
	ClrReason	reason;

	if (clr_is_beyond(in, o))
		return;
	if (!matches_now(in))
	{
		come_back(e, in, order);
		return;
	}
	memset(&e->out, 0, sizeof(e->out));
	clr_positions_flush(e);
	e->serial++;
	clr_order_unpark(e, in, order);
	reason = check(e, in, o, &now, &ends);
	if (reason == CLR_OK && ends == CLR_OK)
	{
		o->price = now.u.order.price;
		o->order_qty = o->cum_qty + now.u.order.qty;
		restate(e, o);
		clr_order_run(e, in, order, CLR_EXEC_RESTATED);
		if (clr_order_find(e, id) == order && o->level != CLR_NONE)
			clr_book_by_age(e, order);
	}
	else
	{
		restate(e, o);
		cancel(e, order, reason != CLR_OK ? (uint16_t) reason : ends);
	}
}
