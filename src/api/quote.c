/*
 * quote.c
 *	  Mass quotes.
 *
 * Run by backends.  The quotes become one command, which is longer than others
 * may be (clr_command_longest()).
 */
#include "api/api.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(clr_mass_quote);

/* Columns of clearing.quote. */
enum
{
	QUOTE_SYMBOL,
	QUOTE_BID_PX,
	QUOTE_BID_QTY,
	QUOTE_ASK_PX,
	QUOTE_ASK_QTY,
	QUOTE_COLUMNS
};

static void
clr_quote_error_context(void *arg)
{
	errcontext("quote %d of the array", *(int *) arg);
}

/* One side: no quantity, or 0, pulls it. */
static void
clr_quote_side(const ClrObject *instrument, const Datum *values,
			   const bool *nulls, int px, const char *name, ClrQuote *q, int side)
{
	if (nulls[px + 1] && nulls[px])
		return;
	if (nulls[px + 1] || nulls[px])
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a side of a quote has a price and a quantity, or neither")));
	q->price[side] = clr_price_ticks(instrument, DatumGetNumeric(values[px]), name);
	q->qty[side] = clr_qty_lots(instrument, DatumGetNumeric(values[px + 1]), name);
}

static ClrQuote
clr_quote_of(TupleDesc desc, Datum element)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(element);
	HeapTupleData tuple;
	Datum		values[QUOTE_COLUMNS];
	bool		nulls[QUOTE_COLUMNS];
	const ClrObject *instrument;
	ClrQuote	q;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, values, nulls);
	if (nulls[QUOTE_SYMBOL])
		clr_null_argument("symbol");
	instrument = clr_require_object(CLR_OBJECT_INSTRUMENT,
									clr_text_of(values[QUOTE_SYMBOL]));
	memset(&q, 0, sizeof(q));
	q.instrument = instrument->id;
	clr_quote_side(instrument, values, nulls, QUOTE_BID_PX, "bid", &q, 0);
	clr_quote_side(instrument, values, nulls, QUOTE_ASK_PX, "ask", &q, 1);
	return q;
}

/* Puts the quotes of the array into pairs; their number. */
static int
clr_encode_quotes(ArrayType *array, uint8 *pairs)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(ARR_ELEMTYPE(array), -1);
	ErrorContextCallback callback;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			i = 1;

	if (desc->natts != QUOTE_COLUMNS)
		elog(ERROR, "clearing.quote has %d columns", desc->natts);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE,
					  &elements, &nulls, &n);
	if (n < 1 || n > CLR_QUOTES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a mass quote holds 1 to %d quotes", CLR_QUOTES_MAX)));
	callback.callback = clr_quote_error_context;
	callback.arg = &i;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (; i <= n; i++)
	{
		ClrQuote	q;

		if (nulls[i - 1])
			clr_null_argument("a quote");
		q = clr_quote_of(desc, elements[i - 1]);
		pairs = clr_put_quote(pairs, &q);
	}
	error_context_stack = callback.previous;
	ReleaseTupleDesc(desc);
	return n;
}

/* mass_quote(account, quotes, quote_set, request_id) */
Datum
clr_mass_quote(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	uint8	   *pairs = palloc(CLR_QUOTES_MAX * CLR_QUOTE_BYTES);

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_MASS_QUOTE;
	cmd.account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
								  &cmd.submitter)->id;
	if (PG_ARGISNULL(1))
		clr_null_argument("quotes");
	cmd.pairs.n = (uint8) clr_encode_quotes(PG_GETARG_ARRAYTYPE_P(1), pairs);
	cmd.pairs.data = pairs;
	if (PG_ARGISNULL(2) || PG_GETARG_INT64(2) < 1 ||
		PG_GETARG_INT64(2) > CLR_SMP_ID_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("quote_set must be between 1 and " INT64_FORMAT,
						(int64) CLR_SMP_ID_MAX)));
	cmd.u.quote.set = (uint32) PG_GETARG_INT64(2);
	return clr_send_request(fcinfo, &cmd, 3, clr_return_command);
}
