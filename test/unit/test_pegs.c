/*
 * test_pegs.c
 *	  Pegged orders: references, rounding, limits, following, parking.
 *
 * Examples: Vega 0037-OPEG (mid of 100 and 105), otherwise invented.
 */
#include "special.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static int
peg(uint32_t account, const char *ref, char side, int64_t qty, int64_t type,
	int64_t offset, int64_t limit_price)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, qty, limit_price);

	c.u.order.ord_type = CLR_ORD_PEGGED;
	c.u.order.time_in_force = CLR_TIF_GTC;
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, type, CLR_ATTR_PEG_OFFSET, offset));
	return after(send(H, &c));
}

/* Bob's book. */
static void
book(int64_t bid, int64_t ask)
{
	after(limit(H, mk.bob, "bid", mk.future, 'B', 5, bid));
	after(limit(H, mk.bob, "ask", mk.future, 'S', 5, ask));
}

/* Vega: best bid 100, best offer 105; what a buy and a sell at mid get. */
static void
references(void)
{
	special_init();
	book(100, 105);
	R(CLR_OK, peg(mk.alice, "p1", 'B', 1, CLR_PEG_PRIMARY, 0, 0));
	is_text(events(H),
			"O3 00 0/1@0 ok\n"
			"O3 D0 0/1@100 ok\n", "entered, then priced");
	is(H->out.ord_status, CLR_STATUS_NEW, "new");
	R(CLR_OK, peg(mk.alice, "p2", 'B', 1, CLR_PEG_PRIMARY, -3, 0));
	R(CLR_OK, peg(mk.alice, "p3", 'B', 1, CLR_PEG_MID, 0, 0));
	R(CLR_OK, peg(mk.alice, "p4", 'B', 1, CLR_PEG_MARKET, -4, 0));
	is(order_of(4).price, 97, "primary less 3");
	is(order_of(5).price, 102, "a buy at mid: 102.5 rounded down");
	is(order_of(6).price, 101, "market less 4");
	R(CLR_OK, peg(mk.alice, "p5", 'S', 1, CLR_PEG_MID, 0, 0));
	R(CLR_OK, peg(mk.alice, "p6", 'S', 1, CLR_PEG_PRIMARY, 2, 0));
	is(order_of(7).price, 103, "a sell at mid: rounded up");
	is(order_of(8).price, 107, "primary and 2");
	R(CLR_OK, peg(mk.alice, "p7", 'B', 1, CLR_PEG_MARKET, 0, 0));
	is(order_of(9).price, 102, "a buy at the other side's best: one tick off, pegs included");
	R(CLR_OK, peg(mk.alice, "p8", 'B', 1, CLR_PEG_PRIMARY, 0, 99));
	is(order_of(10).price, 99, "its limit");
	special_done();
}

/* The best bid moves: who depends on it moves, in order of priority. */
static void
following(void)
{
	uint64_t	old;

	special_init();
	book(100, 110);
	peg(mk.alice, "p1", 'B', 1, CLR_PEG_PRIMARY, -1, 0);	/* O3 */
	peg(mk.alice, "p2", 'S', 1, CLR_PEG_PRIMARY, 1, 0); /* O4 */
	peg(mk.carol, "p3", 'B', 1, CLR_PEG_MID, -2, 104);	/* O5 */
	old = order_of(4).priority;
	R(CLR_OK, after(limit(H, mk.bob, "better", mk.future, 'B', 1, 104)));
	is_text(events(H),
			"O6 00 0/1@104 ok\n"
			"O3 D0 0/1@103 ok\n"
			"O5 D0 0/1@104 ok\n", "both buys follow; the mid peg to its limit");
	is(order_of(4).priority, old, "what the change does not concern stays");
	ok(order_of(3).priority < order_of(5).priority, "new priorities in the old order");
	is(H->out.id, 6, "the outcome is the new order's");
	R(CLR_OK, after(cancel(H, mk.bob, "x", "better")));
	is(order_of(3).price, 99, "and back");
	is(order_of(5).price, 103, "both");

	/* pegs are no reference: p3 is the best bid, p1 does not follow it */
	after(limit(H, mk.bob, "hit", mk.future, 'S', 1, 103));
	is(order_of(5).order_id, 0, "a peg trades when somebody comes to it");
	is(order_of(3).price, 99, "the others stay");
	special_done();
}

