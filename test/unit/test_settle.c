/*
 * test_settle.c
 *	  Variation margin and expiry: every unit accounted for.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static void
variation(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrInstrumentView v;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 7, 100);
	limit(h, m.bob, "b1", m.future, 'S', 7, 100);
	limit(h, m.carol, "c1", m.future, 'B', 3, 105);
	limit(h, m.bob, "b2", m.future, 'S', 3, 105);
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, 103));
	is_text(events(h), "L6 17>3 15 a1 k5\n" "L7 18>3 6 a1 k5\n" "L8 3>16 21 a1 k5\n"
			"S1 @103 21=21 n3 f0\n", "losers pay first, then winners receive");
	is(h->out.id, 1, "settlement 1");
	is(balance(h, m.alice, m.usd), 1000021, "7 * 3");
	is(balance(h, m.bob, m.usd), 1000000 - 21 + 6, "-7 * 3 + 3 * 2");
	is(balance(h, m.carol, m.usd), 1000000 - 6, "-3 * 2");
	is(balance(h, CLR_ACCOUNT_SETTLEMENT, m.usd), 0, "nothing stays behind");
	is(position(h, m.alice, m.future).cost, 7 * 103, "carried at the settlement price");
	clr_get_instrument(h->e, m.future, &v);
	is(v.mark, 103, "which is the mark");
	is(v.settlement, 103, "and the settlement price");
	ok(v.has_settlement, "there is one");
	is(v.open_interest, 10, "open interest");
	is(v.volume, 10, "volume");
	is(valuation(h, m.bob, m.usd).initial, 103, "10 % of 10 lots at 103");

	/* closing moves the cost's share, the next cycle pays the rest */
	limit(h, m.alice, "a2", m.future, 'S', 4, 110);
	limit(h, m.bob, "b3", m.future, 'B', 4, 110);
	is(position(h, m.alice, m.future).realised, 4 * 7, "realised 7 a lot");
	is(position(h, m.alice, m.future).qty, 3, "3 are left");
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, 100));
	is(balance(h, m.alice, m.usd), 1000021 + 28 - 9, "28 realised, 9 lost");
	is(position(h, m.alice, m.future).realised, 0, "paid");
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, 100));
	is_text(events(h), "S3 @100 0=0 n3 f0\n", "a second time there is nothing to pay");
	house_ok(h);
	house_free(h);
}

/* Shares of cost that do not divide: the residue stays in cost. */
static void
odd_numbers(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrPositionView p;
	ClrPositionView q;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 1, 100);
	limit(h, m.bob, "b1", m.future, 'S', 1, 100);
	limit(h, m.alice, "a2", m.future, 'B', 2, 101);
	limit(h, m.bob, "b2", m.future, 'S', 2, 101);
	is(position(h, m.alice, m.future).cost, 302, "3 lots for 302");
	limit(h, m.alice, "a3", m.future, 'S', 1, 107);
	limit(h, m.carol, "c1", m.future, 'B', 1, 107);
	p = position(h, m.alice, m.future);
	is(p.realised, 107 - 100, "a third of 302, towards zero, is 100");
	is(p.cost, 202, "the residue stays");
	limit(h, m.bob, "b3", m.future, 'B', 2, 95);
	limit(h, m.carol, "c2", m.future, 'S', 2, 95);
	p = position(h, m.bob, m.future);
	q = position(h, m.carol, m.future);
	is(p.qty, -1, "bob is short 1");
	is(p.cost, -302 + 201, "two thirds of -302 are -201");
	is(p.realised, 201 - 190, "bought back for 190");
	is(q.qty, -1, "carol went from long 1 to short 1");
	is(q.cost, -95, "the new lot is carried at its price");
	is(q.realised, 95 - 107, "the old one realised its loss");
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, 99));
	is(balance(h, m.alice, m.usd) + balance(h, m.bob, m.usd) + balance(h, m.carol, m.usd),
	   3000000, "cash is conserved");
	is(balance(h, m.alice, m.usd), 1000000 + 7 + 2 * 99 - 202, "alice");
	is(balance(h, m.carol, m.usd), 1000000 - 12 - 99 + 95, "carol");
	house_ok(h);
	house_free(h);
}

static void
deficit(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 90000, 100);
	limit(h, m.bob, "b1", m.future, 'S', 90000, 100);
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, 80));
	is(balance(h, m.alice, m.usd), 1000000 - 1800000, "a loser may go below zero");
	is(balance(h, m.bob, m.usd), 2800000, "the winner is paid in full");
	is(valuation(h, m.alice, m.usd).available, -800000 - 720000, "the deficit shows");
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.alice, m.usd, 1));
	R(CLR_OK, withdraw(h, m.bob, m.usd, 2080000));
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.bob, m.usd, 1));
	R(CLR_OK, deposit(h, m.alice, m.usd, 800000));
	house_ok(h);
	house_free(h);
}

