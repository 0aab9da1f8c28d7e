/*
 * watch.c
 *	  The rules of the house, told from its events alone; see watch.h.
 */
#include "watch.h"

#include <stdarg.h>

static void __attribute__((format(printf, 2, 3)))
broken(Watch *w, const char *format,...)
{
	va_list		args;

	if (w->text[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
}

void
watch_init(Watch *w)
{
	memset(w, 0, sizeof(*w));
	w->orders = mirror_grow(NULL, &w->cap_orders, 2, sizeof(WatchOrder));
	w->next_order = w->next_trade = w->next_entry = w->next_settlement = 1;
}

void
watch_free(Watch *w)
{
	for (int i = 0; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			free(w->instruments[i].book[s]);
	free(w->orders);
}

/*----------------------------------------------------------------
 * Books
 *----------------------------------------------------------------
 */
static WatchInstrument *
instrument_of(Watch *w, uint32_t id)
{
	if (id >= WATCH_INSTRUMENTS)
	{
		broken(w, "watch: more instruments than there is room for");
		id = 0;
	}
	return &w->instruments[id];
}

static int64_t
leaves_of(const WatchOrder *o)
{
	return o->qty - o->cum;
}

static int
side_of(uint8_t side)
{
	return side == CLR_SIDE_SELL;
}

static void
book_add(Watch *w, WatchOrder *o)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int			s = side_of(o->side);

	if (in->n[s] == in->cap[s])
	{
		in->cap[s] = in->cap[s] * 2 + 64;
		in->book[s] = realloc(in->book[s], in->cap[s] * sizeof(uint64_t));
	}
	in->book[s][in->n[s]++] = o->id;
	o->state = WORKING;
	w->n_working++;
}

static void
book_remove(Watch *w, WatchOrder *o, WatchState state)
{
	WatchInstrument *in = instrument_of(w, o->instrument);
	int			s = side_of(o->side);

	for (size_t i = 0; i < in->n[s] && o->state == WORKING; i++)
		if (in->book[s][i] == o->id)
		{
			in->book[s][i] = in->book[s][--in->n[s]];
			w->n_working--;
			break;
		}
	o->state = (uint8_t) state;
}

static bool
better(const WatchOrder *a, const WatchOrder *b)
{
	if (a->price != b->price)
		return a->side == CLR_SIDE_BUY ? a->price > b->price : a->price < b->price;
	return a->arrival < b->arrival;
}

/* The first in line of a side; NULL if it is empty. */
static WatchOrder *
first_of(Watch *w, uint32_t instrument, int side)
{
	WatchInstrument *in = instrument_of(w, instrument);
	WatchOrder *first = NULL;

	for (size_t i = 0; i < in->n[side]; i++)
	{
		WatchOrder *o = &w->orders[in->book[side][i]];

		if (leaves_of(o) > 0 && !o->parked && (first == NULL || better(o, first)))
			first = o;
	}
	return first;
}

static bool
would_trade(uint8_t side, bool market, int64_t price, const WatchOrder *with)
{
	return market || (side == CLR_SIDE_BUY ? price >= with->price : price <= with->price);
}

static void
loosen(Watch *w, uint32_t instrument)
{
	instrument_of(w, instrument)->loose = true;
	w->any_loose = true;
}

static bool
is_loose(Watch *w, uint32_t instrument)
{
	return instrument_of(w, instrument)->loose;
}

/*----------------------------------------------------------------
 * Orders
 *----------------------------------------------------------------
 */
static WatchOrder *
order_of(Watch *w, uint64_t id)
{
	if (id == 0 || id >= w->next_order)
	{
		broken(w, "order %" PRIu64 ": never entered", id);
		id = 0;
	}
	return &w->orders[id];
}

/* What an order says in its attributes that the rules here look at. */
static void
take_attributes(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	o->parked = false;
	o->smp = 0;
	for (unsigned i = 0; i < ev->attrs.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&ev->attrs, i, &value);

		if (attr == CLR_ATTR_PARKED)
			o->parked = value != CLR_PARKED_NOT;
		if (attr == CLR_ATTR_SMP_ID)
			o->smp = value;
		if (attr <= CLR_ATTR_SETTABLE && attr != CLR_ATTR_SESSION)
			o->plain = false;
	}
	if (o->exec_inst != (o->exec_inst & (CLR_EXEC_POST_ONLY | CLR_EXEC_CANCEL_ON_DISCONNECT)) ||
		(o->ord_type != CLR_ORD_LIMIT && o->ord_type != CLR_ORD_MARKET) ||
		(o->tif > CLR_TIF_FOK && o->tif != CLR_TIF_GTD) || o->tif == CLR_TIF_AT_OPENING)
		o->plain = false;
	if (!o->plain || o->parked)
		loosen(w, o->instrument);
}

static void
take_new(Watch *w, const ClrOrderEvent *ev)
{
	WatchOrder *o;

	if (ev->order_id != w->next_order)
		broken(w, "order %" PRIu64 ": ids are not consecutive, expected %" PRIu64, ev->order_id, w->next_order);
	if (w->incoming != 0 && w->cmd.type == CLR_CMD_MASS_QUOTE && w->orders[w->incoming].state == INCOMING)
		book_add(w, &w->orders[w->incoming]);
	else if (w->incoming != 0 || w->cmd.type != CLR_CMD_NEW_ORDER)
		if (w->cmd.type != CLR_CMD_MASS_QUOTE)
			broken(w, "order %" PRIu64 ": entered by something else than one new order", ev->order_id);
	w->next_order = ev->order_id + 1;
	w->orders = mirror_grow(w->orders, &w->cap_orders, w->next_order + 1, sizeof(WatchOrder));
	o = &w->orders[ev->order_id];
	*o = (WatchOrder) {.id = ev->order_id, .account = ev->account, .instrument = ev->instrument,
		.side = ev->side, .ord_type = ev->ord_type, .tif = ev->time_in_force,
		.exec_inst = ev->exec_inst, .self_match = ev->self_match, .state = INCOMING,
	.price = ev->price, .qty = ev->order_qty, .arrival = ++w->arrivals, .plain = true};
	take_attributes(w, o, ev);
	if (ev->priority <= w->top_priority)
		broken(w, "order %" PRIu64 ": priority %" PRIu64 " is not behind all others", o->id, ev->priority);
	o->priority = w->top_priority = ev->priority;
	w->incoming = o->id;
	if (w->cmd.type == CLR_CMD_NEW_ORDER &&
		(o->account != w->cmd.account || o->instrument != w->cmd.u.order.instrument ||
		 o->side != w->cmd.u.order.side || o->ord_type != w->cmd.u.order.ord_type ||
		 o->tif != w->cmd.u.order.time_in_force || o->exec_inst != w->cmd.u.order.exec_inst ||
		 (w->cmd.u.order.self_match != CLR_SMP_DEFAULT && o->self_match != w->cmd.u.order.self_match) ||
		 (o->plain && !is_loose(w, o->instrument) && (o->price != w->cmd.u.order.price || o->qty != w->cmd.u.order.qty)) || ev->ref_len != w->cmd.ref.len))
		broken(w, "order %" PRIu64 ": is not what the command says", o->id);
	if (ev->cum_qty != 0 || ev->cum_value != 0)
		broken(w, "order %" PRIu64 ": filled when entered", o->id);
}

static void
take_replaced(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	bool		keeps = instrument_of(w, o->instrument)->keeps && ev->price == o->price &&
		ev->order_qty <= o->qty;

	if (w->cmd.type != CLR_CMD_REPLACE_ORDER || w->incoming != 0)
		broken(w, "order %" PRIu64 ": replaced by something else than one replace", o->id);
	if (o->state != WORKING)
		broken(w, "order %" PRIu64 ": replaced but not working", o->id);
	if (!is_loose(w, o->instrument) && (ev->order_qty != w->cmd.u.replace.qty || ev->price != w->cmd.u.replace.price))
		broken(w, "order %" PRIu64 ": replaced by other values than the command's", o->id);
	o->price = ev->price;
	o->qty = ev->order_qty;
	if (is_loose(w, o->instrument))
	{
		keeps = ev->priority == o->priority;
		o->ord_type = ev->ord_type;
		o->tif = ev->time_in_force;
	}
	if (keeps != (ev->priority == o->priority) || (!keeps && ev->priority <= w->top_priority))
		broken(w, "order %" PRIu64 ": %s its priority", o->id, keeps ? "should have kept" : "should have lost");
	if (keeps)
		return;
	o->priority = w->top_priority = ev->priority;
	o->arrival = ++w->arrivals;
	book_remove(w, o, INCOMING);
	w->incoming = o->id;
}

/* Only orders of one account that would trade with each other may be cancelled. */
static void
check_self_match(Watch *w, const WatchOrder *o)
{
	WatchOrder *in = w->incoming != 0 ? &w->orders[w->incoming] : NULL;
	WatchOrder *first = first_of(w, o->instrument, side_of(o->side));
	WatchOrder *other = first_of(w, o->instrument, !side_of(o->side));

	if (in == o)
	{
		/* cancel-both took the resting order away before */
		if ((o->self_match == CLR_SMP_CANCEL_BOTH || o->self_match == CLR_SMP_DECREMENT_BOTH) &&
			w->ended + w->decremented > 0)
			return;
		if (other == NULL || other->account != o->account ||
			!would_trade(o->side, o->ord_type == CLR_ORD_MARKET, o->price, other))
			broken(w, "order %" PRIu64 ": self-match with nobody", o->id);
		return;
	}
	if (first != o)
		broken(w, "order %" PRIu64 ": self-match of an order that is not first", o->id);
	if (in != NULL && (in->account != o->account ||
					   !would_trade(in->side, in->ord_type == CLR_ORD_MARKET, in->price, o)))
		broken(w, "order %" PRIu64 ": self-match with another account", o->id);
}

static void
check_ended(Watch *w, const WatchOrder *o, const ClrOrderEvent *ev)
{
	WatchOrder *other;

	if (ev->leaves_qty != 0 || ev->reason == CLR_OK)
		broken(w, "order %" PRIu64 ": ended with leaves %" PRId64 " reason %u", o->id, ev->leaves_qty, ev->reason);
	if (leaves_of(o) == 0)
		broken(w, "order %" PRIu64 ": filled and ended", o->id);
	w->orders[o->id].end_reason = ev->reason;
	if (is_loose(w, o->instrument))
		return;
	if (ev->reason == CLR_R_SELF_MATCH || ev->reason == CLR_R_SELF_MATCH_AGGRESSOR ||
		ev->reason == CLR_R_SELF_MATCH_BOTH || ev->reason == CLR_R_SELF_MATCH_DECREMENT)
		check_self_match(w, o);
	if (ev->reason != CLR_R_IOC_REMAINDER)
		return;
	other = first_of(w, o->instrument, !side_of(o->side));
	if (o->id != w->incoming || (o->ord_type != CLR_ORD_MARKET && o->tif != CLR_TIF_IOC))
		broken(w, "order %" PRIu64 ": remainder cancelled of an order that may work", o->id);
	if (other != NULL && would_trade(o->side, o->ord_type == CLR_ORD_MARKET, o->price, other))
		broken(w, "order %" PRIu64 ": remainder cancelled, but order %" PRIu64 " would trade", o->id, other->id);
}

/* Self-match prevention takes lots from both; the one that loses all ends. */
static void
take_restated(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	if (is_loose(w, o->instrument))
	{
		/* refilled, moved, triggered, cut: what it may do is limited by its trades */
		o->price = ev->price;
		o->qty = ev->order_qty;
		o->ord_type = ev->ord_type;
		o->priority = ev->priority;
		if (ev->priority > w->top_priority)
			w->top_priority = ev->priority;
		return;
	}
	if (ev->reason != CLR_R_SELF_MATCH_DECREMENT || ev->order_qty >= o->qty)
		broken(w, "order %" PRIu64 ": restated from %" PRId64 " to %" PRId64 " lots", o->id, o->qty, ev->order_qty);
	o->qty = ev->order_qty;
	w->decremented++;
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

/* A report of an order may say at once how it was refilled or moved. */
static void
follow(Watch *w, WatchOrder *o, const ClrOrderEvent *ev)
{
	o->price = ev->price;
	o->ord_type = ev->ord_type;
	o->priority = ev->priority;
	if (ev->priority > w->top_priority)
		w->top_priority = ev->priority;
	if (!instrument_of(w, o->instrument)->spread)
		return;
	if (ev->cum_qty < o->cum || (ev->cum_qty > o->cum && !o->unreported))
		broken(w, "order %" PRIu64 ": of a spread, filled without trades of its legs", o->id);
	if (ev->cum_qty > o->cum && o->ord_type == CLR_ORD_LIMIT &&
		(o->side == CLR_SIDE_BUY ? ev->cum_value - o->value > o->price * (ev->cum_qty - o->cum) :
		 ev->cum_value - o->value < o->price * (ev->cum_qty - o->cum)))
		broken(w, "order %" PRIu64 ": of a spread, filled beyond its limit", o->id);
	o->cum = ev->cum_qty;
	o->value = ev->cum_value;
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
take_order(Watch *w, const ClrOrderEvent *ev)
{
	WatchOrder *o;

	if (ev->exec_type == CLR_EXEC_NEW)
		take_new(w, ev);
	o = order_of(w, ev->order_id);
	if (o->state == DONE || o->state == UNSEEN)
		broken(w, "order %" PRIu64 ": reported after its end", ev->order_id);
	if (ev->exec_type == CLR_EXEC_REPLACED)
		take_replaced(w, o, ev);
	else if (ev->exec_type == CLR_EXEC_RESTATED || ev->exec_type == CLR_EXEC_TRIGGERED)
		take_restated(w, o, ev);
	if (ev->exec_type != CLR_EXEC_NEW)
		take_attributes(w, o, ev);
	if (is_loose(w, o->instrument))
		follow(w, o, ev);
	check_report(w, o, ev);
	o->unreported = false;
	instrument_of(w, o->instrument)->touched = true;
	note_reducing(w, o);
	if (ev->ord_status == CLR_STATUS_CANCELED || ev->ord_status == CLR_STATUS_EXPIRED)
	{
		check_ended(w, o, ev);
		if (o->id != w->incoming)
			w->ended++;
		book_remove(w, o, DONE);
	}
	else if (leaves_of(o) == 0)
		book_remove(w, o, DONE);
}

/*----------------------------------------------------------------
 * Trades
 *----------------------------------------------------------------
 */
/*
 * Whoever trades first at a price and whatever started it: nobody trades
 * beyond his limit, and in continuous trading nobody ahead of a better price.
 */
static void
check_price(Watch *w, const ClrTradeEvent *t, WatchOrder *buy, WatchOrder *sell, WatchOrder *r)
{
	WatchOrder *first = first_of(w, t->instrument, side_of(r->side));

	if (buy->ord_type == CLR_ORD_LIMIT && t->price > buy->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", above the limit %" PRId64, t->trade_id, t->price, buy->price);
	if (sell->ord_type == CLR_ORD_LIMIT && t->price < sell->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", below the limit %" PRId64, t->trade_id, t->price, sell->price);
	if (buy->parked || sell->parked)
		broken(w, "trade %" PRIu64 ": of an order that waits", t->trade_id);
	if (w->cmd.type != CLR_CMD_NEW_ORDER || buy->state == sell->state || instrument_of(w, t->instrument)->phase != CLR_PHASE_CONTINUOUS)
		return;
	if (first != NULL && first->ord_type == CLR_ORD_LIMIT && r->ord_type == CLR_ORD_LIMIT &&
		(r->side == CLR_SIDE_BUY ? first->price > r->price : first->price < r->price))
		broken(w, "trade %" PRIu64 ": with order %" PRIu64 " at %" PRId64 ", but order %" PRIu64 " has the better price %" PRId64,
			   t->trade_id, r->id, r->price, first->id, first->price);
}

/* An order in the book of the leg itself has its limit. */
static void
check_leg_price(Watch *w, const ClrTradeEvent *t, const WatchOrder *buy, const WatchOrder *sell)
{
	if (buy->instrument == t->instrument && buy->ord_type == CLR_ORD_LIMIT && t->price > buy->price)
		broken(w, "trade %" PRIu64 ": of a leg at %" PRId64 ", above the limit %" PRId64, t->trade_id, t->price, buy->price);
	if (sell->instrument == t->instrument && sell->ord_type == CLR_ORD_LIMIT && t->price < sell->price)
		broken(w, "trade %" PRIu64 ": of a leg at %" PRId64 ", below the limit %" PRId64, t->trade_id, t->price, sell->price);
}

/* Of a leg, for an order of the spread. */
static bool
is_leg(Watch *w, const ClrTradeEvent *t, const WatchOrder *o)
{
	return o->instrument != t->instrument && instrument_of(w, o->instrument)->spread;
}

/* The same account may trade with itself in auctions and under two ids. */
static bool
may_meet(Watch *w, const ClrTradeEvent *t, const WatchOrder *buy, const WatchOrder *sell)
{
	return is_loose(w, t->instrument) && (is_leg(w, t, buy) || is_leg(w, t, sell) || buy->smp != sell->smp || w->cmd.type != CLR_CMD_NEW_ORDER ||
										  instrument_of(w, t->instrument)->phase != CLR_PHASE_CONTINUOUS);
}

static void
check_price_time(Watch *w, const ClrTradeEvent *t, WatchOrder *a, WatchOrder *r)
{
	WatchOrder *first = first_of(w, t->instrument, side_of(r->side));

	if (first != r)
		broken(w, "trade %" PRIu64 ": with order %" PRIu64 " at %" PRId64 ", but order %" PRIu64 " at %" PRId64 " is first",
			   t->trade_id, r->id, r->price, first ? first->id : 0, first ? first->price : 0);
	if (t->price != r->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", the resting order says %" PRId64, t->trade_id, t->price, r->price);
	if (a->id == w->incoming)
	{
		if (instrument_of(w, t->instrument)->phase != CLR_PHASE_CONTINUOUS)
			broken(w, "trade %" PRIu64 ": outside of continuous trading", t->trade_id);
		if ((a->exec_inst & CLR_EXEC_POST_ONLY) != 0)
			broken(w, "trade %" PRIu64 ": a post-only order initiated it", t->trade_id);
	}
	else if (first_of(w, t->instrument, side_of(a->side)) != a || a->arrival < r->arrival ||
			 w->cmd.type != CLR_CMD_SET_PHASE)
		broken(w, "trade %" PRIu64 ": the aggressor %" PRIu64 " is not the newer first order", t->trade_id, a->id);
	if (!would_trade(a->side, a->ord_type == CLR_ORD_MARKET, a->price, r))
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", beyond the limit %" PRId64, t->trade_id, t->price, a->price);
}

static void
fill(Watch *w, WatchOrder *o, const ClrTradeEvent *t, uint8_t side)
{
	WatchPosition *p;

	/* an order of a spread says itself what its legs add up to */
	if (o->instrument == t->instrument)
	{
		o->cum += t->qty;
		o->value += t->qty * t->price;
	}
	o->unreported = true;
	if (w->n_changed < sizeof(w->changed) / sizeof(w->changed[0]))
		w->changed[w->n_changed++] = o->id;
	if (o->account >= WATCH_ACCOUNTS)
	{
		broken(w, "watch: more accounts than there is room for");
		return;
	}
	p = &w->positions[t->instrument % WATCH_INSTRUMENTS][o->account];
	p->qty += side == CLR_SIDE_BUY ? t->qty : -t->qty;
	p->value += (clr_int128) t->price * (side == CLR_SIDE_BUY ? t->qty : -t->qty);
}

/* Nothing trades beyond the limits of the day, however it comes about. */
static void
check_limits(Watch *w, const ClrTradeEvent *t)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);

	if (in->settled && w->cmd.type != CLR_CMD_CORRECT_TRADE &&
		((in->limit[0] != 0 && t->price > in->settlement + in->limit[0]) ||
		 (in->limit[1] != 0 && t->price < in->settlement - in->limit[1])))
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", beyond the limits of the day", t->trade_id, t->price);
}

