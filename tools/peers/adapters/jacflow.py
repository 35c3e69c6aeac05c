"""jacflow: our own layers, from files that this adapter writes byte by byte
(docs/flow-files.md), through the program logprob.

Direction: z and log |det dz/dx|; the inverse is the layer inverted() of the same
parameters.  The program computes in double, is compiled, and differentiates
nothing for us.
"""
import os
import struct
import subprocess
import tempfile
import zlib

import numpy as np

from protocol import Entry, Flow

LIBRARY, PACKAGE, FRAMEWORK = "jacflow", None, "plain"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
VERSION = "own"
H = 8


def words(data):
    return struct.pack("=Q", len(data)) + data


def theta_file(text, theta):
    body = words(text.encode()) + struct.pack("=Q", 1)
    body += struct.pack("=I", 5) + b"theta" + struct.pack("=I", 0)
    body += struct.pack("=Q", len(theta)) + np.asarray(theta, "=f8").tobytes()
    head = b"JFTHETA\n" + struct.pack("=III", 2, 0x01020304, 8)
    size = len(head) + 8 + len(body) + 4
    whole = head + struct.pack("=Q", size) + body
    return whole + struct.pack("=I", zlib.crc32(whole))


class Ours(Flow):
    def __init__(self, text, theta, sizes, back):
        self.text, self.theta, self.sizes = text, theta, sizes
        self.folder = tempfile.TemporaryDirectory()
        self.inverse = self._inverse if back else None

    def run(self, text, x):
        at = {n: os.path.join(self.folder.name, n)
              for n in ("f.theta", "x.csv", "z.csv")}
        with open(at["f.theta"], "wb") as f:
            f.write(theta_file(text, self.theta))
        n, d = x.shape
        if n == 1:  # the program wants a table: a row of it twice
            x = np.vstack([x, x])
        np.savetxt(at["x.csv"], x, fmt="%.17g", delimiter=",", comments="",
                   header=",".join("x%d" % (j + 1) for j in range(d)))
        done = subprocess.run(
            [os.path.join(ROOT, "build", "tools", "logprob"), "--load",
             at["f.theta"], "--data", at["x.csv"], "--out", at["z.csv"]],
            capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        with open(at["z.csv"]) as f:
            lines = [line for line in f if line[0] != "#"][1:]
        rows = np.loadtxt(lines, delimiter=",", ndmin=2)
        return rows[:n, 2:2 + d], rows[:n, 1]

    def forward(self, x):
        return self.run(self.text, x)

    def _inverse(self, z):
        return self.run("inverted() { %s }" % self.text, z)

    def parameters(self):
        return self.theta.copy()

    def assign(self, theta):
        self.theta = theta

    def shapes(self):
        return self.sizes


def mlp(n_in, n_out):
    return H * n_in + H + H * n_out + n_out


def layers():
    """Name, text and number of parameters in d dimensions, inverse or not."""
    def net(d, per, **more):
        a = d // 2
        text = ("mlp(in=%d, out=%d, hidden=%d, depth=1, activation=tanh, "
                "bias=1, lipschitz=0)" % (a, per * (d - a), H))
        return text, mlp(a, per * (d - a))

    def made(d, per):
        return ("made(d=%d, params=%d, hidden=%d, depth=1, activation=tanh)"
                % (d, per, H), mlp(d, d * per))

    maps = (("shift()", 1), ("exp()", 2), ("clamp(limit=2)", 2),
            ("range(least=0.5, largest=2)", 2), ("sigmoid()", 2),
            ("sinh_arcsinh()", 2), ("spline(bins=6, bound=3)", 17),
            ("mixture(components=3)", 9))
    yield "actnorm", lambda d: ("actnorm(d=%d)" % d, 2 * d), True
    yield "diagonal", lambda d: ("diagonal(d=%d)" % d, d), True
    yield "scale", lambda d: ("scale(d=%d)" % d, 1), True
    yield "bias", lambda d: ("bias(d=%d)" % d, d), True
    yield "reverse", lambda d: ("reverse(d=%d)" % d, 0), True
    yield "shuffle", lambda d: ("shuffle(d=%d, seed=3)" % d, 0), True
    yield "dense", lambda d: ("dense(d=%d)" % d, d * d), True
    yield "triangular", lambda d: ("triangular(d=%d)" % d,
                                   d * (d + 1) // 2), True
    yield "plu", lambda d: ("plu(d=%d, seed=2)" % d, d * d), True
    yield "qr", lambda d: ("qr(d=%d)" % d, d * d + d * (d + 1) // 2), True
    yield "svd", lambda d: ("svd(d=%d)" % d, 2 * d * d + d), True
    yield "svd_bounded", lambda d: (
        "svd_bounded(d=%d, least=0.5, largest=2)" % d, 2 * d * d + d), True
    yield "orthogonal", lambda d: ("orthogonal(d=%d, k=%d)" % (d, d),
                                   d * d), True
    yield "deep_linear", lambda d: ("deep_linear(d=%d, k=2)" % d,
                                    2 * d * d), True
    yield "special_linear", lambda d: ("special_linear(d=%d)" % d,
                                       d * d), True
    for m, per in maps:
        yield "elementwise(map=%s)" % m, lambda d, m=m, p=per: (
            "elementwise(d=%d, map=%s)" % (d, m), p * d), True
        yield "coupling(map=%s)" % m, lambda d, m=m, p=per: (
            "coupling(d=%d, split=%d, side=upper, map=%s) { %s }"
            % (d, d // 2, m, net(d, p)[0]), net(d, p)[1]), True
        yield "autoregressive(map=%s)" % m, lambda d, m=m, p=per: (
            "autoregressive(d=%d, map=%s) { %s }" % (d, m, made(d, p)[0]),
            made(d, p)[1]), True
    yield "brenier", lambda d: ("brenier(d=%d, ridges=4)" % d,
                                d * (d + 1) // 2 + d + 4 * (d + 2)), True
    yield "residual_net", lambda d: (
        "residual_net(d=%d) { mlp(in=%d, out=%d, hidden=%d, depth=1, "
        "activation=tanh, bias=1, lipschitz=0.9) }" % (d, d, d, H),
        mlp(d, d)), True


def entry(name, make, back):
    def build(d, dtype, seed):
        text, count = make(d)
        rng = np.random.default_rng(seed)
        theta = 0.5 * rng.normal(size=count)
        return Ours(text, theta, [(1,)] * count, back)

    return Entry(name, build, dims=(2, 5), train=False, compile=False,
                 precisions=("float64",),
                 box=3. if "spline" in name else None)


def entries():
    for name, make, back in layers():
        yield entry(name, make, back)
