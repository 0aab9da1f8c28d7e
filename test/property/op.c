/*
 * op.c
 *	  The table of operations and what goes by it; see op.h.
 *
 * To add an attribute of an order: one line in order_fields[].  To add a
 * command: its fields and an entry in verbs[].  A value that only makes sense
 * together with others is put right in the verb's tune function; one time in
 * some, it isn't, because refusals are part of the rules too.
 */
#include "op.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RECENT 48				/* orders a cancel or replace chooses from */
#define FLOW_BEGIN INT64_C(1700000000000000)	/* when play.c begins */
#define UNKNOWN_CODE 255		/* of no enumeration */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct Flow
{
	uint64_t	state;			/* of the random numbers */
	OpList	   *list;
	uint32_t	recent[RECENT]; /* indexes of orders entered */
	unsigned	n_recent;
	/* character of this flow */
	int64_t		center;			/* of prices */
	int64_t		width;
	int64_t		cash;
	int64_t		lots;
	unsigned	hostile;		/* one command in so many has a nasty value */
	unsigned	accounts;
	unsigned	members;
	bool		calm;			/* marks and margins stay */
	unsigned	instruments;
	unsigned	rich;			/* FlowRich: what it has beyond plain orders */
};

/* Half of the flows have none of it: for these the rules are the strictest. */
typedef enum FlowRich
{
	RICH_ATTRIBUTES = 0x01,		/* icebergs, minimum quantities, good till date, … */
	RICH_LIMITS = 0x02,			/* limits of accounts, kill switch, sessions */
	RICH_ALLOCATION = 0x04,		/* other algorithms */
	RICH_AUCTIONS = 0x08,		/* calls, auctions, price controls */
	RICH_TRIGGERS = 0x10,		/* stop, trailing, pegged and linked orders */
	RICH_QUOTES = 0x20,
	RICH_SPREADS = 0x40,
	RICH_ALL = 0x7F
} FlowRich;

/*----------------------------------------------------------------
 * Random values
 *----------------------------------------------------------------
 */
static uint64_t
rnd(Flow *f, uint64_t below)
{
	f->state ^= f->state << 13;
	f->state ^= f->state >> 7;
	f->state ^= f->state << 17;
	return (f->state * UINT64_C(0x2545F4914F6CDD1D) >> 24) % below;
}

static int64_t
nasty(Flow *f)
{
	static const int64_t values[] = {0, 1, -1, 2, 3, 4, 5, 6, 7, 99, 101, 127, 128, 255, 256,
		65535, 65536, 999999, 1000000, 1000001, INT32_MAX, INT64_C(1) << 32, UINT32_MAX,
		INT64_MAX, INT64_MIN, INT64_MIN + 1, CLR_QTY_MAX, CLR_QTY_MAX + 1, CLR_PRICE_MAX,
		CLR_PRICE_MAX + 1, -CLR_PRICE_MAX, CLR_AMOUNT_MAX, CLR_AMOUNT_MAX + 1, CLR_AMOUNT_MAX / 2,
	1000, 1000000000};

	return values[rnd(f, COUNT(values))];
}

static int64_t zero(Flow *f) { (void) f; return 0; }
static int64_t one(Flow *f) { (void) f; return 1; }
static int64_t bit(Flow *f) { return (int64_t) rnd(f, 2); }
static int64_t one_or_two(Flow *f) { return 1 + (int64_t) rnd(f, 2); }
static int64_t any_asset(Flow *f) { return 1 + (int64_t) rnd(f, 2); }
static int64_t any_member(Flow *f) { return 1 + (int64_t) rnd(f, f->members); }
static int64_t any_account(Flow *f) { return 1 + (int64_t) rnd(f, f->accounts); }
static int64_t any_instrument(Flow *f) { return 1 + (int64_t) rnd(f, f->instruments); }
static int64_t some_instrument(Flow *f) { return rnd(f, 3) ? any_instrument(f) : 0; }
static int64_t some_account(Flow *f) { return rnd(f, 6) ? any_account(f) : 0; }
static int64_t any_price(Flow *f) { return f->center - f->width + (int64_t) rnd(f, (uint64_t) f->width * 2 + 1); }
static int64_t any_qty(Flow *f) { return 1 + (int64_t) rnd(f, (uint64_t) f->lots); }
static int64_t any_cash(Flow *f) { return 1 + (int64_t) rnd(f, (uint64_t) f->cash); }
static int64_t any_ord_type(Flow *f) { return rnd(f, 10) ? CLR_ORD_LIMIT : CLR_ORD_MARKET; }
static int64_t any_exec(Flow *f) { return rnd(f, 10) ? 0 : CLR_EXEC_POST_ONLY; }
static int64_t any_self_match(Flow *f) { return (int64_t) rnd(f, 5); }
static int64_t any_scale(Flow *f) { return (int64_t) rnd(f, 4); }
static int64_t some_side(Flow *f) { return rnd(f, 3) ? 0 : one_or_two(f); }
static int64_t seldom(Flow *f) { return rnd(f, 6) == 0; }
static int64_t any_fee(Flow *f) { return (int64_t[]) {0, 0, -100, 30000, 1, 500}[rnd(f, 6)]; }
static int64_t any_multiplier(Flow *f) { return (int64_t[]) {1, 1, 1, 12, 1250}[rnd(f, 5)]; }
static int64_t any_margin(Flow *f) { return (int64_t) rnd(f, rnd(f, 3) ? 300001 : 50); }
static int64_t any_number(Flow *f) { return (int64_t) rnd(f, 1000); }
static int64_t next_ref(Flow *f) { return rnd(f, 20) ? (int64_t) f->list->n : (int64_t) rnd(f, 20); }
static int64_t some_ref(Flow *f) { return rnd(f, 2) ? 0 : next_ref(f); }

static int64_t
any_tif(Flow *f)
{
	return (int64_t[]) {CLR_TIF_DAY, CLR_TIF_GTC, CLR_TIF_GTC, CLR_TIF_GTC, CLR_TIF_IOC, CLR_TIF_FOK}[rnd(f, 6)];
}

static int64_t
any_phase(Flow *f)
{
	if ((f->rich & RICH_AUCTIONS) != 0 && rnd(f, 2))
		return CLR_PHASE_OPENING_CALL + (int64_t) rnd(f, 5);
	return rnd(f, 4) ? CLR_PHASE_CONTINUOUS : 1 + (int64_t) rnd(f, 4);
}

static int64_t
first_phase(Flow *f)
{
	return rnd(f, 4) ? CLR_PHASE_CONTINUOUS : CLR_PHASE_PRE_OPEN;
}

