-- The read model: what the projector writes, what the views show and what an
-- engine is restored from.  Numbers are the engine's own: prices in ticks,
-- quantities in lots, amounts in minor units.  No foreign keys: the journal is
-- the authority, and clearing.verify() compares every row with it.

CREATE TABLE clearing_state.projection (
  singleton       boolean NOT NULL DEFAULT true PRIMARY KEY CHECK (singleton),
  height          bigint  NOT NULL,
  block_hash      bytea   NOT NULL,
  block_time      bigint  NOT NULL,
  epoch           bigint  NOT NULL,
  house_open      boolean NOT NULL,
  house_name      text    COLLATE "C" NOT NULL,
  retention_us    bigint  NOT NULL,
  next_asset      integer NOT NULL,
  next_member     integer NOT NULL,
  next_account    integer NOT NULL,
  next_instrument integer NOT NULL,
  next_order      bigint  NOT NULL,
  next_trade      bigint  NOT NULL,
  next_entry      bigint  NOT NULL,
  next_settlement bigint  NOT NULL,
  next_priority   bigint  NOT NULL,
  projected_at    timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE clearing_state.projection IS
  'one row: the block whose state the other tables show, and the counters of the house at that block';
COMMENT ON COLUMN clearing_state.projection.singleton IS 'true: there is one row at most, none before the first block';
COMMENT ON COLUMN clearing_state.projection.height IS 'height of the block';
COMMENT ON COLUMN clearing_state.projection.block_hash IS 'hash of the block';
COMMENT ON COLUMN clearing_state.projection.block_time IS 'time of the block, microseconds since 1970';
COMMENT ON COLUMN clearing_state.projection.epoch IS 'epoch in force';
COMMENT ON COLUMN clearing_state.projection.house_open IS 'whether the house has been opened';
COMMENT ON COLUMN clearing_state.projection.house_name IS 'name of the house';
COMMENT ON COLUMN clearing_state.projection.retention_us IS 'how long references are remembered, microseconds';
COMMENT ON COLUMN clearing_state.projection.next_asset IS 'id that the next asset will get';
COMMENT ON COLUMN clearing_state.projection.next_member IS 'id that the next member will get';
COMMENT ON COLUMN clearing_state.projection.next_account IS 'id that the next account will get';
COMMENT ON COLUMN clearing_state.projection.next_instrument IS 'id that the next instrument will get';
COMMENT ON COLUMN clearing_state.projection.next_order IS 'id that the next order will get';
COMMENT ON COLUMN clearing_state.projection.next_trade IS 'id that the next trade will get';
COMMENT ON COLUMN clearing_state.projection.next_entry IS 'id that the next ledger entry will get';
COMMENT ON COLUMN clearing_state.projection.next_settlement IS 'id that the next settlement will get';
COMMENT ON COLUMN clearing_state.projection.next_priority IS 'time priority that the next order will get';
COMMENT ON COLUMN clearing_state.projection.projected_at IS 'clock of the node when it wrote this';

CREATE TABLE clearing_state.asset (
  asset_id integer  NOT NULL PRIMARY KEY,
  scale    smallint NOT NULL,
  name     text     COLLATE "C" NOT NULL UNIQUE
);
COMMENT ON TABLE clearing_state.asset IS 'assets: what balances are kept in';
COMMENT ON COLUMN clearing_state.asset.asset_id IS 'number of the asset';
COMMENT ON COLUMN clearing_state.asset.scale IS 'decimal places: a minor unit is 10 to the power -scale';
COMMENT ON COLUMN clearing_state.asset.name IS 'name of the asset';

CREATE TABLE clearing_state.member (
  member_id integer NOT NULL PRIMARY KEY,
  code      text    COLLATE "C" NOT NULL UNIQUE,
  name      text    COLLATE "C" NOT NULL
);
COMMENT ON TABLE clearing_state.member IS 'clearing members';
COMMENT ON COLUMN clearing_state.member.member_id IS 'number of the member; 0 is the house itself';
COMMENT ON COLUMN clearing_state.member.code IS 'short name, unique';
COMMENT ON COLUMN clearing_state.member.name IS 'full name';

CREATE TABLE clearing_state.account (
  account_id   integer  NOT NULL PRIMARY KEY,
  member_id    integer  NOT NULL,
  account_type smallint NOT NULL,
  name         text     COLLATE "C" NOT NULL UNIQUE
);
CREATE INDEX account_member_idx ON clearing_state.account (member_id);
COMMENT ON TABLE clearing_state.account IS 'accounts: of members, and those of the house (numbers below 16)';
COMMENT ON COLUMN clearing_state.account.account_id IS 'number of the account';
COMMENT ON COLUMN clearing_state.account.member_id IS 'member that owns it, 0 = the house';
COMMENT ON COLUMN clearing_state.account.account_type IS '0 system, 1 house (a member''s own), 2 client';
COMMENT ON COLUMN clearing_state.account.name IS 'name of the account, unique';

CREATE TABLE clearing_state.instrument (
  instrument_id       integer  NOT NULL PRIMARY KEY,
  symbol              text     COLLATE "C" NOT NULL UNIQUE,
  kind                smallint NOT NULL,
  margin_basis        smallint NOT NULL,
  fee_basis           smallint NOT NULL,
  replace_priority    smallint NOT NULL,
  phase               smallint NOT NULL,
  tick_exp            smallint NOT NULL,
  lot_exp             smallint NOT NULL,
  multiplier_exp      smallint NOT NULL,
  base_asset_id       integer  NOT NULL,
  quote_asset_id      integer  NOT NULL,
  tick_size           bigint   NOT NULL,
  lot_size            bigint   NOT NULL,
  multiplier          bigint   NOT NULL,
  initial_margin      bigint   NOT NULL,
  maintenance_margin  bigint   NOT NULL,
  maker_fee           bigint   NOT NULL,
  taker_fee           bigint   NOT NULL,
  reference_price     bigint   NOT NULL,
  expiry_us           bigint   NOT NULL,
  tick_value          bigint   NOT NULL,
  lot_units           bigint   NOT NULL,
  has_reference_price boolean  NOT NULL,
  has_mark            boolean  NOT NULL,
  has_settlement      boolean  NOT NULL,
  has_last            boolean  NOT NULL,
  mark                bigint   NOT NULL,
  settlement          bigint   NOT NULL,
  last_price          bigint   NOT NULL,
  last_qty            bigint   NOT NULL,
  volume              bigint   NOT NULL,
  open_interest       bigint   NOT NULL,
  has_session         boolean  NOT NULL,
  session_open        bigint   NOT NULL,
  session_high        bigint   NOT NULL,
  session_low         bigint   NOT NULL,
  session_volume      bigint   NOT NULL,
  session_value       bigint   NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE clearing_state.instrument IS 'instruments: spot pairs and cash-settled futures';
COMMENT ON COLUMN clearing_state.instrument.instrument_id IS 'number of the instrument';
COMMENT ON COLUMN clearing_state.instrument.symbol IS 'symbol, unique';
COMMENT ON COLUMN clearing_state.instrument.kind IS '1 spot, 2 future, 3 spread';
COMMENT ON COLUMN clearing_state.instrument.margin_basis IS 'of both margins: 1 millionths of the notional, 2 minor units a lot';
COMMENT ON COLUMN clearing_state.instrument.fee_basis IS 'of both fees: 1 millionths of the notional, 2 minor units a lot';
COMMENT ON COLUMN clearing_state.instrument.replace_priority IS '1 a pure decrease keeps time priority, 2 every replace loses it';
COMMENT ON COLUMN clearing_state.instrument.phase IS '1 pre-open, 2 continuous, 3 halted, 4 closed, 5 expired, 6 opening call, 7 intraday call, 8 closing call, 9 volatility call, 10 trade at close';
COMMENT ON COLUMN clearing_state.instrument.tick_exp IS 'a tick is tick_size / 10 to the power tick_exp';
COMMENT ON COLUMN clearing_state.instrument.lot_exp IS 'a lot is lot_size / 10 to the power lot_exp';
COMMENT ON COLUMN clearing_state.instrument.multiplier_exp IS 'the multiplier is multiplier / 10 to the power multiplier_exp';
COMMENT ON COLUMN clearing_state.instrument.base_asset_id IS 'asset traded, 0 for futures';
COMMENT ON COLUMN clearing_state.instrument.quote_asset_id IS 'asset paid with; for futures the settlement asset';
COMMENT ON COLUMN clearing_state.instrument.tick_size IS 'mantissa of the tick';
COMMENT ON COLUMN clearing_state.instrument.lot_size IS 'mantissa of the lot';
COMMENT ON COLUMN clearing_state.instrument.multiplier IS 'mantissa of the contract multiplier';
COMMENT ON COLUMN clearing_state.instrument.initial_margin IS 'initial margin in margin_basis';
COMMENT ON COLUMN clearing_state.instrument.maintenance_margin IS 'maintenance margin in margin_basis';
COMMENT ON COLUMN clearing_state.instrument.maker_fee IS 'fee of the resting side in fee_basis, negative = rebate';
COMMENT ON COLUMN clearing_state.instrument.taker_fee IS 'fee of the aggressing side in fee_basis';
COMMENT ON COLUMN clearing_state.instrument.reference_price IS 'price it was listed with, ticks';
COMMENT ON COLUMN clearing_state.instrument.expiry_us IS 'expiry, microseconds since 1970, 0 = none';
COMMENT ON COLUMN clearing_state.instrument.tick_value IS 'minor units of the quote asset per tick and lot';
COMMENT ON COLUMN clearing_state.instrument.lot_units IS 'minor units of the base asset per lot, 0 for futures';
COMMENT ON COLUMN clearing_state.instrument.has_reference_price IS 'whether reference_price means something';
COMMENT ON COLUMN clearing_state.instrument.has_mark IS 'whether mark means something';
COMMENT ON COLUMN clearing_state.instrument.has_settlement IS 'whether settlement means something';
COMMENT ON COLUMN clearing_state.instrument.has_last IS 'whether last_price and last_qty mean something';
COMMENT ON COLUMN clearing_state.instrument.mark IS 'mark price, ticks';
COMMENT ON COLUMN clearing_state.instrument.settlement IS 'last settlement price, ticks';
COMMENT ON COLUMN clearing_state.instrument.last_price IS 'price of the last trade, ticks';
COMMENT ON COLUMN clearing_state.instrument.last_qty IS 'quantity of the last trade, lots';
COMMENT ON COLUMN clearing_state.instrument.volume IS 'lots traded since listing';
COMMENT ON COLUMN clearing_state.instrument.open_interest IS 'lots held long, which are as many as held short';
COMMENT ON COLUMN clearing_state.instrument.has_session IS 'whether it has traded in this session, and the columns below mean something';
COMMENT ON COLUMN clearing_state.instrument.session_open IS 'first price of the session, ticks';
COMMENT ON COLUMN clearing_state.instrument.session_high IS 'highest price of the session, ticks';
COMMENT ON COLUMN clearing_state.instrument.session_low IS 'lowest price of the session, ticks';
COMMENT ON COLUMN clearing_state.instrument.session_volume IS 'lots traded in the session';
COMMENT ON COLUMN clearing_state.instrument.session_value IS 'sum of ticks * lots traded in the session; at the end of its range it stays there';

CREATE TABLE clearing_state.field (
  object_id bigint   NOT NULL,
  sub       bigint   NOT NULL,
  value     bigint   NOT NULL,
  scope     smallint NOT NULL,
  field     smallint NOT NULL,
  PRIMARY KEY (scope, object_id, sub, field)
) WITH (fillfactor = 60);
COMMENT ON TABLE clearing_state.field IS
  'trading rules, limits, schedules and what the engine remembers of a market: every number that has ever differed from its default';
COMMENT ON COLUMN clearing_state.field.object_id IS 'instrument, account, member, group or trade that it belongs to, as scope tells';
COMMENT ON COLUMN clearing_state.field.sub IS 'tier, entry, account, session or leg; 0 if the scope has none';
COMMENT ON COLUMN clearing_state.field.value IS 'the value';
COMMENT ON COLUMN clearing_state.field.scope IS 'kind of object: 1 instrument, 2 account, 3 member, 4 product group, 5 schedule, 6 lead market maker, 7 session, 8 leg, 9 trade, 10 market state';
COMMENT ON COLUMN clearing_state.field.field IS 'number of the field, see src/engine/fields.h';

CREATE TABLE clearing_state.indicative (
  instrument_id integer NOT NULL PRIMARY KEY,
  price         bigint  NOT NULL,
  volume        bigint  NOT NULL,
  surplus       bigint  NOT NULL,
  bid           bigint  NOT NULL,
  bid_qty       bigint  NOT NULL,
  ask           bigint  NOT NULL,
  ask_qty       bigint  NOT NULL,
  has_price     boolean NOT NULL,
  has_bid       boolean NOT NULL,
  has_ask       boolean NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE clearing_state.indicative IS
  'instruments in a call, and what their auction would give; computed from the books, nothing is restored from it';
COMMENT ON COLUMN clearing_state.indicative.instrument_id IS 'instrument';
COMMENT ON COLUMN clearing_state.indicative.price IS 'indicative auction price, ticks';
COMMENT ON COLUMN clearing_state.indicative.volume IS 'lots that would trade';
COMMENT ON COLUMN clearing_state.indicative.surplus IS 'lots that would be left at the price, positive = on the buying side';
COMMENT ON COLUMN clearing_state.indicative.bid IS 'best bid, ticks';
COMMENT ON COLUMN clearing_state.indicative.bid_qty IS 'lots there';
COMMENT ON COLUMN clearing_state.indicative.ask IS 'best ask, ticks';
COMMENT ON COLUMN clearing_state.indicative.ask_qty IS 'lots there';
COMMENT ON COLUMN clearing_state.indicative.has_price IS 'whether something would trade and price means something';
COMMENT ON COLUMN clearing_state.indicative.has_bid IS 'whether bid and bid_qty mean something';
COMMENT ON COLUMN clearing_state.indicative.has_ask IS 'whether ask and ask_qty mean something';

CREATE TABLE clearing_state.balance (
  balance    bigint  NOT NULL,
  account_id integer NOT NULL,
  asset_id   integer NOT NULL,
  PRIMARY KEY (account_id, asset_id)
) WITH (fillfactor = 60);
COMMENT ON TABLE clearing_state.balance IS 'cash: one row per account and asset that has ever moved';
COMMENT ON COLUMN clearing_state.balance.balance IS 'minor units';
COMMENT ON COLUMN clearing_state.balance.account_id IS 'account';
COMMENT ON COLUMN clearing_state.balance.asset_id IS 'asset';

CREATE TABLE clearing_state.position (
  qty           bigint  NOT NULL,
  cost          bigint  NOT NULL,
  realised      bigint  NOT NULL,
  buy_lots      bigint  NOT NULL,
  sell_lots     bigint  NOT NULL,
  buy_reserve   bigint  NOT NULL,
  sell_reserve  bigint  NOT NULL,
  account_id    integer NOT NULL,
  instrument_id integer NOT NULL,
  PRIMARY KEY (account_id, instrument_id)
) WITH (fillfactor = 60);
CREATE INDEX position_instrument_idx ON clearing_state.position (instrument_id, account_id);
COMMENT ON TABLE clearing_state.position IS
  'positions and working sums: one row per account and instrument that has ever had an order';
COMMENT ON COLUMN clearing_state.position.qty IS 'lots, positive = long; 0 for spot';
COMMENT ON COLUMN clearing_state.position.cost IS 'signed ticks * lots at which the open quantity is carried';
COMMENT ON COLUMN clearing_state.position.realised IS 'ticks * lots earned by closing since the last settlement';
COMMENT ON COLUMN clearing_state.position.buy_lots IS 'lots of working buy orders';
COMMENT ON COLUMN clearing_state.position.sell_lots IS 'lots of working sell orders';
COMMENT ON COLUMN clearing_state.position.buy_reserve IS 'minor units that working buy orders reserve of the quote asset';
COMMENT ON COLUMN clearing_state.position.sell_reserve IS 'minor units that working sell orders reserve: futures of the quote asset, spot of the base asset';
COMMENT ON COLUMN clearing_state.position.account_id IS 'account';
COMMENT ON COLUMN clearing_state.position.instrument_id IS 'instrument';

CREATE TABLE clearing_state.open_order (
  order_id       bigint   NOT NULL PRIMARY KEY,
  price          bigint   NOT NULL,
  order_qty      bigint   NOT NULL,
  cum_qty        bigint   NOT NULL,
  leaves_qty     bigint   NOT NULL,
  cum_value      bigint   NOT NULL,
  priority       bigint   NOT NULL,
  reserve        bigint   NOT NULL,
  entered_height bigint   NOT NULL,
  entered_at     timestamptz NOT NULL,
  account_id     integer  NOT NULL,
  instrument_id  integer  NOT NULL,
  entered_number integer  NOT NULL,
  side           smallint NOT NULL,
  ord_type       smallint NOT NULL,
  time_in_force  smallint NOT NULL,
  exec_inst      smallint NOT NULL,
  self_match     smallint NOT NULL,
  cl_ord_id      text     COLLATE "C",
  attributes     bigint[]
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX open_order_cl_ord_id_idx ON clearing_state.open_order (account_id, cl_ord_id);
CREATE INDEX open_order_book_idx ON clearing_state.open_order (instrument_id, side, price);
COMMENT ON TABLE clearing_state.open_order IS 'working orders';
COMMENT ON COLUMN clearing_state.open_order.order_id IS 'number of the order';
COMMENT ON COLUMN clearing_state.open_order.price IS 'limit in ticks';
COMMENT ON COLUMN clearing_state.open_order.order_qty IS 'lots ordered in total';
COMMENT ON COLUMN clearing_state.open_order.cum_qty IS 'lots filled';
COMMENT ON COLUMN clearing_state.open_order.leaves_qty IS 'lots working';
COMMENT ON COLUMN clearing_state.open_order.cum_value IS 'sum of ticks * lots filled';
COMMENT ON COLUMN clearing_state.open_order.priority IS 'smaller = earlier at its price';
COMMENT ON COLUMN clearing_state.open_order.reserve IS 'minor units reserved per working lot';
COMMENT ON COLUMN clearing_state.open_order.entered_height IS 'block in which it was entered';
COMMENT ON COLUMN clearing_state.open_order.entered_at IS 'time of that block';
COMMENT ON COLUMN clearing_state.open_order.account_id IS 'account';
COMMENT ON COLUMN clearing_state.open_order.instrument_id IS 'instrument';
COMMENT ON COLUMN clearing_state.open_order.entered_number IS 'number of the command in that block that entered it';
COMMENT ON COLUMN clearing_state.open_order.side IS 'FIX 54: 1 buy, 2 sell';
COMMENT ON COLUMN clearing_state.open_order.ord_type IS 'FIX 40: 1 market, 2 limit, 3 stop, 4 stop limit, 75 (K) market to limit, 80 (P) pegged';
COMMENT ON COLUMN clearing_state.open_order.time_in_force IS 'FIX 59: 0 day, 1 good till cancel, 2 at the opening, 3 immediate or cancel, 4 fill or kill, 6 good till date, 7 at the close';
COMMENT ON COLUMN clearing_state.open_order.exec_inst IS 'bits: 1 post only, 2 post only with its crossing part cancelled, 4 post only repriced, 8 reduce only, 16 cancel on disconnect';
COMMENT ON COLUMN clearing_state.open_order.self_match IS 'FIX 2964: 1 cancel aggressor, 2 (or 0) cancel resting, 3 cancel both, 4 decrement both';
COMMENT ON COLUMN clearing_state.open_order.cl_ord_id IS 'FIX 11 now naming the order; bytes that are no text are shown as \x and hexadecimal digits';
COMMENT ON COLUMN clearing_state.open_order.attributes IS 'what most orders do not have, by number of the attribute + 1 (ClrAttr in src/engine/types.h); null = none';

-- The tables that only grow have a b-tree on their key, which new rows extend
-- at its end.  Everything else is indexed by block range: next to nothing to
-- write, and whoever reads history names a time, an order or a reference.
-- Order ids come in ranges with a few strays (minmax_multi); accounts and
-- references are kept as Bloom filters, whose sizes are chosen so that all
-- columns of a range fit into an index tuple.  Vacuum summarizes the ranges,
-- after this many rows; what it has not reached yet is scanned.
CREATE TABLE clearing_state.order_history (
  order_id        bigint   NOT NULL PRIMARY KEY,
  price           bigint   NOT NULL,
  order_qty       bigint   NOT NULL,
  cum_qty         bigint   NOT NULL,
  leaves_qty      bigint   NOT NULL,
  cum_value       bigint   NOT NULL,
  entered_height  bigint   NOT NULL,
  entered_at      timestamptz NOT NULL,
  finished_height bigint   NOT NULL,
  finished_at     timestamptz NOT NULL,
  account_id      integer  NOT NULL,
  instrument_id   integer  NOT NULL,
  entered_number  integer  NOT NULL,
  side            smallint NOT NULL,
  ord_type        smallint NOT NULL,
  time_in_force   smallint NOT NULL,
  exec_inst       smallint NOT NULL,
  self_match      smallint NOT NULL,
  ord_status      smallint NOT NULL,
  reason          smallint NOT NULL,
  cl_ord_id       text     COLLATE "C",
  attributes      bigint[]
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01,
        autovacuum_vacuum_insert_threshold = 20000);
CREATE INDEX order_history_cl_ord_id_idx ON clearing_state.order_history USING hash (cl_ord_id);
CREATE INDEX order_history_range_idx ON clearing_state.order_history USING brin
  (finished_at, account_id int4_bloom_ops (n_distinct_per_range = 1000))
  WITH (pages_per_range = 32);
COMMENT ON TABLE clearing_state.order_history IS 'finished orders in their final state';
COMMENT ON COLUMN clearing_state.order_history.order_id IS 'number of the order';
COMMENT ON COLUMN clearing_state.order_history.price IS 'limit in ticks, 0 for market orders';
COMMENT ON COLUMN clearing_state.order_history.order_qty IS 'lots ordered in total';
COMMENT ON COLUMN clearing_state.order_history.cum_qty IS 'lots filled';
COMMENT ON COLUMN clearing_state.order_history.leaves_qty IS 'lots working: 0';
COMMENT ON COLUMN clearing_state.order_history.cum_value IS 'sum of ticks * lots filled';
COMMENT ON COLUMN clearing_state.order_history.entered_height IS 'block in which it was entered';
COMMENT ON COLUMN clearing_state.order_history.entered_at IS 'time of that block';
COMMENT ON COLUMN clearing_state.order_history.finished_height IS 'block in which it ended';
COMMENT ON COLUMN clearing_state.order_history.finished_at IS 'time of that block';
COMMENT ON COLUMN clearing_state.order_history.account_id IS 'account';
COMMENT ON COLUMN clearing_state.order_history.instrument_id IS 'instrument';
COMMENT ON COLUMN clearing_state.order_history.entered_number IS 'number of the command in that block that entered it';
COMMENT ON COLUMN clearing_state.order_history.side IS 'FIX 54: 1 buy, 2 sell';
COMMENT ON COLUMN clearing_state.order_history.ord_type IS 'FIX 40: 1 market, 2 limit, 3 stop, 4 stop limit, 75 (K) market to limit, 80 (P) pegged';
COMMENT ON COLUMN clearing_state.order_history.time_in_force IS 'FIX 59: 0 day, 1 good till cancel, 2 at the opening, 3 immediate or cancel, 4 fill or kill, 6 good till date, 7 at the close';
COMMENT ON COLUMN clearing_state.order_history.exec_inst IS 'bits: 1 post only, 2 post only with its crossing part cancelled, 4 post only repriced, 8 reduce only, 16 cancel on disconnect';
COMMENT ON COLUMN clearing_state.order_history.self_match IS 'FIX 2964: 1 cancel aggressor, 2 (or 0) cancel resting, 3 cancel both, 4 decrement both';
COMMENT ON COLUMN clearing_state.order_history.ord_status IS 'FIX 39 as the code of its character: filled, canceled or expired';
COMMENT ON COLUMN clearing_state.order_history.reason IS 'reason code why it ended, 0 = filled';
COMMENT ON COLUMN clearing_state.order_history.cl_ord_id IS 'FIX 11 that last named the order';
COMMENT ON COLUMN clearing_state.order_history.attributes IS 'what most orders do not have, as in open_order, in its final state';

CREATE TABLE clearing_state.trade (
  trade_id        bigint   NOT NULL PRIMARY KEY,
  height          bigint   NOT NULL,
  block_time      timestamptz NOT NULL,
  price           bigint   NOT NULL,
  qty             bigint   NOT NULL,
  buy_order_id    bigint   NOT NULL,
  sell_order_id   bigint   NOT NULL,
  buy_fee         bigint   NOT NULL,
  sell_fee        bigint   NOT NULL,
  buy_cost        bigint   NOT NULL,
  sell_cost       bigint   NOT NULL,
  buy_account_id  integer  NOT NULL,
  sell_account_id integer  NOT NULL,
  instrument_id   integer  NOT NULL,
  aggressor       smallint NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01,
        autovacuum_vacuum_insert_threshold = 20000);
CREATE INDEX trade_range_idx ON clearing_state.trade USING brin
  (block_time,
   buy_order_id int8_minmax_multi_ops (values_per_range = 32),
   sell_order_id int8_minmax_multi_ops (values_per_range = 32),
   buy_account_id int4_bloom_ops (n_distinct_per_range = 1000),
   sell_account_id int4_bloom_ops (n_distinct_per_range = 1000),
   instrument_id int4_bloom_ops (n_distinct_per_range = 200))
  WITH (pages_per_range = 32);
COMMENT ON TABLE clearing_state.trade IS 'trades';
COMMENT ON COLUMN clearing_state.trade.trade_id IS 'number of the trade';
COMMENT ON COLUMN clearing_state.trade.height IS 'block';
COMMENT ON COLUMN clearing_state.trade.block_time IS 'time of the block';
COMMENT ON COLUMN clearing_state.trade.price IS 'ticks';
COMMENT ON COLUMN clearing_state.trade.qty IS 'lots';
COMMENT ON COLUMN clearing_state.trade.buy_order_id IS 'order that bought';
COMMENT ON COLUMN clearing_state.trade.sell_order_id IS 'order that sold';
COMMENT ON COLUMN clearing_state.trade.buy_fee IS 'fee of the buyer, minor units of the quote asset, negative = rebate';
COMMENT ON COLUMN clearing_state.trade.sell_fee IS 'fee of the seller, minor units of the quote asset, negative = rebate';
COMMENT ON COLUMN clearing_state.trade.buy_account_id IS 'account of the buyer';
COMMENT ON COLUMN clearing_state.trade.sell_account_id IS 'account of the seller';
COMMENT ON COLUMN clearing_state.trade.instrument_id IS 'instrument';
COMMENT ON COLUMN clearing_state.trade.buy_cost IS 'by what it changed the cost of the buyer''s position in a future, ticks * lots';
COMMENT ON COLUMN clearing_state.trade.sell_cost IS 'by what it changed the cost of the seller''s position in a future, ticks * lots';
COMMENT ON COLUMN clearing_state.trade.aggressor IS 'side whose order was incoming: 1 buy, 2 sell; in an auction the newer order''s plus 16';

CREATE TABLE clearing_state.ledger_entry (
  entry_id          bigint   NOT NULL PRIMARY KEY,
  height            bigint   NOT NULL,
  block_time        timestamptz NOT NULL,
  amount            bigint   NOT NULL,
  debit_balance     bigint   NOT NULL,
  credit_balance    bigint   NOT NULL,
  subject           bigint,
  debit_account_id  integer  NOT NULL,
  credit_account_id integer  NOT NULL,
  asset_id          integer  NOT NULL,
  kind              smallint NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01,
        autovacuum_vacuum_insert_threshold = 20000);
CREATE INDEX ledger_entry_range_idx ON clearing_state.ledger_entry USING brin
  (block_time,
   debit_account_id int4_bloom_ops (n_distinct_per_range = 1000),
   credit_account_id int4_bloom_ops (n_distinct_per_range = 1000))
  WITH (pages_per_range = 32);
COMMENT ON TABLE clearing_state.ledger_entry IS 'the ledger: every movement debits one account and credits another';
COMMENT ON COLUMN clearing_state.ledger_entry.entry_id IS 'number of the entry';
COMMENT ON COLUMN clearing_state.ledger_entry.height IS 'block';
COMMENT ON COLUMN clearing_state.ledger_entry.block_time IS 'time of the block';
COMMENT ON COLUMN clearing_state.ledger_entry.amount IS 'minor units, never negative';
COMMENT ON COLUMN clearing_state.ledger_entry.debit_balance IS 'balance of the paying account afterwards';
COMMENT ON COLUMN clearing_state.ledger_entry.credit_balance IS 'balance of the receiving account afterwards';
COMMENT ON COLUMN clearing_state.ledger_entry.subject IS 'trade or settlement it belongs to, null = none';
COMMENT ON COLUMN clearing_state.ledger_entry.debit_account_id IS 'account that pays';
COMMENT ON COLUMN clearing_state.ledger_entry.credit_account_id IS 'account that receives';
COMMENT ON COLUMN clearing_state.ledger_entry.asset_id IS 'asset';
COMMENT ON COLUMN clearing_state.ledger_entry.kind IS '1 deposit, 2 withdrawal, 3 trade, 4 fee, 5 variation margin, 6 final settlement';

CREATE TABLE clearing_state.settlement (
  settlement_id bigint  NOT NULL PRIMARY KEY,
  height        bigint  NOT NULL,
  block_time    timestamptz NOT NULL,
  price         bigint  NOT NULL,
  debited       bigint  NOT NULL,
  credited      bigint  NOT NULL,
  instrument_id integer NOT NULL,
  positions     integer NOT NULL,
  final         boolean NOT NULL
);
COMMENT ON TABLE clearing_state.settlement IS 'variation margin cycles and final settlements';
COMMENT ON COLUMN clearing_state.settlement.settlement_id IS 'number of the settlement';
COMMENT ON COLUMN clearing_state.settlement.height IS 'block';
COMMENT ON COLUMN clearing_state.settlement.block_time IS 'time of the block';
COMMENT ON COLUMN clearing_state.settlement.price IS 'settlement price, ticks';
COMMENT ON COLUMN clearing_state.settlement.debited IS 'minor units paid by those who lost';
COMMENT ON COLUMN clearing_state.settlement.credited IS 'minor units paid to those who gained';
COMMENT ON COLUMN clearing_state.settlement.instrument_id IS 'instrument';
COMMENT ON COLUMN clearing_state.settlement.positions IS 'positions settled';
COMMENT ON COLUMN clearing_state.settlement.final IS 'whether it was the expiry';

-- 0 is stored as null in the columns that may be null
CREATE TABLE clearing_state.request (
  height       bigint   NOT NULL,
  block_time   timestamptz NOT NULL,
  content_hash bigint   NOT NULL,
  number       integer  NOT NULL,
  submitter    integer  NOT NULL,
  account_id   integer  NOT NULL,
  command_type smallint NOT NULL,
  reason       smallint NOT NULL,
  ord_status   smallint NOT NULL,
  exec_type    smallint NOT NULL,
  duplicate    boolean  NOT NULL,
  instrument_id integer,
  asset_id     integer,
  n_trades     integer,
  n_cancelled  integer,
  orig_number  integer,
  orig_height  bigint,
  id           bigint,
  order_qty    bigint,
  cum_qty      bigint,
  leaves_qty   bigint,
  cum_value    bigint,
  first_trade  bigint,
  needed       bigint,
  available    bigint,
  restated     smallint,
  cancelled_for smallint,
  ref          text     COLLATE "C",
  PRIMARY KEY (height, number)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.01,
        autovacuum_vacuum_insert_threshold = 20000);
-- finds the references that name a working order, however old they are
CREATE INDEX request_replace_idx ON clearing_state.request (id)
  WHERE command_type = 21 AND reason = 0 AND NOT duplicate;
CREATE INDEX request_range_idx ON clearing_state.request USING brin
  (block_time, ref text_bloom_ops (n_distinct_per_range = 2000, false_positive_rate = 0.002))
  WITH (pages_per_range = 32);
COMMENT ON TABLE clearing_state.request IS
  'outcome of every command, refusals and repetitions included; what references are restored from';
COMMENT ON COLUMN clearing_state.request.height IS 'block';
COMMENT ON COLUMN clearing_state.request.block_time IS 'time of the block';
COMMENT ON COLUMN clearing_state.request.content_hash IS 'tells whether a repeated reference carries the same content';
COMMENT ON COLUMN clearing_state.request.number IS 'number of the command in its block, from 0';
COMMENT ON COLUMN clearing_state.request.submitter IS 'member on whose behalf it was sent, 0 = the operator';
COMMENT ON COLUMN clearing_state.request.account_id IS 'account it acted for, 0 = the house';
COMMENT ON COLUMN clearing_state.request.command_type IS 'type of the command, see src/engine/types.h';
COMMENT ON COLUMN clearing_state.request.reason IS 'reason code of the refusal, 0 = accepted';
COMMENT ON COLUMN clearing_state.request.ord_status IS 'FIX 39 as the code of its character, 0 = not about an order';
COMMENT ON COLUMN clearing_state.request.exec_type IS 'FIX 150 as the code of its character, 0 = not about an order';
COMMENT ON COLUMN clearing_state.request.duplicate IS 'whether it repeated an earlier command, whose outcome it shows';
COMMENT ON COLUMN clearing_state.request.instrument_id IS 'instrument, null = none';
COMMENT ON COLUMN clearing_state.request.asset_id IS 'asset of needed and available';
COMMENT ON COLUMN clearing_state.request.n_trades IS 'trades made';
COMMENT ON COLUMN clearing_state.request.n_cancelled IS 'orders cancelled by it';
COMMENT ON COLUMN clearing_state.request.orig_number IS 'number of the command that it repeated';
COMMENT ON COLUMN clearing_state.request.orig_height IS 'block of the command that it repeated, null = not a repetition';
COMMENT ON COLUMN clearing_state.request.id IS 'order, created object, ledger entry or settlement';
COMMENT ON COLUMN clearing_state.request.order_qty IS 'lots ordered, right after the command';
COMMENT ON COLUMN clearing_state.request.cum_qty IS 'lots filled, right after the command';
COMMENT ON COLUMN clearing_state.request.leaves_qty IS 'lots working, right after the command';
COMMENT ON COLUMN clearing_state.request.cum_value IS 'sum of ticks * lots filled, right after the command';
COMMENT ON COLUMN clearing_state.request.first_trade IS 'number of its first trade';
COMMENT ON COLUMN clearing_state.request.needed IS 'minor units that would have been needed';
COMMENT ON COLUMN clearing_state.request.available IS 'minor units that were available';
COMMENT ON COLUMN clearing_state.request.restated IS 'reason code for which a rule ended, cut or repriced its order, null = none did';
COMMENT ON COLUMN clearing_state.request.cancelled_for IS 'reason code for which other orders ended or shrank by it: the first''s';
COMMENT ON COLUMN clearing_state.request.ref IS 'ClOrdID of orders, replaces and cancels, request id of everything else';

-- The event stream: what happened in each block, for consumers that go on from
-- a number.  Records are compact and rarely many, so most rows stay in their
-- page; what does not fit is kept aside as it is, since compressing it would
-- cost the projector more than the bytes do.
CREATE TABLE clearing_state.event_block (
  first_seq  bigint      NOT NULL PRIMARY KEY,
  height     bigint      NOT NULL,
  block_time timestamptz NOT NULL,
  n          integer     NOT NULL,
  data       bytea       NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE clearing_state.event_block ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE clearing_state.event_block IS
  'the event stream that clearing.events() reads: one row per block in which something happened; clearing.prune_events() drops old ones';
COMMENT ON COLUMN clearing_state.event_block.first_seq IS 'number of its first event; numbers start at 1 and continue from row to row without gaps';
COMMENT ON COLUMN clearing_state.event_block.height IS 'block';
COMMENT ON COLUMN clearing_state.event_block.block_time IS 'time of the block';
COMMENT ON COLUMN clearing_state.event_block.n IS 'number of its events';
COMMENT ON COLUMN clearing_state.event_block.data IS 'the events, as src/worker/feed.h describes';

-- a dump carries the read model, or the house could not be restored from it
SELECT pg_catalog.pg_extension_config_dump('clearing_state.projection', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.asset', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.member', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.account', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.instrument', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.field', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.indicative', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.balance', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.position', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.open_order', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.order_history', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.trade', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.ledger_entry', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.settlement', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.request', '');
SELECT pg_catalog.pg_extension_config_dump('clearing_state.event_block', '');
