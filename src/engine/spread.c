/*
 * spread.c
 *	  Spreads: combinations of futures that are traded as one instrument.
 *
 * The buyer of one lot of a spread buys `ratio` lots of each leg with a
 * positive ratio and sells those of the others; its price is the sum of
 * ratio * weight * price of the legs, in ticks of the spread, where weight is
 * how many ticks of the spread a tick of the leg is worth.  A spread holds no
 * position: every trade of it becomes trades of its legs, atomically, whose
 * prices add up to the spread's price exactly.  All legs but one are priced at
 * their mark (or last, or settlement) price; one whose ratio times weight is 1
 * or -1 takes what is left.  Where that is beyond its limits of the day it is
 * priced at the limit, and the others take the rest (CME Globex).
 *
 * Margin.  A working lot of a spread needs the initial margin of all its legs
 * and reserves the loss against the spread's mark, which follows from the
 * marks of the legs, and their fees at these marks; so filling it never needs
 * more than it needed working.  Both sides count: what one of them trades
 * becomes positions of the legs, and the other's orders are not held against
 * those (see clr_margin_requirement()).
 *
 * Leg prices could leave the range rules of the legs' positions (state.h):
 * clr_spread_fits() is asked before every trade, and who would break them does
 * not trade.
 *
 * Sources: CME Globex spread definitions; legs priced from settlement prices.
 */
#include "engine/internal.h"

/* The leg that takes what the others leave of the price. */
static int
residual_leg(const ClrInstrument *in)
{
	for (int i = (int) in->n_legs - 1; i >= 0; i--)
		if (in->legs[i].ratio * in->legs[i].weight == 1 ||
			in->legs[i].ratio * in->legs[i].weight == -1)
			return i;
	return -1;
}

static int64_t
anchor_price(const ClrInstrumentView *v)
{
	if (v->has_mark)
		return v->mark;
	if (v->has_last)
		return v->last_price;
	return v->has_settlement ? v->settlement : 0;
}

/* Ticks of the spread per tick of a leg of its buyer. */
static clr_int128
factor_of(const ClrLeg *leg)
{
	return (clr_int128) leg->ratio * leg->weight;
}

/* Limits of the day of a leg, no wider than prices can be. */
static ClrRange
leg_limits(const ClrEngine *e, const ClrLeg *leg)
{
	ClrRange	r = clr_daily_limits(instrument_at(e, leg->instrument));
	ClrRange	most = {.low = -CLR_PRICE_MAX,.high = CLR_PRICE_MAX};

	return (ClrRange) {.low = clr_into_range(most, r.low),.high = clr_into_range(most, r.high)};
}

/*
 * The leg that takes the rest would be beyond its limits by `off`: the others
 * take that over, from the last to the first, as far as theirs allow.  What
 * they leave.
 */
static clr_int128
hand_over(const ClrEngine *e, const ClrInstrument *in, int residual,
		  clr_int128 off, int64_t *prices)
{
	off *= factor_of(&in->legs[residual]);
	for (int i = (int) in->n_legs - 1; i >= 0; i--)
	{
		ClrRange	limits = leg_limits(e, &in->legs[i]);
		clr_int128	factor = factor_of(&in->legs[i]);
		clr_int128	price;

		if (i == residual)
			continue;
		price = prices[i] + off / factor;
		if (price < limits.low)
			price = limits.low;
		if (price > limits.high)
			price = limits.high;
		off -= (price - prices[i]) * factor;
		prices[i] = (int64_t) price;
	}
	return off * factor_of(&in->legs[residual]);
}

/*
 * Prices of the legs for a trade at price, within their limits of the day;
 * false if there are none.
 */
