/*
 * feed.c
 *	  Makes the records of the event stream; feed.h has their layout.
 *
 * Run by the projector, and by clearing.verify(), which makes them again.
 * No locks.  Rows live in the context of the delta they are added to.
 *
 * A level is told of if it stands after the block, or if an order from before
 * the block was touched there: one that came and went within a block was never
 * there for who sees blocks.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/memutils.h"

#include "engine/codec.h"
#include "errors.h"
#include "worker/feed.h"

/* A price that something happened at. */
typedef struct LevelKey
{
	int64		price;
	uint32		instrument;
	uint32		side;
} LevelKey;

typedef struct Touched
{
	LevelKey	key;
	bool		old;			/* by an order from before the block */
} Touched;

typedef struct LevelEntry
{
	LevelKey	key;
	uint32		index;
	char		status;
} LevelEntry;

static inline uint32
hash_level(LevelKey key)
{
	uint64		v = (uint64) key.price * UINT64CONST(0x9E3779B97F4A7C15) ^
		((uint64) key.instrument << 1 | (key.side & 1)) * UINT64CONST(0xC2B2AE3D27D4EB4F);

	return (uint32) (v >> 32);
}

static inline bool
same_level(LevelKey a, LevelKey b)
{
	return a.price == b.price && a.instrument == b.instrument && a.side == b.side;
}

#define SH_PREFIX level_map
#define SH_ELEMENT_TYPE LevelEntry
#define SH_KEY_TYPE LevelKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_level(key)
#define SH_EQUAL(table, a, b) same_level(a, b)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What the block being read did to an instrument. */
typedef struct Concerned
{
	uint8		phase;			/* of the last block; 0 = not listed yet */
	bool		listed;			/* in feed->concerned */
	bool		changed;		/* its statistics may have */
} Concerned;

struct ClrFeed
{
	ClrEngine  *engine;
	MemoryContext context;
	uint64		next_seq;
	uint64		next_order;		/* orders from here on are of this block */
	uint32		n_records;		/* of this block */
	uint8	   *buf;			/* their bytes */
	Size		len;
	Size		cap;
	struct level_map_hash *levels;
	Touched    *touched;
	uint32		n_touched;
	uint32		cap_touched;
	Concerned  *instruments;	/* [id] */
	uint32		n_instruments;
	uint32	   *concerned;		/* ids */
	uint32		n_concerned;
	uint32		cap_concerned;
};

#define LEVELS_START 256
/* More slots than that are not kept for the next block. */
#define LEVELS_KEPT 4096
/* No record is longer, its reference included. */
#define RECORD_MAX 256

/*----------------------------------------------------------------
 * Bytes
 *----------------------------------------------------------------
 */
