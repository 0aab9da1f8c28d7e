/*
 * match.c
 *	  Price-time matching of plain orders; trades.
 *
 * What asks for more goes to special.c.
 *
 * A trade happens at the resting order's price.  Orders with equal `smp` never
 * trade with each other; what happens instead is in selfmatch.c.
 *
 * Nothing here can be refused: whoever starts matching has checked the range
 * rules (state.h) and the margin before.
 */
#include "engine/internal.h"

static void
walk_add(const ClrInstrument *in, uint8_t side, int64_t price, int64_t lots,
		 uint64_t fills, ClrWalk *walk)
{
	clr_int128	loss = side == CLR_SIDE_BUY ?
		(clr_int128) price - in->v.mark : (clr_int128) in->v.mark - price;

	walk->lots += lots;
	walk->fills += fills;
	walk->value += (clr_int128) abs64(price) * lots;
	if (in->v.has_mark && loss > 0)
		walk->loss += loss * lots;
	if (abs64(price) > walk->max_price)
		walk->max_price = abs64(price);
}

/* Fills it can take to trade all of a level with icebergs. */
static uint64_t
level_fills(const ClrEngine *e, const ClrLevel *level)
{
	uint64_t	fills = 0;

	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
		fills += clr_order_fills(e, order_at(e, i));
	return fills;
}

/* One order of `lots` at its price; false if it ends the walk. */
static inline bool
walk_order(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
		   int64_t lots, int64_t price, uint64_t smp, uint8_t side, int64_t *qty,
		   uint8_t self_match, ClrWalk *walk)
{
	if (lots > *qty - walk->lots)
		lots = *qty - walk->lots;
	if (o->smp == smp)
	{
		if (self_match == CLR_SMP_CANCEL_AGGRESSOR ||
			self_match == CLR_SMP_CANCEL_BOTH)
			return false;
		if (self_match == CLR_SMP_DECREMENT_BOTH)
			*qty -= lots;
		return true;
	}
	walk_add(in, side, price, lots, clr_order_fills(e, o), walk);
	return true;
}

/*
 * Will an own order at the level end the aggressor?  It does so before any
 * iceberg ahead of it has its second turn.
 */
static bool
ends_at(const ClrEngine *e, const ClrLevel *level, uint64_t smp, uint8_t self_match)
{
	if (self_match != CLR_SMP_CANCEL_AGGRESSOR && self_match != CLR_SMP_CANCEL_BOTH)
		return false;
	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
		if (order_at(e, i)->smp == smp)
			return true;
	return false;
}

/* One level order by order, because own orders are among them. */
static bool
walk_level(const ClrEngine *e, const ClrInstrument *in, const ClrLevel *level,
		   uint64_t smp, uint8_t side, int64_t *qty, uint8_t self_match,
		   ClrWalk *walk)
{
	bool		once = level->hidden > 0 && ends_at(e, level, smp, self_match);

	for (uint32_t i = level->head; i != CLR_NONE && walk->lots < *qty;
		 i = order_at(e, i)->next)
	{
		const ClrOrder *o = order_at(e, i);

		int64_t		lots = clr_reduce_reach(e, in, o);

		if (once && lots > clr_order_shown(e, o))
			lots = clr_order_shown(e, o);
		if (!walk_order(e, in, o, lots, level->price, smp, side, qty, self_match, walk))
			return false;
	}
	return true;
}

/*
 * Where orders share, those of a level that must not trade are dealt with
 * before any of it does (special.c).  False if that ends the walk.
 */
static bool
walk_barred(const ClrEngine *e, const ClrLevel *level, uint64_t smp,
			int64_t *qty, uint8_t self_match, const ClrWalk *walk)
{
	for (uint32_t i = level->head; i != CLR_NONE && walk->lots < *qty;
		 i = order_at(e, i)->next)
	{
		int64_t		lots = order_leaves(order_at(e, i));

		if (order_at(e, i)->smp != smp)
			continue;
		if (self_match == CLR_SMP_CANCEL_AGGRESSOR ||
			self_match == CLR_SMP_CANCEL_BOTH)
			return false;
		if (self_match == CLR_SMP_DECREMENT_BOTH)
			*qty -= lots < *qty - walk->lots ? lots : *qty - walk->lots;
	}
	return true;
}

