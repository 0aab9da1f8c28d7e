/*
 * ring.c
 *	  The request ring: the caller's side.
 *
 * Run by any backend that calls a function of the house.  The states of a slot
 * and who may change them: ring_internal.h.
 *
 * Invariants.
 *	 1. A caller returns normally only from DONE.
 *	 2. If a caller gets an error other than CH002 (outcome unknown), no
 *		command of its request was executed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "compat.h"
#include "engine/codec.h"
#include "errors.h"
#include "worker/ring_internal.h"
#include "worker/ring_layout.h"
#include "worker/ring_wait.h"

/* A lone caller looks this long before it sleeps: about a commit. */
#define CALLER_SPIN_US 250

/* Freed memory that a process which sends large requests keeps at most. */
#define KEEP_BYTES (8 * 1024 * 1024)

/* How long a call waits for a house that is just starting. */
#define CLR_START_GRACE_MS 5000

/* The slot this backend owns, for its exit callback. */
static ClrSlot *my_slot = NULL;
static ClrRing *my_ring = NULL;

static ClrSlot *
try_free_slot(ClrRing *ring)
{
	ClrSlot    *slot = NULL;

	SpinLockAcquire(&ring->mutex);
	if (ring->free_head >= 0)
	{
		slot = clr_ring_slot(ring, ring->free_head);
		ring->free_head = slot->next_free;
		ring->used++;
	}
	SpinLockRelease(&ring->mutex);
	return slot;
}

static void
count_waiter(ClrRing *ring, int by)
{
	SpinLockAcquire(&ring->mutex);
	ring->waiting_for_slot += by;
	SpinLockRelease(&ring->mutex);
}

/* More callers than slots: wait for one, a normal condition. */
static ClrSlot *
wait_for_slot(ClrRing *ring)
{
	ClrSlot    *volatile slot = NULL;
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  clr_reply_timeout);

	CLR_WAIT_EVENT(wait_event, "ClearingSlot");

	count_waiter(ring, 1);
	PG_TRY();
	{
		ConditionVariablePrepareToSleep(&ring->free_cv);
		while ((slot = try_free_slot(ring)) == NULL &&
			   (clr_reply_timeout == 0 || GetCurrentTimestamp() < give_up))
			ConditionVariableTimedSleep(&ring->free_cv, 100, wait_event);
		ConditionVariableCancelSleep();
	}
	PG_FINALLY();
	{
		count_waiter(ring, -1);
	}
	PG_END_TRY();
	if (slot == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NOT_AVAILABLE),
				 errmsg("request queue of the clearing house is full"),
				 errdetail("All %d request slots were in use.", clr_request_slots),
				 errhint("Try again, use fewer connections, or increase pg_clearing.request_slots.")));
	return slot;
}

/* Gives the slot up, whatever state it is in; false if its outcome is unknown. */
static bool
give_up_slot(void)
{
	ClrSlot    *slot = my_slot;
	ClrRing    *ring = my_ring;
	uint32		state;

	if (slot == NULL)
		return true;
	my_slot = NULL;
	state = CLR_SLOT_QUEUED;
	if (pg_atomic_compare_exchange_u32(&slot->state, &state, CLR_SLOT_REVOKED))
		return true;			/* the sequencer frees it when it gets there */
	if (state == CLR_SLOT_TAKEN &&
		pg_atomic_compare_exchange_u32(&slot->state, &state, CLR_SLOT_ABANDONED))
		return false;
	/* answered or lost in the meantime, or never queued */
	clr_ring_free_slot(ring, slot);
	return state != CLR_SLOT_DONE && state != CLR_SLOT_LOST_UNKNOWN;
}

static void
give_up_at_exit(int code, Datum arg)
{
	give_up_slot();
}

/*
 * A large request passes through half a dozen buffers of its size.  malloc()
 * would fetch each of them from the system and give it back, and the page
 * faults would cost several times what everything else does here.
 */
static void
keep_freed_memory(void)
{
#ifdef __GLIBC__
	static bool done = false;

	if (done)
		return;
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES / 2);
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	done = true;
#endif
}

