/*
 * test_batch.c
 *	  Batches: orders, replaces and cancels, taken whole or not at all.
 */
#include "tap.h"
#include "steps.h"

static uint8_t orders[CLR_LIST_MAX];
static size_t used;
static unsigned n_orders;

static void
add(const ClrCommand *c)
{
	used += clr_command_encode(c, orders + used);
	n_orders++;
}

static void
add_order(uint32_t account, const char *ref, uint32_t in, char side, int64_t qty, int64_t price)
{
	ClrCommand	c = order_command(account, ref, in, side, qty, price);

	add(&c);
}

static void
add_cancel(uint32_t account, const char *ref, const char *orig)
{
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER,.account = account,.ref = T(ref),.text = T(orig)};

	add(&c);
}

static void
add_replace(uint32_t account, const char *ref, const char *orig, int64_t qty, int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER,.account = account,.ref = T(ref),.text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	add(&c);
}

/* Keeps the orders: the same may be sent again. */
static int
batch(uint32_t account, const char *ref)
{
	ClrCommand	c = {.type = CLR_CMD_BATCH,.account = account,.ref = T(ref)};

	c.pairs = (ClrPairs) {orders, (uint8_t) n_orders};
	c.u.batch.bytes = (uint16_t) used;
	return step(&c);
}

static void
clear(void)
{
	used = 0;
	n_orders = 0;
}

/* The outcomes of the last command, one line each. */
static const char *
outcomes(void)
{
	static char text[4096];
	size_t		len = 0;

	text[0] = '\0';
	for (size_t at = 0; at < m.h.ev.len;)
	{
		uint8_t		type;
		size_t		one = clr_event_length(m.h.ev.data + at, m.h.ev.len - at, &type);
		ClrOutcome	o;

		if (clr_event_decode_outcome(m.h.ev.data + at, one, &o))
			len += (size_t) snprintf(text + len, sizeof(text) - len, "%u%s %s %" PRIu64 " %.*s\n",
									 o.number >> 24, o.duplicate ? " again" : "",
									 clr_reason_name(o.reason), o.id, o.ref_len,
									 (const char *) o.ref);
		at += one;
	}
	return text;
}

/* A refused batch leaves nothing behind but its reference and the events' own. */
static void
refused(int want, uint64_t at, const char *ref, const char *what)
{
	ClrValuation before = valuation(&m.h, m.alice, m.usd);
	ClrValuation after;
	uint64_t	orders_before = clr_count_orders(m.h.e);

	R(want, batch(m.alice, ref));
	is(m.h.out.id, at, "the one at fault");
	is_text(events(&m.h), "", "no order is touched");
	after = valuation(&m.h, m.alice, m.usd);
	ok(memcmp(&before, &after, sizeof(before)) == 0, "no margin is taken");
	is(clr_count_orders(m.h.e), orders_before, what);
	clear();
}

static void
applied_in_sequence(void)
{
	steps_begin();
	clear();
	step_order(m.bob, "s1", m.future, 'S', 2, 100);
	step_order(m.alice, "a1", m.future, 'B', 5, 90);
	add_cancel(m.alice, "c1", "a1");
	add_order(m.alice, "a2", m.future, 'B', 3, 100);
	add_order(m.alice, "a3", m.spot, 'B', 1, 10);
	R(CLR_OK, batch(m.alice, "x1"));
	is_text(events(&m.h), "O2 44 0/5@90 requested\nO3 00 0/3@100 ok\nT1 2@100 3x1 0/0\n"
			"O1 F2 2/2@100 ok\nO3 F1 2/3@100 ok\nO4 00 0/1@10 ok\n", "in sequence");
	is_text(outcomes(), "1 ok 2 c1\n2 ok 3 a2\n3 ok 4 a3\n0 ok 3 x1\n", "an outcome each, then the batch's");
	is(m.h.out.n_trades, 1, "trades are counted");
	R(CLR_OK, batch(m.alice, "x1"));
	is_text(outcomes(), "1 again ok 2 c1\n2 again ok 3 a2\n3 again ok 4 a3\n0 again ok 3 x1\n",
			"exactly once, and all of it answered again");
	is_text(events(&m.h), "", "nothing happens twice");

	/* each order goes by its own name */
	clear();
	add_replace(m.alice, "a4", "a2", 2 + 4, 99);
	add_cancel(m.alice, "c2", "a3");
	R(CLR_OK, batch(m.alice, "x2"));
	is_text(events(&m.h), "O3 51 2/6@99 ok\nO4 44 0/1@10 requested\n", "replaced by name");
	{
		ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER,.account = m.alice,.ref = T("c3"),.text = T("a4")};

		R(CLR_OK, step(&c));
	}
	R(CLR_R_DUPLICATE_REFERENCE, step_order(m.alice, "a3", m.future, 'B', 1, 90));
	clear();
	steps_end();
}

