/*
 * trail.c
 *	  Trailing stops: the stop price follows the best price seen since entry
 *	  at a fixed distance, and never goes back.
 *
 * Best is the highest for sells and the lowest for buys.  Because later orders
 * have seen less, best prices of one side only come nearer with the time of
 * entry: the orders fall into groups that have seen the same best price, one
 * behind the other.  A new best price melts the newest groups into one; a new
 * order joins the newest group or starts one.  So a move of the price costs as
 * many steps as groups disappear, not one for each order, and is reported as
 * fields of the market: one for each group, named by the priority of its first
 * order, holding its best price (CLR_MARKET_TRAIL; absent when the group is
 * gone).  An order belongs to the last group that starts no later than it.
 *
 * Within a group orders are queued by distance: the smallest is met first.
 */
#include "engine/internal.h"

#define NEAREST_FIRST	1		/* lowest key is best, as with asks */

/* How much nearer to `price` than `best` a stop of this side has come. */
static int64_t
distance(unsigned side, int64_t best, int64_t price)
{
	return side == 0 ? price - best : best - price;
}

static uint16_t
field_of(unsigned kind, unsigned side)
{
	return (uint16_t) (CLR_MARKET_TRAIL + kind * 2 + side);
}

static void
report(ClrEngine *e, const ClrInstrument *in, unsigned kind, unsigned side,
	   uint64_t start, int64_t best)
{
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, start,
				  field_of(kind, side), best);
}

/* Index of the group an order of this priority belongs to; n if none. */
static uint32_t
group_of(const ClrTrail *t, uint64_t priority)
{
	uint32_t	low = 0;
	uint32_t	high = t->n;

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (t->groups[middle].start <= priority)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? t->n : low - 1;
}

static ClrTrail *
trail_of(const ClrEngine *e, ClrInstrument *in, const ClrOrder *o)
{
	return &in->triggers[clr_trigger_kind(e, o)].trail[side_index(o->side)];
}

/* Makes room for a group at place i; false = no memory. */
static bool
add_group(ClrEngine *e, ClrTrail *t, uint32_t i, uint64_t start, int64_t best)
{
	if (!clr_grow((void **) &t->groups, &t->cap, t->n + 1, sizeof(ClrTrailGroup)))
	{
		e->oom = true;
		return false;
	}
	memmove(t->groups + i + 1, t->groups + i,
			(size_t) (t->n - i) * sizeof(ClrTrailGroup));
	t->n++;
	t->groups[i] = (ClrTrailGroup) {.start = start, .best = best};
	t->groups[i].offsets.root = CLR_NONE;
	t->groups[i].offsets.best = CLR_NONE;
	return true;
}

static void
drop_group(ClrTrail *t, uint32_t i)
{
	t->n--;
	memmove(t->groups + i, t->groups + i + 1,
			(size_t) (t->n - i) * sizeof(ClrTrailGroup));
}

/* While loading, the groups are there already; else the newest is the place. */
bool
clr_trail_wait(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	ClrTrail   *t = trail_of(e, in, o);
	unsigned	kind = clr_trigger_kind(e, o);
	unsigned	side = side_index(o->side);
	uint32_t	i = group_of(t, o->priority);
	int64_t		price;

	if (!e->restoring)
	{
		(void) clr_trigger_price(in, kind, &price);
		clr_trail_seen(e, in, kind, price);
		if (t->n == 0 || t->groups[t->n - 1].best != price)
		{
			if (!add_group(e, t, t->n, o->priority, price))
				return false;
			report(e, in, kind, side, o->priority, price);
		}
		i = t->n - 1;
	}
	else if (i == t->n)
		return clr_restore_fail(e, "a trailing stop has seen no price");
	t->groups[i].count++;
	return clr_wait_insert(e, &t->groups[i].offsets, NEAREST_FIRST, order,
						   order_attr(e, o, CLR_ATTR_TRAIL_OFFSET));
}

void
clr_trail_forget(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	ClrTrail   *t = trail_of(e, in, o);
	uint32_t	i = group_of(t, o->priority);

	clr_wait_remove(e, &t->groups[i].offsets, NEAREST_FIRST, order);
	if (--t->groups[i].count > 0)
		return;
	report(e, in, clr_trigger_kind(e, o), side_index(o->side),
		   t->groups[i].start, CLR_NO_PRICE);
	drop_group(t, i);
}

int64_t
clr_trail_stop(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o)
{
	const ClrTrail *t =
		&in->triggers[clr_trigger_kind(e, o)].trail[side_index(o->side)];
	int64_t		best = t->groups[group_of(t, o->priority)].best;
	int64_t		offset = order_attr(e, o, CLR_ATTR_TRAIL_OFFSET);

	return o->side == CLR_SIDE_BUY ? best + offset : best - offset;
}

/*
 * Moves the orders of the smaller group to the larger one, which gets them in
 * front of its own at each distance if they are older, else behind.
 */
static bool
move_level(ClrEngine *e, ClrBookSide *from, ClrBookSide *to, bool older)
{
	uint32_t	source = from->best;
	uint32_t	target = clr_book_level(e, to, NEAREST_FIRST,
										level_at(e, source)->price);
	ClrLevel   *s = level_at(e, source);
	ClrLevel   *d;

	if (target == CLR_NONE)
		return false;
	d = level_at(e, target);
	for (uint32_t i = s->head; i != CLR_NONE; i = order_at(e, i)->next)
		order_at(e, i)->wait = target;
	if (d->count == 0)
	{
		d->head = s->head;
		d->tail = s->tail;
	}
	else if (older)
	{
		order_at(e, s->tail)->next = d->head;
		order_at(e, d->head)->prev = s->tail;
		d->head = s->head;
	}
	else
	{
		order_at(e, d->tail)->next = s->head;
		order_at(e, s->head)->prev = d->tail;
		d->tail = s->tail;
	}
	d->count += s->count;
	clr_book_drop_level(e, from, NEAREST_FIRST, source);
	return true;
}

