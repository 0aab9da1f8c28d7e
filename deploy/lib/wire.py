"""wire.py: the journal's command encoding and the packed reply, in Python.

Written from the byte tables in src/engine/command.h, src/engine/event.h and
src/worker/ring.h, sharing no code with the engine: the checker reads the
journal with it, and the order-entry replay sends packed commands with it.
"""
import struct
from collections import namedtuple

NEW_ORDER, REPLACE_ORDER, CANCEL_ORDER, MASS_CANCEL = 20, 21, 22, 23
DEPOSIT, WITHDRAW, SET_PHASE = 10, 11, 7
BUY, SELL = 1, 2
LIMIT, MARKET = 2, 1
DAY, GTC, IOC, FOK = 0, 1, 3, 4

# bytes of the fixed part, header included, by command type
BODY_END = {1: 56, 2: 24, 3: 24, 4: 16, 5: 24, 6: 112, 7: 24, 8: 32, 9: 40, 10: 32,
            11: 32, 12: 32, 13: 32, 20: 48, 21: 48, 22: 24, 23: 24, 24: 40, 27: 24,
            28: 32, 29: 24, 32: 64}
# where the number of attributes or fields stands, and how long one is
PAIRS = {20: (41, 9), 21: (40, 9), 24: (17, 10)}

HEADER = struct.Struct("<HBBIIBBBB")
ORDER = struct.Struct("<IBBBBqqB7x")
REPLACE = struct.Struct("<Qqq8x")

Command = namedtuple("Command", "type submitter account ref text text2 body raw")
Order = namedtuple("Order", "instrument side ord_type tif exec_inst price qty self_match")
Trade = namedtuple("Trade", "instrument trade_id price qty buy_order sell_order "
                            "buy_account sell_account buy_fee sell_fee aggressor")
Outcome = namedtuple("Outcome", "number type duplicate reason account instrument id height "
                                "orig_number ord_status order_qty cum_qty leaves_qty "
                                "first_trade n_trades n_cancelled restated cancelled_for ref")
Reply = namedtuple("Reply", "epoch height block_hash results")   # [(trades, outcome)]


def _encode(kind, submitter, account, body, ref, text=b""):
    ref = ref.encode()
    length = HEADER.size + len(body) + len(ref) + len(text)
    return HEADER.pack(length, kind, 1, submitter, account, len(ref), len(text), 0, 0) \
        + body + ref + text


def new_order(account, instrument, side, price, qty, ref, submitter=0, tif=DAY):
    """A limit order."""
    body = ORDER.pack(instrument, side, LIMIT, tif, 0, price, qty, 0)
    return _encode(NEW_ORDER, submitter, account, body, ref)


def replace_order(account, orig_ref, price, total_qty, ref, submitter=0):
    """Names the order by the ClOrdID it has now."""
    return _encode(REPLACE_ORDER, submitter, account, REPLACE.pack(0, price, total_qty),
                   ref, orig_ref.encode())


def cancel_order(account, orig_ref, ref, submitter=0):
    return _encode(CANCEL_ORDER, submitter, account, struct.pack("<Q", 0), ref,
                   orig_ref.encode())


def commands(data):
    """Every command of a block, in order; ValueError if it can't be framed."""
    found = []
    offset = 0
    while offset < len(data):
        if offset + HEADER.size > len(data):
            raise ValueError("command cut short")
        length, kind, version, submitter, account, n1, n2, n3, zero = \
            HEADER.unpack_from(data, offset)
        end = BODY_END.get(kind)
        if kind in PAIRS and offset + end <= len(data):
            at, size = PAIRS[kind]
            end += data[offset + at] * size
        if end is None or version != 1 or zero or length != end + n1 + n2 + n3 \
                or offset + length > len(data):
            raise ValueError("malformed command of type %d" % kind)
        raw = bytes(data[offset:offset + length])
        found.append(Command(kind, submitter, account, raw[end:end + n1].decode(),
                             raw[end + n1:end + n1 + n2].decode(),
                             raw[end + n1 + n2:].decode(), raw[HEADER.size:end], raw))
        offset += length
    return found


def order_of(command):
    return Order(*ORDER.unpack(command.body[:ORDER.size]))


def replace_of(command):
    """(order id or 0, price, total quantity)"""
    return REPLACE.unpack(command.body[:REPLACE.size])


def order_id_of(command):
    """Order id named by a cancel, 0 if it is named by text."""
    return struct.unpack("<Q", command.body)[0]


def decode_trade(event):
    return Trade(*struct.unpack_from("<I", event, 4), *struct.unpack_from("<QqqQQIIqqB", event, 8))


def decode_outcome(event):
    number, kind, duplicate, reason, _submitter, account, instrument = \
        struct.unpack_from("<IBBHIII", event, 4)
    identity, height, orig_number, status, _exec, ref_len = struct.unpack_from("<QQIBBB", event, 24)
    order_qty, cum_qty, leaves_qty, _value = struct.unpack_from("<qqqq", event, 48)
    first_trade, n_trades, n_cancelled = struct.unpack_from("<QII", event, 80)
    restated, cancelled_for = struct.unpack_from("<HH", event, 124)
    return Outcome(number, kind, bool(duplicate), reason, account, instrument, identity, height,
                   orig_number, chr(status) if status else "", order_qty, cum_qty, leaves_qty,
                   first_trade, n_trades, n_cancelled, restated, cancelled_for,
                   bytes(event[128:128 + ref_len]).decode())


def decode_reply(data):
    """The packed reply of clearing.submit_packed()."""
    length, version = struct.unpack_from("<IB", data, 0)
    if length != len(data) or version != 1:
        raise ValueError("not a packed reply of version 1")
    epoch, height = struct.unpack_from("<QQ", data, 8)
    count, = struct.unpack_from("<I", data, 56)
    results, trades, offset = [], [], 64
    while offset < length:
        size, kind = struct.unpack_from("<HB", data, offset)
        event = data[offset:offset + size]
        if kind == 7:
            trades.append(decode_trade(event))
        elif kind == 11:
            results.append((trades, decode_outcome(event)))
            trades = []
        offset += size
    if len(results) != count:
        raise ValueError("reply announces %d commands, holds %d" % (count, len(results)))
    return Reply(epoch, height, bytes(data[24:56]), results)
