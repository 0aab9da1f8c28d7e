"""orders.py: what an order and an instrument are for the second matcher, and the
numbers of the commands (those of src/engine/types.h and fields.h).
"""
BUY, SELL = 1, 2
MARKET, LIMIT, STOP, STOP_LIMIT, MARKET_TO_LIMIT, PEGGED = 1, 2, 3, 4, ord("K"), ord("P")
DAY, GTC, AT_OPENING, IOC, FOK, GTD, AT_CLOSE = 0, 1, 2, 3, 4, 6, 7
POST_ONLY, POST_ONLY_CANCEL, POST_ONLY_REPRICE, REDUCE_ONLY = 1, 2, 4, 8
ANY_POST_ONLY = POST_ONLY | POST_ONLY_CANCEL | POST_ONLY_REPRICE
WAITS_STOP, WAITS_PEG, WAITS_AUCTION = 1, 2, 3
PRE_OPEN, CONTINUOUS, HALTED, CLOSED, TRADE_AT_CLOSE = 1, 2, 3, 4, 10
CALLS = (6, 7, 8, 9)
CANCEL_AGGRESSOR, CANCEL_RESTING, CANCEL_BOTH, DECREMENT = 1, 2, 3, 4
DISPLAY, MIN_QTY, STOP_PX, TRIGGER, TRAIL, PEG, PEG_OFFSET, EXPIRES, LINK, SMP_ID = range(10)
GONE = 128                              # added to the number of an attribute that is taken away
LAST, MARK = 2, 101
PEG_MID, PEG_MARKET, PEG_PRIMARY = 2, 4, 5
RULE_ICEBERG_ENTRY, RULE_POINTS, RULE_REMAINDER, RULE_IN_FLIGHT = 2, 3, 4, 5
RULE_STOP_ENTRY, RULE_LINK, RULE_PEG_REFERENCE, RULE_MAX_PEGS, RULE_STOP_PROTECTION = 6, 7, 8, 9, 61
CANCEL_ON_FILL, CANCEL_ON_COMPLETE_FILL, REDUCE = 0, 1, 2
RULE_SELF_MATCH, RULE_ALLOCATION = 1, 10
RULE_MIN, RULE_TOP_MIN, RULE_TOP_MAX, RULE_SPLIT, RULE_TOP = 11, 12, 13, 14, 15
RULE_UNCROSS, RULE_REFERENCE, RULE_AUCTION_SELF_MATCH = 20, 21, 22
RULE_LEFTOVER, RULE_MARKET_RESTS, RULE_PROTECTION = 24, 25, 26
LEFTOVER_CANCEL, LEFTOVER_REST, LEFTOVER_LIMIT = 1, 2, 3
LISTED_AT = 100
MILLION = 1000000
DEFAULTS = {RULE_REFERENCE: 1, RULE_LEFTOVER: 1, RULE_PROTECTION: 100000, RULE_ALLOCATION: ord("F"), RULE_TOP_MIN: 1, RULE_TOP: 1,
            RULE_IN_FLIGHT: 1, RULE_MAX_PEGS: 1500, 27: 120000000}


class Refused(Exception):
    pass


class Order:
    def __init__(self, label, instrument, account, side, kind, tif, execution, price, qty, smp, attrs):
        self.label, self.instrument, self.account, self.side = label, instrument, account, side
        self.kind, self.tif, self.execution = kind, tif, execution
        self.price, self.qty, self.smp, self.attrs = price, qty, smp, attrs
        self.filled = 0
        self.priority = 0
        self.resting = False
        self.protected = False          # a market order that may rest
        self.bounded = False            # a market order with protection points
        self.was_market = False         # market to limit
        self.hopeless = False           # it is cancelled as soon as it is accepted
        self.waits = 0                  # outside the book: what for
        self.shown = None               # what is left of the peak of an iceberg
        self.peg_limit = None
        self.record = ()                # attributes that say only what it was
        self.seen = None                # best trigger price of a trailing stop
        self.quote_set = None           # of a side of a mass quote
        self.link = None                # the other one of a pair
        self.ended = None               # (status, reason)

    @property
    def left(self):
        return self.qty - self.filled

    @property
    def visible(self):
        return self.left if self.shown is None else min(self.shown, self.left)

    def limited(self):
        """A market order may have its protection for a limit."""
        return self.kind != MARKET or self.protected or self.bounded

    def takes(self, price):
        """Is that price good enough for it?"""
        if not self.limited():
            return True
        return price <= self.price if self.side == BUY else price >= self.price

    def stop_price(self):
        if TRAIL in self.attrs:
            return self.seen + (self.attrs[TRAIL] if self.side == BUY else -self.attrs[TRAIL])
        return self.attrs[STOP_PX]

    def met(self, price):
        return price >= self.stop_price() if self.side == BUY else price <= self.stop_price()

    def see(self, price):
        self.seen = min(self.seen, price) if self.side == BUY else max(self.seen, price)

    def better(self, price, other):
        """Is the first price better for a resting order of its side?"""
        return price > other if self.side == BUY else price < other


class Instrument:
    def __init__(self, number, replace_priority, phase):
        self.number, self.replace_priority, self.phase = number, replace_priority, phase
        self.rules = dict(DEFAULTS)
        self.makers = {}                # account -> share
        self.top = {BUY: None, SELL: None}
        self.last = self.settled = None
        self.mark = LISTED_AT
        self.tick_value = 1
        self.static = None              # price of the last auction, or of the last day
        self.closing = None             # price of the closing auction
        self.ends = None                # when the phase does
        self.random = self.next = self.seed = 0
        self.call_for = 0               # call that a volatility call prolongs
        self.halt_call = 0              # length of the call after the halt

    def reference(self):
        for price in (self.last, self.settled, self.mark):
            if price is not None:
                return price
        return LISTED_AT

    def collects(self):
        """Do orders rest that don't trade as in continuous trading?"""
        return self.phase in (PRE_OPEN, TRADE_AT_CLOSE) or self.phase in CALLS

    def auction_ahead(self):
        """Is it collecting orders for an auction?"""
        return self.phase in CALLS or self.phase == PRE_OPEN and self.rule(RULE_UNCROSS) == 1

    def market_rests(self, tif):
        """May a market order rest now?"""
        if tif in (IOC, FOK):
            return False
        if tif in (AT_OPENING, AT_CLOSE) or self.phase == TRADE_AT_CLOSE:
            return True
        if self.phase == PRE_OPEN:
            return self.rule(RULE_UNCROSS) == 1
        return self.phase in CALLS or (self.phase == CONTINUOUS and self.rule(RULE_MARKET_RESTS) == 1)

    def rule(self, number):
        return self.rules.get(number, 0)

    def algorithm(self):
        return chr(self.rule(RULE_ALLOCATION))


class Instruments(dict):
    def __missing__(self, number):
        raise Refused("unknown_instrument")
