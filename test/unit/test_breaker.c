/*
 * test_breaker.c
 *	  Circuit breakers: the tiers of US indices (7, 13, 20 %), CME's dynamic
 *	  circuit breaker (3.5 %, 60 minutes, 2 minutes), leads, windows, what is
 *	  refused.
 *
 * After every command and block the invariants are checked and the state is
 * restored from the events and compared.
 */
#include "special.h"

#define MINUTE INT64_C(60000000)

static uint32_t lead,
			member,
			other;
static unsigned count;

static uint32_t
future(void)
{
	char		symbol[16];
	ClrCommand	c;

	snprintf(symbol, sizeof(symbol), "G%u", ++count);
	c = future_command(symbol, mk.usd);
	after(send(H, &c));
	return (uint32_t) H->out.id;
}

static void
block(int64_t advance)
{
	house_block(H, advance);
	after(0);
}

static int
group_field(uint64_t group, uint64_t tier, uint16_t field, int64_t value)
{
	ClrCommand	c = fields_command(CLR_SCOPE_GROUP, group, tier, 1, &field, &value);

	return after(send(H, &c));
}

static int
phase_of(uint32_t instrument)
{
	ClrInstrumentView v = {0};

	clr_get_instrument(H->e, instrument, &v);
	return v.phase;
}

/* A lot offered and bought (or bid for and sold) at a price; did it trade? */
static bool
trade(uint32_t instrument, int64_t price)
{
	after(limit(H, mk.bob, "", instrument, 'S', 1, price));
	after(limit(H, mk.carol, "", instrument, 'B', 1, price));
	return H->out.cum_qty == 1;
}

/* A lead, a member and one of another group, all settled at a price. */
static void
example(uint64_t group, int64_t settlement)
{
	lead = future();
	member = future();
	other = future();
	set_rule(lead, CLR_RULE_PRODUCT_GROUP, (int64_t) group);
	set_rule(lead, CLR_RULE_GROUP_LEAD, 1);
	set_rule(member, CLR_RULE_PRODUCT_GROUP, (int64_t) group);
	set_rule(other, CLR_RULE_PRODUCT_GROUP, 60000);
	after(at_price(H, CLR_CMD_SETTLE, lead, settlement));
	after(at_price(H, CLR_CMD_SETTLE, member, settlement));
	after(at_price(H, CLR_CMD_SETTLE, other, settlement));
}

static void
us_tiers(void)
{
	const int64_t percent[3] = {70000, 130000, 200000};

	example(1, 1000);
	for (unsigned i = 0; i < 3; i++)
	{
		ok(group_field(1, i + 1, CLR_GROUP_PERCENT, percent[i]) == CLR_OK, "tier %u", i + 1);
		group_field(1, i + 1, CLR_GROUP_DIRECTION, CLR_BREAKER_DOWN);
		group_field(1, i + 1, CLR_GROUP_ONCE_A_DAY, 1);
		if (i < 2)
			group_field(1, i + 1, CLR_GROUP_HALT, 15 * MINUTE);
	}
	ok(trade(lead, 1200), "upwards everything is allowed");
	ok(trade(member, 900), "a member that does not lead is not bounded");
	ok(trade(lead, 931), "931 is above the level of 930");
	ok(!trade(lead, 930), "a trade at 930 does not happen");
	ok(phase_of(lead) == CLR_PHASE_HALTED && phase_of(member) == CLR_PHASE_HALTED,
	   "the group is halted");
	is(phase_of(other), CLR_PHASE_CONTINUOUS, "another group is not");
	is(H->out.leaves_qty, 1, "the order stays");
	is(after(limit(H, mk.bob, "", member, 'S', 1, 900)), CLR_R_PHASE, "no orders meanwhile");
	block(15 * MINUTE - 1);
	is(phase_of(lead), CLR_PHASE_HALTED, "for a quarter of an hour");
	block(1);
	ok(phase_of(lead) == CLR_PHASE_CONTINUOUS && phase_of(member) == CLR_PHASE_CONTINUOUS,
	   "then it trades again");
	is(position(H, mk.carol, lead).qty, 3, "what was crossed has traded");
	ok(trade(lead, 871), "the tier is used up: the next one is 870");
	after(limit(H, mk.bob, "", lead, 'S', 1, 800));
	is(after(limit_tif(H, mk.carol, "", lead, 'B', 1, 800, CLR_TIF_FOK)),
	   CLR_R_FOK_NOT_FILLABLE, "an fok order halts nothing");
	after(limit_tif(H, mk.carol, "", lead, 'B', 1, 800, CLR_TIF_IOC));
	is(H->out.ord_status, CLR_STATUS_CANCELED, "an ioc order is cancelled");
	is(phase_of(member), CLR_PHASE_HALTED, "and halts, by both tiers that it reached");
	block(600 * MINUTE);
	is(phase_of(lead), CLR_PHASE_HALTED, "the third has no end");
	is(after(set_phase(H, lead, CLR_PHASE_CONTINUOUS)), CLR_OK, "but by hand");
	ok(trade(lead, 700), "no tier is left today");
	after(set_phase(H, lead, CLR_PHASE_CLOSED));
	after(set_phase(H, lead, CLR_PHASE_CONTINUOUS));
	after(set_phase(H, member, CLR_PHASE_CONTINUOUS));
	ok(!trade(lead, 930) && phase_of(member) == CLR_PHASE_HALTED, "tomorrow all are back");
}

