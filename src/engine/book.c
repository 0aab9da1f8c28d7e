/*
 * book.c
 *	  Order books: price levels in a radix trie, orders queued at each level.
 *
 * Each side of a book is a 64-ary trie over (price - base).  It starts two
 * nodes high (4096 ticks around the first price); when a price falls outside,
 * a new root takes the old one as its middle child, so 64 times the range is
 * covered.  A bitmap in each node finds the next existing price with one
 * instruction per node.  An emptied side forgets its base and starts anew.
 *
 * Market orders that rest have a queue of their own on each side, outside of
 * the trie; their price is the worst at which they may trade.
 *
 * Invariants: a node or level exists only if there is an order below it;
 * side->best is the best level; orders of a level are queued by priority.
 */
#include "engine/internal.h"

#define TRIE_BITS	6
#define TRIE_MIDDLE 32
#define TRIE_START	2			/* height of a new trie */

static inline unsigned
low_bit(uint64_t v)
{
	return (unsigned) __builtin_ctzll(v);
}

static inline unsigned
high_bit(uint64_t v)
{
	return 63 - (unsigned) __builtin_clzll(v);
}

static inline unsigned
slot_of(uint64_t offset, uint32_t height)
{
	return (unsigned) (offset >> (TRIE_BITS * (height - 1))) & 63;
}

/* Is price within the range of the trie?  Sets the offset if so. */
static inline bool
trie_offset(const ClrBookSide *s, int64_t price, uint64_t *offset)
{
	/* prices and bases are below 2^50, differences can't overflow */
	if (price < s->base)
		return false;
	*offset = (uint64_t) (price - s->base);
	return *offset >> (TRIE_BITS * s->height) == 0;
}

static uint32_t
new_node(ClrEngine *e)
{
	uint32_t	n = clr_pool_alloc(&e->nodes);

	if (n == CLR_NONE)
		e->oom = true;
	else
		node_at(e, n)->bitmap = 0;
	return n;
}

/* Raises the root until price is within range; false = no memory. */
static bool
trie_cover(ClrEngine *e, ClrBookSide *s, int64_t price, uint64_t *offset)
{
	if (s->root == CLR_NONE)
	{
		s->root = new_node(e);
		if (s->root == CLR_NONE)
			return false;
		s->height = TRIE_START;
		s->base = price - (INT64_C(1) << (TRIE_BITS * TRIE_START - 1));
	}
	while (!trie_offset(s, price, offset))
	{
		uint32_t	root = new_node(e);

		if (root == CLR_NONE)
			return false;
		node_at(e, root)->bitmap = UINT64_C(1) << TRIE_MIDDLE;
		node_at(e, root)->child[TRIE_MIDDLE] = s->root;
		s->base -= (int64_t) TRIE_MIDDLE << (TRIE_BITS * s->height);
		s->height++;
		s->root = root;
	}
	return true;
}

uint32_t
clr_book_find(const ClrEngine *e, const ClrBookSide *s, int64_t price)
{
	uint64_t	offset;
	uint32_t	n = s->root;

	if (n == CLR_NONE || !trie_offset(s, price, &offset))
		return CLR_NONE;
	for (uint32_t h = s->height; h > 0; h--)
	{
		const ClrTrieNode *node = node_at(e, n);
		unsigned	slot = slot_of(offset, h);

		if ((node->bitmap >> slot & 1) == 0)
			return CLR_NONE;
		n = node->child[slot];
	}
	return n;
}

static bool
is_better(unsigned side, int64_t a, int64_t b)
{
	return side == 0 ? a > b : a < b;
}

static uint32_t
new_level(ClrEngine *e, ClrBookSide *s, unsigned side, int64_t price)
{
	uint32_t	index = clr_pool_alloc(&e->levels);
	ClrLevel   *level;

	if (index == CLR_NONE)
	{
		e->oom = true;
		return CLR_NONE;
	}
	level = level_at(e, index);
	level->count = 0;
	level->head = CLR_NONE;
	level->tail = CLR_NONE;
	level->pegged = 0;
	level->price = price;
	level->total = 0;
	level->hidden = 0;
	s->levels++;
	if (s->best == CLR_NONE ||
		is_better(side, price, level_at(e, s->best)->price))
		s->best = index;
	return index;
}

