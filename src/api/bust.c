/*
 * bust.c
 *	  Busting and correcting trades.
 *
 * Run by backends, for operators.  The engine does not keep trades: the
 * command says what the read model knows of the trade.
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(clr_bust_trade);
PG_FUNCTION_INFO_V1(clr_correct_trade);

/* False if the read model has no such trade. */
static bool
clr_read_trade(int64 trade_id, ClrTradeEvent *t)
{
	ClrOwnerScope scope;
	Oid			types[] = {INT8OID};
	Datum		values[] = {Int64GetDatum(trade_id)};
	bool		found;

	clr_owner_enter(&scope, true);
	found = clr_owner_select("SELECT price, qty, buy_order_id, sell_order_id, buy_fee,"
							 " sell_fee, buy_cost, sell_cost, buy_account_id,"
							 " sell_account_id, instrument_id, aggressor"
							 " FROM clearing_state.trade"
							 " WHERE trade_id OPERATOR(pg_catalog.=) $1",
							 1, types, values) > 0;
	if (found)
	{
		t->trade_id = (uint64) trade_id;
		t->price = clr_spi_int(0, 1);
		t->qty = clr_spi_int(0, 2);
		t->buy_order = (uint64) clr_spi_int(0, 3);
		t->sell_order = (uint64) clr_spi_int(0, 4);
		t->buy_fee = clr_spi_int(0, 5);
		t->sell_fee = clr_spi_int(0, 6);
		t->buy_cost = clr_spi_int(0, 7);
		t->sell_cost = clr_spi_int(0, 8);
		t->buy_account = (uint32) clr_spi_int(0, 9);
		t->sell_account = (uint32) clr_spi_int(0, 10);
		t->instrument = (uint32) clr_spi_int(0, 11);
		t->aggressor = (uint8) clr_spi_int(0, 12);
	}
	clr_owner_leave(&scope);
	return found;
}

/* Arguments 0 of both functions; returns the instrument of the trade. */
static const ClrObject *
clr_build_bust(FunctionCallInfo fcinfo, ClrCommandType type,
			   const char *function, ClrCommand *cmd)
{
	const ClrObject *instrument;
	int64		trade_id;

	clr_call_begin(false);
	clr_require_operator(function);
	memset(cmd, 0, sizeof(*cmd));
	cmd->type = type;
	if (PG_ARGISNULL(0))
		clr_null_argument("trade_id");
	trade_id = PG_GETARG_INT64(0);
	if (!clr_read_trade(trade_id, &cmd->u.bust.trade) &&
		!(clr_catch_up() && clr_read_trade(trade_id, &cmd->u.bust.trade)))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
				 errmsg("trade " INT64_FORMAT " does not exist", trade_id),
				 errhint("See clearing.trade.")));
	instrument = clr_lookup_id(CLR_OBJECT_INSTRUMENT, cmd->u.bust.trade.instrument);
	if (instrument == NULL)
		elog(ERROR, "instrument of trade " INT64_FORMAT " does not exist", trade_id);
	return instrument;
}

/* bust_trade(trade_id, request_id) */
Datum
clr_bust_trade(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;

	(void) clr_build_bust(fcinfo, CLR_CMD_BUST_TRADE, "bust_trade", &cmd);
	return clr_send_request(fcinfo, &cmd, 1, clr_return_command);
}

/* correct_trade(trade_id, qty, price, request_id) */
Datum
clr_correct_trade(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;
	const ClrObject *instrument =
		clr_build_bust(fcinfo, CLR_CMD_CORRECT_TRADE, "correct_trade", &cmd);

	cmd.u.bust.new_qty = clr_qty_lots(instrument, clr_arg_numeric(fcinfo, 1, "qty"),
									  "qty");
	cmd.u.bust.new_price =
		clr_price_ticks(instrument, clr_arg_numeric(fcinfo, 2, "price"), "price");
	return clr_send_request(fcinfo, &cmd, 3, clr_return_command);
}
