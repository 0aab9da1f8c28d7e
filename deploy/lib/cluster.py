"""cluster.py: an embedded cluster of three nodes: etcd, Patroni, PostgreSQL
on each, HAProxy in front.

Runs as the invoking user's tool; the servers run as the unprivileged user of
layout.run_user().  Nothing outside the cluster's directory is touched.
"""
import os
import shutil
import signal
import subprocess
import time

import patroni
import pgtree
import procs
import render
from layout import (DATABASE, EXPECTED, HOST, NODES, DeployError, give, is_cluster, load_state,
                    new_state, save_state)


class Cluster:
    """One embedded cluster, found again by its state file."""

    def __init__(self, state):
        self.state = state
        self.dir = state["dir"]
        self.nodes = state["nodes"]
        self.password = state["password"]

    @classmethod
    def load(cls, path):
        return cls(load_state(path))

    @classmethod
    def create(cls, path, plain=False):
        """Makes the directory, the configuration and the private installation."""
        if os.path.isdir(path) and os.listdir(path):
            raise DeployError("%s is not empty: a cluster is there already "
                              "(deploy/cluster stop removes it)" % path)
        os.makedirs(path, mode=0o700, exist_ok=True)
        if os.stat(path).st_uid != os.geteuid():
            raise DeployError("%s belongs to somebody else" % path)
        os.chmod(path, 0o700)
        state = new_state(path, plain)
        give(path, state["user"])
        os.makedirs(os.path.join(path, "log"))
        save_state(state)
        state["pg_bin"] = pgtree.build(path)
        if not plain:
            pgtree.install_extension(state["pg_bin"], os.path.join(path, "log", "build.log"))
        save_state(state)
        cluster = cls(state)
        cluster.configure()
        return cluster

    # ----- paths, ports, connections -----------------------------------

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def rest_ports(self):
        return [self.nodes[name]["rest"] for name in NODES]

    def dsn(self, node=None, user="postgres", dbname=DATABASE, via=None):
        """libpq connection string.

        To one node; to HAProxy's primary or replica port (via); or else to
        whichever node is the primary.
        """
        common = ("user=%s password=%s dbname=%s connect_timeout=3 keepalives_idle=2 "
                  "keepalives_interval=1 keepalives_count=3 tcp_user_timeout=5000 "
                  % (user, self.password, dbname))
        if node:
            return common + "host=%s port=%d" % (HOST, self.nodes[node]["pg"])
        if via:
            return common + "host=%s port=%d" % (HOST, self.state["haproxy"][via])
        return common + "host=%s port=%s target_session_attrs=read-write" % (
            ",".join([HOST] * len(NODES)), ",".join(str(self.nodes[n]["pg"]) for n in NODES))

    def remember(self, key, value):
        """Appends to a list in the state file."""
        self.state.setdefault(key, []).append(value)
        save_state(self.state)

    def psql_command(self):
        return "PGSERVICEFILE=%s psql service=%s" % (self.path("pg_service.conf"), DATABASE)

    # ----- configuration -------------------------------------------------

    def configure(self):
        """Renders the templates."""
        common = {
            "HOST": HOST, "HAPROXY_HOST": HOST,
            "PG_BIN": self.state["pg_bin"],
            "PRELOAD": "" if self.state["plain"] else "pg_clearing",
            "SUPERUSER_PASSWORD": self.password,
            "REPLICATION_PASSWORD": self.password,
            "REST_PASSWORD": self.password,
            "NODE_NETWORK": "127.0.0.1/32", "CLIENT_NETWORK": "127.0.0.1/32",
            # a file in the data directory: a SIGKILL leaves nothing in /dev/shm
            "DSM_TYPE": "mmap",
            "MAX_SLOT_WAL": "1GB", "SHARED_BUFFERS": "64MB", "WATCHDOG": "off",
            "HAPROXY_PRIMARY_PORT": self.state["haproxy"]["primary"],
            "HAPROXY_REPLICA_PORT": self.state["haproxy"]["replica"],
            "HAPROXY_STATS_PORT": self.state["haproxy"]["stats"],
        }
        common, nodes = render.complete(common, [self._node_values(n) for n in NODES])
        for values in nodes:
            home = self.path(values["NODE"])
            for part in ("", "s", "log"):
                os.makedirs(os.path.join(home, part), mode=0o700, exist_ok=True)
            render.render("etcd.yml", values, os.path.join(home, "etcd.yml"))
            render.render("patroni.yml", values, os.path.join(home, "patroni.yml"))
        render.render("haproxy.cfg", common, self.path("haproxy.cfg"))
        with open(self.path("pg_service.conf"), "w") as f:
            f.write("[%s]\nhost=%s\nport=%d\ndbname=%s\nuser=postgres\npassword=%s\n" % (
                DATABASE, HOST, self.state["haproxy"]["primary"], DATABASE, self.password))
        os.chmod(self.path("pg_service.conf"), 0o600)
        for name in NODES + ("log", "haproxy.cfg"):
            give(self.path(name), self.state["user"], recursive=True)

    def _node_values(self, name):
        port = self.nodes[name]
        home = self.path(name)
        return {"NODE": name, "PG_PORT": port["pg"], "REST_PORT": port["rest"],
                "ETCD_PORT": port["etcd"], "ETCD_PEER_PORT": port["etcd_peer"],
                "ETCD_DATA": os.path.join(home, "etcd"),
                "PG_DATA": os.path.join(home, "data"),
                "PGPASS": os.path.join(home, "pgpass"),
                "SOCKET_DIR": os.path.join(home, "s")}

    # ----- processes -----------------------------------------------------

    def _spawn(self, command, where, log):
        return procs.spawn(command, self.state["user"], where,
                           os.path.join(where, log))

    def start_etcd(self, name):
        home = self.path(name)
        self._spawn(["etcd", "--config-file", os.path.join(home, "etcd.yml")], home, "log/etcd.log")

    def start_patroni(self, name):
        home = self.path(name)
        self._spawn(["patroni", os.path.join(home, "patroni.yml")], home, "log/patroni.log")

    def start_haproxy(self):
        self._spawn(["/usr/sbin/haproxy", "-db", "-f", self.path("haproxy.cfg")],
                    self.dir, "log/haproxy.log")

    def start(self, timeout=90):
        """Starts everything; returns when three nodes are in step."""
        for name in NODES:
            self.start_etcd(name)
        for name in NODES:
            self.start_patroni(name)
        self.start_haproxy()
        self.wait_healthy(timeout)
        self.create_database()

    def node_pids(self, name):
        return procs.below(self.path(name))

    def kill_node(self, name):
        """SIGKILL to everything on a node, as when its power fails."""
        procs.kill_all(self.path(name))

    def kill_server(self, name):
        """SIGKILL to PostgreSQL alone; its Patroni lives and decides."""
        procs.kill_all(self.path(name, "data"), only=("postgres",))

    def start_node(self, name):
        """Starts what is not running of a node."""
        running = self.node_pids(name).values()
        procs.remove_sysv_segment(self.path(name, "data"))
        if "etcd" not in running:
            self.start_etcd(name)
        if "patroni" not in running:
            self.start_patroni(name)

    # ----- the cluster's view of itself ----------------------------------

    def members(self):
        return {m["name"]: m for m in patroni.members(self.rest_ports())}

    def describe(self, name, members):
        """(role, state, timeline, lag, programs) of a node, for people.

        What the others know of a node is what it said last, so it is asked
        itself: until its time is up a dead one counts as running with lag 0.
        """
        programs = " ".join(sorted(set(self.node_pids(name).values())))
        here = patroni.node(self.nodes[name]["rest"])
        if not here:
            return "-", "no answer" if programs else "dead", "-", "-", programs or "no process"
        member = members.get(name, {})
        state = here.get("state", "unknown")
        if state != "running":
            member = {}
        elif member.get("state") == "streaming":        # newer Patronis say so of standbys
            state = "streaming"
        return (member.get("role", "-"), state, member.get("timeline", "-"),
                member.get("lag", "-"), programs)

    def leader(self):
        """Name of the node whose Patroni holds the leader lock, or None."""
        for name in NODES:
            if patroni.is_primary(self.nodes[name]["rest"]):
                return name
        return None

    def sync_standby(self):
        for name, member in self.members().items():
            if member.get("role") == "sync_standby":
                return name
        return None

    def streaming(self, name, leader):
        """Does `name` stream from the leader, on its timeline?"""
        here = patroni.node(self.nodes[name]["rest"])
        there = patroni.node(self.nodes[leader]["rest"])
        if here.get("state") != "running" or here.get("timeline") != there.get("timeline"):
            return False
        return any(r.get("application_name") == name and r.get("state") == "streaming"
                   for r in there.get("replication", []))

    def healthy(self):
        """A leader, a synchronous standby, and everybody streams."""
        leader = self.leader()
        return bool(leader and self.sync_standby()
                    and all(self.streaming(n, leader) for n in NODES if n != leader))

    def wait_healthy(self, timeout=90):
        deadline = time.monotonic() + timeout
        while not self.healthy():
            if time.monotonic() > deadline or "patroni" not in procs.below(self.dir).values():
                raise DeployError("the cluster did not come up, see %s/n*/log%s"
                                  % (self.dir, self.fatal_lines()))
            time.sleep(0.2)

    def fatal_lines(self):
        """What the servers said last before they gave up."""
        found = []
        for name in NODES:
            try:
                with open(self.path(name, "log", "patroni.log"), errors="replace") as f:
                    found += ["%s: %s" % (name, line.rstrip()) for line in f
                              if "FATAL:" in line or "PANIC:" in line][-2:]
            except OSError:
                pass
        return "".join("\n" + line for line in found)

    def rejoin(self, name, timeout=90, patience=8):
        """Starts a dead node as a standby; returns 'followed' or 'copied'.

        Without pg_rewind a former primary whose WAL went further than the
        new primary's timeline can't follow; then its data is copied anew.
        """
        self.start_node(name)
        begin = time.monotonic()
        asked = None
        while time.monotonic() - begin < timeout:
            leader = self.leader()
            if leader and leader != name and self.streaming(name, leader):
                return "copied" if asked else "followed"
            waited = time.monotonic() - (asked or begin)
            if leader and leader != name and waited > (patience if not asked else 30):
                if patroni.reinitialize(self.nodes[name]["rest"], self.password):
                    asked = time.monotonic()
            time.sleep(0.3)
        raise DeployError("node %s did not rejoin in %d s, see %s"
                          % (name, timeout, self.path(name, "log")))

    # ----- SQL -----------------------------------------------------------

    def create_database(self):
        leader = self.leader()
        self._ddl(leader, "postgres", 'CREATE DATABASE "%s"' % DATABASE)
        if not self.state["plain"]:
            self._ddl(leader, DATABASE, "CREATE EXTENSION pg_clearing")

    def _ddl(self, node, database, statement):
        import psycopg2             # the rest works without it
        try:
            connection = psycopg2.connect(self.dsn(node=node, dbname=database))
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
            connection.close()
        except psycopg2.Error as e:
            raise DeployError("%s on node %s: %s" % (statement, node, str(e).strip())) from None

    def psql(self, arguments):
        return subprocess.run(["psql", self.dsn(via="primary")] + arguments).returncode

    # ----- the end -------------------------------------------------------

    def stop(self):
        remove(self.dir)


def create(path, plain=False):
    """Cluster.create(); a failure leaves nothing behind."""
    try:
        return Cluster.create(path, plain)
    except EXPECTED:
        if is_cluster(path) and not procs.below(path):
            remove(path)
        raise


def remove(path):
    """Stops whatever runs below path and deletes it; works on half-dead clusters."""
    if not is_cluster(path):
        raise DeployError("there is no cluster of ours in %s" % path)
    procs.kill_all(path, only=("patroni",))
    # an immediate shutdown lets the postmaster release its shared memory
    for name in NODES:
        pid = procs.postmaster(os.path.join(path, name, "data"))
        if pid:
            procs.send([pid], signal.SIGQUIT)
    masters = [p for n in NODES for p in [procs.postmaster(os.path.join(path, n, "data"))] if p]
    procs.wait_gone(masters, 6)
    procs.kill_all(path)
    for name in NODES:
        procs.remove_sysv_segment(os.path.join(path, name, "data"))
    shutil.rmtree(path, ignore_errors=True)
    if os.path.exists(path):
        raise DeployError("could not remove %s" % path)
