/*
 * test_registry.c
 *	  The house, epochs, reference data, listings, cash.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)

static int
epoch(House *h, uint64_t n)
{
	ClrCommand	c = {.type = CLR_CMD_EPOCH};

	c.u.epoch.epoch = n;
	return send(h, &c);
}

static unsigned
count_events(House *h, uint8_t wanted)
{
	unsigned	n = 0;
	uint8_t		type;

	for (size_t at = 0, len; at < h->ev.len; at += len)
	{
		len = clr_event_length(h->ev.data + at, h->ev.len - at, &type);
		if (len == 0)
			return 999;
		n += type == wanted;
	}
	return n;
}

static void
opening(void)
{
	House		h;
	ClrHouseView v;
	ClrAccountView a;
	ClrMemberView mv;
	ClrCommand	c = {.type = CLR_CMD_OPEN_HOUSE};

	house_init(&h);
	add_asset(&h, "USD", 2);
	is(h.out.reason, CLR_R_HOUSE_NOT_OPEN, "nothing before the house is open");
	R(CLR_OK, epoch(&h, 5));
	R(CLR_R_PARAMETER_INVALID, epoch(&h, 5));
	R(CLR_R_PARAMETER_INVALID, epoch(&h, 4));
	R(CLR_R_NAME_INVALID, send(&h, &c));
	c.text = T("CCP");
	c.u.open.retention_us = -1;
	R(CLR_R_PARAMETER_INVALID, send(&h, &c));
	R(CLR_OK, open_house(&h, 1000));
	is(count_events(&h, CLR_EV_HOUSE), 1, "one HOUSE event");
	is(count_events(&h, CLR_EV_MEMBER), 1, "one MEMBER event");
	is(count_events(&h, CLR_EV_ACCOUNT), 3, "three ACCOUNT events");
	R(CLR_R_HOUSE_ALREADY_OPEN, open_house(&h, 1000));
	clr_get_house(h.e, &v);
	ok(v.open && v.epoch == 5 && v.retention_us == 1000, "open");
	is(v.next_account, CLR_ACCOUNT_FIRST, "accounts of members from 16");
	ok(clr_get_account(h.e, CLR_ACCOUNT_WORLD, &a) && a.name_len == 5 &&
	   memcmp(a.name, "world", 5) == 0 && a.account_type == CLR_ACCOUNT_TYPE_SYSTEM, "world");
	ok(clr_get_account(h.e, CLR_ACCOUNT_FEES, &a), "fees");
	ok(clr_get_account(h.e, CLR_ACCOUNT_SETTLEMENT, &a), "settlement");
	ok(!clr_get_account(h.e, 4, &a) && !clr_get_account(h.e, 16, &a) && !clr_get_account(h.e, 0, &a),
	   "no other account");
	ok(clr_get_member(h.e, 0, &mv) && mv.code_len == 5 && memcmp(mv.code, "house", 5) == 0,
	   "the house is member 0");
	is(clr_count_accounts(h.e), 3, "three accounts");
	R(CLR_OK, epoch(&h, 9));
	is(h.out.id, 9, "epoch 9");
	house_ok(&h);
	house_free(&h);
}

static void
objects(void)
{
	House		h;
	ClrAssetView av;
	ClrAccountView ac;

	house_init(&h);
	open_house(&h, 0);
	is(add_asset(&h, "USD", 2), 1, "assets from 1");
	is(add_asset(&h, "USD", 3), 0, "a name is unique");
	is(h.out.reason, CLR_R_NAME_TAKEN, "taken");
	is(add_asset(&h, "BTC", 18), 2, "refusals consume no id");
	add_asset(&h, "X", 19);
	is(h.out.reason, CLR_R_SCALE_INVALID, "at most 18 decimal places");
	add_asset(&h, "", 2);
	is(h.out.reason, CLR_R_NAME_INVALID, "a name is not empty");
	add_asset(&h, "a\tb", 2);
	is(h.out.reason, CLR_R_NAME_INVALID, "nor does it hold control characters");
	ok(clr_get_asset(h.e, 2, &av) && av.scale == 18 && !clr_get_asset(h.e, 3, &av) &&
	   !clr_get_asset(h.e, 0, &av), "two assets");
	is(add_member(&h, "AAA"), 1, "members from 1");
	is(add_member(&h, "house"), 0, "the house's code is taken");
	is(add_member(&h, "AAA"), 0, "codes are unique");
	is(add_account(&h, "acc", 1), 16, "accounts from 16");
	is(add_account(&h, "world", 1), 0, "the house's names are taken");
	is(h.out.reason, CLR_R_NAME_TAKEN, "taken");
	add_account(&h, "acc2", 0);
	is(h.out.reason, CLR_R_UNKNOWN_MEMBER, "nobody opens accounts of the house");
	add_account(&h, "acc2", 2);
	is(h.out.reason, CLR_R_UNKNOWN_MEMBER, "unknown member");
	is(add_account(&h, "USD", 1), 17, "names are unique per kind");
	ok(clr_get_account(h.e, 17, &ac) && ac.member == 1, "of member 1");
	house_ok(&h);
	house_free(&h);
}

static void
listing(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c;
	ClrInstrumentView v;

	market_init(&m);
#define TRY(want, field, value) \
	do { \
		c = future_command("TRY", m.usd); \
		c.u.instrument.field = (value); \
		R(want, send(h, &c)); \
	} while (0)
#define TRY_SPOT(want, field, value) \
	do { \
		c = spot_command("TRY", m.btc, m.usd); \
		c.u.instrument.field = (value); \
		R(want, send(h, &c)); \
	} while (0)

	TRY(CLR_R_PARAMETER_INVALID, kind, 3);
	TRY(CLR_R_PARAMETER_INVALID, margin_basis, 0);
	TRY(CLR_R_PARAMETER_INVALID, fee_basis, 3);
	TRY(CLR_R_PARAMETER_INVALID, replace_priority, 0);
	TRY(CLR_R_PARAMETER_INVALID, phase, CLR_PHASE_EXPIRED);
	TRY(CLR_R_PARAMETER_INVALID, tick_exp, 19);
	TRY(CLR_R_PARAMETER_INVALID, base_asset, m.btc);
	TRY(CLR_R_UNKNOWN_ASSET, quote_asset, 9);
	TRY(CLR_R_PARAMETER_INVALID, tick_size, 0);
	TRY(CLR_R_PARAMETER_INVALID, lot_size, -1);
	TRY(CLR_R_PARAMETER_INVALID, multiplier, 0);
	TRY(CLR_R_PARAMETER_INVALID, initial_margin, CLR_RATE_UNIT + 1);
	TRY(CLR_R_PARAMETER_INVALID, maintenance_margin, 100001);
	TRY(CLR_R_PARAMETER_INVALID, taker_fee, CLR_RATE_UNIT + 1);
	TRY(CLR_R_PARAMETER_INVALID, maker_fee, -1);
	TRY(CLR_R_PARAMETER_INVALID, expiry_us, -1);
	TRY(CLR_R_PRICE_INVALID, reference_price, CLR_PRICE_MAX + 1);
	TRY(CLR_R_PRICE_INVALID, has_reference_price, 0);
	TRY(CLR_R_NOT_EXACT, tick_exp, 3);
	TRY(CLR_R_NOT_EXACT, multiplier_exp, 1);
	TRY(CLR_R_OVERFLOW, tick_size, INT64_MAX);
	TRY_SPOT(CLR_R_UNKNOWN_ASSET, base_asset, 0);
	TRY_SPOT(CLR_R_PARAMETER_INVALID, base_asset, m.usd);
	TRY_SPOT(CLR_R_PARAMETER_INVALID, multiplier, 2);
	TRY_SPOT(CLR_R_PARAMETER_INVALID, initial_margin, 1);
	TRY_SPOT(CLR_R_PARAMETER_INVALID, fee_basis, CLR_BASIS_LOT);
	TRY_SPOT(CLR_R_NOT_EXACT, lot_exp, 1);
	TRY_SPOT(CLR_R_PRICE_INVALID, has_reference_price, 1);
	c = future_command("FUT", m.usd);
	R(CLR_R_NAME_TAKEN, send(h, &c));
	c.text = T("");
	R(CLR_R_NAME_INVALID, send(h, &c));

	/* E-mini: 0.25 points, 50 dollars a point */
	c = future_command("ES", m.usd);
	c.u.instrument.tick_size = 25;
	c.u.instrument.multiplier = 50;
	c.u.instrument.maker_fee = -5;
	c.u.instrument.taker_fee = 5;
	R(CLR_OK, send(h, &c));
	ok(clr_get_instrument(h->e, (uint32_t) h->out.id, &v) && v.tick_value == 1250 && v.lot_units == 0,
	   "a tick is 12.50");
	/* factors that only cancel out together: 2.5 * 0.0004 = 0.001, times 1000 */
	c = future_command("ODD", m.usd);
	c.u.instrument.tick_size = 25;
	c.u.instrument.tick_exp = 1;
	c.u.instrument.lot_size = 4;
	c.u.instrument.lot_exp = 4;
	c.u.instrument.multiplier = 10;
	R(CLR_OK, send(h, &c));
	ok(clr_get_instrument(h->e, (uint32_t) h->out.id, &v) && v.tick_value == 1, "a tick is 0.01");
	house_ok(h);
	house_free(h);
