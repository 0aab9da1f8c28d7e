/*
 * phase.c
 *	  Trading phases.
 *
 * An instrument may go from any phase to any other except EXPIRED, which only
 * EXPIRE sets and nothing leaves.
 *
 * From a call to CONTINUOUS, CLOSED or TRADE_AT_CLOSE there is an auction
 * inside the same command; from a call to anything else there is none, and
 * the orders stay as they are.  Entering CONTINUOUS from elsewhere with a
 * crossed book (orders collected before the open) uncrosses it as the rule
 * opening_uncross says.  Entering CLOSED expires DAY orders, oldest first.
 * A new session's statistics begin when CLOSED or PRE_OPEN is left.
 */
#include "engine/internal.h"

/* Does going from the instrument's phase to another take an auction? */
static bool
takes_auction(const ClrInstrument *in, uint8_t phase)
{
	if (is_spread(in))
		return false;
	if (phase == CLR_PHASE_CONTINUOUS)
		return clr_phase_is_call(in) ||
			(in->v.phase != CLR_PHASE_CONTINUOUS &&
			 (in->rule[CLR_RULE_OPENING_UNCROSS] == CLR_UNCROSS_AUCTION ||
			  in->market[0] != CLR_NONE || in->market[1] != CLR_NONE));
	return clr_phase_is_call(in) && in->v.phase != CLR_PHASE_PRE_OPEN &&
		(phase == CLR_PHASE_CLOSED || phase == CLR_PHASE_TRADE_AT_CLOSE);
}

/* Finds the price of the auction that the change takes; volume 0 if none. */
static bool
find_auction(ClrEngine *e, const ClrInstrument *in, uint8_t phase, ClrAuction *a)
{
	memset(a, 0, sizeof(*a));
	if (!takes_auction(in, phase))
		return true;
	if (!clr_auction_find(e, in, a))
	{
		e->oom = true;
		return false;
	}
	return true;
}

bool
clr_phase_possible(ClrEngine *e, const ClrInstrument *in, uint8_t phase)
{
	ClrAuction	a;

	if (is_spread(in) && (phase > CLR_PHASE_CLOSED ||
						  (phase == CLR_PHASE_CONTINUOUS && !clr_legs_are_open(e, in))))
		return false;
	if (!find_auction(e, in, phase, &a))
		return true;
	if (!clr_auction_in_range(e, in, &a))
		return false;
	if (clr_stops_join(in) && !clr_call_stops_in_range(e, in))
		return false;
	/* what an auction leaves crossed, see clr_phase_enter(), comes from this too */
	if (phase != CLR_PHASE_CONTINUOUS)
		return true;
	return clr_uncross_in_range(e, in);
}

static void
set_market(ClrEngine *e, const ClrInstrument *in, ClrMarketField field, int64_t value)
{
	clr_field_set(e, CLR_SCOPE_MARKET, in->v.instrument, 0, (uint16_t) field, value);
}

bool
clr_closing_price(const ClrEngine *e, const ClrInstrument *in, int64_t *price)
{
	*price = clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0,
						   CLR_MARKET_CLOSING_PRICE);
	return clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0,
						 CLR_MARKET_HAS_CLOSING_PRICE) != 0;
}

static void
hold_auction(ClrEngine *e, ClrInstrument *in, uint8_t call, const ClrAuction *a)
{
	if (a->volume > 0)
	{
		clr_auction_execute(e, in, a);
		set_market(e, in, CLR_MARKET_STATIC_REFERENCE, a->price);
		set_market(e, in, CLR_MARKET_HAS_STATIC_REFERENCE, 1);
		if (call == CLR_PHASE_CLOSING_CALL)
		{
			set_market(e, in, CLR_MARKET_CLOSING_PRICE, a->price);
			set_market(e, in, CLR_MARKET_HAS_CLOSING_PRICE, 1);
		}
	}
	clr_auction_leftover(e, in, a);
}

/* The day is over; its last price is tomorrow's static reference. */
static void
end_day(ClrEngine *e, const ClrInstrument *in)
{
	clr_end_orders(e, in, true, CLR_R_END_OF_DAY);
	if (in->v.has_last)
	{
		set_market(e, in, CLR_MARKET_STATIC_REFERENCE, in->v.last_price);
		set_market(e, in, CLR_MARKET_HAS_STATIC_REFERENCE, 1);
	}
	set_market(e, in, CLR_MARKET_CLOSING_PRICE, 0);
	set_market(e, in, CLR_MARKET_HAS_CLOSING_PRICE, 0);
	clr_breaker_end_day(e, in);
}

