#!/usr/bin/env python3
"""shapes.py BUILD [NAME...]: time and memory of the programs that take a table,
on tables of the sizes that the literature trains flows on.

The five of Papamakarios et al. (2017), with all their rows, and MNIST: made here,
correlated normal numbers (pictures: clipped and rounded), since the real ones are
others' to give.  Of each the optimum of affine flows is held against NumPy's; who
has the real files lands on the rows "Gaussian" of that paper by the same command:
optimum --data FILE --no-train.  Ends with "N passed, N failed"."""
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

SHAPES = {"POWER": (2049280, 6), "GAS": (1052065, 8), "HEPMASS": (525123, 21),
          "MINIBOONE": (36488, 43), "BSDS300": (1300000, 63),
          "MNIST": (60000, 784), "20000x16": (20000, 16)}
CHUNK = 50000


def make(path, n, d, pictures):
    """A table of that shape, and the log-likelihood that is the best of any
    affine flow on it."""
    rng = np.random.default_rng(n + d)
    mix = np.linalg.qr(rng.normal(size=(d, d)))[0] * np.geomspace(1, 30, d)
    if pictures:
        mix = np.eye(d) * 90 + rng.normal(size=(d, d)) * 2
    x = np.lib.format.open_memmap(path, "w+", np.uint8 if pictures else "f4",
                                  (n, d))
    total, square = np.zeros(d), np.zeros((d, d))
    for i in range(0, n, CHUNK):
        rows = rng.normal(size=(min(CHUNK, n - i), d)) @ mix
        x[i:i + CHUNK] = np.clip(rows, 0, 255) if pictures else rows
        rows = x[i:i + CHUNK].astype("f8")
        total += rows.sum(0)
        square += rows.T @ rows
    x.flush()
    mean = total / n
    log_det = np.linalg.slogdet(square / n - np.outer(mean, mean))[1]
    return -d / 2 * (np.log(2 * np.pi) + 1) - log_det / 2


def run(command):
    """Seconds, seconds of a processor, peak MiB, standard output."""
    start = time.time()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        out.seek(0)
        text = out.read().decode()
    cpu = used.ru_utime + used.ru_stime
    return status == 0, time.time() - start, cpu, used.ru_maxrss / 1024, text


def optimum_of(text):
    for line in text.splitlines():
        if line.strip().startswith("EIG(Sigma)") and "optimum" in line:
            for word in line.replace(":", " ").split():
                try:
                    return float(word)
                except ValueError:
                    pass
    return float("nan")


def main():
    build, names = sys.argv[1], sys.argv[2:] or list(SHAPES)
    passed = failed = 0
    print("%-10s %9s %4s %-8s %8s %8s %9s  %s" % (
        "table", "rows", "d", "program", "seconds", "of a cpu", "peak MiB",
        "EIG(Sigma), and NumPy's"))
    for name in names:
        n, d = SHAPES[name]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name + ".npy")
            # In a process of its own: peaks of children hold their parent's.
            with multiprocessing.Pool(1) as pool:
                expected = pool.apply(make, (path, n, d, name == "MNIST"))
            for program, more in (("optimum", ["--no-train"]), ("audit", [])):
                good, wall, cpu, peak, text = run(
                    [os.path.join(build, "experiments", program), "--data",
                     path, "--out", os.path.join(folder, program)] + more)
                found = optimum_of(text)
                good &= abs(found - expected) <= 1e-6 * (1 + abs(expected))
                passed, failed = passed + good, failed + (not good)
                print("%-10s %9d %4d %-8s %8.1f %8.1f %9.0f  %.6f %.6f%s" % (
                    name, n, d, program, wall, cpu, peak, found, expected,
                    "" if good else "  FAILED"), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
