/*
 * fuzz_command.c
 *	  libFuzzer target: any bytes through the decoders of commands and events.
 *
 * Run by test/fuzz/run.  What decodes must encode to the same bytes; the input
 * is an allocation of its own size, so that the sanitizer sees a byte too far.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define must(cond) do { if (!(cond)) abort(); } while (0)

static void
check_command(const uint8_t *data, size_t len)
{
	uint8_t		again[CLR_COMMAND_MAX * 2];
	ClrCommand	c;
	size_t		framed = clr_command_length(data, len);
	size_t		used = clr_command_decode(data, len, &c);

	must(framed <= len);
	if (used == 0)
		return;
	must(used == framed && used <= CLR_COMMAND_MAX);
	must(clr_command_encode(&c, again) == used && memcmp(again, data, used) == 0);
	must(c.ref.len <= CLR_REF_MAX);
	must(clr_command_name(c.type) != NULL);
}

static void
check_event(const uint8_t *data, size_t len)
{
	uint8_t		type;
	size_t		framed = clr_event_length(data, len, &type);
	ClrOrderEvent order;
	ClrTradeEvent trade;
	ClrPositionEvent position;
	ClrLedgerEvent ledger;
	ClrSettlementEvent settlement;
	ClrFieldEvent field;
	ClrOutcome	outcome;

	must(framed <= len);
	if (framed == 0)
		return;
	if (clr_event_decode_order(data, framed, &order))
		must(order.ref + order.ref_len <= data + framed);
	(void) clr_event_decode_trade(data, framed, &trade);
	(void) clr_event_decode_position(data, framed, &position);
	(void) clr_event_decode_ledger(data, framed, &ledger);
	(void) clr_event_decode_settlement(data, framed, &settlement);
	(void) clr_event_decode_field(data, framed, &field);
	if (clr_event_decode_outcome(data, framed, &outcome))
		must(outcome.ref_len == 0 || outcome.ref + outcome.ref_len <= data + framed);
}

/* Bytes to an engine: malformed or not, it answers with one outcome. */
static void
check_engine(const uint8_t *data, size_t len)
{
	ClrEngine  *e = clr_engine_create();
	ClrEventBuffer ev = {0};
	ClrOutcome	out;

	must(e != NULL && clr_engine_begin_block(e, 1, 1, &ev));
	for (uint32_t n = 0; len > 0; n++)
	{
		size_t		one = clr_command_length(data, len);

		one = one == 0 ? len : one;
		must(clr_engine_apply(e, n, data, one, &ev, &out));
		data += one;
		len -= one;
	}
	must(clr_engine_check(e) == NULL);
	free(ev.data);
	clr_engine_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t    *copy = malloc(len ? len : 1);

	must(copy != NULL);
	if (len > 0)
		memcpy(copy, data, len);
	check_command(copy, len);
	check_event(copy, len);
	check_engine(copy, len);
	free(copy);
	return 0;
}
