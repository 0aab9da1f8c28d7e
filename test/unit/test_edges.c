/*
 * test_edges.c
 *	  Where two rules meet: what random flows have found that the tests of each
 *	  rule by itself did not.
 *
 * After every command the invariants are checked and the state is restored
 * from the events and compared.
 */
#include "special.h"

static int
give(ClrCommand *c)
{
	return after(send(H, c));
}

static int
set_one(uint8_t scope, uint64_t object, uint64_t sub, uint16_t field, int64_t value)
{
	ClrCommand	c = {.type = CLR_CMD_SET_FIELDS};
	uint8_t		buf[CLR_FIELD_BYTES];

	clr_put_field(buf, field, value);
	c.pairs = (ClrPairs) {buf, 1};
	c.u.fields.scope = scope;
	c.u.fields.object = object;
	c.u.fields.sub = sub;
	return give(&c);
}

static int
enter(uint32_t account, const char *ref, uint32_t instrument, char side, int64_t qty,
	  int64_t price, uint8_t type, uint8_t tif, uint8_t self_match, const int64_t *attrs)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	c.u.order.ord_type = type;
	c.u.order.time_in_force = tif;
	c.u.order.self_match = self_match;
	c = with_attrs(c, attrs);
	return give(&c);
}

static int
enter_limit(uint32_t account, const char *ref, uint32_t instrument, char side, int64_t qty, int64_t price)
{
	return enter(account, ref, instrument, side, qty, price, CLR_ORD_LIMIT, CLR_TIF_GTC, 0, NO_ATTRS);
}

static uint32_t
list_future(const char *symbol, int64_t mark)
{
	ClrCommand	c = future_command(symbol, mk.usd);

	c.u.instrument.multiplier = 1;
	c.u.instrument.multiplier_exp = 0;
	c.u.instrument.margin_basis = CLR_BASIS_LOT;
	c.u.instrument.initial_margin = 10;
	c.u.instrument.maintenance_margin = 5;
	c.u.instrument.reference_price = mark;
	c.u.instrument.has_reference_price = 1;
	(void) give(&c);
	return (uint32_t) H->out.id;
}

static uint32_t
list_spread(const char *symbol, uint32_t a, uint32_t b)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_SPREAD,.text = T(symbol)};

	c.u.spread.n_legs = 2;
	c.u.spread.replace_priority = CLR_REPLACE_KEEPS_ON_DECREASE;
	c.u.spread.phase = CLR_PHASE_CONTINUOUS;
	c.u.spread.tick_exp = 2;
	c.u.spread.tick_size = 1;
	c.u.spread.leg[0] = a;
	c.u.spread.leg[1] = b;
	c.u.spread.ratio[0] = 1;
	c.u.spread.ratio[1] = -1;
	return give(&c) == CLR_OK ? (uint32_t) H->out.id : 0;
}

static int
phase_of(uint32_t instrument)
{
	ClrInstrumentView v = {0};

	clr_get_instrument(H->e, instrument, &v);
	return v.phase;
}

static void
block(int64_t advance)
{
	house_block(H, advance);
	after(0);
}

/* A peg that a refused batch would have made smaller. */
static void
batch_of_pegs(void)
{
	static uint8_t orders[2048];
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER,.ref = T("r1"),.text = T("peg")};
	ClrCommand	bad = order_command(mk.alice, "r1", mk.future, 'B', 1, 99);
	ClrCommand	b = {.type = CLR_CMD_BATCH,.ref = T("batch")};
	size_t		len;

	special_init();
	is(enter(mk.alice, "peg", mk.future, 'B', 5, 0, CLR_ORD_PEGGED, CLR_TIF_GTC, 0,
			 ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_PRIMARY)), CLR_OK, "a peg of 5 lots");
	c.u.replace.qty = 3;
	c.account = bad.account = b.account = mk.alice;
	len = clr_command_encode(&c, orders);
	len += clr_command_encode(&bad, orders + len);
	b.pairs = (ClrPairs) {orders, 2};
	b.u.batch.bytes = (uint16_t) len;
	is(give(&b), CLR_R_BATCH_REFERENCE, "a batch that replaces it, and is refused");
	is(order_of(1).order_qty, 5, "leaves it as it was");
	special_done();
}

