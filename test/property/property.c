/*
 * property.c
 *	  Random flows against the rules, shrunk when they break one.
 *
 * Run by test/property/run, which compiles it and says how to use it.
 *
 * Flows are played in child processes, so that a crash of the engine is found
 * and shrunk like everything else.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "play.h"
#include "tap.h"

#define FLOW_LENGTH 1500		/* most operations of a flow */
#define JOBS_MAX	16

typedef struct Options
{
	uint64_t	seed;
	uint64_t	operations;
	unsigned	jobs;
	unsigned	every;
	unsigned	seconds;		/* stop after so many, 0 = never */
	const char *save;			/* file for a failing list */
	const char *replay;
} Options;

/* What a child leaves for its parent, also if it crashes. */
typedef struct Shared
{
	uint64_t	seed;			/* being played */
	bool		failed;
	PlayCounts	counts;
} Shared;

static Options options = {1, 300000, 1, 40, 0, "property-failure.txt", NULL};

static void
flow_of(OpList *list, uint64_t seed)
{
	/* short ones too: they begin more often */
	op_generate(list, seed, seed % 4 == 0 ? 300 : FLOW_LENGTH);
}

static void
print_list(FILE *to, const OpList *list)
{
	for (size_t i = 0; i < list->n; i++)
		op_print(to, &list->ops[i]);
}

static void
child(Shared *shared, unsigned job)
{
	OpList		list = {0};
	PlayResult	result;
	time_t		end = time(NULL) + options.seconds;

	for (uint64_t seed = options.seed + job; !shared->failed; seed += options.jobs)
	{
		if (shared->counts.operations >= options.operations / options.jobs ||
			(options.seconds > 0 && time(NULL) >= end))
			break;
		shared->seed = seed;
		flow_of(&list, seed);
		alarm(60);
		if (!play_list(&list, options.every, &result, &shared->counts))
		{
			printf("# seed %" PRIu64 ", operation %zu: %s\n", seed, result.at, result.text);
			shared->failed = true;
		}
	}
	fflush(NULL);
	free(list.ops);
	exit(0);
}

/* Prints the smallest list found and saves it for --replay. */
static void
report(OpList *list)
{
	PlayResult	result;
	FILE	   *file;
	size_t		before = list->n;

	if (play_apart(list, &result))
	{
		printf("# it can't be repeated with an inspection after every command\n");
		return;
	}
	shrink_list(list, &result);
	printf("# %s\n# %zu of %zu operations are enough (%s):\n", result.text, list->n, before, options.save);
	for (size_t i = 0; i < list->n; i++)
	{
		printf("#   ");
		op_print(stdout, &list->ops[i]);
	}
	file = fopen(options.save, "w");
	if (file == NULL)
	{
		perror(options.save);
		return;
	}
	fprintf(file, "# %s\n", result.text);
	print_list(file, list);
	fclose(file);
}

