/*
 * projection_store.c
 *	  Rows made in C, as a relation that SQL can see.
 *
 * Run by the projector, to merge rows into tables, and by clearing.verify(),
 * to compare them.  Statements see the rows as "delta", the way triggers see
 * transition tables.  The caller has SPI.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "errors.h"
#include "worker/projection.h"

#define DELTA_NAME "delta"

Relation
clr_open_state_table(const char *name, int natts, LOCKMODE lockmode)
{
	RangeVar   *rv = makeRangeVar("clearing_state", (char *) name, -1);
	Relation	rel = table_openrv(rv, lockmode);

	if (RelationGetDescr(rel)->natts != natts)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("table clearing_state.%s does not fit the library", name),
				 errdetail("The table has %d columns, the library knows %d.",
						   RelationGetDescr(rel)->natts, natts),
				 errhint("Run ALTER EXTENSION pg_clearing UPDATE, or restart the server with the library of the installed version.")));
	return rel;
}

static void
store_put(ClrRowSink *sink, Datum *values, bool *nulls)
{
	ClrStore   *store = (ClrStore *) sink;

	tuplestore_putvalues(store->store, RelationGetDescr(store->rel), values,
						 nulls);
	store->n++;
	MemoryContextReset(store->row_context);
}

void
clr_store_begin(ClrStore *store, const char *table, int natts,
				LOCKMODE lockmode)
{
	memset(store, 0, sizeof(*store));
	store->base.put = store_put;
	store->table = table;
	store->rel = clr_open_state_table(table, natts, lockmode);
	store->store = tuplestore_begin_heap(false, false, work_mem);
	store->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "row of the read model",
											   ALLOCSET_DEFAULT_SIZES);
}

void
clr_store_bind(ClrStore *store)
{
	store->enr.md.name = DELTA_NAME;
	store->enr.md.reliddesc = RelationGetRelid(store->rel);
	store->enr.md.enrtype = ENR_NAMED_TUPLESTORE;
	store->enr.md.enrtuples = store->n;
	store->enr.reldata = store->store;
	if (SPI_register_relation(&store->enr) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register a relation for SPI");
}

void
clr_store_unbind(void)
{
	SPI_unregister_relation(DELTA_NAME);
}

void
clr_store_end(ClrStore *store)
{
	tuplestore_end(store->store);
	MemoryContextDelete(store->row_context);
	table_close(store->rel, NoLock);
}
