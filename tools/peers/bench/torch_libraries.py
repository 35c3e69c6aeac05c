"""The models of the experiment throughput (workloads.c in its folder) as the
libraries of flows on PyTorch have them: nflows, normflows, zuko, FrEIA.

The setting is the library; it runs as its users run it, eager, and trains by
the same Adam as torch_worker.py.  Couplings, nets and their widths are those of
the workload, and so are counts of products; clamps of scales and the order of
columns are the library's own.  What a library does not have is absent."""
import importlib.metadata
import sys
import warnings

import torch
from torch import nn

import torch_worker
from protocol import refuse, serve


class Flow(nn.Module):
    """log_prob of a module, and its draws."""

    def __init__(self, module, log_prob, draw):
        super().__init__()
        self.module, self.log_prob, self.draw = module, log_prob, draw

    def forward(self, x):
        return self.log_prob(x)


def absent(library, name):
    raise NotImplementedError("%s has no model like it" % library)


def of_nflows(name):
    from nflows import transforms as T
    from nflows.distributions.normal import StandardNormal
    from nflows.flows.base import Flow as Whole

    class Given:
        """The context, which these nets are handed and do not need."""

        def forward(self, x, context=None):
            return super().forward(x)

    class Net(Given, nn.Sequential):
        pass

    def coupling(d, hidden, k):
        mask = (torch.arange(d) >= d - d // 2).int()
        return T.AffineCouplingTransform(
            mask if k % 2 == 0 else 1 - mask,
            lambda n_in, n_out: Net(*torch_worker.mlp(n_in, hidden, n_out)))

    def step(c, hidden):
        return [T.ActNorm(c), T.OneByOneConvolution(c),
                T.AffineCouplingTransform(
                    (torch.arange(c) >= c // 2).int(),
                    lambda n_in, n_out: Net(
                        nn.Conv2d(n_in, hidden, 3, padding=1), nn.ReLU(),
                        nn.Conv2d(hidden, hidden, 1), nn.ReLU(),
                        nn.Conv2d(hidden, n_out, 3, padding=1)))]

    def glow(side, depth, levels, hidden):
        both = T.MultiscaleCompositeTransform(num_transforms=levels)
        shape = 3, side, side
        for _ in range(levels):
            squeeze = T.SqueezeTransform()
            shape = squeeze.get_output_shape(*shape)
            steps = [s for _ in range(depth) for s in step(shape[0], hidden)]
            shape = both.add_transform(
                T.CompositeTransform([squeeze, *steps]), shape)
        return both

    d = 512
    if name in ("W1", "W2"):
        d, layers, hidden = (2, 8, 64) if name == "W1" else (63, 10, 512)
        transform = T.CompositeTransform(
            [coupling(d, hidden, k) for k in range(layers)])
    elif name == "W2m":
        d = 63
        transform = T.CompositeTransform([t for _ in range(10) for t in (
            T.MaskedAffineAutoregressiveTransform(
                d, 512, num_blocks=1, use_residual_blocks=False),
            T.ReversePermutation(d))])
    elif name == "W3":
        d, transform = 3 * 32 * 32, glow(32, 8, 3, 128)
    elif name == "W4":
        d, transform = 3 * 1024 * 1024, glow(1024, 4, 6, 32)
    elif name == "W5":
        transform = T.LULinear(d, identity_init=False)
    elif name == "W5d":
        transform = T.NaiveLinear(d)
    else:
        absent("nflows", name)
    flow = Whole(transform, StandardNormal([d]))
    return Flow(flow, flow.log_prob, flow.sample)


def of_normflows(name):
    import normflows as nf

    def normal(shape):
        return nf.distributions.DiagGaussian(shape, trainable=False)

    def coupling(d, hidden):
        first = d - d // 2
        return [nf.flows.AffineCouplingBlock(nf.nets.MLP(
            [first, hidden, hidden, 2 * (d // 2)])),
            nf.flows.Permute(d, mode="swap")]

    def glow(side, depth, levels, hidden):
        bases, merges, flows = [], [], []
        for l in range(levels):
            c, s = 3 * 2 ** (levels + 1 - l), side >> (levels - l)
            flows.append([nf.flows.GlowBlock(c, hidden, split_mode="channel")
                          for _ in range(depth)] + [nf.flows.Squeeze()])
            if l:
                merges.append(nf.flows.Merge())
            bases.append(normal((c if l == 0 else c // 2, s, s)))
        return nf.MultiscaleFlow(bases, flows, merges, class_cond=False)

    if name in ("W1", "W2"):
        d, layers, hidden = (2, 8, 64) if name == "W1" else (63, 10, 512)
        steps = [s for _ in range(layers) for s in coupling(d, hidden)]
    elif name == "W2m":
        d = 63
        # by itself it draws in one pass, and is slow as a density
        steps = [s for _ in range(10) for s in (
            nf.flows.Reverse(nf.flows.MaskedAffineAutoregressive(
                d, 512, num_blocks=1, use_residual_blocks=False)),
            nf.flows.Permute(d, mode="swap"))]
    elif name in ("W3", "W4"):
        flow = glow(32, 8, 3, 128) if name == "W3" else glow(1024, 4, 6, 32)
        return Flow(flow, lambda x: flow.log_prob(x, None), flow.sample)
    else:
        absent("normflows", name)
    flow = nf.NormalizingFlow(normal(d), steps)
    return Flow(flow, flow.log_prob, flow.sample)


def of_zuko(name):
    import zuko
    if name in ("W1", "W2"):
        d, layers, hidden = (2, 8, 64) if name == "W1" else (63, 10, 512)
        flow = zuko.flows.NICE(d, transforms=layers,
                               hidden_features=(hidden, hidden))
    elif name == "W2m":
        flow = zuko.flows.MAF(63, transforms=10, hidden_features=(512, 512))
    else:
        absent("zuko", name)
    return Flow(flow, lambda x: flow().log_prob(x),
                lambda n: flow().sample((n,)))


def of_freia(name):
    import FrEIA.framework as Ff
    import FrEIA.modules as Fm
    if name not in ("W1", "W2"):
        absent("FrEIA", name)
    d, layers, hidden = (2, 8, 64) if name == "W1" else (63, 10, 512)
    flow = Ff.SequenceINN(d)
    for _ in range(layers // 2):  # a block is two couplings
        flow.append(Fm.GLOWCouplingBlock, subnet_constructor=lambda n_in, n_out:
                    torch_worker.mlp(n_in, hidden, n_out))

    def log_prob(x):
        z, log_det = flow(x)
        return torch_worker.normal_log_density(z) + log_det

    return Flow(flow, log_prob, lambda n: flow(torch.randn(n, d), rev=True)[0])


MODELS = {"nflows": of_nflows, "normflows": of_normflows, "zuko": of_zuko,
          "FrEIA": of_freia}


def calls_of(name, library, threads, double, shapes):
    return torch_worker.calls_of(name, library, threads, double, shapes,
                                 lambda name, last: MODELS[library](name))


warnings.filterwarnings("ignore")  # of what they call that is out of date
if len(sys.argv) < 3 or sys.argv[2] not in MODELS:
    refuse("'%s' found, a library of %s expected as the second"
           % (" ".join(sys.argv[1:]), ", ".join(MODELS)))
serve(sys.argv[2], importlib.metadata.version(sys.argv[2]), calls_of)