static void
fill_slot(ClrSlot *slot, const uint8_t *commands, size_t len, uint32_t n)
{
	slot->procno = CLR_MY_PROCNO;
	slot->n_commands = n;
	slot->request_len = len;
	slot->reply_len = 0;
	slot->request_big = InvalidDsaPointer;
	slot->reply_big = InvalidDsaPointer;
	if (len <= CLR_SLOT_BYTES)
		memcpy(slot->data, commands, len);
	else
	{
		keep_freed_memory();
		slot->request_big = dsa_allocate(clr_ring_dsa(), len);
		memcpy(dsa_get_address(clr_ring_dsa(), slot->request_big), commands, len);
	}
}

/* Puts the slot into the ring if the sequencer serves; wakes it if asleep. */
static bool
queue_slot(ClrDatabase *db, ClrRing *ring, ClrSlot *slot)
{
	bool		serving;
	bool		wake = false;
	int			procno = 0;

	SpinLockAcquire(&ring->mutex);
	/* the place may have become another database's while a slot was awaited */
	serving = ring->serving && db->dboid == MyDatabaseId;
	if (serving)
	{
		slot->turn = ring->turn;
		pg_atomic_write_u32(&slot->state, CLR_SLOT_QUEUED);
		ring->queue[ring->tail % clr_request_slots] = slot->index;
		ring->tail++;
		ring->queued_bytes += slot->request_len;
		wake = ring->sleeping;
		ring->sleeping = false;
		procno = ring->engine_procno;
	}
	SpinLockRelease(&ring->mutex);
	if (wake)
		clr_set_latch_of(procno);
	return serving;
}

static uint32
slot_state(ClrSlot *slot)
{
	uint32		state = pg_atomic_read_u32(&slot->state);

	pg_read_barrier();
	return state;
}

static bool
is_final(uint32 state)
{
	return state >= CLR_SLOT_DONE;
}

static void
raise_unknown(const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_OUTCOME_UNKNOWN),
			 errmsg("outcome of the command is unknown"),
			 errdetail("%s", why),
			 errhint("Send the same command with the same reference again: it is executed at most once and the original outcome is returned.")));
}

/* ClrSpin callback */
static bool
has_answer(void *slot)
{
	return is_final(pg_atomic_read_u32(&((ClrSlot *) slot)->state));
}

static void
check_reply_timeout(TimestampTz started)
{
	if (clr_reply_timeout > 0 &&
		TimestampDifferenceExceeds(started, GetCurrentTimestamp(),
								   clr_reply_timeout))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NOT_AVAILABLE),
				 errmsg("clearing house did not answer within %d ms",
						clr_reply_timeout),
				 errhint("Nothing was executed; try again.")));
}

/* Sleeps until the slot has a final state; errors leave it owned. */
static uint32
wait_for_answer(ClrRing *ring, ClrSlot *slot)
{
	static ClrSpin spin = {1, 0};
	pg_atomic_uint32 *turn = &ring->turns[slot->turn];
	TimestampTz started = 0;
	uint32		state;
	uint32		seen;

	/* alone with the sequencer? a dirty read will do */
	if (ring->used == 1)
		(void) clr_spin_until(&spin, has_answer, slot, CALLER_SPIN_US);
	for (;;)
	{
		/* in this order: an answer that comes in between changes the word */
		seen = pg_atomic_read_u32(turn);
		pg_read_barrier();
		if (is_final(state = slot_state(slot)))
			break;
		if (started == 0)
			started = GetCurrentTimestamp();
		clr_turn_sleep(turn, seen);
		if (is_final(state = slot_state(slot)))
			break;
		CHECK_FOR_INTERRUPTS();
		check_reply_timeout(started);
	}
	return state;
}

/*
 * An error while waiting (cancel, timeout): if the request could still be
 * revoked the error stands, nothing was executed.  If not, the caller must
 * hear that the outcome is unknown, whatever the error was.
 */
