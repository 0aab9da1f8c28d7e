/*
 * shmem.c
 *	  Allocation of the shared state and the directory of databases.
 *
 * Run by the postmaster (startup) and by every process afterwards.  Locks: see
 * shmem.h.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/shmem.h"

#include "compat.h"
#include "errors.h"
#include "worker/ring_internal.h"
#include "worker/shmem.h"

ClrShared  *clr_shared = NULL;

static Size
shared_size(void)
{
	return add_size(offsetof(ClrShared, databases),
					mul_size(clr_max_databases, sizeof(ClrDatabase)));
}

/* In shmem_request_hook: the only place where space may be asked for. */
void
clr_shmem_request(void)
{
	RequestAddinShmemSpace(shared_size());
	RequestAddinShmemSpace(clr_ring_shmem_size());
	RequestNamedLWLockTranche("pg_clearing", 1);
}

static void
init_database(ClrDatabase *db)
{
	SpinLockInit(&db->mutex);
	pg_atomic_init_u64(&db->confirmed_height, 0);
	pg_atomic_init_u64(&db->projected_height, 0);
	pg_atomic_init_u64(&db->restarts, 0);
	pg_atomic_init_u32(&db->inbox_pending, 0);
	pg_atomic_init_u32(&db->resume_requested, 0);
	pg_atomic_init_u32(&db->projector_waiting, 0);
	pg_atomic_init_u32(&db->projector_hurry, 0);
	ConditionVariableInit(&db->projected_cv);
}

void
clr_shmem_startup(void)
{
	bool		found;

	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	clr_shared = ShmemInitStruct("pg_clearing", shared_size(), &found);
	if (!found)
	{
		memset(clr_shared, 0, shared_size());
		clr_shared->lock = &(GetNamedLWLockTranche("pg_clearing"))->lock;
		clr_shared->n_databases = clr_max_databases;
		pg_atomic_init_u32(&clr_shared->wanted, 1);
		pg_atomic_init_u32(&clr_shared->probe, 0);
		for (int i = 0; i < clr_max_databases; i++)
			init_database(&clr_shared->databases[i]);
	}
	clr_ring_shmem_startup();
	LWLockRelease(AddinShmemInitLock);
}

void
clr_require_preload(void)
{
	if (clr_shared == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("pg_clearing must be loaded via shared_preload_libraries"),
				 errhint("Add pg_clearing to shared_preload_libraries and restart the server.")));
}

/* Caller holds the directory lock. */
static ClrDatabase *
find_locked(Oid dboid)
{
	for (int i = 0; i < clr_shared->n_databases; i++)
		if (clr_shared->databases[i].dboid == dboid)
			return &clr_shared->databases[i];
	return NULL;
}

ClrDatabase *
clr_find_database(Oid dboid)
{
	ClrDatabase *db;

	if (clr_shared == NULL)
		return NULL;
	LWLockAcquire(clr_shared->lock, LW_SHARED);
	db = find_locked(dboid);
	LWLockRelease(clr_shared->lock);
	return db;
}

ClrDatabase *
clr_my_database(void)
{
	/* entries are never moved, so the last answer is checked, not searched */
	static ClrDatabase *mine = NULL;

	if (mine == NULL || mine->dboid != MyDatabaseId)
		mine = clr_find_database(MyDatabaseId);
	return mine;
}

ClrDatabase *
clr_claim_database(Oid dboid)
{
	ClrDatabase *db;

	LWLockAcquire(clr_shared->lock, LW_EXCLUSIVE);
	db = find_locked(dboid);
	if (db == NULL)
	{
		db = find_locked(InvalidOid);
		if (db != NULL)
		{
			db->role = CLR_ROLE_NONE;
			db->engine_pid = 0;
			db->projector_pid = 0;
			db->house_open = false;
			db->suspended_by = 0;
			memset(&db->applied, 0, sizeof(db->applied));
			pg_atomic_write_u64(&db->confirmed_height, 0);
			pg_atomic_write_u64(&db->projected_height, 0);
			pg_atomic_write_u64(&db->restarts, 0);
			pg_atomic_write_u32(&db->inbox_pending, 0);
			pg_atomic_write_u32(&db->resume_requested, 0);
			db->dboid = dboid;
		}
	}
	LWLockRelease(clr_shared->lock);
	return db;
}

void
clr_release_database(ClrDatabase *db)
{
	LWLockAcquire(clr_shared->lock, LW_EXCLUSIVE);
	db->dboid = InvalidOid;
	LWLockRelease(clr_shared->lock);
}

void
clr_set_latch_of(int procno)
{
	SetLatch(&CLR_PROC_LATCH(procno));
}

void
clr_wake_launcher(void)
{
	pid_t		pid;
	int			procno;

	if (clr_shared == NULL)
		return;
	pg_atomic_write_u32(&clr_shared->wanted, 1);
	LWLockAcquire(clr_shared->lock, LW_SHARED);
	pid = clr_shared->launcher_pid;
	procno = clr_shared->launcher_procno;
	LWLockRelease(clr_shared->lock);
	if (pid != 0)
		clr_set_latch_of(procno);
}

void
clr_ask_launcher(Oid dboid)
{
	uint32		none = 0;

	if (clr_shared == NULL)
		return;
	/* who finds another database there asks for all of them */
	if ((!OidIsValid(dboid) ||
		 !pg_atomic_compare_exchange_u32(&clr_shared->probe, &none, dboid)) &&
		none != dboid)
		pg_atomic_write_u32(&clr_shared->probe, CLR_PROBE_ALL);
	clr_wake_launcher();
}

void
clr_snapshot_database(ClrDatabase *db, ClrDatabase *out)
{
	SpinLockAcquire(&db->mutex);
	memcpy(out, db, sizeof(*out));
	SpinLockRelease(&db->mutex);
}

const char *
clr_role_name(ClrNodeRole role)
{
	switch (role)
	{
		case CLR_ROLE_NONE:
			return "stopped";
		case CLR_ROLE_LOADING:
			return "loading";
		case CLR_ROLE_FOLLOWING:
			return "following";
		case CLR_ROLE_OPENING:
			return "opening";
		case CLR_ROLE_SERVING:
			return "serving";
		case CLR_ROLE_HALTED:
			return "halted";
		case CLR_ROLE_CLOSED:
			return "closed";
	}
	return "unknown";
}
