/*
 * batch.c
 *	  Many orders in one call.
 *
 * Run by backends.  All or none are sent, in one request, which enters one
 * block; each order is then accepted or refused by itself.  What does not
 * depend on the order is done once: the shapes of the rows, the names (an
 * order usually names what the order before named), the access check.
 */
#include "api/api.h"

#include "access/htup_details.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(clr_submit_orders);

static void
clr_order_error_context(void *arg)
{
	errcontext("order %d of the array", *(int *) arg);
}

static void
clr_deform_order(TupleDesc desc, Datum element, Datum *args, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(element);
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, desc, args, nulls);
}

/* Spreads the column attributes over the arguments; how many there are. */
static int
clr_deform_attributes(Datum *args, bool *nulls)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(args[0]);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));
	int			n = desc->natts;

	if (n != CLR_ATTRIBUTE_ARGS + CLR_INSTRUCTION_ARGS)
		elog(ERROR, "clearing.order_attributes has %d columns", n);
	clr_deform_order(desc, HeapTupleHeaderGetDatum(header), args, nulls);
	ReleaseTupleDesc(desc);
	return n;
}

/* Appends the encoded orders to commands. */
static void
clr_encode_orders(Oid type, const Datum *elements, const bool *is_null, int n,
				  StringInfo commands)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_clearing order",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext context = MemoryContextSwitchTo(scratch);
	ClrOrderMemo memo = {0};
	ErrorContextCallback callback;
	int			i = 1;

	if (desc->natts != CLR_ORDER_ARGS + 1)
		elog(ERROR, "clearing.new_order has %d columns", desc->natts);
	callback.callback = clr_order_error_context;
	callback.arg = &i;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (; i <= n; i++)
	{
		Datum		args[CLR_ALL_ORDER_ARGS];
		bool		nulls[CLR_ALL_ORDER_ARGS];
		ClrCommand	cmd;
		ClrOrderRoom room;
		int			n_args = CLR_ORDER_ARGS;

		if (is_null[i - 1])
			clr_null_argument("an order");
		clr_deform_order(desc, elements[i - 1], args, nulls);
		if (!nulls[CLR_ARG_ATTRIBUTES])
			n_args += clr_deform_attributes(args + CLR_ARG_ATTRIBUTES,
											nulls + CLR_ARG_ATTRIBUTES);
		clr_build_order(args, nulls, n_args, &memo, &cmd, &room);
		enlargeStringInfo(commands, CLR_COMMAND_MAX);
		commands->len += clr_encode(&cmd, (uint8 *) commands->data + commands->len);
		MemoryContextReset(scratch);
	}
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(context);
	MemoryContextDelete(scratch);
	ReleaseTupleDesc(desc);
}

/* One row per answer into the tuplestore of the call. */
static void
clr_put_executions(FunctionCallInfo fcinfo, const ClrReply *reply, bool trusted)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "pg_clearing report",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext context = MemoryContextSwitchTo(scratch);
	ClrReporter reporter;
	ClrReplyReader reader;
	ClrAnswer	answer;

	clr_report_start(&reporter, reply, rsinfo->setDesc);
	reporter.trusted = trusted;
	clr_reply_start(&reader, reply);
	while (clr_reply_next(&reader, &answer))
	{
		Datum		values[CLR_EXECUTION_COLUMNS];
		bool		nulls[CLR_EXECUTION_COLUMNS];

		clr_report_execution(&reporter, &answer, values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		MemoryContextReset(scratch);
	}
	clr_report_end(&reporter);
	MemoryContextSwitchTo(context);
	MemoryContextDelete(scratch);
}

void
clr_return_executions(FunctionCallInfo fcinfo, const ClrReply *reply,
					  bool trusted)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	if (rsinfo->setDesc->natts != CLR_EXECUTION_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("the library and the SQL objects of pg_clearing differ in version"),
				 errhint("Restart the server, or ALTER EXTENSION pg_clearing UPDATE.")));
	clr_put_executions(fcinfo, reply, trusted);
}

/* ClrReplyFunction */
static Datum
clr_return_orders(FunctionCallInfo fcinfo, const ClrReply *reply, void *arg)
{
	clr_return_executions(fcinfo, reply, true);
	return (Datum) 0;
}

Datum
clr_submit_orders(PG_FUNCTION_ARGS)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	StringInfoData commands;

	clr_call_begin(false);
	if (PG_ARGISNULL(0))
		clr_null_argument("orders");
	InitMaterializedSRF(fcinfo, 0);
	array = PG_GETARG_ARRAYTYPE_P(0);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE,
					  &elements, &nulls, &n);
	if (n == 0)
		return (Datum) 0;
	initStringInfo(&commands);
	clr_encode_orders(ARR_ELEMTYPE(array), elements, nulls, n, &commands);
	return clr_send_encoded(fcinfo, (uint8 *) commands.data, commands.len, n,
							clr_return_orders, NULL);
}
