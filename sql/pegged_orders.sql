-- Pegged orders: their price follows the book.
\pset null '-'
SELECT t.account('peg-a', 'ALPHA', 1000000), t.account('peg-b', 'BRAVO', 1000000);
SELECT status FROM clearing.create_future('PEG', 'USD', tick_size => 0.5, multiplier => 1, initial_margin => 0.1,
                                          maintenance_margin => 0.08, reference_price => 50);
CREATE VIEW t.pegs AS SELECT cl_ord_id, side, peg_type, peg_offset, peg_limit, price, waits_for, leaves_qty
  FROM clearing.open_order WHERE account = 'peg-a' ORDER BY order_id;

-- best bid 50, best offer 53.5
SELECT s.* FROM clearing.submit_order('peg-b', 'PEG', 'buy', 5, 50, 'bid') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('peg-b', 'PEG', 'sell', 5, 53.5, 'ask') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('peg-a', 'PEG', 'buy', 2, cl_ord_id => 'own', peg_type => 'primary', peg_offset => -0.5) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('peg-a', 'PEG', 'buy', 2, 52, 'mid', peg_type => 'mid') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('peg-a', 'PEG', 'sell', 2, cl_ord_id => 'other', peg_type => 'market') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.pegs;
SELECT side, price, qty FROM clearing.order_book WHERE symbol = 'PEG' ORDER BY side, level;

-- the market peg trades when somebody comes to it
SELECT s.* FROM clearing.submit_order('peg-b', 'PEG', 'buy', 2, 52.5, 'comes') r, t.show(r) s;

-- a better bid: they follow, mid up to its limit
SELECT s.* FROM clearing.submit_order('peg-b', 'PEG', 'buy', 1, 52.5, 'better') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.pegs;
SELECT s.* FROM clearing.replace_order('peg-a', 'own', 2, cl_ord_id => 'own2', ord_type => 'pegged', peg_offset => -2) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.pegs WHERE cl_ord_id = 'own2';

-- no bids left: who needs one waits, or is cancelled
SELECT orders_canceled FROM clearing.mass_cancel('peg-b');
SELECT t.see();
SELECT * FROM t.pegs;
SELECT status FROM clearing.set_trading_rule('PEG', 'peg_without_reference', 'cancel');
SELECT t.see();
SELECT cl_ord_id, ord_type, ord_status, reason, cum_qty FROM clearing.order_history WHERE account = 'peg-a' ORDER BY order_id;
SELECT s.*, hint FROM clearing.submit_order('peg-a', 'PEG', 'buy', 2, cl_ord_id => 'none', peg_type => 'mid') r, t.show(r) s;
SELECT ok, fault FROM clearing.verify();
