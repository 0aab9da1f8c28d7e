/*
 * rules.c
 *	  What follows from the trading rules of an instrument.
 *
 * Run whenever a rule changed, also while a state is loaded.
 */
#include "engine/internal.h"

void
clr_rules_changed(ClrEngine *e, ClrInstrument *in)
{
	uint32_t	special = in->special & CLR_SPECIAL_MARKET_RESTS;

	(void) e;
	if (in->rule[CLR_RULE_ALLOCATION] != 'F')
		special |= CLR_SPECIAL_ALLOCATION;
	in->special = special;
}
