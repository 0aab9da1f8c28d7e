/*
 * test_types.c
 *	  Orders that are more than a price and a quantity: icebergs, minimum
 *	  quantities, expiry, market to limit, protection points, post-only modes,
 *	  reduce-only, and what a replace does to all of them.
 *
 * After every command all invariants are checked, and an engine restored from
 * the events alone must dump the same.
 */
#include "tap.h"
#include "mirror.h"

static Market m;
static Mirror mirror;
static unsigned restored;		/* times */

static void
follow(void)
{
	ClrEngine  *to;

	mirror_take(&mirror, &m.h);
	to = mirror_restore(&mirror, &m.h);
	if (to == NULL || !same_dump(m.h.e, to))
		ok(false, "restored after command %u of block %" PRIu64, m.h.number, m.h.height);
	else
		restored++;
	if (to != NULL)
		clr_engine_free(to);
}

/* The whole market once more; mirror.h follows from the first command. */
static void
fresh(void)
{
	static const struct
	{
		const char *name;
		uint8_t		scale;
	}			assets[] = {{"USD", 2}, {"BTC", 0}};
	House	   *h = &m.h;
	ClrCommand	c;

	memset(&m, 0, sizeof(m));
	memset(&mirror, 0, sizeof(mirror));
	house_init(h);
	open_house(h, INT64_C(3600) * 1000000);
	mirror_take(&mirror, h);
	m.usd = add_asset(h, assets[0].name, assets[0].scale);
	m.btc = add_asset(h, assets[1].name, assets[1].scale);
	m.alice = add_account(h, "alice", add_member(h, "ALPHA"));
	m.bob = add_account(h, "bob", add_member(h, "BETA"));
	m.carol = add_account(h, "carol", 2);
	c = future_command("FUT", m.usd);
	send(h, &c);
	m.future = (uint32_t) h->out.id;
	c = spot_command("BTC/USD", m.btc, m.usd);
	send(h, &c);
	m.spot = (uint32_t) h->out.id;
	for (uint32_t a = m.alice; a <= m.carol; a++)
	{
		deposit(h, a, m.usd, INT64_C(1000000000));
		mirror_take(&mirror, h);
		deposit(h, a, m.btc, 1000000);
		mirror_take(&mirror, h);
	}
}

static void
done(const char *what)
{
	is_text(m.h.broken ? m.h.broken_text : NULL, NULL, what);
	mirror_free(&mirror);
	house_free(&m.h);
}

typedef struct Attr
{
	uint8_t		attr;
	int64_t		value;
} Attr;

#define NONE	0xff

static void
put_attrs(ClrCommand *c, uint8_t *buf, const Attr *attrs)
{
	uint8_t    *p = buf;

	for (; attrs->attr != NONE; attrs++, c->pairs.n++)
		p = clr_put_attr(p, attrs->attr, attrs->value);
	c->pairs.data = buf;
}

typedef struct Order
{
	uint32_t	account;
	const char *ref;
	char		side;
	int64_t		qty;
	int64_t		price;
	uint8_t		ord_type;		/* 0 = limit */
	uint8_t		tif;
	uint8_t		exec;
	Attr		attrs[4];
	uint32_t	instrument;		/* 0 = the future */
	int			end;			/* keeps quiet about what is left out */
} Order;

static int
enter(Order o)
{
	uint8_t		buf[64];
	ClrCommand	c = order_command(o.account, o.ref, o.instrument ? o.instrument : m.future,
								  o.side, o.qty, o.price);
	int			n = 0;

	while (n < 3 && (o.attrs[n].attr != 0 || o.attrs[n].value != 0))
		n++;
	o.attrs[n].attr = NONE;
	if (o.ord_type != 0)
		c.u.order.ord_type = o.ord_type;
	c.u.order.time_in_force = o.tif;
	c.u.order.exec_inst = o.exec;
	put_attrs(&c, buf, o.attrs);
	send(&m.h, &c);
	follow();
	return m.h.out.reason;
}

#define ENTER(...) enter((Order) {__VA_ARGS__,.end = 0})
#define ICEBERG(peak) .attrs = {{CLR_ATTR_DISPLAY_QTY, peak}}

typedef struct Change
{
	uint32_t	account;
	const char *ref;
	const char *orig;
	int64_t		qty;
	int64_t		price;
	uint8_t		ord_type;
	uint8_t		tif;			/* + 1 */
	Attr		attrs[4];
	int			end;
} Change;

static int
amend(Change o)
{
	uint8_t		buf[64];
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER,.account = o.account,
	.ref = T(o.ref),.text = T(o.orig)};
	int			n = 0;

	while (n < 3 && (o.attrs[n].attr != 0 || o.attrs[n].value != 0))
		n++;
	o.attrs[n].attr = NONE;
	c.u.replace.qty = o.qty;
	c.u.replace.price = o.price;
	c.u.replace.ord_type = o.ord_type;
	c.u.replace.time_in_force = o.tif;
	put_attrs(&c, buf, o.attrs);
	send(&m.h, &c);
	follow();
	return m.h.out.reason;
}

