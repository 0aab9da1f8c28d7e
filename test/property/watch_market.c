/*
 * watch_market.c
 *	  What markets are like: rules, phases, prices, and what is due when.
 *
 * Everything is taken from events.  Ranges are the widest that the rules
 * allow: within them the engine may be stricter (the window of a circuit
 * breaker is longer than it says by part of itself).
 */
#include "watch_internal.h"

#define DAY_US INT64_C(86400000000)

void
markets_init(Watch *w)
{
	const ClrFieldInfo *info;

	for (unsigned i = 0; (info = clr_field_catalog(i)) != NULL; i++)
		for (int k = 0; k < WATCH_INSTRUMENTS; k++)
		{
			if (info->scope == CLR_SCOPE_INSTRUMENT)
				w->instruments[k].rule[info->field] = info->initial;
			for (int s = 0; s < WATCH_ENTRIES && info->scope == CLR_SCOPE_SCHEDULE; s++)
				w->instruments[k].schedule[s][info->field] = info->initial;
		}
}

/*----------------------------------------------------------------
 * Phases
 *----------------------------------------------------------------
 */
static bool
is_call(const WatchInstrument *in)
{
	return (in->phase >= CLR_PHASE_OPENING_CALL && in->phase <= CLR_PHASE_VOLATILITY_CALL) ||
		(in->phase == CLR_PHASE_PRE_OPEN && in->rule[CLR_RULE_OPENING_UNCROSS] == CLR_UNCROSS_AUCTION);
}

static bool
market_orders_rest(Watch *w, const WatchInstrument *in)
{
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < in->n[s]; i++)
		{
			const WatchOrder *o = &w->orders[in->book[s][i]];

			if (o->ord_type == CLR_ORD_MARKET && !is_parked(o))
				return true;
		}
	return false;
}

/* Is there an auction on the way from its phase to another? */
static bool
takes_auction(Watch *w, const WatchInstrument *in, uint8_t phase)
{
	if (in->spread)
		return false;
	if (phase == CLR_PHASE_CONTINUOUS)
		return is_call(in) || (in->phase != CLR_PHASE_CONTINUOUS &&
							   (in->rule[CLR_RULE_OPENING_UNCROSS] == CLR_UNCROSS_AUCTION || market_orders_rest(w, in)));
	return is_call(in) && in->phase != CLR_PHASE_PRE_OPEN &&
		(phase == CLR_PHASE_CLOSED || phase == CLR_PHASE_TRADE_AT_CLOSE);
}

static void
change_phase(Watch *w, WatchInstrument *in, uint8_t phase)
{
	bool		asked = w->cmd.type == CLR_CMD_SET_PHASE || w->cmd.type == 0;

	w->auction = takes_auction(w, in, phase);
	w->phase_moved = true;
	if (!asked && (phase == CLR_PHASE_VOLATILITY_CALL || phase == CLR_PHASE_HALTED))
		w->interrupted = true;
	if (in->phase == CLR_PHASE_EXPIRED)
		broken(w, "an instrument left the phase expired");
	w->phases[phase < sizeof(w->phases) / sizeof(w->phases[0]) ? phase : 0]++;
	in->phase = phase;
}

/* Bytes 8..103 are as 16..111 of CREATE_INSTRUMENT. */
void
take_instrument(Watch *w, const uint8_t *p)
{
	WatchInstrument *in = instrument_of(w, clr_event_object_id(p));
	int64_t		mark = clr_get_i64(p + 120);

	in->kind = p[8];
	in->future = in->kind == CLR_INSTRUMENT_FUTURE;
	in->spread = in->kind == CLR_INSTRUMENT_SPREAD;
	in->keeps = p[11] == CLR_REPLACE_KEEPS_ON_DECREASE;
	in->base = clr_get_u32(p + 16);
	in->quote = clr_get_u32(p + 20);
	in->listed = clr_get_i64(p + 80);
	in->has_listed = p[96] != 0;
	in->tick_value = clr_get_i64(p + 104);
	in->lot_units = clr_get_i64(p + 112);
	if (p[136] != 0 && (!in->has_mark || mark < in->seen[1][0]))
		in->seen[1][0] = mark;
	if (p[136] != 0 && (!in->has_mark || mark > in->seen[1][1]))
		in->seen[1][1] = mark;
	in->mark = mark;
	in->has_mark = p[136] != 0;
	in->settlement = clr_get_i64(p + 128);
	in->has_settlement = p[137] != 0;
	in->touched = true;
	/* a timer may enter the phase that there is */
	w->phase_moved = w->phase_moved || w->cmd.type == 0;
	if (p[12] != in->phase)
		change_phase(w, in, p[12]);
}

