/*
 * verify.c
 *	  clearing.verify(): the whole journal executed again, and the read model
 *	  held against it; clearing.state_digest().
 *
 * Run by backends of operators and auditors, on primaries and standbys, in a
 * snapshot of their own: nothing is locked and nobody waits.  The functions
 * are SECURITY DEFINER with a fixed search_path.
 *
 * Memory.  Engines live outside PostgreSQL's memory; each is freed by a
 * callback of the context it was made in, so that an error leaks nothing.
 *
 * Locks: ClrDatabase->mutex for the progress fields.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "api/verify.h"
#include "compat.h"
#include "errors.h"
#include "journal/restore.h"
#include "journal/times.h"
#include "worker/shmem.h"

PG_FUNCTION_INFO_V1(clr_verify);
PG_FUNCTION_INFO_V1(clr_verify_progress);
PG_FUNCTION_INFO_V1(clr_state_digest);
PG_FUNCTION_INFO_V1(clr_engine_valuations);

/* Blocks executed between two looks at the history tables. */
#define VERIFY_BLOCKS 256

#define HEX_HASH_LEN (2 * CLR_HASH_LEN + 1)

typedef struct Verification
{
	ClrEngine  *engine;
	ClrChain	chain;
	ClrEventBuffer events;
	ClrHistoryCheck *history;	/* NULL beyond the read model's height */
	uint64		from;
	uint64		to;
	uint64		projected;		/* height of the read model, 0 = empty */
	uint64		blocks;			/* from `from` on */
	uint64		commands;
	uint64		bad_height;		/* 0 = nothing found */
	char	   *fault;
	char	   *detail;
	ClrDatabase *db;			/* for progress, may be NULL */
} Verification;

/*----------------------------------------------------------------
 * Engines
 *----------------------------------------------------------------
 */
static void
free_engine(void *arg)
{
	clr_engine_free(arg);
}

ClrEngine *
clr_scoped_engine(void)
{
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));
	ClrEngine  *engine = clr_engine_create();

	if (engine == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while creating an engine")));
	callback->func = free_engine;
	callback->arg = engine;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return engine;
}

static void
free_events(void *arg)
{
	ClrEventBuffer *events = arg;

	free(events->data);
	events->data = NULL;
}