static int64_t
any_time(Flow *f)
{
	return rnd(f, 30) ? (int64_t) rnd(f, 400000) : (int64_t) rnd(f, 20000000) - 5000000;
}

static int64_t
any_chunk(Flow *f)
{
	return 1 + (int64_t) rnd(f, 40);
}

static int64_t
any_rule(Flow *f)
{
	static const struct
	{
		uint8_t		first;
		uint8_t		last;
		uint8_t		needs;
	}			groups[] = {{CLR_RULE_ICEBERG_ENTRY, CLR_RULE_IN_FLIGHT_MITIGATION, RICH_ATTRIBUTES},
	{CLR_RULE_STOP_ENTRY, CLR_RULE_MAX_PEGS, RICH_TRIGGERS},
	{CLR_RULE_STOP_PROTECTION, CLR_RULE_STOP_PROTECTION, RICH_TRIGGERS},
	{CLR_RULE_ALLOCATION, CLR_RULE_ALLOCATION, RICH_ALLOCATION},
	{CLR_RULE_ALLOCATION, CLR_RULE_TOP, RICH_ALLOCATION},
	{CLR_RULE_OPENING_UNCROSS, CLR_RULE_LIMIT_DOWN, RICH_AUCTIONS},
	{CLR_RULE_LIMIT_UP, CLR_RULE_LIMIT_DOWN, RICH_AUCTIONS},
	{CLR_RULE_AUCTION_STOPS, CLR_RULE_BEYOND_LIMITS, RICH_AUCTIONS},
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

static int64_t any_limit(Flow *f) { return CLR_LIMIT_SMP_ID + (int64_t) rnd(f, 7); }
static int64_t any_session(Flow *f) { return (int64_t) rnd(f, 3); }
static int64_t any_timeout(Flow *f) { return rnd(f, 4) ? (int64_t) rnd(f, 3000000) : 0; }
static int64_t scope_account(Flow *f) { (void) f; return CLR_SCOPE_ACCOUNT; }
static int64_t two(Flow *f) { (void) f; return 2; }
static int64_t minus_one(Flow *f) { (void) f; return -1; }
static int64_t some_qty(Flow *f) { return rnd(f, 5) ? any_qty(f) : 0; }

/*----------------------------------------------------------------
 * Values that must fit together
 *----------------------------------------------------------------
 */
static int64_t *value_of(Op *op, const char *field);

/* One of the kinds of orders that plain flows don't have. */
static void
enrich(Flow *f, Op *op)
{
	int64_t		price = op_get(op, "price");

	switch (rnd(f, 8))
	{
		case 0:
		case 1:
			*value_of(op, "display") = 1 + (int64_t) rnd(f, (uint64_t) f->lots);
			*value_of(op, "qty") += op_get(op, "display");
			break;
		case 2:
			*value_of(op, "min_qty") = 1 + (int64_t) rnd(f, (uint64_t) op_get(op, "qty"));
			*value_of(op, "tif") = rnd(f, 4) ? CLR_TIF_IOC : CLR_TIF_GTC;
			break;
		case 3:
			*value_of(op, "tif") = CLR_TIF_GTD;
			*value_of(op, "expires") = FLOW_BEGIN + (int64_t) rnd(f, 20000000);
			break;
		case 4:
			*value_of(op, "type") = CLR_ORD_MARKET_TO_LIMIT;
			*value_of(op, "price") = 0;
			break;
		case 5:
			*value_of(op, "exec") = rnd(f, 2) ? CLR_EXEC_POST_ONLY_CANCEL : CLR_EXEC_POST_ONLY_REPRICE;
			*value_of(op, "tif") = CLR_TIF_GTC;
			break;
		case 6:
			*value_of(op, "exec") |= CLR_EXEC_REDUCE_ONLY;
			break;
		default:
			*value_of(op, "smp") = 1 + (int64_t) rnd(f, 3);
	}
	if (op_get(op, "type") == CLR_ORD_LIMIT)
		*value_of(op, "price") = price;
}

/* An order that waits, moves, or hangs on another. */
static void
make_trigger(Flow *f, Op *op)
{
	*value_of(op, "tif") = rnd(f, 2) ? CLR_TIF_GTC : CLR_TIF_DAY;
	switch (rnd(f, 5))
	{
		case 0:
			*value_of(op, "type") = CLR_ORD_STOP;
			*value_of(op, "stop") = any_price(f);
			*value_of(op, "price") = 0;
			break;
		case 1:
			*value_of(op, "type") = CLR_ORD_STOP_LIMIT;
			*value_of(op, "stop") = any_price(f);
			break;
		case 2:
			*value_of(op, "type") = CLR_ORD_STOP;
			*value_of(op, "trail") = 1 + (int64_t) rnd(f, 4);
			*value_of(op, "price") = 0;
			break;
		case 3:
			*value_of(op, "type") = CLR_ORD_PEGGED;
			*value_of(op, "peg") = (int64_t[]) {CLR_PEG_MID, CLR_PEG_MARKET, CLR_PEG_PRIMARY}[rnd(f, 3)];
			*value_of(op, "peg_offset") = (int64_t) rnd(f, 7) - 3;
			if (rnd(f, 2))
				*value_of(op, "price") = 0;
			break;
		default:
			if (f->n_recent > 0)
			{
				unsigned	n = f->n_recent < RECENT ? f->n_recent : RECENT;
				const Op   *other = &f->list->ops[f->recent[rnd(f, n)]];

				*value_of(op, "account") = op_get(other, "account");
				*value_of(op, "instrument") = op_get(other, "instrument");
				*value_of(op, "link") = other->uid;
			}
	}
	if (op_get(op, "type") != CLR_ORD_PEGGED && rnd(f, 2))
		*value_of(op, "trigger") = rnd(f, 2) ? CLR_TRIGGER_LAST : CLR_TRIGGER_MARK;
}

static void
tune_order(Flow *f, Op *op)
{
	/* a spread of prices near each other */
	if (op_get(op, "instrument") > 4 && op_get(op, "type") == CLR_ORD_LIMIT)
		*value_of(op, "price") -= f->center;
	if ((f->rich & RICH_ATTRIBUTES) != 0 && rnd(f, 3) == 0)
		enrich(f, op);
	if ((f->rich & RICH_TRIGGERS) != 0 && rnd(f, 4) == 0)
		make_trigger(f, op);
	if ((f->rich & RICH_LIMITS) != 0 && rnd(f, 4) == 0)
	{
		*value_of(op, "exec") |= CLR_EXEC_CANCEL_ON_DISCONNECT;
		*value_of(op, "session") = any_session(f);
	}
	if ((f->rich & RICH_AUCTIONS) != 0 && rnd(f, 8) == 0)
		*value_of(op, "tif") = rnd(f, 2) ? CLR_TIF_AT_OPENING : CLR_TIF_AT_CLOSE;
	if (op_get(op, "type") == CLR_ORD_MARKET && rnd(f, 20))
		*value_of(op, "price") = 0;
	if (rnd(f, 3))
		*value_of(op, "submitter") = 0;
	else
	{
		/* account n is of member 1 + n % members, see generate_house() */
		*value_of(op, "submitter") = 1 + op_get(op, "account") % f->members;
	}
	if (op_get(op, "type") != CLR_ORD_MARKET && op_get(op, "tif") != CLR_TIF_IOC && op_get(op, "tif") != CLR_TIF_FOK)
		f->recent[f->n_recent++ % RECENT] = (uint32_t) f->list->n - 1;
}

/* Means an order that was entered, by name or by id, for its own account. */
static void
tune_change(Flow *f, Op *op)
{
	unsigned	n = f->n_recent < RECENT ? f->n_recent : RECENT;
	const Op   *target;
	bool		replace = op_is(op, "replace_order");

	if (n == 0)
		return;
	target = &f->list->ops[f->recent[rnd(f, n)]];
	*value_of(op, "submitter") = 0;
	if (rnd(f, 30))
		*value_of(op, "account") = op_get(target, "account");
	if (rnd(f, 2) && op_get(target, "ref") != 0)
		*value_of(op, "orig") = op_get(target, "ref");
	else
		*value_of(op, "order") = target->uid;
	if (replace && rnd(f, 2))
		*value_of(op, "price") = op_get(target, "price");
	if (replace && rnd(f, 2))
		*value_of(op, "qty") = (int64_t) ((uint64_t) op_get(target, "qty") - rnd(f, 4));
}

static void
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
		case CLR_RULE_CALL_DURATION:
			return 1000000 + (int64_t) rnd(f, 1000000);
		case CLR_RULE_CALL_RANDOM_END:
		case CLR_RULE_REOPEN_CALL_AFTER:
			return (int64_t) rnd(f, 400000);
		case CLR_RULE_DYNAMIC_RANGE:
		case CLR_RULE_STATIC_RANGE:
		case CLR_RULE_EXTENDED_RANGE:
			return rnd(f, 3) ? 0 : 2 + (int64_t) rnd(f, (uint64_t) f->width * 2);
		case CLR_RULE_LIMIT_UP:
		case CLR_RULE_LIMIT_DOWN:
			return rnd(f, 4) ? 1 + (int64_t) rnd(f, (uint64_t) f->width) : 0;
		case CLR_RULE_PRICE_BAND:
			return rnd(f, 3) ? 0 : 2 + (int64_t) rnd(f, (uint64_t) f->width * 2);
		default:
			return bit(f);
	}
}

