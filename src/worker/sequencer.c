/*
 * sequencer.c
 *	  The engine worker of a primary: gives commands their total order.
 *
 * One block is one transaction: gather what waits, apply it to the engine,
 * append the block, commit.  When the synchronous standby has confirmed the
 * commit, answer (pending.c).  While it does not, requests gather for the next
 * block: group commit without any timer; and if enough has gathered to be
 * worth a commit of its own, the next block is executed and written meanwhile.
 *
 * Invariants.
 *	 1. An answer leaves only after clr_commit_is_durable() said yes for the
 *		block's commit; that covers duplicates and refusals too, since they
 *		are in the block.
 *	 2. Before anything else the sequencer commits an epoch block and proves
 *		it: WAL is linear, so the proof covers whatever an earlier sequencer
 *		left unproven.
 *	 3. After an error or a missing proof the process exits; nothing is retried
 *		in place, the callers hear "outcome unknown".
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_control.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "journal/times.h"
#include "worker/pending.h"
#include "worker/ring_wait.h"

/* Inbox rows of one block. */
#define BLOCK_INBOX		1000
/*
 * So many bytes of commands are worth a block of their own while another one
 * awaits its confirmation; fewer rather wait and share the next commit.
 */
#define WORTH_A_BLOCK	(16 * 1024)
/* Commands between two looks for interrupts: well below a millisecond. */
#define INTERRUPT_EVERY 512
/* Without a notice the inbox is looked at this often. */
#define INBOX_POLL_MS	1000
#define DURABILITY_POLL_MS 10
/* After a lone request the next one is looked for this long. */
#define SPIN_US			150

/* A request's events within the block's. */
typedef struct Taken
{
	ClrSlot    *slot;
	size_t		events_from;
	size_t		events_to;
} Taken;

/* The block in the making; the buffers live as long as the process. */
typedef struct Draft
{
	uint8	   *commands;
	size_t		len;
	size_t		cap;
	uint32		n_inbox;
	int			n_taken;
	int			answered;		/* requests of the last block */
	ClrSlot    *slots[CLR_BLOCK_REQUESTS];
	Taken		taken[CLR_BLOCK_REQUESTS];
	uint8	   *reply;
	size_t		reply_cap;
} Draft;

static Draft draft;

static int64
now_us(void)
{
	return clr_time_from_pg(GetCurrentTimestamp());
}

/*----------------------------------------------------------------
 * Gathering
 *----------------------------------------------------------------
 */
static void
reserve(uint8 **data, size_t *cap, size_t need)
{
	size_t		size = Max(*cap, 8192);

	if (need <= *cap)
		return;
	while (size < need)
		size *= 2;
	*data = *data == NULL ?
		MemoryContextAllocHuge(TopMemoryContext, size) :
		repalloc_huge(*data, size);
	*cap = size;
}

static void
draft_add(const uint8 *bytes, size_t len)
{
	reserve(&draft.commands, &draft.cap, draft.len + len);
	memcpy(draft.commands + draft.len, bytes, len);
	draft.len += len;
}

/* ClrInboxCallback */
static void
draft_add_inbox(void *arg, const uint8 *command, Size len)
{
	draft_add(command, len);
	draft.n_inbox++;
}

static void
gather(ClrEngineWorker *w, bool inbox)
{
	draft.len = 0;
	draft.n_inbox = 0;
	if (inbox)
		clr_inbox_drain(BLOCK_INBOX, draft_add_inbox, NULL);
	for (int i = 0; i < draft.n_taken; i++)
		draft_add(clr_ring_request(draft.slots[i]), draft.slots[i]->request_len);
}

/*----------------------------------------------------------------
 * Applying
 *----------------------------------------------------------------
 */
