/*
 * margin.c
 *	  Requirements, reserves, fees and the checks before an order.
 *
 * An order's reserve per lot is the loss against the mark price at entry if it
 * filled at its limit, plus the larger of maker and taker fee.  Market orders
 * reserve what the walk through the book says.  While there is no mark price
 * (only possible with margins per lot), open lots count at cost and no loss is
 * reserved.
 *
 * Requirement of a futures position: for each side, the initial margin of the
 * lots there would be if all working orders of that side (and none of the
 * other) filled, plus that side's reserve and the excess of the other side;
 * the greater of the two.  The excess is what lots reserve beyond the initial
 * margin of one lot, rounded down.
 *
 * No fill needs more than there was, while the mark price and the margins stay
 * as they are.  Let M() be the initial margin, m that of a lot rounded down (so
 * M(n) - M(n - k) >= k * m), q the position, B and S the working buys and
 * sells, b and s their reserves, x and y their excess, and k lots of a buy that
 * reserves r a lot fill.  That costs at most k * r, and
 *	  buy side	M(|q + B|) + b - k * r + y: less by k * r.
 *	  sell side	M(|q + k - S|) + s + x - k * max(r - m, 0).
 *		If q + k <= S, M() falls by at least k * m, so the sum by k * r.
 *		If q + k > S, M() is at most M(q + B) - S * m; since s - S * m <= y,
 *		and what is left of x is part of what is left of b, the sum is not
 *		above the buy side.
 * And the same for sells.  Where a lot reserves no more than its margin, which
 * is the rule, the excess is 0.
 *
 * A spread holds no position: what one side trades becomes positions of its
 * legs, which need up to the margin that is released, so both sides count.
 *
 * Everything here is bounded by the range rules in state.h; 128 bits are
 * used where a bound is not yet known to hold.
 */
#include "engine/internal.h"

/* Splits the margin of one lot into whole units and a rest. */
static void
margin_rate(const ClrInstrument *in, int64_t parameter, int64_t *quotient,
			int64_t *remainder)
{
	clr_int128	per_lot;

	*quotient = parameter;
	*remainder = 0;
	if (in->v.margin_basis != CLR_BASIS_RATE)
		return;
	/* at most 1e12 * 4e18 * 1e6 */
	per_lot = (clr_int128) abs64(in->v.mark) * in->v.tick_value * parameter;
	*remainder = (int64_t) (per_lot % CLR_RATE_UNIT);
	per_lot /= CLR_RATE_UNIT;
	/* too large for any position: clr_position_in_range() refuses */
	*quotient = per_lot > CLR_AMOUNT_MAX ? CLR_AMOUNT_MAX : (int64_t) per_lot;
}

/* To be called whenever the mark price or the margin parameters change. */
void
clr_margin_rates(ClrInstrument *in)
{
	margin_rate(in, in->v.initial_margin,
				&in->initial_quotient, &in->initial_remainder);
	margin_rate(in, in->v.maintenance_margin,
				&in->maintenance_quotient, &in->maintenance_remainder);
}

/* Margin of some lots, rounded up. */
static inline int64_t
margin_of(int64_t lots, int64_t quotient, int64_t remainder)
{
	return lots * quotient +
		(int64_t) (((uint64_t) (lots * remainder) + CLR_RATE_UNIT - 1) /
				   (uint64_t) CLR_RATE_UNIT);
}

static inline int64_t
initial_of(const ClrInstrument *in, int64_t lots)
{
	return margin_of(abs64(lots), in->initial_quotient, in->initial_remainder);
}

static inline int64_t
requirement_of(const ClrInstrument *in, int64_t qty, const int64_t *lots,
			   const int64_t *reserve, const int64_t *excess)
{
	int64_t		buys;
	int64_t		sells;

	if (clr_unlikely(is_spread(in)))
		return initial_of(in, lots[0]) + reserve[0] +
			initial_of(in, lots[1]) + reserve[1];
	buys = initial_of(in, qty + lots[0]) + reserve[0] + excess[1];
	sells = initial_of(in, qty - lots[1]) + reserve[1] + excess[0];
	return buys > sells ? buys : sells;
}

int64_t
clr_margin_requirement(const ClrInstrument *in, const ClrPosition *p)
{
	return requirement_of(in, p->qty, p->lots, p->reserve, p->excess);
}

