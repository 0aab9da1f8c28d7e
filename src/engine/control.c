/*
 * control.c
 *	  Price controls: ranges that interrupt trading, limits and bands that
 *	  refuse orders.
 *
 * Ranges (Xetra).  Before each trade in continuous trading its price must lie
 * within the dynamic range around the last price from before the incoming
 * order, and within the static range around the price of the last auction, or
 * else the last settlement; the bounds are inside.  Otherwise there is no
 * trade and a volatility call begins; what is left of the incoming order takes
 * part in it, or is cancelled if it may not rest.  Where it would trade through
 * a spread, the same holds for the other legs (implied.c).
 *
 * Limits of the day lie around the settlement price, bands around the
 * indicative price in a call, otherwise the last price.
 */
#include "engine/internal.h"

static void
narrow(ClrRange *r, int64_t reference, int64_t room)
{
	if (room == 0)
		return;
	if (reference - room > r->low)
		r->low = reference - room;
	if (reference + room < r->high)
		r->high = reference + room;
}

/* As far as the instrument's own ranges go. */
static ClrRange
own_range(const ClrEngine *e, const ClrInstrument *in)
{
	ClrRange	r = {.low = INT64_MIN,.high = INT64_MAX};
	int64_t		reference;

	/* spreads have no calls */
	if ((in->special & CLR_SPECIAL_CONTROLS) == 0 || is_spread(in))
		return r;
	if (clr_reference_price(in, &reference))
		narrow(&r, reference, in->rule[CLR_RULE_DYNAMIC_RANGE]);
	if (clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0,
					  CLR_MARKET_HAS_STATIC_REFERENCE) != 0)
		narrow(&r, clr_field_get(e, CLR_SCOPE_MARKET, in->v.instrument, 0,
								 CLR_MARKET_STATIC_REFERENCE),
			   in->rule[CLR_RULE_STATIC_RANGE]);
	else if (in->v.has_settlement)
		narrow(&r, in->v.settlement, in->rule[CLR_RULE_STATIC_RANGE]);
	return r;
}

/* Where the next order may trade. */
ClrRange
clr_price_range(const ClrEngine *e, const ClrInstrument *in)
{
	ClrRange	r = own_range(e, in);

	if ((in->special & CLR_SPECIAL_BREAKER) != 0)
		clr_breaker_narrow(e, in, &r);
	return r;
}

/* Where anything may trade today. */
ClrRange
clr_daily_limits(const ClrInstrument *in)
{
	ClrRange	r = {.low = INT64_MIN,.high = INT64_MAX};

	if (!in->v.has_settlement)
		return r;
	if (in->rule[CLR_RULE_LIMIT_UP] != 0)
		r.high = in->v.settlement + in->rule[CLR_RULE_LIMIT_UP];
	if (in->rule[CLR_RULE_LIMIT_DOWN] != 0)
		r.low = in->v.settlement - in->rule[CLR_RULE_LIMIT_DOWN];
	return r;
}

/*
 * The next trade would be out of range: trading stops for a volatility call,
 * or the whole product group is halted.  Says which.
 */
ClrReason
clr_interrupt(ClrEngine *e, ClrInstrument *in, const ClrRange *r, int64_t price)
{
	if (clr_breaker_trip(e, in, r, price))
		return CLR_R_CIRCUIT_BREAKER;
	clr_call_start(e, in, CLR_PHASE_VOLATILITY_CALL, CLR_PHASE_CONTINUOUS, 0);
	return CLR_R_VOLATILITY;
}

/* May the call end with the price it has?  One without a price may. */
bool
clr_call_price_allowed(ClrEngine *e, const ClrInstrument *in, bool extended)
{
	ClrRange	r = {.low = INT64_MIN,.high = INT64_MAX};
	int64_t		reference;
	ClrAuction	a;

	if ((in->special & CLR_SPECIAL_CONTROLS) == 0)
		return true;
	if (!clr_auction_find(e, in, &a))
	{
		e->oom = true;
		return true;
	}
	if (!extended)
		r = own_range(e, in);
	else if (clr_reference_price(in, &reference))
		narrow(&r, reference, in->rule[CLR_RULE_EXTENDED_RANGE]);
	return a.volume == 0 || clr_in_range(r, a.price);
}

/* Price around which orders are accepted; false if there is none. */
static bool
band_reference(const ClrEngine *e, const ClrInstrument *in, int64_t *price)
{
	ClrAuction	a;

	if (clr_phase_is_call(in) && clr_auction_find(e, in, &a) && a.volume > 0)
	{
		*price = a.price;
		return true;
	}
	/* in trade_at_close there has been trading: the last price */
	if (in->v.phase != CLR_PHASE_CONTINUOUS && in->v.phase != CLR_PHASE_TRADE_AT_CLOSE &&
		in->v.has_settlement)
	{
		*price = in->v.settlement;
		return true;
	}
	return clr_reference_price(in, price);
}

/* May an order have this limit now?  One that may wait for it needs no band. */
ClrReason
clr_price_check(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
				uint8_t time_in_force, int64_t price)
{
	int64_t		band = in->rule[CLR_RULE_PRICE_BAND];
	int64_t		reference;

	if (!clr_in_range(clr_daily_limits(in), price))
		return in->rule[CLR_RULE_BEYOND_LIMITS] == CLR_BEYOND_KEEP &&
			(time_in_force == CLR_TIF_GTC || time_in_force == CLR_TIF_GTD) ?
			CLR_OK : CLR_R_PRICE_LIMIT;
	if (band != 0 && band_reference(e, in, &reference) &&
		(side == CLR_SIDE_BUY ? price > reference + band : price < reference - band))
		return CLR_R_PRICE_BAND;
	return CLR_OK;
}
