"""LINFA (linfa-vi): the flows of linfa.maf, and its change of variables.

forward(x) gives u and log-determinants a coordinate, to be summed, as log_prob
does; the package sets the default precision to double when it is imported.
"""
import torch
from linfa import maf
from linfa.transform import Transformation

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "linfa", "linfa-vi", "torch"


def flow(make, warm=False):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = make(d)
        m.to(torch.get_default_dtype())
        if warm:
            m.train()
            with torch.no_grad():
                m(1.5 * torch.randn(256, d))
        m.eval()

        def by(f):
            def g(x):
                y, ld = f(x)
                return y, ld.expand(len(x), d).sum(1)
            return g

        return TorchFlow(by(m.forward), by(m.inverse), module=m, dtype=dtype,
                         log_prob=m.log_prob if hasattr(m, "log_prob") else
                         None)
    return build


def change(kind):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = Transformation([[kind, -7., 7., 1., 15.]] * d)
        return TorchFlow(lambda x: (m(x), m.compute_log_jacob_func(x)[:, 0]),
                         dtype=dtype)
    return build


def entries():
    for order in ("sequential", "random"):
        yield Entry("maf.MAF(input_order='%s')" % order, flow(
            lambda d, o=order: maf.MAF(2, d, 32, 1, input_order=o,
                                       batch_norm=False)),
                    stock=True)
    yield Entry("maf.MAF(batch_norm=True)", flow(
        lambda d: maf.MAF(2, d, 32, 1), True), stock=True)
    yield Entry("maf.RealNVP(batch_norm=False)", flow(
        lambda d: maf.RealNVP(2, d, 32, 1, batch_norm=False)), stock=True)
    yield Entry("maf.RealNVP(batch_norm=True)", flow(
        lambda d: maf.RealNVP(2, d, 32, 1), True), stock=True)
    for kind in ("identity", "tanh", "linear", "exp"):
        yield Entry("transform.Transformation('%s')" % kind, change(kind),
                    dims=(1, 3), onto=False, perturb=False, train=False)
