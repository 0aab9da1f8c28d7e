/*
 * test_reduce.c
 *	  Reduce-only orders where the position changes elsewhere than in their own
 *	  book: spreads, implied matching, busts and corrections; and pegged ones.
 *	  In a book of their own: test_types.c.
 */
#include "floor.h"

#define REDUCE CLR_EXEC_REDUCE_ONLY

static int
reduce_in(uint32_t instrument, int account, char side, int64_t qty, int64_t price)
{
	char		ref[16];
	ClrCommand	c;

	snprintf(ref, sizeof(ref), "r%d", ++f.n_refs);
	c = order_command(f.accounts[account], ref, instrument, side, qty, price);
	c.u.order.exec_inst = REDUCE;
	return give(&c);
}

static int
peg_in(uint32_t instrument, int account, char side, int64_t qty, int64_t limit_price)
{
	static uint8_t buf[2 * CLR_ATTR_BYTES];
	char		ref[16];
	ClrCommand	c;
	uint8_t    *p;

	snprintf(ref, sizeof(ref), "r%d", ++f.n_refs);
	c = order_command(f.accounts[account], ref, instrument, side, qty, limit_price);
	c.u.order.ord_type = CLR_ORD_PEGGED;
	c.u.order.time_in_force = CLR_TIF_GTC;
	c.u.order.exec_inst = REDUCE;
	p = clr_put_attr(buf, CLR_ATTR_PEG_TYPE, CLR_PEG_PRIMARY);
	(void) clr_put_attr(p, CLR_ATTR_PEG_OFFSET, 0);
	c.pairs = (ClrPairs) {buf, 2};
	return give(&c);
}

static ClrOrderView
order_of(uint64_t id)
{
	ClrOrderView v = {0};

	(void) clr_get_order(f.h.e, id, &v);
	return v;
}

static int64_t
lots(int account, uint32_t instrument)
{
	return position(&f.h, f.accounts[account], instrument).qty;
}

/* The account buys qty at 100 from account 9. */
static void
become_long(int account, uint32_t instrument, int64_t qty)
{
	order_in(instrument, 9, 'S', qty, 100);
	order_in(instrument, account, 'B', qty, 100);
}

/* A leg's order is resized whatever trades the leg. */
static void
test_legs(void)
{
	uint32_t	s;
	uint64_t	close;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	become_long(1, f.fut[0], 10);
	is(reduce_in(f.fut[0], 1, 'S', 15, 130), CLR_OK, "a leg with implied prices takes it");
	close = f.h.out.id;
	is(order_of(close).leaves_qty, 10, "cut to the position");
	order_in(s, 1, 'S', 4, 50);
	order_in(s, 2, 'B', 4, 50);
	is(lots(1, f.fut[0]), 6, "the spread sold 4 of the leg");
	is(order_of(close).leaves_qty, 6, "which is no longer to be sold");
	order_in(f.fut[1], 3, 'B', 2, 90);
	order_in(f.fut[0], 1, 'S', 2, 120);
	order_in(s, 0, 'B', 2, 30);
	is_text(trades(), "1 0<1 2@120, 2 3<0 2@90", "implied in");
	is(order_of(close).leaves_qty, 4, "resizes it too");
	order_in(f.fut[0], 2, 'B', 3, 130);
	is(lots(1, f.fut[0]), 1, "and it trades as others do");
	order_in(s, 1, 'S', 5, 10);
	order_in(s, 2, 'B', 5, 10);
	is(lots(1, f.fut[0]), -4, "until the spread turns the position round");
	is(order_of(close).order_id, 0, "then it is gone");
	close_floor();
}

/*
 * Several orders of an account are in one implied trade: what the first of
 * them sells, the second can't.
 */
static void
test_implied(void)
{
	uint32_t	s;
	uint64_t	close;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	become_long(1, f.fut[1], 6);
	order_in(f.fut[1], 1, 'S', 4, 100);
	reduce_in(f.fut[1], 1, 'S', 6, 100);
	close = f.h.out.id;
	order_in(f.fut[1], 2, 'S', 9, 100);
	order_in(s, 3, 'S', 12, 5);
	order_in(f.fut[0], 0, 'B', 12, 105);
	is(lots(1, f.fut[1]), 0, "closed, not turned round");
	is(lots(0, f.fut[0]), 12, "others take the place of what was cut");
	is(lots(2, f.fut[1]), -6, "as far as is needed");
	is(order_of(close).order_id, 0, "it has traded 2 of 6, and is done");
	close_floor();
}

