/*
 * test_random.c
 *	  Long random flows, reproducible from their seeds.  After every command:
 *	  - trades and working orders are those of the naive matcher
 *	  - an engine restored some commands ago gives the same event bytes
 *	  and at intervals:
 *	  - every invariant holds (clr_engine_check)
 *	  - an engine restored from the events so far dumps the same bytes
 *	  At the end the whole flow is replayed into a fresh engine.
 *
 * usage: test_random [seed [commands]]
 */
#include "mirror.h"
#include "naive.h"

#define SEEDS		6
#define COMMANDS	4000
#define ACCOUNTS	5
#define RETENTION	INT64_C(3000000)

typedef struct Sent
{
	uint8_t		data[CLR_COMMAND_MAX];
	size_t		len;
	ClrOutcome	out;
	uint64_t	height;
	int64_t		now;
	uint32_t	number;
} Sent;

typedef struct Flow
{
	House		h;
	Mirror		mirror;
	Naive		naive;
	House		shadow;			/* restored earlier, follows along */
	bool		has_shadow;
	Sent	   *sent;
	size_t		n_sent,
				cap_sent;
	uint64_t	state;
	uint32_t	instruments[4];
	uint32_t	accounts[ACCOUNTS];
	char		refs[ACCOUNTS][64][24]; /* recent names of orders */
	unsigned	counts[70];		/* reasons seen */
	unsigned	trades;
	unsigned	duplicates;
	const char *fault;
} Flow;

static Flow flow;

static uint64_t
rnd(uint64_t below)
{
	flow.state ^= flow.state << 13;
	flow.state ^= flow.state >> 7;
	flow.state ^= flow.state << 17;
	return (flow.state * UINT64_C(0x2545F4914F6CDD1D) >> 24) % below;
}

static void
fault(const char *what)
{
	if (flow.fault == NULL)
		flow.fault = what;
}

/* Sends to the engine and its shadow, and to the mirror. */
static int
give_bytes(const uint8_t *data, size_t len)
{
	House	   *h = &flow.h;
	Sent	   *s;

	flow.sent = mirror_grow(flow.sent, &flow.cap_sent, flow.n_sent + 1, sizeof(Sent));
	s = &flow.sent[flow.n_sent++];
	memmove(s->data, data, len);
	s->len = len;
	s->height = h->height;
	s->now = h->now;
	s->number = h->number;
	send_bytes(h, s->data, len);
	s->out = h->out;
	mirror_take(&flow.mirror, h);
	if (flow.has_shadow)
	{
		flow.shadow.number = s->number;
		send_bytes(&flow.shadow, s->data, len);
		if (flow.shadow.ev.len != h->ev.len ||
			memcmp(flow.shadow.ev.data, h->ev.data, h->ev.len) != 0)
			fault("the restored engine gives other events");
	}
	if (h->out.reason < 70)
		flow.counts[h->out.reason]++;
	flow.trades += h->out.duplicate ? 0 : h->out.n_trades;
	return h->out.reason;
}

static int
give(const ClrCommand *cmd)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	size_t		len = clr_command_encode(cmd, buf);

	return give_bytes(buf, len);
}

static void
next_block(void)
{
	int64_t		step = (int64_t) rnd(400000);

	house_block(&flow.h, step);
	if (flow.has_shadow)
		clr_engine_begin_block(flow.shadow.e, flow.h.height, flow.h.now, &flow.shadow.ev);
}

static bool
about_money(int reason)
{
	return reason == CLR_R_INSUFFICIENT_MARGIN || reason == CLR_R_INSUFFICIENT_FUNDS ||
		reason == CLR_R_OVERFLOW;
}

static char *
new_ref(unsigned account, unsigned *slot)
{
	static uint64_t counter;

	*slot = (unsigned) rnd(64);
	sprintf(flow.refs[account][*slot], "r%" PRIu64, ++counter);
	return flow.refs[account][*slot];
}

