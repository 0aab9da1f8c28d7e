/*
 * watch_restate.c
 *	  Orders that change: replaced by their owners, or by the house (refilled,
 *	  moved, cut, triggered); and who keeps his place in the queue.
 *
 * The house changes an order for the reasons below and for no other.  A place
 * that is lost is the last of all; the accountant's own count follows.
 */
#include "watch_internal.h"

static bool
event_attr(const ClrOrderEvent *ev, ClrAttr attr, int64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < ev->attrs.n; i++)
		if (clr_pair_attr(&ev->attrs, i, value) == attr)
			return true;
	*value = 0;
	return false;
}

static void
check_place(Watch *w, WatchOrder *o, const ClrOrderEvent *ev, bool keeps)
{
	if (keeps != (ev->priority == o->priority) || (!keeps && ev->priority <= w->top_priority))
		broken(w, "order %" PRIu64 ": %s its priority", o->id, keeps ? "should have kept" : "should have lost");
	if (keeps)
		return;
	o->priority = w->top_priority = ev->priority;
	o->arrival = ++w->arrivals;
}

/*----------------------------------------------------------------
 * Replaces
 *----------------------------------------------------------------
 */
/* Attributes whose change nobody else sees. */
static bool
is_private(uint8_t attr)
{
	return attr == CLR_ATTR_EXPIRE_TIME || attr == CLR_ATTR_SMP_ID || attr == CLR_ATTR_SESSION;
}

static bool
attributes_keep(const WatchOrder *o, const ClrPairs *pairs)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(pairs, i, &value);
		bool		gone = (attr & CLR_ATTR_GONE) != 0;

		attr &= (uint8_t) ~CLR_ATTR_GONE;
		if (!is_private(attr) && (gone == has(o, (ClrAttr) attr) || (!gone && o->attr[attr] != value)))
			return false;
	}
	return true;
}

/* Limit that the order has: of a peg it is an attribute, of a market order none. */
static int64_t
limit_of(const WatchOrder *o)
{
	return o->ord_type == CLR_ORD_PEGGED ? o->attr[CLR_ATTR_PEG_LIMIT] : o->price;
}

/* What the quantity of the command makes of the order. */
static int64_t
new_total(Watch *w, const WatchOrder *o)
{
	bool		total = instrument_of(w, o->instrument)->rule[CLR_RULE_IN_FLIGHT_MITIGATION] != 0;

	return w->cmd.u.replace.qty + (total ? 0 : o->cum);
}

/* CME's table, if the instrument has it. */
static bool
should_keep(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	const ClrCommand *c = &w->cmd;
	uint8_t		type = c->u.replace.ord_type;
	bool		same_price = c->u.replace.price == limit_of(o) ||
		((o->ord_type == CLR_ORD_MARKET) && ev->ord_type == CLR_ORD_MARKET);

	return instrument_of(w, o->instrument)->keeps && same_price && new_total(w, o) <= o->qty &&
		(type == 0 || type == o->ord_type) && attributes_keep(o, &c->pairs) &&
		ev->time_in_force != CLR_TIF_IOC && ev->time_in_force != CLR_TIF_FOK;
}

/* Is it what the command says now? */
static void
check_replaced(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	const ClrCommand *c = &w->cmd;
	bool		moves = ev->ord_type == CLR_ORD_PEGGED || ev->ord_type == CLR_ORD_MARKET ||
		(o->exec_inst & CLR_EXEC_POST_ONLY_REPRICE) != 0;
	bool		cut = (o->exec_inst & CLR_EXEC_REDUCE_ONLY) != 0;
	int64_t		total = new_total(w, o);

	if (cut ? ev->order_qty > total : ev->order_qty != total)
		broken(w, "order %" PRIu64 ": replaced to %" PRId64 " lots, the command says %" PRId64, o->id, ev->order_qty, total);
	if (!moves && ev->price != c->u.replace.price)
		broken(w, "order %" PRIu64 ": replaced by another price than the command's", o->id);
	if (c->u.replace.time_in_force != 0 ? ev->time_in_force != c->u.replace.time_in_force - 1 :
		ev->time_in_force != o->tif)
		broken(w, "order %" PRIu64 ": replaced by another time in force", o->id);
	for (unsigned i = 0; i < c->pairs.n; i++)
	{
		int64_t		value;
		int64_t		now;
		uint8_t		attr = clr_pair_attr(&c->pairs, i, &value);
		bool		gone = (attr & CLR_ATTR_GONE) != 0;

		attr &= (uint8_t) ~CLR_ATTR_GONE;
		if (event_attr(ev, (ClrAttr) attr, &now) == gone || now != value)
			broken(w, "order %" PRIu64 ": attribute %u is not what the replace says", o->id, attr);
	}
}

