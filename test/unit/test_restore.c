/*
 * test_restore.c
 *	  Loading a state: the same bytes come out, and anything inconsistent is
 *	  refused with a reason.  Random states are tested by test_random.
 */
#include "mirror.h"

typedef struct Scene
{
	Market		m;
	Mirror		mirror;
} Scene;

static void
take(Scene *s)
{
	mirror_take(&s->mirror, &s->m.h);
}

/*
 * Some of everything.  market_init() sends its commands unseen, so balances
 * are taken from the engine.
 */
static void
scene_init(Scene *s)
{
	House	   *h = &s->m.h;
	uint32_t	accounts[6];

	memset(s, 0, sizeof(*s));
	market_init(&s->m);
	accounts[0] = s->m.alice;
	accounts[1] = s->m.bob;
	accounts[2] = s->m.carol;
	for (uint32_t i = 3; i < 6; i++)
		accounts[i] = i - 2;
	for (int i = 0; i < 6; i++)
		for (uint32_t asset = 1; asset <= 2; asset++)
			mirror_balance(&s->mirror, accounts[i], asset, balance(h, accounts[i], asset));
	limit(h, s->m.alice, "a1", s->m.future, 'B', 10, 100);
	take(s);
	limit(h, s->m.bob, "b1", s->m.future, 'S', 4, 99);
	take(s);
	replace(h, s->m.alice, "a2", "a1", 20, 101);
	take(s);
	limit(h, s->m.bob, "b2", s->m.spot, 'S', 5, 7);
	take(s);
	limit(h, s->m.carol, "b2", s->m.spot, 'B', 5, 6);
	take(s);
	limit(h, s->m.carol, "c2", s->m.spot, 'B', 5, 6);
	take(s);
	limit(h, s->m.carol, "refused", s->m.spot, 'B', 5, -6);
	take(s);
	house_block(h, 5000);
}

static void
scene_free(Scene *s)
{
	house_free(&s->m.h);
	mirror_free(&s->mirror);
}

static void
round_trip(void)
{
	Scene		s;
	ClrEngine  *copy;
	ClrEngine  *empty = clr_engine_create();
	ClrEngine  *empty2 = clr_engine_create();
	ClrHouseView house;

	scene_init(&s);
	copy = mirror_restore(&s.mirror, &s.m.h);
	ok(copy != NULL, "a state loads");
	if (copy != NULL)
	{
		ok(same_dump(s.m.h.e, copy), "and dumps the same bytes");
		is_text(clr_restore_error(copy), NULL, "without an error");
		ok(!clr_restore_finish(copy), "loading is over");
	}
	clr_engine_free(copy);
	ok(same_dump(empty, empty2), "empty engines are equal");
	clr_get_house(empty, &house);
	ok(clr_restore_house(empty2, &house) && clr_restore_finish(empty2), "an empty state loads");
	ok(same_dump(empty, empty2), "and is empty");
	ok(!same_dump(empty, s.m.h.e), "dumps of different states differ");
	clr_engine_free(empty);
	clr_engine_free(empty2);
	scene_free(&s);
}

/* Every single difference in the input is noticed. */
static void
must_fail(Scene *s, const char *want, const char *name)
{
	ClrEngine  *to = clr_engine_create();
	ClrHouseView house;
	bool		good;

	clr_get_house(s->m.h.e, &house);
	good = clr_restore_house(to, &house) && mirror_registry(s->m.h.e, to, &house);
	for (size_t i = 0; good && i < s->mirror.n_balances; i++)
		good = clr_restore_balance(to, &s->mirror.balances[i]);
	for (size_t i = 0; good && i < s->mirror.n_positions; i++)
		good = clr_restore_position(to, &s->mirror.positions[i]);
	for (size_t i = 0; good && i < s->mirror.n_refs; i++)
	{
		ClrOutcome	o = s->mirror.refs[i].o;

		o.ref = s->mirror.refs[i].ref;
		good = clr_restore_reference(to, &o, s->mirror.refs[i].time_us);
	}
	for (size_t i = 0; good && i < s->mirror.cap_orders; i++)
		if (s->mirror.orders[i].order_id != 0)
			good = clr_restore_order(to, &s->mirror.orders[i]);
	good = good && clr_restore_finish(to);
	ok(!good, "%s: refused", name);
	is_text(clr_restore_error(to), want, name);
	clr_engine_free(to);
}

