/*
 * report.c
 *	  From the outcome of a command to the row that the caller sees.
 *
 * Run by backends.  The columns here are those of the types in
 * extension/parts/30-types.sql, in the same order.
 *
 * A row describes what the engine answered and nothing else; only the fills of
 * a repeated command are read from the read model, since the answer to a
 * repetition does not carry its trades.
 */
#include "api/api.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#define CLR_FILL_COLUMNS 4
#define CLR_TRADE_BYTES 96		/* of a TRADE event */

/* How long the trades of a repeated command may take to be projected. */
#define CLR_FILLS_WAIT_MS 1000

/*----------------------------------------------------------------
 * Hints
 *----------------------------------------------------------------
 */
typedef struct ClrHint
{
	uint16		reason;
	const char *text;
} ClrHint;

/* What to do about a refusal; what it means is clr_reason_text(). */
static const ClrHint clr_hints[] = {
	{CLR_R_HOUSE_NOT_OPEN, "An operator opens the house with clearing.open()."},
	{CLR_R_HOUSE_ALREADY_OPEN, "A house is opened once; there is nothing to do."},
	{CLR_R_DUPLICATE_REFERENCE, "Use a new reference for a new command; repeat a command unchanged to get its first outcome."},
	{CLR_R_OVERFLOW, "Use a smaller quantity, price or amount."},
	{CLR_R_NAME_TAKEN, "Choose another name."},
	{CLR_R_NAME_INVALID, "Use 1 to 32 printable characters."},
	{CLR_R_SCALE_INVALID, "Use at most 18 decimal places."},
	{CLR_R_NOT_EXACT, "Choose tick size, lot size and multiplier so that their product is a whole number of the asset's smallest unit."},
	{CLR_R_PARAMETER_INVALID, "See the comment of the function for the range of each parameter."},
	{CLR_R_SYSTEM_ACCOUNT, "Use an account of a member."},
	{CLR_R_NOT_A_FUTURE, "Only futures have mark prices, margin and settlement."},
	{CLR_R_PHASE, "See the phase of the instrument in clearing.instrument."},
	{CLR_R_EXPIRED_INSTRUMENT, "The instrument is gone; see clearing.instrument for others."},
	{CLR_R_QUANTITY_INVALID, "Use a quantity greater than 0, at most 1000000000000 lots."},
	{CLR_R_PRICE_INVALID, "Use a price that the instrument allows; spot prices are greater than 0."},
	{CLR_R_ORD_TYPE_INVALID, "A limit order has a price, a market order has none."},
	{CLR_R_TIF_INVALID, "A post-only order must be able to rest: use a limit price, and day or gtc."},
	{CLR_R_EXPIRE_TIME, "A gtd order needs an expire_time in the future."},
	{CLR_R_ATTRIBUTE_INVALID, "See doc/orders.md for what fits together."},
	{CLR_R_DISPLAY_QTY_INVALID, "Show at least one lot, and no more than the order."},
	{CLR_R_MIN_QTY_NOT_FILLABLE, "Use a smaller minimum, or wait for clearing.order_book to fill."},
	{CLR_R_NOTHING_TO_REDUCE, "See clearing.position; the order must be on the other side."},
	{CLR_R_POST_ONLY_WOULD_TRADE, "Use a price that does not meet the other side of clearing.order_book."},
	{CLR_R_FOK_NOT_FILLABLE, "Use a smaller quantity, or ioc to take what there is."},
	{CLR_R_UNKNOWN_ORDER, "See clearing.open_order."},
	{CLR_R_ORDER_NOT_WORKING, "Too late: see its end in clearing.order_history."},
	{CLR_R_QTY_BELOW_FILLED, "Use a quantity above what is filled, or cancel the rest."},
	{CLR_R_NO_LIQUIDITY, "Send a limit order, or wait for clearing.order_book to fill."},
	{CLR_R_NO_MARK_PRICE, "An operator sets it with clearing.set_mark_price()."},
	{CLR_R_MAX_ORDER_QTY, "See clearing.account_limits; use a smaller quantity."},
	{CLR_R_MAX_NOTIONAL, "See clearing.account_limits; use a smaller quantity or price."},
	{CLR_R_MAX_OPEN_ORDERS, "See clearing.account_limits; cancel an order first."},
	{CLR_R_MAX_RATE, "See clearing.account_limits; wait for the next second."},
	{CLR_R_PRICE_COLLAR, "See clearing.account_limits; use a price nearer to the market."},
	{CLR_R_MAX_POSITION, "See clearing.account_limits; cancel orders or reduce the position."},
	{CLR_R_BLOCKED, "Cancels are possible; clearing.kill_switch(enabled => false) lifts it."},
	{CLR_R_AMOUNT_INVALID, "Use an amount greater than 0, at most 4000000000000000000 of the smallest units of the asset."}
};

