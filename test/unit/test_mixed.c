/*
 * test_mixed.c
 *	  Random flows of stop, trailing, linked and pegged orders among plain
 *	  ones, in a future and a spot instrument, through all phases.
 *
 * Every invariant is checked after each command, and the state is restored
 * from its events every few commands.  Says the seed of what fails.
 */
#include "special.h"

static uint64_t seed;

static int64_t
draw(int64_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int64_t) (seed >> 33) % n;
}

static uint32_t
anybody(void)
{
	return mk.alice + (uint32_t) draw(3);
}

static int64_t
any_price(void)
{
	return 90 + draw(21);
}

/* Attributes of a random kind of order, in ascending order of their numbers. */
static ClrCommand
any_order(uint64_t orders)
{
	static const int64_t pegs[] = {CLR_PEG_PRIMARY, CLR_PEG_MARKET, CLR_PEG_MID};
	uint32_t	instrument = draw(3) ? mk.future : mk.spot;
	ClrCommand	c = order_command(anybody(), "", instrument, draw(2) ? 'B' : 'S',
								  1 + draw(5), any_price());
	int64_t		attrs[16];
	int			n = 0;
	int64_t		kind = draw(10);

	c.u.order.time_in_force = draw(3) ? CLR_TIF_DAY : CLR_TIF_GTC;
	c.u.order.self_match = (uint8_t) draw(5);
	if (kind < 3)
	{
		bool		limited = draw(2);

		c.u.order.ord_type = limited ? CLR_ORD_STOP_LIMIT : CLR_ORD_STOP;
		if (!limited)
			c.u.order.price = 0;
		attrs[n++] = CLR_ATTR_STOP_PX;
		attrs[n++] = any_price();
		attrs[n++] = CLR_ATTR_TRIGGER;
		attrs[n++] = draw(3) ? CLR_TRIGGER_LAST : CLR_TRIGGER_MARK;
	}
	else if (kind < 5)
	{
		c.u.order.ord_type = CLR_ORD_STOP;
		c.u.order.price = 0;
		attrs[n++] = CLR_ATTR_TRIGGER;
		attrs[n++] = draw(3) ? CLR_TRIGGER_LAST : CLR_TRIGGER_MARK;
		attrs[n++] = CLR_ATTR_TRAIL_OFFSET;
		attrs[n++] = 1 + draw(8);
	}
	else if (kind < 7)
	{
		c.u.order.ord_type = CLR_ORD_PEGGED;
		if (draw(2))
			c.u.order.price = 0;
		attrs[n++] = CLR_ATTR_PEG_TYPE;
		attrs[n++] = pegs[draw(3)];
		attrs[n++] = CLR_ATTR_PEG_OFFSET;
		attrs[n++] = draw(7) - 3;
	}
	if (draw(3) == 0 && orders > 0)
	{
		ClrOrderView other = order_of((uint64_t) (1 + draw((int64_t) orders)));

		attrs[n++] = CLR_ATTR_LINK;
		attrs[n++] = (int64_t) other.order_id;
		if (other.order_id != 0)
		{
			c.account = other.account;
			c.u.order.instrument = other.instrument;
		}
	}
	attrs[n] = -1;
	return with_attrs(c, attrs);
}

static ClrCommand
any_replace(uint64_t orders)
{
	ClrOrderView v = order_of((uint64_t) (1 + draw((int64_t) orders + 1)));
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = v.account};
	int64_t		attrs[] = {-1, 0, -1};

	if (v.order_id == 0)
		c.account = mk.alice;
	c.u.replace.order_id = v.order_id == 0 ? 1 : v.order_id;
	c.u.replace.qty = 1 + draw(6);
	c.u.replace.price = v.ord_type == CLR_ORD_STOP || draw(4) == 0 ? 0 : any_price();
	if ((v.attrs_present >> CLR_ATTR_STOP_PX & 1) != 0 && draw(2))
	{
		attrs[0] = CLR_ATTR_STOP_PX;
		attrs[1] = any_price();
	}
	else if ((v.attrs_present >> CLR_ATTR_PEG_OFFSET & 1) != 0 && draw(2))
	{
		attrs[0] = CLR_ATTR_PEG_OFFSET;
		attrs[1] = draw(7) - 3;
	}
	return with_attrs(c, attrs);
}

static void
any_rule(void)
{
	static const struct
	{
		uint16_t	rule;
		int64_t		values;
	}			rules[] = {
		{CLR_RULE_STOP_ENTRY, 2}, {CLR_RULE_LINK, 3}, {CLR_RULE_PEG_REFERENCE, 2},
		{CLR_RULE_STOP_PROTECTION, 4}, {CLR_RULE_DYNAMIC_RANGE, 6}
	};
	int64_t		i = draw(5);

	set_rule(draw(2) ? mk.future : mk.spot, rules[i].rule, draw(rules[i].values));
}

static void
step(void)
{
	static const uint8_t phases[] = {CLR_PHASE_CONTINUOUS, CLR_PHASE_CONTINUOUS,
		CLR_PHASE_CONTINUOUS, CLR_PHASE_PRE_OPEN, CLR_PHASE_HALTED,
	CLR_PHASE_INTRADAY_CALL, CLR_PHASE_CLOSED};
	ClrHouseView house;
	ClrCommand	c;
	int64_t		what = draw(100);

	clr_get_house(H->e, &house);
	if (what < 70)
	{
		c = any_order(house.next_order - 1);
		after(send(H, &c));
	}
	else if (what < 76)
		after(market(H, anybody(), "", draw(2) ? mk.future : mk.spot,
					 draw(2) ? 'B' : 'S', 1 + draw(5)));
	else if (what < 84)
	{
		c = any_replace(house.next_order - 1);
		after(send(H, &c));
	}
	else if (what < 90)
		after(cancel_id(H, anybody(), "", (uint64_t) (1 + draw((int64_t) house.next_order))));
	else if (what < 92)
		after(mass_cancel(H, anybody(), draw(2) ? mk.future : 0));
	else if (what < 95)
		after(at_price(H, draw(2) ? CLR_CMD_SET_MARK_PRICE : CLR_CMD_SETTLE, mk.future, any_price()));
	else if (what < 98)
		after(set_phase(H, draw(2) ? mk.future : mk.spot, phases[draw(7)]));
	else
		any_rule();
}

static void
flow(uint64_t start, int steps)
{
	special_init();
	seed = start;
	after(deposit(H, mk.carol, mk.btc, 1000));
	for (int i = 0; i < steps && H->broken == NULL && restore_fault == NULL; i++)
	{
		mirrored = i % 8 == 0;
		step();
	}
	if (H->broken != NULL || restore_fault != NULL)
		printf("# seed %" PRIu64 "\n", start);
	special_done();
}

int
main(int argc, char **argv)
{
	uint64_t	flows = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;

	for (uint64_t s = 1; s <= flows; s++)
		flow(s, 500);
	return done_testing();
}
