/*
 * halt.c
 *	  A node that computes something else than the journal says stops itself.
 *
 * Run by the engine worker and the projector (halt), by the engine worker at
 * start (load) and by a superuser's backend (clear).
 *
 * The decision survives restarts in a small file, pg_clearing/<oid>.halted
 * below the data directory: a standby can't write tables.  The node does not
 * crash-loop and does not guess; an operator looks, repairs (usually by
 * rebuilding the node) and calls clearing.clear_halt().
 *
 * File: one line, "<height> <expected hex> <actual hex>".
 */
#include "postgres.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"

#include "errors.h"
#include "worker/ring_internal.h"
#include "worker/worker.h"

#define HALT_DIR "pg_clearing"

static void
halt_path(char *path, Oid dboid)
{
	snprintf(path, MAXPGPATH, HALT_DIR "/%u.halted", dboid);
}

static void
to_hex(const uint8 *hash, char *out)
{
	for (int i = 0; i < CLR_HASH_LEN; i++)
		sprintf(out + 2 * i, "%02x", hash[i]);
}

static bool
from_hex(const char *hex, uint8 *hash)
{
	for (int i = 0; i < CLR_HASH_LEN; i++)
	{
		unsigned	byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		hash[i] = (uint8) byte;
	}
	return true;
}

static void
note_halt(ClrDatabase *db, uint64 height, const uint8 *expected,
		  const uint8 *actual)
{
	SpinLockAcquire(&db->mutex);
	db->role = CLR_ROLE_HALTED;
	db->halted_height = height;
	memcpy(db->halted_expected, expected, CLR_HASH_LEN);
	memcpy(db->halted_actual, actual, CLR_HASH_LEN);
	SpinLockRelease(&db->mutex);
}

static void
write_halt_file(Oid dboid, uint64 height, const char *expected,
				const char *actual)
{
	char		path[MAXPGPATH];
	FILE	   *file;

	if (MakePGDirectory(HALT_DIR) < 0 && errno != EEXIST)
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not create directory \"%s\": %m", HALT_DIR)));
	halt_path(path, dboid);
	file = AllocateFile(path, "w");
	if (file == NULL ||
		fprintf(file, UINT64_FORMAT " %s %s\n", height, expected, actual) < 0 ||
		fflush(file) != 0 || pg_fsync(fileno(file)) != 0)
		ereport(LOG,
				(errcode_for_file_access(),
				 errmsg("could not write file \"%s\": %m", path)));
	if (file != NULL)
		FreeFile(file);
	fsync_fname(HALT_DIR, true);
}

void
clr_halt_node(ClrDatabase *db, uint64 height, const uint8 *expected,
			  const uint8 *actual, const char *what)
{
	char		expected_hex[2 * CLR_HASH_LEN + 1];
	char		actual_hex[2 * CLR_HASH_LEN + 1];
	pid_t		engine_pid;

	to_hex(expected, expected_hex);
	to_hex(actual, actual_hex);
	write_halt_file(db->dboid, height, expected_hex, actual_hex);
	note_halt(db, height, expected, actual);
	ereport(LOG,
			(errcode(ERRCODE_CLR_HALTED),
			 errmsg("clearing house halts on this node at block " UINT64_FORMAT ": %s",
					height, what),
			 errdetail("The journal states the event digest %s, re-execution gave %s.",
					   expected_hex, actual_hex),
			 errhint("Rebuild this node from a healthy one, then call clearing.clear_halt().")));
	/* the projector's finding stops the sequencer too */
	engine_pid = db->engine_pid;
	if (engine_pid != 0 && engine_pid != MyProcPid)
		kill(engine_pid, SIGTERM);
	proc_exit(0);
}

bool
clr_load_halt(ClrDatabase *db)
{
	char		path[MAXPGPATH];
	char		expected_hex[65] = "";
	char		actual_hex[65] = "";
	uint8		expected[CLR_HASH_LEN] = {0};
	uint8		actual[CLR_HASH_LEN] = {0};
	unsigned long long height = 0;
	FILE	   *file;

	halt_path(path, db->dboid);
	file = AllocateFile(path, "r");
	if (file == NULL)
		return false;
	/* an unreadable file still says "halted" */
	if (fscanf(file, "%llu %64s %64s", &height, expected_hex, actual_hex) == 3)
	{
		from_hex(expected_hex, expected);
		from_hex(actual_hex, actual);
	}
	FreeFile(file);
	note_halt(db, height, expected, actual);
	return true;
}

bool
clr_clear_halt(Oid dboid)
{
	char		path[MAXPGPATH];

	halt_path(path, dboid);
	if (unlink(path) != 0)
	{
		if (errno != ENOENT)
			ereport(ERROR,
					(errcode_for_file_access(),
					 errmsg("could not remove file \"%s\": %m", path)));
		return false;
	}
	fsync_fname(HALT_DIR, true);
	return true;
}
