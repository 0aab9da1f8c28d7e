/*
 * load.c
 *	  Batches of orders from several connections, against COPY of the same rows.
 *
 * Run by test/bench/run.  Compile:
 *	  cc -std=gnu11 -O2 -Isrc -I$(pg_config --includedir) test/bench/load.c \
 *		 src/engine/command.c src/engine/event.c -lpq -lpthread -o load
 *
 * usage: load MODE CLIENTS BATCH SECONDS ROWS CONNINFO
 *	  MODE		array	clearing.submit_orders(), an array as text
 *				packed	clearing.submit_packed(), encoded here
 *				copy	COPY bulk FROM STDIN, the same rows as text, one
 *						commit per batch
 *				rest	as packed, but no two orders can trade
 *	  SECONDS	how long; 0 = until ROWS rows are through, by one batch exactly
 *
 * Prints one line of JSON.  Every connection has a thread, which makes the
 * next batch when the last one is answered; that is part of what is measured,
 * in all modes alike.
 */
#include <inttypes.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/codec.h"
#include "engine/command.h"
#include "engine/event.h"

#define REPLY_HEADER 64			/* ring.h */
#define MAX_ACCOUNTS 256
#define MAX_CALLS (1 << 20)
#define MID 20000				/* ticks */
#define TICK_CENTS 25
#define ROW_MAX 160

typedef enum Mode
{
	ARRAY, PACKED, COPY, REST
} Mode;

typedef struct Client
{
	pthread_t	thread;
	PGconn	   *conn;
	uint64_t	random;
	uint64_t	salt;			/* references are salt + row */
	uint64_t	rows;
	uint64_t	refused;
	uint64_t	calls;
	float	   *ms;				/* of each call */
	char	   *buf;
} Client;

typedef struct Order
{
	int			account;		/* index */
	bool		sell;
	int64_t		qty;
	int64_t		ticks;
	char		ref[33];
} Order;

static Mode mode;
static int	batch;
static double until;
static uint64_t rows_each;		/* 0 = by time */
static int	n_accounts;
static uint32_t account_id[MAX_ACCOUNTS];
static char account_name[MAX_ACCOUNTS][64];
static uint32_t instrument_id;

static void
die(const char *what, PGconn *conn)
{
	fprintf(stderr, "load: %s: %s\n", what, conn ? PQerrorMessage(conn) : "");
	exit(1);
}

static double
now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static uint64_t
next_random(Client *c)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return c->random;
}

static PGconn *
connect_to(const char *conninfo)
{
	PGconn	   *conn = PQconnectdb(conninfo);

	if (PQstatus(conn) != CONNECTION_OK)
		die("connect", conn);
	return conn;
}

/* The names and numbers that commands are made of. */
static void
look_up(const char *conninfo)
{
	PGconn	   *conn = connect_to(conninfo);
	PGresult   *r = PQexec(conn, "SELECT account_id, name FROM clearing_state.account"
						   " WHERE name ~ '^1[0-9][0-9]$' ORDER BY 1");

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0 ||
		PQntuples(r) > MAX_ACCOUNTS)
		die("accounts", conn);
	n_accounts = PQntuples(r);
	for (int i = 0; i < n_accounts; i++)
	{
		account_id[i] = (uint32_t) atoi(PQgetvalue(r, i, 0));
		snprintf(account_name[i], sizeof(account_name[i]), "%s", PQgetvalue(r, i, 1));
	}
	PQclear(r);
	r = PQexec(conn, "SELECT instrument_id FROM clearing_state.instrument"
			   " WHERE symbol = 'F'");
	if (PQntuples(r) != 1)
		die("instrument", conn);
	instrument_id = (uint32_t) atoi(PQgetvalue(r, 0, 0));
	PQclear(r);
	PQfinish(conn);
}

/* 16 hexadecimal digits; formatting with printf is most of a client's work. */
static void
put_reference(char *to, uint64_t number)
{
	for (int i = 15; i >= 0; i--, number >>= 4)
		to[i] = "0123456789abcdef"[number & 15];
	to[16] = '\0';
}

static char *
put_string(char *to, const char *from)
{
	while (*from != '\0')
		*to++ = *from++;
	return to;
}

