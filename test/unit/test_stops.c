/*
 * test_stops.c
 *	  Stop and stop-limit orders: triggering, order of triggering, margin,
 *	  replacing, ends.
 *
 * Examples: Vega core/integration/features/orders/stoporders.feature
 * (0014-ORDT), prices in ticks.
 */
#include "special.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static ClrCommand
stop_command(uint32_t account, const char *ref, char side, int64_t qty,
			 int64_t stop, int64_t limit_price)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, qty, limit_price);

	c.u.order.ord_type = limit_price == 0 ? CLR_ORD_STOP : CLR_ORD_STOP_LIMIT;
	return with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, stop));
}

/* limit_price 0: a stop order */
static int
stop(uint32_t account, const char *ref, char side, int64_t qty, int64_t stop_px,
	 int64_t limit_price)
{
	ClrCommand	c = stop_command(account, ref, side, qty, stop_px, limit_price);

	return after(send(H, &c));
}

static int
mark_stop(uint32_t account, const char *ref, char side, int64_t qty, int64_t stop_px)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, qty, 0);

	c.u.order.ord_type = CLR_ORD_STOP;
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, stop_px, CLR_ATTR_TRIGGER, CLR_TRIGGER_MARK));
	return after(send(H, &c));
}

/* 0014-ORDT-045: the limit order is placed as if it had just arrived. */
static void
vega_stop_limit(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 10, 50);
	after(limit(H, mk.carol, "c1", mk.future, 'S', 10, 80));
	R(CLR_OK, stop(mk.alice, "stop1", 'B', 5, 75, 80));
	is_text(events(H), "O4 00 0/5@80 ok\n", "entered and waiting");
	is(H->out.ord_status, CLR_STATUS_NEW, "new");
	is(order_of(4).attr[CLR_ATTR_PARKED], CLR_PARKED_STOP, "parked");
	after(limit(H, mk.carol, "c2", mk.future, 'B', 10, 75));
	R(CLR_OK, after(limit(H, mk.bob, "b2", mk.future, 'S', 10, 75)));
	is_text(events(H),
			"O6 00 0/10@75 ok\n"
			"T2 10@75 5x6 0/0\n"
			"O5 F2 10/10@75 ok\n"
			"O6 F2 10/10@75 ok\n"
			"O4 L0 0/5@80 ok\n"
			"T3 5@80 4x3 0/0\n"
			"O3 F1 5/10@80 ok\n"
			"O4 F2 5/5@80 ok\n", "triggered by the trade at 75, filled at 80");
	is(H->out.n_trades, 1, "the outcome counts the trade of its own order");
	is(H->out.cum_qty, 10, "and its quantity");
	is(H->out.id, 6, "and is that order's");
	is(position(H, mk.alice, mk.future).qty, -5, "5 of 10 bought back");
	special_done();
}

/* 0014-ORDT-046, -047: last 50, rises above 75: at 75 or higher, not before. */
static void
vega_rises_above(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 50);
	after(limit(H, mk.carol, "", mk.future, 'S', 10, 90));
	stop(mk.alice, "s1", 'B', 1, 75, 0);
	trade_at(mk.carol, mk.bob, mk.future, 1, 74);
	is(order_of(4).order_id, 4, "74 is not enough");
	trade_at(mk.carol, mk.bob, mk.future, 1, 76);
	is(order_of(4).order_id, 0, "76 is");
	is(position(H, mk.alice, mk.future).qty, 0, "filled at the market");
	special_done();
}

/* CME Globex, stop order with protection: bid of 10, stop 133000, 300 points. */
static void
cme_protection(void)
{
	special_init();
	after(deposit(H, mk.alice, mk.usd, 100000000));
	after(deposit(H, mk.bob, mk.usd, 100000000));
	after(deposit(H, mk.carol, mk.usd, 100000000));
	set_rule(mk.future, CLR_RULE_STOP_PROTECTION, 300);
	trade_at(mk.carol, mk.bob, mk.future, 1, 132900);
	after(limit(H, mk.carol, "", mk.future, 'S', 2, 133025));
	after(limit(H, mk.carol, "", mk.future, 'S', 3, 133200));
	after(limit(H, mk.carol, "", mk.future, 'S', 2, 133225));
	after(limit(H, mk.carol, "", mk.future, 'S', 9, 133375));
	R(CLR_OK, stop(mk.alice, "s1", 'B', 10, 133000, 0));
	is(order_of(7).reserve, 133300 - 100, "reserved for the protected price");
	trade_at(mk.carol, mk.bob, mk.future, 1, 133000);
	is_text(strstr(events(H), "O7"),
			"O7 L0 0/10@133300 ok\n"
			"T3 2@133025 7x3 0/0\n"
			"O3 F2 2/2@133025 ok\n"
			"T4 3@133200 7x4 0/0\n"
			"O4 F2 3/3@133200 ok\n"
			"T5 2@133225 7x5 0/0\n"
			"O5 F2 2/2@133225 ok\n"
			"O7 F1 7/10@133300 ok\n", "2, 3 and 2 within the protected range");
	is(order_of(7).leaves_qty, 3, "the remaining quantity");
	is(order_of(7).price, 133300, "rests at the protection limit");
	is(order_of(7).attr[CLR_ATTR_PARKED], 0, "in the book");
	special_done();
}

