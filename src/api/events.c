/*
 * events.c
 *	  clearing.events(): the event stream as rows.
 *
 * Run by backends, on primaries and standbys, with the caller's snapshot.
 * Reads rows of clearing_state.event_block as their owner and decodes them
 * (worker/feed.h).  Market data is for everybody; events of orders and the
 * parties of trades are for who acts for the account, operators and auditors.
 *
 * Whoever leaves events out - because they are not the caller's, or of other
 * symbols - leaves holes in the numbers.  If they are the last ones that were
 * looked at, a row "gap_fill" (FIX 123) tells how far that was, so that the
 * next call does not look at them again.
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "journal/reftext.h"
#include "worker/feed.h"

PG_FUNCTION_INFO_V1(clr_events);

/* Columns of the result, in their order. */
typedef enum EventColumn
{
	EV_SEQ,
	EV_HEIGHT,
	EV_BLOCK_TIME,
	EV_TYPE,
	EV_SYMBOL,
	EV_SIDE,
	EV_PRICE,
	EV_QTY,
	EV_ORDERS,
	EV_TRADE_ID,
	EV_ACCOUNT,
	EV_ORDER_ID,
	EV_CL_ORD_ID,
	EV_ORD_TYPE,
	EV_TIME_IN_FORCE,
	EV_EXEC_TYPE,
	EV_ORD_STATUS,
	EV_CUM_QTY,
	EV_LEAVES_QTY,
	EV_AVG_PX,
	EV_REASON,
	EV_RESTATEMENT,
	EV_BUY_ACCOUNT,
	EV_SELL_ACCOUNT,
	EV_BUY_ORDER_ID,
	EV_SELL_ORDER_ID,
	EV_CORRECTED_BY,
	EV_PHASE,
	EV_SURPLUS,
	EV_OPEN,
	EV_HIGH,
	EV_LOW,
	EV_VWAP,
	EV_VOLUME,
	EV_OPEN_INTEREST,
	EV_COLUMNS
} EventColumn;

/* Rows of the table read at once, and records looked at in one call. */
#define BLOCKS_AT_ONCE 64
#define RECORDS_MAX 1000000

typedef struct EventRow
{
	Datum		values[EV_COLUMNS];
	bool		nulls[EV_COLUMNS];
} EventRow;

typedef struct EventScan
{
	ReturnSetInfo *rsinfo;
	int64		after;			/* events up to here have been looked at */
	int64		max_events;
	int64		returned;
	int64		looked_at;
	bool		hidden;			/* the last one looked at was left out */
	bool		all;			/* operator or auditor */
	uint32	   *instruments;	/* wanted; NULL = all */
	int			n_instruments;
	MemoryContext row_context;
	int64		height;			/* block being read */
	TimestampTz block_time;
} EventScan;

/*----------------------------------------------------------------
 * Values
 *----------------------------------------------------------------
 */
