-- Encoded commands, arrays of orders, and the inbox.
\pset null '-'
SELECT t.account('pac-a', 'ALPHA', 100000, 1000), t.account('pac-b', 'BRAVO', 100000, 1000);
SELECT status FROM clearing.create_spot('PAC', 'BTC', 'USD', 0.5, 0.1);

-- many orders in one call, one row each in the same order
SELECT cl_ord_id, order_qty, orders_canceled, duplicate, s.*
  FROM clearing.submit_orders(ARRAY[
    ('pac-a', 'PAC', 'sell', 1.5, 100, 'k1', NULL, NULL, NULL, NULL, NULL),
    ('pac-a', 'PAC', 'sell', 1, 100.5, 'k2', 'limit', 'gtc', true, 'cancel_both', NULL),
    ('pac-b', 'PAC', 'buy', 2, 100.5, 'k3', NULL, NULL, false, NULL, NULL),
    ('pac-b', 'PAC', 'buy', 1000000, 100.5, 'k4', NULL, NULL, false, NULL, NULL),
    ('pac-b', 'PAC', 'buy', 0.1, NULL, 'k5', NULL, NULL, NULL, NULL, NULL)
  ]::clearing.new_order[]) r, t.show(r) s;
SELECT count(DISTINCT height), count(DISTINCT receipt), bool_and(clearing.check_receipt(receipt))
  FROM clearing.submit_orders(ARRAY[
    ('pac-a', 'PAC', 'sell', 1, 200, NULL, NULL, NULL, NULL, NULL, NULL),
    ('pac-b', 'PAC', 'buy', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL)]::clearing.new_order[]);
SELECT t.see();
SELECT height AS before FROM clearing.height() height \gset
-- one of them malformed: none is sent
SELECT * FROM clearing.submit_orders(ARRAY[
    ('pac-a', 'PAC', 'sell', 1, 100, 'k6', NULL, NULL, NULL, NULL, NULL),
    ('pac-a', 'PAC', 'sell', 1, 100.25, 'k7', NULL, NULL, NULL, NULL, NULL)]::clearing.new_order[]);
SELECT * FROM clearing.submit_orders(ARRAY[
    ('pac-a', 'PAC', 'sell', 1, 100, 'k6', NULL, NULL, NULL, NULL, NULL),
    ('nobody', 'PAC', 'sell', 1, 100, 'k7', NULL, NULL, NULL, NULL, NULL)]::clearing.new_order[]);
SELECT * FROM clearing.submit_orders(ARRAY[NULL]::clearing.new_order[]);
SELECT * FROM clearing.submit_orders('{}');
SELECT t.see();
SELECT clearing.height() - :before AS blocks;
-- a thousand
SELECT count(*), count(DISTINCT order_id), count(DISTINCT height), min(ord_status), max(ord_status)
  FROM clearing.submit_orders((SELECT array_agg(('pac-a', 'PAC', 'sell', 0.1, 300 + i, 'many' || i, NULL, NULL, NULL, NULL, NULL)::clearing.new_order)
                                 FROM generate_series(1, 1000) i));
SELECT orders_canceled FROM clearing.mass_cancel('pac-a');
SELECT orders_canceled FROM clearing.mass_cancel('pac-b');

-- encoded
SELECT length(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'e1')) AS "order",
       length(clearing.encode_replace('pac-a', 'e1', 1, 100, 'e1', symbol => 'PAC')) AS replace,
       length(clearing.encode_cancel('pac-a', 'e1', 'e1')) AS cancel;
SELECT cl_ord_id, order_qty, s.*
  FROM clearing.decode_reply(clearing.submit_packed(
         clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'e1') ||
         clearing.encode_order('pac-b', 'PAC', 'buy', 0.5, cl_ord_id => 'e2') ||
         clearing.encode_replace('pac-a', 'e1', 2, 101, 'e3', symbol => 'PAC') ||
         clearing.encode_cancel('pac-a', 'e3', 'e4') ||
         clearing.encode_cancel('pac-a', 'e3', 'e5'))) r, t.show(r) s;
