/*
 * restore_rows.h
 *	  Rows of the read model, and what of an engine's state they are.
 *
 * Shared by restore.c and restore_rows.c only.
 */
#ifndef CLR_RESTORE_ROWS_H
#define CLR_RESTORE_ROWS_H

#include "postgres.h"

#include "executor/tuptable.h"

#include "journal/restore.h"

/* A row being read: columns are taken one after the other. */
typedef struct ClrRowReader
{
	TupleTableSlot *slot;
	int			next;
	const char *table;
} ClrRowReader;

typedef bool (*ClrRowLoader) (ClrEngine *engine, ClrRowReader *row);

/* How the rows of a table are read and given to the engine. */
typedef struct ClrRestoreTable
{
	const char *name;
	const char *sql;
	ClrRowLoader load;
} ClrRestoreTable;

/* in the order in which they must be loaded, references and orders excepted */
extern const ClrRestoreTable clr_restore_tables[];
extern const int clr_n_restore_tables;
/* %lld: first height whose references are all remembered for their age */
extern const ClrRestoreTable clr_restore_old_references;	/* three times */
extern const ClrRestoreTable clr_restore_references;	/* once */
extern const ClrRestoreTable clr_restore_orders;

/* The row of clearing_state.projection. */
extern const char clr_projection_sql[];
extern void clr_read_projection_row(ClrRowReader *row, ClrHouseView *house,
									uint8_t *block_hash);

/* Raises CH009; table NULL: what is wrong can't be told from one table. */
extern void clr_corrupt_row(const char *table, const char *problem) pg_attribute_noreturn();

#endif							/* CLR_RESTORE_ROWS_H */
