/*
 * command.h
 *	  The command encoding, byte by byte: input of the engine, content of the
 *	  journal, and the packed form that gateways send.
 *
 * All integers are little-endian and unaligned; signed ones are two's
 * complement.  Reserved bytes must be zero.  A command is one run of `length`
 * bytes; commands follow each other without padding.
 *
 * Header, 16 bytes, of every command:
 *
 *	 off size
 *	   0   2  length		of the whole command, header and tail included
 *	   2   1  type			ClrCommandType
 *	   3   1  version		CLR_COMMAND_VERSION
 *	   4   4  submitter		member on whose behalf it was sent, 0 = operator
 *	   8   4  account		account it acts for; 0 = the house.  Also the
 *							scope in which `ref` is unique.
 *	  12   1  ref_len		0..36; 0 = no reference, not deduplicated
 *	  13   1  tail_len		bytes of the second text in the tail, 0 if none
 *	  14   1  tail2_len		bytes of the third text in the tail, 0 if none
 *	  15   1  zero
 *
 * then the body of the type (below), then the tail: ref, text, text2.
 * "ref" is the ClOrdID of orders, replaces and cancels, and the request id of
 * everything else.
 *
 * Bodies (offsets from the start of the command):
 *
 *	EPOCH (account 0)			16 u64 epoch, 24 u64 timeline,
 *								32 u64 system identifier, 40 16 bytes random;
 *								size 56
 *	OPEN_HOUSE					16 i64 reference retention in microseconds;
 *								size 24; text = name of the house
 *	CREATE_ASSET				16 u8 scale, 17 7 zero; size 24; text = name
 *	CREATE_MEMBER				size 16; text = code, text2 = full name
 *	CREATE_ACCOUNT				16 u32 member, 20 u8 ClrAccountType, 21 3 zero;
 *								size 24; text = name
 *	CREATE_INSTRUMENT			16 u8 ClrInstrumentKind, 17 u8 margin ClrBasis,
 *								18 u8 fee ClrBasis, 19 u8 ClrReplacePriority,
 *								20 u8 initial ClrPhase, 21 u8 tick_exp,
 *								22 u8 lot_exp, 23 u8 multiplier_exp,
 *								24 u32 base asset (0 for futures),
 *								28 u32 quote/settlement asset,
 *								32 i64 tick size  = mantissa / 10^tick_exp,
 *								40 i64 lot size   = mantissa / 10^lot_exp,
 *								48 i64 multiplier = mantissa / 10^multiplier_exp
 *								   (1 for spot),
 *								56 i64 initial margin, 64 i64 maintenance margin
 *								   (millionths of notional, or minor units a lot;
 *								   0 for spot),
 *								72 i64 maker fee, 80 i64 taker fee,
 *								88 i64 reference price in ticks,
 *								96 i64 expiry, microseconds since 1970, 0 = none,
 *								104 u8 has reference price, 105 7 zero;
 *								size 112; text = symbol
 *	SET_PHASE					16 u32 instrument, 20 u8 ClrPhase,
 *								21 u8 number of fields, 22 2 zero; size 24, then
 *								the fields, as in SET_FIELDS, of scope SCHEDULE:
 *								1 (when it ends), 3, 4, 5, 6
 *	SET_MARK_PRICE				16 u32 instrument, 20 4 zero, 24 i64 ticks; size 32
 *	SET_MARGIN					16 u32 instrument, 20 u8 ClrBasis, 21 3 zero,
 *								24 i64 initial, 32 i64 maintenance; size 40
 *	DEPOSIT, WITHDRAW			16 u32 asset, 20 4 zero, 24 i64 minor units; size 32
 *	SETTLE, EXPIRE				16 u32 instrument, 20 4 zero, 24 i64 ticks; size 32
 *	NEW_ORDER					16 u32 instrument, 20 u8 ClrSide, 21 u8 ClrOrdType,
 *								22 u8 ClrTimeInForce, 23 u8 exec bits,
 *								24 i64 price in ticks (0 for market),
 *								32 i64 quantity in lots, 40 u8 ClrSelfMatch,
 *								41 u8 number of attributes, 42 6 zero; size 48,
 *								then the attributes
 *	REPLACE_ORDER				16 u64 order id (0 = named by text),
 *								24 i64 price in ticks, 32 i64 new total OrderQty
 *								in lots, 40 u8 number of attributes,
 *								41 u8 new ClrTimeInForce + 1 (0 = as it was),
 *								42 u8 new ClrOrdType (0 = as it was), 43 5 zero;
 *								size 48, then the attributes to change;
 *								text = OrigClOrdID
 *	CANCEL_ORDER				16 u64 order id (0 = named by text); size 24;
 *								text = OrigClOrdID
 *	MASS_CANCEL					16 u32 instrument, 0 = all; 20 u8 ClrSide,
 *								0 = both; 21 u8 1 = all accounts of the member
 *								that the account belongs to; 22 2 zero; size 24
 *								(account 0 = all accounts)
 *	KILL_SWITCH					16 u8 1 = of the account's member, 17 u8 1 = pull,
 *								0 = lift, 18 6 zero; size 24
 *	HEARTBEAT					16 u64 session, 0 = of the account; 24 i64
 *								timeout in microseconds, 0 = disarm; size 32
 *	DISCONNECT					16 u64 session, 0 = all; size 24
 *	MASS_QUOTE					16 u32 quote set, 20 u8 number of quotes (1..255),
 *								21 3 zero; size 24, then the quotes, each u32
 *								instrument, u32 zero, i64 bid price, i64 bid
 *								quantity, i64 ask price, i64 ask quantity, in
 *								ticks and lots; quantity 0 pulls the side
 *	BATCH						16 u8 number of orders (1..100), 17 7 zero;
 *								size 24, then the orders: complete NEW_ORDER,
 *								REPLACE_ORDER and CANCEL_ORDER commands, each
 *								with the batch's account and submitter and a
 *								reference of its own
 *	BUST_TRADE					16 u64 trade id, 24 u32 instrument,
 *								28 u32 buy account, 32 u32 sell account,
 *								36 u8 aggressor as in TRADE, 37 3 zero, 40 i64 price,
 *								48 i64 quantity, 56 i64 buy fee, 64 i64 sell fee,
 *								72 i64 buy cost, 80 i64 sell cost, 88 u64 buy
 *								order, 96 u64 sell order: as its TRADE event said;
 *								size 104
 *	CORRECT_TRADE				as BUST_TRADE, 104 i64 new price, 112 i64 new
 *								quantity; size 120
 *	SET_FIELDS					16 u8 ClrScope, 17 u8 number of fields (1..40),
 *								18 6 zero, 24 u64 object, 32 u64 sub; size 40,
 *								then the fields, each u16 number, i64 value, in
 *								ascending order of their numbers (fields.h)
 *
 *	CREATE_SPREAD				16 u8 number of legs (2..4), 17 u8 ClrReplacePriority,
 *								18 u8 initial ClrPhase, 19 u8 tick_exp, 20 4 zero,
 *								24 i64 tick size = mantissa / 10^tick_exp, in
 *								prices of the first leg, 32 four legs, each
 *								u32 instrument, i32 ratio (bought if positive,
 *								sold if negative by the buyer of the spread),
 *								unused ones zero; size 64; text = symbol
 *
 * An attribute is 9 bytes: u8 ClrAttr (bit 7 set = taken away, its value is 0;
 * replaces only), i64 value; in ascending order of their numbers, each once.
 *
 * Both functions are pure; decoding never reads beyond len and accepts
 * exactly what encoding can produce.
 */
