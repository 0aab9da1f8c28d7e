/*
 * durability.c
 *	  May the sequencer acknowledge?
 *
 * Run by the engine worker of a primary.
 *
 * A commit that returns normally proves nothing about the standby: a cancelled
 * wait, an emptied synchronous_standby_names and a restart all end it without
 * a confirmation.  The only proof is positive: the commit's end is at or below
 * the position that synchronous standbys have confirmed as flushed.
 *
 * Locks: SyncRepLock, shared, for one load.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "replication/syncrep.h"
#include "replication/walsender_private.h"
#include "storage/lwlock.h"

#include "worker/worker.h"

/* Could a commit be confirmed now, as the setting asks? */
bool
clr_durability_possible(void)
{
	SyncRepStandbyData *standbys;
	int			connected;

	if (clr_durability == CLR_DURABILITY_LOCAL)
		return true;
	if (SyncRepConfig == NULL || SyncRepConfig->num_sync < 1)
		return false;
	connected = SyncRepGetCandidateStandbys(&standbys);
	pfree(standbys);
	return connected >= SyncRepConfig->num_sync;
}

/* Is everything up to commit_end confirmed, as the setting asks? */
bool
clr_commit_is_durable(XLogRecPtr commit_end)
{
	XLogRecPtr	confirmed;

	if (clr_durability == CLR_DURABILITY_LOCAL)
		return true;
	if (SyncRepConfig == NULL)
		return false;
	LWLockAcquire(SyncRepLock, LW_SHARED);
	confirmed = WalSndCtl->lsn[SYNC_REP_WAIT_FLUSH];
	LWLockRelease(SyncRepLock);
	return commit_end <= confirmed;
}
