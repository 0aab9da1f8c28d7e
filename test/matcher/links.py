"""links.py: pairs of orders, after doc/triggered-orders.md.

A part of House (matcher.py).
"""
from orders import *


class Links:
    def check_link(self, o):
        if LINK not in o.attrs:
            return None
        other = self.orders.get(o.attrs[LINK])
        if (other is None or other.ended or other.link or other.account != o.account or
                other.instrument != o.instrument):
            raise Refused("link_invalid")
        return other

    def unlink(self, o, how):
        """The other one of the pair is cancelled."""
        other = o.link
        if other is None:
            return
        o.link = other.link = None
        if not other.ended:
            self.end(other, "4", "linked")
        elif not o.ended:
            self.end(o, "4", "linked")  # they traded with each other

    def follow_links(self):
        while self.happened:
            o, lots = self.happened.pop(0)
            if o.link is None:
                continue
            rule = self.instruments[o.instrument].rule(RULE_LINK)
            if o.ended or rule == CANCEL_ON_FILL:
                self.unlink(o, "end")
            elif rule == REDUCE and lots:
                other = o.link
                if other.left <= lots:
                    self.unlink(o, "end")
                else:
                    other.qty -= lots
