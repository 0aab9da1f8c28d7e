-- Timers fire at their time, also while no command comes.
\pset null '-'
SELECT t.account('tim-a', 'ALPHA', 1000, 10);
SELECT status FROM clearing.create_spot('TIM', 'BTC', 'USD', 1, 1);
SELECT s.ord_status FROM clearing.submit_order('tim-a', 'TIM', 'sell', 1, 100, 'tim-1') r, t.show(r) s;
SELECT status FROM clearing.heartbeat('tim-a', timeout => '0.2 s');
-- nobody sends anything: an empty block is written, in which the timer fires
DO $$
BEGIN
  FOR i IN 1 .. 200 LOOP
    EXIT WHEN (SELECT reason FROM clearing.order_history WHERE cl_ord_id = 'tim-1') IS NOT NULL;
    COMMIT;
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;
SELECT ord_status, reason FROM clearing.order_history WHERE cl_ord_id = 'tim-1';
SELECT commands FROM clearing.block b JOIN clearing.order_history o ON o.finished_height = b.height WHERE cl_ord_id = 'tim-1';
SELECT ok FROM clearing.verify();
