"""nflows: every public Transform and stock flow.

Direction: transform(x) gives outputs and logabsdet of the same map, a number a
row; inverse() likewise.  Images (n, c, h, w) are rows of c h w numbers here.
Transforms are in eval() mode: BatchNorm has seen one batch, and ActNorm its
first.  Splines without tails map [0, 1] to itself; InputOutsideDomain is what
they raise elsewhere.
"""
import torch
from nflows import distributions, flows, transforms as T
from nflows.nn import nets
from nflows.transforms.nonlinearities import CauchyCDF, CauchyCDFInverse

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "nflows", "nflows", "torch"
HIDDEN = 16


def flow(make, d, dtype, seed, image=None, context=0, warm=False, there=None):
    seeded(dtype, seed)
    t = make(d)
    t.to(torch.get_default_dtype())
    c = torch.linspace(-1, 1, context)[None] if context else None

    def call(f, x, given=image):
        shape = x.shape
        if image:
            x = x.reshape(-1, *given)
        y, ld = f(x, *([] if c is None else [c.expand(len(x), -1)]))
        return y.reshape(shape), ld

    def run(f, given=image):
        return lambda x: call(f, x, given)

    if warm:
        t.train()
        call(t, 1.5 * torch.randn(256, d) + .5)
    t.eval()
    return TorchFlow(run(t), run(t.inverse, there or image), module=t,
                     dtype=dtype)


def entry(name, make, image=None, context=0, warm=False, there=None, **more):
    if image:
        more["dims"] = (image[0] * image[1] * image[2],)
    return Entry(name, lambda d, dtype, seed:
                 flow(make, d, dtype, seed, image, context, warm, there), **more)


def stock(name, make, **more):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        f = make(d).to(torch.get_default_dtype())
        if more.get("warm"):
            f.train()
            f.log_prob(torch.randn(256, d))
        f.eval()
        return TorchFlow(f._transform, f._transform.inverse, module=f,
                         log_prob=f.log_prob, sample=f.sample, dtype=dtype)
    return Entry(name, build, stock=True)


def mask(d):
    m = torch.ones(d)
    m[::2] = -1
    return m


def net(n_in, n_out):
    return nets.ResidualNet(n_in, n_out, HIDDEN)


def coupling(cls, **more):
    return lambda d: cls(mask(d), net, **more)


def image_net(n_in, n_out):
    return nets.ConvResidualNet(n_in, n_out, HIDDEN)


def context_net(n_in, n_out):
    return nets.ResidualNet(n_in, n_out, HIDDEN, context_features=2)


def multiscale(d):
    t = T.MultiscaleCompositeTransform(2)
    hidden = t.add_transform(T.AffineCouplingTransform(mask(d), net), (d,))
    t.add_transform(T.PointwiseAffineTransform(.5, 2.), hidden)
    return t