static bool
leg_prices(const ClrEngine *e, const ClrInstrument *in, int64_t price,
		   int64_t *prices)
{
	int			residual = residual_leg(in);
	ClrRange	limits = leg_limits(e, &in->legs[residual]);
	clr_int128	rest = price;
	clr_int128	inside;

	for (int i = 0; i < (int) in->n_legs; i++)
	{
		if (i == residual)
			continue;
		prices[i] = clr_into_range(leg_limits(e, &in->legs[i]),
								   anchor_price(&instrument_at(e, in->legs[i].instrument)->v));
		rest -= prices[i] * factor_of(&in->legs[i]);
	}
	/* the factor is 1 or -1 */
	rest *= factor_of(&in->legs[residual]);
	inside = rest < limits.low ? limits.low : rest > limits.high ? limits.high : rest;
	if (rest != inside)
		inside += hand_over(e, in, residual, rest - inside, prices);
	prices[residual] = saturate(inside);
	return inside >= limits.low && inside <= limits.high;
}

/* May both accounts take qty lots of a leg at price? */
bool
clr_leg_fits(ClrEngine *e, uint32_t leg, uint32_t buyer, uint32_t seller,
			 clr_int128 qty, int64_t price)
{
	const ClrInstrument *in = instrument_at(e, leg);
	clr_int128	value = qty * abs64(price);
	uint32_t	b = clr_position_get(e, buyer, leg);
	uint32_t	s = clr_position_get(e, seller, leg);

	/* an implied price may be one that no order could have */
	return !e->oom && qty <= CLR_LOTS_MAX && abs64(price) <= CLR_PRICE_MAX &&
		clr_position_in_range(in, position_at(e, b), value, qty) &&
		clr_position_in_range(in, position_at(e, s), value, qty) &&
		clr_fill_headroom(e, in, abs64(price), qty);
}

/* Can qty lots of the spread trade at price between these accounts? */
bool
clr_spread_fits(ClrEngine *e, const ClrInstrument *in, uint32_t buyer,
				uint32_t seller, int64_t qty, int64_t price)
{
	int64_t		prices[CLR_LEGS_MAX];

	if (!leg_prices(e, in, price, prices))
		return false;
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		int64_t		ratio = in->legs[i].ratio;

		if (!clr_leg_fits(e, in->legs[i].instrument,
						  ratio > 0 ? buyer : seller, ratio > 0 ? seller : buyer,
						  (clr_int128) qty * abs64(ratio), prices[i]))
			return false;
	}
	return true;
}

bool
clr_legs_are_open(const ClrEngine *e, const ClrInstrument *in)
{
	for (uint32_t i = 0; i < in->n_legs; i++)
		if (instrument_at(e, in->legs[i].instrument)->v.phase != CLR_PHASE_CONTINUOUS)
			return false;
	return true;
}

/* What keeps orders of the spread out while it trades continuously. */
ClrReason
clr_spread_entry(const ClrEngine *e, const ClrInstrument *in)
{
	if (!is_spread(in))
		return CLR_OK;
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		const ClrInstrumentView *v = &instrument_at(e, in->legs[i].instrument)->v;

		if (v->margin_basis == CLR_BASIS_RATE && !v->has_mark)
			return CLR_R_NO_MARK_PRICE;
	}
	return in->v.phase == CLR_PHASE_CONTINUOUS && !clr_legs_are_open(e, in) ?
		CLR_R_LEG_PHASE : CLR_OK;
}

/*
 * A trade of a leg between two orders, of which at least one is of another
 * instrument.  `taker` is the side that pays the taker fee.
 */
void
clr_leg_trade(ClrEngine *e, uint32_t leg, uint32_t buy_order,
			  uint32_t sell_order, int64_t qty, int64_t price, uint8_t taker)
{
	ClrInstrument *in = instrument_at(e, leg);
	uint32_t	buyer = position_at(e, order_at(e, buy_order)->position)->account;
	uint32_t	seller = position_at(e, order_at(e, sell_order)->position)->account;
	uint32_t	b = clr_position_get(e, buyer, leg);
	uint32_t	s = clr_position_get(e, seller, leg);
	ClrTradeEvent t;

	if (e->oom)
		return;
	t.instrument = leg;
	t.trade_id = e->house.next_trade++;
	t.price = price;
	t.qty = qty;
	t.buy_order = order_at(e, buy_order)->id;
	t.sell_order = order_at(e, sell_order)->id;
	t.buy_account = buyer;
	t.sell_account = seller;
	t.aggressor = taker;
	clr_trade_fees(in, &t);
	clr_trade_settle(e, in, b, s, &t);
	clr_reduce_resize(e, in, b);
	clr_reduce_resize(e, in, s);
}