static char *
clr_amount_text(const ClrObject *asset, int64 units)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(clr_numeric_scaled(units, asset->scale))));
}

static char *
clr_shortfall_hint(const ClrObject *asset, const ClrOutcome *o)
{
	char		name[CLR_NAME_MAX + 1];
	Datum		missing;

	memcpy(name, asset->key.name, CLR_NAME_MAX);
	name[asset->key.len] = '\0';
	missing = DirectFunctionCall2(numeric_sub,
								  NumericGetDatum(clr_numeric_scaled(o->needed, asset->scale)),
								  NumericGetDatum(clr_numeric_scaled(o->available, asset->scale)));
	return psprintf(o->type == CLR_CMD_WITHDRAW ?
					"%s %s is more than the %s %s available by %s %s: withdraw less, or cancel orders." :
					"The account would need %s %s in all and has %s %s: deposit %s %s, reduce the quantity, or cancel other orders.",
					clr_amount_text(asset, o->needed), name,
					clr_amount_text(asset, o->available), name,
					DatumGetCString(DirectFunctionCall1(numeric_out, missing)),
					name);
}

static const char *
clr_hint(const ClrObject *asset, const ClrOutcome *o)
{
	int			i;

	if (asset != NULL && (o->reason == CLR_R_INSUFFICIENT_MARGIN ||
						  o->reason == CLR_R_INSUFFICIENT_FUNDS))
		return clr_shortfall_hint(asset, o);
	for (i = 0; i < (int) lengthof(clr_hints); i++)
		if (clr_hints[i].reason == o->reason)
			return clr_hints[i].text;
	return clr_reason_text(o->reason);
}

/*----------------------------------------------------------------
 * Receipts
 *----------------------------------------------------------------
 */
void
clr_report_start(ClrReporter *reporter, const ClrReply *reply, TupleDesc desc)
{
	reporter->reply = reply;
	reporter->prefix_len = 0;
	reporter->trusted = true;
	reporter->fill_desc = NULL;
	reporter->wanted = PG_UINT32_MAX;
	reporter->fill_type = InvalidOid;
	if (desc != NULL && desc->natts == CLR_EXECUTION_COLUMNS)
		reporter->fill_type =
			get_element_type(TupleDescAttr(desc, CLR_FILLS_COLUMN)->atttypid);
}

void
clr_report_end(ClrReporter *reporter)
{
	if (reporter->fill_desc != NULL)
		ReleaseTupleDesc(reporter->fill_desc);
}

/* What the receipts of a reply have in common. */
static void
clr_make_receipts(ClrReporter *reporter)
{
	static const char digits[] = "0123456789abcdef";
	const ClrReply *reply = reporter->reply;
	int			i;

	i = pg_ulltoa_n(reply->epoch, reporter->prefix);
	reporter->prefix[i++] = '/';
	i += pg_ulltoa_n(reply->height, reporter->prefix + i);
	reporter->prefix[i++] = '/';
	reporter->prefix_len = i;
	for (i = 0; i < 32; i++)
	{
		reporter->suffix[2 * i] = digits[reply->block_hash[i] >> 4];
		reporter->suffix[2 * i + 1] = digits[reply->block_hash[i] & 0x0f];
	}
}

static Datum
clr_receipt(ClrReporter *reporter, uint32 number)
{
	char		buf[sizeof(reporter->prefix) + 16 + sizeof(reporter->suffix)];
	int			len;

	if (reporter->prefix_len == 0)
		clr_make_receipts(reporter);
	len = reporter->prefix_len;
	memcpy(buf, reporter->prefix, len);
	len += pg_ultoa_n(number, buf + len);
	buf[len++] = '/';
	memcpy(buf + len, reporter->suffix, 64);
	return PointerGetDatum(cstring_to_text_with_len(buf, len + 64));
}

