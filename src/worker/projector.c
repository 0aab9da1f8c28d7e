/*
 * projector.c
 *	  The process that shows confirmed blocks as ordinary tables.
 *
 * Run as the projector, one per database, on the primary only.  It re-executes
 * the journal in an engine of its own, compares digests as every node does,
 * and writes the read model: one transaction per batch of blocks, so that one
 * snapshot of the tables is the state at one height.
 *
 * Invariants.
 *	- Only confirmed blocks are shown, so what is shown is never lost.
 *	- The projection row, the tables and the engine are at the same height
 *	  whenever no transaction of this process is open; after any error the
 *	  process ends and the next one starts from the tables.
 *	- Commits are not waited for (synchronous_commit = off): everything here
 *	  can be rebuilt from the journal.
 *
 * Locks: none of its own.  projected_height is written here only.
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/async.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/restore.h"
#include "worker/feed.h"
#include "worker/projection.h"
#include "worker/worker.h"

#define NOTIFY_CHANNEL "clearing"
/* NOTIFY takes a lock that other sessions may hold while they commit. */
#define NOTIFY_LOCK_TIMEOUT "100ms"
/* With nothing to do, statistics are flushed this often. */
#define IDLE_MS 1000
/* Somebody waits: gather for this part of projection_delay only. */
#define HURRY	10

typedef struct Projector
{
	ClrDatabase *db;
	ClrEngine  *engine;
	ClrChain	chain;			/* last block executed */
	ClrEventBuffer events;
	MemoryContext batch_context;
	ClrDelta   *delta;			/* of the batch being read */
	ClrFeed    *feed;			/* the event stream */
	TimestampTz last_batch;		/* when the last batch began */
} Projector;

/*
 * The planner must not choose by the size that a table happens to have when a
 * plan is made: a batch always goes to its rows by their keys.
 */
static void
pin_planner(void)
{
	static const char *const off[] = {
		"enable_seqscan", "enable_hashjoin", "enable_mergejoin",
		"enable_bitmapscan", "enable_material", "enable_memoize"
	};

	for (int i = 0; i < (int) lengthof(off); i++)
		SetConfigOption(off[i], "off", PGC_SUSET, PGC_S_OVERRIDE);
}

static void
publish(Projector *p)
{
	pg_atomic_write_u64(&p->db->projected_height, p->chain.height);
	ConditionVariableBroadcast(&p->db->projected_cv);
}

static void
load(Projector *p)
{
	pgstat_report_activity(STATE_RUNNING, "loading the read model");
	p->engine = clr_engine_create();
	if (p->engine == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while creating an engine")));
	clr_worker_begin();
	clr_restore_engine(p->engine, &p->chain);
	p->feed = clr_feed_create(TopMemoryContext, p->engine, clr_feed_stored_next());
	clr_worker_commit();
	publish(p);
	ereport(DEBUG1,
			(errmsg_internal("projector starts at block " UINT64_FORMAT,
							 p->chain.height)));
}

/* ClrBlockCallback: executes a block and notes what it did. */
static bool
project_block(void *arg, const ClrBlock *block)
{
	Projector  *p = arg;
	uint8_t		actual[CLR_HASH_LEN] = {0};
	ClrBlockFault fault;

	fault = clr_block_execute(p->engine, &p->chain, block, &p->events, actual);
	if (fault == CLR_BLOCK_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while executing block %llu",
						(unsigned long long) block->height)));
	if (fault != CLR_BLOCK_OK)
		clr_halt_node(p->db, block->height, block->event_digest, actual,
					  clr_block_fault_text(fault));
	clr_delta_add_block(p->delta, block, &p->events);
	clr_feed_add_block(p->feed, p->delta, block, &p->events);
	return p->delta->rows < CLR_DELTA_MAX_ROWS;
}

/* One transaction: reads confirmed blocks, executes them, writes the tables. */
static void
project_batch(Projector *p, uint64 confirmed)
{
	ClrHouseView house;
	uint64		n;

	pgstat_report_activity(STATE_RUNNING, "projecting");
	p->last_batch = GetCurrentTimestamp();
	clr_worker_begin();
	clr_get_house(p->engine, &house);
	p->delta = clr_delta_create(p->batch_context, house.next_order);
	n = clr_journal_read(p->chain.height, confirmed, clr_projection_batch,
						 project_block, p);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_JOURNAL_CORRUPT),
				 errmsg("block %llu is missing in the journal",
						(unsigned long long) p->chain.height + 1),
				 errdetail("Blocks up to %llu are confirmed.",
						   (unsigned long long) confirmed)));
	clr_delta_write(p->delta, p->engine, &p->chain);
	clr_worker_commit();
	p->delta = NULL;
	MemoryContextReset(p->batch_context);
	publish(p);
	pgstat_report_stat(false);
}

