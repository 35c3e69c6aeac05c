#!/usr/bin/env python3
"""page.py TABLE WORDS_DIR [OUT.md OUT.csv]: a page of the table peers-flows.csv,
and a table of which layer has which words.

WORDS_DIR/NAME.csv has the findings of a library, a row each: library, pattern
(a regular expression that the name of a bijection matches as a whole), checks
(those it is about, with | between), title, what, where, since, see (Python, a
line after each \\n), avoid.  A row of the table that says "wrong" and belongs to
no finding is an error, and so are one without the number of a second method and
a finding that no row of its bijections shows: status 1, a line each on stderr.
Words on what the table lacks wait.  Without OUT.md and OUT.csv only that is
looked at.
"""
import collections
import csv
import glob
import math
import os
import re
import sys

FIELDS = "library,pattern,checks,title,what,where,since,see,avoid".split(",")
TOLD = ("wrong", "not finite", "raises")
# Why a wrong row has no second number: the library's own is NaN, and the note has
# the finite one; the derivative's determinant is 0; nothing finite came back.
REASONS = ("by the framework nan, by differences", "the derivative is singular",
           "gives no finite z")


def read(path):
    with open(path, newline="") as f:
        lines = f.readlines()
    head = dict(line[2:].strip().split(": ", 1)
                for line in lines if line[0] == "#")
    return head, list(csv.DictReader(l for l in lines if l[0] != "#"))


def findings(folder):
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "*.csv"))):
        rows = read(path)[1]
        for row in rows:
            if set(row) != set(FIELDS) or None in row.values():
                sys.exit("page.py: %s: a row of other columns than %s"
                         % (path, ",".join(FIELDS)))
        found += rows
    return found


def first_word(check):
    return check.split(",")[0]


def belongs(finding, row):
    return (finding["library"] == row["library"] and
            first_word(row["check"]) in finding["checks"].split("|") and
            re.fullmatch(finding["pattern"], row["bijection"]) is not None)


def size(row):
    """How wrong, for the choice of the row that is shown."""
    try:
        v = abs(float(row["error"]))
    except ValueError:
        return -1
    return v if v == v and v != float("inf") else 1e300


def code(text):
    return "`%s`" % text


def confirmed(row):
    """A wrong row has the number of a second method, or says why not."""
    try:
        finite = math.isfinite(float(row["second"]))
    except ValueError:
        finite = False
    return bool(row["method"]) and (
        finite or any(r in row["note"] for r in REASONS))


def numbers(row):
    """A row in words."""
    where = "%s, d = %s, %s, %s" % (code(row["bijection"]), row["dimension"],
                                    row["precision"], row["state"])
    if row["verdict"] == "raises":
        return "%s: %s: %s" % (where, row["check"], row["note"])
    said = "%s off by %s" % (row["check"], row["error"])
    if row["method"]:
        said += ", %s: %s" % (row["method"], row["second"])
    if row["tolerance"] != "nan":
        said += "; %s allowed" % row["tolerance"]
    note = row["note"] if len(row["note"]) < 120 else row["note"][:110] + " .."
    return "%s: %s%s" % (where, said, "; " + note if note else "")


def counted(n, what):
    return "%d %s%s" % (n, what, "" if n == 1 else "s")


