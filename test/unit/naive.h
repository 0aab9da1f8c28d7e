/*
 * naive.h
 *	  A matcher that is too simple to be wrong: an array of orders, searched
 *	  from end to end.  It knows nothing of money; whether an order can be
 *	  paid for is the engine's word.
 */
#ifndef CLR_TEST_NAIVE_H
#define CLR_TEST_NAIVE_H

#include "house.h"

#define NAIVE_MAX 20000

typedef struct NaiveOrder
{
	uint64_t	id;
	uint32_t	account;
	uint32_t	instrument;
	uint8_t		side;
	uint8_t		tif;
	uint8_t		self_match;
	bool		market;
	bool		post_only;
	bool		working;
	int64_t		price;
	int64_t		qty;
	int64_t		cum;
	uint64_t	priority;
} NaiveOrder;

typedef struct NaiveTrade
{
	int64_t		price;
	int64_t		qty;
	uint64_t	buy;
	uint64_t	sell;
} NaiveTrade;

typedef struct Naive
{
	NaiveOrder	orders[NAIVE_MAX];	/* [id] */
	uint64_t	next;
	uint64_t	priority;
	uint8_t		phase[8];
	bool		keeps[8];		/* priority on decrease */
	bool		spot[8];
	NaiveTrade	trades[NAIVE_MAX];	/* of the last command */
	int			n_trades;
} Naive;

static inline bool
naive_better(const NaiveOrder *a, const NaiveOrder *b)
{
	if (a->price != b->price)
		return a->side == CLR_SIDE_BUY ? a->price > b->price : a->price < b->price;
	return a->priority < b->priority;
}

/* The first order in line on a side; skip = account to pass over. */
static inline NaiveOrder *
naive_best(Naive *n, uint32_t instrument, uint8_t side)
{
	NaiveOrder *best = NULL;

	for (uint64_t i = 1; i < n->next; i++)
	{
		NaiveOrder *o = &n->orders[i];

		if (o->working && o->instrument == instrument && o->side == side &&
			(best == NULL || naive_better(o, best)))
			best = o;
	}
	return best;
}

static inline bool
naive_meets(const NaiveOrder *a, const NaiveOrder *b)
{
	if (a->market)
		return true;
	return a->side == CLR_SIDE_BUY ? a->price >= b->price : a->price <= b->price;
}

static inline void
naive_trade(Naive *n, NaiveOrder *aggressor, NaiveOrder *resting)
{
	int64_t		a = aggressor->qty - aggressor->cum;
	int64_t		r = resting->qty - resting->cum;
	int64_t		qty = a < r ? a : r;
	bool		buying = aggressor->side == CLR_SIDE_BUY;

	n->trades[n->n_trades++] = (NaiveTrade) {resting->price, qty,
		buying ? aggressor->id : resting->id, buying ? resting->id : aggressor->id};
	aggressor->cum += qty;
	resting->cum += qty;
	if (aggressor->cum == aggressor->qty)
		aggressor->working = false;
	if (resting->cum == resting->qty)
		resting->working = false;
}

/* What could be filled at once, for fill-or-kill. */
static inline int64_t
naive_fillable(Naive *n, const NaiveOrder *order)
{
	static NaiveOrder saved[NAIVE_MAX];
	uint8_t		other = order->side == CLR_SIDE_BUY ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	int64_t		sum = 0;
	NaiveOrder *best;

	memcpy(saved, n->orders, n->next * sizeof(NaiveOrder));
	while ((best = naive_best(n, order->instrument, other)) != NULL && naive_meets(order, best))
	{
		best->working = false;
		if (best->account != order->account)
			sum += best->qty - best->cum;
		else if (order->self_match == CLR_SMP_CANCEL_AGGRESSOR ||
				 order->self_match == CLR_SMP_CANCEL_BOTH)
			break;
	}
	memcpy(n->orders, saved, n->next * sizeof(NaiveOrder));
	return sum;
}

/* Matches an order that is entered or replaced, and lets the rest work. */
static inline void
naive_run(Naive *n, NaiveOrder *o)
{
	uint8_t		other = o->side == CLR_SIDE_BUY ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	NaiveOrder *best;

	o->working = false;
	if (n->phase[o->instrument] == CLR_PHASE_CONTINUOUS)
		while (o->cum < o->qty &&
			   (best = naive_best(n, o->instrument, other)) != NULL && naive_meets(o, best))
		{
			if (best->account != o->account)
			{
				naive_trade(n, o, best);
				o->working = false;
				continue;
			}
			if (o->self_match != CLR_SMP_CANCEL_AGGRESSOR)
				best->working = false;
			if (o->self_match == CLR_SMP_CANCEL_AGGRESSOR || o->self_match == CLR_SMP_CANCEL_BOTH)
				return;
		}
	o->working = o->cum < o->qty && !o->market &&
		(o->tif == CLR_TIF_DAY || o->tif == CLR_TIF_GTC);
}