static void
random_order(void)
{
	unsigned	a = (unsigned) rnd(ACCOUNTS);
	unsigned	slot;
	NaiveOrder	o = {0};
	ClrCommand	c;
	ClrReason	want;
	int			got;

	o.instrument = flow.instruments[rnd(4)];
	o.account = flow.accounts[a];
	o.side = rnd(2) ? CLR_SIDE_BUY : CLR_SIDE_SELL;
	o.price = 95 + (int64_t) rnd(11);
	o.qty = 1 + (int64_t) rnd(30);
	o.self_match = (uint8_t) rnd(4);
	o.tif = (uint8_t[]) {CLR_TIF_DAY, CLR_TIF_GTC, CLR_TIF_GTC, CLR_TIF_IOC, CLR_TIF_FOK}[rnd(5)];
	o.market = rnd(10) == 0;
	o.post_only = rnd(10) == 0;
	if (o.market)
		o.price = 0;
	c = order_command(o.account, rnd(20) ? new_ref(a, &slot) : "", o.instrument,
					  o.side == CLR_SIDE_BUY ? 'B' : 'S', o.qty, o.price);
	c.submitter = rnd(2) ? 1 : 0;
	c.u.order.self_match = o.self_match;
	c.u.order.time_in_force = o.tif;
	c.u.order.ord_type = o.market ? CLR_ORD_MARKET : CLR_ORD_LIMIT;
	c.u.order.exec_inst = o.post_only ? CLR_EXEC_POST_ONLY : 0;
	want = naive_check(&flow.naive, &o);
	got = give(&c);
	if (want == CLR_OK && about_money(got))
		return;
	if (got != (int) want)
		fault("a new order has another outcome");
	if (want == CLR_OK)
		naive_enter(&flow.naive, o);
}

/* By name or by id; replaces as often as cancels. */
static void
random_change(void)
{
	Naive	   *n = &flow.naive;
	ClrCommand	c = {0};
	NaiveOrder *o = NULL;
	ClrOrderView v;
	unsigned	slot;
	ClrReason	want;
	int			got;
	unsigned	a;

	if (n->next < 2)
		return;
	for (int tries = 0; tries < 30 && (o == NULL || !o->working); tries++)
		o = &n->orders[1 + rnd(n->next - 1)];
	for (a = 0; flow.accounts[a] != o->account; a++)
		;
	c.account = o->account;
	if (clr_get_order(flow.h.e, o->id, &v) && v.ref_len > 0 && rnd(3))
		c.text = (ClrText) {v.ref, v.ref_len};
	else
		c.u.cancel.order_id = o->id;
	c.ref = T(new_ref(a, &slot));
	if (rnd(2))
	{
		c.type = CLR_CMD_CANCEL_ORDER;
		want = o->working ? CLR_OK : CLR_R_ORDER_NOT_WORKING;
		got = give(&c);
		o->working = false;
	}
	else
	{
		int64_t		price = rnd(2) ? o->price : 95 + (int64_t) rnd(11);
		int64_t		qty = o->qty - 5 + (int64_t) rnd(12);

		if (o->market)
			price = 100;
		qty = qty < 1 ? 1 : qty;
		c.type = CLR_CMD_REPLACE_ORDER;
		c.u.replace.order_id = c.text.len ? 0 : o->id;
		c.u.replace.price = price;
		c.u.replace.qty = qty;
		want = naive_check_replace(n, o, price, qty);
		got = give(&c);
		if (want == CLR_OK && about_money(got))
			return;
		if (want == CLR_OK)
			naive_replace(n, o, price, qty);
	}
	if (got != (int) want)
		fault("a cancel or replace has another outcome");
}

static void
random_mass_cancel(void)
{
	ClrCommand	c = {.type = CLR_CMD_MASS_CANCEL};

	c.account = rnd(5) ? flow.accounts[rnd(ACCOUNTS)] : 0;
	c.u.mass_cancel.instrument = rnd(3) ? flow.instruments[rnd(4)] : 0;
	give(&c);
	for (uint64_t i = 1; i < flow.naive.next; i++)
	{
		NaiveOrder *o = &flow.naive.orders[i];

		if ((c.account == 0 || o->account == c.account) &&
			(c.u.mass_cancel.instrument == 0 || o->instrument == c.u.mass_cancel.instrument))
			o->working = false;
	}
}

