"""The models of the experiment throughput (workloads.c in its folder) in JAX,
compiled by jit, with images as XLA likes them: channels last."""
import math

import jax
import jax.numpy as jnp

from protocol import LOG_2PI, refuse, serve

NAME, VERSION = "JAX", jax.__version__
RATE, BETA_1, BETA_2, DELTA = 1e-4, 0.9, 0.999, 1e-8  # of Adam


class Keys:
    """Random keys, one after the other."""

    def __init__(self):
        self.key = jax.random.PRNGKey(0)

    def __call__(self):
        self.key, own = jax.random.split(self.key)
        return own


def normal_log_density(z):
    return (-0.5 * (z * z).reshape(z.shape[0], -1).sum(1)
            - 0.5 * LOG_2PI * z[0].size)


def affine(keys, real, n_in, n_out):
    bound = 1 / math.sqrt(n_in)
    return (jax.random.uniform(keys(), (n_in, n_out), real, -bound, bound),
            jnp.zeros(n_out, real))


def mlp(keys, real, *widths):
    return [affine(keys, real, a, b) for a, b in zip(widths, widths[1:])]


def apply_mlp(net, x, activation):
    for w, b in net[:-1]:
        x = activation(x @ w + b)
    w, b = net[-1]
    return x @ w + b


class RealNVP:
    def __init__(self, keys, real, d, layers, hidden):
        self.first = d - d // 2
        sizes = self.first, d // 2
        self.params = [mlp(keys, real, sizes[k % 2], hidden, hidden,
                           2 * sizes[1 - k % 2]) for k in range(layers)]

    def log_prob(self, params, x):
        u, v = x[:, :self.first], x[:, self.first:]
        log_det = 0
        for net in params:
            scale, shift = jnp.split(apply_mlp(net, u, jax.nn.relu), 2, 1)
            scale = jnp.tanh(scale)
            u, v = v * jnp.exp(scale) + shift, u
            log_det += scale.sum(1)
        return normal_log_density(jnp.concatenate([u, v], 1)) + log_det

    def draw(self, params, z):
        even = len(params) % 2 == 0
        first = self.first if even else z.shape[1] - self.first
        u, v = z[:, :first], z[:, first:]
        for net in reversed(params):
            scale, shift = jnp.split(apply_mlp(net, v, jax.nn.relu), 2, 1)
            u, v = v, (u - shift) * jnp.exp(-jnp.tanh(scale))
        return jnp.concatenate([u, v], 1)


class MAF:
    """Weights where the degree of the input allows it."""

    def __init__(self, keys, real, d, layers, hidden):
        columns = jnp.arange(1, d + 1)
        units = jnp.arange(hidden) % (d - 1) + 1
        twice = jnp.concatenate([columns, columns])
        self.masks = [(columns[:, None] <= units).astype(real),
                      (units[:, None] <= units).astype(real),
                      (units[:, None] < twice).astype(real)]
        self.params = [mlp(keys, real, d, hidden, hidden, 2 * d)
                       for _ in range(layers)]

    def parameters_of(self, net, x):
        masked = [(w * m, b) for (w, b), m in zip(net, self.masks)]
        return jnp.split(apply_mlp(masked, x, jax.nn.relu), 2, 1)

    def log_prob(self, params, x):
        log_det = 0
        for net in params:
            scale, shift = self.parameters_of(net, x)
            scale = jnp.tanh(scale)
            x = (x * jnp.exp(scale) + shift)[:, ::-1]
            log_det += scale.sum(1)
        return normal_log_density(x) + log_det

    def draw(self, params, z):
        for net in reversed(params):
            z = z[:, ::-1]

            def column(j, x, z=z, net=net):
                scale, shift = self.parameters_of(net, x)
                return x.at[:, j].set((z[:, j] - shift[:, j]) *
                                      jnp.exp(-jnp.tanh(scale[:, j])))

            z = jax.lax.fori_loop(0, z.shape[1], column, jnp.zeros_like(z))
        return z


def convolution(keys, real, size, n_in, n_out):
    bound = 1 / math.sqrt(size * size * n_in)
    return (jax.random.uniform(keys(), (size, size, n_in, n_out), real,
                               -bound, bound), jnp.zeros(n_out, real))


