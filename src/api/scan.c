/*
 * scan.c
 *	  A trading function in FROM, without a FunctionScan.
 *
 * Run by backends.  SELECT ord_status FROM clearing.submit_order(...) is how
 * orders are sent.  A FunctionScan makes the whole row, takes it apart, keeps
 * it in a tuplestore and takes it apart again; with many callers, each of
 * which comes back to cold caches, that costs more than the rest of the call.
 * So the planner is given a custom scan instead: it calls the code behind the
 * function, once, and makes only the columns that the statement names.
 *
 * It stands for the plain case only.  A function that is not ours any more
 * (replaced, SECURITY DEFINER, SET, wanted by a function manager hook), lateral
 * arguments, parameters that change between rescans, WITH ORDINALITY, and
 * whoever wants the row as a whole get the FunctionScan.
 *
 * Invariants.
 *	- The command is sent once in an execution of the plan, when the first row
 *	  is asked for, however often the node is scanned; see call_rescan().
 *	- The user needs EXECUTE on the function, checked when execution starts.
 */
#include "api/api.h"

#include "access/htup_details.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "optimizer/tlist.h"
#include "pgstat.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

typedef struct CallScanState
{
	CustomScanState css;		/* must be first */
	List	   *args;			/* expressions */
	ExprState **states;			/* of those that are neither Const nor Param */
	FmgrInfo	function;
	ClrTradingCall call;
	uint32		wanted;			/* bit n: column n, from 0, is named */
	Oid			fill_type;
	bool		called;
	bool		delivered;		/* in this scan */
	Datum		values[CLR_EXECUTION_COLUMNS];
	bool		nulls[CLR_EXECUTION_COLUMNS];
} CallScanState;

static set_rel_pathlist_hook_type prev_set_rel_pathlist = NULL;

/*----------------------------------------------------------------
 * Executing
 *----------------------------------------------------------------
 */
static void
check_execute(Oid function)
{
	AclResult	result = CLR_FUNCTION_ACLCHECK(function, GetUserId(), ACL_EXECUTE);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FUNCTION, get_func_name(function));
	InvokeFunctionExecuteHook(function);
}

/* CustomExecMethods */
static void
call_begin(CustomScanState *node, EState *estate, int eflags)
{
	CallScanState *state = (CallScanState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	Oid			function = linitial_oid(plan->custom_private);
	ListCell   *lc;

	check_execute(function);
	fmgr_info(function, &state->function);
	state->call = clr_trading_call(state->function.fn_addr);
	if (state->call == NULL)
		elog(ERROR, "function %u is not a trading function", function);
	state->args = plan->custom_exprs;
	state->states = palloc0(list_length(state->args) * sizeof(ExprState *));
	foreach(lc, state->args)
	{
		Expr	   *arg = lfirst(lc);

		if (!IsA(arg, Const) && !IsA(arg, Param))
			state->states[foreach_current_index(lc)] =
				ExecInitExpr(arg, &node->ss.ps);
	}
	foreach(lc, plan->custom_scan_tlist)
	{
		Var		   *var = (Var *) lfirst_node(TargetEntry, lc)->expr;

		state->wanted |= (uint32) 1 << (var->varattno - 1);
		if (var->varattno == CLR_FILLS_COLUMN + 1)
			state->fill_type = get_element_type(var->vartype);
	}
}

static Datum
parameter(ParamListInfo params, const Param *param, bool *isnull)
{
	ParamExternData *value = NULL;
	ParamExternData fetched;

	if (params != NULL && param->paramid > 0 && param->paramid <= params->numParams)
		value = params->paramFetch != NULL ?
			params->paramFetch(params, param->paramid, false, &fetched) :
			&params->params[param->paramid - 1];
	if (value == NULL || value->ptype != param->paramtype)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no value of the planned type found for parameter %d",
						param->paramid)));
	*isnull = value->isnull;
	return value->value;
}

