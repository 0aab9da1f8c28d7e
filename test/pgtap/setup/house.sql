-- The database that the pgTAP tests look at: a house with two members.
\set ON_ERROR_STOP on
CREATE EXTENSION pgtap;
CREATE EXTENSION pg_clearing;
DO $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    IF (SELECT serving FROM clearing.status()) THEN RETURN; END IF;
    PERFORM pg_sleep(0.1);
  END LOOP;
  RAISE EXCEPTION 'the house does not serve';
END $$;
SELECT status FROM clearing.open('pgtap');
SELECT status FROM clearing.create_asset('USD', 2);
CREATE ROLE pgtap_alpha LOGIN;
CREATE ROLE pgtap_bravo LOGIN;
CREATE ROLE pgtap_monitor IN ROLE clearing_monitor;
CREATE ROLE pgtap_auditor IN ROLE clearing_auditor;
CREATE ROLE pgtap_nobody;
SELECT status FROM clearing.create_member('ALPHA', role_name => 'pgtap_alpha');
SELECT status FROM clearing.create_member('BRAVO', role_name => 'pgtap_bravo');
SELECT status FROM clearing.create_account('a', 'ALPHA');
SELECT status FROM clearing.create_account('b', 'BRAVO');
SELECT status FROM clearing.deposit('a', 'USD', 100000);
SELECT status FROM clearing.deposit('b', 'USD', 100000);
SELECT status FROM clearing.create_future('FUT', 'USD', tick_size => 1, multiplier => 1,
  initial_margin => 0.1, maintenance_margin => 0.05, reference_price => 100);
SELECT ord_status FROM clearing.submit_order('a', 'FUT', 'sell', 5, 100, 'a1');
SELECT ord_status FROM clearing.submit_order('b', 'FUT', 'buy', 3, 100, 'b1');
SELECT ord_status FROM clearing.submit_order('b', 'FUT', 'buy', 3, 90, 'b2');
SELECT clearing.wait_for(confirmed_height) FROM clearing.status();
