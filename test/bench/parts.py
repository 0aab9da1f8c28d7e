"""parts.py: what is measured.

Each part takes a Bench and adds rows to its results.  Two sides are compared
by turns, A B A B, in one run of the program; a row holds the medians.
"""
import glob
import gzip
import os
import re
import statistics
import subprocess
import threading
import time

import psycopg2

import load_run
import servers

DATA = os.path.join(os.path.dirname(servers.PROJECT), "shared", "data")
ORDER_SQL = ("SELECT ord_status FROM clearing.submit_order('100', 'F', 'buy', 1, 4000, '%s')")
INSERT_SQL = "INSERT INTO plain (data) VALUES (lpad('%s', 100, 'x'))"


def compile_tool(bench, name, sources, libraries=()):
    target = os.path.join(bench.path, name)
    include = subprocess.run([os.path.join(bench.place.bin, "pg_config"), "--includedir"],
                             stdout=subprocess.PIPE, text=True).stdout.strip() \
        if bench.place else "/usr/include/postgresql"
    subprocess.run(["cc", "-std=gnu11", "-O3", "-flto=auto", "--param", "max-inline-insns-auto=60", "-I" + os.path.join(servers.PROJECT, "src"),
                    "-I" + include, "-I/usr/include/postgresql"] +
                   [os.path.join(servers.PROJECT, s) for s in sources] +
                   ["-o", target] + list(libraries), check=True)
    return target


def engine_sources():
    found = glob.glob(os.path.join(servers.PROJECT, "src", "engine", "*.c"))
    return sorted(os.path.relpath(f, servers.PROJECT) for f in found)


#----------------------------------------------------------------
# 1. The engine alone
#----------------------------------------------------------------
def unpacked(bench, path):
    target = os.path.join(bench.path, os.path.basename(path)[:-3])
    with gzip.open(path) as packed, open(target, "wb") as plain:
        plain.write(packed.read())
    return target


def engine(bench):
    tool = compile_tool(bench, "engine_bench",
                        ["src/tools/engine_bench.c", "src/tools/play.c"] + engine_sources())
    streams = sorted(glob.glob(os.path.join(DATA, "matching-benchmark", "*.bin.gz")))
    commands = [[tool, "--runs", "5"], [tool, "--runs", "3", "--deep", "1000000"]]
    if streams:
        commands.append([tool, "--runs", "15"] + [unpacked(bench, s) for s in streams])
    for command in commands:
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        for line in output.splitlines():
            found = re.match(r"(.*): (\d+) commands, (\d+) trades.* best ([\d.]+) ns"
                             r".* median ([\d.]+) ns", line)
            if found:
                name = os.path.basename(found.group(1)).replace(".bin", "")
                if "--deep" in command:
                    name += ", 1,000,000 resting"
                bench.add("engine", name, ours=1e9 / float(found.group(5)), unit="commands/s",
                          note="%s ns, %s trades" % (found.group(5), found.group(3)))
    es_flow(bench)


def es_flow(bench):
    entry = os.path.join(DATA, "cme-es-mbo", "esh4-20231225-order-entry.csv.gz")
    if not os.path.exists(entry):
        return
    tool = compile_tool(bench, "es_flow",
                        ["src/tools/es_flow.c", "src/tools/play.c"] + engine_sources())
    files = [unpacked(bench, entry), unpacked(bench, entry.replace("order-entry", "expected-fills"))]
    with open(files[0]) as f:
        rows = sum(1 for _ in f) - 1
    took = []
    for _ in range(5):
        started = time.monotonic()
        done = subprocess.run([tool] + files, stdout=subprocess.PIPE, text=True)
        took.append(time.monotonic() - started)
    verdict = "every fill identical" if done.returncode == 0 else "fills differ"
    bench.add("engine", "ESH4 2023-12-25, CSV parsing included",
              ours=rows / statistics.median(took), unit="commands/s", note=verdict)


