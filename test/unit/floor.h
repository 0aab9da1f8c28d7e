/*
 * floor.h
 *	  A trading floor for tests of matching: a house with futures on USD and
 *	  some rich accounts, account 0 being the aggressor's.  Everything that is
 *	  sent is also taken in by a mirror, so that close_floor() can require a
 *	  restored engine to be the same.
 */
#ifndef CLR_TEST_FLOOR_H
#define CLR_TEST_FLOOR_H

#include "mirror.h"

#include "engine/fields.h"

#define FLOOR_ACCOUNTS 24
#define FLOOR_FUTURES 8

typedef struct Floor
{
	House		h;
	Mirror		m;
	uint32_t	usd;
	uint32_t	fut[FLOOR_FUTURES];
	uint32_t	accounts[FLOOR_ACCOUNTS];
	int			n_refs;
} Floor;

static Floor f;

static inline void
taken(void)
{
	mirror_take(&f.m, &f.h);
}

static inline int
give(const ClrCommand *c)
{
	send(&f.h, c);
	taken();
	return f.h.out.reason;
}

static inline int
set_field(uint8_t scope, uint64_t object, uint64_t sub, uint16_t field, int64_t value)
{
	ClrCommand	c = fields_command(scope, object, sub, 1, &field, &value);

	return give(&c);
}

static inline int
rule_of(uint32_t instrument, uint16_t field, int64_t value)
{
	return set_field(CLR_SCOPE_INSTRUMENT, instrument, 0, field, value);
}

static inline void
open_futures(int n)
{
	char		name[16];
	uint32_t	member;

	memset(&f, 0, sizeof(f));
	house_init(&f.h);
	open_house(&f.h, INT64_C(86400000000));
	taken();
	f.usd = add_asset(&f.h, "USD", 2);
	member = add_member(&f.h, "M");
	for (int i = 0; i < n; i++)
	{
		ClrCommand	c;

		snprintf(name, sizeof(name), "FUT%d", i);
		c = future_command(name, f.usd);
		c.u.instrument.expiry_us = INT64_C(1800000000000000) + i;
		give(&c);
		f.fut[i] = (uint32_t) f.h.out.id;
	}
	for (int i = 0; i < FLOOR_ACCOUNTS; i++)
	{
		snprintf(name, sizeof(name), "acc%d", i);
		f.accounts[i] = add_account(&f.h, name, member);
		deposit(&f.h, f.accounts[i], f.usd, INT64_C(1000000000));
		taken();
	}
}

static inline void
close_floor(void)
{
	f.h.ev.len = 0;				/* they have been taken in */
	ok(mirror_same(&f.m, &f.h), "a restored engine is the same");
	ok(f.h.broken == NULL, "all invariants held");
	mirror_free(&f.m);
	house_free(&f.h);
}

static inline int
order_in(uint32_t instrument, int account, char side, int64_t qty, int64_t price)
{
	char		ref[16];

	snprintf(ref, sizeof(ref), "r%d", ++f.n_refs);
	limit(&f.h, f.accounts[account], ref, instrument, side, qty, price);
	taken();
	return f.h.out.reason;
}

/* A spread of two legs; 0 if it was refused. */
static inline uint32_t
list_spread(const char *symbol, uint32_t a, int32_t ra, uint32_t b, int32_t rb)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_SPREAD, .text = T(symbol)};

	c.u.spread.n_legs = 2;
	c.u.spread.replace_priority = CLR_REPLACE_KEEPS_ON_DECREASE;
	c.u.spread.phase = CLR_PHASE_CONTINUOUS;
	c.u.spread.tick_exp = 2;
	c.u.spread.tick_size = 1;
	c.u.spread.leg[0] = a;
	c.u.spread.leg[1] = b;
	c.u.spread.ratio[0] = ra;
	c.u.spread.ratio[1] = rb;
	give(&c);
	return f.h.out.reason == CLR_OK ? (uint32_t) f.h.out.id : 0;
}

static inline int
account_index(uint32_t account)
{
	for (int i = 0; i < FLOOR_ACCOUNTS; i++)
		if (f.accounts[i] == account)
			return i;
	return -1;
}

/* The trades of the last command by resting account: "account:qty account:qty …". */
static inline const char *
fills(void)
{
	static char text[1024];
	size_t		n = 0;

	text[0] = '\0';
	for (size_t at = 0; at < f.h.ev.len;)
	{
		ClrTradeEvent t;
		size_t		len = clr_event_length(f.h.ev.data + at, f.h.ev.len - at, NULL);

		if (clr_event_decode_trade(f.h.ev.data + at, len, &t))
			n += (size_t) snprintf(text + n, sizeof(text) - n, "%s%d:%" PRId64,
								   n > 0 ? " " : "",
								   account_index(t.aggressor == CLR_SIDE_BUY ?
												 t.sell_account : t.buy_account),
								   t.qty);
		at += len;
	}
	return text;
}

/* All of them: "instrument buyer<seller qty@price, …". */
static inline const char *
trades(void)
{
	static char text[1024];
	size_t		n = 0;

	text[0] = '\0';
	for (size_t at = 0; at < f.h.ev.len;)
	{
		ClrTradeEvent t;
		size_t		len = clr_event_length(f.h.ev.data + at, f.h.ev.len - at, NULL);

		if (clr_event_decode_trade(f.h.ev.data + at, len, &t))
			n += (size_t) snprintf(text + n, sizeof(text) - n,
								   "%s%u %d<%d %" PRId64 "@%" PRId64, n > 0 ? ", " : "",
								   t.instrument, account_index(t.buy_account),
								   account_index(t.sell_account), t.qty, t.price);
		at += len;
	}
	return text;
}

#endif							/* CLR_TEST_FLOOR_H */