#define AMEND(...) amend((Change) {__VA_ARGS__,.end = 0})

static int
set_rule_of(uint32_t instrument, uint16_t rule, int64_t value)
{
	ClrCommand	c = {.type = CLR_CMD_SET_FIELDS};
	uint8_t		buf[CLR_FIELD_BYTES];

	clr_put_field(buf, rule, value);
	c.pairs = (ClrPairs) {buf, 1};
	c.u.fields.scope = CLR_SCOPE_INSTRUMENT;
	c.u.fields.object = instrument;
	send(&m.h, &c);
	follow();
	return m.h.out.reason;
}

#define set_rule(rule, value) set_rule_of(m.future, rule, value)

/* The trades of the last command: "10000 1, 5000 2": lots and resting order. */
static const char *
trades(void)
{
	static char text[1024];
	size_t		used = 0;

	text[0] = '\0';
	for (size_t at = 0; at < m.h.ev.len;)
	{
		const uint8_t *p = m.h.ev.data + at;
		size_t		len = clr_event_length(p, m.h.ev.len - at, NULL);
		ClrTradeEvent t;

		if (clr_event_decode_trade(p, len, &t))
			used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%" PRId64 "@%" PRId64 " %" PRIu64,
									  used > 0 ? ", " : "", t.qty, t.price,
									  t.aggressor == CLR_SIDE_BUY ? t.sell_order : t.buy_order);
		at += len;
	}
	return text;
}

static ClrOrderView
order(uint64_t id)
{
	ClrOrderView v;

	memset(&v, 0, sizeof(v));
	clr_get_order(m.h.e, id, &v);
	return v;
}

static int64_t
shown(uint64_t id)
{
	return order(id).attr[CLR_ATTR_SHOWN_QTY];
}

/*----------------------------------------------------------------
 * Icebergs
 *----------------------------------------------------------------
 */
static void
test_iceberg_sequence(void)
{
	uint64_t	one,
				two;

	fresh();
	is(ENTER(m.alice, "i1", 'S', 50000, 100, ICEBERG(10000)), CLR_OK, "50,000 with a peak of 10,000");
	one = m.h.out.id;
	is(ENTER(m.bob, "i2", 'S', 30000, 100, ICEBERG(5000)), CLR_OK, "30,000 with a peak of 5,000");
	two = m.h.out.id;
	is(shown(one), 10000, "each shows");
	is(shown(two), 5000, "its peak");
	ENTER(m.carol, "b1", 'B', 4000, 100);
	is_text(trades(), "4000@100 1", "the first is filled first");
	is(shown(one), 6000, "and shows what is left of its peak");
	ENTER(m.carol, "b2", 'B', 6000, 100);
	is(shown(one), 10000, "a new peak when it is used up");
	ok(order(one).priority > order(two).priority, "behind the other now");
	ENTER(m.carol, "b3", 'B', 20000, 100);
	is_text(trades(), "5000@100 2, 10000@100 1, 5000@100 2", "peak after peak");
	ENTER(m.carol, "b4", 'B', 50000, 100);
	is_text(trades(),
			"10000@100 1, 5000@100 2, 10000@100 1, 5000@100 2, 10000@100 1, 5000@100 2, 5000@100 2",
			"until both are gone");
	is(clr_count_orders(m.h.e), 0, "nothing is left");
	done("icebergs: every invariant holds");
}

