/*
 * api.h
 *	  What the SQL-callable functions share.
 *
 * Run by backends.  Every function has the same shape: resolve names, check
 * that the caller may, encode a command, hand it to the ring, turn the reply
 * into a row.  Nothing here decides anything about a trade.
 *
 * No locks of its own: all state is local to the backend (see lookup.c for
 * what is cached and when it is forgotten).
 */
#ifndef CLR_API_H
#define CLR_API_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/numeric.h"

#include "compat.h"
#include "engine/engine.h"
#include "errors.h"
#include "worker/ring.h"

/*----------------------------------------------------------------
 * lookup.c: names and numbers of what never changes once created
 *----------------------------------------------------------------
 */
typedef enum ClrObjectKind
{
	CLR_OBJECT_ASSET = 1,
	CLR_OBJECT_MEMBER,
	CLR_OBJECT_ACCOUNT,
	CLR_OBJECT_INSTRUMENT
} ClrObjectKind;

typedef struct ClrObjectKey
{
	uint8		kind;			/* ClrObjectKind */
	uint8		len;
	char		name[CLR_NAME_MAX]; /* zero padded */
} ClrObjectKey;

typedef struct ClrObject
{
	ClrObjectKey key;			/* must be first */
	uint32		id;
	uint8		scale;			/* asset */
	uint32		member;			/* account */
	/* instrument */
	uint8		instrument_kind;	/* ClrInstrumentKind */
	uint8		tick_exp,
				lot_exp;
	int64		tick_size,		/* mantissas */
				lot_size;
	uint32		base_asset,
				quote_asset;
	uint8		quote_scale;
} ClrObject;

/*
 * Call first in every SQL-callable function: forgets what has been
 * invalidated.  Objects stay where they are until the next such call.
 */
extern void clr_lookup_begin(void);
/* NULL if this node's read model knows no such object. */
extern const ClrObject *clr_lookup_name(ClrObjectKind kind, ClrText name);
extern const ClrObject *clr_lookup_id(ClrObjectKind kind, uint32 id);
/* After finding nothing: true if looking again may find more (see lookup.c). */
extern bool clr_catch_up(void);
/* Raises CH007 instead of returning NULL. */
extern const ClrObject *clr_require_object(ClrObjectKind kind, ClrText name);
/* Raise CH007: the same words whether it is unknown or foreign. */
extern void clr_no_such_object(ClrObjectKind kind, ClrText name) pg_attribute_noreturn();
extern void clr_no_such_order(const char *what) pg_attribute_noreturn();

/*
 * Reads the tables of clearing_state as their owner; whoever calls these must
 * have made sure that the user may know the answer.
 */
typedef struct ClrOwnerScope
{
	Oid			userid;
	int			sec_context;
	bool		snapshot;
} ClrOwnerScope;

/* latest: see what is committed now instead of the statement's snapshot */
extern void clr_owner_enter(ClrOwnerScope *scope, bool latest);
extern void clr_owner_leave(ClrOwnerScope *scope);
/* Runs a query inside a scope; returns the number of rows in SPI_tuptable. */
extern uint64 clr_owner_select(const char *query, int nargs, Oid *types,
							   Datum *values);
extern int64 clr_spi_int(uint64 row, int column);
extern Oid	clr_state_relation(const char *name);

/*----------------------------------------------------------------
 * access.c: who may
 *----------------------------------------------------------------
 */
extern bool clr_is_operator(void);
/* Operators and auditors. */
extern bool clr_sees_all(void);
/* Raises 42501 unless an operator calls. */
extern void clr_require_operator(const char *function);
extern bool clr_acts_for(uint32 member);
/*
 * The account, if the caller may act for it, and what goes into the header;
 * otherwise CH007.
 */
extern const ClrObject *clr_own_account(ClrText name, uint32 *submitter);
extern uint32 clr_submitter_for(uint32 account_id);
/* Raises an error if the role does not exist or is a group of pg_clearing. */
extern void clr_check_member_role(const char *role);
/* role NULL: nobody; the caller has checked that the user may. */
extern void clr_store_member_role(uint32 member, const char *role);

/*----------------------------------------------------------------
 * numeric.c: numeric <-> integers, exactly
 *----------------------------------------------------------------
 */
extern Numeric clr_numeric_scaled(int64 value, int exp);	/* value / 10^exp */
extern Numeric clr_numeric_price(const ClrObject *instrument, int64 ticks);
extern Numeric clr_numeric_qty(const ClrObject *instrument, int64 lots);
extern Numeric clr_numeric_avg_px(const ClrObject *instrument,
								  int64 cum_value, int64 cum_qty);
