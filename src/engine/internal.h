/*
 * internal.h
 *	  State of the engine and what its files know of each other.
 *
 * Included by src/engine/ only.  One thread owns an engine; nothing here is
 * shared, locked or global.
 *
 * Objects live in arrays and pools that grow by doubling and are referred to
 * by 32-bit indexes, never by pointers that outlive a call which may allocate.
 * Which index an object has, the shape of hash tables, tries and lists, and
 * when dead records are physically dropped are invisible: events and dumps
 * depend on ids, priorities and values alone, so a restored engine continues
 * exactly like the original.
 *
 * Range rules, kept by every accepted command, so that matching and
 * settlement can't overflow (they never check):
 *	- |balance| <= gross of its asset <= CLR_AMOUNT_MAX, where gross is the sum
 *	  of the negative balances' magnitudes; whoever can raise it checks first
 *	- for a position: tick value * (|cost| + |realised| + sum of |price| *
 *	  leaves of its working orders + |mark| * (|qty| + working lots))
 *	  <= CLR_AMOUNT_MAX; passive fills never raise it
 *	- |qty| + working lots <= CLR_LOTS_MAX; the lots in a book, and its open
 *	  interest, <= CLR_AMOUNT_MAX
 *	- reserves of a side and the initial margin of a side <= CLR_AMOUNT_MAX
 */
#ifndef CLR_INTERNAL_H
#define CLR_INTERNAL_H

#include <stdlib.h>
#include <string.h>

#include "engine/codec.h"
#include "engine/engine.h"

#define CLR_NONE			UINT32_MAX
#define CLR_LOTS_MAX		INT64_C(4000000000000)	/* of one position, with orders */
#define CLR_RETENTION_MAX	(INT64_C(3660) * 86400 * 1000000)

/* Branches that matter for speed. */
#define clr_likely(x)		__builtin_expect(!!(x), 1)
#define clr_unlikely(x)		__builtin_expect(!!(x), 0)
#define clr_prefetch(p)		__builtin_prefetch(p)

/*----------------------------------------------------------------
 * Containers (pool.c)
 *----------------------------------------------------------------
 */

/*
 * Items of equal size with a free list threaded through their first four
 * bytes, beginning at a cache line.
 */
typedef struct ClrPool
{
	void	   *items;
	void	   *memory;			/* what items lie in */
	size_t		offset;			/* of items in it */
	size_t		size;
	uint32_t	cap;
	uint32_t	used;			/* indexes below this have been handed out */
	uint32_t	free;			/* first free item, CLR_NONE if none */
	uint32_t	live;
} ClrPool;

/*
 * Open addressing with linear probing; removal shifts back what was displaced.
 * Eight keys that follow each other, as ids do, have homes side by side and so
 * share cache lines.
 */
typedef struct ClrMapSlot
{
	uint64_t	key;
	uint32_t	value;			/* CLR_NONE = empty */
} ClrMapSlot;

typedef struct ClrMap
{
	ClrMapSlot *slots;
	uint32_t	mask;			/* slots - 1; 0 = not allocated */
	uint32_t	count;
	uint32_t	shift;			/* 64 - log2(slots / 8) */
} ClrMap;

/* A growing list of (key, index), used to put things into canonical order. */
typedef struct ClrSortItem
{
	uint64_t	key;
	uint32_t	index;
} ClrSortItem;

typedef struct ClrSortList
{
	ClrSortItem *items;
	size_t		len;
	size_t		cap;
} ClrSortList;

extern uint32_t clr_pool_alloc(ClrPool *pool);	/* CLR_NONE = no memory */
extern void clr_pool_free(ClrPool *pool, uint32_t index);
extern bool clr_map_put(ClrMap *map, uint64_t key, uint32_t value);
extern void clr_map_remove(ClrMap *map, uint64_t key);
extern bool clr_grow(void **items, uint32_t *cap, uint32_t need, size_t size);
extern bool clr_sort_add(ClrSortList *list, uint64_t key, uint32_t index);
extern void clr_sort(ClrSortList *list);

static inline uint32_t
clr_map_home(const ClrMap *map, uint64_t key)
{
	uint64_t	block = ((key >> 3) * UINT64_C(0x9E3779B97F4A7C15)) >> map->shift;

	return (uint32_t) (block << 3 | (key & 7));
}

