-- Busting and correcting trades.
\pset null '-'
SELECT t.account('bst-a', 'ALPHA', 10000), t.account('bst-b', 'BRAVO', 10000);
SELECT status FROM clearing.create_future('BST', 'USD', tick_size => 1, multiplier => 1, initial_margin => 0.10,
                                          maintenance_margin => 0.05, maker_fee => -0.0001, taker_fee => 0.001,
                                          reference_price => 1000);
-- a trade at 1200 that should have been at 1020
SELECT ord_status FROM clearing.submit_order('bst-b', 'BST', 'sell', 2, 1200, 'b1');
SELECT ord_status FROM clearing.submit_order('bst-a', 'BST', 'buy', 2, 1200, 'a1');
SELECT t.see();
SELECT account, qty, avg_px FROM clearing.position WHERE symbol = 'BST' ORDER BY account;
SELECT account, balance FROM clearing.account_valuation WHERE account LIKE 'bst-%' AND asset = 'USD' ORDER BY account;
SELECT trade_id AS wrong FROM clearing.trade WHERE symbol = 'BST' \gset
SELECT status, reason FROM clearing.correct_trade(:wrong, 3, 1020);
SELECT status, reason, id = :wrong AS same FROM clearing.correct_trade(:wrong, 2, 1020, 'bst-c1');
SELECT t.see();
SELECT account, qty, avg_px FROM clearing.position WHERE symbol = 'BST' ORDER BY account;
SELECT account, balance FROM clearing.account_valuation WHERE account LIKE 'bst-%' AND asset = 'USD' ORDER BY account;
SELECT trade_id - :wrong AS trade, price, qty, buy_account, buy_fee, sell_fee, exec_type,
       exec_ref_id - :wrong AS corrects, corrected_by - :wrong AS corrected_by
  FROM clearing.trade WHERE symbol = 'BST' ORDER BY trade_id;
-- once only, and the same request again gives the same answer
SELECT status, reason, hint FROM clearing.bust_trade(:wrong);
SELECT status, duplicate FROM clearing.correct_trade(:wrong, 2, 1020, 'bst-c1');
-- settled meanwhile: the next settlement pays it back
SELECT status FROM clearing.settle('BST', 1030);
SELECT max(trade_id) AS right FROM clearing.trade WHERE symbol = 'BST' \gset
SELECT status FROM clearing.bust_trade(:right);
SELECT status FROM clearing.settle('BST', 1030);
SELECT t.see();
SELECT account, qty FROM clearing.position WHERE symbol = 'BST' ORDER BY account;
SELECT account, balance FROM clearing.account_valuation WHERE account LIKE 'bst-%' AND asset = 'USD' ORDER BY account;
SELECT kind, count(*), sum(amount) FROM clearing.ledger_entry
 WHERE kind IN ('bust', 'correction') AND trade_id >= :wrong GROUP BY kind ORDER BY kind;
SELECT clearing.bust_trade(999999999);
SELECT clearing.correct_trade(:right, 2, 1020.5);
