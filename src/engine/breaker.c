/*
 * breaker.c
 *	  Circuit breakers: a price move of one instrument halts its product group.
 *
 * A group has up to eight tiers, each a percentage of the last settlement price
 * (before the first one, of the price the instrument was listed with), rounded
 * down to the tick.  Without a window the move is measured from that price;
 * with one, upwards from the lowest and downwards from the highest price traded
 * in it before the incoming order.  A trade at the level or beyond does not happen: every instrument of
 * the group that trades, or is in an intraday or volatility call of its own, is
 * halted, orders stay, and the halt ends by itself (call.c).  Auctions, a
 * spread's own trades and the uncrossing after a halt are not bounded, but count
 * for the window; trades through implied prices are bounded too (implied.c).
 *
 * Window.  It is divided into WINDOW_PARTS buckets by block time divided by
 * their length; of each the lowest and the highest price are fields of the
 * market.  The bucket of now and that many before count, so the window is
 * never shorter than it says, and longer by less than one bucket.  A trip
 * empties it.
 *
 * Who triggers: the instruments whose rule group_lead is on, or all of the
 * group if there are none (CLR_SPECIAL_BREAKER, kept here).
 */
#include "engine/internal.h"

#define WINDOW_PARTS 20
#define SLOTS (WINDOW_PARTS + 1)

/* A tier as it bounds an instrument. */
typedef struct Level
{
	bool		up;				/* there is an upper level */
	bool		down;
	int64_t		high;			/* first price that is not allowed */
	int64_t		low;
	int64_t		percent;
} Level;

static int64_t
group_field(const ClrEngine *e, const ClrInstrument *in, unsigned tier, ClrGroupField field)
{
	return clr_field_get(e, CLR_SCOPE_GROUP, (uint64_t) in->rule[CLR_RULE_PRODUCT_GROUP],
						 tier, (uint16_t) field);
}

static int64_t
slot_field(const ClrEngine *e, const ClrInstrument *in, unsigned slot, ClrMarketField field)
{
	return clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, slot, (uint16_t) field);
}

static void
set_slot(ClrEngine *e, const ClrInstrument *in, unsigned slot, ClrMarketField field,
		 int64_t value)
{
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, slot, (uint16_t) field, value);
}

/* Number of the bucket of now. */
static int64_t
bucket_now(const ClrEngine *e, int64_t window)
{
	return e->house.time_us / ((window + WINDOW_PARTS - 1) / WINDOW_PARTS);
}

static void
look_back(const ClrEngine *e, const ClrInstrument *in, int64_t window, ClrRange *r)
{
	int64_t		now = bucket_now(e, window);

	for (unsigned i = 0; i < SLOTS; i++)
	{
		int64_t		bucket = slot_field(e, in, i, CLR_MARKET_BUCKET);
		int64_t		low = slot_field(e, in, i, CLR_MARKET_BUCKET_LOW);
		int64_t		high = slot_field(e, in, i, CLR_MARKET_BUCKET_HIGH);

		if (bucket == 0 || bucket > now || bucket < now - WINDOW_PARTS)
			continue;
		if (!r->seen || low < r->seen_low)
			r->seen_low = low;
		if (!r->seen || high > r->seen_high)
			r->seen_high = high;
		r->seen = true;
	}
}

/* What was seen counts no more. */
void
clr_breaker_forget(ClrEngine *e, const ClrInstrument *in)
{
	for (unsigned i = 0; i < SLOTS; i++)
	{
		set_slot(e, in, i, CLR_MARKET_BUCKET, 0);
		set_slot(e, in, i, CLR_MARKET_BUCKET_LOW, 0);
		set_slot(e, in, i, CLR_MARKET_BUCKET_HIGH, 0);
	}
}

