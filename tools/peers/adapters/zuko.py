"""zuko: every public transform, and every flow that ships.

Direction: t(x) with log_abs_det_jacobian, or call_and_ladj(x), which gives both;
flow().transform maps data to the base, flow().log_prob is over N(0, I) but for
NCSF, whose base is uniform on the circle.  By their documentation:
MonotonicTransform and its children invert by bisection within a bound, to 1e-6;
UnconstrainedMonotonicTransform, UNAF and CNF have the log-determinant of what
they integrate numerically; CNF's tolerances are 1e-6 and 1e-5.
"""
import math

import torch
import zuko
from zuko import flows, transforms as T

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "zuko", "zuko", "torch"
BISECTED = {"round-trip": (1e9, "bisection to 1e-6 within [-10, 10], by its "
                                "documentation"),
            "inverse's log-det": (1e9, "bisection to 1e-6 within [-10, 10], "
                                       "likewise")}
SUMMED = {**BISECTED, "log-det": (
    1e9, "the integral is by quadrature, by its documentation"),
          "gradient": (1e9, "likewise: with more nodes it goes away")}
SOLVED = {"log-det": (1e-2, "an ordinary differential equation to 1e-5"),
          "log_prob adds up": (1e-2, "likewise: steps are of the whole batch"),
          "round-trip": (1e-2, "likewise"),
          "inverse's log-det": (1e-2, "likewise"),
          "batch of one": (1e-2, "likewise: steps are of the whole batch"),
          "gradient": (1e-1, "likewise"),
          "gradient by parameters": (1e-2, "likewise")}


