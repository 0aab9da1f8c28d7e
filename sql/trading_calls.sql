-- A trading function in FROM is called once, whatever the plan around it.
\pset null '-'
SELECT t.account('cal-a', 'ALPHA', 1000000, 1000);
SELECT status FROM clearing.create_spot('CAL', 'BTC', 'USD', 1, 1);

-- plain: the columns that are named, and no others, are made
EXPLAIN (COSTS OFF, VERBOSE)
  SELECT ord_status, leaves_qty FROM clearing.submit_order('cal-a', 'CAL', 'sell', 1, 100, 'c1');
SELECT ord_status, leaves_qty FROM clearing.submit_order('cal-a', 'CAL', 'sell', 1, 100, 'c1');
SELECT leaves_qty * 2 AS twice, upper(exec_type) AS said, cl_ord_id, fills, orders_canceled,
       receipt LIKE '%/' || height || '/%' AS has_receipt
  FROM clearing.submit_order('cal-a', 'CAL', 'sell', 1, 101, 'c2');
SELECT ord_status FROM clearing.replace_order('cal-a', 'c2', 2, 102, 'c3') WHERE exec_type = 'replaced';
SELECT ord_status FROM clearing.cancel_order('cal-a', 'c3', 'c4') WHERE leaves_qty > 0;
SELECT count(*) FROM clearing.cancel_order('cal-a', 'c1', 'c5');
SELECT ord_status, reason, needed, available, hint IS NOT NULL AS hint
  FROM clearing.submit_order('cal-a', 'CAL', 'sell', 5000, 100, 'c6');

-- the result as it was, with its fills and without
SELECT ord_status FROM clearing.submit_order('cal-a', 'CAL', 'buy', 1, 99, 'c7');
SELECT t.see();
SELECT duplicate, ord_status FROM clearing.submit_order('cal-a', 'CAL', 'buy', 1, 99, 'c7');
SELECT duplicate, fills FROM clearing.submit_order('cal-a', 'CAL', 'buy', 1, 99, 'c7');

-- scanned again and again, sent once
EXPLAIN (COSTS OFF)
  SELECT n, ord_status FROM generate_series(1, 3) n,
         clearing.submit_order('cal-a', 'CAL', 'sell', 1, 103) o;
SET enable_material = off;
SELECT n, o.ord_status, o.order_id = min(o.order_id) OVER () AS same
  FROM generate_series(1, 3) n, clearing.submit_order('cal-a', 'CAL', 'sell', 1, 103) o;
RESET enable_material;
SELECT t.see();
SELECT count(*) FROM clearing.open_order WHERE symbol = 'CAL' AND price = 103;

-- parameters, of generic plans too, and expressions
PREPARE call(text, numeric, text) AS
  SELECT ord_status, cl_ord_id FROM clearing.submit_order($1, 'CAL', 'sell', $2, 50 + $2 * 100, lower($3));
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE call('cal-a', 1, 'C8');
EXECUTE call('cal-a', 1, 'C8');
EXECUTE call('cal-a', 2, 'C9');
EXECUTE call(NULL, 2, 'C9');
EXECUTE call('cal-a', 2.5, NULL);
RESET plan_cache_mode;
DO $$
DECLARE
  report record;
BEGIN
  FOR i IN 10..12 LOOP
    SELECT ord_status, cl_ord_id INTO report
      FROM clearing.submit_order('cal-a', 'CAL', 'sell', i, 100 + i, 'c' || i);
    RAISE NOTICE '% %', report.cl_ord_id, report.ord_status;
  END LOOP;
END $$;

-- everything else is PostgreSQL's own function scan
EXPLAIN (COSTS OFF) SELECT o FROM clearing.cancel_order('cal-a', 'c10') o;
EXPLAIN (COSTS OFF) SELECT ord_status FROM clearing.cancel_order('cal-a', 'c10') WITH ORDINALITY;
EXPLAIN (COSTS OFF) SELECT n, ord_status FROM generate_series(10, 12) n, clearing.cancel_order('cal-a', 'c' || n);
SELECT n, ord_status FROM generate_series(10, 12) n, clearing.cancel_order('cal-a', 'c' || n) ORDER BY n;
SELECT (SELECT ord_status FROM clearing.submit_order('cal-a', 'CAL', 'sell', n, 200, 'c' || n)) FROM generate_series(13, 14) n;
SELECT (clearing.cancel_order('cal-a', 'c13')).ord_status;

-- a cursor that goes back and forth
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT ord_status FROM clearing.cancel_order('cal-a', 'c14', 'c15');
FETCH NEXT FROM c;
FETCH NEXT FROM c;
FETCH PRIOR FROM c;
COMMIT;

-- nobody calls what he may not
CREATE ROLE cal_nobody;
GRANT USAGE ON SCHEMA clearing TO cal_nobody;
SET ROLE cal_nobody;
EXPLAIN (COSTS OFF) SELECT ord_status FROM clearing.cancel_order('cal-a', 'c8', 'c16');
SELECT ord_status FROM clearing.cancel_order('cal-a', 'c8', 'c16');
RESET ROLE;
REVOKE USAGE ON SCHEMA clearing FROM cal_nobody;
DROP ROLE cal_nobody;
