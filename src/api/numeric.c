/*
 * numeric.c
 *	  numeric <-> the engine's integers, exactly.
 *
 * Run by backends.  Nothing is ever rounded on the way in: a value that is
 * not a whole number of ticks, lots or minor units raises CH006 and names its
 * neighbours.  On the way out only an average price can be inexact.
 *
 * A numeric is read through its decimal text: exact by construction, no
 * dependence on the type's internals, and cheaper than a chain of numeric
 * functions.
 */
#include "api/api.h"

#include "common/int.h"
#include "utils/builtins.h"

/* Largest magnitude that is kept apart; anything beyond is out of range. */
#define CLR_DIGITS_MAX 36

/* magnitude / 10^exp <= |value|, with what was cut off noted in `more` */
typedef struct ClrFixed
{
	clr_int128	magnitude;
	bool		negative;
	bool		more;
} ClrFixed;

static char *
clr_numeric_text(Numeric value)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(value)));
}

/* False for NaN, infinity and numbers too large to matter. */
static bool
clr_parse_fixed(const char *text, int exp, ClrFixed *out)
{
	const char *p = text;
	int			digits = 0;
	int			decimals = 0;
	bool		fraction = false;

	out->magnitude = 0;
	out->more = false;
	out->negative = *p == '-';
	if (out->negative)
		p++;
	for (; *p != '\0'; p++)
	{
		if (*p == '.')
		{
			fraction = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			return false;
		if (fraction && decimals == exp)
		{
			if (*p != '0')
				out->more = true;
			continue;
		}
		if (fraction)
			decimals++;
		if ((digits > 0 || *p != '0') && ++digits > CLR_DIGITS_MAX)
			return false;
		out->magnitude = out->magnitude * 10 + (*p - '0');
	}
	for (; decimals < exp; decimals++)
	{
		if (digits > 0 && ++digits > CLR_DIGITS_MAX)
			return false;
		out->magnitude *= 10;
	}
	return true;
}

/* Numbers have up to 147455 digits; nobody wants to read them all. */
#define CLR_SHOWN_DIGITS 40
#define clr_dots(text) (strlen(text) > CLR_SHOWN_DIGITS ? "..." : "")

static void
clr_out_of_range(const char *text, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("%s %.*s%s is out of range", what, CLR_SHOWN_DIGITS, text,
					clr_dots(text)),
			 errhint("Send a finite number that fits into 18 digits.")));
}

/* step * n / 10^exp as text, for messages. */
static char *
clr_step_text(int64 n, int64 step, int exp)
{
	Datum		product;

	product = DirectFunctionCall2(numeric_mul,
								  NumericGetDatum(int64_to_numeric(n)),
								  NumericGetDatum(clr_numeric_scaled(step, exp)));
	return DatumGetCString(DirectFunctionCall1(numeric_out, product));
}

/*
 * How many steps of step / 10^exp make up the value, exactly.  what and unit
 * name the value and the step in messages.
 */
int64
clr_steps(Numeric value, int exp, int64 step, const char *what,
		  const char *unit)
{
	char	   *text = clr_numeric_text(value);
	ClrFixed	fixed;
	clr_int128	steps;
	bool		exact;

	Assert(step > 0);
	if (!clr_parse_fixed(text, exp, &fixed))
		clr_out_of_range(text, what);
	steps = fixed.magnitude / step;
	exact = !fixed.more && fixed.magnitude == steps * step;
	if (fixed.negative)
		steps = exact ? -steps : -steps - 1;
	if (steps < PG_INT64_MIN || steps > PG_INT64_MAX - 1)
		clr_out_of_range(text, what);
	if (!exact)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s %.*s%s is not a multiple of the %s %s", what,
						CLR_SHOWN_DIGITS, text, clr_dots(text), unit,
						clr_step_text(1, step, exp)),
				 errdetail("The nearest valid values are %s and %s.",
						   clr_step_text((int64) steps, step, exp),
						   clr_step_text((int64) steps + 1, step, exp)),
				 errhint("Round the value, or check which instrument or asset is meant.")));
	pfree(text);
	return (int64) steps;
}

int64
clr_price_ticks(const ClrObject *instrument, Numeric price, const char *what)
{
	return clr_steps(price, instrument->tick_exp, instrument->tick_size,
					 what, "tick size");
}

int64
clr_qty_lots(const ClrObject *instrument, Numeric qty, const char *what)
{
	return clr_steps(qty, instrument->lot_exp, instrument->lot_size,
					 what, "lot size");
}

int64
clr_amount_units(const ClrObject *asset, Numeric amount, const char *what)
{
	return clr_steps(amount, asset->scale, 1, what,
					 "smallest unit of the asset");
}

int64
clr_rate_millionths(Numeric rate, const char *what)
{
	return clr_steps(rate, 6, 1, what, "smallest rate");
}

int64
clr_decimal(Numeric value, const char *what, uint8 *exp)
{
	char	   *text = clr_numeric_text(value);
	ClrFixed	fixed;
	int			e = CLR_SCALE_MAX;

	if (!clr_parse_fixed(text, e, &fixed))
		clr_out_of_range(text, what);
	if (fixed.more)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s %.*s%s has too many decimal places", what,
						CLR_SHOWN_DIGITS, text, clr_dots(text)),
				 errdetail("At most %d are possible.", CLR_SCALE_MAX)));
	while (e > 0 && fixed.magnitude % 10 == 0)
	{
		fixed.magnitude /= 10;
		e--;
	}
	if (fixed.magnitude > PG_INT64_MAX)
		clr_out_of_range(text, what);
	pfree(text);
	*exp = (uint8) e;
	return fixed.negative ? -(int64) fixed.magnitude : (int64) fixed.magnitude;
}

Numeric
clr_numeric_scaled(int64 value, int exp)
{
	if (exp == 0)
		return int64_to_numeric(value);
	return int64_div_fast_to_numeric(value, exp);
}

/* n * mantissa / 10^exp */
static Numeric
clr_numeric_product(int64 n, int64 mantissa, int exp)
{
	int64		product;

	if (!pg_mul_s64_overflow(n, mantissa, &product))
		return clr_numeric_scaled(product, exp);
	return DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											   NumericGetDatum(int64_to_numeric(n)),
											   NumericGetDatum(clr_numeric_scaled(mantissa, exp))));
}

Numeric
clr_numeric_price(const ClrObject *instrument, int64 ticks)
{
	return clr_numeric_product(ticks, instrument->tick_size,
							   instrument->tick_exp);
}

Numeric
clr_numeric_qty(const ClrObject *instrument, int64 lots)
{
	return clr_numeric_product(lots, instrument->lot_size,
							   instrument->lot_exp);
}

/* cum_value is in ticks * lots; exact when the average is a whole tick. */
Numeric
clr_numeric_avg_px(const ClrObject *instrument, int64 cum_value, int64 cum_qty)
{
	Assert(cum_qty > 0);
	if (cum_value % cum_qty == 0)
		return clr_numeric_price(instrument, cum_value / cum_qty);
	return DatumGetNumeric(DirectFunctionCall2(numeric_div,
											   NumericGetDatum(clr_numeric_price(instrument, cum_value)),
											   NumericGetDatum(int64_to_numeric(cum_qty))));
}
