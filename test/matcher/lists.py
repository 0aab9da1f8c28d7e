"""lists.py: mass quotes and batches, after doc/risk-controls.md.

A part of House (matcher.py).  Their words are not numbers, so they take the line.
"""
from orders import *


class Lists:
    def fault(self, place, refused):
        """The whole is refused."""
        self.applied["quote refused"] += 1
        raise Refused("%s; at %d" % (refused, place))

    def sides(self, account, number, i, seen, sides):
        """The orders of a two-sided quote."""
        instrument = self.instruments[i]
        if i in seen or self.is_spread(instrument):
            raise Refused("parameter_invalid")
        orders = []
        for label, side, price, qty in sides:
            if not qty:
                if price:
                    raise Refused("price_invalid")
                continue
            o = Order(label, i, account, side, LIMIT, DAY, 0, price, qty, CANCEL_RESTING, {})
            if self.account_smp.get(account):
                o.attrs[SMP_ID] = self.account_smp[account]
            o.quote_set = number
            self.check_phase(instrument, o)
            self.check_price(instrument, side, price, self.band_reference(instrument))
            orders.append(o)
        if len(orders) == 2 and orders[0].price >= orders[1].price:
            raise Refused("price_invalid")
        return orders

    def line_quote(self, line):
        words = line.split()
        account, number = int(words[1]), int(words[2])
        quotes = [[int(w) for w in word.split(":")] for word in words[3:]]
        orders, seen = [], set()
        for place, (i, bid, bid_price, bid_qty, ask, ask_price, ask_qty) in enumerate(quotes, 1):
            try:
                orders += self.sides(account, number, i, seen, ((bid, BUY, bid_price, bid_qty),
                                                               (ask, SELL, ask_price, ask_qty)))
            except Refused as refused:
                self.fault(place, refused)
            seen.add(i)
        for o in sorted(self.orders.values(), key=lambda o: o.label):
            if not o.ended and o.account == account and o.quote_set == number and o.instrument in seen:
                self.applied["quote replaced"] += 1
                self.end(o, "4", "quote_replaced")
        for o in orders:
            self.applied["quote side"] += 1
            self.orders[o.label] = o
            self.begin(self.instruments[o.instrument], o)
        self.about = None
