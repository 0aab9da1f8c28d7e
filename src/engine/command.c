/*
 * command.c
 *	  The command codec; command.h describes every byte.
 *
 * Run by gateways (encode), the engine and tools (decode).  Pure functions,
 * no allocation.
 *
 * Invariant: decode(encode(c)) = c, and whatever decode accepts encodes back
 * to the same bytes.  Decoding checks form only: lengths, reserved bytes,
 * tails a type does not have.  Whether values make sense is the engine's
 * question.
 */
#include "engine/command.h"

#include <string.h>

/* as in state.h, which this file does without */
#define clr_unlikely(x)		__builtin_expect(!!(x), 0)

/* Form of one type: size of header and body, longest texts, reserved bytes. */
typedef struct CommandForm
{
	uint8_t		size;			/* 0 = no such type */
	uint8_t		text_max;
	uint8_t		text2_max;
	uint8_t		zero_at;		/* run of reserved bytes, if any */
	uint8_t		zero_len;
	uint8_t		pairs_at;		/* where the number of pairs stands, 0 = has none */
	uint8_t		pair_size;
} CommandForm;

static const CommandForm *
command_form(unsigned type)
{
	static const CommandForm forms[] = {
		[CLR_CMD_EPOCH] = {56, 0, 0, 0, 0},
		[CLR_CMD_OPEN_HOUSE] = {24, CLR_TEXT_MAX, 0, 0, 0},
		[CLR_CMD_CREATE_ASSET] = {24, CLR_NAME_MAX, 0, 17, 7},
		[CLR_CMD_CREATE_MEMBER] = {16, CLR_NAME_MAX, CLR_TEXT_MAX, 0, 0},
		[CLR_CMD_CREATE_ACCOUNT] = {24, CLR_NAME_MAX, 0, 21, 3},
		[CLR_CMD_CREATE_INSTRUMENT] = {112, CLR_NAME_MAX, 0, 105, 7},
		[CLR_CMD_SET_PHASE] = {24, 0, 0, 22, 2, 21, CLR_FIELD_BYTES},
		[CLR_CMD_SET_MARK_PRICE] = {32, 0, 0, 20, 4},
		[CLR_CMD_SET_MARGIN] = {40, 0, 0, 21, 3},
		[CLR_CMD_DEPOSIT] = {32, 0, 0, 20, 4},
		[CLR_CMD_WITHDRAW] = {32, 0, 0, 20, 4},
		[CLR_CMD_SETTLE] = {32, 0, 0, 20, 4},
		[CLR_CMD_EXPIRE] = {32, 0, 0, 20, 4},
		[CLR_CMD_NEW_ORDER] = {48, 0, 0, 42, 6, 41, CLR_ATTR_BYTES},
		[CLR_CMD_REPLACE_ORDER] = {48, CLR_REF_MAX, 0, 43, 5, 40, CLR_ATTR_BYTES},
		[CLR_CMD_CANCEL_ORDER] = {24, CLR_REF_MAX, 0, 0, 0},
		[CLR_CMD_MASS_CANCEL] = {24, 0, 0, 22, 2},
		[CLR_CMD_KILL_SWITCH] = {24, 0, 0, 18, 6},
		[CLR_CMD_HEARTBEAT] = {32, 0, 0, 0, 0},
		[CLR_CMD_DISCONNECT] = {24, 0, 0, 0, 0},
		[CLR_CMD_CREATE_SPREAD] = {64, CLR_NAME_MAX, 0, 20, 4},
		[CLR_CMD_MASS_QUOTE] = {24, 0, 0, 21, 3, 20, CLR_QUOTE_BYTES},
		[CLR_CMD_BATCH] = {24, 0, 0, 17, 7, 16, 0},
		[CLR_CMD_BUST_TRADE] = {104, 0, 0, 37, 3},
		[CLR_CMD_CORRECT_TRADE] = {120, 0, 0, 37, 3},
		[CLR_CMD_SET_FIELDS] = {40, 0, 0, 18, 6, 17, CLR_FIELD_BYTES},
	};

	if (type >= sizeof(forms) / sizeof(forms[0]) || forms[type].size == 0)
		return NULL;
	return &forms[type];
}

