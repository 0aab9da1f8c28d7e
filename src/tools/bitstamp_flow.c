/*
 * bitstamp_flow.c
 *	  Plays five hours of Bitstamp's BTC/USD (public websocket, order by order)
 *	  through the engine and compares its trades and book with the recorded ones.
 *
 * Run by test/conformance/run; needs no server.  Compile:
 *	  cc -std=c11 -O2 -Isrc src/tools/bitstamp_flow.c src/tools/play.c \
 *		 src/engine/[a-z]*.c -o bitstamp_flow
 *
 * usage: bitstamp_flow LOG	(uncompressed)
 *
 * A line is a time in milliseconds, an event and its JSON.  Played twice:
 *
 * As order entry: what is created is entered with its full size and matched by
 * the engine; what is deleted is cancelled if it still works; what changed is
 * brought to the amount that the exchange says.  Each recorded trade must be a
 * trade of the engine of that price and amount, at most five seconds apart.
 *
 * As a book: the same, but each order's amount is set to what the exchange last
 * said of it.  Amounts arrive after the orders that cause them, so the book is
 * collected without matching, and what is crossed for a moment stays crossed.
 * The exchange's own snapshots must have the same best bid and ask.
 *
 * The book before the first line is not recorded, and the capture has gaps:
 * neither rate can be 100 %.
 */
#include "tools/play.h"

#define SATOSHI 1e8
#define CENTS	1e2
#define APART_MS 5000

typedef struct Event
{
	int64_t		time_ms;
	const char *json;
	char		kind;			/* c created, x changed, d deleted, t trade, b book */
	uint64_t	id;
	bool		is_sell;
	int64_t		price;
	int64_t		amount;
} Event;

typedef struct Fill
{
	int64_t		time_ms;
	int64_t		price;
	int64_t		qty;
	bool		used;
} Fill;

typedef struct Fills
{
	Fill	   *items;
	size_t		n;
	size_t		cap;
} Fills;

typedef struct Bitstamp
{
	Play		play;
	PlayIds		ids;
	bool		matching;
	Fills		ours;
	Fills		theirs;
	size_t		snapshots;
	size_t		same_price;
	size_t		same_size;
	size_t		refused;
} Bitstamp;

static void
fills_add(Fills *f, int64_t time_ms, int64_t price, int64_t qty)
{
	if (f->n == f->cap)
	{
		f->cap = f->cap * 2 + 256;
		f->items = realloc(f->items, f->cap * sizeof(Fill));
		if (f->items == NULL)
			play_die("out of memory");
	}
	f->items[f->n++] = (Fill) {time_ms, price, qty, false};
}

/*----------------------------------------------------------------
 * Reading
 *----------------------------------------------------------------
 */
/* A number behind a key, with or without quotes. */
static double
number(const char *json, const char *key)
{
	const char *at = strstr(json, key);

	if (at == NULL)
		play_die("a line lacks a value");
	at += strlen(key);
	while (*at == '"' || *at == ':' || *at == ' ' || *at == '[' || *at == ',')
		at++;
	return strtod(at, NULL);
}

static int64_t
rounded(double value, double scale)
{
	return (int64_t) (value * scale + 0.5);
}

static char *
read_event(char *line, Event *e)
{
	char	   *end = strchr(line, '\n');
	char	   *name;

	memset(e, 0, sizeof(*e));
	if (end != NULL)
		*end = '\0';
	e->time_ms = strtoll(line, &name, 10);
	name += *name == ' ';
	e->json = strchr(name, '{');
	if (e->json == NULL)
		play_die("a line has no JSON");
	e->kind = strncmp(name, "order_created", 13) == 0 ? 'c' :
		strncmp(name, "order_changed", 13) == 0 ? 'x' :
		strncmp(name, "order_deleted", 13) == 0 ? 'd' :
		strncmp(name, "order_book", 10) == 0 ? 'b' : 't';
	if (e->kind != 'b')
	{
		e->price = rounded(number(e->json, "\"price\""), CENTS);
		e->amount = rounded(number(e->json, "\"amount\""), SATOSHI);
		e->id = (uint64_t) number(e->json, "\"id\"");
	}
	if (e->kind != 'b' && e->kind != 't')
		e->is_sell = number(e->json, "\"order_type\"") != 0;
	return end != NULL ? end + 1 : line + strlen(line);
}

/*----------------------------------------------------------------
 * Commands
 *----------------------------------------------------------------
 */
static void
send(Bitstamp *b, ClrCommand *c, int64_t time_ms)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	char		ref[32];
	const ClrEventBuffer *ev = &b->play.events;

	c->ref = play_text(ref, "n", b->play.height);
	play_send(&b->play, c, buf);
	b->refused += b->play.outcome.reason != CLR_OK;
	for (size_t at = 0, len; at < ev->len; at += len)
	{
		ClrTradeEvent t;

		len = clr_event_length(ev->data + at, ev->len - at, NULL);
		if (len == 0)
			play_die("broken event stream");
		if (clr_event_decode_trade(ev->data + at, len, &t))
			fills_add(&b->ours, time_ms, t.price, t.qty);
	}
}

