/*
 * engine.c
 *	  Creating an engine, opening blocks, applying commands.
 *
 * One command: decode, check who sends it, look its reference up, execute,
 * report the positions it changed, report the OUTCOME, remember the reference.
 *
 * Not remembered, because they are refused before the reference is looked at:
 * undecodable commands, anything before the house is open, and commands of a
 * member for an account that is not its own (or does not exist: the answer is
 * the same), or that only the operator may give.  Neither is the refusal of a
 * reference that was used for something else.  clr_uses_reference() tells all
 * this from the outcome alone, for those who load references.
 */
#include "engine/internal.h"

static void
pool_init(ClrPool *pool, size_t size)
{
	pool->size = size;
	pool->free = CLR_NONE;
}

ClrEngine *
clr_engine_create(void)
{
	ClrEngine  *e = calloc(1, sizeof(ClrEngine));

	if (e == NULL)
		return NULL;
	pool_init(&e->wallets, sizeof(ClrWallet));
	pool_init(&e->positions, sizeof(ClrPosition));
	pool_init(&e->orders, sizeof(ClrOrder));
	pool_init(&e->levels, sizeof(ClrLevel));
	pool_init(&e->nodes, sizeof(ClrTrieNode));
	pool_init(&e->references, sizeof(ClrReference));
	pool_init(&e->extras, sizeof(ClrReferenceExtra));
	pool_init(&e->order_extras, sizeof(ClrOrderExtra));
	e->ref_seed = (uint64_t) (uintptr_t) e * UINT64_C(0x9E3779B97F4A7C15);
	e->entered = CLR_NONE;
	e->ref_head = CLR_NONE;
	e->ref_tail = CLR_NONE;
	e->house.time_us = INT64_MIN;
	e->house.next_asset = 1;
	e->house.next_member = 1;
	e->house.next_account = CLR_ACCOUNT_FIRST;
	e->house.next_instrument = 1;
	e->house.next_order = 1;
	e->house.next_trade = 1;
	e->house.next_entry = 1;
	e->house.next_settlement = 1;
	e->house.next_priority = 1;
	return e;
}

void
clr_engine_free(ClrEngine *e)
{
	if (e == NULL)
		return;
	for (uint32_t i = 0; i < e->n_instruments; i++)
		clr_triggers_free(&e->instruments[i]);
	free(e->elected);
	free(e->linked);
	free(e->vacated);
	free(e->assets);
	free(e->members);
	for (uint32_t a = 0; a < e->n_accounts; a++)
		free(e->accounts[a].limit);
	free(e->accounts);
	for (uint32_t i = 0; i < e->n_instruments; i++)
		free(e->instruments[i].spreads);
	free(e->instruments);
	free(e->wallets.memory);
	free(e->positions.memory);
	free(e->orders.memory);
	free(e->levels.memory);
	free(e->nodes.memory);
	free(e->references.memory);
	free(e->extras.memory);
	free(e->order_extras.memory);
	free(e->fields.slots);
	free(e->timers.items);
	free(e->shares);
	free(e->sources);
	free(e->given);
	free(e->names.slots);
	free(e->wallet_map.slots);
	free(e->position_map.slots);
	free(e->order_map.slots);
	free(e->ref_slots);
	free(e->touched);
	free(e->sort.items);
	free(e->restored.items);
	free(e->expected);
	free(e);
}

bool
clr_engine_begin_block(ClrEngine *e, uint64_t height, int64_t time_us,
					   ClrEventBuffer *ev)
{
	int64_t		before = e->house.time_us;

	e->house.height = height;
	e->n_vacated = 0;
	if (time_us > e->house.time_us)
		e->house.time_us = time_us;
	if (clr_unlikely(e->reopens) && before >= 0)
		clr_reopen(e, before, ev);
	return clr_timers_fire(e, ev);
}

