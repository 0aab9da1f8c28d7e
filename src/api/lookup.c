/*
 * lookup.c
 *	  Names and numbers of assets, members, accounts and instruments.
 *
 * Run by backends.  A backend-local cache filled from the read model: what is
 * kept never changes once created (ids, names, scales, tick and lot sizes), so
 * an entry is valid for as long as the extension exists.  That nothing is
 * known under a name is never remembered.
 *
 * Forgetting.  The tables of an extension that is dropped and created again
 * have new OIDs: a relcache callback on clearing_state.asset marks the cache
 * stale.  The cache is discarded only by clr_lookup_begin(), at the start of a
 * function call, so an object stays where it is during the call.
 *
 * The tables are read as their owner, whose plans must not depend on the
 * caller's search_path: every name and operator in a query is qualified.
 * Errors restore the user by aborting the (sub)transaction.
 */
#include "api/api.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "worker/shmem.h"

/* Objects kept; beyond that the cache starts over. */
#define CLR_CACHE_MAX	200000
/* How long a name may take to come through the projector. */
#define CLR_CATCH_UP_MS 5000

typedef struct ClrIdKey
{
	uint32		kind;
	uint32		id;
} ClrIdKey;

typedef struct ClrIdEntry
{
	ClrIdKey	key;
	ClrObject  *object;
} ClrIdEntry;

static MemoryContext clr_cache_context = NULL;
static HTAB *clr_by_name = NULL;
static HTAB *clr_by_id = NULL;
static Oid	clr_watched = InvalidOid;	/* clearing_state.asset */
static bool clr_cache_stale = true;

typedef struct ClrObjectSource
{
	const char *noun;
	const char *by_name;
	const char *by_id;
} ClrObjectSource;

#define CLR_ASSET_QUERY \
	"SELECT asset_id, name, scale FROM clearing_state.asset WHERE "
#define CLR_MEMBER_QUERY \
	"SELECT member_id, code FROM clearing_state.member WHERE "
#define CLR_ACCOUNT_QUERY \
	"SELECT account_id, name, member_id FROM clearing_state.account WHERE "
#define CLR_INSTRUMENT_QUERY \
	"SELECT i.instrument_id, i.symbol, i.kind, i.tick_exp, i.lot_exp," \
	" i.tick_size, i.lot_size, i.base_asset_id, i.quote_asset_id, a.scale" \
	" FROM clearing_state.instrument i JOIN clearing_state.asset a" \
	" ON a.asset_id OPERATOR(pg_catalog.=) i.quote_asset_id WHERE i."
#define CLR_EQ " OPERATOR(pg_catalog.=) $1"

/* indexed by ClrObjectKind - 1 */
static const ClrObjectSource clr_sources[] = {
	{"asset", CLR_ASSET_QUERY "name" CLR_EQ, CLR_ASSET_QUERY "asset_id" CLR_EQ},
	{"member", CLR_MEMBER_QUERY "code" CLR_EQ, CLR_MEMBER_QUERY "member_id" CLR_EQ},
	{"account", CLR_ACCOUNT_QUERY "name" CLR_EQ, CLR_ACCOUNT_QUERY "account_id" CLR_EQ},
	{"instrument", CLR_INSTRUMENT_QUERY "symbol" CLR_EQ,
	CLR_INSTRUMENT_QUERY "instrument_id" CLR_EQ}
};

/*----------------------------------------------------------------
 * Reading as the owner
 *----------------------------------------------------------------
 */
Oid
clr_state_relation(const char *name)
{
	Oid			nsp = get_namespace_oid("clearing_state", true);
	Oid			relid = OidIsValid(nsp) ? get_relname_relid(name, nsp) : InvalidOid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_VERSION_MISMATCH),
				 errmsg("table clearing_state.%s does not exist", name),
				 errhint("CREATE EXTENSION pg_clearing, or ALTER EXTENSION pg_clearing UPDATE.")));
	return relid;
}

