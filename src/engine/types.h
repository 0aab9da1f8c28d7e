/*
 * types.h
 *	  Numbers shared by everything that speaks to the engine: identifiers,
 *	  limits, enumerations and reason codes.
 *
 * Values that appear in the journal (commands, events) are stable for ever:
 * a number is never reused for another meaning.  Where FIX 5.0 SP2 has a
 * value for the thing, that value is used and the tag is named.
 *
 * Part of the engine: pure C11, no PostgreSQL headers.
 */
#ifndef CLR_TYPES_H
#define CLR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Version of the rules that clr_engine_apply() implements (DESIGN section 4). */
#define CLR_RULESET_VERSION 1

/* Limits.  Everything has one. */
#define CLR_REF_MAX			36	/* bytes of a ClOrdID or request id */
#define CLR_NAME_MAX		32	/* bytes of an asset, member, account or instrument name */
#define CLR_TEXT_MAX		64	/* bytes of a descriptive text */
#define CLR_COMMAND_MAX		512 /* bytes of one encoded command */
#define CLR_LIST_MAX		32768	/* bytes of MASS_QUOTE, which holds many */
#define CLR_SCALE_MAX		18	/* decimal places of an asset */
#define CLR_QTY_MAX			INT64_C(1000000000000)	/* lots of one order */
#define CLR_PRICE_MAX		INT64_C(1000000000000)	/* ticks, absolute */
#define CLR_LOTS_MAX		INT64_C(4000000000000)	/* of one position, with orders */
#define CLR_AMOUNT_MAX		INT64_C(4000000000000000000)	/* minor units */
#define CLR_SMP_ID_MAX		INT64_C(2147483647)
#define CLR_RATE_MAX		INT64_C(999999)	/* messages a second */
#define CLR_COLLAR_MAX		INT64_C(1000000000) /* millionths */
#define CLR_HEARTBEAT_MAX	INT64_C(86400000000)	/* microseconds */
#define CLR_DAY_US			INT64_C(86400000000)
#define CLR_LEGS_MAX		4	/* of a spread */
#define CLR_PEAKS_MAX		1000	/* of an iceberg */
#define CLR_RATIO_MAX		1000	/* lots of a leg per lot of the spread */
#define CLR_RATE_UNIT		INT64_C(1000000)	/* rates are in millionths */

typedef __int128 clr_int128;

/* Accounts that the house itself owns.  They exist from OPEN_HOUSE on. */
#define CLR_ACCOUNT_NONE		0
#define CLR_ACCOUNT_WORLD		1	/* the outside world: deposits come from it */
#define CLR_ACCOUNT_FEES		2	/* fee income of the house */
#define CLR_ACCOUNT_SETTLEMENT	3	/* variation margin in transit, 0 at rest */
#define CLR_ACCOUNT_FIRST		16	/* first account of a member */

#define CLR_MEMBER_HOUSE		0	/* the clearing house itself */

typedef enum ClrCommandType
{
	CLR_CMD_EPOCH = 1,			/* written by a sequencer when it opens */
	CLR_CMD_OPEN_HOUSE = 2,
	CLR_CMD_CREATE_ASSET = 3,
	CLR_CMD_CREATE_MEMBER = 4,
	CLR_CMD_CREATE_ACCOUNT = 5,
	CLR_CMD_CREATE_INSTRUMENT = 6,
	CLR_CMD_SET_PHASE = 7,
	CLR_CMD_SET_MARK_PRICE = 8,
	CLR_CMD_SET_MARGIN = 9,
	CLR_CMD_DEPOSIT = 10,
	CLR_CMD_WITHDRAW = 11,
	CLR_CMD_SETTLE = 12,
	CLR_CMD_EXPIRE = 13,
	CLR_CMD_NEW_ORDER = 20,
	CLR_CMD_REPLACE_ORDER = 21,
	CLR_CMD_CANCEL_ORDER = 22,
	CLR_CMD_MASS_CANCEL = 23,
	CLR_CMD_SET_FIELDS = 24,	/* trading rules, limits, schedules: see fields.h */
	CLR_CMD_MASS_QUOTE = 25,	/* two-sided quotes, replaced as one */
	CLR_CMD_BATCH = 26,			/* orders, replaces and cancels, whole or not at all */
	CLR_CMD_KILL_SWITCH = 27,	/* cancel, then block */
	CLR_CMD_HEARTBEAT = 28,		/* arm, renew or disarm a dead-man switch */
	CLR_CMD_DISCONNECT = 29,	/* a session ended: cancel what hangs on it */
	CLR_CMD_BUST_TRADE = 30,
	CLR_CMD_CORRECT_TRADE = 31,
	CLR_CMD_CREATE_SPREAD = 32
} ClrCommandType;

