/*
 * test_bust.c
 *	  Busting and correcting trades.
 *
 * The yardstick is a second house in which the trade never happened: balances,
 * positions and valuations must be the same.
 */
#include "tap.h"
#include "steps.h"

static ClrTradeEvent last;		/* the last trade */

/* The last TRADE event of the last command. */
static void
note_trade(void)
{
	for (size_t at = 0; at < m.h.ev.len;)
	{
		uint8_t		type;
		size_t		len = clr_event_length(m.h.ev.data + at, m.h.ev.len - at, &type);

		if (type == CLR_EV_TRADE)
			(void) clr_event_decode_trade(m.h.ev.data + at, len, &last);
		at += len;
	}
}

/* carol is in the background with buyer's and seller's help. */
static ClrTradeEvent
trade(uint32_t instrument, uint32_t buyer, uint32_t seller, int64_t qty, int64_t price)
{
	step_order(seller, "", instrument, 'S', qty, price);
	step_order(buyer, "", instrument, 'B', qty, price);
	note_trade();
	return last;
}

static int
bust(const ClrTradeEvent *t)
{
	ClrCommand	c = {.type = CLR_CMD_BUST_TRADE};

	c.u.bust.trade = *t;
	return step(&c);
}

static int
correct(const ClrTradeEvent *t, int64_t qty, int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_CORRECT_TRADE};

	c.u.bust.trade = *t;
	c.u.bust.new_price = price;
	c.u.bust.new_qty = qty;
	return step(&c);
}

static int
settle(int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_SETTLE};

	c.u.price.instrument = m.future;
	c.u.price.price = price;
	return step(&c);
}

static int
phase(ClrPhase to)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};

	c.u.phase.instrument = m.future;
	c.u.phase.phase = to;
	return step(&c);
}

/* Everything that a house owes and is owed. */
typedef struct Books
{
	ClrPositionView position[3];
	int64_t		usd[4];
	int64_t		btc[3];
	ClrValuation value[3];
	int64_t		open_interest;
} Books;

static Books
books(void)
{
	uint32_t	account[] = {m.alice, m.bob, m.carol};
	ClrInstrumentView v;
	Books		b;

	memset(&b, 0, sizeof(b));
	for (int i = 0; i < 3; i++)
	{
		b.position[i] = position(&m.h, account[i], m.future);
		b.usd[i] = balance(&m.h, account[i], m.usd);
		b.btc[i] = balance(&m.h, account[i], m.btc);
		b.value[i] = valuation(&m.h, account[i], m.usd);
	}
	b.usd[3] = balance(&m.h, CLR_ACCOUNT_FEES, m.usd);
	clr_get_instrument(m.h.e, m.future, &v);
	b.open_interest = v.open_interest;
	return b;
}

#define SAME(a, b, what) ok(memcmp(&(a), &(b), sizeof(Books)) == 0, what)

static void
begin_with_fees(void)
{
	ClrCommand	c;

	steps_begin();
	c = future_command("FEE", m.usd);
	c.u.instrument.maker_fee = -1000;
	c.u.instrument.taker_fee = 3000;
	step(&c);
	m.future = (uint32_t) m.h.out.id;
	c = spot_command("SPT", m.btc, m.usd);
	c.u.instrument.maker_fee = 1000;
	c.u.instrument.taker_fee = 3000;
	step(&c);
	m.spot = (uint32_t) m.h.out.id;
}

/* Right after the trade: opening, reducing, closing, turning. */
static void
at_once(void)
{
	static const int64_t held[] = {0, 10, 7, 3};
	static const char *names[] = {
		"a bust of an opening trade leaves no trace", "of one that reduced",
		"of one that closed", "of one that turned the position"
	};

	for (int i = 0; i < 4; i++)
	{
		Books		before;
		Books		after;
		ClrTradeEvent t;

		begin_with_fees();
		if (held[i] > 0)
		{
			trade(m.future, m.alice, m.carol, held[i], 97);
			trade(m.future, m.alice, m.carol, 1, 104);
			trade(m.future, m.carol, m.alice, 1, 99);
		}
		before = books();
		t = trade(m.future, m.bob, m.alice, 7, 103);
		R(CLR_OK, bust(&t));
		after = books();
		SAME(before, after, names[i]);
		R(CLR_R_TRADE_BUSTED, bust(&t));
		R(CLR_R_TRADE_BUSTED, correct(&t, 1, 100));
		steps_end();
	}
}

/* Trades in between: what the others have stays, what it did goes. */
static void
later(void)
{
	Books		without;
	Books		with;
	ClrTradeEvent t;

	begin_with_fees();
	trade(m.future, m.alice, m.carol, 5, 100);
	trade(m.future, m.bob, m.carol, 4, 101);
	settle(102);
	without = books();
	steps_end();

	begin_with_fees();
	trade(m.future, m.alice, m.carol, 5, 100);
	t = trade(m.future, m.alice, m.bob, 3, 98);
	trade(m.future, m.bob, m.carol, 4, 101);
	R(CLR_OK, bust(&t));
	settle(102);
	with = books();
	SAME(without, with, "busted before the settlement: paid as if it had never been");
	steps_end();

	begin_with_fees();
	trade(m.future, m.alice, m.carol, 5, 100);
	t = trade(m.future, m.alice, m.bob, 3, 98);
	trade(m.future, m.bob, m.carol, 4, 101);
	settle(105);
	R(CLR_OK, bust(&t));
	is(position(&m.h, m.alice, m.future).qty, 5, "busted after it: the lots go back");
	settle(102);
	with = books();
	SAME(without, with, "and the next one pays the difference back");
	steps_end();
}

