/*
 * submit_batch.c
 *	  Batches: encoded orders, replaces and cancels, taken whole or not at all.
 *
 * Run by backends.  They become one command (command.h, BATCH).  Its reply has
 * an outcome for each order, or that of the batch alone if it was refused: the
 * rows of a refused batch are made here.
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(clr_submit_batch);

static void
clr_batch_error_context(void *arg)
{
	errcontext("order %d of the batch", *(int *) arg);
}

/* An element must be one command for an order of the account. */
static void
clr_check_batch_order(const uint8 *data, size_t len, uint32 account)
{
	ClrCommand	cmd;

	if (clr_command_decode(data, len, &cmd) != len || len == 0 ||
		cmd.type < CLR_CMD_NEW_ORDER || cmd.type > CLR_CMD_CANCEL_ORDER)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("an order of a batch must be one encoded order, replace or cancel"),
				 errhint("Use clearing.encode_order(), clearing.encode_replace() and clearing.encode_cancel().")));
	if (cmd.account != account)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("all orders of a batch must be of the batch's account")));
	if (cmd.ref.len == 0)
		clr_null_argument("cl_ord_id");
}

/* Puts the orders behind each other; bytes of them. */
static size_t
clr_gather_orders(ArrayType *array, const ClrCommand *batch, uint8 *out, int *n)
{
	ErrorContextCallback callback;
	Datum	   *elements;
	bool	   *nulls;
	size_t		used = 0;
	int			i = 1;

	deconstruct_array(array, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, n);
	if (*n < 1 || *n > CLR_BATCH_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a batch holds 1 to %d orders", CLR_BATCH_MAX)));
	callback.callback = clr_batch_error_context;
	callback.arg = &i;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (; i <= *n; i++)
	{
		ClrText		one;

		if (nulls[i - 1])
			clr_null_argument("an order");
		one = clr_text_of(elements[i - 1]);
		clr_check_batch_order(one.data, one.len, batch->account);
		if (used + one.len > CLR_LIST_MAX - 2 * CLR_COMMAND_HEADER - CLR_REF_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_INVALID_VALUE),
					 errmsg("a batch is too long"),
					 errdetail("Its orders have at most %d bytes.",
							   CLR_LIST_MAX - 2 * CLR_COMMAND_HEADER - CLR_REF_MAX)));
		memcpy(out + used, one.data, one.len);
		clr_command_submit(out + used, batch->submitter);
		used += one.len;
	}
	error_context_stack = callback.previous;
	return used;
}

/* What an order of a refused batch hears. */
static void
clr_refused_order(const ClrOutcome *batch, const ClrCommand *cmd, uint64 place,
				  ClrAnswer *answer)
{
	ClrOutcome *o = &answer->outcome;

	*o = *batch;
	o->type = cmd->type;
	o->ref = cmd->ref.data;
	o->ref_len = (uint8_t) cmd->ref.len;
	o->id = 0;
	answer->trades = NULL;
	answer->trades_len = 0;
	if (cmd->type == CLR_CMD_NEW_ORDER)
	{
		o->instrument = cmd->u.order.instrument;
		o->order_qty = cmd->u.order.qty;
	}
	/* refused before its orders were looked at: all of them for that reason */
	if (batch->id == 0 || batch->id == place)
		return;
	if (cmd->type != CLR_CMD_NEW_ORDER)
		o->instrument = 0;
	o->reason = CLR_R_NOT_APPLIED;
	o->needed = 0;
	o->available = 0;
	o->asset = 0;
}

static void
clr_put_row(ReturnSetInfo *rsinfo, ClrReporter *reporter, const ClrAnswer *answer)
{
	Datum		values[CLR_EXECUTION_COLUMNS];
	bool		nulls[CLR_EXECUTION_COLUMNS];

	clr_report_execution(reporter, answer, values, nulls);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static void
clr_put_refused(ReturnSetInfo *rsinfo, ClrReporter *reporter,
				const ClrOutcome *outcome, const ClrCommand *batch)
{
	const uint8 *p = batch->pairs.data;

	for (int i = 1; i <= batch->pairs.n; i++)
	{
		ClrCommand	cmd;
		ClrAnswer	answer;

		p += clr_command_decode(p, batch->pairs.data + batch->u.batch.bytes - p, &cmd);
		clr_refused_order(outcome, &cmd, i, &answer);
		clr_put_row(rsinfo, reporter, &answer);
	}
}

/* ClrReplyFunction: one row for each order; arg is the command. */
static Datum
clr_return_batch(FunctionCallInfo fcinfo, const ClrReply *reply, void *arg)
{
	const ClrCommand *batch = arg;
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClrReporter reporter;
	ClrReplyReader reader;
	ClrAnswer	answer;

	if (rsinfo->setDesc->natts != CLR_EXECUTION_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("the library and the SQL objects of pg_clearing differ in version"),
				 errhint("Restart the server, or ALTER EXTENSION pg_clearing UPDATE.")));
	clr_report_start(&reporter, reply, rsinfo->setDesc);
	reporter.trusted = true;
	clr_reply_start(&reader, reply);
	while (clr_reply_next(&reader, &answer))
	{
		if (answer.outcome.type != CLR_CMD_BATCH)
			clr_put_row(rsinfo, &reporter, &answer);
		else if (answer.outcome.reason != CLR_OK)
			clr_put_refused(rsinfo, &reporter, &answer.outcome, batch);
	}
	clr_report_end(&reporter);
	return (Datum) 0;
}

/* submit_batch(account, orders, request_id) */
Datum
clr_submit_batch(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	ClrRefBuffer ref;
	uint8	   *orders = palloc(CLR_LIST_MAX);
	uint8	   *buf = palloc(CLR_LIST_MAX);
	size_t		len;
	int			n;

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_BATCH;
	cmd.account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
								  &cmd.submitter)->id;
	if (PG_ARGISNULL(1))
		clr_null_argument("orders");
	cmd.u.batch.bytes = (uint16_t) clr_gather_orders(PG_GETARG_ARRAYTYPE_P(1),
													 &cmd, orders, &n);
	cmd.pairs.n = (uint8) n;
	cmd.pairs.data = orders;
	cmd.ref = clr_reference(PG_ARGISNULL(2), PG_GETARG_DATUM(2), ref);
	InitMaterializedSRF(fcinfo, 0);
	len = clr_encode(&cmd, buf);
	return clr_send_encoded(fcinfo, buf, len, 1, clr_return_batch, &cmd);
}
