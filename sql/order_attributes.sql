-- Attributes of orders and trading rules: how they are given and shown.
\pset null '-'
SELECT t.account('att-a', 'ALPHA', 100000, 1000), t.account('att-b', 'BRAVO', 100000, 1000);
SELECT status FROM clearing.create_spot('ATT', 'BTC', 'USD', 0.5, 0.1);

-- a plain order is the short form of the function, whatever its text is
SELECT count(*) FROM pg_proc WHERE proname = 'submit_order';
PREPARE short AS SELECT ord_status FROM clearing.submit_order($1, 'ATT', 'sell', 1, 100, $2);
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'short';
EXECUTE short('att-a', 'a1');
SELECT pg_typeof(account), ord_status
  FROM (VALUES ('att-a'::text)) v (account), clearing.submit_order(account, 'ATT', 'sell', 1, 100, 'a2');
SELECT ord_status FROM clearing.submit_order(side => 'sell', symbol => 'ATT', account => 'att-a', order_qty => 1, price => 101);
SELECT ord_status FROM clearing.submit_order('att-a'::varchar, 'ATT', 'sell', 1, 101.5);

-- values are exact: ticks, lots, times, words, names of orders
CREATE FUNCTION pg_temp.bytes(command bytea) RETURNS text LANGUAGE sql AS
  $$SELECT substr(encode(command, 'hex'), 97)$$;  -- from the attributes on
SELECT pg_temp.bytes(clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', display_qty => 0.2));
SELECT pg_temp.bytes(clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', display_qty => 0.2, min_qty => 0.3, stop_px => 99.5,
  trigger => 'mark', trail_offset => 1, peg_type => 'mid', peg_offset => -0.5, expire_time => '2030-01-01 00:00:00Z',
  link => 'a1', smp_id => 7, session => 8));
SELECT pg_temp.bytes(clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', link_order_id => 12));
SELECT pg_temp.bytes(clearing.encode_replace('att-a', 'a1', 1, 100, 'e', symbol => 'ATT', display_qty => 0.2, remove => ARRAY['stop_px', 'min_qty']));
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', display_qty => 0.25);
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', stop_px => 99.7);
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', trigger => 'bid');
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', link => 'nothing');
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', link => 'a1', link_order_id => 1);
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', smp_id => 0);
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 100, 'e', expire_time => 'infinity');
SELECT clearing.encode_replace('att-a', 'a1', 1, 100, 'e', symbol => 'ATT', display_qty => 0.2, remove => ARRAY['display_qty']);
SELECT clearing.encode_replace('att-a', 'a1', 1, 100, 'e', symbol => 'ATT', remove => ARRAY['colour']);
-- what an order is if it does not say so: type (FIX 40) and time in force (FIX 59)
CREATE FUNCTION pg_temp.kind(command bytea) RETURNS text LANGUAGE sql AS
  $$SELECT format('%s %s %s', get_byte(command, 21), get_byte(command, 22), get_byte(command, 23))$$;
SELECT pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, stop_px => 99)) AS stop,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, stop_px => 99)) AS stop_limit,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, peg_type => 'primary')) AS pegged,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, expire_time => 'tomorrow')) AS gtd,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, ord_type => 'market_to_limit')) AS market_to_limit,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, post_only => true)) AS post_only,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, post_only_mode => 'reprice')) AS reprice,
       pg_temp.kind(clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, reduce_only => true, cancel_on_disconnect => true)) AS both;
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, ord_type => 'stop_limit', stop_px => 99);
SELECT clearing.encode_order('att-a', 'ATT', 'sell', 1, 98, ord_type => 'market_to_limit');
SELECT clearing.encode_replace('att-a', 'a1', 1, symbol => 'ATT');

-- trading rules
SELECT rule, value, default_value, unit, source FROM clearing.trading_rules
 WHERE symbol = 'ATT' AND rule = 'self_match_prevention';
SELECT status FROM clearing.set_trading_rule('ATT', 'self_match_prevention', 'cancel_both', 'r1');
SELECT duplicate FROM clearing.set_trading_rule('ATT', 'self_match_prevention', 'cancel_both', 'r1');
SELECT t.see();
SELECT rule, value, default_value FROM clearing.trading_rules
 WHERE symbol = 'ATT' AND value <> default_value;
SELECT status FROM clearing.set_trading_rule('ATT', 'self_match_prevention', '1');
SELECT t.see();
SELECT value FROM clearing.trading_rules WHERE symbol = 'ATT' AND rule = 'self_match_prevention';
SELECT clearing.set_trading_rule('ATT', 'self_match_prevention', 'both');
SELECT clearing.set_trading_rule('ATT', 'self_match_prevention', '9');
\set VERBOSITY terse
SELECT clearing.set_trading_rule('ATT', 'colour', 'blue');
\set VERBOSITY default
SELECT clearing.set_trading_rule('NOTHING', 'self_match_prevention', '1');
SELECT orders_canceled FROM clearing.mass_cancel('att-a');
