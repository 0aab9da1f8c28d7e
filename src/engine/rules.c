/*
 * rules.c
 *	  What follows from the trading rules of an instrument.
 *
 * Run whenever a rule changed, also while a state is loaded.
 */
#include "engine/internal.h"

/* A spread with implied matching, or a leg of one. */
static bool
implies_any(const ClrEngine *e, const ClrInstrument *in)
{
	for (uint32_t i = 0; i < in->n_spreads; i++)
		if (clr_implies(instrument_at(e, in->spreads[i])))
			return true;
	return is_spread(in) && clr_implies(in);
}

void
clr_rules_changed(ClrEngine *e, ClrInstrument *in)
{
	uint32_t	special = in->special & (CLR_SPECIAL_MARKET_RESTS | CLR_SPECIAL_BREAKER);

	if (implies_any(e, in))
		special |= CLR_SPECIAL_IMPLIED;
	if (in->n_spreads > 0)
		special |= CLR_SPECIAL_LEG;
	if (in->rule[CLR_RULE_REOPEN_CALL_AFTER] != 0)
		e->reopens = true;
	if (in->rule[CLR_RULE_DYNAMIC_RANGE] != 0 || in->rule[CLR_RULE_STATIC_RANGE] != 0 ||
		in->rule[CLR_RULE_EXTENDED_RANGE] != 0 || in->rule[CLR_RULE_PRICE_BAND] != 0 ||
		in->rule[CLR_RULE_LIMIT_UP] != 0 || in->rule[CLR_RULE_LIMIT_DOWN] != 0)
		special |= CLR_SPECIAL_CONTROLS;
	/* the legs of a spread must be asked, whether or not it implies */
	if (clr_protects(in) || in->rule[CLR_RULE_IN_FLIGHT_MITIGATION] == 0 || is_spread(in))
		special |= CLR_SPECIAL_RULES;
	if (in->rule[CLR_RULE_ALLOCATION] != 'F')
		special |= CLR_SPECIAL_ALLOCATION;
	in->special = special;
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		ClrInstrument *leg = instrument_at(e, in->legs[i].instrument);

		leg->special &= ~(uint32_t) CLR_SPECIAL_IMPLIED;
		leg->special |= CLR_SPECIAL_LEG;
		if (implies_any(e, leg))
			leg->special |= CLR_SPECIAL_IMPLIED;
	}
}
