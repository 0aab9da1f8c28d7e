/*
 * attribute.c
 *	  What most orders don't have: peaks, triggers, pegs, expiry, links.
 *
 * Run by backends.  Turns the arguments into the (number, value) pairs of a
 * command.  Which of them fit together is the engine's to say; here a value is
 * only made exact: ticks, lots, microseconds, numbers of orders.
 */
#include "api/api.h"
#include "journal/times.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

typedef struct ClrAttributes
{
	uint16		given;			/* bit per attribute */
	uint16		gone;
	int64		value[CLR_ATTR_SETTABLE + 1];
} ClrAttributes;

static void
clr_give(ClrAttributes *a, ClrAttr attr, int64 value)
{
	a->given |= 1 << attr;
	a->value[attr] = value;
}

static void
clr_give_qty(ClrAttributes *a, const Datum *args, const bool *nulls, int arg,
			 ClrAttr attr, const ClrObject *instrument, const char *name)
{
	if (!nulls[arg])
		clr_give(a, attr, clr_qty_lots(instrument, DatumGetNumeric(args[arg]), name));
}

static void
clr_give_price(ClrAttributes *a, const Datum *args, const bool *nulls, int arg,
			   ClrAttr attr, const ClrObject *instrument, const char *name)
{
	if (!nulls[arg])
		clr_give(a, attr, clr_price_ticks(instrument, DatumGetNumeric(args[arg]), name));
}

static void
clr_give_word(ClrAttributes *a, const Datum *args, const bool *nulls, int arg,
			  ClrAttr attr, ClrVocabulary vocabulary)
{
	if (!nulls[arg])
		clr_give(a, attr, clr_keyword(vocabulary, clr_text_of(args[arg])));
}

static void
clr_give_number(ClrAttributes *a, const Datum *args, const bool *nulls, int arg,
				ClrAttr attr, const char *name)
{
	if (nulls[arg])
		return;
	if (DatumGetInt64(args[arg]) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("%s must be greater than 0", name)));
	clr_give(a, attr, DatumGetInt64(args[arg]));
}

static void
clr_give_time(ClrAttributes *a, const Datum *args, const bool *nulls)
{
	TimestampTz time;

	if (nulls[CLR_ARG_EXPIRE_TIME])
		return;
	time = DatumGetTimestampTz(args[CLR_ARG_EXPIRE_TIME]);
	if (TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("expire_time must be finite"),
				 errhint("An order without an end is time_in_force gtc.")));
	clr_give(a, CLR_ATTR_EXPIRE_TIME, clr_time_from_pg(time));
}

/*
 * The order that a ClOrdID names or ever named: a repetition of the command
 * must mean the same order whatever has become of it since.  0 if unknown.
 */
static int64
clr_read_order_id(uint32 account, ClrText ref)
{
	static const char query[] =
	"SELECT order_id FROM clearing_state.open_order"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND cl_ord_id OPERATOR(pg_catalog.=) $2"
	" UNION ALL SELECT order_id FROM clearing_state.order_history"
	" WHERE account_id OPERATOR(pg_catalog.=) $1"
	" AND cl_ord_id OPERATOR(pg_catalog.=) $2 LIMIT 1";
	Oid			types[] = {INT4OID, TEXTOID};
	Datum		values[2];
	ClrOwnerScope scope;
	int64		id = 0;

	values[0] = Int32GetDatum((int32) account);
	values[1] = PointerGetDatum(cstring_to_text_with_len((const char *) ref.data,
														 ref.len));
	clr_owner_enter(&scope, true);
	if (clr_owner_select(query, 2, types, values) > 0)
		id = clr_spi_int(0, 1);
	clr_owner_leave(&scope);
	return id;
}

/* The other half of a pair, by number or by name. */
static void
clr_give_link(ClrAttributes *a, const Datum *args, const bool *nulls,
			  uint32 account)
{
	ClrText		ref;
	int64		id;

	clr_give_number(a, args, nulls, CLR_ARG_LINK_ORDER_ID, CLR_ATTR_LINK,
					"link_order_id");
	if (nulls[CLR_ARG_LINK])
		return;
	if (!nulls[CLR_ARG_LINK_ORDER_ID])
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("link and link_order_id cannot both be given")));
	ref = clr_text_of(args[CLR_ARG_LINK]);
	id = clr_read_order_id(account, ref);
	if (id == 0 && clr_catch_up())
		id = clr_read_order_id(account, ref);
	if (id == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
				 errmsg("the account has no order \"%.*s\" to link to",
						clr_clip(ref, 2 * CLR_REF_MAX), (const char *) ref.data),
				 errhint("Send that order first, in a call of its own.")));
	clr_give(a, CLR_ATTR_LINK, id);
}

