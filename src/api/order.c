/*
 * order.c
 *	  Orders, replaces and cancels, one at a time: sent, or encoded only.
 *
 * Run by backends.  clr_send_order() is the hot path: with its names cached
 * it runs no query and looks at no catalog but roles in the syscache.
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "worker/shmem.h"

PG_FUNCTION_INFO_V1(clr_submit_order);
PG_FUNCTION_INFO_V1(clr_replace_order);
PG_FUNCTION_INFO_V1(clr_cancel_order);
PG_FUNCTION_INFO_V1(clr_encode_order);
PG_FUNCTION_INFO_V1(clr_encode_replace);
PG_FUNCTION_INFO_V1(clr_encode_cancel);

static ClrText
clr_required(const Datum *args, const bool *nulls, int n, const char *name)
{
	if (nulls[n])
		clr_null_argument(name);
	return clr_text_of(args[n]);
}

static uint8
clr_optional_word(const Datum *args, const bool *nulls, int n,
				  ClrVocabulary vocabulary, uint8 otherwise)
{
	return nulls[n] ? otherwise : clr_keyword(vocabulary, clr_text_of(args[n]));
}

/* What an order is if it does not say so: what its arguments are for. */
static uint8
clr_default_ord_type(const bool *nulls, int n_args)
{
	bool		priced = !nulls[CLR_ARG_PRICE];

	if (n_args > CLR_ORDER_ARGS)
	{
		const bool *none = nulls + CLR_ARG_ATTRIBUTES;

		if (!none[CLR_ARG_STOP_PX] || !none[CLR_ARG_TRAIL_OFFSET])
			return priced ? CLR_ORD_STOP_LIMIT : CLR_ORD_STOP;
		if (!none[CLR_ARG_PEG_TYPE])
			return CLR_ORD_PEGGED;
	}
	return priced ? CLR_ORD_LIMIT : CLR_ORD_MARKET;
}

static uint8
clr_default_time_in_force(const bool *nulls, int n_args, uint8 ord_type)
{
	if (ord_type == CLR_ORD_MARKET)
		return CLR_TIF_IOC;
	if (n_args > CLR_ORDER_ARGS &&
		!nulls[CLR_ARG_ATTRIBUTES + CLR_ARG_EXPIRE_TIME])
		return CLR_TIF_GTD;
	return CLR_TIF_DAY;
}

/* Price of an order of some type, 0 if it has none. */
static int64
clr_build_price(bool isnull, Datum price, const ClrObject *instrument,
				uint8 ord_type)
{
	if (isnull)
	{
		if (ord_type == CLR_ORD_LIMIT || ord_type == CLR_ORD_STOP_LIMIT)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_INVALID_VALUE),
					 errmsg("a %s order needs a price",
							ord_type == CLR_ORD_LIMIT ? "limit" : "stop_limit")));
		return 0;
	}
	if (ord_type == CLR_ORD_MARKET)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a market order cannot have a price"),
				 errhint("Leave out the price, or use ord_type limit with time_in_force ioc.")));
	if (ord_type == CLR_ORD_STOP || ord_type == CLR_ORD_MARKET_TO_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a %s order cannot have a price",
						ord_type == CLR_ORD_STOP ? "stop" : "market_to_limit")));
	return clr_price_ticks(instrument, DatumGetNumeric(price), "price");
}

static bool
clr_is_named(const ClrObject *object, ClrText name)
{
	return object != NULL && object->key.len == name.len &&
		memcmp(object->key.name, name.data, name.len) == 0;
}

/* Account and instrument; orders in a row often have the same. */
static void
clr_resolve_names(const Datum *args, const bool *nulls, ClrOrderMemo *memo)
{
	ClrText		account = clr_required(args, nulls, CLR_ARG_ACCOUNT, "account");
	ClrText		symbol = clr_required(args, nulls, CLR_ARG_SYMBOL, "symbol");

	if (!clr_is_named(memo->account, account))
		memo->account = clr_own_account(account, &memo->submitter);
	if (!clr_is_named(memo->instrument, symbol))
		memo->instrument = clr_require_object(CLR_OBJECT_INSTRUMENT, symbol);
}

