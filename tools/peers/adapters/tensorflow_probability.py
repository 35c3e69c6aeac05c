"""tensorflow_probability.substrates.jax: every bijector that maps R^d, or a
subset of it, to as many real dimensions.

Direction: forward, with forward_log_det_jacobian(x, event_ndims=1) and the same
of the inverse.  A bijector is made anew of its parameters in every call.
Matrices are flattened to their free coordinates.
"""
import jax.numpy as jnp
import jax.random as jr
from tensorflow_probability.substrates.jax import bijectors as B
from tensorflow_probability.substrates.jax import tf2jax as tf

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY = "tensorflow_probability.substrates.jax"
PACKAGE, FRAMEWORK = "tfp-nightly", "jax"
HALF = 2.5


def entry(name, make, arguments=None, flat=None, back=None, shape=None,
          inverse=True, jit=False, **more):
    """make(theta, d) -> bijector, of arguments(d, key)."""
    def build(d, dtype, seed):
        theta = arguments(d, seeded(dtype, seed)) if arguments else ()
        seeded(dtype, seed)

        def forward(theta, x):
            b, n = make(theta, d), len(x)
            x = x.reshape(n, *shape(d)) if shape else x
            y = b.forward(x)
            ld = b.forward_log_det_jacobian(x, event_ndims=x.ndim - 1)
            return flat(y) if flat else y.reshape(n, -1), ld

        def inverted(theta, z):
            b, n = make(theta, d), len(z)
            y = back(z, d) if back else z.reshape(n, *shape(d)) if shape else z
            x = b.inverse(y)
            ld = b.inverse_log_det_jacobian(y, event_ndims=y.ndim - 1)
            return x.reshape(n, -1), ld
        return JaxFlow(forward, inverted if inverse else None, theta,
                       dtype=dtype, jit=jit)
    return Entry("bijectors." + name, build, **more)


def normal(*shape):
    return lambda d, key: jr.normal(key, [d if s == "d" else s for s in shape])


def two(d, key):
    return jr.normal(key, (d,)), jr.normal(jr.fold_in(key, 1), (d,)) / 3


def square(d, key):
    return jnp.eye(d) + jr.normal(key, (d, d)) / 4


def net(inputs, outputs):
    def arguments(d, key):
        i, o = inputs(d), outputs(d)
        return [jr.normal(jr.fold_in(key, 1), (i, 8)) / i ** 0.5, jnp.zeros(8),
                jr.normal(jr.fold_in(key, 2), (8, o)) / 8, jnp.zeros(o)]
    return arguments


def run(t, x, *shape):
    y = jnp.tanh(x @ t[0] + t[1]) @ t[2] + t[3]
    return y.reshape(*y.shape[:-1], *shape)


def masked(t, x, d):
    """Shift and log-scale of x_i from x_1 .. x_(i-1)."""
    y = jnp.tanh(x) @ jnp.triu(t[:d], 1) + t[2 * d]
    s = jnp.tanh(x) @ jnp.triu(t[d:2 * d], 1) / 3
    return y, jnp.tanh(s)


def spline(t, **more):
    """Bins and slopes from free parameters (d, 3 k - 1)."""
    k = (t.shape[-1] + 1) // 3

    def bins(p):
        e = jnp.exp(p - p.max(-1, keepdims=True))
        share = e / e.sum(-1, keepdims=True)
        return 2 * HALF * (0.01 + (1 - 0.01 * k) * share)
    return B.RationalQuadraticSpline(
        bins(t[..., :k]), bins(t[..., k:2 * k]),
        jnp.exp(jnp.tanh(t[..., 2 * k:])), range_min=-HALF, **more)


def below(y, k=0):
    i, j = jnp.tril_indices(y.shape[-1], k)
    return y[..., i, j]


