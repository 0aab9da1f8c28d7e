/*
 * stop.c
 *	  Stop orders: entering, replacing, triggering.
 *
 * A stop order is checked at entry like a limit order at the price it could
 * trade at: its limit, or for a stop without one its stop price, and what the
 * instrument allows beyond it (CLR_RULE_STOP_PROTECTION).  It reserves for that price, and its lots count as working ones.  Then it waits, parked,
 * outside the book (trigger.c).
 *
 * Triggered, it becomes a market or limit order with a new priority and is
 * checked and run like one that was entered at that moment.  If the account
 * can't carry it then, or there is nobody to trade with, it is cancelled for
 * the reason for which it would have been refused.  A stop that is met when it
 * is entered is triggered at once, as part of the command, or refused
 * (CLR_RULE_STOP_ENTRY).
 */
#include "engine/internal.h"

#define BIT(attr)	(UINT32_C(1) << (attr))

/* What a replace of or into a waiting order may change. */
#define REPLACEABLE	(BIT(CLR_ATTR_STOP_PX) | BIT(CLR_ATTR_TRIGGER) | \
					 BIT(CLR_ATTR_TRAIL_OFFSET) | BIT(CLR_ATTR_EXPIRE_TIME))

/* What the command or the order says about when it triggers. */
typedef struct Stop
{
	unsigned	kind;			/* index in ClrInstrument.triggers */
	bool		trailing;
	int64_t		offset;			/* of a trailing stop */
	int64_t		price;			/* stop price, of a trailing stop the first one */
	int64_t		bound;			/* price it reserves for */
	bool		met;			/* already */
} Stop;

static bool
is_stop_attr(uint8_t attr)
{
	return attr == CLR_ATTR_STOP_PX || attr == CLR_ATTR_TRIGGER ||
		attr == CLR_ATTR_TRAIL_OFFSET;
}

static bool
price_meets(uint8_t side, int64_t stop, int64_t price)
{
	return side == CLR_SIDE_BUY ? price >= stop : price <= stop;
}

/* Distance, and the stop price that follows from the price there is. */
static ClrReason
read_trail(const ClrInstrument *in, const ClrCommand *cmd, Stop *s)
{
	int64_t		given;
	int64_t		now;

	if (clr_pairs_find(&cmd->pairs, CLR_ATTR_STOP_PX, &given) ||
		s->offset < 1 || s->offset > CLR_PRICE_MAX)
		return CLR_R_PARAMETER_INVALID;
	if (cmd->u.order.ord_type != CLR_ORD_STOP)
		return CLR_R_ORD_TYPE_INVALID;
	if (!clr_trigger_price(in, s->kind, &now))
		return CLR_R_NO_TRIGGER_PRICE;
	s->price = cmd->u.order.side == CLR_SIDE_BUY ? now + s->offset : now - s->offset;
	return CLR_OK;
}

/* How far a stop order may trade: the stop price itself if nothing is said. */
static int64_t
protected_price(const ClrInstrument *in, uint8_t side, int64_t stop)
{
	int64_t		points = in->rule[CLR_RULE_STOP_PROTECTION];
	int64_t		price = side == CLR_SIDE_BUY ? stop + points : stop - points;

	if (price > CLR_PRICE_MAX)
		return CLR_PRICE_MAX;
	if (price < 1 && !is_future(in))
		return 1;
	return price < -CLR_PRICE_MAX ? -CLR_PRICE_MAX : price;
}

