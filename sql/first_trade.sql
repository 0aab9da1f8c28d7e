-- From nothing to a settled trade: what a new user does first.
\pset null '-'
SELECT status, reason FROM clearing.create_account('first-buyer', 'ALPHA');
SELECT status, reason FROM clearing.create_account('first-seller', 'BRAVO', 'house');
SELECT status, reason FROM clearing.deposit('first-buyer', 'USD', 100000);
SELECT status, reason FROM clearing.deposit('first-seller', 'USD', 100000);
SELECT status, reason, hint
  FROM clearing.create_future('FIRST', 'USD', tick_size => 0.25, multiplier => 50,
                              initial_margin => 0.05, maintenance_margin => 0.04,
                              maker_fee => 0.0001, taker_fee => 0.0002,
                              reference_price => 4000,
                              expiry => '2030-03-15 13:30:00+00');
SELECT t.see();
SELECT * FROM clearing.account WHERE account LIKE 'first%' ORDER BY account \gx
SELECT symbol, kind, phase, quote_asset, tick_size, lot_size, multiplier, tick_value,
       margin_basis, initial_margin, maintenance_margin, fee_basis, maker_fee, taker_fee,
       replace_priority, expiry AT TIME ZONE 'UTC' AS expiry, mark_price, open_interest
  FROM clearing.instrument WHERE symbol = 'FIRST' \gx

SELECT cl_ord_id, order_qty, orders_canceled, duplicate, s.*
  FROM clearing.submit_order('first-seller', 'FIRST', 'sell', 2, 4001, cl_ord_id => 's1') r, t.show(r) s \gx
SELECT t.see();
SELECT symbol, side, level, price, qty, orders FROM clearing.order_book WHERE symbol = 'FIRST';
SELECT cl_ord_id, order_qty, orders_canceled, duplicate, s.*
  FROM clearing.submit_order('first-buyer', 'FIRST', 'buy', 3, 4001.50, cl_ord_id => 'b1') r, t.show(r) s \gx
SELECT t.see();
SELECT symbol, side, level, price, qty, orders FROM clearing.order_book WHERE symbol = 'FIRST';
SELECT account, side, price, qty, fee, fee_asset, liquidity
  FROM clearing.fill WHERE symbol = 'FIRST' ORDER BY account;
SELECT symbol, price, qty, buy_account, sell_account, buy_fee, sell_fee, aggressor_side
  FROM clearing.trade WHERE symbol = 'FIRST';
SELECT symbol, price, qty, aggressor_side FROM clearing.market_trade WHERE symbol = 'FIRST';
SELECT account, qty, avg_px, mark_price, unrealised, realised, working_buy_qty, working_sell_qty
  FROM clearing.position WHERE symbol = 'FIRST' ORDER BY account;
SELECT * FROM clearing.account_valuation WHERE account LIKE 'first%' ORDER BY account \gx

SELECT s.* FROM clearing.cancel_order('first-buyer', 'b1') r, t.show(r) s;
SELECT status, reason FROM clearing.settle('FIRST', 4011);
SELECT t.see();
SELECT account, qty, avg_px, mark_price, unrealised, realised
  FROM clearing.position WHERE symbol = 'FIRST' ORDER BY account;
SELECT account, asset, balance FROM clearing.balance WHERE account LIKE 'first%' ORDER BY account;
SELECT kind, amount, asset, debit_account, credit_account
  FROM clearing.ledger_entry
 WHERE debit_account LIKE 'first%' OR credit_account LIKE 'first%' ORDER BY entry_id;
SELECT symbol, price, final, asset, debited, credited, positions
  FROM clearing.settlement WHERE symbol = 'FIRST';
-- money is neither made nor lost
SELECT asset, sum(balance) FROM clearing.balance GROUP BY asset ORDER BY asset;

-- a receipt is checked against the journal
SELECT clearing.check_receipt(receipt) AS good,
       clearing.check_receipt(regexp_replace(receipt, '.$', CASE right(receipt, 1) WHEN '0' THEN '1' ELSE '0' END)) AS other_hash,
       clearing.check_receipt(regexp_replace(receipt, '/[0-9]+/([0-9a-f]*)$', '/1000000/\1')) AS other_command,
       clearing.check_receipt('1/999999999/0/' || repeat('0', 64)) AS unknown_block
  FROM clearing.deposit('first-buyer', 'USD', 0.01);
SELECT clearing.check_receipt('whatever');
\echo :LAST_ERROR_SQLSTATE