/* A spread's own order reduces if it reduces in every leg. */
static void
test_spread(void)
{
	uint32_t	s;
	uint64_t	close;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -2);
	become_long(1, f.fut[0], 10);
	is(reduce_in(s, 1, 'S', 5, 0), CLR_R_NOTHING_TO_REDUCE, "one leg is flat");
	order_in(f.fut[1], 9, 'B', 13, 100);
	order_in(f.fut[1], 1, 'S', 13, 100);
	is(reduce_in(s, 1, 'B', 5, -300), CLR_R_NOTHING_TO_REDUCE, "buying it would add");
	is(reduce_in(s, 1, 'S', 9, -90), CLR_OK, "long one, short the other");
	close = f.h.out.id;
	is(order_of(close).leaves_qty, 6, "half of 13");
	order_in(f.fut[0], 9, 'B', 6, 100);
	order_in(f.fut[0], 1, 'S', 6, 100);
	is(order_of(close).leaves_qty, 4, "a leg has become smaller");
	order_in(s, 2, 'B', 3, -90);
	is(lots(1, f.fut[0]), 1, "3 sold");
	is(lots(1, f.fut[1]), -7, "6 bought");
	is(order_of(close).leaves_qty, 1, "one is left");
	order_in(f.fut[0], 9, 'B', 1, 100);
	order_in(f.fut[0], 1, 'S', 1, 100);
	is(order_of(close).order_id, 0, "none");
	close_floor();
}

/* Trades that are taken back take orders with them. */
static void
test_bust(void)
{
	ClrCommand	c = {.type = CLR_CMD_CORRECT_TRADE};
	uint64_t	close;

	open_futures(1);
	become_long(1, f.fut[0], 10);
	for (size_t at = 0; at < f.h.ev.len;)
	{
		size_t		len = clr_event_length(f.h.ev.data + at, f.h.ev.len - at, NULL);

		(void) clr_event_decode_trade(f.h.ev.data + at, len, &c.u.bust.trade);
		at += len;
	}
	reduce_in(f.fut[0], 1, 'S', 10, 120);
	close = f.h.out.id;
	c.u.bust.new_price = 101;
	c.u.bust.new_qty = 7;
	is(give(&c), CLR_OK, "corrected to 7");
	is(lots(1, f.fut[0]), 7, "are held");
	is(order_of(close).leaves_qty, 7, "and may be sold");
	c.type = CLR_CMD_BUST_TRADE;
	c.u.bust.trade.trade_id = f.h.out.first_trade;
	c.u.bust.trade.price = c.u.bust.new_price;
	c.u.bust.trade.qty = c.u.bust.new_qty;
	c.u.bust.trade.buy_cost = 7 * 101;
	c.u.bust.trade.sell_cost = -7 * 101;
	c.u.bust.new_price = c.u.bust.new_qty = 0;
	is(give(&c), CLR_OK, "busted");
	is(order_of(close).order_id, 0, "nothing is left to reduce");
	close_floor();
}

/* A peg that only reduces. */
static void
test_pegs(void)
{
	uint64_t	close;

	open_futures(1);
	is(peg_in(f.fut[0], 1, 'S', 5, 0), CLR_R_NOTHING_TO_REDUCE, "without a position");
	become_long(1, f.fut[0], 10);
	order_in(f.fut[0], 2, 'S', 1, 110);
	is(peg_in(f.fut[0], 1, 'S', 12, 0), CLR_OK, "taken");
	close = f.h.out.id;
	is(order_of(close).leaves_qty, 10, "cut to the position");
	is(order_of(close).attr[CLR_ATTR_ASKED_QTY], 12, "of what was asked");
	is(order_of(close).price, 110, "at the best offer");
	order_in(f.fut[0], 3, 'B', 4, 100);
	order_in(f.fut[0], 1, 'S', 4, 100);
	is(order_of(close).leaves_qty, 6, "it follows the position");
	is(order_of(close).attr[CLR_ATTR_PARKED], CLR_PARKED_NOT, "in the book");

	/* parked, it does not; but when it comes back */
	cancel(&f.h, f.accounts[2], "c1", "r4");
	taken();
	is(order_of(close).attr[CLR_ATTR_PARKED], CLR_PARKED_PEG, "without a reference it is parked");
	order_in(f.fut[0], 3, 'B', 4, 100);
	order_in(f.fut[0], 1, 'S', 4, 100);
	order_in(f.fut[0], 2, 'S', 1, 112);
	is(order_of(close).price, 112, "back in the book");
	is(order_of(close).leaves_qty, 2, "with what is left to reduce");
	is(replace(&f.h, f.accounts[1], "c2", "r5", 9, 0), CLR_OK, "asked to be more");
	taken();
	is(order_of(close).leaves_qty, 2, "it is not");
	order_in(f.fut[0], 4, 'B', 4, 112);
	is(lots(1, f.fut[0]), 0, "closed");
	is(order_of(close).order_id, 0, "and done");
	close_floor();
}

int
main(void)
{
	test_legs();
	test_implied();
	test_spread();
	test_bust();
	test_pegs();
	return done_testing();
}