static void
test_iceberg_rest(void)
{
	fresh();
	ENTER(m.alice, "i1", 'S', 100, 100, ICEBERG(10));
	ENTER(m.bob, "s1", 'S', 10, 100);
	is(ENTER(m.carol, "f1", 'B', 111, 100,.tif = CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE,
	   "fill or kill counts the hidden part: 110 there are");
	is(ENTER(m.carol, "f2", 'B', 110, 100,.tif = CLR_TIF_FOK), CLR_OK, "and are filled");
	is(m.h.out.cum_qty, 110, "all of them");
	is(ENTER(m.alice, "i2", 'B', 10, 90, ICEBERG(11)), CLR_R_DISPLAY_QTY_INVALID, "a peak is no larger than the order");
	is(ENTER(m.alice, "i3", 'B', 10, 90, ICEBERG(-1)), CLR_R_DISPLAY_QTY_INVALID, "and a lot at least");
	is(ENTER(m.alice, "i4", 'B', 10, 90,.tif = CLR_TIF_IOC, ICEBERG(5)), CLR_R_TIF_INVALID, "what never rests shows nothing");
	is(ENTER(m.alice, "i5", 'B', 10, 0, CLR_ORD_MARKET, CLR_TIF_DAY, ICEBERG(5)), CLR_R_ATTRIBUTE_INVALID, "nor does a market order");
	is(ENTER(m.alice, "i6", 'B', 100, 90, ICEBERG(10)), CLR_OK, "an iceberg");
	is(position(&m.h, m.alice, m.future).buy_lots, 100, "works, and reserves, with all of its quantity");
	done("icebergs: every invariant holds");
}

/* Xetra: 8,000 of a peak of 10,000 trade at entry, 2,000 stay visible. */
static void
test_iceberg_entry(void)
{
	fresh();
	ENTER(m.bob, "s1", 'S', 8000, 100);
	ENTER(m.alice, "i1", 'B', 50000, 100, ICEBERG(10000));
	is(m.h.out.cum_qty, 8000, "an iceberg trades as it enters");
	is(shown(m.h.out.id), 2000, "and shows what is left of the peak");
	ENTER(m.bob, "s2", 'S', 42000, 100);
	ENTER(m.bob, "s3", 'S', 25000, 100);
	ENTER(m.alice, "i2", 'B', 50000, 100, ICEBERG(10000));
	is(shown(m.h.out.id), 5000, "of the third peak, after 25,000");
	ENTER(m.bob, "s4", 'S', 25000, 100);
	is(set_rule(CLR_RULE_ICEBERG_ENTRY, CLR_ICEBERG_ENTRY_NEW_PEAK), CLR_OK, "other house, other rule");
	ENTER(m.bob, "s5", 'S', 8000, 100);
	ENTER(m.alice, "i3", 'B', 50000, 100, ICEBERG(10000));
	is(shown(m.h.out.id), 10000, "a whole new peak");
	ENTER(m.bob, "s6", 'S', 39000, 100);
	is(shown(m.h.out.id - 1), 1000, "39,000 more leave 1,000 of the fourth peak");
	done("icebergs at entry: every invariant holds");
}

static void
test_iceberg_replace(void)
{
	uint64_t	id;

	fresh();
	ENTER(m.alice, "i1", 'S', 100, 100, ICEBERG(10));
	id = m.h.out.id;
	ENTER(m.bob, "s1", 'S', 10, 100);
	is(AMEND(m.alice, "i2", "i1", 60, 100), CLR_OK, "less");
	is(shown(id), 10, "comes from what is hidden");
	ok(order(id).priority < order(id + 1).priority, "and keeps the place");
	is(AMEND(m.alice, "i3", "i2", 8, 100), CLR_R_DISPLAY_QTY_INVALID, "not less than is shown");
	is(AMEND(m.alice, "i4", "i2", 60, 100,.attrs = {{CLR_ATTR_DISPLAY_QTY, 20}}), CLR_OK, "another peak");
	is(shown(id), 20, "is shown");
	ok(order(id).priority > order(id + 1).priority, "at the back");
	is(AMEND(m.alice, "i5", "i4", 60, 100,.attrs = {{CLR_ATTR_DISPLAY_QTY | CLR_ATTR_GONE, 0}}), CLR_OK, "no peak any more");
	is(order(id).attrs_present, 0, "a plain order");
	ENTER(m.carol, "b1", 'B', 70, 100);
	is_text(trades(), "10@100 2, 60@100 1", "that shows all of it");
	done("replaced icebergs: every invariant holds");
}

/*----------------------------------------------------------------
 * Minimum quantity, expiry
 *----------------------------------------------------------------
 */
static void
test_min_qty(void)
{
	fresh();
	ENTER(m.alice, "s1", 'S', 5, 100);
	ENTER(m.alice, "s2", 'S', 5, 101);
	is(ENTER(m.bob, "b1", 'B', 20, 100,.tif = CLR_TIF_IOC,.attrs = {{CLR_ATTR_MIN_QTY, 6}}),
	   CLR_R_MIN_QTY_NOT_FILLABLE, "5 within the limit are less than 6");
	is(ENTER(m.bob, "b2", 'B', 20, 101,.tif = CLR_TIF_IOC,.attrs = {{CLR_ATTR_MIN_QTY, 6}}), CLR_OK, "10 are not");
	is(m.h.out.cum_qty, 10, "all that there is trades");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "the rest is cancelled");
	ENTER(m.alice, "s3", 'S', 5, 100);
	is(ENTER(m.bob, "b3", 'B', 20, 0, CLR_ORD_MARKET, CLR_TIF_IOC,.attrs = {{CLR_ATTR_MIN_QTY, 6}}),
	   CLR_R_MIN_QTY_NOT_FILLABLE, "market orders too");
	is(ENTER(m.bob, "b4", 'B', 20, 100,.tif = CLR_TIF_DAY,.attrs = {{CLR_ATTR_MIN_QTY, 5}}), CLR_R_TIF_INVALID,
	   "a minimum is for immediate or cancel");
	is(ENTER(m.bob, "b5", 'B', 20, 100,.tif = CLR_TIF_IOC,.attrs = {{CLR_ATTR_MIN_QTY, 21}}), CLR_R_QUANTITY_INVALID,
	   "and no more than the order");
	done("minimum quantities: every invariant holds");
}

