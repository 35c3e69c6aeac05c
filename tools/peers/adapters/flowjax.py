"""flowjax: every bijection of flowjax.bijections, and the flows of
flowjax.flows over N(0, I).

Direction: transform_and_log_det(x), of a single event.  Functions of a batch
are by vmap, which is the documented way.  Parameters are the arrays that
flowjax's own fit_to_data would train (not those under NonTrainable).
"""
import equinox as eqx
import flowjax.bijections as B
import jax.numpy as jnp
import jax.random as jr
import paramax
from flowjax import flows
from flowjax.distributions import Normal

from of_jax import JaxFlow, of_rows, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "flowjax", "flowjax", "jax"
HALF = 2.5  # of the box of splines


def split(model):
    return eqx.partition(model, eqx.is_inexact_array, is_leaf=lambda v:
                         isinstance(v, paramax.NonTrainable))


def flow(model, dtype, condition=None, inverse=True, jit=False):
    theta, fixed = split(model)

    def made(method):
        def of_one(theta, x):
            b = eqx.combine(theta, fixed)
            if b.shape != x.shape:
                x = x.reshape(b.shape)
            y, ld = getattr(b, method)(x, condition)
            return y.reshape(-1), ld
        return of_rows(of_one)

    return JaxFlow(made("transform_and_log_det"),
                   made("inverse_and_log_det") if inverse else None,
                   theta, dtype=dtype, jit=jit)


def entry(name, make, inverse=True, condition=None, jit=False, **more):
    def build(d, dtype, seed):
        key = seeded(dtype, seed)
        c = None if condition is None else jnp.linspace(-1., 1., condition)
        return flow(make(d, key), dtype, c, inverse, jit)
    return Entry("bijections." + name, build, **more)


def stock(name, make, jit=True, inverse=True, **more):
    """Data to latent is the inverse of the distribution's bijection."""
    def build(d, dtype, seed):
        key = seeded(dtype, seed)
        base = paramax.non_trainable(Normal(jnp.zeros(d)))
        theta, fixed = split(make(key, base))

        def whole(theta):
            return eqx.combine(theta, fixed)

        def forward(theta, x):
            return whole(theta).bijection.inverse_and_log_det(x)

        def back(theta, z):
            return whole(theta).bijection.transform_and_log_det(z)

        return JaxFlow(of_rows(forward), of_rows(back), theta,
                       lambda theta, x: whole(theta).log_prob(x),
                       lambda theta, key, n: whole(theta).sample(
                           jr.wrap_key_data(key), (n,)),
                       dtype, jit)
    return Entry("flows." + name, build, stock=True, **more)


def affine(d, key):
    return B.Affine(jr.normal(key, (d,)),
                    jnp.exp(jr.normal(jr.fold_in(key, 1), (d,)) / 2))


def spline(**more):
    return B.RationalQuadraticSpline(**{**dict(knots=8, interval=HALF), **more})


def repeated(d, **more):
    return B.Vmap(spline(**more), axis_size=d)


def triangular(lower):
    def make(d, key):
        a = jr.normal(key, (d, d)) / 3
        a = a.at[jnp.diag_indices(d)].set(jnp.linspace(0.5, 2., d))
        return B.TriangularAffine(jnp.ones(d), a, lower=lower)
    return make


def coupling(transformer, cond_dim=None):
    return lambda d, key: B.Coupling(
        key, transformer=transformer(), untransformed_dim=d // 2, dim=d,
        cond_dim=cond_dim, nn_width=16, nn_depth=1)


def autoregressive(transformer, cond_dim=None):
    return lambda d, key: B.MaskedAutoregressive(
        key, transformer=transformer(), dim=d, cond_dim=cond_dim, nn_width=16,
        nn_depth=1)


def block(**more):
    return lambda d, key: B.BlockAutoregressiveNetwork(
        key, **{**dict(dim=d, depth=1, block_dim=4), **more})


def inverted_block(d, key):
    def halves(bijection, y, condition=None):
        low, high = jnp.full_like(y, -200.), jnp.full_like(y, 200.)
        for _ in range(60):
            mid = (low + high) / 2
            below = bijection.transform(mid, condition) < y
            low, high = jnp.where(below, mid, low), jnp.where(below, high, mid)
        return (low + high) / 2
    return B.NumericalInverse(block()(1, key), halves)


