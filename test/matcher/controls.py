"""controls.py: price limits and bands, volatility interruptions, circuit
breakers, after doc/auctions.md.

A part of House (matcher.py).
"""
from orders import *
from phases import INTRADAY_CALL, VOLATILITY_CALL

RULE_DYNAMIC, RULE_STATIC, RULE_EXTENDED = 29, 30, 31
RULE_BAND, RULE_LIMIT_UP, RULE_LIMIT_DOWN = 32, 33, 34
RULE_GROUP, RULE_LEAD = 35, 36
WINDOW, PERCENT, HALT, CALL, DIRECTION, ONCE = 1, 2, 3, 4, 5, 6
BOTH, DOWN, UP = 0, 1, 2
BUCKETS = 20


class Controls:
    def reset_controls(self):
        self.groups = {}                # (group, tier) -> fields
        self.tripped = set()            # (group, tier)
        self.traded = []                # (instrument, time, price)
        self.before = []                # what of that was there before the incoming order

    def do_group(self, n, pairs):
        self.groups.setdefault((n[0], n[1]), {}).update(pairs)

    #
    # When an order is entered
    #
    def check_price(self, instrument, side, price, reference):
        settled = instrument.settled
        if settled is not None:
            up, down = instrument.rule(RULE_LIMIT_UP), instrument.rule(RULE_LIMIT_DOWN)
            if up and price > settled + up or down and price < settled - down:
                self.applied["price limit"] += 1
                raise Refused("price_limit")
        band = instrument.rule(RULE_BAND)
        if band and reference is not None:
            if price > reference + band if side == BUY else price < reference - band:
                self.applied["price band"] += 1
                raise Refused("price_band")

    def within_limits(self, instrument, price):
        """The nearest limit, if it is beyond."""
        up, down, settled = instrument.rule(RULE_LIMIT_UP), instrument.rule(RULE_LIMIT_DOWN), instrument.settled
        if settled is not None and up:
            price = min(price, settled + up)
        if settled is not None and down:
            price = max(price, settled - down)
        return price

    def band_reference(self, instrument):
        if instrument.auction_ahead():
            price = self.indicative(instrument)
            if price is not None:
                self.applied["band around the indicative price"] += 1
                return price
        if instrument.phase == PRE_OPEN or instrument.phase in CALLS:
            return instrument.settled if instrument.settled is not None else instrument.reference()
        return instrument.reference()

    #
    # Before a trade in continuous trading
    #
    def out_of_range(self, instrument, price, last):
        """last: the last price from before the incoming order."""
        dynamic, static = instrument.rule(RULE_DYNAMIC), instrument.rule(RULE_STATIC)
        around = instrument.static if instrument.static is not None else instrument.settled
        if dynamic and abs(price - last) > dynamic:
            self.applied["dynamic range"] += 1
            return True
        if static and around is not None and abs(price - around) > static:
            self.applied["static range"] += 1
            return True
        return False

    def may_trade(self, instrument, price, last):
        return not self.tiers_reached(instrument, price) and not self.out_of_range(instrument, price, last)

    def interrupts(self, instrument, price, last):
        """True if there is no trade, and trading has been interrupted."""
        tiers = self.tiers_reached(instrument, price)
        if tiers:
            self.halt_group(instrument, tiers)
            return True
        if self.out_of_range(instrument, price, last):
            self.call(instrument, VOLATILITY_CALL)
            return True
        return False

    def call_stays(self, instrument):
        """A call whose price is out of range goes on."""
        price = self.indicative(instrument)
        if price is None:
            return False
        if instrument.phase == VOLATILITY_CALL:
            extended = instrument.rule(RULE_EXTENDED)
            if extended and abs(price - instrument.reference()) > extended:
                self.applied["extended range"] += 1
                instrument.ends = None
                return True
            return False
        if self.out_of_range(instrument, price, instrument.reference()):
            self.applied["call prolonged"] += 1
            self.call(instrument, VOLATILITY_CALL, instrument.next, instrument.seed)
            return True
        return False

    #
    # Circuit breakers
    #
    def group(self, number):
        return [i for i in self.in_order() if number and i.rule(RULE_GROUP) == number]

    def triggers(self, instrument):
        group = self.group(instrument.rule(RULE_GROUP))
        leads = [i for i in group if i.rule(RULE_LEAD)]
        return instrument in (leads or group)

    def tiers_reached(self, instrument, price):
        if not self.triggers(instrument):
            return []
        group = instrument.rule(RULE_GROUP)
        base = instrument.settled if instrument.settled is not None else LISTED_AT
        length = self.groups.get((group, 0), {}).get(WINDOW, 0)
        low = high = base
        if length:
            prices = self.in_window(instrument, length)
            if not prices:
                return []
            low, high = min(prices), max(prices)
        reached = []
        for tier in range(1, 9):
            fields = self.groups.get((group, tier), {})
            percent, direction = fields.get(PERCENT, 0), fields.get(DIRECTION, BOTH)
            if not percent:
                continue
            if fields.get(ONCE) and (group, tier) in self.tripped:
                self.applied["once a day"] += 1
                continue
            move = abs(base) * percent // MILLION
            if not move:
                continue
            if direction != DOWN and price >= low + move or direction != UP and price <= high - move:
                reached.append((percent, tier))
        return sorted(reached)

    def new_day(self, instrument):
        if self.triggers(instrument):
            self.tripped -= {(instrument.rule(RULE_GROUP), tier) for tier in range(9)}
            self.traded = [t for t in self.traded if t[0] is not instrument]

    def in_window(self, instrument, length):
        bucket = length // BUCKETS
        now = self.time() // bucket
        return [price for i, when, price in self.before if i is instrument and when // bucket >= now - BUCKETS]

    def halt_group(self, instrument, tiers):
        self.applied["circuit breaker"] += 1
        group = instrument.rule(RULE_GROUP)
        fields = self.groups[group, tiers[-1][1]]
        if self.groups.get((group, 0), {}).get(WINDOW):
            self.applied["lookback"] += 1
        if len(tiers) > 1:
            self.applied["several tiers"] += 1
        self.tripped.update((group, tier) for _, tier in tiers)
        for i in self.group(group):
            if i.phase == CONTINUOUS or i.phase == INTRADAY_CALL or i.phase == VOLATILITY_CALL and not i.call_for:
                calls = fields.get(CALL, 0) and not fields.get(HALT)
                self.enter(i, INTRADAY_CALL if calls else HALTED)
                if calls:
                    self.applied["call without a halt"] += 1
                    i.ends = self.time() + fields[CALL]
                elif fields.get(HALT):
                    i.ends = self.time() + fields[HALT]
                    i.halt_call = fields.get(CALL, 0)
                if i is not instrument:
                    self.applied["group halted"] += 1
            self.traded = [t for t in self.traded if t[0] is not i]
