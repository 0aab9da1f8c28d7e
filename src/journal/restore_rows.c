/*
 * restore_rows.c
 *	  What an engine is loaded from: the tables of the read model, column by
 *	  column.
 *
 * Run wherever restore.c runs.  The columns of each SELECT are read by
 * position; each loader stands below its column list.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "journal/reftext.h"
#include "journal/restore_rows.h"
#include "journal/times.h"

void
clr_corrupt_row(const char *table, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
			 errmsg("read model is inconsistent"),
			 table != NULL ?
			 errdetail("Table clearing_state.%s: %s.", table, problem) :
			 errdetail("The tables do not fit together: %s.", problem),
			 errhint("Call clearing.verify() to see what differs, clearing.rebuild_read_model() to make it again from the journal.")));
}

static Datum
take(ClrRowReader *row)
{
	int			column = row->next++;

	if (row->slot->tts_isnull[column])
		clr_corrupt_row(row->table, "a column is null that must not be");
	return row->slot->tts_values[column];
}

static inline int64
take_int8(ClrRowReader *row)
{
	return DatumGetInt64(take(row));
}

static inline int32
take_int4(ClrRowReader *row)
{
	return DatumGetInt32(take(row));
}

static inline uint8
take_int2(ClrRowReader *row)
{
	return (uint8) DatumGetInt16(take(row));
}

static inline bool
take_bool(ClrRowReader *row)
{
	return DatumGetBool(take(row));
}

/* Microseconds since 1970 */
static inline int64
take_time(ClrRowReader *row)
{
	return clr_time_from_pg(DatumGetTimestampTz(take(row)));
}

/* Null and 0 are the same for the columns that are read with these. */
static inline int64
take_int8_or_0(ClrRowReader *row)
{
	int			column = row->next++;

	return row->slot->tts_isnull[column] ? 0 :
		DatumGetInt64(row->slot->tts_values[column]);
}

static inline uint16
take_int2_or_0(ClrRowReader *row)
{
	int			column = row->next++;

	return row->slot->tts_isnull[column] ? 0 :
		(uint16) DatumGetInt16(row->slot->tts_values[column]);
}

static inline int32
take_int4_or_0(ClrRowReader *row)
{
	int			column = row->next++;

	return row->slot->tts_isnull[column] ? 0 :
		DatumGetInt32(row->slot->tts_values[column]);
}

/* A text of at most max bytes; null is empty. */
static uint8
take_text(ClrRowReader *row, uint8_t *out, int max)
{
	int			column = row->next++;
	text	   *value;
	int			len;

	if (row->slot->tts_isnull[column])
		return 0;
	value = DatumGetTextPP(row->slot->tts_values[column]);
	len = clr_text_to_bytes(value, out, max);
	if (len < 0)
		clr_corrupt_row(row->table, "a text is too long");
	return (uint8) len;
}

/* An array whose subscripts are attributes + 1; null = none. */
static void
take_attrs(ClrRowReader *row, ClrOrderView *v)
{
	int			column = row->next++;
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (row->slot->tts_isnull[column])
		return;
	deconstruct_array(DatumGetArrayTypeP(row->slot->tts_values[column]),
					  INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, &n);
	if (n > CLR_ATTR_COUNT)
		clr_corrupt_row(row->table, "an order has attributes that do not exist");
	for (int a = 0; a < n; a++)
	{
		if (nulls[a])
			continue;
		v->attrs_present |= UINT32_C(1) << a;
		v->attr[a] = DatumGetInt64(elements[a]);
	}
}

/*----------------------------------------------------------------
 * The tables
 *----------------------------------------------------------------
 */
#define ASSET_SQL \
	"SELECT asset_id, scale, name FROM clearing_state.asset ORDER BY asset_id"

static bool
load_asset(ClrEngine *engine, ClrRowReader *row)
{
	ClrAssetView v = {0};

	v.asset = take_int4(row);
	v.scale = take_int2(row);
	v.name_len = take_text(row, v.name, CLR_NAME_MAX);
	return clr_restore_asset(engine, &v);
}

