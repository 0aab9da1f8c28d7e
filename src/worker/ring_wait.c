/*
 * ring_wait.c
 *	  How the two sides of the request ring wait for each other.
 *
 * A caller sleeps on the word of its turn, see ring_layout.h.  On Linux that is
 * a futex: it costs both sides about half of what a latch costs (a signal, a signalfd and an
 * epoll), and with many callers that is most of what an order costs at all.
 * Elsewhere it is the caller's latch.
 *
 * With one caller at a time nothing is shared, and putting a process to sleep
 * and waking it, twice an order, is what is waited for.  Then the sides look
 * for each other a moment before they sleep, but only on an idle core: each
 * look yields the core, and if anybody else wanted it looking stops.
 *
 * Run by callers and by the sequencer.  No locks.
 */
#include "postgres.h"

#include <sched.h>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#endif

#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "postmaster/postmaster.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/pmsignal.h"

#include "compat.h"
#include "worker/ring_internal.h"
#include "worker/ring_wait.h"

/* A yield that took longer than this let somebody else run. */
#define YIELDED_US		4
/* After that, looking is left out so many times. */
#define LEAVE_OUT		64
/* Looks in vain cost a core's time: the more of them, the fewer more. */
#define CREDIT_MAX		16

StaticAssertDecl(sizeof(pg_atomic_uint32) == sizeof(uint32),
				 "the word of a turn is a futex");

/* An interrupt that comes just before the sleep is seen this much later. */
#define NAP_MS 50

void
clr_turn_sleep(pg_atomic_uint32 *turn, uint32 seen)
{
	CLR_WAIT_EVENT(wait_event, "ClearingReply");

#ifdef __linux__
	struct timespec nap = {0, NAP_MS * 1000000L};

	pgstat_report_wait_start(wait_event);
	(void) syscall(SYS_futex, &turn->value, FUTEX_WAIT, seen, &nap, NULL, 0);
	pgstat_report_wait_end();
	if (!PostmasterIsAlive())
		proc_exit(1);
#else
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 NAP_MS, wait_event);
	ResetLatch(MyLatch);
#endif
}

/*
 * The states have been written.  Who sleeps on the word for another reason, or
 * is the next owner of a slot, looks at its own state and sleeps again.
 */
void
clr_turn_wake(pg_atomic_uint32 *turn)
{
	pg_atomic_fetch_add_u32(turn, 1);
#ifdef __linux__
	(void) syscall(SYS_futex, &turn->value, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
#endif
}

/* procno is the sleeper's, read before its state was written. */
void
clr_caller_wake(int procno)
{
#ifndef __linux__
	clr_set_latch_of(procno);
#endif
}

/*
 * Looks until there is what is waited for, up to limit_us; true if it came.
 * Both callback and spin belong to one place of waiting.
 */
bool
clr_spin_until(ClrSpin *spin, bool (*arrived) (void *arg), void *arg,
			   int limit_us)
{
	instr_time	began;
	instr_time	before;
	instr_time	now;

	if (spin->leave_out > 0)
	{
		spin->leave_out--;
		return false;
	}
	INSTR_TIME_SET_CURRENT(began);
	before = began;
	for (;;)
	{
		instr_time	took;

		if (arrived(arg))
		{
			spin->credit = Min(spin->credit + 1, CREDIT_MAX);
			return true;
		}
		(void) sched_yield();
		INSTR_TIME_SET_CURRENT(now);
		took = now;
		INSTR_TIME_SUBTRACT(took, before);
		if (INSTR_TIME_GET_MICROSEC(took) > YIELDED_US)
		{
			spin->leave_out = LEAVE_OUT;
			return arrived(arg);
		}
		before = now;
		INSTR_TIME_SUBTRACT(now, began);
		if (INSTR_TIME_GET_MICROSEC(now) > limit_us)
			break;
	}
	if (--spin->credit <= 0)
		spin->leave_out = LEAVE_OUT;
	spin->credit = Max(spin->credit, 0);
	return false;
}
