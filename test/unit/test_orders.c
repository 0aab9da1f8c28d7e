/*
 * test_orders.c
 *	  Entry, matching, time in force, self-match prevention, phases, cancels.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

/* Price-time priority, trades at the resting price. */
static void
priority(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'S', 5, 102);
	limit(h, m.bob, "b1", m.future, 'S', 5, 101);
	limit(h, m.alice, "a2", m.future, 'S', 5, 101);
	limit(h, m.carol, "c1", m.future, 'B', 12, 102);
	is_text(events(h),
			"O4 00 0/12@102 ok\n"
			"T1 5@101 4x2 0/0\n" "O2 F2 5/5@101 ok\n"
			"T2 5@101 4x3 0/0\n" "O3 F2 5/5@101 ok\n"
			"T3 2@102 4x1 0/0\n" "O1 F1 2/5@102 ok\n"
			"O4 F2 12/12@102 ok\n", "best price first, then the older");
	is(h->out.n_trades, 3, "three trades");
	is(h->out.first_trade, 1, "from the first");
	is(h->out.ord_status, CLR_STATUS_FILLED, "filled");
	is(h->out.exec_type, CLR_EXEC_TRADE, "by trading");
	is(h->out.cum_value, 5 * 101 + 5 * 101 + 2 * 102, "at these prices");

	limit(h, m.carol, "c2", m.future, 'B', 10, 103);
	is_text(events(h), "O5 00 0/10@103 ok\n" "T4 3@102 5x1 0/0\n"
			"O1 F2 5/5@102 ok\n" "O5 F1 3/10@103 ok\n", "the rest stays in the book");
	is(h->out.ord_status, CLR_STATUS_PARTIALLY_FILLED, "partially filled");
	is(h->out.leaves_qty, 7, "seven work on");
	limit(h, m.alice, "a3", m.future, 'S', 3, 90);
	is_text(events(h), "O6 00 0/3@90 ok\n" "T5 3@103 5x6 0/0\n"
			"O5 F1 6/10@103 ok\n" "O6 F2 3/3@90 ok\n", "a sell trades at the resting bid");
	is(position(h, m.carol, m.future).qty, 18, "carol is long");
	house_ok(h);
	house_free(h);
}

static void
immediate(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrOrderView v;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'S', 5, 101);
	R(CLR_OK, limit_tif(h, m.bob, "b1", m.future, 'B', 8, 101, CLR_TIF_IOC));
	is_text(events(h), "O2 00 0/8@101 ok\n" "T1 5@101 2x1 0/0\n" "O1 F2 5/5@101 ok\n"
			"O2 44 5/8@101 ioc_remainder\n", "IOC: the rest is cancelled");
	is(h->out.ord_status, CLR_STATUS_CANCELED, "canceled");
	is(h->out.cum_qty, 5, "five filled");
	is(h->out.leaves_qty, 0, "nothing works");
	ok(!clr_get_order(h->e, 2, &v), "it does not rest");
	R(CLR_OK, limit_tif(h, m.bob, "b2", m.future, 'B', 8, 101, CLR_TIF_IOC));
	is_text(events(h), "O3 00 0/8@101 ok\n" "O3 44 0/8@101 ioc_remainder\n", "IOC without a fill");

	limit(h, m.alice, "a2", m.future, 'S', 5, 101);
	limit(h, m.alice, "a3", m.future, 'S', 5, 103);
	R(CLR_R_FOK_NOT_FILLABLE, limit_tif(h, m.bob, "b3", m.future, 'B', 6, 102, CLR_TIF_FOK));
	is_text(events(h), "", "FOK: refused whole");
	is(h->out.ord_status, CLR_STATUS_REJECTED, "rejected");
	is(h->out.id, 0, "without an order");
	R(CLR_OK, limit_tif(h, m.bob, "b4", m.future, 'B', 10, 103, CLR_TIF_FOK));
	is(h->out.cum_qty, 10, "FOK: filled whole, over two prices");
	house_ok(h);
	house_free(h);
}

