/*
 * order.c
 *	  Entering, cancelling and ending orders.
 *
 * Life of an order: the command is checked completely, then a record is made
 * and reported (exec_type New), it is matched, and what is left rests in the
 * book or is cancelled.  The order is reported once more if it traded or was
 * cancelled.  Finished orders are forgotten by the engine at once.
 */
#include "engine/internal.h"

uint32_t
clr_order_find(const ClrEngine *e, uint64_t id)
{
	return clr_map_get(&e->order_map, id);
}

void
clr_order_outcome(ClrEngine *e, const ClrOrder *o, uint8_t status,
				  uint8_t exec_type)
{
	bool		ended = status == CLR_STATUS_CANCELED ||
		status == CLR_STATUS_EXPIRED;

	e->out.id = o->id;
	e->out.instrument = position_at(e, o->position)->instrument;
	e->out.ord_status = status;
	e->out.exec_type = exec_type;
	e->out.order_qty = o->order_qty;
	e->out.cum_qty = o->cum_qty;
	e->out.leaves_qty = ended ? 0 : order_leaves(o);
	e->out.cum_value = o->cum_value;
}

/* Into the index, the list of its position and the working sums. */
static inline bool
list_order(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrPosition *p = position_at(e, o->position);

	if (!o->known && !clr_map_put(&e->order_map, o->id, order))
	{
		e->oom = true;
		return false;
	}
	o->known = true;
	o->position_prev = CLR_NONE;
	o->position_next = p->orders;
	if (p->orders != CLR_NONE)
		order_at(e, p->orders)->position_prev = order;
	p->orders = order;
	p->n_orders++;
	clr_position_work(instrument_at(e, p->instrument), p, o, order_leaves(o), 1);
	clr_position_touch(e, o->position);
	return true;
}

/* Out of the list and the sums; the index still has it. */
static inline void
unlist_order(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);
	ClrPosition *p = position_at(e, o->position);

	if (o->position_prev != CLR_NONE)
		order_at(e, o->position_prev)->position_next = o->position_next;
	else
		p->orders = o->position_next;
	if (o->position_next != CLR_NONE)
		order_at(e, o->position_next)->position_prev = o->position_prev;
	p->n_orders--;
	clr_position_work(instrument_at(e, p->instrument), p, o, order_leaves(o), -1);
	clr_position_touch(e, o->position);
}

bool
clr_order_list(ClrEngine *e, uint32_t order)
{
	return list_order(e, order);
}

void
clr_order_unlist(ClrEngine *e, uint32_t order)
{
	unlist_order(e, order);
}

bool
clr_order_rest(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	if (!clr_book_insert(e, in, order))
	{
		e->oom = true;
		return false;
	}
	if (clr_unlikely((in->special & CLR_SPECIAL_ALLOCATION) != 0))
		clr_top_note(e, in, order);
	if (clr_unlikely(order_at(e, order)->extra != CLR_NONE))
		clr_reduce_count(e, order_at(e, order), 1);
	return list_order(e, order);
}

void
clr_order_unrest(ClrEngine *e, ClrInstrument *in, uint32_t order)
{
	if (clr_unlikely((in->special & CLR_SPECIAL_ALLOCATION) != 0))
		clr_top_forget(e, in, order);
	if (clr_unlikely(order_at(e, order)->extra != CLR_NONE))
		clr_reduce_count(e, order_at(e, order), -1);
	if (clr_unlikely(e->watched))
		clr_note_vacated(e, in, order);
	clr_book_remove(e, in, order);
	unlist_order(e, order);
}

void
clr_order_free(ClrEngine *e, uint32_t order)
{
	ClrOrder   *o = order_at(e, order);

	if (o->known)
		clr_map_remove(&e->order_map, o->id);
	if (o->pinned != CLR_NONE)
		clr_reference_unpin(e, o);
	clr_attrs_free(e, o);
	o->id = 0;
	clr_pool_free(&e->orders, order);
}

