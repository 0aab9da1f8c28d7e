/*
 * test_spread.c
 *	  Spreads: listing, legs traded atomically, margin, implied matching.
 *
 * What is marked CME follows CME's examples of implied in and out and its
 * "Complex Match Example".
 */
#include "floor.h"

static int64_t
lots(int account, uint32_t instrument)
{
	return position(&f.h, f.accounts[account], instrument).qty;
}

static void
test_listing(void)
{
	ClrInstrumentView v;
	uint32_t	s;

	open_futures(3);
	is(list_spread("BAD", f.fut[0], 1, f.fut[0], -1), 0, "a leg only once");
	is(f.h.out.reason, CLR_R_LEGS_INVALID, "says so");
	is(list_spread("BAD", f.fut[0], 1, 99, -1), 0, "legs must exist");
	is(f.h.out.reason, CLR_R_UNKNOWN_INSTRUMENT, "says so");
	is(list_spread("BAD", f.fut[0], 0, f.fut[1], -1), 0, "a ratio of 0 is none");
	is(list_spread("BAD", f.fut[0], 2, f.fut[1], -3), 0, "one leg must be of one lot");
	at_price(&f.h, CLR_CMD_SET_MARK_PRICE, f.fut[0], 120);
	taken();
	s = list_spread("F0-F1", f.fut[0], 1, f.fut[1], -1);
	ok(s != 0, "a calendar spread is listed");
	clr_get_instrument(f.h.e, s, &v);
	is(v.kind, CLR_INSTRUMENT_SPREAD, "it is a spread");
	is(v.mark, 20, "its mark price is the difference");
	is(list_spread("X", s, 1, f.fut[1], -1), 0, "not of a spread");
	at_price(&f.h, CLR_CMD_SET_MARK_PRICE, f.fut[1], 105);
	taken();
	clr_get_instrument(f.h.e, s, &v);
	is(v.mark, 15, "which follows the legs");
	at_price(&f.h, CLR_CMD_SET_MARK_PRICE, s, 5);
	is(f.h.out.reason, CLR_R_NOT_FOR_SPREADS, "and cannot be set");
	taken();
	at_price(&f.h, CLR_CMD_SETTLE, s, 5);
	is(f.h.out.reason, CLR_R_NOT_A_FUTURE, "a spread is not settled");
	taken();
	close_floor();
}

static void
test_legs(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(s, 1, 'S', 10, -3);
	is(f.h.out.ord_status, CLR_STATUS_NEW, "an offer at a negative price rests");
	order_in(s, 2, 'B', 4, -2);
	is_text(trades(), "3 2<1 4@-3, 1 2<1 4@100, 2 1<2 4@103",
			"legs add up to the price of the spread: the second takes what is left");
	is(lots(2, f.fut[0]), 4, "the buyer is long the first leg");
	is(lots(2, f.fut[1]), -4, "and short the second");
	is(lots(1, f.fut[0]), -4, "the seller the other way round");
	is(lots(2, s), 0, "nobody holds the spread itself");
	is(f.h.out.cum_qty, 4, "filled");
	is(f.h.out.cum_value, -12, "at the price of the spread");

	set_phase(&f.h, f.fut[1], CLR_PHASE_HALTED);
	taken();
	order_in(s, 2, 'B', 4, -2);
	is(f.h.out.reason, CLR_R_LEG_PHASE, "with a leg halted nothing is accepted");
	set_phase(&f.h, s, CLR_PHASE_PRE_OPEN);
	taken();
	is(order_in(s, 2, 'B', 4, -2), CLR_OK, "before the open it is");
	set_phase(&f.h, s, CLR_PHASE_CONTINUOUS);
	taken();
	is(f.h.out.reason, CLR_R_LEG_PHASE, "but the spread cannot open");
	set_phase(&f.h, f.fut[1], CLR_PHASE_CONTINUOUS);
	taken();
	set_phase(&f.h, s, CLR_PHASE_CONTINUOUS);
	taken();
	is_text(trades(), "3 2<1 4@-3, 1 2<1 4@100, 2 1<2 4@103", "once the leg is open it does");
	at_price(&f.h, CLR_CMD_EXPIRE, f.fut[1], 100);
	taken();
	is(order_in(s, 2, 'B', 4, -2), CLR_R_EXPIRED_INSTRUMENT, "it expires with its first leg to expire");
	is(clr_count_orders(f.h.e), 0, "its orders too");
	close_floor();
}

