"""modules.py: flows that are a torch.nn.Module with two methods, one a
direction, each of which gives the result and its log-determinant.

    module_flow(make, dtype, seed, d, to="forward", back="inverse", start=None,
                image=None, there=None, **more)

make(d) builds the module; start(module, rows) is called once, in training mode,
on 256 rows of N(0, I), for what takes its parameters from a first batch.  A
log-determinant that is one number for all rows is spread over them: shapes are
conventions.  image is the shape of a row that the module takes, and there that
of what it gives, where it is another.  more goes to TorchFlow.  Given(module,
name=f, ...) is a module whose two methods are called with name=f(x) besides.
"""
import math

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


class Given(torch.nn.Module):
    def __init__(self, inner, to="forward", back="inverse", **known):
        super().__init__()
        self.inner, self.known = inner, known
        self.to_, self.back_ = to, back

    def call(self, name, x):
        return getattr(self.inner, name)(
            x, **{k: f(x) for k, f in self.known.items()})

    def forward(self, x):
        return self.call(self.to_, x)

    def inverse(self, x):
        return self.call(self.back_, x)


def module_flow(make, dtype, seed, d, to="forward", back="inverse", start=None,
                image=None, there=None, **more):
    seeded(dtype, seed)
    module = make(d)

    def shaped(x, shape):
        return x.reshape(len(x), *shape) if shape else x

    if start:
        module.train()
        with torch.no_grad():
            start(module, shaped(torch.randn(256, d), image))
    module.eval()

    def by(name, shape):
        def f(x):
            y, ld = getattr(module, name)(shaped(x, shape))[:2]
            return y.reshape(len(x), -1), rows_of(ld, len(x), x)
        return f

    return TorchFlow(by(to, image), by(back, there or image) if back else None,
                     module=module, dtype=dtype, **more)


def module_entry(name, make, to="forward", back="inverse", start=None,
                 image=None, there=None, **more):
    """An Entry of such a module."""
    if image:
        more["dims"] = (math.prod(image),)
    return Entry(name, lambda d, dtype, seed: module_flow(
        make, dtype, seed, d, to, back, start, image, there), **more)
