/*
 * launcher.c
 *	  One per cluster: finds databases with a clearing house and keeps their
 *	  workers running.
 *
 * Run as a static background worker from the moment the node is consistent,
 * on standbys too.  It sees shared catalogs only; whether a database has the
 * extension is found out by the engine worker started there, which leaves at
 * once if not.
 *
 * Workers are BGW_NEVER_RESTART: after a crash the shared memory is new and
 * the postmaster would know workers that nobody here knows.  The launcher
 * restarts them, at once the first time and then with growing pauses.
 *
 * Databases are looked through at start, when somebody asks (a finished DDL
 * command, a worker that ends: clr_wake_launcher()), at promotion, and on
 * standbys, which nobody tells, every pg_clearing.discovery_interval.
 *
 * Whether a database has a house is found out by starting a worker there, a
 * probe: one at a time, at once if the database is new or somebody says that
 * it may have got one (clr_ask_launcher()), else after a pause that grows while
 * nothing is found.
 *
 * Locks: see shmem.h.  The table of handles is private.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "worker/worker.h"

#define LAUNCHER_NAP_MS		1000
/* A primary is told of new houses; this finds those whose start was cut short. */
#define PRIMARY_LOOK_MS		60000
#define BACKOFF_MAX_MS		30000
/* The pause between probes of one database doubles this often. */
#define PROBE_DOUBLINGS		3
/* A probe that takes longer (a lock, a slow start) holds nobody up. */
#define PROBE_MS			5000
/* A worker that ran this long was healthy: its next restart is immediate. */
#define HEALTHY_MS			10000

/* One worker of one database, as the launcher knows it. */
typedef struct Charge
{
	BackgroundWorkerHandle *handle; /* NULL = none started by us */
	TimestampTz started;
	bool		ran;			/* since the last look at the databases */
	int			failures;
} Charge;

typedef struct Known
{
	Oid			dboid;			/* hash key */
	bool		seen;			/* in pg_database at the last look */
	bool		no_house;		/* its engine worker found no extension */
	int			probes;			/* so often in a row */
	TimestampTz probed;			/* the last time */
	Charge		engine;
	Charge		projector;
} Known;

static HTAB *known = NULL;

void
clr_register_launcher(void)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = 1;
	strlcpy(worker.bgw_library_name, "pg_clearing", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, "clr_launcher_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, "pg_clearing launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "pg_clearing launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/*----------------------------------------------------------------
 * Starting workers
 *----------------------------------------------------------------
 */
static bool
is_running(Charge *charge)
{
	pid_t		pid;

	if (charge->handle == NULL)
		return false;
	if (GetBackgroundWorkerPid(charge->handle, &pid) != BGWH_STOPPED)
		return true;
	pfree(charge->handle);
	charge->handle = NULL;
	if (TimestampDifferenceExceeds(charge->started, GetCurrentTimestamp(),
								   HEALTHY_MS))
		charge->failures = 0;
	charge->failures++;
	return false;
}

/* May a worker that ended be started again already? */
static bool
pause_is_over(const Charge *charge)
{
	TimestampTz now = GetCurrentTimestamp();
	int			pause_ms;

	if (charge->failures <= 1)
		return true;
	if (now < charge->started)
		return true;			/* the clock was set back */
	pause_ms = Min(1000 << Min(charge->failures - 2, 5), BACKOFF_MAX_MS);
	return TimestampDifferenceExceeds(charge->started, now, pause_ms);
}

static void
start_worker(Charge *charge, Oid dboid, const char *function, const char *type)
{
	BackgroundWorker worker;
	static bool complained = false;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_ConsistentState;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker.bgw_library_name, "pg_clearing", sizeof(worker.bgw_library_name));
	strlcpy(worker.bgw_function_name, function, BGW_MAXLEN);
	snprintf(worker.bgw_name, BGW_MAXLEN, "%s for database %u", type, dboid);
	strlcpy(worker.bgw_type, type, BGW_MAXLEN);
	worker.bgw_main_arg = ObjectIdGetDatum(dboid);
	worker.bgw_notify_pid = MyProcPid;
	charge->started = GetCurrentTimestamp();
	if (RegisterDynamicBackgroundWorker(&worker, &charge->handle))
	{
		complained = false;
		charge->ran = true;
		return;
	}
	charge->handle = NULL;
	charge->failures++;
	if (!complained)
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("out of background worker slots for pg_clearing"),
				 errhint("Increase max_worker_processes (now %d): one for the launcher and two for each database with a clearing house.",
						 max_worker_processes)));
	complained = true;
}

