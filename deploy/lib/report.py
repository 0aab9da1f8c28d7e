"""report.py: what a drill says in the end, as text and as one HTML page.

The page is self-contained: inline SVG and CSS, no script, nothing fetched.
"""
import html
import time

BUCKET = 0.1                # s per bar
WIDTH, HEIGHT, LEFT, BOTTOM = 960, 240, 56, 24

STYLE = """
:root { color-scheme: light dark; --ink:#1b1f24; --soft:#667; --line:#d5d9e0; --bar:#2f6fb5;
  --kill:#d3402f; --good:#2d8a4e; --paper:#fff; --shade:#d3402f22; }
@media (prefers-color-scheme: dark) { :root { --ink:#e6e8eb; --soft:#9aa3ad; --line:#3a4049;
  --bar:#6aa6e8; --kill:#ff7a68; --good:#5cc98a; --paper:#16191d; --shade:#ff7a6826; } }
body { font:15px/1.45 system-ui,sans-serif; color:var(--ink); background:var(--paper);
  max-width:60rem; margin:2rem auto; padding:0 1rem; }
h1 { font-size:1.4rem; margin:0 } h2 { font-size:1.05rem; margin:2rem 0 .5rem }
.soft { color:var(--soft) } .good { color:var(--good) } .bad { color:var(--kill) }
.cards { display:flex; flex-wrap:wrap; gap:.75rem; margin:1.25rem 0 }
.card { border:1px solid var(--line); border-radius:6px; padding:.6rem .9rem; min-width:8.5rem }
.card b { display:block; font-size:1.5rem; font-variant-numeric:tabular-nums }
table { border-collapse:collapse; width:100%; font-variant-numeric:tabular-nums }
td,th { text-align:left; padding:.3rem .6rem .3rem 0; border-bottom:1px solid var(--line);
  vertical-align:top } td.n,th.n { text-align:right }
code { font-size:.85em; word-break:break-all } svg { width:100%; height:auto }
svg text { font:11px system-ui,sans-serif; fill:var(--soft) }
"""


def number(value):
    return "-" if value is None else format(value, ",")


def headline(r):
    """The figures that matter: (label, value, good or None)."""
    rows = [("acknowledged", number(r["acknowledged"]), None),
            ("lost", number(r["lost"]), r["lost"] == 0),
            ("applied twice", number(r["twice"]), r["twice"] == 0)]
    fills = next((c for c in r["checks"] if c["name"] == "fills"), None)
    if fills:
        rows.append(("fills as expected", "%s of %s" % (number(fills["same"]), number(fills["count"])),
                     fills["ok"]))
    else:
        rows.append(("fills", number(r["trades"]), None))
    if r["first_answer_ms"] is not None:
        label = "ms to the first answer" if r["kill"] != "standby" else "ms longest pause"
        rows.append((label, number(r["first_answer_ms"]), None))
    rows.append(("outcome unknown, retried", number(r["unknown_retried"]), None))
    digests = {n["digest"] for n in r["nodes"].values()}
    rows.append(("nodes agree", "%d of %d" % (len(r["nodes"]) if len(digests) == 1 else 1,
                                            len(r["nodes"])), len(digests) == 1))
    return rows


def text(r):
    """The short report for a terminal."""
    lines = []

    def line(label, value, note=""):
        lines.append("  %-34s %14s  %s" % (label, value, note))

    line("commands acknowledged", number(r["acknowledged"]), "by %d client%s" % (
        r["clients"], "" if r["clients"] == 1 else "s"))
    line("acknowledged but lost", number(r["lost"]))
    line("applied twice", number(r["twice"]))
    line("refused by the rules", number(r["refused"]), "journalled refusals, e.g. margin, too late")
    if r["unanswered"] or r["errors"]:
        line("never answered / errors", "%s / %d" % (number(r["unanswered"]), len(r["errors"])))
    line("outcome unknown, asked again", number(r["unknown_retried"]),
         "%s of them had been executed" % number(r["answered_as_repetition"]))
    line("trades", number(r["trades"]))
    for check in r["checks"]:
        if check["name"] == "fills":
            line("fills identical to the expected", "%s of %s" % (
                number(check["same"]), number(check["count"])))
    if r["first_answer_ms"] is not None:
        label = "first acknowledgement after kill" if r["kill"] != "standby" else "longest pause after kill"
        line(label, number(r["first_answer_ms"]) + " ms", "killed node: %s" % r["killed"])
    line("sum of all cash / positions", "%(cash)d / %(positions)d" % r["sums"],
         "per asset and per future, the outside world included")
    if r["latency_ms"]:
        line("latency p50 / p99", "%(p50)s / %(p99)s ms" % r["latency_ms"], "outside the outage")
    lines.append("")
    for name, node in sorted(r["nodes"].items()):
        lines.append("  %s  height %s  state %s...  %s" % (
            name, number(node["height"]), node["digest"][:24], node["role"]))
    lines.append("")
    for check in r["checks"]:
        lines.append("  %-4s %-10s %10s checked   %s" % (
            "ok" if check["ok"] else "FAIL", check["name"], number(check["count"]), check["what"]))
        lines += ["         " + e for e in check["examples"]]
    lines += ["  error: " + e for e in r["errors"]]
    return "\n".join(lines)


def bars(series, start, end):
    counts = [0] * (int((end - start) / BUCKET) + 1)
    for at, status in series:
        if status == "ok" and start <= at <= end:
            counts[int((at - start) / BUCKET)] += 1
    return counts


