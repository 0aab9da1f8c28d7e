/*
 * engine_bench.c
 *	  Plays matching-engine benchmark streams through the engine: proves the
 *	  matching and measures its speed.
 *
 * Needs no server.  Compile:
 *	  cc -std=c11 -O2 -Isrc src/tools/engine_bench.c src/tools/play.c \
 *		 src/engine/[a-z]*.c -o engine_bench
 *
 * usage: engine_bench [--report] [--runs N] [--orders N] [--deep N] [FILE...]
 *	  --report	print the report stream of the (single) FILE; its SHA-256 is
 *				what the benchmark publishes
 *	  --runs	measure N times with fresh engines (default 5)
 *	  --orders	without FILE: length of the generated flow (default 1,000,000)
 *	  --deep	rest N orders of 100,000 accounts before the flow
 *
 * Streams are those of flash1-dev/matching-engine-benchmark: a 16-byte header
 * <QII (magic, version, count), then records of 40 bytes <BBBBIQQqq: type (0
 * new, 1 cancel, 2 modify), side (0 buy, 1 sell), ioc, pad, quantity, seq,
 * order id, price, reserved.  A modify always loses priority and its quantity
 * is what works afterwards.  Report lines, joined by newlines:
 *	  0,seq,side,id,price,qty accepted	  1,seq,price,qty,maker,taker trade
 *	  2,seq,side,id,price cancelled		  3,seq,side,id,price,qty modified
 *	  4,seq,id cancel rejected			  5,seq,id modify rejected
 *
 * The flow is encoded once, while it is played for the first time; the timed
 * runs apply the encoded commands in blocks of 1000: decoding, references,
 * margin, matching and events included.  CPU time of the process is measured,
 * its allocations included (each run starts with an empty engine).
 */
#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <time.h>

#include "tools/play.h"

#define RECORD		40
#define HEADER		16
#define PER_BLOCK	1000
#define ACCOUNTS	100000

typedef struct Record
{
	uint8_t		type;
	uint8_t		side;
	uint8_t		ioc;
	uint32_t	qty;
	uint64_t	seq;
	uint64_t	id;
	int64_t		price;
} Record;

typedef struct Flow
{
	uint8_t    *records;		/* in the file's format */
	uint32_t	count;
	uint64_t	max_id;
	int64_t		mark;
	uint8_t    *commands;		/* encoded, one behind the other */
	size_t		len;
	size_t		cap;
} Flow;

typedef struct Bench
{
	Play		play;
	Flow		flow;
	uint64_t   *order;			/* stream id -> engine id */
	uint64_t   *stream_id;		/* engine id -> stream id */
	bool		report;
	bool		started;		/* a report line has been printed */
	uint32_t	deep;
	uint64_t	trades;
	uint64_t	rejects;
} Bench;

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double) ts.tv_sec + (double) ts.tv_nsec * 1e-9;
}

static Record
get_record(const Flow *flow, uint32_t i)
{
	const uint8_t *p = flow->records + (size_t) i * RECORD;
	Record		r;

	r.type = p[0];
	r.side = p[1];
	r.ioc = p[2];
	r.qty = clr_get_u32(p + 4);
	r.seq = clr_get_u64(p + 8);
	r.id = clr_get_u64(p + 16);
	r.price = clr_get_i64(p + 24);
	return r;
}

