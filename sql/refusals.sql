-- What the rule book refuses: rows with a reason and a hint, never errors,
-- and each of them on record.
\pset null '-'
SELECT t.account('ref-a', 'ALPHA', 100), t.account('ref-b', 'BRAVO', 100000, 10);
SELECT status FROM clearing.create_spot('REF', 'BTC', 'USD', 0.01, 1);
SELECT status, reason, hint FROM clearing.create_asset('USD', 3);
SELECT status, reason, hint FROM clearing.create_asset(E'tab\there', 2);
SELECT status, reason, hint FROM clearing.create_asset('', 2);
SELECT status, reason, hint FROM clearing.create_member('ALPHA');
SELECT status, reason, hint FROM clearing.create_account('ref-a', 'BRAVO');
SELECT status, reason, hint FROM clearing.create_spot('REF', 'BTC', 'USD', 0.01, 1);
SELECT status, reason, hint FROM clearing.create_spot('REF2', 'BTC', 'USD', 0.001, 1);
SELECT status, reason, hint FROM clearing.create_spot('REF2', 'BTC', 'BTC', 0.01, 1);
SELECT status, reason, hint FROM clearing.create_spot('REF2', 'BTC', 'USD', 0.01, 1, maker_fee => 2);
SELECT status, reason, hint FROM clearing.create_future('REF2', 'USD', 0.001, 1, 0.1, 0.1);
SELECT status, reason, hint FROM clearing.create_future('REF2', 'USD', 0.01, 1, 0.1, 0.2);
SELECT status, reason, hint FROM clearing.create_future('REF2', 'USD', 0.01, 1, -0.1, -0.2);
SELECT status, reason, hint FROM clearing.deposit('ref-a', 'USD', 0);
SELECT status, reason, hint FROM clearing.deposit('ref-a', 'USD', -1);
SELECT status, reason, hint FROM clearing.deposit('ref-a', 'USD', 90000000000000000);
SELECT status, reason, needed, available, hint FROM clearing.withdraw('ref-a', 'USD', 100.01);
SELECT status, reason, needed, available, hint FROM clearing.withdraw('ref-a', 'BTC', 1);
-- accounts of the house itself
SELECT a.account, d.status, d.reason, d.hint
  FROM clearing.account a, clearing.deposit(a.account, 'USD', 1) d
 WHERE account_type = 'system' ORDER BY account_id;
SELECT DISTINCT s.reason
  FROM clearing.account a, clearing.submit_order(a.account, 'REF', 'buy', 1, 1) r, t.show(r) s WHERE account_type = 'system';
-- orders
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 0, 1) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', -1, 1) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1000000000001, 1) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, 0) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, -1) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, 10000000000.01) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, time_in_force => 'day', post_only => true) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, 1, time_in_force => 'ioc', post_only => true) r, t.show(r) s;
SELECT s.*, needed, available, hint FROM clearing.submit_order('ref-a', 'REF', 'buy', 1, 100.01) r, t.show(r) s;
SELECT s.*, needed, available, hint FROM clearing.submit_order('ref-a', 'REF', 'sell', 1, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ref-a', 'REF', 'buy', 2, 10, 'w1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ref-b', 'REF', 'sell', 1, 10, 'w2') r, t.show(r) s;
SELECT s.*, hint FROM clearing.replace_order('ref-a', 'w1', 1, 10, 'w3') r, t.show(r) s;
SELECT s.*, hint FROM clearing.replace_order('ref-a', 'w1', 0, 10, 'w4') r, t.show(r) s;
SELECT s.*, needed, available, hint FROM clearing.replace_order('ref-a', 'w1', 20, 10, 'w5') r, t.show(r) s;
SELECT orders_canceled FROM clearing.mass_cancel('ref-a');
-- every refusal is journalled
SELECT t.see();
SELECT command, reason, count(*) FROM clearing.request
 WHERE status = 'refused' AND (account LIKE 'ref-%' OR symbol LIKE 'REF%')
 GROUP BY command, reason ORDER BY command COLLATE "C", reason COLLATE "C";
