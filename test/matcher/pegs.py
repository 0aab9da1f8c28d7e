"""pegs.py: orders whose price follows the book, after doc/triggered-orders.md.

A part of House (matcher.py).
"""
from orders import *


class Pegs:
    def peg_reference(self, o):
        """The price that it follows, None if there is none."""
        own, other = ([r.price for r in self.limits(o.instrument, side) if r.kind != PEGGED]
                      for side in (o.side, 3 - o.side))
        kind = o.attrs[PEG]
        if kind == PEG_PRIMARY:
            return own[0] if own else None
        if kind == PEG_MARKET:
            return other[0] if other else None
        if not own or not other:
            return None
        middle = own[0] + other[0]
        return middle // 2 if o.side == BUY else -(-middle // 2)

    def peg_price(self, o):
        """Where it should stand, None if it has to wait."""
        if self.instruments[o.instrument].phase != CONTINUOUS:
            return None
        if any(r.kind == MARKET for r in self.book(o.instrument, 3 - o.side)):
            self.applied["market orders in the way of a peg"] += 1
            return None                 # it would meet them
        price = self.peg_reference(o)
        if price is None:
            return None
        price += o.attrs.get(PEG_OFFSET, 0)
        if o.peg_limit and o.better(price, o.peg_limit):
            price = o.peg_limit
            self.applied["peg at its limit"] += 1
        others = self.limits(o.instrument, 3 - o.side)
        stop = 1 if o.side == BUY else -1
        if others and not o.better(others[0].price, price):
            price = others[0].price - stop
            self.applied["peg off the other side"] += 1
        return price

    def enter_peg(self, instrument, o, replaces):
        if not replaces:
            self.check_pegs(instrument)
        if (instrument.phase == CONTINUOUS and instrument.rule(RULE_PEG_REFERENCE) == 1 and
                self.peg_price(o) is None):
            raise Refused("no_peg_reference")

    def check_pegs(self, instrument):
        pegs = [o for o in self.orders.values() if o.kind == PEGGED and not o.ended and
                o.instrument == instrument.number]
        if len(pegs) >= instrument.rule(RULE_MAX_PEGS):
            self.applied["too many pegs"] += 1
            raise Refused("too_many_pegs")

    def park_pegs(self, instrument):
        for o in self.orders.values():
            if o.kind == PEGGED and o.resting and o.instrument == instrument.number:
                self.leave(o)
                o.waits = WAITS_PEG

    def move_pegs(self):
        """Who stands elsewhere than he should moves, in order of priority, until none does.  Has any?"""
        moved = False
        again = True
        while again:
            again = False
            for o in sorted(self.orders.values(), key=lambda o: o.priority):
                if o.kind == PEGGED and not o.ended and self.move_peg(o):
                    again = moved = True
        return moved

    def move_peg(self, o):
        instrument = self.instruments[o.instrument]
        price = self.peg_price(o)
        gives_up = price is None and instrument.phase == CONTINUOUS and instrument.rule(RULE_PEG_REFERENCE) == 1
        if price == (o.price if o.resting else None) and not gives_up:
            return False
        was_resting = o.resting
        self.leave(o)
        if price is None:
            o.waits = WAITS_PEG
            if gives_up:
                self.end(o, "4", "no_peg_reference")
                self.applied["peg cancelled without a reference"] += 1
            else:
                self.applied["peg waits"] += 1
            return True
        if o.waits and not self.cut(o):
            self.end(o, "4", "reduce_only")
            self.applied["peg with nothing to reduce"] += 1
            return True
        o.waits = 0
        o.price = price
        self.queue(o)
        self.rest(instrument, o)
        self.applied["peg moves" if was_resting else "peg enters the book"] += 1
        return True