static ClrReason
read_stop(const ClrInstrument *in, const ClrCommand *cmd, Stop *s)
{
	ClrReason	reason = CLR_OK;
	int64_t		trigger;
	int64_t		now;

	if (!clr_pairs_find(&cmd->pairs, CLR_ATTR_TRIGGER, &trigger))
		trigger = CLR_TRIGGER_LAST;
	if (trigger != CLR_TRIGGER_LAST && trigger != CLR_TRIGGER_MARK)
		return CLR_R_PARAMETER_INVALID;
	s->kind = trigger == CLR_TRIGGER_MARK;
	s->trailing = clr_pairs_find(&cmd->pairs, CLR_ATTR_TRAIL_OFFSET, &s->offset);
	if (s->trailing)
		reason = read_trail(in, cmd, s);
	else if (!clr_pairs_find(&cmd->pairs, CLR_ATTR_STOP_PX, &s->price))
		reason = CLR_R_PARAMETER_INVALID;
	if (reason != CLR_OK)
		return reason;
	if (!clr_price_valid(in, s->price) ||
		(cmd->u.order.ord_type == CLR_ORD_STOP && cmd->u.order.price != 0))
		return CLR_R_PRICE_INVALID;
	s->bound = cmd->u.order.ord_type == CLR_ORD_STOP ?
		protected_price(in, cmd->u.order.side, s->price) : cmd->u.order.price;
	s->met = clr_trigger_price(in, s->kind, &now) &&
		price_meets(cmd->u.order.side, s->price, now);
	if (s->met && in->rule[CLR_RULE_STOP_ENTRY] == CLR_STOP_ENTRY_REFUSE)
		return CLR_R_STOP_MET;
	return CLR_OK;
}

/* The attributes that are not about waiting. */
ClrPairs
clr_stop_strip(ClrPairs from, uint8_t *buf)
{
	uint8_t    *p = buf;
	ClrPairs	to = {buf, 0};

	for (unsigned i = 0; i < from.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&from, i, &value);

		if (is_stop_attr(attr) || attr == CLR_ATTR_LINK)
			continue;
		p = clr_put_attr(p, attr, value);
		to.n++;
	}
	return to;
}

/* What the order is once triggered at a stop price. */
static void
become(const ClrInstrument *in, ClrCommand *cmd, int64_t stop)
{
	if (cmd->u.order.ord_type == CLR_ORD_STOP && in->rule[CLR_RULE_STOP_PROTECTION] > 0)
		cmd->u.order.price = protected_price(in, cmd->u.order.side, stop);
	else if (cmd->u.order.ord_type == CLR_ORD_STOP)
	{
		cmd->u.order.ord_type = CLR_ORD_MARKET;
		return;
	}
	cmd->u.order.ord_type = CLR_ORD_LIMIT;
}

/*
 * The same of a waiting order, if it is elected in a call, where its market
 * order rests: its limit, or false and its protection.
 */
bool
clr_stop_bound(const ClrInstrument *in, const ClrOrder *o, int64_t stop, int64_t *price)
{
	if (o->ord_type == CLR_ORD_STOP_LIMIT)
		*price = o->price;
	else if (in->rule[CLR_RULE_STOP_PROTECTION] > 0)
		*price = protected_price(in, o->side, stop);
	else
	{
		if (clr_protection(in, o->side, price) != CLR_OK)
			*price = stop;
		return false;
	}
	return true;
}

/* Form, as of a limit order that may rest; a market order shows all of itself. */
static ClrReason
check_form(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   const Stop *s)
{
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrCommand	plain = *cmd;
	int64_t		display;

	if ((cmd->u.order.exec_inst & (CLR_EXEC_POST_ONLY | CLR_EXEC_POST_ONLY_CANCEL |
								   CLR_EXEC_POST_ONLY_REPRICE)) != 0)
		return CLR_R_PARAMETER_INVALID;
	if (cmd->u.order.time_in_force != CLR_TIF_DAY &&
		cmd->u.order.time_in_force != CLR_TIF_GTC &&
		cmd->u.order.time_in_force != CLR_TIF_GTD)
		return CLR_R_TIF_INVALID;
	if (cmd->u.order.ord_type == CLR_ORD_STOP &&
		clr_pairs_find(&cmd->pairs, CLR_ATTR_DISPLAY_QTY, &display))
		return CLR_R_ATTRIBUTE_INVALID;
	plain.pairs = clr_stop_strip(cmd->pairs, buf);
	plain.u.order.ord_type = CLR_ORD_LIMIT;
	plain.u.order.price = s->bound;
	return clr_order_form(e, in, &plain);
}

/*
 * A spot stop that is linked to an order of its own side: only one of them
 * will trade, with what the other one reserves.
 */
static bool
is_covered(const ClrEngine *e, const ClrCommand *cmd)
{
	int64_t		id;
	uint32_t	other;

	if (!clr_pairs_find(&cmd->pairs, CLR_ATTR_LINK, &id))
		return false;
	other = clr_order_find(e, (uint64_t) id);
	return other != CLR_NONE && order_at(e, other)->side == cmd->u.order.side;
}