/*----------------------------------------------------------------
 * Fields
 *----------------------------------------------------------------
 */
static void
take_market_field(Watch *w, const ClrFieldEvent *ev)
{
	WatchInstrument *in = instrument_of(w, (uint32_t) ev->object);

	switch (ev->field)
	{
		case CLR_MARKET_STATIC_REFERENCE:
			in->static_price = ev->value;
			break;
		case CLR_MARKET_HAS_STATIC_REFERENCE:
			in->has_static = ev->value != 0;
			break;
		case CLR_MARKET_CLOSING_PRICE:
			in->closing = ev->value;
			break;
		case CLR_MARKET_SETTLED:
			in->settled = (uint64_t) ev->value;
			break;
		case CLR_MARKET_BUCKET:
			/* the window is empty again */
			if (ev->value == 0)
				in->window_from = w->next_trade;
			break;
		case CLR_MARKET_CALL_RANDOM:
			in->drawn = in->call_random;
			in->call_random = ev->value;
			break;
		case CLR_MARKET_CALL_END:
			/* a timer that changes no phase has drawn the random end */
			if (w->cmd.type == 0 && !w->phase_moved && ev->value != 0 &&
				(ev->value <= in->call_end || ev->value - in->call_end > in->drawn))
				broken(w, "a call is extended to %" PRId64 " from %" PRId64 ", by %" PRId64 " at most", ev->value, in->call_end, in->drawn);
			in->call_end = ev->value;
			break;
	}
}

static void
take_leg(Watch *w, const ClrFieldEvent *ev)
{
	WatchInstrument *in = instrument_of(w, (uint32_t) ev->object);

	if (ev->sub >= CLR_LEGS_MAX)
		return;
	if (ev->field == CLR_LEG_RATIO)
		in->legs[ev->sub].ratio = ev->value;
	else
	{
		in->legs[ev->sub].instrument = (uint32_t) ev->value;
		instrument_of(w, (uint32_t) ev->value)->leg = true;
	}
}

static void
take_rule(Watch *w, const ClrFieldEvent *ev)
{
	instrument_of(w, (uint32_t) ev->object)->rule[ev->field % CLR_RULE_MAX] = ev->value;
	if (ev->field != CLR_RULE_PRODUCT_GROUP && ev->field != CLR_RULE_GROUP_LEAD)
		return;
	/* others trigger from now on */
	for (int i = 0; i < WATCH_INSTRUMENTS; i++)
		w->instruments[i].window_from = w->next_trade;
}

void
take_field(Watch *w, const ClrFieldEvent *ev)
{
	switch (ev->scope)
	{
		case CLR_SCOPE_INSTRUMENT:
			take_rule(w, ev);
			break;
		case CLR_SCOPE_ACCOUNT:
			w->limit[ev->object % WATCH_ACCOUNTS][ev->field % CLR_LIMIT_COUNT] = ev->value;
			break;
		case CLR_SCOPE_MEMBER:
			w->member_limit[ev->object % WATCH_MEMBERS][ev->field % CLR_LIMIT_COUNT] = ev->value;
			break;
		case CLR_SCOPE_GROUP:
			if (ev->object < WATCH_GROUPS && ev->sub <= CLR_TIERS_MAX)
				w->group[ev->object][ev->sub][ev->field] = ev->value;
			/* what was seen before counts no more */
			for (int i = 0; i < WATCH_INSTRUMENTS && ev->field == CLR_GROUP_WINDOW; i++)
				w->instruments[i].window_from = w->next_trade;
			w->trips += ev->field == CLR_GROUP_TRIPPED && ev->value != 0;
			break;
		case CLR_SCOPE_SCHEDULE:
			if (ev->sub < WATCH_ENTRIES)
				instrument_of(w, (uint32_t) ev->object)->schedule[ev->sub][ev->field] = ev->value;
			break;
		case CLR_SCOPE_SESSION:
			if (ev->field == CLR_SESSION_DEADLINE && ev->sub < WATCH_SESSIONS)
				w->deadline[ev->object % WATCH_ACCOUNTS][ev->sub] = ev->value;
			w->session = ev->sub;
			break;
		case CLR_SCOPE_LEG:
			take_leg(w, ev);
			break;
		case CLR_SCOPE_TRADE:
			if (ev->field == CLR_TRADE_BUSTED && is_bust(&w->cmd))
				begin_bust(w);
			break;
		case CLR_SCOPE_MARKET:
			take_market_field(w, ev);
			break;
	}
}