/* No reference: waits, or is cancelled. */
static void
without_reference(void)
{
	special_init();
	R(CLR_OK, peg(mk.alice, "p1", 'B', 1, CLR_PEG_PRIMARY, 0, 0));
	is(order_of(1).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "waits for a bid");
	R(CLR_OK, peg(mk.alice, "p2", 'B', 1, CLR_PEG_MID, 0, 0));
	after(limit(H, mk.bob, "bid", mk.future, 'B', 5, 90));
	is(order_of(1).price, 90, "there is one");
	is(order_of(1).attr[CLR_ATTR_PARKED], 0, "in the book");
	is(order_of(2).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "the middle needs both");
	after(limit(H, mk.bob, "ask", mk.future, 'S', 5, 95));
	is(order_of(2).price, 92, "there they are");
	after(cancel(H, mk.bob, "x", "bid"));
	is(order_of(1).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "aside again");
	is(position(H, mk.alice, mk.future).buy_lots, 2, "but working");
	set_rule(mk.future, CLR_RULE_PEG_REFERENCE, CLR_PEG_REFERENCE_CANCEL);
	is(clr_count_orders(H->e), 1, "the rule takes effect at once");
	R(CLR_R_NO_PEG_REFERENCE, peg(mk.alice, "p3", 'B', 1, CLR_PEG_PRIMARY, 0, 0));
	after(limit(H, mk.bob, "bid2", mk.future, 'B', 5, 90));
	R(CLR_OK, peg(mk.alice, "p4", 'B', 1, CLR_PEG_PRIMARY, 0, 0));
	R(CLR_OK, after(cancel(H, mk.bob, "y", "bid2")));
	is_text(strstr(events(H), "O6"), "O6 44 0/1@90 no_peg_reference\n", "cancelled with its reference");
	special_done();
}

/* Halts and calls park, the opening brings them back. */
static void
phases(void)
{
	special_init();
	book(100, 110);
	peg(mk.alice, "p1", 'B', 1, CLR_PEG_PRIMARY, 0, 0);
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_HALTED)));
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "a halt");
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CONTINUOUS)));
	is(order_of(3).price, 100, "goes on");
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_INTRADAY_CALL)));
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "a call");
	R(CLR_OK, peg(mk.alice, "p2", 'S', 1, CLR_PEG_PRIMARY, 0, 0));
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CONTINUOUS)));
	is(order_of(4).price, 110, "entered in a call, priced after it");
	R(CLR_OK, after(mass_cancel(H, mk.alice, 0)));
	is(H->out.n_cancelled, 2, "a mass cancel");
	peg(mk.alice, "p3", 'B', 1, CLR_PEG_PRIMARY, 0, 0);
	R(CLR_OK, after(at_price(H, CLR_CMD_EXPIRE, mk.future, 100)));
	is(clr_count_orders(H->e), 0, "the instrument's end");
	special_done();
}

/* Reserve at the limit, or at each price anew. */
static void
margin(void)
{
	special_init();
	book(100, 200);
	peg(mk.alice, "p1", 'B', 10, CLR_PEG_PRIMARY, 0, 130);
	is(position(H, mk.alice, mk.future).buy_reserve, 300, "at the limit: 30 ticks for each lot");
	peg(mk.carol, "p2", 'B', 10, CLR_PEG_PRIMARY, 0, 0);
	is(position(H, mk.carol, mk.future).buy_reserve, 0, "at the price it has");
	R(CLR_OK, after(withdraw(H, mk.carol, mk.usd, 1000000 - 150)));
	after(limit(H, mk.bob, "b2", mk.future, 'B', 1, 104));
	is(position(H, mk.carol, mk.future).buy_reserve, 40, "the next price");
	after(limit(H, mk.bob, "b3", mk.future, 'B', 1, 106));
	is_text(strstr(events(H), "O4"), "O4 44 0/10@104 insufficient_margin\n", "more than it has");
	is(position(H, mk.alice, mk.future).buy_reserve, 300, "the other has its limit");
	is(order_of(3).price, 106, "and follows");
	special_done();
}

