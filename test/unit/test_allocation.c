/*
 * test_allocation.c
 *	  Who gets how much at a price: the CME Globex family of match algorithms.
 *
 * Quantities of the examples marked CME are those of CME's "Complex Match
 * Example" (algorithm A, minimum 2); the others follow from the published
 * steps by hand.
 */
#include "floor.h"

static int
rule(uint16_t field, int64_t value)
{
	return rule_of(f.fut[0], field, value);
}

static int
maker(int account, int64_t share)
{
	return set_field(CLR_SCOPE_MAKER, f.fut[0], f.accounts[account], CLR_MAKER_SHARE, share);
}

static void
open_floor(char algorithm)
{
	open_futures(1);
	if (algorithm != 'F')
		is(rule(CLR_RULE_ALLOCATION, algorithm), CLR_OK, "the algorithm is set");
}

static int
order(int account, char side, int64_t qty, int64_t price)
{
	return order_in(f.fut[0], account, side, qty, price);
}

/* Bids of accounts 1, 2, … at one price, each of its own account. */
static void
bids(int n, const int64_t *qty)
{
	for (int i = 0; i < n; i++)
		order(i + 1, 'B', qty[i], 100);
}

static void
test_pro_rata(void)
{
	open_floor('C');
	bids(3, (int64_t[]) {2, 42, 56});
	order(0, 'S', 50, 100);
	is_text(fills(), "3:28 2:21 1:1", "C: the largest first");
	order(0, 'S', 49, 100);
	is_text(fills(), "3:27 2:21 1:1", "C: what rounding leaves goes to the oldest");
	close_floor();

	open_floor('C');
	bids(4, (int64_t[]) {50, 25, 75, 50});
	rule(CLR_RULE_ALLOCATION_MIN, 2);
	order(0, 'S', 42, 100);
	is_text(fills(), "3:15 1:12 4:10 2:5", "CME: 42 lots without a top order");
	close_floor();
}

static void
test_allocation(void)
{
	open_floor('A');
	bids(4, (int64_t[]) {100, 200, 300, 400});
	order(0, 'S', 291, 100);
	is_text(fills(), "1:100 4:84 3:63 2:44", "CME: 291 lots, the top order has 100");
	close_floor();

	open_floor('A');
	bids(4, (int64_t[]) {10, 40, 20, 30});
	order(0, 'S', 21, 100);
	is_text(fills(), "1:10 2:6 4:3 3:2", "CME: 21 lots, the top order has 10");
	close_floor();

	open_floor('A');
	bids(3, (int64_t[]) {2, 42, 56});
	order(0, 'S', 50, 100);
	is_text(fills(), "1:2 3:27 2:21", "A: top, then pro rata, then the oldest");
	close_floor();

	open_floor('A');
	bids(3, (int64_t[]) {1, 5, 94});
	cancel_id(&f.h, f.accounts[1], "c1", 1);
	taken();
	order(0, 'S', 10, 100);
	is_text(fills(), "3:9 2:1", "A: without the top order; a share of one lot becomes none");
	close_floor();
}

static void
test_top(void)
{
	open_floor('S');
	order(1, 'B', 10, 100);
	order(2, 'B', 10, 100);
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 1,
	   "the first to better the market is the top order");
	order(3, 'B', 10, 101);
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 3, "until it is bettered");
	cancel_id(&f.h, f.accounts[3], "c", 3);
	taken();
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 0,
	   "once cancelled there is none");
	order(0, 'S', 5, 100);
	is_text(fills(), "1:5", "and the oldest comes first");
	close_floor();

	open_floor('S');
	set_phase(&f.h, f.fut[0], CLR_PHASE_PRE_OPEN);
	taken();
	order(1, 'B', 10, 100);
	set_phase(&f.h, f.fut[0], CLR_PHASE_CONTINUOUS);
	taken();
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 0,
	   "an order from before the open is not the top order");
	order(2, 'B', 10, 101);
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 2, "one that betters it is");
	rule(CLR_RULE_ALLOCATION, 'F');
	is(clr_get_field(f.h.e, CLR_SCOPE_MARKET, f.fut[0], 0, CLR_MARKET_TOP), 0, "not under other rules");
	close_floor();
}