/* 1,000,000 cover 100,000 lots at 10 % of 100. */
static void
joint_margin(void)
{
	steps_begin();
	clear();
	add_order(m.alice, "a1", m.future, 'B', 60000, 100);
	add_order(m.alice, "a2", m.future, 'B', 60000, 99);
	refused(CLR_R_INSUFFICIENT_MARGIN, 2, "x1", "each affordable alone, not together");
	is(m.h.out.needed, 1200000, "what both need");
	is(m.h.out.available, 1000000, "what there is");
	/* the other side of the market is covered by the same margin */
	add_order(m.alice, "a1", m.future, 'B', 60000, 99);
	add_order(m.alice, "a2", m.future, 'S', 60000, 101);
	R(CLR_OK, batch(m.alice, "x2"));
	clear();
	/* a cancel makes room, wherever it stands in the batch */
	add_order(m.alice, "a3", m.future, 'B', 90000, 98);
	refused(CLR_R_INSUFFICIENT_MARGIN, 1, "x3", "not beside what works");
	add_order(m.alice, "a3", m.future, 'B', 90000, 98);
	add_cancel(m.alice, "c1", "a1");
	R(CLR_OK, batch(m.alice, "x4"));
	is(valuation(&m.h, m.alice, m.usd).initial, 900000, "the new one only");
	clear();
	/* so does a smaller replace; a larger one needs it */
	add_replace(m.alice, "r1", "a2", 100000, 101);
	add_replace(m.alice, "r2", "a3", 1000, 98);
	R(CLR_OK, batch(m.alice, "x5"));
	clear();
	add_replace(m.alice, "r3", "r2", 50000, 98);
	add_replace(m.alice, "r4", "r1", 100001, 101);
	refused(CLR_R_INSUFFICIENT_MARGIN, 2, "x6", "a lot too much");
	steps_end();
}

static void
joint_funds(void)
{
	steps_begin();
	clear();
	add_order(m.alice, "a1", m.spot, 'B', 60000, 10);
	add_order(m.alice, "a2", m.spot, 'B', 60000, 10);
	refused(CLR_R_INSUFFICIENT_FUNDS, 2, "x1", "spot: cash for one only");
	add_order(m.alice, "a1", m.spot, 'S', 600, 10);
	add_order(m.alice, "a2", m.spot, 'S', 600, 10);
	refused(CLR_R_INSUFFICIENT_FUNDS, 2, "x2", "and coins for one only");
	add_order(m.alice, "a1", m.spot, 'B', 50000, 10);
	add_order(m.alice, "a2", m.future, 'B', 60000, 100);
	refused(CLR_R_INSUFFICIENT_MARGIN, 2, "x3", "cash and margin are one wallet");
	/* market orders find another price than when they were tried out */
	step_order(m.bob, "s1", m.spot, 'S', 1, 100);
	step_order(m.bob, "s2", m.spot, 'S', 1, 600000);
	for (int i = 0; i < 2; i++)
	{
		ClrCommand	c = order_command(m.alice, i == 0 ? "m1" : "m2", m.spot, 'B', 1, 0);

		c.u.order.ord_type = CLR_ORD_MARKET;
		c.u.order.time_in_force = CLR_TIF_IOC;
		add(&c);
	}
	add_order(m.alice, "a1", m.spot, 'B', 50000, 10);
	R(CLR_OK, batch(m.alice, "x4"));
	is_text(outcomes(), "1 ok 3 m1\n2 insufficient_funds 0 m2\n3 ok 4 a1\n0 ok 3 x4\n",
			"the price moved: refused alone, and nothing promised is taken");
	is(balance(&m.h, m.alice, m.usd), 999900, "one was bought");
	clear();
	steps_end();
}

