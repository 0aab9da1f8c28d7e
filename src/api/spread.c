/*
 * spread.c
 *	  create_spread() and set_market_maker().
 *
 * Run by backends of operators.
 */
#include "api/admin.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(clr_create_spread);
PG_FUNCTION_INFO_V1(clr_set_market_maker);

/* Elements of an array argument without nulls. */
static int
clr_arg_array(FunctionCallInfo fcinfo, int n, const char *name, Oid type,
			  int16 len, bool by_value, Datum **elements)
{
	int			count;

	if (PG_ARGISNULL(n) || array_contains_nulls(PG_GETARG_ARRAYTYPE_P(n)))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s must not be null or contain nulls", name)));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(n), type, len, by_value,
					  TYPALIGN_INT, elements, NULL, &count);
	return count;
}

static void
clr_spread_legs(FunctionCallInfo fcinfo, ClrCommand *cmd)
{
	Datum	   *legs;
	Datum	   *ratios;
	int			n = clr_arg_array(fcinfo, 1, "legs", TEXTOID, -1, false, &legs);

	if (clr_arg_array(fcinfo, 2, "ratios", INT4OID, 4, true, &ratios) != n ||
		n < 2 || n > CLR_LEGS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a spread has 2 to %d legs and as many ratios", CLR_LEGS_MAX),
				 errhint("For example legs => ARRAY['H7', 'M7'], ratios => ARRAY[1, -1].")));
	cmd->u.spread.n_legs = (uint8) n;
	for (int i = 0; i < n; i++)
	{
		text	   *symbol = DatumGetTextPP(legs[i]);
		ClrText		name = {(const uint8_t *) VARDATA_ANY(symbol),
		VARSIZE_ANY_EXHDR(symbol)};

		cmd->u.spread.leg[i] = clr_require_object(CLR_OBJECT_INSTRUMENT, name)->id;
		cmd->u.spread.ratio[i] = DatumGetInt32(ratios[i]);
	}
}

/* create_spread(symbol, legs, ratios, tick_size, replace_priority, phase, request_id) */
Datum
clr_create_spread(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_CREATE_SPREAD, "create_spread");
	call.cmd.text = clr_arg_text(fcinfo, 0, "symbol");
	clr_spread_legs(fcinfo, &call.cmd);
	call.cmd.u.spread.tick_size =
		clr_arg_step(fcinfo, 3, "tick_size", &call.cmd.u.spread.tick_exp);
	call.cmd.u.spread.replace_priority =
		clr_arg_keyword(fcinfo, 4, "replace_priority", CLR_WORDS_REPLACE_PRIORITY);
	call.cmd.u.spread.phase =
		clr_arg_keyword(fcinfo, 5, "phase", CLR_WORDS_PHASE);
	clr_admin_reference(fcinfo, 6, &call);
	return clr_admin_create(fcinfo, &call);
}

/* set_market_maker(symbol, account, share, request_id) */
Datum
clr_set_market_maker(PG_FUNCTION_ARGS)
{
	ClrFieldsCall call;

	clr_fields_begin(&call, "set_market_maker", CLR_SCOPE_MAKER);
	call.cmd.u.fields.object =
		clr_arg_object(fcinfo, 0, "symbol", CLR_OBJECT_INSTRUMENT)->id;
	call.cmd.u.fields.sub =
		clr_arg_object(fcinfo, 1, "account", CLR_OBJECT_ACCOUNT)->id;
	clr_fields_add(&call, CLR_MAKER_SHARE,
				   clr_rate_millionths(clr_arg_numeric(fcinfo, 2, "share"), "share"));
	return clr_fields_send(fcinfo, &call, 3);
}
