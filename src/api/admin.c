/*
 * admin.c
 *	  What operators do: reference data, phases, cash, marks, settlement.
 *
 * Run by backends.  Besides the grants every function checks that an operator
 * calls: the submitter in the journal must be true whatever a DBA granted.
 *
 * Functions that create something return when this node's read model shows
 * it, since the next call will want to name it.
 */
#include "api/admin.h"
#include "journal/times.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "common/int.h"

PG_FUNCTION_INFO_V1(clr_open);
PG_FUNCTION_INFO_V1(clr_create_asset);
PG_FUNCTION_INFO_V1(clr_create_member);
PG_FUNCTION_INFO_V1(clr_create_account);
PG_FUNCTION_INFO_V1(clr_create_spot);
PG_FUNCTION_INFO_V1(clr_create_future);
PG_FUNCTION_INFO_V1(clr_set_phase);
PG_FUNCTION_INFO_V1(clr_set_schedule);
PG_FUNCTION_INFO_V1(clr_set_mark_price);
PG_FUNCTION_INFO_V1(clr_set_margin);
PG_FUNCTION_INFO_V1(clr_deposit);
PG_FUNCTION_INFO_V1(clr_withdraw);
PG_FUNCTION_INFO_V1(clr_settle);
PG_FUNCTION_INFO_V1(clr_expire);

/* How long a new object may take to appear in the read model. */
#define CLR_CREATE_WAIT_MS 10000

void
clr_admin_begin(ClrAdminCall *call, ClrCommandType type, const char *function)
{
	clr_call_begin(type == CLR_CMD_OPEN_HOUSE);
	clr_require_operator(function);
	memset(&call->cmd, 0, sizeof(call->cmd));
	call->cmd.type = type;
}

void
clr_admin_reference(FunctionCallInfo fcinfo, int n, ClrAdminCall *call)
{
	call->cmd.ref = clr_reference(PG_ARGISNULL(n), PG_GETARG_DATUM(n),
								  call->ref);
}

Datum
clr_admin_send(FunctionCallInfo fcinfo, ClrAdminCall *call)
{
	return clr_send(fcinfo, &call->cmd, clr_return_command);
}

/* Waits for what was created; that it takes long is no failure. */
static void
clr_await_created(const ClrReply *reply, const ClrAnswer *answer)
{
	if (answer->outcome.reason != CLR_OK ||
		clr_wait_for_height(reply->height, CLR_CREATE_WAIT_MS))
		return;
	ereport(WARNING,
			(errmsg("the command is done, but the views do not show block " UINT64_FORMAT " yet",
					reply->height),
			 errhint("See projected_height in clearing.node_status.")));
}

/* ClrReportFunction */
static Datum
clr_return_created(FunctionCallInfo fcinfo, const ClrReply *reply,
				   const ClrAnswer *answer)
{
	clr_await_created(reply, answer);
	return clr_return_command(fcinfo, reply, answer);
}

Datum
clr_admin_create(FunctionCallInfo fcinfo, ClrAdminCall *call)
{
	return clr_send(fcinfo, &call->cmd, clr_return_created);
}

const ClrObject *
clr_arg_object(FunctionCallInfo fcinfo, int n, const char *name,
			   ClrObjectKind kind)
{
	return clr_require_object(kind, clr_arg_text(fcinfo, n, name));
}

uint8
clr_arg_keyword(FunctionCallInfo fcinfo, int n, const char *name,
				ClrVocabulary vocabulary)
{
	return clr_keyword(vocabulary, clr_arg_text(fcinfo, n, name));
}

/*----------------------------------------------------------------
 * The house, assets, members, accounts
 *----------------------------------------------------------------
 */
int64
clr_interval_us(const Interval *interval, const char *name)
{
	int64		us;

	if (interval->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s cannot have months or years", name),
				 errhint("Use days: a month has no fixed length.")));
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &us) ||
		pg_add_s64_overflow(us, interval->time, &us) || us <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s is out of range", name),
				 errhint("Use a duration greater than 0.")));
	return us;
}

Datum
clr_open(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_OPEN_HOUSE, "open");
	call.cmd.text = clr_arg_text(fcinfo, 0, "name");
	if (PG_ARGISNULL(1))
		clr_null_argument("reference_retention");
	call.cmd.u.open.retention_us = clr_interval_us(PG_GETARG_INTERVAL_P(1),
												   "reference_retention");
	return clr_admin_create(fcinfo, &call);
}

