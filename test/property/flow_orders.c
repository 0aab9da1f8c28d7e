/*
 * flow_orders.c
 *	  Orders and what is done to them, of all kinds, with values that fit
 *	  together.
 *
 * One time in some they don't, because refusals are part of the rules too.
 */
#include "flow.h"

static const Op *
recent_order(Flow *f)
{
	unsigned	n = f->n_recent < RECENT ? f->n_recent : RECENT;

	return n == 0 ? NULL : &f->list->ops[f->recent[rnd(f, n)]];
}

/* Some time soon. */
static int64_t
soon(Flow *f)
{
	return FLOW_BEGIN + f->clock + (int64_t) rnd(f, 3000000);
}

/* One of the kinds of orders that plain flows don't have. */
static void
enrich(Flow *f, Op *op)
{
	int64_t		price = op_get(op, "price");

	switch (rnd(f, 8))
	{
		case 0:
		case 1:
			*value_of(op, "display") = 1 + (int64_t) rnd(f, (uint64_t) (f->lots < 10 ? f->lots : 10));
			*value_of(op, "qty") += op_get(op, "display");
			*value_of(op, "tif") = rnd(f, 2) ? CLR_TIF_GTC : CLR_TIF_DAY;
			break;
		case 2:
			*value_of(op, "min_qty") = 1 + (int64_t) rnd(f, (uint64_t) op_get(op, "qty"));
			*value_of(op, "tif") = rnd(f, 8) ? CLR_TIF_IOC : CLR_TIF_GTC;
			break;
		case 3:
			*value_of(op, "tif") = CLR_TIF_GTD;
			*value_of(op, "expires") = soon(f);
			break;
		case 4:
			*value_of(op, "type") = CLR_ORD_MARKET_TO_LIMIT;
			*value_of(op, "price") = 0;
			break;
		case 5:
			*value_of(op, "exec") = rnd(f, 2) ? CLR_EXEC_POST_ONLY_CANCEL : CLR_EXEC_POST_ONLY_REPRICE;
			*value_of(op, "tif") = CLR_TIF_GTC;
			break;
		case 6:
			*value_of(op, "exec") |= CLR_EXEC_REDUCE_ONLY;
			break;
		default:
			*value_of(op, "smp") = 1 + (int64_t) rnd(f, 3);
	}
	if (op_get(op, "type") == CLR_ORD_LIMIT)
		*value_of(op, "price") = price;
}

static void
make_stop(Flow *f, Op *op, bool limited, bool trailing)
{
	*value_of(op, "type") = limited ? CLR_ORD_STOP_LIMIT : CLR_ORD_STOP;
	if (trailing)
		*value_of(op, "trail") = 1 + (int64_t) rnd(f, 4);
	else
		*value_of(op, "stop") = any_price(f);
	if (!limited)
		*value_of(op, "price") = 0;
	if (rnd(f, 2))
		*value_of(op, "trigger") = rnd(f, 2) ? CLR_TRIGGER_LAST : CLR_TRIGGER_MARK;
}

/* An order that waits, moves, or hangs on another. */
static void
make_trigger(Flow *f, Op *op)
{
	const Op   *other = recent_order(f);
	uint64_t	kind = rnd(f, 6);

	if (kind < 4)
		*value_of(op, "tif") = rnd(f, 2) ? CLR_TIF_GTC : CLR_TIF_DAY;
	if (kind < 3)
		make_stop(f, op, kind == 1, kind == 2);
	else if (kind == 3)
	{
		*value_of(op, "type") = CLR_ORD_PEGGED;
		*value_of(op, "peg") = (int64_t[]) {CLR_PEG_MID, CLR_PEG_MARKET, CLR_PEG_PRIMARY}[rnd(f, 3)];
		*value_of(op, "peg_offset") = (int64_t) rnd(f, 7) - 3;
		*value_of(op, "display") = 0;
		if (rnd(f, 2))
			*value_of(op, "price") = 0;
	}
	else if (other != NULL)
	{
		*value_of(op, "account") = op_get(other, "account");
		*value_of(op, "instrument") = op_get(other, "instrument");
		*value_of(op, "link") = other->uid;
		if (rnd(f, 2))
			make_stop(f, op, rnd(f, 2) != 0, false);
	}
}

static bool
of_spread(const Op *op)
{
	return op_get(op, "instrument") >= SPREAD_FIRST && op_get(op, "instrument") <= SPREAD_LAST;
}

static bool
rests(const Op *op)
{
	return op_get(op, "type") != CLR_ORD_MARKET && op_get(op, "tif") != CLR_TIF_IOC &&
		op_get(op, "tif") != CLR_TIF_FOK;
}