/* A stop that is met at entry. */
static void
met_at_entry(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	after(limit(H, mk.carol, "", mk.future, 'S', 10, 101));
	R(CLR_OK, stop(mk.alice, "s1", 'B', 2, 100, 0));
	is_text(events(H),
			"O4 00 0/2@0 ok\n"
			"O4 L0 0/2@0 ok\n"
			"T2 2@101 4x3 0/0\n"
			"O3 F1 2/10@101 ok\n"
			"O4 F2 2/2@0 ok\n", "triggered at once");
	is(H->out.cum_qty, 2, "and that is the outcome of the command");
	R(CLR_OK, stop(mk.alice, "s2", 'B', 1, 99, 100));
	is(H->out.exec_type, CLR_EXEC_TRIGGERED, "a stop-limit that rests");
	is(H->out.leaves_qty, 1, "works");
	is(order_of(5).ord_type, CLR_ORD_LIMIT, "as a limit order");
	is(order_of(5).attr[CLR_ATTR_PARKED], 0, "in the book");
	after(mass_cancel(H, mk.carol, 0));
	R(CLR_R_NO_LIQUIDITY, stop(mk.alice, "s3", 'B', 1, 100, 0));
	R(CLR_OK, set_rule(mk.future, CLR_RULE_STOP_ENTRY, CLR_STOP_ENTRY_REFUSE));
	R(CLR_R_STOP_MET, stop(mk.alice, "s4", 'B', 1, 101, 0));
	R(CLR_R_STOP_MET, stop(mk.alice, "s5", 'S', 1, 101, 0));
	R(CLR_OK, stop(mk.alice, "s6", 'B', 1, 102, 0));
	R(CLR_OK, stop(mk.alice, "s7", 'S', 1, 100, 0));
	special_done();
}

static void
bad_stops(void)
{
	ClrCommand	c;
	int			n = 0;
	char		ref[16];

#define TRY(want, change, ...) \
	do { \
		sprintf(ref, "try%d", n++); \
		c = stop_command(mk.alice, ref, 'B', 1, 110, 0); \
		change; \
		c = with_attrs(c, ATTRS(__VA_ARGS__)); \
		R(want, after(send(H, &c))); \
	} while (0)

	special_init();
	after(0);
	TRY(CLR_R_PARAMETER_INVALID, (void) 0, CLR_ATTR_TRIGGER, CLR_TRIGGER_LAST);
	TRY(CLR_R_PARAMETER_INVALID, (void) 0, CLR_ATTR_STOP_PX, 110, CLR_ATTR_TRIGGER, 1);
	TRY(CLR_R_PRICE_INVALID, (void) 0, CLR_ATTR_STOP_PX, CLR_PRICE_MAX + 1);
	TRY(CLR_R_PRICE_INVALID, (void) 0, CLR_ATTR_STOP_PX, INT64_MIN);
	TRY(CLR_R_PRICE_INVALID, c.u.order.price = 5, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_TIF_INVALID, c.u.order.time_in_force = CLR_TIF_IOC, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_TIF_INVALID, c.u.order.time_in_force = CLR_TIF_FOK, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_PARAMETER_INVALID, c.u.order.exec_inst = CLR_EXEC_POST_ONLY, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_QUANTITY_INVALID, c.u.order.qty = 0, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_QUANTITY_INVALID, c.u.order.qty = CLR_QTY_MAX + 1, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_SIDE_INVALID, c.u.order.side = 3, CLR_ATTR_STOP_PX, 110);
	TRY(CLR_R_PARAMETER_INVALID, (void) 0, CLR_ATTR_STOP_PX, 110, CLR_ATTR_TRAIL_OFFSET, 1);
	TRY(CLR_R_PARAMETER_INVALID, (void) 0, CLR_ATTR_TRAIL_OFFSET, 0);
	TRY(CLR_R_PARAMETER_INVALID, (void) 0, CLR_ATTR_TRAIL_OFFSET, -1);
	TRY(CLR_R_NO_TRIGGER_PRICE, (void) 0, CLR_ATTR_TRAIL_OFFSET, 1);
	TRY(CLR_R_ORD_TYPE_INVALID, c.u.order.ord_type = CLR_ORD_STOP_LIMIT, CLR_ATTR_TRAIL_OFFSET, 1);
	set_phase(H, mk.future, CLR_PHASE_HALTED);
	after(0);
	TRY(CLR_R_PHASE, (void) 0, CLR_ATTR_STOP_PX, 110);
	is(clr_count_orders(H->e), 0, "nothing was entered");
	special_done();
}