Datum
clr_create_asset(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;
	int32		scale;

	clr_admin_begin(&call, CLR_CMD_CREATE_ASSET, "create_asset");
	call.cmd.text = clr_arg_text(fcinfo, 0, "asset");
	if (PG_ARGISNULL(1))
		clr_null_argument("scale");
	scale = PG_GETARG_INT32(1);
	if (scale < 0 || scale > CLR_SCALE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("scale %d is out of range", scale),
				 errdetail("It must be between 0 and %d.", CLR_SCALE_MAX)));
	call.cmd.u.asset.scale = (uint8) scale;
	clr_admin_reference(fcinfo, 2, &call);
	return clr_admin_create(fcinfo, &call);
}

/* ClrReportFunction */
static Datum
clr_return_member(FunctionCallInfo fcinfo, const ClrReply *reply,
				  const ClrAnswer *answer)
{
	const ClrOutcome *o = &answer->outcome;

	clr_await_created(reply, answer);
	if (!PG_ARGISNULL(2) && o->reason == CLR_OK)
		clr_store_member_role((uint32) o->id, NameStr(*PG_GETARG_NAME(2)));
	return clr_return_command(fcinfo, reply, answer);
}

Datum
clr_create_member(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_CREATE_MEMBER, "create_member");
	call.cmd.text = clr_arg_text(fcinfo, 0, "member");
	if (!PG_ARGISNULL(1))
		call.cmd.text2 = clr_text_of(PG_GETARG_DATUM(1));
	clr_admin_reference(fcinfo, 3, &call);
	if (!PG_ARGISNULL(2))
	{
		PreventCommandIfReadOnly("clearing.create_member() with a role");
		clr_check_member_role(NameStr(*PG_GETARG_NAME(2)));
	}
	return clr_send(fcinfo, &call.cmd, clr_return_member);
}

Datum
clr_create_account(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_CREATE_ACCOUNT, "create_account");
	call.cmd.text = clr_arg_text(fcinfo, 0, "account");
	call.cmd.u.account.member =
		clr_arg_object(fcinfo, 1, "member", CLR_OBJECT_MEMBER)->id;
	call.cmd.u.account.account_type =
		clr_arg_keyword(fcinfo, 2, "account_type", CLR_WORDS_ACCOUNT_TYPE);
	clr_admin_reference(fcinfo, 3, &call);
	return clr_admin_create(fcinfo, &call);
}

/*----------------------------------------------------------------
 * Instruments
 *----------------------------------------------------------------
 */
int64
clr_arg_step(FunctionCallInfo fcinfo, int n, const char *name, uint8 *exp)
{
	int64		mantissa = clr_decimal(clr_arg_numeric(fcinfo, n, name), name,
									   exp);

	if (mantissa <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s must be greater than 0", name)));
	return mantissa;
}

/* A rate in millionths, or an amount per lot. */
static int64
clr_arg_charge(FunctionCallInfo fcinfo, int n, const char *name, uint8 basis,
			   uint8 scale)
{
	Numeric		value = clr_arg_numeric(fcinfo, n, name);

	if (basis == CLR_BASIS_RATE)
		return clr_rate_millionths(value, name);
	return clr_steps(value, scale, 1, name, "smallest unit of the asset");
}

Datum
clr_create_spot(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_CREATE_INSTRUMENT, "create_spot");
	call.cmd.text = clr_arg_text(fcinfo, 0, "symbol");
	call.cmd.u.instrument.kind = CLR_INSTRUMENT_SPOT;
	call.cmd.u.instrument.base_asset =
		clr_arg_object(fcinfo, 1, "base_asset", CLR_OBJECT_ASSET)->id;
	call.cmd.u.instrument.quote_asset =
		clr_arg_object(fcinfo, 2, "quote_asset", CLR_OBJECT_ASSET)->id;
	call.cmd.u.instrument.tick_size =
		clr_arg_step(fcinfo, 3, "tick_size", &call.cmd.u.instrument.tick_exp);
	call.cmd.u.instrument.lot_size =
		clr_arg_step(fcinfo, 4, "lot_size", &call.cmd.u.instrument.lot_exp);
	call.cmd.u.instrument.multiplier = 1;
	call.cmd.u.instrument.margin_basis = CLR_BASIS_RATE;
	call.cmd.u.instrument.fee_basis = CLR_BASIS_RATE;
	call.cmd.u.instrument.maker_fee =
		clr_rate_millionths(clr_arg_numeric(fcinfo, 5, "maker_fee"), "maker_fee");
	call.cmd.u.instrument.taker_fee =
		clr_rate_millionths(clr_arg_numeric(fcinfo, 6, "taker_fee"), "taker_fee");
	call.cmd.u.instrument.replace_priority =
		clr_arg_keyword(fcinfo, 7, "replace_priority", CLR_WORDS_REPLACE_PRIORITY);
	call.cmd.u.instrument.phase =
		clr_arg_keyword(fcinfo, 8, "phase", CLR_WORDS_PHASE);
	clr_admin_reference(fcinfo, 9, &call);
	return clr_admin_create(fcinfo, &call);
}

