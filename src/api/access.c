/*
 * access.c
 *	  Who may act for which account, and whose rows a user sees.
 *
 * Run by backends.  Operators (superusers and whoever has the privileges of
 * clearing_operator) act for everybody.  Others act for the members whose role
 * they have the privileges of, see clearing_state.member_role.
 *
 * That table is cached whole: one entry per member.  It is forgotten when the
 * table changes (its trigger sends a relcache invalidation, which also reaches
 * standbys) and when roles do (syscache callback).  The privileges themselves
 * are asked for at every call; PostgreSQL caches them.
 *
 * Invariant: an account that does not exist and an account of somebody else
 * give the same error.
 */
#include "api/api.h"

#include "access/parallel.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(clr_member_role_changed);
PG_FUNCTION_INFO_V1(clr_current_members);
PG_FUNCTION_INFO_V1(clr_set_member_role);

typedef struct ClrMemberRole
{
	uint32		member;
	Oid			role;
} ClrMemberRole;

/* sorted by member */
static ClrMemberRole *clr_roles = NULL;
static int	clr_n_roles = 0;
static bool clr_roles_valid = false;
static bool clr_roles_provisional = false;	/* read in a parallel query */
static Oid	clr_roles_table = InvalidOid;

static void
clr_roles_relcache_callback(Datum arg, Oid relid)
{
	if (relid == clr_roles_table || relid == InvalidOid)
		clr_roles_valid = false;
}

static void
clr_roles_syscache_callback(Datum arg, int cacheid, uint32 hashvalue)
{
	clr_roles_valid = false;
}

static void
clr_register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	CacheRegisterRelcacheCallback(clr_roles_relcache_callback, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, clr_roles_syscache_callback, (Datum) 0);
	registered = true;
}

/* Copies what SPI_tuptable holds; a role that is gone acts for nobody. */
static void
clr_keep_roles(uint64 n)
{
	ClrMemberRole *roles;
	int			kept = 0;
	uint64		i;

	roles = MemoryContextAlloc(CacheMemoryContext,
							   Max(n, 1) * sizeof(ClrMemberRole));
	for (i = 0; i < n; i++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[i],
										SPI_tuptable->tupdesc, 2);
		Oid			role = get_role_oid(name, true);

		if (!OidIsValid(role))
			continue;
		roles[kept].member = (uint32) clr_spi_int(i, 1);
		roles[kept].role = role;
		kept++;
	}
	if (clr_roles != NULL)
		pfree(clr_roles);
	clr_roles = roles;
	clr_n_roles = kept;
}

static void
clr_load_roles(void)
{
	ClrOwnerScope scope;

	if (clr_roles_valid && (!clr_roles_provisional || IsInParallelMode()))
		return;
	clr_register_callbacks();
	clr_roles_table = clr_state_relation("member_role");
	/* before reading: what arrives meanwhile must not be lost */
	clr_roles_valid = true;
	clr_roles_provisional = IsInParallelMode();
	PG_TRY();
	{
		clr_owner_enter(&scope, true);
		clr_keep_roles(clr_owner_select("SELECT member_id, role_name"
										" FROM clearing_state.member_role"
										" ORDER BY member_id USING OPERATOR(pg_catalog.<)",
										0, NULL, NULL));
		clr_owner_leave(&scope);
	}
	PG_CATCH();
	{
		clr_roles_valid = false;
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static bool
clr_has_group(const char *name)
{
	Oid			role = get_role_oid(name, true);

	return OidIsValid(role) && has_privs_of_role(GetUserId(), role);
}

bool
clr_is_operator(void)
{
	return superuser() || clr_has_group("clearing_operator");
}

void
clr_require_operator(const char *function)
{
	if (!clr_is_operator())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for clearing.%s()", function),
				 errhint("Only roles with the privileges of clearing_operator may call it.")));
}

bool
clr_acts_for(uint32 member)
{
	int			low = 0;
	int			high;

	clr_load_roles();
	high = clr_n_roles;
	while (low < high)
	{
		int			mid = (low + high) / 2;

		if (clr_roles[mid].member < member)
			low = mid + 1;
		else
			high = mid;
	}
	return low < clr_n_roles && clr_roles[low].member == member &&
		has_privs_of_role(GetUserId(), clr_roles[low].role);
}

const ClrObject *
clr_own_account(ClrText name, uint32 *submitter)
{
	const ClrObject *account = clr_lookup_name(CLR_OBJECT_ACCOUNT, name);

	if (clr_is_operator())
	{
		if (account == NULL)
			clr_no_such_object(CLR_OBJECT_ACCOUNT, name);
		*submitter = CLR_MEMBER_HOUSE;
		return account;
	}
	if (account == NULL || !clr_acts_for(account->member))
		clr_no_such_object(CLR_OBJECT_ACCOUNT, name);
	*submitter = account->member;
	return account;
}

