/*
 * identity.c
 *	  To whom the journal in this database belongs.
 *
 * Run by the engine worker, inside its transactions.
 *
 * A journal that arrived by COPY (a restored dump), by CREATE DATABASE ...
 * TEMPLATE or by pg_upgrade must not be continued just because a worker found
 * it: while tables are being loaded it isn't even whole, and two houses with
 * one past would go on.  So the database that owns the journal is noted in
 * clearing_state.identity, which dumps leave out: where it doesn't match, the
 * house stays closed until an operator calls clearing.resume().  Physical
 * copies (standbys, base backups) keep system identifier and database OID.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/snapmgr.h"

#include "journal/journal.h"
#include "worker/worker.h"

static int
identity_args(Oid *types, Datum *values)
{
	types[0] = INT8OID;
	values[0] = Int64GetDatum((int64) GetSystemIdentifier());
	types[1] = OIDOID;
	values[1] = ObjectIdGetDatum(MyDatabaseId);
	return 2;
}

/* An empty journal belongs to whoever has it. */
bool
clr_identity_matches(void)
{
	Oid			types[2];
	Datum		values[2];
	int			n = identity_args(types, values);

	if (clr_journal_last_height() == 0)
		return true;
	if (SPI_execute_with_args("SELECT 1 FROM clearing_state.identity"
							  " WHERE system_identifier = $1 AND database = $2",
							  n, types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the identity of the journal");
	return SPI_processed == 1;
}

void
clr_identity_adopt(void)
{
	Oid			types[2];
	Datum		values[2];
	int			n = identity_args(types, values);

	if (SPI_execute("DELETE FROM clearing_state.identity", false, 0) !=
		SPI_OK_DELETE ||
		SPI_execute_with_args("INSERT INTO clearing_state.identity"
							  " (system_identifier, database) VALUES ($1, $2)",
							  n, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not note the identity of the journal");
}

void
clr_leave_other_journal(void)
{
	ereport(LOG,
			(errmsg("journal of the database is not the one that was executed, the engine worker restarts")));
	proc_exit(1);
}

/*
 * In the transaction that opens an epoch.  Before the first block nobody may
 * be loading a journal meanwhile; a journal that was loaded since this worker
 * looked, or that does not end with the block that it executed last, needs a
 * worker that looks again.
 */
void
clr_require_own_journal(ClrEngineWorker *w)
{
	bool		own;

	if (w->chain.height == 0 &&
		SPI_execute("LOCK TABLE clearing_state.journal"
					" IN SHARE ROW EXCLUSIVE MODE", false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not lock the journal");
	/* see what was committed while the lock was waited for */
	PushActiveSnapshot(GetLatestSnapshot());
	own = clr_journal_last_height() == w->chain.height &&
		clr_journal_holds(&w->chain) &&
		(w->resumed || clr_identity_matches());
	PopActiveSnapshot();
	if (!own)
		clr_leave_other_journal();
}
