-- The same reference and content: the first outcome again.  The same reference
-- and other content: refused.
\pset null '-'
SELECT t.account('ide-a', 'ALPHA', 100000, 10), t.account('ide-b', 'BRAVO', 100000, 10);
SELECT status FROM clearing.create_spot('IDE', 'BTC', 'USD', 1, 1, taker_fee => 0.001);
SELECT s.*, duplicate FROM clearing.submit_order('ide-a', 'IDE', 'sell', 2, 100, 'i1') r, t.show(r) s;
SELECT s.*, duplicate FROM clearing.submit_order('ide-b', 'IDE', 'buy', 1, 100, 'i1') r, t.show(r) s;
SELECT s.*, duplicate FROM clearing.submit_order('ide-b', 'IDE', 'buy', 1, 100, 'i1') r, t.show(r) s;
-- 100 = 100.00, and a default is the same as the default said aloud
SELECT s.*, duplicate FROM clearing.submit_order('ide-b', 'IDE', 'buy', 1.0, 100.00, 'i1', 'limit', 'day', false, NULL) r, t.show(r) s;
SELECT s.*, duplicate, hint FROM clearing.submit_order('ide-b', 'IDE', 'buy', 2, 100, 'i1') r, t.show(r) s;
SELECT s.*, duplicate, hint FROM clearing.cancel_order('ide-b', 'i1', 'i1') r, t.show(r) s;
-- as it was then, whatever has become of the order since
SELECT s.* FROM clearing.cancel_order('ide-a', 'i1', 'i2') r, t.show(r) s;
SELECT s.*, duplicate FROM clearing.submit_order('ide-a', 'IDE', 'sell', 2, 100, 'i1') r, t.show(r) s;
SELECT s.*, duplicate FROM clearing.cancel_order('ide-a', 'i1', 'i2') r, t.show(r) s;
-- refusals are remembered as well
SELECT s.reason, duplicate FROM clearing.submit_order('ide-a', 'IDE', 'sell', 1000, 100, 'i3') r, t.show(r) s;
SELECT status FROM clearing.deposit('ide-a', 'BTC', 1000);
SELECT s.reason, duplicate FROM clearing.submit_order('ide-a', 'IDE', 'sell', 1000, 100, 'i3') r, t.show(r) s;
-- everything else
SELECT status, reason, duplicate FROM clearing.deposit('ide-a', 'USD', 5, 'd1');
SELECT status, reason, duplicate FROM clearing.deposit('ide-a', 'USD', 5, 'd1');
SELECT status, reason, duplicate FROM clearing.deposit('ide-a', 'USD', 6, 'd1');
SELECT status, reason, duplicate FROM clearing.deposit('ide-b', 'USD', 6, 'd1');
SELECT status, reason, duplicate FROM clearing.create_asset('IDE', 0, 'c1');
SELECT status, reason, duplicate FROM clearing.create_asset('IDE', 0, 'c1');
SELECT status, reason, duplicate FROM clearing.create_asset('IDE', 1, 'c1');
SELECT status, reason, duplicate FROM clearing.create_asset('IDE', 0, 'c2');
SELECT a.id = b.id AS same_id
  FROM clearing.create_account('ide-c', 'ALPHA', request_id => 'c3') a,
       clearing.create_account('ide-c', 'ALPHA', request_id => 'c3') b;
SELECT status, orders_canceled, duplicate FROM clearing.mass_cancel('ide-a', request_id => 'm1');
SELECT s.ord_status FROM clearing.submit_order('ide-a', 'IDE', 'sell', 1, 100) r, t.show(r) s;
SELECT status, orders_canceled, duplicate FROM clearing.mass_cancel('ide-a', request_id => 'm1');
SELECT status, orders_canceled, duplicate FROM clearing.mass_cancel('ide-a', request_id => 'm2');
SELECT t.see();
SELECT account, asset, balance FROM clearing.balance WHERE account LIKE 'ide-_' ORDER BY account, asset;
SELECT command, account, reference, status, reason, duplicate, trades FROM clearing.request
 WHERE account LIKE 'ide-_' AND (duplicate OR reason = 'duplicate_reference') ORDER BY height, command_number;
