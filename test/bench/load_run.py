"""load_run.py: runs pgbench or load against a server and says what it cost.

The CPU time of the processes involved is taken from /proc: on a machine that
does other things too it says more than the rate does.
"""
import collections
import json
import os
import re
import statistics
import subprocess
import time

import servers

KIND = re.compile(r"postgres: (?:[^ ]+ )?(pg_clearing \w+|walsender|walreceiver|walwriter|"
                  r"startup|checkpointer|background writer|autovacuum|.*\[local\])")
SCRIPTS = {"order": ["buy.sql", "sell.sql"], "insert": ["plain.sql"]}


def _kind(pid, homes):
    """Which part of the work process pid does; None if it is not ours."""
    with open("/proc/%s/comm" % pid) as f:
        program = f.read().strip()
    if program in ("pgbench", "load"):
        return "client"
    if program != "postgres" or os.readlink("/proc/%s/cwd" % pid) not in homes:
        return None
    home = homes[os.readlink("/proc/%s/cwd" % pid)]
    with open("/proc/%s/cmdline" % pid) as f:
        match = KIND.match(f.read().replace("\0", " "))
    kind = match.group(1) if match else "server"
    if kind.endswith("[local]"):
        kind = "backends"
    return home + kind.replace("pg_clearing ", "")


def cpu(homes):
    """{pid: (kind, nanoseconds)}"""
    taken = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            kind = _kind(pid, homes)
            if kind is None:
                continue
            total = 0
            for task in os.listdir("/proc/%s/task" % pid):
                with open("/proc/%s/task/%s/schedstat" % (pid, task)) as f:
                    total += int(f.read().split()[0])
            taken[pid] = (kind, total)
        except OSError:
            pass                # gone meanwhile
    return taken


class Meter:
    """CPU time by kind of process between two moments of a run."""

    def __init__(self, primary, standby=None):
        self.homes = {primary.data: ""}
        if standby is not None:
            self.homes[standby.data] = "standby "

    def start(self):
        self.began = time.monotonic()
        self.before = cpu(self.homes)

    def stop(self):
        self.seconds = time.monotonic() - self.began
        self.used = collections.Counter()
        for pid, (kind, total) in cpu(self.homes).items():
            self.used[kind] += total - self.before.get(pid, (kind, 0))[1]

    def per_row(self, per_second):
        """Microseconds of CPU for one row, by kind."""
        rows = max(per_second * self.seconds, 1)
        return {kind: ns / 1000.0 / rows for kind, ns in self.used.items()
                if ns / 1000.0 / rows >= 0.05}


def _metered(command, environment, seconds, meter):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, env=environment, cwd=servers.HERE)
    lead = min(0.7, seconds / 4)
    time.sleep(lead)
    meter.start()
    time.sleep(max(seconds - 2 * lead, 0.1))
    meter.stop()
    output = process.communicate()[0]
    if process.returncode != 0:
        raise RuntimeError("%s failed:\n%s" % (command[0], output[-2000:]))
    return output


def pgbench(server, kind, clients, seconds, standby=None, transactions=None):
    """One run of single statements; kind is order or insert."""
    command = [server.program("pgbench"), "-n", "-M", "prepared", "-c", str(clients),
               "-j", str(min(clients, 2))]
    command += ["-t", str(transactions)] if transactions else ["-T", str(max(round(seconds), 1))]
    for script in SCRIPTS[kind]:
        command += ["-f", script]
    meter = Meter(server, standby)
    output = _metered(command, server.environment(), seconds, meter)
    rate = float(re.search(r"tps = ([\d.]+)", output).group(1))
    latency = float(re.search(r"latency average = ([\d.]+)", output).group(1))
    count = int(re.search(r"actually processed: (\d+)", output).group(1))
    return {"per_second": rate, "ms": latency, "rows": count, "cpu_us": meter.per_row(rate)}


def load(program, server, mode, clients, batch, seconds, rows=0, standby=None):
    """One run of batches; see load.c."""
    command = [program, mode, str(clients), str(batch), str(0 if rows else seconds),
               str(rows), server.dsn()]
    meter = Meter(server, standby)
    output = _metered(command, server.environment(), 0.4 if rows else seconds, meter)
    result = json.loads(output)
    result["cpu_us"] = meter.per_row(result["per_second"])
    return result


def median_run(runs):
    """The runs' medians; the parts of the CPU time are medians of their own."""
    kinds = {kind for run in runs for kind in run["cpu_us"]}
    return {
        "per_second": statistics.median(run["per_second"] for run in runs),
        "ms": statistics.median(run.get("ms", run.get("ms_p50", 0)) for run in runs),
        "runs": [round(run["per_second"]) for run in runs],
        "cpu_us": {kind: round(statistics.median(run["cpu_us"].get(kind, 0) for run in runs), 2)
                   for kind in sorted(kinds)},
    }
