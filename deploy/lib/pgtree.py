"""pgtree.py: a private PostgreSQL installation inside the cluster's directory.

The server finds its libraries and extension scripts relative to its own
binary, so a tree of links with real binaries is an installation of its own.
The extension is installed there: the system's PostgreSQL stays untouched,
and no root is needed.
"""
import os
import shutil
import subprocess

from layout import PROJECT, DeployError

PACKAGE_BIN = "/usr/lib/postgresql/15/bin"


def build(path):
    """Creates the tree below path/pgsql; returns its bin directory."""
    root = os.path.join(path, "pgsql")
    for part in ("lib", "share"):
        source = "/usr/%s/postgresql/15" % part
        if not os.path.isdir(source):
            raise DeployError("PostgreSQL 15 is not installed: run deploy/install-packages")
        target = os.path.join(root, part, "postgresql", "15")
        os.makedirs(target)
        subprocess.run(["cp", "-rs", source + "/.", target], check=True)
    os.symlink("/usr/include", os.path.join(root, "include"))
    binaries = os.path.join(root, "lib", "postgresql", "15", "bin")
    for name in os.listdir(binaries):
        link = os.path.join(binaries, name)
        real = os.path.realpath(link)
        os.unlink(link)
        shutil.copy2(real, link)
    return binaries


def _make(target, binaries, log):
    with open(log, "ab") as out:
        done = subprocess.run(["make", "-C", PROJECT, target, "with_llvm=no",
                               "PG_CONFIG=" + os.path.join(binaries, "pg_config")],
                              stdout=out, stderr=out)
    if done.returncode != 0:
        with open(log, errors="replace") as f:
            tail = f.read().splitlines()[-15:]
        raise DeployError("make %s failed:\n%s" % (target, "\n".join(tail)))


def install_extension(binaries, log):
    """Builds the extension in the project and installs it into the private tree."""
    _make("all", binaries, log)
    _make("install", binaries, log)
