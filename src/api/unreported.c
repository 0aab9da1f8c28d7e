/*
 * unreported.c
 *	  Errors of callers whose command has been, or may have been, executed.
 *
 * Run by backends.  Invariant: whatever goes wrong once the sequencer has
 * answered (no memory for the reply, a cancelled lookup of a name, a member's
 * role that can't be stored) is reported as CH002.  Under its own SQLSTATE it
 * would tell the caller that nothing has happened.
 */
#include "api/api.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "journal/reftext.h"

/*
 * The reference of the n'th of the commands, for a message: gateways may send
 * bytes that are no text.
 */
static char *
clr_reference_of(const uint8 *commands, size_t len, uint32 n)
{
	ClrCommand	cmd;
	size_t		at = 0;
	size_t		one;

	while ((one = clr_command_decode(commands + at, len - at, &cmd)) > 0)
	{
		if (n-- == 0)
			return text_to_cstring(clr_text_from_bytes(cmd.ref.data, cmd.ref.len));
		at += one;
	}
	return pstrdup("");
}

/* By which references the commands can be asked for again: a sentence. */
char *
clr_describe_references(const uint8 *commands, size_t len, uint32 n)
{
	if (n == 1)
		return psprintf("Its reference is \"%s\".",
						clr_reference_of(commands, len, 0));
	return psprintf("It is about %u commands with the references \"%s\" to \"%s\".",
					n, clr_reference_of(commands, len, 0),
					clr_reference_of(commands, len, n - 1));
}

/* The error in flight, taken out of it. */
static ErrorData *
clr_take_error(void)
{
	ErrorData  *error;

	MemoryContextSwitchTo(CurTransactionContext);
	error = CopyErrorData();
	FlushErrorState();
	return error;
}

static void
clr_raise_done(const ClrReply *reply, const ErrorData *error,
			   const char *references)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_OUTCOME_UNKNOWN),
			 errmsg("command is done, but its outcome could not be reported"),
			 errdetail("Block %llu holds it; what followed ended with: %s. %s",
					   (unsigned long long) reply->height, error->message,
					   references),
			 errhint("Send the same command with the same reference again: it is executed at most once and the original outcome is returned.")));
}

void
clr_raise_unreported(const ClrReply *reply, const uint8 *commands, size_t len,
					 uint32 n)
{
	ErrorData  *error = clr_take_error();

	clr_raise_done(reply, error, clr_describe_references(commands, len, n));
	pg_unreachable();
}

void
clr_raise_unreported_one(const ClrReply *reply, const ClrAnswer *answer)
{
	ErrorData  *error = clr_take_error();
	const ClrOutcome *o = &answer->outcome;
	text	   *ref = clr_text_from_bytes(o->ref, o->ref_len);

	clr_raise_done(reply, error,
				   psprintf("Its reference is \"%s\".", text_to_cstring(ref)));
	pg_unreachable();
}

Datum
clr_report_one(FunctionCallInfo fcinfo, const ClrReply *reply,
			   const ClrAnswer *answer, ClrReportFunction make)
{
	volatile Datum result = (Datum) 0;

	PG_TRY();
	{
		result = make(fcinfo, reply, answer);
	}
	PG_CATCH();
	{
		clr_raise_unreported_one(reply, answer);
	}
	PG_END_TRY();
	return result;
}
