-- Delivery against payment: both sides of every trade, fees included.
\pset null '-'
SELECT t.account('spot-a', 'ALPHA', 10000, 0), t.account('spot-b', 'BRAVO', 0.01, 2);
SELECT status FROM clearing.create_spot('SPOT', 'BTC', 'USD', tick_size => 1, lot_size => 0.01,
                                        maker_fee => -0.0001, taker_fee => 0.0002);
SELECT t.see();
CREATE VIEW t.spot AS
  SELECT account, asset, balance, available FROM clearing.account_valuation
   WHERE account LIKE 'spot-%' ORDER BY account, asset;
SELECT * FROM t.spot;
-- a sell reserves what it delivers, a buy what it pays and its fee
SELECT s.* FROM clearing.submit_order('spot-b', 'SPOT', 'sell', 1.5, 5000, 's1') r, t.show(r) s;
SELECT s.*, needed, available, hint FROM clearing.submit_order('spot-b', 'SPOT', 'sell', 0.51, 5000, 's2') r, t.show(r) s;
SELECT s.*, needed, available, hint FROM clearing.submit_order('spot-a', 'SPOT', 'buy', 2, 5000, 'b1') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spot-a', 'SPOT', 'buy', 1, 4000, 'b2') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.spot;
SELECT s.*, needed, available FROM clearing.submit_order('spot-a', 'SPOT', 'buy', 1.2, 5000, 'b3') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('spot-a', 'SPOT', 'buy', 1, 5100, 'b4') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.spot;
SELECT kind, amount, asset, debit_account, credit_account FROM clearing.ledger_entry
 WHERE trade_id = (SELECT max(trade_id) FROM clearing.trade WHERE symbol = 'SPOT') ORDER BY entry_id;
-- what is reserved can't be withdrawn
SELECT status, reason, needed, available, hint FROM clearing.withdraw('spot-a', 'USD', 999.01);
SELECT status, reason FROM clearing.withdraw('spot-a', 'USD', 998);
SELECT status, reason FROM clearing.withdraw('spot-a', 'BTC', 1);
SELECT status, reason FROM clearing.withdraw('spot-a', 'BTC', 0.00000001);
SELECT status, orders_canceled FROM clearing.mass_cancel('spot-a');
SELECT t.see();
SELECT * FROM t.spot;
-- no futures' business
SELECT status, reason, hint FROM clearing.settle('SPOT', 5000);
SELECT status, reason FROM clearing.set_margin('SPOT', 0.1, 0.1);
SELECT status, reason FROM clearing.expire('SPOT', 5000);
-- but it can have a mark price, for whoever values it
SELECT status, reason FROM clearing.set_mark_price('SPOT', 5000);
SELECT asset, sum(balance) FROM clearing.balance GROUP BY asset ORDER BY asset;