/* A backend whose DDL sent the workers away may have died over it. */
static bool
is_suspended(ClrDatabase *db)
{
	pid_t		by;

	SpinLockAcquire(&db->mutex);
	by = db->suspended_by;
	SpinLockRelease(&db->mutex);
	if (by == 0)
		return false;
	if (BackendPidGetProc(by) != NULL)
		return true;
	SpinLockAcquire(&db->mutex);
	if (db->suspended_by == by)
		db->suspended_by = 0;
	SpinLockRelease(&db->mutex);
	return false;
}

static void
tend_projector(Known *k, ClrDatabase *db, const ClrDatabase *state)
{
	if (is_running(&k->projector) || state->projector_pid != 0)
		return;
	if (state->role == CLR_ROLE_SERVING && pause_is_over(&k->projector))
		start_worker(&k->projector, db->dboid, "clr_projector_main",
					 "pg_clearing projector");
}

/*----------------------------------------------------------------
 * Probes: engine workers of databases that may have no house
 *----------------------------------------------------------------
 */
/* How often databases are looked through without being asked. */
static int
look_interval_ms(void)
{
	return RecoveryInProgress() ? clr_discovery_interval * 1000 : PRIMARY_LOOK_MS;
}

static bool
is_probing(Known *k)
{
	return clr_find_database(k->dboid) == NULL && is_running(&k->engine) &&
		!TimestampDifferenceExceeds(k->engine.started, GetCurrentTimestamp(),
									PROBE_MS);
}

static bool
any_probe_runs(void)
{
	HASH_SEQ_STATUS seq;
	Known	   *k;

	hash_seq_init(&seq, known);
	while ((k = hash_seq_search(&seq)) != NULL)
		if (is_probing(k))
		{
			hash_seq_term(&seq);
			return true;
		}
	return false;
}

static bool
probe_is_due(const Known *k)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!k->no_house || now < k->probed)
		return true;
	return TimestampDifferenceExceeds(k->probed, now,
									  look_interval_ms() << Min(k->probes - 1, PROBE_DOUBLINGS));
}

static void
note_no_house(Known *k)
{
	k->no_house = true;
	k->probes++;
	k->probed = GetCurrentTimestamp();
	k->engine.ran = false;
	k->engine.failures = 0;
}

/* Somebody says that a database, or any (CLR_PROBE_ALL), may have one now. */
static void
probe_again(uint32 which)
{
	HASH_SEQ_STATUS seq;
	Known	   *k;

	hash_seq_init(&seq, known);
	while ((k = hash_seq_search(&seq)) != NULL)
	{
		if (which != CLR_PROBE_ALL && which != k->dboid)
			continue;
		k->no_house = false;
		k->probes = 0;
		/* one that runs may have looked too early */
		k->engine.ran = false;
	}
}

static void
tend_database(Known *k)
{
	ClrDatabase *db = clr_find_database(k->dboid);
	ClrDatabase state;
	bool		running = is_running(&k->engine);

	if (db != NULL)
	{
		if (is_suspended(db))
			return;
		clr_snapshot_database(db, &state);
		tend_projector(k, db, &state);
		if (state.role == CLR_ROLE_HALTED || state.engine_pid != 0)
			return;
	}
	if (running)
		return;
	/*
	 * It has run and left nothing in shared memory: no extension there.  One
	 * that could not be started, for want of a slot, says nothing.
	 */
	if (db == NULL && k->engine.ran)
		note_no_house(k);
	if (db == NULL && (!probe_is_due(k) || any_probe_runs()))
		return;
	if (pause_is_over(&k->engine))
		start_worker(&k->engine, k->dboid, "clr_engine_main",
					 "pg_clearing engine");
}

