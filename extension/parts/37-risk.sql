-- Risk controls: kill switch, sessions, limits.  See doc/risk-controls.md.

CREATE FUNCTION clearing.kill_switch(
  account    text    DEFAULT NULL,
  member     text    DEFAULT NULL,
  enabled    boolean DEFAULT true,
  request_id text    DEFAULT NULL
) RETURNS clearing.mass_cancel_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_kill_switch';
COMMENT ON FUNCTION clearing.kill_switch(text, text, boolean, text) IS
'cancels all working orders of an account or member, and refuses new ones until it is lifted; cancels stay possible

account, member: whose; one of the two
enabled: true pulls the switch, false lifts it; a member can''t lift what the operator pulled
request_id: reference; the same request sent again returns the first outcome
refused with: not_entitled, system_account (an account of the house itself)
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.heartbeat(
  account    text,
  timeout    interval DEFAULT NULL,
  session    bigint   DEFAULT 0,
  request_id text     DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_heartbeat';
COMMENT ON FUNCTION clearing.heartbeat(text, interval, bigint, text) IS
'arms or renews a dead-man switch: unless it is called again within the timeout, working orders are cancelled

account: whose
timeout: in block time, up to one day; null or 0 disarms the switch
session: orders of this session only; 0: all of the account
request_id: reference; the same request sent again returns the first outcome
refused with: system_account (an account of the house itself)
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.disconnect(
  account    text,
  session    bigint DEFAULT 0,
  request_id text   DEFAULT NULL
) RETURNS clearing.mass_cancel_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_disconnect';
COMMENT ON FUNCTION clearing.disconnect(text, bigint, text) IS
'says that a session has ended: cancels its orders that were entered with cancel_on_disconnect

account: whose
session: the session; 0: all sessions of the account, and orders of none
request_id: reference; the same request sent again returns the first outcome
refused with: system_account (an account of the house itself)
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_limits(
  account         text    DEFAULT NULL,
  member          text    DEFAULT NULL,
  smp_id          bigint  DEFAULT NULL,
  max_order_qty   bigint  DEFAULT NULL,
  max_notional    bigint  DEFAULT NULL,
  max_open_orders bigint  DEFAULT NULL,
  max_rate        bigint  DEFAULT NULL,
  price_collar    numeric DEFAULT NULL,
  max_position    bigint  DEFAULT NULL,
  request_id      text    DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_limits';
COMMENT ON FUNCTION clearing.set_limits(text, text, bigint, bigint, bigint, bigint, bigint, numeric, bigint, text) IS
'sets limits of an account, or of all accounts of a member; 0 is no limit, null leaves it as it is

account, member: whose; one of the two
smp_id: self-match prevention id of orders that name none; accounts only
max_order_qty: largest quantity of an order, in lots of its instrument
max_notional: largest value of an order, in smallest units of the quote asset
max_open_orders: most working orders; accounts only
max_rate: most orders, replaces and quotes in one second of block time; accounts only
price_collar: how much worse than the mark (or last) price a limit may be, 0.05 is 5 %
max_position: largest position in a future with working orders, in lots; accounts only
request_id: reference; the same request sent again returns the first outcome
refused with: field_value, system_account
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.bust_trade(
  trade_id   bigint,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_bust_trade';
COMMENT ON FUNCTION clearing.bust_trade(bigint, text) IS
'takes a trade back: positions, money and fees become what they would be without it

trade_id: the trade
request_id: reference; the same request sent again returns the first outcome
refused with: trade_busted, trade_differs, not_for_spreads, expired_instrument, overflow
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.correct_trade(
  trade_id   bigint,
  qty        numeric,
  price      numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_correct_trade';
COMMENT ON FUNCTION clearing.correct_trade(bigint, numeric, numeric, text) IS
'takes a trade back and makes it anew between the same parties, with another price or a smaller quantity

trade_id: the trade
qty: right quantity, a multiple of the lot size, at most that of the trade
price: right price, a multiple of the tick size
request_id: reference; the same request sent again returns the first outcome
refused with: quantity_invalid, price_invalid, trade_busted, trade_differs, not_for_spreads, expired_instrument, overflow
operators only; errors: see clearing.submit_order()';

CREATE TYPE clearing.quote AS (
  symbol  text,
  bid_px  numeric,
  bid_qty numeric,
  ask_px  numeric,
  ask_qty numeric
);
COMMENT ON TYPE clearing.quote IS 'a two-sided quote for clearing.mass_quote(); a side without price and quantity is pulled';
COMMENT ON COLUMN clearing.quote.symbol IS 'instrument';
COMMENT ON COLUMN clearing.quote.bid_px IS 'price of the bid (FIX 132)';
COMMENT ON COLUMN clearing.quote.bid_qty IS 'quantity of the bid (FIX 134)';
COMMENT ON COLUMN clearing.quote.ask_px IS 'price of the offer (FIX 133)';
COMMENT ON COLUMN clearing.quote.ask_qty IS 'quantity of the offer (FIX 135)';

CREATE FUNCTION clearing.mass_quote(
  account    text,
  quotes     clearing.quote[],
  quote_set  bigint DEFAULT 1,
  request_id text   DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_mass_quote';
COMMENT ON FUNCTION clearing.mass_quote(text, clearing.quote[], bigint, text) IS
'replaces an account''s quotes in some instruments as one: all of them are taken, or none

account: whose
quotes: at most 255, each of another instrument; the sides that stand there in the same quote set give way
quote_set: number of the quote set, from 1 (FIX 302)
request_id: reference; the same request sent again returns the first outcome
the id of an accepted mass quote is its set, that of a refused one the place in the array of the first quote at fault
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.submit_batch(
  account    text,
  orders     bytea[],
  request_id text DEFAULT NULL
) RETURNS SETOF clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_submit_batch' ROWS 10;
COMMENT ON FUNCTION clearing.submit_batch(text, bytea[], text) IS
'sends orders, replaces and cancels that are taken whole or not at all; one row for each, in the order given

account: whose
orders: at most 100, as encoded by clearing.encode_order(), clearing.encode_replace() and clearing.encode_cancel(), each with a cl_ord_id of its own
request_id: reference of the batch; the same batch sent again returns the first outcomes
a refused batch changes nothing: the first order at fault has the reason, the others not_applied
refused with: what its orders are refused with, batch_reference_used, order_named_twice
errors: see clearing.submit_order()';