/*----------------------------------------------------------------
 * Fills
 *----------------------------------------------------------------
 */
/* The order of the command made the trade, and did so during the command. */
static bool
clr_is_own_fill(const ClrOutcome *o, const ClrTradeEvent *trade)
{
	return trade->trade_id - o->first_trade < o->n_trades &&
		(trade->buy_order == o->id || trade->sell_order == o->id);
}

/* A spread trades in its legs, so a trade has an instrument of its own. */
static Datum
clr_fill_datum(ClrReporter *reporter, const ClrOutcome *o,
			   const ClrTradeEvent *trade)
{
	const ClrObject *instrument = clr_lookup_id(CLR_OBJECT_INSTRUMENT,
												trade->instrument);
	Datum		values[CLR_FILL_COLUMNS];
	bool		nulls[CLR_FILL_COLUMNS];

	if (reporter->fill_desc == NULL)
		reporter->fill_desc = lookup_rowtype_tupdesc(reporter->fill_type, -1);
	memset(nulls, instrument == NULL, sizeof(nulls));
	values[0] = Int64GetDatum((int64) trade->trade_id);
	nulls[0] = false;
	if (instrument != NULL)
	{
		values[1] = NumericGetDatum(clr_numeric_price(instrument, trade->price));
		values[2] = NumericGetDatum(clr_numeric_qty(instrument, trade->qty));
		values[3] = NumericGetDatum(clr_numeric_scaled(trade->buy_order == o->id ?
													   trade->buy_fee : trade->sell_fee,
													   instrument->quote_scale));
	}
	return HeapTupleGetDatum(heap_form_tuple(reporter->fill_desc, values, nulls));
}

static Datum
clr_fill_array(ClrReporter *reporter, Datum *fills, int n)
{
	if (n == 0)
		return PointerGetDatum(construct_empty_array(reporter->fill_type));
	return PointerGetDatum(construct_array(fills, n, reporter->fill_type,
										   -1, false, TYPALIGN_DOUBLE));
}

/*
 * From the TRADE events before the outcome.  Among them may be trades of
 * others: of the two that an implied one consists of, or of stop orders that
 * the command triggered.
 */
static Datum
clr_fills_answered(ClrReporter *reporter, const ClrAnswer *answer)
{
	const uint8 *pos = answer->trades;
	const uint8 *end = pos + answer->trades_len;
	Datum	   *fills = NULL;
	int			n = 0;

	if (pos < end)
		fills = palloc(answer->trades_len / CLR_TRADE_BYTES * sizeof(Datum));
	while (end - pos >= CLR_TRADE_BYTES)
	{
		ClrTradeEvent trade;
		uint8		type;
		size_t		len = clr_event_length(pos, end - pos, &type);

		if (len < CLR_TRADE_BYTES || !clr_event_decode_trade(pos, len, &trade))
			break;
		if (clr_is_own_fill(&answer->outcome, &trade))
			fills[n++] = clr_fill_datum(reporter, &answer->outcome, &trade);
		pos += len;
	}
	return clr_fill_array(reporter, fills, n);
}

