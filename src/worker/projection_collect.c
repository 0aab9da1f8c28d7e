/*
 * projection_collect.c
 *	  Notes the events of blocks in a ClrDelta.
 *
 * Run by the projector.  No locks, no tables.  Memory is the delta's context.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "errors.h"
#include "worker/feed.h"
#include "worker/projection.h"

/* key -> index in a vector */
typedef struct ClrMapEntry
{
	uint64		key;
	uint32		index;
	char		status;
} ClrMapEntry;

static inline uint32
hash_key(uint64 key)
{
	/* ids are dense, so a multiplication spreads them well enough */
	return (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32);
}

#define SH_PREFIX clr_map
#define SH_ELEMENT_TYPE ClrMapEntry
#define SH_KEY_TYPE uint64
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_key(key)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

#define VECTOR_START 64
#define MAP_START 256

static inline uint64
pair_key(uint32 a, uint32 b)
{
	return (uint64) a << 32 | b;
}

/* Room for one more element, zeroed. */
static void *
vector_add(ClrVector *vector, MemoryContext context)
{
	void	   *element;

	if (vector->n == vector->cap)
	{
		uint32		cap = vector->cap == 0 ? VECTOR_START : vector->cap * 2;

		if (vector->data == NULL)
			vector->data = MemoryContextAllocHuge(context, vector->element * cap);
		else
			vector->data = repalloc_huge(vector->data, vector->element * cap);
		vector->cap = cap;
	}
	element = vector->data + vector->element * vector->n++;
	memset(element, 0, vector->element);
	return element;
}

/* The element that key names, made if it is not there yet. */
static void *
vector_find_or_add(ClrDelta *delta, ClrVector *vector,
				   struct clr_map_hash *map, uint64 key, bool *found)
{
	ClrMapEntry *entry = clr_map_insert(map, key, found);

	if (*found)
		return clr_vector_at(vector, entry->index);
	entry->index = vector->n;
	delta->rows++;
	return vector_add(vector, delta->context);
}

ClrDelta *
clr_delta_create(MemoryContext context, uint64 next_order)
{
	ClrDelta   *delta = MemoryContextAllocZero(context, sizeof(ClrDelta));

	delta->context = context;
	delta->first_new_order = next_order;
	delta->order_map = clr_map_create(context, MAP_START, NULL);
	delta->position_map = clr_map_create(context, MAP_START, NULL);
	delta->balance_map = clr_map_create(context, MAP_START, NULL);
	delta->instrument_map = clr_map_create(context, MAP_START, NULL);
	delta->orders.element = sizeof(ClrOrderDelta);
	delta->positions.element = sizeof(ClrPositionEvent);
	delta->balances.element = sizeof(ClrBalanceView);
	delta->instruments.element = sizeof(uint32);
	delta->assets.element = sizeof(uint32);
	delta->members.element = sizeof(uint32);
	delta->accounts.element = sizeof(uint32);
	delta->trades.element = sizeof(ClrTradeDelta);
	delta->ledger.element = sizeof(ClrLedgerDelta);
	delta->settlements.element = sizeof(ClrSettlementDelta);
	delta->fields.element = sizeof(ClrFieldEvent);
	delta->requests.element = sizeof(ClrRequestDelta);
	delta->feed.element = sizeof(ClrFeedRow);
	return delta;
}

ClrFeedRow *
clr_delta_feed_row(ClrDelta *delta)
{
	delta->rows++;
	return vector_add(&delta->feed, delta->context);
}

static void
note_instrument(ClrDelta *delta, uint32 instrument)
{
	bool		found;
	uint32	   *id = vector_find_or_add(delta, &delta->instruments,
										delta->instrument_map, instrument,
										&found);

	*id = instrument;
}

static void
note_object(ClrDelta *delta, ClrVector *vector, const uint8_t *data)
{
	uint32	   *id = vector_add(vector, delta->context);

	*id = clr_event_object_id(data);
	delta->rows++;
}

