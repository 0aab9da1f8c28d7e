/*
 * risk.c
 *	  Commands about many orders, and limits: mass cancel, kill switch,
 *	  sessions, set_limits().
 *
 * Run by backends.  Members do these for their own accounts, but for
 * set_limits(), which is the operator's.  What is about a whole member names
 * the first of its accounts in the command (see massaction.c of the engine).
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(clr_mass_cancel);
PG_FUNCTION_INFO_V1(clr_kill_switch);
PG_FUNCTION_INFO_V1(clr_heartbeat);
PG_FUNCTION_INFO_V1(clr_disconnect);
PG_FUNCTION_INFO_V1(clr_set_limits);

/* First account of a member; 0 if it has none. */
static uint32
clr_read_first_account(uint32 member)
{
	ClrOwnerScope scope;
	Oid			types[] = {INT4OID};
	Datum		values[] = {Int32GetDatum((int32) member)};
	uint32		account = 0;

	clr_owner_enter(&scope, true);
	if (clr_owner_select("SELECT account_id FROM clearing_state.account"
						 " WHERE member_id OPERATOR(pg_catalog.=) $1"
						 " ORDER BY account_id USING OPERATOR(pg_catalog.<) LIMIT 1",
						 1, types, values) > 0)
		account = (uint32) clr_spi_int(0, 1);
	clr_owner_leave(&scope);
	return account;
}

/* A member that the caller acts for, by one of its accounts. */
static uint32
clr_own_member(ClrText name, uint32 *submitter)
{
	const ClrObject *member = clr_lookup_name(CLR_OBJECT_MEMBER, name);
	uint32		account;

	if (member == NULL || member->id == CLR_MEMBER_HOUSE ||
		(!clr_is_operator() && !clr_acts_for(member->id)))
		clr_no_such_object(CLR_OBJECT_MEMBER, name);
	*submitter = clr_is_operator() ? CLR_MEMBER_HOUSE : member->id;
	account = clr_read_first_account(member->id);
	if (account == 0 && clr_catch_up())
		account = clr_read_first_account(member->id);
	if (account == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
				 errmsg("member has no account")));
	return account;
}

/* Fills account and submitter; true if a whole member is meant. */
static bool
clr_account_or_member(FunctionCallInfo fcinfo, int account_arg, int member_arg,
					  ClrCommand *cmd)
{
	if (!PG_ARGISNULL(account_arg) && !PG_ARGISNULL(member_arg))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("either account or member can be given")));
	if (!PG_ARGISNULL(member_arg))
	{
		cmd->account = clr_own_member(clr_text_of(PG_GETARG_DATUM(member_arg)),
									  &cmd->submitter);
		return true;
	}
	if (!PG_ARGISNULL(account_arg))
		cmd->account = clr_own_account(clr_text_of(PG_GETARG_DATUM(account_arg)),
									   &cmd->submitter)->id;
	return false;
}

/* mass_cancel(account, symbol, request_id, side, member) */
Datum
clr_mass_cancel(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_MASS_CANCEL;
	cmd.u.mass_cancel.whole_member = clr_account_or_member(fcinfo, 0, 4, &cmd);
	if (cmd.account == 0 && !clr_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to cancel the orders of all accounts"),
				 errhint("Name the account or the member.")));
	if (!PG_ARGISNULL(1))
		cmd.u.mass_cancel.instrument =
			clr_require_object(CLR_OBJECT_INSTRUMENT,
							   clr_text_of(PG_GETARG_DATUM(1)))->id;
	if (!PG_ARGISNULL(3))
		cmd.u.mass_cancel.side =
			clr_keyword(CLR_WORDS_SIDE, clr_text_of(PG_GETARG_DATUM(3)));
	return clr_send_request(fcinfo, &cmd, 2, clr_return_mass_cancel);
}

/* kill_switch(account, member, enabled, request_id) */
Datum
clr_kill_switch(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_KILL_SWITCH;
	cmd.u.kill.whole_member = clr_account_or_member(fcinfo, 0, 1, &cmd);
	if (cmd.account == 0)
		clr_null_argument("account or member");
	if (PG_ARGISNULL(2))
		clr_null_argument("enabled");
	cmd.u.kill.on = PG_GETARG_BOOL(2);
	return clr_send_request(fcinfo, &cmd, 3, clr_return_mass_cancel);
}

