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
