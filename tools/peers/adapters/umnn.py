"""UMNN: the stock flow and the monotonic network.

compute_log_jac gives the diagonal of the Jacobian, compute_ll the density over
N(0, I); invert is a search of iter rounds of ten points, without
log-determinant.
z is an integral by nb_steps nodes, of a derivative that is exact.
"""
import contextlib
import io

import torch
from UMNN import MonotonicNN, UMNNMAFFlow

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "UMNN", "umnn", "torch"
STEPS = {check: (1e9, "an integral by nb_steps nodes")
         for check in ("log-det", "mass", "inverse's log-det", "ceiling",
                       "gradient")}
SEARCH = {"round-trip": (1e9, "a search of iter = 10 rounds"), **STEPS}


def flow(**arguments):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = UMNNMAFFlow(nb_in=d, hidden_derivative=[16, 16],
                        hidden_embedding=[16, 16], embedding_s=4, **arguments)
        m.to("cpu")
        m.eval()

        def forward(x):
            return m(x), m.compute_log_jac(x).sum(1)

        def inverse(z):
            with contextlib.redirect_stdout(io.StringIO()):
                return m.invert(z), None

        return TorchFlow(forward, inverse, module=m, dtype=dtype,
                         log_prob=lambda x: m.compute_ll(x)[0])
    return build


class Single(torch.nn.Module):
    """A monotonic network of one variable, with its derivative."""

    def __init__(self):
        super().__init__()
        self.net = MonotonicNN(2, [16, 16], nb_steps=50)

    def forward(self, x):
        h = torch.zeros_like(x)
        scale = torch.exp(self.net.net(h)[:, 1])
        return self.net(x, h), torch.log(scale * self.net.integrand(x, h)[:, 0])


def single(d, dtype, seed):
    seeded(dtype, seed)
    m = Single()
    return TorchFlow(m, module=m, dtype=dtype)


def entries():
    for solver in ("CC", "CCParallel"):
        yield Entry("UMNNMAFFlow(solver='%s')" % solver, flow(solver=solver),
                    stock=True, documented=SEARCH,
                    # the same function, one node after the other
                    train=solver == "CCParallel")
    yield Entry("UMNNMAFFlow(nb_flow=2)", flow(nb_flow=2, solver="CCParallel"),
                stock=True, documented=SEARCH)
    yield Entry("MonotonicNN", single, dims=(1,), documented=STEPS,
                onto=False)
