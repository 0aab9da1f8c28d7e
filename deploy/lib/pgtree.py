"""pgtree.py: a private PostgreSQL installation inside the cluster's directory.

The server finds its libraries and extension scripts relative to its own
binary, so a tree of links with real binaries is an installation of its own.
The extension is installed there: the system's PostgreSQL stays untouched,
and no root is needed.
"""
import os
import shutil
import subprocess

from layout import PROJECT, DeployError, give

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


def build_extension(log):
    """Builds the extension in the project, as `make` would."""
    with open(log, "ab") as out:
        done = subprocess.run(["make", "-C", PROJECT, "with_llvm=no"],
                              stdout=out, stderr=out)
    if done.returncode != 0:
        raise DeployError("the build failed, see %s" % log)


def install_extension(binaries, log):
    """make install into the private tree."""
    with open(log, "ab") as out:
        done = subprocess.run(["make", "-C", PROJECT, "install", "with_llvm=no",
                               "PG_CONFIG=" + os.path.join(binaries, "pg_config")],
                              stdout=out, stderr=out)
    if done.returncode != 0:
        raise DeployError("make install failed, see %s" % log)


def give_tree(path, user):
    give(os.path.join(path, "pgsql"), user)