/* Each raises CH006 with the nearest valid values. */
extern int64 clr_price_ticks(const ClrObject *instrument, Numeric price,
							 const char *what);
extern int64 clr_qty_lots(const ClrObject *instrument, Numeric qty,
						  const char *what);
extern int64 clr_amount_units(const ClrObject *asset, Numeric amount,
							  const char *what);
extern int64 clr_rate_millionths(Numeric rate, const char *what);
extern int64 clr_steps(Numeric value, int exp, int64 step, const char *what,
					   const char *unit);
/* A parameter as mantissa / 10^exp, without trailing zeros. */
extern int64 clr_decimal(Numeric value, const char *what, uint8 *exp);

/*----------------------------------------------------------------
 * keyword.c: the words of the SQL interface
 *----------------------------------------------------------------
 */
typedef enum ClrVocabulary
{
	CLR_WORDS_SIDE,
	CLR_WORDS_ORD_TYPE,
	CLR_WORDS_TIME_IN_FORCE,
	CLR_WORDS_SELF_MATCH,
	CLR_WORDS_PHASE,
	CLR_WORDS_ACCOUNT_TYPE,
	CLR_WORDS_MARGIN_BASIS,
	CLR_WORDS_FEE_BASIS,
	CLR_WORDS_REPLACE_PRIORITY,
	CLR_WORDS_TRIGGER,
	CLR_WORDS_PEG,
	CLR_WORDS_POST_ONLY_MODE,
	CLR_WORDS_ATTRIBUTE
} ClrVocabulary;

/* Raises CH006 naming the words there are. */
extern uint8 clr_keyword(ClrVocabulary vocabulary, ClrText word);
/* The other way; NULL if there is none. */
extern const char *clr_word_of(ClrVocabulary vocabulary, uint8 value);
/* NULL for CLR_STATUS_NONE and CLR_EXEC_NONE. */
extern const char *clr_ord_status_word(uint8 status);
extern const char *clr_exec_type_word(uint8 exec_type);

/*----------------------------------------------------------------
 * call.c: arguments, and the way to the sequencer and back
 *----------------------------------------------------------------
 */
/* One command of a reply. */
typedef struct ClrAnswer
{
	ClrOutcome	outcome;
	const uint8 *trades;		/* TRADE events */
	size_t		trades_len;
} ClrAnswer;

typedef struct ClrReplyReader
{
	const uint8 *pos;
	const uint8 *end;
} ClrReplyReader;

extern ClrText clr_text_of(Datum text);
/* At most max bytes of it, for a message: whole characters. */
extern int	clr_clip(ClrText text, int max);
/* Argument as text; raises CH006 if it is null. */
extern ClrText clr_arg_text(FunctionCallInfo fcinfo, int n, const char *name);
extern Numeric clr_arg_numeric(FunctionCallInfo fcinfo, int n, const char *name);
extern void clr_null_argument(const char *name) pg_attribute_noreturn();
/* Room for a made-up reference lives in the caller. */
typedef char ClrRefBuffer[CLR_REF_MAX];
extern ClrText clr_reference(bool isnull, Datum text, ClrRefBuffer made_up);

/* For what writes without the ring: raises 25006 on a standby. */
extern void clr_require_primary(const char *function);
/*
 * Call first in every function that sends a command; raises what can be known
 * before.  opens: the command opens the house.
 */
extern void clr_call_begin(bool opens);
/* Encodes; raises CH006 if a text is too long. */
extern size_t clr_encode(const ClrCommand *cmd, uint8 *buf);
/* The ring, with the references in the detail of CH002. */
extern void clr_call(const uint8 *commands, size_t len, uint32 n,
					 ClrReply *reply);
/* Encodes and sends one command. */
extern void clr_call_one(const ClrCommand *cmd, ClrReply *reply,
						 ClrAnswer *answer);
/* Reading a reply. */
extern void clr_reply_start(ClrReplyReader *reader, const ClrReply *reply);
/* False at the end; raises an error on bytes that are no reply. */
extern bool clr_reply_next(ClrReplyReader *reader, ClrAnswer *answer);

/*----------------------------------------------------------------
 * unreported.c: errors after the answer
 *----------------------------------------------------------------
 */
/* Makes a function's result of an answer. */
typedef Datum (*ClrReportFunction) (FunctionCallInfo fcinfo,
									const ClrReply *reply,
									const ClrAnswer *answer);

extern char *clr_describe_references(const uint8 *commands, size_t len,
									 uint32 n);