static void
take_trade(Watch *w, const ClrTradeEvent *t)
{
	WatchOrder *buy = order_of(w, t->buy_order);
	WatchOrder *sell = order_of(w, t->sell_order);
	WatchOrder *a = (t->aggressor & CLR_TRADE_SIDE) == CLR_SIDE_BUY ? buy : sell;
	WatchOrder *r = a == buy ? sell : buy;
	int64_t		most = leaves_of(a) < leaves_of(r) ? leaves_of(a) : leaves_of(r);

	if (t->trade_id != w->next_trade++)
		broken(w, "trade %" PRIu64 ": ids are not consecutive", t->trade_id);
	if ((!is_leg(w, t, buy) && (buy->side != CLR_SIDE_BUY || buy->instrument != t->instrument)) ||
		(!is_leg(w, t, sell) && (sell->side != CLR_SIDE_SELL || sell->instrument != t->instrument)) || buy->account != t->buy_account ||
		sell->account != t->sell_account)
		broken(w, "trade %" PRIu64 ": is not of its orders", t->trade_id);
	/* nobody looks at implied counterparties */
	w->self_trades = buy->account == sell->account;
	if (w->self_trades && !may_meet(w, t, buy, sell))
		broken(w, "trade %" PRIu64 ": account %u with itself", t->trade_id, buy->account);
	w->combined = is_leg(w, t, buy) || is_leg(w, t, sell);
	if (is_leg(w, t, buy))
		most = is_leg(w, t, sell) ? INT64_MAX : leaves_of(sell);
	else if (is_leg(w, t, sell))
		most = leaves_of(buy);
	check_limits(w, t);
	if (t->qty <= 0 || t->qty > most || (t->qty != most && !is_loose(w, t->instrument)))
		broken(w, "trade %" PRIu64 ": of %" PRId64 " lots, expected %" PRId64, t->trade_id, t->qty, most);
	if (w->combined)
		check_leg_price(w, t, buy, sell);
	else if (is_loose(w, t->instrument))
		check_price(w, t, buy, sell, r);
	else
		check_price_time(w, t, a, r);
	fill(w, buy, t, CLR_SIDE_BUY);
	fill(w, sell, t, CLR_SIDE_SELL);
	w->fees += (clr_int128) t->buy_fee + t->sell_fee;
	w->trades++;
	w->all_trades++;
	instrument_of(w, t->instrument)->touched = true;
}