/* The price of a spread says nothing about what a part of it is worth. */
static void
test_collar(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	set_field(CLR_SCOPE_ACCOUNT, f.accounts[1], 0, CLR_LIMIT_COLLAR, CLR_RATE_UNIT / 2);
	is(order_in(f.fut[0], 1, 'B', 1, 151), CLR_R_PRICE_COLLAR, "a collar of 50 % around 100");
	is(order_in(s, 1, 'B', 1, 1), CLR_OK, "around 0 there is none");
	close_floor();
}

static void
test_ratios(void)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_SPREAD, .text = T("FLY")};
	uint32_t	s;

	open_futures(3);
	c.u.spread.n_legs = 3;
	c.u.spread.replace_priority = CLR_REPLACE_KEEPS_ON_DECREASE;
	c.u.spread.phase = CLR_PHASE_CONTINUOUS;
	c.u.spread.tick_exp = 2;
	c.u.spread.tick_size = 1;
	for (int i = 0; i < 3; i++)
		c.u.spread.leg[i] = f.fut[i];
	c.u.spread.ratio[0] = 1;
	c.u.spread.ratio[1] = -2;
	c.u.spread.ratio[2] = 1;
	is(give(&c), CLR_OK, "a butterfly is listed");
	s = (uint32_t) f.h.out.id;
	order_in(s, 1, 'S', 5, 7);
	order_in(s, 2, 'B', 5, 7);
	is_text(trades(), "4 2<1 5@7, 1 2<1 5@100, 2 1<2 10@100, 3 2<1 5@107", "its wings and body");
	is(lots(2, f.fut[1]), -10, "two of the body for one of a wing");
	close_floor();
}

static void
test_margin(void)
{
	uint32_t	s;
	ClrValuation v;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(s, 1, 'B', 10, 3);
	clr_get_valuation(f.h.e, f.accounts[1], f.usd, &v);
	/* 10 lots of two legs at 10 % of 100, and the loss against the mark of 0 */
	is(v.initial, 10 * 2 * 10 + 10 * 3, "both legs' margin and the loss against the mark");
	order_in(s, 2, 'S', 10, 3);
	clr_get_valuation(f.h.e, f.accounts[1], f.usd, &v);
	is(v.initial, 10 * 2 * 10, "filled: the margin of the legs");
	is(v.equity, INT64_C(1000000000) - 30, "and the loss");
	withdraw(&f.h, f.accounts[3], f.usd, INT64_C(1000000000) - 22);
	taken();
	is(order_in(s, 3, 'B', 1, 3), CLR_R_INSUFFICIENT_MARGIN, "who cannot carry it is refused");
	is(f.h.out.needed, 23, "with what it takes");
	is(order_in(s, 3, 'B', 1, 2), CLR_OK, "and accepted if it can");

	/* both sides count: each becomes positions that need their margin */
	order_in(s, 4, 'B', 5, -1);
	order_in(s, 4, 'S', 4, 9);
	clr_get_valuation(f.h.e, f.accounts[4], f.usd, &v);
	is(v.initial, (5 + 4) * 2 * 10, "of both sides");
	order_in(s, 5, 'S', 5, -1);
	clr_get_valuation(f.h.e, f.accounts[4], f.usd, &v);
	is(v.initial, (5 + 4) * 2 * 10, "so a fill needs no more");
	close_floor();
}

/* What would be no price of an instrument is none that its orders trade at. */
static void
test_price_range(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	deposit(&f.h, f.accounts[2], f.usd, 4 * CLR_PRICE_MAX);
	taken();
	order_in(s, 1, 'B', 2, 5);
	is(order_in(f.fut[1], 2, 'B', 2, CLR_PRICE_MAX - 4), CLR_OK, "a bid at the end of the range");
	order_in(f.fut[0], 3, 'S', 1, 100);
	is_text(trades(), "", "nobody can buy at more than the largest price");
	is(f.h.out.ord_status, CLR_STATUS_CANCELED, "the order ends");
	is(replace(&f.h, f.accounts[2], "less", "r2", 1, CLR_PRICE_MAX - 5), CLR_OK, "at one less");
	taken();
	order_in(f.fut[0], 3, 'S', 1, 100);
	ok(strlen(trades()) > 0, "it trades");
	close_floor();
}

