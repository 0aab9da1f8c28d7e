/*
 * selfmatch.c
 *	  Self-match prevention: orders that must not trade with each other.
 *
 * Orders with equal ClrOrder.smp never trade.  That is the self-match
 * prevention id (FIX 2362) within the member, if the order has one: given with
 * the order, or else by its account; otherwise it is the account itself.  Ids
 * of different members are different, and an id is never equal to an account.
 * An order keeps what it was entered with, as an attribute.
 *
 * The aggressor's instruction (FIX 2964) decides what happens instead of a
 * trade.  Decrementing is not in FIX: both orders lose the quantity
 * of the smaller one, hidden lots included, and one that has nothing left ends.
 */
#include "engine/internal.h"

static uint64_t
smp_of_id(const ClrEngine *e, uint32_t account, int64_t id)
{
	if (id == 0)
		return account;
	return UINT64_C(1) << 63 | (uint64_t) e->accounts[account].v.member << 31 |
		(uint64_t) id;
}

uint64_t
clr_smp_of(const ClrEngine *e, uint32_t account, const ClrPairs *pairs)
{
	int64_t		id;

	if (clr_likely(pairs->n == 0 && !e->accounts[account].restricted))
		return account;
	if (!clr_pairs_find(pairs, CLR_ATTR_SMP_ID, &id))
		id = clr_account_limit(e, account, CLR_LIMIT_SMP_ID);
	return smp_of_id(e, account, id);
}

uint64_t
clr_smp_of_order(const ClrEngine *e, const ClrOrder *o)
{
	return smp_of_id(e, position_at(e, o->position)->account,
					 order_attr(e, o, CLR_ATTR_SMP_ID));
}

static void
cancel(ClrEngine *e, uint32_t order, ClrReason reason)
{
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
				  (uint16_t) reason);
	e->out.n_cancelled++;
}

/* An order loses lots, but not all; it may be the aggressor. */
static void
decrement(ClrEngine *e, ClrOrder *o, int64_t lots)
{
	ClrInstrument *in = instrument_at(e, position_at(e, o->position)->instrument);

	/* the aggressor is not in the book; in an auction both are */
	if (o->level == CLR_NONE)
		e->out.restated = CLR_R_SELF_MATCH_DECREMENT;
	else if (e->out.cancelled_for == CLR_OK)
		e->out.cancelled_for = CLR_R_SELF_MATCH_DECREMENT;
	clr_order_shrink(e, in, o, lots);
	clr_emit_order(e, o, working_status(o), CLR_EXEC_RESTATED,
				   CLR_R_SELF_MATCH_DECREMENT, NULL);
}

static bool
decrement_both(ClrEngine *e, ClrOrder *o, uint32_t resting, uint16_t *ended)
{
	ClrOrder   *r = order_at(e, resting);
	int64_t		mine = order_leaves(o);
	int64_t		other = order_leaves(r);

	if (other > mine)
		decrement(e, r, mine);
	else
		cancel(e, resting, CLR_R_SELF_MATCH_DECREMENT);
	if (mine > other)
	{
		decrement(e, o, other);
		return true;
	}
	*ended = CLR_R_SELF_MATCH_DECREMENT;
	return false;
}

bool
clr_prevent_self_match(ClrEngine *e, ClrOrder *o, uint32_t resting,
					   uint16_t *ended)
{
	switch (o->self_match)
	{
		case CLR_SMP_CANCEL_AGGRESSOR:
			*ended = CLR_R_SELF_MATCH_AGGRESSOR;
			return false;
		case CLR_SMP_CANCEL_BOTH:
			cancel(e, resting, CLR_R_SELF_MATCH_BOTH);
			*ended = CLR_R_SELF_MATCH_BOTH;
			return false;
		case CLR_SMP_DECREMENT_BOTH:
			return decrement_both(e, o, resting, ended);
		default:
			cancel(e, resting, CLR_R_SELF_MATCH);
			return true;
	}
}
