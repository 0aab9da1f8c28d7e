/*
 * pool.h
 *	  Containers of the engine: pools, hash maps, sort lists (pool.c).
 *
 * Nothing here shrinks; a failed allocation leaves the container as it was.
 */
#ifndef CLR_POOL_H
#define CLR_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLR_NONE			UINT32_MAX	/* no index */

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

#endif							/* CLR_POOL_H */