/*----------------------------------------------------------------
 * Money and positions
 *----------------------------------------------------------------
 */
static int64_t *
balance_of(Watch *w, uint32_t account, uint32_t asset)
{
	if (account >= WATCH_ACCOUNTS || asset >= WATCH_ASSETS)
	{
		broken(w, "watch: more accounts or assets than there is room for");
		account = asset = 0;
	}
	return &w->balances[asset][account];
}

static void
take_ledger(Watch *w, const ClrLedgerEvent *l)
{
	int64_t    *debit = balance_of(w, l->debit_account, l->asset);
	int64_t    *credit = balance_of(w, l->credit_account, l->asset);

	if (l->entry != w->next_entry++)
		broken(w, "entry %" PRIu64 ": not consecutive", l->entry);
	if (l->amount <= 0 || (debit == credit && !w->self_trades))
		broken(w, "entry %" PRIu64 ": moves %" PRId64 " from %u to %u", l->entry, l->amount, l->debit_account, l->credit_account);
	if (__builtin_sub_overflow(*debit, l->amount, debit) ||
		__builtin_add_overflow(*credit, l->amount, credit))
		broken(w, "entry %" PRIu64 ": a balance overflows", l->entry);
	if (*debit != l->debit_balance || *credit != l->credit_balance)
		broken(w, "entry %" PRIu64 ": balances %" PRId64 " and %" PRId64 ", expected %" PRId64 " and %" PRId64,
			   l->entry, l->debit_balance, l->credit_balance, *debit, *credit);
	w->moved = l->amount;
	if (l->kind == CLR_LEDGER_FEE)
		w->fees -= l->credit_account == CLR_ACCOUNT_FEES ? l->amount : -l->amount;
	if (l->kind == CLR_LEDGER_VARIATION || l->kind == CLR_LEDGER_FINAL)
	{
		w->paid[l->debit_account] -= l->amount;
		w->paid[l->credit_account] += l->amount;
	}
}

