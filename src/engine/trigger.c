/*
 * trigger.c
 *	  Stop orders that wait, and the prices that elect them.
 *
 * Waiting stops of an instrument are queued by stop price in tries like those
 * of the book, one for each kind of price and side, so that a price that meets
 * none costs one comparison, however many wait.  Within a stop price they
 * stand by priority (entry).  Trailing stops are in trail.c.
 *
 * Every trade in continuous trading, and every mark price, elects the stops it
 * meets: buys at or below the price, sells at or above it.  Elected orders run
 * when the command is done (aftermath.c), in this order: by the price that
 * elected them, first come first; of one price buys before sells, then by stop
 * price in the direction of the move (rising for buys, falling for sells), then
 * by priority.  Trades of an elected order elect further ones behind those
 * already elected; each order is elected once, so that this ends.
 *
 * Outside continuous trading nothing is elected, but where the price of a call
 * does that (callstop.c).  When trading becomes continuous, the last trade's
 * price and the mark price are looked at.
 */
#include "engine/internal.h"

/* Buys wait for a rising price: the lowest stop price is met first. */
static unsigned
first_met(unsigned side)
{
	return !side;
}

static void
init_side(ClrBookSide *s)
{
	s->root = CLR_NONE;
	s->best = CLR_NONE;
}

void
clr_triggers_init(ClrInstrument *in)
{
	for (int kind = 0; kind < 2; kind++)
		for (int side = 0; side < 2; side++)
			init_side(&in->triggers[kind].stops[side]);
}

void
clr_triggers_free(ClrInstrument *in)
{
	free(in->pegs.ids);
	for (int kind = 0; kind < 2; kind++)
		for (int side = 0; side < 2; side++)
			free(in->triggers[kind].trail[side].groups);
}

unsigned
clr_trigger_kind(const ClrEngine *e, const ClrOrder *o)
{
	return order_attr(e, o, CLR_ATTR_TRIGGER) == CLR_TRIGGER_MARK;
}

bool
clr_trigger_price(const ClrInstrument *in, unsigned kind, int64_t *price)
{
	*price = kind == 0 ? in->v.last_price : in->v.mark;
	return kind == 0 ? in->v.has_last : in->v.has_mark;
}

/* Queues an order last at a key; false = no memory. */
bool
clr_wait_insert(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t order,
				int64_t key)
{
	ClrOrder   *o = order_at(e, order);
	uint32_t	index = clr_book_level(e, s, side, key);
	ClrLevel   *level;

	if (index == CLR_NONE)
		return false;
	level = level_at(e, index);
	o->wait = index;
	clr_queue_put(e, level, order);
	level->count++;
	return true;
}

void
clr_wait_remove(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrLevel   *level = level_at(e, o->wait);

	clr_queue_take(e, level, order);
	if (--level->count == 0)
		clr_book_drop_level(e, s, side, o->wait);
	o->wait = CLR_NONE;
}

static ClrBookSide *
stops_of(const ClrEngine *e, ClrInstrument *in, const ClrOrder *o)
{
	return &in->triggers[clr_trigger_kind(e, o)].stops[side_index(o->side)];
}

bool
clr_trigger_wait(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	bool		done;

	if (has_attr(e, o, CLR_ATTR_TRAIL_OFFSET))
		done = clr_trail_wait(e, in, order);
	else
		done = clr_wait_insert(e, stops_of(e, in, o), first_met(side_index(o->side)),
							   order, order_attr(e, o, CLR_ATTR_STOP_PX));
	if (!done)
	{
		e->oom = true;
		return false;
	}
	in->waiting++;
	return true;
}

/* Takes an order from where it waits; one that is elected waits nowhere. */
void
clr_trigger_forget(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);

	if (o->wait == CLR_NONE)
		return;
	in->waiting--;
	if (has_attr(e, o, CLR_ATTR_TRAIL_OFFSET))
		clr_trail_forget(e, in, order);
	else
		clr_wait_remove(e, stops_of(e, in, o), first_met(side_index(o->side)), order);
}

bool
clr_elect(ClrEngine *e, const ClrOrder *o, int64_t stop)
{
	if (!clr_grow((void **) &e->elected, &e->cap_elected, e->n_elected + 1,
				  sizeof(ClrElected)))
	{
		e->oom = true;
		return false;
	}
	e->elected[e->n_elected++] = (ClrElected) {o->id, o->priority, stop, o->side};
	return true;
}

static int
compare_elected(const void *a, const void *b)
{
	const ClrElected *x = a;
	const ClrElected *y = b;

	if (x->stop != y->stop)
		return (x->stop < y->stop) == (x->side == CLR_SIDE_BUY) ? -1 : 1;
	return (x->priority > y->priority) - (x->priority < y->priority);
}

