/*
 * watch_trade.c
 *	  Trades: with whom, at which price, of how many lots.
 *
 * Three kinds: of an order that comes in with one that rests; of two that
 * rest, when a book that was collected is uncrossed; and of a leg, for an
 * order of a spread.
 */
#include "watch_internal.h"

static bool
is_market(const WatchOrder *o)
{
	return o->ord_type == CLR_ORD_MARKET;
}

/* Of a leg, for an order of the spread. */
static bool
is_leg(Watch *w, const ClrTradeEvent *t, const WatchOrder *o)
{
	return o->instrument != t->instrument && instrument_of(w, o->instrument)->spread;
}

/*----------------------------------------------------------------
 * Whatever started it
 *----------------------------------------------------------------
 */
/* Nobody trades beyond his limit; a market order that rests has one too. */
static void
check_limit(Watch *w, const ClrTradeEvent *t, const WatchOrder *o)
{
	if (o->instrument != t->instrument || (is_market(o) && o->state == INCOMING))
		return;
	if (o->side == CLR_SIDE_BUY ? t->price > o->price : t->price < o->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", beyond the limit %" PRId64 " of order %" PRIu64, t->trade_id, t->price, o->price, o->id);
}

/* Nothing trades beyond the limits of the day, however it comes about. */
static void
check_day(Watch *w, const ClrTradeEvent *t)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);
	int64_t		up = in->rule[CLR_RULE_LIMIT_UP];
	int64_t		down = in->rule[CLR_RULE_LIMIT_DOWN];

	if (in->has_settlement && ((up != 0 && t->price > in->settlement + up) ||
							   (down != 0 && t->price < in->settlement - down)))
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", beyond the limits of the day", t->trade_id, t->price);
}

/* The same account may trade with itself in auctions and through spreads. */
static void
check_with_itself(Watch *w, const ClrTradeEvent *t, const WatchOrder *buy, const WatchOrder *sell)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);

	if (smp_of(w, buy) != smp_of(w, sell) || w->combined ||
		(w->auction && in->rule[CLR_RULE_AUCTION_SELF_MATCH] == 0))
		return;
	broken(w, "trade %" PRIu64 ": orders %" PRIu64 " and %" PRIu64 " must not trade with each other", t->trade_id, buy->id, sell->id);
}

/* A reduce-only order closes what there is, and no more. */
static void
check_reduces(Watch *w, const ClrTradeEvent *t, const WatchOrder *o, bool buys)
{
	const WatchPosition *p = &w->positions[t->instrument % WATCH_INSTRUMENTS][o->account % WATCH_ACCOUNTS];

	/* a spread has no position, but its legs do */
	if ((o->exec_inst & CLR_EXEC_REDUCE_ONLY) != 0 && !instrument_of(w, t->instrument)->spread &&
		(buys ? -p->qty : p->qty) < t->qty)
		broken(w, "trade %" PRIu64 ": reduce-only order %" PRIu64 " trades %" PRId64 " lots, the position is %" PRId64, t->trade_id, o->id, t->qty, p->qty);
}

/*----------------------------------------------------------------
 * With an order that comes in
 *----------------------------------------------------------------
 */
/* The resting order gives the price; of market orders the best for the other. */
static void
check_resting_price(Watch *w, const ClrTradeEvent *t, const WatchOrder *r)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);

	if (in->phase == CLR_PHASE_TRADE_AT_CLOSE)
	{
		if (t->price != in->closing)
			broken(w, "trade %" PRIu64 ": at %" PRId64 ", the closing price is %" PRId64, t->trade_id, t->price, in->closing);
	}
	else if (!is_market(r) && t->price != r->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", the resting order says %" PRId64, t->trade_id, t->price, r->price);
}

