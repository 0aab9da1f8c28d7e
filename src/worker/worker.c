/*
 * worker.c
 *	  What the worker processes share: entry, settings, transactions.
 *
 * Run by the engine worker and the projector.  No locks of its own.
 *
 * Workers run as the bootstrap superuser on tables of the extension only, with
 * an empty search_path; no transaction is open while they wait.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "compat.h"
#include "worker/worker.h"

/*
 * Settings that a role or database might have changed and that would alter
 * what a worker does, as autovacuum pins them.
 */
static bool worker_synchronous = false;

void
clr_worker_set_defaults(bool synchronous)
{
	static const char *const pinned[][2] = {
		{"search_path", ""},
		{"statement_timeout", "0"},
		{"lock_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
#if PG_VERSION_NUM >= 170000
		{"transaction_timeout", "0"},
#endif
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"zero_damaged_pages", "off"},
		{"row_security", "on"},
		{"jit", "off"},
		{"TimeZone", "UTC"},
	};

	worker_synchronous = synchronous;
	for (int i = 0; i < lengthof(pinned); i++)
		SetConfigOption(pinned[i][0], pinned[i][1], PGC_SUSET, PGC_S_OVERRIDE);
	/* what can be rebuilt is not even flushed: it follows in the WAL's order */
	SetConfigOption("synchronous_commit",
					!synchronous ? "off" :
					clr_durability == CLR_DURABILITY_REPLICATED ? "on" : "local",
					PGC_SUSET, PGC_S_OVERRIDE);
}

/*
 * SIGTERM is `die`, so that a wait for a standby ends and a failover is never
 * held up.  SIGINT is ignored: a cancelled wait for a standby would look like
 * a confirmed commit.
 */
void
clr_worker_enter(Oid dboid, bool synchronous, const char *name)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(dboid, InvalidOid, 0);
	pqsignal(SIGINT, SIG_IGN);
	clr_worker_set_defaults(synchronous);
	pgstat_report_appname(name);
}

void
clr_worker_handle_interrupts(void)
{
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		clr_worker_set_defaults(worker_synchronous);
	}
}

void
clr_worker_begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	SPI_connect();
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
clr_worker_commit(void)
{
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
}

char *
clr_installed_version(void)
{
	Oid			types[1] = {TEXTOID};
	Datum		values[1] = {CStringGetTextDatum(CLR_EXTENSION_NAME)};
	char	   *version = NULL;

	if (SPI_execute_with_args("SELECT extversion FROM pg_catalog.pg_extension"
							  " WHERE extname = $1", 1, types, values, NULL,
							  true, 1) == SPI_OK_SELECT && SPI_processed == 1)
		version = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	return version;
}

/*----------------------------------------------------------------
 * The projector's place in shared memory
 *----------------------------------------------------------------
 */
static void
detach_projector(int code, Datum arg)
{
	ClrDatabase *db = (ClrDatabase *) DatumGetPointer(arg);

	SpinLockAcquire(&db->mutex);
	if (db->projector_pid == MyProcPid)
		db->projector_pid = 0;
	SpinLockRelease(&db->mutex);
}

void
clr_projector_attach(ClrDatabase *db)
{
	pid_t		other;
	bool		unwanted;

	SpinLockAcquire(&db->mutex);
	other = db->projector_pid;
	unwanted = db->suspended_by != 0;
	if (other == 0 && !unwanted)
	{
		db->projector_pid = MyProcPid;
		db->projector_procno = CLR_MY_PROCNO;
	}
	SpinLockRelease(&db->mutex);
	if (other != 0)
	{
		ereport(LOG,
				(errmsg("projector of database %u already runs under PID %d",
						db->dboid, (int) other)));
		proc_exit(0);
	}
	if (unwanted)
		proc_exit(0);
	before_shmem_exit(detach_projector, PointerGetDatum(db));
}

void
clr_projector_wait(ClrDatabase *db, uint64 after, long timeout_ms)
{
	CLR_WAIT_EVENT(wait_event, "ClearingProjectorMain");

	/* announce the wait first, so that a block confirmed meanwhile wakes us */
	pg_atomic_exchange_u32(&db->projector_waiting, 1);
	if (pg_atomic_read_u64(&db->confirmed_height) <= after)
	{
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 timeout_ms, wait_event);
		ResetLatch(MyLatch);
	}
	pg_atomic_write_u32(&db->projector_waiting, 0);
	clr_worker_handle_interrupts();
}
