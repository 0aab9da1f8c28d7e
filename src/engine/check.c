/*
 * check.c
 *	  Every invariant from scratch.
 *
 * Run by test builds after every command, by followers at checkpoints and
 * after loading.  Sums are formed anew from orders, positions and balances in
 * 128 bits; margins by the plain formula, not by the shortcuts of margin.c.
 * Reads only, but needs memory for the sums of each position.
 */
#include <stdarg.h>
#include <stdio.h>

#include "engine/internal.h"

/* What the books say about a position. */
typedef struct Sums
{
	clr_int128	lots[2];
	clr_int128	reserve[2];
	clr_int128	excess[2];		/* beyond the margin of a lot, rounded down */
	clr_int128	value;
	uint32_t	orders;
} Sums;

typedef struct WalletSums
{
	clr_int128	initial;
	clr_int128	maintenance;
	clr_int128	unrealised;
	clr_int128	spot_reserve;
} WalletSums;

typedef struct Check
{
	ClrEngine  *e;
	Sums	   *positions;
	WalletSums *wallets;
	uint32_t	n_orders;
	uint32_t	n_levels;
	uint32_t	n_positions;
	uint32_t	n_pinned;
} Check;

__attribute__((format(printf, 2, 3)))
static const char *
say(ClrEngine *e, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	(void) vsnprintf(e->check_message, sizeof(e->check_message), format, args);
	va_end(args);
	return e->check_message;
}

static const char *
check_ledger(ClrEngine *e)
{
	for (uint32_t a = 1; a <= e->n_assets; a++)
	{
		const ClrAsset *asset = asset_at(e, a);
		clr_int128	sum = 0;
		clr_int128	gross = 0;

		for (uint32_t i = 0; i < e->wallets.used; i++)
		{
			const ClrWallet *w = wallet_at(e, i);

			if (w->asset != a)
				continue;
			sum += w->balance;
			gross -= w->balance < 0 ? w->balance : 0;
			if (clr_wallet_find(e, w->account, a) != i)
				return say(e, "wallet of account %u in asset %u is not indexed",
						   w->account, a);
		}
		if (sum != 0)
			return say(e, "balances of asset %u do not sum up to 0", a);
		if (gross != asset->gross || gross > CLR_AMOUNT_MAX)
			return say(e, "gross of asset %u is wrong", a);
		if (wallet_at(e, asset->settlement)->balance != 0)
			return say(e, "settlement account is not empty in asset %u", a);
	}
	return NULL;
}

/* Margin of some lots by the plain formula, rounded up. */
static clr_int128
plain_margin(const ClrInstrument *in, int64_t parameter, clr_int128 lots)
{
	if (in->v.margin_basis == CLR_BASIS_LOT)
		return lots * parameter;
	/* the range rule bounds lots * mark * tick value */
	return (lots * abs64(in->v.mark) * in->v.tick_value * parameter +
			CLR_RATE_UNIT - 1) / CLR_RATE_UNIT;
}

/* Of a lot of a spread: that of a lot of each leg, rounded up. */
static clr_int128
spread_margin(const ClrEngine *e, const ClrInstrument *in, clr_int128 lots)
{
	clr_int128	sum = 0;

	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		const ClrInstrument *leg = instrument_at(e, in->legs[i].instrument);

		sum += plain_margin(leg, leg->v.initial_margin, 1) * abs64(in->legs[i].ratio);
	}
	return sum * lots;
}

/* Initial margin of a lot, rounded down. */
static clr_int128
margin_of_a_lot(const ClrEngine *e, const ClrInstrument *in)
{
	if (is_spread(in))
		return spread_margin(e, in, 1);
	return in->v.margin_basis == CLR_BASIS_LOT ? in->v.initial_margin :
		(clr_int128) abs64(in->v.mark) * in->v.tick_value * in->v.initial_margin /
		CLR_RATE_UNIT;
}