static void
market_orders(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;

	market_init(&m);
	R(CLR_R_NO_LIQUIDITY, market(h, m.bob, "b1", m.future, 'B', 5));
	limit(h, m.alice, "a1", m.future, 'S', 5, 101);
	limit(h, m.alice, "a2", m.future, 'S', 5, 109);
	R(CLR_OK, market(h, m.bob, "b2", m.future, 'B', 7));
	is_text(events(h), "O3 00 0/7@0 ok\n" "T1 5@101 3x1 0/0\n" "O1 F2 5/5@101 ok\n"
			"T2 2@109 3x2 0/0\n" "O2 F1 2/5@109 ok\n" "O3 F2 7/7@0 ok\n", "walks the book");
	c = order_command(m.bob, "b3", m.future, 'B', 9, 0);
	c.u.order.ord_type = CLR_ORD_MARKET;
	c.u.order.time_in_force = CLR_TIF_GTC;
	R(CLR_OK, send(h, &c));
	is(h->out.cum_qty, 3, "a GTC market order takes what there is");
	is(h->out.ord_status, CLR_STATUS_CANCELED, "and never rests");
	limit(h, m.alice, "a4", m.future, 'S', 5, 101);
	c = order_command(m.bob, "b4", m.future, 'B', 6, 0);
	c.u.order.ord_type = CLR_ORD_MARKET;
	c.u.order.time_in_force = CLR_TIF_FOK;
	R(CLR_R_FOK_NOT_FILLABLE, send(h, &c));
	c.u.order.qty = 5;
	c.ref = T("b5");
	R(CLR_OK, send(h, &c));
	is(h->out.cum_qty, 5, "a market FOK");
	c.u.order.price = 1;
	c.ref = T("b6");
	R(CLR_R_PRICE_INVALID, send(h, &c));
	house_ok(h);
	house_free(h);
}

static void
post_only_orders(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'S', 5, 101);
	R(CLR_R_POST_ONLY_WOULD_TRADE, post_only(h, m.bob, "b1", m.future, 'B', 1, 101));
	R(CLR_OK, post_only(h, m.bob, "b2", m.future, 'B', 1, 100));
	R(CLR_R_POST_ONLY_WOULD_TRADE, replace(h, m.bob, "b3", "b2", 1, 102));
	R(CLR_OK, replace(h, m.bob, "b4", "b2", 2, 100));
	c = order_command(m.bob, "b5", m.future, 'B', 1, 100);
	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	c.u.order.time_in_force = CLR_TIF_IOC;
	R(CLR_R_TIF_INVALID, send(h, &c));
	c.u.order.time_in_force = CLR_TIF_FOK;
	c.ref = T("b6");
	R(CLR_R_TIF_INVALID, send(h, &c));
	c.u.order.time_in_force = CLR_TIF_DAY;
	c.u.order.ord_type = CLR_ORD_MARKET;
	c.u.order.price = 0;
	c.ref = T("b7");
	R(CLR_R_TIF_INVALID, send(h, &c));
	/* collected before the open it may not cross either, so it never initiates */
	set_phase(h, m.future, CLR_PHASE_PRE_OPEN);
	R(CLR_R_POST_ONLY_WOULD_TRADE, post_only(h, m.bob, "b8", m.future, 'B', 1, 101));
	house_ok(h);
	house_free(h);
}

