-- Spreads, implied matching, and who gets how much at a price.
\pset null '-'
SELECT t.account('spr-' || n, 'ALPHA', 100000) FROM generate_series(1, 5) n;
SELECT status
  FROM (VALUES ('SPR-MAR', 100, timestamptz '2030-03-15 00:00Z'), ('SPR-JUN', 102, '2030-06-15 00:00Z')) v (symbol, price, expiry),
       clearing.create_future(v.symbol, 'USD', 0.5, 10, 0.1, 0.05, reference_price => v.price, expiry => v.expiry);
SELECT t.see();

-- The buyer of the spread buys March and sells June.
SELECT status FROM clearing.create_spread('SPR-MAR-JUN', ARRAY['SPR-MAR', 'SPR-JUN'], ARRAY[1, -1], 0.5);
SELECT * FROM clearing.spread_leg WHERE symbol = 'SPR-MAR-JUN' ORDER BY leg;
SELECT kind, mark_price, tick_value FROM clearing.instrument WHERE symbol = 'SPR-MAR-JUN';
SELECT clearing.create_spread('X', ARRAY['SPR-MAR'], ARRAY[1], 0.5);
SELECT clearing.create_spread('X', ARRAY['SPR-MAR', NULL], ARRAY[1, -1], 0.5);
SELECT clearing.create_spread('X', ARRAY['SPR-MAR', 'SPR-DEC'], ARRAY[1, -1], 0.5);
SELECT status, reason FROM clearing.create_spread('X', ARRAY['SPR-MAR', 'SPR-JUN'], ARRAY[2, -2], 0.5);
SELECT status, reason FROM clearing.create_spread('X', ARRAY['SPR-MAR', 'SPR-JUN'], ARRAY[1, -1], 0.3);
SELECT status, reason FROM clearing.set_mark_price('SPR-MAR-JUN', 1);

-- A trade of the spread is two trades of its legs, whose prices add up.
SELECT s.* FROM clearing.submit_order('spr-1', 'SPR-MAR-JUN', 'sell', 5, -1.5) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-2', 'SPR-MAR-JUN', 'buy', 2, -1.5) r, t.show(r) s;
SELECT t.see();
SELECT symbol, buy_account, sell_account, qty, price FROM clearing.trade WHERE symbol LIKE 'SPR-%' ORDER BY trade_id;
SELECT account, symbol, qty, avg_px FROM clearing.position WHERE symbol LIKE 'SPR-%' AND qty <> 0 ORDER BY account, symbol;

-- Implied out: the offer of the spread and an offer of June make an offer of March.
SELECT s.* FROM clearing.submit_order('spr-3', 'SPR-JUN', 'sell', 2, 101) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-4', 'SPR-MAR', 'buy', 2, 100) r, t.show(r) s;
-- Implied in: an offer of March and a bid of June make an offer of the spread.
SELECT s.* FROM clearing.submit_order('spr-3', 'SPR-MAR', 'sell', 1, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-4', 'SPR-JUN', 'buy', 1, 102) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-MAR-JUN', 'buy', 1, -1.5) r, t.show(r) s;
SELECT t.see();
SELECT symbol, buy_account, sell_account, qty, price FROM clearing.trade WHERE symbol LIKE 'SPR-%' ORDER BY trade_id;

-- A leg that would trade out of its range is interrupted, and the order waits.
SELECT status FROM clearing.set_trading_rule('SPR-JUN', 'dynamic_range', '2');
SELECT s.* FROM clearing.submit_order('spr-3', 'SPR-MAR', 'sell', 1, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-4', 'SPR-JUN', 'buy', 1, 95) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-MAR-JUN', 'buy', 2, 5) r, t.show(r) s;
SELECT t.see();
SELECT symbol, phase FROM clearing.instrument WHERE symbol LIKE 'SPR-%' ORDER BY symbol;
SELECT status FROM clearing.set_phase('SPR-JUN', 'continuous');
SELECT status FROM clearing.set_trading_rule('SPR-JUN', 'dynamic_range', '0');
SELECT t.see();
SELECT symbol, buy_account, sell_account, qty, price FROM clearing.trade WHERE symbol LIKE 'SPR-%' ORDER BY trade_id DESC LIMIT 2;
SELECT status FROM clearing.set_trading_rule('SPR-MAR-JUN', 'implied_matching', 'off');

-- The fills of a spread are those of its legs, each in its own ticks.
SELECT status FROM clearing.create_future('SPR-SEP', 'USD', 2, 10, 0.1, 0.05, reference_price => 104, expiry => '2030-09-15');
SELECT status, reason FROM clearing.create_spread('SPR-MAR-SEP', ARRAY['SPR-MAR', 'SPR-SEP'], ARRAY[1, -1], 0.5);
SELECT s.* FROM clearing.submit_order('spr-3', 'SPR-MAR-SEP', 'sell', 1, -4.5) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-MAR-SEP', 'buy', 1, -4.5, 'sep') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-MAR-SEP', 'buy', 1, -4.5, 'sep') r, t.show(r) s;

-- Allocation: pro rata, the largest first, what rounding leaves to the oldest.
SELECT status FROM clearing.set_trading_rule('SPR-JUN', 'allocation', 'pro_rata');
SELECT clearing.set_trading_rule('SPR-JUN', 'allocation', 'best_friends');
SELECT s.ord_status FROM (VALUES (1, 2), (2, 42), (3, 56)) v (n, qty),
  clearing.submit_order('spr-' || n, 'SPR-JUN', 'buy', qty, 90) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-JUN', 'sell', 50, 90) r, t.show(r) s;
-- A lead market maker gets its share first.
SELECT status FROM clearing.set_trading_rule('SPR-JUN', 'allocation', 'fifo_lmm');
SELECT status FROM clearing.set_market_maker('SPR-JUN', 'spr-3', 0.5);
SELECT status, reason FROM clearing.set_market_maker('SPR-JUN', 'spr-2', 0.6);
SELECT t.see();
SELECT * FROM clearing.market_maker WHERE symbol = 'SPR-JUN';
SELECT s.* FROM clearing.submit_order('spr-5', 'SPR-JUN', 'sell', 11, 90) r, t.show(r) s;
SELECT rule, value FROM clearing.trading_rules WHERE symbol = 'SPR-JUN' AND value <> default_value;
SELECT ok FROM clearing.verify();
