/*
 * test_limits.c
 *	  Amounts at the edge of their range: refused beforehand, never wrapped.
 *	  The sanitizers watch; the checks look at the books afterwards.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

/* A future without margin or fees, whatever the tick value. */
static uint32_t
plain_future(Market *m, int64_t tick_value, int64_t mark)
{
	static int	n;
	char		symbol[16];
	ClrCommand	c;

	sprintf(symbol, "P%d", ++n);
	c = future_command(symbol, m->usd);
	c.u.instrument.initial_margin = 0;
	c.u.instrument.maintenance_margin = 0;
	c.u.instrument.multiplier = tick_value;
	c.u.instrument.reference_price = mark;
	send(&m->h, &c);
	return (uint32_t) m->h.out.id;
}

static void
one_order(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = plain_future(&m, 1, 0);
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a1", f, 'S', CLR_QTY_MAX, CLR_PRICE_MAX));
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a2", f, 'S', CLR_QTY_MAX, -CLR_PRICE_MAX));
	R(CLR_OK, limit(h, m.alice, "a3", f, 'S', CLR_QTY_MAX, 4000000));
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a4", f, 'S', 1, 4000000));
	R(CLR_R_OVERFLOW, replace(h, m.alice, "a5", "a3", CLR_QTY_MAX, 4000001));
	R(CLR_OK, limit(h, m.alice, "a6", f, 'S', CLR_QTY_MAX, 0));
	R(CLR_OK, limit(h, m.alice, "a7", f, 'S', CLR_QTY_MAX, 0));
	R(CLR_OK, limit(h, m.alice, "a8", f, 'S', CLR_QTY_MAX, 0));
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a9", f, 'S', 1, 0));
	f = plain_future(&m, CLR_AMOUNT_MAX, 0);
	R(CLR_OK, limit(h, m.bob, "b1", f, 'S', 1, 1));
	R(CLR_R_OVERFLOW, limit(h, m.bob, "b2", f, 'S', 1, 1));
	R(CLR_R_OVERFLOW, limit(h, m.bob, "b3", f, 'S', CLR_QTY_MAX, -CLR_PRICE_MAX));
	R(CLR_R_OVERFLOW, at_price(h, CLR_CMD_SET_MARK_PRICE, f, 1));
	house_ok(h);
	house_free(h);
}

/* Two accounts as far in as they get, then settled as far as it goes. */
static void
settlements(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	f;

	market_init(&m);
	f = plain_future(&m, 1, -1000000);
	R(CLR_OK, limit(h, m.alice, "a1", f, 'B', CLR_QTY_MAX, -1000000));
	R(CLR_OK, limit(h, m.bob, "b1", f, 'S', CLR_QTY_MAX, -1000000));
	R(CLR_OK, at_price(h, CLR_CMD_SET_MARK_PRICE, f, 3000000));
	is(valuation(h, m.alice, m.usd).equity, 1000000 + INT64_C(4000000) * CLR_QTY_MAX, "rich");
	R(CLR_R_OVERFLOW, at_price(h, CLR_CMD_SET_MARK_PRICE, f, 3000001));
	R(CLR_R_OVERFLOW, at_price(h, CLR_CMD_SETTLE, f, 3000000));
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, f, 500000));
	is(balance(h, m.alice, m.usd), 1000000 + INT64_C(1500000) * CLR_QTY_MAX, "paid");
	R(CLR_R_OVERFLOW, deposit(h, m.carol, m.usd, CLR_AMOUNT_MAX / 2 + CLR_AMOUNT_MAX / 4));
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, f, -1500000));
	R(CLR_OK, at_price(h, CLR_CMD_SETTLE, f, 500000));
	R(CLR_R_OVERFLOW, at_price(h, CLR_CMD_EXPIRE, f, CLR_PRICE_MAX));
	R(CLR_OK, at_price(h, CLR_CMD_EXPIRE, f, -500000));
	is(balance(h, m.alice, m.usd), 1000000 + INT64_C(500000) * CLR_QTY_MAX, "settled");
	house_ok(h);
	house_free(h);
}

static void
margins(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c = {.type = CLR_CMD_SET_MARGIN};
	uint32_t	f;

	market_init(&m);
	f = plain_future(&m, 1, 100);
	R(CLR_OK, limit(h, m.alice, "a1", f, 'B', CLR_QTY_MAX, 100));
	c.u.margin.instrument = f;
	c.u.margin.basis = CLR_BASIS_LOT;
	c.u.margin.initial = CLR_AMOUNT_MAX;
	c.u.margin.maintenance = CLR_AMOUNT_MAX;
	R(CLR_R_OVERFLOW, send(h, &c));
	c.u.margin.initial = c.u.margin.maintenance = 3999999;
	R(CLR_OK, send(h, &c));
	is(valuation(h, m.alice, m.usd).initial, INT64_C(3999999) * CLR_QTY_MAX, "a margin of 4e18");
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a2", f, 'B', 1000000, 100));
	R(CLR_OK, replace(h, m.alice, "a3", "a1", CLR_QTY_MAX - 1, 100));
	house_ok(h);
	house_free(h);
}

