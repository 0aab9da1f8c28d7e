/*
 * play.c
 *	  Plays operations into four engines that must agree:
 *	  - one command by command, watched by the accountant (watch.c); at each
 *		"restart" it is thrown away and restored from a read model of its events
 *	  - the one it was before the last restart, which must give the same events
 *	  - one that is given runs of commands (clr_engine_apply_run)
 *	  - at the end, a fresh one that replays everything
 */
#include "play.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch.h"

typedef struct Sent
{
	uint32_t	at;				/* in bytes */
	uint16_t	len;
	uint64_t	height;
	int64_t		time_us;
	uint32_t	number;
} Sent;

typedef struct Playing
{
	House		h;				/* now: highest block time so far */
	int64_t		clock;			/* of the last block, may go back */
	Watch		w;
	Mirror		mirror;
	Names		names;
	ClrEngine  *before;			/* what h was before a restart, or NULL */
	ClrEventBuffer before_ev;
	/* the one that gets runs */
	ClrEngine  *runs;
	ClrEventBuffer runs_ev;
	Bytes		pending;		/* commands it has not been given */
	Bytes		expected;		/* their events */
	uint32_t	n_pending;
	uint32_t	first_pending;
	int64_t		chunk;
	/* for the replay */
	Bytes		bytes;
	Sent	   *sent;
	size_t		n_sent;
	size_t		cap_sent;
	PlayResult *result;
} Playing;

static void
failed(Playing *p, const char *what)
{
	if (p->result->text[0] == '\0')
		snprintf(p->result->text, sizeof(p->result->text), "%s", what);
}

static void
append(Bytes *b, const uint8_t *data, size_t len)
{
	bytes_sink(b, data, len);
}

static bool
same_state(Playing *p, const ClrEngine *a, const ClrEngine *b, const char *what)
{
	static Bytes x;
	static Bytes y;

	x.len = y.len = 0;
	if (clr_engine_dump(a, bytes_sink, &x) && clr_engine_dump(b, bytes_sink, &y) &&
		x.len == y.len && memcmp(x.data, y.data, x.len) == 0)
		return true;
	failed(p, what);
	return false;
}

/* Empty blocks too (no bytes): their time matters. */
static void
keep(Playing *p, const uint8_t *data, size_t len)
{
	Sent	   *s;

	p->sent = mirror_grow(p->sent, &p->cap_sent, p->n_sent + 1, sizeof(Sent));
	s = &p->sent[p->n_sent++];
	*s = (Sent) {(uint32_t) p->bytes.len, (uint16_t) len, p->h.height, p->clock, p->h.number};
	if (len > 0)
		append(&p->bytes, data, len);
}

/* Gives the pending commands to the engine that gets runs. */
static void
flush_runs(Playing *p)
{
	size_t		used;
	uint32_t	applied;

	if (p->n_pending == 0)
		return;
	p->runs_ev.len = 0;
	if (!clr_engine_apply_run(p->runs, p->first_pending, p->pending.data, p->pending.len,
							  p->n_pending, &p->runs_ev, &used, &applied))
		failed(p, "apply_run: out of memory");
	if (applied != p->n_pending || used != p->pending.len)
		failed(p, "apply_run: did not apply all commands");
	if (p->runs_ev.len != p->expected.len ||
		memcmp(p->runs_ev.data, p->expected.data, p->expected.len) != 0)
		failed(p, "apply_run: gives other events than single commands");
	p->n_pending = 0;
	p->pending.len = p->expected.len = 0;
}

/* Opens the block in another engine: the same timers fire. */
static void
open_same(Playing *p, ClrEngine *e, ClrEventBuffer *ev, const char *what)
{
	ev->len = 0;
	if (!clr_engine_begin_block(e, p->h.height, p->clock, ev) || ev->len != p->h.ev.len ||
		(ev->len > 0 && memcmp(ev->data, p->h.ev.data, ev->len) != 0))
		failed(p, what);
}

