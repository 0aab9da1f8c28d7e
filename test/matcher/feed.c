/*
 * feed.c
 *	  The engine as a filter: commands in words on the standard input, one a
 *	  line; for each, one line with everything that a second matcher has to
 *	  reproduce.
 *
 * Run by test/matcher/run.  "reset" begins a new house with four futures
 * (instruments 1 to 4, expiring in this order; a tick of the third is worth
 * MULTIPLIER ticks of the others), two members and six accounts (0 to 2 and 3
 * to 5) that have more money than they can lose.  Orders are named by numbers
 * that the commands give them.  FIELD and ATTR are numbers, in ascending order.
 *
 *	reset REPLACE_PRIORITY PHASE [MULTIPLIER]
 *	new LABEL INSTRUMENT ACCOUNT SIDE TYPE TIF EXEC PRICE QTY SMP [ATTR:VALUE ...]
 *	replace LABEL PRICE QTY [TIF + 1 [TYPE]] [ATTR:VALUE ...]
 *	cancel LABEL
 *	mass ACCOUNT INSTRUMENT SIDE
 *	rule INSTRUMENT NUMBER VALUE
 *	maker INSTRUMENT ACCOUNT SHARE
 *	limit ACCOUNT NUMBER VALUE
 *	phase INSTRUMENT PHASE [FIELD:VALUE ...]
 *	schedule INSTRUMENT ENTRY FIELD:VALUE ...
 *	group GROUP TIER FIELD:VALUE ...
 *	mark INSTRUMENT PRICE
 *	settle INSTRUMENT PRICE
 *	spread PHASE REPLACE_PRIORITY TICK LEG RATIO LEG RATIO ...
 *	quote ACCOUNT SET [INSTRUMENT:BID_LABEL:PRICE:QTY:ASK_LABEL:PRICE:QTY ...]
 *	batch ACCOUNT | new ... | replace ... | cancel ...
 *	wait SECONDS			a new block, so much later
 *
 * The time of an attribute is in seconds since the first block, those of fields
 * are as in the journal.
 *
 * Answer, fields separated by "; ": the reason; of an accepted order "S status
 * filled left"; of a refused quote or batch "at" the place at fault; of each
 * order of a batch "O place reason status filled left"; of each trade "T
 * instrument price qty buyer seller"; of each order that ended "E label status
 * reason filled", by label; of each instrument whose phase is another one "P
 * instrument phase"; of each side that
 * has orders in the book "B instrument side" and "label@price:left" (with
 * "/shown" if it shows less), best first; of each that waits outside it
 * "W label ...", by label.
 */
#include "house.h"

#define LABELS 4096
#define ACCOUNTS 6
#define FUTURES 4
#define BEGIN INT64_C(1700000000000000) /* of house_init() */
#define INSTRUMENTS 16
#define WORDS 11				/* numbers of a command before its pairs */

typedef struct Named
{
	uint64_t	id;
	uint32_t	account;
	bool		live;
	char		ended[80];		/* by this command */
} Named;

static House house;
static Named named[LABELS];
static int	labels;				/* highest label + 1 */
static uint32_t accounts[ACCOUNTS];
static uint32_t instruments;
static uint8_t phases[INSTRUMENTS + 1]; /* as last printed */

static int
label_of(uint64_t id)
{
	for (int i = labels - 1; i >= 0; i--)
		if (named[i].id == id)
			return i;
	return -1;
}

static void
reset(const int64_t *n)
{
	uint32_t	member[2],
				usd;
	static const char *const name[] = {"A0", "A1", "A2", "B0", "B1", "B2"};
	static const char *const symbol[] = {"ONE", "TWO", "THREE", "FOUR"};

	if (house.e != NULL)
		house_free(&house);
	house_init(&house);
	house.check = false;
	memset(named, 0, sizeof(named));
	labels = 0;
	open_house(&house, INT64_C(3600) * 1000000);
	usd = add_asset(&house, "USD", 2);
	member[0] = add_member(&house, "A");
	member[1] = add_member(&house, "B");
	for (int i = 0; i < ACCOUNTS; i++)
	{
		accounts[i] = add_account(&house, name[i], member[i / 3]);
		deposit(&house, accounts[i], usd, INT64_C(1000000000000000));
	}
	for (int i = 0; i < FUTURES; i++)
	{
		ClrCommand	c = future_command(symbol[i], usd);

		c.u.instrument.margin_basis = CLR_BASIS_LOT;
		c.u.instrument.initial_margin = 10;
		c.u.instrument.maintenance_margin = 10;
		c.u.instrument.replace_priority = (uint8_t) n[0];
		c.u.instrument.phase = (uint8_t) n[1];
		c.u.instrument.expiry_us = INT64_C(1800000000000000) + i;
		c.u.instrument.multiplier = i == 2 && n[2] != 0 ? n[2] : 1;
		send(&house, &c);
	}
	instruments = FUTURES;
	memset(phases, 0, sizeof(phases));
	memset(phases + 1, (int) n[1], FUTURES);
}

