/*
 * call.c
 *	  Phases that end or begin by themselves: calls with an end, the trading
 *	  schedule, the call after an outage.
 *
 * Time is the time of blocks.  When a phase ends is a field of the market, so
 * a restored engine knows it; the timer follows from the field.
 *
 * Random end.  When the shortest duration is over, and not before, the
 * extension is drawn: splitmix64 of (seed + height of the block in which it is
 * over + instrument * 2^32), modulo the longest extension + 1 microsecond.  So
 * nobody can know it earlier, and everybody can check it.
 *
 * A call that ends by itself may become, or stay, a volatility call: see
 * clr_call_due().
 */
#include "engine/internal.h"

static int64_t
get_market(const ClrEngine *e, const ClrInstrument *in, ClrMarketField field)
{
	return clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0, (uint16_t) field);
}

static void
set_market(ClrEngine *e, const ClrInstrument *in, ClrMarketField field, int64_t value)
{
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, 0, (uint16_t) field, value);
}

static uint64_t
splitmix64(uint64_t x)
{
	x += UINT64_C(0x9E3779B97F4A7C15);
	x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
	return x ^ (x >> 31);
}

/* The phase that the instrument is in will end; end_us 0 = by hand only. */
void
clr_call_set(ClrEngine *e, const ClrInstrument *in, const ClrCall *call)
{
	set_market(e, in, CLR_MARKET_CALL_RANDOM, call->end_us == 0 ? 0 : call->random_us);
	set_market(e, in, CLR_MARKET_CALL_NEXT, call->end_us == 0 ? 0 : call->next);
	set_market(e, in, CLR_MARKET_CALL_SEED, call->end_us == 0 ? 0 : call->seed);
	set_market(e, in, CLR_MARKET_CALL_EXTENDED, 0);
	set_market(e, in, CLR_MARKET_CALL_END, call->end_us);
}

/* It has expired: no phase follows. */
void
clr_call_forget(ClrEngine *e, const ClrInstrument *in)
{
	ClrCall		none = {0};

	clr_call_set(e, in, &none);
	set_market(e, in, CLR_MARKET_HALT_CALL, 0);
}

/* A call that begins by itself, and ends as the rules of the instrument say. */
void
clr_call_start(ClrEngine *e, ClrInstrument *in, uint8_t phase, uint8_t next,
			   int64_t seed)
{
	ClrCall		call = {
		e->house.time_us + in->rule[CLR_RULE_CALL_DURATION],
		in->rule[CLR_RULE_CALL_RANDOM_END], seed, next
	};

	clr_phase_enter(e, in, phase);
	clr_call_set(e, in, &call);
}

/* Draws the extension; false if there is none, and the phase ends now. */
static bool
extend(ClrEngine *e, const ClrInstrument *in, int64_t due_us)
{
	int64_t		longest = get_market(e, in, CLR_MARKET_CALL_RANDOM);
	uint64_t	draw;

	if (longest == 0)
		return false;
	draw = splitmix64((uint64_t) get_market(e, in, CLR_MARKET_CALL_SEED) +
					  e->house.height + ((uint64_t) in->v.instrument << 32));
	set_market(e, in, CLR_MARKET_CALL_RANDOM, 0);
	draw %= (uint64_t) longest + 1;
	if (draw == 0)
		return false;
	set_market(e, in, CLR_MARKET_CALL_EXTENDED, 1);
	set_market(e, in, CLR_MARKET_CALL_END, due_us + (int64_t) draw);
	return true;
}

/*
 * A phase has come to its end.  A call whose price is out of the ranges goes
 * on as a volatility call; one that is that already ends if its price is
 * within the extended range, and otherwise is ended by hand.  So is a call
 * whose auction is not possible because an amount would overflow.
 */
void
clr_call_due(ClrEngine *e, ClrInstrument *in, int64_t due_us)
{
	uint8_t		next = (uint8_t) get_market(e, in, CLR_MARKET_CALL_NEXT);
	int64_t		seed = get_market(e, in, CLR_MARKET_CALL_SEED);
	int64_t		call_duration = get_market(e, in, CLR_MARKET_HALT_CALL);
	bool		volatility = in->v.phase == CLR_PHASE_VOLATILITY_CALL;

	if (extend(e, in, due_us))
		return;
	if (next == 0)
		next = CLR_PHASE_CONTINUOUS;
	set_market(e, in, CLR_MARKET_CALL_EXTENDED, 0);
	set_market(e, in, CLR_MARKET_CALL_END, 0);
	if (clr_phase_is_call(in) && !clr_call_price_allowed(e, in, volatility))
	{
		if (!volatility)
			clr_call_start(e, in, CLR_PHASE_VOLATILITY_CALL, next, seed);
		return;
	}
	if (!clr_phase_possible(e, in, next))
		return;
	clr_phase_enter(e, in, next);
	if (call_duration > 0)
	{
		ClrCall		call = {due_us + call_duration, 0, 0, CLR_PHASE_CONTINUOUS};

		clr_call_set(e, in, &call);
	}
}

