"""torch.distributions.transforms: every public Transform that maps R^d, or a
subset of it, to as many dimensions.

Direction: t(x), with log_abs_det_jacobian(x, y), which has the shape of a batch
without the transform's event dimensions: sums over the rest are the adapter's.
For maps whose values live on a surface (a simplex, correlations) the
log-determinant is, by the source, that of their free coordinates.
"""
import torch
from torch.distributions import transforms as T

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "torch.distributions", "torch", "torch"


def flow(make, dtype, seed, d):
    """make(d) -> transform, parameters."""
    seeded(dtype, seed)
    t, theta = make(d)

    def summed(v):
        return v.reshape(v.shape[0], -1).sum(1) if v.dim() > 1 else v

    def forward(x):
        y = t(x)
        return y, summed(t.log_abs_det_jacobian(x, y))

    def inverse(y):
        x = t.inv(y)
        return x, summed(t.inv.log_abs_det_jacobian(y, x))

    return TorchFlow(forward, inverse, dtype=dtype, parameters=theta)


def entry(name, make, **more):
    return Entry("transforms." + name,
                 lambda d, dtype, seed: flow(make, dtype, seed, d), **more)


def affine(shape, event_dim):
    def make(d):
        size = {"()": (), "(1,)": (1,), "(d,)": (d,)}[shape]
        loc, log_scale = torch.randn(size), torch.randn(size) / 2
        scale = log_scale.exp()
        return T.AffineTransform(loc, scale, event_dim=event_dim), [loc, scale]
    return make


def plain(cls, **arguments):
    return lambda d: (cls(**arguments), [])


def entries():
    single = dict(dims=(1, 3), perturb=False, train=False)
    for event_dim in (0, 1):
        for shape in ("()", "(1,)", "(d,)"):
            yield entry("AffineTransform(scale of shape %s, event_dim=%d)"
                        % (shape, event_dim), affine(shape, event_dim),
                        dims=(1, 5), perturb=False, train=False)
    yield entry("AffineTransform(scale a float, event_dim=1)",
                lambda d: (T.AffineTransform(.5, 2., event_dim=1), []),
                dims=(1, 5), perturb=False, train=False)
    yield entry("ExpTransform", plain(T.ExpTransform), onto=False, **single)
    yield entry("SigmoidTransform", plain(T.SigmoidTransform), onto=False,
                **single)
    yield entry("TanhTransform", plain(T.TanhTransform), onto=False, **single)
    yield entry("SoftplusTransform", plain(T.SoftplusTransform), onto=False,
                **single)
    yield entry("PowerTransform(exponent=2.5)",
                lambda d: (T.PowerTransform(torch.tensor(2.5)), []),
                domain=("above", 0), onto=False, **single)
