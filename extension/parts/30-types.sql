-- What the functions answer with, and who acts for which member.


CREATE TYPE clearing.fill_report AS (
  trade_id bigint,
  price    numeric,
  qty      numeric,
  fee      numeric
);
COMMENT ON TYPE clearing.fill_report IS 'one execution of an order, seen from its side';
COMMENT ON COLUMN clearing.fill_report.trade_id IS 'number of the trade';
COMMENT ON COLUMN clearing.fill_report.price IS 'price of the trade';
COMMENT ON COLUMN clearing.fill_report.qty IS 'quantity of the trade';
COMMENT ON COLUMN clearing.fill_report.fee IS 'fee paid by this side in the quote asset, negative for a rebate';

CREATE TYPE clearing.execution_report AS (
  cl_ord_id       text,
  order_id        bigint,
  exec_type       text,
  ord_status      text,
  reason          text,
  order_qty       numeric,
  leaves_qty      numeric,
  cum_qty         numeric,
  avg_px          numeric,
  fills           clearing.fill_report[],
  orders_canceled integer,
  exec_restatement_reason    text,
  resting_restatement_reason text,
  needed          numeric,
  available       numeric,
  hint            text,
  duplicate       boolean,
  height          bigint,
  receipt         text
);
COMMENT ON TYPE clearing.execution_report IS
  'outcome of one trading command, in the words of FIX: an accepted order, or a refusal with its reason';
COMMENT ON COLUMN clearing.execution_report.cl_ord_id IS 'reference of the command, unique in the account (FIX tag 11)';
COMMENT ON COLUMN clearing.execution_report.order_id IS 'number that the house gave the order (tag 37)';
COMMENT ON COLUMN clearing.execution_report.exec_type IS 'new, trade, canceled, replaced, rejected, expired, restated or triggered (tag 150)';
COMMENT ON COLUMN clearing.execution_report.ord_status IS 'new, partially_filled, filled, canceled, rejected or expired (tag 39)';
COMMENT ON COLUMN clearing.execution_report.reason IS 'why the command was refused, else null; why an order ended later is in clearing.order_history';
COMMENT ON COLUMN clearing.execution_report.order_qty IS 'quantity of the order (tag 38)';
COMMENT ON COLUMN clearing.execution_report.leaves_qty IS 'quantity still working (tag 151)';
COMMENT ON COLUMN clearing.execution_report.cum_qty IS 'quantity filled so far (tag 14)';
COMMENT ON COLUMN clearing.execution_report.avg_px IS 'average price of what is filled, null if nothing is (tag 6)';
COMMENT ON COLUMN clearing.execution_report.fills IS 'executions of its order by this command, in order; of a spread also those of its legs';
COMMENT ON COLUMN clearing.execution_report.orders_canceled IS 'resting orders that this command cancelled (self-match prevention, mass cancel)';
COMMENT ON COLUMN clearing.execution_report.exec_restatement_reason IS 'why a rule of the house cancelled, cut or repriced the order, in the words of FIX (tag 378); null: none did';
COMMENT ON COLUMN clearing.execution_report.resting_restatement_reason IS 'the same for the resting orders that the command cancelled or cut';
COMMENT ON COLUMN clearing.execution_report.needed IS 'amount the order needs, if it was refused for lack of it';
COMMENT ON COLUMN clearing.execution_report.available IS 'amount that was available, if the order was refused for lack of it';
COMMENT ON COLUMN clearing.execution_report.hint IS 'what to do about a refusal';
COMMENT ON COLUMN clearing.execution_report.duplicate IS 'true: the command was known already, this is its original outcome';
COMMENT ON COLUMN clearing.execution_report.height IS 'block that holds the command; clearing.wait_for(height) makes it readable';
COMMENT ON COLUMN clearing.execution_report.receipt IS 'epoch/height/command number/block hash; see clearing.check_receipt()';

