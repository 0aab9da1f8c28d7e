/*
 * play.c
 *	  The house that the engine's command line tools play in; see play.h.
 */
#include "tools/play.h"

void
play_die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

void
play_block(Play *play, int64_t advance_us)
{
	play->now += advance_us;
	play->number = 0;
	play->events.len = 0;
	if (!clr_engine_begin_block(play->engine, ++play->height, play->now,
								&play->events))
		play_die("out of memory");
}

void
play_bytes(Play *play, const uint8_t *data, size_t len)
{
	play->events.len = 0;
	if (!clr_engine_apply(play->engine, play->number++, data, len,
						  &play->events, &play->outcome))
		play_die("out of memory");
}

size_t
play_send(Play *play, const ClrCommand *cmd, uint8_t *buf)
{
	size_t		len = clr_command_encode(cmd, buf);

	if (len == 0)
		play_die("a command cannot be encoded");
	play_bytes(play, buf, len);
	return len;
}

/* For commands that must be accepted. */
static void
must(Play *play, const ClrCommand *cmd)
{
	uint8_t		buf[CLR_COMMAND_MAX];

	play_send(play, cmd, buf);
	if (play->outcome.reason != CLR_OK)
	{
		fprintf(stderr, "%s: %s\n", clr_command_name(cmd->type),
				clr_reason_name(play->outcome.reason));
		exit(2);
	}
}

static void
add_account(Play *play, uint32_t n)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_ACCOUNT};
	char		name[32];

	c.text = play_text(name, "account", n);
	c.u.account.member = 1;
	c.u.account.account_type = CLR_ACCOUNT_TYPE_CLIENT;
	must(play, &c);
	c = (ClrCommand) {.type = CLR_CMD_DEPOSIT, .account = (uint32_t) play->outcome.id};
	c.u.cash.asset = 1;
	c.u.cash.amount = n < 2 ? INT64_C(100000000000000000) : INT64_C(1000000000000);
	must(play, &c);
}

uint32_t
play_add_accounts(Play *play, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		add_account(play, 2 + i);
	return PLAY_SELLER + 1;
}

static void
add_future(Play *play, const PlayFuture *future)
{
	ClrCommand	c = {.type = CLR_CMD_CREATE_INSTRUMENT};
	char		name[32];

	c.text = play_text(name, "FUT", 1);
	c.u.instrument.kind = CLR_INSTRUMENT_FUTURE;
	c.u.instrument.margin_basis = CLR_BASIS_RATE;
	c.u.instrument.fee_basis = CLR_BASIS_LOT;
	c.u.instrument.replace_priority = future->replace_priority;
	c.u.instrument.phase = future->phase;
	c.u.instrument.quote_asset = 1;
	c.u.instrument.tick_size = 1;
	c.u.instrument.lot_size = 1;
	c.u.instrument.multiplier = future->tick_value;
	c.u.instrument.initial_margin = 100000;
	c.u.instrument.maintenance_margin = 75000;
	c.u.instrument.reference_price = future->mark;
	c.u.instrument.has_reference_price = 1;
	must(play, &c);
}

void
play_open(Play *play, const PlayFuture *future)
{
	ClrCommand	c = {.type = CLR_CMD_OPEN_HOUSE};
	char		name[32];

	memset(play, 0, sizeof(*play));
	play->engine = clr_engine_create();
	if (play->engine == NULL)
		play_die("out of memory");
	play_block(play, INT64_C(1700000000000000));
	c.text = play_text(name, "house", 1);
	c.u.open.retention_us = INT64_C(86400000000);
	must(play, &c);
	c = (ClrCommand) {.type = CLR_CMD_CREATE_ASSET};
	c.text = play_text(name, "CASH", 1);
	must(play, &c);
	c = (ClrCommand) {.type = CLR_CMD_CREATE_MEMBER};
	c.text = play_text(name, "M", 1);
	must(play, &c);
	add_account(play, 0);
	add_account(play, 1);
	add_future(play, future);
}

void
play_close(Play *play)
{
	clr_engine_free(play->engine);
	free(play->events.data);
}

uint8_t *
play_read_file(const char *path, size_t *len)
{
	FILE	   *f = fopen(path, "rb");
	uint8_t    *data = NULL;
	size_t		cap = 0;
	size_t		n;

	if (f == NULL)
	{
		perror(path);
		exit(2);
	}
	*len = 0;
	do
	{
		if (cap - *len < 65536)
		{
			cap = cap ? cap * 2 : 1 << 20;
			data = realloc(data, cap);
			if (data == NULL)
				play_die("out of memory");
		}
		n = fread(data + *len, 1, cap - *len - 1, f);
		*len += n;
	} while (n > 0);
	data[*len] = 0;
	fclose(f);
	return data;
}

char *
play_split(char *line, char **fields, int n)
{
	char	   *end = strchr(line, '\n');

	for (int i = 0; i < n; i++)
	{
		fields[i] = line;
		line += strcspn(line, ",\n\r");
		if (*line == ',')
			*line++ = '\0';
	}
	if (end == NULL)
		return line + strlen(line);
	*line = '\0';
	*end = '\0';
	return end + 1;
}

void
play_ids_init(PlayIds *ids, size_t most)
{
	ids->mask = 1023;
	while (ids->mask < most * 2)
		ids->mask = ids->mask * 2 + 1;
	ids->keys = calloc(ids->mask + 1, sizeof(uint64_t));
	ids->values = calloc(ids->mask + 1, sizeof(uint64_t));
	if (ids->keys == NULL || ids->values == NULL)
		play_die("out of memory");
}

void
play_ids_free(PlayIds *ids)
{
	free(ids->keys);
	free(ids->values);
}

uint64_t *
play_id(PlayIds *ids, uint64_t key)
{
	uint64_t	i = (key * UINT64_C(0x9E3779B97F4A7C15) >> 32) & ids->mask;

	while (ids->keys[i] != 0 && ids->keys[i] != key)
		i = (i + 1) & ids->mask;
	ids->keys[i] = key;
	return &ids->values[i];
}
