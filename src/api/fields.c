/*
 * fields.c
 *	  Fields as SQL sees them: the list of them, and setting some.
 *
 * Run by backends.  Trading rules, limits, schedules and the like are fields
 * (engine/fields.h); whoever sets them names them by a word and gives their
 * value as a word or a whole number.
 */
#include "api/api.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(clr_field_catalog_rows);
PG_FUNCTION_INFO_V1(clr_show_field);
PG_FUNCTION_INFO_V1(clr_set_trading_rule);

/*----------------------------------------------------------------
 * Setting
 *----------------------------------------------------------------
 */
void
clr_fields_begin(ClrFieldsCall *call, const char *function, ClrScope scope)
{
	clr_call_begin(false);
	clr_require_operator(function);
	memset(call, 0, sizeof(*call));
	call->cmd.type = CLR_CMD_SET_FIELDS;
	call->cmd.u.fields.scope = scope;
}

void
clr_fields_add(ClrFieldsCall *call, uint16 field, int64 value)
{
	int			at = call->n;

	if (call->n == CLR_FIELDS_MAX)
		elog(ERROR, "too many fields for one command");
	for (; at > 0 && call->field[at - 1] > field; at--)
	{
		call->field[at] = call->field[at - 1];
		call->value[at] = call->value[at - 1];
	}
	if (at > 0 && call->field[at - 1] == field)
		elog(ERROR, "field %u is given twice", field);
	call->field[at] = field;
	call->value[at] = value;
	call->n++;
}

Datum
clr_fields_send(FunctionCallInfo fcinfo, ClrFieldsCall *call, int request_arg)
{
	uint8		pairs[CLR_FIELDS_MAX * CLR_FIELD_BYTES];
	uint8	   *end = pairs;

	for (int i = 0; i < call->n; i++)
		end = clr_put_field(end, call->field[i], call->value[i]);
	call->cmd.pairs.data = pairs;
	call->cmd.pairs.n = (uint8) call->n;
	return clr_send_request(fcinfo, &call->cmd, request_arg, clr_return_command);
}

static bool
clr_says(ClrText text, const char *word)
{
	return strlen(word) == text.len && memcmp(word, text.data, text.len) == 0;
}

const ClrFieldInfo *
clr_field_named(ClrScope scope, ClrText name, const char *what)
{
	StringInfoData names;
	const ClrFieldInfo *info;

	initStringInfo(&names);
	for (unsigned i = 0; (info = clr_field_catalog(i)) != NULL; i++)
	{
		if (info->scope != scope || (info->flags & CLR_FIELD_SETTABLE) == 0)
			continue;
		if (clr_says(name, info->name))
			return info;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", info->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("there is no %s \"%.*s\"", what, clr_clip(name, 40),
					(const char *) name.data),
			 errhint("There are: %s.", names.data)));
}

static void pg_attribute_noreturn()
clr_bad_value(const ClrFieldInfo *field, ClrText value)
{
	StringInfoData words;
	const ClrFieldWord *word;

	initStringInfo(&words);
	for (unsigned i = 0; (word = clr_field_words(i)) != NULL; i++)
		if (word->scope == field->scope && word->field == field->field)
			appendStringInfo(&words, "%s%s", words.len > 0 ? ", " : "", word->word);
	if (strcmp(field->unit, "flag") == 0)
		appendStringInfoString(&words, "on, off");
	if (words.len == 0)
		appendStringInfo(&words, INT64_FORMAT " to " INT64_FORMAT " %s",
						 field->min, field->max, field->unit);
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("%s cannot be \"%.*s\"", field->name, clr_clip(value, 40),
					(const char *) value.data),
			 errhint("Valid values are: %s.", words.data)));
}

/* A whole number of at most 18 digits; false if the text is none. */
static bool
clr_whole_number(ClrText text, int64 *value)
{
	size_t		i = text.len > 0 && text.data[0] == '-' ? 1 : 0;
	bool		negative = i == 1;

	*value = 0;
	if (i == text.len || text.len - i > 18)
		return false;
	for (; i < text.len; i++)
	{
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*value = *value * 10 + (text.data[i] - '0');
	}
	if (negative)
		*value = -*value;
	return true;
}

int64
clr_field_value(const ClrFieldInfo *field, ClrText value)
{
	const ClrFieldWord *word;
	int64		number;

	for (unsigned i = 0; (word = clr_field_words(i)) != NULL; i++)
		if (word->scope == field->scope && word->field == field->field &&
			clr_says(value, word->word))
			return word->value;
	if (strcmp(field->unit, "flag") == 0 && clr_says(value, "on"))
		return 1;
	if (strcmp(field->unit, "flag") == 0 && clr_says(value, "off"))
		return 0;
	if (!clr_whole_number(value, &number) ||
		number < field->min || number > field->max)
		clr_bad_value(field, value);
	return number;
}

/* set_trading_rule(symbol, rule, value, request_id) */
Datum
clr_set_trading_rule(PG_FUNCTION_ARGS)
{
	ClrFieldsCall call;
	const ClrFieldInfo *rule;

	clr_fields_begin(&call, "set_trading_rule", CLR_SCOPE_INSTRUMENT);
	call.cmd.u.fields.object =
		clr_require_object(CLR_OBJECT_INSTRUMENT,
						   clr_arg_text(fcinfo, 0, "symbol"))->id;
	rule = clr_field_named(CLR_SCOPE_INSTRUMENT, clr_arg_text(fcinfo, 1, "rule"),
						   "trading rule");
	clr_fields_add(&call, rule->field,
				   clr_field_value(rule, clr_arg_text(fcinfo, 2, "value")));
	return clr_fields_send(fcinfo, &call, 3);
}

/*----------------------------------------------------------------
 * Showing
 *----------------------------------------------------------------
 */
/* A value in words if it has one. */
static text *
clr_field_text(const ClrFieldInfo *field, int64 value)
{
	const char *word = clr_field_word(field, value);

	return cstring_to_text(word != NULL ? word : psprintf(INT64_FORMAT, value));
}

/* field_value(scope smallint, field smallint, value bigint): null if there is no such field */
Datum
clr_show_field(PG_FUNCTION_ARGS)
{
	const ClrFieldInfo *info = clr_field_info((uint8) PG_GETARG_INT16(0),
											  (uint16) PG_GETARG_INT16(1));

	if (info == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(clr_field_text(info, PG_GETARG_INT64(2)));
}

/* field_catalog(): all fields there are */
Datum
clr_field_catalog_rows(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const ClrFieldInfo *info;

	InitMaterializedSRF(fcinfo, 0);
	for (unsigned i = 0; (info = clr_field_catalog(i)) != NULL; i++)
	{
		Datum		values[10] = {0};
		bool		nulls[10] = {false};

		values[0] = Int16GetDatum(info->scope);
		values[1] = Int16GetDatum((int16) info->field);
		values[2] = CStringGetTextDatum(info->name);
		values[3] = BoolGetDatum((info->flags & CLR_FIELD_SETTABLE) != 0);
		values[4] = Int64GetDatum(info->min);
		values[5] = Int64GetDatum(info->max);
		values[6] = Int64GetDatum(info->initial);
		values[7] = CStringGetTextDatum(info->unit);
		values[8] = CStringGetTextDatum(info->text);
		values[9] = CStringGetTextDatum(info->source);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
