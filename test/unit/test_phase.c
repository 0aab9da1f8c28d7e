/*
 * test_phase.c
 *	  Phases that end or begin by themselves, volatility interruptions, price
 *	  limits and bands, trading at the close, the call after an outage.
 *
 * After every command and block the invariants are checked and the state is
 * restored from the events and compared.
 */
#include "mirror.h"
#include "tap.h"

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static House h;
static Mirror m;
static uint32_t usd,
			a,
			b,
			ins;
static unsigned count;
static bool restored = true;

static void
same(void)
{
	restored = mirror_same(&m, &h) && restored;
}

static int
fields(uint8_t scope, uint64_t sub, unsigned n, const uint16_t *field, const int64_t *value)
{
	ClrCommand	c = fields_command(scope, ins, sub, n, field, value);

	send(&h, &c);
	same();
	return h.out.reason;
}

static int
rule(uint16_t field, int64_t value)
{
	return fields(CLR_SCOPE_INSTRUMENT, 0, 1, &field, &value);
}

static int
phase(uint8_t to)
{
	set_phase(&h, ins, to);
	same();
	return h.out.reason;
}

/* With fields of scope SCHEDULE. */
static int
phase_until(uint8_t to, unsigned n, const uint16_t *field, const int64_t *value)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE, .pairs = field_pairs(n, field, value)};

	c.u.phase.instrument = ins;
	c.u.phase.phase = to;
	send(&h, &c);
	same();
	return h.out.reason;
}

static void
block(int64_t advance)
{
	house_block(&h, advance);
	same();
}

static int
now_in(void)
{
	ClrInstrumentView v = {0};

	clr_get_instrument(h.e, ins, &v);
	return v.phase;
}

static void
example(int64_t reference, uint8_t in)
{
	char		symbol[16];
	ClrCommand	c;

	snprintf(symbol, sizeof(symbol), "P%u", ++count);
	c = future_command(symbol, usd);
	c.u.instrument.phase = in;
	c.u.instrument.reference_price = reference;
	send(&h, &c);
	same();
	ins = (uint32_t) h.out.id;
}

static int
enter_tif(uint32_t account, char side, int64_t qty, int64_t price, uint8_t tif)
{
	char		ref[16];

	snprintf(ref, sizeof(ref), "o%u", ++count);
	limit_tif(&h, account, ref, ins, side, qty, price, tif);
	same();
	return h.out.reason;
}

static int
enter(uint32_t account, char side, int64_t qty, int64_t price)
{
	return enter_tif(account, side, qty, price, CLR_TIF_GTC);
}

static const char *
trades(void)
{
	static char text[512];
	size_t		used = 0;

	text[0] = '\0';
	for (size_t at = 0; at < h.ev.len;)
	{
		size_t		len = clr_event_length(h.ev.data + at, h.ev.len - at, NULL);
		ClrTradeEvent t;

		if (clr_event_decode_trade(h.ev.data + at, len, &t))
			used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%lld@%lld",
									  used > 0 ? " " : "", (long long) t.qty, (long long) t.price);
		at += len;
	}
	return text;
}