static void
digest_sink(void *arg, const uint8_t *data, size_t len)
{
	if (pg_cryptohash_update(arg, data, len) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 hash")));
}

void
clr_engine_digest(const ClrEngine *engine, uint8_t *out)
{
	pg_cryptohash_ctx *ctx = pg_cryptohash_create(PG_SHA256);

	if (ctx == NULL || pg_cryptohash_init(ctx) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 hash")));
	if (!clr_engine_dump(engine, digest_sink, ctx))
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while writing the state of an engine")));
	if (pg_cryptohash_final(ctx, out, CLR_HASH_LEN) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute a SHA-256 hash")));
	pg_cryptohash_free(ctx);
}

static char *
hex_of(const uint8_t *hash)
{
	char	   *hex = palloc(HEX_HASH_LEN);

	hex_encode((const char *) hash, CLR_HASH_LEN, hex);
	hex[HEX_HASH_LEN - 1] = '\0';
	return hex;
}

static Datum
bytea_of(const uint8_t *hash)
{
	bytea	   *b = palloc(VARHDRSZ + CLR_HASH_LEN);

	SET_VARSIZE(b, VARHDRSZ + CLR_HASH_LEN);
	memcpy(VARDATA(b), hash, CLR_HASH_LEN);
	return PointerGetDatum(b);
}

/*----------------------------------------------------------------
 * Progress: one verification at a time shows its own
 *----------------------------------------------------------------
 */
static void
release_progress(int code, Datum arg)
{
	ClrDatabase *db = (ClrDatabase *) DatumGetPointer(arg);

	if (db == NULL)
		return;
	SpinLockAcquire(&db->mutex);
	if (db->verify_pid == MyProcPid)
		db->verify_pid = 0;
	SpinLockRelease(&db->mutex);
}

static void
claim_progress(ClrDatabase *db, uint64 total)
{
	int64		now = clr_time_from_pg(GetCurrentTimestamp());
	pid_t		other;

	if (db == NULL)
		return;
	SpinLockAcquire(&db->mutex);
	other = db->verify_pid;
	if (other == 0)
	{
		db->verify_pid = MyProcPid;
		db->verify_done = 0;
		db->verify_total = total;
		db->verify_started_us = now;
	}
	SpinLockRelease(&db->mutex);
	if (other != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("clearing.verify() is already running in this database"),
				 errdetail("Process %d runs it.", (int) other),
				 errhint("See clearing.stat_progress_verify.")));
}

static void
report_progress(ClrDatabase *db, uint64 done)
{
	if (db == NULL)
		return;
	SpinLockAcquire(&db->mutex);
	db->verify_done = done;
	SpinLockRelease(&db->mutex);
}

/* verify_progress(): the row of the running verification, if there is one */
Datum
clr_verify_progress(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClrDatabase *db = clr_shared == NULL ? NULL : clr_my_database();
	ClrDatabase copy;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	InitMaterializedSRF(fcinfo, 0);
	if (db == NULL)
		return (Datum) 0;
	clr_snapshot_database(db, &copy);
	if (copy.verify_pid == 0)
		return (Datum) 0;
	values[0] = Int32GetDatum(copy.verify_pid);
	values[1] = Int64GetDatum((int64) copy.verify_done);
	values[2] = Int64GetDatum((int64) copy.verify_total);
	values[3] = Int64GetDatum(copy.verify_started_us);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

/*----------------------------------------------------------------
 * Executing the journal again
 *----------------------------------------------------------------
 */
static void
note_fault(Verification *v, uint64 height, const char *fault, char *detail)
{
	v->bad_height = Max(height, 1);	/* 0 would say that nothing is wrong */
	v->fault = MemoryContextStrdup(GetMemoryChunkContext(v), fault);
	v->detail = detail;
}

static void
note_missing(Verification *v)
{
	note_fault(v, v->chain.height + 1, "block is missing", NULL);
}

static void
note_block_fault(Verification *v, const ClrBlock *block, ClrBlockFault fault,
				 const uint8_t *actual)
{
	char	   *detail = NULL;
	MemoryContext old;

	/* the callback runs in a context that is reset after each block */
	old = MemoryContextSwitchTo(GetMemoryChunkContext(v));
	if (fault == CLR_BLOCK_DIGEST_DIFFERS)
		detail = psprintf("The journal states the event digest %s, re-execution gives %s.",
						  hex_of(block->event_digest), hex_of(actual));
	note_fault(v, block->height, clr_block_fault_text(fault), detail);
	MemoryContextSwitchTo(old);
}

/* ClrBlockCallback */
static bool
verify_block(void *arg, const ClrBlock *block)
{
	Verification *v = arg;
	uint8_t		actual[CLR_HASH_LEN];
	ClrBlockFault fault;
	ClrHouseView before;
	bool		more = true;

	if (block->height > v->chain.height + 1)
	{
		note_missing(v);
		return false;
	}
	clr_get_house(v->engine, &before);
	fault = clr_block_execute(v->engine, &v->chain, block, &v->events, actual);
	if (fault == CLR_BLOCK_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory while executing block %llu",
						(unsigned long long) block->height)));
	if (fault != CLR_BLOCK_OK)
	{
		note_block_fault(v, block, fault, actual);
		return false;
	}
	if (v->history != NULL)
		more = clr_history_add_block(v->history, block, &v->events,
									 before.next_order);
	if (block->height >= v->from)
	{
		v->blocks++;
		v->commands += block->n_commands;
	}
	return more;
}

static void
note_difference(Verification *v, char *what, uint64 height, bool untrue)
{
	if (what != NULL)
		note_fault(v, height, untrue ? "bust differs from its trade" :
				   "read model differs from the journal", what);
}

/* Executes up to `stop`; false if something is wrong. */
static bool
verify_up_to(Verification *v, uint64 stop)
{
	while (v->chain.height < stop && v->bad_height == 0)
	{
		uint64		before = v->chain.height;
		uint64		height = 0;
		bool		untrue = false;
		char	   *what = NULL;
		uint64		n = clr_journal_read(before, stop, VERIFY_BLOCKS,
										 verify_block, v);

		if (n == 0)
			note_missing(v);
		else if (v->bad_height == 0 && v->history != NULL)
			what = clr_history_compare(v->history, &height, &untrue);
		note_difference(v, what, height, untrue);
		report_progress(v->db, v->chain.height);
		CHECK_FOR_INTERRUPTS();
	}
	return v->bad_height == 0;
}

/*
 * The read model loaded into an engine of its own, or NULL and an error
 * message: what is tampered with may not load at all.
 */
static ClrEngine *
load_read_model(ClrChain *chain, char **problem)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ClrEngine  *engine = clr_scoped_engine();
	volatile bool loaded = false;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		clr_restore_engine(engine, chain);
		loaded = true;
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (error->sqlerrcode != ERRCODE_CLR_JOURNAL_CORRUPT)
			ReThrowError(error);
		*problem = psprintf("%s%s%s", error->message,
							error->detail != NULL ? ": " : "",
							error->detail != NULL ? error->detail : "");
	}
	PG_END_TRY();
	return loaded ? engine : NULL;
}