static void
tune_rule(Flow *f, Op *op)
{
	*value_of(op, "value") = rule_value(f, op_get(op, "field"));
}

static void
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

static void
tune_quote(Flow *f, Op *op)
{
	if (op_get(op, "bid") > op_get(op, "ask") && rnd(f, 20))
	{
		*value_of(op, "bid") = op_get(op, "ask");
		*value_of(op, "ask") += 1 + (int64_t) rnd(f, 3);
	}
	if (op_get(op, "instrument2") == op_get(op, "instrument"))
		*value_of(op, "instrument2") = 0;
	if (op_get(op, "bid2") > op_get(op, "ask2"))
		*value_of(op, "bid2") = op_get(op, "ask2") - 1;
}

static void
tune_margin(Flow *f, Op *op)
{
	(void) f;
	*value_of(op, "maintenance") = op_get(op, "initial") / 2;
}

/*----------------------------------------------------------------
 * The table
 *----------------------------------------------------------------
 */
static const Word sides[] = {{1, "buy"}, {2, "sell"}, {0, NULL}};
static const Word ord_types[] = {{1, "market"}, {2, "limit"}, {3, "stop"}, {4, "stop_limit"},
	{'K', "market_to_limit"}, {'P', "pegged"}, {0, NULL}};
static const Word tifs[] = {{1, "gtc"}, {2, "at_opening"}, {3, "ioc"}, {4, "fok"}, {6, "gtd"}, {7, "at_close"}, {0, NULL}};
static const Word self_matches[] = {{1, "cancel_aggressor"}, {2, "cancel_resting"}, {3, "cancel_both"}, {4, "decrement_both"}, {0, NULL}};
static const Word phases[] = {{1, "pre_open"}, {2, "continuous"}, {3, "halted"}, {4, "closed"}, {5, "expired"},
	{6, "opening_call"}, {7, "intraday_call"}, {8, "closing_call"}, {9, "volatility_call"}, {10, "trade_at_close"}, {0, NULL}};
static const Word kinds[] = {{1, "spot"}, {2, "future"}, {0, NULL}};
static const Word bases[] = {{1, "rate"}, {2, "lot"}, {0, NULL}};
static const Word scopes[] = {{CLR_SCOPE_INSTRUMENT, "instrument"}, {0, NULL}};
static const Word account_scope[] = {{CLR_SCOPE_ACCOUNT, "account"}, {0, NULL}};
static const Word rules[] = {{CLR_RULE_SELF_MATCH, "self_match"}, {2, "iceberg_entry"}, {3, "protection_points"},
	{4, "market_remainder"}, {5, "in_flight_mitigation"}, {6, "stop_entry"}, {7, "link"}, {8, "peg_reference"},
	{9, "max_pegs"}, {10, "allocation"}, {11, "allocation_min"}, {12, "top_min"}, {13, "top_max"},
	{14, "fifo_split"}, {15, "top"}, {20, "opening_uncross"}, {21, "auction_reference"},
	{22, "auction_self_match"}, {23, "auction_fees"}, {24, "auction_market_orders"}, {25, "market_orders_rest"},
	{26, "market_protection"}, {27, "call_duration"}, {28, "call_random_end"}, {29, "dynamic_range"},
	{30, "static_range"}, {31, "extended_range"}, {32, "price_band"}, {33, "limit_up"}, {34, "limit_down"},
	{37, "auction_stops"}, {38, "beyond_limits"},
	{40, "reopen_call_after"}, {50, "implied"}, {60, "disconnect_keeps"}, {61, "stop_protection"}, {0, NULL}};
