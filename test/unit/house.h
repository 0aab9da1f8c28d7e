/*
 * house.h
 *	  A small clearing house for unit tests: short ways to send commands and
 *	  to look at what came out.
 *
 * Every command goes through the codec and clr_engine_apply(); after each one
 * clr_engine_check() runs (turn it off with h->check for long flows).
 */
#ifndef CLR_TEST_HOUSE_H
#define CLR_TEST_HOUSE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/codec.h"
#include "engine/engine.h"
#include "tap.h"

typedef struct House
{
	ClrEngine  *e;
	ClrEventBuffer ev;			/* events of the last command only */
	ClrOutcome	out;			/* its outcome */
	uint64_t	height;
	int64_t		now;
	uint32_t	number;
	bool		check;
	const char *broken;			/* first violated invariant */
	char		broken_text[200];
} House;

static inline ClrText
T(const char *s)
{
	return (ClrText) {(const uint8_t *) s, strlen(s)};
}

static inline void
house_block(House *h, int64_t advance_us)
{
	h->now += advance_us;
	h->number = 0;
	h->ev.len = 0;
	clr_engine_begin_block(h->e, ++h->height, h->now, &h->ev);
}

static inline void
house_init(House *h)
{
	memset(h, 0, sizeof(*h));
	h->e = clr_engine_create();
	h->check = true;
	h->now = INT64_C(1700000000000000);
	house_block(h, 0);
}

static inline void
house_free(House *h)
{
	clr_engine_free(h->e);
	free(h->ev.data);
}

static inline int
send_bytes(House *h, const uint8_t *data, size_t len)
{
	h->ev.len = 0;
	if (!clr_engine_apply(h->e, h->number++, data, len, &h->ev, &h->out))
	{
		printf("Bail out! out of memory\n");
		exit(1);
	}
	if (h->check && h->broken == NULL)
	{
		h->broken = clr_engine_check(h->e);
		if (h->broken != NULL)
		{
			snprintf(h->broken_text, sizeof(h->broken_text), "%s", h->broken);
			printf("# broken: %s\n", h->broken_text);
		}
	}
	return h->out.reason;
}

static inline int
send(House *h, const ClrCommand *cmd)
{
	static uint8_t buf[CLR_LIST_MAX];
	size_t		len = clr_command_encode(cmd, buf);

	if (len == 0)
	{
		printf("Bail out! can't encode\n");
		exit(1);
	}
	return send_bytes(h, buf, len);
}

static inline int
open_house(House *h, int64_t retention_us)
{
	ClrCommand	c = {.type = CLR_CMD_OPEN_HOUSE, .text = T("test house")};

	c.u.open.retention_us = retention_us;
	return send(h, &c);
}

static inline uint32_t
add_asset(House *h, const char *name, uint8_t scale)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_ASSET, .text = T(name)};

	c.u.asset.scale = scale;
	send(h, &c);
	return (uint32_t) h->out.id;
}

static inline uint32_t
add_member(House *h, const char *code)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_MEMBER, .text = T(code), .text2 = T("A member")};

	send(h, &c);
	return (uint32_t) h->out.id;
}

static inline uint32_t
add_account(House *h, const char *name, uint32_t member)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_ACCOUNT, .text = T(name)};

	c.u.account.member = member;
	c.u.account.account_type = CLR_ACCOUNT_TYPE_CLIENT;
	send(h, &c);
	return (uint32_t) h->out.id;
}

/* Fields as pairs in a buffer of this file: good until the next command with fields. */
static inline ClrPairs
field_pairs(unsigned n, const uint16_t *field, const int64_t *value)
{
	static uint8_t pairs[CLR_FIELDS_MAX * CLR_FIELD_BYTES];
	uint8_t    *p = pairs;

	for (unsigned i = 0; i < n; i++)
		p = clr_put_field(p, field[i], value[i]);
	return (ClrPairs) {pairs, (uint8_t) n};
}

static inline ClrCommand
fields_command(uint8_t scope, uint64_t object, uint64_t sub, unsigned n,
			   const uint16_t *field, const int64_t *value)
{
	ClrCommand	c = {.type = CLR_CMD_SET_FIELDS, .pairs = field_pairs(n, field, value)};

	c.u.fields.scope = scope;
	c.u.fields.object = object;
	c.u.fields.sub = sub;
	return c;
}