static void
test_gtd(void)
{
	int64_t		then;
	uint64_t	id;

	fresh();
	then = m.h.now + 1000000;
	is(ENTER(m.alice, "g1", 'S', 5, 100,.tif = CLR_TIF_GTD), CLR_R_EXPIRE_TIME, "good till date needs a date");
	is(ENTER(m.alice, "g2", 'S', 5, 100,.tif = CLR_TIF_GTD,.attrs = {{CLR_ATTR_EXPIRE_TIME, m.h.now}}),
	   CLR_R_EXPIRE_TIME, "in the future");
	is(ENTER(m.alice, "g3", 'S', 5, 100,.tif = CLR_TIF_GTC,.attrs = {{CLR_ATTR_EXPIRE_TIME, then}}),
	   CLR_R_TIF_INVALID, "which others don't have");
	is(ENTER(m.alice, "g4", 'S', 5, 100,.tif = CLR_TIF_GTD,.attrs = {{CLR_ATTR_EXPIRE_TIME, then}}), CLR_OK, "good till date");
	id = m.h.out.id;
	is(clr_engine_next_timer(m.h.e), then, "a timer is set");
	set_phase(&m.h, m.future, CLR_PHASE_CLOSED);
	follow();
	is(order(id).leaves_qty, 5, "the end of the day is not its end");
	set_phase(&m.h, m.future, CLR_PHASE_CONTINUOUS);
	follow();
	house_block(&m.h, 999999);
	follow();
	is(order(id).leaves_qty, 5, "a microsecond before it still works");
	is(AMEND(m.alice, "g5", "g4", 5, 100,.attrs = {{CLR_ATTR_EXPIRE_TIME, then + 10}}), CLR_OK, "another date");
	house_block(&m.h, 1);
	follow();
	is(order(id).leaves_qty, 5, "takes the place of the first");
	house_block(&m.h, 10);
	is_text(events(&m.h), "O1 CC 0/5@100 expire_time\n", "and ends it, ahead of the block's commands");
	follow();
	is(clr_count_orders(m.h.e), 0, "it is gone");
	done("good till date: every invariant holds");
}

/*----------------------------------------------------------------
 * Market to limit, protection points
 *----------------------------------------------------------------
 */
static void
test_market_to_limit(void)
{
	uint64_t	id;
	ClrLevelView level;

	fresh();
	is(ENTER(m.alice, "k1", 'B', 10, 0, CLR_ORD_MARKET_TO_LIMIT), CLR_R_NO_LIQUIDITY, "refused unless there is a limit on the other side");
	ENTER(m.bob, "s1", 'S', 4, 100);
	ENTER(m.bob, "s2", 'S', 4, 101);
	is(ENTER(m.alice, "k2", 'B', 10, 5, CLR_ORD_MARKET_TO_LIMIT), CLR_R_PRICE_INVALID, "it has no price of its own");
	is(ENTER(m.alice, "k3", 'B', 10, 0, CLR_ORD_MARKET_TO_LIMIT), CLR_OK, "market to limit");
	id = m.h.out.id;
	is_text(trades(), "4@100 1", "trades at the best price only");
	is(order(id).price, 100, "and rests there as a limit");
	is(order(id).leaves_qty, 6, "with the rest");
	is(ENTER(m.bob, "k4", 'S', 2, 0, CLR_ORD_MARKET_TO_LIMIT), CLR_OK, "others take their price from it");
	is_text(trades(), "2@100 3", "and trade with it");
	ENTER(m.carol, "c1", 'B', 1, 100);
	ENTER(m.bob, "s3", 'S', 5, 99);
	is_text(trades(), "4@100 3, 1@100 5", "it has the priority of its price and time");
	set_phase(&m.h, m.future, CLR_PHASE_PRE_OPEN);
	follow();
	is(ENTER(m.alice, "k5", 'B', 10, 0, CLR_ORD_MARKET_TO_LIMIT), CLR_R_PHASE, "not before the open");
	done("market to limit: every invariant holds");

	fresh();
	ENTER(m.bob, "b1", 'B', 8, 96);
	ENTER(m.bob, "b2", 'B', 3, 99);
	ENTER(m.alice, "k5", 'S', 4, 0, CLR_ORD_MARKET_TO_LIMIT);
	id = m.h.out.id;
	ENTER(m.carol, "s4", 'S', 8, 96);
	is_text(trades(), "8@96 1", "the price falls below the rest of a sell");
	ok(clr_get_level(m.h.e, m.future, CLR_SIDE_SELL, 99, &level), "which is a level of the book");
	ENTER(m.bob, "b3", 'B', 2, 101);
	is_text(trades(), "1@99 3", "and trades at its limit like any other");
	is(order(id).leaves_qty, 0, "to the end");
	done("market to limit at rest: every invariant holds");
}