static void
take_position(Watch *w, const ClrPositionEvent *ev)
{
	WatchPosition *p;

	if (ev->account >= WATCH_ACCOUNTS)
		return;
	p = &w->positions[ev->instrument % WATCH_INSTRUMENTS][ev->account];
	p->said_qty = ev->qty;
	p->cost = ev->cost;
	p->realised = ev->realised;
	p->lots[0] = ev->buy_lots;
	p->lots[1] = ev->sell_lots;
	p->said = true;
	instrument_of(w, ev->instrument)->touched = true;
	if (ev->buy_lots < 0 || ev->sell_lots < 0 || ev->buy_reserve < 0 || ev->sell_reserve < 0)
		broken(w, "position %u/%u: negative working lots or reserve", ev->account, ev->instrument);
}

static void
take_settlement(Watch *w, const ClrSettlementEvent *s)
{
	if (s->settlement_id != w->next_settlement++)
		broken(w, "settlement %" PRIu64 ": not consecutive", s->settlement_id);
	if (s->debited != s->credited)
		broken(w, "settlement %" PRIu64 ": debits %" PRId64 ", credits %" PRId64, s->settlement_id, s->debited, s->credited);
	for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
	{
		WatchInstrument *in = instrument_of(w, s->instrument);
		WatchPosition *p = &w->positions[s->instrument % WATCH_INSTRUMENTS][a];
		clr_int128	due = in->tick_value * ((clr_int128) s->price * p->qty - p->value);

		if (a >= CLR_ACCOUNT_FIRST && w->paid[a] != due)
			broken(w, "settlement %" PRIu64 ": pays account %u another amount than its trades are worth", s->settlement_id, a);
		if (s->final)
			p->qty = 0;
		p->value = (clr_int128) s->price * p->qty;
	}
	if (w->paid[CLR_ACCOUNT_SETTLEMENT] != 0)
		broken(w, "settlement %" PRIu64 ": something is left in transit", s->settlement_id);
	instrument_of(w, s->instrument)->settled = true;
	instrument_of(w, s->instrument)->settlement = s->price;
}

