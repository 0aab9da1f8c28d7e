-- A node that stopped itself.

CREATE FUNCTION clearing.clear_halt() RETURNS boolean
  AS 'MODULE_PATHNAME', 'clr_sql_clear_halt' LANGUAGE C VOLATILE;
REVOKE ALL ON FUNCTION clearing.clear_halt() FROM PUBLIC;
COMMENT ON FUNCTION clearing.clear_halt() IS
  'superuser: forgets that this node halted (see clearing.node_status) and lets its workers start again; true if it was halted';
