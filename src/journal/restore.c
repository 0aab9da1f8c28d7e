/*
 * restore.c
 *	  Loads an engine from the read model.
 *
 * Run by the engine worker and the projector at start, and by backends that
 * compute a state digest.  Reads with the caller's snapshot, so all tables are
 * at the height that clearing_state.projection says.
 *
 * Rows go from the executor straight into the engine: a DestReceiver copies
 * nothing.  The columns of each SELECT are read by position; the loaders below
 * stand next to their column lists.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/reftext.h"
#include "journal/restore.h"
#include "journal/times.h"

/* Interrupts are looked for after so many rows. */
#define INTERRUPT_EVERY 1024

/* A row being read: columns are taken one after the other. */
typedef struct RowReader
{
	TupleTableSlot *slot;
	int			next;
	const char *table;
} RowReader;

typedef bool (*RowLoader) (ClrEngine *engine, RowReader *row);

typedef struct LoadReceiver
{
	DestReceiver base;
	ClrEngine  *engine;
	RowLoader	loader;
	const char *table;
	uint64		rows;
} LoadReceiver;

/* table NULL: what is wrong can't be told from one table */
static void
corrupt_row(const char *table, const char *problem)
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
take(RowReader *row)
{
	int			column = row->next++;

	if (row->slot->tts_isnull[column])
		corrupt_row(row->table, "a column is null that must not be");
	return row->slot->tts_values[column];
}

static inline int64
take_int8(RowReader *row)
{
	return DatumGetInt64(take(row));
}

static inline int32
take_int4(RowReader *row)
{
	return DatumGetInt32(take(row));
}

static inline uint8
take_int2(RowReader *row)
{
	return (uint8) DatumGetInt16(take(row));
}

static inline bool
take_bool(RowReader *row)
{
	return DatumGetBool(take(row));
}

/* Microseconds since 1970 */
static inline int64
take_time(RowReader *row)
{
	return clr_time_from_pg(DatumGetTimestampTz(take(row)));
}

/* Null and 0 are the same for the columns that are read with these. */
static inline int64
take_int8_or_0(RowReader *row)
{
	int			column = row->next++;

	return row->slot->tts_isnull[column] ? 0 :
		DatumGetInt64(row->slot->tts_values[column]);
}

static inline int32
take_int4_or_0(RowReader *row)
{
	int			column = row->next++;

	return row->slot->tts_isnull[column] ? 0 :
		DatumGetInt32(row->slot->tts_values[column]);
}

/* A text of at most max bytes; null is empty. */
static uint8
take_text(RowReader *row, uint8_t *out, int max)
{
	int			column = row->next++;
	text	   *value;
	int			len;

	if (row->slot->tts_isnull[column])
		return 0;
	value = DatumGetTextPP(row->slot->tts_values[column]);
	len = clr_text_to_bytes(value, out, max);
	if (len < 0)
		corrupt_row(row->table, "a text is too long");
	return (uint8) len;
}

/*----------------------------------------------------------------
 * The tables, in the order in which they are loaded
 *----------------------------------------------------------------
 */
#define ASSET_SQL \
	"SELECT asset_id, scale, name FROM clearing_state.asset ORDER BY asset_id"

static bool
load_asset(ClrEngine *engine, RowReader *row)
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
load_member(ClrEngine *engine, RowReader *row)
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
load_account(ClrEngine *engine, RowReader *row)
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
	" mark, settlement, last_price, last_qty, volume, open_interest" \
	" FROM clearing_state.instrument ORDER BY instrument_id"

static bool
load_instrument(ClrEngine *engine, RowReader *row)
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
	return clr_restore_instrument(engine, &v);
}

#define BALANCE_SQL \
	"SELECT account_id, asset_id, balance FROM clearing_state.balance" \
	" ORDER BY account_id, asset_id"

static bool
load_balance(ClrEngine *engine, RowReader *row)
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
load_position(ClrEngine *engine, RowReader *row)
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
	" r.needed, r.available, r.ref"

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

/*
 * A refusal that comes before the reference is looked at leaves it unused;
 * see admit() and run() in engine.c.
 */
