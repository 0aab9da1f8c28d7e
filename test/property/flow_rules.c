/*
 * flow_rules.c
 *	  Instruments, trading rules, limits and margins whose values fit together.
 */
#include "flow.h"

int64_t
any_rule(Flow *f)
{
	static const struct
	{
		uint8_t		first;
		uint8_t		last;
		unsigned	needs;
	}			groups[] = {{CLR_RULE_ICEBERG_ENTRY, CLR_RULE_IN_FLIGHT_MITIGATION, RICH_ATTRIBUTES},
	{CLR_RULE_STOP_ENTRY, CLR_RULE_MAX_PEGS, RICH_TRIGGERS},
	{CLR_RULE_STOP_PROTECTION, CLR_RULE_STOP_PROTECTION, RICH_TRIGGERS},
	{CLR_RULE_ALLOCATION, CLR_RULE_ALLOCATION, RICH_ALLOCATION},
	{CLR_RULE_ALLOCATION, CLR_RULE_TOP, RICH_ALLOCATION},
	{CLR_RULE_OPENING_UNCROSS, CLR_RULE_LIMIT_DOWN, RICH_AUCTIONS},
	{CLR_RULE_LIMIT_UP, CLR_RULE_LIMIT_DOWN, RICH_AUCTIONS},
	{CLR_RULE_DYNAMIC_RANGE, CLR_RULE_PRICE_BAND, RICH_AUCTIONS},
	{CLR_RULE_AUCTION_STOPS, CLR_RULE_BEYOND_LIMITS, RICH_AUCTIONS},
	{CLR_RULE_PRODUCT_GROUP, CLR_RULE_GROUP_LEAD, RICH_BREAKERS},
	{CLR_RULE_IMPLIED, CLR_RULE_IMPLIED, RICH_SPREADS},
	{CLR_RULE_REOPEN_CALL_AFTER, CLR_RULE_REOPEN_CALL_AFTER, RICH_AUCTIONS},
	{CLR_RULE_DISCONNECT_KEEPS, CLR_RULE_DISCONNECT_KEEPS, RICH_LIMITS}};
	size_t		i = rnd(f, COUNT(groups));

	if (rnd(f, 20) == 0)
		return 64 + (int64_t) rnd(f, 10);
	for (int k = 0; k < 12 && (f->rich & groups[i].needs) == 0; k++)
		i = rnd(f, COUNT(groups));
	if ((f->rich & groups[i].needs) == 0 || rnd(f, 4) == 0)
		return CLR_RULE_SELF_MATCH;
	return groups[i].first + (int64_t) rnd(f, groups[i].last - groups[i].first + 1u);
}


void
tune_instrument(Flow *f, Op *op)
{
	bool		spot = op_get(op, "kind") == CLR_INSTRUMENT_SPOT;
	int64_t		initial = op_get(op, "initial");

	(void) f;
	*value_of(op, "maintenance") = initial / 2;
	if (!spot)
		*value_of(op, "base") = 0;
	else
	{
		*value_of(op, "fee_basis") = CLR_BASIS_RATE;
		*value_of(op, "margin_basis") = CLR_BASIS_RATE;
		*value_of(op, "multiplier") = 1;
		*value_of(op, "initial") = 0;
		*value_of(op, "maintenance") = 0;
		*value_of(op, "has_price") = 0;
	}
	if (op_get(op, "fee_basis") == CLR_BASIS_LOT)
	{
		*value_of(op, "maker") = 1;
		*value_of(op, "taker") = 2;
	}
	if (op_get(op, "maker") < 0)
		*value_of(op, "taker") = 500;
	if (op_get(op, "has_price") == 0)
		*value_of(op, "price") = 0;
}

/* A value that the rule may have. */
static int64_t
rule_value(Flow *f, int64_t rule)
{
	switch (rule)
	{
		case CLR_RULE_SELF_MATCH:
			return any_self_match(f);
		case CLR_RULE_PROTECTION_POINTS:
		case CLR_RULE_ALLOCATION_MIN:
		case CLR_RULE_TOP_MAX:
		case CLR_RULE_STOP_PROTECTION:
			return (int64_t) rnd(f, 5);
		case CLR_RULE_LINK:
			return (int64_t) rnd(f, 3);
		case CLR_RULE_MAX_PEGS:
			return rnd(f, 2) ? 3 : 1500;
		case CLR_RULE_ALLOCATION:
			return "FACKOQST"[rnd(f, 8)];
		case CLR_RULE_TOP_MIN:
		case CLR_RULE_AUCTION_MARKET_ORDERS:
			return 1 + (int64_t) rnd(f, 3);
		case CLR_RULE_FIFO_SPLIT:
		case CLR_RULE_MARKET_PROTECTION:
			return (int64_t) rnd(f, 1000001);
		case CLR_RULE_AUCTION_REFERENCE:
			return 1 + (int64_t) rnd(f, 6);
		case CLR_RULE_AUCTION_FEES:
			return (int64_t) rnd(f, 4);
		case CLR_RULE_PRODUCT_GROUP:
			return rnd(f, 3) ? any_group(f) : 0;
		case CLR_RULE_CALL_DURATION:
			return 1000000 + (int64_t) rnd(f, 1000000);
		case CLR_RULE_CALL_RANDOM_END:
		case CLR_RULE_REOPEN_CALL_AFTER:
			return (int64_t) rnd(f, 400000);
		case CLR_RULE_DYNAMIC_RANGE:
		case CLR_RULE_STATIC_RANGE:
		case CLR_RULE_EXTENDED_RANGE:
		case CLR_RULE_PRICE_BAND:
			return rnd(f, 4) ? 1 + (int64_t) rnd(f, (uint64_t) f->width) : 0;
		case CLR_RULE_LIMIT_UP:
		case CLR_RULE_LIMIT_DOWN:
			return rnd(f, 4) ? 1 + (int64_t) rnd(f, (uint64_t) f->width) : 0;
		default:
			return bit(f);
	}
}

