-- Every object of the extension has a comment, every column and argument too.
SELECT pg_describe_object(classid, objid, 0) AS without_comment
  FROM pg_depend
 WHERE refclassid = 'pg_extension'::regclass
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pg_clearing')
   AND deptype = 'e'
   AND CASE classid WHEN 'pg_type'::regclass
            -- types of tables and arrays come with something that has a comment
            THEN (SELECT typtype IN ('c', 'd', 'e') AND typelem = 0
                         AND coalesce((SELECT relkind = 'c' FROM pg_class WHERE oid = typrelid), true)
                    FROM pg_type WHERE oid = objid)
            ELSE true END
   AND obj_description(objid, classid::regclass::name) IS NULL
 ORDER BY 1;
SELECT c.oid::regclass AS relation, a.attname AS column_without_comment
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace IN ('clearing'::regnamespace, 'clearing_state'::regnamespace)
   AND c.relkind IN ('r', 'v', 'c', 'm', 'p') AND a.attnum > 0 AND NOT a.attisdropped
   AND col_description(c.oid, a.attnum) IS NULL
 ORDER BY 1::text, a.attnum;
-- a comment on a function explains each of its arguments
SELECT p.oid::regprocedure AS function, arg AS argument_not_explained
  FROM pg_proc p, unnest(p.proargnames) arg
 WHERE p.pronamespace = 'clearing'::regnamespace
   AND arg <> ''
   AND obj_description(p.oid, 'pg_proc') !~ ('\m' || arg || '\M')
   AND obj_description(p.oid, 'pg_proc') !~ 'see clearing\.\w+\(\)'
 ORDER BY 1::text, arg;
SELECT trigger_name FROM information_schema.triggers
 WHERE event_object_schema = 'clearing_state'
   AND (SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgname = trigger_name) IS NULL;
