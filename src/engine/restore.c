/*
 * restore.c
 *	  Loading a state that was saved object by object.
 *
 * Every input is checked; what can be computed from other inputs is computed
 * and compared, never taken.  clr_restore_finish() builds the books in order
 * of priority and ends with the full check of invariants, so an engine that
 * loads is as good as one that has applied the journal from the beginning.
 * After a failure the engine must be freed.
 */
#include "engine/internal.h"

bool
clr_restore_fail(ClrEngine *e, const char *message)
{
	if (e->restore_error == NULL)
		e->restore_error = message;
	return false;
}

const char *
clr_restore_error(const ClrEngine *e)
{
	return e->restore_error;
}

/* True if more may be loaded. */
bool
clr_restore_ready(ClrEngine *e)
{
	if (e->restore_error != NULL)
		return false;
	if (!e->restoring)
		return clr_restore_fail(e, "the house must be restored first");
	return true;
}

bool
clr_restore_house(ClrEngine *e, const ClrHouseView *v)
{
	if (e->restoring || e->house.open || e->house.height != 0)
		return clr_restore_fail(e, "the engine is not empty");
	if (v->name_len > CLR_TEXT_MAX || v->retention_us < 0 ||
		v->retention_us > CLR_RETENTION_MAX || v->next_account < CLR_ACCOUNT_FIRST ||
		v->next_asset < 1 || v->next_member < 1 || v->next_instrument < 1 ||
		v->next_order < 1 || v->next_trade < 1 || v->next_entry < 1 ||
		v->next_settlement < 1 || v->next_priority < 1)
		return clr_restore_fail(e, "the house is not valid");
	e->house = *v;
	memset(e->house.name + v->name_len, 0, CLR_TEXT_MAX - (size_t) v->name_len);
	e->restoring = true;
	return true;
}

bool
clr_restore_asset(ClrEngine *e, const ClrAssetView *v)
{
	if (!clr_restore_ready(e))
		return false;
	if (v->asset != e->n_assets + 1 || v->asset >= e->house.next_asset ||
		v->scale > CLR_SCALE_MAX || v->name_len < 1 || v->name_len > CLR_NAME_MAX)
		return clr_restore_fail(e, "an asset is not valid or out of order");
	if (!clr_add_asset(e, v))
		return clr_restore_fail(e, "an asset's name is taken, or out of memory");
	return true;
}

bool
clr_restore_member(ClrEngine *e, const ClrMemberView *v)
{
	if (!clr_restore_ready(e))
		return false;
	if (v->member != e->n_members || v->member >= e->house.next_member ||
		v->code_len < 1 || v->code_len > CLR_NAME_MAX ||
		v->name_len > CLR_TEXT_MAX)
		return clr_restore_fail(e, "a member is not valid or out of order");
	if (!clr_add_member(e, v))
		return clr_restore_fail(e, "a member's code is taken, or out of memory");
	return true;
}

bool
clr_restore_account(ClrEngine *e, const ClrAccountView *v)
{
	bool		system = v->account < CLR_ACCOUNT_FIRST;

	if (!clr_restore_ready(e))
		return false;
	if (v->account < e->n_accounts || v->account == 0 ||
		v->account >= e->house.next_account || v->member >= e->n_members ||
		(system && v->account > CLR_ACCOUNT_SETTLEMENT) ||
		system != (v->account_type == CLR_ACCOUNT_TYPE_SYSTEM) ||
		v->account_type > CLR_ACCOUNT_TYPE_CLIENT ||
		v->name_len < 1 || v->name_len > CLR_NAME_MAX)
		return clr_restore_fail(e, "an account is not valid or out of order");
	if (!clr_add_account(e, v))
		return clr_restore_fail(e, "an account's name is taken, or out of memory");
	return true;
}

static bool
instrument_valid(const ClrEngine *e, const ClrInstrumentView *v)
{
	ClrInstrumentView derived = *v;

	if (v->phase == CLR_PHASE_EXPIRED)
		derived.phase = CLR_PHASE_CLOSED;
	if (v->instrument != e->n_instruments + 1 ||
		v->instrument >= e->house.next_instrument ||
		v->symbol_len < 1 || v->symbol_len > CLR_NAME_MAX ||
		v->mark > CLR_PRICE_MAX || v->mark < -CLR_PRICE_MAX ||
		(!v->has_mark && v->mark != 0) ||
		clr_instrument_check(e, &derived) != CLR_OK)
		return false;
	return clr_instrument_derive(e, &derived) == CLR_OK &&
		derived.tick_value == v->tick_value &&
		derived.lot_units == v->lot_units;
}