def chart(series, times):
    """Acknowledgements per 100 ms, the outage shaded."""
    start = times["start"]
    end = max([times.get("end", start)] + [at for at, _ in series] + [start + 1])
    counts = bars(series, start, end)
    top = max(counts + [1])
    scale = (WIDTH - LEFT) / (end - start)
    base = HEIGHT - BOTTOM

    def x(at):
        return LEFT + (at - start) * scale

    out = ['<svg viewBox="0 0 %d %d" role="img" aria-label="acknowledged commands per 100 ms">'
           % (WIDTH, HEIGHT)]
    if "kill" in times:
        until = times.get("restored", end)
        out.append('<rect x="%.1f" y="14" width="%.1f" height="%d" fill="var(--shade)"/>' % (
            x(times["kill"]), max(1, x(until) - x(times["kill"])), base - 14))
    width = max(0.6, BUCKET * scale * 0.9)
    path = "".join("M%.1f %d v-%.1f h%.2f V%d z" % (
        LEFT + i * BUCKET * scale, base, c / top * (base - 20), width, base)
        for i, c in enumerate(counts) if c)
    out.append('<path d="%s" fill="var(--bar)"/>' % path)
    out.append('<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="var(--line)"/>' % (LEFT, base, WIDTH, base))
    for part in (0, 0.5, 1):
        out.append('<text x="%d" y="%.0f" text-anchor="end">%s</text>' % (
            LEFT - 6, base - part * (base - 20) + 4, number(round(top * part))))
    step = next(s for s in (2, 5, 10, 20, 50, 100) if (end - start) / s <= 16 or s == 100)
    for second in range(0, int(end - start) + 1, step):
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%d s</text>' % (
            x(start + second), HEIGHT - 6, second))
    for name, color in (("kill", "kill"), ("promoted", "good"), ("rejoined", "soft")):
        if name in times and times[name] <= end:
            out.append('<line x1="%.1f" y1="14" x2="%.1f" y2="%d" stroke="var(--%s)" '
                       'stroke-dasharray="3 2"/><text x="%.1f" y="10" text-anchor="%s">%s</text>' % (
                           x(times[name]), x(times[name]), base, color, x(times[name]),
                           "end" if x(times[name]) > WIDTH - 60 else "middle", name))
    out.append("</svg>")
    return "".join(out)


def page(r, series):
    e = html.escape
    what = {"primary": "primary killed", "standby": "synchronous standby killed",
            "server": "PostgreSQL of the primary killed", "engine": "engine of the primary killed",
            "none": "no fault"}[r["kill"]]
    out = ["<!doctype html><html lang=en><meta charset=utf-8>"
           "<meta name=viewport content='width=device-width'><title>Failover drill</title>"
           "<style>%s</style>" % STYLE,
           "<h1>Failover drill: %s</h1><p class=soft>%s, %d clients, three nodes, %s. %s</p>" % (
               what, "order-entry file" if any(c["name"] == "fills" for c in r["checks"])
               else "generated flow", r["clients"], time.strftime("%Y-%m-%d %H:%M"),
               "<b class=good>Every check passed.</b>" if r["ok"]
               else "<b class=bad>A check failed.</b>"), "<div class=cards>"]
    for label, value, good in headline(r):
        color = "" if good is None else " class=%s" % ("good" if good else "bad")
        out.append("<div class=card><b%s>%s</b><span class=soft>%s</span></div>" % (
            color, e(value), e(label)))
    out.append("</div><h2>Acknowledged commands per 100 ms</h2>" + chart(series, r["times"]))
    out.append("<h2>Checks</h2><table><tr><th>check<th>what must hold<th class=n>checked<th class=n>wrong")
    for c in r["checks"]:
        out.append("<tr><td class=%s>%s<td>%s%s<td class=n>%s<td class=n>%s" % (
            "good" if c["ok"] else "bad", e(c["name"]), e(c["what"]),
            "".join("<br><code>%s</code>" % e(x) for x in c["examples"]),
            number(c["count"]), number(c["faults"])))
    out.append("</table><h2>Nodes</h2><table><tr><th>node<th>role<th class=n>height<th>state digest")
    for name, n in sorted(r["nodes"].items()):
        out.append("<tr><td>%s<td>%s<td class=n>%s<td><code>%s</code>" % (
            e(name), e(n["role"]), number(n["height"]), e(n["digest"])))
    out.append("</table><h2>Course</h2><table>")
    latency = r["latency_ms"] or {}
    for label, value in (
            ("commands sent", number(r["sent"])), ("refused by the rules", number(r["refused"])),
            ("retried and found executed", number(r["answered_as_repetition"])),
            ("Patroni had a new leader after", ms(r["promoted_ms"])),
            ("first answer after the kill", ms(r["first_answer_ms"])),
            ("killed node was a standby again after", "%s (%s)" % (ms(r["rejoined_ms"]), r["rejoined"])),
            ("latency outside the outage, p50 / p99", "%s / %s ms" % (
                latency.get("p50"), latency.get("p99"))),
            ("command", r["command"])):
        out.append("<tr><td>%s<td><code>%s</code>" % (e(label), e(str(value))))
    out.append("</table></html>")
    return "\n".join(out)


def ms(value):
    return "-" if value is None else number(value) + " ms"


def write(path, result, series):
    with open(path, "w") as f:
        f.write(page(result, series))
