/*
 * dump.c
 *	  The whole state in canonical form.
 *
 * The bytes depend on the state alone, not on how it was reached: objects by
 * id, balances by (account, asset), positions by (account, instrument), orders
 * by id, living references by (height, number).  What behaves like absence is
 * left out: zero balances, empty positions, dead references.
 *
 * Form: records of a tag byte followed by fields, little-endian, texts with
 * their length in front.  The version is in the first record.
 */
#include "engine/internal.h"

#define DUMP_VERSION 1

typedef struct Dump
{
	ClrSink		sink;
	void	   *arg;
	size_t		len;
	uint8_t		buf[4096];
} Dump;

static void
flush(Dump *d)
{
	if (d->len > 0)
		d->sink(d->arg, d->buf, d->len);
	d->len = 0;
}

static void
put8(Dump *d, uint8_t v)
{
	if (d->len == sizeof(d->buf))
		flush(d);
	d->buf[d->len++] = v;
}

static void
put32(Dump *d, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		put8(d, (uint8_t) (v >> 8 * i));
}

static void
put64(Dump *d, uint64_t v)
{
	put32(d, (uint32_t) v);
	put32(d, (uint32_t) (v >> 32));
}

static void
put_i64(Dump *d, int64_t v)
{
	put64(d, (uint64_t) v);
}

static void
put_text(Dump *d, const uint8_t *data, uint8_t len)
{
	put8(d, len);
	for (uint8_t i = 0; i < len; i++)
		put8(d, data[i]);
}

static void
dump_house(Dump *d, const ClrHouseView *h)
{
	put8(d, 'H');
	put8(d, DUMP_VERSION);
	put8(d, h->open);
	put64(d, h->height);
	put_i64(d, h->time_us);
	put64(d, h->epoch);
	put_i64(d, h->retention_us);
	put32(d, h->next_asset);
	put32(d, h->next_member);
	put32(d, h->next_account);
	put32(d, h->next_instrument);
	put64(d, h->next_order);
	put64(d, h->next_trade);
	put64(d, h->next_entry);
	put64(d, h->next_settlement);
	put64(d, h->next_priority);
	put_text(d, h->name, h->name_len);
}

static void
dump_instrument(Dump *d, const ClrInstrumentView *v)
{
	put8(d, 'I');
	put32(d, v->instrument);
	put8(d, v->kind);
	put8(d, v->margin_basis);
	put8(d, v->fee_basis);
	put8(d, v->replace_priority);
	put8(d, v->phase);
	put8(d, v->tick_exp);
	put8(d, v->lot_exp);
	put8(d, v->multiplier_exp);
	put32(d, v->base_asset);
	put32(d, v->quote_asset);
	put_i64(d, v->tick_size);
	put_i64(d, v->lot_size);
	put_i64(d, v->multiplier);
	put_i64(d, v->initial_margin);
	put_i64(d, v->maintenance_margin);
	put_i64(d, v->maker_fee);
	put_i64(d, v->taker_fee);
	put_i64(d, v->reference_price);
	put_i64(d, v->expiry_us);
	put_i64(d, v->tick_value);
	put_i64(d, v->lot_units);
	put8(d, v->has_reference_price);
	put8(d, v->has_mark);
	put8(d, v->has_settlement);
	put8(d, v->has_last);
	put_i64(d, v->mark);
	put_i64(d, v->settlement);
	put_i64(d, v->last_price);
	put_i64(d, v->last_qty);
	put_i64(d, v->volume);
	put_i64(d, v->open_interest);
	put8(d, v->has_session);
	put_i64(d, v->session_open);
	put_i64(d, v->session_high);
	put_i64(d, v->session_low);
	put_i64(d, v->session_volume);
	put_i64(d, v->session_value);
	put_text(d, v->symbol, v->symbol_len);
}

static void
dump_registry(const ClrEngine *e, Dump *d)
{
	for (uint32_t i = 0; i < e->n_assets; i++)
	{
		put8(d, 'A');
		put32(d, e->assets[i].v.asset);
		put8(d, e->assets[i].v.scale);
		put_text(d, e->assets[i].v.name, e->assets[i].v.name_len);
	}
	for (uint32_t i = 0; i < e->n_members; i++)
	{
		put8(d, 'M');
		put32(d, e->members[i].v.member);
		put_text(d, e->members[i].v.code, e->members[i].v.code_len);
		put_text(d, e->members[i].v.name, e->members[i].v.name_len);
	}
	for (uint32_t i = 0; i < e->n_accounts; i++)
	{
		const ClrAccountView *v = &e->accounts[i].v;

		if (!e->accounts[i].used)
			continue;
		put8(d, 'C');
		put32(d, v->account);
		put32(d, v->member);
		put8(d, v->account_type);
		put_text(d, v->name, v->name_len);
	}
	for (uint32_t i = 0; i < e->n_instruments; i++)
		dump_instrument(d, &e->instruments[i].v);
}

static bool
dump_balances(const ClrEngine *e, Dump *d, ClrSortList *list)
{
	list->len = 0;
	for (uint32_t i = 0; i < e->wallets.used; i++)
	{
		const ClrWallet *w = wallet_at(e, i);

		if (w->balance != 0 &&
			!clr_sort_add(list, (uint64_t) w->account << 32 | w->asset, i))
			return false;
	}
	clr_sort(list);
	for (size_t i = 0; i < list->len; i++)
	{
		const ClrWallet *w = wallet_at(e, list->items[i].index);

		put8(d, 'B');
		put32(d, w->account);
		put32(d, w->asset);
		put_i64(d, w->balance);
	}
	return true;
}

static bool
is_empty(const ClrPosition *p)
{
	return p->qty == 0 && p->cost == 0 && p->realised == 0 &&
		p->orders == CLR_NONE;
}