static inline void
set_datum(EventRow *row, EventColumn column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

static inline void
set_int8(EventRow *row, EventColumn column, int64 value)
{
	set_datum(row, column, Int64GetDatum(value));
}

static void
set_word(EventRow *row, EventColumn column, const char *word)
{
	if (word != NULL)
		set_datum(row, column, CStringGetTextDatum(word));
}

static void
set_price(EventRow *row, EventColumn column, const ClrObject *in, int64 ticks)
{
	set_datum(row, column, NumericGetDatum(clr_numeric_price(in, ticks)));
}

static void
set_qty(EventRow *row, EventColumn column, const ClrObject *in, int64 lots)
{
	set_datum(row, column, NumericGetDatum(clr_numeric_qty(in, lots)));
}

static void
set_side(EventRow *row, uint8 side)
{
	set_word(row, EV_SIDE, side == CLR_SIDE_BUY ? "buy" :
			 side == CLR_SIDE_SELL ? "sell" : NULL);
}

static const char *
phase_word(uint8 phase)
{
	switch ((ClrPhase) phase)
	{
		case CLR_PHASE_PRE_OPEN:
			return "pre_open";
		case CLR_PHASE_CONTINUOUS:
			return "continuous";
		case CLR_PHASE_HALTED:
			return "halted";
		case CLR_PHASE_CLOSED:
			return "closed";
		case CLR_PHASE_EXPIRED:
			return "expired";
		case CLR_PHASE_OPENING_CALL:
			return "opening_call";
		case CLR_PHASE_INTRADAY_CALL:
			return "intraday_call";
		case CLR_PHASE_CLOSING_CALL:
			return "closing_call";
		case CLR_PHASE_VOLATILITY_CALL:
			return "volatility_call";
		case CLR_PHASE_TRADE_AT_CLOSE:
			return "trade_at_close";
	}
	return NULL;
}

/*----------------------------------------------------------------
 * Who sees what
 *----------------------------------------------------------------
 */
static const ClrObject *
visible_account(const EventScan *scan, uint32 account)
{
	const ClrObject *object = clr_lookup_id(CLR_OBJECT_ACCOUNT, account);

	if (object == NULL || (!scan->all && !clr_acts_for(object->member)))
		return NULL;
	return object;
}

static void
set_account(EventRow *row, EventColumn column, const ClrObject *account)
{
	set_datum(row, column,
			  PointerGetDatum(cstring_to_text_with_len(account->key.name, account->key.len)));
}

static bool
wanted(const EventScan *scan, uint32 instrument)
{
	if (scan->instruments == NULL)
		return true;
	for (int i = 0; i < scan->n_instruments; i++)
		if (scan->instruments[i] == instrument)
			return true;
	return false;
}

/*----------------------------------------------------------------
 * Records.  Each function reads a record whole, and returns false if it is not
 * for the caller.
 *----------------------------------------------------------------
 */
static bool
read_order(EventScan *scan, ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	const ClrObject *account = visible_account(scan, (uint32) clr_feed_u(r));
	uint64		order_id = clr_feed_u(r);
	uint8		side = clr_feed_byte(r);
	uint8		ord_type = clr_feed_byte(r);
	uint8		time_in_force = clr_feed_byte(r);
	uint8		ord_status = clr_feed_byte(r);
	uint8		exec_type = clr_feed_byte(r);
	int			reason = (int) clr_feed_u(r);
	int64		price = clr_feed_s(r);
	int64		qty = (int64) clr_feed_u(r);
	int64		cum_qty = (int64) clr_feed_u(r);
	int64		leaves_qty = (int64) clr_feed_u(r);
	int64		value = clr_feed_s(r);
	uint8		ref_len = clr_feed_byte(r);

	if (r->failed || ref_len > r->end - r->pos)
	{
		r->failed = true;
		return false;
	}
	r->pos += ref_len;
	if (account == NULL || in == NULL)
		return false;
	set_word(row, EV_TYPE, "order");
	set_account(row, EV_ACCOUNT, account);
	set_int8(row, EV_ORDER_ID, (int64) order_id);
	set_side(row, side);
	set_word(row, EV_ORD_TYPE, clr_word_of(CLR_WORDS_ORD_TYPE, ord_type));
	set_word(row, EV_TIME_IN_FORCE, clr_word_of(CLR_WORDS_TIME_IN_FORCE, time_in_force));
	set_word(row, EV_ORD_STATUS, clr_ord_status_word(ord_status));
	set_word(row, EV_EXEC_TYPE, clr_exec_type_word(exec_type));
	if (reason != CLR_OK)
	{
		set_word(row, EV_REASON, clr_reason_name(reason));
		set_word(row, EV_RESTATEMENT, clr_restatement_name((int) reason));
	}
	if (ord_type != CLR_ORD_MARKET && ord_type != CLR_ORD_STOP)
		set_price(row, EV_PRICE, in, price);
	set_qty(row, EV_QTY, in, qty);
	set_qty(row, EV_CUM_QTY, in, cum_qty);
	set_qty(row, EV_LEAVES_QTY, in, leaves_qty);
	if (cum_qty > 0)
		set_datum(row, EV_AVG_PX, NumericGetDatum(clr_numeric_avg_px(in, value, cum_qty)));
	if (ref_len > 0)
		set_datum(row, EV_CL_ORD_ID,
				  PointerGetDatum(clr_text_from_bytes(r->pos - ref_len, ref_len)));
	return true;
}

static bool
read_trade(EventScan *scan, ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	uint64		trade_id = clr_feed_u(r);
	int64		price = clr_feed_s(r);
	int64		qty = (int64) clr_feed_u(r);
	uint64		buy_order = clr_feed_u(r);
	uint64		sell_order = clr_feed_u(r);
	const ClrObject *buyer = visible_account(scan, (uint32) clr_feed_u(r));
	const ClrObject *seller = visible_account(scan, (uint32) clr_feed_u(r));
	uint8		aggressor = clr_feed_byte(r);

	if (r->failed || in == NULL)
		return false;
	set_word(row, EV_TYPE, "trade");
	set_int8(row, EV_TRADE_ID, (int64) trade_id);
	set_price(row, EV_PRICE, in, price);
	set_qty(row, EV_QTY, in, qty);
	set_side(row, aggressor);
	if (buyer != NULL)
	{
		set_account(row, EV_BUY_ACCOUNT, buyer);
		set_int8(row, EV_BUY_ORDER_ID, (int64) buy_order);
	}
	if (seller != NULL)
	{
		set_account(row, EV_SELL_ACCOUNT, seller);
		set_int8(row, EV_SELL_ORDER_ID, (int64) sell_order);
	}
	return true;
}

/* A bust or correction: what the trade was like, and by which it is replaced. */
static bool
read_bust(EventScan *scan, ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	bool		corrected = clr_feed_byte(r) == 2;
	uint64		corrected_by = clr_feed_u(r);

	if (!read_trade(scan, r, in, row))
		return false;
	set_word(row, EV_TYPE, corrected ? "trade_correction" : "trade_bust");
	set_word(row, EV_EXEC_TYPE, clr_exec_type_word(corrected ? CLR_EXEC_TRADE_CORRECT : CLR_EXEC_TRADE_CANCEL));
	if (corrected)
		set_int8(row, EV_CORRECTED_BY, (int64) corrected_by);
	return true;
}

static bool
read_level(ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	uint8		side = clr_feed_byte(r);
	int64		price = clr_feed_s(r);
	int64		qty = (int64) clr_feed_u(r);
	uint64		orders = clr_feed_u(r);

	if (r->failed || in == NULL)
		return false;
	set_word(row, EV_TYPE, "level");
	set_side(row, side);
	set_price(row, EV_PRICE, in, price);
	set_qty(row, EV_QTY, in, qty);
	set_datum(row, EV_ORDERS, Int32GetDatum((int32) orders));
	return true;
}

static bool
read_indicative(ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	bool		has_price = clr_feed_byte(r) != 0;
	int64		price = clr_feed_s(r);
	int64		volume = (int64) clr_feed_u(r);
	int64		surplus = clr_feed_s(r);

	if (r->failed || in == NULL)
		return false;
	set_word(row, EV_TYPE, "indicative");
	if (has_price)
		set_price(row, EV_PRICE, in, price);
	set_qty(row, EV_QTY, in, volume);
	set_qty(row, EV_SURPLUS, in, surplus);
	return true;
}

static bool
read_statistics(ClrFeedReader *r, const ClrObject *in, EventRow *row)
{
	uint8		bits = clr_feed_byte(r);
	int64		last = clr_feed_s(r);
	int64		last_qty = (int64) clr_feed_u(r);
	int64		open = clr_feed_s(r);
	int64		high = clr_feed_s(r);
	int64		low = clr_feed_s(r);
	int64		volume = (int64) clr_feed_u(r);
	int64		value = clr_feed_s(r);
	int64		open_interest = (int64) clr_feed_u(r);

	if (r->failed || in == NULL)
		return false;
	set_word(row, EV_TYPE, "statistics");
	if ((bits & CLR_FEED_HAS_LAST) != 0)
	{
		set_price(row, EV_PRICE, in, last);
		set_qty(row, EV_QTY, in, last_qty);
	}
	if ((bits & CLR_FEED_HAS_SESSION) != 0)
	{
		set_price(row, EV_OPEN, in, open);
		set_price(row, EV_HIGH, in, high);
		set_price(row, EV_LOW, in, low);
		if (volume > 0 && value > -PG_INT64_MAX && value < PG_INT64_MAX)
			set_datum(row, EV_VWAP, NumericGetDatum(clr_numeric_avg_px(in, value, volume)));
	}
	set_qty(row, EV_VOLUME, in, volume);
	if (in->instrument_kind == CLR_INSTRUMENT_FUTURE)
		set_qty(row, EV_OPEN_INTEREST, in, open_interest);
	return true;
}

/* One record; true if it is for the caller, and then in row. */
static bool
read_record(EventScan *scan, ClrFeedReader *r, EventRow *row)
{
	uint8		type = clr_feed_byte(r);
	uint32		instrument = (uint32) clr_feed_u(r);
	const ClrObject *in = wanted(scan, instrument) ?
		clr_lookup_id(CLR_OBJECT_INSTRUMENT, instrument) : NULL;
	uint8		phase;

	memset(row->nulls, true, sizeof(row->nulls));
	if (in != NULL)
		set_datum(row, EV_SYMBOL,
				  PointerGetDatum(cstring_to_text_with_len(in->key.name, in->key.len)));
	switch ((ClrFeedType) type)
	{
		case CLR_FEED_ORDER:
			return read_order(scan, r, in, row);
		case CLR_FEED_TRADE:
			return read_trade(scan, r, in, row);
		case CLR_FEED_BUST:
			return read_bust(scan, r, in, row);
		case CLR_FEED_LEVEL:
			return read_level(r, in, row);
		case CLR_FEED_INDICATIVE:
			return read_indicative(r, in, row);
		case CLR_FEED_STATISTICS:
			return read_statistics(r, in, row);
		case CLR_FEED_PHASE:
			phase = clr_feed_byte(r);
			set_word(row, EV_TYPE, "phase");
			set_word(row, EV_PHASE, phase_word(phase));
			return in != NULL;
	}
	r->failed = true;
	return false;
}

/*----------------------------------------------------------------
 * Scanning
 *----------------------------------------------------------------
 */
static void
put_event(EventScan *scan, EventRow *row, int64 seq)
{
	set_int8(row, EV_SEQ, seq);
	set_int8(row, EV_HEIGHT, scan->height);
	set_datum(row, EV_BLOCK_TIME, TimestampTzGetDatum(scan->block_time));
	tuplestore_putvalues(scan->rsinfo->setResult, scan->rsinfo->setDesc,
						 row->values, row->nulls);
	scan->returned++;
}

/* The numbers up to the last one looked at hold nothing more for the caller. */
static void
put_gap_fill(EventScan *scan)
{
	EventRow	row;

	memset(row.nulls, true, sizeof(row.nulls));
	set_word(&row, EV_TYPE, "gap_fill");
	put_event(scan, &row, scan->after);
}

static bool
is_full(const EventScan *scan)
{
	return scan->returned >= scan->max_events || scan->looked_at >= RECORDS_MAX;
}

static void
read_block(EventScan *scan, int64 first_seq, int64 n, const bytea *data)
{
	ClrFeedReader r = {
		.pos = (const uint8 *) VARDATA_ANY(data),
		.end = (const uint8 *) VARDATA_ANY(data) + VARSIZE_ANY_EXHDR(data)
	};

	for (int64 seq = first_seq; seq < first_seq + n && !is_full(scan); seq++)
	{
		EventRow	row;
		MemoryContext old = MemoryContextSwitchTo(scan->row_context);
		bool		mine = read_record(scan, &r, &row);

		MemoryContextSwitchTo(old);
		if (r.failed)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
					 errmsg("event %lld of block %lld cannot be decoded",
							(long long) seq, (long long) scan->height),
					 errhint("Run clearing.verify().")));
		if (seq > scan->after)
		{
			scan->looked_at++;
			scan->after = seq;
			scan->hidden = !mine;
			if (mine)
				put_event(scan, &row, seq);
		}
		MemoryContextReset(scan->row_context);
	}
}

