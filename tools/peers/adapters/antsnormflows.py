"""antsnormflows: the flows and the transforms of data, which continue those of
normflows.

A flow's forward is from latent to data, inverse the way back; each gives its
own log-determinant.  Left out: Markov chains (MetropolisHastings, Hamiltonian),
Split and Merge outside of the blocks that hold them, the models of its core,
which add the layers' numbers, and Residual by a series, an estimate by name.
"""
import torch

import antsnormflows.flows as F
from antsnormflows import nets
from antsnormflows import transforms
from modules import Given, module_entry

LIBRARY, PACKAGE, FRAMEWORK = "antsnormflows", "antsnormflows", "torch"


def entry(name, make, **more):
    return module_entry("flows." + name, make, **more)


def one_hot(x):
    """Class 1 of three."""
    return torch.eye(3, dtype=x.dtype)[1].expand(len(x), 3)


def of_class(d):
    f = F.CCAffineConst(d, 3)
    for p in f.parameters():
        torch.nn.init.normal_(p, std=0.5)
    return Given(f, y=one_hot)


def net(d):
    """Of Lipschitz constant below 1."""
    return torch.nn.Sequential(*[
        m for k in range(2) for m in (torch.nn.utils.parametrizations.
                                      spectral_norm(torch.nn.Linear(d, d)),
                                      torch.nn.Tanh())])


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
    # images and volumes, transforms of data
    small, volume = (4, 2, 2), (2, 1, 2, 2)
    for lu in (False, True):
        yield entry("Invertible1x1Conv(use_lu=%s)" % lu,
                    lambda d, u=lu: F.Invertible1x1Conv(4, use_lu=u),
                    image=small)
        yield entry("Invertible1x1x1Conv(use_lu=%s)" % lu,
                    lambda d, u=lu: F.Invertible1x1x1Conv(2, use_lu=u),
                    image=volume)
    yield entry("Squeeze2d", lambda d: F.Squeeze2d(), image=small,
                there=(1, 4, 4), **still)
    yield entry("Squeeze3d", lambda d: F.Squeeze3d(), image=(8, 1, 1, 1),
                there=(1, 2, 2, 2), **still)
    for name, more in (("", {}), ("(scale_map='sigmoid')",
                                  dict(scale_map="sigmoid")),
                       ("(split_mode='checkerboard')",
                        dict(split_mode="checkerboard")),
                       ("(use_lu=False)", dict(use_lu=False))):
        yield entry("GlowBlock2d" + name, lambda d, m=more: F.GlowBlock2d(
            4, 16, init_zeros=False, **m), image=small,
                    start=lambda m, x: m(x))
    yield entry("GlowBlock3d", lambda d: F.GlowBlock3d(2, 8, init_zeros=False),
                image=volume, start=lambda m, x: m(x))
    yield entry("AffineCouplingBlock(scale_map='tanh')", block("tanh"), **even)
    yield entry("AffineCouplingBlock(t_cap=1)", lambda d: F.AffineCouplingBlock(
        mlp(d // 2, d), t_cap=1.), **even)
    for mode in ("checkerboard", "checkerboard_inv"):
        yield entry("AffineCouplingBlock(split_mode='%s')" % mode,
                    lambda d, m=mode: F.AffineCouplingBlock(
                        mlp(d // 2, d), split_mode=m), **even)
    yield entry("CCAffineConst", of_class, dims=(1, 3))
    # x is a batch: its log-determinant is for its mean and variance as they are
    batch = "of the batch at hand, whose moments are held"
    yield entry("BatchNorm", lambda d: F.BatchNorm(), dims=(1, 3), documented={
        c: (1e9, batch) for c in ("log-det", "batch of one", "mass", "gradient",
                                  "inverse's log-det")}, **still)
    fixed_point = {"round-trip": (1e-2, "a fixed point iteration to 1e-5"),
                   "inverse's log-det": (1e-2, "likewise")}
    # perturbed, a spectral norm by one power iteration is no bound any more
    yield entry("Residual(reverse=False, brute_force=True)",
                lambda d: F.Residual(net(d), reverse=False, brute_force=True),
                dims=(2,), perturb=False, train=False, documented=fixed_point)
    yield entry("Composite", lambda d: F.Composite(
        [F.LULinearPermute(d), F.MaskedAffineFlow(mask(d), mlp(d, d),
                                                  mlp(d, d))]))
    yield entry("Reverse", lambda d: F.Reverse(F.MaskedAffineFlow(
        mask(d), mlp(d, d), mlp(d, d))))
    yield module_entry("transforms.Logit", lambda d: transforms.Logit(),
                       onto=False, dims=(1, 3), **still)
    yield module_entry("transforms.Shift", lambda d: transforms.Shift(),
                       dims=(1, 3), **still)
