-- Market data: the event stream, snapshots of the book, the ladder.
-- See doc/market-data.md.

CREATE FUNCTION clearing.events(
  after           bigint,
  max_events      integer     DEFAULT 1000,
  symbols         text[]      DEFAULT NULL,
  OUT seq           bigint,
  OUT height        bigint,
  OUT block_time    timestamptz,
  OUT event_type    text,
  OUT symbol        text,
  OUT side          text,
  OUT price         numeric,
  OUT qty           numeric,
  OUT orders        integer,
  OUT trade_id      bigint,
  OUT account       text,
  OUT order_id      bigint,
  OUT cl_ord_id     text,
  OUT ord_type      text,
  OUT time_in_force text,
  OUT exec_type     text,
  OUT ord_status    text,
  OUT cum_qty       numeric,
  OUT leaves_qty    numeric,
  OUT avg_px        numeric,
  OUT reason        text,
  OUT exec_restatement_reason text,
  OUT buy_account   text,
  OUT sell_account  text,
  OUT buy_order_id  bigint,
  OUT sell_order_id bigint,
  OUT corrected_by  bigint,
  OUT phase         text,
  OUT surplus       numeric,
  OUT open_price    numeric,
  OUT high_price    numeric,
  OUT low_price     numeric,
  OUT vwap          numeric,
  OUT volume        numeric,
  OUT open_interest numeric
) RETURNS SETOF record
  LANGUAGE C STABLE ROWS 1000 AS 'MODULE_PATHNAME', 'clr_events';
COMMENT ON FUNCTION clearing.events(bigint, integer, text[]) IS
'the event stream after a number: trades, book levels, phases, indicative prices and statistics for everybody, orders and the parties of trades for who may see the account

after: number of the last event that is known already, 0 for the first ones
max_events: most rows to return; null: no limit
symbols: these instruments only; null: all
seq: number of the event; numbers start at 1 and have no gaps, on any node, also after a takeover
height, block_time: block in which it happened
event_type: order, trade, trade_bust, trade_correction, phase, level, indicative or statistics; gap_fill: nothing up to seq is for the caller
symbol: instrument
side: of the order or the level; of a trade the aggressor''s
price, qty: of the order, trade (busted or corrected: as it was) or level; indicative: price and volume of an auction now; statistics: of the last trade
orders: level: number of orders
trade_id: number of the trade, also of the one that is busted or corrected
account, order_id: order: whose, and its number
cl_ord_id: order: reference, when it is new or replaced
ord_type, time_in_force, exec_type, ord_status, cum_qty, leaves_qty, avg_px: order: as it is after the event
reason, exec_restatement_reason: order: why it ended or changed, and that in the words of FIX 378 if it was a rule of the house
buy_account, sell_account, buy_order_id, sell_order_id: trade: parties that the caller may see
corrected_by: trade_correction: number of the trade that is made instead; it comes next
phase: phase of trading that begins
surplus: indicative: what would be left, negative on the selling side
open_price, high_price, low_price, vwap, volume: statistics: of the session
open_interest: statistics: quantity held long, null for spot
errors: CH012 the events have been pruned, CH007 unknown symbol, CH006 after is null';

CREATE FUNCTION clearing.event_range(
  OUT first_seq bigint,
  OUT last_seq  bigint,
  OUT height    bigint
) RETURNS record
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce((SELECT e.first_seq FROM clearing_state.event_block e
                    ORDER BY e.first_seq LIMIT 1), 1),
         coalesce((SELECT e.first_seq + e.n - 1 FROM clearing_state.event_block e
                    ORDER BY e.first_seq DESC LIMIT 1), 0),
         coalesce((SELECT p.height FROM clearing_state.projection p), 0)
$$;
COMMENT ON FUNCTION clearing.event_range() IS
'the numbers of the events that clearing.events() has

first_seq: first event that has not been pruned
last_seq: last event, 0 = none yet
height: block up to which events are there';