/* CME: "implied in": outright orders make a spread. */
static void
test_implied_in(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(f.fut[0], 1, 'S', 10, 110);
	order_in(f.fut[1], 2, 'B', 6, 95);
	order_in(s, 3, 'B', 8, 14);
	is_text(trades(), "", "a bid below what the legs imply rests");
	order_in(s, 0, 'B', 8, 16);
	is_text(trades(), "1 0<1 6@110, 2 2<0 6@95", "a better one trades with both legs, as far as both go");
	is(f.h.out.cum_value, 6 * 15, "at the implied price");
	is(f.h.out.leaves_qty, 2, "and rests with what is left");
	order_in(f.fut[1], 4, 'B', 5, 94);
	is_text(trades(), "2 4<0 2@94, 1 0<1 2@110", "a new bid of the far leg completes it: implied out");
	is(f.h.out.cum_qty, 2, "for what the spread wanted");
	close_floor();
}

/* CME: "implied out": a spread and a leg make the other leg. */
static void
test_implied_out(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(s, 1, 'S', 10, 5);
	order_in(f.fut[1], 2, 'S', 4, 100);
	order_in(f.fut[0], 3, 'S', 4, 106);
	order_in(f.fut[0], 0, 'B', 6, 106);
	is_text(trades(), "1 0<1 4@105, 2 1<2 4@100, 1 0<3 2@106",
			"the implied offer is better; the order of the spread trades both legs");
	is(f.h.out.cum_value, 4 * 105 + 2 * 106, "then the real one");
	is(lots(1, f.fut[0]), -4, "short the first leg");
	is(lots(1, f.fut[1]), 4, "long the second");
	close_floor();

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(s, 1, 'B', 10, 5);
	order_in(f.fut[0], 2, 'S', 4, 105);
	order_in(f.fut[1], 0, 'B', 6, 100);
	is_text(trades(), "2 0<1 4@100, 1 1<2 4@105", "the sold leg is implied by the bid of the spread");
	close_floor();
}

static void
test_precedence(void)
{
	uint32_t	s;

	open_futures(3);
	s = list_spread("S1", f.fut[0], 1, f.fut[2], -1);
	(void) s;
	order_in(s, 1, 'S', 10, 0);
	order_in(f.fut[2], 2, 'S', 4, 100);
	s = list_spread("S2", f.fut[0], 1, f.fut[1], -1);
	order_in(s, 3, 'S', 10, 0);
	order_in(f.fut[1], 4, 'S', 4, 100);
	order_in(f.fut[0], 5, 'S', 4, 100);
	order_in(f.fut[0], 0, 'B', 10, 100);
	is_text(trades(), "1 0<5 4@100, 1 0<3 4@100, 2 3<4 4@100, 1 0<1 2@100, 3 1<2 2@100",
			"real orders first, then the earlier expiry of the other leg");
	close_floor();

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	rule_of(s, CLR_RULE_IMPLIED, 0);
	order_in(f.fut[0], 1, 'S', 10, 110);
	order_in(f.fut[1], 2, 'B', 6, 95);
	order_in(s, 0, 'B', 8, 16);
	is_text(trades(), "", "implied matching can be switched off");
	rule_of(s, CLR_RULE_IMPLIED, 1);
	is_text(trades(), "1 0<1 6@110, 2 2<0 6@95", "switched on it trades what crosses");
	set_phase(&f.h, f.fut[1], CLR_PHASE_PRE_OPEN);
	taken();
	order_in(f.fut[1], 3, 'B', 6, 96);
	is_text(trades(), "", "a leg that is not open implies nothing");
	set_phase(&f.h, f.fut[1], CLR_PHASE_CONTINUOUS);
	taken();
	is_text(trades(), "1 0<1 2@110, 2 3<0 2@96", "its opening does");
	close_floor();
}

