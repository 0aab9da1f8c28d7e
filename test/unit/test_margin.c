/*
 * test_margin.c
 *	  Requirements, reserves, fees, valuation, and what is refused for them.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

/* A house with one future of the given margins and fees; mark 1000. */
static uint32_t
list(Market *m, uint8_t margin_basis, int64_t initial, int64_t maintenance,
	 uint8_t fee_basis, int64_t maker, int64_t taker)
{
	static int	n;
	char		symbol[16];
	ClrCommand	c;

	sprintf(symbol, "L%d", ++n);
	c = future_command(symbol, m->usd);
	c.u.instrument.margin_basis = margin_basis;
	c.u.instrument.initial_margin = initial;
	c.u.instrument.maintenance_margin = maintenance;
	c.u.instrument.fee_basis = fee_basis;
	c.u.instrument.maker_fee = maker;
	c.u.instrument.taker_fee = taker;
	c.u.instrument.reference_price = 1000;
	send(&m->h, &c);
	return (uint32_t) m->h.out.id;
}

static void
margin(House *h, uint32_t future, uint8_t basis, int64_t initial)
{
	ClrCommand	c = {.type = CLR_CMD_SET_MARGIN};

	c.u.margin.instrument = future;
	c.u.margin.basis = basis;
	c.u.margin.initial = initial;
	R(CLR_OK, send(h, &c));
}

/* Worst case of the two sides, each with its reserve. */
static void
requirement(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 0);
	limit(h, m.alice, "a1", f, 'B', 10, 1000);
	is(valuation(h, m.alice, m.usd).initial, 1000, "10 buys: 10 % of 10 * 1000");
	is(valuation(h, m.alice, m.usd).maintenance, 0, "maintenance counts the position alone");
	limit(h, m.alice, "a2", f, 'S', 4, 1010);
	is(valuation(h, m.alice, m.usd).initial, 1000, "4 sells: the buys are worse");
	limit(h, m.alice, "a3", f, 'S', 8, 1011);
	is(valuation(h, m.alice, m.usd).initial, 1200, "12 sells: now these are");
	limit(h, m.alice, "a4", f, 'B', 1, 1007);
	is(position(h, m.alice, f).buy_reserve, 7, "a buy 7 above the mark reserves its loss");
	is(valuation(h, m.alice, m.usd).initial, 1200, "buy side 1107");
	limit(h, m.bob, "b1", f, 'B', 12, 1011);
	is(h->out.cum_qty, 12, "the sells fill");
	is(position(h, m.alice, f).qty, -12, "short 12");
	is(position(h, m.alice, f).cost, -(4 * 1010 + 8 * 1011), "carried at what it sold for");
	is(valuation(h, m.alice, m.usd).initial, 1200, "|-12 + 11| is less");
	is(valuation(h, m.alice, m.usd).maintenance, 600, "maintenance of 12");
	is(valuation(h, m.alice, m.usd).equity, 1000000 + 4 * 10 + 8 * 11, "equity at the mark");
	is(valuation(h, m.bob, m.usd).equity, 1000000 - 4 * 10 - 8 * 11, "the other side of it");
	is(balance(h, m.alice, m.usd), 1000000, "no cash moved");
	is(valuation(h, m.alice, m.usd).available, 1000000 + 128 - 1200, "available");
	house_ok(h);
	house_free(h);
}

static void
rounding(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 33333, 11111, CLR_BASIS_RATE, 0, 0);
	limit(h, m.alice, "a1", f, 'B', 1, 1000);
	is(valuation(h, m.alice, m.usd).initial, 34, "33.333 rounds up");
	limit(h, m.alice, "a2", f, 'B', 2, 1000);
	is(valuation(h, m.alice, m.usd).initial, 100, "once for the position: 99.999");
	limit(h, m.bob, "b1", f, 'S', 3, 1000);
	is(valuation(h, m.bob, m.usd).maintenance, 34, "33.333 rounds up");
	house_ok(h);
	house_free(h);
}

