/*
 * fields.h
 *	  Fields: whole numbers that belong to an object, most of which never
 *	  differ from their default.
 *
 * Trading rules of instruments, limits of accounts and members, schedules,
 * shares of market makers, legs of spreads, and what the engine has to
 * remember about a market between commands are all fields: (scope, object,
 * sub, number) -> int64.  A field at its default is not stored.  One command
 * (SET_FIELDS), one event (FIELD), one table (clearing_state.field), one
 * restore function and one part of the dump serve all of them.
 *
 * Numbers are stable for ever, like all numbers of the journal.  Settable
 * fields are given by the operator; the others are the engine's own.
 *
 * Part of the engine: pure C11.
 */
#ifndef CLR_FIELDS_H
#define CLR_FIELDS_H

#include "engine/types.h"

typedef enum ClrScope
{
	CLR_SCOPE_INSTRUMENT = 1,	/* object = instrument, sub = 0 */
	CLR_SCOPE_ACCOUNT = 2,		/* object = account, sub = 0 */
	CLR_SCOPE_MEMBER = 3,		/* object = member, sub = 0 */
	CLR_SCOPE_GROUP = 4,		/* object = product group 1..65535, sub = tier */
	CLR_SCOPE_SCHEDULE = 5,		/* object = instrument, sub = entry 0.. */
	CLR_SCOPE_MAKER = 6,		/* object = instrument, sub = account: lead market maker */
	CLR_SCOPE_SESSION = 7,		/* object = account, sub = session */
	CLR_SCOPE_LEG = 8,			/* object = spread instrument, sub = leg 0.. */
	CLR_SCOPE_TRADE = 9,		/* object = trade id: busts and corrections */
	CLR_SCOPE_MARKET = 10,		/* object = instrument: engine's own state, sub = index */
	CLR_SCOPE_LAST = CLR_SCOPE_MARKET
} ClrScope;

/*
 * Trading rules: scope INSTRUMENT, 1..63.  Their values are also in
 * ClrInstrument.rule[], defaults included.
 * 1..9 orders, 10..19 allocation, 20..39 auctions, phases and price controls,
 * 40..49 market data and outages, 50..59 spreads, 60..63 free.
 */
typedef enum ClrRule
{
	CLR_RULE_SELF_MATCH = 1,	/* ClrSelfMatch of orders that say DEFAULT */
	CLR_RULE_ICEBERG_ENTRY = 2, /* ClrIcebergEntry */
	CLR_RULE_PROTECTION_POINTS = 3, /* ticks, 0 = none */
	CLR_RULE_MARKET_REMAINDER = 4,	/* ClrMarketRemainder */
	CLR_RULE_IN_FLIGHT_MITIGATION = 5,
	CLR_RULE_STOP_ENTRY = 6,	/* ClrStopEntry */
	CLR_RULE_LINK = 7,			/* ClrLinkRule */
	CLR_RULE_PEG_REFERENCE = 8, /* ClrPegReference */
	CLR_RULE_MAX_PEGS = 9,		/* pegged orders of the instrument */
	CLR_RULE_ALLOCATION = 10,	/* FIX 1142: letter of the algorithm */
	CLR_RULE_ALLOCATION_MIN = 11,
	CLR_RULE_TOP_MIN = 12,
	CLR_RULE_TOP_MAX = 13,
	CLR_RULE_FIFO_SPLIT = 14,
	CLR_RULE_TOP = 15,
	CLR_RULE_STOP_PROTECTION = 61,	/* ticks beyond the stop price */
	CLR_RULE_DISCONNECT_KEEPS = 60,	/* persistent orders outlive a session */
	/* auctions, phases, price controls: 20..39 */
	CLR_RULE_OPENING_UNCROSS = 20,	/* ClrUncross */
	CLR_RULE_AUCTION_REFERENCE = 21,	/* ClrAuctionRules */
	CLR_RULE_AUCTION_SELF_MATCH = 22,	/* flag: prevented in auctions too */
	CLR_RULE_AUCTION_FEES = 23, /* ClrAuctionFees */
	CLR_RULE_AUCTION_MARKET_ORDERS = 24,	/* ClrAuctionLeftover */
	CLR_RULE_MARKET_ORDERS_REST = 25,	/* flag: in continuous trading */
	CLR_RULE_MARKET_PROTECTION = 26,	/* millionths of the reference price */
	CLR_RULE_IMPLIED = 50,		/* of a spread: implied matching with its legs */
	CLR_RULE_CALL_DURATION = 27,	/* of calls that begin by themselves */
	CLR_RULE_CALL_RANDOM_END = 28,
	CLR_RULE_DYNAMIC_RANGE = 29,	/* ticks; 0 = no such range, likewise below */
	CLR_RULE_STATIC_RANGE = 30,
	CLR_RULE_EXTENDED_RANGE = 31,
	CLR_RULE_PRICE_BAND = 32,
	CLR_RULE_LIMIT_UP = 33,
	CLR_RULE_LIMIT_DOWN = 34,
	CLR_RULE_PRODUCT_GROUP = 35,
	CLR_RULE_GROUP_LEAD = 36,
	CLR_RULE_BEYOND_LIMITS = 38,	/* ClrBeyond: gtc and gtd orders */
	CLR_RULE_AUCTION_STOPS = 37,	/* flag: an auction's own price elects stops */
	/* market data and outages: 40..49 */
	CLR_RULE_REOPEN_CALL_AFTER = 40,
	CLR_RULE_MAX = 64
} ClrRule;

