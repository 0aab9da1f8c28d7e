-- Why the house cancelled, cut or repriced an order, told in the answer
-- (FIX 378), again when the command is repeated, and in clearing.request.
\pset null '-'
SELECT t.account('rst-a', 'ALPHA', 1000000, 1000), t.account('rst-b', 'BRAVO', 1000000, 1000),
       t.account('rst-b2', 'BRAVO', 1000000, 1000);
SELECT status FROM clearing.create_future('RST', 'USD', 1, 1, 0.1, 0.05, reference_price => 100);
CREATE FUNCTION t.told(r clearing.execution_report, OUT exec_type text, OUT ord_status text, OUT reason text, OUT leaves numeric,
                       OUT cum numeric, OUT canceled integer, OUT restated text, OUT resting text)
  LANGUAGE sql IMMUTABLE AS $$
  SELECT r.exec_type, r.ord_status, r.reason, r.leaves_qty, r.cum_qty, r.orders_canceled,
         r.exec_restatement_reason, r.resting_restatement_reason
$$;

-- Self-match prevention.  Who says nothing takes the rule of the instrument,
-- which cancels the resting order unless it is set otherwise.
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 2, 100, 'a1') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'buy', 1, 100, 'a2') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 1, 100, 'a3', self_match_prevention => 'cancel_aggressor') r, t.told(r) s;
SELECT status FROM clearing.set_trading_rule('RST', 'self_match_prevention', 'decrement_both');
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 3, 100, 'a4') r, t.told(r) s;
SELECT s.* FROM clearing.submit_orders(ARRAY[ROW('rst-a', 'RST', 'buy', 1, 100, 'a5', NULL, NULL, NULL, NULL, NULL),
       ROW('rst-a', 'RST', 'buy', 1, 100, 'a6', NULL, NULL, NULL, 'cancel_both', NULL)]::clearing.new_order[]) r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 1, 100, 'a7') r, t.told(r) s;
SELECT s.* FROM clearing.submit_batch('rst-a', ARRAY[
       clearing.encode_order('rst-a', 'RST', 'buy', 1, 100, 'a8'),
       clearing.encode_order('rst-a', 'RST', 'sell', 1, 100, 'a9', self_match_prevention => 'cancel_aggressor')], 'batch1') r, t.told(r) s;
SELECT s.* FROM clearing.decode_reply(clearing.submit_packed(clearing.encode_order('rst-a', 'RST', 'buy', 1, 101, 'a10'))) r, t.told(r) s;
SELECT t.see();
SELECT cl_ord_id, self_match_prevention, ord_status, order_qty, exec_restatement_reason
  FROM clearing.order_history WHERE symbol = 'RST' ORDER BY order_id;
SELECT status FROM clearing.set_trading_rule('RST', 'self_match_prevention', 'cancel_resting');

-- What nobody but the owner decided is no restatement.
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 1, 90, 'b1', time_in_force => 'ioc') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 1, 90, 'b2') r, t.told(r) s;
SELECT s.* FROM clearing.cancel_order('rst-b', 'b2', 'b3') r, t.told(r) s;

-- Post-only: repriced, on entry and by a replace, or cancelled.
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 5, 110, 'c1') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 5, 111, 'd1', post_only_mode => 'reprice') r, t.told(r) s;
SELECT s.* FROM clearing.replace_order('rst-b', 'd1', 5, 112, 'd2') r, t.told(r) s;
SELECT s.* FROM clearing.replace_order('rst-b', 'd2', 5, 108, 'd3') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 5, 111, 'd4', post_only_mode => 'cancel') r, t.told(r) s;
SELECT t.see();
SELECT cl_ord_id, price FROM clearing.open_order WHERE symbol = 'RST' ORDER BY order_id;
SELECT orders_canceled, exec_restatement_reason FROM clearing.mass_cancel('rst-b');

