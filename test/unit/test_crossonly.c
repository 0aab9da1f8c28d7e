/*
 * test_crossonly.c
 *	  Orders at the opening and at the close: when they are accepted, where
 *	  they wait, with which priority they enter their call, what becomes of
 *	  them after it, replaces and cancels.
 *
 * After every command the invariants are checked and the state is restored
 * from the events and compared.
 */
#include "special.h"

#define OPG CLR_TIF_AT_OPENING
#define CLS CLR_TIF_AT_CLOSE

static uint32_t ins;
static unsigned count;

static void
example(uint8_t phase)
{
	char		symbol[16];
	ClrCommand	c;

	snprintf(symbol, sizeof(symbol), "X%u", ++count);
	c = future_command(symbol, mk.usd);
	c.u.instrument.phase = phase;
	after(send(H, &c));
	ins = (uint32_t) H->out.id;
}

static int
phase(uint8_t to)
{
	return after(set_phase(H, ins, to));
}

static int
enter(uint32_t account, const char *ref, char side, int64_t qty, int64_t price, uint8_t tif)
{
	ClrCommand	c = order_command(account, ref, ins, side, qty, price);

	c.u.order.time_in_force = tif;
	if (price == 0)
		c.u.order.ord_type = CLR_ORD_MARKET;
	return after(send(H, &c));
}

static const char *
trades(void)
{
	static char text[512];
	size_t		used = 0;

	text[0] = '\0';
	for (size_t at = 0; at < H->ev.len;)
	{
		size_t		len = clr_event_length(H->ev.data + at, H->ev.len - at, NULL);
		ClrTradeEvent t;

		if (clr_event_decode_trade(H->ev.data + at, len, &t))
			used += (size_t) snprintf(text + used, sizeof(text) - used,
									  "%s%" PRId64 "@%" PRId64 " %" PRIu64 "x%" PRIu64,
									  used > 0 ? " " : "", t.qty, t.price,
									  t.buy_order, t.sell_order);
		at += len;
	}
	return text;
}

/* Why an order ended in the last command; -1 = it did not. */
static int
ended(uint64_t id)
{
	int			reason = -1;

	for (size_t at = 0; at < H->ev.len;)
	{
		size_t		len = clr_event_length(H->ev.data + at, H->ev.len - at, NULL);
		ClrOrderEvent o;

		if (clr_event_decode_order(H->ev.data + at, len, &o) && o.order_id == id &&
			o.ord_status == CLR_STATUS_CANCELED)
			reason = o.reason;
		at += len;
	}
	return reason;
}

static int64_t
parked(uint64_t id)
{
	return order_of(id).attr[CLR_ATTR_PARKED];
}