static void
replaces(void)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .text = T("p1"), .ref = T("r1")};
	uint64_t	priority;

	special_init();
	book(100, 110);
	peg(mk.alice, "p1", 'B', 10, CLR_PEG_PRIMARY, 0, 0);
	priority = order_of(3).priority;
	c.account = mk.alice;
	c.u.replace.qty = 5;
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).priority, priority, "a decrease keeps priority");
	is(order_of(3).price, 100, "and place");
	c.ref = T("r2");
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_OFFSET, -2));
	R(CLR_OK, after(send(H, &c)));
	is_text(events(H),
			"O3 50 0/5@0 ok\n"
			"O3 D0 0/5@98 ok\n", "another offset: priced anew");
	c.ref = T("r3");
	c.u.replace.price = 97;
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).price, 97, "a limit");
	c.ref = T("r4");
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, 3));
	R(CLR_R_PARAMETER_INVALID, after(send(H, &c)));
	c.ref = T("r5");
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE | CLR_ATTR_GONE, 0));
	R(CLR_R_PARAMETER_INVALID, after(send(H, &c)));
	c.ref = T("r6");
	c.u.replace.price = 0;
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_OFFSET | CLR_ATTR_GONE, 0));
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).price, 100, "neither limit nor offset");
	is(order_of(3).reserve, 0, "reserves for where it stands");
	special_done();
}

/* Good till a date; quantities are what is to work from now on. */
static void
replaces_as_told(void)
{
	ClrCommand	c = order_command(mk.alice, "p1", mk.future, 'B', 10, 0);
	uint64_t	priority;

	special_init();
	book(100, 110);
	c.account = mk.alice;
	c.u.order.instrument = mk.future;
	c.u.order.ord_type = CLR_ORD_PEGGED;
	c.u.order.time_in_force = CLR_TIF_GTD;
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_PRIMARY, CLR_ATTR_PEG_OFFSET, 1,
							CLR_ATTR_EXPIRE_TIME, H->now + 1000000));
	R(CLR_OK, after(send(H, &c)));
	priority = order_of(3).priority;
	c = (ClrCommand) {.type = CLR_CMD_REPLACE_ORDER, .account = mk.alice, .text = T("p1"), .ref = T("r1")};
	c.u.replace.qty = 8;
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).leaves_qty, 8, "good till a date, replaced");
	is(order_of(3).priority, priority, "with its priority");
	after(limit(H, mk.bob, "s", mk.future, 'S', 3, 101));
	set_rule(mk.future, CLR_RULE_IN_FLIGHT_MITIGATION, 0);
	c.text = T("r1");
	c.ref = T("r2");
	c.u.replace.qty = 2;
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).order_qty, 5, "3 filled and 2 that work from now on");
	is(order_of(3).leaves_qty, 2, "without in-flight mitigation");
	after(cancel(H, mk.bob, "x", "ask"));
	set_rule(mk.future, CLR_RULE_PEG_REFERENCE, CLR_PEG_REFERENCE_CANCEL);
	c.text = T("r2");
	c.ref = T("r3");
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_MARKET));
	R(CLR_R_NO_PEG_REFERENCE, after(send(H, &c)));
	is(order_of(3).leaves_qty, 2, "refused, it works on as it was");
	house_block(H, 2000000);
	after(0);
	is(clr_count_orders(H->e), 1, "until its date");
	special_done();
}

