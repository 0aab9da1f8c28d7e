/*
 * lobster_flow.c
 *	  Plays an hour of NASDAQ (LOBSTER messages of one share) through the engine
 *	  and compares its book with the recorded one.
 *
 * Run by test/conformance/run; needs no server.  Compile:
 *	  cc -std=c11 -O2 -Isrc src/tools/lobster_flow.c src/tools/play.c \
 *		 src/engine/[a-z]*.c -o lobster_flow
 *
 * usage: lobster_flow MESSAGES MESSAGES-10 BOOK-10 BOOK-1	(uncompressed CSV)
 *
 * Messages: seconds, type, order id, shares, price (USD * 10000, here a tick),
 * side of the resting order (1 bid, -1 ask).  Types: 1 a new limit order, 2 it
 * is reduced by so many shares, 3 it is deleted, 4 it is executed, 5 something
 * hidden was executed (not in the book, left out).  An execution is sent as an
 * immediate-or-cancel order from the other side, so that the engine decides
 * who trades; if the order that the exchange names is not the oldest at the
 * best price there, it is reduced instead and counted as out of line.
 *
 * The book before the first message is not recorded: its first ten levels are
 * the first row of BOOK-10 less the first message, one order per level.
 *
 * Printed: how many of the rows of BOOK-10 are equal to the book in all 40
 * numbers (its messages are part of MESSAGES), and how many changes of the best
 * bid and ask, with sizes, are those of BOOK-1.
 */
#include "tools/play.h"

#define LEVELS	10
#define WINDOW	400				/* how far to look for the same change again */

typedef struct Message
{
	char		text[64];		/* the line, to find it among the others */
	int64_t		time_us;
	int			type;
	uint64_t	id;
	int64_t		shares;
	int64_t		price;
	int			side;
} Message;

typedef struct Best
{
	int64_t		v[4];			/* ask, size, bid, size */
} Best;

typedef struct Bests
{
	Best	   *items;
	size_t		n;
	size_t		cap;
} Bests;

typedef struct Lobster
{
	Play		play;
	PlayIds		ids;			/* of the exchange to the engine's */
	uint64_t   *resting;		/* engine ids that may work, oldest first */
	size_t		n_resting;
	Message    *rows;			/* of BOOK-10 */
	size_t		n_rows;
	size_t		at_row;
	int64_t		(*book)[LEVELS * 4];
	Bests		ours;
	Bests		theirs;
	size_t		equal_rows;
	size_t		messages;
	size_t		executions;		/* of orders we know */
	size_t		in_line;
	size_t		as_recorded;	/* of those: one trade, with that order */
	size_t		unknown;
} Lobster;

static void
bests_add(Bests *b, const Best *best)
{
	if (b->n > 0 && memcmp(&b->items[b->n - 1], best, sizeof(*best)) == 0)
		return;
	if (b->n == b->cap)
	{
		b->cap = b->cap * 2 + 1024;
		b->items = realloc(b->items, b->cap * sizeof(Best));
		if (b->items == NULL)
			play_die("out of memory");
	}
	b->items[b->n++] = *best;
}

static char *
read_message(char *line, Message *m)
{
	char	   *fields[6];
	size_t		len = strcspn(line, "\r\n");

	memset(m, 0, sizeof(*m));
	memcpy(m->text, line, len < sizeof(m->text) - 1 ? len : sizeof(m->text) - 1);
	line = play_split(line, fields, 6);
	m->time_us = (int64_t) (strtod(fields[0], NULL) * 1e6);
	m->type = atoi(fields[1]);
	m->id = strtoull(fields[2], NULL, 10);
	m->shares = strtoll(fields[3], NULL, 10);
	m->price = strtoll(fields[4], NULL, 10);
	m->side = atoi(fields[5]);
	return line;
}

/*----------------------------------------------------------------
 * Commands
 *----------------------------------------------------------------
 */