def entries():
    line = dict(dims=(1, 3))
    fixed = dict(perturb=False, train=False)
    clamped = {c: (1e9, "eps=1e-6 clamps what enters the inverse, by its "
                   "signature") for c in (
        "round-trip", "log-det", "inverse's log-det", "gradient")}
    unit = dict(domain=("box", 0, 1), onto=False, train=False)

    # single coordinates
    yield entry("transforms.Tanh", lambda d: T.Tanh(), onto=False, **line,
                **fixed)
    yield entry("transforms.LogTanh", lambda d: T.LogTanh(), **line, **fixed)
    yield entry("transforms.LogTanh(cut_point=2)", lambda d: T.LogTanh(2),
                **line, **fixed)
    yield entry("transforms.LeakyReLU", lambda d: T.LeakyReLU(), **line,
                **fixed)
    yield entry("transforms.Sigmoid", lambda d: T.Sigmoid(), onto=False,
                documented=clamped, **line, **fixed)
    yield entry("transforms.Sigmoid(learn_temperature=True)",
                lambda d: T.Sigmoid(2, learn_temperature=True), onto=False,
                documented=clamped, dims=(1, 3), perturb=False, train=False)
    yield entry("transforms.Logit", lambda d: T.Logit(), documented=clamped,
                domain=("box", 0, 1), **line, **fixed)
    yield entry("transforms.nonlinearities.CauchyCDF", lambda d: CauchyCDF(),
                onto=False, **line, **fixed)
    yield entry("transforms.nonlinearities.CauchyCDFInverse",
                lambda d: CauchyCDFInverse(), domain=("box", 0, 1), **line,
                **fixed)
    yield entry("transforms.GatedLinearUnit", lambda d: T.GatedLinearUnit(),
                context=1, dims=(1,), **fixed)
    yield entry("transforms.GatedLinearUnit, a gate for three coordinates",
                lambda d: T.GatedLinearUnit(), context=1, dims=(3,), **fixed)
    yield entry("transforms.IdentityTransform",
                lambda d: T.IdentityTransform(), **line, **fixed)
    for shape in ("a float", "shape (1,)", "shape (d,)"):
        yield entry("transforms.PointwiseAffineTransform(scale %s)" % shape,
                    lambda d, shape=shape: T.PointwiseAffineTransform(
                        .3, 1.7 if shape == "a float" else
                        torch.full((1,), 1.7) if shape == "shape (1,)" else
                        torch.linspace(.5, 2, d)), dims=(1, 5), **fixed)
    yield entry("transforms.AffineTransform", lambda d: T.AffineTransform(
        .3, 1.7), dims=(1, 5), **fixed)
    for kind in ("Linear", "Quadratic", "Cubic", "RationalQuadratic"):
        cls = getattr(T, "Piecewise%sCDF" % kind)
        yield entry("transforms.Piecewise%sCDF" % kind,
                    lambda d, c=cls: c((d,)), **line, **unit)
        yield entry("transforms.Piecewise%sCDF(tails='linear')" % kind,
                    lambda d, c=cls: c((d,), tails="linear", tail_bound=3.),
                    box=3., **line)
    yield entry("transforms.PiecewiseRationalQuadraticCDF(identity_init=True)",
                lambda d: T.PiecewiseRationalQuadraticCDF(
                    (d,), tails="linear", tail_bound=3., identity_init=True),
                box=3., **line)
    yield entry("transforms.CompositeCDFTransform",
                lambda d: T.CompositeCDFTransform(
                    T.Sigmoid(), T.PiecewiseRationalQuadraticCDF((d,))),
                documented=clamped, **line)

    # normalisation, linear maps, permutations
    yield entry("transforms.BatchNorm", lambda d: T.BatchNorm(d), warm=True)
    yield entry("transforms.ActNorm", lambda d: T.ActNorm(d), warm=True)
    yield entry("transforms.ActNorm (image)", lambda d: T.ActNorm(2),
                image=(2, 2, 2), warm=True)
    for cache in (False, True):
        of = {"gradient by parameters": (
            1e9, "the matrix is kept in eval(), by using_cache")}
        kept = dict(train=not cache, documented=of if cache else {})
        more = ", using_cache=True" if cache else ""
        yield entry("transforms.NaiveLinear" + ("(using_cache=True)" if cache
                                                else ""),
                    lambda d, u=cache: T.NaiveLinear(d, using_cache=u),
                    **kept)
        yield entry("transforms.LULinear(identity_init=False%s)" % more,
                    lambda d, u=cache: T.LULinear(
                        d, using_cache=u, identity_init=False),
                    **kept)
        yield entry("transforms.QRLinear(num_householder=3%s)" % more,
                    lambda d, u=cache: T.QRLinear(d, 3, using_cache=u),
                    **kept)
        yield entry("transforms.SVDLinear(num_householder=4%s)" % more,
                    lambda d, u=cache: T.SVDLinear(d, 4, using_cache=u),
                    **kept)
    yield entry("transforms.NaiveLinear(orthogonal_initialization=False)",
                lambda d: T.NaiveLinear(d, orthogonal_initialization=False))
    yield entry("transforms.LULinear", lambda d: T.LULinear(d))
    yield entry("transforms.SVDLinear(identity_init=False)",
                lambda d: T.SVDLinear(d, 4, identity_init=False))
    yield entry("transforms.HouseholderSequence",
                lambda d: T.HouseholderSequence(d, 2))
    yield entry("transforms.OneByOneConvolution",
                lambda d: T.OneByOneConvolution(3), image=(3, 2, 2))
    yield entry("transforms.OneByOneConvolution(identity_init=False)",
                lambda d: T.OneByOneConvolution(3, identity_init=False),
                image=(3, 2, 2))
    yield entry("transforms.Permutation",
                lambda d: T.Permutation(torch.arange(d).roll(1)), **fixed)
    yield entry("transforms.RandomPermutation",
                lambda d: T.RandomPermutation(d), **fixed)
    yield entry("transforms.ReversePermutation",
                lambda d: T.ReversePermutation(d), **fixed)
    yield entry("transforms.SqueezeTransform", lambda d: T.SqueezeTransform(),
                image=(2, 2, 2), there=(8, 1, 1), **fixed)
    yield entry("transforms.InverseTransform",
                lambda d: T.InverseTransform(T.LULinear(d)))
    yield entry("transforms.CompositeTransform",
                lambda d: T.CompositeTransform(
                    [T.ReversePermutation(d), T.LULinear(d), T.LogTanh()]))
    yield entry("transforms.MultiscaleCompositeTransform", multiscale,
                dims=(4, 6))

    # coupling
    yield entry("transforms.AffineCouplingTransform",
                coupling(T.AffineCouplingTransform))
    yield entry("transforms.AffineCouplingTransform (context)",
                lambda d: T.AffineCouplingTransform(mask(d), context_net),
                context=2)
    yield entry("transforms.AffineCouplingTransform (image)",
                lambda d: T.AffineCouplingTransform(mask(2), image_net),
                image=(2, 2, 2))
    yield entry("transforms.AffineCouplingTransform(unconditional_transform)",
                lambda d: T.AffineCouplingTransform(
                    mask(d), net, lambda features: T.LULinear(features)))
    yield entry("transforms.AdditiveCouplingTransform",
                coupling(T.AdditiveCouplingTransform))
    for kind in ("Linear", "Quadratic", "Cubic", "RationalQuadratic"):
        cls = getattr(T, "Piecewise%sCouplingTransform" % kind)
        name = "transforms.Piecewise%sCouplingTransform" % kind
        yield entry(name, coupling(cls), **unit)
        yield entry(name + "(tails='linear')",
                    coupling(cls, tails="linear", tail_bound=3.), box=3.)
        yield entry(name + "(apply_unconditional_transform=True)",
                    coupling(cls, tails="linear", tail_bound=3.,
                             apply_unconditional_transform=True), box=3.)
        yield entry(name + " (image)",
                    lambda d, c=cls: c(mask(2), image_net, tails="linear",
                                       tail_bound=3., img_shape=(2, 2, 2)),
                    image=(2, 2, 2), box=3.)

    # autoregressive
    affine = T.MaskedAffineAutoregressiveTransform
    yield entry("transforms.MaskedAffineAutoregressiveTransform",
                lambda d: affine(d, HIDDEN))
    yield entry("transforms.MaskedAffineAutoregressiveTransform"
                "(use_residual_blocks=False)",
                lambda d: affine(d, HIDDEN, use_residual_blocks=False))
    yield entry("transforms.MaskedAffineAutoregressiveTransform"
                "(random_mask=True)",
                lambda d: affine(d, HIDDEN, use_residual_blocks=False,
                                 random_mask=True))
    yield entry("transforms.MaskedAffineAutoregressiveTransform (context)",
                lambda d: affine(d, HIDDEN, context_features=2), context=2)
    yield entry("transforms.MaskedAffineAutoregressiveTransform"
                "(use_batch_norm=True)",
                lambda d: affine(d, HIDDEN, use_batch_norm=True), warm=True)
    name = "transforms.MaskedPiecewise%sAutoregressiveTransform"
    yield entry(name % "Linear",
                lambda d: T.MaskedPiecewiseLinearAutoregressiveTransform(
                    10, d, HIDDEN), **unit)
    yield entry(name % "Cubic",
                lambda d: T.MaskedPiecewiseCubicAutoregressiveTransform(
                    10, d, HIDDEN), **unit)
    for kind in ("Quadratic", "RationalQuadratic"):
        cls = getattr(T, "MaskedPiecewise%sAutoregressiveTransform" % kind)
        yield entry(name % kind, lambda d, c=cls: c(d, HIDDEN), **unit)
        yield entry(name % kind + "(tails='linear')",
                    lambda d, c=cls: c(d, HIDDEN, tails="linear",
                                       tail_bound=3.), box=3.)

    # stock flows
    yield stock("flows.SimpleRealNVP",
                lambda d: flows.SimpleRealNVP(d, HIDDEN, 4, 2))
    yield stock("flows.SimpleRealNVP(use_volume_preserving=True)",
                lambda d: flows.SimpleRealNVP(
                    d, HIDDEN, 4, 2, use_volume_preserving=True))
    yield stock("flows.MaskedAutoregressiveFlow",
                lambda d: flows.MaskedAutoregressiveFlow(d, HIDDEN, 3, 2))
    yield stock("flows.MaskedAutoregressiveFlow(use_random_permutations=True)",
                lambda d: flows.MaskedAutoregressiveFlow(
                    d, HIDDEN, 3, 2, use_random_permutations=True))
    yield stock("flows.MaskedAutoregressiveFlow(use_random_masks=True)",
                lambda d: flows.MaskedAutoregressiveFlow(
                    d, HIDDEN, 3, 2, use_random_masks=True,
                    use_residual_blocks=False))
    yield stock("flows.Flow", lambda d: flows.Flow(
        T.LULinear(d), distributions.StandardNormal([d])))