/* A future: one tick and lot is one minor unit; 10 % margin, mark 100. */
static inline ClrCommand
future_command(const char *symbol, uint32_t quote)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_INSTRUMENT, .text = T(symbol)};

	c.u.instrument.kind = CLR_INSTRUMENT_FUTURE;
	c.u.instrument.margin_basis = CLR_BASIS_RATE;
	c.u.instrument.fee_basis = CLR_BASIS_RATE;
	c.u.instrument.replace_priority = CLR_REPLACE_KEEPS_ON_DECREASE;
	c.u.instrument.phase = CLR_PHASE_CONTINUOUS;
	c.u.instrument.quote_asset = quote;
	c.u.instrument.tick_size = 1;
	c.u.instrument.tick_exp = 2;
	c.u.instrument.lot_size = 1;
	c.u.instrument.multiplier = 1;
	c.u.instrument.initial_margin = 100000;
	c.u.instrument.maintenance_margin = 50000;
	c.u.instrument.reference_price = 100;
	c.u.instrument.has_reference_price = 1;
	return c;
}

/* Spot: one tick and lot is one minor unit of quote, a lot one unit of base. */
static inline ClrCommand
spot_command(const char *symbol, uint32_t base, uint32_t quote)
{
	ClrCommand	c = future_command(symbol, quote);

	c.u.instrument.kind = CLR_INSTRUMENT_SPOT;
	c.u.instrument.base_asset = base;
	c.u.instrument.initial_margin = 0;
	c.u.instrument.maintenance_margin = 0;
	c.u.instrument.reference_price = 0;
	c.u.instrument.has_reference_price = 0;
	return c;
}

static inline int
cash(House *h, uint8_t type, uint32_t account, uint32_t asset, int64_t amount)
{
	ClrCommand	c = {.type = type, .account = account};

	c.u.cash.asset = asset;
	c.u.cash.amount = amount;
	return send(h, &c);
}

static inline int
deposit(House *h, uint32_t account, uint32_t asset, int64_t amount)
{
	return cash(h, CLR_CMD_DEPOSIT, account, asset, amount);
}

static inline int
withdraw(House *h, uint32_t account, uint32_t asset, int64_t amount)
{
	return cash(h, CLR_CMD_WITHDRAW, account, asset, amount);
}

static inline ClrCommand
order_command(uint32_t account, const char *ref, uint32_t instrument,
			  char side, int64_t qty, int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_NEW_ORDER, .account = account, .ref = T(ref)};

	c.u.order.instrument = instrument;
	c.u.order.side = side == 'B' ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = CLR_TIF_DAY;
	c.u.order.price = price;
	c.u.order.qty = qty;
	return c;
}

static inline int
limit(House *h, uint32_t account, const char *ref, uint32_t instrument,
	  char side, int64_t qty, int64_t price)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	return send(h, &c);
}

static inline int
limit_tif(House *h, uint32_t account, const char *ref, uint32_t instrument,
		  char side, int64_t qty, int64_t price, uint8_t tif)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	c.u.order.time_in_force = tif;
	return send(h, &c);
}

static inline int
limit_smp(House *h, uint32_t account, const char *ref, uint32_t instrument,
		  char side, int64_t qty, int64_t price, uint8_t self_match)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	c.u.order.self_match = self_match;
	return send(h, &c);
}

static inline int
post_only(House *h, uint32_t account, const char *ref, uint32_t instrument,
		  char side, int64_t qty, int64_t price)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, price);

	c.u.order.exec_inst = CLR_EXEC_POST_ONLY;
	return send(h, &c);
}

static inline int
market(House *h, uint32_t account, const char *ref, uint32_t instrument,
	   char side, int64_t qty)
{
	ClrCommand	c = order_command(account, ref, instrument, side, qty, 0);

	c.u.order.ord_type = CLR_ORD_MARKET;
	c.u.order.time_in_force = CLR_TIF_IOC;
	return send(h, &c);
}

static inline int
cancel(House *h, uint32_t account, const char *ref, const char *orig)
{
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	return send(h, &c);
}

static inline int
cancel_id(House *h, uint32_t account, const char *ref, uint64_t id)
{
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER, .account = account, .ref = T(ref)};

	c.u.cancel.order_id = id;
	return send(h, &c);
}

static inline int
replace(House *h, uint32_t account, const char *ref, const char *orig,
		int64_t qty, int64_t price)
{
	ClrCommand	c = {.type = CLR_CMD_REPLACE_ORDER, .account = account,
	.ref = T(ref), .text = T(orig)};

	c.u.replace.qty = qty;
	c.u.replace.price = price;
	return send(h, &c);
}

static inline int
mass_cancel(House *h, uint32_t account, uint32_t instrument)
{
	ClrCommand	c = {.type = CLR_CMD_MASS_CANCEL, .account = account};

	c.u.mass_cancel.instrument = instrument;
	return send(h, &c);
}

static inline int
set_phase(House *h, uint32_t instrument, uint8_t phase)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};

	c.u.phase.instrument = instrument;
	c.u.phase.phase = phase;
	return send(h, &c);
}