/*----------------------------------------------------------------
 * Finding databases
 *----------------------------------------------------------------
 */
static Known *
remember(Oid dboid)
{
	bool		found;
	Known	   *k = hash_search(known, &dboid, HASH_ENTER, &found);

	if (!found)
	{
		memset(k, 0, sizeof(*k));
		k->dboid = dboid;
	}
	return k;
}

static void
scan_databases(void)
{
	Relation	rel;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	rel = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(rel, 0, NULL);
	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);

		if (!form->datallowconn || form->datistemplate)
			continue;
		remember(form->oid)->seen = true;
	}
	table_endscan(scan);
	table_close(rel, AccessShareLock);
	CommitTransactionCommand();
}

/* A dropped database takes its entry along. */
static void
forget_dropped(void)
{
	HASH_SEQ_STATUS seq;
	Known	   *k;

	hash_seq_init(&seq, known);
	while ((k = hash_seq_search(&seq)) != NULL)
	{
		ClrDatabase *db;

		if (k->seen)
			continue;
		db = clr_find_database(k->dboid);
		if (db != NULL && db->engine_pid == 0)
			clr_release_database(db);
		if (!is_running(&k->engine))
			hash_search(known, &k->dboid, HASH_REMOVE, NULL);
	}
}

static void
look_through_databases(void)
{
	HASH_SEQ_STATUS seq;
	Known	   *k;

	hash_seq_init(&seq, known);
	while ((k = hash_seq_search(&seq)) != NULL)
		k->seen = false;
	scan_databases();
	forget_dropped();
}

/* Is it time to look through the databases again? */
static bool
look_is_due(void)
{
	static TimestampTz last = 0;
	static bool was_in_recovery = false;
	bool		in_recovery = RecoveryInProgress();
	bool		due = pg_atomic_exchange_u32(&clr_shared->wanted, 0) != 0;

	if (in_recovery != was_in_recovery)
	{
		due = true;
		probe_again(CLR_PROBE_ALL);
	}
	if (TimestampDifferenceExceeds(last, GetCurrentTimestamp(),
								   look_interval_ms()))
		due = true;
	was_in_recovery = in_recovery;
	if (due)
		last = GetCurrentTimestamp();
	return due;
}

static void
tend_all(void)
{
	HASH_SEQ_STATUS seq;
	Known	   *k;

	hash_seq_init(&seq, known);
	while ((k = hash_seq_search(&seq)) != NULL)
		tend_database(k);
}

/*----------------------------------------------------------------
 * Main
 *----------------------------------------------------------------
 */
static void
launcher_exit(int code, Datum arg)
{
	LWLockAcquire(clr_shared->lock, LW_EXCLUSIVE);
	if (clr_shared->launcher_pid == MyProcPid)
		clr_shared->launcher_pid = 0;
	LWLockRelease(clr_shared->lock);
}

static void
launcher_attach(void)
{
	HASHCTL		ctl;

	LWLockAcquire(clr_shared->lock, LW_EXCLUSIVE);
	clr_shared->launcher_pid = MyProcPid;
	clr_shared->launcher_procno = CLR_MY_PROCNO;
	LWLockRelease(clr_shared->lock);
	pg_atomic_write_u32(&clr_shared->wanted, 1);
	before_shmem_exit(launcher_exit, (Datum) 0);

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(Known);
	known = hash_create("pg_clearing databases", 64, &ctl, HASH_ELEM | HASH_BLOBS);
}

void
clr_launcher_main(Datum arg)
{
	uint32		probe;

	CLR_WAIT_EVENT(wait_event, "ClearingLauncherMain");

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	launcher_attach();
	pgstat_report_appname("pg_clearing launcher");
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (look_is_due())
			look_through_databases();
		probe = pg_atomic_exchange_u32(&clr_shared->probe, 0);
		if (probe != 0)
			probe_again(probe);
		tend_all();
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 LAUNCHER_NAP_MS, wait_event);
		ResetLatch(MyLatch);
	}
}
