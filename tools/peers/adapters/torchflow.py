"""torchflow: the modules that keep the shape of (n, channels, length) rows.

encode_ and decode_ give the data and the log-determinant that encode and decode
add to a flow's.  Rows are (n, d, 1): channels, one position; or (n, d / 2, 2).
"""
import torch
import torchflow.flow as F
from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "torchflow", "torchflow", "torch"


def flow(make, dtype, seed, d, positions, start):
    seeded(dtype, seed)
    m = make(d // positions)

    def by(name):
        def f(x):
            state = F.Flow(x.reshape(len(x), d // positions, positions))
            state.logdet = state.logdet.to(x.dtype)
            out = getattr(m, name)(state)
            return (out.data.reshape(len(x), d),
                    rows_of(out.logdet, len(x), x))
        return f

    if start:
        with torch.no_grad():
            by("encode")(start(torch.randn(256, d)))
    m.eval()
    return TorchFlow(by("encode"), by("decode"), module=m, dtype=dtype)


def entry(name, make, positions=1, start=None, **more):
    if positions > 1:
        more["dims"] = (4, 8)
    return Entry("flow." + name, lambda d, dtype, seed: flow(
        make, dtype, seed, d, positions, start), **more)


def net(inputs, outputs):
    return torch.nn.Sequential(torch.nn.Conv1d(inputs, 8, 1), torch.nn.Tanh(),
                               torch.nn.Conv1d(8, outputs, 1))


def wide(x):
    """A first batch of standard deviation 5: ActNorm takes it up."""
    return 5 * x + 1


def entries():
    for positions, words in ((1, ""), (2, ", 2 positions")):
        for name in ("FlowConv1x1", "FlowConv1x1Fixed", "FlowConv1x1LU"):
            cls = getattr(F, name)
            still = dict(perturb=False, train=False) if "Fixed" in name else {}
            yield entry(name + words, lambda d, c=cls: c(d), positions, **still)
            yield entry(name + "(orthogonal_init=False)" + words,
                        lambda d, c=cls: c(d, orthogonal_init=False),
                        positions, **still)
    yield entry("FlowActnorm", lambda d: F.FlowActnorm(d), start=lambda x: x,
                perturb=False)
    yield entry("FlowActnorm, first batch of deviation 5",
                lambda d: F.FlowActnorm(d), start=wide, perturb=False)
    yield entry("FlowActnorm, first batch of deviation 5, 2 positions",
                lambda d: F.FlowActnorm(d), 2, start=wide, perturb=False)
    yield entry("FlowActivenorm", lambda d: F.FlowActivenorm(d))
    yield entry("FlowInverse(FlowActivenorm)",
                lambda d: F.FlowInverse(F.FlowActivenorm(d)))
    yield entry("FlowAffineCoupling",
                lambda d: F.FlowAffineCoupling(net(d // 2, d)), dims=(2, 4))
    yield entry("FlowAffineCoupling, 2 positions",
                lambda d: F.FlowAffineCoupling(net(d // 2, d)), 2)
    yield entry("FlowAdditiveCoupling",
                lambda d: F.FlowAdditiveCoupling(net(d // 2, d // 2)),
                dims=(2, 4))
    yield entry("FlowSequentialModule", lambda d: F.FlowSequentialModule(
        F.FlowConv1x1LU(d), F.FlowAffineCoupling(net(d // 2, d))),
                dims=(2, 4))
