/*
 * tap.h
 *	  The unit tests' harness: prints TAP, so that prove(1) runs them.
 *
 * A test program checks with ok(), is() and friends and ends with
 * done_testing(), whose value is its exit status.
 */
#ifndef CLR_TAP_H
#define CLR_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int	tap_count;
static int	tap_failed;

static inline bool
ok_at(bool pass, const char *file, int line, const char *format,...)
{
	va_list		args;

	printf("%s %d - ", pass ? "ok" : "not ok", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (!pass)
	{
		tap_failed++;
		printf("#   failed at %s line %d\n", file, line);
	}
	fflush(stdout);
	return pass;
}

#define ok(cond, ...) ok_at((cond), __FILE__, __LINE__, __VA_ARGS__)

static inline bool
is_at(int64_t got, int64_t want, const char *file, int line, const char *name)
{
	bool		pass = ok_at(got == want, file, line, "%s", name);

	if (!pass)
		printf("#   got %" PRId64 ", expected %" PRId64 "\n", got, want);
	return pass;
}

#define is(got, want, name) \
	is_at((int64_t) (got), (int64_t) (want), __FILE__, __LINE__, (name))

static inline bool
is_text_at(const char *got, const char *want, const char *file, int line,
		   const char *name)
{
	bool		pass = got && want ? strcmp(got, want) == 0 : got == want;

	ok_at(pass, file, line, "%s", name);
	if (!pass)
		printf("#   got \"%s\", expected \"%s\"\n", got ? got : "(null)",
			   want ? want : "(null)");
	return pass;
}

#define is_text(got, want, name) \
	is_text_at((got), (want), __FILE__, __LINE__, (name))

static inline void
skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
}

static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed == 0 ? 0 : 1;
}

#endif							/* CLR_TAP_H */