static void
calls_with_an_end(void)
{
	uint16_t	f[] = {CLR_SCHEDULE_TIME, CLR_SCHEDULE_RANDOM_END, CLR_SCHEDULE_NEXT_PHASE, CLR_SCHEDULE_SEED};
	int64_t		v[] = {h.now + 60 * SECOND, 30 * SECOND, CLR_PHASE_CLOSED, 42};
	int64_t		drawn;

	example(100, CLR_PHASE_PRE_OPEN);
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 4, f, v), CLR_OK, "a call with an end");
	is(clr_engine_next_timer(h.e), v[0], "there is a timer for it");
	enter(a, 'B', 5, 101);
	enter(b, 'S', 5, 99);
	block(59 * SECOND);
	is(now_in(), CLR_PHASE_INTRADAY_CALL, "a second before it goes on");
	block(SECOND);
	drawn = clr_get_field(h.e, CLR_SCOPE_MARKET, ins, 0, CLR_MARKET_CALL_END) - h.now;
	ok(now_in() == CLR_PHASE_INTRADAY_CALL && drawn > 0 && drawn <= 30 * SECOND,
	   "then the extension is drawn: %lld us", (long long) drawn);
	is(clr_get_field(h.e, CLR_SCOPE_MARKET, ins, 0, CLR_MARKET_CALL_RANDOM), 0, "once");
	block(drawn - 1);
	is(now_in(), CLR_PHASE_INTRADAY_CALL, "a microsecond before it goes on");
	block(1);
	is(now_in(), CLR_PHASE_CLOSED, "at the end the phase follows that was named");
	is_text(trades(), "5@101", "with an auction; without surplus, midway, the higher limit");
	is(clr_get_field(h.e, CLR_SCOPE_MARKET, ins, 0, CLR_MARKET_CALL_END), 0, "and nothing is due");

	v[0] = h.now;
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 1, f, v), CLR_R_FIELD_CONFLICT, "an end that is not in the future");
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 1, f + 1, v + 1), CLR_R_FIELD_CONFLICT, "an extension of nothing");
	v[2] = CLR_PHASE_EXPIRED;
	v[0] = h.now + SECOND;
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 3, f, v), CLR_R_FIELD_VALUE, "expiry is no phase to follow");
	f[0] = CLR_SCHEDULE_WEEKDAYS;
	v[0] = 1;
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 1, f, v), CLR_R_UNKNOWN_FIELD, "nor do days of the week belong here");
	is(now_in(), CLR_PHASE_CLOSED, "all of it changed nothing");

	f[0] = CLR_SCHEDULE_DURATION;
	v[0] = 10 * SECOND;
	is(phase_until(CLR_PHASE_INTRADAY_CALL, 1, f, v), CLR_OK, "a duration will do");
	is(phase(CLR_PHASE_HALTED), CLR_OK, "ended by hand before");
	block(10 * SECOND);
	is(now_in(), CLR_PHASE_HALTED, "the end of the call means nothing any more");
}

static void
schedule(void)
{
	uint16_t	f[] = {CLR_SCHEDULE_TIME, CLR_SCHEDULE_PHASE, CLR_SCHEDULE_DURATION,
	CLR_SCHEDULE_NEXT_PHASE, CLR_SCHEDULE_WEEKDAYS};
	int64_t		midnight;
	int64_t		v[5];

	example(100, CLR_PHASE_CLOSED);
	/* a Monday, 2023-11-20: 19681 days after a Thursday */
	midnight = INT64_C(19681) * DAY;
	block(midnight - h.now + 3600 * SECOND);
	memcpy(v, (int64_t[]) {8 * 3600 * SECOND, CLR_PHASE_OPENING_CALL, 600 * SECOND, 0, 2 + 8}, sizeof(v));
	is(fields(CLR_SCOPE_SCHEDULE, 0, 5, f, v), CLR_OK, "an opening call on Mondays and Wednesdays");
	memcpy(v, (int64_t[]) {17 * 3600 * SECOND, CLR_PHASE_CLOSED, 0, 0, 127}, sizeof(v));
	is(fields(CLR_SCOPE_SCHEDULE, 1, 5, f, v), CLR_OK, "closed every day");
	is(clr_engine_next_timer(h.e), midnight + 8 * 3600 * SECOND, "due at eight");
	/* set to something else and back: due only once */
	v[0] = 9 * 3600 * SECOND;
	fields(CLR_SCOPE_SCHEDULE, 0, 1, f, v);
	v[0] = 8 * 3600 * SECOND;
	fields(CLR_SCOPE_SCHEDULE, 0, 1, f, v);
	block(7 * 3600 * SECOND);
	is(now_in(), CLR_PHASE_OPENING_CALL, "it opens");
	block(600 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "and trades after ten minutes");
	block(20 * 3600 * SECOND);
	is(now_in(), CLR_PHASE_CLOSED, "on Tuesday morning it is closed");
	block(6 * 3600 * SECOND);
	is(now_in(), CLR_PHASE_CLOSED, "all day");
	/* nobody wrote a block until Wednesday noon: all that was due happens */
	block(midnight + 2 * DAY + 12 * 3600 * SECOND - h.now);
	is(now_in(), CLR_PHASE_CONTINUOUS, "on Wednesday it trades");
	memcpy(v, (int64_t[]) {h.now + 5 * SECOND, CLR_PHASE_HALTED, 5 * SECOND, 0, 127}, sizeof(v));
	is(fields(CLR_SCOPE_SCHEDULE, 2, 5, f, v), CLR_OK, "a halt, once");
	block(5 * SECOND);
	is(now_in(), CLR_PHASE_HALTED, "halted");
	block(5 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "and back");
	v[1] = 0;
	is(fields(CLR_SCOPE_SCHEDULE, 1, 2, f, v), CLR_OK, "an entry is taken away");
	block(8 * 3600 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "and nothing happens in the evening");
	v[0] = 0;
	is(fields(CLR_SCOPE_SCHEDULE, 1, 1, f + 4, v), CLR_R_FIELD_VALUE, "no day at all is no day");
	memcpy(v, (int64_t[]) {h.now, CLR_PHASE_HALTED, 0, 0, 127}, sizeof(v));
	is(fields(CLR_SCOPE_SCHEDULE, 3, 5, f, v), CLR_R_FIELD_CONFLICT, "a moment that has passed");
	v[0] = h.now + SECOND;
	v[3] = CLR_PHASE_CLOSED;
	is(fields(CLR_SCOPE_SCHEDULE, 3, 5, f, v), CLR_R_FIELD_CONFLICT, "a next phase, but nothing ends");
	v[2] = SECOND;
	is(fields(CLR_SCOPE_SCHEDULE, 3, 5, f, v), CLR_OK, "a duration gives it a meaning");
	v[2] = 0;
	is(fields(CLR_SCOPE_SCHEDULE, 3, 1, f + 2, v + 2), CLR_R_FIELD_CONFLICT, "which it keeps");
}