/* Nobody trades ahead of a better price, or first come, first served. */
static void
check_first(Watch *w, const ClrTradeEvent *t, const WatchOrder *r)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);
	WatchOrder *first = first_of(w, t->instrument, side_of(r->side));
	WatchOrder *limit = first_limit(w, t->instrument, side_of(r->side));

	/* market orders rest as far as they are protected */
	if (first != NULL && is_market(first) && first != r &&
		(!is_market(r) || (first->side == CLR_SIDE_BUY ? t->price > first->price : t->price < first->price)))
		first = is_market(r) ? (WatchOrder *) r : limit;
	if (is_fifo(in) && first != r)
		broken(w, "trade %" PRIu64 ": with order %" PRIu64 " at %" PRId64 ", but order %" PRIu64 " at %" PRId64 " is first",
			   t->trade_id, r->id, r->price, first ? first->id : 0, first ? first->price : 0);
	if (!is_market(r) && limit != NULL && limit->price != r->price)
		broken(w, "trade %" PRIu64 ": with order %" PRIu64 " at %" PRId64 ", but order %" PRIu64 " has the better price %" PRId64,
			   t->trade_id, r->id, r->price, limit->id, limit->price);
}

/* All that both have; of an iceberg what it shows. */
static void
check_lots(Watch *w, const ClrTradeEvent *t, const WatchOrder *a, const WatchOrder *r)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);
	int64_t		most = in->phase == CLR_PHASE_CONTINUOUS ? shown_of(r) : leaves_of(r);

	most = most < leaves_of(a) ? most : leaves_of(a);
	if (is_fifo(in) && t->qty != most)
		broken(w, "trade %" PRIu64 ": of %" PRId64 " lots, expected %" PRId64, t->trade_id, t->qty, most);
}

static void
check_incoming(Watch *w, const ClrTradeEvent *t, WatchOrder *a, WatchOrder *r)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);

	if (r->state != WORKING || a->state != INCOMING)
		broken(w, "trade %" PRIu64 ": of order %" PRIu64 ", which is not in the book", t->trade_id, r->id);
	if (in->phase != CLR_PHASE_CONTINUOUS && in->phase != CLR_PHASE_TRADE_AT_CLOSE)
		broken(w, "trade %" PRIu64 ": outside of continuous trading", t->trade_id);
	if ((a->exec_inst & CLR_EXEC_POST_ONLY) != 0)
		broken(w, "trade %" PRIu64 ": a post-only order initiated it", t->trade_id);
	if (in->phase == CLR_PHASE_CONTINUOUS && (t->price < w->range[0] || t->price > w->range[1]))
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", outside of the range from %" PRId64 " to %" PRId64, t->trade_id, t->price, w->range[0], w->range[1]);
	check_resting_price(w, t, r);
	if (in->phase == CLR_PHASE_CONTINUOUS)
	{
		check_first(w, t, r);
		check_lots(w, t, a, r);
	}
}

/*----------------------------------------------------------------
 * Of a book that was collected
 *----------------------------------------------------------------
 */
static void
check_uncross(Watch *w, const ClrTradeEvent *t, WatchOrder *a, WatchOrder *r)
{
	const WatchInstrument *in = instrument_of(w, t->instrument);
	WatchOrder *first[2] = {first_of(w, t->instrument, side_of(a->side)), first_of(w, t->instrument, side_of(r->side))};
	int64_t		most = leaves_of(a) < leaves_of(r) ? leaves_of(a) : leaves_of(r);
	bool		market = (first[0] != NULL && is_market(first[0])) || (first[1] != NULL && is_market(first[1]));

	if (a->state != WORKING || r->state != WORKING)
		broken(w, "trade %" PRIu64 ": of orders that are not in the book", t->trade_id);
	if (!w->phase_moved)
		broken(w, "trade %" PRIu64 ": of two orders that rest", t->trade_id);
	/* market orders as far as they are protected; a spread's legs mix the ages */
	if (market || is_combined(in))
		return;
	if (first[0] != a || first[1] != r || a->arrival < r->arrival)
		broken(w, "trade %" PRIu64 ": of orders %" PRIu64 " and %" PRIu64 ", first are %" PRIu64 " and %" PRIu64, t->trade_id, a->id, r->id,
			   first[0] ? first[0]->id : 0, first[1] ? first[1]->id : 0);
	if (t->qty != most)
		broken(w, "trade %" PRIu64 ": of %" PRId64 " lots, expected %" PRId64, t->trade_id, t->qty, most);
	if (!w->auction && t->price != r->price)
		broken(w, "trade %" PRIu64 ": at %" PRId64 ", the older order says %" PRId64, t->trade_id, t->price, r->price);
}

/*----------------------------------------------------------------
 * What follows from it
 *----------------------------------------------------------------
 */