static uint64_t
enter(Lobster *l, int side, int64_t price, int64_t shares, bool immediate)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	char		ref[32];
	ClrCommand	c = {.type = CLR_CMD_NEW_ORDER};

	c.account = play_account(side < 0);
	c.ref = play_text(ref, "n", l->play.height);
	c.u.order.instrument = PLAY_FUTURE;
	c.u.order.side = side < 0 ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = immediate ? CLR_TIF_IOC : CLR_TIF_GTC;
	c.u.order.price = price;
	c.u.order.qty = shares;
	play_send(&l->play, &c, buf);
	if (l->play.outcome.reason != CLR_OK)
		play_die(clr_reason_name(l->play.outcome.reason));
	if (!immediate)
		l->resting[l->n_resting++] = l->play.outcome.id;
	return l->play.outcome.id;
}

static void
reduce(Lobster *l, uint64_t id, int64_t shares)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	char		ref[32];
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER};
	ClrOrderView v;

	if (!clr_get_order(l->play.engine, id, &v))
		return;
	c.account = v.account;
	c.ref = play_text(ref, "n", l->play.height);
	if (shares >= v.leaves_qty)
		c.u.cancel.order_id = id;
	else
	{
		c.type = CLR_CMD_REPLACE_ORDER;
		c.u.replace.order_id = id;
		c.u.replace.price = v.price;
		c.u.replace.qty = v.order_qty - shares;
	}
	play_send(&l->play, &c, buf);
	if (l->play.outcome.reason != CLR_OK)
		play_die(clr_reason_name(l->play.outcome.reason));
}

/* Orders are in `resting` in the order of entry, and reducing keeps priority. */
static bool
is_oldest(const Lobster *l, const ClrOrderView *order)
{
	ClrOrderView v;

	for (size_t i = 0; i < l->n_resting && l->resting[i] != order->order_id; i++)
		if (clr_get_order(l->play.engine, l->resting[i], &v) &&
			v.price == order->price && v.side == order->side)
			return false;
	return true;
}

static bool
traded_once_with(const Lobster *l, uint64_t id, int64_t shares)
{
	const ClrEventBuffer *ev = &l->play.events;
	unsigned	same = 0;

	for (size_t at = 0, len; at < ev->len; at += len)
	{
		ClrTradeEvent t;

		len = clr_event_length(ev->data + at, ev->len - at, NULL);
		if (len == 0)
			play_die("broken event stream");
		if (clr_event_decode_trade(ev->data + at, len, &t))
			same += t.qty == shares && (t.buy_order == id || t.sell_order == id);
	}
	return same == 1 && l->play.outcome.n_trades == 1;
}

static void
execute(Lobster *l, const Message *m, uint64_t id)
{
	ClrOrderView v;
	int64_t		price = 0;
	int64_t		qty;

	if (!clr_get_order(l->play.engine, id, &v))
		return;
	(void) clr_get_best(l->play.engine, PLAY_FUTURE, v.side, &price, &qty);
	l->executions++;
	if (price != v.price || !is_oldest(l, &v))
	{
		reduce(l, id, m->shares);
		return;
	}
	l->in_line++;
	enter(l, -m->side, m->price, m->shares, true);
	l->as_recorded += traded_once_with(l, id, m->shares);
}

/* Orders of the first book have no id there: one per side and price stands for them. */
static uint64_t
seed_key(int side, int64_t price)
{
	return (UINT64_C(1) << 60) + (uint64_t) price * 2 + (side < 0);
}

static void
play_message(Lobster *l, const Message *m)
{
	uint64_t	id;

	play_block(&l->play, 1);
	l->messages++;
	if (m->type == 1)
		*play_id(&l->ids, m->id) = enter(l, m->side, m->price, m->shares, false);
	if (m->type < 2 || m->type > 4)
		return;
	id = *play_id(&l->ids, m->id);
	if (id == 0)
		id = *play_id(&l->ids, seed_key(m->side, m->price));
	if (id == 0)
		l->unknown++;
	else if (m->type == 4)
		execute(l, m, id);
	else
		reduce(l, id, m->shares);
}

