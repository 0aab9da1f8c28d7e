/*
 * position.c
 *	  Positions: an account in an instrument.
 *
 * A futures position is {qty, cost, realised} as engine.h explains.  For spot
 * instruments the record only carries the working orders and their reserves.
 *
 * Changes during a command mark the position touched; when the command ends,
 * clr_positions_flush() brings the wallets up to date and reports each
 * position once, in the order they were first touched.
 */
#include "engine/internal.h"

uint32_t
clr_position_find(const ClrEngine *e, uint32_t account, uint32_t instrument)
{
	return clr_map_get(&e->position_map, (uint64_t) account << 32 | instrument);
}

static void
link_position(ClrEngine *e, uint32_t index)
{
	ClrPosition *p = position_at(e, index);
	ClrAccount *a = &e->accounts[p->account];
	ClrInstrument *in = instrument_at(e, p->instrument);

	p->account_prev = CLR_NONE;
	p->account_next = a->positions;
	if (a->positions != CLR_NONE)
		position_at(e, a->positions)->account_prev = index;
	a->positions = index;

	p->instrument_prev = CLR_NONE;
	p->instrument_next = in->positions;
	if (in->positions != CLR_NONE)
		position_at(e, in->positions)->instrument_prev = index;
	in->positions = index;
}

/* The position, made (empty) if there is none; CLR_NONE = no memory. */
uint32_t
clr_position_get(ClrEngine *e, uint32_t account, uint32_t instrument)
{
	uint64_t	key = (uint64_t) account << 32 | instrument;
	uint32_t	index = clr_map_get(&e->position_map, key);
	const ClrInstrument *in = instrument_at(e, instrument);
	uint32_t	quote;
	uint32_t	base = CLR_NONE;
	ClrPosition *p;

	if (clr_likely(index != CLR_NONE))
		return index;
	quote = clr_wallet_get(e, account, in->v.quote_asset);
	if (!is_future(in))
		base = clr_wallet_get(e, account, in->v.base_asset);
	index = clr_pool_alloc(&e->positions);
	if (e->oom || index == CLR_NONE || !clr_map_put(&e->position_map, key, index))
	{
		e->oom = true;
		return CLR_NONE;
	}
	p = position_at(e, index);
	memset(p, 0, sizeof(*p));
	p->account = account;
	p->instrument = instrument;
	p->quote_wallet = quote;
	p->base_wallet = base;
	p->orders = CLR_NONE;
	link_position(e, index);
	return index;
}

/* Forgets a position that is empty for good (its instrument has expired). */
void
clr_position_drop(ClrEngine *e, uint32_t index)
{
	ClrPosition *p = position_at(e, index);

	if (p->account_next != CLR_NONE)
		position_at(e, p->account_next)->account_prev = p->account_prev;
	if (p->account_prev != CLR_NONE)
		position_at(e, p->account_prev)->account_next = p->account_next;
	else
		e->accounts[p->account].positions = p->account_next;

	if (p->instrument_next != CLR_NONE)
		position_at(e, p->instrument_next)->instrument_prev = p->instrument_prev;
	if (p->instrument_prev != CLR_NONE)
		position_at(e, p->instrument_prev)->instrument_next = p->instrument_next;
	else
		instrument_at(e, p->instrument)->positions = p->instrument_next;

	clr_map_remove(&e->position_map, (uint64_t) p->account << 32 | p->instrument);
	clr_pool_free(&e->positions, index);
}

void
clr_position_touch(ClrEngine *e, uint32_t index)
{
	ClrPosition *p = position_at(e, index);

	if (p->touched == e->serial)
		return;
	if (clr_unlikely(!clr_grow((void **) &e->touched, &e->cap_touched,
							   e->n_touched + 1, sizeof(uint32_t))))
	{
		e->oom = true;
		return;
	}
	p->touched = e->serial;
	e->touched[e->n_touched++] = index;
}

/* Adds (sign 1) or takes away (-1) working lots of an order. */
void
clr_position_work(const ClrInstrument *in, ClrPosition *p, const ClrOrder *o,
				  int64_t lots, int sign)
{
	unsigned	s = side_index(o->side);

	lots *= sign;
	p->lots[s] += lots;
	p->reserve[s] += lots * o->reserve;
	p->work_value += lots * abs64(o->price);
	if (o->reserve > p->most)
		p->most = o->reserve;
	if (clr_unlikely(o->reserve > in->initial_quotient))
		p->excess[s] += lots * (o->reserve - in->initial_quotient);
}