/* What the outcome says of an order that ends: its own, or another one. */
static inline void
note_end(ClrEngine *e, const ClrOrder *o, uint16_t reason)
{
	if (clr_likely(reason == CLR_R_REQUESTED))
		return;
	if (o->id == e->out.id && e->out.type >= CLR_CMD_NEW_ORDER &&
		e->out.type <= CLR_CMD_CANCEL_ORDER)
		e->out.restated = reason;
	else if (e->out.cancelled_for == CLR_OK)
		e->out.cancelled_for = reason;
}

void
clr_order_end(ClrEngine *e, uint32_t order, uint8_t status, uint8_t exec_type,
			  uint16_t reason)
{
	ClrOrder   *o = order_at(e, order);
	uint32_t	instrument = position_at(e, o->position)->instrument;

	if (o->level != CLR_NONE)
		clr_order_unrest(e, instrument_at(e, instrument), order);
	else if (clr_unlikely(o->parked != CLR_PARKED_NOT))
		clr_order_unpark(e, instrument_at(e, instrument), order);
	note_end(e, o, reason);
	clr_emit_order(e, o, status, exec_type, reason, NULL);
	clr_order_free(e, order);
}

/* May what an order has left stay in the book? */
static inline bool
may_rest(const ClrInstrument *in, const ClrOrder *o)
{
	if (o->time_in_force == CLR_TIF_IOC || o->time_in_force == CLR_TIF_FOK)
		return false;
	return clr_likely(o->ord_type != CLR_ORD_MARKET) ||
		clr_market_rests(in, o->time_in_force) ||
		(clr_protects(in) &&
		 in->rule[CLR_RULE_MARKET_REMAINDER] == CLR_MARKET_REMAINDER_LIMIT);
}

/* What is left of an order that is more than plain is going to rest. */
static void
before_rest(ClrEngine *e, const ClrInstrument *in, ClrOrder *o, int64_t filled)
{
	if (o->ord_type == CLR_ORD_MARKET && !clr_market_rests(in, o->time_in_force))
		o->ord_type = CLR_ORD_LIMIT;	/* at its protection limit */
	clr_iceberg_entered(e, in, o, filled);
}

/*
 * Runs an order that was just entered or replaced and is not in the book:
 * matches it if the phase allows, then rests, ends or frees it.  exec_type is
 * what the outcome says if nothing else happens.
 */
void
clr_order_run(ClrEngine *e, ClrInstrument *in, uint32_t order,
			  uint8_t exec_type)
{
	ClrOrder   *o = order_at(e, order);
	int64_t		before = o->cum_qty;
	bool		changed = false;
	uint16_t	ended = CLR_OK;
	uint8_t		status;

	if (clr_unlikely((in->special & CLR_SPECIAL_CONTROLS) != 0) && clr_is_beyond(in, o))
	{
		clr_beyond_park(e, in, order, exec_type);
		return;
	}
	if (in->v.phase == CLR_PHASE_CONTINUOUS)
		clr_match(e, in, order, &ended);
	else if (clr_unlikely(in->v.phase == CLR_PHASE_TRADE_AT_CLOSE))
		clr_match_at_close(e, in, order, &ended);
	if (ended == CLR_OK && order_leaves(o) > 0)
	{
		if (!may_rest(in, o))
			ended = CLR_R_IOC_REMAINDER;
		else if (clr_unlikely(o->extra != CLR_NONE || o->ord_type == CLR_ORD_MARKET))
		{
			uint8_t		was = o->ord_type;

			before_rest(e, in, o, o->cum_qty - before);
			changed = o->ord_type != was;
		}
	}

	status = ended != CLR_OK ? CLR_STATUS_CANCELED : working_status(o);
	if (ended != CLR_OK)
		exec_type = CLR_EXEC_CANCELED;
	else if (e->out.n_trades > 0)
		exec_type = CLR_EXEC_TRADE;
	if (ended != CLR_OK || e->out.n_trades > 0 || changed)
	{
		clr_emit_order(e, o, status,
					   changed && e->out.n_trades == 0 ? CLR_EXEC_RESTATED : exec_type,
					   ended, NULL);
		if (changed)
			e->out.restated = CLR_R_MARKET_REMAINDER;
		else if (ended != CLR_OK && ended != CLR_R_IOC_REMAINDER)
			e->out.restated = ended;
	}
	clr_order_outcome(e, o, status, exec_type);

	if (ended == CLR_OK && order_leaves(o) > 0)
	{
		(void) clr_order_rest(e, in, order);
		e->entered = order;
	}
	else
		clr_order_free(e, order);
}

