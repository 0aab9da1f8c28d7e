/*
 * fuzz_engine.c
 *	  libFuzzer target: bytes are a list of operations (pack.h), played as the
 *	  property tests play theirs, with all their rules (test/property).
 *
 * Run by test/fuzz/run.  The mutator knows the table of operations: it adds,
 * drops, repeats and moves operations and changes single values, so that what
 * it makes is again a flow that gets somewhere.  A failing input is printed as
 * a list for test/property/run --replay.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "play.h"

#define EVERY 50				/* commands between deep inspections */

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static OpList list;
	PlayResult	result;

	unpack(data, len, &list);
	if (play_list(&list, EVERY, &result, NULL))
		return 0;
	fprintf(stderr, "# operation %zu: %s\n", result.at + 1, result.text);
	for (size_t i = 0; i < list.n; i++)
		op_print(stderr, &list.ops[i]);
	abort();
}

static void
drop(OpList *list, unsigned random)
{
	size_t		at = random % list->n;

	memmove(list->ops + at, list->ops + at + 1, (list->n - at - 1) * sizeof(Op));
	list->n--;
}

/* A value of one operation: the fuzzer's own mutation of its bytes. */
static void
change(OpList *list, unsigned random)
{
	Op		   *op = &list->ops[random % list->n];
	size_t		n = op_verb(op->verb)->n;
	int64_t    *v;

	if (n == 0)
		return;
	v = &op->v[random / 256 % n];
	if (random >> 20 & 1)
		*v = (int64_t) (random >> 21) % 8;
	else
		(void) LLVMFuzzerMutate((uint8_t *) v, sizeof(*v), sizeof(*v));
}

/* An operation again, at the end or in place of another. */
static void
repeat(OpList *list, unsigned random)
{
	Op			copy = list->ops[random % list->n];

	if (random & 1 << 30)
		*op_append(list) = copy;
	else
		list->ops[random / 256 % list->n] = copy;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	static OpList list;
	uint64_t	random = (uint64_t) seed * UINT64_C(0x9E3779B97F4A7C15) >> 16;

	unpack(data, size, &list);
	/* new operations are made by the generator, which fits them to the list */
	if (list.n == 0)
		op_generate(&list, seed, 20);
	else
		switch (random % 8)
		{
			case 0:
				drop(&list, (unsigned) (random >> 3));
				break;
			case 1:
				repeat(&list, (unsigned) (random >> 3));
				break;
			case 2:
			case 3:
				op_extend(&list, seed, list.n + 1 + random / 8 % 6);
				break;
			default:
				change(&list, (unsigned) (random >> 3));
				break;
		}
	return pack(&list, data, max);
}

/* The first part of one flow, the second of another. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
						  uint8_t *out, size_t max, unsigned seed)
{
	static OpList first;
	static OpList second;
	size_t		from;

	unpack(a, a_len, &first);
	unpack(b, b_len, &second);
	if (first.n == 0 || second.n == 0)
		return pack(&first, out, max);
	first.n = 1 + seed % first.n;
	from = seed / 256 % second.n;
	for (size_t i = from; i < second.n && first.n < PACK_OPS; i++)
		*op_append(&first) = second.ops[i];
	return pack(&first, out, max);
}