static void
put_record(Flow *flow, uint32_t i, const Record *r)
{
	uint8_t    *p = flow->records + (size_t) i * RECORD;

	memset(p, 0, RECORD);
	p[0] = r->type;
	p[1] = r->side;
	p[2] = r->ioc;
	clr_put_u32(p + 4, r->qty);
	clr_put_u64(p + 8, r->seq);
	clr_put_u64(p + 16, r->id);
	clr_put_i64(p + 24, r->price);
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

/* 50 % adds near the touch, 43 % cancels, 7 % marketable orders. */
static void
generate(Flow *flow, uint32_t count)
{
	uint64_t	state = 88172645463325252u;
	uint64_t   *open = malloc(((size_t) count + 1) * sizeof(uint64_t));
	uint8_t    *side = malloc((size_t) count + 2);
	uint32_t	n_open = 0;

	flow->records = malloc((size_t) count * RECORD);
	if (open == NULL || side == NULL || flow->records == NULL)
		play_die("out of memory");
	flow->count = count;
	for (uint32_t i = 0; i < count; i++)
	{
		uint64_t	dice = next_random(&state) >> 11;
		Record		r = {.seq = i};
		unsigned	kind = (unsigned) (dice % 100);

		if (kind >= 57 && n_open > 10000)
		{
			uint32_t	pick = (uint32_t) ((dice >> 20) % n_open);

			r.type = 1;
			r.id = open[pick];
			r.side = side[r.id];
			open[pick] = open[--n_open];
		}
		else
		{
			int64_t		away = (int64_t) ((dice >> 10) % 40) + 1;

			r.id = ++flow->max_id;
			r.side = dice >> 40 & 1;
			r.qty = (uint32_t) (dice >> 30 & 63) + 1;
			if (kind < 7)
			{
				r.ioc = 1;
				away = -3;
			}
			else
				open[n_open++] = r.id;
			side[r.id] = r.side;
			r.price = r.side == 0 ? 20000 - away : 20000 + away;
		}
		put_record(flow, i, &r);
	}
	free(open);
	free(side);
}

static void
load(Flow *flow, const char *path)
{
	size_t		len;
	uint8_t    *data = play_read_file(path, &len);

	if (len < HEADER || (len - HEADER) % RECORD != 0 ||
		clr_get_u32(data + 12) != (len - HEADER) / RECORD)
		play_die("not a benchmark stream (is it still compressed?)");
	flow->count = clr_get_u32(data + 12);
	flow->records = data + HEADER;
}

static void
survey(Flow *flow)
{
	for (uint32_t i = 0; i < flow->count; i++)
	{
		Record		r = get_record(flow, i);

		if (r.id > flow->max_id)
			flow->max_id = r.id;
		if (flow->mark == 0 && r.type == 0)
			flow->mark = r.price;
	}
}

/*----------------------------------------------------------------
 * Encoding and reporting
 *----------------------------------------------------------------
 */
static void
line(Bench *b, const char *format,...)
{
	va_list		args;

	if (!b->report)
		return;
	if (b->started)
		putchar('\n');
	b->started = true;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

/* What the record asks for, given what the engine knows of its order. */
static ClrCommand
to_command(const Bench *b, const Record *r, char *ref, char *orig)
{
	ClrCommand	c = {.account = play_account(r->side)};
	ClrOrderView v = {0};

	if (r->type == 0)
	{
		c.type = CLR_CMD_NEW_ORDER;
		c.ref = play_text(ref, "o", r->id);
		c.u.order.instrument = PLAY_FUTURE;
		c.u.order.side = r->side == 0 ? CLR_SIDE_BUY : CLR_SIDE_SELL;
		c.u.order.ord_type = CLR_ORD_LIMIT;
		c.u.order.time_in_force = r->ioc ? CLR_TIF_IOC : CLR_TIF_GTC;
		c.u.order.price = r->price;
		c.u.order.qty = r->qty;
		return c;
	}
	c.ref = play_text(ref, r->type == 1 ? "c" : "m", r->seq);
	c.text = play_text(orig, "o", r->id);
	c.type = r->type == 1 ? CLR_CMD_CANCEL_ORDER : CLR_CMD_REPLACE_ORDER;
	if (r->type == 2)
	{
		(void) clr_get_order(b->play.engine, b->order[r->id], &v);
		c.u.replace.price = r->price;
		c.u.replace.qty = v.cum_qty + r->qty;
	}
	return c;
}

static void
report_trades(Bench *b, const Record *r)
{
	const ClrEventBuffer *ev = &b->play.events;
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

			b->trades++;
			line(b, "1,%" PRIu64 ",%" PRId64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64,
				 r->seq, t.price, t.qty,
				 b->stream_id[buying ? t.sell_order : t.buy_order], r->id);
		}
		at += len;
	}
}

static void
report(Bench *b, const Record *r, int64_t order_price)
{
	const ClrOutcome *o = &b->play.outcome;

	if (o->reason != CLR_OK)
	{
		b->rejects++;
		if (r->type == 0)
		{
			fprintf(stderr, "order %" PRIu64 " refused: %s\n", r->id,
					clr_reason_name(o->reason));
			exit(2);
		}
		line(b, "%d,%" PRIu64 ",%" PRIu64, r->type == 1 ? 4 : 5, r->seq, r->id);
		return;
	}
	if (r->type == 0)
		line(b, "0,%" PRIu64 ",%d,%" PRIu64 ",%" PRId64 ",%u", r->seq, r->side,
			 r->id, r->price, r->qty);
	report_trades(b, r);
	if (r->type == 2)
		line(b, "3,%" PRIu64 ",%d,%" PRIu64 ",%" PRId64 ",%u", r->seq, r->side,
			 r->id, r->price, r->qty);
	if (o->ord_status == CLR_STATUS_CANCELED)
		line(b, "2,%" PRIu64 ",%d,%" PRIu64 ",%" PRId64, r->seq, r->side, r->id,
			 r->type == 0 ? r->price : order_price);
}

static void
keep(Flow *flow, const uint8_t *data, size_t len)
{
	if (flow->cap - flow->len < len)
	{
		flow->cap = flow->cap ? flow->cap * 2 : 1 << 20;
		flow->commands = realloc(flow->commands, flow->cap);
		if (flow->commands == NULL)
			play_die("out of memory");
	}
	memcpy(flow->commands + flow->len, data, len);
	flow->len += len;
}