/* The same for an account given by number in an encoded command. */
uint32
clr_submitter_for(uint32 account_id)
{
	const ClrObject *account = clr_lookup_id(CLR_OBJECT_ACCOUNT, account_id);

	if (account == NULL || !clr_acts_for(account->member))
		ereport(ERROR,
				(errcode(ERRCODE_CLR_UNKNOWN_OBJECT),
				 errmsg("account %u does not exist or is not yours", account_id),
				 errhint("See clearing.account for the accounts that you may use.")));
	return account->member;
}

bool
clr_sees_all(void)
{
	return clr_is_operator() || clr_has_group("clearing_auditor");
}

Datum
clr_current_members(PG_FUNCTION_ARGS)
{
	Datum	   *members;
	int			n = 0;
	int			i;

	if (clr_sees_all())
		PG_RETURN_NULL();
	clr_load_roles();
	members = palloc(Max(clr_n_roles, 1) * sizeof(Datum));
	for (i = 0; i < clr_n_roles; i++)
		if (has_privs_of_role(GetUserId(), clr_roles[i].role))
			members[n++] = Int32GetDatum((int32) clr_roles[i].member);
	PG_RETURN_ARRAYTYPE_P(construct_array(members, n, INT4OID, sizeof(int32),
										  true, TYPALIGN_INT));
}

Datum
clr_member_role_changed(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("clearing_state.member_role_changed() must be called as a trigger")));
	CacheInvalidateRelcache(data->tg_relation);
	return PointerGetDatum(NULL);
}

/* Runs a statement of ours in an owner scope. */
static void
clr_owner_execute(const char *query, int nargs, Oid *types, Datum *values)
{
	int			rc = SPI_execute_with_args(query, nargs, types, values, NULL,
										   false, 0);

	if (rc < 0)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(rc));
}

/*
 * A role of pg_clearing itself would make every operator, member or auditor
 * act for the member.
 */
void
clr_check_member_role(const char *role)
{
	static const char *const groups[] = {
		"clearing_operator", "clearing_member", "clearing_auditor",
		"clearing_monitor"
	};
	int			i;

	for (i = 0; i < (int) lengthof(groups); i++)
		if (strcmp(role, groups[i]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_CLR_INVALID_VALUE),
					 errmsg("role \"%s\" cannot act for a member", role),
					 errdetail("It is a group of pg_clearing."),
					 errhint("Create a role for the member.")));
	(void) get_role_oid(role, false);
}

/* The group that may call the trading functions, unless it has it already. */
static void
clr_grant_member_group(const char *role)
{
	if (!is_member_of_role_nosuper(get_role_oid(role, false),
								   get_role_oid("clearing_member", false)))
		clr_owner_execute(psprintf("GRANT clearing_member TO %s",
								   quote_identifier(role)), 0, NULL, NULL);
}

void
clr_store_member_role(uint32 member, const char *role)
{
	ClrOwnerScope scope;
	Oid			types[] = {INT4OID, NAMEOID};
	Datum		values[2];
	NameData	name;

	values[0] = Int32GetDatum((int32) member);
	if (role != NULL)
	{
		clr_check_member_role(role);
		namestrcpy(&name, role);
		values[1] = NameGetDatum(&name);
	}
	clr_owner_enter(&scope, false);
	clr_owner_execute("DELETE FROM clearing_state.member_role"
					  " WHERE member_id OPERATOR(pg_catalog.=) $1",
					  1, types, values);
	if (role != NULL)
	{
		clr_owner_execute("INSERT INTO clearing_state.member_role"
						  " (member_id, role_name) VALUES ($1, $2)",
						  2, types, values);
		clr_grant_member_group(role);
	}
	clr_owner_leave(&scope);
}

Datum
clr_set_member_role(PG_FUNCTION_ARGS)
{
	const ClrObject *member;

	clr_require_primary("set_member_role");
	clr_require_operator("set_member_role");
	clr_lookup_begin();
	member = clr_require_object(CLR_OBJECT_MEMBER,
								clr_arg_text(fcinfo, 0, "member"));
	if (member->id == CLR_MEMBER_HOUSE)
		ereport(ERROR,
				(errcode(ERRCODE_CLR_INVALID_VALUE),
				 errmsg("no role can act for the house"),
				 errhint("Grant clearing_operator to a role that shall act for it.")));
	clr_store_member_role(member->id,
						  PG_ARGISNULL(1) ? NULL : NameStr(*PG_GETARG_NAME(1)));
	PG_RETURN_VOID();
}
