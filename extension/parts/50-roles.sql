-- Who may what.  Nothing is open to PUBLIC.  Views: 55-view-roles.sql.
--
-- Roles belong to the cluster: they are shared by all databases, and DROP
-- EXTENSION leaves them.


DO $roles$
DECLARE
  role record;
BEGIN
  FOR role IN
    SELECT * FROM (VALUES
      ('clearing_operator', 'pg_clearing: runs the clearing house, acts for every account'),
      ('clearing_member', 'pg_clearing: group of the roles that act for members, each for its own accounts'),
      ('clearing_auditor', 'pg_clearing: reads everything, changes nothing'),
      ('clearing_monitor', 'pg_clearing: reads the state of the nodes')
    ) AS r (name, comment)
  LOOP
    IF EXISTS (SELECT FROM pg_catalog.pg_roles
               WHERE rolname OPERATOR(pg_catalog.=) role.name::pg_catalog.name) THEN
      RAISE NOTICE 'role "%" exists already, its members get its privileges in this database too', role.name;
      CONTINUE;
    END IF;
    BEGIN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', role.name);
      EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', role.name, role.comment);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      -- another database was faster
      NULL;
    END;
  END LOOP;
END
$roles$;

REVOKE ALL ON SCHEMA clearing, clearing_state FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA clearing, clearing_state FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA clearing, clearing_state FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA clearing, clearing_state FROM PUBLIC;
REVOKE ALL ON TYPE clearing.fill_report, clearing.execution_report,
  clearing.command_report, clearing.mass_cancel_report, clearing.quote, clearing.new_order,
  clearing.order_attributes
  FROM PUBLIC;

GRANT USAGE ON SCHEMA clearing
  TO clearing_operator, clearing_member, clearing_auditor, clearing_monitor;
GRANT USAGE ON TYPE clearing.fill_report, clearing.execution_report,
  clearing.command_report, clearing.mass_cancel_report, clearing.quote, clearing.new_order,
  clearing.order_attributes
  TO clearing_operator, clearing_member, clearing_auditor;

-- What the views call, and reading one's own writes
GRANT EXECUTE ON FUNCTION
  clearing.current_members(),
  clearing.height(),
  clearing.wait_for(bigint, interval),
  clearing.status()
  TO clearing_operator, clearing_member, clearing_auditor, clearing_monitor;

-- Trading; each function checks whose account it is
GRANT EXECUTE ON FUNCTION
  clearing.submit_order(text, text, text, numeric, numeric, text, text, text, boolean, text),
  clearing.submit_order(varchar, text, text, numeric, numeric, text, text, text, boolean, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text, boolean, boolean),
  clearing.replace_order(text, text, numeric, numeric, text, bigint, text),
  clearing.replace_order(varchar, text, numeric, numeric, text, bigint, text, text, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text[]),
  clearing.cancel_order(text, text, text, bigint),
  clearing.mass_cancel(text, text, text, text, text),
  clearing.mass_quote(text, clearing.quote[], bigint, text),
  clearing.submit_batch(text, bytea[], text),
  clearing.kill_switch(text, text, boolean, text),
  clearing.heartbeat(text, interval, bigint, text),
  clearing.disconnect(text, bigint, text),
  clearing.submit_orders(clearing.new_order[]),
  clearing.submit_packed(bytea),
  clearing.encode_order(text, text, text, numeric, numeric, text, text, text, boolean, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text, boolean, boolean),
  clearing.encode_replace(text, text, numeric, numeric, text, bigint, text, text, text, numeric, numeric, numeric, text, numeric, text, numeric, timestamptz, text, bigint, bigint, bigint, text[]),
  clearing.encode_cancel(text, text, text, bigint),
  clearing.enqueue(bytea)
  TO clearing_operator, clearing_member;

GRANT EXECUTE ON FUNCTION
  clearing.decode_reply(bytea),
  clearing.check_receipt(text)
  TO clearing_operator, clearing_member, clearing_auditor;

-- Administration
GRANT EXECUTE ON FUNCTION
  clearing.open(text, interval),
  clearing.resume(),
  clearing.create_asset(text, integer, text),
  clearing.create_member(text, text, name, text),
  clearing.set_member_role(text, name),
  clearing.create_account(text, text, text, text),
  clearing.create_spot(text, text, text, numeric, numeric, numeric, numeric, text, text, text),
  clearing.create_future(text, text, numeric, numeric, numeric, numeric, numeric, text, numeric, numeric, text, numeric, timestamptz, text, text, text),
  clearing.set_phase(text, text, text, timestamptz, interval, text, bigint),
  clearing.set_schedule(text, integer, text, time, timestamptz, interval, interval, text, integer, bigint, text),
  clearing.set_mark_price(text, numeric, text),
  clearing.set_margin(text, numeric, numeric, text, text),
  clearing.set_circuit_breaker(integer, integer, numeric, interval, interval, text, boolean, interval, text),
  clearing.set_trading_rule(text, text, text, text),
  clearing.bust_trade(bigint, text),
  clearing.correct_trade(bigint, numeric, numeric, text),
  clearing.set_limits(text, text, bigint, bigint, bigint, bigint, bigint, numeric, bigint, text),
  clearing.create_spread(text, text[], integer[], numeric, text, text, text),
  clearing.set_market_maker(text, text, numeric, text),
  clearing.deposit(text, text, numeric, text),
  clearing.withdraw(text, text, numeric, text),
  clearing.settle(text, numeric, text),
  clearing.expire(text, numeric, text)
  TO clearing_operator;
