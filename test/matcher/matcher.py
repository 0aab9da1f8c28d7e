"""matcher.py: a second matcher, written from the documents alone.

It does what doc/orders.md, doc/rules.md, doc/allocation.md, doc/risk-controls.md,
doc/triggered-orders.md, doc/auctions.md and doc/spreads.md say, in the plainest
way: all orders are in one list that is searched and sorted anew for every step.
It shares nothing with the engine.  There is no money in it: every account has
enough.

House.apply() takes a command in the words of feed.c and gives the same line that
the engine gives.
"""
BUY, SELL = 1, 2
MARKET, LIMIT = 1, 2
DAY, GTC, IOC, FOK = 0, 1, 3, 4
POST_ONLY = 1
PRE_OPEN, CONTINUOUS, HALTED, CLOSED = 1, 2, 3, 4
CANCEL_AGGRESSOR, CANCEL_RESTING, CANCEL_BOTH, DECREMENT = 1, 2, 3, 4
SMP_ID = 9
RULE_SELF_MATCH, RULE_ALLOCATION = 1, 10
RULE_MIN, RULE_TOP_MIN, RULE_TOP_MAX, RULE_SPLIT, RULE_TOP = 11, 12, 13, 14, 15
MILLION = 1000000
DEFAULTS = {RULE_ALLOCATION: ord("F"), RULE_TOP_MIN: 1, RULE_TOP: 1}


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
        self.ended = None               # (status, reason)

    @property
    def left(self):
        return self.qty - self.filled

    def limited(self):
        return self.kind == LIMIT

    def takes(self, price):
        """Is that price good enough for it?"""
        if not self.limited():
            return True
        return price <= self.price if self.side == BUY else price >= self.price

    def better(self, price, other):
        """Is the first price better for a resting order of its side?"""
        return price > other if self.side == BUY else price < other


class Instrument:
    def __init__(self, number, replace_priority, phase):
        self.number, self.replace_priority, self.phase = number, replace_priority, phase
        self.rules = dict(DEFAULTS)
        self.makers = {}                # account -> share
        self.top = {BUY: None, SELL: None}

    def rule(self, number):
        return self.rules.get(number, 0)

    def algorithm(self):
        return chr(self.rule(RULE_ALLOCATION))


