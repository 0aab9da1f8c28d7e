/*
 * projection_write.c
 *	  Writes a ClrDelta into the tables of the read model.
 *
 * Run by the projector inside a transaction with SPI and a snapshot.  Nobody
 * else writes these tables; row locks are never waited for.
 *
 * Rows that are new for certain go in as COPY's do: many at a time, past the
 * planner.  The others are put into a tuplestore that one saved statement per
 * table sees as the relation "delta" (as triggers see transition tables).
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "errors.h"
#include "journal/plan.h"
#include "worker/projection.h"

/* As many rows are formatted before they are written to pages. */
#define BULK_ROWS 500

/*----------------------------------------------------------------
 * Rows that are new
 *----------------------------------------------------------------
 */
typedef struct BulkSink
{
	ClrRowSink	base;
	Relation	rel;
	EState	   *estate;
	ResultRelInfo *result;
	BulkInsertState bistate;
	MemoryContext row_context;	/* texts of the rows not yet written */
	TupleTableSlot *slots[BULK_ROWS];
	int			n;
} BulkSink;

/*
 * Entries of all rows in one index, and then in the next, so that what an index
 * needs stays in the processor's caches.  Otherwise as ExecInsertIndexTuples().
 */
static void
fill_index(BulkSink *bulk, int which)
{
	Relation	index = bulk->result->ri_IndexRelationDescs[which];
	IndexInfo  *info = bulk->result->ri_IndexRelationInfo[which];
	ExprContext *econtext = GetPerTupleExprContext(bulk->estate);

	if (!info->ii_ReadyForInserts)
		return;
	if (info->ii_ExclusionOps != NULL || !index->rd_index->indimmediate)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("index \"%s\" cannot be kept up to date by the projector",
						RelationGetRelationName(index)),
				 errhint("Drop it: tables of the read model can't have exclusion or deferrable constraints.")));
	if (info->ii_Predicate != NIL && info->ii_PredicateState == NULL)
		info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, bulk->estate);
	for (int i = 0; i < bulk->n; i++)
	{
		TupleTableSlot *slot = bulk->slots[i];
		MemoryContext old;
		Datum		values[INDEX_MAX_KEYS];
		bool		nulls[INDEX_MAX_KEYS];

		econtext->ecxt_scantuple = slot;
		if (info->ii_PredicateState != NULL &&
			!ExecQual(info->ii_PredicateState, econtext))
			continue;
		old = MemoryContextSwitchTo(GetPerTupleMemoryContext(bulk->estate));
		FormIndexDatum(info, slot, bulk->estate, values, nulls);
		index_insert(index, values, nulls, &slot->tts_tid, bulk->rel,
					 index->rd_index->indisunique ? UNIQUE_CHECK_YES : UNIQUE_CHECK_NO,
					 false, info);
		MemoryContextSwitchTo(old);
		ResetPerTupleExprContext(bulk->estate);
	}
}

static void
bulk_flush(BulkSink *bulk)
{
	MemoryContext old = MemoryContextSwitchTo(bulk->row_context);

	if (bulk->n > 0)
		table_multi_insert(bulk->rel, bulk->slots, bulk->n,
						   GetCurrentCommandId(true), 0, bulk->bistate);
	MemoryContextSwitchTo(old);
	for (int i = 0; i < bulk->result->ri_NumIndices; i++)
		fill_index(bulk, i);
	for (int i = 0; i < bulk->n; i++)
		ExecClearTuple(bulk->slots[i]);
	bulk->n = 0;
	MemoryContextReset(bulk->row_context);
	CHECK_FOR_INTERRUPTS();
}

