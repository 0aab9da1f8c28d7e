/*
 * event.h
 *	  The event encoding, byte by byte: everything that a command did.
 *
 * clr_engine_apply() appends events to a buffer.  Their bytes are what every
 * node hashes and compares, what the projector turns into tables, and what a
 * reply to a client is made of.  Little-endian, unaligned, reserved bytes zero.
 *
 * A command yields any number of state events and then exactly one OUTCOME;
 * a timer likewise, and then one TIMER.
 * A refused or duplicate command yields its OUTCOME alone.
 *
 * An accepted BATCH yields the events of its orders in sequence, those of each
 * followed by an OUTCOME of its own, then the POSITIONs and its own OUTCOME,
 * whose id is the number of orders.  The command number of the n'th order, from
 * 1, is the batch's + n * 2^24 (a block has fewer commands than that).  A
 * duplicate of it repeats the OUTCOMEs of its orders as duplicates.  A refused
 * batch yields its OUTCOME alone: the reason of the first order at fault, whose
 * place from 1 is the id.
 *
 * Header, 4 bytes: 0 u16 length, 2 u8 type, 3 u8 version.  Bodies:
 *
 *	HOUSE		4 u32 zero, 8 u64 epoch, 16 i64 retention us, 24 u8 name_len,
 *				25 7 zero; size 32 + name
 *	ASSET		4 u32 asset, 8 u8 scale, 9 u8 name_len, 10 6 zero; size 16 + name
 *	MEMBER		4 u32 member, 8 u8 code_len, 9 u8 name_len, 10 6 zero;
 *				size 16 + code + name
 *	ACCOUNT		4 u32 account, 8 u32 member, 12 u8 ClrAccountType,
 *				13 u8 name_len, 14 2 zero; size 16 + name
 *	INSTRUMENT	4 u32 instrument, 8 .. as bytes 16..111 of CREATE_INSTRUMENT
 *				(96 bytes, 8..103, with the phase and margins now in force),
 *				104 i64 tick value (minor units of the quote asset per tick and
 *				lot), 112 i64 lot units (minor units of the base asset per lot,
 *				0 for futures), 120 i64 mark price, 128 i64 settlement price,
 *				136 u8 has mark, 137 u8 has settlement price, 138 u8 symbol_len,
 *				139 5 zero; size 144 + symbol
 *	ORDER		4 u32 instrument, 8 u64 order id, 16 u32 account, 20 u8 side,
 *				21 u8 ord_type, 22 u8 time_in_force, 23 u8 exec bits,
 *				24 u8 self_match, 25 u8 ord_status, 26 u8 exec_type,
 *				27 u8 ref_len, 28 u16 reason, 30 u8 number of attributes,
 *				31 u8 zero, 32 i64 price,
 *				40 i64 order_qty, 48 i64 cum_qty, 56 i64 leaves_qty,
 *				64 i64 cum_value (sum of ticks * lots filled),
 *				72 u64 priority, 80 i64 reserve per lot; size 88 + ref
 *				(ref = ClOrdID now naming the order; present when exec_type is
 *				New or Replaced, else empty), then all attributes it has now,
 *				9 bytes each: u8 ClrAttr, i64 value, ascending
 *	TRADE		4 u32 instrument, 8 u64 trade id, 16 i64 price, 24 i64 qty,
 *				32 u64 buy order, 40 u64 sell order, 48 u32 buy account,
 *				52 u32 sell account, 56 i64 buy fee, 64 i64 sell fee (minor
 *				units of the quote asset, negative = rebate),
 *				72 u8 aggressor side (in an auction the newer order's, and
 *				CLR_TRADE_IN_AUCTION), 73 7 zero,
 *				80 i64 buy cost, 88 i64 sell cost: by what the cost of the
 *				buyer's and the seller's position in a future changed;
 *				size 96
 *	POSITION	4 u32 instrument, 8 u32 account, 12 u32 zero, 16 i64 qty,
 *				24 i64 cost, 32 i64 realised (both ticks * lots since the last
 *				settlement, see engine.h), 40 i64 buy lots, 48 i64 sell lots,
 *				56 i64 buy reserve, 64 i64 sell reserve; size 72
 *	LEDGER		4 u32 asset, 8 u64 entry, 16 u32 debit account (pays),
 *				20 u32 credit account (receives), 24 i64 amount,
 *				32 i64 debit balance after, 40 i64 credit balance after,
 *				48 u64 subject (trade id or settlement id, 0 = none),
 *				56 u8 ClrLedgerKind, 57 7 zero; size 64
 *	SETTLEMENT	4 u32 instrument, 8 u64 settlement id, 16 i64 price,
 *				24 i64 total debited, 32 i64 total credited,
 *				40 u32 positions, 44 u8 final (1 = expiry), 45 3 zero; size 48
 *	FIELD		4 u8 ClrScope, 5 u8 zero, 6 u16 field, 8 u64 object,
 *				16 u64 sub, 24 i64 value from now on; size 32
 *	TIMER		4 u8 ClrTimerKind, 5 3 zero, 8 u64 object, 16 i64 when it was
 *				due; size 24.  Ends the events of a timer that fired; timers
 *				come before the first command of their block.
 *	OUTCOME		4 u32 command number in the block, 8 u8 command type,
 *				9 u8 duplicate, 10 u16 reason, 12 u32 submitter,
 *				16 u32 account, 20 u32 instrument (0 if none),
 *				24 u64 id (order, created object, ledger entry or settlement),
 *				32 u64 original height, 40 u32 original command number,
 *				44 u8 ord_status, 45 u8 exec_type, 46 u8 ref_len, 47 u8 zero,
 *				48 i64 order_qty, 56 i64 cum_qty, 64 i64 leaves_qty,
 *				72 i64 cum_value, 80 u64 first trade id, 88 u32 trades,
 *				92 u32 orders cancelled by it (mass cancel, self-match, expiry),
 *				96 i64 needed, 104 i64 available (minor units of `asset`),
 *				112 u64 content hash, 120 u32 asset (0 if none),
 *				124 u16 why a rule ended, cut or repriced its order (ClrReason),
 *				126 u16 the same for the first of the other orders that it
 *				ended or cut, both 0 = no rule did; size 128 + ref
 *				Quantities describe the order right after the command.
 *				A duplicate repeats the original outcome with duplicate = 1.
 *				original height/number are this command's own unless duplicate.
 *				A command of account 0 may have ref_len 0.
 *
 * An order entered or replaced is reported at once (New, Replaced) as it is
 * before matching, and again after its trades if it traded or ended.  HOUSE is
 * repeated when an epoch begins.  INSTRUMENT precedes the trades or
 * expiries that a change of phase causes.
 *
 * A POSITION event is emitted for each position whose quantities, cost or
 * reserves the command changed, once per command and position where cheap; the
 * last one counts.
 */