/* What holds for every working order, wherever it is. */
static const char *
check_working(Check *c, const ClrInstrument *in, unsigned side, uint32_t index)
{
	ClrEngine  *e = c->e;
	const ClrOrder *o = order_at(e, index);
	const ClrPosition *p = position_at(e, o->position);
	Sums	   *s = &c->positions[o->position];
	clr_int128	leaves = (clr_int128) o->order_qty - o->cum_qty;
	unsigned long long id = o->id;

	if (clr_order_find(e, o->id) != index || !o->known)
		return say(e, "order %llu is not indexed", id);
	if (o->id >= e->house.next_order || o->priority >= e->house.next_priority)
		return say(e, "order %llu is from the future", id);
	if (p->instrument != in->v.instrument || side_index(o->side) != side)
		return say(e, "order %llu is in the wrong place", id);
	if (o->cum_qty < 0 || leaves <= 0 || o->reserve < 0)
		return say(e, "order %llu should not be working", id);
	if (!clr_link_valid(e, o))
		return say(e, "order %llu is linked to one that is not linked to it", id);
	if (o->ref != CLR_NONE)
	{
		const ClrReference *r = reference_at(e, o->ref);

		if (!names_order(r) || r->id != o->id || r->account != p->account)
			return say(e, "reference of order %llu names another", id);
	}
	for (uint32_t i = o->pinned; i != CLR_NONE; i = reference_at(e, i)->next)
	{
		if (!reference_at(e, i)->pinned || reference_at(e, i)->id != o->id)
			return say(e, "pinned reference of order %llu is wrong", id);
		c->n_pinned++;
	}
	s->lots[side] += leaves;
	s->reserve[side] += leaves * o->reserve;
	if (o->reserve > margin_of_a_lot(e, in))
		s->excess[side] += leaves * (o->reserve - margin_of_a_lot(e, in));
	s->value += leaves * abs64(o->price);
	s->orders++;
	if (o->smp != clr_smp_of_order(e, o))
		return say(e, "order %llu has another self-match id than it says", id);
	c->n_orders++;
	return NULL;
}

static const char *
check_order(Check *c, const ClrInstrument *in, unsigned side, uint32_t index,
			const ClrLevel *level, uint32_t level_index)
{
	const ClrOrder *o = order_at(c->e, index);

	if ((o->price != level->price && level_index != in->market[side]) ||
		o->level != level_index ||
		o->parked != CLR_PARKED_NOT)
		return say(c->e, "order %llu is in the wrong place",
				   (unsigned long long) o->id);
	if (is_market(o) != (level_index == in->market[side]))
		return say(c->e, "order %llu should not be working",
				   (unsigned long long) o->id);
	if (!clr_cross_only_valid(c->e, in, o))
		return say(c->e, "order %llu is for another phase", (unsigned long long) o->id);
	if (clr_iceberg_check(c->e, o) != NULL)
		return say(c->e, clr_iceberg_check(c->e, o), (unsigned long long) o->id);
	return check_working(c, in, side, index);
}

