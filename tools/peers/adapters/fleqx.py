"""fleqx: its bijectors and its flows over N(0, I).

Direction: forward_and_log_det of a single event, batches by vmap; of the flows,
over a base of the library, data to latent is the inverse of the bijector.
Parameters are what fleqx.train.fit trains, of flows but for their base, which
stays N(0, I).
"""
import equinox as eqx
import fleqx.bijectors as B
import jax
import jax.numpy as jnp
import jax.random as jr
import parax
from fleqx import flows

from of_jax import JaxFlow, of_rows, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "fleqx", "fleqx", "jax"


def of(bijector, method):
    theta, fixed = eqx.partition(bijector, eqx.is_inexact_array)

    def f(theta, x):
        b = parax.unwrap(eqx.combine(theta, fixed))
        y, ld = getattr(b, method)(x)
        return y, jnp.sum(ld)
    return theta, fixed, of_rows(f)


def entry(name, make, **more):
    def build(d, dtype, seed):
        b = make(d, seeded(dtype, seed))
        theta, _, forward = of(b, "forward_and_log_det")
        inverse = of(b, "inverse_and_log_det")[2]
        loop = isinstance(b, B.MaskedAutoregressive)
        return JaxFlow(forward, inverse, theta, dtype=dtype, jit=loop)
    return Entry("bijectors." + name, build, **more)


def stock(name, function, **more):
    def build(d, dtype, seed):
        model = function(seeded(dtype, seed), dim=d, flow_layers=3, **more)

        def get(m):
            return m.bijector if hasattr(m, "bijector") else m._bijector
        theta, fixed, forward = of(get(model), "inverse_and_log_det")
        inverse = of(get(model), "forward_and_log_det")[2]

        def whole(theta):
            return parax.unwrap(eqx.tree_at(get, model,
                                            eqx.combine(theta, fixed)))
        return JaxFlow(
            forward, inverse, theta,
            lambda t, x: jax.vmap(whole(t).log_prob)(x),
            lambda t, key, n: jax.vmap(whole(t).sample)(jr.split(key, n)),
            dtype, jit=True)
    return Entry("flows." + name, build, stock=True)


def entries():
    yield entry("Coupling", lambda d, key: B.Coupling(
        key, untransformed_dim=d // 2, dim=d, nn_width=16, nn_depth=1))
    yield entry("MaskedAutoregressive", lambda d, key: B.MaskedAutoregressive(
        key, dim=d, nn_width=16, nn_depth=1))
    yield entry("Planar", lambda d, key: B.Planar(key, dim=d))
    yield entry("Permute", lambda d, key: B.Permute(
        jnp.roll(jnp.arange(d), 1)), perturb=False, train=False)
    yield entry("Inverse(Coupling)", lambda d, key: B.Inverse(B.Coupling(
        key, untransformed_dim=d // 2, dim=d, nn_width=16, nn_depth=1)))
    yield stock("coupling_flow", flows.coupling_flow)
    yield stock("masked_autoregressive_flow", flows.masked_autoregressive_flow)
    yield stock("planar_flow", flows.planar_flow)
