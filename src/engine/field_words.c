/*
 * field_words.c
 *	  Words for the values of fields whose unit is "code".
 *
 * What SQL accepts and shows instead of the number; the list of the fields is
 * in field_list.c.  Pure data.
 */
#include <string.h>

#include "engine/fields.h"

static const ClrFieldWord words[] = {
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, CLR_SMP_DEFAULT, "default"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, CLR_SMP_CANCEL_AGGRESSOR, "cancel_aggressor"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, CLR_SMP_CANCEL_RESTING, "cancel_resting"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_SELF_MATCH, CLR_SMP_CANCEL_BOTH, "cancel_both"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_STOP_ENTRY, CLR_STOP_ENTRY_TRIGGER, "trigger"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_STOP_ENTRY, CLR_STOP_ENTRY_REFUSE, "refuse"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_PEG_REFERENCE, CLR_PEG_REFERENCE_PARK, "park"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_PEG_REFERENCE, CLR_PEG_REFERENCE_CANCEL, "cancel"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_LINK, CLR_LINK_CANCEL_ON_FILL, "cancel_on_fill"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_LINK, CLR_LINK_CANCEL_ON_COMPLETE_FILL, "cancel_on_complete_fill"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_LINK, CLR_LINK_REDUCE, "reduce"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_OPENING_UNCROSS, CLR_UNCROSS_PAIRS, "pairs"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_OPENING_UNCROSS, CLR_UNCROSS_AUCTION, "auction"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_XETRA_R14, "xetra_r14"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_CLAMP, "clamp"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_CME_IOP, "cme_iop"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_HKEX, "hkex"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_VEGA_MID, "vega_mid"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_REFERENCE, CLR_AUCTION_XETRA_CA, "xetra_ca"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_FEES, CLR_AUCTION_FEES_BY_AGE, "by_age"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_FEES, CLR_AUCTION_FEES_TAKER, "taker"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_FEES, CLR_AUCTION_FEES_MAKER, "maker"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_FEES, CLR_AUCTION_FEES_HALF, "half"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_CANCEL, "cancel"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_REST, "rest"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_AUCTION_MARKET_ORDERS, CLR_LEFTOVER_LIMIT, "limit"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'F', "fifo"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'A', "allocation"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'C', "pro_rata"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'K', "configurable"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'O', "threshold_pro_rata"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'Q', "threshold_pro_rata_lmm"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'S', "fifo_top_lmm"},
	{CLR_SCOPE_INSTRUMENT, CLR_RULE_ALLOCATION, 'T', "fifo_lmm"},
};

const ClrFieldWord *
clr_field_words(unsigned i)
{
	return i < sizeof(words) / sizeof(words[0]) ? &words[i] : NULL;
}

const char *
clr_field_word(const ClrFieldInfo *field, int64_t value)
{
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].scope == field->scope && words[i].field == field->field &&
			words[i].value == value)
			return words[i].word;
	if (strcmp(field->unit, "flag") == 0 && (value == 0 || value == 1))
		return value == 0 ? "off" : "on";
	return NULL;
}
