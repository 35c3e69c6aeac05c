"""antsnormflows: the flows, which continue those of normflows.

A flow's forward is from latent to data, inverse the way back; each gives its
own log-determinant.
"""
import torch

import antsnormflows.flows as F
from antsnormflows import nets
from modules import module_entry

LIBRARY, PACKAGE, FRAMEWORK = "antsnormflows", "antsnormflows", "torch"


def entry(name, make, **more):
    return module_entry("flows." + name, make, compile=False, **more)


def mask(d):
    return (torch.arange(d) % 2).to(torch.get_default_dtype())


def mlp(a, b):
    return nets.MLP([a, 16, b], init_zeros=False)


def block(scale_map):
    return lambda d: F.AffineCouplingBlock(
        mlp(d // 2, d), scale_map=scale_map)


def entries():
    still = dict(perturb=False, train=False)
    even = dict(dims=(2, 4))
    yield entry("AffineConstFlow", lambda d: F.AffineConstFlow((d,)),
                dims=(1, 3))
    for kind in ("exp", "sigmoid", "sigmoid_inv"):
        yield entry("AffineCouplingBlock(scale_map='%s')" % kind, block(kind),
                    **even)
    yield entry("AffineCouplingBlock(scale=False)",
                lambda d: F.AffineCouplingBlock(mlp(d // 2, d // 2),
                                                scale=False), **even)
    yield entry("MaskedAffineFlow", lambda d: F.MaskedAffineFlow(
        mask(d), mlp(d, d), mlp(d, d)))
    yield entry("MaskedAffineAutoregressive",
                lambda d: F.MaskedAffineAutoregressive(d, 16))
    yield entry("ActNorm", lambda d: F.ActNorm((d,)),
                start=lambda m, x: m(3 * x + 1), dims=(1, 3))
    yield entry("ActNorm, first batch of deviation 1e-3",
                lambda d: F.ActNorm((d,)),
                start=lambda m, x: m(1e-3 * x + 1), perturb=False,
                train=False, dims=(1, 3))
    for mode in ("shuffle", "swap"):
        yield entry("Permute(mode='%s')" % mode,
                    lambda d, m=mode: F.Permute(d, mode=m), **still)
    for lu in (False, True):
        yield entry("InvertibleAffine(use_lu=%s)" % lu,
                    lambda d, u=lu: F.InvertibleAffine(d, use_lu=u))
    yield entry("LULinearPermute", lambda d: F.LULinearPermute(d))
    for act in ("tanh", "leaky_relu"):
        yield entry("Planar(act='%s')" % act,
                    lambda d, a=act: F.Planar((d,), act=a), back=None,
                    onto=False)
    yield entry("Radial", lambda d: F.Radial((d,)), back=None)
    yield entry("PeriodicWrap(bound=3)", lambda d: F.PeriodicWrap(
        list(range(d)), 3.), domain=("box", -3, 3), onto=False, **still)
    yield entry("PeriodicShift(bound=3, shift=1)", lambda d: F.PeriodicShift(
        list(range(d)), 3., 1.), domain=("box", -3, 3), onto=False, **still)
    yield entry("CoupledRationalQuadraticSpline",
                lambda d: F.CoupledRationalQuadraticSpline(d, 1, 16), box=3.)
    yield entry("AutoregressiveRationalQuadraticSpline",
                lambda d: F.AutoregressiveRationalQuadraticSpline(d, 1, 16),
                box=3.)
    yield entry("CircularCoupledRationalQuadraticSpline(ind_circ=[0])",
                lambda d: F.CircularCoupledRationalQuadraticSpline(
                    d, 1, 16, [0], tail_bound=3.), domain=("box", -3, 3),
                onto=False)
    yield entry("CircularAutoregressiveRationalQuadraticSpline(ind_circ=[0])",
                lambda d: F.CircularAutoregressiveRationalQuadraticSpline(
                    d, 1, 16, [0], tail_bound=3.), domain=("box", -3, 3),
                onto=False)
