/*
 * bust.c
 *	  Busting and correcting trades: compensating commands, never changes of
 *	  what happened.
 *
 * The engine does not keep trades, so the command says everything about the
 * trade; what can be checked is, and clearing.bust_trade() takes it from the
 * read model.  That a trade was busted or corrected is remembered in a field.
 *
 * A bust takes back delivery and payment, and both fees exactly.  Of a future
 * that has not been settled since the trade, exactly what the fill changed in
 * each position is taken back: its lots, the change of cost that the TRADE
 * event told, and what that means for realised (cost - realised moved by the
 * value of the trade).  A position without lots carries no cost: what is left
 * of it then counts as realised.  After a settlement the trade has been paid
 * for at the settlement price; then the parties get the opposite fill at the
 * price of the trade, and the next settlement pays it back.
 *
 * Busts are not refused for lack of money: an account may be in deficit
 * afterwards.  Orders, prices and statistics stay as they were published, but
 * reduce-only orders follow the positions.
 *
 * A correction is a bust and a new trade of the same parties, of as many lots
 * at most: the orders agreed to no more.
 */
#include "engine/internal.h"

/* The two positions as they will be; both pointers to one if it is the same. */
typedef struct Undo
{
	uint32_t	index[2];		/* buyer, seller */
	ClrPosition copy[2];
	ClrPosition *side[2];
	ClrInstrument in;			/* for its open interest */
	ClrTradeEvent again;		/* the corrected trade */
} Undo;

static ClrReason
check_party(const ClrEngine *e, uint32_t account)
{
	if (!account_exists(e, account))
		return CLR_R_UNKNOWN_ACCOUNT;
	return account < CLR_ACCOUNT_FIRST ? CLR_R_SYSTEM_ACCOUNT : CLR_OK;
}

/* No fee of the instrument could have been larger. */
static bool
fee_possible(const ClrInstrument *in, const ClrTradeEvent *t, int64_t fee)
{
	int64_t		maker = abs64(clr_fee(in, t->price, t->qty, false));
	int64_t		taker = abs64(clr_fee(in, t->price, t->qty, true));

	return fee >= -CLR_AMOUNT_MAX && fee <= CLR_AMOUNT_MAX &&
		abs64(fee) <= (maker > taker ? maker : taker);
}

static bool
quantities_possible(const ClrInstrument *in, int64_t price, int64_t qty)
{
	clr_int128	value;

	if (!clr_price_valid(in, price) || qty < 1 || qty > CLR_QTY_MAX)
		return false;
	value = (clr_int128) abs64(price) * qty;
	return value <= CLR_AMOUNT_MAX && value * in->v.tick_value <= CLR_AMOUNT_MAX &&
		(is_future(in) || (clr_int128) qty * in->v.lot_units <= CLR_AMOUNT_MAX);
}

/* Can what the command says be true? */
static ClrReason
check_trade(const ClrEngine *e, const ClrTradeEvent *t)
{
	const ClrInstrument *in;
	ClrReason	reason;
	unsigned	side;

	if (t->trade_id == 0 || t->trade_id >= e->house.next_trade)
		return CLR_R_UNKNOWN_TRADE;
	if (clr_field_get(e, CLR_SCOPE_TRADE, t->trade_id, 0, CLR_TRADE_BUSTED) != 0)
		return CLR_R_TRADE_BUSTED;
	in = instrument_at(e, t->instrument);
	reason = check_party(e, t->buy_account);
	if (reason == CLR_OK)
		reason = check_party(e, t->sell_account);
	if (reason != CLR_OK)
		return reason;
	side = t->aggressor & ~CLR_TRADE_IN_AUCTION;
	if ((side != CLR_SIDE_BUY && side != CLR_SIDE_SELL) ||
		!quantities_possible(in, t->price, t->qty) ||
		!fee_possible(in, t, t->buy_fee) || !fee_possible(in, t, t->sell_fee) ||
		t->buy_cost < -CLR_AMOUNT_MAX || t->buy_cost > CLR_AMOUNT_MAX ||
		t->sell_cost < -CLR_AMOUNT_MAX || t->sell_cost > CLR_AMOUNT_MAX ||
		(!is_future(in) && (t->buy_cost != 0 || t->sell_cost != 0)))
		return CLR_R_TRADE_DIFFERS;
	return CLR_OK;
}

