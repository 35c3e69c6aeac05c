"""flowtorch: the public bijectors.

A bijector is made lazily, with the shape of an event.  log_abs_det_jacobian(x,
y) keeps the dimensions that its domain does not sum, and the library's own
Flow.log_prob sums those.  So does the adapter, by the same rule.
"""
import torch
from torch.distributions.utils import _sum_rightmost

import flowtorch.bijectors as B
import flowtorch.parameters as P
from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "flowtorch", "flowtorch", "torch"


def flow(make, dtype, seed, d):
    seeded(dtype, seed)
    b = make()(shape=torch.Size([d]))

    def summed(x, y):
        ld = b.log_abs_det_jacobian(x, y)
        return rows_of(_sum_rightmost(ld, 1 - b.domain.event_dim), len(y), y)

    def plain(x):
        return x.as_subclass(torch.Tensor)

    def forward(x):
        y = b.forward(x)
        ld = summed(x, y)
        return plain(y), plain(ld)

    def inverse(y):
        x = b.inverse(y)
        ld = summed(x, y)
        return plain(x), -plain(ld)

    return TorchFlow(forward, inverse, module=b, dtype=dtype)


def entry(name, make, **more):
    return Entry("bijectors." + name,
                 lambda d, dtype, seed: flow(make, dtype, seed, d), **more)


def net():
    return P.DenseAutoregressive(hidden_dims=(16, 16))


def entries():
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False)
    yield entry("Affine", lambda: B.Affine(), **single)
    yield entry("AffineFixed(loc=1, scale=2)",
                lambda: B.AffineFixed(loc=1., scale=2.), **fixed)
    yield entry("ELU", lambda: B.ELU(), onto=False, **fixed)
    yield entry("Exp", lambda: B.Exp(), onto=False, **fixed)
    yield entry("LeakyReLU", lambda: B.LeakyReLU(), **fixed)
    yield entry("Sigmoid", lambda: B.Sigmoid(), onto=False, **fixed)
    yield entry("Softplus", lambda: B.Softplus(), onto=False, **fixed)
    yield entry("Tanh", lambda: B.Tanh(), onto=False, **fixed)
    yield entry("Power", lambda: B.Power(), domain=("above", 0), onto=False,
                **fixed)
    yield entry("Power(exponent=0.5)", lambda: B.Power(exponent=.5),
                domain=("above", 0), onto=False, **fixed)
    yield entry("Permute", lambda: B.Permute(), perturb=False, train=False)
    yield entry("Spline", lambda: B.Spline(), box=3., **single)
    yield entry("Spline(order='quadratic')",
                lambda: B.Spline(order="quadratic"), box=3., **single)
    yield entry("AffineAutoregressive", lambda: B.AffineAutoregressive(net()))
    yield entry("AffineAutoregressive(skip_connections=True)",
                lambda: B.AffineAutoregressive(P.DenseAutoregressive(
                    hidden_dims=(16, 16), skip_connections=True)))
    yield entry("SplineAutoregressive", lambda: B.SplineAutoregressive(net()),
                box=3.)
    yield entry("SplineAutoregressive(order='quadratic')",
                lambda: B.SplineAutoregressive(net(), order="quadratic"),
                box=3.)
    yield entry("Compose([AffineAutoregressive, AffineAutoregressive])",
                lambda: B.Compose([B.AffineAutoregressive(net()),
                                   B.AffineAutoregressive(net())]))
    yield entry("Compose([Affine, Spline])",
                lambda: B.Compose([B.Affine(), B.Spline()]), **single)
    yield entry("Compose([Affine, AffineAutoregressive])",
                lambda: B.Compose([B.Affine(), B.AffineAutoregressive(net())]))
    yield entry("Invert(Affine)", lambda: B.Invert(B.Affine()), **single)
    yield entry("Invert(AffineAutoregressive)",
                lambda: B.Invert(B.AffineAutoregressive(net())))
    yield entry("Invert(Sigmoid)", lambda: B.Invert(B.Sigmoid()),
                domain=("box", 0, 1), **fixed)