/* Value of key, CLR_NONE if absent. */
static inline uint32_t
clr_map_get(const ClrMap *map, uint64_t key)
{
	uint32_t	i;

	if (map->mask == 0)
		return CLR_NONE;
	for (i = clr_map_home(map, key);; i = (i + 1) & map->mask)
	{
		if (map->slots[i].value == CLR_NONE || map->slots[i].key == key)
			return map->slots[i].value;
	}
}

/*----------------------------------------------------------------
 * Objects
 *----------------------------------------------------------------
 */

typedef struct ClrAsset
{
	ClrAssetView v;
	uint32_t	world;			/* wallets of the house's own accounts */
	uint32_t	fees;
	uint32_t	settlement;
	int64_t		gross;			/* sum of |negative balances| */
} ClrAsset;

typedef struct ClrMember
{
	ClrMemberView v;
} ClrMember;

typedef struct ClrAccount
{
	ClrAccountView v;
	bool		used;
	uint32_t	positions;		/* list through ClrPosition.account_next */
} ClrAccount;

/* An account's money in one asset, and what its positions make of it. */
typedef struct ClrWallet
{
	uint32_t	account;
	uint32_t	asset;
	int64_t		balance;
	clr_int128	initial;		/* requirements of futures settled in it */
	clr_int128	maintenance;
	clr_int128	unrealised;
	clr_int128	spot_reserve;
} ClrWallet;

/*
 * An account in an instrument.  The counted_ fields are what the wallets hold
 * of it at the moment; clr_position_refresh() brings them up to date.
 */
typedef struct ClrPosition
{
	uint32_t	account;
	uint32_t	instrument;
	int64_t		qty;
	int64_t		cost;
	int64_t		realised;
	int64_t		lots[2];		/* working quantity, [0] buy [1] sell */
	int64_t		reserve[2];
	int64_t		work_value;		/* sum of |price| * leaves, both sides */
	int64_t		counted[3];		/* future: initial, maintenance, unrealised;
								 * spot: quote reserve, base reserve, 0 */
	uint64_t	touched;		/* serial of the command that last changed it */
	uint32_t	quote_wallet;
	uint32_t	base_wallet;	/* CLR_NONE for futures */
	uint32_t	orders;			/* list through ClrOrder.position_next */
	uint32_t	account_prev;
	uint32_t	account_next;
	uint32_t	instrument_prev;
	uint32_t	instrument_next;
} ClrPosition;

typedef struct ClrOrder
{
	uint32_t	position;		/* first: overwritten by the free list */
	uint32_t	level;			/* CLR_NONE = not in the book */
	uint64_t	id;				/* 0 = free */
	uint32_t	prev;			/* queue of the level */
	uint32_t	next;
	uint32_t	position_prev;
	uint32_t	position_next;
	int64_t		price;			/* 0 for market orders */
	int64_t		order_qty;
	int64_t		cum_qty;
	int64_t		reserve;		/* per lot */
	/* second cache line */
	uint64_t	priority;
	int64_t		cum_value;
	int64_t		time_us;
	uint32_t	ref;			/* reference record that names it now */
	uint32_t	pinned;			/* expired references kept for its sake */
	uint8_t		side;
	uint8_t		ord_type;
	uint8_t		time_in_force;
	uint8_t		exec_inst;
	uint8_t		self_match;
	bool		known;			/* is in order_map */
	uint8_t		unused[26];		/* two whole cache lines */
} ClrOrder;

_Static_assert(sizeof(ClrOrder) == 128, "two cache lines");

typedef struct ClrLevel
{
	uint32_t	count;
	uint32_t	head;
	uint32_t	tail;
	int64_t		price;
	int64_t		total;			/* leaves of all orders */
} ClrLevel;

/* Node of the price trie: which of 64 children exist, and their indexes. */
typedef struct ClrTrieNode
{
	uint64_t	bitmap;
	uint32_t	child[64];		/* nodes, or levels in the lowest nodes */
} ClrTrieNode;