static void
negative_prices(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	at_price(h, CLR_CMD_SET_MARK_PRICE, m.future, 10);
	limit(h, m.alice, "a1", m.future, 'B', 5, -3);
	limit(h, m.bob, "b1", m.future, 'S', 5, -3);
	is(position(h, m.alice, m.future).cost, -15, "bought below zero");
	is(valuation(h, m.alice, m.usd).equity, 1000000 + 65, "worth 13 more each");
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, m.future, -37));
	is(balance(h, m.alice, m.usd), 1000000 - 34 * 5, "April 2020");
	is(valuation(h, m.alice, m.usd).initial, 19, "margin of the absolute notional: 18.5");
	limit(h, m.alice, "a2", m.future, 'S', 2, -40);
	limit(h, m.bob, "b2", m.future, 'B', 2, -40);
	is(position(h, m.alice, m.future).realised, 2 * -3, "realised below zero");
	R(CLR_OK, at_price(h, CLR_CMD_EXPIRE, m.future, 0));
	is(balance(h, m.alice, m.usd), 1000000 - 170 - 6 + 3 * 37, "closed at 0");
	house_ok(h);
	house_free(h);
}

static void
expiry(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrInstrumentView v;
	ClrCommand	c = {.type = CLR_CMD_SET_MARGIN};

	market_init(&m);
	limit(h, m.alice, "a1", m.future, 'B', 7, 100);
	limit(h, m.bob, "b1", m.future, 'S', 5, 100);
	limit_tif(h, m.bob, "b2", m.future, 'S', 5, 120, CLR_TIF_GTC);
	R(CLR_R_NOT_A_FUTURE, at_price(h, CLR_CMD_EXPIRE, m.spot, 100));
	R(CLR_R_NOT_A_FUTURE, at_price(h, CLR_CMD_SETTLE, m.spot, 100));
	R(CLR_R_UNKNOWN_INSTRUMENT, at_price(h, CLR_CMD_SETTLE, 9, 100));
	R(CLR_R_PRICE_INVALID, at_price(h, CLR_CMD_SETTLE, m.future, CLR_PRICE_MAX + 1));
	R(CLR_OK, at_price(h, CLR_CMD_EXPIRE, m.future, 90));
	is_text(events(h), "O1 CC 5/7@100 instrument_expired\n" "O3 CC 0/5@120 instrument_expired\n"
			"L6 16>3 50 a1 k6\n" "L7 3>17 50 a1 k6\n" "S1 @90 50=50 n2 f1\n",
			"orders end, then the final settlement");
	is(h->out.n_cancelled, 2, "two orders");
	is(position(h, m.alice, m.future).qty, 0, "closed");
	is(valuation(h, m.alice, m.usd).initial, 0, "no margin any more");
	clr_get_instrument(h->e, m.future, &v);
	is(v.phase, CLR_PHASE_EXPIRED, "expired");
	is(v.open_interest, 0, "no open interest");
	R(CLR_R_EXPIRED_INSTRUMENT, limit(h, m.alice, "a2", m.future, 'B', 1, 100));
	R(CLR_R_EXPIRED_INSTRUMENT, at_price(h, CLR_CMD_EXPIRE, m.future, 90));
	R(CLR_R_EXPIRED_INSTRUMENT, at_price(h, CLR_CMD_SETTLE, m.future, 90));
	R(CLR_R_EXPIRED_INSTRUMENT, at_price(h, CLR_CMD_SET_MARK_PRICE, m.future, 90));
	R(CLR_R_EXPIRED_INSTRUMENT, set_phase(h, m.future, CLR_PHASE_CONTINUOUS));
	c.u.margin.instrument = m.future;
	c.u.margin.basis = CLR_BASIS_LOT;
	R(CLR_R_EXPIRED_INSTRUMENT, send(h, &c));
	R(CLR_R_ORDER_NOT_WORKING, cancel(h, m.alice, "a3", "a1"));
	R(CLR_OK, mass_cancel(h, 0, m.future));
	house_ok(h);
	house_free(h);
}

/* Many accounts trading at random prices: conserved to the unit, every cycle. */
static void
conservation(void)
{
	Market		m;
	House	   *h = &m.h;
	uint64_t	state = 7;
	uint32_t	accounts[20];
	bool		conserved = true;

	market_init(&m);
	h->check = false;
	for (int i = 0; i < 20; i++)
	{
		char		name[16];

		sprintf(name, "acc%d", i);
		accounts[i] = add_account(h, name, 1);
		deposit(h, accounts[i], m.usd, 1000003);
	}
	for (int cycle = 0; cycle < 50; cycle++)
	{
		int64_t		total = 0;

		for (int i = 0; i < 60; i++)
		{
			ClrCommand	c;

			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			c = order_command(accounts[state >> 59 & 15], "", m.future, state >> 40 & 1 ? 'B' : 'S',
							  (int64_t) (state >> 33 & 31) + 1, 90 + (int64_t) (state >> 48) % 21);
			send(h, &c);
		}
		at_price(h, CLR_CMD_SETTLE, m.future, 90 + (int64_t) (state >> 50) % 21);
		for (int i = 0; i < 20; i++)
			total += balance(h, accounts[i], m.usd);
		conserved = conserved && total == 20 * 1000003 &&
			balance(h, CLR_ACCOUNT_SETTLEMENT, m.usd) == 0 && clr_engine_check(h->e) == NULL;
	}
	ok(conserved, "cash is conserved in 50 cycles");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	variation();
	odd_numbers();
	deficit();
	negative_prices();
	expiry();
	conservation();
	return done_testing();
}