#undef TRY
#undef TRY_SPOT
}

static void
cash_movements(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrBalanceView b;

	market_init(&m);
	is(balance(h, CLR_ACCOUNT_WORLD, m.usd), -3000000, "the world gave three millions");
	R(CLR_R_AMOUNT_INVALID, deposit(h, m.alice, m.usd, 0));
	R(CLR_R_AMOUNT_INVALID, deposit(h, m.alice, m.usd, -1));
	R(CLR_R_AMOUNT_INVALID, deposit(h, m.alice, m.usd, INT64_MAX));
	R(CLR_R_UNKNOWN_ASSET, deposit(h, m.alice, 7, 1));
	R(CLR_R_UNKNOWN_ACCOUNT, deposit(h, 0, m.usd, 1));
	R(CLR_R_UNKNOWN_ACCOUNT, deposit(h, 999, m.usd, 1));
	R(CLR_R_SYSTEM_ACCOUNT, deposit(h, CLR_ACCOUNT_WORLD, m.usd, 1));
	R(CLR_R_SYSTEM_ACCOUNT, withdraw(h, CLR_ACCOUNT_SETTLEMENT, m.usd, 1));
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.alice, m.usd, 1000001));
	is(h->out.needed, 1000001, "needed");
	is(h->out.available, 1000000, "available");
	is(h->out.asset, m.usd, "of the asset");
	R(CLR_OK, withdraw(h, m.alice, m.usd, 400000));
	is_text(events(h), "L6 16>1 400000 a1 k2\n", "a withdrawal");
	is(balance(h, m.alice, m.usd), 600000, "is gone");
	R(CLR_OK, deposit(h, CLR_ACCOUNT_FEES, m.usd, 50));
	R(CLR_OK, withdraw(h, CLR_ACCOUNT_FEES, m.usd, 20));
	is(balance(h, CLR_ACCOUNT_FEES, m.usd), 30, "the operator funds the fee account");
	R(CLR_R_OVERFLOW, deposit(h, m.alice, m.usd, CLR_AMOUNT_MAX));
	R(CLR_R_INSUFFICIENT_FUNDS, withdraw(h, m.carol, m.btc, 1));
	ok(!clr_get_balance(h->e, m.alice, 9, &b) && !clr_get_balance(h->e, 99, m.usd, &b), "unknown");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	opening();
	objects();
	listing();
	cash_movements();
	return done_testing();
}