#ifndef CLR_COMMAND_H
#define CLR_COMMAND_H

#include "engine/codec.h"
#include "engine/types.h"

#define CLR_COMMAND_VERSION 1
#define CLR_COMMAND_HEADER	16

#define CLR_ATTR_GONE		0x80	/* in the number: taken away */
#define CLR_ATTR_BYTES		9
#define CLR_FIELD_BYTES		10
#define CLR_QUOTE_BYTES		40
#define CLR_QUOTES_MAX		255	/* of one MASS_QUOTE */
#define CLR_BATCH_MAX		100 /* orders of one BATCH */
#define CLR_FIELDS_MAX		40	/* of one SET_FIELDS */

typedef struct ClrText
{
	const uint8_t *data;
	size_t		len;
} ClrText;

/* Attributes, fields, quotes or orders as they stand in the command. */
typedef struct ClrPairs
{
	const uint8_t *data;
	uint8_t		n;
} ClrPairs;

/* A TRADE event, see event.h; busts and corrections hold one too. */
typedef struct ClrTradeEvent
{
	uint32_t	instrument;
	uint64_t	trade_id;
	int64_t		price,
				qty;
	uint64_t	buy_order,
				sell_order;
	uint32_t	buy_account,
				sell_account;
	int64_t		buy_fee,
				sell_fee;
	uint8_t		aggressor;
	int64_t		buy_cost,
				sell_cost;
} ClrTradeEvent;

