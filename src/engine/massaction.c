/*
 * massaction.c
 *	  Commands about many orders: mass cancel, kill switch, disconnects and the
 *	  dead-man switch.
 *
 * What is cancelled goes in the order of its priority (order entry).  Orders
 * are cancelled in every phase in which they exist.
 *
 * A command for a whole member names one of the member's accounts: that is
 * where its reference belongs, and what a member is entitled by.
 *
 * A kill switch cancels, and then blocks orders, replaces and quotes of the
 * account or member until it is lifted; cancels stay possible.  The operator
 * lifts any; a member lifts what the member pulled itself.  Pulled by the
 * operator, it is the operator's from then on.
 *
 * A session (CLR_ATTR_SESSION) is a number that an account gives to orders.
 * Its end cancels those of them that say so (CLR_EXEC_CANCEL_ON_DISCONNECT);
 * session 0 means those of every session, and of none.  A dead-man switch
 * cancels all orders of a session, or of the account (session 0), unless it is
 * renewed before its deadline in block time.  Persistent orders (gtc, gtd)
 * outlive both where the instrument's rule says so.
 *
 * The timer of a dead-man switch is not moved by each heartbeat: when it comes
 * up and the deadline is later, it is set again (clr_dead_man_late()).
 */
#include "engine/internal.h"

/* Which orders; 0 = all. */
typedef struct Filter
{
	uint32_t	account;
	uint32_t	member;
	uint32_t	instrument;
	uint8_t		side;
	uint64_t	session;
	bool		asked;			/* only those that asked for it */
	bool		passing;		/* not the persistent ones */
} Filter;

static bool
is_meant(const ClrEngine *e, const ClrInstrument *in, const ClrOrder *o,
		 const Filter *f)
{
	if (f->side != 0 && o->side != f->side)
		return false;
	if (f->session != 0 &&
		(uint64_t) order_attr(e, o, CLR_ATTR_SESSION) != f->session)
		return false;
	if (f->asked && (o->exec_inst & CLR_EXEC_CANCEL_ON_DISCONNECT) == 0)
		return false;
	return !f->passing || in->rule[CLR_RULE_DISCONNECT_KEEPS] == 0 ||
		(o->time_in_force != CLR_TIF_GTC && o->time_in_force != CLR_TIF_GTD);
}

static void
collect_position(ClrEngine *e, const ClrPosition *p, const Filter *f)
{
	if (f->instrument != 0 && p->instrument != f->instrument)
		return;
	for (uint32_t i = p->orders; i != CLR_NONE;
		 i = order_at(e, i)->position_next)
	{
		const ClrOrder *o = order_at(e, i);

		if (is_meant(e, instrument_at(e, p->instrument), o, f) &&
			!clr_sort_add(&e->sort, o->priority, i))
			e->oom = true;
	}
}

static void
collect_account(ClrEngine *e, uint32_t account, const Filter *f)
{
	for (uint32_t p = e->accounts[account].positions; p != CLR_NONE;
		 p = position_at(e, p)->account_next)
		collect_position(e, position_at(e, p), f);
}

static void
collect_instrument(ClrEngine *e, uint32_t instrument, const Filter *f)
{
	for (uint32_t p = instrument_at(e, instrument)->positions; p != CLR_NONE;
		 p = position_at(e, p)->instrument_next)
		collect_position(e, position_at(e, p), f);
}

/* Lists the orders in e->sort. */
static void
collect(ClrEngine *e, const Filter *f)
{
	uint32_t	p;

	e->sort.len = 0;
	if (f->account != 0 && f->instrument != 0)
	{
		p = clr_position_find(e, f->account, f->instrument);
		if (p != CLR_NONE)
			collect_position(e, position_at(e, p), f);
	}
	else if (f->account != 0)
		collect_account(e, f->account, f);
	else if (f->member != 0)
	{
		for (uint32_t a = CLR_ACCOUNT_FIRST; a < e->n_accounts; a++)
			if (e->accounts[a].used && e->accounts[a].v.member == f->member)
				collect_account(e, a, f);
	}
	else
		for (uint32_t i = 1; i <= e->n_instruments; i++)
			if (f->instrument == 0 || i == f->instrument)
				collect_instrument(e, i, f);
	clr_sort(&e->sort);
}

static void
cancel(ClrEngine *e, const Filter *f, ClrReason reason)
{
	collect(e, f);
	for (size_t i = 0; i < e->sort.len; i++)
		clr_order_end(e, e->sort.items[i].index, CLR_STATUS_CANCELED,
					  CLR_EXEC_CANCELED, (uint16_t) reason);
	e->out.n_cancelled += (uint32_t) e->sort.len;
}

/* Account and member of a command that may be about the whole member. */
static ClrReason
resolve(const ClrEngine *e, const ClrCommand *cmd, bool whole, Filter *f)
{
	if (!account_exists(e, cmd->account))
		return CLR_R_UNKNOWN_ACCOUNT;
	if (cmd->account < CLR_ACCOUNT_FIRST)
		return CLR_R_SYSTEM_ACCOUNT;
	if (whole)
		f->member = e->accounts[cmd->account].v.member;
	else
		f->account = cmd->account;
	return CLR_OK;
}

