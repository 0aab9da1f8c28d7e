"""reduceonly.py: orders that never open, enlarge or flip a position, after
doc/orders.md.

A part of House (matcher.py).
"""
from orders import *


class ReduceOnly:
    def reducible(self, o):
        """Lots by which an order of its side can reduce the position of its account."""
        position = self.positions[o.instrument, o.account]
        return max(0, -position if o.side == BUY else position)

    def cut(self, o):
        """To the position; False if nothing is left."""
        if not o.execution & REDUCE_ONLY:
            return True
        most = self.reducible(o)
        if o.left > most:
            o.qty = o.filled + most
        return most > 0

    def check_reduce_only(self, o):
        before = o.left
        if not self.cut(o):
            self.applied["nothing to reduce"] += 1
            raise Refused("nothing_to_reduce")
        if o.left < before and o.tif == FOK:
            raise Refused("fok_not_fillable")
        if o.left < before:
            self.applied["cut at entry"] += 1

    def reach(self, o):
        """What is left of an order of the book when all that is ahead of it has traded."""
        if not o.execution & REDUCE_ONLY:
            return o.left

        def ahead(r):
            if (r.kind == MARKET) != (o.kind == MARKET):
                return r.kind == MARKET
            if r.kind != MARKET and r.price != o.price:
                return (r.price > o.price) == (r.side == BUY)
            return not r.execution & REDUCE_ONLY or r.priority < o.priority

        gone = sum(r.left for r in self.book(o.instrument, o.side) if r is not o and r.account == o.account and ahead(r))
        return max(0, min(o.left, self.reducible(o) - gone))

    def hold_to_position(self, instrument, account):
        """After a trade of the account."""
        for o in sorted(self.orders.values(), key=lambda o: o.priority):
            if (o.ended or o.waits or not o.execution & REDUCE_ONLY or
                    (o.instrument, o.account) != (instrument, account)):
                continue
            most = self.reducible(o)
            if o.left <= most:
                continue
            if most:
                o.qty = o.filled + most
                self.applied["cut"] += 1
            elif o.left:
                self.end(o, "4", "reduce_only")
                self.applied["cancelled by the position"] += 1
