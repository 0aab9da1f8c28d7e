-- Malformed calls: errors of class CH with values in the detail, nothing sent.
\pset null '-'
SELECT t.account('err-a', 'ALPHA', 1000, 1);
SELECT status FROM clearing.create_spot('ERR', 'BTC', 'USD', tick_size => 0.25, lot_size => 0.04);
SELECT t.see();
SELECT height AS before FROM clearing.height() height \gset
-- off tick, off lot
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100.30);
\echo :LAST_ERROR_SQLSTATE
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, -0.1);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100.250000000000000000000000000000000000000000000001);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 0.05, 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 'NaN', 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 'Infinity', 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, '-Infinity');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1e200, 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 368934881474191032.28, 100);
SELECT clearing.deposit('err-a', 'USD', 1.005);
SELECT clearing.deposit('err-a', 'USD', 1e40);
SELECT clearing.create_spot('ERR2', 'BTC', 'USD', 1e-19, 1);
SELECT clearing.create_spot('ERR2', 'BTC', 'USD', 0, 1);
SELECT clearing.create_spot('ERR2', 'BTC', 'USD', 1, -1);
SELECT clearing.create_spot('ERR2', 'BTC', 'USD', 1, 1, 0.00000001);
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 250.001, 1, margin_basis => 'lot');
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 0.1, 0.1, reference_price => 1.23);
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 0.1, 0.1, expiry => 'infinity');
SELECT clearing.create_asset('ERR', 19);
SELECT clearing.create_asset('ERR', -1);
-- unknown words
SELECT clearing.submit_order('err-a', 'ERR', 'BUY', 1, 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, ord_type => 'fancy');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, time_in_force => 'gtx');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, self_match_prevention => 'none');
SELECT clearing.set_phase('ERR', 'open');
SELECT clearing.create_account('err-b', 'ALPHA', 'system');
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 0.1, 0.1, margin_basis => 'percent');
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 0.1, 0.1, fee_basis => 'percent');
SELECT clearing.create_future('ERR2', 'USD', 0.1, 1, 0.1, 0.1, replace_priority => 'maybe');
-- unknown objects
SELECT clearing.submit_order('nobody', 'ERR', 'buy', 1, 100);
\echo :LAST_ERROR_SQLSTATE
SELECT clearing.submit_order('err-a', 'NOTHING', 'buy', 1, 100);
SELECT clearing.submit_order(repeat('x', 1000), 'ERR', 'buy', 1, 100);
SELECT clearing.deposit('err-a', 'XXX', 1);
SELECT clearing.create_account('err-b', 'NOBODY');
SELECT clearing.set_member_role('NOBODY', 'regress_alpha');
SELECT clearing.set_member_role('house', 'regress_alpha');
SELECT clearing.set_member_role('ALPHA', 'no such role');
SELECT clearing.set_member_role('ALPHA', 'clearing_member');
SELECT clearing.create_member('ERRM', role_name => 'no such role');
-- missing and contradictory arguments
SELECT clearing.submit_order(NULL, 'ERR', 'buy', 1, 100);
SELECT clearing.submit_order('err-a', NULL, 'buy', 1, 100);
SELECT clearing.submit_order('err-a', 'ERR', NULL, 1, 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', NULL, 100);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, ord_type => 'limit');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, ord_type => 'market');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, '');
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, repeat('é', 19));
SELECT clearing.cancel_order('err-a');
SELECT clearing.cancel_order('err-a', 'x', order_id => 1);
SELECT clearing.cancel_order('err-a', order_id => -1);
SELECT clearing.replace_order('err-a', 'x', 1, symbol => 'ERR');
SELECT clearing.replace_order('err-a', 'x', price => 1, symbol => 'ERR');
SELECT clearing.set_mark_price('ERR', NULL);
SELECT clearing.deposit('err-a', 'USD', NULL);
SELECT clearing.create_member('ERRM', repeat('x', 65));
SELECT clearing.submit_orders(NULL);
-- nothing of all this reached the journal
SELECT t.see();
SELECT clearing.height() - :before AS blocks;

-- A command is final at once: not in a transaction that has written.
CREATE TABLE t.own (id int);
BEGIN;
INSERT INTO t.own VALUES (1);
SELECT clearing.submit_order('err-a', 'ERR', 'buy', 1, 100);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SELECT s.* FROM clearing.submit_order('err-a', 'ERR', 'buy', 1, 100, 'final') r, t.show(r) s;
INSERT INTO t.own VALUES (1);
ROLLBACK;
SELECT t.see();
SELECT cl_ord_id, ord_status FROM clearing.open_order WHERE account = 'err-a';
-- whatever the caller's search_path holds is not used
CREATE SCHEMA evil;
CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'ran as %', current_user; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
SET search_path = evil, pg_catalog;
SELECT clearing.submit_order('err-x', 'ERR', 'buy', 1, 100);
RESET search_path;
DROP SCHEMA evil CASCADE;
SELECT orders_canceled FROM clearing.mass_cancel('err-a');