/* The reason the order must be refused for, money apart. */
static inline ClrReason
naive_check(Naive *n, const NaiveOrder *o)
{
	uint8_t		other = o->side == CLR_SIDE_BUY ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	NaiveOrder *best = naive_best(n, o->instrument, other);
	uint8_t		phase = n->phase[o->instrument];
	bool		immediate = o->market || o->tif == CLR_TIF_IOC || o->tif == CLR_TIF_FOK;

	if (o->post_only && immediate)
		return CLR_R_TIF_INVALID;
	if (phase == CLR_PHASE_EXPIRED)
		return CLR_R_EXPIRED_INSTRUMENT;
	if (phase != CLR_PHASE_CONTINUOUS && (phase != CLR_PHASE_PRE_OPEN || immediate))
		return CLR_R_PHASE;
	if (o->market && best == NULL)
		return CLR_R_NO_LIQUIDITY;
	if (o->post_only && best != NULL && naive_meets(o, best))
		return CLR_R_POST_ONLY_WOULD_TRADE;
	if (o->tif == CLR_TIF_FOK && naive_fillable(n, o) < o->qty - o->cum)
		return CLR_R_FOK_NOT_FILLABLE;
	return CLR_OK;
}

static inline void
naive_enter(Naive *n, NaiveOrder o)
{
	o.id = n->next;
	o.priority = ++n->priority;
	n->orders[n->next++] = o;
	naive_run(n, &n->orders[o.id]);
}

static inline ClrReason
naive_check_replace(Naive *n, const NaiveOrder *o, int64_t price, int64_t qty)
{
	NaiveOrder	as = *o;
	uint8_t		phase = n->phase[o->instrument];
	ClrReason	reason;

	if (!o->working)
		return CLR_R_ORDER_NOT_WORKING;
	if (phase != CLR_PHASE_CONTINUOUS && phase != CLR_PHASE_PRE_OPEN)
		return CLR_R_PHASE;
	if (qty <= o->cum)
		return CLR_R_QTY_BELOW_FILLED;
	as.price = price;
	as.qty = qty;
	if (n->keeps[o->instrument] && price == o->price && qty <= o->qty)
		return CLR_OK;
	reason = naive_check(n, &as);
	return reason;
}

static inline void
naive_replace(Naive *n, NaiveOrder *o, int64_t price, int64_t qty)
{
	bool		keeps = n->keeps[o->instrument] && price == o->price && qty <= o->qty;

	o->price = price;
	o->qty = qty;
	if (keeps)
		return;
	o->priority = ++n->priority;
	naive_run(n, o);
}

static inline void
naive_set_phase(Naive *n, uint32_t instrument, uint8_t phase)
{
	NaiveOrder *bid;
	NaiveOrder *ask;

	n->phase[instrument] = phase;
	if (phase == CLR_PHASE_CLOSED || phase == CLR_PHASE_EXPIRED)
		for (uint64_t i = 1; i < n->next; i++)
			if (n->orders[i].instrument == instrument &&
				(phase == CLR_PHASE_EXPIRED || n->orders[i].tif == CLR_TIF_DAY))
				n->orders[i].working = false;
	if (phase != CLR_PHASE_CONTINUOUS)
		return;
	while ((bid = naive_best(n, instrument, CLR_SIDE_BUY)) != NULL &&
		   (ask = naive_best(n, instrument, CLR_SIDE_SELL)) != NULL && bid->price >= ask->price)
	{
		NaiveOrder *older = bid->priority < ask->priority ? bid : ask;
		NaiveOrder *newer = older == bid ? ask : bid;

		if (older->account != newer->account)
			naive_trade(n, newer, older);
		else
		{
			uint8_t		self_match = newer->self_match;

			if (self_match != CLR_SMP_CANCEL_AGGRESSOR)
				older->working = false;
			if (self_match == CLR_SMP_CANCEL_AGGRESSOR || self_match == CLR_SMP_CANCEL_BOTH)
				newer->working = false;
		}
	}
}

/* NULL if the engine's working orders and last trades are the same. */
static inline const char *
naive_compare(Naive *n, House *h)
{
	int			at_trade = 0;
	uint64_t	working = 0;

	for (size_t at = 0, len; at < h->ev.len; at += len)
	{
		ClrTradeEvent t;

		len = clr_event_length(h->ev.data + at, h->ev.len - at, NULL);
		if (len == 0)
			return "broken event stream";
		if (!clr_event_decode_trade(h->ev.data + at, len, &t))
			continue;
		if (at_trade >= n->n_trades || n->trades[at_trade].price != t.price ||
			n->trades[at_trade].qty != t.qty || n->trades[at_trade].buy != t.buy_order ||
			n->trades[at_trade].sell != t.sell_order)
			return "trades differ";
		at_trade++;
	}
	if (at_trade != n->n_trades)
		return "trades are missing";
	for (uint64_t i = 1; i < n->next; i++)
	{
		const NaiveOrder *o = &n->orders[i];
		ClrOrderView v;

		if (clr_get_order(h->e, i, &v) != o->working)
			return "another order works";
		if (!o->working)
			continue;
		working++;
		if (v.price != o->price || v.order_qty != o->qty || v.cum_qty != o->cum ||
			v.account != o->account || v.side != o->side || v.instrument != o->instrument)
			return "an order differs";
	}
	if (working != clr_count_orders(h->e))
		return "the number of orders differs";
	return NULL;
}

#endif							/* CLR_TEST_NAIVE_H */