/* The legs of a trade of the spread itself. */
void
clr_spread_deliver(ClrEngine *e, const ClrInstrument *in, uint32_t buy_order,
				   uint32_t sell_order, const ClrTradeEvent *t)
{
	int64_t		prices[CLR_LEGS_MAX];

	if (!leg_prices(e, in, t->price, prices))
		return;
	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		bool		bought = in->legs[i].ratio > 0;
		uint8_t		taker = bought ? t->aggressor : t->aggressor ^ CLR_TRADE_SIDE;

		clr_leg_trade(e, in->legs[i].instrument,
					  bought ? buy_order : sell_order,
					  bought ? sell_order : buy_order,
					  t->qty * abs64(in->legs[i].ratio), prices[i], taker);
	}
}

/*----------------------------------------------------------------
 * What follows from the legs: mark price and margin
 *----------------------------------------------------------------
 */
static int64_t
margin_of_lot(int64_t quotient, int64_t remainder)
{
	return quotient + (remainder > 0);
}

/*
 * Values a spread from its legs, `changed` standing for the leg of the same
 * number if not NULL.  False if the mark price would be out of range.
 */
static bool
value_spread(const ClrEngine *e, ClrInstrument *in, const ClrInstrument *changed)
{
	clr_int128	mark = 0;
	clr_int128	initial = 0;
	clr_int128	fees = 0;
	bool		has_mark = true;

	for (uint32_t i = 0; i < in->n_legs; i++)
	{
		const ClrLeg *leg = &in->legs[i];
		const ClrInstrument *l = changed != NULL &&
			changed->v.instrument == leg->instrument ? changed :
			instrument_at(e, leg->instrument);

		has_mark = has_mark && l->v.has_mark;
		mark += (clr_int128) l->v.mark * leg->ratio * leg->weight;
		initial += (clr_int128) abs64(leg->ratio) *
			margin_of_lot(l->initial_quotient, l->initial_remainder);
		fees += abs64(leg->ratio) * clr_fee_at_mark(l);
	}
	in->v.has_mark = has_mark;
	in->v.mark = has_mark ? (int64_t) mark : 0;
	in->initial_quotient = initial > CLR_AMOUNT_MAX ? CLR_AMOUNT_MAX : (int64_t) initial;
	in->initial_remainder = 0;
	in->leg_fees = fees > CLR_AMOUNT_MAX ? CLR_AMOUNT_MAX : (int64_t) fees;
	in->maintenance_quotient = 0;
	in->maintenance_remainder = 0;
	return !has_mark || (mark <= CLR_PRICE_MAX && mark >= -CLR_PRICE_MAX);
}

/* Would the spreads of a leg stay in range if it became `next`? */
bool
clr_spreads_in_range(const ClrEngine *e, const ClrInstrument *next)
{
	for (uint32_t i = 0; i < next->n_spreads; i++)
	{
		ClrInstrument spread = *instrument_at(e, next->spreads[i]);

		if (spread.v.phase == CLR_PHASE_EXPIRED)
			continue;
		if (!value_spread(e, &spread, next))
			return false;
		for (uint32_t p = spread.positions; p != CLR_NONE;
			 p = position_at(e, p)->instrument_next)
			if (!clr_position_in_range(&spread, position_at(e, p), 0, 0))
				return false;
	}
	return true;
}

/* A leg has got another mark price or margin. */
void
clr_spreads_follow(ClrEngine *e, const ClrInstrument *leg)
{
	for (uint32_t i = 0; i < leg->n_spreads; i++)
	{
		ClrInstrument *in = instrument_at(e, leg->spreads[i]);

		if (in->v.phase == CLR_PHASE_EXPIRED)
			continue;
		(void) value_spread(e, in, NULL);
		clr_positions_revalue(e, in);
		clr_emit_instrument(e, in);
		if (in->v.has_mark)
			clr_trigger_seen(e, in, 1, in->v.mark);
	}
}

