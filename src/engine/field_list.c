/*
 * field_list.c
 *	  The list of all fields: names, ranges, defaults, meaning, source.
 *
 * What clearing.trading_rules and its like show comes from here.  Pure data.
 */
#include "engine/fields.h"

#define SETTABLE CLR_FIELD_SETTABLE

static const ClrFieldInfo fields[] = {
	/* orders: instrument 1..9 */
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, SETTABLE, "self_match_prevention",
		0, 3, 0, "code",
		"what happens between orders that must not trade with each other, if the aggressor says nothing: 1 cancel the aggressor, 2 (or 0) cancel the resting order, 3 cancel both",
	"FIX 2964; CME Globex: cancel resting is the default"},

	/* allocation: instrument 10..19 */

	/* auctions, phases, price controls: instrument 20..39 */

	/* market data and outages: instrument 40..49 */

	/* spreads: instrument 50..59 */

	/* accounts and members */

	/* groups */

	/* schedules */

	/* lead market makers */

	/* sessions */

	/* legs */

	/* trades */

	/* state of a market */

	{0}							/* end */
};

const ClrFieldInfo *
clr_field_catalog(unsigned i)
{
	return i + 1 < sizeof(fields) / sizeof(fields[0]) ? &fields[i] : NULL;
}

const ClrFieldInfo *
clr_field_info(uint8_t scope, uint16_t field)
{
	for (const ClrFieldInfo *f = fields; f->scope != 0; f++)
		if (f->scope == scope && f->field == field)
			return f;
	return NULL;
}