/*
 * One sweep meets four buy stops: they run by stop price, then by entry; a
 * trade of one that meets a further one puts it behind them.
 */
static void
order_of_triggering(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 90);
	after(limit(H, mk.carol, "", mk.future, 'S', 1, 97));
	after(limit(H, mk.carol, "", mk.future, 'S', 4, 100));
	after(limit(H, mk.bob, "", mk.future, 'B', 1, 97));
	/* last 97; sells below 97 and buys above */
	R(CLR_OK, stop(mk.alice, "s1", 'B', 1, 99, 105));	/* O6 */
	R(CLR_OK, stop(mk.alice, "s2", 'B', 1, 98, 105));	/* O7 */
	R(CLR_OK, stop(mk.bob, "s3", 'B', 1, 98, 105)); /* O8 */
	R(CLR_OK, stop(mk.bob, "s4", 'B', 1, 101, 105));	/* O9 */
	after(limit(H, mk.carol, "", mk.future, 'S', 1, 101));	/* O10 */
	after(limit(H, mk.carol, "", mk.future, 'S', 5, 102));	/* O11 */
	R(CLR_OK, after(limit(H, mk.bob, "", mk.future, 'B', 1, 100)));
	is_text(events(H),
			"O12 00 0/1@100 ok\n"
			"T3 1@100 12x4 0/0\n"
			"O4 F1 1/4@100 ok\n"
			"O12 F2 1/1@100 ok\n"
			"O7 L0 0/1@105 ok\n"
			"T4 1@100 7x4 0/0\n"
			"O4 F1 2/4@100 ok\n"
			"O7 F2 1/1@105 ok\n"
			"O8 L0 0/1@105 ok\n"
			"T5 1@100 8x4 0/0\n"
			"O4 F1 3/4@100 ok\n"
			"O8 F2 1/1@105 ok\n"
			"O6 L0 0/1@105 ok\n"
			"T6 1@100 6x4 0/0\n"
			"O4 F2 4/4@100 ok\n"
			"O6 F2 1/1@105 ok\n", "98 before 99, the older of two at 98 first");
	is(order_of(9).order_id, 9, "101 waits on");
	R(CLR_OK, stop(mk.alice, "s5", 'B', 1, 102, 105));	/* O13 */
	R(CLR_OK, after(limit(H, mk.carol, "", mk.future, 'B', 1, 99)));	/* O14 */
	R(CLR_OK, after(limit(H, mk.bob, "", mk.future, 'B', 1, 101)));
	is_text(events(H),
			"O15 00 0/1@101 ok\n"
			"T7 1@101 15x10 0/0\n"
			"O10 F2 1/1@101 ok\n"
			"O15 F2 1/1@101 ok\n"
			"O9 L0 0/1@105 ok\n"
			"T8 1@102 9x11 0/0\n"
			"O11 F1 1/5@102 ok\n"
			"O9 F2 1/1@105 ok\n"
			"O13 L0 0/1@105 ok\n"
			"T9 1@102 13x11 0/0\n"
			"O11 F1 2/5@102 ok\n"
			"O13 F2 1/1@105 ok\n", "a triggered order triggers the next");
	is(H->out.n_trades, 1, "the outcome has one trade");
	special_done();
}

/* Sells: highest stop price first; buys before sells of the same trade. */
static void
both_sides(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	after(limit(H, mk.carol, "", mk.future, 'B', 9, 80));
	R(CLR_OK, stop(mk.alice, "s1", 'S', 1, 90, 0));
	R(CLR_OK, stop(mk.alice, "s2", 'S', 1, 95, 0));
	trade_at(mk.bob, mk.carol, mk.future, 1, 89);
	is_text(events(H),
			"O7 00 0/1@89 ok\n"
			"T2 1@89 7x6 0/0\n"
			"O6 F2 1/1@89 ok\n"
			"O7 F2 1/1@89 ok\n"
			"O5 L0 0/1@0 ok\n"
			"T3 1@80 3x5 0/0\n"
			"O3 F1 1/9@80 ok\n"
			"O5 F2 1/1@0 ok\n"
			"O4 L0 0/1@0 ok\n"
			"T4 1@80 3x4 0/0\n"
			"O3 F1 2/9@80 ok\n"
			"O4 F2 1/1@0 ok\n", "95 before 90");
	special_done();
}