#define MEMBER_SQL \
	"SELECT member_id, code, name FROM clearing_state.member ORDER BY member_id"

static bool
load_member(ClrEngine *engine, ClrRowReader *row)
{
	ClrMemberView v = {0};

	v.member = take_int4(row);
	v.code_len = take_text(row, v.code, CLR_NAME_MAX);
	v.name_len = take_text(row, v.name, CLR_TEXT_MAX);
	return clr_restore_member(engine, &v);
}

#define ACCOUNT_SQL \
	"SELECT account_id, member_id, account_type, name" \
	" FROM clearing_state.account ORDER BY account_id"

static bool
load_account(ClrEngine *engine, ClrRowReader *row)
{
	ClrAccountView v = {0};

	v.account = take_int4(row);
	v.member = take_int4(row);
	v.account_type = take_int2(row);
	v.name_len = take_text(row, v.name, CLR_NAME_MAX);
	return clr_restore_account(engine, &v);
}

#define INSTRUMENT_SQL \
	"SELECT instrument_id, symbol, kind, margin_basis, fee_basis," \
	" replace_priority, phase, tick_exp, lot_exp, multiplier_exp," \
	" base_asset_id, quote_asset_id, tick_size, lot_size, multiplier," \
	" initial_margin, maintenance_margin, maker_fee, taker_fee," \
	" reference_price, expiry_us, tick_value, lot_units," \
	" has_reference_price, has_mark, has_settlement, has_last," \
	" mark, settlement, last_price, last_qty, volume, open_interest," \
	" has_session, session_open, session_high, session_low," \
	" session_volume, session_value" \
	" FROM clearing_state.instrument ORDER BY instrument_id"

static bool
load_instrument(ClrEngine *engine, ClrRowReader *row)
{
	ClrInstrumentView v = {0};

	v.instrument = take_int4(row);
	v.symbol_len = take_text(row, v.symbol, CLR_NAME_MAX);
	v.kind = take_int2(row);
	v.margin_basis = take_int2(row);
	v.fee_basis = take_int2(row);
	v.replace_priority = take_int2(row);
	v.phase = take_int2(row);
	v.tick_exp = take_int2(row);
	v.lot_exp = take_int2(row);
	v.multiplier_exp = take_int2(row);
	v.base_asset = take_int4(row);
	v.quote_asset = take_int4(row);
	v.tick_size = take_int8(row);
	v.lot_size = take_int8(row);
	v.multiplier = take_int8(row);
	v.initial_margin = take_int8(row);
	v.maintenance_margin = take_int8(row);
	v.maker_fee = take_int8(row);
	v.taker_fee = take_int8(row);
	v.reference_price = take_int8(row);
	v.expiry_us = take_int8(row);
	v.tick_value = take_int8(row);
	v.lot_units = take_int8(row);
	v.has_reference_price = take_bool(row);
	v.has_mark = take_bool(row);
	v.has_settlement = take_bool(row);
	v.has_last = take_bool(row);
	v.mark = take_int8(row);
	v.settlement = take_int8(row);
	v.last_price = take_int8(row);
	v.last_qty = take_int8(row);
	v.volume = take_int8(row);
	v.open_interest = take_int8(row);
	v.has_session = take_bool(row);
	v.session_open = take_int8(row);
	v.session_high = take_int8(row);
	v.session_low = take_int8(row);
	v.session_volume = take_int8(row);
	v.session_value = take_int8(row);
	return clr_restore_instrument(engine, &v);
}

#define FIELD_SQL \
	"SELECT scope, field, object_id, sub, value FROM clearing_state.field" \
	" ORDER BY scope, object_id, sub, field"

static bool
load_field(ClrEngine *engine, ClrRowReader *row)
{
	ClrFieldView v = {0};

	v.scope = take_int2(row);
	v.field = (uint16) DatumGetInt16(take(row));
	v.object = take_int8(row);
	v.sub = take_int8(row);
	v.value = take_int8(row);
	return clr_restore_field(engine, &v);
}

