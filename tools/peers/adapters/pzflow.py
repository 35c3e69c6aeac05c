"""pzflow: every bijector of pzflow.bijectors that is one (its dequantizers say
of themselves that they are not), and Flow with its default bijector's parts.

Direction: the forward function of an InitFunction, of a batch, with
conditions of width 0.  ShiftBounds, StandardScaler, Scale and ColorTransform
have no parameters.  A circular spline lives on (-B, B), and its documentation
says that inputs beyond are mapped into the appropriate location there; so that
it can be asked about its edge, one of two entries is lifted: whole periods of
x are added to z, and of z to x.
"""
import jax.numpy as jnp
import jax.random as jr
from pzflow import Flow, bijectors as B, distributions

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "pzflow", "pzflow", "jax"
BOUND = 5.0


def made(bijector, d, key):
    theta, forward, inverse = bijector[0](key, d)

    def of(function):
        def f(theta, x):
            return function(theta, x, conditions=jnp.zeros((len(x), 0)))
        return f
    return theta, of(forward), of(inverse)


def lifted(function):
    def f(theta, x):
        last = jnp.arange(x.shape[1]) >= x.shape[1] // 2
        turns = jnp.floor((x + BOUND) / (2 * BOUND)) * last * 2 * BOUND
        z, ld = function(theta, x if function.takes_any else x - turns)
        return z + turns, ld
    return f


def entry(name, make, lift=False, **more):
    def build(d, dtype, seed):
        key = seeded(dtype, seed)
        theta, forward, inverse = made(make(d, key), d, key)
        if lift:
            forward.takes_any, inverse.takes_any = True, False
            forward, inverse = lifted(forward), lifted(inverse)
        return JaxFlow(forward, inverse, theta, dtype=dtype)
    return Entry("bijectors." + name, build, **more)


def flow(d, dtype, seed, bijector, latent):
    seeded(dtype, seed)
    names = ["x%d" % j for j in range(d)]
    f = Flow(names, bijector, latent=latent, seed=seed)
    theta = f._params

    def forward(theta, x):
        return f._forward(theta[1], x, conditions=jnp.zeros((len(x), 0)))

    def inverse(theta, z):
        return f._inverse(theta[1], z, conditions=jnp.zeros((len(z), 0)))

    def log_prob(theta, x):
        return f._log_prob(theta, x, jnp.zeros((len(x), 0)))

    def sample(theta, key, n):
        z = f.latent.sample(theta[0], n, 1)
        return inverse(theta, z)[0]
    return JaxFlow(forward, inverse, theta, log_prob, sample, dtype)


def entries():
    plain = dict(perturb=False, train=False)
    small = dict(hidden_layers=1, hidden_dim=16)

    def spline(**more):
        return lambda d, key: B.NeuralSplineCoupling(**small, **more)

    yield entry("NeuralSplineCoupling", spline(), box=BOUND)
    yield entry("NeuralSplineCoupling(K=4, B=2)", spline(K=4, B=2), box=2.)
    yield entry("NeuralSplineCoupling(B=0.5), of rows beyond its box",
                spline(B=0.5), box=0.5)
    yield entry("NeuralSplineCoupling(transformed_dim=1)",
                spline(transformed_dim=1), box=BOUND)
    yield entry("NeuralSplineCoupling(periodic=True), inside its box",
                spline(periodic=True), domain=("box", -BOUND, BOUND),
                onto=False)
    yield entry("NeuralSplineCoupling(periodic=True), lifted to the line",
                spline(periodic=True), lift=True, box=BOUND, onto=False)
    yield entry("RollingSplineCoupling(nlayers=2)",
                lambda d, key: B.RollingSplineCoupling(2, **small), box=BOUND)
    yield entry("RollingSplineCoupling(nlayers=2, shift=2)",
                lambda d, key: B.RollingSplineCoupling(2, 2, **small),
                box=BOUND)
    yield entry("Chain", lambda d, key: B.Chain(
        B.StandardScaler(jnp.ones(d), jnp.full(d, 2.)), B.Reverse(),
        B.NeuralSplineCoupling(**small)))
    yield entry("ColorTransform", lambda d, key: B.ColorTransform(
        1, list(range(min(d, 3)))), **plain)
    yield entry("InvSoftplus", lambda d, key: B.InvSoftplus(list(range(d))),
                domain=("above", 0), **plain)
    yield entry("InvSoftplus(sharpness=2)", lambda d, key: B.InvSoftplus(
        list(range(d)), 2.), domain=("above", 0), **plain)
    yield entry("Reverse", lambda d, key: B.Reverse(), **plain)
    yield entry("Roll", lambda d, key: B.Roll(), **plain)
    yield entry("Roll(shift=2)", lambda d, key: B.Roll(2), **plain)
    yield entry("Shuffle", lambda d, key: B.Shuffle(), **plain)
    yield entry("Scale(0.3)", lambda d, key: B.Scale(0.3), **plain)
    yield entry("Scale(-0.3)", lambda d, key: B.Scale(-0.3), **plain)
    yield entry("Scale(0.1), 60 dimensions", lambda d, key: B.Scale(0.1),
                **{**plain, "dims": (60,)})
    yield entry("ShiftBounds(min and max of each column)", lambda d, key:
                B.ShiftBounds(jnp.full(d, -1.), jnp.full(d, 3.)), **plain)
    yield entry("ShiftBounds(a single min and max)",
                lambda d, key: B.ShiftBounds(-1., 3.), **plain)
    yield entry("StandardScaler", lambda d, key: B.StandardScaler(
        jr.normal(key, (d,)), jnp.exp(jr.normal(key, (d,)))), **plain)

    def whole(d, dtype, seed):
        return flow(d, dtype, seed, B.RollingSplineCoupling(2, B=10., **small),
                    distributions.Normal(d))
    yield Entry("Flow(RollingSplineCoupling, latent=Normal)", whole, stock=True)