typedef struct ClrBookSide
{
	uint32_t	root;			/* CLR_NONE = empty */
	uint32_t	height;			/* nodes on the way to a level */
	int64_t		base;			/* price of the leftmost slot */
	uint32_t	best;			/* level, CLR_NONE if empty */
	uint32_t	levels;
} ClrBookSide;

typedef struct ClrInstrument
{
	ClrInstrumentView v;
	/* margin of n lots = n * quotient + ceil(n * remainder / CLR_RATE_UNIT) */
	int64_t		initial_quotient;
	int64_t		initial_remainder;
	int64_t		maintenance_quotient;
	int64_t		maintenance_remainder;
	ClrBookSide side[2];		/* [0] bids, [1] asks */
	int64_t		work_lots[2];	/* leaves of all orders in the book */
	uint32_t	positions;		/* list through instrument_next */
} ClrInstrument;

/*
 * What a reference stands for: the original outcome.  What a lookup needs
 * comes first; what most outcomes have nothing of is in an extra record.
 */
typedef struct ClrReference
{
	uint32_t	next;			/* first: overwritten by the free list */
	uint32_t	prev;
	uint32_t	account;
	uint32_t	order;			/* where the order was seen last, a hint */
	uint64_t	id;
	int64_t		time_us;
	uint16_t	reason;
	uint8_t		type;
	uint8_t		ref_len;
	uint8_t		ref[CLR_REF_MAX];
	uint64_t	content_hash;
	uint64_t	height;
	int64_t		order_qty;
	int64_t		leaves_qty;
	uint32_t	number;
	uint32_t	submitter;
	uint32_t	instrument;
	uint8_t		ord_status;
	uint8_t		exec_type;
	bool		pinned;
	uint8_t		unused;
	uint32_t	extra;			/* ClrReferenceExtra, CLR_NONE if all zero */
	uint32_t	unused2;
} ClrReference;

_Static_assert(sizeof(ClrReference) == 128, "two cache lines");

typedef struct ClrReferenceExtra
{
	uint32_t	asset;			/* first: overwritten by the free list */
	uint32_t	n_trades;
	int64_t		cum_qty;
	int64_t		cum_value;
	uint64_t	first_trade;
	int64_t		needed;
	int64_t		available;
	uint32_t	n_cancelled;
} ClrReferenceExtra;

typedef struct ClrReferenceSlot
{
	uint32_t	tag;			/* the hash; its low bits give the home slot */
	uint32_t	index;			/* CLR_NONE = empty */
} ClrReferenceSlot;

struct ClrEngine
{
	/* the house; next_* counters in the view */
	ClrHouseView house;

	ClrAsset   *assets;			/* [id - 1] */
	ClrMember  *members;		/* [id] */
	ClrAccount *accounts;		/* [id] */
	ClrInstrument *instruments; /* [id - 1] */
	uint32_t	n_assets,
				cap_assets;
	uint32_t	n_members,
				cap_members;
	uint32_t	n_accounts,		/* length of the array, holes included */
				cap_accounts;
	uint32_t	n_instruments,
				cap_instruments;

	ClrPool		wallets;
	ClrPool		positions;
	ClrPool		orders;			/* working ones, and the one being matched */
	ClrPool		levels;
	ClrPool		nodes;
	ClrPool		references;
	ClrPool		extras;			/* of references */

	ClrMap		names;			/* hash of kind and name -> id */
	ClrMap		wallet_map;		/* account << 32 | asset */
	ClrMap		position_map;	/* account << 32 | instrument */
	ClrMap		order_map;		/* order id */

	ClrReferenceSlot *ref_slots;
	uint64_t	ref_seed;		/* of the hash, see reference.c */
	uint32_t	ref_mask;
	uint32_t	ref_count;
	uint32_t	ref_head;		/* oldest reference not pinned */
	uint32_t	ref_tail;

	/* the command being applied */
	ClrEventBuffer *ev;
	ClrOutcome	out;
	uint64_t	orig_hash;		/* of the name of the order it means */
	uint32_t	entered;		/* order it entered or replaced that rests */
	uint64_t	serial;			/* counts apply calls, for ClrPosition.touched */
	uint32_t   *touched;		/* positions to refresh and report */
	uint32_t	n_touched;
	uint32_t	cap_touched;
	bool		oom;
	ClrSortList sort;
	uint8_t		trash[512];		/* events go here when memory is out */

