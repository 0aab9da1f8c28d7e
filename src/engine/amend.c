/*
 * amend.c
 *	  Replaces of orders that are more than plain, or that become so.
 *
 * The order is described as a new one with the changes, and that one is
 * checked as if it were entered; then the order becomes it.  What a replace
 * does to time priority (CME Globex, if the instrument says KEEPS_ON_DECREASE):
 *
 *	kept	a total no larger, TimeInForce, ExpireTime, sessions, the
 *			self-match id, the name
 *	lost	price, a larger total, OrdType, DisplayQty and whatever else
 *
 * A waiting stop may be replaced by an order that does not wait: then it is no
 * longer one.  The other way round: stop.c.
 *
 * An iceberg keeps its place when its quantity goes down: the hidden part goes
 * first.  The quantity of the command is the new total, or what is to work
 * from now on (CLR_RULE_IN_FLIGHT_MITIGATION).
 */
#include "engine/internal.h"

/* Attributes that change nothing about what others see of the order. */
#define KEPT	(1u << CLR_ATTR_EXPIRE_TIME | 1u << CLR_ATTR_SMP_ID | \
				 1u << CLR_ATTR_SESSION)

/* Attributes that a replace may change. */
#define CHANGEABLE	(KEPT | 1u << CLR_ATTR_DISPLAY_QTY | 1u << CLR_ATTR_MIN_QTY)

static bool
is_lasting(uint8_t tif)
{
	return tif != CLR_TIF_IOC && tif != CLR_TIF_FOK;
}

/* Do the attributes it changes leave the order where it is? */
static bool
attributes_keep(const ClrEngine *e, const ClrOrder *o, const ClrPairs *pairs)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(pairs, i, &value);
		bool		gone = (attr & CLR_ATTR_GONE) != 0;

		attr &= (uint8_t) ~CLR_ATTR_GONE;
		if ((KEPT >> attr & 1) == 0 &&
			(gone == has_attr(e, o, (ClrAttr) attr) ||
			 (!gone && order_attr(e, o, (ClrAttr) attr) != value)))
			return false;
	}
	return true;
}

static bool
keeps_place(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			const ClrCommand *cmd, const ClrCommand *next, int64_t total)
{
	return in->v.replace_priority == CLR_REPLACE_KEEPS_ON_DECREASE &&
		(cmd->u.replace.ord_type == 0 || cmd->u.replace.ord_type == o->ord_type) &&
		(next->u.order.price == o->price ||
		 (is_market(o) && next->u.order.ord_type == CLR_ORD_MARKET)) && total <= o->order_qty &&
		is_lasting(next->u.order.time_in_force) &&
		attributes_keep(e, o, &cmd->pairs);
}

/* The new total, as the instrument reads the quantity. */
ClrReason
clr_replace_total(const ClrInstrument *in, const ClrOrder *o, const ClrCommand *cmd,
				  int64_t *total)
{
	int64_t		qty = cmd->u.replace.qty;

	if (qty < 1 || qty > CLR_QTY_MAX)
		return CLR_R_QUANTITY_INVALID;
	*total = in->rule[CLR_RULE_IN_FLIGHT_MITIGATION] != 0 ? qty : qty + o->cum_qty;
	if (*total > CLR_QTY_MAX)
		return CLR_R_QUANTITY_INVALID;
	return *total <= o->cum_qty ? CLR_R_QTY_BELOW_FILLED : CLR_OK;
}

/* Why a replace must not change an attribute that it does. */
ClrReason
clr_pairs_refused(const ClrPairs *pairs)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;

		if ((clr_pair_attr(pairs, i, &value) & (uint8_t) ~CLR_ATTR_GONE) == CLR_ATTR_LINK)
			return CLR_R_LINK_INVALID;
	}
	return CLR_R_PARAMETER_INVALID;
}

/* The order as it would be entered now: all of it, filled lots included. */
static void
describe_next(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			  const ClrCommand *cmd, int64_t total, uint8_t *stripped, ClrCommand *next)
{
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrPairs	pairs;

	clr_order_describe(e, in, o, &cmd->pairs, buf, next);
	pairs = clr_stop_strip(next->pairs, stripped);
	next->pairs = pairs;
	next->u.order.price = cmd->u.replace.price;
	next->u.order.qty = total;
	if (cmd->u.replace.time_in_force != 0)
		next->u.order.time_in_force = cmd->u.replace.time_in_force - 1;
	if (cmd->u.replace.ord_type != 0)
		next->u.order.ord_type = cmd->u.replace.ord_type;
	else if (o->ord_type == CLR_ORD_MARKET_TO_LIMIT)
		next->u.order.ord_type = CLR_ORD_LIMIT; /* it is one by now */
}

