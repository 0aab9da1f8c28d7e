"""phases.py: phases and what ends them, the trading schedule, orders for one
auction, trading at the closing price, after doc/auctions.md.

A part of House (matcher.py).  Times are microseconds since 1970.
"""
import auction
from orders import *

BEGIN = 1700000000000000                # of the first block, by feed.c
DAY_LENGTH = 86400000000
OPENING_CALL, INTRADAY_CALL, CLOSING_CALL, VOLATILITY_CALL = CALLS
RULE_CALL_DURATION, RULE_CALL_RANDOM, RULE_OUTAGE = 27, 28, 40
TIME, PHASE, DURATION, RANDOM_END, NEXT_PHASE, SEED, WEEKDAYS = 1, 2, 3, 4, 5, 6, 7


def splitmix64(seed):
    """The first number that the generator gives."""
    bits = 2 ** 64 - 1
    z = (seed + 0x9E3779B97F4A7C15) & bits
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & bits
    z = (z ^ z >> 27) * 0x94D049BB133111EB & bits
    return z ^ z >> 31


class Entry:
    """Of the schedule of an instrument."""

    def __init__(self, instrument, fields, time):
        self.instrument, self.fields, self.done = instrument, fields, time

    def due(self):
        """When it happens next; None if never."""
        when = self.fields.get(TIME, 0)
        if not self.fields.get(PHASE):
            return None
        if when >= DAY_LENGTH:
            return when if when > self.done else None
        day = self.done // DAY_LENGTH
        for day in range(day, day + 9):
            weekday = (day + 4) % 7     # 1970 began on a Thursday
            if day * DAY_LENGTH + when > self.done and self.fields.get(WEEKDAYS, 127) >> weekday & 1:
                return day * DAY_LENGTH + when
        return None


