/*
 * mirror.h
 *	  A read model in memory, made from events alone, and an engine restored
 *	  from it.  What a projector and a restart do, so that tests can require
 *	  dump(restored) = dump(original) at any point.
 *
 * Instruments' statistics and the house's counters are taken from the engine,
 * as the projector does.
 */
#ifndef CLR_TEST_MIRROR_H
#define CLR_TEST_MIRROR_H

#include "house.h"

typedef struct MirrorReference
{
	ClrOutcome	o;
	uint8_t		ref[CLR_REF_MAX];
	int64_t		time_us;
} MirrorReference;

typedef struct MirrorBalance
{
	ClrBalanceView v;
} MirrorBalance;

typedef struct Mirror
{
	MirrorReference *refs;
	size_t		n_refs,
				cap_refs;
	ClrOrderView *orders;		/* by id; order_id 0 = not working */
	size_t		cap_orders;
	ClrPositionView *positions;
	size_t		n_positions,
				cap_positions;
	ClrBalanceView *balances;
	size_t		n_balances,
				cap_balances;
	ClrFieldView *fields;		/* the last value of each */
	size_t		n_fields,
				cap_fields;
} Mirror;

static inline void *
mirror_grow(void *items, size_t *cap, size_t need, size_t size)
{
	size_t		old = *cap;

	if (need <= old)
		return items;
	*cap = need * 2 + 64;
	items = realloc(items, *cap * size);
	memset((char *) items + old * size, 0, (*cap - old) * size);
	return items;
}

static inline void
mirror_order(Mirror *m, const ClrOrderEvent *ev, int64_t now)
{
	ClrOrderView *v;

	m->orders = mirror_grow(m->orders, &m->cap_orders, ev->order_id + 1,
							sizeof(ClrOrderView));
	v = &m->orders[ev->order_id];
	if (ev->exec_type == CLR_EXEC_NEW)
		v->time_us = now;
	if (ev->exec_type == CLR_EXEC_NEW || ev->exec_type == CLR_EXEC_REPLACED)
	{
		v->ref_len = ev->ref_len;
		memcpy(v->ref, ev->ref, ev->ref_len);
	}
	v->order_id = ev->leaves_qty > 0 ? ev->order_id : 0;
	v->account = ev->account;
	v->instrument = ev->instrument;
	v->side = ev->side;
	v->ord_type = ev->ord_type;
	v->time_in_force = ev->time_in_force;
	v->exec_inst = ev->exec_inst;
	v->self_match = ev->self_match;
	v->price = ev->price;
	v->order_qty = ev->order_qty;
	v->cum_qty = ev->cum_qty;
	v->leaves_qty = ev->leaves_qty;
	v->cum_value = ev->cum_value;
	v->priority = ev->priority;
	v->reserve = ev->reserve;
	v->attrs_present = 0;
	for (unsigned i = 0; i < ev->attrs.n; i++)
	{
		int64_t		value;
		uint8_t		attr = clr_pair_attr(&ev->attrs, i, &value);

		v->attrs_present |= UINT32_C(1) << attr;
		v->attr[attr] = value;
	}
}

static inline void
mirror_field(Mirror *m, const ClrFieldEvent *ev)
{
	size_t		i;

	for (i = 0; i < m->n_fields; i++)
		if (m->fields[i].scope == ev->scope && m->fields[i].field == ev->field &&
			m->fields[i].object == ev->object && m->fields[i].sub == ev->sub)
			break;
	m->fields = mirror_grow(m->fields, &m->cap_fields, i + 1, sizeof(ClrFieldView));
	if (i == m->n_fields)
		m->n_fields++;
	m->fields[i] = (ClrFieldView) {ev->scope, ev->field, ev->object, ev->sub, ev->value};
}

static inline void
mirror_position(Mirror *m, const ClrPositionEvent *ev)
{
	size_t		i;

	for (i = 0; i < m->n_positions; i++)
		if (m->positions[i].account == ev->account &&
			m->positions[i].instrument == ev->instrument)
			break;
	m->positions = mirror_grow(m->positions, &m->cap_positions, i + 1,
							   sizeof(ClrPositionView));
	if (i == m->n_positions)
		m->n_positions++;
	m->positions[i] = (ClrPositionView) {ev->account, ev->instrument, ev->qty,
	ev->cost, ev->realised, ev->buy_lots, ev->sell_lots, ev->buy_reserve,
	ev->sell_reserve};
}

static inline void
mirror_balance(Mirror *m, uint32_t account, uint32_t asset, int64_t balance)
{
	size_t		i;

	for (i = 0; i < m->n_balances; i++)
		if (m->balances[i].account == account && m->balances[i].asset == asset)
			break;
	m->balances = mirror_grow(m->balances, &m->cap_balances, i + 1,
							  sizeof(ClrBalanceView));
	if (i == m->n_balances)
		m->n_balances++;
	m->balances[i] = (ClrBalanceView) {account, asset, balance};
}

static inline void
mirror_outcome(Mirror *m, const ClrOutcome *o, int64_t now)
{
	MirrorReference *r;

	if (!clr_uses_reference(o))
		return;
	m->refs = mirror_grow(m->refs, &m->cap_refs, m->n_refs + 1,
						  sizeof(MirrorReference));
	r = &m->refs[m->n_refs++];
	r->o = *o;
	memcpy(r->ref, o->ref, o->ref_len);
	r->time_us = now;
}

