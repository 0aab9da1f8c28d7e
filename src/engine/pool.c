/*
 * pool.c
 *	  Arrays, pools, hash maps and sorting.
 *
 * Everything grows by doubling, so a running engine rarely allocates; nothing
 * shrinks.  A failed allocation leaves the container as it was.
 */
#include "engine/internal.h"

#define CACHE_LINE 64

/* Makes room for `need` items. */
bool
clr_grow(void **items, uint32_t *cap, uint32_t need, size_t size)
{
	uint64_t	wanted = *cap ? *cap : 16;
	void	   *grown;

	if (need <= *cap)
		return true;
	while (wanted < need)
		wanted *= 2;
	if (wanted >= CLR_NONE)
		wanted = CLR_NONE - 1;
	if (wanted < need || wanted > SIZE_MAX / size)
		return false;
	grown = realloc(*items, (size_t) wanted * size);
	if (grown == NULL)
		return false;
	*items = grown;
	*cap = (uint32_t) wanted;
	return true;
}

/*
 * Doubles a pool.  realloc() may move the items to an address that lies
 * differently in its cache line; then they are shifted.
 */
static bool
pool_grow(ClrPool *pool)
{
	uint64_t	wanted = pool->cap ? (uint64_t) pool->cap * 2 : 16;
	size_t		moved;
	char	   *memory;

	if (wanted >= CLR_NONE)
		wanted = CLR_NONE - 1;
	if (wanted == pool->cap || wanted > (SIZE_MAX - CACHE_LINE) / pool->size)
		return false;
	memory = realloc(pool->memory, (size_t) wanted * pool->size + CACHE_LINE);
	if (memory == NULL)
		return false;
	moved = (CACHE_LINE - (uintptr_t) memory % CACHE_LINE) % CACHE_LINE;
	if (moved != pool->offset && pool->used > 0)
		memmove(memory + moved, memory + pool->offset, pool->used * pool->size);
	pool->memory = memory;
	pool->offset = moved;
	pool->items = memory + moved;
	pool->cap = (uint32_t) wanted;
	return true;
}

uint32_t
clr_pool_alloc(ClrPool *pool)
{
	uint32_t	index = pool->free;

	if (index != CLR_NONE)
		memcpy(&pool->free, (char *) pool->items + index * pool->size,
			   sizeof(pool->free));
	else
	{
		if (pool->used == pool->cap && !pool_grow(pool))
			return CLR_NONE;
		index = pool->used++;
	}
	pool->live++;
	return index;
}

void
clr_pool_free(ClrPool *pool, uint32_t index)
{
	memcpy((char *) pool->items + index * pool->size, &pool->free,
		   sizeof(pool->free));
	pool->free = index;
	pool->live--;
}

static void
map_insert(ClrMap *map, uint64_t key, uint32_t value)
{
	uint32_t	i = clr_map_home(map, key);

	while (map->slots[i].value != CLR_NONE)
		i = (i + 1) & map->mask;
	map->slots[i].key = key;
	map->slots[i].value = value;
}

/* Doubles the table and moves every entry to its new home. */
static bool
map_grow(ClrMap *map)
{
	ClrMap		bigger;
	uint64_t	old = map->mask ? (uint64_t) map->mask + 1 : 0;
	uint64_t	size = old ? old * 2 : 64;

	if (size > UINT32_C(1) << 31)
		return false;
	bigger.slots = malloc((size_t) size * sizeof(ClrMapSlot));
	if (bigger.slots == NULL)
		return false;
	bigger.mask = (uint32_t) (size - 1);
	bigger.count = map->count;
	bigger.shift = 64;
	for (uint64_t s = size / 8; s > 1; s >>= 1)
		bigger.shift--;
	for (uint64_t i = 0; i < size; i++)
		bigger.slots[i] = (ClrMapSlot) {0, CLR_NONE};
	for (uint64_t i = 0; i < old; i++)
		if (map->slots[i].value != CLR_NONE)
			map_insert(&bigger, map->slots[i].key, map->slots[i].value);
	free(map->slots);
	*map = bigger;
	return true;
}

/* Adds a key that is not there; at most half of the slots are used. */
bool
clr_map_put(ClrMap *map, uint64_t key, uint32_t value)
{
	if (map->mask == 0 ||
		(uint64_t) map->count * 2 >= (uint64_t) map->mask + 1)
	{
		if (!map_grow(map))
			return false;
	}
	map_insert(map, key, value);
	map->count++;
	return true;
}

/* Removes key if it is there, moving back what was displaced past it. */
void
clr_map_remove(ClrMap *map, uint64_t key)
{
	uint32_t	hole;
	uint32_t	i;

	if (map->mask == 0)
		return;
	for (hole = clr_map_home(map, key);; hole = (hole + 1) & map->mask)
	{
		if (map->slots[hole].value == CLR_NONE)
			return;
		if (map->slots[hole].key == key)
			break;
	}
	for (i = (hole + 1) & map->mask; map->slots[i].value != CLR_NONE;
		 i = (i + 1) & map->mask)
	{
		uint32_t	home = clr_map_home(map, map->slots[i].key);

		if (((i - home) & map->mask) >= ((i - hole) & map->mask))
		{
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole].value = CLR_NONE;
	map->count--;
}

bool
clr_sort_add(ClrSortList *list, uint64_t key, uint32_t index)
{
	if (list->len == list->cap)
	{
		size_t		cap = list->cap ? list->cap * 2 : 64;
		ClrSortItem *items;

		if (cap > SIZE_MAX / sizeof(ClrSortItem))
			return false;
		items = realloc(list->items, cap * sizeof(ClrSortItem));
		if (items == NULL)
			return false;
		list->items = items;
		list->cap = cap;
	}
	list->items[list->len++] = (ClrSortItem) {key, index};
	return true;
}

static int
compare_items(const void *a, const void *b)
{
	uint64_t	x = ((const ClrSortItem *) a)->key;
	uint64_t	y = ((const ClrSortItem *) b)->key;

	return (x > y) - (x < y);
}

/* Keys are unique wherever this is used, so the order is fully determined. */
void
clr_sort(ClrSortList *list)
{
	if (list->len > 1)
		qsort(list->items, list->len, sizeof(ClrSortItem), compare_items);
}