void
tune_order(Flow *f, Op *op)
{
	/* a spread of prices near each other */
	if (of_spread(op) && op_get(op, "type") == CLR_ORD_LIMIT)
		*value_of(op, "price") -= f->center;
	if ((f->rich & RICH_ATTRIBUTES) != 0 && rnd(f, 3) == 0)
		enrich(f, op);
	if ((f->rich & RICH_TRIGGERS) != 0 && rnd(f, 4) == 0)
		make_trigger(f, op);
	if ((f->rich & RICH_LIMITS) != 0 && rnd(f, 4) == 0)
	{
		*value_of(op, "exec") |= CLR_EXEC_CANCEL_ON_DISCONNECT;
		*value_of(op, "session") = any_session(f);
	}
	if ((f->rich & RICH_AUCTIONS) != 0 && rnd(f, 8) == 0)
		*value_of(op, "tif") = rnd(f, 2) ? CLR_TIF_AT_OPENING : CLR_TIF_AT_CLOSE;
	if (op_get(op, "type") == CLR_ORD_MARKET && rnd(f, 20))
		*value_of(op, "price") = 0;
	if (rnd(f, 3))
		*value_of(op, "submitter") = 0;
	else
	{
		/* account n is of member 1 + n % members, see generate_house() */
		*value_of(op, "submitter") = 1 + op_get(op, "account") % f->members;
	}
	if (rests(op))
		f->recent[f->n_recent++ % RECENT] = (uint32_t) (op - f->list->ops);
}

/* A replace that changes more than price and quantity. */
static void
change_more(Flow *f, Op *op, const Op *target)
{
	if (op_get(target, "display") != 0 && rnd(f, 2))
		*value_of(op, rnd(f, 3) ? "display" : "gone") = 1 + (int64_t) rnd(f, 6);
	else if (op_get(target, "stop") != 0 && rnd(f, 4))
		*value_of(op, "stop") = any_price(f);
	else if (op_get(target, "trail") != 0 && rnd(f, 4))
		*value_of(op, "trail") = 1 + (int64_t) rnd(f, 4);
	else if (op_get(target, "peg") != 0 && rnd(f, 4))
		*value_of(op, rnd(f, 3) ? "peg_offset" : "peg") = 2 + (int64_t) rnd(f, 3);
	else if (op_get(target, "expires") != 0 && rnd(f, 2))
		*value_of(op, "expires") = soon(f);
	else
		switch (rnd(f, 8))
		{
			case 0:
			case 1:
				*value_of(op, "display") = 1 + (int64_t) rnd(f, 10);
				break;
			case 2:
				*value_of(op, "smp") = (int64_t) rnd(f, 4);
				break;
			case 3:
				*value_of(op, "session") = any_session(f);
				break;
			case 4:
				*value_of(op, "tif") = 1 + any_tif(f);
				break;
			case 5:
				*value_of(op, "tif") = 1 + CLR_TIF_GTD;
				*value_of(op, "expires") = soon(f);
				break;
			case 6:
				*value_of(op, "type") = rnd(f, 2) ? CLR_ORD_LIMIT : CLR_ORD_MARKET;
				break;
			default:
				*value_of(op, "gone") = (int64_t) rnd(f, 2048);
		}
}

/* Means an order that was entered, by name or by id, for its own account. */
void
tune_change(Flow *f, Op *op)
{
	const Op   *target = recent_order(f);
	bool		replace = op_is(op, "replace_order");

	if (target == NULL)
		return;
	*value_of(op, "submitter") = 0;
	if (rnd(f, 30))
		*value_of(op, "account") = op_get(target, "account");
	if (rnd(f, 2) && op_get(target, "ref") != 0)
		*value_of(op, "orig") = op_get(target, "ref");
	else
		*value_of(op, "order") = target->uid;
	if (replace && (rnd(f, 2) || op_get(target, "price") == 0))
		*value_of(op, "price") = op_get(target, "price");
	else if (replace && of_spread(target))
		*value_of(op, "price") -= f->center;
	if (replace && rnd(f, 2))
		*value_of(op, "qty") = (int64_t) ((uint64_t) op_get(target, "qty") - rnd(f, 4));
	if (replace && (f->rich & (RICH_ATTRIBUTES | RICH_TRIGGERS)) != 0 && rnd(f, 3) == 0)
		change_more(f, op, target);
}

void
tune_quote(Flow *f, Op *op)
{
	if (op_get(op, "bid") > op_get(op, "ask") && rnd(f, 20))
	{
		*value_of(op, "bid") = op_get(op, "ask");
		*value_of(op, "ask") += 1 + (int64_t) rnd(f, 3);
	}
	if (op_get(op, "instrument2") == op_get(op, "instrument"))
		*value_of(op, "instrument2") = 0;
	if (op_get(op, "bid2") > op_get(op, "ask2"))
		*value_of(op, "bid2") = op_get(op, "ask2") - 1;
}

/* A trade of some operation not long ago, if it had one. */
void
tune_bust(Flow *f, Op *op)
{
	uint64_t	back = 1 + rnd(f, rnd(f, 3) ? 30 : 300);

	*value_of(op, "trade") = back < op->uid ? (int64_t) (op->uid - back) : 1;
	*value_of(op, "nth") = (int64_t) rnd(f, 3);
	/* or one that was busted before */
	for (size_t i = rnd(f, 4) ? 0 : f->list->n - 1; i > 0 && i + 200 > f->list->n; i--)
		if (op_is(&f->list->ops[i - 1], "bust_trade"))
		{
			*value_of(op, "trade") = op_get(&f->list->ops[i - 1], "trade");
			*value_of(op, "nth") = op_get(&f->list->ops[i - 1], "nth");
			break;
		}
	if (op_is(op, "correct_trade") && rnd(f, 3))
		*value_of(op, "qty") = 1 + (int64_t) rnd(f, 3);
	if (rnd(f, 12) == 0)
		*value_of(op, "wrong") = 1 + (int64_t) rnd(f, 6);
}
