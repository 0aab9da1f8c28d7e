/*
 * play.h
 *	  Playing a list of operations into engines, and making a failing list small.
 */
#ifndef CLR_PROPERTY_PLAY_H
#define CLR_PROPERTY_PLAY_H

#include "op.h"

typedef struct PlayCounts
{
	uint64_t	operations;
	uint64_t	trades;
	uint64_t	restarts;
	uint64_t	batches;		/* accepted */
	uint64_t	busts;			/* and corrections */
	uint64_t	refills;		/* of icebergs */
	uint64_t	triggered;		/* stop orders */
	uint64_t	timers;			/* that fired */
	uint64_t	volatility;		/* calls that a price out of its range began */
	uint64_t	trips;			/* of circuit breakers */
	uint64_t	reasons[OP_REASONS];
} PlayCounts;

typedef struct PlayResult
{
	size_t		at;				/* operation that failed, list->n = the end */
	char		text[500];		/* empty: every property holds */
} PlayResult;

/*
 * Plays the list; deep inspection after every `every` commands.  Returns
 * whether every property held.
 */
extern bool play_list(const OpList *list, unsigned every, PlayResult *result, PlayCounts *counts);

/* The same in a process of its own, so that a crash is a failure like others. */
extern bool play_apart(const OpList *list, PlayResult *result);

/* Makes a list that fails as small as it can; result says how it fails. */
extern void shrink_list(OpList *list, PlayResult *result);

#endif							/* CLR_PROPERTY_PLAY_H */