static Oid
clr_owner(void)
{
	Oid			relid = clr_state_relation("asset");
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

void
clr_owner_enter(ClrOwnerScope *scope, bool latest)
{
	Oid			owner = clr_owner();

	GetUserIdAndSecContext(&scope->userid, &scope->sec_context);
	SetUserIdAndSecContext(owner, scope->sec_context | SECURITY_LOCAL_USERID_CHANGE);
	/* a parallel query has one snapshot and no other */
	scope->snapshot = (latest && !IsInParallelMode()) || !ActiveSnapshotSet();
	if (scope->snapshot)
		PushActiveSnapshot(latest && !IsInParallelMode() ?
						   GetLatestSnapshot() : GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
clr_owner_leave(ClrOwnerScope *scope)
{
	SPI_finish();
	if (scope->snapshot)
		PopActiveSnapshot();
	SetUserIdAndSecContext(scope->userid, scope->sec_context);
}

uint64
clr_owner_select(const char *query, int nargs, Oid *types, Datum *values)
{
	int			rc = SPI_execute_with_args(query, nargs, types, values, NULL,
										   true, 0);

	if (rc != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(rc));
	return SPI_processed;
}

/* Integer column (from 1) of any width; 0 for null. */
int64
clr_spi_int(uint64 row, int column)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[row], desc, column,
									  &isnull);

	if (isnull)
		return 0;
	switch (SPI_gettypeid(desc, column))
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT4OID:
			return DatumGetInt32(value);
		case INT8OID:
			return DatumGetInt64(value);
		default:
			elog(ERROR, "column %d is no integer", column);
	}
}

/*----------------------------------------------------------------
 * The cache
 *----------------------------------------------------------------
 */
static void
clr_relcache_callback(Datum arg, Oid relid)
{
	if (relid == clr_watched || relid == InvalidOid)
		clr_cache_stale = true;
}