static bool
is_remembered(const ClrOutcome *o)
{
	if (o->reason == CLR_R_DUPLICATE_REFERENCE ||
		o->reason == CLR_R_HOUSE_NOT_OPEN)
		return false;
	return o->submitter == CLR_MEMBER_HOUSE ||
		(o->reason != CLR_R_UNKNOWN_MEMBER &&
		 o->reason != CLR_R_UNKNOWN_COMMAND &&
		 o->reason != CLR_R_UNKNOWN_ACCOUNT);
}

static bool
load_reference(ClrEngine *engine, RowReader *row)
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
	v.ref_len = take_text(row, ref, CLR_REF_MAX);
	v.ref = ref;
	return !is_remembered(&v) || clr_restore_reference(engine, &v, time_us);
}

#define ORDER_SQL \
	"SELECT order_id, price, order_qty, cum_qty, leaves_qty, cum_value," \
	" priority, reserve, entered_at, account_id, instrument_id, side," \
	" ord_type, time_in_force, exec_inst, self_match, cl_ord_id" \
	" FROM clearing_state.open_order"

static bool
load_order(ClrEngine *engine, RowReader *row)
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
	return clr_restore_order(engine, &v);
}

/*----------------------------------------------------------------
 * Loading
 *----------------------------------------------------------------
 */
static void
refuse_state(const ClrEngine *engine, const char *table)
{
	const char *problem = clr_restore_error(engine);

	corrupt_row(table, problem != NULL ? problem : "unknown problem");
}

static bool
load_slot(TupleTableSlot *slot, DestReceiver *self)
{
	LoadReceiver *receiver = (LoadReceiver *) self;
	RowReader	row;

	slot_getallattrs(slot);
	row.slot = slot;
	row.next = 0;
	row.table = receiver->table;
	if (!receiver->loader(receiver->engine, &row))
		refuse_state(receiver->engine, receiver->table);
	if (++receiver->rows % INTERRUPT_EVERY == 0)
		CHECK_FOR_INTERRUPTS();
	return true;
}