/* Bytes 8..103 are as in CREATE_INSTRUMENT: kind at 8, priority at 11, phase at 12. */
static void
take_instrument(Watch *w, const uint8_t *p)
{
	WatchInstrument *in = instrument_of(w, clr_event_object_id(p));

	w->old_phase = in->phase;
	in->future = p[8] == CLR_INSTRUMENT_FUTURE;
	in->keeps = p[11] == CLR_REPLACE_KEEPS_ON_DECREASE;
	in->phase = p[12];
	in->tick_value = clr_get_i64(p + 104);
	in->touched = true;
	in->spread = p[8] == CLR_INSTRUMENT_SPREAD;
	if (in->phase > CLR_PHASE_EXPIRED || in->spread)
		loosen(w, clr_event_object_id(p));
}

/*----------------------------------------------------------------
 * Exactly once
 *----------------------------------------------------------------
 */
static uint64_t
hash_of(const uint8_t *data, size_t len, uint64_t seed)
{
	uint64_t	h = UINT64_C(0xCBF29CE484222325) ^ seed;

	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001B3);
	return h ^ h >> 29;
}

static WatchRef *
find_ref(Watch *w, uint32_t account, const uint8_t *ref, size_t len)
{
	uint64_t	hash = hash_of(ref, len, account);
	size_t		i = hash & (WATCH_REFS - 1);

	while (w->refs[i].len != 0 && (w->refs[i].account != account || w->refs[i].len != len ||
								   memcmp(w->refs[i].ref, ref, len) != 0))
		i = (i + 1) & (WATCH_REFS - 1);
	return &w->refs[i];
}

static bool
names_working(Watch *w, const ClrOutcome *o)
{
	return o->reason == CLR_OK && (o->type == CLR_CMD_NEW_ORDER || o->type == CLR_CMD_REPLACE_ORDER) &&
		o->id < w->next_order && w->orders[o->id].state == WORKING;
}

static void
check_once(Watch *w, const House *h)
{
	const ClrOutcome *o = &h->out;
	bool		admitted = o->duplicate || o->reason == CLR_R_DUPLICATE_REFERENCE || clr_uses_reference(o);
	const WatchRef *r = w->known;
	WatchRef   *slot;

	if (o->ref_len == 0 || !admitted)
	{
		if (o->duplicate)
			broken(w, "reference: a duplicate without one");
		return;
	}
	if (!w->was_alive && (o->duplicate || o->reason == CLR_R_DUPLICATE_REFERENCE))
		broken(w, "reference: %.*s was not used", o->ref_len, (const char *) o->ref);
	if (w->was_alive && r->hash == w->hash &&
		(!o->duplicate || o->reason != r->out.reason || o->id != r->out.id ||
		 o->orig_height != r->out.orig_height || o->orig_number != r->out.orig_number ||
		 o->order_qty != r->out.order_qty || o->cum_qty != r->out.cum_qty ||
		 o->leaves_qty != r->out.leaves_qty || o->cum_value != r->out.cum_value ||
		 o->ord_status != r->out.ord_status || o->exec_type != r->out.exec_type ||
		 o->n_trades != r->out.n_trades || o->first_trade != r->out.first_trade ||
		 o->n_cancelled != r->out.n_cancelled || o->needed != r->out.needed ||
		 o->available != r->out.available || o->asset != r->out.asset ||
		 o->restated != r->out.restated || o->cancelled_for != r->out.cancelled_for ||
		 o->instrument != r->out.instrument))
		broken(w, "reference: %.*s has another outcome when repeated", o->ref_len, (const char *) o->ref);
	if (w->was_alive && r->hash != w->hash && o->reason != CLR_R_DUPLICATE_REFERENCE)
		broken(w, "reference: %.*s was used for something else", o->ref_len, (const char *) o->ref);
	if (w->was_alive || !clr_uses_reference(o))
		return;
	slot = find_ref(w, o->account, o->ref, o->ref_len);
	if (slot->len == 0 && ++w->n_refs > WATCH_REFS / 2)
		broken(w, "watch: more references than there is room for");
	slot->account = o->account;
	slot->len = o->ref_len;
	memcpy(slot->ref, o->ref, o->ref_len);
	slot->hash = w->hash;
	slot->time_us = h->now;
	slot->out = *o;
	slot->out.ref = NULL;
}

