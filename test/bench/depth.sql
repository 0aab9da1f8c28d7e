-- How long views of a large book take: 1,000,000 open orders at 100,000 prices.
--
-- usage: psql -XAtq -f test/bench/depth.sql
-- as an operator, in a database with the extension in which nothing is open yet.
\set ON_ERROR_STOP 1
SELECT count(clearing.open('depth'));
SELECT count(clearing.create_asset('USD', 2));
SELECT count(clearing.create_member('A'));
SELECT count(clearing.create_account('a' || i, 'A')) FROM generate_series(1, 10) i;
SELECT count(clearing.deposit('a' || i, 'USD', 1000000000000)) FROM generate_series(1, 10) i;
SELECT count(clearing.create_future('BIG', 'USD', tick_size => 1, multiplier => 1, initial_margin => 0.1,
                                    maintenance_margin => 0.05, reference_price => 100000));
SELECT count(clearing.submit_packed(commands)) FROM (
  SELECT string_agg(clearing.encode_order('a' || 1 + i % 10, 'BIG', CASE i % 2 WHEN 0 THEN 'buy' ELSE 'sell' END, 1 + i % 7,
                                          CASE i % 2 WHEN 0 THEN 99999 - (i / 2 * 7919::bigint) % 50000
                                               ELSE 100001 + (i / 2 * 7919::bigint) % 50000 END,
                                          'o' || i, time_in_force => 'gtc'), '') AS commands
    FROM generate_series(1, 1000000) i GROUP BY i / 5000) c;
SELECT clearing.wait_for(confirmed_height, '10min') FROM clearing.status();
VACUUM ANALYZE clearing_state.open_order;
SELECT count(*) AS orders, count(DISTINCT price) AS prices FROM clearing.open_order;
\timing on
SELECT count(*) FROM clearing.book_snapshot('BIG', 10);
SELECT count(*) FROM clearing.book_snapshot('BIG', 10);
SELECT count(*) FROM clearing.book_snapshot('BIG', 1000);
SELECT count(*) FROM clearing.book_snapshot('BIG');
SELECT count(*) FROM clearing.ladder('BIG', 10);
SELECT count(*) FROM clearing.ladder('BIG', 1000);
SELECT count(*) FROM clearing.ladder('BIG', NULL);
SELECT count(*) FROM clearing.order_book WHERE symbol = 'BIG';
