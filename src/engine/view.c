/*
 * view.c
 *	  Reading the state.
 *
 * Snapshots of single objects, O(1) unless it says otherwise; nothing here
 * changes the state.
 */
#include "engine/internal.h"

void
clr_get_house(const ClrEngine *e, ClrHouseView *out)
{
	*out = e->house;
}

bool
clr_get_asset(const ClrEngine *e, uint32_t asset, ClrAssetView *out)
{
	if (!asset_exists(e, asset))
		return false;
	*out = asset_at(e, asset)->v;
	return true;
}

bool
clr_get_member(const ClrEngine *e, uint32_t member, ClrMemberView *out)
{
	if (member >= e->n_members)
		return false;
	*out = e->members[member].v;
	return true;
}

bool
clr_get_account(const ClrEngine *e, uint32_t account, ClrAccountView *out)
{
	if (!account_exists(e, account))
		return false;
	*out = e->accounts[account].v;
	return true;
}

bool
clr_get_instrument(const ClrEngine *e, uint32_t instrument,
				   ClrInstrumentView *out)
{
	if (!instrument_exists(e, instrument))
		return false;
	*out = instrument_at(e, instrument)->v;
	return true;
}

/* Zero if the account never held the asset; false if either is unknown. */
bool
clr_get_balance(const ClrEngine *e, uint32_t account, uint32_t asset,
				ClrBalanceView *out)
{
	uint32_t	wallet;

	if (!account_exists(e, account) || !asset_exists(e, asset))
		return false;
	wallet = clr_wallet_find(e, account, asset);
	out->account = account;
	out->asset = asset;
	out->balance = wallet == CLR_NONE ? 0 : wallet_at(e, wallet)->balance;
	return true;
}

bool
clr_get_position(const ClrEngine *e, uint32_t account, uint32_t instrument,
				 ClrPositionView *out)
{
	uint32_t	index;
	const ClrPosition *p;

	if (!account_exists(e, account) || !instrument_exists(e, instrument))
		return false;
	memset(out, 0, sizeof(*out));
	out->account = account;
	out->instrument = instrument;
	index = clr_position_find(e, account, instrument);
	if (index == CLR_NONE)
		return true;
	p = position_at(e, index);
	out->qty = p->qty;
	out->cost = p->cost;
	out->realised = p->realised;
	out->buy_lots = p->lots[0];
	out->sell_lots = p->lots[1];
	out->buy_reserve = p->reserve[0];
	out->sell_reserve = p->reserve[1];
	return true;
}

bool
clr_get_order(const ClrEngine *e, uint64_t order_id, ClrOrderView *out)
{
	uint32_t	index = clr_order_find(e, order_id);
	const ClrOrder *o;

	if (index == CLR_NONE)
		return false;
	o = order_at(e, index);
	memset(out, 0, sizeof(*out));
	out->order_id = o->id;
	out->account = position_at(e, o->position)->account;
	out->instrument = position_at(e, o->position)->instrument;
	out->side = o->side;
	out->ord_type = o->ord_type;
	out->time_in_force = o->time_in_force;
	out->exec_inst = o->exec_inst;
	out->self_match = o->self_match;
	out->price = o->price;
	out->order_qty = o->order_qty;
	out->cum_qty = o->cum_qty;
	out->leaves_qty = order_leaves(o);
	out->cum_value = o->cum_value;
	out->priority = o->priority;
	out->reserve = o->reserve;
	out->time_us = o->time_us;
	if (o->extra != CLR_NONE)
	{
		out->attrs_present = order_extra_at(e, o->extra)->present;
		memcpy(out->attr, order_extra_at(e, o->extra)->value, sizeof(out->attr));
	}
	if (o->ref != CLR_NONE)
	{
		const ClrReference *r = reference_at(e, o->ref);

		out->ref_len = r->ref_len;
		memcpy(out->ref, r->ref, r->ref_len);
	}
	return true;
}

/* Amounts beyond 64 bits are shown as the largest that fit. */
bool
clr_get_valuation(const ClrEngine *e, uint32_t account, uint32_t asset,
				  ClrValuation *out)
{
	uint32_t	index;
	const ClrWallet *w;

	if (!account_exists(e, account) || !asset_exists(e, asset))
		return false;
	memset(out, 0, sizeof(*out));
	index = clr_wallet_find(e, account, asset);
	if (index == CLR_NONE)
		return true;
	w = wallet_at(e, index);
	out->balance = w->balance;
	out->equity = saturate(wallet_equity(w));
	out->initial = saturate(w->initial + w->spot_reserve);
	out->maintenance = saturate(w->maintenance);
	out->available = saturate(wallet_equity(w) - w->initial - w->spot_reserve);
	return true;
}

bool
clr_get_best(const ClrEngine *e, uint32_t instrument, uint8_t side,
			 int64_t *price, int64_t *qty)
{
	uint32_t	best;

	if (!instrument_exists(e, instrument) ||
		(side != CLR_SIDE_BUY && side != CLR_SIDE_SELL))
		return false;
	best = instrument_at(e, instrument)->side[side_index(side)].best;
	if (best == CLR_NONE)
		return false;
	*price = level_at(e, best)->price;
	*qty = level_at(e, best)->total;
	return true;
}

/* Not all of every order is displayed. */
static int64_t
displayed(const ClrEngine *e, const ClrLevel *level)
{
	int64_t		qty = 0;

	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
		qty += clr_order_shown(e, order_at(e, i));
	return qty;
}

bool
clr_get_level(const ClrEngine *e, uint32_t instrument, uint8_t side,
			  int64_t price, ClrLevelView *out)
{
	const ClrInstrument *in;
	uint32_t	index;

	memset(out, 0, sizeof(*out));
	if (!instrument_exists(e, instrument) ||
		(side != CLR_SIDE_BUY && side != CLR_SIDE_SELL))
		return false;
	in = instrument_at(e, instrument);
	index = clr_book_find(e, &in->side[side_index(side)], price);
	if (index == CLR_NONE)
		return false;
	out->orders = level_at(e, index)->count;
	out->qty = in->special_orders == 0 ? level_at(e, index)->total :
		displayed(e, level_at(e, index));
	return true;
}

void
clr_engine_watch(ClrEngine *e)
{
	e->watched = true;
}

const ClrVacated *
clr_get_vacated(const ClrEngine *e, uint32_t *n)
{
	*n = e->n_vacated;
	return e->vacated;
}

void
clr_note_vacated(ClrEngine *e, const ClrInstrument *in, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);

	if (is_market(o))
		return;
	if (!clr_grow((void **) &e->vacated, &e->cap_vacated, e->n_vacated + 1,
				  sizeof(ClrVacated)))
	{
		e->oom = true;
		return;
	}
	e->vacated[e->n_vacated++] = (ClrVacated) {
		.order = o->id,.price = o->price,.instrument = in->v.instrument,
		.side = o->side
	};
}

int64_t
clr_get_field(const ClrEngine *e, uint8_t scope, uint64_t object, uint64_t sub,
			  uint16_t field)
{
	return clr_field_get(e, scope, object, sub, field);
}

uint64_t
clr_count_orders(const ClrEngine *e)
{
	return e->orders.live;
}

uint64_t
clr_count_accounts(const ClrEngine *e)
{
	uint64_t	n = 0;

	for (uint32_t i = 0; i < e->n_accounts; i++)
		n += e->accounts[i].used;
	return n;
}
