"""spreads.py: combinations of futures and implied matching, after doc/spreads.md.

A part of House (matcher.py).
"""
from orders import *

RULE_IMPLIED = 50
PRO_RATA = "ACKOQ"


class Spread(Instrument):
    def __init__(self, number, replace_priority, phase, tick, legs):
        Instrument.__init__(self, number, replace_priority, phase)
        self.rules[RULE_IMPLIED] = 1
        self.tick = tick                # in ticks of the first leg
        self.legs = legs                # (instrument, ratio)
        self.mark = None

    def weight(self, leg, ratio):
        """What a tick of a leg counts in the price of the spread."""
        return ratio * leg.tick_value // (self.tick * self.legs[0][0].tick_value)

    def balance(self):
        """The leg that takes what is left, so that prices add up: the last that can."""
        return [leg for leg, ratio in self.legs if abs(ratio) == 1 and abs(self.weight(leg, ratio)) == 1][-1]

    def implies(self):
        """Has it implied prices at all?"""
        return sorted(self.weight(leg, ratio) for leg, ratio in self.legs) == [-1, 1] and \
            all(abs(ratio) == 1 for _, ratio in self.legs)

    def bought(self):
        return [leg for leg, ratio in self.legs if ratio > 0][0]

    def sold(self):
        return [leg for leg, ratio in self.legs if ratio < 0][0]


class Source:
    """Two levels that together make a price of a third instrument."""

    def __init__(self, spread, price, first, second, expiry):
        self.spread, self.price, self.first, self.second = spread, price, first, second
        self.expiry = expiry            # of the leg that is not the instrument's
        self.size = min(sum(o.left for o in first), sum(o.left for o in second))