/* Market orders that rest, which come first and all have one price. */
static bool
walk_market(const ClrEngine *e, const ClrInstrument *in, uint64_t smp,
			uint8_t side, const int64_t *limit, int64_t *qty,
			uint8_t self_match, ClrRange range, ClrWalk *walk)
{
	int64_t		reference;
	bool		has_reference = clr_reference_price(in, &reference);
	int64_t		price;

	if (!clr_market_price(e, in, side, limit, has_reference ? &reference : NULL,
						  &price))
		return true;
	for (uint32_t i = level_at(e, in->market[!side_index(side)])->head;
		 i != CLR_NONE && walk->lots < *qty; i = order_at(e, i)->next)
	{
		const ClrOrder *o = order_at(e, i);

		if (!clr_is_protected(o, price))
			continue;
		if ((o->smp != smp && !clr_in_range(range, price)) ||
			!walk_order(e, in, o, clr_reduce_reach(e, in, o), price, smp, side, qty,
						self_match, walk))
			return false;
	}
	return true;
}

/* Is there nobody at this price whom the aggressor could trade with? */
static bool
walk_none(const ClrEngine *e, const ClrLevel *level, uint64_t smp)
{
	for (uint32_t i = level->head; i != CLR_NONE; i = order_at(e, i)->next)
		if (order_at(e, i)->smp != smp)
			return false;
	return true;
}

/*
 * Looks at what an aggressor of qty lots would trade, without changing
 * anything: orders that it must not trade with don't count; they end the walk
 * or take of its quantity if its instruction says so.  An aggressor without a
 * self-match id meets none if its own position has no opposite orders.  What
 * its own fills would cut of reduce-only orders does not count either.
 */
void
clr_walk(const ClrEngine *e, const ClrInstrument *in, uint32_t position,
		 uint64_t smp, uint8_t side, bool limited, int64_t limit, int64_t qty,
		 uint8_t self_match, ClrWalk *walk)
{
	unsigned	opposite = !side_index(side);
	const ClrBookSide *s = &in->side[opposite];
	const ClrPosition *p = position_at(e, position);
	bool		own = smp != p->account || p->lots[opposite] > 0 || e->in_batch ||
		clr_unlikely(in->special_orders > 0);
	ClrRange	range = clr_price_range(e, in);

	memset(walk, 0, sizeof(*walk));
	if (clr_unlikely(in->market[opposite] != CLR_NONE) &&
		!walk_market(e, in, smp, side, limited ? &limit : NULL, &qty, self_match, range, walk))
		return;
	for (uint32_t i = s->best; i != CLR_NONE && walk->lots < qty;
		 i = clr_book_worse(e, s, opposite, level_at(e, i)->price))
	{
		const ClrLevel *level = level_at(e, i);
		int64_t		lots = level->total;

		if (limited && (side == CLR_SIDE_BUY ? level->price > limit :
						level->price < limit))
			break;
		if (clr_unlikely(!clr_in_range(range, level->price)) && !walk_none(e, level, smp))
			break;
		if (own)
		{
			uint8_t		how = self_match;

			if (clr_unlikely((in->special & CLR_SPECIAL_ALLOCATION) != 0))
			{
				if (!walk_barred(e, level, smp, &qty, how, walk))
					break;
				how = CLR_SMP_CANCEL_RESTING;	/* they are gone */
			}
			if (!walk_level(e, in, level, smp, side, &qty, how, walk))
				break;
			continue;
		}
		if (lots > qty - walk->lots)
			lots = qty - walk->lots;
		walk_add(in, side, level->price, lots,
				 clr_likely(level->hidden == 0) ? level->count :
				 level_fills(e, level), walk);
	}
}

/* Takes filled lots of an order in the book out of the working sums. */
static void
work_off(ClrEngine *e, ClrInstrument *in, ClrOrder *o, int64_t qty)
{
	if (o->level == CLR_NONE)
		return;
	if (clr_unlikely(o->extra != CLR_NONE))
		clr_iceberg_traded(e, o, qty);
	level_at(e, o->level)->total -= qty;
	in->work_lots[side_index(o->side)] -= qty;
	clr_position_work(in, position_at(e, o->position), o, qty, -1);
}

static void
post_fee(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
		 int64_t fee, uint64_t trade)
{
	uint32_t	fees = asset_at(e, in->v.quote_asset)->fees;

	if (fee > 0)
		clr_post(e, p->quote_wallet, fees, fee, CLR_LEDGER_FEE, trade);
	else if (fee < 0)
		clr_post(e, fees, p->quote_wallet, -fee, CLR_LEDGER_FEE, trade);
}

