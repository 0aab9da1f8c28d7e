/*
 * replace.c
 *	  Replacing a working order: FIX semantics.
 *
 * The quantity is the new total OrderQty; what works afterwards is the new
 * total less what is already filled.  Priority is kept for the same price and
 * a total no larger, if the instrument says KEEPS_ON_DECREASE; otherwise the
 * order goes to the back of its price with a new priority and may trade.
 *
 * A replace that can't add risk is never refused for margin: same or less
 * working at the same or a less aggressive price (clr_reserve_ease()), or a
 * requirement no larger than before (clr_intent_check()).
 */
#include "engine/internal.h"

typedef struct Replace
{
	int64_t		price;
	int64_t		qty;			/* new total */
	int64_t		leaves;
	int64_t		reserve;		/* per lot */
	bool		keeps;			/* time priority */
	bool		crosses;
	bool		meets;			/* market orders may rest on the other side */
	int64_t		max_price;		/* largest |price| it could trade at */
} Replace;

static ClrReason
check_values(const ClrInstrument *in, const ClrOrder *o, const ClrCommand *cmd)
{
	if (in->v.phase != CLR_PHASE_CONTINUOUS &&
		!clr_phase_accepts(in, is_market(o), false))
		return CLR_R_PHASE;
	if (cmd->u.replace.qty < 1 || cmd->u.replace.qty > CLR_QTY_MAX)
		return CLR_R_QUANTITY_INVALID;
	if (is_market(o) ? cmd->u.replace.price != 0 :
		!clr_price_valid(in, cmd->u.replace.price))
		return CLR_R_PRICE_INVALID;
	if (cmd->u.replace.qty <= o->cum_qty)
		return CLR_R_QTY_BELOW_FILLED;
	return CLR_OK;
}

/* The limits of a restricted account. */
static ClrReason
check_limits(ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			 const Replace *r)
{
	const ClrPosition *p = position_at(e, o->position);
	ClrLimited	l = {.account = p->account,.side = o->side,.price = r->price,
		.qty = r->leaves,.order_qty = r->qty,.gone = order_leaves(o),
	.value = (clr_int128) abs64(r->price) * r->leaves};

	return clr_limits_check(e, in, p, &l);
}

/* Reserve, priority and risk of the order as it would be. */
static ClrReason
check_replace(ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			  Replace *r)
{
	ClrIntent	intent = {.side = o->side, .lots = r->leaves, .replaced = o};
	bool		passive = o->side == CLR_SIDE_BUY ?
		r->price <= o->price : r->price >= o->price;
	bool		smaller = r->leaves <= order_leaves(o);
	bool		exempt = smaller && passive;
	ClrReason	reason = CLR_OK;

	r->reserve = o->reserve;
	if (r->price != o->price || !smaller)
		reason = clr_reserve_per_lot(in, o->side, r->price, &r->reserve);
	if (reason != CLR_OK)
		return reason;
	exempt = exempt && clr_reserve_ease(in, o, &r->reserve);
	if (clr_unlikely(e->limited) && !(smaller && passive))
	{
		reason = check_limits(e, in, o, r);
		if (reason != CLR_OK)
			return reason;
	}
	intent.reserve = (clr_int128) r->reserve * r->leaves;
	intent.value = (clr_int128) r->max_price * r->leaves;
	if (intent.value + abs64(o->cum_value) > CLR_AMOUNT_MAX)
		return CLR_R_OVERFLOW;
	reason = clr_intent_check(e, in, position_at(e, o->position), &intent,
							  exempt);
	if (reason != CLR_OK)
		return reason;
	if ((r->crosses || r->meets) && !clr_fill_headroom(e, in, r->max_price, r->leaves))
		return CLR_R_OVERFLOW;
	return CLR_OK;
}

static ClrReason
plan_replace(ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
			 const ClrCommand *cmd, Replace *r)
{
	ClrReason	reason = check_values(in, o, cmd);

	if (reason == CLR_OK)
		reason = clr_spread_entry(e, in);
	if (reason != CLR_OK)
		return reason;
	if ((in->special & CLR_SPECIAL_CONTROLS) != 0 && !is_market(o) &&
		cmd->u.replace.price != o->price)
		reason = clr_price_check(e, in, o->side, o->time_in_force, cmd->u.replace.price);
	if (reason != CLR_OK)
		return reason;
	/* a market order keeps its protection */
	r->price = is_market(o) ? o->price : cmd->u.replace.price;
	r->qty = cmd->u.replace.qty;
	r->meets = false;
	r->leaves = r->qty - o->cum_qty;
	r->keeps = in->v.replace_priority == CLR_REPLACE_KEEPS_ON_DECREASE &&
		r->price == o->price && r->qty <= o->order_qty;
	r->crosses = !r->keeps && clr_crosses(e, in, o->side, r->price);
	r->max_price = abs64(r->price);
	if (is_market(o) && !r->keeps && !clr_market_rests(in, o->time_in_force))
		return CLR_R_PHASE;
	if (!r->keeps && in->v.phase == CLR_PHASE_TRADE_AT_CLOSE)
	{
		int64_t		closing;

		r->meets = clr_closing_price(e, in, &closing);
		if (r->meets && abs64(closing) > r->max_price)
			r->max_price = abs64(closing);
	}
	if (!r->keeps && (in->special & CLR_SPECIAL_MARKET_RESTS) != 0)
	{
		if (!clr_meets_market(e, in, o->side, r->price, &r->max_price) &&
			(o->exec_inst & CLR_EXEC_POST_ONLY) != 0)
			return CLR_R_POST_ONLY_WOULD_TRADE;
		r->meets = true;
	}
	if (r->crosses)
	{
		int64_t		best = r->price;

		(void) clr_best_opposite(e, in, o->side, &best);
		if ((o->exec_inst & CLR_EXEC_POST_ONLY) != 0)
			return CLR_R_POST_ONLY_WOULD_TRADE;
		if (abs64(best) > r->max_price)
			r->max_price = abs64(best);
	}
	return check_replace(e, in, o, r);
}

