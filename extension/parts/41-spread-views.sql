-- Spreads and lead market makers, as SQL sees them.

CREATE VIEW clearing.spread_leg WITH (security_barrier) AS
  SELECT s.symbol, (l.sub + 1)::integer AS leg, i.symbol AS leg_symbol, r.value::integer AS ratio
    FROM clearing_state.field l
    JOIN clearing_state.field r
      ON r.scope = l.scope AND r.object_id = l.object_id AND r.sub = l.sub AND r.field = 2
    JOIN clearing_state.instrument s ON s.instrument_id = l.object_id
    JOIN clearing_state.instrument i ON i.instrument_id = l.value
   WHERE l.scope = 8 AND l.field = 1;
COMMENT ON VIEW clearing.spread_leg IS 'legs of spreads; for everybody';
COMMENT ON COLUMN clearing.spread_leg.symbol IS 'the spread';
COMMENT ON COLUMN clearing.spread_leg.leg IS 'number of the leg, from 1';
COMMENT ON COLUMN clearing.spread_leg.leg_symbol IS 'future that the leg is';
COMMENT ON COLUMN clearing.spread_leg.ratio IS 'lots of it per lot of the spread; negative: the spread''s buyer sells them';

CREATE VIEW clearing.market_maker WITH (security_barrier) AS
  SELECT i.symbol, a.name AS account, clearing_state.scaled(f.value, 6::smallint) AS share
    FROM clearing_state.field f
    JOIN clearing_state.instrument i ON i.instrument_id = f.object_id
    JOIN clearing_state.account a ON a.account_id = f.sub
   WHERE f.scope = 6 AND f.field = 1 AND f.value <> 0;
COMMENT ON VIEW clearing.market_maker IS 'lead market makers and their shares, set with clearing.set_market_maker(); for operators and auditors';
COMMENT ON COLUMN clearing.market_maker.symbol IS 'instrument';
COMMENT ON COLUMN clearing.market_maker.account IS 'account';
COMMENT ON COLUMN clearing.market_maker.share IS 'fraction of every aggressor that its orders get ahead of others';
