/*
 * journal.c
 *	  Blocks in the table clearing_state.journal.
 *
 * Run by the engine worker (append, read), the projector and verify (read).
 * Plans are prepared once per process and kept.  The caller has a transaction,
 * a snapshot and SPI.  Appending takes RowExclusiveLock until its end.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "errors.h"
#include "journal/journal.h"
#include "journal/plan.h"

#define BLOCK_COLUMNS \
	"height, epoch, block_time, ruleset, first_command, command_count, " \
	"prev_hash, commands, event_digest, block_hash"

#define JOURNAL_COLUMNS 10

/* Rows fetched at a time: bounded by bytes too, since blocks may be large. */
#define READ_AHEAD 16

SPIPlanPtr
clr_kept_plan(SPIPlanPtr *plan, const char *sql, int nargs, Oid *types)
{
	if (*plan == NULL)
	{
		SPIPlanPtr	fresh = SPI_prepare(sql, nargs, types);

		if (fresh == NULL || SPI_keepplan(fresh) != 0)
			elog(ERROR, "could not prepare a plan: %s",
				 SPI_result_code_string(SPI_result));
		*plan = fresh;
	}
	return *plan;
}

static Datum
spi_value(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("column %d of a journal block is null", column)));
	return value;
}

static void
copy_hash(uint8_t *out, Datum value)
{
	bytea	   *b = DatumGetByteaPP(value);

	if (VARSIZE_ANY_EXHDR(b) != CLR_HASH_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("a hash of the journal has %d bytes instead of %d",
						(int) VARSIZE_ANY_EXHDR(b), CLR_HASH_LEN)));
	memcpy(out, VARDATA_ANY(b), CLR_HASH_LEN);
}

static void
block_from_tuple(HeapTuple tuple, TupleDesc desc, ClrBlock *block)
{
	bytea	   *commands = DatumGetByteaPP(spi_value(tuple, desc, 8));

	block->height = DatumGetInt64(spi_value(tuple, desc, 1));
	block->epoch = DatumGetInt64(spi_value(tuple, desc, 2));
	block->time_us = DatumGetInt64(spi_value(tuple, desc, 3));
	block->ruleset = DatumGetInt32(spi_value(tuple, desc, 4));
	block->first_command = DatumGetInt64(spi_value(tuple, desc, 5));
	block->n_commands = DatumGetInt32(spi_value(tuple, desc, 6));
	copy_hash(block->prev_hash, spi_value(tuple, desc, 7));
	block->commands = (const uint8_t *) VARDATA_ANY(commands);
	block->commands_len = VARSIZE_ANY_EXHDR(commands);
	copy_hash(block->event_digest, spi_value(tuple, desc, 9));
	copy_hash(block->block_hash, spi_value(tuple, desc, 10));
}

/* One fetched batch; detoasted values live in a context of their own. */
static bool
deliver_batch(ClrBlockCallback callback, void *arg, MemoryContext scratch,
			  uint64_t *delivered)
{
	SPITupleTable *table = SPI_tuptable;
	bool		more = true;

	for (uint64 i = 0; more && i < table->numvals; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);
		ClrBlock	block;

		block_from_tuple(table->vals[i], table->tupdesc, &block);
		MemoryContextSwitchTo(old);
		more = callback(arg, &block);
		(*delivered)++;
		MemoryContextReset(scratch);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_freetuptable(table);
	return more;
}

uint64_t
clr_journal_read(uint64_t after, uint64_t upto, int max_blocks,
				 ClrBlockCallback callback, void *arg)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[3] = {INT8OID, INT8OID, INT4OID};
	Datum		values[3];
	Portal		portal;
	MemoryContext scratch;
	uint64_t	delivered = 0;
	bool		more = true;

	/* heights are bigint: "no end" is the greatest of them */
	upto = Min(upto, (uint64_t) PG_INT64_MAX);
	values[0] = Int64GetDatum((int64) after);
	values[1] = Int64GetDatum((int64) upto);
	values[2] = Int32GetDatum(max_blocks);
	clr_kept_plan(&plan, "SELECT " BLOCK_COLUMNS
			  " FROM clearing_state.journal"
			  " WHERE height > $1 AND height <= $2"
			  " ORDER BY height LIMIT $3", 3, types);
	scratch = AllocSetContextCreate(CurrentMemoryContext, "journal block",
									ALLOCSET_DEFAULT_SIZES);
	portal = SPI_cursor_open(NULL, plan, values, NULL, true);
	while (more)
	{
		SPI_cursor_fetch(portal, true, READ_AHEAD);
		if (SPI_processed == 0)
			break;
		more = deliver_batch(callback, arg, scratch, &delivered);
	}
	SPI_cursor_close(portal);
	MemoryContextDelete(scratch);
	return delivered;
}