static void
apply_range(ClrEngineWorker *w, size_t *at, uint32 *number, uint32 n)
{
	while (n > 0)
	{
		uint32		some = Min(n, INTERRUPT_EVERY);
		uint32		applied;
		size_t		used;

		if (!clr_engine_apply_run(w->engine, *number, draft.commands + *at,
								  draft.len - *at, some, &w->events,
								  &used, &applied) || applied != some)
			ereport(ERROR,
					(errcode(ERRCODE_OUT_OF_MEMORY),
					 errmsg("out of memory while executing a command")));
		*at += used;
		*number += some;
		n -= some;
		CHECK_FOR_INTERRUPTS();
	}
}

/* Applies the draft; the number of commands. */
static uint32
apply(ClrEngineWorker *w, int64 time_us)
{
	size_t		at = 0;
	uint32		number = 0;

	w->events.len = 0;
	if (!clr_engine_begin_block(w->engine, w->chain.height + 1, time_us,
								&w->events))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while firing timers")));
	apply_range(w, &at, &number, draft.n_inbox);
	for (int i = 0; i < draft.n_taken; i++)
	{
		Taken	   *t = &draft.taken[i];

		t->slot = draft.slots[i];
		t->events_from = w->events.len;
		apply_range(w, &at, &number, t->slot->n_commands);
		t->events_to = w->events.len;
	}
	return number;
}

static void
append_block(ClrEngineWorker *w, uint32 n_commands, int64 time_us, uint64 epoch,
			 ClrBlock *block)
{
	block->height = w->chain.height + 1;
	block->epoch = epoch;
	block->time_us = time_us;
	block->ruleset = CLR_RULESET_VERSION;
	block->first_command = w->chain.next_command;
	block->n_commands = n_commands;
	memcpy(block->prev_hash, w->chain.hash, CLR_HASH_LEN);
	block->commands = draft.commands;
	block->commands_len = draft.len;
	clr_block_seal(block, w->events.data, w->events.len);
	clr_journal_append(block);
}

/*
 * Ends the block's transaction without waiting for a standby; pending.c does
 * that.  synchronous_commit is what the commit record is written by; how the
 * setting itself is spelled matters to nobody else in this process.
 */
static void
commit_locally(void)
{
	int			setting = synchronous_commit;

	synchronous_commit = Min(setting, SYNCHRONOUS_COMMIT_LOCAL_FLUSH);
	clr_worker_commit();
	synchronous_commit = setting;
}

/*----------------------------------------------------------------
 * Answering
 *----------------------------------------------------------------
 */
/* A reply carries the TRADE and OUTCOME events of its commands. */
static void
store_reply(ClrEngineWorker *w, const Taken *t, const ClrBlock *block)
{
	size_t		at = t->events_from;
	size_t		len = 0;

	reserve(&draft.reply, &draft.reply_cap, t->events_to - t->events_from);
	while (at < t->events_to)
	{
		uint8_t		type;
		size_t		one = clr_event_length(w->events.data + at,
										   t->events_to - at, &type);

		if (type == CLR_EV_TRADE || type == CLR_EV_OUTCOME)
		{
			memcpy(draft.reply + len, w->events.data + at, one);
			len += one;
		}
		at += one;
	}
	t->slot->epoch = block->epoch;
	t->slot->height = block->height;
	memcpy(t->slot->block_hash, block->block_hash, CLR_HASH_LEN);
	clr_ring_store_reply(t->slot, draft.reply, len);
}

/* The block is committed: its replies are made while it is being confirmed. */
static void
hand_over(ClrEngineWorker *w, const ClrBlock *block)
{
	clr_chain_advance(&w->chain, block);
	for (int i = 0; i < draft.n_taken; i++)
		store_reply(w, &draft.taken[i], block);
	clr_pending_add(w, draft.slots, draft.n_taken);
}

/* Microseconds until the engine's next timer is due, 0 if one is. */
static int64
until_timer(ClrEngineWorker *w)
{
	int64		due = clr_engine_next_timer(w->engine);
	int64		now = now_us();

	if (due == INT64_MAX)
		return PG_INT64_MAX;
	return due <= now ? 0 : due - now;
}

