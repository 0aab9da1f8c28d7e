"""lifetimes.py: orders good till a date, after doc/orders.md and doc/rules.md.

A part of House (matcher.py).
"""
from orders import *
from phases import BEGIN


class Lifetimes:
    def lifetimes(self):
        """As timers(), of phases.py."""
        return [(BEGIN + o.attrs[EXPIRES] * MILLION, (0, o.label), self.expire, o)
                for o in self.orders.values() if not o.ended and o.tif == GTD]

    def expire(self, o, when):
        self.end(o, "C", "expire_time")
        self.applied["expired"] += 1