/* Risk of one that will wait; the order it replaces may be NULL. */
static ClrReason
check_risk(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   const Stop *s, const ClrOrder *replaced, uint32_t *position,
		   int64_t *reserve)
{
	ClrReason	reason;

	*position = clr_position_get(e, cmd->account, in->v.instrument);
	if (*position == CLR_NONE)
		return CLR_OK;
	reason = clr_reserve_per_lot(in, cmd->u.order.side, s->bound, reserve);
	if (reason != CLR_OK)
		return reason;
	if (!is_future(in) && is_covered(e, cmd))
		*reserve = 0;
	return clr_parked_check(e, in, cmd, replaced, *position, *reserve,
							cmd->u.order.price, s->bound,
							replaced != NULL && *reserve <= replaced->reserve &&
							cmd->u.order.qty <= order_leaves(replaced));
}

/* One that trades now, as it would be entered; changes the command, not the state. */
static ClrReason
check_active(ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd,
			 uint32_t *position, int64_t *reserve)
{
	uint16_t	ends = CLR_OK;
	ClrReason	reason = CLR_OK;

	/* its form was checked at entry, but there may be implied prices by now */
	if ((cmd->u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) != 0 &&
		(in->special & CLR_SPECIAL_IMPLIED) != 0)
		reason = CLR_R_ATTRIBUTE_INVALID;
	if (reason == CLR_OK)
		reason = clr_order_prepare(e, in, cmd, NULL, false, position, reserve, &ends);
	return reason;
}

/* Turns a waiting order, out of every list, into what it triggers, and runs it. */
static void
run_triggered(ClrEngine *e, ClrInstrument *in, uint32_t order,
			  const ClrCommand *now, int64_t reserve)
{
	ClrOrder   *o = order_at(e, order);

	o->ord_type = now->u.order.ord_type;
	o->price = clr_entry_price(in, now);
	o->order_qty = o->cum_qty + now->u.order.qty;
	o->reserve = reserve;
	clr_iceberg_start(e, o);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_TRIGGERED, CLR_OK, NULL);
	clr_order_run(e, in, order, CLR_EXEC_TRIGGERED);
}

static void
park(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type,
	 const ClrText *name)
{
	ClrOrder   *o = order_at(e, order);

	/* it is reported as what it will be in a moment */
	(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_STOP);
	clr_emit_order(e, o, working_status(o), exec_type, CLR_OK, name);
	(void) clr_order_park(e, in, order, CLR_PARKED_STOP);
	clr_order_outcome(e, o, working_status(o), exec_type);
	e->entered = order;
}

ClrReason
clr_do_new_stop(ClrEngine *e, ClrInstrument *in, const ClrCommand *cmd)
{
	Stop		s;
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrCommand	plain = *cmd;
	ClrReason	reason = read_stop(in, cmd, &s);
	bool		at_once;
	uint32_t	position;
	uint32_t	order;
	uint32_t	other;
	int64_t		reserve;

	if (reason == CLR_OK)
		reason = clr_link_check(e, cmd, &other);
	if (reason != CLR_OK)
		return reason;
	reason = check_form(e, in, cmd, &s);
	if (reason != CLR_OK)
		return reason;
	at_once = s.met && in->v.phase == CLR_PHASE_CONTINUOUS;
	if (at_once)
	{
		plain.pairs = clr_stop_strip(cmd->pairs, buf);
		become(in, &plain, s.price);
		reason = check_active(e, in, &plain, &position, &reserve);
	}
	else
		reason = check_risk(e, in, cmd, &s, NULL, &position, &reserve);
	if (reason != CLR_OK || e->oom)
		return reason;
	order = clr_order_make(e, in, cmd, position, reserve);
	if (order == CLR_NONE)
		return CLR_OK;
	if (at_once)
	{
		clr_emit_order(e, order_at(e, order), CLR_STATUS_NEW, CLR_EXEC_NEW,
					   CLR_OK, &cmd->ref);
		if (other != CLR_NONE)
			clr_link_make(e, order, other);
		clr_link_triggered(e, order);
		run_triggered(e, in, order, &plain, reserve);
	}
	else
	{
		park(e, in, order, CLR_EXEC_NEW, &cmd->ref);
		if (other != CLR_NONE)
			clr_link_make(e, order, other);
	}
	return CLR_OK;
}

