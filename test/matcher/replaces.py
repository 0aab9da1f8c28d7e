"""replaces.py: what a replace may change, and what it does to priority, after
doc/rules.md and doc/orders.md.

A part of House (matcher.py).
"""
from forms import MAY_REST
from orders import *

# Attributes whose change is no reason to go to the back.
KEEPERS = (EXPIRES, SMP_ID)
STOPS = (STOP, STOP_LIMIT)


class Replaces:
    def do_replace(self, n, pairs):
        label, price, qty, tif, kind = (n + [0, 0])[:5]
        o = self.working(label)
        instrument = self.instruments[o.instrument]
        plain = not (pairs or tif or kind or o.attrs or o.waits not in (0, WAITS_AUCTION) or o.was_market or
                     o.execution & ~POST_ONLY)
        if plain and instrument.rule(RULE_IN_FLIGHT):
            self.check_phase(instrument, o)     # of several faults the first counts
            if o.kind == MARKET and price:
                raise Refused("price_invalid")
        was = dict(vars(o), attrs=dict(o.attrs))
        band = self.band_reference(instrument)  # with the order as it is
        try:
            self.change(instrument, o, price, qty, tif, kind, pairs)
            if o.qty <= o.filled:
                raise Refused("qty_below_filled")
            self.check_form(o, replaces=True)
            if o.kind in (MARKET, MARKET_TO_LIMIT) and price:
                raise Refused("price_invalid")
            self.check_phase(instrument, o)
            self.check_legs(instrument, instrument.phase)
            keeps = self.keeps(instrument, o, was)
            if not keeps and o.kind == MARKET and was["kind"] == MARKET and not instrument.market_rests(o.tif):
                raise Refused("phase")
            if not keeps:
                o.resting, o.waits = False, 0
                self.check_order(instrument, o, True, (was["price"], band))
        except Refused:
            vars(o).update(was)
            raise
        self.about = o
        self.count_replace(o, was, keeps)
        if keeps:
            o.seen = was["seen"]
            return
        self.forget_top(o)
        self.begin(instrument, o, replaces=True)

    def count_replace(self, o, was, keeps):
        filled = o.filled and not self.instruments[o.instrument].rule(RULE_IN_FLIGHT)
        for name, applies in (
                ("keeps with less", keeps and o.qty < was["qty"]),
                ("keeps with another time in force", keeps and o.tif != was["tif"]),
                ("keeps with another self-match id", keeps and o.attrs.get(SMP_ID) != was["attrs"].get(SMP_ID)),
                ("loses by price", not keeps and o.price != was["price"]),
                ("loses by more", not keeps and o.qty > was["qty"]),
                ("loses by type", not keeps and o.kind != was["kind"]),
                ("loses by peak", not keeps and o.attrs.get(DISPLAY) != was["attrs"].get(DISPLAY)),
                ("trades at once", o.tif in (IOC, FOK)),
                ("works from now on", filled)):
            self.applied[name] += bool(applies)

    def change(self, instrument, o, price, qty, tif, kind, pairs):
        numbers = {number % GONE for number in pairs}
        becomes = kind or o.kind
        if o.kind == PEGGED:
            may_change = {PEG, PEG_OFFSET}
        elif becomes in STOPS:
            may_change = {STOP_PX, TRIGGER, TRAIL, EXPIRES}
        else:
            may_change = {DISPLAY, MIN_QTY, EXPIRES, SMP_ID}
        if numbers - may_change:
            raise Refused("parameter_invalid")
        if (o.kind == PEGGED) != (becomes == PEGGED):
            raise Refused("ord_type_invalid")
        if o.kind == PEGGED and tif:
            raise Refused("parameter_invalid")
        o.attrs = dict(o.attrs)
        if (o.waits == WAITS_STOP) != (becomes in STOPS):
            for number in (STOP_PX, TRIGGER, TRAIL):
                o.attrs.pop(number, None)
            o.record = ()
        if kind and kind != o.kind:
            o.kind, o.protected, o.price = kind, False, price
        elif o.kind == PEGGED:
            o.peg_limit = price
        elif o.kind != MARKET:
            o.price = price
        o.tif = tif - 1 if tif else o.tif
        o.qty = qty if instrument.rule(RULE_IN_FLIGHT) else qty + o.filled
        for number, value in pairs.items():
            if number >= GONE:
                o.attrs.pop(number - GONE, None)
            else:
                o.attrs[number] = value

    def keeps(self, instrument, o, was):
        """Does it keep its priority?"""
        return (instrument.replace_priority == 1 and o.tif in MAY_REST and o.kind == was["kind"] and
                o.price == was["price"] and o.peg_limit == was["peg_limit"] and o.qty <= was["qty"] and
                self.seen_by_others(o.attrs) == self.seen_by_others(was["attrs"]))

    def seen_by_others(self, attrs):
        """Attributes whose change loses priority; the default is the same as none."""
        return {number: value for number, value in attrs.items()
                if number not in KEEPERS and (number, value) not in ((TRIGGER, LAST), (PEG_OFFSET, 0))}
