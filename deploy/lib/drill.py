"""drill.py: load, fault, recovery, check: one drill on a running cluster.

The parts are usable one by one; run() does them all.  Times are monotonic
and shared with the clients' logs.
"""
import json
import multiprocessing
import os
import shlex
import signal
import sys
import threading
import time

import flow
import house
import replay
import report
from checker import Checker
from layout import NODES, DeployError, give
from session import Session, place, read_log

GIVE_UP = 120               # s without service before a drill fails
fork = multiprocessing.get_context("fork")


KILLS = {
    "primary": "SIGKILL to PostgreSQL, Patroni and etcd",
    "standby": "SIGKILL to PostgreSQL, Patroni and etcd",
    "server": "SIGKILL to every process of PostgreSQL; Patroni lives",
    "engine": "SIGKILL to the engine worker; PostgreSQL restarts in place",
    "none": "",
}


class Options:
    """What a drill does; deploy/drill and deploy/demo fill it in."""
    kill = "primary"            # see KILLS
    clients = 8
    seconds = 30                # of load, besides the time without service
    flow = None                 # order-entry file to replay instead
    fills = None                # its expected fills
    seed = 1
    rate = 0                    # commands per second and client, 0 = as fast as it goes
    quiet = False


class Drill:
    def __init__(self, cluster, options, progress):
        self.cluster = cluster
        self.options = options
        self.progress = progress
        self.house = house.House(cluster, 600)
        self.tag = "d%d" % (len(cluster.state.get("drills", [])) + 1)
        self.dir = cluster.path("drill", self.tag)
        self.times = {}             # kill, promoted, restored, rejoined, ...
        self.processes = []
        self.stop = fork.Event()
        self.counters = []
        self.killed = None
        self.rejoin_how = None
        self.last = (0.0, 0, 0.0)   # when, acknowledged, per second: for the display

    # ----- preparation ------------------------------------------------------

    def prepare(self):
        os.makedirs(self.dir)
        self.cluster.remember("drills", self.tag)
        state = self.house.query("SELECT house_open FROM clearing.status()")[0]
        if not state[0]:
            self.house.open()
        self.house.add_members(1, self.options.clients + 1)
        if self.options.flow:
            self.house.prepare_replay()
        self.house.height()

    def task(self, index, **more):
        counters = fork.Array("q", 5, lock=False)
        self.counters.append(counters)
        # every second client goes through HAProxy, the others name all nodes
        dsn = dict(user=house.OPERATOR if index == 0 else house.role(index),
                   via="primary" if index % 2 else None)
        base = {"index": index, "tag": self.tag, "seed": self.options.seed,
                "dsn": self.cluster.dsn(**dsn), "deadline": time.monotonic() + 3600,
                "log": os.path.join(self.dir, "client-%02d.log" % index),
                "counters": counters, "stop": self.stop,
                "pause": 1.0 / self.options.rate if self.options.rate else 0}
        base.update(more)
        return base

    def start_load(self):
        self.times["start"] = time.monotonic()
        if self.options.flow:
            self.start_replay()
            return
        accounts = [a for i in range(1, self.options.clients + 1) for a in house.accounts(i)]
        self.spawn(flow.main, self.task(0, accounts=accounts))
        for i in range(1, self.options.clients + 1):
            self.spawn(flow.main, self.task(i))

    def start_replay(self):
        ids = dict(self.house.query("SELECT name, account_id FROM clearing_state.account"))
        instrument = self.house.query("SELECT instrument_id FROM clearing_state.instrument"
                                      " WHERE symbol = %s", (house.ES,))[0][0]
        self.rows = replay.read_flow(self.options.flow)
        # the tables are read to recall trades, which is the operator's right
        self.spawn(replay.main, self.task(
            0, rows=self.rows, account_ids=ids, instrument=instrument,
            dsn=self.cluster.dsn(), fills=os.path.join(self.dir, "fills.csv")))

    def spawn(self, main, task):
        process = fork.Process(target=main, args=(task,), daemon=True)
        process.start()
        self.processes.append(process)

    # ----- while it runs ------------------------------------------------------

    def total(self, i):
        return sum(c[i] for c in self.counters)

    def newest_epoch(self):
        return max([c[4] for c in self.counters] or [0])

    def running(self):
        return any(p.is_alive() for p in self.processes)

    def watch(self, until, note=""):
        """Shows progress until `until()` is true or the load has ended."""
        while self.running() and not until():
            now, last = time.monotonic(), self.last
            if now - last[0] >= 1:
                rate = (self.total(0) - last[1]) / (now - last[0])
                self.last = (now, self.total(0), rate)
            of = " of %s" % format(len(self.rows), ",") if self.options.flow else ""
            self.progress.update("%s%s acknowledged, %s/s, %s fills%s" % (
                format(self.total(0), ","), of, format(int(self.last[2]), ","),
                format(self.total(3), ","), note))
            if self.broken():
                raise DeployError("a client process failed, see %s" % self.dir)
            time.sleep(0.02)

    def broken(self):
        return any(p.exitcode not in (None, 0) for p in self.processes)

    def watch_for(self, seconds, note=""):
        end = time.monotonic() + seconds
        self.watch(lambda: time.monotonic() > end, note)

    def inject(self):
        """Kills what is to be killed; returns when the house answers again."""
        kill = self.options.kill
        victim = self.cluster.sync_standby() if kill == "standby" else self.cluster.leader()
        if not victim:
            raise DeployError("no %s to kill" % kill)
        self.killed = victim
        epoch, before = self.newest_epoch(), self.total(0)
        self.times["kill"] = time.monotonic()
        self.strike(victim)
        self.progress.milestone("killed %s (%s): %s" % (victim, kill, KILLS[kill]))
        watcher = threading.Thread(target=self.see_promotion, args=(victim,), daemon=True)
        watcher.start()
        deadline = time.monotonic() + GIVE_UP
        if kill == "standby":
            self.watch(lambda: self.total(0) > before + 200 or time.monotonic() > deadline)
        else:
            self.watch(lambda: self.newest_epoch() > epoch or time.monotonic() > deadline,
                       ", waiting for Patroni" if kill == "primary" else "")
        if time.monotonic() > deadline:
            raise DeployError("no service %d s after the kill" % GIVE_UP)
        self.times["restored"] = time.monotonic()
        watcher.join(5)
        self.progress.milestone("the house answers again after %.1f s" % (
            self.times["restored"] - self.times["kill"]))

    def strike(self, victim):
        if self.options.kill in ("primary", "standby"):
            self.cluster.kill_node(victim)
        elif self.options.kill == "server":
            self.cluster.kill_server(victim)
        else:
            session = Session(self.cluster.dsn(node=victim), time.monotonic() + 10)
            pid = session.execute("SELECT engine_pid FROM clearing.status()")[0][0][0]
            session.close()
            os.kill(pid, signal.SIGKILL)

    def see_promotion(self, victim):
        """Notes when Patroni has another leader."""
        while "restored" not in self.times and "promoted" not in self.times:
            leader = self.cluster.leader()
            if leader and (leader != victim):
                self.times["promoted"] = time.monotonic()
                if self.options.kill == "primary":
                    self.progress.milestone("%s is the primary" % leader)
            time.sleep(0.1)

    def bring_back(self):
        if not self.killed:
            return
        if self.cluster.leader() == self.killed:
            return                  # restarted in place
        self.rejoin_how = self.cluster.rejoin(self.killed)
        self.times["rejoined"] = time.monotonic()
        self.progress.milestone("%s is a standby again (%s)" % (
            self.killed, "followed the new timeline" if self.rejoin_how == "followed"
            else "copied anew: its unacknowledged WAL had diverged"))

    def end_load(self):
        self.stop.set()
        for process in self.processes:
            process.join(60)
        if any(p.is_alive() for p in self.processes):
            raise DeployError("a client did not finish, see %s" % self.dir)
        self.times["end"] = time.monotonic()

    def load(self):
        """All of the load, with the fault in its middle."""
        self.start_load()
        half = self.options.seconds / 2
        if self.options.flow:
            middle = len(self.rows) // 2
            self.watch(lambda: self.total(0) >= middle)
        else:
            self.watch_for(half)
        if self.options.kill != "none" and self.running():
            self.inject()
        if self.options.flow:
            self.watch(lambda: False)
            self.end_load()
            self.bring_back()
        else:
            back = threading.Thread(target=self.bring_back_later, args=(half,), daemon=True)
            back.start()
            self.watch_for(half)
            self.watch(lambda: not back.is_alive(), ", %s rejoins" % self.killed)
            back.join()
            self.end_load()
            if self.failure:
                raise self.failure

    failure = None

    def bring_back_later(self, half):
        """The dead node returns while the load goes on."""
        time.sleep(half / 2)
        try:
            self.bring_back()
        except DeployError as e:
            self.failure = e

    # ----- afterwards -----------------------------------------------------

    def settle(self):
        for symbol, price, row in self.house.settle():
            self.progress.milestone("settled %s at %s (block %s)" % (symbol, price, row["height"]))

    def nodes(self):
        """What every node's own engine has come to, at one height."""
        height = self.house.height()
        return {name: self.node(name, height) for name in NODES}

    def node(self, name, height):
        session = Session(self.cluster.dsn(node=name), time.monotonic() + 60)
        while True:
            role, engine_height, block = session.execute(
                "SELECT role, height, encode(block_hash, 'hex') FROM clearing.status()")[0][0]
            done = role in ("serving", "following") and engine_height >= height
            if done or role == "halted" or time.monotonic() > session.deadline:
                break
            time.sleep(0.1)
        session.execute("SELECT clearing.wait_for(%s, '30 s')", (height,))
        digest = session.execute("SELECT height, encode(digest, 'hex')"
                                 " FROM clearing.state_digest()")[0][0]
        chain = session.execute(
            "SELECT encode(sha256(string_agg(block_hash, ''::bytea ORDER BY height)), 'hex')"
            " FROM clearing_state.journal WHERE height <= %s", (height,))[0][0][0]
        session.close()
        return {"role": role, "height": digest[0], "digest": digest[1], "journal": chain,
                "engine_height": engine_height, "engine_block": block}

    def check(self):
        ops = []
        for name in sorted(os.listdir(self.dir)):
            if name.startswith("client-"):
                ops += read_log(os.path.join(self.dir, name))
        self.progress.milestone("checking %s commands against the journal" % format(len(ops), ","))
        checker = Checker(self.house.query, ops, self.tag)
        results = checker.run()
        nodes = self.nodes()
        results.append(self.compare_nodes(nodes))
        if self.options.fills:
            results.append(self.compare_fills())
        return dict(self.summary(ops, results, nodes), sums={
            name: int(total) for name, total in checker.totals.items()})

    @staticmethod
    def compare_nodes(nodes):
        """One journal, one state, and engines that run and came to the same block."""
        states = {tuple(n[k] for k in sorted(n) if k != "role") for n in nodes.values()}
        roles = sorted(n["role"] for n in nodes.values())
        same = len(states) == 1 and roles == ["following"] * (len(nodes) - 1) + ["serving"]
        return {"name": "nodes", "what": "every node has the same journal and state digest",
                "count": len(nodes), "faults": int(not same), "ok": same,
                "examples": [] if same else [json.dumps(nodes)]}

    def compare_fills(self):
        expected = replay.read_fills(self.options.fills)
        made = replay.read_made(os.path.join(self.dir, "fills.csv"))
        same = sum(a == b for a, b in zip(expected, made))
        wrong = [(a, b) for a, b in zip(expected, made) if a != b][:3]
        faults = max(len(expected), len(made)) - same
        return {"name": "fills", "what": "fills are those expected, one by one",
                "count": len(expected), "faults": faults, "ok": faults == 0, "same": same,
                "examples": ["expected %s, made %s" % pair for pair in wrong]}

    def summary(self, ops, results, nodes):
        done = [op for op in ops if op.get("status") == "ok"]
        by_name = {r["name"]: r for r in results}
        gap = self.first_answer(done)
        failed = [op for op in ops if op.get("status") == "error"]
        return {
            "ok": all(r["ok"] for r in results) and not failed,
            "tag": self.tag, "kill": self.options.kill, "killed": self.killed,
            "command": self.command(),
            "clients": 1 if self.options.flow else self.options.clients + 1,
            "sent": len(ops), "acknowledged": len(done),
            "lost": by_name["lost"]["faults"], "twice": by_name["twice"]["faults"],
            "refused": sum(bool(op["reason"]) for op in done),
            "errors": ["%s %s" % (op["code"], op["message"]) for op in failed][:5],
            "unanswered": len(ops) - len(done) - len(failed),
            "unknown_retried": sum(op["unknown"] > 0 for op in done),
            "answered_as_repetition": sum(op["duplicate"] for op in done),
            "fills": self.total(3),
            "trades": by_name["trades"]["count"],
            "first_answer_ms": gap, "rejoined": self.rejoin_how,
            "promoted_ms": self.since_kill("promoted"),
            "rejoined_ms": self.since_kill("rejoined"),
            "latency_ms": self.latencies(done),
            "height": max(n["height"] for n in nodes.values()),
            "nodes": nodes, "checks": results, "times": self.times}

    def command(self):
        """How to run this again, from the project's directory."""
        name = os.path.basename(sys.argv[0]).replace(".py", "")
        words = [shlex.quote(a) for a in ["deploy/" + name] + sys.argv[1:]]
        if name == "demo" and self.options.flow:
            words = ["FLOW=" + shlex.quote(self.options.flow),
                     "FILLS=" + shlex.quote(self.options.fills or "")] + words
        return " ".join(words)

    def since_kill(self, name):
        if "kill" not in self.times or name not in self.times:
            return None
        return round((self.times[name] - self.times["kill"]) * 1000)

    def first_answer(self, done):
        """ms from the kill to the first answer by the new epoch (or after the longest pause)."""
        if "kill" not in self.times:
            return None
        kill = self.times["kill"]
        if self.options.kill != "standby":
            old = max([place(op["receipt"])[0] for op in done if op["t1"] < kill] or [0])
            new = [op["t1"] for op in done if place(op["receipt"])[0] > old]
            return round((min(new) - kill) * 1000) if new else None
        after = sorted(op["t1"] for op in done if op["t1"] >= kill - 1)
        pauses = [(b - a, b) for a, b in zip(after, after[1:]) if b < kill + 30]
        return round(max(pauses)[0] * 1000) if pauses else None

    def latencies(self, done):
        """Percentiles of single answers outside the outage, ms."""
        kill, back = self.times.get("kill", 0), self.times.get("restored", 0)
        values = sorted((op["t1"] - op["t0"]) * 1000 for op in done
                        if not kill - 1 <= op["t0"] <= back + 2)
        if not values:
            return None
        return {name: round(values[int(len(values) * q)], 2)
                for name, q in (("p50", 0.5), ("p99", 0.99), ("max", 0.999999))}

    def run(self):
        self.prepare()
        self.progress.milestone("the house is open: %d members; trading starts"
                                % self.options.clients)
        self.load()
        self.settle()
        result = self.check()
        self.progress.done()
        self.write(result)
        return result

    def write(self, result):
        with open(self.cluster.path("drill", self.tag + ".json"), "w") as f:
            json.dump(result, f, indent=1)
        series = [(op["t1"], op["status"]) for name in sorted(os.listdir(self.dir))
                  if name.startswith("client-") for op in read_log(os.path.join(self.dir, name))
                  if "t1" in op]
        report.write(self.cluster.path("drill.html"), result, series)
        give(self.cluster.path("drill"), self.cluster.state["user"], recursive=True)