static inline uint8 *
put_u(uint8 *p, uint64 v)
{
	while (v >= 0x80)
	{
		*p++ = (uint8) (v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8) v;
	return p;
}

static inline uint8 *
put_s(uint8 *p, int64 v)
{
	return put_u(p, (uint64) v << 1 ^ (v < 0 ? ~UINT64CONST(0) : 0));
}

static inline uint8 *
begin_record(ClrFeed *feed, ClrFeedType type)
{
	uint8	   *p;

	if (feed->cap - feed->len < RECORD_MAX)
	{
		feed->cap *= 2;
		feed->buf = repalloc_huge(feed->buf, feed->cap);
	}
	p = feed->buf + feed->len;
	*p++ = (uint8) type;
	return p;
}

static inline void
end_record(ClrFeed *feed, const uint8 *end)
{
	feed->len = end - feed->buf;
	feed->n_records++;
}

/*----------------------------------------------------------------
 * What a block concerns
 *----------------------------------------------------------------
 */
static Concerned *
instrument_of(ClrFeed *feed, uint32 instrument)
{
	if (instrument >= feed->n_instruments)
	{
		uint32		n = Max(instrument + 1, feed->n_instruments * 2);

		feed->instruments = repalloc(feed->instruments, n * sizeof(Concerned));
		memset(feed->instruments + feed->n_instruments, 0,
			   (n - feed->n_instruments) * sizeof(Concerned));
		feed->n_instruments = n;
	}
	return &feed->instruments[instrument];
}

static Concerned *
concern(ClrFeed *feed, uint32 instrument)
{
	Concerned  *c = instrument_of(feed, instrument);

	if (c->listed)
		return c;
	if (feed->n_concerned == feed->cap_concerned)
	{
		feed->cap_concerned *= 2;
		feed->concerned = repalloc(feed->concerned,
								   feed->cap_concerned * sizeof(uint32));
	}
	feed->concerned[feed->n_concerned++] = instrument;
	c->listed = true;
	return c;
}

static void
touch_level(ClrFeed *feed, uint32 instrument, uint8 side, int64 price, bool old)
{
	LevelKey	key = {.price = price,.instrument = instrument,.side = side};
	bool		found;
	LevelEntry *entry = level_map_insert(feed->levels, key, &found);

	if (found)
	{
		feed->touched[entry->index].old |= old;
		return;
	}
	if (feed->n_touched == feed->cap_touched)
	{
		feed->cap_touched *= 2;
		feed->touched = repalloc_huge(feed->touched,
									  feed->cap_touched * sizeof(Touched));
	}
	entry->index = feed->n_touched;
	feed->touched[feed->n_touched++] = (Touched) {key, old};
	(void) concern(feed, instrument);
}

/*----------------------------------------------------------------
 * Records of events
 *----------------------------------------------------------------
 */

/* Is it at its price in the book?  Those that leave it are in touch_vacated(). */
static bool
is_in_book(const ClrOrderEvent *ev)
{
	int64_t		value;

	if (ev->leaves_qty == 0)
		return false;
	if (ev->ord_type == CLR_ORD_MARKET)
		return false;
	for (unsigned i = 0; i < ev->attrs.n; i++)
		if (clr_pair_attr(&ev->attrs, i, &value) == CLR_ATTR_PARKED)
			return false;
	return true;
}

static bool
add_order(ClrFeed *feed, const uint8_t *data, size_t len)
{
	ClrOrderEvent ev;
	uint8	   *p;

	if (!clr_event_decode_order(data, len, &ev))
		return false;
	p = begin_record(feed, CLR_FEED_ORDER);
	p = put_u(p, ev.instrument);
	p = put_u(p, ev.account);
	p = put_u(p, ev.order_id);
	*p++ = ev.side;
	*p++ = ev.ord_type;
	*p++ = ev.time_in_force;
	*p++ = ev.ord_status;
	*p++ = ev.exec_type;
	p = put_u(p, ev.reason);
	p = put_s(p, ev.price);
	p = put_u(p, (uint64) ev.order_qty);
	p = put_u(p, (uint64) ev.cum_qty);
	p = put_u(p, (uint64) ev.leaves_qty);
	p = put_s(p, ev.cum_value);
	*p++ = ev.ref_len;
	memcpy(p, ev.ref, ev.ref_len);
	end_record(feed, p + ev.ref_len);
	if (is_in_book(&ev))
		touch_level(feed, ev.instrument, ev.side, ev.price,
					ev.order_id < feed->next_order);
	else
		(void) concern(feed, ev.instrument);
	return true;
}

static uint8 *
put_trade(uint8 *p, const ClrTradeEvent *t)
{
	p = put_u(p, t->trade_id);
	p = put_s(p, t->price);
	p = put_u(p, (uint64) t->qty);
	p = put_u(p, t->buy_order);
	p = put_u(p, t->sell_order);
	p = put_u(p, t->buy_account);
	p = put_u(p, t->sell_account);
	*p++ = t->aggressor & CLR_TRADE_IN_AUCTION ? 0 : t->aggressor;
	return p;
}

static bool
add_trade(ClrFeed *feed, const uint8_t *data, size_t len)
{
	ClrTradeEvent ev;
	uint8	   *p;

	if (!clr_event_decode_trade(data, len, &ev))
		return false;
	p = begin_record(feed, CLR_FEED_TRADE);
	p = put_u(p, ev.instrument);
	end_record(feed, put_trade(p, &ev));
	concern(feed, ev.instrument)->changed = true;
	return true;
}

/* The n'th command of a block, from 0. */
static bool
find_command(const ClrBlock *block, uint32 n, ClrCommand *cmd)
{
	const uint8_t *p = block->commands;
	const uint8_t *end = p + block->commands_len;
	size_t		len;

	while ((len = clr_command_length(p, end - p)) > 0 && n-- > 0)
		p += len;
	return len > 0 && clr_command_decode(p, len, cmd) == len;
}

bool
clr_feed_bust_command(const ClrBlock *block, const uint8_t *data, size_t len,
					  uint64 trade_id, ClrCommand *cmd)
{
	uint8_t		type = 0;
	size_t		one;

	while ((one = clr_event_length(data, len, &type)) > 0 && type != CLR_EV_OUTCOME)
	{
		data += one;
		len -= one;
	}
	return one > 0 && find_command(block, clr_get_u32(data + 4), cmd) &&
		(cmd->type == CLR_CMD_BUST_TRADE || cmd->type == CLR_CMD_CORRECT_TRADE) &&
		cmd->u.bust.trade.trade_id == trade_id;
}

static bool
add_bust(ClrFeed *feed, const ClrBlock *block, const ClrFieldEvent *field,
		 const uint8_t *data, size_t len)
{
	bool		corrected = field->field == CLR_TRADE_CORRECTED_BY;
	ClrCommand	cmd;
	uint8	   *p;

	if (!clr_feed_bust_command(block, data, len, field->object, &cmd))
		return false;
	p = begin_record(feed, CLR_FEED_BUST);
	p = put_u(p, cmd.u.bust.trade.instrument);
	*p++ = corrected ? 2 : 1;
	p = put_u(p, corrected ? (uint64) field->value : 0);
	end_record(feed, put_trade(p, &cmd.u.bust.trade));
	concern(feed, cmd.u.bust.trade.instrument)->changed = true;
	return true;
}

/* Of fields only busts and corrections are told of, each once. */
static bool
add_field(ClrFeed *feed, const ClrBlock *block, const uint8_t *data, size_t len,
		  size_t rest)
{
	ClrFieldEvent field;

	if (!clr_event_decode_field(data, len, &field))
		return false;
	if (field.scope == CLR_SCOPE_TRADE &&
		((field.field == CLR_TRADE_BUSTED && field.value == 1) ||
		 field.field == CLR_TRADE_CORRECTED_BY))
		return add_bust(feed, block, &field, data, rest);
	return true;
}

/* INSTRUMENT tells of every change of an instrument; byte 12 is its phase. */
static bool
add_instrument(ClrFeed *feed, const uint8_t *data, size_t len)
{
	uint32		id = clr_event_object_id(data);
	Concerned  *c = concern(feed, id);
	uint8	   *p;

	if (len < 144)
		return false;
	c->changed = true;
	if (c->phase == data[12])
		return true;
	c->phase = data[12];
	p = begin_record(feed, CLR_FEED_PHASE);
	p = put_u(p, id);
	*p++ = c->phase;
	end_record(feed, p);
	return true;
}

static void
add_events(ClrFeed *feed, const ClrBlock *block, const ClrEventBuffer *events)
{
	size_t		at = 0;

	while (at < events->len)
	{
		uint8		type;
		const uint8_t *data = events->data + at;
		size_t		len = clr_event_length(data, events->len - at, &type);
		bool		good = len > 0;

		if (type == CLR_EV_ORDER)
			good = good && add_order(feed, data, len);
		else if (type == CLR_EV_TRADE)
			good = good && add_trade(feed, data, len);
		else if (type == CLR_EV_INSTRUMENT)
			good = good && add_instrument(feed, data, len);
		else if (type == CLR_EV_FIELD)
			good = good && add_field(feed, block, data, len, events->len - at);
		if (!good)
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("event at byte %zu of block %llu cannot be decoded",
							at, (unsigned long long) block->height)));
		at += len;
	}
}