/* ATTR:VALUE ..., where a value of the link is a label. */
static ClrPairs
attributes(char *words)
{
	static uint8_t buf[CLR_ATTR_COUNT * CLR_ATTR_BYTES];
	ClrPairs	pairs = {buf, 0};
	uint8_t    *p = buf;

	for (char *word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n"))
	{
		uint8_t		attr = (uint8_t) atoi(word);
		int64_t		value = atoll(strchr(word, ':') + 1);

		if (attr == CLR_ATTR_EXPIRE_TIME)
			value = BEGIN + value * 1000000;
		else if (attr == CLR_ATTR_LINK)
			value = named[value].id != 0 ? (int64_t) named[value].id : INT64_C(1000000000);
		p = clr_put_attr(p, attr, value);
		pairs.n++;
	}
	return pairs;
}

/* FIELD:VALUE ... */
static ClrPairs
fields(char *words)
{
	static uint8_t buf[CLR_FIELDS_MAX * CLR_FIELD_BYTES];
	ClrPairs	pairs = {buf, 0};
	uint8_t    *p = buf;

	for (char *word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n"))
	{
		p = clr_put_field(p, (uint16_t) atoi(word), atoll(strchr(word, ':') + 1));
		pairs.n++;
	}
	return pairs;
}

static void
name_order(int64_t label, uint64_t id, uint32_t account)
{
	named[label].id = id;
	named[label].account = account;
	named[label].live = true;
	if (label >= labels)
		labels = (int) label + 1;
}

static ClrCommand
order(const int64_t *n, char *rest)
{
	ClrCommand	c = {.type = CLR_CMD_NEW_ORDER, .account = accounts[n[2]]};

	c.u.order.instrument = (uint32_t) n[1];
	c.u.order.side = (uint8_t) n[3];
	c.u.order.ord_type = (uint8_t) n[4];
	c.u.order.time_in_force = (uint8_t) n[5];
	c.u.order.exec_inst = (uint8_t) n[6];
	c.u.order.price = n[7];
	c.u.order.qty = n[8];
	c.u.order.self_match = (uint8_t) n[9];
	c.pairs = attributes(rest);
	return c;
}

static void
new_order(const int64_t *n, char *rest)
{
	ClrCommand	c = order(n, rest);

	send(&house, &c);
	if (house.out.reason == 0)
		name_order(n[0], house.out.id, c.account);
}

static ClrCommand
change(const int64_t *n, bool replaces, char *rest)
{
	const Named *of = &named[n[0]];
	ClrCommand	c = {.type = replaces ? CLR_CMD_REPLACE_ORDER : CLR_CMD_CANCEL_ORDER};
	uint64_t	id = of->id != 0 ? of->id : UINT64_C(1000000000);

	c.account = of->id != 0 ? of->account : accounts[0];
	if (replaces)
	{
		c.u.replace.order_id = id;
		c.u.replace.price = n[1];
		c.u.replace.qty = n[2];
		c.u.replace.time_in_force = (uint8_t) n[3];
		c.u.replace.ord_type = (uint8_t) n[4];
		c.pairs = attributes(rest);
	}
	else
		c.u.cancel.order_id = id;
	return c;
}

static void
change_order(const int64_t *n, bool replaces, char *rest)
{
	ClrCommand	c = change(n, replaces, rest);

	send(&house, &c);
}

static void
set_fields(uint8_t scope, const int64_t *n, char *rest)
{
	ClrCommand	c = {.type = CLR_CMD_SET_FIELDS};

	c.pairs = fields(rest);
	c.u.fields.scope = scope;
	c.u.fields.object = (uint64_t) n[0];
	c.u.fields.sub = (uint64_t) n[1];
	send(&house, &c);
}

static void
set_field(uint8_t scope, uint64_t object, uint64_t sub, int64_t number, int64_t value)
{
	ClrCommand	c = {.type = CLR_CMD_SET_FIELDS};
	uint8_t		buf[CLR_FIELD_BYTES];

	clr_put_field(buf, (uint16_t) number, value);
	c.pairs = (ClrPairs) {buf, 1};
	c.u.fields.scope = scope;
	c.u.fields.object = object;
	c.u.fields.sub = sub;
	send(&house, &c);
}

static void
enter_phase(const int64_t *n, char *rest)
{
	ClrCommand	c = {.type = CLR_CMD_SET_PHASE};

	c.pairs = fields(rest);
	c.u.phase.instrument = (uint32_t) n[0];
	c.u.phase.phase = (uint8_t) n[1];
	send(&house, &c);
}

static void
spread(const int64_t *n)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_SPREAD};
	char		symbol[16];

	snprintf(symbol, sizeof(symbol), "SPREAD%u", instruments);
	c.text = T(symbol);
	c.u.spread.phase = (uint8_t) n[0];
	c.u.spread.replace_priority = (uint8_t) n[1];
	c.u.spread.tick_exp = 2;
	c.u.spread.tick_size = n[2];
	for (n += 3; c.u.spread.n_legs < 4 && n[0] != 0; n += 2)
	{
		c.u.spread.leg[c.u.spread.n_legs] = (uint32_t) n[0];
		c.u.spread.ratio[c.u.spread.n_legs++] = (int32_t) n[1];
	}
	send(&house, &c);
	if (house.out.reason == 0)
		instruments = (uint32_t) house.out.id;
}