/*
 * The ranges of Xetra's volatility interruption, in cents: static 20 % around
 * 10.00, dynamic 10 % around 12.00: 13.20 and 8.00 are inside, 13.21 is not.
 */
static void
volatility(void)
{
	example(1000, CLR_PHASE_OPENING_CALL);
	rule(CLR_RULE_CALL_DURATION, 60 * SECOND);
	enter(a, 'B', 1, 1000);
	enter(b, 'S', 1, 1000);
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "1@1000", "an auction at 1000: the static reference");
	enter(a, 'B', 1, 1200);
	enter(b, 'S', 1, 1200);
	is_text(trades(), "1@1200", "1200: the dynamic reference");
	rule(CLR_RULE_DYNAMIC_RANGE, 120);
	rule(CLR_RULE_STATIC_RANGE, 400);
	enter(b, 'S', 1, 1320);
	enter(a, 'B', 1, 1320);
	is_text(trades(), "1@1320", "1320 is at the upper bound: inside");
	enter(b, 'S', 1, 1200);
	enter(a, 'B', 1, 1200);
	is_text(trades(), "1@1200", "and back");
	enter(b, 'S', 2, 1319);
	enter(b, 'S', 2, 1321);
	is(enter_tif(a, 'B', 4, 1321, CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE, "an fok order does not interrupt");
	is(now_in(), CLR_PHASE_CONTINUOUS, "trading goes on");
	enter(a, 'B', 3, 1321);
	is_text(trades(), "2@1319", "1321 is outside of the range around 1200: only what is inside trades");
	is(now_in(), CLR_PHASE_VOLATILITY_CALL, "and a volatility call begins");
	is(h.out.leaves_qty, 1, "the rest of the order waits");
	block(60 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "it ends by itself");
	is_text(trades(), "1@1321", "with an auction");

	/* an ioc order interrupts, and is cancelled */
	enter(b, 'S', 5, 1500);
	is(enter_tif(a, 'B', 5, 1500, CLR_TIF_IOC), CLR_OK, "an ioc order");
	is(h.out.ord_status, CLR_STATUS_CANCELED, "is cancelled");
	is(now_in(), CLR_PHASE_VOLATILITY_CALL, "and there is a volatility call");
	/* beyond the extended range it is ended by hand */
	rule(CLR_RULE_EXTENDED_RANGE, 150);
	enter(a, 'B', 5, 1500);
	block(60 * SECOND);
	is(now_in(), CLR_PHASE_VOLATILITY_CALL, "beyond the extended range it stays");
	block(3600 * SECOND);
	is(now_in(), CLR_PHASE_VOLATILITY_CALL, "however long");
	is(phase(CLR_PHASE_CONTINUOUS), CLR_OK, "until it is ended by hand");
	is_text(trades(), "5@1500", "at that price");

	/* the auction of another call out of range */
	{
		uint16_t	f = CLR_SCHEDULE_DURATION;
		int64_t		v = SECOND;

		is(phase_until(CLR_PHASE_INTRADAY_CALL, 1, &f, &v), CLR_OK, "an intraday call");
	}
	enter(a, 'B', 1, 1630);
	enter(b, 'S', 1, 1630);
	block(SECOND);
	is(now_in(), CLR_PHASE_VOLATILITY_CALL, "out of range it goes on as a volatility call");
	block(60 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "which ends within the extended range");
	is_text(trades(), "1@1630", "with the auction");
}