/* Rests many orders of many accounts, away from where the flow trades. */
static void
rest_deep(Bench *b)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	uint32_t	first = play_add_accounts(&b->play, ACCOUNTS);
	char		ref[32];

	for (uint32_t i = 0; i < b->deep; i++)
	{
		ClrCommand	c = {.type = CLR_CMD_NEW_ORDER};
		int64_t		away = 100 + i % 1000;

		if (i % PER_BLOCK == 0)
			play_block(&b->play, 1000);
		c.account = first + i * 7919u % ACCOUNTS;
		c.ref = play_text(ref, "deep", i);
		c.u.order.instrument = PLAY_FUTURE;
		c.u.order.side = i & 1 ? CLR_SIDE_SELL : CLR_SIDE_BUY;
		c.u.order.ord_type = CLR_ORD_LIMIT;
		c.u.order.time_in_force = CLR_TIF_GTC;
		c.u.order.price = i & 1 ? b->flow.mark + away : b->flow.mark - away;
		c.u.order.qty = 1 + i % 9;
		play_send(&b->play, &c, buf);
		if (b->play.outcome.reason != CLR_OK)
			play_die(clr_reason_name(b->play.outcome.reason));
	}
}

static void
open_play(Bench *b)
{
	PlayFuture	future = {CLR_REPLACE_ALWAYS_LOSES, CLR_PHASE_CONTINUOUS,
	b->flow.mark, 1};

	play_open(&b->play, &future);
	if (b->deep > 0)
		rest_deep(b);
	play_block(&b->play, 1000);
}

/* The first time through: encodes, reports, checks. */
static void
first_run(Bench *b)
{
	uint8_t		buf[CLR_COMMAND_MAX];
	const char *broken;

	open_play(b);
	b->order = calloc(b->flow.max_id + 1, sizeof(uint64_t));
	b->stream_id = calloc(b->flow.max_id + b->deep + 2, sizeof(uint64_t));
	if (b->order == NULL || b->stream_id == NULL)
		play_die("out of memory");
	for (uint32_t i = 0; i < b->flow.count; i++)
	{
		Record		r = get_record(&b->flow, i);
		char		ref[32];
		char		orig[32];
		ClrOrderView v = {0};
		ClrCommand	c;

		(void) clr_get_order(b->play.engine, b->order[r.id], &v);
		c = to_command(b, &r, ref, orig);
		keep(&b->flow, buf, play_send(&b->play, &c, buf));
		if (r.type == 0)
		{
			b->order[r.id] = b->play.outcome.id;
			b->stream_id[b->play.outcome.id] = r.id;
		}
		report(b, &r, v.price);
	}
	broken = clr_engine_check(b->play.engine);
	if (broken != NULL)
		play_die(broken);
	play_close(&b->play);
}

/* Applies the encoded commands; nanoseconds per command. */
static double
timed_run(Bench *b)
{
	const Flow *flow = &b->flow;
	size_t		at = 0;
	uint32_t	n = 0;
	double		started;
	double		took;

	open_play(b);
	started = cpu_seconds();
	while (at < flow->len)
	{
		size_t		used;
		uint32_t	applied;

		play_block(&b->play, 1000);
		b->play.events.len = 0;
		if (!clr_engine_apply_run(b->play.engine, 0, flow->commands + at,
								  flow->len - at, PER_BLOCK, &b->play.events,
								  &used, &applied))
			play_die("out of memory");
		at += used;
		n += applied;
	}
	took = cpu_seconds() - started;
	play_close(&b->play);
	return took * 1e9 / n;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static void
bench(Bench *b, const char *name, int runs)
{
	double		ns[100];

	survey(&b->flow);
	first_run(b);
	if (b->report)
		return;
	for (int i = 0; i < runs; i++)
		ns[i] = timed_run(b);
	qsort(ns, (size_t) runs, sizeof(double), compare_doubles);
	printf("%s: %u commands, %" PRIu64 " trades, %" PRIu64 " rejects; "
		   "best %.1f ns (%.2f M/s), median %.1f ns (%.2f M/s)\n",
		   name, b->flow.count, b->trades, b->rejects,
		   ns[0], 1e3 / ns[0], ns[runs / 2], 1e3 / ns[runs / 2]);
	free(b->order);
	free(b->stream_id);
	free(b->flow.commands);
}

int
main(int argc, char **argv)
{
	bool		report_only = false;
	int			runs = 5;
	uint32_t	orders = 1000000;
	uint32_t	deep = 0;
	int			i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++)
	{
		if (strcmp(argv[i], "--report") == 0)
			report_only = true;
		else if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
			runs = atoi(argv[++i]);
		else if (strcmp(argv[i], "--orders") == 0 && i + 1 < argc)
			orders = (uint32_t) strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--deep") == 0 && i + 1 < argc)
			deep = (uint32_t) strtoul(argv[++i], NULL, 10);
		else
			play_die("usage: engine_bench [--report] [--runs N] [--orders N] [--deep N] [FILE...]");
	}
	if (runs < 1 || runs > 100 || orders < 1)
		play_die("--runs must be 1 to 100, --orders at least 1");
	if (i == argc)
	{
		Bench		b = {.report = report_only, .deep = deep};

		generate(&b.flow, orders);
		bench(&b, "generated", runs);
		free(b.flow.records);
	}
	for (; i < argc; i++)
	{
		Bench		b = {.report = report_only, .deep = deep};

		load(&b.flow, argv[i]);
		bench(&b, argv[i], runs);
		free(b.flow.records - HEADER);
	}
	return 0;
}
