/*
 * shrink.c
 *	  Delta debugging: the smallest list of operations that still fails.
 *
 * First what comes after the failure is cut off, then ever smaller ranges are
 * dropped, then values are made simpler, and again until nothing changes.  Any
 * failure counts: a list that breaks another rule on the way is as interesting.
 */
#include "play.h"

#include <stdlib.h>
#include <string.h>

#define MOST_PLAYS 6000			/* then what we have must do */

typedef struct Shrink
{
	OpList	   *list;
	PlayResult *result;
	unsigned	plays;
} Shrink;

/* Plays a candidate; if it fails as well it becomes the list. */
static bool
accept(Shrink *s, const OpList *candidate)
{
	PlayResult	result;

	if (s->plays >= MOST_PLAYS)
		return false;
	s->plays++;
	if (play_apart(candidate, &result))
		return false;
	memmove(s->list->ops, candidate->ops, candidate->n * sizeof(Op));
	s->list->n = candidate->n;
	*s->result = result;
	/* nothing after the failure matters */
	if (result.at + 1 < s->list->n)
		s->list->n = result.at + 1;
	return true;
}

static void
copy_without(OpList *to, const OpList *from, size_t start, size_t count)
{
	memcpy(to->ops, from->ops, start * sizeof(Op));
	memcpy(to->ops + start, from->ops + start + count, (from->n - start - count) * sizeof(Op));
	to->n = from->n - count;
}

static bool
drop_ranges(Shrink *s, OpList *scratch)
{
	bool		any = false;

	for (size_t size = s->list->n / 2; size > 0; size /= 2)
		for (size_t end = s->list->n; end > 0;)
		{
			size_t		count;

			/* from the end: what was accepted may have become shorter */
			end = end > s->list->n ? s->list->n : end;
			count = size < end ? size : end;
			copy_without(scratch, s->list, end - count, count);
			if (scratch->n > 0 && accept(s, scratch))
				any = true;
			end -= count;
		}
	return any;
}

/* Tries a few simpler values of a field, the simplest first. */
static bool
simplify_value(Shrink *s, OpList *scratch, size_t i, size_t k)
{
	const Field *f = &op_verb(s->list->ops[i].verb)->fields[k];
	int64_t		now = s->list->ops[i].v[k];
	bool		number = f->kind == NUMBER || f->kind == ATTR || f->kind == PAIR_VALUE;
	int64_t		tries[] = {f->simple, 0, 1, number ? now / 2 : now,
		number ? (int64_t) ((uint64_t) now - 1) : now, number ? now / 10 * 10 : now};

	/* where objects are named and what they are called keeps the rest meaningful */
	if (f->kind == SLOT || now == f->simple)
		return false;
	for (size_t t = 0; t < sizeof(tries) / sizeof(tries[0]); t++)
	{
		if (tries[t] == now || (t > 2 && (now > 0 ? tries[t] < 1 : tries[t] > -1)))
			continue;
		memcpy(scratch->ops, s->list->ops, s->list->n * sizeof(Op));
		scratch->n = s->list->n;
		scratch->ops[i].v[k] = tries[t];
		if (accept(s, scratch))
			return true;
		/* zero and one are only for what is far from simple */
		if (t == 0 && f->words != NULL)
			break;
	}
	return false;
}

static bool
simplify(Shrink *s, OpList *scratch)
{
	bool		any = false;

	for (size_t i = 0; i < s->list->n; i++)
		for (size_t k = 0; i < s->list->n && k < op_verb(s->list->ops[i].verb)->n; k++)
			for (int again = 0; again < 40 && i < s->list->n && simplify_value(s, scratch, i, k); again++)
				any = true;
	return any;
}

void
shrink_list(OpList *list, PlayResult *result)
{
	Shrink		s = {list, result, 0};
	OpList		scratch = {malloc((list->n + 1) * sizeof(Op)), 0, 0};
	bool		any = true;

	if (scratch.ops == NULL)
		abort();
	for (int round = 0; any && round < 6; round++)
	{
		any = drop_ranges(&s, &scratch);
		any = simplify(&s, &scratch) || any;
	}
	free(scratch.ops);
}