static void
begin_block(Playing *p, const Op *op)
{
	House	   *h = &p->h;
	int64_t		advance = op == NULL ? 0 : op_get(op, "time");
	int64_t		chunk = op == NULL ? 16 : op_get(op, "chunk");

	flush_runs(p);
	/* clocks go wrong, but not by more than thirty years at once */
	p->clock = h->now + advance % INT64_C(1000000000000000);
	if (p->clock > h->now)
		h->now = p->clock;
	h->number = 0;
	h->ev.len = 0;
	if (!clr_engine_begin_block(h->e, ++h->height, p->clock, &h->ev))
		failed(p, "out of memory");
	watch_block(&p->w, h);
	if (p->w.text[0] != '\0')
		failed(p, p->w.text);
	mirror_take(&p->mirror, h);
	if (op != NULL)
		op_note(op, 0, &p->names, &h->ev);
	if (p->before != NULL)
		open_same(p, p->before, &p->before_ev, "restart: timers give other events");
	open_same(p, p->runs, &p->runs_ev, "apply_run: timers give other events");
	p->chunk = chunk < 1 ? 1 : chunk;
	keep(p, NULL, 0);
}

static void
send_to_before(Playing *p, const uint8_t *data, size_t len)
{
	if (p->before == NULL)
		return;
	p->before_ev.len = 0;
	if (!clr_engine_apply(p->before, p->h.number - 1, data, len, &p->before_ev, NULL) ||
		p->before_ev.len != p->h.ev.len ||
		memcmp(p->before_ev.data, p->h.ev.data, p->h.ev.len) != 0)
		failed(p, "restart: the restored engine gives other events");
}

static void
send_to_runs(Playing *p, const uint8_t *data, size_t len)
{
	if (p->n_pending == 0)
		p->first_pending = p->h.number - 1;
	append(&p->pending, data, len);
	append(&p->expected, p->h.ev.data, p->h.ev.len);
	if (++p->n_pending >= p->chunk)
		flush_runs(p);
}

/* A refused batch leaves the state as it was; a reference is all that it may use. */
static void
check_refused(Playing *p, const Bytes *before)
{
	static Bytes now;

	if (p->h.out.reason == CLR_OK || p->h.out.duplicate)
		return;
	watch_deep(&p->w, &p->h);
	if (p->w.text[0] != '\0')
		failed(p, p->w.text);
	now.len = 0;
	if (!clr_uses_reference(&p->h.out) &&
		(!clr_engine_dump(p->h.e, bytes_sink, &now) || now.len != before->len ||
		 memcmp(now.data, before->data, now.len) != 0))
		failed(p, "batch: refused, but the state is another one");
}

static void
play_command(Playing *p, const Op *op, size_t members)
{
	static uint8_t buf[CLR_LIST_MAX];
	static Bytes before;
	size_t		len = op_encode(op, members, &p->names, buf);

	if (len == 0)
		return;
	keep(p, buf, len);
	before.len = 0;
	if (members > 0)
		(void) clr_engine_dump(p->h.e, bytes_sink, &before);
	watch_command(&p->w, &p->h, buf, len);
	send_bytes(&p->h, buf, len);
	watch_events(&p->w, &p->h);
	if (p->w.text[0] != '\0')
	{
		failed(p, p->w.text);
		return;
	}
	if (members > 0)
		check_refused(p, &before);
	mirror_take(&p->mirror, &p->h);
	op_note(op, members, &p->names, &p->h.ev);
	send_to_before(p, buf, len);
	send_to_runs(p, buf, len);
}

static void
inspect(Playing *p)
{
	watch_deep(&p->w, &p->h);
	if (p->w.text[0] != '\0')
		failed(p, p->w.text);
}

/* What a server does that comes back: the engine is made from the read model. */
static void
restart(Playing *p)
{
	ClrEngine  *restored;

	inspect(p);
	if (p->result->text[0] != '\0')
		return;
	restored = mirror_restore(&p->mirror, &p->h);
	if (restored == NULL)
	{
		failed(p, "restart: the state can't be restored");
		return;
	}
	if (p->before != NULL)
		(void) same_state(p, p->before, p->h.e, "restart: the engine restored before has another state");
	clr_engine_free(p->before);
	p->before = p->h.e;
	p->h.e = restored;
	(void) same_state(p, p->before, p->h.e, "restart: the restored state differs");
}

static void
replay(Playing *p)
{
	ClrEngine  *e = clr_engine_create();
	ClrEventBuffer ev = {0};

	for (size_t i = 0; i < p->n_sent; i++)
	{
		const Sent *s = &p->sent[i];

		ev.len = 0;
		if (s->len == 0)
			(void) clr_engine_begin_block(e, s->height, s->time_us, &ev);
		else if (!clr_engine_apply(e, s->number, p->bytes.data + s->at, s->len, &ev, NULL))
			failed(p, "replay: out of memory");
	}
	(void) same_state(p, e, p->h.e, "replay: another state");
	free(ev.data);
	clr_engine_free(e);
}

