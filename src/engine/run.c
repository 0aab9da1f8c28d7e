/*
 * run.c
 *	  Applying many commands at once.
 *
 * With a million references and orders, most of the time of a command is spent
 * waiting for memory: a slot of the table of references, the record, the
 * order, its neighbours, each found only through the one before.  A run looks
 * some commands ahead and takes one of these steps for each of them per
 * command applied, so that everything is there when it is needed.
 *
 * Looking ahead changes nothing, and what it sees may be out of date when the
 * command is applied: it is used for fetching only.
 */
#include "engine/internal.h"

/* How many commands before it is applied each step is taken. */
#define AHEAD_HASH		9		/* hash the names, fetch table slots */
#define AHEAD_RECORD	6		/* fetch reference record or position */
#define AHEAD_ORDER		4		/* fetch order, or wallet and price level */
#define AHEAD_LISTS		2		/* fetch neighbours */
#define RING			16		/* > AHEAD_HASH, a power of 2 */

/* A state of this size or less is in the caches anyway. */
#define SMALL_REFERENCES	65536
#define SMALL_ORDERS		16384

typedef struct Ahead
{
	ClrLooked	l;
	uint32_t	index;			/* record, order or position, CLR_NONE */
} Ahead;

typedef struct Run
{
	ClrEngine  *e;
	const uint8_t *data;
	size_t		len;
	size_t		at;				/* next command to look at */
	uint32_t	n;
	uint32_t	framed;			/* commands looked at */
	bool		stuck;			/* bytes that can't be framed */
	Ahead		ring[RING];
} Run;

static void
fetch(const void *p)
{
	clr_prefetch(p);
	clr_prefetch((const char *) p + 64);
}

static void
fetch_slot(const ClrMap *map, uint64_t key)
{
	if (map->mask != 0)
		clr_prefetch(&map->slots[clr_map_home(map, key)]);
}

/* A cancel or replace; its order is named by text or by id. */
static inline bool
means_order(const Ahead *a)
{
	return a->l.cmd.type == CLR_CMD_CANCEL_ORDER ||
		a->l.cmd.type == CLR_CMD_REPLACE_ORDER;
}

static inline bool
means_named_order(const Ahead *a)
{
	return means_order(a) && a->l.cmd.text.len > 0;
}

static inline uint64_t
order_id(const Ahead *a)
{
	return a->l.cmd.type == CLR_CMD_CANCEL_ORDER ?
		a->l.cmd.u.cancel.order_id : a->l.cmd.u.replace.order_id;
}

static inline uint64_t
position_key(const Ahead *a)
{
	return (uint64_t) a->l.cmd.account << 32 | a->l.cmd.u.order.instrument;
}

/* Looks at one more command, if there is one. */
static void
look_at_next(Run *run)
{
	Ahead	   *a = &run->ring[run->framed % RING];
	const uint8_t *data = run->data + run->at;
	size_t		len;

	if (run->stuck || run->framed == run->n)
		return;
	len = clr_command_length(data, run->len - run->at);
	if (len == 0)
	{
		run->stuck = true;
		return;
	}
	a->index = CLR_NONE;
	clr_look_at(run->e, data, len, &a->l);
	run->at += len;
	run->framed++;
	if (!a->l.decoded)
		return;
	if (a->l.cmd.type == CLR_CMD_NEW_ORDER)
		fetch_slot(&run->e->position_map, position_key(a));
	else if (means_order(a) && a->l.cmd.text.len == 0)
		fetch_slot(&run->e->order_map, order_id(a));
}

static void
fetch_record(const ClrEngine *e, Ahead *a)
{
	if (!a->l.decoded)
		return;
	if (a->l.cmd.type == CLR_CMD_NEW_ORDER)
	{
		a->index = clr_map_get(&e->position_map, position_key(a));
		if (a->index != CLR_NONE)
		{
			fetch(position_at(e, a->index));
			clr_prefetch((const char *) position_at(e, a->index) + 128);
		}
	}
	else if (means_named_order(a))
	{
		a->index = clr_reference_guess(e, a->l.orig_hash);
		if (a->index != CLR_NONE)
			fetch(reference_at(e, a->index));
	}
	else if (means_order(a))
	{
		a->index = clr_order_find(e, order_id(a));
		if (a->index != CLR_NONE)
			fetch(order_at(e, a->index));
	}
}

static void
fetch_order(const ClrEngine *e, Ahead *a)
{
	if (a->index == CLR_NONE)
		return;
	if (a->l.cmd.type == CLR_CMD_NEW_ORDER)
	{
		const ClrPosition *p = position_at(e, a->index);

		fetch(wallet_at(e, p->quote_wallet));
		if (p->orders != CLR_NONE)
			clr_prefetch(&order_at(e, p->orders)->position_prev);
	}
	else if (means_named_order(a))
	{
		/* from now on the index is the order's */
		a->index = reference_at(e, a->index)->order;
		if (a->index >= e->orders.used)
			a->index = CLR_NONE;
		else
			fetch(order_at(e, a->index));
	}
}

static void
fetch_lists(const ClrEngine *e, const Ahead *a)
{
	if (a->index != CLR_NONE && means_order(a) &&
		order_at(e, a->index)->id != 0)
	{
		clr_order_prefetch(e, order_at(e, a->index));
		fetch_slot(&e->order_map, order_at(e, a->index)->id);
	}
}

/* Looks ahead while applying. */
static bool
run_ahead(Run *run, uint32_t first, ClrEventBuffer *ev, size_t *used)
{
	ClrEngine  *e = run->e;

	for (uint32_t i = 0; i < AHEAD_HASH; i++)
		look_at_next(run);
	for (uint32_t i = 0; i < run->framed; i++)
	{
		const Ahead *a = &run->ring[i % RING];

		look_at_next(run);
		if (i + AHEAD_RECORD < run->framed)
			fetch_record(e, &run->ring[(i + AHEAD_RECORD) % RING]);
		if (i + AHEAD_ORDER < run->framed)
			fetch_order(e, &run->ring[(i + AHEAD_ORDER) % RING]);
		if (i + AHEAD_LISTS < run->framed)
			fetch_lists(e, &run->ring[(i + AHEAD_LISTS) % RING]);
		if (!clr_apply_looked(e, first + i, &a->l, ev))
			return false;
		*used += a->l.len;
	}
	return true;
}

bool
clr_engine_apply_run(ClrEngine *e, uint32_t first, const uint8_t *data,
					 size_t len, uint32_t n, ClrEventBuffer *ev, size_t *used,
					 uint32_t *applied)
{
	Run			run;

	*used = 0;
	*applied = 0;
	if (e->references.live > SMALL_REFERENCES || e->orders.live > SMALL_ORDERS)
	{
		/* the ring need not be initialised */
		run.e = e;
		run.data = data;
		run.len = len;
		run.at = 0;
		run.n = n;
		run.framed = 0;
		run.stuck = false;
		if (!run_ahead(&run, first, ev, used))
			return false;
		*applied = run.framed;
		return true;
	}
	while (*applied < n)
	{
		size_t		length = clr_command_length(data + *used, len - *used);

		if (length == 0)
			break;
		if (!clr_engine_apply(e, first + *applied, data + *used, length, ev, NULL))
			return false;
		*used += length;
		(*applied)++;
	}
	return true;
}
