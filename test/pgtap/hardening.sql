-- What an attacker would look for in the catalogue: functions with their owner's
-- rights and the caller's search_path, views that leak rows through cheap
-- functions, objects in schemas where others can create, C functions that are
-- not strict where the code expects it to be, dumps that leave something out.
\set QUIET on
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TEMP VIEW member AS
  SELECT d.classid, d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
   WHERE e.extname = 'pg_clearing' AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass;
SELECT plan(13);

SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN member m ON m.objid = p.oid
  WHERE prosecdef AND NOT coalesce(proconfig::text LIKE '%search\_path=%', false)$$,
  'SECURITY DEFINER has a pinned search_path');
SELECT is_empty($$SELECT p.oid::regprocedure, c FROM pg_proc p JOIN member m ON m.objid = p.oid,
    unnest(proconfig) c
  WHERE c LIKE 'search\_path=%' AND c NOT IN ('search_path=pg_catalog, pg_temp', 'search_path=""', 'search_path=')$$,
  'and one that nobody can put anything into');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN member m ON m.objid = p.oid
    JOIN pg_language l ON l.oid = p.prolang
  WHERE l.lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL
    AND NOT coalesce(proconfig::text LIKE '%search\_path=%', false)$$,
  'functions in other languages than C are bound to what they name');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.objid = c.oid
  WHERE relkind = 'v' AND relnamespace = 'clearing'::regnamespace AND relname NOT IN ('node_status', 'stat_progress_verify')
    AND NOT coalesce(reloptions::text LIKE '%security\_barrier=true%' OR reloptions::text LIKE '%security\_barrier%', false)$$,
  'views that filter rows for those who may read them are security barriers');
SELECT is_empty($$SELECT pg_describe_object(classid, objid, 0) FROM member
  WHERE classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass)
    AND (pg_identify_object(classid, objid, 0)).schema NOT IN ('clearing', 'clearing_state')$$,
  'everything is in our two schemas');
SELECT set_eq($$SELECT nspname FROM pg_namespace n JOIN member m ON m.objid = n.oid$$,
  ARRAY['clearing', 'clearing_state']::name[], 'which belong to the extension');
SELECT is_empty($$SELECT pg_describe_object(classid, objid, 0) FROM member
  WHERE classid IN ('pg_cast'::regclass, 'pg_operator'::regclass, 'pg_event_trigger'::regclass, 'pg_rewrite'::regclass)$$,
  'no casts, operators or event triggers');
-- two have a longer form: its account is a varchar, so that text, which is preferred, means the short one
SELECT is_empty($$SELECT proname FROM pg_proc WHERE pronamespace = 'clearing'::regnamespace
  GROUP BY proname HAVING count(*) > 1
  EXCEPT SELECT l.proname FROM pg_proc s JOIN pg_proc l USING (proname, pronamespace)
   WHERE pronamespace = 'clearing'::regnamespace AND proname IN ('submit_order', 'replace_order')
     AND s.proargtypes[0] = 'text'::regtype AND l.proargtypes[0] = 'varchar'::regtype
     AND s.proargnames = l.proargnames[1:s.pronargs] AND s.pronargs < l.pronargs$$,
  'no overloaded function: named arguments stay unambiguous');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p JOIN member m ON m.objid = p.oid
  WHERE pronamespace = 'clearing'::regnamespace AND pronargs > 0
    AND (proargnames IS NULL OR EXISTS (SELECT FROM unnest(proargnames) a WHERE a = ''))$$,
  'every argument has a name');
-- commands are for the leader alone and never folded away
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p
  WHERE pronamespace = 'clearing'::regnamespace
    AND proname IN ('submit_order', 'submit_orders', 'submit_packed', 'replace_order', 'cancel_order', 'mass_cancel',
      'enqueue', 'open', 'deposit', 'withdraw', 'settle', 'expire', 'set_phase', 'set_mark_price', 'set_margin',
      'create_asset', 'create_member', 'create_account', 'create_spot', 'create_future')
    AND (provolatile <> 'v' OR proparallel <> 'u')$$, 'commands are volatile and not for parallel workers');
-- what makes the house is dumped; identity says where it is and stays out
SELECT set_eq($$SELECT c.relname FROM pg_class c JOIN member m ON m.objid = c.oid
  WHERE relkind = 'r' AND NOT c.oid = ANY (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'pg_clearing')$$,
  ARRAY['identity']::name[], 'every table but one is in dumps');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.objid = c.oid
  WHERE relkind = 'r' AND relpersistence <> 'p'$$, 'every table is replicated');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class c JOIN member m ON m.objid = c.oid
  WHERE relkind = 'r' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
    AND c.relname <> 'identity'$$, 'every table has a primary key');
SELECT * FROM finish();
ROLLBACK;