/* The mark price triggers what waits for it, by command and by settlement. */
static void
mark_price(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 10, 100);
	after(limit(H, mk.carol, "", mk.future, 'B', 9, 90));
	R(CLR_OK, mark_stop(mk.bob, "s1", 'S', 1, 95));
	R(CLR_OK, mark_stop(mk.bob, "s2", 'S', 1, 92));
	trade_at(mk.alice, mk.carol, mk.future, 1, 91);
	is(order_of(4).order_id, 4, "a trade does not trigger it");
	after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, 95));
	is(order_of(4).order_id, 0, "the mark price does");
	is(position(H, mk.bob, mk.future).qty, 9, "sold");
	is(order_of(5).order_id, 5, "not the other");
	R(CLR_OK, after(at_price(H, CLR_CMD_SETTLE, mk.future, 90)));
	is(order_of(5).order_id, 0, "a settlement sets the mark price too");
	is(H->out.type, CLR_CMD_SETTLE, "and its outcome is its own");
	is(H->out.n_trades, 0, "without trades");
	special_done();
}

/* Working quantity and reserve from entry on; what can't be carried ends. */
static void
margin(void)
{
	ClrPositionView p;

	special_init();
	trade_at(mk.alice, mk.carol, mk.future, 1, 100);
	R(CLR_OK, stop(mk.bob, "s1", 'B', 10, 110, 0));
	p = position(H, mk.bob, mk.future);
	is(p.buy_lots, 10, "its lots work");
	is(p.buy_reserve, 100, "it reserves 10 ticks for each lot");
	is(valuation(H, mk.bob, mk.usd).initial, 200, "and 10 % of the mark price");
	R(CLR_OK, stop(mk.bob, "s2", 'B', 10, 110, 120));
	is(position(H, mk.bob, mk.future).buy_reserve, 300, "a stop-limit for its limit");
	R(CLR_R_INSUFFICIENT_MARGIN, stop(mk.bob, "s3", 'B', 100000, 110, 0));
	R(CLR_OK, after(withdraw(H, mk.bob, mk.usd, 1000000 - 500)));
	R(CLR_R_INSUFFICIENT_MARGIN, stop(mk.bob, "s4", 'B', 1, 110, 0));

	/* nothing below 160: s1 would lose 600 */
	after(limit(H, mk.alice, "", mk.future, 'S', 50, 160));
	trade_at(mk.alice, mk.carol, mk.future, 1, 112);
	is(order_of(3).order_id, 0, "s1 was triggered");
	is(position(H, mk.bob, mk.future).qty, 0, "and not carried");
	is_text(strstr(events(H), "O3"),
			"O3 L0 0/10@0 ok\n"
			"O3 44 0/10@0 insufficient_margin\n"
			"O4 L0 0/10@120 ok\n", "cancelled; the other rests in the book");
	p = position(H, mk.bob, mk.future);
	is(p.buy_lots, 10, "what was reserved is free again");
	is(p.buy_reserve, 200, "but for the one that rests");
	special_done();
}

/* Nobody to trade with: the stop is cancelled. */
static void
no_liquidity(void)
{
	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	stop(mk.bob, "s1", 'S', 1, 95, 0);
	trade_at(mk.alice, mk.carol, mk.future, 1, 95);
	is_text(strstr(events(H), "O3"),
			"O3 L0 0/1@0 ok\n"
			"O3 44 0/1@0 no_liquidity\n", "triggered and cancelled");
	special_done();
}

static int
replace_stop(uint32_t account, const char *ref, const char *orig, int64_t qty,
			 int64_t price, const int64_t *attrs)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	c = with_attrs(c, attrs);
	return after(send(H, &c));
}

