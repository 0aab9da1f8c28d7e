/*
 * projection_rows.c
 *	  Rows of the read model: which value goes into which column.
 *
 * Run by the projector.  The order of the values is the order of the columns
 * in extension/parts/20-tables.sql.  Texts are allocated in the current
 * context, which the sink resets.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/reftext.h"
#include "journal/times.h"
#include "worker/feed.h"
#include "worker/projection.h"

/* A row under construction. */
typedef struct Row
{
	Datum		values[CLR_MAX_COLUMNS];
	bool		nulls[CLR_MAX_COLUMNS];
	int			n;
} Row;

static inline void
begin_row(Row *row)
{
	row->n = 0;
}

static inline void
add_datum(Row *row, Datum value)
{
	Assert(row->n < CLR_MAX_COLUMNS);
	row->nulls[row->n] = false;
	row->values[row->n++] = value;
}

static inline void
add_null(Row *row)
{
	Assert(row->n < CLR_MAX_COLUMNS);
	row->nulls[row->n] = true;
	row->values[row->n++] = (Datum) 0;
}

static inline void
add_int8(Row *row, int64 value)
{
	add_datum(row, Int64GetDatum(value));
}

static inline void
add_int4(Row *row, int64 value)
{
	add_datum(row, Int32GetDatum((int32) value));
}

static inline void
add_int2(Row *row, int value)
{
	add_datum(row, Int16GetDatum((int16) value));
}

static inline void
add_bool(Row *row, bool value)
{
	add_datum(row, BoolGetDatum(value));
}

static inline void
add_int8_or_null(Row *row, int64 value)
{
	if (value == 0)
		add_null(row);
	else
		add_int8(row, value);
}

static inline void
add_int2_or_null(Row *row, int value)
{
	if (value == 0)
		add_null(row);
	else
		add_int2(row, value);
}

static inline void
add_int4_or_null(Row *row, int64 value)
{
	if (value == 0)
		add_null(row);
	else
		add_int4(row, value);
}

static inline void
add_text(Row *row, const uint8_t *data, size_t len)
{
	add_datum(row, PointerGetDatum(clr_text_from_bytes(data, len)));
}

static inline void
add_ref(Row *row, const uint8_t *data, size_t len)
{
	if (len == 0)
		add_null(row);
	else
		add_text(row, data, len);
}

static inline void
add_time(Row *row, int64 us)
{
	add_datum(row, TimestampTzGetDatum(clr_time_to_pg(us)));
}

/*
 * Attributes of an order as an array whose subscript is the attribute + 1;
 * null if it has none, and an element that is null for each it has not.
 */
static void
add_attrs(Row *row, uint32 present, const int64_t *value)
{
	Datum		elements[CLR_ATTR_COUNT];
	bool		nulls[CLR_ATTR_COUNT];
	int			n = 0;
	int			lower = 1;

	if (present == 0)
	{
		add_null(row);
		return;
	}
	for (int a = 0; a < CLR_ATTR_COUNT; a++)
	{
		nulls[a] = (present >> a & 1) == 0;
		elements[a] = Int64GetDatum(nulls[a] ? 0 : value[a]);
		if (!nulls[a])
			n = a + 1;
	}
	add_datum(row, PointerGetDatum(construct_md_array(elements, nulls, 1, &n, &lower,
													  INT8OID, sizeof(int64),
													  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE)));
}

static void
add_last_attrs(Row *row, const ClrOrderDelta *order)
{
	int64_t		value[CLR_ATTR_COUNT];
	uint32		present = 0;

	for (int i = 0; i < order->n_attrs; i++)
	{
		present |= UINT32_C(1) << order->attr[i];
		value[order->attr[i]] = order->attr_value[i];
	}
	add_attrs(row, present, value);
}

static inline void
put_row(ClrRowSink *sink, Row *row)
{
	sink->put(sink, row->values, row->nulls);
}

/* An event named something that the engine doesn't have. */
static void
missing(const char *what, uint64 id)
{
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("engine has no %s %llu, which an event names",
					what, (unsigned long long) id)));
}