/*----------------------------------------------------------------
 * Comparing
 *----------------------------------------------------------------
 */
static void
note_best(Lobster *l)
{
	Best		b = {{0, 0, 0, 0}};

	(void) clr_get_best(l->play.engine, PLAY_FUTURE, CLR_SIDE_SELL, &b.v[0], &b.v[1]);
	(void) clr_get_best(l->play.engine, PLAY_FUTURE, CLR_SIDE_BUY, &b.v[2], &b.v[3]);
	bests_add(&l->ours, &b);
}

/* The first levels of a side, as prices and sums of what works there. */
static void
levels_of(const Lobster *l, uint8_t side, int64_t levels[LEVELS][2])
{
	int			n = 0;

	memset(levels, 0, sizeof(int64_t) * LEVELS * 2);
	for (size_t i = 0; i < l->n_resting; i++)
	{
		ClrOrderView v;
		int			k = 0;

		if (!clr_get_order(l->play.engine, l->resting[i], &v) || v.side != side)
			continue;
		while (k < n && (side == CLR_SIDE_BUY ? levels[k][0] > v.price : levels[k][0] < v.price))
			k++;
		if (k == LEVELS)
			continue;
		if (k == n || levels[k][0] != v.price)
		{
			n += n < LEVELS;
			memmove(levels[k + 1], levels[k], sizeof(levels[0]) * (size_t) (n - 1 - k));
			levels[k][0] = v.price;
			levels[k][1] = 0;
		}
		levels[k][1] += v.leaves_qty;
	}
}

static void
compare_row(Lobster *l, const Message *m)
{
	int64_t		asks[LEVELS][2];
	int64_t		bids[LEVELS][2];
	bool		equal = true;

	if (l->at_row == l->n_rows || strcmp(l->rows[l->at_row].text, m->text) != 0)
		return;
	levels_of(l, CLR_SIDE_SELL, asks);
	levels_of(l, CLR_SIDE_BUY, bids);
	for (int k = 0; k < LEVELS; k++)
	{
		const int64_t *row = l->book[l->at_row] + 4 * k;

		equal = equal && row[0] == asks[k][0] && row[1] == asks[k][1] &&
			row[2] == bids[k][0] && row[3] == bids[k][1];
	}
	l->equal_rows += equal;
	l->at_row++;
}

/*
 * How many of our changes are theirs, in order; where they differ, goes on at
 * the nearest place where one has what the other has.
 */
static size_t
align(const Bests *a, const Bests *b, size_t *prefix)
{
	size_t		same = 0;

	*prefix = 0;
	for (size_t i = 0, j = 0; i < a->n && j < b->n;)
	{
		size_t		k = 1;

		if (memcmp(&a->items[i], &b->items[j], sizeof(Best)) == 0)
		{
			*prefix += same == i && i == j;
			same++;
			i++;
			j++;
			continue;
		}
		for (; k < WINDOW; k++)
		{
			if (j + k < b->n && memcmp(&a->items[i], &b->items[j + k], sizeof(Best)) == 0)
			{
				j += k;
				break;
			}
			if (i + k < a->n && memcmp(&a->items[i + k], &b->items[j], sizeof(Best)) == 0)
			{
				i += k;
				break;
			}
		}
		if (k == WINDOW)
		{
			i++;
			j++;
		}
	}
	return same;
}

/*----------------------------------------------------------------
 * Files
 *----------------------------------------------------------------
 */
