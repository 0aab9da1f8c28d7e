/*
 * shmem.h
 *	  Shared memory of the cluster: one entry per database with a clearing
 *	  house, holding the state of its workers and its request ring.
 *
 * Locks.
 *	 ClrShared->lock			the directory: which entry serves which database
 *	 ClrDatabase->mutex			(spinlock) every field that says so; held for
 *								a few loads and stores only
 *	 ClrDatabase->ring_lock		(LWLock) the request ring, see ring.c
 * Atomics are read without a lock; each has one writer.
 *
 * Only numbers are kept here: OIDs, pids, proc numbers, offsets, never a
 * process-local pointer or descriptor.
 */
#ifndef CLR_SHMEM_H
#define CLR_SHMEM_H

#include "postgres.h"

#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"
#include "storage/spin.h"

#include "journal/journal.h"


typedef enum ClrNodeRole
{
	CLR_ROLE_NONE = 0,			/* no engine worker */
	CLR_ROLE_LOADING = 1,		/* restoring from the read model, replaying */
	CLR_ROLE_FOLLOWING = 2,		/* standby: re-executing what arrives */
	CLR_ROLE_OPENING = 3,		/* primary: epoch block awaits its confirmation */
	CLR_ROLE_SERVING = 4,		/* primary: sequencing */
	CLR_ROLE_HALTED = 5,		/* stopped itself: digest differs */
	CLR_ROLE_CLOSED = 6			/* a journal from elsewhere awaits clearing.resume() */
} ClrNodeRole;


typedef struct ClrDatabase
{
	Oid			dboid;			/* InvalidOid = free; directory lock */

	slock_t		mutex;
	/* written by the engine worker, mutex */
	ClrNodeRole role;
	pid_t		engine_pid;		/* 0 = none */
	int			engine_procno;
	ClrChain	applied;		/* last block executed by this node's engine */
	uint64		applied_at_us;
	uint64		open_orders;
	bool		house_open;		/* OPEN_HOUSE has been applied */
	/* after CLR_ROLE_HALTED */
	uint64		halted_height;
	uint8		halted_expected[CLR_HASH_LEN];
	uint8		halted_actual[CLR_HASH_LEN];
	/* written by the projector, mutex */
	pid_t		projector_pid;
	int			projector_procno;

	pg_atomic_uint64 confirmed_height;	/* engine: highest block confirmed durable */
	pg_atomic_uint64 projected_height;	/* projector; on standbys engine worker */
	pg_atomic_uint64 restarts;	/* engine worker starts since server start */
	ConditionVariable projected_cv; /* broadcast when projected_height moves */

	/* progress of the running clearing.verify(), one at a time, mutex */
	pid_t		verify_pid;
	uint64		verify_done;
	uint64		verify_total;
	int64		verify_started_us;

	pg_atomic_uint32 projector_hurry;	/* 1: somebody waits for the read model */
	pg_atomic_uint32 projector_waiting; /* 1: the projector wants its latch set */
	pid_t		suspended_by;	/* backend whose DDL wants the workers away; mutex */
	pg_atomic_uint32 resume_requested;	/* clearing.resume() was called */
	pg_atomic_uint32 inbox_pending; /* committed rows may wait in the inbox */
} ClrDatabase;

/* Backs everything that outgrows a request slot; see ring.c. */
typedef struct ClrShared
{
	LWLock	   *lock;			/* directory */
	pid_t		launcher_pid;	/* directory lock */
	int			launcher_procno;
	pg_atomic_uint32 wanted;	/* raised: databases must be looked through */
	pg_atomic_uint32 probe;		/* database that may have a house now, or */
#define CLR_PROBE_ALL PG_UINT32_MAX /* any; 0 = none */
	int			n_databases;	/* entries in databases[] */
	ClrDatabase databases[FLEXIBLE_ARRAY_MEMBER];
} ClrShared;

extern ClrShared *clr_shared;	/* NULL if not preloaded */

extern void clr_shmem_request(void);
extern void clr_shmem_startup(void);

/* The entry of a database, NULL if it has none (yet). */
extern ClrDatabase *clr_find_database(Oid dboid);
extern ClrDatabase *clr_my_database(void);
/* For the engine worker: finds or makes the entry; NULL if all are taken. */
extern ClrDatabase *clr_claim_database(Oid dboid);
extern void clr_release_database(ClrDatabase *db);
/* Wakes the launcher, which then looks through the databases. */
extern void clr_wake_launcher(void);
/* It also finds out whether that database (InvalidOid: any) has a house now. */
extern void clr_ask_launcher(Oid dboid);
extern void clr_set_latch_of(int procno);

/* Copies the fields guarded by the mutex. */
extern void clr_snapshot_database(ClrDatabase *db, ClrDatabase *out);
extern const char *clr_role_name(ClrNodeRole role);
/* Errors out if the library was not preloaded. */
extern void clr_require_preload(void);

/* Stops this node's house durably: HALTED survives restarts (halt.c). */
extern void clr_halt_node(ClrDatabase *db, uint64 height,
						  const uint8 *expected, const uint8 *actual,
						  const char *what) pg_attribute_noreturn();

/*
 * For the projector: identity of the process in db, unregistered at exit.
 * clr_projector_wait() sleeps until confirmed_height > after, or timeout;
 * handles interrupts and configuration reload.
 */
extern void clr_projector_attach(ClrDatabase *db);
extern void clr_projector_wait(ClrDatabase *db, uint64 after, long timeout_ms);

/* Worker transactions: revalidates that the extension still exists; exits if not. */
extern void clr_worker_begin(void);		/* StartTransaction, SPI, snapshot */
extern void clr_worker_commit(void);
extern void clr_worker_set_defaults(bool synchronous); /* GUCs of a worker */
extern void clr_worker_handle_interrupts(void); /* signals, configuration reload */

/* GUCs (pg_clearing.c) */
typedef enum ClrDurability
{
	CLR_DURABILITY_LOCAL = 0,
	CLR_DURABILITY_REPLICATED = 1
} ClrDurability;

extern int	clr_durability;
extern int	clr_max_databases;
extern int	clr_request_slots;
extern int	clr_max_block_size; /* kB of commands */
extern int	clr_follow_interval;	/* ms between looks of a follower */
extern int	clr_reply_timeout;	/* ms a caller waits for its outcome */
extern int	clr_discovery_interval; /* s between looks for new databases */
extern char *clr_node_name;
extern int	clr_projection_delay;		/* ms the projector gathers blocks */
extern bool clr_projection_notify;	/* NOTIFY after a projection */
extern int	clr_projection_batch;		/* most blocks in one projection */

#endif							/* CLR_SHMEM_H */