ClrReason
clr_do_mass_cancel(ClrEngine *e, const ClrCommand *cmd)
{
	Filter		f = {.instrument = cmd->u.mass_cancel.instrument,
	.side = cmd->u.mass_cancel.side};
	ClrReason	reason = CLR_OK;

	if (cmd->account != 0)
		reason = resolve(e, cmd, cmd->u.mass_cancel.whole_member != 0, &f);
	if (reason != CLR_OK)
		return reason;
	if (cmd->u.mass_cancel.whole_member > (cmd->account != 0))
		return CLR_R_PARAMETER_INVALID;
	if (f.side != 0 && f.side != CLR_SIDE_BUY && f.side != CLR_SIDE_SELL)
		return CLR_R_SIDE_INVALID;
	if (f.instrument != 0 && !instrument_exists(e, f.instrument))
		return CLR_R_UNKNOWN_INSTRUMENT;
	e->out.instrument = f.instrument;
	cancel(e, &f, CLR_R_MASS_CANCEL);
	return CLR_OK;
}

/* What the switch stands at after the command; refused if not entitled. */
static ClrReason
switch_to(const ClrCommand *cmd, int64_t now, int64_t *value)
{
	int64_t		mine = cmd->submitter == CLR_MEMBER_HOUSE ?
		CLR_BLOCKED_BY_OPERATOR : CLR_BLOCKED_BY_MEMBER;

	if (cmd->u.kill.on != 0)
	{
		*value = now == CLR_BLOCKED_BY_OPERATOR ? now : mine;
		return CLR_OK;
	}
	if (now == CLR_BLOCKED_BY_OPERATOR && mine != now)
		return CLR_R_NOT_ENTITLED;
	*value = CLR_BLOCKED_NOT;
	return CLR_OK;
}

ClrReason
clr_do_kill_switch(ClrEngine *e, const ClrCommand *cmd)
{
	Filter		f = {0};
	bool		whole = cmd->u.kill.whole_member != 0;
	uint8_t		scope = whole ? CLR_SCOPE_MEMBER : CLR_SCOPE_ACCOUNT;
	ClrReason	reason = resolve(e, cmd, whole, &f);
	uint64_t	object = whole ? f.member : f.account;
	int64_t		value;

	if (reason != CLR_OK)
		return reason;
	if (cmd->u.kill.whole_member > 1 || cmd->u.kill.on > 1)
		return CLR_R_PARAMETER_INVALID;
	reason = switch_to(cmd, clr_field_get(e, scope, object, 0, CLR_LIMIT_BLOCKED),
					   &value);
	if (reason != CLR_OK)
		return reason;
	e->out.id = object;
	if (cmd->u.kill.on != 0)
		cancel(e, &f, CLR_R_KILL_SWITCH);
	clr_field_set(e, scope, object, 0, CLR_LIMIT_BLOCKED, value);
	return CLR_OK;
}

ClrReason
clr_do_disconnect(ClrEngine *e, const ClrCommand *cmd)
{
	Filter		f = {.session = cmd->u.session.session,.asked = true,
	.passing = true};
	ClrReason	reason = resolve(e, cmd, false, &f);

	if (reason != CLR_OK)
		return reason;
	if (f.session > INT64_MAX)
		return CLR_R_PARAMETER_INVALID;
	e->out.id = f.session;
	cancel(e, &f, CLR_R_DISCONNECTED);
	return CLR_OK;
}

static int64_t
deadline_of(const ClrEngine *e, uint64_t account, uint64_t session)
{
	return clr_field_get(e, CLR_SCOPE_SESSION, account, session,
						 CLR_SESSION_DEADLINE);
}

ClrReason
clr_do_heartbeat(ClrEngine *e, const ClrCommand *cmd)
{
	Filter		f = {0};
	uint64_t	session = cmd->u.session.session;
	int64_t		timeout = cmd->u.session.timeout_us;
	ClrReason	reason = resolve(e, cmd, false, &f);
	int64_t		old;
	int64_t		deadline;

	if (reason != CLR_OK)
		return reason;
	if (session > INT64_MAX || timeout < 0 || timeout > CLR_HEARTBEAT_MAX)
		return CLR_R_PARAMETER_INVALID;
	old = deadline_of(e, f.account, session);
	deadline = timeout == 0 ? 0 : e->house.time_us + timeout;
	e->out.id = session;
	clr_field_set(e, CLR_SCOPE_SESSION, f.account, session,
				  CLR_SESSION_DEADLINE, deadline);
	clr_field_set(e, CLR_SCOPE_SESSION, f.account, session,
				  CLR_SESSION_TIMEOUT, timeout);
	if (deadline != 0 && (old == 0 || deadline < old))
		clr_timer_add(e, CLR_TIMER_DEAD_MAN, f.account, session, deadline);
	return CLR_OK;
}

bool
clr_dead_man_due(const ClrEngine *e, const ClrTimer *t)
{
	return deadline_of(e, t->object, t->sub) == t->due_us;
}

void
clr_dead_man_late(ClrEngine *e, const ClrTimer *t)
{
	int64_t		deadline = deadline_of(e, t->object, t->sub);

	if (deadline > t->due_us)
		clr_timer_add(e, CLR_TIMER_DEAD_MAN, t->object, t->sub, deadline);
}

void
clr_dead_man_fire(ClrEngine *e, const ClrTimer *t)
{
	Filter		f = {.account = (uint32_t) t->object,.session = t->sub,
	.passing = true};

	cancel(e, &f, CLR_R_DEAD_MAN);
	clr_field_set(e, CLR_SCOPE_SESSION, t->object, t->sub,
				  CLR_SESSION_DEADLINE, 0);
	clr_field_set(e, CLR_SCOPE_SESSION, t->object, t->sub,
				  CLR_SESSION_TIMEOUT, 0);
}
