/*
 * node.c
 *	  clearing.clear_halt() lets a halted node try again, clearing.resume()
 *	  lets a closed house go on.
 *
 * Run by backends; clear_halt() on standbys too.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "storage/latch.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "compat.h"
#include "errors.h"
#include "worker/ring.h"
#include "worker/worker.h"

PG_FUNCTION_INFO_V1(clr_sql_clear_halt);
PG_FUNCTION_INFO_V1(clr_sql_resume);

/* Loading a large house takes seconds. */
#define RESUME_TIMEOUT_MS 60000

/*
 * Removes the node's halt file and wakes the launcher.  The engine worker then
 * starts from the read model again; if the node still differs it halts again.
 * Returns whether the node was halted.
 */
Datum
clr_sql_clear_halt(PG_FUNCTION_ARGS)
{
	ClrDatabase *db;
	bool		was_halted;

	clr_require_preload();
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to clear the halt of a node")));
	was_halted = clr_clear_halt(MyDatabaseId);
	db = clr_my_database();
	if (db != NULL)
	{
		SpinLockAcquire(&db->mutex);
		if (db->role == CLR_ROLE_HALTED && db->engine_pid == 0)
			db->role = CLR_ROLE_NONE;
		SpinLockRelease(&db->mutex);
	}
	clr_wake_launcher();
	PG_RETURN_BOOL(was_halted);
}

/* The engine of an empty house has not noticed yet that a journal was loaded. */
static bool
is_loaded_unnoticed(ClrDatabase *db)
{
	ClrDatabase copy;
	ClrOwnerScope scope;
	bool		loaded;

	clr_snapshot_database(db, &copy);
	if (copy.role != CLR_ROLE_SERVING || copy.applied.height > 0)
		return false;
	clr_owner_enter(&scope, true);
	loaded = clr_owner_select("SELECT 1 FROM clearing_state.journal LIMIT 1",
							  0, NULL, NULL) > 0;
	clr_owner_leave(&scope);
	return loaded;
}

static ClrNodeRole
current_role_of(ClrDatabase *db, uint64 *epoch)
{
	ClrDatabase copy;

	clr_snapshot_database(db, &copy);
	*epoch = copy.applied.epoch;
	return copy.role;
}

/*
 * Lets a closed house go on with the journal found in this database.  Returns
 * the epoch under which it serves; a house that serves already just says its
 * own.  Errors: CH001 if it doesn't come up in time.
 */
Datum
clr_sql_resume(PG_FUNCTION_ARGS)
{
	TimestampTz started = GetCurrentTimestamp();
	ClrDatabase *db;
	uint64		epoch;
	bool		unnoticed;

	CLR_WAIT_EVENT(wait_event, "ClearingResume");

	clr_ring_check_writable();
	clr_require_operator("resume");
	db = clr_my_database();
	unnoticed = is_loaded_unnoticed(db);
	if (unnoticed || current_role_of(db, &epoch) == CLR_ROLE_CLOSED)
	{
		pg_atomic_write_u32(&db->resume_requested, 1);
		clr_set_latch_of(db->engine_procno);
	}
	while (current_role_of(db, &epoch) != CLR_ROLE_SERVING ||
		   (unnoticed && epoch == 0))
	{
		if (TimestampDifferenceExceeds(started, GetCurrentTimestamp(),
									   RESUME_TIMEOUT_MS))
			ereport(ERROR,
					(errcode(ERRCODE_CLR_NOT_AVAILABLE),
					 errmsg("clearing house does not serve yet"),
					 errhint("See clearing.node_status and the server log.")));
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 10, wait_event);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_INT64((int64) epoch);
}
