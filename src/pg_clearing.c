/*
 * pg_clearing.c
 *	  Entry of the library: settings, hooks, shared memory, launcher.
 *
 * _PG_init() runs in the postmaster when the library is preloaded, and in a
 * backend that merely loads it; then nothing is set up, so that pg_dump,
 * pg_upgrade and LOAD work, and functions say what is missing.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/guc.h"

#include "api/api.h"
#include "compat.h"
#include "worker/worker.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "pg_clearing", .version = CLR_EXTENSION_VERSION);
#else
PG_MODULE_MAGIC;
#endif

extern PGDLLEXPORT void _PG_init(void);

int			clr_durability = CLR_DURABILITY_REPLICATED;
int			clr_max_databases = 8;
int			clr_request_slots = 256;
int			clr_max_block_size = 4096;
int			clr_follow_interval = 5;
int			clr_reply_timeout = 30000;
int			clr_discovery_interval = 5;
int			clr_projection_delay = 100;
int			clr_projection_batch = 1000;
bool		clr_projection_notify = true;
char	   *clr_node_name = NULL;

static shmem_request_hook_type prev_shmem_request = NULL;
static shmem_startup_hook_type prev_shmem_startup = NULL;

static const struct config_enum_entry durability_options[] = {
	{"local", CLR_DURABILITY_LOCAL, false},
	{"replicated", CLR_DURABILITY_REPLICATED, false},
	{NULL, 0, false}
};

static void
define_int(const char *name, const char *what, int *variable, int boot,
		   int min, int max, GucContext context, int flags)
{
	DefineCustomIntVariable(name, what, NULL, variable, boot, min, max,
							context, flags, NULL, NULL, NULL);
}

static void
define_settings(void)
{
	DefineCustomEnumVariable("pg_clearing.durability",
							 "When a command counts as done: flushed locally, or confirmed by a synchronous standby.",
							 NULL, &clr_durability, CLR_DURABILITY_REPLICATED,
							 durability_options, PGC_SIGHUP, 0,
							 NULL, NULL, NULL);
	DefineCustomStringVariable("pg_clearing.node_name",
							   "Name of this node in clearing.node_status; empty = cluster_name.",
							   NULL, &clr_node_name, "", PGC_SIGHUP, 0,
							   NULL, NULL, NULL);
	define_int("pg_clearing.max_databases",
			   "Databases of this cluster that can have a clearing house.",
			   &clr_max_databases, 8, 1, 128, PGC_POSTMASTER, 0);
	define_int("pg_clearing.request_slots",
			   "Requests that can wait for or be with a sequencer at once.",
			   &clr_request_slots, 256, 8, 8192, PGC_POSTMASTER, 0);
	define_int("pg_clearing.max_block_size",
			   "Most bytes of commands in one block, and in one call.",
			   &clr_max_block_size, 4096, 64, 65536, PGC_SIGHUP, GUC_UNIT_KB);
	define_int("pg_clearing.follow_interval",
			   "How often a standby looks whether new blocks were replayed.",
			   &clr_follow_interval, 5, 1, 1000, PGC_SIGHUP, GUC_UNIT_MS);
	define_int("pg_clearing.reply_timeout",
			   "How long a caller waits for the outcome of its command; 0 waits for ever.",
			   &clr_reply_timeout, 30000, 0, INT_MAX, PGC_SUSET, GUC_UNIT_MS);
	define_int("pg_clearing.discovery_interval",
			   "How often a standby looks for databases with a new clearing house.",
			   &clr_discovery_interval, 5, 1, 3600, PGC_SIGHUP, GUC_UNIT_S);
	define_int("pg_clearing.projection_delay",
			   "How long the projector gathers blocks before it writes the read model.",
			   &clr_projection_delay, 100, 0, 10000, PGC_SIGHUP, GUC_UNIT_MS);
	define_int("pg_clearing.projection_batch",
			   "Most blocks written to the read model in one transaction.",
			   &clr_projection_batch, 1000, 1, 100000, PGC_SIGHUP, 0);
	DefineCustomBoolVariable("pg_clearing.notify",
							 "Sends NOTIFY clearing after the read model has moved.",
							 NULL, &clr_projection_notify, true, PGC_SIGHUP, 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("pg_clearing");
}

static void
request_shmem(void)
{
	if (prev_shmem_request)
		prev_shmem_request();
	clr_shmem_request();
}

static void
startup_shmem(void)
{
	if (prev_shmem_startup)
		prev_shmem_startup();
	clr_shmem_startup();
}

void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	define_settings();
	if (IsBinaryUpgrade)
		return;
	prev_shmem_request = shmem_request_hook;
	shmem_request_hook = request_shmem;
	prev_shmem_startup = shmem_startup_hook;
	shmem_startup_hook = startup_shmem;
	clr_install_hooks();
	clr_scan_init();
	clr_register_launcher();
}
