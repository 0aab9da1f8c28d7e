/*
 * callstop.c
 *	  Stop orders that the price of a call elects, and that join its auction.
 *
 * CME Globex: when an indicative price is found, the stop orders that it would
 * elect are added at their limits and the price is found again, until it
 * elects no more.  auction.c does so for the price that is shown; here it
 * happens, when the call ends and before the auction is held: the elected
 * orders are triggered and enter the book, behind the orders that are there.
 *
 * The price that elects is that of the last trade, as it would be: stops that
 * wait for a mark price stay.  An order that is triggered is checked as always
 * (margin, limits, bands) and cancelled if it is refused, so the price may
 * differ from the one that was shown.  For that reason an auction with stops
 * is possible only if all that works could trade at the farthest price that
 * any of it allows.
 */
#include "engine/internal.h"

/* Those elected last run; others may wait their turn before them. */
static void
run_from(ClrEngine *e, uint32_t first)
{
	for (uint32_t i = first; i < e->n_elected && !e->oom; i++)
	{
		ClrElected	next = e->elected[i];

		clr_stop_run(e, next.order, next.stop, true);
		clr_links_settle(e);
	}
	e->n_elected = first;
}

/* The call is about to end with an auction. */
void
clr_call_stops(ClrEngine *e, ClrInstrument *in)
{
	ClrOutcome	out = e->out;
	uint32_t	entered = e->entered;
	uint32_t	first = e->n_elected;
	ClrAuction	a;

	for (;;)
	{
		if (!clr_auction_of_book(e, in, &a))
			e->oom = true;
		if (e->oom || a.volume == 0)
			break;
		clr_trigger_elect(e, in, a.price);
		if (e->n_elected == first)
			break;
		run_from(e, first);
	}
	e->out = out;
	e->entered = entered;
}

static void
widen(int64_t *most, int64_t price)
{
	if (abs64(price) > *most)
		*most = abs64(price);
}

/* Largest magnitude of a price that an order may trade at in an auction. */
static void
widen_by(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o, int64_t *most)
{
	int64_t		price;

	widen(most, o->price);
	if (o->parked != CLR_PARKED_STOP)
		return;
	(void) clr_stop_bound(in, o, has_attr(e, o, CLR_ATTR_TRAIL_OFFSET) ?
						  clr_trail_stop(e, in, o) : order_attr(e, o, CLR_ATTR_STOP_PX),
						  &price);
	widen(most, price);
}

bool
clr_call_stops_in_range(const ClrEngine *e, const ClrInstrument *in)
{
	int64_t		most = abs64(in->v.settlement);
	int64_t		price;

	if (clr_reference_price(in, &price))
		widen(&most, price);
	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
			widen_by(e, in, order_at(e, i), &most);
	return clr_fills_in_range(e, in, most, (clr_int128) in->work_lots[0] + in->parked_lots[0]);
}
