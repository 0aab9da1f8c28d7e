/*
 * pending.c
 *	  Blocks that are committed here and await their confirmation.
 *
 * Run by the engine worker of a primary.  The sequencer commits a block
 * locally and leaves it here with the end of its commit record; it is answered
 * when that is proven to be as durable as pg_clearing.durability asks, which
 * with "local" is at once.
 *
 * Invariants.
 *	 1. A caller is answered, the confirmed height moved and the projector woken
 *		only after clr_commit_is_durable() said yes for the block's commit.
 *	 2. Blocks are answered in their order: WAL is linear, so a proof covers
 *		whatever came before.
 *	 3. If a wait ends without a proof the process exits; the callers of all
 *		blocks here hear "outcome unknown" (clr_ring_fail_all).
 *
 * No locks of its own.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "replication/syncrep.h"
#include "storage/ipc.h"

#include "worker/pending.h"

typedef struct ClrPending
{
	ClrChain	chain;			/* ends with the block */
	XLogRecPtr	commit_end;
	int			n;
	ClrSlot    *slots[CLR_BLOCK_REQUESTS];
} ClrPending;

/* blocks[first % max] is the oldest */
static ClrPending blocks[CLR_PENDING_MAX];
static uint64 first = 0;
static uint64 next = 0;

int
clr_pending_count(void)
{
	return (int) (next - first);
}

void
clr_pending_add(ClrEngineWorker *w, ClrSlot **slots, int n)
{
	ClrPending *p = &blocks[next % CLR_PENDING_MAX];

	Assert(clr_pending_count() < CLR_PENDING_MAX && n <= CLR_BLOCK_REQUESTS);
	p->chain = w->chain;
	p->commit_end = XactLastCommitEnd;
	p->n = n;
	memcpy(p->slots, slots, n * sizeof(ClrSlot *));
	next++;
}

static void
note_confirmed(ClrEngineWorker *w, const ClrChain *chain)
{
	clr_publish_state(w, CLR_ROLE_SERVING, chain);
	pg_atomic_write_u64(&w->db->confirmed_height, chain->height);
	pg_memory_barrier();
	if (pg_atomic_read_u32(&w->db->projector_waiting) != 0 &&
		pg_atomic_exchange_u32(&w->db->projector_waiting, 0) != 0)
		clr_set_latch_of(w->db->projector_procno);
}

int
clr_pending_answer(ClrEngineWorker *w)
{
	int			answered = 0;

	while (first < next)
	{
		ClrPending *p = &blocks[first % CLR_PENDING_MAX];

		if (!clr_commit_is_durable(p->commit_end))
			break;
		note_confirmed(w, &p->chain);
		for (int i = 0; i < p->n; i++)
			clr_ring_answer(w->db, p->slots[i], CLR_SLOT_DONE);
		answered = p->n;
		first++;
	}
	return answered;
}

void
clr_pending_await(ClrEngineWorker *w)
{
	ClrPending *p = &blocks[first % CLR_PENDING_MAX];

	Assert(clr_pending_count() > 0);
	/* as in a commit: an interrupt ends the wait and is acted on afterwards */
	HOLD_INTERRUPTS();
	SyncRepWaitForLSN(p->commit_end, true);
	RESUME_INTERRUPTS();
	if (clr_commit_is_durable(p->commit_end))
		return;
	ereport(LOG,
			(errmsg("commit of block " UINT64_FORMAT " is not confirmed by a synchronous standby",
					p->chain.height),
			 errdetail("Its callers are told that the outcome is unknown; the engine worker restarts.")));
	proc_exit(1);
}