static bool
is_final(uint8 ord_status)
{
	return ord_status != CLR_STATUS_NEW &&
		ord_status != CLR_STATUS_PARTIALLY_FILLED;
}

static bool
note_order(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrOrderEvent event;
	ClrOrderDelta *order;
	bool		found;

	if (!clr_event_decode_order(data, len, &event))
		return false;
	order = vector_find_or_add(delta, &delta->orders, delta->order_map,
							   event.order_id, &found);
	if (!found)
	{
		order->created = event.order_id >= delta->first_new_order;
		order->entered_height = delta->height;
		order->entered_us = delta->time_us;
	}
	order->last = event;
	order->n_attrs = Min(event.attrs.n, CLR_ATTR_COUNT);
	for (unsigned i = 0; i < order->n_attrs; i++)
	{
		int64_t		value;

		order->attr[i] = clr_pair_attr(&event.attrs, i, &value);
		order->attr_value[i] = value;
	}
	if (event.exec_type == CLR_EXEC_NEW || event.exec_type == CLR_EXEC_REPLACED)
	{
		order->has_ref = true;
		order->ref_len = event.ref_len;
		memcpy(order->ref, event.ref, event.ref_len);
	}
	if (is_final(event.ord_status))
	{
		order->finished = true;
		order->finished_height = delta->height;
		order->finished_us = delta->time_us;
	}
	return true;
}

static bool
note_position(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrPositionEvent event;
	ClrPositionEvent *position;
	bool		found;

	if (!clr_event_decode_position(data, len, &event))
		return false;
	position = vector_find_or_add(delta, &delta->positions,
								  delta->position_map,
								  pair_key(event.account, event.instrument),
								  &found);
	*position = event;
	/* open interest follows from positions */
	note_instrument(delta, event.instrument);
	return true;
}

static void
note_balance(ClrDelta *delta, uint32 account, uint32 asset, int64 amount)
{
	bool		found;
	ClrBalanceView *balance = vector_find_or_add(delta, &delta->balances,
												 delta->balance_map,
												 pair_key(account, asset),
												 &found);

	balance->account = account;
	balance->asset = asset;
	balance->balance = amount;
}

static bool
note_ledger(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrLedgerDelta *entry = vector_add(&delta->ledger, delta->context);

	entry->height = delta->height;
	entry->time_us = delta->time_us;
	delta->rows++;
	if (!clr_event_decode_ledger(data, len, &entry->event))
		return false;
	note_balance(delta, entry->event.debit_account, entry->event.asset,
				 entry->event.debit_balance);
	note_balance(delta, entry->event.credit_account, entry->event.asset,
				 entry->event.credit_balance);
	return true;
}

static bool
note_trade(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrTradeDelta *trade = vector_add(&delta->trades, delta->context);

	trade->height = delta->height;
	trade->time_us = delta->time_us;
	delta->rows++;
	if (!clr_event_decode_trade(data, len, &trade->event))
		return false;
	note_instrument(delta, trade->event.instrument);
	return true;
}

/* Names a field; no padding, because the bytes are hashed. */
typedef struct FieldKey
{
	uint64		object;
	uint64		sub;
	uint64		scope_and_field;
} FieldKey;

typedef struct FieldEntry
{
	FieldKey	key;
	uint32		index;
} FieldEntry;