static void
random_operation(void)
{
	ClrCommand	c = {0};
	uint32_t	instrument = flow.instruments[rnd(4)];
	uint64_t	kind = rnd(10);

	if (kind < 3)
	{
		c.type = CLR_CMD_SET_PHASE;
		c.u.phase.instrument = instrument;
		c.u.phase.phase = (uint8_t) (rnd(5) ? CLR_PHASE_CONTINUOUS : 1 + rnd(4));
		if (give(&c) == CLR_OK)
			naive_set_phase(&flow.naive, instrument, c.u.phase.phase);
	}
	else if (kind < 6)
	{
		c.type = rnd(2) ? CLR_CMD_SETTLE : CLR_CMD_SET_MARK_PRICE;
		c.u.price.instrument = instrument;
		c.u.price.price = 90 + (int64_t) rnd(21);
		give(&c);
	}
	else if (kind < 9)
	{
		c.type = rnd(2) ? CLR_CMD_DEPOSIT : CLR_CMD_WITHDRAW;
		c.account = flow.accounts[rnd(ACCOUNTS)];
		c.ref = T("cash");
		c.ref.len = rnd(2) * 4;
		c.u.cash.asset = 1 + (uint32_t) rnd(2);
		c.u.cash.amount = 1 + (int64_t) rnd(3000);
		give(&c);
	}
	else if (rnd(12) == 0)
	{
		c.type = CLR_CMD_EXPIRE;
		c.u.price.instrument = flow.instruments[2];
		c.u.price.price = 100;
		if (give(&c) == CLR_OK)
			naive_set_phase(&flow.naive, flow.instruments[2], CLR_PHASE_EXPIRED);
	}
	else
	{
		c.type = CLR_CMD_SET_MARGIN;
		c.u.margin.instrument = instrument;
		c.u.margin.basis = rnd(2) ? CLR_BASIS_RATE : CLR_BASIS_LOT;
		c.u.margin.initial = (int64_t) rnd(c.u.margin.basis == CLR_BASIS_RATE ? 300001 : 40);
		c.u.margin.maintenance = c.u.margin.initial / 2;
		give(&c);
	}
}

/* A command from the past, byte by byte. */
static void
random_retry(void)
{
	size_t		back = 1 + rnd(60);
	Sent		old;

	if (back > flow.n_sent)
		return;
	old = flow.sent[flow.n_sent - back];
	/* a living name answers; anything else would be a command of its own */
	if (old.len < 16 || old.data[12] == 0 || flow.h.now - old.now > RETENTION ||
		old.out.duplicate || !clr_uses_reference(&old.out))
		return;
	give_bytes(old.data, old.len);
	flow.duplicates++;
	if (!flow.h.out.duplicate || flow.h.out.reason != old.out.reason ||
		flow.h.out.id != old.out.id || flow.h.out.orig_height != old.height ||
		flow.h.out.orig_number != old.number || flow.h.out.cum_qty != old.out.cum_qty ||
		flow.h.out.leaves_qty != old.out.leaves_qty ||
		flow.h.out.needed != old.out.needed || flow.h.out.n_trades != old.out.n_trades)
		fault("a retry has another outcome");
}

static void
set_up(uint64_t seed)
{
	ClrCommand	c;

	memset(&flow, 0, sizeof(flow));
	flow.state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	house_init(&flow.h);
	flow.h.check = false;
	c = (ClrCommand) {.type = CLR_CMD_OPEN_HOUSE, .text = T("random")};
	c.u.open.retention_us = RETENTION;
	give(&c);
	for (int i = 0; i < 2; i++)
	{
		c = (ClrCommand) {.type = CLR_CMD_CREATE_ASSET, .text = T(i ? "BTC" : "USD")};
		c.u.asset.scale = i ? 0 : 2;
		give(&c);
	}
	c = (ClrCommand) {.type = CLR_CMD_CREATE_MEMBER, .text = T("M"), .text2 = T("Member")};
	give(&c);
	for (unsigned i = 0; i < 4; i++)
	{
		char		symbol[8] = {'I', (char) ('0' + i), 0};

		c = i == 3 ? spot_command(symbol, 2, 1) : future_command(symbol, 1);
		c.u.instrument.replace_priority = i == 1 ? CLR_REPLACE_ALWAYS_LOSES :
			CLR_REPLACE_KEEPS_ON_DECREASE;
		c.u.instrument.maker_fee = i == 0 ? -100 : 0;
		c.u.instrument.taker_fee = i == 2 ? 0 : 30000;
		give(&c);
		flow.instruments[i] = (uint32_t) flow.h.out.id;
		flow.naive.phase[flow.h.out.id] = CLR_PHASE_CONTINUOUS;
		flow.naive.keeps[flow.h.out.id] = i != 1;
		flow.naive.spot[flow.h.out.id] = i == 3;
	}
	flow.naive.next = 1;
	for (unsigned i = 0; i < ACCOUNTS; i++)
	{
		char		name[8] = {'a', (char) ('0' + i), 0};

		c = (ClrCommand) {.type = CLR_CMD_CREATE_ACCOUNT, .text = T(name)};
		c.u.account.member = 1;
		c.u.account.account_type = CLR_ACCOUNT_TYPE_CLIENT;
		give(&c);
		flow.accounts[i] = (uint32_t) flow.h.out.id;
		for (uint32_t asset = 1; asset <= 2; asset++)
		{
			c = (ClrCommand) {.type = CLR_CMD_DEPOSIT, .account = flow.accounts[i]};
			c.u.cash.asset = asset;
			c.u.cash.amount = 4000;
			give(&c);
		}
	}
}

