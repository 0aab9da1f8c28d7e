-- Proof: what all suites did is executed again, and tampering is found.
\pset null '-'
SELECT t.see();
SELECT height_from, height_to = clearing.height() AS all_of_it, blocks = height_to AS every_block,
       commands = (SELECT sum(commands) FROM clearing.block) AS every_command,
       ok, bad_height, fault, detail
  FROM clearing.verify();
SELECT height_from, height_to, blocks, ok FROM clearing.verify(2, 5);
SELECT clearing.verify(0);
\echo :LAST_ERROR_SQLSTATE
SELECT clearing.verify(5, 4);
SELECT * FROM clearing.stat_progress_verify;

-- The digest of the state is a function of the state.
SELECT height = clearing.height() AS of_this_height, length(digest) AS bytes,
       digest = (SELECT digest FROM clearing.state_digest()) AS same_again
  FROM clearing.state_digest();

-- The view shows to the unit what the engine computes.
SELECT count(*) > 0 AS compared, count(*) FILTER (
         WHERE v IS NULL OR (v.balance, v.equity, v.initial_requirement, v.maintenance_requirement, v.available)
            <> (e.balance * u, e.equity * u, e.initial * u, e.maintenance * u, e.available * u)) AS different
  FROM clearing_state.engine_valuations() e
  JOIN clearing.account c USING (account_id)
  JOIN clearing.asset a USING (asset_id)
  CROSS JOIN LATERAL (SELECT 10::numeric ^ -a.scale) AS unit (u)
  LEFT JOIN clearing.account_valuation v ON v.account = c.account AND v.asset = a.asset
 WHERE (e.balance, e.equity, e.initial, e.maintenance, e.available) <> (0, 0, 0, 0, 0);

-- A change to any table is found; nothing stays of it.
CREATE FUNCTION t.tamper(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  EXECUTE change;
  SELECT concat_ws(': ', CASE WHEN ok THEN 'NOT FOUND' END, fault,
                   regexp_replace(regexp_replace(detail, '[0-9a-f]{64}', 'DIGEST', 'g'), 'instrument [0-9]+', 'instrument N'))
    INTO found FROM clearing.verify();
  RAISE EXCEPTION USING ERRCODE = 'YY000', MESSAGE = found;
EXCEPTION WHEN SQLSTATE 'YY000' THEN
  RETURN sqlerrm;
END $$;
SELECT t.tamper('UPDATE clearing_state.journal SET epoch = epoch + 1 WHERE height = 3');
SELECT t.tamper('UPDATE clearing_state.journal SET commands = commands || commands WHERE height = 3');
SELECT t.tamper('UPDATE clearing_state.journal SET event_digest = block_hash WHERE height = 3');
SELECT t.tamper('UPDATE clearing_state.journal SET prev_hash = block_hash WHERE height = 3');
SELECT t.tamper('DELETE FROM clearing_state.journal WHERE height = 3');
SELECT t.tamper('DELETE FROM clearing_state.journal WHERE height = clearing.height()');
SELECT t.tamper('UPDATE clearing_state.trade SET price = price + 1 WHERE trade_id = 1');
SELECT t.tamper('DELETE FROM clearing_state.trade WHERE trade_id = 1');
SELECT t.tamper('UPDATE clearing_state.trade SET trade_id = 1000000 WHERE trade_id = 1');
SELECT t.tamper('UPDATE clearing_state.ledger_entry SET credit_balance = 0 WHERE entry_id = 1');
SELECT t.tamper('UPDATE clearing_state.settlement SET debited = debited + 1 WHERE settlement_id = 1');
SELECT t.tamper('UPDATE clearing_state.request SET reason = 51 WHERE height = 2');
SELECT t.tamper('DELETE FROM clearing_state.request WHERE height = 2');
SELECT t.tamper('UPDATE clearing_state.order_history SET cum_qty = cum_qty + 1 WHERE order_id = 1');
SELECT t.tamper('UPDATE clearing_state.order_history SET finished_at = ''2000-01-01'' WHERE order_id = 1');
SELECT t.tamper('UPDATE clearing_state.open_order SET entered_number = entered_number + 1
                  WHERE order_id = (SELECT min(order_id) FROM clearing_state.open_order)') LIKE
       'read model differs from the journal: row % of clearing_state.open_order differs from what the journal says';
SELECT t.tamper('UPDATE clearing_state.open_order SET self_match = 3
                  WHERE order_id = (SELECT min(order_id) FROM clearing_state.open_order)');
SELECT t.tamper('UPDATE clearing_state.open_order SET leaves_qty = leaves_qty + 1, order_qty = order_qty + 1
                  WHERE order_id = (SELECT min(order_id) FROM clearing_state.open_order)');
SELECT t.tamper('UPDATE clearing_state.balance SET balance = balance + 1 WHERE account_id = 16 AND asset_id = 1');
SELECT t.tamper('UPDATE clearing_state.balance SET balance = balance + account_id * 2 - 33
                  WHERE account_id IN (16, 17) AND asset_id = 1');
SELECT t.tamper('UPDATE clearing_state.position SET realised = realised + 1
                  WHERE (account_id, instrument_id) = (SELECT account_id, instrument_id FROM clearing_state.position
                                                        WHERE qty <> 0 LIMIT 1)');
SELECT t.tamper('UPDATE clearing_state.instrument SET taker_fee = taker_fee + 1 WHERE instrument_id = 1');
SELECT t.tamper('UPDATE clearing_state.account SET name = ''mine'' WHERE account_id = 16');
SELECT t.tamper('UPDATE clearing_state.projection SET retention_us = 0');
SELECT t.tamper('DELETE FROM clearing_state.projection');
SELECT t.tamper('TRUNCATE clearing_state.open_order') LIKE 'read model differs%';
SELECT ok FROM clearing.verify();

-- What was damaged is made again from the journal.
CREATE TEMP TABLE digest AS SELECT * FROM clearing.state_digest();
UPDATE clearing_state.trade SET price = price + 1;
SELECT clearing.rebuild_read_model();
DO $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN clearing.height() = (SELECT height FROM digest);
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;
SELECT clearing.height() = d.height AS complete, s.digest = d.digest AS same
  FROM digest d, clearing.state_digest() s;
SELECT ok, fault, detail FROM clearing.verify();
-- and trading goes on
SELECT status FROM clearing.create_asset('AFTER', 0);
SELECT t.see();
SELECT asset FROM clearing.asset WHERE asset = 'AFTER';

-- Members may not; auditors may look, but not touch.
SET ROLE regress_alpha;
SELECT * FROM clearing.verify();
SELECT * FROM clearing.state_digest();
RESET ROLE;
SET ROLE clearing_auditor;
SELECT ok FROM clearing.verify();
SELECT height = clearing.height() FROM clearing.state_digest();
SELECT clearing.rebuild_read_model();
RESET ROLE;
