/*
 * aftermath.c
 *	  What follows from a command besides what it asked for.
 *
 * Trades and price changes trigger stop orders, move pegged orders and end the
 * other half of pairs.  That happens when the command itself is done, in a
 * fixed order, until nothing follows any more: pairs, then elected stops in the
 * order of their election (trigger.c), then pegs, by instrument.
 *
 * The outcome of the command stays as it was: what follows is reported by
 * events only.
 */
#include "engine/internal.h"

void
clr_aftermath_trade(ClrEngine *e, ClrInstrument *in, const ClrTradeEvent *t)
{
	e->follows = true;
	clr_trigger_seen(e, in, 0, t->price);
	if ((in->special & CLR_SPECIAL_BREAKER) != 0)
		clr_breaker_trade(e, in, t->price);
}

/* Runs elected stop orders, and those that their trades elect; pairs first. */
static void
run_elected(ClrEngine *e)
{
	while (e->next_elected < e->n_elected && !e->oom)
	{
		ClrElected	next = e->elected[e->next_elected++];
		uint32_t	order = clr_order_find(e, next.order);

		if (order != CLR_NONE && order_at(e, order)->parked == CLR_PARKED_LIMITS)
			clr_beyond_enter(e, order);
		else
			clr_stop_run(e, next.order, next.stop, false);
		clr_links_settle(e);
	}
	e->next_elected = 0;
	e->n_elected = 0;
}

static bool
follow_pegs(ClrEngine *e)
{
	bool		moved = false;

	for (uint32_t i = 0; i < e->n_instruments && !e->oom; i++)
		if (e->instruments[i].pegs.live > 0)
			moved = clr_pegs_follow(e, &e->instruments[i]) || moved;
	return moved;
}

void
clr_aftermath(ClrEngine *e)
{
	ClrOutcome	out = e->out;
	uint32_t	entered = e->entered;
	uint64_t	entered_id = entered == CLR_NONE ? 0 : order_at(e, entered)->id;

	clr_links_settle(e);
	run_elected(e);
	/* pegs never trade by moving, but may end */
	while (clr_unlikely(e->n_pegs > 0) && follow_pegs(e))
		clr_links_settle(e);
	e->follows = false;
	e->out = out;
	/* the reference of the command names its order if that still works */
	e->entered = entered != CLR_NONE && order_at(e, entered)->id == entered_id ?
		entered : CLR_NONE;
}
