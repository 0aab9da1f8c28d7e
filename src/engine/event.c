/*
 * event.c
 *	  Framing and decoding of events; event.h describes every byte.
 *
 * Run by whoever reads events: the projector, replies, tools, tests.  The
 * engine writes them in emit.c.  Pure functions, no allocation.
 */
#include "engine/event.h"

#include "engine/codec.h"

/* Fixed part of an event; the texts that follow are counted in `texts`. */
static size_t
fixed_size(unsigned type)
{
	switch (type)
	{
		case CLR_EV_HOUSE:
			return 32;
		case CLR_EV_ASSET:
		case CLR_EV_MEMBER:
		case CLR_EV_ACCOUNT:
			return 16;
		case CLR_EV_INSTRUMENT:
			return 144;
		case CLR_EV_ORDER:
			return 88;
		case CLR_EV_TRADE:
			return 96;
		case CLR_EV_POSITION:
			return 72;
		case CLR_EV_LEDGER:
			return 64;
		case CLR_EV_SETTLEMENT:
			return 48;
		case CLR_EV_OUTCOME:
			return 128;
		case CLR_EV_FIELD:
			return 32;
		case CLR_EV_TIMER:
			return 24;
		default:
			return 0;
	}
}

/* Bytes of text behind the fixed part. */
static size_t
text_size(const uint8_t *data)
{
	switch (data[2])
	{
		case CLR_EV_HOUSE:
			return data[24];
		case CLR_EV_ASSET:
			return data[9];
		case CLR_EV_MEMBER:
			return (size_t) data[8] + data[9];
		case CLR_EV_ACCOUNT:
			return data[13];
		case CLR_EV_INSTRUMENT:
			return data[138];
		case CLR_EV_ORDER:
			return data[27] + (size_t) data[30] * CLR_ATTR_BYTES;
		case CLR_EV_OUTCOME:
			return data[46];
		default:
			return 0;
	}
}

size_t
clr_event_length(const uint8_t *data, size_t len, uint8_t *type)
{
	size_t		length;
	size_t		fixed;

	if (len < 4 || data[3] != CLR_EVENT_VERSION)
		return 0;
	length = clr_get_u16(data);
	fixed = fixed_size(data[2]);
	if (fixed == 0 || length > len || length < fixed ||
		length != fixed + text_size(data))
		return 0;
	if (type != NULL)
		*type = data[2];
	return length;
}

static bool
is_event(const uint8_t *data, size_t len, ClrEventType type)
{
	uint8_t		actual;

	return clr_event_length(data, len, &actual) != 0 && actual == type;
}

bool
clr_event_decode_order(const uint8_t *data, size_t len, ClrOrderEvent *ev)
{
	if (!is_event(data, len, CLR_EV_ORDER) || data[27] > CLR_REF_MAX)
		return false;
	ev->instrument = clr_get_u32(data + 4);
	ev->order_id = clr_get_u64(data + 8);
	ev->account = clr_get_u32(data + 16);
	ev->side = data[20];
	ev->ord_type = data[21];
	ev->time_in_force = data[22];
	ev->exec_inst = data[23];
	ev->self_match = data[24];
	ev->ord_status = data[25];
	ev->exec_type = data[26];
	ev->ref_len = data[27];
	ev->reason = clr_get_u16(data + 28);
	ev->price = clr_get_i64(data + 32);
	ev->order_qty = clr_get_i64(data + 40);
	ev->cum_qty = clr_get_i64(data + 48);
	ev->leaves_qty = clr_get_i64(data + 56);
	ev->cum_value = clr_get_i64(data + 64);
	ev->priority = clr_get_u64(data + 72);
	ev->reserve = clr_get_i64(data + 80);
	ev->ref = data + 88;
	ev->attrs.data = data + 88 + ev->ref_len;
	ev->attrs.n = data[30];
	return true;
}

bool
clr_event_decode_trade(const uint8_t *data, size_t len, ClrTradeEvent *ev)
{
	if (!is_event(data, len, CLR_EV_TRADE))
		return false;
	ev->instrument = clr_get_u32(data + 4);
	ev->trade_id = clr_get_u64(data + 8);
	ev->price = clr_get_i64(data + 16);
	ev->qty = clr_get_i64(data + 24);
	ev->buy_order = clr_get_u64(data + 32);
	ev->sell_order = clr_get_u64(data + 40);
	ev->buy_account = clr_get_u32(data + 48);
	ev->sell_account = clr_get_u32(data + 52);
	ev->buy_fee = clr_get_i64(data + 56);
	ev->sell_fee = clr_get_i64(data + 64);
	ev->aggressor = data[72];
	ev->buy_cost = clr_get_i64(data + 80);
	ev->sell_cost = clr_get_i64(data + 88);
	return true;
}

