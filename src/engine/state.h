/*
 * state.h
 *	  State of the engine.
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
 *	- |qty| + working lots <= CLR_LOTS_MAX; the lots in a book with those
 *	  parked, and its open interest, <= CLR_AMOUNT_MAX
 *	- reserves of both sides, and the initial margin of a side (of a spread: of
 *	  both) <= CLR_AMOUNT_MAX
 */
#ifndef CLR_STATE_H
#define CLR_STATE_H

#include <stdlib.h>
#include <string.h>

#include "engine/codec.h"
#include "engine/engine.h"
#include "engine/fields.h"
#include "engine/pool.h"

#define CLR_RETENTION_MAX	(INT64_C(3660) * 86400 * 1000000)

/* Branches that matter for speed. */
#define clr_likely(x)		__builtin_expect(!!(x), 1)
#define clr_unlikely(x)		__builtin_expect(!!(x), 0)
/* Inside a hot path, although compilers would rather not. */
#define clr_hot				static inline __attribute__((always_inline))
#define clr_prefetch(p)		__builtin_prefetch(p)

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
	bool		restricted;		/* has a limit or is blocked */
	int64_t		limit[CLR_LIMIT_COUNT];
} ClrMember;

typedef struct ClrAccount
{
	ClrAccountView v;
	bool		used;
	bool		restricted;		/* it or its member has a limit, an id or is blocked */
	uint32_t	positions;		/* list through ClrPosition.account_next */
	int64_t    *limit;			/* [CLR_LIMIT_COUNT]; NULL = all 0 */
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
	int64_t		excess[2];		/* of reserve, what is beyond a lot's margin */
	int64_t		most;			/* no lot that works reserves more */
	int64_t		work_value;		/* sum of |price| * leaves, both sides */
	int64_t		counted[3];		/* future: initial, maintenance, unrealised;
								 * spot: quote reserve, base reserve, 0 */
	uint64_t	touched;		/* serial of the command that last changed it */
	uint32_t	quote_wallet;
	uint32_t	base_wallet;	/* CLR_NONE for futures */
	uint32_t	orders;			/* list through ClrOrder.position_next */
	uint32_t	n_orders;		/* length of it */
	uint32_t	account_prev;
	uint32_t	account_next;
	uint32_t	instrument_prev;
	uint32_t	instrument_next;
	uint32_t	reduce_only;	/* such orders in the book */
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
	uint8_t		parked;			/* ClrParked: works, but is not in the book */
	uint32_t	extra;			/* ClrOrderExtra, CLR_NONE = has no attributes */
	uint64_t	smp;			/* orders with the same never trade with each other */
	uint32_t	wait;			/* level of its stop price, see trigger.c */
	uint8_t		unused[4];		/* two whole cache lines */
} ClrOrder;

_Static_assert(sizeof(ClrOrder) == 128, "two cache lines");

/* Attributes of an order that has any; see ClrAttr. */
typedef struct ClrOrderExtra
{
	uint32_t	present;		/* bit per attribute; first: see the free list */
	int64_t		value[CLR_ATTR_COUNT];	/* 0 if not present */
} ClrOrderExtra;

