"""model.py: a second matching engine, small enough to be read at one sitting.

The checker walks the journal with it: plain price-time priority, prices and
quantities in ticks and lots, nothing shared with the C engine.  It applies
the first occurrence of every reference and no other, so an engine that
applied a repetition, or skipped a command, would show other trades.

Not modelled: money.  Which orders the house refused (margin, funds, phase)
is taken from the outcomes; everything that was accepted must match here.
"""
from collections import OrderedDict, namedtuple

import wire

Made = namedtuple("Made", "instrument price qty buy_order sell_order aggressor")


class Order:
    __slots__ = ("id", "account", "side", "price", "leaves", "cum", "instrument", "ref",
                 "self_match")

    def __init__(self, identity, account, spec, ref):
        self.id, self.account, self.side, self.price = identity, account, spec.side, spec.price
        self.leaves, self.cum, self.instrument, self.ref = spec.qty, 0, spec.instrument, ref
        self.self_match = spec.self_match or 2


class Model:
    """All books; same_owner(a, b) says whether two accounts must not trade."""

    def __init__(self, same_owner):
        self.same_owner = same_owner
        self.books = {}             # (instrument, side) -> {price: {order id: Order}}
        self.orders = {}            # working: id -> Order
        self.names = {}             # (account, cl_ord_id) -> id of the working order
        self.pre_open = set()       # instruments where nothing matches yet
        self.trades = []
        self.positions = {}         # (account, instrument) -> lots
        self.deposits = {}          # (account, asset id) -> minor units

    # ----- the book ------------------------------------------------------

    def _side(self, instrument, side):
        return self.books.setdefault((instrument, side), {})

    def _rest(self, order):
        levels = self._side(order.instrument, order.side)
        levels.setdefault(order.price, OrderedDict())[order.id] = order
        self.orders[order.id] = order
        self.names[(order.account, order.ref)] = order.id

    def _take_out(self, order):
        levels = self._side(order.instrument, order.side)
        del levels[order.price][order.id]
        if not levels[order.price]:
            del levels[order.price]
        del self.orders[order.id]
        self.names.pop((order.account, order.ref), None)

    def _match(self, taker, limit):
        """Trades as far as the limit (None: any price) reaches."""
        other = self._side(taker.instrument, wire.SELL if taker.side == wire.BUY else wire.BUY)
        while taker.leaves and other:
            best = min(other) if taker.side == wire.BUY else max(other)
            if limit is not None and (best > limit if taker.side == wire.BUY else best < limit):
                return
            maker = next(iter(other[best].values()))
            if self.same_owner(taker.account, maker.account):
                if taker.self_match in (2, 3):
                    self._take_out(maker)
                if taker.self_match in (1, 3):
                    taker.leaves = 0
                continue
            self._trade(taker, maker, best, min(taker.leaves, maker.leaves))

    def _trade(self, taker, maker, price, qty):
        buy, sell = (taker, maker) if taker.side == wire.BUY else (maker, taker)
        self.trades.append(Made(taker.instrument, price, qty, buy.id, sell.id, taker.side))
        for order, sign in ((buy, 1), (sell, -1)):
            order.leaves -= qty
            order.cum += qty
            key = (order.account, order.instrument)
            self.positions[key] = self.positions.get(key, 0) + sign * qty
        if maker.leaves == 0:
            self._take_out(maker)

    def _enter(self, order, limit, may_rest):
        if order.instrument not in self.pre_open:
            self._match(order, limit)
        if order.leaves and may_rest:
            self._rest(order)

    # ----- commands ------------------------------------------------------

    def apply(self, command, identity):
        """An accepted command; identity is what the house called its order."""
        if command.type == wire.NEW_ORDER:
            spec = wire.order_of(command)
            order = Order(identity, command.account, spec, command.ref)
            self._enter(order, None if spec.ord_type == wire.MARKET else spec.price,
                        spec.ord_type == wire.LIMIT and spec.tif in (wire.DAY, wire.GTC))
        elif command.type == wire.REPLACE_ORDER:
            self._replace(command)
        elif command.type == wire.CANCEL_ORDER:
            self._take_out(self._named(command, wire.order_id_of(command)))
        elif command.type == wire.SET_PHASE:
            self._set_phase(command)
        elif command.type == wire.DEPOSIT:
            asset, amount = int.from_bytes(command.body[:4], "little"), \
                int.from_bytes(command.body[8:16], "little", signed=True)
            key = (command.account, asset)
            self.deposits[key] = self.deposits.get(key, 0) + amount

    def list_instrument(self, instrument, phase):
        if phase == 1:
            self.pre_open.add(instrument)

    def _named(self, command, order_id):
        return self.orders[order_id or self.names[(command.account, command.text)]]

    def _set_phase(self, command):
        instrument, phase = int.from_bytes(command.body[:4], "little"), command.body[4]
        if phase == 1:
            self.pre_open.add(instrument)
        elif instrument in self.pre_open:
            self.pre_open.discard(instrument)
            buys, sells = self._side(instrument, wire.BUY), self._side(instrument, wire.SELL)
            if buys and sells and max(buys) >= min(sells):
                raise ValueError("the model does not know how to open a crossed book")

    def _replace(self, command):
        order_id, price, total = wire.replace_of(command)
        order = self._named(command, order_id)
        left = total - order.cum
        if price == order.price and left <= order.leaves:
            self.names.pop((order.account, order.ref), None)
            order.leaves, order.ref = left, command.ref
            self.names[(order.account, order.ref)] = order.id
            return
        self._take_out(order)
        order.price, order.leaves, order.ref = price, left, command.ref
        self._enter(order, price, True)