class House:
    def __init__(self):
        self.reset([1, CONTINUOUS])

    def reset(self, n):
        self.instruments = {i: Instrument(i, n[0], n[1]) for i in (1, 2, 3)}
        self.orders = {}                # label -> Order, ended ones too
        self.account_smp = {}
        self.clock = 0                  # priorities
        self.trades = []
        self.over = []

    #
    # The front: words in, words out
    #
    def apply(self, line):
        words = line.split()
        verb = words[0]
        pairs = {}
        for word in words[1:]:
            if ":" in word:
                number, value = word.split(":")
                pairs[int(number)] = int(value)
        n = [int(word) for word in words[1:] if ":" not in word]
        self.trades, self.over, self.about = [], [], None
        try:
            getattr(self, "do_" + verb)(n, pairs)
            answer = ["ok"]
        except Refused as refused:
            answer = [str(refused)]
            self.about = None
        if self.about is not None:
            o = self.about
            answer.append("S %s %d %d" % (self.status(o), o.filled, 0 if o.ended else o.left))
        answer += ["T %d %d %d %d %d" % t for t in self.trades]
        for o in sorted(self.over, key=lambda o: o.label):
            answer.append("E %d %s %s %d" % (o.label, o.ended[0], o.ended[1], o.filled))
        return "; ".join(answer + self.shown_book())

    def status(self, o):
        if o.ended:
            return o.ended[0]
        return "1" if o.filled else "0"

    def shown_book(self):
        lines = []
        for i in sorted(self.instruments):
            for side in (BUY, SELL):
                orders = self.book(i, side)
                if orders:
                    lines.append("B %d %d " % (i, side) +
                                 " ".join("%d@%d:%d" % (o.label, o.price, o.left) for o in orders))
        return lines

    #
    # Lists of orders
    #
    def book(self, instrument, side):
        """Orders that rest, best first."""
        orders = [o for o in self.orders.values()
                  if o.resting and o.instrument == instrument and o.side == side]
        return sorted(orders, key=lambda o: (-o.price if side == BUY else o.price, o.priority))

    def working(self, label):
        o = self.orders.get(label)
        if o is None:
            raise Refused("unknown_order")
        if o.ended:
            raise Refused("order_not_working")
        return o

    #
    # Commands
    #
    def do_reset(self, n, pairs):
        self.reset(n)

    def do_rule(self, n, pairs):
        self.instruments[n[0]].rules[n[1]] = n[2]

    def do_maker(self, n, pairs):
        makers = dict(self.instruments[n[0]].makers)
        makers[n[1]] = n[2]
        if sum(makers.values()) > MILLION:
            raise Refused("maker_shares")
        self.instruments[n[0]].makers = makers

    def do_limit(self, n, pairs):
        self.account_smp[n[0]] = n[2]

    def do_new(self, n, pairs):
        label, number, account, side, kind, tif, execution, price, qty, smp = n
        instrument = self.instruments[number]
        if instrument.phase not in (PRE_OPEN, CONTINUOUS):
            raise Refused("phase")
        if instrument.phase == PRE_OPEN and (kind != LIMIT or tif not in (DAY, GTC)):
            raise Refused("phase")
        o = Order(label, number, account, side, kind, tif, execution, price, qty, smp, pairs)
        if SMP_ID not in o.attrs and self.account_smp.get(account):
            o.attrs[SMP_ID] = self.account_smp[account]
        self.check_immediate(instrument, o)
        self.orders[label] = o
        self.about = o
        self.clock += 1
        o.priority = self.clock
        self.run(instrument, o)

    def check_immediate(self, instrument, o):
        others = self.book(o.instrument, 3 - o.side)
        if o.kind == MARKET and not others:
            raise Refused("no_liquidity")
        if o.execution & POST_ONLY and others and o.takes(others[0].price):
            raise Refused("post_only_would_trade")
        if o.tif == FOK and not self.fillable(instrument, o, others):
            raise Refused("fok_not_fillable")

    def do_replace(self, n, pairs):
        label, price, qty = n
        o = self.working(label)
        instrument = self.instruments[o.instrument]
        if instrument.phase not in (PRE_OPEN, CONTINUOUS):
            raise Refused("phase")
        if qty <= o.filled:
            raise Refused("qty_below_filled")
        if price == o.price and qty <= o.qty and instrument.replace_priority == 1:
            o.qty = qty
            self.about = o
            return
        if o.execution & POST_ONLY:
            others = self.book(o.instrument, 3 - o.side)
            crosses = others and (price >= others[0].price if o.side == BUY else price <= others[0].price)
            if crosses:
                raise Refused("post_only_would_trade")
        self.about = o
        self.leave(o)
        o.price, o.qty = price, qty
        self.clock += 1
        o.priority = self.clock
        self.run(instrument, o)

    def do_cancel(self, n, pairs):
        self.end(self.working(n[0]), "4", "requested")

    def do_mass(self, n, pairs):
        account, instrument, side = n
        for o in sorted(self.orders.values(), key=lambda o: o.label):
            if not o.ended and o.account == account and (instrument in (0, o.instrument)) and (side in (0, o.side)):
                self.end(o, "4", "mass_cancel")

    def do_phase(self, n, pairs):
        instrument = self.instruments[n[0]]
        before, instrument.phase = instrument.phase, n[1]
        if instrument.phase == CONTINUOUS and before != CONTINUOUS:
            self.uncross(instrument)
        if instrument.phase == CLOSED and before != CLOSED:
            for o in list(self.orders.values()):
                if not o.ended and o.instrument == n[0] and o.tif == DAY:
                    self.end(o, "C", "end_of_day")

    #
    # An order comes to life, rests, ends
    #
    def run(self, instrument, o):
        if instrument.phase == CONTINUOUS:
            self.match(instrument, o)
        if o.ended:
            return
        if o.tif in (IOC, FOK) or o.kind == MARKET:
            self.end(o, "4", "ioc_remainder")
        else:
            self.rest(instrument, o)

    def rest(self, instrument, o):
        if instrument.phase == CONTINUOUS:
            own = self.book(o.instrument, o.side)
            if not own or o.better(o.price, own[0].price):
                limited = instrument.algorithm() in "KOQ"
                small = limited and o.left < instrument.rule(RULE_TOP_MIN)
                instrument.top[o.side] = None if small else o
        o.resting = True

    def leave(self, o):
        o.resting = False
        instrument = self.instruments[o.instrument]
        if instrument.top[o.side] is o:
            instrument.top[o.side] = None

    def end(self, o, status, reason):
        self.leave(o)
        o.ended = (status, reason)
        self.over.append(o)

    #
    # Matching
    #
    def smp_id(self, o):
        return o.attrs.get(SMP_ID, 0)

    def same(self, a, b):
        """Must these two never trade with each other?"""
        if self.smp_id(a) or self.smp_id(b):
            return self.smp_id(a) == self.smp_id(b) and a.account // 3 == b.account // 3
        return a.account == b.account

    def instruction(self, o):
        return o.smp or self.instruments[o.instrument].rule(RULE_SELF_MATCH) or CANCEL_RESTING

    def self_match(self, o, r):
        how = self.instruction(o)
        if how == CANCEL_RESTING:
            self.end(r, "4", "self_match")
        elif how == CANCEL_AGGRESSOR:
            self.end(o, "4", "self_match_aggressor")
        elif how == CANCEL_BOTH:
            self.end(r, "4", "self_match_both")
            self.end(o, "4", "self_match_both")
        else:
            overlap = min(o.left, r.left)
            for one in (r, o):
                if one.left == overlap:
                    self.end(one, "4", "self_match_decrement")
                else:
                    one.qty -= overlap

    def fillable(self, instrument, o, others):
        """Would all of it trade?  Whatever ends or shrinks it on the way: no."""
        found = 0
        gentle = self.instruction(o) == CANCEL_RESTING
        shares = instrument.algorithm() != "F"
        for price in sorted({r.price for r in others}, reverse=o.side == SELL):
            level = [r for r in others if r.price == price]
            if not o.takes(price) or found >= o.qty:
                break
            if shares and not gentle and any(self.same(o, r) for r in level):
                return False
            for r in level:
                if self.same(o, r):
                    if not gentle and found < o.qty:
                        return False
                else:
                    found += r.left
        return found >= o.qty

    def match(self, instrument, o):
        while not o.ended:
            others = self.book(o.instrument, 3 - o.side)
            if not others or not o.takes(others[0].price):
                return
            level = [r for r in others if r.price == others[0].price]
            if instrument.algorithm() == "F":
                if self.same(o, level[0]):
                    self.self_match(o, level[0])
                else:
                    self.trade(o, level[0], min(o.left, level[0].left), level[0].price)
                continue
            own = [r for r in level if self.same(o, r)]
            if own:
                self.self_match(o, own[0])
                continue
            for r, qty in self.shares(instrument, o.left, level):
                self.trade(o, r, qty, r.price)

    def trade(self, o, r, qty, price):
        o.filled += qty
        r.filled += qty
        buy, sell = (o, r) if o.side == BUY else (r, o)
        self.trades.append((o.instrument, price, qty, buy.label, sell.label))
        for one in (r, o):
            if one.left == 0:
                self.end(one, "2", "ok")

    def uncross(self, instrument):
        """The first orders of both sides trade until they no longer cross."""
        while True:
            bids, asks = (self.book(instrument.number, side) for side in (BUY, SELL))
            if not bids or not asks or bids[0].price < asks[0].price:
                return
            older, newer = sorted((bids[0], asks[0]), key=lambda o: o.priority)
            if self.same(older, newer):
                self.self_match(newer, older)
            else:
                self.trade(newer, older, min(newer.left, older.left), older.price)

    #
    # Who gets how much at a price
    #
    def shares(self, instrument, qty, level):
        """A list of (order, lots) in the order of the fills."""
        algorithm = instrument.algorithm()
        if qty >= sum(r.left for r in level):
            return [(r, r.left) for r in level]
        gets = {r: 0 for r in level}

        def give(r, lots):
            nonlocal qty
            lots = min(lots, r.left - gets[r], qty)
            gets[r] += lots
            qty -= lots

        top = instrument.top[level[0].side]
        if top not in gets or algorithm in "CT" or (algorithm == "K" and not instrument.rule(RULE_TOP)):
            top = None
        if top:
            most = instrument.rule(RULE_TOP_MAX) if algorithm in "KOQ" else 0
            give(top, most or top.left)
        makers = []
        if algorithm in "KQST":
            left = qty
            for account, share in sorted(instrument.makers.items()):
                lots = left * share // MILLION
                for r in level:
                    if r.account == account:
                        before = gets[r]
                        give(r, lots)
                        if gets[r] > before:
                            makers.append(r)
                        lots -= gets[r] - before
        if algorithm == "K":
            lots = qty * instrument.rule(RULE_SPLIT) // MILLION
            for r in level:
                before = gets[r]
                give(r, lots)
                lots -= gets[r] - before
        if algorithm in "ACKOQ":
            least = instrument.rule(RULE_MIN) or (2 if algorithm == "A" else 1)
            sizes = {r: r.left - gets[r] for r in level}
            left, total = qty, sum(sizes.values())
            nothing = []
            for r in level:
                lots = left * sizes[r] // total if total else 0
                if lots < least:
                    if sizes[r] > 0:
                        nothing.append(r)
                    continue
                give(r, lots)
            if algorithm == "K":
                for r in sorted(nothing, key=lambda r: (-sizes[r], r.priority)):
                    give(r, 1)
        for r in level:
            give(r, r.left)
        prorata = algorithm in "ACKOQ"
        order = sorted(level, key=lambda r: (r is not top, r not in makers,
                                             -r.left if prorata and r not in makers else 0, r.priority))
        return [(r, gets[r]) for r in order if gets[r] > 0]
