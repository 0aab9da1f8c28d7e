"""checker.py: holds the clearing house to what it told its clients.

Inputs are the clients' logs and, by SQL, the journal and the tables of the
read model.  Checks, each named in the report:

 chain      every block continues and hashes to what it says (recomputed here)
 nodes      every node has the same journal and the same state digest
 lost       every answered command is in the journal, at the place the answer
            named, with the content that was sent
 twice      no reference took effect more than once: no second outcome that is
            not marked as a repetition, no order or deposit born from one
 phantom    nothing in the journal that no client sent
 answers    what the answer said is what the table of outcomes says
 order      a command sent after another was answered comes later in the journal
 trades     a second, independent engine re-executes the journal and makes the
            same trades, positions and deposits
 money      balances recomputed from deposits, trades and settlement prices;
            all sums are zero

Because every answer carries its place in the one total order, this needs one
pass and no search.
"""
import hashlib
import re
import struct

import wire
from model import Model
from session import place


class Check:
    """One named check: how many were looked at, and what was wrong."""

    def __init__(self, name, what):
        self.name, self.what = name, what
        self.count = 0
        self.faults = 0
        self.examples = []

    def fault(self, text):
        self.faults += 1
        if len(self.examples) < 5:
            self.examples.append(text)

    def result(self):
        return {"name": self.name, "what": self.what, "count": self.count,
                "faults": self.faults, "examples": self.examples, "ok": self.faults == 0}


class Journal:
    """The journal of one node, decoded."""

    def __init__(self, query, chain):
        self.commands = {}          # (height, number) -> Command
        self.first = {}             # (account, ref) -> (height, number)
        self.copies = {}            # (account, ref) -> [(height, number)]
        self.epochs = {}            # height -> epoch
        self.walk(query, chain)

    def walk(self, query, chain):
        previous, height, number = bytes(32), 0, 0
        while True:
            rows = query("SELECT height, epoch, block_time, ruleset, first_command, command_count,"
                         " prev_hash, commands, event_digest, block_hash"
                         " FROM clearing_state.journal WHERE height > %s ORDER BY height LIMIT 2000",
                         (height,))
            if not rows:
                return
            for row in rows:
                row = [bytes(v) if isinstance(v, memoryview) else v for v in row]
                self.check_block(row, previous, height, number, chain)
                height, previous, number = row[0], row[9], row[4] + row[5]
                self.add(row)

    @staticmethod
    def check_block(row, previous, height, number, chain):
        chain.count += 1
        digest = hashlib.sha256(
            b"clr1" + struct.pack("<QQqIQI", *row[0:6]) + row[6]
            + hashlib.sha256(row[7]).digest() + row[8]).digest()
        if row[0] != height + 1 or row[4] != number:
            chain.fault("block %d follows block %d" % (row[0], height))
        if row[6] != previous:
            chain.fault("block %d does not continue the hash of block %d" % (row[0], height))
        if digest != row[9]:
            chain.fault("block %d does not hash to what it says" % row[0])

    def add(self, row):
        self.epochs[row[0]] = row[1]
        found = wire.commands(row[7])
        if len(found) != row[5]:
            raise ValueError("block %d announces %d commands, holds %d"
                             % (row[0], row[5], len(found)))
        for i, command in enumerate(found):
            self.commands[(row[0], i)] = command
            if command.ref:
                key = (command.account, command.ref)
                self.copies.setdefault(key, []).append((row[0], i))
                self.first.setdefault(key, (row[0], i))