static void
per_lot(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_LOT, 700, 500, CLR_BASIS_LOT, 1, 2);
	limit(h, m.alice, "a1", f, 'B', 3, 990);
	is(valuation(h, m.alice, m.usd).initial, 2100 + 6, "700 a lot, and the taker fee");
	limit(h, m.bob, "b1", f, 'S', 2, 990);
	is_text(events(h), "O2 00 0/2@990 ok\n" "T1 2@990 1x2 2/4\n" "L6 16>2 2 a1 k4\n"
			"L7 17>2 4 a1 k4\n" "O1 F1 2/3@990 ok\n" "O2 F2 2/2@990 ok\n", "fees per lot");
	is(valuation(h, m.alice, m.usd).maintenance, 1000, "maintenance");

	/* without a mark price, lots count at cost and no loss is reserved */
	c = future_command("NOMARK", m.usd);
	c.u.instrument.has_reference_price = 0;
	c.u.instrument.reference_price = 0;
	c.u.instrument.margin_basis = CLR_BASIS_LOT;
	c.u.instrument.initial_margin = 5;
	c.u.instrument.maintenance_margin = 5;
	send(h, &c);
	f = (uint32_t) h->out.id;
	limit(h, m.alice, "a2", f, 'B', 2, 300);
	limit(h, m.carol, "c2", f, 'S', 2, 300);
	is(valuation(h, m.carol, m.usd).equity, 1000000, "valued at cost");
	is(valuation(h, m.carol, m.usd).initial, 10, "margin per lot");
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 310);
	is(valuation(h, m.carol, m.usd).equity, 1000000 - 20, "until there is a mark");
	c.text = T("NOMARK2");
	c.u.instrument.margin_basis = CLR_BASIS_RATE;
	send(h, &c);
	f = (uint32_t) h->out.id;
	R(CLR_R_NO_MARK_PRICE, limit(h, m.alice, "a3", f, 'B', 2, 300));
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 310);
	R(CLR_OK, limit(h, m.alice, "a4", f, 'B', 2, 300));
	house_ok(h);
	house_free(h);
}

static void
refusals(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 0);
	R(CLR_OK, limit(h, m.alice, "a1", f, 'B', 10000, 1000));
	is(valuation(h, m.alice, m.usd).available, 0, "exactly used up");
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a2", f, 'B', 1, 1000));
	is(h->out.needed, 1000100, "needed");
	is(h->out.available, 1000000, "available");
	R(CLR_OK, limit(h, m.alice, "a3", f, 'S', 10000, 1100));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a4", f, 'S', 1, 1000));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.bob, "b1", f, 'B', 5000, 1101));
	is(h->out.needed, 500000 + 5000 * 101, "the loss of a buy above the mark counts");
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.alice, m.usd, 1));
	is(h->out.available, 0, "nothing is available");
	/* margin of one instrument is not available to another of the same asset */
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a5", m.future, 'B', 1, 100));
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.alice, "a6", m.spot, 'B', 1, 1));
	is(h->out.needed, 1000001, "spot and margin share the cash");
	house_ok(h);
	house_free(h);
}

/* Reducing a position is always possible. */
static void
risk_reducing(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 0);
	limit(h, m.alice, "a1", f, 'B', 9000, 1000);
	limit(h, m.bob, "b1", f, 'S', 9000, 1000);
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 900);
	is(valuation(h, m.alice, m.usd).available, 100000 - 810000, "a loss of 900000");
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a2", f, 'B', 1, 900));
	R(CLR_OK, limit(h, m.alice, "a3", f, 'S', 4000, 900));
	R(CLR_OK, limit(h, m.alice, "a4", f, 'S', 5000, 800));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a5", f, 'S', 1, 950));
	limit(h, m.carol, "c1", f, 'B', 5000, 890);
	is(position(h, m.alice, f).qty, 4000, "5000 closed");
	is(position(h, m.alice, f).cost, 4000000, "the rest is carried at its cost");
	is(position(h, m.alice, f).realised, 5000 * (800 - 1000), "at a loss");
	cancel(h, m.alice, "a6", "a3");
	limit(h, m.carol, "c2", f, 'B', 5000, 850);
	R(CLR_OK, market(h, m.alice, "a7", f, 'S', 4000));
	is(position(h, m.alice, f).qty, 0, "out, by a market order");
	R(CLR_R_INSUFFICIENT_MARGIN, market(h, m.alice, "a8", f, 'S', 1000));
	mass_cancel(h, 0, f);

	/* the same for a short position */
	deposit(h, m.alice, m.usd, 2000000);
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 1000);
	limit(h, m.alice, "s1", f, 'S', 9000, 1000);
	limit(h, m.carol, "s2", f, 'B', 4000, 1000);
	limit(h, m.bob, "s3", f, 'B', 5000, 1000);
	is(position(h, m.alice, f).qty, -9000, "short");
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 1200);
	ok(valuation(h, m.alice, m.usd).available < 0, "in deficit");
	R(CLR_OK, limit(h, m.alice, "s4", f, 'B', 8999, 1100));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "s5", f, 'B', 2, 1100));
	R(CLR_OK, limit(h, m.alice, "s6", f, 'B', 1, 1100));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "s7", f, 'B', 1, 1100));
	house_ok(h);
	house_free(h);
}

