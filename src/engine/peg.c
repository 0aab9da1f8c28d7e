/*
 * peg.c
 *	  Pegged orders: limit orders whose price follows the book.
 *
 * The reference is the best price of its own side (primary), of the other side
 * (market) or the middle of both (mid), as they are without pegged orders, so
 * that pegs don't follow each other.  PEG_OFFSET ticks are added.  The middle
 * is rounded away from the other side.  The price never passes the order's
 * limit, if it has one (CLR_ATTR_PEG_LIMIT), and never meets the other side,
 * pegs included: it stops one tick off.  So a peg trades only when somebody
 * comes to it.
 *
 * A peg enters parked and is priced when its command is done, like all others
 * whose price is another one by then: in order of priority, again until none
 * moves.  Each move gives it a new priority.  Without a reference, or with a
 * price that is none, it is parked or cancelled (CLR_RULE_PEG_REFERENCE);
 * outside continuous trading all are parked.
 *
 * A peg with a limit reserves for the limit.  One without reserves for the
 * price it has, is checked again at each move, and is cancelled when the
 * account can't carry it.
 *
 * Which orders are pegs follows from their attributes: the list of an
 * instrument's pegs is made of them, and forgets those that have ended when it
 * is walked.
 */
#include "engine/internal.h"

#define BIT(attr)	(UINT32_C(1) << (attr))

/* An order has become a peg; its place in the list is where it was added. */
void
clr_peg_added(ClrEngine *e, ClrInstrument *in, const ClrOrder *o)
{
	ClrPegs    *p = &in->pegs;

	if (!clr_grow((void **) &p->ids, &p->cap, p->n + 1, sizeof(uint64_t)))
	{
		e->oom = true;
		return;
	}
	p->ids[p->n++] = o->id;
	p->live++;
	p->stale = true;
	e->n_pegs++;
}

void
clr_peg_gone(ClrEngine *e, ClrInstrument *in)
{
	in->pegs.live--;
	e->n_pegs--;
}

/* Best price of a side without pegged orders. */
static bool
reference(const ClrEngine *e, const ClrInstrument *in, unsigned side, int64_t *price)
{
	const ClrBookSide *s = &in->side[side];
	uint32_t	i = s->best;

	while (i != CLR_NONE && level_at(e, i)->count == level_at(e, i)->pegged)
		i = clr_book_worse(e, s, side, level_at(e, i)->price);
	*price = i == CLR_NONE ? 0 : level_at(e, i)->price;
	return i != CLR_NONE;
}

/* Half of a sum, rounded down (buys) or up. */
static int64_t
middle(int64_t sum, unsigned side)
{
	int64_t		half = sum / 2;

	if (sum % 2 != 0)
		half += sum > 0 ? (side == 0 ? 0 : 1) : (side == 0 ? -1 : 0);
	return half;
}

static bool
reference_price(const ClrEngine *e, const ClrInstrument *in, unsigned side,
				int64_t peg, int64_t *price)
{
	int64_t		own;
	int64_t		other;
	bool		has_own = reference(e, in, side, &own);
	bool		has_other = reference(e, in, !side, &other);

	switch (peg)
	{
		case CLR_PEG_PRIMARY:
			*price = own;
			return has_own;
		case CLR_PEG_MARKET:
			*price = other;
			return has_other;
		default:
			*price = middle(own + other, side);
			return has_own && has_other;
	}
}

/*
 * Not where orders of other instruments can be met too: a peg that moves does
 * not look for them.
 */
static bool
has_pegs(const ClrInstrument *in)
{
	return (in->special & CLR_SPECIAL_IMPLIED) == 0;
}

/* Where an order with these values should stand now; false = nowhere. */
static bool
peg_price(const ClrEngine *e, const ClrInstrument *in, unsigned side,
		  int64_t peg, int64_t offset, bool limited, int64_t limit, int64_t *price)
{
	uint32_t	best = in->side[!side].best;

	if (!has_pegs(in) || in->v.phase != CLR_PHASE_CONTINUOUS ||
		in->market[!side] != CLR_NONE ||
		!reference_price(e, in, side, peg, price))
		return false;
	*price += offset;
	if (limited && (side == 0 ? *price > limit : *price < limit))
		*price = limit;
	if (best != CLR_NONE)
	{
		int64_t		other = level_at(e, best)->price;

		if (side == 0 && *price >= other)
			*price = other - 1;
		else if (side == 1 && *price <= other)
			*price = other + 1;
	}
	return clr_price_valid(in, *price) && clr_in_range(clr_daily_limits(in), *price);
}

