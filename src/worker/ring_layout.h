/*
 * ring_layout.h
 *	  The ring's memory, shared by its two sides (ring.c, ring_serve.c).
 */
#ifndef CLR_RING_LAYOUT_H
#define CLR_RING_LAYOUT_H

#include "worker/ring_internal.h"

/*
 * Callers that the sequencer answers together sleep on one word, so that one
 * system call wakes them: woken one by one each would push the sequencer off
 * its core.  Requests queued between two takes are of one turn; words are used
 * again after so many turns, which is more than blocks can be on their way.
 */
#define CLR_TURNS	64

typedef struct ClrRing
{
	slock_t		mutex;			/* guards everything below */
	bool		serving;		/* the sequencer takes requests */
	bool		sleeping;		/* the sequencer waits for its latch */
	int			engine_procno;
	int			free_head;		/* free list, -1 = empty */
	int			used;			/* slots that are not on it */
	int			waiting_for_slot;
	uint64		head;			/* queue[head % slots] is the oldest */
	uint64		tail;
	uint64		queued_bytes;	/* of the requests in the queue */
	uint32		turn;			/* of requests that are queued now, an index */
	uint32		taken[CLR_TURNS];	/* sequencer only: of the turn, not answered */
	pg_atomic_uint32 turns[CLR_TURNS];	/* changes when answers came */
	ConditionVariable free_cv;	/* signalled when a slot gets free; own lock */
	int			queue[FLEXIBLE_ARRAY_MEMBER];	/* slot indexes */
	/* then clr_request_slots ClrSlots, MAXALIGNed */
} ClrRing;

extern ClrRing *clr_ring_of(ClrDatabase *db);
extern ClrSlot *clr_ring_slot(ClrRing *ring, int index);
extern dsa_area *clr_ring_dsa(void);
extern void clr_ring_free_big(ClrSlot *slot);
extern void clr_ring_free_slot(ClrRing *ring, ClrSlot *slot);

#endif							/* CLR_RING_LAYOUT_H */
