-- The views: names instead of numbers, exact decimals, words, timestamps.
-- A member sees its own rows; clearing.current_members() is null for those who
-- see all.  It is called once per query, as a subselect.


---- How the numbers of the tables are shown
-- Views call functions with the rights of whoever reads the view, so these
-- may be executed by everybody; they read nothing.

CREATE FUNCTION clearing_state.scaled(value bigint, exp integer) RETURNS numeric
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_scaled';
COMMENT ON FUNCTION clearing_state.scaled(bigint, integer) IS 'value / 10^exp, exactly';

CREATE FUNCTION clearing_state.product(n bigint, mantissa bigint, exp integer) RETURNS numeric
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_product';
COMMENT ON FUNCTION clearing_state.product(bigint, bigint, integer) IS 'n * mantissa / 10^exp, exactly: ticks as a price, lots as a quantity';

CREATE FUNCTION clearing_state.average(value bigint, n bigint, mantissa bigint, exp integer) RETURNS numeric
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_average';
COMMENT ON FUNCTION clearing_state.average(bigint, bigint, bigint, integer) IS 'value / n * mantissa / 10^exp: average price of ticks * lots; null if n is 0';

CREATE FUNCTION clearing_state.time_of(us bigint) RETURNS timestamptz
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_time';
COMMENT ON FUNCTION clearing_state.time_of(bigint) IS 'microseconds since 1970 as a timestamp';

CREATE FUNCTION clearing_state.reason_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_reason';
COMMENT ON FUNCTION clearing_state.reason_word(smallint) IS 'name of a reason code, null for 0';

CREATE FUNCTION clearing_state.restatement_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_restatement';
COMMENT ON FUNCTION clearing_state.restatement_word(smallint) IS 'FIX 378 in words for a reason code, null if it has none';

CREATE FUNCTION clearing_state.refusal_amount(
  reason smallint, value bigint, scale smallint,
  tick_size bigint, tick_exp smallint, lot_size bigint, lot_exp smallint
) RETURNS numeric
  LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_refusal_amount';
COMMENT ON FUNCTION clearing_state.refusal_amount(smallint, bigint, smallint, bigint, smallint, bigint, smallint) IS
  'what a refusal says is needed or available, of an asset with that scale or of an instrument; null if the reason has none';

CREATE FUNCTION clearing_state.command_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_command';
COMMENT ON FUNCTION clearing_state.command_word(smallint) IS 'name of a command type';

CREATE FUNCTION clearing_state.ord_status_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_ord_status';
COMMENT ON FUNCTION clearing_state.ord_status_word(smallint) IS 'FIX 39 in words, null for 0';

CREATE FUNCTION clearing_state.ord_type_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_ord_type';
COMMENT ON FUNCTION clearing_state.ord_type_word(smallint) IS 'FIX 40 in words';

CREATE FUNCTION clearing_state.time_in_force_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_time_in_force';
COMMENT ON FUNCTION clearing_state.time_in_force_word(smallint) IS 'FIX 59 in words';

