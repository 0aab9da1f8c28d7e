/*
 * watch_money.c
 *	  Ledger entries, positions, settlements.
 */
#include "watch_internal.h"

static int64_t *
balance_of(Watch *w, uint32_t account, uint32_t asset)
{
	if (account >= WATCH_ACCOUNTS || asset >= WATCH_ASSETS)
	{
		broken(w, "watch: more accounts or assets than there is room for");
		account = asset = 0;
	}
	return &w->balances[asset][account];
}

void
take_ledger(Watch *w, const ClrLedgerEvent *l)
{
	int64_t    *debit = balance_of(w, l->debit_account, l->asset);
	int64_t    *credit = balance_of(w, l->credit_account, l->asset);

	if (l->entry != w->next_entry++)
		broken(w, "entry %" PRIu64 ": not consecutive", l->entry);
	if (l->amount <= 0 || (debit == credit && !w->self_trades))
		broken(w, "entry %" PRIu64 ": moves %" PRId64 " from %u to %u", l->entry, l->amount, l->debit_account, l->credit_account);
	if (__builtin_sub_overflow(*debit, l->amount, debit) ||
		__builtin_add_overflow(*credit, l->amount, credit))
		broken(w, "entry %" PRIu64 ": a balance overflows", l->entry);
	if (*debit != l->debit_balance || *credit != l->credit_balance)
		broken(w, "entry %" PRIu64 ": balances %" PRId64 " and %" PRId64 ", expected %" PRId64 " and %" PRId64,
			   l->entry, l->debit_balance, l->credit_balance, *debit, *credit);
	w->moved = l->amount;
	if (l->kind == CLR_LEDGER_FEE)
		w->fees -= l->credit_account == CLR_ACCOUNT_FEES ? l->amount : -l->amount;
	if (l->kind == CLR_LEDGER_BUST || l->kind == CLR_LEDGER_CORRECTION)
	{
		w->undone[l->asset % WATCH_ASSETS][l->debit_account % WATCH_ACCOUNTS] -= l->amount;
		w->undone[l->asset % WATCH_ASSETS][l->credit_account % WATCH_ACCOUNTS] += l->amount;
	}
	if (l->kind == CLR_LEDGER_VARIATION || l->kind == CLR_LEDGER_FINAL)
	{
		w->paid[l->debit_account] -= l->amount;
		w->paid[l->credit_account] += l->amount;
	}
}

void
take_position(Watch *w, const ClrPositionEvent *ev)
{
	WatchPosition *p;

	if (ev->account >= WATCH_ACCOUNTS)
		return;
	p = &w->positions[ev->instrument % WATCH_INSTRUMENTS][ev->account];
	p->said_qty = ev->qty;
	p->cost = ev->cost;
	p->realised = ev->realised;
	p->lots[0] = ev->buy_lots;
	p->lots[1] = ev->sell_lots;
	p->said = true;
	p->said_at = p->version;
	instrument_of(w, ev->instrument)->touched = true;
	if (ev->buy_lots < 0 || ev->sell_lots < 0 || ev->buy_reserve < 0 || ev->sell_reserve < 0)
		broken(w, "position %u/%u: negative working lots or reserve", ev->account, ev->instrument);
}

void
take_settlement(Watch *w, const ClrSettlementEvent *s)
{
	if (s->settlement_id != w->next_settlement++)
		broken(w, "settlement %" PRIu64 ": not consecutive", s->settlement_id);
	if (s->debited != s->credited)
		broken(w, "settlement %" PRIu64 ": debits %" PRId64 ", credits %" PRId64, s->settlement_id, s->debited, s->credited);
	for (uint32_t a = 0; a < WATCH_ACCOUNTS; a++)
	{
		WatchInstrument *in = instrument_of(w, s->instrument);
		WatchPosition *p = &w->positions[s->instrument % WATCH_INSTRUMENTS][a];
		clr_int128	due = in->tick_value * ((clr_int128) s->price * p->qty - p->value);

		if (a >= CLR_ACCOUNT_FIRST && w->paid[a] != due)
			broken(w, "settlement %" PRIu64 ": pays account %u another amount than its trades are worth", s->settlement_id, a);
		if (s->final)
			p->qty = 0;
		p->value = (clr_int128) s->price * p->qty;
		p->version++;
	}
	if (w->paid[CLR_ACCOUNT_SETTLEMENT] != 0)
		broken(w, "settlement %" PRIu64 ": something is left in transit", s->settlement_id);
}

/* What was said of positions agrees with trades and orders, and sums to zero. */
void
check_positions(Watch *w, uint32_t id)
{
	WatchInstrument *in = instrument_of(w, id);
	clr_int128	lots = 0;
	clr_int128	value = 0;

	for (int a = 0; a < WATCH_ACCOUNTS; a++)
	{
		WatchPosition *p = &w->positions[id][a];

		p->said = false;
		lots += p->said_qty;
		value += (clr_int128) p->cost - p->realised;
		if (in->future && p->said_qty != p->qty)
			broken(w, "position %d/%u: %" PRId64 " lots, the trades say %" PRId64, a, id, p->said_qty, p->qty);
		if (in->future && (clr_int128) p->cost - p->realised != p->value)
			broken(w, "position %d/%u: cost less realised is not the value of the trades", a, id);
	}
	if (lots != 0 || value != 0)
		broken(w, "positions %u: sum of lots or of cost less realised is not zero", id);
}
