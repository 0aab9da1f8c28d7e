/*
 * call.c
 *	  Arguments of the functions, and the way to the sequencer and back.
 *
 * Run by backends.  Invariants: a command that was sent has a reference,
 * unless it opens the house; an unknown outcome (CH002) always carries the
 * reference by which it can be asked for again.
 */
#include "api/api.h"

#include "access/xlog.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "worker/shmem.h"

ClrText
clr_text_of(Datum text)
{
	struct varlena *t = PG_DETOAST_DATUM_PACKED(text);
	ClrText		result;

	result.data = (const uint8_t *) VARDATA_ANY(t);
	result.len = VARSIZE_ANY_EXHDR(t);
	return result;
}

int
clr_clip(ClrText text, int max)
{
	return pg_mbcliplen((const char *) text.data, (int) text.len, max);
}

void
clr_null_argument(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("%s must not be null", name)));
}

ClrText
clr_arg_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		clr_null_argument(name);
	return clr_text_of(PG_GETARG_DATUM(n));
}

Numeric
clr_arg_numeric(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		clr_null_argument(name);
	return PG_GETARG_NUMERIC(n);
}

/*
 * Random bytes, fetched by the kilobyte: a call of the generator costs more
 * than encoding an order.
 */
static void
clr_random_bytes(uint8 *out, int len)
{
	static uint8 pool[1024];
	static int	left = 0;

	if (left < len)
	{
		if (!pg_strong_random(pool, sizeof(pool)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
		left = sizeof(pool);
	}
	left -= len;
	memcpy(out, pool + left, len);
}

/* A random UUID (version 4) as text: 36 bytes, no terminator. */
static void
clr_make_reference(char *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8		random[16];
	int			i;

	clr_random_bytes(random, sizeof(random));
	random[6] = (random[6] & 0x0f) | 0x40;
	random[8] = (random[8] & 0x3f) | 0x80;
	for (i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[random[i] >> 4];
		*out++ = digits[random[i] & 0x0f];
	}
}

/* The caller's reference; without one, one is made up. */
ClrText
clr_reference(bool isnull, Datum text, ClrRefBuffer made_up)
{
	ClrText		ref;

	if (isnull)
	{
		clr_make_reference(made_up);
		ref.data = (const uint8_t *) made_up;
		ref.len = CLR_REF_MAX;
		return ref;
	}
	ref = clr_text_of(text);
	if (ref.len == 0 || ref.len > CLR_REF_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("reference \"%.*s\" has %zu bytes",
						clr_clip(ref, 2 * CLR_REF_MAX),
						(const char *) ref.data, ref.len),
				 errdetail("A reference has 1 to %d bytes.", CLR_REF_MAX),
				 errhint("Shorten it, or send null to have one made up.")));
	return ref;
}

/* "Not open" is an error, not a refusal: there is nothing to journal it in. */
static void
clr_require_open(void)
{
	ClrDatabase *db = clr_my_database();
	bool		not_open;

	if (db == NULL)
		return;					/* the ring knows better what to say */
	SpinLockAcquire(&db->mutex);
	not_open = db->role == CLR_ROLE_SERVING && !db->house_open;
	SpinLockRelease(&db->mutex);
	if (not_open)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_NOT_OPEN),
				 errmsg("clearing house is not open"),
				 errhint("An operator opens it with SELECT * FROM clearing.open().")));
}

void
clr_require_primary(const char *function)
{
	clr_require_preload();
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot execute clearing.%s() during recovery", function),
				 errhint("Connect to the primary, for example with target_session_attrs=read-write.")));
}

void
clr_call_begin(bool opens)
{
	clr_ring_check_writable();
	if (!opens)
		clr_require_open();
	clr_lookup_begin();
}

size_t
clr_encode(const ClrCommand *cmd, uint8 *buf)
{
	size_t		len = clr_command_encode(cmd, buf);

	if (len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("a text is too long for the command"),
				 errdetail("Names have at most %d bytes, references %d, descriptions %d.",
						   CLR_NAME_MAX, CLR_REF_MAX, CLR_TEXT_MAX)));
	return len;
}

/* Completes an error in flight that says "outcome unknown". */
static void
clr_add_reference(ErrorData *error, const uint8 *commands, size_t len,
				  uint32 n)
{
	const char *detail = error->detail ? error->detail : "";
	const char *space = error->detail ? " " : "";

	error->detail = psprintf("%s%s%s", detail, space,
							 clr_describe_references(commands, len, n));
}

void
clr_call(const uint8 *commands, size_t len, uint32 n, ClrReply *reply)
{
	MemoryContext context = CurrentMemoryContext;

	reply->height = 0;
	PG_TRY();
	{
		clr_ring_call(commands, len, n, reply);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (reply->height != 0)
			clr_raise_unreported(reply, commands, len, n);
		if (geterrcode() != ERRCODE_CLR_OUTCOME_UNKNOWN)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		clr_add_reference(error, commands, len, n);
		ReThrowError(error);
	}
	PG_END_TRY();
}

void
clr_call_one(const ClrCommand *cmd, ClrReply *reply, ClrAnswer *answer)
{
	uint8		room[CLR_COMMAND_MAX];
	size_t		longest = clr_command_longest(cmd->type);
	uint8	   *buf = longest > sizeof(room) ? palloc(longest) : room;
	size_t		len = clr_encode(cmd, buf);
	ClrReplyReader reader;

	clr_call(buf, len, 1, reply);
	clr_reply_start(&reader, reply);
	if (!clr_reply_next(&reader, answer))
		elog(ERROR, "reply of the clearing house is empty");
}

void
clr_reply_start(ClrReplyReader *reader, const ClrReply *reply)
{
	reader->pos = reply->events;
	reader->end = reply->events + reply->events_len;
}

/* Gathers the trades up to the next outcome. */
bool
clr_reply_next(ClrReplyReader *reader, ClrAnswer *answer)
{
	if (reader->pos == reader->end)
		return false;
	answer->trades = reader->pos;
	for (;;)
	{
		uint8		type;
		size_t		len = clr_event_length(reader->pos,
										   reader->end - reader->pos, &type);

		if (len == 0)
			break;
		if (type == CLR_EV_OUTCOME)
		{
			answer->trades_len = reader->pos - answer->trades;
			if (!clr_event_decode_outcome(reader->pos, len, &answer->outcome))
				break;
			reader->pos += len;
			return true;
		}
		if (type != CLR_EV_TRADE)
			break;
		reader->pos += len;
	}
	ereport(ERROR,
			(errcode(ERRCODE_CLR_INVALID_VALUE),
			 errmsg("reply of the clearing house is malformed")));
}