static void
spot(void)
{
	Books		before;
	Books		after;
	ClrTradeEvent t;

	begin_with_fees();
	before = books();
	t = trade(m.spot, m.alice, m.bob, 10, 200);
	R(CLR_OK, bust(&t));
	after = books();
	SAME(before, after, "spot: delivery against payment, backwards");
	t = trade(m.spot, m.alice, m.bob, 10, 200);
	R(CLR_OK, ({ ClrCommand c = {.type = CLR_CMD_WITHDRAW, .account = m.alice};
				 c.u.cash.asset = m.btc;
				 c.u.cash.amount = 1010;
				 step(&c); }));
	R(CLR_OK, bust(&t));
	is(balance(&m.h, m.alice, m.btc), -10, "what has been withdrawn is owed");
	steps_end();
}

static void
corrections(void)
{
	Books		right;
	Books		corrected;
	ClrTradeEvent t;

	begin_with_fees();
	trade(m.future, m.alice, m.carol, 5, 100);
	trade(m.future, m.bob, m.alice, 3, 102);
	right = books();
	steps_end();

	begin_with_fees();
	trade(m.future, m.alice, m.carol, 5, 100);
	t = trade(m.future, m.bob, m.alice, 4, 120);
	R(CLR_R_PRICE_INVALID, correct(&t, 3, CLR_PRICE_MAX + 1));
	R(CLR_R_QUANTITY_INVALID, correct(&t, 0, 102));
	R(CLR_R_QUANTITY_INVALID, correct(&t, 5, 102));
	R(CLR_OK, correct(&t, 3, 102));
	corrected = books();
	SAME(right, corrected, "corrected: as if it had been right");
	is(clr_get_field(m.h.e, CLR_SCOPE_TRADE, t.trade_id, 0, CLR_TRADE_CORRECTED_BY),
	   (int64_t) m.h.out.first_trade, "and it is said by which trade");
	note_trade();
	is(clr_get_field(m.h.e, CLR_SCOPE_TRADE, last.trade_id, 0, CLR_TRADE_CORRECTS),
	   (int64_t) t.trade_id, "in both directions");
	is(last.trade_id, t.trade_id + 1, "which is a trade like any other");
	R(CLR_OK, bust(&last));
	steps_end();
}

/* Nobody aggressed; the corrected trade costs what the auction's rule says. */
static void
in_an_auction(void)
{
	static const struct
	{
		ClrAuctionFees rule;
		int64_t		buyer;
		int64_t		seller;
	}			rules[] = {
		{CLR_AUCTION_FEES_HALF, 1, 1},
		{CLR_AUCTION_FEES_TAKER, 3, 3},
		{CLR_AUCTION_FEES_MAKER, -1, -1},
		{CLR_AUCTION_FEES_BY_AGE, -1, 3}
	};

	const int64_t unit = 20 * 100 / 1000;	/* a thousandth of the value */

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
	{
		ClrTradeEvent t;

		begin_with_fees();
		step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_AUCTION_FEES, rules[i].rule);
		phase(CLR_PHASE_PRE_OPEN);
		step_order(m.bob, "", m.future, 'B', 20, 100);
		step_order(m.alice, "", m.future, 'S', 20, 100);
		phase(CLR_PHASE_CONTINUOUS);
		note_trade();
		t = last;
		is(t.aggressor, CLR_TRADE_IN_AUCTION | CLR_SIDE_SELL, "the seller's order was newer");
		is(t.buy_fee, rules[i].buyer * unit, "what the buyer pays");
		is(t.sell_fee, rules[i].seller * unit, "what the seller pays");
		R(CLR_OK, correct(&t, 10, 100));
		note_trade();
		is(last.aggressor, t.aggressor, "the correction is a trade of the auction too");
		is(last.buy_fee * 2, t.buy_fee, "and half as much costs the buyer half");
		is(last.sell_fee * 2, t.sell_fee, "and the seller");
		R(CLR_OK, bust(&last));
		steps_end();
	}
}

static void
refusals(void)
{
	ClrTradeEvent t;
	ClrTradeEvent f;
	ClrCommand	c = {.type = CLR_CMD_BUST_TRADE, .submitter = 1, .account = 0};

	begin_with_fees();
	t = trade(m.future, m.alice, m.bob, 3, 98);
	f = t, f.trade_id = 0;
	R(CLR_R_UNKNOWN_TRADE, bust(&f));
	f.trade_id = t.trade_id + 1;
	R(CLR_R_UNKNOWN_TRADE, bust(&f));
	f = t, f.instrument = 99;
	R(CLR_R_UNKNOWN_INSTRUMENT, bust(&f));
	f = t, f.buy_account = 99;
	R(CLR_R_UNKNOWN_ACCOUNT, bust(&f));
	f = t, f.sell_account = CLR_ACCOUNT_FEES;
	R(CLR_R_SYSTEM_ACCOUNT, bust(&f));
	f = t, f.aggressor = 0;
	R(CLR_R_TRADE_DIFFERS, bust(&f));
	f = t, f.qty = 0;
	R(CLR_R_TRADE_DIFFERS, bust(&f));
	f = t, f.buy_fee = 1000000;
	R(CLR_R_TRADE_DIFFERS, bust(&f));
	f = t, f.buy_cost = INT64_MIN;
	R(CLR_R_TRADE_DIFFERS, bust(&f));
	c.u.bust.trade = t;
	R(CLR_R_UNKNOWN_COMMAND, step(&c));
	R(CLR_OK, bust(&t));
	steps_end();
}

int
main(void)
{
	at_once();
	later();
	spot();
	corrections();
	in_an_auction();
	refusals();
	return done_testing();
}
