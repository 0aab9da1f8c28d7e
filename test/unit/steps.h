/*
 * steps.h
 *	  A market in which every command is followed by a restore from the read
 *	  model, whose dump must be the same.
 */
#ifndef CLR_TEST_STEPS_H
#define CLR_TEST_STEPS_H

#include "mirror.h"

/* Both as it should be. */
#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static Market m;
static Mirror mirror;
static unsigned steps,
			steps_wrong;

static inline void
compare_restored(void)
{
	steps++;
	if (!mirror_same(&mirror, &m.h) && steps_wrong++ == 0)
		printf("# step %u, a command of type %u, is not restored\n", steps, m.h.out.type);
}

/* One command; its reason. */
static inline int
step(const ClrCommand *c)
{
	(void) send(&m.h, c);
	compare_restored();
	return m.h.out.reason;
}

/* A new block, whose timers may fire. */
static inline void
step_time(int64_t advance_us)
{
	house_block(&m.h, advance_us);
	compare_restored();
}

static inline int
step_order(uint32_t account, const char *ref, uint32_t instrument, char side,
		   int64_t qty, int64_t price)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	return step(&c);
}

/* An order with one attribute, exec bits and a self-match instruction. */
static inline int
step_with(uint32_t account, const char *ref, char side, int64_t qty, int64_t price,
		  int attr, int64_t value, uint8_t exec_inst, uint8_t self_match)
{
	ClrCommand	c = order_command(account, ref, m.future, side, qty, price);
	uint8_t		pair[CLR_ATTR_BYTES];

	if (attr >= 0)
	{
		clr_put_attr(pair, (uint8_t) attr, value);
		c.pairs = (ClrPairs) {pair, 1};
	}
	c.u.order.exec_inst = exec_inst;
	c.u.order.self_match = self_match;
	return step(&c);
}

static inline int
step_field(uint8_t scope, uint64_t object, uint16_t field, int64_t value)
{
	ClrCommand	c = fields_command(scope, object, 0, 1, &field, &value);

	return step(&c);
}

/*
 * market_init() with everything mirrored: alice is ALPHA's only account, bob
 * and carol are BETA's.
 */
static inline void
steps_begin(void)
{
	House	   *h = &m.h;
	ClrCommand	c;
	uint32_t	m1,
				m2;

	memset(&mirror, 0, sizeof(mirror));
	house_init(h);
#define TAKE mirror_take(&mirror, h)
	open_house(h, INT64_C(3600) * 1000000); TAKE;
	m.usd = add_asset(h, "USD", 2); TAKE;
	m.btc = add_asset(h, "BTC", 0); TAKE;
	m1 = add_member(h, "ALPHA"); TAKE;
	m2 = add_member(h, "BETA"); TAKE;
	m.alice = add_account(h, "alice", m1); TAKE;
	m.bob = add_account(h, "bob", m2); TAKE;
	m.carol = add_account(h, "carol", m2); TAKE;
	c = future_command("FUT", m.usd);
	step(&c);
	m.future = (uint32_t) h->out.id;
	c = spot_command("BTC/USD", m.btc, m.usd);
	step(&c);
	m.spot = (uint32_t) h->out.id;
	deposit(h, m.alice, m.usd, 1000000); TAKE;
	deposit(h, m.bob, m.usd, 1000000); TAKE;
	deposit(h, m.carol, m.usd, 1000000); TAKE;
	deposit(h, m.alice, m.btc, 1000); TAKE;
	deposit(h, m.bob, m.btc, 1000); TAKE;
#undef TAKE
}

static inline void
steps_end(void)
{
	house_ok(&m.h);
	is(steps_wrong, 0, "every step is restored as it was");
	mirror_free(&mirror);
	house_free(&m.h);
	steps_wrong = 0;
}

#endif							/* CLR_TEST_STEPS_H */