def scalars():
    """Name, maker of a d-fold bijector, arguments, where it lives."""
    line, above = {}, dict(domain=("above", 0))
    unit = dict(domain=("box", 0., 1.))
    plain = [
        ("Exp", B.Exp, line), ("Log", B.Log, above), ("Expm1", B.Expm1, line),
        ("Log1p", B.Log1p, dict(domain=("above", -1.))),
        ("Identity", B.Identity, line), ("NormalCDF", B.NormalCDF, line),
        ("Reciprocal", B.Reciprocal, above), ("Sigmoid", B.Sigmoid, line),
        ("Sinh", B.Sinh, line), ("Softplus", B.Softplus, line),
        ("Softsign", B.Softsign, line), ("Square", B.Square, above),
        ("Tanh", B.Tanh, line)]
    for name, cls, where in plain:
        yield name, (lambda t, d, c=cls: c()), None, where
    n = jnp.asarray  # in the precision that is set
    options = [
        ("GumbelCDF", lambda: B.GumbelCDF(n(0.), n(1.)), line),
        ("MoyalCDF", lambda: B.MoyalCDF(n(0.), n(1.)), line),
        ("RayleighCDF", lambda: B.RayleighCDF(n(1.)), above),
        ("WeibullCDF", lambda: B.WeibullCDF(n(1.), n(1.)), above),
        ("FrechetCDF", lambda: B.FrechetCDF(n(0.), n(1.), n(1.)), above),
        ("KumaraswamyCDF", lambda: B.KumaraswamyCDF(n(1.), n(1.)), unit),
        ("SinhArcsinh", lambda: B.SinhArcsinh(n(0.), n(1.)), line),
        ("Sigmoid(low=-1, high=4)", lambda: B.Sigmoid(n(-1.), n(4.)), line),
        ("Softplus(hinge_softness=0.3)", lambda: B.Softplus(n(0.3)), line),
        ("Softplus(low=1)", lambda: B.Softplus(low=n(1.)), line),
        ("Power(2.5)", lambda: B.Power(n(2.5)), above),
        ("Power(-1)", lambda: B.Power(n(-1.)), above),
        ("PowerTransform(0.5)", lambda: B.PowerTransform(n(0.5)),
         dict(domain=("above", -2.))),
        ("PowerTransform(0)", lambda: B.PowerTransform(n(0.)), line),
        ("SoftClip(low=-2, high=2)", lambda: B.SoftClip(
            n(-2.), n(2.), n(1.)), line),
        ("SoftClip(low=-2)", lambda: B.SoftClip(
            n(-2.), hinge_softness=n(1.)), line),
        ("SoftClip(high=2)", lambda: B.SoftClip(
            None, n(2.), n(1.)), line),
        ("SoftClip(low=-2, high=2, hinge_softness=0.3)",
         lambda: B.SoftClip(n(-2.), n(2.), hinge_softness=n(0.3)), line),
        ("Softfloor(temperature=1)", lambda: B.Softfloor(n(1.)), line),
        ("Softfloor(temperature=0.2)", lambda: B.Softfloor(n(0.2)), line),
        ("GumbelCDF(1, 2)", lambda: B.GumbelCDF(n(1.), n(2.)), line),
        ("MoyalCDF(1, 2)", lambda: B.MoyalCDF(n(1.), n(2.)), line),
        ("WeibullCDF(2, 1.5)", lambda: B.WeibullCDF(n(2.), n(1.5)), above),
        ("FrechetCDF(0, 2, 3)", lambda: B.FrechetCDF(
            n(0.), n(2.), n(3.)), above),
        ("KumaraswamyCDF(2, 3)", lambda: B.KumaraswamyCDF(n(2.), n(3.)), unit),
        ("RayleighCDF(2)", lambda: B.RayleighCDF(n(2.)), above),
        ("GompertzCDF(0.5, 0.7)", lambda: B.GompertzCDF(n(0.5), n(0.7)), above),
        ("ShiftedGompertzCDF(0.5, 0.7)",
         lambda: B.ShiftedGompertzCDF(n(0.5), n(0.7)), above),
        ("GeneralizedPareto(0, 1, 0.5)",
         lambda: B.GeneralizedPareto(n(0.), n(1.), n(0.5)), line),
        ("GeneralizedPareto(0, 1, -0.5)",
         lambda: B.GeneralizedPareto(n(0.), n(1.), n(-0.5)), line),
        ("GeneralizedExtremeValueCDF(0, 1, 0.5)",
         lambda: B.GeneralizedExtremeValueCDF(n(0.), n(1.), n(0.5)),
         dict(domain=("above", -2.))),
        ("GeneralizedExtremeValueCDF(0, 1, 0)",
         lambda: B.GeneralizedExtremeValueCDF(n(0.), n(1.), n(0.)), line),
        ("SinhArcsinh(0.5, 2)", lambda: B.SinhArcsinh(n(0.5), n(2.)), line),
        ("LambertWTail(0, 1, 0.3)", lambda: B.LambertWTail(
            n(0.), n(1.), n(0.3)), line),
        ("Invert(Softplus)", lambda: B.Invert(B.Softplus()), above),
        ("Inline", lambda: B.Inline(
            forward_fn=jnp.sinh, inverse_fn=jnp.arcsinh,
            forward_log_det_jacobian_fn=lambda x: jnp.log(jnp.cosh(x)),
            forward_min_event_ndims=0), line),
        ("Chain([Shift, Scale])", lambda: B.Chain(
            [B.Shift(n(1.)), B.Scale(n(2.))]), line)]
    for name, make, where in options:
        yield name, (lambda t, d, m=make: m()), None, where
    yield "Scale", lambda t, d: B.Scale(t), normal("d"), line
    yield "Scale(a number for all)", lambda t, d: B.Scale(t), normal(), line
    yield "Scale(log_scale)", lambda t, d: B.Scale(log_scale=t), normal("d"), \
        line
    yield "Shift", lambda t, d: B.Shift(t), normal("d"), line


