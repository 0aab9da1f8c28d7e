/*
 * test_run.c
 *	  clr_engine_apply_run() gives the same events as single commands, with a
 *	  state large enough that it looks ahead.
 */
#include "house.h"

#define ORDERS		20000
#define COMMANDS	60000

typedef struct Stream
{
	uint8_t    *data;
	size_t		len;
	size_t		cap;
	uint32_t	n;
} Stream;

static uint64_t state = 4242;

static uint64_t
rnd(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state * UINT64_C(0x2545F4914F6CDD1D) >> 24) % below;
}

static void
add_bytes(Stream *s, const uint8_t *data, size_t len)
{
	if (s->cap - s->len < len)
	{
		s->cap = s->cap * 2 + 65536;
		s->data = realloc(s->data, s->cap);
	}
	memcpy(s->data + s->len, data, len);
	s->len += len;
	s->n++;
}

static void
add(Stream *s, const ClrCommand *c)
{
	uint8_t		buf[CLR_COMMAND_MAX];

	add_bytes(s, buf, clr_command_encode(c, buf));
}

/* Orders, cancels and replaces by name and by id, retries, rubbish. */
static void
add_random(Stream *s, const Market *m, unsigned i)
{
	uint32_t	accounts[] = {m->alice, m->bob, m->carol};
	uint32_t	account = accounts[i % 3];
	char		ref[24];
	char		orig[24];
	ClrCommand	c;
	uint64_t	kind = i < ORDERS ? 0 : rnd(20);

	sprintf(ref, "ref%u", i);
	sprintf(orig, "ref%u", (unsigned) rnd(i + 1));
	c = order_command(account, rnd(10) ? ref : "", m->future, rnd(2) ? 'B' : 'S', 1 + (int64_t) rnd(5),
					  i < ORDERS ? 1 + (int64_t) rnd(2) * 200 : 90 + (int64_t) rnd(20));
	if (i < ORDERS)
		c.u.order.side = c.u.order.price == 1 ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	if (kind >= 8 && kind < 15)
	{
		c = (ClrCommand) {.type = kind < 12 ? CLR_CMD_CANCEL_ORDER : CLR_CMD_REPLACE_ORDER,
		.account = account, .ref = T(ref)};
		if (rnd(3))
			c.text = T(orig);
		if (c.type == CLR_CMD_REPLACE_ORDER)
		{
			c.u.replace.order_id = c.text.len ? 0 : rnd(i);
			c.u.replace.price = 90 + (int64_t) rnd(20);
			c.u.replace.qty = 1 + (int64_t) rnd(9);
		}
		else
			c.u.cancel.order_id = c.text.len ? 0 : rnd(i);
	}
	else if (kind == 15)
		c.ref = T(orig);
	else if (kind == 16)
	{
		static const uint8_t junk[20] = {20, 0, CLR_CMD_CANCEL_ORDER, 1, 0, 0, 0, 0, 0, 0, 0, 0, 200, 200, 200, 1};

		add_bytes(s, junk, sizeof(junk));
		return;
	}
	else if (kind == 17 && rnd(100) == 0)
	{
		c = (ClrCommand) {.type = CLR_CMD_MASS_CANCEL, .account = account};
		c.u.mass_cancel.instrument = m->spot;
	}
	add(s, &c);
}

static void
same_events(void)
{
	Market		one;
	Market		run;
	Stream		s = {0};
	size_t		at = 0;
	uint32_t	done = 0;
	bool		same = true;

	market_init(&one);
	market_init(&run);
	for (int i = 0; i < 3; i++)
	{
		uint32_t	account[] = {one.alice, one.bob, one.carol};

		deposit(&one.h, account[i], one.usd, INT64_C(1000000000));
		deposit(&run.h, account[i], run.usd, INT64_C(1000000000));
	}
	for (unsigned i = 0; i < COMMANDS; i++)
		add_random(&s, &one, i);
	while (at < s.len && same)
	{
		uint32_t	n = 1 + (uint32_t) rnd(700);
		uint32_t	applied = 0;
		size_t		used = 0;
		size_t		until;

		house_block(&one.h, 1000);
		house_block(&run.h, 1000);
		one.h.ev.len = run.h.ev.len = 0;
		same = clr_engine_apply_run(run.h.e, 0, s.data + at, s.len - at, n, &run.h.ev, &used, &applied);
		until = at + used;
		for (uint32_t i = 0; at < until; i++)
		{
			size_t		len = clr_command_length(s.data + at, s.len - at);

			clr_engine_apply(one.h.e, i, s.data + at, len, &one.h.ev, NULL);
			at += len;
		}
		same = same && at == until && applied == (n < s.n - done ? n : s.n - done) &&
			one.h.ev.len == run.h.ev.len &&
			memcmp(one.h.ev.data, run.h.ev.data, run.h.ev.len) == 0;
		done += applied;
	}
	ok(same, "the same events, whatever the length of the runs");
	is(done, COMMANDS, "of all commands");
	ok(clr_count_orders(one.h.e) > 17000, "with %u orders", (unsigned) clr_count_orders(one.h.e));
	house_ok(&run.h);
	house_free(&one.h);
	house_free(&run.h);
	free(s.data);
}

static void
frames(void)
{
	Market		m;
	House	   *h = &m.h;
	Stream		s = {0};
	uint32_t	applied;
	size_t		used;
	ClrCommand	c;

	market_init(&m);
	c = order_command(m.alice, "a", m.future, 'B', 1, 1);
	add(&s, &c);
	c.ref = T("b");
	add(&s, &c);
	h->ev.len = 0;
	ok(clr_engine_apply_run(h->e, 7, s.data, s.len - 1, 9, &h->ev, &used, &applied), "a cut run");
	is(applied, 1, "ends before the cut command");
	is(used, 49, "and says where");
	is(clr_get_u32(h->ev.data + h->ev.len - 129 + 4), 7, "numbered from the first");
	ok(clr_engine_apply_run(h->e, 0, s.data, 0, 9, &h->ev, &used, &applied) && applied == 0, "nothing");
	ok(clr_engine_apply_run(h->e, 0, s.data, s.len, 0, &h->ev, &used, &applied) && applied == 0,
	   "no command");
	house_ok(h);
	house_free(h);
	free(s.data);
}

int
main(void)
{
	same_events();
	frames();
	return done_testing();
}
