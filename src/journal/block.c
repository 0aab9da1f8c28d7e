/*
 * block.c
 *	  Hashing, checking and re-executing blocks; no tables.
 *
 * Run by every process that holds an engine.  See journal.h for what is
 * hashed and in which order.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"

#include "engine/codec.h"
#include "errors.h"
#include "journal/journal.h"

StaticAssertDecl(CLR_HASH_LEN == PG_SHA256_DIGEST_LENGTH,
				 "hashes of the journal are SHA-256");

/* Replay looks for interrupts this often, well below a millisecond. */
#define CLR_INTERRUPT_EVERY 512

const char *
clr_block_fault_text(ClrBlockFault fault)
{
	switch (fault)
	{
		case CLR_BLOCK_OK:
			return "none";
		case CLR_BLOCK_OUT_OF_MEMORY:
			return "out of memory";
		case CLR_BLOCK_BAD_SEQUENCE:
			return "height, epoch, time or command number does not continue the chain";
		case CLR_BLOCK_BAD_PREV_HASH:
			return "previous hash differs from the hash of the previous block";
		case CLR_BLOCK_BAD_HASH:
			return "block does not have the hash it states";
		case CLR_BLOCK_BAD_COMMANDS:
			return "commands cannot be framed or are not as many as stated";
		case CLR_BLOCK_UNKNOWN_RULESET:
			return "ruleset version is not known to this library";
		case CLR_BLOCK_DIGEST_DIFFERS:
			return "re-execution gives other events";
	}
	return "unknown fault";
}

static pg_cryptohash_ctx *
sha256_begin(void)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);

	if (ctx == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory")));
	return ctx;
}

/* One hash; a context can make many, and making one costs more than a hash. */
static void
sha256_one(pg_cryptohash_ctx *ctx, const uint8_t *data, size_t len, uint8_t *out)
{
	if (pg_cryptohash_init(ctx) >= 0 &&
		pg_cryptohash_update(ctx, data, len) >= 0 &&
		pg_cryptohash_final(ctx, out, CLR_HASH_LEN) >= 0)
		return;
	pg_cryptohash_free(ctx);
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("could not compute a SHA-256 hash")));
}

void
clr_sha256(const uint8_t *data, size_t len, uint8_t *out)
{
	pg_cryptohash_ctx *ctx = sha256_begin();

	sha256_one(ctx, data, len, out);
	pg_cryptohash_free(ctx);
}

static void
hash_block(pg_cryptohash_ctx *ctx, const ClrBlock *block,
		   const uint8_t *event_digest, uint8_t *out)
{
	uint8_t		head[44 + 3 * CLR_HASH_LEN];

	memcpy(head, "clr1", 4);
	clr_put_u64(head + 4, block->height);
	clr_put_u64(head + 12, block->epoch);
	clr_put_i64(head + 20, block->time_us);
	clr_put_u32(head + 28, block->ruleset);
	clr_put_u64(head + 32, block->first_command);
	clr_put_u32(head + 40, block->n_commands);
	memcpy(head + 44, block->prev_hash, CLR_HASH_LEN);
	sha256_one(ctx, block->commands, block->commands_len, head + 76);
	memcpy(head + 108, event_digest, CLR_HASH_LEN);
	sha256_one(ctx, head, sizeof(head), out);
}

void
clr_block_seal(ClrBlock *block, const uint8_t *events, size_t events_len)
{
	pg_cryptohash_ctx *ctx;

	clr_event_digest(events, events_len, block->event_digest);
	ctx = sha256_begin();
	hash_block(ctx, block, block->event_digest, block->block_hash);
	pg_cryptohash_free(ctx);
}

void
clr_chain_advance(ClrChain *chain, const ClrBlock *block)
{
	chain->height = block->height;
	chain->epoch = block->epoch;
	chain->time_us = block->time_us;
	chain->next_command = block->first_command + block->n_commands;
	memcpy(chain->hash, block->block_hash, CLR_HASH_LEN);
}

static ClrBlockFault
check_continues(const ClrChain *chain, const ClrBlock *block)
{
	uint8_t		hash[CLR_HASH_LEN];
	pg_cryptohash_ctx *ctx;

	if (block->height != chain->height + 1 ||
		block->epoch < chain->epoch ||
		block->time_us < chain->time_us ||
		block->first_command != chain->next_command)
		return CLR_BLOCK_BAD_SEQUENCE;
	if (memcmp(block->prev_hash, chain->hash, CLR_HASH_LEN) != 0)
		return CLR_BLOCK_BAD_PREV_HASH;
	ctx = sha256_begin();
	hash_block(ctx, block, block->event_digest, hash);
	pg_cryptohash_free(ctx);
	if (memcmp(hash, block->block_hash, CLR_HASH_LEN) != 0)
		return CLR_BLOCK_BAD_HASH;
	if (block->ruleset != CLR_RULESET_VERSION)
		return CLR_BLOCK_UNKNOWN_RULESET;
	return CLR_BLOCK_OK;
}

/* Framing is checked whole before anything is applied. */
static bool
commands_are_framed(const ClrBlock *block)
{
	size_t		at = 0;
	uint32_t	n = 0;

	while (at < block->commands_len)
	{
		size_t		len = clr_command_length(block->commands + at,
											 block->commands_len - at);

		if (len == 0)
			return false;
		at += len;
		n++;
	}
	return n == block->n_commands;
}

static bool
apply_commands(ClrEngine *engine, const ClrBlock *block, ClrEventBuffer *events)
{
	size_t		at = 0;
	uint32_t	done = 0;

	if (!clr_engine_begin_block(engine, block->height, block->time_us, events))
		return false;
	while (done < block->n_commands)
	{
		uint32_t	n = Min(block->n_commands - done, CLR_INTERRUPT_EVERY);
		uint32_t	applied;
		size_t		used;

		if (!clr_engine_apply_run(engine, done, block->commands + at,
								  block->commands_len - at, n, events,
								  &used, &applied) || applied != n)
			return false;
		at += used;
		done += n;
		CHECK_FOR_INTERRUPTS();
	}
	return !events->failed;
}

ClrBlockFault
clr_block_execute(ClrEngine *engine, ClrChain *chain, const ClrBlock *block,
				  ClrEventBuffer *events, uint8_t *actual_digest)
{
	ClrBlockFault fault = check_continues(chain, block);
	uint8_t		digest[CLR_HASH_LEN];

	if (fault != CLR_BLOCK_OK)
		return fault;
	if (!commands_are_framed(block))
		return CLR_BLOCK_BAD_COMMANDS;
	events->len = 0;
	if (!apply_commands(engine, block, events))
		return CLR_BLOCK_OUT_OF_MEMORY;
	clr_event_digest(events->data, events->len, digest);
	if (actual_digest != NULL)
		memcpy(actual_digest, digest, CLR_HASH_LEN);
	if (memcmp(digest, block->event_digest, CLR_HASH_LEN) != 0)
		return CLR_BLOCK_DIGEST_DIFFERS;
	clr_chain_advance(chain, block);
	return CLR_BLOCK_OK;
}
