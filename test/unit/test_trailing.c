/*
 * test_trailing.c
 *	  Trailing stops: Vega's examples, groups, and random walks against orders
 *	  that each remember what they have seen.
 *
 * Examples: Vega core/integration/features/orders/stoporders.feature
 * (0014-ORDT-059 to -064); its percentages as ticks.
 */
#include "special.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static ClrCommand
trail_command(uint32_t account, const char *ref, char side, int64_t offset)
{
	ClrCommand	c = order_command(account, ref, mk.future, side, 1, 0);

	c.u.order.ord_type = CLR_ORD_STOP;
	c.u.order.time_in_force = CLR_TIF_GTC;
	return with_attrs(c, ATTRS(CLR_ATTR_TRAIL_OFFSET, offset));
}

static uint64_t
trail(uint32_t account, const char *ref, char side, int64_t offset)
{
	ClrCommand	c = trail_command(account, ref, side, offset);

	return after(send(H, &c)) == CLR_OK ? H->out.id : 0;
}

static bool
waits(uint64_t id)
{
	return order_of(id).attr[CLR_ATTR_PARKED] == CLR_PARKED_STOP;
}

static void
move_to(int64_t price)
{
	trade_at(mk.carol, mk.bob, mk.future, 1, price);
}

/* Liquidity far away for whoever is triggered. */
static void
far_orders(void)
{
	after(limit(H, mk.carol, "", mk.future, 'B', 1000, 20));
	after(limit(H, mk.carol, "", mk.future, 'S', 1000, 70));
}

static void
vega_examples(void)
{
	uint64_t	id;

	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 1, 50);
	far_orders();
	id = trail(mk.alice, "t1", 'S', 3);
	move_to(60);
	ok(waits(id), "-059: a drop of 3 placed at 50, a rise to 60");
	move_to(58);
	ok(waits(id), "-060: not triggered by a fall to 58");
	move_to(57);
	ok(!waits(id), "-059: triggered by a fall to 57");
	is(position(H, mk.alice, mk.future).qty, 0, "sold");
	special_done();

	special_init();
	trade_at(mk.alice, mk.bob, mk.future, 1, 50);
	far_orders();
	id = trail(mk.alice, "t1", 'B', 2);
	move_to(40);
	ok(waits(id), "-061: a rise of 2 placed at 50, a drop to 40");
	move_to(41);
	ok(waits(id), "-062: not triggered by a rise to 41");
	move_to(42);
	ok(!waits(id), "-061: triggered by a rise to 42");
	is(position(H, mk.alice, mk.future).qty, 0, "bought back");
	special_done();

	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 1, 50);
	far_orders();
	id = trail(mk.alice, "t1", 'S', 15);
	move_to(60);
	move_to(50);
	move_to(57);
	move_to(46);
	ok(waits(id), "-064: a drop of 15 with a best price of 60 is not triggered at 46");
	move_to(45);
	ok(!waits(id), "-063: but at 45");
	special_done();
}

static unsigned
field_events(void)
{
	unsigned	n = 0;

	for (size_t at = 0; at < H->ev.len;)
	{
		uint8_t		type;

		at += clr_event_length(H->ev.data + at, H->ev.len - at, &type);
		n += type == CLR_EV_FIELD;
	}
	return n;
}

/* Many orders that have seen the same move with one report. */
static void
groups(void)
{
	uint64_t	id[4];

	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 9, 50);
	far_orders();
	id[0] = trail(mk.alice, "t1", 'S', 5);
	is(field_events(), 1, "the first order starts a group");
	id[1] = trail(mk.alice, "t2", 'S', 2);
	is(field_events(), 0, "another joins it");
	move_to(49);
	is(field_events(), 0, "a price that is no better changes nothing");
	id[2] = trail(mk.alice, "t3", 'S', 3);
	is(field_events(), 1, "who has seen less is in a group of its own");
	move_to(52);
	is(field_events(), 2, "a new best price melts both: one goes, one changes");
	id[3] = trail(mk.alice, "t4", 'S', 2);
	is(field_events(), 0, "who comes now has seen the same");
	move_to(50);
	ok(!waits(id[1]) && !waits(id[3]), "50 triggers those at a distance of 2");
	is_text(strstr(events(H), "O6 L"),
			"O6 L0 0/1@0 ok\n"
			"T5 1@20 3x6 0/0\n"
			"O3 F1 1/1000@20 ok\n"
			"O6 F2 1/1@0 ok\n"
			"O12 L0 0/1@0 ok\n"
			"T6 1@20 3x12 0/0\n"
			"O3 F1 2/1000@20 ok\n"
			"O12 F2 1/1@0 ok\n"
			"O9 L0 0/1@0 ok\n"
			"T7 1@20 3x9 0/0\n"
			"O3 F1 3/1000@20 ok\n"
			"O9 F2 1/1@0 ok\n"
			"O5 L0 0/1@0 ok\n"
			"T8 1@20 3x5 0/0\n"
			"O3 F1 4/1000@20 ok\n"
			"O5 F2 1/1@0 ok\n",
			"the older first; their trades at 20 trigger the rest by stop price");
	is(clr_get_field(H->e, CLR_SCOPE_MARKET, mk.future, 5, CLR_MARKET_TRAIL + 1),
	   CLR_NO_PRICE, "no group is left");
	special_done();
}

