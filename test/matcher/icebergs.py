"""icebergs.py: orders that show a part of themselves, after doc/orders.md.

A part of House (matcher.py).  Order.shown is what is left of the peak; orders
without display_qty show all.
"""
from orders import *


class Icebergs:
    def begin_peak(self, instrument, o, used):
        """It comes to rest, `used` lots have traded as it entered."""
        peak = o.attrs.get(DISPLAY)
        o.shown = peak
        if peak is None:
            return
        if used and instrument.rule(RULE_ICEBERG_ENTRY) == 0:
            o.shown = peak - used % peak
            self.applied["rest of peak at entry"] += 1
        elif used:
            self.applied["new peak at entry"] += 1

    def use_peak(self, o, lots):
        """A fill of a resting order; when the peak is used up the next one is behind the others."""
        if DISPLAY not in o.attrs:
            return
        o.shown -= lots
        if o.left and o.shown <= 0:
            o.shown = o.attrs[DISPLAY] - -o.shown % o.attrs[DISPLAY]
            self.forget_top(o)
            self.queue(o)
            self.applied["refill"] += 1
