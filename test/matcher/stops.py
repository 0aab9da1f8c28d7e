"""stops.py: stop and trailing orders, after doc/triggered-orders.md.

A part of House (matcher.py).
"""
from orders import *


class Stops:
    def trigger_price(self, o):
        """The price that triggers it as it is now, None before there is one."""
        instrument = self.instruments[o.instrument]
        return instrument.mark if o.attrs.get(TRIGGER, LAST) == MARK else instrument.last

    def begin_stop(self, o, replaces):
        if TRAIL in o.attrs:
            o.seen = self.trigger_price(o)
            if o.seen is None:
                raise Refused("no_trigger_price")
        now = self.trigger_price(o)
        if (not (replaces and TRAIL in o.attrs) and now is not None and o.met(now) and
                self.instruments[o.instrument].rule(RULE_STOP_ENTRY) == 1):
            raise Refused("stop_met")

    def check_stop(self, instrument, o, replaces):
        now = self.trigger_price(o)
        if replaces or now is None or not o.met(now) or instrument.phase != CONTINUOUS:
            return
        nobody = (o.kind == STOP and not instrument.rule(RULE_STOP_PROTECTION) and
                  not instrument.market_rests(o.tif) and not self.book(o.instrument, 3 - o.side))
        if nobody and instrument.rule(RULE_POINTS):
            raise Refused("no_liquidity")       # of two faults the first counts
        if o.execution & REDUCE_ONLY and not self.reducible(o):
            raise Refused("nothing_to_reduce")
        if nobody:
            raise Refused("no_liquidity")
        price = self.triggered_price(instrument, o)
        if price is not None:
            self.check_price(instrument, o.side, price, self.band_reference(instrument))

    def triggered_price(self, instrument, o):
        """The limit that it would have; None if there is none."""
        protection = instrument.rule(RULE_STOP_PROTECTION)
        if o.kind == STOP_LIMIT:
            return o.price
        if protection:
            return o.stop_price() + (protection if o.side == BUY else -protection)
        return self.protected_price(instrument, o.side) if instrument.market_rests(o.tif) else None

    def price_seen(self, instrument, kind, price):
        for o in self.orders.values():
            if (o.waits == WAITS_STOP and o.instrument == instrument.number and TRAIL in o.attrs and
                    o.attrs.get(TRIGGER, LAST) == kind and o not in self.triggered):
                o.see(price)
        if instrument.phase == CONTINUOUS:
            self.collect(instrument, kind)

    def collect(self, instrument, kind):
        """Stops that the price triggers run behind those already triggered."""
        price = instrument.mark if kind == MARK else instrument.last
        met = [o for o in self.orders.values()
               if o.waits == WAITS_STOP and o.instrument == instrument.number and o not in self.triggered and
               o.attrs.get(TRIGGER, LAST) == kind and price is not None and o.met(price)]
        self.triggered += sorted(met, key=lambda o: (o.side, o.stop_price() if o.side == BUY else -o.stop_price(),
                                                     o.priority))

    def wait_again(self, o):
        """Trading was interrupted before its turn: it waits where it was triggered."""
        self.applied["stop waits again"] += 1
        if TRAIL in o.attrs:
            o.attrs[STOP_PX] = o.stop_price()
            del o.attrs[TRAIL]
        self.queue(o)

    def trigger(self, o, entered=False):
        """It becomes a market or limit order and runs as if it had just arrived."""
        instrument = self.instruments[o.instrument]
        self.unlink(o, "end")
        protection = instrument.rule(RULE_STOP_PROTECTION)
        if o.kind == STOP and protection:
            o.price = o.stop_price() + (protection if o.side == BUY else -protection)
            self.applied["stop with protection"] += 1
        o.waits = 0
        o.record = (STOP_PX, TRIGGER, TRAIL)
        o.kind = MARKET if o.kind == STOP and not protection else LIMIT
        self.queue(o)
        try:
            self.take_limit(instrument, o)
            self.check_reduce_only(o)
            if o.limited():
                self.check_price(instrument, o.side, o.price, self.band_reference(instrument))
            self.check_immediate(instrument, o)
        except Refused as refused:
            reason = str(refused)
            if entered and reason == "no_liquidity":
                reason = "ioc_remainder"        # when it was checked the order it is linked with was there
            self.end(o, "4", reason)
            self.applied["refused when triggered"] += 1
        else:
            self.run(instrument, o)
