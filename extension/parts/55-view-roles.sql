-- Who may read what.  Views show members their own rows, see 40-views.sql.

GRANT EXECUTE ON FUNCTION
  clearing_state.scaled(bigint, integer),
  clearing_state.product(bigint, bigint, integer),
  clearing_state.average(bigint, bigint, bigint, integer),
  clearing_state.time_of(bigint),
  clearing_state.phase_word(bigint),
  clearing_state.reason_word(smallint),
  clearing_state.restatement_word(smallint),
  clearing_state.refusal_amount(smallint, bigint, smallint, bigint, smallint, bigint, smallint),
  clearing_state.command_word(smallint),
  clearing_state.ord_status_word(smallint),
  clearing_state.exec_type_word(smallint),
  clearing_state.ord_type_word(smallint),
  clearing_state.time_in_force_word(smallint),
  clearing_state.field_value(smallint, smallint, bigint),
  clearing_state.field_catalog()
  TO clearing_operator, clearing_member, clearing_auditor, clearing_monitor;

GRANT SELECT ON
  clearing.asset, clearing.member, clearing.account, clearing.instrument,
  clearing.trading_rules, clearing.spread_leg, clearing.indicative_prices, clearing.trading_schedule, clearing.circuit_breakers,
  clearing.order_book, clearing.order_book_order, clearing.market_trade,
  clearing.open_order, clearing.order_history, clearing.fill,
  clearing.position, clearing.balance, clearing.account_valuation,
  clearing.account_deficit, clearing.ledger_entry, clearing.settlement,
  clearing.request, clearing.block, clearing.account_limits, clearing.member_limits,
  clearing.sessions
  TO clearing_operator, clearing_member, clearing_auditor;
GRANT SELECT ON clearing.trade, clearing.market_maker TO clearing_operator, clearing_auditor;

GRANT SELECT ON clearing.node_status, clearing.stat_progress_verify, clearing.block
  TO clearing_operator, clearing_auditor, clearing_monitor;
GRANT EXECUTE ON FUNCTION clearing_state.verify_progress()
  TO clearing_operator, clearing_auditor, clearing_monitor;

GRANT EXECUTE ON FUNCTION
  clearing.verify(bigint, bigint),
  clearing.state_digest(),
  clearing_state.engine_valuations()
  TO clearing_operator, clearing_auditor;
GRANT EXECUTE ON FUNCTION clearing.rebuild_read_model() TO clearing_operator;
-- for engine_valuations(): the schema's tables stay closed
GRANT USAGE ON SCHEMA clearing_state TO clearing_operator, clearing_auditor;

-- Market data
GRANT EXECUTE ON FUNCTION
  clearing.events(bigint, integer, text[]),
  clearing.event_range(),
  clearing.book_snapshot(text, integer),
  clearing.ladder(text, integer)
  TO clearing_operator, clearing_member, clearing_auditor;
GRANT EXECUTE ON FUNCTION clearing.prune_events(bigint) TO clearing_operator;