/* Parked orders of an instrument: found through its positions. */
static const char *
check_parked(Check *c, const ClrInstrument *in)
{
	ClrEngine  *e = c->e;
	clr_int128	lots[2] = {0, 0};

	for (uint32_t p = in->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		for (uint32_t i = position_at(e, p)->orders; i != CLR_NONE;
			 i = order_at(e, i)->position_next)
		{
			const ClrOrder *o = order_at(e, i);
			const char *message;

			if (!clr_beyond_valid(in, o))
				return say(e, "order %llu is on the wrong side of the limits of the day",
						   (unsigned long long) o->id);
			if (o->parked == CLR_PARKED_NOT)
				continue;
			if (o->level != CLR_NONE ||
				order_attr(e, o, CLR_ATTR_PARKED) != o->parked)
				return say(e, "order %llu is not parked as it says",
						   (unsigned long long) o->id);
			if (!clr_cross_only_valid(e, in, o))
				return say(e, "order %llu should not wait for an auction",
						   (unsigned long long) o->id);
			message = check_working(c, in, side_index(o->side), i);
			if (message != NULL)
				return message;
			lots[side_index(o->side)] += order_leaves(o);
		}
	if (lots[0] != in->parked_lots[0] || lots[1] != in->parked_lots[1])
		return say(e, "parked lots of instrument %u are wrong", in->v.instrument);
	return NULL;
}

static const char *
check_level(Check *c, const ClrInstrument *in, unsigned side, uint32_t index,
			clr_int128 *lots)
{
	ClrEngine  *e = c->e;
	const ClrLevel *level = level_at(e, index);
	clr_int128	total = 0;
	clr_int128	hidden = 0;
	uint32_t	count = 0;
	uint32_t	prev = CLR_NONE;
	uint64_t	priority = 0;

	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
	{
		const ClrOrder *o = order_at(e, i);
		const char *message = check_order(c, in, side, i, level, index);

		if (message != NULL)
			return message;
		if (o->prev != prev || o->priority <= priority)
			return say(e, "order %llu is out of order at its price",
					   (unsigned long long) o->id);
		prev = i;
		priority = o->priority;
		total += order_leaves(o);
		hidden += clr_order_hidden(e, o);
		count++;
	}
	if (count == 0 || count != level->count || total != level->total ||
		hidden != level->hidden ||
		prev != level->tail)
		return say(e, "totals of price %lld of instrument %u are wrong",
				   (long long) level->price, in->v.instrument);
	*lots += total;
	c->n_levels++;
	return NULL;
}

static const char *
check_side(Check *c, const ClrInstrument *in, unsigned side)
{
	ClrEngine  *e = c->e;
	const ClrBookSide *s = &in->side[side];
	uint32_t	index = s->best;
	uint32_t	levels = 0;
	clr_int128	lots = 0;

	if (clr_book_first(e, s, side) != s->best)
		return say(e, "best price of instrument %u is wrong", in->v.instrument);
	while (index != CLR_NONE)
	{
		int64_t		price = level_at(e, index)->price;
		const char *message = check_level(c, in, side, index, &lots);
		uint32_t	next = clr_book_worse(e, s, side, price);

		if (message != NULL)
			return message;
		if (clr_book_find(e, s, price) != index ||
			(next != CLR_NONE &&
			 (side == 0) != (level_at(e, next)->price < price)))
			return say(e, "prices of instrument %u are out of order",
					   in->v.instrument);
		levels++;
		index = next;
	}
	if (in->market[side] != CLR_NONE)
	{
		const char *message = check_level(c, in, side, in->market[side], &lots);

		if (message != NULL)
			return message;
	}
	if (levels != s->levels || lots != in->work_lots[side])
		return say(e, "totals of the book of instrument %u are wrong",
				   in->v.instrument);
	return NULL;
}

static const char *
check_spread(ClrEngine *e, const ClrInstrument *in)
{
	clr_int128	mark = 0;
	bool		has_mark = true;

	if (!is_spread(in) || in->v.phase == CLR_PHASE_EXPIRED)
		return NULL;
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		const ClrInstrumentView *leg = &instrument_at(e, in->legs[i].instrument)->v;

		has_mark = has_mark && leg->has_mark;
		mark += (clr_int128) in->legs[i].ratio * in->legs[i].weight * leg->mark;
		if (leg->tick_value != in->legs[i].weight * in->v.tick_value)
			return say(e, "a leg of spread %u has another tick value", in->v.instrument);
	}
	if (in->v.has_mark != has_mark || (has_mark && in->v.mark != mark))
		return say(e, "mark price of spread %u does not follow from its legs",
				   in->v.instrument);
	if (clr_implied_crossed(e, in))
		return say(e, "spread %u is crossed with its legs", in->v.instrument);
	return NULL;
}

static const char *
check_book(Check *c, const ClrInstrument *in)
{
	ClrEngine  *e = c->e;
	const char *message = check_side(c, in, 0);

	if (message == NULL)
		message = check_side(c, in, 1);
	if (message == NULL)
		message = check_parked(c, in);
	if (message == NULL)
		message = clr_triggers_check(e, in, &c->n_levels);
	if (message == NULL)
		message = clr_pegs_check(e, in);
	if (message == NULL && !clr_breaker_valid(e, in))
		return say(e, "instrument %u triggers what it should not", in->v.instrument);
	if (message == NULL)
		message = check_spread(e, in);
	if (message != NULL)
		return message;
	if (in->v.phase == CLR_PHASE_CONTINUOUS &&
		in->side[0].best != CLR_NONE && in->side[1].best != CLR_NONE &&
		level_at(e, in->side[0].best)->price >= level_at(e, in->side[1].best)->price)
		return say(e, "book of instrument %u is crossed", in->v.instrument);
	for (unsigned side = 0; side < 2; side++)
	{
		uint32_t	top = in->top[side] == 0 ? CLR_NONE :
			clr_order_find(e, in->top[side]);

		if (in->top[side] != 0 &&
			(top == CLR_NONE || order_at(e, top)->level != in->side[side].best))
			return say(e, "top order of instrument %u is not at the best price",
					   in->v.instrument);
	}
	if (((in->special & CLR_SPECIAL_MARKET_RESTS) != 0) !=
		(in->market[0] != CLR_NONE || in->market[1] != CLR_NONE))
		return say(e, "market orders of instrument %u are overlooked", in->v.instrument);
	if (in->v.phase == CLR_PHASE_EXPIRED &&
		(in->positions != CLR_NONE || in->side[0].best != CLR_NONE ||
		 in->side[1].best != CLR_NONE))
		return say(e, "expired instrument %u is not empty", in->v.instrument);
	return NULL;
}

