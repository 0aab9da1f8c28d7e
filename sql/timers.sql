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
-- a phase with an end says so, but not by how much it was extended at random
SELECT status FROM clearing.set_phase('TIM', 'intraday_call', ends_at => '2090-01-01 12:00Z', random_end => '30 s',
                                      next_phase => 'halted');
SELECT t.see();
SELECT phase, phase_ends_at AT TIME ZONE 'UTC' AS phase_ends_at, random_end, next_phase FROM clearing.instrument WHERE symbol = 'TIM';
SELECT status FROM clearing.set_phase('TIM', 'intraday_call', ends_at => now() + interval '0.1 s', random_end => '1 h', seed => 1);
DO $$
BEGIN
  FOR i IN 1 .. 200 LOOP
    EXIT WHEN (SELECT random_end FROM clearing.instrument WHERE symbol = 'TIM') IS NULL;
    COMMIT;
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;
SELECT phase, phase_ends_at, random_end, next_phase FROM clearing.instrument WHERE symbol = 'TIM';
SELECT status FROM clearing.set_phase('TIM', 'continuous');
SELECT t.see();
SELECT phase, phase_ends_at, random_end, next_phase FROM clearing.instrument WHERE symbol = 'TIM';
SELECT status, reason FROM clearing.set_schedule('TIM', 0, 'closed', '18:00', next_phase => 'halted');
SELECT status, reason FROM clearing.set_schedule('TIM', 0, 'closed', at => '2001-01-01 18:00Z');
SELECT ok FROM clearing.verify();