static void
market_margin(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 1000);
	limit(h, m.alice, "a1", f, 'S', 100, 1000);
	limit(h, m.alice, "a2", f, 'S', 4000, 1200);
	R(CLR_R_INSUFFICIENT_MARGIN, market(h, m.bob, "b1", f, 'B', 4100));
	/* 410000 margin, 800000 loss against the mark, fees of 0.1 % */
	is(h->out.needed, 410000 + 800000 + 100 + 4800 + 1, "the walk decides");
	R(CLR_OK, market(h, m.bob, "b2", f, 'B', 100));
	is(h->out.cum_qty, 100, "what can be paid is");
	is(balance(h, m.bob, m.usd), 1000000 - 100, "the fee");
	is(balance(h, CLR_ACCOUNT_FEES, m.usd), 100, "went to the house");
	house_ok(h);
	house_free(h);
}

/* Charges round up, rebates down; the house pays rebates. */
static void
fees(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, -333, 777);
	limit(h, m.alice, "a1", f, 'S', 10, 1001);
	limit(h, m.bob, "b1", f, 'B', 7, 1001);
	is_text(events(h), "O2 00 0/7@1001 ok\n" "T1 7@1001 2x1 6/-2\n" "L6 17>2 6 a1 k4\n"
			"L7 2>16 2 a1 k4\n" "O1 F1 7/10@1001 ok\n" "O2 F2 7/7@1001 ok\n",
			"5.44 up to 6, 2.33 down to 2");
	is(balance(h, CLR_ACCOUNT_FEES, m.usd), 4, "the house keeps the difference");
	house_ok(h);

	/* a rebate larger than what the house has makes its account negative for a moment */
	f = list(&m, CLR_BASIS_LOT, 0, 0, CLR_BASIS_LOT, -10, 10);
	limit(h, m.alice, "a2", f, 'S', 1, 1000);
	limit(h, m.bob, "b2", f, 'B', 1, 1000);
	is(balance(h, CLR_ACCOUNT_FEES, m.usd), 4, "taker pays maker");
	house_ok(h);
	house_free(h);
}

static void
parameters(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c = {.type = CLR_CMD_SET_MARGIN};

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 100, 100);
	c.u.margin.instrument = m.future;
	c.u.margin.basis = CLR_BASIS_LOT;
	c.u.margin.initial = 77;
	c.u.margin.maintenance = 7;
	R(CLR_OK, send(h, &c));
	is(valuation(h, m.alice, m.usd).initial, 7700, "requirements follow at once");
	c.u.margin.maintenance = 78;
	R(CLR_R_PARAMETER_INVALID, send(h, &c));
	c.u.margin.maintenance = -1;
	R(CLR_R_PARAMETER_INVALID, send(h, &c));
	c.u.margin.basis = CLR_BASIS_RATE;
	c.u.margin.maintenance = 0;
	c.u.margin.initial = CLR_RATE_UNIT + 1;
	R(CLR_R_PARAMETER_INVALID, send(h, &c));
	c.u.margin.initial = 0;
	R(CLR_OK, send(h, &c));
	is(valuation(h, m.alice, m.usd).initial, 0, "no margin");
	c.u.margin.instrument = m.spot;
	R(CLR_R_NOT_A_FUTURE, send(h, &c));
	c.u.margin.instrument = 99;
	R(CLR_R_UNKNOWN_INSTRUMENT, send(h, &c));
	R(CLR_R_PRICE_INVALID, at_price(h, CLR_CMD_SET_MARK_PRICE, m.future, CLR_PRICE_MAX + 1));
	R(CLR_R_PRICE_INVALID, at_price(h, CLR_CMD_SET_MARK_PRICE, m.spot, 0));
	R(CLR_OK, at_price(h, CLR_CMD_SET_MARK_PRICE, m.spot, 5));
	house_ok(h);
	house_free(h);
}