#----------------------------------------------------------------
# 2. Single orders
#----------------------------------------------------------------
def single(bench, setting):
    for clients in bench.options.clients:
        orders, inserts = [], []
        for _ in range(bench.options.rounds):
            bench.settle()
            inserts.append(load_run.pgbench(bench.primary, "insert", clients,
                                            bench.options.seconds, bench.standby))
            orders.append(load_run.pgbench(bench.primary, "order", clients,
                                           bench.options.seconds, bench.standby))
        bench.compare("single", "submit_order, %d client%s, %s" %
                      (clients, "s"[:clients > 1], setting), "INSERT",
                      load_run.median_run(orders), load_run.median_run(inserts),
                      "orders/s", clients=clients, setting=setting)


#----------------------------------------------------------------
# 3. Batches
#----------------------------------------------------------------
def sustained(bench, result):
    """Orders a second until the read model shows them too."""
    started = time.monotonic()
    bench.primary.wait_projected()
    behind = time.monotonic() - started
    result["behind"] = behind
    result["sustained"] = result["rows"] / (result["seconds"] + behind)


def run_batches(bench, mode, clients, held):
    """One burst; held: the read model follows when it is over."""
    # the read model takes several times as long, and is waited for each time
    seconds = max(bench.options.seconds / 2, 1)
    bench.settle()
    if held:
        hold_projector(bench.primary, True)
    result = load_run.load(bench.load, bench.primary, mode, clients, bench.options.batch,
                           seconds, standby=bench.standby)
    if held:
        hold_projector(bench.primary, False)
    if result["refused"] > 0:
        raise RuntimeError("%d orders were refused" % result["refused"])
    if mode != "copy":
        sustained(bench, result)
    return result


def batch(bench, setting):
    """Bursts with the read model written at the same time, and after them."""
    sides = [("copy", False)] + [(mode, held) for mode in ("array", "packed")
                                 for held in (False, True)]
    for clients in bench.options.batch_clients:
        runs = {side: [] for side in sides}
        for _ in range(min(bench.options.rounds, 2)):
            for side in sides:
                runs[side].append(run_batches(bench, side[0], clients, side[1]))
        for mode, held in sides[1:]:
            done = runs[mode, held]
            row = bench.compare("batch", "%s of %d, %d client%s, %s%s" %
                                (mode, bench.options.batch, clients, "s"[:clients > 1], setting,
                                 ", views later" if held else ""), "COPY",
                                load_run.median_run(done),
                                load_run.median_run(runs["copy", False]),
                                "orders/s", clients=clients, setting=setting, held=held)
            row["sustained"] = statistics.median(r["sustained"] for r in done)
            row["behind"] = statistics.median(r["behind"] for r in done)
            row["note"] += "; views %.1f s behind at the end, with them %s/s" % (
                row["behind"], bench.number(row["sustained"]))


#----------------------------------------------------------------
# 4. Takeover and restart
#----------------------------------------------------------------
class Poller(threading.Thread):
    """Asks until it is answered; keeps the moment of the first success."""

    def __init__(self, server, sql, reconnect):
        super().__init__(daemon=True)
        self.server = server
        self.sql = sql
        self.reconnect = reconnect
        self.succeeded = None
        self.connection = None if reconnect else server.connect()
        self.give_up = time.monotonic() + 300

    def run(self):
        n = 0
        while self.succeeded is None and time.monotonic() < self.give_up:
            n += 1
            try:
                if self.connection is None:
                    self.connection = self.server.connect()
                with self.connection.cursor() as cursor:
                    cursor.execute(self.sql % ("%s-%d" % (time.time(), n)))
                self.succeeded = time.monotonic()
            except psycopg2.Error:
                if self.reconnect:
                    if self.connection is not None:
                        self.connection.close()
                    self.connection = None
                time.sleep(0.001)


def race(server, reconnect, start):
    """Milliseconds from start() until an INSERT and until an order succeeds."""
    pollers = [Poller(server, sql, reconnect) for sql in (INSERT_SQL, ORDER_SQL)]
    for poller in pollers:
        poller.start()
    time.sleep(0.1)
    began = time.monotonic()
    start()
    for poller in pollers:
        poller.join()
        if poller.succeeded is None:
            raise RuntimeError("no success within 300 s: " + poller.sql)
        if poller.connection is not None:
            poller.connection.close()
    return [(poller.succeeded - began) * 1000 for poller in pollers]


