"""flow.py: generated order flow, one process per client.

Each client is a clearing member with its own database role and two accounts.
Prices walk along a curve that all clients compute from the clock they share,
so their orders meet.  One more client is the cashier, an operator who books
deposits: money that must arrive exactly once.
"""
import math
import os
import random
import signal
import time

import psycopg2

import house
from session import Log, OutOfTime, Session, place

SUBMIT = ("SELECT ord_status, reason, order_id, leaves_qty, cum_qty, duplicate, receipt,"
          " cardinality(fills) FROM clearing.submit_order(account := %s, symbol := %s, side := %s,"
          " order_qty := %s, price := %s, cl_ord_id := %s, time_in_force := %s)")
REPLACE = ("SELECT ord_status, reason, order_id, leaves_qty, cum_qty, duplicate, receipt,"
           " cardinality(fills) FROM clearing.replace_order(account := %s, symbol := %s,"
           " orig_cl_ord_id := %s, order_qty := %s, price := %s, cl_ord_id := %s)")
CANCEL = ("SELECT ord_status, reason, order_id, leaves_qty, cum_qty, duplicate, receipt,"
          " cardinality(fills) FROM clearing.cancel_order(account := %s, orig_cl_ord_id := %s,"
          " cl_ord_id := %s)")
DEPOSIT = ("SELECT status, reason, id, NULL, NULL, duplicate, receipt, NULL"
           " FROM clearing.deposit(account := %s, asset := 'USD', amount := %s, request_id := %s)")

# one statement, one snapshot: the orders still working as of a block
WORKING = ("SELECT clearing.height(), coalesce((SELECT array_agg(cl_ord_id)"
           " FROM clearing.open_order), '{}')")

WORKING_MAX = 40            # orders a client keeps working before it cancels more
REFRESH = 25                # commands after which it looks which still are


