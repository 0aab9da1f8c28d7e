"""conditions.py: what an order asks for as it enters: protection points, market
to limit, post-only, fill or kill and minimum quantities, after doc/orders.md.

A part of House (matcher.py).
"""
from orders import *
from phases import INTRADAY_CALL


class Conditions:
    def take_limit(self, instrument, o):
        """Of an order whose limit is found in the book."""
        if o.kind == MARKET_TO_LIMIT:
            others = self.limits(o.instrument, 3 - o.side)
            if o.price:
                raise Refused("price_invalid")
            if instrument.phase != CONTINUOUS:
                raise Refused("phase")
            if not others or any(x.kind == MARKET for x in self.book(o.instrument, 3 - o.side)):
                raise Refused("no_liquidity")
            o.kind, o.price, o.was_market = LIMIT, others[0].price, True
            self.applied["market to limit"] += 1
        elif o.kind == MARKET and not o.protected:      # a replace changes the quantity only
            self.protect(instrument, o)

    def protected_price(self, instrument, side):
        away = -(-instrument.reference() * instrument.rule(RULE_PROTECTION) // MILLION)
        return self.within_limits(instrument, instrument.reference() + (away if side == BUY else -away))

    def protect(self, instrument, o):
        """A market order that may rest is held to the reference price, another one to its protection points."""
        points = instrument.rule(RULE_POINTS)
        if instrument.market_rests(o.tif):
            o.price = self.protected_price(instrument, o.side)
            o.protected = True
        elif points:
            others = self.limits(o.instrument, 3 - o.side)
            if instrument.phase != CONTINUOUS:
                if instrument.rule(RULE_MARKET_RESTS) and o.tif not in (IOC, FOK):
                    return              # something else may be wrong too, and counts first
                raise Refused("phase")
            if not self.book(o.instrument, 3 - o.side):
                raise Refused("no_liquidity")
            o.price = (others[0].price if others else instrument.reference()) + (points if o.side == BUY else -points)
            o.bounded = True

    def would_trade(self, instrument, o):
        others = self.limits(o.instrument, 3 - o.side)
        return (others and o.takes(others[0].price) or self.market_head(instrument, o)[0] or
                self.sources(instrument, o))

    def keep_post_only(self, instrument, o):
        """Refuses it, prepares its end or moves it, if it would trade."""
        if not self.would_trade(instrument, o):
            return
        if o.execution & POST_ONLY:
            self.applied["post-only refused"] += 1
            raise Refused("post_only_would_trade")
        if instrument.phase != CONTINUOUS:
            return
        if o.execution & POST_ONLY_CANCEL:
            o.hopeless = True
            self.applied["post-only cancelled"] += 1
        elif o.execution & POST_ONLY_REPRICE:
            others = self.limits(o.instrument, 3 - o.side)
            if not others:
                raise Refused("post_only_would_trade")
            o.price = others[0].price + (-1 if o.side == BUY else 1)
            if self.would_trade(instrument, o):
                raise Refused("post_only_would_trade")
            self.applied["post-only repriced"] += 1

    def check_immediate(self, instrument, o):
        """What can be said of it before it trades."""
        if not o.limited() and not self.book(o.instrument, 3 - o.side):
            raise Refused("no_liquidity")
        if o.execution & (POST_ONLY | POST_ONLY_CANCEL | POST_ONLY_REPRICE):
            self.keep_post_only(instrument, o)
        if o.tif == FOK and not self.fillable(instrument, o, o.left):
            raise Refused("fok_not_fillable")
        if MIN_QTY in o.attrs:
            if not self.fillable(instrument, o, o.attrs[MIN_QTY]):
                self.applied["minimum not fillable"] += 1
                raise Refused("min_qty_not_fillable")
            self.applied["minimum fillable"] += 1

    def fillable(self, instrument, o, lots):
        return self.would_fill(instrument, o) >= lots

    def would_fill(self, instrument, o):
        """How much of it would trade at once."""
        self.before = list(self.traded)
        how = self.instruction(o)
        left, filled = o.left, 0

        def meet(own):
            """What self-match prevention leaves of it."""
            if how == CANCEL_RESTING:
                return left
            return max(0, left - own.left) if how == DECREMENT else 0

        limits = self.limits(o.instrument, 3 - o.side)
        queues = [self.market_head(instrument, o)]
        queues += [([r for r in limits if r.price == price], price)
                   for price in sorted({r.price for r in limits}, reverse=o.side == SELL) if o.takes(price)]
        for number, (queue, price) in enumerate(queues):
            if number and instrument.algorithm() != "F":
                queue.sort(key=lambda r: not self.same(o, r))   # they are dealt with first
            # an own order that ends it does so before an iceberg ahead has a second turn
            once = how not in (CANCEL_RESTING, DECREMENT) and any(self.same(o, r) for r in queue)
            for r in queue:
                if self.same(o, r):
                    left = meet(r)
                elif not self.may_trade(instrument, price, instrument.reference()):
                    return filled
                else:
                    reach = self.reach(r)
                    lots = min(left, reach, r.shown if once and r.shown is not None else reach)
                    left, filled = left - lots, filled + lots
                if not left:
                    return filled
        return filled

    def remainder(self, instrument, o):
        """What has not traded, of an order that has no limit or may not rest."""
        if instrument.phase != CONTINUOUS:
            self.end(o, "4", "circuit_breaker" if instrument.phase in (HALTED, INTRADAY_CALL) else "volatility")
            return
        if o.bounded and o.tif not in (IOC, FOK) and instrument.rule(RULE_REMAINDER) == 1:
            o.kind = LIMIT
            self.applied["rests at its protection"] += 1
            self.rest(instrument, o)
            return
        if o.bounded and self.limits(o.instrument, 3 - o.side):
            self.applied["stopped at its protection"] += 1
        self.end(o, "4", "ioc_remainder")
