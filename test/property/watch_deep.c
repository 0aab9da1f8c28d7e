/*
 * watch_deep.c
 *	  Everything, against the engine's views.
 */
#include "watch_internal.h"

static void
deep_orders(Watch *w, const House *h, int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS])
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
			{
				const WatchOrder *o = &w->orders[w->instruments[i].book[s][k]];
				ClrOrderView v;

				if (!clr_get_order(h->e, o->id, &v) || v.price != o->price || v.order_qty != o->qty ||
					v.cum_qty != o->cum || v.leaves_qty != leaves_of(o) || v.cum_value != o->value ||
					v.account != o->account || v.side != o->side || v.priority != o->priority ||
					v.attrs_present != o->present)
					broken(w, "order %" PRIu64 ": the view differs from the events", o->id);
				lots[s][i][o->account % WATCH_ACCOUNTS] += leaves_of(o);
			}
}

static void
deep_positions(Watch *w, const House *h, int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS])
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
		{
			const WatchPosition *p = &w->positions[i][a];
			ClrPositionView v = {0};

			if (w->instruments[i].phase == 0)
				continue;
			(void) clr_get_position(h->e, a, i, &v);
			if ((w->instruments[i].future && v.qty != p->qty) || v.qty != p->said_qty ||
				v.cost != p->cost || v.realised != p->realised)
				broken(w, "position %u/%u: the view differs from the events", a, i);
			if (v.buy_lots != lots[0][i][a] || v.sell_lots != lots[1][i][a])
				broken(w, "position %u/%u: works %" PRId64 "/%" PRId64 ", the orders sum to %" PRId64 "/%" PRId64,
					   a, i, v.buy_lots, v.sell_lots, lots[0][i][a], lots[1][i][a]);
		}
}

static void
deep_balances(Watch *w, const House *h)
{
	for (uint32_t asset = 1; asset < WATCH_ASSETS; asset++)
	{
		clr_int128	sum = 0;

		for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
		{
			ClrBalanceView v = {0, 0, 0};

			sum += w->balances[asset][a];
			(void) clr_get_balance(h->e, a, asset, &v);
			if (v.balance != w->balances[asset][a])
				broken(w, "balance %u/%u: %" PRId64 ", the entries say %" PRId64, a, asset, v.balance, w->balances[asset][a]);
		}
		if (sum != 0)
			broken(w, "asset %u: the sum of balances is not zero", asset);
	}
}

/* What others see at a price: the sum of what its orders show. */
static void
deep_level(Watch *w, const House *h, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	int			s = side_of(o->side);
	ClrLevelView v = {0};
	int64_t		shown = 0;
	uint32_t	n = 0;

	for (size_t k = 0; k < in->n[s]; k++)
	{
		const WatchOrder *other = &w->orders[in->book[s][k]];

		if (is_parked(other) || other->ord_type == CLR_ORD_MARKET || other->price != o->price)
			continue;
		shown += shown_of(other);
		n++;
	}
	(void) clr_get_level(h->e, o->instrument, o->side, o->price, &v);
	if (v.qty != shown || v.orders != n)
		broken(w, "book %u: shows %" PRId64 " lots of %u orders at %" PRId64 ", there are %" PRId64 " of %u",
			   o->instrument, v.qty, v.orders, o->price, shown, n);
}

static void
deep_levels(Watch *w, const House *h)
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
			{
				const WatchOrder *o = &w->orders[w->instruments[i].book[s][k]];

				if (!is_parked(o) && o->ord_type != CLR_ORD_MARKET)
					deep_level(w, h, o);
			}
}

void
watch_deep(Watch *w, const House *h)
{
	static int64_t lots[2][WATCH_INSTRUMENTS][WATCH_ACCOUNTS];
	const char *check = clr_engine_check(h->e);

	if (check != NULL)
		broken(w, "clr_engine_check: %s", check);
	memset(lots, 0, sizeof(lots));
	deep_orders(w, h, lots);
	deep_levels(w, h);
	deep_positions(w, h, lots);
	deep_balances(w, h);
}