/* The level at price, made if there is none; CLR_NONE = no memory. */
uint32_t
clr_book_level(ClrEngine *e, ClrBookSide *s, unsigned side, int64_t price)
{
	uint64_t	offset;
	uint32_t	n;

	if (s->best != CLR_NONE && level_at(e, s->best)->price == price)
		return s->best;
	if (!trie_cover(e, s, price, &offset))
		return CLR_NONE;
	n = s->root;
	for (uint32_t h = s->height; h > 0; h--)
	{
		unsigned	slot = slot_of(offset, h);

		if ((node_at(e, n)->bitmap >> slot & 1) == 0)
		{
			uint32_t	child = h > 1 ? new_node(e) : new_level(e, s, side, price);

			if (child == CLR_NONE)
				return CLR_NONE;
			node_at(e, n)->child[slot] = child;
			node_at(e, n)->bitmap |= UINT64_C(1) << slot;
		}
		n = node_at(e, n)->child[slot];
	}
	return n;
}

/* Lowest or highest level below a node. */
static uint32_t
trie_extreme(const ClrEngine *e, uint32_t n, uint32_t height, bool highest)
{
	for (; height > 0; height--)
	{
		const ClrTrieNode *node = node_at(e, n);

		n = node->child[highest ? high_bit(node->bitmap) : low_bit(node->bitmap)];
	}
	return n;
}

/* The best level as the trie has it, for checking. */
uint32_t
clr_book_first(const ClrEngine *e, const ClrBookSide *s, unsigned side)
{
	return s->root == CLR_NONE ? CLR_NONE :
		trie_extreme(e, s->root, s->height, side == 0);
}

uint32_t
clr_book_worse(const ClrEngine *e, const ClrBookSide *s, unsigned side,
			   int64_t price)
{
	uint64_t	offset;
	uint32_t	n = s->root;
	uint32_t	fork = CLR_NONE;	/* where a worse sibling was seen last */
	uint32_t	fork_height = 0;

	if (n == CLR_NONE || !trie_offset(s, price, &offset))
		return CLR_NONE;
	for (uint32_t h = s->height; h > 0; h--)
	{
		const ClrTrieNode *node = node_at(e, n);
		unsigned	slot = slot_of(offset, h);
		uint64_t	worse = side == 0 ?
			node->bitmap & ((UINT64_C(1) << slot) - 1) :
			node->bitmap & ~((UINT64_C(2) << slot) - 1);

		if (worse != 0)
		{
			fork = node->child[side == 0 ? high_bit(worse) : low_bit(worse)];
			fork_height = h - 1;
		}
		if ((node->bitmap >> slot & 1) == 0)
			break;
		n = node->child[slot];
	}
	return fork == CLR_NONE ? CLR_NONE :
		trie_extreme(e, fork, fork_height, side == 0);
}

/* Takes an empty level out of the trie, and the nodes that become empty. */
static inline void
remove_level(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t index)
{
	uint32_t	path[11];
	uint64_t	offset = (uint64_t) (level_at(e, index)->price - s->base);
	uint32_t	n = s->root;
	uint32_t	h;

	for (h = s->height; h > 0; h--)
	{
		path[h - 1] = n;
		n = node_at(e, n)->child[slot_of(offset, h)];
	}
	for (h = 1; h <= s->height; h++)
	{
		ClrTrieNode *node = node_at(e, path[h - 1]);

		node->bitmap &= ~(UINT64_C(1) << slot_of(offset, h));
		if (node->bitmap != 0)
			break;
		clr_pool_free(&e->nodes, path[h - 1]);
	}
	clr_pool_free(&e->levels, index);
	s->levels--;
	if (h > s->height)
		s->root = CLR_NONE;
	if (s->best == index)
		s->best = s->root == CLR_NONE ? CLR_NONE :
			trie_extreme(e, s->root, s->height, side == 0);
}