/* How a book that was collected becomes one that trades. */
typedef enum ClrUncross
{
	CLR_UNCROSS_PAIRS = 0,		/* best against best, at the older order's price */
	CLR_UNCROSS_AUCTION = 1		/* at one price */
} ClrUncross;

/* Whose rules find the price of an auction (auction.c). */
typedef enum ClrAuctionRules
{
	CLR_AUCTION_XETRA_R14 = 1,	/* limits only, nearest limit */
	CLR_AUCTION_CLAMP = 2,		/* Euronext, T7: every tick, closest to the reference */
	CLR_AUCTION_CME_IOP = 3,	/* every tick, closest to the settlement price */
	CLR_AUCTION_HKEX = 4,		/* limits only, closest to the reference */
	CLR_AUCTION_VEGA_MID = 5,	/* middle of the range with the largest volume */
	CLR_AUCTION_XETRA_CA = 6	/* limits only, middle rounded up */
} ClrAuctionRules;

/* Who pays what in an auction. */
typedef enum ClrAuctionFees
{
	CLR_AUCTION_FEES_BY_AGE = 0,	/* older order maker, newer one taker */
	CLR_AUCTION_FEES_TAKER = 1, /* both taker */
	CLR_AUCTION_FEES_MAKER = 2, /* both maker */
	CLR_AUCTION_FEES_HALF = 3	/* both half of the sum, rounded up */
} ClrAuctionFees;

/* What becomes of market orders that an auction did not execute. */
typedef enum ClrAuctionLeftover
{
	CLR_LEFTOVER_CANCEL = 1,
	CLR_LEFTOVER_REST = 2,		/* stay market orders */
	CLR_LEFTOVER_LIMIT = 3		/* become limit orders at the auction price */
} ClrAuctionLeftover;

/* What becomes of gtc and gtd orders entered beyond the limits of the day. */
typedef enum ClrBeyond
{
	CLR_BEYOND_REFUSE = 0,
	CLR_BEYOND_KEEP = 1			/* they wait until their price is inside */
} ClrBeyond;

/* What an iceberg shows that has traded as it entered. */
typedef enum ClrIcebergEntry
{
	CLR_ICEBERG_ENTRY_REST_OF_PEAK = 0,
	CLR_ICEBERG_ENTRY_NEW_PEAK = 1
} ClrIcebergEntry;

/* What becomes of the rest of a market order with protection points. */
typedef enum ClrMarketRemainder
{
	CLR_MARKET_REMAINDER_CANCEL = 0,
	CLR_MARKET_REMAINDER_LIMIT = 1	/* rests at the protection limit */
} ClrMarketRemainder;

