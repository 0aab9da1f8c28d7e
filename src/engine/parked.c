/*
 * parked.c
 *	  Parked orders: they work, but are not in the book.
 *
 * A stop order that waits for its trigger, a pegged one without a reference
 * price, one that is for an auction only.  A parked order has its place in the
 * index of orders and in its position: it can be cancelled, replaced, ended
 * and found like any other, and it counts in the position's working sums and
 * margin as if it stood in the book at its price.  It is in no queue and
 * trades with nobody.  o->parked says why, and so does its attribute.
 *
 * Whoever parks orders keeps the structure that finds them again when their
 * moment has come, and builds it anew when a state is loaded.
 */
#include "engine/internal.h"

/* Puts an order that is in no book aside; false = no memory. */
bool
clr_order_park(ClrEngine *e, ClrInstrument *in, uint32_t order, ClrParked why)
{
	ClrOrder   *o = order_at(e, order);

	if (!clr_attr_set(e, o, CLR_ATTR_PARKED, why) || !clr_order_list(e, order))
		return false;
	o->parked = (uint8_t) why;
	in->parked_lots[side_index(o->side)] += order_leaves(o);
	return why != CLR_PARKED_STOP || clr_trigger_wait(e, in, order);
}

/* Takes it back: it is in no list then, and keeps its record. */
void
clr_order_unpark(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	if (o->parked == CLR_PARKED_STOP)
		clr_trigger_forget(e, in, order);
	in->parked_lots[side_index(o->side)] -= order_leaves(o);
	o->parked = CLR_PARKED_NOT;
	clr_order_unlist(e, order);
	clr_attr_remove(e, o, CLR_ATTR_PARKED);
}

/*
 * Limits and margin of an order that is going to be parked.  Its own price,
 * and the worst it may trade at; it has no price that a collar could look at.
 */
ClrReason
clr_parked_check(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
				 const ClrOrder *replaced, uint32_t position, int64_t reserve,
				 int64_t price, int64_t worst, bool margin_exempt)
{
	int64_t		qty = cmd->u.order.qty;
	ClrIntent	intent = {.side = cmd->u.order.side,.lots = qty,
		.reserve = (clr_int128) reserve * qty,
		.value = (clr_int128) abs64(price) * qty,.replaced = replaced};

	if (clr_unlikely(e->limited))
	{
		ClrLimited	l = {.account = cmd->account,.side = cmd->u.order.side,
			.waits = true,.qty = qty,
			.order_qty = qty + (replaced == NULL ? 0 : replaced->cum_qty),
			.value = (clr_int128) abs64(worst) * qty,
			.gone = replaced == NULL ? 0 : order_leaves(replaced),
		.adds = replaced == NULL};
		ClrReason	reason = clr_limits_check(e, in, position_at(e, position), &l);

		if (reason != CLR_OK)
			return reason;
	}
	return clr_intent_check(e, in, position_at(e, position), &intent, margin_exempt);
}
