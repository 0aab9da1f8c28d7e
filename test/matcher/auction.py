"""auction.py: the price of an auction, after the table of doc/auctions.md.

Tries every price there could be, one tick at a time, and keeps the best.
"""
XETRA_R14, CLAMP, CME_IOP, HKEX, VEGA_MID, XETRA_CA = 1, 2, 3, 4, 5, 6


def interest(orders, side, price):
    return sum(o.left for o in orders if o.side == side and o.takes(price))


def closest(prices, to):
    """Of two that are equally close the higher."""
    return min(prices, key=lambda p: (abs(p - to), -p))


def price_of(rules, orders, market, reference):
    """Price and volume, or None.  orders: of both sides; market(o): has it no limit?"""
    limits = {o.price for o in orders if not market(o)}
    if rules in (CLAMP, CME_IOP):
        around = limits | {reference} | {o.price for o in orders}
        candidates = range(min(around) - 1, max(around) + 2)
    else:
        candidates = sorted(limits)
    curve = {p: (interest(orders, 1, p), interest(orders, 2, p)) for p in candidates}
    most = max([min(c) for c in curve.values()], default=0)
    if most == 0 or not limits:
        volume = min(interest(orders, 1, reference), interest(orders, 2, reference))
        return (reference, volume) if volume > 0 else None
    left = {p: bid - ask for p, (bid, ask) in curve.items() if min(bid, ask) == most}
    if rules == VEGA_MID:
        return (min(left) + max(left)) // 2, most
    least = min(abs(s) for s in left.values())
    left = {p: s for p, s in left.items() if abs(s) == least}
    inside = bounded(left, limits | {reference}) if rules in (CLAMP, CME_IOP) else sorted(left)
    if all(s > 0 for s in left.values()):
        return inside[-1], most
    if all(s < 0 for s in left.values()):
        return inside[0], most
    if rules in (CLAMP, CME_IOP, HKEX):
        return closest(inside, reference), most
    bids = [p for p in left if left[p] >= 0]
    asks = [p for p in left if left[p] <= 0]
    if least == 0:
        low, high = min(left), max(left)
    else:
        low, high = max(bids), min(asks)
    if rules == XETRA_CA:
        return -((low + high) // -2), most
    return closest((low, high), reference), most


def bounded(left, bounds):
    """Ticks of the set no farther than the outermost limit or the reference price; at least one."""
    low = min(max(min(left), min(bounds)), max(left))
    high = max(min(max(left), max(bounds)), min(left))
    return [p for p in sorted(left) if low <= p <= high]
