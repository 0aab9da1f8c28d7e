/*
 * es_flow.c
 *	  Plays a day's order entry of an exchange (CME ESH4, order by order)
 *	  through the engine and compares every fill with the exchange's own.
 *
 * Needs no server.  Compile:
 *	  cc -std=c11 -O2 -Isrc src/tools/es_flow.c src/tools/play.c \
 *		 src/engine/[a-z]*.c -o es_flow
 *
 * usage: es_flow ORDER-ENTRY.csv EXPECTED-FILLS.csv	(uncompressed)
 *
 * Order entry: n, ts_ns, phase (snap, pre, auct: collected without matching;
 * cont), cmd, order_id, side (B, A), price (index points, 0.25 a tick), qty,
 * src_row.  Commands: A add, C cancel, M modify (quantity = what works
 * afterwards), X aggressor = immediate-or-cancel limit, R reduce by quantity.
 * Expected fills: n, k, taker, maker, price, qty.
 */
#include "tools/play.h"

#define TICKS_PER_POINT 4
#define FIELDS 9

typedef struct Row
{
	uint64_t	n;
	int64_t		time_us;
	char		phase;			/* first letter */
	char		command;
	uint64_t	id;				/* the exchange's */
	bool		is_sell;
	int64_t		price;			/* ticks */
	int64_t		qty;
} Row;

typedef struct Fill
{
	uint64_t	n;
	uint64_t	k;
	uint64_t	taker;
	uint64_t	maker;
	int64_t		price;
	int64_t		qty;
} Fill;

typedef struct FlowPlay
{
	Play		play;
	PlayIds		ids;
	uint64_t   *exchange_id;	/* engine id -> exchange id */
	Fill	   *expected;
	size_t		n_expected;
	size_t		n_fills;
	size_t		identical;
	bool		continuous;
	int64_t		lots;
} FlowPlay;

/* Index points to ticks; exact, prices have at most two decimals. */
static int64_t
to_ticks(const char *text)
{
	char	   *end;
	int64_t		cents = strtoll(text, &end, 10) * 100;

	if (*end == '.')
	{
		int64_t		part = end[1] ? (end[1] - '0') * 10 : 0;

		if (end[1] && end[2])
			part += end[2] - '0';
		cents += part;
	}
	if (cents % (100 / TICKS_PER_POINT) != 0)
		play_die("a price is not on a tick");
	return cents / (100 / TICKS_PER_POINT);
}

static void
load_expected(FlowPlay *f, const char *path)
{
	size_t		len;
	char	   *data = (char *) play_read_file(path, &len);
	char	   *line = strchr(data, '\n');
	char	   *fields[6];

	f->expected = malloc((len / 10 + 1) * sizeof(Fill));
	if (f->expected == NULL || line == NULL)
		play_die("cannot read the expected fills");
	line++;
	while (*line != '\0')
	{
		Fill	   *fill = &f->expected[f->n_expected++];

		line = play_split(line, fields, 6);
		fill->n = strtoull(fields[0], NULL, 10);
		fill->k = strtoull(fields[1], NULL, 10);
		fill->taker = strtoull(fields[2], NULL, 10);
		fill->maker = strtoull(fields[3], NULL, 10);
		fill->price = to_ticks(fields[4]);
		fill->qty = strtoll(fields[5], NULL, 10);
	}
	free(data);
}

static void
compare_fill(FlowPlay *f, const Fill *fill)
{
	if (f->n_fills < f->n_expected &&
		memcmp(fill, &f->expected[f->n_fills], sizeof(Fill)) == 0)
		f->identical++;
	else if (f->n_fills - f->identical < 5)
		printf("unexpected fill: n %" PRIu64 " k %" PRIu64 " taker %" PRIu64
			   " maker %" PRIu64 " price %" PRId64 " qty %" PRId64 "\n",
			   fill->n, fill->k, fill->taker, fill->maker, fill->price, fill->qty);
	f->n_fills++;
	f->lots += fill->qty;
}

static void
take_fills(FlowPlay *f, const Row *row)
{
	const ClrEventBuffer *ev = &f->play.events;
	uint64_t	k = 0;
	size_t		at = 0;

	while (at < ev->len)
	{
		size_t		len = clr_event_length(ev->data + at, ev->len - at, NULL);
		ClrTradeEvent t;

		if (len == 0)
			play_die("broken event stream");
		if (clr_event_decode_trade(ev->data + at, len, &t))
		{
			bool		buying = t.aggressor == CLR_SIDE_BUY;
			Fill		fill = {row->n, ++k, row->id, 0, t.price, t.qty};

			fill.maker = f->exchange_id[buying ? t.sell_order : t.buy_order];
			compare_fill(f, &fill);
		}
		at += len;
	}
}

