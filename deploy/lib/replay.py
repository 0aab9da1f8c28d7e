"""replay.py: plays an order-entry file into the future ESH4.

The file (CSV, may be gzipped) has the columns n, phase, cmd, order_id, side,
price, qty; the order of its rows is kept: one session, packed commands, many
to a call.  Commands: A new limit order, C cancel, M modify to a price and a
remaining quantity, X limit order that must not rest (IOC), R reduce the
remaining quantity.  In the phases snap, pre and auct nothing trades; with
cont the market opens.

FIX's OrderQty is the total quantity, so M and R must know what is filled
already.  The client learns that from the trades in its replies, its own
passive fills included; a call is cut short before a command that depends on
fills which an earlier command of the same call could cause.
"""
import csv
import gzip
import os
import signal
from decimal import Decimal

import house
import wire
from session import Log, Session

BATCH_MAX = 64
TICK = Decimal("0.25")


def open_any(path):
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path)


def read_flow(path):
    with open_any(path) as f:
        rows = list(csv.DictReader(f))
    for row in rows:
        row["n"], row["qty"] = int(row["n"]), int(row["qty"])
        row["price"] = int(Decimal(row["price"]) / TICK) if row["price"] else 0
    return rows


def read_fills(path):
    """[(n, k, taker, maker, price, qty)] as expected."""
    with open_any(path) as f:
        return [(int(r["n"]), int(r["k"]), r["taker_order_id"], r["maker_order_id"],
                 Decimal(r["price"]), int(r["qty"])) for r in csv.DictReader(f)]


def read_made(path):
    """The fills that main() wrote."""
    made = []
    with open(path) as f:
        for line in f:
            n, k, taker, maker, price, qty = line.rstrip("\n").split(",")
            made.append((int(n), int(k), taker, maker, Decimal(price), int(qty)))
    return made


class Order:
    """The client's view of one of its orders."""
    __slots__ = ("feed_id", "account", "side", "price", "ref", "total", "cum")

    def __init__(self, feed_id, account, side, price, ref, qty):
        self.feed_id, self.account, self.side = feed_id, account, side
        self.price, self.ref, self.total, self.cum = price, ref, qty, 0


class Batch:
    """Commands not sent yet, and what they could trade with."""

    def __init__(self):
        self.items = []             # (row, order, op, bytes)
        self.best = {"B": None, "A": None}  # most aggressive limits in it
        self.touched = set()

    def could_fill(self, order):
        """Could a command in this batch change what `order` has filled?"""
        if order.feed_id in self.touched:
            return True
        other = self.best["A" if order.side == "B" else "B"]
        if other is None:
            return False
        return other <= order.price if order.side == "B" else other >= order.price

    def add(self, item, aggressive):
        self.items.append(item)
        if aggressive:
            side, price = item[1].side, item[1].price
            best = self.best[side]
            if best is None or (price > best if side == "B" else price < best):
                self.best[side] = price
            self.touched.add(item[1].feed_id)


