"""of_jax.py: a Flow of JAX functions (protocol.py).

    JaxFlow(forward, inverse=None, theta=(), log_prob=None, sample=None,
            dtype="float32", jit=False)

forward(theta, x) and inverse(theta, z) take a batch (n, d) and give one and its
log-determinants (n,), or () where they are constant; theta is any tree of
arrays, the parameters.  log_prob(theta, x); sample(theta, key, n).  of_rows
makes such functions of those of a single row.

Precision is JAX's own switch, set before every call, since in its mode of 64
bits a library's own constants are doubles and nothing is left of float.  Of
more than sixteen rows the number is rounded up to a power of 2 by repeating the
first, so that few shapes are compiled; smaller batches are as they are.  jit is
for flows with a loop (lax.scan), which JAX would compile anew at every call.
"""
import math
import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false "
                      "--xla_cpu_parallel_codegen_split_count=1")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from protocol import Flow  # noqa: E402

# Operations run where they are called: handed to another thread they wait for it.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def use(dtype):
    jax.config.update("jax_enable_x64", dtype == "float64")


def seeded(dtype, seed):
    """What build begins with: the precision, and a key."""
    use(dtype)
    np.random.seed(seed)
    return jax.random.PRNGKey(seed)


def of_rows(f, parts=2):
    """f(theta, row) -> outputs, as a function of a batch."""
    return jax.vmap(f, in_axes=(None, 0), out_axes=(0,) * parts if parts > 1
                    else 0)


def is_real(leaf):
    return isinstance(leaf, (jax.Array, np.ndarray)) and \
        jnp.issubdtype(leaf.dtype, jnp.floating)


def log_normal(z):
    return -0.5 * (z * z).sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)


def array(v):
    return np.asarray(v, dtype=float)


class JaxFlow(Flow):
    def __init__(self, forward, inverse=None, theta=(), log_prob=None,
                 sample=None, dtype="float32", jit=False):
        made = jax.jit if jit else lambda f: f
        self.plain = (forward, inverse, log_prob, sample)
        self.f, self.g, self.lp = (made(f) if f else None
                                   for f in (forward, inverse, log_prob))
        self.draw, self.dtype, self.jit = sample, dtype, jit
        leaves, self.tree = jax.tree_util.tree_flatten(theta)
        self.all = leaves
        self.real = [k for k, v in enumerate(leaves) if is_real(v)]
        self.inverse = self._inverse if inverse else None
        self.log_prob = self._log_prob if log_prob else None
        self.sample = self._sample if sample else None

    def theta(self, real=None):
        leaves = list(self.all)
        for k, v in zip(self.real, real if real is not None else ()):
            leaves[k] = v
        return jax.tree_util.tree_unflatten(self.tree, leaves)

    def leaves(self):
        return [self.all[k] for k in self.real]

    def rows(self, x):
        x = np.ascontiguousarray(x, self.dtype)
        n = len(x)
        if n > 16:
            more = 2 ** math.ceil(math.log2(n)) - n
            x = np.concatenate([x, np.repeat(x[:1], more, 0)])
        return n, jnp.asarray(x)

    def pair(self, f, x):
        use(self.dtype)
        n, x = self.rows(x)
        z, ld = f(self.theta(), x)
        if ld is not None:
            ld = array(ld)
            ld = ld[:n] if ld.ndim else ld
        return array(z)[:n], ld

    def forward(self, x):
        return self.pair(self.f, x)

    def _inverse(self, z):
        return self.pair(self.g, z)

    def _log_prob(self, x):
        use(self.dtype)
        n, x = self.rows(x)
        return array(self.lp(self.theta(), x))[:n]

    def _sample(self, n):
        use(self.dtype)
        return array(self.draw(self.theta(), jax.random.PRNGKey(1), n))

    def jacobian(self, x):
        use(self.dtype)
        n, x = self.rows(x)
        theta, d = self.theta(), x.shape[1]

        def f(y):
            return self.f(theta, y)[0]

        unit = [jnp.zeros_like(x).at[:, k].set(1) for k in range(d)]
        try:
            return array(jnp.stack([jax.jvp(f, (x,), (u,))[1] for u in unit],
                                   2))[:n]
        except TypeError:  # a rule for the reverse mode alone
            back = jax.vjp(f, x)[1]
            return array(jnp.stack([back(u)[0] for u in unit], 1))[:n]

    def gradient(self, x):
        use(self.dtype)
        n, x = self.rows(x)
        theta, count = self.theta(), len(x)
        g = jax.grad(lambda y: jnp.broadcast_to(self.f(theta, y)[1],
                                                (count,)).sum())(x)
        return array(g)[:n]

    def parameters(self):
        return np.concatenate([array(v).ravel() for v in self.leaves()] or
                              [np.zeros(0)])

    def shapes(self):
        return [tuple(v.shape) for v in self.leaves()]

    def assign(self, theta):
        use(self.dtype)
        at = 0
        for k in self.real:
            v = self.all[k]
            part = np.reshape(theta[at:at + v.size], v.shape)
            self.all[k] = jnp.asarray(part, v.dtype)
            at += v.size

    def slope(self, x, u):
        use(self.dtype)
        n, x = self.rows(x)
        grads = jax.grad(lambda real: jnp.broadcast_to(self.f(
            self.theta(real), x)[1], (len(x),))[:n].mean())(self.leaves())
        flat = np.concatenate([array(g).ravel() for g in grads])
        return float(flat @ u)

    def loss(self, real, rows):
        theta = self.theta(real)
        if self.plain[2]:
            return -self.plain[2](theta, rows).mean()
        z, ld = self.plain[0](theta, rows)
        return -(log_normal(z) + ld).mean()

    def train(self, x, steps, batch=128, rate=1e-2):
        use(self.dtype)
        x = np.asarray(x, self.dtype)

        @jax.jit
        def step(k, real, m, v, rows):
            g = jax.grad(self.loss)(real, rows)
            m = [0.9 * a + 0.1 * b for a, b in zip(m, g)]
            v = [0.999 * a + 0.001 * b * b for a, b in zip(v, g)]
            first, second = 1 - 0.9 ** k, 1 - 0.999 ** k
            real = [p - rate * (a / first) / (jnp.sqrt(b / second) + 1e-8)
                    for p, a, b in zip(real, m, v)]
            return real, m, v

        real = self.leaves()
        m = v = [jnp.zeros_like(p) for p in real]
        for k in range(steps):
            rows = x[np.arange(k * batch, (k + 1) * batch) % len(x)]
            real, m, v = step(float(k + 1), real, m, v, rows)
        self.assign(np.concatenate([array(p).ravel() for p in real]))

    def again(self, jit):
        forward, inverse, log_prob, sample = self.plain
        return JaxFlow(forward, inverse, self.theta(), log_prob, sample,
                       self.dtype, jit)

    def compiled(self):
        return self.again(True)

    def eager(self):
        return self.again(False)