static void
replacing(void)
{
	uint64_t	priority;

	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	R(CLR_OK, stop(mk.alice, "s1", 'B', 5, 110, 0));
	priority = order_of(3).priority;
	R(CLR_OK, replace_stop(mk.alice, "s2", "s1", 3, 0, NO_ATTRS));
	is(order_of(3).priority, priority, "a decrease keeps its place");
	is(order_of(3).leaves_qty, 3, "and works less");
	is(position(H, mk.alice, mk.future).buy_reserve, 30, "and reserves less");
	R(CLR_OK, replace_stop(mk.alice, "s3", "s2", 3, 0, ATTRS(CLR_ATTR_STOP_PX, 108)));
	ok(order_of(3).priority > priority, "another stop price loses it");
	is(order_of(3).attr[CLR_ATTR_STOP_PX], 108, "the new stop price");
	is(order_of(3).reserve, 8, "and what it reserves");
	R(CLR_R_PRICE_INVALID, replace_stop(mk.alice, "s4", "s3", 3, 7, NO_ATTRS));
	R(CLR_R_QUANTITY_INVALID, replace_stop(mk.alice, "s5", "s3", 0, 0, NO_ATTRS));
	R(CLR_R_PARAMETER_INVALID,
	  replace_stop(mk.alice, "s6", "s3", 3, 0, ATTRS(CLR_ATTR_STOP_PX | CLR_ATTR_GONE, 0)));
	R(CLR_R_INSUFFICIENT_MARGIN, replace_stop(mk.alice, "s7", "s3", 200000, 0, NO_ATTRS));
	is(order_of(3).leaves_qty, 3, "a refusal changes nothing");
	trade_at(mk.carol, mk.bob, mk.future, 1, 107);
	is(order_of(3).order_id, 3, "107 is not 108");
	after(limit(H, mk.carol, "c1", mk.future, 'S', 9, 109));
	R(CLR_OK, replace_stop(mk.alice, "s8", "s3", 3, 0, ATTRS(CLR_ATTR_STOP_PX, 107)));
	is_text(strstr(events(H), "O3"),
			"O3 50 0/3@0 ok\n"
			"O3 L0 0/3@0 ok\n"
			"T3 3@109 3x6 0/0\n"
			"O6 F1 3/9@109 ok\n"
			"O3 F2 3/3@0 ok\n", "replaced to a price that is met: triggered");
	is(H->out.exec_type, CLR_EXEC_REPLACED, "the outcome is the replace's");
	R(CLR_R_PARAMETER_INVALID,
	  replace_stop(mk.carol, "c2", "c1", 9, 109, ATTRS(CLR_ATTR_STOP_PX, 120)));
	special_done();
}

/* A triggered stop-limit is a limit order, whatever its record says. */
static void
replacing_triggered(void)
{
	special_init();
	trade_at(mk.bob, mk.carol, mk.future, 1, 100);
	R(CLR_OK, stop(mk.alice, "s1", 'B', 5, 105, 104));
	trade_at(mk.bob, mk.carol, mk.future, 1, 105);
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "it was triggered and rests");
	is(order_of(3).attr[CLR_ATTR_STOP_PX], 105, "what triggered it is kept");
	R(CLR_OK, replace_stop(mk.alice, "s2", "s1", 4, 104, NO_ATTRS));
	is(order_of(3).order_qty, 4, "it can be made smaller");
	R(CLR_OK, replace_stop(mk.alice, "s3", "s2", 6, 103, NO_ATTRS));
	is(order_of(3).price, 103, "and moved");
	is(order_of(3).attr[CLR_ATTR_STOP_PX], 105, "the record stays");
	R(CLR_R_PARAMETER_INVALID, replace_stop(mk.alice, "s4", "s3", 6, 103, ATTRS(CLR_ATTR_STOP_PX, 108)));
	special_done();
}

static int
replace_type(uint32_t account, const char *ref, const char *orig, uint8_t type,
			 int64_t qty, int64_t price, const int64_t *attrs)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	c.u.replace.ord_type = type;
	c = with_attrs(c, attrs);
	return after(send(H, &c));
}

