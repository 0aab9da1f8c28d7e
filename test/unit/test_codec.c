/*
 * test_codec.c
 *	  Commands and events byte by byte.  The vectors are the format: a change
 *	  that breaks one breaks every journal.
 */
#include "house.h"

extern uint64_t clr_xxh64(const uint8_t *data, size_t len, uint64_t seed);
extern bool clr_text_valid(const uint8_t *data, size_t len);

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t		n = 0;

	for (; *hex; hex++)
	{
		unsigned	v;

		if (*hex == ' ')
			continue;
		sscanf(hex, "%2x", &v);
		out[n++] = (uint8_t) v;
		hex++;
	}
	return n;
}

/* Encodes to exactly hex, and hex decodes to something that encodes the same. */
static void
golden(const ClrCommand *cmd, const char *hex)
{
	uint8_t		want[CLR_COMMAND_MAX];
	uint8_t		got[CLR_COMMAND_MAX];
	uint8_t		again[CLR_COMMAND_MAX];
	ClrCommand	back;
	size_t		want_len = from_hex(hex, want);
	size_t		len = clr_command_encode(cmd, got);
	bool		same = len == want_len && memcmp(got, want, len) == 0;

	ok(same, "%s encodes to its vector", clr_command_name(cmd->type));
	if (!same)
	{
		printf("# got ");
		for (size_t i = 0; i < len; i++)
			printf("%02x", got[i]);
		printf("\n");
	}
	memset(&back, 0xEE, sizeof(back));
	ok(clr_command_decode(want, want_len, &back) == want_len &&
	   clr_command_encode(&back, again) == want_len &&
	   memcmp(again, want, want_len) == 0,
	   "%s decodes and encodes again", clr_command_name(cmd->type));
	for (size_t cut = 0; cut < want_len; cut++)
		if (clr_command_decode(want, cut, &back) != 0)
			ok(false, "%s cut to %zu bytes is refused", clr_command_name(cmd->type), cut);
}

static void
golden_house(void)
{
	ClrCommand	c = {.type = CLR_CMD_EPOCH};

	c.u.epoch.epoch = 0x0102030405060708;
	c.u.epoch.timeline = 3;
	c.u.epoch.system_id = UINT64_MAX;
	for (int i = 0; i < 16; i++)
		c.u.epoch.nonce[i] = (uint8_t) i;
	golden(&c, "3800 01 01 00000000 00000000 00000000"
		   "0807060504030201 0300000000000000 ffffffffffffffff"
		   "000102030405060708090a0b0c0d0e0f");

	c = (ClrCommand) {.type = CLR_CMD_OPEN_HOUSE, .ref = T("r"), .text = T("CCP")};
	c.u.open.retention_us = INT64_C(86400000000);
	golden(&c, "1c00 02 01 00000000 00000000 01030000 0060d71d14000000 72 434350");

	c = (ClrCommand) {.type = CLR_CMD_CREATE_ASSET, .text = T("USD")};
	c.u.asset.scale = 2;
	golden(&c, "1b00 03 01 00000000 00000000 00030000 02 00000000000000 555344");

	c = (ClrCommand) {.type = CLR_CMD_CREATE_MEMBER, .text = T("AB"), .text2 = T("Alpha")};
	golden(&c, "1700 04 01 00000000 00000000 00020500 4142 416c706861");

	c = (ClrCommand) {.type = CLR_CMD_CREATE_ACCOUNT, .ref = T("q1"), .text = T("a")};
	c.u.account.member = 0x11223344;
	c.u.account.account_type = 2;
	golden(&c, "1b00 05 01 00000000 00000000 02010000 44332211 02 000000 7131 61");

	c = (ClrCommand) {.type = CLR_CMD_DEPOSIT, .account = 16};
	c.u.cash.asset = 1;
	c.u.cash.amount = 5;
	golden(&c, "2000 0a 01 00000000 10000000 00000000 01000000 00000000 0500000000000000");

	c.type = CLR_CMD_WITHDRAW;
	c.u.cash.amount = INT64_MIN;
	golden(&c, "2000 0b 01 00000000 10000000 00000000 01000000 00000000 0000000000000080");
}