static void
send_notification(uint64 height)
{
	char		payload[64];

	snprintf(payload, sizeof(payload), "{\"height\":" UINT64_FORMAT "}", height);
	StartTransactionCommand();
	Async_Notify(NOTIFY_CHANNEL, payload);
	CommitTransactionCommand();
}

/*
 * A lock timeout is a SIGINT that the process sends to itself, which workers
 * ignore otherwise.
 */
static void
limit_lock_waits(bool on)
{
	SetConfigOption("lock_timeout", on ? NOTIFY_LOCK_TIMEOUT : "0",
					PGC_SUSET, PGC_S_OVERRIDE);
	pqsignal(SIGINT, on ? StatementCancelHandler : SIG_IGN);
	/* one that came when the lock was there already means nothing any more */
	QueryCancelPending = false;
}

/*
 * Tells listeners, in a transaction of its own that writes nothing: a NOTIFY
 * queues behind every other session that commits one, even while that session
 * waits for a standby, and fails when the queue is full.  Neither may stop the
 * projection.  A notification that is not sent is made good by the next one.
 */
static void
notify(uint64 height)
{
	MemoryContext context = CurrentMemoryContext;
	static bool failing = false;

	if (!clr_projection_notify)
		return;
	limit_lock_waits(true);
	PG_TRY();
	{
		send_notification(height);
		failing = false;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE &&
			error->sqlerrcode != ERRCODE_QUERY_CANCELED &&
			error->sqlerrcode != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		FlushErrorState();
		AbortCurrentTransaction();
		if (!failing)
			ereport(LOG,
					(errmsg("notification of block " UINT64_FORMAT " is put off: %s",
							height, error->message)));
		failing = true;
		FreeErrorData(error);
	}
	PG_END_TRY();
	limit_lock_waits(false);
	MemoryContextSwitchTo(context);
}

/*
 * Lets blocks gather until projection_delay has passed since the last batch
 * began: a first block is shown at once, a stream of them in batches.  While
 * somebody waits for the read model a part of the delay must do: a batch costs
 * the less per block the more blocks it has, and what it costs the callers of
 * the sequencer lose.
 */
static void
gather(Projector *p)
{
	CLR_WAIT_EVENT(wait_event, "ClearingProjectorGather");

	for (;;)
	{
		uint64		waiting = pg_atomic_read_u64(&p->db->confirmed_height) -
			p->chain.height;
		bool		hurry = pg_atomic_read_u32(&p->db->projector_hurry) != 0;
		TimestampTz now = GetCurrentTimestamp();
		long		remaining =
			(hurry ? clr_projection_delay / HURRY : clr_projection_delay) -
			TimestampDifferenceMilliseconds(p->last_batch, now);

		if (now < p->last_batch)
			remaining = 0;		/* the clock was set back */
		if (waiting >= (uint64) clr_projection_batch || remaining <= 0)
		{
			pg_atomic_write_u32(&p->db->projector_hurry, 0);
			return;
		}
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 remaining, wait_event);
		ResetLatch(MyLatch);
		/* also while there is always more to do: settings may have changed */
		clr_worker_handle_interrupts();
	}
}

static void
project_error_context(void *arg)
{
	Projector  *p = arg;

	if (p->delta != NULL)
		errcontext("projecting block " UINT64_FORMAT, p->chain.height + 1);
}

void
clr_projector_main(Datum main_arg)
{
	Oid			dboid = DatumGetObjectId(main_arg);
	static Projector p;
	ErrorContextCallback context;

	clr_worker_enter(dboid, false, "pg_clearing projector");
	p.db = clr_find_database(dboid);
	if (p.db == NULL)
		proc_exit(1);			/* no engine worker yet */
	clr_projector_attach(p.db);
	p.batch_context = AllocSetContextCreate(TopMemoryContext,
											"projector batch",
											ALLOCSET_DEFAULT_SIZES);
	context.callback = project_error_context;
	context.arg = &p;
	context.previous = error_context_stack;
	error_context_stack = &context;
	load(&p);
	pin_planner();
	for (;;)
	{
		uint64		confirmed = pg_atomic_read_u64(&p.db->confirmed_height);

		if (confirmed > p.chain.height)
		{
			gather(&p);
			confirmed = pg_atomic_read_u64(&p.db->confirmed_height);
			project_batch(&p, confirmed);
			notify(p.chain.height);
			clr_worker_handle_interrupts();
			continue;
		}
		pgstat_report_activity(STATE_IDLE, NULL);
		clr_projector_wait(p.db, p.chain.height, IDLE_MS);
		pgstat_report_stat(false);
	}
}
