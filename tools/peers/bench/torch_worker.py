"""The models of the experiment throughput (workloads.c in its folder) in plain
PyTorch, as one would write them by hand, without a library of flows.

Settings: eager or compiled by torch.compile, which compiles the loss, the
density and the draws whole; images with channels first or last.  Adam is the
fused one or that of lists, whichever trains faster here."""
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from protocol import LOG_2PI, refuse, serve

NAME, VERSION = "PyTorch", torch.__version__
TRIED = 0.3  # seconds, for each Adam


def mlp(n_in, hidden, n_out):
    return nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(),
                         nn.Linear(hidden, hidden), nn.ReLU(),
                         nn.Linear(hidden, n_out))


def normal_log_density(z):
    return -0.5 * (z * z).flatten(1).sum(1) - 0.5 * LOG_2PI * z[0].numel()


class RealNVP(nn.Module):
    """The halves of x take turns; each scales and shifts the other."""

    def __init__(self, d, layers, hidden):
        super().__init__()
        self.first = d - d // 2
        sizes = [self.first, d // 2]
        self.nets = nn.ModuleList(
            mlp(sizes[k % 2], hidden, 2 * sizes[1 - k % 2])
            for k in range(layers))

    def forward(self, x):
        u, v = x[:, :self.first], x[:, self.first:]
        log_det = torch.zeros(x.shape[0])
        for net in self.nets:
            scale, shift = net(u).chunk(2, 1)
            scale = torch.tanh(scale)
            u, v = v * torch.exp(scale) + shift, u
            log_det = log_det + scale.sum(1)
        z = torch.cat([u, v], 1)
        return normal_log_density(z) + log_det

    def inverse(self, z):
        even = len(self.nets) % 2 == 0
        first = self.first if even else z.shape[1] - self.first
        u, v = z[:, :first], z[:, first:]
        for net in reversed(self.nets):
            scale, shift = net(v).chunk(2, 1)
            u, v = v, (u - shift) * torch.exp(-torch.tanh(scale))
        return torch.cat([u, v], 1)


class MaskedLinear(nn.Linear):
    """Weights where the degree of the input allows it."""

    def __init__(self, from_degrees, to_degrees, strict):
        super().__init__(len(from_degrees), len(to_degrees))
        a, b = from_degrees[None, :], to_degrees[:, None]
        self.register_buffer("mask", ((a < b) if strict else (a <= b)).to(
            torch.get_default_dtype()))

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


class MAF(nn.Module):
    def __init__(self, d, layers, hidden):
        super().__init__()
        columns = torch.arange(1, d + 1)
        units = torch.arange(hidden) % (d - 1) + 1
        twice = torch.cat([columns, columns])
        self.nets = nn.ModuleList(
            nn.Sequential(MaskedLinear(columns, units, False), nn.ReLU(),
                          MaskedLinear(units, units, False), nn.ReLU(),
                          MaskedLinear(units, twice, True))
            for _ in range(layers))

    def forward(self, x):
        log_det = 0
        for net in self.nets:
            scale, shift = net(x).chunk(2, 1)
            scale = torch.tanh(scale)
            x = (x * torch.exp(scale) + shift).flip(1)
            log_det = log_det + scale.sum(1)
        return normal_log_density(x) + log_det

    def inverse(self, z):
        for net in reversed(self.nets):
            z = z.flip(1)
            x = torch.zeros_like(z)
            for j in range(z.shape[1]):
                scale, shift = net(x).chunk(2, 1)
                x[:, j] = (z[:, j] - shift[:, j]) * torch.exp(
                    -torch.tanh(scale[:, j]))
            z = x
        return z


class GlowStep(nn.Module):
    """Actnorm inside the 1 x 1 convolution, and an affine coupling."""

    def __init__(self, c, hidden):
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(c))
        self.bias = nn.Parameter(torch.zeros(c))
        self.mix = nn.Parameter(
            torch.linalg.qr(torch.randn(c, c))[0].contiguous())
        self.net = nn.Sequential(
            nn.Conv2d(c // 2, hidden, 3, padding=1), nn.ReLU(inplace=True),
            nn.Conv2d(hidden, hidden, 1), nn.ReLU(inplace=True),
            nn.Conv2d(hidden, c, 3, padding=1))
        nn.init.zeros_(self.net[4].weight)
        nn.init.zeros_(self.net[4].bias)

    def forward(self, x):
        weight = self.mix * self.log_scale.exp()
        x = F.conv2d(x, weight[:, :, None, None], self.mix @ self.bias)
        log_det = x.shape[2] * x.shape[3] * (
            torch.linalg.slogdet(self.mix)[1] + self.log_scale.sum())
        u, v = x.chunk(2, 1)
        scale, shift = self.net(u).chunk(2, 1)
        scale = F.logsigmoid(scale + 2)
        v = (v + shift) * scale.exp()
        return torch.cat([u, v], 1), log_det + scale.flatten(1).sum(1)

    def inverse(self, z):
        u, v = z.chunk(2, 1)
        scale, shift = self.net(u).chunk(2, 1)
        x = torch.cat([u, v / torch.sigmoid(scale + 2) - shift], 1)
        weight = torch.linalg.inv(self.mix * self.log_scale.exp())
        x = x - (self.mix @ self.bias)[None, :, None, None]
        return F.conv2d(x, weight[:, :, None, None])


class Glow(nn.Module):
    def __init__(self, side, depth, levels, hidden, last, recompute):
        super().__init__()
        self.side, self.last, self.recompute = side, last, recompute
        self.levels = nn.ModuleList(
            nn.ModuleList(GlowStep(12 << l, hidden) for _ in range(depth))
            for l in range(levels))

    def laid_out(self, x):
        if self.last:
            return x.contiguous(memory_format=torch.channels_last)
        return x

    def forward(self, x):
        log_p = 0
        for l, level in enumerate(self.levels):
            x = self.laid_out(F.pixel_unshuffle(x, 2))
            for step in level:
                if self.recompute:
                    x, log_det = checkpoint(step, x, use_reentrant=False)
                else:
                    x, log_det = step(x)
                log_p = log_p + log_det
            if l + 1 < len(self.levels):
                x, z = x.chunk(2, 1)
                log_p = log_p + normal_log_density(z)
        return log_p + normal_log_density(x)

    def draw(self, n):
        x = None
        for l in reversed(range(len(self.levels))):
            c, s = 12 << l, self.side >> (l + 1)
            top = l + 1 == len(self.levels)
            z = torch.randn(n, c if top else c // 2, s, s)
            x = self.laid_out(z if top else torch.cat([x, z], 1))
            for step in reversed(self.levels[l]):
                x = step.inverse(x)
            x = F.pixel_shuffle(x, 2)
        return x


class Dense(nn.Module):
    """z = W x + b."""

    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(
            torch.linalg.qr(torch.randn(d, d))[0].contiguous())
        self.bias = nn.Parameter(torch.zeros(d))

    def forward(self, x):
        z = torch.addmm(self.bias, x, self.weight.t())
        return normal_log_density(z) + torch.linalg.slogdet(self.weight)[1]

    def inverse(self, z):
        return torch.linalg.solve(self.weight, (z - self.bias).t()).t()


class Triangles(nn.Module):
    """The same with W = P L U, L with a unit diagonal, or W = L alone with a
    diagonal of its own; log |det W| is read off a diagonal."""

    def __init__(self, d, with_upper):
        super().__init__()
        self.lower = nn.Parameter(0.01 * torch.randn(d, d))
        self.upper = None
        if with_upper:
            self.upper = nn.Parameter(0.01 * torch.randn(d, d))
        self.log_scale = nn.Parameter(torch.zeros(d))
        self.bias = nn.Parameter(torch.zeros(d))
        self.register_buffer("order", torch.randperm(d))

    def factors(self):
        scale = self.log_scale.exp()
        if self.upper is None:
            return self.lower.tril(-1) + torch.diag(scale), None
        lower = self.lower.tril(-1) + torch.eye(len(scale))
        return lower, self.upper.triu(1) + torch.diag(scale)

    def forward(self, x):
        lower, upper = self.factors()
        weight = lower if upper is None else (lower @ upper)[self.order]
        z = torch.addmm(self.bias, x, weight.t())
        return normal_log_density(z) + self.log_scale.sum()

    def inverse(self, z):
        lower, upper = self.factors()
        y = (z - self.bias).t()
        if upper is not None:
            y = y[torch.argsort(self.order)]
        y = torch.linalg.solve_triangular(lower, y, upper=False,
                                          unitriangular=upper is not None)
        if upper is not None:
            y = torch.linalg.solve_triangular(upper, y, upper=True)
        return y.t()


class Residual(nn.Module):
    """z = x + g(x), g of two hidden layers; the Jacobian by hand, a product of
    matrices a row."""

    def __init__(self, d, hidden):
        super().__init__()
        self.d = d
        self.net = nn.Sequential(nn.Linear(d, hidden), nn.Tanh(),
                                 nn.Linear(hidden, hidden), nn.Tanh(),
                                 nn.Linear(hidden, d))
        with torch.no_grad():
            for p in self.net.parameters():
                p.mul_(0.5)

    def forward(self, x):
        first, second, third = self.net[0], self.net[2], self.net[4]
        h = torch.tanh(first(x))
        k = torch.tanh(second(h))
        z = x + third(k)
        jacobian = (1 - h * h)[:, :, None] * first.weight
        jacobian = (1 - k * k)[:, :, None] * (second.weight @ jacobian)
        jacobian = torch.eye(self.d) + third.weight @ jacobian
        return normal_log_density(z) + torch.linalg.slogdet(jacobian)[1]


def model_of(name, last):
    if name == "W1":
        return RealNVP(2, 8, 64)
    if name == "W2":
        return RealNVP(63, 10, 512)
    if name == "W2m":
        return MAF(63, 10, 512)
    if name == "W3":
        return Glow(32, 8, 3, 128, last, False)
    if name in ("W4", "W4r"):
        return Glow(1024, 4, 6, 32, last, name == "W4r")
    if name == "W5d":
        return Dense(512)
    if name in ("W5", "W5t"):
        return Triangles(512, name == "W5")
    if name.startswith("W6-"):
        return Residual(int(name[3:]), 64)
    refuse("'%s' found, W1 .. W6-64 expected" % name)


def faster(steps):
    """The one of these that takes less time a call."""
    best = None
    for step in steps:
        step()
        count, start = 0, time.perf_counter()
        while count == 0 or time.perf_counter() - start < TRIED:
            step()
            count += 1
        took = (time.perf_counter() - start) / count
        if best is None or took < best[0]:
            best = took, step
    return best[1]


def trainer(loss, model, x):
    def with_adam(**kind):
        adam = torch.optim.Adam(model.parameters(), lr=1e-4, **kind)

        def step():
            adam.zero_grad(set_to_none=True)
            loss(x).backward()
            adam.step()
        return step

    first = with_adam(fused=True)
    first()
    return first, lambda: faster([first, with_adam(foreach=True)])


def calls_of(name, setting, threads, double, shapes, model_of=model_of):
    """mode: what one call does; and for training, after its first step, which
    Adam it is to be."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    last = setting.endswith("-last")
    model = model_of(name, last)
    data = {mode: (torch.rand if len(shape) > 2 else torch.randn)(shape)
            for mode, shape in shapes.items()}
    if last:
        model.to(memory_format=torch.channels_last)
        data = {mode: model.laid_out(x) for mode, x in data.items()}

    def loss(x):
        return -model(x).mean()

    def draw(n):
        if hasattr(model, "draw"):
            return model.draw(n)
        return model.inverse(torch.randn((n, *shapes["sample"][1:])))

    density = model
    if setting.startswith("compile"):
        loss, density = torch.compile(loss), torch.compile(model)
        if not isinstance(model, (MAF, Glow)):  # minutes, for their draws
            draw = torch.compile(draw)

    def log_prob():
        with torch.no_grad():
            density(data["log_prob"])

    def sample():
        with torch.no_grad():
            draw(len(data["sample"]))

    calls = {"log_prob": log_prob, "sample": sample}
    if "train" in data:
        calls["train"] = lambda: trainer(loss, model, data["train"])
    parameters = sum(p.numel() for p in model.parameters())
    return parameters, {mode: calls[mode] for mode in data}


if __name__ == "__main__":
    serve(NAME, VERSION, calls_of)
