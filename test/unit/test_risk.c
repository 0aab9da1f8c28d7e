/*
 * test_risk.c
 *	  Limits of accounts and members, mass cancels, the kill switch.
 */
#include "tap.h"
#include "steps.h"

#define LIMIT(account, field, value) \
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, account, field, value))

static int
step_replace(uint32_t account, const char *ref, const char *orig, int64_t qty, int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	return step(&c);
}

static int
step_market(uint32_t account, const char *ref, char side, int64_t qty)
{
	ClrCommand	c = order_command(account, ref, m.future, side, qty, 0);

	c.u.order.ord_type = CLR_ORD_MARKET;
	c.u.order.time_in_force = CLR_TIF_IOC;
	return step(&c);
}

static int
step_mass(uint32_t submitter, uint32_t account, bool whole, uint32_t instrument, uint8_t side)
{
	ClrCommand	c = {.type = CLR_CMD_MASS_CANCEL, .submitter = submitter, .account = account};

	c.u.mass_cancel.instrument = instrument;
	c.u.mass_cancel.side = side;
	c.u.mass_cancel.whole_member = whole;
	return step(&c);
}

static int
step_kill(uint32_t submitter, uint32_t account, bool whole, bool on)
{
	ClrCommand	c = {.type = CLR_CMD_KILL_SWITCH, .submitter = submitter, .account = account};

	c.u.kill.whole_member = whole;
	c.u.kill.on = on;
	return step(&c);
}

#define ASKED(n, limit, what) \
	do { is(m.h.out.needed, n, what ": what was asked"); \
		is(m.h.out.available, limit, what ": what is allowed"); } while (0)

static void
sizes(void)
{
	steps_begin();
	LIMIT(m.alice, CLR_LIMIT_ORDER_QTY, 10);
	LIMIT(m.alice, CLR_LIMIT_NOTIONAL, 900);
	R(CLR_R_MAX_ORDER_QTY, step_order(m.alice, "a1", m.future, 'B', 11, 50));
	ASKED(11, 10, "size");
	R(CLR_R_MAX_NOTIONAL, step_order(m.alice, "a2", m.future, 'B', 10, 91));
	ASKED(910, 900, "value");
	is(m.h.out.asset, m.usd, "in the quote asset");
	R(CLR_OK, step_order(m.alice, "a3", m.future, 'B', 10, 90));
	R(CLR_R_MAX_NOTIONAL, step_replace(m.alice, "a4", "a3", 10, 91));
	R(CLR_R_MAX_ORDER_QTY, step_replace(m.alice, "a5", "a3", 11, 50));
	R(CLR_OK, step_field(CLR_SCOPE_MEMBER, 1, CLR_LIMIT_ORDER_QTY, 4));
	R(CLR_R_MAX_ORDER_QTY, step_order(m.alice, "a6", m.future, 'B', 5, 50));
	ASKED(5, 4, "the member's limit is smaller");
	R(CLR_OK, step_replace(m.alice, "a7", "a3", 9, 90));
	is(m.h.out.leaves_qty, 9, "getting closer to a limit is never refused");
	R(CLR_OK, step_field(CLR_SCOPE_MEMBER, 1, CLR_LIMIT_ORDER_QTY, 0));
	R(CLR_OK, step_order(m.alice, "a8", m.future, 'B', 10, 50));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'B', 1000, 91));
	R(CLR_OK, step_order(m.bob, "b2", m.future, 'S', 5, 92));
	R(CLR_OK, step_order(m.bob, "b3", m.future, 'S', 5, 95));
	R(CLR_R_MAX_NOTIONAL, step_market(m.alice, "a9", 'B', 10));
	ASKED(935, 900, "a market order by what it meets");
	R(CLR_R_FIELD_VALUE, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_ORDER_QTY, -1));
	R(CLR_R_UNKNOWN_FIELD, step_field(CLR_SCOPE_ACCOUNT, m.alice, CLR_LIMIT_BLOCKED, 1));
	R(CLR_R_UNKNOWN_FIELD, step_field(CLR_SCOPE_MEMBER, 1, CLR_LIMIT_RATE, 1));
	steps_end();
}

