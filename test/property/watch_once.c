/*
 * watch_once.c
 *	  Exactly once: what references stand for.
 */
#include "watch_internal.h"

uint64_t
hash_of(const uint8_t *data, size_t len, uint64_t seed)
{
	uint64_t	h = UINT64_C(0xCBF29CE484222325) ^ seed;

	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001B3);
	return h ^ h >> 29;
}

static WatchRef *
find_ref(Watch *w, uint32_t account, const uint8_t *ref, size_t len)
{
	uint64_t	hash = hash_of(ref, len, account);
	size_t		i = hash & (WATCH_REFS - 1);

	while (w->refs[i].len != 0 && (w->refs[i].account != account || w->refs[i].len != len ||
								   memcmp(w->refs[i].ref, ref, len) != 0))
		i = (i + 1) & (WATCH_REFS - 1);
	return &w->refs[i];
}

static bool
names_working(Watch *w, const ClrOutcome *o)
{
	return o->reason == CLR_OK && (o->type == CLR_CMD_NEW_ORDER || o->type == CLR_CMD_REPLACE_ORDER) &&
		o->id < w->next_order && w->orders[o->id].state == WORKING;
}

/* A command as it is before it is applied. */
void
look_up(Watch *w, WatchPart *part, const uint8_t *data, size_t len)
{
	memset(part, 0, sizeof(*part));
	part->decoded = clr_command_decode(data, len, &part->cmd) == len;
	part->hash = hash_of(data, len, 0);
	if (!part->decoded || part->cmd.ref.len == 0 || part->cmd.ref.len > CLR_REF_MAX)
		return;
	part->known = find_ref(w, part->cmd.account, part->cmd.ref.data, part->cmd.ref.len);
	part->was_alive = part->known->len != 0 &&
		(w->now - part->known->time_us <= w->retention || names_working(w, &part->known->out));
}

static bool
same_outcome(const ClrOutcome *a, const ClrOutcome *b)
{
	return a->reason == b->reason && a->id == b->id &&
		a->orig_height == b->orig_height && a->orig_number == b->orig_number &&
		a->order_qty == b->order_qty && a->cum_qty == b->cum_qty &&
		a->leaves_qty == b->leaves_qty && a->cum_value == b->cum_value &&
		a->ord_status == b->ord_status && a->exec_type == b->exec_type &&
		a->restated == b->restated && a->cancelled_for == b->cancelled_for &&
		a->n_trades == b->n_trades && a->first_trade == b->first_trade &&
		a->n_cancelled == b->n_cancelled && a->needed == b->needed &&
		a->available == b->available && a->asset == b->asset && a->instrument == b->instrument;
}

static void
remember(Watch *w, const WatchPart *part, const ClrOutcome *o)
{
	WatchRef   *slot = find_ref(w, o->account, o->ref, o->ref_len);

	if (slot->len == 0 && ++w->n_refs > WATCH_REFS / 2)
		broken(w, "watch: more references than there is room for");
	slot->account = o->account;
	slot->len = o->ref_len;
	memcpy(slot->ref, o->ref, o->ref_len);
	slot->hash = part->hash;
	slot->time_us = w->now;
	slot->out = *o;
	slot->out.ref = NULL;
}

void
check_once(Watch *w, const WatchPart *part, const ClrOutcome *o)
{
	bool		admitted = o->duplicate || o->reason == CLR_R_DUPLICATE_REFERENCE || clr_uses_reference(o);
	bool		alive = part->was_alive;

	if (o->ref_len == 0 || !admitted)
	{
		if (o->duplicate)
			broken(w, "reference: a duplicate without one");
		return;
	}
	if (!alive && (o->duplicate || o->reason == CLR_R_DUPLICATE_REFERENCE))
		broken(w, "reference: %.*s was not used", o->ref_len, (const char *) o->ref);
	if (alive && part->known->hash == part->hash && (!o->duplicate || !same_outcome(o, &part->known->out)))
		broken(w, "reference: %.*s has another outcome when repeated", o->ref_len, (const char *) o->ref);
	if (alive && part->known->hash != part->hash && o->reason != CLR_R_DUPLICATE_REFERENCE)
		broken(w, "reference: %.*s was used for something else", o->ref_len, (const char *) o->ref);
	if (!alive && clr_uses_reference(o))
		remember(w, part, o);
}
