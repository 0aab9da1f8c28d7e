/*
 * test_links.c
 *	  Pairs of orders: brackets of a limit and a stop, the three rules, ends,
 *	  replaces, refusals.
 */
#include "special.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

/* A limit order, linked to another. */
static int
linked(uint32_t account, const char *ref, char side, int64_t qty, int64_t price,
	   uint64_t other)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, qty, price);

	c = with_attrs(c, ATTRS(CLR_ATTR_LINK, (int64_t) other));
	return after(send(H, &c));
}

static int
linked_stop(uint32_t account, const char *ref, char side, int64_t qty,
			int64_t stop, uint64_t other)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, qty, 0);

	c.u.order.ord_type = CLR_ORD_STOP;
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, stop, CLR_ATTR_LINK, (int64_t) other));
	return after(send(H, &c));
}

/*
 * Alice is long 10 from 100; O3 takes profit at 110, O4 stops the loss at 90.
 * Bob bids 5 at 80 (O5).
 */
static void
bracket(int64_t rule)
{
	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 10, 100);
	set_rule(mk.future, CLR_RULE_LINK, rule);
	after(limit(H, mk.alice, "tp", mk.future, 'S', 10, 110));
	linked_stop(mk.alice, "sl", 'S', 10, 90, 3);
	after(limit(H, mk.bob, "b", mk.future, 'B', 20, 80));
}

static void
made(void)
{
	bracket(CLR_LINK_CANCEL_ON_FILL);
	is(order_of(3).attr[CLR_ATTR_LINK], 4, "the first knows the second");
	is(order_of(4).attr[CLR_ATTR_LINK], 3, "and the other way round");
	is(position(H, mk.alice, mk.future).sell_lots, 20, "both work");
	R(CLR_R_LINK_INVALID, linked(mk.alice, "x1", 'S', 1, 120, 3));
	R(CLR_R_LINK_INVALID, linked(mk.alice, "x2", 'S', 1, 120, 5));
	R(CLR_R_LINK_INVALID, linked(mk.alice, "x3", 'S', 1, 120, 99));
	R(CLR_R_LINK_INVALID, linked(mk.alice, "x4", 'S', 1, 120, 0));
	R(CLR_R_LINK_INVALID, linked_stop(mk.alice, "x5", 'S', 1, 80, UINT64_MAX));
	R(CLR_R_LINK_INVALID, linked(mk.bob, "x6", 'S', 1, 120, 3));
	is(clr_count_orders(H->e), 3, "nothing was entered");
	special_done();
}

/* Any fill of one cancels the other. */
static void
cancel_on_fill(void)
{
	bracket(CLR_LINK_CANCEL_ON_FILL);
	R(CLR_OK, after(limit(H, mk.bob, "b1", mk.future, 'B', 4, 110)));
	is_text(events(H),
			"O6 00 0/4@110 ok\n"
			"T2 4@110 6x3 0/0\n"
			"O3 F1 4/10@110 ok\n"
			"O6 F2 4/4@110 ok\n"
			"O3 D1 4/10@110 ok\n"
			"O4 44 0/10@0 linked\n", "a partial fill cancels the stop");
	is(order_of(3).leaves_qty, 6, "the rest works on");
	ok((order_of(3).attrs_present >> CLR_ATTR_LINK & 1) == 0, "alone");
	is(H->out.n_cancelled, 0, "the outcome is the buyer's own");
	R(CLR_OK, after(cancel(H, mk.alice, "x", "tp")));
	special_done();
}

/* The stop: the other one is cancelled before it runs. */
static void
triggered(int64_t rule)
{
	bracket(rule);
	trade_at(mk.bob, mk.carol, mk.future, 1, 90);
	is_text(strstr(events(H), "O3"),
			"O3 44 0/10@110 linked\n"
			"O4 L0 0/10@0 ok\n"
			"T3 10@80 5x4 0/0\n"
			"O5 F1 10/20@80 ok\n"
			"O4 F2 10/10@0 ok\n", "triggered: the other first");
	is(position(H, mk.alice, mk.future).qty, 0, "flat");
	special_done();
}