/* First come, first served: an own order that would not trade is left alone. */
static void
test_own_orders(void)
{
	open_futures(2);
	(void) list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(f.fut[0], 1, 'B', 7, 98);
	order_in(f.fut[0], 3, 'B', 6, 98);
	order_in(f.fut[0], 3, 'S', 1, 98);
	is_text(trades(), "1 1<3 1@98", "the first order trades");
	is(clr_count_orders(f.h.e), 2, "the own one behind it stays");
	order_in(f.fut[0], 3, 'S', 8, 98);
	is_text(trades(), "1 1<3 6@98", "whoever comes to it cancels it");
	is(clr_count_orders(f.h.e), 1, "and rests");
	close_floor();
}

/* The top order gets no more than top_max ahead of implied sources either. */
static void
test_top_max(void)
{
	uint32_t	s;

	open_futures(2);
	rule_of(f.fut[0], CLR_RULE_ALLOCATION, 'O');
	rule_of(f.fut[0], CLR_RULE_TOP_MAX, 10);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(f.fut[0], 1, 'B', 100, 100);
	order_in(s, 2, 'B', 90, 0);
	order_in(f.fut[1], 3, 'B', 90, 100);
	order_in(f.fut[0], 0, 'S', 50, 100);
	is_text(trades(), "1 1<0 30@100, 1 2<0 20@100, 2 3<2 20@100",
			"10 to the top order, the other 40 half and half");
	close_floor();
}

/* CME, "Complex Match Example": algorithm A, 501 lots sold into five sources. */
static void
test_complex(void)
{
	uint32_t	near;
	uint32_t	spreads[4];
	static const int64_t direct[] = {100, 200, 300, 400};
	static const int64_t implied[] = {200, 300, 400, 100};
	int64_t		by_source[5] = {0, 0, 0, 0, 0};

	open_futures(5);
	near = f.fut[0];
	for (int i = 0; i < 5; i++)
		rule_of(f.fut[i], CLR_RULE_ALLOCATION, 'A');
	for (int i = 0; i < 4; i++)
	{
		char		name[16];

		snprintf(name, sizeof(name), "S%d", i);
		spreads[i] = list_spread(name, near, 1, f.fut[i + 1], -1);
		rule_of(spreads[i], CLR_RULE_ALLOCATION, 'A');
		order_in(spreads[i], 10 + i, 'B', implied[i], 0);
		order_in(f.fut[i + 1], 15 + i, 'B', implied[i], 100);
	}
	for (int i = 0; i < 4; i++)
		order_in(near, 1 + i, 'B', direct[i], 100);
	order_in(near, 0, 'S', 501, 100);
	is(f.h.out.cum_qty, 501, "501 lots are sold");
	for (size_t at = 0; at < f.h.ev.len;)
	{
		ClrTradeEvent t;
		size_t		len = clr_event_length(f.h.ev.data + at, f.h.ev.len - at, NULL);

		if (clr_event_decode_trade(f.h.ev.data + at, len, &t) && t.instrument == near)
		{
			int			buyer = account_index(t.buy_account);

			by_source[buyer >= 10 ? buyer - 9 : 0] += t.qty;
		}
		at += len;
	}
	is(by_source[0], 291, "CME: 291 to the real orders");
	is(by_source[1], 42, "42 to the first spread");
	is(by_source[2], 63, "63 to the second");
	is(by_source[3], 84, "84 to the third");
	is(by_source[4], 21, "21 to the fourth");
	is(lots(1, near), 100, "CME: the top order is filled");
	is(lots(2, near), 44, "then 44");
	is(lots(3, near), 63, "63");
	is(lots(4, near), 84, "and 84");
	close_floor();
}

static void
test_post_only(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(f.fut[0], 1, 'S', 10, 110);
	order_in(f.fut[1], 2, 'B', 6, 95);
	post_only(&f.h, f.accounts[0], "p", s, 'B', 1, 15);
	taken();
	is(f.h.out.reason, CLR_R_POST_ONLY_WOULD_TRADE, "a post-only order meets implied offers too");
	limit_tif(&f.h, f.accounts[0], "i", s, 'B', 10, 15, CLR_TIF_IOC);
	taken();
	is_text(trades(), "1 0<1 6@110, 2 2<0 6@95", "an immediate one takes what is implied");
	close_floor();
}