-- a repetition; its fills are not in the bytes
SELECT cl_ord_id, duplicate, s.*
  FROM clearing.decode_reply(clearing.submit_packed(
         clearing.encode_order('pac-b', 'PAC', 'buy', 0.5, cl_ord_id => 'e2'))) r, t.show(r) s;
SELECT clearing.submit_packed('');
SELECT clearing.submit_packed('\x00');
SELECT clearing.submit_packed(substr(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'e9'), 2));
SELECT clearing.submit_packed(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'e9') || '\x00');
SELECT clearing.submit_packed(overlay(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'e9') PLACING '\xff' FROM 3 FOR 1));
-- nobody opens a house or an epoch with bytes
SELECT clearing.submit_packed('\x180002010000000000000000000000000010a5d4e8000000');
SELECT clearing.submit_packed('\x38000101000000000000000000000000' || decode(repeat('00', 40), 'hex'));
SELECT clearing.decode_reply('\x');
SELECT clearing.decode_reply(decode(repeat('00', 64), 'hex'));
SELECT clearing.decode_reply('\x40000000010000000000000000000000' || decode(repeat('00', 48), 'hex'));
SELECT clearing.decode_reply('\x41000000010000000000000000000000' || decode(repeat('00', 49), 'hex'));

-- the inbox: executed if and only if the transaction commits
CREATE FUNCTION t.wait_for_request(ref text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 300 LOOP
    IF EXISTS (SELECT FROM clearing.request WHERE reference = ref) THEN
      RETURN true;
    END IF;
    PERFORM pg_catalog.pg_sleep(0.05);
  END LOOP;
  RETURN false;
END $$;
CREATE TABLE t.sale (ref text);
BEGIN;
INSERT INTO t.sale VALUES ('q1');
SELECT clearing.enqueue(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'q1')) IS NOT NULL AS queued;
ROLLBACK;
BEGIN;
INSERT INTO t.sale VALUES ('q2');
SELECT clearing.enqueue(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'q2')) IS NOT NULL AS queued;
SELECT clearing.enqueue(clearing.encode_order('pac-b', 'PAC', 'buy', 0.3, 100, 'q3')) IS NOT NULL AS queued;
-- the transaction has written now
SELECT clearing.cancel_order('pac-a', 'q2');
ROLLBACK;
BEGIN;
INSERT INTO t.sale VALUES ('q4');
SELECT clearing.enqueue(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'q4')) IS NOT NULL AS queued;
SELECT clearing.enqueue(clearing.encode_order('pac-b', 'PAC', 'buy', 0.3, 100, 'q5')) IS NOT NULL AS queued;
COMMIT;
SELECT t.wait_for_request('q5');
SELECT reference, status, ord_status, cum_qty, avg_px FROM clearing.request
 WHERE reference IN ('q1', 'q2', 'q3', 'q4', 'q5') ORDER BY height, command_number;
SELECT * FROM t.sale;
SELECT count(*) FROM clearing_state.inbox;
-- a subtransaction that is rolled back takes its command along
BEGIN;
SAVEPOINT s;
SELECT clearing.enqueue(clearing.encode_order('pac-a', 'PAC', 'sell', 1, 100, 'q6')) IS NOT NULL AS queued;
ROLLBACK TO s;
SELECT clearing.enqueue(clearing.encode_cancel('pac-a', 'q4', 'q7')) IS NOT NULL AS queued;
COMMIT;
SELECT t.wait_for_request('q7');
SELECT reference, command, status FROM clearing.request WHERE reference IN ('q6', 'q7');
SELECT clearing.enqueue('\x00');
SELECT clearing.enqueue(clearing.encode_cancel('pac-a', 'q4', 'q8') || clearing.encode_cancel('pac-a', 'q4', 'q9'));
SELECT clearing.enqueue(NULL);