/* Takes over what the replace changed of an order that is in no book. */
static void
become(ClrEngine *e, const ClrInstrument *in, ClrOrder *o, const ClrCommand *cmd,
	   const ClrCommand *next, int64_t reserve)
{
	if (cmd->u.replace.ord_type != 0)
		o->ord_type = next->u.order.ord_type;
	o->price = clr_entry_price(in, next);
	o->order_qty = o->cum_qty + next->u.order.qty;
	o->reserve = reserve;
	o->priority = e->house.next_priority++;
	clr_attr_remove(e, o, CLR_ATTR_SHOWN_QTY);
	clr_iceberg_start(e, o);
}

ClrReason
clr_do_amend(ClrEngine *e, ClrInstrument *in, uint32_t order, const ClrCommand *cmd)
{
	ClrOrder   *o = order_at(e, order);
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrCommand	next;
	ClrText		name;
	int64_t		total;
	int64_t		reserve;
	uint32_t	position;
	uint16_t	ends = CLR_OK;
	bool		keeps;
	bool		easier;
	bool		protected;
	int64_t		price;
	ClrReason	reason = clr_replace_total(in, o, cmd, &total);

	if (!clr_pairs_within(&cmd->pairs, CHANGEABLE))
		reason = clr_pairs_refused(&cmd->pairs);
	if (reason != CLR_OK)
		return reason;
	describe_next(e, in, o, cmd, total, buf, &next);
	reason = clr_order_fits(e, in, &next);
	/* what is for an auction stays so, and nothing becomes it */
	if (next.u.order.time_in_force != o->time_in_force &&
		(clr_is_cross_only(o->time_in_force) ||
		 clr_is_cross_only(next.u.order.time_in_force)))
		reason = CLR_R_TIF_INVALID;
	if (reason != CLR_OK)
		return reason;
	keeps = keeps_place(e, in, o, cmd, &next, total);
	next.u.order.qty = total - o->cum_qty;
	/* an order that stays where it is does not trade, even if the book is crossed */
	if (keeps)
		next.u.order.exec_inst &= (uint8_t) ~(CLR_EXEC_POST_ONLY | CLR_EXEC_POST_ONLY_CANCEL |
											  CLR_EXEC_POST_ONLY_REPRICE);
	easier = next.u.order.ord_type != CLR_ORD_MARKET &&
		o->parked != CLR_PARKED_STOP && total <= o->order_qty &&
		(o->side == CLR_SIDE_BUY ? next.u.order.price <= o->price :
		 next.u.order.price >= o->price);
	price = next.u.order.price;
	/* a market order that rests keeps its protection, as if that were its limit */
	protected = is_market(o) && o->level != CLR_NONE && next.u.order.price == 0 &&
		next.u.order.ord_type == CLR_ORD_MARKET && clr_market_rests(in, next.u.order.time_in_force);
	if (protected)
	{
		next.u.order.ord_type = CLR_ORD_LIMIT;
		next.u.order.price = o->price;
	}
	reason = clr_order_prepare(e, in, &next, o, easier, &position, &reserve, &ends);
	if (protected)
		next.u.order.ord_type = CLR_ORD_MARKET;
	if (reason != CLR_OK || e->oom)
		return reason;
	clr_order_note_adjusted(e, price, total - o->cum_qty, &next);

	name = clr_order_name(e, o, cmd);
	if (!keeps && o->parked != CLR_PARKED_NOT)
	{
		bool		waited = o->parked == CLR_PARKED_STOP;

		clr_order_unpark(e, in, order);
		if (waited)
			clr_stop_forget(e, o);
	}
	else if (!keeps)
		clr_order_unrest(e, in, order);
	o->time_in_force = next.u.order.time_in_force;
	(void) clr_attrs_apply(e, o, &cmd->pairs);
	clr_reduce_note(e, o, total);
	if (keeps)
	{
		clr_order_shrink(e, in, o, order_leaves(o) - next.u.order.qty);
		e->entered = order;
		clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
		clr_order_outcome(e, o, working_status(o), CLR_EXEC_REPLACED);
		return CLR_OK;
	}
	become(e, in, o, cmd, &next, reserve);
	if (protected)
		o->price = next.u.order.price;
	if (clr_is_cross_only(o->time_in_force))
		clr_cross_only_note(e, in, o);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
	if (clr_is_cross_only(o->time_in_force))
		clr_cross_only_run(e, in, order, CLR_EXEC_REPLACED);
	else if (ends == CLR_OK)
		clr_order_run(e, in, order, CLR_EXEC_REPLACED);
	else
	{
		clr_order_outcome(e, o, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED);
		clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, ends);
	}
	return CLR_OK;
}
