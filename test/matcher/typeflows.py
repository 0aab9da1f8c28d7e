"""typeflows.py: random commands for the order types of doc/orders.md and for pegs.

As flows.py, which lists them.  Each begins with trading rules and then mixes a
type with plain orders, which it meets.
"""
from flows import change, known, plain_order, side_price, stop

MARKET, LIMIT, STOP, STOP_LIMIT, MARKET_TO_LIMIT, PEGGED = 1, 2, 3, 4, ord("K"), ord("P")
DISPLAY, MIN_QTY, STOP_PX, TRIGGER, TRAIL, PEG, PEG_OFFSET, EXPIRES, LINK, SMP_ID = range(10)
REDUCE_ONLY = 8


def begin(r, rules=(), phase=2):
    """A house; some of the rules, each a number with its values."""
    flow = ["reset %d %d" % (r.choice((1, 1, 2)), phase)]
    flow += ["rule 1 %d %d" % (number, r.choice(values)) for number, values in rules if r.random() < 0.6]
    return flow


def order(r, label, kind=LIMIT, tif=0, execution=0, price=None, qty=None, attrs=(), side=None):
    drawn = side_price(r)
    if price is None:
        price = drawn[1]
    text = "new %d 1 %d %d %d %d %d %d %d %d" % (
        label, r.randrange(6), side or drawn[0], kind, tif, execution, price, qty or r.randint(1, 9),
        r.choice((0, 0, 0, 1, 2, 3, 4)))
    return " ".join([text] + ["%d:%d" % a for a in sorted(attrs)])


def add(line, *attrs):
    """The command with more attributes, in order."""
    words = line.split()
    pairs = {tuple(map(int, word.split(":"))) for word in words if ":" in word} | set(attrs)
    return " ".join([word for word in words if ":" not in word] + ["%d:%d" % pair for pair in sorted(pairs)])


ALLOCATIONS = [ord(letter) for letter in "ACKOQST"]
SHARING = ((10, ALLOCATIONS), (11, (0, 1, 2, 3)), (12, (1, 3, 6)), (13, (0, 2, 5)),
           (14, (0, 250000, 400000, 1000000)), (15, (0, 1)))
PHASES = ("phase 1 1", "phase 1 3", "phase 1 6", "phase 1 7", "phase 1 4")


def pause(r):
    return [r.choice(PHASES)]


def resume(flow):
    return flow + ["phase 1 2"]