static bool
price_of(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o, int64_t *price)
{
	return peg_price(e, in, side_index(o->side), order_attr(e, o, CLR_ATTR_PEG_TYPE),
					 order_attr(e, o, CLR_ATTR_PEG_OFFSET),
					 has_attr(e, o, CLR_ATTR_PEG_LIMIT),
					 order_attr(e, o, CLR_ATTR_PEG_LIMIT), price);
}

/* What a lot reserves at a price, or at the limit. */
static ClrReason
reserve_of(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
		   int64_t price, int64_t *reserve)
{
	if (has_attr(e, o, CLR_ATTR_PEG_LIMIT))
		price = order_attr(e, o, CLR_ATTR_PEG_LIMIT);
	return clr_reserve_per_lot(in, o->side, price, reserve);
}

static void
take_out(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	if (order_at(e, order)->parked == CLR_PARKED_PEG)
		clr_order_unpark(e, in, order);
	else
		clr_order_unrest(e, in, order);
}

static void
cancel(ClrEngine *e, uint32_t order, ClrReason reason)
{
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, (uint16_t) reason);
}

static void
restate(ClrEngine *e, const ClrOrder *o)
{
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
}

/* Without a limit nothing is reserved while there is no price. */
static void
park(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	take_out(e, in, order);
	o->price = 0;
	if (!has_attr(e, o, CLR_ATTR_PEG_LIMIT))
		o->reserve = 0;
	(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_PEG);
	restate(e, o);
	(void) clr_order_park(e, in, order, CLR_PARKED_PEG);
}

/* Can the account carry the order at the price?  Less risk is never refused. */
static ClrReason
check_move(ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
		   int64_t price, int64_t *reserve)
{
	ClrIntent	intent = {.side = o->side, .lots = order_leaves(o), .replaced = o};
	ClrReason	reason = reserve_of(e, in, o, price, reserve);

	if (reason != CLR_OK)
		return reason;
	intent.reserve = (clr_int128) *reserve * order_leaves(o);
	intent.value = (clr_int128) abs64(price) * order_leaves(o);
	return clr_intent_check(e, in, position_at(e, o->position), &intent,
							*reserve <= o->reserve || clr_is_reduce_only(o));
}

static void
move(ClrEngine *e, ClrInstrument *in, uint32_t order, int64_t price)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		reserve;
	ClrReason	reason;

	/* what went before counts in full */
	clr_positions_flush(e);
	e->serial++;
	/* one that was parked has not followed the position */
	if (clr_is_reduce_only(o) && !clr_reduce_fit(e, in, order))
		return;
	reason = check_move(e, in, o, price, &reserve);
	if (reason != CLR_OK)
	{
		cancel(e, order, reason);
		return;
	}
	take_out(e, in, order);
	o->price = price;
	o->reserve = reserve;
	o->priority = e->house.next_priority++;
	restate(e, o);
	(void) clr_order_rest(e, in, order);
}

/* Can a peg without a reference not stay? */
static bool
needs_reference(const ClrInstrument *in)
{
	return in->v.phase == CLR_PHASE_CONTINUOUS &&
		in->rule[CLR_RULE_PEG_REFERENCE] == CLR_PEG_REFERENCE_CANCEL;
}

/* Brings one peg where it should be; false if it is there. */
static bool
follow(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	int64_t		price;

	if (price_of(e, in, o, &price))
	{
		if (o->parked == CLR_PARKED_NOT && o->price == price)
			return false;
		move(e, in, order, price);
	}
	else if (needs_reference(in))
		cancel(e, order, CLR_R_NO_PEG_REFERENCE);
	else if (o->parked == CLR_PARKED_NOT)
		park(e, in, order);
	else
		return false;
	return true;
}

