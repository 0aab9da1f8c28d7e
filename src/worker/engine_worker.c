/*
 * engine_worker.c
 *	  The process that holds the engine: start, catching up, and what both of
 *	  its roles share.
 *
 * Run as the engine worker, one per database, on the primary and on standbys.
 *
 *	start ─► (CLOSED: a journal from elsewhere, until clearing.resume())
 *		  ─► LOADING (read model, then the journal's tail)
 *			   ├─ in recovery ─► FOLLOWING ─ promotion ─┐
 *			   └─ primary ──────────────────────────────┴► OPENING ─► SERVING
 *	any divergence ─► HALTED (durable, halt.c)
 *
 * The process keeps its engine across promotion: that is what makes takeover
 * warm.  After any error it exits with 1; the launcher starts it again and it
 * rebuilds its state from the tables.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/restore.h"
#include "worker/ring_internal.h"
#include "worker/worker.h"

/* Blocks executed in one transaction while catching up. */
#define CATCH_UP_BLOCKS 256

static ClrDatabase *my_db = NULL;

/*
 * Registered before the database connection is made: callbacks run in reverse
 * order, so "no pid" means that locks and transaction are gone already.
 */
static void
engine_exit(int code, Datum arg)
{
	ClrDatabase *db = my_db;

	if (db == NULL)
		return;
	clr_ring_set_serving(db, false);
	clr_ring_fail_all(db);
	SpinLockAcquire(&db->mutex);
	db->engine_pid = 0;
	if (db->role != CLR_ROLE_HALTED)
		db->role = CLR_ROLE_NONE;
	SpinLockRelease(&db->mutex);
	clr_wake_launcher();
}

/*
 * Takes the database's place in shared memory; exits if it is taken, or if a
 * DDL command wants the workers away that could not see this one yet.
 */
static void
attach(ClrDatabase *db)
{
	pid_t		other;
	bool		unwanted;

	SpinLockAcquire(&db->mutex);
	other = db->engine_pid;
	unwanted = db->suspended_by != 0;
	if (other == 0 && !unwanted)
	{
		db->engine_pid = MyProcPid;
		db->engine_procno = CLR_MY_PROCNO;
		db->role = CLR_ROLE_LOADING;
	}
	SpinLockRelease(&db->mutex);
	if (other != 0)
	{
		ereport(LOG,
				(errmsg("engine worker of database %u already runs under PID %d",
						db->dboid, (int) other)));
		proc_exit(0);
	}
	if (unwanted)
		proc_exit(0);
	my_db = db;
	pg_atomic_fetch_add_u64(&db->restarts, 1);
}

/* The extension must be there, in the version this library knows. */
static void
check_extension(Oid dboid)
{
	char	   *version;

	clr_worker_begin();
	version = clr_installed_version();
	if (version != NULL && strcmp(version, CLR_EXTENSION_VERSION) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("installed version \"%s\" of extension \"%s\" does not match its library",
						version, CLR_EXTENSION_NAME),
				 errdetail("The library is version \"%s\".", CLR_EXTENSION_VERSION),
				 errhint("Run ALTER EXTENSION %s UPDATE, or restart the server with the matching library.",
						 CLR_EXTENSION_NAME)));
	if (version == NULL)
	{
		ClrDatabase *db = clr_find_database(dboid);

		clr_worker_commit();
		if (db != NULL && db->engine_pid == 0)
			clr_release_database(db);
		proc_exit(0);
	}
	clr_worker_commit();
}

void
clr_publish_state(ClrEngineWorker *w, ClrNodeRole role, const ClrChain *applied)
{
	ClrHouseView house;
	uint64		orders = clr_count_orders(w->engine);

	clr_get_house(w->engine, &house);
	SpinLockAcquire(&w->db->mutex);
	w->db->role = role;
	w->db->applied = *applied;
	w->db->applied_at_us = (uint64) house.time_us;
	w->db->open_orders = orders;
	w->db->house_open = house.open;
	SpinLockRelease(&w->db->mutex);
}

/*
 * ClrBlockCallback.  The follower goes on after a cancelled transaction, so a
 * cancellation (a recovery conflict) must wait for the end of the block: half
 * of it executed twice would look like a divergence.
 */
static bool
execute_block(void *arg, const ClrBlock *block)
{
	ClrEngineWorker *w = arg;
	uint8		actual[CLR_HASH_LEN] = {0};
	ClrBlockFault fault;

	HOLD_CANCEL_INTERRUPTS();
	fault = clr_block_execute(w->engine, &w->chain, block, &w->events, actual);
	RESUME_CANCEL_INTERRUPTS();
	if (fault == CLR_BLOCK_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while executing block " UINT64_FORMAT,
						block->height)));
	if (fault != CLR_BLOCK_OK)
		clr_halt_node(w->db, block->height, block->event_digest, actual,
					  clr_block_fault_text(fault));
	return true;
}