/* A peg moves between two orders of a batch: positions are told at the end. */
static void
peg_moves_amid_a_batch(void)
{
	static uint8_t orders[2048];
	ClrCommand	first = order_command(mk.alice, "s1", mk.future, 'S', 1, 100);
	ClrCommand	second = order_command(mk.alice, "b1", mk.future, 'B', 1, 1);
	ClrCommand	b = {.type = CLR_CMD_BATCH,.ref = T("batch")};
	size_t		len;

	special_init();
	enter(mk.bob, "peg", mk.future, 'B', 1, 0, CLR_ORD_PEGGED, CLR_TIF_GTC, 0,
		  ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_MARKET));
	first.account = second.account = b.account = mk.alice;
	first.u.order.instrument = second.u.order.instrument = mk.future;
	second.u.order.time_in_force = CLR_TIF_IOC;
	len = clr_command_encode(&first, orders);
	len += clr_command_encode(&second, orders + len);
	b.pairs = (ClrPairs) {orders, 2};
	b.u.batch.bytes = (uint16_t) len;
	is(give(&b), CLR_OK, "an order that a peg follows, and one that does not rest");
	is(order_of(1).price, 99, "the peg has moved");
	special_done();
}

/* What has expired stays so, whatever was to follow. */
static void
expired_for_good(void)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};
	uint8_t		buf[CLR_FIELD_BYTES];

	special_init();
	clr_put_field(buf, CLR_SCHEDULE_DURATION, 1000000);
	c.pairs = (ClrPairs) {buf, 1};
	c.u.phase.instrument = mk.future;
	c.u.phase.phase = CLR_PHASE_HALTED;
	is(give(&c), CLR_OK, "halted for a second");
	after(at_price(H, CLR_CMD_EXPIRE, mk.future, 100));
	block(2000000);
	is(phase_of(mk.future), CLR_PHASE_EXPIRED, "an expired instrument does not open again");
	special_done();
}

static void
never_by_schedule(void)
{
	special_init();
	is(set_one(CLR_SCOPE_SCHEDULE, mk.future, 0, CLR_SCHEDULE_PHASE, CLR_PHASE_EXPIRED),
	   CLR_R_FIELD_VALUE, "no schedule expires an instrument");
	special_done();
}

/* Minimum quantities: an iceberg ahead of an own order has one turn only. */
static void
own_order_behind_an_iceberg(void)
{
	special_init();
	enter(mk.bob, "ice", mk.future, 'S', 10, 100, CLR_ORD_LIMIT, CLR_TIF_GTC, 0,
		  ATTRS(CLR_ATTR_DISPLAY_QTY, 2));
	enter_limit(mk.alice, "own", mk.future, 'S', 1, 100);
	is(enter(mk.alice, "min", mk.future, 'B', 5, 100, CLR_ORD_LIMIT, CLR_TIF_IOC,
			 CLR_SMP_CANCEL_AGGRESSOR, ATTRS(CLR_ATTR_MIN_QTY, 3)),
	   CLR_R_MIN_QTY_NOT_FILLABLE, "two lots are there before the own order ends it");
	is(enter(mk.alice, "min2", mk.future, 'B', 5, 100, CLR_ORD_LIMIT, CLR_TIF_IOC,
			 CLR_SMP_CANCEL_AGGRESSOR, ATTRS(CLR_ATTR_MIN_QTY, 2)), CLR_OK, "which is a minimum of two");
	is(H->out.cum_qty, 2, "and what trades");
	special_done();
}

/* One command must not take for ever. */
static void
tiny_peaks(void)
{
	special_init();
	is(enter(mk.alice, "i1", mk.future, 'B', 1001, 100, CLR_ORD_LIMIT, CLR_TIF_GTC, 0,
			 ATTRS(CLR_ATTR_DISPLAY_QTY, 1)), CLR_R_DISPLAY_QTY_INVALID, "no more than a thousand peaks");
	is(enter(mk.alice, "i2", mk.future, 'B', 1000, 100, CLR_ORD_LIMIT, CLR_TIF_GTC, 0,
			 ATTRS(CLR_ATTR_DISPLAY_QTY, 1)), CLR_OK, "a thousand");
	enter_limit(mk.bob, "s", mk.future, 'S', 1000, 100);
	is(H->out.n_trades, 1000, "trade one after the other");
	special_done();
}

static void
size_of_replaces(void)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER,.ref = T("r"),.text = T("m")};

	special_init();
	enter_limit(mk.bob, "s", mk.future, 'S', 3, 100);
	set_one(CLR_SCOPE_ACCOUNT, mk.alice, 0, CLR_LIMIT_ORDER_QTY, 10);
	enter(mk.alice, "m", mk.future, 'B', 4, 0, CLR_ORD_MARKET_TO_LIMIT, CLR_TIF_GTC, 0, NO_ATTRS);
	c.account = mk.alice;
	c.u.replace.price = 100;
	c.u.replace.qty = 11;
	is(give(&c), CLR_R_MAX_ORDER_QTY, "what an order has filled counts for its size");
	enter_limit(mk.bob, "s2", mk.future, 'S', 5, 101);
	enter(mk.alice, "p", mk.future, 'S', 4, 0, CLR_ORD_PEGGED, CLR_TIF_GTC, 0,
		  ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_PRIMARY));
	enter_limit(mk.carol, "b2", mk.future, 'B', 7, 101);
	c.ref = T("r2");
	c.text = T("p");
	c.u.replace.price = 0;
	is(give(&c), CLR_R_MAX_ORDER_QTY, "of a pegged order too");
	special_done();
}