void
take_replaced(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	bool		keeps = should_keep(w, o, ev);
	bool		same_limit = ev->price == o->price;

	if (w->cmd.type != CLR_CMD_REPLACE_ORDER || w->incoming != 0)
		broken(w, "order %" PRIu64 ": replaced by something else than one replace", o->id);
	if (o->state != WORKING)
		broken(w, "order %" PRIu64 ": replaced but not working", o->id);
	check_replaced(w, o, ev);
	w->passive = ev->order_qty <= o->qty &&
		(o->side == CLR_SIDE_BUY ? ev->price <= o->price : ev->price >= o->price);
	check_place(w, o, ev, keeps);
	o->price = ev->price;
	o->qty = ev->order_qty;
	o->ord_type = ev->ord_type;
	o->tif = ev->time_in_force;
	if (keeps)
		return;
	book_remove(w, o, INCOMING);
	w->incoming = o->id;
	note_entry(w, o);
	if (!same_limit)
		check_entry_price(w, o);
}

/*----------------------------------------------------------------
 * Restatements
 *----------------------------------------------------------------
 */
/* Lots of a position that a buyer or seller can close. */
static int64_t
closable(const Watch *w, uint32_t account, uint32_t instrument, bool buys)
{
	int64_t		qty = w->positions[instrument % WATCH_INSTRUMENTS][account % WATCH_ACCOUNTS].qty;

	qty = buys ? -qty : qty;
	return qty > 0 ? qty : 0;
}

/* Lots that an order can reduce; of a spread as many as all of its legs can. */
static int64_t
room_of(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	int64_t		room = INT64_MAX;

	if (!in->spread)
		return closable(w, o->account, o->instrument, o->side == CLR_SIDE_BUY);
	for (int i = 0; i < CLR_LEGS_MAX && in->legs[i].ratio != 0; i++)
	{
		int64_t		ratio = in->legs[i].ratio;
		int64_t		lots = closable(w, o->account, in->legs[i].instrument, (o->side == CLR_SIDE_BUY) == (ratio > 0)) /
			(ratio < 0 ? -ratio : ratio);

		room = lots < room ? lots : room;
	}
	return room;
}

/* Fewer lots: to prevent a self-match, or because there is less to reduce. */
static void
take_cut(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	if (ev->order_qty >= o->qty || ev->price != o->price)
		broken(w, "order %" PRIu64 ": restated from %" PRId64 " to %" PRId64 " lots", o->id, o->qty, ev->order_qty);
	check_place(w, o, ev, true);
	o->qty = ev->order_qty;
	if (ev->reason == CLR_R_SELF_MATCH_DECREMENT)
		w->decremented++;
	if (ev->reason == CLR_R_REDUCE_ONLY && leaves_of(o) != room_of(w, o))
		broken(w, "order %" PRIu64 ": cut to %" PRId64 " lots, there are %" PRId64 " to reduce", o->id, leaves_of(o), room_of(w, o));
}

static void
take_peg(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	int64_t		value;
	bool		parked = event_attr(ev, CLR_ATTR_PARKED, &value);

	if (parked && ev->price != 0)
		broken(w, "order %" PRIu64 ": a peg without a place has a price", o->id);
	/* one that waits has no place to lose */
	check_place(w, o, ev, parked || (ev->price == o->price && !is_parked(o)));
	o->price = ev->price;
}

/* The next peak of an iceberg whose last one is used up. */
static void
take_refill(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	int64_t		shown;
	int64_t		expected = o->attr[CLR_ATTR_DISPLAY_QTY] + o->attr[CLR_ATTR_SHOWN_QTY];

	if (expected > leaves_of(o))
		expected = leaves_of(o);
	if (!event_attr(ev, CLR_ATTR_SHOWN_QTY, &shown) || shown != expected)
		broken(w, "order %" PRIu64 ": refilled to %" PRId64 " lots, expected %" PRId64, o->id, shown, expected);
	check_place(w, o, ev, false);
	w->refills++;
}

/* An order that was beyond the limits of the day, in its old place. */
static void
come_back(Watch *w, WatchOrder *o, const ClrOrderEvent *ev, bool waits)
{
	uint8_t		phase = instrument_of(w, o->instrument)->phase;

	check_place(w, o, ev, true);
	o->price = ev->price;
	o->qty = ev->order_qty;
	if (waits || (phase != CLR_PHASE_CONTINUOUS && phase != CLR_PHASE_TRADE_AT_CLOSE))
		return;
	settle_before(w);
	book_remove(w, o, INCOMING);
	w->incoming = o->id;
	find_range(w, o->instrument);
}