#ifndef CLR_EVENT_H
#define CLR_EVENT_H

#include "engine/command.h"
#include "engine/types.h"

#define CLR_EVENT_VERSION 1

typedef enum ClrEventType
{
	CLR_EV_HOUSE = 1,
	CLR_EV_ASSET = 2,
	CLR_EV_MEMBER = 3,
	CLR_EV_ACCOUNT = 4,
	CLR_EV_INSTRUMENT = 5,
	CLR_EV_ORDER = 6,
	CLR_EV_TRADE = 7,
	CLR_EV_POSITION = 8,
	CLR_EV_LEDGER = 9,
	CLR_EV_SETTLEMENT = 10,
	CLR_EV_OUTCOME = 11,
	CLR_EV_FIELD = 12,
	CLR_EV_TIMER = 13
} ClrEventType;

/* Grows by realloc; the caller resets len to 0 between blocks. */
typedef struct ClrEventBuffer
{
	uint8_t    *data;
	size_t		len;
	size_t		cap;
	bool		failed;			/* out of memory: the engine must be discarded */
} ClrEventBuffer;

/* Decoded events; texts point into the buffer. */
typedef struct ClrOrderEvent
{
	uint32_t	instrument;
	uint64_t	order_id;
	uint32_t	account;
	uint8_t		side,
				ord_type,
				time_in_force,
				exec_inst,
				self_match,
				ord_status,
				exec_type,
				ref_len;
	uint16_t	reason;
	int64_t		price,
				order_qty,
				cum_qty,
				leaves_qty,
				cum_value;
	uint64_t	priority;
	int64_t		reserve;
	const uint8_t *ref;
	ClrPairs	attrs;
} ClrOrderEvent;