class Phases:
    def reset_phases(self):
        self.schedule = {}              # (instrument, entry) -> Entry
        self.height = 1

    def time(self):
        return BEGIN + self.now * MILLION

    #
    # Commands
    #
    def do_phase(self, n, pairs):
        instrument = self.instruments[n[0]]
        self.check_new_phase(instrument, n[1])
        ends = None
        if TIME in pairs:
            ends = pairs[TIME]
        elif DURATION in pairs:
            ends = self.time() + pairs[DURATION]
        if ends is None and pairs or ends is not None and ends <= self.time():
            raise Refused("field_conflict")
        self.enter(instrument, n[1])
        self.set_end(instrument, ends, pairs.get(RANDOM_END, 0), pairs.get(NEXT_PHASE, 0), pairs.get(SEED, 0))

    def do_schedule(self, n, pairs):
        self.schedule[n[0], n[1]] = Entry(self.instruments[n[0]], pairs, self.time())

    def do_wait(self, n, pairs):
        """A new block: what is due by its time happens before its commands."""
        before = self.time()
        self.now += n[0]
        self.height += 1
        for instrument in self.in_order():
            longest = instrument.rule(RULE_OUTAGE)
            if instrument.phase == CONTINUOUS and longest and self.time() - before > longest:
                self.applied["outage"] += 1
                self.call(instrument, INTRADAY_CALL)
        while True:
            due = [t for t in self.timers() if t[0] <= self.time()]
            if not due:
                return
            when, _, what, of = min(due, key=lambda t: t[:2])
            what(of, when)
            self.aftermath()

    def timers(self):
        """(when, which first, what to do, with whom)"""
        timers = self.lifetimes()
        for (number, entry), e in self.schedule.items():
            if e.due() is not None:
                timers.append((e.due(), (1, number, entry), self.entry_due, e))
        for i in self.in_order():
            if i.ends is not None:
                timers.append((i.ends, (2, i.number), self.phase_ends, i))
        return timers

    def in_order(self):
        return [self.instruments[i] for i in sorted(self.instruments)]

    #
    # What happens by time
    #
    def entry_due(self, e, when):
        self.applied["schedule"] += 1
        e.done = when
        fields, instrument = e.fields, e.instrument
        try:
            self.check_new_phase(instrument, fields[PHASE])
        except Refused:
            return
        self.enter(instrument, fields[PHASE])
        length = fields.get(DURATION, 0)
        self.set_end(instrument, when + length if length else None, fields.get(RANDOM_END, 0),
                     fields.get(NEXT_PHASE, 0), fields.get(SEED, 0))

    def phase_ends(self, instrument, when):
        if instrument.random:
            drawn = splitmix64(instrument.seed + self.height + (instrument.number << 32)) % (instrument.random + 1)
            instrument.random = 0
            instrument.ends += drawn
            self.applied["random end"] += 1
            if drawn:
                return
        if instrument.auction_ahead() and self.call_stays(instrument):
            return
        self.applied["phase ended"] += 1
        if instrument.phase == HALTED and instrument.halt_call:
            self.applied["call after a halt"] += 1
            length = instrument.halt_call
            self.enter(instrument, INTRADAY_CALL)
            instrument.ends = when + length
            return
        self.enter(instrument, instrument.next or CONTINUOUS)

    def set_end(self, instrument, ends, random, following, seed):
        instrument.ends, instrument.random, instrument.next, instrument.seed = ends, random, following, seed

    def call(self, instrument, phase, following=0, seed=0):
        """A call that begins by itself."""
        self.enter(instrument, phase)
        self.set_end(instrument, self.time() + instrument.rule(RULE_CALL_DURATION), instrument.rule(RULE_CALL_RANDOM),
                     following, seed)

    #
    # From one phase to another
    #
    def check_new_phase(self, instrument, phase):
        self.check_legs(instrument, phase)

    def enter(self, instrument, phase):
        before, was_for = instrument.phase, instrument.call_for
        closing = before == CLOSING_CALL or before == VOLATILITY_CALL and was_for == CLOSING_CALL
        instrument.phase, instrument.call_for, instrument.halt_call = phase, 0, 0
        if phase == VOLATILITY_CALL:
            opens = before == OPENING_CALL or before == PRE_OPEN and instrument.rule(RULE_UNCROSS) == 1
            instrument.call_for = OPENING_CALL if opens else CLOSING_CALL if before == CLOSING_CALL else was_for
        self.set_end(instrument, None, 0, 0, 0)
        if phase != CONTINUOUS:
            self.park_pegs(instrument)
        if before in CALLS and phase in (CONTINUOUS, CLOSED, TRADE_AT_CLOSE):
            price = self.hold_auction(instrument)
            if closing and price is not None:
                instrument.closing = price
        elif phase == CONTINUOUS and before != CONTINUOUS:
            if instrument.rule(RULE_UNCROSS) or any(
                    o.kind == MARKET for side in (BUY, SELL) for o in self.book(instrument.number, side)):
                self.hold_auction(instrument)
            else:
                self.drop_auction_orders(instrument)
                self.uncross(instrument)
        self.place_auction_orders(instrument)
        if phase == CONTINUOUS and before != CONTINUOUS:
            self.reopened(instrument)
        if phase == CONTINUOUS:
            for kind in (LAST, MARK):
                self.collect(instrument, kind)
        if phase == CLOSED and before != CLOSED:
            self.close(instrument)

    def close(self, instrument):
        instrument.closing = None
        self.new_day(instrument)
        if instrument.last is not None:
            instrument.static = instrument.last
        for o in sorted(self.orders.values(), key=lambda o: o.label):
            if not o.ended and o.instrument == instrument.number and o.tif == DAY:
                self.end(o, "C", "end_of_day")

    def reopened(self, instrument):
        for spread in self.with_implied():
            if spread is instrument or instrument in (spread.bought(), spread.sold()):
                self.uncross_implied(spread)

    #
    # Orders for one auction
    #
    def auction_now(self, instrument, tif):
        """Is this the call of such orders?"""
        phase, call_for = instrument.phase, instrument.call_for
        if tif == AT_OPENING:
            return (phase == OPENING_CALL or phase == PRE_OPEN and instrument.rule(RULE_UNCROSS) == 1 or
                    phase == VOLATILITY_CALL and call_for == OPENING_CALL)
        return phase == CLOSING_CALL or phase == VOLATILITY_CALL and call_for == CLOSING_CALL

    def auction_to_come(self, instrument, tif):
        if tif == AT_OPENING:
            return instrument.phase in (PRE_OPEN, HALTED)
        return instrument.phase not in (TRADE_AT_CLOSE, CLOSED)

    def check_auction_order(self, instrument, o):
        if instrument.phase in (HALTED, CLOSED):
            raise Refused("phase")
        if not self.auction_now(instrument, o.tif) and not self.auction_to_come(instrument, o.tif):
            self.applied["auction over"] += 1
            raise Refused("auction_over")

    def auction_orders(self, instrument):
        return sorted((o for o in self.orders.values() if not o.ended and o.instrument == instrument.number and
                       o.tif in (AT_OPENING, AT_CLOSE)), key=lambda o: o.priority)

    def drop_auction_orders(self, instrument):
        """Their auction has been, or does not come any more."""
        for o in self.auction_orders(instrument):
            if not self.auction_now(instrument, o.tif) and (
                    o.resting or not self.auction_to_come(instrument, o.tif)):
                self.applied["not executed in its auction"] += 1
                self.end(o, "4", "auction_over")

    def place_auction_orders(self, instrument):
        for o in self.auction_orders(instrument):
            self.place_auction_order(instrument, o)

    def place_auction_order(self, instrument, o):
        if self.auction_now(instrument, o.tif):
            if o.waits:
                self.applied["waited for its auction"] += 1
            o.waits, o.resting = 0, True
        elif not self.auction_to_come(instrument, o.tif):
            self.end(o, "4", "auction_over")
        else:
            self.leave(o)
            o.waits = WAITS_AUCTION

    #
    # At the closing price
    #
    def match_at_close(self, instrument, o):
        price = instrument.closing
        while price is not None and not o.ended and o.takes(price):
            others = [r for r in self.book(o.instrument, 3 - o.side) if r.takes(price)]
            if not others:
                return
            if self.same(o, others[0]):
                self.self_match(o, others[0])
            else:
                self.applied["trade at close"] += 1
                self.trade(o, others[0], min(o.left, others[0].left), price)
