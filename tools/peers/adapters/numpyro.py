"""numpyro: the transforms of numpyro.distributions.transforms and .flows that
map R^d, or a subset of it, to as many real dimensions.

Direction: t(x), with log_abs_det_jacobian(x, y), whose shape is the batch's
without the transform's event dimensions: sums over the rest are the adapter's.
Complex and matrix values are flattened to their free coordinates, points of the
simplex to all but the last.  CatTransform and UnpackTransform put others together;
ZeroSumTransform's log-determinant is that of volumes in a plane.
"""
import jax.numpy as jnp
import jax.random as jr
from numpyro.distributions import transforms as T
from numpyro.distributions.flows import (BlockNeuralAutoregressiveTransform,
                                         InverseAutoregressiveTransform)
from numpyro.nn import AutoregressiveNN, BlockNeuralAutoregressiveNN

from constrained import in_simplex, matrices, positive, simplex
from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "numpyro", "numpyro", "jax"


def entry(name, make, arguments=None, flat=None, back=None, shape=None,
          inverse=True, jit=False, **more):
    """make(theta, d) -> transform, of arguments(d, key)."""
    def build(d, dtype, seed):
        theta = arguments(d, seeded(dtype, seed)) if arguments else ()

        def whole(ld, n):
            ld = jnp.asarray(ld)
            return ld.reshape(n, -1).sum(1) if ld.ndim > 1 else ld

        def forward(theta, x):
            t, n = make(theta, d), len(x)
            x = x.reshape(n, *shape(d)) if shape else x
            y = t(x)
            ld = whole(t.log_abs_det_jacobian(x, y), n)
            return flat(y) if flat else y.reshape(n, -1), ld

        def inverted(theta, z):
            t, n = make(theta, d), len(z)
            y = back(z, d) if back else z.reshape(n, *shape(d)) if shape else z
            x = t.inv(y)
            return x.reshape(n, -1), whole(-t.log_abs_det_jacobian(x, y), n)
        return JaxFlow(forward, inverted if inverse else None, theta,
                       dtype=dtype, jit=jit)
    return Entry(name, build, **more)


def normal(*shape):
    return lambda d, key: jr.normal(key, [d if s == "d" else s for s in shape])


def two(d, key):
    return jr.normal(key, (d,)), jr.normal(jr.fold_in(key, 1), (d,)) / 3


def lower(d, key):
    a = jnp.tril(jr.normal(key, (d, d)) / 3, -1)
    return jr.normal(key, (d,)), a, jr.normal(key, (d,)) / 3


def tri(a, log_diagonal):
    return jnp.tril(a, -1) + jnp.diag(jnp.exp(log_diagonal))


def below(y, k=-1):
    i, j = jnp.tril_indices(y.shape[-1], k)
    return y[..., i, j]