/*----------------------------------------------------------------
 * After each command
 *----------------------------------------------------------------
 */
/* What could be filled at once; -1 if an own order is in the way. */
static int64_t
fillable(Watch *w)
{
	uint32_t	instrument = w->cmd.u.order.instrument;
	int			s = !side_of(w->cmd.u.order.side);
	WatchInstrument *in = instrument_of(w, instrument);
	clr_int128	sum = 0;

	for (size_t i = 0; i < in->n[s]; i++)
	{
		WatchOrder *o = &w->orders[in->book[s][i]];

		if (!would_trade(w->cmd.u.order.side, w->cmd.u.order.ord_type == CLR_ORD_MARKET,
						 w->cmd.u.order.price, o))
			continue;
		if (o->account == w->cmd.account)
			return -1;
		sum += leaves_of(o);
	}
	return sum > INT64_MAX ? INT64_MAX : (int64_t) sum;
}

/* Refusals that the book must bear out. */
static void
check_refusal(Watch *w, const ClrOutcome *o)
{
	WatchOrder *first;

	if (o->type != CLR_CMD_NEW_ORDER || !w->decoded || o->duplicate || !w->plain || is_loose(w, o->instrument % WATCH_INSTRUMENTS))
		return;
	if (o->reason != CLR_R_POST_ONLY_WOULD_TRADE && o->reason != CLR_R_NO_LIQUIDITY &&
		o->reason != CLR_R_FOK_NOT_FILLABLE)
		return;
	first = first_of(w, o->instrument, !side_of(w->cmd.u.order.side));
	if (o->reason == CLR_R_NO_LIQUIDITY ? first != NULL : first == NULL && o->reason == CLR_R_POST_ONLY_WOULD_TRADE)
		broken(w, "refused: %s, but the other side is %sempty", clr_reason_name(o->reason), first ? "not " : "");
	if (o->reason == CLR_R_POST_ONLY_WOULD_TRADE && first != NULL &&
		!would_trade(w->cmd.u.order.side, false, w->cmd.u.order.price, first))
		broken(w, "refused: post-only would not trade");
	if (o->reason == CLR_R_FOK_NOT_FILLABLE && fillable(w) >= w->cmd.u.order.qty)
		broken(w, "refused: fill-or-kill of %" PRId64 " could be filled", w->cmd.u.order.qty);
}

/* The order that came in rests if anything is left of it. */
static void
settle_incoming(Watch *w, const ClrOutcome *out)
{
	WatchOrder *o;

	if (w->incoming == 0)
		return;
	o = &w->orders[w->incoming];
	if (is_loose(w, o->instrument) || w->cmd.type == CLR_CMD_MASS_QUOTE)
	{
		if (o->state == INCOMING && (leaves_of(o) == 0 || o->tif == CLR_TIF_IOC || o->tif == CLR_TIF_FOK))
			broken(w, "order %" PRIu64 ": rests, but may not", o->id);
		if (o->state == INCOMING)
			book_add(w, o);
		return;
	}
	if (out->id != o->id || out->order_qty != o->qty || out->cum_qty != o->cum ||
		out->cum_value != o->value || out->leaves_qty != (o->state == DONE ? 0 : leaves_of(o)))
		broken(w, "order %" PRIu64 ": the outcome says something else than the events", o->id);
	if (o->tif == CLR_TIF_FOK && o->cum != o->qty && o->self_match != CLR_SMP_DECREMENT_BOTH)
		broken(w, "order %" PRIu64 ": fill-or-kill filled %" PRId64 " of %" PRId64, o->id, o->cum, o->qty);
	if (o->state == DONE)
		return;
	if (leaves_of(o) == 0 || o->ord_type == CLR_ORD_MARKET || o->tif == CLR_TIF_IOC || o->tif == CLR_TIF_FOK)
		broken(w, "order %" PRIu64 ": rests, but may not", o->id);
	book_add(w, o);
}

/* Why rules changed orders: the outcome says what the events said. */
static void
check_restated(Watch *w, const ClrOutcome *o)
{
	bool		entered = o->type == CLR_CMD_NEW_ORDER || o->type == CLR_CMD_REPLACE_ORDER;
	bool		ended = entered && o->ord_status == CLR_STATUS_CANCELED;
	uint16_t	why = ended ? w->orders[o->id].end_reason : CLR_OK;

	if (o->duplicate)
		return;
	if (o->reason != CLR_OK && (o->restated | o->cancelled_for) != 0)
		broken(w, "outcome: refused, but a rule changed orders");
	if (o->type == CLR_CMD_CANCEL_ORDER && o->restated != CLR_OK)
		broken(w, "outcome: cancelled as asked, but restated %u", o->restated);
	if (ended && why != CLR_R_IOC_REMAINDER && o->restated != why)
		broken(w, "outcome: restated %u, but order %" PRIu64 " ended for %u", o->restated, o->id, why);
	if (o->n_cancelled > 0 && o->cancelled_for == CLR_OK)
		broken(w, "outcome: %u orders cancelled for no reason", o->n_cancelled);
}