/* A row of clearing_state.event_block, outside of SPI. */
typedef struct StoredBlock
{
	int64		first_seq;
	int64		height;
	int64		n;
	TimestampTz block_time;
	bytea	   *data;
} StoredBlock;

/* Rows with events after `after`; the first may have some before, too. */
static int
fetch_blocks(int64 after, StoredBlock *blocks)
{
	ClrOwnerScope scope;
	MemoryContext context = CurrentMemoryContext;
	Oid			types[] = {INT8OID};
	Datum		values[] = {Int64GetDatum(after < PG_INT64_MAX ? after + 1 : after)};
	int			n;

	clr_owner_enter(&scope, false);
	n = (int) clr_owner_select("SELECT first_seq, height, n, block_time, data"
							   " FROM clearing_state.event_block WHERE first_seq"
							   " OPERATOR(pg_catalog.>=) COALESCE((SELECT e.first_seq"
							   " FROM clearing_state.event_block e WHERE e.first_seq"
							   " OPERATOR(pg_catalog.<=) $1"
							   " ORDER BY e.first_seq USING OPERATOR(pg_catalog.>)"
							   " LIMIT 1), 0)"
							   " ORDER BY first_seq USING OPERATOR(pg_catalog.<)"
							   " LIMIT " CppAsString2(BLOCKS_AT_ONCE),
							   1, types, values);
	for (int i = 0; i < n; i++)
	{
		TupleDesc	desc = SPI_tuptable->tupdesc;
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		MemoryContext old;

		blocks[i].first_seq = clr_spi_int(i, 1);
		blocks[i].height = clr_spi_int(i, 2);
		blocks[i].n = clr_spi_int(i, 3);
		blocks[i].block_time =
			DatumGetTimestampTz(SPI_getbinval(tuple, desc, 4, &isnull));
		old = MemoryContextSwitchTo(context);
		blocks[i].data = DatumGetByteaPCopy(SPI_getbinval(tuple, desc, 5, &isnull));
		MemoryContextSwitchTo(old);
	}
	clr_owner_leave(&scope);
	return n;
}

