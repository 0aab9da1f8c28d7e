/*
 * test_field.c
 *	  Fields: setting them, refusals, restoring; what a trading rule does.
 */
#include "tap.h"
#include "mirror.h"

static House h;
static Mirror m;
static uint32_t usd,
			fut,
			a;

static int
set_fields(uint8_t scope, uint64_t object, unsigned n, const uint16_t *field,
		   const int64_t *value)
{
	ClrCommand	c = fields_command(scope, object, 0, n, field, value);

	send(&h, &c);
	mirror_take(&m, &h);
	return h.out.reason;
}

static int
set_one(uint8_t scope, uint64_t object, uint16_t field, int64_t value)
{
	return set_fields(scope, object, 1, &field, &value);
}

static unsigned
count_events(ClrEventType type)
{
	unsigned	n = 0;

	for (size_t at = 0; at < h.ev.len;)
	{
		uint8_t		t;

		at += clr_event_length(h.ev.data + at, h.ev.len - at, &t);
		n += t == type;
	}
	return n;
}

static void
test_refusals(void)
{
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_MAX - 1, 1), CLR_R_UNKNOWN_FIELD, "an unknown field is refused");
	is(set_one(CLR_SCOPE_INSTRUMENT, fut + 1, CLR_RULE_SELF_MATCH, 1), CLR_R_UNKNOWN_INSTRUMENT,
	   "an unknown instrument is refused");
	is(set_one(CLR_SCOPE_INSTRUMENT, UINT64_MAX, CLR_RULE_SELF_MATCH, 1), CLR_R_UNKNOWN_INSTRUMENT,
	   "an absurd number of an instrument too");
	is(set_one(99, fut, CLR_RULE_SELF_MATCH, 1), CLR_R_PARAMETER_INVALID, "an unknown scope is refused");
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_SELF_MATCH, 99), CLR_R_FIELD_VALUE,
	   "a value out of range is refused");
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_SELF_MATCH, INT64_MIN), CLR_R_FIELD_VALUE,
	   "the smallest number there is too");
	is(clr_get_field(h.e, CLR_SCOPE_INSTRUMENT, fut, 0, CLR_RULE_SELF_MATCH), 0,
	   "and the field keeps its default");
}

static void
test_rule(void)
{
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_SELF_MATCH, CLR_SMP_CANCEL_AGGRESSOR), CLR_OK,
	   "a rule is set");
	is(count_events(CLR_EV_FIELD), 1, "and reported once");
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_SELF_MATCH, CLR_SMP_CANCEL_AGGRESSOR), CLR_OK,
	   "setting it to what it is");
	is(count_events(CLR_EV_FIELD), 0, "reports nothing");
	limit(&h, a, "s1", fut, 'S', 1, 100);
	mirror_take(&m, &h);
	limit(&h, a, "b1", fut, 'B', 1, 100);
	mirror_take(&m, &h);
	is(h.out.ord_status, CLR_STATUS_CANCELED, "an order without an instruction follows the rule");
	is(clr_count_orders(h.e), 1, "and the resting one stays");
}

static void
test_restore(const char *when)
{
	ClrEngine  *to = mirror_restore(&m, &h);

	ok(to != NULL && same_dump(h.e, to), "%s: restored, and the same", when);
	if (to != NULL)
		clr_engine_free(to);
}

int
main(void)
{
	ClrCommand	listing;

	house_init(&h);
	open_house(&h, INT64_C(86400000000));
	mirror_take(&m, &h);
	usd = add_asset(&h, "USD", 2);
	a = add_account(&h, "A", add_member(&h, "MA"));
	listing = future_command("FUT", usd);
	send(&h, &listing);
	fut = (uint32_t) h.out.id;
	deposit(&h, a, usd, 100000000);
	mirror_take(&m, &h);

	test_refusals();
	test_rule();
	test_restore("with a rule set");
	is(set_one(CLR_SCOPE_INSTRUMENT, fut, CLR_RULE_SELF_MATCH, 0), CLR_OK, "back to the default");
	is(count_events(CLR_EV_FIELD), 1, "which is reported");
	test_restore("with a rule set back");
	ok(h.broken == NULL, "all invariants held");
	mirror_free(&m);
	house_free(&h);
	return done_testing();
}
