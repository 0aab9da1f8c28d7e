/*
 * reference.c
 *	  Exactly once: what each reference (ClOrdID, request id) stands for.
 *
 * A reference is a pair (account, bytes).  It lives while its block time plus
 * the house's retention has not passed, and as long as it names an order that
 * is still working; a dead one behaves as if it had never been used.
 *
 * Records are kept in a hash table and in a list in the order they were made.
 * Dead records are dropped from the head of that list a few at a time, and
 * when they are looked up; an expired record whose order still works is taken
 * off the list ("pinned") and dropped when the order ends.  None of this can
 * be seen from outside: whoever looks a reference up checks that it is alive.
 */
#include "engine/internal.h"

#define EVICT_PER_ADD 4

/* High and low half of a 128-bit product, folded. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128) a * b;

	return (uint64_t) product ^ (uint64_t) (product >> 64);
}

/*
 * Hash for the table only.  The seed keeps clients from choosing references
 * that collide; which seed it is can't be seen in any result.
 */
uint64_t
clr_reference_hash(const ClrEngine *e, uint32_t account, const ClrText *ref)
{
	const uint8_t *p = ref->data;
	size_t		left = ref->len;
	uint64_t	h = e->ref_seed ^ ((uint64_t) account << 8 | ref->len);
	uint64_t	last = 0;

	for (; left > 8; p += 8, left -= 8)
		h = fold(h ^ clr_get_u64(p), UINT64_C(0xA0761D6478BD642F));
	if (ref->len >= 8)
		last = clr_get_u64(ref->data + ref->len - 8);
	else
		for (size_t i = 0; i < left; i++)
			last |= (uint64_t) p[i] << 8 * i;
	return fold(h ^ last, UINT64_C(0xE7037ED1A0B428DB));
}

static uint64_t
record_hash(const ClrEngine *e, const ClrReference *r)
{
	ClrText		ref = {r->ref, r->ref_len};

	return clr_reference_hash(e, r->account, &ref);
}

uint32_t
clr_reference_order(const ClrEngine *e, const ClrReference *r)
{
	if (r->order < e->orders.used && order_at(e, r->order)->id == r->id)
		return r->order;
	return clr_order_find(e, r->id);
}

static bool
expired(const ClrEngine *e, const ClrReference *r)
{
	/* block time never goes back, so the difference is not negative */
	return (uint64_t) e->house.time_us - (uint64_t) r->time_us >
		(uint64_t) e->house.retention_us;
}

bool
clr_reference_alive(const ClrEngine *e, const ClrReference *r)
{
	if (!expired(e, r))
		return true;
	return names_order(r) && clr_reference_order(e, r) != CLR_NONE;
}

static bool
slots_grow(ClrEngine *e)
{
	uint64_t	old = e->ref_mask ? (uint64_t) e->ref_mask + 1 : 0;
	uint64_t	size = old ? old * 2 : 1024;
	ClrReferenceSlot *slots;

	if (size > UINT32_C(1) << 31)
		return false;
	slots = malloc((size_t) size * sizeof(ClrReferenceSlot));
	if (slots == NULL)
		return false;
	for (uint64_t i = 0; i < size; i++)
		slots[i] = (ClrReferenceSlot) {0, CLR_NONE};
	for (uint64_t i = 0; i < old; i++)
	{
		uint64_t	j;

		if (e->ref_slots[i].index == CLR_NONE)
			continue;
		/* the tag is the whole hash, so records need not be read */
		for (j = e->ref_slots[i].tag & (size - 1); slots[j].index != CLR_NONE;)
			j = (j + 1) & (size - 1);
		slots[j] = e->ref_slots[i];
	}
	free(e->ref_slots);
	e->ref_slots = slots;
	e->ref_mask = (uint32_t) (size - 1);
	return true;
}

/* Slot of a reference, dead or alive; CLR_NONE if there is none. */
static uint32_t
find_slot(const ClrEngine *e, uint64_t hash, uint32_t account,
		  const uint8_t *ref, size_t len)
{
	uint32_t	tag = (uint32_t) hash;

	if (e->ref_mask == 0)
		return CLR_NONE;
	for (uint32_t i = tag & e->ref_mask; e->ref_slots[i].index != CLR_NONE;
		 i = (i + 1) & e->ref_mask)
	{
		const ClrReference *r;

		if (e->ref_slots[i].tag != tag)
			continue;
		r = reference_at(e, e->ref_slots[i].index);
		if (r->account == account && r->ref_len == len &&
			memcmp(r->ref, ref, len) == 0)
			return i;
	}
	return CLR_NONE;
}

uint32_t
clr_reference_guess(const ClrEngine *e, uint64_t hash)
{
	if (e->ref_mask == 0)
		return CLR_NONE;
	for (uint32_t i = (uint32_t) hash & e->ref_mask;
		 e->ref_slots[i].index != CLR_NONE; i = (i + 1) & e->ref_mask)
		if (e->ref_slots[i].tag == (uint32_t) hash)
			return e->ref_slots[i].index;
	return CLR_NONE;
}

