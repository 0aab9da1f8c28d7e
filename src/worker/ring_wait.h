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

/* Caller: sleeps while the state is what was seen; may return early. */
extern void clr_slot_sleep(ClrSlot *slot, uint32 seen);
/* Sequencer: wakes the owner after the state has changed. */
extern void clr_slot_wake(ClrSlot *slot, int procno);
/* Looks before sleeping, if nobody else wants the core. */
extern bool clr_spin_until(ClrSpin *spin, bool (*arrived) (void *arg),
						   void *arg, int limit_us);

#endif							/* CLR_RING_WAIT_H */
