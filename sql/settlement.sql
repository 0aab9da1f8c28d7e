-- Variation margin cycles and expiry: what is paid, and that it adds up.
\pset null '-'
SELECT t.account('set-a', 'ALPHA', 10000), t.account('set-b', 'BRAVO', 10000), t.account('set-c', 'BRAVO', 10000);
SELECT status FROM clearing.create_future('SET', 'USD', tick_size => 0.05, multiplier => 3,
                                          initial_margin => 0.10, maintenance_margin => 0.05,
                                          reference_price => 100);
CREATE VIEW t.set AS
  SELECT account, qty, avg_px, unrealised, realised, b.balance
    FROM clearing.balance b
    LEFT JOIN clearing.position p USING (account)
   WHERE account LIKE 'set-_' AND b.asset = 'USD' ORDER BY account;
SELECT s.* FROM clearing.submit_order('set-a', 'SET', 'buy', 7, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('set-b', 'SET', 'sell', 3, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('set-c', 'SET', 'sell', 4, 99.95) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.set;
SELECT status, reason FROM clearing.settle('SET', 101.15);
SELECT t.see();
SELECT * FROM t.set;
-- settling again at the same price pays nothing
SELECT status, reason FROM clearing.settle('SET', 101.15);
SELECT t.see();
SELECT price, debited, credited, positions, final FROM clearing.settlement WHERE symbol = 'SET' ORDER BY settlement_id;
-- closing between cycles: realised at once, paid at the next cycle
SELECT s.* FROM clearing.submit_order('set-b', 'SET', 'buy', 3, 103) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('set-a', 'SET', 'sell', 2, 103) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.set;
SELECT status, reason FROM clearing.settle('SET', 98);
SELECT t.see();
SELECT * FROM t.set;
SELECT price, debited, credited, positions, final FROM clearing.settlement WHERE symbol = 'SET' ORDER BY settlement_id;
-- through zero
SELECT s.* FROM clearing.submit_order('set-c', 'SET', 'buy', 6, 98) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('set-a', 'SET', 'sell', 6, 98) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.set;
-- the end
SELECT s.* FROM clearing.submit_order('set-a', 'SET', 'buy', 1, 90, 'last', time_in_force => 'gtc') r, t.show(r) s;
SELECT status, reason FROM clearing.expire('SET', 97.50);
SELECT t.see();
SELECT * FROM t.set;
SELECT phase, open_interest, settlement_price FROM clearing.instrument WHERE symbol = 'SET';
SELECT cl_ord_id, ord_status, reason FROM clearing.order_history WHERE account = 'set-a' AND cl_ord_id = 'last';
SELECT price, debited, credited, positions, final FROM clearing.settlement WHERE symbol = 'SET' ORDER BY settlement_id;
SELECT kind, sum(amount) FROM clearing.ledger_entry e JOIN clearing.settlement s USING (settlement_id)
 WHERE s.symbol = 'SET' AND e.debit_account LIKE 'set-_' GROUP BY kind ORDER BY kind;
SELECT s.*, hint FROM clearing.submit_order('set-a', 'SET', 'buy', 1, 90) r, t.show(r) s;
SELECT status, reason, hint FROM clearing.expire('SET', 97.50);
SELECT status, reason FROM clearing.settle('SET', 97.50);
SELECT status, reason FROM clearing.set_phase('SET', 'continuous');
SELECT asset, sum(balance) FROM clearing.balance GROUP BY asset ORDER BY asset;
