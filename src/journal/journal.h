/*
 * journal.h
 *	  Blocks: hash chain, append and read through clearing_state.journal.
 *
 * Run by the engine worker (append, read), the projector and verify (read).
 * Every function that touches the table needs an open transaction with a
 * snapshot and an SPI connection of the caller's.
 *
 * Hashing.  All integers little-endian.
 *	event digest = SHA-256(length of the block's events u64 || a u64 || b u64 ||
 *				   c u64 || d u64 || the events' last (length mod 32) bytes)
 *				   where the words of the events before those go through
 *				   the lanes a, b, c, d, a, b, ... of XXH64 with seed 0:
 *				   lane = rotate_left(lane + word * PRIME_2, 31) * PRIME_1
 *	block hash	 = SHA-256("clr1" || height u64 || epoch u64 || time i64 ||
 *				   ruleset u32 || first command u64 || count u32 ||
 *				   prev hash 32 || SHA-256(commands) 32 || event digest 32)
 * The first block has height 1 and a previous hash of 32 zero bytes.
 */
#ifndef CLR_JOURNAL_H
#define CLR_JOURNAL_H

#include "engine/engine.h"

#define CLR_HASH_LEN 32

typedef struct ClrBlock
{
	uint64_t	height;
	uint64_t	epoch;
	int64_t		time_us;		/* microseconds since 1970 */
	uint32_t	ruleset;
	uint64_t	first_command;	/* number of its first command in the journal */
	uint32_t	n_commands;
	uint8_t		prev_hash[CLR_HASH_LEN];
	const uint8_t *commands;
	size_t		commands_len;
	uint8_t		event_digest[CLR_HASH_LEN];
	uint8_t		block_hash[CLR_HASH_LEN];
} ClrBlock;

/* The end of a chain: what the next block must continue. */
typedef struct ClrChain
{
	uint64_t	height;			/* 0 = nothing yet */
	uint64_t	epoch;
	uint64_t	next_command;
	int64_t		time_us;
	uint8_t		hash[CLR_HASH_LEN];
} ClrChain;

typedef enum ClrBlockFault
{
	CLR_BLOCK_OK = 0,
	CLR_BLOCK_OUT_OF_MEMORY,
	CLR_BLOCK_BAD_SEQUENCE,		/* height, epoch, time or command number */
	CLR_BLOCK_BAD_PREV_HASH,
	CLR_BLOCK_BAD_HASH,
	CLR_BLOCK_BAD_COMMANDS,		/* can't be framed, or count differs */
	CLR_BLOCK_UNKNOWN_RULESET,
	CLR_BLOCK_DIGEST_DIFFERS	/* re-execution gave other events */
} ClrBlockFault;

extern const char *clr_block_fault_text(ClrBlockFault fault);

/* SHA-256 through PostgreSQL's cryptohash. */
extern void clr_sha256(const uint8_t *data, size_t len, uint8_t *out);
/* Digest of a block's events. */
extern void clr_event_digest(const uint8_t *events, size_t len, uint8_t *out);
/* Fills event_digest from events and block_hash from everything. */
extern void clr_block_seal(ClrBlock *block, const uint8_t *events, size_t events_len);

/* The chain now ends with this block. */
extern void clr_chain_advance(ClrChain *chain, const ClrBlock *block);

/*
 * Checks that block continues chain and hashes to what it says, re-executes
 * it in engine (events replaced by its events) and compares the digest; on
 * success advances chain.  On a fault the engine must be discarded.
 * actual_digest (may be NULL) receives the digest of the re-execution.
 */
extern ClrBlockFault clr_block_execute(ClrEngine *engine, ClrChain *chain,
									   const ClrBlock *block,
									   ClrEventBuffer *events,
									   uint8_t *actual_digest);

/*
 * Called for each block in order; its bytes are valid during the call.
 * Return false to stop.
 */
typedef bool (*ClrBlockCallback) (void *arg, const ClrBlock *block);

/* Blocks with after < height <= upto, at most max_blocks; number delivered. */
extern uint64_t clr_journal_read(uint64_t after, uint64_t upto, int max_blocks,
								 ClrBlockCallback callback, void *arg);
/* Header of one block; false if there is none. */
extern bool clr_journal_chain_at(uint64_t height, ClrChain *chain);
/* Is the block that chain ends with still there?  (True for no block.) */
extern bool clr_journal_holds(const ClrChain *chain);
/* Height of the last visible block, 0 if none. */
extern uint64_t clr_journal_last_height(void);
extern void clr_journal_append(const ClrBlock *block);

#endif							/* CLR_JOURNAL_H */