void
clr_put_assets(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->assets.n; i++)
	{
		uint32		id = *(uint32 *) clr_vector_at(&delta->assets, i);
		ClrAssetView v;
		Row			row;

		if (!clr_get_asset(engine, id, &v))
			missing("asset", id);
		begin_row(&row);
		add_int4(&row, v.asset);
		add_int2(&row, v.scale);
		add_text(&row, v.name, v.name_len);
		put_row(sink, &row);
	}
}

void
clr_put_members(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->members.n; i++)
	{
		uint32		id = *(uint32 *) clr_vector_at(&delta->members, i);
		ClrMemberView v;
		Row			row;

		if (!clr_get_member(engine, id, &v))
			missing("member", id);
		begin_row(&row);
		add_int4(&row, v.member);
		add_text(&row, v.code, v.code_len);
		add_text(&row, v.name, v.name_len);
		put_row(sink, &row);
	}
}

void
clr_put_accounts(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->accounts.n; i++)
	{
		uint32		id = *(uint32 *) clr_vector_at(&delta->accounts, i);
		ClrAccountView v;
		Row			row;

		if (!clr_get_account(engine, id, &v))
			missing("account", id);
		begin_row(&row);
		add_int4(&row, v.account);
		add_int4(&row, v.member);
		add_int2(&row, v.account_type);
		add_text(&row, v.name, v.name_len);
		put_row(sink, &row);
	}
}

static void
add_instrument_terms(Row *row, const ClrInstrumentView *v)
{
	add_int2(row, v->kind);
	add_int2(row, v->margin_basis);
	add_int2(row, v->fee_basis);
	add_int2(row, v->replace_priority);
	add_int2(row, v->phase);
	add_int2(row, v->tick_exp);
	add_int2(row, v->lot_exp);
	add_int2(row, v->multiplier_exp);
	add_int4(row, v->base_asset);
	add_int4(row, v->quote_asset);
	add_int8(row, v->tick_size);
	add_int8(row, v->lot_size);
	add_int8(row, v->multiplier);
	add_int8(row, v->initial_margin);
	add_int8(row, v->maintenance_margin);
	add_int8(row, v->maker_fee);
	add_int8(row, v->taker_fee);
	add_int8(row, v->reference_price);
	add_int8(row, v->expiry_us);
	add_int8(row, v->tick_value);
	add_int8(row, v->lot_units);
	add_bool(row, v->has_reference_price);
}

void
clr_put_instruments(const ClrDelta *delta, const ClrEngine *engine,
					ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->instruments.n; i++)
	{
		uint32		id = *(uint32 *) clr_vector_at(&delta->instruments, i);
		ClrInstrumentView v;
		Row			row;

		if (!clr_get_instrument(engine, id, &v))
			missing("instrument", id);
		begin_row(&row);
		add_int4(&row, v.instrument);
		add_text(&row, v.symbol, v.symbol_len);
		add_instrument_terms(&row, &v);
		add_bool(&row, v.has_mark);
		add_bool(&row, v.has_settlement);
		add_bool(&row, v.has_last);
		add_int8(&row, v.mark);
		add_int8(&row, v.settlement);
		add_int8(&row, v.last_price);
		add_int8(&row, v.last_qty);
		add_int8(&row, v.volume);
		add_int8(&row, v.open_interest);
		add_bool(&row, v.has_session);
		add_int8(&row, v.session_open);
		add_int8(&row, v.session_high);
		add_int8(&row, v.session_low);
		add_int8(&row, v.session_volume);
		add_int8(&row, v.session_value);
		put_row(sink, &row);
	}
}

void
clr_put_balances(const ClrDelta *delta, const ClrEngine *engine,
				 ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->balances.n; i++)
	{
		const ClrBalanceView *v = clr_vector_at(&delta->balances, i);
		Row			row;

		begin_row(&row);
		add_int8(&row, v->balance);
		add_int4(&row, v->account);
		add_int4(&row, v->asset);
		put_row(sink, &row);
	}
}