void
clr_build_order(const Datum *args, const bool *nulls, int n_args,
				ClrOrderMemo *memo, ClrCommand *cmd, ClrOrderRoom *room)
{
	const ClrObject *instrument;
	uint8		ord_type;

	memset(cmd, 0, sizeof(*cmd));
	cmd->type = CLR_CMD_NEW_ORDER;
	clr_resolve_names(args, nulls, memo);
	instrument = memo->instrument;
	cmd->submitter = memo->submitter;
	cmd->account = memo->account->id;
	cmd->u.order.instrument = instrument->id;
	cmd->u.order.side =
		clr_keyword(CLR_WORDS_SIDE,
					clr_required(args, nulls, CLR_ARG_SIDE, "side"));
	if (nulls[CLR_ARG_ORDER_QTY])
		clr_null_argument("order_qty");
	cmd->u.order.qty = clr_qty_lots(instrument,
									DatumGetNumeric(args[CLR_ARG_ORDER_QTY]),
									"order_qty");
	ord_type = clr_optional_word(args, nulls, CLR_ARG_ORD_TYPE, CLR_WORDS_ORD_TYPE,
								 clr_default_ord_type(nulls, n_args));
	cmd->u.order.ord_type = ord_type;
	cmd->u.order.price = clr_build_price(nulls[CLR_ARG_PRICE], args[CLR_ARG_PRICE],
										 instrument, ord_type);
	cmd->u.order.time_in_force =
		clr_optional_word(args, nulls, CLR_ARG_TIME_IN_FORCE, CLR_WORDS_TIME_IN_FORCE,
						  clr_default_time_in_force(nulls, n_args, ord_type));
	if (!nulls[CLR_ARG_POST_ONLY] && DatumGetBool(args[CLR_ARG_POST_ONLY]))
		cmd->u.order.exec_inst = CLR_EXEC_POST_ONLY;
	cmd->u.order.self_match =
		clr_optional_word(args, nulls, CLR_ARG_SELF_MATCH, CLR_WORDS_SELF_MATCH,
						  CLR_SMP_DEFAULT);
	cmd->ref = clr_reference(nulls[CLR_ARG_CL_ORD_ID], args[CLR_ARG_CL_ORD_ID],
							 room->ref);
	if (n_args > CLR_ORDER_ARGS)
	{
		clr_build_attributes(args + CLR_ARG_ATTRIBUTES, nulls + CLR_ARG_ATTRIBUTES,
							 (Datum) 0, instrument, cmd, room);
		cmd->u.order.exec_inst |= clr_instructions(args + CLR_ARG_ATTRIBUTES,
												   nulls + CLR_ARG_ATTRIBUTES);
		/* a mode by name says more than post_only does */
		if ((cmd->u.order.exec_inst & (CLR_EXEC_POST_ONLY_CANCEL |
									   CLR_EXEC_POST_ONLY_REPRICE)) != 0)
			cmd->u.order.exec_inst &= ~CLR_EXEC_POST_ONLY;
	}
}

/* The arguments from first on, as arrays. */
static void
clr_copy_args(FunctionCallInfo fcinfo, int first, int n, Datum *args, bool *nulls)
{
	for (int i = 0; i < n; i++)
	{
		args[i] = fcinfo->args[first + i].value;
		nulls[i] = fcinfo->args[first + i].isnull;
	}
}

static void
clr_order_of_call(FunctionCallInfo fcinfo, ClrCommand *cmd, ClrOrderRoom *room)
{
	Datum		args[CLR_ALL_ORDER_ARGS];
	bool		nulls[CLR_ALL_ORDER_ARGS];
	ClrOrderMemo memo = {0};

	clr_copy_args(fcinfo, 0, PG_NARGS(), args, nulls);
	clr_build_order(args, nulls, PG_NARGS(), &memo, cmd, room);
}

/*
 * Which order: by number or by the text that names it, one of the two.
 */
static uint64
clr_which_order(FunctionCallInfo fcinfo, int text_arg, int id_arg,
				ClrText *text)
{
	int64		id;

	if (PG_ARGISNULL(text_arg) == PG_ARGISNULL(id_arg))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("either orig_cl_ord_id or order_id must be given")));
	if (!PG_ARGISNULL(text_arg))
	{
		*text = clr_reference(false, PG_GETARG_DATUM(text_arg), NULL);
		return 0;
	}
	id = PG_GETARG_INT64(id_arg);
	if (id <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("order_id must be greater than 0")));
	return (uint64) id;
}

