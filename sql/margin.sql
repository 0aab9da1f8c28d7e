-- Initial and maintenance margin, by rate and by lot; deficits; risk reduction.
\pset null '-'
SELECT t.account('mar-a', 'ALPHA', 1000), t.account('mar-b', 'BRAVO', 1000000);
-- 10 % of 100 x 10 = 100 per lot
SELECT status FROM clearing.create_future('MAR', 'USD', tick_size => 1, multiplier => 10,
                                          initial_margin => 0.10, maintenance_margin => 0.05);
CREATE VIEW t.mar AS
  SELECT balance, equity, initial_requirement, maintenance_requirement, available, deficit
    FROM clearing.account_valuation WHERE account = 'mar-a';
-- without a mark price there is nothing to compute margin from
SELECT s.*, hint FROM clearing.submit_order('mar-a', 'MAR', 'buy', 1, 100) r, t.show(r) s;
SELECT status, reason FROM clearing.set_mark_price('MAR', 100);
SELECT s.*, needed, available, hint FROM clearing.submit_order('mar-a', 'MAR', 'buy', 11, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('mar-a', 'MAR', 'buy', 6, 100, 'm1') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
-- the other side of the book costs nothing more: the greater side counts
SELECT s.* FROM clearing.submit_order('mar-a', 'MAR', 'sell', 6, 110, 'm2') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
-- a limit worse than the mark reserves the loss it would enter with
SELECT s.*, needed, available FROM clearing.submit_order('mar-a', 'MAR', 'buy', 4, 101, 'm3') r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('mar-a', 'MAR', 'buy', 3, 101, 'm4') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
SELECT orders_canceled FROM clearing.mass_cancel('mar-a');
-- a position, and a mark that moves against it
SELECT s.* FROM clearing.submit_order('mar-b', 'MAR', 'sell', 10, 100) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('mar-a', 'MAR', 'buy', 10, 100) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
SELECT status FROM clearing.set_mark_price('MAR', 94);
SELECT t.see();
SELECT * FROM t.mar;
SELECT s.*, needed, available FROM clearing.submit_order('mar-a', 'MAR', 'buy', 1, 94) r, t.show(r) s;
SELECT status, reason, needed, available FROM clearing.withdraw('mar-a', 'USD', 1);
-- what reduces the risk is never refused for margin
SELECT s.* FROM clearing.submit_order('mar-a', 'MAR', 'sell', 10, 94, 'm5') r, t.show(r) s;
SELECT s.*, needed, available FROM clearing.submit_order('mar-a', 'MAR', 'sell', 1, 94, 'm6') r, t.show(r) s;
SELECT status FROM clearing.set_mark_price('MAR', 90);
SELECT t.see();
SELECT * FROM clearing.account_deficit WHERE account = 'mar-a';
SELECT s.* FROM clearing.submit_order('mar-b', 'MAR', 'buy', 10, 95) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
SELECT account, qty, avg_px, unrealised, realised FROM clearing.position WHERE symbol = 'MAR' ORDER BY account;

-- margin and fees by lot
SELECT status FROM clearing.create_future('MARLOT', 'USD', tick_size => 0.1, multiplier => 1,
                                          initial_margin => 250.50, maintenance_margin => 200, margin_basis => 'lot',
                                          lot_size => 0.1, taker_fee => 0.75, fee_basis => 'lot',
                                          reference_price => 1000);
SELECT s.* FROM clearing.submit_order('mar-b', 'MARLOT', 'sell', 0.2, 1000) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('mar-a', 'MARLOT', 'buy', 0.1, 1000) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.mar;
SELECT status, reason FROM clearing.set_margin('MARLOT', 300, 280, 'lot');
SELECT t.see();
SELECT * FROM t.mar;
SELECT margin_basis, initial_margin, maintenance_margin FROM clearing.instrument WHERE symbol = 'MARLOT';
SELECT status, reason FROM clearing.set_margin('MARLOT', 0.02, 0.01);
SELECT t.see();
SELECT * FROM t.mar;
SELECT orders_canceled FROM clearing.mass_cancel('mar-b');

-- fees beyond the margin are needed for both sides
SELECT status FROM clearing.create_future('MARFEE', 'USD', tick_size => 1, multiplier => 1,
                                          initial_margin => 2, maintenance_margin => 1, margin_basis => 'lot',
                                          maker_fee => 5, taker_fee => 5, fee_basis => 'lot', reference_price => 100);
SELECT t.account('mar-c', 'ALPHA', 100);
CREATE VIEW t.marc AS
  SELECT equity, initial_requirement, available FROM clearing.account_valuation WHERE account = 'mar-c';
SELECT s.* FROM clearing.submit_order('mar-c', 'MARFEE', 'buy', 10, 100, 'f1') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.marc;
SELECT s.*, needed, available FROM clearing.submit_order('mar-c', 'MARFEE', 'sell', 11, 101, 'f2') r, t.show(r) s;
SELECT s.*, needed, available FROM clearing.submit_order('mar-c', 'MARFEE', 'sell', 10, 101, 'f3') r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.marc;
SELECT s.* FROM clearing.submit_order('mar-b', 'MARFEE', 'buy', 10, 101) r, t.show(r) s;
SELECT t.see();
SELECT * FROM t.marc;
