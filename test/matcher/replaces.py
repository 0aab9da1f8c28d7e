"""replaces.py: what a replace may change, and what it does to priority, after
doc/rules.md and doc/orders.md.

A part of House (matcher.py).
"""
from forms import FOR_TYPES
from orders import *

# Attributes whose change is no reason to go to the back.
KEEPERS = (EXPIRES, SMP_ID)


class Replaces:
    def do_replace(self, n, pairs):
        label, price, qty, tif, kind = (n + [0, 0])[:5]
        o = self.working(label)
        instrument = self.instruments[o.instrument]
        plain = not (pairs or tif or kind or o.attrs or o.waits or o.execution & ~POST_ONLY)
        if plain and instrument.rule(RULE_IN_FLIGHT):
            self.check_phase(instrument, o)     # of several faults the first counts
        was = dict(vars(o), attrs=dict(o.attrs))
        try:
            self.change(instrument, o, price, qty, tif, kind, pairs)
            if o.qty <= o.filled:
                raise Refused("qty_below_filled")
            self.check_form(o)
            self.check_phase(instrument, o)
            self.check_legs(instrument, instrument.phase)
            keeps = self.keeps(instrument, o, was)
            if not keeps:
                o.resting, o.waits = False, 0
                self.check_order(instrument, o, True, was["price"])
        except Refused:
            vars(o).update(was)
            raise
        self.about = o
        if keeps:
            return
        self.forget_top(o)
        self.begin(instrument, o, replaces=True)

    def change(self, instrument, o, price, qty, tif, kind, pairs):
        if pairs and o.kind == MARKET:
            raise Refused("parameter_invalid")
        if any(number in pairs and (kind or o.kind) not in FOR_TYPES[number]
               for number in (STOP_PX, TRIGGER, TRAIL, PEG, PEG_OFFSET)):
            raise Refused("parameter_invalid")
        if TRAIL in o.attrs and STOP_PX in pairs:
            raise Refused("parameter_invalid")
        if kind and kind != o.kind:
            o.kind, o.protected, o.price = kind, False, price
        elif o.kind in (MARKET, STOP) and price != 0:
            raise Refused("price_invalid")
        elif o.kind == PEGGED:
            o.peg_limit = price
        elif o.kind != MARKET:
            o.price = price
        o.tif = tif - 1 if tif else o.tif
        o.qty = qty if instrument.rule(RULE_IN_FLIGHT) else qty + o.filled
        o.attrs = dict(o.attrs)
        for number, value in pairs.items():
            if number >= GONE:
                o.attrs.pop(number - GONE, None)
            else:
                o.attrs[number] = value

    def keeps(self, instrument, o, was):
        """Does it keep its priority?"""
        def others(attrs):
            return {number: value for number, value in attrs.items() if number not in KEEPERS}
        return (instrument.replace_priority == 1 and o.kind == was["kind"] and o.price == was["price"] and
                o.peg_limit == was["peg_limit"] and o.qty <= was["qty"] and others(o.attrs) == others(was["attrs"]))
