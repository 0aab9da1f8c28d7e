/*
 * restore.h
 *	  Loads an engine from the read model.
 *
 * Run by the engine worker (both roles) and the projector at start.  Needs an
 * open transaction with a snapshot and SPI connected: one snapshot of the
 * read model is the state at one height.
 */
#ifndef CLR_RESTORE_H
#define CLR_RESTORE_H

#include "journal/journal.h"

/*
 * Loads the state at the height of the read model into a fresh engine and
 * sets *chain to that block (re-read from the journal and compared).  With an
 * empty read model the engine stays empty and chain->height is 0.
 * Raises an error (CH009) if the read model is inconsistent.
 */
extern void clr_restore_engine(ClrEngine *engine, ClrChain *chain);

#endif							/* CLR_RESTORE_H */
