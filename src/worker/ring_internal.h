/*
 * ring_internal.h
 *	  The sequencer's side of the request ring, and the ring's memory.
 *
 * Protocol.  A request lives in a slot; a slot is in exactly one state:
 *
 *	FREE		on the free list
 *	FILLING		owned by a backend that is writing its request
 *	QUEUED		in the ring, waiting for the sequencer
 *	REVOKED		in the ring, its backend gave up: nothing will be executed
 *	TAKEN		being executed
 *	ABANDONED	being executed, its backend is gone
 *	DONE		answered
 *	LOST_NOT	the sequencer went away before taking it: not executed
 *	LOST_UNKNOWN	the sequencer went away after taking it: unknown
 *	REFUSED		the sequencer would not take it (no synchronous standby)
 *
 *	backend:	FREE -> FILLING -> QUEUED, QUEUED -> REVOKED,
 *				TAKEN -> ABANDONED, {DONE, LOST_*, REFUSED} -> FREE
 *	sequencer:	QUEUED -> TAKEN | REFUSED | LOST_NOT, REVOKED -> FREE,
 *				TAKEN -> DONE | LOST_UNKNOWN, ABANDONED -> FREE
 *
 * Transitions that both sides may attempt are compare-and-exchange, so one
 * wins.  The answer is written before the state (a write barrier is part of
 * the exchange) and the caller is woken after it, with all others of the block
 * (ring_serve.c).
 *
 * Locks.  ClrRing->mutex (spinlock) guards the free list, the ring's indexes
 * and `serving`; the slot's content belongs to whom the state says.
 */
#ifndef CLR_RING_INTERNAL_H
#define CLR_RING_INTERNAL_H

#include "postgres.h"

#include "utils/dsa.h"

#include "worker/ring.h"
#include "worker/shmem.h"

/* Requests and replies up to this size need no allocation. */
#define CLR_SLOT_BYTES 2048

typedef enum ClrSlotState
{
	CLR_SLOT_FREE,
	CLR_SLOT_FILLING,
	CLR_SLOT_QUEUED,
	CLR_SLOT_REVOKED,
	CLR_SLOT_TAKEN,
	CLR_SLOT_ABANDONED,
	CLR_SLOT_DONE,
	CLR_SLOT_LOST_NOT,
	CLR_SLOT_LOST_UNKNOWN,
	CLR_SLOT_REFUSED
} ClrSlotState;

typedef struct ClrSlot
{
	pg_atomic_uint32 state;		/* ClrSlotState */
	int			index;
	int			next_free;		/* ring mutex */
	int			procno;			/* owner's */
	uint32		turn;			/* which word the owner sleeps on */
	uint32		n_commands;
	uint32		request_len;
	uint32		reply_len;		/* events of the reply */
	dsa_pointer request_big;	/* valid: request is there, not in data */
	dsa_pointer reply_big;
	uint64		epoch;
	uint64		height;
	uint8		block_hash[CLR_HASH_LEN];
	uint8		data[CLR_SLOT_BYTES];	/* request, then reply */
} ClrSlot;

extern Size clr_ring_shmem_size(void);
extern void clr_ring_shmem_startup(void);

/* Sequencer: takes over the ring; whatever an earlier one left is failed. */
extern void clr_ring_open(ClrDatabase *db);
/* Sequencer: callers are (not) let in; standby tells why not. */
extern void clr_ring_set_serving(ClrDatabase *db, bool serving);
/* Sequencer, at exit too: fails every request that is queued or taken. */
extern void clr_ring_fail_all(ClrDatabase *db);

/* Sequencer: up to max slots in order of arrival, now TAKEN; their number. */
extern int	clr_ring_take(ClrDatabase *db, ClrSlot **slots, int max,
						  Size max_bytes);
/* Sequencer: refuses everything queued (REFUSED). */
extern void clr_ring_refuse_queued(ClrDatabase *db);
/* Sequencer: the bytes of a taken request. */
extern const uint8 *clr_ring_request(ClrSlot *slot);
/* Sequencer: stores the reply's events; the slot's request is gone then. */
extern void clr_ring_store_reply(ClrSlot *slot, const uint8 *events, Size len);
/* Sequencer: makes the answer known; the last of a block wakes its callers. */
extern void clr_ring_answer(ClrDatabase *db, ClrSlot *slot, ClrSlotState state);
/* Sequencer: true if a request waits; otherwise notes that it goes to sleep. */
extern bool clr_ring_prepare_sleep(ClrDatabase *db);
extern void clr_ring_awake(ClrDatabase *db);
/* Sequencer: a first look, without the lock. */
extern bool clr_ring_has_request(ClrDatabase *db);
extern uint64 clr_ring_queued_bytes(ClrDatabase *db);

#endif							/* CLR_RING_INTERNAL_H */
