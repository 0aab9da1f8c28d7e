/*
 * play.h
 *	  What the engine's command line tools share: a house with one future and
 *	  two well-funded accounts, and short ways to send commands.
 *
 * Buys go to one account and sells to the other, so self-match prevention
 * never interferes with a stream that knows no accounts.
 */
#ifndef CLR_PLAY_H
#define CLR_PLAY_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/codec.h"
#include "engine/engine.h"

#define PLAY_BUYER	16
#define PLAY_SELLER 17
#define PLAY_FUTURE 1

typedef struct Play
{
	ClrEngine  *engine;
	ClrEventBuffer events;		/* of the last command */
	ClrOutcome	outcome;
	uint64_t	height;
	int64_t		now;
	uint32_t	number;
} Play;

/* What the future of a play is like. */
typedef struct PlayFuture
{
	uint8_t		replace_priority;
	uint8_t		phase;
	int64_t		mark;
	int64_t		tick_value;		/* minor units per tick and lot */
} PlayFuture;

extern void play_die(const char *what);
extern void play_open(Play *play, const PlayFuture *future);
extern void play_close(Play *play);
extern void play_block(Play *play, int64_t advance_us);
extern void play_bytes(Play *play, const uint8_t *data, size_t len);
extern size_t play_send(Play *play, const ClrCommand *cmd, uint8_t *buf);
/* Accounts and cash beyond the two: `count` more, returns the first. */
extern uint32_t play_add_accounts(Play *play, uint32_t count);
/* The file's bytes with a zero behind them. */
extern uint8_t *play_read_file(const char *path, size_t *len);
/* Splits a line at its commas; returns the start of the next line. */
extern char *play_split(char *line, char **fields, int n);

/* Other people's ids to the engine's: open addressing, nothing is removed. */
typedef struct PlayIds
{
	uint64_t   *keys;
	uint64_t   *values;
	uint64_t	mask;
} PlayIds;

extern void play_ids_init(PlayIds *ids, size_t most);
extern void play_ids_free(PlayIds *ids);
/* The value of a key (not 0), 0 if it is new. */
extern uint64_t *play_id(PlayIds *ids, uint64_t key);

static inline uint32_t
play_account(int is_sell)
{
	return is_sell ? PLAY_SELLER : PLAY_BUYER;
}

static inline ClrText
play_text(char *buf, const char *prefix, uint64_t n)
{
	ClrText		text;

	text.data = (const uint8_t *) buf;
	text.len = (size_t) sprintf(buf, "%s%" PRIu64, prefix, n);
	return text;
}

#endif							/* CLR_PLAY_H */