/* The order's own instruction, or the instrument's if it has none. */
static uint8_t
self_match_of(const ClrInstrument *in, const ClrCommand *cmd)
{
	return cmd->u.order.self_match != CLR_SMP_DEFAULT ?
		cmd->u.order.self_match : (uint8_t) in->rule[CLR_RULE_SELF_MATCH];
}

/* Side, quantity, price and phase of an order whose form is right. */
clr_hot ClrReason
check_values(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd)
{
	uint8_t		tif = cmd->u.order.time_in_force;
	bool		market = cmd->u.order.ord_type == CLR_ORD_MARKET;
	uint8_t		phase = in->v.phase;

	if (cmd->u.order.self_match > CLR_SMP_DECREMENT_BOTH)
		return CLR_R_PARAMETER_INVALID;
	if (cmd->u.order.qty < 1 || cmd->u.order.qty > CLR_QTY_MAX)
		return CLR_R_QUANTITY_INVALID;
	if (market && (!clr_protects(in) || clr_market_rests(in, tif)) ?
		cmd->u.order.price != 0 :
		!clr_price_valid(in, cmd->u.order.price))
		return CLR_R_PRICE_INVALID;
	if (phase == CLR_PHASE_EXPIRED)
		return CLR_R_EXPIRED_INSTRUMENT;
	if (phase != CLR_PHASE_CONTINUOUS && !clr_is_cross_only(tif) &&
		!clr_phase_accepts(in, market, tif == CLR_TIF_IOC || tif == CLR_TIF_FOK))
		return CLR_R_PHASE;
	if (clr_unlikely(is_spread(in)) && clr_spread_entry(e, in) != CLR_OK)
		return clr_spread_entry(e, in);
	if (is_future(in) && in->v.margin_basis == CLR_BASIS_RATE &&
		!in->v.has_mark)
		return CLR_R_NO_MARK_PRICE;
	return CLR_OK;
}

/* Types, times and instructions of plain orders, and the sides of all. */
static inline ClrReason
check_plain(const ClrCommand *cmd)
{
	uint8_t		tif = cmd->u.order.time_in_force;
	bool		market = cmd->u.order.ord_type == CLR_ORD_MARKET;

	if (!market && cmd->u.order.ord_type != CLR_ORD_LIMIT)
		return CLR_R_ORD_TYPE_INVALID;
	if ((cmd->u.order.exec_inst & CLR_EXEC_POST_ONLY) != 0 &&
		(market || tif == CLR_TIF_IOC || tif == CLR_TIF_FOK))
		return CLR_R_TIF_INVALID;
	return CLR_OK;
}

/* Form of a new order: everything that can be told without the book. */
clr_hot ClrReason
order_form(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd)
{
	ClrReason	reason;

	if (cmd->u.order.side != CLR_SIDE_BUY && cmd->u.order.side != CLR_SIDE_SELL)
		return CLR_R_SIDE_INVALID;
	reason = clr_likely(is_plain(in, cmd)) ? check_plain(cmd) :
		clr_form_check(e, in, cmd);
	return reason != CLR_OK ? reason : check_values(e, in, cmd);
}

/* Only what of its types, times and instructions does not fit together. */
ClrReason
clr_order_fits(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd)
{
	return is_plain(in, cmd) ? check_plain(cmd) : clr_form_check(e, in, cmd);
}

ClrReason
clr_order_form(const ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd)
{
	return order_form(e, in, cmd);
}

