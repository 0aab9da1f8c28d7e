/*
 * digest.c
 *	  The digest of a block's events.
 *
 * Run by every process that holds an engine, once for each block.  See
 * journal.h for what it is made of.
 *
 * Events are a function of the commands, which SHA-256 covers, so nobody can
 * choose them; the digest only has to tell two different results of the same
 * commands apart.  There are several times as many bytes of events as of
 * commands, and hashing them with SHA-256 took a fifth of the time that a
 * block takes at all.  Each lane's step is a bijection of the word and of the
 * lane: results that differ in one word always differ in their digest, others
 * do but for one in 2^64.
 */
#include "postgres.h"

#include "engine/codec.h"
#include "journal/journal.h"

#define LANES	4
#define STRIPE	(LANES * 8)

/* The two first primes of XXH64. */
#define PRIME_1	UINT64CONST(0x9E3779B185EBCA87)
#define PRIME_2	UINT64CONST(0xC2B2AE3D27D4EB4F)

static inline uint64
step(uint64 lane, const uint8_t *word)
{
	lane += clr_get_u64(word) * PRIME_2;
	lane = (lane << 31) | (lane >> 33);
	return lane * PRIME_1;
}

void
clr_event_digest(const uint8_t *events, size_t len, uint8_t *out)
{
	uint64		a = PRIME_1 + PRIME_2;
	uint64		b = PRIME_2;
	uint64		c = 0;
	uint64		d = -PRIME_1;
	uint8_t		sum[8 + 2 * STRIPE];
	size_t		at = 0;

	for (; len - at >= STRIPE; at += STRIPE)
	{
		a = step(a, events + at);
		b = step(b, events + at + 8);
		c = step(c, events + at + 16);
		d = step(d, events + at + 24);
	}
	clr_put_u64(sum, len);
	clr_put_u64(sum + 8, a);
	clr_put_u64(sum + 16, b);
	clr_put_u64(sum + 24, c);
	clr_put_u64(sum + 32, d);
	if (at < len)
		memcpy(sum + 40, events + at, len - at);
	clr_sha256(sum, 40 + len - at, out);
}
