/*
 * watch_order.c
 *	  What events say of orders: entered, filled, ended.
 */
#include "watch_internal.h"

static void
take_attributes(WatchOrder *o, const ClrOrderEvent *ev)
{
	o->present = 0;
	memset(o->attr, 0, sizeof(o->attr));
	for (unsigned i = 0; i < ev->attrs.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&ev->attrs, i, &value);

		o->present |= UINT32_C(1) << attr;
		o->attr[attr] = value;
		if (attr <= CLR_ATTR_SETTABLE && attr != CLR_ATTR_SESSION)
			o->plain = false;
	}
	if (o->exec_inst != (o->exec_inst & (CLR_EXEC_POST_ONLY | CLR_EXEC_CANCEL_ON_DISCONNECT)) ||
		(o->ord_type != CLR_ORD_LIMIT && o->ord_type != CLR_ORD_MARKET) ||
		(o->tif > CLR_TIF_FOK && o->tif != CLR_TIF_GTD) || o->tif == CLR_TIF_AT_OPENING)
		o->plain = false;
}

/* Takes its price from the market, or has none. */
static bool
has_own_price(const Watch *w, const WatchOrder *o)
{
	return o->ord_type == CLR_ORD_LIMIT && (o->exec_inst & CLR_EXEC_POST_ONLY_REPRICE) == 0 &&
		(w->cmd.type != CLR_CMD_NEW_ORDER || w->cmd.u.order.ord_type == CLR_ORD_LIMIT);
}

/* Is a new order what the command says? */
static void
check_entered(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	const ClrCommand *c = &w->cmd;
	bool		cut = (o->exec_inst & CLR_EXEC_REDUCE_ONLY) != 0;

	if (o->account != c->account || o->instrument != c->u.order.instrument ||
		o->side != c->u.order.side || o->ord_type != c->u.order.ord_type ||
		o->tif != c->u.order.time_in_force || o->exec_inst != c->u.order.exec_inst ||
		(c->u.order.self_match != CLR_SMP_DEFAULT && o->self_match != c->u.order.self_match) ||
		(has_own_price(w, o) && o->price != c->u.order.price) ||
		(cut ? o->qty > c->u.order.qty : o->qty != c->u.order.qty) || ev->ref_len != c->ref.len)
		broken(w, "order %" PRIu64 ": is not what the command says", o->id);
	for (unsigned i = 0; i < c->pairs.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&c->pairs, i, &value);

		if (!has(o, (ClrAttr) attr) || o->attr[attr] != value)
			broken(w, "order %" PRIu64 ": has not the attribute %u of the command", o->id, attr);
	}
}

/* The order that came in before has found its place. */
void
settle_before(Watch *w)
{
	WatchOrder *o = w->incoming != 0 ? &w->orders[w->incoming] : NULL;

	if (o != NULL && o->state == INCOMING)
		book_add(w, o);
}

/* What holds for an order as it comes in. */
void
note_entry(Watch *w, WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);

	find_range(w, o->instrument);
	o->entered_qty = o->qty;
	o->entered_cum = o->cum;
	o->by_market = is_parked(o) || !has_own_price(w, o);
	w->has_collar = !in->spread && (in->has_mark || in->has_last);
	w->collar_reference = in->has_mark ? in->mark : in->last;
}

static void
take_new(Watch *w, const ClrOrderEvent *ev)
{
	WatchOrder *o;

	if (ev->order_id != w->next_order)
		broken(w, "order %" PRIu64 ": ids are not consecutive, expected %" PRIu64, ev->order_id, w->next_order);
	settle_before(w);
	if (w->cmd.type != CLR_CMD_MASS_QUOTE && (w->incoming != 0 || w->cmd.type != CLR_CMD_NEW_ORDER))
		broken(w, "order %" PRIu64 ": entered by something else than one new order", ev->order_id);
	w->next_order = ev->order_id + 1;
	w->orders = mirror_grow(w->orders, &w->cap_orders, w->next_order + 1, sizeof(WatchOrder));
	o = &w->orders[ev->order_id];
	*o = (WatchOrder) {.id = ev->order_id, .account = ev->account, .instrument = ev->instrument,
		.side = ev->side, .ord_type = ev->ord_type, .tif = ev->time_in_force,
		.exec_inst = ev->exec_inst, .self_match = ev->self_match, .state = INCOMING,
	.price = ev->price, .qty = ev->order_qty, .arrival = ++w->arrivals, .plain = true};
	take_attributes(o, ev);
	if (ev->priority <= w->top_priority)
		broken(w, "order %" PRIu64 ": priority %" PRIu64 " is not behind all others", o->id, ev->priority);
	o->priority = w->top_priority = ev->priority;
	w->incoming = o->id;
	note_entry(w, o);
	if (w->cmd.type == CLR_CMD_NEW_ORDER)
		check_entered(w, o, ev);
	check_entry_price(w, o);
	if (ev->cum_qty != 0 || ev->cum_value != 0)
		broken(w, "order %" PRIu64 ": filled when entered", o->id);
}