/* Orders that the last command has entered get these labels, in sequence. */
static void
name_entered(const int64_t *label, int n)
{
	int			next = 0;

	for (size_t at = 0; at < house.ev.len;)
	{
		uint8_t		type;
		size_t		len = clr_event_length(house.ev.data + at, house.ev.len - at, &type);
		ClrOrderEvent o;

		if (clr_event_decode_order(house.ev.data + at, len, &o) &&
			o.exec_type == CLR_EXEC_NEW && o.ord_status == CLR_STATUS_NEW && next < n)
			name_order(label[next++], o.order_id, o.account);
		at += len;
	}
}

static void
quote(const int64_t *n, char *rest)
{
	static uint8_t buf[CLR_QUOTES_MAX * CLR_QUOTE_BYTES];
	ClrCommand	c = {.type = CLR_CMD_MASS_QUOTE, .account = accounts[n[0]], .pairs = {buf, 0}};
	uint8_t    *p = buf;
	int64_t		label[2 * CLR_QUOTES_MAX];
	int			n_labels = 0;

	for (char *word = strtok(rest, " \n"); word != NULL; word = strtok(NULL, " \n"))
	{
		ClrQuote	q;
		int64_t		side[2];

		if (sscanf(word, "%u:%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64 ":%" SCNd64,
				   &q.instrument, &side[0], &q.price[0], &q.qty[0], &side[1], &q.price[1], &q.qty[1]) != 7)
			exit(2);
		for (int i = 0; i < 2; i++)
			if (q.qty[i] != 0)
				label[n_labels++] = side[i];
		p = clr_put_quote(p, &q);
		c.pairs.n++;
	}
	c.u.quote.set = (uint32_t) n[1];
	send(&house, &c);
	if (house.out.reason == 0)
		name_entered(label, n_labels);
}

/* Numbers at *at, up to the first pair; how many. */
static int
numbers(char **at, int64_t *n)
{
	int			count = 0;
	char	   *end;

	for (; count < WORDS; count++)
	{
		int64_t		value = strtoll(*at, &end, 10);

		if (end == *at || *end == ':')
			break;
		n[count] = value;
		*at = end;
	}
	return count;
}

static void
batch(const int64_t *n, char *rest)
{
	static uint8_t buf[CLR_LIST_MAX];
	ClrCommand	c = {.type = CLR_CMD_BATCH, .account = accounts[n[0]], .pairs = {buf, 0}};
	size_t		used = 0;
	int64_t		label[CLR_BATCH_MAX];
	char	   *next = strchr(rest, '|');
	static unsigned reference;

	while (next != NULL)
	{
		char	   *at = next + 1;
		char		verb[16];
		char		ref[16];
		int64_t		m[WORDS] = {0};
		int			skip = 0;
		ClrCommand	one;

		next = strchr(at, '|');
		if (next != NULL)
			*next = '\0';
		sscanf(at, "%15s%n", verb, &skip);
		at += skip;
		numbers(&at, m);
		label[c.pairs.n] = m[0];
		one = strcmp(verb, "new") == 0 ? order(m, at) : change(m, strcmp(verb, "replace") == 0, at);
		one.account = c.account;
		snprintf(ref, sizeof(ref), "b%u", reference++);
		one.ref = T(ref);
		used += clr_command_encode(&one, buf + used);
		c.pairs.n++;
	}
	c.u.batch.bytes = (uint16_t) used;
	send(&house, &c);
	for (size_t at = 0; at < house.ev.len;)
	{
		uint8_t		type;
		size_t		len = clr_event_length(house.ev.data + at, house.ev.len - at, &type);
		ClrOutcome	o;

		if (clr_event_decode_outcome(house.ev.data + at, len, &o) && o.number >> 24 != 0 &&
			o.type == CLR_CMD_NEW_ORDER && o.reason == 0)
			name_order(label[(o.number >> 24) - 1], o.id, c.account);
		at += len;
	}
}