/* Valuations of several instruments beyond 64 bits are shown saturated. */
static void
saturation(void)
{
	Market		m;
	House	   *h = &m.h;
	uint32_t	futures[4];

	market_init(&m);
	for (int i = 0; i < 4; i++)
	{
		char		ref[16];

		futures[i] = plain_future(&m, 1, 0);
		sprintf(ref, "r%d", i);
		limit(h, m.alice, ref, futures[i], 'B', CLR_QTY_MAX, 0);
		limit(h, m.bob, ref, futures[i], 'S', CLR_QTY_MAX, 0);
	}
	for (int i = 0; i < 4; i++)
		R(CLR_OK, at_price(h, CLR_CMD_SET_MARK_PRICE, futures[i], 3900000));
	ok(valuation(h, m.alice, m.usd).equity == INT64_MAX, "equity of 15.6e18");
	ok(valuation(h, m.bob, m.usd).equity == INT64_MIN, "and its opposite");
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.bob, "x", m.future, 'B', 1, 100));
	ok(h->out.available == INT64_MIN, "reported saturated");
	R(CLR_OK, limit(h, m.alice, "x", m.future, 'B', 1, 100));
	house_ok(h);
	house_free(h);
}

static void
spot_limits(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	uint32_t	big;

	market_init(&m);
	deposit(h, m.alice, m.usd, INT64_C(3000000000000000000));
	R(CLR_OK, limit(h, m.alice, "a1", m.spot, 'B', 1000000, INT64_C(1000000000000)));
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a2", m.spot, 'B', CLR_QTY_MAX, CLR_PRICE_MAX));
	R(CLR_R_OVERFLOW, limit(h, m.alice, "a3", m.spot, 'S', CLR_QTY_MAX, CLR_PRICE_MAX));
	/* selling into it moves amounts that still fit */
	R(CLR_OK, limit(h, m.bob, "b1", m.spot, 'S', 1000, 1));
	is(balance(h, m.bob, m.usd), 1000000 + INT64_C(1000000000000000), "sold dear");
	c = spot_command("BIG", m.btc, m.usd);
	c.u.instrument.lot_size = INT64_C(1000000000000000000);
	R(CLR_OK, send(h, &c));
	big = (uint32_t) h->out.id;
	R(CLR_R_OVERFLOW, limit(h, m.bob, "b2", big, 'S', 5, 1));
	R(CLR_R_INSUFFICIENT_FUNDS, limit(h, m.bob, "b3", big, 'S', 1, 1));
	house_ok(h);
	house_free(h);
}

/* Random extremes: nothing may wrap, whatever is accepted. */
static void
storm(void)
{
	static const int64_t sizes[] = {1, 3, 1000000, 999999999999, 1000000000000};
	static const int64_t prices[] = {0, 1, -1, 999983, -999983, 4000000, -4000000, 1000000000, -999999999999, 1000000000000};
	Market		m;
	House	   *h = &m.h;
	uint32_t	futures[3];
	uint32_t	accounts[3];
	uint64_t	state = 99;
	unsigned	accepted = 0;
	unsigned	trades = 0;

	market_init(&m);
	futures[0] = plain_future(&m, 1, 0);
	futures[1] = plain_future(&m, 1000003, 0);
	futures[2] = plain_future(&m, INT64_C(1000000000000000), 0);
	accounts[0] = m.alice;
	accounts[1] = m.bob;
	accounts[2] = m.carol;
	for (int i = 0; i < 3; i++)
		deposit(h, accounts[i], m.usd, INT64_C(600000000000000000));
	for (int i = 0; i < 20000 && h->broken == NULL; i++)
	{
		uint32_t	f;
		int64_t		price;
		int			r = 0;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		f = futures[(state >> 60) % 3];
		price = prices[(state >> 50) % 10];
		if ((state >> 20) % 40 == 0)
			r = at_price(h, (state >> 30) % 2 ? CLR_CMD_SETTLE : CLR_CMD_SET_MARK_PRICE, f, price);
		else if ((state >> 20) % 40 == 1)
			r = set_phase(h, f, (state >> 30) % 2 ? CLR_PHASE_CONTINUOUS : CLR_PHASE_PRE_OPEN);
		else if ((state >> 20) % 40 == 2)
			r = mass_cancel(h, accounts[(state >> 35) % 3], f);
		else
		{
			ClrCommand	c = order_command(accounts[(state >> 35) % 3], "", f,
										  state >> 40 & 1 ? 'B' : 'S', sizes[(state >> 45) % 5], price);

			if ((state >> 25) % 16 == 0)
			{
				c.u.order.ord_type = CLR_ORD_MARKET;
				c.u.order.price = 0;
			}
			r = send(h, &c);
		}
		accepted += r == CLR_OK;
		trades += h->out.n_trades;
	}
	ok(accepted > 2000, "many are accepted (%u)", accepted);
	ok(trades > 300, "and trade (%u)", trades);
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	one_order();
	settlements();
	margins();
	saturation();
	spot_limits();
	storm();
	return done_testing();
}
