-- The functions.  Who may call them is decided in 50-roles.sql.
--
-- Every command is final when its function returns: it does not roll back
-- with the caller's transaction and is refused in one that has written.


---- Administration: operators only

CREATE FUNCTION clearing.open(
  name                text     DEFAULT 'clearing house',
  reference_retention interval DEFAULT '1 day'
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_open';
COMMENT ON FUNCTION clearing.open(text, interval) IS
'opens the clearing house of this database; the first command there is

name: what it is called, at most 64 bytes
reference_retention: how long references (cl_ord_id, request_id) are remembered to recognise repetitions
refused with: house_already_open
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.create_asset(
  asset      text,
  scale      integer,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_asset';
COMMENT ON FUNCTION clearing.create_asset(text, integer, text) IS
'creates an asset: a currency or anything that accounts hold

asset: name, at most 32 bytes
scale: decimal places of its amounts, 0 to 18
request_id: reference; the same request sent again returns the first outcome
refused with: name_taken, name_invalid, scale_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.create_member(
  member     text,
  name       text DEFAULT NULL,
  role_name  name DEFAULT NULL,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_member';
COMMENT ON FUNCTION clearing.create_member(text, text, name, text) IS
'creates a member of the clearing house

member: code, at most 32 bytes
name: full name, at most 64 bytes
role_name: role that acts for it, as by clearing.set_member_role(); that part is an ordinary write and rolls back with the transaction
request_id: reference; the same request sent again returns the first outcome
refused with: name_taken, name_invalid
operators only; errors: 42704 if the role does not exist; see clearing.submit_order()';

CREATE FUNCTION clearing.set_member_role(
  member    text,
  role_name name
) RETURNS void
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_member_role';
COMMENT ON FUNCTION clearing.set_member_role(text, name) IS
'says which role acts for a member, and grants clearing_member to it

member: code of the member
role_name: whoever has the privileges of this role acts for the member; null: nobody but operators does
not journalled: access configuration of this database, an ordinary write that rolls back with the transaction
operators only; errors: CH007 unknown member, 42704 unknown role, CH006 a role of pg_clearing itself';

CREATE FUNCTION clearing.create_account(
  account      text,
  member       text,
  account_type text DEFAULT 'client',
  request_id   text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_account';
COMMENT ON FUNCTION clearing.create_account(text, text, text, text) IS
'creates an account of a member

account: name, at most 32 bytes
member: code of the member
account_type: client, or house for the member''s own
request_id: reference; the same request sent again returns the first outcome
refused with: name_taken, name_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.create_spot(
  symbol           text,
  base_asset       text,
  quote_asset      text,
  tick_size        numeric,
  lot_size         numeric,
  maker_fee        numeric DEFAULT 0,
  taker_fee        numeric DEFAULT 0,
  replace_priority text    DEFAULT 'keeps_on_decrease',
  phase            text    DEFAULT 'continuous',
  request_id       text    DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_spot';
COMMENT ON FUNCTION clearing.create_spot(text, text, text, numeric, numeric, numeric, numeric, text, text, text) IS
'lists an instrument that exchanges one asset for another

symbol: name, at most 32 bytes
base_asset, quote_asset: what is bought and what it is paid with
tick_size: smallest step of the price, in quote asset for one base asset
lot_size: smallest step of the quantity, in base asset
maker_fee, taker_fee: fraction of the value traded (0.0002 is 2 basis points; at most six decimals); negative is a rebate
replace_priority: keeps_on_decrease, or always_loses
phase: pre_open, continuous, halted, closed, opening_call, intraday_call, closing_call, volatility_call or trade_at_close
request_id: reference; the same request sent again returns the first outcome
refused with: name_taken, name_invalid, not_exact (a tick of a lot must be whole minor units), parameter_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.create_future(
  symbol             text,
  settlement_asset   text,
  tick_size          numeric,
  multiplier         numeric,
  initial_margin     numeric,
  maintenance_margin numeric,
  lot_size           numeric     DEFAULT 1,
  margin_basis       text        DEFAULT 'rate',
  maker_fee          numeric     DEFAULT 0,
  taker_fee          numeric     DEFAULT 0,
  fee_basis          text        DEFAULT 'rate',
  reference_price    numeric     DEFAULT NULL,
  expiry             timestamptz DEFAULT NULL,
  replace_priority   text        DEFAULT 'keeps_on_decrease',
  phase              text        DEFAULT 'continuous',
  request_id         text        DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_create_future';
COMMENT ON FUNCTION clearing.create_future(text, text, numeric, numeric, numeric, numeric, numeric, text, numeric, numeric, text, numeric, timestamptz, text, text, text) IS
'lists a cash-settled future

symbol: name, at most 32 bytes
settlement_asset: asset of margin, variation and fees
tick_size: smallest step of the price
multiplier: settlement asset per point of price and unit of quantity
initial_margin, maintenance_margin: see margin_basis
lot_size: smallest step of the quantity
margin_basis: rate, fractions of the notional at the mark price (0.05 is 5 %; at most six decimals); lot, amounts per lot
maker_fee, taker_fee: see fee_basis; negative is a rebate
fee_basis: rate, fractions of the value traded (at most six decimals); lot, amounts per lot
reference_price: mark price until there is a better one
expiry: when it expires, for information; clearing.expire() does it
replace_priority: keeps_on_decrease, or always_loses
phase: pre_open, continuous, halted, closed, opening_call, intraday_call, closing_call, volatility_call or trade_at_close
request_id: reference; the same request sent again returns the first outcome
refused with: name_taken, name_invalid, not_exact (a tick of a lot must be whole minor units), parameter_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_phase(
  symbol     text,
  phase      text,
  request_id text DEFAULT NULL,
  ends_at    timestamptz DEFAULT NULL,
  random_end interval DEFAULT NULL,
  next_phase text DEFAULT NULL,
  seed       bigint DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_phase';
COMMENT ON FUNCTION clearing.set_phase(text, text, text, timestamptz, interval, text, bigint) IS
'moves an instrument to another trading phase

symbol: instrument
phase: pre_open (orders are collected), continuous, halted (only cancels), closed (only cancels; day orders expire), opening_call, intraday_call, closing_call or volatility_call (orders are collected for an auction, which takes place when the call ends), trade_at_close (orders trade at the price of the closing auction only)
request_id: reference; the same request sent again returns the first outcome
ends_at: when the phase ends by itself, null = it does not
random_end: by how much it is extended at random at most; drawn when ends_at has come
next_phase: phase that follows, continuous by default
seed: number from which the extension is drawn, together with the height of the block
refused with: phase, expired_instrument, overflow, field_conflict, field_value
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_mark_price(
  symbol     text,
  price      numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_mark_price';
COMMENT ON FUNCTION clearing.set_mark_price(text, numeric, text) IS
'sets the mark price of an instrument, at which positions in a future are valued

symbol: instrument
price: a multiple of the tick size
request_id: reference; the same request sent again returns the first outcome
refused with: expired_instrument, price_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_margin(
  symbol             text,
  initial_margin     numeric,
  maintenance_margin numeric,
  margin_basis       text DEFAULT 'rate',
  request_id         text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_margin';
COMMENT ON FUNCTION clearing.set_margin(text, numeric, numeric, text, text) IS
'sets the margin parameters of a future

symbol: future
initial_margin, maintenance_margin: see margin_basis
margin_basis: rate, fractions of the notional at the mark price (0.05 is 5 %; at most six decimals); lot, amounts per lot in the settlement asset
request_id: reference; the same request sent again returns the first outcome
refused with: not_a_future, expired_instrument, parameter_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_schedule(
  symbol      text,
  entry       integer,
  phase       text,
  time_of_day time DEFAULT NULL,
  at          timestamptz DEFAULT NULL,
  duration    interval DEFAULT NULL,
  random_end  interval DEFAULT NULL,
  next_phase  text DEFAULT NULL,
  weekdays    integer DEFAULT 127,
  seed        bigint DEFAULT NULL,
  request_id  text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_schedule';
COMMENT ON FUNCTION clearing.set_schedule(text, integer, text, time, timestamptz, interval, interval, text, integer, bigint, text) IS
'sets an entry of the trading schedule of an instrument: a phase that it enters at a time

symbol: instrument
entry: number of the entry, from 0; what it was before is replaced
phase: phase to enter, see clearing.set_phase(); null takes the entry away
time_of_day: time of the day in UTC, every day that weekdays names
at: or a moment, once
duration: how long the phase takes, null = until something else happens
random_end: by how much it is extended at random at most; needs a duration
next_phase: phase after the duration, continuous by default; needs a duration
weekdays: sum of 1 Sunday, 2 Monday, 4 Tuesday, 8 Wednesday, 16 Thursday, 32 Friday, 64 Saturday
seed: number from which the extension is drawn
request_id: reference; the same request sent again returns the first outcome
refused with: field_value, field_conflict (at has passed; random_end or next_phase without duration)
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_circuit_breaker(
  product_group integer,
  tier          integer,
  percent       numeric DEFAULT NULL,
  halt          interval DEFAULT NULL,
  call          interval DEFAULT NULL,
  direction     text DEFAULT 'both',
  once_a_day    boolean DEFAULT false,
  lookback      interval DEFAULT NULL,
  request_id    text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_circuit_breaker';
COMMENT ON FUNCTION clearing.set_circuit_breaker(integer, integer, numeric, interval, interval, text, boolean, interval, text) IS
'sets a tier of the circuit breakers of a product group, or how far they look back

product_group: instruments that are halted together, see the trading rule product_group
tier: 1 to 8; 0 sets lookback
percent: move that halts, as a fraction of the last settlement price: 0.07 is 7 %; at most six decimals; null takes the tier away
halt: how long the halt takes, null = until it is ended by hand, or none if there is a call
call: how long an intraday call after the halt takes, or at once without one, null = none
direction: both, up or down
once_a_day: whether the tier halts only once a day
lookback: of tier 0: the move is measured in so long a time; null = from the last settlement price
request_id: reference; the same request sent again returns the first outcome
refused with: field_value
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.set_trading_rule(
  symbol     text,
  rule       text,
  value      text,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_set_trading_rule';
COMMENT ON FUNCTION clearing.set_trading_rule(text, text, text, text) IS
'sets a trading rule of an instrument; in force from the next command on

symbol: instrument
rule: name of the rule, see the view clearing.trading_rules
value: a word or a whole number, as the view shows it
request_id: reference; the same request sent again returns the first outcome
refused with: field_value, field_conflict
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.deposit(
  account    text,
  asset      text,
  amount     numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_deposit';
COMMENT ON FUNCTION clearing.deposit(text, text, numeric, text) IS
'credits an account with what came in from outside

account, asset: where and what
amount: greater than 0, no more decimal places than the asset has
request_id: reference, unique in the account; the same request sent again returns the first outcome
refused with: amount_invalid, overflow, system_account
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.withdraw(
  account    text,
  asset      text,
  amount     numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_withdraw';
COMMENT ON FUNCTION clearing.withdraw(text, text, numeric, text) IS
'debits an account with what goes out

account, asset: where and what
amount: greater than 0, no more than is available
request_id: reference, unique in the account; the same request sent again returns the first outcome
refused with: amount_invalid, insufficient_funds, system_account
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.settle(
  symbol     text,
  price      numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_settle';
COMMENT ON FUNCTION clearing.settle(text, numeric, text) IS
'runs a variation margin cycle: pays every position of a future its gain or loss up to a settlement price

symbol: future
price: settlement price, a multiple of the tick size
request_id: reference; the same request sent again returns the first outcome
refused with: not_a_future, expired_instrument, price_invalid
operators only; errors: see clearing.submit_order()';

CREATE FUNCTION clearing.expire(
  symbol     text,
  price      numeric,
  request_id text DEFAULT NULL
) RETURNS clearing.command_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_expire';
COMMENT ON FUNCTION clearing.expire(text, numeric, text) IS
'settles a future for the last time, closes its positions and cancels its orders

symbol: future
price: final settlement price, a multiple of the tick size
request_id: reference; the same request sent again returns the first outcome
refused with: not_a_future, expired_instrument, price_invalid
operators only; errors: see clearing.submit_order()';


---- Trading: members for their own accounts, operators for all

CREATE FUNCTION clearing.submit_order(
  account               text,
  symbol                text,
  side                  text,
  order_qty             numeric,
  price                 numeric DEFAULT NULL,
  cl_ord_id             text    DEFAULT NULL,
  ord_type              text    DEFAULT NULL,
  time_in_force         text    DEFAULT NULL,
  post_only             boolean DEFAULT false,
  self_match_prevention text    DEFAULT NULL
) RETURNS clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_submit_order';
COMMENT ON FUNCTION clearing.submit_order(text, text, text, numeric, numeric, text, text, text, boolean, text) IS
'sends an order and returns what became of it

account: account that trades
symbol: instrument
side: buy or sell
order_qty: quantity, a multiple of the lot size
price: limit price, a multiple of the tick size; null for a market order
cl_ord_id: reference, unique in the account, at most 36 bytes; the same order sent again returns the first outcome; null makes one up
ord_type: limit or market; null: limit if there is a price
time_in_force: day, gtc, ioc or fok; null: day for a limit, ioc for a market order
post_only: true: refuse the order if it would trade at once
self_match_prevention: cancel_resting, cancel_aggressor, cancel_both or decrement_both; null: the trading rule self_match_prevention of the instrument
call it in FROM: SELECT (clearing.submit_order(...)).* would send one order per column
errors: CH001 not available now, CH002 outcome unknown (ask again with the same reference), CH003 no synchronous standby, CH004 halted, CH005 not open, CH006 invalid value, CH007 unknown object or not yours, CH008 transaction has written, CH010 too large, 25006 on a standby, 42501 not allowed';

-- The same with everything that an order can have.  A function of its own: the
-- defaults of arguments that are left out cost a statement time, and most
-- orders leave all of these out.  Its account is a varchar so that a call that
-- names none of them means the other one: text is preferred.
CREATE FUNCTION clearing.submit_order(
  account               varchar,
  symbol                text,
  side                  text,
  order_qty             numeric,
  price                 numeric DEFAULT NULL,
  cl_ord_id             text    DEFAULT NULL,
  ord_type              text    DEFAULT NULL,
  time_in_force         text    DEFAULT NULL,
  post_only             boolean DEFAULT false,
  self_match_prevention text    DEFAULT NULL,
  display_qty           numeric DEFAULT NULL,
  min_qty               numeric DEFAULT NULL,
  stop_px               numeric DEFAULT NULL,
  trigger               text    DEFAULT NULL,
  trail_offset          numeric DEFAULT NULL,
  peg_type              text    DEFAULT NULL,
  peg_offset            numeric DEFAULT NULL,
  expire_time           timestamptz DEFAULT NULL,
  link                  text    DEFAULT NULL,
  link_order_id         bigint  DEFAULT NULL,
  smp_id                bigint  DEFAULT NULL,
  session               bigint  DEFAULT NULL,
  post_only_mode        text    DEFAULT NULL,
  reduce_only           boolean DEFAULT NULL,
  cancel_on_disconnect  boolean DEFAULT NULL
) RETURNS clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_submit_order';
COMMENT ON FUNCTION clearing.submit_order(varchar, text, text, numeric, numeric, text, text, text, boolean, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text, boolean, boolean) IS
'sends an order with any of the attributes that most orders do not have

account, symbol, side, order_qty, price, cl_ord_id, post_only, self_match_prevention: see the other clearing.submit_order()
ord_type, time_in_force: likewise; ord_type may also be stop, stop_limit, market_to_limit or pegged (null: what the arguments are for), time_in_force gtd, at_the_opening or at_the_close
display_qty: iceberg: quantity shown at a time, a multiple of the lot size; the rest is hidden
min_qty: smallest quantity to be filled on entry, or nothing is
stop_px: stop and stop_limit orders: price that triggers the order
trigger: what triggers: last (price of the last trade) or mark (mark price); null: last
trail_offset: trailing stop: distance that the trigger price keeps from the best price seen
peg_type: pegged orders: primary (best price of its own side), market (of the opposite side) or mid
peg_offset: pegged orders: added to the price it is pegged to; null: 0
expire_time: when a gtd order ends; not in the past
link: cl_ord_id of a working order of the account: when one of the two trades or ends, the other is cancelled
link_order_id: the same order by its number; one of the two
smp_id: orders with the same number never trade with each other; null: orders of the same account do not
session: number of the session that cancel_on_disconnect means
post_only_mode: what becomes of an order that would trade at once: reject (refused), cancel (its crossing part is cancelled) or reprice (moved one tick off the opposite best price); null: not post-only, unless post_only says so
reduce_only: true: never opens or enlarges a position, and is cut down when the position shrinks
cancel_on_disconnect: true: cancelled when its session ends
errors: see the other clearing.submit_order()';

CREATE FUNCTION clearing.replace_order(
  account        text,
  orig_cl_ord_id text    DEFAULT NULL,
  order_qty      numeric DEFAULT NULL,
  price          numeric DEFAULT NULL,
  cl_ord_id      text    DEFAULT NULL,
  order_id       bigint  DEFAULT NULL,
  symbol         text    DEFAULT NULL
) RETURNS clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_replace_order';
COMMENT ON FUNCTION clearing.replace_order(text, text, numeric, numeric, text, bigint, text) IS
'changes quantity and price of a working order

account: account of the order
orig_cl_ord_id, order_id: which order; one of the two
order_qty: new total quantity, what is filled included
price: new limit price
cl_ord_id: reference of the replacement, which names the order from then on; null makes one up
symbol: instrument of the order; null: looked up in the read model, which costs time
refused with: unknown_order, order_not_working, qty_below_filled, insufficient_margin, …
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.replace_order(
  account        varchar,
  orig_cl_ord_id text    DEFAULT NULL,
  order_qty      numeric DEFAULT NULL,
  price          numeric DEFAULT NULL,
  cl_ord_id      text    DEFAULT NULL,
  order_id       bigint  DEFAULT NULL,
  symbol         text    DEFAULT NULL,
  ord_type       text    DEFAULT NULL,
  time_in_force  text    DEFAULT NULL,
  display_qty    numeric DEFAULT NULL,
  min_qty        numeric DEFAULT NULL,
  stop_px        numeric DEFAULT NULL,
  trigger        text    DEFAULT NULL,
  trail_offset   numeric DEFAULT NULL,
  peg_type       text    DEFAULT NULL,
  peg_offset     numeric DEFAULT NULL,
  expire_time    timestamptz DEFAULT NULL,
  link           text    DEFAULT NULL,
  link_order_id  bigint  DEFAULT NULL,
  smp_id         bigint  DEFAULT NULL,
  session        bigint  DEFAULT NULL,
  remove         text[]  DEFAULT NULL
) RETURNS clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_replace_order';
COMMENT ON FUNCTION clearing.replace_order(varchar, text, numeric, numeric, text, bigint, text, text, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text[]) IS
'changes anything of a working order but its account, instrument and side

account, orig_cl_ord_id, order_id, order_qty, price, cl_ord_id, symbol: see the other clearing.replace_order(); price may be null if ord_type names a type without a price
ord_type, time_in_force: as clearing.submit_order() has them; null: as they were
display_qty, min_qty, stop_px, trigger, trail_offset, peg_type, peg_offset, expire_time, link, link_order_id, smp_id, session: as clearing.submit_order() has them; null: as they were
remove: names of the attributes that are taken away, for example ARRAY[''display_qty'']
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.cancel_order(
  account        text,
  orig_cl_ord_id text    DEFAULT NULL,
  cl_ord_id      text   DEFAULT NULL,
  order_id       bigint DEFAULT NULL
) RETURNS clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_cancel_order';
COMMENT ON FUNCTION clearing.cancel_order(text, text, text, bigint) IS
'cancels a working order

account: account of the order
orig_cl_ord_id, order_id: which order; one of the two
cl_ord_id: reference of the cancel itself; null makes one up
refused with: unknown_order, order_not_working (too late)
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.mass_cancel(
  account    text DEFAULT NULL,
  symbol     text DEFAULT NULL,
  request_id text DEFAULT NULL,
  side       text DEFAULT NULL,
  member     text DEFAULT NULL
) RETURNS clearing.mass_cancel_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_mass_cancel';
COMMENT ON FUNCTION clearing.mass_cancel(text, text, text, text, text) IS
'cancels all working orders of an account or member

account: whose; null, and no member: everybody''s, operators only
symbol: of one instrument; null: of all
request_id: reference; the same request sent again returns the first outcome
side: buy or sell; null: both
member: all accounts of this member instead of one account
refused with: system_account (an account of the house itself)
errors: see clearing.submit_order()';

CREATE FUNCTION clearing.submit_orders(
  orders clearing.new_order[]
) RETURNS SETOF clearing.execution_report
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_submit_orders' ROWS 1000;
COMMENT ON FUNCTION clearing.submit_orders(clearing.new_order[]) IS
'sends many orders at once, which enter one block in the order given; one row for each, in the same order

orders: the orders; an order can be refused without effect on the others
errors: as clearing.submit_order(), with the order''s place in the array in the context; then no order was sent';

CREATE FUNCTION clearing.submit_packed(
  commands bytea
) RETURNS bytea
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'clr_submit_packed';
COMMENT ON FUNCTION clearing.submit_packed(bytea) IS
'sends encoded commands, which enter one block in the order given, and returns the encoded reply; for gateways

commands: one or more commands, without padding, as encoded by clearing.encode_order() and its kin or by src/engine/command.h
members: new orders, replaces, cancels and mass cancels for own accounts only; the counterparty of a trade is blanked out of the reply
operators: all commands but those that open a house or an epoch
errors: CH006 malformed or not allowed here; see clearing.submit_order()';

CREATE FUNCTION clearing.decode_reply(
  reply bytea
) RETURNS SETOF clearing.execution_report
  LANGUAGE C STABLE STRICT AS 'MODULE_PATHNAME', 'clr_decode_reply' ROWS 100;
COMMENT ON FUNCTION clearing.decode_reply(bytea) IS
'shows what clearing.submit_packed() returned, one row per command

reply: as returned
order_id is the created object, ledger entry or settlement for commands that are not about orders
errors: CH006 malformed';

CREATE FUNCTION clearing.encode_order(
  account               text,
  symbol                text,
  side                  text,
  order_qty             numeric,
  price                 numeric DEFAULT NULL,
  cl_ord_id             text    DEFAULT NULL,
  ord_type              text    DEFAULT NULL,
  time_in_force         text    DEFAULT NULL,
  post_only             boolean DEFAULT false,
  self_match_prevention text    DEFAULT NULL,
  display_qty           numeric DEFAULT NULL,
  min_qty               numeric DEFAULT NULL,
  stop_px               numeric DEFAULT NULL,
  trigger               text    DEFAULT NULL,
  trail_offset          numeric DEFAULT NULL,
  peg_type              text    DEFAULT NULL,
  peg_offset            numeric DEFAULT NULL,
  expire_time           timestamptz DEFAULT NULL,
  link                  text    DEFAULT NULL,
  link_order_id         bigint  DEFAULT NULL,
  smp_id                bigint  DEFAULT NULL,
  session               bigint  DEFAULT NULL,
  post_only_mode        text    DEFAULT NULL,
  reduce_only           boolean DEFAULT NULL,
  cancel_on_disconnect  boolean DEFAULT NULL
) RETURNS bytea
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_encode_order';
COMMENT ON FUNCTION clearing.encode_order(text, text, text, numeric, numeric, text, text, text, boolean, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text, boolean, boolean) IS
'encodes an order for clearing.submit_packed() or clearing.enqueue(); nothing is sent

arguments and errors: see clearing.submit_order()';

CREATE FUNCTION clearing.encode_replace(
  account        text,
  orig_cl_ord_id text    DEFAULT NULL,
  order_qty      numeric DEFAULT NULL,
  price          numeric DEFAULT NULL,
  cl_ord_id      text    DEFAULT NULL,
  order_id       bigint  DEFAULT NULL,
  symbol         text    DEFAULT NULL,
  ord_type       text    DEFAULT NULL,
  time_in_force  text    DEFAULT NULL,
  display_qty    numeric DEFAULT NULL,
  min_qty        numeric DEFAULT NULL,
  stop_px        numeric DEFAULT NULL,
  trigger        text    DEFAULT NULL,
  trail_offset   numeric DEFAULT NULL,
  peg_type       text    DEFAULT NULL,
  peg_offset     numeric DEFAULT NULL,
  expire_time    timestamptz DEFAULT NULL,
  link           text    DEFAULT NULL,
  link_order_id  bigint  DEFAULT NULL,
  smp_id         bigint  DEFAULT NULL,
  session        bigint  DEFAULT NULL,
  remove         text[]  DEFAULT NULL
) RETURNS bytea
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_encode_replace';
COMMENT ON FUNCTION clearing.encode_replace(text, text, numeric, numeric, text, bigint, text, text, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text[]) IS
'encodes a replace for clearing.submit_packed() or clearing.enqueue(); nothing is sent

arguments and errors: see clearing.replace_order()';

CREATE FUNCTION clearing.encode_cancel(
  account        text,
  orig_cl_ord_id text    DEFAULT NULL,
  cl_ord_id      text   DEFAULT NULL,
  order_id       bigint DEFAULT NULL
) RETURNS bytea
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_encode_cancel';
COMMENT ON FUNCTION clearing.encode_cancel(text, text, text, bigint) IS
'encodes a cancel for clearing.submit_packed() or clearing.enqueue(); nothing is sent

arguments and errors: see clearing.cancel_order()';

CREATE FUNCTION clearing.enqueue(
  command bytea
) RETURNS bigint
  LANGUAGE C STRICT AS 'MODULE_PATHNAME', 'clr_enqueue';
COMMENT ON FUNCTION clearing.enqueue(bytea) IS
'leaves one encoded command to be executed after, and only if, this transaction commits; returns its place in the queue

command: as encoded by clearing.encode_order() and its kin; the same rules as for clearing.submit_packed()
its outcome is found by its reference in the view clearing.request
errors: CH006 malformed or not allowed here, CH007 unknown object or not yours, 25006 on a standby';


---- Reading

CREATE FUNCTION clearing.height() RETURNS bigint
  LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_height';
COMMENT ON FUNCTION clearing.height() IS
'block up to which the views of this node have come, in the snapshot of this statement; 0 before the first';

CREATE FUNCTION clearing.wait_for(
  height  bigint,
  timeout interval DEFAULT '10 s'
) RETURNS boolean
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_wait_for';
COMMENT ON FUNCTION clearing.wait_for(bigint, interval) IS
'waits until the next statement on this node sees a block in the views; false if it takes too long

height: the block, as reported by the command to be read
timeout: longest wait; null: no limit';

CREATE FUNCTION clearing.status(
  OUT role                 text,
  OUT serving              boolean,
  OUT house_open           boolean,
  OUT epoch                bigint,
  OUT height               bigint,
  OUT confirmed_height     bigint,
  OUT projected_height     bigint,
  OUT block_hash           bytea,
  OUT block_time           timestamptz,
  OUT durability           text,
  OUT synchronous_standbys integer,
  OUT open_orders          bigint,
  OUT engine_pid           integer,
  OUT projector_pid        integer,
  OUT engine_starts        bigint,
  OUT halted_height        bigint,
  OUT halted_expected      bytea,
  OUT halted_actual        bytea
) RETURNS record
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_status';
COMMENT ON FUNCTION clearing.status() IS
'state of the clearing house on this node, primary or standby; reads shared memory only

role: stopped (no engine runs), loading, following, opening, serving, halted or closed
serving: commands are accepted here
house_open: clearing.open() has been called
epoch, height, block_hash, block_time: last block that this node''s engine executed
confirmed_height: last block known to be as durable as asked for
projected_height: last block that the views show
durability: setting pg_clearing.durability
synchronous_standbys: standbys connected that a commit can wait for
open_orders: working orders
engine_pid, projector_pid: workers, null if not running
engine_starts: times that the engine has been started since the server was
halted_height, halted_expected, halted_actual: block and digests at which the node stopped itself';

CREATE FUNCTION clearing.check_receipt(
  receipt text
) RETURNS boolean
  LANGUAGE C STABLE STRICT AS 'MODULE_PATHNAME', 'clr_check_receipt';
COMMENT ON FUNCTION clearing.check_receipt(text) IS
'tells whether the journal of this node holds what a receipt says

receipt: as reported by a command
true: it does; false: the block or the command is another; null: this node does not have the block
errors: CH006 not a receipt';

CREATE FUNCTION clearing.current_members() RETURNS integer[]
  LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_current_members';
COMMENT ON FUNCTION clearing.current_members() IS
'members whose rows the current user may see; null: all, for operators and auditors';
