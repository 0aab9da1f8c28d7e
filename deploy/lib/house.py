"""house.py: opens a clearing house with the reference data of a drill.

Two products for the generated flow (a future and a spot pair), the E-mini
future for the replay of an order-entry file.  Run once per cluster; every
step carries a request id or tolerates that it was done before.
"""
import time
import uuid

from session import Session

OPERATOR = "house"
FUTURE, SPOT, ES = "IDXH7", "BTCUSD", "ESH4"
SIDES_OF_REPLAY = (("B", "buyers"), ("A", "sellers"))
REPLAY_ACCOUNTS = 10        # per side

# (symbol, tick in minor terms): a price in ticks times tick_value is minor units
PRODUCTS = {
    FUTURE: {"tick": 0.25, "lot": 1, "tick_value": 1250, "mid": 19200},
    SPOT: {"tick": 1, "lot": 0.01, "tick_value": 1, "mid": 43000},
    ES: {"tick": 0.25, "lot": 1, "tick_value": 1250, "mid": 19201},
}


def member(i):
    return "M%02d" % i


def role(i):
    return "member_%02d" % i


def accounts(i):
    """The accounts of client i."""
    return ["%s-%s" % (member(i), kind) for kind in ("house", "client")]


def replay_account(side, order_id):
    name = dict(SIDES_OF_REPLAY)[side]
    return "%s-%d" % (name, int(order_id) % REPLAY_ACCOUNTS)


class House:
    """An operator's session with the reference data in it."""

    def __init__(self, cluster, seconds=60):
        self.cluster = cluster
        self.deadline = time.monotonic() + seconds
        self.admin = Session(cluster.dsn(), self.deadline)

    def call(self, function, **arguments):
        """SELECT * FROM clearing.function(name := value, ...); the row as a dict."""
        names = list(arguments)
        sql = "SELECT to_json(r) FROM clearing.%s(%s) r" % (
            function, ", ".join("%s := %%s" % n for n in names))
        rows, _ = self.admin.execute(sql, [arguments[n] for n in names])
        return rows[0][0] if rows else None

    def must(self, function, **arguments):
        row = self.call(function, **arguments)
        if row["status"] != "accepted" and row["reason"] not in ("name_taken", "house_already_open"):
            raise RuntimeError("clearing.%s(%s): %s" % (function, arguments, row))
        return row

    def query(self, sql, parameters=()):
        return self.admin.execute(sql, parameters)[0]

    def open(self):
        self.must("open", name="Embedded clearing house")
        self._role(OPERATOR, "clearing_operator")
        for asset, scale in (("USD", 2), ("BTC", 8)):
            self.must("create_asset", asset=asset, scale=scale, request_id="asset " + asset)
        self.must("create_future", symbol=FUTURE, settlement_asset="USD", tick_size=0.25,
                  multiplier=50, initial_margin=500, maintenance_margin=400,
                  margin_basis="lot", taker_fee=1.25, maker_fee=0.5, fee_basis="lot",
                  reference_price=4800, request_id="list " + FUTURE)
        self.must("create_spot", symbol=SPOT, base_asset="BTC", quote_asset="USD", tick_size=1,
                  lot_size=0.01, maker_fee=0.0001, taker_fee=0.0002, request_id="list " + SPOT)

    def _role(self, name, group):
        exists = self.query("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
        if not exists:
            # roles go by DDL, which has no result to fetch
            self.query("WITH x AS (SELECT 1) SELECT 1")
            with self.admin.connection.cursor() as cursor:
                cursor.execute('CREATE ROLE "%s" LOGIN PASSWORD %%s' % name,
                               (self.cluster.password,))
                if group:
                    cursor.execute('GRANT %s TO "%s"' % (group, name))

    def add_members(self, first, last):
        """Members, roles, accounts and money of the clients first..last-1."""
        for i in range(first, last):
            self._role(role(i), None)
            self.must("create_member", member=member(i), name="Clearing member %d" % i,
                      role_name=role(i), request_id="member %d" % i)
            for account in accounts(i):
                self.must("create_account", account=account, member=member(i),
                          request_id="account " + account)
                # the second account of every third client is short of money
                poor = i % 3 == 2 and account.endswith("client")
                self.deposit(account, "USD", 20000 if poor else 5000000)
                self.deposit(account, "BTC", 1 if poor else 100)

    def deposit(self, account, asset, amount):
        self.must("deposit", account=account, asset=asset, amount=amount,
                  request_id="opening %s %s" % (account, asset))

    def prepare_replay(self):
        """ESH4 and twenty accounts; buyers and sellers are different members."""
        self.must("create_future", symbol=ES, settlement_asset="USD", tick_size=0.25,
                  multiplier=50, initial_margin=1, maintenance_margin=1, margin_basis="lot",
                  reference_price=4800.25, phase="pre_open", request_id="list " + ES)
        for side, name in SIDES_OF_REPLAY:
            self.must("create_member", member=name, name="All " + name, request_id=name)
            for i in range(REPLAY_ACCOUNTS):
                account = replay_account(side, i)
                self.must("create_account", account=account, member=name,
                          request_id="account " + account)
                self.deposit(account, "USD", 10 ** 10)

    def settle(self):
        """A variation margin cycle of every future that has traded, at its last price."""
        rows = self.query("SELECT symbol, last_price FROM clearing_state.instrument"
                          " WHERE kind = 2 AND phase <> 5 AND has_last ORDER BY symbol")
        done = []
        for symbol, ticks in rows:
            price = ticks * PRODUCTS[symbol]["tick"]
            # one reference, however often it has to be sent
            row = self.must("settle", symbol=symbol, price=price, request_id=str(uuid.uuid4()))
            done.append((symbol, price, row))
        return done

    def height(self):
        """Block of the last confirmed command, made readable here."""
        row = self.query("SELECT confirmed_height FROM clearing.status()")[0]
        self.query("SELECT clearing.wait_for(%s)", (row[0],))
        return row[0]