static void
execute(const char *verb, const int64_t *n, char *rest)
{
	if (strcmp(verb, "reset") == 0)
		reset(n);
	else if (strcmp(verb, "new") == 0)
		new_order(n, rest);
	else if (strcmp(verb, "replace") == 0)
		change_order(n, true, rest);
	else if (strcmp(verb, "cancel") == 0)
		change_order(n, false, rest);
	else if (strcmp(verb, "mass") == 0)
	{
		ClrCommand	c = {.type = CLR_CMD_MASS_CANCEL, .account = accounts[n[0]]};

		c.u.mass_cancel.instrument = (uint32_t) n[1];
		c.u.mass_cancel.side = (uint8_t) n[2];
		send(&house, &c);
	}
	else if (strcmp(verb, "rule") == 0)
		set_field(CLR_SCOPE_INSTRUMENT, (uint64_t) n[0], 0, n[1], n[2]);
	else if (strcmp(verb, "maker") == 0)
		set_field(CLR_SCOPE_MAKER, (uint64_t) n[0], accounts[n[1]], CLR_MAKER_SHARE, n[2]);
	else if (strcmp(verb, "limit") == 0)
		set_field(CLR_SCOPE_ACCOUNT, accounts[n[0]], 0, n[1], n[2]);
	else if (strcmp(verb, "phase") == 0)
		enter_phase(n, rest);
	else if (strcmp(verb, "schedule") == 0)
		set_fields(CLR_SCOPE_SCHEDULE, n, rest);
	else if (strcmp(verb, "group") == 0)
		set_fields(CLR_SCOPE_GROUP, n, rest);
	else if (strcmp(verb, "quote") == 0)
		quote(n, rest);
	else if (strcmp(verb, "batch") == 0)
		batch(n, rest);
	else if (strcmp(verb, "mark") == 0)
		at_price(&house, CLR_CMD_SET_MARK_PRICE, (uint32_t) n[0], n[1]);
	else if (strcmp(verb, "settle") == 0)
		at_price(&house, CLR_CMD_SETTLE, (uint32_t) n[0], n[1]);
	else if (strcmp(verb, "spread") == 0)
		spread(n);
	else if (strcmp(verb, "wait") == 0)
	{
		house_block(&house, n[0] * 1000000);
		house.out = (ClrOutcome) {0};
	}
	else
	{
		fprintf(stderr, "unknown command \"%s\"\n", verb);
		exit(2);
	}
}

/*
 * What came of it
 */
static bool
is_over(uint8_t status)
{
	return status == CLR_STATUS_FILLED || status == CLR_STATUS_CANCELED ||
		status == CLR_STATUS_EXPIRED || status == CLR_STATUS_REJECTED;
}

static void
print_events(void)
{
	for (size_t at = 0; at < house.ev.len;)
	{
		const uint8_t *p = house.ev.data + at;
		uint8_t		type;
		size_t		len = clr_event_length(p, house.ev.len - at, &type);
		ClrOrderEvent o;
		ClrTradeEvent t;

		if (clr_event_decode_trade(p, len, &t))
			printf("; T %u %" PRId64 " %" PRId64 " %d %d", t.instrument, t.price, t.qty,
				   label_of(t.buy_order), label_of(t.sell_order));
		else if (clr_event_decode_order(p, len, &o) && is_over(o.ord_status))
		{
			Named	   *of = &named[label_of(o.order_id)];

			of->live = false;
			snprintf(of->ended, sizeof(of->ended), "%c %s %" PRId64, o.ord_status,
					 clr_reason_name(o.reason), o.cum_qty);
		}
		at += len;
	}
	for (int i = 0; i < labels; i++)
		if (named[i].ended[0] != '\0')
		{
			printf("; E %d %s", i, named[i].ended);
			named[i].ended[0] = '\0';
		}
}