class Checker:
    """All checks of one drill against the node that `query` reads."""

    def __init__(self, query, ops, tag):
        self.query = query
        self.ops = ops              # joined client logs, all clients
        self.tag = tag              # how the references of this drill begin
        self.checks = {}
        self.totals = {"cash": 0, "positions": 0}   # what does not sum to zero
        self.accounts = dict(query("SELECT name, account_id FROM clearing_state.account"))
        self.journal = Journal(query, self.check("chain", "blocks hash and link"))
        self.outcomes = {(r[0], r[1]): r[2:] for r in query(
            "SELECT height, number, reason, coalesce(id, 0), duplicate, coalesce(cum_qty, 0),"
            " coalesce(leaves_qty, 0), command_type FROM clearing_state.request")}

    def check(self, name, what):
        return self.checks.setdefault(name, Check(name, what))

    def run(self):
        self.acknowledged()
        self.once()
        self.phantoms()
        self.real_time()
        self.trades()
        self.sums()
        return [c.result() for c in self.checks.values()]

    def key(self, op):
        return (self.accounts.get(op["account"], -1), op["ref"])

    # ----- lost, answers ---------------------------------------------------

    def acknowledged(self):
        lost = self.check("lost", "answered commands are in the journal where the answer said")
        answers = self.check("answers", "answers agree with the table of outcomes")
        for op in self.ops:
            key = self.key(op)
            if op.get("status") == "error":
                if key in self.journal.first:
                    lost.fault("%s failed with %s but is journalled" % (key, op.get("code")))
                continue
            if op.get("status") != "ok":
                continue
            lost.count += 1
            epoch, height, number, _ = place(op["receipt"])
            command = self.journal.commands.get((height, number))
            if key not in self.journal.first:
                lost.fault("%s was answered and is nowhere" % (key,))
            elif command is None or (command.account, command.ref) != key:
                lost.fault("%s is not at %d/%d" % (key, height, number))
            elif self.journal.epochs[height] != epoch:
                lost.fault("%s: epoch of block %d differs from the receipt" % (key, height))
            elif not self.same_content(op, command):
                lost.fault("%s was journalled with other content: %s" % (key, command))
            else:
                answers.count += 1
                self.same_outcome(op, key, (height, number), answers)

    @staticmethod
    def same_content(op, command):
        kind = op["kind"]
        if kind == "new" and command.type == wire.NEW_ORDER:
            o = wire.order_of(command)
            market = op["price"] is None
            return (o.side == (wire.BUY if op["side"] == "buy" else wire.SELL)
                    and o.qty == op["qty"] and o.ord_type == (wire.MARKET if market else wire.LIMIT)
                    and o.price == (0 if market else op["price"])
                    and o.tif == {"day": 0, "gtc": 1, "ioc": 3, "fok": 4}[op["tif"]])
        if kind == "replace" and command.type == wire.REPLACE_ORDER:
            return command.text == op["orig"] and \
                wire.replace_of(command)[1:] == (op["price"], op["qty"])
        if kind == "cancel" and command.type == wire.CANCEL_ORDER:
            return command.text == op["orig"]
        return (kind == "deposit" and command.type == wire.DEPOSIT
                and struct.unpack_from("<q", command.body, 8)[0] == op["amount"])

    def same_outcome(self, op, key, where, answers):
        row = self.outcomes.get(where)
        if row is None:
            answers.fault("%s has no outcome at %d/%d" % ((key,) + where))
            return
        reason, identity, duplicate, cum, leaves = row[:5]
        said = (bool(op["reason"]), op["duplicate"], op["id"] or 0)
        if said != (reason != 0, duplicate, identity):
            answers.fault("%s: answered %s, outcome %s" % (key, said, row))
        elif "cum" in op and (op["cum"], op["leaves"]) != (cum, leaves):
            answers.fault("%s: answered cum %s leaves %s, outcome %s" % (
                key, op["cum"], op["leaves"], row))

    # ----- twice, phantom ------------------------------------------------

    def once(self):
        twice = self.check("twice", "every reference took effect at most once")
        for key, copies in self.journal.copies.items():
            twice.count += 1
            if len(copies) == 1:
                continue
            effects = [c for c in copies if c in self.outcomes and not self.outcomes[c][2]]
            if len(effects) > 1 and any(self.outcomes[c][0] == 0 for c in effects[1:]):
                twice.fault("%s took effect at %s" % (key, effects))
        born = self.query(
            "SELECT account_id, entered_height, entered_number FROM clearing_state.open_order"
            " UNION ALL SELECT account_id, entered_height, entered_number"
            " FROM clearing_state.order_history")
        places = set()
        for account, height, number in born:
            where = (height, number)
            command = self.journal.commands.get(where)
            if where in places:
                twice.fault("two orders were born at %d/%d" % where)
            elif command is None or command.type != wire.NEW_ORDER:
                twice.fault("an order was born at %d/%d, where there is none" % where)
            elif self.journal.first[(account, command.ref)] != where:
                twice.fault("%s gave birth again at %d/%d" % ((command.ref,) + where))
            places.add(where)

    def phantoms(self):
        phantom = self.check("phantom", "everything journalled was sent by a client")
        sent = {self.key(op) for op in self.ops}
        # "d3-17", "d3c05-000017", but not a reference made up that begins so
        own = re.compile(re.escape(self.tag) + r"(c\d+)?-\d+$")
        for key in self.journal.first:
            if own.match(key[1]):
                phantom.count += 1
                if key not in sent:
                    phantom.fault("%s was never sent" % (key,))

    # ----- real time -------------------------------------------------------

    def real_time(self):
        check = self.check("order", "a later command is later in the journal")
        events = []
        for op in self.ops:
            where = self.journal.first.get(self.key(op))
            if where is None:
                continue
            events.append((op["t0"], 1, where, op))
            if op.get("status") == "ok":
                events.append((op["t1"], 0, where, op))
        events.sort(key=lambda e: e[:2])
        newest = (0, 0)
        for _, sent, where, op in events:
            if not sent:
                newest = max(newest, where)
                continue
            check.count += 1
            if where <= newest:
                check.fault("%s was sent after %s was answered" % (op["ref"], newest))

    # ----- trades, positions, money ---------------------------------------

    def owner_test(self):
        """Which accounts must not trade with each other (self-match prevention)."""
        return lambda a, b: a == b

    def trades(self):
        check = self.check("trades", "an independent engine makes the same trades")
        self.model = model = Model(self.owner_test())
        for row in self.query("SELECT instrument_id FROM clearing_state.instrument"
                              " WHERE symbol = 'ESH4'"):
            model.list_instrument(row[0], 1)    # listed in pre-open, see house.py
        for where in sorted(self.journal.commands):
            command = self.journal.commands[where]
            outcome = self.outcomes.get(where)
            if outcome is None or outcome[0] != 0 or (
                    command.ref and self.journal.first[(command.account, command.ref)] != where):
                continue
            try:
                model.apply(command, outcome[1])
            except (KeyError, ValueError) as e:
                check.fault("%s at %d/%d: %r" % ((command.ref,) + where + (e,)))
        made = self.query("SELECT instrument_id, price, qty, buy_order_id, sell_order_id, aggressor"
                          " FROM clearing_state.trade ORDER BY trade_id")
        check.count = len(made)
        if len(made) != len(model.trades):
            check.fault("%d trades, the independent engine made %d" % (len(made), len(model.trades)))
        for i, (a, b) in enumerate(zip(made, model.trades)):
            if tuple(a) != tuple(b):
                check.fault("trade %d is %s, should be %s" % (i + 1, a, b))
        self.compare_positions()

    def compare_positions(self):
        check = self.check("positions", "positions are the sums of those trades")
        futures = {r[0] for r in self.query(
            "SELECT instrument_id FROM clearing_state.instrument WHERE kind = 2")}
        for account, instrument, qty in self.query(
                "SELECT account_id, instrument_id, qty FROM clearing_state.position"):
            if instrument in futures:
                check.count += 1
                if qty != self.model.positions.get((account, instrument), 0):
                    check.fault("account %d instrument %d: %d" % (account, instrument, qty))

    def sums(self):
        money = self.check("money", "sums are zero, balances follow from deposits and trades")
        for asset, total in self.query("SELECT asset_id, sum(balance) FROM clearing_state.balance"
                                       " GROUP BY asset_id"):
            money.count += 1
            self.totals["cash"] += abs(total)
            if total != 0:
                money.fault("balances of asset %d sum to %d" % (asset, total))
        for instrument, total in self.query(
                "SELECT p.instrument_id, sum(p.qty) FROM clearing_state.position p"
                " JOIN clearing_state.instrument i USING (instrument_id) WHERE i.kind = 2"
                " GROUP BY p.instrument_id"):
            money.count += 1
            self.totals["positions"] += abs(total)
            if total != 0:
                money.fault("positions of instrument %d sum to %d" % (instrument, total))
        expected = self.expected_balances()
        for account, asset, balance in self.query(
                "SELECT account_id, asset_id, balance FROM clearing_state.balance"
                " WHERE account_id >= 16"):
            money.count += 1
            if balance != expected.get((account, asset), 0):
                money.fault("account %d asset %d: balance %d, recomputed %d" % (
                    account, asset, balance, expected.get((account, asset), 0)))

    def expected_balances(self):
        """From deposits (as journalled) and trades; every future has just been settled."""
        cash = dict(self.model.deposits)
        held = {}
        listed = {r[0]: r[1:] for r in self.query(
            "SELECT instrument_id, kind, base_asset_id, quote_asset_id, tick_value, lot_units,"
            " settlement FROM clearing_state.instrument")}

        def book(account, asset, amount):
            cash[(account, asset)] = cash.get((account, asset), 0) + amount

        for instrument, price, qty, *sides in self.query(
                "SELECT instrument_id, price, qty, buy_account_id, buy_fee, sell_account_id,"
                " sell_fee FROM clearing_state.trade"):
            kind, base, quote, tick_value, lot_units, _ = listed[instrument]
            for account, fee, sign in ((sides[0], sides[1], 1), (sides[2], sides[3], -1)):
                book(account, quote, -fee - sign * price * qty * tick_value)
                if kind == 1:
                    book(account, base, sign * qty * lot_units)
                else:
                    key = (account, instrument)
                    held[key] = held.get(key, 0) + sign * qty
        for (account, instrument), qty in held.items():
            _, _, quote, tick_value, _, settlement = listed[instrument]
            book(account, quote, qty * settlement * tick_value)
        return cash