/*----------------------------------------------------------------
 * Where may be traded
 *----------------------------------------------------------------
 */
static bool
reference_of(const WatchInstrument *in, int64_t *price)
{
	*price = in->has_last ? in->last : in->has_settlement ? in->settlement :
		in->has_mark ? in->mark : in->listed;
	/* no farther than the limits of the day */
	if (in->has_settlement && in->rule[CLR_RULE_LIMIT_UP] != 0 && *price > in->settlement + in->rule[CLR_RULE_LIMIT_UP])
		*price = in->settlement + in->rule[CLR_RULE_LIMIT_UP];
	if (in->has_settlement && in->rule[CLR_RULE_LIMIT_DOWN] != 0 && *price < in->settlement - in->rule[CLR_RULE_LIMIT_DOWN])
		*price = in->settlement - in->rule[CLR_RULE_LIMIT_DOWN];
	return in->has_last || in->has_settlement || in->has_mark || in->has_listed;
}

static void
narrow(Watch *w, int64_t low, int64_t high)
{
	if (low > w->range[0])
		w->range[0] = low;
	if (high < w->range[1])
		w->range[1] = high;
}

static bool
triggers(Watch *w, const WatchInstrument *in)
{
	int64_t		group = in->rule[CLR_RULE_PRODUCT_GROUP];

	if (group == 0 || group >= WATCH_GROUPS)
		return false;
	for (int i = 0; i < WATCH_INSTRUMENTS; i++)
		if (w->instruments[i].rule[CLR_RULE_PRODUCT_GROUP] == group && w->instruments[i].rule[CLR_RULE_GROUP_LEAD] != 0)
			return in->rule[CLR_RULE_GROUP_LEAD] != 0;
	return true;
}

/* Lowest and highest price from which the move of a breaker is measured. */
static bool
breaker_base(Watch *w, uint32_t instrument, int64_t window, int64_t *low, int64_t *high)
{
	WatchInstrument *in = instrument_of(w, instrument);
	bool		any = false;

	if (window == 0)
	{
		*low = *high = in->has_settlement ? in->settlement : in->listed;
		return true;
	}
	for (uint64_t id = w->next_trade - 1; id >= in->window_from && id > 0 &&
		 w->traded[id].time_us >= w->now - window; id--)
	{
		const WatchTrade *n = &w->traded[id];

		if (n->t.instrument != instrument || n->corrected)
			continue;
		*low = any && *low < n->t.price ? *low : n->t.price;
		*high = any && *high > n->t.price ? *high : n->t.price;
		any = true;
	}
	return any;
}

static void
narrow_by_breakers(Watch *w, uint32_t instrument)
{
	WatchInstrument *in = instrument_of(w, instrument);
	int64_t	  (*group)[CLR_GROUP_TRIPPED + 1] = w->group[in->rule[CLR_RULE_PRODUCT_GROUP] % WATCH_GROUPS];
	int64_t		low;
	int64_t		high;

	if (!triggers(w, in) || (!in->has_settlement && !in->has_listed) ||
		!breaker_base(w, instrument, group[0][CLR_GROUP_WINDOW], &low, &high))
		return;
	for (int tier = 1; tier <= CLR_TIERS_MAX; tier++)
	{
		int64_t		base = in->has_settlement ? in->settlement : in->listed;
		int64_t		move = (int64_t) ((clr_int128) (base < 0 ? -base : base) * group[tier][CLR_GROUP_PERCENT] / CLR_RATE_UNIT);
		int64_t		direction = group[tier][CLR_GROUP_DIRECTION];

		if (move == 0 || (group[tier][CLR_GROUP_ONCE_A_DAY] != 0 && group[tier][CLR_GROUP_TRIPPED] != 0))
			continue;
		narrow(w, direction == CLR_BREAKER_UP ? INT64_MIN : high - move + 1,
			   direction == CLR_BREAKER_DOWN ? INT64_MAX : low + move - 1);
	}
}

/* Where an order that comes in now may trade; the last price is the one before. */
void
find_range(Watch *w, uint32_t instrument)
{
	WatchInstrument *in = instrument_of(w, instrument);
	int64_t		room = in->rule[CLR_RULE_DYNAMIC_RANGE];
	int64_t		reference;

	w->range[0] = INT64_MIN;
	w->range[1] = INT64_MAX;
	if (!in->spread && room != 0 && reference_of(in, &reference))
		narrow(w, reference - room, reference + room);
	room = in->rule[CLR_RULE_STATIC_RANGE];
	if (!in->spread && room != 0 && (in->has_static || in->has_settlement))
	{
		reference = in->has_static ? in->static_price : in->settlement;
		narrow(w, reference - room, reference + room);
	}
	narrow_by_breakers(w, instrument);
}