static const char *
check_future(Check *c, const ClrInstrument *in, const ClrPosition *p, const Sums *s)
{
	WalletSums *w = &c->wallets[p->quote_wallet];
	clr_int128	buys = abs128((clr_int128) p->qty + p->lots[0]);
	clr_int128	sells = abs128((clr_int128) p->qty - p->lots[1]);
	clr_int128	initial;
	clr_int128	other;

	if (is_spread(in))
		initial = spread_margin(c->e, in, buys + sells) + p->reserve[0] + p->reserve[1];
	else
	{
		initial = plain_margin(in, in->v.initial_margin, buys) + p->reserve[0] + s->excess[1];
		other = plain_margin(in, in->v.initial_margin, sells) + p->reserve[1] + s->excess[0];
		initial = initial > other ? initial : other;
	}
	w->initial += initial;
	w->maintenance += plain_margin(in, in->v.maintenance_margin,
								   abs128(p->qty));
	w->unrealised += in->v.tick_value *
		(p->realised + (in->v.has_mark ?
						(clr_int128) in->v.mark * p->qty - p->cost : 0));
	if (p->base_wallet != CLR_NONE)
		return say(c->e, "position of account %u has a base asset", p->account);
	return NULL;
}

static const char *
check_position(Check *c, const ClrInstrument *in, uint32_t index)
{
	ClrEngine  *e = c->e;
	const ClrPosition *p = position_at(e, index);
	const Sums *s = &c->positions[index];
	uint32_t	orders = 0;

	if (clr_position_find(e, p->account, p->instrument) != index ||
		p->instrument != in->v.instrument ||
		clr_wallet_find(e, p->account, in->v.quote_asset) != p->quote_wallet)
		return say(e, "position of account %u in instrument %u is not indexed",
				   p->account, in->v.instrument);
	for (uint32_t i = p->orders; i != CLR_NONE; i = order_at(e, i)->position_next)
	{
		if (order_at(e, i)->position != index)
			return say(e, "list of orders of account %u is broken", p->account);
		orders++;
	}
	if (orders != s->orders || orders != p->n_orders || p->lots[0] != s->lots[0] ||
		p->lots[1] != s->lots[1] || p->reserve[0] != s->reserve[0] ||
		p->reserve[1] != s->reserve[1] || p->work_value != s->value ||
		(is_future(in) && (p->excess[0] != s->excess[0] || p->excess[1] != s->excess[1])))
		return say(e, "working sums of account %u in instrument %u are wrong",
				   p->account, in->v.instrument);
	if (clr_reduce_check(e, in, p) != NULL)
		return say(e, "%s, account %u in instrument %u", clr_reduce_check(e, in, p),
				   p->account, in->v.instrument);
	if (!clr_position_in_range(in, p, 0, 0))
		return say(e, "position of account %u in instrument %u is out of range",
				   p->account, in->v.instrument);
	if (is_future(in))
		return check_future(c, in, p, s);
	if (p->qty != 0 || p->cost != 0 || p->realised != 0)
		return say(e, "account %u has a position in a spot instrument",
				   p->account);
	c->wallets[p->quote_wallet].spot_reserve += p->reserve[0];
	c->wallets[p->base_wallet].spot_reserve += p->reserve[1];
	return NULL;
}