CREATE FUNCTION clearing_state.field_value(scope smallint, field smallint, value bigint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_field';
COMMENT ON FUNCTION clearing_state.field_value(smallint, smallint, bigint) IS 'value of a field (see the table field) as a word, or as a number if there is none';

CREATE FUNCTION clearing_state.field_catalog(
  OUT scope         smallint,
  OUT field         smallint,
  OUT name          text,
  OUT settable      boolean,
  OUT minimum       bigint,
  OUT maximum       bigint,
  OUT default_value bigint,
  OUT unit          text,
  OUT description   text,
  OUT source        text
) RETURNS SETOF record
  LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 50 AS 'MODULE_PATHNAME', 'clr_field_catalog_rows';
COMMENT ON FUNCTION clearing_state.field_catalog() IS 'all fields there are, by scope: trading rules, limits, schedules, state';

CREATE FUNCTION clearing_state.exec_type_word(code smallint) RETURNS text
  LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clr_show_exec_type';
COMMENT ON FUNCTION clearing_state.exec_type_word(smallint) IS 'FIX 150 in words, null for 0';


---- Who sees which accounts

CREATE VIEW clearing_state.visible_account AS
  SELECT a.account_id, a.name, a.account_type, a.member_id
    FROM clearing_state.account a
   WHERE (SELECT clearing.current_members()) IS NULL
      OR a.member_id = ANY ((SELECT clearing.current_members())::integer[]);
COMMENT ON VIEW clearing_state.visible_account IS 'accounts whose rows the current user may see';
COMMENT ON COLUMN clearing_state.visible_account.account_id IS 'number of the account';
COMMENT ON COLUMN clearing_state.visible_account.name IS 'name of the account';
COMMENT ON COLUMN clearing_state.visible_account.account_type IS '0 system, 1 house, 2 client';
COMMENT ON COLUMN clearing_state.visible_account.member_id IS 'member that owns it';


---- Reference data

CREATE VIEW clearing.asset WITH (security_barrier) AS
  SELECT name AS asset, asset_id, scale FROM clearing_state.asset;
COMMENT ON VIEW clearing.asset IS 'assets; for everybody';
COMMENT ON COLUMN clearing.asset.asset IS 'name';
COMMENT ON COLUMN clearing.asset.asset_id IS 'number, as encoded commands have it';
COMMENT ON COLUMN clearing.asset.scale IS 'decimal places of its amounts';

CREATE VIEW clearing.member WITH (security_barrier) AS
  SELECT m.code AS member, m.member_id, m.name, r.role_name
    FROM clearing_state.member m
    LEFT JOIN clearing_state.member_role r USING (member_id)
   WHERE (SELECT clearing.current_members()) IS NULL
      OR m.member_id = ANY ((SELECT clearing.current_members())::integer[]);
COMMENT ON VIEW clearing.member IS 'members of the clearing house; a member sees itself';
COMMENT ON COLUMN clearing.member.member IS 'code';
COMMENT ON COLUMN clearing.member.member_id IS 'number, as encoded commands have it';
COMMENT ON COLUMN clearing.member.name IS 'full name';
COMMENT ON COLUMN clearing.member.role_name IS 'role of this database that acts for the member, null = none';

CREATE VIEW clearing.account WITH (security_barrier) AS
  SELECT v.name AS account, v.account_id, m.code AS member,
         CASE v.account_type WHEN 0 THEN 'system' WHEN 1 THEN 'house'
                             WHEN 2 THEN 'client' END AS account_type
    FROM clearing_state.visible_account v
    LEFT JOIN clearing_state.member m USING (member_id);
COMMENT ON VIEW clearing.account IS 'accounts; a member sees its own';
COMMENT ON COLUMN clearing.account.account IS 'name';
COMMENT ON COLUMN clearing.account.account_id IS 'number, as encoded commands have it';
COMMENT ON COLUMN clearing.account.member IS 'member that owns it; house is the clearing house itself';
COMMENT ON COLUMN clearing.account.account_type IS 'client, house (a member''s own) or system (of the clearing house)';

CREATE FUNCTION clearing_state.phase_word(phase bigint) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE phase WHEN 1 THEN 'pre_open' WHEN 2 THEN 'continuous'
                    WHEN 3 THEN 'halted' WHEN 4 THEN 'closed'
                    WHEN 5 THEN 'expired' WHEN 6 THEN 'opening_call'
                    WHEN 7 THEN 'intraday_call' WHEN 8 THEN 'closing_call'
                    WHEN 9 THEN 'volatility_call' WHEN 10 THEN 'trade_at_close' END;
COMMENT ON FUNCTION clearing_state.phase_word(bigint) IS 'word for a trading phase';

CREATE VIEW clearing.instrument WITH (security_barrier) AS
  SELECT i.symbol, i.instrument_id,
         CASE i.kind WHEN 1 THEN 'spot' WHEN 2 THEN 'future' WHEN 3 THEN 'spread' END AS kind,
         clearing_state.phase_word(i.phase) AS phase,
         b.name AS base_asset, q.name AS quote_asset,
         clearing_state.scaled(i.tick_size, i.tick_exp) AS tick_size,
         clearing_state.scaled(i.lot_size, i.lot_exp) AS lot_size,
         clearing_state.scaled(i.multiplier, i.multiplier_exp) AS multiplier,
         clearing_state.scaled(i.tick_value, q.scale) AS tick_value,
         CASE i.margin_basis WHEN 1 THEN 'rate' WHEN 2 THEN 'lot' END AS margin_basis,
         clearing_state.scaled(i.initial_margin, CASE i.margin_basis WHEN 1 THEN 6 ELSE q.scale END) AS initial_margin,
         clearing_state.scaled(i.maintenance_margin, CASE i.margin_basis WHEN 1 THEN 6 ELSE q.scale END) AS maintenance_margin,
         CASE i.fee_basis WHEN 1 THEN 'rate' WHEN 2 THEN 'lot' END AS fee_basis,
         clearing_state.scaled(i.maker_fee, CASE i.fee_basis WHEN 1 THEN 6 ELSE q.scale END) AS maker_fee,
         clearing_state.scaled(i.taker_fee, CASE i.fee_basis WHEN 1 THEN 6 ELSE q.scale END) AS taker_fee,
         CASE i.replace_priority WHEN 1 THEN 'keeps_on_decrease'
                                 WHEN 2 THEN 'always_loses' END AS replace_priority,
         CASE WHEN i.expiry_us <> 0 THEN clearing_state.time_of(i.expiry_us) END AS expiry,
         CASE WHEN i.has_reference_price THEN clearing_state.product(i.reference_price, i.tick_size, i.tick_exp) END AS reference_price,
         CASE WHEN i.has_mark THEN clearing_state.product(i.mark, i.tick_size, i.tick_exp) END AS mark_price,
         CASE WHEN i.has_settlement THEN clearing_state.product(i.settlement, i.tick_size, i.tick_exp) END AS settlement_price,
         CASE WHEN i.has_last THEN clearing_state.product(i.last_price, i.tick_size, i.tick_exp) END AS last_price,
         CASE WHEN i.has_last THEN clearing_state.product(i.last_qty, i.lot_size, i.lot_exp) END AS last_qty,
         clearing_state.product(i.volume, i.lot_size, i.lot_exp) AS volume,
         CASE i.kind WHEN 2 THEN clearing_state.product(i.open_interest, i.lot_size, i.lot_exp) END AS open_interest,
         CASE WHEN m.extended = 0 THEN clearing_state.time_of(m.ends) END AS phase_ends_at,
         CASE WHEN m.random > 0 THEN m.random * interval '1 microsecond' END AS random_end,
         CASE WHEN m.ends > 0 THEN clearing_state.phase_word(CASE m.next WHEN 0 THEN 2 ELSE m.next END) END AS next_phase
    FROM clearing_state.instrument i
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id
    LEFT JOIN clearing_state.asset b ON b.asset_id = i.base_asset_id
    LEFT JOIN (SELECT f.object_id,
                      max(f.value) FILTER (WHERE f.field = 24) AS ends,
                      coalesce(max(f.value) FILTER (WHERE f.field = 25), 0) AS random,
                      coalesce(max(f.value) FILTER (WHERE f.field = 26), 0) AS next,
                      coalesce(max(f.value) FILTER (WHERE f.field = 29), 0) AS extended
                 FROM clearing_state.field f
                WHERE f.scope = 10 AND f.sub = 0 AND f.field = ANY ('{24,25,26,29}')
                GROUP BY f.object_id) m ON m.object_id = i.instrument_id AND m.ends > 0;
COMMENT ON VIEW clearing.instrument IS 'instruments, their terms and where they stand; for everybody';
COMMENT ON COLUMN clearing.instrument.symbol IS 'symbol';
COMMENT ON COLUMN clearing.instrument.instrument_id IS 'number, as encoded commands have it';
COMMENT ON COLUMN clearing.instrument.kind IS 'spot, future or spread';
COMMENT ON COLUMN clearing.instrument.phase IS 'pre_open, continuous, halted, closed, expired, opening_call, intraday_call, closing_call, volatility_call or trade_at_close';
COMMENT ON COLUMN clearing.instrument.base_asset IS 'asset traded, null for futures';
COMMENT ON COLUMN clearing.instrument.quote_asset IS 'asset paid with; for futures the settlement asset';
COMMENT ON COLUMN clearing.instrument.tick_size IS 'smallest step of the price';
COMMENT ON COLUMN clearing.instrument.lot_size IS 'smallest step of the quantity';
COMMENT ON COLUMN clearing.instrument.multiplier IS 'quote asset per point of price and unit of quantity; 1 for spot';
COMMENT ON COLUMN clearing.instrument.tick_value IS 'quote asset per tick and lot';
COMMENT ON COLUMN clearing.instrument.margin_basis IS 'rate: margins are fractions of the notional at the mark price; lot: amounts per lot';
COMMENT ON COLUMN clearing.instrument.initial_margin IS 'initial margin, see margin_basis';
COMMENT ON COLUMN clearing.instrument.maintenance_margin IS 'maintenance margin, see margin_basis';
COMMENT ON COLUMN clearing.instrument.fee_basis IS 'rate: fees are fractions of the value traded; lot: amounts per lot';
COMMENT ON COLUMN clearing.instrument.maker_fee IS 'fee of the resting side, negative = rebate, see fee_basis';
COMMENT ON COLUMN clearing.instrument.taker_fee IS 'fee of the aggressing side, see fee_basis';
COMMENT ON COLUMN clearing.instrument.replace_priority IS 'keeps_on_decrease: a pure decrease of quantity keeps time priority; always_loses: no replace does';
COMMENT ON COLUMN clearing.instrument.expiry IS 'when it expires, null = never';
COMMENT ON COLUMN clearing.instrument.reference_price IS 'price it was listed with';
COMMENT ON COLUMN clearing.instrument.mark_price IS 'price at which positions are valued now';
COMMENT ON COLUMN clearing.instrument.settlement_price IS 'price of the last settlement';
COMMENT ON COLUMN clearing.instrument.last_price IS 'price of the last trade';
COMMENT ON COLUMN clearing.instrument.last_qty IS 'quantity of the last trade';
COMMENT ON COLUMN clearing.instrument.volume IS 'quantity traded since listing';
COMMENT ON COLUMN clearing.instrument.open_interest IS 'quantity held long, which is as much as held short; null for spot';
COMMENT ON COLUMN clearing.instrument.phase_ends_at IS 'when the phase ends by itself; null if it does not, and during a random extension';
COMMENT ON COLUMN clearing.instrument.random_end IS 'by how much that end will be extended at random at most';
COMMENT ON COLUMN clearing.instrument.next_phase IS 'phase that follows then, if nothing keeps it from beginning';


CREATE VIEW clearing.trading_rules WITH (security_barrier) AS
  SELECT i.symbol, c.name AS rule,
         clearing_state.field_value(c.scope, c.field, coalesce(f.value, c.default_value)) AS value,
         clearing_state.field_value(c.scope, c.field, c.default_value) AS default_value,
         c.unit, c.minimum, c.maximum, c.description, c.source
    FROM clearing_state.instrument i
   CROSS JOIN clearing_state.field_catalog() c
    LEFT JOIN clearing_state.field f
           ON f.scope = c.scope AND f.field = c.field
          AND f.object_id = i.instrument_id AND f.sub = 0
   WHERE c.scope = 1;
COMMENT ON VIEW clearing.trading_rules IS 'how each instrument trades: rules on which venues differ; set with clearing.set_trading_rule(); for everybody';
COMMENT ON COLUMN clearing.trading_rules.symbol IS 'instrument';
COMMENT ON COLUMN clearing.trading_rules.rule IS 'name of the rule';
COMMENT ON COLUMN clearing.trading_rules.value IS 'value in force, a word or a whole number';
COMMENT ON COLUMN clearing.trading_rules.default_value IS 'value if none is set';
COMMENT ON COLUMN clearing.trading_rules.unit IS 'code (a word), flag (on or off), or what the number counts';
COMMENT ON COLUMN clearing.trading_rules.minimum IS 'smallest number possible';
COMMENT ON COLUMN clearing.trading_rules.maximum IS 'largest number possible';
COMMENT ON COLUMN clearing.trading_rules.description IS 'what it means';
COMMENT ON COLUMN clearing.trading_rules.source IS 'whose rule it is';


---- Market data

CREATE VIEW clearing.trading_schedule WITH (security_barrier) AS
  SELECT i.symbol, s.entry, clearing_state.phase_word(s.phase) AS phase,
         CASE WHEN s.time_us < 86400000000 THEN time '00:00' + s.time_us * interval '1 microsecond' END AS time_of_day,
         CASE WHEN s.time_us >= 86400000000 THEN clearing_state.time_of(s.time_us) END AS at,
         CASE WHEN s.duration > 0 THEN s.duration * interval '1 microsecond' END AS duration,
         CASE WHEN s.random_end > 0 THEN s.random_end * interval '1 microsecond' END AS random_end,
         CASE WHEN s.duration > 0 THEN clearing_state.phase_word(CASE s.next_phase WHEN 0 THEN 2 ELSE s.next_phase END) END AS next_phase,
         CASE WHEN s.time_us < 86400000000 THEN s.weekdays::integer END AS weekdays,
         CASE WHEN s.done > 0 THEN clearing_state.time_of(s.done) END AS last_due
    FROM (SELECT f.object_id, f.sub::integer AS entry,
                 coalesce(max(f.value) FILTER (WHERE f.field = 1), 0) AS time_us,
                 max(f.value) FILTER (WHERE f.field = 2) AS phase,
                 coalesce(max(f.value) FILTER (WHERE f.field = 3), 0) AS duration,
                 coalesce(max(f.value) FILTER (WHERE f.field = 4), 0) AS random_end,
                 coalesce(max(f.value) FILTER (WHERE f.field = 5), 0) AS next_phase,
                 coalesce(max(f.value) FILTER (WHERE f.field = 7), 127) AS weekdays,
                 coalesce(max(f.value) FILTER (WHERE f.field = 8), 0) AS done
            FROM clearing_state.field f
           WHERE f.scope = 5
           GROUP BY f.object_id, f.sub) s
    JOIN clearing_state.instrument i ON i.instrument_id = s.object_id
   WHERE s.phase <> 0;
COMMENT ON VIEW clearing.trading_schedule IS 'phases that instruments enter by themselves; set with clearing.set_schedule(); for everybody';
COMMENT ON COLUMN clearing.trading_schedule.symbol IS 'instrument';
COMMENT ON COLUMN clearing.trading_schedule.entry IS 'number of the entry';
COMMENT ON COLUMN clearing.trading_schedule.phase IS 'phase to enter';
COMMENT ON COLUMN clearing.trading_schedule.time_of_day IS 'when, in UTC; null if it is once';
COMMENT ON COLUMN clearing.trading_schedule.at IS 'when, if it is once';
COMMENT ON COLUMN clearing.trading_schedule.duration IS 'how long the phase takes, null = until something else happens';
COMMENT ON COLUMN clearing.trading_schedule.random_end IS 'by how much it is extended at random at most';
COMMENT ON COLUMN clearing.trading_schedule.next_phase IS 'phase after the duration';
COMMENT ON COLUMN clearing.trading_schedule.weekdays IS 'days of the week: sum of 1 Sunday, 2 Monday, 4 Tuesday, and so on';
COMMENT ON COLUMN clearing.trading_schedule.last_due IS 'when it was due last';

CREATE VIEW clearing.circuit_breakers WITH (security_barrier) AS
  SELECT t.object_id::integer AS product_group, t.tier,
         round(t.percent / 1000000.0, 6) AS percent,
         CASE WHEN w.value > 0 THEN w.value * interval '1 microsecond' END AS lookback,
         CASE WHEN t.halt > 0 THEN t.halt * interval '1 microsecond' END AS halt,
         CASE WHEN t.call > 0 THEN t.call * interval '1 microsecond' END AS call,
         clearing_state.field_value(4::smallint, 5::smallint, t.direction) AS direction,
         t.once_a_day <> 0 AS once_a_day,
         CASE WHEN t.tripped > 0 THEN clearing_state.time_of(t.tripped) END AS tripped
    FROM (SELECT f.object_id, f.sub::integer AS tier,
                 coalesce(max(f.value) FILTER (WHERE f.field = 2), 0) AS percent,
                 coalesce(max(f.value) FILTER (WHERE f.field = 3), 0) AS halt,
                 coalesce(max(f.value) FILTER (WHERE f.field = 4), 0) AS call,
                 coalesce(max(f.value) FILTER (WHERE f.field = 5), 0) AS direction,
                 coalesce(max(f.value) FILTER (WHERE f.field = 6), 0) AS once_a_day,
                 coalesce(max(f.value) FILTER (WHERE f.field = 7), 0) AS tripped
            FROM clearing_state.field f
           WHERE f.scope = 4 AND f.sub > 0
           GROUP BY f.object_id, f.sub) t
    LEFT JOIN clearing_state.field w
           ON w.scope = 4 AND w.object_id = t.object_id AND w.sub = 0 AND w.field = 1
   WHERE t.percent > 0;
COMMENT ON VIEW clearing.circuit_breakers IS 'price moves that halt the instruments of a product group; set with clearing.set_circuit_breaker(); for everybody';
COMMENT ON COLUMN clearing.circuit_breakers.product_group IS 'number of the group, see the trading rule product_group';
COMMENT ON COLUMN clearing.circuit_breakers.tier IS 'number of the tier';
COMMENT ON COLUMN clearing.circuit_breakers.percent IS 'move that halts, as a fraction of the last settlement price';
COMMENT ON COLUMN clearing.circuit_breakers.lookback IS 'time in which the move is measured, null = from the last settlement price';
COMMENT ON COLUMN clearing.circuit_breakers.halt IS 'how long the halt takes, null = until it is ended by hand';
COMMENT ON COLUMN clearing.circuit_breakers.call IS 'how long the intraday call after it takes, null = none';
COMMENT ON COLUMN clearing.circuit_breakers.direction IS 'which moves halt: both, up or down';
COMMENT ON COLUMN clearing.circuit_breakers.once_a_day IS 'whether the tier halts only once a day';
COMMENT ON COLUMN clearing.circuit_breakers.tripped IS 'when it last did since the last close';

CREATE VIEW clearing.indicative_prices WITH (security_barrier) AS
  SELECT i.symbol,
         CASE i.phase WHEN 1 THEN 'pre_open' WHEN 6 THEN 'opening_call'
                      WHEN 7 THEN 'intraday_call' WHEN 8 THEN 'closing_call'
                      WHEN 9 THEN 'volatility_call' END AS phase,
         CASE WHEN a.has_price THEN clearing_state.product(a.price, i.tick_size, i.tick_exp) END AS price,
         clearing_state.product(a.volume, i.lot_size, i.lot_exp) AS volume,
         clearing_state.product(abs(a.surplus), i.lot_size, i.lot_exp) AS surplus,
         CASE WHEN a.surplus > 0 THEN 'buy' WHEN a.surplus < 0 THEN 'sell' END AS surplus_side,
         CASE WHEN a.has_bid THEN clearing_state.product(a.bid, i.tick_size, i.tick_exp) END AS best_bid,
         CASE WHEN a.has_bid THEN clearing_state.product(a.bid_qty, i.lot_size, i.lot_exp) END AS best_bid_qty,
         CASE WHEN a.has_ask THEN clearing_state.product(a.ask, i.tick_size, i.tick_exp) END AS best_ask,
         CASE WHEN a.has_ask THEN clearing_state.product(a.ask_qty, i.lot_size, i.lot_exp) END AS best_ask_qty
    FROM clearing_state.indicative a
    JOIN clearing_state.instrument i USING (instrument_id);
COMMENT ON VIEW clearing.indicative_prices IS 'what the auction would give if the call of an instrument ended now; for everybody';
COMMENT ON COLUMN clearing.indicative_prices.symbol IS 'instrument';
COMMENT ON COLUMN clearing.indicative_prices.phase IS 'the call it is in';
COMMENT ON COLUMN clearing.indicative_prices.price IS 'indicative auction price, null if nothing would trade';
COMMENT ON COLUMN clearing.indicative_prices.volume IS 'quantity that would trade';
COMMENT ON COLUMN clearing.indicative_prices.surplus IS 'quantity that could trade at the price and would be left';
COMMENT ON COLUMN clearing.indicative_prices.surplus_side IS 'buy or sell, null if there is none';
COMMENT ON COLUMN clearing.indicative_prices.best_bid IS 'best limit of the buyers';
COMMENT ON COLUMN clearing.indicative_prices.best_bid_qty IS 'quantity there';
COMMENT ON COLUMN clearing.indicative_prices.best_ask IS 'best limit of the sellers';
COMMENT ON COLUMN clearing.indicative_prices.best_ask_qty IS 'quantity there';

CREATE VIEW clearing.order_book WITH (security_barrier) AS
  SELECT i.symbol,
         CASE l.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS side,
         CASE WHEN l.price IS NULL THEN 0
              ELSE row_number() OVER (PARTITION BY i.symbol, l.side, l.price IS NULL
                                      ORDER BY CASE l.side WHEN 1 THEN - l.price ELSE l.price END)
         END::integer AS level,
         clearing_state.product(l.price, i.tick_size, i.tick_exp) AS price,
         clearing_state.product(l.lots, i.lot_size, i.lot_exp) AS qty,
         l.orders
    FROM (SELECT o.instrument_id, o.side,
                 CASE WHEN o.ord_type <> 1 THEN o.price END AS price,
                 sum(coalesce(o.attributes[17], o.leaves_qty))::bigint AS lots, count(*)::integer AS orders
            FROM clearing_state.open_order o
           WHERE o.attributes[18] IS NULL  -- those that wait are not in the book
           GROUP BY 1, 2, 3) l
    JOIN clearing_state.instrument i USING (instrument_id);
COMMENT ON VIEW clearing.order_book IS 'orders in the book by price level; for everybody';
COMMENT ON COLUMN clearing.order_book.symbol IS 'instrument';
COMMENT ON COLUMN clearing.order_book.side IS 'buy or sell';
COMMENT ON COLUMN clearing.order_book.level IS '1 = best price of the side, 0 = market orders that rest';
COMMENT ON COLUMN clearing.order_book.price IS 'price, null for market orders';
COMMENT ON COLUMN clearing.order_book.qty IS 'quantity displayed at the price';
COMMENT ON COLUMN clearing.order_book.orders IS 'orders at the price';

CREATE VIEW clearing.order_book_order WITH (security_barrier) AS
  SELECT i.symbol,
         CASE o.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS side,
         -- how far a market order is protected is its owner's business
         CASE WHEN o.ord_type <> 1 THEN clearing_state.product(o.price, i.tick_size, i.tick_exp) END AS price,
         o.priority, o.order_id,
         clearing_state.product(coalesce(o.attributes[17], o.leaves_qty), i.lot_size, i.lot_exp) AS qty,
         v.name AS account
    FROM clearing_state.open_order o
    JOIN clearing_state.instrument i USING (instrument_id)
    LEFT JOIN clearing_state.visible_account v USING (account_id)
   WHERE o.attributes[18] IS NULL;
COMMENT ON VIEW clearing.order_book_order IS 'orders in the book one by one; for everybody, with the account only for who may see it';
COMMENT ON COLUMN clearing.order_book_order.symbol IS 'instrument';
COMMENT ON COLUMN clearing.order_book_order.side IS 'buy or sell';
COMMENT ON COLUMN clearing.order_book_order.price IS 'price, null of a market order';
COMMENT ON COLUMN clearing.order_book_order.priority IS 'of the orders at a price the smallest trades first';
COMMENT ON COLUMN clearing.order_book_order.order_id IS 'number of the order';
COMMENT ON COLUMN clearing.order_book_order.qty IS 'quantity displayed';
COMMENT ON COLUMN clearing.order_book_order.account IS 'account, null if it is not yours to see';

CREATE VIEW clearing.market_trade WITH (security_barrier) AS
  SELECT t.trade_id, i.symbol,
         clearing_state.product(t.price, i.tick_size, i.tick_exp) AS price,
         clearing_state.product(t.qty, i.lot_size, i.lot_exp) AS qty,
         CASE t.aggressor WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS aggressor_side,
         t.height, t.block_time,
         coalesce((SELECT CASE f.value WHEN 1 THEN 'trade_cancel' ELSE 'trade_correct' END
                     FROM clearing_state.field f
                    WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 1),
                  'trade') AS exec_type
    FROM clearing_state.trade t
    JOIN clearing_state.instrument i USING (instrument_id);
COMMENT ON VIEW clearing.market_trade IS 'the tape: every trade without its parties; for everybody';
COMMENT ON COLUMN clearing.market_trade.trade_id IS 'number of the trade';
COMMENT ON COLUMN clearing.market_trade.symbol IS 'instrument';
COMMENT ON COLUMN clearing.market_trade.price IS 'price';
COMMENT ON COLUMN clearing.market_trade.qty IS 'quantity';
COMMENT ON COLUMN clearing.market_trade.aggressor_side IS 'side of the incoming order, null in an auction';
COMMENT ON COLUMN clearing.market_trade.height IS 'block';
COMMENT ON COLUMN clearing.market_trade.block_time IS 'time of the block';
COMMENT ON COLUMN clearing.market_trade.exec_type IS 'trade; trade_cancel if it was busted, trade_correct if it was corrected (FIX 150)';


---- Orders

CREATE VIEW clearing.open_order WITH (security_barrier) AS
  SELECT v.name AS account, i.symbol, o.order_id, o.cl_ord_id,
         CASE o.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS side,
         clearing_state.ord_type_word(o.ord_type) AS ord_type,
         clearing_state.time_in_force_word(o.time_in_force) AS time_in_force,
         clearing_state.product(CASE WHEN o.ord_type <> 3 AND o.attributes[18] IS DISTINCT FROM 2 THEN o.price END,
                                i.tick_size, i.tick_exp) AS price,
         CASE WHEN o.cum_qty = 0 THEN 'new' ELSE 'partially_filled' END AS ord_status,
         clearing_state.product(o.order_qty, i.lot_size, i.lot_exp) AS order_qty,
         clearing_state.product(o.leaves_qty, i.lot_size, i.lot_exp) AS leaves_qty,
         clearing_state.product(o.cum_qty, i.lot_size, i.lot_exp) AS cum_qty,
         clearing_state.average(o.cum_value, o.cum_qty, i.tick_size, i.tick_exp) AS avg_px,
         o.exec_inst & 7 <> 0 AS post_only,
         CASE o.self_match WHEN 1 THEN 'cancel_aggressor' WHEN 3 THEN 'cancel_both'
                           WHEN 4 THEN 'decrement_both' ELSE 'cancel_resting' END AS self_match_prevention,
         clearing_state.product(o.attributes[1], i.lot_size, i.lot_exp) AS display_qty,
         clearing_state.product(o.attributes[2], i.lot_size, i.lot_exp) AS min_qty,
         clearing_state.product(
           CASE WHEN o.attributes[5] IS NULL OR o.attributes[18] IS NULL THEN o.attributes[3]
                -- trailing: at its distance from the best price that its group has seen (trail.c)
                ELSE (SELECT f.value + CASE o.side WHEN 1 THEN o.attributes[5] ELSE - o.attributes[5] END
                        FROM clearing_state.field f
                       WHERE f.scope = 10 AND f.object_id = o.instrument_id
                         AND f.field = 29 + o.side + CASE o.attributes[4] WHEN 101 THEN 2 ELSE 0 END
                         AND f.sub <= o.priority AND f.value > '-9223372036854775808'::bigint
                       ORDER BY f.sub DESC LIMIT 1)
           END, i.tick_size, i.tick_exp) AS stop_px,
         CASE o.attributes[4] WHEN 2 THEN 'last' WHEN 101 THEN 'mark' END AS trigger,
         clearing_state.product(o.attributes[5], i.tick_size, i.tick_exp) AS trail_offset,
         CASE o.attributes[6] WHEN 2 THEN 'mid' WHEN 4 THEN 'market' WHEN 5 THEN 'primary' END AS peg_type,
         clearing_state.product(o.attributes[7], i.tick_size, i.tick_exp) AS peg_offset,
         clearing_state.product(o.attributes[21], i.tick_size, i.tick_exp) AS peg_limit,
         clearing_state.time_of(o.attributes[8]) AS expire_time,
         o.attributes[9] AS link_order_id,
         o.attributes[10] AS smp_id,
         o.attributes[11] AS session,
         CASE o.exec_inst & 7 WHEN 1 THEN 'reject' WHEN 2 THEN 'cancel' WHEN 4 THEN 'reprice' END AS post_only_mode,
         o.exec_inst & 8 <> 0 AS reduce_only,
         o.exec_inst & 16 <> 0 AS cancel_on_disconnect,
         clearing_state.product(o.attributes[17], i.lot_size, i.lot_exp) AS shown_qty,
         CASE o.attributes[18] WHEN 1 THEN 'stop' WHEN 2 THEN 'peg' WHEN 3 THEN 'auction' WHEN 4 THEN 'limits' END AS waits_for,
         o.priority, o.entered_at, o.entered_height, o.entered_number
    FROM clearing_state.open_order o
    JOIN clearing_state.visible_account v USING (account_id)
    JOIN clearing_state.instrument i USING (instrument_id);
COMMENT ON VIEW clearing.open_order IS 'working orders; a member sees its own';
COMMENT ON COLUMN clearing.open_order.account IS 'account (FIX 1)';
COMMENT ON COLUMN clearing.open_order.symbol IS 'instrument (FIX 55)';
COMMENT ON COLUMN clearing.open_order.order_id IS 'number that the house gave the order (FIX 37)';
COMMENT ON COLUMN clearing.open_order.cl_ord_id IS 'reference that names the order now (FIX 11)';
COMMENT ON COLUMN clearing.open_order.side IS 'buy or sell (FIX 54)';
COMMENT ON COLUMN clearing.open_order.ord_type IS 'limit, market, stop, stop_limit, market_to_limit or pegged (FIX 40)';
COMMENT ON COLUMN clearing.open_order.time_in_force IS 'day, gtc, gtd, ioc, fok, at_the_opening or at_the_close (FIX 59)';
COMMENT ON COLUMN clearing.open_order.price IS 'limit (FIX 44), of a pegged order where it is now; null for a stop order and a pegged one that waits';
COMMENT ON COLUMN clearing.open_order.ord_status IS 'new or partially_filled (FIX 39)';
COMMENT ON COLUMN clearing.open_order.order_qty IS 'quantity ordered in total (FIX 38)';
COMMENT ON COLUMN clearing.open_order.leaves_qty IS 'quantity working (FIX 151)';
COMMENT ON COLUMN clearing.open_order.cum_qty IS 'quantity filled (FIX 14)';
COMMENT ON COLUMN clearing.open_order.avg_px IS 'average price of what is filled, null if nothing is (FIX 6)';
COMMENT ON COLUMN clearing.open_order.post_only IS 'whether it never trades as it enters, see post_only_mode (FIX 18 = 6)';
COMMENT ON COLUMN clearing.open_order.self_match_prevention IS 'cancel_resting, cancel_aggressor, cancel_both or decrement_both (FIX 2964)';
COMMENT ON COLUMN clearing.open_order.display_qty IS 'iceberg: quantity shown at a time (FIX 1138)';
COMMENT ON COLUMN clearing.open_order.min_qty IS 'smallest quantity that had to be filled on entry (FIX 110)';
COMMENT ON COLUMN clearing.open_order.stop_px IS 'price that triggers it, of a trailing stop where it is now (FIX 99)';
COMMENT ON COLUMN clearing.open_order.trigger IS 'last or mark: price that triggers it (FIX 1107)';
COMMENT ON COLUMN clearing.open_order.trail_offset IS 'distance that the trigger price of a trailing stop keeps';
COMMENT ON COLUMN clearing.open_order.peg_type IS 'primary, market or mid (FIX 1094)';
COMMENT ON COLUMN clearing.open_order.peg_offset IS 'added to the price it is pegged to (FIX 211)';
COMMENT ON COLUMN clearing.open_order.peg_limit IS 'price that a pegged order never passes';
COMMENT ON COLUMN clearing.open_order.expire_time IS 'when it ends (FIX 126)';
COMMENT ON COLUMN clearing.open_order.link_order_id IS 'the other order of its pair';
COMMENT ON COLUMN clearing.open_order.smp_id IS 'orders with the same never trade with each other (FIX 2362)';
COMMENT ON COLUMN clearing.open_order.session IS 'session that cancel_on_disconnect means';
COMMENT ON COLUMN clearing.open_order.post_only_mode IS 'reject, cancel or reprice; null: not post-only';
COMMENT ON COLUMN clearing.open_order.reduce_only IS 'whether it only reduces a position (FIX 18 = E)';
COMMENT ON COLUMN clearing.open_order.cancel_on_disconnect IS 'whether it ends with its session';
COMMENT ON COLUMN clearing.open_order.shown_qty IS 'iceberg: what is left of the quantity shown';
COMMENT ON COLUMN clearing.open_order.waits_for IS 'stop, peg, auction or limits: it works, but is not in the book; null: it is';
COMMENT ON COLUMN clearing.open_order.priority IS 'of the orders at a price the smallest trades first';
COMMENT ON COLUMN clearing.open_order.entered_at IS 'time of the block in which it was entered';
COMMENT ON COLUMN clearing.open_order.entered_height IS 'block in which it was entered';
COMMENT ON COLUMN clearing.open_order.entered_number IS 'number of the command in that block that entered it';

CREATE VIEW clearing.order_history WITH (security_barrier) AS
  SELECT v.name AS account, i.symbol, o.order_id, o.cl_ord_id,
         CASE o.side WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS side,
         clearing_state.ord_type_word(o.ord_type) AS ord_type,
         clearing_state.time_in_force_word(o.time_in_force) AS time_in_force,
         CASE WHEN o.ord_type NOT IN (1, 3) AND o.attributes[18] IS DISTINCT FROM 2
              THEN clearing_state.product(o.price, i.tick_size, i.tick_exp) END AS price,
         clearing_state.ord_status_word(o.ord_status) AS ord_status,
         clearing_state.reason_word(o.reason) AS reason,
         clearing_state.product(o.order_qty, i.lot_size, i.lot_exp) AS order_qty,
         clearing_state.product(o.leaves_qty, i.lot_size, i.lot_exp) AS leaves_qty,
         clearing_state.product(o.cum_qty, i.lot_size, i.lot_exp) AS cum_qty,
         clearing_state.average(o.cum_value, o.cum_qty, i.tick_size, i.tick_exp) AS avg_px,
         o.exec_inst & 7 <> 0 AS post_only,
         CASE o.self_match WHEN 1 THEN 'cancel_aggressor' WHEN 3 THEN 'cancel_both'
                           WHEN 4 THEN 'decrement_both' ELSE 'cancel_resting' END AS self_match_prevention,
         clearing_state.product(o.attributes[1], i.lot_size, i.lot_exp) AS display_qty,
         clearing_state.product(o.attributes[2], i.lot_size, i.lot_exp) AS min_qty,
         clearing_state.product(o.attributes[3], i.tick_size, i.tick_exp) AS stop_px,
         CASE o.attributes[4] WHEN 2 THEN 'last' WHEN 101 THEN 'mark' END AS trigger,
         clearing_state.product(o.attributes[5], i.tick_size, i.tick_exp) AS trail_offset,
         CASE o.attributes[6] WHEN 2 THEN 'mid' WHEN 4 THEN 'market' WHEN 5 THEN 'primary' END AS peg_type,
         clearing_state.product(o.attributes[7], i.tick_size, i.tick_exp) AS peg_offset,
         clearing_state.product(o.attributes[21], i.tick_size, i.tick_exp) AS peg_limit,
         clearing_state.time_of(o.attributes[8]) AS expire_time,
         o.attributes[9] AS link_order_id,
         o.attributes[10] AS smp_id,
         o.attributes[11] AS session,
         CASE o.exec_inst & 7 WHEN 1 THEN 'reject' WHEN 2 THEN 'cancel' WHEN 4 THEN 'reprice' END AS post_only_mode,
         o.exec_inst & 8 <> 0 AS reduce_only,
         o.exec_inst & 16 <> 0 AS cancel_on_disconnect,
         clearing_state.product(o.attributes[17], i.lot_size, i.lot_exp) AS shown_qty,
         CASE o.attributes[18] WHEN 1 THEN 'stop' WHEN 2 THEN 'peg' WHEN 3 THEN 'auction' WHEN 4 THEN 'limits' END AS waits_for,
         o.entered_at, o.entered_height, o.entered_number,
         o.finished_at, o.finished_height,
         clearing_state.restatement_word(o.reason) AS exec_restatement_reason
    FROM clearing_state.order_history o
    JOIN clearing_state.visible_account v USING (account_id)
    JOIN clearing_state.instrument i USING (instrument_id)
  UNION ALL
  SELECT o.account, o.symbol, o.order_id, o.cl_ord_id, o.side, o.ord_type,
         o.time_in_force, o.price, o.ord_status, NULL, o.order_qty,
         o.leaves_qty, o.cum_qty, o.avg_px, o.post_only,
         o.self_match_prevention, o.display_qty, o.min_qty, o.stop_px,
         o.trigger, o.trail_offset, o.peg_type, o.peg_offset, o.peg_limit,
         o.expire_time, o.link_order_id, o.smp_id, o.session,
         o.post_only_mode, o.reduce_only, o.cancel_on_disconnect,
         o.shown_qty, o.waits_for, o.entered_at, o.entered_height,
         o.entered_number, NULL, NULL, NULL
    FROM clearing.open_order o;
COMMENT ON VIEW clearing.order_history IS
  'every order that was accepted, finished or working; a member sees its own.  Refused orders are in clearing.request.';
COMMENT ON COLUMN clearing.order_history.account IS 'account (FIX 1)';
COMMENT ON COLUMN clearing.order_history.symbol IS 'instrument (FIX 55)';
COMMENT ON COLUMN clearing.order_history.order_id IS 'number that the house gave the order (FIX 37)';
COMMENT ON COLUMN clearing.order_history.cl_ord_id IS 'reference that named the order last (FIX 11)';
COMMENT ON COLUMN clearing.order_history.side IS 'buy or sell (FIX 54)';
COMMENT ON COLUMN clearing.order_history.ord_type IS 'limit, market, stop, stop_limit, market_to_limit or pegged (FIX 40)';
COMMENT ON COLUMN clearing.order_history.time_in_force IS 'day, gtc, gtd, ioc, fok, at_the_opening or at_the_close (FIX 59)';
COMMENT ON COLUMN clearing.order_history.price IS 'limit, null for market orders (FIX 44)';
COMMENT ON COLUMN clearing.order_history.ord_status IS 'new, partially_filled, filled, canceled or expired (FIX 39)';
COMMENT ON COLUMN clearing.order_history.reason IS 'why it ended, null if it was filled or is working';
COMMENT ON COLUMN clearing.order_history.order_qty IS 'quantity ordered in total (FIX 38)';
COMMENT ON COLUMN clearing.order_history.leaves_qty IS 'quantity working (FIX 151)';
COMMENT ON COLUMN clearing.order_history.cum_qty IS 'quantity filled (FIX 14)';
COMMENT ON COLUMN clearing.order_history.avg_px IS 'average price of what is filled, null if nothing is (FIX 6)';
COMMENT ON COLUMN clearing.order_history.post_only IS 'whether it never trades as it enters, see post_only_mode (FIX 18 = 6)';
COMMENT ON COLUMN clearing.order_history.self_match_prevention IS 'cancel_resting, cancel_aggressor, cancel_both or decrement_both (FIX 2964)';
COMMENT ON COLUMN clearing.order_history.display_qty IS 'iceberg: quantity shown at a time (FIX 1138)';
COMMENT ON COLUMN clearing.order_history.min_qty IS 'smallest quantity that had to be filled on entry (FIX 110)';
COMMENT ON COLUMN clearing.order_history.stop_px IS 'price that triggers it (FIX 99)';
COMMENT ON COLUMN clearing.order_history.trigger IS 'last or mark: price that triggers it (FIX 1107)';
COMMENT ON COLUMN clearing.order_history.trail_offset IS 'distance that the trigger price of a trailing stop keeps';
COMMENT ON COLUMN clearing.order_history.peg_type IS 'primary, market or mid (FIX 1094)';
COMMENT ON COLUMN clearing.order_history.peg_offset IS 'added to the price it is pegged to (FIX 211)';
COMMENT ON COLUMN clearing.order_history.peg_limit IS 'price that a pegged order never passes';
COMMENT ON COLUMN clearing.order_history.expire_time IS 'when it ends (FIX 126)';
COMMENT ON COLUMN clearing.order_history.link_order_id IS 'the other order of its pair';
COMMENT ON COLUMN clearing.order_history.smp_id IS 'orders with the same never trade with each other (FIX 2362)';
COMMENT ON COLUMN clearing.order_history.session IS 'session that cancel_on_disconnect means';
COMMENT ON COLUMN clearing.order_history.post_only_mode IS 'reject, cancel or reprice; null: not post-only';
COMMENT ON COLUMN clearing.order_history.reduce_only IS 'whether it only reduces a position (FIX 18 = E)';
COMMENT ON COLUMN clearing.order_history.cancel_on_disconnect IS 'whether it ends with its session';
COMMENT ON COLUMN clearing.order_history.shown_qty IS 'iceberg: what is left of the quantity shown';
COMMENT ON COLUMN clearing.order_history.waits_for IS 'stop, peg, auction or limits: it works, but is not in the book; null: it is';
COMMENT ON COLUMN clearing.order_history.entered_at IS 'time of the block in which it was entered';
COMMENT ON COLUMN clearing.order_history.entered_height IS 'block in which it was entered';
COMMENT ON COLUMN clearing.order_history.entered_number IS 'number of the command in that block that entered it';
COMMENT ON COLUMN clearing.order_history.finished_at IS 'time of the block in which it ended, null = working';
COMMENT ON COLUMN clearing.order_history.finished_height IS 'block in which it ended, null = working';
COMMENT ON COLUMN clearing.order_history.exec_restatement_reason IS 'why the house ended it without its owner asking, in the words of FIX 378; null = it did not';


---- Trades

CREATE VIEW clearing.trade WITH (security_barrier) AS
  SELECT t.trade_id, i.symbol,
         clearing_state.product(t.price, i.tick_size, i.tick_exp) AS price,
         clearing_state.product(t.qty, i.lot_size, i.lot_exp) AS qty,
         b.name AS buy_account, s.name AS sell_account,
         t.buy_order_id, t.sell_order_id,
         clearing_state.scaled(t.buy_fee, q.scale) AS buy_fee,
         clearing_state.scaled(t.sell_fee, q.scale) AS sell_fee,
         q.name AS fee_asset,
         CASE t.aggressor WHEN 1 THEN 'buy' WHEN 2 THEN 'sell' END AS aggressor_side,
         t.height, t.block_time,
         coalesce((SELECT CASE f.value WHEN 1 THEN 'trade_cancel' ELSE 'trade_correct' END
                     FROM clearing_state.field f
                    WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 1),
                  'trade') AS exec_type,
         (SELECT f.value FROM clearing_state.field f
           WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 3) AS exec_ref_id,
         (SELECT f.value FROM clearing_state.field f
           WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 2) AS corrected_by
    FROM clearing_state.trade t
    JOIN clearing_state.instrument i USING (instrument_id)
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id
    JOIN clearing_state.account b ON b.account_id = t.buy_account_id
    JOIN clearing_state.account s ON s.account_id = t.sell_account_id
   WHERE (SELECT clearing.current_members()) IS NULL;
COMMENT ON VIEW clearing.trade IS 'trades with both parties; for operators and auditors, members have clearing.fill';
COMMENT ON COLUMN clearing.trade.trade_id IS 'number of the trade';
COMMENT ON COLUMN clearing.trade.symbol IS 'instrument';
COMMENT ON COLUMN clearing.trade.price IS 'price';
COMMENT ON COLUMN clearing.trade.qty IS 'quantity';
COMMENT ON COLUMN clearing.trade.buy_account IS 'account that bought';
COMMENT ON COLUMN clearing.trade.sell_account IS 'account that sold';
COMMENT ON COLUMN clearing.trade.buy_order_id IS 'order that bought';
COMMENT ON COLUMN clearing.trade.sell_order_id IS 'order that sold';
COMMENT ON COLUMN clearing.trade.buy_fee IS 'fee of the buyer, negative = rebate';
COMMENT ON COLUMN clearing.trade.sell_fee IS 'fee of the seller, negative = rebate';
COMMENT ON COLUMN clearing.trade.fee_asset IS 'asset of both fees';
COMMENT ON COLUMN clearing.trade.aggressor_side IS 'side of the incoming order, null in an auction';
COMMENT ON COLUMN clearing.trade.height IS 'block';
COMMENT ON COLUMN clearing.trade.block_time IS 'time of the block';
COMMENT ON COLUMN clearing.trade.exec_type IS 'trade; trade_cancel if it was busted, trade_correct if it was corrected (FIX 150)';
COMMENT ON COLUMN clearing.trade.exec_ref_id IS 'trade that this one corrects (FIX 19), null if it is an original';
COMMENT ON COLUMN clearing.trade.corrected_by IS 'trade that this one was corrected to';

CREATE VIEW clearing.fill WITH (security_barrier) AS
  SELECT v.name AS account, i.symbol, t.trade_id, t.buy_order_id AS order_id,
         'buy' AS side,
         clearing_state.product(t.price, i.tick_size, i.tick_exp) AS price,
         clearing_state.product(t.qty, i.lot_size, i.lot_exp) AS qty,
         clearing_state.scaled(t.buy_fee, q.scale) AS fee,
         q.name AS fee_asset,
         CASE t.aggressor WHEN 1 THEN 'taker' WHEN 2 THEN 'maker' END AS liquidity,
         t.height, t.block_time,
         coalesce((SELECT CASE f.value WHEN 1 THEN 'trade_cancel' ELSE 'trade_correct' END
                     FROM clearing_state.field f
                    WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 1),
                  'trade') AS exec_type
    FROM clearing_state.trade t
    JOIN clearing_state.visible_account v ON v.account_id = t.buy_account_id
    JOIN clearing_state.instrument i USING (instrument_id)
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id
  UNION ALL
  SELECT v.name, i.symbol, t.trade_id, t.sell_order_id, 'sell',
         clearing_state.product(t.price, i.tick_size, i.tick_exp),
         clearing_state.product(t.qty, i.lot_size, i.lot_exp),
         clearing_state.scaled(t.sell_fee, q.scale), q.name,
         CASE t.aggressor WHEN 2 THEN 'taker' WHEN 1 THEN 'maker' END,
         t.height, t.block_time,
         coalesce((SELECT CASE f.value WHEN 1 THEN 'trade_cancel' ELSE 'trade_correct' END
                     FROM clearing_state.field f
                    WHERE f.scope = 9 AND f.object_id = t.trade_id AND f.sub = 0 AND f.field = 1),
                  'trade')
    FROM clearing_state.trade t
    JOIN clearing_state.visible_account v ON v.account_id = t.sell_account_id
    JOIN clearing_state.instrument i USING (instrument_id)
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id;
COMMENT ON VIEW clearing.fill IS 'trades by side, one row for each party; a member sees its own';
COMMENT ON COLUMN clearing.fill.account IS 'account';
COMMENT ON COLUMN clearing.fill.symbol IS 'instrument';
COMMENT ON COLUMN clearing.fill.trade_id IS 'number of the trade';
COMMENT ON COLUMN clearing.fill.order_id IS 'order that was filled';
COMMENT ON COLUMN clearing.fill.side IS 'buy or sell';
COMMENT ON COLUMN clearing.fill.price IS 'price (FIX 31)';
COMMENT ON COLUMN clearing.fill.qty IS 'quantity (FIX 32)';
COMMENT ON COLUMN clearing.fill.fee IS 'fee paid, negative = rebate';
COMMENT ON COLUMN clearing.fill.fee_asset IS 'asset of the fee';
COMMENT ON COLUMN clearing.fill.liquidity IS 'maker or taker, null in an auction';
COMMENT ON COLUMN clearing.fill.height IS 'block';
COMMENT ON COLUMN clearing.fill.block_time IS 'time of the block';
COMMENT ON COLUMN clearing.fill.exec_type IS 'trade; trade_cancel if it was busted, trade_correct if it was corrected (FIX 150)';


---- Positions and money

CREATE VIEW clearing.position WITH (security_barrier) AS
  SELECT v.name AS account, i.symbol,
         clearing_state.product(p.qty, i.lot_size, i.lot_exp) AS qty,
         clearing_state.average(p.cost, p.qty, i.tick_size, i.tick_exp) AS avg_px,
         CASE WHEN i.has_mark THEN clearing_state.product(i.mark, i.tick_size, i.tick_exp) END AS mark_price,
         CASE WHEN i.has_mark OR p.qty = 0
              THEN (i.mark::numeric * p.qty - p.cost) * clearing_state.scaled(i.tick_value, q.scale) END AS unrealised,
         p.realised * clearing_state.scaled(i.tick_value, q.scale) AS realised,
         q.name AS asset,
         clearing_state.product(p.buy_lots, i.lot_size, i.lot_exp) AS working_buy_qty,
         clearing_state.product(p.sell_lots, i.lot_size, i.lot_exp) AS working_sell_qty
    FROM clearing_state.position p
    JOIN clearing_state.visible_account v USING (account_id)
    JOIN clearing_state.instrument i USING (instrument_id)
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id
   WHERE i.kind = 2
     AND (p.qty <> 0 OR p.realised <> 0 OR p.buy_lots <> 0 OR p.sell_lots <> 0);
COMMENT ON VIEW clearing.position IS 'positions in futures; a member sees its own';
COMMENT ON COLUMN clearing.position.account IS 'account';
COMMENT ON COLUMN clearing.position.symbol IS 'future';
COMMENT ON COLUMN clearing.position.qty IS 'positive = long, negative = short';
COMMENT ON COLUMN clearing.position.avg_px IS 'average price at which the position is carried: since the last settlement its price, null if flat';
COMMENT ON COLUMN clearing.position.mark_price IS 'price at which positions are valued now';
COMMENT ON COLUMN clearing.position.unrealised IS 'variation of the open quantity since the last settlement, not yet paid';
COMMENT ON COLUMN clearing.position.realised IS 'earned by closing since the last settlement, not yet paid';
COMMENT ON COLUMN clearing.position.asset IS 'asset of unrealised and realised';
COMMENT ON COLUMN clearing.position.working_buy_qty IS 'quantity of working buy orders';
COMMENT ON COLUMN clearing.position.working_sell_qty IS 'quantity of working sell orders';

CREATE VIEW clearing.balance WITH (security_barrier) AS
  SELECT v.name AS account, a.name AS asset,
         clearing_state.scaled(b.balance, a.scale) AS balance
    FROM clearing_state.balance b
    JOIN clearing_state.visible_account v USING (account_id)
    JOIN clearing_state.asset a USING (asset_id);
COMMENT ON VIEW clearing.balance IS 'cash of accounts; a member sees its own.  What of it is free is in clearing.account_valuation.';
COMMENT ON COLUMN clearing.balance.account IS 'account';
COMMENT ON COLUMN clearing.balance.asset IS 'asset';
COMMENT ON COLUMN clearing.balance.balance IS 'amount; the balances of all accounts of an asset add up to 0';

CREATE VIEW clearing.account_valuation WITH (security_barrier) AS
  SELECT v.account, v.asset,
         v.balance * u.unit AS balance,
         (v.balance + v.unrealised) * u.unit AS equity,
         v.initial * u.unit AS initial_requirement,
         v.maintenance * u.unit AS maintenance_requirement,
         (v.balance + v.unrealised - v.initial) * u.unit AS available,
         CASE v.account_type WHEN 0 THEN 0
              ELSE greatest(v.maintenance - v.balance - v.unrealised, 0) END * u.unit AS deficit
    FROM (
      -- what each position makes of its account's money, see src/engine/margin.c
      SELECT w.name AS account, w.account_type, a.name AS asset, a.scale,
             sum(x.balance::numeric) AS balance,
             sum(CASE WHEN i.kind <> 1
                      THEN i.tick_value::numeric * (x.realised + CASE WHEN i.has_mark THEN i.mark::numeric * x.qty - x.cost ELSE 0 END)
                      ELSE 0 END) AS unrealised,
             sum(CASE WHEN i.kind = 3
                      THEN (x.buy_lots + x.sell_lots) * m.initial + x.buy_reserve + x.sell_reserve
                      WHEN i.kind = 2
                      THEN greatest(ceil(abs(x.qty + x.buy_lots) * m.initial) + x.buy_reserve + beyond.sell,
                                    ceil(abs(x.qty - x.sell_lots) * m.initial) + x.sell_reserve + beyond.buy)
                      WHEN leg.n = 1 THEN x.buy_reserve
                      ELSE x.sell_reserve END) AS initial,
             sum(CASE WHEN i.kind <> 1 THEN ceil(abs(x.qty) * m.maintenance) ELSE 0 END) AS maintenance
        FROM clearing_state.visible_account w
        JOIN (SELECT b.account_id, b.asset_id, 0 AS instrument_id, b.balance,
                     0::bigint AS qty, 0::bigint AS cost, 0::bigint AS realised,
                     0::bigint AS buy_lots, 0::bigint AS sell_lots,
                     0::bigint AS buy_reserve, 0::bigint AS sell_reserve
                FROM clearing_state.balance b
              UNION ALL
              SELECT p.account_id, 0, p.instrument_id, 0::bigint, p.qty, p.cost,
                     p.realised, p.buy_lots, p.sell_lots, p.buy_reserve,
                     p.sell_reserve
                FROM clearing_state.position p) x USING (account_id)
        LEFT JOIN clearing_state.instrument i USING (instrument_id)
        -- a spot instrument reserves of its quote (1) and its base asset (2)
        JOIN (VALUES (1), (2)) leg(n) ON leg.n = 1 OR i.kind = 1
        JOIN clearing_state.asset a
          ON a.asset_id = CASE WHEN x.asset_id <> 0 THEN x.asset_id
                               WHEN leg.n = 1 THEN i.quote_asset_id
                               ELSE i.base_asset_id END
        -- margin of one lot in minor units, not yet rounded
        CROSS JOIN LATERAL
          (SELECT CASE WHEN i.kind = 3
                       THEN (SELECT sum(abs(r.value) * ceil(CASE WHEN l.margin_basis = 1
                                        THEN 0.000001 * l.initial_margin * l.tick_value * abs(l.mark)
                                        ELSE l.initial_margin END))
                               FROM clearing_state.field f
                               JOIN clearing_state.field r
                                 ON r.scope = 8 AND r.object_id = f.object_id AND r.sub = f.sub AND r.field = 2
                               JOIN clearing_state.instrument l ON l.instrument_id = f.value
                              WHERE f.scope = 8 AND f.object_id = i.instrument_id AND f.field = 1)
                       WHEN i.margin_basis = 1 THEN 0.000001 * i.initial_margin * i.tick_value * abs(i.mark)
                       ELSE i.initial_margin END AS initial,
                  CASE WHEN i.margin_basis = 1 THEN 0.000001 * i.maintenance_margin * i.tick_value * abs(i.mark)
                       ELSE i.maintenance_margin END AS maintenance) m
        -- what orders reserve beyond the margin of their lots
        CROSS JOIN LATERAL
          (SELECT coalesce(sum((o.reserve - floor(m.initial)) * o.leaves_qty) FILTER (WHERE o.side = 1), 0) AS buy,
                  coalesce(sum((o.reserve - floor(m.initial)) * o.leaves_qty) FILTER (WHERE o.side = 2), 0) AS sell
             FROM clearing_state.open_order o
            WHERE i.kind = 2 AND x.buy_reserve::numeric + x.sell_reserve > floor(m.initial)
              AND o.account_id = x.account_id AND o.instrument_id = x.instrument_id
              AND o.reserve > floor(m.initial)) beyond
       GROUP BY w.name, w.account_type, a.asset_id) v
    CROSS JOIN LATERAL (SELECT clearing_state.scaled(1, v.scale) AS unit) u;
COMMENT ON VIEW clearing.account_valuation IS
  'what accounts are worth and what they must keep, by asset, as the engine sees it; a member sees its own';
COMMENT ON COLUMN clearing.account_valuation.account IS 'account';
COMMENT ON COLUMN clearing.account_valuation.asset IS 'asset';
COMMENT ON COLUMN clearing.account_valuation.balance IS 'cash';
COMMENT ON COLUMN clearing.account_valuation.equity IS 'balance and the variation of futures since their last settlement, at mark prices';
COMMENT ON COLUMN clearing.account_valuation.initial_requirement IS 'initial margin of positions and working orders, and what spot orders reserve';
COMMENT ON COLUMN clearing.account_valuation.maintenance_requirement IS 'maintenance margin of positions alone';
COMMENT ON COLUMN clearing.account_valuation.available IS 'equity - initial_requirement: what can be withdrawn or used for orders, if positive';
COMMENT ON COLUMN clearing.account_valuation.deficit IS 'by how much equity falls short of the maintenance requirement; 0 if it does not, and for accounts of the house itself';

CREATE VIEW clearing.account_deficit WITH (security_barrier) AS
  SELECT v.account, v.asset, v.equity, v.maintenance_requirement, v.deficit
    FROM clearing.account_valuation v
   WHERE v.deficit > 0;
COMMENT ON VIEW clearing.account_deficit IS 'accounts whose equity does not cover the maintenance requirement; a member sees its own';
COMMENT ON COLUMN clearing.account_deficit.account IS 'account';
COMMENT ON COLUMN clearing.account_deficit.asset IS 'asset';
COMMENT ON COLUMN clearing.account_deficit.equity IS 'balance and unpaid variation';
COMMENT ON COLUMN clearing.account_deficit.maintenance_requirement IS 'maintenance margin of positions';
COMMENT ON COLUMN clearing.account_deficit.deficit IS 'what is missing';

CREATE VIEW clearing.ledger_entry WITH (security_barrier) AS
  SELECT e.entry_id, a.name AS asset,
         clearing_state.scaled(e.amount, a.scale) AS amount,
         d.name AS debit_account, c.name AS credit_account,
         clearing_state.scaled(e.debit_balance, a.scale) AS debit_balance,
         CASE WHEN c.account_id IS NOT NULL
              THEN clearing_state.scaled(e.credit_balance, a.scale) END AS credit_balance,
         CASE e.kind WHEN 1 THEN 'deposit' WHEN 2 THEN 'withdrawal'
                     WHEN 3 THEN 'trade' WHEN 4 THEN 'fee'
                     WHEN 5 THEN 'variation_margin'
                     WHEN 6 THEN 'final_settlement' WHEN 7 THEN 'bust'
                     WHEN 8 THEN 'correction' END AS kind,
         CASE WHEN e.kind IN (3, 4, 7, 8) THEN e.subject END AS trade_id,
         CASE WHEN e.kind IN (5, 6) THEN e.subject END AS settlement_id,
         e.height, e.block_time
    FROM clearing_state.ledger_entry e
    JOIN clearing_state.visible_account d ON d.account_id = e.debit_account_id
    LEFT JOIN clearing_state.visible_account c ON c.account_id = e.credit_account_id
    JOIN clearing_state.asset a USING (asset_id)
  UNION ALL
  SELECT e.entry_id, a.name,
         clearing_state.scaled(e.amount, a.scale), NULL, c.name, NULL,
         clearing_state.scaled(e.credit_balance, a.scale),
         CASE e.kind WHEN 1 THEN 'deposit' WHEN 2 THEN 'withdrawal'
                     WHEN 3 THEN 'trade' WHEN 4 THEN 'fee'
                     WHEN 5 THEN 'variation_margin'
                     WHEN 6 THEN 'final_settlement' WHEN 7 THEN 'bust'
                     WHEN 8 THEN 'correction' END,
         CASE WHEN e.kind IN (3, 4, 7, 8) THEN e.subject END,
         CASE WHEN e.kind IN (5, 6) THEN e.subject END,
         e.height, e.block_time
    FROM clearing_state.ledger_entry e
    JOIN clearing_state.visible_account c ON c.account_id = e.credit_account_id
    JOIN clearing_state.asset a USING (asset_id)
   WHERE NOT EXISTS (SELECT FROM clearing_state.visible_account d
                      WHERE d.account_id = e.debit_account_id);
COMMENT ON VIEW clearing.ledger_entry IS
  'the ledger, double entry; a member sees the entries of its accounts, without the account and balance of another party';
COMMENT ON COLUMN clearing.ledger_entry.entry_id IS 'number of the entry';
COMMENT ON COLUMN clearing.ledger_entry.asset IS 'asset';
COMMENT ON COLUMN clearing.ledger_entry.amount IS 'amount moved, never negative';
COMMENT ON COLUMN clearing.ledger_entry.debit_account IS 'account that pays, null if it is not yours to see';
COMMENT ON COLUMN clearing.ledger_entry.credit_account IS 'account that receives, null if it is not yours to see';
COMMENT ON COLUMN clearing.ledger_entry.debit_balance IS 'balance of the paying account afterwards';
COMMENT ON COLUMN clearing.ledger_entry.credit_balance IS 'balance of the receiving account afterwards';
COMMENT ON COLUMN clearing.ledger_entry.kind IS 'deposit, withdrawal, trade, fee, variation_margin, final_settlement, bust or correction';
COMMENT ON COLUMN clearing.ledger_entry.trade_id IS 'trade it belongs to';
COMMENT ON COLUMN clearing.ledger_entry.settlement_id IS 'settlement it belongs to';
COMMENT ON COLUMN clearing.ledger_entry.height IS 'block';
COMMENT ON COLUMN clearing.ledger_entry.block_time IS 'time of the block';

CREATE VIEW clearing.settlement WITH (security_barrier) AS
  SELECT s.settlement_id, i.symbol,
         clearing_state.product(s.price, i.tick_size, i.tick_exp) AS price,
         s.final, q.name AS asset,
         CASE WHEN (SELECT clearing.current_members()) IS NULL
              THEN clearing_state.scaled(s.debited, q.scale) END AS debited,
         CASE WHEN (SELECT clearing.current_members()) IS NULL
              THEN clearing_state.scaled(s.credited, q.scale) END AS credited,
         CASE WHEN (SELECT clearing.current_members()) IS NULL
              THEN s.positions END AS positions,
         s.height, s.block_time
    FROM clearing_state.settlement s
    JOIN clearing_state.instrument i USING (instrument_id)
    JOIN clearing_state.asset q ON q.asset_id = i.quote_asset_id;
COMMENT ON VIEW clearing.settlement IS 'variation margin cycles and final settlements; totals for operators and auditors only';
COMMENT ON COLUMN clearing.settlement.settlement_id IS 'number of the settlement';
COMMENT ON COLUMN clearing.settlement.symbol IS 'future';
COMMENT ON COLUMN clearing.settlement.price IS 'settlement price';
COMMENT ON COLUMN clearing.settlement.final IS 'whether it was the expiry';
COMMENT ON COLUMN clearing.settlement.asset IS 'asset of debited and credited';
COMMENT ON COLUMN clearing.settlement.debited IS 'paid by those who lost';
COMMENT ON COLUMN clearing.settlement.credited IS 'paid to those who gained';
COMMENT ON COLUMN clearing.settlement.positions IS 'positions settled';
COMMENT ON COLUMN clearing.settlement.height IS 'block';
COMMENT ON COLUMN clearing.settlement.block_time IS 'time of the block';


---- The record

CREATE VIEW clearing.request WITH (security_barrier) AS
  SELECT r.height, r.number AS command_number, r.block_time,
         clearing_state.command_word(r.command_type) AS command,
         r.ref AS reference, a.name AS account, m.code AS submitter, i.symbol,
         CASE r.reason WHEN 0 THEN 'accepted' ELSE 'refused' END AS status,
         clearing_state.reason_word(r.reason) AS reason,
         r.duplicate, r.orig_height AS original_height,
         r.orig_number AS original_number, r.id,
         clearing_state.exec_type_word(r.exec_type) AS exec_type,
         clearing_state.ord_status_word(r.ord_status) AS ord_status,
         CASE WHEN r.ord_status <> 0 THEN clearing_state.product(coalesce(r.order_qty, 0), i.lot_size, i.lot_exp) END AS order_qty,
         CASE WHEN r.ord_status <> 0 THEN clearing_state.product(coalesce(r.leaves_qty, 0), i.lot_size, i.lot_exp) END AS leaves_qty,
         CASE WHEN r.ord_status <> 0 THEN clearing_state.product(coalesce(r.cum_qty, 0), i.lot_size, i.lot_exp) END AS cum_qty,
         clearing_state.average(r.cum_value, r.cum_qty, i.tick_size, i.tick_exp) AS avg_px,
         coalesce(r.n_trades, 0) AS trades, r.first_trade AS first_trade_id,
         coalesce(r.n_cancelled, 0) AS orders_canceled,
         clearing_state.restatement_word(r.restated) AS exec_restatement_reason,
         clearing_state.restatement_word(r.cancelled_for) AS resting_restatement_reason,
         CASE WHEN r.reason <> 0 THEN clearing_state.refusal_amount(r.reason, r.needed, s.scale, i.tick_size, i.tick_exp, i.lot_size, i.lot_exp) END AS needed,
         CASE WHEN r.reason <> 0 THEN clearing_state.refusal_amount(r.reason, r.available, s.scale, i.tick_size, i.tick_exp, i.lot_size, i.lot_exp) END AS available,
         s.name AS asset
    FROM clearing_state.request r
    LEFT JOIN clearing_state.account a USING (account_id)
    LEFT JOIN clearing_state.member m ON m.member_id = r.submitter
    LEFT JOIN clearing_state.instrument i USING (instrument_id)
    LEFT JOIN clearing_state.asset s USING (asset_id)
   WHERE (SELECT clearing.current_members()) IS NULL
      OR a.member_id = ANY ((SELECT clearing.current_members())::integer[])
      OR r.submitter = ANY ((SELECT clearing.current_members())::integer[]);
COMMENT ON VIEW clearing.request IS
  'every command and what became of it, refusals and repetitions included; a member sees what concerns its accounts';
COMMENT ON COLUMN clearing.request.height IS 'block that holds the command';
COMMENT ON COLUMN clearing.request.command_number IS 'number of the command in its block, from 0; of the orders of a batch that of the batch and 16777216 for each place in it, from 1';
COMMENT ON COLUMN clearing.request.block_time IS 'time of the block';
COMMENT ON COLUMN clearing.request.command IS 'new_order, replace_order, cancel_order, mass_cancel, deposit, …';
COMMENT ON COLUMN clearing.request.reference IS 'cl_ord_id of orders, replaces and cancels, request_id of everything else';
COMMENT ON COLUMN clearing.request.account IS 'account it acted for, null = the house';
COMMENT ON COLUMN clearing.request.submitter IS 'member on whose behalf it was sent; house is the operator';
COMMENT ON COLUMN clearing.request.symbol IS 'instrument';
COMMENT ON COLUMN clearing.request.status IS 'accepted or refused';
COMMENT ON COLUMN clearing.request.reason IS 'why it was refused';
COMMENT ON COLUMN clearing.request.duplicate IS 'whether it repeated an earlier command, whose outcome it shows';
COMMENT ON COLUMN clearing.request.original_height IS 'block of the command that it repeated';
COMMENT ON COLUMN clearing.request.original_number IS 'number of the command that it repeated';
COMMENT ON COLUMN clearing.request.id IS 'order, created object, ledger entry or settlement';
COMMENT ON COLUMN clearing.request.exec_type IS 'new, trade, canceled, replaced, rejected or expired (FIX 150)';
COMMENT ON COLUMN clearing.request.ord_status IS 'status of the order right after the command (FIX 39)';
COMMENT ON COLUMN clearing.request.order_qty IS 'quantity of the order right after the command';
COMMENT ON COLUMN clearing.request.leaves_qty IS 'quantity working right after the command';
COMMENT ON COLUMN clearing.request.cum_qty IS 'quantity filled right after the command';
COMMENT ON COLUMN clearing.request.avg_px IS 'average price of what was filled right after the command';
COMMENT ON COLUMN clearing.request.trades IS 'trades that the command made';
COMMENT ON COLUMN clearing.request.first_trade_id IS 'number of the first of them; the others follow without gaps';
COMMENT ON COLUMN clearing.request.orders_canceled IS 'orders that the command cancelled';
COMMENT ON COLUMN clearing.request.exec_restatement_reason IS 'why a rule of the house cancelled, cut or repriced its order, in the words of FIX 378; null = none did';
COMMENT ON COLUMN clearing.request.resting_restatement_reason IS 'the same for the other orders that it cancelled or cut';
COMMENT ON COLUMN clearing.request.needed IS 'what would have been needed, if it was refused for lack of it or by a limit: an amount, a quantity, a price or a number';
COMMENT ON COLUMN clearing.request.available IS 'what was available or allowed, if it was refused for lack of it or by a limit';
COMMENT ON COLUMN clearing.request.asset IS 'asset deposited or withdrawn, and of needed and available';

CREATE VIEW clearing.block WITH (security_barrier) AS
  SELECT j.height, j.epoch, clearing_state.time_of(j.block_time) AS block_time,
         j.ruleset, j.first_command, j.command_count AS commands,
         octet_length(j.commands) AS bytes, j.prev_hash, j.event_digest,
         j.block_hash
    FROM clearing_state.journal j
   WHERE j.height <= (SELECT p.height FROM clearing_state.projection p);
COMMENT ON VIEW clearing.block IS 'headers of the journal''s blocks, up to clearing.height(); for everybody';
COMMENT ON COLUMN clearing.block.height IS 'number of the block, from 1 without gaps';
COMMENT ON COLUMN clearing.block.epoch IS 'epoch in which it was written';
COMMENT ON COLUMN clearing.block.block_time IS 'time of the block';
COMMENT ON COLUMN clearing.block.ruleset IS 'version of the rules that executed it';
COMMENT ON COLUMN clearing.block.first_command IS 'number of its first command, counted over the whole journal from 0';
COMMENT ON COLUMN clearing.block.commands IS 'commands in it';
COMMENT ON COLUMN clearing.block.bytes IS 'length of its commands';
COMMENT ON COLUMN clearing.block.prev_hash IS 'hash of the block before';
COMMENT ON COLUMN clearing.block.event_digest IS 'digest of the events that it produced';
COMMENT ON COLUMN clearing.block.block_hash IS 'SHA-256 over header, commands and event digest';


---- This node

CREATE VIEW clearing.node_status AS
  SELECT coalesce(nullif(pg_catalog.current_setting('pg_clearing.node_name', true), ''),
                  pg_catalog.current_setting('cluster_name')) AS node_name,
         pg_catalog.pg_is_in_recovery() AS in_recovery,
         s.role, s.serving, s.house_open, s.epoch, s.height,
         s.confirmed_height, s.projected_height, s.block_hash, s.block_time,
         s.durability, s.synchronous_standbys, s.open_orders,
         s.engine_pid, s.projector_pid, s.engine_starts,
         s.halted_height, s.halted_expected, s.halted_actual,
         (SELECT c.timeline_id FROM pg_catalog.pg_control_checkpoint() c) AS timeline,
         CASE WHEN pg_catalog.pg_is_in_recovery()
              THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(),
                                              pg_catalog.pg_last_wal_replay_lsn())::bigint
         END AS replay_lag_bytes,
         CASE WHEN pg_catalog.pg_is_in_recovery()
              THEN pg_catalog.pg_last_xact_replay_timestamp()
         END AS replayed_at
    FROM clearing.status() s;