static void
counts(void)
{
	steps_begin();
	LIMIT(m.alice, CLR_LIMIT_OPEN_ORDERS, 2);
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 1, 90));
	R(CLR_OK, step_order(m.alice, "a2", m.spot, 'B', 1, 90));
	R(CLR_R_MAX_OPEN_ORDERS, step_order(m.alice, "a3", m.future, 'B', 1, 90));
	ASKED(3, 2, "open orders");
	R(CLR_OK, step_replace(m.alice, "a4", "a1", 2, 91));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 1, 95));
	R(CLR_OK, step_market(m.alice, "a5", 'B', 1));
	is(m.h.out.n_trades, 1, "what can't rest does not count");
	LIMIT(m.alice, CLR_LIMIT_OPEN_ORDERS, 0);
	R(CLR_OK, step_order(m.alice, "a6", m.future, 'B', 1, 90));
	steps_end();
}

/* Windows of one second of block time; refusals and cancels don't count. */
static void
rate(void)
{
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER};

	steps_begin();
	c.account = m.alice;
	c.text = T("a1");
	LIMIT(m.alice, CLR_LIMIT_RATE, 2);
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 1, 90));
	R(CLR_R_QUANTITY_INVALID, step_order(m.alice, "a2", m.future, 'B', 0, 90));
	step_time(999999);
	R(CLR_OK, step_replace(m.alice, "a3", "a1", 2, 90));
	R(CLR_R_MAX_RATE, step_order(m.alice, "a4", m.future, 'B', 1, 90));
	ASKED(3, 2, "rate");
	R(CLR_R_MAX_RATE, step_replace(m.alice, "a5", "a1", 1, 90));
	R(CLR_OK, step(&c));
	step_time(1);
	R(CLR_OK, step_order(m.alice, "a6", m.future, 'B', 1, 90));
	R(CLR_OK, step_order(m.alice, "a7", m.future, 'B', 1, 90));
	R(CLR_R_MAX_RATE, step_order(m.alice, "a8", m.future, 'B', 1, 90));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'B', 1, 90));
	steps_end();
}

/* 10 % around the mark of 100; without a mark, around the last price. */
static void
collar(void)
{
	steps_begin();
	LIMIT(m.alice, CLR_LIMIT_COLLAR, 100000);
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 1, 110));
	R(CLR_R_PRICE_COLLAR, step_order(m.alice, "a2", m.future, 'B', 1, 111));
	ASKED(111, 110, "buying");
	R(CLR_R_PRICE_COLLAR, step_order(m.alice, "a3", m.future, 'S', 1, 89));
	ASKED(89, 90, "selling");
	R(CLR_OK, step_order(m.alice, "a4", m.future, 'S', 1, 500));
	R(CLR_R_PRICE_COLLAR, step_replace(m.alice, "a5", "a1", 1, 111));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 2, 105));
	R(CLR_OK, step_order(m.bob, "b2", m.future, 'S', 2, 112));
	R(CLR_R_PRICE_COLLAR, step_market(m.alice, "a6", 'B', 2));
	ASKED(112, 110, "a market order that would reach beyond");
	R(CLR_OK, step_market(m.alice, "a7", 'B', 1));
	R(CLR_OK, step_order(m.alice, "a8", m.spot, 'B', 1, 7));
	R(CLR_OK, step_order(m.bob, "b3", m.spot, 'S', 1, 7));
	R(CLR_R_PRICE_COLLAR, step_order(m.alice, "a9", m.spot, 'B', 1, 8));
	ASKED(8, 7, "spot, around the last price");
	steps_end();
}

static void
positions(void)
{
	steps_begin();
	LIMIT(m.alice, CLR_LIMIT_POSITION, 10);
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 6, 100));
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 6, 100));
	R(CLR_OK, step_order(m.alice, "a2", m.future, 'B', 3, 90));
	R(CLR_R_MAX_POSITION, step_order(m.alice, "a3", m.future, 'B', 2, 90));
	ASKED(11, 10, "position, worst case");
	R(CLR_OK, step_replace(m.alice, "a4", "a2", 4, 90));
	R(CLR_R_MAX_POSITION, step_replace(m.alice, "a5", "a2", 5, 90));
	R(CLR_OK, step_order(m.alice, "a6", m.future, 'S', 16, 110));
	R(CLR_R_MAX_POSITION, step_order(m.alice, "a7", m.future, 'S', 1, 110));
	R(CLR_OK, step_order(m.alice, "a8", m.spot, 'B', 100, 1));
	LIMIT(m.alice, CLR_LIMIT_POSITION, 1);
	R(CLR_R_MAX_POSITION, step_order(m.alice, "a9", m.future, 'B', 1, 90));
	R(CLR_OK, step_mass(0, m.alice, false, 0, 0));
	R(CLR_OK, step_order(m.alice, "a10", m.future, 'S', 7, 110));
	is(m.h.out.reason, 0, "whoever is beyond the limit may come back");
	steps_end();
}

