/*
 * watch_limits.c
 *	  Limits of accounts and members, kill switches, sessions.
 *
 * What was accepted was within the limits, and what must end with a session or
 * because of a switch has ended.
 */
#include "watch_internal.h"

#define SECOND INT64_C(1000000)

/* The smaller of the account's and its member's; 0 = none. */
static int64_t
limit_of(const Watch *w, uint32_t account, ClrLimit n)
{
	int64_t		own = w->limit[account % WATCH_ACCOUNTS][n];
	int64_t		all = w->member_limit[w->member_of[account % WATCH_ACCOUNTS] % WATCH_MEMBERS][n];

	return own == 0 || (all != 0 && all < own) ? all : own;
}

static int64_t
open_orders(const Watch *w, uint32_t account)
{
	int64_t		n = 0;

	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
				n += w->orders[w->instruments[i].book[s][k]].account == account;
	return n;
}

static bool
is_limited(const Watch *w, uint32_t account)
{
	for (unsigned n = CLR_LIMIT_ORDER_QTY; n < CLR_LIMIT_COUNT; n++)
		if (limit_of(w, account, (ClrLimit) n) != 0)
			return true;
	return false;
}

/* Size and price of an order that was entered or made larger. */
static void
check_size(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	int64_t		qty = limit_of(w, o->account, CLR_LIMIT_ORDER_QTY);
	int64_t		notional = limit_of(w, o->account, CLR_LIMIT_NOTIONAL);
	int64_t		collar = limit_of(w, o->account, CLR_LIMIT_COLLAR);
	clr_int128	value = (clr_int128) (o->price < 0 ? -o->price : o->price) * (o->entered_qty - o->entered_cum) * in->tick_value;
	clr_int128	reference = w->collar_reference < 0 ? -w->collar_reference : w->collar_reference;
	clr_int128	room = reference * collar / CLR_RATE_UNIT;

	if (qty != 0 && o->entered_qty > qty)
		broken(w, "order %" PRIu64 ": of %" PRId64 " lots, account %u may enter %" PRId64, o->id, o->entered_qty, o->account, qty);
	if (o->ord_type != CLR_ORD_LIMIT || o->by_market)
		return;
	if (notional != 0 && value > notional)
		broken(w, "order %" PRIu64 ": worth more than account %u may enter", o->id, o->account);
	if (collar != 0 && w->has_collar &&
		(o->side == CLR_SIDE_BUY ? o->price > w->collar_reference + room : o->price < w->collar_reference - room))
		broken(w, "order %" PRIu64 ": at %" PRId64 ", outside of the collar of account %u around %" PRId64, o->id, o->price, o->account, w->collar_reference);
}

/* Of the order that was entered or replaced, with what follows from it. */
static void
check_exposure(Watch *w, const WatchOrder *o)
{
	const WatchInstrument *in = instrument_of(w, o->instrument);
	const WatchPosition *p = &w->positions[o->instrument % WATCH_INSTRUMENTS][o->account % WATCH_ACCOUNTS];
	int64_t		most = limit_of(w, o->account, CLR_LIMIT_POSITION);
	int64_t		after = (o->side == CLR_SIDE_BUY ? p->said_qty : -p->said_qty) + p->lots[side_of(o->side)];

	if (most != 0 && in->future && after > most)
		broken(w, "order %" PRIu64 ": account %u can get to %" PRId64 " lots, its limit is %" PRId64, o->id, o->account, after, most);
	most = limit_of(w, o->account, CLR_LIMIT_OPEN_ORDERS);
	if (most != 0 && w->cmd.type == CLR_CMD_NEW_ORDER && o->state == WORKING &&
		o->tif != CLR_TIF_IOC && open_orders(w, o->account) > most)
		broken(w, "order %" PRIu64 ": account %u has %" PRId64 " open orders", o->id, o->account, open_orders(w, o->account));
}

/* Messages accepted in the second of the block, since there is a limit. */
static void
count_messages(Watch *w, uint32_t account, int64_t n)
{
	int64_t		rate = w->limit[account % WATCH_ACCOUNTS][CLR_LIMIT_RATE];

	if (rate == 0)
		return;
	w->messages[account % WATCH_ACCOUNTS] += n;
	if (w->messages[account % WATCH_ACCOUNTS] > rate)
		broken(w, "account %u: %" PRId64 " messages in a second, its limit is %" PRId64, account, w->messages[account % WATCH_ACCOUNTS], rate);
}

static int64_t
messages_of(const Watch *w)
{
	int64_t		n = 0;

	if (w->whole.cmd.type != CLR_CMD_BATCH)
		return 1;
	for (unsigned i = 0; i < w->n_members; i++)
		n += w->members[i].cmd.type != CLR_CMD_CANCEL_ORDER;
	return n;
}