void
clr_put_positions(const ClrDelta *delta, const ClrEngine *engine,
				  ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->positions.n; i++)
	{
		const ClrPositionEvent *v = clr_vector_at(&delta->positions, i);
		Row			row;

		begin_row(&row);
		add_int8(&row, v->qty);
		add_int8(&row, v->cost);
		add_int8(&row, v->realised);
		add_int8(&row, v->buy_lots);
		add_int8(&row, v->sell_lots);
		add_int8(&row, v->buy_reserve);
		add_int8(&row, v->sell_reserve);
		add_int4(&row, v->account);
		add_int4(&row, v->instrument);
		put_row(sink, &row);
	}
}

void
clr_put_fields(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->fields.n; i++)
	{
		const ClrFieldEvent *v = clr_vector_at(&delta->fields, i);
		Row			row;

		begin_row(&row);
		add_int8(&row, v->object);
		add_int8(&row, v->sub);
		add_int8(&row, v->value);
		add_int2(&row, v->scope);
		add_int2(&row, v->field);
		put_row(sink, &row);
	}
}

/* Every instrument in a call, changed or not: there are few. */
void
clr_put_indicative(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	ClrHouseView house;

	clr_get_house(engine, &house);
	for (uint32 i = 1; i < house.next_instrument; i++)
	{
		ClrIndicative v;
		Row			row;

		if (!clr_get_indicative(engine, i, &v))
			continue;
		begin_row(&row);
		add_int4(&row, v.instrument);
		add_int8(&row, v.price);
		add_int8(&row, v.volume);
		add_int8(&row, v.surplus);
		add_int8(&row, v.bid);
		add_int8(&row, v.bid_qty);
		add_int8(&row, v.ask);
		add_int8(&row, v.ask_qty);
		add_bool(&row, v.has_price);
		add_bool(&row, v.has_bid);
		add_bool(&row, v.has_ask);
		put_row(sink, &row);
	}
}

/*
 * A working order is shown as the engine has it: an event does not carry a
 * ClOrdID that was given before this batch.
 */
void
clr_put_working_order(const ClrOrderDelta *order, const ClrEngine *engine,
					  ClrRowSink *sink)
{
	ClrOrderView v;
	Row			row;

	if (!clr_get_order(engine, order->last.order_id, &v))
		missing("working order", order->last.order_id);
	begin_row(&row);
	add_int8(&row, v.order_id);
	add_int8(&row, v.price);
	add_int8(&row, v.order_qty);
	add_int8(&row, v.cum_qty);
	add_int8(&row, v.leaves_qty);
	add_int8(&row, v.cum_value);
	add_int8(&row, v.priority);
	add_int8(&row, v.reserve);
	add_int8(&row, order->entered_height);
	add_time(&row, v.time_us);
	add_int4(&row, v.account);
	add_int4(&row, v.instrument);
	add_int4(&row, order->entered_number);
	add_int2(&row, v.side);
	add_int2(&row, v.ord_type);
	add_int2(&row, v.time_in_force);
	add_int2(&row, v.exec_inst);
	add_int2(&row, v.self_match);
	add_ref(&row, v.ref, v.ref_len);
	add_attrs(&row, v.attrs_present, v.attr);
	put_row(sink, &row);
}

/*
 * A finished order is shown as its last event tells.  If it was entered
 * before this batch, what the event lacks comes from its row.
 */
static void
put_finished_order(const ClrOrderDelta *order, ClrRowSink *sink)
{
	const ClrOrderEvent *v = &order->last;
	Row			row;

	begin_row(&row);
	add_int8(&row, v->order_id);
	add_int8(&row, v->price);
	add_int8(&row, v->order_qty);
	add_int8(&row, v->cum_qty);
	add_int8(&row, v->leaves_qty);
	add_int8(&row, v->cum_value);
	add_int8(&row, order->entered_height);
	add_time(&row, order->entered_us);
	add_int8(&row, order->finished_height);
	add_time(&row, order->finished_us);
	add_int4(&row, v->account);
	add_int4(&row, v->instrument);
	add_int4(&row, order->entered_number);
	add_int2(&row, v->side);
	add_int2(&row, v->ord_type);
	add_int2(&row, v->time_in_force);
	add_int2(&row, v->exec_inst);
	add_int2(&row, v->self_match);
	add_int2(&row, v->ord_status);
	add_int2(&row, v->reason);
	add_ref(&row, order->ref, order->ref_len);
	add_last_attrs(&row, order);
	put_row(sink, &row);
}

