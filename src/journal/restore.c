/*
 * restore.c
 *	  Loads an engine from the read model.
 *
 * Run by the engine worker and the projector at start, and by backends that
 * compute a state digest.  Reads with the caller's snapshot, so all tables are
 * at the height that clearing_state.projection says.
 *
 * Rows go from the executor straight into the engine: a DestReceiver copies
 * nothing.  What is read from which table is in restore_rows.c.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/restore_rows.h"
#include "journal/times.h"

/* Interrupts are looked for after so many rows. */
#define INTERRUPT_EVERY 1024

typedef struct LoadReceiver
{
	DestReceiver base;
	ClrEngine  *engine;
	const ClrRestoreTable *table;
	uint64		rows;
} LoadReceiver;

static void
refuse_state(const ClrEngine *engine, const char *table)
{
	const char *problem = clr_restore_error(engine);

	clr_corrupt_row(table, problem != NULL ? problem : "unknown problem");
}

static bool
load_slot(TupleTableSlot *slot, DestReceiver *self)
{
	LoadReceiver *receiver = (LoadReceiver *) self;
	ClrRowReader row;

	slot_getallattrs(slot);
	row.slot = slot;
	row.next = 0;
	row.table = receiver->table->name;
	if (!receiver->table->load(receiver->engine, &row))
		refuse_state(receiver->engine, receiver->table->name);
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
load_rows(ClrEngine *engine, const ClrRestoreTable *table, const char *sql)
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
	receiver.table = table;
	memset(&options, 0, sizeof(options));
	options.read_only = true;
	options.dest = &receiver.base;
	rc = SPI_execute_extended(sql, &options);
	if (rc < 0)
		elog(ERROR, "could not read clearing_state.%s: %s", table->name,
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

	load_rows(engine, &clr_restore_old_references,
			  psprintf(clr_restore_old_references.sql, from, from, from));
	nest = NewGUCNestLevel();
	/* the key gives the order; a sort of a day's commands would be costly */
	(void) set_config_option("enable_sort", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	load_rows(engine, &clr_restore_references,
			  psprintf(clr_restore_references.sql, from));
	AtEOXact_GUC(true, nest);
}

/* The projection row; false if nothing has been projected. */
static bool
read_projection(ClrHouseView *house, uint8_t *block_hash)
{
	TupleTableSlot *slot;
	ClrRowReader row = {.table = "projection"};

	if (SPI_execute(clr_projection_sql, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.projection");
	if (SPI_processed == 0)
		return false;
	slot = MakeSingleTupleTableSlot(SPI_tuptable->tupdesc, &TTSOpsHeapTuple);
	ExecStoreHeapTuple(SPI_tuptable->vals[0], slot, false);
	slot_getallattrs(slot);
	row.slot = slot;
	clr_read_projection_row(&row, house, block_hash);
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
		clr_corrupt_row("projection", "the row is missing");
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
	for (int i = 0; i < clr_n_restore_tables; i++)
		load_rows(engine, &clr_restore_tables[i], clr_restore_tables[i].sql);
	load_references(engine, &house);
	load_rows(engine, &clr_restore_orders, clr_restore_orders.sql);
	if (!clr_restore_finish(engine))
		refuse_state(engine, NULL);
}
