"""surjectors: its bijections.  Surjections (Slice and the funnels) change the
dimension; as bijections with a density of what is dropped they are not in this
table.

Direction: inverse_and_log_det, data to latent, which is what its
TransformedDistribution.log_prob calls.  Layers are Haiku modules: parameters
are Haiku's.
"""
import haiku as hk
import jax
import jax.numpy as jnp
import surjectors as S
from surjectors.nn import MADE, make_mlp
from surjectors.util import make_alternating_binary_mask

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "surjectors", "surjectors", "jax"


def entry(name, make, forward=True, **more):
    def build(d, dtype, seed):
        key = seeded(dtype, seed)

        def of(method):
            def call(x):
                layer = make(d)
                if not hasattr(layer, method):  # a Chain
                    return getattr(layer, method.replace(
                        "log_det", "likelihood_contribution"))(x)
                return getattr(layer, method)(x)
            return hk.without_apply_rng(hk.transform(call))
        back = of("inverse_and_log_det")
        # parameters are drawn in float, whatever the mode
        theta = jax.tree_util.tree_map(lambda p: p.astype(dtype), back.init(
            key, jnp.ones((2, d), dtype)))
        return JaxFlow(back.apply, of("forward_and_log_det").apply if forward
                       else None, theta, dtype=dtype)
    return Entry(name, build, **more)


def mask(d, even=True):
    return make_alternating_binary_mask(d, even)


def coupling(d, even=True):
    return S.AffineMaskedCoupling(mask(d, even), make_mlp([16, 2 * d]))


def splines(d, bins=8):
    count = 3 * bins + 1
    return S.RationalQuadraticSplineMaskedCoupling(
        mask(d), hk.Sequential([make_mlp([16, d * count]),
                                hk.Reshape((d, count))]), -2.5, 2.5)


def entries():
    import distrax

    def scaled(params):
        shift, log_scale = jnp.split(params, 2, -1)
        return distrax.ScalarAffine(shift, jnp.exp(log_scale))

    def scaled_apart(params):
        return distrax.ScalarAffine(params[..., 0], jnp.exp(params[..., 1]))
    yield entry("AffineMaskedCoupling", coupling)
    yield entry("MaskedCoupling(ScalarAffine)", lambda d: S.MaskedCoupling(
        mask(d), make_mlp([16, 2 * d]), scaled))
    yield entry("RationalQuadraticSplineMaskedCoupling", splines, box=2.5)
    yield entry("AffineMaskedAutoregressive", lambda d:
                S.AffineMaskedAutoregressive(MADE(d, [16], 2)))
    yield entry("MaskedAutoregressive(ScalarAffine)", lambda d:
                S.MaskedAutoregressive(MADE(d, [16], 2), scaled_apart))
    yield entry("MaskedAutoregressive(RationalQuadraticSpline)", lambda d:
                S.MaskedAutoregressive(MADE(d, [16], 25), lambda p:
                                       distrax.RationalQuadraticSpline(
                                           p, -2.5, 2.5)), box=2.5)
    yield entry("LULinear", lambda d: S.LULinear(
        d, dtype=jnp.result_type(float)), forward=False)
    yield entry("Permutation", lambda d: S.Permutation(
        jnp.roll(jnp.arange(d), 1), 1), perturb=False, train=False)
    yield entry("Chain", lambda d: S.Chain([
        coupling(d), S.Permutation(jnp.arange(d)[::-1], 1), coupling(d)]))
