/*
 * ddl.c
 *	  Keeps workers out of the way of DDL on their database or extension.
 *
 * Run by backends.  DROP DATABASE, CREATE DATABASE ... TEMPLATE, ALTER
 * DATABASE ... RENAME / SET TABLESPACE want nobody connected; DROP EXTENSION
 * wants nobody using the tables.  The workers are sent away before such a
 * command and, when its transaction ends either way or it is rolled back to a
 * savepoint, the launcher is told to look again: after a commit it finds
 * nothing to start, after a rollback the workers come back.
 *
 * Who may not run the command must not be able to stop the workers with it:
 * the owner of the database is checked first, as the command itself will.
 *
 * Locks: ClrDatabase->mutex for suspended_by and pids.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_database.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "worker/worker.h"

/* Workers end in milliseconds; the command's own checks follow anyway. */
#define SUSPEND_TIMEOUT_MS 5000

static ProcessUtility_hook_type prev_process_utility = NULL;
static object_access_hook_type prev_object_access = NULL;

/* What this backend's transaction has to undo or announce at its end. */
static bool suspended = false;
static SubTransactionId suspended_in;	/* in which subtransaction */
static bool wake_at_end = false;

/* A transaction may have sent away the workers of several databases. */
static void
end_suspensions(void)
{
	for (int i = 0; i < clr_shared->n_databases; i++)
	{
		ClrDatabase *db = &clr_shared->databases[i];

		SpinLockAcquire(&db->mutex);
		if (db->suspended_by == MyProcPid)
			db->suspended_by = 0;
		SpinLockRelease(&db->mutex);
	}
}

static void
resume_workers(void)
{
	end_suspensions();
	suspended = false;
	/* a place may be free now for any house */
	clr_ask_launcher(InvalidOid);
}

static void
ddl_xact_callback(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	if (suspended)
		resume_workers();
	else if (wake_at_end)
		clr_ask_launcher(MyDatabaseId);
	wake_at_end = false;
}

/* What a savepoint takes back needs the workers away no longer. */
static void
ddl_subxact_callback(SubXactEvent event, SubTransactionId id,
					 SubTransactionId parent, void *arg)
{
	if (!suspended || id != suspended_in)
		return;
	if (event == SUBXACT_EVENT_COMMIT_SUB)
		suspended_in = parent;
	else if (event == SUBXACT_EVENT_ABORT_SUB)
		resume_workers();
}

static void
register_callback(void)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(ddl_xact_callback, NULL);
		RegisterSubXactCallback(ddl_subxact_callback, NULL);
		registered = true;
	}
}

static void
worker_pids(ClrDatabase *db, pid_t *pids)
{
	SpinLockAcquire(&db->mutex);
	pids[0] = db->engine_pid;
	pids[1] = db->projector_pid;
	SpinLockRelease(&db->mutex);
}

static void
suspend_workers(Oid dboid)
{
	ClrDatabase *db = clr_find_database(dboid);
	TimestampTz started = GetCurrentTimestamp();
	pid_t		pids[2];

	if (db == NULL)
		return;
	register_callback();
	SpinLockAcquire(&db->mutex);
	db->suspended_by = MyProcPid;
	SpinLockRelease(&db->mutex);
	if (!suspended)
		suspended_in = GetCurrentSubTransactionId();
	suspended = true;
	for (;;)
	{
		worker_pids(db, pids);
		if (pids[0] == 0 && pids[1] == 0)
			return;
		for (int i = 0; i < 2; i++)
			if (pids[i] != 0)
				kill(pids[i], SIGTERM);
		if (TimestampDifferenceExceeds(started, GetCurrentTimestamp(),
									   SUSPEND_TIMEOUT_MS))
			return;
		CHECK_FOR_INTERRUPTS();
		pg_usleep(5000L);
	}
}

/* The database that a command wants for itself, InvalidOid if none. */
static Oid
wanted_database(Node *parsetree)
{
	const char *name = NULL;
	DefElem    *option;
	ListCell   *cell;

	switch (nodeTag(parsetree))
	{
		case T_DropdbStmt:
			name = ((DropdbStmt *) parsetree)->dbname;
			break;
		case T_RenameStmt:
			if (((RenameStmt *) parsetree)->renameType == OBJECT_DATABASE)
				name = ((RenameStmt *) parsetree)->subname;
			break;
		case T_AlterDatabaseStmt:
			foreach(cell, ((AlterDatabaseStmt *) parsetree)->options)
				if (strcmp(((DefElem *) lfirst(cell))->defname, "tablespace") == 0)
					name = ((AlterDatabaseStmt *) parsetree)->dbname;
			break;
		case T_CreatedbStmt:
			foreach(cell, ((CreatedbStmt *) parsetree)->options)
			{
				option = (DefElem *) lfirst(cell);
				/* TEMPLATE DEFAULT has no argument */
				if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
					name = defGetString(option);
			}
			break;
		default:
			break;
	}
	return name == NULL ? InvalidOid : get_database_oid(name, true);
}

static void
clr_process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
					ProcessUtilityContext context, ParamListInfo params,
					QueryEnvironment *env, DestReceiver *dest,
					QueryCompletion *qc)
{
	Oid			dboid = InvalidOid;

	/* most of these commands can't run inside a transaction block */
	if (context == PROCESS_UTILITY_TOPLEVEL && !RecoveryInProgress())
		dboid = wanted_database(pstmt->utilityStmt);
	if (OidIsValid(dboid) && clr_owns_database(dboid, GetUserId()))
		suspend_workers(dboid);
	if (prev_process_utility)
		prev_process_utility(pstmt, query, read_only_tree, context, params,
							 env, dest, qc);
	else
		standard_ProcessUtility(pstmt, query, read_only_tree, context, params,
								env, dest, qc);
}

static void
clr_object_access(ObjectAccessType access, Oid class, Oid object, int sub,
				  void *arg)
{
	if (prev_object_access)
		prev_object_access(access, class, object, sub, arg);
	if (class != ExtensionRelationId || sub != 0)
		return;
	if (access == OAT_POST_CREATE || access == OAT_POST_ALTER)
	{
		/* whatever extension it is: the launcher looks, that is cheap */
		register_callback();
		wake_at_end = true;
	}
	else if (access == OAT_DROP &&
			 object == get_extension_oid(CLR_EXTENSION_NAME, true))
		suspend_workers(MyDatabaseId);
}

void
clr_install_hooks(void)
{
	prev_process_utility = ProcessUtility_hook;
	ProcessUtility_hook = clr_process_utility;
	prev_object_access = object_access_hook;
	object_access_hook = clr_object_access;
}