/* The state that the journal leads to against the state that the tables show. */
static void
compare_read_model(Verification *v)
{
	MemoryContext scope = AllocSetContextCreate(CurrentMemoryContext,
												"read model to compare",
												ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scope);
	uint8_t		executed[CLR_HASH_LEN];
	uint8_t		shown[CLR_HASH_LEN];
	ClrChain	chain;
	char	   *problem = NULL;
	ClrEngine  *loaded = load_read_model(&chain, &problem);

	if (loaded != NULL)
	{
		clr_engine_digest(v->engine, executed);
		clr_engine_digest(loaded, shown);
		if (memcmp(executed, shown, CLR_HASH_LEN) != 0)
			problem = psprintf("The journal leads to the state digest %s, the tables show %s.",
							   hex_of(executed), hex_of(shown));
	}
	MemoryContextSwitchTo(old);
	if (problem != NULL)
		note_fault(v, v->projected, "read model differs from the journal",
				   pstrdup(problem));
	MemoryContextDelete(scope);
}

static void
verify_read_model(Verification *v)
{
	char	   *what;
	uint64		height = 0;

	if (!verify_up_to(v, v->projected))
		return;
	compare_read_model(v);
	if (v->bad_height == 0)
	{
		what = clr_history_finish(v->history, v->engine, &height);
		note_difference(v, what, height, false);
	}
	v->history = NULL;
}

static uint64
read_model_height(void)
{
	bool		isnull = true;
	uint64		height = 0;

	if (SPI_execute("SELECT height FROM clearing_state.projection", true, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not read clearing_state.projection");
	if (SPI_processed == 1)
		height = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
											 SPI_tuptable->tupdesc, 1, &isnull));
	return isnull ? 0 : height;
}

static void
run_verification(Verification *v)
{
	uint64		last = clr_journal_last_height();

	v->to = Min(v->to, last);
	v->projected = read_model_height();
	claim_progress(v->db, v->to);
	PG_ENSURE_ERROR_CLEANUP(release_progress, PointerGetDatum(v->db));
	{
		if (v->projected > last)
			note_fault(v, v->projected, "read model is ahead of the journal", NULL);
		else if (v->projected <= v->to)
		{
			v->history = clr_history_begin(CurrentMemoryContext, v->engine,
										   v->from, v->projected);
			verify_read_model(v);
		}
		if (v->bad_height == 0)
			verify_up_to(v, v->to);
	}
	PG_END_ENSURE_ERROR_CLEANUP(release_progress, PointerGetDatum(v->db));
	release_progress(0, PointerGetDatum(v->db));
}

