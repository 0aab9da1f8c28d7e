/*
 * packed.c
 *	  Commands that arrive encoded: submit_packed(), enqueue(); decode_reply().
 *
 * Run by backends.  Nothing in the bytes is believed: they are decoded, the
 * account is checked, and the submitter is overwritten with whom the caller
 * really acts for.
 *
 * Invariants:
 *	1. Members get trading commands of their own accounts through, operators
 *	   everything but EPOCH and OPEN_HOUSE.
 *	2. A member's reply says nothing about the other side of a trade but price
 *	   and quantity.
 */
#include "api/api.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "engine/codec.h"

PG_FUNCTION_INFO_V1(clr_submit_packed);
PG_FUNCTION_INFO_V1(clr_decode_reply);
PG_FUNCTION_INFO_V1(clr_enqueue);

/* Offsets in a TRADE event, see event.h */
#define CLR_AT_BUY_ORDER	32
#define CLR_AT_SELL_ORDER	40
#define CLR_AT_BUY_ACCOUNT	48
#define CLR_AT_SELL_ACCOUNT	52
#define CLR_AT_BUY_FEE		56
#define CLR_AT_SELL_FEE		64
#define CLR_AT_BUY_COST		80
#define CLR_AT_SELL_COST	88

typedef struct ClrPackedAccess
{
	bool		operator;
	uint32		account;		/* last one checked, 0 = none */
	uint32		submitter;		/* for it */
} ClrPackedAccess;

static void
clr_packed_error_context(void *arg)
{
	errcontext("command %d of the request", *(int *) arg);
}

static bool
clr_is_trading_command(uint8 type)
{
	return type == CLR_CMD_NEW_ORDER || type == CLR_CMD_REPLACE_ORDER ||
		type == CLR_CMD_CANCEL_ORDER || type == CLR_CMD_MASS_CANCEL ||
		type == CLR_CMD_MASS_QUOTE || type == CLR_CMD_BATCH ||
		(type >= CLR_CMD_KILL_SWITCH && type <= CLR_CMD_DISCONNECT);
}

static uint32
clr_packed_submitter(ClrPackedAccess *access, const ClrCommand *cmd)
{
	if (cmd->type == CLR_CMD_EPOCH || cmd->type == CLR_CMD_OPEN_HOUSE)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("command %s cannot be sent encoded",
						clr_command_name(cmd->type))));
	if (access->operator)
		return CLR_MEMBER_HOUSE;
	if (!clr_is_trading_command(cmd->type))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for command %s",
						clr_command_name(cmd->type)),
				 errhint("Only roles with the privileges of clearing_operator may send it.")));
	if (cmd->account == CLR_ACCOUNT_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for a command of the house"),
				 errhint("Name an account of yours.")));
	if (access->account != cmd->account)
	{
		access->submitter = clr_submitter_for(cmd->account);
		access->account = cmd->account;
	}
	return access->submitter;
}

/*
 * Checks every command and puts the true submitter into it.  Returns the
 * number of commands.
 */
static uint32
clr_admit_commands(uint8 *data, size_t len)
{
	ClrPackedAccess access = {0};
	ErrorContextCallback callback;
	size_t		at = 0;
	int			n = 1;

	access.operator = clr_is_operator();
	callback.callback = clr_packed_error_context;
	callback.arg = &n;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	for (; at < len; n++)
	{
		ClrCommand	cmd;
		size_t		one = clr_command_decode(data + at, len - at, &cmd);

		if (one == 0)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_INVALID_VALUE),
					 errmsg("command is malformed"),
					 errdetail("It begins at byte %zu of %zu.", at, len)));
		clr_command_submit(data + at, clr_packed_submitter(&access, &cmd));
		at += one;
	}
	error_context_stack = callback.previous;
	return n - 1;
}

static void
clr_blank_other_side(uint8 *trade, uint32 account)
{
	if (clr_get_u32(trade + CLR_AT_BUY_ACCOUNT) != account)
	{
		clr_put_u64(trade + CLR_AT_BUY_ORDER, 0);
		clr_put_u32(trade + CLR_AT_BUY_ACCOUNT, 0);
		clr_put_i64(trade + CLR_AT_BUY_FEE, 0);
		clr_put_i64(trade + CLR_AT_BUY_COST, 0);
	}
	if (clr_get_u32(trade + CLR_AT_SELL_ACCOUNT) != account)
	{
		clr_put_u64(trade + CLR_AT_SELL_ORDER, 0);
		clr_put_u32(trade + CLR_AT_SELL_ACCOUNT, 0);
		clr_put_i64(trade + CLR_AT_SELL_FEE, 0);
		clr_put_i64(trade + CLR_AT_SELL_COST, 0);
	}
}