/* A decoded command.  Texts point into the buffer it was decoded from. */
typedef struct ClrCommand
{
	uint8_t		type;			/* ClrCommandType */
	uint32_t	submitter;
	uint32_t	account;
	ClrText		ref;
	ClrText		text;			/* see the table above */
	ClrText		text2;
	ClrPairs	pairs;			/* attributes of an order, fields of SET_FIELDS */
	union
	{
		struct
		{
			uint64_t	epoch;
			uint64_t	timeline;
			uint64_t	system_id;
			uint8_t		nonce[16];
		}			epoch;
		struct
		{
			int64_t		retention_us;
		}			open;
		struct
		{
			uint8_t		scale;
		}			asset;
		struct
		{
			uint32_t	member;
			uint8_t		account_type;
		}			account;
		struct
		{
			uint8_t		kind;
			uint8_t		margin_basis;
			uint8_t		fee_basis;
			uint8_t		replace_priority;
			uint8_t		phase;
			uint8_t		tick_exp;
			uint8_t		lot_exp;
			uint8_t		multiplier_exp;
			uint32_t	base_asset;
			uint32_t	quote_asset;
			int64_t		tick_size;
			int64_t		lot_size;
			int64_t		multiplier;
			int64_t		initial_margin;
			int64_t		maintenance_margin;
			int64_t		maker_fee;
			int64_t		taker_fee;
			int64_t		reference_price;
			int64_t		expiry_us;
			uint8_t		has_reference_price;
		}			instrument;
		struct
		{
			uint32_t	instrument;
			uint8_t		phase;
		}			phase;
		struct
		{
			uint32_t	instrument;
			int64_t		price;
		}			price;		/* SET_MARK_PRICE, SETTLE, EXPIRE */
		struct
		{
			uint32_t	instrument;
			uint8_t		basis;
			int64_t		initial;
			int64_t		maintenance;
		}			margin;
		struct
		{
			uint32_t	asset;
			int64_t		amount;
		}			cash;		/* DEPOSIT, WITHDRAW */
		struct
		{
			uint32_t	instrument;
			uint8_t		side;
			uint8_t		ord_type;
			uint8_t		time_in_force;
			uint8_t		exec_inst;
			int64_t		price;
			int64_t		qty;
			uint8_t		self_match;
		}			order;
		struct
		{
			uint64_t	order_id;
			int64_t		price;
			int64_t		qty;
			uint8_t		time_in_force;	/* + 1, 0 = as it was */
			uint8_t		ord_type;	/* 0 = as it was */
		}			replace;
		struct
		{
			uint64_t	order_id;
		}			cancel;
		struct
		{
			uint32_t	instrument;
			uint8_t		side;	/* 0 = both */
			uint8_t		whole_member;
		}			mass_cancel;
		struct
		{
			uint8_t		whole_member;
			uint8_t		on;
		}			kill;
		struct
		{
			uint64_t	session;
			int64_t		timeout_us;
		}			session;	/* HEARTBEAT, DISCONNECT */
		struct
		{
			uint8_t		n_legs;
			uint8_t		replace_priority;
			uint8_t		phase;
			uint8_t		tick_exp;
			int64_t		tick_size;
			uint32_t	leg[CLR_LEGS_MAX];
			int32_t		ratio[CLR_LEGS_MAX];
		}			spread;
		struct
		{
			uint32_t	set;
		}			quote;
		struct
		{
			uint16_t	bytes;	/* of the orders, whose number is pairs.n */
		}			batch;
		struct
		{
			ClrTradeEvent trade;
			int64_t		new_price;	/* CORRECT_TRADE */
			int64_t		new_qty;
		}			bust;
		struct
		{
			uint8_t		scope;
			uint64_t	object;
			uint64_t	sub;
		}			fields;
	}			u;
} ClrCommand;

