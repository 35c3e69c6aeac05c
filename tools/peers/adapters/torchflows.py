"""torchflows: layers, architectures, matrices and transformers.

Every Bijection's forward and inverse give the result and the log-determinant of
their own direction.  Planar, radial and Sylvester layers have inverse alone: it
is asked as the forward of the table.  A transformer is tried under the
library's ElementwiseBijection (single coordinates) or as the layer that holds
it; images are rows of channels, height and width.  Affine2, the cubic spline
and the quasi-autoregressive block are left out: they end with NotImplementedError
before the first row.  The convolutional continuous flows are those of vectors with
another network, and their trace is an estimate too.
"""
import torch
import torchflows.bijections.continuous.ddnf as ddnf
import torchflows.bijections.continuous.ffjord as ffjord
import torchflows.bijections.continuous.otflow as otflow
import torchflows.bijections.continuous.rnode as rnode
import torchflows.bijections.finite.autoregressive.architectures as A
import torchflows.bijections.finite.autoregressive.layers as L
import torchflows.bijections.finite.matrix as matrix
import torchflows.bijections.finite.multiscale.architectures as multiscale
import torchflows.bijections.finite.multiscale.base as image
import torchflows.bijections.finite.residual.architectures as R
from modules import module_entry, rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry
from torchflows.bijections.finite.autoregressive.layers_base import (
    ElementwiseBijection)
from torchflows.bijections.finite.autoregressive.transformers.combination \
    import sigmoid
from torchflows.bijections.finite.autoregressive.transformers.linear import (
    affine, convolution)
from torchflows.bijections.finite.autoregressive.transformers.spline import (
    linear, linear_rational, rational_quadratic)
from torchflows.bijections.finite.matrix import permutation
from torchflows.bijections.finite.residual import planar, radial, sylvester
from torchflows.bijections.finite.residual.iterative import (
    InvertibleResNetBlock, ResFlowBlock)
from torchflows.bijections.finite.residual.proximal import ProximalResFlowBlock
from torchflows.flows import Flow

LIBRARY, PACKAGE, FRAMEWORK = "torchflows", "torchflows", "torch"
EVENT = (2, 2, 2)  # channels, height, width of an image


def entry(name, cls, way=("forward", "inverse"), start=None, **more):
    return module_entry(name, lambda d: cls((d,)), *way, start=start, **more)


def elementwise(name, transformer, **more):
    return module_entry("ElementwiseBijection(%s)" % name,
                        lambda d: ElementwiseBijection((d,), transformer),
                        dims=(1, 3), **more)


def picture(name, make, start=False, event=EVENT, square=True, **more):
    """A bijection of images, asked on flat rows."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = make(event)

        def by(f):
            def g(x):
                y, ld = f(x.reshape(len(x), *event))
                return y.reshape(len(x), d), rows_of(ld, len(x), x)
            return g

        if start:
            m.train()
            m(torch.randn(64, *event))
        m.eval()
        back = by(m.inverse) if square else None
        return TorchFlow(by(m.forward), back, module=m, dtype=dtype)

    d = event[0] * event[1] * event[2]
    return Entry(name, build, dims=(d,), **more)


class Convolution(torch.nn.Module):
    """The transformer of a 1x1 convolution, parameters of its own."""

    def __init__(self, event):
        super().__init__()
        self.inner = convolution.Invertible1x1ConvolutionTransformer(event)
        self.h = torch.nn.Parameter(torch.randn(*self.inner.parameter_shape))

    def forward(self, x):
        return self.inner.forward(x, self.h.expand(len(x), *self.h.shape))

    def inverse(self, x):
        return self.inner.inverse(x, self.h.expand(len(x), *self.h.shape))


def stock(name, cls, **more):
    """An architecture under the library's Flow."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        f = Flow(cls((d,)))
        f.to(torch.get_default_dtype())
        f.eval()
        return TorchFlow(
            lambda x: f.bijection.forward(x), lambda z: f.bijection.inverse(z),
            module=f, log_prob=f.log_prob, sample=lambda n: f.sample((n,)),
            dtype=dtype)
    return Entry("Flow(%s)" % name, build, stock=True, **more)


def exact_trace(d):
    return otflow.OTFlowBijection((d,), atol=1e-9, rtol=1e-9, solver="dopri5")


STOCHASTIC = {check: (1e9, "the trace is a random estimate, by its "
                      "documentation")
              for check in ("log-det", "inverse's log-det", "mass",
                            "second call", "batch of one", "gradient",
                            "gradient by parameters", "ceiling",
                            "compiled")}
SOLVED = {**STOCHASTIC,
          "round-trip": (1e-2, "an equation solved by steps, forth and back")}