/* The same for lots that no order has yet; value is |price| * lots. */
void
clr_position_expect(const ClrInstrument *in, ClrPosition *p, unsigned s,
					int64_t lots, int64_t reserve, int64_t value, int sign)
{
	p->lots[s] += sign * lots;
	p->reserve[s] += sign * reserve;
	p->work_value += sign * value;
	p->excess[s] += sign * clr_margin_excess(in, lots, reserve);
}

/* What its orders reserve is measured by another margin. */
static void
measure(const ClrEngine *e, const ClrInstrument *in, ClrPosition *p)
{
	int64_t		most = 0;

	p->excess[0] = p->excess[1] = 0;
	if (p->most <= in->initial_quotient)
		return;
	for (uint32_t i = p->orders; i != CLR_NONE; i = order_at(e, i)->position_next)
	{
		const ClrOrder *o = order_at(e, i);

		if (o->reserve > most)
			most = o->reserve;
		p->excess[side_index(o->side)] +=
			clr_margin_excess(in, order_leaves(o), order_leaves(o) * o->reserve);
	}
	p->most = most;
}

/*
 * A fill of a futures position at price.  The part that closes moves its share
 * of the cost, rounded towards zero, into realised; the residue of the
 * rounding stays in cost, so cost - realised changes by exactly qty * price.
 */
void
clr_position_fill(ClrInstrument *in, ClrPosition *p, uint8_t side, int64_t qty,
				  int64_t price)
{
	int64_t		before = p->qty > 0 ? p->qty : 0;
	int64_t		open = abs64(p->qty);
	int			sign = side == CLR_SIDE_BUY ? 1 : -1;

	if (p->qty != 0 && (p->qty > 0) != (sign > 0))
	{
		int64_t		closing = qty < open ? qty : open;
		int64_t		part = p->cost;

		if (closing < open)
			part = (int64_t) ((clr_int128) p->cost * closing / open);
		p->cost -= part;
		p->realised -= sign * closing * price + part;
		p->qty += sign * closing;
		qty -= closing;
	}
	p->qty += sign * qty;
	p->cost += sign * qty * price;
	in->v.open_interest += (p->qty > 0 ? p->qty : 0) - before;
}

/* Brings the wallets up to date with one position. */
void
clr_position_refresh(ClrEngine *e, const ClrInstrument *in, ClrPosition *p)
{
	ClrWallet  *quote = wallet_at(e, p->quote_wallet);
	int64_t		now[3];

	if (is_future(in))
	{
		now[0] = clr_margin_requirement(in, p);
		now[1] = clr_margin_maintenance(in, p);
		now[2] = clr_position_unrealised(in, p);
		quote->initial += now[0] - p->counted[0];
		quote->maintenance += now[1] - p->counted[1];
		quote->unrealised += (clr_int128) now[2] - p->counted[2];
	}
	else
	{
		now[0] = p->reserve[0];
		now[1] = p->reserve[1];
		now[2] = 0;
		quote->spot_reserve += now[0] - p->counted[0];
		wallet_at(e, p->base_wallet)->spot_reserve += now[1] - p->counted[1];
	}
	memcpy(p->counted, now, sizeof(now));
}

/* Every position of an instrument at another mark price or margin. */
void
clr_positions_revalue(ClrEngine *e, const ClrInstrument *in)
{
	for (uint32_t i = in->positions; i != CLR_NONE;
		 i = position_at(e, i)->instrument_next)
	{
		measure(e, in, position_at(e, i));
		clr_position_refresh(e, in, position_at(e, i));
	}
}

/* The wallets know of every change; it is reported when the command is done. */
void
clr_positions_refresh(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_touched; i++)
	{
		ClrPosition *p = position_at(e, e->touched[i]);

		clr_position_refresh(e, instrument_at(e, p->instrument), p);
	}
}

void
clr_positions_flush(ClrEngine *e)
{
	/* until a batch is done, positions hold what is still to come (batch.c) */
	if (clr_unlikely(e->in_batch))
	{
		clr_positions_refresh(e);
		return;
	}
	for (uint32_t i = 0; i < e->n_touched; i++)
	{
		ClrPosition *p = position_at(e, e->touched[i]);

		clr_position_refresh(e, instrument_at(e, p->instrument), p);
		clr_emit_position(e, p);
		p->touched = 0;			/* it may change again in the same command */
	}
	e->n_touched = 0;
}