static void
golden_instrument(void)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_INSTRUMENT, .text = T("X")};

	c.u.instrument.kind = 2;
	c.u.instrument.margin_basis = 1;
	c.u.instrument.fee_basis = 2;
	c.u.instrument.replace_priority = 1;
	c.u.instrument.phase = 2;
	c.u.instrument.tick_exp = 2;
	c.u.instrument.lot_exp = 3;
	c.u.instrument.multiplier_exp = 4;
	c.u.instrument.base_asset = 5;
	c.u.instrument.quote_asset = 6;
	c.u.instrument.tick_size = 25;
	c.u.instrument.lot_size = 1;
	c.u.instrument.multiplier = 50;
	c.u.instrument.initial_margin = 100000;
	c.u.instrument.maintenance_margin = 50000;
	c.u.instrument.maker_fee = -1;
	c.u.instrument.taker_fee = 2;
	c.u.instrument.reference_price = -2;
	c.u.instrument.expiry_us = 1;
	c.u.instrument.has_reference_price = 1;
	golden(&c, "7100 06 01 00000000 00000000 00010000"
		   "02 01 02 01 02 02 03 04 05000000 06000000"
		   "1900000000000000 0100000000000000 3200000000000000"
		   "a086010000000000 50c3000000000000"
		   "ffffffffffffffff 0200000000000000 feffffffffffffff"
		   "0100000000000000 01 00000000000000 58");

	c = (ClrCommand) {.type = CLR_CMD_SET_PHASE};
	c.u.phase.instrument = 7;
	c.u.phase.phase = 3;
	golden(&c, "1800 07 01 00000000 00000000 00000000 07000000 03 000000");

	c = (ClrCommand) {.type = CLR_CMD_SET_MARGIN};
	c.u.margin.instrument = 1;
	c.u.margin.basis = 2;
	c.u.margin.initial = 256;
	c.u.margin.maintenance = 255;
	golden(&c, "2800 09 01 00000000 00000000 00000000 01000000 02 000000"
		   "0001000000000000 ff00000000000000");

	for (int i = 0; i < 3; i++)
	{
		static const uint8_t types[] = {CLR_CMD_SET_MARK_PRICE, CLR_CMD_SETTLE, CLR_CMD_EXPIRE};
		static const char *const hex[] = {
			"2000 08 01 00000000 00000000 00000000 02000000 00000000 ffffffffffffffff",
			"2000 0c 01 00000000 00000000 00000000 02000000 00000000 ffffffffffffffff",
		"2000 0d 01 00000000 00000000 00000000 02000000 00000000 ffffffffffffffff"};

		c = (ClrCommand) {.type = types[i]};
		c.u.price.instrument = 2;
		c.u.price.price = -1;
		golden(&c, hex[i]);
	}
}