static void
test_protection(void)
{
	uint64_t	id;

	fresh();
	ENTER(m.bob, "s1", 'S', 5, 100);
	ENTER(m.bob, "s2", 'S', 5, 103);
	ENTER(m.bob, "s3", 'S', 5, 104);
	is(set_rule(CLR_RULE_PROTECTION_POINTS, 3), CLR_OK, "market orders trade no further than 3 ticks");
	is(ENTER(m.alice, "m1", 'B', 20, 0, CLR_ORD_MARKET, CLR_TIF_DAY), CLR_OK, "a market order");
	is_text(trades(), "5@100 1, 5@103 2", "stops there");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "the rest is cancelled");
	is(ENTER(m.alice, "m2", 'B', 20, 9, CLR_ORD_MARKET, CLR_TIF_DAY), CLR_R_PRICE_INVALID, "the limit is the house's to say");
	set_rule(CLR_RULE_MARKET_REMAINDER, CLR_MARKET_REMAINDER_LIMIT);
	ENTER(m.bob, "s4", 'S', 5, 108);
	is(ENTER(m.alice, "m3", 'B', 20, 0, CLR_ORD_MARKET, CLR_TIF_DAY), CLR_OK, "or rests");
	id = m.h.out.id;
	is_text(trades(), "5@104 3", "after it has traded");
	is(order(id).price, 107, "at its protection limit");
	is(order(id).ord_type, CLR_ORD_LIMIT, "as a limit order");
	is(order(id).leaves_qty, 15, "with what is left");
	is(order(id).reserve, 7, "and reserves for that price");
	is(ENTER(m.bob, "m4", 'S', 20, 0, CLR_ORD_MARKET, CLR_TIF_IOC), CLR_OK, "immediate or cancel");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "never rests");
	is(ENTER(m.alice, "m5", 'B', 20, 0, CLR_ORD_MARKET, CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE, "fill or kill counts what is within");
	done("protection points: every invariant holds");

	fresh();
	set_rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	set_rule(CLR_RULE_PROTECTION_POINTS, 2);
	ENTER(m.alice, "m6", 'B', 7, 0, CLR_ORD_MARKET, CLR_TIF_DAY);
	is(ENTER(m.bob, "m7", 'S', 3, 0, CLR_ORD_MARKET, CLR_TIF_IOC), CLR_OK, "a market order that rests is liquidity");
	is_text(trades(), "3@100 1", "at the reference price");
	done("protection points with market orders at rest: every invariant holds");
}

/*----------------------------------------------------------------
 * Post-only
 *----------------------------------------------------------------
 */
static void
test_post_only(void)
{
	uint64_t	id;

	fresh();
	ENTER(m.bob, "s1", 'S', 5, 100);
	is(ENTER(m.alice, "p1", 'B', 5, 100,.exec = CLR_EXEC_POST_ONLY), CLR_R_POST_ONLY_WOULD_TRADE, "reject: refused");
	is(ENTER(m.alice, "p2", 'B', 5, 100,.exec = CLR_EXEC_POST_ONLY_CANCEL), CLR_OK, "cancel: accepted");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "and cancelled at once");
	is_text(events(&m.h), "O2 00 0/5@100 ok\nO2 44 0/5@100 post_only_would_trade\n", "which is reported");
	is(ENTER(m.alice, "p3", 'B', 5, 100,.exec = CLR_EXEC_POST_ONLY_REPRICE), CLR_OK, "reprice");
	id = m.h.out.id;
	is(order(id).price, 99, "moves it one tick off the opposite best");
	is(m.h.out.n_trades, 0, "and it does not trade");
	is(ENTER(m.bob, "p4", 'S', 5, 90,.exec = CLR_EXEC_POST_ONLY_REPRICE), CLR_OK, "the other side too");
	is(order(m.h.out.id).price, 100, "likewise");
	is(ENTER(m.alice, "p5", 'B', 5, 98,.exec = CLR_EXEC_POST_ONLY_CANCEL), CLR_OK, "one that does not cross");
	is(m.h.out.ord_status, CLR_STATUS_NEW, "just rests");
	is(AMEND(m.alice, "p6", "p5", 5, 101), CLR_OK, "replaced into the book");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "it is cancelled");
	is(AMEND(m.alice, "p7", "p3", 5, 200), CLR_OK, "the other one");
	is(order(id).price, 99, "is moved");
	is(ENTER(m.alice, "p8", 'B', 5, 98,.exec = CLR_EXEC_POST_ONLY | CLR_EXEC_POST_ONLY_CANCEL), CLR_R_PARAMETER_INVALID, "one mode at a time");
	is(ENTER(m.alice, "p9", 'B', 5, 98,.tif = CLR_TIF_IOC,.exec = CLR_EXEC_POST_ONLY_REPRICE), CLR_R_TIF_INVALID, "for what may rest");
	is(ENTER(m.bob, "q1", 'S', 1, 1,.instrument = m.spot), CLR_OK, "at the lowest price there is");
	is(ENTER(m.alice, "q2", 'B', 1, 1,.instrument = m.spot,.exec = CLR_EXEC_POST_ONLY_REPRICE), CLR_R_POST_ONLY_WOULD_TRADE,
	   "there is no price to move to");
	done("post-only: every invariant holds");
}

/*----------------------------------------------------------------
 * Reduce-only
 *----------------------------------------------------------------
 */
