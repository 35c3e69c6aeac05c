"""distrax: every bijector of its public names.

Direction: forward_and_log_det of a batch; what is left of the log-determinant's
shape beside the batch is summed by distrax.Block.  A bijector is made anew from
its constructor's arguments in every call, as distrax's own examples train:
those arguments are the parameters.
"""
import distrax
import jax
import jax.numpy as jnp
import jax.random as jr

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "distrax", "distrax", "jax"
HALF = 2.5


def entry(name, make, arguments=None, **more):
    """make(theta, d), of arguments(d, key)."""
    def build(d, dtype, seed):
        key = seeded(dtype, seed)
        theta = arguments(d, key) if arguments else ()

        def whole(theta):
            b = distrax.as_bijector(make(theta, d))
            return b if b.event_ndims_in else distrax.Block(b, 1)
        return JaxFlow(lambda t, x: whole(t).forward_and_log_det(x),
                       lambda t, z: whole(t).inverse_and_log_det(z), theta,
                       dtype=dtype)
    return Entry(name, build, **more)


def normal(*shape):
    return lambda d, key: jr.normal(key, [d if s == "d" else s for s in shape])


def two(*shape):
    shaped = normal(*shape)
    return lambda d, key: (shaped(d, key), shaped(d, jr.fold_in(key, 1)) / 3)


def square(d, key):
    return jnp.eye(d) + jr.normal(key, (d, d)) / 4, jnp.ones(d)


def spline(**more):
    arguments = {**dict(range_min=-HALF, range_max=HALF), **more}
    return lambda t, d=None: distrax.RationalQuadraticSpline(t, **arguments)


def net(inputs, outputs):
    def arguments(d, key):
        i, o = inputs(d), outputs(d)
        return [jr.normal(jr.fold_in(key, 1), (i, 8)) / i ** 0.5, jnp.zeros(8),
                jr.normal(jr.fold_in(key, 2), (8, o)) / 8, jnp.zeros(o)]
    return arguments


def run(t, x, *shape):
    y = jnp.tanh(x @ t[0] + t[1]) @ t[2] + t[3]
    return y.reshape(*y.shape[:-1], *shape)


def scaled(p):
    return distrax.ScalarAffine(p[..., 0], log_scale=jnp.tanh(p[..., 1]))


def entries():
    still = dict(perturb=False, train=False)
    single = dict(dims=(1, 3))
    yield entry("ScalarAffine(shift, scale)", lambda t, d: distrax.ScalarAffine(
        t[0], jnp.exp(t[1])), two("d"), **single)
    yield entry("ScalarAffine(shift, log_scale)", lambda t, d:
                distrax.ScalarAffine(t[0], log_scale=t[1]), two("d"), **single)
    yield entry("ScalarAffine(a shift for all)", lambda t, d:
                distrax.ScalarAffine(t[0], jnp.exp(t[1])), two(), **single)
    yield entry("Shift", lambda t, d: distrax.Shift(t), normal("d"), **single)
    yield entry("Block(ScalarAffine, 1)", lambda t, d: distrax.Block(
        distrax.ScalarAffine(t[0], jnp.exp(t[1])), 1), two())
    for name, cls in (("Sigmoid", distrax.Sigmoid), ("Tanh", distrax.Tanh),
                      ("GumbelCDF", distrax.GumbelCDF)):
        far = {"round-trip": (1e-3, "where |x| is large it does not come back; "
                              "below -9 the sigmoid is exp")}
        yield entry(name, lambda t, d, cls=cls: cls(), onto=False, **still,
                    documented=far if name == "Sigmoid" else {}, **single)
    yield entry("DiagLinear", lambda t, d: distrax.DiagLinear(jnp.exp(t)),
                normal("d"))
    yield entry("TriangularLinear", lambda t, d: distrax.TriangularLinear(
        t[0]), square)
    yield entry("TriangularLinear(is_lower=False)", lambda t, d:
                distrax.TriangularLinear(t[0], is_lower=False), square)
    yield entry("UnconstrainedAffine", lambda t, d:
                distrax.UnconstrainedAffine(*t), square)
    yield entry("LowerUpperTriangularAffine", lambda t, d:
                distrax.LowerUpperTriangularAffine(*t), square)
    yield entry("DiagPlusLowRankLinear", lambda t, d:
                distrax.DiagPlusLowRankLinear(jnp.exp(t[0][:, 0] / 3),
                                              t[0] / 2, t[0] / 2), two("d", 2))
    size = dict(box=HALF)
    for option in ("unconstrained", "lower_identity", "upper_identity",
                   "identity", "circular"):
        yield entry("RationalQuadraticSpline(boundary_slopes='%s')" % option,
                    spline(boundary_slopes=option), normal("d", 25), **size,
                    **single)
    yield entry("RationalQuadraticSpline(min_bin_size, min_knot_slope=0.05)",
                spline(min_bin_size=.05, min_knot_slope=.05), normal("d", 25),
                **size, **single)
    yield entry("Chain", lambda t, d: distrax.Chain(
        [distrax.TriangularLinear(t[0]), distrax.Block(distrax.Tanh(), 1)]),
        square, onto=False)
    yield entry("Inverse(RationalQuadraticSpline)", lambda t, d:
                distrax.Inverse(spline()(t)), normal("d", 25), **size, **single)
    mask = lambda d: jnp.arange(d) % 2 == 0  # noqa: E731
    yield entry("MaskedCoupling(ScalarAffine)", lambda t, d:
                distrax.MaskedCoupling(mask(d), lambda x: run(t, x, d, 2),
                                       scaled),
                net(lambda d: d, lambda d: 2 * d))
    yield entry("MaskedCoupling(RationalQuadraticSpline)", lambda t, d:
                distrax.MaskedCoupling(mask(d), lambda x: run(t, x, d, 25),
                                       spline()),
                net(lambda d: d, lambda d: 25 * d), **size)
    for swap in (False, True):
        half = lambda d, s=swap: d - d // 2 if s else d // 2  # noqa: E731
        other = lambda d, h=half: d - h(d)  # noqa: E731
        yield entry("SplitCoupling(swap=%s)" % swap, lambda t, d, s=swap,
                    o=other: distrax.SplitCoupling(
                        d // 2, 1, lambda x: run(t, x, o(d), 2), scaled,
                        swap=s), net(half, lambda d, o=other: 2 * o(d)))
    for name, f, more in (
            ("x -> tanh(2 x + 1)", lambda x: jnp.tanh(2 * x + 1),
             dict(onto=False)),
            ("sinh", jnp.sinh, {}),
            ("x -> x**3", lambda x: x ** 3, {}),
            ("x -> 2**x", lambda x: 2.0 ** x, dict(onto=False)),
            ("log", jnp.log, dict(domain=("above", 0))),
            ("x -> 1 / x", lambda x: 1 / x,
             dict(domain=("above", 0), onto=False)),
            ("leaky_relu", jax.nn.leaky_relu, {})):
        yield entry("Lambda(%s)" % name, lambda t, d, f=f: distrax.Lambda(f),
                    **still, **single, **more)
