"""normflowpy: the flow layers, forward from data and backward to it.  What a
layer is conditioned on is one vector, for all rows."""
import torch

import normflowpy.flows as F
from modules import Given, module_entry
from normflowpy import base_nets
from normflowpy.flows.flow_modules.batch_normalization import BatchNorm

LIBRARY, PACKAGE, FRAMEWORK = "normflowpy", "normflowpy", "torch"


def entry(name, make, **more):
    return module_entry("flows." + name, make, **{"back": "backward", **more})


def mlp():
    return base_nets.generate_mlp_class(8)


def plain(inputs, outputs, hidden):
    return torch.nn.Sequential(torch.nn.Linear(inputs, hidden), torch.nn.Tanh(),
                               torch.nn.Linear(hidden, outputs))


def known(x):
    return torch.linspace(-1, 1, 2).to(x.dtype).expand(len(x), 2)


def given(make, **more):
    """Of one condition."""
    return dict(make=lambda d: Given(make(d), back="backward", **more),
                back="inverse")


def entries():
    even = dict(dims=(2, 4))
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False)
    yield entry("AffineConstantFlow", lambda d: F.AffineConstantFlow([d]),
                **single)
    yield entry("AffineConstantFlow(scale=False)",
                lambda d: F.AffineConstantFlow([d], scale=False), **single)
    yield entry("AffineConstantFlow(shift=False)",
                lambda d: F.AffineConstantFlow([d], shift=False), **single)
    yield entry("UserDefinedAffineFlow",
                lambda d: F.UserDefinedAffineFlow(2., 1.), **fixed)
    yield entry("ActNorm", lambda d: F.ActNorm([d]),
                start=lambda m, x: m(3 * x + 1), **single)
    yield entry("InputNorm", lambda d: F.InputNorm(
        torch.zeros(1, d), 2 * torch.ones(1, d)), **fixed)
    yield entry("MAF(parity=False)", lambda d: F.MAF(d, False))
    yield entry("MAF(parity=True)", lambda d: F.MAF(d, True))
    yield entry("IAF(parity=True)", lambda d: F.IAF(d, True))
    for parity in (False, True):
        for near in (False, True):
            yield entry("AffineCoupling(parity=%s, neighbor_splitting=%s)" %
                        (parity, near),
                        lambda d, p=parity, n=near: F.AffineCoupling(
                            [d], p, net_class=mlp(), nh=8,
                            neighbor_splitting=n), **even)
    yield entry("AffineCoupling(scale=False)", lambda d: F.AffineCoupling(
        [d], False, net_class=mlp(), nh=8, scale=False), **even)
    yield entry("AffineCoupling(shift=False)", lambda d: F.AffineCoupling(
        [d], False, net_class=mlp(), nh=8, shift=False), **even)
    yield entry("MixLogCoupling", lambda d: F.MixLogCoupling([d], n_hidden=8),
                **even)
    yield entry("CSF_CL", lambda d: F.CSF_CL(d), box=3., **even)
    yield entry("NSF_CL", lambda d: F.NSF_CL(d, base_network=mlp()), box=3.,
                **even)
    yield entry("NSF_AR", lambda d: F.NSF_AR(d), box=3.)
    yield entry("Sigmoid", lambda d: F.Sigmoid(), domain=("box", 0, 1),
                **fixed)
    yield entry("InvertibleFullyConnected",
                lambda d: F.InvertibleFullyConnected(d))
    yield entry("InvertibleFullyConnected(transpose=True)",
                lambda d: F.InvertibleFullyConnected(d, transpose=True))
    for parity in (False, True):
        yield entry("ConditionalAffineCoupling(parity=%s)" % parity, **given(
            lambda d, p=parity: F.ConditionalAffineCoupling([d], p, 2, nh=8,
                                                            net_class=plain),
            cond=known), **even)
    yield entry("AffineInjector", **given(lambda d: F.AffineInjector(
        [d], ["cond"], 2, 8, net_class=mlp()), cond=known))
    yield entry("InvertibleConv2d1x1", lambda d: F.InvertibleConv2d1x1(3),
                image=(3, 2, 2))
    yield entry("Squeeze", lambda d: F.Squeeze(2), image=(1, 4, 4),
                there=(4, 2, 2), perturb=False, train=False)
    yield entry("Tensor2Vector", lambda d: F.Tensor2Vector((1, 2, 2)),
                image=(1, 2, 2), there=(4,), perturb=False, train=False)
    yield entry("flow_modules.BatchNorm", BatchNorm,
                start=lambda m, x: [m(3 * x + 1) for _ in range(50)], **single)
