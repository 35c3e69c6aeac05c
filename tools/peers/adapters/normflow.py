"""normflow: transforms, and the stock Flow over them.

Flow.forward gives z and what its documentation calls the log likelihood, of a
base of d independent normals.  ActNorm is left out: it says of itself that it is
unstable, and its use is an error outside of a context that allows that.
"""
import torch
from torch.distributions import Normal

import normflow
from modules import module_entry
from normflow import couplings, splits, transforms
from normflow.transforms import permutations
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "normflow", "normflow", "torch"


def entry(name, make, **more):
    return module_entry("transforms." + name, make, **more)


def net(inputs, outputs):
    return torch.nn.Sequential(torch.nn.Linear(inputs, 16), torch.nn.Tanh(),
                               torch.nn.Linear(16, outputs))


def coupled(affine):
    def make(d):
        a = d - d // 2
        inner = couplings.AffineCoupling(net(a, 2 * (d // 2))) if affine else \
            couplings.AdditiveCoupling(net(a, d // 2))
        return transforms.CouplingTransform(splits.EvenSplit(), inner)
    return make


def several(d):
    return transforms.CompositeTransform(
        coupled(True)(d), permutations.ReversePermutation(), coupled(True)(d))


def stock(d, dtype, seed):
    seeded(dtype, seed)
    m = normflow.flows.Flow(several(d), Normal(torch.zeros(d), torch.ones(d)))
    return TorchFlow(m.transform.forward, m.transform.inverse, module=m,
                     log_prob=lambda x: m(x)[1], dtype=dtype)


def entries():
    still = dict(perturb=False, train=False)
    yield entry("IdentityTransform",
                lambda d: transforms.IdentityTransform(), **still)
    yield entry("ReversePermutation",
                lambda d: permutations.ReversePermutation(), **still)
    yield entry("IndexPermutation", lambda d: permutations.IndexPermutation(
        torch.arange(d).roll(1)), **still)
    yield entry("RandomPermutation",
                lambda d: permutations.RandomPermutation(d), **still)
    yield entry("CouplingTransform(EvenSplit, AffineCoupling)", coupled(True))
    yield entry("CouplingTransform(EvenSplit, AdditiveCoupling)",
                coupled(False))
    yield entry("CouplingTransform(RandomSelect, AffineCoupling)",
                lambda d: transforms.CouplingTransform(
                    splits.RandomSelect([d - d // 2, d // 2]),
                    couplings.AffineCoupling(net(d - d // 2, 2 * (d // 2)))))
    yield entry("CompositeTransform", several)
    yield Entry("flows.Flow", stock, stock=True)