typedef struct ClrLevel
{
	uint32_t	count;
	uint32_t	head;
	uint32_t	tail;
	uint32_t	pegged;			/* how many of them are pegged */
	int64_t		price;
	int64_t		total;			/* leaves of all orders */
	int64_t		hidden;			/* part of it that icebergs don't show */
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

/*
 * Trailing stops of one side that have seen the same best price since they
 * were entered (trail.c): those entered from `start` on, up to where the next
 * group starts.
 */
typedef struct ClrTrailGroup
{
	uint64_t	start;			/* priority of the first */
	int64_t		best;
	ClrBookSide offsets;		/* orders by their distance from it */
	uint32_t	count;
} ClrTrailGroup;

typedef struct ClrTrail
{
	ClrTrailGroup *groups;		/* oldest first, best prices come ever nearer */
	uint32_t	n;
	uint32_t	cap;
} ClrTrail;

/* Orders that wait for one kind of price, by side ([0] buys, [1] sells). */
typedef struct ClrTriggers
{
	ClrBookSide stops[2];		/* by stop price, the first to be met is best */
	ClrTrail	trail[2];
} ClrTriggers;

/* A leg of a spread.  The spread's price is the sum of ratio * weight * price. */
typedef struct ClrLeg
{
	uint32_t	instrument;
	int32_t		ratio;
	int64_t		weight;			/* ticks of the spread per tick of the leg */
} ClrLeg;

/* Prices from low to high. */
typedef struct ClrRange
{
	int64_t		low;
	int64_t		high;
	/* lowest and highest price that circuit breakers measure from */
	bool		seen;
	int64_t		seen_low;
	int64_t		seen_high;
} ClrRange;

/* What pegs depend on, compared as bytes. */
typedef struct ClrPegView
{
	int64_t		reference[2];	/* best prices without pegs */
	int64_t		best[2];		/* and with them */
	int64_t		rule;
	bool		has[2];
	bool		market[2];		/* market orders rest */
	uint8_t		phase;
	bool		possible;
	uint8_t		unused[2];
} ClrPegView;

/* Pegged orders of an instrument (peg.c). */
typedef struct ClrPegs
{
	uint64_t   *ids;			/* some may have ended */
	uint32_t	n;
	uint32_t	cap;
	uint32_t	live;
	bool		stale;			/* to be looked at, whatever the market is like */
	ClrPegView	seen;			/* when all were last in place */
} ClrPegs;

typedef struct ClrInstrument
{
	ClrInstrumentView v;
	/* margin of n lots = n * quotient + ceil(n * remainder / CLR_RATE_UNIT) */
	int64_t		initial_quotient;
	int64_t		initial_remainder;
	int64_t		maintenance_quotient;
	int64_t		maintenance_remainder;
	ClrBookSide side[2];		/* [0] bids, [1] asks */
	uint32_t	market[2];		/* levels of market orders that rest, in no trie;
								 * CLR_NONE = none */
	int64_t		work_lots[2];	/* leaves of all orders in the book */
	int64_t		parked_lots[2]; /* and of those that are parked */
	uint32_t	positions;		/* list through instrument_next */
	/*
	 * Not 0: something about the instrument needs more than plain FIFO
	 * matching of plain limit orders.  ClrSpecial bits, kept by
	 * clr_rules_changed(); and the number of its orders with attributes.
	 */
	uint32_t	special;
	uint32_t	special_orders;
	uint64_t	top[2];			/* order that bettered the market, 0 = none */
	int64_t		rule[CLR_RULE_MAX];	/* trading rules, defaults included */
	ClrTriggers triggers[2];	/* stop orders: [0] last trade, [1] mark price */
	uint32_t	waiting;		/* how many wait in both */
	ClrLeg		legs[CLR_LEGS_MAX]; /* of a spread */
	uint32_t	n_legs;
	uint32_t	n_spreads;		/* of which it is a leg */
	uint32_t	cap_spreads;
	uint32_t   *spreads;		/* their numbers, ascending */
	int64_t		leg_fees;		/* of a spread: per lot, at most, at the legs' marks */
	bool		implied_off;	/* a spread whose implied matching is suspended */
	ClrRange	range;			/* where implied trades of an order may be (implied.c) */
	ClrPegs		pegs;
} ClrInstrument;

/* Reasons why an instrument is special. */
typedef enum ClrSpecial
{
	CLR_SPECIAL_ALLOCATION = 0x01,	/* not FIFO */
	CLR_SPECIAL_CONTROLS = 0x02,	/* price ranges, bands */
	CLR_SPECIAL_IMPLIED = 0x04,	/* spread or leg of one */
	CLR_SPECIAL_MARKET_RESTS = 0x08,	/* market orders are in its book */
	CLR_SPECIAL_LEG = 0x10,		/* orders of a spread may reduce its positions */
	CLR_SPECIAL_RULES = 0x20,	/* other rules */
	CLR_SPECIAL_BREAKER = 0x40	/* triggers the circuit breakers of its group */
} ClrSpecial;

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
	uint16_t	restated;
	uint16_t	cancelled_for;
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

/* Fields that differ from their defaults: open addressing (field.c). */
typedef struct ClrFieldSlot
{
	ClrFieldView v;
	bool		used;
} ClrFieldSlot;

typedef struct ClrFieldStore
{
	ClrFieldSlot *slots;
	uint32_t	mask;			/* slots - 1; 0 = not allocated */
	uint32_t	count;
} ClrFieldStore;

/* A stop order whose price was met and that has not run yet (trigger.c). */
typedef struct ClrElected
{
	uint64_t	order;			/* id: it may end before its turn */
	uint64_t	priority;
	int64_t		stop;
	uint8_t		side;
} ClrElected;

/* What happened to an order of a pair (link.c). */
typedef struct ClrLinked
{
	uint64_t	other;			/* order id */
	uint64_t	order;			/* the one it happened to */
	int64_t		qty;			/* filled, 0 = it has ended */
} ClrLinked;

/* A moment at which something is due (timer.c). */
typedef struct ClrTimer
{
	int64_t		due_us;
	uint64_t	object;			/* order id, instrument, … */
	uint64_t	sub;
	uint8_t		kind;			/* ClrTimerKind */
} ClrTimer;

typedef struct ClrTimers
{
	ClrTimer   *items;			/* binary heap */
	uint32_t	n;
	uint32_t	cap;
} ClrTimers;

/* What an algorithm gave an order. */
typedef struct ClrGiven
{
	uint32_t	order;
	uint64_t	id;				/* it may end before its turn */
	int64_t		qty;
	int64_t		filled;
} ClrGiven;

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
	ClrPool		order_extras;
	ClrFieldStore fields;
	ClrTimers	timers;
	bool		reopens;		/* some instrument has had reopen_call_after */

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
	struct ClrShare *shares;	/* of an aggressor, while it is shared */
	uint32_t	cap_shares;
	struct ClrSource *sources;	/* real and implied ones at the best price */
	uint32_t	cap_sources;
	uint32_t	cap_given;
	struct ClrGiven *given;		/* plan of an implied trade */
	ClrElected *elected;		/* in the order in which they run */
	uint32_t	next_elected;	/* those before have run */
	uint32_t	n_elected;
	uint32_t	cap_elected;
	ClrLinked  *linked;			/* to be acted upon */
	uint32_t	n_linked;
	uint32_t	cap_linked;
	uint32_t	n_pegs;			/* pegged orders of all instruments */
	bool		follows;		/* clr_aftermath() may find something to do */
	bool		watched;		/* prices that orders leave are noted */
	ClrVacated *vacated;		/* in this block */
	uint32_t	n_vacated;
	uint32_t	cap_vacated;
	bool		oom;
	bool		limited;		/* the order being entered is subject to limits */
	bool		in_batch;		/* positions hold what is still to come, see batch.c */
	struct ClrTrial *trial;		/* the order of a batch that is tried out or applied */
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

static inline ClrOrderExtra *
order_extra_at(const ClrEngine *e, uint32_t i)
{
	return (ClrOrderExtra *) e->order_extras.items + i;
}

static inline bool
has_attr(const ClrEngine *e, const ClrOrder *o, ClrAttr attr)
{
	return o->extra != CLR_NONE &&
		(order_extra_at(e, o->extra)->present >> attr & 1) != 0;
}

/* 0 if the order has no such attribute. */
static inline int64_t
order_attr(const ClrEngine *e, const ClrOrder *o, ClrAttr attr)
{
	return o->extra == CLR_NONE ? 0 : order_extra_at(e, o->extra)->value[attr];
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

/*
 * Has no limit (its price is a protection): rests in the market queue.  What is
 * left of a market-to-limit order has one.
 */
static inline bool
is_market(const ClrOrder *o)
{
	return o->ord_type == CLR_ORD_MARKET;
}

/* Margined against a mark price: a future, or a spread of futures. */
static inline bool
is_future(const ClrInstrument *in)
{
	return in->v.kind != CLR_INSTRUMENT_SPOT;
}

static inline bool
is_spread(const ClrInstrument *in)
{
	return in->v.kind == CLR_INSTRUMENT_SPREAD;
}

#endif							/* CLR_STATE_H */