/* Elects what a price meets on one side. */
static void
elect_side(ClrEngine *e, ClrInstrument *in, unsigned kind, unsigned side,
		   int64_t price)
{
	ClrBookSide *s = &in->triggers[kind].stops[side];
	uint32_t	before = e->n_elected;

	while (s->best != CLR_NONE && !e->oom)
	{
		const ClrLevel *level = level_at(e, s->best);
		uint32_t	order = level->head;
		int64_t		stop = level->price;

		if (side == 0 ? stop > price : stop < price)
			break;
		if (!clr_elect(e, order_at(e, order), stop))
			return;
		clr_trigger_forget(e, in, order);
	}
	clr_trail_elect(e, in, kind, side, price);
	if (e->n_elected - before > 1)
		qsort(e->elected + before, e->n_elected - before, sizeof(ClrElected),
			  compare_elected);
}

void
clr_trigger_elect(ClrEngine *e, ClrInstrument *in, int64_t price)
{
	elect_side(e, in, 0, 0, price);
	elect_side(e, in, 0, 1, price);
}

bool
clr_met_add(ClrMet *met, uint32_t order, int64_t stop)
{
	if (!clr_grow((void **) &met->items, &met->cap, met->n + 1, sizeof(ClrMetStop)))
		return false;
	met->items[met->n++] = (ClrMetStop) {order, stop};
	return true;
}

bool
clr_stops_met(const ClrEngine *e, const ClrInstrument *in, unsigned side,
			  int64_t price, ClrMet *met)
{
	const ClrBookSide *s = &in->triggers[0].stops[side];

	for (uint32_t i = s->best; i != CLR_NONE;
		 i = clr_book_worse(e, s, first_met(side), level_at(e, i)->price))
	{
		int64_t		stop = level_at(e, i)->price;

		if (side == 0 ? stop > price : stop < price)
			break;
		for (uint32_t n = level_at(e, i)->head; n != CLR_NONE; n = order_at(e, n)->next)
			if (!clr_met_add(met, n, stop))
				return false;
	}
	return clr_trail_met(e, in, side, price, met);
}

void
clr_trigger_seen(ClrEngine *e, ClrInstrument *in, unsigned kind, int64_t price)
{
	uint32_t	before = e->n_elected;

	if (in->waiting == 0)
		return;
	clr_trail_seen(e, in, kind, price);
	if (in->v.phase != CLR_PHASE_CONTINUOUS)
		return;
	elect_side(e, in, kind, 0, price);
	elect_side(e, in, kind, 1, price);
	if (e->n_elected != before)
		e->follows = true;
}

void
clr_trigger_look(ClrEngine *e, ClrInstrument *in)
{
	int64_t		price;

	for (unsigned kind = 0; kind < 2; kind++)
		if (clr_trigger_price(in, kind, &price))
			clr_trigger_seen(e, in, kind, price);
}

static const char *
check_levels(const ClrEngine *e, const ClrBookSide *s, unsigned side,
			 uint32_t *orders, uint32_t *levels)
{
	if (clr_book_first(e, s, side) != s->best)
		return "the first stop price is wrong";
	for (uint32_t i = s->best; i != CLR_NONE;
		 i = clr_book_worse(e, s, side, level_at(e, i)->price))
	{
		const ClrLevel *level = level_at(e, i);
		uint64_t	priority = 0;
		uint32_t	count = 0;

		for (uint32_t n = level->head; n != CLR_NONE; n = order_at(e, n)->next)
		{
			const ClrOrder *o = order_at(e, n);

			if (o->parked != CLR_PARKED_STOP || o->wait != i ||
				order_attr(e, o, CLR_ATTR_STOP_PX) != level->price ||
				has_attr(e, o, CLR_ATTR_TRAIL_OFFSET) || o->priority <= priority)
				return "a stop order waits in the wrong place";
			priority = o->priority;
			count++;
		}
		if (count == 0 || count != level->count)
			return "the number of orders at a stop price is wrong";
		*orders += count;
		(*levels)++;
	}
	return NULL;
}

/* All stops wait where they should; adds the price levels they use. */
const char *
clr_triggers_check(const ClrEngine *e, const ClrInstrument *in, uint32_t *levels)
{
	uint32_t	found = 0;
	uint32_t	parked = 0;
	const char *message = NULL;

	for (unsigned i = 0; message == NULL && i < 4; i++)
		message = check_levels(e, &in->triggers[i / 2].stops[i % 2],
							   first_met(i % 2), &found, levels);
	for (unsigned i = 0; message == NULL && i < 4; i++)
		message = clr_trail_check(e, in, i / 2, i % 2, &found, levels);
	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
			parked += order_at(e, i)->parked == CLR_PARKED_STOP;
	if (message == NULL && (found != in->waiting || found != parked))
		message = "the number of waiting stop orders is wrong";
	return message;
}