/* CME: a replace may add a stop price; it loses priority. */
static void
becomes_stop(void)
{
	special_init();
	trade_at(mk.bob, mk.carol, mk.future, 1, 100);
	after(limit(H, mk.alice, "l", mk.future, 'B', 10, 95));
	after(limit(H, mk.bob, "b", mk.future, 'S', 4, 95));
	is(order_of(3).cum_qty, 4, "filled in part");
	R(CLR_R_PARAMETER_INVALID, replace_type(mk.alice, "x1", "l", 0, 10, 95, ATTRS(CLR_ATTR_STOP_PX, 105)));
	R(CLR_R_PARAMETER_INVALID, replace_type(mk.alice, "x2", "l", CLR_ORD_STOP_LIMIT, 10, 106, NO_ATTRS));
	R(CLR_R_PARAMETER_INVALID, replace_type(mk.alice, "x3", "l", CLR_ORD_STOP_LIMIT, 10, 106,
											ATTRS(CLR_ATTR_DISPLAY_QTY, 2, CLR_ATTR_STOP_PX, 105)));
	R(CLR_R_QTY_BELOW_FILLED, replace_type(mk.alice, "x4", "l", CLR_ORD_STOP_LIMIT, 4, 106, ATTRS(CLR_ATTR_STOP_PX, 105)));
	R(CLR_R_INSUFFICIENT_MARGIN, replace_type(mk.alice, "x5", "l", CLR_ORD_STOP_LIMIT, 500000, 106, ATTRS(CLR_ATTR_STOP_PX, 105)));
	is(order_of(3).ord_type, CLR_ORD_LIMIT, "a refusal changes nothing");
	R(CLR_OK, replace_type(mk.alice, "s", "l", CLR_ORD_STOP_LIMIT, 10, 106, ATTRS(CLR_ATTR_STOP_PX, 105)));
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_STOP, "a limit order waits now");
	is(order_of(3).leaves_qty, 6, "with what is left of it");
	after(limit(H, mk.bob, "b2", mk.future, 'S', 1, 94));
	is(order_of(3).cum_qty, 4, "it is not in the book");
	after(cancel(H, mk.bob, "c", "b2"));
	trade_at(mk.bob, mk.carol, mk.future, 1, 105);
	is(order_of(3).price, 106, "triggered, it rests at its new limit");
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "in the book");
	after(limit(H, mk.bob, "b3", mk.future, 'S', 9, 106));
	is_text(strstr(events(H), "T"), "T4 6@106 3x8 0/0\nO3 F2 10/10@106 ok\nO8 F1 6/9@106 ok\n", "filled");

	/* a stop without a limit, and one whose price is met */
	after(limit(H, mk.alice, "l2", mk.future, 'S', 2, 120));
	R(CLR_R_PRICE_INVALID, replace_type(mk.alice, "x6", "l2", CLR_ORD_STOP, 2, 120, ATTRS(CLR_ATTR_STOP_PX, 90)));
	R(CLR_OK, replace_type(mk.alice, "s2", "l2", CLR_ORD_STOP, 2, 0, ATTRS(CLR_ATTR_STOP_PX, 90)));
	R(CLR_OK, replace_type(mk.alice, "s3", "s2", CLR_ORD_STOP_LIMIT, 2, 100, ATTRS(CLR_ATTR_STOP_PX, 107)));
	is(order_of(9).price, 100, "met, it is triggered behind the command");
	is(order_of(9).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "and rests");
	special_done();
}

/* What triggered it once does not trigger it again. */
static void
becomes_stop_again(void)
{
	ClrCommand	c;

	special_init();
	trade_at(mk.bob, mk.carol, mk.future, 1, 100);
	c = order_command(mk.alice, "s1", mk.future, 'B', 5, 96);
	c.u.order.ord_type = CLR_ORD_STOP_LIMIT;
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, 95, CLR_ATTR_TRIGGER, CLR_TRIGGER_MARK));
	R(CLR_OK, after(send(H, &c)));
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "triggered by the mark price");
	R(CLR_OK, replace_type(mk.alice, "s2", "s1", CLR_ORD_STOP_LIMIT, 5, 106, ATTRS(CLR_ATTR_STOP_PX, 105)));
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_STOP, "waits again");
	trade_at(mk.bob, mk.carol, mk.future, 1, 105);
	is(order_of(3).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "for the last price, since it was not told otherwise");
	c = order_command(mk.alice, "l", mk.future, 'S', 10, 120);
	c = with_attrs(c, ATTRS(CLR_ATTR_DISPLAY_QTY, 5));
	R(CLR_OK, after(send(H, &c)));
	after(limit(H, mk.bob, "b", mk.future, 'B', 6, 120));
	R(CLR_OK, replace_type(mk.alice, "s3", "l", CLR_ORD_STOP_LIMIT, 10, 120, ATTRS(CLR_ATTR_STOP_PX, 90)));
	special_done();
}

