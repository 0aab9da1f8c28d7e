/*
 * ring.h
 *	  How a backend hands commands to the sequencer and gets the answer.
 *
 * The only way into the engine.  clr_ring_call() may be called by any backend
 * outside a transaction that has written; it returns when the commands are
 * journalled, applied and confirmed as durable as pg_clearing.durability asks,
 * or raises an error that says whether the outcome is "no" or "unknown".
 */
#ifndef CLR_RING_H
#define CLR_RING_H

#include "engine/command.h"
#include "engine/event.h"

/*
 * Packed reply, also what clearing.submit_packed() returns; little-endian:
 *
 *	 off size
 *	   0   4  length of the whole reply
 *	   4   1  version, 1;  5 3 zero
 *	   8   8  epoch
 *	  16   8  height of the block
 *	  24  32  hash of the block
 *	  56   4  number of commands answered
 *	  60   4  zero
 *	  64  ..  for each command, in order: its TRADE events (event.h), then its
 *			  OUTCOME event
 */
#define CLR_REPLY_HEADER 64

typedef struct ClrReply
{
	uint64_t	epoch;
	uint64_t	height;
	uint8_t		block_hash[32];
	uint32_t	n_commands;
	const uint8_t *events;		/* TRADE and OUTCOME events */
	size_t		events_len;
	uint8_t    *packed;			/* the whole packed reply, see clr_ring_call() */
	size_t		packed_len;
} ClrReply;

/*
 * Sends `len` bytes holding n_commands well-framed commands and waits.
 * All commands of one call go into one block, in order.  The reply is
 * palloc'd in the current memory context, with VARHDRSZ bytes of room before
 * it, so that it can be returned as a bytea without being copied.
 *
 * Errors (see errors.h): clearing house not running here, read-only standby,
 * no synchronous standby, halted, queue full, transaction has already
 * written, payload too large, outcome unknown.
 */
extern void clr_ring_call(const uint8_t *commands, size_t len,
						  uint32_t n_commands, ClrReply *reply);

/* Raises the errors above that can be known without sending anything. */
extern void clr_ring_check_writable(void);

/* Waits until this node's read model shows `height`; false on timeout (ms, <0 = none). */
extern bool clr_wait_for_height(uint64_t height, long timeout_ms);

/* After an INSERT into the inbox: tells the sequencer if and when it commits. */
extern void clr_inbox_notify_on_commit(void);

#endif							/* CLR_RING_H */