static void
bad_orders(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	int			n = 0;
	char		ref[16];

#define TRY(want, field, value) \
	do { \
		sprintf(ref, "try%d", n++); \
		c = order_command(m.bob, ref, m.future, 'B', 1, 100); \
		c.field = (value); \
		R(want, send(h, &c)); \
	} while (0)

	market_init(&m);
	TRY(CLR_R_SIDE_INVALID, u.order.side, 0);
	TRY(CLR_R_SIDE_INVALID, u.order.side, 3);
	TRY(CLR_R_ORD_TYPE_INVALID, u.order.ord_type, 0);
	TRY(CLR_R_ORD_TYPE_INVALID, u.order.ord_type, 5);
	TRY(CLR_R_PARAMETER_INVALID, u.order.ord_type, CLR_ORD_STOP);
	TRY(CLR_R_AUCTION_OVER, u.order.time_in_force, 2);
	TRY(CLR_R_TIF_INVALID, u.order.time_in_force, 5);
	TRY(CLR_R_PARAMETER_INVALID, u.order.exec_inst, 3);
	TRY(CLR_R_PARAMETER_INVALID, u.order.exec_inst, 32);
	TRY(CLR_R_PARAMETER_INVALID, u.order.self_match, 5);
	TRY(CLR_R_QUANTITY_INVALID, u.order.qty, 0);
	TRY(CLR_R_QUANTITY_INVALID, u.order.qty, -1);
	TRY(CLR_R_QUANTITY_INVALID, u.order.qty, CLR_QTY_MAX + 1);
	TRY(CLR_R_PRICE_INVALID, u.order.price, CLR_PRICE_MAX + 1);
	TRY(CLR_R_PRICE_INVALID, u.order.price, INT64_MIN);
	TRY(CLR_R_UNKNOWN_INSTRUMENT, u.order.instrument, 0);
	TRY(CLR_R_UNKNOWN_INSTRUMENT, u.order.instrument, 99);
	TRY(CLR_R_UNKNOWN_ACCOUNT, account, 0);
	TRY(CLR_R_UNKNOWN_ACCOUNT, account, 5);
	TRY(CLR_R_UNKNOWN_ACCOUNT, account, 1000);
	TRY(CLR_R_SYSTEM_ACCOUNT, account, CLR_ACCOUNT_FEES);
	R(CLR_R_PRICE_INVALID, limit(h, m.bob, "s1", m.spot, 'B', 1, 0));
	R(CLR_R_PRICE_INVALID, limit(h, m.bob, "s2", m.spot, 'B', 1, -1));
	R(CLR_OK, limit(h, m.bob, "s3", m.future, 'B', 1, -1));
	is(h->out.id, 1, "refused orders consume no id");
	house_ok(h);
	house_free(h);
#undef TRY
}

