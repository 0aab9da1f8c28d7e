/*
 * watch_outcome.c
 *	  Outcomes of commands, and refusals that the book must bear out.
 */
#include "watch_internal.h"

/* What could be filled at once; -1 if that is not judged here. */
static int64_t
fillable(Watch *w)
{
	uint32_t	instrument = w->cmd.u.order.instrument;
	int			s = !side_of(w->cmd.u.order.side);
	WatchInstrument *in = instrument_of(w, instrument);
	clr_int128	sum = 0;

	for (size_t i = 0; i < in->n[s]; i++)
	{
		WatchOrder *o = &w->orders[in->book[s][i]];

		if (is_parked(o) ||
			!would_trade(w->cmd.u.order.side, w->cmd.u.order.ord_type == CLR_ORD_MARKET,
						 w->cmd.u.order.price, o))
			continue;
		/* the second matcher compares how far reduce-only and market orders can be counted on */
		if (o->account == w->cmd.account || has(o, CLR_ATTR_SMP_ID) || o->ord_type == CLR_ORD_MARKET ||
			(o->exec_inst & CLR_EXEC_REDUCE_ONLY) != 0)
			return -1;
		sum += leaves_of(o);
	}
	return sum > INT64_MAX ? INT64_MAX : (int64_t) sum;
}

/* Are there rules besides the limits that end what an order trades? */
static bool
is_unbounded(const WatchInstrument *in)
{
	return in->rule[CLR_RULE_DYNAMIC_RANGE] == 0 && in->rule[CLR_RULE_STATIC_RANGE] == 0 &&
		in->rule[CLR_RULE_PRODUCT_GROUP] == 0 && in->rule[CLR_RULE_PROTECTION_POINTS] == 0 && !is_combined(in);
}

static void
check_refusal(Watch *w, const ClrOutcome *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument % WATCH_INSTRUMENTS);
	WatchOrder *first;

	if (o->type != CLR_CMD_NEW_ORDER || !w->part.decoded || o->duplicate || w->cmd.pairs.n > 0 || is_combined(in) ||
		(o->reason != CLR_R_POST_ONLY_WOULD_TRADE && o->reason != CLR_R_NO_LIQUIDITY &&
		 o->reason != CLR_R_FOK_NOT_FILLABLE))
		return;
	first = first_of(w, o->instrument, !side_of(w->cmd.u.order.side));
	/* market to limit needs a limit on the other side, and no market order before it */
	if (o->reason == CLR_R_NO_LIQUIDITY && w->cmd.u.order.ord_type == CLR_ORD_MARKET_TO_LIMIT)
		first = first != NULL && first->ord_type == CLR_ORD_MARKET ? NULL : first_limit(w, o->instrument, !side_of(w->cmd.u.order.side));
	if (o->reason == CLR_R_NO_LIQUIDITY && in->rule[CLR_RULE_PROTECTION_POINTS] > 0)
		first = first_limit(w, o->instrument, !side_of(w->cmd.u.order.side));
	if (o->reason == CLR_R_NO_LIQUIDITY ? first != NULL : first == NULL && o->reason == CLR_R_POST_ONLY_WOULD_TRADE)
		broken(w, "refused: %s, but the other side is %sempty", clr_reason_name(o->reason), first ? "not " : "");
	if (o->reason == CLR_R_POST_ONLY_WOULD_TRADE && first != NULL &&
		!would_trade(w->cmd.u.order.side, false, w->cmd.u.order.price, first))
		broken(w, "refused: post-only would not trade");
	if (o->reason == CLR_R_FOK_NOT_FILLABLE && is_unbounded(in) && w->limit[o->account % WATCH_ACCOUNTS][CLR_LIMIT_SMP_ID] == 0 &&
		(w->cmd.u.order.exec_inst & CLR_EXEC_REDUCE_ONLY) == 0 &&
		w->cmd.u.order.ord_type != CLR_ORD_MARKET_TO_LIMIT && fillable(w) >= w->cmd.u.order.qty)
		broken(w, "refused: fill-or-kill of %" PRId64 " could be filled", w->cmd.u.order.qty);
}

static void
check_counts(Watch *w, const ClrOutcome *o)
{
	if (o->duplicate || o->type == CLR_CMD_BATCH)
		return;
	/* what follows from a command is not counted in its outcome */
	if (w->any_rich || !w->plain ? o->n_trades > w->trades : o->n_trades != w->trades)
		broken(w, "outcome: %u trades, but there were %u", o->n_trades, w->trades);
	if (!w->any_rich && w->plain && o->type != CLR_CMD_CANCEL_ORDER && o->n_cancelled != w->ended)
		broken(w, "outcome: %u orders cancelled, but there were %u", o->n_cancelled, w->ended);
	if (o->reason == CLR_OK && o->type == CLR_CMD_CANCEL_ORDER &&
		((w->ended != 1 && !w->any_rich) || w->orders[o->id].state != DONE))
		broken(w, "order %" PRIu64 ": cancelled, but it works", o->id);
}

/* Why rules changed orders: the outcome says what the events said. */
static void
check_restated(Watch *w, const ClrOutcome *o)
{
	bool		entered = o->type == CLR_CMD_NEW_ORDER || o->type == CLR_CMD_REPLACE_ORDER;
	bool		ended = entered && o->ord_status == CLR_STATUS_CANCELED;
	uint16_t	why = ended ? w->orders[o->id].end_reason : CLR_OK;

	if (o->duplicate)
		return;
	if (o->reason != CLR_OK && (o->restated | o->cancelled_for) != 0)
		broken(w, "outcome: refused, but a rule changed orders");
	if (o->type == CLR_CMD_CANCEL_ORDER && o->restated != CLR_OK)
		broken(w, "outcome: cancelled as asked, but restated %u", o->restated);
	if (ended && why != CLR_R_IOC_REMAINDER && o->restated != why)
		broken(w, "outcome: restated %u, but order %" PRIu64 " ended for %u", o->restated, o->id, why);
	if (o->n_cancelled > 0 && o->cancelled_for == CLR_OK)
		broken(w, "outcome: %u orders cancelled for no reason", o->n_cancelled);
}

void
check_outcome(Watch *w, const ClrOutcome *o)
{
	if ((o->reason != CLR_OK || o->duplicate) && w->state_events > 0)
		broken(w, "refused or repeated, but %u events changed something", w->state_events);
	check_refusal(w, o);
	settle_incoming(w, o);
	for (unsigned i = 0; i < w->n_changed; i++)
		if (w->orders[w->changed[i]].unreported)
			broken(w, "order %" PRIu64 ": traded without a report", w->changed[i]);
	check_counts(w, o);
	check_restated(w, o);
	if (o->reason == CLR_R_ORDER_NOT_WORKING && !o->duplicate && o->type != CLR_CMD_BATCH && o->id != 0 && o->id < w->next_order &&
		w->orders[o->id].state == WORKING)
		broken(w, "order %" PRIu64 ": \"not working\", but it works", o->id);
	if ((o->type == CLR_CMD_DEPOSIT || o->type == CLR_CMD_WITHDRAW) && o->reason == CLR_OK &&
		!o->duplicate && w->moved != w->cmd.u.cash.amount)
		broken(w, "cash: %" PRId64 " moved, the command says %" PRId64, w->moved, w->cmd.u.cash.amount);
	if (w->fees != 0)
		broken(w, "fees: paid are others than the trades say");
	if (o->reason < OP_REASONS)
		w->reasons[o->reason]++;
}
