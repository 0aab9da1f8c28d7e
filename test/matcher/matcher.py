"""matcher.py: a second matcher, written from the documents alone.

It does what doc/orders.md, doc/rules.md, doc/allocation.md, doc/risk-controls.md,
doc/triggered-orders.md, doc/auctions.md and doc/spreads.md say, in the plainest
way: all orders are in one list that is searched and sorted anew for every step.
It shares nothing with the engine.  There is no money in it: every account has
enough.

House.apply() takes a command in the words of feed.c and gives the same line that
the engine gives.
"""
import collections

import auction
from conditions import Conditions
from controls import Controls
from forms import Forms
from icebergs import Icebergs
from lifetimes import Lifetimes
from links import Links
from lists import Lists
from orders import *
from pegs import Pegs
from phases import Phases
from reduceonly import ReduceOnly
from replaces import Replaces
from shares import Shares
from spreads import PRO_RATA, RULE_IMPLIED, Spreads
from stops import Stops


def numbers(words):
    """Plain numbers and NUMBER:VALUE pairs."""
    pairs = dict(tuple(map(int, word.split(":"))) for word in words if ":" in word)
    return [int(word) for word in words if ":" not in word], pairs


class House(Conditions, Controls, Forms, Icebergs, Lifetimes, Links, Lists, Pegs, Phases, ReduceOnly, Replaces, Shares, Spreads,
            Stops):
    def __init__(self):
        self.applied = collections.Counter()    # rules, by the names of flows.RULES
        self.reset([1, CONTINUOUS])

    def reset(self, n):
        self.instruments = Instruments((i, Instrument(i, n[0], n[1])) for i in (1, 2, 3, 4))
        self.instruments[3].tick_value = n[2] if len(n) > 2 else 1
        self.orders = {}                # label -> Order, ended ones too
        self.account_smp = {}
        self.positions = collections.Counter()  # (instrument, account) -> lots
        self.clock = 0                  # priorities
        self.now = 0                    # seconds
        self.trades = []
        self.over = []
        self.triggered = []             # stops that are to run
        self.happened = []              # fills and ends, for links
        self.reset_phases()
        self.reset_controls()
        self.phases = {i: n[1] for i in self.instruments}       # as last shown

    #
    # The front: words in, words out
    #
    def apply(self, line):
        words = line.split()
        verb = words[0]
        self.trades, self.over, self.about, self.outcomes = [], [], None, []
        try:
            if verb in ("quote", "batch"):
                getattr(self, "line_" + verb)(line)
            else:
                getattr(self, "do_" + verb)(*numbers(words[1:]))
            answer = ["ok"]
            if self.about is not None:
                o = self.about
                answer.append("S %s %d %d" % (self.status(o), o.filled, 0 if o.ended else o.left))
            self.aftermath()
        except Refused as refused:
            answer = [str(refused)]
        answer += self.outcomes
        answer += ["T %d %d %d %d %d" % t for t in self.trades]
        for o in sorted(self.over, key=lambda o: o.label):
            answer.append("E %d %s %s %d" % (o.label, o.ended[0], o.ended[1], o.filled))
        return "; ".join(answer + self.shown_phases() + self.shown_book())

    def status(self, o):
        if o.ended:
            return o.ended[0]
        return "1" if o.filled else "0"

    def shown_phases(self):
        changed = [i for i in sorted(self.instruments.values(), key=lambda i: i.number)
                   if self.phases.get(i.number) != i.phase]
        self.phases.update({i.number: i.phase for i in changed})
        return ["P %d %d" % (i.number, i.phase) for i in changed]

    def shown_book(self):
        lines = []
        for o in self.orders.values():
            if o.waits:
                stop = " stop %d" % o.attrs[STOP_PX] if STOP_PX in o.attrs else ""
                price = 0 if o.waits == WAITS_PEG else o.price
                lines.append("W %d %d %d %d%s" % (o.label, o.waits, price, o.left, stop))
        for i in sorted(self.instruments):
            for side in (BUY, SELL):
                orders = self.book(i, side)
                if orders:
                    lines.append("B %d %d " % (i, side) +
                                 " ".join("%d@%d:%s" % (o.label, o.price, self.quantities(o)) for o in orders))
        return lines

    def quantities(self, o):
        return "%d/%d" % (o.left, o.visible) if o.visible != o.left else "%d" % o.left

    #
    # Lists of orders
    #
    def book(self, instrument, side):
        """Orders that rest, best first."""
        orders = [o for o in self.orders.values()
                  if o.resting and o.instrument == instrument and o.side == side]
        return sorted(orders, key=lambda o: (o.kind != MARKET, 0 if o.kind == MARKET else
                                             -o.price if side == BUY else o.price, o.priority))

    def limits(self, instrument, side):
        return [o for o in self.book(instrument, side) if o.kind != MARKET]

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
        if n[1] == RULE_IMPLIED:
            self.uncross_implied(self.instruments[n[0]])

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
        o = Order(label, number, account, side, kind, tif, execution, price, qty, smp, pairs)
        if SMP_ID not in o.attrs and self.account_smp.get(account):
            o.attrs[SMP_ID] = self.account_smp[account]
        self.check_form(o)
        if kind == PEGGED:
            o.peg_limit, o.price = price, 0
        other = self.check_order(instrument, o)
        if other:
            o.link, other.link = other, o
        self.orders[label] = o
        self.begin(instrument, o)

    def check_order(self, instrument, o, replaces=False, was=None):
        """Everything that can be wrong with it now; returns the order it is to be linked with."""
        other = None
        if o.kind in (STOP, STOP_LIMIT):
            other = None if replaces else self.check_link(o)
        elif o.kind != PEGGED:
            self.take_limit(instrument, o)
            self.check_reduce_only(o)
        self.check_phase(instrument, o)
        self.check_legs(instrument, instrument.phase)
        if o.kind in (STOP, STOP_LIMIT):
            self.check_stop(instrument, o, replaces)
            return other
        if o.kind == PEGGED:
            other = None if replaces else self.check_link(o)
            self.enter_peg(instrument, o, replaces)
            self.check_reduce_only(o)
            return other
        if o.limited() and not (replaces and o.price == was[0]):
            self.check_price(instrument, o.side, o.price, was[1] if replaces else self.band_reference(instrument))
        self.check_immediate(instrument, o)
        return None if replaces else self.check_link(o)

    def check_phase(self, instrument, o):
        if instrument.phase != CONTINUOUS and not instrument.collects():
            raise Refused("phase")
        if o.tif in (AT_OPENING, AT_CLOSE):
            self.check_auction_order(instrument, o)
        if instrument.collects() and (o.tif in (IOC, FOK) or
                                      o.kind == MARKET and not instrument.market_rests(o.tif)):
            raise Refused("phase")

    def begin(self, instrument, o, replaces=False):
        """An order that was accepted."""
        self.about = o
        self.queue(o)
        if o.kind == PEGGED:
            o.waits = WAITS_PEG
        elif o.kind in (STOP, STOP_LIMIT):
            o.waits = WAITS_STOP
        elif o.tif in (AT_OPENING, AT_CLOSE):
            self.place_auction_order(instrument, o)
        elif o.hopeless:
            self.end(o, "4", "post_only_would_trade")
        else:
            self.run(instrument, o)
        now = self.trigger_price(o)
        if o.waits == WAITS_STOP and instrument.phase == CONTINUOUS and now is not None and o.met(now):
            if replaces:
                self.triggered.append(o)
            else:
                self.trigger(o, entered=True)

    def queue(self, o):
        """Behind all others."""
        self.clock += 1
        o.priority = self.clock

    def do_cancel(self, n, pairs):
        self.end(self.working(n[0]), "4", "requested")

    def do_mass(self, n, pairs):
        account, instrument, side = n
        for o in sorted(self.orders.values(), key=lambda o: o.label):
            if not o.ended and o.account == account and (instrument in (0, o.instrument)) and (side in (0, o.side)):
                self.end(o, "4", "mass_cancel")

    def do_mark(self, n, pairs):
        self.instruments[n[0]].mark = n[1]
        self.price_seen(self.instruments[n[0]], MARK, n[1])

    def do_settle(self, n, pairs):
        instrument = self.instruments[n[0]]
        instrument.mark = instrument.settled = n[1]
        self.price_seen(instrument, MARK, n[1])

    #
    # An order comes to life, rests, ends
    #
    def run(self, instrument, o):
        before = o.filled
        if instrument.phase == CONTINUOUS:
            self.match(instrument, o)
        elif instrument.phase == TRADE_AT_CLOSE:
            self.match_at_close(instrument, o)
        if o.ended:
            return
        if o.tif in (IOC, FOK) or o.kind == MARKET and not o.protected:
            self.remainder(instrument, o)
        else:
            self.begin_peak(instrument, o, o.filled - before)
            self.rest(instrument, o)

    def rest(self, instrument, o):
        if o.kind != MARKET:
            own = self.limits(o.instrument, o.side)
            if not own or o.better(o.price, own[0].price):
                limited = instrument.algorithm() in "KOQ"
                small = limited and o.left < instrument.rule(RULE_TOP_MIN)
                instrument.top[o.side] = None if small or instrument.phase != CONTINUOUS else o
        o.resting = True

    def leave(self, o):
        o.resting = False
        self.forget_top(o)

    def forget_top(self, o):
        instrument = self.instruments[o.instrument]
        if instrument.top[o.side] is o:
            instrument.top[o.side] = None

    def end(self, o, status, reason):
        self.leave(o)
        o.waits = False
        o.ended = (status, reason)
        self.over.append(o)
        self.happened.append((o, 0))

    #
    # What follows from a command
    #
    def aftermath(self):
        """Links first, then triggered stops, one after the other, then pegs, until nothing follows."""
        while True:
            self.follow_links()
            if self.triggered:
                o = self.triggered.pop(0)
                if o.waits == WAITS_STOP and self.instruments[o.instrument].phase != CONTINUOUS:
                    self.wait_again(o)
                elif o.waits == WAITS_STOP:
                    self.trigger(o)
            elif not self.move_pegs():
                return

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

    def market_head(self, instrument, o):
        """Market orders that rest and would trade with it, oldest first, and the price."""
        limits = self.limits(o.instrument, 3 - o.side)
        prices = [instrument.reference()] + [r.price for r in limits[:1]] + ([o.price] if o.limited() else [])
        price = min(prices) if o.side == BUY else max(prices)
        return [r for r in self.book(o.instrument, 3 - o.side)
                if r.kind == MARKET and r.takes(price)], price

    def meet_market(self, instrument, o):
        """In continuous trading they come before all limits; the reference is from before."""
        last, reference = instrument.last, instrument.reference()
        while not o.ended:
            now, instrument.last = instrument.last, last
            heads, price = self.market_head(instrument, o)
            instrument.last = now
            if not heads:
                return
            if self.same(o, heads[0]):
                self.self_match(o, heads[0])
            elif self.interrupts(instrument, price, reference):
                return
            else:
                self.trade(o, heads[0], min(o.left, heads[0].left), price)

    def match(self, instrument, o):
        reference = instrument.reference()      # from before
        self.before = list(self.traded)
        self.meet_market(instrument, o)
        while not o.ended and instrument.phase == CONTINUOUS:
            others = self.limits(o.instrument, 3 - o.side)
            level = [r for r in others if r.price == others[0].price and o.takes(r.price)]
            sources = self.sources(instrument, o)
            if sources and level and level[0].better(level[0].price, sources[0].price):
                sources = []
            if sources and (not level or sources[0].price != level[0].price):
                self.meet_sources(instrument, o, sources[0].price, [], sources)
                continue
            if not level:
                return
            own = [r for r in (level[:1] if instrument.algorithm() == "F" else level) if self.same(o, r)]
            if own:
                self.self_match(o, own[0])
                continue
            if self.interrupts(instrument, level[0].price, reference):
                return
            if sources and instrument.algorithm() in PRO_RATA:
                self.meet_sources(instrument, o, level[0].price, level, sources)
                continue
            if instrument.algorithm() == "F":
                self.trade(o, level[0], min(o.left, level[0].visible), level[0].price)
                continue
            for r, qty in self.shares(instrument, o.left, level):
                qty = min(qty, o.left, r.left)      # reduce-only orders may have been cut
                if not o.ended and not r.ended:
                    self.trade(o, r, qty, r.price)

    def trade(self, o, r, qty, price):
        o.filled += qty
        r.filled += qty
        buy, sell = (o, r) if o.side == BUY else (r, o)
        instrument = self.instruments[o.instrument]
        self.printed(instrument, price, qty, buy, sell)
        if self.is_spread(instrument):
            self.trade_legs(instrument, buy, sell, qty, price)
        self.happened += [(r, qty), (o, qty)]
        for one in (r, o):
            if one.left == 0:
                self.end(one, "2", "ok")
            elif one.resting:
                self.use_peak(one, qty)
        for one, lots in ((buy, qty), (sell, -qty)):
            self.positions[o.instrument, one.account] += lots
        for account in sorted({buy.account, sell.account}):
            self.hold_to_position(o.instrument, account)

    def printed(self, instrument, price, qty, buy, sell):
        """A trade as it is published."""
        self.trades.append((instrument.number, price, qty, buy.label, sell.label))
        instrument.last = price
        self.traded.append((instrument, self.time(), price))
        self.price_seen(instrument, LAST, price)

    def uncross(self, instrument):
        """The first orders of both sides trade until they no longer cross."""
        while True:
            bids, asks = (self.limits(instrument.number, side) for side in (BUY, SELL))
            if not bids or not asks or bids[0].price < asks[0].price:
                return
            older, newer = sorted((bids[0], asks[0]), key=lambda o: o.priority)
            if self.same(older, newer):
                self.self_match(newer, older)
            else:
                self.trade(newer, older, min(newer.left, older.left), older.price)

    def auction_price(self, instrument):
        """Price and volume of an auction now, or None."""
        sides = [self.book(instrument.number, side) for side in (BUY, SELL)]
        rules = instrument.rule(RULE_REFERENCE)
        reference = instrument.reference()
        if rules == auction.CME_IOP and instrument.settled is not None:
            reference = instrument.settled
        return auction.price_of(rules, sides[0] + sides[1], lambda o: o.kind == MARKET, reference)

    def indicative(self, instrument):
        found = self.auction_price(instrument)
        return found[0] if found else None

    def hold_auction(self, instrument):
        """Everything trades at one price, which is returned; None without."""
        found = self.auction_price(instrument)
        while found:
            bids, asks = ([o for o in self.book(instrument.number, side) if o.takes(found[0])]
                          for side in (BUY, SELL))
            if not bids or not asks:
                break
            older, newer = sorted((bids[0], asks[0]), key=lambda o: o.priority)
            if instrument.rule(RULE_AUCTION_SELF_MATCH) and self.same(older, newer):
                self.self_match(newer, older)
            else:
                self.trade(newer, older, min(newer.left, older.left), found[0])
        if found:
            instrument.static = found[0]
        self.drop_auction_orders(instrument)
        self.leftovers(instrument, found)
        if instrument.phase == CONTINUOUS:
            self.uncross(instrument)    # what self-match prevention left crossed
        return found[0] if found else None

    def leftovers(self, instrument, found):
        """Market orders that the auction did not execute."""
        rule = instrument.rule(RULE_LEFTOVER)
        for side in (BUY, SELL):
            for o in self.book(instrument.number, side):
                if o.kind != MARKET:
                    continue
                if rule == LEFTOVER_CANCEL or rule == LEFTOVER_LIMIT and not (found and o.takes(found[0])):
                    self.end(o, "4", "auction_over")
                elif rule == LEFTOVER_LIMIT:
                    o.kind, o.price = LIMIT, found[0]
                    self.queue(o)