def take_over(bench, primary):
    standby = primary.clone("standby")
    try:
        standby.start()
        standby.wait_for("SELECT role = 'following' FROM clearing.status()")
        height = primary.value("SELECT confirmed_height FROM clearing.status()")
        standby.wait_for("SELECT height >= %d FROM clearing.status()" % height)
        primary.stop("immediate")
        return race(standby, False, lambda: standby.ctl("promote", "-W"))
    finally:
        standby.remove()
        primary.stop()
        primary.start()
        primary.wait_serving()
        primary.wait_projected()


def restart(primary, mode):
    primary.stop(mode)
    times = race(primary, True, lambda: primary.start(wait=False))
    primary.wait_serving()
    primary.wait_projected()
    return times


def add_race(bench, what, times, orders):
    insert = statistics.median(t[0] for t in times)
    order = statistics.median(t[1] for t in times)
    bench.add("takeover", "%s, %s open orders" % (what, bench.number(orders)),
              ours=order, base=insert, base_name="INSERT", unit="ms",
              adds=order - insert, orders=orders,
              note="adds %.0f ms (%s)" % (order - insert, ", ".join(
                  "%.0f" % (t[1] - t[0]) for t in times)))


def takeover(bench):
    primary = servers.Server(bench.place, "takeover")
    primary.init()
    primary.start()
    servers.open_house(primary)
    there = 0
    try:
        for orders in bench.options.open_orders:
            if orders > there:
                load_run.load(bench.load, primary, "rest", 1, 1000, 0, rows=orders - there)
            there = orders
            primary.wait_projected()
            rounds = range(min(bench.options.rounds, 2))
            add_race(bench, "promotion", [take_over(bench, primary) for _ in rounds], orders)
            add_race(bench, "restart", [restart(primary, "fast") for _ in rounds], orders)
            add_race(bench, "restart after a crash",
                     [restart(primary, "immediate") for _ in rounds], orders)
    finally:
        primary.remove()


#----------------------------------------------------------------
# 5. WAL
#----------------------------------------------------------------
class Wal:
    """Bytes of WAL between two moments."""

    def __init__(self, server):
        self.server = server
        self.from_lsn = server.value("SELECT pg_current_wal_insert_lsn()")

    def bytes(self):
        return int(self.server.value("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)",
                                     self.from_lsn))


def hold_projector(server, hold):
    if hold:
        server.set(pg_clearing__projection_delay="10000", pg_clearing__projection_batch="100000")
        # the delay counts from the last batch: make one now
        server.query(ORDER_SQL % time.time())
        server.wait_projected()
    else:
        server.reset("pg_clearing.projection_delay", "pg_clearing.projection_batch")


def wal(bench):
    server = bench.primary
    seconds = min(bench.options.seconds, 4)

    def single_orders(clients):
        return load_run.pgbench(server, "order", clients, seconds)

    def packed(clients):
        return load_run.load(bench.load, server, "packed", clients, 1000, seconds)

    for name, clients, run in (("1 client", 1, single_orders), ("64 clients", 64, single_orders),
                               ("packed, 4 clients", 4, packed)):
        kind = "insert" if run is single_orders else "copy"
        server.wait_projected()
        start = Wal(server)
        rows = (load_run.pgbench(server, kind, clients, seconds) if kind == "insert" else
                load_run.load(bench.load, server, kind, clients, 1000, seconds))["rows"]
        base = start.bytes() / rows
        hold_projector(server, True)
        start = Wal(server)
        rows = run(clients)["rows"]
        journal = start.bytes() / rows
        hold_projector(server, False)
        server.wait_projected()
        start = Wal(server)
        rows = run(clients)["rows"]
        server.wait_projected()
        both = start.bytes() / rows
        name_of_base = kind.upper()
        bench.add("wal", "journal, " + name, ours=journal, base=base, base_name=name_of_base,
                  unit="bytes")
        bench.add("wal", "journal and read model, " + name, ours=both, base=base,
                  base_name=name_of_base, unit="bytes")