/* Where a tier begins and ends; false if it bounds nothing now. */
static bool
find_level(const ClrEngine *e, const ClrInstrument *in, const ClrRange *r, unsigned tier, Level *l)
{
	int64_t		direction = group_field(e, in, tier, CLR_GROUP_DIRECTION);
	int64_t		base = in->v.has_settlement ? in->v.settlement : in->v.reference_price;
	int64_t		move;

	l->percent = group_field(e, in, tier, CLR_GROUP_PERCENT);
	if (l->percent == 0 || (!in->v.has_settlement && !in->v.has_reference_price) ||
		(group_field(e, in, tier, CLR_GROUP_ONCE_A_DAY) != 0 &&
		 group_field(e, in, tier, CLR_GROUP_TRIPPED) != 0))
		return false;
	move = (int64_t) ((clr_int128) abs64(base) * l->percent / CLR_RATE_UNIT);
	if (move == 0 || !r->seen)
		return false;
	l->up = direction != CLR_BREAKER_DOWN;
	l->down = direction != CLR_BREAKER_UP;
	l->high = r->seen_low + move;
	l->low = r->seen_high - move;
	return true;
}

static bool
reaches(const Level *l, int64_t price)
{
	return (l->up && price >= l->high) || (l->down && price <= l->low);
}

/* Bounds what the next order of a triggering instrument may trade at. */
void
clr_breaker_narrow(const ClrEngine *e, const ClrInstrument *in, ClrRange *r)
{
	int64_t		window = group_field(e, in, 0, CLR_GROUP_WINDOW);

	if (window > 0)
		look_back(e, in, window, r);
	else
	{
		r->seen = true;
		r->seen_low = in->v.has_settlement ? in->v.settlement : in->v.reference_price;
		r->seen_high = r->seen_low;
	}
	for (unsigned tier = 1; tier <= CLR_TIERS_MAX; tier++)
	{
		Level		l;

		if (!find_level(e, in, r, tier, &l))
			continue;
		if (l.up && l.high - 1 < r->high)
			r->high = l.high - 1;
		if (l.down && l.low + 1 > r->low)
			r->low = l.low + 1;
	}
}

/* A member of the group stops trading; without a halt its call begins at once. */
static void
halt(ClrEngine *e, ClrInstrument *in, int64_t duration, int64_t call_duration)
{
	bool		calls = duration == 0 && call_duration > 0;
	int64_t		first = calls ? call_duration : duration;
	ClrCall		call = {
		first == 0 ? 0 : e->house.time_us + first, 0, 0,
		calls || call_duration == 0 ? CLR_PHASE_CONTINUOUS : CLR_PHASE_INTRADAY_CALL
	};

	if (is_spread(in) ||
		(in->v.phase != CLR_PHASE_CONTINUOUS && in->v.phase != CLR_PHASE_INTRADAY_CALL &&
		 (in->v.phase != CLR_PHASE_VOLATILITY_CALL || clr_call_for(e, in) != 0)))
		return;
	clr_phase_enter(e, in, calls ? CLR_PHASE_INTRADAY_CALL : CLR_PHASE_HALTED);
	clr_call_set(e, in, &call);
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, 0, CLR_MARKET_HALT_CALL,
				  duration == 0 ? 0 : call_duration);
}

/*
 * A trade at this price does not happen because it is out of the range that
 * there was before the incoming order: is it for a tier?  If so the group is halted; the largest of the tiers that are reached
 * says how long.
 */
bool
clr_breaker_trip(ClrEngine *e, ClrInstrument *in, const ClrRange *r, int64_t price)
{
	int64_t		group = in->rule[CLR_RULE_PRODUCT_GROUP];
	unsigned	largest = 0;
	int64_t		percent = 0;

	if ((in->special & CLR_SPECIAL_BREAKER) == 0)
		return false;
	for (unsigned tier = 1; tier <= CLR_TIERS_MAX; tier++)
	{
		Level		l;

		if (!find_level(e, in, r, tier, &l) || !reaches(&l, price))
			continue;
		if (l.percent > percent)
		{
			largest = tier;
			percent = l.percent;
		}
		clr_field_set(e, CLR_SCOPE_GROUP, (uint64_t) group, tier, CLR_GROUP_TRIPPED,
					  e->house.time_us);
	}
	if (largest == 0)
		return false;
	for (uint32_t i = 0; i < e->n_instruments && !e->oom; i++)
		if (e->instruments[i].rule[CLR_RULE_PRODUCT_GROUP] == group)
		{
			clr_breaker_forget(e, &e->instruments[i]);
			halt(e, &e->instruments[i], group_field(e, in, largest, CLR_GROUP_HALT),
				 group_field(e, in, largest, CLR_GROUP_CALL));
		}
	return true;
}