/* Those who ask for what has been dropped must start anew. */
static void
check_still_there(int64 after, const StoredBlock *first)
{
	if (first->first_seq - 1 <= after)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CLR_DROPPED),
			 errmsg("events after %lld have been dropped", (long long) after),
			 errdetail("The first event still there is %lld.",
					   (long long) first->first_seq),
			 errhint("Take a clearing.book_snapshot() and go on with the events after its seq, or read on from %lld and miss what was dropped.",
					 (long long) first->first_seq - 1)));
}

/* False when there is no more. */
static bool
scan_batch(EventScan *scan)
{
	StoredBlock blocks[BLOCKS_AT_ONCE];
	int64		before = scan->after;
	int			n = fetch_blocks(scan->after, blocks);

	if (n > 0)
		check_still_there(scan->after, &blocks[0]);
	for (int i = 0; i < n && !is_full(scan); i++)
	{
		scan->height = blocks[i].height;
		scan->block_time = blocks[i].block_time;
		read_block(scan, blocks[i].first_seq, blocks[i].n, blocks[i].data);
		CHECK_FOR_INTERRUPTS();
	}
	for (int i = 0; i < n; i++)
		pfree(blocks[i].data);
	return scan->after > before;
}

static void
choose_symbols(EventScan *scan, ArrayType *symbols)
{
	Datum	   *names;
	bool	   *nulls;

	deconstruct_array(symbols, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls,
					  &scan->n_instruments);
	scan->instruments = palloc(Max(scan->n_instruments, 1) * sizeof(uint32));
	for (int i = 0; i < scan->n_instruments; i++)
	{
		if (nulls[i])
			clr_null_argument("symbols");
		scan->instruments[i] =
			clr_require_object(CLR_OBJECT_INSTRUMENT, clr_text_of(names[i]))->id;
	}
}

/* events(after, max_events, symbols) */
Datum
clr_events(PG_FUNCTION_ARGS)
{
	EventScan	scan = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo};

	clr_lookup_begin();
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		clr_null_argument("after");
	scan.after = Max(PG_GETARG_INT64(0), 0);
	scan.max_events = PG_ARGISNULL(1) ? PG_INT64_MAX : PG_GETARG_INT32(1);
	scan.all = clr_sees_all();
	if (!PG_ARGISNULL(2))
		choose_symbols(&scan, PG_GETARG_ARRAYTYPE_P(2));
	scan.row_context = AllocSetContextCreate(CurrentMemoryContext, "event",
											 ALLOCSET_DEFAULT_SIZES);
	while (!is_full(&scan) && scan_batch(&scan))
		;
	if (scan.hidden && scan.returned < scan.max_events)
		put_gap_fill(&scan);
	return (Datum) 0;
}