static Datum
argument(CallScanState *state, int n, bool *isnull)
{
	Expr	   *arg = list_nth(state->args, n);
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;

	if (IsA(arg, Const))
	{
		*isnull = ((Const *) arg)->constisnull;
		return ((Const *) arg)->constvalue;
	}
	if (IsA(arg, Param))
		return parameter(econtext->ecxt_param_list_info, (Param *) arg, isnull);
	return ExecEvalExpr(state->states[n], econtext, isnull);
}

static void
make_columns(CallScanState *state, const ClrReply *reply,
			 const ClrAnswer *answer)
{
	ClrReporter reporter;

	clr_report_start(&reporter, reply, NULL);
	reporter.wanted = state->wanted;
	reporter.fill_type = state->fill_type;
	clr_report_execution(&reporter, answer, state->values, state->nulls);
	clr_report_end(&reporter);
}

/* Sends the command and makes the row; both stay for the whole execution. */
static void
call_function(CallScanState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	LOCAL_FCINFO(fcinfo, CLR_ALL_ORDER_ARGS);	/* no function has more */
	PgStat_FunctionCallUsage usage;
	ClrReply	reply;
	ClrAnswer	answer;

	InitFunctionCallInfoData(*fcinfo, &state->function,
							 list_length(state->args), InvalidOid, NULL, NULL);
	for (int i = 0; i < fcinfo->nargs; i++)
		fcinfo->args[i].value = argument(state, i, &fcinfo->args[i].isnull);
	pgstat_init_function_usage(fcinfo, &usage);
	state->called = true;
	state->call(fcinfo, &reply, &answer);
	PG_TRY();
	{
		make_columns(state, &reply, &answer);
	}
	PG_CATCH();
	{
		clr_raise_unreported_one(&reply, &answer);
	}
	PG_END_TRY();
	pgstat_end_function_usage(&usage, true);
	MemoryContextSwitchTo(old);
}

/* ExecScanAccessMtd */
static TupleTableSlot *
call_next(ScanState *node)
{
	CallScanState *state = (CallScanState *) node;
	TupleTableSlot *slot = node->ss_ScanTupleSlot;
	ListCell   *lc;

	ExecClearTuple(slot);
	if (state->delivered)
		return slot;
	if (!state->called)
		call_function(state);
	state->delivered = true;
	foreach(lc, ((CustomScan *) node->ps.plan)->custom_scan_tlist)
	{
		Var		   *var = (Var *) lfirst_node(TargetEntry, lc)->expr;
		int			to = foreach_current_index(lc);

		slot->tts_values[to] = state->values[var->varattno - 1];
		slot->tts_isnull[to] = state->nulls[var->varattno - 1];
	}
	return ExecStoreVirtualTuple(slot);
}

/* ExecScanRecheckMtd */
static bool
call_recheck(ScanState *node, TupleTableSlot *slot)
{
	return true;
}

static TupleTableSlot *
call_exec(CustomScanState *node)
{
	return ExecScan(&node->ss, call_next, call_recheck);
}

static void
call_end(CustomScanState *node)
{
}

/* The same row again: no argument can have changed, see is_simple(). */
static void
call_rescan(CustomScanState *node)
{
	((CallScanState *) node)->delivered = false;
	ExecScanReScan(&node->ss);
}

static void
call_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	Oid			function = linitial_oid(plan->custom_private);

	ExplainPropertyText("Function",
						quote_qualified_identifier(get_namespace_name(get_func_namespace(function)),
												   get_func_name(function)), es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = "ClearingCall",
	.BeginCustomScan = call_begin,
	.ExecCustomScan = call_exec,
	.EndCustomScan = call_end,
	.ReScanCustomScan = call_rescan,
	.ExplainCustomScan = call_explain
};

/*----------------------------------------------------------------
 * Planning
 *----------------------------------------------------------------
 */
static Node *
create_state(CustomScan *plan)
{
	CallScanState *state = palloc0(sizeof(CallScanState));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &exec_methods;
	return (Node *) state;
}

static const CustomScanMethods scan_methods = {
	.CustomName = "ClearingCall",
	.CreateCustomScanState = create_state
};