static void
test_reduce_only(void)
{
	uint64_t	profit,
				loss;

	fresh();
	is(ENTER(m.alice, "r1", 'S', 10, 110,.exec = CLR_EXEC_REDUCE_ONLY), CLR_R_NOTHING_TO_REDUCE, "without a position there is nothing to reduce");
	is(ENTER(m.alice, "r2", 'S', 10, 110,.exec = CLR_EXEC_REDUCE_ONLY,.instrument = m.spot), CLR_R_NOT_A_FUTURE, "spot has none");
	ENTER(m.bob, "s1", 'S', 10, 100);
	ENTER(m.alice, "b1", 'B', 10, 100);
	is(position(&m.h, m.alice, m.future).qty, 10, "long 10");
	is(ENTER(m.alice, "r3", 'B', 10, 90,.exec = CLR_EXEC_REDUCE_ONLY), CLR_R_NOTHING_TO_REDUCE, "buying more does not reduce it");
	is(ENTER(m.alice, "r4", 'S', 15, 110,.exec = CLR_EXEC_REDUCE_ONLY), CLR_OK, "selling 15");
	profit = m.h.out.id;
	is(m.h.out.order_qty, 10, "is selling 10");
	is(order(profit).attr[CLR_ATTR_ASKED_QTY], 15, "what was asked for is kept");
	is(ENTER(m.alice, "r5", 'S', 10, 105,.exec = CLR_EXEC_REDUCE_ONLY), CLR_OK, "a second one for all of it");
	loss = m.h.out.id;
	ENTER(m.bob, "b2", 'B', 4, 105);
	is(order(loss).leaves_qty, 6, "when one trades");
	is(order(profit).leaves_qty, 6, "the other one is cut");
	is_text(events(&m.h),
			"O5 00 0/4@105 ok\nT2 4@105 5x4 0/0\nO3 D0 0/6@110 reduce_only\nO4 F1 4/10@105 ok\nO5 F2 4/4@105 ok\n",
			"which is reported, at once");
	ENTER(m.alice, "s2", 'S', 3, 100);
	ENTER(m.bob, "b3", 'B', 3, 100);
	is(order(loss).leaves_qty, 3, "other orders of the account");
	is(order(profit).leaves_qty, 3, "cut them too");
	ENTER(m.bob, "b4", 'B', 20, 120);
	is(m.h.out.n_cancelled, 0, "what ends by it is not the taker's to know");
	is(position(&m.h, m.alice, m.future).qty, 0, "a sweep through both closes the position");
	is(clr_count_orders(m.h.e), 1, "and never flips it");
	is_text(trades(), "3@105 4", "the second did not trade");
	ENTER(m.alice, "b5", 'B', 1, 1);
	is(ENTER(m.alice, "r6", 'S', 10, 120,.exec = CLR_EXEC_REDUCE_ONLY), CLR_R_NOTHING_TO_REDUCE, "nothing is left");
	done("reduce-only: every invariant holds");
}