static void
load_rows(Lobster *l, const char *messages, const char *book)
{
	size_t		len;
	char	   *text = (char *) play_read_file(messages, &len);
	char	   *line = text;

	l->rows = calloc(len / 10 + 1, sizeof(Message));
	while (*line != '\0')
		line = read_message(line, &l->rows[l->n_rows++]);
	free(text);
	text = (char *) play_read_file(book, &len);
	l->book = calloc(l->n_rows, sizeof(*l->book));
	line = text;
	for (size_t i = 0; i < l->n_rows && *line != '\0'; i++)
	{
		char	   *fields[LEVELS * 4];

		line = play_split(line, fields, LEVELS * 4);
		for (int k = 0; k < LEVELS * 4; k++)
			l->book[i][k] = strtoll(fields[k], NULL, 10);
	}
	free(text);
}

static void
load_best(Lobster *l, const char *path)
{
	size_t		len;
	char	   *text = (char *) play_read_file(path, &len);
	char	   *line = text;

	while (*line != '\0')
	{
		char	   *fields[4];
		Best		b;

		line = play_split(line, fields, 4);
		for (int k = 0; k < 4; k++)
			b.v[k] = strtoll(fields[k], NULL, 10);
		bests_add(&l->theirs, &b);
	}
	free(text);
}

static void
seed_book(Lobster *l)
{
	const Message *first = &l->rows[0];

	play_block(&l->play, 1);
	for (int k = 0; k < LEVELS * 4; k += 2)
	{
		int			side = k % 4 == 0 ? -1 : 1;
		int64_t		price = l->book[0][k];
		int64_t		size = l->book[0][k + 1];

		if (side == first->side && price == first->price)
			size -= first->shares;
		play_block(&l->play, 1);
		if (size > 0)
			*play_id(&l->ids, seed_key(side, price)) = enter(l, side, price, size, false);
	}
}

/* Those who have left are taken off the list, so that it can be searched. */
static void
forget_finished(Lobster *l)
{
	size_t		n = 0;
	ClrOrderView v;

	for (size_t i = 0; i < l->n_resting; i++)
		if (clr_get_order(l->play.engine, l->resting[i], &v))
			l->resting[n++] = l->resting[i];
	l->n_resting = n;
}

int
main(int argc, char **argv)
{
	PlayFuture	future = {CLR_REPLACE_KEEPS_ON_DECREASE, CLR_PHASE_CONTINUOUS, 5850000, 1};
	static Lobster l;
	size_t		len;
	size_t		same;
	size_t		prefix;
	char	   *text;
	char	   *line;
	const char *broken;

	if (argc != 5)
		play_die("usage: lobster_flow MESSAGES MESSAGES-10 BOOK-10 BOOK-1");
	play_open(&l.play, &future);
	load_rows(&l, argv[2], argv[3]);
	load_best(&l, argv[4]);
	text = (char *) play_read_file(argv[1], &len);
	play_ids_init(&l.ids, len / 20);
	l.resting = malloc((len / 10 + 100) * sizeof(uint64_t));
	if (l.resting == NULL)
		play_die("out of memory");
	seed_book(&l);
	for (line = text; *line != '\0';)
	{
		Message		m;

		line = read_message(line, &m);
		play_message(&l, &m);
		note_best(&l);
		compare_row(&l, &m);
		if (l.messages % 500 == 0)
			forget_finished(&l);
	}
	broken = clr_engine_check(l.play.engine);
	if (broken != NULL)
		play_die(broken);
	same = align(&l.ours, &l.theirs, &prefix);
	printf("messages %zu\nrows_equal %zu\nrows %zu\nbest_equal %zu\nbest_changes %zu\nbest_prefix %zu\n"
		   "executions %zu\nin_line %zu\nas_recorded %zu\nunknown %zu\nresting %" PRIu64 "\n",
		   l.messages, l.equal_rows, l.at_row, same, l.ours.n, prefix,
		   l.executions, l.in_line, l.as_recorded, l.unknown, clr_count_orders(l.play.engine));
	play_close(&l.play);
	play_ids_free(&l.ids);
	free(l.resting);
	free(l.rows);
	free(l.book);
	free(l.ours.items);
	free(l.theirs.items);
	free(text);
	return 0;
}