/* Takes one side of the fill back; false if that leaves its range. */
static bool
unfill(Undo *u, unsigned side, const ClrTradeEvent *t, int64_t cost)
{
	ClrPosition *p = u->side[side];
	int64_t		before = p->qty > 0 ? p->qty : 0;
	int64_t		sign = side == 0 ? 1 : -1;
	clr_int128	realised = (clr_int128) p->realised - cost + sign * t->qty * t->price;
	clr_int128	rest = (clr_int128) p->cost - cost;

	p->qty -= sign * t->qty;
	if (p->qty == 0)
	{
		realised -= rest;
		rest = 0;
	}
	if (abs128(realised) > CLR_AMOUNT_MAX || abs128(rest) > CLR_AMOUNT_MAX)
		return false;
	p->cost = (int64_t) rest;
	p->realised = (int64_t) realised;
	u->in.v.open_interest += (p->qty > 0 ? p->qty : 0) - before;
	return true;
}

/* A fill of the copies; the positions' range leaves room for each product. */
static bool
fill_copies(Undo *u, uint8_t buy_side, uint8_t sell_side, int64_t qty, int64_t price)
{
	for (unsigned i = 0; i < 2; i++)
	{
		ClrPosition *p = u->side[i];

		if (!clr_position_in_range(&u->in, p, (clr_int128) abs64(price) * qty, qty))
			return false;
		clr_position_fill(&u->in, p, i == 0 ? buy_side : sell_side, qty, price);
	}
	return true;
}

static bool
undo_future(const ClrEngine *e, Undo *u, const ClrTradeEvent *t)
{
	int64_t		settled = clr_field_get(e, CLR_SCOPE_MARKET, t->instrument, 0,
										CLR_MARKET_SETTLED);

	if (t->trade_id < (uint64_t) settled)
		return fill_copies(u, CLR_SIDE_SELL, CLR_SIDE_BUY, t->qty, t->price);
	return unfill(u, 0, t, t->buy_cost) && unfill(u, 1, t, t->sell_cost);
}

/* The corrected trade, and what it does to the positions. */
static bool
trade_again(Undo *u, const ClrTradeEvent *t, const ClrCommand *cmd)
{
	ClrTradeEvent *n = &u->again;
	int64_t		cost[2];

	*n = *t;
	n->price = cmd->u.bust.new_price;
	n->qty = cmd->u.bust.new_qty;
	clr_trade_fees(&u->in, n);
	n->buy_cost = n->sell_cost = 0;
	if (!is_future(&u->in))
		return true;
	for (unsigned i = 0; i < 2; i++)
	{
		ClrPosition *p = u->side[i];

		cost[i] = p->cost;
		if (!clr_position_in_range(&u->in, p, (clr_int128) abs64(n->price) * n->qty, n->qty))
			return false;
		clr_position_fill(&u->in, p, i == 0 ? CLR_SIDE_BUY : CLR_SIDE_SELL,
						  n->qty, n->price);
		cost[i] = p->cost - cost[i];
	}
	n->buy_cost = cost[0];
	n->sell_cost = cost[1];
	return true;
}

/* Most that the balances of an asset can move by one trade. */
static clr_int128
quote_moved(const ClrInstrument *in, const ClrTradeEvent *t)
{
	clr_int128	moved = (clr_int128) abs64(t->buy_fee) + abs64(t->sell_fee);

	if (!is_future(in))
		moved += (clr_int128) t->price * t->qty * in->v.tick_value;
	return moved;
}

static bool
money_in_range(const ClrEngine *e, const ClrInstrument *in,
			   const ClrTradeEvent *t, const ClrTradeEvent *again)
{
	clr_int128	quote = quote_moved(in, t);
	clr_int128	lots = t->qty;

	if (again != NULL)
	{
		quote += quote_moved(in, again);
		lots += again->qty;
	}
	return quote <= CLR_AMOUNT_MAX - asset_at(e, in->v.quote_asset)->gross &&
		(is_future(in) || lots * in->v.lot_units <=
		 CLR_AMOUNT_MAX - asset_at(e, in->v.base_asset)->gross);
}

static void
post_fee(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
		 int64_t fee, ClrLedgerKind kind, uint64_t trade)
{
	uint32_t	fees = asset_at(e, in->v.quote_asset)->fees;

	if (fee > 0)
		clr_post(e, p->quote_wallet, fees, fee, kind, trade);
	else if (fee < 0)
		clr_post(e, fees, p->quote_wallet, -fee, kind, trade);
}