COMMENT ON VIEW clearing.node_status IS 'the clearing house on this node, primary or standby';
COMMENT ON COLUMN clearing.node_status.node_name IS 'setting pg_clearing.node_name, or cluster_name if that is empty';
COMMENT ON COLUMN clearing.node_status.in_recovery IS 'whether this is a standby';
COMMENT ON COLUMN clearing.node_status.role IS 'stopped (no engine runs), loading, following, opening, serving, halted or closed';
COMMENT ON COLUMN clearing.node_status.serving IS 'whether commands are accepted here';
COMMENT ON COLUMN clearing.node_status.house_open IS 'whether clearing.open() has been called';
COMMENT ON COLUMN clearing.node_status.epoch IS 'epoch in force';
COMMENT ON COLUMN clearing.node_status.height IS 'last block that this node''s engine executed';
COMMENT ON COLUMN clearing.node_status.confirmed_height IS 'last block known to be as durable as asked for';
COMMENT ON COLUMN clearing.node_status.projected_height IS 'last block that the views show';
COMMENT ON COLUMN clearing.node_status.block_hash IS 'hash of the block at height';
COMMENT ON COLUMN clearing.node_status.block_time IS 'time of the block at height';
COMMENT ON COLUMN clearing.node_status.durability IS 'setting pg_clearing.durability';
COMMENT ON COLUMN clearing.node_status.synchronous_standbys IS 'standbys connected that a commit can wait for';
COMMENT ON COLUMN clearing.node_status.open_orders IS 'working orders';
COMMENT ON COLUMN clearing.node_status.engine_pid IS 'engine worker, null if it does not run';
COMMENT ON COLUMN clearing.node_status.projector_pid IS 'projector, null if it does not run';
COMMENT ON COLUMN clearing.node_status.engine_starts IS 'times that the engine has been started since the server was';
COMMENT ON COLUMN clearing.node_status.halted_height IS 'block at which the node stopped itself, null = it did not';
COMMENT ON COLUMN clearing.node_status.halted_expected IS 'event digest that the journal states for that block';
COMMENT ON COLUMN clearing.node_status.halted_actual IS 'event digest that this node computed';
COMMENT ON COLUMN clearing.node_status.timeline IS 'timeline of the last checkpoint';
COMMENT ON COLUMN clearing.node_status.replay_lag_bytes IS 'WAL received but not replayed; null on a primary';
COMMENT ON COLUMN clearing.node_status.replayed_at IS 'commit time of the last transaction replayed; null on a primary';
