/*
 * limits.c
 *	  Limits of accounts and members, checked before an order is taken.
 *
 * Limits are fields (ClrLimit); an account or member without any costs a
 * branch.  Where both the account and its member have a limit, the smaller
 * one holds.  A refusal says in `needed` what was asked and in `available`
 * what is allowed.
 *
 * Messages are counted in windows of one second of block time: window n is
 * everything in blocks with a time from n to n + 1 seconds since 1970.  New
 * orders, replaces and mass quotes that were accepted count, a batch as many
 * as it holds; cancels don't count and are never refused.
 *
 * A stop order is limited when it is entered, but for the collar: its price
 * is away from the market by its nature.  What it does when triggered is not.
 *
 * A replace that makes an order smaller and no more aggressive is not limited:
 * who is beyond a limit that was lowered can always get closer to it.
 */
#include "engine/internal.h"

#define SECOND INT64_C(1000000)

int64_t
clr_account_limit(const ClrEngine *e, uint32_t account, ClrLimit n)
{
	const ClrAccount *a = &e->accounts[account];

	return a->limit == NULL ? 0 : a->limit[n];
}

static const int64_t *
member_limits(const ClrEngine *e, uint32_t account)
{
	return e->members[e->accounts[account].v.member].limit;
}

/* The smaller of the account's and its member's; 0 = none. */
static int64_t
limit_of(const ClrEngine *e, uint32_t account, ClrLimit n)
{
	int64_t		own = clr_account_limit(e, account, n);
	int64_t		all = member_limits(e, account)[n];

	return own == 0 || (all != 0 && all < own) ? all : own;
}

static ClrReason
refuse(ClrEngine *e, ClrReason reason, clr_int128 asked, int64_t allowed)
{
	e->out.needed = saturate(asked);
	e->out.available = allowed;
	return reason;
}

static void
restrict_account(ClrEngine *e, uint32_t account)
{
	bool		restricted = e->members[e->accounts[account].v.member].restricted;

	for (unsigned n = CLR_LIMIT_SMP_ID; n <= CLR_LIMIT_BLOCKED; n++)
		restricted = restricted || clr_account_limit(e, account, n) != 0;
	e->accounts[account].restricted = restricted;
}

void
clr_account_restrict(ClrEngine *e, uint32_t account)
{
	restrict_account(e, account);
}

static void
restrict_member(ClrEngine *e, uint32_t member)
{
	ClrMember  *m = &e->members[member];

	m->restricted = false;
	for (unsigned n = CLR_LIMIT_SMP_ID; n <= CLR_LIMIT_BLOCKED; n++)
		m->restricted = m->restricted || m->limit[n] != 0;
	for (uint32_t a = CLR_ACCOUNT_FIRST; a < e->n_accounts; a++)
		if (e->accounts[a].used && e->accounts[a].v.member == member)
			restrict_account(e, a);
}

void
clr_limit_applied(ClrEngine *e, const ClrFieldView *v)
{
	if (v->field >= CLR_LIMIT_COUNT)
		return;
	if (v->scope == CLR_SCOPE_MEMBER)
	{
		e->members[v->object].limit[v->field] = v->value;
		restrict_member(e, (uint32_t) v->object);
	}
	else
	{
		ClrAccount *a = &e->accounts[v->object];

		if (a->limit == NULL)
			a->limit = calloc(CLR_LIMIT_COUNT, sizeof(int64_t));
		if (a->limit == NULL)
		{
			e->oom = true;
			return;
		}
		a->limit[v->field] = v->value;
		restrict_account(e, (uint32_t) v->object);
	}
}

/* Messages counted in the second of this block. */
static int64_t
messages_so_far(const ClrEngine *e, uint32_t account)
{
	int64_t		window = clr_account_limit(e, account, CLR_LIMIT_WINDOW);

	return window / SECOND == e->house.time_us / SECOND ? window % SECOND : 0;
}

ClrReason
clr_entry_allowed(ClrEngine *e, uint32_t account, uint32_t messages)
{
	int64_t		rate = clr_account_limit(e, account, CLR_LIMIT_RATE);

	if (clr_account_limit(e, account, CLR_LIMIT_BLOCKED) != CLR_BLOCKED_NOT ||
		member_limits(e, account)[CLR_LIMIT_BLOCKED] != CLR_BLOCKED_NOT)
		return CLR_R_BLOCKED;
	if (rate > 0 && messages_so_far(e, account) + messages > rate)
		return refuse(e, CLR_R_MAX_RATE, messages_so_far(e, account) + messages,
					  rate);
	return CLR_OK;
}

void
clr_entry_count(ClrEngine *e, uint32_t account, uint32_t messages)
{
	if (clr_account_limit(e, account, CLR_LIMIT_RATE) == 0)
		return;
	clr_field_set(e, CLR_SCOPE_ACCOUNT, account, 0, CLR_LIMIT_WINDOW,
				  e->house.time_us / SECOND * SECOND +
				  messages_so_far(e, account) + messages);
}