/* Fills the positions of a future; the trade notes what that does to cost. */
static inline void
fill_positions(ClrInstrument *in, ClrPosition *buyer, ClrPosition *seller,
			   ClrTradeEvent *t)
{
	t->buy_cost = 0;
	t->sell_cost = 0;
	if (clr_unlikely(in->v.kind != CLR_INSTRUMENT_FUTURE))
		return;
	t->buy_cost = -buyer->cost;
	clr_position_fill(in, buyer, CLR_SIDE_BUY, t->qty, t->price);
	t->buy_cost += buyer->cost;
	t->sell_cost = -seller->cost;
	clr_position_fill(in, seller, CLR_SIDE_SELL, t->qty, t->price);
	t->sell_cost += seller->cost;
}

/* Delivery against payment, then fees. */
static void
move_money(ClrEngine *e, ClrInstrument *in, ClrPosition *buyer,
		   ClrPosition *seller, const ClrTradeEvent *t)
{
	if (clr_unlikely(in->v.kind == CLR_INSTRUMENT_SPOT))
	{
		clr_post(e, seller->base_wallet, buyer->base_wallet,
				 t->qty * in->v.lot_units, CLR_LEDGER_TRADE, t->trade_id);
		clr_post(e, buyer->quote_wallet, seller->quote_wallet,
				 t->price * t->qty * in->v.tick_value, CLR_LEDGER_TRADE,
				 t->trade_id);
	}
	post_fee(e, in, buyer, t->buy_fee, t->trade_id);
	post_fee(e, in, seller, t->sell_fee, t->trade_id);
}

/* Open, high, low, volume and value of the session. */
static inline void
note_session(ClrInstrumentView *v, const ClrTradeEvent *t)
{
	clr_int128	value = (clr_int128) v->session_value + (clr_int128) t->price * t->qty;

	if (!v->has_session)
	{
		v->has_session = true;
		v->session_open = t->price;
		v->session_high = t->price;
		v->session_low = t->price;
	}
	else if (t->price > v->session_high)
		v->session_high = t->price;
	else if (t->price < v->session_low)
		v->session_low = t->price;
	v->session_volume = v->session_volume > INT64_MAX - t->qty ? INT64_MAX :
		v->session_volume + t->qty;
	v->session_value = saturate(value);
}

static void
note_trade(ClrEngine *e, ClrInstrument *in, const ClrTradeEvent *t)
{
	in->v.last_price = t->price;
	in->v.last_qty = t->qty;
	in->v.has_last = true;
	in->v.volume = in->v.volume > INT64_MAX - t->qty ? INT64_MAX :
		in->v.volume + t->qty;
	note_session(&in->v, t);
	if (e->out.n_trades++ == 0)
		e->out.first_trade = t->trade_id;
}

/* Fees of a trade that no order of the two aggressed, by the instrument's rule. */
static void
auction_fees(const ClrInstrument *in, ClrTradeEvent *t)
{
	bool		buy_newer = (t->aggressor & CLR_TRADE_SIDE) == CLR_SIDE_BUY;
	int64_t    *older = buy_newer ? &t->sell_fee : &t->buy_fee;
	int64_t    *newer = buy_newer ? &t->buy_fee : &t->sell_fee;
	int64_t		maker = clr_fee(in, t->price, t->qty, false);
	int64_t		taker = clr_fee(in, t->price, t->qty, true);

	switch (in->rule[CLR_RULE_AUCTION_FEES])
	{
		case CLR_AUCTION_FEES_BY_AGE:
			*older = maker;
			*newer = taker;
			break;
		case CLR_AUCTION_FEES_TAKER:
			*older = *newer = taker;
			break;
		case CLR_AUCTION_FEES_MAKER:
			*older = *newer = maker;
			break;
		default:
			/* the sum is not negative (instrument.c), nor more than it reserved */
			*older = *newer = maker + taker > 0 ? (maker + taker + 1) / 2 : 0;
			break;
	}
}

/* The fees of a trade by its instrument, price, quantity and aggressor. */
void
clr_trade_fees(const ClrInstrument *in, ClrTradeEvent *t)
{
	t->buy_fee = clr_fee(in, t->price, t->qty, t->aggressor == CLR_SIDE_BUY);
	t->sell_fee = clr_fee(in, t->price, t->qty, t->aggressor == CLR_SIDE_SELL);
	if (t->aggressor & CLR_TRADE_IN_AUCTION)
		auction_fees(in, t);
}

/* An order, in the book or not, has traded qty at a price of its instrument. */
static inline void
order_filled(ClrEngine *e, ClrInstrument *in, ClrOrder *o, int64_t qty,
			 int64_t price)
{
	work_off(e, in, o, qty);
	o->cum_qty += qty;
	o->cum_value += qty * price;
	clr_position_touch(e, o->position);
}

