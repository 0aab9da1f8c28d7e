/*
 * test_reference.c
 *	  Exactly once: retries, conflicting content, retention, names of orders.
 */
#include "house.h"

#define R(want, what) is_text(clr_reason_name(what), clr_reason_name(want), #want)
#define HOUR INT64_C(3600000000)

static void
retries(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrOutcome	first;
	uint64_t	height;
	uint32_t	number;

	market_init(&m);
	limit(h, m.bob, "b1", m.future, 'S', 4, 100);
	height = h->height;
	number = h->number;
	limit(h, m.alice, "a1", m.future, 'B', 10, 100);
	first = h->out;
	cancel(h, m.alice, "a2", "a1");
	house_block(h, 1000);
	R(CLR_OK, limit(h, m.alice, "a1", m.future, 'B', 10, 100));
	is(h->out.duplicate, 1, "a retry is a duplicate");
	is_text(events(h), "", "and changes nothing");
	is(h->out.orig_height, height, "it names the original block");
	is(h->out.orig_number, number, "and command");
	is(h->out.number, 0, "while being another command");
	is(h->out.id, first.id, "the same order");
	is(h->out.n_trades, 1, "the same trades");
	is(h->out.first_trade, first.first_trade, "from the same on");
	is(h->out.leaves_qty, 6, "the state right after the original, not the present one");
	is(h->out.ord_status, CLR_STATUS_PARTIALLY_FILLED, "likewise");
	ok(h->out.content_hash == first.content_hash, "the same content");
	R(CLR_R_DUPLICATE_REFERENCE, limit(h, m.alice, "a1", m.future, 'B', 11, 100));
	is(h->out.duplicate, 0, "other content is no duplicate");
	R(CLR_OK, limit(h, m.alice, "a1", m.future, 'B', 10, 100));
	is(h->out.duplicate, 1, "the refused conflict left the original alone");
	R(CLR_OK, limit(h, m.bob, "a1", m.future, 'B', 1, 1));
	is(h->out.duplicate, 0, "another account's name is another name");
	R(CLR_OK, cancel(h, m.alice, "a2", "a1"));
	is(h->out.duplicate, 1, "cancels are remembered too");
	is(h->out.ord_status, CLR_STATUS_CANCELED, "with their outcome");
	R(CLR_R_DUPLICATE_REFERENCE, cancel(h, m.alice, "a1", "a1"));
	house_ok(h);
	house_free(h);
}

static void
refusals(void)
{
	Market		m;
	House	   *h = &m.h;
	uint8_t		junk[30] = {30, 0, CLR_CMD_DEPOSIT, 1};
	ClrCommand	c;

	market_init(&m);
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a1", m.future, 'B', 200000, 100));
	deposit(h, m.alice, m.usd, 10000000);
	R(CLR_R_INSUFFICIENT_MARGIN, limit(h, m.alice, "a1", m.future, 'B', 200000, 100));
	is(h->out.duplicate, 1, "a refusal can't be relabelled by asking again");
	is(h->out.needed, 2000000, "with its amounts");
	is(h->out.available, 1000000, "as they were");
	R(CLR_OK, limit(h, m.alice, "a2", m.future, 'B', 200000, 100));

	is(send_bytes(h, junk, sizeof(junk)), CLR_R_MALFORMED, "malformed");
	is(send_bytes(h, junk, 1), CLR_R_MALFORMED, "one byte");
	is(send_bytes(h, junk, 0), CLR_R_MALFORMED, "no byte");
	c = order_command(m.alice, "bad\nref", m.future, 'B', 1, 1);
	R(CLR_R_MALFORMED, send(h, &c));
	R(CLR_R_MALFORMED, send(h, &c));
	is(h->out.duplicate, 0, "is not remembered");

	/* somebody else's account: the answer does not tell that it exists */
	c = order_command(m.alice, "a2", m.future, 'B', 1, 1);
	c.submitter = 2;
	R(CLR_R_UNKNOWN_ACCOUNT, send(h, &c));
	c.account = 4711;
	R(CLR_R_UNKNOWN_ACCOUNT, send(h, &c));
	c = order_command(m.alice, "new", m.future, 'B', 1, 1);
	c.submitter = 2;
	R(CLR_R_UNKNOWN_ACCOUNT, send(h, &c));
	c.submitter = 1;
	R(CLR_OK, send(h, &c));
	is(h->out.duplicate, 0, "and does not use the name up");
	c.submitter = 77;
	R(CLR_R_UNKNOWN_MEMBER, send(h, &c));
	c = (ClrCommand) {.type = CLR_CMD_DEPOSIT, .submitter = 1, .account = m.alice};
	c.u.cash.asset = m.usd;
	c.u.cash.amount = 1;
	R(CLR_R_UNKNOWN_COMMAND, send(h, &c));
	house_ok(h);
	house_free(h);
}

static void
house_scope(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrCommand	c = {.type = CLR_CMD_CREATE_ASSET, .ref = T("req"), .text = T("EUR")};
	ClrCommand	d = {.type = CLR_CMD_DEPOSIT, .ref = T("req")};

	market_init(&m);
	c.u.asset.scale = 2;
	R(CLR_OK, send(h, &c));
	is(h->out.id, 3, "the third asset");
	R(CLR_OK, send(h, &c));
	is(h->out.id, 3, "not a fourth");
	is(h->out.duplicate, 1, "duplicate");
	d.account = m.alice;
	d.u.cash.asset = m.usd;
	d.u.cash.amount = 5;
	R(CLR_OK, send(h, &d));
	R(CLR_OK, send(h, &d));
	is(balance(h, m.alice, m.usd), 1000005, "deposited once");
	d.ref.len = 0;
	R(CLR_OK, send(h, &d));
	R(CLR_OK, send(h, &d));
	is(balance(h, m.alice, m.usd), 1000015, "without a reference every time");
	house_ok(h);
	house_free(h);
}