void
take_restated(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int64_t		link;
	int64_t		parked;
	bool		linked = event_attr(ev, CLR_ATTR_LINK, &link);
	bool		waits = event_attr(ev, CLR_ATTR_PARKED, &parked);

	if (ev->reason == CLR_R_SELF_MATCH_DECREMENT || ev->reason == CLR_R_REDUCE_ONLY)
	{
		take_cut(w, o, ev);
		return;
	}
	if (has(o, CLR_ATTR_PARKED) && o->attr[CLR_ATTR_PARKED] == CLR_PARKED_LIMITS)
	{
		come_back(w, o, ev, waits);
		return;
	}
	if (ev->reason != CLR_OK)
		broken(w, "order %" PRIu64 ": restated because of %u", o->id, ev->reason);
	if (linked != has(o, CLR_ATTR_LINK) || link != o->attr[CLR_ATTR_LINK])
		check_place(w, o, ev, true);
	else if (ev->order_qty < o->qty && linked && in->rule[CLR_RULE_LINK] == CLR_LINK_REDUCE)
	{
		check_place(w, o, ev, true);
		o->qty = ev->order_qty;
	}
	else if (o->ord_type == CLR_ORD_PEGGED)
		take_peg(w, o, ev);
	else if (has(o, CLR_ATTR_SHOWN_QTY) && o->attr[CLR_ATTR_SHOWN_QTY] <= 0)
		take_refill(w, o, ev);
	else if (o->ord_type == CLR_ORD_MARKET && ev->ord_type == CLR_ORD_LIMIT)
	{
		/* left of an auction, or as it enters */
		check_place(w, o, ev, o->state == INCOMING);
		o->ord_type = CLR_ORD_LIMIT;
		o->price = ev->price;
	}
	else if (is_parked(o) && o->attr[CLR_ATTR_PARKED] == CLR_PARKED_STOP && in->phase != CLR_PHASE_CONTINUOUS)
		check_place(w, o, ev, false);
	else if (waits && (parked == CLR_PARKED_AUCTION || parked == CLR_PARKED_LIMITS) && !is_parked(o))
		check_place(w, o, ev, true);
	else
		broken(w, "order %" PRIu64 ": restated for no reason", o->id);
}

/* Has the price been at the stop price in this command? */
static void
check_met(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	int			kind = o->attr[CLR_ATTR_TRIGGER] == CLR_TRIGGER_MARK;
	int64_t		stop = o->attr[CLR_ATTR_STOP_PX];

	if (has(o, CLR_ATTR_TRAIL_OFFSET))
		return;
	/* or is about to be, by an auction that it joins */
	if (in->rule[CLR_RULE_AUCTION_STOPS] != 0 && in->phase != CLR_PHASE_CONTINUOUS)
		return;
	if (!(kind ? in->has_mark : in->has_last) ||
		(o->side == CLR_SIDE_BUY ? in->seen[kind][1] < stop : in->seen[kind][0] > stop))
		broken(w, "order %" PRIu64 ": triggered, but its stop price %" PRId64 " was not met", o->id, stop);
}

/* A stop that runs, or an order whose auction has come. */
void
take_triggered(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	bool		stop = is_parked(o) && o->attr[CLR_ATTR_PARKED] == CLR_PARKED_STOP;

	if (!is_parked(o) && o->state != INCOMING)
		broken(w, "order %" PRIu64 ": triggered, but it did not wait", o->id);
	if (o->ord_type == CLR_ORD_STOP || o->ord_type == CLR_ORD_STOP_LIMIT)
		check_met(w, o);
	if (o->state != INCOMING || stop)
		check_place(w, o, ev, !stop);
	o->price = ev->price;
	o->qty = ev->order_qty;
	o->ord_type = ev->ord_type;
	/* at once: this is what was checked */
	if (o->state == INCOMING)
		o->entered_qty = o->qty;
	if (!stop || o->id == w->incoming)
		return;
	w->triggered++;
	o->triggered_by = w->serial;
	/* in a call it joins those that are there */
	if (instrument_of(w, o->instrument)->phase != CLR_PHASE_CONTINUOUS && o->state == WORKING)
		return;
	settle_before(w);
	book_remove(w, o, INCOMING);
	w->incoming = o->id;
	find_range(w, o->instrument);
}
