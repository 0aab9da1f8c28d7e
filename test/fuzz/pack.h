/*
 * pack.h
 *	  Lists of operations (test/property/op.h) as bytes for the fuzzer.
 *
 * Any bytes are a list: a byte for the verb, then for each of its fields a byte
 * that says how many bytes of value follow (0, 1, 2 or 8, little-endian,
 * signed).  The operation's number is its place.
 */
#ifndef CLR_FUZZ_PACK_H
#define CLR_FUZZ_PACK_H

#include <string.h>

#include "op.h"

#define PACK_OPS	120			/* most operations of an input */

static inline unsigned
pack_verbs(void)
{
	unsigned	n = 0;

	while (op_verb(n) != NULL)
		n++;
	return n;
}

static inline uint8_t
pack_next(const uint8_t *data, size_t len, size_t *at)
{
	return *at < len ? data[(*at)++] : 0;
}

static inline int64_t
unpack_value(const uint8_t *data, size_t len, size_t *at)
{
	static const uint8_t sizes[] = {0, 1, 2, 8};
	unsigned	size = sizes[pack_next(data, len, at) & 3];
	uint64_t	v = 0;

	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t) pack_next(data, len, at) << 8 * i;
	return size == 1 ? (int8_t) v : size == 2 ? (int16_t) v : (int64_t) v;
}

static inline void
unpack(const uint8_t *data, size_t len, OpList *list)
{
	list->n = 0;
	for (size_t at = 0; at < len && list->n < PACK_OPS;)
	{
		Op		   *op = op_append(list);

		op->uid = (uint32_t) list->n;
		op->verb = (uint8_t) (pack_next(data, len, &at) % pack_verbs());
		for (size_t i = 0; i < op_verb(op->verb)->n; i++)
			op->v[i] = unpack_value(data, len, &at);
	}
}

/* Bytes used; operations that don't fit are left out. */
static inline size_t
pack(const OpList *list, uint8_t *data, size_t cap)
{
	size_t		at = 0;

	for (size_t k = 0; k < list->n && at + 1 + OP_FIELDS * 9 <= cap; k++)
	{
		const Op   *op = &list->ops[k];

		data[at++] = op->verb;
		for (size_t i = 0; i < op_verb(op->verb)->n; i++)
		{
			int64_t		v = op->v[i];
			unsigned	size = v == 0 ? 0 : v == (int8_t) v ? 1 : v == (int16_t) v ? 2 : 8;

			data[at++] = (uint8_t) (size == 8 ? 3 : size);
			for (unsigned b = 0; b < size; b++)
				data[at++] = (uint8_t) ((uint64_t) v >> 8 * b);
		}
	}
	return at;
}

#endif							/* CLR_FUZZ_PACK_H */