/* Instrument of an order of the account, finished ones included; 0 if none. */
static uint32
clr_read_order_instrument(uint32 account, uint64 order_id, ClrText ref)
{
	static const char by_ref[] =
	"SELECT instrument_id FROM clearing_state.open_order"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND cl_ord_id OPERATOR(pg_catalog.=) $2"
	" UNION ALL SELECT instrument_id FROM clearing_state.order_history"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND cl_ord_id OPERATOR(pg_catalog.=) $2 LIMIT 1";
	static const char by_id[] =
	"SELECT instrument_id FROM clearing_state.open_order"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND order_id OPERATOR(pg_catalog.=) $2"
	" UNION ALL SELECT instrument_id FROM clearing_state.order_history"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND order_id OPERATOR(pg_catalog.=) $2 LIMIT 1";
	ClrOwnerScope scope;
	Oid			types[] = {INT4OID, order_id != 0 ? INT8OID : TEXTOID};
	Datum		values[2];
	uint32		instrument = 0;

	values[0] = Int32GetDatum((int32) account);
	values[1] = order_id != 0 ? Int64GetDatum((int64) order_id) :
		PointerGetDatum(cstring_to_text_with_len((const char *) ref.data, ref.len));
	clr_owner_enter(&scope, true);
	if (clr_owner_select(order_id != 0 ? by_id : by_ref, 2, types, values) > 0)
		instrument = (uint32) clr_spi_int(0, 1);
	clr_owner_leave(&scope);
	return instrument;
}

static const ClrObject *
clr_order_instrument(uint32 account, uint64 order_id, ClrText ref)
{
	uint32		id = clr_read_order_instrument(account, order_id, ref);
	const ClrObject *instrument;

	if (id == 0 && clr_catch_up())
		id = clr_read_order_instrument(account, order_id, ref);
	instrument = clr_lookup_id(CLR_OBJECT_INSTRUMENT, id);
	if (instrument == NULL)
		clr_no_such_order(order_id != 0 ?
						  psprintf(UINT64_FORMAT, order_id) :
						  psprintf("\"%.*s\"", (int) ref.len,
								   (const char *) ref.data));
	return instrument;
}

/* Arguments of a replace, as clearing.replace_order() has them. */
enum
{
	REPLACE_ACCOUNT,
	REPLACE_ORIG_CL_ORD_ID,
	REPLACE_ORDER_QTY,
	REPLACE_PRICE,
	REPLACE_CL_ORD_ID,
	REPLACE_ORDER_ID,
	REPLACE_SYMBOL,
	REPLACE_ORD_TYPE,			/* from here on: most replaces don't have them */
	REPLACE_TIME_IN_FORCE,
	REPLACE_ATTRIBUTES,
	REPLACE_REMOVE = REPLACE_ATTRIBUTES + CLR_ATTRIBUTE_ARGS
};

/* What only some replaces change. */
static void
clr_build_replace_rest(FunctionCallInfo fcinfo, const ClrObject *instrument,
					   ClrCommand *cmd, ClrOrderRoom *room)
{
	Datum		args[CLR_ATTRIBUTE_ARGS];
	bool		nulls[CLR_ATTRIBUTE_ARGS];

	if (!PG_ARGISNULL(REPLACE_ORD_TYPE))
		cmd->u.replace.ord_type =
			clr_keyword(CLR_WORDS_ORD_TYPE,
						clr_text_of(PG_GETARG_DATUM(REPLACE_ORD_TYPE)));
	if (!PG_ARGISNULL(REPLACE_TIME_IN_FORCE))
		cmd->u.replace.time_in_force = 1 +
			clr_keyword(CLR_WORDS_TIME_IN_FORCE,
						clr_text_of(PG_GETARG_DATUM(REPLACE_TIME_IN_FORCE)));
	clr_copy_args(fcinfo, REPLACE_ATTRIBUTES, CLR_ATTRIBUTE_ARGS, args, nulls);
	clr_build_attributes(args, nulls,
						 PG_ARGISNULL(REPLACE_REMOVE) ? (Datum) 0 : PG_GETARG_DATUM(REPLACE_REMOVE),
						 instrument, cmd, room);
}

static void
clr_build_replace(FunctionCallInfo fcinfo, ClrCommand *cmd, ClrOrderRoom *room)
{
	const ClrObject *instrument;

	memset(cmd, 0, sizeof(*cmd));
	cmd->type = CLR_CMD_REPLACE_ORDER;
	cmd->account = clr_own_account(clr_arg_text(fcinfo, REPLACE_ACCOUNT, "account"),
								   &cmd->submitter)->id;
	cmd->u.replace.order_id = clr_which_order(fcinfo, REPLACE_ORIG_CL_ORD_ID,
											  REPLACE_ORDER_ID, &cmd->text);
	if (PG_ARGISNULL(REPLACE_SYMBOL))
		instrument = clr_order_instrument(cmd->account,
										  cmd->u.replace.order_id, cmd->text);
	else
		instrument = clr_require_object(CLR_OBJECT_INSTRUMENT,
										clr_text_of(PG_GETARG_DATUM(REPLACE_SYMBOL)));
	cmd->u.replace.qty =
		clr_qty_lots(instrument,
					 clr_arg_numeric(fcinfo, REPLACE_ORDER_QTY, "order_qty"),
					 "order_qty");
	if (PG_NARGS() > REPLACE_ORD_TYPE)
		clr_build_replace_rest(fcinfo, instrument, cmd, room);
	if (PG_ARGISNULL(REPLACE_PRICE) && cmd->u.replace.ord_type == 0)
		clr_null_argument("price");
	cmd->u.replace.price = clr_build_price(PG_ARGISNULL(REPLACE_PRICE),
										   PG_GETARG_DATUM(REPLACE_PRICE),
										   instrument, cmd->u.replace.ord_type);
	cmd->ref = clr_reference(PG_ARGISNULL(REPLACE_CL_ORD_ID),
							 PG_GETARG_DATUM(REPLACE_CL_ORD_ID), room->ref);
}