/* Session of heartbeat() and disconnect(); null = 0. */
static uint64
clr_arg_session(FunctionCallInfo fcinfo, int n)
{
	int64		session = PG_ARGISNULL(n) ? 0 : PG_GETARG_INT64(n);

	if (session < 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("session must not be negative")));
	return (uint64) session;
}

/* A timeout in microseconds; null disarms. */
static int64
clr_arg_timeout(FunctionCallInfo fcinfo, int n)
{
	const Interval *interval;
	int64		us;

	if (PG_ARGISNULL(n))
		return 0;
	interval = PG_GETARG_INTERVAL_P(n);
	if (interval->month != 0 ||
		pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &us) ||
		pg_add_s64_overflow(us, interval->time, &us) ||
		us < 0 || us > CLR_HEARTBEAT_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("timeout is out of range"),
				 errhint("Use up to one day; 0 disarms the switch.")));
	return us;
}

/* heartbeat(account, timeout, session, request_id) */
Datum
clr_heartbeat(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_HEARTBEAT;
	cmd.account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
								  &cmd.submitter)->id;
	cmd.u.session.timeout_us = clr_arg_timeout(fcinfo, 1);
	cmd.u.session.session = clr_arg_session(fcinfo, 2);
	return clr_send_request(fcinfo, &cmd, 3, clr_return_command);
}

/* disconnect(account, session, request_id) */
Datum
clr_disconnect(PG_FUNCTION_ARGS)
{
	ClrCommand	cmd;

	clr_call_begin(false);
	memset(&cmd, 0, sizeof(cmd));
	cmd.type = CLR_CMD_DISCONNECT;
	cmd.account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
								  &cmd.submitter)->id;
	cmd.u.session.session = clr_arg_session(fcinfo, 1);
	return clr_send_request(fcinfo, &cmd, 2, clr_return_mass_cancel);
}

/*----------------------------------------------------------------
 * Limits
 *----------------------------------------------------------------
 */
static void
clr_add_limit(FunctionCallInfo fcinfo, int n, ClrFieldsCall *call,
			  ClrLimit limit)
{
	ClrScope	scope = call->cmd.u.fields.scope;
	const ClrFieldInfo *info = clr_field_info(scope, limit);
	int64		value;

	if (PG_ARGISNULL(n))
		return;
	if (info == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s is a limit of accounts only",
						clr_field_info(CLR_SCOPE_ACCOUNT, limit)->name)));
	value = limit == CLR_LIMIT_COLLAR ?
		clr_rate_millionths(PG_GETARG_NUMERIC(n), info->name) : PG_GETARG_INT64(n);
	if (value < info->min || value > info->max)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s is out of range", info->name),
				 errhint("0 is no limit.")));
	clr_fields_add(call, limit, value);
}

/*
 * set_limits(account, member, smp_id, max_order_qty, max_notional,
 * max_open_orders, max_rate, price_collar, max_position, request_id)
 */
Datum
clr_set_limits(PG_FUNCTION_ARGS)
{
	static const ClrLimit limits[] = {
		CLR_LIMIT_SMP_ID, CLR_LIMIT_ORDER_QTY, CLR_LIMIT_NOTIONAL,
		CLR_LIMIT_OPEN_ORDERS, CLR_LIMIT_RATE, CLR_LIMIT_COLLAR,
		CLR_LIMIT_POSITION
	};
	ClrFieldsCall call;
	bool		of_member = !PG_ARGISNULL(1);

	if (of_member == !PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("either account or member must be given")));
	clr_fields_begin(&call, "set_limits",
					 of_member ? CLR_SCOPE_MEMBER : CLR_SCOPE_ACCOUNT);
	call.cmd.u.fields.object = of_member ?
		clr_require_object(CLR_OBJECT_MEMBER, clr_text_of(PG_GETARG_DATUM(1)))->id :
		clr_require_object(CLR_OBJECT_ACCOUNT, clr_text_of(PG_GETARG_DATUM(0)))->id;
	for (int i = 0; i < (int) lengthof(limits); i++)
		clr_add_limit(fcinfo, 2 + i, &call, limits[i]);
	if (call.n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("no limit is given")));
	return clr_fields_send(fcinfo, &call, 9);
}