static void
check_outcome(Watch *w, const House *h)
{
	const ClrOutcome *o = &h->out;

	if ((o->reason != CLR_OK || o->duplicate) && w->state_events > 0)
		broken(w, "refused or repeated, but %u events changed something", w->state_events);
	check_refusal(w, o);
	check_restated(w, o);
	settle_incoming(w, o);
	for (unsigned i = 0; i < w->n_changed; i++)
		if (w->orders[w->changed[i]].unreported)
			broken(w, "order %" PRIu64 ": traded without a report", w->changed[i]);
	if (!o->duplicate && (w->any_loose ? o->n_trades > w->trades : o->n_trades != w->trades))
		broken(w, "outcome: %u trades, but there were %u", o->n_trades, w->trades);
	if (!o->duplicate && !w->any_loose && o->type != CLR_CMD_CANCEL_ORDER && o->n_cancelled != w->ended)
		broken(w, "outcome: %u orders cancelled, but there were %u", o->n_cancelled, w->ended);
	if (o->reason == CLR_OK && !o->duplicate && o->type == CLR_CMD_CANCEL_ORDER &&
		((w->ended != 1 && !w->any_loose) || w->orders[o->id].state != DONE))
		broken(w, "order %" PRIu64 ": cancelled, but it works", o->id);
	if (o->reason == CLR_R_ORDER_NOT_WORKING && !o->duplicate && o->id != 0 && o->id < w->next_order &&
		w->orders[o->id].state == WORKING)
		broken(w, "order %" PRIu64 ": \"not working\", but it works", o->id);
	if ((o->type == CLR_CMD_DEPOSIT || o->type == CLR_CMD_WITHDRAW) && o->reason == CLR_OK &&
		!o->duplicate && w->moved != w->cmd.u.cash.amount)
		broken(w, "cash: %" PRId64 " moved, the command says %" PRId64, w->moved, w->cmd.u.cash.amount);
	if (w->fees != 0)
		broken(w, "fees: paid are others than the trades say");
	if (o->reason < OP_REASONS)
		w->reasons[o->reason]++;
}

static void
check_book(Watch *w, const House *h, uint32_t id)
{
	WatchInstrument *in = instrument_of(w, id);
	WatchOrder *first[2];
	int64_t		price;
	int64_t		qty;

	if (in->loose)
		return;
	for (int s = 0; s < 2; s++)
	{
		bool		any;

		first[s] = first_of(w, id, s);
		any = clr_get_best(h->e, id, s ? CLR_SIDE_SELL : CLR_SIDE_BUY, &price, &qty);
		if (any != (first[s] != NULL) || (any && price != first[s]->price))
			broken(w, "book %u: the best price is another one", id);
	}
	if (in->phase == CLR_PHASE_CONTINUOUS && first[0] != NULL && first[1] != NULL &&
		first[0]->price >= first[1]->price)
		broken(w, "book %u: crossed, %" PRId64 " >= %" PRId64, id, first[0]->price, first[1]->price);
}

/* What was said of positions agrees with trades and orders, and sums to zero. */
static void
check_positions(Watch *w, uint32_t id)
{
	WatchInstrument *in = instrument_of(w, id);
	clr_int128	lots = 0;
	clr_int128	value = 0;

	for (int a = 0; a < WATCH_ACCOUNTS; a++)
	{
		WatchPosition *p = &w->positions[id][a];

		p->said = false;
		lots += p->said_qty;
		value += (clr_int128) p->cost - p->realised;
		if (in->future && p->said_qty != p->qty)
			broken(w, "position %d/%u: %" PRId64 " lots, the trades say %" PRId64, a, id, p->said_qty, p->qty);
		if (in->future && (clr_int128) p->cost - p->realised != p->value)
			broken(w, "position %d/%u: cost less realised is not the value of the trades", a, id);
	}
	if (lots != 0 || value != 0)
		broken(w, "positions %u: sum of lots or of cost less realised is not zero", id);
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
	if (w->marks_moved || w->any_loose)
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

static void
check_touched(Watch *w, const House *h)
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		if (w->instruments[i].touched)
		{
			check_book(w, h, i);
			check_positions(w, i);
			w->instruments[i].touched = false;
		}
	if (clr_count_orders(h->e) != w->n_working)
		broken(w, "the engine has %" PRIu64 " orders, expected %" PRIu64, clr_count_orders(h->e), w->n_working);
}

static void
after_command(Watch *w, const House *h)
{
	check_outcome(w, h);
	check_once(w, h);
	check_swept(w, &h->out);
	check_touched(w, h);
	check_available(w, h);
}

static void
begin(Watch *w)
{
	w->incoming = 0;
	w->fees = 0;
	w->moved = 0;
	memset(w->paid, 0, sizeof(w->paid));
	w->trades = w->decremented = w->ended = w->state_events = w->n_changed = 0;
}

static bool
is_plain(const ClrCommand *c)
{
	if (c->type == CLR_CMD_NEW_ORDER)
		return c->pairs.n == 0 && c->u.order.exec_inst <= CLR_EXEC_POST_ONLY &&
			(c->u.order.ord_type == CLR_ORD_LIMIT || c->u.order.ord_type == CLR_ORD_MARKET) &&
			c->u.order.time_in_force <= CLR_TIF_FOK && c->u.order.time_in_force != CLR_TIF_AT_OPENING;
	if (c->type == CLR_CMD_SET_FIELDS)
	{
		int64_t		value;

		return c->u.fields.scope == CLR_SCOPE_INSTRUMENT && c->pairs.n == 1 &&
			clr_pair_field(&c->pairs, 0, &value) == CLR_RULE_SELF_MATCH;
	}
	if (c->type == CLR_CMD_SET_PHASE)
		return c->u.phase.phase <= CLR_PHASE_EXPIRED && c->pairs.n == 0;
	return c->type < CLR_CMD_SET_FIELDS;
}

void
watch_command(Watch *w, const House *h, const uint8_t *data, size_t len)
{
	memcpy(w->bytes, data, len);
	memset(&w->cmd, 0, sizeof(w->cmd));
	w->decoded = clr_command_decode(w->bytes, len, &w->cmd) == len;
	w->hash = hash_of(data, len, 0);
	w->known = NULL;
	w->was_alive = false;
	if (w->decoded && w->cmd.ref.len > 0 && w->cmd.ref.len <= CLR_REF_MAX)
	{
		w->known = find_ref(w, w->cmd.account, w->cmd.ref.data, w->cmd.ref.len);
		w->was_alive = w->known->len != 0 &&
			(h->now - w->known->time_us <= w->retention || names_working(w, &w->known->out));
	}
	begin(w);
	w->plain = !w->decoded || is_plain(&w->cmd);
}

/* Commands that make an instrument trade by other rules when they are accepted. */
static void
note_rules(Watch *w, const ClrOutcome *out)
{
	if (w->plain || out->reason != CLR_OK || out->duplicate)
		return;
	w->any_loose = true;
	if (w->cmd.type == CLR_CMD_SET_FIELDS && w->cmd.u.fields.scope != CLR_SCOPE_INSTRUMENT)
		for (int i = 0; i < WATCH_INSTRUMENTS; i++)
			w->instruments[i].loose = true;
}

