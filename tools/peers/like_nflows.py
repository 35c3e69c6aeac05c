"""like_nflows.py: the transforms that flowcon and enflows have beside those of
nflows, which they extend, and the ones of nflows that they carry along.

A transform gives outputs and logabsdet by forward(inputs, context), and by
inverse likewise.  Context is one number, 0.3, for all rows.  An image is given by
its shape, a matrix by all entries or by those of its lower triangle.  UnitVector
maps to a sphere, of one dimension more: differences do not see its
log-determinant, and it is left out.
"""
import math

import torch

from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

HIDDEN = 16
CONTEXT = 0.3


def flow(make, dtype, seed, d, context, inverse, warm, image, there):
    seeded(dtype, seed)
    t = make(d)
    t.to(torch.get_default_dtype())

    def by(f, shape=image):
        def g(x):
            c = (torch.full((len(x), 1), CONTEXT, dtype=x.dtype),) \
                if context else ()
            y, ld = f(x.reshape(len(x), *shape) if shape else x, *c)
            return y.reshape(len(x), -1), rows_of(ld, len(x), x)
        return g

    if warm:
        t.train()
        with torch.no_grad():
            t.forward(1.5 * torch.randn(256, d) + .5)
    t.eval()
    back = by(t.inverse, there or image) if inverse else None
    return TorchFlow(by(t.forward), back, module=t, dtype=dtype)


def entry(name, make, context=False, inverse=True, warm=False, image=None,
          there=None, **more):
    if image:
        more["dims"] = (math.prod(image),)
    return Entry("transforms." + name, lambda d, dtype, seed: flow(
        make, dtype, seed, d, context, inverse, warm, image, there), **more)


class Triangle(torch.nn.Module):
    """A transform of lower triangular matrices to symmetric ones, of both the
    entries on and below the diagonal."""

    def __init__(self, t, size):
        super().__init__()
        self.t, self.size = t, size
        self.at = torch.tril_indices(size, size)

    def whole(self, x):
        m = torch.zeros(len(x), self.size, self.size, dtype=x.dtype)
        m[:, self.at[0], self.at[1]] = x
        return m

    def forward(self, x):
        y, ld = self.t.forward(self.whole(x))
        return y[:, self.at[0], self.at[1]], ld

    def inverse(self, y):
        m = self.whole(y)
        x, ld = self.t.inverse(m + torch.tril(m, -1).mT)
        return x[:, self.at[0], self.at[1]], ld


def mask(d):
    return torch.arange(d) % 2 * 2 - 1


def entries_of(T, nets, densenet, deep):
    """T: the library's transforms; nets: its ResidualNet; densenet(d): the
    network of its residual block; deep: MaskedDeepSigmoidTransform."""
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False)
    quadrature = {check: (1e9, "an integral by nb_steps = 20 nodes, of a "
                          "derivative that is exact")
                  for check in ("log-det", "mass", "inverse's log-det",
                                "gradient", "gradient by parameters")}
    clamped = {check: (1e9, "eps = 1e-6 clamps what enters the inverse, by its "
                       "signature")
               for check in ("round-trip", "log-det", "inverse's log-det",
                             "gradient")}
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
    yield entry("Sigmoid", lambda d: T.Sigmoid(), onto=False,
                documented=clamped, **fixed)
    yield entry("Logit", lambda d: T.Logit(), domain=("box", 0, 1),
                documented=clamped, **fixed)
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
        masked = getattr(T, "MaskedPiecewise%sAutoregressiveTransform" % kind)
        of_line = kind in ("Quadratic", "RationalQuadratic")
        yield entry("MaskedPiecewise%sAutoregressiveTransform" % kind + (
            "(tails='linear')" if of_line else ""),
                    lambda d, c=masked, m=tails if of_line else {}: c(
                        features=d, hidden_features=HIDDEN, num_bins=8, **m),
                    **dict(box=3.) if of_line else dict(
                        domain=("box", 0, 1), onto=False))
    # what stands in the modules
    yield entry("nonlinearities.CauchyCDF", lambda d: T.nonlinearities.
                CauchyCDF(), onto=False, **fixed)
    yield entry("nonlinearities.CauchyCDFInverse", lambda d: T.nonlinearities.
                CauchyCDFInverse(), domain=("box", 0, 1), **fixed)
    yield entry("CompositeCDFTransform", lambda d: T.CompositeCDFTransform(
        T.Sigmoid(), T.PiecewiseRationalQuadraticCDF((d,))), onto=False,
                documented=clamped, **single)
    yield entry("GatedLinearUnit", lambda d: T.GatedLinearUnit(), context=True,
                dims=(1,), perturb=False, train=False)
    yield entry("GatedLinearUnit, a gate for three coordinates",
                lambda d: T.GatedLinearUnit(), context=True, dims=(3,),
                perturb=False, train=False)
    # its inverse raises NotImplementedError, and says so
    yield entry("autoregressive.deep_sigmoid.MaskedDeepSigmoidTransform",
                lambda d: deep(d, HIDDEN), inverse=False, onto=False)
    yield entry("conditional.AffineConditionalTransform",
                lambda d: T.conditional.AffineConditionalTransform(
                    d, HIDDEN, 1), context=True)
    yield entry("conditional.PiecewiseLinearConditionalTransform",
                lambda d: T.conditional.PiecewiseLinearConditionalTransform(
                    8, d, HIDDEN, 1), context=True, domain=("box", -4, 4),
                onto=False)
    yield entry("ConditionalPlanarTransform",
                lambda d: T.ConditionalPlanarTransform(d, HIDDEN, 1),
                context=True, inverse=False, onto=False)
    yield entry("ConditionalUMNNTransform",
                lambda d: T.ConditionalUMNNTransform(d, HIDDEN, 1),
                context=True, documented=quadrature, train=False)
    # images and matrices
    yield entry("OneByOneConvolution", lambda d: T.OneByOneConvolution(3),
                image=(3, 2, 2))
    yield entry("SqueezeTransform", lambda d: T.SqueezeTransform(),
                image=(2, 2, 2), there=(8, 1, 1), perturb=False, train=False)
    for name in ("TransformDiagonal", "TransformDiagonalExponential",
                 "TransformDiagonalSoftplus"):
        yield entry("matrix." + name, lambda d, n=name: getattr(T.matrix, n)(2),
                    image=(2, 2), onto=False, perturb=False, train=False)
    yield entry("matrix.CholeskyOuterProduct", lambda d: Triangle(
        T.matrix.CholeskyOuterProduct(2), 2), dims=(3,), domain=("above", 0),
                onto=False, perturb=False, train=False, documented={
                    "round-trip": (1e-4, "eps = 1e-6 is added in the inverse")})
