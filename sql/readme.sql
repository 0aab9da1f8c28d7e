-- The statements of README.md, in a database of their own.
-- test/readme/check holds README.md against what is between the two marks here
-- and in the output.
SELECT current_database() AS regression \gset
SET client_min_messages = warning;
CREATE DATABASE regress_readme TEMPLATE template0;
\c regress_readme
SET client_min_messages = warning;
CREATE EXTENSION pg_clearing;
DO $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN (SELECT serving FROM clearing.status());
    PERFORM pg_sleep(0.1);
  END LOOP;
END $$;
\pset null ''
---- README.md begins
SELECT status FROM clearing.open('Example clearing house');
SELECT status FROM clearing.create_asset('USD', 2);
SELECT a.status, b.status
  FROM clearing.create_member('ALPHA') a, clearing.create_member('BRAVO') b;
SELECT a.status, b.status
  FROM clearing.create_account('alpha-1', 'ALPHA') a, clearing.create_account('bravo-1', 'BRAVO') b;
SELECT a.status, b.status
  FROM clearing.deposit('alpha-1', 'USD', 10000) a, clearing.deposit('bravo-1', 'USD', 10000) b;
SELECT status
  FROM clearing.create_future('IDX-MAR', 'USD', tick_size => 0.5, multiplier => 10,
                              initial_margin => 0.10, maintenance_margin => 0.08,
                              taker_fee => 0.0002, reference_price => 4000);
SELECT exec_type, ord_status, leaves_qty, cum_qty
  FROM clearing.submit_order('bravo-1', 'IDX-MAR', 'sell', 2, 4001.5, cl_ord_id => 'b-1');
SELECT exec_type, ord_status, cum_qty, avg_px, fills  -- trade, price, quantity, fee
  FROM clearing.submit_order('alpha-1', 'IDX-MAR', 'buy', 2, 4002, cl_ord_id => 'a-1');
SELECT status, clearing.wait_for(height) AS visible
  FROM clearing.settle('IDX-MAR', 4010);
SELECT p.account, p.qty, p.avg_px, v.balance, v.initial_requirement, v.available
  FROM clearing.position p JOIN clearing.account_valuation v USING (account) ORDER BY account;
SELECT ord_status, reason, needed, available
  FROM clearing.submit_order('alpha-1', 'IDX-MAR', 'buy', 1, 4010, cl_ord_id => 'a-2');
SELECT ord_status, cum_qty, avg_px, duplicate
  FROM clearing.submit_order('alpha-1', 'IDX-MAR', 'buy', 2, 4002, cl_ord_id => 'a-1');
SELECT reason, hint
  FROM clearing.submit_order('alpha-1', 'IDX-MAR', 'buy', 3, 4002, cl_ord_id => 'a-1');
SELECT ord_status
  FROM clearing.submit_order('alpha-1', 'IDX-MAR', 'buy', 1, 4010.3);
BEGIN;
CREATE TABLE invoice (amount numeric);
SELECT status FROM clearing.withdraw('alpha-1', 'USD', 100);
ROLLBACK;
SELECT clearing.wait_for(confirmed_height) AS visible FROM clearing.status();
SELECT height_to, commands, ok FROM clearing.verify();
BEGIN;
UPDATE clearing_state.journal SET commands = set_byte(commands, 24, 200) WHERE height = 11;
SELECT ok, bad_height, fault FROM clearing.verify();
ROLLBACK;
BEGIN;
UPDATE clearing_state.balance SET balance = balance + 100 WHERE account_id = 16;
SELECT ok, bad_height, fault FROM clearing.verify();
ROLLBACK;
---- README.md ends
\c :regression
DROP DATABASE regress_readme;
