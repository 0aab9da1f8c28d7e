-- Market data: the event stream, snapshots, the ladder.
\set VERBOSITY terse
CREATE DATABASE market_data;
\connect market_data
SET client_min_messages = warning;
CREATE EXTENSION pg_clearing;
RESET client_min_messages;
DO $$
BEGIN
  FOR i IN 1 .. 600 LOOP
    EXIT WHEN (SELECT serving FROM clearing.status());
    PERFORM pg_sleep(0.05);
  END LOOP;
END $$;
SELECT status FROM clearing.open('feed');
SELECT status FROM clearing.create_asset('USD', 2);
SELECT status FROM clearing.create_member('ALPHA');
SELECT status FROM clearing.create_account('a', 'ALPHA');
SELECT status FROM clearing.create_account('b', 'ALPHA');
SELECT status FROM clearing.deposit('a', 'USD', 1000000);
SELECT status FROM clearing.deposit('b', 'USD', 1000000);
SELECT status FROM clearing.create_future('IDX', 'USD', 1, 10, 0.1, 0.05);
SELECT status FROM clearing.set_mark_price('IDX', 100);

-- orders, one after the other
SELECT ord_status FROM clearing.submit_order('a', 'IDX', 'sell', 10, 102, 's1', time_in_force => 'gtc');
SELECT ord_status FROM clearing.submit_order('a', 'IDX', 'sell', 5, 103, 's2', time_in_force => 'gtc');
SELECT ord_status FROM clearing.submit_order('b', 'IDX', 'buy', 4, 101, 'b1', time_in_force => 'gtc');
-- trades, and what is left is cancelled: its price was never in the book
SELECT ord_status FROM clearing.submit_order('b', 'IDX', 'buy', 12, 102, 'b2', time_in_force => 'ioc');
-- moves from one price to another
SELECT ord_status FROM clearing.replace_order('b', 'b1', 6, 100, 'b3');
SELECT status FROM clearing.set_phase('IDX', 'halted');
SELECT status FROM clearing.set_phase('IDX', 'continuous');
SELECT clearing.wait_for(height) FROM clearing.status();

-- the stream
SELECT seq, event_type, side, price, qty, orders, phase FROM clearing.events(0);
-- what orders and trades say in addition
SELECT seq, account, order_id, cl_ord_id, exec_type, ord_status, cum_qty, leaves_qty, avg_px, reason
  FROM clearing.events(0) WHERE event_type = 'order';
SELECT seq, trade_id, side, price, qty, buy_account, sell_account, buy_order_id, sell_order_id
  FROM clearing.events(0) WHERE event_type = 'trade';
SELECT seq, price, qty, open_price, high_price, low_price, vwap, volume, open_interest
  FROM clearing.events(0) WHERE event_type = 'statistics';
-- in portions: after the last number that is known
SELECT seq, event_type FROM clearing.events(0, 3);
SELECT seq, event_type FROM clearing.events(3, 3);
SELECT first_seq, last_seq, last_seq = (SELECT max(seq) FROM clearing.events(0)) AS agrees FROM clearing.event_range();

-- the book, with the number to go on from
SELECT side, level, price, qty, orders, seq = (SELECT last_seq FROM clearing.event_range()) AS up_to_date
  FROM clearing.book_snapshot('IDX');
SELECT side, level, price, qty, orders FROM clearing.book_snapshot('IDX', 1);
SELECT ord_status FROM clearing.submit_order('a', 'IDX', 'sell', 7, 102, 's3', time_in_force => 'gtc');
SELECT ord_status FROM clearing.submit_order('b', 'IDX', 'buy', 5, 99, 'b4', time_in_force => 'gtc');
SELECT clearing.wait_for(height) FROM clearing.status();
SELECT * FROM clearing.ladder('IDX');
SELECT * FROM clearing.ladder('IDX', 1);

-- an order that waits is in no level, also when it ends
SELECT last_seq AS seen FROM clearing.event_range() \gset
SELECT ord_status FROM clearing.submit_order('b', 'IDX', 'buy', 1, 120, 'w1', stop_px => 110);
SELECT ord_status FROM clearing.cancel_order('b', 'w1');
SELECT clearing.wait_for(height) FROM clearing.status();
SELECT event_type, exec_type, price, qty, orders FROM clearing.events(:seen);

-- a call: the price that the auction would have
SELECT status FROM clearing.set_phase('IDX', 'opening_call');
SELECT ord_status FROM clearing.submit_order('b', 'IDX', 'buy', 3, 104, 'b5', time_in_force => 'gtc');
SELECT clearing.wait_for(height) FROM clearing.status();
SELECT event_type, price, qty, surplus, phase FROM clearing.events(0)
 WHERE event_type IN ('indicative', 'phase') ORDER BY seq DESC LIMIT 3;
SELECT * FROM clearing.ladder('IDX');

-- dropping old events
SELECT clearing.prune_events(height) > 0 AS dropped FROM clearing.events(0) WHERE seq = 12;
SELECT first_seq > 1 AS later FROM clearing.event_range();
\set VERBOSITY sqlstate
SELECT seq FROM clearing.events(0);
SELECT seq FROM clearing.events(NULL);
SELECT * FROM clearing.ladder('IDX', -1);
SELECT * FROM clearing.book_snapshot('IDX', -1);
-- nothing is after the last number there is
SELECT seq FROM clearing.events(9223372036854775807);
SELECT seq FROM clearing.events(1000000, 1, '{NONE}');
\set VERBOSITY terse
SELECT ok, fault, detail FROM clearing.verify();
\connect postgres
\set VERBOSITY default
DROP DATABASE market_data WITH (FORCE);