/* What became of the orders of a batch. */
static void
print_outcomes(void)
{
	for (size_t at = 0; at < house.ev.len;)
	{
		uint8_t		type;
		size_t		len = clr_event_length(house.ev.data + at, house.ev.len - at, &type);
		ClrOutcome	o;

		if (clr_event_decode_outcome(house.ev.data + at, len, &o) && o.number >> 24 != 0)
		{
			printf("; O %u %s", o.number >> 24, clr_reason_name(o.reason));
			if (o.reason == 0 && o.type != CLR_CMD_CANCEL_ORDER)
				printf(" %c %" PRId64 " %" PRId64, o.ord_status, o.cum_qty, o.leaves_qty);
		}
		at += len;
	}
}

static void
print_phases(void)
{
	ClrInstrumentView v;

	for (uint32_t i = 1; i <= instruments && i <= INSTRUMENTS; i++)
		if (clr_get_instrument(house.e, i, &v) && v.phase != phases[i])
		{
			printf("; P %u %u", i, v.phase);
			phases[i] = v.phase;
		}
}

static int
by_priority(const void *a, const void *b)
{
	const ClrOrderView *x = a,
			   *y = b;
	bool		market_x = x->ord_type == CLR_ORD_MARKET,
				market_y = y->ord_type == CLR_ORD_MARKET;

	if (x->side != y->side)
		return x->side - y->side;
	if (market_x != market_y)
		return market_x ? -1 : 1;
	if (!market_x && x->price != y->price)
		return (x->price < y->price) == (x->side == CLR_SIDE_SELL) ? -1 : 1;
	return x->priority < y->priority ? -1 : 1;
}

static int64_t
attribute(const ClrOrderView *v, ClrAttr attr, int64_t otherwise)
{
	return (v->attrs_present >> attr & 1) != 0 ? v->attr[attr] : otherwise;
}

static void
print_waiting(const ClrOrderView *v, int label)
{
	int64_t		parked = attribute(v, CLR_ATTR_PARKED, 0);

	printf("; W %d %" PRId64 " %" PRId64 " %" PRId64, label, parked,
		   parked == CLR_PARKED_PEG ? 0 : v->price, v->leaves_qty);
	if ((v->attrs_present >> CLR_ATTR_STOP_PX & 1) != 0)
		printf(" stop %" PRId64, v->attr[CLR_ATTR_STOP_PX]);
}

static void
print_book(void)
{
	static ClrOrderView view[LABELS];
	int			n = 0;

	for (int i = 0; i < labels; i++)
	{
		if (!named[i].live || !clr_get_order(house.e, named[i].id, &view[n]))
			continue;
		if (attribute(&view[n], CLR_ATTR_PARKED, 0) != 0)
			print_waiting(&view[n], i);
		else
			n++;
	}
	qsort(view, (size_t) n, sizeof(view[0]), by_priority);
	for (uint32_t instrument = 1; instrument <= instruments; instrument++)
		for (uint8_t side = CLR_SIDE_BUY; side <= CLR_SIDE_SELL; side++)
			for (int i = 0, printed = 0; i < n; i++)
			{
				const ClrOrderView *v = &view[i];
				int64_t		shown = attribute(v, CLR_ATTR_SHOWN_QTY, v->leaves_qty);

				if (v->instrument != instrument || v->side != side)
					continue;
				if (printed++ == 0)
					printf("; B %u %u", instrument, side);
				printf(" %d@%" PRId64 ":%" PRId64, label_of(v->order_id), v->price, v->leaves_qty);
				if (shown != v->leaves_qty)
					printf("/%" PRId64, shown);
			}
}

int
main(void)
{
	static char line[16384];

	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		char		verb[16];
		int64_t		n[WORDS] = {0};
		int			used = 0;
		char	   *at = line;

		sscanf(line, "%15s%n", verb, &used);
		at += used;
		numbers(&at, n);
		execute(verb, n, at);
		printf("%s", clr_reason_name(house.out.reason));
		if (house.out.reason == 0 && (strcmp(verb, "new") == 0 || strcmp(verb, "replace") == 0))
			printf("; S %c %" PRId64 " %" PRId64, house.out.ord_status, house.out.cum_qty,
				   house.out.leaves_qty);
		if (house.out.reason != 0 && (strcmp(verb, "quote") == 0 || strcmp(verb, "batch") == 0))
			printf("; at %" PRIu64, house.out.id);
		print_outcomes();
		print_events();
		print_phases();
		print_book();
		printf("\n");
	}
	house_free(&house);
	return 0;
}