/*
 * In PG_CATCH() of what comes after an answer: the error in flight becomes
 * CH002, with the block that holds the commands and their references.
 */
extern void clr_raise_unreported(const ClrReply *reply, const uint8 *commands,
								 size_t len, uint32 n) pg_attribute_noreturn();
extern void clr_raise_unreported_one(const ClrReply *reply,
									 const ClrAnswer *answer) pg_attribute_noreturn();
/* Makes a result, guarded by it; see send.c for whoever has no answer yet. */
extern Datum clr_report_one(FunctionCallInfo fcinfo, const ClrReply *reply,
							const ClrAnswer *answer, ClrReportFunction make);

/*----------------------------------------------------------------
 * send.c: sending and reporting in one
 *----------------------------------------------------------------
 */
/* Sends one command that has its reference. */
extern Datum clr_send(FunctionCallInfo fcinfo, const ClrCommand *cmd,
					  ClrReportFunction make);
/* Argument request_arg is its reference, if it is not null. */
extern Datum clr_send_request(FunctionCallInfo fcinfo, ClrCommand *cmd,
							  int request_arg, ClrReportFunction make);

/* Makes a function's result of the answers to many commands. */
typedef Datum (*ClrReplyFunction) (FunctionCallInfo fcinfo,
								   const ClrReply *reply, void *arg);

extern Datum clr_send_encoded(FunctionCallInfo fcinfo, const uint8 *commands,
							  size_t len, uint32 n, ClrReplyFunction make,
							  void *arg);

/*----------------------------------------------------------------
 * report.c: outcome -> composite value
 *----------------------------------------------------------------
 */
#define CLR_EXECUTION_COLUMNS	19
#define CLR_COMMAND_COLUMNS		9
#define CLR_MASS_CANCEL_COLUMNS	8

typedef struct ClrReporter
{
	const ClrReply *reply;
	char		prefix[48];		/* of receipts: epoch/height/ */
	int			prefix_len;		/* 0 until there is one */
	char		suffix[2 * 32 + 1]; /* /hash without the slash */
	bool		trusted;		/* the reply came from the ring */
	Oid			fill_type;		/* element type of fills, looked up once */
	TupleDesc	fill_desc;		/* NULL until there are fills */
	uint32		wanted;			/* bit n: column n of executions is made */
} ClrReporter;

/* of the columns of an execution, from 0 */
#define CLR_FILLS_COLUMN	9

/* desc: of the rows; NULL if the caller sets fill_type itself */
extern void clr_report_start(ClrReporter *reporter, const ClrReply *reply,
							 TupleDesc desc);
extern void clr_report_end(ClrReporter *reporter);
extern void clr_report_execution(ClrReporter *reporter, const ClrAnswer *answer,
								 Datum *values, bool *nulls);
/* What a refusal by a limit counts, beside amounts of an asset. */
typedef enum ClrLimitUnit
{
	CLR_UNIT_NONE,
	CLR_UNIT_NUMBER,
	CLR_UNIT_LOTS,
	CLR_UNIT_TICKS
} ClrLimitUnit;

extern ClrLimitUnit clr_limit_unit(uint16 reason);
/* Whole function results. */
extern Datum clr_return_execution(FunctionCallInfo fcinfo, const ClrReply *reply,
								  const ClrAnswer *answer);
extern Datum clr_return_command(FunctionCallInfo fcinfo, const ClrReply *reply,
								const ClrAnswer *answer);
extern Datum clr_return_mass_cancel(FunctionCallInfo fcinfo, const ClrReply *reply,
									const ClrAnswer *answer);

/*----------------------------------------------------------------
 * order.c: an order from its arguments, shared with batch.c
 *----------------------------------------------------------------
 */
/*
 * Arguments of an order, as clearing.submit_order() has them: those that every
 * order has, then those that most don't have.
 */
typedef enum ClrOrderArg
{
	CLR_ARG_ACCOUNT,
	CLR_ARG_SYMBOL,
	CLR_ARG_SIDE,
	CLR_ARG_ORDER_QTY,
	CLR_ARG_PRICE,
	CLR_ARG_CL_ORD_ID,
	CLR_ARG_ORD_TYPE,
	CLR_ARG_TIME_IN_FORCE,
	CLR_ARG_POST_ONLY,
	CLR_ARG_SELF_MATCH,
	CLR_ARG_ATTRIBUTES			/* attribute.c: from here on */
} ClrOrderArg;