int64_t
clr_margin_maintenance(const ClrInstrument *in, const ClrPosition *p)
{
	return margin_of(abs64(p->qty), in->maintenance_quotient,
					 in->maintenance_remainder);
}

int64_t
clr_position_unrealised(const ClrInstrument *in, const ClrPosition *p)
{
	int64_t		ticks = p->realised;

	if (in->v.has_mark)
		ticks += in->v.mark * p->qty - p->cost;
	return ticks * in->v.tick_value;
}

/*
 * The range rule of a position (state.h), with `more_value` ticks * lots
 * and `more_lots` of working orders added.
 */
bool
clr_position_in_range(const ClrInstrument *in, const ClrPosition *p,
					  clr_int128 more_value, clr_int128 more_lots)
{
	clr_int128	lots = more_lots + abs64(p->qty) + p->lots[0] + p->lots[1];
	clr_int128	value = more_value + abs64(p->cost) + abs64(p->realised) +
		p->work_value;

	if (lots > CLR_LOTS_MAX)
		return false;
	if (is_future(in))
		value += lots * abs64(in->v.mark);
	if (value > CLR_AMOUNT_MAX || value * in->v.tick_value > CLR_AMOUNT_MAX)
		return false;
	if (!is_future(in))
		return lots * in->v.lot_units <= CLR_AMOUNT_MAX;
	return lots * ((clr_int128) in->initial_quotient + 1) <= CLR_AMOUNT_MAX;
}

/*
 * Fee of a fill in minor units of the quote asset: charges round up, rebates
 * (negative) round towards zero.
 */
int64_t
clr_fee(const ClrInstrument *in, int64_t price, int64_t qty, bool taker)
{
	int64_t		rate = taker ? in->v.taker_fee : in->v.maker_fee;
	uint64_t	notional;
	uint64_t	magnitude = (uint64_t) abs64(rate);
	uint64_t	whole;
	uint64_t	part;

	if (rate == 0)
		return 0;
	if (in->v.fee_basis == CLR_BASIS_LOT)
		return rate * qty;
	notional = (uint64_t) (abs64(price) * qty * in->v.tick_value);
	whole = notional / CLR_RATE_UNIT * magnitude;
	part = notional % CLR_RATE_UNIT * magnitude;
	if (rate < 0)
		return -(int64_t) (whole + part / CLR_RATE_UNIT);
	return (int64_t) (whole + (part + CLR_RATE_UNIT - 1) / CLR_RATE_UNIT);
}

/* Largest fee per lot, maker or taker, in either direction or as a charge. */
static clr_int128
fee_bound(const ClrInstrument *in, clr_int128 price, bool charge_only)
{
	int64_t		maker = charge_only ? in->v.maker_fee : abs64(in->v.maker_fee);
	int64_t		taker = charge_only ? in->v.taker_fee : abs64(in->v.taker_fee);
	int64_t		rate = maker > taker ? maker : taker;

	if (rate <= 0)
		return 0;
	if (in->v.fee_basis == CLR_BASIS_LOT)
		return rate;
	return (abs128(price) * in->v.tick_value * rate + CLR_RATE_UNIT - 1) /
		CLR_RATE_UNIT;
}

/* What one lot may cost in fees at the mark price, rebates not counted. */
clr_int128
clr_fee_at_mark(const ClrInstrument *in)
{
	return fee_bound(in, in->v.mark, true);
}

/*
 * Taker fees of everything a walk met, at most; its value times the tick value
 * must be known to be within CLR_AMOUNT_MAX.  Each fill rounds up by itself.
 */
clr_int128
clr_fees_bound(const ClrInstrument *in, const ClrWalk *walk)
{
	if (is_spread(in))
		return (clr_int128) in->leg_fees * walk->lots;
	if (in->v.taker_fee <= 0)
		return 0;
	if (in->v.fee_basis == CLR_BASIS_LOT)
		return (clr_int128) in->v.taker_fee * walk->lots;
	if (walk->fills == 0)
		return 0;
	return (walk->value * in->v.tick_value * in->v.taker_fee + CLR_RATE_UNIT - 1) /
		CLR_RATE_UNIT + (walk->fills - 1);
}