static const Word limits[] = {{CLR_LIMIT_SMP_ID, "smp_id"}, {CLR_LIMIT_ORDER_QTY, "max_order_qty"},
	{CLR_LIMIT_NOTIONAL, "max_notional"}, {CLR_LIMIT_OPEN_ORDERS, "max_open_orders"}, {CLR_LIMIT_RATE, "max_rate"},
	{CLR_LIMIT_COLLAR, "price_collar"}, {CLR_LIMIT_POSITION, "max_position"}, {0, NULL}};
static const Word priorities[] = {{1, "keeps"}, {2, "loses"}, {0, NULL}};

#define IN(name, kind, member, make, simple, words) \
	{name, kind, offsetof(ClrCommand, member), sizeof(((ClrCommand *) 0)->member), make, simple, words}
/* Attributes, behind the other fields, in ascending order of their numbers. */
#define ATTRIBUTE(name, attr, make) {name, ATTR, attr, 0, make, 0, NULL}
#define OUT(name, kind, make, simple) {name, kind, 0, 0, make, simple, NULL}
#define BY(make_ref, make_account) \
	IN("submitter", MEMBER, submitter, zero, 0, NULL), \
	IN("account", ACCOUNT, account, make_account, 1, NULL), \
	OUT("ref", REF, make_ref, 0), \
	OUT("damage", DAMAGE, zero, 0)

static const Field order_fields[] = {
	BY(next_ref, any_account),
	IN("instrument", INSTRUMENT, u.order.instrument, any_instrument, 1, NULL),
	IN("side", NUMBER, u.order.side, one_or_two, CLR_SIDE_BUY, sides),
	IN("type", NUMBER, u.order.ord_type, any_ord_type, CLR_ORD_LIMIT, ord_types),
	IN("tif", NUMBER, u.order.time_in_force, any_tif, CLR_TIF_DAY, tifs),
	IN("exec", NUMBER, u.order.exec_inst, any_exec, 0, NULL),
	IN("price", NUMBER, u.order.price, any_price, 100, NULL),
	IN("qty", NUMBER, u.order.qty, any_qty, 1, NULL),
	IN("self_match", NUMBER, u.order.self_match, any_self_match, 0, self_matches),
	ATTRIBUTE("display", CLR_ATTR_DISPLAY_QTY, zero),
	ATTRIBUTE("min_qty", CLR_ATTR_MIN_QTY, zero),
	ATTRIBUTE("stop", CLR_ATTR_STOP_PX, zero),
	ATTRIBUTE("trigger", CLR_ATTR_TRIGGER, zero),
	ATTRIBUTE("trail", CLR_ATTR_TRAIL_OFFSET, zero),
	ATTRIBUTE("peg", CLR_ATTR_PEG_TYPE, zero),
	ATTRIBUTE("peg_offset", CLR_ATTR_PEG_OFFSET, zero),
	ATTRIBUTE("expires", CLR_ATTR_EXPIRE_TIME, zero),
	ATTRIBUTE("link", CLR_ATTR_LINK, zero),
	ATTRIBUTE("smp", CLR_ATTR_SMP_ID, zero),
	ATTRIBUTE("session", CLR_ATTR_SESSION, zero),
};
static const Field replace_fields[] = {
	BY(next_ref, any_account),
	IN("order", ORDER, u.replace.order_id, zero, 0, NULL),
	OUT("orig", ORIG, zero, 0),
	IN("price", NUMBER, u.replace.price, any_price, 100, NULL),
	IN("qty", NUMBER, u.replace.qty, any_qty, 1, NULL),
};
static const Field cancel_fields[] = {
	BY(next_ref, any_account),
	IN("order", ORDER, u.cancel.order_id, zero, 0, NULL),
	OUT("orig", ORIG, zero, 0),
};
static const Field mass_cancel_fields[] = {
	BY(some_ref, some_account),
	IN("instrument", INSTRUMENT, u.mass_cancel.instrument, some_instrument, 1, NULL),
	IN("side", NUMBER, u.mass_cancel.side, some_side, 0, sides),
	IN("whole_member", NUMBER, u.mass_cancel.whole_member, seldom, 0, NULL),
};
static const Field phase_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.phase.instrument, any_instrument, 1, NULL),
	IN("phase", NUMBER, u.phase.phase, any_phase, CLR_PHASE_CONTINUOUS, phases),
};
static const Field price_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.price.instrument, any_instrument, 1, NULL),
	IN("price", NUMBER, u.price.price, any_price, 100, NULL),
};
static const Field margin_fields[] = {
	BY(some_ref, zero),
	IN("instrument", INSTRUMENT, u.margin.instrument, any_instrument, 1, NULL),
	IN("basis", NUMBER, u.margin.basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("initial", NUMBER, u.margin.initial, any_margin, 100000, NULL),
	IN("maintenance", NUMBER, u.margin.maintenance, zero, 0, NULL),
};
static const Field cash_fields[] = {
	BY(some_ref, any_account),
	IN("asset", ASSET, u.cash.asset, any_asset, 1, NULL),
	IN("amount", NUMBER, u.cash.amount, any_cash, 1000000, NULL),
};
static const Field epoch_fields[] = {
	BY(zero, zero),
	IN("epoch", NUMBER, u.epoch.epoch, any_number, 1, NULL),
	IN("timeline", NUMBER, u.epoch.timeline, any_number, 1, NULL),
	IN("system_id", NUMBER, u.epoch.system_id, any_number, 1, NULL),
};
static const Field house_fields[] = {
	BY(some_ref, zero),
	OUT("name", NAME, one, 1),
	IN("retention", NUMBER, u.open.retention_us, zero, 3000000, NULL),
};
static const Field asset_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("scale", NUMBER, u.asset.scale, any_scale, 2, NULL),
};
static const Field member_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	OUT("full_name", NAME2, any_number, 1),
};
static const Field account_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("member", MEMBER, u.account.member, any_member, 1, NULL),
	IN("type", NUMBER, u.account.account_type, one_or_two, CLR_ACCOUNT_TYPE_CLIENT, NULL),
};
static const Field instrument_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("kind", NUMBER, u.instrument.kind, one_or_two, CLR_INSTRUMENT_FUTURE, kinds),
	IN("margin_basis", NUMBER, u.instrument.margin_basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("fee_basis", NUMBER, u.instrument.fee_basis, one_or_two, CLR_BASIS_RATE, bases),
	IN("priority", NUMBER, u.instrument.replace_priority, one_or_two, CLR_REPLACE_KEEPS_ON_DECREASE, priorities),
	IN("phase", NUMBER, u.instrument.phase, first_phase, CLR_PHASE_CONTINUOUS, phases),
	IN("tick_exp", NUMBER, u.instrument.tick_exp, zero, 2, NULL),
	IN("base", ASSET, u.instrument.base_asset, any_asset, 0, NULL),
	IN("quote", ASSET, u.instrument.quote_asset, one, 1, NULL),
	IN("tick", NUMBER, u.instrument.tick_size, one, 1, NULL),
	IN("lot", NUMBER, u.instrument.lot_size, one, 1, NULL),
	IN("multiplier", NUMBER, u.instrument.multiplier, any_multiplier, 1, NULL),
	IN("initial", NUMBER, u.instrument.initial_margin, any_margin, 100000, NULL),
	IN("maintenance", NUMBER, u.instrument.maintenance_margin, zero, 50000, NULL),
	IN("maker", NUMBER, u.instrument.maker_fee, any_fee, 0, NULL),
	IN("taker", NUMBER, u.instrument.taker_fee, any_fee, 0, NULL),
	IN("price", NUMBER, u.instrument.reference_price, any_price, 100, NULL),
	IN("has_price", NUMBER, u.instrument.has_reference_price, bit, 1, NULL),
	IN("expiry", NUMBER, u.instrument.expiry_us, zero, 0, NULL),
};
static const Field set_fields_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, one, CLR_SCOPE_INSTRUMENT, scopes),
	IN("object", INSTRUMENT, u.fields.object, any_instrument, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, zero, 0, NULL),
	{"field", PAIR_FIELD, 0, 0, any_rule, CLR_RULE_SELF_MATCH, rules},
	OUT("value", PAIR_VALUE, any_self_match, 0),
};
static const Field set_limit_fields[] = {
	BY(some_ref, zero),
	IN("scope", NUMBER, u.fields.scope, scope_account, CLR_SCOPE_ACCOUNT, account_scope),
	IN("object", ACCOUNT, u.fields.object, any_account, 1, NULL),
	IN("sub", NUMBER, u.fields.sub, zero, 0, NULL),
	{"field", PAIR_FIELD, 0, 0, any_limit, CLR_LIMIT_ORDER_QTY, limits},
	OUT("value", PAIR_VALUE, zero, 0),
};
static const Field kill_fields[] = {
	BY(some_ref, any_account),
	IN("whole_member", NUMBER, u.kill.whole_member, seldom, 0, NULL),
	IN("on", NUMBER, u.kill.on, seldom, 0, NULL),
};
static const Field heartbeat_fields[] = {
	BY(some_ref, any_account),
	IN("session", NUMBER, u.session.session, any_session, 0, NULL),
	IN("timeout", NUMBER, u.session.timeout_us, any_timeout, 1000000, NULL),
};
static const Field disconnect_fields[] = {
	BY(some_ref, any_account),
	IN("session", NUMBER, u.session.session, any_session, 0, NULL),
};
static const Field spread_fields[] = {
	BY(some_ref, zero),
	OUT("slot", SLOT, zero, 0),
	OUT("name", NAME, any_number, 1),
	IN("legs", NUMBER, u.spread.n_legs, two, 2, NULL),
	IN("priority", NUMBER, u.spread.replace_priority, one_or_two, CLR_REPLACE_KEEPS_ON_DECREASE, priorities),
	IN("phase", NUMBER, u.spread.phase, first_phase, CLR_PHASE_CONTINUOUS, phases),
	IN("tick_exp", NUMBER, u.spread.tick_exp, two, 2, NULL),
	IN("tick", NUMBER, u.spread.tick_size, one, 1, NULL),
	IN("leg1", INSTRUMENT, u.spread.leg[0], any_instrument, 1, NULL),
	IN("ratio1", NUMBER, u.spread.ratio[0], one, 1, NULL),
	IN("leg2", INSTRUMENT, u.spread.leg[1], any_instrument, 2, NULL),
	IN("ratio2", NUMBER, u.spread.ratio[1], minus_one, -1, NULL),
};
static const Field quote_fields[] = {
	BY(some_ref, any_account),
	IN("set", NUMBER, u.quote.set, any_session, 0, NULL),
	OUT("instrument", INSTRUMENT, any_instrument, 1),
	OUT("bid", QUOTE, any_price, 99),
	OUT("bid_qty", QUOTE, some_qty, 1),
	OUT("ask", QUOTE, any_price, 101),
	OUT("ask_qty", QUOTE, some_qty, 1),
	OUT("instrument2", INSTRUMENT, some_instrument, 0),
	OUT("bid2", QUOTE, any_price, 99),
	OUT("bid2_qty", QUOTE, some_qty, 1),
	OUT("ask2", QUOTE, any_price, 101),
	OUT("ask2_qty", QUOTE, some_qty, 1),
};
static const Field block_fields[] = {
	OUT("time", PLAIN, any_time, 0),	/* microseconds after the block before */
	OUT("chunk", PLAIN, any_chunk, 1),	/* commands at once, for apply_run */
};