/* Fewest lots that must trade at once, 0 = no matter. */
static inline int64_t
least_fill(const ClrCommand *cmd)
{
	int64_t		least = 0;

	if (cmd->u.order.time_in_force == CLR_TIF_FOK)
		return cmd->u.order.qty;
	if (clr_unlikely(cmd->pairs.n > 0))
		(void) clr_pairs_find(&cmd->pairs, CLR_ATTR_MIN_QTY, &least);
	return least;
}

static ClrReason
not_fillable(const ClrCommand *cmd)
{
	return cmd->u.order.time_in_force == CLR_TIF_FOK ? CLR_R_FOK_NOT_FILLABLE :
		CLR_R_MIN_QTY_NOT_FILLABLE;
}

/* Market orders reserve what the book says they will cost. */
static ClrReason
market_intent(const ClrEngine *e, const ClrInstrument *in, uint32_t position,
			  const ClrCommand *cmd, ClrIntent *intent, int64_t *max_price)
{
	ClrWalk		walk;

	clr_walk(e, in, position, clr_smp_of(e, cmd->account, &cmd->pairs),
			 cmd->u.order.side, clr_protects(in), cmd->u.order.price,
			 cmd->u.order.qty, self_match_of(in, cmd), &walk);
	if (walk.lots < least_fill(cmd))
		return not_fillable(cmd);
	if (walk.value > CLR_AMOUNT_MAX || walk.loss > CLR_AMOUNT_MAX ||
		walk.value * in->v.tick_value > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	intent->lots = walk.lots;
	intent->value = walk.value;
	if (is_future(in))
		intent->reserve = walk.loss * in->v.tick_value + clr_fees_bound(in, &walk);
	else if (cmd->u.order.side == CLR_SIDE_BUY)
		intent->reserve = walk.value * in->v.tick_value + clr_fees_bound(in, &walk);
	else
		intent->reserve = (clr_int128) walk.lots * in->v.lot_units;
	*max_price = walk.max_price;
	return CLR_OK;
}

/*
 * A limit order reserves for its limit.  Prices it could trade at lie between
 * the best opposite price and the limit, or the reference price and the limit
 * where market orders rest.  A market order that may rest is one whose limit
 * is its protection.
 */
static ClrReason
limit_intent(const ClrEngine *e, const ClrInstrument *in, uint32_t position,
			 const ClrCommand *cmd, int64_t price, ClrIntent *intent,
			 int64_t *reserve, int64_t *max_price)
{
	int64_t		least = least_fill(cmd);
	ClrReason	reason;

	*max_price = abs64(price);
	if (clr_crosses(e, in, cmd->u.order.side, price))
	{
		int64_t		best = price;

		(void) clr_best_opposite(e, in, cmd->u.order.side, &best);
		if ((cmd->u.order.exec_inst & CLR_EXEC_POST_ONLY) != 0)
			return CLR_R_POST_ONLY_WOULD_TRADE;
		if (abs64(best) > *max_price)
			*max_price = abs64(best);
	}
	if (clr_unlikely(in->v.phase == CLR_PHASE_TRADE_AT_CLOSE))
	{
		int64_t		closing;

		if (clr_closing_price(e, in, &closing) && abs64(closing) > *max_price)
			*max_price = abs64(closing);
	}
	if (clr_unlikely((in->special & CLR_SPECIAL_MARKET_RESTS) != 0) &&
		!clr_meets_market(e, in, cmd->u.order.side, price, max_price) &&
		(cmd->u.order.exec_inst & CLR_EXEC_POST_ONLY) != 0)
		return CLR_R_POST_ONLY_WOULD_TRADE;
	if (least > 0)
	{
		ClrWalk		walk;

		clr_walk(e, in, position, clr_smp_of(e, cmd->account, &cmd->pairs),
				 cmd->u.order.side, true, price, cmd->u.order.qty,
				 self_match_of(in, cmd), &walk);
		if (walk.lots < least)
			return not_fillable(cmd);
	}
	reason = clr_reserve_per_lot(in, cmd->u.order.side, price, reserve);
	intent->lots = cmd->u.order.qty;
	intent->value = (clr_int128) *max_price * cmd->u.order.qty;
	intent->reserve = (clr_int128) *reserve * cmd->u.order.qty;
	return reason;
}

/* A market order of which nothing will rest. */
bool
clr_only_trades(const ClrInstrument *in, const ClrCommand *cmd)
{
	return cmd->u.order.ord_type == CLR_ORD_MARKET &&
		!clr_market_rests(in, cmd->u.order.time_in_force) &&
		!(clr_protects(in) &&
		  in->rule[CLR_RULE_MARKET_REMAINDER] == CLR_MARKET_REMAINDER_LIMIT &&
		  cmd->u.order.time_in_force != CLR_TIF_IOC &&
		  cmd->u.order.time_in_force != CLR_TIF_FOK);
}

/* The limits of a restricted account. */
ClrReason
clr_order_limits(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
				 const ClrCommand *cmd, const ClrIntent *intent, int64_t max_price)
{
	uint8_t		tif = cmd->u.order.time_in_force;
	ClrLimited	l = {.account = cmd->account,.side = cmd->u.order.side,
		.market = cmd->u.order.ord_type == CLR_ORD_MARKET,
		.price = cmd->u.order.price,.qty = intent->lots,
		.order_qty = cmd->u.order.qty,.max_price = max_price,
		.smp = clr_smp_of(e, cmd->account, &cmd->pairs),
	.self_match = self_match_of(in, cmd)};

	l.value = l.market ? intent->value :
		(clr_int128) abs64(l.price) * cmd->u.order.qty;
	l.gone = intent->replaced == NULL ? 0 : order_leaves(intent->replaced);
	/* the whole order counts, what it has filled too */
	l.order_qty += intent->replaced == NULL ? 0 : intent->replaced->cum_qty;
	l.adds = intent->replaced == NULL && !clr_only_trades(in, cmd) &&
		tif != CLR_TIF_IOC && tif != CLR_TIF_FOK;
	return clr_limits_check(e, in, p, &l);
}

/* Everything besides its form that can refuse an order; changes nothing. */
clr_hot ClrReason
check_risk(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   const ClrOrder *replaced, bool margin_exempt, uint32_t *position,
		   int64_t *reserve)
{
	uint8_t		side = cmd->u.order.side;
	bool		market = clr_only_trades(in, cmd);
	ClrIntent	intent = {.side = side, .replaced = replaced};
	ClrReason	reason = CLR_OK;
	int64_t		price = cmd->u.order.price;
	int64_t		max_price;
	bool		easier = false;

	if (clr_unlikely(cmd->u.order.ord_type == CLR_ORD_MARKET))
	{
		/* one that may rest is treated as a limit order from here on */
		if (clr_market_rests(in, cmd->u.order.time_in_force))
			reason = clr_protection(in, side, &price);
		else if (in->side[!side_index(side)].best == CLR_NONE &&
				 in->market[!side_index(side)] == CLR_NONE)
			reason = CLR_R_NO_LIQUIDITY;
		if (reason != CLR_OK)
			return reason;
	}
	/* a replace that leaves the price alone may stay where it was taken */
	if (clr_unlikely((in->special & CLR_SPECIAL_CONTROLS) != 0) && !market &&
		(replaced == NULL || price != replaced->price))
		reason = clr_price_check(e, in, side, cmd->u.order.time_in_force, price);
	if (reason != CLR_OK)
		return reason;
	*position = clr_position_get(e, cmd->account, in->v.instrument);
	if (*position == CLR_NONE)
		return CLR_OK;
	*reserve = 0;
	if (market)
		reason = market_intent(e, in, *position, cmd, &intent, &max_price);
	else
		reason = limit_intent(e, in, *position, cmd, price, &intent, reserve,
							  &max_price);
	if (reason != CLR_OK)
		return reason;
	if (clr_unlikely(replaced != NULL) && margin_exempt)
	{
		easier = true;
		margin_exempt = clr_reserve_ease(in, replaced, reserve);
		intent.reserve = (clr_int128) *reserve * intent.lots;
	}
	if (clr_unlikely(e->limited) && !easier)
	{
		reason = clr_order_limits(e, in, position_at(e, *position), cmd,
								  &intent, max_price);
		if (reason != CLR_OK)
			return reason;
	}
	if (clr_unlikely(replaced != NULL) &&
		intent.value + abs64(replaced->cum_value) > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	reason = clr_intent_check(e, in, position_at(e, *position), &intent,
							  margin_exempt ||
							  (cmd->u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) != 0);
	if (reason != CLR_OK)
		return reason;
	if ((market || clr_crosses(e, in, side, price) ||
		 in->v.phase == CLR_PHASE_TRADE_AT_CLOSE ||
		 (in->special & CLR_SPECIAL_MARKET_RESTS) != 0) &&
		!clr_fill_headroom(e, in, max_price, intent.lots))
		return CLR_R_OVERFLOW;
	return CLR_OK;
}

/*
 * An order whose form is right, as it is at this moment: the command becomes
 * that, and is checked.  *ends: see clr_order_adjust().
 */
ClrReason
clr_order_prepare(ClrEngine *e, const ClrInstrument *in, ClrCommand *cmd,
				  const ClrOrder *replaced, bool margin_exempt,
				  uint32_t *position, int64_t *reserve, uint16_t *ends)
{
	ClrReason	reason = clr_order_adjust(e, in, cmd, ends);

	if (reason == CLR_OK)
		reason = check_values(e, in, cmd);
	if (reason != CLR_OK)
		return reason;
	return check_risk(e, in, cmd, replaced, margin_exempt, position, reserve);
}

/* Everything that can refuse a new order; changes nothing. */
clr_hot ClrReason
order_check(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
			uint32_t *position, int64_t *reserve)
{
	ClrReason	reason = order_form(e, in, cmd);

	if (reason != CLR_OK)
		return reason;
	return check_risk(e, in, cmd, NULL, false, position, reserve);
}

ClrReason
clr_order_check(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
				uint32_t *position, int64_t *reserve)
{
	return order_check(e, in, cmd, position, reserve);
}

/* The record of a new order, in no list yet; CLR_NONE = no memory. */
clr_hot uint32_t
make_order(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
		   uint32_t position, int64_t reserve)
{
	uint32_t	order = clr_pool_alloc(&e->orders);
	ClrOrder   *o;

	if (order == CLR_NONE)
	{
		e->oom = true;
		return CLR_NONE;
	}
	o = order_at(e, order);
	o->position = position;
	o->level = CLR_NONE;
	o->id = e->house.next_order++;
	o->priority = e->house.next_priority++;
	o->price = clr_likely(cmd->u.order.ord_type == CLR_ORD_LIMIT) ? cmd->u.order.price :
		clr_entry_price(in, cmd);
	o->order_qty = cmd->u.order.qty;
	o->cum_qty = 0;
	o->cum_value = 0;
	o->reserve = reserve;
	o->time_us = e->house.time_us;
	o->ref = CLR_NONE;
	o->pinned = CLR_NONE;
	o->side = cmd->u.order.side;
	o->ord_type = cmd->u.order.ord_type;
	o->time_in_force = cmd->u.order.time_in_force;
	o->exec_inst = cmd->u.order.exec_inst;
	o->self_match = self_match_of(in, cmd);
	o->known = false;
	o->parked = CLR_PARKED_NOT;
	o->extra = CLR_NONE;
	o->smp = cmd->account;
	if (clr_unlikely(cmd->pairs.n > 0 || is_restricted(e, cmd->account)) &&
		!clr_attrs_enter(e, o, cmd))
		return CLR_NONE;
	return order;
}

uint32_t
clr_order_make(ClrEngine *e, const ClrInstrument *in, const ClrCommand *cmd,
			   uint32_t position, int64_t reserve)
{
	return make_order(e, in, cmd, position, reserve);
}

/*
 * An order that takes price or quantity from what there is now was entered or
 * replaced otherwise than asked; market orders' limits are nobody's business.
 */
void
clr_order_note_adjusted(ClrEngine *e, int64_t price, int64_t qty, const ClrCommand *now)
{
	if (now->u.order.qty < qty)
		e->out.restated = CLR_R_REDUCE_ONLY;
	else if (now->u.order.price != price && now->u.order.ord_type != CLR_ORD_MARKET)
		e->out.restated = CLR_R_REPRICED;
}

/* What the engine notes about an order that is more than plain. */
static void
note_attributes(ClrEngine *e, const ClrInstrument *in, ClrOrder *o, const ClrCommand *asked)
{
	if (clr_is_cross_only(o->time_in_force))
		clr_cross_only_note(e, in, o);
	clr_iceberg_start(e, o);
	clr_reduce_note(e, o, asked->u.order.qty);
}

/* Enters an order that takes its price or quantity from what there is now. */
static ClrReason
do_new_special(ClrEngine *e, ClrInstrument *in, const ClrCommand *cmd)
{
	ClrCommand	now = *cmd;
	uint32_t	position;
	uint32_t	order;
	int64_t		reserve;
	uint16_t	ends = CLR_OK;
	uint32_t	other = CLR_NONE;	/* the one it is linked to */
	ClrReason	reason = clr_form_check(e, in, cmd);

	if (cmd->u.order.side != CLR_SIDE_BUY && cmd->u.order.side != CLR_SIDE_SELL)
		reason = CLR_R_SIDE_INVALID;
	if (reason == CLR_OK)
		reason = clr_order_prepare(e, in, &now, NULL, false, &position, &reserve, &ends);
	if (reason == CLR_OK)
		reason = clr_link_check(e, cmd, &other);
	if (reason != CLR_OK || e->oom)
		return reason;
	order = make_order(e, in, &now, position, reserve);
	if (order == CLR_NONE)
		return CLR_OK;
	note_attributes(e, in, order_at(e, order), cmd);
	clr_emit_order(e, order_at(e, order), CLR_STATUS_NEW, CLR_EXEC_NEW, CLR_OK,
				   &cmd->ref);
	if (other != CLR_NONE)
		clr_link_make(e, order, other);
	clr_order_note_adjusted(e, cmd->u.order.price, cmd->u.order.qty, &now);
	if (ends == CLR_OK)
	{
		if (clr_is_cross_only(cmd->u.order.time_in_force))
			clr_cross_only_run(e, in, order, CLR_EXEC_NEW);
		else
			clr_order_run(e, in, order, CLR_EXEC_NEW);
		/* a market-to-limit order that is filled was not restated */
		if (e->out.restated == CLR_R_REPRICED && e->out.ord_status == CLR_STATUS_FILLED)
			e->out.restated = CLR_OK;
		return CLR_OK;
	}
	clr_order_outcome(e, order_at(e, order), CLR_STATUS_CANCELED, CLR_EXEC_CANCELED);
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED, ends);
	return CLR_OK;
}

ClrReason
clr_do_new_order(ClrEngine *e, const ClrCommand *cmd)
{
	uint32_t	position;
	uint32_t	order;
	int64_t		reserve;
	ClrInstrument *in;
	ClrReason	reason;

	e->out.ord_status = CLR_STATUS_REJECTED;
	e->out.exec_type = CLR_EXEC_REJECTED;
	e->out.order_qty = cmd->u.order.qty;
	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account < CLR_ACCOUNT_FIRST)
		return CLR_R_SYSTEM_ACCOUNT;
	if (!instrument_exists(e, cmd->u.order.instrument))
		return CLR_R_UNKNOWN_INSTRUMENT;
	e->out.instrument = cmd->u.order.instrument;
	in = instrument_at(e, cmd->u.order.instrument);
	if (clr_unlikely(is_stop_type(cmd->u.order.ord_type)))
		return clr_do_new_stop(e, in, cmd);
	if (clr_unlikely(cmd->u.order.ord_type == CLR_ORD_PEGGED))
		return clr_do_new_peg(e, in, cmd);
	if (clr_unlikely(!is_plain(in, cmd)))
		return do_new_special(e, in, cmd);
	reason = order_check(e, in, cmd, &position, &reserve);
	if (reason != CLR_OK || e->oom)
		return reason;

	order = make_order(e, in, cmd, position, reserve);
	if (order == CLR_NONE)
		return CLR_OK;
	clr_emit_order(e, order_at(e, order), CLR_STATUS_NEW, CLR_EXEC_NEW, CLR_OK,
				   &cmd->ref);
	clr_order_run(e, in, order, CLR_EXEC_NEW);
	return CLR_OK;
}