/*
 * Can `qty` lots trade at prices up to |price| without a balance leaving its
 * range?  Both sides pay fees; a spot trade moves the notional and the base.
 */
bool
clr_fill_headroom(const ClrEngine *e, const ClrInstrument *in,
				  clr_int128 price, clr_int128 qty)
{
	clr_int128	quote = 2 * fee_bound(in, price, false);

	if (qty > CLR_AMOUNT_MAX - in->v.open_interest ||
		quote > 2 * (clr_int128) CLR_AMOUNT_MAX)
		return false;
	if (!is_future(in))
	{
		quote += price * in->v.tick_value;
		if (qty * in->v.lot_units >
			CLR_AMOUNT_MAX - asset_at(e, in->v.base_asset)->gross)
			return false;
	}
	if (quote > 3 * (clr_int128) CLR_AMOUNT_MAX)
		return false;
	return quote * qty <= CLR_AMOUNT_MAX - asset_at(e, in->v.quote_asset)->gross;
}

/*
 * What one lot of a limit order reserves: futures, in the settlement asset;
 * spot buys in the quote, spot sells in the base asset.
 */
ClrReason
clr_reserve_per_lot(const ClrInstrument *in, uint8_t side, int64_t price,
					int64_t *reserve)
{
	clr_int128	r = is_spread(in) ? in->leg_fees : fee_bound(in, price, true);
	int64_t		loss = 0;

	if (is_future(in))
	{
		if (in->v.has_mark)
			loss = side == CLR_SIDE_BUY ? price - in->v.mark : in->v.mark - price;
		if (loss > 0)
			r += (clr_int128) loss * in->v.tick_value;
	}
	else if (side == CLR_SIDE_BUY)
		r += (clr_int128) price * in->v.tick_value;
	else
		r = in->v.lot_units;
	if (r > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	*reserve = (int64_t) r;
	return CLR_OK;
}

/*
 * A replace that leaves no more lots at the same price or a less aggressive
 * one: can it add nothing to the requirement?  What it trades at is better by
 * at least as much as its fees are more, so it needs no more than the order
 * had; only where nothing is valued, for want of a mark price, may it.
 */
bool
clr_reserve_ease(const ClrInstrument *in, const ClrOrder *o, int64_t *reserve)
{
	if (*reserve <= o->reserve)
		return true;
	if (!in->v.has_mark)
		return false;
	*reserve = o->reserve;
	return true;
}

static ClrReason
refuse_funds(ClrEngine *e, ClrReason reason, uint32_t asset, clr_int128 needed,
			 clr_int128 available)
{
	e->out.needed = saturate(needed);
	e->out.available = saturate(available);
	e->out.asset = asset;
	return reason;
}

/*
 * A spot order must be covered twice: by the collateral of the account, and
 * by cash that is really there (a trade delivers at once, and unrealised
 * profit can't be delivered).
 */
static ClrReason
check_funds(ClrEngine *e, const ClrPosition *p, const ClrIntent *intent,
			int64_t released)
{
	uint32_t	wallet = intent->side == CLR_SIDE_BUY ?
		p->quote_wallet : p->base_wallet;
	const ClrWallet *w = wallet_at(e, wallet);
	clr_int128	reserve = w->spot_reserve + intent->reserve - released;

	if (intent->replaced != NULL && reserve <= w->spot_reserve)
		return CLR_OK;
	if (reserve > w->balance)
		return refuse_funds(e, CLR_R_INSUFFICIENT_FUNDS, w->asset, reserve,
							w->balance);
	if (w->initial + reserve > wallet_equity(w))
		return refuse_funds(e, CLR_R_INSUFFICIENT_FUNDS, w->asset,
							w->initial + reserve, wallet_equity(w));
	return CLR_OK;
}

/* Opposite to the position, and with the side's other orders no larger. */
static bool
reduces_risk(const ClrPosition *p, uint8_t side, int64_t side_lots)
{
	if (side == CLR_SIDE_BUY)
		return p->qty < 0 && side_lots <= -p->qty;
	return p->qty > 0 && side_lots <= p->qty;
}

/*
 * May the position take the order?  Checks the range rules, then margin or
 * funds.  margin_exempt: the caller knows that the change can't add risk.
 */
ClrReason
clr_intent_check(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
				 const ClrIntent *intent, bool margin_exempt)
{
	unsigned	s = side_index(intent->side);
	int64_t		lots[2] = {p->lots[0], p->lots[1]};
	int64_t		reserve[2] = {p->reserve[0], p->reserve[1]};
	int64_t		excess[2] = {p->excess[0], p->excess[1]};
	int64_t		gone = 0;		/* lots that the order replaced worked */
	int64_t		released = 0;	/* and what they reserved */
	clr_int128	value = intent->value;
	const ClrWallet *w;
	clr_int128	needed;

	if (intent->replaced != NULL)
	{
		gone = order_leaves(intent->replaced);
		released = gone * intent->replaced->reserve;
		value -= gone * abs64(intent->replaced->price);
		lots[s] -= gone;
		reserve[s] -= released;
		excess[s] -= clr_margin_excess(in, gone, released);
	}
	if (!clr_position_in_range(in, p, value, (clr_int128) intent->lots - gone) ||
		intent->reserve + reserve[0] + reserve[1] > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	if (intent->lots > CLR_AMOUNT_MAX - in->work_lots[s] - in->parked_lots[s])
		return CLR_R_LIMIT_EXCEEDED;
	if (clr_unlikely(e->trial != NULL))
	{
		margin_exempt = margin_exempt ||
			(is_future(in) && reduces_risk(p, intent->side, lots[s] + intent->lots));
		if (clr_trial_intent(e, p, intent, &margin_exempt) != CLR_OK)
			return CLR_TRIED;
	}
	if (margin_exempt)
		return CLR_OK;
	if (!is_future(in))
		return check_funds(e, p, intent, released);

	lots[s] += intent->lots;
	reserve[s] += (int64_t) intent->reserve;
	excess[s] += clr_margin_excess(in, intent->lots, intent->reserve);
	if (reduces_risk(p, intent->side, lots[s]))
		return CLR_OK;
	w = wallet_at(e, p->quote_wallet);
	needed = w->initial + w->spot_reserve - p->counted[0] +
		requirement_of(in, p->qty, lots, reserve, excess);
	if (needed > wallet_equity(w) &&
		!(intent->replaced != NULL && needed <= w->initial + w->spot_reserve))
		return refuse_funds(e, CLR_R_INSUFFICIENT_MARGIN, w->asset, needed,
							wallet_equity(w));
	return CLR_OK;
}

/*----------------------------------------------------------------
 * Several orders at once: they are put into their positions, then it is asked
 * whether all of them can be carried.
 *----------------------------------------------------------------
 */
static clr_int128
needed_of(const ClrEngine *e, uint32_t wallet)
{
	return wallet == CLR_NONE ? 0 :
		wallet_at(e, wallet)->initial + wallet_at(e, wallet)->spot_reserve;
}

/* What is needed of the position's wallets, for the question below. */
void
clr_needed_now(const ClrEngine *e, const ClrPosition *p, clr_int128 *needed)
{
	needed[0] = needed_of(e, p->quote_wallet);
	needed[1] = needed_of(e, p->base_wallet);
}

static ClrReason
check_wallet(ClrEngine *e, uint32_t wallet, clr_int128 before, bool future)
{
	clr_int128	needed = needed_of(e, wallet);
	const ClrWallet *w;
	clr_int128	there;

	if (wallet == CLR_NONE || needed <= before)
		return CLR_OK;
	w = wallet_at(e, wallet);
	there = wallet_equity(w);
	if (needed <= there && (future || w->spot_reserve <= w->balance))
		return CLR_OK;
	if (!future && w->balance < there)
		there = w->balance;
	return refuse_funds(e, future ? CLR_R_INSUFFICIENT_MARGIN : CLR_R_INSUFFICIENT_FUNDS,
						w->asset, needed, there);
}

/* Is there enough of it now, or is no more needed than before? */
ClrReason
clr_needed_check(ClrEngine *e, const ClrPosition *p, const clr_int128 *before)
{
	bool		future = is_future(instrument_at(e, p->instrument));
	ClrReason	reason = check_wallet(e, p->quote_wallet, before[0], future);

	return reason == CLR_OK ? check_wallet(e, p->base_wallet, before[1], future) : reason;
}