class Spreads:
    def do_spread(self, n, pairs):
        phase, replace_priority, tick = n[:3]
        legs = [(self.instruments[i], ratio) for i, ratio in zip(n[3::2], n[4::2])]
        number = len(self.instruments) + 1
        spread = Spread(number, replace_priority, phase, tick, legs)
        self.check_combination(spread)
        self.check_legs(spread, phase)
        self.instruments[number] = spread

    def check_combination(self, spread):
        ticks = [leg.tick_value / (spread.tick * spread.legs[0][0].tick_value) for leg, _ in spread.legs]
        if (len({leg for leg, _ in spread.legs}) < len(spread.legs) or len(spread.legs) < 2 or
                any(self.is_spread(leg) or not ratio for leg, ratio in spread.legs) or
                any(t != int(t) for t in ticks) or
                not any(abs(ratio) == 1 and t == 1 for (_, ratio), t in zip(spread.legs, ticks))):
            self.applied["no combination"] += 1
            raise Refused("legs_invalid")

    def is_spread(self, instrument):
        return isinstance(instrument, Spread)

    def open(self, spread, but=None):
        return all(i.phase == CONTINUOUS for i in [spread] + [leg for leg, _ in spread.legs] if i is not but)

    def check_legs(self, instrument, phase):
        if self.is_spread(instrument) and phase == CONTINUOUS and any(
                leg.phase != CONTINUOUS for leg, _ in instrument.legs):
            self.applied["leg not open"] += 1
            raise Refused("leg_phase")

    #
    # Trades of the spread
    #
    def leg_prices(self, spread, price):
        balance = spread.balance()
        prices, rest = {}, price
        for leg, ratio in spread.legs:
            if leg is not balance:
                prices[leg] = [p for p in (leg.mark, leg.last, leg.settled) if p is not None][0]
                rest -= spread.weight(leg, ratio) * prices[leg]
        for leg, ratio in spread.legs:
            if leg is balance:
                prices[leg] = rest * spread.weight(leg, ratio)
        return prices

    def trade_legs(self, spread, buy, sell, qty, price):
        """What a trade of the spread consists of."""
        self.applied["legs traded"] += 1
        prices = self.leg_prices(spread, price)
        for leg, ratio in spread.legs:
            one, other = (buy, sell) if ratio > 0 else (sell, buy)
            self.printed(leg, prices[leg], qty * abs(ratio), one, other)

    #
    # Implied prices
    #
    def best_level(self, number, side):
        orders = self.limits(number, side)
        return [o for o in orders if o.price == orders[0].price]

    def with_implied(self, but=None):
        """Spreads that trade through their legs now; whether this one trades does not matter."""
        return [s for s in self.in_order()
                if self.is_spread(s) and s.implies() and s.rule(RULE_IMPLIED) and self.open(s, but)]

    def source(self, spread, instrument, side):
        """What the other two imply for a buyer or seller of this one; None if nothing."""
        bought, sold = spread.bought(), spread.sold()
        if instrument is spread:
            first, second = self.best_level(bought.number, 3 - side), self.best_level(sold.number, side)
            sign, expiry = -1, 0
        elif instrument is bought:
            first, second = self.best_level(spread.number, 3 - side), self.best_level(sold.number, 3 - side)
            sign, expiry = 1, sold.number
        else:
            first, second = self.best_level(spread.number, side), self.best_level(bought.number, 3 - side)
            sign, expiry = -1, bought.number
        if not first or not second:
            return None
        if instrument is sold:          # price of the other leg less that of the spread
            return Source(spread, second[0].price - first[0].price, first, second, expiry)
        return Source(spread, first[0].price + sign * second[0].price, first, second, expiry)

    def sources(self, instrument, o):
        """Implied sources at the best implied price that the order takes, in their order."""
        if not o.limited():
            return []
        found = [self.source(s, instrument, o.side) for s in self.with_implied(instrument)
                 if instrument is s or instrument in (s.bought(), s.sold())]
        found = [s for s in found if s is not None and o.takes(s.price)]
        if not found:
            return []
        best = min(found, key=lambda s: s.price if o.side == BUY else -s.price).price
        return sorted((s for s in found if s.price == best), key=lambda s: s.expiry)

    def implied_at(self, instrument, o, price):
        """The sources it would meet with this price."""
        before, o.price = o.price, price
        found = self.sources(instrument, o)
        o.price = before
        return found

    def by_shares(self, number, qty, level):
        if self.instruments[number].algorithm() == "F":
            got = []
            for r in level:
                got.append((r, min(qty, r.left)))
                qty -= got[-1][1]
            return [g for g in got if g[1]]
        return self.shares(self.instruments[number], qty, level)

    def trade_source(self, instrument, o, source, qty):
        """Both orders of the source or none."""
        spread = source.spread
        qty = min(qty, source.size, o.left)
        firsts = self.by_shares(source.first[0].instrument, qty, source.first)
        seconds = self.by_shares(source.second[0].instrument, qty, source.second)
        self.applied["implied in" if instrument is spread else "implied out"] += 1
        while firsts:
            (a, m), (b, n) = firsts[0], seconds[0]
            lots = min(m, n)
            firsts[0], seconds[0] = (a, m - lots), (b, n - lots)
            firsts, seconds = [f for f in firsts if f[1]], [s for s in seconds if s[1]]
            if instrument is spread:
                self.leg_trade(spread.bought(), a.price, lots, o, a)
                self.leg_trade(spread.sold(), b.price, lots, o, b)
            else:
                self.leg_trade(instrument, source.price, lots, o, a)
                self.leg_trade(self.instruments[b.instrument], b.price, lots, a, b)
            for one in (a, b, o):
                one.filled += lots
                self.happened.append((one, lots))
            for one in (a, b, o):
                if one.left == 0 and not one.ended:
                    self.end(one, "2", "ok")

    def leg_trade(self, leg, price, lots, taker, maker):
        """maker: of whose side in that leg we know; the taker takes the other one."""
        if maker.instrument == leg.number:
            buys = maker.side == SELL
        else:
            buys = taker.side == BUY    # the taker is an order of the leg
        buy, sell = (taker, maker) if buys else (maker, taker)
        self.printed(leg, price, lots, buy, sell)

    def meet_sources(self, instrument, o, price, level, sources):
        """At this price there are implied sources, and perhaps real orders."""
        real = sum(r.left for r in level)
        total = real + sum(s.size for s in sources)
        qty = o.left
        if instrument.algorithm() not in PRO_RATA or qty >= total:
            plan = [(None, real)] + [(s, s.size) for s in sources]
            if len(sources) > 1 and real < qty < total:
                self.applied["earlier expiry first"] += 1
        else:
            self.applied["sources share"] += 1
            top = self.top_part(instrument, qty, level)
            left = qty - top
            sizes = [real - top] + [s.size for s in sources]
            least = instrument.rule(RULE_MIN) or (2 if instrument.algorithm() == "A" else 1)
            parts = [left * size // sum(sizes) for size in sizes]
            parts = [part if part >= least else 0 for part in parts]
            rest = left - sum(parts)
            for i, size in enumerate(sizes):
                more = min(rest, size - parts[i])
                parts[i] += more
                rest -= more
            plan = [(None, parts[0] + top)] + list(zip(sources, parts[1:]))
        for source, lots in plan:
            lots = min(lots, o.left)
            if lots == 0 or o.ended:
                continue
            if source is None:
                for r, part in self.by_shares(instrument.number, lots, level):
                    self.trade(o, r, part, price)
            else:
                now = self.source(source.spread, instrument, o.side)    # others may share its orders
                if now is not None and now.price == source.price:
                    self.trade_source(instrument, o, now, lots)

    def top_part(self, instrument, qty, level):
        top = instrument.top[level[0].side] if level else None
        if top not in level or instrument.algorithm() == "C" or (
                instrument.algorithm() == "K" and not instrument.rule(RULE_TOP)):
            return 0
        most = instrument.rule(RULE_TOP_MAX) if instrument.algorithm() in "KOQ" else 0
        return min(qty, top.left, most or top.left)

    #
    # When something opens
    #
    def uncross_implied(self, spread):
        """What has become crossed trades at the price that the legs imply."""
        again = spread in self.with_implied()
        while again:
            again = False
            for side in (BUY, SELL):
                for o in self.best_level(spread.number, side)[:1]:
                    source = self.source(spread, spread, side)
                    if source is not None and o.takes(source.price):
                        self.applied["uncrossed with implied"] += 1
                        self.trade_source(spread, o, source, o.left)
                        again = True