/* A stop-loss runs even if the account could not carry both. */
static void
triggered_without_margin(void)
{
	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 10, 100);
	after(limit(H, mk.alice, "tp", mk.future, 'S', 10, 110));
	linked_stop(mk.alice, "sl", 'S', 10, 90, 3);
	after(limit(H, mk.bob, "b", mk.future, 'B', 20, 80));
	R(CLR_OK, after(withdraw(H, mk.alice, mk.usd, 1000000 - 200)));
	after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, 82));
	ok(valuation(H, mk.alice, mk.usd).available < 0, "the account is under water");
	trade_at(mk.bob, mk.carol, mk.future, 1, 85);
	is(position(H, mk.alice, mk.future).qty, 0, "and is closed out by its stop");
	special_done();
}

static void
cancel_on_complete_fill(void)
{
	bracket(CLR_LINK_CANCEL_ON_COMPLETE_FILL);
	after(limit(H, mk.bob, "b1", mk.future, 'B', 4, 110));
	is(order_of(4).leaves_qty, 10, "a partial fill leaves the other alone");
	is(order_of(3).attr[CLR_ATTR_LINK], 4, "and linked");
	after(limit(H, mk.bob, "b2", mk.future, 'B', 6, 110));
	is(order_of(4).order_id, 0, "the complete one cancels it");
	special_done();
}

static void
reduce(void)
{
	bracket(CLR_LINK_REDUCE);
	after(limit(H, mk.bob, "b1", mk.future, 'B', 4, 110));
	is_text(strstr(events(H), "O4"), "O4 D0 0/6@0 ok\n", "the other loses what was filled");
	is(position(H, mk.alice, mk.future).sell_lots, 12, "6 and 6 work");
	after(limit(H, mk.bob, "b2", mk.future, 'B', 6, 110));
	is_text(strstr(events(H), "O4"), "O4 44 0/6@0 linked\n", "to the end");
	is(clr_count_orders(H->e), 1, "nothing is left of the pair");
	special_done();

	/* two limit orders of different size */
	special_init();
	trade_at(mk.bob, mk.carol, mk.future, 1, 100);
	set_rule(mk.future, CLR_RULE_LINK, CLR_LINK_REDUCE);
	after(limit(H, mk.alice, "a1", mk.future, 'S', 10, 110));
	linked(mk.alice, "a2", 'B', 3, 90, 3);
	after(limit(H, mk.bob, "b1", mk.future, 'B', 5, 110));
	is_text(strstr(events(H), "O3 D"),
			"O3 D1 5/10@110 ok\n"
			"O4 44 0/3@90 linked\n", "more than it has: cancelled, the first works on");
	special_done();
}

/* A cancel, the end of the day, a mass cancel, the instrument's end. */
static void
ends(void)
{
	ClrCommand	c;

	bracket(CLR_LINK_CANCEL_ON_COMPLETE_FILL);
	R(CLR_OK, after(cancel(H, mk.alice, "x", "tp")));
	is_text(events(H),
			"O3 44 0/10@110 requested\n"
			"O4 44 0/10@0 linked\n", "one goes, both go");
	is(position(H, mk.alice, mk.future).sell_lots, 0, "nothing works");
	c = order_command(mk.alice, "g", mk.future, 'S', 1, 120);
	c.u.order.time_in_force = CLR_TIF_GTC;
	after(send(H, &c));
	linked(mk.alice, "d", 'B', 1, 70, 6);
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CLOSED)));
	is_text(strstr(events(H), "O6"), "O6 44 0/1@120 linked\n", "the day order's end cancels the other");
	special_done();

	bracket(CLR_LINK_CANCEL_ON_FILL);
	R(CLR_OK, after(mass_cancel(H, mk.alice, 0)));
	is(H->out.n_cancelled, 2, "a mass cancel counts both");
	special_done();

	bracket(CLR_LINK_CANCEL_ON_FILL);
	R(CLR_OK, after(at_price(H, CLR_CMD_EXPIRE, mk.future, 100)));
	is(clr_count_orders(H->e), 0, "the instrument's end");
	special_done();
}