/* Microseconds since 1970. */
static int64
clr_unix_us(TimestampTz time, const char *name)
{
	int64		us;

	if (TIMESTAMP_NOT_FINITE(time) ||
		pg_add_s64_overflow(time, CLR_UNIX_TO_PG_US, &us) || us <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s is out of range", name)));
	return us;
}

/*
 * Arguments: symbol, settlement_asset, tick_size, multiplier, initial_margin,
 * maintenance_margin, lot_size, margin_basis, maker_fee, taker_fee, fee_basis,
 * reference_price, expiry, replace_priority, phase, request_id.
 */
static void
clr_build_future(FunctionCallInfo fcinfo, ClrAdminCall *call)
{
	ClrCommand *cmd = &call->cmd;
	const ClrObject *asset = clr_arg_object(fcinfo, 1, "settlement_asset",
											CLR_OBJECT_ASSET);
	uint8		margin_basis = clr_arg_keyword(fcinfo, 7, "margin_basis",
											   CLR_WORDS_MARGIN_BASIS);
	uint8		fee_basis = clr_arg_keyword(fcinfo, 10, "fee_basis",
											CLR_WORDS_FEE_BASIS);

	cmd->text = clr_arg_text(fcinfo, 0, "symbol");
	cmd->u.instrument.kind = CLR_INSTRUMENT_FUTURE;
	cmd->u.instrument.quote_asset = asset->id;
	cmd->u.instrument.tick_size =
		clr_arg_step(fcinfo, 2, "tick_size", &cmd->u.instrument.tick_exp);
	cmd->u.instrument.multiplier =
		clr_arg_step(fcinfo, 3, "multiplier", &cmd->u.instrument.multiplier_exp);
	cmd->u.instrument.lot_size =
		clr_arg_step(fcinfo, 6, "lot_size", &cmd->u.instrument.lot_exp);
	cmd->u.instrument.margin_basis = margin_basis;
	cmd->u.instrument.initial_margin =
		clr_arg_charge(fcinfo, 4, "initial_margin", margin_basis, asset->scale);
	cmd->u.instrument.maintenance_margin =
		clr_arg_charge(fcinfo, 5, "maintenance_margin", margin_basis, asset->scale);
	cmd->u.instrument.fee_basis = fee_basis;
	cmd->u.instrument.maker_fee =
		clr_arg_charge(fcinfo, 8, "maker_fee", fee_basis, asset->scale);
	cmd->u.instrument.taker_fee =
		clr_arg_charge(fcinfo, 9, "taker_fee", fee_basis, asset->scale);
	if (!PG_ARGISNULL(11))
	{
		cmd->u.instrument.has_reference_price = 1;
		cmd->u.instrument.reference_price =
			clr_steps(PG_GETARG_NUMERIC(11), cmd->u.instrument.tick_exp,
					  cmd->u.instrument.tick_size, "reference_price", "tick size");
	}
	if (!PG_ARGISNULL(12))
		cmd->u.instrument.expiry_us =
			clr_unix_us(PG_GETARG_TIMESTAMPTZ(12), "expiry");
	cmd->u.instrument.replace_priority =
		clr_arg_keyword(fcinfo, 13, "replace_priority", CLR_WORDS_REPLACE_PRIORITY);
	cmd->u.instrument.phase =
		clr_arg_keyword(fcinfo, 14, "phase", CLR_WORDS_PHASE);
}

Datum
clr_create_future(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;

	clr_admin_begin(&call, CLR_CMD_CREATE_INSTRUMENT, "create_future");
	clr_build_future(fcinfo, &call);
	clr_admin_reference(fcinfo, 15, &call);
	return clr_admin_create(fcinfo, &call);
}

/* Fields of a phase: ends or begins, lasts, is followed by. */
typedef struct ClrPhaseFields
{
	uint8		pairs[CLR_FIELDS_MAX * CLR_FIELD_BYTES];
	uint8	   *end;
	uint8		n;
} ClrPhaseFields;

static void
clr_phase_field(ClrPhaseFields *f, ClrScheduleField field, int64 value)
{
	f->end = clr_put_field(f->n == 0 ? f->pairs : f->end, (uint16) field, value);
	f->n++;
}

static int64
clr_arg_interval_us(FunctionCallInfo fcinfo, int n, const char *name)
{
	return PG_ARGISNULL(n) ? 0 : clr_interval_us(PG_GETARG_INTERVAL_P(n), name);
}

static int64
clr_arg_next_phase(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? 0 : clr_arg_keyword(fcinfo, n, "next_phase", CLR_WORDS_PHASE);
}

Datum
clr_set_phase(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;
	ClrPhaseFields f = {.n = 0};

	clr_admin_begin(&call, CLR_CMD_SET_PHASE, "set_phase");
	call.cmd.u.phase.instrument =
		clr_arg_object(fcinfo, 0, "symbol", CLR_OBJECT_INSTRUMENT)->id;
	call.cmd.u.phase.phase = clr_arg_keyword(fcinfo, 1, "phase", CLR_WORDS_PHASE);
	if (!PG_ARGISNULL(3))
		clr_phase_field(&f, CLR_SCHEDULE_TIME,
						clr_unix_us(PG_GETARG_TIMESTAMPTZ(3), "ends_at"));
	if (!PG_ARGISNULL(4))
		clr_phase_field(&f, CLR_SCHEDULE_RANDOM_END,
						clr_arg_interval_us(fcinfo, 4, "random_end"));
	if (!PG_ARGISNULL(5))
		clr_phase_field(&f, CLR_SCHEDULE_NEXT_PHASE, clr_arg_next_phase(fcinfo, 5));
	if (!PG_ARGISNULL(6))
		clr_phase_field(&f, CLR_SCHEDULE_SEED, PG_GETARG_INT64(6));
	call.cmd.pairs.data = f.pairs;
	call.cmd.pairs.n = f.n;
	clr_admin_reference(fcinfo, 2, &call);
	return clr_admin_send(fcinfo, &call);
}

/*
 * Arguments: symbol, entry, phase, time_of_day, at, duration, random_end,
 * next_phase, weekdays, seed, request_id.
 */
Datum
clr_set_schedule(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;
	ClrPhaseFields f = {.n = 0};
	bool		gone = PG_ARGISNULL(2);
	int64		time = 0;

	clr_admin_begin(&call, CLR_CMD_SET_FIELDS, "set_schedule");
	call.cmd.u.fields.scope = CLR_SCOPE_SCHEDULE;
	call.cmd.u.fields.object =
		clr_arg_object(fcinfo, 0, "symbol", CLR_OBJECT_INSTRUMENT)->id;
	if (PG_ARGISNULL(1))
		clr_null_argument("entry");
	if (PG_GETARG_INT32(1) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("entry %d is out of range", PG_GETARG_INT32(1)),
				 errdetail("Entries are numbered from 0.")));
	call.cmd.u.fields.sub = (uint64) PG_GETARG_INT32(1);
	if (!gone && PG_ARGISNULL(3) == PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("either time_of_day or at must be given")));
	if (!gone && !PG_ARGISNULL(3))
		time = PG_GETARG_TIMEADT(3) % USECS_PER_DAY;
	else if (!gone)
		time = clr_unix_us(PG_GETARG_TIMESTAMPTZ(4), "at");
	clr_phase_field(&f, CLR_SCHEDULE_TIME, time);
	clr_phase_field(&f, CLR_SCHEDULE_PHASE, gone ? 0 :
					clr_arg_keyword(fcinfo, 2, "phase", CLR_WORDS_PHASE));
	clr_phase_field(&f, CLR_SCHEDULE_DURATION, clr_arg_interval_us(fcinfo, 5, "duration"));
	clr_phase_field(&f, CLR_SCHEDULE_RANDOM_END, clr_arg_interval_us(fcinfo, 6, "random_end"));
	clr_phase_field(&f, CLR_SCHEDULE_NEXT_PHASE, clr_arg_next_phase(fcinfo, 7));
	clr_phase_field(&f, CLR_SCHEDULE_SEED, PG_ARGISNULL(9) ? 0 : PG_GETARG_INT64(9));
	clr_phase_field(&f, CLR_SCHEDULE_WEEKDAYS, PG_ARGISNULL(8) ? 127 : PG_GETARG_INT32(8));
	call.cmd.pairs.data = f.pairs;
	call.cmd.pairs.n = f.n;
	clr_admin_reference(fcinfo, 10, &call);
	return clr_admin_send(fcinfo, &call);
}

