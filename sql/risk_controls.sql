-- Risk controls: self-match prevention ids, limits, kill switch, sessions.
\pset null '-'
SELECT t.account('rsk-a', 'ALPHA', 100000, 1000), t.account('rsk-b', 'BRAVO', 100000, 1000),
       t.account('rsk-b2', 'BRAVO', 100000, 1000);
SELECT status FROM clearing.create_spot('RSK', 'BTC', 'USD', 0.5, 0.1);

-- two accounts of one member that must not trade with each other
SELECT s.* FROM clearing.submit_order('rsk-b', 'RSK', 'sell', 1, 100, 'b1', smp_id => 5) r, t.show(r) s;
SELECT s.* FROM clearing.submit_order('rsk-b2', 'RSK', 'buy', 3, 100, 'b2', smp_id => 5,
                                      self_match_prevention => 'decrement_both') r, t.show(r) s;
-- the same number of another member is another one
SELECT s.* FROM clearing.submit_order('rsk-a', 'RSK', 'sell', 1, 100, 'a1', smp_id => 5) r, t.show(r) s;
SELECT t.see();
SELECT cl_ord_id, ord_status, reason, exec_restatement_reason, smp_id, order_qty, cum_qty, leaves_qty
  FROM clearing.order_history WHERE symbol = 'RSK' ORDER BY order_id;

-- limits
SELECT status FROM clearing.set_limits('rsk-a', max_order_qty => 20, max_notional => 30000, price_collar => 0.10,
                                       max_open_orders => 2, request_id => 'l1');
SELECT status FROM clearing.set_limits(member => 'ALPHA', max_order_qty => 15);
SELECT clearing.set_limits(member => 'ALPHA', max_rate => 15);
SELECT clearing.set_limits('rsk-a', price_collar => -0.1);
SELECT clearing.set_limits('rsk-a');
SELECT status, reason FROM clearing.set_limits('fees', max_order_qty => 1);
SELECT clearing.set_limits(max_rate => 1);
SELECT t.see();
SELECT * FROM clearing.account_limits WHERE account LIKE 'rsk-%' ORDER BY account;
SELECT * FROM clearing.member_limits WHERE member = 'ALPHA';
SELECT reason, needed, available, hint FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1.6, 100, 'a2');
SELECT reason, needed, available FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1.5, 110.5, 'a3');
SELECT reason, needed, available FROM clearing.submit_order('rsk-a', 'RSK', 'sell', 1.5, 250, 'a4');
SELECT ord_status FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1, 90, 'a5');
SELECT ord_status FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1, 90, 'a6');
SELECT reason, needed, available FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1, 90, 'a7');
SELECT status FROM clearing.set_limits('rsk-a', max_order_qty => 0, max_notional => 0, price_collar => 0, max_open_orders => 0);
SELECT status FROM clearing.set_limits(member => 'ALPHA', max_order_qty => 0);

-- mass cancel by member and side
SELECT ord_status FROM clearing.submit_order('rsk-b', 'RSK', 'buy', 1, 80, 'b3');
SELECT ord_status FROM clearing.submit_order('rsk-b', 'RSK', 'sell', 1, 120, 'b4');
SELECT status, orders_canceled FROM clearing.mass_cancel(member => 'BRAVO', symbol => 'RSK', side => 'sell');
SELECT status, orders_canceled FROM clearing.mass_cancel('rsk-b', member => 'BRAVO');

-- kill switch
SELECT status, orders_canceled FROM clearing.kill_switch(member => 'BRAVO');
SELECT ord_status, reason, hint FROM clearing.submit_order('rsk-b', 'RSK', 'buy', 1, 80, 'b5');
SELECT t.see();
SELECT member, kill_switch FROM clearing.member_limits WHERE member = 'BRAVO';
SELECT cl_ord_id, reason, exec_restatement_reason FROM clearing.order_history WHERE cl_ord_id = 'b3' AND symbol = 'RSK';
SELECT status FROM clearing.kill_switch(member => 'BRAVO', enabled => false);
SELECT ord_status FROM clearing.submit_order('rsk-b', 'RSK', 'buy', 1, 80, 'b6');
SELECT status FROM clearing.kill_switch();
SELECT status FROM clearing.kill_switch(member => 'NOBODY');

-- sessions and the dead-man switch
SELECT ord_status FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1, 80, 's1', session => 9, cancel_on_disconnect => true);
SELECT ord_status FROM clearing.submit_order('rsk-a', 'RSK', 'buy', 1, 80, 's2', session => 9);
SELECT status FROM clearing.heartbeat('rsk-a', '1 hour', 9);
SELECT t.see();
SELECT account, session, deadline > now() AS armed, timeout, open_orders, cancel_on_disconnect
  FROM clearing.sessions WHERE account = 'rsk-a' ORDER BY session;
SELECT status, orders_canceled FROM clearing.disconnect('rsk-a', 9);
SELECT status FROM clearing.heartbeat('rsk-a', session => 9);
SELECT clearing.heartbeat('rsk-a', '2 days');
SELECT t.see();
SELECT account, session, deadline, timeout, open_orders FROM clearing.sessions WHERE account = 'rsk-a';
SELECT status, orders_canceled FROM clearing.mass_cancel('rsk-a');
SELECT status, orders_canceled FROM clearing.mass_cancel(member => 'BRAVO');