def entries():
    single = dict(dims=(1, 3))
    still = dict(perturb=False, train=False)
    # layers
    for name in ("ElementwiseAffine", "ElementwiseInverseAffine",
                 "ElementwiseScale", "ElementwiseShift"):
        yield entry(name, getattr(L, name), **single)
    yield entry("ElementwiseRQSpline", L.ElementwiseRQSpline, box=50.,
                **single)
    yield entry("ActNorm", L.ActNorm, start=lambda m, x: m(3 * x + 1),
                **single)
    for kind in ("Affine", "InverseAffine", "Shift", "LRS", "RQS",
                 "DeepSigmoidal", "DenseSigmoidal", "DeepDenseSigmoidal"):
        name = kind + "Coupling"
        yield entry(name, getattr(L, name))
    for kind in ("Affine", "RQS", "LRS", "Shift"):
        name = "Linear%sCoupling" % kind
        yield entry(name, getattr(L, name))
    for kind in ("Affine", "RQS", "LRS", "DeepSigmoidal"):
        for way in ("Forward", "Inverse"):
            name = "%s%sMaskedAutoregressive" % (kind, way)
            yield entry(name, getattr(L, name))
    yield entry("UMNNMaskedAutoregressive", L.UMNNMaskedAutoregressive)
    # transformers that no layer holds, and options
    yield elementwise("SafeAffine", affine.SafeAffine)
    yield elementwise("Scale", affine.Scale)
    yield elementwise("Linear", linear.Linear, box=50.)
    yield elementwise("LinearRational", linear_rational.LinearRational,
                      box=50.)
    yield elementwise("RationalQuadratic", rational_quadratic.RationalQuadratic,
                      box=50.)
    yield elementwise("Sigmoid", sigmoid.Sigmoid)
    yield elementwise("DeepSigmoid", lambda event_shape: sigmoid.DeepSigmoid(
        event_shape))
    yield elementwise("DenseSigmoid", sigmoid.DenseSigmoid)
    # matrices
    yield entry("LUMatrix", matrix.LUMatrix)
    yield entry("QRMatrix", matrix.QRMatrix)
    yield entry("HouseholderProductMatrix", matrix.HouseholderProductMatrix)
    yield entry("LowerTriangularInvertibleMatrix",
                matrix.LowerTriangularInvertibleMatrix)
    yield entry("UpperTriangularInvertibleMatrix",
                matrix.UpperTriangularInvertibleMatrix)
    yield entry("RandomPermutationMatrix", permutation.RandomPermutationMatrix,
                **still)
    yield entry("ReversePermutationMatrix", matrix.ReversePermutationMatrix,
                **still)
    # residual: inverse alone
    back = ("inverse", None)
    yield entry("Planar", planar.Planar, back, onto=False)
    yield entry("Radial", radial.Radial, back)
    yield entry("HouseholderSylvester", sylvester.HouseholderSylvester, back,
                onto=False, dims=(2, 4), train=False)
    yield entry("IdentitySylvester", sylvester.IdentitySylvester, back,
                onto=False, dims=(2, 4))
    yield entry("ProximalResFlowBlock", ProximalResFlowBlock)
    yield entry("ProximalResFlow", R.ProximalResFlow)
    yield entry("InvertibleResNetBlock", InvertibleResNetBlock,
                documented=STOCHASTIC, train=False)
    yield entry("ResFlowBlock", ResFlowBlock, documented=STOCHASTIC,
                train=False)
    # continuous
    yield entry("OTFlowBijection(solver='dopri5')",
                lambda e: exact_trace(e[0]))
    for name, cls in (("FFJORD", ffjord.FFJORD), ("RNODE", rnode.RNODE),
                      ("DDNF", ddnf.DDNF)):
        yield entry(name, cls, documented=SOLVED, train=False, perturb=False)
    # architectures
    for name in ("NICE", "RealNVP", "InverseRealNVP", "MAF", "IAF",
                 "CouplingRQNSF", "MaskedAutoregressiveRQNSF", "CouplingLRS",
                 "MaskedAutoregressiveLRS", "InverseAutoregressiveRQNSF",
                 "InverseAutoregressiveLRS", "CouplingDeepSF",
                 "UMNNMAF"):
        yield stock(name, getattr(A, name))
    # images
    yield picture("Invertible1x1ConvolutionTransformer", Convolution)
    yield picture("Squeeze", image.Squeeze, square=False, **still)
    for name in ("NormalizedCheckerboardCoupling",
                 "NormalizedChannelWiseCoupling"):
        yield picture("%s(Affine)" % name,
                      lambda e, c=getattr(image, name): c(
                          e, transformer_class=affine.Affine), start=True)
    yield picture("GlowChannelWiseCoupling(Affine)",
                  lambda e: image.GlowChannelWiseCoupling(
                      e, transformer_class=affine.Affine), start=True,
                  event=(4, 2, 2))
    yield picture("MultiscaleRealNVP", multiscale.MultiscaleRealNVP,
                  start=True, event=(1, 4, 4))
    yield picture("AffineGlow", multiscale.AffineGlow, start=True,
                  event=(1, 4, 4))