/* A leg expires while it has positions and working orders. */
static void
test_expiry(void)
{
	open_futures(2);
	(void) list_spread("S", f.fut[0], 1, f.fut[1], -1);
	order_in(f.fut[1], 1, 'S', 1, 100);
	order_in(f.fut[1], 2, 'B', 3, 100);
	is(lots(2, f.fut[1]), 1, "one lot traded, two work");
	at_price(&f.h, CLR_CMD_EXPIRE, f.fut[1], 107);
	taken();
	is(lots(2, f.fut[1]), 0, "the position is closed");
	is(clr_count_orders(f.h.e), 0, "the orders are gone");
	close_floor();
}

/* A spread that implies nothing asks its legs too. */
static void
test_ratio_range(void)
{
	uint32_t	s;

	open_futures(2);
	for (int i = 1; i <= 2; i++)
	{
		deposit(&f.h, f.accounts[i], f.usd, CLR_AMOUNT_MAX / 8);
		taken();
	}
	s = list_spread("R", f.fut[0], 1, f.fut[1], -7);
	for (int i = 0; i < 2; i++)
	{
		at_price(&f.h, CLR_CMD_SET_MARK_PRICE, f.fut[i], 1);
		taken();
	}
	is(order_in(f.fut[1], 1, 'B', INT64_C(150000000000), 1), CLR_OK, "working lots of a leg");
	is(order_in(s, 1, 'S', INT64_C(560000000000), 1), CLR_OK, "seven of that leg for each of these");
	is(order_in(s, 2, 'B', INT64_C(560000000000), 1), CLR_OK, "would be more than an account can have");
	is(f.h.out.n_trades, 0, "and do not trade");
	close_floor();
}

/*
 * A leg beyond its limits is priced at the limit, and the others take the rest.
 * CME, "Spreads and Combinations", EQ calendar in ticks of 0.05: leg 2 has a
 * lower limit of 2967.95, the spread trades at 80.65, leg 1 is 2887.30.
 */
static void
test_leg_limit_prices(void)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_SPREAD, .text = T("BF")};
	uint32_t	s;

	open_futures(3);
	s = list_spread("EQ", f.fut[0], -1, f.fut[1], 1);
	for (int i = 0; i < 3; i++)
	{
		at_price(&f.h, CLR_CMD_SETTLE, f.fut[i], i == 1 ? 60000 : 57600);
		taken();
	}
	rule_of(f.fut[1], CLR_RULE_LIMIT_DOWN, 641);
	order_in(s, 1, 'S', 1, 1613);
	order_in(s, 2, 'B', 1, 1613);
	is_text(trades(), "4 2<1 1@1613, 1 1<2 1@57746, 2 2<1 1@59359", "CME: leg 2 at its limit, leg 1 recalculated");
	rule_of(f.fut[0], CLR_RULE_LIMIT_UP, 145);
	order_in(s, 1, 'S', 1, 1613);
	order_in(s, 2, 'B', 1, 1613);
	is(f.h.out.n_trades, 0, "beyond the limits of both there is no trade");
	is(f.h.out.ord_status, CLR_STATUS_CANCELED, "and who comes in is cancelled");
	/* butterfly: the third leg, then the second, then the first */
	c.u.spread.n_legs = 3;
	c.u.spread.replace_priority = CLR_REPLACE_KEEPS_ON_DECREASE;
	c.u.spread.phase = CLR_PHASE_CONTINUOUS;
	c.u.spread.tick_exp = 2;
	c.u.spread.tick_size = 1;
	for (int i = 0; i < 3; i++)
	{
		c.u.spread.leg[i] = f.fut[i];
		c.u.spread.ratio[i] = i == 1 ? -2 : 1;
		rule_of(f.fut[i], CLR_RULE_LIMIT_DOWN, 0);
		rule_of(f.fut[i], CLR_RULE_LIMIT_UP, 0);
		at_price(&f.h, CLR_CMD_SETTLE, f.fut[i], 100);
		taken();
	}
	give(&c);
	s = (uint32_t) f.h.out.id;
	rule_of(f.fut[2], CLR_RULE_LIMIT_UP, 10);
	order_in(s, 1, 'S', 1, 17);
	order_in(s, 2, 'B', 1, 17);
	is_text(strchr(trades(), ' '), " 2<1 1@17, 1 2<1 1@101, 2 1<2 2@97, 3 2<1 1@110",
			"the third leg at its limit, the second takes 6 of 7, the first what is left");
	rule_of(f.fut[1], CLR_RULE_LIMIT_DOWN, 2);
	order_in(s, 1, 'S', 1, 17);
	order_in(s, 2, 'B', 1, 17);
	is_text(strchr(trades(), ' '), " 2<1 1@17, 1 2<1 1@103, 2 1<2 2@98, 3 2<1 1@110", "the second at its limit too");
	close_floor();
}