static void
inspect(void)
{
	const char *broken = clr_engine_check(flow.h.e);
	ClrEngine  *copy;

	if (broken != NULL)
	{
		printf("# %s\n", broken);
		fault("an invariant is violated");
		return;
	}
	copy = mirror_restore(&flow.mirror, &flow.h);
	if (copy == NULL)
	{
		fault("the state can't be restored");
		return;
	}
	if (!same_dump(flow.h.e, copy))
		fault("the restored state differs");
	if (flow.has_shadow)
	{
		if (!same_dump(flow.h.e, flow.shadow.e))
			fault("the shadow's state differs");
		house_free(&flow.shadow);
	}
	memset(&flow.shadow, 0, sizeof(flow.shadow));
	flow.shadow.e = copy;
	flow.has_shadow = true;
}

/* The same commands in the same blocks into a fresh engine. */
static void
replay(void)
{
	House		h;
	uint64_t	height = 0;

	memset(&h, 0, sizeof(h));
	h.e = clr_engine_create();
	for (size_t i = 0; i < flow.n_sent; i++)
	{
		const Sent *s = &flow.sent[i];

		/* empty blocks count too: only their time matters */
		if (s->height != height)
			clr_engine_begin_block(h.e, s->height, s->now, &h.ev);
		height = s->height;
		h.number = s->number;
		send_bytes(&h, s->data, s->len);
	}
	clr_engine_begin_block(h.e, flow.h.height, flow.h.now, &h.ev);
	if (!same_dump(h.e, flow.h.e))
		fault("a replay gives another state");
	house_free(&h);
}

static void
run(uint64_t seed, unsigned commands)
{
	const char *different = NULL;
	unsigned	i;

	set_up(seed);
	for (i = 0; i < commands && flow.fault == NULL && different == NULL; i++)
	{
		uint64_t	dice = rnd(100);
		size_t		before = flow.n_sent;

		flow.naive.n_trades = 0;
		if (dice < 55)
			random_order();
		else if (dice < 85)
			random_change();
		else if (dice < 88)
			random_mass_cancel();
		else if (dice < 92)
			random_operation();
		else if (dice < 95)
			random_retry();
		else
		{
			next_block();
			continue;
		}
		if (flow.n_sent != before && !flow.h.out.duplicate)
			different = naive_compare(&flow.naive, &flow.h);
		if (i % 150 == 0)
			inspect();
	}
	inspect();
	replay();
	if (different != NULL)
		printf("# naive matcher: %s\n", different);
	if (flow.fault != NULL || different != NULL)
		printf("# command %u of seed %" PRIu64 ": %s, %s\n%s", i, seed,
			   clr_command_name(flow.h.out.type), clr_reason_name(flow.h.out.reason), events(&flow.h));
	is_text(flow.fault, NULL, "no fault");
	is_text(different, NULL, "the same as the naive matcher");
	ok(flow.trades > commands / 20, "seed %" PRIu64 ": %u trades, %u retries, %u refused for margin, %u for funds",
	   seed, flow.trades, flow.duplicates, flow.counts[CLR_R_INSUFFICIENT_MARGIN],
	   flow.counts[CLR_R_INSUFFICIENT_FUNDS]);
	if (flow.has_shadow)
		house_free(&flow.shadow);
	mirror_free(&flow.mirror);
	free(flow.sent);
	house_free(&flow.h);
}

int
main(int argc, char **argv)
{
	unsigned	commands = argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : COMMANDS;

	if (commands >= NAIVE_MAX)
		commands = NAIVE_MAX - 1;
	if (argc > 1)
		run(strtoull(argv[1], NULL, 10), commands);
	else
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			run(seed, commands);
	return done_testing();
}