/* Lists the pegs that still work in e->sort, and forgets the others. */
static void
collect(ClrEngine *e, ClrPegs *p)
{
	uint32_t	kept = 0;

	e->sort.len = 0;
	for (uint32_t i = 0; i < p->n; i++)
	{
		uint32_t	order = clr_order_find(e, p->ids[i]);

		if (order == CLR_NONE || !has_attr(e, order_at(e, order), CLR_ATTR_PEG_TYPE))
			continue;
		p->ids[kept++] = p->ids[i];
		if (!clr_sort_add(&e->sort, order_at(e, order)->priority, order))
			e->oom = true;
	}
	p->n = kept;
	clr_sort(&e->sort);
}

/* Is the market as it was when all pegs were last in their places? */
static bool
is_settled(const ClrEngine *e, ClrInstrument *in)
{
	ClrPegs    *p = &in->pegs;
	ClrPegView	now = {.phase = in->v.phase, .possible = has_pegs(in),
	.rule = in->rule[CLR_RULE_PEG_REFERENCE]};

	for (unsigned side = 0; side < 2; side++)
	{
		uint32_t	best = in->side[side].best;

		now.has[side] = reference(e, in, side, &now.reference[side]);
		now.best[side] = best == CLR_NONE ? CLR_NO_PRICE : level_at(e, best)->price;
		now.market[side] = in->market[side] != CLR_NONE;
	}
	if (!p->stale && memcmp(&now, &p->seen, sizeof(now)) == 0)
		return true;
	p->seen = now;
	p->stale = false;
	return false;
}

/* Moves the pegs of an instrument until none is out of place. */
bool
clr_pegs_follow(ClrEngine *e, ClrInstrument *in)
{
	bool		moved = false;

	while (in->pegs.live > 0 && !e->oom && !is_settled(e, in))
	{
		collect(e, &in->pegs);
		for (size_t i = 0; i < e->sort.len; i++)
		{
			/* the record may have been freed and used again: look at the key */
			const ClrOrder *o = order_at(e, e->sort.items[i].index);

			if (o->id == 0 || o->priority != e->sort.items[i].key)
				continue;
			if (follow(e, in, e->sort.items[i].index))
			{
				moved = true;
				in->pegs.stale = true;	/* look again */
			}
		}
	}
	return moved;
}

static bool
is_peg_attr(uint8_t attr)
{
	return attr == CLR_ATTR_PEG_TYPE || attr == CLR_ATTR_PEG_OFFSET ||
		attr == CLR_ATTR_LINK;
}

/* Form, as of a limit order at its limit or where it would stand. */
static ClrReason
check_form(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   int64_t peg, int64_t offset)
{
	uint8_t		buf[CLR_PAIRS_MAX];
	uint8_t    *p = buf;
	ClrCommand	plain = *cmd;

	if ((peg != CLR_PEG_PRIMARY && peg != CLR_PEG_MARKET && peg != CLR_PEG_MID) ||
		offset > CLR_PRICE_MAX || offset < -CLR_PRICE_MAX ||
		(cmd->u.order.exec_inst & (CLR_EXEC_POST_ONLY | CLR_EXEC_POST_ONLY_CANCEL |
								   CLR_EXEC_POST_ONLY_REPRICE)) != 0)
		return CLR_R_PARAMETER_INVALID;
	if (cmd->u.order.time_in_force != CLR_TIF_DAY &&
		cmd->u.order.time_in_force != CLR_TIF_GTC &&
		cmd->u.order.time_in_force != CLR_TIF_GTD)
		return CLR_R_TIF_INVALID;
	plain.pairs = (ClrPairs) {buf, 0};
	for (unsigned i = 0; i < cmd->pairs.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&cmd->pairs, i, &value);

		if (is_peg_attr(attr))
			continue;
		/* it shows all of itself */
		if (attr == CLR_ATTR_DISPLAY_QTY)
			return CLR_R_ATTRIBUTE_INVALID;
		p = clr_put_attr(p, attr, value);
		plain.pairs.n++;
	}
	plain.u.order.ord_type = CLR_ORD_LIMIT;
	if (plain.u.order.price == 0)
		plain.u.order.price = 1;
	return clr_order_form(e, in, &plain);
}

/*
 * Reserve and risk at the limit or the price; nothing of both: its lots.  An
 * order that only gets smaller (easier) is neither limited nor refused.
 */