def convolve(x, layer):
    w, b = layer
    return jax.lax.conv_general_dilated(
        x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b


def squeeze(x):
    n, h, w, c = x.shape
    x = x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4)
    return x.reshape(n, h // 2, w // 2, 4 * c)


def unsqueeze(x):
    n, h, w, c = x.shape
    x = x.reshape(n, h, w, c // 4, 2, 2).transpose(0, 1, 4, 2, 5, 3)
    return x.reshape(n, 2 * h, 2 * w, c // 4)


class Glow:
    def __init__(self, keys, real, depth, levels, hidden, recompute):
        def step(c):
            last = convolution(keys, real, 3, hidden, c)
            return {"log_scale": jnp.zeros(c, real),
                    "bias": jnp.zeros(c, real),
                    "mix": jnp.linalg.qr(
                        jax.random.normal(keys(), (c, c), real))[0],
                    "net": [convolution(keys, real, 3, c // 2, hidden),
                            convolution(keys, real, 1, hidden, hidden),
                            jax.tree.map(jnp.zeros_like, last)]}

        self.params = [[step(12 << level) for _ in range(depth)]
                       for level in range(levels)]
        self.step = jax.checkpoint(self.forward) if recompute else self.forward

    def scales(self, params, u):
        first, second, third = params["net"]
        h = jax.nn.relu(convolve(u, first))
        h = jax.nn.relu(convolve(h, second))
        scale, shift = jnp.split(convolve(h, third), 2, 3)
        return jax.nn.log_sigmoid(scale + 2), shift

    def forward(self, params, x):
        mix = params["mix"] * jnp.exp(params["log_scale"])
        x = x @ mix.T + params["mix"] @ params["bias"]
        log_det = x.shape[1] * x.shape[2] * (
            jnp.linalg.slogdet(params["mix"])[1] + params["log_scale"].sum())
        u, v = jnp.split(x, 2, 3)
        scale, shift = self.scales(params, u)
        v = (v + shift) * jnp.exp(scale)
        return (jnp.concatenate([u, v], 3),
                log_det + scale.reshape(len(x), -1).sum(1))

    def backward(self, params, z):
        u, v = jnp.split(z, 2, 3)
        scale, shift = self.scales(params, u)
        x = jnp.concatenate([u, v * jnp.exp(-scale) - shift], 3)
        mix = params["mix"] * jnp.exp(params["log_scale"])
        return (x - params["mix"] @ params["bias"]) @ jnp.linalg.inv(mix).T

    def log_prob(self, params, x):
        log_p = 0
        for level, steps in enumerate(params):
            x = squeeze(x)
            for step in steps:
                x, log_det = self.step(step, x)
                log_p += log_det
            if level + 1 < len(params):
                x, z = jnp.split(x, 2, 3)
                log_p += normal_log_density(z)
        return log_p + normal_log_density(x)

    def draw(self, params, z):
        """Of draws in the shape of images; each level takes its own part."""
        split = [squeeze(z)]
        for _ in params[1:]:
            rest, own = jnp.split(split.pop(), 2, 3)
            split += [own, squeeze(rest)]
        x = split.pop()
        for level in reversed(range(len(params))):
            for step in reversed(params[level]):
                x = self.backward(step, x)
            x = unsqueeze(x)
            if level:
                x = jnp.concatenate([x, split.pop()], 3)
        return x


class Dense:
    def __init__(self, keys, real, d):
        square = jax.random.normal(keys(), (d, d), real)
        self.params = [jnp.linalg.qr(square)[0], jnp.zeros(d, real)]

    def log_prob(self, params, x):
        w, b = params
        return normal_log_density(x @ w.T + b) + jnp.linalg.slogdet(w)[1]

    def draw(self, params, z):
        w, b = params
        return jnp.linalg.solve(w, (z - b).T).T


class Triangles:
    """W = P L U, or L alone."""

    def __init__(self, keys, real, d, with_upper):
        def triangle():
            return 0.01 * jax.random.normal(keys(), (d, d), real)

        self.params = {"lower": triangle(), "log_scale": jnp.zeros(d, real),
                       "bias": jnp.zeros(d, real)}
        if with_upper:
            self.params["upper"] = triangle()
        self.order = jax.random.permutation(keys(), d)

    def factors(self, params):
        scale = jnp.exp(params["log_scale"])
        lower = jnp.tril(params["lower"], -1)
        if "upper" not in params:
            return lower + jnp.diag(scale), None
        return (lower + jnp.eye(len(scale), dtype=scale.dtype),
                jnp.triu(params["upper"], 1) + jnp.diag(scale))

    def log_prob(self, params, x):
        lower, upper = self.factors(params)
        w = lower if upper is None else (lower @ upper)[self.order]
        return (normal_log_density(x @ w.T + params["bias"])
                + params["log_scale"].sum())

    def draw(self, params, z):
        solve = jax.scipy.linalg.solve_triangular
        lower, upper = self.factors(params)
        y = (z - params["bias"]).T
        if upper is None:
            return solve(lower, y, lower=True).T
        y = y[jnp.argsort(self.order)]
        y = solve(lower, y, lower=True, unit_diagonal=True)
        return solve(upper, y).T


class Residual:
    """z = x + g(x); the Jacobian by forward differentiation, row by row."""

    def __init__(self, keys, real, d, hidden):
        self.params = jax.tree.map(lambda w: 0.5 * w,
                                   mlp(keys, real, d, hidden, hidden, d))

    def log_prob(self, params, x):
        def f(v):
            return v + apply_mlp(params, v, jnp.tanh)

        jacobian = jax.vmap(jax.jacfwd(f))(x)
        return normal_log_density(f(x)) + jnp.linalg.slogdet(jacobian)[1]


def model_of(name, keys, real):
    if name == "W1":
        return RealNVP(keys, real, 2, 8, 64)
    if name == "W2":
        return RealNVP(keys, real, 63, 10, 512)
    if name == "W2m":
        return MAF(keys, real, 63, 10, 512)
    if name == "W3":
        return Glow(keys, real, 8, 3, 128, False)
    if name in ("W4", "W4r"):
        return Glow(keys, real, 4, 6, 32, name == "W4r")
    if name == "W5d":
        return Dense(keys, real, 512)
    if name in ("W5", "W5t"):
        return Triangles(keys, real, 512, name == "W5")
    if name.startswith("W6-"):
        return Residual(keys, real, int(name[3:]), 64)
    refuse("'%s' found, W1 .. W6-64 expected" % name)


def adam(model):
    def step(params, mean, square, t, x):
        g = jax.grad(lambda p: -model.log_prob(p, x).mean())(params)
        mean = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, mean, g)
        square = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g,
                              square, g)
        root = jnp.sqrt(1 - BETA_2 ** t)
        rate = RATE / (1 - BETA_1 ** t)
        params = jax.tree.map(
            lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + DELTA),
            params, mean, square)
        return params, mean, square, t + 1

    return jax.jit(step, donate_argnums=(0, 1, 2, 3))


def calls_of(name, setting, threads, double, shapes, model_of=model_of):
    del setting, threads  # one compiler; XLA takes the processors it may use
    jax.config.update("jax_enable_x64", double)
    real = jnp.float64 if double else jnp.float32
    keys = Keys()
    model = model_of(name, keys, real)
    params = model.params
    parameters = sum(p.size for p in jax.tree.leaves(params))

    def data(shape):
        if len(shape) > 2:  # channels last
            n, c, h, w = shape
            return jax.random.uniform(keys(), (n, h, w, c), real)
        return jax.random.normal(keys(), shape, real)

    x = {mode: data(shape) for mode, shape in shapes.items()}

    def train():
        step, zeros = adam(model), jax.tree.map(jnp.zeros_like, params)
        state = [jax.tree.map(jnp.copy, params), zeros,
                 jax.tree.map(jnp.copy, zeros), jnp.ones((), real)]

        def call():
            state[:] = jax.block_until_ready(step(*state, x["train"]))

        call()
        return call, None

    density = jax.jit(model.log_prob)
    calls = {"train": train,
             "log_prob": lambda: density(params, x["log_prob"])
             .block_until_ready()}
    if "sample" in shapes:
        draws = x["sample"].shape
        draw = jax.jit(lambda params, key: model.draw(
            params, jax.random.normal(key, draws, real)))
        calls["sample"] = lambda: draw(params, keys()).block_until_ready()
    return parameters, {mode: calls[mode] for mode in shapes}


if __name__ == "__main__":
    serve(NAME, VERSION, calls_of)