static void
at_the_opening(void)
{
	uint64_t	early,
				late,
				sell;
	char		want[64];

	example(CLR_PHASE_PRE_OPEN);
	is(enter(mk.alice, "", 'B', 5, 100, OPG), CLR_OK, "before the opening call");
	early = H->out.id;
	is(parked(early), CLR_PARKED_AUCTION, "it waits");
	is(enter(mk.alice, "", 'B', 5, 100, CLR_TIF_DAY), CLR_OK, "a day order comes later");
	late = H->out.id;
	is(phase(CLR_PHASE_OPENING_CALL), CLR_OK, "the call begins");
	is(parked(early), CLR_PARKED_NOT, "the order is in the book");
	ok(order_of(early).priority < order_of(late).priority, "with the priority of its entry");
	is(enter(mk.bob, "", 'S', 7, 100, OPG), CLR_OK, "one that comes in the call");
	sell = H->out.id;
	is(parked(sell), CLR_PARKED_NOT, "is in the book at once");
	is(phase(CLR_PHASE_HALTED), CLR_OK, "halted without an auction");
	is(parked(sell), CLR_PARKED_AUCTION, "it waits again");
	is(enter(mk.bob, "", 'S', 7, 100, OPG), CLR_R_PHASE, "no orders in a halt");
	is(phase(CLR_PHASE_OPENING_CALL), CLR_OK, "the call goes on");
	is(phase(CLR_PHASE_CONTINUOUS), CLR_OK, "the opening");
	snprintf(want, sizeof(want), "5@100 %" PRIu64 "x%" PRIu64 " 2@100 %" PRIu64 "x%" PRIu64,
			 early, sell, late, sell);
	is_text(trades(), want, "the older order first");
	is(enter(mk.alice, "", 'B', 1, 100, OPG), CLR_R_AUCTION_OVER, "too late");

	example(CLR_PHASE_OPENING_CALL);
	enter(mk.alice, "", 'B', 5, 100, OPG);
	early = H->out.id;
	enter(mk.bob, "", 'S', 2, 100, CLR_TIF_DAY);
	phase(CLR_PHASE_CONTINUOUS);
	is(ended(early), CLR_R_AUCTION_OVER, "what is left ends with the auction");
	is(H->out.n_cancelled, 1, "and is counted");

	example(CLR_PHASE_PRE_OPEN);
	enter(mk.alice, "", 'B', 5, 100, OPG);
	early = H->out.id;
	enter(mk.bob, "", 'S', 5, 100, CLR_TIF_DAY);
	is(phase(CLR_PHASE_CONTINUOUS), CLR_OK, "an opening without an auction");
	is_text(trades(), "", "trades nothing");
	is(ended(early), CLR_R_AUCTION_OVER, "and it ends");

	/* a pre-open that ends with an auction is the opening call */
	example(CLR_PHASE_PRE_OPEN);
	enter(mk.alice, "", 'B', 5, 100, OPG);
	early = H->out.id;
	set_rule(ins, CLR_RULE_OPENING_UNCROSS, CLR_UNCROSS_AUCTION);
	is(parked(early), CLR_PARKED_NOT, "when the rule changes it moves");
	set_rule(ins, CLR_RULE_OPENING_UNCROSS, CLR_UNCROSS_PAIRS);
	is(parked(early), CLR_PARKED_AUCTION, "and back");
	set_rule(ins, CLR_RULE_OPENING_UNCROSS, CLR_UNCROSS_AUCTION);
	enter(mk.bob, "", 'S', 5, 100, OPG);
	sell = H->out.id;
	phase(CLR_PHASE_CONTINUOUS);
	snprintf(want, sizeof(want), "5@100 %" PRIu64 "x%" PRIu64, early, sell);
	is_text(trades(), want, "and trades");
}

static void
at_the_close(void)
{
	uint64_t	first,
				day,
				sell,
				mkt,
				last;
	char		want[128];

	example(CLR_PHASE_CONTINUOUS);
	enter(mk.alice, "c1", 'B', 5, 100, CLS);
	first = H->out.id;
	enter(mk.alice, "c2", 'B', 5, 100, CLR_TIF_DAY);
	day = H->out.id;
	is(enter(mk.bob, "c3", 'S', 12, 90, CLS), CLR_OK, "crosses, and does not trade");
	sell = H->out.id;
	is_text(trades(), "", "in continuous trading");
	is(enter(mk.carol, "c4", 'B', 1, 0, CLS), CLR_OK, "a market order");
	mkt = H->out.id;
	is(order_of(mkt).price, 110, "protected as of its entry");
	is(parked(mkt), CLR_PARKED_AUCTION, "waits");
	ok(order_of(first).leaves_qty == 5 && parked(first) == CLR_PARKED_AUCTION, "all wait");
	is(phase(CLR_PHASE_VOLATILITY_CALL), CLR_OK, "another call");
	is(parked(first), CLR_PARKED_AUCTION, "is not theirs");
	phase(CLR_PHASE_CONTINUOUS);
	is(phase(CLR_PHASE_CLOSING_CALL), CLR_OK, "the closing call");
	ok(parked(first) == 0 && parked(sell) == 0 && parked(mkt) == 0, "is");
	/* goes on as a volatility call, still for the close */
	is(phase(CLR_PHASE_VOLATILITY_CALL), CLR_OK, "prolonged");
	ok(parked(first) == 0, "they stay in it");
	is(enter(mk.carol, "c5", 'B', 1, 95, CLS), CLR_OK, "and others join");
	last = H->out.id;
	is(phase(CLR_PHASE_TRADE_AT_CLOSE), CLR_OK, "the closing auction");
	snprintf(want, sizeof(want), "1@95 %" PRIu64 "x%" PRIu64 " 5@95 %" PRIu64 "x%" PRIu64
			 " 5@95 %" PRIu64 "x%" PRIu64 " 1@95 %" PRIu64 "x%" PRIu64,
			 mkt, sell, first, sell, day, sell, last, sell);
	is_text(trades(), want, "all of them trade, market orders and older orders first");
	is(clr_get_field(H->e, CLR_SCOPE_MARKET, ins, 0, CLR_MARKET_HAS_CLOSING_PRICE), 1,
	   "a closing price");
	is(enter(mk.alice, "", 'B', 5, 100, CLS), CLR_R_AUCTION_OVER, "the close is over");
	phase(CLR_PHASE_CLOSED);
	is(enter(mk.alice, "", 'B', 5, 100, CLS), CLR_R_PHASE, "closed");

	/* no closing auction */
	example(CLR_PHASE_CONTINUOUS);
	enter(mk.alice, "", 'B', 5, 100, CLS);
	first = H->out.id;
	phase(CLR_PHASE_CLOSED);
	is(ended(first), CLR_R_AUCTION_OVER, "no closing auction: it ends");
}