static int
phase_now(uint32_t instrument)
{
	ClrInstrumentView v = {0};

	clr_get_instrument(f.h.e, instrument, &v);
	return v.phase;
}

static int
order_tif(uint32_t instrument, int account, char side, int64_t qty, int64_t price, uint8_t tif)
{
	ClrCommand	c = order_command(f.accounts[account], "", instrument, side, qty, price);

	c.u.order.time_in_force = tif;
	return give(&c);
}

/* Futures 0 and 1 at 100, the spread 0-1, and a trade in each leg. */
static uint32_t
bounded_legs(void)
{
	uint32_t	s;

	open_futures(2);
	s = list_spread("S", f.fut[0], 1, f.fut[1], -1);
	for (int i = 0; i < 2; i++)
	{
		order_in(f.fut[i], 1, 'S', 1, 100);
		order_in(f.fut[i], 2, 'B', 1, 100);
	}
	return s;
}

/* Trades through a spread are held to the ranges of the legs, and tell them. */
static void
test_leg_ranges(void)
{
	uint32_t	s = bounded_legs();

	rule_of(f.fut[1], CLR_RULE_DYNAMIC_RANGE, 10);
	/* an offer of the spread at -8 and one of leg 1 at 111: leg 0 at 103 */
	order_in(s, 1, 'S', 5, -8);
	order_in(f.fut[1], 1, 'S', 5, 111);
	order_in(f.fut[0], 3, 'S', 2, 104);
	order_in(f.fut[0], 2, 'B', 4, 105);
	is_text(trades(), "1 2<3 2@104", "at 103 leg 1 would trade at 111: only the real offer trades");
	is(phase_now(f.fut[1]), CLR_PHASE_VOLATILITY_CALL, "leg 1 is interrupted");
	is(phase_now(f.fut[0]), CLR_PHASE_CONTINUOUS, "leg 0 is not");
	is(f.h.out.leaves_qty, 2, "the rest of the order waits");
	set_phase(&f.h, f.fut[1], CLR_PHASE_CONTINUOUS);
	taken();
	is_text(trades(), "1 2<1 2@105, 2 1<1 2@111", "when leg 1 is back, what has become crossed trades");
	close_floor();

	/* the bound is inside, and a trade there moves the range */
	s = bounded_legs();
	rule_of(f.fut[1], CLR_RULE_DYNAMIC_RANGE, 10);
	order_in(s, 1, 'S', 5, -8);
	order_in(f.fut[1], 1, 'S', 1, 110);
	order_in(f.fut[1], 1, 'S', 1, 111);
	order_in(f.fut[0], 2, 'B', 2, 105);
	is_text(trades(), "1 2<1 1@102, 2 1<1 1@110", "110 is inside; 111 was not before the order");
	is(phase_now(f.fut[1]), CLR_PHASE_VOLATILITY_CALL, "so leg 1 is interrupted");
	close_floor();

	/* from the side of the spread: an ioc order is cancelled, one that may rest waits */
	for (int ioc = 0; ioc < 2; ioc++)
	{
		s = bounded_legs();
		rule_of(f.fut[1], CLR_RULE_STATIC_RANGE, 10);
		at_price(&f.h, CLR_CMD_SETTLE, f.fut[1], 100);
		taken();
		order_in(f.fut[0], 1, 'S', 5, 101);
		order_in(f.fut[1], 2, 'B', 5, 89);
		order_tif(s, 3, 'B', 5, 12, ioc ? CLR_TIF_IOC : CLR_TIF_DAY);
		is(f.h.out.n_trades, 0, "leg 1 would trade at 89");
		is(phase_now(f.fut[1]), CLR_PHASE_VOLATILITY_CALL, "and is interrupted");
		is(f.h.out.ord_status, ioc ? CLR_STATUS_CANCELED : CLR_STATUS_NEW, "ioc or not");
		close_floor();
	}
}

