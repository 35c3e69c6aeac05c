"""like_nflows.py: the transforms that flowcon and enflows have beside those of
nflows, which they extend, and the ones of nflows that they carry along.

A transform gives outputs and logabsdet by forward(inputs, context), and by
inverse likewise.  Context is one number, 0.3, for all rows.
"""
import torch

from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

HIDDEN = 16
CONTEXT = 0.3


def flow(make, dtype, seed, d, context, inverse, warm):
    seeded(dtype, seed)
    t = make(d)
    t.to(torch.get_default_dtype())

    def by(f):
        def g(x):
            c = (torch.full((len(x), 1), CONTEXT, dtype=x.dtype),) \
                if context else ()
            y, ld = f(x, *c)
            return y, rows_of(ld, len(x), x)
        return g

    if warm:
        t.train()
        with torch.no_grad():
            t.forward(1.5 * torch.randn(256, d) + .5)
    t.eval()
    return TorchFlow(by(t.forward), by(t.inverse) if inverse else None,
                     module=t, dtype=dtype)


def entry(name, make, context=False, inverse=True, warm=False, **more):
    return Entry("transforms." + name, lambda d, dtype, seed: flow(
        make, dtype, seed, d, context, inverse, warm), compile=False, **more)


def mask(d):
    return torch.arange(d) % 2 * 2 - 1


def entries_of(T, nets, densenet):
    """T: the library's transforms; nets: its ResidualNet; densenet(d): the
    network of its residual block."""
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False)
    quadrature = {check: (1e-3, "an integral by nb_steps = 20 nodes")
                  for check in ("log-det", "round-trip", "mass",
                                "inverse's log-det")}
    bisected = {check: (1e-3, "the inverse is a bisection of 50 steps")
                for check in ("round-trip", "inverse's log-det")}

    def net(a, b):
        return nets.ResidualNet(a, b, HIDDEN)

    # what they add
    yield entry("Exp", lambda d: T.Exp(), onto=False, **fixed)
    yield entry("Softplus", lambda d: T.Softplus(), onto=False, **fixed)
    yield entry("LeakyReLU", lambda d: T.LeakyReLU(), **single)
    yield entry("LeakyReLU(negative_slope=0.5)", lambda d: T.LeakyReLU(.5),
                **single)
    yield entry("ScalarScale", lambda d: T.ScalarScale(2.), **single)
    yield entry("ScalarShift", lambda d: T.ScalarShift(.5), **single)
    yield entry("SumOfSigmoids", lambda d: T.SumOfSigmoids(d),
                documented=bisected, **single)
    yield entry("DeepSigmoid", lambda d: T.DeepSigmoid(d), inverse=False,
                onto=False, **single)
    yield entry("PlanarTransform", lambda d: T.PlanarTransform(d),
                inverse=False, onto=False)
    yield entry("RadialTransform", lambda d: T.RadialTransform(d),
                inverse=False)
    yield entry("SylvesterTransform", lambda d: T.SylvesterTransform(
        d, device="cpu"), inverse=False, onto=False)
    yield entry("MaskedShiftAutoregressiveTransform",
                lambda d: T.MaskedShiftAutoregressiveTransform(d, HIDDEN))
    yield entry("MaskedSumOfSigmoidsTransform",
                lambda d: T.MaskedSumOfSigmoidsTransform(d, HIDDEN),
                documented=bisected)
    yield entry("MaskedUMNNAutoregressiveTransform",
                lambda d: T.MaskedUMNNAutoregressiveTransform(d, HIDDEN),
                documented=quadrature, train=False)
    yield entry("UMNNCouplingTransform",
                lambda d: T.UMNNCouplingTransform(mask(d), net),
                documented=quadrature, train=False)
    yield entry("iResBlock", lambda d: T.iResBlock(densenet(d)),
                documented={"round-trip": (1e-2, "a fixed point to 1e-5")},
                train=False)
    for name in ("Shift", "Scale", "LU", "Orthogonal", "SVD",
                 "SumOfSigmoids"):
        cls = getattr(T, "Conditional%sTransform" % name)
        yield entry("Conditional%sTransform" % name,
                    lambda d, c=cls: c(d, HIDDEN, 1), context=True,
                    documented=bisected if name[0:3] == "Sum" else {})
    yield entry("ConditionalRotationTransform",
                lambda d: T.ConditionalRotationTransform(2, HIDDEN, 1),
                context=True, dims=(2,))
    yield entry("ConditionalSylvesterTransform",
                lambda d: T.ConditionalSylvesterTransform(2, HIDDEN, 1),
                context=True, dims=(2,), inverse=False, onto=False)
    yield entry("ConditionalPiecewiseRationalQuadraticTransform",
                lambda d: T.ConditionalPiecewiseRationalQuadraticTransform(
                    features=d, hidden_features=HIDDEN, context_features=1,
                    tails="linear", tail_bound=3.), context=True, box=3.)
    # what they carry along
    yield entry("Tanh", lambda d: T.Tanh(), onto=False, **fixed)
    yield entry("LogTanh", lambda d: T.LogTanh(), **fixed)
    yield entry("Sigmoid", lambda d: T.Sigmoid(), onto=False, **fixed)
    yield entry("Logit", lambda d: T.Logit(), domain=("box", 0, 1), **fixed)
    yield entry("PointwiseAffineTransform",
                lambda d: T.PointwiseAffineTransform(.5, 2.), **fixed)
    yield entry("BatchNorm", lambda d: T.BatchNorm(d), warm=True)
    yield entry("ActNorm", lambda d: T.ActNorm(d), warm=True)
    yield entry("NaiveLinear", lambda d: T.NaiveLinear(d))
    yield entry("LULinear", lambda d: T.LULinear(d))
    yield entry("QRLinear", lambda d: T.QRLinear(d, 2))
    yield entry("SVDLinear", lambda d: T.SVDLinear(d, 2))
    yield entry("HouseholderSequence", lambda d: T.HouseholderSequence(d, 2))
    yield entry("RandomPermutation", lambda d: T.RandomPermutation(d),
                perturb=False, train=False)
    yield entry("ReversePermutation", lambda d: T.ReversePermutation(d),
                perturb=False, train=False)
    yield entry("MaskedAffineAutoregressiveTransform",
                lambda d: T.MaskedAffineAutoregressiveTransform(d, HIDDEN))
    yield entry("AffineCouplingTransform",
                lambda d: T.AffineCouplingTransform(mask(d), net))
    yield entry("AdditiveCouplingTransform",
                lambda d: T.AdditiveCouplingTransform(mask(d), net))
    for kind in ("Linear", "Quadratic", "Cubic", "RationalQuadratic"):
        cdf = getattr(T, "Piecewise%sCDF" % kind)
        coupling = getattr(T, "Piecewise%sCouplingTransform" % kind)
        tails = dict(tails="linear", tail_bound=3.)
        yield entry("Piecewise%sCDF(tails='linear')" % kind,
                    lambda d, c=cdf: c((d,), **tails), box=3., **single)
        yield entry("Piecewise%sCouplingTransform(tails='linear')" % kind,
                    lambda d, c=coupling: c(mask(d), net, **tails), box=3.)