static ClrReason
execute(ClrEngine *e, const ClrCommand *cmd)
{
	switch (cmd->type)
	{
		case CLR_CMD_NEW_ORDER:
			if (is_restricted(e, cmd->account))
				return clr_do_restricted(e, cmd);
			return clr_do_new_order(e, cmd);
		case CLR_CMD_CANCEL_ORDER:
			return clr_do_cancel_order(e, cmd);
		case CLR_CMD_REPLACE_ORDER:
			if (is_restricted(e, cmd->account))
				return clr_do_restricted(e, cmd);
			return clr_do_replace_order(e, cmd);
		case CLR_CMD_MASS_CANCEL:
			return clr_do_mass_cancel(e, cmd);
		case CLR_CMD_EPOCH:
			return clr_do_epoch(e, cmd);
		case CLR_CMD_OPEN_HOUSE:
			return clr_do_open_house(e, cmd);
		case CLR_CMD_CREATE_ASSET:
			return clr_do_create_asset(e, cmd);
		case CLR_CMD_CREATE_MEMBER:
			return clr_do_create_member(e, cmd);
		case CLR_CMD_CREATE_ACCOUNT:
			return clr_do_create_account(e, cmd);
		case CLR_CMD_CREATE_INSTRUMENT:
			return clr_do_create_instrument(e, cmd);
		case CLR_CMD_SET_PHASE:
			return clr_do_set_phase(e, cmd);
		case CLR_CMD_SET_MARK_PRICE:
			return clr_do_set_mark_price(e, cmd);
		case CLR_CMD_SET_MARGIN:
			return clr_do_set_margin(e, cmd);
		case CLR_CMD_DEPOSIT:
			return clr_do_deposit(e, cmd);
		case CLR_CMD_WITHDRAW:
			return clr_do_withdraw(e, cmd);
		case CLR_CMD_SETTLE:
		case CLR_CMD_EXPIRE:
			return clr_do_settle(e, cmd);
		case CLR_CMD_CREATE_SPREAD:
			return clr_do_create_spread(e, cmd);
		case CLR_CMD_SET_FIELDS:
			return clr_do_set_fields(e, cmd);
		case CLR_CMD_KILL_SWITCH:
			return clr_do_kill_switch(e, cmd);
		case CLR_CMD_MASS_QUOTE:
			return clr_do_mass_quote(e, cmd);
		case CLR_CMD_BATCH:
			return clr_do_batch(e, cmd);
		case CLR_CMD_BUST_TRADE:
		case CLR_CMD_CORRECT_TRADE:
			return clr_do_bust(e, cmd);
		case CLR_CMD_HEARTBEAT:
			return clr_do_heartbeat(e, cmd);
		case CLR_CMD_DISCONNECT:
			return clr_do_disconnect(e, cmd);
		default:
			return CLR_R_UNKNOWN_COMMAND;
	}
}

/* Commands that a member may give for its own accounts. */
static bool
is_trading(uint8_t type)
{
	return type == CLR_CMD_NEW_ORDER || type == CLR_CMD_REPLACE_ORDER ||
		type == CLR_CMD_CANCEL_ORDER || type == CLR_CMD_MASS_CANCEL ||
		type == CLR_CMD_MASS_QUOTE || type == CLR_CMD_BATCH ||
		(type >= CLR_CMD_KILL_SWITCH && type <= CLR_CMD_DISCONNECT);
}

/* Refusals that come before the reference is looked at. */
static ClrReason
admit(const ClrEngine *e, const ClrCommand *cmd)
{
	if (!e->house.open && cmd->type != CLR_CMD_EPOCH &&
		cmd->type != CLR_CMD_OPEN_HOUSE)
		return CLR_R_HOUSE_NOT_OPEN;
	if (cmd->submitter == CLR_MEMBER_HOUSE)
		return CLR_OK;
	if (cmd->submitter >= e->n_members)
		return CLR_R_UNKNOWN_MEMBER;
	if (!is_trading(cmd->type))
		return CLR_R_UNKNOWN_COMMAND;
	if (!account_exists(e, cmd->account) ||
		e->accounts[cmd->account].v.member != cmd->submitter)
		return CLR_R_UNKNOWN_ACCOUNT;
	return CLR_OK;
}

void
clr_outcome_init(ClrEngine *e, uint32_t number, const uint8_t *data, size_t len)
{
	ClrOutcome *o = &e->out;

	/* one by one: compilers make slower code of memset() here */
	o->number = number;
	o->type = len > 2 ? data[2] : 0;
	o->duplicate = 0;
	o->reason = CLR_OK;
	o->submitter = 0;
	o->account = 0;
	o->instrument = 0;
	o->id = 0;
	o->orig_height = e->house.height;
	o->orig_number = number;
	o->ord_status = CLR_STATUS_NONE;
	o->exec_type = CLR_EXEC_NONE;
	o->ref_len = 0;
	o->order_qty = 0;
	o->cum_qty = 0;
	o->leaves_qty = 0;
	o->cum_value = 0;
	o->first_trade = 0;
	o->n_trades = 0;
	o->n_cancelled = 0;
	o->needed = 0;
	o->available = 0;
	o->content_hash = clr_xxh64(data, len, 0);
	o->asset = 0;
	o->restated = 0;
	o->cancelled_for = 0;
	o->ref = NULL;
}