static void
test_thresholds(void)
{
	open_floor('O');
	rule(CLR_RULE_TOP_MIN, 10);
	rule(CLR_RULE_TOP_MAX, 20);
	bids(3, (int64_t[]) {50, 25, 25});
	order(0, 'S', 60, 100);
	/* 20 to the top; 40 over 30, 25, 25: 15, 12, 12; one left, to the oldest */
	is_text(fills(), "1:36 2:12 3:12", "O: the top order gets no more than its maximum ahead");
	close_floor();

	open_floor('O');
	rule(CLR_RULE_TOP_MIN, 10);
	bids(2, (int64_t[]) {9, 91});
	order(0, 'S', 50, 100);
	is_text(fills(), "2:45 1:5", "O: an order below the minimum is no top order");
	close_floor();
}

static void
test_makers(void)
{
	open_floor('T');
	maker(2, 200000);
	maker(3, 800000);
	bids(3, (int64_t[]) {100, 100, 100});
	order(0, 'S', 30, 100);
	is_text(fills(), "2:6 3:24", "T: two market makers share it");
	order(0, 'S', 29, 100);
	is_text(fills(), "2:5 3:23 1:1", "T: what rounding leaves goes to the oldest");
	close_floor();

	open_floor('T');
	maker(2, 200000);
	maker(3, 800000);
	bids(3, (int64_t[]) {10, 10, 10});
	order(0, 'S', 29, 100);
	is_text(fills(), "2:9 3:10 1:10", "T: capped at the orders' sizes");
	close_floor();

	open_floor('T');
	maker(1, 500000);
	maker(2, 500000);
	bids(2, (int64_t[]) {10, 10});
	order(0, 'S', 1, 100);
	is_text(fills(), "1:1", "T: half a lot is none; the oldest gets it");
	close_floor();

	open_floor('S');
	maker(2, 100000);
	bids(2, (int64_t[]) {10, 11});
	order(0, 'S', 20, 100);
	is_text(fills(), "1:10 2:10", "S: top, market maker, then the oldest");
	close_floor();

	open_floor('Q');
	rule(CLR_RULE_TOP_MAX, 10);
	maker(3, 400000);
	bids(3, (int64_t[]) {30, 40, 50});
	order(0, 'S', 60, 100);
	/* 10 top; 20 to the maker; 30 over 20, 40, 30: 6, 13, 10; one to the oldest */
	is_text(fills(), "1:17 3:30 2:13", "Q: top, market maker, pro rata, the oldest");
	close_floor();
}

static void
test_configurable(void)
{
	open_floor('K');
	rule(CLR_RULE_TOP, 0);
	rule(CLR_RULE_FIFO_SPLIT, 400000);
	bids(4, (int64_t[]) {10, 30, 59, 1});
	order(0, 'S', 50, 100);
	/* 20 first come: 10, 10; 30 over 0, 20, 59, 1: 7, 22, 0; the last is levelled */
	is_text(fills(), "3:22 2:17 1:10 4:1", "K: split, pro rata, levelling");
	close_floor();

	open_floor('K');
	rule(CLR_RULE_ALLOCATION_MIN, 5);
	rule(CLR_RULE_TOP_MAX, 4);
	bids(4, (int64_t[]) {6, 10, 80, 4});
	order(0, 'S', 40, 100);
	/* 4 top; 36 over 2, 10, 80, 4 (96): 0, 0, 30, 0; levelling 10: 1, 4: 1, 2: 1; 3 left */
	is_text(fills(), "1:6 3:30 2:3 4:1", "K: shares below the minimum are levelled");
	close_floor();
}

static void
test_exceptions(void)
{
	open_floor('C');
	bids(3, (int64_t[]) {10, 20, 30});
	order(0, 'S', 70, 100);
	is_text(fills(), "1:10 2:20 3:30", "who takes everything takes it in order of time");
	is(f.h.out.leaves_qty, 10, "and the rest stays");
	close_floor();

	open_floor('C');
	bids(3, (int64_t[]) {10, 20, 30});
	order(2, 'S', 20, 100);
	is_text(fills(), "3:15 1:5", "own orders are cancelled first, then the others share");
	is(f.h.out.n_cancelled, 1, "one was");
	close_floor();

	open_floor('F');
	is(rule(CLR_RULE_ALLOCATION, 'B'), CLR_R_FIELD_VALUE, "there is no algorithm B");
	is(maker(1, 600000), CLR_OK, "a market maker with 60 %");
	is(maker(2, 400001), CLR_R_MAKER_SHARES, "more than 100 % in all are refused");
	is(maker(1, 500000), CLR_OK, "the first may be changed");
	is(maker(2, 500000), CLR_OK, "so that both fit");
	close_floor();
}

int
main(void)
{
	test_pro_rata();
	test_allocation();
	test_top();
	test_thresholds();
	test_makers();
	test_configurable();
	test_exceptions();
	return done_testing();
}
