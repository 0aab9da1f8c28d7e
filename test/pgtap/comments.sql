-- Every object that the extension makes says what it is.
\set QUIET on
\pset format unaligned
\pset tuples_only on
BEGIN;
CREATE TEMP VIEW member AS
  SELECT d.classid, d.objid, d.classid::regclass::name AS catalog,
         pg_describe_object(d.classid, d.objid, 0) AS what
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
   WHERE e.extname = 'pg_clearing' AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass;
SELECT plan(11);

SELECT cmp_ok((SELECT count(*) FROM member), '>', 60::bigint, 'the extension has its objects');
SELECT is_empty($$SELECT what FROM member
  WHERE catalog = 'pg_proc' AND obj_description(objid, 'pg_proc') IS NULL$$, 'functions');
SELECT is_empty($$SELECT what FROM member
  WHERE catalog = 'pg_class' AND obj_description(objid, 'pg_class') IS NULL
    AND (SELECT relkind FROM pg_class WHERE oid = objid) IN ('r', 'v', 'm', 'p')$$, 'tables and views');
SELECT is_empty($$SELECT what || '.' || a.attname FROM member JOIN pg_attribute a ON a.attrelid = objid
  WHERE catalog = 'pg_class' AND a.attnum > 0 AND NOT a.attisdropped
    AND (SELECT relkind FROM pg_class WHERE oid = objid) IN ('r', 'v', 'm', 'p')
    AND col_description(objid, a.attnum) IS NULL$$, 'columns of tables and views');
SELECT is_empty($$SELECT format('%s', t.oid::regtype) FROM pg_type t
  WHERE typnamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace) AND typelem = 0
    AND (typtype IN ('d', 'e') OR typtype = 'c' AND (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c')
    AND obj_description(t.oid, 'pg_type') IS NULL$$, 'types');
SELECT is_empty($$SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind = 'c' AND relnamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace)
    AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL$$, 'attributes of types');
SELECT is_empty($$SELECT what FROM member
  WHERE catalog = 'pg_namespace' AND obj_description(objid, 'pg_namespace') IS NULL$$, 'schemas');
SELECT is_empty($$SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE NOT tgisinternal AND relnamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace)
    AND obj_description(t.oid, 'pg_trigger') IS NULL$$, 'triggers');
SELECT is_empty($$SELECT rolname FROM pg_roles
  WHERE rolname LIKE 'clearing\_%' AND shobj_description(oid, 'pg_authid') IS NULL$$, 'roles');
SELECT isnt(obj_description(oid, 'pg_extension'), NULL, 'the extension itself')
  FROM pg_extension WHERE extname = 'pg_clearing';
SELECT is_empty($$SELECT name FROM pg_settings
  WHERE name LIKE 'pg_clearing.%' AND coalesce(short_desc, '') = ''$$, 'settings');
SELECT * FROM finish();
ROLLBACK;