/* The money of a trade, or of its opposite. */
static void
move_money(ClrEngine *e, const ClrInstrument *in, const Undo *u,
		   const ClrTradeEvent *t, bool back)
{
	const ClrPosition *buyer = position_at(e, u->index[0]);
	const ClrPosition *seller = position_at(e, u->index[1]);
	ClrLedgerKind kind = back ? CLR_LEDGER_BUST : CLR_LEDGER_CORRECTION;
	const ClrPosition *pays = back ? seller : buyer;
	const ClrPosition *delivers = back ? buyer : seller;

	if (!is_future(in))
	{
		clr_post(e, delivers->base_wallet, pays->base_wallet,
				 t->qty * in->v.lot_units, kind, t->trade_id);
		clr_post(e, pays->quote_wallet, delivers->quote_wallet,
				 t->price * t->qty * in->v.tick_value, kind, t->trade_id);
	}
	post_fee(e, in, buyer, back ? -t->buy_fee : t->buy_fee, kind, t->trade_id);
	post_fee(e, in, seller, back ? -t->sell_fee : t->sell_fee, kind, t->trade_id);
}

/* Finds the positions and copies them; false = no memory. */
static bool
begin_undo(ClrEngine *e, const ClrTradeEvent *t, Undo *u)
{
	u->index[0] = clr_position_get(e, t->buy_account, t->instrument);
	u->index[1] = clr_position_get(e, t->sell_account, t->instrument);
	if (u->index[0] == CLR_NONE || u->index[1] == CLR_NONE)
		return false;
	for (unsigned i = 0; i < 2; i++)
	{
		u->copy[i] = *position_at(e, u->index[i]);
		u->side[i] = &u->copy[u->index[0] == u->index[1] ? 0 : i];
	}
	u->in = *instrument_at(e, t->instrument);
	return true;
}

static void
take_over(ClrEngine *e, ClrInstrument *in, const Undo *u)
{
	for (unsigned i = 0; i < 2; i++)
	{
		ClrPosition *p = position_at(e, u->index[i]);

		p->qty = u->side[i]->qty;
		p->cost = u->side[i]->cost;
		p->realised = u->side[i]->realised;
		clr_position_touch(e, u->index[i]);
	}
	in->v.open_interest = u->in.v.open_interest;
}

static void
finish(ClrEngine *e, ClrInstrument *in, Undo *u, const ClrTradeEvent *t,
	   bool correct)
{
	clr_field_set(e, CLR_SCOPE_TRADE, t->trade_id, 0, CLR_TRADE_BUSTED,
				  correct ? 2 : 1);
	take_over(e, in, u);
	move_money(e, in, u, t, true);
	e->out.id = t->trade_id;
	if (!correct)
	{
		clr_reduce_settle(e);
		return;
	}
	u->again.trade_id = e->house.next_trade++;
	clr_field_set(e, CLR_SCOPE_TRADE, t->trade_id, 0, CLR_TRADE_CORRECTED_BY,
				  (int64_t) u->again.trade_id);
	clr_field_set(e, CLR_SCOPE_TRADE, u->again.trade_id, 0, CLR_TRADE_CORRECTS,
				  (int64_t) t->trade_id);
	clr_emit_trade(e, &u->again);
	move_money(e, in, u, &u->again, false);
	e->out.first_trade = u->again.trade_id;
	e->out.n_trades = 1;
	clr_reduce_settle(e);
}

ClrReason
clr_do_bust(ClrEngine *e, const ClrCommand *cmd)
{
	bool		correct = cmd->type == CLR_CMD_CORRECT_TRADE;
	const ClrTradeEvent *t = &cmd->u.bust.trade;
	ClrReason	reason = clr_find_instrument(e, t->instrument, false);
	ClrInstrument *in;
	Undo		u;

	/* a spread has no positions: its legs have trades of their own */
	if (reason == CLR_OK && is_spread(instrument_at(e, t->instrument)))
		reason = CLR_R_NOT_FOR_SPREADS;
	if (reason == CLR_OK)
		reason = check_trade(e, t);
	if (reason != CLR_OK)
		return reason;
	in = instrument_at(e, t->instrument);
	if (correct && !clr_price_valid(in, cmd->u.bust.new_price))
		return CLR_R_PRICE_INVALID;
	if (correct && (cmd->u.bust.new_qty > t->qty ||
					!quantities_possible(in, cmd->u.bust.new_price, cmd->u.bust.new_qty)))
		return CLR_R_QUANTITY_INVALID;
	if (!begin_undo(e, t, &u))
		return CLR_OK;
	if ((is_future(in) && !undo_future(e, &u, t)) ||
		(correct && !trade_again(&u, t, cmd)) ||
		!clr_position_in_range(in, u.side[0], 0, 0) ||
		!clr_position_in_range(in, u.side[1], 0, 0) ||
		u.in.v.open_interest > CLR_AMOUNT_MAX ||
		!money_in_range(e, in, t, correct ? &u.again : NULL))
		return CLR_R_OVERFLOW;
	finish(e, in, &u, t, correct);
	return CLR_OK;
}
