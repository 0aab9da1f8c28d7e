-- Nothing is open to PUBLIC, base tables are closed to everybody, and each of the
-- four roles may do what its list here says and no more: a function that is
-- added must be added here too, which is the moment to think about who may
-- call it.
\set QUIET on
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TEMP VIEW routine AS
  SELECT p.*, p.oid::regprocedure::text AS name FROM pg_proc p
   WHERE pronamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace);
CREATE TEMP VIEW rel AS
  SELECT c.*, c.oid::regclass::text AS name FROM pg_class c
   WHERE relnamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace);
SELECT plan(30);

-- PUBLIC
SELECT is_empty($$SELECT name FROM routine
  WHERE EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee = 0)$$,
  'PUBLIC: no function');
SELECT is_empty($$SELECT name FROM rel WHERE relkind IN ('r', 'v', 'm', 'p', 'S')
    AND EXISTS (SELECT FROM aclexplode(coalesce(relacl, acldefault('r', relowner))) WHERE grantee = 0)$$,
  'PUBLIC: no table, view or sequence');
SELECT is_empty($$SELECT attname FROM pg_attribute a JOIN rel r ON r.oid = a.attrelid WHERE attacl IS NOT NULL$$,
  'nobody: privileges on single columns');
SELECT is_empty($$SELECT nspname FROM pg_namespace
  WHERE nspname IN ('clearing', 'clearing_state')
    AND EXISTS (SELECT FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE grantee = 0)$$,
  'PUBLIC: no schema');
SELECT is_empty($$SELECT name FROM routine WHERE has_function_privilege('pgtap_nobody', oid, 'EXECUTE')$$,
  'a role without a role of ours calls nothing');
SELECT is_empty($$SELECT name FROM rel WHERE relkind IN ('r', 'v', 'm', 'p')
    AND has_table_privilege('pgtap_nobody', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')$$,
  'a role without a role of ours reads nothing');

-- base tables
SELECT is_empty(format($$SELECT name FROM rel WHERE relnamespace = 'clearing_state'::regnamespace
    AND relkind IN ('r', 'p', 'v', 'm')
    AND has_table_privilege(%L, oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')$$, role),
  role || ': no privilege on a base table')
  FROM unnest(ARRAY['clearing_member', 'clearing_operator', 'clearing_auditor', 'clearing_monitor', 'pgtap_alpha']) role;
SELECT is_empty(format($$SELECT name FROM rel WHERE CASE WHEN relkind = 'S'
    THEN has_sequence_privilege(%L, oid, 'USAGE, SELECT, UPDATE') END$$, role), role || ': no sequence')
  FROM unnest(ARRAY['clearing_member', 'clearing_operator', 'clearing_auditor', 'clearing_monitor']) role;
SELECT is_empty($$SELECT r.role, n.nspname FROM pg_namespace n,
    unnest(ARRAY['clearing_member', 'clearing_operator', 'clearing_auditor', 'clearing_monitor']) AS r(role)
  WHERE nspname IN ('clearing', 'clearing_state') AND has_schema_privilege(r.role, n.oid, 'CREATE')$$,
  'nobody creates in the schemas');
SELECT is_empty($$SELECT name FROM rel WHERE relkind IN ('v', 'm')
    AND (has_table_privilege('clearing_member', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
      OR has_table_privilege('clearing_operator', oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))$$,
  'views are for reading only');

-- who calls what in schema clearing
CREATE FUNCTION pg_temp.callable(role text) RETURNS SETOF name LANGUAGE sql AS
  $$SELECT DISTINCT proname FROM pg_proc
     WHERE pronamespace = 'clearing'::regnamespace AND has_function_privilege(role, oid, 'EXECUTE')$$;
CREATE TEMP TABLE trading (name name);
INSERT INTO trading VALUES ('submit_order'), ('replace_order'), ('cancel_order'), ('mass_cancel'), ('mass_quote'), ('submit_batch'), ('kill_switch'), ('heartbeat'), ('disconnect'),
  ('submit_orders'), ('submit_packed'), ('encode_order'), ('encode_replace'), ('encode_cancel'), ('enqueue');
CREATE TEMP TABLE reading (name name);
INSERT INTO reading VALUES ('current_members'), ('height'), ('wait_for'), ('status');
CREATE TEMP TABLE market (name name);
INSERT INTO market VALUES ('events'), ('event_range'), ('book_snapshot'), ('ladder');
SELECT set_eq($$SELECT pg_temp.callable('clearing_monitor')$$, $$SELECT name FROM reading$$,
  'clearing_monitor calls what tells of the node');
SELECT set_eq($$SELECT pg_temp.callable('clearing_member')$$,
  $$SELECT name FROM reading UNION SELECT name FROM market UNION SELECT name FROM trading UNION VALUES ('decode_reply'::name), ('check_receipt')$$,
  'clearing_member trades');
SELECT set_eq($$SELECT pg_temp.callable('clearing_auditor')$$,
  $$SELECT name FROM reading UNION SELECT name FROM market UNION VALUES ('decode_reply'::name), ('check_receipt'), ('verify'), ('state_digest')$$,
  'clearing_auditor proves');
SELECT set_eq($$SELECT pg_temp.callable('clearing_operator')$$,
  $$SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'clearing'::regnamespace AND proname <> 'clear_halt'$$,
  'clearing_operator calls everything but clear_halt()');
SELECT set_eq($$SELECT relname FROM pg_class WHERE relnamespace = 'clearing'::regnamespace AND relkind = 'v'
    AND has_table_privilege('clearing_monitor', oid, 'SELECT')$$,
  ARRAY['node_status', 'stat_progress_verify', 'block']::name[], 'clearing_monitor reads what tells of the node');
SELECT set_eq($$SELECT relname FROM pg_class WHERE relnamespace = 'clearing'::regnamespace AND relkind = 'v'
    AND NOT has_table_privilege('clearing_member', oid, 'SELECT')$$,
  ARRAY['trade', 'market_maker', 'node_status', 'stat_progress_verify']::name[], 'clearing_member reads all views but four');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'clearing'::regnamespace AND relkind = 'v'
    AND NOT has_table_privilege('clearing_auditor', oid, 'SELECT')$$, 'clearing_auditor reads every view');

-- roles
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'clearing\_%'
    AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls)$$,
  'our roles are groups without rights of their own');
SELECT is_empty($$SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members m
  WHERE m.member::regrole::text LIKE 'clearing\_%'$$, 'none of our roles is a member of another');

-- what members see of each other, through the views
SET ROLE pgtap_alpha;
SELECT is((SELECT string_agg(account, ' ') FROM clearing.account), 'a', 'a member sees its own account');
SELECT is_empty($$SELECT account FROM clearing.open_order WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.order_history WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.fill WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.position WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.balance WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.account_valuation WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.account_deficit WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.request WHERE account <> 'a'
  UNION ALL SELECT account FROM clearing.order_book_order WHERE account <> 'a'$$,
  'and nothing of another''s');
SELECT throws_ok($$SELECT count(*) FROM clearing_state.account$$, '42501', NULL, 'base tables are closed');
SELECT throws_ok($$SELECT clearing.deposit('a', 'USD', 1)$$, '42501', NULL, 'deposits are for operators');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
