/*
 * breaker.c
 *	  clearing.set_circuit_breaker().
 *
 * Run by backends.
 */
#include "api/admin.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(clr_set_circuit_breaker);

static int64
clr_arg_span(FunctionCallInfo fcinfo, int n, const char *name)
{
	return PG_ARGISNULL(n) ? 0 : clr_interval_us(PG_GETARG_INTERVAL_P(n), name);
}

static int64
clr_arg_number(FunctionCallInfo fcinfo, int n, const char *name, int min, int max)
{
	int			number;

	if (PG_ARGISNULL(n))
		clr_null_argument(name);
	number = PG_GETARG_INT32(n);
	if (number < min || number > max)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s %d is out of range", name, number),
				 errdetail("It is a number from %d to %d.", min, max)));
	return number;
}

/*
 * Arguments: product_group, tier, percent, halt, call, direction, once_a_day,
 * lookback, request_id.  Tier 0 is what all tiers have in common.
 */
Datum
clr_set_circuit_breaker(PG_FUNCTION_ARGS)
{
	ClrFieldsCall call;
	int64		tier;

	clr_fields_begin(&call, "set_circuit_breaker", CLR_SCOPE_GROUP);
	call.cmd.u.fields.object =
		(uint64) clr_arg_number(fcinfo, 0, "product_group", 1, UINT16_MAX);
	tier = clr_arg_number(fcinfo, 1, "tier", 0, CLR_TIERS_MAX);
	call.cmd.u.fields.sub = (uint64) tier;
	if (tier == 0 ? !PG_ARGISNULL(2) : !PG_ARGISNULL(7))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("tier 0 has a lookback, the others have a percentage")));
	if (tier == 0)
		clr_fields_add(&call, CLR_GROUP_WINDOW, clr_arg_span(fcinfo, 7, "lookback"));
	else
	{
		const ClrFieldInfo *direction = clr_field_info(CLR_SCOPE_GROUP, CLR_GROUP_DIRECTION);

		clr_fields_add(&call, CLR_GROUP_PERCENT, PG_ARGISNULL(2) ? 0 :
					   clr_rate_millionths(PG_GETARG_NUMERIC(2), "percent"));
		clr_fields_add(&call, CLR_GROUP_HALT, clr_arg_span(fcinfo, 3, "halt"));
		clr_fields_add(&call, CLR_GROUP_CALL, clr_arg_span(fcinfo, 4, "call"));
		clr_fields_add(&call, CLR_GROUP_DIRECTION,
					   clr_field_value(direction, clr_arg_text(fcinfo, 5, "direction")));
		clr_fields_add(&call, CLR_GROUP_ONCE_A_DAY,
					   !PG_ARGISNULL(6) && PG_GETARG_BOOL(6));
	}
	return clr_fields_send(fcinfo, &call, 8);
}