static void
whole_or_not(void)
{
	ClrCommand	c;

	steps_begin();
	clear();
	step_order(m.alice, "a1", m.future, 'B', 1, 90);
	add_cancel(m.alice, "c1", "a1");
	add_order(m.alice, "a2", m.future, 'B', 0, 90);
	refused(CLR_R_QUANTITY_INVALID, 2, "x1", "form");
	add_cancel(m.alice, "c1", "a1");
	add_cancel(m.alice, "c2", "zz");
	refused(CLR_R_UNKNOWN_ORDER, 2, "x2", "no such order");
	add_cancel(m.alice, "c1", "a1");
	add_replace(m.alice, "c2", "a1", 2, 90);
	refused(CLR_R_ORDER_NAMED_TWICE, 2, "x3", "an order is named once");
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_order(m.alice, "a1", m.future, 'B', 1, 90);
	refused(CLR_R_BATCH_REFERENCE, 2, "x4", "a ClOrdID was used before");
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	refused(CLR_R_BATCH_REFERENCE, 2, "x5", "or twice in it");
	add_order(m.alice, "x6", m.future, 'B', 1, 90);
	refused(CLR_R_BATCH_REFERENCE, 1, "x6", "or is the batch's own");
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_cancel(m.alice, "c2", "a2");
	refused(CLR_R_UNKNOWN_ORDER, 2, "x7", "orders are named as they were before the batch");
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_OPEN_ORDERS, 2));
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_order(m.alice, "a3", m.future, 'B', 1, 90);
	refused(CLR_R_MAX_OPEN_ORDERS, 2, "x8", "limits hold for all of it");
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_RATE, 1));
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_replace(m.alice, "a3", "a1", 1, 91);
	refused(CLR_R_MAX_RATE, 1, "x9", "each order is a message");
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_RATE, 2));
	add_cancel(m.alice, "c1", "a1");
	add_order(m.alice, "a2", m.future, 'B', 1, 90);
	add_order(m.alice, "a3", m.future, 'B', 1, 90);
	R(CLR_OK, batch(m.alice, "x10"));
	clear();
	/* names of a refused batch are free */
	R(CLR_R_MAX_RATE, step_order(m.alice, "a4", m.future, 'B', 1, 90));

	/* what can't be a batch */
	c = order_command(m.bob, "b1", m.future, 'B', 1, 90);
	add(&c);
	{
		uint8_t		buf[CLR_LIST_MAX];
		ClrCommand	b = {.type = CLR_CMD_BATCH,.account = m.alice,.ref = T("x")};

		b.pairs = (ClrPairs) {orders, 1};
		b.u.batch.bytes = (uint16_t) used;
		is(clr_command_encode(&b, buf), 0, "of another account");
		b.pairs.n = 0;
		b.u.batch.bytes = 0;
		is(clr_command_encode(&b, buf), 0, "empty");
	}
	clear();
	steps_end();
}

static void
the_market_says(void)
{
	ClrCommand	c;

	steps_begin();
	clear();
	step_order(m.bob, "s1", m.future, 'S', 2, 100);
	step_order(m.alice, "a1", m.future, 'S', 1, 99);
	c = order_command(m.alice, "f1", m.future, 'B', 3, 100);
	c.u.order.time_in_force = CLR_TIF_FOK;
	add(&c);
	c = order_command(m.alice, "p1", m.future, 'B', 1, 100);
	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	add(&c);
	add_cancel(m.alice, "c1", "a1");
	c = order_command(m.alice, "p2", m.future, 'B', 1, 99);
	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	add(&c);
	R(CLR_OK, batch(m.alice, "x1"));
	is_text(outcomes(), "1 fok_not_fillable 0 f1\n2 post_only_would_trade 0 p1\n3 ok 2 c1\n4 ok 3 p2\n0 ok 4 x1\n",
			"an order alone is refused; asked when it is its turn");
	clear();
	c = order_command(m.alice, "f1", m.future, 'B', 3, 100);
	R(CLR_R_DUPLICATE_REFERENCE, step(&c));
	/* an earlier order of the batch may trade with what a later one means */
	step_order(m.alice, "a5", m.future, 'S', 1, 101);
	c = order_command(m.alice, "b1", m.future, 'B', 3, 101);
	c.u.order.self_match = CLR_SMP_CANCEL_RESTING;
	add(&c);
	add_cancel(m.alice, "c5", "a5");
	R(CLR_OK, batch(m.alice, "x2"));
	is_text(outcomes(), "1 ok 5 b1\n2 order_not_working 4 c5\n0 ok 2 x2\n", "too late");
	clear();
	steps_end();
}

int
main(void)
{
	applied_in_sequence();
	joint_margin();
	joint_funds();
	whole_or_not();
	the_market_says();
	return done_testing();
}