static void
set_up(Playing *p, const OpList *list, PlayResult *result)
{
	memset(p, 0, sizeof(*p));
	p->result = result;
	result->text[0] = '\0';
	watch_init(&p->w);
	names_init(&p->names, list);
	p->h.e = clr_engine_create();
	p->runs = clr_engine_create();
	p->h.now = INT64_C(1700000000000000);
	begin_block(p, NULL);
}

static void
tear_down(Playing *p, PlayCounts *counts)
{
	if (counts != NULL)
	{
		counts->trades += p->w.all_trades;
		counts->batches += p->w.batches;
		counts->busts += p->w.busts;
		counts->refills += p->w.refills;
		counts->triggered += p->w.triggered;
		counts->trips += p->w.trips;
		counts->volatility += p->w.phases[CLR_PHASE_VOLATILITY_CALL];
		for (int i = 0; i < 8; i++)
			counts->timers += p->w.timers[i];
		for (int i = 0; i < OP_REASONS; i++)
			counts->reasons[i] += p->w.reasons[i];
	}
	clr_engine_free(p->before);
	clr_engine_free(p->runs);
	house_free(&p->h);
	watch_free(&p->w);
	mirror_free(&p->mirror);
	names_free(&p->names);
	free(p->before_ev.data);
	free(p->runs_ev.data);
	free(p->pending.data);
	free(p->expected.data);
	free(p->bytes.data);
	free(p->sent);
}

bool
play_list(const OpList *list, unsigned every, PlayResult *result, PlayCounts *counts)
{
	static Playing playing;
	Playing    *p = &playing;
	unsigned	since = 0;

	set_up(p, list, result);
	for (result->at = 0; result->at < list->n && result->text[0] == '\0'; result->at++)
	{
		const Op   *op = &list->ops[result->at];
		size_t		members = op_members(list, result->at);

		if (op_is(op, "block"))
			begin_block(p, op);
		else if (op_is(op, "restart"))
			restart(p);
		else
			play_command(p, op, members);
		result->at += members;
		if (result->text[0] == '\0' && ++since >= every)
		{
			inspect(p);
			since = 0;
		}
		if (result->text[0] != '\0')
			break;
		if (counts != NULL)
		{
			counts->operations += 1 + members;
			counts->restarts += op_is(op, "restart");
		}
	}
	if (result->text[0] == '\0')
		flush_runs(p);
	if (result->text[0] == '\0')
		restart(p);
	if (result->text[0] == '\0')
		(void) same_state(p, p->runs, p->h.e, "apply_run: another state at the end");
	if (result->text[0] == '\0')
		replay(p);
	tear_down(p, counts);
	return result->text[0] == '\0';
}

bool
play_apart(const OpList *list, PlayResult *result)
{
	int			fd[2];
	pid_t		pid;
	int			status = 0;
	ssize_t		got;

	fflush(NULL);
	if (pipe(fd) != 0 || (pid = fork()) < 0)
	{
		perror("fork");
		exit(2);
	}
	if (pid == 0)
	{
		close(fd[0]);
		/* what a sanitizer says is of interest once, at the end */
		if (freopen("/dev/null", "w", stderr) == NULL || freopen("/dev/null", "w", stdout) == NULL)
			_exit(2);
		alarm(20);
		(void) play_list(list, 1, result, NULL);
		got = write(fd[1], result, sizeof(*result));
		_exit(got == (ssize_t) sizeof(*result) ? 0 : 2);
	}
	close(fd[1]);
	got = read(fd[0], result, sizeof(*result));
	close(fd[0]);
	waitpid(pid, &status, 0);
	if (got == (ssize_t) sizeof(*result) && status == 0)
		return result->text[0] == '\0';
	result->at = list->n;
	if (WIFSIGNALED(status))
		snprintf(result->text, sizeof(result->text), "%s", WTERMSIG(status) == SIGALRM ?
				 "the engine does not come back" : "the engine crashes");
	else
		snprintf(result->text, sizeof(result->text), "a sanitizer stops the engine");
	return false;
}