/* A price at which the order would not trade anyway interrupts nothing. */
static void
out_of_range_alone(void)
{
	ClrCommand	c;

	example(1000, CLR_PHASE_CONTINUOUS);
	rule(CLR_RULE_DYNAMIC_RANGE, 50);
	enter(b, 'S', 1, 1200);
	enter(b, 'B', 1, 1200);
	is(now_in(), CLR_PHASE_CONTINUOUS, "an own order out of range interrupts nothing");
	is(clr_count_orders(h.e), 1, "it is cancelled");
	cancel_id(&h, b, "own", h.out.id);
	same();
	enter(a, 'S', 1, 800);
	enter(b, 'S', 1, 1000);
	is(enter_tif(a, 'B', 1, 1000, CLR_TIF_FOK), CLR_OK, "an fok order looks past an own one out of range");
	is_text(trades(), "1@1000", "and is filled behind it");

	rule(CLR_RULE_MARKET_ORDERS_REST, 1);
	c = order_command(b, "market", ins, 'S', 1, 0);
	c.u.order.ord_type = CLR_ORD_MARKET;
	is(send(&h, &c), CLR_OK, "a market order rests, down to 900");
	same();
	is(enter_tif(a, 'B', 1, 940, CLR_TIF_FOK), CLR_R_FOK_NOT_FILLABLE, "an fok order that would meet it at 940");
	is(now_in(), CLR_PHASE_CONTINUOUS, "interrupts nothing");
	cancel_id(&h, b, "gone", h.out.id);
	same();
}

static void
limits_and_bands(void)
{
	example(1000, CLR_PHASE_CONTINUOUS);
	rule(CLR_RULE_LIMIT_UP, 50);
	rule(CLR_RULE_LIMIT_DOWN, 40);
	is(enter(a, 'B', 1, 2000), CLR_OK, "no settlement price, no limits");
	cancel_id(&h, a, "x1", h.out.id);
	same();
	at_price(&h, CLR_CMD_SETTLE, ins, 1000);
	same();
	is(enter(b, 'S', 1, 1051), CLR_R_PRICE_LIMIT, "above the limit");
	is(enter(b, 'S', 1, 1050), CLR_OK, "at it");
	is(replace(&h, b, "x2", "none", 1, 1), CLR_R_UNKNOWN_ORDER, "unknown");
	same();
	is(enter(a, 'B', 1, 959), CLR_R_PRICE_LIMIT, "below the limit");
	is(enter(a, 'B', 1, 960), CLR_OK, "at it");
	rule(CLR_RULE_PRICE_BAND, 20);
	is(enter(a, 'B', 1, 1021), CLR_R_PRICE_BAND, "a buy above the band");
	is(enter(a, 'B', 1, 961), CLR_OK, "a low buy is fine");
	is(enter(b, 'S', 1, 979), CLR_R_PRICE_BAND, "a sell below the band");
	is(enter(b, 'S', 1, 980), CLR_OK, "at its bound");
	enter(a, 'B', 1, 980);
	is_text(trades(), "1@980", "a trade moves the band");
	is(enter(a, 'B', 1, 1001), CLR_R_PRICE_BAND, "down");
	phase(CLR_PHASE_INTRADAY_CALL);
	is(enter(a, 'B', 1, 1020), CLR_OK, "in a call it is around the settlement price");
	is(enter(b, 'S', 1, 985), CLR_OK, "orders that cross");
	is(enter(b, 'S', 1, 964), CLR_R_PRICE_BAND, "and then around the indicative price");
}