Datum
clr_set_margin(PG_FUNCTION_ARGS)
{
	ClrAdminCall call;
	const ClrObject *instrument;
	uint8		basis;

	clr_admin_begin(&call, CLR_CMD_SET_MARGIN, "set_margin");
	instrument = clr_arg_object(fcinfo, 0, "symbol", CLR_OBJECT_INSTRUMENT);
	basis = clr_arg_keyword(fcinfo, 3, "margin_basis", CLR_WORDS_MARGIN_BASIS);
	call.cmd.u.margin.instrument = instrument->id;
	call.cmd.u.margin.basis = basis;
	call.cmd.u.margin.initial =
		clr_arg_charge(fcinfo, 1, "initial_margin", basis, instrument->quote_scale);
	call.cmd.u.margin.maintenance =
		clr_arg_charge(fcinfo, 2, "maintenance_margin", basis, instrument->quote_scale);
	clr_admin_reference(fcinfo, 4, &call);
	return clr_admin_send(fcinfo, &call);
}

/* The three commands that give an instrument a price. */
static Datum
clr_price_command(FunctionCallInfo fcinfo, ClrCommandType type,
				  const char *function)
{
	ClrAdminCall call;
	const ClrObject *instrument;

	clr_admin_begin(&call, type, function);
	instrument = clr_arg_object(fcinfo, 0, "symbol", CLR_OBJECT_INSTRUMENT);
	call.cmd.u.price.instrument = instrument->id;
	call.cmd.u.price.price =
		clr_price_ticks(instrument, clr_arg_numeric(fcinfo, 1, "price"), "price");
	clr_admin_reference(fcinfo, 2, &call);
	return clr_admin_send(fcinfo, &call);
}