static char *
put_number(char *to, uint64_t number)
{
	char		digits[20];
	int			n = 0;

	do
		digits[n++] = (char) ('0' + number % 10);
	while ((number /= 10) > 0);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

/* The flow of the single orders: half of it trades. */
static void
make_order(Client *c, int i, Order *o)
{
	uint64_t	r = next_random(c);

	o->account = (int) ((r >> 8) % (uint64_t) n_accounts);
	o->sell = r & 1;
	o->qty = 1 + (int64_t) ((r >> 20) % 10);
	o->ticks = MID + (int64_t) ((r >> 32) % 17) - 8;
	if (mode == REST)
		o->ticks = o->sell ? MID + 10 + (int64_t) ((r >> 32) % 500) :
			MID - 10 - (int64_t) ((r >> 32) % 500);
	put_reference(o->ref, c->salt + c->rows + (uint64_t) i);
}

static size_t
put_text(char *start, const Order *o)
{
	const char *between = mode == COPY ? "\t" : ",";
	uint64_t	cents = (uint64_t) o->ticks * TICK_CENTS;
	char	   *to = start;

	if (mode == ARRAY)
		to = put_string(to, "\"(");
	to = put_string(to, account_name[o->account]);
	to = put_string(to, between);
	*to++ = 'F';
	to = put_string(to, between);
	to = put_string(to, o->sell ? "sell" : "buy");
	to = put_string(to, between);
	to = put_number(to, (uint64_t) o->qty);
	to = put_string(to, between);
	to = put_number(to, cents / 100);
	*to++ = '.';
	*to++ = (char) ('0' + cents / 10 % 10);
	*to++ = (char) ('0' + cents % 10);
	to = put_string(to, between);
	to = put_string(to, o->ref);
	to = put_string(to, mode == COPY ? "\n" : ",,,,,)\",");
	return (size_t) (to - start);
}

static size_t
put_packed(char *to, const Order *o)
{
	ClrCommand	c;

	memset(&c, 0, sizeof(c));
	c.type = CLR_CMD_NEW_ORDER;
	c.account = account_id[o->account];
	c.ref.data = (const uint8_t *) o->ref;
	c.ref.len = strlen(o->ref);
	c.u.order.instrument = instrument_id;
	c.u.order.side = o->sell ? CLR_SIDE_SELL : CLR_SIDE_BUY;
	c.u.order.ord_type = CLR_ORD_LIMIT;
	c.u.order.time_in_force = CLR_TIF_DAY;
	c.u.order.price = o->ticks;
	c.u.order.qty = o->qty;
	c.u.order.self_match = CLR_SMP_CANCEL_RESTING;
	return clr_command_encode(&c, (uint8_t *) to);
}

static size_t
make_batch(Client *c)
{
	size_t		len = 0;

	if (mode == ARRAY)
		c->buf[len++] = '{';
	for (int i = 0; i < batch; i++)
	{
		Order		o;

		make_order(c, i, &o);
		if (mode == ARRAY || mode == COPY)
			len += put_text(c->buf + len, &o);
		else
			len += put_packed(c->buf + len, &o);
	}
	if (mode == ARRAY)
		c->buf[len - 1] = '}';
	c->buf[len] = '\0';
	return len;
}

static void
count_packed(Client *c, const char *reply, size_t len)
{
	const uint8_t *p = (const uint8_t *) reply;
	size_t		at = REPLY_HEADER;

	while (at < len)
	{
		uint8_t		type;
		size_t		one = clr_event_length(p + at, len - at, &type);
		ClrOutcome	outcome;

		if (one == 0)
			die("malformed reply", NULL);
		if (type == CLR_EV_OUTCOME &&
			(!clr_event_decode_outcome(p + at, one, &outcome) ||
			 outcome.reason != CLR_OK))
			c->refused++;
		at += one;
	}
}

static void
call_function(Client *c, size_t len)
{
	bool		array = mode == ARRAY;
	const char *value = c->buf;
	int			length = (int) len;
	int			format = array ? 0 : 1;
	PGresult   *r = PQexecPrepared(c->conn, "batch", 1, &value, &length,
								   &format, format);

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		die("batch", c->conn);
	if (array && PQntuples(r) != batch)
		die("wrong number of reports", NULL);
	for (int i = 0; array && i < batch; i++)
		c->refused += strcmp(PQgetvalue(r, i, 1), "rejected") == 0;
	if (!array)
		count_packed(c, PQgetvalue(r, 0, 0), (size_t) PQgetlength(r, 0, 0));
	PQclear(r);
}

static void
copy_rows(Client *c, size_t len)
{
	PGresult   *r = PQexec(c->conn, "COPY bulk (account, symbol, side, order_qty,"
						   " price, cl_ord_id) FROM STDIN");

	if (PQresultStatus(r) != PGRES_COPY_IN)
		die("COPY", c->conn);
	PQclear(r);
	if (PQputCopyData(c->conn, c->buf, (int) len) != 1 ||
		PQputCopyEnd(c->conn, NULL) != 1)
		die("COPY data", c->conn);
	while ((r = PQgetResult(c->conn)) != NULL)
	{
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die("COPY end", c->conn);
		PQclear(r);
	}
}

static void *
work(void *arg)
{
	Client	   *c = arg;

	while (rows_each > 0 ? c->rows < rows_each : now_seconds() < until)
	{
		size_t		len = make_batch(c);
		double		started = now_seconds();

		if (mode == COPY)
			copy_rows(c, len);
		else
			call_function(c, len);
		if (c->calls < MAX_CALLS)
			c->ms[c->calls] = (float) ((now_seconds() - started) * 1e3);
		c->calls++;
		c->rows += (uint64_t) batch;
	}
	return NULL;
}

static void
prepare(Client *c, const char *conninfo, int number)
{
	const char *sql = mode == ARRAY ?
		"SELECT order_id, ord_status, leaves_qty, height"
		" FROM clearing.submit_orders($1::clearing.new_order[])" :
		"SELECT clearing.submit_packed($1::bytea)";
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	c->conn = connect_to(conninfo);
	if (mode != COPY)
	{
		PGresult   *r = PQprepare(c->conn, "batch", sql, 0, NULL);

		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die("prepare", c->conn);
		PQclear(r);
	}
	c->salt = ((uint64_t) t.tv_sec << 34) + ((uint64_t) t.tv_nsec << 4) +
		((uint64_t) number << 40);
	c->random = c->salt * 0x9E3779B97F4A7C15u | 1;
	c->buf = malloc((size_t) batch * ROW_MAX + 16);
	c->ms = malloc(sizeof(float) * MAX_CALLS);
	if (c->buf == NULL || c->ms == NULL)
		die("out of memory", NULL);
}

static int
compare_floats(const void *a, const void *b)
{
	float		x = *(const float *) a;
	float		y = *(const float *) b;

	return (x > y) - (x < y);
}

static void
report(Client *clients, int n, double seconds)
{
	uint64_t	rows = 0;
	uint64_t	refused = 0;
	size_t		calls = 0;
	float	   *all = NULL;

	for (int i = 0; i < n; i++)
	{
		size_t		more = clients[i].calls < MAX_CALLS ? clients[i].calls : MAX_CALLS;

		rows += clients[i].rows;
		refused += clients[i].refused;
		all = realloc(all, (calls + more + 1) * sizeof(float));
		if (all == NULL)
			die("out of memory", NULL);
		memcpy(all + calls, clients[i].ms, more * sizeof(float));
		calls += more;
	}
	qsort(all, calls, sizeof(float), compare_floats);
	printf("{\"rows\": %" PRIu64 ", \"refused\": %" PRIu64 ", \"calls\": %zu, "
		   "\"seconds\": %.3f, \"per_second\": %.0f, \"ms_p50\": %.3f, "
		   "\"ms_p99\": %.3f}\n", rows, refused, calls, seconds,
		   (double) rows / seconds, (double) all[calls / 2],
		   (double) all[calls * 99 / 100]);
	free(all);
}

int
main(int argc, char **argv)
{
	static const char *const names[] = {"array", "packed", "copy", "rest"};
	Client	   *clients;
	double		started;
	int			n;

	if (argc != 7)
		die("usage: load MODE CLIENTS BATCH SECONDS ROWS CONNINFO", NULL);
	for (int i = 0; i < 4; i++)
		if (strcmp(argv[1], names[i]) == 0)
			mode = (Mode) i;
	n = atoi(argv[2]);
	batch = atoi(argv[3]);
	if (n < 1 || batch < 1)
		die("CLIENTS and BATCH must be at least 1", NULL);
	if (atof(argv[4]) <= 0)
		rows_each = strtoull(argv[5], NULL, 10) / (uint64_t) n;
	look_up(argv[6]);
	clients = calloc((size_t) n, sizeof(Client));
	if (clients == NULL)
		die("out of memory", NULL);
	for (int i = 0; i < n; i++)
		prepare(&clients[i], argv[6], i);
	started = now_seconds();
	until = started + atof(argv[4]);
	for (int i = 0; i < n; i++)
		if (pthread_create(&clients[i].thread, NULL, work, &clients[i]) != 0)
			die("cannot start a thread", NULL);
	for (int i = 0; i < n; i++)
		pthread_join(clients[i].thread, NULL);
	report(clients, n, now_seconds() - started);
	return 0;
}
