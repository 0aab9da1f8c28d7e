/*
 * protection.c
 *	  Market orders that may rest: how they are protected, and at which price
 *	  an aggressor meets them.
 *
 * A market order that is entered in a call, or where market orders rest, has a
 * price at which it may trade at worst: the reference price plus or minus the
 * rule market_protection.  It reserves for that price, as a limit order would,
 * so whatever it trades at later is covered.
 *
 * In continuous trading an incoming sell meets a resting market buy at the
 * highest of the reference price, the best bid limit and its own limit; a buy
 * the other way round (Xetra R14 13.2).  The reference price is the last one
 * from before the incoming order.
 */
#include "engine/internal.h"

/* Will what is left of a market order rest? */
bool
clr_market_rests(const ClrInstrument *in, uint8_t time_in_force)
{
	if (time_in_force == CLR_TIF_IOC || time_in_force == CLR_TIF_FOK)
		return false;
	return clr_is_cross_only(time_in_force) || clr_phase_is_call(in) || in->v.phase == CLR_PHASE_TRADE_AT_CLOSE ||
		in->rule[CLR_RULE_MARKET_ORDERS_REST] != 0;
}

/* The worst price of a market order that is entered now. */
ClrReason
clr_protection(const ClrInstrument *in, uint8_t side, int64_t *price)
{
	int64_t		reference;
	clr_int128	room;
	clr_int128	worst;

	if (!clr_reference_price(in, &reference))
		return CLR_R_NO_REFERENCE_PRICE;
	room = ((clr_int128) abs64(reference) * in->rule[CLR_RULE_MARKET_PROTECTION] +
			CLR_RATE_UNIT - 1) / CLR_RATE_UNIT;
	worst = side == CLR_SIDE_BUY ? reference + room : reference - room;
	if (worst > CLR_PRICE_MAX)
		worst = CLR_PRICE_MAX;
	if (worst < -CLR_PRICE_MAX)
		worst = -CLR_PRICE_MAX;
	if (!is_future(in) && worst < 1)
		worst = 1;
	*price = clr_into_range(clr_daily_limits(in), (int64_t) worst);
	return CLR_OK;
}

int64_t
clr_entry_price(const ClrInstrument *in, const ClrCommand *cmd)
{
	int64_t		price = cmd->u.order.price;

	if (cmd->u.order.ord_type == CLR_ORD_MARKET &&
		clr_market_rests(in, cmd->u.order.time_in_force))
		(void) clr_protection(in, cmd->u.order.side, &price);
	return price;
}

/*
 * Price at which an aggressor of this side would trade with the market orders
 * that rest: the best for it of the reference price, the best opposite limit
 * and its own limit; NULL where there is none.  False if nothing says a price.
 */
bool
clr_market_price(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
				 const int64_t *limit, const int64_t *reference, int64_t *price)
{
	uint32_t	best = in->side[!side_index(side)].best;
	const int64_t *terms[3] = {limit, reference, NULL};
	bool		found = false;

	if (best != CLR_NONE)
		terms[2] = &level_at(e, best)->price;
	for (int i = 0; i < 3; i++)
	{
		if (terms[i] == NULL)
			continue;
		if (!found || (side == CLR_SIDE_BUY ? *terms[i] < *price :
					   *terms[i] > *price))
			*price = *terms[i];
		found = true;
	}
	return found;
}

/*
 * Where market orders rest on the other side, a limit order may trade at
 * prices that the book does not show: raises *max_price to what its magnitude
 * can be.  False if it would trade at once.
 */
bool
clr_meets_market(const ClrEngine *e, const ClrInstrument *in, uint8_t side,
				 int64_t limit, int64_t *max_price)
{
	uint32_t	queue = in->market[!side_index(side)];
	uint32_t	best = in->side[!side_index(side)].best;
	int64_t		reference;
	bool		has_reference = clr_reference_price(in, &reference);
	int64_t		price;

	if (queue == CLR_NONE)
		return true;
	if (has_reference && abs64(reference) > *max_price)
		*max_price = abs64(reference);
	if (best != CLR_NONE && abs64(level_at(e, best)->price) > *max_price)
		*max_price = abs64(level_at(e, best)->price);
	if (!clr_market_price(e, in, side, &limit, has_reference ? &reference : NULL,
						  &price))
		return true;
	for (uint32_t i = level_at(e, queue)->head; i != CLR_NONE;
		 i = order_at(e, i)->next)
		if (clr_is_protected(order_at(e, i), price))
			return false;
	return true;
}

/*
 * The first market order that rests and may trade with an aggressor, and the
 * price; CLR_NONE if there is none.  An aggressor that is a market order has
 * no limit in the price rule, but its protection.
 */
uint32_t
clr_market_head(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
				const int64_t *reference, int64_t *price)
{
	uint32_t	queue = in->market[!side_index(o->side)];
	bool		market = is_market(o);

	if (queue == CLR_NONE ||
		!clr_market_price(e, in, o->side, market ? NULL : &o->price, reference, price))
		return CLR_NONE;
	for (uint32_t i = level_at(e, queue)->head; i != CLR_NONE;
		 i = order_at(e, i)->next)
		if (clr_is_protected(order_at(e, i), *price))
			return i;
	return CLR_NONE;
}