static void
spot(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	uint32_t	s;

	market_init(&m);
	c = spot_command("FEE/USD", m.btc, m.usd);
	c.u.instrument.maker_fee = 1000;
	c.u.instrument.taker_fee = 2500;
	send(h, &c);
	s = (uint32_t) h->out.id;
	R(CLR_OK, limit(h, m.alice, "a1", s, 'B', 100, 333));
	/* 333 and 0.8325 rounded up, per lot */
	is(position(h, m.alice, s).buy_reserve, 100 * 334, "price and the dearer fee are reserved");
	is(valuation(h, m.alice, m.usd).available, 1000000 - 33400, "of the quote asset");
	R(CLR_OK, limit(h, m.bob, "b1", s, 'S', 30, 300));
	is_text(events(h), "O2 00 0/30@300 ok\n" "T1 30@333 1x2 10/25\n"
			"L6 17>16 30 a2 k3\n" "L7 16>17 9990 a1 k3\n" "L8 16>2 10 a1 k4\n"
			"L9 17>2 25 a1 k4\n" "O1 F1 30/100@333 ok\n" "O2 F2 30/30@300 ok\n",
			"delivery against payment, then fees");
	is(balance(h, m.alice, m.btc), 1030, "base received");
	is(balance(h, m.alice, m.usd), 1000000 - 9990 - 10, "quote paid");
	is(position(h, m.alice, s).buy_reserve, 70 * 334, "the rest stays reserved");
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.bob, "b2", s, 'S', 971, 400));
	is(h->out.needed, 971, "needed");
	is(h->out.available, 970, "available");
	is(h->out.asset, m.btc, "of the base asset");
	R(CLR_OK, limit(h, m.bob, "b3", s, 'S', 970, 400));
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.bob, m.btc, 1));
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.alice, "a2", s, 'B', 2900, 340));
	is(h->out.needed, 2900 * 341 + 70 * 334, "with what is reserved already");
	/* a market buy needs what the walk costs, to the unit */
	withdraw(h, m.alice, m.usd, 1000000 - 10000 - 23380 - 40099);
	R(CLR_R_INSUFFICIENT_FUNDS, market(h, m.alice, "a3", s, 'B', 100));
	is(h->out.needed - h->out.available, 1, "one unit short");
	deposit(h, m.alice, m.usd, 1);
	R(CLR_OK, market(h, m.alice, "a4", s, 'B', 100));
	is(h->out.cum_qty, 100, "100 at 400 and a fee of 100");
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.carol, "c1", s, 'S', 1, 400));
	R(CLR_OK, replace(h, m.alice, "a5", "a1", 60, 300));
	R(CLR_R_INSUFFICIENT_FUNDS, replace(h, m.alice, "a6", "a5", 1000000, 300));
	house_ok(h);
	house_free(h);
}

/* Unrealised profit is collateral for futures but buys no spot and can't leave. */
static void
unrealised(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 0);
	limit(h, m.alice, "a1", f, 'B', 5000, 1000);
	limit(h, m.bob, "b1", f, 'S', 5000, 1000);
	at_price(h, CLR_CMD_SET_MARK_PRICE, f, 1200);
	is(valuation(h, m.alice, m.usd).equity, 2000000, "a profit of a million");
	is(valuation(h, m.alice, m.usd).available, 1400000, "is collateral");
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.alice, m.usd, 1000001));
	is(h->out.available, 1000000, "but not cash");
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.alice, "a2", m.spot, 'B', 10000, 101));
	is(h->out.available, 1000000, "and buys nothing");
	R(CLR_OK, limit(h, m.alice, "a3", f, 'B', 10000, 1200));
	house_ok(h);
	house_free(h);
}

/*
 * What a fill costs is there, whichever side it is on: without a margin, or
 * with one that is smaller than fee and loss, the reserves of both sides count.
 */
