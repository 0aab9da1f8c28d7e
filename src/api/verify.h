/*
 * verify.h
 *	  What the parts of clearing.verify() know of each other.
 */
#ifndef CLR_VERIFY_H
#define CLR_VERIFY_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "journal/journal.h"

/* An engine that is freed with the memory context it was made in. */
extern ClrEngine *clr_scoped_engine(void);

/* SHA-256 over clr_engine_dump(). */
extern void clr_engine_digest(const ClrEngine *engine, uint8_t *out);

/* verify_history.c: rows of things past, compared with the journal's events */
typedef struct ClrHistoryCheck ClrHistoryCheck;

/*
 * Rows of blocks from..upto are compared; memory lives in context.  The engine
 * is as before the first block.  What was
 * noted must have been executed by the same engine, block by block from the
 * first.
 */
extern ClrHistoryCheck *clr_history_begin(MemoryContext context,
										  ClrEngine *engine, uint64 from,
										  uint64 upto);
/* next_order: of the state before the block; false: compare before going on. */
extern bool clr_history_add_block(ClrHistoryCheck *check,
								  const ClrBlock *block,
								  const ClrEventBuffer *events,
								  uint64 next_order);
/*
 * Compares what has been noted since the last call.  Returns NULL, or what
 * differs, with the block in *height.  *untrue becomes true if that is not a
 * row, but what a bust says of its trade.
 */
extern char *clr_history_compare(ClrHistoryCheck *check, uint64 *height,
								 bool *untrue);
/* The working orders at the end, and that no row is left over. */
extern char *clr_history_finish(ClrHistoryCheck *check,
								const ClrEngine *engine, uint64 *height);

/* verify_bust.c: busts and corrections, compared with the trades they name */
/* Adds those of a block, in the current memory context. */
extern List *clr_busts_note(List *busts, const ClrBlock *block,
							const ClrEventBuffer *events);
/* Returns NULL, or what is not true, with the block in *height. */
extern char *clr_busts_compare(const List *busts, uint64 *height);

#endif							/* CLR_VERIFY_H */