/* And the type may be changed back. */
static void
is_stop_no_longer(void)
{
	special_init();
	trade_at(mk.bob, mk.carol, mk.future, 1, 100);
	after(limit(H, mk.bob, "ask", mk.future, 'S', 2, 103));
	R(CLR_OK, stop(mk.alice, "s", 'B', 5, 110, 111));
	R(CLR_R_PARAMETER_INVALID, replace_type(mk.alice, "x1", "s", CLR_ORD_LIMIT, 5, 103, ATTRS(CLR_ATTR_TRAIL_OFFSET, 1)));
	R(CLR_R_ORD_TYPE_INVALID, replace_type(mk.alice, "x2", "s", CLR_ORD_PEGGED, 5, 103, NO_ATTRS));
	R(CLR_OK, replace_type(mk.alice, "l", "s", CLR_ORD_LIMIT, 5, 103, NO_ATTRS));
	is_text(events(H), "O4 50 0/5@103 ok\nT2 2@103 4x3 0/0\nO3 F2 2/2@103 ok\nO4 F1 2/5@103 ok\n", "it trades at once");
	ok((order_of(4).attrs_present >> CLR_ATTR_STOP_PX & 1) == 0, "and is no stop any more");
	is(H->out.leaves_qty, 3, "what is left rests");
	trade_at(mk.bob, mk.carol, mk.future, 1, 110);
	is(order_of(4).cum_qty, 2, "110 triggers nothing");
	after(limit(H, mk.bob, "ask2", mk.future, 'S', 1, 130));
	R(CLR_OK, stop(mk.alice, "s2", 'B', 1, 140, 0));
	R(CLR_R_PRICE_INVALID, replace_type(mk.alice, "m0", "s2", CLR_ORD_MARKET, 1, 99, NO_ATTRS));
	special_done();
}

/* Mass cancel, the close, a halt, the opening, expiry of the instrument. */
static void
ends(void)
{
	ClrCommand	c;

	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	stop(mk.alice, "s1", 'B', 5, 110, 0);
	R(CLR_OK, after(cancel(H, mk.alice, "s2", "s1")));
	is(H->out.ord_status, CLR_STATUS_CANCELED, "a cancel");
	stop(mk.alice, "s3", 'B', 5, 110, 0);
	R(CLR_OK, after(mass_cancel(H, mk.alice, 0)));
	is(H->out.n_cancelled, 1, "a mass cancel");
	is(position(H, mk.alice, mk.future).buy_lots, 0, "nothing works any more");

	stop(mk.alice, "s4", 'B', 1, 110, 0);
	c = stop_command(mk.alice, "s5", 'B', 1, 105, 0);
	c.u.order.time_in_force = CLR_TIF_GTC;
	after(send(H, &c));
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CLOSED)));
	is(order_of(5).order_id, 0, "the day order ended with the day");
	is(order_of(6).order_id, 6, "the other waits on");

	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_PRE_OPEN)));
	after(limit(H, mk.bob, "", mk.future, 'S', 1, 106));
	after(limit(H, mk.bob, "", mk.future, 'S', 1, 107));
	after(limit(H, mk.carol, "", mk.future, 'B', 1, 106));
	R(CLR_OK, stop(mk.alice, "s6", 'S', 1, 101, 50));
	is(order_of(10).attr[CLR_ATTR_PARKED], CLR_PARKED_STOP, "before the opening even one that is met waits");
	R(CLR_OK, after(cancel(H, mk.alice, "s7", "s6")));
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CONTINUOUS)));
	is_text(strstr(events(H), "O6"),
			"O6 L0 0/1@0 ok\n"
			"T3 1@107 6x8 0/0\n"
			"O8 F2 1/1@107 ok\n"
			"O6 F2 1/1@0 ok\n", "the opening trade triggers");

	/* a halt: the mark price moves, nothing happens until trading goes on */
	mark_stop(mk.alice, "s8", 'B', 1, 120);
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_HALTED)));
	R(CLR_OK, after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, 130)));
	is(order_of(11).order_id, 11, "it waits while trading is halted");
	R(CLR_OK, after(set_phase(H, mk.future, CLR_PHASE_CONTINUOUS)));
	is(order_of(11).order_id, 0, "and is triggered when it goes on");

	mark_stop(mk.alice, "s9", 'B', 1, 150);
	R(CLR_OK, after(at_price(H, CLR_CMD_EXPIRE, mk.future, 160)));
	is(clr_count_orders(H->e), 0, "the instrument's end ends all");
	special_done();
}

/* A spot stop reserves cash or assets like a limit order at its price. */
static void
spot(void)
{
	ClrCommand	c;

	special_init();
	trade_at(mk.alice, mk.bob, mk.spot, 1, 100);
	c = stop_command(mk.bob, "s1", 'B', 5, 110, 0);
	c.u.order.instrument = mk.spot;
	R(CLR_OK, after(send(H, &c)));
	is(position(H, mk.bob, mk.spot).buy_reserve, 550, "a buy its stop price");
	c = stop_command(mk.alice, "s2", 'S', 999, 90, 85);
	c.u.order.instrument = mk.spot;
	R(CLR_OK, after(send(H, &c)));
	is(position(H, mk.alice, mk.spot).sell_reserve, 999, "a sell its quantity");
	c = stop_command(mk.alice, "s3", 'S', 1, 90, 85);
	c.u.order.instrument = mk.spot;
	R(CLR_R_INSUFFICIENT_FUNDS, after(send(H, &c)));
	special_done();
}

