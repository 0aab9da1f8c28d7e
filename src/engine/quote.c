/*
 * quote.c
 *	  Mass quotes: two-sided quotes of an account, replaced as one.
 *
 * A quote is an order on either side, marked with the number of its quote set
 * (CLR_ATTR_QUOTE).  A mass quote names instruments, each once: in each of them
 * the old sides of the same set give way, and new ones are entered with a new
 * priority; a side of quantity 0 is pulled.  Instruments that it does not name
 * and other sets stay as they are.
 *
 * All of it is checked before anything changes: each side like an order, then
 * margin and funds of everything there would be, old sides gone and new ones
 * working, at once.  That is tried out on the positions and taken back exactly.
 * If the account ends up with less than it needs, and with less than before,
 * nothing is done.
 *
 * Spreads can't be quoted.
 *
 * Then all old sides end, and the new ones are entered in order, bid before
 * ask.  They may trade.  In a self-match the resting order is cancelled (CME
 * Globex: mass quotes cancel resting quotes only).
 */
#include "engine/internal.h"

/* One quote, and what its instrument was like before. */
typedef struct Entry
{
	ClrQuote	q;
	uint32_t	position;
	uint32_t	old[2];			/* orders that give way, CLR_NONE */
	int64_t		reserve[2];		/* per lot of the new sides */
	int64_t		lots[2];		/* of the position, before */
	int64_t		reserved[2];
	int64_t		excess[2];
	int64_t		work_value;
	uint32_t	n_orders;
	clr_int128	needed[2];		/* quote and base wallet, before */
} Entry;

static ClrCommand
side_command(const ClrCommand *cmd, const ClrQuote *q, unsigned s)
{
	ClrCommand	c;

	memset(&c, 0, sizeof(c));
	c.type = CLR_CMD_NEW_ORDER;
	c.account = cmd->account;
	c.u.order.instrument = q->instrument;
	c.u.order.side = s == 0 ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = CLR_TIF_DAY;
	c.u.order.price = q->price[s];
	c.u.order.qty = q->qty[s];
	c.u.order.self_match = CLR_SMP_CANCEL_RESTING;
	return c;
}

static ClrReason
check_side(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   const ClrQuote *q, unsigned s)
{
	ClrCommand	c = side_command(cmd, q, s);
	ClrReason	reason;

	if (q->qty[s] == 0)
		return q->price[s] == 0 ? CLR_OK : CLR_R_PRICE_INVALID;
	reason = clr_order_form(e, in, &c);
	if (reason == CLR_OK && (in->special & CLR_SPECIAL_CONTROLS) != 0)
		reason = clr_price_check(e, in, c.u.order.side, c.u.order.time_in_force, q->price[s]);
	return reason;
}

/* Form, and what stands there now. */
static ClrReason
look_at(ClrEngine *e, const ClrCommand *cmd, const Entry *list, unsigned i,
		Entry *entry)
{
	ClrQuote   *q = &entry->q;
	const ClrInstrument *in;
	ClrReason	reason;

	*q = clr_pair_quote(&cmd->pairs, i);
	if (!instrument_exists(e, q->instrument))
		return CLR_R_UNKNOWN_INSTRUMENT;
	for (unsigned k = 0; k < i; k++)
		if (list[k].q.instrument == q->instrument)
			return CLR_R_PARAMETER_INVALID;
	in = instrument_at(e, q->instrument);
	if (in->v.phase == CLR_PHASE_EXPIRED)
		return CLR_R_EXPIRED_INSTRUMENT;
	if (is_spread(in))
		return CLR_R_PARAMETER_INVALID;
	reason = check_side(e, in, cmd, q, 0);
	if (reason == CLR_OK)
		reason = check_side(e, in, cmd, q, 1);
	if (reason != CLR_OK)
		return reason;
	if (q->qty[0] > 0 && q->qty[1] > 0 && q->price[0] >= q->price[1])
		return CLR_R_PRICE_INVALID;
	entry->position = clr_position_get(e, cmd->account, q->instrument);
	entry->old[0] = entry->old[1] = CLR_NONE;
	if (entry->position == CLR_NONE)
		return CLR_OK;
	for (uint32_t o = position_at(e, entry->position)->orders; o != CLR_NONE;
		 o = order_at(e, o)->position_next)
		if (order_attr(e, order_at(e, o), CLR_ATTR_QUOTE) == cmd->u.quote.set)
			entry->old[side_index(order_at(e, o)->side)] = o;
	return CLR_OK;
}