bool
clr_restore_instrument(ClrEngine *e, const ClrInstrumentView *v)
{
	if (!clr_restore_ready(e))
		return false;
	if (!instrument_valid(e, v))
		return clr_restore_fail(e, "an instrument is not valid or out of order");
	if (!clr_add_instrument(e, v))
		return clr_restore_fail(e, "an instrument's symbol is taken, or out of memory");
	return true;
}

bool
clr_restore_balance(ClrEngine *e, const ClrBalanceView *v)
{
	uint32_t	wallet;

	if (!clr_restore_ready(e))
		return false;
	if (!account_exists(e, v->account) || !asset_exists(e, v->asset) ||
		v->balance > CLR_AMOUNT_MAX || v->balance < -CLR_AMOUNT_MAX)
		return clr_restore_fail(e, "a balance is not valid");
	wallet = clr_wallet_get(e, v->account, v->asset);
	if (wallet == CLR_NONE)
		return clr_restore_fail(e, "out of memory");
	if (wallet_at(e, wallet)->balance != 0)
		return clr_restore_fail(e, "a balance is given twice");
	wallet_at(e, wallet)->balance = v->balance;
	return true;
}

/* Small enough to compute with before the range rules are known to hold. */
static bool
amount_valid(int64_t v)
{
	return v <= CLR_AMOUNT_MAX && v >= -CLR_AMOUNT_MAX;
}

bool
clr_restore_position(ClrEngine *e, const ClrPositionView *v)
{
	uint32_t	index;
	ClrPosition *p;

	if (!clr_restore_ready(e))
		return false;
	if (!account_exists(e, v->account) || v->account < CLR_ACCOUNT_FIRST ||
		!instrument_exists(e, v->instrument) ||
		!amount_valid(v->qty) || !amount_valid(v->cost) ||
		!amount_valid(v->realised))
		return clr_restore_fail(e, "a position is not valid");
	if (v->qty == 0 && v->cost == 0 && v->realised == 0 && v->buy_lots == 0 &&
		v->sell_lots == 0 && v->buy_reserve == 0 && v->sell_reserve == 0)
		return true;
	if (instrument_at(e, v->instrument)->v.phase == CLR_PHASE_EXPIRED)
		return clr_restore_fail(e, "a position in an expired instrument is not empty");
	if (clr_position_find(e, v->account, v->instrument) != CLR_NONE)
		return clr_restore_fail(e, "a position is given twice");
	index = clr_position_get(e, v->account, v->instrument);
	if (index == CLR_NONE ||
		!clr_grow((void **) &e->expected, &e->cap_expected, e->n_expected + 1,
				  sizeof(ClrPositionView)))
		return clr_restore_fail(e, "out of memory");
	e->expected[e->n_expected++] = *v;
	p = position_at(e, index);
	p->qty = v->qty;
	p->cost = v->cost;
	p->realised = v->realised;
	return true;
}

bool
clr_restore_reference(ClrEngine *e, const ClrOutcome *o, int64_t time_us)
{
	ClrText		ref = {o->ref, o->ref_len};

	if (!clr_restore_ready(e))
		return false;
	if (o->ref_len < 1 || o->ref_len > CLR_REF_MAX || o->duplicate ||
		time_us > e->house.time_us || o->orig_height > e->house.height)
		return clr_restore_fail(e, "a reference is not valid");
	if (e->orders.live > 0)
		return clr_restore_fail(e, "references must be restored before orders");
	clr_reference_forget(e, o->account, &ref);
	if (clr_reference_add(e, clr_reference_hash(e, o->account, &ref), o,
						  time_us) == CLR_NONE)
		return clr_restore_fail(e, "out of memory");
	return true;
}

