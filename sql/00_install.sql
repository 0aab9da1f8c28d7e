-- First of the suites; all others build on it.
-- The extension is created, its workers start, the house is opened.
\pset null '-'
CREATE EXTENSION pg_clearing;

-- Workers take a moment to start; the projector is the last of them.
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO PUBLIC;
CREATE FUNCTION t.wait_until_serving() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    IF (SELECT serving AND projector_pid IS NOT NULL FROM clearing.status()) THEN
      RETURN true;
    END IF;
    PERFORM pg_catalog.pg_sleep(0.1);
  END LOOP;
  RETURN false;
END $$;
SELECT t.wait_until_serving();
SELECT role, serving, house_open, durability, synchronous_standbys,
       engine_pid IS NOT NULL AS engine, projector_pid IS NOT NULL AS projector,
       halted_height, halted_expected, halted_actual
  FROM clearing.status();

-- Before it is opened a house does nothing.
SELECT * FROM clearing.create_asset('USD', 2);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM clearing.submit_order('x', 'x', 'buy', 1);
SELECT * FROM clearing.open(reference_retention => '1 month');
SELECT * FROM clearing.open(reference_retention => '-1 day');
SELECT status, reason, id, hint, duplicate FROM clearing.open('regression', '7 days');
SELECT status, reason, hint FROM clearing.open('regression', '7 days');
SELECT house_open FROM clearing.status();

-- What the other suites use.
CREATE FUNCTION t.see() RETURNS boolean LANGUAGE sql AS
  'SELECT clearing.wait_for(confirmed_height) FROM clearing.status()';
COMMENT ON FUNCTION t.see() IS 'the next statement sees what has been done';

CREATE FUNCTION t.show(r clearing.execution_report, OUT exec_type text,
                       OUT ord_status text, OUT reason text, OUT leaves numeric,
                       OUT cum numeric, OUT avg_px numeric, OUT fills text)
  LANGUAGE sql IMMUTABLE AS $$
  SELECT r.exec_type, r.ord_status, r.reason, r.leaves_qty, r.cum_qty, r.avg_px,
         (SELECT string_agg(f.qty || ' @ ' || f.price ||
                            CASE WHEN f.fee <> 0 THEN ' fee ' || f.fee ELSE '' END,
                            ', ' ORDER BY f.trade_id)
            FROM unnest(r.fills) f)
$$;

SELECT status FROM clearing.create_asset('USD', 2);
SELECT status FROM clearing.create_asset('BTC', 8);
CREATE ROLE regress_alpha;
CREATE ROLE regress_bravo;
SELECT status FROM clearing.create_member('ALPHA', 'Alpha Clearing', 'regress_alpha');
SELECT status FROM clearing.create_member('BRAVO', 'Bravo Securities', 'regress_bravo');
SELECT member, name, role_name FROM clearing.member ORDER BY member;

-- An account with money, in one go.
CREATE FUNCTION t.account(account text, member text, usd numeric, btc numeric DEFAULT 0)
RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(status, ' ') FROM (
    SELECT status FROM clearing.create_account(account, member)
    UNION ALL
    SELECT status FROM clearing.deposit(account, 'USD', usd)
    UNION ALL
    SELECT (SELECT status FROM clearing.deposit(account, 'BTC', btc) WHERE btc > 0)
  ) s
$$;
