-- Limits, kill switches, sessions.  See doc/risk-controls.md.

CREATE VIEW clearing.account_limits WITH (security_barrier) AS
  SELECT v.name AS account, m.code AS member,
         nullif(max(f.value) FILTER (WHERE f.field = 1), 0) AS smp_id,
         nullif(max(f.value) FILTER (WHERE f.field = 2), 0) AS max_order_qty,
         nullif(max(f.value) FILTER (WHERE f.field = 3), 0) AS max_notional,
         nullif(max(f.value) FILTER (WHERE f.field = 4), 0) AS max_open_orders,
         nullif(max(f.value) FILTER (WHERE f.field = 5), 0) AS max_rate,
         clearing_state.scaled(nullif(max(f.value) FILTER (WHERE f.field = 6), 0), 6) AS price_collar,
         nullif(max(f.value) FILTER (WHERE f.field = 7), 0) AS max_position,
         CASE coalesce(max(f.value) FILTER (WHERE f.field = 8), 0)
              WHEN 0 THEN 'off' WHEN 1 THEN 'operator' ELSE 'member' END AS kill_switch
    FROM clearing_state.visible_account v
    JOIN clearing_state.member m USING (member_id)
    LEFT JOIN clearing_state.field f ON f.scope = 2 AND f.object_id = v.account_id
   WHERE v.account_id >= 16
   GROUP BY v.account_id, v.name, m.code;
COMMENT ON VIEW clearing.account_limits IS 'limits of accounts, set with clearing.set_limits(); null = no limit; a member sees its own';
COMMENT ON COLUMN clearing.account_limits.account IS 'account';
COMMENT ON COLUMN clearing.account_limits.member IS 'its member, whose limits hold as well';
COMMENT ON COLUMN clearing.account_limits.smp_id IS 'self-match prevention id of orders that name none (FIX 2362)';
COMMENT ON COLUMN clearing.account_limits.max_order_qty IS 'largest quantity of an order, lots';
COMMENT ON COLUMN clearing.account_limits.max_notional IS 'largest value of an order, smallest units of the quote asset';
COMMENT ON COLUMN clearing.account_limits.max_open_orders IS 'most working orders';
COMMENT ON COLUMN clearing.account_limits.max_rate IS 'most orders, replaces and quotes in one second of block time';
COMMENT ON COLUMN clearing.account_limits.price_collar IS 'how much worse than the mark (or last) price a limit may be';
COMMENT ON COLUMN clearing.account_limits.max_position IS 'largest position in a future with working orders, lots';
COMMENT ON COLUMN clearing.account_limits.kill_switch IS 'off, or who pulled it: operator or member';

CREATE VIEW clearing.member_limits WITH (security_barrier) AS
  SELECT m.code AS member,
         nullif(max(f.value) FILTER (WHERE f.field = 2), 0) AS max_order_qty,
         nullif(max(f.value) FILTER (WHERE f.field = 3), 0) AS max_notional,
         clearing_state.scaled(nullif(max(f.value) FILTER (WHERE f.field = 6), 0), 6) AS price_collar,
         CASE coalesce(max(f.value) FILTER (WHERE f.field = 8), 0)
              WHEN 0 THEN 'off' WHEN 1 THEN 'operator' ELSE 'member' END AS kill_switch
    FROM clearing_state.member m
    LEFT JOIN clearing_state.field f ON f.scope = 3 AND f.object_id = m.member_id
   WHERE m.member_id > 0
     AND ((SELECT clearing.current_members()) IS NULL
          OR m.member_id = ANY ((SELECT clearing.current_members())::integer[]))
   GROUP BY m.member_id, m.code;
COMMENT ON VIEW clearing.member_limits IS 'limits of members, which hold for each of their accounts; null = no limit; a member sees its own';
COMMENT ON COLUMN clearing.member_limits.member IS 'code of the member';
COMMENT ON COLUMN clearing.member_limits.max_order_qty IS 'largest quantity of an order, lots';
COMMENT ON COLUMN clearing.member_limits.max_notional IS 'largest value of an order, smallest units of the quote asset';
COMMENT ON COLUMN clearing.member_limits.price_collar IS 'how much worse than the mark (or last) price a limit may be';
COMMENT ON COLUMN clearing.member_limits.kill_switch IS 'off, or who pulled it: operator or member';

CREATE VIEW clearing.sessions WITH (security_barrier) AS
  SELECT v.name AS account, s.session,
         clearing_state.time_of(nullif(max(s.deadline), 0)) AS deadline,
         nullif(max(s.timeout), 0) * interval '1 microsecond' AS timeout,
         sum(s.orders)::integer AS open_orders,
         sum(s.ends)::integer AS cancel_on_disconnect
    FROM (SELECT f.object_id::integer AS account_id, f.sub AS session,
                 max(f.value) FILTER (WHERE f.field = 1) AS deadline,
                 max(f.value) FILTER (WHERE f.field = 2) AS timeout,
                 0 AS orders, 0 AS ends
            FROM clearing_state.field f
           WHERE f.scope = 7 GROUP BY 1, 2
          UNION ALL
          SELECT o.account_id, coalesce(o.attributes[11], 0), 0, 0, 1,
                 (o.exec_inst & 16) / 16
            FROM clearing_state.open_order o
           WHERE o.attributes[11] IS NOT NULL OR o.exec_inst & 16 <> 0) s
    JOIN clearing_state.visible_account v USING (account_id)
   GROUP BY v.account_id, v.name, s.session
  HAVING max(s.deadline) > 0 OR sum(s.orders) > 0;
COMMENT ON VIEW clearing.sessions IS 'sessions that have orders or a dead-man switch; a member sees its own';
COMMENT ON COLUMN clearing.sessions.account IS 'account';
COMMENT ON COLUMN clearing.sessions.session IS 'number of the session; 0 = the account as a whole, and orders of no session';
COMMENT ON COLUMN clearing.sessions.deadline IS 'when the dead-man switch cancels, in block time; null = disarmed';
COMMENT ON COLUMN clearing.sessions.timeout IS 'what the last heartbeat asked for';
COMMENT ON COLUMN clearing.sessions.open_orders IS 'working orders of the session';
COMMENT ON COLUMN clearing.sessions.cancel_on_disconnect IS 'how many of them end with it';