typedef struct ClrFieldEvent
{
	uint8_t		scope;
	uint16_t	field;
	uint64_t	object;
	uint64_t	sub;
	int64_t		value;
} ClrFieldEvent;

typedef struct ClrPositionEvent
{
	uint32_t	instrument,
				account;
	int64_t		qty,
				cost,
				realised,
				buy_lots,
				sell_lots,
				buy_reserve,
				sell_reserve;
} ClrPositionEvent;

typedef struct ClrLedgerEvent
{
	uint32_t	asset;
	uint64_t	entry;
	uint32_t	debit_account,
				credit_account;
	int64_t		amount,
				debit_balance,
				credit_balance;
	uint64_t	subject;
	uint8_t		kind;
} ClrLedgerEvent;

typedef struct ClrSettlementEvent
{
	uint32_t	instrument;
	uint64_t	settlement_id;
	int64_t		price,
				debited,
				credited;
	uint32_t	positions;
	uint8_t		final;
} ClrSettlementEvent;

typedef struct ClrOutcome
{
	uint32_t	number;			/* command number in its block */
	uint8_t		type;			/* ClrCommandType */
	uint8_t		duplicate;
	uint16_t	reason;			/* ClrReason, 0 = accepted */
	uint32_t	submitter,
				account,
				instrument;
	uint64_t	id;
	uint64_t	orig_height;
	uint32_t	orig_number;
	uint8_t		ord_status,
				exec_type,
				ref_len;
	int64_t		order_qty,
				cum_qty,
				leaves_qty,
				cum_value;
	uint64_t	first_trade;
	uint32_t	n_trades,
				n_cancelled;
	int64_t		needed,
				available;
	uint64_t	content_hash;
	uint32_t	asset;
	uint16_t	restated;		/* why a rule changed its order */
	uint16_t	cancelled_for;	/* why other orders ended or shrank, the first's */
	const uint8_t *ref;			/* ref_len bytes */
} ClrOutcome;

/* Length and type of the event at data; 0 if it can't be framed. */
extern size_t clr_event_length(const uint8_t *data, size_t len, uint8_t *type);

/* Each returns false if the bytes are not a well-formed event of that type. */
extern bool clr_event_decode_order(const uint8_t *data, size_t len, ClrOrderEvent *ev);
extern bool clr_event_decode_trade(const uint8_t *data, size_t len, ClrTradeEvent *ev);
extern bool clr_event_decode_position(const uint8_t *data, size_t len, ClrPositionEvent *ev);
extern bool clr_event_decode_ledger(const uint8_t *data, size_t len, ClrLedgerEvent *ev);
extern bool clr_event_decode_settlement(const uint8_t *data, size_t len, ClrSettlementEvent *ev);
extern bool clr_event_decode_field(const uint8_t *data, size_t len, ClrFieldEvent *ev);
extern bool clr_event_decode_outcome(const uint8_t *data, size_t len, ClrOutcome *ev);

/* The id at offset 4 of HOUSE (0), ASSET, MEMBER, ACCOUNT and INSTRUMENT events. */
extern uint32_t clr_event_object_id(const uint8_t *data);

#endif							/* CLR_EVENT_H */
