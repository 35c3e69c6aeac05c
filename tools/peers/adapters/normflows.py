"""normflows: every public flow layer and the transforms of data.

Direction: flow(z) gives z' and log |det dz'/dz|, from latent to data, and
inverse() the other; forward here is theirs.  A single number stands for all
rows.  Images (n, c, h, w) are rows of c h w numbers here.  By documentation:
BatchNorm is of the batch at hand, and Residual's log-determinant an estimate
but for brute_force in two dimensions.
"""
import normflows as nf
import torch
from normflows import flows as F, transforms as T

from modules import Given
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "normflows", "normflows", "torch"
HIDDEN = 16


def flow(make, d, dtype, seed, image, there, warm, with_grad, reverse):
    seeded(dtype, seed)
    m = make(d)
    m.to(torch.get_default_dtype())

    there = there or image

    def run(f, shape=image):
        def g(x):
            y, ld = f(x.reshape(-1, *shape) if image else x)
            return y.reshape(len(x), -1), torch.as_tensor(ld, dtype=x.dtype)
        return g

    if warm:
        m.train()
        run(m.forward)(1.5 * torch.randn(256, d) + .5)
    m.eval()
    f, g = run(m.forward), run(m.inverse, there)
    if reverse:
        f, g = g, f
    return TorchFlow(f, g, module=m, dtype=dtype, with_grad=with_grad)


def entry(name, make, image=None, there=None, warm=False, with_grad=False, reverse=False,
          **more):
    if image:
        more["dims"] = (image[0] * image[1] * image[2],)
    return Entry(name, lambda d, dtype, seed: flow(
        make, d, dtype, seed, image, there, warm, with_grad, reverse), **more)