/* A leg has expired: so do its spreads, which hold no positions. */
void
clr_spreads_expire(ClrEngine *e, const ClrInstrument *leg)
{
	for (uint32_t i = 0; i < leg->n_spreads; i++)
	{
		ClrInstrument *in = instrument_at(e, leg->spreads[i]);

		if (in->v.phase == CLR_PHASE_EXPIRED)
			continue;
		clr_end_orders(e, in, false, CLR_R_INSTRUMENT_EXPIRED);
		in->v.phase = CLR_PHASE_EXPIRED;
		clr_call_forget(e, in);
		clr_emit_instrument(e, in);
		clr_positions_flush(e);
		while (in->positions != CLR_NONE)
			clr_position_drop(e, in->positions);
	}
}

/*----------------------------------------------------------------
 * Listing
 *----------------------------------------------------------------
 */
/* Sum of the absolute ratios of both directions must not hide anything. */
static ClrReason
check_legs(const ClrEngine *e, const ClrCommand *cmd, int64_t tick_value)
{
	unsigned	n = cmd->u.spread.n_legs;
	const ClrInstrumentView *first;
	bool		residual = false;

	if (n < 2 || n > CLR_LEGS_MAX)
		return CLR_R_LEGS_INVALID;
	first = &instrument_at(e, cmd->u.spread.leg[0])->v;
	for (unsigned i = 0; i < CLR_LEGS_MAX; i++)
	{
		uint32_t	id = cmd->u.spread.leg[i];
		int64_t		ratio = cmd->u.spread.ratio[i];
		const ClrInstrumentView *v;
		int64_t		factor;

		if (i >= n)
		{
			if (id != 0 || ratio != 0)
				return CLR_R_LEGS_INVALID;
			continue;
		}
		v = &instrument_at(e, id)->v;
		if (v->kind != CLR_INSTRUMENT_FUTURE || v->quote_asset != first->quote_asset ||
			ratio == 0 || abs64(ratio) > CLR_RATIO_MAX ||
			v->tick_value % tick_value != 0)
			return CLR_R_LEGS_INVALID;
		if (v->phase == CLR_PHASE_EXPIRED)
			return CLR_R_EXPIRED_INSTRUMENT;
		for (unsigned j = 0; j < i; j++)
			if (cmd->u.spread.leg[j] == id)
				return CLR_R_LEGS_INVALID;
		factor = v->tick_value / tick_value;
		if (factor > CLR_RATE_UNIT)
			return CLR_R_LEGS_INVALID;
		residual = residual || factor * abs64(ratio) == 1;
	}
	return residual ? CLR_OK : CLR_R_LEGS_INVALID;
}

/* The mark price that follows from those of the legs, if all have one. */
static bool
mark_in_range(const ClrEngine *e, const ClrCommand *cmd, int64_t tick_value)
{
	clr_int128	mark = 0;

	for (unsigned i = 0; i < cmd->u.spread.n_legs; i++)
	{
		const ClrInstrumentView *v = &instrument_at(e, cmd->u.spread.leg[i])->v;

		if (!v->has_mark)
			return true;
		mark += (clr_int128) v->mark * cmd->u.spread.ratio[i] * (v->tick_value / tick_value);
	}
	return mark <= CLR_PRICE_MAX && mark >= -CLR_PRICE_MAX;
}

