"""demo.py: what deploy/demo does once the packages are there.

    start   build, bring up three nodes, open a clearing house, trade from
            several clients at once, kill the primary in the middle, let
            Patroni promote, go on, bring the dead node back, settle, and
            hold the house to everything it acknowledged
    stop    remove it without a trace

With FLOW=file FILLS=file in the environment it plays that order-entry file
and compares every fill.  The cluster stays up until `stop`.
"""
import os
import signal
import sys

import cluster as embedded
import drill
import layout
import report
from progress import Progress

STOP_HINT = "deploy/demo stop (or make demo-stop) removes it without a trace"


def number(name, default):
    """A number from the environment."""
    try:
        return type(default)(os.environ.get(name, default))
    except ValueError:
        raise layout.DeployError("%s=%s is not a number" % (name, os.environ[name])) from None


def options():
    chosen = drill.Options()
    chosen.clients = number("CLIENTS", 6)
    chosen.seconds = number("SECONDS_OF_LOAD", 30.0)
    chosen.flow = os.environ.get("FLOW") or None
    chosen.fills = os.environ.get("FILLS") or None
    for path in (chosen.flow, chosen.fills):
        if path and not os.path.exists(path):
            raise layout.DeployError("there is no file " + path)
    if chosen.flow:
        chosen.clients = 0
    return chosen


def start(path):
    chosen = options()
    if layout.is_cluster(path):
        raise layout.DeployError("a cluster is running in %s; %s" % (path, STOP_HINT))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress()
    try:
        progress.milestone("building, and installing into %s" % path)
        cluster = embedded.create(path)
        progress.milestone("starting etcd, Patroni and PostgreSQL on three nodes, and HAProxy")
        cluster.start()
        progress.milestone("three nodes are up, %s is the primary" % cluster.leader())
        result = drill.Drill(cluster, chosen, progress).run()
    except KeyboardInterrupt:
        progress.done()
        print("interrupted; removing the cluster", file=sys.stderr)
        if layout.is_cluster(path):
            embedded.remove(path)
        return 130
    except layout.EXPECTED as e:
        progress.done()
        left = "; what is there for a look: " + STOP_HINT if layout.is_cluster(path) else ""
        raise layout.DeployError(layout.explain(e) + left) from None
    print("\n%s\n" % report.text(result))
    print("  report    %s" % cluster.path("drill.html"))
    print("  connect   %s" % cluster.psql_command())
    print("  stop      %s" % STOP_HINT)
    if not result["ok"]:
        print("\nFAILED: see the checks above; logs are in %s" % path)
    return 0 if result["ok"] else 1


def stop(path):
    if layout.is_cluster(path):
        embedded.remove(path)
        print("removed " + path)
    else:
        print("nothing to remove: there is no cluster in " + path)
    return 0


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in ("start", "stop"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return {"start": start, "stop": stop}[sys.argv[1]](layout.cluster_dir())
    except layout.EXPECTED as e:
        print("deploy/demo: %s" % layout.explain(e), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