/* The account on both sides: the aggressor's instruction decides. */
static void
self_match(void)
{
	static const struct
	{
		uint8_t		instruction;
		const char *events;
		const char *name;
	}			cases[] = {
		{CLR_SMP_DEFAULT,
			"O4 00 0/9@102 ok\n" "T1 2@100 4x1 0/0\n" "O1 F2 2/2@100 ok\n"
			"O2 44 0/3@101 self_match\n" "T2 4@102 4x3 0/0\n" "O3 F2 4/4@102 ok\n"
		"O4 F1 6/9@102 ok\n", "default: the resting order goes"},
		{CLR_SMP_CANCEL_RESTING,
			"O4 00 0/9@102 ok\n" "T1 2@100 4x1 0/0\n" "O1 F2 2/2@100 ok\n"
			"O2 44 0/3@101 self_match\n" "T2 4@102 4x3 0/0\n" "O3 F2 4/4@102 ok\n"
		"O4 F1 6/9@102 ok\n", "cancel resting"},
		{CLR_SMP_CANCEL_AGGRESSOR,
			"O4 00 0/9@102 ok\n" "T1 2@100 4x1 0/0\n" "O1 F2 2/2@100 ok\n"
		"O4 44 2/9@102 self_match_aggressor\n", "cancel aggressor: fills are kept"},
		{CLR_SMP_CANCEL_BOTH,
			"O4 00 0/9@102 ok\n" "T1 2@100 4x1 0/0\n" "O1 F2 2/2@100 ok\n"
			"O2 44 0/3@101 self_match_both\n" "O4 44 2/9@102 self_match_both\n",
		"cancel both"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Market		m;
		House	   *h = &m.h;

		market_init(&m);
		limit(h, m.bob, "b1", m.future, 'S', 2, 100);
		limit(h, m.alice, "a1", m.future, 'S', 3, 101);
		limit(h, m.bob, "b2", m.future, 'S', 4, 102);
		limit_smp(h, m.alice, "a2", m.future, 'B', 9, 102, cases[i].instruction);
		is_text(events(h), cases[i].events, cases[i].name);
		is(h->out.n_cancelled,
		   cases[i].instruction != CLR_SMP_CANCEL_AGGRESSOR, "resting orders cancelled");
		house_ok(h);
		house_free(h);
	}
}

static void
self_match_fok(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;

	market_init(&m);
	limit(h, m.bob, "b1", m.future, 'S', 2, 100);
	limit(h, m.alice, "a1", m.future, 'S', 3, 101);
	limit(h, m.bob, "b2", m.future, 'S', 4, 102);
	R(CLR_R_FOK_NOT_FILLABLE, limit_tif(h, m.alice, "a2", m.future, 'B', 7, 102, CLR_TIF_FOK));
	c = order_command(m.alice, "a3", m.future, 'B', 6, 102);
	c.u.order.time_in_force = CLR_TIF_FOK;
	c.u.order.self_match = CLR_SMP_CANCEL_AGGRESSOR;
	R(CLR_R_FOK_NOT_FILLABLE, send(h, &c));
	c.ref = T("a4");
	c.u.order.self_match = CLR_SMP_CANCEL_BOTH;
	R(CLR_R_FOK_NOT_FILLABLE, send(h, &c));
	c.ref = T("a5");
	c.u.order.self_match = CLR_SMP_CANCEL_RESTING;
	R(CLR_OK, send(h, &c));
	is_text(events(h), "O4 00 0/6@102 ok\n" "T1 2@100 4x1 0/0\n" "O1 F2 2/2@100 ok\n"
			"O2 44 0/3@101 self_match\n" "T2 4@102 4x3 0/0\n" "O3 F2 4/4@102 ok\n"
			"O4 F2 6/6@102 ok\n", "own orders don't count for FOK");
	limit(h, m.alice, "a6", m.future, 'S', 3, 101);
	R(CLR_OK, market(h, m.alice, "a7", m.future, 'B', 3));
	is_text(events(h), "O6 00 0/3@0 ok\n" "O5 44 0/3@101 self_match\n"
			"O6 44 0/3@0 ioc_remainder\n", "a market order that meets only itself");
	house_ok(h);
	house_free(h);
}

static void
phases(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrInstrumentView v;

	market_init(&m);
	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_PRE_OPEN));
	R(CLR_OK, limit(h, m.alice, "a1", m.future, 'B', 5, 101));
	R(CLR_OK, limit_tif(h, m.bob, "b1", m.future, 'S', 5, 99, CLR_TIF_GTC));
	is(h->out.n_trades, 0, "nothing matches before the open");
	R(CLR_R_PHASE, limit_tif(h, m.bob, "b2", m.future, 'S', 5, 99, CLR_TIF_IOC));
	R(CLR_R_PHASE, limit_tif(h, m.bob, "b3", m.future, 'S', 5, 99, CLR_TIF_FOK));
	R(CLR_R_PHASE, market(h, m.bob, "b4", m.future, 'S', 5));
	R(CLR_OK, replace(h, m.bob, "b5", "b1", 6, 98));
	R(CLR_OK, limit(h, m.alice, "a9", m.future, 'B', 1, 1));
	R(CLR_OK, cancel(h, m.alice, "a10", "a9"));

	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_HALTED));
	R(CLR_R_PHASE, limit(h, m.alice, "a2", m.future, 'B', 5, 90));
	R(CLR_R_PHASE, replace(h, m.bob, "b6", "b5", 2, 98));
	R(CLR_OK, cancel(h, m.bob, "b7", "b5"));
	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_CONTINUOUS));
	is(h->out.n_trades, 0, "not crossed any more");
	R(CLR_OK, limit_tif(h, m.bob, "b8", m.future, 'S', 5, 110, CLR_TIF_GTC));
	R(CLR_OK, limit(h, m.alice, "a3", m.future, 'B', 1, 80));

	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_CLOSED));
	is_text(events(h), "O1 CC 0/5@101 end_of_day\n" "O5 CC 0/1@80 end_of_day\n",
			"DAY orders expire in order of entry");
	is(h->out.n_cancelled, 2, "two expired");
	R(CLR_R_PHASE, limit(h, m.alice, "a4", m.future, 'B', 5, 90));
	R(CLR_R_ORDER_NOT_WORKING, cancel(h, m.alice, "a5", "a1"));
	R(CLR_OK, cancel(h, m.bob, "b9", "b8"));
	R(CLR_R_PARAMETER_INVALID, set_phase(h, m.future, CLR_PHASE_EXPIRED));
	R(CLR_R_PARAMETER_INVALID, set_phase(h, m.future, 0));
	R(CLR_R_UNKNOWN_INSTRUMENT, set_phase(h, 77, CLR_PHASE_CLOSED));
	clr_get_instrument(h->e, m.future, &v);
	is(v.phase, CLR_PHASE_CLOSED, "closed");
	house_ok(h);
	house_free(h);
}