static const char *
waiting(void)
{
	static char text[512];
	ClrHouseView house;
	ClrOrderView v;
	size_t		used = 0;

	text[0] = '\0';
	clr_get_house(h.e, &house);
	for (uint64_t id = 1; id < house.next_order; id++)
		if (clr_get_order(h.e, id, &v) && v.instrument == ins)
			used += (size_t) snprintf(text + used, sizeof(text) - used, "%s%lld@%lld%s",
									  used > 0 ? " " : "", (long long) v.leaves_qty, (long long) v.price,
									  v.attr[CLR_ATTR_PARKED] == CLR_PARKED_LIMITS ? " waits" : "");
	return text;
}

static void
settle(int64_t price)
{
	at_price(&h, CLR_CMD_SETTLE, ins, price);
	same();
}

/*
 * CME, "Limits and Banding", gtc orders outside daily limits: a bid of 5600
 * under limits of 5612 and 6212, then of 5412 and 6012, meets a sell at 5600.
 */
static void
beyond_limits(void)
{
	example(5912, CLR_PHASE_CONTINUOUS);
	rule(CLR_RULE_LIMIT_UP, 300);
	rule(CLR_RULE_LIMIT_DOWN, 300);
	settle(5912);
	is(enter(a, 'B', 10, 5600), CLR_R_PRICE_LIMIT, "a gtc order beyond the limits is refused");
	is(rule(CLR_RULE_BEYOND_LIMITS, CLR_BEYOND_KEEP), CLR_OK, "or kept");
	is(enter_tif(a, 'B', 10, 5600, CLR_TIF_DAY), CLR_R_PRICE_LIMIT, "not a day order");
	is(enter_tif(a, 'B', 10, 5600, CLR_TIF_IOC), CLR_R_PRICE_LIMIT, "nor an ioc order");
	is(enter(a, 'B', 10, 5600), CLR_OK, "CME: it is accepted");
	is(h.out.ord_status, CLR_STATUS_NEW, "works");
	is_text(waiting(), "10@5600 waits", "and is not in the book");
	enter(a, 'B', 4, 5613);
	phase(CLR_PHASE_CLOSED);
	settle(5712);
	is_text(waiting(), "10@5600 4@5613", "the next day its price is inside");
	phase(CLR_PHASE_CONTINUOUS);
	enter(b, 'S', 12, 5600);
	is_text(trades(), "4@5613 8@5600", "and it trades");
	is_text(waiting(), "2@5600", "what is left rests");

	/* orders in the book that are beyond when the limits change */
	enter(b, 'S', 5, 6000);
	settle(6012);
	is_text(waiting(), "2@5600 waits 5@6000", "the limits are 5712 and 6312 now");
	enter(b, 'S', 1, 5712);
	is_text(trades(), "", "nobody trades with the bid at 5600");
	is_text(waiting(), "2@5600 waits 5@6000 1@5712", "it waits");
	phase(CLR_PHASE_HALTED);
	settle(6312);
	is_text(waiting(), "2@5600 waits 5@6000 waits 1@5712 waits", "6012 and 6612: all are beyond");
	enter(a, 'B', 3, 6100);
	phase(CLR_PHASE_CONTINUOUS);
	enter(a, 'B', 3, 6100);
	is(clr_get_best(h.e, ins, CLR_SIDE_SELL, &(int64_t) {0}, &(int64_t) {0}), false, "no offer");
	/* in continuous trading they come back as incoming orders, the oldest first */
	settle(5900);
	is_text(trades(), "3@6100", "the sell of 6000 takes the bid that it finds, at its price");
	is_text(waiting(), "2@5600 2@6000 1@5712", "then all are in the book");
	settle(6300);
	is_text(waiting(), "2@5600 waits 2@6000 1@5712 waits", "6000 is at the bound: inside");

	/* one that waits can be replaced and cancelled; with its price it is as it was */
	{
		ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = b, .ref = T("rb")};
		ClrHouseView house;

		enter(b, 'S', 9, 6700);
		c.u.replace.order_id = h.out.id;
		c.u.replace.qty = 7;
		c.u.replace.price = 6700;
		is(send(&h, &c), CLR_OK, "a smaller quantity");
		same();
		is_text(waiting(), "2@5600 waits 2@6000 1@5712 waits 7@6700 waits", "it waits on");
		c.ref = T("rc");
		c.u.replace.price = 6600;
		is(send(&h, &c), CLR_OK, "a price inside");
		same();
		is_text(waiting(), "2@5600 waits 2@6000 1@5712 waits 7@6600", "brings it into the book");
		c.ref = T("rd");
		c.u.replace.price = 6601;
		is(send(&h, &c), CLR_OK, "and one beyond out of it");
		same();
		is_text(waiting(), "2@5600 waits 2@6000 1@5712 waits 7@6601 waits", "again");
		is(cancel_id(&h, b, "rx", h.out.id), CLR_OK, "cancelled");
		same();
		clr_get_house(h.e, &house);
		is(position(&h, b, ins).sell_lots, 3, "what waits counts, what is cancelled does not");
	}

	/* it keeps its place: the older of two at one price trades first */
	phase(CLR_PHASE_CLOSED);
	example(100, CLR_PHASE_CONTINUOUS);
	settle(100);
	enter(a, 'B', 1, 95);
	rule(CLR_RULE_LIMIT_DOWN, 4);
	enter(b, 'S', 1, 120);
	rule(CLR_RULE_LIMIT_DOWN, 0);
	enter(a, 'B', 2, 95);
	rule(CLR_RULE_LIMIT_DOWN, 4);
	rule(CLR_RULE_LIMIT_DOWN, 5);
	enter(b, 'S', 1, 95);
	is_text(waiting(), "1@120 2@95", "the older");
	enter(b, 'S', 2, 95);

	/* an iceberg goes on with the peak that it had begun */
	phase(CLR_PHASE_CLOSED);
	example(100, CLR_PHASE_CONTINUOUS);
	settle(100);
	{
		ClrCommand	c = order_command(a, "ice", ins, 'B', 6, 95);
		uint8_t		peak[CLR_ATTR_BYTES];
		ClrOrderView v;
		uint64_t	id;

		clr_put_attr(peak, CLR_ATTR_DISPLAY_QTY, 3);
		c.pairs = (ClrPairs) {peak, 1};
		is(send(&h, &c), CLR_OK, "an iceberg of six lots that shows three");
		same();
		id = h.out.id;
		enter(b, 'S', 1, 95);
		rule(CLR_RULE_LIMIT_DOWN, 4);
		rule(CLR_RULE_LIMIT_DOWN, 5);
		ok(clr_get_order(h.e, id, &v), "it is back");
		is(v.attr[CLR_ATTR_SHOWN_QTY], 2, "and shows the two lots left of its peak");
	}

	/* an auction of market orders only: the reference price, brought inside */
	phase(CLR_PHASE_CLOSED);
	settle(80);
	rule(CLR_RULE_LIMIT_UP, 10);
	phase(CLR_PHASE_OPENING_CALL);
	{
		ClrCommand	c = order_command(a, "mk1", ins, 'B', 3, 0);

		c.u.order.ord_type = CLR_ORD_MARKET;
		is(send(&h, &c), CLR_OK, "a market order");
		same();
		c = order_command(b, "mk2", ins, 'S', 3, 0);
		c.u.order.ord_type = CLR_ORD_MARKET;
		is(send(&h, &c), CLR_OK, "and another");
		same();
	}
	phase(CLR_PHASE_CONTINUOUS);
	is_text(trades(), "3@90", "the last price of 95 is beyond 90");
}