/*----------------------------------------------------------------
 * Schedule
 *----------------------------------------------------------------
 */
static int64_t
get_entry(const ClrEngine *e, uint64_t instrument, uint64_t entry, ClrScheduleField field)
{
	return clr_field_get(e, CLR_SCOPE_SCHEDULE, instrument, entry, (uint16_t) field);
}

/* 1970 began on a Thursday; no block is older. */
static bool
on_weekday(int64_t weekdays, int64_t time_us)
{
	return (weekdays >> (time_us / CLR_DAY_US + 4) % 7 & 1) != 0;
}

/* Is an entry due at exactly this time? */
bool
clr_schedule_is_due(const ClrEngine *e, uint64_t instrument, uint64_t entry,
					int64_t due_us)
{
	int64_t		time = get_entry(e, instrument, entry, CLR_SCHEDULE_TIME);

	if (get_entry(e, instrument, entry, CLR_SCHEDULE_PHASE) == 0 || due_us <= 0 ||
		get_entry(e, instrument, entry, CLR_SCHEDULE_DONE) >= due_us)
		return false;
	if (time >= CLR_DAY_US)
		return time == due_us;
	return due_us % CLR_DAY_US == time &&
		on_weekday(get_entry(e, instrument, entry, CLR_SCHEDULE_WEEKDAYS), due_us);
}

/* An entry has changed, or was due: when is it due next? */
void
clr_schedule_arm(ClrEngine *e, uint64_t instrument, uint64_t entry)
{
	int64_t		time = get_entry(e, instrument, entry, CLR_SCHEDULE_TIME);
	int64_t		now = e->house.time_us < 0 ? 0 : e->house.time_us;

	if (time >= CLR_DAY_US)
	{
		if (time > now && clr_schedule_is_due(e, instrument, entry, time))
			clr_timer_add(e, CLR_TIMER_SCHEDULE, instrument, entry, time);
		return;
	}
	time += now - now % CLR_DAY_US;
	for (int i = 0; i < 8; i++, time += CLR_DAY_US)
		if (time > now && clr_schedule_is_due(e, instrument, entry, time))
		{
			clr_timer_add(e, CLR_TIMER_SCHEDULE, instrument, entry, time);
			return;
		}
}

void
clr_schedule_due(ClrEngine *e, ClrInstrument *in, uint64_t entry, int64_t due_us)
{
	uint64_t	id = in->v.instrument;
	uint8_t		phase = (uint8_t) get_entry(e, id, entry, CLR_SCHEDULE_PHASE);
	int64_t		duration = get_entry(e, id, entry, CLR_SCHEDULE_DURATION);
	ClrCall		call = {
		duration == 0 ? 0 : due_us + duration,
		get_entry(e, id, entry, CLR_SCHEDULE_RANDOM_END),
		get_entry(e, id, entry, CLR_SCHEDULE_SEED),
		(uint8_t) get_entry(e, id, entry, CLR_SCHEDULE_NEXT_PHASE)
	};

	clr_field_set(e, CLR_SCOPE_SCHEDULE, id, entry, CLR_SCHEDULE_DONE, due_us);
	if (in->v.phase == CLR_PHASE_EXPIRED || !clr_phase_possible(e, in, phase))
		return;
	clr_phase_enter(e, in, phase);
	clr_call_set(e, in, &call);
}

/*----------------------------------------------------------------
 * Outages
 *----------------------------------------------------------------
 */
/*
 * No block was written since `before`.  Who was in continuous trading and has
 * been away too long goes on with a call, before anything is matched.
 */
void
clr_reopen(ClrEngine *e, int64_t before, ClrEventBuffer *ev)
{
	for (uint32_t i = 1; i <= e->n_instruments && !e->oom; i++)
	{
		ClrInstrument *in = instrument_at(e, i);
		int64_t		after = in->rule[CLR_RULE_REOPEN_CALL_AFTER];
		ClrTimer	t = {before + after, i, 0, CLR_TIMER_OUTAGE};

		if (after == 0 || is_spread(in) || in->v.phase != CLR_PHASE_CONTINUOUS ||
			e->house.time_us - before <= after)
			continue;
		clr_timer_run(e, &t, ev);
	}
}
