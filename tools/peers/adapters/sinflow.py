"""sinflow: transforms and the flow, in NumPy, fitted to 2000 rows of a
crescent.  Each gives its own log-determinant.  What fit makes are no parameters
of an optimiser, so nothing is perturbed or trained, and NumPy has no compiler.
"""
import numpy as np
from sinflow import flow as stock
from sinflow import transforms as T

from protocol import Entry, Flow

LIBRARY, PACKAGE, FRAMEWORK = "sinflow", "sinflow", "plain"


class Fitted(Flow):
    def __init__(self, transform, d, seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(2000, d))
        if d > 1:
            x[:, 1] += x[:, 0] ** 2 / 2
        transform.fit(x)
        self.inner = transform
        self.inverse = lambda z: self.inner.inverse(z)

    def forward(self, x):
        return self.inner.forward(x)


class Projected:
    """Along the diagonal, whose direction is of the data's dimension."""

    def fit(self, x):
        self.inner = T.ProjectedSplineTransform(np.ones(x.shape[1]))
        self.inner.fit(x)

    def forward(self, x):
        return self.inner.forward(x)

    def inverse(self, z):
        return self.inner.inverse(z)


def entry(name, make, **more):
    return Entry(name, lambda d, dtype, seed: Fitted(make(), d, seed),
                 perturb=False, train=False, compile=False, **more)


def entries():
    yield entry("transforms.AffineTransform", T.AffineTransform)
    yield entry("transforms.SplineTransform", T.SplineTransform, dims=(2, 3))
    yield entry("transforms.ProjectedSplineTransform", Projected, dims=(2, 3))
    yield entry("flow.Flow", lambda: stock.Flow(n_transforms=10,
                                                random_state=0))
    yield entry("flow.Flow(whiten=False)", lambda: stock.Flow(
        n_transforms=10, whiten=False, random_state=0))