static ClrReason
spread_view(const ClrEngine *e, const ClrCommand *cmd, ClrInstrumentView *v)
{
	const ClrInstrumentView *first;

	for (unsigned i = 0; i < CLR_LEGS_MAX && i < cmd->u.spread.n_legs; i++)
		if (!instrument_exists(e, cmd->u.spread.leg[i]))
			return CLR_R_UNKNOWN_INSTRUMENT;
	if (cmd->u.spread.n_legs < 1)
		return CLR_R_LEGS_INVALID;
	first = &instrument_at(e, cmd->u.spread.leg[0])->v;
	memset(v, 0, sizeof(*v));
	v->kind = CLR_INSTRUMENT_SPREAD;
	v->margin_basis = CLR_BASIS_LOT;
	v->fee_basis = CLR_BASIS_LOT;
	v->replace_priority = cmd->u.spread.replace_priority;
	v->phase = cmd->u.spread.phase;
	v->tick_exp = cmd->u.spread.tick_exp;
	v->tick_size = cmd->u.spread.tick_size;
	v->lot_exp = first->lot_exp;
	v->lot_size = first->lot_size;
	v->multiplier_exp = first->multiplier_exp;
	v->multiplier = first->multiplier;
	v->quote_asset = first->quote_asset;
	v->symbol_len = (uint8_t) cmd->text.len;
	memcpy(v->symbol, cmd->text.data, cmd->text.len);
	return CLR_OK;
}

ClrReason
clr_do_create_spread(ClrEngine *e, const ClrCommand *cmd)
{
	ClrInstrumentView v;
	ClrReason	reason = clr_name_check(e, CLR_NAME_INSTRUMENT, &cmd->text);
	ClrInstrument *in;

	if (reason == CLR_OK)
		reason = spread_view(e, cmd, &v);
	if (reason == CLR_OK)
		reason = clr_instrument_check(e, &v);
	if (reason == CLR_OK)
		reason = clr_instrument_derive(e, &v);
	if (reason == CLR_OK)
		reason = check_legs(e, cmd, v.tick_value);
	if (reason == CLR_OK && !mark_in_range(e, cmd, v.tick_value))
		reason = CLR_R_OVERFLOW;
	if (reason != CLR_OK)
		return reason;
	if (e->house.next_instrument == CLR_NONE)
		return CLR_R_LIMIT_EXCEEDED;

	v.instrument = e->house.next_instrument++;
	e->out.id = v.instrument;
	e->out.instrument = v.instrument;
	if (!clr_add_instrument(e, &v))
	{
		e->oom = true;
		return CLR_OK;
	}
	for (unsigned i = 0; i < cmd->u.spread.n_legs; i++)
	{
		clr_field_set(e, CLR_SCOPE_LEG, v.instrument, i, CLR_LEG_INSTRUMENT,
					  cmd->u.spread.leg[i]);
		clr_field_set(e, CLR_SCOPE_LEG, v.instrument, i, CLR_LEG_RATIO,
					  cmd->u.spread.ratio[i]);
	}
	in = instrument_at(e, v.instrument);
	clr_emit_instrument(e, in);
	return CLR_OK;
}

/* A leg is complete when its ratio is known, which comes last. */
void
clr_leg_applied(ClrEngine *e, const ClrFieldView *v)
{
	ClrInstrument *in = instrument_at(e, (uint32_t) v->object);
	ClrInstrument *leg;
	ClrLeg	   *l;

	if (v->field != CLR_LEG_RATIO || v->sub != in->n_legs || v->sub >= CLR_LEGS_MAX)
		return;
	l = &in->legs[in->n_legs];
	l->instrument = (uint32_t) clr_field_get(e, CLR_SCOPE_LEG, v->object, v->sub,
											 CLR_LEG_INSTRUMENT);
	if (!instrument_exists(e, l->instrument) || l->instrument == in->v.instrument)
		return;
	leg = instrument_at(e, l->instrument);
	l->ratio = (int32_t) v->value;
	l->weight = leg->v.tick_value / in->v.tick_value;
	in->n_legs++;
	if (!clr_grow((void **) &leg->spreads, &leg->cap_spreads, leg->n_spreads + 1,
				  sizeof(uint32_t)))
	{
		e->oom = true;
		return;
	}
	leg->spreads[leg->n_spreads++] = in->v.instrument;
	if (in->v.phase != CLR_PHASE_EXPIRED)	/* it keeps its last mark */
		(void) value_spread(e, in, NULL);
	clr_rules_changed(e, in);
}