void
clr_order_filled(ClrEngine *e, ClrInstrument *in, uint32_t order, int64_t qty,
				 int64_t price)
{
	order_filled(e, in, order_at(e, order), qty, price);
}

/* The positions' and money's part of a trade that orders have taken note of. */
void
clr_trade_settle(ClrEngine *e, ClrInstrument *in, uint32_t buyer,
				 uint32_t seller, ClrTradeEvent *t)
{
	clr_position_touch(e, buyer);
	clr_position_touch(e, seller);
	fill_positions(in, position_at(e, buyer), position_at(e, seller), t);
	clr_emit_trade(e, t);
	move_money(e, in, position_at(e, buyer), position_at(e, seller), t);
	note_trade(e, in, t);
	if (is_special(in))
		clr_aftermath_trade(e, in, t);
}

/* One trade between an aggressor and a resting order. */
static inline void
trade(ClrEngine *e, ClrInstrument *in, uint32_t aggressor, uint32_t resting,
	  int64_t qty, int64_t price, bool auction)
{
	ClrOrder   *a = order_at(e, aggressor);
	ClrOrder   *r = order_at(e, resting);
	bool		buying = a->side == CLR_SIDE_BUY;
	ClrOrder   *buy = buying ? a : r;
	ClrOrder   *sell = buying ? r : a;
	ClrTradeEvent t;

	t.instrument = in->v.instrument;
	t.trade_id = e->house.next_trade++;
	t.price = price;
	t.qty = qty;
	t.buy_order = buy->id;
	t.sell_order = sell->id;
	t.buy_account = position_at(e, buy->position)->account;
	t.sell_account = position_at(e, sell->position)->account;
	t.buy_fee = clr_fee(in, t.price, qty, buying);
	t.sell_fee = clr_fee(in, t.price, qty, !buying);
	t.aggressor = a->side;
	if (auction)
	{
		t.aggressor |= CLR_TRADE_IN_AUCTION;
		auction_fees(in, &t);
	}

	order_filled(e, in, a, qty, price);
	order_filled(e, in, r, qty, price);
	fill_positions(in, position_at(e, buy->position),
				   position_at(e, sell->position), &t);
	clr_emit_trade(e, &t);
	move_money(e, in, position_at(e, buy->position),
			   position_at(e, sell->position), &t);
	note_trade(e, in, &t);
	if (clr_unlikely(is_special(in)))
	{
		clr_link_filled(e, a, qty);
		clr_link_filled(e, r, qty);
		clr_aftermath_trade(e, in, &t);
		clr_reduce_resize(e, in, a->position);
		clr_reduce_resize(e, in, r->position);
	}
	if (clr_unlikely(is_spread(in)))
		clr_spread_deliver(e, in, buying ? aggressor : resting,
						   buying ? resting : aggressor, &t);
}

/* For whoever matches otherwise than here. */
void
clr_trade(ClrEngine *e, ClrInstrument *in, uint32_t aggressor, uint32_t resting,
		  int64_t qty, int64_t price)
{
	trade(e, in, aggressor, resting, qty, price, false);
}

void
clr_trade_auction(ClrEngine *e, ClrInstrument *in, uint32_t newer,
				  uint32_t older, int64_t qty, int64_t price)
{
	trade(e, in, newer, older, qty, price, true);
}

void
clr_report_resting(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	clr_emit_order(e, o, working_status(o), CLR_EXEC_TRADE, CLR_OK, NULL);
	if (order_leaves(o) == 0)
	{
		clr_order_unrest(e, in, order);
		clr_order_free(e, order);
	}
	else if (clr_unlikely(o->extra != CLR_NONE))
		clr_iceberg_refill(e, in, order);
}

/*
 * Matches an order that is not in the book until it is filled or nothing
 * crosses.  *ended becomes the reason if self-match prevention ends it.
 */
void
clr_match(ClrEngine *e, ClrInstrument *in, uint32_t order, uint16_t *ended)
{
	ClrOrder   *o = order_at(e, order);
	ClrBookSide *s = &in->side[!side_index(o->side)];
	bool		limited = clr_likely(o->ord_type != CLR_ORD_MARKET) ||
		clr_market_rests(in, o->time_in_force);

	if (clr_unlikely(is_special(in)))
	{
		clr_match_special(e, in, order, ended);
		return;
	}
	while (order_leaves(o) > 0 && s->best != CLR_NONE)
	{
		const ClrLevel *level = level_at(e, s->best);
		uint32_t	resting = level->head;
		ClrOrder   *r = order_at(e, resting);
		int64_t		qty;

		if (limited && (o->side == CLR_SIDE_BUY ? level->price > o->price :
						level->price < o->price))
			break;
		if (clr_unlikely(r->smp == o->smp))
		{
			if (!clr_prevent_self_match(e, o, resting, ended))
				break;
			continue;
		}
		qty = order_leaves(o) < order_leaves(r) ? order_leaves(o) : order_leaves(r);
		trade(e, in, order, resting, qty, r->price, false);
		clr_report_resting(e, in, resting);
	}
}