static void
book(void)
{
	step_order(m.alice, "x1", m.future, 'B', 1, 90);
	step_order(m.bob, "x2", m.future, 'B', 1, 91);
	step_order(m.bob, "x3", m.future, 'S', 1, 110);
	step_order(m.bob, "x4", m.spot, 'S', 1, 110);
	step_order(m.carol, "x5", m.future, 'S', 1, 111);
}

static void
mass_cancels(void)
{
	steps_begin();
	book();
	R(CLR_OK, step_mass(2, m.bob, false, m.future, CLR_SIDE_SELL));
	is_text(events(&m.h), "O3 44 0/1@110 mass_cancel\n", "one account, instrument and side");
	R(CLR_OK, step_mass(2, m.bob, true, 0, 0));
	is_text(events(&m.h), "O2 44 0/1@91 mass_cancel\nO4 44 0/1@110 mass_cancel\nO5 44 0/1@111 mass_cancel\n",
			"a member: all of its accounts, in the order of entry");
	is(m.h.out.n_cancelled, 3, "counted");
	is(clr_count_orders(m.h.e), 1, "and nobody else's");
	R(CLR_R_UNKNOWN_ACCOUNT, step_mass(2, m.alice, true, 0, 0));
	R(CLR_R_UNKNOWN_ACCOUNT, step_mass(2, 0, true, 0, 0));
	R(CLR_R_PARAMETER_INVALID, step_mass(0, 0, true, 0, 0));
	R(CLR_R_SIDE_INVALID, step_mass(0, 0, false, 0, 3));
	R(CLR_R_SYSTEM_ACCOUNT, step_mass(0, CLR_ACCOUNT_FEES, false, 0, 0));
	R(CLR_OK, step_mass(0, 0, false, 0, CLR_SIDE_SELL));
	is(m.h.out.n_cancelled, 0, "the operator, everybody's sells: there are none left");
	R(CLR_OK, step_mass(0, 0, false, m.future, CLR_SIDE_BUY));
	is(m.h.out.n_cancelled, 1, "everybody's buys in an instrument");
	steps_end();
}

static void
kill_switch(void)
{
	steps_begin();
	book();
	R(CLR_OK, step_kill(2, m.bob, false, true));
	is_text(events(&m.h), "O2 44 0/1@91 kill_switch\nO3 44 0/1@110 kill_switch\nO4 44 0/1@110 kill_switch\n",
			"a member pulls it for its account");
	R(CLR_R_BLOCKED, step_order(m.bob, "b1", m.future, 'B', 1, 90));
	R(CLR_OK, step_order(m.carol, "c1", m.future, 'B', 1, 90));
	R(CLR_OK, step_kill(2, m.bob, false, false));
	R(CLR_OK, step_order(m.bob, "b2", m.future, 'B', 1, 90));
	R(CLR_OK, step_kill(0, m.carol, true, true));
	is(m.h.out.n_cancelled, 3, "the operator pulls it for the member");
	R(CLR_R_BLOCKED, step_order(m.bob, "b3", m.future, 'B', 1, 90));
	R(CLR_R_BLOCKED, step_order(m.carol, "c2", m.future, 'B', 1, 90));
	R(CLR_R_NOT_ENTITLED, step_kill(2, m.carol, true, false));
	R(CLR_OK, step_kill(2, m.carol, true, true));
	R(CLR_R_NOT_ENTITLED, step_kill(2, m.carol, true, false));
	is(clr_get_field(m.h.e, CLR_SCOPE_MEMBER, 2, 0, CLR_LIMIT_BLOCKED), CLR_BLOCKED_BY_OPERATOR,
	   "it stays the operator's");
	R(CLR_OK, step_kill(0, m.bob, true, false));
	R(CLR_OK, step_order(m.bob, "b4", m.future, 'B', 1, 90));
	R(CLR_OK, step_order(m.carol, "c3", m.future, 'B', 1, 90));
	R(CLR_R_UNKNOWN_ACCOUNT, step_kill(2, m.alice, false, true));
	R(CLR_R_SYSTEM_ACCOUNT, step_kill(0, CLR_ACCOUNT_FEES, false, true));
	R(CLR_R_UNKNOWN_ACCOUNT, step_kill(0, 0, true, true));
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 1, 90));
	R(CLR_OK, step_kill(0, m.alice, false, true));
	R(CLR_R_BLOCKED, step_replace(m.alice, "a2", "a1", 1, 91));
	steps_end();
}

int
main(void)
{
	sizes();
	counts();
	rate();
	collar();
	positions();
	mass_cancels();
	kill_switch();
	return done_testing();
}
