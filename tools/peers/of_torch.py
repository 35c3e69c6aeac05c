"""of_torch.py: a Flow of PyTorch functions (protocol.py).

    TorchFlow(forward, inverse=None, module=None, log_prob=None, sample=None,
              dtype="float32", parameters=None, with_grad=False)

forward(x) and inverse(z) take a tensor (n, d) and give a tensor and its
log-determinants (n,); inverse may give None for them.  module is the
torch.nn.Module whose parameters move (perturbed, trained); without one,
parameters lists the tensors; with_grad for a flow that differentiates by
itself.  Rows must not depend on one another: that is what the derivative here
takes for granted, and what the check "batch" asks.
"""
import math

import numpy as np
import torch

from protocol import Flow

torch.set_num_threads(1)
DTYPES = {"float32": torch.float32, "float64": torch.float64}


def seeded(dtype, seed):
    """What build begins with: the precision of new tensors, and the seed."""
    torch.set_default_dtype(DTYPES[dtype])
    torch.manual_seed(seed)
    np.random.seed(seed)


def log_normal(z):
    return -0.5 * (z * z).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


class TorchFlow(Flow):
    def __init__(self, forward, inverse=None, module=None, log_prob=None,
                 sample=None, dtype="float32", parameters=None,
                 with_grad=False):
        self.f, self.g, self.lp, self.draw = forward, inverse, log_prob, sample
        self.dtype, self.module = DTYPES[dtype], module
        self.mode = torch.enable_grad if with_grad else torch.no_grad
        if module is not None:
            parameters = [p for p in module.parameters() if p.requires_grad]
        self.theta = [p for p in parameters or [] if p.is_floating_point()]
        for p in self.theta:
            p.requires_grad_(True)
        self.inverse = self._inverse if inverse else None
        self.log_prob = self._log_prob if log_prob else None
        self.sample = self._sample if sample else None

    def tensor(self, x, grad=False):
        return torch.tensor(np.ascontiguousarray(x), dtype=self.dtype,
                            requires_grad=grad)

    @staticmethod
    def array(t):
        return t.detach().double().numpy().copy()

    def pair(self, f, x):
        with self.mode():
            z, ld = f(self.tensor(x))
        if ld is not None and tuple(ld.shape) not in ((), (len(x),)):
            raise ValueError("log-determinants of shape %s for %d rows"
                             % (tuple(ld.shape), len(x)))
        return self.array(z), None if ld is None else np.broadcast_to(
            self.array(ld), (len(x),))

    def forward(self, x):
        return self.pair(self.f, x)

    def _inverse(self, z):
        return self.pair(self.g, z)

    def _log_prob(self, x):
        with self.mode():
            return self.array(self.lp(self.tensor(x)))

    def _sample(self, n):
        with self.mode():
            return self.array(self.draw(n))

    def jacobian(self, x):
        with torch.enable_grad():
            x = self.tensor(x, True)
            z, _ = self.f(x * 1)
            rows = [torch.autograd.grad(z[:, i].sum(), x, retain_graph=True,
                                        allow_unused=True)[0]
                    for i in range(z.shape[1])]
        zero = torch.zeros_like(x)
        return self.array(torch.stack([zero if r is None else r for r in rows],
                                      1))

    def gradient(self, x):
        with torch.enable_grad():
            x = self.tensor(x, True)
            _, ld = self.f(x * 1)
            ld = ld.expand(len(x)) if torch.is_tensor(ld) else torch.zeros(1)
            if not ld.requires_grad:
                return np.zeros(tuple(x.shape))
            g, = torch.autograd.grad(ld.sum(), x, allow_unused=True)
        return np.zeros(tuple(x.shape)) if g is None else self.array(g)

    def moved(self, x):
        given = self.tensor(x)
        before = given.clone()
        version = given._version
        with self.mode():
            self.f(given)
        return float((given - before).abs().max()), given._version - version

    def parameters(self):
        return np.concatenate([self.array(p).ravel() for p in self.theta] or
                              [np.zeros(0)])

    def shapes(self):
        return [tuple(p.shape) for p in self.theta]

    def assign(self, theta):
        at = 0
        with torch.no_grad():
            for p in self.theta:
                part = theta[at:at + p.numel()].reshape(tuple(p.shape))
                p.copy_(torch.tensor(part, dtype=p.dtype))
                at += p.numel()
        if self.module is not None:  # a cache is of the parameters before
            mode = self.module.training
            self.module.train()
            self.module.train(mode)

    def slope(self, x, u):
        with torch.enable_grad():
            ld = self.f(self.tensor(x))[1].mean()
            if not ld.requires_grad:
                return 0.0
            grads = torch.autograd.grad(ld, self.theta, allow_unused=True)
        total, at = 0.0, 0
        for p, g in zip(self.theta, grads):
            if g is not None:
                part = u[at:at + p.numel()]
                total += float(part @ self.array(g).ravel())
            at += p.numel()
        return total

    def train(self, x, steps, batch=128, rate=1e-2):
        """In training mode, then in the mode before."""
        if not self.theta:
            return
        adam = torch.optim.Adam(self.theta, lr=rate)
        x = self.tensor(x)
        mode = self.module is not None and self.module.training
        if self.module is not None:
            self.module.train()
        for k in range(steps):
            rows = x[torch.arange(k * batch, (k + 1) * batch) % len(x)]
            adam.zero_grad()
            if self.lp:
                loss = -self.lp(rows).mean()
            else:
                z, ld = self.f(rows)
                loss = -(log_normal(z) + ld).mean()
            loss.backward()
            adam.step()
        if self.module is not None:
            self.module.train(mode)

    def compiled(self, backend="aot_eager"):
        """By Dynamo and AOT, which trace and make functional what changes in
        place; inductor's code takes a minute a flow."""
        torch._dynamo.reset()
        return TorchFlow(torch.compile(self.f, backend=backend),
                         dtype=str(self.dtype)[6:])
