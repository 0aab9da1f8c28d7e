-- Order types: what a user can ask for besides a price and a quantity.
\pset null '-'
SELECT t.account('typ-a', 'ALPHA', 1000000), t.account('typ-b', 'BRAVO', 1000000), t.account('typ-c', 'BRAVO', 1000000);
SELECT status FROM clearing.create_future('TYP', 'USD', 1, 1, 0.1, 0.05, reference_price => 100);

-- iceberg: 50 shown 10 at a time; each new peak goes to the back of its price
SELECT ord_status FROM clearing.submit_order('typ-a', 'TYP', 'sell', 50, 100, 'i1', display_qty => 10);
SELECT ord_status FROM clearing.submit_order('typ-b', 'TYP', 'sell', 30, 100, 'i2', display_qty => 5);
SELECT s.cum, s.fills FROM clearing.submit_order('typ-c', 'TYP', 'buy', 18, 100, 'i3') r, t.show(r) s;
SELECT t.see();
SELECT cl_ord_id, leaves_qty, display_qty, shown_qty FROM clearing.open_order WHERE symbol = 'TYP' ORDER BY priority;
SELECT ord_status, reason FROM clearing.submit_order('typ-a', 'TYP', 'sell', 5, 100, 'i4', display_qty => 6);
-- a replace changes what it names, and takes away what it is told to
SELECT ord_status, leaves_qty FROM clearing.replace_order('typ-a', 'i1', 20, 100, 'i5', symbol => 'TYP', display_qty => 2);
SELECT ord_status FROM clearing.replace_order('typ-b', 'i2', 30, 100, 'i6', symbol => 'TYP', remove => ARRAY['display_qty'], time_in_force => 'gtc');
SELECT t.see();
SELECT cl_ord_id, leaves_qty, display_qty, shown_qty, time_in_force FROM clearing.open_order WHERE symbol = 'TYP' ORDER BY priority;
SELECT count(clearing.mass_cancel(a)) FROM unnest(ARRAY['typ-a', 'typ-b']) a;

-- minimum quantity, market to limit
SELECT ord_status FROM clearing.submit_order('typ-a', 'TYP', 'sell', 4, 101, 'm1');
SELECT ord_status, reason FROM clearing.submit_order('typ-c', 'TYP', 'buy', 9, 101, 'm2', time_in_force => 'ioc', min_qty => 5);
SELECT ord_status, cum_qty FROM clearing.submit_order('typ-c', 'TYP', 'buy', 9, cl_ord_id => 'm3', ord_type => 'market_to_limit', display_qty => NULL);
SELECT t.see();
SELECT cl_ord_id, ord_type, price, leaves_qty FROM clearing.open_order WHERE symbol = 'TYP';
SELECT side, level, price, qty FROM clearing.order_book WHERE symbol = 'TYP';
SELECT bid_qty, price FROM clearing.ladder('TYP');
SELECT count(clearing.mass_cancel('typ-c'));

-- good till date
SELECT ord_status, reason FROM clearing.submit_order('typ-a', 'TYP', 'sell', 4, 101, 'g1', expire_time => '2000-01-01');
SELECT ord_status FROM clearing.submit_order('typ-a', 'TYP', 'sell', 4, 101, 'g2', expire_time => now() + interval '1 year');

-- post-only, three ways
SELECT ord_status, reason FROM clearing.submit_order('typ-c', 'TYP', 'buy', 1, 101, 'p1', post_only => true);
SELECT exec_type, ord_status FROM clearing.submit_order('typ-c', 'TYP', 'buy', 1, 101, 'p2', post_only_mode => 'cancel');
SELECT exec_type, ord_status FROM clearing.submit_order('typ-c', 'TYP', 'buy', 1, 101, 'p3', post_only_mode => 'reprice');
SELECT t.see();
SELECT cl_ord_id, price, time_in_force, post_only_mode FROM clearing.open_order WHERE symbol = 'TYP' ORDER BY order_id;

-- reduce-only: typ-c is long 22 by now
SELECT qty FROM clearing.position WHERE account = 'typ-c' AND symbol = 'TYP';
SELECT order_qty FROM clearing.submit_order('typ-c', 'TYP', 'sell', 100, 120, 'r1', reduce_only => true);
SELECT ord_status, reason FROM clearing.submit_order('typ-c', 'TYP', 'buy', 1, 90, 'r2', reduce_only => true);
SELECT ord_status FROM clearing.submit_order('typ-b', 'TYP', 'buy', 20, 99, 'r3');
SELECT cum_qty FROM clearing.submit_order('typ-c', 'TYP', 'sell', 20, 99, 'r4');
SELECT t.see();
SELECT cl_ord_id, order_qty, leaves_qty, reduce_only FROM clearing.open_order WHERE symbol = 'TYP' AND account = 'typ-c' AND side = 'sell';

-- protection points: no further than 2 ticks beyond the best price
SELECT count(clearing.mass_cancel(a)) FROM unnest(ARRAY['typ-a', 'typ-b', 'typ-c']) a;
SELECT status FROM clearing.set_trading_rule('TYP', 'protection_points', '2');
SELECT status FROM clearing.set_trading_rule('TYP', 'market_remainder', 'limit');
SELECT ord_status FROM clearing.submit_order('typ-a', 'TYP', 'sell', 5, 100, 'prot-1');
SELECT ord_status FROM clearing.submit_order('typ-a', 'TYP', 'sell', 5, 103, 'prot-2');
SELECT ord_status, cum_qty, leaves_qty FROM clearing.submit_order('typ-b', 'TYP', 'buy', 8, cl_ord_id => 'prot-3', time_in_force => 'day');
SELECT t.see();
SELECT cl_ord_id, ord_type, price, leaves_qty FROM clearing.open_order WHERE symbol = 'TYP' AND account = 'typ-b';
SELECT rule, value, default_value FROM clearing.trading_rules WHERE symbol = 'TYP' AND value <> default_value ORDER BY rule;
SELECT count(clearing.mass_cancel(a)) FROM unnest(ARRAY['typ-a', 'typ-b']) a;
SELECT ok, fault FROM clearing.verify();