class Replay:
    """One pass over the file."""

    def __init__(self, task):
        self.rows = task["rows"]
        self.ids = task["account_ids"]      # account name -> number
        self.instrument = task["instrument"]
        self.tag = task["tag"]
        self.session = Session(task["dsn"], task["deadline"])
        self.log = Log(task["log"], 0)
        self.counters = task["counters"]
        self.live = {}                      # feed order id -> Order
        self.by_house_id = {}               # house's order id -> Order
        self.fills = []                     # as expected_fills
        self.batch = Batch()

    def run(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        parent = os.getppid()
        phase = None
        for row in self.rows:
            if os.getppid() != parent:
                return
            if phase != "cont" and row["phase"] == "cont":
                self.flush()
                self.open_market()
            phase = row["phase"]
            self.add(row)
            if len(self.batch.items) >= BATCH_MAX:
                self.flush()
        self.flush()
        self.session.close()
        self.log.close()

    def open_market(self):
        self.session.execute("SELECT status FROM clearing.set_phase(%s, 'continuous', %s)",
                             (house.ES, "open " + self.tag))

    def add(self, row):
        command = row["cmd"]
        if command in "AX":
            self.add_new(row)
            return
        order = self.live[row["order_id"]]
        if command != "C" and self.batch.could_fill(order):
            self.flush()
        if command == "C":
            self.add_cancel(row, order)
        elif command == "M":
            self.add_replace(row, order, row["price"], row["qty"])
        else:
            left = order.total - order.cum - row["qty"]
            if left > 0:
                self.add_replace(row, order, order.price, left)
            else:
                self.add_cancel(row, order)

    def add_new(self, row):
        ref = "%s-%d" % (self.tag, row["n"])
        account = house.replay_account(row["side"], row["order_id"])
        order = Order(row["order_id"], account, row["side"], row["price"], ref, row["qty"])
        ioc = row["cmd"] == "X"
        data = wire.new_order(self.ids[account], self.instrument,
                              wire.BUY if row["side"] == "B" else wire.SELL,
                              row["price"], row["qty"], ref, tif=wire.IOC if ioc else wire.DAY)
        if not ioc:
            self.live[row["order_id"]] = order
        op = {"kind": "new", "account": account, "ref": ref, "symbol": house.ES,
              "side": "buy" if row["side"] == "B" else "sell", "price": row["price"],
              "qty": row["qty"], "tif": "ioc" if ioc else "day"}
        self.batch.add((row, order, op, data), row["phase"] == "cont")

    def add_replace(self, row, order, price, left):
        ref = "%s-%d" % (self.tag, row["n"])
        total = order.cum + left
        op = {"kind": "replace", "account": order.account, "ref": ref, "orig": order.ref,
              "symbol": house.ES, "price": price, "qty": total}
        data = wire.replace_order(self.ids[order.account], order.ref, price, total, ref)
        order.ref, order.price, order.total = ref, price, total
        self.batch.add((row, order, op, data), row["phase"] == "cont")

    def add_cancel(self, row, order):
        ref = "%s-%d" % (self.tag, row["n"])
        op = {"kind": "cancel", "account": order.account, "ref": ref, "orig": order.ref,
              "symbol": house.ES}
        del self.live[order.feed_id]
        data = wire.cancel_order(self.ids[order.account], order.ref, ref)
        self.batch.add((row, order, op, data), False)

    def flush(self):
        """Sends the batch until it is answered and takes in what happened."""
        batch, self.batch = self.batch, Batch()
        if not batch.items:
            return
        numbers = [self.log.invoke(op) for _, _, op, _ in batch.items]
        rows, unknown = self.session.execute(
            "SELECT clearing.submit_packed(%s)", (b"".join(i[3] for i in batch.items),))
        reply = wire.decode_reply(bytes(rows[0][0]))
        self.counters[1] += unknown
        self.counters[4] = reply.epoch
        block = reply.block_hash.hex()
        for (row, order, op, _), number, (trades, outcome) in zip(
                batch.items, numbers, reply.results):
            if outcome.duplicate and outcome.n_trades:
                trades = self.recall(outcome)
            self.take(row, order, op, trades, outcome)
            self.log.answer(number, {
                "status": "ok", "state": outcome.ord_status, "id": outcome.id,
                "reason": str(outcome.reason) if outcome.reason else None,
                "duplicate": outcome.duplicate, "fills": len(trades), "unknown": unknown,
                "cum": outcome.cum_qty, "leaves": outcome.leaves_qty,
                "receipt": "%d/%d/%d/%s" % (reply.epoch, reply.height, outcome.number, block)})

    def recall(self, outcome):
        """The trades of a command that was answered as a repetition: from the tables."""
        self.session.execute("SELECT clearing.wait_for(%s)", (outcome.height,))
        rows, _ = self.session.execute(
            "SELECT instrument_id, trade_id, price, qty, buy_order_id, sell_order_id,"
            " buy_account_id, sell_account_id, buy_fee, sell_fee, aggressor"
            " FROM clearing_state.trade WHERE trade_id >= %s AND trade_id < %s ORDER BY trade_id",
            (outcome.first_trade, outcome.first_trade + outcome.n_trades))
        return [wire.Trade(*row) for row in rows]

    def take(self, row, order, op, trades, outcome):
        """Books one answered command and its trades."""
        self.counters[0] += 1
        if outcome.reason:
            self.counters[2] += 1
            return
        if op["kind"] == "new":
            self.by_house_id[outcome.id] = order
        for k, trade in enumerate(trades, 1):
            self.counters[3] += 1
            buy, sell = self.by_house_id[trade.buy_order], self.by_house_id[trade.sell_order]
            buy.cum += trade.qty
            sell.cum += trade.qty
            taker, maker = (buy, sell) if trade.aggressor == wire.BUY else (sell, buy)
            self.fills.append((row["n"], k, taker.feed_id, maker.feed_id,
                               trade.price * TICK, trade.qty))


def main(task):
    """Entry point of the replaying process; the fills go back through a file."""
    replay = Replay(task)
    replay.run()
    with open(task["fills"], "w") as f:
        for fill in replay.fills:
            f.write(",".join(str(v) for v in fill) + "\n")
