"""session.py: a client that never loses track of what it asked for.

Sends one statement at a time and, whatever happens to server or network,
sends it again with the same reference until it is answered.  Which error
means what:

    CH002, 08xxx, 40003, 57P01, 57P02, or a lost connection
                        outcome unknown: reconnect, send the same again
    25006, 57P03, 40001, CH004, CH011
                        not done here: reconnect (perhaps elsewhere), again
    CH001, CH003        not done now: wait a little, again
    anything else       a definite no: raised to the caller

Every command and its answer is logged with monotonic times (of this machine,
shared by all clients): the command before it is sent, the answer after it is
received.  deploy/lib/checker.py holds the house to that log.
"""
import json
import time

import psycopg2

UNKNOWN = {"CH002", "40003", "57P01", "57P02"}
ELSEWHERE = {"25006", "57P03", "40001", "CH004", "CH011"}
LATER = {"CH001", "CH003"}
PAUSE = 0.05                # s between attempts


class OutOfTime(Exception):
    """No answer before the deadline: the outcome stays unknown."""


def classify(error):
    """'unknown', 'elsewhere', 'later' or 'refused' for a psycopg2 error."""
    code = error.pgcode
    if code is None or code in UNKNOWN or code.startswith("08"):
        return "unknown"
    if code in ELSEWHERE or code.startswith("53") or code.startswith("28"):
        return "elsewhere"
    return "later" if code in LATER else "refused"


class Session:
    """One connection at a time, retried for ever (until the deadline)."""

    def __init__(self, dsn, deadline):
        self.dsn = dsn
        self.deadline = deadline
        self.connection = None
        self.unknown = 0            # answers that never came, asked for again
        self.reconnects = 0

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _cursor(self):
        if self.connection is None:
            self.connection = psycopg2.connect(self.dsn)
            self.connection.autocommit = True
            self.reconnects += 1
        return self.connection.cursor()

    def execute(self, sql, parameters=()):
        """All rows of one statement; (rows, attempts whose outcome is unknown)."""
        unknown = 0
        while True:
            sent = False
            try:
                with self._cursor() as cursor:
                    sent = True
                    cursor.execute(sql, parameters)
                    return cursor.fetchall(), unknown
            except (psycopg2.OperationalError, psycopg2.InterfaceError,
                    psycopg2.DatabaseError) as error:
                kind = classify(error)
                if kind == "refused":
                    raise
                if kind == "unknown" and sent:
                    unknown += 1
                    self.unknown += 1
                if kind != "later":
                    self.close()
            if time.monotonic() > self.deadline:
                raise OutOfTime(sql)
            time.sleep(PAUSE)


class Log:
    """The history of one client: one JSON line per invocation and per answer."""

    def __init__(self, path, client):
        self.file = open(path, "w", buffering=1)
        self.client = client
        self.number = 0

    def invoke(self, op):
        """op: what is sent, as a dict with account and ref; returns its number."""
        self.number += 1
        self.file.write(json.dumps(dict(op, n=self.number, t0=time.monotonic())) + "\n")
        return self.number

    def answer(self, number, answer):
        self.file.write(json.dumps(dict(answer, n=number, t1=time.monotonic())) + "\n")

    def close(self):
        self.file.close()


def read_log(path):
    """Joins invocations and answers: list of dicts, one per command, in order."""
    ops = {}
    with open(path) as f:
        for line in f:
            record = json.loads(line)
            if "t0" in record:
                ops[record["n"]] = record
            else:
                ops[record["n"]].update(record)
    return [ops[n] for n in sorted(ops)]


def place(receipt):
    """(epoch, height, command number, block hash) of a receipt."""
    epoch, height, number, block_hash = receipt.split("/")
    return int(epoch), int(height), int(number), block_hash
