-- The journal: the truth that everything else is rebuilt from.


CREATE SCHEMA clearing;
COMMENT ON SCHEMA clearing IS
  'pg_clearing: functions and views of the clearing house';
CREATE SCHEMA clearing_state;
COMMENT ON SCHEMA clearing_state IS
  'pg_clearing: tables behind the views; written by its workers only';

CREATE TABLE clearing_state.journal (
  height        bigint  NOT NULL PRIMARY KEY,
  epoch         bigint  NOT NULL,
  block_time    bigint  NOT NULL,
  ruleset       integer NOT NULL,
  first_command bigint  NOT NULL,
  command_count integer NOT NULL,
  prev_hash     bytea   NOT NULL,
  commands      bytea   NOT NULL,
  event_digest  bytea   NOT NULL,
  block_hash    bytea   NOT NULL
);
-- What a block costs to write, send, replay and read goes by its size, and lz4
-- costs less than the bytes it saves; pglz would not.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_settings
              WHERE name OPERATOR(pg_catalog.=) 'default_toast_compression'
                AND 'lz4' OPERATOR(pg_catalog.=) ANY (enumvals)) THEN
    ALTER TABLE clearing_state.journal ALTER COLUMN commands SET COMPRESSION lz4;
  ELSE
    ALTER TABLE clearing_state.journal ALTER COLUMN commands SET STORAGE EXTERNAL;
  END IF;
END
$$;
COMMENT ON TABLE clearing_state.journal IS
  'one row per block: the replicated input of the state machine, hash-chained';
COMMENT ON COLUMN clearing_state.journal.height IS 'number of the block, from 1 without gaps';
COMMENT ON COLUMN clearing_state.journal.epoch IS 'minted each time a primary opens';
COMMENT ON COLUMN clearing_state.journal.block_time IS 'microseconds since 1970; never goes back';
COMMENT ON COLUMN clearing_state.journal.ruleset IS 'version of the rules that executed the block';
COMMENT ON COLUMN clearing_state.journal.first_command IS 'number of its first command, counted over the whole journal from 0';
COMMENT ON COLUMN clearing_state.journal.command_count IS 'commands in the block';
COMMENT ON COLUMN clearing_state.journal.prev_hash IS 'hash of the block before';
COMMENT ON COLUMN clearing_state.journal.commands IS 'the commands in the encoding of src/engine/command.h';
COMMENT ON COLUMN clearing_state.journal.event_digest IS 'digest of the events that the commands produced';
COMMENT ON COLUMN clearing_state.journal.block_hash IS 'SHA-256 over the header, the commands and the event digest';

CREATE TABLE clearing_state.inbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  command     bytea NOT NULL,
  enqueued_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE clearing_state.inbox IS
  'commands enqueued by committed transactions, drained by the sequencer in the transaction that journals them';
COMMENT ON SEQUENCE clearing_state.inbox_id_seq IS 'numbers the commands of the inbox';
COMMENT ON COLUMN clearing_state.inbox.id IS 'order of execution';
COMMENT ON COLUMN clearing_state.inbox.command IS 'one command in the encoding of src/engine/command.h';
COMMENT ON COLUMN clearing_state.inbox.enqueued_at IS 'start of the transaction that enqueued it';

CREATE TABLE clearing_state.identity (
  system_identifier bigint NOT NULL,
  database          oid    NOT NULL
);
COMMENT ON TABLE clearing_state.identity IS
  'the database that the journal belongs to; left out of dumps, so that a restored journal waits for clearing.resume()';
COMMENT ON COLUMN clearing_state.identity.system_identifier IS 'of the cluster, see pg_control_system()';
COMMENT ON COLUMN clearing_state.identity.database IS 'OID of the database';

SELECT pg_catalog.pg_extension_config_dump('clearing_state.journal', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.inbox', '');