/* Fetches what taking the order out of its lists will need. */
void
clr_order_prefetch(const ClrEngine *e, const ClrOrder *o)
{
	if (o->prev != CLR_NONE)
		clr_prefetch(&order_at(e, o->prev)->next);
	if (o->next != CLR_NONE)
		clr_prefetch(&order_at(e, o->next)->prev);
	if (o->position_prev != CLR_NONE)
		clr_prefetch(&order_at(e, o->position_prev)->position_next);
	if (o->position_next != CLR_NONE)
		clr_prefetch(&order_at(e, o->position_next)->position_prev);
	if (o->level != CLR_NONE)
		clr_prefetch(level_at(e, o->level));
}

/*
 * The working order a cancel or replace means.  Named by id, by any living
 * ClOrdID it ever had, or by both if they agree; of the command's account.
 */
ClrReason
clr_order_resolve(ClrEngine *e, const ClrCommand *cmd, uint64_t id,
				  uint32_t *order)
{
	e->out.ord_status = CLR_STATUS_REJECTED;
	e->out.exec_type = CLR_EXEC_REJECTED;
	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account < CLR_ACCOUNT_FIRST)
		return CLR_R_SYSTEM_ACCOUNT;
	if (cmd->text.len > 0)
	{
		uint32_t	ref = clr_reference_find(e, e->orig_hash, cmd->account,
											  &cmd->text);
		const ClrReference *r;

		if (ref == CLR_NONE)
			return CLR_R_UNKNOWN_ORDER;
		r = reference_at(e, ref);
		if (!names_order(r) || (id != 0 && id != r->id))
			return CLR_R_UNKNOWN_ORDER;
		e->out.id = r->id;
		*order = clr_reference_order(e, r);
	}
	else
	{
		if (id == 0 || id >= e->house.next_order)
			return CLR_R_UNKNOWN_ORDER;
		*order = clr_order_find(e, id);
		if (*order != CLR_NONE &&
			position_at(e, order_at(e, *order)->position)->account != cmd->account)
			return CLR_R_UNKNOWN_ORDER;
		e->out.id = id;
	}
	if (*order == CLR_NONE)
		return CLR_R_ORDER_NOT_WORKING;
	clr_order_prefetch(e, order_at(e, *order));
	clr_order_outcome(e, order_at(e, *order), working_status(order_at(e, *order)),
					  CLR_EXEC_REJECTED);
	return CLR_OK;
}

ClrReason
clr_do_cancel_order(ClrEngine *e, const ClrCommand *cmd)
{
	uint32_t	order;
	ClrReason	reason = clr_order_resolve(e, cmd, cmd->u.cancel.order_id, &order);

	if (reason != CLR_OK)
		return reason;
	clr_order_outcome(e, order_at(e, order), CLR_STATUS_CANCELED,
					  CLR_EXEC_CANCELED);
	clr_order_end(e, order, CLR_STATUS_CANCELED, CLR_EXEC_CANCELED,
				  CLR_R_REQUESTED);
	return CLR_OK;
}

void
clr_collect_orders(ClrEngine *e, const ClrPosition *p, bool day_only)
{
	for (uint32_t i = p->orders; i != CLR_NONE;
		 i = order_at(e, i)->position_next)
	{
		const ClrOrder *o = order_at(e, i);

		if (day_only && o->time_in_force != CLR_TIF_DAY)
			continue;
		if (!clr_sort_add(&e->sort, o->priority, i))
			e->oom = true;
	}
}