static bool
order_valid(const ClrEngine *e, const ClrOrderView *v)
{
	int64_t		parked = (v->attrs_present >> CLR_ATTR_PARKED & 1) != 0 ?
		v->attr[CLR_ATTR_PARKED] : CLR_PARKED_NOT;
	bool		waits = parked == CLR_PARKED_STOP;
	bool		unpriced = parked == CLR_PARKED_PEG ||
		(waits && v->ord_type == CLR_ORD_STOP);

	return v->order_id >= 1 && v->order_id < e->house.next_order &&
		v->priority >= 1 && v->priority < e->house.next_priority &&
		account_exists(e, v->account) && v->account >= CLR_ACCOUNT_FIRST &&
		instrument_exists(e, v->instrument) &&
		(unpriced ? v->price == 0 :
		 clr_price_valid(instrument_at(e, v->instrument), v->price)) &&
		instrument_at(e, v->instrument)->v.phase != CLR_PHASE_EXPIRED &&
		(v->side == CLR_SIDE_BUY || v->side == CLR_SIDE_SELL) &&
		(waits ? is_stop_type(v->ord_type) :
		 v->ord_type == CLR_ORD_LIMIT || v->ord_type == CLR_ORD_MARKET ||
		 v->ord_type == CLR_ORD_MARKET_TO_LIMIT || v->ord_type == CLR_ORD_PEGGED) &&
		(v->time_in_force == CLR_TIF_DAY || v->time_in_force == CLR_TIF_GTC ||
		 v->time_in_force == CLR_TIF_GTD || clr_is_cross_only(v->time_in_force)) &&
		v->exec_inst < 2 * CLR_EXEC_CANCEL_ON_DISCONNECT &&
		v->self_match <= CLR_SMP_DECREMENT_BOTH &&
		v->order_qty >= 1 && v->order_qty <= CLR_QTY_MAX &&
		v->cum_qty >= 0 && v->cum_qty < v->order_qty &&
		v->leaves_qty == v->order_qty - v->cum_qty &&
		amount_valid(v->cum_value) &&
		v->reserve >= 0 && v->reserve <= CLR_AMOUNT_MAX &&
		v->ref_len <= CLR_REF_MAX;
}

static void
fill_order(ClrOrder *o, const ClrOrderView *v, uint32_t position)
{
	memset(o, 0, sizeof(*o));
	o->position = position;
	o->level = CLR_NONE;
	o->id = v->order_id;
	o->priority = v->priority;
	o->price = v->price;
	o->order_qty = v->order_qty;
	o->cum_qty = v->cum_qty;
	o->cum_value = v->cum_value;
	o->reserve = v->reserve;
	o->time_us = v->time_us;
	o->ref = CLR_NONE;
	o->pinned = CLR_NONE;
	o->side = v->side;
	o->ord_type = v->ord_type;
	o->time_in_force = v->time_in_force;
	o->exec_inst = v->exec_inst;
	o->self_match = v->self_match;
	o->known = true;
	o->extra = CLR_NONE;
	o->smp = v->account;
}

/* Attributes, and what follows from them. */
static bool
fill_attrs(ClrEngine *e, ClrOrder *o, const ClrOrderView *v)
{
	for (unsigned a = 0; a < CLR_ATTR_COUNT; a++)
		if ((v->attrs_present >> a & 1) != 0 &&
			!clr_attr_set(e, o, (ClrAttr) a, v->attr[a]))
			return false;
	o->parked = (uint8_t) order_attr(e, o, CLR_ATTR_PARKED);
	return true;
}

bool
clr_restore_order(ClrEngine *e, const ClrOrderView *v)
{
	uint32_t	position;
	uint32_t	order;

	if (!clr_restore_ready(e))
		return false;
	if (!order_valid(e, v))
		return clr_restore_fail(e, "an order is not valid");
	if (clr_order_find(e, v->order_id) != CLR_NONE)
		return clr_restore_fail(e, "an order is given twice");
	position = clr_position_get(e, v->account, v->instrument);
	order = clr_pool_alloc(&e->orders);
	if (position == CLR_NONE || order == CLR_NONE)
		return clr_restore_fail(e, "out of memory");
	fill_order(order_at(e, order), v, position);
	if (!fill_attrs(e, order_at(e, order), v))
		return clr_restore_fail(e, "out of memory");
	if (!clr_map_put(&e->order_map, v->order_id, order) ||
		!clr_sort_add(&e->restored, v->priority, order))
		return clr_restore_fail(e, "out of memory");
	if (v->ref_len > 0)
	{
		ClrText		ref = {v->ref, v->ref_len};
		uint32_t	r = clr_reference_find(e, clr_reference_hash(e, v->account, &ref),
											v->account, &ref);

		if (r == CLR_NONE || !names_order(reference_at(e, r)) ||
			reference_at(e, r)->id != v->order_id)
			return clr_restore_fail(e, "an order's reference is missing");
		order_at(e, order)->ref = r;
	}
	return true;
}