static void
remember(const ClrEngine *e, Entry *entry)
{
	const ClrPosition *p = position_at(e, entry->position);

	memcpy(entry->lots, p->lots, sizeof(p->lots));
	memcpy(entry->reserved, p->reserve, sizeof(p->reserve));
	memcpy(entry->excess, p->excess, sizeof(p->excess));
	entry->work_value = p->work_value;
	entry->n_orders = p->n_orders;
	clr_needed_now(e, p, entry->needed);
}

static void
take_back(ClrEngine *e, const Entry *entry)
{
	ClrPosition *p = position_at(e, entry->position);

	memcpy(p->lots, entry->lots, sizeof(p->lots));
	memcpy(p->reserve, entry->reserved, sizeof(p->reserve));
	memcpy(p->excess, entry->excess, sizeof(p->excess));
	p->work_value = entry->work_value;
	p->n_orders = entry->n_orders;
	clr_position_refresh(e, instrument_at(e, entry->q.instrument), p);
}

/* Price that bounds what a side may trade at, times its lots. */
static clr_int128
side_value(const ClrEngine *e, const ClrInstrument *in, const ClrQuote *q,
		   unsigned s, bool *crosses)
{
	uint8_t		side = s == 0 ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	int64_t		most = abs64(q->price[s]);
	int64_t		best;

	*crosses = clr_crosses(e, in, side, q->price[s]) ||
		(in->special & CLR_SPECIAL_MARKET_RESTS) != 0;
	if (*crosses && clr_best_opposite(e, in, side, &best) && abs64(best) > most)
		most = abs64(best);
	return (clr_int128) most * q->qty[s];
}

/* One new side, tried out; nothing has changed if it is refused. */
static ClrReason
try_side(ClrEngine *e, const ClrCommand *cmd, Entry *entry, unsigned s)
{
	const ClrInstrument *in = instrument_at(e, entry->q.instrument);
	ClrPosition *p = position_at(e, entry->position);
	const ClrQuote *q = &entry->q;
	uint8_t		side = s == 0 ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	bool		crosses;
	clr_int128	value = side_value(e, in, q, s, &crosses);
	ClrReason	reason = clr_reserve_per_lot(in, side, q->price[s], &entry->reserve[s]);

	if (reason != CLR_OK)
		return reason;
	if (!clr_position_in_range(in, p, value, q->qty[s]) ||
		(clr_int128) entry->reserve[s] * q->qty[s] + p->reserve[0] + p->reserve[1] >
		CLR_AMOUNT_MAX ||
		(crosses && !clr_fill_headroom(e, in, value / q->qty[s], q->qty[s])))
		return CLR_R_OVERFLOW;
	if (q->qty[s] > CLR_AMOUNT_MAX - in->work_lots[s] - in->parked_lots[s])
		return CLR_R_LIMIT_EXCEEDED;
	if (is_restricted(e, cmd->account))
	{
		ClrLimited	l = {.account = cmd->account,.side = side,.price = q->price[s],
			.qty = q->qty[s],.order_qty = q->qty[s],
			.value = (clr_int128) abs64(q->price[s]) * q->qty[s],
		.adds = true};

		reason = clr_limits_check(e, in, p, &l);
		if (reason != CLR_OK)
		{
			e->out.instrument = entry->q.instrument;
			return reason;
		}
	}
	p->n_orders++;
	clr_position_expect(in, p, s, q->qty[s], q->qty[s] * entry->reserve[s],
						q->qty[s] * abs64(q->price[s]), 1);
	return CLR_OK;
}

/* The old sides away, the new ones there. */
static ClrReason
try_entry(ClrEngine *e, const ClrCommand *cmd, Entry *entry)
{
	ClrPosition *p = position_at(e, entry->position);
	ClrReason	reason = CLR_OK;

	for (unsigned s = 0; s < 2; s++)
		if (entry->old[s] != CLR_NONE)
		{
			clr_position_work(instrument_at(e, p->instrument), p, order_at(e, entry->old[s]),
							  order_leaves(order_at(e, entry->old[s])), -1);
			p->n_orders--;
		}
	for (unsigned s = 0; s < 2 && reason == CLR_OK; s++)
		if (entry->q.qty[s] > 0)
			reason = try_side(e, cmd, entry, s);
	clr_position_refresh(e, instrument_at(e, entry->q.instrument), p);
	return reason;
}