typedef enum ClrAccountType
{
	CLR_ACCOUNT_TYPE_SYSTEM = 0,
	CLR_ACCOUNT_TYPE_HOUSE = 1,	/* a member's own */
	CLR_ACCOUNT_TYPE_CLIENT = 2
} ClrAccountType;

typedef enum ClrInstrumentKind
{
	CLR_INSTRUMENT_SPOT = 1,
	CLR_INSTRUMENT_FUTURE = 2,	/* cash settled */
	CLR_INSTRUMENT_SPREAD = 3	/* combination of futures, traded as one */
} ClrInstrumentKind;

/* Basis of a margin requirement or a fee. */
typedef enum ClrBasis
{
	CLR_BASIS_RATE = 1,			/* millionths of the notional */
	CLR_BASIS_LOT = 2			/* minor units of the settlement asset per lot */
} ClrBasis;

/* What a replace does to time priority; a parameter of the instrument. */
typedef enum ClrReplacePriority
{
	CLR_REPLACE_KEEPS_ON_DECREASE = 1,	/* FIX, CME: kept for a pure decrease */
	CLR_REPLACE_ALWAYS_LOSES = 2
} ClrReplacePriority;

typedef enum ClrPhase
{
	CLR_PHASE_PRE_OPEN = 1,		/* orders are collected, nothing matches */
	CLR_PHASE_CONTINUOUS = 2,
	CLR_PHASE_HALTED = 3,		/* only cancels */
	CLR_PHASE_CLOSED = 4,		/* only cancels; entering it expires DAY orders */
	CLR_PHASE_EXPIRED = 5,		/* final: the instrument is gone */
	CLR_PHASE_OPENING_CALL = 6, /* calls: orders are collected for an auction */
	CLR_PHASE_INTRADAY_CALL = 7,
	CLR_PHASE_CLOSING_CALL = 8,
	CLR_PHASE_VOLATILITY_CALL = 9,	/* entered when a trade would leave its range */
	CLR_PHASE_TRADE_AT_CLOSE = 10	/* matches at the closing price only */
} ClrPhase;

typedef enum ClrSide			/* FIX tag 54 */
{
	CLR_SIDE_BUY = 1,
	CLR_SIDE_SELL = 2
} ClrSide;

/*
 * Byte "aggressor" of a trade.  In an auction nobody aggressed; which of the
 * two orders was the newer one is told nevertheless, since fees may follow it.
 */
#define CLR_TRADE_SIDE			0x03	/* ClrSide of the incoming or newer order */
#define CLR_TRADE_IN_AUCTION	0x10

typedef enum ClrOrdType			/* FIX tag 40 */
{
	CLR_ORD_MARKET = 1,
	CLR_ORD_LIMIT = 2,
	CLR_ORD_STOP = 3,			/* market order once triggered */
	CLR_ORD_STOP_LIMIT = 4,		/* limit order once triggered */
	CLR_ORD_MARKET_TO_LIMIT = 'K',	/* what is left rests at the last fill's price */
	CLR_ORD_PEGGED = 'P'
} ClrOrdType;

typedef enum ClrTimeInForce		/* FIX tag 59 */
{
	CLR_TIF_DAY = 0,
	CLR_TIF_GTC = 1,
	CLR_TIF_AT_OPENING = 2,		/* for the opening auction only */
	CLR_TIF_IOC = 3,
	CLR_TIF_FOK = 4,
	CLR_TIF_GTD = 6,			/* until CLR_ATTR_EXPIRE_TIME */
	CLR_TIF_AT_CLOSE = 7		/* for the closing auction only */
} ClrTimeInForce;

/* FIX tag 18 ExecInst, as bits; the three post-only modes exclude each other */
#define CLR_EXEC_POST_ONLY			0x01	/* '6': refused if it would trade */
#define CLR_EXEC_POST_ONLY_CANCEL	0x02	/* its crossing part is cancelled */
#define CLR_EXEC_POST_ONLY_REPRICE	0x04	/* moved to one tick off the opposite best */
#define CLR_EXEC_REDUCE_ONLY		0x08	/* 'E': never opens or flips a position */
#define CLR_EXEC_CANCEL_ON_DISCONNECT 0x10	/* ends with its session */

/*
 * Attributes of an order that most orders don't have.  They travel as (number,
 * value) pairs in commands and events; prices in ticks, quantities in lots.
 * Up to CLR_ATTR_SETTABLE they are given by whoever enters or replaces the
 * order, beyond that they are the engine's own notes.
 */