/* A trade of an instrument that triggers. */
void
clr_breaker_trade(ClrEngine *e, const ClrInstrument *in, int64_t price)
{
	int64_t		window = group_field(e, in, 0, CLR_GROUP_WINDOW);
	int64_t		now;
	unsigned	slot;
	bool		fresh;

	if (window == 0 || e->house.time_us <= 0)
		return;
	now = bucket_now(e, window);
	slot = (unsigned) (now % SLOTS);
	fresh = slot_field(e, in, slot, CLR_MARKET_BUCKET) != now;
	set_slot(e, in, slot, CLR_MARKET_BUCKET, now);
	if (fresh || price < slot_field(e, in, slot, CLR_MARKET_BUCKET_LOW))
		set_slot(e, in, slot, CLR_MARKET_BUCKET_LOW, price);
	if (fresh || price > slot_field(e, in, slot, CLR_MARKET_BUCKET_HIGH))
		set_slot(e, in, slot, CLR_MARKET_BUCKET_HIGH, price);
}

/* The day of a triggering instrument is over: its group's tiers are new. */
void
clr_breaker_end_day(ClrEngine *e, const ClrInstrument *in)
{
	if ((in->special & CLR_SPECIAL_BREAKER) == 0)
		return;
	for (unsigned tier = 1; tier <= CLR_TIERS_MAX; tier++)
		clr_field_set(e, CLR_SCOPE_GROUP, (uint64_t) in->rule[CLR_RULE_PRODUCT_GROUP],
					  tier, CLR_GROUP_TRIPPED, 0);
	clr_breaker_forget(e, in);
}

/* The window of a group has another length: what was seen counts no more. */
void
clr_breaker_window_changed(ClrEngine *e, uint64_t group)
{
	for (uint32_t i = 0; i < e->n_instruments && !e->oom; i++)
		if ((uint64_t) e->instruments[i].rule[CLR_RULE_PRODUCT_GROUP] == group)
			clr_breaker_forget(e, &e->instruments[i]);
}

static bool
has_lead(const ClrEngine *e, int64_t group)
{
	for (uint32_t i = 0; i < e->n_instruments; i++)
		if (e->instruments[i].rule[CLR_RULE_PRODUCT_GROUP] == group &&
			e->instruments[i].rule[CLR_RULE_GROUP_LEAD] != 0)
			return true;
	return false;
}

static bool
triggers(const ClrEngine *e, const ClrInstrument *in)
{
	int64_t		group = in->rule[CLR_RULE_PRODUCT_GROUP];

	return group != 0 &&
		(in->rule[CLR_RULE_GROUP_LEAD] != 0 || !has_lead(e, group));
}

/* A group or lead rule of some instrument has changed: who triggers now? */
void
clr_breaker_rules_changed(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_instruments; i++)
	{
		ClrInstrument *in = &e->instruments[i];

		in->special &= ~(uint32_t) CLR_SPECIAL_BREAKER;
		if (triggers(e, in))
			in->special |= CLR_SPECIAL_BREAKER;
	}
}

bool
clr_breaker_valid(const ClrEngine *e, const ClrInstrument *in)
{
	return ((in->special & CLR_SPECIAL_BREAKER) != 0) == triggers(e, in);
}

/* Tiers have numbers; what is common to all of them is tier 0's. */
bool
clr_group_field_fits(uint64_t tier, uint16_t field)
{
	return field == CLR_GROUP_WINDOW ? tier == 0 : tier >= 1 && tier <= CLR_TIERS_MAX;
}
