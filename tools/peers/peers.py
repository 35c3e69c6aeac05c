#!/usr/bin/env python3
"""peers.py [--library NAME]... [--table FILE] [--audit PROGRAM] [--build DIR]

The log-determinants of other libraries of flows, judged: for each adapter
(adapters/NAME.py, protocol.py) an environment below DIR with the versions of
requirements/NAME.txt over one of its framework (requirements/base-*.txt), the
worker in it, and its rows in the table, in place of those that the same
configuration had there; others of the same version stay, as long as the adapter
still has them.  What is there is not done again: an interrupted run goes on, and
a library whose rows are to be made anew has its folder DIR/rows/NAME deleted
first.  Comments of the table have the commits whose audit judged each library
("# commits"), its processor seconds ("# seconds", where all rows are of this
DIR) and how many of its configurations are not there yet ("# missing").  A first
line "# complete" of requirements leaves out what the packages themselves ask
for.

    --library NAME  that one alone; again for more         (all)
    --table FILE    the table             (results/long/peers-flows.csv)
    --audit PROGRAM                          (build/experiments/audit)
    --build DIR     environments and rows                (build/peers)
    --compiled      each bijection compiled once, and nothing else
    --jobs N        libraries at once                    (processors)
    --quick         each in its first dimension and precision alone
    --missing       only what the table does not have of the same version
    --collect       no run: the table of the rows that are there
    --see           no rows: the lines that docs/peers.md shows of each finding
                    (words/NAME.csv), run, and what they print
"""
import argparse
import concurrent.futures
import csv
import glob
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from rows import COLUMNS, file_of, head_of  # noqa: E402

ONE_THREAD = {name: "1" for name in (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
DEATHS = 20  # of one library's worker, before it is given up
ENVIRONMENTS = threading.Lock()  # one is made at a time


def refuse(what):
    print("peers.py: " + what, file=sys.stderr)
    sys.exit(2)


def constants(path):
    """LIBRARY and FRAMEWORK of an adapter, whose library is not here."""
    scope = {}
    with open(path) as f:
        for line in f:
            if re.match("(LIBRARY|PACKAGE|FRAMEWORK)\\b.*=", line):
                exec(line, scope)  # constants, in a file of our own
    return scope["LIBRARY"], scope["FRAMEWORK"]


def adapters():
    paths = sorted(glob.glob(os.path.join(HERE, "adapters", "*.py")))
    return {os.path.splitext(os.path.basename(p))[0]: p for p in paths}


def python_of(folder):
    return os.path.join(folder, "bin", "python")


def make(folder, requirements, under=None):
    """A virtual environment, once, which sees the packages of another."""
    done = os.path.join(folder, ".complete")
    if os.path.exists(done):
        return folder
    print("environment %s" % folder, flush=True)
    venv.create(folder, with_pip=True, clear=True)
    if under:
        for site in glob.glob(os.path.join(folder, "lib*", "python*",
                                           "site-packages")):
            with open(os.path.join(site, "base.pth"), "w") as f:
                f.write(site.replace(folder, under, 1) + "\n")
    if os.path.exists(requirements):
        with open(requirements) as f:
            alone = f.readline().startswith("# complete")
        subprocess.run([python_of(folder), "-m", "pip", "install", "-q",
                        "--no-compile", "--disable-pip-version-check",
                        *["--no-deps"] * alone, "-r", requirements],
                       check=True)
    open(done, "w").close()
    return folder


def environment(name, framework, build):
    def file(of):
        return os.path.join(HERE, "requirements", of + ".txt")

    envs = os.path.join(os.path.abspath(build), "env")
    base = make(os.path.join(envs, "base-" + framework),
                file("base-" + framework))
    if not os.path.exists(file(name)):  # part of the framework itself
        return python_of(base)
    return python_of(make(os.path.join(envs, name), file(name), base))


def run(name, path, python, rows, audit, options):
    """The worker until it ends by itself; what kills it has a row."""
    env = {**os.environ, **ONE_THREAD, **options, "PEERS_COMMIT": commit()}
    for _ in range(DEATHS):
        worker = subprocess.Popen([python, os.path.join(HERE, "worker.py"),
                                   path, rows, audit], env=env)
        status = worker.wait()
        if status >= 0:
            break
        now = os.path.join(rows, "now-%d" % worker.pid)
        dead = read(now)[0]
        key = [dead[COLUMNS.index(c)] for c in (
            "bijection", "dimension", "precision", "state")]
        os.replace(now, file_of(rows, *key))
    if status:
        refuse("%s: the worker ended with status %d" % (name, status))


def readme(name):
    """README's lines for that library: a block that begins "# NAME"."""
    with open(os.path.join(ROOT, "README.md")) as f:
        blocks = f.read().split("```python\n")[1:]
    for block in blocks:
        if block.split("\n")[0].split(" ")[1:2] == [name]:
            return block.split("```")[0]
    return None


def try_readme(name, python, audit):
    """They run, and the audit finds nothing wrong."""
    if readme(name) is None:
        return
    block = readme(name) + readme("then")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-c", "import numpy, torch\n"
                        "torch.manual_seed(1)\nx = torch.randn(400, 2)\n" +
                        block], check=True, cwd=folder,
                       env={**os.environ, **ONE_THREAD})
        subprocess.run([audit, "--flow", "flow.csv", "--out", folder,
                        "--quiet"], check=True, cwd=folder,
                       stdout=subprocess.DEVNULL)
        lines = read(os.path.join(folder, "audit-flow.csv"))
        column = lines[0].index("verdict")
        wrong = [r[1] for r in lines[1:] if r[column] == "wrong"]
    if wrong:
        refuse("README's lines for %s: %s" % (name, ", ".join(wrong)))
    print("README's lines for %s: nothing wrong" % name)


