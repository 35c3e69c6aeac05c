"""modules.py: flows that are a torch.nn.Module with two methods, one a
direction, each of which gives the result and its log-determinant.

    module_flow(make, dtype, seed, d, to="forward", back="inverse", start=None,
                **more)

make(d) builds the module; start(module, rows) is called once, in training mode,
on 256 rows of N(0, I), for what takes its parameters from a first batch.  A
log-determinant that is one number for all rows is spread over them: shapes are
conventions.  more goes to TorchFlow.
"""
import torch

from of_torch import TorchFlow, seeded
from protocol import Entry


def rows_of(ld, n, like):
    """Log-determinants (n,) of what a library gives: a number, (1,), (n, 1)."""
    if not torch.is_tensor(ld):
        ld = torch.full((n,), float(ld), dtype=like.dtype)
    if ld.dim() == 2 and ld.shape[1] == 1:
        ld = ld[:, 0]
    return ld.expand(n) if ld.numel() == 1 else ld


def module_flow(make, dtype, seed, d, to="forward", back="inverse", start=None,
                **more):
    seeded(dtype, seed)
    module = make(d)
    if start:
        module.train()
        with torch.no_grad():
            start(module, torch.randn(256, d))
    module.eval()

    def by(name):
        def f(x):
            y, ld = getattr(module, name)(x)[:2]
            return y, rows_of(ld, len(x), x)
        return f

    return TorchFlow(by(to), by(back) if back else None, module=module,
                     dtype=dtype, **more)


def module_entry(name, make, to="forward", back="inverse", start=None, **more):
    """An Entry of such a module."""
    return Entry(name, lambda d, dtype, seed: module_flow(
        make, dtype, seed, d, to, back, start), **more)
