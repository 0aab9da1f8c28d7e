/*
 * special.c
 *	  Matching where more is asked than first come, first served between
 *	  plain limit orders.
 *
 * clr_match() comes here if the instrument has special rules or orders with
 * attributes; where neither is the case, both give the same.  Each round looks
 * at the best price there is, asks whether a trade may happen there, and lets
 * the allocation of the instrument decide who gets how much.
 */
#include "engine/internal.h"

/* May an order trade at price, as far as its own limit goes? */
static bool
within_limit(const ClrOrder *o, int64_t price)
{
	if (o->ord_type != CLR_ORD_LIMIT)
		return true;
	return o->side == CLR_SIDE_BUY ? price <= o->price : price >= o->price;
}

/* Two orders that must not trade with each other; false if the aggressor ends. */
static bool
prevent_self_match(ClrEngine *e, const ClrOrder *o, uint32_t resting,
				   uint16_t *ended)
{
	if (o->self_match != CLR_SMP_CANCEL_AGGRESSOR)
		clr_cancel_self_match(e, resting);
	if (o->self_match == CLR_SMP_CANCEL_AGGRESSOR ||
		o->self_match == CLR_SMP_CANCEL_BOTH)
	{
		*ended = CLR_R_SELF_MATCH;
		return false;
	}
	return true;
}

static void
fill(ClrEngine *e, ClrInstrument *in, uint32_t order, uint32_t resting)
{
	const ClrOrder *o = order_at(e, order);
	const ClrOrder *r = order_at(e, resting);
	int64_t		qty = order_leaves(o) < order_leaves(r) ?
		order_leaves(o) : order_leaves(r);

	clr_trade(e, in, order, resting, qty, r->price);
	clr_report_resting(e, in, resting);
}

void
clr_match_special(ClrEngine *e, ClrInstrument *in, uint32_t order,
				  uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	ClrBookSide *s = &in->side[!side_index(o->side)];

	while (order_leaves(o) > 0 && s->best != CLR_NONE)
	{
		const ClrLevel *level = level_at(e, s->best);
		uint32_t	resting = level->head;

		if (!within_limit(o, level->price))
			break;
		if (order_at(e, resting)->smp == o->smp)
		{
			if (!prevent_self_match(e, o, resting, ended))
				break;
			continue;
		}
		fill(e, in, order, resting);
	}
}