/* Scope MAKER */
typedef enum ClrMakerField
{
	CLR_MAKER_SHARE = 1			/* millionths of an aggressor that its orders get */
} ClrMakerField;

/* Scope GROUP: circuit breakers; sub = tier, 0 = of all tiers */
#define CLR_TIERS_MAX	8

typedef enum ClrGroupField
{
	CLR_GROUP_WINDOW = 1,		/* tier 0; microseconds, 0 = since the settlement */
	CLR_GROUP_PERCENT = 2,		/* millionths, 0 = tier is not used */
	CLR_GROUP_HALT = 3,			/* microseconds, 0 = until ended by hand */
	CLR_GROUP_CALL = 4,			/* of the call after the halt, 0 = without */
	CLR_GROUP_DIRECTION = 5,	/* ClrBreakerDirection */
	CLR_GROUP_ONCE_A_DAY = 6,	/* flag */
	CLR_GROUP_TRIPPED = 7		/* the engine's: when it last did today */
} ClrGroupField;

typedef enum ClrBreakerDirection
{
	CLR_BREAKER_BOTH = 0,
	CLR_BREAKER_DOWN = 1,
	CLR_BREAKER_UP = 2
} ClrBreakerDirection;

/* Scope LEG */
typedef enum ClrLegField
{
	CLR_LEG_INSTRUMENT = 1,
	CLR_LEG_RATIO = 2
} ClrLegField;

/* Scope MARKET; sub 0 unless told otherwise */
typedef enum ClrMarketField
{
	CLR_MARKET_TOP = 1,			/* order that bettered the market; sub 0 bids, 1 asks */
	/* auctions, phases, price controls: 20..29, 40..49 */
	CLR_MARKET_STATIC_REFERENCE = 20,	/* price of the last auction, or of the last day */
	CLR_MARKET_HAS_STATIC_REFERENCE = 21,
	CLR_MARKET_CLOSING_PRICE = 22,	/* price of the last closing auction */
	CLR_MARKET_HAS_CLOSING_PRICE = 23,
	CLR_MARKET_CALL_END = 24,	/* when the call ends, 0 = by hand */
	CLR_MARKET_CALL_RANDOM = 25,	/* longest random extension still to be drawn */
	CLR_MARKET_CALL_NEXT = 26,	/* phase then, 0 = continuous */
	CLR_MARKET_CALL_SEED = 27,
	CLR_MARKET_HALT_CALL = 40,	/* how long the call after a halt takes */
	/* window of a circuit breaker; sub = slot of a bucket (breaker.c) */
	CLR_MARKET_BUCKET = 41,		/* its number, 0 = none */
	CLR_MARKET_BUCKET_LOW = 42,
	CLR_MARKET_BUCKET_HIGH = 43,
	CLR_MARKET_CALL_EXTENDED = 29,	/* flag: the end is a drawn one, and secret */
	CLR_MARKET_IMPLIED_OFF = 44,	/* flag of a spread: implied matching is suspended */
	CLR_MARKET_CALL_FOR = 28,	/* of a volatility call: the call that it goes on for */
	/*
	 * + 2 * kind of price + side: trailing stops; sub = priority of the first
	 * order of a group, value = best price it has seen (trail.c)
	 */
	CLR_MARKET_TRAIL = 30,
	CLR_MARKET_SETTLED = 60		/* trades below this have been settled */
} ClrMarketField;

/* Scope SCHEDULE, sub = entry; also the fields that SET_PHASE may carry */
typedef enum ClrScheduleField
{
	CLR_SCHEDULE_TIME = 1,		/* of the day in UTC below 86400000000, else
								 * since 1970; in SET_PHASE: when the phase ends */
	CLR_SCHEDULE_PHASE = 2,		/* to enter, 0 = entry is not used */
	CLR_SCHEDULE_DURATION = 3,	/* 0 = until something else happens */
	CLR_SCHEDULE_RANDOM_END = 4,
	CLR_SCHEDULE_NEXT_PHASE = 5,	/* when the duration is over */
	CLR_SCHEDULE_SEED = 6,		/* of the random end */
	CLR_SCHEDULE_WEEKDAYS = 7,	/* bit 0 = Sunday */
	CLR_SCHEDULE_DONE = 8		/* the engine's: when it was last due */
} ClrScheduleField;