/*
 * The order as it would be entered now, with the attributes a replace changes.
 * What triggered it once is for the record only.
 */
void
clr_order_describe(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
				   const ClrPairs *changes, uint8_t *buf, ClrCommand *cmd)
{
	uint8_t    *p = buf;

	memset(cmd, 0, sizeof(*cmd));
	cmd->type = CLR_CMD_NEW_ORDER;
	cmd->account = position_at(e, o->position)->account;
	cmd->u.order.instrument = in->v.instrument;
	cmd->u.order.side = o->side;
	cmd->u.order.ord_type = o->ord_type;
	cmd->u.order.time_in_force = o->time_in_force;
	cmd->u.order.exec_inst = o->exec_inst;
	cmd->u.order.price = o->price;
	cmd->u.order.qty = order_leaves(o);
	cmd->u.order.self_match = o->self_match;
	cmd->pairs.data = buf;
	for (uint8_t a = 0; a <= CLR_ATTR_SETTABLE; a++)
	{
		int64_t		value = order_attr(e, o, (ClrAttr) a);
		bool		has = has_attr(e, o, (ClrAttr) a) &&
			(!is_stop_attr(a) || o->parked == CLR_PARKED_STOP);

		for (unsigned i = 0; changes != NULL && i < changes->n; i++)
		{
			int64_t		other;
			uint8_t		attr = clr_pair_attr(changes, i, &other);

			if ((attr & (uint8_t) ~CLR_ATTR_GONE) != a)
				continue;
			has = (attr & CLR_ATTR_GONE) == 0;
			value = other;
		}
		if (!has)
			continue;
		p = clr_put_attr(p, a, value);
		cmd->pairs.n++;
	}
}

/* Would a replace leave the order in its place in the queue? */
static bool
keeps_place(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			const ClrCommand *next, const Stop *s)
{
	if (in->v.replace_priority != CLR_REPLACE_KEEPS_ON_DECREASE ||
		next->u.order.qty > order_leaves(o) ||
		next->u.order.ord_type != o->ord_type || next->u.order.price != o->price ||
		s->kind != clr_trigger_kind(e, o) ||
		s->trailing != has_attr(e, o, CLR_ATTR_TRAIL_OFFSET))
		return false;
	return s->trailing ? s->offset == order_attr(e, o, CLR_ATTR_TRAIL_OFFSET) :
		s->price == order_attr(e, o, CLR_ATTR_STOP_PX);
}

/*
 * Replaces a waiting order, or one that does not wait by one that does.  What
 * the latter has filled stays; the rest waits, outside the book.
 */
/* It is a stop order no longer, or was one once: of that nothing is left. */
void
clr_stop_forget(ClrEngine *e, ClrOrder *o)
{
	clr_attr_remove(e, o, CLR_ATTR_STOP_PX);
	clr_attr_remove(e, o, CLR_ATTR_TRIGGER);
	clr_attr_remove(e, o, CLR_ATTR_TRAIL_OFFSET);
}

