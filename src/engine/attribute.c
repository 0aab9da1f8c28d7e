/*
 * attribute.c
 *	  Attributes of orders: what most orders don't have (ClrAttr).
 *
 * They lie in a record of their own.  An order has one as long as it has an
 * attribute; its instrument counts such orders in special_orders, so that
 * plain instruments are matched without looking for them.
 */
#include "engine/internal.h"

static ClrInstrument *
instrument_of(ClrEngine *e, const ClrOrder *o)
{
	return instrument_at(e, position_at(e, o->position)->instrument);
}

bool
clr_attr_set(ClrEngine *e, ClrOrder *o, ClrAttr attr, int64_t value)
{
	ClrOrderExtra *extra;

	if (o->extra == CLR_NONE)
	{
		uint32_t	index = clr_pool_alloc(&e->order_extras);

		if (index == CLR_NONE)
		{
			e->oom = true;
			return false;
		}
		o->extra = index;
		memset(order_extra_at(e, index), 0, sizeof(ClrOrderExtra));
		instrument_of(e, o)->special_orders++;
	}
	extra = order_extra_at(e, o->extra);
	if (attr == CLR_ATTR_PEG_TYPE && (extra->present >> attr & 1) == 0)
		clr_peg_added(e, instrument_of(e, o), o);
	extra->present |= UINT32_C(1) << attr;
	extra->value[attr] = value;
	if (attr == CLR_ATTR_SMP_ID)
		o->smp = clr_smp_of_order(e, o);
	if (attr == CLR_ATTR_EXPIRE_TIME)
		clr_timer_add(e, CLR_TIMER_ORDER_EXPIRY, o->id, 0, value);
	return !e->oom;
}

void
clr_attrs_free(ClrEngine *e, ClrOrder *o)
{
	if (o->extra == CLR_NONE)
		return;
	clr_link_ended(e, o);
	if (has_attr(e, o, CLR_ATTR_PEG_TYPE))
		clr_peg_gone(e, instrument_of(e, o));
	clr_pool_free(&e->order_extras, o->extra);
	o->extra = CLR_NONE;
	instrument_of(e, o)->special_orders--;
}

void
clr_attr_remove(ClrEngine *e, ClrOrder *o, ClrAttr attr)
{
	ClrOrderExtra *extra;

	if (o->extra == CLR_NONE)
		return;
	extra = order_extra_at(e, o->extra);
	extra->present &= ~(UINT32_C(1) << attr);
	extra->value[attr] = 0;
	if (attr == CLR_ATTR_SMP_ID)
		o->smp = clr_smp_of_order(e, o);
	if (extra->present == 0)
		clr_attrs_free(e, o);
}

bool
clr_attrs_apply(ClrEngine *e, ClrOrder *o, const ClrPairs *pairs)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(pairs, i, &value);

		if ((attr & CLR_ATTR_GONE) != 0)
			clr_attr_remove(e, o, (ClrAttr) (attr & ~CLR_ATTR_GONE));
		else if (!clr_attr_set(e, o, (ClrAttr) attr, value))
			return false;
	}
	return true;
}

bool
clr_pairs_within(const ClrPairs *pairs, uint32_t allowed)
{
	for (unsigned i = 0; i < pairs->n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(pairs, i, &value) & (uint8_t) ~CLR_ATTR_GONE;

		if ((allowed >> attr & 1) == 0)
			return false;
	}
	return true;
}

bool
clr_pairs_find(const ClrPairs *pairs, ClrAttr attr, int64_t *value)
{
	for (unsigned i = 0; i < pairs->n; i++)
		if (clr_pair_attr(pairs, i, value) == attr)
			return true;
	*value = 0;
	return false;
}

/* Those of the command, and the self-match id of the account. */
bool
clr_attrs_enter(ClrEngine *e, ClrOrder *o, const ClrCommand *cmd)
{
	int64_t		id = clr_account_limit(e, cmd->account, CLR_LIMIT_SMP_ID);
	int64_t		given;

	if (!clr_attrs_apply(e, o, &cmd->pairs))
		return false;
	if (id != 0 && !clr_pairs_find(&cmd->pairs, CLR_ATTR_SMP_ID, &given))
		return clr_attr_set(e, o, CLR_ATTR_SMP_ID, id);
	return true;
}