class Client:
    """What every client has: a session, a log, references, shared counters."""

    def __init__(self, task):
        self.index = task["index"]
        self.tag = "%sc%02d" % (task["tag"], self.index)
        self.random = random.Random("%s/%d" % (task["seed"], self.index))
        self.session = Session(task["dsn"], task["deadline"])
        self.log = Log(task["log"], self.index)
        self.counters = task["counters"]    # acknowledged, unknown, refused, fills, epoch
        self.stop = task["stop"]
        self.pause = task["pause"]
        self.sequence = 0

    def reference(self):
        self.sequence += 1
        return "%s-%06d" % (self.tag, self.sequence)

    def send(self, op, sql, parameters):
        """Logs, sends until answered, logs; the answer as a dict, or None."""
        number = self.log.invoke(op)
        before = self.session.unknown
        try:
            rows, _ = self.session.execute(sql, parameters)
        except OutOfTime:
            self.log.answer(number, {"status": "unanswered"})
            return None
        except psycopg2.Error as error:
            self.log.answer(number, {"status": "error", "code": error.pgcode,
                                     "message": str(error).strip()})
            return None
        state, reason, identity, leaves, cum, duplicate, receipt, fills = rows[0]
        lot = house.PRODUCTS[op["symbol"]]["lot"] if "symbol" in op else 1
        answer = {"status": "ok", "state": state, "reason": reason, "id": identity,
                  "duplicate": duplicate, "receipt": receipt, "fills": fills,
                  "unknown": self.session.unknown - before}
        if cum is not None:
            answer["cum"] = round(float(cum) / lot)
            answer["leaves"] = round(float(leaves) / lot)
        self.log.answer(number, answer)
        self.height = place(receipt)[1]
        self.counters[0] += 1
        self.counters[1] += answer["unknown"]
        self.counters[2] += reason is not None
        self.counters[3] += fills or 0
        self.counters[4] = place(receipt)[0]
        return answer

    def run(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        parent = os.getppid()
        while not self.stop.is_set() and os.getppid() == parent:
            self.step()
            if self.pause:
                time.sleep(self.pause)
        self.session.close()
        self.log.close()


class Cashier(Client):
    """Books deposits of distinct amounts."""

    def __init__(self, task):
        super().__init__(task)
        self.accounts = task["accounts"]

    def step(self):
        account = self.random.choice(self.accounts)
        ref = self.reference()
        cents = self.random.randrange(1, 100000)
        self.send({"kind": "deposit", "account": account, "ref": ref, "amount": cents},
                  DEPOSIT, (account, "%d.%02d" % divmod(cents, 100), ref))
        time.sleep(0.04)


class Trader(Client):
    """Sends, replaces and cancels orders round a moving price."""

    def __init__(self, task):
        super().__init__(task)
        self.accounts = house.accounts(self.index)
        self.working = {}               # cl_ord_id -> order
        self.height = 0                 # block of the last answer
        self.refreshed = 0

    def mid(self, symbol):
        """The same curve for every client: three sines of the shared clock."""
        t = time.monotonic()
        move = 12 * math.sin(t / 5.3) + 7 * math.sin(t / 2.1 + 1) + 4 * math.sin(t / 0.7)
        return house.PRODUCTS[symbol]["mid"] + round(move)

    def refresh(self):
        """Forgets orders that others have filled: asks the tables."""
        self.refreshed = self.sequence
        try:
            rows, _ = self.session.execute(WORKING)
        except OutOfTime:
            return
        height, open_now = rows[0]
        self.working = {ref: order for ref, order in self.working.items()
                        if order["height"] > height or ref in open_now}

    def step(self):
        if self.sequence - self.refreshed >= REFRESH:
            self.refresh()
        choice = self.random.random()
        if self.working and (choice < 0.2 or len(self.working) > WORKING_MAX):
            self.cancel()
        elif self.working and choice < 0.35:
            self.replace()
        else:
            self.submit(choice)

    def price_for(self, symbol, side):
        away = int(self.random.expovariate(0.25)) - 2
        return self.mid(symbol) + (-away if side == "buy" else away)

    def submit(self, choice):
        symbol = house.SPOT if self.random.random() < 0.4 else house.FUTURE
        side = self.random.choice(("buy", "sell"))
        account = self.random.choice(self.accounts)
        qty = self.random.randrange(1, 11)
        price = self.price_for(symbol, side)
        tif = "day"
        if choice > 0.93:
            price, tif = None, "ioc"
        elif choice > 0.85:
            tif = "fok" if choice > 0.90 else "ioc"
        ref = self.reference()
        product = house.PRODUCTS[symbol]
        op = {"kind": "new", "account": account, "ref": ref, "symbol": symbol, "side": side,
              "price": price, "qty": qty, "tif": tif}
        answer = self.send(op, SUBMIT, (
            account, symbol, side, round(qty * product["lot"], 2),
            None if price is None else price * product["tick"], ref, tif))
        if answer and answer["state"] in ("new", "partially_filled"):
            self.working[ref] = dict(op, cum=answer["cum"], height=self.height)

    def replace(self):
        orig = self.random.choice(list(self.working))
        order = self.working.pop(orig)
        product = house.PRODUCTS[order["symbol"]]
        ref = self.reference()
        qty = order["cum"] + self.random.randrange(1, 11)
        price = order["price"]
        if self.random.random() < 0.7:
            price = self.price_for(order["symbol"], order["side"])
        answer = self.send(
            {"kind": "replace", "account": order["account"], "ref": ref, "orig": orig,
             "symbol": order["symbol"], "price": price, "qty": qty},
            REPLACE, (order["account"], order["symbol"], orig,
                      round(qty * product["lot"], 2), price * product["tick"], ref))
        if answer is None or answer["reason"]:
            if answer and answer["state"] in ("new", "partially_filled"):
                self.working[orig] = order      # refused, still there
        elif answer["state"] in ("new", "partially_filled"):
            self.working[ref] = dict(order, price=price, qty=qty, cum=answer["cum"],
                                     height=self.height)

    def cancel(self):
        orig = self.random.choice(list(self.working))
        order = self.working.pop(orig)
        ref = self.reference()
        self.send({"kind": "cancel", "account": order["account"], "ref": ref, "orig": orig,
                   "symbol": order["symbol"]}, CANCEL, (order["account"], orig, ref))


def main(task):
    """Entry point of a client process."""
    os.nice(5)              # the cluster's own processes come first
    (Cashier if task["index"] == 0 else Trader)(task).run()