def transform(name, make, event=0, **more):
    """make(d) gives a transform and its parameters, as a user would have from
    a network: transforms are made anew at each call."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        of, theta = make(d)

        def summed(v):
            return v.sum(1) if v.dim() > 1 else v

        def forward(x):
            y, ladj = of().call_and_ladj(x)
            return y, summed(ladj)

        def inverse(y):
            t = of()
            x = t.inv(y)
            return x, summed(t.inv.log_abs_det_jacobian(y, x))

        return TorchFlow(forward, inverse, parameters=theta, dtype=dtype)

    return Entry("transforms." + name, build, **more)


def stock(name, make, context=0, base="normal", **more):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        f = make(d)
        c = torch.linspace(-1, 1, context) if context else None

        def at():
            return f() if c is None else f(c)

        def forward(x):
            return at().transform.call_and_ladj(x)

        def inverse(z):
            t = at().transform
            x, ladj = t.inv.call_and_ladj(z)
            return x, ladj

        normal = base == "normal"
        return TorchFlow(
            forward, inverse, module=f, dtype=dtype,
            log_prob=(lambda x: at().log_prob(x)) if normal else None,
            sample=(lambda n: at().sample((n,))) if normal else None)

    return Entry("flows." + name, build, stock=base == "normal", **more)


def some(*shape):
    return torch.randn(shape) / 2


def gf(components):
    def make(d):
        shift, scale = some(d, components), some(d, components)
        return (lambda: T.GaussianizationTransform(shift, scale),
                [shift, scale])
    return make


def rqs(d):
    w, h, v = some(d, 8), some(d, 8), some(d, 7)
    return lambda: T.MonotonicRQSTransform(w, h, v), [w, h, v]


def one(cls, *shape, **more):
    def make(d):
        theta = some(d, *shape)
        return lambda: cls(theta, **more), [theta]
    return make


def affine(d):
    shift, scale = some(d), some(d)
    return lambda: T.MonotonicAffineTransform(shift, scale), [shift, scale]


def monotonic(d):
    a = some(d)
    return (lambda: T.MonotonicTransform(
        lambda x: x + torch.sigmoid(a) * torch.tanh(x), phi=(a,)), [a])


def unconstrained(d):
    a = some(d)
    return (lambda: T.UnconstrainedMonotonicTransform(
        lambda x: 1 + torch.sigmoid(a) * torch.sin(x), phi=(a,)), [a])


def square(cls):
    def make(d):
        a = some(d, d)
        if cls is T.LULinearTransform:
            a = a + 1.5 * torch.eye(d)
        return lambda: cls(a), [a]
    return make


def autoregressive(d):
    a = some(d, d)

    def meta(x):
        h = torch.tanh(x @ a.tril(-1).T)
        return T.MonotonicAffineTransform(h, h / 2)
    return lambda: T.AutoregressiveTransform(meta, passes=d), [a]


def coupling(d):
    mask = torch.arange(d) % 2 == 0
    a = some(d - mask.sum(), int(mask.sum()))

    def meta(x):
        h = torch.tanh(x @ a.T)
        return T.MonotonicAffineTransform(h, h / 2)
    return lambda: T.CouplingTransform(meta, mask), [a]


def free_form(d):
    a = some(d, d)
    return (lambda: T.FreeFormJacobianTransform(
        lambda t, x: torch.tanh(x @ a.T), phi=(a,)), [a])


def fixed(make):
    return lambda d: (lambda: make(d), [])


def entries():
    line = dict(dims=(1, 3))
    none = dict(perturb=False, train=False)
    yield transform("IdentityTransform", fixed(
        lambda d: T.IdentityTransform()), **line, **none)
    yield transform("CosTransform", fixed(lambda d: T.CosTransform()),
                    domain=("box", 0, math.pi), onto=False, **line, **none)
    yield transform("SinTransform", fixed(lambda d: T.SinTransform()),
                    domain=("box", -math.pi / 2, math.pi / 2), onto=False,
                    **line, **none)
    yield transform("SoftclipTransform", fixed(
        lambda d: T.SoftclipTransform(5.)), onto=False, **line, **none)
    yield transform("CircularShiftTransform", fixed(
        lambda d: T.CircularShiftTransform(1.)), domain=("box", 0, 1),
        onto=False, **line, **none)
    yield transform("SignedPowerTransform", one(T.SignedPowerTransform),
                    **line)
    yield transform("AdditiveTransform", one(T.AdditiveTransform), **line)
    yield transform("MonotonicAffineTransform", affine, **line)
    yield transform("MonotonicRQSTransform", rqs, box=5., **line)
    yield transform("MonotonicTransform", monotonic, documented=BISECTED,
                    **line)
    yield transform("BernsteinTransform", one(T.BernsteinTransform, 14),
                    box=5., documented=BISECTED, **line)
    yield transform("BoundedBernsteinTransform",
                    one(T.BoundedBernsteinTransform, 11), box=5.,
                    documented=BISECTED, **line)
    yield transform("GaussianizationTransform", gf(8), documented=BISECTED,
                    **line)
    yield transform("UnconstrainedMonotonicTransform", unconstrained,
                    documented=SUMMED, **line)
    yield transform("SOSPolynomialTransform",
                    one(T.SOSPolynomialTransform, 3, 5), documented=BISECTED,
                    **line)
    yield transform("AutoregressiveTransform", autoregressive)
    yield transform("CouplingTransform", coupling)
    yield transform("FreeFormJacobianTransform", free_form, documented=SOLVED,
                    train=False)
    yield transform("PermutationTransform", fixed(
        lambda d: T.PermutationTransform(torch.arange(d).roll(1))), **none)
    yield transform("RotationTransform", square(T.RotationTransform))
    yield transform("LULinearTransform", square(T.LULinearTransform))
    yield transform("ComposedTransform", lambda d: (
        lambda: T.ComposedTransform(
            T.DependentTransform(T.SoftclipTransform(5.), 1),
            T.PermutationTransform(torch.arange(d).roll(1))), []),
        onto=False, **none)
    yield transform("DependentTransform", fixed(
        lambda d: T.DependentTransform(T.SoftclipTransform(5.), 1)),
        onto=False, **none)

    for name in ("NICE", "RealNVP", "MAF", "SOSPF", "BPF", "GF"):
        cls = getattr(flows, name)
        more = {"documented": BISECTED} if name in ("SOSPF", "BPF", "GF") \
            else {}
        dims = ((1, 2) if name == "GF" else (2,) if name in ("SOSPF", "BPF")
                else (2, 5))
        yield stock(name, cls, dims=dims, **more)
        yield stock(name + "(context)", lambda d, c=cls: c(d, 2), context=2,
                    dims=(2,), **more)
    yield stock("NSF", flows.NSF, box=5.)
    yield stock("NSF(context)", lambda d: flows.NSF(d, 2), context=2, box=5.,
                dims=(2,))
    yield stock("NSF(passes=2)", lambda d: flows.NSF(d, passes=2), box=5.)
    yield stock("NCSF", flows.NCSF, base="circle", onto=False,
                domain=("box", -math.pi, math.pi), train=False)
    yield stock("MAF(passes=2)", lambda d: flows.MAF(d, passes=2))
    yield stock("MAF(randperm=True)", lambda d: flows.MAF(d, randperm=True))
    yield stock("RealNVP(randmask=True)",
                lambda d: flows.RealNVP(d, randmask=True))
    slow = dict(dims=(2,), precisions=("float64",))
    yield stock("NAF", flows.NAF, documented=BISECTED, **slow)
    yield stock("NAF(randperm=True)", lambda d: flows.NAF(d, randperm=True),
                documented=BISECTED, perturb=False, **slow)
    yield stock("UNAF", flows.UNAF, documented=SUMMED, **slow)
    yield stock("CNF", flows.CNF, documented=SOLVED, **slow)
    yield stock("CNF(exact=False)", lambda d: flows.CNF(d, exact=False),
                perturb=False, **slow, documented={
                    c: (1e9, "an unbiased estimate, by its documentation")
                    for c in ("log-det", "second call", "batch of one",
                              "gradient", "gradient by parameters",
                              "log_prob adds up", "mass", "round-trip",
                              "inverse's log-det", "compiled")})
    yield stock("GF(transforms=1)", lambda d: flows.GF(d, transforms=1),
                documented=BISECTED, dims=(1, 2))
    yield stock("ElementWiseTransform", lambda d: zuko.lazy.Flow(
        flows.gaussianization.ElementWiseTransform(d),
        zuko.lazy.UnconditionalDistribution(
            zuko.distributions.DiagNormal, torch.zeros(d), torch.ones(d),
            buffer=True)))
    yield stock("GeneralCouplingTransform", lambda d: zuko.lazy.Flow(
        flows.coupling.GeneralCouplingTransform(d),
        zuko.lazy.UnconditionalDistribution(
            zuko.distributions.DiagNormal, torch.zeros(d), torch.ones(d),
            buffer=True)))