static void
both_sides(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_LOT, 0, 0, CLR_BASIS_LOT, 3, 3);
	withdraw(h, m.alice, m.usd, 1000000 - 60);
	R(CLR_OK, limit(h, m.alice, "a1", f, 'B', 10, 999));
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a2", f, 'S', 11, 1001));
	is(h->out.needed, 63, "fees of both sides");
	R(CLR_OK, limit(h, m.alice, "a3", f, 'S', 10, 1001));
	is(valuation(h, m.alice, m.usd).available, 0, "which is all there is");
	limit(h, m.bob, "b1", f, 'S', 10, 999);
	is(balance(h, m.alice, m.usd), 30, "the buys cost 30");
	is(valuation(h, m.alice, m.usd).available, 10, "and the gain is left");
	house_ok(h);

	/* 10 a lot of margin: fees of 3 and losses up to 7 are within it */
	f = list(&m, CLR_BASIS_LOT, 10, 0, CLR_BASIS_LOT, 3, 3);
	limit(h, m.bob, "b2", f, 'B', 10, 1007);
	limit(h, m.bob, "b3", f, 'S', 10, 1010);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity, -(10 * 10 + 10 * 10),
	   "one side's margin and its reserve");
	limit(h, m.bob, "b4", f, 'B', 1, 1009);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity, -(11 * 10 + 10 * 10 + 12),
	   "of the larger side");
	limit(h, m.bob, "b5", f, 'S', 5, 1011);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity, -(11 * 10 + 10 * 10 + 12),
	   "the other one's reserve is within what its lots take off");
	limit(h, m.bob, "b6", f, 'S', 20, 1012);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity, -(35 * 10 + 35 * 3 + 2),
	   "the sells are larger; 2 of the dearest buy are not covered by its margin");
	house_ok(h);

	/* another margin measures the reserves anew */
	margin(h, f, CLR_BASIS_LOT, 2);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity,
	   -(24 * 2 + 112 + 35 * 3), "with a margin of 2 the worst is that all of it fills");
	margin(h, f, CLR_BASIS_LOT, 12);
	is(valuation(h, m.bob, m.usd).available - valuation(h, m.bob, m.usd).equity,
	   -(35 * 12 + 35 * 3), "a margin of 12 covers all");
	house_ok(h);
	house_free(h);
}

/* An order that asks for less risk is not refused, and costs no collateral. */
static void
eased(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	uint32_t	f;

	market_init(&m);
	f = list(&m, CLR_BASIS_RATE, 100000, 50000, CLR_BASIS_RATE, 0, 100000);
	R(CLR_OK, limit(h, m.alice, "a1", f, 'S', 5000, 1000));
	is(valuation(h, m.alice, m.usd).available, 0, "margin and fee: 200 a lot");
	R(CLR_OK, replace(h, m.alice, "a2", "a1", 5000, 2000));
	is(valuation(h, m.alice, m.usd).available, 0, "the fee at 2000 is paid by the gain of 1000");
	limit(h, m.bob, "b1", f, 'S', 1, 2000);
	market(h, m.bob, "b2", f, 'B', 1);
	is(valuation(h, m.alice, m.usd).available >= 0, true, "as a fill shows");

	/* without a mark price nothing is gained */
	c = future_command("NOMARK", m.usd);
	c.u.instrument.has_reference_price = 0;
	c.u.instrument.reference_price = 0;
	c.u.instrument.margin_basis = CLR_BASIS_LOT;
	c.u.instrument.initial_margin = 100;
	c.u.instrument.maintenance_margin = 0;
	c.u.instrument.maker_fee = 0;
	c.u.instrument.taker_fee = 100000;
	send(h, &c);
	f = (uint32_t) h->out.id;
	R(CLR_OK, limit(h, m.carol, "c1", f, 'S', 5000, 1000));
	R(CLR_R_INSUFFICIENT_MARGIN, replace(h, m.carol, "c2", "c1", 5000, 2000));
	is(h->out.needed, 5000 * (100 + 200), "so the larger fee must be there");
	R(CLR_OK, replace(h, m.carol, "c3", "c1", 3000, 2000));
	is(valuation(h, m.carol, m.usd).available, 1000000 - 3000 * 300, "as it is for fewer");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	requirement();
	rounding();
	per_lot();
	refusals();
	risk_reducing();
	market_margin();
	fees();
	parameters();
	spot();
	unrealised();
	both_sides();
	eased();
	return done_testing();
}
