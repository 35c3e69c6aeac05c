"""flow-torch (imported as flow): modules, and transformers under conditioners.

A Flow is called with log_det=True, and with invert=True for the way back.
"""
import torch

from flow.conditioner import MADE, AutoregressiveNaive, CouplingLayers
from flow.flow import Sequential
from flow import modules as M
from flow import transformer as T
from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "flow-torch", "flow-torch", "torch"


def flow(make, dtype, seed, d, start, inverse):
    seeded(dtype, seed)
    m = make(d)
    if start:
        m.train()
        with torch.no_grad():
            m.warm_start(3 * torch.randn(256, d) + 1)
    m.eval()

    def by(**way):
        def f(x):
            y, ld = m(x, log_det=True, **way)
            return y, rows_of(ld, len(x), x)
        return f

    return TorchFlow(by(), by(invert=True) if inverse else None, module=m,
                     dtype=dtype)


def entry(name, make, start=False, inverse=True, **more):
    return Entry(name, lambda d, dtype, seed: flow(make, dtype, seed, d, start,
                                                   inverse),
                 **more)


def entries():
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False, onto=False)
    yield entry("modules.Affine", lambda d: M.Affine(dim=d), **single)
    yield entry("modules.Sigmoid", lambda d: M.Sigmoid(dim=d), domain=(
        "box", -4, 4), **fixed)
    yield entry("modules.Sigmoid(alpha=2)", lambda d: M.Sigmoid(
        dim=d, alpha=2.), domain=("box", -2, 2), **fixed)
    yield entry("modules.Softplus", lambda d: M.Softplus(dim=d), **fixed)
    yield entry("modules.LogSigmoid", lambda d: M.LogSigmoid(dim=d), **fixed)
    yield entry("modules.LogSigmoid(alpha=2)",
                lambda d: M.LogSigmoid(dim=d, alpha=2.), **fixed)
    yield entry("modules.LeakyReLU", lambda d: M.LeakyReLU(dim=d), dims=(1, 3),
                perturb=False, train=False)
    yield entry("modules.BatchNorm", lambda d: M.BatchNorm(dim=d), start=True,
                **single)
    yield entry("modules.BatchNorm(affine=False)",
                lambda d: M.BatchNorm(dim=d, affine=False), start=True,
                perturb=False, train=False, **single)
    yield entry("modules.ActNorm", lambda d: M.ActNorm(dim=d), start=True,
                **single)
    yield entry("modules.Shuffle", lambda d: M.Shuffle(dim=d), perturb=False,
                train=False)
    for name, cond in (("AutoregressiveNaive", AutoregressiveNaive),
                       ("MADE", MADE)):
        yield entry("conditioner.%s(Affine)" % name,
                    lambda d, c=cond: c(T.Affine(dim=d), dim=d))
    yield entry("conditioner.CouplingLayers(Affine)",
                lambda d: CouplingLayers(T.Affine(dim=d // 2), dim=d),
                dims=(2, 4))
    for name in ("NonAffine", "DSF"):
        yield entry("conditioner.MADE(%s)" % name, lambda d, t=getattr(T, name):
                    # slopes of .01 spread the density too far for mass
                    MADE(t(dim=d), dim=d), inverse=False, onto=False)
    yield entry("flow.Sequential(MADE, Shuffle, MADE)", lambda d: Sequential(
        MADE(T.Affine(dim=d), dim=d), M.Shuffle(dim=d),
        MADE(T.Affine(dim=d), dim=d)))
