-- The opening and the close of a share, with numbers of the examples in Xetra's
-- market model.
\pset null '-'
SELECT t.account('auc-a', 'ALPHA', 1000000, 0), t.account('auc-b', 'BRAVO', 1000000, 10000);
SELECT status FROM clearing.create_spot('AUC', 'BTC', 'USD', 1, 1, phase => 'opening_call');

-- while the call runs orders are collected, and nothing trades
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC', 'buy', 400, 202, 'auc-a1');
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC', 'buy', 200, 201, 'auc-a2');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 300, 199, 'auc-b1');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 200, 198, 'auc-b2');
SELECT ord_status, reason FROM clearing.submit_order('auc-b', 'AUC', 'sell', 200, 198, time_in_force => 'ioc');
SELECT ord_status, reason FROM clearing.submit_order('auc-b', 'AUC', 'sell', 200, time_in_force => 'day');
SELECT t.see();
SELECT * FROM clearing.indicative_prices WHERE symbol = 'AUC';

-- the call ends: everybody trades at one price
SELECT status FROM clearing.set_phase('AUC', 'continuous');
SELECT t.see();
SELECT price, qty, buy_account, sell_account FROM clearing.trade WHERE symbol = 'AUC' ORDER BY trade_id;
SELECT side, price, qty FROM clearing.order_book WHERE symbol = 'AUC';
SELECT count(*) FROM clearing.indicative_prices WHERE symbol = 'AUC';

-- a market order counts at every price up to its protection, 10 % below 201
SELECT status FROM clearing.set_phase('AUC', 'closing_call');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 60, time_in_force => 'day', cl_ord_id => 'auc-b3');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 60, 202, 'auc-b4');
SELECT t.see();
SELECT * FROM clearing.indicative_prices WHERE symbol = 'AUC';
SELECT cl_ord_id, ord_type, price FROM clearing.open_order WHERE symbol = 'AUC' ORDER BY order_id;
SELECT side, level, price, qty FROM clearing.order_book WHERE symbol = 'AUC' ORDER BY side, level;

-- whose rules find the price, and what else is a rule
SELECT rule, value, default_value, unit FROM clearing.trading_rules
 WHERE symbol = 'AUC' AND rule ~ 'auction|uncross|market_' ORDER BY rule;
SELECT status FROM clearing.set_trading_rule('AUC', 'auction_reference', 'clamp');
SELECT status FROM clearing.set_phase('AUC', 'closed');
SELECT t.see();
SELECT price, qty FROM clearing.trade WHERE symbol = 'AUC' ORDER BY trade_id;
SELECT cl_ord_id, ord_status, reason FROM clearing.order_history WHERE symbol = 'AUC' ORDER BY order_id;
SELECT phase, last_price FROM clearing.instrument WHERE symbol = 'AUC';

-- a schedule, and a phase with an end
SELECT status FROM clearing.set_schedule('AUC', 0, 'opening_call', '08:50', duration => '10 min', random_end => '30 s', weekdays => 62);
SELECT status FROM clearing.set_schedule('AUC', 1, 'closing_call', '17:30', duration => '5 min', next_phase => 'trade_at_close');
SELECT status FROM clearing.set_schedule('AUC', 2, 'closed', at => '2090-01-01 18:00Z');
SELECT clearing.set_schedule('AUC', 3, 'closed');
SELECT status, reason FROM clearing.set_schedule('AUC', 3, 'closed', '18:00', weekdays => 0);
SELECT t.see();
SELECT * FROM clearing.trading_schedule WHERE symbol = 'AUC' ORDER BY entry;
SELECT status FROM clearing.set_schedule('AUC', 1, NULL);
SELECT status, reason FROM clearing.set_phase('AUC', 'opening_call', ends_at => '2001-01-01');
SELECT t.see();
SELECT entry, phase FROM clearing.trading_schedule WHERE symbol = 'AUC' ORDER BY entry;
SELECT a.status, b.status FROM clearing.set_schedule('AUC', 0, NULL) a, clearing.set_schedule('AUC', 2, NULL) b;

-- a trade out of the dynamic range interrupts trading
SELECT status FROM clearing.set_trading_rule('AUC', 'dynamic_range', '5');
SELECT status FROM clearing.set_phase('AUC', 'continuous');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 10, 206, 'auc-b5');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 10, 207, 'auc-b6');
SELECT ord_status, cum_qty, leaves_qty FROM clearing.submit_order('auc-a', 'AUC', 'buy', 20, 207, 'auc-a3');
SELECT t.see();
SELECT phase FROM clearing.instrument WHERE symbol = 'AUC';
SELECT price, volume FROM clearing.indicative_prices WHERE symbol = 'AUC';
SELECT status FROM clearing.set_phase('AUC', 'continuous');
SELECT status FROM clearing.set_trading_rule('AUC', 'price_band', '10');
SELECT ord_status, reason FROM clearing.submit_order('auc-a', 'AUC', 'buy', 1, 218);
SELECT status FROM clearing.set_phase('AUC', 'closed');