static void
put_instrument(const ClrCommand *cmd, uint8_t *p)
{
	p[16] = cmd->u.instrument.kind;
	p[17] = cmd->u.instrument.margin_basis;
	p[18] = cmd->u.instrument.fee_basis;
	p[19] = cmd->u.instrument.replace_priority;
	p[20] = cmd->u.instrument.phase;
	p[21] = cmd->u.instrument.tick_exp;
	p[22] = cmd->u.instrument.lot_exp;
	p[23] = cmd->u.instrument.multiplier_exp;
	clr_put_u32(p + 24, cmd->u.instrument.base_asset);
	clr_put_u32(p + 28, cmd->u.instrument.quote_asset);
	clr_put_i64(p + 32, cmd->u.instrument.tick_size);
	clr_put_i64(p + 40, cmd->u.instrument.lot_size);
	clr_put_i64(p + 48, cmd->u.instrument.multiplier);
	clr_put_i64(p + 56, cmd->u.instrument.initial_margin);
	clr_put_i64(p + 64, cmd->u.instrument.maintenance_margin);
	clr_put_i64(p + 72, cmd->u.instrument.maker_fee);
	clr_put_i64(p + 80, cmd->u.instrument.taker_fee);
	clr_put_i64(p + 88, cmd->u.instrument.reference_price);
	clr_put_i64(p + 96, cmd->u.instrument.expiry_us);
	p[104] = cmd->u.instrument.has_reference_price != 0;
}

static void
get_instrument(ClrCommand *cmd, const uint8_t *p)
{
	cmd->u.instrument.kind = p[16];
	cmd->u.instrument.margin_basis = p[17];
	cmd->u.instrument.fee_basis = p[18];
	cmd->u.instrument.replace_priority = p[19];
	cmd->u.instrument.phase = p[20];
	cmd->u.instrument.tick_exp = p[21];
	cmd->u.instrument.lot_exp = p[22];
	cmd->u.instrument.multiplier_exp = p[23];
	cmd->u.instrument.base_asset = clr_get_u32(p + 24);
	cmd->u.instrument.quote_asset = clr_get_u32(p + 28);
	cmd->u.instrument.tick_size = clr_get_i64(p + 32);
	cmd->u.instrument.lot_size = clr_get_i64(p + 40);
	cmd->u.instrument.multiplier = clr_get_i64(p + 48);
	cmd->u.instrument.initial_margin = clr_get_i64(p + 56);
	cmd->u.instrument.maintenance_margin = clr_get_i64(p + 64);
	cmd->u.instrument.maker_fee = clr_get_i64(p + 72);
	cmd->u.instrument.taker_fee = clr_get_i64(p + 80);
	cmd->u.instrument.reference_price = clr_get_i64(p + 88);
	cmd->u.instrument.expiry_us = clr_get_i64(p + 96);
	cmd->u.instrument.has_reference_price = p[104];
}

static void
put_order(const ClrCommand *cmd, uint8_t *p)
{
	clr_put_u32(p + 16, cmd->u.order.instrument);
	p[20] = cmd->u.order.side;
	p[21] = cmd->u.order.ord_type;
	p[22] = cmd->u.order.time_in_force;
	p[23] = cmd->u.order.exec_inst;
	clr_put_i64(p + 24, cmd->u.order.price);
	clr_put_i64(p + 32, cmd->u.order.qty);
	p[40] = cmd->u.order.self_match;
	p[41] = cmd->pairs.n;
}

static void
get_order(ClrCommand *cmd, const uint8_t *p)
{
	cmd->u.order.instrument = clr_get_u32(p + 16);
	cmd->u.order.side = p[20];
	cmd->u.order.ord_type = p[21];
	cmd->u.order.time_in_force = p[22];
	cmd->u.order.exec_inst = p[23];
	cmd->u.order.price = clr_get_i64(p + 24);
	cmd->u.order.qty = clr_get_i64(p + 32);
	cmd->u.order.self_match = p[40];
}