static void
golden_orders(void)
{
	ClrCommand	c = order_command(16, "c1", 1, 'S', 10, -3);
	uint8_t		attrs_buf[CLR_COMMAND_MAX];

	c.submitter = 1;
	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	c.u.order.self_match = CLR_SMP_CANCEL_BOTH;
	c.u.order.time_in_force = CLR_TIF_GTC;
	golden(&c, "3200 14 01 01000000 10000000 02000000 01000000 02 02 01 01"
		   "fdffffffffffffff 0a00000000000000 03 00000000000000 6331");

	c = (ClrCommand) {.type = CLR_CMD_REPLACE_ORDER, .account = 16, .ref = T("c2"), .text = T("c1")};
	c.u.replace.order_id = 9;
	c.u.replace.price = 4;
	c.u.replace.qty = 5;
	golden(&c, "3400 15 01 00000000 10000000 02020000 0900000000000000"
		   "0400000000000000 0500000000000000 0000000000000000 6332 6331");
	{
		uint8_t		attrs[2 * CLR_ATTR_BYTES];

		(void) clr_put_attr(clr_put_attr(attrs, CLR_ATTR_DISPLAY_QTY, 3),
							CLR_ATTR_MIN_QTY | CLR_ATTR_GONE, 0);
		c.pairs = (ClrPairs) {attrs, 2};
		c.u.replace.time_in_force = CLR_TIF_GTC + 1;
		golden(&c, "4600 15 01 00000000 10000000 02020000 0900000000000000"
			   "0400000000000000 0500000000000000 02 02 00 0000000000"
			   "00 0300000000000000 81 0000000000000000 6332 6331");
		c.type = CLR_CMD_NEW_ORDER;
		ok(clr_command_encode(&c, attrs_buf) == 0, "a new order takes no attribute away");
	}
	{
		uint8_t		field[CLR_FIELD_BYTES];

		(void) clr_put_field(field, 1, -2);
		c = (ClrCommand) {.type = CLR_CMD_SET_FIELDS, .ref = T("f")};
		c.pairs = (ClrPairs) {field, 1};
		c.u.fields.scope = CLR_SCOPE_INSTRUMENT;
		c.u.fields.object = 7;
		golden(&c, "3300 18 01 00000000 00000000 01000000 01 01 000000000000"
			   "0700000000000000 0000000000000000 0100 feffffffffffffff 66");
		c.pairs.n = 0;
		ok(clr_command_encode(&c, attrs_buf) == 0, "SET_FIELDS needs a field");
	}

	c = (ClrCommand) {.type = CLR_CMD_CANCEL_ORDER, .account = 16, .ref = T("c3"), .text = T("c2")};
	golden(&c, "1c00 16 01 00000000 10000000 02020000 0000000000000000 6333 6332");

	c = (ClrCommand) {.type = CLR_CMD_MASS_CANCEL, .account = 16};
	c.u.mass_cancel.instrument = 2;
	golden(&c, "1800 17 01 00000000 10000000 00000000 02000000 00000000");
}

/* Whatever decodes must encode to the same bytes, with any bit flipped. */
static void
flips(void)
{
	uint64_t	state = 42;
	unsigned	accepted = 0;
	unsigned	different = 0;

	for (unsigned i = 0; i < 300000; i++)
	{
		uint8_t		buf[CLR_COMMAND_MAX + 8];
		uint8_t		again[CLR_COMMAND_MAX];
		ClrCommand	c = order_command(16, "abc", 1, 'B', 1, 1);
		size_t		len;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		memset(&c.u, 0, sizeof(c.u));
		c.type = (uint8_t) (1 + (state >> 33) % 25);
		if (c.type == CLR_CMD_REPLACE_ORDER || c.type == CLR_CMD_CREATE_ASSET)
			c.text = T("x");
		len = clr_command_encode(&c, buf);
		if (len == 0)
			continue;
		memset(buf + len, 0, 8);
		buf[(state >> 40) % (len + 8)] ^= (uint8_t) (1u << (state >> 60) % 8);
		len = clr_command_decode(buf, len, &c);
		if (len == 0)
			continue;
		accepted++;
		if (clr_command_encode(&c, again) != len || memcmp(again, buf, len) != 0)
			different++;
	}
	ok(accepted > 10000, "some flipped commands still decode");
	is(different, 0, "what decodes encodes to the same bytes");
}

static void
limits(void)
{
	ClrCommand	c = order_command(16, "1234567890123456789012345678901234567", 1, 'B', 1, 1);
	uint8_t		buf[CLR_COMMAND_MAX];
	uint8_t		zero[64] = {0};

	is(clr_command_encode(&c, buf), 0, "a reference of 37 bytes is too long");
	c.ref.len = 36;
	is(clr_command_encode(&c, buf), 84, "one of 36 bytes is not");
	c.text = T("x");
	is(clr_command_encode(&c, buf), 0, "a text that the type does not have");
	c = (ClrCommand) {.type = 99};
	is(clr_command_encode(&c, buf), 0, "an unknown type");
	is(clr_command_length(zero, sizeof(zero)), 0, "length 0 can't be framed");
	is(clr_command_length(zero, 0), 0, "nothing can't be framed");
	clr_put_u16(zero, 40);
	is(clr_command_length(zero, sizeof(zero)), 40, "framing looks at the length only");
	is(clr_command_length(zero, 39), 0, "an incomplete command can't be framed");
	clr_put_u16(zero, CLR_COMMAND_MAX + 1);
	is(clr_command_length(zero, sizeof(zero)), 0, "too long a command can't be framed");
}

