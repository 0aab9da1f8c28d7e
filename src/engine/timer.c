/*
 * timer.c
 *	  What happens at a moment rather than at a command.
 *
 * A timer fires in the first block whose time is not before it, ahead of the
 * block's commands; timers of one block fire in the order of (due, kind,
 * object, sub).  Timers are not part of the state: each follows from an order
 * or a field that says when it is due, and is added again when these are
 * loaded.  One whose order or field no longer says so is stale: it is dropped
 * without a trace, so when that is noticed can't be told from outside.
 */
#include "engine/internal.h"

static bool
is_before(const ClrTimer *a, const ClrTimer *b)
{
	if (a->due_us != b->due_us)
		return a->due_us < b->due_us;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	if (a->object != b->object)
		return a->object < b->object;
	return a->sub < b->sub;
}

void
clr_timer_add(ClrEngine *e, ClrTimerKind kind, uint64_t object, uint64_t sub,
			  int64_t due_us)
{
	ClrTimers  *t = &e->timers;
	ClrTimer	item = {due_us, object, sub, (uint8_t) kind};
	uint32_t	i = t->n;

	if (!clr_grow((void **) &t->items, &t->cap, t->n + 1, sizeof(ClrTimer)))
	{
		e->oom = true;
		return;
	}
	t->n++;
	while (i > 0 && is_before(&item, &t->items[(i - 1) / 2]))
	{
		t->items[i] = t->items[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	t->items[i] = item;
}

static void
pop(ClrTimers *t)
{
	ClrTimer	item = t->items[--t->n];
	uint32_t	i = 0;

	for (;;)
	{
		uint32_t	child = 2 * i + 1;

		if (child >= t->n)
			break;
		if (child + 1 < t->n && is_before(&t->items[child + 1], &t->items[child]))
			child++;
		if (!is_before(&t->items[child], &item))
			break;
		t->items[i] = t->items[child];
		i = child;
	}
	if (t->n > 0)
		t->items[i] = item;
}

/* Does what the timer belongs to still say so? */
static bool
is_current(const ClrEngine *e, const ClrTimer *t)
{
	switch (t->kind)
	{
		case CLR_TIMER_ORDER_EXPIRY:
			{
				uint32_t	order = clr_order_find(e, t->object);

				return order != CLR_NONE &&
					order_attr(e, order_at(e, order), CLR_ATTR_EXPIRE_TIME) == t->due_us;
			}
		case CLR_TIMER_DEAD_MAN:
			return clr_dead_man_due(e, t);
		case CLR_TIMER_SCHEDULE:
			return clr_schedule_is_due(e, t->object, t->sub, t->due_us);
		case CLR_TIMER_CALL_END:
			return clr_field_get(e, CLR_SCOPE_MARKET, t->object, 0,
								 CLR_MARKET_CALL_END) == t->due_us;
		default:
			return false;
	}
}

static void
fire(ClrEngine *e, const ClrTimer *t)
{
	switch (t->kind)
	{
		case CLR_TIMER_ORDER_EXPIRY:
			clr_order_end(e, clr_order_find(e, t->object), CLR_STATUS_EXPIRED,
						  CLR_EXEC_EXPIRED, CLR_R_EXPIRE_TIME);
			break;
		case CLR_TIMER_DEAD_MAN:
			clr_dead_man_fire(e, t);
			break;
		case CLR_TIMER_SCHEDULE:
			clr_schedule_due(e, instrument_at(e, (uint32_t) t->object), t->sub, t->due_us);
			break;
		case CLR_TIMER_CALL_END:
			clr_call_due(e, instrument_at(e, (uint32_t) t->object), t->due_us);
			break;
		case CLR_TIMER_OUTAGE:
			clr_call_start(e, instrument_at(e, (uint32_t) t->object),
						   CLR_PHASE_INTRADAY_CALL, CLR_PHASE_CONTINUOUS, 0);
			break;
	}
}

/* The first timer that is not stale becomes the first of all. */
static void
drop_stale(ClrEngine *e)
{
	ClrTimers  *t = &e->timers;

	while (t->n > 0 && !is_current(e, &t->items[0]) && !e->oom)
	{
		ClrTimer	stale = t->items[0];

		pop(t);
		if (stale.kind == CLR_TIMER_DEAD_MAN)
			clr_dead_man_late(e, &stale);
	}
}

/* Does what is due, and reports it. */
void
clr_timer_run(ClrEngine *e, const ClrTimer *t, ClrEventBuffer *ev)
{
	e->ev = ev;
	e->serial++;
	e->entered = CLR_NONE;
	memset(&e->out, 0, sizeof(e->out));
	fire(e, t);
	clr_aftermath(e);
	clr_positions_flush(e);
	clr_emit_timer(e, t);
	e->ev = NULL;
}

bool
clr_timers_fire(ClrEngine *e, ClrEventBuffer *ev)
{
	ClrTimers  *t = &e->timers;

	for (;;)
	{
		ClrTimer	due;

		if (clr_likely(t->n == 0 || t->items[0].due_us > e->house.time_us) ||
			e->oom)
			break;
		drop_stale(e);
		if (t->n == 0 || t->items[0].due_us > e->house.time_us)
			break;
		due = t->items[0];
		pop(t);
		clr_timer_run(e, &due, ev);
	}
	return !e->oom;
}

int64_t
clr_engine_next_timer(ClrEngine *e)
{
	drop_stale(e);
	return e->timers.n == 0 ? INT64_MAX : e->timers.items[0].due_us;
}
