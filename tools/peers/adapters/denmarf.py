"""denmarf: the layers of its masked autoregressive flow, and their sequence.
A layer is called with mode 'direct' or 'inverse'.  Its transform of data is in
NumPy, and gives numbers of 32 bits."""
import numpy as np
import torch
from denmarf import flows as F
from denmarf.transform import LogitTransform

from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry, Flow

LIBRARY, PACKAGE, FRAMEWORK = "denmarf", "denmarf", "torch"


def entry(name, make, warm=False, **more):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = make(d)
        if warm:
            m.train()
            with torch.no_grad():
                m(1.5 * torch.randn(256, d) + 1)
        m.eval()

        def by(mode):
            def f(x):
                y, ld = m(x, mode=mode)
                return y, rows_of(ld, len(x), x)
            return f

        return TorchFlow(by("direct"), by("inverse"), module=m, dtype=dtype)
    return Entry("flows." + name, build, **more)


class Logit(Flow):
    """It has no log-determinant of the inverse."""

    def __init__(self, *bounds):
        self.inner = LogitTransform(*bounds)

    def forward(self, x):
        return (self.inner.logit_transform(x).astype(float),
                self.inner.log_jacobian(x))

    def inverse(self, z):
        return self.inner.inverse_logit_transform(z).astype(float), None


def logit(name, bounds, domain):
    return Entry("transform.LogitTransform" + name,
                 lambda d, dtype, seed: Logit(*bounds(d)), dims=(1, 3),
                 precisions=("float32",), domain=domain, onto=False,
                 perturb=False, train=False, compile=False)  # in NumPy


def entries():
    for act in ("relu", "tanh", "sigmoid"):
        yield entry("MADE(act='%s')" % act, lambda d, a=act: F.MADE(
            d, 16, act=a))
    yield entry("BatchNormFlow", lambda d: F.BatchNormFlow(d), True)
    yield entry("Reverse", F.Reverse, perturb=False, train=False)
    yield entry("FlowSequential(MADE, BatchNormFlow, Reverse)",
                lambda d: F.FlowSequential(F.MADE(d, 16), F.BatchNormFlow(d),
                                           F.Reverse(d), F.MADE(d, 16)), True)
    yield logit("(lower_bounds, upper_bounds)", lambda d: (
        np.full(d, -1.), np.full(d, 3.)), ("box", -1, 3))
    yield logit("()", lambda d: (), ("box", 0, 1))