-- a price move halts a group of instruments
SELECT status FROM clearing.create_future('AUC-F', 'USD', 1, 1, 0.1, 0.05, reference_price => 100);
SELECT status FROM clearing.set_trading_rule('AUC-F', 'product_group', '77');
SELECT status FROM clearing.set_circuit_breaker(77, 1, 0.07, halt => '15 min', direction => 'down', once_a_day => true);
SELECT status FROM clearing.set_circuit_breaker(77, 0, lookback => NULL);
SELECT clearing.set_circuit_breaker(77, 9, 0.1);
SELECT clearing.set_circuit_breaker(77, 0, 0.1);
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC-F', 'sell', 1, 94);
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC-F', 'buy', 1, 94);
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC-F', 'sell', 1, 93);
SELECT ord_status, reason FROM clearing.submit_order('auc-a', 'AUC-F', 'buy', 1, 93, time_in_force => 'ioc');
SELECT t.see();
SELECT phase FROM clearing.instrument WHERE symbol = 'AUC-F';
SELECT product_group, tier, percent, lookback, halt, call, direction, once_a_day, tripped IS NOT NULL AS tripped
  FROM clearing.circuit_breakers WHERE product_group = 77;

-- orders that are for the close only wait for its call, and end with its auction
SELECT status FROM clearing.set_phase('AUC', 'continuous');
SELECT ord_status, reason FROM clearing.submit_order('auc-a', 'AUC', 'buy', 2, 190, 'auc-o', time_in_force => 'at_the_opening');
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC', 'buy', 9, 207, 'auc-c', time_in_force => 'at_the_close');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 4, 207, 'auc-d');
SELECT t.see();
SELECT cl_ord_id, time_in_force, leaves_qty FROM clearing.open_order WHERE symbol = 'AUC' AND cl_ord_id IN ('auc-c', 'auc-d') ORDER BY order_id;
SELECT status FROM clearing.set_phase('AUC', 'closing_call');
SELECT status FROM clearing.set_phase('AUC', 'closed');
SELECT t.see();
SELECT cl_ord_id, time_in_force, cum_qty, ord_status, reason FROM clearing.order_history
 WHERE symbol = 'AUC' AND cl_ord_id IN ('auc-c', 'auc-d') ORDER BY order_id;

-- stop orders that the price of a call elects, at their limits
SELECT status FROM clearing.set_phase('AUC', 'intraday_call');
SELECT status FROM clearing.set_trading_rule('AUC', 'auction_stops', 'on');
SELECT a.status, b.status FROM clearing.mass_cancel('auc-a') a, clearing.mass_cancel('auc-b') b;
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC', 'buy', 10, 207, 'auc-s1');
SELECT ord_status FROM clearing.submit_order('auc-b', 'AUC', 'sell', 10, 205, 'auc-s2');
SELECT t.see();
SELECT price, volume, surplus FROM clearing.indicative_prices WHERE symbol = 'AUC';
SELECT ord_status FROM clearing.submit_order('auc-a', 'AUC', 'buy', 4, 209, 'auc-s3', ord_type => 'stop_limit', stop_px => 206);
SELECT t.see();
SELECT price, volume, surplus FROM clearing.indicative_prices WHERE symbol = 'AUC';
SELECT status FROM clearing.set_phase('AUC', 'continuous');
SELECT t.see();
SELECT cl_ord_id, ord_type, cum_qty, ord_status FROM clearing.order_history
 WHERE symbol = 'AUC' AND cl_ord_id LIKE 'auc-s%' ORDER BY order_id;

-- orders beyond the limits of the day wait until their price is inside
SELECT status FROM clearing.create_future('AUC-L', 'USD', 1, 1, 0.1, 0.05, reference_price => 100);
SELECT status FROM clearing.settle('AUC-L', 100);
SELECT status FROM clearing.set_trading_rule('AUC-L', 'limit_up', '10');
SELECT ord_status, reason FROM clearing.submit_order('auc-a', 'AUC-L', 'sell', 1, 111, 'auc-l1', time_in_force => 'gtc');
SELECT status FROM clearing.set_trading_rule('AUC-L', 'beyond_limits', 'keep');
SELECT ord_status, reason FROM clearing.submit_order('auc-a', 'AUC-L', 'sell', 1, 111, 'auc-l2', time_in_force => 'gtc');
SELECT t.see();
SELECT cl_ord_id, waits_for, price FROM clearing.open_order WHERE symbol = 'AUC-L';
SELECT count(*) FROM clearing.order_book WHERE symbol = 'AUC-L';
SELECT status FROM clearing.settle('AUC-L', 101);
SELECT t.see();
SELECT cl_ord_id, waits_for, price FROM clearing.open_order WHERE symbol = 'AUC-L';
SELECT side, price, qty FROM clearing.order_book WHERE symbol = 'AUC-L';