/* Two orders for the whole position: only one of them can be counted on. */
static void
test_reduce_only_promise(void)
{
	fresh();
	ENTER(m.bob, "s1", 'S', 10, 100);
	ENTER(m.alice, "b1", 'B', 10, 100);
	ENTER(m.alice, "r1", 'S', 10, 105,.exec = CLR_EXEC_REDUCE_ONLY);
	ENTER(m.alice, "r2", 'S', 10, 105,.exec = CLR_EXEC_REDUCE_ONLY);
	ENTER(m.alice, "r3", 'S', 10, 106,.exec = CLR_EXEC_REDUCE_ONLY);
	is(ENTER(m.bob, "f1", 'B', 11, 106,.tif = CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE, "thirty lots are shown, ten can trade");
	is(ENTER(m.bob, "f2", 'B', 11, 106,.tif = CLR_TIF_IOC,.attrs = {{CLR_ATTR_MIN_QTY, 11}}), CLR_R_MIN_QTY_NOT_FILLABLE, "no minimum beyond them either");
	ENTER(m.alice, "s2", 'S', 4, 104);
	is(ENTER(m.bob, "f3", 'B', 11, 106,.tif = CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE, "another order takes from them");
	is(ENTER(m.bob, "f4", 'B', 10, 106,.tif = CLR_TIF_FOK), CLR_OK, "ten trade");
	is(m.h.out.cum_qty, 10, "all of them");
	is(position(&m.h, m.alice, m.future).qty, 0, "and close the position");
	done("reduce-only orders that were counted on: every invariant holds");
}

static void
test_reduce_only_aggressor(void)
{
	fresh();
	ENTER(m.bob, "s1", 'S', 10, 100);
	ENTER(m.alice, "b1", 'B', 10, 100);
	ENTER(m.bob, "b2", 'B', 30, 99);
	is(ENTER(m.alice, "r1", 'S', 30, 0, CLR_ORD_MARKET, CLR_TIF_IOC, CLR_EXEC_REDUCE_ONLY), CLR_OK, "closing at market");
	is(m.h.out.cum_qty, 10, "trades the position and no more");
	is(position(&m.h, m.alice, m.future).qty, 0, "flat");
	ENTER(m.alice, "s2", 'S', 5, 99);
	is(ENTER(m.alice, "r2", 'B', 6, 95,.tif = CLR_TIF_FOK,.exec = CLR_EXEC_REDUCE_ONLY), CLR_R_FOK_NOT_FILLABLE, "more than the position can't be filled or killed");
	is(ENTER(m.alice, "r3", 'B', 9, 95,.exec = CLR_EXEC_REDUCE_ONLY, ICEBERG(7)), CLR_OK, "an iceberg");
	is(shown(m.h.out.id), 5, "shows no more than there is");
	is(AMEND(m.alice, "r4", "r3", 8, 96), CLR_OK, "replaced");
	is(m.h.out.order_qty, 5, "it is cut again");
	ENTER(m.alice, "s3", 'S', 5, 98);
	ENTER(m.alice, "b3", 'B', 11, 97);
	ENTER(m.bob, "s4", 'S', 11, 97);
	is(clr_count_orders(m.h.e), 0, "a flip cancels it");
	done("reduce-only aggressors: every invariant holds");
}

/* Who has no margin left must still be able to close. */
static void
test_reduce_only_margin(void)
{
	ClrCommand	c = {.type = CLR_CMD_SET_MARGIN};

	fresh();
	ENTER(m.bob, "s1", 'S', 10000, 100);
	ENTER(m.alice, "b1", 'B', 10000, 100);
	withdraw(&m.h, m.alice, m.usd, INT64_C(1000000000) - 100000);
	follow();
	c.u.margin.instrument = m.future;
	c.u.margin.basis = CLR_BASIS_RATE;
	c.u.margin.initial = 1000000;
	c.u.margin.maintenance = 1000000;
	send(&m.h, &c);
	follow();
	is(ENTER(m.alice, "s2", 'S', 10000, 90), CLR_OK, "closing is not refused for margin");
	is(ENTER(m.alice, "s3", 'S', 10000, 90), CLR_R_INSUFFICIENT_MARGIN, "twice is");
	is(ENTER(m.alice, "s4", 'S', 10000, 90,.exec = CLR_EXEC_REDUCE_ONLY), CLR_OK, "unless it can only reduce");
	done("reduce-only and margin: every invariant holds");
}

/*----------------------------------------------------------------
 * Replace: CME's table of what keeps priority
 *----------------------------------------------------------------
 */
static void
test_replace_priority(void)
{
	uint64_t	id;
	uint64_t	before;

	fresh();
	ENTER(m.alice, "a1", 'S', 10, 100);
	id = m.h.out.id;
	before = order(id).priority;
	ENTER(m.bob, "s1", 'S', 10, 100);
	is(AMEND(m.alice, "a2", "a1", 10, 100,.tif = CLR_TIF_GTC + 1), CLR_OK, "time in force");
	is(order(id).priority, before, "keeps priority");
	is(order(id).time_in_force, CLR_TIF_GTC, "and is changed");
	AMEND(m.alice, "a3", "a2", 9, 100,.ord_type = CLR_ORD_LIMIT);
	is(order(id).priority, before, "less keeps it, the same type too");
	AMEND(m.alice, "a4", "a3", 9, 100,.tif = CLR_TIF_GTD + 1,.attrs = {{CLR_ATTR_EXPIRE_TIME, m.h.now + 5000000}});
	is(order(id).priority, before, "an expiry keeps it");
	is(AMEND(m.alice, "a5", "a4", 9, 100,.tif = CLR_TIF_DAY + 1), CLR_R_TIF_INVALID, "a day order has no expiry");
	is(AMEND(m.alice, "a6", "a4", 9, 100,.tif = CLR_TIF_DAY + 1,
			 .attrs = {{CLR_ATTR_EXPIRE_TIME | CLR_ATTR_GONE, 0}}), CLR_OK, "unless it is taken away");
	is(order(id).priority, before, "which keeps it");
	AMEND(m.alice, "a7", "a6", 10, 100);
	ok(order(id).priority > before, "more loses it");
	before = order(id).priority;
	AMEND(m.alice, "a8", "a7", 10, 101);
	ok(order(id).priority > before, "another price loses it");
	before = order(id).priority;
	AMEND(m.alice, "a9", "a8", 10, 101,.attrs = {{CLR_ATTR_DISPLAY_QTY, 5}});
	ok(order(id).priority > before, "a peak loses it");
	is(AMEND(m.alice, "a10", "a9", 10, 0,.ord_type = CLR_ORD_MARKET), CLR_R_ATTRIBUTE_INVALID, "a market order has no peak");
	ENTER(m.carol, "b1", 'B', 4, 90);
	is(AMEND(m.alice, "a11", "a9", 10, 0,.ord_type = CLR_ORD_MARKET,
			 .attrs = {{CLR_ATTR_DISPLAY_QTY | CLR_ATTR_GONE, 0}}), CLR_OK, "into a market order");
	is(m.h.out.cum_qty, 4, "that trades what there is");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "and ends");
	is(AMEND(m.bob, "s2", "s1", 10, 0), CLR_OK, "a plain replace");
	ENTER(m.bob, "p1", 'S', 5, 120,.exec = CLR_EXEC_POST_ONLY);
	is(AMEND(m.bob, "p2", "p1", 5, 120,.tif = CLR_TIF_IOC + 1), CLR_R_TIF_INVALID, "post-only is for orders that may rest");
	done("replaces: every invariant holds");

	fresh();
	set_phase(&m.h, m.future, CLR_PHASE_PRE_OPEN);
	follow();
	ENTER(m.alice, "q1", 'B', 5, 96,.exec = CLR_EXEC_POST_ONLY);
	ENTER(m.bob, "q2", 'S', 5, 96);
	is(AMEND(m.alice, "q3", "q1", 5, 96,.tif = CLR_TIF_GTC + 1), CLR_OK, "what keeps its place can't trade by that");
	is(AMEND(m.alice, "q4", "q3", 5, 97), CLR_R_POST_ONLY_WOULD_TRADE, "another price could");
	done("replaces of post-only orders: every invariant holds");

	fresh();
	set_phase(&m.h, m.future, CLR_PHASE_OPENING_CALL);
	follow();
	ENTER(m.alice, "m1", 'B', 5, 0, CLR_ORD_MARKET, CLR_TIF_DAY);
	id = m.h.out.id;
	is(order(id).price, 110, "a market order that rests is protected");
	at_price(&m.h, CLR_CMD_SET_MARK_PRICE, m.future, 120);
	follow();
	is(AMEND(m.alice, "m2", "m1", 6, 0,.attrs = {{CLR_ATTR_SMP_ID, 1}}), CLR_OK, "replaced");
	is(order(id).price, 110, "it keeps the protection of its entry");
	ENTER(m.alice, "t1", 'B', 5, 0, CLR_ORD_STOP,.attrs = {{CLR_ATTR_STOP_PX, 130}});
	id = m.h.out.id;
	is(AMEND(m.alice, "t2", "t1", 5, 0,.ord_type = CLR_ORD_MARKET), CLR_OK, "a stop that becomes one");
	is(order(id).price, 132, "is protected at the price of now");
	done("replaces of market orders: every invariant holds");
}

/* CME: order of 10, filled 2, replaced to 5; order of 15, filled 2, to 10. */
static void
test_in_flight(void)
{
	fresh();
	ENTER(m.alice, "a1", 'S', 10, 100);
	ENTER(m.bob, "b1", 'B', 2, 100);
	AMEND(m.alice, "a2", "a1", 5, 100);
	is(m.h.out.leaves_qty, 3, "10 filled 2 replaced to 5: 3 work");
	is(set_rule(CLR_RULE_IN_FLIGHT_MITIGATION, 0), CLR_OK, "without mitigation");
	ENTER(m.alice, "c1", 'S', 15, 101);
	ENTER(m.bob, "b2", 'B', 5, 101);
	is(m.h.out.cum_qty, 5, "the first one is gone, the second filled 2");
	is(AMEND(m.alice, "c2", "c1", 10, 101), CLR_OK, "15 filled 2 replaced to 10");
	is(m.h.out.leaves_qty, 10, "works 10 more");
	is(m.h.out.order_qty, 12, "12 in all");
	is(AMEND(m.alice, "c3", "c2", 1, 101), CLR_OK, "less than is filled is fine");
	is(m.h.out.leaves_qty, 1, "one works");
	done("in-flight mitigation: every invariant holds");
}

/* The limits of a new day look at a replace that gives another price only. */
static void
test_replace_beyond_limits(void)
{
	fresh();
	set_rule(CLR_RULE_LIMIT_UP, 10);
	ENTER(m.alice, "a1", 'S', 10, 120, ICEBERG(5));
	ENTER(m.alice, "a2", 'S', 10, 120);
	at_price(&m.h, CLR_CMD_SETTLE, m.future, 100);
	follow();
	is(ENTER(m.alice, "a3", 'S', 10, 120), CLR_R_PRICE_LIMIT, "the price is out of bounds by now");
	is(AMEND(m.alice, "r1", "a1", 8, 120), CLR_OK, "an iceberg that was there may shrink");
	is(AMEND(m.alice, "r2", "a2", 10, 120,.tif = CLR_TIF_GTC + 1), CLR_OK, "or another order last longer");
	is(AMEND(m.alice, "r3", "r1", 8, 119), CLR_R_PRICE_LIMIT, "but not move there");
	is(AMEND(m.alice, "r4", "r1", 8, 110), CLR_OK, "only into the bounds");
	done("limits and replaces: every invariant holds");
}

int
main(void)
{
	test_iceberg_sequence();
	test_iceberg_rest();
	test_iceberg_entry();
	test_iceberg_replace();
	test_min_qty();
	test_gtd();
	test_market_to_limit();
	test_protection();
	test_post_only();
	test_reduce_only();
	test_reduce_only_promise();
	test_reduce_only_aggressor();
	test_reduce_only_margin();
	test_replace_priority();
	test_in_flight();
	test_replace_beyond_limits();
	ok(restored > 100, "restored the same after each of %u commands", restored);
	return done_testing();
}
