#!/usr/bin/env python3
"""page.py FOLDER PAGE: the table of a run of make bench, in place of what
stands between the marks of PAGE.

Ours and the best setting of the best peer, each in the better of one thread and
all, in milliseconds; where FOLDER has no table of peers, their columns are
empty.  "by work" is the ratio of processor time, all processors together, of
the most frugal settings: what a machine that others use as well tells best."""
import csv
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from peers import machine  # noqa: E402

BEGIN, END = "<!-- bench -->\n", "<!-- /bench -->\n"
KEY = "workload", "mode", "precision"
HEAD = ("workload", "mode", "ms", "x bound", "% of OpenBLAS", "best peer",
        "its ms", "ahead by", "by work", "asked", "MiB", "s to a first step")


def refuse(what):
    print("page.py: " + what, file=sys.stderr)
    sys.exit(2)


def rows_of(folder, name):
    path = os.path.join(folder, name + ".csv")
    if not os.path.exists(path):
        return []
    with open(path, newline="") as f:
        return list(csv.DictReader(line for line in f if line[0] != "#"))


def best(rows, column="milliseconds"):
    return min(rows, key=lambda r: float(r[column]), default=None)


def least_work(rows):
    return min(float(r["processor_ms"]) for r in rows)


def short(value):
    return "%.3g" % value if value < 100 else "%.0f" % value


def pair(ours, theirs, form):
    return ", ".join(form % float(v) for v in (ours, theirs) if v is not None)


def asked_of(ours, peer):
    """What is asked, and whether it is met: by the ratio, or by 0.85 of the
    rate of matrix products."""
    if not peer or float(peer["asked"]) == 0:
        return ""
    met = (float(peer["ratio"]) >= float(peer["asked"])
           or float(ours["fraction_of_gemm"]) >= 0.85)
    return "%s, %s" % (peer["asked"], "met" if met else "missed")


def line(own, peers):
    ours, peer = best(own), best(peers)
    name = ours["workload"]
    if ours["precision"] == "double":
        name += ", double"
    least = min(float(r["bound_ms"]) for r in own)
    bound = float(ours["milliseconds"]) / least
    cells = [name, ours["mode"], short(float(ours["milliseconds"])),
             short(bound), "%.0f" % (100 * float(ours["fraction_of_gemm"]))]
    if peer:
        cells += ["%s %s" % (peer["peer"].split(" ")[0], peer["setting"]),
                  short(float(peer["milliseconds"])),
                  "%.2f" % float(peer["ratio"]),
                  "%.2f" % (least_work(peers) / least_work(own)),
                  asked_of(ours, peer)]
    else:
        cells += [""] * 5
    cells += [pair(ours["peak_mib"], peer and peer["peak_mib"], "%.0f"),
              pair(ours["first_step_s"], peer and peer["first_step_s"], "%.2g")]
    return "| " + " | ".join(cells) + " |\n"


def groups(rows):
    found = {}
    for row in rows:
        found.setdefault(tuple(row[k] for k in KEY), []).append(row)
    return found


def text(folder):
    own, peers = rows_of(folder, "throughput"), rows_of(folder,
                                                        "throughput-peers")
    rates = {(r["quantity"], r["precision"], int(r["threads"])):
             float(r["value"]) for r in rows_of(folder, "throughput-machine")}
    if not own or not rates:
        refuse("%s: no tables of make bench" % folder)
    most = max(key[2] for key in rates)
    day = time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(
        os.path.join(folder, "throughput.csv"))))
    versions = sorted({r["peer"] for r in peers}) or ["no peers"]
    out = ("%s, %d threads, %s; %s; fused multiply-add %.0f GFLOP/s in float "
           "and %.0f in double, OpenBLAS %.0f and %.0f; other programs kept "
           "%.1f processors busy.\n\n" % (
               machine(), most, day, ", ".join(versions),
               rates["fma", "float", most], rates["fma", "double", most],
               rates["gemm", "float", most], rates["gemm", "double", most],
               rates["others", "", most]))
    out += "| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|\n"
    theirs = groups(peers)
    for key, rows in groups(own).items():
        if key in theirs or key[2] == "float" or key[0].startswith("W5"):
            out += line(rows, theirs.get(key, []))
    return out


def main():
    if len(sys.argv) != 3:
        refuse("'%s' found, FOLDER PAGE expected" % " ".join(sys.argv[1:]))
    folder, page = sys.argv[1:]
    with open(page) as f:
        before, begin, rest = f.read().partition(BEGIN)
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