bool
clr_journal_chain_at(uint64_t height, ClrChain *chain)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[1] = {INT8OID};
	Datum		values[1];
	HeapTuple	tuple;
	TupleDesc	desc;

	values[0] = Int64GetDatum((int64) height);
	clr_kept_plan(&plan, "SELECT height, epoch, block_time,"
			  " first_command + command_count, block_hash"
			  " FROM clearing_state.journal WHERE height = $1", 1, types);
	if (SPI_execute_plan(plan, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the journal");
	if (SPI_processed == 0)
		return false;
	tuple = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	chain->height = DatumGetInt64(spi_value(tuple, desc, 1));
	chain->epoch = DatumGetInt64(spi_value(tuple, desc, 2));
	chain->time_us = DatumGetInt64(spi_value(tuple, desc, 3));
	chain->next_command = DatumGetInt64(spi_value(tuple, desc, 4));
	copy_hash(chain->hash, spi_value(tuple, desc, 5));
	SPI_freetuptable(SPI_tuptable);
	return true;
}

bool
clr_journal_holds(const ClrChain *chain)
{
	ClrChain	there;

	return chain->height == 0 ||
		(clr_journal_chain_at(chain->height, &there) &&
		 memcmp(there.hash, chain->hash, CLR_HASH_LEN) == 0);
}

uint64_t
clr_journal_last_height(void)
{
	static SPIPlanPtr plan = NULL;
	uint64_t	height;

	clr_kept_plan(&plan, "SELECT coalesce(max(height), 0)"
			  " FROM clearing_state.journal", 0, NULL);
	if (SPI_execute_plan(plan, NULL, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the journal");
	height = DatumGetInt64(spi_value(SPI_tuptable->vals[0],
									 SPI_tuptable->tupdesc, 1));
	SPI_freetuptable(SPI_tuptable);
	return height;
}

static Datum
bytea_datum(const uint8_t *data, size_t len)
{
	bytea	   *b = palloc(len + VARHDRSZ);

	SET_VARSIZE(b, len + VARHDRSZ);
	memcpy(VARDATA(b), data, len);
	return PointerGetDatum(b);
}

/*
 * The table, locked for writing; its shape is what this library expects.  A
 * process appends to the table that it began with, or to none: DROP and CREATE
 * EXTENSION in one transaction put another into its place.
 */
static Relation
open_for_append(void)
{
	static Oid	began_with = InvalidOid;
	Oid			schema = get_namespace_oid("clearing_state", false);
	Oid			relid = get_relname_relid("journal", schema);
	Relation	rel;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"clearing_state.journal\" does not exist")));
	rel = table_open(relid, RowExclusiveLock);
	if (OidIsValid(began_with) && relid != began_with)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("relation \"clearing_state.journal\" has been replaced")));
	began_with = relid;
	if (RelationGetDescr(rel)->natts != JOURNAL_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("table clearing_state.journal has %d columns instead of %d",
						RelationGetDescr(rel)->natts, JOURNAL_COLUMNS)));
	return rel;
}

/*
 * Straight into the heap and its index, as catalogs are written: a plan's
 * start and end cost more than the row, once for every block.
 */
void
clr_journal_append(const ClrBlock *block)
{
	Relation	rel = open_for_append();
	Datum		values[JOURNAL_COLUMNS];
	bool		nulls[JOURNAL_COLUMNS] = {false};
	HeapTuple	tuple;

	values[0] = Int64GetDatum((int64) block->height);
	values[1] = Int64GetDatum((int64) block->epoch);
	values[2] = Int64GetDatum(block->time_us);
	values[3] = Int32GetDatum((int32) block->ruleset);
	values[4] = Int64GetDatum((int64) block->first_command);
	values[5] = Int32GetDatum((int32) block->n_commands);
	values[6] = bytea_datum(block->prev_hash, CLR_HASH_LEN);
	values[7] = bytea_datum(block->commands, block->commands_len);
	values[8] = bytea_datum(block->event_digest, CLR_HASH_LEN);
	values[9] = bytea_datum(block->block_hash, CLR_HASH_LEN);
	tuple = heap_form_tuple(RelationGetDescr(rel), values, nulls);
	CatalogTupleInsert(rel, tuple);
	heap_freetuple(tuple);
	table_close(rel, NoLock);
}
