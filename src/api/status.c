/*
 * status.c
 *	  What a node knows of itself, and reading one's own writes.
 *
 * Run by backends, on primaries and standbys.  status() reads shared memory
 * and nothing else, so it answers when the workers do not.
 *
 * Locks: ClrDatabase->mutex, through clr_snapshot_database().
 */
#include "api/api.h"
#include "journal/times.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "replication/syncrep.h"
#include "replication/walsender.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "worker/shmem.h"

PG_FUNCTION_INFO_V1(clr_status);
PG_FUNCTION_INFO_V1(clr_wait_for);
PG_FUNCTION_INFO_V1(clr_height);
PG_FUNCTION_INFO_V1(clr_check_receipt);

#define CLR_STATUS_COLUMNS 18

/*----------------------------------------------------------------
 * status()
 *----------------------------------------------------------------
 */
static int
clr_count_synchronous_standbys(void)
{
	SyncRepStandbyData *standbys;
	int			n;

	if (max_wal_senders == 0 || SyncRepConfig == NULL)
		return 0;
	n = SyncRepGetCandidateStandbys(&standbys);
	pfree(standbys);
	return n;
}

static Datum
clr_hash_datum(const uint8 *hash)
{
	bytea	   *result = palloc(VARHDRSZ + CLR_HASH_LEN);

	SET_VARSIZE(result, VARHDRSZ + CLR_HASH_LEN);
	memcpy(VARDATA(result), hash, CLR_HASH_LEN);
	return PointerGetDatum(result);
}

static TimestampTz
clr_timestamp_of(int64 unix_us)
{
	return clr_time_to_pg(unix_us);
}

static void
clr_set_chain(const ClrChain *chain, Datum *values, bool *nulls)
{
	values[3] = Int64GetDatum((int64) chain->epoch);
	values[4] = Int64GetDatum((int64) chain->height);
	nulls[3] = nulls[4] = false;
	if (chain->height == 0)
		return;
	values[7] = clr_hash_datum(chain->hash);
	values[8] = TimestampTzGetDatum(clr_timestamp_of(chain->time_us));
	nulls[7] = nulls[8] = false;
}

static void
clr_set_workers(const ClrDatabase *copy, Datum *values, bool *nulls)
{
	nulls[12] = copy->engine_pid == 0;
	values[12] = Int32GetDatum(copy->engine_pid);
	nulls[13] = copy->projector_pid == 0;
	values[13] = Int32GetDatum(copy->projector_pid);
	if (copy->role != CLR_ROLE_HALTED)
		return;
	values[15] = Int64GetDatum((int64) copy->halted_height);
	values[16] = clr_hash_datum(copy->halted_expected);
	values[17] = clr_hash_datum(copy->halted_actual);
	nulls[15] = nulls[16] = nulls[17] = false;
}

static void
clr_set_database(ClrDatabase *db, Datum *values, bool *nulls)
{
	ClrDatabase copy;

	clr_snapshot_database(db, &copy);
	values[0] = CStringGetTextDatum(clr_role_name(copy.role));
	values[1] = BoolGetDatum(copy.role == CLR_ROLE_SERVING);
	values[2] = BoolGetDatum(copy.house_open);
	values[5] = Int64GetDatum((int64) pg_atomic_read_u64(&db->confirmed_height));
	values[6] = Int64GetDatum((int64) pg_atomic_read_u64(&db->projected_height));
	values[11] = Int64GetDatum((int64) copy.open_orders);
	values[14] = Int64GetDatum((int64) pg_atomic_read_u64(&db->restarts));
	nulls[2] = nulls[6] = nulls[11] = nulls[14] = false;
	/* what is confirmed is known where it is confirmed */
	nulls[5] = RecoveryInProgress();
	clr_set_chain(&copy.applied, values, nulls);
	clr_set_workers(&copy, values, nulls);
}

Datum
clr_status(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[CLR_STATUS_COLUMNS] = {0};
	bool		nulls[CLR_STATUS_COLUMNS];
	ClrDatabase *db;

	clr_require_preload();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != CLR_STATUS_COLUMNS)
		elog(ERROR, "return type must be a row type");
	memset(nulls, true, sizeof(nulls));
	db = clr_my_database();
	values[0] = CStringGetTextDatum(clr_role_name(CLR_ROLE_NONE));
	values[1] = BoolGetDatum(false);
	values[9] = CStringGetTextDatum(clr_durability == CLR_DURABILITY_LOCAL ?
									"local" : "replicated");
	values[10] = Int32GetDatum(clr_count_synchronous_standbys());
	nulls[0] = nulls[1] = nulls[9] = nulls[10] = false;
	if (db != NULL)
		clr_set_database(db, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}