static void
put_bust(const ClrCommand *cmd, uint8_t *p)
{
	const ClrTradeEvent *t = &cmd->u.bust.trade;

	clr_put_u64(p + 16, t->trade_id);
	clr_put_u32(p + 24, t->instrument);
	clr_put_u32(p + 28, t->buy_account);
	clr_put_u32(p + 32, t->sell_account);
	p[36] = t->aggressor;
	clr_put_i64(p + 40, t->price);
	clr_put_i64(p + 48, t->qty);
	clr_put_i64(p + 56, t->buy_fee);
	clr_put_i64(p + 64, t->sell_fee);
	clr_put_i64(p + 72, t->buy_cost);
	clr_put_i64(p + 80, t->sell_cost);
	clr_put_u64(p + 88, t->buy_order);
	clr_put_u64(p + 96, t->sell_order);
	if (cmd->type == CLR_CMD_CORRECT_TRADE)
	{
		clr_put_i64(p + 104, cmd->u.bust.new_price);
		clr_put_i64(p + 112, cmd->u.bust.new_qty);
	}
}

static void
get_bust(ClrCommand *cmd, const uint8_t *p)
{
	ClrTradeEvent *t = &cmd->u.bust.trade;

	t->trade_id = clr_get_u64(p + 16);
	t->instrument = clr_get_u32(p + 24);
	t->buy_account = clr_get_u32(p + 28);
	t->sell_account = clr_get_u32(p + 32);
	t->aggressor = p[36];
	t->price = clr_get_i64(p + 40);
	t->qty = clr_get_i64(p + 48);
	t->buy_fee = clr_get_i64(p + 56);
	t->sell_fee = clr_get_i64(p + 64);
	t->buy_cost = clr_get_i64(p + 72);
	t->sell_cost = clr_get_i64(p + 80);
	t->buy_order = clr_get_u64(p + 88);
	t->sell_order = clr_get_u64(p + 96);
	cmd->u.bust.new_price = 0;
	cmd->u.bust.new_qty = 0;
	if (cmd->type == CLR_CMD_CORRECT_TRADE)
	{
		cmd->u.bust.new_price = clr_get_i64(p + 104);
		cmd->u.bust.new_qty = clr_get_i64(p + 112);
	}
}

