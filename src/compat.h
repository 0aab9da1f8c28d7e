/*
 * compat.h
 *	  Differences between PostgreSQL 15, 17 and 18, in one place.
 *
 * Each block names the core change it covers.
 */
#ifndef CLR_COMPAT_H
#define CLR_COMPAT_H

#include "postgres.h"

#include "storage/proc.h"
#include "utils/wait_event.h"

#if PG_VERSION_NUM < 150000
#error "pg_clearing needs PostgreSQL 15 or newer"
#endif

/* struct varlena accessors moved out of postgres.h (16) */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* PGPROC lost pgprocno; MyProcNumber and GetPGProcByNumber() came (17) */
#if PG_VERSION_NUM >= 170000
#define CLR_MY_PROCNO	MyProcNumber
#else
#define CLR_MY_PROCNO	MyProc->pgprocno
#endif
#define CLR_PROC_LATCH(procno) (ProcGlobal->allProcs[procno].procLatch)

/* Named wait events for extensions (17); 15 shows "Extension" for all */
#if PG_VERSION_NUM >= 170000
#define CLR_WAIT_EVENT(var, name) \
	static uint32 var = 0; \
	if (var == 0) \
		var = WaitEventExtensionNew(name)
#else
#define CLR_WAIT_EVENT(var, name) \
	static const uint32 var = PG_WAIT_EXTENSION
#endif

/* per-class ownership checks were merged into object_ownercheck() (16) */
#if PG_VERSION_NUM >= 160000
#define clr_owns_database(dboid, roleid) \
	object_ownercheck(DatabaseRelationId, dboid, roleid)
#else
#define clr_owns_database(dboid, roleid) pg_database_ownercheck(dboid, roleid)
#endif

/* and the checks of privileges into object_aclcheck() (16) */
#if PG_VERSION_NUM >= 160000
#define CLR_FUNCTION_ACLCHECK(function, roleid, mode) \
	object_aclcheck(ProcedureRelationId, function, roleid, mode)
#else
#define CLR_FUNCTION_ACLCHECK(function, roleid, mode) \
	pg_proc_aclcheck(function, roleid, mode)
#endif

#endif							/* CLR_COMPAT_H */