CREATE TYPE clearing.command_report AS (
  status    text,
  reason    text,
  id        bigint,
  needed    numeric,
  available numeric,
  hint      text,
  duplicate boolean,
  height    bigint,
  receipt   text
);
COMMENT ON TYPE clearing.command_report IS 'outcome of one command that is not about an order';
COMMENT ON COLUMN clearing.command_report.status IS 'accepted or refused';
COMMENT ON COLUMN clearing.command_report.reason IS 'why it was refused, else null';
COMMENT ON COLUMN clearing.command_report.id IS 'number of the object created, the ledger entry or the settlement';
COMMENT ON COLUMN clearing.command_report.needed IS 'amount the command needs, if it was refused for lack of it';
COMMENT ON COLUMN clearing.command_report.available IS 'amount that was available, if it was refused for lack of it';
COMMENT ON COLUMN clearing.command_report.hint IS 'what to do about a refusal';
COMMENT ON COLUMN clearing.command_report.duplicate IS 'true: the command was known already, this is its original outcome';
COMMENT ON COLUMN clearing.command_report.height IS 'block that holds the command; clearing.wait_for(height) makes it readable';
COMMENT ON COLUMN clearing.command_report.receipt IS 'epoch/height/command number/block hash; see clearing.check_receipt()';

CREATE TYPE clearing.mass_cancel_report AS (
  status          text,
  reason          text,
  orders_canceled integer,
  exec_restatement_reason text,
  hint            text,
  duplicate       boolean,
  height          bigint,
  receipt         text
);
COMMENT ON TYPE clearing.mass_cancel_report IS 'outcome of clearing.mass_cancel()';
COMMENT ON COLUMN clearing.mass_cancel_report.status IS 'accepted or refused';
COMMENT ON COLUMN clearing.mass_cancel_report.reason IS 'why it was refused, else null';
COMMENT ON COLUMN clearing.mass_cancel_report.orders_canceled IS 'orders that were cancelled';
COMMENT ON COLUMN clearing.mass_cancel_report.exec_restatement_reason IS 'why they were, if nobody asked for it, in the words of FIX (tag 378)';
COMMENT ON COLUMN clearing.mass_cancel_report.hint IS 'what to do about a refusal';
COMMENT ON COLUMN clearing.mass_cancel_report.duplicate IS 'true: the command was known already, this is its original outcome';
COMMENT ON COLUMN clearing.mass_cancel_report.height IS 'block that holds the command; clearing.wait_for(height) makes it readable';
COMMENT ON COLUMN clearing.mass_cancel_report.receipt IS 'epoch/height/command number/block hash; see clearing.check_receipt()';

CREATE TYPE clearing.order_attributes AS (
  display_qty          numeric,
  min_qty              numeric,
  stop_px              numeric,
  trigger              text,
  trail_offset         numeric,
  peg_type             text,
  peg_offset           numeric,
  expire_time          timestamptz,
  link                 text,
  link_order_id        bigint,
  smp_id               bigint,
  session              bigint,
  post_only_mode       text,
  reduce_only          boolean,
  cancel_on_disconnect boolean
);
COMMENT ON TYPE clearing.order_attributes IS
  'what most orders do not have; null = the order does not have it.  Made best by jsonb_populate_record().';
COMMENT ON COLUMN clearing.order_attributes.display_qty IS
  'iceberg: quantity shown at a time, a multiple of the lot size; the rest is hidden';
COMMENT ON COLUMN clearing.order_attributes.min_qty IS
  'smallest quantity to be filled on entry, or nothing is';
COMMENT ON COLUMN clearing.order_attributes.stop_px IS
  'stop and stop_limit orders: price that triggers the order';
COMMENT ON COLUMN clearing.order_attributes.trigger IS
  'what triggers: last (price of the last trade) or mark (mark price); null: last';
COMMENT ON COLUMN clearing.order_attributes.trail_offset IS
  'trailing stop: distance that the trigger price keeps from the best price seen';
COMMENT ON COLUMN clearing.order_attributes.peg_type IS
  'pegged orders: primary (best price of its own side), market (of the opposite side) or mid';
COMMENT ON COLUMN clearing.order_attributes.peg_offset IS
  'pegged orders: added to the price it is pegged to; null: 0';
COMMENT ON COLUMN clearing.order_attributes.expire_time IS
  'when a gtd order ends; not in the past';
COMMENT ON COLUMN clearing.order_attributes.link IS
  'cl_ord_id of a working order of the account: when one of the two trades or ends, the other is cancelled';