#define FIELDS(f) f, COUNT(f)
#define ALWAYS 0

static const Verb verbs[] = {
	/* for the player: a new block; go on with an engine restored from the views */
	{"block", 0, 50, FIELDS(block_fields), NULL, ALWAYS},
	{"restart", 0, 4, NULL, 0, NULL, ALWAYS},
	{"new_order", CLR_CMD_NEW_ORDER, 540, FIELDS(order_fields), tune_order, ALWAYS},
	{"replace_order", CLR_CMD_REPLACE_ORDER, 140, FIELDS(replace_fields), tune_change, ALWAYS},
	{"cancel_order", CLR_CMD_CANCEL_ORDER, 140, FIELDS(cancel_fields), tune_change, ALWAYS},
	{"mass_cancel", CLR_CMD_MASS_CANCEL, 25, FIELDS(mass_cancel_fields), NULL, ALWAYS},
	{"set_phase", CLR_CMD_SET_PHASE, 25, FIELDS(phase_fields), NULL, ALWAYS},
	{"set_mark_price", CLR_CMD_SET_MARK_PRICE, 12, FIELDS(price_fields), NULL, ALWAYS},
	{"settle", CLR_CMD_SETTLE, 10, FIELDS(price_fields), NULL, ALWAYS},
	{"expire", CLR_CMD_EXPIRE, 1, FIELDS(price_fields), NULL, ALWAYS},
	{"set_margin", CLR_CMD_SET_MARGIN, 6, FIELDS(margin_fields), tune_margin, ALWAYS},
	{"set_fields", CLR_CMD_SET_FIELDS, 4, FIELDS(set_fields_fields), tune_rule, ALWAYS},
	{"deposit", CLR_CMD_DEPOSIT, 20, FIELDS(cash_fields), NULL, ALWAYS},
	{"withdraw", CLR_CMD_WITHDRAW, 20, FIELDS(cash_fields), NULL, ALWAYS},
	{"epoch", CLR_CMD_EPOCH, 2, FIELDS(epoch_fields), NULL, ALWAYS},
	{"open_house", CLR_CMD_OPEN_HOUSE, 1, FIELDS(house_fields), NULL, ALWAYS},
	{"create_asset", CLR_CMD_CREATE_ASSET, 1, FIELDS(asset_fields), NULL, ALWAYS},
	{"create_member", CLR_CMD_CREATE_MEMBER, 1, FIELDS(member_fields), NULL, ALWAYS},
	{"create_account", CLR_CMD_CREATE_ACCOUNT, 2, FIELDS(account_fields), NULL, ALWAYS},
	{"create_instrument", CLR_CMD_CREATE_INSTRUMENT, 1, FIELDS(instrument_fields), tune_instrument, ALWAYS},
	{"set_limit", CLR_CMD_SET_FIELDS, 12, FIELDS(set_limit_fields), tune_limit, RICH_LIMITS},
	{"kill_switch", CLR_CMD_KILL_SWITCH, 12, FIELDS(kill_fields), NULL, RICH_LIMITS},
	{"heartbeat", CLR_CMD_HEARTBEAT, 10, FIELDS(heartbeat_fields), NULL, RICH_LIMITS},
	{"disconnect", CLR_CMD_DISCONNECT, 10, FIELDS(disconnect_fields), NULL, RICH_LIMITS},
	{"create_spread", CLR_CMD_CREATE_SPREAD, 1, FIELDS(spread_fields), NULL, RICH_SPREADS},
	{"mass_quote", CLR_CMD_MASS_QUOTE, 60, FIELDS(quote_fields), tune_quote, RICH_QUOTES},
};