static void
put_orders(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink,
		   bool created, bool finished)
{
	for (uint32 i = 0; i < delta->orders.n; i++)
	{
		const ClrOrderDelta *order = clr_vector_at(&delta->orders, i);

		if (order->created != created || order->finished != finished)
			continue;
		if (finished)
			put_finished_order(order, sink);
		else
			clr_put_working_order(order, engine, sink);
	}
}

void
clr_put_new_orders(const ClrDelta *delta, const ClrEngine *engine,
				   ClrRowSink *sink)
{
	put_orders(delta, engine, sink, true, false);
}

void
clr_put_changed_orders(const ClrDelta *delta, const ClrEngine *engine,
					   ClrRowSink *sink)
{
	put_orders(delta, engine, sink, false, false);
}

void
clr_put_short_lived_orders(const ClrDelta *delta, const ClrEngine *engine,
						   ClrRowSink *sink)
{
	put_orders(delta, engine, sink, true, true);
}

void
clr_put_finished_orders(const ClrDelta *delta, const ClrEngine *engine,
						ClrRowSink *sink)
{
	put_orders(delta, engine, sink, false, true);
}

/* Both kinds, for comparing; the orders are complete then. */
void
clr_put_ended_orders(const ClrDelta *delta, const ClrEngine *engine,
					 ClrRowSink *sink)
{
	put_orders(delta, engine, sink, true, true);
	put_orders(delta, engine, sink, false, true);
}

void
clr_put_trades(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->trades.n; i++)
	{
		const ClrTradeDelta *trade = clr_vector_at(&delta->trades, i);
		const ClrTradeEvent *v = &trade->event;
		Row			row;

		begin_row(&row);
		add_int8(&row, v->trade_id);
		add_int8(&row, trade->height);
		add_time(&row, trade->time_us);
		add_int8(&row, v->price);
		add_int8(&row, v->qty);
		add_int8(&row, v->buy_order);
		add_int8(&row, v->sell_order);
		add_int8(&row, v->buy_fee);
		add_int8(&row, v->sell_fee);
		add_int8(&row, v->buy_cost);
		add_int8(&row, v->sell_cost);
		add_int4(&row, v->buy_account);
		add_int4(&row, v->sell_account);
		add_int4(&row, v->instrument);
		add_int2(&row, v->aggressor);
		put_row(sink, &row);
	}
}

void
clr_put_feed(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->feed.n; i++)
	{
		const ClrFeedRow *feed = clr_vector_at(&delta->feed, i);
		Row			row;

		if (feed->first_seq < delta->feed_from)
			continue;
		begin_row(&row);
		add_int8(&row, feed->first_seq);
		add_int8(&row, feed->height);
		add_time(&row, feed->time_us);
		add_int4(&row, feed->n);
		add_datum(&row, PointerGetDatum(feed->data));
		put_row(sink, &row);
	}
}

void
clr_put_ledger(const ClrDelta *delta, const ClrEngine *engine, ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->ledger.n; i++)
	{
		const ClrLedgerDelta *entry = clr_vector_at(&delta->ledger, i);
		const ClrLedgerEvent *v = &entry->event;
		Row			row;

		begin_row(&row);
		add_int8(&row, v->entry);
		add_int8(&row, entry->height);
		add_time(&row, entry->time_us);
		add_int8(&row, v->amount);
		add_int8(&row, v->debit_balance);
		add_int8(&row, v->credit_balance);
		add_int8_or_null(&row, v->subject);
		add_int4(&row, v->debit_account);
		add_int4(&row, v->credit_account);
		add_int4(&row, v->asset);
		add_int2(&row, v->kind);
		put_row(sink, &row);
	}
}

