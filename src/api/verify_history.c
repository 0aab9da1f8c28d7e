/*
 * verify_history.c
 *	  Rows of things past - trades, ledger entries, settlements, outcomes,
 *	  finished orders - held against the events of a re-execution.
 *
 * Run by clearing.verify().  An engine knows the present only, so its state
 * digest does not cover these tables.  The rows that the projector would have
 * written are made again, by the same code, and joined with the tables both
 * ways: a row that differs, is missing or should not be there is named.
 *
 * What an order was entered with is remembered here while it works, as the
 * projector finds it in the order's row.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/verify.h"
#include "compat.h"
#include "errors.h"
#include "journal/times.h"
#include "worker/feed.h"
#include "worker/projection.h"

/* What the later events of a working order do not repeat. */
typedef struct OrderMemory
{
	uint64		order_id;
	uint64		entered_height;
	int64		entered_us;
	uint32		entered_number;
	uint8		ref_len;
	uint8		ref[CLR_REF_MAX];
	char		status;
} OrderMemory;

#define SH_PREFIX order_memory
#define SH_ELEMENT_TYPE OrderMemory
#define SH_KEY_TYPE uint64
#define SH_KEY order_id
#define SH_HASH_KEY(table, key) ((uint32) (((key) * UINT64CONST(0x9E3779B97F4A7C15)) >> 32))
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct ClrHistoryCheck
{
	uint64		from;			/* blocks before it are not compared */
	uint64		upto;
	struct order_memory_hash *working;
	MemoryContext batch_context;
	ClrDelta   *delta;			/* of the batch, NULL before the first block */
	uint64		batch_after;	/* blocks (batch_after, delta->height] */
	int64		batch_first_us;
	/* rows up to here have been compared */
	uint64		last_trade;
	uint64		last_entry;
	uint64		last_settlement;
	uint64		finished_orders;	/* number of them */
	List	   *busts;			/* of the batch */
	ClrFeed    *feed;			/* the event stream, made again */
	uint64		first_seq;		/* of the rows that have not been dropped */
	uint64		last_seq;
};

/* clearing.prune_events() drops the oldest rows, but never the last. */
static uint64
first_kept_seq(void)
{
	bool		isnull;
	uint64		first = 0;

	if (SPI_execute("SELECT min(first_seq) FROM clearing_state.event_block",
					true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.event_block");
	first = (uint64) DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
												 SPI_tuptable->tupdesc, 1,
												 &isnull));
	SPI_freetuptable(SPI_tuptable);
	return isnull ? 0 : first;
}

ClrHistoryCheck *
clr_history_begin(MemoryContext context, ClrEngine *engine, uint64 from,
				  uint64 upto)
{
	ClrHistoryCheck *check = MemoryContextAllocZero(context,
													sizeof(ClrHistoryCheck));

	check->from = from;
	check->upto = upto;
	check->working = order_memory_create(context, 1024, NULL);
	check->batch_context = AllocSetContextCreate(context, "history to compare",
												 ALLOCSET_DEFAULT_SIZES);
	check->feed = clr_feed_create(context, engine, 1);
	check->first_seq = first_kept_seq();
	return check;
}

bool
clr_history_add_block(ClrHistoryCheck *check, const ClrBlock *block,
					  const ClrEventBuffer *events, uint64 next_order)
{
	if (check->delta == NULL)
	{
		check->delta = clr_delta_create(check->batch_context, next_order);
		check->batch_after = block->height - 1;
		check->batch_first_us = block->time_us;
	}
	check->delta->feed_from = check->first_seq;
	clr_delta_add_block(check->delta, block, events);
	clr_feed_add_block(check->feed, check->delta, block, events);
	if (block->height >= check->from)
	{
		MemoryContext old = MemoryContextSwitchTo(check->batch_context);

		check->busts = clr_busts_note(check->busts, block, events);
		MemoryContextSwitchTo(old);
	}
	return check->delta->rows < CLR_DELTA_MAX_ROWS;
}