static void
changes(void)
{
	uint64_t	first,
				second;
	ClrCommand	c;

	example(CLR_PHASE_CONTINUOUS);
	enter(mk.alice, "r1", 'B', 5, 100, CLS);
	first = H->out.id;
	enter(mk.alice, "r2", 'B', 5, 100, CLS);
	second = H->out.id;
	is(after(replace(H, mk.alice, "r3", "r1", 3, 100)), CLR_OK, "less while it waits");
	ok(order_of(first).leaves_qty == 3 && order_of(first).priority < order_of(second).priority,
	   "keeps its priority");
	is(after(replace(H, mk.alice, "r4", "r3", 4, 101)), CLR_OK, "another price");
	ok(order_of(first).priority > order_of(second).priority && order_of(first).price == 101 &&
	   parked(first) == CLR_PARKED_AUCTION, "costs it, and it goes on waiting");
	c = (ClrCommand) {.type = CLR_CMD_REPLACE_ORDER, .account = mk.alice, .text = T("r4")};
	c.u.replace.qty = 4;
	c.u.replace.price = 101;
	c.u.replace.time_in_force = CLR_TIF_DAY + 1;
	is(after(send(H, &c)), CLR_R_TIF_INVALID, "it stays an order for the close");
	phase(CLR_PHASE_CLOSING_CALL);
	is(after(replace(H, mk.alice, "r5", "r4", 6, 102)), CLR_OK, "in the call");
	is(parked(first), CLR_PARKED_NOT, "it stays in the book");
	phase(CLR_PHASE_HALTED);
	is(after(replace(H, mk.alice, "r6", "r5", 6, 103)), CLR_R_PHASE, "not in a halt");
	is(after(cancel(H, mk.alice, "r7", "r5")), CLR_OK, "a cancel always");
	phase(CLR_PHASE_CONTINUOUS);
	is(after(mass_cancel(H, mk.alice, ins)), CLR_OK, "and a mass cancel");
	is(ended(second), CLR_R_MASS_CANCEL, "ends what waits");
	is(position(H, mk.alice, ins).buy_lots, 0, "nothing works any more");
	enter(mk.alice, "r8", 'B', 5, 100, CLR_TIF_DAY);
	c.text = T("r8");
	c.u.replace.qty = 5;
	c.u.replace.price = 100;
	c.u.replace.time_in_force = CLS + 1;
	is(after(send(H, &c)), CLR_R_TIF_INVALID, "no other order becomes one");
	c = order_command(mk.alice, "", ins, 'B', 5, 100);
	c.u.order.time_in_force = CLS;
	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	is(after(send(H, &c)), CLR_R_TIF_INVALID, "post-only makes no sense");
	c.u.order.exec_inst = 0;
	c = with_attrs(c, ATTRS(CLR_ATTR_DISPLAY_QTY, 2));
	is(after(send(H, &c)), CLR_R_TIF_INVALID, "nor does an iceberg");
	enter(mk.alice, "", 'B', 5, 100, CLS);
	first = H->out.id;
	is(after(at_price(H, CLR_CMD_EXPIRE, ins, 100)), CLR_OK, "the instrument expires");
	is(order_of(first).order_id, 0, "and so does what waits");
}

int
main(void)
{
	special_init();
	after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, 100));
	at_the_opening();
	at_the_close();
	changes();
	special_done();
	return done_testing();
}
