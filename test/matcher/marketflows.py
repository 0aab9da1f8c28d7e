"""market_flows.py: random commands for several instruments and for the time of
the journal: spreads, phases, price controls, lists of orders.  As flows.py.
"""
from flows import change, known, plain_order, side_price, stop

BEGIN = 1700000000000000                # time of the first block, see feed.c
SECOND = 1000000


def single_stop(r, label):
    return " ".join(word for word in stop(r, label).split() if not word.startswith("8:"))


#
# Spreads
#
def legs_of(r):
    """A combination of futures, as the last words of "spread"; sometimes one that implies nothing."""
    if r.random() < 0.7:
        return r.choice(("1 1 3 -1", "1 1 3 -1", "3 1 1 -1", "2 1 3 -1"))
    return r.choice(("1 1 2 -1", "2 1 3 -1", "1 1 3 -1", "2 1 1 -1", "1 1 4 -1", "3 1 1 -1",
                     "1 1 2 -2 3 1", "2 1 1 -1 3 2", "1 2 2 -3", "1 1 1 -1", "1 1 5 -1", "1 1 2 -1 3 -1 4 1", "4 -1 1 3"))


def spread_order(r, label, instrument, at):
    words = plain_order(r, label, instrument, sizes=r.choice((6, 6, 30))).split()
    if words[5] != "1":
        apart = r.choice((-1, 0, 1, 1, 2)) if words[4] == "1" else r.choice((1, 0, -1, -1, -2))
        words[8] = str(int(words[8]) - 100 + at - apart)
    if r.random() < 0.6:
        words[6] = "1"
    return " ".join(words)


def two_sources(r, label, first):
    """Two spreads and their far legs make two sources of the near one at one price."""
    side, price, off = r.choice((1, 2)), 100 + r.randint(-1, 1), r.randint(-1, 1)
    orders = [(5, off), (6, off), (2, price), (3, price)]
    r.shuffle(orders)
    orders = [(i, 3 - side, at) for i, at in orders] + [(1, side, price + off)]
    return ["new %d %d %d %d 2 1 0 %d %d 0" % (label + n, i, (first + n) % 6, side, at, r.randint(2, 9))
            for n, (i, side, at) in enumerate(orders)]


def spreads(r, length):
    """Legs and spreads with implied matching, phases of both, allocations."""
    flow = ["reset %d 2 %d" % (r.choice((1, 1, 2)), r.choice((1, 1, 1, 2)))]
    at = {1: 100, 2: 100, 3: 100, 4: 100}
    for n in range(r.choice((1, 2, 2, 3))):
        flow.append("spread %d %d %d %s" % (r.choice((2, 2, 2, 1)) if n else 2, r.choice((1, 1, 2)), r.choice((1, 1, 1, 2)) if n else 1,
                                            legs_of(r) if n else r.choice(("1 1 2 -1", "1 1 2 -1", "2 1 1 -1", "2 -1 1 1"))))
        legs = [int(w) for w in flow[-1].split()[4:]]
        value = {3: int(flow[0].split()[3])}
        if max(legs[::2]) < 5:
            at[len(at) + 1] = (sum(100 * n * value.get(i, 1) for i, n in zip(legs[::2], legs[1::2])) //
                               (value.get(legs[0], 1) * int(flow[-1].split()[3])))
    for i in at:
        if r.random() < 0.3:
            flow.append("rule %d 10 %d" % (i, ord(r.choice("ACKOQST"))))
        if r.random() < 0.1:
            flow.append("rule %d 1 %d" % (i, r.randint(1, 4)))
    label, later = 0, []                # (when, what): turned on again
    while len(flow) < length:
        dice = r.random()
        if dice < 0.04:
            flow += two_sources(r, label, r.randrange(6))
            label += 5
        elif dice < 0.78:
            i = r.choice([1, 1, 1, 2, 2, 3, 5, 5] + [i for i in at if i > 5])
            flow.append(spread_order(r, label, i, at[i]))
            label += 1
        elif dice < 0.8:
            flow.append(single_stop(r, label))
            label += 1
        elif dice < 0.9:
            words = change(r, label).split()
            if words[0] == "replace":
                words[2] = str(r.choice(list(at.values())) + r.randint(-4, 4))
            flow.append(" ".join(words))
        elif dice < 0.93:
            flow.append("%s %d %d" % (r.choice(("mark", "mark", "settle")), r.randint(1, 4), 100 + r.randint(-4, 4)))
        elif dice < 0.945:
            i = r.choice([i for i in at if i > 4])
            flow.append("rule %d 50 0" % i)
            later.append((len(flow) + r.randint(1, 12), "rule %d 50 1" % i))
        elif dice < 0.97:
            i = r.choice([1, 2] + [i for i in at if i > 2])
            flow.append("phase %d %d" % (i, r.choice((1, 1, 3, 6) if i < 5 else (1, 1, 3))))
            later.append((len(flow) + r.randint(1, 12), "phase %d 2" % i))
        while later and later[0][0] <= len(flow):
            flow.append(later.pop(0)[1])
    return flow