/* Attributes named in an array of text are taken away. */
static void
clr_take_away(ClrAttributes *a, Datum array)
{
	Datum	   *names;
	bool	   *nulls;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		uint8		attr;

		if (nulls[i])
			clr_null_argument("an attribute to remove");
		attr = clr_keyword(CLR_WORDS_ATTRIBUTE, clr_text_of(names[i]));
		if ((a->given >> attr & 1) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_INVALID_VALUE),
					 errmsg("%s cannot be given and removed at once",
							text_to_cstring(DatumGetTextPP(names[i])))));
		a->gone |= 1 << attr;
	}
}

void
clr_build_attributes(const Datum *args, const bool *nulls, Datum take_away,
					 const ClrObject *instrument, ClrCommand *cmd,
					 ClrOrderRoom *room)
{
	ClrAttributes a = {0};
	uint8	   *end = room->attributes;

	clr_give_qty(&a, args, nulls, CLR_ARG_DISPLAY_QTY, CLR_ATTR_DISPLAY_QTY,
				 instrument, "display_qty");
	clr_give_qty(&a, args, nulls, CLR_ARG_MIN_QTY, CLR_ATTR_MIN_QTY,
				 instrument, "min_qty");
	clr_give_price(&a, args, nulls, CLR_ARG_STOP_PX, CLR_ATTR_STOP_PX,
				   instrument, "stop_px");
	clr_give_word(&a, args, nulls, CLR_ARG_TRIGGER, CLR_ATTR_TRIGGER,
				  CLR_WORDS_TRIGGER);
	clr_give_price(&a, args, nulls, CLR_ARG_TRAIL_OFFSET, CLR_ATTR_TRAIL_OFFSET,
				   instrument, "trail_offset");
	clr_give_word(&a, args, nulls, CLR_ARG_PEG_TYPE, CLR_ATTR_PEG_TYPE,
				  CLR_WORDS_PEG);
	clr_give_price(&a, args, nulls, CLR_ARG_PEG_OFFSET, CLR_ATTR_PEG_OFFSET,
				   instrument, "peg_offset");
	clr_give_time(&a, args, nulls);
	clr_give_link(&a, args, nulls, cmd->account);
	clr_give_number(&a, args, nulls, CLR_ARG_SMP_ID, CLR_ATTR_SMP_ID, "smp_id");
	clr_give_number(&a, args, nulls, CLR_ARG_SESSION, CLR_ATTR_SESSION, "session");
	if (take_away != (Datum) 0)
		clr_take_away(&a, take_away);

	for (uint8 attr = 0; attr <= CLR_ATTR_SETTABLE; attr++)
	{
		if ((a.given >> attr & 1) != 0)
			end = clr_put_attr(end, attr, a.value[attr]);
		else if ((a.gone >> attr & 1) != 0)
			end = clr_put_attr(end, attr | CLR_ATTR_GONE, 0);
		else
			continue;
		cmd->pairs.n++;
	}
	cmd->pairs.data = room->attributes;
}

uint8
clr_instructions(const Datum *args, const bool *nulls)
{
	uint8		bits = 0;

	if (!nulls[CLR_ARG_POST_ONLY_MODE])
		bits |= clr_keyword(CLR_WORDS_POST_ONLY_MODE,
							clr_text_of(args[CLR_ARG_POST_ONLY_MODE]));
	if (!nulls[CLR_ARG_REDUCE_ONLY] && DatumGetBool(args[CLR_ARG_REDUCE_ONLY]))
		bits |= CLR_EXEC_REDUCE_ONLY;
	if (!nulls[CLR_ARG_CANCEL_ON_DISCONNECT] &&
		DatumGetBool(args[CLR_ARG_CANCEL_ON_DISCONNECT]))
		bits |= CLR_EXEC_CANCEL_ON_DISCONNECT;
	return bits;
}
