/*
 * watch_book.c
 *	  Books as the accountant keeps them, and who is first in them.
 *
 * Market orders that rest come before all limits; then the better price, then
 * who came earlier, by the accountant's own count.
 */
#include "watch_internal.h"

WatchInstrument *
instrument_of(Watch *w, uint32_t id)
{
	if (id >= WATCH_INSTRUMENTS)
	{
		broken(w, "watch: more instruments than there is room for");
		id = 0;
	}
	return &w->instruments[id];
}

WatchOrder *
order_of(Watch *w, uint64_t id)
{
	if (id == 0 || id >= w->next_order)
	{
		broken(w, "order %" PRIu64 ": never entered", id);
		id = 0;
	}
	return &w->orders[id];
}

void
book_add(Watch *w, WatchOrder *o)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int			s = side_of(o->side);

	if (in->n[s] == in->cap[s])
	{
		in->cap[s] = in->cap[s] * 2 + 64;
		in->book[s] = realloc(in->book[s], in->cap[s] * sizeof(uint64_t));
	}
	in->book[s][in->n[s]++] = o->id;
	o->state = WORKING;
	w->n_working++;
}

void
book_remove(Watch *w, WatchOrder *o, WatchState state)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int			s = side_of(o->side);

	for (size_t i = 0; i < in->n[s] && o->state == WORKING; i++)
		if (in->book[s][i] == o->id)
		{
			in->book[s][i] = in->book[s][--in->n[s]];
			w->n_working--;
			break;
		}
	o->state = (uint8_t) state;
}

static bool
better(const WatchOrder *a, const WatchOrder *b)
{
	bool		market = a->ord_type == CLR_ORD_MARKET;

	if (market != (b->ord_type == CLR_ORD_MARKET))
		return market;
	if (!market && a->price != b->price)
		return a->side == CLR_SIDE_BUY ? a->price > b->price : a->price < b->price;
	return a->arrival < b->arrival;
}

static WatchOrder *
find_first(Watch *w, uint32_t instrument, int side, bool limits_only)
{
	WatchInstrument *in = instrument_of(w, instrument);
	WatchOrder *first = NULL;

	for (size_t i = 0; i < in->n[side]; i++)
	{
		WatchOrder *o = &w->orders[in->book[side][i]];

		if (leaves_of(o) > 0 && !is_parked(o) && (!limits_only || o->ord_type != CLR_ORD_MARKET) &&
			(first == NULL || better(o, first)))
			first = o;
	}
	return first;
}

WatchOrder *
first_of(Watch *w, uint32_t instrument, int side)
{
	return find_first(w, instrument, side, false);
}

WatchOrder *
first_limit(Watch *w, uint32_t instrument, int side)
{
	return find_first(w, instrument, side, true);
}

bool
would_trade(uint8_t side, bool market, int64_t price, const WatchOrder *with)
{
	return market || with->ord_type == CLR_ORD_MARKET ||
		(side == CLR_SIDE_BUY ? price >= with->price : price <= with->price);
}

/* Orders with the same never trade with each other, but in some auctions. */
uint64_t
smp_of(const Watch *w, const WatchOrder *o)
{
	if (!has(o, CLR_ATTR_SMP_ID) || o->attr[CLR_ATTR_SMP_ID] == 0)
		return o->account;
	return (uint64_t) (w->member_of[o->account % WATCH_ACCOUNTS] + 1) << 40 |
		(uint64_t) o->attr[CLR_ATTR_SMP_ID];
}