static void
remove_slot(ClrEngine *e, uint32_t hole)
{
	uint32_t	mask = e->ref_mask;

	for (uint32_t i = (hole + 1) & mask; e->ref_slots[i].index != CLR_NONE;
		 i = (i + 1) & mask)
	{
		uint32_t	home = e->ref_slots[i].tag & mask;

		if (((i - home) & mask) >= ((i - hole) & mask))
		{
			e->ref_slots[hole] = e->ref_slots[i];
			hole = i;
		}
	}
	e->ref_slots[hole].index = CLR_NONE;
	e->ref_count--;
}

static void
unlink_reference(ClrEngine *e, uint32_t index)
{
	ClrReference *r = reference_at(e, index);

	if (r->next != CLR_NONE)
		reference_at(e, r->next)->prev = r->prev;
	else
		e->ref_tail = r->prev;
	if (r->prev != CLR_NONE)
		reference_at(e, r->prev)->next = r->next;
	else
		e->ref_head = r->next;
}

static void
free_reference(ClrEngine *e, uint32_t index)
{
	uint32_t	extra = reference_at(e, index)->extra;

	if (extra != CLR_NONE)
		clr_pool_free(&e->extras, extra);
	clr_pool_free(&e->references, index);
}

/* Drops a dead record that is in the list. */
static void
drop_reference(ClrEngine *e, uint32_t index)
{
	ClrReference *r = reference_at(e, index);

	remove_slot(e, find_slot(e, record_hash(e, r), r->account, r->ref,
							 r->ref_len));
	unlink_reference(e, index);
	free_reference(e, index);
}

/* Takes an expired record whose order still works off the list. */
static void
pin_reference(ClrEngine *e, uint32_t index)
{
	ClrReference *r = reference_at(e, index);
	ClrOrder   *o = order_at(e, clr_reference_order(e, r));

	unlink_reference(e, index);
	r->pinned = true;
	r->next = o->pinned;
	o->pinned = index;
}

/* The order ends: references kept only for its sake go with it. */
void
clr_reference_unpin(ClrEngine *e, ClrOrder *o)
{
	uint32_t	index = o->pinned;

	while (index != CLR_NONE)
	{
		ClrReference *r = reference_at(e, index);
		uint32_t	next = r->next;

		remove_slot(e, find_slot(e, record_hash(e, r), r->account, r->ref,
							 r->ref_len));
		free_reference(e, index);
		index = next;
	}
	o->pinned = CLR_NONE;
}

static void
evict(ClrEngine *e, int budget)
{
	while (budget-- > 0 && e->ref_head != CLR_NONE)
	{
		ClrReference *r = reference_at(e, e->ref_head);

		if (!expired(e, r))
			return;
		if (clr_reference_alive(e, r))
			pin_reference(e, e->ref_head);
		else
			drop_reference(e, e->ref_head);
	}
}

uint32_t
clr_reference_find(ClrEngine *e, uint64_t hash, uint32_t account,
				   const ClrText *ref)
{
	uint32_t	slot = find_slot(e, hash, account, ref->data, ref->len);
	uint32_t	index;

	if (slot == CLR_NONE)
		return CLR_NONE;
	index = e->ref_slots[slot].index;
	if (!clr_reference_alive(e, reference_at(e, index)))
	{
		drop_reference(e, index);
		return CLR_NONE;
	}
	return index;
}

/*
 * Loading: a record of the same name was dead when the new one was made, so
 * it goes.  (Records are loaded before orders, nothing is pinned yet.)
 */
void
clr_reference_forget(ClrEngine *e, uint32_t account, const ClrText *ref)
{
	uint32_t	slot = find_slot(e, clr_reference_hash(e, account, ref), account,
								 ref->data, ref->len);

	if (slot != CLR_NONE)
		drop_reference(e, e->ref_slots[slot].index);
}

/* Checking: lists, table and pool agree; NULL if they do. */
const char *
clr_reference_check(const ClrEngine *e, uint32_t pinned)
{
	uint32_t	listed = 0;
	uint32_t	prev = CLR_NONE;

	for (uint32_t i = e->ref_head; i != CLR_NONE; i = reference_at(e, i)->next)
	{
		const ClrReference *r = reference_at(e, i);
		uint32_t	slot = find_slot(e, record_hash(e, r), r->account, r->ref,
							 r->ref_len);

		if (r->prev != prev)
			return "list of references is broken";
		if (slot == CLR_NONE || e->ref_slots[slot].index != i)
			return "reference is not in its table";
		if (r->pinned)
			return "pinned reference is in the list";
		prev = i;
		listed++;
	}
	if (prev != e->ref_tail)
		return "list of references ends elsewhere";
	if (listed + pinned != e->ref_count || e->ref_count != e->references.live)
		return "number of references differs";
	return NULL;
}

