/*
 * ring_wait.h
 *	  How the two sides of the request ring wait for each other.
 */
#ifndef CLR_RING_WAIT_H
#define CLR_RING_WAIT_H

#include "worker/ring_internal.h"

/* Memory of one place of waiting: was it worth looking? */
typedef struct ClrSpin
{
	int			credit;
	int			leave_out;
} ClrSpin;

/* Caller: sleeps while the word is what was seen; may return early. */
extern void clr_turn_sleep(pg_atomic_uint32 *turn, uint32 seen);
/* Sequencer: wakes all who sleep on the word, after their states have changed. */
extern void clr_turn_wake(pg_atomic_uint32 *turn);
/* Sequencer: wakes one, where words can't be slept on. */
extern void clr_caller_wake(int procno);
/* Looks before sleeping, if nobody else wants the core. */
extern bool clr_spin_until(ClrSpin *spin, bool (*arrived) (void *arg),
						   void *arg, int limit_us);

#endif							/* CLR_RING_WAIT_H */