/* An order of a spread: which of its legs, and by how much the price goes. */
static void
fill_leg(Watch *w, WatchOrder *o, const ClrTradeEvent *t)
{
	WatchInstrument *spread = instrument_of(w, o->instrument);
	int64_t		weight;

	for (int i = 0; i < CLR_LEGS_MAX; i++)
		if (spread->legs[i].instrument == t->instrument)
		{
			weight = instrument_of(w, t->instrument)->tick_value / spread->tick_value;
			o->leg_lots[i] += t->qty;
			o->leg_value += (clr_int128) t->price * t->qty * weight * (spread->legs[i].ratio > 0 ? 1 : -1);
			return;
		}
	broken(w, "trade %" PRIu64 ": instrument %u is no leg of the order's spread", t->trade_id, t->instrument);
}

static void
fill(Watch *w, WatchOrder *o, const ClrTradeEvent *t, uint8_t side)
{
	WatchPosition *p;

	if (o->instrument == t->instrument)
	{
		o->cum += t->qty;
		o->value += t->qty * t->price;
	}
	else
		fill_leg(w, o, t);
	o->unreported = true;
	o->filled_by = w->serial;
	o->link_then = (uint64_t) o->attr[CLR_ATTR_LINK];
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
	p->version++;
}

static void
check_parties(Watch *w, const ClrTradeEvent *t, const WatchOrder *buy, const WatchOrder *sell)
{
	if (t->trade_id != w->next_trade)
		broken(w, "trade %" PRIu64 ": ids are not consecutive", t->trade_id);
	if ((!is_leg(w, t, buy) && (buy->side != CLR_SIDE_BUY || buy->instrument != t->instrument)) ||
		(!is_leg(w, t, sell) && (sell->side != CLR_SIDE_SELL || sell->instrument != t->instrument)) ||
		buy->account != t->buy_account || sell->account != t->sell_account)
		broken(w, "trade %" PRIu64 ": is not of its orders", t->trade_id);
	if (is_parked(buy) || is_parked(sell))
		broken(w, "trade %" PRIu64 ": of an order that waits", t->trade_id);
	if (t->qty <= 0 || (!is_leg(w, t, buy) && t->qty > leaves_of(buy)) ||
		(!is_leg(w, t, sell) && t->qty > leaves_of(sell)))
		broken(w, "trade %" PRIu64 ": of %" PRId64 " lots", t->trade_id, t->qty);
}

void
take_trade(Watch *w, const ClrTradeEvent *t)
{
	WatchInstrument *in = instrument_of(w, t->instrument);
	WatchOrder *buy = order_of(w, t->buy_order);
	WatchOrder *sell = order_of(w, t->sell_order);
	WatchOrder *a = (t->aggressor & CLR_TRADE_SIDE) == CLR_SIDE_BUY ? buy : sell;
	WatchOrder *r = a == buy ? sell : buy;

	w->combined = is_leg(w, t, buy) || is_leg(w, t, sell);
	w->self_trades = t->buy_account == t->sell_account;
	check_parties(w, t, buy, sell);
	check_with_itself(w, t, buy, sell);
	check_day(w, t);
	check_limit(w, t, buy);
	check_limit(w, t, sell);
	check_reduces(w, t, buy, true);
	check_reduces(w, t, sell, false);
	if (!w->combined && (a->id != w->incoming) != ((t->aggressor & CLR_TRADE_IN_AUCTION) != 0))
		broken(w, "trade %" PRIu64 ": says wrong whether one of its orders aggressed", t->trade_id);
	if (!w->combined && a->id == w->incoming)
		check_incoming(w, t, a, r);
	else if (!w->combined)
		check_uncross(w, t, a, r);
	note_trade(w, t);
	fill(w, buy, t, CLR_SIDE_BUY);
	fill(w, sell, t, CLR_SIDE_SELL);
	in->last = t->price;
	if (!in->has_last)
		in->seen[0][0] = in->seen[0][1] = t->price;
	in->has_last = true;
	if (t->price < in->seen[0][0])
		in->seen[0][0] = t->price;
	if (t->price > in->seen[0][1])
		in->seen[0][1] = t->price;
	w->fees += (clr_int128) t->buy_fee + t->sell_fee;
	w->trades++;
	w->all_trades++;
	in->touched = true;
}
