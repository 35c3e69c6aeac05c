"""causalflows: the structural equations, whose log-determinants are its own.
(Its flows are zuko's, and zuko's rows tell of them.)  They have no parameters:
nothing is perturbed or trained.
"""
import torch
from causalflows import scms

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "causalflows", "causalflows", "torch"
KINDS = ("linear", "non-linear", "non-linear-2", "non-linear-3", "sym-prod")


def build(equations, dtype, seed):
    seeded(dtype, seed)

    def forward(u):
        x = equations(u)
        with torch.enable_grad():  # it differentiates the inverses itself
            ld = equations.log_abs_det_jacobian(u, x.detach()).sum(-1)
        return x, ld.detach()

    def inverse(x):
        u = equations._inverse(x)
        with torch.enable_grad():
            ld = equations.log_abs_det_jacobian(u, x.detach()).sum(-1)
        return u, -ld.detach()

    return TorchFlow(forward, inverse, dtype=dtype)


def entries():
    for name in ("Triangle", "Simpson", "LargeBackdoor", "Fork", "Diamond",
                 "Collider", "Chain3", "Chain4", "Chain5"):
        for kind in KINDS:
            try:
                equations = getattr(scms, name)(kind)
            except (ValueError, TypeError):
                continue
            yield Entry("scms.%s('%s')" % (name, kind),
                        lambda d, dtype, seed, e=equations: build(
                            e, dtype, seed),
                        dims=(equations.adjacency.shape[0],), onto=False,
                        # its last noise is uniform
                        domain=("box", 0, 1) if name == "LargeBackdoor" else
                        ("line",),
                        perturb=False, train=False)