	/* loading */
	bool		restoring;
	ClrSortList restored;		/* orders by priority */
	ClrPositionView *expected;	/* what positions should sum up to */
	uint32_t	n_expected;
	uint32_t	cap_expected;
	const char *restore_error;
	char		check_message[160];
};

static inline ClrWallet *
wallet_at(const ClrEngine *e, uint32_t i)
{
	return (ClrWallet *) e->wallets.items + i;
}

static inline ClrPosition *
position_at(const ClrEngine *e, uint32_t i)
{
	return (ClrPosition *) e->positions.items + i;
}

static inline ClrOrder *
order_at(const ClrEngine *e, uint32_t i)
{
	return (ClrOrder *) e->orders.items + i;
}

static inline ClrLevel *
level_at(const ClrEngine *e, uint32_t i)
{
	return (ClrLevel *) e->levels.items + i;
}

static inline ClrTrieNode *
node_at(const ClrEngine *e, uint32_t i)
{
	return (ClrTrieNode *) e->nodes.items + i;
}

static inline ClrReference *
reference_at(const ClrEngine *e, uint32_t i)
{
	return (ClrReference *) e->references.items + i;
}

static inline ClrReferenceExtra *
extra_at(const ClrEngine *e, uint32_t i)
{
	return (ClrReferenceExtra *) e->extras.items + i;
}

static inline ClrAsset *
asset_at(const ClrEngine *e, uint32_t id)
{
	return &e->assets[id - 1];
}

static inline ClrInstrument *
instrument_at(const ClrEngine *e, uint32_t id)
{
	return &e->instruments[id - 1];
}

static inline bool
asset_exists(const ClrEngine *e, uint32_t id)
{
	return id >= 1 && id <= e->n_assets;
}

static inline bool
instrument_exists(const ClrEngine *e, uint32_t id)
{
	return id >= 1 && id <= e->n_instruments;
}

static inline bool
account_exists(const ClrEngine *e, uint32_t id)
{
	return id < e->n_accounts && e->accounts[id].used;
}

/* For the short texts of the hot paths; calling memcpy() costs more. */
static inline void
copy_text(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t		i = 0;

	if (len >= 8)
	{
		for (; i + 8 <= len; i += 8)
			memcpy(to + i, from + i, 8);
		memcpy(to + len - 8, from + len - 8, 8);
		return;
	}
	if (len >= 4)
	{
		memcpy(to, from, 4);
		memcpy(to + len - 4, from + len - 4, 4);
		return;
	}
	for (; i < len; i++)
		to[i] = from[i];
}

static inline int64_t
abs64(int64_t v)
{
	return v < 0 ? -v : v;
}

static inline clr_int128
abs128(clr_int128 v)
{
	return v < 0 ? -v : v;
}

/* For reporting only: amounts that don't fit are shown as the largest. */
static inline int64_t
saturate(clr_int128 v)
{
	return v > INT64_MAX ? INT64_MAX : v < INT64_MIN ? INT64_MIN : (int64_t) v;
}

static inline unsigned
side_index(uint8_t side)
{
	return side == CLR_SIDE_SELL;
}

static inline int64_t
order_leaves(const ClrOrder *o)
{
	return o->order_qty - o->cum_qty;
}

/* An order of a future whose fills are valued against a mark. */
static inline bool
is_future(const ClrInstrument *in)
{
	return in->v.kind == CLR_INSTRUMENT_FUTURE;
}

/*----------------------------------------------------------------
 * text.c
 *----------------------------------------------------------------
 */
/* XXH64 with seed 0: the content hash, stable for ever. */
extern uint64_t clr_xxh64(const uint8_t *data, size_t len, uint64_t seed);
/* Valid UTF-8 without control characters. */
extern bool clr_text_valid(const uint8_t *data, size_t len);

/*----------------------------------------------------------------
 * emit.c: writing events
 *----------------------------------------------------------------
 */