CREATE FUNCTION clearing.prune_events(before_height bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  keep    bigint;
  dropped bigint;
BEGIN
  IF before_height IS NULL THEN
    RAISE EXCEPTION 'before_height must not be null' USING ERRCODE = 'CH006';
  END IF;
  -- the last row stays: it says what number comes next
  SELECT e.first_seq INTO keep FROM clearing_state.event_block e
   WHERE e.height >= before_height ORDER BY e.first_seq LIMIT 1;
  IF keep IS NULL THEN
    SELECT max(e.first_seq) INTO keep FROM clearing_state.event_block e;
  END IF;
  DELETE FROM clearing_state.event_block e WHERE e.first_seq < keep;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  RETURN dropped;
END
$$;
COMMENT ON FUNCTION clearing.prune_events(bigint) IS
'drops the events of blocks before a height, and returns of how many blocks; trades, orders and the journal stay

before_height: first block whose events are kept; those of the last block with events are always kept
clearing.rebuild_read_model() brings them back
operators only; errors: 25006 on a standby, CH006 before_height is null';

-- All levels of one side, best first: every order is read, in the order in which
-- they lie, which is faster than the order of an index.
CREATE FUNCTION clearing_state.all_levels(
  instrument  integer,
  order_side  smallint,
  OUT level   integer,
  OUT price   bigint,
  OUT qty     bigint,
  OUT orders  integer
) RETURNS SETOF record
  LANGUAGE sql STABLE ROWS 1000
  SET search_path = pg_catalog, pg_temp
  SET enable_sort = on SET enable_hashagg = on SET enable_bitmapscan = on
  SET enable_seqscan = on SET max_parallel_workers_per_gather = 0 SET jit = off
AS $$
  SELECT (row_number() OVER (ORDER BY CASE order_side WHEN 1 THEN - l.price ELSE l.price END))::integer,
         l.price, l.qty, l.orders
    FROM (SELECT o.price, sum(coalesce(o.attributes[17], o.leaves_qty))::bigint AS qty,
                 count(*)::integer AS orders
            FROM clearing_state.open_order o
           WHERE o.instrument_id = instrument AND o.side = order_side
             AND o.attributes[18] IS NULL AND o.ord_type <> 1
           GROUP BY o.price) l
   ORDER BY 1
$$;
COMMENT ON FUNCTION clearing_state.all_levels(integer, smallint) IS
  'all levels of one side of a book, best first, in ticks and lots: displayed quantity and number of orders';

-- Levels of one side, best first.  The index on (instrument, side, price) gives
-- them in their order, so only the orders of those levels are read.
CREATE FUNCTION clearing_state.levels(
  instrument  integer,
  order_side  smallint,
  depth       integer,
  OUT level   integer,
  OUT price   bigint,
  OUT qty     bigint,
  OUT orders  integer
) RETURNS SETOF record
  LANGUAGE plpgsql STABLE ROWS 10
  SET search_path = pg_catalog, pg_temp
  SET enable_sort = off SET enable_hashagg = off SET enable_bitmapscan = off
  SET enable_seqscan = off SET max_parallel_workers_per_gather = 0 SET jit = off
AS $$
BEGIN
  IF depth < 0 THEN
    RAISE EXCEPTION 'depth must not be negative' USING ERRCODE = 'CH006';
  END IF;
  -- one statement for each side: the order of an index can't be a parameter
  IF depth IS NULL THEN
    RETURN QUERY SELECT * FROM clearing_state.all_levels(instrument, order_side);
  ELSIF order_side = 1 THEN
    RETURN QUERY
      SELECT (row_number() OVER ())::integer, l.price, l.qty, l.orders
        FROM (SELECT o.price, sum(coalesce(o.attributes[17], o.leaves_qty))::bigint AS qty,
                     count(*)::integer AS orders
                FROM clearing_state.open_order o
               WHERE o.instrument_id = instrument AND o.side = 1
                 AND o.attributes[18] IS NULL AND o.ord_type <> 1
               GROUP BY o.price ORDER BY o.price DESC LIMIT depth) l;
  ELSE
    RETURN QUERY
      SELECT (row_number() OVER ())::integer, l.price, l.qty, l.orders
        FROM (SELECT o.price, sum(coalesce(o.attributes[17], o.leaves_qty))::bigint AS qty,
                     count(*)::integer AS orders
                FROM clearing_state.open_order o
               WHERE o.instrument_id = instrument AND o.side = 2
                 AND o.attributes[18] IS NULL AND o.ord_type <> 1
               GROUP BY o.price ORDER BY o.price LIMIT depth) l;
  END IF;
END
$$;
COMMENT ON FUNCTION clearing_state.levels(integer, smallint, integer) IS
  'levels of one side of a book, best first, in ticks and lots: displayed quantity and number of orders';

CREATE FUNCTION clearing.book_snapshot(
  symbol text,
  depth  integer DEFAULT NULL,
  OUT height bigint,
  OUT seq    bigint,
  OUT side   text,
  OUT level  integer,
  OUT price  numeric,
  OUT qty    numeric,
  OUT orders integer
) RETURNS SETOF record
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT r.height, r.last_seq, l.side, l.level,
         clearing_state.product(l.price, i.tick_size, i.tick_exp),
         clearing_state.product(l.qty, i.lot_size, i.lot_exp),
         l.orders
    FROM clearing.event_range() r
    JOIN clearing_state.instrument i ON i.symbol = book_snapshot.symbol
    LEFT JOIN LATERAL (
      SELECT 'buy' AS side, b.* FROM clearing_state.levels(i.instrument_id, 1::smallint, depth) b
      UNION ALL
      SELECT 'sell', s.* FROM clearing_state.levels(i.instrument_id, 2::smallint, depth) s) l ON true
   ORDER BY l.side, l.level
$$;
COMMENT ON FUNCTION clearing.book_snapshot(text, integer) IS
'the book of an instrument at one height, and the number of the event from which to go on with clearing.events(); an empty book is one row without a side

symbol: instrument; an unknown one gives no row
depth: levels of each side; null: all; errors: CH006 it is negative
height: block after which the book looks so
seq: to be given to clearing.events() as after
side: buy or sell
level: 1 = best price of the side
price: price
qty: quantity displayed at the price
orders: orders at the price';

CREATE FUNCTION clearing.ladder(
  symbol text,
  depth  integer DEFAULT 10,
  OUT bid_orders integer,
  OUT bid_qty    numeric,
  OUT price      numeric,
  OUT ask_qty    numeric,
  OUT ask_orders integer,
  OUT marker     text
) RETURNS SETOF record
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  WITH i AS (
    SELECT * FROM clearing_state.instrument n WHERE n.symbol = ladder.symbol
  ), level AS (
    SELECT b.price, b.orders AS bid_orders, b.qty AS bid_qty,
           NULL::bigint AS ask_qty, NULL::integer AS ask_orders, b.level
      FROM i, clearing_state.levels(i.instrument_id, 1::smallint, depth) b
    UNION ALL
    SELECT s.price, NULL, NULL, s.qty, s.orders, s.level
      FROM i, clearing_state.levels(i.instrument_id, 2::smallint, depth) s
  ), line AS (
    -- in a crossed book (a call) both sides may stand at one price
    SELECT l.price, max(l.bid_orders) AS bid_orders, max(l.bid_qty) AS bid_qty,
           max(l.ask_qty) AS ask_qty, max(l.ask_orders) AS ask_orders,
           CASE WHEN max(l.bid_qty) IS NOT NULL AND max(l.ask_qty) IS NOT NULL THEN NULL
                WHEN min(l.level) > 1 THEN NULL
                WHEN max(l.bid_qty) IS NOT NULL THEN 'best bid' ELSE 'best ask' END AS best
      FROM level l GROUP BY l.price
    UNION ALL
    -- the last price, if nobody stands there
    SELECT i.last_price, NULL, NULL, NULL, NULL, NULL
      FROM i WHERE i.has_last AND NOT EXISTS (SELECT FROM level l WHERE l.price = i.last_price)
  )
  SELECT l.bid_orders,
         clearing_state.product(l.bid_qty, i.lot_size, i.lot_exp),
         clearing_state.product(l.price, i.tick_size, i.tick_exp),
         clearing_state.product(l.ask_qty, i.lot_size, i.lot_exp),
         l.ask_orders,
         nullif(concat_ws(', ', l.best,
                          CASE WHEN i.has_last AND l.price = i.last_price THEN 'last' END), '')
    FROM line l, i ORDER BY l.price DESC
$$;
COMMENT ON FUNCTION clearing.ladder(text, integer) IS
'the book of an instrument as a ladder, highest price first: asks above, bids below, the best prices in the middle

symbol: instrument
depth: levels of each side; null: all; errors: CH006 it is negative
bid_orders, bid_qty: orders that buy at the price, and their displayed quantity
price: price
ask_qty, ask_orders: displayed quantity of the orders that sell at the price, and their number
marker: best bid, best ask, last: price of the last trade';
