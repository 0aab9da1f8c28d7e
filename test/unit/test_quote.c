/*
 * test_quote.c
 *	  Mass quotes: replaced as one, taken whole or not at all.
 */
#include "tap.h"
#include "steps.h"

static int
quote(uint32_t account, uint32_t set, const char *ref, unsigned n, const ClrQuote *q)
{
	ClrCommand	c = {.type = CLR_CMD_MASS_QUOTE, .account = account, .ref = T(ref)};
	uint8_t		pairs[CLR_QUOTES_MAX * CLR_QUOTE_BYTES];
	uint8_t    *p = pairs;

	for (unsigned i = 0; i < n; i++)
		p = clr_put_quote(p, &q[i]);
	c.pairs = (ClrPairs) {pairs, (uint8_t) n};
	c.u.quote.set = set;
	return step(&c);
}

#define Q(in, bid, bid_qty, ask, ask_qty) {in, {bid, ask}, {bid_qty, ask_qty}}

static void
replaced_as_one(void)
{
	steps_begin();
	{
		ClrQuote	q[] = {Q(m.future, 99, 5, 101, 6), Q(m.spot, 10, 1, 12, 2)};

		R(CLR_OK, quote(m.alice, 1, "q1", 2, q));
		is_text(events(&m.h), "O1 00 0/5@99 ok\nO2 00 0/6@101 ok\nO3 00 0/1@10 ok\nO4 00 0/2@12 ok\n",
				"four orders");
		is(m.h.out.id, 1, "the outcome names the set");
		R(CLR_OK, quote(m.alice, 1, "q1", 2, q));
		is(m.h.out.duplicate, 1, "exactly once");
	}
	{
		ClrQuote	q[] = {Q(m.future, 98, 5, 0, 0)};

		R(CLR_OK, quote(m.alice, 1, "q2", 1, q));
		is_text(events(&m.h), "O1 44 0/5@99 quote_replaced\nO2 44 0/6@101 quote_replaced\n"
				"O5 00 0/5@98 ok\n", "one instrument: its sides give way, one is pulled");
		is(clr_count_orders(m.h.e), 3, "the other instrument stays");
		R(CLR_OK, quote(m.alice, 2, "q3", 1, q));
		is(clr_count_orders(m.h.e), 4, "another set stands beside it");
	}
	{
		ClrQuote	q[] = {Q(m.future, 0, 0, 0, 0), Q(m.spot, 0, 0, 0, 0)};

		R(CLR_OK, quote(m.alice, 1, "q4", 2, q));
		is(clr_count_orders(m.h.e), 1, "pulled");
	}
	steps_end();
}

/* Limits and bands refuse quotes as they refuse orders. */
static void
beyond_limits(void)
{
	ClrQuote	high[] = {Q(m.future, 99, 5, 111, 6)};
	ClrQuote	low[] = {Q(m.future, 89, 5, 101, 6)};
	ClrQuote	inside[] = {Q(m.future, 90, 5, 110, 6)};

	steps_begin();
	high[0].instrument = low[0].instrument = inside[0].instrument = m.future;
	at_price(&m.h, CLR_CMD_SETTLE, m.future, 100);
	compare_restored();
	step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_LIMIT_UP, 10);
	step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_LIMIT_DOWN, 10);
	R(CLR_R_PRICE_LIMIT, quote(m.alice, 1, "h", 1, high));
	R(CLR_R_PRICE_LIMIT, quote(m.alice, 1, "l", 1, low));
	R(CLR_OK, quote(m.alice, 1, "i", 1, inside));
	step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_PRICE_BAND, 5);
	high[0].price[0] = 106;
	high[0].price[1] = 108;
	R(CLR_R_PRICE_BAND, quote(m.alice, 1, "b", 1, high));
	is(clr_count_orders(m.h.e), 2, "the quote that stood stays");
	/* the limits move away from the offer: it is out of the book, and goes with its quote */
	step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_LIMIT_UP, 9);
	ok(!clr_get_best(m.h.e, m.future, CLR_SIDE_SELL, &(int64_t) {0}, &(int64_t) {0}), "no offer");
	R(CLR_OK, quote(m.alice, 1, "n", 1, (ClrQuote[]) {Q(m.future, 95, 1, 105, 1)}));
	is(clr_count_orders(m.h.e), 2, "replaced as one");
	steps_end();
}

