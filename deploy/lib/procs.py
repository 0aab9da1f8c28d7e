"""procs.py: starting, finding and killing the processes of a cluster.

Nothing is remembered by process id alone: a process belongs to the cluster
if its working directory is below the cluster's directory and it runs one of
the cluster's programs.  So half-dead clusters are found as well, and no
process of anybody else ever is.
"""
import os
import re
import signal
import subprocess
import time

from layout import as_user

PROGRAMS = ("postgres", "etcd", "haproxy", "patroni", "initdb", "pg_basebackup", "pg_ctl")


def spawn(command, user, cwd, log, env=None):
    """Starts a daemon of the cluster in a session of its own."""
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
             "LC_ALL": "C.UTF-8", "HOME": cwd, "PYTHONDONTWRITEBYTECODE": "1"}
    clean.update(env or {})
    with open(log, "ab") as out:
        return subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out,
                                stderr=out, env=clean, start_new_session=True,
                                **as_user(user))


def _read(pid, name):
    try:
        with open("/proc/%d/%s" % (pid, name), "rb") as f:
            return f.read()
    except OSError:
        return b""


def _cwd(pid):
    try:
        return re.sub(r" \(deleted\)$", "", os.readlink("/proc/%d/cwd" % pid))
    except OSError:
        return ""


def program(pid):
    """Which of PROGRAMS pid runs, or None."""
    try:
        name = os.path.basename(os.readlink("/proc/%d/exe" % pid)).split(" ")[0]
    except OSError:
        return None
    if name.startswith("python"):
        arguments = _read(pid, "cmdline").split(b"\0")
        name = os.path.basename(arguments[1].decode()) if len(arguments) > 1 else ""
        # Patroni's helpers run as python -c or carry patroni in their name
        if name not in PROGRAMS and any(b"patroni" in a for a in arguments):
            name = "patroni"
    return name if name in PROGRAMS else None


def _state(pid):
    stat = _read(pid, "stat")
    return stat.rsplit(b")", 1)[-1].split() if stat else []


def alive(pid):
    fields = _state(pid)
    return bool(fields) and fields[0] not in (b"Z", b"X")


def parent(pid):
    fields = _state(pid)
    return int(fields[1]) if len(fields) > 1 else 0


def below(path, only=None):
    """{pid: program} of the cluster's living processes below path."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        pid = int(entry)
        cwd = _cwd(pid)
        if cwd != path and not cwd.startswith(path + "/"):
            continue
        name = program(pid)
        if name and alive(pid) and (only is None or name in only):
            found[pid] = name
    return found


def send(pids, signum):
    for pid in pids:
        try:
            os.kill(pid, signum)
        except ProcessLookupError:
            pass


def wait_gone(pids, seconds):
    """True when all are gone."""
    deadline = time.monotonic() + seconds
    pids = list(pids)
    while True:
        for pid in pids:
            try:
                os.waitpid(pid, os.WNOHANG)
            except (ChildProcessError, OSError):
                pass
        if not any(alive(pid) for pid in pids):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)


def kill_all(path, only=None):
    """SIGKILL to every process below path, until none is left."""
    for _ in range(100):
        pids = below(path, only)
        if not pids:
            return
        send(pids, signal.SIGKILL)
        wait_gone(pids, 2)


def postmaster(data_dir):
    """Process id in postmaster.pid if that server lives, else None."""
    try:
        with open(os.path.join(data_dir, "postmaster.pid")) as f:
            pid = int(f.readline())
    except (OSError, ValueError):
        return None
    return pid if alive(pid) and program(pid) == "postgres" else None


def remove_sysv_segment(data_dir):
    """Removes the interlock segment that a SIGKILLed postmaster leaves behind."""
    try:
        with open(os.path.join(data_dir, "postmaster.pid")) as f:
            lines = f.read().split("\n")
        segment = lines[6].split()[1]
    except (OSError, IndexError):
        return
    subprocess.run(["ipcrm", "-m", segment], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
