/*
 * special.h
 *	  For tests of orders with attributes: a house whose every command is
 *	  followed by a restore from its events, which must give the same state.
 */
#ifndef CLR_TEST_SPECIAL_H
#define CLR_TEST_SPECIAL_H

#include "mirror.h"

static Market mk;
static Mirror mirror;
static bool mirrored = true;	/* restore after each command */
static unsigned restores;
static const char *restore_fault;

#define H (&mk.h)

/* After a command: into the mirror, and compare. */
static inline int
after(int reason)
{
	ClrEngine  *to;

	mirror_take(&mirror, H);
	if (!mirrored || restore_fault != NULL)
		return reason;
	to = mirror_restore(&mirror, H);
	restores++;
	if (to == NULL)
		restore_fault = "can't be restored";
	else if (!same_dump(H->e, to))
		restore_fault = "restored state differs";
	if (to != NULL)
		clr_engine_free(to);
	return reason;
}

/* The market of house.h, its events since the start in the mirror. */
static inline void
special_init(void)
{
	ClrAccountView account;

	memset(&mirror, 0, sizeof(mirror));
	restores = 0;
	market_init(&mk);
	H->ev.len = 0;
	/* its events are gone; all they left behind is balances */
	for (uint32_t a = 1; a <= mk.carol; a++)
		for (uint32_t asset = mk.usd; asset <= mk.btc; asset++)
			if (clr_get_account(H->e, a, &account))
				mirror_balance(&mirror, a, asset, balance(H, a, asset));
}

static inline bool
special_done(void)
{
	bool		good = house_ok(H);

	good = is_text(restore_fault, NULL, "the state could be restored after every command") && good;
	ok(restores > 0, "%u times", restores);
	mirror_free(&mirror);
	house_free(H);
	return good;
}

/* An order with attributes: pairs of number and value, ended by -1. */
static inline ClrCommand
with_attrs(ClrCommand c, const int64_t *attrs)
{
	static uint8_t buf[CLR_ATTR_COUNT * CLR_ATTR_BYTES];
	uint8_t    *p = buf;

	c.pairs = (ClrPairs) {buf, 0};
	for (; *attrs >= 0; attrs += 2)
	{
		p = clr_put_attr(p, (uint8_t) attrs[0], attrs[1]);
		c.pairs.n++;
	}
	return c;
}

#define ATTRS(...) (const int64_t[]) {__VA_ARGS__, -1}
#define NO_ATTRS (const int64_t[]) {-1}

static inline int
set_rule(uint32_t instrument, uint16_t rule, int64_t value)
{
	ClrCommand	c = fields_command(CLR_SCOPE_INSTRUMENT, instrument, 0, 1, &rule, &value);

	return after(send(H, &c));
}

static inline ClrOrderView
order_of(uint64_t id)
{
	ClrOrderView v = {0};

	clr_get_order(H->e, id, &v);
	return v;
}

/* One trade of others at a price: seller rests, buyer comes. */
static inline void
trade_at(uint32_t seller, uint32_t buyer, uint32_t instrument, int64_t qty,
		 int64_t price)
{
	after(limit(H, seller, "", instrument, 'S', qty, price));
	after(limit(H, buyer, "", instrument, 'B', qty, price));
}

#endif							/* CLR_TEST_SPECIAL_H */
