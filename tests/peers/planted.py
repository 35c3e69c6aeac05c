"""A library of one flow, right and with each mistake that judge.py looks for;
the name of an entry begins with the check that must find it, or says that none
may call it wrong.

    u_1 = x_1, u_2 = x_2 exp(s) + x_1^2 / 4,  s = .5 sin x_1,  z = sinh(.9 asinh u)
"""
import numpy as np

from protocol import Entry, Flow

LIBRARY, PACKAGE, FRAMEWORK, VERSION = "planted", None, "plain", "1"


class Right(Flow):
    scale = 0.9

    def __init__(self, dtype):
        self.theta = np.array([0.5])

    def forward(self, x):
        s = self.theta[0] * np.sin(x[:, 0])
        u = np.stack([x[:, 0], x[:, 1] * np.exp(s) + x[:, 0] ** 2 / 4], 1)
        v = self.scale * np.arcsinh(u)
        ld = s + (np.log(self.scale * np.cosh(v)) - np.log1p(u * u) / 2).sum(1)
        return np.sinh(v), ld

    def inverse(self, z):
        u = np.sinh(np.arcsinh(z) / self.scale)
        s = self.theta[0] * np.sin(u[:, 0])
        x = np.stack([u[:, 0], (u[:, 1] - u[:, 0] ** 2 / 4) * np.exp(-s)], 1)
        return x, -Right.forward(self, x)[1]

    def gradient(self, x):
        def at(j, h):
            y = x.copy()
            y[:, j] += h
            return self.forward(y)[1]
        h = 1e-3
        return np.stack([(8 * (at(j, h) - at(j, -h)) -
                          (at(j, 2 * h) - at(j, -2 * h))) / (12 * h)
                         for j in (0, 1)], 1)

    def slope(self, x, u):
        s = np.sin(x[:, 0])
        w = x[:, 1] * np.exp(self.theta[0] * s)
        v = w + x[:, 0] ** 2 / 4
        by_u = (self.scale * np.tanh(self.scale * np.arcsinh(v)) /
                np.sqrt(1 + v * v) - v / (1 + v * v))
        return float(np.mean(s + by_u * w * s) * u[0])

    def parameters(self):
        return self.theta.copy()

    def assign(self, theta):
        self.theta = theta

    def shapes(self):
        return [(1,)]

    def moved(self, x):
        given = x.copy()
        self.forward(given)
        return float(np.abs(given - x).max()), 0

    def log_prob(self, x):
        z, ld = self.forward(x)
        return -(z * z).sum(1) / 2 - np.log(2 * np.pi) + ld

    def sample(self, n):
        return self.inverse(np.random.default_rng(5).normal(size=(n, 2)))[0]


class LogDet(Right):
    def forward(self, x):
        z, ld = super().forward(x)
        return z, ld - np.log(2)

    def inverse(self, z):
        x, ld = super().inverse(z)
        return x, ld + np.log(2)


class RoundTrip(Right):
    def inverse(self, z):
        x, ld = super().inverse(z)
        return x + 0.01 * (x[:, :1] > 0), ld


class Sign(Right):
    def inverse(self, z):
        x, ld = super().inverse(z)
        return x, -ld


class WrongPoint(Right):
    def inverse(self, z):
        return super().inverse(z)[0], -self.forward(z)[1]


class Moves(Right):
    def forward(self, x):
        found = super().forward(x)
        x += 0.5
        return found


class SecondCall(Right):
    count = 0

    def forward(self, x):
        self.count += 1
        z, ld = super().forward(x)
        return z, ld + 1e-3 * (self.count % 2)


class Batch(Right):
    def forward(self, x):
        z, ld = super().forward(x)
        return z, np.full_like(ld, ld.mean())


class Box(Right):
    """Beyond 4 a coordinate becomes 0, and log_abs_det that of 0."""

    def forward(self, x):
        return super().forward(np.where(np.abs(x) > 4, 0, x))


class Range(Right):
    """Onto (-1.2, 1.2) alone: the density holds less than 1."""

    def forward(self, x):
        z, ld = super().forward(x)
        t = np.tanh(z / 1.2)
        return 1.2 * t, ld + np.log1p(-t * t).sum(1)

    def inverse(self, z):
        with np.errstate(all="ignore"):
            inside = np.clip(z / 1.2, -1 + 1e-12, 1 - 1e-12)
        x, ld = super().inverse(1.2 * np.arctanh(inside))
        return x, ld - np.log1p(-inside * inside).sum(1)


class RangeAlone(Range):
    """Without an inverse, which would show it."""

    inverse = None
    sample = None


class Wide(Right):
    """Right, and without an inverse; beyond a few deviations z grows so slowly
    that most of the mass is where no draw comes."""

    inverse = None
    sample = None

    def forward(self, x):
        t = np.tanh(x)
        return t / 2 + x / 1e4, np.log((1 - t * t) / 2 + 1e-4).sum(1)

    def gradient(self, x):
        t = np.tanh(x)
        return -t * (1 - t * t) / ((1 - t * t) / 2 + 1e-4)

    def slope(self, x, u):
        return 0.0


class Gradient(Right):
    def gradient(self, x):
        return np.zeros_like(x)


class GradientNaN(Right):
    def gradient(self, x):
        g = super().gradient(x)
        return np.where(x == 0, np.nan, g)


class Slope(Right):
    def slope(self, x, u):
        return 0.0


class Ends(Right):
    def sample(self, n):
        return np.clip(super().sample(n), -1, 1)


class Sums(Right):
    def log_prob(self, x):
        return super().log_prob(x) + np.log(2 * np.pi) / 2


def entries():
    for name, cls in (
            ("none", Right), ("log-det: half of it", LogDet),
            ("round-trip: a shift", RoundTrip),
            ("inverse's log-det: forward's sign", Sign),
            ("inverse's log-det: at the wrong point", WrongPoint),
            ("caller's rows: moved", Moves),
            ("second call: another answer", SecondCall),
            ("batch of one: of the whole batch", Batch),
            ("log-det, N(0,100): 0 outside of a box", Box),
            ("mass: a bounded range", Range),
            ("mass: a bounded range, no inverse", RangeAlone),
            ("never wrong: mass far away", Wide),
            ("gradient: none", Gradient),
            ("gradient, special points: NaN at 0", GradientNaN),
            ("gradient by parameters: none", Slope),
            ("draws: at the ends of an interval", Ends),
            ("log_prob adds up: a constant", Sums)):
        yield Entry(name, lambda d, dtype, seed, c=cls: c(dtype), dims=(2,),
                    precisions=("float64",), perturb=False, train=False,
                    compile=False, stock=True)
