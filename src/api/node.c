/*
 * node.c
 *	  clearing.clear_halt(): lets a halted node try again.
 *
 * Run by a superuser's backend, on standbys too.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "errors.h"
#include "worker/worker.h"

PG_FUNCTION_INFO_V1(clr_sql_clear_halt);

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
