/*
 * wait.c
 *	  Waiting for the read model: how a caller reads its own writes.
 *
 * Run by any backend, on the primary and on standbys.  projected_height is
 * moved by the projector (on a standby by the engine worker, which sees it
 * arrive), then projected_cv is broadcast.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "compat.h"
#include "worker/ring.h"
#include "worker/shmem.h"

/* A standby's worker may be restarting: look again at least this often. */
#define WAIT_NAP_MS 200

static bool
is_projected(ClrDatabase *db, uint64 height)
{
	return pg_atomic_read_u64(&db->projected_height) >= height;
}

/* The projector need not gather blocks any longer: a caller waits for them. */
static void
hurry_projector(ClrDatabase *db)
{
	ClrDatabase copy;

	if (pg_atomic_exchange_u32(&db->projector_hurry, 1) != 0)
		return;
	clr_snapshot_database(db, &copy);
	if (copy.projector_pid != 0)
		clr_set_latch_of(copy.projector_procno);
}

bool
clr_wait_for_height(uint64_t height, long timeout_ms)
{
	ClrDatabase *db = clr_my_database();
	TimestampTz started = GetCurrentTimestamp();

	CLR_WAIT_EVENT(wait_event, "ClearingReadModel");

	if (db == NULL)
		return height == 0;
	if (is_projected(db, height))
		return true;
	ConditionVariablePrepareToSleep(&db->projected_cv);
	while (!is_projected(db, height))
	{
		long		nap = WAIT_NAP_MS;

		hurry_projector(db);
		if (timeout_ms >= 0)
		{
			long		gone = TimestampDifferenceMilliseconds(started,
															   GetCurrentTimestamp());

			if (gone >= timeout_ms)
				break;
			nap = Min(nap, timeout_ms - gone);
		}
		ConditionVariableTimedSleep(&db->projected_cv, Max(nap, 1), wait_event);
	}
	ConditionVariableCancelSleep();
	return is_projected(db, height);
}