/* Value of a field that holds a price, if there is none. */
#define CLR_NO_PRICE		INT64_MIN

/*
 * Limits: scopes ACCOUNT and MEMBER, the same numbers in both.  0 = no limit.
 * Copies are in ClrAccount.limit[] and ClrMember.limit[].
 */
typedef enum ClrLimit
{
	CLR_LIMIT_SMP_ID = 1,		/* of orders that name none; accounts only */
	CLR_LIMIT_ORDER_QTY = 2,	/* lots */
	CLR_LIMIT_NOTIONAL = 3,		/* minor units of the quote asset */
	CLR_LIMIT_OPEN_ORDERS = 4,	/* accounts only */
	CLR_LIMIT_RATE = 5,			/* messages in a second of block time; accounts only */
	CLR_LIMIT_COLLAR = 6,		/* millionths from mark or last price */
	CLR_LIMIT_POSITION = 7,		/* lots, with working orders; accounts only */
	CLR_LIMIT_BLOCKED = 8,		/* ClrBlocked; not settable */
	CLR_LIMIT_WINDOW = 9,		/* second * 1000000 + messages in it; not settable */
	CLR_LIMIT_COUNT = 10
} ClrLimit;

typedef enum ClrBlocked
{
	CLR_BLOCKED_NOT = 0,
	CLR_BLOCKED_BY_OPERATOR = 1,
	CLR_BLOCKED_BY_MEMBER = 2
} ClrBlocked;

/* Scope SESSION; sub = session, 0 = the whole account. */
typedef enum ClrSessionField
{
	CLR_SESSION_DEADLINE = 1,	/* microseconds since 1970, 0 = disarmed */
	CLR_SESSION_TIMEOUT = 2		/* of the last heartbeat, microseconds */
} ClrSessionField;

/* Scope TRADE */
typedef enum ClrTradeField
{
	CLR_TRADE_BUSTED = 1,		/* 1 busted, 2 corrected */
	CLR_TRADE_CORRECTED_BY = 2, /* trade id */
	CLR_TRADE_CORRECTS = 3		/* trade id */
} ClrTradeField;

#define CLR_FIELD_SETTABLE	0x01

typedef struct ClrFieldInfo
{
	uint8_t		scope;
	uint16_t	field;
	uint8_t		flags;
	const char *name;			/* as SQL shows it */
	int64_t		min;
	int64_t		max;
	int64_t		initial;		/* the default */
	const char *unit;			/* "ticks", "lots", "microseconds", "flag", "code", … */
	const char *text;			/* what it means; for codes, what each value means */
	const char *source;			/* whose rule it is */
} ClrFieldInfo;

/* One stored field, for reading and restoring. */
typedef struct ClrFieldView
{
	uint8_t		scope;
	uint16_t	field;
	uint64_t	object;
	uint64_t	sub;
	int64_t		value;
} ClrFieldView;

/* A word for a value of a field whose unit is "code" (field_words.c). */
typedef struct ClrFieldWord
{
	uint8_t		scope;
	uint16_t	field;
	int64_t		value;
	const char *word;
} ClrFieldWord;

extern const ClrFieldWord *clr_field_words(unsigned i);
/* NULL if the value is shown as a number; flags are on and off. */
extern const char *clr_field_word(const ClrFieldInfo *field, int64_t value);

/* The i'th of all fields there are, NULL beyond the last. */
extern const ClrFieldInfo *clr_field_catalog(unsigned i);
extern const ClrFieldInfo *clr_field_info(uint8_t scope, uint16_t field);

#endif							/* CLR_FIELDS_H */
