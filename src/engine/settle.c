/*
 * settle.c
 *	  Variation margin cycles and the expiry of futures.
 *
 * At price S each position is paid tick_value * (realised + S * qty - cost)
 * and is carried at S from then on.  Because the sums of qty and of
 * (cost - realised) over an instrument are 0, so is the sum of the payments:
 * losers pay into the house's settlement account, then winners are paid out
 * of it, each in order of account id, and nothing stays behind.  A loser's
 * balance may go below zero; the account is then in deficit.
 *
 * Expiry does the same as a final settlement, after ending all working orders
 * (oldest first), and closes the positions.
 */
#include "engine/internal.h"

static clr_int128
payment_of(const ClrInstrument *in, const ClrPosition *p, int64_t price)
{
	return ((clr_int128) price * p->qty - p->cost + p->realised) *
		in->v.tick_value;
}

/*
 * Lists the positions with something to settle in e->sort, by account, and
 * checks that every amount stays in range (state.h).
 */
static ClrReason
plan(ClrEngine *e, const ClrInstrument *in, int64_t price, bool final)
{
	ClrInstrument next = *in;
	clr_int128	debits = 0;

	next.v.mark = price;
	next.v.has_mark = true;
	clr_margin_rates(&next);
	e->sort.len = 0;
	for (uint32_t i = in->positions; i != CLR_NONE;
		 i = position_at(e, i)->instrument_next)
	{
		const ClrPosition *p = position_at(e, i);
		clr_int128	cost = (clr_int128) price * p->qty;
		clr_int128	payment;
		ClrPosition after = *p;

		if (abs128(cost) > CLR_AMOUNT_MAX ||
			(abs128(cost) + abs64(p->cost) + abs64(p->realised)) *
			in->v.tick_value > CLR_AMOUNT_MAX)
			return CLR_R_OVERFLOW;
		payment = payment_of(in, p, price);
		if (payment < 0)
			debits -= payment;
		after.cost = (int64_t) cost;
		after.realised = 0;
		if (!final && !clr_position_in_range(&next, &after, 0, 0))
			return CLR_R_OVERFLOW;
		if ((p->qty != 0 || p->cost != 0 || p->realised != 0) &&
			!clr_sort_add(&e->sort, p->account, i))
			e->oom = true;
	}
	if (!final && !clr_spreads_in_range(e, &next))
		return CLR_R_OVERFLOW;
	if (debits > CLR_AMOUNT_MAX - asset_at(e, in->v.quote_asset)->gross)
		return CLR_R_OVERFLOW;
	clr_sort(&e->sort);
	return CLR_OK;
}

/* Expires the instrument's orders, or its DAY orders, the oldest first. */
void
clr_end_orders(ClrEngine *e, const ClrInstrument *in, bool day_only, uint16_t reason)
{
	e->sort.len = 0;
	for (uint32_t i = in->positions; i != CLR_NONE;
		 i = position_at(e, i)->instrument_next)
		clr_collect_orders(e, position_at(e, i), day_only);
	clr_sort(&e->sort);
	for (size_t i = 0; i < e->sort.len; i++)
		clr_order_end(e, e->sort.items[i].index, CLR_STATUS_EXPIRED,
					  CLR_EXEC_EXPIRED, reason);
	e->out.n_cancelled += (uint32_t) e->sort.len;
}

/* Debits losers or credits winners; the total moved. */
static int64_t
pay(ClrEngine *e, const ClrInstrument *in, const ClrSettlementEvent *s,
	bool winners)
{
	uint32_t	transit = asset_at(e, in->v.quote_asset)->settlement;
	ClrLedgerKind kind = s->final ? CLR_LEDGER_FINAL : CLR_LEDGER_VARIATION;
	int64_t		total = 0;

	for (size_t i = 0; i < e->sort.len; i++)
	{
		const ClrPosition *p = position_at(e, e->sort.items[i].index);
		int64_t		payment = (int64_t) payment_of(in, p, s->price);

		if (payment < 0 && !winners)
		{
			clr_post(e, p->quote_wallet, transit, -payment, kind,
					 s->settlement_id);
			total -= payment;
		}
		else if (payment > 0 && winners)
		{
			clr_post(e, transit, p->quote_wallet, payment, kind,
					 s->settlement_id);
			total += payment;
		}
	}
	return total;
}

/* Carries every settled position at the settlement price, or closes it. */
static void
carry(ClrEngine *e, const ClrSettlementEvent *s)
{
	for (size_t i = 0; i < e->sort.len; i++)
	{
		uint32_t	index = e->sort.items[i].index;
		ClrPosition *p = position_at(e, index);

		if (s->final)
			p->qty = 0;
		p->cost = s->price * p->qty;
		p->realised = 0;
		clr_position_touch(e, index);
	}
}

/* The new mark revalues every position, settled or with orders only. */
static void
set_price(ClrEngine *e, ClrInstrument *in, const ClrSettlementEvent *s)
{
	in->v.settlement = s->price;
	in->v.has_settlement = true;
	in->v.mark = s->price;
	in->v.has_mark = true;
	clr_margin_rates(in);
	if (s->final)
	{
		in->v.phase = CLR_PHASE_EXPIRED;
		in->v.open_interest = 0;
		clr_call_forget(e, in);
	}
	clr_positions_revalue(e, in);
	if (!s->final)
		clr_spreads_follow(e, in);
}

ClrReason
clr_do_settle(ClrEngine *e, const ClrCommand *cmd)
{
	bool		final = cmd->type == CLR_CMD_EXPIRE;
	ClrReason	reason = clr_find_instrument(e, cmd->u.price.instrument, true);
	ClrInstrument *in;
	ClrSettlementEvent s;

	if (reason != CLR_OK)
		return reason;
	in = instrument_at(e, cmd->u.price.instrument);
	if (!clr_price_valid(in, cmd->u.price.price))
		return CLR_R_PRICE_INVALID;
	reason = plan(e, in, cmd->u.price.price, final);
	if (reason != CLR_OK || e->oom)
		return reason;
	if (final)
	{
		clr_end_orders(e, in, false, CLR_R_INSTRUMENT_EXPIRED);
		clr_spreads_expire(e, in);
		(void) plan(e, in, cmd->u.price.price, final);
	}

	s.instrument = in->v.instrument;
	s.settlement_id = e->house.next_settlement++;
	s.price = cmd->u.price.price;
	s.positions = (uint32_t) e->sort.len;
	s.final = final;
	s.debited = pay(e, in, &s, false);
	s.credited = pay(e, in, &s, true);
	e->out.id = s.settlement_id;
	carry(e, &s);
	set_price(e, in, &s);
	clr_emit_settlement(e, &s);
	clr_field_set(e, CLR_SCOPE_MARKET, s.instrument, 0, CLR_MARKET_SETTLED,
				  (int64_t) e->house.next_trade);
	clr_emit_instrument(e, in);
	clr_trigger_seen(e, in, 1, s.price);
	if (!final)
		clr_beyond_follow(e, in);
	if (final)
	{
		clr_positions_flush(e);
		while (in->positions != CLR_NONE)
			clr_position_drop(e, in->positions);
	}
	return CLR_OK;
}