bool
clr_event_decode_position(const uint8_t *data, size_t len, ClrPositionEvent *ev)
{
	if (!is_event(data, len, CLR_EV_POSITION))
		return false;
	ev->instrument = clr_get_u32(data + 4);
	ev->account = clr_get_u32(data + 8);
	ev->qty = clr_get_i64(data + 16);
	ev->cost = clr_get_i64(data + 24);
	ev->realised = clr_get_i64(data + 32);
	ev->buy_lots = clr_get_i64(data + 40);
	ev->sell_lots = clr_get_i64(data + 48);
	ev->buy_reserve = clr_get_i64(data + 56);
	ev->sell_reserve = clr_get_i64(data + 64);
	return true;
}

bool
clr_event_decode_ledger(const uint8_t *data, size_t len, ClrLedgerEvent *ev)
{
	if (!is_event(data, len, CLR_EV_LEDGER))
		return false;
	ev->asset = clr_get_u32(data + 4);
	ev->entry = clr_get_u64(data + 8);
	ev->debit_account = clr_get_u32(data + 16);
	ev->credit_account = clr_get_u32(data + 20);
	ev->amount = clr_get_i64(data + 24);
	ev->debit_balance = clr_get_i64(data + 32);
	ev->credit_balance = clr_get_i64(data + 40);
	ev->subject = clr_get_u64(data + 48);
	ev->kind = data[56];
	return true;
}

bool
clr_event_decode_settlement(const uint8_t *data, size_t len,
							ClrSettlementEvent *ev)
{
	if (!is_event(data, len, CLR_EV_SETTLEMENT))
		return false;
	ev->instrument = clr_get_u32(data + 4);
	ev->settlement_id = clr_get_u64(data + 8);
	ev->price = clr_get_i64(data + 16);
	ev->debited = clr_get_i64(data + 24);
	ev->credited = clr_get_i64(data + 32);
	ev->positions = clr_get_u32(data + 40);
	ev->final = data[44];
	return true;
}

bool
clr_event_decode_outcome(const uint8_t *data, size_t len, ClrOutcome *ev)
{
	if (!is_event(data, len, CLR_EV_OUTCOME) || data[46] > CLR_REF_MAX)
		return false;
	ev->number = clr_get_u32(data + 4);
	ev->type = data[8];
	ev->duplicate = data[9];
	ev->reason = clr_get_u16(data + 10);
	ev->submitter = clr_get_u32(data + 12);
	ev->account = clr_get_u32(data + 16);
	ev->instrument = clr_get_u32(data + 20);
	ev->id = clr_get_u64(data + 24);
	ev->orig_height = clr_get_u64(data + 32);
	ev->orig_number = clr_get_u32(data + 40);
	ev->ord_status = data[44];
	ev->exec_type = data[45];
	ev->ref_len = data[46];
	ev->order_qty = clr_get_i64(data + 48);
	ev->cum_qty = clr_get_i64(data + 56);
	ev->leaves_qty = clr_get_i64(data + 64);
	ev->cum_value = clr_get_i64(data + 72);
	ev->first_trade = clr_get_u64(data + 80);
	ev->n_trades = clr_get_u32(data + 88);
	ev->n_cancelled = clr_get_u32(data + 92);
	ev->restated = clr_get_u16(data + 124);
	ev->cancelled_for = clr_get_u16(data + 126);
	ev->needed = clr_get_i64(data + 96);
	ev->available = clr_get_i64(data + 104);
	ev->content_hash = clr_get_u64(data + 112);
	ev->asset = clr_get_u32(data + 120);
	ev->ref = data + 128;
	return true;
}

bool
clr_event_decode_field(const uint8_t *data, size_t len, ClrFieldEvent *ev)
{
	if (!is_event(data, len, CLR_EV_FIELD))
		return false;
	ev->scope = data[4];
	ev->field = clr_get_u16(data + 6);
	ev->object = clr_get_u64(data + 8);
	ev->sub = clr_get_u64(data + 16);
	ev->value = clr_get_i64(data + 24);
	return true;
}

uint32_t
clr_event_object_id(const uint8_t *data)
{
	return clr_get_u32(data + 4);
}