static const char *
check_positions(Check *c, const ClrInstrument *in)
{
	ClrEngine  *e = c->e;
	clr_int128	qty = 0;
	clr_int128	carried = 0;
	clr_int128	open = 0;

	for (uint32_t i = in->positions; i != CLR_NONE;
		 i = position_at(e, i)->instrument_next)
	{
		const ClrPosition *p = position_at(e, i);
		const char *message = check_position(c, in, i);

		if (message != NULL)
			return message;
		qty += p->qty;
		carried += (clr_int128) p->cost - p->realised;
		open += p->qty > 0 ? p->qty : 0;
		c->n_positions++;
	}
	if (qty != 0 || carried != 0)
		return say(e, "positions of instrument %u do not sum up to 0",
				   in->v.instrument);
	if (open != in->v.open_interest)
		return say(e, "open interest of instrument %u is wrong",
				   in->v.instrument);
	return NULL;
}

static const char *
check_wallets(Check *c)
{
	ClrEngine  *e = c->e;

	for (uint32_t i = 0; i < e->wallets.used; i++)
	{
		const ClrWallet *w = wallet_at(e, i);
		const WalletSums *s = &c->wallets[i];

		if (w->initial != s->initial || w->maintenance != s->maintenance ||
			w->unrealised != s->unrealised || w->spot_reserve != s->spot_reserve)
			return say(e, "margin of account %u in asset %u differs from its recomputation",
					   w->account, w->asset);
	}
	return NULL;
}

static const char *
check_account_lists(Check *c)
{
	ClrEngine  *e = c->e;
	uint32_t	listed = 0;

	for (uint32_t a = 0; a < e->n_accounts; a++)
	{
		if (!e->accounts[a].used)
			continue;
		for (uint32_t i = e->accounts[a].positions; i != CLR_NONE;
			 i = position_at(e, i)->account_next)
		{
			if (position_at(e, i)->account != a)
				return say(e, "list of positions of account %u is broken", a);
			listed++;
		}
	}
	if (listed != c->n_positions || listed != e->positions.live ||
		listed != e->position_map.count)
		return say(e, "number of positions differs");
	return NULL;
}

/* Copies of limits, and whether there is one. */
static const char *
check_limits(ClrEngine *e)
{
	for (uint32_t a = CLR_ACCOUNT_FIRST; a < e->n_accounts; a++)
	{
		const ClrAccount *account = &e->accounts[a];
		const ClrMember *member;
		bool		restricted = false;

		if (!account->used)
			continue;
		member = &e->members[account->v.member];
		for (uint16_t n = CLR_LIMIT_SMP_ID; n < CLR_LIMIT_COUNT; n++)
		{
			if (clr_account_limit(e, a, n) != clr_field_get(e, CLR_SCOPE_ACCOUNT, a, 0, n) ||
				member->limit[n] != clr_field_get(e, CLR_SCOPE_MEMBER,
												  account->v.member, 0, n))
				return say(e, "limits of account %u differ from its fields", a);
			if (n != CLR_LIMIT_WINDOW)
				restricted = restricted || clr_account_limit(e, a, n) != 0 ||
					member->limit[n] != 0;
		}
		if (account->restricted != restricted)
			return say(e, "account %u is restricted without a limit, or has one and is not", a);
	}
	return NULL;
}

static const char *
check_all(Check *c)
{
	ClrEngine  *e = c->e;
	const char *message = check_ledger(e);

	for (uint32_t n = 0; message == NULL && n < e->n_instruments; n++)
		message = check_book(c, &e->instruments[n]);
	for (uint32_t n = 0; message == NULL && n < e->n_instruments; n++)
		message = check_positions(c, &e->instruments[n]);
	if (message == NULL)
		message = check_wallets(c);
	if (message == NULL)
		message = check_account_lists(c);
	if (message == NULL)
		message = check_limits(e);
	if (message == NULL)
		message = clr_reference_check(e, c->n_pinned);
	if (message == NULL &&
		(c->n_orders != e->orders.live || c->n_orders != e->order_map.count ||
		 c->n_levels != e->levels.live))
		message = say(e, "number of orders or price levels differs");
	return message;
}

const char *
clr_engine_check(ClrEngine *e)
{
	Check		c = {.e = e};
	const char *message;

	c.positions = calloc((size_t) e->positions.used + 1, sizeof(Sums));
	c.wallets = calloc((size_t) e->wallets.used + 1, sizeof(WalletSums));
	if (c.positions == NULL || c.wallets == NULL)
		message = "out of memory";
	else
		message = check_all(&c);
	free(c.positions);
	free(c.wallets);
	return message;
}
