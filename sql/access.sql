-- Who may what: a member tries to get at what is not its own.
\pset null '-'
SELECT t.account('acc-a', 'ALPHA', 100000, 100), t.account('acc-a2', 'ALPHA', 100, 1), t.account('acc-b', 'BRAVO', 100000, 100);
SELECT status FROM clearing.create_spot('ACC', 'BTC', 'USD', 1, 1, maker_fee => -0.001, taker_fee => 0.002);
SELECT s.ord_status FROM clearing.submit_order('acc-b', 'ACC', 'sell', 5, 100, 'secret') r, t.show(r) s;
SELECT s.ord_status FROM clearing.submit_order('acc-b', 'ACC', 'buy', 1, 50, 'secret2') r, t.show(r) s;
SELECT t.see();
SELECT order_id AS secret_id FROM clearing.open_order WHERE cl_ord_id = 'secret' \gset
SELECT account_id AS b_id FROM clearing.account WHERE account = 'acc-b' \gset
SELECT account_id AS a_id FROM clearing.account WHERE account = 'acc-a' \gset
SELECT clearing.encode_order('acc-b', 'ACC', 'buy', 1, 10, 'forged') AS forged,
       clearing.encode_cancel('acc-b', 'secret', 'forged2') AS forged_cancel \gset
CREATE ROLE regress_nobody;
CREATE ROLE regress_both IN ROLE regress_alpha, regress_bravo;
CREATE ROLE regress_operator IN ROLE clearing_operator;
CREATE ROLE regress_auditor IN ROLE clearing_auditor;
CREATE ROLE regress_monitor IN ROLE clearing_monitor;
SELECT clearing.current_members() AS superuser;

-- A role without any role of ours.
SET ROLE regress_nobody;
SELECT clearing.submit_order('acc-a', 'ACC', 'buy', 1, 10);
SELECT clearing.current_members();
SELECT * FROM clearing.asset;
RESET ROLE;
GRANT clearing_member TO regress_nobody;
SET ROLE regress_nobody;
SELECT clearing.current_members();
SELECT clearing.submit_order('acc-a', 'ACC', 'buy', 1, 10);
SELECT count(*) FROM clearing.account;
RESET ROLE;

-- Orders: the same error for what is foreign and what does not exist.
SET ROLE regress_alpha;
SELECT clearing.current_members() = (SELECT array_agg(member_id) FROM clearing.member) AS own_member;
SELECT s.ord_status FROM clearing.submit_order('acc-a', 'ACC', 'buy', 1, 10, 'mine') r, t.show(r) s;
SELECT clearing.submit_order('acc-b', 'ACC', 'buy', 1, 10);
SELECT clearing.submit_order('acc-x', 'ACC', 'buy', 1, 10);
SELECT clearing.submit_orders(ARRAY[('acc-a', 'ACC', 'buy', 1, 10, NULL, NULL, NULL, NULL, NULL, NULL),
                                    ('acc-b', 'ACC', 'buy', 1, 10, NULL, NULL, NULL, NULL, NULL, NULL)]::clearing.new_order[]);
SELECT clearing.cancel_order('acc-b', 'secret');
SELECT clearing.mass_cancel('acc-b');
SELECT clearing.mass_cancel();
SELECT clearing.replace_order('acc-b', 'secret', 1, 1, symbol => 'ACC');
SELECT clearing.encode_order('acc-b', 'ACC', 'buy', 1, 10);
SELECT clearing.encode_cancel('acc-b', 'secret');
-- its own account does not open the order of another
SELECT s.*, order_qty FROM clearing.cancel_order('acc-a', order_id => :secret_id, cl_ord_id => 'try1') r, t.show(r) s;
SELECT s.*, order_qty FROM clearing.cancel_order('acc-a', order_id => 999999999, cl_ord_id => 'try2') r, t.show(r) s;
SELECT s.*, order_qty FROM clearing.cancel_order('acc-a', 'secret', 'try3') r, t.show(r) s;
SELECT clearing.replace_order('acc-a', order_id => :secret_id, order_qty => 1, price => 1);
SELECT clearing.replace_order('acc-a', order_id => 999999999, order_qty => 1, price => 1);
SELECT s.* FROM clearing.replace_order('acc-a', order_id => :secret_id, order_qty => 1, price => 1, symbol => 'ACC', cl_ord_id => 'try4') r, t.show(r) s;

-- Bytes: a foreign account, a forged submitter, commands of the operator.
SELECT clearing.submit_packed(:'forged');
SELECT clearing.submit_packed(:'forged_cancel');
SELECT clearing.enqueue(:'forged');
SELECT clearing.submit_packed(overlay(:'forged'::bytea PLACING '\xfffffff0' FROM 9 FOR 4));
SELECT clearing.submit_packed(overlay(:'forged'::bytea PLACING '\x00000000' FROM 9 FOR 4));
-- account 1 is the outside world
SELECT clearing.submit_packed(overlay(:'forged'::bytea PLACING '\x01000000' FROM 9 FOR 4));
-- create_asset; deposit
SELECT clearing.submit_packed('\x1b0003010000000000000000000300000200000000000000' || 'EUR'::bytea);
SELECT clearing.enqueue('\x20000a01000000001000000000000000010000000000000040420f0000000000');
-- the submitter in the bytes is not believed
SELECT cl_ord_id, s.ord_status FROM clearing.decode_reply(clearing.submit_packed(
    overlay(clearing.encode_order('acc-a', 'ACC', 'buy', 1, 11, 'true') PLACING '\x02000000' FROM 5 FOR 4))) r, t.show(r) s;