def half_spectrum(y, d):
    """Real parts, then the imaginary ones that can differ from 0."""
    return jnp.concatenate([y.real, y.imag[..., 1:(d + 1) // 2]], -1)


def whole_spectrum(z, d):
    count = d // 2 + 1
    imag = jnp.zeros((len(z), count), z.dtype)
    imag = imag.at[:, 1:(d + 1) // 2].set(z[:, count:])
    return z[:, :count] + 1j * imag


class HalfSpectrum:
    """A transform to a half spectrum, in its free real coordinates."""

    def __init__(self, t, d):
        self.t, self.d = t, d

    def __call__(self, x):
        return half_spectrum(self.t(x), self.d)

    def inv(self, y):
        return self.t.inv(whole_spectrum(y, self.d))

    def log_abs_det_jacobian(self, x, y):
        return self.t.log_abs_det_jacobian(x, whole_spectrum(y, self.d))


class OnSimplex:
    """A transform of the simplex, of all coordinates but the last."""

    def __init__(self, t):
        self.t = t

    def whole(self, x):
        return jnp.concatenate([x, 1 - x.sum(-1, keepdims=True)], -1)

    def __call__(self, x):
        return self.t(self.whole(x))

    def inv(self, y):
        return self.t.inv(y)[..., :-1]

    def log_abs_det_jacobian(self, x, y):
        return self.t.log_abs_det_jacobian(self.whole(x), y)


class Factor:
    """Cholesky's factor, by what is below the k-th diagonal; of correlations the
    diagonal is 1."""

    def __init__(self, t, k, size):
        self.t, self.k, self.at = t, k, jnp.tril_indices(size, k)
        self.eye = jnp.eye(size)

    def whole(self, x):
        m = jnp.zeros((len(x), *self.eye.shape), x.dtype)
        m = m.at[:, self.at[0], self.at[1]].set(x)
        m = m + jnp.swapaxes(jnp.tril(m, -1), 1, 2)
        return m + self.eye.astype(x.dtype) if self.k else m

    def __call__(self, x):
        return self.t(self.whole(x))[:, self.at[0], self.at[1]]

    def log_abs_det_jacobian(self, x, y):
        m = self.whole(x)
        return self.t.log_abs_det_jacobian(m, self.t(m))


def network(kind, **more):
    def arguments(d, key):
        init, _ = kind(d, **more)
        return init(key, (d,))[1]

    def apply(theta, d):
        _, call = kind(d, **more)
        return lambda x: call(theta, x)
    return arguments, apply


def entries():
    still = dict(perturb=False, train=False)
    single = dict(dims=(1, 3))
    yield entry("AffineTransform", lambda t, d: T.AffineTransform(
        t[0], jnp.exp(t[1])), two, **single)
    yield entry("AffineTransform(a negative scale)", lambda t, d:
                T.AffineTransform(t[0], -jnp.exp(t[1])), two, **single)
    yield entry("AffineTransform(a scale for all)", lambda t, d:
                T.AffineTransform(0.4, jnp.exp(t)), normal(), **single)
    yield entry("IndependentTransform(AffineTransform)", lambda t, d:
                T.IndependentTransform(T.AffineTransform(t[0], jnp.exp(t[1])),
                                       1), two)
    yield entry("ComposeTransform", lambda t, d: T.ComposeTransform(
        [T.AffineTransform(t[0], jnp.exp(t[1])),
         T.PermuteTransform(jnp.arange(d)[::-1]),
         T.AffineTransform(0., 1.7)]), two)
    for name, make, more in (
            ("ExpTransform", T.ExpTransform, dict(onto=False)),
            ("IdentityTransform", T.IdentityTransform, {}),
            ("SigmoidTransform", T.SigmoidTransform, dict(onto=False)),
            ("SoftplusTransform", T.SoftplusTransform, dict(onto=False))):
        yield entry(name, lambda t, d, m=make: m(), **still, **single, **more)
    yield entry("PowerTransform(2.5)", lambda t, d: T.PowerTransform(2.5),
                domain=("above", 0), onto=False, **still, **single)
    yield entry("OrderedTransform", lambda t, d: T.OrderedTransform(),
                onto=False, **still)
    yield entry("L1BallTransform", lambda t, d: T.L1BallTransform(), onto=False,
                **still)
    yield entry("StickBreakingTransform", lambda t, d:
                T.StickBreakingTransform(), onto=False,
                flat=lambda y: y[..., :-1], back=lambda z, d: jnp.concatenate(
                    [z, 1 - z.sum(-1, keepdims=True)], -1), **still)
    for anchor in (0., 1.):
        yield entry("SimplexToOrderedTransform(anchor_point=%g)" % anchor,
                    lambda t, d, a=anchor: OnSimplex(
                        T.SimplexToOrderedTransform(a)), points=simplex,
                    inside=in_simplex, onto=False, back=lambda z, d: z, **still)
    for name, k, size in (("CholeskyTransform", 0, 2),
                          ("CorrMatrixCholeskyTransform", -1, 3)):
        yield entry(name, lambda t, d, n=name, k=k, s=size: Factor(
            getattr(T, n)(), k, s), points=matrices(k, size),
                    inside=positive(k, size), inverse=False, onto=False,
                    dims=(size * (size + 1) // 2 + k * size,), **still)
    yield entry("LowerCholeskyAffine", lambda t, d: T.LowerCholeskyAffine(
        t[0], tri(t[1], t[2])), lower)
    yield entry("PermuteTransform", lambda t, d: T.PermuteTransform(
        jnp.roll(jnp.arange(d), 1)), **still)
    yield entry("ReshapeTransform", lambda t, d: T.ReshapeTransform(
        (d, 1), (d,)), back=lambda z, d: z.reshape(-1, d, 1), **still)
    triangles = dict(dims=(3, 6), onto=False, **still)
    yield entry("LowerCholeskyTransform", lambda t, d:
                T.LowerCholeskyTransform(), flat=lambda y: below(y, 0),
                inverse=False, **triangles)
    yield entry("ScaledUnitLowerCholeskyTransform", lambda t, d:
                T.ScaledUnitLowerCholeskyTransform(), flat=lambda y: below(
                    y, 0), inverse=False, **triangles)
    yield entry("SoftplusLowerCholeskyTransform", lambda t, d:
                T.SoftplusLowerCholeskyTransform(), flat=lambda y: below(y, 0),
                inverse=False, **triangles)
    yield entry("CorrCholeskyTransform", lambda t, d:
                T.CorrCholeskyTransform(), flat=below, inverse=False,
                **triangles)
    yield entry("RealFastFourierTransform", lambda t, d: HalfSpectrum(
        T.RealFastFourierTransform((d,)), d), dims=(4, 5),
        back=lambda z, d: z, **still)
    yield entry("PackRealFastFourierCoefficientsTransform",
                lambda t, d: HalfSpectrum(
        T.PackRealFastFourierCoefficientsTransform((d,)), d), dims=(4, 5),
        back=lambda z, d: z, **still)
    yield entry("DiscreteCosineTransform", lambda t, d:
                T.DiscreteCosineTransform(), **still)
    yield entry("DiscreteCosineTransform(smooth=1.5)", lambda t, d:
                T.DiscreteCosineTransform(smooth=1.5), **still)
    yield entry("HaarTransform", lambda t, d: T.HaarTransform(), **still)
    yield entry("HaarTransform(flip=True)", lambda t, d: T.HaarTransform(
        flip=True), **still)
    yield entry("RecursiveLinearTransform", lambda t, d:
                T.RecursiveLinearTransform(t / 2), normal(2, 2),
                shape=lambda d: (d // 2, 2), dims=(2, 6), jit=True)
    yield entry("ComplexTransform", lambda t, d: T.ComplexTransform(),
                shape=lambda d: (d // 2, 2), flat=lambda y: jnp.stack(
                    [y.real, y.imag], -1).reshape(len(y), -1),
                back=lambda z, d: z.reshape(-1, d // 2, 2)[..., 0] + 1j *
                z.reshape(-1, d // 2, 2)[..., 1], dims=(2, 4), **still)
    arguments, apply = network(
        lambda d, **m: AutoregressiveNN(d, [16], **m))
    yield entry("InverseAutoregressiveTransform", lambda t, d:
                InverseAutoregressiveTransform(apply(t, d)), arguments,
                jit=True)
    arguments2, apply2 = network(lambda d, **m: BlockNeuralAutoregressiveNN(
        d, [4]))
    yield entry("BlockNeuralAutoregressiveTransform", lambda t, d:
                BlockNeuralAutoregressiveTransform(apply2(t, d)), arguments2,
                inverse=False)
    arguments3, apply3 = network(lambda d, **m: BlockNeuralAutoregressiveNN(
        d, [4], residual="gated"))
    yield entry("BlockNeuralAutoregressiveTransform(residual='gated')",
                lambda t, d: BlockNeuralAutoregressiveTransform(apply3(t, d)),
                arguments3, inverse=False)
