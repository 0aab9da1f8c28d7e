"""stops.py: stop and trailing orders, after doc/triggered-orders.md.

A part of House (matcher.py).
"""
from orders import *


class Stops:
    def trigger_price(self, o):
        """The price that triggers it as it is now, None before there is one."""
        instrument = self.instruments[o.instrument]
        return instrument.mark if o.attrs.get(TRIGGER, LAST) == MARK else instrument.last

    def check_stop(self, instrument, o):
        now = self.trigger_price(o)
        if o.tif in (IOC, FOK):
            raise Refused("tif_invalid")
        if TRAIL in o.attrs:
            if now is None:
                raise Refused("no_trigger_price")
            o.seen = now
        if now is not None and o.met(now) and instrument.rule(RULE_STOP_ENTRY) == 1:
            raise Refused("stop_met")
        other = self.check_link(o)
        if (now is not None and o.met(now) and instrument.phase == CONTINUOUS and o.kind == STOP and
                not self.book(o.instrument, 3 - o.side)):
            raise Refused("no_liquidity")
        return other

    def replace_stop(self, instrument, o, price, qty, pairs):
        if instrument.phase != CONTINUOUS and not instrument.collects():
            raise Refused("phase")
        if TRAIL in o.attrs and STOP_PX in pairs:
            raise Refused("parameter_invalid")
        if price != 0 and o.kind == STOP:
            raise Refused("price_invalid")
        if qty <= o.filled:
            raise Refused("qty_below_filled")
        attrs = dict(o.attrs)
        attrs.update(pairs)
        keeps = (price == o.price and qty <= o.qty and attrs == o.attrs and instrument.replace_priority == 1)
        before, o.attrs = o.attrs, attrs
        now = self.trigger_price(o)
        if TRAIL not in attrs and now is not None and o.met(now) and instrument.rule(RULE_STOP_ENTRY) == 1:
            o.attrs = before
            raise Refused("stop_met")
        o.price, o.qty = price, qty
        self.about = o
        if keeps:
            return
        self.clock += 1
        o.priority = self.clock
        if TRAIL in attrs:
            o.seen = now
        elif instrument.phase == CONTINUOUS and now is not None and o.met(now):
            self.triggered.append(o)

    def price_seen(self, instrument, kind, price):
        for o in self.orders.values():
            if o.waits and o.instrument == instrument.number and o.attrs.get(TRIGGER, LAST) == kind and TRAIL in o.attrs:
                o.see(price)
        if instrument.phase == CONTINUOUS:
            self.collect(instrument, kind)

    def collect(self, instrument, kind):
        """Stops that the price triggers run behind those already triggered."""
        price = instrument.mark if kind == MARK else instrument.last
        met = [o for o in self.orders.values()
               if o.waits and o.instrument == instrument.number and o not in self.triggered and
               o.attrs.get(TRIGGER, LAST) == kind and price is not None and o.met(price)]
        self.triggered += sorted(met, key=lambda o: (o.side, o.stop_price() if o.side == BUY else -o.stop_price(),
                                                     o.priority))

    def trigger(self, o):
        """It becomes a market or limit order and runs as if it had just arrived."""
        instrument = self.instruments[o.instrument]
        self.unlink(o, "end")
        o.waits = False
        o.kind = MARKET if o.kind == STOP else LIMIT
        self.clock += 1
        o.priority = self.clock
        if o.kind == MARKET and not self.book(o.instrument, 3 - o.side):
            self.end(o, "4", "no_liquidity")
        else:
            self.run(instrument, o)
