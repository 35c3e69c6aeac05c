"""pyro.distributions.transforms: what Pyro adds to those of torch.

Direction: t(x) with log_abs_det_jacobian(x, y), as in torch.  Planar, Radial,
Sylvester, Polynomial, BlockAutoregressive and NeuralAutoregressive say that they
have no inverse but of values just computed; there forward alone is asked.
Points of the simplex are given without their last coordinate, matrices by their
free ones.
"""
import pyro.distributions.transforms as T
import torch
from pyro.distributions.torch_transform import ComposeTransformModule
from pyro.nn import DenseNN
from torch import nn

from constrained import in_simplex, matrices, positive, simplex
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "pyro", "pyro-ppl", "torch"
H = [16, 16]


def flow(make, d, dtype, seed, shape, back, context, warm):
    seeded(dtype, seed)
    t = make(d)
    module = t if isinstance(t, nn.Module) else None
    if module is not None:
        module.to(torch.get_default_dtype())
    if warm:
        module.train()
        for _ in range(100):
            t(1.5 * torch.randn(256, d) + .5)
            t._inverse(1.5 * torch.randn(256, d) + .5)
    if module is not None:
        module.eval()
    c = torch.linspace(-1, 1, context) if context else None

    def at():
        return t if c is None else t.condition(c)

    def summed(of, x, v):
        if of.domain.event_dim == 0:  # a number a coordinate, or broadcast
            v = v.expand(x.shape)
        return v.reshape(len(v), -1).sum(1) if v.dim() > 1 else v

    def forward(x):
        of, given = at(), x.reshape(-1, *shape) if shape else x
        y = of(given)
        return y.reshape(len(x), -1), summed(
            of, given, of.log_abs_det_jacobian(given, y))

    def inverse(y):
        of = at().inv
        given = y.reshape(-1, *shape) if shape else y
        x = of(given)
        return x.reshape(len(y), -1), summed(
            of, given, of.log_abs_det_jacobian(given, x))

    return TorchFlow(forward, inverse if back else None, module=module,
                     dtype=dtype)


def entry(name, make, shape=None, back=True, context=0, warm=False, **more):
    if shape:
        size = 1
        for k in shape:
            size *= k
        more["dims"] = (size,)
    return Entry("transforms." + name, lambda d, dtype, seed: flow(
        make, d, dtype, seed, shape, back, context, warm), **more)