static void
send_order(FlowPlay *f, const Row *row)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	char		ref[32];
	ClrCommand	c = {.type = CLR_CMD_NEW_ORDER};

	c.account = play_account(row->is_sell);
	c.ref = play_text(ref, "n", row->n);
	c.u.order.instrument = PLAY_FUTURE;
	c.u.order.side = row->is_sell ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = row->command == 'X' ? CLR_TIF_IOC : CLR_TIF_GTC;
	c.u.order.price = row->price;
	c.u.order.qty = row->qty;
	play_send(&f->play, &c, buf);
	*play_id(&f->ids, row->id) = f->play.outcome.id;
	f->exchange_id[f->play.outcome.id] = row->id;
}

/* C, and M and R as replace (or cancel, if nothing would be left). */
static void
send_change(FlowPlay *f, const Row *row)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	char		ref[32];
	ClrCommand	c = {.type = CLR_CMD_CANCEL_ORDER};
	uint64_t	id = *play_id(&f->ids, row->id);
	ClrOrderView v = {0};
	int64_t		leaves = row->qty;

	c.account = play_account(row->is_sell);
	c.ref = play_text(ref, "n", row->n);
	if (clr_get_order(f->play.engine, id, &v) && row->command == 'R')
		leaves = v.leaves_qty - row->qty;
	if (row->command == 'C' || leaves <= 0)
		c.u.cancel.order_id = id;
	else
	{
		c.type = CLR_CMD_REPLACE_ORDER;
		c.u.replace.order_id = id;
		c.u.replace.price = row->command == 'R' ? v.price : row->price;
		c.u.replace.qty = v.cum_qty + leaves;
	}
	play_send(&f->play, &c, buf);
}

static void
open_market(FlowPlay *f)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};

	c.u.phase.instrument = PLAY_FUTURE;
	c.u.phase.phase = CLR_PHASE_CONTINUOUS;
	play_send(&f->play, &c, buf);
	if (f->play.outcome.reason != CLR_OK || f->play.outcome.n_trades != 0)
		play_die("the book was crossed at the open");
	f->continuous = true;
}

static void
play_row(FlowPlay *f, const Row *row)
{
	play_block(&f->play, row->time_us > f->play.now ? row->time_us - f->play.now : 0);
	if (row->phase == 'c' && !f->continuous)
		open_market(f);
	if (row->command == 'A' || row->command == 'X')
		send_order(f, row);
	else
		send_change(f, row);
	if (f->play.outcome.reason != CLR_OK)
		printf("command %" PRIu64 " (%c) refused: %s\n", row->n, row->command,
			   clr_reason_name(f->play.outcome.reason));
	take_fills(f, row);
}

static void
play_rows(FlowPlay *f, const char *path)
{
	size_t		len;
	char	   *data = (char *) play_read_file(path, &len);
	char	   *line = strchr(data, '\n');
	char	   *fields[FIELDS];

	play_ids_init(&f->ids, len / 20 + 2);
	f->exchange_id = calloc(len / 20 + 2, sizeof(uint64_t));
	if (line == NULL || f->exchange_id == NULL)
		play_die("cannot read the order entry");
	line++;
	while (*line != '\0')
	{
		Row			row;

		line = play_split(line, fields, FIELDS);
		row.n = strtoull(fields[0], NULL, 10);
		row.time_us = strtoll(fields[1], NULL, 10) / 1000;
		row.phase = fields[2][0];
		row.command = fields[3][0];
		row.id = strtoull(fields[4], NULL, 10);
		row.is_sell = fields[5][0] == 'A';
		row.price = fields[6][0] ? to_ticks(fields[6]) : 0;
		row.qty = fields[7][0] ? strtoll(fields[7], NULL, 10) : 0;
		play_row(f, &row);
	}
	free(data);
}

int
main(int argc, char **argv)
{
	/* $12.50 a tick */
	PlayFuture	future = {CLR_REPLACE_KEEPS_ON_DECREASE, CLR_PHASE_PRE_OPEN,
	4800 * TICKS_PER_POINT, 1250};
	static FlowPlay f;
	int64_t		bid = 0;
	int64_t		ask = 0;
	int64_t		qty;
	const char *broken;

	if (argc != 3)
		play_die("usage: es_flow ORDER-ENTRY.csv EXPECTED-FILLS.csv");
	play_open(&f.play, &future);
	load_expected(&f, argv[2]);
	play_rows(&f, argv[1]);
	broken = clr_engine_check(f.play.engine);
	if (broken != NULL)
		play_die(broken);

	(void) clr_get_best(f.play.engine, PLAY_FUTURE, CLR_SIDE_BUY, &bid, &qty);
	(void) clr_get_best(f.play.engine, PLAY_FUTURE, CLR_SIDE_SELL, &ask, &qty);
	printf("fills %zu (%" PRId64 " lots), expected %zu, identical %zu; "
		   "resting %" PRIu64 ", best %.2f/%.2f\n",
		   f.n_fills, f.lots, f.n_expected, f.identical,
		   clr_count_orders(f.play.engine),
		   (double) bid / TICKS_PER_POINT, (double) ask / TICKS_PER_POINT);
	play_close(&f.play);
	play_ids_free(&f.ids);
	free(f.exchange_id);
	qty = (int64_t) f.n_expected;
	free(f.expected);
	return f.n_fills == (size_t) qty && f.identical == (size_t) qty ? 0 : 1;
}
