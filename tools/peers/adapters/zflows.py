"""zflows: the stock flows, and the transforms of zflows.core."""
import torch
from zflows.core import flows as lazy
from zflows.core import transforms as T
import zflows.flow as stock
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "zflows", "zflows", "torch"


def flow(make, dtype, seed, d):
    seeded(dtype, seed)
    m = make(d)
    m.to(torch.get_default_dtype())
    m.eval()

    def transform():
        return m.t() if hasattr(m, "t") and isinstance(m, stock.Flow) else m()

    def forward(x):
        y, ld = transform().call_and_ladj(x)
        return y, ld

    def inverse(y):
        t = transform()
        x = t.inv(y)
        return x, -t.call_and_ladj(x)[1]

    return TorchFlow(forward, inverse, module=m, dtype=dtype)


class Holder(torch.nn.Module):
    """A transform made of parameters, lazily."""

    def __init__(self, make, *theta):
        super().__init__()
        self.make = make
        self.theta = torch.nn.ParameterList(theta)

    def forward(self):
        return self.make(*self.theta)


def summed(t):
    return T.DependentTransform(t, 1)


def entry(name, make, **more):
    return Entry(name, lambda d, dtype, seed: flow(make, dtype, seed, d),
                 **more)


def holder(make, *shapes):
    return lambda d: Holder(make, *[torch.randn(d, *s) for s in shapes])


def square(make):
    return lambda d: Holder(make, torch.eye(d) + torch.randn(d, d) / 4)


def entries():
    single = dict(dims=(1, 3))
    rk4 = {"round-trip": (1e9, "nt fixed steps of a Runge-Kutta method"),
           "log-det": (1e9, "nt fixed steps of a Runge-Kutta method"),
           "inverse's log-det": (1e9, "nt fixed steps"),
           "mass": (1e9, "nt fixed steps")}

    def box(d):
        return dict(a=torch.full((d,), -3.), b=torch.full((d,), 3.))

    yield entry("NSF", lambda d: stock.NSF(**box(d)), box=3.)
    yield entry("NSF(randmask=False)",
                lambda d: stock.NSF(randmask=False, **box(d)), box=3.)
    yield entry("NCSF", lambda d: stock.NCSF(**box(d)), domain=("box", -3, 3),
                onto=False)
    yield entry("CNF", lambda d: stock.CNF(d), documented=rk4, train=False)
    yield entry("OTFlow", lambda d: stock.OTFlow(d), documented=rk4,
                train=False)
    yield entry("RealNVP", lambda d: stock.RealNVP(d))
    for mixing in ("rotation", "lu"):
        yield entry("RealNVP(mixing='%s')" % mixing,
                    lambda d, m=mixing: stock.RealNVP(d, mixing=m))
    yield entry("core.AdditiveTransform",
                holder(lambda b: summed(T.AdditiveTransform(b)), ()),
                **single)
    yield entry("core.MonotonicAffineTransform", holder(
        lambda b, a: summed(T.MonotonicAffineTransform(b, a)), (), ()),
                **single)
    yield entry("core.MonotonicRQSTransform(bound=3)", holder(
        lambda w, h, v: summed(T.MonotonicRQSTransform(w, h, v, bound=3.)),
        (8,), (8,), (7,)), box=3., **single)
    yield entry("core.MonotonicRQSTransform(bound of shape (d,))", holder(
        lambda w, h, v: summed(T.MonotonicRQSTransform(
            w, h, v, bound=torch.full((len(w),), 3., dtype=w.dtype))),
        (8,), (8,), (7,)), box=3., **single)
    yield entry("core.CircularRQSTransform(bound=3)", holder(
        lambda w, h, v: summed(lazy.CircularRQSTransform(w, h, v, bound=3.)),
        (8,), (8,), (7,)), domain=("box", -3, 3), onto=False, **single)
    yield entry("core.CircularShiftTransform(bound=3)", lambda d: Holder(
        lambda: summed(T.CircularShiftTransform(3.))), domain=("box", -3, 3),
                onto=False, perturb=False, train=False, **single)
    yield entry("core.RotationTransform", square(T.RotationTransform))
    yield entry("core.LULinearTransform", square(T.LULinearTransform))
    yield entry("core.MaskedAutoregressiveTransform",
                lambda d: lazy.MaskedAutoregressiveTransform(d))
    yield entry("core.GeneralCouplingTransform",
                lambda d: lazy.GeneralCouplingTransform(
                    d, torch.arange(d) % 2 == 0))