/* Limits of the day, and bands around the last price. */
void
check_entry_price(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	int64_t		up = in->rule[CLR_RULE_LIMIT_UP];
	int64_t		down = in->rule[CLR_RULE_LIMIT_DOWN];
	int64_t		band = in->rule[CLR_RULE_PRICE_BAND];
	int64_t		reference;

	if (o->ord_type != CLR_ORD_LIMIT)
		return;
	/* those that last may wait beyond */
	if (in->rule[CLR_RULE_BEYOND_LIMITS] == CLR_BEYOND_KEEP && (o->tif == CLR_TIF_GTC || o->tif == CLR_TIF_GTD))
		up = down = 0;
	if (in->has_settlement && ((up != 0 && o->price > in->settlement + up) ||
							   (down != 0 && o->price < in->settlement - down)))
		broken(w, "order %" PRIu64 ": at %" PRId64 ", beyond the limits of the day", o->id, o->price);
	if (band != 0 && in->phase == CLR_PHASE_CONTINUOUS && reference_of(in, &reference) &&
		(o->side == CLR_SIDE_BUY ? o->price > reference + band : o->price < reference - band))
		broken(w, "order %" PRIu64 ": at %" PRId64 ", farther than %" PRId64 " from %" PRId64, o->id, o->price, band, reference);
}

/*----------------------------------------------------------------
 * What is due
 *----------------------------------------------------------------
 */
void
take_timer(Watch *w, const uint8_t *p)
{
	int64_t		due = clr_get_i64(p + 16);

	w->timers[p[4] & 7]++;
	if (due > w->now)
		broken(w, "timer %u: before its time", p[4]);
	if (p[4] != CLR_TIMER_OUTAGE && due < w->timer_due)
		broken(w, "timer %u: after one that was due later", p[4]);
	if (p[4] != CLR_TIMER_OUTAGE)
		w->timer_due = due;
	if (p[4] == CLR_TIMER_DEAD_MAN)
		check_dead_man(w, (uint32_t) clr_get_u64(p + 8));
}

/* First time after the block before at which an entry is due; 0 = none. */
static int64_t
next_due(const Watch *w, const int64_t *entry)
{
	int64_t		time = entry[CLR_SCHEDULE_TIME];

	if (entry[CLR_SCHEDULE_PHASE] == 0)
		return 0;
	if (time >= DAY_US)
		return time > w->before ? time : 0;
	for (int64_t due = w->before / DAY_US * DAY_US + time, i = 0; i < 9; i++, due += DAY_US)
		if (due > w->before && (entry[CLR_SCHEDULE_WEEKDAYS] >> (due / DAY_US + 4) % 7 & 1) != 0)
			return due;
	return 0;
}

static void
check_schedule(Watch *w, uint32_t instrument)
{
	for (int s = 0; s < WATCH_ENTRIES; s++)
	{
		const int64_t *entry = w->instruments[instrument].schedule[s];
		int64_t		due = next_due(w, entry);

		if (due != 0 && due <= w->now && entry[CLR_SCHEDULE_DONE] != due)
			broken(w, "entry %d of the schedule of instrument %u: was due at %" PRId64 ", last done at %" PRId64, s, instrument, due, entry[CLR_SCHEDULE_DONE]);
	}
}

/* The timers have fired: nothing waits that is due. */
void
check_due(Watch *w)
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
	{
		WatchInstrument *in = &w->instruments[i];

		if (in->kind == 0)
			continue;
		if (in->call_end != 0 && in->call_end <= w->now)
			broken(w, "instrument %u: its phase should have ended at %" PRId64, i, in->call_end);
		if (w->before > 0)
			check_schedule(w, i);
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < in->n[s]; k++)
			{
				const WatchOrder *o = &w->orders[in->book[s][k]];

				if (has(o, CLR_ATTR_EXPIRE_TIME) && o->attr[CLR_ATTR_EXPIRE_TIME] <= w->now)
					broken(w, "order %" PRIu64 ": works after its time", o->id);
			}
	}
	for (int a = 0; a < WATCH_ACCOUNTS; a++)
		for (int s = 0; s < WATCH_SESSIONS; s++)
			if (w->deadline[a][s] != 0 && w->deadline[a][s] <= w->now)
				broken(w, "session %d of account %d: its deadline is over", s, a);
}