/* A book collected before the open uncrosses by price and time. */
static void
uncross(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	set_phase(h, m.future, CLR_PHASE_PRE_OPEN);
	limit(h, m.alice, "a1", m.future, 'B', 5, 101);
	limit(h, m.bob, "b1", m.future, 'S', 3, 98);
	limit(h, m.carol, "c1", m.future, 'S', 4, 100);
	limit(h, m.carol, "c2", m.future, 'B', 4, 103);
	limit(h, m.bob, "b2", m.future, 'S', 4, 104);
	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_CONTINUOUS));
	is_text(events(h),
			"T1 3@98 4x2 0/0\n" "O2 F2 3/3@98 ok\n" "O4 F1 3/4@103 ok\n"
			"O3 44 0/4@100 self_match\n", "the older of each pair rests; self-matches are prevented");
	is(h->out.n_cancelled, 1, "one cancelled");
	is(position(h, m.carol, m.future).qty, 3, "carol bought at 98");

	set_phase(h, m.future, CLR_PHASE_PRE_OPEN);
	limit(h, m.bob, "b3", m.future, 'S', 7, 90);
	set_phase(h, m.future, CLR_PHASE_HALTED);
	R(CLR_OK, set_phase(h, m.future, CLR_PHASE_CONTINUOUS));
	is_text(events(h), "T2 1@103 4x6 0/0\n" "O4 F2 4/4@103 ok\n" "O6 F1 1/7@90 ok\n"
			"T3 5@101 1x6 0/0\n" "O1 F2 5/5@101 ok\n" "O6 F1 6/7@90 ok\n",
			"also when it was halted in between");
	is(h->out.n_trades, 2, "two trades");
	is(h->out.first_trade, 2, "the outcome names them");
	house_ok(h);
	house_free(h);
}

static void
cancels(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER};

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 5, 100);
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.bob, "b1", "a1"));
	R(CLR_R_UNKNOWN_ORDER, cancel_id(h, m.bob, "b2", 1));
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.alice, "a2", "nothing"));
	R(CLR_R_UNKNOWN_ORDER, cancel_id(h, m.alice, "a3", 2));
	R(CLR_R_UNKNOWN_ORDER, cancel_id(h, m.alice, "a4", 0));
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.alice, "a5", "a4"));
	c.account = m.alice;
	c.text = T("a1");
	c.u.cancel.order_id = 2;
	R(CLR_R_UNKNOWN_ORDER, send(h, &c));
	c.u.cancel.order_id = 1;
	R(CLR_OK, send(h, &c));
	is_text(events(h), "O1 44 0/5@100 requested\n", "cancelled");
	is(h->out.exec_type, CLR_EXEC_CANCELED, "canceled");
	is(h->out.leaves_qty, 0, "nothing works");
	is(position(h, m.alice, m.future).buy_lots, 0, "nothing is reserved");
	R(CLR_R_ORDER_NOT_WORKING, cancel(h, m.alice, "a6", "a1"));
	R(CLR_R_ORDER_NOT_WORKING, cancel_id(h, m.alice, "a7", 1));
	R(CLR_R_SYSTEM_ACCOUNT, cancel_id(h, CLR_ACCOUNT_FEES, "x", 1));
	R(CLR_R_UNKNOWN_ACCOUNT, cancel_id(h, 0, "x", 1));
	house_ok(h);
	house_free(h);
}

