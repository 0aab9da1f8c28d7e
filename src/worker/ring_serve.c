/*
 * ring_serve.c
 *	  The request ring: the sequencer's side.
 *
 * Run by the engine worker of a primary only.  Protocol: ring_internal.h.
 */
#include "postgres.h"

#include "storage/proc.h"

#include "compat.h"
#include "worker/ring_internal.h"
#include "worker/ring_layout.h"
#include "worker/ring_wait.h"

void
clr_ring_set_serving(ClrDatabase *db, bool serving)
{
	ClrRing    *ring = clr_ring_of(db);

	SpinLockAcquire(&ring->mutex);
	ring->serving = serving;
	ring->engine_procno = CLR_MY_PROCNO;
	ring->sleeping = false;
	SpinLockRelease(&ring->mutex);
}

/* The caller has its answer; turn and procno were its slot's before that. */
static void
wake_caller(ClrRing *ring, uint32 turn, int procno)
{
	clr_caller_wake(procno);
	clr_turn_wake(&ring->turns[turn]);
}

/*
 * One that was taken has its answer or is gone.  The last of a turn wakes all:
 * answers of one block come together.
 */
static void
note_answered(ClrRing *ring, uint32 turn, int procno)
{
	clr_caller_wake(procno);
	Assert(ring->taken[turn] > 0);
	if (--ring->taken[turn] == 0)
		clr_turn_wake(&ring->turns[turn]);
}

/* Ends the turn of what is queued now; the end of the queue. */
static uint64
end_turn(ClrRing *ring)
{
	uint64		tail;

	SpinLockAcquire(&ring->mutex);
	tail = ring->tail;
	if (ring->head != tail)
		ring->turn = (ring->turn + 1) % CLR_TURNS;
	SpinLockRelease(&ring->mutex);
	return tail;
}

/* The oldest slot of the queue, NULL if it is empty. */
static ClrSlot *
pop(ClrRing *ring)
{
	ClrSlot    *slot = NULL;

	SpinLockAcquire(&ring->mutex);
	if (ring->head != ring->tail)
	{
		slot = clr_ring_slot(ring, ring->queue[ring->head % clr_request_slots]);
		ring->head++;
		ring->queued_bytes -= slot->request_len;
	}
	SpinLockRelease(&ring->mutex);
	return slot;
}

static ClrSlot *
peek(ClrRing *ring)
{
	ClrSlot    *slot = NULL;

	SpinLockAcquire(&ring->mutex);
	if (ring->head != ring->tail)
		slot = clr_ring_slot(ring, ring->queue[ring->head % clr_request_slots]);
	SpinLockRelease(&ring->mutex);
	return slot;
}

/* QUEUED -> state; a revoked slot is freed instead. */
static bool
take_as(ClrRing *ring, ClrSlot *slot, ClrSlotState state)
{
	uint32		expected = CLR_SLOT_QUEUED;
	uint32		turn = slot->turn;
	int			procno = slot->procno;

	if (!pg_atomic_compare_exchange_u32(&slot->state, &expected, state))
	{
		Assert(expected == CLR_SLOT_REVOKED);
		clr_ring_free_slot(ring, slot);
		return false;
	}
	/* from a final state on the slot belongs to its backend again */
	if (state != CLR_SLOT_TAKEN)
		wake_caller(ring, turn, procno);
	return true;
}

int
clr_ring_take(ClrDatabase *db, ClrSlot **slots, int max, Size max_bytes)
{
	ClrRing    *ring = clr_ring_of(db);
	uint64		tail = end_turn(ring);
	Size		bytes = 0;
	int			n = 0;
	ClrSlot    *slot;

	/* only this process removes, so what peek() saw is what pop() gets */
	while (n < max && ring->head != tail)
	{
		slot = peek(ring);
		if (n > 0 && bytes + slot->request_len > max_bytes)
			break;
		pop(ring);
		bytes += slot->request_len;
		if (take_as(ring, slot, CLR_SLOT_TAKEN))
		{
			ring->taken[slot->turn]++;
			slots[n++] = slot;
		}
	}
	return n;
}

void
clr_ring_refuse_queued(ClrDatabase *db)
{
	ClrRing    *ring = clr_ring_of(db);
	ClrSlot    *slot;

	while ((slot = pop(ring)) != NULL)
		take_as(ring, slot, CLR_SLOT_REFUSED);
}

const uint8 *
clr_ring_request(ClrSlot *slot)
{
	if (DsaPointerIsValid(slot->request_big))
		return dsa_get_address(clr_ring_dsa(), slot->request_big);
	return slot->data;
}

void
clr_ring_store_reply(ClrSlot *slot, const uint8 *events, Size len)
{
	uint8	   *to = slot->data;

	if (len > CLR_SLOT_BYTES)
	{
		slot->reply_big = dsa_allocate(clr_ring_dsa(), len);
		to = dsa_get_address(clr_ring_dsa(), slot->reply_big);
	}
	memcpy(to, events, len);
	slot->reply_len = len;
}

void
clr_ring_answer(ClrDatabase *db, ClrSlot *slot, ClrSlotState state)
{
	ClrRing    *ring = clr_ring_of(db);
	uint32		expected = CLR_SLOT_TAKEN;
	uint32		turn = slot->turn;
	int			procno = slot->procno;

	if (!pg_atomic_compare_exchange_u32(&slot->state, &expected, state))
	{
		Assert(expected == CLR_SLOT_ABANDONED);
		clr_ring_free_slot(ring, slot);
	}
	note_answered(ring, turn, procno);
}

/*
 * Requests left by this or an earlier engine worker: whoever was queued was
 * not executed; whoever was taken can't know.
 */
void
clr_ring_fail_all(ClrDatabase *db)
{
	ClrRing    *ring = clr_ring_of(db);
	ClrSlot    *slot;

	while ((slot = pop(ring)) != NULL)
		take_as(ring, slot, CLR_SLOT_LOST_NOT);
	for (int i = 0; i < clr_request_slots; i++)
	{
		uint32		state;

		slot = clr_ring_slot(ring, i);
		state = pg_atomic_read_u32(&slot->state);
		if (state == CLR_SLOT_TAKEN || state == CLR_SLOT_ABANDONED)
			clr_ring_answer(db, slot, CLR_SLOT_LOST_UNKNOWN);
	}
}

void
clr_ring_open(ClrDatabase *db)
{
	clr_ring_set_serving(db, false);
	clr_ring_fail_all(db);
}

/* Sequencer: does a request wait?  Without the lock: it will be looked again. */
bool
clr_ring_has_request(ClrDatabase *db)
{
	volatile ClrRing *ring = clr_ring_of(db);

	return ring->head != ring->tail;
}

/* Likewise: how much waits? */
uint64
clr_ring_queued_bytes(ClrDatabase *db)
{
	volatile ClrRing *ring = clr_ring_of(db);

	return ring->queued_bytes;
}

bool
clr_ring_prepare_sleep(ClrDatabase *db)
{
	ClrRing    *ring = clr_ring_of(db);
	bool		waiting;

	SpinLockAcquire(&ring->mutex);
	waiting = ring->head != ring->tail;
	ring->sleeping = !waiting;
	SpinLockRelease(&ring->mutex);
	return waiting;
}

void
clr_ring_awake(ClrDatabase *db)
{
	ClrRing    *ring = clr_ring_of(db);

	SpinLockAcquire(&ring->mutex);
	ring->sleeping = false;
	SpinLockRelease(&ring->mutex);
}