const Verb *
op_verb(unsigned verb)
{
	return verb < COUNT(verbs) ? &verbs[verb] : NULL;
}

static unsigned
verb_named(const char *name)
{
	for (unsigned i = 0; i < COUNT(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return i;
	fprintf(stderr, "no verb %s\n", name);
	abort();
}

static int
field_named(const Op *op, const char *field)
{
	const Verb *v = &verbs[op->verb];

	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->fields[i].name, field) == 0)
			return (int) i;
	return -1;
}

static int64_t *
value_of(Op *op, const char *field)
{
	int			i = field_named(op, field);

	if (i < 0)
	{
		fprintf(stderr, "%s has no %s\n", verbs[op->verb].name, field);
		abort();
	}
	return &op->v[i];
}

int64_t
op_get(const Op *op, const char *field)
{
	int			i = field_named(op, field);

	return i < 0 ? 0 : op->v[i];
}

bool
op_is(const Op *op, const char *verb)
{
	return strcmp(verbs[op->verb].name, verb) == 0;
}

/*----------------------------------------------------------------
 * Generating
 *----------------------------------------------------------------
 */
Op *
op_append(OpList *list)
{
	if (list->n == list->cap)
	{
		list->cap = list->cap * 2 + 256;
		list->ops = realloc(list->ops, list->cap * sizeof(Op));
		if (list->ops == NULL)
			abort();
	}
	memset(&list->ops[list->n], 0, sizeof(Op));
	return &list->ops[list->n++];
}

static Op *
make(Flow *f, unsigned verb)
{
	const Verb *v = &verbs[verb];
	Op		   *op = op_append(f->list);

	op->uid = (uint32_t) f->list->n;
	op->verb = (uint8_t) verb;
	for (size_t i = 0; i < v->n; i++)
		op->v[i] = v->fields[i].make(f);
	if (v->tune != NULL)
		v->tune(f, op);
	return op;
}

/* One value replaced by one that a client should not send, or damaged bytes. */
static void
spoil(Flow *f, Op *op)
{
	const Verb *v = &verbs[op->verb];
	size_t		i;

	if (v->type == 0)
		return;
	i = rnd(f, v->n);
	if (v->fields[i].kind == DAMAGE)
		op->v[i] = (int64_t) (2 + rnd(f, 60)) * 256 + (1 << rnd(f, 8));
	else if (v->fields[i].kind >= ASSET && v->fields[i].kind <= ORDER)
		op->v[i] = -1 - (int64_t) (rnd(f, 2) ? rnd(f, 20) : (uint64_t) nasty(f) >> 1);
	else if (v->fields[i].kind == NUMBER || v->fields[i].kind == PAIR_VALUE)
		op->v[i] = rnd(f, 2) ? nasty(f) : (int64_t) rnd(f, 8);
}

static bool
moves_marks(uint8_t type)
{
	return type == CLR_CMD_SET_MARK_PRICE || type == CLR_CMD_SETTLE ||
		type == CLR_CMD_EXPIRE || type == CLR_CMD_SET_MARGIN;
}

static unsigned
any_verb(Flow *f)
{
	unsigned	sum = 0;
	unsigned	at;

	for (unsigned i = 0; i < COUNT(verbs); i++)
		sum += verbs[i].weight;
	at = (unsigned) rnd(f, sum);
	for (unsigned i = 0;; i++)
	{
		if (at < verbs[i].weight)
			return i;
		at -= verbs[i].weight;
	}
}

static Op *
create(Flow *f, const char *verb, int64_t slot)
{
	Op		   *op = make(f, verb_named(verb));

	*value_of(op, "ref") = 0;
	*value_of(op, "slot") = slot;
	*value_of(op, "name") = slot;
	return op;
}

/* A house that can trade: two assets, members, funded accounts, instruments. */
static void
generate_house(Flow *f)
{
	Op		   *op = make(f, verb_named("open_house"));

	*value_of(op, "retention") = 3000000;
	*value_of(op, "ref") = 0;
	for (int i = 1; i <= 2; i++)
		*value_of(create(f, "create_asset", i), "scale") = i == 1 ? 2 : 0;
	for (unsigned i = 1; i <= f->members; i++)
		create(f, "create_member", i);
	for (unsigned i = 1; i <= f->accounts; i++)
		*value_of(create(f, "create_account", i), "member") = 1 + i % f->members;
	for (int i = 1; i <= 4; i++)
	{
		op = create(f, "create_instrument", i);
		*value_of(op, "kind") = i == 4 ? CLR_INSTRUMENT_SPOT : CLR_INSTRUMENT_FUTURE;
		*value_of(op, "base") = 2;
		*value_of(op, "tick_exp") = 2;
		if (rnd(f, 4))
			*value_of(op, "has_price") = 1;
		*value_of(op, "price") = f->center;
		if ((f->rich & RICH_SPREADS) != 0 && i < 4)
			*value_of(op, "multiplier") = 1;
		tune_instrument(f, op);
	}
	for (int i = 5; i <= (int) f->instruments; i++)
	{
		op = create(f, "create_spread", i);
		*value_of(op, "leg1") = i - 4;
		*value_of(op, "leg2") = i - 3;
		*value_of(op, "ratio2") = rnd(f, 4) ? -1 : -2;
	}
	for (int i = 0; i < 4 && f->rich != 0; i++)
		make(f, verb_named("set_fields"));
	for (unsigned i = 0; i < f->accounts * 2; i++)
	{
		op = make(f, verb_named("deposit"));
		*value_of(op, "ref") = 0;
		*value_of(op, "account") = 1 + i / 2;
		*value_of(op, "asset") = 1 + i % 2;
		*value_of(op, "amount") = f->cash;
	}
}

