/*
 * watch_after.c
 *	  What must hold after each command, whatever it was.
 */
#include "watch_internal.h"

/* Does it trade continuously?  A spread does if all of its legs do. */
static bool
is_continuous(Watch *w, const WatchInstrument *in)
{
	for (int i = 0; i < CLR_LEGS_MAX && in->legs[i].ratio != 0; i++)
		if (instrument_of(w, in->legs[i].instrument)->phase != CLR_PHASE_CONTINUOUS)
			return false;
	return in->phase == CLR_PHASE_CONTINUOUS;
}

/* The best price of a side is the engine's too, and the sides don't cross. */
static void
check_book(Watch *w, const House *h, uint32_t id)
{
	WatchInstrument *in = instrument_of(w, id);
	WatchOrder *first[2];
	int64_t		price;
	int64_t		qty;

	for (int s = 0; s < 2; s++)
	{
		bool		any;

		first[s] = first_limit(w, id, s);
		any = clr_get_best(h->e, id, s ? CLR_SIDE_SELL : CLR_SIDE_BUY, &price, &qty);
		if (any != (first[s] != NULL) || (any && price != first[s]->price))
			broken(w, "book %u: the best price is another one", id);
	}
	if (is_continuous(w, in) && first[0] != NULL && first[1] != NULL &&
		first[0]->price >= first[1]->price)
		broken(w, "book %u: crossed, %" PRId64 " >= %" PRId64, id, first[0]->price, first[1]->price);
}

/* No stop whose price is met waits while there is continuous trading. */
static void
check_stops(Watch *w, uint32_t id)
{
	WatchInstrument *in = instrument_of(w, id);

	if (in->phase != CLR_PHASE_CONTINUOUS)
		return;
	for (int s = 0; s < 2; s++)
		for (size_t i = 0; i < in->n[s]; i++)
		{
			const WatchOrder *o = &w->orders[in->book[s][i]];
			bool		mark = o->attr[CLR_ATTR_TRIGGER] == CLR_TRIGGER_MARK;
			int64_t		now = mark ? in->mark : in->last;

			if (o->attr[CLR_ATTR_PARKED] != CLR_PARKED_STOP || !has(o, CLR_ATTR_STOP_PX) ||
				has(o, CLR_ATTR_TRAIL_OFFSET) || !(mark ? in->has_mark : in->has_last))
				continue;
			if (s == 0 ? now >= o->attr[CLR_ATTR_STOP_PX] : now <= o->attr[CLR_ATTR_STOP_PX])
				broken(w, "order %" PRIu64 ": its stop price %" PRId64 " is met, but it waits", o->id, o->attr[CLR_ATTR_STOP_PX]);
		}
}

/*
 * A fill of one of a pair ends the other one, as the rule says: when the
 * command is done, so one that meets both of them in the book fills both.
 */
static void
check_pair(Watch *w, const WatchOrder *o)
{
	int64_t		rule = instrument_of(w, o->instrument)->rule[CLR_RULE_LINK];
	const WatchOrder *other;

	if (o->link_then == 0 || o->link_then >= w->next_order)
		return;
	other = &w->orders[o->link_then];
	/* both were filled, or the other was triggered: it has ended this one */
	if (o->state == DONE && (other->filled_by == o->filled_by || other->triggered_by == o->filled_by))
		return;
	if (rule == CLR_LINK_CANCEL_ON_FILL && other->state != DONE)
		broken(w, "order %" PRIu64 ": works after a fill of %" PRIu64 ", which it is linked to", other->id, o->id);
	if (o->state == DONE && other->state != DONE)
		broken(w, "order %" PRIu64 ": works after the end of %" PRIu64 ", which it is linked to", other->id, o->id);
}

void
check_followed(Watch *w)
{
	for (unsigned i = 0; i < w->n_changed; i++)
		check_pair(w, &w->orders[w->changed[i]]);
}

/*
 * Nobody gets below zero by trading: a trading command leaves every account
 * that has enough with enough, the one that gave it and all others.  This is
 * so while marks and margins stay as they were (reserves are made at entry),
 * and not for orders that reduce a position, which are never refused.
 */
static void
check_available(Watch *w, const House *h)
{
	bool		trading = (h->out.type >= CLR_CMD_NEW_ORDER || h->out.type == CLR_CMD_WITHDRAW) &&
		h->out.reason == CLR_OK;

	if (h->out.reason == CLR_OK && (h->out.type == CLR_CMD_SET_MARK_PRICE ||
									h->out.type == CLR_CMD_SET_MARGIN || h->out.type == CLR_CMD_SETTLE ||
									h->out.type == CLR_CMD_EXPIRE))
		w->marks_moved = true;
	if (w->marks_moved || w->any_rich)
		return;
	for (uint32_t a = CLR_ACCOUNT_FIRST; a < CLR_ACCOUNT_FIRST + 8; a++)
	{
		ClrValuation v;

		if (!clr_get_valuation(h->e, a, 1, &v))
			continue;
		if (trading && !w->reduces[a] && w->available[a] >= 0 && v.available < 0)
			broken(w, "account %u: available fell from %" PRId64 " to %" PRId64 " by trading", a, w->available[a], v.available);
		w->available[a] = v.available;
	}
}

/* Commands after which no order of a kind may work. */
static void
check_swept(Watch *w, const ClrOutcome *out)
{
	uint32_t	instrument = out->instrument;
	bool		closes = out->type == CLR_CMD_SET_PHASE && w->cmd.u.phase.phase == CLR_PHASE_CLOSED;

	if (out->reason != CLR_OK || out->duplicate ||
		!(closes || out->type == CLR_CMD_EXPIRE || out->type == CLR_CMD_MASS_CANCEL))
		return;
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2 && (instrument == 0 || instrument == i); s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
			{
				const WatchOrder *o = &w->orders[w->instruments[i].book[s][k]];

				if (out->type == CLR_CMD_MASS_CANCEL && w->cmd.u.mass_cancel.side != 0 &&
					o->side != w->cmd.u.mass_cancel.side)
					continue;
				if (closes ? o->tif == CLR_TIF_DAY : out->type == CLR_CMD_EXPIRE ||
					w->cmd.account == 0 || w->cmd.account == o->account)
					broken(w, "order %" PRIu64 ": works after %s", o->id, clr_command_name(out->type));
			}
}

void
check_touched(Watch *w, const House *h)
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		if (w->instruments[i].touched)
		{
			check_book(w, h, i);
			check_stops(w, i);
			check_positions(w, i);
			w->instruments[i].touched = false;
		}
	if (clr_count_orders(h->e) != w->n_working)
		broken(w, "the engine has %" PRIu64 " orders, expected %" PRIu64, clr_count_orders(h->e), w->n_working);
}

void
after_command(Watch *w, const House *h)
{
	check_batch(w, &h->out);
	check_outcome(w, &h->out);
	check_once(w, &w->whole, &h->out);
	check_bust(w, &h->out);
	check_rate(w, &h->out);
	if (h->out.type != CLR_CMD_BATCH)
	{
		check_limits(w, &h->out);
		check_followed(w);
	}
	check_switches(w, &h->out);
	check_swept(w, &h->out);
	check_touched(w, h);
	check_available(w, h);
}