static bool
dump_positions(const ClrEngine *e, Dump *d, ClrSortList *list)
{
	list->len = 0;
	for (uint32_t n = 0; n < e->n_instruments; n++)
		for (uint32_t i = e->instruments[n].positions; i != CLR_NONE;
			 i = position_at(e, i)->instrument_next)
		{
			const ClrPosition *p = position_at(e, i);

			if (!is_empty(p) &&
				!clr_sort_add(list, (uint64_t) p->account << 32 | p->instrument, i))
				return false;
		}
	clr_sort(list);
	for (size_t i = 0; i < list->len; i++)
	{
		const ClrPosition *p = position_at(e, list->items[i].index);

		put8(d, 'P');
		put32(d, p->account);
		put32(d, p->instrument);
		put_i64(d, p->qty);
		put_i64(d, p->cost);
		put_i64(d, p->realised);
		put_i64(d, p->lots[0]);
		put_i64(d, p->lots[1]);
		put_i64(d, p->reserve[0]);
		put_i64(d, p->reserve[1]);
	}
	return true;
}

static void
dump_reference(const ClrEngine *e, Dump *d, const ClrReference *r)
{
	ClrOutcome	o;

	clr_reference_outcome(e, r, &o);
	put8(d, 'R');
	put64(d, o.orig_height);
	put32(d, o.orig_number);
	put_i64(d, r->time_us);
	put64(d, o.content_hash);
	put8(d, o.type);
	put8(d, o.ord_status);
	put8(d, o.exec_type);
	put32(d, o.reason);
	put32(d, o.submitter);
	put32(d, o.account);
	put32(d, o.instrument);
	put64(d, o.id);
	put_i64(d, o.order_qty);
	put_i64(d, o.cum_qty);
	put_i64(d, o.leaves_qty);
	put_i64(d, o.cum_value);
	put64(d, o.first_trade);
	put32(d, o.n_trades);
	put32(d, o.n_cancelled);
	put32(d, o.restated);
	put32(d, o.cancelled_for);
	put_i64(d, o.needed);
	put_i64(d, o.available);
	put32(d, o.asset);
	put_text(d, o.ref, o.ref_len);
}

typedef struct RefItem
{
	uint64_t	height;
	uint32_t	number;
	uint32_t	index;
} RefItem;

static int
compare_refs(const void *a, const void *b)
{
	const RefItem *x = a;
	const RefItem *y = b;

	if (x->height != y->height)
		return x->height < y->height ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static bool
dump_references(const ClrEngine *e, Dump *d)
{
	uint64_t	slots = e->ref_mask ? (uint64_t) e->ref_mask + 1 : 0;
	RefItem    *items = malloc(((size_t) e->ref_count + 1) * sizeof(RefItem));
	size_t		n = 0;

	if (items == NULL)
		return false;
	for (uint64_t i = 0; i < slots; i++)
	{
		const ClrReference *r;

		if (e->ref_slots[i].index == CLR_NONE)
			continue;
		r = reference_at(e, e->ref_slots[i].index);
		if (clr_reference_alive(e, r))
			items[n++] = (RefItem) {r->height, r->number, e->ref_slots[i].index};
	}
	qsort(items, n, sizeof(RefItem), compare_refs);
	for (size_t i = 0; i < n; i++)
		dump_reference(e, d, reference_at(e, items[i].index));
	free(items);
	return true;
}

static bool
dump_orders(const ClrEngine *e, Dump *d, ClrSortList *list)
{
	list->len = 0;
	for (uint32_t i = 0; i < e->orders.used; i++)
		if (order_at(e, i)->id != 0 &&
			!clr_sort_add(list, order_at(e, i)->id, i))
			return false;
	clr_sort(list);
	for (size_t i = 0; i < list->len; i++)
	{
		ClrOrderView v;

		if (!clr_get_order(e, list->items[i].key, &v))
			return false;
		put8(d, 'O');
		put64(d, v.order_id);
		put32(d, v.account);
		put32(d, v.instrument);
		put8(d, v.side);
		put8(d, v.ord_type);
		put8(d, v.time_in_force);
		put8(d, v.exec_inst);
		put8(d, v.self_match);
		put_i64(d, v.price);
		put_i64(d, v.order_qty);
		put_i64(d, v.cum_qty);
		put_i64(d, v.cum_value);
		put64(d, v.priority);
		put_i64(d, v.reserve);
		put_i64(d, v.time_us);
		put_text(d, v.ref, v.ref_len);
		put32(d, v.attrs_present);
		for (unsigned a = 0; a < CLR_ATTR_COUNT; a++)
			if ((v.attrs_present >> a & 1) != 0)
				put_i64(d, v.attr[a]);
	}
	return true;
}

static bool
dump_fields(const ClrEngine *e, Dump *d)
{
	uint32_t	n;
	ClrFieldView *list = clr_fields_sorted(e, &n);

	if (list == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
	{
		put8(d, 'F');
		put8(d, list[i].scope);
		put32(d, list[i].field);
		put64(d, list[i].object);
		put64(d, list[i].sub);
		put_i64(d, list[i].value);
	}
	free(list);
	return true;
}

bool
clr_engine_dump(const ClrEngine *e, ClrSink sink, void *arg)
{
	Dump		d = {.sink = sink, .arg = arg};
	ClrSortList list = {NULL, 0, 0};
	bool		ok;

	dump_house(&d, &e->house);
	dump_registry(e, &d);
	ok = dump_fields(e, &d) && dump_balances(e, &d, &list) && dump_positions(e, &d, &list) &&
		dump_references(e, &d) && dump_orders(e, &d, &list);
	free(list.items);
	flush(&d);
	return ok;
}