RESET ROLE;
SELECT t.see();
SELECT reference, submitter FROM clearing.request WHERE account = 'acc-a' AND reference IN ('mine', 'true') ORDER BY height;
-- the other side of a trade stays unknown: buyer, seller, fees
SET ROLE regress_alpha;
SELECT clearing.submit_packed(clearing.encode_order('acc-a', 'ACC', 'buy', 1, 100, 'tape')) AS reply \gset
SELECT encode(substr(:'reply'::bytea, 64 + 1 + 40, 8), 'hex') AS sell_order,
       encode(substr(:'reply'::bytea, 64 + 1 + 52, 4), 'hex') AS sell_account,
       encode(substr(:'reply'::bytea, 64 + 1 + 64, 8), 'hex') AS sell_fee,
       encode(substr(:'reply'::bytea, 64 + 1 + 48, 4), 'hex') <> '00000000' AS own_account_shown;
SELECT s.* FROM clearing.decode_reply(:'reply') r, t.show(r) s;
-- forged bytes of a reply make nothing be read that is not in them: a duplicate
-- that claims the first hundred trades
SELECT fills FROM clearing.decode_reply(
  set_byte(overlay(overlay(overlay(:'reply'::bytea PLACING '\xc4000000' FROM 1 FOR 4)
                           PLACING ''::bytea FROM 65 FOR 96)
                   PLACING '\x010000000000000064000000' FROM 64 + 81 FOR 12),
           64 + 9, 1));

-- Administration.
SELECT clearing.open();
SELECT clearing.create_asset('EUR', 2);
SELECT clearing.create_member('EVE');
SELECT clearing.create_account('eve', 'ALPHA');
SELECT clearing.create_spot('EVE', 'BTC', 'USD', 1, 1);
SELECT clearing.create_future('EVE', 'USD', 1, 1, 0.1, 0.1);
SELECT clearing.deposit('acc-a', 'USD', 1);
SELECT clearing.withdraw('acc-a', 'USD', 1);
SELECT clearing.set_phase('ACC', 'halted');
SELECT clearing.set_mark_price('ACC', 1);
SELECT clearing.set_margin('ACC', 0, 0);
SELECT clearing.settle('ACC', 1);
SELECT clearing.expire('ACC', 1);
SELECT clearing.set_member_role('BRAVO', 'regress_alpha');
-- Tables, functions and the trigger behind it all.
SELECT * FROM clearing_state.account;
SELECT * FROM clearing_state.journal;
INSERT INTO clearing_state.member_role VALUES (2, 'regress_alpha');
INSERT INTO clearing_state.inbox (command) VALUES (:'forged');
SELECT clearing_state.member_role_changed();
CREATE TABLE clearing.mine (id int);
CREATE TEMP TABLE mine (id int);
CREATE TRIGGER evil AFTER INSERT ON mine EXECUTE FUNCTION clearing_state.member_role_changed();
DROP TABLE mine;
SELECT * FROM clearing.trade;
-- Views show own rows.
SELECT account, member FROM clearing.account WHERE account LIKE 'acc-%' ORDER BY account;
SELECT DISTINCT account FROM clearing.balance WHERE account LIKE 'acc-%' ORDER BY account;
SELECT member FROM clearing.member;
SELECT count(*) FILTER (WHERE account LIKE 'acc-b%') AS foreign_orders, count(*) > 0 AS own FROM clearing.open_order;
SELECT count(*) FILTER (WHERE account LIKE 'acc-b%') AS foreign_orders, count(*) > 0 AS own FROM clearing.order_history;
SELECT count(*) FILTER (WHERE account LIKE 'acc-b%') AS foreign_fills, count(*) AS own FROM clearing.fill WHERE symbol = 'ACC';
SELECT count(*) FILTER (WHERE account LIKE 'acc-b%') AS foreign_requests, count(*) > 0 AS own FROM clearing.request;
SELECT count(*) FILTER (WHERE coalesce(debit_account, credit_account) NOT LIKE 'acc-a%') AS foreign_entries
  FROM clearing.ledger_entry e WHERE trade_id = (SELECT max(trade_id) FROM clearing.fill WHERE symbol = 'ACC');
