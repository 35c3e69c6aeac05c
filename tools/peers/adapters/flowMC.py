"""flowMC: its normalizing flows, and their layers.

Direction: forward, data to latent, of a single row, batches by vmap.  Layers
state log-determinants a coordinate, which are summed.  Masks and the moments of
data are arrays of the model that stop_gradient keeps: they are no parameters.
FlowMatchingModel has a density and draws alone: z is its equation solved back by
the adapter, with its own field, method and step, and log |det| what log_prob says
beyond log N(z).
"""
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from diffrax import ODETerm, diffeqsolve
from flowMC.resource.model import common as C
from flowMC.resource.model.flowmatching.base import (CondOTScheduler,
                                                     FlowMatchingModel, Path,
                                                     Solver)
from flowMC.resource.model.nf_model.realNVP import AffineCoupling, RealNVP
from flowMC.resource.model.nf_model.rqSpline import (MaskedCouplingRQSpline,
                                                     RQSpline)

from of_jax import JaxFlow, log_normal, of_rows, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "flowMC", "flowMC", "jax"
KEPT = ("_mask", "_data_mean", "_data_cov", "_mean", "_cov")


def split(model):
    def trained(path, leaf):
        names = [getattr(p, "name", "") for p in path]
        return eqx.is_inexact_array(leaf) and not set(names) & set(KEPT)
    return eqx.partition(model, jax.tree_util.tree_map_with_path(trained,
                                                                 model))


def flow(model, dtype, call, back, stock=False, jit=False):
    theta, fixed = split(model)

    def of(f):
        def row(theta, x):
            y, ld = f(eqx.combine(theta, fixed), x)
            return y, jnp.sum(ld)
        return of_rows(row)
    more = {}
    if stock:
        more = dict(log_prob=lambda t, x: eqx.combine(t, fixed).log_prob(x),
                    sample=lambda t, k, n: eqx.combine(t, fixed).sample(k, n))
    return JaxFlow(of(call), of(back), theta, dtype=dtype, jit=jit, **more)


def layer(name, make, **more):
    def build(d, dtype, seed):
        c = jnp.linspace(-1., 1., d)
        with_c = make(d, seeded(dtype, seed))
        return flow(with_c, dtype, lambda m, x: m.forward(x, c.astype(x.dtype)),
                    lambda m, z: m.inverse(z, c.astype(z.dtype)))
    return Entry(name, build, **more)


def model(name, make):
    def build(d, dtype, seed):
        return flow(make(d, seeded(dtype, seed)), dtype,
                    lambda m, x: m.forward(x), lambda m, z: m.inverse(z), True,
                    True)
    return Entry(name, build, stock=True)


def matching(d, dtype, seed):
    theta, fixed = split(FlowMatchingModel(
        Solver(net(d, seeded(dtype, seed), inputs=d + 1)),
        Path(CondOTScheduler())))

    def solved(solver, x, t0, t1):
        term = ODETerm(lambda t, y, _: solver.model(jnp.append(y, t)))
        return diffeqsolve(term, solver.method, t0, t1, (t1 - t0) / 10, x).ys[0]

    def log_prob(theta, x):  # of a row it is one number, of shape (1,)
        return jax.vmap(eqx.combine(theta, fixed).log_prob)(x)[:, 0]

    def forward(theta, x):
        solver = eqx.combine(theta, fixed).solver
        z = jax.vmap(lambda v: solved(solver, v, 1., 0.))(x)
        return z, log_prob(theta, x) - log_normal(z)
    return JaxFlow(forward, None, theta, log_prob, dtype=dtype, jit=True,
                   sample=lambda t, k, n: eqx.combine(t, fixed).sample(k, n))


def net(d, key, count=1, scale=1., inputs=None):
    return C.MLP([inputs or d, 16, count * d], key, scale=scale)


def mask(d):
    return (jnp.arange(d) % 2).astype(float)


def entries():
    single = dict(dims=(1, 3))
    yield layer("ScalarAffine", lambda d, key: C.ScalarAffine(0.4, -0.3),
                **single)
    yield layer("MLPAffine", lambda d, key: C.MLPAffine(
        net(d, key), net(d, jr.fold_in(key, 1))))
    yield layer("RQSpline", lambda d, key: RQSpline(net(d, key, 25), -2.5, 2.5),
                box=2.5)
    yield layer("MaskedCouplingLayer(MLPAffine)", lambda d, key:
                C.MaskedCouplingLayer(C.MLPAffine(
                    net(d, key), net(d, jr.fold_in(key, 1))), mask(d)))
    yield layer("MaskedCouplingLayer(RQSpline)", lambda d, key:
                C.MaskedCouplingLayer(RQSpline(net(d, key, 25), -2.5, 2.5),
                                      mask(d)), box=2.5)

    def coupling(d, dtype, seed):
        m = AffineCoupling(d, 16, mask(d), seeded(dtype, seed), scale=1.)
        return flow(m, dtype, lambda m, x: m.forward(x),
                    lambda m, z: m.inverse(z))
    yield Entry("AffineCoupling", coupling)
    yield model("RealNVP", lambda d, key: RealNVP(d, 3, 16, key))
    yield model("MaskedCouplingRQSpline", lambda d, key: MaskedCouplingRQSpline(
        d, 3, [16], 8, key))
    # trained by matching its field, not by its density
    yield Entry("FlowMatchingModel", matching, stock=True, dims=(2,),
                train=False, documented={"log-det": (
                    1e-2, "an equation solved in ten steps")})
