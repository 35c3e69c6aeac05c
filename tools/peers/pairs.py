#!/usr/bin/env python3
"""pairs.py [--build DIR] [--out DIR] [--jacflow PROGRAM]

Flows of three libraries, trained on one table each of two laws, as tables that
the experiment uniqueness compares: a neural spline flow of zuko, a masked
autoregressive flow of nflows, and the spline flow of jacflow fit.

    two-moons.csv   4000 points of a law whose density is known, other than the
                    20 000 that were trained on: x1, x2, log_density, and of each
                    flow log_likelihood and log_abs_det
    iris.csv        50 of the 150 rows, standardised; the flows saw the other 100,
                    each fifty times with noise of the width of the last digit,
                    without which the best density has no bound

Both in nats and in units of x.  Sizes, steps and rates below were fixed before
the first run, but for the steps on iris: ten passes over the copies, since with
fifty the flows learn the hundred rows by heart (log-likelihoods of other rows
-5.9 to -9.2 nats).

    --build DIR        environments                       (build/peers)
    --out DIR          the tables                         (data/foreign)
    --jacflow PROGRAM                                    (build/jacflow)
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

from peers import ONE_THREAD, ROOT, commit, environment, machine

SEED, BATCH, RATE = 1, 256, 1e-3
MOONS = (20000, 4000)  # rows to train on, other rows
STEPS = {"two-moons": 6000, "iris": 200}
NOISE, DIGIT = 0.1, 0.1  # of the moons; of iris
FLOWS = ("zuko_nsf", "nflows_maf", "jacflow_spline")


def arc(t, lower, np):
    """Half circles of radius 1, one of them turned and moved."""
    return np.stack([np.where(lower, 1 - np.cos(t), np.cos(t)),
                     np.where(lower, 0.5 - np.sin(t), np.sin(t))], -1)


def moons(n, rng, np):
    t, lower = np.pi * rng.random(n), rng.random(n) < 0.5
    return arc(t, lower, np) + NOISE * rng.normal(size=(n, 2))


def moons_log_density(x, np):
    """A mean over the two arcs: Gauss-Legendre with 200 nodes, which for noise
    of that width is exact to rounding."""
    node, weight = np.polynomial.legendre.leggauss(200)
    t = 0.5 * np.pi * (node + 1)
    at = np.concatenate([arc(t, np.full(200, side), np) for side in (0, 1)])
    log_w = np.log(np.concatenate([weight, weight]) / 4)
    e = log_w - ((x[:, None] - at) ** 2).sum(-1) / (2 * NOISE ** 2)
    top = e.max(1)
    return (top + np.log(np.exp(e - top[:, None]).sum(1)) -
            math.log(2 * math.pi * NOISE ** 2))


def tables(np):
    """name, rows to train on, other rows, what is known of those."""
    rng = np.random.default_rng(SEED)
    train, other = (moons(n, rng, np) for n in MOONS)
    yield "two-moons", train, other, moons_log_density(other, np)
    rows = np.loadtxt(os.path.join(ROOT, "data", "iris.csv"), delimiter=",",
                      skiprows=1)
    rows = np.repeat(rows[rng.permutation(len(rows))], 50, 0)
    rows += DIGIT * (rng.random(rows.shape) - 0.5)
    rows = (rows - rows.mean(0)) / rows.std(0)
    yield "iris", rows[:100 * 50], rows[100 * 50::50], None


def foreign(name, train, other, steps):
    """log-likelihood and log_abs_det of the other rows."""
    import torch
    torch.manual_seed(SEED)
    torch.set_default_dtype(torch.float64)
    d = train.shape[1]
    if name == "zuko_nsf":
        import zuko
        flow = zuko.flows.NSF(d, transforms=3, hidden_features=(64, 64))

        def both(rows):
            law = flow()
            z, ld = law.transform.call_and_ladj(rows)
            return law.base.log_prob(z) + ld, ld
    else:
        import nflows.flows
        flow = nflows.flows.MaskedAutoregressiveFlow(d, 64, 5, 2)

        def both(rows):
            z, ld = flow._transform(rows)
            return flow._distribution.log_prob(z) + ld, ld
    x = torch.tensor(train)
    adam = torch.optim.Adam(flow.parameters(), lr=RATE)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        batch = x[torch.randint(len(x), (BATCH,))]
        adam.zero_grad()
        (-both(batch)[0].mean()).backward()
        adam.step()
        cosine.step()
    flow.eval()
    with torch.no_grad():
        return [v.numpy() for v in both(torch.tensor(other))]


def write(path, names, values, np, comments=""):
    with open(path + ".new", "w") as f:
        f.write(comments)
        np.savetxt(f, values, "%.8g", ",", comments="",
                   header=",".join(names))
    os.replace(path + ".new", path)


def own(program, train, other, steps, np):
    x = ["x%d" % (j + 1) for j in range(train.shape[1])]
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)
        write(path("train.csv"), x, train, np)
        write(path("other.csv"), x, other, np)
        for words in (["fit", "--data", path("train.csv"), "--flow", "spline",
                       "--steps", str(steps), "--batch", str(BATCH), "--rate",
                       str(RATE), "--save", path("flow.theta")],
                      ["logprob", "--data", path("other.csv"), "--load",
                       path("flow.theta"), "--out", path("rows.csv")]):
            subprocess.run([program, *words, "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
        with open(path("rows.csv")) as f:
            rows = np.genfromtxt([line for line in f if line[0] != "#"],
                                 delimiter=",", names=True)
    return rows["log_likelihood"], rows["log_abs_det"]


def measure(options):
    """In the environment of pairs."""
    import numpy as np
    import nflows.version
    import zuko
    comments = "# commit: %s\n# machine: %s\n# versions: zuko %s, nflows %s\n" % (
        commit(), machine(), zuko.__version__, nflows.version.VERSION)
    os.makedirs(options.out, exist_ok=True)
    for name, train, other, known in tables(np):
        names = ["x%d" % (j + 1) for j in range(other.shape[1])]
        values = [other]
        if known is not None:
            names.append("log_density")
            values.append(known)
        for flow in FLOWS:
            values += (own(options.jacflow, train, other, STEPS[name], np)
                       if flow == "jacflow_spline" else
                       foreign(flow, train, other, STEPS[name]))
            names += [flow + "_log_likelihood", flow + "_log_abs_det"]
            print("%s: %s: log-likelihood %.4f nats%s" % (
                name, flow, values[-2].mean(),
                "" if known is None else
                ", gap %.4f" % (known - values[-2]).mean()), flush=True)
        write(os.path.join(options.out, name + ".csv"), names,
              np.column_stack(values), np, comments)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--build", default=os.path.join(ROOT, "build", "peers"))
    p.add_argument("--out", default=os.path.join(ROOT, "data", "foreign"))
    p.add_argument("--jacflow", default=os.path.join(ROOT, "build", "jacflow"))
    p.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.here:
        return measure(options)
    if not os.access(options.jacflow, os.X_OK):
        sys.exit("pairs.py: %s is not there: make builds it" % options.jacflow)
    python = environment("pairs", "torch", options.build)
    return subprocess.run([python, os.path.abspath(__file__), *sys.argv[1:],
                           "--here"], env={**os.environ, **ONE_THREAD}
                          ).returncode


if __name__ == "__main__":
    sys.exit(main())
