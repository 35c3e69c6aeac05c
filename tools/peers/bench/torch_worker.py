#!/usr/bin/env python3
"""peers.py WORKLOAD VARIANT THREADS float|double: a workload in plain PyTorch.

A worker of the experiment throughput, which has the same models (workloads.c in
its folder); the protocol is that of throughput.h.  The models are written as
one would by hand, without a library of flows.  Settings are those found best
for PyTorch: the OpenMP build of OpenBLAS where it is installed, or else threads
that sleep while they wait; a heap that keeps what is freed; the widest vectors;
the list form of Adam.
"""
import glob
import importlib.util
import os
import sys
import time

LOG_2PI = 1.8378770664093453
WARM_UP = 3


SYSTEM_PYTHON = "/usr/bin/python3"  # for which a distribution packages torch


def interpreter():
    """This one, or the system's when this one has no torch."""
    if importlib.util.find_spec("torch") or not os.path.exists(SYSTEM_PYTHON):
        return sys.executable
    return SYSTEM_PYTHON


def set_environment(threads):
    """Settings that are read when a process starts: start it again, once."""
    want = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads),
            "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000",
            "MALLOC_TOP_PAD_": "268435456", "PYTHONDONTWRITEBYTECODE": "1"}
    blas = glob.glob("/usr/lib/*/openblas-openmp/libblas.so.3")
    if blas:
        want["LD_LIBRARY_PATH"] = os.path.dirname(blas[0])
    else:
        want["OMP_WAIT_POLICY"] = "PASSIVE"
    try:
        with open("/proc/cpuinfo") as f:
            if " avx512f " in f.read():
                want["ATEN_CPU_CAPABILITY"] = "avx512"
    except OSError:
        pass  # the library's default
    want["JACFLOW_PEER"] = "started"
    if "JACFLOW_PEER" not in os.environ:
        os.environ.update(want)
        os.execv(interpreter(), [interpreter()] + sys.argv)


def refuse(what):
    print("peers.py: " + what, file=sys.stderr)
    sys.exit(2)


if len(sys.argv) != 5 or not sys.argv[3].isdigit() or int(sys.argv[3]) < 1 \
        or sys.argv[4] not in ("float", "double"):
    refuse("'%s' found, WORKLOAD VARIANT THREADS float|double expected"
           % " ".join(sys.argv[1:]))
threads = int(sys.argv[3])
set_environment(threads)
try:
    import torch
    import torch.nn.functional as F
    from torch import nn
    from torch.utils.checkpoint import checkpoint