#define CLR_ORDER_ARGS CLR_ARG_ATTRIBUTES
#define CLR_ALL_ORDER_ARGS (CLR_ORDER_ARGS + CLR_ATTRIBUTE_ARGS + CLR_INSTRUCTION_ARGS)

/* Room for what a command points to. */
typedef struct ClrOrderRoom
{
	ClrRefBuffer ref;
	uint8		attributes[(CLR_ATTR_SETTABLE + 1) * CLR_ATTR_BYTES];
} ClrOrderRoom;

/* memo: what the order before named, all zero for the first one */
typedef struct ClrOrderMemo
{
	const ClrObject *account;
	uint32		submitter;
	const ClrObject *instrument;
} ClrOrderMemo;

/* n_args: CLR_ORDER_ARGS or CLR_ALL_ORDER_ARGS */
extern void clr_build_order(const Datum *args, const bool *nulls, int n_args,
							ClrOrderMemo *memo, ClrCommand *cmd,
							ClrOrderRoom *room);

/*
 * A trading function without the row that it returns; arguments are those of
 * the SQL function.
 */
typedef void (*ClrTradingCall) (FunctionCallInfo fcinfo, ClrReply *reply,
								ClrAnswer *answer);
/* What is behind an SQL-callable function of order.c; NULL if it is none. */
extern ClrTradingCall clr_trading_call(PGFunction function);

/*----------------------------------------------------------------
 * attribute.c: what most orders don't have
 *----------------------------------------------------------------
 */
/* Order of the arguments, and of the columns of clearing.order_attributes. */
typedef enum ClrAttributeArg
{
	CLR_ARG_DISPLAY_QTY,
	CLR_ARG_MIN_QTY,
	CLR_ARG_STOP_PX,
	CLR_ARG_TRIGGER,
	CLR_ARG_TRAIL_OFFSET,
	CLR_ARG_PEG_TYPE,
	CLR_ARG_PEG_OFFSET,
	CLR_ARG_EXPIRE_TIME,
	CLR_ARG_LINK,
	CLR_ARG_LINK_ORDER_ID,
	CLR_ARG_SMP_ID,
	CLR_ARG_SESSION,
	CLR_ATTRIBUTE_ARGS,
	/* instructions: new orders only */
	CLR_ARG_POST_ONLY_MODE = CLR_ATTRIBUTE_ARGS,
	CLR_ARG_REDUCE_ONLY,
	CLR_ARG_CANCEL_ON_DISCONNECT,
	CLR_INSTRUCTION_ARGS = 3
} ClrAttributeArg;

/*
 * Fills cmd->pairs from the attribute arguments; take_away is an array of
 * attributes' names, or 0.
 */
extern void clr_build_attributes(const Datum *args, const bool *nulls,
								 Datum take_away, const ClrObject *instrument,
								 ClrCommand *cmd, ClrOrderRoom *room);
/* Execution bits, FIX 18. */
extern uint8 clr_instructions(const Datum *args, const bool *nulls);

/*----------------------------------------------------------------
 * scan.c: a trading function in FROM
 *----------------------------------------------------------------
 */
/* Run by the postmaster. */
extern void clr_scan_init(void);

/*----------------------------------------------------------------
 * fields.c: SET_FIELDS, for every function that sets rules, limits, …
 *----------------------------------------------------------------
 */
typedef struct ClrFieldsCall
{
	ClrCommand	cmd;			/* scope, object and sub are the caller's to set */
	int			n;
	uint16		field[CLR_FIELDS_MAX];
	int64		value[CLR_FIELDS_MAX];
} ClrFieldsCall;

/* Call first; operators only. */
extern void clr_fields_begin(ClrFieldsCall *call, const char *function,
							 ClrScope scope);
/* In any order, each field once. */
extern void clr_fields_add(ClrFieldsCall *call, uint16 field, int64 value);
/* request_arg: the argument with the request id */
extern Datum clr_fields_send(FunctionCallInfo fcinfo, ClrFieldsCall *call,
							 int request_arg);
/* Raise CH006 naming what there is; a value is a word or a whole number. */
extern const ClrFieldInfo *clr_field_named(ClrScope scope, ClrText name,
										   const char *what);
extern int64 clr_field_value(const ClrFieldInfo *field, ClrText value);

/*----------------------------------------------------------------
 * batch.c: replies with many answers
 *----------------------------------------------------------------
 */
/* Call InitMaterializedSRF() first; trusted: the reply came from the ring. */
extern void clr_return_executions(FunctionCallInfo fcinfo,
								  const ClrReply *reply, bool trusted);

#endif							/* CLR_API_H */
