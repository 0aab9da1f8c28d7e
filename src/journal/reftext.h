/*
 * reftext.h
 *	  References and names, which are bytes to the engine, as SQL text.
 *
 * Bytes that are text in the database's encoding are shown as they are.
 * Other bytes, and text that begins with "\x", are shown as "\x" and
 * hexadecimal digits, so that every value has exactly one form and comes back
 * unchanged.
 */
#ifndef CLR_REFTEXT_H
#define CLR_REFTEXT_H

#include "postgres.h"

#include "engine/types.h"

/* A palloc'd text showing the bytes. */
extern text *clr_text_from_bytes(const uint8_t *data, size_t len);

/* The bytes behind a text; their number, or -1 if they are more than max. */
extern int	clr_text_to_bytes(const text *shown, uint8_t *out, int max);

#endif							/* CLR_REFTEXT_H */