/* From the read model; the order is the caller's, so are its fills. */
static Datum
clr_fills_repeated(ClrReporter *reporter, const ClrOutcome *o)
{
	ClrOwnerScope scope;
	Oid			types[] = {INT8OID, INT8OID};
	Datum		args[2];
	ClrTradeEvent *trades;
	Datum	   *fills;
	uint64		rows;
	int			n = 0;

	if (o->orig_height > 0)
		(void) clr_wait_for_height(o->orig_height, CLR_FILLS_WAIT_MS);
	trades = palloc0(o->n_trades * sizeof(ClrTradeEvent));
	fills = palloc(o->n_trades * sizeof(Datum));
	args[0] = Int64GetDatum((int64) o->first_trade);
	args[1] = Int64GetDatum((int64) o->first_trade + o->n_trades - 1);
	clr_owner_enter(&scope, true);
	rows = clr_owner_select("SELECT trade_id, instrument_id, price, qty,"
							" buy_order_id, sell_order_id, buy_fee, sell_fee"
							" FROM clearing_state.trade"
							" WHERE trade_id OPERATOR(pg_catalog.>=) $1"
							" AND trade_id OPERATOR(pg_catalog.<=) $2"
							" ORDER BY trade_id USING OPERATOR(pg_catalog.<)",
							2, types, args);
	rows = Min(rows, o->n_trades);
	for (uint64 i = 0; i < rows; i++)
	{
		trades[i].trade_id = (uint64) clr_spi_int(i, 1);
		trades[i].instrument = (uint32) clr_spi_int(i, 2);
		trades[i].price = clr_spi_int(i, 3);
		trades[i].qty = clr_spi_int(i, 4);
		trades[i].buy_order = (uint64) clr_spi_int(i, 5);
		trades[i].sell_order = (uint64) clr_spi_int(i, 6);
		trades[i].buy_fee = clr_spi_int(i, 7);
		trades[i].sell_fee = clr_spi_int(i, 8);
	}
	clr_owner_leave(&scope);
	for (uint64 i = 0; i < rows; i++)
		if (clr_is_own_fill(o, &trades[i]))
			fills[n++] = clr_fill_datum(reporter, o, &trades[i]);
	return clr_fill_array(reporter, fills, n);
}

/*----------------------------------------------------------------
 * Rows
 *----------------------------------------------------------------
 */
/* Gateways may send any bytes: what is no text is shown in hexadecimal. */
static Datum
clr_reference_datum(const ClrOutcome *o)
{
	const char *ref = (const char *) o->ref;
	char		hex[2 + 2 * CLR_REF_MAX];
	int			len = Min(o->ref_len, CLR_REF_MAX);

	if (pg_verifymbstr(ref, len, true))
		return PointerGetDatum(cstring_to_text_with_len(ref, len));
	memcpy(hex, "\\x", 2);
	hex_encode(ref, len, hex + 2);
	return PointerGetDatum(cstring_to_text_with_len(hex, 2 + 2 * len));
}

static inline bool
clr_wants(const ClrReporter *reporter, int column)
{
	return (reporter->wanted >> column & 1) != 0;
}

static void
clr_set(Datum *values, bool *nulls, int column, Datum value)
{
	values[column] = value;
	nulls[column] = false;
}

static void
clr_set_text(Datum *values, bool *nulls, int column, const char *text)
{
	if (text != NULL)
		clr_set(values, nulls, column, CStringGetTextDatum(text));
}

static void
clr_set_numeric(Datum *values, bool *nulls, int column, Numeric value)
{
	clr_set(values, nulls, column, NumericGetDatum(value));
}

ClrLimitUnit
clr_limit_unit(uint16 reason)
{
	switch (reason)
	{
		case CLR_R_MAX_OPEN_ORDERS:
		case CLR_R_MAX_RATE:
			return CLR_UNIT_NUMBER;
		case CLR_R_MAX_ORDER_QTY:
		case CLR_R_MAX_POSITION:
			return CLR_UNIT_LOTS;
		case CLR_R_PRICE_COLLAR:
			return CLR_UNIT_TICKS;
		default:
			return CLR_UNIT_NONE;
	}
}

/* Needed or available of a refusal by a limit; NULL if it has none. */
static Numeric
clr_limit_numeric(const ClrOutcome *o, int64 value)
{
	ClrLimitUnit unit = clr_limit_unit(o->reason);
	const ClrObject *instrument;

	if (unit == CLR_UNIT_NONE)
		return NULL;
	if (unit == CLR_UNIT_NUMBER)
		return clr_numeric_scaled(value, 0);
	instrument = clr_lookup_id(CLR_OBJECT_INSTRUMENT, o->instrument);
	if (instrument == NULL)
		return NULL;
	return unit == CLR_UNIT_LOTS ? clr_numeric_qty(instrument, value) :
		clr_numeric_price(instrument, value);
}

