/*
 * test_fuzz.c
 *	  Damaged and nonsensical commands: nothing breaks, nothing half applies.
 *
 * Bytes of valid commands are changed at random, values are taken from a set
 * of nasty ones.  The sanitizers watch, the invariants are checked, and a
 * refused command must leave the dump as it was.
 *
 * usage: test_fuzz [seed [commands]]
 */
#include "mirror.h"

static uint64_t state;

static uint64_t
rnd(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state * UINT64_C(0x2545F4914F6CDD1D) >> 24) % below;
}

static int64_t
nasty(void)
{
	static const int64_t values[] = {0, 1, -1, 2, 5, 7, 100, 101, 99, INT64_MAX, INT64_MIN,
		CLR_QTY_MAX, CLR_QTY_MAX + 1, CLR_PRICE_MAX, -CLR_PRICE_MAX, CLR_AMOUNT_MAX, CLR_AMOUNT_MAX + 1,
		INT64_C(1) << 32, 255, 256, 65536, 1000000, 1000001,
	3, 4, 10, 50, 1000};

	return values[rnd(sizeof(values) / sizeof(values[0]))];
}

/* Any type, small ids, nasty numbers; usually decodes, seldom makes sense. */
static size_t
nonsense(uint8_t *buf)
{
	static const uint8_t types[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11, 12,
		20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 21, 21, 22, 23};
	static const char *const names[] = {"", "a", "b", "c", "USD", "\x7F", "r1", "r2", "r3"};
	ClrCommand	c;
	size_t		len;

	memset(&c, 0, sizeof(c));
	c.type = rnd(1000) ? types[rnd(sizeof(types))] : CLR_CMD_EXPIRE;
	for (size_t i = 0; i + 8 <= sizeof(c.u); i += 8)
	{
		int64_t		v = rnd(3) ? (int64_t) rnd(6) : nasty();

		memcpy((char *) &c.u + i, &v, 8);
	}
	if (c.type == CLR_CMD_SET_PHASE && rnd(3))
		c.u.phase.phase = CLR_PHASE_CONTINUOUS;
	if (c.type == CLR_CMD_NEW_ORDER)
	{
		c.u.order.instrument = 1 + (uint32_t) rnd(2) + (uint32_t) rnd(10) / 9;
		c.u.order.side = (uint8_t) (rnd(8) ? 1 + rnd(2) : rnd(256));
		c.u.order.ord_type = (uint8_t) (rnd(8) ? 2 - rnd(10) / 9 : rnd(256));
		c.u.order.time_in_force = (uint8_t) (rnd(4) ? rnd(2) : rnd(6));
		c.u.order.exec_inst = (uint8_t) rnd(3) / 2;
		c.u.order.self_match = (uint8_t) rnd(5);
		c.u.order.price = rnd(3) ? 95 + (int64_t) rnd(10) : nasty();
		c.u.order.qty = rnd(3) ? 1 + (int64_t) rnd(10) : nasty();
	}
	c.submitter = rnd(10) ? 0 : (uint32_t) rnd(3);
	c.account = rnd(8) ? 16 + (uint32_t) rnd(3) : (uint32_t) rnd(5);
	c.ref = T(rnd(2) ? "" : names[rnd(9)]);
	len = clr_command_encode(&c, buf);
	if (len != 0 && rnd(2))
	{
		c.text = T(names[rnd(9)]);
		len = clr_command_encode(&c, buf);
		if (len == 0)
		{
			c.text.len = 0;
			len = clr_command_encode(&c, buf);
		}
	}
	return len;
}

static void
run(uint64_t seed, unsigned commands)
{
	Market		m;
	House	   *h = &m.h;
	unsigned	accepted = 0;
	bool		untouched = true;
	Bytes		before = {0};

	state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	market_init(&m);
	h->check = false;
	for (unsigned i = 0; i < commands && h->broken == NULL && untouched; i++)
	{
		uint8_t		buf[CLR_COMMAND_MAX];
		size_t		len = nonsense(buf);
		bool		compare = i % 10 == 0;

		if (len == 0)
			continue;
		if (rnd(8) == 0)
			buf[rnd(len)] ^= (uint8_t) (1u << rnd(8));
		if (rnd(40) == 0)
			len = rnd(len + 1);
		buf[12] = compare ? 0 : buf[12];	/* a remembered refusal is a change */
		before.len = 0;
		if (compare)
			clr_engine_dump(h->e, bytes_sink, &before);
		if (send_bytes(h, buf, len) == CLR_OK)
			accepted++;
		else if (compare)
		{
			Bytes		after = {0};

			clr_engine_dump(h->e, bytes_sink, &after);
			untouched = after.len == before.len && memcmp(after.data, before.data, after.len) == 0;
			free(after.data);
		}
		if (i % 20 == 0)
			h->broken = clr_engine_check(h->e);
		if (i % 50 == 0)
			house_block(h, (int64_t) rnd(1000000000));
	}
	if (h->broken != NULL)
		snprintf(h->broken_text, sizeof(h->broken_text), "%s", h->broken);
	ok(untouched, "refused commands change nothing");
	ok(accepted > commands / 30, "seed %" PRIu64 ": %u of %u accepted", seed, accepted, commands);
	house_ok(h);
	free(before.data);
	house_free(h);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		run(strtoull(argv[1], NULL, 10), argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : 20000);
	else
		for (uint64_t seed = 1; seed <= 5; seed++)
			run(seed, 6000);
	return done_testing();
}
