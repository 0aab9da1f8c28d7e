/*
 * text.c
 *	  The content hash and the check of names and references.
 *
 * clr_xxh64() is XXH64 as published by its author (BSD-2-Clause); it reads
 * little-endian words, so equal bytes give equal hashes on every machine.
 */
#include "engine/internal.h"

#define P1 UINT64_C(0x9E3779B185EBCA87)
#define P2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define P3 UINT64_C(0x165667B19E3779F9)
#define P4 UINT64_C(0x85EBCA77C2B2AE63)
#define P5 UINT64_C(0x27D4EB2F165667C5)

static inline uint64_t
rotl(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static inline uint64_t
lane(uint64_t acc, uint64_t word)
{
	return rotl(acc + word * P2, 31) * P1;
}

static inline uint64_t
merge(uint64_t h, uint64_t acc)
{
	return (h ^ lane(0, acc)) * P1 + P4;
}

/* The last 0..31 bytes, and the avalanche. */
static uint64_t
finish(uint64_t h, const uint8_t *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8)
		h = rotl(h ^ lane(0, clr_get_u64(p)), 27) * P1 + P4;
	if (len >= 4)
	{
		h = rotl(h ^ clr_get_u32(p) * P1, 23) * P2 + P3;
		p += 4;
		len -= 4;
	}
	for (; len > 0; p++, len--)
		h = rotl(h ^ *p * P5, 11) * P1;
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

uint64_t
clr_xxh64(const uint8_t *data, size_t len, uint64_t seed)
{
	const uint8_t *p = data;
	size_t		left = len;
	uint64_t	h = seed + P5;

	if (left >= 32)
	{
		uint64_t	a = seed + P1 + P2,
					b = seed + P2,
					c = seed,
					d = seed - P1;

		for (; left >= 32; p += 32, left -= 32)
		{
			a = lane(a, clr_get_u64(p));
			b = lane(b, clr_get_u64(p + 8));
			c = lane(c, clr_get_u64(p + 16));
			d = lane(d, clr_get_u64(p + 24));
		}
		h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
		h = merge(merge(merge(merge(h, a), b), c), d);
	}
	return finish(h + len, p, left);
}

/* Length of the valid character at p, 0 if there is none. */
static size_t
utf8_char(const uint8_t *p, size_t len)
{
	uint32_t	code;
	uint32_t	least;
	size_t		n;

	if (p[0] < 0x80)
		return p[0] >= 0x20 && p[0] != 0x7F;
	if (p[0] >= 0xC2 && p[0] < 0xE0)
	{
		n = 2;
		code = p[0] & 0x1F;
		least = 0xA0;			/* U+0080..U+009F are controls */
	}
	else if (p[0] >= 0xE0 && p[0] < 0xF0)
	{
		n = 3;
		code = p[0] & 0x0F;
		least = 0x800;
	}
	else if (p[0] >= 0xF0 && p[0] < 0xF5)
	{
		n = 4;
		code = p[0] & 0x07;
		least = 0x10000;
	}
	else
		return 0;
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++)
	{
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3F);
	}
	if (code < least || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
		return 0;
	return n;
}

bool
clr_text_valid(const uint8_t *data, size_t len)
{
	/* plain ASCII, eight bytes at a time, is by far the usual case */
	while (len >= 8)
	{
		uint64_t	w = clr_get_u64(data);
		const uint64_t ones = UINT64_C(0x0101010101010101);

		/* any byte >= 0x80, < 0x20 or = 0x7f goes the slow way */
		if (((w | (w - ones * 0x20) | (w + ones)) & ones * 0x80) != 0)
			break;
		data += 8;
		len -= 8;
	}
	while (len > 0)
	{
		size_t		n = utf8_char(data, len);

		if (n == 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}