COMMENT ON COLUMN clearing.order_attributes.link_order_id IS
  'the same order by its number; one of the two';
COMMENT ON COLUMN clearing.order_attributes.smp_id IS
  'orders with the same number never trade with each other; null: orders of the same account do not';
COMMENT ON COLUMN clearing.order_attributes.session IS
  'number of the session that cancel_on_disconnect means';
COMMENT ON COLUMN clearing.order_attributes.post_only_mode IS
  'what becomes of an order that would trade at once: reject (refused), cancel (its crossing part is cancelled) or reprice (moved one tick off the opposite best price); null: not post-only, unless post_only says so';
COMMENT ON COLUMN clearing.order_attributes.reduce_only IS
  'true: never opens or enlarges a position, and is cut down when the position shrinks';
COMMENT ON COLUMN clearing.order_attributes.cancel_on_disconnect IS
  'true: cancelled when its session ends';

CREATE TYPE clearing.new_order AS (
  account               text,
  symbol                text,
  side                  text,
  order_qty             numeric,
  price                 numeric,
  cl_ord_id             text,
  ord_type              text,
  time_in_force         text,
  post_only             boolean,
  self_match_prevention text,
  attributes            clearing.order_attributes
);
COMMENT ON TYPE clearing.new_order IS
  'one order for clearing.submit_orders(); null stands for the default of clearing.submit_order()';
COMMENT ON COLUMN clearing.new_order.account IS 'account that trades';
COMMENT ON COLUMN clearing.new_order.symbol IS 'instrument';
COMMENT ON COLUMN clearing.new_order.side IS 'buy or sell';
COMMENT ON COLUMN clearing.new_order.order_qty IS 'quantity, a multiple of the lot size';
COMMENT ON COLUMN clearing.new_order.price IS 'limit price, a multiple of the tick size; null for a market order';
COMMENT ON COLUMN clearing.new_order.cl_ord_id IS 'reference, unique in the account, at most 36 bytes; null makes one up';
COMMENT ON COLUMN clearing.new_order.ord_type IS 'limit, market, stop, stop_limit, market_to_limit or pegged; null: what its columns are for';
COMMENT ON COLUMN clearing.new_order.time_in_force IS 'day, gtc, gtd, ioc, fok, at_the_opening or at_the_close; null: ioc for a market order, gtd with an expire_time, else day';
COMMENT ON COLUMN clearing.new_order.post_only IS 'true: refuse the order if it would trade at once; null: false';
COMMENT ON COLUMN clearing.new_order.self_match_prevention IS
  'cancel_resting, cancel_aggressor, cancel_both or decrement_both; null: the trading rule of the instrument';
COMMENT ON COLUMN clearing.new_order.attributes IS 'what most orders do not have; null: nothing of it';

-- Access configuration of this database, not part of the replicated state:
-- roles are named, so that it survives dump and restore.
CREATE TABLE clearing_state.member_role (
  member_id integer NOT NULL PRIMARY KEY CHECK (member_id OPERATOR(pg_catalog.>) 0),
  role_name name    NOT NULL
);
COMMENT ON TABLE clearing_state.member_role IS
  'which role acts for which member; set with clearing.set_member_role()';
COMMENT ON COLUMN clearing_state.member_role.member_id IS 'number of the member';
COMMENT ON COLUMN clearing_state.member_role.role_name IS 'whoever has the privileges of this role acts for the member';

CREATE FUNCTION clearing_state.member_role_changed() RETURNS trigger
  LANGUAGE C AS 'MODULE_PATHNAME', 'clr_member_role_changed';
COMMENT ON FUNCTION clearing_state.member_role_changed() IS
  'makes every session forget what it knows about the roles of members';

CREATE TRIGGER member_role_changed
  AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON clearing_state.member_role
  FOR EACH STATEMENT EXECUTE FUNCTION clearing_state.member_role_changed();
COMMENT ON TRIGGER member_role_changed ON clearing_state.member_role IS
  'makes every session forget what it knows about the roles of members';

SELECT pg_catalog.pg_extension_config_dump('clearing_state.member_role', '');