static void
cme_window(void)
{
	example(2, 1002);
	/* 3.5 % of 1002 is 35.07: 35 ticks */
	is(group_field(2, 0, CLR_GROUP_WINDOW, 60 * MINUTE), CLR_OK, "a window");
	group_field(2, 1, CLR_GROUP_PERCENT, 35000);
	group_field(2, 1, CLR_GROUP_HALT, 2 * MINUTE);
	block(3 * MINUTE - H->now % (3 * MINUTE));
	ok(trade(lead, 1000), "the window begins");
	block(30 * MINUTE);
	ok(trade(lead, 1010), "1010");
	ok(trade(lead, 976), "976 is inside of 1010 - 35");
	ok(trade(lead, 1010), "and 1010 of 976 + 35");
	ok(!trade(lead, 1011), "1011 is not");
	is(phase_of(member), CLR_PHASE_HALTED, "halted");
	block(2 * MINUTE);
	is(phase_of(lead), CLR_PHASE_CONTINUOUS, "for two minutes");
	/* the window is new: it has the trade at 1011 only */
	block(3 * MINUTE);
	ok(trade(lead, 1045), "1045 is inside of 1011 + 35");
	block(57 * MINUTE);
	ok(trade(lead, 1045), "an hour later");
	block(3 * MINUTE);
	ok(trade(lead, 1045), "1011 is in the bucket that is about to leave");
	block(3 * MINUTE);
	ok(trade(lead, 1079), "and gone: 1079 is inside of 1045 + 35");
	group_field(2, 1, CLR_GROUP_CALL, MINUTE);
	ok(!trade(lead, 1080), "1080 is not");
	block(2 * MINUTE);
	is(phase_of(lead), CLR_PHASE_INTRADAY_CALL, "a call after the halt");
	is(phase_of(member), CLR_PHASE_INTRADAY_CALL, "of all");
	block(MINUTE);
	is(phase_of(lead), CLR_PHASE_CONTINUOUS, "that ends by itself");
	/* CME: two minutes of pre-open and no halt */
	group_field(2, 1, CLR_GROUP_HALT, 0);
	group_field(2, 1, CLR_GROUP_CALL, 2 * MINUTE);
	ok(trade(lead, 1080), "the window is new");
	ok(!trade(lead, 1115), "1115 is 35 above");
	is(phase_of(lead), CLR_PHASE_INTRADAY_CALL, "the group is in a call at once");
	is(phase_of(member), CLR_PHASE_INTRADAY_CALL, "all of it");
	is(after(limit(H, mk.bob, "", member, 'S', 1, 900)), CLR_OK, "which takes orders");
	block(2 * MINUTE);
	is(phase_of(lead), CLR_PHASE_CONTINUOUS, "and ends by itself");
	is(phase_of(member), CLR_PHASE_CONTINUOUS, "with an auction");
	after(mass_cancel(H, mk.bob, 0));
	after(mass_cancel(H, mk.carol, 0));
	group_field(2, 1, CLR_GROUP_HALT, 2 * MINUTE);
	group_field(2, 1, CLR_GROUP_CALL, MINUTE);
	group_field(2, 1, CLR_GROUP_DIRECTION, CLR_BREAKER_UP);
	ok(trade(lead, 900), "only up");
	/* without a lead every member triggers */
	set_rule(lead, CLR_RULE_GROUP_LEAD, 0);
	ok(trade(member, 1000), "the window of the member begins");
	ok(!trade(member, 1035), "and it triggers itself");
	is(phase_of(lead), CLR_PHASE_HALTED, "the others too");
}

/* What the incoming order trades itself is not what it is measured from. */
static void
before_the_order(void)
{
	example(4, 100);
	set_rule(lead, CLR_RULE_DYNAMIC_RANGE, 2);
	group_field(4, 0, CLR_GROUP_WINDOW, 60 * MINUTE);
	group_field(4, 1, CLR_GROUP_PERCENT, 35000);
	after(limit(H, mk.bob, "", lead, 'S', 1, 100));
	after(limit(H, mk.bob, "", lead, 'S', 1, 103));
	after(limit(H, mk.carol, "", lead, 'B', 2, 103));
	is(H->out.cum_qty, 1, "100 trades, 103 does not");
	is(phase_of(lead), CLR_PHASE_VOLATILITY_CALL, "nothing had traded before: its own range stops it");
	is(phase_of(member), CLR_PHASE_CONTINUOUS, "not the breaker");
}

static void
refusals(void)
{
	is(group_field(0, 1, CLR_GROUP_PERCENT, 1), CLR_R_PARAMETER_INVALID, "no group 0");
	is(group_field(3, 9, CLR_GROUP_PERCENT, 1), CLR_R_UNKNOWN_FIELD, "no tier 9");
	is(group_field(3, 0, CLR_GROUP_PERCENT, 1), CLR_R_UNKNOWN_FIELD, "tier 0 has no percentage");
	is(group_field(3, 1, CLR_GROUP_WINDOW, 1), CLR_R_UNKNOWN_FIELD, "tier 1 has no window");
	is(group_field(3, 1, CLR_GROUP_TRIPPED, 1), CLR_R_UNKNOWN_FIELD, "the engine's own");
	is(group_field(3, 1, CLR_GROUP_PERCENT, 1000001), CLR_R_FIELD_VALUE, "more than everything");
}

int
main(void)
{
	special_init();
	us_tiers();
	cme_window();
	before_the_order();
	refusals();
	special_done();
	return done_testing();
}