static void
take(Watch *w, uint8_t type, const uint8_t *p, size_t len)
{
	ClrOrderEvent o;
	ClrTradeEvent t;
	ClrPositionEvent pos;
	ClrLedgerEvent l;
	ClrSettlementEvent s;

	/* rules and states of the market that are not the default */
	if (type == CLR_EV_FIELD && p[4] == CLR_SCOPE_INSTRUMENT && clr_get_u16(p + 6) != CLR_RULE_SELF_MATCH)
		loosen(w, (uint32_t) clr_get_u64(p + 8));
	for (uint16_t r = CLR_RULE_LIMIT_UP; r <= CLR_RULE_LIMIT_DOWN; r++)
		if (type == CLR_EV_FIELD && p[4] == CLR_SCOPE_INSTRUMENT && clr_get_u16(p + 6) == r)
			instrument_of(w, (uint32_t) clr_get_u64(p + 8))->limit[r - CLR_RULE_LIMIT_UP] = clr_get_i64(p + 24);
	if (type == CLR_EV_FIELD && p[4] == CLR_SCOPE_LEG && clr_get_u16(p + 6) == CLR_LEG_INSTRUMENT)
		loosen(w, (uint32_t) clr_get_i64(p + 24));
	if (type == CLR_EV_ORDER && clr_event_decode_order(p, len, &o))
		take_order(w, &o);
	else if (type == CLR_EV_TRADE && clr_event_decode_trade(p, len, &t))
		take_trade(w, &t);
	else if (type == CLR_EV_POSITION && clr_event_decode_position(p, len, &pos))
		take_position(w, &pos);
	else if (type == CLR_EV_LEDGER && clr_event_decode_ledger(p, len, &l))
		take_ledger(w, &l);
	else if (type == CLR_EV_SETTLEMENT && clr_event_decode_settlement(p, len, &s))
		take_settlement(w, &s);
	else if (type == CLR_EV_INSTRUMENT)
		take_instrument(w, p);
}

/* Takes all events; each unit ends with an event of type `end`.  Units seen. */
static unsigned
take_all(Watch *w, const House *h, uint8_t end)
{
	unsigned	units = 0;
	bool		open = false;

	for (size_t at = 0, len; at < h->ev.len && w->text[0] == '\0'; at += len)
	{
		uint8_t		type = 0;

		len = clr_event_length(h->ev.data + at, h->ev.len - at, &type);
		if (len == 0)
		{
			broken(w, "broken event stream");
			break;
		}
		open = type != end;
		units += type == end;
		w->state_events += open;
		take(w, type, h->ev.data + at, len);
	}
	if (open)
		broken(w, "events without an end");
	return units;
}

void
watch_block(Watch *w, const House *h)
{
	memset(&w->cmd, 0, sizeof(w->cmd));
	begin(w);
	(void) take_all(w, h, CLR_EV_TIMER);
	if (w->text[0] == '\0' && h->ev.len > 0)
		check_touched(w, h);
}

void
watch_events(Watch *w, const House *h)
{
	if (take_all(w, h, CLR_EV_OUTCOME) != 1)
		broken(w, "a command must have one outcome");
	note_rules(w, &h->out);
	if (h->out.type == CLR_CMD_OPEN_HOUSE && h->out.reason == CLR_OK && !h->out.duplicate)
		w->retention = w->cmd.u.open.retention_us;
	if (w->text[0] == '\0')
		after_command(w, h);
}

/*----------------------------------------------------------------
 * Everything, against the engine's views
 *----------------------------------------------------------------
 */
static void
deep_orders(Watch *w, const House *h, int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS])
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
			{
				const WatchOrder *o = &w->orders[w->instruments[i].book[s][k]];
				ClrOrderView v;

				if (!clr_get_order(h->e, o->id, &v) || v.price != o->price || v.order_qty != o->qty ||
					v.cum_qty != o->cum || v.leaves_qty != leaves_of(o) || v.cum_value != o->value ||
					v.account != o->account || v.side != o->side || v.priority != o->priority)
					broken(w, "order %" PRIu64 ": the view differs from the events", o->id);
				lots[s][i][o->account % WATCH_ACCOUNTS] += leaves_of(o);
			}
}

static void
deep_positions(Watch *w, const House *h, int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS])
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
		{
			const WatchPosition *p = &w->positions[i][a];
			ClrPositionView v = {0};

			if (w->instruments[i].phase == 0)
				continue;
			(void) clr_get_position(h->e, a, i, &v);
			if ((w->instruments[i].future && v.qty != p->qty) || v.qty != p->said_qty ||
				v.cost != p->cost || v.realised != p->realised)
				broken(w, "position %u/%u: the view differs from the events", a, i);
			if (v.buy_lots != lots[0][i][a] || v.sell_lots != lots[1][i][a])
				broken(w, "position %u/%u: works %" PRId64 "/%" PRId64 ", the orders sum to %" PRId64 "/%" PRId64,
					   a, i, v.buy_lots, v.sell_lots, lots[0][i][a], lots[1][i][a]);
		}
}

static void
deep_balances(Watch *w, const House *h)
{
	for (uint32_t asset = 1; asset < WATCH_ASSETS; asset++)
	{
		clr_int128	sum = 0;

		for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
		{
			ClrBalanceView v = {0, 0, 0};

			sum += w->balances[asset][a];
			(void) clr_get_balance(h->e, a, asset, &v);
			if (v.balance != w->balances[asset][a])
				broken(w, "balance %u/%u: %" PRId64 ", the entries say %" PRId64, a, asset, v.balance, w->balances[asset][a]);
		}
		if (sum != 0)
			broken(w, "asset %u: the sum of balances is not zero", asset);
	}
}

void
watch_deep(Watch *w, const House *h)
{
	static int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS];
	const char *check = clr_engine_check(h->e);

	if (check != NULL)
		broken(w, "clr_engine_check: %s", check);
	memset(lots, 0, sizeof(lots));
	deep_orders(w, h, lots);
	deep_positions(w, h, lots);
	deep_balances(w, h);
}