static void
bulk_put(ClrRowSink *sink, Datum *values, bool *nulls)
{
	BulkSink   *bulk = (BulkSink *) sink;
	TupleTableSlot *slot = bulk->slots[bulk->n];
	int			natts = RelationGetDescr(bulk->rel)->natts;

	if (slot == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(bulk->estate->es_query_cxt);

		slot = table_slot_create(bulk->rel, NULL);
		bulk->slots[bulk->n] = slot;
		MemoryContextSwitchTo(old);
	}
	ExecClearTuple(slot);
	memcpy(slot->tts_values, values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	if (++bulk->n == BULK_ROWS)
		bulk_flush(bulk);
}

static void
bulk_begin(BulkSink *bulk, const char *table, int natts)
{
	MemoryContext old;

	memset(bulk, 0, sizeof(*bulk));
	bulk->base.put = bulk_put;
	bulk->rel = clr_open_state_table(table, natts, RowExclusiveLock);
	bulk->estate = CreateExecutorState();
	old = MemoryContextSwitchTo(bulk->estate->es_query_cxt);
	bulk->result = makeNode(ResultRelInfo);
	InitResultRelInfo(bulk->result, bulk->rel, 1, NULL, 0);
	ExecOpenIndices(bulk->result, false);
	bulk->bistate = GetBulkInsertState();
	MemoryContextSwitchTo(old);
	bulk->row_context = AllocSetContextCreate(CurrentMemoryContext,
											  "projection rows",
											  ALLOCSET_DEFAULT_SIZES);
}

static void
bulk_end(BulkSink *bulk)
{
	bulk_flush(bulk);
	for (int i = 0; i < BULK_ROWS && bulk->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(bulk->slots[i]);
	FreeBulkInsertState(bulk->bistate);
	table_finish_bulk_insert(bulk->rel, 0);
	ExecCloseIndices(bulk->result);
	FreeExecutorState(bulk->estate);
	MemoryContextDelete(bulk->row_context);
	table_close(bulk->rel, NoLock);
}

static void
insert_rows(const char *table, int natts, ClrRowWriter writer,
			const ClrDelta *delta, const ClrEngine *engine)
{
	BulkSink	bulk;
	MemoryContext old;

	bulk_begin(&bulk, table, natts);
	/* rows are made in the context that a flush resets */
	old = MemoryContextSwitchTo(bulk.row_context);
	writer(delta, engine, &bulk.base);
	MemoryContextSwitchTo(old);
	bulk_end(&bulk);
}

/*----------------------------------------------------------------
 * Rows that replace others
 *----------------------------------------------------------------
 */
/*
 * Runs sql, prepared and kept in *plan, with the rows of the sink as the
 * relation "delta"; each of them must have its effect.
 */
static void
execute_with_delta(SPIPlanPtr *plan, const char *sql, ClrStore *store)
{
	int			rc;

	clr_store_bind(store);
	clr_kept_plan(plan, sql, 0, NULL);
	rc = SPI_execute_plan(*plan, NULL, NULL, false, 0);
	if (rc < 0)
		elog(ERROR, "could not write %s: %s", store->table,
			 SPI_result_code_string(rc));
	if (SPI_processed != store->n)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("read model does not match the journal"),
				 errdetail("%llu rows for clearing_state.%s were to be written, %llu were.",
						   (unsigned long long) store->n, store->table,
						   (unsigned long long) SPI_processed),
				 errhint("Somebody wrote to the read model; run clearing.verify().")));
	clr_store_unbind();
}

/* Rows shaped like `table`, written by `sql`. */
static void
merge_rows(SPIPlanPtr *plan, const char *sql, const char *table, int natts,
		   ClrRowWriter writer, const ClrDelta *delta, const ClrEngine *engine)
{
	ClrStore	store;
	MemoryContext old;

	clr_store_begin(&store, table, natts, RowExclusiveLock);
	old = MemoryContextSwitchTo(store.row_context);
	writer(delta, engine, &store.base);
	MemoryContextSwitchTo(old);
	if (store.n > 0)
		execute_with_delta(plan, sql, &store);
	clr_store_end(&store);
}