void
clr_put_settlements(const ClrDelta *delta, const ClrEngine *engine,
					ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->settlements.n; i++)
	{
		const ClrSettlementDelta *settlement =
			clr_vector_at(&delta->settlements, i);
		const ClrSettlementEvent *v = &settlement->event;
		Row			row;

		begin_row(&row);
		add_int8(&row, v->settlement_id);
		add_int8(&row, settlement->height);
		add_time(&row, settlement->time_us);
		add_int8(&row, v->price);
		add_int8(&row, v->debited);
		add_int8(&row, v->credited);
		add_int4(&row, v->instrument);
		add_int4(&row, v->positions);
		add_bool(&row, v->final != 0);
		put_row(sink, &row);
	}
}

static void
add_outcome_amounts(Row *row, const ClrOutcome *v)
{
	add_int4_or_null(row, v->instrument);
	add_int4_or_null(row, v->asset);
	add_int4_or_null(row, v->n_trades);
	add_int4_or_null(row, v->n_cancelled);
	/* the command's own height and number, unless it is a repetition */
	if (v->duplicate)
	{
		add_int4(row, v->orig_number);
		add_int8(row, v->orig_height);
	}
	else
	{
		add_null(row);
		add_null(row);
	}
	add_int8_or_null(row, v->id);
	add_int8_or_null(row, v->order_qty);
	add_int8_or_null(row, v->cum_qty);
	add_int8_or_null(row, v->leaves_qty);
	add_int8_or_null(row, v->cum_value);
	add_int8_or_null(row, v->first_trade);
	add_int8_or_null(row, v->needed);
	add_int8_or_null(row, v->available);
	add_int2_or_null(row, v->restated);
	add_int2_or_null(row, v->cancelled_for);
}

void
clr_put_requests(const ClrDelta *delta, const ClrEngine *engine,
				 ClrRowSink *sink)
{
	for (uint32 i = 0; i < delta->requests.n; i++)
	{
		const ClrRequestDelta *request = clr_vector_at(&delta->requests, i);
		const ClrOutcome *v = &request->outcome;
		Row			row;

		begin_row(&row);
		add_int8(&row, request->height);
		add_time(&row, request->time_us);
		add_int8(&row, (int64) v->content_hash);
		add_int4(&row, v->number);
		add_int4(&row, v->submitter);
		add_int4(&row, v->account);
		add_int2(&row, v->type);
		add_int2(&row, v->reason);
		add_int2(&row, v->ord_status);
		add_int2(&row, v->exec_type);
		add_bool(&row, v->duplicate != 0);
		add_outcome_amounts(&row, v);
		add_ref(&row, request->ref, v->ref_len);
		put_row(sink, &row);
	}
}

static Datum
bytea_datum(const uint8_t *data, size_t len)
{
	bytea	   *b = palloc(len + VARHDRSZ);

	SET_VARSIZE(b, len + VARHDRSZ);
	memcpy(VARDATA(b), data, len);
	return PointerGetDatum(b);
}

void
clr_put_projection(const ClrEngine *engine, const ClrChain *chain,
				   ClrRowSink *sink)
{
	ClrHouseView v;
	Row			row;

	clr_get_house(engine, &v);
	begin_row(&row);
	add_bool(&row, true);
	add_int8(&row, chain->height);
	add_datum(&row, bytea_datum(chain->hash, CLR_HASH_LEN));
	add_int8(&row, chain->time_us);
	add_int8(&row, v.epoch);
	add_bool(&row, v.open);
	add_text(&row, v.name, v.name_len);
	add_int8(&row, v.retention_us);
	add_int4(&row, v.next_asset);
	add_int4(&row, v.next_member);
	add_int4(&row, v.next_account);
	add_int4(&row, v.next_instrument);
	add_int8(&row, v.next_order);
	add_int8(&row, v.next_trade);
	add_int8(&row, v.next_entry);
	add_int8(&row, v.next_settlement);
	add_int8(&row, v.next_priority);
	add_datum(&row, TimestampTzGetDatum(GetCurrentTimestamp()));
	put_row(sink, &row);
}
