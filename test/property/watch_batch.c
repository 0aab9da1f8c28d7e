/*
 * watch_batch.c
 *	  Batches: whole or not at all.
 *
 * Accepted, each order has an outcome of its own, in sequence, and is judged
 * like a command; only what the market says may refuse one.  Refused, there is
 * nothing but the refusal (that the state is the same too is seen by play.c).
 */
#include "watch_internal.h"

/* The orders as they stand in the command, before any of them is applied. */
void
read_members(Watch *w)
{
	const uint8_t *p = w->cmd.pairs.data;

	w->n_members = w->cmd.pairs.n;
	for (unsigned i = 0; i < w->n_members; i++, p += clr_get_u16(p))
		look_up(w, &w->members[i], p, clr_get_u16(p));
	/* events are of the first one until its outcome */
	w->part = w->members[0];
	w->cmd = w->part.cmd;
}

/* Refusals of one order that leave the batch accepted. */
static bool
may_refuse(const ClrCommand *c, uint16_t reason)
{
	switch (reason)
	{
		case CLR_OK:
		case CLR_R_POST_ONLY_WOULD_TRADE:
		case CLR_R_FOK_NOT_FILLABLE:
		case CLR_R_NO_LIQUIDITY:
		case CLR_R_MIN_QTY_NOT_FILLABLE:
		case CLR_R_STOP_MET:
		case CLR_R_NO_TRIGGER_PRICE:
		case CLR_R_NO_PEG_REFERENCE:
		case CLR_R_NOTHING_TO_REDUCE:
			return true;
	}
	/* if the market said no when it was tried, its money was not looked at then */
	if (c->type == CLR_CMD_NEW_ORDER &&
		(c->u.order.time_in_force == CLR_TIF_FOK || c->u.order.exec_inst != 0 || c->pairs.n > 0))
		return true;
	/* what was there when it was tried may be gone or have moved since */
	return reason == CLR_R_ORDER_NOT_WORKING || reason == CLR_R_QTY_BELOW_FILLED || reason == CLR_R_PHASE ||
		reason == CLR_R_LEG_PHASE || reason == CLR_R_PRICE_BAND ||
		reason == CLR_R_LINK_INVALID || reason == CLR_R_AUCTION_OVER ||
		c->u.order.ord_type != CLR_ORD_LIMIT;
}

void
check_member(Watch *w, const ClrOutcome *o)
{
	if (w->member >= w->n_members)
	{
		broken(w, "batch: more outcomes than orders");
		return;
	}
	/* a repeated batch has forgotten references that lived longer or shorter */
	if (o->duplicate && o->number >> 24 > w->member && o->number >> 24 <= w->n_members)
	{
		w->member = (o->number >> 24) - 1;
		w->part = w->members[w->member];
		w->cmd = w->part.cmd;
	}
	if (o->number != w->whole_number + ((uint32_t) (w->member + 1) << 24))
		broken(w, "batch: order %u has number %u", w->member + 1, o->number);
	if (!o->duplicate && !may_refuse(&w->cmd, o->reason))
		broken(w, "batch: accepted, but order %u is refused: %s", w->member + 1, clr_reason_name(o->reason));
	check_outcome(w, o);
	check_once(w, &w->part, o);
	check_limits(w, o);
	check_followed(w);
	w->batch_trades += w->trades;
	w->member++;
	begin_part(w);
	if (w->member >= w->n_members)
		return;
	w->part = w->members[w->member];
	w->cmd = w->part.cmd;
}

/* At the outcome of the batch itself. */
void
check_batch(Watch *w, const ClrOutcome *o)
{
	if (o->type != CLR_CMD_BATCH || !w->whole.decoded)
		return;
	if (o->reason == CLR_OK && !o->duplicate && w->member != w->n_members)
		broken(w, "batch: accepted, but %u of %u orders have an outcome", w->member, w->n_members);
	if (o->reason != CLR_OK && w->member != 0)
		broken(w, "batch: refused, but %u orders have an outcome", w->member);
	if (o->reason == CLR_OK && o->id != w->n_members)
		broken(w, "batch: accepted with %" PRIu64 " orders of %u", o->id, w->n_members);
	if (o->reason == CLR_OK && !o->duplicate && o->n_trades > w->batch_trades)
		broken(w, "batch: %u trades, its orders have %u", o->n_trades, w->batch_trades);
	w->batches += o->reason == CLR_OK && !o->duplicate;
	/* the last thing to be judged is the batch */
	w->cmd = w->whole.cmd;
	w->part = w->whole;
}
