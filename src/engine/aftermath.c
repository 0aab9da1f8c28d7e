/*
 * aftermath.c
 *	  What follows from a command besides what it asked for.
 *
 * Trades and price changes trigger stop orders, move pegged orders and end the
 * other half of pairs.  That happens when the command itself is done, in a
 * fixed order, until nothing follows any more.  Instruments are visited in the
 * order in which something first happened to them.
 */
#include "engine/internal.h"

void
clr_aftermath_add(ClrEngine *e, const ClrInstrument *in)
{
	for (uint32_t i = 0; i < e->n_aftermath; i++)
		if (e->aftermath[i] == in->v.instrument)
			return;
	if (!clr_grow((void **) &e->aftermath, &e->cap_aftermath,
				  e->n_aftermath + 1, sizeof(uint32_t)))
	{
		e->oom = true;
		return;
	}
	e->aftermath[e->n_aftermath++] = in->v.instrument;
}

void
clr_aftermath(ClrEngine *e)
{
	for (uint32_t i = 0; i < e->n_aftermath && !e->oom; i++)
	{
		/* triggers and pegs go here, in this order */
	}
	e->n_aftermath = 0;
}