except ImportError:
    print("absent python3-torch is not installed: its rows are left out")
    sys.exit(0)


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
        return -0.5 * (z * z).sum(1) - 0.91893853320467267 * z.shape[1] + log_det

    @torch.jit.ignore
    def inverse(self, z):
        first = self.first if len(self.nets) % 2 == 0 else z.shape[1] - self.first
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
        self.nets = nn.ModuleList(
            nn.Sequential(MaskedLinear(columns, units, False), nn.ReLU(),
                          MaskedLinear(units, units, False), nn.ReLU(),
                          MaskedLinear(units, torch.cat([columns, columns]), True))
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
        self.mix = nn.Parameter(torch.linalg.qr(torch.randn(c, c))[0].contiguous())
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


class Linear(nn.Module):
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


class Residual(nn.Module):
    """z = x + g(x), g of two hidden layers; the Jacobian by hand (a product of
    matrices a row), or row by row from the gradient."""

    def __init__(self, d, hidden, by_hand):
        super().__init__()
        self.d, self.by_hand = d, by_hand
        self.net = nn.Sequential(nn.Linear(d, hidden), nn.Tanh(),
                                 nn.Linear(hidden, hidden), nn.Tanh(),
                                 nn.Linear(hidden, d))
        with torch.no_grad():
            for p in self.net.parameters():
                p.mul_(0.5)

    def forward(self, x):
        if self.by_hand:
            first, second, third = self.net[0], self.net[2], self.net[4]
            h = torch.tanh(first(x))
            k = torch.tanh(second(h))
            z = x + third(k)
            jacobian = (1 - h * h)[:, :, None] * first.weight
            jacobian = (1 - k * k)[:, :, None] * (second.weight @ jacobian)
            jacobian = torch.eye(self.d) + third.weight @ jacobian
        else:
            with torch.enable_grad():
                x = x.detach().requires_grad_(True)
                z = x + self.net(x)
                rows = [torch.autograd.grad(z[:, i].sum(), x, retain_graph=True)[0]
                        for i in range(self.d)]
            jacobian = torch.stack(rows, 1)
        return normal_log_density(z) + torch.linalg.slogdet(jacobian)[1]


def workload(name, variant):
    """The model; rows of training, likelihood and sampling (0: not served);
    the rows of data."""
    last = variant == "channels-last"
    if name == "W1":
        model = RealNVP(2, 8, 64)
        if variant == "script":
            model = torch.jit.script(model)
        return model, (256, 4096, 4096), torch.randn(4096, 2)
    if name == "W2":
        return RealNVP(63, 10, 512), (512, 2048, 2048), torch.randn(2048, 63)
    if name == "W2m":
        return MAF(63, 10, 512), (512, 2048, 256), torch.randn(2048, 63)
    if name == "W3":
        return (Glow(32, 8, 3, 128, last, False), (16, 16, 16),
                torch.rand(16, 3, 32, 32))
    if name in ("W4", "W4r"):
        return (Glow(1024, 4, 6, 32, last, name == "W4r"),
                (1, 1, 1) if name == "W4" else (1, 0, 0),
                torch.rand(1, 3, 1024, 1024))
    if name == "W5":
        return Linear(512), (1024, 1024, 1024), torch.randn(1024, 512)
    if name.startswith("W6-"):
        d = int(name[3:])
        return Residual(d, 64, variant == "by-hand"), (0, 256, 0), torch.randn(256, d)
    refuse("'%s' found, W1 .. W6-64 expected" % name)


def peak_mib():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return float("nan")


def calls_of(model, rows, x):
    """mode: what one call does."""
    data = {mode: x[:n] for mode, n in rows.items() if n}
    if isinstance(model, Glow) and model.last:
        model.to(memory_format=torch.channels_last)
        data = {mode: model.laid_out(part) for mode, part in data.items()}
    if rows["train"]:
        adam = torch.optim.Adam(model.parameters(), lr=1e-4, foreach=True)

    def train():
        adam.zero_grad(set_to_none=True)
        (-model(data["train"]).mean()).backward()
        adam.step()

    def log_prob():
        with torch.no_grad():
            model(data["log_prob"])

    def sample():
        with torch.no_grad():
            if isinstance(model, Glow):
                model.draw(rows["sample"])
            else:
                model.inverse(torch.randn(rows["sample"], x.shape[1]))

    return {"train": train, "log_prob": log_prob, "sample": sample}


def main():
    name, variant, precision = sys.argv[1], sys.argv[2], sys.argv[4]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64 if precision == "double"
                            else torch.float32)
    model, rows, x = workload(name, variant)
    rows = dict(zip(("train", "log_prob", "sample"), rows))
    calls = calls_of(model, rows, x)
    warm = "train" if rows["train"] else "log_prob"
    for _ in range(20 if name == "W1" else WARM_UP):
        calls[warm]()
    params = sum(p.numel() for p in model.parameters())
    print("ready %d %.6g 0 0" % (params, peak_mib()), flush=True)
    seen = {warm}
    for line in sys.stdin:
        mode, seconds = line.split()
        if mode not in seen:
            calls[mode]()
        seen.add(mode)
        start, busy, count = time.perf_counter(), time.process_time(), 0
        while count == 0 or time.perf_counter() - start < float(seconds):
            calls[mode]()
            count += 1
        print("%.9g %.9g" % ((time.perf_counter() - start) / count,
                             (time.process_time() - busy) / count), flush=True)


main()
