/*
 * watch_bust.c
 *	  Busts and corrections of trades: everything as if they had not been, or
 *	  had been otherwise.
 *
 * The accountant remembers all trades.  A bust takes lots and value out of the
 * positions, and exactly the money of the trade goes back; if nothing else has
 * changed a position since, it must be what it was before.  What the command
 * says wrong about a trade, and is believed, counts as it says.
 */
#include "watch_internal.h"

bool
is_bust(const ClrCommand *c)
{
	return c->type == CLR_CMD_BUST_TRADE || c->type == CLR_CMD_CORRECT_TRADE;
}

static WatchPosition *
position_of(Watch *w, const ClrTradeEvent *t, int s)
{
	return &w->positions[t->instrument % WATCH_INSTRUMENTS][(s ? t->sell_account : t->buy_account) % WATCH_ACCOUNTS];
}

/* Before the trade counts. */
void
note_trade(Watch *w, const ClrTradeEvent *t)
{
	WatchTrade *n;

	w->next_trade = t->trade_id + 1;
	w->traded = mirror_grow(w->traded, &w->cap_traded, w->next_trade + 1, sizeof(WatchTrade));
	n = &w->traded[t->trade_id];
	*n = (WatchTrade) {.t = *t, .time_us = w->now};
	/* what was said of a position is right only if nothing happened to it since */
	n->known = t->buy_account != t->sell_account && !w->combined && instrument_of(w, t->instrument)->future;
	for (int s = 0; s < 2; s++)
	{
		const WatchPosition *p = position_of(w, t, s);

		n->version[s] = p->version + 1;
		n->before[s][0] = p->qty;
		n->before[s][1] = p->cost;
		n->before[s][2] = p->realised;
		n->known = n->known && p->said_at == p->version;
	}
}

/* The opposite of a trade, as it stands in the command. */
static void
take_back(Watch *w, const ClrTradeEvent *t)
{
	for (int s = 0; s < 2; s++)
	{
		WatchPosition *p = position_of(w, t, s);
		int64_t		lots = s ? -t->qty : t->qty;

		p->qty -= lots;
		p->value -= (clr_int128) t->price * lots;
		p->version++;
	}
}

/* The money of a trade: what each account gets of each asset, sign -1 back. */
static void
expect_money(Watch *w, const WatchInstrument *in, const ClrTradeEvent *t, int sign)
{
	clr_int128	value = in->future ? 0 : (clr_int128) t->price * t->qty * in->tick_value;
	clr_int128	lots = in->future ? 0 : (clr_int128) t->qty * in->lot_units;
	clr_int128(*undone)[WATCH_ACCOUNTS] = w->undone;

	undone[in->quote % WATCH_ASSETS][t->buy_account % WATCH_ACCOUNTS] += sign * (value + t->buy_fee);
	undone[in->quote % WATCH_ASSETS][t->sell_account % WATCH_ACCOUNTS] -= sign * (value - t->sell_fee);
	undone[in->quote % WATCH_ASSETS][CLR_ACCOUNT_FEES] -= sign * ((clr_int128) t->buy_fee + t->sell_fee);
	undone[in->base % WATCH_ASSETS][t->buy_account % WATCH_ACCOUNTS] -= sign * lots;
	undone[in->base % WATCH_ASSETS][t->sell_account % WATCH_ACCOUNTS] += sign * lots;
}

/* The trade of a correction: same parties and orders, other price and lots. */
void
take_correction(Watch *w, const ClrTradeEvent *t)
{
	const ClrTradeEvent *old = &w->cmd.u.bust.trade;

	if (t->trade_id != w->next_trade)
		broken(w, "trade %" PRIu64 ": ids are not consecutive", t->trade_id);
	if (t->price != w->cmd.u.bust.new_price || t->qty != w->cmd.u.bust.new_qty ||
		t->buy_account != old->buy_account || t->sell_account != old->sell_account ||
		t->buy_order != old->buy_order || t->sell_order != old->sell_order ||
		t->instrument != old->instrument || w->trades > 0)
		broken(w, "trade %" PRIu64 ": is not the corrected one", t->trade_id);
	w->combined = false;
	note_trade(w, t);
	w->traded[t->trade_id].known = false;
	w->traded[t->trade_id].corrected = true;
	for (int s = 0; s < 2; s++)
	{
		WatchPosition *p = position_of(w, t, s);
		int64_t		lots = s ? -t->qty : t->qty;

		p->qty += lots;
		p->value += (clr_int128) t->price * lots;
		p->version++;
	}
	expect_money(w, instrument_of(w, t->instrument), t, 1);
	w->trades++;
}

static bool
is_true(const ClrTradeEvent *a, const ClrTradeEvent *b)
{
	return a->instrument == b->instrument && a->price == b->price && a->qty == b->qty &&
		a->buy_account == b->buy_account && a->sell_account == b->sell_account &&
		a->buy_cost == b->buy_cost && a->sell_cost == b->sell_cost;
}

/* Is every position what it was before the trade, if it is the last one? */
static void
check_restored(Watch *w, const WatchTrade *n, bool settled)
{
	for (int s = 0; s < 2; s++)
	{
		const WatchPosition *p = position_of(w, &n->t, s);

		/* taken back by now: one more than after the trade */
		if (!n->known || settled || p->version != n->version[s] + 1 || p->said_at != p->version)
			continue;
		if (p->said_qty != n->before[s][0] || p->cost != n->before[s][1] || p->realised != n->before[s][2])
			broken(w, "bust of trade %" PRIu64 ": the %s has %" PRId64 "/%" PRId64 "/%" PRId64 ", before the trade %" PRId64 "/%" PRId64 "/%" PRId64,
				   n->t.trade_id, s ? "seller" : "buyer", p->said_qty, p->cost, p->realised,
				   n->before[s][0], n->before[s][1], n->before[s][2]);
	}
}

/* Before its first event: what a bust must do. */
void
begin_bust(Watch *w)
{
	const ClrTradeEvent *t = &w->cmd.u.bust.trade;

	w->self_trades = t->buy_account == t->sell_account;
	take_back(w, t);
	expect_money(w, instrument_of(w, t->instrument), t, -1);
}

void
check_bust(Watch *w, const ClrOutcome *out)
{
	const ClrTradeEvent *t = &w->cmd.u.bust.trade;
	WatchTrade *n;

	if (!is_bust(&w->cmd) || out->reason != CLR_OK || out->duplicate)
		return;
	if (t->trade_id == 0 || t->trade_id >= w->next_trade)
	{
		broken(w, "bust: of trade %" PRIu64 ", which there never was", t->trade_id);
		return;
	}
	n = &w->traded[t->trade_id];
	if (n->busted != 0)
		broken(w, "bust: of trade %" PRIu64 ", which was busted", t->trade_id);
	w->busts++;
	n->busted = w->cmd.type == CLR_CMD_BUST_TRADE ? 1 : 2;
	if (is_true(&n->t, t) && n->busted == 1)
		check_restored(w, n, t->trade_id < instrument_of(w, t->instrument)->settled);
	if (w->trades != (n->busted == 2))
		broken(w, "bust of trade %" PRIu64 ": %u trades", t->trade_id, w->trades);
	for (int asset = 0; asset < WATCH_ASSETS; asset++)
		for (int a = 0; a < WATCH_ACCOUNTS; a++)
			if (w->undone[asset][a] != 0)
				broken(w, "bust of trade %" PRIu64 ": account %d gets another amount of asset %d than the trade moved", t->trade_id, a, asset);
}