void
check_rate(Watch *w, const ClrOutcome *out)
{
	if (out->reason != CLR_OK || out->duplicate ||
		(out->type != CLR_CMD_NEW_ORDER && out->type != CLR_CMD_REPLACE_ORDER &&
		 out->type != CLR_CMD_MASS_QUOTE && out->type != CLR_CMD_BATCH))
		return;
	if (limit_of(w, out->account, CLR_LIMIT_BLOCKED) != 0 && messages_of(w) > 0)
		broken(w, "account %u: is blocked, but enters orders", out->account);
	count_messages(w, out->account, messages_of(w));
}

void
check_limits(Watch *w, const ClrOutcome *out)
{
	const WatchOrder *o = w->incoming == 0 ? NULL : &w->orders[w->incoming];

	if (out->reason != CLR_OK || out->duplicate || !is_limited(w, out->account) ||
		(out->type != CLR_CMD_NEW_ORDER && out->type != CLR_CMD_REPLACE_ORDER))
		return;
	o = &w->orders[out->id < w->next_order ? out->id : 0];
	/* who makes an order smaller and less aggressive is not limited */
	if (out->type == CLR_CMD_REPLACE_ORDER && w->passive)
		return;
	check_size(w, o);
	if (w->whole.cmd.type != CLR_CMD_BATCH && (o->exec_inst & CLR_EXEC_REDUCE_ONLY) == 0)
		check_exposure(w, o);
}

/*----------------------------------------------------------------
 * Switches and sessions
 *----------------------------------------------------------------
 */
typedef struct Meant
{
	uint32_t	account;		/* 0 = any */
	uint32_t	member;			/* 0 = any */
	uint64_t	session;		/* 0 = any */
	bool		asked;			/* those that asked for it */
	bool		passing;		/* not the persistent ones */
} Meant;

/* No order that is meant works any more. */
static void
check_gone(Watch *w, const Meant *m, const char *why)
{
	for (uint32_t i = 1; i < WATCH_INSTRUMENTS; i++)
		for (int s = 0; s < 2; s++)
			for (size_t k = 0; k < w->instruments[i].n[s]; k++)
			{
				const WatchOrder *o = &w->orders[w->instruments[i].book[s][k]];
				bool		persistent = o->tif == CLR_TIF_GTC || o->tif == CLR_TIF_GTD;

				if ((m->account != 0 && o->account != m->account) ||
					(m->member != 0 && w->member_of[o->account % WATCH_ACCOUNTS] != m->member) ||
					(m->session != 0 && (uint64_t) o->attr[CLR_ATTR_SESSION] != m->session) ||
					(m->asked && (o->exec_inst & CLR_EXEC_CANCEL_ON_DISCONNECT) == 0) ||
					(m->passing && persistent && w->instruments[i].rule[CLR_RULE_DISCONNECT_KEEPS] != 0))
					continue;
				broken(w, "order %" PRIu64 ": works after %s", o->id, why);
			}
}

void
check_dead_man(Watch *w, uint32_t account)
{
	Meant		m = {.account = account,.session = w->session,.passing = true};

	check_gone(w, &m, "its dead-man switch");
}

void
check_switches(Watch *w, const ClrOutcome *out)
{
	Meant		m = {0};

	if (out->reason != CLR_OK || out->duplicate)
		return;
	if (out->type == CLR_CMD_KILL_SWITCH && w->cmd.u.kill.on != 0)
	{
		m.account = w->cmd.u.kill.whole_member ? 0 : out->account;
		m.member = w->cmd.u.kill.whole_member ? w->member_of[out->account % WATCH_ACCOUNTS] : 0;
		check_gone(w, &m, "the kill switch");
		if (limit_of(w, out->account, CLR_LIMIT_BLOCKED) == 0)
			broken(w, "account %u: is not blocked", out->account);
	}
	if (out->type == CLR_CMD_HEARTBEAT && w->cmd.u.session.session < WATCH_SESSIONS &&
		w->deadline[out->account % WATCH_ACCOUNTS][w->cmd.u.session.session] !=
		(w->cmd.u.session.timeout_us == 0 ? 0 : w->now + w->cmd.u.session.timeout_us))
		broken(w, "account %u: another deadline than its heartbeat asked for", out->account);
	if (out->type == CLR_CMD_DISCONNECT)
	{
		m = (Meant) {.account = out->account,.session = w->cmd.u.session.session,.asked = true,.passing = true};
		check_gone(w, &m, "the end of its session");
	}
}
