/*
 * test_selfmatch.c
 *	  Self-match prevention by id (FIX 2362) and by decrementing both.
 *
 * The decrement cases are the rule of Coinbase Exchange and the Toronto Stock
 * Exchange: the smaller order is cancelled, the larger one loses its size;
 * equal ones are both cancelled.
 */
#include "tap.h"
#include "steps.h"

static int
with_id(uint32_t account, const char *ref, char side, int64_t qty, int64_t price, int64_t id)
{
	return step_with(account, ref, side, qty, price, CLR_ATTR_SMP_ID, id, 0, CLR_SMP_DEFAULT);
}

static int
decrementing(uint32_t account, const char *ref, char side, int64_t qty, int64_t price)
{
	return step_with(account, ref, side, qty, price, -1, 0, 0, CLR_SMP_DECREMENT_BOTH);
}

/* Ids reach across the accounts of a member, and no further. */
static void
ids(void)
{
	steps_begin();
	R(CLR_OK, with_id(m.bob, "b1", 'S', 5, 100, 7));
	R(CLR_OK, with_id(m.carol, "c1", 'B', 5, 100, 7));
	is_text(events(&m.h), "O2 00 0/5@100 ok\nO1 44 0/5@100 self_match\n",
			"the same id of one member: the resting order goes");
	R(CLR_OK, with_id(m.bob, "b2", 'S', 2, 100, 8));
	is_text(events(&m.h), "O3 00 0/2@100 ok\nT1 2@100 2x3 0/0\nO2 F1 2/5@100 ok\nO3 F2 2/2@100 ok\n",
			"another id: they trade");
	R(CLR_OK, with_id(m.alice, "a1", 'S', 1, 100, 7));
	is(m.h.out.n_trades, 1, "the id of another member is another id");
	R(CLR_OK, step_order(m.carol, "c2", m.future, 'S', 1, 100));
	is(m.h.out.n_trades, 1, "an order without an id stands for its account, which is not the id's");
	R(CLR_OK, with_id(m.carol, "c3", 'S', 1, 100, 0));
	is(m.h.out.n_trades, 1, "so does id 0");
	R(CLR_R_PARAMETER_INVALID, with_id(m.carol, "c4", 'S', 1, 100, CLR_SMP_ID_MAX + 1));
	R(CLR_R_PARAMETER_INVALID, with_id(m.carol, "c5", 'S', 1, 100, -1));
	steps_end();
}

/* The default of an account; orders keep what they were entered with. */
static void
account_default(void)
{
	steps_begin();
	R(CLR_OK, step_order(m.bob, "b0", m.future, 'S', 1, 101));
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.bob, CLR_LIMIT_SMP_ID, 3));
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.carol, CLR_LIMIT_SMP_ID, 3));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 4, 100));
	R(CLR_OK, step_with(m.carol, "c1", 'B', 6, 101, -1, 0, 0, CLR_SMP_CANCEL_AGGRESSOR));
	is_text(events(&m.h), "O3 00 0/6@101 ok\nO3 44 0/6@101 self_match_aggressor\n",
			"both accounts have the same id");
	R(CLR_OK, step_field(CLR_SCOPE_ACCOUNT, m.bob, CLR_LIMIT_SMP_ID, 0));
	R(CLR_OK, step_order(m.carol, "c2", m.future, 'B', 6, 101));
	is_text(events(&m.h), "O4 00 0/6@101 ok\nO2 44 0/4@100 self_match\nT1 1@101 4x1 0/0\n"
			"O1 F2 1/1@101 ok\nO4 F1 1/6@101 ok\n",
			"the resting order keeps its id, the one before it has none");
	R(CLR_OK, with_id(m.carol, "c3", 'S', 5, 101, 0));
	is(m.h.out.n_trades, 1, "an order may say that it has none");
	steps_end();
}

static void
walks(void)
{
	ClrCommand	c;

	steps_begin();
	R(CLR_OK, with_id(m.bob, "b1", 'S', 5, 100, 7));
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'S', 5, 100));
	c = order_command(m.carol, "c1", m.future, 'B', 6, 100);
	c.u.order.time_in_force = CLR_TIF_FOK;
	{
		uint8_t		pair[CLR_ATTR_BYTES];

		clr_put_attr(pair, CLR_ATTR_SMP_ID, 7);
		c.pairs = (ClrPairs) {pair, 1};
		R(CLR_R_FOK_NOT_FILLABLE, step(&c));
		c.ref = T("c2");
		c.u.order.qty = 5;
		R(CLR_OK, step(&c));
		is_text(events(&m.h), "O3 00 0/5@100 ok\nO1 44 0/5@100 self_match\nT1 5@100 3x2 0/0\n"
				"O2 F2 5/5@100 ok\nO3 F2 5/5@100 ok\n",
				"what it must not trade with does not count for fill or kill");
	}
	steps_end();
}

