/*
 * worker.h
 *	  What the worker processes share: entry, settings, durability, halting.
 */
#ifndef CLR_WORKER_H
#define CLR_WORKER_H

#include "postgres.h"

#include "access/xlogdefs.h"

#include "worker/shmem.h"

#define CLR_EXTENSION_NAME		"pg_clearing"
#define CLR_EXTENSION_VERSION	"1.0"

/* Signal handlers, database connection, settings; name is the application_name. */
extern void clr_worker_enter(Oid dboid, bool synchronous, const char *name);
/* Version of the extension in this database (palloc'd), NULL if not installed. */
extern char *clr_installed_version(void);

/*
 * durability.c: may a commit be acknowledged?
 *
 * The one place that answers it, so that stronger proofs (promises and
 * attestations of other nodes) fit in behind the same two questions.
 */
extern bool clr_durability_possible(void);
extern bool clr_commit_is_durable(XLogRecPtr commit_end);

/* halt.c */
extern bool clr_load_halt(ClrDatabase *db);
extern bool clr_clear_halt(Oid dboid);

/* engine worker: the two halves */
typedef struct ClrEngineWorker
{
	ClrDatabase *db;
	ClrEngine  *engine;
	ClrChain	chain;			/* last block executed */
	ClrEventBuffer events;
	bool		resumed;		/* an operator let a foreign journal go on */
} ClrEngineWorker;

/* applied is what others may know of: on a primary the last confirmed block. */
extern void clr_publish_state(ClrEngineWorker *w, ClrNodeRole role,
							  const ClrChain *applied);
/* Executes every visible block after the chain's end; number executed. */
extern uint64 clr_execute_tail(ClrEngineWorker *w);
/* Standby: follows until promotion. */
extern void clr_follow(ClrEngineWorker *w);
/* Primary: opens an epoch and serves; never returns. */
extern void clr_sequence(ClrEngineWorker *w) pg_attribute_noreturn();

/*
 * identity.c: does the journal of this database belong to it, or did it come
 * from elsewhere (a restored dump, a template, pg_upgrade)?
 */
extern bool clr_identity_matches(void);
extern void clr_identity_adopt(void);
extern void clr_require_own_journal(ClrEngineWorker *w);
/* The journal is another one than this process has executed: starts anew. */
extern void clr_leave_other_journal(void) pg_attribute_noreturn();

/* inbox.c: inside the block's transaction; calls back for each command. */
typedef void (*ClrInboxCallback) (void *arg, const uint8 *command, Size len);
extern int	clr_inbox_drain(int max, ClrInboxCallback callback, void *arg);

/* launcher.c, ddl.c */
extern PGDLLEXPORT void clr_launcher_main(Datum arg);
extern PGDLLEXPORT void clr_engine_main(Datum arg);
extern PGDLLEXPORT void clr_projector_main(Datum arg);
extern void clr_register_launcher(void);
extern void clr_install_hooks(void);

#endif							/* CLR_WORKER_H */