static ClrReason
check_risk(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   bool priced, int64_t price, const ClrOrder *replaced, bool easier,
		   uint32_t *position, int64_t *reserve)
{
	ClrReason	reason = CLR_OK;

	*position = clr_position_get(e, cmd->account, in->v.instrument);
	if (*position == CLR_NONE)
		return CLR_OK;
	*reserve = 0;
	if (easier)
		*reserve = replaced->reserve;
	else if (cmd->u.order.price != 0 || priced)
		reason = clr_reserve_per_lot(in, cmd->u.order.side,
									 cmd->u.order.price != 0 ? cmd->u.order.price : price,
									 reserve);
	if (reason != CLR_OK)
		return reason;
	if (!priced)
		price = 0;
	if (easier)
	{
		ClrIntent	intent = {.side = cmd->u.order.side,.lots = cmd->u.order.qty,
			.reserve = (clr_int128) *reserve * cmd->u.order.qty,
		.value = (clr_int128) abs64(price) * cmd->u.order.qty,.replaced = replaced};

		return clr_intent_check(e, in, position_at(e, *position), &intent, true);
	}
	return clr_parked_check(e, in, cmd, replaced, *position, *reserve, price, price,
							(cmd->u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) != 0);
}

/* A reduce-only order is no larger than the position. */
static ClrReason
fit_position(const ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd)
{
	return (cmd->u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) == 0 ? CLR_OK :
		clr_reduce_adjust(e, in, cmd);
}

/* Reported and parked; it is priced when the command is done. */
static void
enter(ClrEngine *e, ClrInstrument *in, uint32_t order, int64_t limit,
	  uint8_t exec_type, const ClrText *name)
{
	ClrOrder   *o = order_at(e, order);

	o->price = 0;
	if (limit != 0)
		(void) clr_attr_set(e, o, CLR_ATTR_PEG_LIMIT, limit);
	else
		clr_attr_remove(e, o, CLR_ATTR_PEG_LIMIT);
	(void) clr_attr_set(e, o, CLR_ATTR_PARKED, CLR_PARKED_PEG);
	clr_emit_order(e, o, working_status(o), exec_type, CLR_OK, name);
	(void) clr_order_park(e, in, order, CLR_PARKED_PEG);
	clr_order_outcome(e, o, working_status(o), exec_type);
	e->entered = order;
	in->pegs.stale = true;
}

ClrReason
clr_do_new_peg(ClrEngine *e, ClrInstrument *in, const ClrCommand *cmd)
{
	ClrCommand	now = *cmd;
	int64_t		peg;
	int64_t		offset;
	int64_t		price;
	int64_t		reserve;
	bool		priced;
	uint32_t	position;
	uint32_t	order;
	uint32_t	other;
	ClrReason	reason;

	(void) clr_pairs_find(&cmd->pairs, CLR_ATTR_PEG_TYPE, &peg);
	(void) clr_pairs_find(&cmd->pairs, CLR_ATTR_PEG_OFFSET, &offset);
	reason = check_form(e, in, cmd, peg, offset);
	if (reason == CLR_OK)
		reason = clr_link_check(e, cmd, &other);
	if (reason != CLR_OK)
		return reason;
	if (!has_pegs(in))
		return CLR_R_ORD_TYPE_INVALID;
	if (in->pegs.live >= in->rule[CLR_RULE_MAX_PEGS])
		return CLR_R_TOO_MANY_PEGS;
	priced = peg_price(e, in, side_index(cmd->u.order.side), peg, offset,
					   cmd->u.order.price != 0, cmd->u.order.price, &price);
	if (!priced && needs_reference(in))
		return CLR_R_NO_PEG_REFERENCE;
	reason = fit_position(e, in, &now);
	if (reason == CLR_OK)
		reason = check_risk(e, in, &now, priced, price, NULL, false, &position, &reserve);
	if (reason != CLR_OK || e->oom)
		return reason;
	order = clr_order_make(e, in, &now, position, reserve);
	if (order == CLR_NONE)
		return CLR_OK;
	clr_reduce_note(e, order_at(e, order), cmd->u.order.qty);
	enter(e, in, order, cmd->u.order.price, CLR_EXEC_NEW, &cmd->ref);
	if (other != CLR_NONE)
		clr_link_make(e, order, other);
	return CLR_OK;
}

