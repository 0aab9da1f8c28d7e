"""flows.py: random commands, made so that orders meet: few prices, small
quantities, few accounts.  One function for each feature; each takes a random
generator and a length and returns a list of commands in the words of feed.c.
"""
CONTINUOUS = 2


def side_price(r):
    """Sides overlap by a few prices around 100."""
    side = r.choice((1, 2))
    return side, 100 + r.randint(-4, 2) if side == 1 else 100 + r.randint(-2, 4)


def known(r, label):
    """An earlier order, mostly a recent one."""
    return max(0, label - 1 - int(r.expovariate(0.15))) if label else 0


def plain_order(r, label, instrument=1, accounts=6, smp=(0, 0, 0, 1, 2, 3, 4), sizes=9):
    side, price = side_price(r)
    kind, tif, execution = 2, r.choice((0, 0, 0, 1, 1, 3, 4)), 0
    if r.random() < 0.08:
        kind, tif, price = 1, r.choice((3, 3, 4)), 0
    elif tif in (0, 1) and r.random() < 0.08:
        execution = 1
    return "new %d %d %d %d %d %d %d %d %d %d" % (label, instrument, r.randrange(accounts), side, kind, tif,
                                                  execution, price, r.randint(1, sizes), r.choice(smp))


def change(r, label):
    if r.random() < 0.4:
        return "cancel %d" % known(r, label)
    return "replace %d %d %d" % (known(r, label), 100 + r.randint(-4, 4), r.randint(1, 12))


def plain(r, length):
    """Limit and market orders, day, gtc, ioc, fok, post-only, replaces, self-matches, phases."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((1, CONTINUOUS, CONTINUOUS)))]
    phases = r.random() < 0.3
    if r.random() < 0.3:
        flow.append("rule 1 1 %d" % r.randint(1, 4))
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.7:
            flow.append(plain_order(r, label))
            label += 1
        elif dice < 0.97 or not phases:
            flow.append(change(r, label) if r.random() < 0.96 else
                        "mass %d %d %d" % (r.randrange(6), r.randint(0, 1), r.randint(0, 2)))
        else:
            flow.append("phase 1 %d" % r.choice((1, 2, 2, 2, 3, 4)))
            flow.append("phase 1 2")
    return flow


def self_match(r, length):
    """Self-match prevention by id, of accounts and of orders."""
    flow = ["reset 1 2"]
    if r.random() < 0.5:
        flow.append("rule 1 10 %d" % ord(r.choice("ACKOQST")))
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.05:
            flow.append("limit %d 1 %d" % (r.randrange(6), r.randint(0, 2)))
        elif dice < 0.8:
            order = plain_order(r, label)
            flow.append(order + (" 9:%d" % r.randint(0, 2) if r.random() < 0.4 else ""))
            label += 1
        else:
            flow.append(change(r, label))
    return flow


def allocation(r, length):
    """The algorithms that share, with top order and lead market makers."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((1, 2, 2)))]
    flow.append("rule 1 10 %d" % ord(r.choice("ACKKOQST")))
    for rule, values in ((11, (0, 1, 2, 3)), (12, (1, 3, 6)), (13, (0, 2, 5)),
                         (14, (0, 250000, 400000, 1000000)), (15, (0, 1))):
        if r.random() < 0.5:
            flow.append("rule 1 %d %d" % (rule, r.choice(values)))
    for account in r.sample(range(6), 2):
        if r.random() < 0.6:
            flow.append("maker 1 %d %d" % (account, r.choice((100000, 300000, 333333, 500000, 700000))))
    label = 0
    while len(flow) < length:
        if label == 15 and r.random() < 0.9:
            flow.append("phase 1 2")
        if r.random() < 0.75:
            flow.append(plain_order(r, label, sizes=r.choice((6, 30))))
            label += 1
        else:
            flow.append(change(r, label))
    return flow


def auctions(r, length):
    """Calls and the auctions that end them, by all rule sets; market orders that rest."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), r.choice((1, 6, 6)))]
    flow += ["rule 1 21 %d" % r.randint(1, 6), "rule 1 24 %d" % r.randint(1, 3)]
    for rule, values in ((20, (1,)), (22, (1,)), (25, (1,)), (26, (0, 10000, 15000, 20000, 30000))):
        if r.random() < 0.5:
            flow.append("rule 1 %d %d" % (rule, r.choice(values)))
    label, collecting = 0, True
    while len(flow) < length:
        dice = r.random()
        if dice < 0.75:
            words = plain_order(r, label, sizes=6).split()
            if collecting:
                words[6] = str(r.choice((0, 0, 1)))
            if r.random() < 0.2:
                words[5], words[7], words[8] = "1", "0", "0"
            flow.append(" ".join(words))
            label += 1
        elif dice < 0.88:
            flow.append(change(r, label) if r.random() < 0.8 else
                        "replace %d 0 %d" % (known(r, label), r.randint(1, 9)))
        elif dice < 0.91:
            flow.append("%s 1 %d" % (r.choice(("mark", "settle")), 100 + r.randint(-3, 3)))
        else:
            collecting = not collecting
            flow.append("phase 1 %d" % (r.choice((6, 7, 8, 9, 6, 7, 1, 3)) if collecting else
                                        r.choice((2, 2, 2, 2, 4))))
    return flow


def stops(r, length):
    """Stops, stop-limits, trailing stops and linked orders."""
    flow = ["reset %d 2" % r.choice((1, 1, 2)), "rule 1 6 %d" % r.choice((0, 0, 1)), "rule 1 7 %d" % r.randint(0, 2)]
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.45:
            order = plain_order(r, label, sizes=6)
            if r.random() < 0.15:
                order += " 8:%d" % known(r, label)
            flow.append(order)
            label += 1
        elif dice < 0.75:
            flow.append(stop(r, label))
            label += 1
        elif dice < 0.93:
            order = change(r, label)
            if order.startswith("replace") and r.random() < 0.5:
                words = order.split()
                words[2] = r.choice(("0", words[2]))
                order = " ".join(words) + (" 2:%d" % (100 + r.randint(-6, 6)) if r.random() < 0.6 else "")
            flow.append(order)
        elif dice < 0.98:
            flow.append("%s 1 %d" % (r.choice(("mark", "mark", "settle")), 100 + r.randint(-5, 5)))
        else:
            flow += ["phase 1 %d" % r.choice((1, 3, 4, 6)), "mark 1 %d" % (100 + r.randint(-5, 5)), "phase 1 2"]
    return flow


def stop(r, label):
    side = r.choice((1, 2))
    near = 1 if side == 1 else -1
    price = 100 + near * r.randint(-2, 5)
    kind = r.choice((3, 4))
    attrs = ["2:%d" % price] + (["3:%d" % r.choice((2, 101))] if r.random() < 0.5 else [])
    if kind == 3 and r.random() < 0.3:
        attrs = attrs[1:] + ["4:%d" % r.randint(1, 3)]
    if r.random() < 0.2:
        attrs.append("8:%d" % known(r, label))
    return "new %d 1 %d %d %d %d 0 %d %d %d %s" % (
        label, r.randrange(6), side, kind, r.randint(0, 1), price + r.randint(-2, 2) if kind == 4 else 0,
        r.randint(1, 6), r.choice((0, 0, 1, 2, 3, 4)), " ".join(attrs))
