/*
 * ring_memory.c
 *	  The request ring: its shared memory.
 *
 * Run by the postmaster (startup) and by both sides of the ring.
 *
 * Invariant: a slot is on the free list exactly when its state is FREE.  The
 * list is guarded by the ring's mutex.
 */
#include "postgres.h"

#include "storage/shmem.h"
#include "utils/memutils.h"

#include "compat.h"
#include "worker/ring_internal.h"
#include "worker/ring_layout.h"

/* Space for large requests before DSM segments are needed. */
#define CLR_DSA_INITIAL (256 * 1024)

static void *ring_dsa_place = NULL;
static char *ring_base = NULL;
static dsa_area *ring_dsa = NULL;

static Size
ring_size(void)
{
	return MAXALIGN(add_size(offsetof(ClrRing, queue),
							 mul_size(clr_request_slots, sizeof(int)))) +
		mul_size(clr_request_slots, MAXALIGN(sizeof(ClrSlot)));
}

Size
clr_ring_shmem_size(void)
{
	return add_size(mul_size(clr_max_databases, ring_size()), CLR_DSA_INITIAL);
}

ClrSlot *
clr_ring_slot(ClrRing *ring, int index)
{
	char	   *slots = (char *) ring +
	MAXALIGN(offsetof(ClrRing, queue) + clr_request_slots * sizeof(int));

	return (ClrSlot *) (slots + index * MAXALIGN(sizeof(ClrSlot)));
}

static void
init_ring(ClrRing *ring)
{
	SpinLockInit(&ring->mutex);
	ConditionVariableInit(&ring->free_cv);
	ring->free_head = 0;
	ring->used = 0;
	for (int i = 0; i < CLR_TURNS; i++)
		pg_atomic_init_u32(&ring->turns[i], 0);
	for (int i = 0; i < clr_request_slots; i++)
	{
		ClrSlot    *slot = clr_ring_slot(ring, i);

		pg_atomic_init_u32(&slot->state, CLR_SLOT_FREE);
		slot->index = i;
		slot->next_free = i + 1 < clr_request_slots ? i + 1 : -1;
	}
}

/*
 * Caller holds AddinShmemInitLock.  The area is created by the postmaster,
 * pinned and detached, as pgstat does with its own.
 */
void
clr_ring_shmem_startup(void)
{
	bool		found;

	ring_base = ShmemInitStruct("pg_clearing rings", clr_ring_shmem_size(), &found);
	ring_dsa_place = ring_base + clr_max_databases * ring_size();
	if (!found)
	{
		dsa_area   *area;

		memset(ring_base, 0, clr_max_databases * ring_size());
		for (int i = 0; i < clr_max_databases; i++)
			init_ring((ClrRing *) (ring_base + i * ring_size()));
		area = dsa_create_in_place(ring_dsa_place, CLR_DSA_INITIAL,
								   clr_shared->lock->tranche, NULL);
		dsa_pin(area);
		dsa_detach(area);
	}
}

ClrRing *
clr_ring_of(ClrDatabase *db)
{
	return (ClrRing *) (ring_base + (db - clr_shared->databases) * ring_size());
}

dsa_area *
clr_ring_dsa(void)
{
	if (ring_dsa == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

		ring_dsa = dsa_attach_in_place(ring_dsa_place, NULL);
		dsa_pin_mapping(ring_dsa);
		MemoryContextSwitchTo(old);
	}
	return ring_dsa;
}

void
clr_ring_free_big(ClrSlot *slot)
{
	if (DsaPointerIsValid(slot->request_big))
		dsa_free(clr_ring_dsa(), slot->request_big);
	if (DsaPointerIsValid(slot->reply_big))
		dsa_free(clr_ring_dsa(), slot->reply_big);
	slot->request_big = InvalidDsaPointer;
	slot->reply_big = InvalidDsaPointer;
}

void
clr_ring_free_slot(ClrRing *ring, ClrSlot *slot)
{
	bool		wake;

	clr_ring_free_big(slot);
	pg_atomic_write_u32(&slot->state, CLR_SLOT_FREE);
	SpinLockAcquire(&ring->mutex);
	slot->next_free = ring->free_head;
	ring->free_head = slot->index;
	ring->used--;
	wake = ring->waiting_for_slot > 0;
	SpinLockRelease(&ring->mutex);
	if (wake)
		ConditionVariableSignal(&ring->free_cv);
}