def iceberg(r, label):
    qty = r.randint(2, 20)
    return order(r, label, tif=r.choice((0, 1)), qty=qty, attrs=[(DISPLAY, r.randint(1, max(1, qty // 2)))])


def icebergs(r, length):
    """They refill, at the back, whoever trades with them."""
    flow = begin(r, ((1, (1, 2, 3, 4)), (2, (0, 1)), (22, (0, 1))), phase=r.choice((2, 2, 1)))
    if r.random() < 0.5:
        flow += begin(r, SHARING)[1:]
    for account in r.sample(range(6), 2):
        if r.random() < 0.3:
            flow.append("maker 1 %d %d" % (account, r.choice((100000, 300000, 500000))))
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.35:
            flow.append(iceberg(r, label))
            label += 1
        elif dice < 0.75:
            flow.append(plain_order(r, label, sizes=r.choice((6, 30))))
            label += 1
        elif dice < 0.92:
            line = change(r, label)
            if line.startswith("replace") and r.random() < 0.4:
                line += r.choice((" 0:%d" % r.randint(1, 4), " 128:0"))
            flow.append(line)
        elif dice < 0.96:
            flow.append(r.choice(PHASES))
        else:
            flow.append("phase 1 2")
    return flow


def conditions(r, length):
    """Market to limit, minimum quantities, protection points, the modes of post-only."""
    flow = begin(r, ((1, (1, 2, 3, 4)), (3, (1, 1, 2, 3)), (4, (1, 1, 0))))
    if r.random() < 0.2:
        flow.append("rule 1 25 1")
    if r.random() < 0.3:
        flow += begin(r, SHARING)[1:]
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.1:
            flow.append(order(r, label, MARKET_TO_LIMIT, r.choice((0, 0, 1, 3, 4)), price=0))
        elif dice < 0.2:
            flow.append(order(r, label, MARKET, r.choice((0, 1, 3, 4)), price=0))
        elif dice < 0.35:
            qty = r.randint(1, 9)
            kind = r.choice((LIMIT, LIMIT, LIMIT, MARKET, MARKET_TO_LIMIT))
            flow.append(order(r, label, kind, 3, price=None if kind == LIMIT else 0, qty=qty,
                              attrs=[(MIN_QTY, r.randint(1, qty))]))
        elif dice < 0.5:
            flow.append(order(r, label, execution=r.choice((1, 2, 4))))
        elif dice < 0.55:
            flow.append(iceberg(r, label))
        elif dice < 0.8:
            flow.append(plain_order(r, label))
        else:
            flow.append(change(r, label) if r.random() < 0.9 else r.choice(PHASES))
            if r.random() < 0.2:
                flow.append("phase 1 2")
            continue
        label += 1
    return flow


def reduce_only(r, length):
    """Orders that only reduce, with others that change the position under them."""
    flow = begin(r, ((1, (1, 2, 3, 4)), (7, (0, 1, 2)), (61, (1, 3)), (22, (0, 1))))
    if r.random() < 0.3:
        flow += begin(r, SHARING)[1:]
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.35:
            flow.append(order(r, label, r.choice((LIMIT, LIMIT, LIMIT, MARKET_TO_LIMIT)), r.choice((0, 1, 3, 4)),
                              REDUCE_ONLY, qty=r.randint(1, 20)))
            words = flow[-1].split()
            if words[5] == str(MARKET_TO_LIMIT):
                words[8] = "0"
                flow[-1] = " ".join(words)
            elif words[6] in "01" and r.random() < 0.2:
                flow[-1] += " 0:1"
        elif dice < 0.45:
            words = stop(r, label).split()
            words[7] = str(REDUCE_ONLY)
            flow.append(" ".join(words))
        elif dice < 0.85:
            flow.append(plain_order(r, label))
            if r.random() < 0.2:
                flow[-1] += " 9:%d" % r.randint(0, 2)
        else:
            flow.append(change(r, label) if r.random() < 0.9 else r.choice(PHASES))
            if r.random() < 0.2:
                flow.append("phase 1 2")
            continue
        label += 1
    return flow


def peg(r, label):
    limit = r.choice((0, 0, 100 + r.randint(-4, 4)))
    attrs = [(PEG, r.choice((2, 4, 5)))]
    if r.random() < 0.7:
        attrs.append((PEG_OFFSET, r.randint(-3, 3)))
    return order(r, label, PEGGED, r.choice((0, 1)), r.choice((0, 0, REDUCE_ONLY)), price=limit, attrs=attrs)


def pegs(r, length):
    """Orders that follow the best prices."""
    flow = begin(r, ((1, (1, 2, 3, 4)), (8, (1,)), (7, (0, 1, 2)), (10, ALLOCATIONS)), phase=r.choice((2, 2, 1)))
    if r.random() < 0.2:
        flow.append("rule 1 9 %d" % r.randint(1, 6))
    rest = r.random() < 0.2
    if rest:
        flow.append("rule 1 25 1")
    label = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.25:
            flow.append(peg(r, label))
            if r.random() < 0.1:
                flow[-1] = add(flow[-1], (LINK, known(r, label)))
            label += 1
        elif dice < 0.3:
            flow.append(stop(r, label))
            label += 1
        elif dice < 0.65:
            flow.append(order(r, label, MARKET, price=0) if rest and r.random() < 0.2 else plain_order(r, label))
            label += 1
        elif dice < 0.95:
            line = change(r, label)
            if line.startswith("replace") and r.random() < 0.3:
                line = "replace %d %d %d" % (known(r, label), r.choice((0, 99, 101)), r.randint(1, 9))
                if r.random() < 0.6:
                    line += r.choice((" 6:%d" % r.randint(-3, 3), " 5:%d" % r.choice((2, 4, 5))))
            flow.append(line)
        else:
            flow.append(r.choice(PHASES))
            if r.random() < 0.7:
                flow += [peg(r, label), "phase 1 2"]
                label += 1
    return flow


def as_entered(flow, label):
    """The words with which an order was entered, None if it never was."""
    for line in flow:
        words = line.split()
        if words[:2] == ["new", str(label)]:
            return words
    return None


def amendment(r, label, now, flow):
    """A replace that changes one thing of an order and leaves the rest as it was entered, or anything."""
    label = known(r, label)
    was = as_entered(flow, label)
    if was is None or r.random() < 0.3:
        return any_amendment(r, label, now)
    price, qty = int(was[8]), int(was[9])
    tif = kind = 0
    attrs = {}
    what = r.randrange(8)
    if what == 0:
        qty = r.randint(1, qty)
    elif what == 1:
        qty += r.randint(0, 5)
        price += r.choice((-1, 0, 1))
    elif what == 2:
        tif = r.choice((1, 2, 4, 5))
        if was[6] == "6":
            attrs[128 + EXPIRES] = 0
    elif what == 3:
        tif, attrs[EXPIRES] = 7, now + r.randint(1, 150)
    elif what == 4:
        attrs[SMP_ID] = r.randint(0, 2)
    elif what == 5:
        attrs[DISPLAY] = r.randint(1, qty)
    elif what == 6:
        kind = r.choice((MARKET, LIMIT, MARKET_TO_LIMIT, STOP, STOP_LIMIT))
        price = 0 if kind in (MARKET, MARKET_TO_LIMIT, STOP) else 100 + r.randint(-3, 3)
        if kind in (STOP, STOP_LIMIT):
            attrs[STOP_PX] = 100 + r.randint(-4, 4)
    return " ".join(["replace %d %d %d %d %d" % (label, price, qty, tif, kind)] +
                    ["%d:%d" % pair for pair in sorted(attrs.items(), key=lambda pair: pair[0] % 128)])


def any_amendment(r, label, now):
    words = ["replace", "%d" % label, "%d" % r.choice((0, 100 + r.randint(-4, 4), 100 + r.randint(-4, 4))),
             "%d" % r.randint(1, 12)]
    tif = r.choice((0, 0, 0, 1, 2, 2, 4, 5, 7))
    kind = r.choice((0, 0, 0, 0, MARKET, LIMIT, LIMIT, STOP, STOP_LIMIT, MARKET_TO_LIMIT, PEGGED))
    attrs = {}
    if tif == 7 or r.random() < 0.1:
        attrs[EXPIRES] = now + r.randint(1, 150)
    elif tif and r.random() < 0.5:
        attrs[128 + EXPIRES] = 0
    if kind in (STOP, STOP_LIMIT) or r.random() < 0.1:
        attrs[STOP_PX] = 100 + r.randint(-4, 4)
    elif kind and r.random() < 0.7:
        attrs[128 + STOP_PX] = 0
    if kind == PEGGED or r.random() < 0.1:
        attrs[PEG] = r.choice((2, 4, 5))
        attrs[PEG_OFFSET] = r.randint(-2, 2)
    elif kind and r.random() < 0.5:
        attrs.update({128 + PEG: 0, 128 + PEG_OFFSET: 0})
    if r.random() < 0.2:
        attrs[r.choice((DISPLAY, DISPLAY, 128 + DISPLAY))] = r.randint(1, 4)
    if r.random() < 0.1:
        attrs[SMP_ID] = r.randint(0, 2)
    if 128 + DISPLAY in attrs:
        attrs[128 + DISPLAY] = 0
    if r.random() < 0.3:
        tif = kind = 0
    words += ["%d" % tif, "%d" % kind]
    return " ".join(words + ["%d:%d" % pair for pair in sorted(attrs.items(), key=lambda pair: pair[0] % 128)])


def lasting(r, label, now):
    """An order that stays for a while, of any type that can."""
    dice = r.random()
    if dice < 0.5:
        line = order(r, label, qty=r.randint(1, 12))
    elif dice < 0.6:
        line = iceberg(r, label)
    elif dice < 0.8:
        line = stop(r, label)
    else:
        line = peg(r, label)
    if r.random() < 0.3:
        words = line.split()
        words[6] = "6"
        line = add(" ".join(words), (EXPIRES, now + r.randint(1, 150)))
    return line


def replaces(r, length):
    """Everything that a replace can change, and orders good till a date."""
    flow = begin(r, ((5, (0,)), (6, (1,)), (7, (0, 1, 2)), (61, (1, 2)), (3, (2,)), (4, (1,))))
    label = now = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.4:
            flow.append(lasting(r, label, now))
            label += 1
        elif dice < 0.55:
            flow.append(plain_order(r, label))
            label += 1
        elif dice < 0.85:
            flow.append(amendment(r, label, now, flow))
        elif dice < 0.95:
            flow.append(change(r, label))
        elif dice < 0.98:
            flow.append("wait %d" % r.randint(1, 60))
            now += int(flow[-1].split()[1])
        else:
            flow += [r.choice(PHASES), amendment(r, label, now, flow), "phase 1 2"]
    return flow


def any_order(r, label, now):
    """One of all types, with what may go with it."""
    dice = r.random()
    if dice < 0.15:
        line = iceberg(r, label)
    elif dice < 0.25:
        line = order(r, label, r.choice((MARKET, MARKET_TO_LIMIT)), r.choice((0, 1, 3, 3, 4)), price=0)
    elif dice < 0.35:
        line = order(r, label, execution=r.choice((1, 2, 4, 8, 9, 10, 12)), tif=r.choice((0, 1)))
    elif dice < 0.5:
        line = stop(r, label)
    elif dice < 0.6:
        line = peg(r, label)
    elif dice < 0.65:
        qty = r.randint(1, 9)
        line = order(r, label, tif=3, qty=qty, attrs=[(MIN_QTY, r.randint(1, qty))])
    else:
        line = plain_order(r, label, sizes=r.choice((6, 15)))
    words = line.split()
    if words[5] in ("1", "2", "3", "4", "75") and words[7] == "0" and r.random() < 0.15:
        words[7] = str(REDUCE_ONLY)
    line = " ".join(words)
    if words[6] in ("0", "1") and words[5] != "1" and r.random() < 0.15:
        words[6] = "6"
        line = add(" ".join(words), (EXPIRES, now + r.randint(1, 150)))
    if r.random() < 0.1 and words[7] != "2" and not any(word.startswith("8:") for word in words):
        line = add(line, (LINK, known(r, label)))
    if r.random() < 0.1:
        line = add(line, (SMP_ID, r.randint(0, 2)))
    return line


def mixed(r, length):
    """All of it together."""
    flow = begin(r, ((1, (1, 2, 3, 4)), (2, (1,)), (3, (2,)), (4, (1,)), (5, (0,)), (6, (1,)), (7, (0, 1, 2)),
                     (8, (1,)), (61, (1, 2))), phase=r.choice((2, 2, 1, 6)))
    for number, values in ((20, (1,)), (21, (1, 2, 3, 4, 5, 6)), (22, (1,)), (24, (2, 3)), (25, (1,))):
        if r.random() < 0.2:
            flow.append("rule 1 %d %d" % (number, r.choice(values)))
    if r.random() < 0.4:
        flow += begin(r, SHARING)[1:]
    label = now = 0
    while len(flow) < length:
        dice = r.random()
        if dice < 0.65:
            flow.append(any_order(r, label, now))
            label += 1
        elif dice < 0.78:
            flow.append(amendment(r, label, now, flow))
        elif dice < 0.9:
            flow.append(change(r, label))
        elif dice < 0.92:
            flow.append("wait %d" % r.randint(1, 60))
            now += int(flow[-1].split()[1])
        elif dice < 0.95:
            flow.append("%s 1 %d" % (r.choice(("mark", "mark", "settle")), 100 + r.randint(-5, 5)))
        elif dice < 0.97:
            flow.append(r.choice(PHASES))
        else:
            flow.append("phase 1 2")
    return flow