/*
 * Writes cmd to buf (at least clr_command_longest() bytes); bytes written, 0 if a
 * text is too long.
 */
extern size_t clr_command_encode(const ClrCommand *cmd, uint8_t *buf);

/*
 * Decodes the command at data[0..len).  Returns its length, or 0 if the bytes
 * are not one well-formed command of a known type and version.
 */
extern size_t clr_command_decode(const uint8_t *data, size_t len, ClrCommand *cmd);

/* The i'th attribute or field of a decoded command. */
static inline uint8_t
clr_pair_attr(const ClrPairs *pairs, unsigned i, int64_t *value)
{
	const uint8_t *p = pairs->data + (size_t) i * CLR_ATTR_BYTES;

	*value = clr_get_i64(p + 1);
	return p[0];
}

static inline uint16_t
clr_pair_field(const ClrPairs *pairs, unsigned i, int64_t *value)
{
	const uint8_t *p = pairs->data + (size_t) i * CLR_FIELD_BYTES;

	*value = clr_get_i64(p + 2);
	return clr_get_u16(p);
}

/* A two-sided quote. */
typedef struct ClrQuote
{
	uint32_t	instrument;
	int64_t		price[2];		/* [0] bid [1] ask */
	int64_t		qty[2];
} ClrQuote;

static inline ClrQuote
clr_pair_quote(const ClrPairs *pairs, unsigned i)
{
	const uint8_t *p = pairs->data + (size_t) i * CLR_QUOTE_BYTES;
	ClrQuote	q;

	q.instrument = clr_get_u32(p);
	q.price[0] = clr_get_i64(p + 8);
	q.qty[0] = clr_get_i64(p + 16);
	q.price[1] = clr_get_i64(p + 24);
	q.qty[1] = clr_get_i64(p + 32);
	return q;
}

static inline uint8_t *
clr_put_quote(uint8_t *buf, const ClrQuote *q)
{
	clr_put_u32(buf, q->instrument);
	clr_put_u32(buf + 4, 0);
	clr_put_i64(buf + 8, q->price[0]);
	clr_put_i64(buf + 16, q->qty[0]);
	clr_put_i64(buf + 24, q->price[1]);
	clr_put_i64(buf + 32, q->qty[1]);
	return buf + CLR_QUOTE_BYTES;
}

/* The longest command of a type. */
static inline size_t
clr_command_longest(uint8_t type)
{
	return type == CLR_CMD_MASS_QUOTE || type == CLR_CMD_BATCH ? CLR_LIST_MAX : CLR_COMMAND_MAX;
}

/* For whoever makes a command: appends to buf, returns what follows. */
static inline uint8_t *
clr_put_attr(uint8_t *buf, uint8_t attr, int64_t value)
{
	buf[0] = attr;
	clr_put_i64(buf + 1, value);
	return buf + CLR_ATTR_BYTES;
}

static inline uint8_t *
clr_put_field(uint8_t *buf, uint16_t field, int64_t value)
{
	clr_put_u16(buf, field);
	clr_put_i64(buf + 2, value);
	return buf + CLR_FIELD_BYTES;
}

/* Puts another submitter into a well-formed command, and into what it holds. */
extern void clr_command_submit(uint8_t *data, uint32_t submitter);

/* Length of the command that starts at data, 0 if it can't be framed. */
extern size_t clr_command_length(const uint8_t *data, size_t len);

#endif							/* CLR_COMMAND_H */