/*----------------------------------------------------------------
 * Records of what stands after the block
 *----------------------------------------------------------------
 */
static void
add_levels(ClrFeed *feed)
{
	for (uint32 i = 0; i < feed->n_touched; i++)
	{
		const Touched *t = &feed->touched[i];
		ClrLevelView level;
		uint8	   *p;

		if (!clr_get_level(feed->engine, t->key.instrument, (uint8) t->key.side,
						   t->key.price, &level) && !t->old)
			continue;
		p = begin_record(feed, CLR_FEED_LEVEL);
		p = put_u(p, t->key.instrument);
		*p++ = (uint8) t->key.side;
		p = put_s(p, t->key.price);
		p = put_u(p, (uint64) level.qty);
		p = put_u(p, level.orders);
		end_record(feed, p);
	}
}

static void
add_indicative(ClrFeed *feed, uint32 instrument)
{
	ClrIndicative v;
	uint8	   *p;

	if (!clr_get_indicative(feed->engine, instrument, &v))
		return;
	p = begin_record(feed, CLR_FEED_INDICATIVE);
	p = put_u(p, instrument);
	*p++ = v.has_price;
	p = put_s(p, v.price);
	p = put_u(p, (uint64) v.volume);
	p = put_s(p, v.surplus);
	end_record(feed, p);
}

static void
add_statistics(ClrFeed *feed, uint32 instrument)
{
	ClrInstrumentView v;
	uint8	   *p;

	if (!clr_get_instrument(feed->engine, instrument, &v))
		return;
	p = begin_record(feed, CLR_FEED_STATISTICS);
	p = put_u(p, instrument);
	*p++ = (v.has_last ? CLR_FEED_HAS_LAST : 0) |
		(v.has_session ? CLR_FEED_HAS_SESSION : 0);
	p = put_s(p, v.last_price);
	p = put_u(p, (uint64) v.last_qty);
	p = put_s(p, v.session_open);
	p = put_s(p, v.session_high);
	p = put_s(p, v.session_low);
	p = put_u(p, (uint64) v.session_volume);
	p = put_s(p, v.session_value);
	p = put_u(p, (uint64) v.open_interest);
	end_record(feed, p);
}