/*
 * One block from what was taken and, if asked, the inbox.  There may be nothing
 * of either: then it is written if a timer is due, which is fired by its time.
 */
static void
run_block(ClrEngineWorker *w, bool inbox)
{
	ClrBlock	block;
	int64		time_us = Max(now_us(), w->chain.time_us);
	uint32		n;

	clr_worker_begin();
	gather(w, inbox);
	if (draft.len == 0 && until_timer(w) > 0)
	{
		clr_worker_commit();
		return;
	}
	n = apply(w, time_us);
	append_block(w, n, time_us, w->chain.epoch, &block);
	commit_locally();
	hand_over(w, &block);
	pgstat_report_stat(false);
	/* a full drain may have left more behind */
	if (draft.n_inbox > 0)
		pg_atomic_write_u32(&w->db->inbox_pending, 1);
}

/* Answers what is confirmed and waits for what must be confirmed first. */
static void
settle_pending(ClrEngineWorker *w)
{
	for (;;)
	{
		int			answered = clr_pending_answer(w);
		int			pending = clr_pending_count();

		if (answered > 0)
			draft.answered = answered;
		if (pending == 0 ||
			(pending < CLR_PENDING_MAX &&
			 clr_ring_queued_bytes(w->db) >= WORTH_A_BLOCK &&
			 clr_durability_possible()))
			break;
		clr_pending_await(w);
	}
}

/*----------------------------------------------------------------
 * Opening an epoch: the fence after start and promotion
 *----------------------------------------------------------------
 */
static void
draft_epoch(uint64 epoch)
{
	ClrCommand	command;
	uint8		buf[CLR_COMMAND_MAX];

	memset(&command, 0, sizeof(command));
	command.type = CLR_CMD_EPOCH;
	command.u.epoch.epoch = epoch;
	command.u.epoch.timeline = GetWALInsertionTimeLine();
	command.u.epoch.system_id = GetSystemIdentifier();
	if (!pg_strong_random(command.u.epoch.nonce, sizeof(command.u.epoch.nonce)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	draft.len = 0;
	draft.n_taken = 0;
	draft.n_inbox = 1;
	draft_add(buf, clr_command_encode(&command, buf));
}

static void
wait_until_durable(void)
{
	bool		told = false;

	CLR_WAIT_EVENT(wait_event, "ClearingAwaitStandby");

	while (!clr_durability_possible())
	{
		if (!told)
			ereport(LOG,
					(errmsg("clearing house waits for a synchronous standby"),
					 errhint("Start one, or set pg_clearing.durability to \"local\" for a single node.")));
		told = true;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 DURABILITY_POLL_MS, wait_event);
		ResetLatch(MyLatch);
		clr_worker_handle_interrupts();
	}
}

static void
open_epoch(ClrEngineWorker *w)
{
	ClrBlock	block;
	uint64		epoch = w->chain.epoch + 1;
	int64		time_us;

	clr_publish_state(w, CLR_ROLE_OPENING, &w->chain);
	pgstat_report_activity(STATE_RUNNING, "opening an epoch");
	wait_until_durable();
	time_us = Max(now_us(), w->chain.time_us);
	draft_epoch(epoch);
	clr_worker_begin();
	clr_require_own_journal(w);
	append_block(w, apply(w, time_us), time_us, epoch, &block);
	clr_identity_adopt();
	commit_locally();
	hand_over(w, &block);
	clr_pending_await(w);
	/* whoever reads "serving" must find it true */
	clr_ring_set_serving(w->db, true);
	clr_pending_answer(w);
	ereport(LOG,
			(errmsg("clearing house serves in epoch " UINT64_FORMAT
					" from block " UINT64_FORMAT, epoch, block.height)));
}

/*----------------------------------------------------------------
 * Serving
 *----------------------------------------------------------------
 */
/* ClrSpin callback */
static bool
is_asked(void *db)
{
	return clr_ring_has_request(db);
}

/* Until there is a request, the inbox is due, or (unless there can't be a block now) a timer. */
static void
sleep_until_asked(ClrEngineWorker *w, bool timers)
{
	static ClrSpin spin = {1, 0};

	CLR_WAIT_EVENT(wait_event, "ClearingSequencerMain");

	/* a lone caller comes back soon with its next request */
	if (draft.answered == 1 &&
		clr_spin_until(&spin, is_asked, w->db, SPIN_US))
		return;
	draft.answered = 0;
	/* or autovacuum would never hear of the journal and the inbox */
	pgstat_report_stat(false);
	if (!clr_ring_prepare_sleep(w->db))
	{
		/* rounded up: a timer is due when its time has come, not before */
		int64		timer_ms = timers ? until_timer(w) / 1000 + 1 : INBOX_POLL_MS;

		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 Min(INBOX_POLL_MS, timer_ms), wait_event);
		ResetLatch(MyLatch);
	}
	clr_ring_awake(w->db);
}

