"""glasflow: the stock flows over N(0, I), on its own copy of nflows."""
import torch

import glasflow.flows as F
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "glasflow", "glasflow", "torch"


def entry(name, cls, **arguments):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        f = cls(d, 2, **arguments)
        f.to(torch.get_default_dtype())
        if arguments.get("batch_norm_between_transforms"):
            f.train()
            with torch.no_grad():
                f(1.5 * torch.randn(256, d))
        f.eval()
        return TorchFlow(f.forward, f.inverse, module=f, log_prob=f.log_prob,
                         sample=f.sample, dtype=dtype)
    return Entry("flows." + name, build, stock=True)


def entries():
    yield entry("RealNVP", F.RealNVP)
    for scale in ("nflows", "nflows_general", "wide", "log1", "log3"):
        yield entry("RealNVP(scale_activation='%s')" % scale, F.RealNVP,
                    scale_activation=scale)
    yield entry("RealNVP(volume_preserving=True)", F.RealNVP,
                volume_preserving=True)
    for linear in ("permutation", "lu", "svd"):
        yield entry("RealNVP(linear_transform='%s')" % linear, F.RealNVP,
                    linear_transform=linear)
    yield entry("RealNVP(batch_norm_between_transforms=True)", F.RealNVP,
                batch_norm_between_transforms=True)
    yield entry("CouplingNSF", F.CouplingNSF)
    yield entry("autoregressive.MaskedAffineAutoregressiveFlow",
                F.autoregressive.MaskedAffineAutoregressiveFlow)
    yield entry("autoregressive.MaskedPiecewiseRationalQuadratic"
                "AutoregressiveFlow(tails='linear')",
                F.autoregressive.
                MaskedPiecewiseRationalQuadraticAutoregressiveFlow,
                tails="linear", tail_bound=3.)