static void
refusals(void)
{
	ClrCommand	c = order_command(mk.alice, "x", mk.future, 'B', 1, 0);

	special_init();
	book(100, 110);
	R(CLR_R_PARAMETER_INVALID, peg(mk.alice, "a", 'B', 1, 1, 0, 0));
	R(CLR_R_PARAMETER_INVALID, peg(mk.alice, "b", 'B', 1, CLR_PEG_MID, CLR_PRICE_MAX + 1, 0));
	R(CLR_R_PARAMETER_INVALID, peg(mk.alice, "c", 'B', 1, CLR_PEG_MID, INT64_MIN, 0));
	R(CLR_R_QUANTITY_INVALID, peg(mk.alice, "d", 'B', 0, CLR_PEG_MID, 0, 0));
	R(CLR_R_PRICE_INVALID, peg(mk.alice, "e", 'B', 1, CLR_PEG_MID, 0, CLR_PRICE_MAX + 1));
	R(CLR_R_INSUFFICIENT_MARGIN, peg(mk.alice, "f", 'B', 1000000, CLR_PEG_MID, 0, 0));
	c.account = mk.alice;
	c.u.order.instrument = mk.future;
	c.u.order.ord_type = CLR_ORD_PEGGED;
	R(CLR_R_PARAMETER_INVALID, after(send(H, &c)));
	c.ref = T("y");
	c.u.order.time_in_force = CLR_TIF_IOC;
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_MID));
	R(CLR_R_TIF_INVALID, after(send(H, &c)));
	set_rule(mk.future, CLR_RULE_MAX_PEGS, 1);
	R(CLR_OK, peg(mk.alice, "g", 'B', 1, CLR_PEG_MID, 0, 0));
	R(CLR_R_TOO_MANY_PEGS, peg(mk.alice, "h", 'B', 1, CLR_PEG_MID, 0, 0));
	special_done();
}

/* A spot price below 1 is none (0037-OPEG-017). */
static void
spot(void)
{
	ClrCommand	c;

	special_init();
	after(limit(H, mk.bob, "bid", mk.spot, 'B', 5, 10));
	c = order_command(mk.alice, "p", mk.spot, 'B', 5, 0);
	c.u.order.ord_type = CLR_ORD_PEGGED;
	c = with_attrs(c, ATTRS(CLR_ATTR_PEG_TYPE, CLR_PEG_PRIMARY, CLR_ATTR_PEG_OFFSET, -10));
	R(CLR_OK, after(send(H, &c)));
	is(order_of(2).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "0 is no price");
	after(limit(H, mk.bob, "bid2", mk.spot, 'B', 5, 15));
	is(order_of(2).price, 5, "5 is");
	is(position(H, mk.alice, mk.spot).buy_reserve, 25, "and is reserved");
	special_done();
}

static uint64_t seed;

static int64_t
draw(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int64_t) (seed >> 33) % n;
}

/* Random books and pegs: check() requires each peg to be in its place. */
static void
random_flow(uint64_t start)
{
	static const int64_t types[] = {CLR_PEG_PRIMARY, CLR_PEG_MARKET, CLR_PEG_MID};

	special_init();
	seed = start;
	mirrored = false;
	for (int i = 0; i < 400 && H->broken == NULL; i++)
	{
		uint32_t	who = draw(2) ? mk.alice : mk.bob;
		char		side = draw(2) ? 'B' : 'S';
		int64_t		what = draw(10);

		mirrored = i % 10 == 0;
		if (what < 4)
			after(limit(H, who, "", mk.future, side, 1 + draw(3), 95 + draw(11)));
		else if (what < 7)
			peg(who, "", side, 1 + draw(3), types[draw(3)], draw(7) - 3,
				draw(3) ? 0 : 95 + draw(11));
		else if (what < 9)
			after(cancel_id(H, who, "", 1 + (uint64_t) draw(i + 1)));
		else if (draw(3) == 0)
			after(set_phase(H, mk.future, draw(2) ? CLR_PHASE_CONTINUOUS : CLR_PHASE_PRE_OPEN));
		else
			after(market(H, who, "", mk.future, side, 1 + draw(4)));
	}
	special_done();
}

int
main(void)
{
	references();
	following();
	without_reference();
	phases();
	margin();
	replaces();
	replaces_as_told();
	refusals();
	spot();
	for (uint64_t start = 1; start <= 6; start++)
		random_flow(start);
	return done_testing();
}