/* Only orders that must not trade with each other, but would, may be cancelled. */
static void
check_self_match(Watch *w, const WatchOrder *o)
{
	WatchOrder *in = w->incoming != 0 ? &w->orders[w->incoming] : NULL;
	WatchOrder *first = first_of(w, o->instrument, side_of(o->side));
	WatchOrder *other = first_of(w, o->instrument, !side_of(o->side));

	/* market orders that rest meet what their protection allows */
	if ((first != NULL && first->ord_type == CLR_ORD_MARKET) ||
		(other != NULL && other->ord_type == CLR_ORD_MARKET))
		return;

	if (in == o)
	{
		/* cancel-both took the resting order away before */
		if ((o->self_match == CLR_SMP_CANCEL_BOTH || o->self_match == CLR_SMP_DECREMENT_BOTH) &&
			w->ended + w->decremented > 0)
			return;
		if (other == NULL || smp_of(w, other) != smp_of(w, o) ||
			!would_trade(o->side, o->ord_type == CLR_ORD_MARKET, o->price, other))
			broken(w, "order %" PRIu64 ": self-match with nobody", o->id);
		return;
	}
	/* the newer one of a pair in an auction is no incoming order */
	if (in == NULL || in->state != INCOMING || instrument_of(w, o->instrument)->phase != CLR_PHASE_CONTINUOUS)
		return;
	if (first != o)
		broken(w, "order %" PRIu64 ": self-match of an order that is not first", o->id);
	if (smp_of(w, in) != smp_of(w, o) ||
		!would_trade(in->side, in->ord_type == CLR_ORD_MARKET, in->price, o))
		broken(w, "order %" PRIu64 ": self-match with another account", o->id);
}

static bool
is_self_match(uint16_t reason)
{
	return reason == CLR_R_SELF_MATCH || reason == CLR_R_SELF_MATCH_AGGRESSOR ||
		reason == CLR_R_SELF_MATCH_BOTH || reason == CLR_R_SELF_MATCH_DECREMENT;
}

static void
check_ended(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	WatchOrder *other;

	if (ev->leaves_qty != 0 || ev->reason == CLR_OK)
		broken(w, "order %" PRIu64 ": ended with leaves %" PRId64 " reason %u", o->id, ev->leaves_qty, ev->reason);
	if (leaves_of(o) == 0)
		broken(w, "order %" PRIu64 ": filled and ended", o->id);
	if (!is_fifo(in))
		return;
	if (is_self_match(ev->reason))
		check_self_match(w, o);
	if (ev->reason != CLR_R_IOC_REMAINDER)
		return;
	if (o->id != w->incoming ||
		(o->ord_type != CLR_ORD_MARKET && o->tif != CLR_TIF_IOC && o->tif != CLR_TIF_FOK))
		broken(w, "order %" PRIu64 ": remainder cancelled of an order that may work", o->id);
	other = first_limit(w, o->instrument, !side_of(o->side));
	/* protection and ranges say how far a market order goes */
	if (other != NULL && in->phase == CLR_PHASE_CONTINUOUS && !w->interrupted &&
		(o->ord_type != CLR_ORD_MARKET || in->rule[CLR_RULE_PROTECTION_POINTS] == 0) &&
		would_trade(o->side, o->ord_type == CLR_ORD_MARKET, o->price, other))
		broken(w, "order %" PRIu64 ": remainder cancelled, but order %" PRIu64 " would trade", o->id, other->id);
}