static ClrReason
check_size(ClrEngine *e, const ClrInstrument *in, const ClrLimited *l)
{
	int64_t		qty = limit_of(e, l->account, CLR_LIMIT_ORDER_QTY);
	int64_t		notional = limit_of(e, l->account, CLR_LIMIT_NOTIONAL);
	clr_int128	value = l->value;

	if (qty > 0 && l->order_qty > qty)
		return refuse(e, CLR_R_MAX_ORDER_QTY, l->order_qty, qty);
	if (notional == 0)
		return CLR_OK;
	value = value > CLR_AMOUNT_MAX ? value : value * in->v.tick_value;
	if (value > notional)
	{
		e->out.asset = in->v.quote_asset;
		return refuse(e, CLR_R_MAX_NOTIONAL, value, notional);
	}
	return CLR_OK;
}

/* The worst price that the collar allows; false if there is none. */
static bool
collar_price(ClrEngine *e, const ClrInstrument *in, const ClrLimited *l,
			 int64_t *worst)
{
	int64_t		collar = limit_of(e, l->account, CLR_LIMIT_COLLAR);
	int64_t		reference = in->v.has_mark ? in->v.mark : in->v.last_price;
	clr_int128	band = (clr_int128) abs64(reference) * collar / CLR_RATE_UNIT;

	/* the price of a spread may be near zero, whatever its legs are worth */
	if (collar == 0 || is_spread(in) || (!in->v.has_mark && !in->v.has_last))
		return false;
	*worst = saturate(l->side == CLR_SIDE_BUY ? reference + band : reference - band);
	return true;
}

/* A limit order by its limit, a market order by what it would meet. */
static ClrReason
check_collar(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
			 const ClrLimited *l)
{
	int64_t		worst;
	ClrWalk		walk;

	if (l->waits || !collar_price(e, in, l, &worst))
		return CLR_OK;
	if (!l->market)
	{
		if (l->side == CLR_SIDE_BUY ? l->price > worst : l->price < worst)
			return refuse(e, CLR_R_PRICE_COLLAR, l->price, worst);
		return CLR_OK;
	}
	clr_walk(e, in, (uint32_t) (p - position_at(e, 0)), l->smp, l->side, true,
			 worst, l->order_qty, l->self_match, &walk);
	if (walk.lots < l->qty)
		return refuse(e, CLR_R_PRICE_COLLAR, l->max_price, worst);
	return CLR_OK;
}

/* Position that there would be if all orders of the side filled. */
static ClrReason
check_position(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
			   const ClrLimited *l)
{
	int64_t		most = limit_of(e, l->account, CLR_LIMIT_POSITION);
	unsigned	s = side_index(l->side);
	clr_int128	held = s == 0 ? p->qty : -p->qty;
	clr_int128	after = held + p->lots[s] - l->gone + l->qty;

	if (most == 0 || !is_future(in) || after <= most)
		return CLR_OK;
	return refuse(e, CLR_R_MAX_POSITION, after, most);
}

static ClrReason
check_count(ClrEngine *e, const ClrLimited *l)
{
	int64_t		most = limit_of(e, l->account, CLR_LIMIT_OPEN_ORDERS);
	int64_t		n = l->adds;

	if (most == 0 || !l->adds)
		return CLR_OK;
	for (uint32_t i = e->accounts[l->account].positions; i != CLR_NONE;
		 i = position_at(e, i)->account_next)
		n += position_at(e, i)->n_orders;
	if (n > most)
		return refuse(e, CLR_R_MAX_OPEN_ORDERS, n, most);
	return CLR_OK;
}

ClrReason
clr_limits_check(ClrEngine *e, const ClrInstrument *in, const ClrPosition *p,
				 const ClrLimited *l)
{
	ClrReason	reason = check_size(e, in, l);

	if (reason == CLR_OK)
		reason = check_collar(e, in, p, l);
	if (reason == CLR_OK)
		reason = check_position(e, in, p, l);
	if (reason == CLR_OK)
		reason = check_count(e, l);
	return reason;
}

/*
 * Orders, replaces: the switch and the rate first, then as usual, with the
 * limits (e->limited).  What follows from an accepted command is not limited.
 */
ClrReason
clr_do_restricted(ClrEngine *e, const ClrCommand *cmd)
{
	ClrReason	reason = clr_entry_allowed(e, cmd->account, 1);

	if (reason != CLR_OK)
	{
		e->out.ord_status = CLR_STATUS_REJECTED;
		e->out.exec_type = CLR_EXEC_REJECTED;
		return reason;
	}
	e->limited = true;
	reason = cmd->type == CLR_CMD_NEW_ORDER ? clr_do_new_order(e, cmd) :
		clr_do_replace_order(e, cmd);
	e->limited = false;
	if (reason == CLR_OK)
		clr_entry_count(e, cmd->account, 1);
	return reason;
}