static void
market_orders_that_rest(void)
{
	special_init();
	after(at_price(H, CLR_CMD_SETTLE, mk.future, 100));
	after(set_phase(H, mk.future, CLR_PHASE_OPENING_CALL));
	set_one(CLR_SCOPE_ACCOUNT, mk.alice, 0, CLR_LIMIT_OPEN_ORDERS, 1);
	enter_limit(mk.alice, "l", mk.future, 'B', 1, 90);
	is(enter(mk.alice, "m", mk.future, 'B', 1, 0, CLR_ORD_MARKET, CLR_TIF_GTC, 0, NO_ATTRS),
	   CLR_R_MAX_OPEN_ORDERS, "a market order in a call is an open order");
	special_done();
}

static void
spread_mark_out_of_range(void)
{
	uint32_t	a,
				b;

	special_init();
	a = list_future("A", CLR_PRICE_MAX - 1);
	b = list_future("B", -5);
	is(list_spread("A-B", a, b), 0, "a spread is not listed");
	is(H->out.reason, CLR_R_OVERFLOW, "if its mark price is none");
	special_done();
}

static void
implied_out_of_range(void)
{
	uint32_t	a,
				b;
	ClrInstrumentView v;

	special_init();
	a = list_future("A", 100);
	b = list_future("B", 100);
	after(deposit(H, mk.bob, mk.usd, 100 * CLR_PRICE_MAX));
	is(enter_limit(mk.bob, "b", b, 'B', 1, CLR_PRICE_MAX - 1), CLR_OK, "a bid at a large price");
	is(enter_limit(mk.carol, "s", list_spread("A-B", a, b), 'B', 1, 5), CLR_OK, "and one for the spread");
	is(enter_limit(mk.alice, "a", a, 'S', 1, 100), CLR_OK, "imply a larger one");
	clr_get_instrument(H->e, a, &v);
	ok(!v.has_last, "no trade at a price that no order could have");
	special_done();
}

/* What is left of market to limit has a limit, so it meets implied prices. */
static void
market_to_limit_meets_implied(void)
{
	uint32_t	a,
				b;

	special_init();
	a = list_future("A", 100);
	b = list_future("B", 100);
	enter_limit(mk.bob, "a", a, 'B', 1, 100);
	enter_limit(mk.carol, "s", list_spread("A-B", a, b), 'S', 1, -1);
	enter_limit(mk.carol, "b", b, 'B', 1, 100);
	enter(mk.alice, "m", b, 'S', 2, 0, CLR_ORD_MARKET_TO_LIMIT, CLR_TIF_GTC, 0, NO_ATTRS);
	is(H->out.cum_qty, 2, "one lot with the real order, one with the implied one");
	special_done();
}

/* CME: the window of a dynamic circuit breaker holds trades of all kinds. */
static void
legs_count_for_breakers(void)
{
	uint32_t	a,
				b,
				s;

	special_init();
	a = list_future("A", 100);
	b = list_future("B", 100);
	s = list_spread("A-B", a, b);
	set_rule(a, CLR_RULE_PRODUCT_GROUP, 1);
	set_one(CLR_SCOPE_GROUP, 1, 0, CLR_GROUP_WINDOW, 60000000);
	set_one(CLR_SCOPE_GROUP, 1, 1, CLR_GROUP_PERCENT, 100000);
	enter_limit(mk.bob, "s", s, 'S', 1, 0);
	enter_limit(mk.alice, "t", s, 'B', 1, 0);
	enter_limit(mk.bob, "o", a, 'S', 1, 110);
	enter_limit(mk.alice, "p", a, 'B', 1, 110);
	is(phase_of(a), CLR_PHASE_HALTED, "10 % from the price of a spread's leg");
	special_done();
}

int
main(void)
{
	batch_of_pegs();
	peg_moves_amid_a_batch();
	expired_for_good();
	never_by_schedule();
	own_order_behind_an_iceberg();
	tiny_peaks();
	size_of_replaces();
	market_orders_that_rest();
	spread_mark_out_of_range();
	implied_out_of_range();
	market_to_limit_meets_implied();
	legs_count_for_breakers();
	return done_testing();
}