/* Puts one order into its book if its sums stay in range. */
static bool
enter_order(ClrEngine *e, uint32_t order)
{
	const ClrOrder *o = order_at(e, order);
	const ClrPosition *p = position_at(e, o->position);
	ClrInstrument *in = instrument_at(e, p->instrument);
	clr_int128	lots = order_leaves(o);
	unsigned	s = side_index(o->side);

	if (p->lots[s] + lots > CLR_LOTS_MAX ||
		p->reserve[s] + lots * o->reserve > CLR_AMOUNT_MAX ||
		p->work_value + lots * abs64(o->price) > CLR_AMOUNT_MAX ||
		in->work_lots[s] + in->parked_lots[s] + lots > CLR_AMOUNT_MAX)
		return clr_restore_fail(e, "working orders are out of range");
	if (o->parked != CLR_PARKED_NOT)
		return clr_order_park(e, in, order, (ClrParked) o->parked) ||
			clr_restore_fail(e, "out of memory");
	if (!clr_order_rest(e, in, order))
		return clr_restore_fail(e, "out of memory");
	return true;
}

static bool
enter_orders(ClrEngine *e)
{
	clr_sort(&e->restored);
	for (size_t i = 0; i < e->restored.len; i++)
	{
		if (i > 0 && e->restored.items[i].key == e->restored.items[i - 1].key)
			return clr_restore_fail(e, "two orders have the same priority");
		if (!enter_order(e, e->restored.items[i].index))
			return false;
	}
	e->n_touched = 0;
	return true;
}

static bool
compare_positions(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_expected; i++)
	{
		const ClrPositionView *v = &e->expected[i];
		ClrPositionView actual;

		if (!clr_get_position(e, v->account, v->instrument, &actual) ||
			actual.buy_lots != v->buy_lots ||
			actual.sell_lots != v->sell_lots ||
			actual.buy_reserve != v->buy_reserve ||
			actual.sell_reserve != v->sell_reserve)
			return clr_restore_fail(e, "a position's working orders differ from what it says");
	}
	return true;
}

/* Fills the wallets' sums from the positions. */
static bool
value_positions(ClrEngine *e)
{
	for (uint32_t n = 0; n < e->n_instruments; n++)
	{
		ClrInstrument *in = &e->instruments[n];
		clr_int128	open = 0;

		for (uint32_t i = in->positions; i != CLR_NONE;
			 i = position_at(e, i)->instrument_next)
		{
			ClrPosition *p = position_at(e, i);

			if (!clr_position_in_range(in, p, 0, 0))
				return clr_restore_fail(e, "a position is out of range");
			clr_position_refresh(e, in, p);
			open += p->qty > 0 ? p->qty : 0;
		}
		if (open != in->v.open_interest)
			return clr_restore_fail(e, "an instrument's open interest differs from its positions");
	}
	return true;
}

static bool
sum_balances(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->wallets.used; i++)
	{
		const ClrWallet *w = wallet_at(e, i);
		ClrAsset   *a = asset_at(e, w->asset);

		if (w->balance >= 0)
			continue;
		if (-w->balance > CLR_AMOUNT_MAX - a->gross)
			return clr_restore_fail(e, "balances are out of range");
		a->gross -= w->balance;
	}
	return true;
}

bool
clr_restore_finish(ClrEngine *e)
{
	const char *message;

	if (!clr_restore_ready(e))
		return false;
	if (e->n_assets + 1 != e->house.next_asset ||
		e->n_instruments + 1 != e->house.next_instrument ||
		(e->house.open && e->n_members != e->house.next_member) ||
		(e->house.open && !account_exists(e, CLR_ACCOUNT_SETTLEMENT)))
		return clr_restore_fail(e, "objects are missing");
	e->serial++;
	if (!sum_balances(e) || !enter_orders(e) || !compare_positions(e) ||
		!value_positions(e))
		return false;
	e->restoring = false;
	free(e->restored.items);
	e->restored = (ClrSortList) {NULL, 0, 0};
	free(e->expected);
	e->expected = NULL;
	e->n_expected = e->cap_expected = 0;
	message = clr_engine_check(e);
	if (message != NULL)
		return clr_restore_fail(e, message);
	return true;
}