/* Body of everything but CREATE_INSTRUMENT and NEW_ORDER. */
static void
put_body(const ClrCommand *cmd, uint8_t *p)
{
	switch (cmd->type)
	{
		case CLR_CMD_EPOCH:
			clr_put_u64(p + 16, cmd->u.epoch.epoch);
			clr_put_u64(p + 24, cmd->u.epoch.timeline);
			clr_put_u64(p + 32, cmd->u.epoch.system_id);
			memcpy(p + 40, cmd->u.epoch.nonce, 16);
			break;
		case CLR_CMD_OPEN_HOUSE:
			clr_put_i64(p + 16, cmd->u.open.retention_us);
			break;
		case CLR_CMD_CREATE_ASSET:
			p[16] = cmd->u.asset.scale;
			break;
		case CLR_CMD_CREATE_ACCOUNT:
			clr_put_u32(p + 16, cmd->u.account.member);
			p[20] = cmd->u.account.account_type;
			break;
		case CLR_CMD_SET_PHASE:
			clr_put_u32(p + 16, cmd->u.phase.instrument);
			p[20] = cmd->u.phase.phase;
			p[21] = cmd->pairs.n;
			break;
		case CLR_CMD_SET_MARK_PRICE:
		case CLR_CMD_SETTLE:
		case CLR_CMD_EXPIRE:
			clr_put_u32(p + 16, cmd->u.price.instrument);
			clr_put_i64(p + 24, cmd->u.price.price);
			break;
		case CLR_CMD_SET_MARGIN:
			clr_put_u32(p + 16, cmd->u.margin.instrument);
			p[20] = cmd->u.margin.basis;
			clr_put_i64(p + 24, cmd->u.margin.initial);
			clr_put_i64(p + 32, cmd->u.margin.maintenance);
			break;
		case CLR_CMD_DEPOSIT:
		case CLR_CMD_WITHDRAW:
			clr_put_u32(p + 16, cmd->u.cash.asset);
			clr_put_i64(p + 24, cmd->u.cash.amount);
			break;
		case CLR_CMD_REPLACE_ORDER:
			clr_put_u64(p + 16, cmd->u.replace.order_id);
			clr_put_i64(p + 24, cmd->u.replace.price);
			clr_put_i64(p + 32, cmd->u.replace.qty);
			p[40] = cmd->pairs.n;
			p[41] = cmd->u.replace.time_in_force;
			p[42] = cmd->u.replace.ord_type;
			break;
		case CLR_CMD_CANCEL_ORDER:
			clr_put_u64(p + 16, cmd->u.cancel.order_id);
			break;
		case CLR_CMD_MASS_CANCEL:
			clr_put_u32(p + 16, cmd->u.mass_cancel.instrument);
			p[20] = cmd->u.mass_cancel.side;
			p[21] = cmd->u.mass_cancel.whole_member;
			break;
		case CLR_CMD_KILL_SWITCH:
			p[16] = cmd->u.kill.whole_member;
			p[17] = cmd->u.kill.on;
			break;
		case CLR_CMD_MASS_QUOTE:
			clr_put_u32(p + 16, cmd->u.quote.set);
			p[20] = cmd->pairs.n;
			break;
		case CLR_CMD_BATCH:
			p[16] = cmd->pairs.n;
			break;
		case CLR_CMD_BUST_TRADE:
		case CLR_CMD_CORRECT_TRADE:
			put_bust(cmd, p);
			break;
		case CLR_CMD_HEARTBEAT:
			clr_put_i64(p + 24, cmd->u.session.timeout_us);
			/* fall through */
		case CLR_CMD_DISCONNECT:
			clr_put_u64(p + 16, cmd->u.session.session);
			break;
		case CLR_CMD_CREATE_SPREAD:
			p[16] = cmd->u.spread.n_legs;
			p[17] = cmd->u.spread.replace_priority;
			p[18] = cmd->u.spread.phase;
			p[19] = cmd->u.spread.tick_exp;
			clr_put_i64(p + 24, cmd->u.spread.tick_size);
			for (int i = 0; i < CLR_LEGS_MAX; i++)
			{
				clr_put_u32(p + 32 + 8 * i, cmd->u.spread.leg[i]);
				clr_put_u32(p + 36 + 8 * i, (uint32_t) cmd->u.spread.ratio[i]);
			}
			break;
		case CLR_CMD_SET_FIELDS:
			p[16] = cmd->u.fields.scope;
			p[17] = cmd->pairs.n;
			clr_put_u64(p + 24, cmd->u.fields.object);
			clr_put_u64(p + 32, cmd->u.fields.sub);
			break;
		default:
			break;
	}
}