/* On a standby the read model's height comes with replication. */
static void
read_projected_height(ClrEngineWorker *w)
{
	bool		isnull;
	uint64		height;

	if (SPI_execute("SELECT height FROM clearing_state.projection", true, 1) !=
		SPI_OK_SELECT || SPI_processed == 0)
		return;
	height = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, 1, &isnull));
	if (!isnull && height != pg_atomic_read_u64(&w->db->projected_height))
	{
		pg_atomic_write_u64(&w->db->projected_height, height);
		ConditionVariableBroadcast(&w->db->projected_cv);
	}
}

uint64
clr_execute_tail(ClrEngineWorker *w)
{
	uint64		total = 0;
	uint64		n;

	do
	{
		clr_worker_handle_interrupts();
		clr_worker_begin();
		/* a standby is told of DROP and CREATE EXTENSION by the tables alone */
		if (!clr_journal_holds(&w->chain))
			clr_leave_other_journal();
		n = clr_journal_read(w->chain.height, PG_INT64_MAX, CATCH_UP_BLOCKS,
							 execute_block, w);
		if (RecoveryInProgress())
			read_projected_height(w);
		clr_worker_commit();
		total += n;
		if (n > 0)
			clr_publish_state(w, w->db->role, &w->chain);
	} while (n == CATCH_UP_BLOCKS);
	return total;
}

/* What an earlier house of this database has left in shared memory. */
static void
forget_other_house(ClrEngineWorker *w)
{
	if (pg_atomic_read_u64(&w->db->confirmed_height) > w->chain.height)
		pg_atomic_write_u64(&w->db->confirmed_height, 0);
	if (pg_atomic_read_u64(&w->db->projected_height) > w->chain.height)
		pg_atomic_write_u64(&w->db->projected_height, 0);
}

static void
load(ClrEngineWorker *w)
{
	TimestampTz started = GetCurrentTimestamp();
	uint64		from;

	pgstat_report_activity(STATE_RUNNING, "loading the read model");
	w->engine = clr_engine_create();
	if (w->engine == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while creating an engine")));
	clr_worker_begin();
	clr_restore_engine(w->engine, &w->chain);
	clr_worker_commit();
	from = w->chain.height;
	pgstat_report_activity(STATE_RUNNING, "executing the tail of the journal");
	clr_execute_tail(w);
	forget_other_house(w);
	clr_publish_state(w, CLR_ROLE_LOADING, &w->chain);
	ereport(LOG,
			(errmsg("clearing house loaded at block " UINT64_FORMAT
					" (read model at " UINT64_FORMAT "), " UINT64_FORMAT
					" open orders, in %ld ms",
					w->chain.height, from, clr_count_orders(w->engine),
					TimestampDifferenceMilliseconds(started,
													GetCurrentTimestamp()))));
}

static bool
identity_matches(void)
{
	bool		matches;

	clr_worker_begin();
	matches = clr_identity_matches();
	clr_worker_commit();
	return matches;
}

/*
 * A journal from elsewhere: nothing is loaded until an operator has called
 * clearing.resume() (on a standby: until that has been replicated).
 */
static void
wait_until_resumed(ClrDatabase *db)
{
	CLR_WAIT_EVENT(wait_event, "ClearingClosed");

	SpinLockAcquire(&db->mutex);
	db->role = CLR_ROLE_CLOSED;
	SpinLockRelease(&db->mutex);
	ereport(LOG,
			(errmsg("clearing house is closed: its journal was brought from elsewhere"),
			 errhint("Check it with clearing.verify(), then call clearing.resume().")));
	for (;;)
	{
		clr_worker_handle_interrupts();
		if (RecoveryInProgress())
		{
			if (identity_matches())
				break;
		}
		else if (pg_atomic_exchange_u32(&db->resume_requested, 0) != 0)
			break;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 1000, wait_event);
		ResetLatch(MyLatch);
	}
	SpinLockAcquire(&db->mutex);
	db->role = CLR_ROLE_LOADING;
	SpinLockRelease(&db->mutex);
}

void
clr_engine_main(Datum arg)
{
	Oid			dboid = DatumGetObjectId(arg);
	static ClrEngineWorker w;

	before_shmem_exit(engine_exit, (Datum) 0);
	clr_worker_enter(dboid, true, "pg_clearing engine");
	check_extension(dboid);
	w.db = clr_claim_database(dboid);
	if (w.db == NULL)
	{
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("too many databases with a clearing house"),
				 errhint("Increase pg_clearing.max_databases (now %d).",
						 clr_max_databases)));
		proc_exit(0);
	}
	attach(w.db);
	clr_ring_open(w.db);
	if (clr_load_halt(w.db))
	{
		ereport(LOG,
				(errmsg("clearing house stays halted on this node"),
				 errhint("See clearing.node_status; call clearing.clear_halt() when the node is repaired.")));
		proc_exit(0);
	}
	if (!identity_matches())
	{
		wait_until_resumed(w.db);
		w.resumed = true;
	}
	load(&w);
	if (RecoveryInProgress())
		clr_follow(&w);
	clr_sequence(&w);
}