static void
enter(Bitstamp *b, const Event *e)
{
	ClrCommand	c = {.type = CLR_CMD_NEW_ORDER};

	c.account = play_account(e->is_sell);
	c.u.order.instrument = PLAY_FUTURE;
	c.u.order.side = e->is_sell ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = CLR_TIF_GTC;
	c.u.order.price = e->price;
	c.u.order.qty = e->amount;
	send(b, &c, e->time_ms);
	if (b->play.outcome.reason == CLR_OK)
		*play_id(&b->ids, e->id) = b->play.outcome.id;
}

/* What works of an order becomes amount; 0 = it is cancelled. */
static void
set_amount(Bitstamp *b, uint64_t id, int64_t amount, int64_t time_ms)
{
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER};
	ClrOrderView v;

	if (!clr_get_order(b->play.engine, id, &v) || v.leaves_qty == amount)
		return;
	c.account = v.account;
	c.u.cancel.order_id = id;
	if (amount > 0)
	{
		c.type = CLR_CMD_REPLACE_ORDER;
		c.u.replace.order_id = id;
		c.u.replace.price = v.price;
		c.u.replace.qty = v.cum_qty + amount;
	}
	send(b, &c, time_ms);
}

static void
play_event(Bitstamp *b, const Event *e)
{
	uint64_t	id = *play_id(&b->ids, e->id);

	if (e->kind == 'c')
		enter(b, e);
	else if (e->kind == 'd')
		set_amount(b, id, 0, e->time_ms);
	else if (id != 0)
		set_amount(b, id, e->amount, e->time_ms);
	else if (!b->matching && e->amount > 0)
		enter(b, e);			/* it was there before we came */
}

/*----------------------------------------------------------------
 * Comparing
 *----------------------------------------------------------------
 */
/* Is the best of a side the snapshot's? */
static bool
compare_side(Bitstamp *b, const Event *e, bool asks, bool *same_size)
{
	const char *key = asks ? "\"asks\"" : "\"bids\"";
	const char *first = strstr(e->json, key);
	const char *size;
	int64_t		price;
	int64_t		qty;

	if (first == NULL || (size = strstr(first, "\", \"")) == NULL)
		play_die("a snapshot is empty");
	if (!clr_get_best(b->play.engine, PLAY_FUTURE, asks ? CLR_SIDE_SELL : CLR_SIDE_BUY, &price, &qty) ||
		price != rounded(number(first, key), CENTS))
		return false;
	*same_size = qty == rounded(strtod(size + 4, NULL), SATOSHI);
	return true;
}

static void
compare_snapshot(Bitstamp *b, const Event *e)
{
	bool		bid_size = false;
	bool		ask_size = false;
	bool		bid;
	bool		ask;
	int64_t		price;
	int64_t		qty;

	if (!clr_get_best(b->play.engine, PLAY_FUTURE, CLR_SIDE_BUY, &price, &qty) ||
		!clr_get_best(b->play.engine, PLAY_FUTURE, CLR_SIDE_SELL, &price, &qty))
		return;
	bid = compare_side(b, e, false, &bid_size);
	ask = compare_side(b, e, true, &ask_size);
	b->snapshots++;
	b->same_price += bid && ask;
	b->same_size += bid && ask && bid_size && ask_size;
}

static size_t
matched(Bitstamp *b)
{
	size_t		same = 0;

	for (size_t i = 0; i < b->theirs.n; i++)
		for (size_t k = 0; k < b->ours.n; k++)
		{
			Fill	   *f = &b->ours.items[k];
			const Fill *t = &b->theirs.items[i];

			if (f->used || f->price != t->price || f->qty != t->qty ||
				f->time_ms > t->time_ms + APART_MS || f->time_ms < t->time_ms - APART_MS)
				continue;
			f->used = true;
			same++;
			break;
		}
	return same;
}

static void
play_log(Bitstamp *b, const char *path, bool matching)
{
	PlayFuture	future = {CLR_REPLACE_KEEPS_ON_DECREASE,
		matching ? CLR_PHASE_CONTINUOUS : CLR_PHASE_PRE_OPEN, 23600, 1};
	size_t		len;
	char	   *text = (char *) play_read_file(path, &len);
	const char *broken;

	memset(b, 0, sizeof(*b));
	b->matching = matching;
	play_open(&b->play, &future);
	play_ids_init(&b->ids, len / 100);
	for (char *line = text; *line != '\0';)
	{
		Event		e;

		line = read_event(line, &e);
		play_block(&b->play, 1);
		if (e.kind == 't')
			fills_add(&b->theirs, e.time_ms, e.price, e.amount);
		else if (e.kind != 'b')
			play_event(b, &e);
		else if (!matching)
			compare_snapshot(b, &e);
	}
	broken = clr_engine_check(b->play.engine);
	if (broken != NULL)
		play_die(broken);
	free(text);
}

static void
close_log(Bitstamp *b)
{
	play_close(&b->play);
	play_ids_free(&b->ids);
	free(b->ours.items);
	free(b->theirs.items);
}

int
main(int argc, char **argv)
{
	static Bitstamp b;

	if (argc != 2)
		play_die("usage: bitstamp_flow LOG");
	play_log(&b, argv[1], true);
	printf("trades_equal %zu\ntrades %zu\nfills %zu\nrefused %zu\n", matched(&b), b.theirs.n, b.ours.n, b.refused);
	close_log(&b);
	play_log(&b, argv[1], false);
	printf("best_equal %zu\nbest_size_equal %zu\nsnapshots %zu\nbook_refused %zu\n",
		   b.same_price, b.same_size, b.snapshots, b.refused);
	close_log(&b);
	return 0;
}