#define FAILS(change, want) \
	do { \
		Scene		s; \
		scene_init(&s); \
		{ change; } \
		must_fail(&s, want, #change); \
		scene_free(&s); \
	} while (0)

static void
inconsistent(void)
{
	FAILS(s.mirror.balances[0].balance++, "balances of asset 1 do not sum up to 0");
	FAILS(s.mirror.balances[0].asset = 9, "a balance is not valid");
	FAILS(s.mirror.balances[1].asset = 1, "a balance is given twice");
	FAILS(s.mirror.balances[0].balance = INT64_MIN, "a balance is not valid");
	FAILS(s.mirror.positions[0].qty++, "an instrument's open interest differs from its positions");
	FAILS(s.mirror.positions[1].qty--, "positions of instrument 1 do not sum up to 0");
	FAILS(s.mirror.positions[0].cost++, "positions of instrument 1 do not sum up to 0");
	FAILS(s.mirror.positions[0].qty = INT64_MIN, "a position is not valid");
	FAILS(s.mirror.positions[0].qty = CLR_AMOUNT_MAX, "a position is out of range");
	FAILS(s.mirror.positions[0].account = 3, "a position is not valid");
	FAILS(s.mirror.positions[1].account = s.mirror.positions[0].account, "a position is given twice");
	FAILS(s.mirror.positions[0].buy_lots++, "a position's working orders differ from what it says");
	FAILS(s.mirror.positions[0].buy_reserve++, "a position's working orders differ from what it says");
	FAILS(s.mirror.orders[1].cum_qty++, "an order is not valid");
	FAILS(s.mirror.orders[1].leaves_qty++, "an order is not valid");
	FAILS(s.mirror.orders[1].price = INT64_MIN, "an order is not valid");
	FAILS(s.mirror.orders[1].side = 3, "an order is not valid");
	FAILS(s.mirror.orders[1].reserve = -1, "an order is not valid");
	FAILS(s.mirror.orders[1].reserve = CLR_AMOUNT_MAX, "working orders are out of range");
	FAILS(s.mirror.orders[1].priority = 4, "two orders have the same priority");
	FAILS(s.mirror.orders[1].priority = 99, "an order is not valid");
	FAILS(s.mirror.orders[3].order_id = 1, "an order is given twice");
	FAILS(s.mirror.orders[1].ref[0] = 'x', "an order's reference is missing");
	FAILS(s.mirror.refs[2].o.id = 3, "an order's reference is missing");
	FAILS(s.mirror.refs[0].time_us = INT64_MAX, "a reference is not valid");
	FAILS(s.mirror.orders[1].order_id = 0, "a position's working orders differ from what it says");
}

/*
 * What does not use its reference up while the engine runs must not do so when
 * it is loaded either: refusals to open, and an epoch's if it ever had one.
 */
static void
before_opening(void)
{
	House		h;
	Mirror		mirror = {0};
	ClrEngine  *copy;
	ClrCommand	c = {.type = CLR_CMD_OPEN_HOUSE, .ref = T("again"), .text = T("CCP")};
	ClrCommand	epoch = {.type = CLR_CMD_EPOCH, .ref = T("epoch")};

	house_init(&h);
	epoch.u.epoch.epoch = 1;
	is(send(&h, &epoch), CLR_OK, "an epoch");
	mirror_take(&mirror, &h);
	c.u.open.retention_us = -1;
	is(send(&h, &c), CLR_R_PARAMETER_INVALID, "a refusal to open");
	mirror_take(&mirror, &h);
	is(mirror.n_refs, 0, "neither uses its reference up");
	c.u.open.retention_us = 1000000;
	is(send(&h, &c), CLR_OK, "the reference again");
	is(h.out.duplicate, 0, "is free");
	mirror_take(&mirror, &h);
	is(mirror.n_refs, 1, "but now it is used");
	c.ref = T("other");
	is(send(&h, &c), CLR_R_HOUSE_ALREADY_OPEN, "a refusal of the open house");
	mirror_take(&mirror, &h);
	is(mirror.n_refs, 2, "uses its reference up");
	copy = mirror_restore(&mirror, &h);
	ok(copy != NULL && same_dump(h.e, copy), "loaded, the same references are used");
	clr_engine_free(copy);
	house_free(&h);
	mirror_free(&mirror);
}

/* Wrong order of calls. */
static void
order_of_calls(void)
{
	ClrEngine  *e = clr_engine_create();
	ClrAssetView a = {.asset = 1, .name_len = 1, .name = "X"};
	ClrHouseView house;

	ok(!clr_restore_asset(e, &a), "the house comes first");
	ok(clr_restore_error(e) != NULL, "says the error");
	clr_get_house(e, &house);
	ok(!clr_restore_house(e, &house) || !clr_restore_asset(e, &a), "an error is final");
	clr_engine_free(e);

	e = clr_engine_create();
	house.next_asset = 3;
	ok(clr_restore_house(e, &house) && clr_restore_asset(e, &a), "one of two assets");
	ok(!clr_restore_finish(e), "is not enough");
	clr_engine_free(e);
}

int
main(void)
{
	round_trip();
	inconsistent();
	before_opening();
	order_of_calls();
	return done_testing();
}
