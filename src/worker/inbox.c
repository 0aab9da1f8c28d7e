/*
 * inbox.c
 *	  The transactional inbox: commands that commit with a caller's own work.
 *
 * A backend inserts into clearing_state.inbox and, when its transaction
 * commits, tells the sequencer.  The sequencer deletes the rows in the very
 * transaction that appends the block holding them: executed exactly once.
 *
 * A notice may be lost (a prepared transaction, a crash); the sequencer also
 * looks by itself every second.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"

#include "compat.h"
#include "engine/command.h"
#include "journal/plan.h"
#include "worker/ring.h"
#include "worker/worker.h"

static bool notify_at_commit = false;

static void
inbox_xact_callback(XactEvent event, void *arg)
{
	ClrDatabase *db;
	int			procno;
	pid_t		pid;

	if (!notify_at_commit)
		return;
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
			notify_at_commit = false;
			db = clr_my_database();
			if (db == NULL)
				return;
			pg_atomic_write_u32(&db->inbox_pending, 1);
			SpinLockAcquire(&db->mutex);
			pid = db->engine_pid;
			procno = db->engine_procno;
			SpinLockRelease(&db->mutex);
			if (pid != 0)
				clr_set_latch_of(procno);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PREPARE:
			notify_at_commit = false;
			break;
		default:
			break;
	}
}

void
clr_inbox_notify_on_commit(void)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(inbox_xact_callback, NULL);
		registered = true;
	}
	notify_at_commit = true;
}

/*
 * Takes up to max commands out of the inbox, in order, inside the caller's
 * transaction.  Rows locked by others (a DBA) are left for later.
 */
int
clr_inbox_drain(int max, ClrInboxCallback callback, void *arg)
{
	static SPIPlanPtr plan = NULL;
	Oid			types[1] = {INT4OID};
	Datum		values[1] = {Int32GetDatum(max)};
	int			n;

	clr_kept_plan(&plan, "WITH taken AS ("
				  " DELETE FROM clearing_state.inbox WHERE id IN ("
				  "  SELECT id FROM clearing_state.inbox"
				  "  ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)"
				  " RETURNING id, command)"
				  " SELECT command FROM taken ORDER BY id", 1, types);
	if (SPI_execute_plan(plan, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the inbox");
	n = (int) SPI_processed;
	for (int i = 0; i < n; i++)
	{
		bool		isnull;
		bytea	   *command = DatumGetByteaPP(SPI_getbinval(SPI_tuptable->vals[i],
															SPI_tuptable->tupdesc,
															1, &isnull));
		const uint8 *data = (const uint8 *) VARDATA_ANY(command);
		Size		len = VARSIZE_ANY_EXHDR(command);

		/* the journal holds framed commands only; enqueue() checks it too */
		if (clr_command_length(data, len) == len)
			callback(arg, data, len);
		else
			ereport(LOG,
					(errmsg("dropped a malformed command of %zu bytes from the inbox", len)));
	}
	SPI_freetuptable(SPI_tuptable);
	return n;
}
