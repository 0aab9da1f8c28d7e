"""shares.py: who gets how much at a price, after doc/allocation.md.

A part of House (matcher.py).
"""
from orders import *


class Shares:
    def shares(self, instrument, qty, level):
        """A list of (order, lots) in the order of the fills."""
        algorithm = instrument.algorithm()
        if qty >= sum(r.left for r in level):
            return [(r, r.visible) for r in level]
        if qty >= sum(r.visible for r in level):
            self.applied["another round"] += 1
        gets = {r: 0 for r in level}

        def give(r, lots):
            nonlocal qty
            lots = min(lots, r.visible - gets[r], qty)
            gets[r] += lots
            qty -= lots

        top = instrument.top[level[0].side]
        if top not in gets or algorithm in "CT" or (algorithm == "K" and not instrument.rule(RULE_TOP)):
            top = None
        if top:
            most = instrument.rule(RULE_TOP_MAX) if algorithm in "KOQ" else 0
            give(top, most or top.visible)
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
            sizes = {r: r.visible - gets[r] for r in level}
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
                for r in sorted(nothing, key=lambda r: (-r.visible, r.priority)):
                    give(r, 1)
        for r in level:
            give(r, r.visible)
        prorata = algorithm in "ACKOQ"
        order = sorted(level, key=lambda r: (r is not top, r not in makers,
                                             -r.visible if prorata and r not in makers else 0, r.priority))
        return [(r, gets[r]) for r in order if gets[r] > 0]