/* Status, quantities and everything that can't change. */
static void
check_report(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	bool		ended = ev->ord_status == CLR_STATUS_CANCELED || ev->ord_status == CLR_STATUS_EXPIRED;
	uint8_t		status = o->cum == 0 ? CLR_STATUS_NEW :
		leaves_of(o) == 0 ? CLR_STATUS_FILLED : CLR_STATUS_PARTIALLY_FILLED;

	if (ev->order_qty != o->qty || ev->cum_qty != o->cum || ev->cum_value != o->value)
		broken(w, "order %" PRIu64 ": reports %" PRId64 "/%" PRId64 " value %" PRId64 ", the trades say %" PRId64 "/%" PRId64 " value %" PRId64,
			   o->id, ev->cum_qty, ev->order_qty, ev->cum_value, o->cum, o->qty, o->value);
	if (!ended && (ev->leaves_qty != leaves_of(o) || ev->ord_status != status))
		broken(w, "order %" PRIu64 ": leaves %" PRId64 " status %c, expected %" PRId64 " %c", o->id,
			   ev->leaves_qty, ev->ord_status, leaves_of(o), status);
	if (ev->cum_qty < 0 || ev->cum_qty > ev->order_qty)
		broken(w, "order %" PRIu64 ": filled %" PRId64 " of %" PRId64, o->id, ev->cum_qty, ev->order_qty);
	if (ev->price != o->price || ev->side != o->side || ev->account != o->account ||
		ev->instrument != o->instrument || ev->time_in_force != o->tif ||
		ev->ord_type != o->ord_type || ev->exec_inst != o->exec_inst ||
		ev->self_match != o->self_match || ev->priority != o->priority)
		broken(w, "order %" PRIu64 ": became another order", o->id);
}

/* An iceberg in the book shows something, and never more than its peak. */
static void
check_peak(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	/* one that waits shows nothing yet */
	if (!has(o, CLR_ATTR_DISPLAY_QTY) || ev->leaves_qty == 0 || !has(o, CLR_ATTR_SHOWN_QTY))
		return;
	if (shown_of(o) > o->attr[CLR_ATTR_DISPLAY_QTY] || shown_of(o) > leaves_of(o))
		broken(w, "order %" PRIu64 ": shows %" PRId64 " of %" PRId64 " lots, its peak is %" PRId64, o->id,
			   shown_of(o), leaves_of(o), o->attr[CLR_ATTR_DISPLAY_QTY]);
}

/*
 * An order of a spread says itself what it traded: then its legs did, each its
 * ratio, at prices that add up.
 */
static void
take_spread_fill(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int64_t		lots = ev->cum_qty - o->said_cum;

	for (int i = 0; i < CLR_LEGS_MAX; i++)
	{
		int64_t		ratio = in->legs[i].ratio < 0 ? -in->legs[i].ratio : in->legs[i].ratio;

		if (lots < 0 || o->leg_lots[i] != lots * ratio)
			broken(w, "order %" PRIu64 ": %" PRId64 " lots of a spread, but leg %d traded %" PRId64, o->id, lots, i, o->leg_lots[i]);
		o->leg_lots[i] = 0;
	}
	if (o->leg_value != ev->cum_value - o->said_value)
		broken(w, "order %" PRIu64 ": the legs' prices don't add up to the spread's", o->id);
	if (lots > 0 && o->ord_type == CLR_ORD_LIMIT &&
		(o->side == CLR_SIDE_BUY ? o->leg_value > (clr_int128) o->price * lots :
		 o->leg_value < (clr_int128) o->price * lots))
		broken(w, "order %" PRIu64 ": of a spread, filled beyond its limit", o->id);
	o->leg_value = 0;
	o->cum = o->said_cum = ev->cum_qty;
	o->value = o->said_value = ev->cum_value;
}

/* An order against a position may be one that is never refused. */
static void
note_reducing(Watch *w, const WatchOrder *o)
{
	int64_t		qty;

	if (o->account >= WATCH_ACCOUNTS)
		return;
	qty = w->positions[o->instrument % WATCH_INSTRUMENTS][o->account].qty;
	if (o->side == CLR_SIDE_BUY ? qty < 0 : qty > 0)
		w->reduces[o->account] = true;
}