def see(name, python):
    """Each finding's lines run and print something, or end with the error that
    the comment of their last line names."""
    path = os.path.join(HERE, "words", name + ".csv")
    if not os.path.exists(path):
        return
    with open(path, newline="") as f:
        findings = list(csv.DictReader(f))
    for finding in findings:
        lines = finding["see"].replace("\\n", "\n")
        done = subprocess.run(
            [python, "-W", "ignore", "-c", lines], capture_output=True,
            text=True, env={**os.environ, **ONE_THREAD})
        error = ([line for line in done.stderr.split("\n")
                  if re.match("[A-Za-z.]*Error", line)] or [""])[-1]
        named = lines.split("\n")[-1].partition("#")[2].split(": ")[-1].strip()
        print("%s: %s\n  %s" % (
            finding["library"], finding["title"],
            (done.stdout.strip() or error).replace("\n", "\n  ")), flush=True)
        if (done.returncode and not (named and named in error)) or not (
                done.returncode or done.stdout.strip()):
            refuse("%s: '%s': its lines end with status %d: %s" % (
                name, finding["title"], done.returncode, error))


def read(path):
    with open(path, newline="") as f:
        return [r for r in csv.reader(line for line in f if line[0] != "#")]


def commit():
    done = subprocess.run(["git", "-C", ROOT, "describe", "--always",
                           "--exclude", "*"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def machine():
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def head(table):
    """Its comments by name; commits, seconds and missing are by library, each
    "NAME what, NAME what"."""
    with open(table) as f:
        lines = [line[2:].strip().split(": ", 1) for line in f
                 if line[0] == "#"]
    return dict(line for line in lines if len(line) == 2)


def by_library(words):
    return dict(w.rsplit(" ", 1) for w in words.split(", ") if " " in w)


def made(folder):
    """The version, and the files of its plan."""
    with open(os.path.join(folder, "plan")) as f:
        version, *names = f.read().split("\n")[:-1]
    return version, [os.path.join(folder, name) for name in names]


def configurations(rows, folder):
    """Rows by the file of their configuration."""
    by = {}
    for r in rows:
        key = [r[COLUMNS.index(c)] for c in (
            "bijection", "dimension", "precision", "state")]
        by.setdefault(file_of(folder, *key), []).append(r)
    return by


def tell_there(table, label, folder):
    """FOLDER/there: what the table has, "VERSION FILE" a line."""
    os.makedirs(folder, exist_ok=True)
    rows = read(table)[1:] if os.path.exists(table) else []
    own = [r for r in rows if r[0] == label]
    with open(os.path.join(folder, "there"), "w") as f:
        for path, of in sorted(configurations(own, folder).items()):
            f.write("%s %s\n" % (of[0][1], os.path.basename(path)))


def merged(label, folder, rows):
    """Rows of one library: those of the plan's files, and for files that are not
    there the table's of the same version; how many are of the table, and missing;
    seconds and commit of each file."""
    version, plan = made(folder)
    before = configurations([r for r in rows if r[:2] == [label, version]],
                            folder)
    new = [p for p in plan if os.path.exists(p)]
    kept = [p for p in plan if p not in new and p in before]
    return ([r for p in new for r in read(p)] + [r for p in kept
                                                for r in before[p]],
            len(kept), len(plan) - len(new) - len(kept),
            [head_of(p) for p in new])


def machines_of(head):
    return {m for m in head.get("machine", "").split("; ") if m}


def collect(table, libraries, build):
    """Sorted, so that the same rows make the same bytes."""
    rows, head_before = [], {}
    if os.path.exists(table):
        rows, head_before = read(table)[1:], head(table)
    seconds, missing, commits = (by_library(head_before.get(k, "")) for k in (
        "seconds", "missing", "commits"))
    if "commit" in head_before and not commits:  # one for all
        commits = {r[0]: head_before["commit"] for r in rows}
    machines = {machine()}
    if {r[0] for r in rows} - set(libraries.values()):
        machines |= machines_of(head_before)
    for name, label in libraries.items():
        folder = os.path.join(build, "rows", name)
        if not os.path.exists(os.path.join(folder, "plan")):
            machines |= machines_of(head_before)
            continue
        own, kept, left, new = merged(label, folder, rows)
        print("%s: %d configurations, %d of the table before, %d missing" % (
            label, len(new), kept, left))
        missing[label] = "%d/%d" % (left, left + kept + len(new))
        seconds.pop(label, None)
        spent = sum(s for s, _ in new)
        if new and not kept and not math.isnan(spent):
            seconds[label] = "%.0f" % spent
        of = {c for _, c in new}
        if kept:
            machines |= machines_of(head_before)
            of |= set(commits.get(label, "unknown").split("+"))
        commits[label] = "+".join(sorted(of))
        rows = [r for r in rows if r[0] != label] + own
    missing = {k: v for k, v in missing.items() if not v.startswith("0/")}

    def listed(of):
        return ", ".join(" ".join(v) for v in sorted(of.items())) or "none"

    rows.sort()
    versions = sorted({(r[0], r[1]) for r in rows})
    bijections = {(r[0], r[2]) for r in rows}
    os.makedirs(os.path.dirname(os.path.abspath(table)), exist_ok=True)
    with open(table + ".new", "w", newline="") as f:
        f.write("# commits: %s\n# machine: %s\n" % (
            listed({k: v for k, v in commits.items()
                    if k in {r[0] for r in rows}}),
            "; ".join(sorted(machines))))
        f.write("# python: %s\n" % platform.python_version())
        f.write("# versions: %s\n" % ", ".join(" ".join(v) for v in versions))
        f.write("# seconds: %s\n# missing: %s\n" % (listed(seconds),
                                                   listed(missing)))
        f.write("# libraries: %d; bijections: %d; rows: %d\n" % (
            len({v[0] for v in versions}), len(bijections), len(rows)))
        out = csv.writer(f, lineterminator="\n")
        out.writerow(COLUMNS)
        out.writerows(rows)
    os.replace(table + ".new", table)
    wrong = sum(r[COLUMNS.index("verdict")] == "wrong" for r in rows)
    print("%s: %d libraries, %d bijections, %d rows, %d of them wrong" % (
        table, len({v[0] for v in versions}), len(bijections), len(rows),
        wrong))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--library", action="append")
    p.add_argument("--table", default=os.path.join(
        ROOT, "results", "long", "peers-flows.csv"))
    p.add_argument("--audit", default=os.path.join(
        ROOT, "build", "experiments", "audit"))
    p.add_argument("--build", default=os.path.join(ROOT, "build", "peers"))
    p.add_argument("--compiled", action="store_true")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--missing", action="store_true")
    p.add_argument("--collect", action="store_true")
    p.add_argument("--see", action="store_true")
    a = p.parse_args()
    known = adapters()
    names = a.library or sorted(known)
    for name in names:
        if name not in known:
            refuse("library '%s' found; expected one of: %s"
                   % (name, " ".join(sorted(known))))
    if not (a.collect or a.see) and not os.access(a.audit, os.X_OK):
        refuse("%s is not there: make builds it" % a.audit)
    options = {"PEERS_" + o.upper(): "1" for o in (
        "compiled", "quick", "missing") if getattr(a, o)}
    labels = {}
    frameworks = {}
    for name in names:
        labels[name], frameworks[name] = constants(known[name])

    def judge(name):
        with ENVIRONMENTS:
            python = environment(name, frameworks[name], a.build)
        if a.see:
            return see(name, python)
        audit = os.path.abspath(a.audit)
        rows = os.path.join(a.build, "rows", name)
        if a.missing:
            tell_there(a.table, labels[name], rows)
        if not a.compiled:
            try_readme(name, python, audit)
        run(name, known[name], python, rows, audit, options)

    if not a.collect:
        with concurrent.futures.ThreadPoolExecutor(max(1, a.jobs)) as pool:
            for done in [pool.submit(judge, name) for name in names]:
                done.result()
    if not a.see:
        collect(a.table, labels, a.build)


if __name__ == "__main__":
    main()