static void
trading_at_close(void)
{
	example(100, CLR_PHASE_CLOSING_CALL);
	enter(a, 'B', 5, 102);
	enter(b, 'S', 5, 102);
	enter(b, 'S', 5, 103);
	is(phase(CLR_PHASE_TRADE_AT_CLOSE), CLR_OK, "after the closing auction");
	is_text(trades(), "5@102", "which gives the price");
	enter(a, 'B', 3, 105);
	is_text(trades(), "", "a sell at 103 does not trade at 102");
	enter(b, 'S', 4, 99);
	is_text(trades(), "3@102", "one at 99 does, at 102");
	enter(a, 'B', 1, 101);
	is_text(trades(), "", "a buy at 101 does not");
	at_price(&h, CLR_CMD_SETTLE, ins, 98);
	same();
	rule(CLR_RULE_PRICE_BAND, 2);
	is(enter(a, 'B', 1, 105), CLR_R_PRICE_BAND, "the price band");
	is(enter(a, 'B', 1, 104), CLR_OK, "is around the last price");
	rule(CLR_RULE_PRICE_BAND, 0);
	is(enter_tif(a, 'B', 1, 102, CLR_TIF_IOC), CLR_R_PHASE, "ioc orders are for continuous trading");
	market(&h, a, "mm", ins, 'B', 1);
	same();
	is(h.out.reason, CLR_R_PHASE, "so are market orders that are ioc");
	is(phase(CLR_PHASE_CLOSED), CLR_OK, "closed");
	is(clr_get_field(h.e, CLR_SCOPE_MARKET, ins, 0, CLR_MARKET_HAS_CLOSING_PRICE), 0,
	   "the closing price was of that day");
	is(phase(CLR_PHASE_TRADE_AT_CLOSE), CLR_OK, "without one");
	enter(a, 'B', 1, 110);
	is_text(trades(), "", "nothing trades");
}