/* 100,000 waiting stops cost nothing; a trade triggers 10,000 in one go. */
static void
stress(void)
{
	enum
	{
		MANY = 100000,
		CASCADE = 10000
	};
	ClrOutcome	out;

	special_init();
	after(0);
	mirrored = false;
	H->check = false;
	deposit(H, mk.alice, mk.usd, INT64_C(1000000000000));
	mirror_take(&mirror, H);
	trade_at(mk.carol, mk.bob, mk.future, 1, 100);
	for (int i = 0; i < MANY; i++)
		stop(mk.alice, "", 'B', 1, 1000 + i % 5000, 0);
	is(clr_count_orders(H->e), MANY, "100,000 stops wait");
	trade_at(mk.carol, mk.bob, mk.future, 1, 101);
	mirrored = true;
	after(0);
	after(mass_cancel(H, mk.alice, 0));
	is(H->out.n_cancelled, MANY, "and are cancelled");

	/* each triggers the next: 200 .. 10199, each offered one tick higher */
	mirrored = false;
	deposit(H, mk.carol, mk.usd, INT64_C(1000000000000));
	mirror_take(&mirror, H);
	for (int i = 0; i < CASCADE; i++)
	{
		stop(mk.alice, "", 'B', 1, 200 + i, 0);
		after(limit(H, mk.carol, "", mk.future, 'S', 1, 201 + i));
	}
	after(limit(H, mk.carol, "", mk.future, 'S', 1, 200));
	is(after(limit(H, mk.bob, "bb", mk.future, 'B', 1, 200)), CLR_OK, "one trade");
	out = H->out;
	is(position(H, mk.alice, mk.future).qty, CASCADE, "triggers ten thousand");
	is(out.n_trades, 1, "its outcome has one");
	is(clr_count_orders(H->e), 0, "nothing is left");
	mirrored = true;
	after(0);
	special_done();
}

/* Good till a date; a stop-limit order with a peak. */
static void
with_attributes(void)
{
	int64_t		date;
	ClrCommand	c;

	special_init();
	date = H->now + 1000000;
	trade_at(mk.alice, mk.bob, mk.future, 1, 100);
	after(limit(H, mk.bob, "b1", mk.future, 'S', 20, 105));
	c = order_command(mk.alice, "s1", mk.future, 'B', 4, 0);
	c.u.order.ord_type = CLR_ORD_STOP;
	c.u.order.time_in_force = CLR_TIF_GTD;
	c = with_attrs(c, ATTRS(CLR_ATTR_STOP_PX, 105, CLR_ATTR_EXPIRE_TIME, date));
	R(CLR_OK, after(send(H, &c)));
	c = order_command(mk.alice, "s2", mk.future, 'B', 9, 105);
	c.u.order.ord_type = CLR_ORD_STOP_LIMIT;
	c.u.order.time_in_force = CLR_TIF_GTD;
	c = with_attrs(c, ATTRS(CLR_ATTR_DISPLAY_QTY, 2, CLR_ATTR_STOP_PX, 105, CLR_ATTR_EXPIRE_TIME, date));
	R(CLR_OK, after(send(H, &c)));
	c = order_command(mk.alice, "s3", mk.future, 'B', 4, 0);
	c.u.order.ord_type = CLR_ORD_STOP;
	c = with_attrs(c, ATTRS(CLR_ATTR_DISPLAY_QTY, 2, CLR_ATTR_STOP_PX, 105));
	R(CLR_R_ATTRIBUTE_INVALID, after(send(H, &c)));
	after(limit(H, mk.carol, "c1", mk.future, 'B', 9, 105));
	is(H->out.n_trades, 1, "the trade that triggers them");
	is(position(H, mk.alice, mk.future).qty, -1 + 4 + 7, "both trade");
	is(order_of(5).leaves_qty, 2, "the stop-limit order rests with what is left");
	is(order_of(5).attr[CLR_ATTR_SHOWN_QTY], 1, "and shows the rest of its peak");
	house_block(H, 2000000);
	after(0);
	is(clr_count_orders(H->e), 0, "until its date");
	special_done();
}

int
main(void)
{
	vega_stop_limit();
	vega_rises_above();
	cme_protection();
	met_at_entry();
	bad_stops();
	order_of_triggering();
	both_sides();
	mark_price();
	margin();
	no_liquidity();
	replacing();
	replacing_triggered();
	becomes_stop();
	becomes_stop_again();
	is_stop_no_longer();
	with_attributes();
	ends();
	spot();
	stress();
	return done_testing();
}