/* Is the book crossed, and who are the first orders of both sides? */
static bool
crossed_heads(const ClrEngine *e, const ClrInstrument *in, uint32_t *older,
			  uint32_t *newer)
{
	const ClrLevel *bid;
	const ClrLevel *ask;

	if (in->side[0].best == CLR_NONE || in->side[1].best == CLR_NONE)
		return false;
	bid = level_at(e, in->side[0].best);
	ask = level_at(e, in->side[1].best);
	if (bid->price < ask->price)
		return false;
	if (order_at(e, bid->head)->priority < order_at(e, ask->head)->priority)
	{
		*older = bid->head;
		*newer = ask->head;
	}
	else
	{
		*older = ask->head;
		*newer = bid->head;
	}
	return true;
}

/* Could the legs of a spread take the trade? */
static bool
fits(ClrEngine *e, const ClrInstrument *in, uint32_t a, uint32_t b, int64_t qty,
	 int64_t price)
{
	bool		buying = order_at(e, a)->side == CLR_SIDE_BUY;
	uint32_t	buyer = order_at(e, buying ? a : b)->position;
	uint32_t	seller = order_at(e, buying ? b : a)->position;

	return clr_spread_fits(e, in, position_at(e, buyer)->account,
						   position_at(e, seller)->account, qty, price);
}

bool
clr_trade_fits(ClrEngine *e, const ClrInstrument *in, uint32_t aggressor,
			   uint32_t resting, int64_t qty, int64_t price)
{
	return !is_spread(in) || fits(e, in, aggressor, resting, qty, price);
}

/*
 * Uncrosses a book that was collected without matching: the first orders of
 * both sides trade until they no longer cross.  Of each pair the older order
 * counts as the resting one: it gives the price and pays the maker fee, and
 * the newer one's instruction decides about self-matches.
 */
void
clr_uncross(ClrEngine *e, ClrInstrument *in)
{
	uint32_t	older;
	uint32_t	newer;

	while (crossed_heads(e, in, &older, &newer))
	{
		ClrOrder   *o = order_at(e, older);
		ClrOrder   *n = order_at(e, newer);
		int64_t		qty = order_leaves(o) < order_leaves(n) ?
			order_leaves(o) : order_leaves(n);

		if (o->smp == n->smp)
		{
			uint16_t	ended;

			if (!clr_prevent_self_match(e, n, older, &ended))
			{
				clr_order_end(e, newer, CLR_STATUS_CANCELED,
							  CLR_EXEC_CANCELED, ended);
				e->out.n_cancelled++;
			}
			continue;
		}
		if (clr_unlikely(is_spread(in)) && !fits(e, in, newer, older, qty, o->price))
		{
			clr_order_end(e, newer, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
						  CLR_R_OVERFLOW);
			continue;
		}
		trade(e, in, newer, older, qty, o->price, true);
		clr_report_resting(e, in, older);
		clr_report_resting(e, in, newer);
	}
}

/*
 * May the book be uncrossed without a balance leaving its range?  Bounded by
 * everything on the bid side that crosses, at the largest crossing price.  A
 * fill at another order's price also stays within the buyer's and seller's
 * position ranges, because each order's lots were checked at entry with its
 * own limit; what a better price could add is checked here.
 */
bool
clr_uncross_in_range(const ClrEngine *e, const ClrInstrument *in)
{
	int64_t		top;
	int64_t		bottom;
	int64_t		most;
	clr_int128	lots = 0;

	if (in->side[0].best == CLR_NONE || in->side[1].best == CLR_NONE)
		return true;
	top = level_at(e, in->side[0].best)->price;
	bottom = level_at(e, in->side[1].best)->price;
	if (top < bottom)
		return true;
	most = abs64(top) > abs64(bottom) ? abs64(top) : abs64(bottom);
	for (uint32_t i = in->side[0].best; i != CLR_NONE; )
	{
		const ClrLevel *level = level_at(e, i);

		if (level->price < bottom)
			break;
		lots += level->total;
		i = clr_book_worse(e, &in->side[0], 0, level->price);
	}
	return clr_fills_in_range(e, in, most, lots);
}