static void
outage(void)
{
	example(100, CLR_PHASE_CONTINUOUS);
	rule(CLR_RULE_REOPEN_CALL_AFTER, 10 * SECOND);
	rule(CLR_RULE_CALL_DURATION, 60 * SECOND);
	enter(b, 'S', 5, 101);
	block(10 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "ten seconds are no outage");
	block(10 * SECOND + 1);
	is(now_in(), CLR_PHASE_INTRADAY_CALL, "a microsecond more is one");
	enter(a, 'B', 5, 105);
	is_text(trades(), "", "nothing trades at once");
	block(60 * SECOND);
	is(now_in(), CLR_PHASE_CONTINUOUS, "the call ends");
	is_text(trades(), "5@101", "with an auction");
	is(now_in(), CLR_PHASE_CONTINUOUS, "whose own end is no outage");
	rule(CLR_RULE_REOPEN_CALL_AFTER, 0);
}

int
main(void)
{
	uint32_t	member;

	house_init(&h);
	open_house(&h, INT64_C(864000000000));
	usd = add_asset(&h, "USD", 2);
	same();
	member = add_member(&h, "M");
	same();
	a = add_account(&h, "a", member);
	same();
	b = add_account(&h, "b", member);
	same();
	deposit(&h, a, usd, INT64_C(1000000000));
	same();
	deposit(&h, b, usd, INT64_C(1000000000));
	same();
	calls_with_an_end();
	volatility();
	out_of_range_alone();
	limits_and_bands();
	beyond_limits();
	trading_at_close();
	outage();
	schedule();
	ok(h.broken == NULL, "all invariants held");
	ok(restored, "every state was restored from its events alone");
	mirror_free(&m);
	house_free(&h);
	return done_testing();
}
