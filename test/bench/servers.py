"""servers.py: the servers that are measured, in an installation of their own.

A primary and, when wanted, one physical standby on the same machine, with
real fsync.  The extension is installed into a private tree of links (see
deploy/lib/pgtree.py), so the system's PostgreSQL stays untouched.  As root
the servers run as postgres.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(PROJECT, "deploy", "lib"))

import layout                                               # noqa: E402
import pgtree                                               # noqa: E402

PORT = 5432                 # of a socket in a directory nobody else has
STANDBY = "standby"

SETTINGS = {
    "shared_preload_libraries": "pg_clearing",
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "max_worker_processes": "24",
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "wal_level": "replica",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "pg_clearing.durability": "local",
    # room for requests of every client at once
    "pg_clearing.request_slots": "256",
}


def user():
    return layout.as_user(layout.run_user())


def run(command, **more):
    """Runs a program as the servers' user; its output, or an error with it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, cwd="/", **user(), **more)
    if done.returncode != 0:
        raise RuntimeError("%s failed:\n%s" % (" ".join(command), done.stdout[-2000:]))
    return done.stdout


class Server:
    """One data directory and what runs on it."""

    def __init__(self, place, name):
        self.place = place
        self.name = name
        self.data = os.path.join(place.path, name)
        self.sockets = os.path.join(place.sockets, name)
        self.log = os.path.join(place.path, name + ".log")

    def program(self, name):
        return os.path.join(self.place.bin, name)

    def dsn(self):
        return "host=%s port=%d dbname=postgres user=%s" % (
            self.sockets, PORT, layout.run_user())

    def environment(self):
        return dict(os.environ, PGHOST=self.sockets, PGPORT=str(PORT),
                    PGUSER=layout.run_user(), PGDATABASE="postgres",
                    PATH=self.place.bin + ":" + os.environ["PATH"])

    def init(self):
        run([self.program("initdb"), "-D", self.data, "-A", "trust", "-k", "--no-sync",
             "--locale=C.UTF-8", "--encoding=UTF8", "-U", layout.run_user()])
        with open(os.path.join(self.data, "postgresql.conf"), "a") as conf:
            for name, value in SETTINGS.items():
                conf.write("%s = '%s'\n" % (name, value))

    def ctl(self, *arguments):
        # without a terminal of its own a server would keep our pipe open
        with open(self.log + ".ctl", "ab") as log:
            done = subprocess.run([self.program("pg_ctl"), "-D", self.data, "-l", self.log,
                                   "-t", "300"] + list(arguments), stdin=subprocess.DEVNULL,
                                  stdout=log, stderr=log, cwd="/", **user())
        if done.returncode != 0:
            with open(self.log + ".ctl", errors="replace") as f:
                raise RuntimeError("pg_ctl %s failed:\n%s" % (" ".join(arguments), f.read()[-2000:]))

    def start(self, wait=True):
        os.makedirs(self.sockets, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.sockets, layout.run_user())
        self.ctl("start", "-w" if wait else "-W", "-o", "-k " + self.sockets)

    def stop(self, mode="fast"):
        if os.path.exists(os.path.join(self.data, "postmaster.pid")):
            self.ctl("stop", "-m", mode, "-w")

    def remove(self):
        try:
            self.stop("immediate")
        except RuntimeError:
            pass                # it was dying already
        shutil.rmtree(self.data, ignore_errors=True)

    def connect(self):
        connection = psycopg2.connect(self.dsn())
        connection.autocommit = True
        return connection

    def query(self, sql, *parameters):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def value(self, sql, *parameters):
        return self.query(sql, *parameters)[0][0]

    def set(self, **settings):
        """ALTER SYSTEM; double underscores stand for dots."""
        for name, value in settings.items():
            self.query("ALTER SYSTEM SET %s = '%s'" % (name.replace("__", "."), value))
        self.query("SELECT pg_reload_conf()")
        time.sleep(0.3)

    def reset(self, *names):
        for name in names:
            self.query("ALTER SYSTEM RESET " + name)
        self.query("SELECT pg_reload_conf()")
        time.sleep(0.3)

    def wait_for(self, sql, seconds=300):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.value(sql):
                    return
            except (psycopg2.Error, IndexError):
                pass
            if time.monotonic() > deadline:
                raise RuntimeError("%s: not within %d s: %s" % (self.name, seconds, sql))
            time.sleep(0.05)

    def wait_serving(self, seconds=300):
        self.wait_for("SELECT serving FROM clearing.status()", seconds)

    def wait_projected(self, seconds=600):
        self.wait_for("SELECT projected_height = confirmed_height FROM clearing.status()",
                      seconds)

    def wait_replayed(self, seconds=600):
        self.wait_for("SELECT replay_lsn >= pg_current_wal_lsn() FROM pg_stat_replication",
                      seconds)

    def clone(self, name):
        """A streaming standby of this server, not started."""
        standby = Server(self.place, name)
        shutil.rmtree(standby.data, ignore_errors=True)
        run([self.program("pg_basebackup"), "-d", self.dsn() + " application_name=" + STANDBY,
             "-D", standby.data, "-X", "stream", "-c", "fast", "-R", "--no-sync"])
        return standby

    def replicate(self, on):
        if on:
            self.wait_for("SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'")
            self.set(synchronous_standby_names=STANDBY, pg_clearing__durability="replicated")
            self.wait_for("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
        else:
            self.set(pg_clearing__durability="local", synchronous_standby_names="")


class Place:
    """The directory that everything happens in."""

    def __init__(self, path):
        self.path = os.path.join(path, "servers")
        shutil.rmtree(self.path, ignore_errors=True)
        os.makedirs(self.path)
        # paths of sockets are short
        self.sockets = tempfile.mkdtemp(prefix="clr-bench-")
        log = os.path.join(path, "make.log")
        self.bin = pgtree.build(self.path)
        pgtree.install_extension(self.bin, log)
        if os.geteuid() == 0:
            shutil.chown(self.path, layout.run_user())
            shutil.chown(self.sockets, layout.run_user())
        os.chmod(self.sockets, 0o755)

    def remove(self):
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)


ACCOUNTS = 64
FIRST_ACCOUNT = 100         # accounts are named by numbers: pgbench has no texts
SYMBOL = "F"


def open_house(server):
    """One future, ACCOUNTS accounts with plenty of margin."""
    server.query("CREATE EXTENSION pg_clearing")
    server.wait_serving(60)
    server.query("SELECT * FROM clearing.open('bench')")
    server.query("SELECT * FROM clearing.create_asset('USD', 2)")
    server.query("SELECT * FROM clearing.create_member('M')")
    for i in range(FIRST_ACCOUNT, FIRST_ACCOUNT + ACCOUNTS):
        server.query("SELECT * FROM clearing.create_account('%d', 'M')" % i)
        server.query("SELECT * FROM clearing.deposit('%d', 'USD', 10000000000000)" % i)
    server.query("SELECT * FROM clearing.create_future('%s', 'USD', 0.25, 50, 500, 400,"
                 " margin_basis => 'lot', maker_fee => 0.5, taker_fee => 1.25,"
                 " fee_basis => 'lot', reference_price => 5000)" % SYMBOL)
    server.query("CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                 " data text NOT NULL)")
    server.query("CREATE TABLE bulk (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                 " account text, symbol text, side text, order_qty numeric, price numeric,"
                 " cl_ord_id text)")
