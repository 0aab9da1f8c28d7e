"""page.py: the results as one HTML page with inline SVG, needing nothing else."""
import html

TITLES = {
    "engine": "Engine alone: commands a second",
    "single": "Single orders: rate against a plain INSERT",
    "batch": "Batches: rate against COPY of the same rows",
    "wal": "WAL bytes of one row",
    "takeover": "Until the first success: milliseconds",
}
OURS, BASE = "#2b6cb0", "#c0c6cf"
LEFT, WIDTH, BAR = 330, 960, 15


def _number(value):
    return "{:,.0f}".format(value) if value >= 100 else "%.3g" % value


def _bar(y, value, most, colour, label):
    length = max((WIDTH - LEFT - 170) * value / most, 1)
    return ('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>'
            '<text x="%.1f" y="%d">%s</text>' % (
                LEFT, y, length, BAR - 2, colour, LEFT + length + 5, y + BAR - 4,
                html.escape(label)))


def _chart(rows):
    most = max(max(r["ours"], r["base"] or 0) for r in rows) or 1
    parts, y = [], 4
    for row in rows:
        parts.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (
            LEFT - 8, y + BAR - 4, html.escape(row["what"])))
        label = _number(row["ours"])
        if row["ratio"]:
            label += "  (%.2f)" % row["ratio"]
        parts.append(_bar(y, row["ours"], most, OURS, label))
        y += BAR
        if row["base"]:
            parts.append(_bar(y, row["base"], most, BASE,
                              "%s %s" % (row["base_name"], _number(row["base"]))))
            y += BAR
        y += 6
    return '<svg viewBox="0 0 %d %d" width="%d" height="%d">%s</svg>' % (
        WIDTH, y, WIDTH, y, "".join(parts))


def _cpu_table(rows):
    lines = ["<table><tr><th></th><th>microseconds of CPU for one row</th></tr>"]
    for row in rows:
        for side, name in (("ours", row["what"]), ("base", row["base_name"])):
            used = row["detail"][side]["cpu_us"]
            text = ", ".join("%s %.3g" % (k, v) for k, v in
                             sorted(used.items(), key=lambda item: -item[1]))
            lines.append("<tr><td>%s</td><td><b>%.3g</b>: %s</td></tr>" % (
                html.escape(name), sum(used.values()), html.escape(text)))
    return "".join(lines) + "</table>"


def write(path, result):
    body = []
    for part, title in TITLES.items():
        rows = [r for r in result["rows"] if r["part"] == part]
        if not rows:
            continue
        body.append("<h2>%s</h2>%s" % (html.escape(title), _chart(rows)))
        if all("detail" in r for r in rows):
            body.append("<details><summary>CPU time</summary>%s</details>" % _cpu_table(rows))
    with open(path, "w") as f:
        f.write("<!DOCTYPE html><meta charset='utf-8'><title>pg_clearing: figures</title>"
                "<style>body{font:14px sans-serif;margin:2em;max-width:70em}"
                "svg text{font:11px sans-serif}td,th{padding:2px 8px;text-align:left;"
                "font-size:12px}</style><h1>pg_clearing: figures</h1><p>%s; %s, %d cores. "
                "Medians; blue pg_clearing, grey what it is compared with, in brackets the "
                "ratio.</p>%s" % (result["at"], html.escape(result["machine"]),
                                  result["cores"], "".join(body)))