/* A pure decrease keeps priority, anything else enters anew; price = limit. */
ClrReason
clr_do_replace_peg(ClrEngine *e, ClrInstrument *in, uint32_t order,
				   const ClrCommand *cmd)
{
	ClrOrder   *o = order_at(e, order);
	uint8_t		buf[CLR_PAIRS_MAX];
	ClrCommand	next;
	int64_t		limit = order_attr(e, o, CLR_ATTR_PEG_LIMIT);
	int64_t		peg = 0;
	int64_t		offset = 0;
	int64_t		total;
	int64_t		price;
	int64_t		reserve;
	bool		priced;
	bool		keeps;
	uint32_t	position;
	ClrText		name;
	ClrReason	reason;

	if (!clr_pairs_within(&cmd->pairs, BIT(CLR_ATTR_PEG_TYPE) | BIT(CLR_ATTR_PEG_OFFSET)))
		return clr_pairs_refused(&cmd->pairs);
	if (cmd->u.replace.ord_type != 0 && cmd->u.replace.ord_type != CLR_ORD_PEGGED)
		return CLR_R_ORD_TYPE_INVALID;
	if (cmd->u.replace.time_in_force != 0)
		return CLR_R_PARAMETER_INVALID;
	reason = clr_replace_total(in, o, cmd, &total);
	if (reason != CLR_OK)
		return reason;
	clr_order_describe(e, in, o, &cmd->pairs, buf, &next);
	next.u.order.price = cmd->u.replace.price;
	next.u.order.qty = total - o->cum_qty;
	(void) clr_pairs_find(&next.pairs, CLR_ATTR_PEG_TYPE, &peg);
	(void) clr_pairs_find(&next.pairs, CLR_ATTR_PEG_OFFSET, &offset);
	reason = check_form(e, in, &next, peg, offset);
	if (reason != CLR_OK)
		return reason;

	keeps = in->v.replace_priority == CLR_REPLACE_KEEPS_ON_DECREASE &&
		next.u.order.qty <= order_leaves(o) && next.u.order.price == limit &&
		peg == order_attr(e, o, CLR_ATTR_PEG_TYPE) &&
		offset == order_attr(e, o, CLR_ATTR_PEG_OFFSET);
	priced = peg_price(e, in, side_index(o->side), peg, offset,
					   next.u.order.price != 0, next.u.order.price, &price);
	if (!keeps)
		reason = !priced && needs_reference(in) ? CLR_R_NO_PEG_REFERENCE :
			fit_position(e, in, &next);
	if (reason == CLR_OK)
		reason = check_risk(e, in, &next, priced, price, o, keeps, &position, &reserve);
	if (reason != CLR_OK || e->oom)
		return reason;
	name = clr_order_name(e, o, cmd);
	if (keeps)
	{
		clr_order_shrink(e, in, o, order_leaves(o) - next.u.order.qty);
		clr_reduce_note(e, o, total);
		clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
		clr_order_outcome(e, o, working_status(o), CLR_EXEC_REPLACED);
		e->entered = order;
		return CLR_OK;
	}
	take_out(e, in, order);
	o->order_qty = o->cum_qty + next.u.order.qty;
	clr_reduce_note(e, o, total);
	o->reserve = reserve;
	o->priority = e->house.next_priority++;
	(void) clr_attrs_apply(e, o, &cmd->pairs);
	enter(e, in, order, next.u.order.price, CLR_EXEC_REPLACED, &name);
	return CLR_OK;
}

/* Does every peg stand where it should? */
const char *
clr_pegs_check(const ClrEngine *e, const ClrInstrument *in)
{
	uint32_t	live = 0;

	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
		{
			const ClrOrder *o = order_at(e, i);
			int64_t		price;

			if ((o->ord_type == CLR_ORD_PEGGED) != has_attr(e, o, CLR_ATTR_PEG_TYPE))
				return "a pegged order has no peg";
			if (o->ord_type != CLR_ORD_PEGGED)
				continue;
			live++;
			if (price_of(e, in, o, &price) ?
				o->parked != CLR_PARKED_NOT || o->price != price :
				o->parked != CLR_PARKED_PEG || o->price != 0)
				return "a pegged order is out of place";
		}
	return live == in->pegs.live ? NULL : "the number of pegged orders is wrong";
}