static void
mass_cancels(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	for (int i = 0; i < 3; i++)
	{
		char		ref[16];

		sprintf(ref, "r%d", i);
		limit(h, m.bob, ref, m.future, 'B', 1, 90 + i);
		limit(h, m.alice, ref, m.future, 'B', 1, 90 - i);
		limit(h, m.alice, ref, m.spot, 'B', 1, 5);
		sprintf(ref, "s%d", i);
		limit(h, m.alice, ref, m.spot, 'S', 1, 50);
	}
	is(clr_count_orders(h->e), 9, "refused as duplicates are those of the same name");
	R(CLR_R_UNKNOWN_INSTRUMENT, mass_cancel(h, m.alice, 9));
	R(CLR_R_UNKNOWN_ACCOUNT, mass_cancel(h, 99, 0));
	R(CLR_OK, mass_cancel(h, m.alice, m.spot));
	is(h->out.n_cancelled, 3, "one account, one instrument");
	is_text(events(h), "O3 44 0/1@50 mass_cancel\n" "O6 44 0/1@50 mass_cancel\n"
			"O9 44 0/1@50 mass_cancel\n", "in order of entry");
	R(CLR_OK, mass_cancel(h, m.alice, 0));
	is(h->out.n_cancelled, 3, "one account, all instruments");
	R(CLR_OK, mass_cancel(h, m.alice, 0));
	is(h->out.n_cancelled, 0, "nothing left");
	R(CLR_OK, mass_cancel(h, 0, m.spot));
	is(h->out.n_cancelled, 0, "all accounts, one instrument");
	R(CLR_OK, mass_cancel(h, 0, 0));
	is(h->out.n_cancelled, 3, "everything");
	is(clr_count_orders(h->e), 0, "no order left");
	house_ok(h);
	house_free(h);
}

/* Prices far apart, negative ones, many levels: the trie under stress. */
static void
far_prices(void)
{
	Market		m;
	House	   *h = &m.h;
	static const int64_t prices[] = {0, 1, -1, 4096, -4097, 300000, -5000000, 99999999, -700000000};
	int64_t		price;
	int64_t		qty;
	char		ref[16];
	bool		good = true;

	market_init(&m);
	deposit(h, m.alice, m.usd, INT64_C(100000000000));
	for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++)
	{
		sprintf(ref, "p%zu", i);
		good = good && limit(h, m.alice, ref, m.future, 'B', 1, prices[i]) == CLR_OK;
	}
	ok(good, "orders at all prices");
	ok(clr_get_best(h->e, m.future, CLR_SIDE_BUY, &price, &qty) && price == 99999999, "the best");
	cancel(h, m.alice, "x", "p7");
	ok(clr_get_best(h->e, m.future, CLR_SIDE_BUY, &price, &qty) && price == 300000, "the next");
	ok(!clr_get_best(h->e, m.future, CLR_SIDE_SELL, &price, &qty), "no offer");
	ok(!clr_get_best(h->e, m.future, 0, &price, &qty), "no such side");
	mass_cancel(h, m.alice, 0);
	ok(!clr_get_best(h->e, m.future, CLR_SIDE_BUY, &price, &qty), "empty again");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	priority();
	immediate();
	market_orders();
	post_only_orders();
	bad_orders();
	self_match();
	self_match_fok();
	phases();
	uncross();
	cancels();
	mass_cancels();
	far_prices();
	return done_testing();
}