/* Arguments: account, orig_cl_ord_id, cl_ord_id, order_id. */
static void
clr_build_cancel(FunctionCallInfo fcinfo, ClrCommand *cmd, ClrRefBuffer ref)
{
	memset(cmd, 0, sizeof(*cmd));
	cmd->type = CLR_CMD_CANCEL_ORDER;
	cmd->account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
								   &cmd->submitter)->id;
	cmd->u.cancel.order_id = clr_which_order(fcinfo, 1, 3, &cmd->text);
	cmd->ref = clr_reference(PG_ARGISNULL(2), PG_GETARG_DATUM(2), ref);
}

static Datum
clr_encoded(const ClrCommand *cmd)
{
	bytea	   *result = palloc(VARHDRSZ + CLR_COMMAND_MAX);
	size_t		len = clr_encode(cmd, (uint8 *) VARDATA(result));

	SET_VARSIZE(result, VARHDRSZ + len);
	return PointerGetDatum(result);
}

/* ClrTradingCall: what the functions do, all but making the row. */
static void
clr_send_order(FunctionCallInfo fcinfo, ClrReply *reply, ClrAnswer *answer)
{
	ClrCommand	cmd;
	ClrOrderRoom room;

	clr_call_begin(false);
	clr_order_of_call(fcinfo, &cmd, &room);
	clr_call_one(&cmd, reply, answer);
}

static void
clr_send_replace(FunctionCallInfo fcinfo, ClrReply *reply, ClrAnswer *answer)
{
	ClrCommand	cmd;
	ClrOrderRoom room;

	clr_call_begin(false);
	clr_build_replace(fcinfo, &cmd, &room);
	clr_call_one(&cmd, reply, answer);
}

static void
clr_send_cancel(FunctionCallInfo fcinfo, ClrReply *reply, ClrAnswer *answer)
{
	ClrCommand	cmd;
	ClrRefBuffer ref;

	clr_call_begin(false);
	clr_build_cancel(fcinfo, &cmd, ref);
	clr_call_one(&cmd, reply, answer);
}

ClrTradingCall
clr_trading_call(PGFunction function)
{
	if (function == clr_submit_order)
		return clr_send_order;
	if (function == clr_replace_order)
		return clr_send_replace;
	if (function == clr_cancel_order)
		return clr_send_cancel;
	return NULL;
}

static Datum
clr_execution_of(FunctionCallInfo fcinfo, ClrTradingCall call)
{
	ClrReply	reply;
	ClrAnswer	answer;

	call(fcinfo, &reply, &answer);
	return clr_report_one(fcinfo, &reply, &answer, clr_return_execution);
}

Datum
clr_submit_order(PG_FUNCTION_ARGS)
{
	return clr_execution_of(fcinfo, clr_send_order);
}

Datum
clr_replace_order(PG_FUNCTION_ARGS)
{
	return clr_execution_of(fcinfo, clr_send_replace);
}

Datum
clr_cancel_order(PG_FUNCTION_ARGS)
{
	return clr_execution_of(fcinfo, clr_send_cancel);
}

Datum
clr_encode_order(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	ClrOrderRoom room;

	clr_require_preload();
	clr_lookup_begin();
	clr_order_of_call(fcinfo, &cmd, &room);
	return clr_encoded(&cmd);
}

Datum
clr_encode_replace(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	ClrOrderRoom room;

	clr_require_preload();
	clr_lookup_begin();
	clr_build_replace(fcinfo, &cmd, &room);
	return clr_encoded(&cmd);
}

Datum
clr_encode_cancel(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	ClrRefBuffer ref;

	clr_require_preload();
	clr_lookup_begin();
	clr_build_cancel(fcinfo, &cmd, ref);
	return clr_encoded(&cmd);
}