Datum
clr_set_mark_price(PG_FUNCTION_ARGS)
{
	return clr_price_command(fcinfo, CLR_CMD_SET_MARK_PRICE, "set_mark_price");
}

Datum
clr_settle(PG_FUNCTION_ARGS)
{
	return clr_price_command(fcinfo, CLR_CMD_SETTLE, "settle");
}

Datum
clr_expire(PG_FUNCTION_ARGS)
{
	return clr_price_command(fcinfo, CLR_CMD_EXPIRE, "expire");
}

/*----------------------------------------------------------------
 * Cash
 *----------------------------------------------------------------
 */
static Datum
clr_cash_command(FunctionCallInfo fcinfo, ClrCommandType type,
				 const char *function)
{
	ClrAdminCall call;
	const ClrObject *asset;

	clr_admin_begin(&call, type, function);
	call.cmd.account = clr_own_account(clr_arg_text(fcinfo, 0, "account"),
									   &call.cmd.submitter)->id;
	asset = clr_arg_object(fcinfo, 1, "asset", CLR_OBJECT_ASSET);
	call.cmd.u.cash.asset = asset->id;
	call.cmd.u.cash.amount =
		clr_amount_units(asset, clr_arg_numeric(fcinfo, 2, "amount"), "amount");
	clr_admin_reference(fcinfo, 3, &call);
	return clr_admin_send(fcinfo, &call);
}

Datum
clr_deposit(PG_FUNCTION_ARGS)
{
	return clr_cash_command(fcinfo, CLR_CMD_DEPOSIT, "deposit");
}

Datum
clr_withdraw(PG_FUNCTION_ARGS)
{
	return clr_cash_command(fcinfo, CLR_CMD_WITHDRAW, "withdraw");
}