/* SET_MARK_PRICE, SETTLE, EXPIRE */
static inline int
at_price(House *h, uint8_t type, uint32_t instrument, int64_t price)
{
	ClrCommand	c = {.type = type};

	c.u.price.instrument = instrument;
	c.u.price.price = price;
	return send(h, &c);
}

static inline int64_t
balance(House *h, uint32_t account, uint32_t asset)
{
	ClrBalanceView v = {0, 0, 0};

	clr_get_balance(h->e, account, asset, &v);
	return v.balance;
}

static inline ClrPositionView
position(House *h, uint32_t account, uint32_t instrument)
{
	ClrPositionView v = {0};

	clr_get_position(h->e, account, instrument, &v);
	return v;
}

static inline ClrValuation
valuation(House *h, uint32_t account, uint32_t asset)
{
	ClrValuation v = {0};

	clr_get_valuation(h->e, account, asset, &v);
	return v;
}

/*
 * The events of the last command, one line each, in a form short enough to be
 * written into a test.
 */
static inline const char *
events(House *h)
{
	static char text[65536];
	size_t		at = 0;
	size_t		used = 0;

	text[0] = '\0';
	while (at < h->ev.len)
	{
		const uint8_t *p = h->ev.data + at;
		uint8_t		type;
		size_t		len = clr_event_length(p, h->ev.len - at, &type);
		ClrOrderEvent o;
		ClrTradeEvent t;
		ClrLedgerEvent l;
		ClrSettlementEvent s;

		if (len == 0)
			return "(broken event stream)";
		if (clr_event_decode_order(p, len, &o))
			used += (size_t) snprintf(text + used, sizeof(text) - used,
									  "O%" PRIu64 " %c%c %" PRId64 "/%" PRId64 "@%" PRId64 " %s\n",
									  o.order_id, o.exec_type, o.ord_status, o.cum_qty,
									  o.order_qty, o.price, clr_reason_name(o.reason));
		else if (clr_event_decode_trade(p, len, &t))
			used += (size_t) snprintf(text + used, sizeof(text) - used,
									  "T%" PRIu64 " %" PRId64 "@%" PRId64 " %" PRIu64 "x%" PRIu64 " %" PRId64 "/%" PRId64 "\n",
									  t.trade_id, t.qty, t.price, t.buy_order, t.sell_order,
									  t.buy_fee, t.sell_fee);
		else if (clr_event_decode_ledger(p, len, &l))
			used += (size_t) snprintf(text + used, sizeof(text) - used,
									  "L%" PRIu64 " %u>%u %" PRId64 " a%u k%u\n", l.entry,
									  l.debit_account, l.credit_account, l.amount, l.asset, l.kind);
		else if (clr_event_decode_settlement(p, len, &s))
			used += (size_t) snprintf(text + used, sizeof(text) - used,
									  "S%" PRIu64 " @%" PRId64 " %" PRId64 "=%" PRId64 " n%u f%u\n",
									  s.settlement_id, s.price, s.debited, s.credited,
									  s.positions, s.final);
		at += len;
	}
	return text;
}

static inline bool
house_ok(House *h)
{
	if (h->broken == NULL)
	{
		h->broken = clr_engine_check(h->e);
		if (h->broken != NULL)
			snprintf(h->broken_text, sizeof(h->broken_text), "%s", h->broken);
	}
	return is_text(h->broken ? h->broken_text : NULL, NULL, "every invariant holds");
}

/* Two members with two funded accounts each in a quote and a base asset. */
typedef struct Market
{
	House		h;
	uint32_t	usd,
				btc,
				alice,
				bob,
				carol,
				future,
				spot;
} Market;

static inline void
market_init(Market *m)
{
	House	   *h = &m->h;
	ClrCommand	c;
	uint32_t	m1,
				m2;

	house_init(h);
	open_house(h, INT64_C(3600) * 1000000);
	m->usd = add_asset(h, "USD", 2);
	m->btc = add_asset(h, "BTC", 0);
	m1 = add_member(h, "ALPHA");
	m2 = add_member(h, "BETA");
	m->alice = add_account(h, "alice", m1);
	m->bob = add_account(h, "bob", m2);
	m->carol = add_account(h, "carol", m2);
	c = future_command("FUT", m->usd);
	send(h, &c);
	m->future = (uint32_t) h->out.id;
	c = spot_command("BTC/USD", m->btc, m->usd);
	send(h, &c);
	m->spot = (uint32_t) h->out.id;
	deposit(h, m->alice, m->usd, 1000000);
	deposit(h, m->bob, m->usd, 1000000);
	deposit(h, m->carol, m->usd, 1000000);
	deposit(h, m->alice, m->btc, 1000);
	deposit(h, m->bob, m->btc, 1000);
}

#endif							/* CLR_TEST_HOUSE_H */