/* Retention of an hour, as market_init() opens the house with. */
static void
retention(void)
{
	Market		m;
	House	   *h = &m.h;

	market_init(&m);
	house_block(h, 0);
	limit(h, m.alice, "done", m.future, 'B', 1, 90);
	cancel(h, m.alice, "c", "done");
	limit_tif(h, m.alice, "works", m.future, 'B', 1, 90, CLR_TIF_GTC);
	replace(h, m.alice, "works2", "works", 2, 90);
	house_block(h, HOUR);
	R(CLR_OK, limit(h, m.alice, "done", m.future, 'B', 1, 90));
	is(h->out.duplicate, 1, "just within the retention");
	R(CLR_R_ORDER_NOT_WORKING, cancel(h, m.alice, "x1", "done"));
	house_block(h, 1);
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.alice, "x2", "done"));
	R(CLR_OK, limit(h, m.alice, "done", m.future, 'B', 5, 80));
	is(h->out.duplicate, 0, "afterwards the name is free for other content");
	is(h->out.id, 3, "a new order");
	R(CLR_OK, limit_tif(h, m.alice, "works", m.future, 'B', 1, 90, CLR_TIF_GTC));
	is(h->out.duplicate, 1, "the name of a working order lives on");
	R(CLR_R_DUPLICATE_REFERENCE, limit(h, m.alice, "works2", m.future, 'B', 1, 90));
	for (int i = 0; i < 20; i++)
	{
		char		ref[16];

		/* many more commands: expired records are dropped or pinned */
		sprintf(ref, "fill%d", i);
		cancel(h, m.bob, ref, "nothing");
	}
	R(CLR_OK, replace(h, m.alice, "works3", "works", 3, 90));
	house_block(h, 10 * HOUR);
	R(CLR_OK, limit_tif(h, m.alice, "works", m.future, 'B', 1, 90, CLR_TIF_GTC));
	is(h->out.duplicate, 1, "still");
	R(CLR_OK, cancel(h, m.alice, "c2", "works2"));
	R(CLR_R_UNKNOWN_ORDER, cancel(h, m.alice, "c3", "works2"));
	R(CLR_OK, limit(h, m.alice, "works2", m.future, 'B', 1, 90));
	is(h->out.duplicate, 0, "its names are free when the order ends");
	house_ok(h);
	house_free(h);
}

/* Time that goes back is raised; retention counts block times. */
static void
time_goes_back(void)
{
	Market		m;
	House	   *h = &m.h;
	ClrHouseView v;

	market_init(&m);
	house_block(h, HOUR);
	house_block(h, -2 * HOUR);
	clr_get_house(h->e, &v);
	is(v.time_us, h->now + 2 * HOUR, "time never goes back");
	h->now += 2 * HOUR;
	R(CLR_OK, limit(h, m.alice, "a1", m.future, 'B', 1, 90));
	R(CLR_OK, limit(h, m.alice, "a1", m.future, 'B', 1, 90));
	is(h->out.duplicate, 1, "alive");
	house_ok(h);
	house_free(h);
}

static void
no_retention(void)
{
	House		h;
	ClrCommand	c = {.type = CLR_CMD_CREATE_ASSET, .ref = T("r"), .text = T("USD")};

	house_init(&h);
	open_house(&h, 0);
	R(CLR_OK, send(&h, &c));
	R(CLR_OK, send(&h, &c));
	is(h.out.duplicate, 1, "retention 0 lasts for the block's time");
	house_block(&h, 1);
	R(CLR_R_NAME_TAKEN, send(&h, &c));
	is(h.out.duplicate, 0, "and no longer");
	house_ok(&h);
	house_free(&h);
}

/* Enough names to grow the table and to drop most of them again. */
static void
many(void)
{
	Market		m;
	House	   *h = &m.h;
	unsigned	wrong = 0;
	char		ref[16];

	market_init(&m);
	h->check = false;
	for (int round = 0; round < 3; round++)
	{
		for (int i = 0; i < 5000; i++)
		{
			sprintf(ref, "n%d", i);
			wrong += limit(h, m.alice, ref, m.future, 'B', 1, 1) != CLR_OK || h->out.duplicate;
			sprintf(ref, "c%d", i);
			wrong += cancel_id(h, m.alice, ref, h->out.id) != CLR_OK;
			if (i % 100 == 0)
				house_block(h, 1000);
		}
		for (int i = 0; i < 5000; i++)
		{
			sprintf(ref, "n%d", i);
			wrong += limit(h, m.alice, ref, m.future, 'B', 1, 1) != CLR_OK || !h->out.duplicate;
		}
		house_block(h, HOUR + 1);
	}
	is(wrong, 0, "every name is found while it lives, and free afterwards");
	house_ok(h);
	house_free(h);
}

int
main(void)
{
	retries();
	refusals();
	house_scope();
	retention();
	time_goes_back();
	no_retention();
	many();
	return done_testing();
}