/* FIX: a replace names no contingency. */
static int
relink(uint32_t account, const char *ref, const char *orig, int64_t qty, int64_t price,
	   int64_t attr)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	c = with_attrs(c, ATTRS(attr, (attr & CLR_ATTR_GONE) != 0 ? 0 : 3));
	return after(send(H, &c));
}

static void
replaces(void)
{
	bracket(CLR_LINK_CANCEL_ON_FILL);
	R(CLR_OK, after(replace(H, mk.alice, "tp2", "tp", 10, 108)));
	is(order_of(3).attr[CLR_ATTR_LINK], 4, "a replace keeps the link");
	R(CLR_R_LINK_INVALID, relink(mk.alice, "x1", "tp2", 10, 108, CLR_ATTR_LINK));
	R(CLR_R_LINK_INVALID, relink(mk.alice, "x2", "tp2", 10, 108, CLR_ATTR_LINK | CLR_ATTR_GONE));
	R(CLR_R_LINK_INVALID, relink(mk.alice, "x3", "sl", 10, 0, CLR_ATTR_LINK));
	R(CLR_OK, after(replace(H, mk.alice, "tp3", "tp2", 10, 80)));
	is(position(H, mk.alice, mk.future).qty, 0, "one that trades");
	is(clr_count_orders(H->e), 1, "ends both");
	special_done();
}

/* A new order that trades at once cancels the one it was linked to. */
static void
at_once(void)
{
	bracket(CLR_LINK_CANCEL_ON_FILL);
	after(mass_cancel(H, mk.alice, 0));
	after(limit(H, mk.alice, "r", mk.future, 'B', 1, 70));
	R(CLR_OK, linked(mk.alice, "n", 'S', 5, 80, 6));
	is(H->out.cum_qty, 5, "filled");
	is(order_of(6).order_id, 0, "the other is gone");
	after(limit(H, mk.alice, "r2", mk.future, 'B', 1, 70));
	R(CLR_OK, linked_stop(mk.alice, "s", 'S', 5, 80, 8));
	is(H->out.cum_qty, 5, "a stop that is met at entry too");
	is(order_of(8).order_id, 0, "does so");
	special_done();
}

/* Spot: the pair needs what it sells once. */
static void
spot(void)
{
	ClrCommand	c;

	special_init();
	trade_at(mk.alice, mk.bob, mk.spot, 1, 100);
	after(limit(H, mk.bob, "", mk.spot, 'B', 999, 80));
	after(limit(H, mk.alice, "tp", mk.spot, 'S', 999, 110));
	c = order_command(mk.alice, "sl", mk.spot, 'S', 999, 0);
	c.u.order.ord_type = CLR_ORD_STOP;
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, 90));
	R(CLR_R_INSUFFICIENT_FUNDS, after(send(H, &c)));
	c.ref = T("sl2");
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, 90, CLR_ATTR_LINK, 4));
	R(CLR_OK, after(send(H, &c)));
	is(position(H, mk.alice, mk.spot).sell_reserve, 999, "reserved once");
	after(deposit(H, mk.carol, mk.btc, 1));
	trade_at(mk.carol, mk.bob, mk.spot, 1, 90);
	is(balance(H, mk.alice, mk.btc), 0, "all sold by the stop");
	special_done();
}

int
main(void)
{
	made();
	cancel_on_fill();
	for (int64_t rule = 0; rule < 3; rule++)
		triggered(rule);
	triggered_without_margin();
	cancel_on_complete_fill();
	reduce();
	ends();
	replaces();
	at_once();
	spot();
	return done_testing();
}