static uint32
wait_or_give_up(ClrSlot *slot)
{
	volatile uint32 state = CLR_SLOT_QUEUED;
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		state = wait_for_answer(my_ring, slot);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (give_up_slot())
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		raise_unknown(psprintf("The wait for it ended: %s.",
							   error->message ? error->message : "interrupted"));
	}
	PG_END_TRY();
	return state;
}

static void
raise_if_halted(ClrDatabase *db)
{
	ClrDatabase copy;

	clr_snapshot_database(db, &copy);
	if (copy.role == CLR_ROLE_HALTED)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_HALTED),
				 errmsg("clearing house is halted on this node"),
				 errdetail("Re-execution of block " UINT64_FORMAT " gave another result than the journal.",
						   copy.halted_height),
				 errhint("See clearing.node_status and the server log.")));
}

static void
raise_not_served(ClrDatabase *db)
{
	ClrDatabase copy;

	raise_if_halted(db);
	clr_snapshot_database(db, &copy);
	if (copy.role == CLR_ROLE_CLOSED)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NOT_OPEN),
				 errmsg("clearing house is closed in this database"),
				 errdetail("Its journal was brought from elsewhere, for example by a restored dump or a template."),
				 errhint("An operator checks it with clearing.verify() and lets it go on with clearing.resume().")));
	if (copy.role == CLR_ROLE_OPENING &&
		clr_durability == CLR_DURABILITY_REPLICATED)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NO_SYNCHRONOUS_STANDBY),
				 errmsg("no synchronous standby confirms commits"),
				 errdetail("The clearing house waits to open a new epoch."),
				 errhint("Start a synchronous standby, or set pg_clearing.durability to \"local\" for a single node.")));
	ereport(ERROR,
			(errcode(ERRCODE_CLR_NOT_AVAILABLE),
			 errmsg("clearing house is not running"),
			 errdetail("The engine worker of this database is %s.",
					   clr_role_name(copy.role)),
			 errhint("Try again; see clearing.node_status.")));
}

/* Is the house neither serving nor in a state that lasts? */
static bool
is_starting(ClrDatabase *db)
{
	ClrDatabase copy;

	if (db == NULL)
		return true;
	clr_snapshot_database(db, &copy);
	return copy.role == CLR_ROLE_NONE || copy.role == CLR_ROLE_LOADING ||
		(copy.role == CLR_ROLE_OPENING && clr_durability == CLR_DURABILITY_LOCAL);
}

/*
 * Right after CREATE EXTENSION, and while the engine worker restarts, a short
 * wait serves callers better than an error.
 */
static ClrDatabase *
await_start(void)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													  CLR_START_GRACE_MS);
	ClrDatabase *db;

	CLR_WAIT_EVENT(wait_event, "ClearingStart");

	while (is_starting(db = clr_my_database()) &&
		   GetCurrentTimestamp() < give_up)
	{
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 20, wait_event);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	return db;
}

void
clr_ring_check_writable(void)
{
	ClrDatabase *db;

	clr_require_preload();
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot execute a command of the clearing house during recovery"),
				 errhint("Connect to the primary, for example with target_session_attrs=read-write.")));
	db = clr_my_database();
	if (db == NULL || !clr_ring_of(db)->serving)
		db = await_start();
	if (db == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NOT_AVAILABLE),
				 errmsg("clearing house is not running"),
				 errdetail("No engine worker has started in this database yet."),
				 errhint("Try again; see pg_clearing.max_databases, max_worker_processes and the server log.")));
	/* before anything is looked up: a halted node's tables may show nothing */
	if (!clr_ring_of(db)->serving)
		raise_if_halted(db);
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_TRANSACTION_HAS_WRITTEN),
				 errmsg("cannot execute a command of the clearing house in a transaction that has already written"),
				 errdetail("The command would be final even if the transaction rolled back."),
				 errhint("Call it in a transaction of its own, or use clearing.enqueue(), which commits together with the transaction.")));
}

/*
 * The reply, packed as ring.h says, in the caller's memory context; before it
 * there is room for the header of a bytea.
 */