static void
get_body(ClrCommand *cmd, const uint8_t *p)
{
	switch (cmd->type)
	{
		case CLR_CMD_EPOCH:
			cmd->u.epoch.epoch = clr_get_u64(p + 16);
			cmd->u.epoch.timeline = clr_get_u64(p + 24);
			cmd->u.epoch.system_id = clr_get_u64(p + 32);
			memcpy(cmd->u.epoch.nonce, p + 40, 16);
			break;
		case CLR_CMD_OPEN_HOUSE:
			cmd->u.open.retention_us = clr_get_i64(p + 16);
			break;
		case CLR_CMD_CREATE_ASSET:
			cmd->u.asset.scale = p[16];
			break;
		case CLR_CMD_CREATE_ACCOUNT:
			cmd->u.account.member = clr_get_u32(p + 16);
			cmd->u.account.account_type = p[20];
			break;
		case CLR_CMD_SET_PHASE:
			cmd->u.phase.instrument = clr_get_u32(p + 16);
			cmd->u.phase.phase = p[20];
			break;
		case CLR_CMD_SET_MARK_PRICE:
		case CLR_CMD_SETTLE:
		case CLR_CMD_EXPIRE:
			cmd->u.price.instrument = clr_get_u32(p + 16);
			cmd->u.price.price = clr_get_i64(p + 24);
			break;
		case CLR_CMD_SET_MARGIN:
			cmd->u.margin.instrument = clr_get_u32(p + 16);
			cmd->u.margin.basis = p[20];
			cmd->u.margin.initial = clr_get_i64(p + 24);
			cmd->u.margin.maintenance = clr_get_i64(p + 32);
			break;
		case CLR_CMD_DEPOSIT:
		case CLR_CMD_WITHDRAW:
			cmd->u.cash.asset = clr_get_u32(p + 16);
			cmd->u.cash.amount = clr_get_i64(p + 24);
			break;
		case CLR_CMD_REPLACE_ORDER:
			cmd->u.replace.order_id = clr_get_u64(p + 16);
			cmd->u.replace.price = clr_get_i64(p + 24);
			cmd->u.replace.qty = clr_get_i64(p + 32);
			cmd->u.replace.time_in_force = p[41];
			cmd->u.replace.ord_type = p[42];
			break;
		case CLR_CMD_CANCEL_ORDER:
			cmd->u.cancel.order_id = clr_get_u64(p + 16);
			break;
		case CLR_CMD_MASS_CANCEL:
			cmd->u.mass_cancel.instrument = clr_get_u32(p + 16);
			cmd->u.mass_cancel.side = p[20];
			cmd->u.mass_cancel.whole_member = p[21];
			break;
		case CLR_CMD_KILL_SWITCH:
			cmd->u.kill.whole_member = p[16];
			cmd->u.kill.on = p[17];
			break;
		case CLR_CMD_MASS_QUOTE:
			cmd->u.quote.set = clr_get_u32(p + 16);
			break;
		case CLR_CMD_BUST_TRADE:
		case CLR_CMD_CORRECT_TRADE:
			get_bust(cmd, p);
			break;
		case CLR_CMD_HEARTBEAT:
			cmd->u.session.timeout_us = clr_get_i64(p + 24);
			/* fall through */
		case CLR_CMD_DISCONNECT:
			cmd->u.session.session = clr_get_u64(p + 16);
			break;
		case CLR_CMD_CREATE_SPREAD:
			cmd->u.spread.n_legs = p[16];
			cmd->u.spread.replace_priority = p[17];
			cmd->u.spread.phase = p[18];
			cmd->u.spread.tick_exp = p[19];
			cmd->u.spread.tick_size = clr_get_i64(p + 24);
			for (int i = 0; i < CLR_LEGS_MAX; i++)
			{
				cmd->u.spread.leg[i] = clr_get_u32(p + 32 + 8 * i);
				cmd->u.spread.ratio[i] = (int32_t) clr_get_u32(p + 36 + 8 * i);
			}
			break;
		case CLR_CMD_SET_FIELDS:
			cmd->u.fields.scope = p[16];
			cmd->u.fields.object = clr_get_u64(p + 24);
			cmd->u.fields.sub = clr_get_u64(p + 32);
			break;
		default:
			break;
	}
}

/* Attributes: known, ascending, and only a replace takes one away. */
static bool
attrs_valid(const ClrPairs *pairs, bool replace)
{
	int			last = -1;

	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(pairs, i, &value);

		if ((attr & CLR_ATTR_GONE) != 0 && (!replace || value != 0))
			return false;
		attr &= (uint8_t) ~CLR_ATTR_GONE;
		if (attr > CLR_ATTR_SETTABLE || (int) attr <= last)
			return false;
		last = attr;
	}
	return true;
}

