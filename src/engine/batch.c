/*
 * batch.c
 *	  Batches: orders, replaces and cancels that apply whole or not at all.
 *
 * Trying out.  Every order is checked as if it came alone, in sequence, up to
 * its margin or funds: clr_intent_check() then notes what it would add to its
 * position and answers CLR_TRIED, which its callers return like a refusal, so
 * nothing is done.  What it adds and takes away is put into the position, so
 * that limits and ranges see the orders before it.  Then the money is checked
 * for all of it at once: everything that goes is gone, and what comes is added
 * one after the other; since adding never lowers a requirement, the batch can
 * be carried if and only if each of these steps can.  The first that can't is
 * the order at fault.  An order is named by its ClOrdID from before the batch.
 *
 * Refused, the positions are as before, exactly.  Otherwise the orders are
 * applied in sequence.  While they are, the positions hold what the later ones
 * will add and take away: nothing that an order meets in the market can take
 * what another one was promised.  A limit order or replace is not asked for
 * margin again; others, whose price is the market's, are.
 *
 * What the market says (market_says() below) refuses an order alone, not the
 * batch: it is asked when it is the order's turn.
 *
 * Each order has an outcome and a reference of its own: event.h.
 */
#include "engine/internal.h"

/* Lots on one side of a position, with what they reserve. */
typedef struct Share
{
	uint32_t	position;		/* CLR_NONE = nothing */
	unsigned	s;
	int64_t		lots;
	int64_t		reserve;
	int64_t		value;
	uint32_t	orders;
} Share;

/* e->trial */
typedef struct ClrTrial
{
	bool		trying;			/* else it is applied */
	bool		promised;		/* its margin is known to be there */
	bool		exempt;			/* needs none */
	Share		gone;
	Share		come;
} ClrTrial;

typedef struct Member
{
	ClrLooked	l;
	ClrTrial	t;
	uint64_t	order;			/* that it replaces or cancels, 0 = none */
	clr_int128	needed[2];		/* quote and base wallet, before the batch */
} Member;

static const Share nothing = {.position = CLR_NONE};

static Share
share_of(const ClrOrder *o)
{
	int64_t		lots = order_leaves(o);

	return (Share) {o->position, side_index(o->side), lots, lots * o->reserve,
		lots * abs64(o->price), 1};
}

ClrReason
clr_trial_intent(ClrEngine *e, const ClrPosition *p, const ClrIntent *intent,
				 bool *margin_exempt)
{
	ClrTrial   *t = e->trial;

	if (!t->trying)
	{
		*margin_exempt = *margin_exempt || t->promised;
		return CLR_OK;
	}
	t->exempt = *margin_exempt;
	t->come = (Share) {(uint32_t) (p - position_at(e, 0)), side_index(intent->side),
		intent->lots, (int64_t) intent->reserve, (int64_t) intent->value, 1};
	if (intent->replaced != NULL)
		t->gone = share_of(intent->replaced);
	return CLR_TRIED;
}

/* Adds a share to its position, or takes it away (sign -1). */
static void
shift(ClrEngine *e, const Share *s, int sign)
{
	ClrPosition *p;
	const ClrInstrument *in;

	if (s->position == CLR_NONE)
		return;
	p = position_at(e, s->position);
	in = instrument_at(e, p->instrument);
	clr_position_expect(in, p, s->s, s->lots, s->reserve, s->value, sign);
	p->n_orders += (uint32_t) sign * s->orders;
	clr_position_refresh(e, in, p);
}

static void
shift_both(ClrEngine *e, const Member *m, int sign)
{
	shift(e, &m->t.gone, -sign);
	shift(e, &m->t.come, sign);
}

/*----------------------------------------------------------------
 * Trying out
 *----------------------------------------------------------------
 */
static bool
market_says(ClrReason reason)
{
	return reason == CLR_R_POST_ONLY_WOULD_TRADE ||
		reason == CLR_R_FOK_NOT_FILLABLE || reason == CLR_R_NO_LIQUIDITY ||
		reason == CLR_R_MIN_QTY_NOT_FILLABLE || reason == CLR_R_STOP_MET ||
		reason == CLR_R_NO_TRIGGER_PRICE || reason == CLR_R_NO_PEG_REFERENCE ||
		reason == CLR_R_NOTHING_TO_REDUCE;
}