/* reason, needed, available and hint, at the columns given */
static void
clr_set_refusal(const ClrOutcome *o, Datum *values, bool *nulls,
				int reason, int needed, int hint)
{
	const ClrObject *asset;

	if (o->reason == CLR_OK)
		return;
	clr_set_text(values, nulls, reason, clr_reason_name(o->reason));
	asset = clr_lookup_id(CLR_OBJECT_ASSET, o->asset);
	if (asset != NULL && needed >= 0)
	{
		clr_set_numeric(values, nulls, needed,
						clr_numeric_scaled(o->needed, asset->scale));
		clr_set_numeric(values, nulls, needed + 1,
						clr_numeric_scaled(o->available, asset->scale));
	}
	else if (needed >= 0 && clr_limit_numeric(o, 0) != NULL)
	{
		clr_set_numeric(values, nulls, needed, clr_limit_numeric(o, o->needed));
		clr_set_numeric(values, nulls, needed + 1, clr_limit_numeric(o, o->available));
	}
	clr_set_text(values, nulls, hint, clr_hint(asset, o));
}

/* duplicate, height and receipt, the last three columns of every row */
static void
clr_set_place(ClrReporter *reporter, const ClrOutcome *o,
			  Datum *values, bool *nulls, int first)
{
	clr_set(values, nulls, first, BoolGetDatum(o->duplicate != 0));
	clr_set(values, nulls, first + 1,
			Int64GetDatum((int64) reporter->reply->height));
	if (clr_wants(reporter, first + 2))
		clr_set(values, nulls, first + 2, clr_receipt(reporter, o->number));
}

static bool
clr_is_order_command(uint8 type)
{
	return type == CLR_CMD_NEW_ORDER || type == CLR_CMD_REPLACE_ORDER ||
		type == CLR_CMD_CANCEL_ORDER;
}

/* Fills of the command; those of a repeated one are in the read model. */
static void
clr_set_fills(ClrReporter *reporter, const ClrAnswer *answer,
			  Datum *values, bool *nulls)
{
	const ClrOutcome *o = &answer->outcome;

	if (!o->duplicate || o->n_trades == 0)
		clr_set(values, nulls, CLR_FILLS_COLUMN,
				clr_fills_answered(reporter, answer));
	/* bytes that somebody gave us must not choose what is read */
	else if (reporter->trusted)
		clr_set(values, nulls, CLR_FILLS_COLUMN,
				clr_fills_repeated(reporter, o));
}

/* Quantities of the order right after the command, and its fills. */
static void
clr_set_quantities(ClrReporter *reporter, const ClrAnswer *answer,
				   const ClrObject *instrument, Datum *values, bool *nulls)
{
	const ClrOutcome *o = &answer->outcome;

	if (clr_wants(reporter, 5) && o->order_qty > 0)
		clr_set_numeric(values, nulls, 5, clr_numeric_qty(instrument, o->order_qty));
	if (clr_wants(reporter, 6))
		clr_set_numeric(values, nulls, 6, clr_numeric_qty(instrument, o->leaves_qty));
	if (clr_wants(reporter, 7))
		clr_set_numeric(values, nulls, 7, clr_numeric_qty(instrument, o->cum_qty));
	if (clr_wants(reporter, 8) && o->cum_qty > 0)
		clr_set_numeric(values, nulls, 8,
						clr_numeric_avg_px(instrument, o->cum_value, o->cum_qty));
	if (clr_wants(reporter, CLR_FILLS_COLUMN))
		clr_set_fills(reporter, answer, values, nulls);
}