static void
numbers(void)
{
	static const int64_t values[] = {0, 1, -1, INT64_MAX, INT64_MIN, 255, -256};
	uint8_t		p[8];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
	{
		clr_put_i64(p, values[i]);
		is(clr_get_i64(p), values[i], "a signed number survives");
	}
	clr_put_u32(p, 0x01020304);
	ok(p[0] == 4 && p[3] == 1, "little-endian");
}

static void
hashes(void)
{
	const char *text = "Nobody inspects the spammish repetition";

	ok(clr_xxh64((const uint8_t *) "", 0, 0) == UINT64_C(0xEF46DB3751D8E999), "XXH64 of nothing");
	ok(clr_xxh64((const uint8_t *) "abc", 3, 0) == UINT64_C(0x44BC2CF5AD770999), "XXH64 of abc");
	ok(clr_xxh64((const uint8_t *) text, strlen(text), 0) == UINT64_C(0xFBCEA83C8A378BF1),
	   "XXH64 of a longer text");
}

static void
texts(void)
{
	static const char *const good[] = {"", "A", "BTC/USD", "12345678", "Z\xC3\xBCrich",
	"\xE2\x82\xAC uro and more", "\xF0\x9F\x98\x80", "abcdefg\xC2\xA0", "~~~~~~~~~"};
	static const char *const bad[] = {"\x01", "abcdefgh\n", "abc\x7F", "1234567\x1F", "\xC3",
		"\xC2\x80", "\xC2\x9F", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80",
	"\xFF", "\x80", "abcdefgh\xE2\x82", "1234567\x7F", "\xF5\x80\x80\x80"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(clr_text_valid((const uint8_t *) good[i], strlen(good[i])), "good text %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!clr_text_valid((const uint8_t *) bad[i], strlen(bad[i])), "bad text %zu", i);
	ok(!clr_text_valid((const uint8_t *) "a\0b", 3), "a zero byte is bad");
}

/* Events of a known history are known byte by byte through their hash. */
static void
event_bytes(void)
{
	Market		m;
	House	   *h = &m.h;
	uint8_t		type;
	ClrOutcome	o;
	size_t		at = 0;
	unsigned	n = 0;

	market_init(&m);
	limit(h, m.alice, "e1", m.future, 'B', 3, 100);
	ok(clr_event_length(h->ev.data, h->ev.len, &type) == 90 && type == CLR_EV_ORDER,
	   "first the order");
	ok(memcmp(h->ev.data, "\x5a\x00\x06\x01" "\x01\x00\x00\x00" "\x01\x00\x00\x00\x00\x00\x00\x00"
			  "\x10\x00\x00\x00" "\x01\x02\x00\x00" "\x00\x30\x30\x02" "\x00\x00\x00\x00"
			  "\x64\x00\x00\x00\x00\x00\x00\x00" "\x03\x00\x00\x00\x00\x00\x00\x00", 48) == 0,
	   "an ORDER event is as described");
	while (at < h->ev.len)
	{
		size_t		len = clr_event_length(h->ev.data + at, h->ev.len - at, &type);

		if (len == 0)
			break;
		for (size_t cut = 0; cut < len; cut++)
			if (clr_event_length(h->ev.data + at, cut, NULL) != 0)
				ok(false, "a cut event is refused");
		n++;
		at += len;
	}
	is(n, 3, "order, position, outcome");
	ok(type == CLR_EV_OUTCOME, "the outcome comes last");
	at = h->ev.len - 130;
	ok(clr_event_decode_outcome(h->ev.data + at, 130, &o) && o.id == 1 && o.ref_len == 2 &&
	   memcmp(o.ref, "e1", 2) == 0 && o.instrument == m.future && o.account == m.alice &&
	   o.order_qty == 3 && o.leaves_qty == 3 && o.content_hash != 0,
	   "the outcome decodes");
	ok(!clr_event_decode_trade(h->ev.data + at, 130, &(ClrTradeEvent) {0}),
	   "it is not a trade");
	house_free(h);
}

static uint64_t history_hash;

static void
note_events(House *h)
{
	history_hash = clr_xxh64(h->ev.data, h->ev.len, history_hash);
}

static void
hash_sink(void *arg, const uint8_t *data, size_t len)
{
	uint64_t   *h = arg;

	/* one byte at a time: the pieces' lengths don't matter */
	for (size_t i = 0; i < len; i++)
		*h = (*h ^ data[i]) * UINT64_C(0x100000001B3);
}

/*
 * Events of every kind, and the dump, of a fixed history: the same on every
 * machine, compiler and version.  If one of these changes, so do the digests
 * in every journal: that needs a new ruleset version.
 */
static void
history(void)
{
	House		h;
	ClrCommand	c;
	uint64_t	dump = UINT64_C(0xCBF29CE484222325);

	house_init(&h);
	open_house(&h, 5000000);
	note_events(&h);
	add_asset(&h, "USD", 2);
	note_events(&h);
	add_asset(&h, "BTC", 0);
	note_events(&h);
	add_member(&h, "ALPHA");
	note_events(&h);
	for (int i = 0; i < 2; i++)
	{
		add_account(&h, i ? "bob" : "alice", 1);
		note_events(&h);
		deposit(&h, (uint32_t) h.out.id, 1, 100000);
		note_events(&h);
		deposit(&h, 16 + (uint32_t) i, 2, 10);
		note_events(&h);
	}
	c = future_command("FUT", 1);
	c.u.instrument.maker_fee = -10000;
	c.u.instrument.taker_fee = 25000;
	send(&h, &c);
	note_events(&h);
	c = spot_command("BTC/USD", 2, 1);
	c.u.instrument.replace_priority = CLR_REPLACE_ALWAYS_LOSES;
	send(&h, &c);
	note_events(&h);
	for (uint32_t i = 1; i <= 2; i++)
	{
		limit(&h, 16, i == 1 ? "a1" : "a2", i, 'B', 5, 101);
		note_events(&h);
		house_block(&h, 1000);
		limit_tif(&h, 17, i == 1 ? "b1" : "b2", i, 'S', 3, 99, CLR_TIF_GTC);
		note_events(&h);
		replace(&h, 16, i == 1 ? "a3" : "a4", i == 1 ? "a1" : "a2", 9, 102);
		note_events(&h);
	}
	limit(&h, 16, "a1", 1, 'B', 5, 101);
	note_events(&h);
	limit(&h, 16, "a9", 1, 'B', 500000, 101);
	note_events(&h);
	at_price(&h, CLR_CMD_SETTLE, 1, 98);
	note_events(&h);
	ok(history_hash == UINT64_C(0xb90fa27f728b9600), "the bytes of all events");
	if (!clr_engine_dump(h.e, hash_sink, &dump) || dump != UINT64_C(0xab60b033e913d56a))
	{
		ok(false, "the bytes of the dump");
		printf("# events %" PRIx64 ", dump %" PRIx64 "\n", history_hash, dump);
	}
	else
		ok(true, "the bytes of the dump");
	house_ok(&h);
	house_free(&h);
}

/* Every reason and command has a name of its own. */
static void
names(void)
{
	static const int reasons[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 50, 51, 52,
	60, 61, 62, 63, 64};
	bool		distinct = true;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
	{
		distinct = distinct && strcmp(clr_reason_name(reasons[i]), "unknown_reason") != 0 &&
			clr_reason_text(reasons[i])[0] != '\0';
		for (size_t j = 0; j < i; j++)
			distinct = distinct &&
				strcmp(clr_reason_name(reasons[i]), clr_reason_name(reasons[j])) != 0;
	}
	ok(distinct, "every reason has a name of its own");
	is_text(clr_reason_name(51), "insufficient_margin", "a reason's name");
	is_text(clr_reason_name(999), "unknown_reason", "an unknown reason");
	is_text(clr_command_name(CLR_CMD_NEW_ORDER), "new_order", "a command's name");
	is_text(clr_command_name(0), "unknown_command", "an unknown command");
}

int
main(void)
{
	golden_house();
	golden_instrument();
	golden_orders();
	flips();
	limits();
	numbers();
	hashes();
	texts();
	event_bytes();
	history();
	names();
	return done_testing();
}
