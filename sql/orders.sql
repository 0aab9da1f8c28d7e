-- Every kind of order, and what becomes of it.
\pset null '-'
SELECT t.account('ord-a', 'ALPHA', 1000000, 100), t.account('ord-b', 'BRAVO', 1000000, 100);
SELECT status FROM clearing.create_spot('ORD', 'BTC', 'USD', tick_size => 0.50, lot_size => 0.1);
CREATE VIEW t.ord AS SELECT side, price, qty, orders FROM clearing.order_book
  WHERE symbol = 'ORD' ORDER BY side DESC, level;

-- price, then time
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 101, 'a1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 100, 'a2') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 100, 'a3') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.ord;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1.5, 100.5, 'b1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 2, 102, 'b2', time_in_force => 'gtc') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.ord;
SELECT cl_ord_id, ord_status, reason, order_qty, leaves_qty, cum_qty, avg_px, time_in_force
  FROM clearing.order_history WHERE symbol = 'ORD' ORDER BY order_id;

-- immediate or cancel, fill or kill
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 0.8, 102, 'a4', time_in_force => 'ioc') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 0.1, 103, 'a5', time_in_force => 'ioc') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1, 100, 'b3') r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1.5, 100, 'a6', time_in_force => 'fok') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 100, 'a7', time_in_force => 'fok') r, t.show(r) s;

-- market
SELECT s.*, hint FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, cl_ord_id => 'a8') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1, 100, 'b4') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1, 99, 'b5') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1.5, cl_ord_id => 'a9') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, ord_type => 'market', cl_ord_id => 'a10') r, t.show(r) s;

-- post only
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1, 99, 'b6', post_only => true) r, t.show(r) s;
SELECT s.*, hint FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 99, 'a11', post_only => true) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 99.5, 'a12', post_only => true) r, t.show(r) s;

-- self-match prevention
SELECT s.*, orders_canceled FROM clearing.submit_order('ord-a', 'ORD', 'buy', 1, 99.5, 'a13') r, t.show(r) s;
SELECT s.*, orders_canceled FROM clearing.submit_order('ord-a', 'ORD', 'sell', 0.4, 99.5, 'a14',
                                      self_match_prevention => 'cancel_aggressor') r, t.show(r) s;
SELECT s.*, orders_canceled FROM clearing.submit_order('ord-a', 'ORD', 'sell', 0.4, 99.5, 'a15',
                                      self_match_prevention => 'cancel_both') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.ord;
SELECT cl_ord_id, ord_status, reason, cum_qty FROM clearing.order_history
  WHERE account = 'ord-a' AND cl_ord_id IN ('a12', 'a13', 'a14', 'a15') ORDER BY order_id;

-- replace: a decrease keeps its place, an increase or another price loses it
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'sell', 1, 110, 'r1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'sell', 1, 110, 'r2') r, t.show(r) s;
SELECT s.*, order_qty FROM clearing.replace_order('ord-a', 'r1', 0.5, 110, 'r1b') r, t.show(r) s;
SELECT t.see();
SELECT cl_ord_id, leaves_qty FROM clearing.open_order WHERE symbol = 'ORD' AND price = 110 ORDER BY priority;
SELECT s.*, order_qty FROM clearing.replace_order('ord-a', 'r1b', 2, 110, 'r1c', symbol => 'ORD') r, t.show(r) s;
SELECT t.see();
SELECT cl_ord_id, leaves_qty FROM clearing.open_order WHERE symbol = 'ORD' AND price = 110 ORDER BY priority;
-- … and can trade
SELECT s.*, order_qty FROM clearing.replace_order('ord-a', 'r1c', 2, 99, 'r1d') r, t.show(r) s;
SELECT s.*, order_qty, hint FROM clearing.replace_order('ord-a', 'r1d', 1, 99, 'r1e') r, t.show(r) s;
-- by number
SELECT s.*, r.order_qty
  FROM clearing.open_order o,
       clearing.replace_order('ord-a', order_id => o.order_id, order_qty => 1.5, price => 120, cl_ord_id => 'r1f') r,
       t.show(r) s
 WHERE o.cl_ord_id = 'r1d';
SELECT t.see();
SELECT cl_ord_id, price, ord_status, order_qty, leaves_qty, cum_qty FROM clearing.open_order
 WHERE symbol = 'ORD' ORDER BY priority;

-- cancel
SELECT s.*, cl_ord_id FROM clearing.cancel_order('ord-b', 'r2', 'c1') r, t.show(r) s;
SELECT s.*, cl_ord_id, hint FROM clearing.cancel_order('ord-b', 'r2', 'c2') r, t.show(r) s;
SELECT s.*, cl_ord_id, hint FROM clearing.cancel_order('ord-b', 'never', 'c3') r, t.show(r) s;
SELECT s.*, cl_ord_id FROM clearing.cancel_order('ord-b', 'r1f', 'c4') r, t.show(r) s;
SELECT s.* FROM clearing.replace_order('ord-b', 'r2', 1, 110, 'c5') r, t.show(r) s;
SELECT * FROM clearing.replace_order('ord-b', 'never', 1, 110, 'c6');
SELECT s.*, hint FROM clearing.replace_order('ord-b', 'never', 1, 110, 'c6', symbol => 'ORD') r, t.show(r) s;
SELECT status, reason, orders_canceled FROM clearing.mass_cancel('ord-a', 'ORD');
SELECT status, reason, orders_canceled FROM clearing.mass_cancel('ord-a');
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'buy', 1, 50) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'buy', 1, 51) r, t.show(r) s;
SELECT status, reason, orders_canceled > 0 AS some FROM clearing.mass_cancel();
SELECT t.see();
SELECT count(*) FROM clearing.open_order;

-- phases
SELECT status, reason FROM clearing.set_phase('ORD', 'halted');
SELECT s.*, hint FROM clearing.submit_order('ord-a', 'ORD', 'buy', 1, 100) r, t.show(r) s;
SELECT status, reason FROM clearing.set_phase('ORD', 'pre_open');
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'buy', 1, 101, 'p1', time_in_force => 'gtc') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'sell', 1.5, 100, 'p2') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('ord-b', 'ORD', 'sell', 1, cl_ord_id => 'p3') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.ord;
SELECT status, reason FROM clearing.set_phase('ORD', 'continuous');
SELECT t.see();
SELECT * FROM t.ord;
SELECT price, qty, aggressor_side FROM clearing.market_trade WHERE symbol = 'ORD' ORDER BY trade_id DESC LIMIT 1;
SELECT s.* FROM clearing.submit_order('ord-a', 'ORD', 'buy', 1, 90, 'p4', time_in_force => 'gtc') r, t.show(r) s;
SELECT status, reason FROM clearing.set_phase('ORD', 'closed');
SELECT t.see();
SELECT cl_ord_id, time_in_force, ord_status, reason FROM clearing.order_history
 WHERE symbol = 'ORD' AND cl_ord_id IN ('p2', 'p4') ORDER BY order_id;
SELECT s.* FROM clearing.cancel_order('ord-a', 'p4') r, t.show(r) s;
SELECT status, reason FROM clearing.set_phase('ORD', 'expired');