static void
take_change(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	if (instrument_of(w, o->instrument)->spread)
		take_spread_fill(w, o, ev);
	if (ev->exec_type == CLR_EXEC_REPLACED)
		take_replaced(w, o, ev);
	else if (ev->exec_type == CLR_EXEC_RESTATED)
		take_restated(w, o, ev);
	else if (ev->exec_type == CLR_EXEC_TRIGGERED)
		take_triggered(w, o, ev);
	/* what is left of a protected market order becomes a limit order as it rests */
	else if (o->ord_type == CLR_ORD_MARKET && ev->ord_type == CLR_ORD_LIMIT && o->id == w->incoming &&
			 instrument_of(w, o->instrument)->rule[CLR_RULE_MARKET_REMAINDER] != 0)
		o->ord_type = CLR_ORD_LIMIT;
	take_attributes(o, ev);
}

void
take_order(Watch *w, const ClrOrderEvent *ev)
{
	WatchOrder *o;

	if (ev->exec_type == CLR_EXEC_NEW)
		take_new(w, ev);
	o = order_of(w, ev->order_id);
	if (o->state == DONE || o->state == UNSEEN)
		broken(w, "order %" PRIu64 ": reported after its end", ev->order_id);
	if (ev->exec_type != CLR_EXEC_NEW)
		take_change(w, o, ev);
	check_report(w, o, ev);
	check_peak(w, o, ev);
	o->unreported = false;
	instrument_of(w, o->instrument)->touched = true;
	note_reducing(w, o);
	if (ev->ord_status == CLR_STATUS_CANCELED || ev->ord_status == CLR_STATUS_EXPIRED)
	{
		check_ended(w, o, ev);
		o->end_reason = ev->reason;
		if (o->id != w->incoming)
			w->ended++;
		book_remove(w, o, DONE);
	}
	else if (leaves_of(o) == 0)
		book_remove(w, o, DONE);
}

/* Fill or kill, minimum quantity: what was promised at entry. */
static void
check_promises(Watch *w, const WatchOrder *o, uint16_t reason)
{
	bool		prevented = o->self_match == CLR_SMP_DECREMENT_BOTH && w->decremented + w->ended > 0;

	/* the ranges of a spread's legs may be reached in between */
	if (is_combined(instrument_of(w, o->instrument)) || reason == CLR_R_LEG_PHASE)
		return;
	if (o->tif == CLR_TIF_FOK && o->cum != o->qty && !prevented)
		broken(w, "order %" PRIu64 ": fill-or-kill filled %" PRId64 " of %" PRId64, o->id, o->cum, o->qty);
	if (has(o, CLR_ATTR_MIN_QTY) && w->cmd.type == CLR_CMD_NEW_ORDER && !prevented &&
		o->cum < o->attr[CLR_ATTR_MIN_QTY])
		broken(w, "order %" PRIu64 ": filled %" PRId64 ", its minimum is %" PRId64, o->id, o->cum, o->attr[CLR_ATTR_MIN_QTY]);
}

/* May what it has left work on? */
static bool
may_rest(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);

	if (leaves_of(o) == 0 || o->tif == CLR_TIF_IOC || o->tif == CLR_TIF_FOK)
		return false;
	return o->ord_type != CLR_ORD_MARKET || in->phase != CLR_PHASE_CONTINUOUS ||
		in->rule[CLR_RULE_MARKET_ORDERS_REST] != 0 || has(o, CLR_ATTR_PARKED);
}

/* The order that came in rests if anything is left of it. */
void
settle_incoming(Watch *w, const ClrOutcome *out)
{
	WatchOrder *o;

	if (w->incoming == 0)
		return;
	o = &w->orders[w->incoming];
	check_promises(w, o, out->reason);
	/* the id of other commands is not that of an order */
	if ((w->cmd.type == CLR_CMD_NEW_ORDER || w->cmd.type == CLR_CMD_REPLACE_ORDER) && o->plain && out->id == o->id &&
		(out->order_qty != o->qty || out->cum_qty != o->cum ||
		 out->cum_value != o->value || out->leaves_qty != (o->state == DONE ? 0 : leaves_of(o))))
		broken(w, "order %" PRIu64 ": the outcome says something else than the events", o->id);
	if (o->state != INCOMING)
		return;
	if (!may_rest(w, o))
		broken(w, "order %" PRIu64 ": rests, but may not", o->id);
	book_add(w, o);
}