/* Columns that the plan names, now or when it is given its final tlist. */
static List *
named_columns(RelOptInfo *rel, List *tlist, List *clauses)
{
	int			flags = PVC_RECURSE_AGGREGATES | PVC_RECURSE_WINDOWFUNCS |
		PVC_RECURSE_PLACEHOLDERS;
	List	   *columns;

	/* in the order of tlist, or every row would be projected */
	columns = add_to_flat_tlist(NIL, pull_var_clause((Node *) tlist, flags));
	columns = add_to_flat_tlist(columns,
								pull_var_clause((Node *) rel->reltarget->exprs, flags));
	return add_to_flat_tlist(columns, pull_var_clause((Node *) clauses, flags));
}

static Plan *
plan_path(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
		  List *clauses, List *custom_plans)
{
	CustomScan *plan = makeNode(CustomScan);
	FuncExpr   *call = linitial(path->custom_private);

	clauses = extract_actual_clauses(clauses, false);
	plan->scan.plan.targetlist = tlist;
	plan->scan.plan.qual = clauses;
	plan->scan.scanrelid = 0;
	plan->flags = path->flags;
	plan->custom_exprs = copyObject(call->args);
	plan->custom_private = list_make1_oid(call->funcid);
	plan->custom_scan_tlist = named_columns(rel, tlist, clauses);
	plan->methods = &scan_methods;
	return &plan->scan.plan;
}

static const CustomPathMethods path_methods = {
	.CustomName = "ClearingCall",
	.PlanCustomPath = plan_path
};

/* Is it a function of ours that answers with an execution report? */
static bool
is_trading_function(const FuncExpr *call)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(call->funcid));
	TupleDesc	desc;
	FmgrInfo	function;
	bool		found = false;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (((Form_pg_proc) GETSTRUCT(tuple))->prolang == ClanguageId && !call->funcretset &&
		get_typtype(call->funcresulttype) == TYPTYPE_COMPOSITE)
	{
		fmgr_info(call->funcid, &function);
		found = clr_trading_call(function.fn_addr) != NULL;
	}
	ReleaseSysCache(tuple);
	if (!found)
		return false;
	desc = lookup_rowtype_tupdesc(call->funcresulttype, -1);
	found = desc->natts == CLR_EXECUTION_COLUMNS;
	ReleaseTupleDesc(desc);
	return found;
}

/* What changes from rescan to rescan, or is no value at all. */
static bool
is_unsteady(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) || IsA(node, SubLink) || IsA(node, SubPlan) ||
		IsA(node, AlternativeSubPlan) || IsA(node, PlaceHolderVar))
		return true;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind != PARAM_EXTERN;
	return expression_tree_walker(node, is_unsteady, context);
}

static bool
is_simple(const RelOptInfo *rel, const RangeTblEntry *rte, const FuncExpr *call)
{
	return rel->reloptkind == RELOPT_BASEREL && rel->lateral_relids == NULL &&
		rel->attr_needed[0 - rel->min_attr] == NULL &&
		!is_unsteady((Node *) call->args, NULL);
}

/* set_rel_pathlist_hook */
static void
offer_call(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
	CustomPath *path;
	Path	   *scan;
	FuncExpr   *call;

	if (prev_set_rel_pathlist)
		prev_set_rel_pathlist(root, rel, rti, rte);
	if (rte->rtekind != RTE_FUNCTION || rte->funcordinality ||
		list_length(rte->functions) != 1 || list_length(rel->pathlist) != 1)
		return;
	call = (FuncExpr *) linitial_node(RangeTblFunction, rte->functions)->funcexpr;
	scan = linitial(rel->pathlist);
	if (!IsA(call, FuncExpr) || scan->pathtype != T_FunctionScan ||
		!is_simple(rel, rte, call) || !is_trading_function(call))
		return;
	path = makeNode(CustomPath);
	path->path = *scan;
	path->path.type = T_CustomPath;
	path->path.pathtype = T_CustomScan;
	path->path.parallel_safe = false;
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_private = list_make1(call);
	path->methods = &path_methods;
	rel->pathlist = list_make1(path);
}

void
clr_scan_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
	prev_set_rel_pathlist = set_rel_pathlist_hook;
	set_rel_pathlist_hook = offer_call;
}
