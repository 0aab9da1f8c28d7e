"""market_flows.py: random commands for several instruments and for the time of
the journal: spreads, phases, price controls, lists of orders.  As flows.py.
"""
from flows import change, plain_order, stop

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


#
# Price controls
#
def controls(r, length):
    """Price limits and bands, ranges and the calls that follow, by journal time."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((2, 2, 2, 6)))]
    for rule, values in ((29, (1, 2, 2, 3)), (30, (2, 3, 3, 4)), (31, (2, 3, 5)), (32, (1, 2, 3)), (33, (2, 3, 4)),
                         (34, (2, 3, 4)), (28, (1000000, 30000000)), (25, (1,)), (22, (1,)), (20, (1,)), (1, (1, 2, 3, 4)),
                         (10, (ord("A"), ord("K"), ord("O")))):
        if r.random() < (0.7 if rule in (29, 30, 31) else 0.3):
            flow.append("rule 1 %d %d" % (rule, r.choice(values)))
    flow += ["rule 1 27 %d" % (r.choice((5, 30, 120)) * SECOND), "rule 1 21 %d" % r.randint(1, 6),
             "rule 1 24 %d" % r.randint(1, 3)]
    limits = any(line.startswith(("rule 1 33", "rule 1 34")) for line in flow)
    if limits:                          # orders that wait because limits have moved are not compared
        flow.insert(1, "settle 1 %d" % (100 + r.randint(-2, 2)))
    label, now = 0, 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.66:
            flow.append(any_order(r, label))
            label += 1
        elif dice < 0.74:
            flow.append(single_stop(r, label))
            label += 1
        elif dice < 0.84:
            flow.append(change(r, label))
        elif dice < 0.88:
            flow.append("%s 1 %d" % (r.choice(("mark", "mark" if limits else "settle")), 100 + r.randint(-3, 3)))
        elif dice < 0.96:
            now += r.choice((1, 3, 10, 40, 200))
            flow.append("wait %d" % (now - clock_of(flow)))
        else:
            flow.append("phase 1 %d%s" % (r.choice((2, 2, 6, 7, 8, 9, 1, 3, 4)), end_of(r, clock_of(flow))))
    return flow


def clock_of(flow):
    """Seconds since the first block, after these commands."""
    return sum(int(line.split()[1]) for line in flow if line.startswith("wait"))


def end_of(r, now):
    """When a phase ends by itself; mostly it does."""
    if r.random() < 0.3:
        return ""
    words = " 1:%d" % (BEGIN + (now + r.choice((0, 1, 5, 20, 60))) * SECOND)
    if r.random() < 0.3:
        words = " 3:%d" % (r.choice((1, 5, 20)) * SECOND)
    if r.random() < 0.4:
        words += " 4:%d" % (r.choice((1, 5, 30)) * SECOND)
    if r.random() < 0.5:
        words += " 5:%d" % r.choice((0, 2, 3, 4, 7, 10))
    if r.random() < 0.4:
        words += " 6:%d" % r.choice((0, 1, 77, 123456789012345, -5))
    return words


def any_order(r, label, instrument=1):
    """Market orders too that may rest."""
    words = plain_order(r, label, instrument, sizes=6).split()
    if r.random() < 0.1:
        words[5], words[6], words[7], words[8] = "1", str(r.choice((0, 1, 3, 4))), "0", "0"
    return " ".join(words)


def breakers(r, length):
    """Circuit breakers of product groups: tiers, lookback, halts and calls."""
    flow = ["reset 1 2"]
    for i in (1, 2, 3):
        if r.random() < 0.8:
            flow.append("rule %d 35 %d" % (i, r.choice((1, 1, 1, 2))))
        if r.random() < 0.2:
            flow.append("rule %d 36 1" % i)
        if r.random() < 0.2:
            flow.append("rule %d %d %d" % (i, r.choice((29, 30)), r.randint(2, 4)))
        if r.random() < 0.2:
            flow.append("rule %d 25 1" % i)
        flow.append("rule %d 27 %d" % (i, 20 * SECOND))
    for group in (1, 2):
        if r.random() < 0.5:
            flow.append("group %d 0 1:%d" % (group, r.choice((20, 20, 60, 600)) * SECOND))
        percents = r.sample((10000, 20000, 30000, 40000, 35000), 3)
        for tier in range(1, 1 + r.randint(1, 3)):
            words = "group %d %d 2:%d" % (group, tier, percents.pop())
            for field, values in ((3, (5 * SECOND, 20 * SECOND)), (4, (5 * SECOND, 10 * SECOND)), (5, (0, 1, 2)), (6, (1,))):
                if r.random() < (0.8 if field == 3 else 0.4):
                    words += " %d:%d" % (field, r.choice(values))
            flow.append(words)
    label, now = 0, 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.75:
            flow.append(any_order(r, label, r.choice((1, 1, 2, 3))))
            label += 1
        elif dice < 0.82:
            flow.append(change(r, label))
        elif dice < 0.86:
            flow.append("%s %d %d" % (r.choice(("mark", "settle", "settle")), r.randint(1, 3), 100 + r.randint(-3, 3)))
        elif dice < 0.95:
            flow.append("wait %d" % r.choice((1, 2, 5, 10, 20, 20, 60, 100)))
        else:
            flow.append("phase %d %d" % (r.randint(1, 3), r.choice((2, 2, 2, 6, 7, 8, 3, 4))))
    return flow


#
# Phases by the clock
#
def phases(r, length):
    """Schedules, orders for one auction, trading at the closing price, outages."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((1, 2, 6, 8, 4)))]
    flow += ["rule 1 21 %d" % r.randint(1, 6), "rule 1 24 %d" % r.randint(1, 3), "rule 1 27 %d" % (r.choice((5, 30)) * SECOND)]
    for rule, values in ((20, (1,)), (22, (1,)), (25, (1,)), (28, (1000000, 30000000)), (29, (1, 2, 4)), (30, (3, 5)),
                         (40, (25 * SECOND, 100 * SECOND))):
        if r.random() < 0.4:
            flow.append("rule 1 %d %d" % (rule, r.choice(values)))
    day = (BEGIN // SECOND) % 86400
    if r.random() < 0.5:
        for entry in range(r.randint(1, 4)):
            words = "schedule 1 %d" % entry
            if r.random() < 0.7:
                words += " 1:%d" % ((day + r.randint(-300, 900)) % 86400 * SECOND)
                weekdays = " 7:%d" % r.choice((127, 127, 4, 8, 12, 62))
            else:
                words += " 1:%d" % (BEGIN + r.randint(1, 900) * SECOND)
                weekdays = ""
            words += " 2:%d" % r.choice((1, 2, 3, 4, 6, 7, 8, 10))
            if r.random() < 0.5:
                words += " 3:%d" % (r.choice((5, 20, 60)) * SECOND)
                words += " 4:%d" % (r.choice((1, 10)) * SECOND) if r.random() < 0.5 else ""
                words += " 5:%d" % r.choice((2, 3, 4, 7, 10)) if r.random() < 0.5 else ""
            flow.append(words + weekdays)
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.68:
            words = any_order(r, label).split()
            if r.random() < 0.3:
                words[6] = str(r.choice((2, 7)))
            elif words[6] in "34" and r.random() < 0.6:
                words[6] = "0"
            flow.append(" ".join(words))
            label += 1
        elif dice < 0.72:
            flow.append(single_stop(r, label))
            label += 1
        elif dice < 0.8:
            flow.append(change(r, label))
        elif dice < 0.82:
            flow.append("%s 1 %d" % (r.choice(("mark", "settle")), 100 + r.randint(-3, 3)))
        elif dice < 0.91:
            flow.append("wait %d" % r.choice((1, 3, 10, 30, 110, 110, 50000)))
        else:
            flow.append("phase 1 %d%s" % (r.choice((1, 2, 2, 2, 3, 4, 6, 6, 7, 8, 8, 8, 9, 10)), end_of(r, clock_of(flow))))
    return flow


#
# Lists of orders
#
def quotes(r, length):
    """Mass quotes among other orders, in some phases."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((1, 2, 2)))]
    if r.random() < 0.3:
        flow.append("rule 1 10 %d" % ord(r.choice("AKQ")))
    for rule, values in ((32, (2, 3)), (29, (2, 3)), (1, (1, 3, 4))):
        if r.random() < 0.3:
            flow.append("rule %d %d %d" % (r.randint(1, 2), rule, r.choice(values)))
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.45:
            words = "quote %d %d" % (r.randrange(6), r.randint(1, 2))
            for i in r.sample((1, 2, 3), r.randint(1, 3)):
                bid = 100 + r.randint(-4, 2)
                ask = bid + r.randint(0 if r.random() < 0.1 else 1, 4)
                lots = [r.choice((0, 1, 5, 9)) for _ in range(2)]
                bid, ask = (price if n or r.random() < 0.05 else 0 for price, n in zip((bid, ask), lots))
                words += " %d:%d:%d:%d:%d:%d:%d" % (i, label, bid, lots[0], label + 1, ask, lots[1])
                label += 2
            flow.append(words)
        elif dice < 0.8:
            flow.append(plain_order(r, label, r.randint(1, 3)))
            label += 1
        elif dice < 0.92:
            flow.append(change(r, label))
        elif dice < 0.95:
            flow.append("mass %d %d %d" % (r.randrange(6), r.randint(0, 3), r.randint(0, 2)))
        elif dice < 0.97:
            flow.append("wait %d" % r.choice((1, 60, 200)))
        else:
            i = r.randint(1, 3)
            flow += ["phase %d %d" % (i, r.choice((1, 3, 4, 6)))] + (["phase %d 2" % i] if r.random() < 0.7 else [])
    return flow
