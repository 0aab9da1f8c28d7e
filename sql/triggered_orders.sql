-- Stop, trailing and linked orders.
\pset null '-'
SELECT t.account('trg-a', 'ALPHA', 1000000), t.account('trg-b', 'BRAVO', 1000000), t.account('trg-c', 'BRAVO', 1000000);
SELECT status FROM clearing.create_future('TRG', 'USD', tick_size => 0.5, multiplier => 1, initial_margin => 0.1,
                                          maintenance_margin => 0.08, reference_price => 50);
CREATE FUNCTION t.trade(price numeric) RETURNS text LANGUAGE sql AS $$  -- of others, at a price
  SELECT a.ord_status || ', ' || b.ord_status
    FROM clearing.submit_order('trg-c', 'TRG', 'sell', 1, price) a,
         clearing.submit_order('trg-b', 'TRG', 'buy', 1, price) b
$$;
CREATE VIEW t.waits AS SELECT cl_ord_id, ord_type, side, price, stop_px, trigger, trail_offset, waits_for, leaves_qty
  FROM clearing.open_order WHERE account = 'trg-a' ORDER BY order_id;
CREATE VIEW t.went AS SELECT cl_ord_id, ord_type, ord_status, reason, price, stop_px, cum_qty, avg_px
  FROM clearing.order_history WHERE account = 'trg-a' ORDER BY order_id;

-- Alpha is long 10 at 50.  A stop loss, and a stop-limit that would buy more.
SELECT s.* FROM clearing.submit_order('trg-b', 'TRG', 'sell', 10, 50, 'b1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'buy', 10, 50, 'a1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 4, cl_ord_id => 'loss', stop_px => 45) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'buy', 5, 56, 'more', stop_px => 55) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.waits;
SELECT * FROM clearing.order_book WHERE symbol = 'TRG';
-- both count: 4 lots less or 5 more
SELECT qty, working_buy_qty, working_sell_qty FROM clearing.position WHERE account = 'trg-a' AND symbol = 'TRG';

-- somebody to trade with
SELECT s.* FROM clearing.submit_order('trg-b', 'TRG', 'sell', 20, 55.5, 'b2') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-b', 'TRG', 'buy', 20, 40, 'b3') r, t.show(r) s;
SELECT t.trade(54.5);
SELECT t.trade(55);
SELECT t.see();
SELECT * FROM t.waits;
SELECT * FROM t.went;
SELECT t.trade(45);
SELECT t.see();
SELECT * FROM t.went WHERE cl_ord_id = 'loss';
SELECT qty FROM clearing.position WHERE account = 'trg-a' AND symbol = 'TRG';

-- A stop price that is met already: triggered at once, or refused.
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'met', stop_px => 45) r, t.show(r) s;
SELECT status FROM clearing.set_trading_rule('TRG', 'stop_entry', 'refuse');
SELECT s.*, hint FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'met2', stop_px => 45) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'ioc', stop_px => 39, time_in_force => 'ioc') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 100000, cl_ord_id => 'big', stop_px => 39) r, t.show(r) s;

-- By the mark price; replaced; cancelled.
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'mark', stop_px => 38, trigger => 'mark') r, t.show(r) s;
SELECT s.* FROM clearing.replace_order('trg-a', 'mark', 2, cl_ord_id => 'mark2', ord_type => 'stop', stop_px => 42) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'off', stop_px => 38) r, t.show(r) s;
SELECT s.* FROM clearing.cancel_order('trg-a', 'off') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.waits;
SELECT status FROM clearing.set_mark_price('TRG', 42);
SELECT t.see();
SELECT * FROM t.went WHERE cl_ord_id IN ('mark2', 'off');

-- A trailing stop: 5 below the highest price since its entry.
SELECT t.trade(50);
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 1, cl_ord_id => 'trail', trail_offset => 5) r, t.show(r) s;
SELECT t.trade(55);
SELECT t.see();
SELECT * FROM t.waits WHERE cl_ord_id = 'trail';
SELECT t.trade(51);
SELECT t.see();
SELECT * FROM t.waits WHERE cl_ord_id = 'trail';
SELECT t.trade(50);
SELECT t.see();
SELECT * FROM t.went WHERE cl_ord_id = 'trail';

-- A bracket: take profit at 60 or stop the loss at 45; one cancels the other.
SELECT t.trade(50);
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 2, 60, 'profit') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 2, cl_ord_id => 'stop', stop_px => 45, link => 'profit') r, t.show(r) s;
SELECT t.see();
SELECT o.cl_ord_id, p.cl_ord_id AS linked_to FROM clearing.open_order o
  JOIN clearing.open_order p ON p.order_id = o.link_order_id WHERE o.account = 'trg-a' ORDER BY o.order_id;
SELECT s.*, hint FROM clearing.submit_order('trg-a', 'TRG', 'sell', 2, 61, 'third', link => 'profit') r, t.show(r) s;
SELECT t.trade(45);
SELECT t.see();
SELECT * FROM t.went WHERE cl_ord_id IN ('profit', 'stop');
SELECT qty, working_sell_qty FROM clearing.position WHERE account = 'trg-a' AND symbol = 'TRG';

-- Or the other loses what one fills.
SELECT status FROM clearing.set_trading_rule('TRG', 'linked_orders', 'reduce');
SELECT t.see();
SELECT rule, value, default_value, description FROM clearing.trading_rules
 WHERE symbol = 'TRG' AND rule IN ('linked_orders', 'stop_entry') ORDER BY rule;
SELECT t.trade(50);
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 2, 54, 'p2') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 2, cl_ord_id => 's2', stop_px => 41, link => 'p2') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-b', 'TRG', 'buy', 1, 54, 'b4') r, t.show(r) s;
SELECT t.see();
SELECT cl_ord_id, ord_status, leaves_qty FROM clearing.open_order WHERE account = 'trg-a' ORDER BY order_id;

-- The order that triggers a stop hears of its own fills only, now and when it asks again.
SELECT orders_canceled > 0 AS none_left FROM clearing.mass_cancel(symbol => 'TRG');
SELECT t.trade(50);
SELECT s.* FROM clearing.submit_order('trg-a', 'TRG', 'sell', 3, cl_ord_id => 's3', stop_px => 45) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-b', 'TRG', 'buy', 9, 44, 'b5') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-c', 'TRG', 'sell', 1, 44, 'c1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('trg-c', 'TRG', 'sell', 1, 44, 'c1') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.went WHERE cl_ord_id = 's3';

-- All of it can be executed again, and nothing else comes out.
SELECT orders_canceled FROM clearing.mass_cancel('trg-a');
SELECT t.see();
SELECT ok, fault FROM clearing.verify();