/* Takes in the events of one command, or of the timers of a new block. */
static inline void
mirror_take(Mirror *m, const House *h)
{
	size_t		at = 0;

	while (at < h->ev.len)
	{
		const uint8_t *p = h->ev.data + at;
		size_t		len = clr_event_length(p, h->ev.len - at, NULL);
		ClrOrderEvent o;
		ClrPositionEvent pos;
		ClrLedgerEvent l;
		ClrFieldEvent field;
		ClrOutcome	out;

		if (len == 0)
		{
			printf("Bail out! broken event stream\n");
			exit(1);
		}
		if (clr_event_decode_order(p, len, &o))
			mirror_order(m, &o, h->now);
		else if (clr_event_decode_position(p, len, &pos))
			mirror_position(m, &pos);
		else if (clr_event_decode_ledger(p, len, &l))
		{
			mirror_balance(m, l.debit_account, l.asset, l.debit_balance);
			mirror_balance(m, l.credit_account, l.asset, l.credit_balance);
		}
		else if (clr_event_decode_field(p, len, &field))
			mirror_field(m, &field);
		else if (clr_event_decode_outcome(p, len, &out))
			mirror_outcome(m, &out, h->now);
		at += len;
	}
}

static inline bool
mirror_registry(const ClrEngine *from, ClrEngine *to, const ClrHouseView *house)
{
	ClrAssetView asset;
	ClrMemberView member;
	ClrAccountView account;
	ClrInstrumentView instrument;
	bool		good = true;

	for (uint32_t i = 1; clr_get_asset(from, i, &asset); i++)
		good = good && clr_restore_asset(to, &asset);
	for (uint32_t i = 0; clr_get_member(from, i, &member); i++)
		good = good && clr_restore_member(to, &member);
	for (uint32_t i = 1; i < house->next_account; i++)
		if (clr_get_account(from, i, &account))
			good = good && clr_restore_account(to, &account);
	for (uint32_t i = 1; clr_get_instrument(from, i, &instrument); i++)
		good = good && clr_restore_instrument(to, &instrument);
	return good;
}

static inline bool
mirror_names_working(const Mirror *m, const ClrOutcome *o)
{
	return o->reason == CLR_OK &&
		(o->type == CLR_CMD_NEW_ORDER || o->type == CLR_CMD_REPLACE_ORDER) &&
		o->id < m->cap_orders && m->orders[o->id].order_id != 0;
}

/*
 * An engine loaded from the mirror; only living references are given, orders
 * in descending order of their ids.  NULL (and a diagnostic) on failure.
 */
static inline ClrEngine *
mirror_restore(const Mirror *m, const House *h)
{
	ClrEngine  *to = clr_engine_create();
	ClrHouseView house;
	bool		good;

	clr_get_house(h->e, &house);
	good = clr_restore_house(to, &house) && mirror_registry(h->e, to, &house);
	for (size_t i = 0; good && i < m->n_fields; i++)
		good = clr_restore_field(to, &m->fields[i]);
	for (size_t i = 0; good && i < m->n_balances; i++)
		good = clr_restore_balance(to, &m->balances[i]);
	for (size_t i = 0; good && i < m->n_positions; i++)
		good = clr_restore_position(to, &m->positions[i]);
	for (size_t i = 0; good && i < m->n_refs; i++)
	{
		ClrOutcome	o = m->refs[i].o;

		if (house.time_us - m->refs[i].time_us > house.retention_us &&
			!mirror_names_working(m, &o))
			continue;
		o.ref = m->refs[i].ref;
		good = clr_restore_reference(to, &o, m->refs[i].time_us);
	}
	for (size_t i = m->cap_orders; good && i-- > 0;)
		if (m->orders[i].order_id != 0)
			good = clr_restore_order(to, &m->orders[i]);
	good = good && clr_restore_finish(to);
	if (!good)
	{
		printf("# restore: %s\n", clr_restore_error(to));
		clr_engine_free(to);
		return NULL;
	}
	return to;
}

static inline void
mirror_free(Mirror *m)
{
	free(m->refs);
	free(m->orders);
	free(m->positions);
	free(m->balances);
	free(m->fields);
}

typedef struct Bytes
{
	uint8_t    *data;
	size_t		len,
				cap;
} Bytes;

static inline void
bytes_sink(void *arg, const uint8_t *data, size_t len)
{
	Bytes	   *b = arg;

	if (b->cap - b->len < len)
	{
		b->cap = (b->cap + len) * 2;
		b->data = realloc(b->data, b->cap);
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static inline bool
same_dump(const ClrEngine *a, const ClrEngine *b)
{
	Bytes		x = {0};
	Bytes		y = {0};
	bool		same = clr_engine_dump(a, bytes_sink, &x) &&
		clr_engine_dump(b, bytes_sink, &y) &&
		x.len == y.len && memcmp(x.data, y.data, x.len) == 0;

	if (!same)
	{
		size_t		i = 0;

		while (i < x.len && i < y.len && x.data[i] == y.data[i])
			i++;
		printf("# dumps of %zu and %zu bytes differ at %zu\n", x.len, y.len, i);
	}
	free(x.data);
	free(y.data);
	return same;
}

/* Takes in what happened; is an engine restored from the mirror the same? */
static inline bool
mirror_same(Mirror *m, House *h)
{
	ClrEngine  *to;
	bool		same;

	mirror_take(m, h);
	to = mirror_restore(m, h);
	same = to != NULL && same_dump(h->e, to);
	clr_engine_free(to);
	return same;
}

#endif							/* CLR_TEST_MIRROR_H */