static void
write_instruments(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "INSERT INTO clearing_state.instrument AS i SELECT * FROM delta"
			   " ON CONFLICT (instrument_id) DO UPDATE SET"
			   " margin_basis = excluded.margin_basis,"
			   " phase = excluded.phase,"
			   " initial_margin = excluded.initial_margin,"
			   " maintenance_margin = excluded.maintenance_margin,"
			   " has_mark = excluded.has_mark,"
			   " has_settlement = excluded.has_settlement,"
			   " has_last = excluded.has_last,"
			   " mark = excluded.mark,"
			   " settlement = excluded.settlement,"
			   " last_price = excluded.last_price,"
			   " last_qty = excluded.last_qty,"
			   " volume = excluded.volume,"
			   " open_interest = excluded.open_interest,"
			   " has_session = excluded.has_session,"
			   " session_open = excluded.session_open,"
			   " session_high = excluded.session_high,"
			   " session_low = excluded.session_low,"
			   " session_volume = excluded.session_volume,"
			   " session_value = excluded.session_value",
			   "instrument", 39, clr_put_instruments, delta, engine);
}

static void
write_balances(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "INSERT INTO clearing_state.balance AS b SELECT * FROM delta"
			   " ON CONFLICT (account_id, asset_id) DO UPDATE SET"
			   " balance = excluded.balance",
			   "balance", 3, clr_put_balances, delta, engine);
}

static void
write_positions(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "INSERT INTO clearing_state.position AS p SELECT * FROM delta"
			   " ON CONFLICT (account_id, instrument_id) DO UPDATE SET"
			   " qty = excluded.qty,"
			   " cost = excluded.cost,"
			   " realised = excluded.realised,"
			   " buy_lots = excluded.buy_lots,"
			   " sell_lots = excluded.sell_lots,"
			   " buy_reserve = excluded.buy_reserve,"
			   " sell_reserve = excluded.sell_reserve",
			   "position", 9, clr_put_positions, delta, engine);
}

static void
write_fields(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "INSERT INTO clearing_state.field AS f SELECT * FROM delta"
			   " ON CONFLICT (scope, object_id, sub, field) DO UPDATE SET"
			   " value = excluded.value",
			   "field", 5, clr_put_fields, delta, engine);
}

static void
write_changed_orders(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "UPDATE clearing_state.open_order AS o SET"
			   " price = d.price,"
			   " order_qty = d.order_qty,"
			   " cum_qty = d.cum_qty,"
			   " leaves_qty = d.leaves_qty,"
			   " cum_value = d.cum_value,"
			   " priority = d.priority,"
			   " reserve = d.reserve,"
			   " time_in_force = d.time_in_force,"
			   " ord_type = d.ord_type,"
			   " exec_inst = d.exec_inst,"
			   " cl_ord_id = d.cl_ord_id,"
			   " attributes = d.attributes"
			   " FROM delta AS d WHERE o.order_id = d.order_id",
			   "open_order", 20, clr_put_changed_orders, delta, engine);
}

static void
write_finished_orders(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;

	merge_rows(&plan,
			   "WITH gone AS ("
			   " DELETE FROM clearing_state.open_order AS o USING delta AS d"
			   " WHERE o.order_id = d.order_id"
			   " RETURNING d.order_id, d.price, d.order_qty, d.cum_qty,"
			   " d.leaves_qty, d.cum_value, o.entered_height, o.entered_at,"
			   " d.finished_height, d.finished_at, o.account_id,"
			   " o.instrument_id, o.entered_number, o.side, d.ord_type, d.time_in_force,"
			   " d.exec_inst, d.self_match, d.ord_status, d.reason,"
			   " coalesce(d.cl_ord_id, o.cl_ord_id), d.attributes)"
			   " INSERT INTO clearing_state.order_history SELECT * FROM gone",
			   "order_history", 22, clr_put_finished_orders, delta, engine);
}

static bool
any_call(const ClrEngine *engine)
{
	ClrHouseView house;
	ClrInstrumentView v;

	clr_get_house(engine, &house);
	for (uint32 i = 1; i < house.next_instrument; i++)
		if (clr_get_instrument(engine, i, &v) &&
			(v.phase == CLR_PHASE_PRE_OPEN || (v.phase >= CLR_PHASE_OPENING_CALL &&
											   v.phase <= CLR_PHASE_VOLATILITY_CALL)))
			return true;
	return false;
}