extern void clr_emit_house(ClrEngine *e);
extern void clr_emit_asset(ClrEngine *e, const ClrAsset *a);
extern void clr_emit_member(ClrEngine *e, const ClrMember *m);
extern void clr_emit_account(ClrEngine *e, const ClrAccount *a);
extern void clr_emit_instrument(ClrEngine *e, const ClrInstrument *in);
extern void clr_emit_order(ClrEngine *e, const ClrOrder *o, uint8_t status,
						   uint8_t exec_type, uint16_t reason,
						   const ClrText *ref);
extern void clr_emit_trade(ClrEngine *e, const ClrTradeEvent *t);
extern void clr_emit_position(ClrEngine *e, const ClrPosition *p);
extern void clr_emit_ledger(ClrEngine *e, const ClrLedgerEvent *l);
extern void clr_emit_settlement(ClrEngine *e, const ClrSettlementEvent *s);
extern void clr_emit_outcome(ClrEngine *e, const ClrOutcome *o);

/*----------------------------------------------------------------
 * registry.c: the house, assets, members, accounts
 *----------------------------------------------------------------
 */
typedef enum ClrNameKind
{
	CLR_NAME_ASSET = 1,
	CLR_NAME_MEMBER = 2,
	CLR_NAME_ACCOUNT = 3,
	CLR_NAME_INSTRUMENT = 4
} ClrNameKind;

/* Id + 1 of the object so named, 0 if none. */
extern uint64_t clr_name_find(const ClrEngine *e, ClrNameKind kind,
							  const uint8_t *name, size_t len);
extern bool clr_name_add(ClrEngine *e, ClrNameKind kind, const uint8_t *name,
						 size_t len, uint32_t id);
extern ClrReason clr_name_check(const ClrEngine *e, ClrNameKind kind,
								const ClrText *name);
/* Each appends the object given; false = no memory. */
extern bool clr_add_asset(ClrEngine *e, const ClrAssetView *v);
extern bool clr_add_member(ClrEngine *e, const ClrMemberView *v);
extern bool clr_add_account(ClrEngine *e, const ClrAccountView *v);
extern bool clr_add_instrument(ClrEngine *e, const ClrInstrumentView *v);