#define BALANCE_SQL \
	"SELECT account_id, asset_id, balance FROM clearing_state.balance" \
	" ORDER BY account_id, asset_id"

static bool
load_balance(ClrEngine *engine, ClrRowReader *row)
{
	ClrBalanceView v = {0};

	v.account = take_int4(row);
	v.asset = take_int4(row);
	v.balance = take_int8(row);
	return clr_restore_balance(engine, &v);
}

#define POSITION_SQL \
	"SELECT account_id, instrument_id, qty, cost, realised, buy_lots," \
	" sell_lots, buy_reserve, sell_reserve FROM clearing_state.position" \
	" ORDER BY account_id, instrument_id"

static bool
load_position(ClrEngine *engine, ClrRowReader *row)
{
	ClrPositionView v = {0};

	v.account = take_int4(row);
	v.instrument = take_int4(row);
	v.qty = take_int8(row);
	v.cost = take_int8(row);
	v.realised = take_int8(row);
	v.buy_lots = take_int8(row);
	v.sell_lots = take_int8(row);
	v.buy_reserve = take_int8(row);
	v.sell_reserve = take_int8(row);
	return clr_restore_position(engine, &v);
}

#define REFERENCE_COLUMNS \
	"SELECT r.height, r.number, r.block_time, r.content_hash, r.submitter," \
	" r.account_id, r.command_type, r.reason, r.ord_status, r.exec_type," \
	" r.instrument_id, r.asset_id, r.n_trades, r.n_cancelled, r.id," \
	" r.order_qty, r.cum_qty, r.leaves_qty, r.cum_value, r.first_trade," \
	" r.needed, r.available, r.restated, r.cancelled_for, r.ref"

/*
 * %lld: first height that can hold a reference that is remembered for its age.
 * Older ones live on while they name a working order: that of its entry and
 * those of its replaces.
 */
#define OLD_REFERENCE_SQL \
	REFERENCE_COLUMNS \
	" FROM clearing_state.open_order o JOIN clearing_state.request r" \
	" ON r.height = o.entered_height AND r.number = o.entered_number" \
	" WHERE o.entered_height < %lld AND r.ref IS NOT NULL" \
	" UNION ALL " \
	REFERENCE_COLUMNS \
	" FROM clearing_state.open_order o JOIN clearing_state.request r" \
	" ON r.id = o.order_id" \
	" WHERE o.entered_height < %lld AND r.height < %lld AND r.ref IS NOT NULL" \
	" AND r.command_type = 21 AND r.reason = 0 AND NOT r.duplicate" \
	" ORDER BY height, number"

#define REFERENCE_SQL \
	REFERENCE_COLUMNS \
	" FROM clearing_state.request r" \
	" WHERE r.height >= %lld AND NOT r.duplicate AND r.ref IS NOT NULL" \
	" ORDER BY r.height, r.number"

static bool
load_reference(ClrEngine *engine, ClrRowReader *row)
{
	ClrOutcome	v = {0};
	uint8_t		ref[CLR_REF_MAX];
	int64		time_us;

	v.orig_height = take_int8(row);
	v.number = v.orig_number = take_int4(row);
	time_us = take_time(row);
	v.content_hash = (uint64) take_int8(row);
	v.submitter = take_int4(row);
	v.account = take_int4(row);
	v.type = take_int2(row);
	v.reason = (uint16) DatumGetInt16(take(row));
	v.ord_status = take_int2(row);
	v.exec_type = take_int2(row);
	v.instrument = take_int4_or_0(row);
	v.asset = take_int4_or_0(row);
	v.n_trades = take_int4_or_0(row);
	v.n_cancelled = take_int4_or_0(row);
	v.id = take_int8_or_0(row);
	v.order_qty = take_int8_or_0(row);
	v.cum_qty = take_int8_or_0(row);
	v.leaves_qty = take_int8_or_0(row);
	v.cum_value = take_int8_or_0(row);
	v.first_trade = take_int8_or_0(row);
	v.needed = take_int8_or_0(row);
	v.available = take_int8_or_0(row);
	v.restated = take_int2_or_0(row);
	v.cancelled_for = take_int2_or_0(row);
	v.ref_len = take_text(row, ref, CLR_REF_MAX);
	v.ref = ref;
	return !clr_uses_reference(&v) || clr_restore_reference(engine, &v, time_us);
}

