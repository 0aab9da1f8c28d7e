/*
 * pending.h
 *	  Blocks that are committed here and await their confirmation.
 */
#ifndef CLR_PENDING_H
#define CLR_PENDING_H

#include "worker/ring_internal.h"
#include "worker/worker.h"

/* Requests of one block. */
#define CLR_BLOCK_REQUESTS	512
/* Blocks that may await their confirmation at a time. */
#define CLR_PENDING_MAX		4

/*
 * The last commit was that of the block which w->chain ends with.  Its replies
 * are in the slots already; nobody looks at them before they are answered.
 */
extern void clr_pending_add(ClrEngineWorker *w, ClrSlot **slots, int n);
extern int	clr_pending_count(void);
/* Answers what is confirmed, oldest first; requests of the last block answered. */
extern int	clr_pending_answer(ClrEngineWorker *w);
/* Waits for the oldest; exits if the wait ends without a confirmation. */
extern void clr_pending_await(ClrEngineWorker *w);

#endif							/* CLR_PENDING_H */