SELECT count(*) FROM clearing.account_valuation WHERE account LIKE 'acc-b%';
-- the book is public, who stands in it is not
SELECT side, price, qty FROM clearing.order_book WHERE symbol = 'ACC' ORDER BY side DESC, level;
SELECT side, price, qty, account FROM clearing.order_book_order WHERE symbol = 'ACC' ORDER BY side DESC, price DESC;
SELECT price, qty, aggressor_side FROM clearing.market_trade WHERE symbol = 'ACC';
-- a cheap function does not see rows before the filter
CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
  $$ BEGIN IF $1 LIKE '%-b%' THEN RAISE NOTICE 'leaked %', $1; END IF; RETURN true; END $$;
SELECT count(*) > 0 FROM clearing.account WHERE pg_temp.leak(account);
SELECT count(*) > 0 FROM clearing.balance WHERE pg_temp.leak(account);
SELECT count(*) > 0 FROM clearing.open_order WHERE pg_temp.leak(account) AND pg_temp.leak(cl_ord_id);
SELECT count(*) > 0 FROM clearing.request WHERE pg_temp.leak(account);
RESET ROLE;

-- One role can act for two members.
SET ROLE regress_both;
SELECT array_length(clearing.current_members(), 1);
SELECT s.ord_status FROM clearing.submit_order('acc-a', 'ACC', 'buy', 1, 9) r, t.show(r) s;
SELECT s.ord_status FROM clearing.submit_order('acc-b', 'ACC', 'buy', 1, 9) r, t.show(r) s;
RESET ROLE;

-- Taking the role away takes effect at once, also in this session.
SELECT clearing.set_member_role('ALPHA', 'regress_bravo');
SET ROLE regress_alpha;
SELECT clearing.submit_order('acc-a', 'ACC', 'buy', 1, 10);
SELECT clearing.current_members();
RESET ROLE;
BEGIN;
SELECT clearing.set_member_role('ALPHA', 'regress_alpha');
SET ROLE regress_alpha;
SELECT array_length(clearing.current_members(), 1);
RESET ROLE;
ROLLBACK;
SET ROLE regress_alpha;
SELECT clearing.current_members();
RESET ROLE;
SELECT clearing.set_member_role('ALPHA', NULL);
SELECT role_name FROM clearing.member WHERE member = 'ALPHA';
SET ROLE regress_bravo;
SELECT array_length(clearing.current_members(), 1);
RESET ROLE;
SELECT clearing.set_member_role('ALPHA', 'regress_alpha');
SET ROLE regress_alpha;
SELECT array_length(clearing.current_members(), 1);
RESET ROLE;

-- Operators, auditors, monitors.
SET ROLE regress_operator;
SELECT clearing.current_members();
SELECT s.ord_status FROM clearing.submit_order('acc-b', 'ACC', 'buy', 1, 8, 'operated') r, t.show(r) s;
SELECT status FROM clearing.deposit('acc-b', 'USD', 1);
SELECT count(*) > 0 FROM clearing.trade;
SELECT * FROM clearing_state.account;
SELECT clearing.set_member_role('ALPHA', 'regress_alpha');
RESET ROLE;
SET ROLE regress_auditor;
SELECT clearing.current_members();
SELECT count(*) > 0 FROM clearing.trade;
SELECT count(DISTINCT member) > 1 FROM clearing.account;
SELECT t.see() AS caught_up;
SELECT submitter FROM clearing.request WHERE reference = 'operated';
SELECT clearing.submit_order('acc-b', 'ACC', 'buy', 1, 8);
SELECT clearing.deposit('acc-b', 'USD', 1);
RESET ROLE;
SET ROLE regress_monitor;
SELECT serving FROM clearing.node_status;
SELECT serving FROM clearing.status();
SELECT * FROM clearing.account;
SELECT * FROM clearing.trade;
SELECT clearing.submit_order('acc-b', 'ACC', 'buy', 1, 8);
RESET ROLE;

-- Nothing is open to PUBLIC; what runs with its owner's rights has a fixed search_path.
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE nspname IN ('clearing', 'clearing_state')
   AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0);
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE nspname IN ('clearing', 'clearing_state')
   AND p.prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false);
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE nspname IN ('clearing', 'clearing_state') AND c.relkind IN ('r', 'v', 'S', 'm', 'p')
   AND EXISTS (SELECT FROM aclexplode(c.relacl) WHERE grantee = 0);
SELECT c.relname, a.grantee::regrole FROM pg_class c, aclexplode(c.relacl) a
 WHERE c.relnamespace = 'clearing_state'::regnamespace AND a.grantee <> c.relowner;
SELECT has_schema_privilege(r, 'clearing_state', 'USAGE') FROM unnest(ARRAY['clearing_member', 'clearing_monitor', 'public']) r;
-- every view in clearing is a barrier, or reads no table
SELECT relname FROM pg_class WHERE relnamespace = 'clearing'::regnamespace AND relkind = 'v'
   AND NOT coalesce('security_barrier=true' = ANY (reloptions), false) ORDER BY relname;
SELECT orders_canceled > 0 FROM clearing.mass_cancel();
DROP ROLE regress_nobody, regress_both, regress_operator, regress_auditor, regress_monitor;
