"""layout.py: where an embedded cluster lives, its ports, users and passwords.

Used by deploy/cluster, deploy/drill and deploy/demo.  Everything a running
cluster needs to be found again is in <dir>/state.json; deploy/cluster stop
removes <dir> and with it every trace.
"""
import getpass
import grp
import hashlib
import json
import os
import pwd
import secrets
import socket
import subprocess
import tempfile

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODES = ("n1", "n2", "n3")
DATABASE = "clearing"
HOST = "127.0.0.1"
FIRST_PORT = 7400           # the first free block of PORTS from here is taken
PORTS = 15
SOCKET_PATH_MAX = 107       # sun_path, without the final zero


class DeployError(Exception):
    """Something the user can act on; shown without a traceback."""


# what goes wrong outside: a program that is not there, a port, a full disk
EXPECTED = (DeployError, OSError, subprocess.SubprocessError)


def explain(error):
    """The message for an expected failure."""
    if isinstance(error, FileNotFoundError) and error.filename and "/" not in str(error.filename):
        return "program %s is not installed: run deploy/install-packages" % error.filename
    return str(error)


def run_user():
    """Name of the unprivileged user the servers run as."""
    if os.geteuid() != 0:
        return getpass.getuser()
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise DeployError("PostgreSQL does not run as root and there is no user postgres")


def as_user(user):
    """Arguments for subprocess that drop root for `user`."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    groups = [g.gr_gid for g in grp.getgrall() if user in g.gr_mem]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


def _reachable(path, user):
    """Can `user` write below path (which exists)?"""
    return subprocess.run(["test", "-w", path, "-a", "-x", path], cwd="/",
                          **as_user(user)).returncode == 0


def _socket_fits(path):
    return len(os.path.join(path, "n1", "s", ".s.PGSQL.65535.lock")) <= SOCKET_PATH_MAX


def _fallback(path):
    digest = hashlib.sha256(path.encode()).hexdigest()[:8]
    return os.path.join(tempfile.gettempdir(), "pg_clearing-%d-%s" % (os.geteuid(), digest))


def cluster_dir(wanted=None):
    """The directory of the cluster: where it is, or where it shall be.

    Normally <project>/.demo.  Where the servers' user can't get there, or a
    unix socket's path would be too long, a private directory below /tmp.
    """
    wanted = os.path.abspath(wanted or os.environ.get("CLUSTER_DIR")
                             or os.path.join(PROJECT, ".demo"))
    fallback = _fallback(wanted)
    for path in (wanted, fallback):
        if is_cluster(path):
            return path
    return wanted if _usable(wanted) else fallback


def is_cluster(path):
    """Is there a cluster in path, and is it ours?  (Anybody can write to /tmp.)"""
    try:
        owner = os.stat(path).st_uid
    except OSError:
        return False
    return owner in (os.geteuid(), pwd.getpwnam(run_user()).pw_uid) \
        and os.path.exists(os.path.join(path, "state.json"))


def _usable(path):
    if not _socket_fits(path):
        return False
    existed = os.path.isdir(path)
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError:
        return False
    user = run_user()
    if not existed:
        give(path, user)
    usable = _reachable(path, user)
    if not existed:
        os.rmdir(path)
    return usable


def give(path, user, recursive=False):
    """Makes `user` the owner, when we are allowed to."""
    if os.geteuid() != 0:
        return
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)
    if recursive:
        for base, dirs, files in os.walk(path):
            for name in dirs + files:
                os.chown(os.path.join(base, name), entry.pw_uid, entry.pw_gid,
                         follow_symlinks=False)


def _port_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((HOST, port))
        except OSError:
            return False
        return True


def free_ports():
    """PORTS consecutive ports that nobody listens on."""
    for base in range(FIRST_PORT, 32000, 20):
        if all(_port_free(base + i) for i in range(PORTS)):
            return list(range(base, base + PORTS))
    raise DeployError("no %d consecutive free TCP ports on %s" % (PORTS, HOST))


def new_state(path, plain):
    """A fresh description of a cluster: ports and passwords are drawn here."""
    ports = iter(free_ports())
    nodes = {}
    for name in NODES:
        nodes[name] = {key: next(ports) for key in ("pg", "rest", "etcd", "etcd_peer")}
    return {
        "dir": path,
        "user": run_user(),
        "plain": plain,
        "nodes": nodes,
        "haproxy": {key: next(ports) for key in ("primary", "replica", "stats")},
        "password": secrets.token_hex(16),
        "pg_bin": None,
    }


def load_state(path):
    try:
        with open(os.path.join(path, "state.json")) as f:
            return json.load(f)
    except FileNotFoundError:
        raise DeployError("no cluster in %s (start one with deploy/cluster start)" % path) from None


def save_state(state):
    target = os.path.join(state["dir"], "state.json")
    descriptor = os.open(target + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as f:
        json.dump(state, f, indent=1)
    give(target + ".new", state["user"])
    os.rename(target + ".new", target)