/* A circuit breaker that another leg would reach halts its group. */
static void
test_leg_breaker(void)
{
	uint32_t	s = bounded_legs();

	for (int i = 0; i < 2; i++)
	{
		at_price(&f.h, CLR_CMD_SETTLE, f.fut[i], 1000);
		taken();
		rule_of(f.fut[i], CLR_RULE_PRODUCT_GROUP, 7);
	}
	set_field(CLR_SCOPE_GROUP, 7, 1, CLR_GROUP_PERCENT, 10000);
	set_field(CLR_SCOPE_GROUP, 7, 1, CLR_GROUP_HALT, 1000000);
	set_field(CLR_SCOPE_GROUP, 7, 0, CLR_GROUP_WINDOW, INT64_C(3600000000));
	/* the window of leg 1 begins with a trade through the spread at 1002 */
	order_in(s, 1, 'S', 5, 0);
	order_in(f.fut[1], 1, 'S', 1, 1002);
	order_in(f.fut[1], 1, 'S', 4, 1012);
	order_in(f.fut[0], 2, 'B', 1, 1002);
	is_text(trades(), "1 2<1 1@1002, 2 1<1 1@1002", "inside");
	order_in(f.fut[0], 3, 'S', 4, 1013);
	order_tif(f.fut[0], 2, 'B', 4, 1013, CLR_TIF_IOC);
	is(f.h.out.n_trades, 0, "leg 1 at 1012 is 10 above 1002: nothing trades");
	is(phase_now(f.fut[1]), CLR_PHASE_HALTED, "leg 1 is halted");
	is(phase_now(f.fut[0]), CLR_PHASE_HALTED, "and leg 0, which is of the group");
	is(f.h.out.ord_status, CLR_STATUS_CANCELED, "an ioc order is cancelled");
	close_floor();
}

/* CME: a trade beyond the limits of a leg suspends implied calculation. */
static void
test_leg_limits(void)
{
	uint32_t	s = bounded_legs();

	at_price(&f.h, CLR_CMD_SETTLE, f.fut[0], 100);
	taken();
	rule_of(f.fut[0], CLR_RULE_LIMIT_DOWN, 5);
	order_in(s, 1, 'S', 5, -15);
	order_in(f.fut[1], 1, 'S', 5, 105);
	order_in(f.fut[0], 3, 'S', 2, 99);
	order_in(f.fut[0], 2, 'B', 4, 100);
	is_text(trades(), "1 2<3 2@99", "implied at 90, below the limit of 95: only the real offer trades");
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, s, 0, CLR_MARKET_IMPLIED_OFF), 1, "the spread implies no more");
	order_in(s, 2, 'B', 1, -6);
	is_text(trades(), "3 2<1 1@-15, 1 2<1 1@100, 2 1<2 1@115", "it still trades by itself");
	order_in(s, 3, 'B', 1, -16);
	set_phase(&f.h, s, CLR_PHASE_PRE_OPEN);
	taken();
	set_phase(&f.h, s, CLR_PHASE_CONTINUOUS);
	taken();
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, s, 0, CLR_MARKET_IMPLIED_OFF), 0,
	   "until it enters continuous trading again");
	is_text(trades(), "1 2<1 2@100, 2 1<1 2@105", "where the offer takes the bid of leg 0, which is inside");
	close_floor();
}

int
main(void)
{
	test_leg_ranges();
	test_leg_breaker();
	test_leg_limits();
	test_listing();
	test_expiry();
	test_leg_limit_prices();
	test_ratio_range();
	test_legs();
	test_collar();
	test_ratios();
	test_margin();
	test_price_range();
	test_implied_in();
	test_implied_out();
	test_precedence();
	test_own_orders();
	test_top_max();
	test_complex();
	test_post_only();
	return done_testing();
}
