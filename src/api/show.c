/*
 * show.c
 *	  How views show what the tables of the read model hold: exact numbers,
 *	  times and words.
 *
 * Run by backends, in every query on a view.  Pure functions of their
 * arguments; no locks, no tables.
 */
#include "api/api.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "journal/times.h"

PG_FUNCTION_INFO_V1(clr_show_scaled);
PG_FUNCTION_INFO_V1(clr_show_product);
PG_FUNCTION_INFO_V1(clr_show_average);
PG_FUNCTION_INFO_V1(clr_show_time);
PG_FUNCTION_INFO_V1(clr_show_reason);
PG_FUNCTION_INFO_V1(clr_show_restatement);
PG_FUNCTION_INFO_V1(clr_show_refusal_amount);
PG_FUNCTION_INFO_V1(clr_show_command);
PG_FUNCTION_INFO_V1(clr_show_ord_status);
PG_FUNCTION_INFO_V1(clr_show_exec_type);
PG_FUNCTION_INFO_V1(clr_show_ord_type);
PG_FUNCTION_INFO_V1(clr_show_time_in_force);

/* n * mantissa / 10^exp, with exp decimal places */
static Numeric
product(int64 n, int64 mantissa, int exp)
{
	ClrObject	instrument = {.tick_size = mantissa, .tick_exp = (uint8) exp};

	return clr_numeric_price(&instrument, n);
}

static int
checked_exp(int exp)
{
	if (exp < 0 || exp > CLR_SCALE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of decimal places %d is out of range", exp),
				 errdetail("It may be 0 to %d.", CLR_SCALE_MAX)));
	return exp;
}

/* scaled(value bigint, exp integer): value / 10^exp */
Datum
clr_show_scaled(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(clr_numeric_scaled(PG_GETARG_INT64(0),
										 checked_exp(PG_GETARG_INT32(1))));
}

/* product(n bigint, mantissa bigint, exp integer): n * mantissa / 10^exp */
Datum
clr_show_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(product(PG_GETARG_INT64(0), PG_GETARG_INT64(1),
							  checked_exp(PG_GETARG_INT32(2))));
}

/*
 * average(value bigint, n bigint, mantissa bigint, exp integer):
 * value / n * mantissa / 10^exp; null if n is 0
 */
Datum
clr_show_average(PG_FUNCTION_ARGS)
{
	int64		n = PG_GETARG_INT64(1);
	ClrObject	instrument = {0};

	if (n == 0)
		PG_RETURN_NULL();
	instrument.tick_size = PG_GETARG_INT64(2);
	instrument.tick_exp = (uint8) checked_exp(PG_GETARG_INT32(3));
	if (n < 0)
		PG_RETURN_NUMERIC(clr_numeric_avg_px(&instrument, -PG_GETARG_INT64(0), -n));
	PG_RETURN_NUMERIC(clr_numeric_avg_px(&instrument, PG_GETARG_INT64(0), n));
}

/* time_of(us bigint): microseconds since 1970; -infinity if that is too early to be shown */
Datum
clr_show_time(PG_FUNCTION_ARGS)
{
	int64		us = PG_GETARG_INT64(0);

	if (us < clr_time_from_pg(MIN_TIMESTAMP))
		PG_RETURN_TIMESTAMPTZ(DT_NOBEGIN);
	PG_RETURN_TIMESTAMPTZ(clr_time_to_pg(us));
}

static Datum
word(FunctionCallInfo fcinfo, const char *chars)
{
	if (chars == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(chars));
}

/* reason_word(code smallint): null for 0 */
Datum
clr_show_reason(PG_FUNCTION_ARGS)
{
	int			reason = PG_GETARG_INT16(0);

	return word(fcinfo, reason == CLR_OK ? NULL : clr_reason_name(reason));
}

Datum
clr_show_restatement(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_restatement_name(PG_GETARG_INT16(0)));
}

/*
 * refusal_amount(reason smallint, value bigint, scale smallint, tick_size
 * bigint, tick_exp smallint, lot_size bigint, lot_exp smallint): value null is
 * 0; the others are null if there is no asset or no instrument
 */
Datum
clr_show_refusal_amount(PG_FUNCTION_ARGS)
{
	int64		value = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	int			first = 0;		/* of the pair that tells the step */

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(2))
		PG_RETURN_NUMERIC(clr_numeric_scaled(value, checked_exp(PG_GETARG_INT16(2))));
	switch (clr_limit_unit((uint16) PG_GETARG_INT16(0)))
	{
		case CLR_UNIT_NONE:
			PG_RETURN_NULL();
		case CLR_UNIT_NUMBER:
			PG_RETURN_NUMERIC(clr_numeric_scaled(value, 0));
		case CLR_UNIT_TICKS:
			first = 3;
			break;
		case CLR_UNIT_LOTS:
			first = 5;
			break;
	}
	if (PG_ARGISNULL(first) || PG_ARGISNULL(first + 1))
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(product(value, PG_GETARG_INT64(first),
							  checked_exp(PG_GETARG_INT16(first + 1))));
}

Datum
clr_show_command(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_command_name(PG_GETARG_INT16(0)));
}

Datum
clr_show_ord_status(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_ord_status_word((uint8) PG_GETARG_INT16(0)));
}

Datum
clr_show_exec_type(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_exec_type_word((uint8) PG_GETARG_INT16(0)));
}

Datum
clr_show_ord_type(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_word_of(CLR_WORDS_ORD_TYPE, (uint8) PG_GETARG_INT16(0)));
}

Datum
clr_show_time_in_force(PG_FUNCTION_ARGS)
{
	return word(fcinfo, clr_word_of(CLR_WORDS_TIME_IN_FORCE, (uint8) PG_GETARG_INT16(0)));
}