static HTAB *
create_field_map(MemoryContext context)
{
	HASHCTL		ctl;

	memset(&ctl, 0, sizeof(ctl));
	ctl.keysize = sizeof(FieldKey);
	ctl.entrysize = sizeof(FieldEntry);
	ctl.hcxt = context;
	return hash_create("fields of a batch", 64, &ctl,
					   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static bool
note_field(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrFieldEvent event;
	FieldEntry *entry;
	FieldKey	key;
	bool		found;

	if (!clr_event_decode_field(data, len, &event))
		return false;
	if (delta->field_map == NULL)
		delta->field_map = create_field_map(delta->context);
	key.object = event.object;
	key.sub = event.sub;
	key.scope_and_field = (uint64) event.scope << 16 | event.field;
	entry = hash_search(delta->field_map, &key, HASH_ENTER, &found);
	if (!found)
	{
		entry->index = delta->fields.n;
		(void) vector_add(&delta->fields, delta->context);
		delta->rows++;
	}
	*(ClrFieldEvent *) clr_vector_at(&delta->fields, entry->index) = event;
	return true;
}

static bool
note_settlement(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrSettlementDelta *settlement = vector_add(&delta->settlements,
												delta->context);

	settlement->height = delta->height;
	settlement->time_us = delta->time_us;
	delta->rows++;
	if (!clr_event_decode_settlement(data, len, &settlement->event))
		return false;
	note_instrument(delta, settlement->event.instrument);
	return true;
}

/* The command that entered an order is known when its outcome comes. */
static void
note_entry(ClrDelta *delta, const ClrOutcome *outcome)
{
	ClrMapEntry *entry;

	if (outcome->type != CLR_CMD_NEW_ORDER || outcome->reason != CLR_OK ||
		outcome->duplicate)
		return;
	entry = clr_map_lookup(delta->order_map, outcome->id);
	if (entry != NULL)
		((ClrOrderDelta *) clr_vector_at(&delta->orders, entry->index))->entered_number =
			outcome->number;
}

static bool
note_outcome(ClrDelta *delta, const uint8_t *data, size_t len)
{
	ClrRequestDelta *request = vector_add(&delta->requests, delta->context);

	request->height = delta->height;
	request->time_us = delta->time_us;
	delta->rows++;
	if (!clr_event_decode_outcome(data, len, &request->outcome))
		return false;
	memcpy(request->ref, request->outcome.ref, request->outcome.ref_len);
	note_entry(delta, &request->outcome);
	return true;
}

static bool
note_event(ClrDelta *delta, uint8 type, const uint8_t *data, size_t len)
{
	switch (type)
	{
		case CLR_EV_HOUSE:
			return true;		/* always written, from the engine */
		case CLR_EV_ASSET:
			note_object(delta, &delta->assets, data);
			return true;
		case CLR_EV_MEMBER:
			note_object(delta, &delta->members, data);
			return true;
		case CLR_EV_ACCOUNT:
			note_object(delta, &delta->accounts, data);
			return true;
		case CLR_EV_INSTRUMENT:
			note_instrument(delta, clr_event_object_id(data));
			return true;
		case CLR_EV_ORDER:
			return note_order(delta, data, len);
		case CLR_EV_TRADE:
			return note_trade(delta, data, len);
		case CLR_EV_POSITION:
			return note_position(delta, data, len);
		case CLR_EV_LEDGER:
			return note_ledger(delta, data, len);
		case CLR_EV_SETTLEMENT:
			return note_settlement(delta, data, len);
		case CLR_EV_FIELD:
			return note_field(delta, data, len);
		case CLR_EV_TIMER:
			return true;		/* what it did is told by the other events */
		case CLR_EV_OUTCOME:
			return note_outcome(delta, data, len);
	}
	return false;
}

void
clr_delta_add_block(ClrDelta *delta, const ClrBlock *block,
					const ClrEventBuffer *events)
{
	size_t		at = 0;
	uint32		n = 0;

	delta->height = block->height;
	delta->time_us = block->time_us;
	while (at < events->len)
	{
		uint8		type;
		size_t		len = clr_event_length(events->data + at,
										   events->len - at, &type);

		if (len == 0 || !note_event(delta, type, events->data + at, len))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("event at byte %zu of block %llu cannot be decoded",
							at, (unsigned long long) block->height)));
		at += len;
		if (++n % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
	}
}
