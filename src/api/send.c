/*
 * send.c
 *	  Sending commands and answering with what became of them.
 *
 * Run by backends.  Every function that sends ends here, but for orders, whose
 * answer the custom scan takes apart (order.c, scan.c).  Invariant: what goes
 * wrong once the sequencer has answered is reported as CH002 (unreported.c).
 */
#include "api/api.h"

Datum
clr_send(FunctionCallInfo fcinfo, const ClrCommand *cmd, ClrReportFunction make)
{
	ClrReply	reply;
	ClrAnswer	answer;

	clr_call_one(cmd, &reply, &answer);
	return clr_report_one(fcinfo, &reply, &answer, make);
}

Datum
clr_send_request(FunctionCallInfo fcinfo, ClrCommand *cmd, int request_arg,
				 ClrReportFunction make)
{
	ClrRefBuffer ref;

	cmd->ref = clr_reference(PG_ARGISNULL(request_arg),
							 PG_GETARG_DATUM(request_arg), ref);
	return clr_send(fcinfo, cmd, make);
}

Datum
clr_send_encoded(FunctionCallInfo fcinfo, const uint8 *commands, size_t len,
				 uint32 n, ClrReplyFunction make, void *arg)
{
	volatile Datum result = (Datum) 0;
	ClrReply	reply;

	clr_call(commands, len, n, &reply);
	PG_TRY();
	{
		result = make(fcinfo, &reply, arg);
	}
	PG_CATCH();
	{
		clr_raise_unreported(&reply, commands, len, n);
	}
	PG_END_TRY();
	return result;
}