void
tune_rule(Flow *f, Op *op)
{
	*value_of(op, "value") = rule_value(f, op_get(op, "field"));
}

void
tune_limit(Flow *f, Op *op)
{
	int64_t    *v = value_of(op, "value");

	switch (op_get(op, "field"))
	{
		case CLR_LIMIT_SMP_ID:
			*v = (int64_t) rnd(f, 4);
			break;
		case CLR_LIMIT_NOTIONAL:
			*v = any_cash(f);
			break;
		case CLR_LIMIT_COLLAR:
			*v = (int64_t) rnd(f, 300000);
			break;
		default:
			*v = (int64_t) rnd(f, (uint64_t) f->lots * 3);
	}
	if (rnd(f, 2))
		*v = 0;
}

void
tune_margin(Flow *f, Op *op)
{
	(void) f;
	*value_of(op, "maintenance") = op_get(op, "initial") / 2;
}

int64_t
any_limit(Flow *f)
{
	return CLR_LIMIT_SMP_ID + (int64_t) rnd(f, 7);
}

/* Members have no other. */
int64_t
any_member_limit(Flow *f)
{
	return (int64_t[]) {CLR_LIMIT_ORDER_QTY, CLR_LIMIT_NOTIONAL, CLR_LIMIT_COLLAR, CLR_LIMIT_RATE}[rnd(f, rnd(f, 9) ? 3 : 4)];
}

/* Of two to four of the futures. */
void
tune_spread(Flow *f, Op *op)
{
	static const char *const legs[] = {"leg1", "leg2", "leg3", "leg4"};
	static const char *const ratios[] = {"ratio1", "ratio2", "ratio3", "ratio4"};
	int64_t		n = rnd(f, 2) ? 2 : 2 + (int64_t) rnd(f, 3);
	int64_t		first = 1 + (int64_t) rnd(f, 3);

	*value_of(op, "legs") = n;
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		leg = 1 + (first + i) % 4;

		*value_of(op, legs[i]) = leg == SPOT_SLOT ? FUTURE_LAST : leg;
		*value_of(op, ratios[i]) = i % 2 == 0 ? 1 : -1;
	}
	if (n == 2 && rnd(f, 4) == 0)
		*value_of(op, "ratio2") = -2;
	if (n == 3 && rnd(f, 4))
		*value_of(op, "ratio2") = -2;	/* a butterfly */
}

/* Part of the shares of all market makers. */
void
tune_maker(Flow *f, Op *op)
{
	*value_of(op, "value") = rnd(f, 4) ? (int64_t) rnd(f, 500000) : 0;
}

/* A phase that ends by itself. */
void
tune_phase(Flow *f, Op *op)
{
	if ((f->rich & RICH_SCHEDULES) == 0 || rnd(f, 2))
		return;
	if (rnd(f, 3))
		*value_of(op, "duration") = 1 + (int64_t) rnd(f, 1000000);
	else
		*value_of(op, "until") = FLOW_BEGIN + f->clock + (int64_t) rnd(f, 2000000);
	if (rnd(f, 2))
		*value_of(op, "random_end") = (int64_t) rnd(f, 500000);
	if (rnd(f, 2))
		*value_of(op, "next") = any_phase(f);
	*value_of(op, "seed") = (int64_t) rnd(f, 1000);
}

/* An entry that is due soon, or at a time of the day. */
void
tune_schedule(Flow *f, Op *op)
{
	int64_t		time = FLOW_BEGIN + f->clock + (int64_t) rnd(f, 3000000);

	if (rnd(f, 8) == 0)
		*value_of(op, "weekdays") = 1 + (int64_t) rnd(f, 127);
	*value_of(op, "time") = rnd(f, 2) ? time : time % INT64_C(86400000000);
	*value_of(op, "phase") = any_phase(f);
	if (rnd(f, 2))
		*value_of(op, "duration") = 1 + (int64_t) rnd(f, 1500000);
	if (rnd(f, 2))
		*value_of(op, "random_end") = (int64_t) rnd(f, 500000);
	if (rnd(f, 2))
		*value_of(op, "next") = any_phase(f);
	*value_of(op, "seed") = (int64_t) rnd(f, 1000);
}

/* A tier, or the window of all tiers. */
void
tune_group(Flow *f, Op *op)
{
	if (rnd(f, 3) == 0)
	{
		*value_of(op, "sub") = 0;
		*value_of(op, "window") = 1 + (int64_t) rnd(f, 3000000);
		return;
	}
	*value_of(op, "percent") = 10000 + (int64_t) rnd(f, 60000);
	*value_of(op, "halt") = (int64_t) rnd(f, 800000);
	if (rnd(f, 2))
		*value_of(op, "call") = 1 + (int64_t) rnd(f, 800000);
	*value_of(op, "direction") = (int64_t) rnd(f, 3);
	*value_of(op, "once_a_day") = bit(f);
}