#define ORDER_SQL \
	"SELECT order_id, price, order_qty, cum_qty, leaves_qty, cum_value," \
	" priority, reserve, entered_at, account_id, instrument_id, side," \
	" ord_type, time_in_force, exec_inst, self_match, cl_ord_id, attributes" \
	" FROM clearing_state.open_order"

static bool
load_order(ClrEngine *engine, ClrRowReader *row)
{
	ClrOrderView v = {0};

	v.order_id = take_int8(row);
	v.price = take_int8(row);
	v.order_qty = take_int8(row);
	v.cum_qty = take_int8(row);
	v.leaves_qty = take_int8(row);
	v.cum_value = take_int8(row);
	v.priority = take_int8(row);
	v.reserve = take_int8(row);
	v.time_us = take_time(row);
	v.account = take_int4(row);
	v.instrument = take_int4(row);
	v.side = take_int2(row);
	v.ord_type = take_int2(row);
	v.time_in_force = take_int2(row);
	v.exec_inst = take_int2(row);
	v.self_match = take_int2(row);
	v.ref_len = take_text(row, v.ref, CLR_REF_MAX);
	take_attrs(row, &v);
	return clr_restore_order(engine, &v);
}

const char	clr_projection_sql[] =
"SELECT height, block_time, epoch, house_open, house_name, retention_us,"
" next_asset, next_member, next_account, next_instrument, next_order,"
" next_trade, next_entry, next_settlement, next_priority, block_hash"
" FROM clearing_state.projection";

void
clr_read_projection_row(ClrRowReader *row, ClrHouseView *house,
						uint8_t *block_hash)
{
	bytea	   *hash;

	memset(house, 0, sizeof(*house));
	house->height = take_int8(row);
	house->time_us = take_int8(row);
	house->epoch = take_int8(row);
	house->open = take_bool(row);
	house->name_len = take_text(row, house->name, CLR_TEXT_MAX);
	house->retention_us = take_int8(row);
	house->next_asset = take_int4(row);
	house->next_member = take_int4(row);
	house->next_account = take_int4(row);
	house->next_instrument = take_int4(row);
	house->next_order = take_int8(row);
	house->next_trade = take_int8(row);
	house->next_entry = take_int8(row);
	house->next_settlement = take_int8(row);
	house->next_priority = take_int8(row);
	hash = DatumGetByteaPP(take(row));
	if (VARSIZE_ANY_EXHDR(hash) != CLR_HASH_LEN)
		clr_corrupt_row("projection", "block_hash has not 32 bytes");
	memcpy(block_hash, VARDATA_ANY(hash), CLR_HASH_LEN);
}

const ClrRestoreTable clr_restore_tables[] = {
	{"asset", ASSET_SQL, load_asset},
	{"member", MEMBER_SQL, load_member},
	{"account", ACCOUNT_SQL, load_account},
	{"instrument", INSTRUMENT_SQL, load_instrument},
	{"field", FIELD_SQL, load_field},
	{"balance", BALANCE_SQL, load_balance},
	{"position", POSITION_SQL, load_position},
};
const int	clr_n_restore_tables = lengthof(clr_restore_tables);

const ClrRestoreTable clr_restore_old_references =
{"request", OLD_REFERENCE_SQL, load_reference};
const ClrRestoreTable clr_restore_references =
{"request", REFERENCE_SQL, load_reference};
const ClrRestoreTable clr_restore_orders =
{"open_order", ORDER_SQL, load_order};