static bool
same_text(const ClrText *a, const ClrText *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static ClrReason
check_reference(ClrEngine *e, const ClrCommand *cmd, const Member *list, unsigned i)
{
	const ClrCommand *c = &list[i].l.cmd;

	if (!clr_text_valid(c->ref.data, c->ref.len))
		return CLR_R_MALFORMED;
	if (same_text(&c->ref, &cmd->ref) ||
		clr_reference_find(e, list[i].l.ref_hash, c->account, &c->ref) != CLR_NONE)
		return CLR_R_BATCH_REFERENCE;
	for (unsigned k = 0; k < i; k++)
		if (same_text(&c->ref, &list[k].l.cmd.ref))
			return CLR_R_BATCH_REFERENCE;
	return CLR_OK;
}

/* Which order a replace or cancel means; no other one of the batch may. */
static ClrReason
check_named(ClrEngine *e, Member *list, unsigned i)
{
	Member	   *m = &list[i];
	const ClrCommand *c = &m->l.cmd;
	uint32_t	order;
	ClrReason	reason;

	m->order = 0;
	if (c->type == CLR_CMD_NEW_ORDER)
		return CLR_OK;
	e->orig_hash = m->l.orig_hash;
	reason = clr_order_resolve(e, c, c->type == CLR_CMD_CANCEL_ORDER ?
							   c->u.cancel.order_id : c->u.replace.order_id, &order);
	if (reason != CLR_OK)
		return reason;
	m->order = order_at(e, order)->id;
	for (unsigned k = 0; k < i; k++)
		if (list[k].order == m->order)
			return CLR_R_ORDER_NAMED_TWICE;
	if (c->type == CLR_CMD_CANCEL_ORDER)
		m->t.gone = share_of(order_at(e, order));
	return CLR_OK;
}

/* May what it leaves stay in the book, as one more order? */
static bool
adds_order(const ClrEngine *e, const ClrCommand *c)
{
	return c->type == CLR_CMD_REPLACE_ORDER ||
		(!clr_only_trades(instrument_at(e, c->u.order.instrument), c) &&
		 c->u.order.time_in_force != CLR_TIF_IOC &&
		 c->u.order.time_in_force != CLR_TIF_FOK);
}

/* Everything but the money. */
static ClrReason
try_member(ClrEngine *e, const ClrCommand *cmd, Member *list, unsigned i)
{
	Member	   *m = &list[i];
	const ClrCommand *c = &m->l.cmd;
	uint32_t	other;
	ClrReason	reason = check_reference(e, cmd, list, i);

	m->t = (ClrTrial) {.trying = true,.gone = nothing,.come = nothing};
	if (reason == CLR_OK)
		reason = check_named(e, list, i);
	if (reason == CLR_OK && c->type == CLR_CMD_NEW_ORDER)
		reason = clr_link_check(e, c, &other);
	if (reason != CLR_OK || c->type == CLR_CMD_CANCEL_ORDER)
		return reason;

	e->trial = &m->t;
	e->limited = is_restricted(e, c->account);
	reason = c->type == CLR_CMD_NEW_ORDER ? clr_do_new_order(e, c) :
		clr_do_replace_order(e, c);
	e->limited = false;
	e->trial = NULL;
	m->t.trying = false;
	if (reason == CLR_TRIED)
	{
		if (!adds_order(e, c))
			m->t.come.orders = 0;
		m->t.promised = c->type == CLR_CMD_REPLACE_ORDER ||
			c->u.order.ord_type == CLR_ORD_LIMIT;
		return CLR_OK;
	}
	m->t.gone = m->t.come = nothing;
	return market_says(reason) ? CLR_OK : reason;
}

/* All that goes is taken away, then what comes is added; *bad is at fault. */
static ClrReason
try_money(ClrEngine *e, Member *list, unsigned n, unsigned *bad)
{
	unsigned	added = 0;
	ClrReason	reason = CLR_OK;

	for (unsigned i = 0; i < n; i++)
		if (list[i].t.come.position != CLR_NONE)
		{
			const ClrPosition *p = position_at(e, list[i].t.come.position);

			clr_needed_now(e, p, list[i].needed);
		}
	for (unsigned i = 0; i < n; i++)
		shift(e, &list[i].t.gone, -1);
	for (; added < n && reason == CLR_OK; added++)
	{
		*bad = added;
		shift(e, &list[added].t.come, 1);
		if (list[added].t.come.position != CLR_NONE && !list[added].t.exempt)
			reason = clr_needed_check(e, position_at(e, list[added].t.come.position),
									  list[added].needed);
	}
	if (reason == CLR_OK)
		return CLR_OK;
	while (added-- > 0)
		shift(e, &list[added].t.come, -1);
	for (unsigned i = 0; i < n; i++)
		shift(e, &list[i].t.gone, 1);
	return reason;
}

/* If it is CLR_OK, the positions hold all of it; else nothing has changed. */
static ClrReason
try_all(ClrEngine *e, const ClrCommand *cmd, Member *list, unsigned *bad)
{
	unsigned	n = cmd->pairs.n;
	unsigned	tried = 0;
	ClrReason	reason = CLR_OK;

	while (tried < n && reason == CLR_OK && !e->oom)
	{
		*bad = tried;
		reason = try_member(e, cmd, list, tried);
		if (reason == CLR_OK)
			shift_both(e, &list[tried++], 1);
	}
	while (tried-- > 0)
		shift_both(e, &list[tried], -1);
	return reason == CLR_OK && !e->oom ? try_money(e, list, n, bad) : reason;
}

/*----------------------------------------------------------------
 * Applying
 *----------------------------------------------------------------
 */
static uint32_t
member_number(uint32_t batch, unsigned i)
{
	return batch + ((uint32_t) (i + 1) << 24);
}

static ClrReason
execute(ClrEngine *e, Member *m)
{
	const ClrCommand *c = &m->l.cmd;
	ClrReason	reason;

	if (c->type == CLR_CMD_CANCEL_ORDER)
		return clr_do_cancel_order(e, c);
	e->trial = &m->t;
	e->limited = !m->t.promised && is_restricted(e, c->account);
	reason = c->type == CLR_CMD_NEW_ORDER ? clr_do_new_order(e, c) :
		clr_do_replace_order(e, c);
	e->limited = false;
	e->trial = NULL;
	return reason;
}

/* One order: its turn, what follows from it, its outcome and reference. */
static void
apply_member(ClrEngine *e, uint32_t number, Member *m)
{
	const ClrCommand *c = &m->l.cmd;

	shift_both(e, m, -1);
	clr_outcome_init(e, number, m->l.data, m->l.len);
	e->out.submitter = c->submitter;
	e->out.account = c->account;
	e->out.ref_len = (uint8_t) c->ref.len;
	e->out.ref = c->ref.data;
	e->entered = CLR_NONE;
	e->orig_hash = m->l.orig_hash;
	e->out.reason = (uint16_t) execute(e, m);
	if (e->follows || e->n_pegs > 0)
		clr_aftermath(e);
	clr_positions_refresh(e);
	clr_emit_outcome(e, &e->out);
	if (clr_uses_reference(&e->out) && !e->oom)
		(void) clr_reference_add(e, m->l.ref_hash, &e->out, e->house.time_us);
	e->entered = CLR_NONE;
}

static void
look_at_all(ClrEngine *e, const ClrCommand *cmd, Member *list)
{
	const uint8_t *p = cmd->pairs.data;

	for (unsigned i = 0; i < cmd->pairs.n; i++, p += clr_get_u16(p))
		clr_look_at(e, p, clr_get_u16(p), &list[i].l);
}

/* New orders and replaces count as messages, cancels don't. */
static uint32_t
messages(const Member *list, unsigned n)
{
	uint32_t	count = 0;

	for (unsigned i = 0; i < n; i++)
		count += list[i].l.cmd.type != CLR_CMD_CANCEL_ORDER;
	return count;
}

static void
apply(ClrEngine *e, Member *list, unsigned n)
{
	ClrOutcome	batch = e->out;

	for (unsigned i = 0; i < n && !e->oom; i++)
	{
		apply_member(e, member_number(batch.number, i), &list[i]);
		if (batch.n_trades == 0)
			batch.first_trade = e->out.first_trade;
		batch.n_trades += e->out.n_trades;
		batch.n_cancelled += e->out.n_cancelled;
		if (batch.cancelled_for == CLR_OK)
			batch.cancelled_for = e->out.cancelled_for;
	}
	e->out = batch;
	e->out.id = n;
}

ClrReason
clr_do_batch(ClrEngine *e, const ClrCommand *cmd)
{
	Member		list[CLR_BATCH_MAX];
	ClrOutcome	before = e->out;
	bool		restricted;
	uint32_t	count;
	unsigned	bad = 0;
	ClrReason	reason = CLR_OK;

	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account < CLR_ACCOUNT_FIRST)
		return CLR_R_SYSTEM_ACCOUNT;
	look_at_all(e, cmd, list);
	count = messages(list, cmd->pairs.n);
	restricted = is_restricted(e, cmd->account) && count > 0;
	if (restricted)
		reason = clr_entry_allowed(e, cmd->account, count);
	e->in_batch = true;
	if (reason == CLR_OK)
		reason = try_all(e, cmd, list, &bad);
	e->in_batch = false;
	if (e->oom)
		return CLR_OK;
	before.needed = reason == CLR_OK ? 0 : e->out.needed;
	before.available = reason == CLR_OK ? 0 : e->out.available;
	before.asset = reason == CLR_OK ? 0 : e->out.asset;
	before.instrument = reason == CLR_OK || e->out.asset != 0 ? 0 : e->out.instrument;
	before.id = bad + 1;
	e->out = before;
	e->entered = CLR_NONE;
	if (reason != CLR_OK)
		return reason;
	e->in_batch = true;
	apply(e, list, cmd->pairs.n);
	e->in_batch = false;
	if (restricted)
		clr_entry_count(e, cmd->account, count);
	return CLR_OK;
}

void
clr_batch_repeat(ClrEngine *e, const ClrCommand *cmd)
{
	ClrOutcome	batch = e->out;
	const uint8_t *p = cmd->pairs.data;

	for (unsigned i = 0; i < cmd->pairs.n; i++, p += clr_get_u16(p))
	{
		ClrLooked	l;
		uint32_t	r;

		clr_look_at(e, p, clr_get_u16(p), &l);
		r = clr_reference_find(e, l.ref_hash, cmd->account, &l.cmd.ref);
		if (r == CLR_NONE)
			continue;
		clr_reference_outcome(e, reference_at(e, r), &e->out);
		e->out.number = member_number(batch.number, i);
		e->out.duplicate = 1;
		e->out.ref = l.cmd.ref.data;
		clr_emit_outcome(e, &e->out);
	}
	e->out = batch;
}