/*----------------------------------------------------------------
 * What orders were entered with
 *----------------------------------------------------------------
 */
static void
recall(const OrderMemory *memory, ClrOrderDelta *order)
{
	order->entered_height = memory->entered_height;
	order->entered_us = memory->entered_us;
	order->entered_number = memory->entered_number;
	if (!order->has_ref)
	{
		order->ref_len = memory->ref_len;
		memcpy(order->ref, memory->ref, memory->ref_len);
	}
}

static void
memorize(ClrHistoryCheck *check, const ClrOrderDelta *order)
{
	bool		found;
	OrderMemory *memory = order_memory_insert(check->working,
											  order->last.order_id, &found);

	memory->entered_height = order->entered_height;
	memory->entered_us = order->entered_us;
	memory->entered_number = order->entered_number;
	memory->ref_len = order->ref_len;
	memcpy(memory->ref, order->ref, order->ref_len);
}

static void
complete_orders(ClrHistoryCheck *check)
{
	for (uint32 i = 0; i < check->delta->orders.n; i++)
	{
		ClrOrderDelta *order = clr_vector_at(&check->delta->orders, i);

		if (!order->created)
		{
			OrderMemory *memory = order_memory_lookup(check->working,
													  order->last.order_id);

			if (memory == NULL)
				elog(ERROR, "order %llu was never entered",
					 (unsigned long long) order->last.order_id);
			recall(memory, order);
		}
		if (!order->finished)
			memorize(check, order);
		else
		{
			if (!order->created)
				order_memory_delete(check->working, order->last.order_id);
			check->finished_orders++;
		}
	}
}

/*----------------------------------------------------------------
 * Comparing
 *----------------------------------------------------------------
 */

/* Runs a SELECT of (height, text); the first row is what is wrong. */
static char *
first_difference(const char *sql, int nargs, Oid *types, Datum *values,
				 uint64 *height)
{
	bool		isnull;
	char	   *what;

	if (SPI_execute_with_args(sql, nargs, types, values, NULL, true, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not execute: %s", sql);
	if (SPI_processed == 0)
	{
		SPI_freetuptable(SPI_tuptable);
		return NULL;
	}
	*height = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										  SPI_tuptable->tupdesc, 1, &isnull));
	what = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	SPI_freetuptable(SPI_tuptable);
	return what;
}

/* A table of things past, and how its rows of a batch are found. */
typedef struct HistoryTable
{
	const char *name;
	int			natts;
	ClrRowWriter writer;
	const char *key;			/* columns of USING */
	const char *label;			/* the key in words, of either side */
	const char *height;
	const char *range;			/* rows of the batch, by $1 .. $4 */
} HistoryTable;

static const HistoryTable trades =
{"trade", 15, clr_put_trades, "trade_id", "trade_id", "height",
"trade_id > $1 AND trade_id <= $2"};

static const HistoryTable entries =
{"ledger_entry", 11, clr_put_ledger, "entry_id", "entry_id", "height",
"entry_id > $1 AND entry_id <= $2"};

static const HistoryTable settlements =
{"settlement", 9, clr_put_settlements, "settlement_id", "settlement_id",
	"height", "settlement_id > $1 AND settlement_id <= $2"};

static const HistoryTable feed =
{"event_block", 5, clr_put_feed, "first_seq", "first_seq", "height",
"first_seq > $1 AND first_seq <= $2"};

static const HistoryTable requests =
{"request", 28, clr_put_requests, "height, number",
	"height || '/' || number", "height", "height > $1 AND height <= $2"};

static const HistoryTable finished =
{"order_history", 22, clr_put_ended_orders, "order_id", "order_id",
	"finished_height",
"finished_at >= $3 AND finished_at <= $4 AND finished_height > $1 AND finished_height <= $2"};