/* Is the inbox to be looked at: because somebody said so, or by the clock? */
static bool
inbox_is_due(ClrEngineWorker *w)
{
	static TimestampTz last = 0;
	TimestampTz now = GetCurrentTimestamp();

	if (pg_atomic_read_u32(&w->db->inbox_pending) == 0 &&
		now >= last &&			/* else the clock was set back */
		!TimestampDifferenceExceeds(last, now, INBOX_POLL_MS))
		return false;
	pg_atomic_exchange_u32(&w->db->inbox_pending, 0);
	last = now;
	return true;
}

/*
 * A journal may be loaded under an empty house.  What was made of it while it
 * was empty, the projector's engine included, starts anew then.
 */
static void
leave_if_loaded(ClrEngineWorker *w)
{
	ClrDatabase state;
	bool		loaded;

	clr_worker_begin();
	loaded = clr_journal_last_height() > 0;
	clr_worker_commit();
	if (!loaded)
		return;
	clr_snapshot_database(w->db, &state);
	if (state.projector_pid != 0)
		kill(state.projector_pid, SIGTERM);
	ereport(LOG,
			(errmsg("a journal has been loaded into the database, the engine worker restarts")));
	proc_exit(1);
}

void
clr_sequence(ClrEngineWorker *w)
{
	Size		max_bytes;

	/* an empty journal stays empty until somebody wants it: it may be loaded */
	if (w->chain.height > 0)
		open_epoch(w);
	else
	{
		clr_ring_set_serving(w->db, true);
		clr_publish_state(w, CLR_ROLE_SERVING, &w->chain);
	}
	/* a resume() that raced with the first command must not outlive it */
	pg_atomic_write_u32(&w->db->resume_requested, 0);
	clr_wake_launcher();		/* it starts the projector */
	pgstat_report_activity(STATE_RUNNING, "serving");
	for (;;)
	{
		bool		inbox;

		clr_worker_handle_interrupts();
		settle_pending(w);
		max_bytes = (Size) clr_max_block_size * 1024;
		if (clr_pending_count() == 0 && !clr_durability_possible())
		{
			clr_ring_refuse_queued(w->db);
			sleep_until_asked(w, false);
			continue;
		}
		if (w->chain.height == 0)
		{
			leave_if_loaded(w);
			if (!clr_ring_prepare_sleep(w->db))
			{
				sleep_until_asked(w, false);
				continue;
			}
			open_epoch(w);
		}
		inbox = inbox_is_due(w);
		draft.n_taken = clr_ring_take(w->db, draft.slots, CLR_BLOCK_REQUESTS,
									  max_bytes);
		if (draft.n_taken == 0 && !inbox && until_timer(w) > 0)
		{
			if (clr_pending_count() == 0)
				sleep_until_asked(w, true);
			continue;
		}
		run_block(w, inbox);
	}
}