typedef enum ClrAttr
{
	CLR_ATTR_DISPLAY_QTY = 0,	/* FIX 1138: peak of an iceberg */
	CLR_ATTR_MIN_QTY = 1,		/* FIX 110 */
	CLR_ATTR_STOP_PX = 2,		/* FIX 99 */
	CLR_ATTR_TRIGGER = 3,		/* FIX 1107: ClrTrigger */
	CLR_ATTR_TRAIL_OFFSET = 4,	/* ticks a trailing stop keeps from the best price seen */
	CLR_ATTR_PEG_TYPE = 5,		/* FIX 1094: ClrPeg */
	CLR_ATTR_PEG_OFFSET = 6,	/* FIX 211, ticks, added to the reference */
	CLR_ATTR_EXPIRE_TIME = 7,	/* FIX 126, microseconds since 1970 */
	CLR_ATTR_LINK = 8,			/* order id of the other one of an OCO pair */
	CLR_ATTR_SMP_ID = 9,		/* FIX 2362 */
	CLR_ATTR_SESSION = 10,		/* session that cancel on disconnect means */
	CLR_ATTR_SETTABLE = 15,		/* the last that a client may give */
	CLR_ATTR_SHOWN_QTY = 16,	/* what is left of an iceberg's peak */
	CLR_ATTR_PARKED = 17,		/* ClrParked: why it is not in the book */
	CLR_ATTR_QUOTE = 18,		/* quote entry of a mass quote */
	CLR_ATTR_PEG_LIMIT = 20,	/* price a pegged order never passes */
	CLR_ATTR_ASKED_QTY = 21,	/* what a reduce-only order was entered with */
	CLR_ATTR_COUNT = 24
} ClrAttr;

typedef enum ClrTrigger			/* FIX tag 1107 */
{
	CLR_TRIGGER_LAST = 2,		/* last trade */
	CLR_TRIGGER_MARK = 101		/* mark price; not in FIX */
} ClrTrigger;

/* What becomes of a stop order that is met when it is entered; a rule. */
typedef enum ClrStopEntry
{
	CLR_STOP_ENTRY_TRIGGER = 0,
	CLR_STOP_ENTRY_REFUSE = 1
} ClrStopEntry;

/* What becomes of a pegged order without a reference; a rule. */
typedef enum ClrPegReference
{
	CLR_PEG_REFERENCE_PARK = 0,
	CLR_PEG_REFERENCE_CANCEL = 1
} ClrPegReference;

/* What one of a pair does to the other; a rule. */
typedef enum ClrLinkRule
{
	CLR_LINK_CANCEL_ON_FILL = 0,
	CLR_LINK_CANCEL_ON_COMPLETE_FILL = 1,
	CLR_LINK_REDUCE = 2			/* by what was filled */
} ClrLinkRule;

typedef enum ClrPeg				/* FIX tag 1094 */
{
	CLR_PEG_MID = 2,
	CLR_PEG_MARKET = 4,			/* best price of the opposite side */
	CLR_PEG_PRIMARY = 5			/* best price of its own side */
} ClrPeg;

/* Why a working order is not in the book. */
typedef enum ClrParked
{
	CLR_PARKED_NOT = 0,
	CLR_PARKED_STOP = 1,		/* waits for its trigger */
	CLR_PARKED_PEG = 2,			/* its reference price does not exist */
	CLR_PARKED_AUCTION = 3,		/* waits for its auction */
	CLR_PARKED_LIMITS = 4		/* its price is beyond the limits of the day */
} ClrParked;

typedef enum ClrSelfMatch		/* FIX tag 2964 */
{
	CLR_SMP_DEFAULT = 0,		/* same as CANCEL_RESTING */
	CLR_SMP_CANCEL_AGGRESSOR = 1,
	CLR_SMP_CANCEL_RESTING = 2,
	CLR_SMP_CANCEL_BOTH = 3,
	CLR_SMP_DECREMENT_BOTH = 4	/* both lose what they would have traded */
} ClrSelfMatch;

typedef enum ClrOrdStatus		/* FIX tag 39, as its character */
{
	CLR_STATUS_NONE = 0,
	CLR_STATUS_NEW = '0',
	CLR_STATUS_PARTIALLY_FILLED = '1',
	CLR_STATUS_FILLED = '2',
	CLR_STATUS_CANCELED = '4',
	CLR_STATUS_REJECTED = '8',
	CLR_STATUS_EXPIRED = 'C'
} ClrOrdStatus;