static void
unpack_reply(ClrSlot *slot, ClrReply *reply)
{
	size_t		len = CLR_REPLY_HEADER + slot->reply_len;
	uint8_t    *p;
	const uint8_t *events = slot->data;

	/* first, so that an error from here on can say where the answer is */
	reply->epoch = slot->epoch;
	reply->height = slot->height;
	p = (uint8_t *) palloc(VARHDRSZ + len) + VARHDRSZ;
	if (DsaPointerIsValid(slot->reply_big))
		events = dsa_get_address(clr_ring_dsa(), slot->reply_big);
	memset(p, 0, CLR_REPLY_HEADER);
	clr_put_u32(p, len);
	p[4] = 1;
	clr_put_u64(p + 8, slot->epoch);
	clr_put_u64(p + 16, slot->height);
	memcpy(p + 24, slot->block_hash, CLR_HASH_LEN);
	clr_put_u32(p + 56, slot->n_commands);
	memcpy(p + CLR_REPLY_HEADER, events, slot->reply_len);

	memcpy(reply->block_hash, slot->block_hash, CLR_HASH_LEN);
	reply->n_commands = slot->n_commands;
	reply->packed = p;
	reply->packed_len = len;
	reply->events = p + CLR_REPLY_HEADER;
	reply->events_len = slot->reply_len;
}

static void
check_request(const uint8_t *commands, size_t len, uint32_t n_commands)
{
	size_t		at = 0;
	uint32_t	n = 0;

	if (len > (size_t) clr_max_block_size * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_TOO_LARGE),
				 errmsg("request of %zu bytes is too large", len),
				 errdetail("At most %d kB of commands fit into one block.",
						   clr_max_block_size),
				 errhint("Send fewer commands in one call, or increase pg_clearing.max_block_size.")));
	while (at < len)
	{
		size_t		one = clr_command_length(commands + at, len - at);

		if (one == 0)
			break;
		at += one;
		n++;
	}
	if (at != len || n != n_commands || n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("bytes are not a sequence of commands"),
				 errdetail("Command %u, at byte %zu of %zu, cannot be framed.",
						   n + 1, at, len),
				 errhint("See the command encoding in doc/protocol.md.")));
}

/* Acts on a final state other than DONE. */
static void
raise_lost(ClrDatabase *db, uint32 state)
{
	switch (state)
	{
		case CLR_SLOT_REFUSED:
			ereport(ERROR,
					(errcode(ERRCODE_CLR_NO_SYNCHRONOUS_STANDBY),
					 errmsg("no synchronous standby confirms commits"),
					 errdetail("Nothing was executed, because pg_clearing.durability is \"replicated\"."),
					 errhint("Start a synchronous standby and try again, or set pg_clearing.durability to \"local\" for a single node.")));
			break;
		case CLR_SLOT_LOST_UNKNOWN:
			raise_unknown("The engine worker stopped before the commit was confirmed.");
			break;
		default:
			raise_not_served(db);
	}
}

void
clr_ring_call(const uint8_t *commands, size_t len, uint32_t n_commands,
			  ClrReply *reply)
{
	static bool exit_registered = false;
	ClrDatabase *db;
	uint32		state;

	clr_ring_check_writable();
	check_request(commands, len, n_commands);
	if (!exit_registered)
	{
		before_shmem_exit(give_up_at_exit, (Datum) 0);
		exit_registered = true;
	}
	db = clr_my_database();
	give_up_slot();				/* an error may have left one after its answer */
	my_ring = clr_ring_of(db);
	my_slot = try_free_slot(my_ring);
	if (my_slot == NULL)
		my_slot = wait_for_slot(my_ring);
	pg_atomic_write_u32(&my_slot->state, CLR_SLOT_FILLING);
	PG_TRY();
	{
		fill_slot(my_slot, commands, len, n_commands);
	}
	PG_CATCH();
	{
		give_up_slot();
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (!queue_slot(db, my_ring, my_slot))
	{
		give_up_slot();
		raise_not_served(db);
	}
	state = wait_or_give_up(my_slot);
	if (state == CLR_SLOT_DONE)
		unpack_reply(my_slot, reply);
	give_up_slot();
	if (state != CLR_SLOT_DONE)
		raise_lost(db, state);
}
