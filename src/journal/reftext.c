/*
 * reftext.c
 *	  References and names, which are bytes to the engine, as SQL text.
 *
 * Run by the projector (to show), restore (to read back) and backends that
 * decode replies.  No locks, no tables.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "compat.h"
#include "journal/reftext.h"

#define HEX_PREFIX		"\\x"
#define HEX_PREFIX_LEN	2

static bool
has_prefix(const char *data, size_t len)
{
	return len >= HEX_PREFIX_LEN && memcmp(data, HEX_PREFIX, HEX_PREFIX_LEN) == 0;
}

text *
clr_text_from_bytes(const uint8_t *data, size_t len)
{
	const char *chars = (const char *) data;
	text	   *shown;

	if (!has_prefix(chars, len) &&
		pg_verify_mbstr(GetDatabaseEncoding(), chars, (int) len, true))
		return cstring_to_text_with_len(chars, (int) len);
	shown = palloc(VARHDRSZ + HEX_PREFIX_LEN + 2 * len);
	SET_VARSIZE(shown, VARHDRSZ + HEX_PREFIX_LEN + 2 * len);
	memcpy(VARDATA(shown), HEX_PREFIX, HEX_PREFIX_LEN);
	hex_encode(chars, len, VARDATA(shown) + HEX_PREFIX_LEN);
	return shown;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Only what clr_text_from_bytes() writes is taken for hexadecimal. */
static int
bytes_from_hex(const char *digits, size_t n, uint8_t *out, int max)
{
	if (n % 2 != 0 || n / 2 > (size_t) max)
		return -1;
	for (size_t i = 0; i < n; i += 2)
	{
		int			high = hex_digit(digits[i]);
		int			low = hex_digit(digits[i + 1]);

		if (high < 0 || low < 0)
			return -1;
		out[i / 2] = (uint8_t) (high << 4 | low);
	}
	return (int) (n / 2);
}

int
clr_text_to_bytes(const text *shown, uint8_t *out, int max)
{
	const char *chars = VARDATA_ANY(shown);
	size_t		len = VARSIZE_ANY_EXHDR(shown);

	if (has_prefix(chars, len))
		return bytes_from_hex(chars + HEX_PREFIX_LEN, len - HEX_PREFIX_LEN,
							  out, max);
	if (len > (size_t) max)
		return -1;
	memcpy(out, chars, len);
	return (int) len;
}
