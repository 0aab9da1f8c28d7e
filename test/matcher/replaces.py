"""replaces.py: what a replace may change, and what it does to priority, after
doc/rules.md and doc/orders.md.

A part of House (matcher.py).
"""
from orders import *


class Replaces:
    def do_replace(self, n, pairs):
        label, price, qty = n
        o = self.working(label)
        instrument = self.instruments[o.instrument]
        if o.waits:
            self.replace_stop(instrument, o, price, qty, pairs)
            return
        if pairs:
            raise Refused("parameter_invalid")
        if instrument.phase != CONTINUOUS and not (
                instrument.market_rests(o.tif) if o.kind == MARKET else instrument.collects()):
            raise Refused("phase")
        if o.kind == MARKET:
            if price != 0:
                raise Refused("price_invalid")
            price = o.price
        if qty <= o.filled:
            raise Refused("qty_below_filled")
        if price == o.price and qty <= o.qty and instrument.replace_priority == 1:
            o.qty = qty
            self.about = o
            return
        if o.kind == MARKET and not instrument.market_rests(o.tif):
            raise Refused("phase")
        if o.execution & POST_ONLY:
            others = self.limits(o.instrument, 3 - o.side)
            crosses = others and (price >= others[0].price if o.side == BUY else price <= others[0].price)
            if crosses:
                raise Refused("post_only_would_trade")
        self.about = o
        self.leave(o)
        o.price, o.qty = price, qty
        self.clock += 1
        o.priority = self.clock
        self.run(instrument, o)