def on_simplex(name, *anchor):
    """SimplexToOrderedTransform, of all coordinates but the last."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        t = T.SimplexToOrderedTransform(*map(torch.tensor, anchor))

        def forward(x):
            x = torch.cat([x, 1 - x.sum(-1, keepdim=True)], -1)
            y = t(x)
            return y, t.log_abs_det_jacobian(x, y)

        def inverse(y):
            x = t.inv(y)
            return x[:, :-1], -t.log_abs_det_jacobian(x, y)
        return TorchFlow(forward, inverse, dtype=dtype)
    return Entry("transforms.SimplexToOrderedTransform" + name, build,
                 points=simplex, inside=in_simplex, onto=False, perturb=False,
                 train=False)


def factor(name, k, size):
    """Cholesky's factor of a matrix of that size, by what is below its k-th
    diagonal; of correlations the diagonal is 1."""
    rows, columns = torch.tril_indices(size, size, k)

    def build(d, dtype, seed):
        seeded(dtype, seed)
        t = getattr(T, name)()

        def forward(x):
            m = torch.zeros(len(x), size, size, dtype=x.dtype)
            m[:, rows, columns] = x
            m = m + torch.tril(m, -1).mT
            if k:
                m = m + torch.eye(size, dtype=x.dtype)
            y = t(m)
            return y[:, rows, columns], t.log_abs_det_jacobian(m, y)
        return TorchFlow(forward, dtype=dtype)
    return Entry("transforms." + name, build, dims=(len(rows),), onto=False,
                 points=matrices(k, size), inside=positive(k, size),
                 perturb=False, train=False)


def coupled_spline(d, order="linear", identity=False):
    first, rest, bins = d // 2, d - d // 2, 8
    sizes = [rest * bins, rest * bins, rest * (bins - 1)]
    if order == "linear":
        sizes.append(rest * bins)
    return T.SplineCoupling(d, first, DenseNN(first, H, param_dims=sizes),
                            bins, order=order, identity=identity)


def entries():
    line = dict(dims=(1, 3))
    none = dict(perturb=False, train=False)
    yield entry("AffineAutoregressive", lambda d: T.affine_autoregressive(
        d, hidden_dims=H))
    yield entry("AffineAutoregressive(stable=True)",
                lambda d: T.affine_autoregressive(d, hidden_dims=H,
                                                  stable=True))
    yield entry("ConditionalAffineAutoregressive",
                lambda d: T.conditional_affine_autoregressive(d, 2,
                                                              hidden_dims=H),
                context=2)
    yield entry("AffineCoupling", lambda d: T.affine_coupling(
        d, hidden_dims=H))
    yield entry("AffineCoupling(dim=-2)", lambda d: T.affine_coupling(
        [2, 3], hidden_dims=H, dim=-2), shape=(2, 3))
    yield entry("ConditionalAffineCoupling",
                lambda d: T.conditional_affine_coupling(d, 2, hidden_dims=H),
                context=2)
    yield entry("BatchNorm", lambda d: T.batchnorm(d), warm=True)
    for residual in (None, "normal", "gated"):
        yield entry("BlockAutoregressive(residual=%r)" % residual,
                    lambda d, r=residual: T.block_autoregressive(
                        d, residual=r), back=False,
                    onto=residual is not None)
    for kind in ("ELU", "LeakyReLU", "sigmoid"):
        yield entry("BlockAutoregressive(activation='%s')" % kind,
                    lambda d, k=kind: T.block_autoregressive(
                        d, activation=k), back=False, onto=False)
    for kind in ("sigmoid", "ELU", "LeakyReLU"):
        yield entry("NeuralAutoregressive(activation='%s')" % kind,
                    lambda d, k=kind: T.neural_autoregressive(
                        d, hidden_dims=H, activation=k), back=False,
                    onto=False)
    yield entry("ConditionalNeuralAutoregressive",
                lambda d: T.conditional_neural_autoregressive(
                    d, 2, hidden_dims=H), back=False, onto=False, context=2)
    yield entry("DiscreteCosineTransform",
                lambda d: T.DiscreteCosineTransform(), **none)
    yield entry("DiscreteCosineTransform(smooth=1)",
                lambda d: T.DiscreteCosineTransform(smooth=1.), **none)
    yield entry("ELUTransform", lambda d: T.ELUTransform(), onto=False,
                documented={"round-trip": (1e9, "the inverse adds eps=1e-8, by "
                                                "its signature"),
                            "inverse's log-det": (1e9, "likewise")},
                **line, **none)
    yield entry("LeakyReLUTransform", lambda d: T.LeakyReLUTransform(),
                **line, **none)
    yield entry("GeneralizedChannelPermute",
                lambda d: T.generalized_channel_permute(channels=3),
                shape=(3, 2, 2))
    yield entry("ConditionalGeneralizedChannelPermute",
                lambda d: T.conditional_generalized_channel_permute(
                    2, channels=3), shape=(3, 2, 2), context=2)
    yield entry("HaarTransform", lambda d: T.HaarTransform(), **none)
    yield entry("HaarTransform(flip=True)",
                lambda d: T.HaarTransform(flip=True), **none)
    yield entry("Householder", lambda d: T.householder(d))
    yield entry("Householder(count_transforms=2)",
                lambda d: T.householder(d, count_transforms=2))
    yield entry("ConditionalHouseholder",
                lambda d: T.conditional_householder(d, 2, hidden_dims=H),
                context=2)
    yield entry("LowerCholeskyAffine", lambda d: T.LowerCholeskyAffine(
        torch.ones(d), torch.tril(torch.full((d, d), .3)) + torch.eye(d)),
        **none)
    series = {c: (1e9, "a power series of 8 terms, by its documentation")
              for c in ("log-det", "round-trip", "inverse's log-det")}
    yield entry("MatrixExponential", lambda d: T.matrix_exponential(d),
                documented=series)
    yield entry("ConditionalMatrixExponential",
                lambda d: T.conditional_matrix_exponential(d, 2,
                                                           hidden_dims=H),
                context=2, documented=series)
    yield entry("OrderedTransform", lambda d: T.OrderedTransform(),
                onto=False, **none)
    yield entry("Permute", lambda d: T.permute(d), **none)
    yield entry("Planar", lambda d: T.planar(d), back=False)
    yield entry("ConditionalPlanar", lambda d: T.conditional_planar(
        d, 2, hidden_dims=H), back=False, context=2)
    yield entry("Polynomial", lambda d: T.polynomial(d, hidden_dims=H),
                back=False)
    yield entry("PositivePowerTransform", lambda d: T.PositivePowerTransform(
        torch.tensor(1.7)), **line, **none)
    yield entry("PositivePowerTransform(exponent below 1)",
                lambda d: T.PositivePowerTransform(torch.tensor(.6)), **line,
                **none)
    yield entry("Radial", lambda d: T.radial(d), back=False)
    yield entry("ConditionalRadial", lambda d: T.conditional_radial(
        d, 2, hidden_dims=H), back=False, context=2)
    yield entry("SoftplusTransform", lambda d: T.SoftplusTransform(),
                onto=False, **line, **none)
    for order in ("linear", "quadratic"):
        yield entry("Spline(order='%s')" % order,
                    lambda d, o=order: T.spline(d, order=o), box=3., **line)
        yield entry("SplineAutoregressive(order='%s')" % order,
                    lambda d, o=order: T.spline_autoregressive(
                        d, hidden_dims=H, order=o), box=3.)
        yield entry("SplineCoupling(order='%s')" % order,
                    lambda d, o=order: coupled_spline(d, order=o), box=3.)
        yield entry("ConditionalSpline(order='%s')" % order,
                    lambda d, o=order: T.conditional_spline(
                        d, 2, hidden_dims=H, order=o), box=3., context=2,
                    **line)
    yield entry("SplineCoupling(identity=True)",
                lambda d: coupled_spline(d, identity=True),
                box=3.)
    yield entry("ConditionalSplineAutoregressive",
                lambda d: T.conditional_spline_autoregressive(
                    d, 2, hidden_dims=H), box=3., context=2)
    yield entry("Sylvester", lambda d: T.sylvester(d), back=False)
    yield entry("Sylvester(count_transforms=2)",
                lambda d: T.sylvester(d, count_transforms=2), back=False)
    yield entry("ComposeTransformModule", lambda d: ComposeTransformModule(
        [T.householder(d), T.affine_coupling(d, hidden_dims=H)]))
    yield entry("iterated", lambda d: T.iterated(
        2, T.affine_autoregressive, d, hidden_dims=H))
    yield on_simplex("")
    yield on_simplex("(anchor_point=1)", 1.)
    yield factor("CholeskyTransform", 0, 2)
    yield factor("CorrMatrixCholeskyTransform", -1, 3)