def stock(name, make, **more):
    """The density's direction is data to latent."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = nf.NormalizingFlow(nf.distributions.DiagGaussian(
            d, trainable=False), make(d)).to(torch.get_default_dtype())
        m.train()
        m.log_prob(torch.randn(256, d))
        m.eval()
        return TorchFlow(m.inverse_and_log_det, m.forward_and_log_det,
                         module=m, log_prob=m.log_prob,
                         sample=lambda n: m.sample(n)[0], dtype=dtype)
    return Entry(name, build, stock=True, **more)


def mlp(n_in, n_out):
    return nf.nets.MLP([n_in, HIDDEN, n_out])


def masked(d):
    b = (torch.arange(d) % 2).to(torch.get_default_dtype())
    return F.MaskedAffineFlow(b, mlp(d, d), mlp(d, d))


def half(d):
    return (d + 1) // 2, d // 2


def coupling(**more):
    def make(d):
        one, two = half(d)
        size = two * (2 if more.get("scale", True) else 1)
        return F.AffineCouplingBlock(mlp(one, size), **more)
    return make


def of_class(d):
    """Of class 1 of three."""
    f = F.CCAffineConst((d,), 3)
    for p in f.parameters():
        torch.nn.init.normal_(p, std=0.5)
    return Given(f, y=lambda x: torch.eye(3, dtype=x.dtype)[1].expand(
        len(x), 3))


def swapped(d):
    one, two = half(d)
    return F.AffineCouplingBlock(mlp(two, 2 * one), split_mode="channel_inv")


def residual(**more):
    def make(d):
        return F.Residual(nf.nets.LipschitzMLP(
            [d, HIDDEN, d], init_zeros=False, lipschitz_const=.9), **more)
    return make


def glow(channels, **more):
    return lambda d: F.GlowBlock(channels, HIDDEN, init_zeros=False, **more)


def entries():
    line = dict(dims=(1, 3))
    fixed = dict(perturb=False, train=False)
    small = (4, 2, 2)
    yield entry("flows.Planar", lambda d: F.Planar((d,)))
    yield entry("flows.Planar(act='leaky_relu')",
                lambda d: F.Planar((d,), act="leaky_relu"))
    yield entry("flows.Radial", lambda d: F.Radial((d,)))
    yield entry("flows.AffineConstFlow", lambda d: F.AffineConstFlow((d,)))
    yield entry("flows.AffineConstFlow (image, channels)",
                lambda d: F.AffineConstFlow((4, 1, 1)), image=small)
    yield entry("flows.AffineConstFlow(scale=False)",
                lambda d: F.AffineConstFlow((d,), scale=False))
    yield entry("flows.ActNorm", lambda d: F.ActNorm((d,)), warm=True)
    yield entry("flows.ActNorm (image)", lambda d: F.ActNorm((4, 1, 1)),
                image=small, warm=True)
    batch = "of the batch at hand, by its documentation"
    yield entry("flows.BatchNorm", lambda d: F.BatchNorm(), documented={
        c: (1e9, batch) for c in (
            "log-det", "batch of one", "round-trip", "inverse's log-det",
            "mass", "gradient", "finite")}, **fixed)
    yield entry("flows.CCAffineConst", of_class)
    yield entry("flows.MaskedAffineFlow", masked)
    yield entry("flows.MaskedAffineFlow(s=None)", lambda d: F.MaskedAffineFlow(
        (torch.arange(d) % 2).to(torch.get_default_dtype()), mlp(d, d)))
    for kind in ("exp", "sigmoid", "sigmoid_inv"):
        yield entry("flows.AffineCouplingBlock(scale_map='%s')" % kind,
                    coupling(scale_map=kind))
    yield entry("flows.AffineCouplingBlock(scale=False)",
                coupling(scale=False))
    yield entry("flows.AffineCouplingBlock(split_mode='channel_inv')", swapped)
    for kind in ("checkerboard", "checkerboard_inv"):
        yield entry("flows.AffineCouplingBlock(split_mode='%s')" % kind,
                    lambda d, k=kind: F.AffineCouplingBlock(
                        mlp(d // 2, d), split_mode=k), dims=(2, 4))
    for kind in ("shuffle", "swap"):
        yield entry("flows.Permute(mode='%s')" % kind,
                    lambda d, k=kind: F.Permute(d, mode=k), **fixed)
    for lu in (False, True):
        yield entry("flows.InvertibleAffine(use_lu=%s)" % lu,
                    lambda d, u=lu: F.InvertibleAffine(d, use_lu=u))
        yield entry("flows.Invertible1x1Conv(use_lu=%s)" % lu,
                    lambda d, u=lu: F.Invertible1x1Conv(4, use_lu=u),
                    image=small)
    yield entry("flows.LULinearPermute", lambda d: F.LULinearPermute(d))
    yield entry("flows.LULinearPermute(identity_init=False)",
                lambda d: F.LULinearPermute(d, identity_init=False))
    inside = dict(domain=("box", -1, 1), onto=False)
    yield entry("flows.PeriodicWrap", lambda d: F.PeriodicWrap(
        list(range(d))), **inside, **line, **fixed)
    yield entry("flows.PeriodicShift", lambda d: F.PeriodicShift(
        list(range(d)), shift=.5), **inside, **line, **fixed)
    yield entry("flows.Squeeze", lambda d: F.Squeeze(), image=small,
                there=(1, 4, 4), **fixed)
    yield entry("flows.Composite", lambda d: F.Composite(
        [masked(d), F.LULinearPermute(d, identity_init=False)]))
    yield entry("flows.Reverse", lambda d: F.Reverse(masked(d)))
    for name, more in (("", {}), ("(scale_map='exp')", dict(scale_map="exp")),
                       ("(scale=False)", dict(scale=False)),
                       ("(split_mode='checkerboard')",
                        dict(split_mode="checkerboard")),
                       ("(use_lu=False)", dict(use_lu=False)),
                       ("(net_actnorm=True)", dict(net_actnorm=True))):
        yield entry("flows.GlowBlock" + name, glow(4, **more), image=small,
                    warm=True)
    yield entry("flows.MaskedAffineAutoregressive",
                lambda d: F.MaskedAffineAutoregressive(d, HIDDEN))
    yield entry("flows.MaskedAffineAutoregressive(random_mask=True)",
                lambda d: F.MaskedAffineAutoregressive(
                    d, HIDDEN, use_residual_blocks=False, random_mask=True))
    yield entry("flows.CoupledRationalQuadraticSpline",
                lambda d: F.CoupledRationalQuadraticSpline(d, 2, HIDDEN),
                box=3.)
    yield entry("flows.CoupledRationalQuadraticSpline(reverse_mask=True)",
                lambda d: F.CoupledRationalQuadraticSpline(
                    d, 2, HIDDEN, reverse_mask=True), box=3.)
    yield entry("flows.AutoregressiveRationalQuadraticSpline",
                lambda d: F.AutoregressiveRationalQuadraticSpline(
                    d, 2, HIDDEN), box=3.)
    yield entry("flows.AutoregressiveRationalQuadraticSpline"
                "(permute_mask=True)",
                lambda d: F.AutoregressiveRationalQuadraticSpline(
                    d, 2, HIDDEN, permute_mask=True, init_identity=False),
                box=3.)
    # coordinate 0 is an angle; the others live on the line
    yield entry("flows.CircularCoupledRationalQuadraticSpline",
                lambda d: F.CircularCoupledRationalQuadraticSpline(
                    d, 2, HIDDEN, [0], tail_bound=3.), box=3., onto=False,
                points=circle, inside=on_circle)
    yield entry("flows.CircularAutoregressiveRationalQuadraticSpline",
                lambda d: F.CircularAutoregressiveRationalQuadraticSpline(
                    d, 2, HIDDEN, [0], tail_bound=3), box=3., onto=False,
                points=circle, inside=on_circle)
    iterated = {"round-trip": (1e-3, "a fixed point iteration to atol=1e-5, "
                               "by its signature"),
                "inverse's log-det": (1e-3, "likewise")}
    rough = "an estimate by a random series, by its documentation"
    for name, more, dims in (
            ("(brute_force=True)", dict(brute_force=True), (2,)),
            ("(exact_trace=True)", dict(exact_trace=True), (2,)),
            ("", {}, (2,))):
        yield entry("flows.Residual" + name, residual(**more), dims=dims,
                    with_grad=True, reverse=True, train=False, perturb=False,
                    documented=iterated if "brute" in name else {
                        **iterated, **{
                        c: (1e9, rough) for c in (
                            "log-det", "second call", "batch of one", "mass",
                            "inverse's log-det", "gradient",
                            "gradient by parameters")}})
    yield entry("transforms.Logit", lambda d: T.Logit(), onto=False,
                **line, **fixed)
    yield entry("transforms.Shift", lambda d: T.Shift(), **line, **fixed)

    yield stock("NormalizingFlow (RealNVP)", lambda d: [
        m for k in range(4) for m in (
            F.AffineCouplingBlock(mlp(half(d)[0], 2 * half(d)[1])),
            F.Permute(d, mode="swap"))][:-1] if d % 2 == 0 else [
        masked(d), F.Permute(d), masked(d)])
    yield stock("NormalizingFlow (spline)", lambda d: [
        m for k in range(2) for m in (
            F.AutoregressiveRationalQuadraticSpline(d, 1, HIDDEN),
            F.LULinearPermute(d))], box=3.)
    yield stock("NormalizingFlow (MaskedAffineFlow, ActNorm)", lambda d: [
        m for k in range(2) for m in (masked(d), F.Permute(d),
                                      F.ActNorm((d,)))])


def circle(n, d, rng):
    x = rng.normal(size=(n, d)) * 2.5
    x[:, 0] = 2.9 * (2 * rng.random(n) - 1)
    return x


def on_circle(x):
    return abs(x[:, 0]) < 3
