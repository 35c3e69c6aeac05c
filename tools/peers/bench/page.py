#!/usr/bin/env python3
"""page.py FOLDER PAGE: the table of a run of make bench, in place of what
stands between the marks of PAGE.

Ours and the best setting of the best peer, each in the better of one thread and
all, in milliseconds; where FOLDER has no table of peers, their columns are
empty.  "by work" is the ratio of processor time on one thread, which a machine
that others use as well tells best.  On such a machine, and of the quick
profile, which tries not all settings, nothing is judged, and a ratio of times
by the clock is left out."""
import csv
import math
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from peers import machine  # noqa: E402

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->\n"
BUSY = 0.1  # processors, of other programs, beyond which nothing is judged
KEY = "workload", "mode", "precision"
# The columns that are needed.
TEXTS = {"throughput": KEY, "throughput-peers": (*KEY, "peer", "setting"),
         "throughput-machine": ("quantity", "precision")}
TIMES = "milliseconds", "bound_ms", "processor_ms"
NUMBERS = {
    "throughput": ("threads", "milliseconds", "bound_ms", "fraction_of_gemm",
                   "processor_ms", "peak_mib", "first_step_s"),
    "throughput-peers": ("threads", "milliseconds", "processor_ms", "peak_mib",
                         "ratio", "asked", "first_step_s"),
    "throughput-machine": ("threads", "value")}
FRAMEWORKS = "PyTorch", "JAX"
HEAD = ("workload", "mode", "ms", "x bound", "% of OpenBLAS", "best peer",
        "its ms", "ahead by", "by work", "asked", "MiB", "s to a first step")
# The rows of the machine that are needed, on all threads.
RATES = (("others", ""), ("fma", "float"), ("fma", "double"),
         ("gemm", "float"), ("gemm", "double"))


def refuse(what):
    print("page.py: " + what, file=sys.stderr)
    sys.exit(2)


def contents(path):
    try:
        with open(path) as f:
            return f.read()
    except (OSError, UnicodeError) as error:
        refuse("%s: %s" % (path, getattr(error, "strerror", error)))


def expected(column, word):
    """What is expected of a column of numbers where word is not it; nan is a
    number."""
    if column == "threads":
        return "" if word.isdecimal() else "a whole number"
    kind = "a number above 0" if column in TIMES else "a number"
    try:
        value = float(word)
    except ValueError:
        return kind
    return kind if column in TIMES and value <= 0 else ""


def rows_of(folder, name):
    """Of a table with the columns that are needed, and a number in those of
    numbers; no table: no rows."""
    path = os.path.join(folder, name + ".csv")
    if not os.path.exists(path):
        return []
    lines = [line for line in contents(path).splitlines()
             if line.strip() and line[0] != "#"]
    try:
        head, *rows = csv.reader(lines or [""])
    except csv.Error as error:
        refuse("%s: %s" % (path, error))
    for column in (*TEXTS[name], *NUMBERS[name]):
        if column not in head:
            refuse("%s: no column '%s'" % (path, column))
    for number, row in enumerate(rows, 1):
        if len(row) != len(head):
            refuse("%s: row %d: %d fields found, %d expected"
                   % (path, number, len(row), len(head)))
        for column in NUMBERS[name]:
            word = row[head.index(column)]
            if expected(column, word):
                refuse("%s: row %d: %s: '%s' found, %s expected"
                       % (path, number, column, word, expected(column, word)))
    return [dict(zip(head, row)) for row in rows]


def best(rows, column="milliseconds"):
    return min(rows, key=lambda r: float(r[column]), default=None)


def work(rows):
    """Processor time on one thread: threads that wait may spin."""
    return min((float(r["processor_ms"]) for r in rows if r["threads"] == "1"),
               default=math.nan)


def short(value):
    return "%.3g" % value if value < 100 else "%.0f" % value


def pair(ours, theirs, form):
    return ", ".join(form % float(v) for v in (ours, theirs) if v is not None)


def asked_of(ours, peer, judged):
    """What is asked, and whether it is met: by the ratio, or by 0.85 of the
    rate of matrix products."""
    if float(peer["asked"]) == 0:
        return ""
    if not judged:
        return peer["asked"]
    met = (float(peer["ratio"]) >= float(peer["asked"])
           or float(ours["fraction_of_gemm"]) >= 0.85)
    return "%s, %s" % (peer["asked"], "met" if met else "missed")