static void
decrement(void)
{
	steps_begin();
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'S', 3, 100));
	R(CLR_OK, decrementing(m.alice, "a2", 'B', 10, 100));
	is_text(events(&m.h), "O2 00 0/10@100 ok\nO1 44 0/3@100 self_match_decrement\n"
			"O2 D0 0/7@100 self_match_decrement\n", "the larger aggressor loses the size of the smaller");
	is(m.h.out.order_qty, 7, "and has that quantity left");
	is(m.h.out.leaves_qty, 7, "working");
	R(CLR_OK, decrementing(m.alice, "a3", 'S', 2, 100));
	is_text(events(&m.h), "O3 00 0/2@100 ok\nO2 D0 0/5@100 self_match_decrement\n"
			"O3 44 0/2@100 self_match_decrement\n", "the larger resting order loses too");
	is(position(&m.h, m.alice, m.future).buy_lots, 5, "and works less");
	is(m.h.out.ord_status, CLR_STATUS_CANCELED, "the smaller aggressor is cancelled");
	R(CLR_OK, decrementing(m.alice, "a4", 'S', 5, 100));
	is_text(events(&m.h), "O4 00 0/5@100 ok\nO2 44 0/5@100 self_match_decrement\n"
			"O4 44 0/5@100 self_match_decrement\n", "of equal ones both go");
	is(clr_count_orders(m.h.e), 0, "nothing is left");

	R(CLR_OK, step_order(m.alice, "a5", m.future, 'S', 2, 100));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 4, 100));
	{
		ClrCommand	c = order_command(m.alice, "a6", m.future, 'B', 6, 0);

		c.u.order.ord_type = CLR_ORD_MARKET;
		c.u.order.time_in_force = CLR_TIF_FOK;
		c.u.order.self_match = CLR_SMP_DECREMENT_BOTH;
		R(CLR_R_FOK_NOT_FILLABLE, step(&c));
		c.ref = T("a7");
		c.u.order.time_in_force = CLR_TIF_IOC;
		R(CLR_OK, step(&c));
		is_text(events(&m.h), "O7 00 0/6@0 ok\nO5 44 0/2@100 self_match_decrement\n"
				"O7 D0 0/4@0 self_match_decrement\nT1 4@100 7x6 0/0\nO6 F2 4/4@100 ok\nO7 F2 4/4@0 ok\n",
				"a market order trades what the decrement left");
	}
	steps_end();
}

/* In an opening the newer order counts as the aggressor. */
static void
opening(void)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};

	steps_begin();
	c.u.phase.instrument = m.future;
	c.u.phase.phase = CLR_PHASE_PRE_OPEN;
	R(CLR_OK, step(&c));
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'S', 3, 100));
	R(CLR_OK, decrementing(m.alice, "a2", 'B', 5, 101));
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'S', 1, 100));
	c.u.phase.phase = CLR_PHASE_CONTINUOUS;
	R(CLR_OK, step(&c));
	is_text(events(&m.h), "O1 44 0/3@100 self_match_decrement\nO2 D0 0/2@101 self_match_decrement\n"
			"T1 1@101 2x3 0/0\nO2 F1 1/2@101 ok\nO3 F2 1/1@100 ok\n", "decremented, then opened");
	steps_end();
}

/*
 * Where orders share a price, those that must not trade go first, wherever they
 * stand: fill-or-kill sees it coming.
 */
static void
shared(void)
{
	ClrCommand	c = order_command(0, "", m.future, 'S', 4, 100);
	const uint8_t modes[] = {CLR_SMP_CANCEL_AGGRESSOR, CLR_SMP_CANCEL_BOTH, CLR_SMP_DECREMENT_BOTH};

	steps_begin();
	{
		ClrCommand	rule = {.type = CLR_CMD_SET_FIELDS};
		uint8_t		buf[CLR_FIELD_BYTES];

		clr_put_field(buf, CLR_RULE_ALLOCATION, 'C');
		rule.pairs = (ClrPairs) {buf, 1};
		rule.u.fields.scope = CLR_SCOPE_INSTRUMENT;
		rule.u.fields.object = m.future;
		R(CLR_OK, step(&rule));
	}
	R(CLR_OK, step_order(m.bob, "b1", m.future, 'B', 4, 100));
	R(CLR_OK, step_order(m.alice, "a1", m.future, 'B', 1, 100));
	c.account = m.alice;
	c.u.order.time_in_force = CLR_TIF_FOK;
	for (unsigned i = 0; i < sizeof(modes); i++)
	{
		c.u.order.self_match = modes[i];
		R(CLR_R_FOK_NOT_FILLABLE, step(&c));
	}
	c.u.order.self_match = CLR_SMP_CANCEL_RESTING;
	R(CLR_OK, step(&c));
	is(m.h.out.cum_qty, 4, "what was in the way is cancelled");
	is(clr_count_orders(m.h.e), 0, "and gone");
	steps_end();
}

int
main(void)
{
	ids();
	account_default();
	walks();
	decrement();
	opening();
	shared();
	return done_testing();
}
