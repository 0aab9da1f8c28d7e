/*
 * crossonly.c
 *	  Orders that are for one auction only: at the opening, at the close.
 *
 * Such an order stands in the book while the call of its auction runs, and is
 * parked before.  It keeps the priority of its entry wherever it is, so in the
 * call it comes before orders that were entered later.  What the auction has
 * not executed is cancelled, before anything else trades; so is an order
 * whose auction will not come any more.  If its call ends without an auction
 * it is parked again.
 *
 *	at the opening	OPENING_CALL, or PRE_OPEN if that ends with an auction; may
 *					come in PRE_OPEN and HALTED still
 *	at the close	CLOSING_CALL; may come in every phase but TRADE_AT_CLOSE and
 *					CLOSED
 *
 * A volatility call that one of these calls went on as is still for the same
 * auction (CLR_MARKET_CALL_FOR).
 */
#include "engine/internal.h"

typedef enum Place
{
	PLACE_BOOK,
	PLACE_PARKED,
	PLACE_NONE					/* its auction is over */
} Place;

uint8_t
clr_call_for(const ClrEngine *e, const ClrInstrument *in)
{
	switch (in->v.phase)
	{
		case CLR_PHASE_OPENING_CALL:
		case CLR_PHASE_CLOSING_CALL:
			return in->v.phase;
		case CLR_PHASE_PRE_OPEN:
			return clr_phase_is_call(in) ? CLR_PHASE_OPENING_CALL : 0;
		case CLR_PHASE_VOLATILITY_CALL:
			return (uint8_t) clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0,
										   CLR_MARKET_CALL_FOR);
		default:
			return 0;
	}
}

/* Where an order with this time in force belongs now. */
static Place
place_of(const ClrEngine *e, const ClrInstrument *in, uint8_t tif)
{
	uint8_t		phase = in->v.phase;

	if (tif == CLR_TIF_AT_OPENING)
	{
		if (clr_call_for(e, in) == CLR_PHASE_OPENING_CALL)
			return PLACE_BOOK;
		return phase == CLR_PHASE_PRE_OPEN || phase == CLR_PHASE_HALTED ?
			PLACE_PARKED : PLACE_NONE;
	}
	if (clr_call_for(e, in) == CLR_PHASE_CLOSING_CALL)
		return PLACE_BOOK;
	return phase == CLR_PHASE_TRADE_AT_CLOSE || phase == CLR_PHASE_CLOSED ||
		phase == CLR_PHASE_EXPIRED ? PLACE_NONE : PLACE_PARKED;
}

/* May such an order be entered or replaced now? */
ClrReason
clr_cross_only_entry(const ClrEngine *e, const ClrInstrument *in, uint8_t tif)
{
	if (is_spread(in))
		return CLR_R_NOT_FOR_SPREADS;
	if (in->v.phase == CLR_PHASE_EXPIRED)
		return CLR_R_EXPIRED_INSTRUMENT;
	if (in->v.phase == CLR_PHASE_HALTED || in->v.phase == CLR_PHASE_CLOSED)
		return CLR_R_PHASE;
	return place_of(e, in, tif) == PLACE_NONE ? CLR_R_AUCTION_OVER : CLR_OK;
}

/* Before a new or changed order is reported: will it be parked? */
void
clr_cross_only_note(ClrEngine *e, const ClrInstrument *in, ClrOrder *o)
{
	if (place_of(e, in, o->time_in_force) == PLACE_PARKED)
		(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_AUCTION);
}

/* Puts an order that was just reported where it belongs. */
void
clr_cross_only_run(ClrEngine *e, ClrInstrument *in, uint32_t order,
				   uint8_t exec_type)
{
	ClrOrder   *o = order_at(e, order);

	clr_order_outcome(e, o, working_status(o), exec_type);
	if (has_attr(e, o, CLR_ATTR_PARKED))
		(void) clr_order_park(e, in, order, CLR_PARKED_AUCTION);
	else
		(void) clr_order_rest(e, in, order);
	e->entered = order;
}

static void
cancel(ClrEngine *e, uint32_t order, ClrReason reason)
{
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, (uint16_t) reason);
	e->out.n_cancelled++;
}

static void
into_book(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	clr_order_unpark(e, in, order);
	if (o->ord_type == CLR_ORD_LIMIT && !clr_in_range(clr_daily_limits(in), o->price))
	{
		cancel(e, order, CLR_R_PRICE_LIMIT);
		return;
	}
	clr_emit_order(e, o, working_status(o), CLR_EXEC_TRIGGERED, CLR_OK, NULL);
	if (clr_order_rest(e, in, order))
		clr_book_by_age(e, order);
}

static void
out_of_book(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	clr_order_unrest(e, in, order);
	(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_AUCTION);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
	(void) clr_order_park(e, in, order, CLR_PARKED_AUCTION);
}

/* Is the order out of place, now that its auction was held or was not? */
static bool
must_move(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o, bool held)
{
	bool		booked = o->parked == CLR_PARKED_NOT;
	Place		place;

	if (!clr_is_cross_only(o->time_in_force))
		return false;
	place = place_of(e, in, o->time_in_force);
	return (booked && held) || place != (booked ? PLACE_BOOK : PLACE_PARKED);
}

static void
collect(ClrEngine *e, const ClrInstrument *in, bool held)
{
	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
			if (must_move(e, in, order_at(e, i), held) &&
				!clr_sort_add(&e->sort, order_at(e, i)->priority, i))
				e->oom = true;
}

static void
move(ClrEngine *e, ClrInstrument *in, uint32_t order, bool held)
{
	const ClrOrder *o = order_at(e, order);
	bool		booked = o->parked == CLR_PARKED_NOT;
	Place		place = place_of(e, in, o->time_in_force);

	if ((booked && held) || place == PLACE_NONE)
		cancel(e, order, CLR_R_AUCTION_OVER);
	else if (booked)
		out_of_book(e, in, order);
	else
		into_book(e, in, order);
}

/*
 * The phase has changed; `held`: with an auction.  Every order that is for an
 * auction goes where it belongs, the oldest first.  Nothing moves when
 * continuous trading stops, which can happen amid other work.
 */
void
clr_cross_only_follow(ClrEngine *e, ClrInstrument *in, uint8_t from, bool held)
{
	if (from == CLR_PHASE_CONTINUOUS && in->parked_lots[0] == 0 &&
		in->parked_lots[1] == 0)
		return;
	if (from == CLR_PHASE_CONTINUOUS && (in->v.phase == CLR_PHASE_VOLATILITY_CALL ||
										 in->v.phase == CLR_PHASE_HALTED))
		return;
	e->sort.len = 0;
	collect(e, in, held);
	clr_sort(&e->sort);
	for (size_t i = 0; i < e->sort.len && !e->oom; i++)
		move(e, in, e->sort.items[i].index, held);
}

bool
clr_cross_only_valid(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o)
{
	if (!clr_is_cross_only(o->time_in_force))
		return o->parked != CLR_PARKED_AUCTION;
	if (o->ord_type != CLR_ORD_LIMIT && o->ord_type != CLR_ORD_MARKET)
		return false;
	return place_of(e, in, o->time_in_force) ==
		(o->parked == CLR_PARKED_NOT ? PLACE_BOOK : PLACE_PARKED) &&
		(o->parked == CLR_PARKED_NOT || o->parked == CLR_PARKED_AUCTION);
}