/* Melts the newest group into the one before it; the smaller one moves. */
static bool
melt(ClrEngine *e, ClrTrail *t)
{
	ClrTrailGroup *a = &t->groups[t->n - 2];
	ClrTrailGroup *b = &t->groups[t->n - 1];
	bool		older = a->count < b->count;
	ClrBookSide *from = older ? &a->offsets : &b->offsets;
	ClrBookSide *to = older ? &b->offsets : &a->offsets;

	while (from->best != CLR_NONE)
		if (!move_level(e, from, to, older))
			return false;
	a->offsets = *to;
	a->count += b->count;
	t->n--;
	return true;
}

static void
follow(ClrEngine *e, ClrInstrument *in, unsigned kind, unsigned side,
	   int64_t price)
{
	ClrTrail   *t = &in->triggers[kind].trail[side];
	ClrTrailGroup *last;

	if (t->n == 0 || distance(side, t->groups[t->n - 1].best, price) >= 0)
		return;
	while (t->n > 1 && distance(side, t->groups[t->n - 2].best, price) <= 0)
	{
		report(e, in, kind, side, t->groups[t->n - 1].start, CLR_NO_PRICE);
		if (!melt(e, t))
			return;
	}
	last = &t->groups[t->n - 1];
	last->best = price;
	report(e, in, kind, side, last->start, price);
}

/* A price was seen: groups for which it is the best so far follow it. */
void
clr_trail_seen(ClrEngine *e, ClrInstrument *in, unsigned kind, int64_t price)
{
	follow(e, in, kind, 0, price);
	follow(e, in, kind, 1, price);
}

/* Elects the orders from whose best price this one is far enough away. */
void
clr_trail_elect(ClrEngine *e, ClrInstrument *in, unsigned kind, unsigned side,
				int64_t price)
{
	ClrTrail   *t = &in->triggers[kind].trail[side];

	for (uint32_t i = t->n; i-- > 0 && !e->oom;)
	{
		int64_t		away = distance(side, t->groups[i].best, price);
		uint32_t	left = t->groups[i].count;

		while (left > 0)
		{
			const ClrLevel *level = level_at(e, t->groups[i].offsets.best);
			uint32_t	order = level->head;

			if (level->price > away ||
				!clr_elect(e, order_at(e, order),
						   clr_trail_stop(e, in, order_at(e, order))))
				break;
			clr_trigger_forget(e, in, order);
			left--;
		}
	}
}

/* As clr_stops_met(). */
bool
clr_trail_met(const ClrEngine *e, const ClrInstrument *in, unsigned side,
			  int64_t price, ClrMet *met)
{
	const ClrTrail *t = &in->triggers[0].trail[side];

	for (uint32_t g = 0; g < t->n; g++)
	{
		const ClrBookSide *s = &t->groups[g].offsets;
		int64_t		away = distance(side, t->groups[g].best, price);

		for (uint32_t i = s->best; i != CLR_NONE && level_at(e, i)->price <= away;
			 i = clr_book_worse(e, s, NEAREST_FIRST, level_at(e, i)->price))
			for (uint32_t n = level_at(e, i)->head; n != CLR_NONE; n = order_at(e, n)->next)
				if (!clr_met_add(met, n, clr_trail_stop(e, in, order_at(e, n))))
					return false;
	}
	return true;
}

/* Loads a group; its orders follow. */
bool
clr_trail_restore(ClrEngine *e, const ClrFieldView *v)
{
	unsigned	n = v->field - CLR_MARKET_TRAIL;
	ClrTrail   *t =
		&instrument_at(e, (uint32_t) v->object)->triggers[n / 2].trail[n % 2];
	uint32_t	i = group_of(t, v->sub);

	return add_group(e, t, i == t->n ? 0 : i + 1, v->sub, v->value);
}

const char *
clr_trail_check(const ClrEngine *e, const ClrInstrument *in, unsigned kind,
				unsigned side, uint32_t *orders, uint32_t *levels)
{
	const ClrTrail *t = &in->triggers[kind].trail[side];

	for (uint32_t g = 0; g < t->n; g++)
	{
		const ClrTrailGroup *group = &t->groups[g];
		uint32_t	count = 0;

		if (clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, group->start,
						  field_of(kind, side)) != group->best ||
			(g > 0 && (group->start <= group[-1].start ||
					   distance(side, group[-1].best, group->best) <= 0)))
			return "a group of trailing stops is out of order";
		for (uint32_t i = group->offsets.best; i != CLR_NONE;
			 i = clr_book_worse(e, &group->offsets, NEAREST_FIRST, level_at(e, i)->price))
		{
			uint64_t	priority = 0;

			for (uint32_t n = level_at(e, i)->head; n != CLR_NONE;
				 n = order_at(e, n)->next)
			{
				const ClrOrder *o = order_at(e, n);

				if (o->parked != CLR_PARKED_STOP || o->wait != i ||
					order_attr(e, o, CLR_ATTR_TRAIL_OFFSET) != level_at(e, i)->price ||
					group_of(t, o->priority) != g || o->priority <= priority ||
					side_index(o->side) != side || clr_trigger_kind(e, o) != kind)
					return "a trailing stop waits in the wrong place";
				priority = o->priority;
				count++;
			}
			(*levels)++;
		}
		if (count == 0 || count != group->count)
			return "the number of orders of a group of trailing stops is wrong";
		*orders += count;
	}
	return NULL;
}