typedef enum ClrExecType		/* FIX tag 150, as its character */
{
	CLR_EXEC_NONE = 0,
	CLR_EXEC_NEW = '0',
	CLR_EXEC_CANCELED = '4',
	CLR_EXEC_REPLACED = '5',
	CLR_EXEC_REJECTED = '8',
	CLR_EXEC_EXPIRED = 'C',
	CLR_EXEC_TRADE = 'F',
	CLR_EXEC_RESTATED = 'D',	/* changed by the house: refilled, repriced, resized */
	CLR_EXEC_TRIGGERED = 'L',
	CLR_EXEC_TRADE_CANCEL = 'H',
	CLR_EXEC_TRADE_CORRECT = 'G'
} ClrExecType;

/* What a ledger entry is for. */
typedef enum ClrLedgerKind
{
	CLR_LEDGER_DEPOSIT = 1,
	CLR_LEDGER_WITHDRAWAL = 2,
	CLR_LEDGER_TRADE = 3,		/* spot delivery against payment */
	CLR_LEDGER_FEE = 4,
	CLR_LEDGER_VARIATION = 5,	/* variation margin */
	CLR_LEDGER_FINAL = 6,		/* final settlement of an expiry */
	CLR_LEDGER_BUST = 7,		/* a cancelled or corrected trade taken back */
	CLR_LEDGER_CORRECTION = 8	/* a corrected trade made anew */
} ClrLedgerKind;

/*
 * Reason codes.  0 is success, 1..999 are refusals: the command was journalled
 * and changed nothing.  The text names (reason.c) are what SQL users see.
 * CANCELED/EXPIRED orders carry a code too (why the order ended).
 */
