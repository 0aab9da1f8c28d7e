"""patroni.py: the few requests we make to Patroni's REST API."""
import base64
import json
import urllib.error
import urllib.request

from layout import HOST


def _request(port, path, method="GET", body=None, password=None, timeout=2):
    request = urllib.request.Request("http://%s:%d%s" % (HOST, port, path), method=method,
                                     data=json.dumps(body).encode() if body is not None else None)
    if password:
        token = base64.b64encode(("patroni:" + password).encode()).decode()
        request.add_header("Authorization", "Basic " + token)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode(errors="replace")
    except (OSError, ValueError):
        return None, ""


def members(ports):
    """The cluster as the first answering Patroni sees it: list of members."""
    for port in ports:
        status, text = _request(port, "/cluster")
        if status == 200:
            return json.loads(text).get("members", [])
    return []


def node(port):
    """Status of one node, {} if its Patroni doesn't answer."""
    status, text = _request(port, "/patroni")
    try:
        return json.loads(text) if status else {}
    except ValueError:
        return {}


def is_primary(port):
    return _request(port, "/primary")[0] == 200


def reinitialize(port, password):
    """Asks a replica's Patroni to copy its data anew; True if it agreed."""
    status, _ = _request(port, "/reinitialize", "POST", {"force": True}, password, timeout=5)
    return status == 200


def switchover(port, leader, candidate, password):
    body = {"leader": leader, "candidate": candidate}
    status, text = _request(port, "/switchover", "POST", body, password, timeout=60)
    return status == 200, text
