"""nflojax: the transforms of nflojax.transforms, and its two built flows over
N(0, I).

Direction: forward(params, x) of a batch; of the built flows it is latent to
data, and the inverse, which log_prob calls, is data to latent.  Parameters are
the trees that its builders return.
"""
import jax
import jax.numpy as jnp
import jax.random as jr
from nflojax import builders, transforms as T

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "nflojax", "nflojax", "jax"


def entry(name, make, context=0, gate=None, **more):
    """make(key, d) -> transform, parameters.  The gate is a value of g."""
    def build(d, dtype, seed):
        t, theta = make(seeded(dtype, seed), d)
        theta = jax.tree_util.tree_map(lambda p: p.astype(dtype), theta)

        def of(method):
            def f(theta, x):
                more = {}
                if context:
                    more["context"] = jnp.broadcast_to(
                        jnp.linspace(-1., 1., context), (len(x), context))
                if gate is not None:
                    more["g_value"] = jnp.full(len(x), gate, x.dtype)
                return getattr(t, method)(theta, x, **more)
            return f
        return JaxFlow(of("forward"), of("inverse"), theta, dtype=dtype)
    return Entry("transforms." + name, build, **more)


def stock(name, function, **more):
    def build(d, dtype, seed):
        key = seeded(dtype, seed)
        flow, theta = function(key, d, 3, 16, 1, **more)
        theta = jax.tree_util.tree_map(lambda p: jnp.asarray(p, dtype), theta)
        return JaxFlow(flow.inverse, flow.forward, theta, flow.log_prob,
                       lambda t, key, n: flow.sample(t, key, (n,)), dtype)
    return Entry(name, build, stock=True)


def mask(d):
    return (jnp.arange(d) % 2).astype(jnp.float32)


def affine(**more):
    return lambda key, d: T.AffineCoupling.create(key, d, mask(d), 16, 1,
                                                  **more)


def spline(**more):
    return lambda key, d: T.SplineCoupling.create(key, d, mask(d), 16, 1,
                                                  **more)


def linear(**more):
    def make(key, d):
        t, theta = T.LinearTransform.create(key, d, **more)
        theta = {**theta, "lower": jr.normal(key, (d, d)) / 4,
                 "upper": jr.normal(jr.fold_in(key, 1), (d, d)) / 4}
        return t, theta
    return make


def loft(tau):
    return lambda key, d: T.LoftTransform.create(key, d, tau)


def entries():
    plain = dict(perturb=False, train=False)
    single = dict(dims=(1, 3))
    yield entry("AffineCoupling", affine())
    yield entry("AffineCoupling(context_dim=2)", affine(context_dim=2),
                context=2)
    yield entry("AffineCoupling(max_log_scale=1, max_shift=1)",
                affine(max_log_scale=1., max_shift=1.))
    yield entry("AffineCoupling, g_value=0.4", affine(), gate=.4)
    yield entry("SplineCoupling", spline(), box=5.)
    yield entry("SplineCoupling(num_bins=16, tail_bound=2)", spline(
        num_bins=16, tail_bound=2.), box=2.)
    yield entry("SplineCoupling(context_dim=2)", spline(context_dim=2),
                context=2, box=5.)
    yield entry("SplineCoupling, g_value=0.4", spline(), gate=.4, box=5.)
    yield entry("LinearTransform", linear())
    yield entry("LinearTransform(context_dim=2)", linear(context_dim=2),
                context=2)
    yield entry("LinearTransform, g_value=0.4", linear(), gate=.4)
    yield entry("LoftTransform(tau=1000)", loft(1000.), **plain, **single)
    yield entry("LoftTransform(tau=2)", loft(2.), **plain, **single)
    yield entry("LoftTransform(tau=2), g_value=0.4", loft(2.), gate=.4, **plain,
                **single)
    yield entry("Permutation", lambda key, d: T.Permutation.create(
        key, jnp.roll(jnp.arange(d), 1)), **plain)

    def composed(key, d):
        parts = [affine()(key, d), linear()(key, d), spline()(key, d)]
        blocks, theta = zip(*parts)
        return T.CompositeTransform(list(blocks)), list(theta)
    yield entry("CompositeTransform", composed)
    yield stock("build_realnvp", builders.build_realnvp)
    yield stock("build_realnvp(use_linear=True, loft_tau=5)",
                builders.build_realnvp, use_linear=True, loft_tau=5.)
    yield stock("build_realnvp(use_permutation=True, use_loft=False)",
                builders.build_realnvp, use_permutation=True, use_loft=False)
    yield stock("build_spline_realnvp", builders.build_spline_realnvp)