/* What flows may have: the environment says it while a rule is looked for. */
unsigned	op_rich = RICH_ALL;

static void
choose_character(Flow *f)
{
	static const int64_t centers[] = {100, 100, 100, 100, 100, 5, 0, -20, 1000000, CLR_PRICE_MAX - 2};
	static const int64_t purses[] = {4000, 4000, 100000, 100000000, INT64_C(1000000000000000), CLR_AMOUNT_MAX / 40};

	f->center = centers[rnd(f, COUNT(centers))];
	f->width = 2 + (int64_t) rnd(f, 8);
	f->cash = purses[rnd(f, COUNT(purses))];
	f->lots = rnd(f, 12) ? 30 : rnd(f, 2) ? CLR_QTY_MAX : 3;
	f->hostile = rnd(f, 4) ? 25 : 5;
	f->accounts = 3 + (unsigned) rnd(f, 4);
	f->members = 1 + (unsigned) rnd(f, 2);
	f->calm = rnd(f, 3) == 0;
	f->instruments = 4;
	f->rich = rnd(f, 2) ? 0 : (unsigned) rnd(f, RICH_ALL + 1) & op_rich;
	if ((f->rich & RICH_SPREADS) != 0)
		f->instruments = 6;
}

/* An operation from not long ago again, byte by byte. */
static void
again(Flow *f)
{
	OpList	   *list = f->list;
	size_t		back = 1 + rnd(f, 60);

	if (back <= list->n && verbs[list->ops[list->n - back].verb].type != 0)
	{
		Op		   *op = op_append(list);

		*op = list->ops[list->n - 1 - back];
		op->uid = (uint32_t) list->n;
	}
}

static void
generate(Flow *f, size_t n)
{
	while (f->list->n < n)
	{
		unsigned	verb = any_verb(f);
		Op		   *op;

		if (rnd(f, 30) == 0)
		{
			again(f);
			continue;
		}
		if ((f->calm && moves_marks(verbs[verb].type)) || (f->rich & verbs[verb].needs) != verbs[verb].needs)
			continue;
		op = make(f, verb);
		if (rnd(f, f->hostile) == 0)
			spoil(f, op);
	}
}

static void
start(Flow *f, OpList *list, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->state = seed * UINT64_C(0x9E3779B97F4A7C15) + 0x1234567;
	f->list = list;
	for (int i = 0; i < 8; i++)
		rnd(f, 2);
	choose_character(f);
}

void
op_generate(OpList *list, uint64_t seed, size_t n)
{
	Flow		f;

	start(&f, list, seed);
	list->n = 0;
	generate_house(&f);
	generate(&f, n);
}

void
op_extend(OpList *list, uint64_t seed, size_t n)
{
	Flow		f;

	start(&f, list, seed);
	for (size_t i = 0; i < list->n; i++)
		if (op_is(&list->ops[i], "new_order"))
			f.recent[f.n_recent++ % RECENT] = (uint32_t) i;
	generate(&f, n);
}

/*----------------------------------------------------------------
 * Encoding
 *----------------------------------------------------------------
 */
/* The id that a symbolic value stands for; one nobody has if not created. */
static uint64_t
op_resolve(const Field *field, int64_t v, const Names *names)
{
	uint64_t	id = 0;

	if (v <= 0)
		return v == 0 ? 0 : (uint64_t) (-1 - v);
	if (field->kind == ORDER)
		id = (uint64_t) v < names->n_orders ? names->orders[v] : 0;
	else if (v < OP_SLOTS)
		id = names->slots[field->kind][v];
	return id != 0 ? id : 999999;
}

static ClrText
numbered(char *buf, const char *prefix, int64_t n)
{
	ClrText		t = {(const uint8_t *) buf, 0};

	if (n != 0)
		t.len = (size_t) sprintf(buf, "%s%" PRId64, prefix, n);
	return t;
}

/*
 * Codes that the table has no word for may mean something to the engine that
 * the rules of watch.c don't know yet: they are sent as one nobody has.
 */
static bool
is_known(const Field *f, uint64_t v)
{
	if (f->words == NULL || v == 0 || v == UNKNOWN_CODE)
		return true;
	for (const Word *w = f->words; w->text != NULL; w++)
		if ((uint64_t) w->value == v)
			return true;
	return false;
}

/* Does the table know everything that damaged bytes still say? */
static bool
is_all_known(const Verb *verb, const uint8_t *buf, size_t len)
{
	ClrCommand	c;

	memset(&c, 0, sizeof(c));
	if (clr_command_decode(buf, len, &c) != len)
		return true;
	if (c.type != verb->type || c.type == CLR_CMD_MASS_QUOTE)
		return false;
	if (c.type == CLR_CMD_NEW_ORDER && c.pairs.n > 0)
		return false;
	for (size_t i = 0; i < verb->n; i++)
	{
		const Field *f = &verb->fields[i];
		uint64_t	v = 0;

		memcpy(&v, (char *) &c + f->at, f->size);
		if (f->kind == ATTR || f->kind == QUOTE)
			continue;
		if (f->kind == PAIR_FIELD || !is_known(f, v))
			return false;
		memset((char *) &c + f->at, 0, f->size);
	}
	for (size_t i = 0; i < sizeof(c.u); i++)
		if (((const char *) &c.u)[i] != 0)
			return false;
	return true;
}

/*
 * Not the length: how commands lie one behind the other is not in question.
 * Nor what makes it another command that is well-formed.
 */
static void
damage_bytes(const Verb *verb, int64_t damage, uint8_t *buf, size_t len)
{
	size_t		at = 2 + (size_t) ((uint64_t) damage / 256) % (len - 2);

	buf[at] ^= (uint8_t) damage;
	if (!is_all_known(verb, buf, len))
		buf[at] ^= (uint8_t) damage;
}