-- Market to limit: what is left has got a price; filled, nothing was changed.
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 2, cl_ord_id => 'm1', ord_type => 'market_to_limit') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'buy', 5, cl_ord_id => 'm2', ord_type => 'market_to_limit') r, t.told(r) s;
-- What is left of a market order rests at its protection limit, if so ruled.
SELECT status FROM clearing.set_trading_rule('RST', 'protection_points', '2');
SELECT status FROM clearing.set_trading_rule('RST', 'market_remainder', 'limit');
SELECT t.see();
SELECT side, level, price, qty, orders FROM clearing.order_book WHERE symbol = 'RST';
SELECT side, level, price, qty, orders FROM clearing.book_snapshot('RST');
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 3, cl_ord_id => 'm3', ord_type => 'market', time_in_force => 'day') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'sell', 3, cl_ord_id => 'm3', ord_type => 'market', time_in_force => 'day') r, t.told(r) s;

-- Reduce-only: no more than the position, then what the position shrinks by.
SELECT qty FROM clearing.position WHERE account = 'rst-b' AND symbol = 'RST';
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'sell', 9, 130, 'r1', reduce_only => true) r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-a', 'RST', 'buy', 3, 120, 'r2') r, t.told(r) s;
SELECT s.* FROM clearing.submit_order('rst-b', 'RST', 'sell', 3, 120, 'r3') r, t.told(r) s;
SELECT t.see();
SELECT cl_ord_id, order_qty, leaves_qty FROM clearing.open_order WHERE cl_ord_id = 'r1';

-- Controls.
SELECT s.* FROM clearing.submit_order('rst-b2', 'RST', 'buy', 1, 80, 'k1', cancel_on_disconnect => true, session => 3) r, t.told(r) s;
SELECT status, orders_canceled, exec_restatement_reason FROM clearing.disconnect('rst-b2', 3, 'disconnect1');
SELECT s.* FROM clearing.submit_order('rst-b2', 'RST', 'buy', 1, 80, 'k2') r, t.told(r) s;
SELECT status, orders_canceled, exec_restatement_reason FROM clearing.kill_switch('rst-b2', request_id => 'kill1');
SELECT status, orders_canceled, exec_restatement_reason, duplicate FROM clearing.kill_switch('rst-b2', request_id => 'kill1');

-- A refusal by a limit says what was asked and what is allowed, later too.
SELECT status FROM clearing.set_limits('rst-a', max_order_qty => 5, max_notional => 50000, price_collar => 0.10, max_open_orders => 3, max_position => 5);
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'buy', 6, 100, 'l1');
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'buy', 4, 111, 'l2');
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'buy', 5, 105, 'l3');
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'sell', 4, 100, 'l4');
SELECT reason, needed, available FROM clearing.mass_quote('rst-a', ARRAY[('RST', 98, 6, NULL, NULL)]::clearing.quote[], 1, 'l5');
SELECT reason, needed, available FROM clearing.submit_batch('rst-a', ARRAY[clearing.encode_order('rst-a', 'RST', 'buy', 6, 100, 'l6')], 'l7');
SELECT status FROM clearing.set_limits('rst-a', max_open_orders => 1);
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'buy', 1, 90, 'l8');
SELECT reason, needed, available FROM clearing.submit_order('rst-a', 'RST', 'buy', 1, 90, 'l9');
SELECT t.see();
SELECT reference, reason, needed, available, asset FROM clearing.request
 WHERE account = 'rst-a' AND reference ~ '^l[0-9]' ORDER BY height;

SELECT reference, exec_restatement_reason, resting_restatement_reason, duplicate FROM clearing.request
 WHERE account LIKE 'rst-%' AND (exec_restatement_reason IS NOT NULL OR resting_restatement_reason IS NOT NULL)
 ORDER BY height, command_number;
SELECT count(clearing.mass_cancel(a)) FROM unnest(ARRAY['rst-a', 'rst-b']) a;
SELECT ok, fault, detail FROM clearing.verify();
