/*
 * link.c
 *	  Pairs of orders of which one cancels the other (OCO).
 *
 * Two working orders of one account in one instrument carry each other's id
 * (CLR_ATTR_LINK).  A fill or the end of one is noted when it happens and
 * acted upon when the command is done, before any triggered order runs
 * (aftermath.c): depending on the instrument's rule (CLR_RULE_LINK) the other
 * is cancelled, or loses what was filled.  When a stop of the pair is
 * triggered the other is cancelled first, whatever the rule: only one of them
 * is ever in the market on the strength of the same position.
 *
 * When one is cancelled for the other's sake, that one is on its own
 * afterwards: the link is taken off it, which is reported as Restated.
 */
#include "engine/internal.h"

/* Notes what happened to an order of a pair. */
static void
note(ClrEngine *e, const ClrOrder *o, int64_t qty)
{
	if (!clr_grow((void **) &e->linked, &e->cap_linked, e->n_linked + 1,
				  sizeof(ClrLinked)))
	{
		e->oom = true;
		return;
	}
	e->linked[e->n_linked++] =
		(ClrLinked) {(uint64_t) order_attr(e, o, CLR_ATTR_LINK), o->id, qty};
	e->follows = true;
}

void
clr_link_filled(ClrEngine *e, const ClrOrder *o, int64_t qty)
{
	if (has_attr(e, o, CLR_ATTR_LINK))
		note(e, o, qty);
}

void
clr_link_ended(ClrEngine *e, const ClrOrder *o)
{
	if (has_attr(e, o, CLR_ATTR_LINK))
		note(e, o, 0);
}

/* May a new order be linked to the one it names?  CLR_NONE if it names none. */
ClrReason
clr_link_check(const ClrEngine *e, const ClrCommand *cmd, uint32_t *other)
{
	int64_t		id;
	const ClrOrder *o;
	const ClrPosition *p;

	*other = CLR_NONE;
	if (!clr_pairs_find(&cmd->pairs, CLR_ATTR_LINK, &id))
		return CLR_OK;
	*other = clr_order_find(e, (uint64_t) id);
	if (*other == CLR_NONE)
		return CLR_R_LINK_INVALID;
	o = order_at(e, *other);
	p = position_at(e, o->position);
	if (p->account != cmd->account ||
		p->instrument != cmd->u.order.instrument ||
		has_attr(e, o, CLR_ATTR_LINK))
		return CLR_R_LINK_INVALID;
	return CLR_OK;
}

static void
restate(ClrEngine *e, const ClrOrder *o)
{
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED, CLR_OK, NULL);
}

/* The new order has its half of the link; the other one gets its own. */
void
clr_link_make(ClrEngine *e, uint32_t order, uint32_t other)
{
	ClrOrder   *o = order_at(e, other);

	(void) clr_attr_set(e, o, CLR_ATTR_LINK, (int64_t) order_at(e, order)->id);
	restate(e, o);
}

static void
cancel(ClrEngine *e, uint32_t order)
{
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, CLR_R_LINKED);
}

/* Before a triggered order runs: it is on its own, the other is cancelled. */
void
clr_link_triggered(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	uint32_t	other = clr_order_find(e, (uint64_t) order_attr(e, o, CLR_ATTR_LINK));

	if (!has_attr(e, o, CLR_ATTR_LINK))
		return;
	clr_attr_remove(e, o, CLR_ATTR_LINK);
	if (other != CLR_NONE)
		cancel(e, other);
}

/* Cancels one of a pair because of the other, which may work on alone. */
static void
cancel_for(ClrEngine *e, uint32_t order, uint64_t because)
{
	uint32_t	other = clr_order_find(e, because);

	if (other != CLR_NONE)
	{
		clr_attr_remove(e, order_at(e, other), CLR_ATTR_LINK);
		restate(e, order_at(e, other));
	}
	cancel(e, order);
}

static void
settle(ClrEngine *e, const ClrLinked *l)
{
	uint32_t	order = clr_order_find(e, l->other);
	ClrInstrument *in;
	ClrOrder   *o;

	if (order == CLR_NONE)
		return;
	o = order_at(e, order);
	if (order_attr(e, o, CLR_ATTR_LINK) != (int64_t) l->order)
		return;
	in = instrument_at(e, position_at(e, o->position)->instrument);
	if (l->qty == 0)
		cancel(e, order);
	else if (in->rule[CLR_RULE_LINK] == CLR_LINK_CANCEL_ON_FILL ||
			 (in->rule[CLR_RULE_LINK] == CLR_LINK_REDUCE && l->qty >= order_leaves(o)))
		cancel_for(e, order, l->order);
	else if (in->rule[CLR_RULE_LINK] == CLR_LINK_REDUCE)
	{
		clr_order_shrink(e, in, o, l->qty);
		restate(e, o);
	}
}

/* Acts upon what was noted, in the order in which it happened. */
void
clr_links_settle(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_linked && !e->oom; i++)
	{
		ClrLinked	l = e->linked[i];

		settle(e, &l);
	}
	e->n_linked = 0;
}

/* Do both know each other? */
bool
clr_link_valid(const ClrEngine *e, const ClrOrder *o)
{
	uint32_t	other;

	if (!has_attr(e, o, CLR_ATTR_LINK))
		return true;
	other = clr_order_find(e, (uint64_t) order_attr(e, o, CLR_ATTR_LINK));
	return other != CLR_NONE && order_at(e, other)->position == o->position &&
		order_attr(e, order_at(e, other), CLR_ATTR_LINK) == (int64_t) o->id;
}