static bool
fields_valid(const ClrPairs *pairs)
{
	int			last = -1;

	if (pairs->n < 1 || pairs->n > CLR_FIELDS_MAX)
		return false;
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint16_t	field = clr_pair_field(pairs, i, &value);

		if ((int) field <= last)
			return false;
		last = field;
	}
	return true;
}

static bool
quotes_valid(const ClrPairs *pairs)
{
	for (unsigned i = 0; i < pairs->n; i++)
		if (clr_get_u32(pairs->data + (size_t) i * CLR_QUOTE_BYTES + 4) != 0)
			return false;
	return pairs->n >= 1;
}

/* Whole commands for orders, with the batch's header. */
static bool
orders_valid(const ClrPairs *pairs, size_t bytes, uint32_t submitter, uint32_t account)
{
	size_t		at = 0;

	for (unsigned i = 0; i < pairs->n; i++)
	{
		ClrCommand	c;
		size_t		one = 0;

		if (bytes - at >= CLR_COMMAND_HEADER &&
			pairs->data[at + 2] >= CLR_CMD_NEW_ORDER &&
			pairs->data[at + 2] <= CLR_CMD_CANCEL_ORDER)
			one = clr_command_decode(pairs->data + at, bytes - at, &c);
		if (one == 0 || c.ref.len == 0 || c.submitter != submitter ||
			c.account != account)
			return false;
		at += one;
	}
	return pairs->n >= 1 && pairs->n <= CLR_BATCH_MAX && at == bytes;
}

static bool
pairs_valid(unsigned type, const ClrPairs *pairs)
{
	if (type == CLR_CMD_SET_FIELDS || type == CLR_CMD_SET_PHASE)
		return fields_valid(pairs);
	if (type == CLR_CMD_MASS_QUOTE)
		return quotes_valid(pairs);
	return attrs_valid(pairs, type == CLR_CMD_REPLACE_ORDER);
}

/* Types that make no sense without. */
static inline bool
needs_pairs(unsigned type)
{
	return type == CLR_CMD_SET_FIELDS || type == CLR_CMD_MASS_QUOTE || type == CLR_CMD_BATCH;
}

static uint8_t *
put_text(uint8_t *p, const ClrText *text)
{
	if (text->len > 0)
		memcpy(p, text->data, text->len);
	return p + text->len;
}

size_t
clr_command_encode(const ClrCommand *cmd, uint8_t *buf)
{
	const CommandForm *form = command_form(cmd->type);
	uint8_t    *p;
	size_t		length;
	size_t		pairs = 0;		/* bytes of them */

	if (form == NULL || cmd->ref.len > CLR_REF_MAX ||
		cmd->text.len > form->text_max || cmd->text2.len > form->text2_max)
		return 0;

	if (form->pairs_at != 0 && (cmd->pairs.n > 0 || needs_pairs(cmd->type)))
	{
		if (cmd->type == CLR_CMD_BATCH ?
			!orders_valid(&cmd->pairs, cmd->u.batch.bytes, cmd->submitter, cmd->account) :
			!pairs_valid(cmd->type, &cmd->pairs))
			return 0;
		pairs = cmd->type == CLR_CMD_BATCH ? cmd->u.batch.bytes :
			(size_t) cmd->pairs.n * form->pair_size;
	}
	length = form->size + pairs + cmd->ref.len + cmd->text.len + cmd->text2.len;
	if (length > clr_command_longest(cmd->type))
		return 0;
	memset(buf, 0, form->size);
	clr_put_u16(buf, (uint16_t) length);
	buf[2] = cmd->type;
	buf[3] = CLR_COMMAND_VERSION;
	clr_put_u32(buf + 4, cmd->submitter);
	clr_put_u32(buf + 8, cmd->account);
	buf[12] = (uint8_t) cmd->ref.len;
	buf[13] = (uint8_t) cmd->text.len;
	buf[14] = (uint8_t) cmd->text2.len;

	if (cmd->type == CLR_CMD_NEW_ORDER)
		put_order(cmd, buf);
	else if (cmd->type == CLR_CMD_CREATE_INSTRUMENT)
		put_instrument(cmd, buf);
	else
		put_body(cmd, buf);

	if (pairs > 0)
		memcpy(buf + form->size, cmd->pairs.data, pairs);
	p = put_text(buf + form->size + pairs, &cmd->ref);
	p = put_text(p, &cmd->text);
	(void) put_text(p, &cmd->text2);
	return length;
}