static void
replaced(void)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .ref = T("t2"), .text = T("t1")};
	uint64_t	id;

	special_init();
	trade_at(mk.bob, mk.alice, mk.future, 9, 50);
	far_orders();
	id = trail(mk.alice, "t1", 'S', 5);
	move_to(60);
	move_to(56);
	c.account = mk.alice;
	c.u.replace.qty = 1;
	c = with_attrs(c, ATTRS(CLR_ATTR_TRAIL_OFFSET, 4));
	R(CLR_OK, after(send(H, &c)));
	move_to(53);
	ok(waits(id), "after a replace at 56 only what came since counts");
	move_to(52);
	ok(!waits(id), "56 less 4 triggers");
	is(order_of(id).order_id, 0, "and runs");
	special_done();
}

/*----------------------------------------------------------------
 * Random walks
 *----------------------------------------------------------------
 */
typedef struct Naive
{
	uint64_t	id;
	bool		sell;
	bool		mark;
	int64_t		offset;
	int64_t		best;
} Naive;

static Naive naive[4000];
static int	n_naive;
static uint64_t seed;

static int64_t
draw(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int64_t) ((seed >> 33) % (uint64_t) n);
}

/* What each order makes of a price; returns how many trigger. */
static int
naive_see(int64_t price, bool mark)
{
	int			gone = 0;

	for (int i = 0; i < n_naive;)
	{
		Naive	   *o = &naive[i];
		int64_t		away;

		if (o->mark != mark)
		{
			i++;
			continue;
		}
		if (o->sell ? price > o->best : price < o->best)
			o->best = price;
		away = o->sell ? o->best - price : price - o->best;
		if (away >= o->offset)
		{
			*o = naive[--n_naive];
			gone++;
		}
		else
			i++;
	}
	return gone;
}

static const char *
random_step(int64_t *last, int64_t *mark)
{
	int64_t		what = draw(10);

	if (what < 5 && n_naive < 300)
	{
		Naive		o = {0, draw(2), draw(3) == 0, 1 + draw(12), 0};
		ClrCommand	c = trail_command(mk.alice, "", o.sell ? 'S' : 'B', o.offset);

		if (o.mark)
			c = with_attrs(c, ATTRS(CLR_ATTR_TRIGGER, CLR_TRIGGER_MARK,
									CLR_ATTR_TRAIL_OFFSET, o.offset));
		if (after(send(H, &c)) != CLR_OK)
			return "an order is refused";
		o.id = H->out.id;
		o.best = o.mark ? *mark : *last;
		naive[n_naive++] = o;
	}
	else if (what < 6 && n_naive > 0)
	{
		int			i = (int) draw(n_naive);

		if (after(cancel_id(H, mk.alice, "", naive[i].id)) != CLR_OK)
			return "an order that should wait does not";
		naive[i] = naive[--n_naive];
	}
	else if (what < 7)
	{
		*mark += draw(5) - 2;
		after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, *mark));
		naive_see(*mark, true);
	}
	else
	{
		*last += draw(7) - 3;
		move_to(*last);
		naive_see(*last, false);
	}
	for (int i = 0; i < n_naive; i++)
		if (!waits(naive[i].id))
			return "an order was triggered too early";
	/* the two far orders are all that is in the book */
	if (clr_count_orders(H->e) != (uint64_t) n_naive)
		return "an order was triggered too late";
	return NULL;
}

/*
 * Triggered orders find nobody and are cancelled, so that prices go where the
 * walk wants them.
 */
static void
random_walk(uint64_t start, int steps)
{
	const char *fault = NULL;
	int64_t		last = 1000;
	int64_t		mark = 1000;

	special_init();
	H->check = false;
	mirrored = false;
	deposit(H, mk.alice, mk.usd, INT64_C(1000000000));
	mirror_take(&mirror, H);
	seed = start;
	n_naive = 0;
	move_to(last);
	after(at_price(H, CLR_CMD_SET_MARK_PRICE, mk.future, mark));
	for (int i = 0; i < steps && fault == NULL; i++)
	{
		mirrored = i % 16 == 0;
		fault = random_step(&last, &mark);
		if (fault == NULL && i % 8 == 0)
			fault = clr_engine_check(H->e);
	}
	is_text(fault, NULL, "every order behaves as if it were alone");
	special_done();
}

int
main(void)
{
	vega_examples();
	groups();
	replaced();
	for (uint64_t s = 1; s <= 8; s++)
		random_walk(s, 600);
	return done_testing();
}
