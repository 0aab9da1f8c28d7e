/*
 * codec.h
 *	  Little-endian integers at unaligned addresses, on any machine.
 *
 * Used by the command and event codecs and by whoever reads their bytes.
 * Compilers turn each of these into one load or store where the machine is
 * little-endian.
 */
#ifndef CLR_CODEC_H
#define CLR_CODEC_H

#include <stdint.h>

static inline void
clr_put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t) v;
	p[1] = (uint8_t) (v >> 8);
}

static inline void
clr_put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t) v;
	p[1] = (uint8_t) (v >> 8);
	p[2] = (uint8_t) (v >> 16);
	p[3] = (uint8_t) (v >> 24);
}

static inline void
clr_put_u64(uint8_t *p, uint64_t v)
{
	clr_put_u32(p, (uint32_t) v);
	clr_put_u32(p + 4, (uint32_t) (v >> 32));
}

static inline void
clr_put_i64(uint8_t *p, int64_t v)
{
	clr_put_u64(p, (uint64_t) v);
}

static inline uint16_t
clr_get_u16(const uint8_t *p)
{
	return (uint16_t) (p[0] | (unsigned) p[1] << 8);
}

static inline uint32_t
clr_get_u32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 |
		(uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

static inline uint64_t
clr_get_u64(const uint8_t *p)
{
	return (uint64_t) clr_get_u32(p) | (uint64_t) clr_get_u32(p + 4) << 32;
}

static inline int64_t
clr_get_i64(const uint8_t *p)
{
	/* two's complement without implementation-defined conversion */
	uint64_t	v = clr_get_u64(p);

	return v <= INT64_MAX ? (int64_t) v : (int64_t) (v - INT64_MAX - 1) + INT64_MIN;
}

#endif							/* CLR_CODEC_H */