static void
load_startup(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
load_nothing(DestReceiver *self)
{
}

static void
load_rows(ClrEngine *engine, const char *table, const char *sql,
		  RowLoader loader)
{
	LoadReceiver receiver = {
		.base.receiveSlot = load_slot,
		.base.rStartup = load_startup,
		.base.rShutdown = load_nothing,
		.base.rDestroy = load_nothing,
		/* any kind but DestNone and DestSPI, which SPI treats specially */
		.base.mydest = DestTuplestore,
	};
	SPIExecuteOptions options;
	int			rc;

	receiver.engine = engine;
	receiver.loader = loader;
	receiver.table = table;
	memset(&options, 0, sizeof(options));
	options.read_only = true;
	options.dest = &receiver.base;
	rc = SPI_execute_extended(sql, &options);
	if (rc < 0)
		elog(ERROR, "could not read clearing_state.%s: %s", table,
			 SPI_result_code_string(rc));
}

/* The one value of a SELECT; false if there is no row or it is null. */
static bool
select_int8(const char *sql, int64 *value)
{
	bool		isnull = true;

	if (SPI_execute(sql, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	if (SPI_processed == 1)
		*value = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
											 SPI_tuptable->tupdesc, 1,
											 &isnull));
	SPI_freetuptable(SPI_tuptable);
	return !isnull;
}

/*
 * First height whose block time is not before cutoff.  Block times never go
 * back, so bisection over the primary key finds it without a time index.
 */
static int64
first_height_since(int64 cutoff_us, int64 last)
{
	int64		low = 0;
	int64		high = last + 1;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;
		int64		time;

		/* a timestamptz is read as the int64 that it is */
		if (!select_int8(psprintf("SELECT block_time FROM clearing_state.request"
								  " WHERE height >= %lld"
								  " ORDER BY height, number LIMIT 1",
								  (long long) middle), &time) ||
			time >= clr_time_to_pg(cutoff_us))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
load_references(ClrEngine *engine, const ClrHouseView *house)
{
	int64		cutoff = house->time_us - house->retention_us;
	long long	from = first_height_since(cutoff, (int64) house->height);
	int			nest;

	load_rows(engine, "request", psprintf(OLD_REFERENCE_SQL, from, from, from),
			  load_reference);
	nest = NewGUCNestLevel();
	/* the key gives the order; a sort of a day's commands would be costly */
	(void) set_config_option("enable_sort", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	load_rows(engine, "request", psprintf(REFERENCE_SQL, from),
			  load_reference);
	AtEOXact_GUC(true, nest);
}

/* The projection row; false if nothing has been projected. */
static bool
read_projection(ClrHouseView *house, uint8_t *block_hash)
{
	TupleTableSlot *slot;
	RowReader	row = {.table = "projection"};
	bytea	   *hash;

	if (SPI_execute("SELECT height, block_time, epoch, house_open, house_name,"
					" retention_us, next_asset, next_member, next_account,"
					" next_instrument, next_order, next_trade, next_entry,"
					" next_settlement, next_priority, block_hash"
					" FROM clearing_state.projection", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.projection");
	if (SPI_processed == 0)
		return false;
	slot = MakeSingleTupleTableSlot(SPI_tuptable->tupdesc, &TTSOpsHeapTuple);
	ExecStoreHeapTuple(SPI_tuptable->vals[0], slot, false);
	slot_getallattrs(slot);
	row.slot = slot;
	memset(house, 0, sizeof(*house));
	house->height = take_int8(&row);
	house->time_us = take_int8(&row);
	house->epoch = take_int8(&row);
	house->open = take_bool(&row);
	house->name_len = take_text(&row, house->name, CLR_TEXT_MAX);
	house->retention_us = take_int8(&row);
	house->next_asset = take_int4(&row);
	house->next_member = take_int4(&row);
	house->next_account = take_int4(&row);
	house->next_instrument = take_int4(&row);
	house->next_order = take_int8(&row);
	house->next_trade = take_int8(&row);
	house->next_entry = take_int8(&row);
	house->next_settlement = take_int8(&row);
	house->next_priority = take_int8(&row);
	hash = DatumGetByteaPP(take(&row));
	if (VARSIZE_ANY_EXHDR(hash) != CLR_HASH_LEN)
		corrupt_row("projection", "block_hash has not 32 bytes");
	memcpy(block_hash, VARDATA_ANY(hash), CLR_HASH_LEN);
	ExecDropSingleTupleTableSlot(slot);
	return true;
}

/* The journal must have the block that the read model claims to show. */
static void
check_chain(const ClrHouseView *house, const uint8_t *block_hash,
			ClrChain *chain)
{
	if (!clr_journal_chain_at(house->height, chain))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("read model is at block %llu, which the journal does not have",
						(unsigned long long) house->height)));
	if (memcmp(chain->hash, block_hash, CLR_HASH_LEN) != 0 ||
		chain->time_us != house->time_us || chain->epoch != house->epoch)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("read model does not belong to this journal"),
				 errdetail("Hash, time or epoch of block %llu differ between clearing_state.projection and clearing_state.journal.",
						   (unsigned long long) house->height)));
}

/* Nothing projected: then there must be nothing to be found. */
static void
check_empty(void)
{
	int64		one;

	if (select_int8("SELECT 1::bigint FROM clearing_state.request LIMIT 1", &one))
		corrupt_row("projection", "the row is missing");
}

void
clr_restore_engine(ClrEngine *engine, ClrChain *chain)
{
	ClrHouseView house;
	uint8_t		block_hash[CLR_HASH_LEN];

	memset(chain, 0, sizeof(*chain));
	if (!read_projection(&house, block_hash))
	{
		check_empty();
		return;
	}
	check_chain(&house, block_hash, chain);
	if (!clr_restore_house(engine, &house))
		refuse_state(engine, "projection");
	load_rows(engine, "asset", ASSET_SQL, load_asset);
	load_rows(engine, "member", MEMBER_SQL, load_member);
	load_rows(engine, "account", ACCOUNT_SQL, load_account);
	load_rows(engine, "instrument", INSTRUMENT_SQL, load_instrument);
	load_rows(engine, "balance", BALANCE_SQL, load_balance);
	load_rows(engine, "position", POSITION_SQL, load_position);
	load_references(engine, &house);
	load_rows(engine, "open_order", ORDER_SQL, load_order);
	if (!clr_restore_finish(engine))
		refuse_state(engine, NULL);
}