static void
touch_vacated(ClrFeed *feed)
{
	uint32_t	n;
	const ClrVacated *v = clr_get_vacated(feed->engine, &n);

	for (uint32 i = 0; i < n; i++)
		touch_level(feed, v[i].instrument, v[i].side, v[i].price,
					v[i].order < feed->next_order);
}

static void
add_instruments(ClrFeed *feed)
{
	for (uint32 i = 0; i < feed->n_concerned; i++)
	{
		Concerned  *c = &feed->instruments[feed->concerned[i]];

		add_indicative(feed, feed->concerned[i]);
		if (c->changed)
			add_statistics(feed, feed->concerned[i]);
		c->listed = false;
		c->changed = false;
	}
}

/*----------------------------------------------------------------
 * Blocks
 *----------------------------------------------------------------
 */
ClrFeed *
clr_feed_create(MemoryContext context, ClrEngine *engine, uint64 next_seq)
{
	ClrFeed    *feed = MemoryContextAllocZero(context, sizeof(ClrFeed));
	ClrHouseView house;

	clr_engine_watch(engine);
	clr_get_house(engine, &house);
	feed->engine = engine;
	feed->context = context;
	feed->next_seq = next_seq;
	feed->next_order = house.next_order;
	feed->cap = 64 * 1024;
	feed->buf = MemoryContextAlloc(context, feed->cap);
	feed->levels = level_map_create(context, LEVELS_START, NULL);
	feed->cap_touched = LEVELS_START;
	feed->touched = MemoryContextAlloc(context, feed->cap_touched * sizeof(Touched));
	feed->n_instruments = Max(house.next_instrument, 16);
	feed->instruments = MemoryContextAllocZero(context,
											   feed->n_instruments * sizeof(Concerned));
	feed->cap_concerned = 16;
	feed->concerned = MemoryContextAlloc(context, feed->cap_concerned * sizeof(uint32));
	for (uint32 i = 1; i < house.next_instrument; i++)
	{
		ClrInstrumentView v;

		if (clr_get_instrument(engine, i, &v))
			feed->instruments[i].phase = v.phase;
	}
	return feed;
}

static void
begin_block(ClrFeed *feed)
{
	feed->len = 0;
	feed->n_records = 0;
	feed->n_touched = 0;
	feed->n_concerned = 0;
	if (feed->levels->size <= LEVELS_KEPT)
		level_map_reset(feed->levels);
	else
	{
		level_map_destroy(feed->levels);
		feed->levels = level_map_create(feed->context, LEVELS_START, NULL);
	}
}

static void
add_row(ClrFeed *feed, ClrDelta *delta, const ClrBlock *block)
{
	ClrFeedRow *row = clr_delta_feed_row(delta);

	row->first_seq = feed->next_seq;
	row->height = block->height;
	row->time_us = block->time_us;
	row->n = feed->n_records;
	row->data = MemoryContextAlloc(delta->context, VARHDRSZ + feed->len);
	SET_VARSIZE(row->data, VARHDRSZ + feed->len);
	memcpy(VARDATA(row->data), feed->buf, feed->len);
	feed->next_seq += feed->n_records;
	/* rows are as large as blocks; what a batch holds is limited */
	delta->rows += feed->len / RECORD_MAX;
}

void
clr_feed_add_block(ClrFeed *feed, ClrDelta *delta, const ClrBlock *block,
				   const ClrEventBuffer *events)
{
	ClrHouseView house;

	begin_block(feed);
	add_events(feed, block, events);
	touch_vacated(feed);
	add_levels(feed);
	add_instruments(feed);
	clr_get_house(feed->engine, &house);
	feed->next_order = house.next_order;
	if (feed->n_records > 0)
		add_row(feed, delta, block);
}

uint64
clr_feed_stored_next(void)
{
	bool		isnull;
	uint64		next = 1;

	if (SPI_execute("SELECT first_seq + n FROM clearing_state.event_block"
					" ORDER BY first_seq DESC LIMIT 1", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.event_block");
	if (SPI_processed > 0)
		next = (uint64) DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
													SPI_tuptable->tupdesc, 1,
													&isnull));
	SPI_freetuptable(SPI_tuptable);
	return next;
}