/* What most outcomes have nothing of. */
static bool
fill_extra(ClrEngine *e, uint32_t index, const ClrOutcome *o)
{
	uint32_t	x;

	if ((o->cum_qty | o->cum_value | o->needed | o->available) == 0 &&
		(o->first_trade | o->n_trades | o->n_cancelled | o->asset) == 0)
		return true;
	x = clr_pool_alloc(&e->extras);
	if (x == CLR_NONE)
		return false;
	*extra_at(e, x) = (ClrReferenceExtra) {
		.asset = o->asset, .n_trades = o->n_trades, .cum_qty = o->cum_qty,
		.cum_value = o->cum_value, .first_trade = o->first_trade,
		.needed = o->needed, .available = o->available,
		.n_cancelled = o->n_cancelled};
	reference_at(e, index)->extra = x;
	return true;
}

static void
fill_reference(ClrReference *r, const ClrOutcome *o, int64_t time_us)
{
	r->account = o->account;
	r->order = CLR_NONE;
	r->id = o->id;
	r->time_us = time_us;
	r->reason = o->reason;
	r->type = o->type;
	r->ref_len = o->ref_len;
	/* never longer; said for compilers that see into here */
	copy_text(r->ref, o->ref,
			  o->ref_len <= CLR_REF_MAX ? o->ref_len : CLR_REF_MAX);
	r->content_hash = o->content_hash;
	r->height = o->orig_height;
	r->order_qty = o->order_qty;
	r->leaves_qty = o->leaves_qty;
	r->number = o->orig_number;
	r->submitter = o->submitter;
	r->instrument = o->instrument;
	r->ord_status = o->ord_status;
	r->exec_type = o->exec_type;
	r->restated = o->restated;
	r->cancelled_for = o->cancelled_for;
	r->pinned = false;
	r->extra = CLR_NONE;
}

/*
 * Remembers an original outcome whose reference is not alive.  The order the
 * command entered or replaced, if it rests, goes by this name from now on.
 */
uint32_t
clr_reference_add(ClrEngine *e, uint64_t hash, const ClrOutcome *o,
				  int64_t time_us)
{
	uint32_t	index;
	uint32_t	tag = (uint32_t) hash;
	uint32_t	i;
	ClrReference *r;

	if (!e->restoring)
		evict(e, EVICT_PER_ADD);
	if ((e->ref_mask == 0 ||
		 (uint64_t) e->ref_count * 8 >= ((uint64_t) e->ref_mask + 1) * 5) &&
		!slots_grow(e))
	{
		e->oom = true;
		return CLR_NONE;
	}
	index = clr_pool_alloc(&e->references);
	if (index != CLR_NONE)
		fill_reference(reference_at(e, index), o, time_us);
	if (index == CLR_NONE || !fill_extra(e, index, o))
	{
		e->oom = true;
		return CLR_NONE;
	}
	r = reference_at(e, index);
	r->next = CLR_NONE;
	r->prev = e->ref_tail;
	if (e->ref_tail != CLR_NONE)
		reference_at(e, e->ref_tail)->next = index;
	else
		e->ref_head = index;
	e->ref_tail = index;

	for (i = tag & e->ref_mask; e->ref_slots[i].index != CLR_NONE;)
		i = (i + 1) & e->ref_mask;
	e->ref_slots[i] = (ClrReferenceSlot) {tag, index};
	e->ref_count++;

	/* while loading, orders find their references themselves */
	r->order = e->entered;
	if (e->entered != CLR_NONE)
		order_at(e, e->entered)->ref = index;
	return index;
}

/* The outcome as it was; number, duplicate and ref are the caller's. */
void
clr_reference_outcome(const ClrEngine *e, const ClrReference *r, ClrOutcome *o)
{
	static const ClrReferenceExtra none = {0};
	const ClrReferenceExtra *x = r->extra == CLR_NONE ? &none :
		extra_at(e, r->extra);

	o->type = r->type;
	o->reason = r->reason;
	o->submitter = r->submitter;
	o->account = r->account;
	o->instrument = r->instrument;
	o->id = r->id;
	o->orig_height = r->height;
	o->orig_number = r->number;
	o->ord_status = r->ord_status;
	o->exec_type = r->exec_type;
	o->order_qty = r->order_qty;
	o->cum_qty = x->cum_qty;
	o->leaves_qty = r->leaves_qty;
	o->cum_value = x->cum_value;
	o->first_trade = x->first_trade;
	o->n_trades = x->n_trades;
	o->n_cancelled = x->n_cancelled;
	o->needed = x->needed;
	o->available = x->available;
	o->content_hash = r->content_hash;
	o->asset = x->asset;
	o->restated = r->restated;
	o->cancelled_for = r->cancelled_for;
	o->ref_len = r->ref_len;
	o->ref = r->ref;
}
