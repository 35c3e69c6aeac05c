"""distreqx: every bijector of distreqx.bijectors.

Direction: forward_and_log_det of a single event, batches by vmap, as
documented.  Bijectors are Equinox modules, whose arrays are their parameters:
those are what is perturbed and trained, through the inverse, as
distreqx.distributions.Transformed.log_prob does.
"""
import distreqx.bijectors as B
import equinox as eqx
import jax.numpy as jnp
import jax.random as jr

from of_jax import JaxFlow, of_rows, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "distreqx", "distreqx", "jax"


def entry(name, make, inverted=False, **more):
    """inverted: data to latent is the bijector's inverse, as in Transformed."""
    def build(d, dtype, seed):
        theta, fixed = eqx.partition(make(d, seeded(dtype, seed)),
                                     eqx.is_inexact_array)

        def of(method):
            def f(theta, x):
                y, ld = getattr(eqx.combine(theta, fixed), method)(x)
                return y, jnp.sum(ld)
            return of_rows(f)
        methods = ["forward_and_log_det", "inverse_and_log_det"]
        if inverted:
            methods.reverse()
        return JaxFlow(*map(of, methods), theta, dtype=dtype)
    return Entry("bijectors." + name, build, **more)


def scale(d, key):
    return jnp.exp(jr.normal(key, (d,)) / 2)


def affine(d, key):
    return B.Block(B.ScalarAffine(jr.normal(key, (d,)), scale(d, key)), 1)


def logged(d, key):
    return B.Block(B.ScalarAffine(jr.normal(key, (d,)),
                                  log_scale=jr.normal(key, (d,)) / 2), 1)


def matrix(d, key):
    return jnp.eye(d) + jr.normal(key, (d, d)) / 4


def whole(d, key):
    return B.UnconstrainedAffine(matrix(d, key), jnp.ones(d))


def entries():
    still = dict(perturb=False, train=False)
    single = dict(dims=(1, 3))
    # the arrays of these are no free parameters by construction: perturbing
    # them by hand would be misuse, training them is what the library offers
    made = dict(perturb=False)
    yield entry("ScalarAffine(shift, scale)", affine, **made, **single)
    yield entry("ScalarAffine(shift, log_scale)", logged, **made, **single)
    yield entry("ScalarAffine(shift)", lambda d, key: B.Block(
        B.ScalarAffine(jr.normal(key, (d,))), 1), **made, **single)
    yield entry("Inverse of ScalarAffine, as Transformed trains it", affine,
                inverted=True, **made, **single)
    yield entry("Shift", lambda d, key: B.Block(B.Shift(jr.normal(key, (d,))),
                                                1), **made, **single)
    yield entry("DiagLinear", lambda d, key: B.DiagLinear(scale(d, key)),
                **made)
    yield entry("Inverse of DiagLinear, as Transformed trains it",
                lambda d, key: B.DiagLinear(scale(d, key)), inverted=True,
                **made)
    yield entry("TriangularLinear", lambda d, key: B.TriangularLinear(
        matrix(d, key)), **made)
    yield entry("TriangularLinear(is_lower=False)", lambda d, key:
                B.TriangularLinear(matrix(d, key), is_lower=False), **made)
    yield entry("Inverse of TriangularLinear, as Transformed trains it",
                lambda d, key: B.TriangularLinear(matrix(d, key)),
                inverted=True, **made)
    yield entry("UnconstrainedAffine", whole, **made)
    yield entry("Inverse of UnconstrainedAffine, as Transformed trains it",
                whole, inverted=True, **made)
    far = {"round-trip": (1e-3, "where |x| is large it does not come back; "
                          "below -9 the sigmoid is exp")}
    yield entry("Sigmoid", lambda d, key: B.Block(B.Sigmoid(), 1), onto=False,
                documented=far, **still, **single)
    yield entry("Tanh", lambda d, key: B.Block(B.Tanh(), 1), onto=False,
                **still, **single)
    yield entry("Chain", lambda d, key: B.Chain(
        [whole(d, key), B.TriangularLinear(matrix(d, key))]), **made)