/* Blanks the counterparties in the reply that a member gets. */
static void
clr_blank_counterparties(const ClrReply *reply)
{
	ClrReplyReader reader;
	ClrAnswer	answer;

	clr_reply_start(&reader, reply);
	while (clr_reply_next(&reader, &answer))
	{
		const uint8 *end = answer.trades + answer.trades_len;
		const uint8 *trade = answer.trades;

		while (trade < end)
		{
			uint8		type;
			size_t		len = clr_event_length(trade, end - trade, &type);

			clr_blank_other_side(reply->packed + (trade - reply->packed),
								 answer.outcome.account);
			trade += len;
		}
	}
}

/* ClrReplyFunction: the reply as it came; arg: whether it is an operator's */
static Datum
clr_return_packed(FunctionCallInfo fcinfo, const ClrReply *reply, void *arg)
{
	bytea	   *result = (bytea *) (reply->packed - VARHDRSZ);

	if (!*(const bool *) arg)
		clr_blank_counterparties(reply);
	SET_VARSIZE(result, VARHDRSZ + reply->packed_len);
	return PointerGetDatum(result);
}

Datum
clr_submit_packed(PG_FUNCTION_ARGS)
{
	bytea	   *commands = PG_GETARG_BYTEA_P_COPY(0);
	size_t		len = VARSIZE(commands) - VARHDRSZ;
	bool		operator;
	uint32		n;

	clr_call_begin(false);
	operator = clr_is_operator();
	if (len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("request holds no command")));
	n = clr_admit_commands((uint8 *) VARDATA(commands), len);
	return clr_send_encoded(fcinfo, (uint8 *) VARDATA(commands), len, n,
							clr_return_packed, &operator);
}

/* A packed reply, laid out as ring.h says, from bytes that anybody may give. */
static void
clr_unpack_reply(uint8 *data, size_t len, ClrReply *reply)
{
	if (len < CLR_REPLY_HEADER || clr_get_u32(data) != len || data[4] != 1)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("reply of the clearing house is malformed"),
				 errhint("Give the bytes that clearing.submit_packed() returned.")));
	reply->epoch = clr_get_u64(data + 8);
	reply->height = clr_get_u64(data + 16);
	memcpy(reply->block_hash, data + 24, sizeof(reply->block_hash));
	reply->n_commands = clr_get_u32(data + 56);
	reply->events = data + CLR_REPLY_HEADER;
	reply->events_len = len - CLR_REPLY_HEADER;
	reply->packed = data;
	reply->packed_len = len;
}

Datum
clr_decode_reply(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_P(0);
	ClrReply	reply;

	clr_lookup_begin();
	clr_unpack_reply((uint8 *) VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ,
					 &reply);
	InitMaterializedSRF(fcinfo, 0);
	clr_return_executions(fcinfo, &reply, false);
	return (Datum) 0;
}

Datum
clr_enqueue(PG_FUNCTION_ARGS)
{
	bytea	   *command = PG_GETARG_BYTEA_P_COPY(0);
	Oid			types[] = {BYTEAOID};
	Datum		values[] = {PointerGetDatum(command)};
	ClrOwnerScope scope;
	int64		id;

	clr_require_primary("enqueue");
	clr_lookup_begin();
	if (clr_admit_commands((uint8 *) VARDATA(command),
						   VARSIZE(command) - VARHDRSZ) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("exactly one command can be enqueued at a time")));
	clr_owner_enter(&scope, false);
	if (SPI_execute_with_args("INSERT INTO clearing_state.inbox (command)"
							  " VALUES ($1) RETURNING id",
							  1, types, values, NULL, false, 0) != SPI_OK_INSERT_RETURNING)
		elog(ERROR, "could not insert into the inbox");
	id = clr_spi_int(0, 1);
	clr_owner_leave(&scope);
	clr_inbox_notify_on_commit();
	PG_RETURN_INT64(id);
}
