-- Spreads and lead market makers.

CREATE FUNCTION clearing.create_spread(
  symbol           text,
  legs             text[],
  ratios           integer[],
  tick_size        numeric,
  replace_priority text DEFAULT 'keeps_on_decrease',
  phase            text DEFAULT 'continuous',
  request_id       text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_spread';
COMMENT ON FUNCTION clearing.create_spread(text, text[], integer[], numeric, text, text, text) IS
'lists a combination of futures that is traded as one instrument; every trade becomes trades of its legs

symbol: name of the spread, unique among instruments
legs: 2 to 4 futures with the same settlement asset, each once
ratios: lots of each leg per lot of the spread; its buyer buys the leg if positive, sells it if negative
tick_size: smallest step of the spread''s price, which is quoted like the first leg''s: sum of ratio * price
replace_priority, phase: see clearing.create_future()
request_id: reference; the same request sent again returns the first outcome
refused with: legs_invalid, leg_phase, unknown_instrument, expired_instrument, name_taken, name_invalid, not_exact
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_market_maker(
  symbol     text,
  account    text,
  share      numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_market_maker';
COMMENT ON FUNCTION clearing.set_market_maker(text, text, numeric, text) IS
'gives an account a share of every aggressor, where the instrument''s allocation knows lead market makers

symbol, account: instrument and account
share: fraction, 0.2 is 20 %; at most six decimals; 0 takes it away
request_id: reference; the same request sent again returns the first outcome
refused with: maker_shares, field_value
operators only; errors: see clearing.submit_order()';