typedef enum ClrReason
{
	CLR_OK = 0,

	/* malformed or impossible commands */
	CLR_R_MALFORMED = 1,
	CLR_R_UNKNOWN_COMMAND = 2,
	CLR_R_HOUSE_NOT_OPEN = 3,
	CLR_R_HOUSE_ALREADY_OPEN = 4,
	CLR_R_DUPLICATE_REFERENCE = 5,	/* same reference, other content */
	CLR_R_OVERFLOW = 6,
	CLR_R_LIMIT_EXCEEDED = 7,	/* a limit of the engine itself */

	/* reference data */
	CLR_R_NAME_TAKEN = 10,
	CLR_R_NAME_INVALID = 11,
	CLR_R_UNKNOWN_ASSET = 12,
	CLR_R_UNKNOWN_MEMBER = 13,
	CLR_R_UNKNOWN_ACCOUNT = 14,
	CLR_R_UNKNOWN_INSTRUMENT = 15,
	CLR_R_SCALE_INVALID = 16,
	CLR_R_NOT_EXACT = 17,		/* a product would not be a whole minor unit */
	CLR_R_PARAMETER_INVALID = 18,
	CLR_R_SYSTEM_ACCOUNT = 19,	/* a client's command on an account of the house */
	CLR_R_NOT_A_FUTURE = 20,

	/* orders */
	CLR_R_PHASE = 30,			/* not possible in this trading phase */
	CLR_R_EXPIRED_INSTRUMENT = 31,
	CLR_R_QUANTITY_INVALID = 32,
	CLR_R_PRICE_INVALID = 33,
	CLR_R_SIDE_INVALID = 34,
	CLR_R_ORD_TYPE_INVALID = 35,
	CLR_R_TIF_INVALID = 36,
	CLR_R_POST_ONLY_WOULD_TRADE = 37,
	CLR_R_FOK_NOT_FILLABLE = 38,
	CLR_R_UNKNOWN_ORDER = 39,
	CLR_R_ORDER_NOT_WORKING = 40,	/* too late: filled, cancelled or expired */
	CLR_R_QTY_BELOW_FILLED = 41,	/* replace to no more than already filled */
	CLR_R_NO_LIQUIDITY = 42,	/* market order, empty opposite side */
	CLR_R_SELF_MATCH = 43,
	CLR_R_NO_MARK_PRICE = 44,

	/* money */
	CLR_R_AMOUNT_INVALID = 50,
	CLR_R_INSUFFICIENT_MARGIN = 51,
	CLR_R_INSUFFICIENT_FUNDS = 52,

	/* why a working order ended or shrank without its owner asking */
	CLR_R_IOC_REMAINDER = 60,
	CLR_R_END_OF_DAY = 61,
	CLR_R_INSTRUMENT_EXPIRED = 62,
	CLR_R_MASS_CANCEL = 63,
	CLR_R_REQUESTED = 64,		/* cancelled by its owner */

	/* fields (SET_FIELDS) */
	CLR_R_UNKNOWN_FIELD = 70,
	CLR_R_FIELD_VALUE = 71,		/* out of the field's range */
	CLR_R_FIELD_CONFLICT = 72,	/* does not fit the other fields */

	/* orders with attributes */
	CLR_R_EXPIRE_TIME = 80,		/* the order's time is over, or lies in the past */
	CLR_R_ATTRIBUTE_INVALID = 81,	/* not for an order of this type */
	CLR_R_DISPLAY_QTY_INVALID = 82,
	CLR_R_MIN_QTY_NOT_FILLABLE = 83,
	CLR_R_NOTHING_TO_REDUCE = 84,	/* reduce-only, without a position */
	CLR_R_REDUCE_ONLY = 85,		/* cut or cancelled because the position shrank */
	CLR_R_REPRICED = 86,		/* its price was taken from the book */
	CLR_R_MARKET_REMAINDER = 87,	/* rests as a limit order at its protection limit */

	/* stop, pegged and linked orders */
	CLR_R_STOP_MET = 90,		/* entered with a stop price that is met already */
	CLR_R_NO_TRIGGER_PRICE = 91,	/* nothing to trail yet */
	CLR_R_LINK_INVALID = 92,	/* the other order of a pair can't be that */
	CLR_R_LINKED = 93,			/* cancelled because of the other one of a pair */
	CLR_R_NO_PEG_REFERENCE = 94,	/* no price to be pegged to */
	CLR_R_TOO_MANY_PEGS = 95,

	/* phases, auctions, price controls: 100..119 */
	CLR_R_NO_REFERENCE_PRICE = 100, /* a market order could not be protected */
	CLR_R_AUCTION_OVER = 101,	/* not executed in the auction it was for */
	CLR_R_VOLATILITY = 102,		/* it would have traded outside of the range */
	CLR_R_PRICE_LIMIT = 103,	/* beyond the limits of the day */
	CLR_R_PRICE_BAND = 104,		/* too far from the reference price */
	CLR_R_CIRCUIT_BREAKER = 105,	/* it would have reached a tier of its product group */


	/* allocation */
	CLR_R_MAKER_SHARES = 140,	/* shares of market makers above 100 % */
	/* self-match prevention: why an order ended or shrank */
	CLR_R_SELF_MATCH_AGGRESSOR = 120,	/* it was the incoming one */
	CLR_R_SELF_MATCH_BOTH = 121,	/* both ended */
	CLR_R_SELF_MATCH_DECREMENT = 122,	/* both lost the overlap */

	/* limits of an account or its member */
	CLR_R_MAX_ORDER_QTY = 123,
	CLR_R_MAX_NOTIONAL = 124,
	CLR_R_MAX_OPEN_ORDERS = 125,
	CLR_R_MAX_RATE = 126,
	CLR_R_PRICE_COLLAR = 127,
	CLR_R_MAX_POSITION = 128,
	CLR_R_BLOCKED = 129,		/* a kill switch is on */

	/* why an order ended without its owner cancelling it */
	CLR_R_KILL_SWITCH = 130,
	CLR_R_DISCONNECTED = 131,
	CLR_R_DEAD_MAN = 132,
	CLR_R_QUOTE_REPLACED = 133,

	CLR_R_NOT_ENTITLED = 134,	/* only who pulled it may lift it */

	/* batches */
	CLR_R_NOT_APPLIED = 135,	/* what the other orders of a refused batch hear */
	CLR_R_BATCH_REFERENCE = 136,	/* a ClOrdID in it was used before, or twice */
	CLR_R_ORDER_NAMED_TWICE = 137,	/* by two replaces or cancels of a batch */

	/* busts and corrections */
	CLR_R_UNKNOWN_TRADE = 160,
	CLR_R_TRADE_BUSTED = 161,	/* before */
	CLR_R_TRADE_DIFFERS = 162,	/* the data given can't be that trade's */

	/* spreads */
	CLR_R_LEGS_INVALID = 150,	/* no such combination of instruments */
	CLR_R_LEG_PHASE = 151,		/* a leg is not in continuous trading */
	CLR_R_NOT_FOR_SPREADS = 152

	/* to 99 orders, 100..119 phases, auctions and price controls,
	 * 120..139 limits and sessions, 140..149 allocation,
	 * 150..159 spreads, 160..169 busts and corrections */
} ClrReason;

#endif							/* CLR_TYPES_H */
