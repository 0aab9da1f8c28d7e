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
-- The event stream tells of both, with the trade as it was; prices and volumes
-- stay as published, open interest is what is held.
SELECT event_type, trade_id - :wrong AS trade, side, price, qty, exec_type, corrected_by - :wrong AS corrected_by,
       buy_account, sell_account, buy_order_id IS NOT NULL AS orders
  FROM clearing.events(0, NULL, '{BST}') WHERE event_type LIKE 'trade%' ORDER BY seq;
SELECT price, qty, open_price, high_price, low_price, vwap, volume, open_interest
  FROM clearing.events(0, NULL, '{BST}') WHERE event_type = 'statistics' AND price IS NOT NULL ORDER BY seq;
-- more trades, then one of them is busted: open interest shrinks with it, the rest stays
SELECT ord_status FROM clearing.submit_order('bst-b', 'BST', 'sell', 1, 1010, 'b2');
SELECT ord_status FROM clearing.submit_order('bst-b', 'BST', 'sell', 1, 1040, 'b3');
SELECT ord_status, avg_px FROM clearing.submit_order('bst-a', 'BST', 'buy', 2, 1040, 'a2');
SELECT t.see();
SELECT max(trade_id) AS last FROM clearing.trade WHERE symbol = 'BST' \gset
SELECT status FROM clearing.bust_trade(:last);
SELECT t.see();
SELECT event_type, trade_id - :last AS trade, price, qty, open_price, high_price, low_price, vwap, volume, open_interest
  FROM clearing.events(0, NULL, '{BST}') WHERE event_type IN ('trade', 'trade_bust', 'statistics') ORDER BY seq DESC LIMIT 5;
SELECT open_interest FROM clearing.instrument WHERE symbol = 'BST';
-- a member hears of it, and sees its own side
SET ROLE regress_bravo;
SELECT event_type, price, qty, buy_account, sell_account FROM clearing.events(0, NULL, '{BST}')
 WHERE event_type IN ('trade_bust', 'trade_correction') ORDER BY seq;
RESET ROLE;
SELECT ok, fault, detail FROM clearing.verify();
SELECT clearing.bust_trade(999999999);
SELECT clearing.correct_trade(:right, 2, 1020.5);