/* Decreases the order where it stands: in the book, aside, or nowhere yet. */
void
clr_order_shrink(ClrEngine *e, ClrInstrument *in, ClrOrder *o, int64_t less)
{
	if (o->level != CLR_NONE)
	{
		level_at(e, o->level)->total -= less;
		in->work_lots[side_index(o->side)] -= less;
	}
	else if (o->parked != CLR_PARKED_NOT)
		in->parked_lots[side_index(o->side)] -= less;
	if (o->level != CLR_NONE || o->parked != CLR_PARKED_NOT)
	{
		clr_position_work(in, position_at(e, o->position), o, less, -1);
		clr_position_touch(e, o->position);
	}
	o->order_qty -= less;
	if (clr_unlikely(o->extra != CLR_NONE))
		clr_iceberg_cut(e, o, less);
}

/* Is a plain limit order to stay one, with another quantity or price? */
static inline bool
is_plain_replace(const ClrInstrument *in, const ClrOrder *o, const ClrCommand *cmd)
{
	return cmd->pairs.n == 0 && o->extra == CLR_NONE &&
		(o->ord_type == CLR_ORD_LIMIT || is_market(o)) &&
		!clr_is_cross_only(o->time_in_force) &&
		(cmd->u.replace.ord_type | cmd->u.replace.time_in_force) == 0 &&
		(o->exec_inst & ~CLR_EXEC_POST_ONLY) == 0 &&
		in->rule[CLR_RULE_IN_FLIGHT_MITIGATION] != 0;
}

/* The name the order goes by from now on: unchanged if the replace has none. */
ClrText
clr_order_name(const ClrEngine *e, const ClrOrder *o, const ClrCommand *cmd)
{
	ClrText		name = cmd->ref;

	if (name.len == 0 && o->ref != CLR_NONE)
	{
		name.data = reference_at(e, o->ref)->ref;
		name.len = reference_at(e, o->ref)->ref_len;
	}
	return name;
}

ClrReason
clr_do_replace_order(ClrEngine *e, const ClrCommand *cmd)
{
	uint32_t	order;
	ClrReason	reason = clr_order_resolve(e, cmd, cmd->u.replace.order_id, &order);
	ClrInstrument *in;
	ClrOrder   *o;
	ClrText		name;
	Replace		r;

	if (reason != CLR_OK)
		return reason;
	o = order_at(e, order);
	in = instrument_at(e, position_at(e, o->position)->instrument);
	if (clr_unlikely(o->ord_type == CLR_ORD_PEGGED))
		return clr_do_replace_peg(e, in, order, cmd);
	if (clr_unlikely(is_stop_type(cmd->u.replace.ord_type) ||
					 (o->parked == CLR_PARKED_STOP && cmd->u.replace.ord_type == 0)))
		return clr_do_replace_stop(e, in, order, cmd);
	if (clr_unlikely(!is_plain_replace(in, o, cmd)))
		return clr_do_amend(e, in, order, cmd);
	reason = plan_replace(e, in, o, cmd, &r);
	if (reason != CLR_OK)
		return reason;

	name = clr_order_name(e, o, cmd);
	if (r.keeps)
	{
		clr_order_shrink(e, in, o, order_leaves(o) - r.leaves);
		e->entered = order;
		clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
		clr_order_outcome(e, o, working_status(o), CLR_EXEC_REPLACED);
		return CLR_OK;
	}
	clr_order_unrest(e, in, order);
	o->price = r.price;
	o->order_qty = r.qty;
	o->reserve = r.reserve;
	o->priority = e->house.next_priority++;
	clr_emit_order(e, o, working_status(o), CLR_EXEC_REPLACED, CLR_OK, &name);
	clr_order_run(e, in, order, CLR_EXEC_REPLACED);
	return CLR_OK;
}