ClrReason
clr_do_replace_stop(ClrEngine *e, ClrInstrument *in, uint32_t order,
					const ClrCommand *cmd)
{
	ClrOrder   *o = order_at(e, order);
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrCommand	next;
	ClrText		name;
	Stop		s;
	int64_t		total;
	ClrReason	reason = clr_replace_total(in, o, cmd, &total);
	uint32_t	position;
	int64_t		reserve;

	if (!clr_pairs_within(&cmd->pairs, REPLACEABLE))
		reason = clr_pairs_refused(&cmd->pairs);
	if (reason != CLR_OK)
		return reason;
	clr_order_describe(e, in, o, &cmd->pairs, buf, &next);
	next.u.order.price = cmd->u.replace.price;
	next.u.order.qty = total;
	if (cmd->u.replace.time_in_force != 0)
		next.u.order.time_in_force = cmd->u.replace.time_in_force - 1;
	if (cmd->u.replace.ord_type != 0)
		next.u.order.ord_type = cmd->u.replace.ord_type;
	reason = read_stop(in, &next, &s);
	if (reason == CLR_OK)
		reason = check_form(e, in, &next, &s);
	next.u.order.qty = total - o->cum_qty;
	if (reason == CLR_OK)
		reason = check_risk(e, in, &next, &s, o, &position, &reserve);
	if (reason != CLR_OK || e->oom)
		return reason;

	name = clr_order_name(e, o, cmd);
	if (keeps_place(e, in, o, &next, &s))
	{
		clr_order_shrink(e, in, o, order_leaves(o) - next.u.order.qty);
		o->time_in_force = next.u.order.time_in_force;
		(void) clr_attrs_apply(e, o, &cmd->pairs);
		clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
		clr_order_outcome(e, o, working_status(o), CLR_EXEC_REPLACED);
		e->entered = order;
		return CLR_OK;
	}
	if (o->parked != CLR_PARKED_NOT)
		clr_order_unpark(e, in, order);
	else
	{
		clr_order_unrest(e, in, order);
		clr_stop_forget(e, o);
	}
	o->ord_type = next.u.order.ord_type;
	o->time_in_force = next.u.order.time_in_force;
	o->price = next.u.order.price;
	o->order_qty = total;
	o->reserve = reserve;
	o->priority = e->house.next_priority++;
	(void) clr_attrs_apply(e, o, &cmd->pairs);
	clr_attr_remove(e, o, CLR_ATTR_SHOWN_QTY);
	park(e, in, order, CLR_EXEC_REPLACED, &name);
	if (s.met)
		clr_trigger_look(e, in);
	return CLR_OK;
}

/*
 * Trading was interrupted before its turn: it waits, behind the others, as a
 * stop at the price where it was triggered.
 */
static void
wait_again(ClrEngine *e, ClrInstrument *in, uint32_t order, int64_t stop)
{
	ClrOrder   *o = order_at(e, order);

	clr_attr_remove(e, o, CLR_ATTR_TRAIL_OFFSET);
	(void) clr_attr_set(e, o, CLR_ATTR_STOP_PX, stop);
	o->priority = e->house.next_priority++;
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
	(void) clr_trigger_wait(e, in, order);
}

/*
 * The turn of an elected order.  It may have ended meanwhile; and if trading
 * has stopped, it waits again, unless it was elected to join a call.
 */
void
clr_stop_run(ClrEngine *e, uint64_t id, int64_t stop, bool in_call)
{
	uint32_t	order = clr_order_find(e, id);
	uint8_t		buf[CLR_PAIRS_MAX];
	uint8_t		stripped[CLR_PAIRS_MAX];
	ClrCommand	cmd;
	ClrInstrument *in;
	ClrOrder   *o;
	ClrReason	reason;
	uint32_t	position;
	int64_t		reserve = 0;

	if (order == CLR_NONE)
		return;
	o = order_at(e, order);
	in = instrument_at(e, position_at(e, o->position)->instrument);
	if (in->v.phase != CLR_PHASE_CONTINUOUS && !in_call)
	{
		wait_again(e, in, order, stop);
		return;
	}
	memset(&e->out, 0, sizeof(e->out));
	clr_link_triggered(e, order);
	clr_order_unpark(e, in, order);
	(void) clr_attr_set(e, o, CLR_ATTR_STOP_PX, stop);
	o->priority = e->house.next_priority++;
	/* what went before counts in full */
	clr_positions_flush(e);
	e->serial++;
	clr_order_describe(e, in, o, NULL, buf, &cmd);
	cmd.pairs = clr_stop_strip(cmd.pairs, stripped);
	become(in, &cmd, stop);
	e->limited = is_restricted(e, cmd.account);
	reason = check_active(e, in, &cmd, &position, &reserve);
	e->limited = false;
	if (reason == CLR_OK)
	{
		run_triggered(e, in, order, &cmd, reserve);
		return;
	}
	o->ord_type = cmd.u.order.ord_type;
	clr_emit_order(e, o, working_status(o), CLR_EXEC_TRIGGERED, CLR_OK, NULL);
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
				  (uint16_t) reason);
}
