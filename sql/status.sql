-- What a node says of itself, and reading one's own writes.
\pset null '-'
SELECT t.account('sta-a', 'ALPHA', 1000);
SELECT status FROM clearing.create_spot('STA', 'BTC', 'USD', 1, 1);
SELECT role, serving, house_open, epoch > 0 AS epoch, height > 0 AS height,
       confirmed_height <= height AS confirmed, projected_height <= confirmed_height AS projected,
       length(block_hash) AS hash, now() - block_time < interval '1 hour' AS recent,
       durability, synchronous_standbys, engine_starts > 0 AS started
  FROM clearing.status() \gx
SELECT open_orders AS before FROM clearing.status() \gset
SELECT r.height AS height, s.ord_status FROM clearing.submit_order('sta-a', 'STA', 'buy', 1, 10) r, t.show(r) s \gset
SELECT open_orders - :before AS more FROM clearing.status();
SELECT clearing.wait_for(:height);
SELECT clearing.height() >= :height AS shown, count(*) FROM clearing.open_order WHERE account = 'sta-a';
SELECT s.epoch = b.epoch AS same_epoch, s.height = b.height AS same_height, s.block_hash = b.block_hash AS same_hash
  FROM clearing.status() s JOIN clearing.block b USING (height);
SELECT clearing.wait_for(0), clearing.wait_for(-1), clearing.wait_for(1, NULL);
SELECT clearing.wait_for(1000000000, '50 ms');
SELECT clearing.wait_for(1000000000, '0');
SELECT clearing.wait_for(NULL);
SET statement_timeout = '100 ms';
SELECT clearing.wait_for(1000000000, NULL);
RESET statement_timeout;
-- one snapshot is one height
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT clearing.height() AS height \gset
SELECT s.ord_status FROM clearing.submit_order('sta-a', 'STA', 'buy', 1, 11) r, t.show(r) s;
SELECT t.see();
SELECT clearing.height() = :height AS unmoved, count(*) FROM clearing.open_order WHERE account = 'sta-a';
-- names are found all the same
SELECT status FROM clearing.create_account('sta-b', 'ALPHA');
SELECT status FROM clearing.deposit('sta-b', 'USD', 1);
COMMIT;
SELECT clearing.height() > :height AS moved, count(*) FROM clearing.open_order WHERE account = 'sta-a';
SELECT in_recovery, role, serving, replay_lag_bytes FROM clearing.node_status;
SELECT orders_canceled FROM clearing.mass_cancel('sta-a');
-- the chain of blocks has no gap
SELECT count(*) FILTER (WHERE b.prev_hash <> p.block_hash) AS broken,
       count(*) FILTER (WHERE p.height IS NULL) AS firsts, max(b.height) - count(*) AS missing
  FROM clearing.block b LEFT JOIN clearing.block p ON p.height = b.height - 1;
