"""denmarf: the layers of its masked autoregressive flow, and their sequence.
A layer is called with mode 'direct' or 'inverse'."""
import torch
from denmarf import flows as F

from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

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
    return Entry("flows." + name, build, compile=False, **more)


def entries():
    for act in ("relu", "tanh", "sigmoid"):
        yield entry("MADE(act='%s')" % act, lambda d, a=act: F.MADE(
            d, 16, act=a))
    yield entry("BatchNormFlow", lambda d: F.BatchNormFlow(d), True)
    yield entry("Reverse", F.Reverse, perturb=False, train=False)
    yield entry("FlowSequential(MADE, BatchNormFlow, Reverse)",
                lambda d: F.FlowSequential(F.MADE(d, 16), F.BatchNormFlow(d),
                                           F.Reverse(d), F.MADE(d, 16)), True)