def line(own, peers, judged):
    ours, peer = best(own), best(peers)
    name = ours["workload"]
    if ours["precision"] == "double":
        name += ", double"
    least = min(float(r["bound_ms"]) for r in own)
    bound = float(ours["milliseconds"]) / least
    cells = [name, ours["mode"], short(float(ours["milliseconds"])),
             short(bound), "%.0f" % (100 * float(ours["fraction_of_gemm"]))]
    if peer:
        frugal = work(peers) / work(own)
        cells += ["%s %s" % (peer["peer"].split(" ")[0], peer["setting"]),
                  short(float(peer["milliseconds"])),
                  "%.2f" % float(peer["ratio"]) if judged else "",
                  "%.2f" % frugal if frugal == frugal else "",
                  asked_of(ours, peer, judged)]
    else:
        cells += [""] * 5
    cells += [pair(ours["peak_mib"], peer and peer["peak_mib"], "%.0f"),
              pair(ours["first_step_s"], peer and peer["first_step_s"], "%.2g")]
    return "| " + " | ".join(cells) + " |\n"


def profile(folder):
    found = re.search("^# options:.*--profile (\\S+)",
                      contents(os.path.join(folder, "throughput.csv")), re.M)
    return found.group(1) if found else "unknown"


def groups(rows):
    found = {}
    for row in rows:
        found.setdefault(tuple(row[k] for k in KEY), []).append(row)
    return found


def libraries(own, peers, judged):
    """Libraries of flows: their time over ours, each at its best; by processor
    time on one thread where nothing is judged."""
    names = sorted({r["peer"] for r in peers
                    if r["peer"].split(" ")[0] not in FRAMEWORKS},
                   key=str.lower)
    if not names:
        return ""

    def over(theirs, ours):
        if not theirs:
            return ""
        if not judged:
            value = work(theirs) / work(ours)
            return "%.2f" % value if value == value else ""
        return "%.2f" % (float(best(theirs)["milliseconds"])
                         / float(best(ours)["milliseconds"]))

    out = ("\nLibraries of flows, %s over ours:\n\n| workload | mode | %s |\n"
           % ("time" if judged else "processor time on one thread",
              " | ".join(names)) + "|---" * (2 + len(names)) + "|\n")
    theirs = groups(peers)
    for key, rows in groups(own).items():
        cells = [over([r for r in theirs.get(key, []) if r["peer"] == name],
                      rows) for name in names]
        if any(cells):
            out += "| " + " | ".join([*key[:2], *cells]) + " |\n"
    return out


def text(folder):
    own, peers = rows_of(folder, "throughput"), rows_of(folder,
                                                        "throughput-peers")
    rates = {(r["quantity"], r["precision"], int(r["threads"])):
             float(r["value"]) for r in rows_of(folder, "throughput-machine")}
    if not own or not rates:
        refuse("%s: no tables of make bench" % folder)
    most = max(key[2] for key in rates)
    for key in RATES:
        if (*key, most) not in rates:
            refuse("%s: throughput-machine.csv: no row '%s,%s,%d'"
                   % (folder, *key, most))
    kind, busy = profile(folder), rates["others", "", most]
    judged = kind != "quick" and busy <= BUSY
    day = time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(
        os.path.join(folder, "throughput.csv"))))
    versions = sorted({r["peer"] for r in peers}) or ["no peers"]
    out = ("%s, %d threads, profile %s, %s; %s; fused multiply-add %.0f "
           "GFLOP/s in float and %.0f in double, OpenBLAS %.0f and %.0f; "
           "other programs kept %.1f processors busy.\n\n" % (
               machine(), most, kind, day, ", ".join(versions),
               rates["fma", "float", most], rates["fma", "double", most],
               rates["gemm", "float", most], rates["gemm", "double", most],
               busy))
    if not judged:
        out = out[:-1] + ("Nothing is judged of a quick profile or a busy "
                          "machine.\n\n")
    out += "| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|\n"
    theirs = groups(peers)
    for key, rows in groups(own).items():
        if key in theirs or not peers:
            out += line(rows, theirs.get(key, []), judged)
    return out + libraries(own, peers, judged)


def main():
    if len(sys.argv) != 3:
        refuse("'%s' found, FOLDER PAGE expected" % " ".join(sys.argv[1:]))
    folder, page = sys.argv[1:]
    before, begin, rest = contents(page).partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        refuse("%s: the marks %s and %s expected"
               % (page, BEGIN.strip(), END.strip()))
    new = before + begin + text(folder) + end + after
    with open(page + ".new", "w") as f:
        f.write(new)
    os.replace(page + ".new", page)


if __name__ == "__main__":
    main()