static void
return_verification(ReturnSetInfo *rsinfo, const Verification *v)
{
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = Int64GetDatum((int64) v->from);
	values[1] = Int64GetDatum((int64) v->chain.height);
	values[2] = Int64GetDatum((int64) v->blocks);
	values[3] = Int64GetDatum((int64) v->commands);
	values[4] = BoolGetDatum(v->bad_height == 0);
	values[5] = Int64GetDatum((int64) v->bad_height);
	nulls[5] = v->bad_height == 0;
	nulls[6] = v->fault == NULL;
	if (v->fault != NULL)
		values[6] = CStringGetTextDatum(v->fault);
	nulls[7] = v->detail == NULL;
	if (v->detail != NULL)
		values[7] = CStringGetTextDatum(v->detail);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* verify(from_height bigint, to_height bigint) */
Datum
clr_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		from = PG_ARGISNULL(0) ? 1 : PG_GETARG_INT64(0);
	int64		to = PG_ARGISNULL(1) ? PG_INT64_MAX : PG_GETARG_INT64(1);
	Verification *v;
	MemoryContextCallback *callback;

	if (from < 1 || to < from)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("heights %lld to %lld are no range of blocks",
						(long long) from, (long long) to),
				 errhint("The first block has height 1.")));
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	v = palloc0(sizeof(Verification));
	callback = palloc0(sizeof(MemoryContextCallback));
	callback->func = free_events;
	callback->arg = &v->events;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	v->engine = clr_scoped_engine();
	v->from = from;
	v->to = to;
	v->db = clr_shared == NULL ? NULL : clr_my_database();
	run_verification(v);
	return_verification(rsinfo, v);
	SPI_finish();
	return (Datum) 0;
}

/*----------------------------------------------------------------
 * The state of the read model, as an engine has it
 *----------------------------------------------------------------
 */

/* state_digest() */
Datum
clr_state_digest(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};
	ClrEngine  *engine;
	ClrChain	chain;
	uint8_t		digest[CLR_HASH_LEN];

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	SPI_connect();
	engine = clr_scoped_engine();
	clr_restore_engine(engine, &chain);
	clr_engine_digest(engine, digest);
	SPI_finish();
	values[0] = Int64GetDatum((int64) chain.height);
	values[1] = bytea_of(digest);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

static void
return_valuation(ReturnSetInfo *rsinfo, uint32 account, uint32 asset,
				 const ClrValuation *v)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = Int32GetDatum((int32) account);
	values[1] = Int32GetDatum((int32) asset);
	values[2] = Int64GetDatum(v->balance);
	values[3] = Int64GetDatum(v->equity);
	values[4] = Int64GetDatum(v->initial);
	values[5] = Int64GetDatum(v->maintenance);
	values[6] = Int64GetDatum(v->available);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* engine_valuations(): every account in every asset it has anything in */
Datum
clr_engine_valuations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	ClrEngine  *engine;
	ClrChain	chain;
	ClrHouseView house;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	engine = clr_scoped_engine();
	clr_restore_engine(engine, &chain);
	clr_get_house(engine, &house);
	for (uint32 account = 1; account < house.next_account; account++)
		for (uint32 asset = 1; asset < house.next_asset; asset++)
		{
			ClrValuation v;

			if (clr_get_valuation(engine, account, asset, &v))
				return_valuation(rsinfo, account, asset, &v);
			CHECK_FOR_INTERRUPTS();
		}
	SPI_finish();
	return (Datum) 0;
}
