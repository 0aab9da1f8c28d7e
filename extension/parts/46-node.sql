-- A node that stopped itself, and a journal that came from elsewhere.

CREATE FUNCTION clearing.clear_halt() RETURNS boolean
  AS 'MODULE_PATHNAME', 'clr_sql_clear_halt' LANGUAGE C VOLATILE;
REVOKE ALL ON FUNCTION clearing.clear_halt() FROM PUBLIC;
COMMENT ON FUNCTION clearing.clear_halt() IS
  'superuser: forgets that this node halted (see clearing.node_status) and lets its workers start again; true if it was halted';

CREATE FUNCTION clearing.resume() RETURNS bigint
  AS 'MODULE_PATHNAME', 'clr_sql_resume' LANGUAGE C VOLATILE;
REVOKE ALL ON FUNCTION clearing.resume() FROM PUBLIC;
COMMENT ON FUNCTION clearing.resume() IS
  'operator: lets a closed house go on with the journal found in this database (after a restored dump, CREATE DATABASE ... TEMPLATE or pg_upgrade) under a new epoch, which is returned';