def entries():
    still = dict(perturb=False, train=False)
    onto = ("Identity", "Sinh", "Softplus", "SinhArcsinh", "Scale", "Shift",
            "Softfloor", "LambertWTail", "Inline", "Chain", "Log", "Invert")
    for name, make, arguments, where in scalars():
        yield entry(name, make, arguments, dims=(1, 3), **where,
                    onto=name.startswith(onto) and
                    not name.startswith(("Softplus", "Shifted")),
                    **({} if arguments else still))
    yield entry("RationalQuadraticSpline", lambda t, d: spline(t),
                normal("d", 23), box=HALF, dims=(1, 3))
    yield entry("Ascending", lambda t, d: B.Ascending(), onto=False, **still)
    yield entry("Cumsum", lambda t, d: B.Cumsum(), **still)
    yield entry("Householder", lambda t, d: B.Householder(
        t / jnp.linalg.norm(t)), normal("d"))
    yield entry("Permute", lambda t, d: B.Permute(jnp.roll(jnp.arange(d), 1)),
                **still)
    yield entry("Reshape", lambda t, d: B.Reshape((d, 1), (d,)),
                back=lambda z, d: z.reshape(-1, d, 1), **still)
    yield entry("Transpose", lambda t, d: B.Transpose(rightmost_transposed_ndims
                                                      =2),
                shape=lambda d: (2, d // 2), back=lambda z, d: z.reshape(
                    -1, d // 2, 2), dims=(4, 6), **still)
    yield entry("IteratedSigmoidCentered", lambda t, d:
                B.IteratedSigmoidCentered(), flat=lambda y: y[..., :-1],
                back=lambda z, d: jnp.concatenate(
                    [z, 1 - z.sum(-1, keepdims=True)], -1), onto=False, **still)
    yield entry("ScaleMatvecDiag", lambda t, d: B.ScaleMatvecDiag(jnp.exp(t)),
                normal("d"))
    yield entry("ScaleMatvecTriL", lambda t, d: B.ScaleMatvecTriL(
        jnp.tril(t)), square)
    yield entry("ScaleMatvecTriL(adjoint=True)", lambda t, d: B.ScaleMatvecTriL(
        jnp.tril(t), adjoint=True), square)
    yield entry("ScaleMatvecLU", lambda t, d: B.ScaleMatvecLU(
        t, jnp.roll(jnp.arange(d), 1)), square)
    yield entry("ScaleMatvecLinearOperator", lambda t, d:
                B.ScaleMatvecLinearOperator(
                    tf.linalg.LinearOperatorFullMatrix(t)), square)
    yield entry("Blockwise", lambda t, d: B.Blockwise(
        [B.Scale(jnp.exp(t[0])), B.Sinh()], [1, d - 1]), normal(1),
        train=False)
    triangles = dict(dims=(3, 6), onto=False, **still)
    yield entry("FillTriangular", lambda t, d: B.FillTriangular(), flat=below,
                inverse=False, **triangles)

    def scale_tril():
        return B.FillScaleTriL(diag_shift=jnp.asarray(1e-5))
    yield entry("FillScaleTriL", lambda t, d: scale_tril(), flat=below,
                inverse=False, **triangles)
    yield entry("FillScaleTriL(diag_bijector=Exp, diag_shift=None)",
                lambda t, d: B.FillScaleTriL(B.Exp(), None), flat=below,
                inverse=False, **triangles)
    yield entry("CorrelationCholesky", lambda t, d: B.CorrelationCholesky(),
                flat=lambda y: below(y, -1), inverse=False, **triangles)
    for name, last in (("CholeskyOuterProduct", B.CholeskyOuterProduct),
                       ("MatrixInverseTriL", B.MatrixInverseTriL),
                       ("CholeskyToInvCholesky", B.CholeskyToInvCholesky)):
        yield entry("Chain([%s, FillScaleTriL])" % name, lambda t, d, c=last:
                    B.Chain([c(), scale_tril()]), flat=below,
                    inverse=False, **triangles)
    yield entry("Chain([TransformDiagonal, FillTriangular])", lambda t, d:
                B.Chain([B.TransformDiagonal(B.Exp()), B.FillTriangular()]),
                flat=below, inverse=False, **triangles)
    yield entry("RealNVP", lambda t, d: B.RealNVP(
        d // 2, shift_and_log_scale_fn=lambda x, n, **k: tuple(
            jnp.moveaxis(run(t, x, d - d // 2, 2), -1, 0))),
        net(lambda d: d // 2, lambda d: 2 * (d - d // 2)))
    yield entry("RealNVP(a negative num_masked)", lambda t, d: B.RealNVP(
        -(d // 2), shift_and_log_scale_fn=lambda x, n, **k: tuple(
            jnp.moveaxis(run(t, x, d - d // 2, 2), -1, 0))),
        net(lambda d: d // 2, lambda d: 2 * (d - d // 2)))
    yield entry("RealNVP(fraction_masked, bijector_fn=spline)", lambda t, d:
                B.RealNVP(fraction_masked=(d // 2) / d, bijector_fn=lambda x, n,
                          **k: spline(run(t, x, d - d // 2, 23))),
                net(lambda d: d // 2, lambda d: 23 * (d - d // 2)), box=HALF)
    triangle = lambda d, key: jr.normal(key, (2 * d + 1, d)) / 2  # noqa: E731
    yield entry("MaskedAutoregressiveFlow", lambda t, d:
                B.MaskedAutoregressiveFlow(lambda x: masked(t, x, d)), triangle,
                jit=True)
    yield entry("MaskedAutoregressiveFlow(bijector_fn)", lambda t, d:
                B.MaskedAutoregressiveFlow(bijector_fn=lambda x, **k: B.Chain(
                    [B.Shift(masked(t, x, d)[0]),
                     B.Scale(log_scale=masked(t, x, d)[1])])), triangle,
                jit=True)
    yield entry("Invert(MaskedAutoregressiveFlow)", lambda t, d: B.Invert(
        B.MaskedAutoregressiveFlow(lambda x: masked(t, x, d))), triangle,
        jit=True)
    solver = (1e-3, "an adaptive solver of stated tolerances")
    yield entry("FFJORD", lambda t, d: B.FFJORD(
        lambda s, x: jnp.tanh(x @ t)), square, jit=True, dims=(2,),
        documented=dict.fromkeys(("log-det", "round-trip", "inverse's log-det",
                                  "mass"), solver))