extern ClrReason clr_do_epoch(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_open_house(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_asset(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_member(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_create_account(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * ledger.c: wallets and postings
 *----------------------------------------------------------------
 */
/* Wallet of account in asset, made if there is none; CLR_NONE = no memory. */
extern uint32_t clr_wallet_get(ClrEngine *e, uint32_t account, uint32_t asset);
extern uint32_t clr_wallet_find(const ClrEngine *e, uint32_t account, uint32_t asset);
extern void clr_post(ClrEngine *e, uint32_t debit, uint32_t credit,
					 int64_t amount, ClrLedgerKind kind, uint64_t subject);
extern ClrReason clr_do_deposit(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_withdraw(ClrEngine *e, const ClrCommand *cmd);

static inline clr_int128
wallet_equity(const ClrWallet *w)
{
	return (clr_int128) w->balance + w->unrealised;
}

/*----------------------------------------------------------------
 * instrument.c
 *----------------------------------------------------------------
 */
extern ClrReason clr_instrument_check(const ClrEngine *e, const ClrInstrumentView *v);
extern ClrReason clr_instrument_derive(const ClrEngine *e, ClrInstrumentView *v);
extern ClrReason clr_do_create_instrument(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_set_phase(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_set_mark_price(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_set_margin(ClrEngine *e, const ClrCommand *cmd);
extern bool clr_price_valid(const ClrInstrument *in, int64_t price);
/* Looks a future or spot up for a command that changes it. */
extern ClrReason clr_find_instrument(ClrEngine *e, uint32_t id, bool future_only);

/*----------------------------------------------------------------
 * position.c
 *----------------------------------------------------------------
 */
extern uint32_t clr_position_find(const ClrEngine *e, uint32_t account, uint32_t instrument);
extern uint32_t clr_position_get(ClrEngine *e, uint32_t account, uint32_t instrument);
extern void clr_position_drop(ClrEngine *e, uint32_t index);
/* Marks it changed: refreshed and reported when the command ends. */
extern void clr_position_touch(ClrEngine *e, uint32_t index);
extern void clr_position_fill(ClrInstrument *in, ClrPosition *p, uint8_t side,
							  int64_t qty, int64_t price);
extern void clr_position_refresh(ClrEngine *e, const ClrInstrument *in, ClrPosition *p);
extern void clr_positions_flush(ClrEngine *e);
/* Adds (sign 1) or takes away (-1) working lots of an order. */
extern void clr_position_work(ClrPosition *p, const ClrOrder *o, int64_t lots, int sign);

/*----------------------------------------------------------------
 * margin.c
 *----------------------------------------------------------------
 */
/* What an aggressor would meet, see clr_walk(). */
typedef struct ClrWalk
{
	int64_t		lots;			/* it would trade, own orders excluded */
	uint64_t	fills;
	clr_int128	value;			/* sum of |price| * lots */
	clr_int128	loss;			/* futures: ticks * lots lost against the mark */
	int64_t		max_price;		/* largest |price| met */
} ClrWalk;

extern void clr_margin_rates(ClrInstrument *in);
extern int64_t clr_margin_requirement(const ClrInstrument *in, const ClrPosition *p);
extern int64_t clr_margin_maintenance(const ClrInstrument *in, const ClrPosition *p);
extern int64_t clr_position_unrealised(const ClrInstrument *in, const ClrPosition *p);
extern bool clr_position_in_range(const ClrInstrument *in, const ClrPosition *p,
								  clr_int128 more_value, clr_int128 more_lots);
extern int64_t clr_fee(const ClrInstrument *in, int64_t price, int64_t qty, bool taker);
extern clr_int128 clr_fees_bound(const ClrInstrument *in, const ClrWalk *walk);
extern bool clr_fill_headroom(const ClrEngine *e, const ClrInstrument *in,
							  clr_int128 price, clr_int128 qty);

/* A position as it would be after a new or changed order. */
typedef struct ClrIntent
{
	uint8_t		side;
	int64_t		lots;			/* working lots it adds */
	clr_int128	reserve;		/* of all these lots */
	clr_int128	value;			/* bound of |price| * lots */
	const ClrOrder *replaced;	/* its lots and reserve go away, or NULL */
} ClrIntent;

extern ClrReason clr_reserve_per_lot(const ClrInstrument *in, uint8_t side,
									 int64_t price, int64_t *reserve);
extern ClrReason clr_intent_check(ClrEngine *e, const ClrInstrument *in,
								  const ClrPosition *p, const ClrIntent *intent,
								  bool margin_exempt);

/*----------------------------------------------------------------
 * book.c
 *----------------------------------------------------------------
 */
extern uint32_t clr_book_level(ClrEngine *e, ClrBookSide *s, unsigned side, int64_t price);
extern uint32_t clr_book_find(const ClrEngine *e, const ClrBookSide *s, int64_t price);
extern uint32_t clr_book_first(const ClrEngine *e, const ClrBookSide *s, unsigned side);
/* The next worse level than the one at price, CLR_NONE if it is the last. */
extern uint32_t clr_book_worse(const ClrEngine *e, const ClrBookSide *s, unsigned side, int64_t price);
extern bool clr_book_insert(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_book_remove(ClrEngine *e, ClrInstrument *in, uint32_t order);

/*----------------------------------------------------------------
 * match.c, order.c, replace.c
 *----------------------------------------------------------------
 */
extern void clr_walk(const ClrEngine *e, const ClrInstrument *in, uint32_t position,
					 uint8_t side, bool limited, int64_t limit, int64_t qty,
					 uint8_t self_match, ClrWalk *walk);
extern void clr_match(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended);
extern void clr_uncross(ClrEngine *e, ClrInstrument *in);
extern bool clr_uncross_in_range(const ClrEngine *e, const ClrInstrument *in);
/* Takes a working order out of everything and reports it. */
extern void clr_order_end(ClrEngine *e, uint32_t order, uint8_t status,
						  uint8_t exec_type, uint16_t reason);
/* Puts an order into book, position list and working sums. */
extern bool clr_order_rest(ClrEngine *e, ClrInstrument *in, uint32_t order);
/* Takes it out of these again, keeping the record. */
extern void clr_order_unrest(ClrEngine *e, ClrInstrument *in, uint32_t order);
extern void clr_order_free(ClrEngine *e, uint32_t order);
/* After entry or replace: match, then rest or end; fills the outcome. */
extern void clr_order_run(ClrEngine *e, ClrInstrument *in, uint32_t order, uint8_t exec_type);
extern void clr_order_outcome(ClrEngine *e, const ClrOrder *o, uint8_t status, uint8_t exec_type);
extern bool clr_crosses(const ClrEngine *e, const ClrInstrument *in, uint8_t side, int64_t price);
extern uint32_t clr_order_find(const ClrEngine *e, uint64_t id);
/* Resolves id and OrigClOrdID of a cancel or replace. */
extern ClrReason clr_order_resolve(ClrEngine *e, const ClrCommand *cmd,
								   uint64_t id, uint32_t *order);
extern void clr_order_prefetch(const ClrEngine *e, const ClrOrder *o);
/* Collects working orders of a position that satisfy the filter into e->sort. */
extern void clr_collect_orders(ClrEngine *e, const ClrPosition *p, bool day_only);

extern ClrReason clr_do_new_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_replace_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_cancel_order(ClrEngine *e, const ClrCommand *cmd);
extern ClrReason clr_do_mass_cancel(ClrEngine *e, const ClrCommand *cmd);

static inline uint8_t
working_status(const ClrOrder *o)
{
	if (o->cum_qty == 0)
		return CLR_STATUS_NEW;
	return o->cum_qty < o->order_qty ? CLR_STATUS_PARTIALLY_FILLED : CLR_STATUS_FILLED;
}

/*----------------------------------------------------------------
 * settle.c
 *----------------------------------------------------------------
 */
extern ClrReason clr_do_settle(ClrEngine *e, const ClrCommand *cmd);

/*----------------------------------------------------------------
 * reference.c
 *----------------------------------------------------------------
 */
extern uint64_t clr_reference_hash(const ClrEngine *e, uint32_t account, const ClrText *ref);
/* The living reference, CLR_NONE if there is none. */
extern uint32_t clr_reference_find(ClrEngine *e, uint64_t hash, uint32_t account, const ClrText *ref);
extern bool clr_reference_alive(const ClrEngine *e, const ClrReference *r);
extern uint32_t clr_reference_add(ClrEngine *e, uint64_t hash, const ClrOutcome *o, int64_t time_us);
extern void clr_reference_outcome(const ClrEngine *e, const ClrReference *r, ClrOutcome *o);
extern void clr_reference_unpin(ClrEngine *e, ClrOrder *o);
extern void clr_reference_forget(ClrEngine *e, uint32_t account, const ClrText *ref);
extern const char *clr_reference_check(const ClrEngine *e, uint32_t pinned);
/* The working order it names, CLR_NONE if it names none. */
extern uint32_t clr_reference_order(const ClrEngine *e, const ClrReference *r);

/* For fetching ahead: the record a hash probably leads to, or CLR_NONE. */
extern uint32_t clr_reference_guess(const ClrEngine *e, uint64_t hash);

static inline void
clr_reference_prefetch(const ClrEngine *e, uint64_t hash)
{
	if (e->ref_mask != 0)
		clr_prefetch(&e->ref_slots[(uint32_t) hash & e->ref_mask]);
}

static inline bool
names_order(const ClrReference *r)
{
	return r->reason == CLR_OK &&
		(r->type == CLR_CMD_NEW_ORDER || r->type == CLR_CMD_REPLACE_ORDER);
}

/*----------------------------------------------------------------
 * engine.c, run.c
 *----------------------------------------------------------------
 */
/* A decoded command with the hashes of its names. */
typedef struct ClrLooked
{
	const uint8_t *data;
	size_t		len;
	uint64_t	ref_hash;		/* of the reference */
	uint64_t	orig_hash;		/* of the order's name, if it has one */
	bool		decoded;
	ClrCommand	cmd;
} ClrLooked;

extern void clr_look_at(const ClrEngine *e, const uint8_t *data, size_t len, ClrLooked *l);
extern bool clr_apply_looked(ClrEngine *e, uint32_t number, const ClrLooked *l, ClrEventBuffer *ev);

#endif							/* CLR_INTERNAL_H */