/* Everything tried out together, and taken back; *bad is the one at fault. */
static ClrReason
try_all(ClrEngine *e, const ClrCommand *cmd, Entry *list, unsigned *bad)
{
	unsigned	n = cmd->pairs.n;
	unsigned	tried = 0;
	ClrReason	reason = CLR_OK;

	for (unsigned i = 0; i < n; i++)
		remember(e, &list[i]);
	for (; tried < n && reason == CLR_OK; tried++)
	{
		*bad = tried;
		reason = try_entry(e, cmd, &list[tried]);
	}
	for (unsigned i = 0; i < n && reason == CLR_OK; i++)
	{
		*bad = i;
		reason = clr_needed_check(e, position_at(e, list[i].position), list[i].needed);
	}
	while (tried-- > 0)
		take_back(e, &list[tried]);
	return reason;
}

/* Enters one side; it may trade. */
static void
enter(ClrEngine *e, const ClrCommand *cmd, const Entry *entry, unsigned s)
{
	ClrInstrument *in = instrument_at(e, entry->q.instrument);
	ClrCommand	c = side_command(cmd, &entry->q, s);
	uint32_t	trades = e->out.n_trades;
	uint64_t	first = e->out.first_trade;
	uint32_t	order;

	order = clr_order_make(e, in, &c, entry->position, entry->reserve[s]);
	if (order == CLR_NONE ||
		!clr_attr_set(e, order_at(e, order), CLR_ATTR_QUOTE, cmd->u.quote.set))
		return;
	clr_emit_order(e, order_at(e, order), CLR_STATUS_NEW, CLR_EXEC_NEW, CLR_OK, NULL);
	/* what it reports is about its own trades */
	e->out.n_trades = 0;
	clr_order_run(e, in, order, CLR_EXEC_NEW);
	e->out.n_trades += trades;
	if (trades > 0)
		e->out.first_trade = first;
}

static void
apply(ClrEngine *e, const ClrCommand *cmd, const Entry *list)
{
	for (unsigned i = 0; i < cmd->pairs.n; i++)
		for (unsigned s = 0; s < 2; s++)
			if (list[i].old[s] != CLR_NONE)
			{
				clr_order_end(e, list[i].old[s], CLR_STATUS_CANCELED,
							  CLR_EXEC_CANCELED, CLR_R_QUOTE_REPLACED);
				e->out.n_cancelled++;
			}
	for (unsigned i = 0; i < cmd->pairs.n; i++)
		for (unsigned s = 0; s < 2 && !e->oom; s++)
			if (list[i].q.qty[s] > 0)
				enter(e, cmd, &list[i], s);
}

/* The outcome is about all of them, not about the order entered last. */
static void
fill_outcome(ClrEngine *e, const ClrCommand *cmd)
{
	e->entered = CLR_NONE;
	e->out.id = cmd->u.quote.set;
	e->out.instrument = 0;
	e->out.ord_status = CLR_STATUS_NONE;
	e->out.exec_type = CLR_EXEC_NONE;
	e->out.order_qty = 0;
	e->out.cum_qty = 0;
	e->out.leaves_qty = 0;
	e->out.cum_value = 0;
	e->out.restated = CLR_OK;
}

ClrReason
clr_do_mass_quote(ClrEngine *e, const ClrCommand *cmd)
{
	Entry		list[CLR_QUOTES_MAX];
	unsigned	bad = 0;
	ClrReason	reason = CLR_OK;

	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account < CLR_ACCOUNT_FIRST)
		return CLR_R_SYSTEM_ACCOUNT;
	if (cmd->u.quote.set < 1 || cmd->u.quote.set > CLR_SMP_ID_MAX)
		return CLR_R_PARAMETER_INVALID;
	if (is_restricted(e, cmd->account))
		reason = clr_entry_allowed(e, cmd->account, 1);
	if (reason != CLR_OK)
		return reason;
	for (unsigned i = 0; i < cmd->pairs.n && reason == CLR_OK; i++)
	{
		bad = i;
		reason = look_at(e, cmd, list, i, &list[i]);
	}
	if (reason == CLR_OK && !e->oom)
		reason = try_all(e, cmd, list, &bad);
	e->out.id = bad + 1;
	if (reason != CLR_OK || e->oom)
		return reason;
	apply(e, cmd, list);
	if (is_restricted(e, cmd->account))
		clr_entry_count(e, cmd->account, 1);
	fill_outcome(e, cmd);
	return CLR_OK;
}