/* The quotes of a MASS_QUOTE; n of them. */
static uint8_t
put_quotes(const Op *op, const Names *names, uint8_t *to)
{
	uint8_t		n = 0;
	int			first = field_named(op, "instrument");

	for (int i = first; i < first + 10; i += 5)
	{
		ClrQuote	q = {(uint32_t) op_resolve(&verbs[op->verb].fields[i], op->v[i], names),
			{op->v[i + 1], op->v[i + 3]}, {op->v[i + 2], op->v[i + 4]}};

		if (i > first && op->v[i] == 0)
			continue;
		to = clr_put_quote(to, &q);
		n++;
	}
	return n;
}

size_t
op_encode(const Op *op, const Names *names, uint8_t *buf)
{
	const Verb *verb = &verbs[op->verb];
	ClrCommand	c;
	char		texts[4][40];
	uint8_t		pairs[OP_FIELDS * CLR_FIELD_BYTES];
	uint8_t    *pair = pairs;
	int64_t		field_number = 0;
	int64_t		damage = 0;
	size_t		len;

	memset(&c, 0, sizeof(c));
	c.type = verb->type;
	for (size_t i = 0; i < verb->n; i++)
	{
		const Field *f = &verb->fields[i];
		int64_t		v = op->v[i];
		uint64_t	number = f->kind >= ASSET && f->kind <= ORDER ?
			op_resolve(f, v, names) : (uint64_t) v;

		if (!is_known(f, number))
			number = UNKNOWN_CODE;
		if (f->kind == ATTR && f->at == CLR_ATTR_LINK && v > 0)
			v = (uint64_t) v < names->n_orders ? (int64_t) names->orders[v] : 0;

		if (f->kind == REF)
			c.ref = numbered(texts[0], "r", v);
		else if (f->kind == ORIG)
			c.text = numbered(texts[1], "r", v);
		else if (f->kind == NAME)
			c.text = numbered(texts[2], "N", v);
		else if (f->kind == NAME2)
			c.text2 = numbered(texts[3], "N", v);
		else if (f->kind == DAMAGE)
			damage = v;
		else if (f->kind == PAIR_FIELD)
			field_number = (int64_t) number;
		else if ((f->kind == ATTR && v != 0) || (f->kind == PAIR_VALUE && field_number != 0))
		{
			pair = f->kind == ATTR ? clr_put_attr(pair, (uint8_t) f->at, v) :
				clr_put_field(pair, (uint16_t) field_number, v);
			c.pairs.n++;
		}
		else if (f->size > 0)
			memcpy((char *) &c + f->at, &number, f->size);	/* little-endian */
	}
	c.pairs.data = pairs;
	if (verb->type == CLR_CMD_MASS_QUOTE)
		c.pairs.n = put_quotes(op, names, pairs);
	len = clr_command_encode(&c, buf);
	if (damage != 0 && len > 3)
		damage_bytes(verb, damage, buf, len);
	return len;
}

void
op_note(const Op *op, Names *names, const ClrOutcome *out)
{
	static const struct
	{
		uint8_t		type;
		FieldKind	kind;
	}			created[] = {{CLR_CMD_CREATE_ASSET, ASSET}, {CLR_CMD_CREATE_MEMBER, MEMBER},
	{CLR_CMD_CREATE_ACCOUNT, ACCOUNT}, {CLR_CMD_CREATE_INSTRUMENT, INSTRUMENT}, {CLR_CMD_CREATE_SPREAD, INSTRUMENT}};
	int64_t		slot = op_get(op, "slot");

	if (out->reason != CLR_OK || out->duplicate)
		return;
	if (out->type == CLR_CMD_NEW_ORDER && op->uid < names->n_orders)
		names->orders[op->uid] = out->id;
	for (size_t i = 0; i < COUNT(created); i++)
		if (out->type == created[i].type && slot > 0 && slot < OP_SLOTS)
			names->slots[created[i].kind][slot] = out->id;
}

/*----------------------------------------------------------------
 * Printing and reading: "12 new_order account=a1 ref=12 side=buy price=100"
 *----------------------------------------------------------------
 */
static const char letters[] = {[ASSET] = 'c', [MEMBER] = 'm', [ACCOUNT] = 'a', [INSTRUMENT] = 'i', [ORDER] = 'o'};

static void
print_value(FILE *to, const Field *f, int64_t v)
{
	for (const Word *w = f->words; w != NULL && w->text != NULL; w++)
		if (w->value == v)
		{
			fprintf(to, "%s", w->text);
			return;
		}
	if (f->kind >= ASSET && f->kind <= ORDER)
	{
		if (v > 0)
			fprintf(to, "%c%" PRId64, letters[f->kind], v);
		else
			fprintf(to, "#%" PRId64, -1 - v);
	}
	else
		fprintf(to, "%" PRId64, v);
}

void
op_print(FILE *to, const Op *op)
{
	const Verb *v = &verbs[op->verb];

	fprintf(to, "%u %s", op->uid, v->name);
	for (size_t i = 0; i < v->n; i++)
		if (op->v[i] != 0)
		{
			fprintf(to, " %s=", v->fields[i].name);
			print_value(to, &v->fields[i], op->v[i]);
		}
	fprintf(to, "\n");
}

static int64_t
read_value(const Field *f, const char *text)
{
	for (const Word *w = f->words; w != NULL && w->text != NULL; w++)
		if (strcmp(w->text, text) == 0)
			return w->value;
	if (*text == '#')
		return -1 - strtoll(text + 1, NULL, 10);
	if (f->kind >= ASSET && f->kind <= ORDER && *text == letters[f->kind])
		text++;
	return strtoll(text, NULL, 10);
}

bool
op_read(const char *line, Op *op)
{
	char		copy[1024];
	char	   *next;
	char	   *word;
	unsigned	i;

	memset(op, 0, sizeof(*op));
	if (strlen(line) >= sizeof(copy) || *line == '#' || *line == '\n')
		return false;
	strcpy(copy, line);
	op->uid = (uint32_t) strtoul(copy, &next, 10);
	word = strtok(next, " \r\n");
	for (i = 0; word != NULL && i < COUNT(verbs) && strcmp(word, verbs[i].name) != 0; i++)
		;
	if (word == NULL || i == COUNT(verbs))
		return false;
	op->verb = (uint8_t) i;
	while ((word = strtok(NULL, " \r\n")) != NULL)
	{
		char	   *is = strchr(word, '=');
		int			field;

		if (is == NULL)
			return false;
		*is = '\0';
		field = field_named(op, word);
		if (field < 0)
			return false;
		op->v[field] = read_value(&verbs[op->verb].fields[field], is + 1);
	}
	return true;
}
