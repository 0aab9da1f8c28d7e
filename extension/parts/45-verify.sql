-- Proof: the journal executed again and everything else held against it.
-- These read all tables, whoever calls them; 55-view-roles.sql says who may.

CREATE FUNCTION clearing.verify(
  from_height bigint DEFAULT 1,
  to_height   bigint DEFAULT NULL
) RETURNS TABLE (
  height_from bigint,
  height_to   bigint,
  blocks      bigint,
  commands    bigint,
  ok          boolean,
  bad_height  bigint,
  fault       text,
  detail      text
)
  LANGUAGE C STABLE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
  AS 'MODULE_PATHNAME', 'clr_verify';
COMMENT ON FUNCTION clearing.verify(bigint, bigint) IS
'executes the journal again, from its first block, and compares hashes, event digests and the read model; one row

from_height: first block that is counted and whose history rows are compared; blocks before it are executed all the same
to_height: last block; null: the last there is
height_from, height_to: what was verified
blocks, commands: how many they are
ok: nothing is wrong
bad_height: first block at which something is wrong
fault: what is wrong with the block, that the read model differs from the journal, or a bust from its trade
detail: both digests, the row that differs, or what of the bust is not true
the read model is compared if its height is not above to_height: its state as a whole, and every row of trades, ledger, settlements, requests, finished orders and the event stream
every bust and correction is compared with the trade that it names
takes as long as executing all commands again; see clearing.stat_progress_verify; does not disturb the workers
operators and auditors only, on primaries and standbys';

CREATE FUNCTION clearing.state_digest(
  OUT height bigint,
  OUT digest bytea
) RETURNS record
  LANGUAGE C STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
  AS 'MODULE_PATHNAME', 'clr_state_digest';
COMMENT ON FUNCTION clearing.state_digest() IS
'SHA-256 of the whole state that the read model of this node shows, in the engine''s canonical form; equal on all nodes at equal heights

height: block whose state it is
digest: the hash
loads an engine from the tables, which takes time and memory with their size
operators and auditors only; errors: CH009 the read model does not load';

CREATE FUNCTION clearing.rebuild_read_model() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM clearing_state.journal)
     AND NOT EXISTS (SELECT FROM clearing_state.journal WHERE height = 1) THEN
    RAISE EXCEPTION 'the read model cannot be rebuilt: the journal does not begin with block 1'
      USING ERRCODE = 'CH009', HINT = 'Rebuild this database from a healthy one.';
  END IF;
  TRUNCATE clearing_state.projection, clearing_state.asset,
    clearing_state.member, clearing_state.account, clearing_state.instrument,
    clearing_state.field, clearing_state.indicative, clearing_state.balance, clearing_state.position, clearing_state.open_order,
    clearing_state.order_history, clearing_state.trade,
    clearing_state.ledger_entry, clearing_state.settlement,
    clearing_state.request, clearing_state.event_block;
  -- its successor waits for the locks and then finds the tables empty
  PERFORM pg_terminate_backend(s.projector_pid)
     FROM clearing.status() s WHERE s.projector_pid IS NOT NULL;
END
$$;
COMMENT ON FUNCTION clearing.rebuild_read_model() IS
'empties the tables behind the views; when the transaction commits, the projector makes them again from the journal

for repair after clearing.verify() found a difference; trading goes on, but the views are behind until it is done
operators only; errors: CH009 the journal is not complete, 25006 on a standby';

CREATE FUNCTION clearing_state.engine_valuations(
  OUT account_id  integer,
  OUT asset_id    integer,
  OUT balance     bigint,
  OUT equity      bigint,
  OUT initial     bigint,
  OUT maintenance bigint,
  OUT available   bigint
) RETURNS SETOF record
  LANGUAGE C STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
  AS 'MODULE_PATHNAME', 'clr_engine_valuations';
COMMENT ON FUNCTION clearing_state.engine_valuations() IS
'what clearing.account_valuation shows, computed by an engine loaded from the read model, in minor units; to check one against the other';

CREATE FUNCTION clearing_state.verify_progress(
  OUT pid        integer,
  OUT done       bigint,
  OUT total      bigint,
  OUT started_us bigint
) RETURNS SETOF record
  LANGUAGE C VOLATILE ROWS 1 AS 'MODULE_PATHNAME', 'clr_verify_progress';
COMMENT ON FUNCTION clearing_state.verify_progress() IS 'the running clearing.verify(), if there is one';

CREATE VIEW clearing.stat_progress_verify AS
  SELECT p.pid, p.done AS blocks_done, p.total AS blocks_total,
         clearing_state.time_of(p.started_us) AS started_at
    FROM clearing_state.verify_progress() p;
COMMENT ON VIEW clearing.stat_progress_verify IS 'the clearing.verify() running in this database, if there is one';
COMMENT ON COLUMN clearing.stat_progress_verify.pid IS 'process that runs it';
COMMENT ON COLUMN clearing.stat_progress_verify.blocks_done IS 'blocks executed so far';
COMMENT ON COLUMN clearing.stat_progress_verify.blocks_total IS 'blocks to be executed';
COMMENT ON COLUMN clearing.stat_progress_verify.started_at IS 'when it began';