/* Columns that are not wanted may be made or left null. */
void
clr_report_execution(ClrReporter *reporter, const ClrAnswer *answer,
					 Datum *values, bool *nulls)
{
	const ClrOutcome *o = &answer->outcome;

	memset(nulls, true, CLR_EXECUTION_COLUMNS * sizeof(bool));
	if (clr_wants(reporter, 0) && o->ref_len > 0)
		clr_set(values, nulls, 0, clr_reference_datum(o));
	if (o->id != 0)
		clr_set(values, nulls, 1, Int64GetDatum((int64) o->id));
	if (clr_is_order_command(o->type))
	{
		const ClrObject *instrument = clr_lookup_id(CLR_OBJECT_INSTRUMENT,
													o->instrument);

		/* what is refused before it reaches an order is rejected as well */
		bool		rejected = o->reason != CLR_OK && o->exec_type == CLR_EXEC_NONE;

		if (clr_wants(reporter, 2))
			clr_set_text(values, nulls, 2, rejected ? "rejected" :
						 clr_exec_type_word(o->exec_type));
		clr_set_text(values, nulls, 3, rejected ? "rejected" :
					 clr_ord_status_word(o->ord_status));
		/* of a refused batch's replaces only the instrument is known */
		if (instrument != NULL &&
			(o->ord_status != CLR_STATUS_NONE || o->type == CLR_CMD_NEW_ORDER))
			clr_set_quantities(reporter, answer, instrument, values, nulls);
	}
	clr_set_refusal(o, values, nulls, 4, 13, 15);
	clr_set(values, nulls, 10, Int32GetDatum((int32) o->n_cancelled));
	clr_set_text(values, nulls, 11, clr_restatement_name(o->restated));
	clr_set_text(values, nulls, 12, clr_restatement_name(o->cancelled_for));
	clr_set_place(reporter, o, values, nulls, 16);
}

/*----------------------------------------------------------------
 * Whole function results
 *----------------------------------------------------------------
 */
static TupleDesc
clr_result_desc(FunctionCallInfo fcinfo, int columns)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(get_func_rettype(fcinfo->flinfo->fn_oid), -1);

	if (desc->natts != columns)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("the library and the SQL objects of pg_clearing differ in version"),
				 errhint("Restart the server, or ALTER EXTENSION pg_clearing UPDATE.")));
	return desc;
}

Datum
clr_return_execution(FunctionCallInfo fcinfo, const ClrReply *reply,
					 const ClrAnswer *answer)
{
	TupleDesc	desc = clr_result_desc(fcinfo, CLR_EXECUTION_COLUMNS);
	Datum		values[CLR_EXECUTION_COLUMNS];
	bool		nulls[CLR_EXECUTION_COLUMNS];
	ClrReporter reporter;
	HeapTuple	tuple;

	clr_report_start(&reporter, reply, desc);
	clr_report_execution(&reporter, answer, values, nulls);
	tuple = heap_form_tuple(desc, values, nulls);
	clr_report_end(&reporter);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

Datum
clr_return_command(FunctionCallInfo fcinfo, const ClrReply *reply,
				   const ClrAnswer *answer)
{
	TupleDesc	desc = clr_result_desc(fcinfo, CLR_COMMAND_COLUMNS);
	const ClrOutcome *o = &answer->outcome;
	Datum		values[CLR_COMMAND_COLUMNS];
	bool		nulls[CLR_COMMAND_COLUMNS];
	ClrReporter reporter;
	HeapTuple	tuple;

	clr_report_start(&reporter, reply, desc);
	memset(nulls, true, sizeof(nulls));
	clr_set_text(values, nulls, 0, o->reason == CLR_OK ? "accepted" : "refused");
	if (o->id != 0)
		clr_set(values, nulls, 2, Int64GetDatum((int64) o->id));
	clr_set_refusal(o, values, nulls, 1, 3, 5);
	clr_set_place(&reporter, o, values, nulls, 6);
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}

Datum
clr_return_mass_cancel(FunctionCallInfo fcinfo, const ClrReply *reply,
					   const ClrAnswer *answer)
{
	TupleDesc	desc = clr_result_desc(fcinfo, CLR_MASS_CANCEL_COLUMNS);
	const ClrOutcome *o = &answer->outcome;
	Datum		values[CLR_MASS_CANCEL_COLUMNS];
	bool		nulls[CLR_MASS_CANCEL_COLUMNS];
	ClrReporter reporter;
	HeapTuple	tuple;

	clr_report_start(&reporter, reply, desc);
	memset(nulls, true, sizeof(nulls));
	clr_set_text(values, nulls, 0, o->reason == CLR_OK ? "accepted" : "refused");
	clr_set(values, nulls, 2, Int32GetDatum((int32) o->n_cancelled));
	clr_set_text(values, nulls, 3, clr_restatement_name(o->cancelled_for));
	clr_set_refusal(o, values, nulls, 1, -1, 4);
	clr_set_place(&reporter, o, values, nulls, 5);
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}