static void
trades(void)
{
	steps_begin();
	step_order(m.bob, "b1", m.future, 'S', 2, 100);
	step_order(m.alice, "a1", m.future, 'S', 2, 100);
	{
		ClrQuote	q[] = {Q(m.future, 100, 5, 103, 5), Q(m.spot, 10, 1, 12, 1)};

		R(CLR_OK, quote(m.alice, 1, "q1", 2, q));
		is_text(events(&m.h), "O3 00 0/5@100 ok\nT1 2@100 3x1 0/0\nO1 F2 2/2@100 ok\n"
				"O2 44 0/2@100 self_match\nO3 F1 2/5@100 ok\nO4 00 0/5@103 ok\n"
				"O5 00 0/1@10 ok\nO6 00 0/1@12 ok\n",
				"a side may trade; of its own orders the resting one goes");
		is(m.h.out.n_trades, 1, "counted");
	}
	steps_end();
}

/* 1,000,000 cover 100,000 lots at 10 % of 100. */
static void
whole_or_not(void)
{
	steps_begin();
	{
		ClrQuote	big[] = {Q(m.future, 99, 60000, 101, 60000), Q(m.spot, 10, 100000, 0, 0)};
		ClrQuote	next[] = {Q(m.future, 98, 90000, 102, 90000)};
		ClrQuote	crossed[] = {Q(m.spot, 10, 1, 11, 1), Q(m.future, 101, 1, 101, 1)};
		ClrQuote	twice[] = {Q(m.future, 99, 1, 0, 0), Q(m.future, 98, 1, 0, 0)};
		ClrQuote	small[] = {Q(m.future, 98, 3, 102, 3), Q(m.spot, 10, 1, 12, 1)};

		R(CLR_R_INSUFFICIENT_MARGIN, quote(m.alice, 1, "q1", 2, big));
		is(m.h.out.needed, 600000 + 60000 * 0 + 1000000, "all of it together");
		is(clr_count_orders(m.h.e), 0, "nothing is done");
		R(CLR_OK, quote(m.alice, 1, "q2", 1, big));
		R(CLR_OK, quote(m.alice, 1, "q3", 1, next));
		is(valuation(&m.h, m.alice, m.usd).initial, 900000, "the old sides don't count");
		R(CLR_R_PRICE_INVALID, quote(m.alice, 1, "q4", 2, crossed));
		is(m.h.out.id, 2, "the second is at fault");
		R(CLR_R_PARAMETER_INVALID, quote(m.alice, 1, "q5", 2, twice));
		R(CLR_R_PARAMETER_INVALID, quote(m.alice, 0, "q6", 1, next));
		is(clr_count_orders(m.h.e), 2, "the quotes stand");
		R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_OPEN_ORDERS, 3));
		R(CLR_R_MAX_OPEN_ORDERS, quote(m.alice, 1, "q7", 2, small));
		is(m.h.out.needed, 4, "limits hold for all of it");
		R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_OPEN_ORDERS, 4));
		R(CLR_OK, quote(m.alice, 1, "q8", 2, small));
		is(clr_count_orders(m.h.e), 4, "and replaced ones don't count");
	}
	steps_end();
}

/* Limits of the day and bands hold for quotes as for orders. */
static void
price_controls(void)
{
	ClrCommand	settle = {.type = CLR_CMD_SETTLE};

	steps_begin();
	settle.u.price.instrument = m.future;
	settle.u.price.price = 100;
	R(CLR_OK, step(&settle));
	R(CLR_OK, step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_LIMIT_UP, 10));
	R(CLR_OK, step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_LIMIT_DOWN, 10));
	{
		ClrQuote	low[] = {Q(m.spot, 10, 1, 12, 1), Q(m.future, 89, 1, 101, 1)};
		ClrQuote	high[] = {Q(m.future, 99, 1, 111, 1)};
		ClrQuote	good[] = {Q(m.future, 90, 1, 110, 1)};

		R(CLR_R_PRICE_LIMIT, quote(m.alice, 1, "q1", 2, low));
		is(m.h.out.id, 2, "the second is at fault");
		R(CLR_R_PRICE_LIMIT, quote(m.alice, 1, "q2", 1, high));
		is(clr_count_orders(m.h.e), 0, "nothing is done");
		R(CLR_OK, quote(m.alice, 1, "q3", 1, good));
		R(CLR_OK, step_field(CLR_SCOPE_INSTRUMENT, m.future, CLR_RULE_PRICE_BAND, 5));
		R(CLR_R_PRICE_BAND, quote(m.alice, 1, "q4", 1, (ClrQuote[]) {Q(m.future, 90, 1, 94, 1)}));
		is(clr_count_orders(m.h.e), 2, "the quotes stand");
		R(CLR_OK, quote(m.alice, 1, "q5", 1, (ClrQuote[]) {Q(m.future, 90, 1, 110, 1)}));
	}
	steps_end();
}

int
main(void)
{
	beyond_limits();
	replaced_as_one();
	trades();
	whole_or_not();
	price_controls();
	return done_testing();
}