/* For other queues than the book's own. */
void
clr_book_drop_level(ClrEngine *e, ClrBookSide *s, unsigned side, uint32_t index)
{
	remove_level(e, s, side, index);
}

/*
 * The queue of market orders: a level of price 0 that is in no trie.  Made if
 * there is none; CLR_NONE = no memory.
 */
static uint32_t
market_level(ClrEngine *e, ClrInstrument *in, unsigned side)
{
	uint32_t	index = in->market[side];
	ClrLevel   *level;

	if (index != CLR_NONE)
		return index;
	index = clr_pool_alloc(&e->levels);
	if (index == CLR_NONE)
	{
		e->oom = true;
		return CLR_NONE;
	}
	level = level_at(e, index);
	memset(level, 0, sizeof(*level));
	level->head = CLR_NONE;
	level->tail = CLR_NONE;
	in->market[side] = index;
	in->special |= CLR_SPECIAL_MARKET_RESTS;
	return index;
}

static void
remove_market_level(ClrEngine *e, ClrInstrument *in, unsigned side)
{
	clr_pool_free(&e->levels, in->market[side]);
	in->market[side] = CLR_NONE;
	if (in->market[!side] == CLR_NONE)
		in->special &= ~(uint32_t) CLR_SPECIAL_MARKET_RESTS;
}

/* Queues an order last at its price; false = no memory. */
bool
clr_book_insert(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	unsigned	side = side_index(o->side);
	uint32_t	index = clr_likely(!is_market(o)) ?
		clr_book_level(e, &in->side[side], side, o->price) :
		market_level(e, in, side);
	ClrLevel   *level;

	if (index == CLR_NONE)
		return false;
	level = level_at(e, index);
	o->level = index;
	clr_queue_put(e, level, order);
	level->count++;
	level->pegged += o->ord_type == CLR_ORD_PEGGED;
	level->total += order_leaves(o);
	if (clr_unlikely(o->extra != CLR_NONE))
		level->hidden += clr_order_hidden(e, o);
	in->work_lots[side] += order_leaves(o);
	return true;
}

/* The last order of its queue goes ahead of those that are younger. */
void
clr_book_by_age(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrLevel   *level = level_at(e, o->level);
	uint32_t	before = o->prev;

	while (before != CLR_NONE && order_at(e, before)->priority > o->priority)
		before = order_at(e, before)->prev;
	if (before == o->prev)
		return;
	level->tail = o->prev;
	order_at(e, o->prev)->next = CLR_NONE;
	o->prev = before;
	o->next = before == CLR_NONE ? level->head : order_at(e, before)->next;
	order_at(e, o->next)->prev = order;
	if (before == CLR_NONE)
		level->head = order;
	else
		order_at(e, before)->next = order;
}

/* Sends an order to the back of its price. */
void
clr_book_requeue(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrLevel   *level = level_at(e, o->level);

	if (level->tail == order)
		return;
	clr_queue_take(e, level, order);
	clr_queue_put(e, level, order);
}

void
clr_book_remove(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	unsigned	side = side_index(o->side);
	ClrLevel   *level = level_at(e, o->level);

	clr_queue_take(e, level, order);
	level->count--;
	level->pegged -= o->ord_type == CLR_ORD_PEGGED;
	level->total -= order_leaves(o);
	if (clr_unlikely(o->extra != CLR_NONE))
		level->hidden -= clr_order_hidden(e, o);
	in->work_lots[side] -= order_leaves(o);
	if (level->count == 0)
	{
		if (clr_likely(o->level != in->market[side]))
			remove_level(e, &in->side[side], side, o->level);
		else
			remove_market_level(e, in, side);
	}
	o->level = CLR_NONE;
}
