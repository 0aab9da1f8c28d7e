-- Batches: orders, replaces and cancels that are taken whole or not at all.
\pset null '-'
SELECT t.account('bat-a', 'ALPHA', 1000), t.account('bat-b', 'BRAVO', 1000, 10);
SELECT status FROM clearing.create_spot('BA1', 'BTC', 'USD', 0.5, 0.1);
SELECT exec_type FROM clearing.submit_order('bat-a', 'BA1', 'buy', 5, 100, 'a1');
-- 500 are left: either order could be paid, not both
SELECT b.cl_ord_id, b.exec_type, b.reason, b.needed, b.available
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 100, 'a2'),
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 99, 'a3')], 'batch-1') b;
-- the same, and what works gives way
SELECT b.cl_ord_id, b.order_id IS NOT NULL AS has_order, b.exec_type, b.ord_status, b.reason, b.order_qty, b.leaves_qty
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 100, 'a2'),
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 99, 'a3'),
    clearing.encode_cancel('bat-a', 'a1', 'c1')], 'batch-2') b;
SELECT t.see();
SELECT cl_ord_id, side, price, leaves_qty FROM clearing.open_order WHERE account = 'bat-a' ORDER BY order_id;
SELECT reference, command, status, reason FROM clearing.request WHERE account = 'bat-a' AND reference IN ('batch-1', 'batch-2', 'a2', 'a3', 'c1') ORDER BY height, command_number;
-- exactly once
SELECT b.cl_ord_id, b.exec_type, b.duplicate
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 100, 'a2'),
    clearing.encode_order('bat-a', 'BA1', 'buy', 3, 99, 'a3'),
    clearing.encode_cancel('bat-a', 'a1', 'c1')], 'batch-2') b;
-- each order goes by its own name; what it meets is its own outcome
SELECT exec_type FROM clearing.submit_order('bat-b', 'BA1', 'sell', 1, 101, 'b1');
SELECT b.cl_ord_id, s.*
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_replace('bat-a', 'a3', 2, 101, 'a4', symbol => 'BA1'),
    clearing.encode_order('bat-a', 'BA1', 'buy', 1, 101, 'a5', time_in_force => 'fok')]) b, t.show(b) s;
-- refused whole
SELECT b.cl_ord_id, b.exec_type, b.reason
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_cancel('bat-a', 'a2', 'c2'),
    clearing.encode_cancel('bat-a', 'a3', 'c3'),
    clearing.encode_cancel('bat-a', 'a2', 'c4')]) b;
SELECT b.cl_ord_id, b.exec_type, b.reason
  FROM clearing.submit_batch('bat-a', ARRAY[
    clearing.encode_order('bat-a', 'BA1', 'buy', 1, 90, 'a6'),
    clearing.encode_order('bat-a', 'BA1', 'buy', 1, 90, 'a2')]) b;
SELECT * FROM clearing.submit_batch('bat-a', '{}');
SELECT * FROM clearing.submit_batch('bat-a', ARRAY['\x00'::bytea]);
SELECT * FROM clearing.submit_batch('bat-a', ARRAY[clearing.encode_order('bat-b', 'BA1', 'buy', 1, 90)]);
SELECT b.height = split_part(b.receipt, '/', 2)::bigint AS found
  FROM clearing.submit_batch('bat-a', ARRAY[clearing.encode_order('bat-a', 'BA1', 'buy', 1, 90, 'a7')]) b;
SELECT status, orders_canceled FROM clearing.mass_cancel('bat-a');
SELECT t.see();
SELECT ok, fault FROM clearing.verify();