static void
clr_cache_build(void)
{
	HASHCTL		ctl;
	static bool registered = false;

	if (!registered)
	{
		CacheRegisterRelcacheCallback(clr_relcache_callback, (Datum) 0);
		registered = true;
	}
	clr_watched = clr_state_relation("asset");
	if (clr_cache_context != NULL)
		MemoryContextDelete(clr_cache_context);
	clr_by_name = clr_by_id = NULL;
	clr_cache_context = AllocSetContextCreate(CacheMemoryContext,
											  "pg_clearing names",
											  ALLOCSET_DEFAULT_SIZES);
	ctl.hcxt = clr_cache_context;
	ctl.keysize = sizeof(ClrObjectKey);
	ctl.entrysize = sizeof(ClrObject);
	clr_by_name = hash_create("pg_clearing objects by name", 256, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	ctl.keysize = sizeof(ClrIdKey);
	ctl.entrysize = sizeof(ClrIdEntry);
	clr_by_id = hash_create("pg_clearing objects by id", 256, &ctl,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	clr_cache_stale = false;
}

void
clr_lookup_begin(void)
{
	if (clr_cache_stale || clr_by_id == NULL ||
		hash_get_num_entries(clr_by_name) > CLR_CACHE_MAX)
		clr_cache_build();
}

static bool
clr_make_key(ClrObjectKey *key, ClrObjectKind kind, const void *name, size_t len)
{
	if (len == 0 || len > CLR_NAME_MAX)
		return false;
	memset(key, 0, sizeof(*key));
	key->kind = kind;
	key->len = len;
	memcpy(key->name, name, len);
	return true;
}

/* Enters the row that SPI_tuptable holds. */
static const ClrObject *
clr_cache_enter(ClrObjectKind kind)
{
	char	   *name = SPI_getvalue(SPI_tuptable->vals[0],
									SPI_tuptable->tupdesc, 2);
	ClrObjectKey key;
	ClrObject  *object;
	ClrIdKey	id;
	ClrIdEntry *entry;

	if (!clr_make_key(&key, kind, name, strlen(name)))
		return NULL;
	object = hash_search(clr_by_name, &key, HASH_ENTER, NULL);
	object->id = (uint32) clr_spi_int(0, 1);
	if (kind == CLR_OBJECT_ASSET)
		object->scale = (uint8) clr_spi_int(0, 3);
	else if (kind == CLR_OBJECT_ACCOUNT)
		object->member = (uint32) clr_spi_int(0, 3);
	else if (kind == CLR_OBJECT_INSTRUMENT)
	{
		object->instrument_kind = (uint8) clr_spi_int(0, 3);
		object->tick_exp = (uint8) clr_spi_int(0, 4);
		object->lot_exp = (uint8) clr_spi_int(0, 5);
		object->tick_size = clr_spi_int(0, 6);
		object->lot_size = clr_spi_int(0, 7);
		object->base_asset = (uint32) clr_spi_int(0, 8);
		object->quote_asset = (uint32) clr_spi_int(0, 9);
		object->quote_scale = (uint8) clr_spi_int(0, 10);
	}
	id.kind = kind;
	id.id = object->id;
	entry = hash_search(clr_by_id, &id, HASH_ENTER, NULL);
	entry->object = object;
	return object;
}

static const ClrObject *
clr_read_object(ClrObjectKind kind, const char *query, Oid type, Datum value)
{
	ClrOwnerScope scope;
	const ClrObject *object = NULL;

	clr_owner_enter(&scope, true);
	if (clr_owner_select(query, 1, &type, &value) > 0)
		object = clr_cache_enter(kind);
	clr_owner_leave(&scope);
	return object;
}

/*
 * What was confirmed before we looked may not have come through the projector
 * at that moment.  Waits until it has; true if looking again makes sense.
 */
bool
clr_catch_up(void)
{
	ClrDatabase *db = clr_my_database();

	if (db == NULL || RecoveryInProgress() || IsInParallelMode())
		return false;
	return clr_wait_for_height(pg_atomic_read_u64(&db->confirmed_height),
							   CLR_CATCH_UP_MS);
}

const ClrObject *
clr_lookup_name(ClrObjectKind kind, ClrText name)
{
	ClrObjectKey key;
	const ClrObject *object;
	const char *query = clr_sources[kind - 1].by_name;
	Datum		value;

	if (!clr_make_key(&key, kind, name.data, name.len))
		return NULL;
	object = hash_search(clr_by_name, &key, HASH_FIND, NULL);
	if (object != NULL)
		return object;
	value = PointerGetDatum(cstring_to_text_with_len((const char *) name.data,
													 name.len));
	object = clr_read_object(kind, query, TEXTOID, value);
	if (object == NULL && clr_catch_up())
		object = clr_read_object(kind, query, TEXTOID, value);
	return object;
}

const ClrObject *
clr_lookup_id(ClrObjectKind kind, uint32 id)
{
	ClrIdKey	key = {kind, id};
	const ClrIdEntry *entry;
	const ClrObject *object;
	const char *query = clr_sources[kind - 1].by_id;

	if (id == 0)
		return NULL;
	entry = hash_search(clr_by_id, &key, HASH_FIND, NULL);
	if (entry != NULL)
		return entry->object;
	object = clr_read_object(kind, query, INT4OID, Int32GetDatum((int32) id));
	if (object == NULL && clr_catch_up())
		object = clr_read_object(kind, query, INT4OID, Int32GetDatum((int32) id));
	return object;
}

const ClrObject *
clr_require_object(ClrObjectKind kind, ClrText name)
{
	const ClrObject *object = clr_lookup_name(kind, name);

	if (object == NULL)
		clr_no_such_object(kind, name);
	return object;
}

void
clr_no_such_object(ClrObjectKind kind, ClrText name)
{
	bool		account = kind == CLR_OBJECT_ACCOUNT;

	ereport(ERROR,
			(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
			 errmsg("%s \"%.*s\" does not exist%s", clr_sources[kind - 1].noun,
					clr_clip(name, 2 * CLR_NAME_MAX),
					(const char *) name.data,
					account ? " or is not yours" : ""),
			 account ?
			 errhint("See clearing.account for the accounts that you may use.") :
			 errhint("See clearing.%s for the names there are.",
					 clr_sources[kind - 1].noun)));
}

void
clr_no_such_order(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
			 errmsg("the account has no order %s", what),
			 errhint("See clearing.open_order; give the symbol to send the command all the same.")));
}
