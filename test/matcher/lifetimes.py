"""lifetimes.py: orders good till a date, after doc/orders.md and doc/rules.md.

A part of House (matcher.py).
"""
from orders import *


class Lifetimes:
    def do_wait(self, n, pairs):
        """A new block: what is due by its time happens before its commands."""
        self.now += n[0]
        for o in sorted(self.orders.values(), key=lambda o: (o.attrs.get(EXPIRES, 0), o.label)):
            if not o.ended and o.tif == GTD and o.attrs[EXPIRES] <= self.now:
                self.end(o, "C", "expire_time")
                self.applied["expired"] += 1
                self.aftermath()