size_t
clr_command_length(const uint8_t *data, size_t len)
{
	size_t		length;

	if (len < CLR_COMMAND_HEADER)
		return 0;
	length = clr_get_u16(data);
	if (length < CLR_COMMAND_HEADER || length > clr_command_longest(data[2]) || length > len)
		return 0;
	return length;
}

/* Are len (no more than 8) bytes zero that end at end, 16 or more from the start? */
static inline bool
is_zero_before(const uint8_t *end, unsigned len)
{
	return len == 0 || clr_get_u64(end - 8) >> (64 - 8 * len) == 0;
}

size_t
clr_command_decode(const uint8_t *data, size_t len, ClrCommand *cmd)
{
	size_t		length = clr_command_length(data, len);
	const CommandForm *form;
	const uint8_t *tail;
	size_t		pairs = 0;		/* bytes of them */

	if (length == 0 || data[3] != CLR_COMMAND_VERSION || data[15] != 0)
		return 0;
	form = command_form(data[2]);
	if (form == NULL || data[12] > CLR_REF_MAX ||
		data[13] > form->text_max || data[14] > form->text2_max)
		return 0;
	if (length < form->size)
		return 0;
	cmd->type = data[2];
	cmd->pairs.n = 0;
	cmd->pairs.data = data + form->size;
	if (form->pairs_at != 0)
	{
		cmd->pairs.n = data[form->pairs_at];
		pairs = (size_t) cmd->pairs.n * form->pair_size;
		if (clr_unlikely(form->pair_size == 0) &&
			length >= (size_t) form->size + data[12] + data[13] + data[14])
			pairs = length - form->size - data[12] - data[13] - data[14];
	}
	if (length != form->size + pairs + data[12] + data[13] + data[14])
		return 0;
	if (clr_unlikely(cmd->type == CLR_CMD_BATCH))
	{
		cmd->u.batch.bytes = (uint16_t) pairs;
		if (!orders_valid(&cmd->pairs, pairs, clr_get_u32(data + 4), clr_get_u32(data + 8)))
			return 0;
	}
	else if (form->pairs_at != 0 && clr_unlikely(pairs > 0 || needs_pairs(cmd->type)) &&
			 !pairs_valid(cmd->type, &cmd->pairs))
		return 0;
	if (!is_zero_before(data + form->zero_at + form->zero_len, form->zero_len))
		return 0;

	cmd->submitter = clr_get_u32(data + 4);
	cmd->account = clr_get_u32(data + 8);
	tail = data + form->size + pairs;
	cmd->ref.data = tail;
	cmd->ref.len = data[12];
	cmd->text.data = tail + data[12];
	cmd->text.len = data[13];
	cmd->text2.data = tail + data[12] + data[13];
	cmd->text2.len = data[14];

	if (cmd->type == CLR_CMD_NEW_ORDER)
		get_order(cmd, data);
	else if (cmd->type == CLR_CMD_CREATE_INSTRUMENT)
	{
		if (data[104] > 1)
			return 0;
		get_instrument(cmd, data);
	}
	else
		get_body(cmd, data);
	return length;
}

void
clr_command_submit(uint8_t *data, uint32_t submitter)
{
	clr_put_u32(data + 4, submitter);
	if (data[2] == CLR_CMD_BATCH)
	{
		uint8_t    *p = data + command_form(CLR_CMD_BATCH)->size;

		for (unsigned i = 0; i < data[16]; i++, p += clr_get_u16(p))
			clr_put_u32(p + 4, submitter);
	}
}