/*----------------------------------------------------------------
 * Heights
 *----------------------------------------------------------------
 */
static long
clr_interval_ms(const Interval *interval)
{
	double		ms = (interval->month * (double) DAYS_PER_MONTH + interval->day) *
	(USECS_PER_DAY / 1000.0) + interval->time / 1000.0;

	return (long) Max(0.0, Min(ms, (double) INT_MAX));
}

Datum
clr_wait_for(PG_FUNCTION_ARGS)
{
	int64		height;

	clr_require_preload();
	if (PG_ARGISNULL(0))
		clr_null_argument("height");
	height = PG_GETARG_INT64(0);
	if (height <= 0)
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(clr_wait_for_height((uint64) height, PG_ARGISNULL(1) ? -1 :
									   clr_interval_ms(PG_GETARG_INTERVAL_P(1))));
}

Datum
clr_height(PG_FUNCTION_ARGS)
{
	ClrOwnerScope scope;
	int64		height = 0;

	clr_owner_enter(&scope, false);
	if (clr_owner_select("SELECT height FROM clearing_state.projection",
						 0, NULL, NULL) > 0)
		height = clr_spi_int(0, 1);
	clr_owner_leave(&scope);
	PG_RETURN_INT64(height);
}

/*----------------------------------------------------------------
 * Receipts
 *----------------------------------------------------------------
 */
typedef struct ClrReceipt
{
	int64		epoch;
	int64		height;
	int64		number;
	uint8		hash[CLR_HASH_LEN];
} ClrReceipt;

/* Digits up to a slash; NULL if there is anything else. */
static const char *
clr_parse_number(const char *p, int64 *number)
{
	const char *start = p;

	*number = 0;
	for (; *p >= '0' && *p <= '9'; p++)
	{
		if (p - start >= 18)
			return NULL;
		*number = *number * 10 + (*p - '0');
	}
	return p > start && *p == '/' ? p + 1 : NULL;
}

static int
clr_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool
clr_parse_receipt(const char *p, ClrReceipt *receipt)
{
	int			i;

	if ((p = clr_parse_number(p, &receipt->epoch)) == NULL ||
		(p = clr_parse_number(p, &receipt->height)) == NULL ||
		(p = clr_parse_number(p, &receipt->number)) == NULL ||
		strlen(p) != 2 * CLR_HASH_LEN)
		return false;
	for (i = 0; i < CLR_HASH_LEN; i++)
	{
		int			high = clr_hex_digit(p[2 * i]);
		int			low = clr_hex_digit(p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		receipt->hash[i] = (uint8) (high << 4 | low);
	}
	return true;
}

Datum
clr_check_receipt(PG_FUNCTION_ARGS)
{
	ClrText		text = clr_text_of(PG_GETARG_DATUM(0));
	char	   *given = pnstrdup((const char *) text.data, text.len);
	ClrReceipt	receipt;
	ClrOwnerScope scope;
	Oid			types[] = {INT8OID, INT8OID, INT8OID, BYTEAOID};
	Datum		values[4];
	bool		known = false;
	bool		matches = false;

	if (!clr_parse_receipt(given, &receipt))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("\"%.*s\" is not a receipt", clr_clip(text, 100), given),
				 errdetail("A receipt is epoch/height/command number/block hash.")));
	values[0] = Int64GetDatum(receipt.height);
	values[1] = Int64GetDatum(receipt.epoch);
	/* an order of a batch has the batch's number and its own place, see event.h */
	values[2] = Int64GetDatum(receipt.number & 0xFFFFFF);
	values[3] = clr_hash_datum(receipt.hash);
	clr_owner_enter(&scope, true);
	if (clr_owner_select("SELECT CASE WHEN epoch OPERATOR(pg_catalog.=) $2"
						 " AND command_count OPERATOR(pg_catalog.>) $3"
						 " AND block_hash OPERATOR(pg_catalog.=) $4"
						 " THEN 1 ELSE 0 END"
						 " FROM clearing_state.journal"
						 " WHERE height OPERATOR(pg_catalog.=) $1",
						 4, types, values) > 0)
	{
		known = true;
		matches = clr_spi_int(0, 1) == 1;
	}
	clr_owner_leave(&scope);
	if (!known)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(matches);
}
