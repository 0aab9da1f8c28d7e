/*
 * follower.c
 *	  The engine worker of a standby: re-executes what replication brings.
 *
 * Nothing wakes a process when WAL is replayed, so it looks: the replay
 * position is one load from shared memory, and only when it has moved is the
 * journal read.  Promotion is noticed the same way.
 *
 * Blocks seen here may not be confirmed yet; a standby neither acknowledges
 * nor notifies anything.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/memutils.h"

#include "compat.h"
#include "worker/worker.h"

/* Errors that a hot standby inflicts on any reader; worth another try. */
static bool
is_recovery_conflict(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlerrcode == ERRCODE_QUERY_CANCELED;
}

/*
 * A block is executed whole or not at all and the chain says how far we are,
 * so after an error outside the engine reading simply goes on.  Returns
 * whether everything visible has been executed.
 */
static bool
catch_up_tolerantly(ClrEngineWorker *w)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool done = false;

	PG_TRY();
	{
		clr_execute_tail(w);
		done = true;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (!is_recovery_conflict(error->sqlerrcode))
			PG_RE_THROW();
		EmitErrorReport();
		FlushErrorState();
		AbortCurrentTransaction();
		FreeErrorData(error);
		/* blocks executed before the cancellation are not read again */
		clr_publish_state(w, CLR_ROLE_FOLLOWING, &w->chain);
		pg_usleep(10000L);
	}
	PG_END_TRY();
	return done;
}

void
clr_follow(ClrEngineWorker *w)
{
	XLogRecPtr	seen = InvalidXLogRecPtr;

	CLR_WAIT_EVENT(wait_event, "ClearingFollowerMain");

	clr_publish_state(w, CLR_ROLE_FOLLOWING, &w->chain);
	pgstat_report_activity(STATE_RUNNING, "following");
	while (RecoveryInProgress())
	{
		XLogRecPtr	replayed = GetXLogReplayRecPtr(NULL);

		if (replayed != seen)
		{
			if (catch_up_tolerantly(w))
				seen = replayed;
			pgstat_report_stat(false);
		}
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 clr_follow_interval, wait_event);
		ResetLatch(MyLatch);
		clr_worker_handle_interrupts();
	}
	/* what was replayed last, now in a read-write server */
	clr_execute_tail(w);
	ereport(LOG,
			(errmsg("promotion noticed, clearing house at block " UINT64_FORMAT,
					w->chain.height)));
}