static void
add_counts(PlayCounts *sum, const PlayCounts *c)
{
	const uint64_t *from = (const uint64_t *) c;
	uint64_t   *to = (uint64_t *) sum;

	/* all of it are numbers of the same kind */
	for (size_t i = 0; i < sizeof(*c) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

static int
play_random(void)
{
	Shared	   *shared = mmap(NULL, sizeof(Shared) * JOBS_MAX, PROT_READ | PROT_WRITE,
							  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec from;
	struct timespec to;
	PlayCounts	sum = {0};
	unsigned	kinds = 0;
	double		seconds;

	if (shared == MAP_FAILED)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &from);
	fflush(NULL);
	for (unsigned job = 0; job < options.jobs; job++)
		if (fork() == 0)
			child(&shared[job], job);
	for (int status; wait(&status) > 0;)
		;
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = (double) (to.tv_sec - from.tv_sec) + (double) (to.tv_nsec - from.tv_nsec) / 1e9;
	for (unsigned job = 0; job < options.jobs; job++)
	{
		Shared	   *s = &shared[job];
		bool		fine = !s->failed && (s->counts.operations >= options.operations / options.jobs ||
										 options.seconds > 0);

		add_counts(&sum, &s->counts);
		if (!ok(fine, "properties hold, job %u: %" PRIu64 " operations", job + 1, s->counts.operations))
		{
			OpList		list = {0};

			printf("# the flow of seed %" PRIu64 "\n", s->seed);
			flow_of(&list, s->seed);
			report(&list);
			free(list.ops);
		}
	}
	for (int i = 1; i < OP_REASONS; i++)
		kinds += sum.reasons[i] > 0;
	printf("# %" PRIu64 " operations, %" PRIu64 " trades, %" PRIu64 " restarts, %" PRIu64 " accepted, %u kinds of refusals; %.1f s, %.0f a second\n",
		   sum.operations, sum.trades, sum.restarts, sum.reasons[0], kinds, seconds,
		   (double) sum.operations / seconds);
	printf("# %" PRIu64 " batches, %" PRIu64 " busts and corrections, %" PRIu64 " refills, %" PRIu64 " stops triggered, %" PRIu64 " timers, %" PRIu64 " volatility calls, %" PRIu64 " trips\n",
		   sum.batches, sum.busts, sum.refills, sum.triggered, sum.timers, sum.volatility, sum.trips);
	for (int i = 0; i < OP_REASONS; i++)
		if (sum.reasons[i] > 0)
			printf("# %9" PRIu64 " %s\n", sum.reasons[i], clr_reason_name(i));
	ok(tap_failed > 0 || sum.trades > sum.operations / 50, "%" PRIu64 " trades", sum.trades);
	ok(tap_failed > 0 || (sum.reasons[0] > sum.operations / 5 && kinds >= 20), "accepted and refused for %u reasons", kinds);
	return done_testing();
}

static int
play_file(const char *path)
{
	OpList		list = {0};
	PlayResult	result;
	char		line[1024];
	FILE	   *file = fopen(path, "r");

	if (file == NULL)
	{
		perror(path);
		return 2;
	}
	while (fgets(line, sizeof(line), file) != NULL)
	{
		Op			op;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!op_read(line, &op))
		{
			fprintf(stderr, "can't read: %s", line);
			return 2;
		}
		*op_append(&list) = op;
	}
	fclose(file);
	/* here, so that a debugger and the sanitizers' reports are of use */
	ok(play_list(&list, 1, &result, NULL), "replay of %s, %zu operations", path, list.n);
	if (result.text[0] != '\0')
	{
		printf("# operation %zu: %s\n", result.at + 1, result.text);
		if (result.at < list.n)
		{
			printf("#   ");
			op_print(stdout, &list.ops[result.at]);
		}
	}
	free(list.ops);
	return done_testing();
}

/* A list that is printed and read again is the same list. */
static void
check_text(void)
{
	OpList		list = {0};
	bool		same = true;
	char	   *text = NULL;
	size_t		size;

	flow_of(&list, options.seed);
	for (size_t i = 0; i < list.n && same; i++)
	{
		FILE	   *to = open_memstream(&text, &size);
		Op			op;

		op_print(to, &list.ops[i]);
		fclose(to);
		same = op_read(text, &op) && memcmp(&op, &list.ops[i], sizeof(op)) == 0;
		if (!same)
			printf("# %s", text);
		free(text);
	}
	ok(same, "operations can be printed and read");
	free(list.ops);
}

static void
usage(void)
{
	fprintf(stderr, "usage: property [--seed N] [--operations N] [--seconds N] [--jobs N]\n"
			"                [--every N] [--rich MASK] [--save FILE] | --replay FILE | --show SEED\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		const char *name = argv[i];
		const char *value = i + 1 < argc ? argv[++i] : "";
		uint64_t	n = strtoull(value, NULL, 10);

		if (strcmp(name, "--seed") == 0)
			options.seed = n;
		else if (strcmp(name, "--operations") == 0)
			options.operations = n;
		else if (strcmp(name, "--seconds") == 0)
			options.seconds = (unsigned) n;
		else if (strcmp(name, "--rich") == 0)
			op_rich = (unsigned) n;
		else if (strcmp(name, "--jobs") == 0)
			options.jobs = n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned) n;
		else if (strcmp(name, "--every") == 0)
			options.every = n < 1 ? 1 : (unsigned) n;
		else if (strcmp(name, "--save") == 0)
			options.save = value;
		else if (strcmp(name, "--replay") == 0)
			options.replay = value;
		else if (strcmp(name, "--show") == 0)
		{
			OpList		list = {0};

			flow_of(&list, n);
			print_list(stdout, &list);
			free(list.ops);
			return 0;
		}
		else
			usage();
	}
	if (options.replay != NULL)
		return play_file(options.replay);
	check_text();
	return play_random();
}
