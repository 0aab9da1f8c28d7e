/*
 * plan.h
 *	  Plans that a process prepares once and keeps.
 */
#ifndef CLR_PLAN_H
#define CLR_PLAN_H

#include "postgres.h"

#include "executor/spi.h"

/* The plan of sql, prepared at the first call into *plan.  Needs SPI. */
extern SPIPlanPtr clr_kept_plan(SPIPlanPtr *plan, const char *sql, int nargs,
								Oid *types);

#endif							/* CLR_PLAN_H */