bool
clr_uses_reference(const ClrOutcome *o)
{
	/* an epoch is opened by the sequencer, which repeats nothing */
	if (o->ref_len == 0 || o->duplicate || o->type == CLR_CMD_EPOCH)
		return false;
	if (clr_likely(o->reason == CLR_OK))
		return true;
	/* any other refusal to open was given before the house was open */
	if (o->type == CLR_CMD_OPEN_HOUSE && o->reason != CLR_R_HOUSE_ALREADY_OPEN)
		return false;
	switch (o->reason)
	{
		case CLR_R_MALFORMED:
		case CLR_R_HOUSE_NOT_OPEN:
		case CLR_R_DUPLICATE_REFERENCE:
			return false;
			/* of a member: see admit() */
		case CLR_R_UNKNOWN_MEMBER:
		case CLR_R_UNKNOWN_COMMAND:
		case CLR_R_UNKNOWN_ACCOUNT:
			return o->submitter == CLR_MEMBER_HOUSE;
		default:
			return true;
	}
}

/* Executes a command or finds that it was executed before. */
static void
run(ClrEngine *e, const ClrCommand *cmd, uint64_t ref_hash)
{
	ClrOutcome *o = &e->out;
	uint32_t	number = o->number;

	o->submitter = cmd->submitter;
	o->account = cmd->account;
	o->ref_len = (uint8_t) cmd->ref.len;
	o->ref = cmd->ref.data;
	o->reason = (uint16_t) admit(e, cmd);
	if (o->reason != CLR_OK)
		return;
	if (e->house.open && cmd->ref.len > 0)
	{
		uint32_t	r = clr_reference_find(e, ref_hash, cmd->account,
										 &cmd->ref);

		if (r != CLR_NONE)
		{
			if (reference_at(e, r)->content_hash != o->content_hash)
				o->reason = CLR_R_DUPLICATE_REFERENCE;
			else
			{
				clr_reference_outcome(e, reference_at(e, r), o);
				o->number = number;
				o->duplicate = 1;
				o->ref = cmd->ref.data;
				if (clr_unlikely(o->type == CLR_CMD_BATCH) && o->reason == CLR_OK)
					clr_batch_repeat(e, cmd);
			}
			return;
		}
	}
	if (cmd->account != 0 && !account_exists(e, cmd->account))
		o->reason = CLR_R_UNKNOWN_ACCOUNT;
	else
		o->reason = (uint16_t) execute(e, cmd);
}

/* Decodes, hashes the names and fetches the table slots they lead to. */
void
clr_look_at(const ClrEngine *e, const uint8_t *data, size_t len, ClrLooked *l)
{
	ClrCommand *cmd = &l->cmd;

	l->data = data;
	l->len = len;
	l->decoded = len > 0 && clr_command_decode(data, len, cmd) == len;
	if (!l->decoded)
		return;
	if (cmd->ref.len > 0)
	{
		l->ref_hash = clr_reference_hash(e, cmd->account, &cmd->ref);
		clr_reference_prefetch(e, l->ref_hash);
	}
	if (cmd->text.len > 0 && (cmd->type == CLR_CMD_CANCEL_ORDER ||
							  cmd->type == CLR_CMD_REPLACE_ORDER))
	{
		l->orig_hash = clr_reference_hash(e, cmd->account, &cmd->text);
		clr_reference_prefetch(e, l->orig_hash);
	}
}

/* Applies a command that was looked at. */
bool
clr_apply_looked(ClrEngine *e, uint32_t number, const ClrLooked *l,
				 ClrEventBuffer *ev)
{
	e->ev = ev;
	e->serial++;
	e->entered = CLR_NONE;
	e->orig_hash = l->orig_hash;
	clr_outcome_init(e, number, l->data, l->len);
	if (clr_likely(l->decoded &&
				   clr_text_valid(l->cmd.ref.data, l->cmd.ref.len)))
		run(e, &l->cmd, l->ref_hash);
	else
		e->out.reason = CLR_R_MALFORMED;

	if (clr_unlikely(e->follows || e->n_pegs > 0))
		clr_aftermath(e);
	clr_positions_flush(e);
	clr_emit_outcome(e, &e->out);
	if (clr_uses_reference(&e->out) && !e->oom)
		(void) clr_reference_add(e, l->ref_hash, &e->out, e->house.time_us);
	e->ev = NULL;
	return !e->oom;
}

bool
clr_engine_apply(ClrEngine *e, uint32_t number, const uint8_t *data,
				 size_t len, ClrEventBuffer *ev, ClrOutcome *outcome)
{
	ClrLooked	l;

	clr_look_at(e, data, len, &l);
	(void) clr_apply_looked(e, number, &l, ev);
	if (outcome != NULL)
		*outcome = e->out;
	return !e->oom;
}