def entries():
    plain = dict(perturb=False, train=False)
    single = dict(dims=(1, 3))
    yield entry("Affine", affine, **single)
    yield entry("Loc", lambda d, key: B.Loc(jr.normal(key, (d,))), **single)
    yield entry("Scale", lambda d, key: B.Scale(jnp.exp(jr.normal(key, (d,)))),
                **single)
    yield entry("TriangularAffine", triangular(True))
    yield entry("TriangularAffine(lower=False)", triangular(False))
    yield entry("AdditiveCondition", lambda d, key: B.AdditiveCondition(
        eqx.nn.Linear(3, d, key=key), (d,), (3,)), condition=3)
    for name, make, more in (
            ("Exp", B.Exp, dict(onto=False)),
            ("SoftPlus", B.SoftPlus, dict(onto=False)),
            ("Sigmoid", B.Sigmoid, dict(onto=False)),
            ("Tanh", B.Tanh, dict(onto=False)),
            ("Flip", B.Flip, {}), ("Identity", B.Identity, {})):
        yield entry(name, lambda d, key, make=make: make((d,)), **plain,
                    **single, **more)
    yield entry("Power(exponent=2.5)", lambda d, key: B.Power(2.5, (d,)),
                domain=("above", 0), onto=False, **plain, **single)
    yield entry("LeakyTanh(max_val=3)", lambda d, key: B.LeakyTanh(3., (d,)),
                **plain, **single)
    yield entry("Householder", lambda d, key: B.Householder(jr.normal(key, d)))
    yield entry("DiscreteCosine", lambda d, key: B.DiscreteCosine((d,)),
                **plain)
    yield entry("Permute", lambda d, key: B.Permute(jnp.roll(jnp.arange(d), 1)),
                **plain)
    yield entry("Planar", lambda d, key: B.Planar(key, dim=d), inverse=False)
    yield entry("Planar(negative_slope=0.1)",
                lambda d, key: B.Planar(key, dim=d, negative_slope=0.1))
    yield entry("Planar(cond_dim=3)", lambda d, key: B.Planar(
        key, dim=d, cond_dim=3, width_size=8, depth=1), inverse=False,
        condition=3)
    box = dict(box=HALF)
    yield entry("RationalQuadraticSpline", lambda d, key: repeated(d), **box,
                **single)
    yield entry("RationalQuadraticSpline(interval=(-1, 4))",
                lambda d, key: repeated(d, interval=(-1., 4.)), box=4.,
                **single)
    yield entry("RationalQuadraticSpline(min_derivative=0.1, min_width=0.1)",
                lambda d, key: repeated(d, min_derivative=.1, min_width=.1),
                **box, **single)
    yield entry("Coupling(Affine)", coupling(B.Affine))
    yield entry("Coupling(Affine, cond_dim=3)", coupling(B.Affine, 3),
                condition=3)
    yield entry("Coupling(RationalQuadraticSpline)", coupling(spline), **box)
    yield entry("MaskedAutoregressive(Affine)", autoregressive(B.Affine),
                jit=True)
    yield entry("MaskedAutoregressive(Affine, cond_dim=3)",
                autoregressive(B.Affine, 3), condition=3, jit=True)
    yield entry("MaskedAutoregressive(RationalQuadraticSpline)",
                autoregressive(spline), jit=True, **box)
    yield entry("BlockAutoregressiveNetwork", block(), inverse=False)
    yield entry("BlockAutoregressiveNetwork(depth=0)", block(depth=0),
                inverse=False)
    yield entry("BlockAutoregressiveNetwork(depth=2)", block(depth=2),
                inverse=False)
    yield entry("BlockAutoregressiveNetwork(activation=LeakyTanh)",
                block(activation=B.LeakyTanh(3.)), inverse=False)
    yield entry("BlockAutoregressiveNetwork(activation=a callable)",
                block(activation=lambda x: x + jnp.tanh(x)), inverse=False)
    yield entry("BlockAutoregressiveNetwork(cond_dim=3)", block(cond_dim=3),
                inverse=False, condition=3)
    yield entry("NumericalInverse", inverted_block, dims=(1,))
    yield entry("Concatenate", lambda d, key: B.Concatenate(
        [affine(1, key), B.LeakyTanh(3., (d - 1,))]))
    yield entry("Stack", lambda d, key: B.Stack(
        [affine(1, jr.fold_in(key, k)) for k in range(d)]))
    yield entry("Chain", lambda d, key: B.Chain(
        [affine(d, key), B.LeakyTanh(3., (d,)), B.Flip((d,))]))
    yield entry("Scan", lambda d, key: B.Scan(eqx.filter_vmap(
        lambda k: B.Householder(jr.normal(k, d)))(jr.split(key, 3))), jit=True)
    yield entry("Vmap(in_axes)", lambda d, key: B.Vmap(eqx.filter_vmap(
        lambda: spline(), axis_size=d)(), in_axes=eqx.if_array(0)), **box)
    yield entry("Invert", lambda d, key: B.Invert(repeated(d)), **box)
    yield entry("Indexed", lambda d, key: B.Indexed(affine(1, key),
                                                    slice(0, 1), (d,)))
    yield entry("EmbedCondition", lambda d, key: B.EmbedCondition(
        coupling(B.Affine, 2)(d, key), eqx.nn.Linear(3, 2, key=key), (3,)),
        condition=3)
    yield entry("Reshape", lambda d, key: B.Reshape(affine(d, key), (1, d)))
    yield entry("Sandwich", lambda d, key: B.Sandwich(
        repeated(d, interval=1.), B.LeakyTanh(3., (d,))))

    def flowed(function, **more):
        return lambda key, base: function(key, base_dist=base, **more)

    small = dict(flow_layers=3, nn_width=16)
    yield stock("coupling_flow", flowed(flows.coupling_flow, **small))
    yield stock("coupling_flow(transformer=RationalQuadraticSpline)", flowed(
        flows.coupling_flow, transformer=spline(), **small))
    yield stock("masked_autoregressive_flow",
                flowed(flows.masked_autoregressive_flow, **small))
    yield stock("masked_autoregressive_flow(invert=False)", flowed(
        flows.masked_autoregressive_flow, invert=False, **small))
    yield stock("masked_autoregressive_flow(transformer="
                "RationalQuadraticSpline)", flowed(
                    flows.masked_autoregressive_flow, transformer=spline(),
                    **small))
    tolerance = (1e-2, "bisection to an absolute error of 1e-5")
    yield stock("block_neural_autoregressive_flow",
                flowed(flows.block_neural_autoregressive_flow),
                documented={"round-trip": tolerance, "inverse's log-det":
                            tolerance})
    yield stock("planar_flow(negative_slope=0.1)",
                flowed(flows.planar_flow, negative_slope=0.1, flow_layers=3))
    yield stock("triangular_spline_flow",
                flowed(flows.triangular_spline_flow, flow_layers=3))
