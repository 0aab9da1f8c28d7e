"""render.py: fills deploy/templates.

One source of truth: the embedded cluster and real hosts get the same files,
only the values differ.
"""
import os
import string

TEMPLATES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "templates")

# Patroni's smallest sensible failure detection; see deploy/README.md.
DEFAULTS = {
    "SCOPE": "clearing",
    "TTL": 20,
    "LOOP_WAIT": 2,
    "RETRY_TIMEOUT": 5,
    "MAXIMUM_LAG": 64 << 20,
    "MAX_SLOT_WAL": "4GB",
    "MAX_CONNECTIONS": 200,
    "SHARED_BUFFERS": "128MB",
    "DSM_TYPE": "posix",
    "WATCHDOG": "automatic",
    "SUPERUSER": "postgres",
    "REPLICATION_USER": "replicator",
    "PG_PORT": 5432,
    "REST_PORT": 8008,
    "ETCD_PORT": 2379,
    "ETCD_PEER_PORT": 2380,
    "ETCD_DATA": "/var/lib/etcd/clearing",
    "PG_DATA": "/var/lib/postgresql/15/clearing",
    "PG_BIN": "/usr/lib/postgresql/15/bin",
    "PGPASS": "/var/lib/postgresql/.pgpass.patroni",
    "SOCKET_DIR": "/var/run/postgresql",
    "HAPROXY_HOST": "*",
    "HAPROXY_PRIMARY_PORT": 5000,
    "HAPROXY_REPLICA_PORT": 5001,
    "HAPROXY_STATS_PORT": 7000,
    "PRELOAD": "pg_clearing",
    "DURABILITY": "replicated",
}


def preload_settings(values):
    """The lines that load the extension; none for a plain cluster."""
    if not values["PRELOAD"]:
        return "        # (plain PostgreSQL)"
    return ("        shared_preload_libraries: %s\n"
            "        pg_clearing.durability: %s" % (values["PRELOAD"], values["DURABILITY"]))


def complete(values, nodes):
    """Adds what follows from the list of all nodes (dicts of values)."""
    merged = dict(DEFAULTS, **values)
    nodes = [dict(merged, **node) for node in nodes]
    merged["ETCD_INITIAL_CLUSTER"] = ",".join(
        "%(NODE)s=http://%(HOST)s:%(ETCD_PEER_PORT)s" % n for n in nodes)
    merged["ETCD_HOSTS"] = ", ".join("'%(HOST)s:%(ETCD_PORT)s'" % n for n in nodes)
    merged["HAPROXY_SERVERS"] = "\n".join(
        "    server %(NODE)s %(HOST)s:%(PG_PORT)s check port %(REST_PORT)s" % n for n in nodes)
    merged["PRELOAD_SETTINGS"] = preload_settings(merged)
    return merged, [dict(merged, **node) for node in nodes]


def render(template, values, target, mode=0o600):
    """Writes templates/<template> with values to target."""
    with open(os.path.join(TEMPLATES, template)) as f:
        text = string.Template(f.read()).substitute(values)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as f:
        f.write(text)
    return target