/*
 * Indicative prices are written anew in each batch as long as there is a call;
 * otherwise once, to take away what an earlier projector may have left.
 */
static void
write_indicative(const ClrDelta *delta, const ClrEngine *engine)
{
	static SPIPlanPtr plan = NULL;
	static bool empty = false;
	bool		call = any_call(engine);

	if (empty && !call)
		return;
	clr_kept_plan(&plan, "DELETE FROM clearing_state.indicative", 0, NULL);
	if (SPI_execute_plan(plan, NULL, NULL, false, 0) < 0)
		elog(ERROR, "could not empty the table of indicative prices");
	if (call)
		insert_rows("indicative", 11, clr_put_indicative, delta, engine);
	empty = !call;
}

static void
projection_row(const ClrEngine *engine, const ClrChain *chain)
{
	static SPIPlanPtr plan = NULL;
	ClrStore	store;
	MemoryContext old;

	clr_store_begin(&store, "projection", 18, RowExclusiveLock);
	old = MemoryContextSwitchTo(store.row_context);
	clr_put_projection(engine, chain, &store.base);
	MemoryContextSwitchTo(old);
	execute_with_delta(&plan,
					   "INSERT INTO clearing_state.projection AS p SELECT * FROM delta"
					   " ON CONFLICT (singleton) DO UPDATE SET"
					   " height = excluded.height,"
					   " block_hash = excluded.block_hash,"
					   " block_time = excluded.block_time,"
					   " epoch = excluded.epoch,"
					   " house_open = excluded.house_open,"
					   " house_name = excluded.house_name,"
					   " retention_us = excluded.retention_us,"
					   " next_asset = excluded.next_asset,"
					   " next_member = excluded.next_member,"
					   " next_account = excluded.next_account,"
					   " next_instrument = excluded.next_instrument,"
					   " next_order = excluded.next_order,"
					   " next_trade = excluded.next_trade,"
					   " next_entry = excluded.next_entry,"
					   " next_settlement = excluded.next_settlement,"
					   " next_priority = excluded.next_priority,"
					   " projected_at = excluded.projected_at",
					   &store);
	clr_store_end(&store);
}

void
clr_delta_write(ClrDelta *delta, const ClrEngine *engine, const ClrChain *chain)
{
	if (delta->assets.n > 0)
		insert_rows("asset", 3, clr_put_assets, delta, engine);
	if (delta->members.n > 0)
		insert_rows("member", 3, clr_put_members, delta, engine);
	if (delta->accounts.n > 0)
		insert_rows("account", 4, clr_put_accounts, delta, engine);
	if (delta->instruments.n > 0)
		write_instruments(delta, engine);
	if (delta->fields.n > 0)
		write_fields(delta, engine);
	if (delta->balances.n > 0)
		write_balances(delta, engine);
	if (delta->positions.n > 0)
		write_positions(delta, engine);
	if (delta->orders.n > 0)
	{
		write_changed_orders(delta, engine);
		write_finished_orders(delta, engine);
		insert_rows("open_order", 20, clr_put_new_orders, delta, engine);
		insert_rows("order_history", 22, clr_put_short_lived_orders, delta, engine);
	}
	if (delta->trades.n > 0)
		insert_rows("trade", 15, clr_put_trades, delta, engine);
	if (delta->ledger.n > 0)
		insert_rows("ledger_entry", 11, clr_put_ledger, delta, engine);
	if (delta->settlements.n > 0)
		insert_rows("settlement", 9, clr_put_settlements, delta, engine);
	if (delta->requests.n > 0)
		insert_rows("request", 28, clr_put_requests, delta, engine);
	write_indicative(delta, engine);
	if (delta->feed.n > 0)
		insert_rows("event_block", 5, clr_put_feed, delta, engine);
	projection_row(engine, chain);
}