#define DIFFERENCE_SQL \
	"SELECT coalesce(d.%s, t.%s) AS height," \
	" 'row ' || %s || ' of clearing_state.%s ' ||" \
	" CASE WHEN t IS NULL THEN 'is missing'" \
	" WHEN d IS NULL THEN 'should not be there'" \
	" ELSE 'differs from what the journal says' END" \
	" FROM delta d FULL JOIN" \
	" (SELECT * FROM clearing_state.%s WHERE %s) t USING (%s)" \
	" WHERE d IS DISTINCT FROM t ORDER BY 1 LIMIT 1"

static char *
compare_rows(ClrHistoryCheck *check, const HistoryTable *table, uint64 after,
			 uint64 upto, uint64 *height)
{
	Oid			types[4] = {INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[4];
	ClrStore	store;
	MemoryContext old;
	char	   *what;

	values[0] = Int64GetDatum((int64) after);
	values[1] = Int64GetDatum((int64) upto);
	values[2] = TimestampTzGetDatum(clr_time_to_pg(check->batch_first_us));
	values[3] = TimestampTzGetDatum(clr_time_to_pg(check->delta->time_us));
	clr_store_begin(&store, table->name, table->natts, AccessShareLock);
	old = MemoryContextSwitchTo(store.row_context);
	table->writer(check->delta, NULL, &store.base);
	MemoryContextSwitchTo(old);
	clr_store_bind(&store);
	what = first_difference(psprintf(DIFFERENCE_SQL, table->height,
									 table->height, table->label, table->name,
									 table->name, table->range, table->key),
							4, types, values, height);
	clr_store_unbind();
	clr_store_end(&store);
	return what;
}

static uint64
last_id(const ClrVector *vector, uint64 (*id_of) (const void *), uint64 before)
{
	return vector->n == 0 ? before :
		id_of(clr_vector_at(vector, vector->n - 1));
}

static uint64
trade_id_of(const void *p)
{
	return ((const ClrTradeDelta *) p)->event.trade_id;
}

static uint64
entry_id_of(const void *p)
{
	return ((const ClrLedgerDelta *) p)->event.entry;
}

static uint64
last_seq_of(const void *p)
{
	return ((const ClrFeedRow *) p)->first_seq + ((const ClrFeedRow *) p)->n - 1;
}

static uint64
settlement_id_of(const void *p)
{
	return ((const ClrSettlementDelta *) p)->event.settlement_id;
}

/* Compares the batch table by table, up to the first difference. */
static char *
compare_batch(ClrHistoryCheck *check, uint64 last_trade, uint64 last_entry,
			  uint64 last_settlement, uint64 last_seq, uint64 *height)
{
	uint64		after = check->batch_after;
	uint64		upto = check->delta->height;
	char	   *what;

	what = compare_rows(check, &requests, after, upto, height);
	if (what == NULL)
		what = compare_rows(check, &finished, after, upto, height);
	if (what == NULL && last_trade > check->last_trade)
		what = compare_rows(check, &trades, check->last_trade, last_trade, height);
	if (what == NULL && last_entry > check->last_entry)
		what = compare_rows(check, &entries, check->last_entry, last_entry, height);
	if (what == NULL && last_settlement > check->last_settlement)
		what = compare_rows(check, &settlements, check->last_settlement,
							last_settlement, height);
	if (what == NULL && last_seq > check->last_seq)
		what = compare_rows(check, &feed, check->last_seq, last_seq, height);
	return what;
}

char *
clr_history_compare(ClrHistoryCheck *check, uint64 *height, bool *untrue)
{
	ClrDelta   *delta = check->delta;
	uint64		last_trade;
	uint64		last_entry;
	uint64		last_settlement;
	uint64		last_seq;
	char	   *what = NULL;

	if (delta == NULL)
		return NULL;
	complete_orders(check);
	last_trade = last_id(&delta->trades, trade_id_of, check->last_trade);
	last_entry = last_id(&delta->ledger, entry_id_of, check->last_entry);
	last_settlement = last_id(&delta->settlements, settlement_id_of,
							  check->last_settlement);
	last_seq = last_id(&delta->feed, last_seq_of, check->last_seq);
	if (delta->height >= check->from)
		what = compare_batch(check, last_trade, last_entry, last_settlement,
							 last_seq, height);
	if (what == NULL)
	{
		what = clr_busts_compare(check->busts, height);
		*untrue = what != NULL;
	}
	check->last_trade = last_trade;
	check->last_entry = last_entry;
	check->last_settlement = last_settlement;
	check->last_seq = last_seq;
	check->delta = NULL;
	check->busts = NIL;
	MemoryContextReset(check->batch_context);
	return what;
}

/* Working orders: what the engine's own state does not tell is compared too. */
static char *
compare_open_orders(ClrHistoryCheck *check, const ClrEngine *engine,
					uint64 *height)
{
	ClrStore	store;
	order_memory_iterator iterator;
	OrderMemory *memory;
	char	   *what;

	clr_store_begin(&store, "open_order", 20, AccessShareLock);
	order_memory_start_iterate(check->working, &iterator);
	while ((memory = order_memory_iterate(check->working, &iterator)) != NULL)
	{
		ClrOrderDelta order = {0};
		MemoryContext old = MemoryContextSwitchTo(store.row_context);

		order.last.order_id = memory->order_id;
		order.entered_height = memory->entered_height;
		order.entered_number = memory->entered_number;
		clr_put_working_order(&order, engine, &store.base);
		MemoryContextSwitchTo(old);
		CHECK_FOR_INTERRUPTS();
	}
	clr_store_bind(&store);
	what = first_difference(psprintf(DIFFERENCE_SQL, "entered_height",
									 "entered_height", "order_id", "open_order",
									 "open_order", "true", "order_id"),
							0, NULL, NULL, height);
	clr_store_unbind();
	clr_store_end(&store);
	return what;
}

/* Rows beyond the last ones that there should be. */
static char *
find_leftovers(ClrHistoryCheck *check, uint64 *height)
{
	Oid			types[6] = {INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID};
	Datum		values[6];

	values[0] = Int64GetDatum((int64) check->last_trade);
	values[1] = Int64GetDatum((int64) check->last_entry);
	values[2] = Int64GetDatum((int64) check->last_settlement);
	values[3] = Int64GetDatum((int64) check->upto);
	values[4] = Int64GetDatum((int64) check->finished_orders);
	values[5] = Int64GetDatum((int64) check->last_seq);
	return first_difference(
							"SELECT height, 'row ' || id || ' of clearing_state.' || t || ' should not be there' FROM ("
							"(SELECT $4, trade_id::text, 'trade' FROM clearing_state.trade"
							"  WHERE trade_id > $1 OR trade_id < 1 LIMIT 1)"
							" UNION ALL "
							"(SELECT $4, entry_id::text, 'ledger_entry' FROM clearing_state.ledger_entry"
							"  WHERE entry_id > $2 OR entry_id < 1 LIMIT 1)"
							" UNION ALL "
							"(SELECT $4, settlement_id::text, 'settlement' FROM clearing_state.settlement"
							"  WHERE settlement_id > $3 OR settlement_id < 1 LIMIT 1)"
							" UNION ALL "
							"(SELECT $4, height || '/' || number, 'request' FROM clearing_state.request"
							"  WHERE height > $4 OR height < 1 LIMIT 1)"
							" UNION ALL "
							"(SELECT $4, first_seq::text, 'event_block' FROM clearing_state.event_block"
							"  WHERE first_seq > $6 OR first_seq < 1 LIMIT 1)"
							" UNION ALL "
							"(SELECT $4, 'count ' || count(*), 'order_history' FROM clearing_state.order_history"
							"  HAVING count(*) <> $5)"
							") AS x (height, id, t)",
							6, types, values, height);
}

char *
clr_history_finish(ClrHistoryCheck *check, const ClrEngine *engine,
				   uint64 *height)
{
	char	   *what = compare_open_orders(check, engine, height);

	return what != NULL ? what : find_leftovers(check, height);
}