static void
begin_session(ClrInstrumentView *v)
{
	v->has_session = false;
	v->session_open = 0;
	v->session_high = 0;
	v->session_low = 0;
	v->session_volume = 0;
	v->session_value = 0;
}

void
clr_phase_enter(ClrEngine *e, ClrInstrument *in, uint8_t phase)
{
	uint8_t		from = in->v.phase;
	uint8_t		call = clr_call_for(e, in);
	bool		auction = takes_auction(in, phase);
	ClrCall		by_hand = {0};
	ClrAuction	a;

	if (auction && clr_stops_join(in))
		clr_call_stops(e, in);
	if (!find_auction(e, in, phase, &a))
		return;
	clr_call_set(e, in, &by_hand);
	if (phase != from && (from == CLR_PHASE_CLOSED || from == CLR_PHASE_PRE_OPEN))
		begin_session(&in->v);
	in->v.phase = phase;
	set_market(e, in, CLR_MARKET_HALT_CALL, 0);
	set_market(e, in, CLR_MARKET_CALL_FOR, phase == CLR_PHASE_VOLATILITY_CALL ? call : 0);
	clr_emit_instrument(e, in);
	if (auction)
		hold_auction(e, in, call, &a);
	clr_cross_only_follow(e, in, from, auction);
	/*
	 * In pairs.  After an auction limits can still cross if self-match
	 * prevention cancelled orders, or market orders that may go no further
	 * came before better limits.
	 */
	if (phase == CLR_PHASE_CONTINUOUS)
	{
		clr_uncross(e, in);
		clr_implied_resume(e, in);
		clr_trigger_look(e, in);
	}
	else if (phase == CLR_PHASE_CLOSED)
		end_day(e, in);
}

/* When and how the phase ends, as the command's fields say. */
static ClrReason
read_call(const ClrEngine *e, const ClrPairs *pairs, ClrCall *call)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint16_t	field = clr_pair_field(pairs, i, &value);
		const ClrFieldInfo *info = clr_field_info(CLR_SCOPE_SCHEDULE, field);

		if (info == NULL || (info->flags & CLR_FIELD_SETTABLE) == 0)
			return CLR_R_UNKNOWN_FIELD;
		if (value < info->min || value > info->max)
			return CLR_R_FIELD_VALUE;
		if (field == CLR_SCHEDULE_TIME)
			call->end_us = value;
		else if (field == CLR_SCHEDULE_DURATION)
			call->end_us = e->house.time_us + value;
		else if (field == CLR_SCHEDULE_RANDOM_END)
			call->random_us = value;
		else if (field == CLR_SCHEDULE_NEXT_PHASE)
			call->next = (uint8_t) value;
		else if (field == CLR_SCHEDULE_SEED)
			call->seed = value;
		else
			return CLR_R_UNKNOWN_FIELD;
	}
	if (call->next == CLR_PHASE_EXPIRED)
		return CLR_R_FIELD_VALUE;
	if (call->end_us == 0 ? pairs->n > 0 : call->end_us <= e->house.time_us)
		return CLR_R_FIELD_CONFLICT;
	return CLR_OK;
}

ClrReason
clr_do_set_phase(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = clr_find_instrument(e, cmd->u.phase.instrument, false);
	uint8_t		phase = cmd->u.phase.phase;
	ClrCall		call = {0};
	ClrInstrument *in;

	if (reason == CLR_OK)
		reason = read_call(e, &cmd->pairs, &call);
	if (reason != CLR_OK)
		return reason;
	if (phase < CLR_PHASE_PRE_OPEN || phase > CLR_PHASE_TRADE_AT_CLOSE ||
		phase == CLR_PHASE_EXPIRED)
		return CLR_R_PARAMETER_INVALID;
	in = instrument_at(e, cmd->u.phase.instrument);
	if (is_spread(in))
	{
		if (phase > CLR_PHASE_CLOSED)
			return CLR_R_NOT_FOR_SPREADS;
		if (phase == CLR_PHASE_CONTINUOUS && !clr_legs_are_open(e, in))
			return CLR_R_LEG_PHASE;
	}
	if (!clr_phase_possible(e, in, phase))
		return CLR_R_OVERFLOW;
	clr_phase_enter(e, in, phase);
	clr_call_set(e, in, &call);
	return CLR_OK;
}