def sentence(text):
    first = text.split(" ")[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text + ("" if text[-1] == "." else ".")


def one(finding, rows):
    out = ["### " + sentence(finding["title"])[:-1], "",
           sentence(finding["what"]), "",
           "Where: %s Since: %s" % (finding["where"].rstrip(".") + ".",
                                    sentence(finding["since"])), "",
           "```python", *finding["see"].split("\\n"), "```", "",
           "Instead: " + sentence(finding["avoid"]), ""]
    layers = sorted({r["bijection"] for r in rows})
    worst = max(rows, key=size)
    out.append("In the table: %s of %s; the largest: %s." % (
        counted(len(rows), "row"), counted(len(layers), "bijection"),
        numbers(worst).rstrip(".")))
    return out + [""]


def library(name, rows, told):
    bijections = {r["bijection"] for r in rows}
    bad = {r["bijection"] for r in rows if r["verdict"] in TOLD}
    counts = collections.Counter(r["verdict"] for r in rows)
    out = ["## %s %s" % (name, ", ".join(sorted({r["version"] for r in rows}))),
           "", "%s, %s: %s. Nothing to say of %d bijections."
           % (counted(len(bijections), "bijection"), counted(len(rows), "row"),
              ", ".join(
                  "%d %s" % (n, v) for v, n in counts.most_common()),
              len(bijections - bad)), ""]
    for finding, own in told:
        out += one(finding, own)
    rest = [r for r in rows if r["verdict"] in ("raises", "not finite") and
            not any(r in own for _, own in told)]
    groups = collections.defaultdict(list)
    for r in rest:
        groups[(r["bijection"], first_word(r["check"]), r["verdict"])].append(r)
    if groups:
        out += ["Also not finite, or refused:", ""]
        for (bijection, check, verdict), own in sorted(groups.items()):
            out.append("- %s: %s %s (%d rows): %s" % (
                code(bijection), check, verdict, len(own), own[0]["note"]))
        out.append("")
    said = sorted({(r["bijection"], first_word(r["check"]), r["note"])
                   for r in rows if r["verdict"] == "documented"})
    if said:
        out += ["By its documentation:", ""]
        words = collections.defaultdict(set)
        whole = {b for b, _, note in said if "likewise" not in note}
        for bijection, check, note in said:
            if "likewise" not in note or bijection not in whole:
                words[note].add(bijection)
        out += ["- %s: %s" % (note, ", ".join(map(code, sorted(of))))
                for note, of in sorted(words.items())]
        out.append("")
    return out


def by_library(words):
    return dict(w.rsplit(" ", 1) for w in words.split(", ") if " " in w)


def cost(head):
    """The processor's time, and what is not there yet, by the table's head."""
    seconds = {k: float(v)
               for k, v in by_library(head.get("seconds", "")).items()}
    longest = sorted(seconds, key=lambda k: -seconds[k])[:3]
    out = []
    if seconds:
        out += ["The rows of %d libraries took %.1f hours of a processor; the "
                "longest: %s." % (
                    len(seconds), sum(seconds.values()) / 3600,
                    ", ".join("%s %.0f s" % (k, seconds[k]) for k in longest))]
    missing = by_library(head.get("missing", ""))
    if missing:
        out += ["Configurations that are not there yet, of all: %s." % (
            ", ".join("%s %s" % m for m in sorted(missing.items())))]
    return out


def commits(head):
    """Which ones, the one of most libraries first."""
    of = collections.Counter(
        c for v in by_library(head.get("commits", "")).values()
        for c in v.split("+"))
    if not of:
        return "commit " + head.get("commit", "unknown")
    return "commits " + ", ".join(
        "%s (%d libraries)" % c
        for c in sorted(of.items(), key=lambda c: (-c[1], c[0])))


INTRODUCTION = """\
# Other libraries, judged

`make peers` builds the bijections of %(libraries)s libraries by default
arguments and small random parameters, in float and double, fresh, with noise of
order one on its parameters, trained for 200 steps, and compiled (jit,
torch.compile), and asks what `audit --design` asks of any flow: is the
log-determinant that of these values, is the density of mass 1, does the inverse
come back and say minus the same, for one row as for many, twice, at points of
N(0, 1), of N(0, 100) and about the edge of a spline's box; is the gradient of
the log-determinant that of its values; is the caller's array left alone.
Most is right. What is not stands below, in words, with five lines that show it.

A row says "wrong" only where two methods agree, of which neither is the
library's log-determinant: the audit's differences of z, and the framework's
derivative, smaller steps, the round trip the other way, sampling, or a bound
(the column `method`). "rounding" is an error that leaves half of the digits,
"documented" one that the library's own documentation explains, "open" one that
the methods do not settle. Conventions (which direction is forward, one number
for all rows, sums by coordinate) are followed, and no mistakes. In the table
`error` is the audit's number, `second` that of `method`, `tolerance` what rounding
allows: for log-determinants and mass as measured on the same differences
(experiments/audit/flow/decide.c), else half of the digits of the format, and for a
round trip what the condition of the map makes of rounding. `make peers
LIBRARY=zuko` makes one library's rows again, from an environment of its own;
tools/peers/protocol.py says what an adapter is.

Table: [results/long/peers-flows.csv](../results/long/peers-flows.csv), judged by
the audit of %(commit)s,
on %(machine)s: %(summary)s.
%(cost)s
| library | version | bijections | rows | findings | wrong | not finite | raises |
|---|---|---|---|---|---|---|---|
"""


def page(head, rows, told):
    names = sorted({r["library"] for r in rows}, key=str.lower)
    out = [INTRODUCTION.rstrip("\n") % {
        "libraries": len(names), "commit": commits(head),
        "machine": head.get("machine", "unknown"),
        "summary": head.get("libraries", "?") and
        "libraries: " + head["libraries"],
        "cost": "".join(line + "\n" for line in cost(head))}]
    for name in names:
        own = [r for r in rows if r["library"] == name]
        count = collections.Counter(r["verdict"] for r in own)
        out.append("| %s | %s | %d | %d | %d | %d | %d | %d |" % (
            name, ", ".join(sorted({r["version"] for r in own})),
            len({r["bijection"] for r in own}), len(own), len(told[name]),
            count["wrong"], count["not finite"], count["raises"]))
    out.append("")
    for name in names:
        out += library(name, [r for r in rows if r["library"] == name],
                       told[name])
    return "\n".join(out).rstrip("\n") + "\n"


def about_log_det(row):
    return row["check"] == "log-det"


def words(rows, told):
    """Rows of a table: which words a layer of a library has; before others those
    on its log-determinant, and then what is documented or open of that."""
    out = []
    for finding, own in sorted(
            told, key=lambda f: not any(map(about_log_det, f[1]))):
        out += [(layer, sentence(finding["title"])[:-1],
                 sentence(finding["what"]), sentence(finding["avoid"]))
                for layer in sorted({r["bijection"] for r in own})]
    for verdict, title, otherwise in (
            ("documented", "Documented", ""),
            ("open", "Not decided", "the methods do not settle it")):
        said = {(r["bijection"], r["note"] or otherwise) for r in rows
                if r["verdict"] == verdict and about_log_det(r)}
        out += [(layer, title + ": " + note, "", "")
                for layer, note in sorted(said, key=lambda s: s[::-1])]
    return out


def main():
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__.split("\n")[0])
    head, rows = read(sys.argv[1])
    told, errors = collections.defaultdict(list), []
    left = [r for r in rows if r["verdict"] == "wrong"]
    there = {(r["library"], r["bijection"]) for r in rows}
    for finding in findings(sys.argv[2]):
        own = [r for r in rows if r["verdict"] in TOLD and belongs(finding, r)]
        left = [r for r in left if not belongs(finding, r)]
        if not own and any(
                library == finding["library"] and
                re.fullmatch(finding["pattern"], bijection)
                for library, bijection in there):
            errors.append("no row of %s: %s" % (finding["library"],
                                                finding["title"]))
        elif own:
            told[finding["library"]].append((finding, own))
    errors += sorted({"no words for %s: %s: %s" % (
        r["library"], r["bijection"], r["check"]) for r in left})
    errors += sorted({"no second number of %s: %s: %s" % (
        r["library"], r["bijection"], r["check"])
        for r in rows if r["verdict"] == "wrong" and not confirmed(r)})
    for e in errors:
        print("page.py: " + e, file=sys.stderr)
    if len(sys.argv) == 5:
        with open(sys.argv[3], "w") as f:
            f.write(page(head, rows, told))
        with open(sys.argv[4], "w", newline="") as f:
            out = csv.writer(f, lineterminator="\n")
            out.writerow("library,bijection,title,what,instead".split(","))
            for name in sorted({r["library"] for r in rows}, key=str.lower):
                own = [r for r in rows if r["library"] == name]
                out.writerows([name, *line] for line in words(own, told[name]))
    sys.exit(bool(errors))


if __name__ == "__main__":
    main()
