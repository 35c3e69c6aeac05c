"""bijx: the bijections of its public names that map R^d, or a subset of it, to
as many real dimensions.

Direction: forward(x, log_density) of a batch, which subtracts the
log-determinant from the density that it is given; started at 0 and turned, that
is log |det|.  Parameters are nnx.Param, as its documentation trains them.
Complex fields enter as their real and imaginary parts.
"""
import bijx
import jax.numpy as jnp
import jax.random as jr
from flax import nnx

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "bijx", "bijx", "jax"


def entry(name, make, shape=None, to=None, back=None, jit=False, **more):
    """make(d, rngs).  Rows are reshaped to shape(d); to and back are of the
    output, where that is no array of the same shape."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        graph, theta, rest = nnx.split(make(d, nnx.Rngs(seed)), nnx.Param, ...)
        event = shape(d) if shape else (d,)

        def forward(theta, x):
            b = nnx.merge(graph, theta, rest)
            y, ld = b.forward(x.reshape(-1, *event), jnp.zeros(len(x)))
            return (to(y) if to else y).reshape(len(x), -1), -ld

        def inverse(theta, z):
            b = nnx.merge(graph, theta, rest)
            z = back(z, d) if back else z.reshape(-1, *event)
            x, ld = b.reverse(z, jnp.zeros(len(z)))
            return x.reshape(len(z), -1), -ld
        return JaxFlow(forward, inverse, theta, dtype=dtype, jit=jit)
    return Entry(name, build, **more)


def randomly(cls, **sizes):
    """Parameters one a coordinate, small and random."""
    def make(d, rngs):
        b = cls(rngs=rngs, **{k: jr.normal(rngs.params(), (d,)) / 3
                              for k in sizes}) if sizes else cls(rngs=rngs)
        return b
    return make


def spline(d, rngs, knots=8, **more):
    return bijx.MonotoneRQSpline(knots, (d,), rngs=rngs, **more)


def coupling(template, split):
    def make(d, rngs):
        mask = bijx.checker_mask((d,), parity=True)
        form = bijx.ModuleReconstructor(template(rngs))
        inputs = mask.count_secondary if split else d
        outputs = mask.count_primary if split else d
        net = bijx.nn.nets.MLP(inputs, outputs * form.params_total_size, [16],
                               rngs=rngs)
        return bijx.GeneralCouplingLayer(
            nnx.Sequential(net, lambda p: p.reshape(*p.shape[:-1], outputs,
                                                    -1)),
            mask, form, bijection_event_rank=0, split=split)
    return make


def scaled(rngs):
    return bijx.Scaling(rngs=rngs, transform_scale=jnp.exp)


class Field(nnx.Module):
    """A small vector field with its divergence by bijx.AutoJacVF."""

    def __init__(self, d, rngs):
        self.w = nnx.Param(jr.normal(rngs.params(), (d, d)) / 2)

    def __call__(self, t, x):
        return jnp.tanh(x @ self.w.get_value()) + t


def field(d, rngs):
    return bijx.AutoJacVF(Field(d, rngs), event_dim=1)


class Angles(nnx.Module):
    """The parameters of a radius, as a smooth function of the direction."""

    def __init__(self, d, count, rngs):
        self.w = nnx.Param(jr.normal(rngs.params(), (d, count)) / 3)

    def __call__(self, v):
        return v @ self.w.get_value()


def radial(d, rngs):
    return bijx.Radial(bijx.Scaling(jnp.array(1.7)), jnp.zeros(d), jnp.ones(d),
                       rngs=rngs)


def conditional(d, rngs):
    inner = bijx.ModuleReconstructor(scaled(rngs))
    return bijx.RadialConditional(
        inner, Angles(d, inner.params_total_size, rngs), jnp.zeros(d),
        jnp.ones(d), rngs=rngs)


def spectrum(d, rngs):
    return bijx.SpectrumScaling(nnx.Param(
        jnp.exp(jr.normal(rngs.params(), (d // 2 + 1,)) / 3)))


def complex_scaling(d, rngs):
    normal = nnx.initializers.normal(0.3)
    inner = bijx.ComplexScaling((d,), scale_init=normal, shift_init=normal,
                                phase_init=normal, rngs=rngs)
    join = bijx.MetaLayer(lambda x: x[..., 0] + 1j * x[..., 1],
                          lambda y: jnp.stack([y.real, y.imag], -1))
    return bijx.Chain(bijx.Reshape((2 * d,), (d, 2)), join, inner,
                      join.invert(), bijx.Reshape((d, 2), (2 * d,)))


def entries():
    single = dict(dims=(1, 3))
    plain = dict(perturb=False, train=False)
    unit = dict(domain=("box", 0., 1.), onto=False)
    for name, cls, sizes, more in (
            ("AffineLinear", bijx.AffineLinear, ("scale", "shift"), {}),
            ("Scaling", bijx.Scaling, (), {}),
            ("Shift", bijx.Shift, ("shift",), {}),
            ("GaussianCDF", bijx.GaussianCDF, (), dict(onto=False)),
            ("Power", bijx.Power, (), dict(domain=("above", 0), onto=False)),
            ("BetaStretch", bijx.BetaStretch, (), unit),
            ("Sinh", bijx.Sinh, (), {}),
            ("CubicRational", bijx.CubicRational, (), {}),
            ("SinhConjugation", bijx.SinhConjugation, (), {}),
            ("CubicConjugation", bijx.CubicConjugation, (), {})):
        make = randomly(cls, **dict.fromkeys(sizes)) if name != "Sinh" else \
            lambda d, rngs: bijx.Sinh()
        yield entry(name, make, **single, **(plain if name == "Sinh" else {}),
                    **more)
    for name, cls, more in (
            ("Tan", bijx.Tan, dict(domain=("box", 0., 1.))),
            ("Sigmoid", bijx.Sigmoid, dict(onto=False)),
            ("Tanh", bijx.Tanh, dict(onto=False)),
            ("Exponential", bijx.Exponential, dict(onto=False)),
            ("SoftPlus", bijx.SoftPlus, dict(onto=False))):
        yield entry(name, lambda d, rngs, cls=cls: cls(), **plain, **single,
                    **more)
    yield entry("AffineLinear(transform_scale=None)", lambda d, rngs:
                bijx.AffineLinear(jnp.full(d, 1.3), jnp.ones(d),
                                  transform_scale=None, rngs=rngs), **single,
                perturb=False)
    # noise of order one on each of a spline's free parameters
    yield entry("MonotoneRQSpline(knots=8)", spline, box=1., by=3., **single)
    yield entry("MonotoneRQSpline(knots=32)", lambda d, rngs: spline(
        d, rngs, 32), box=1., by=6., **single)
    yield entry("MonotoneRQSpline(knots=8, min_bin_width, min_bin_height, "
                "min_slope=0.05)", lambda d, rngs: spline(
                    d, rngs, min_bin_width=.05, min_bin_height=.05,
                    min_slope=.05), box=1., **single)
    yield entry("Radial(Scaling)", radial)
    yield entry("Radial(RayTransform(SinhConjugation))", lambda d, rngs:
                bijx.Radial(bijx.RayTransform(bijx.SinhConjugation(rngs=rngs)),
                            jnp.zeros(d), jnp.ones(d), rngs=rngs))
    yield entry("RadialConditional", conditional)
    even = dict(dims=(4, 5))
    yield entry("SpectrumScaling", spectrum, dims=(4,))
    yield entry("FreeTheoryScaling", lambda d, rngs: bijx.FreeTheoryScaling(
        0.5, (2, d // 2)), shape=lambda d: (2, d // 2), dims=(4, 8), **plain)
    yield entry("FreeTheoryScaling(finite_size=False, half=False)",
                lambda d, rngs: bijx.FreeTheoryScaling(
                    0.5, (2, d // 2), finite_size=False, half=False),
                shape=lambda d: (2, d // 2), dims=(4, 8), **plain)
    yield entry("ToFourierData(rep=comp_real, unpack=True)",
                lambda d, rngs: bijx.ToFourierData(
                    (d,), bijx.fourier.FFTRep.comp_real, unpack=True), **even,
                **plain)
    yield entry("ComplexScaling", lambda d, rngs: complex_scaling(d // 2, rngs),
                dims=(2, 4))
    yield entry("Chain", lambda d, rngs: bijx.Chain(
        randomly(bijx.AffineLinear, scale=0, shift=0)(d, rngs),
        bijx.SinhConjugation(rngs=rngs)))
    yield entry("ScanChain", lambda d, rngs: bijx.ScanChain(
        bijx.stack_bijections(lambda rngs: bijx.SinhConjugation(rngs=rngs),
                              copies=3)(rngs)), jit=True)
    yield entry("Inverse", lambda d, rngs: bijx.Inverse(
        bijx.CubicRational(rngs=rngs)))
    yield entry("CondInverse", lambda d, rngs: bijx.CondInverse(
        bijx.SinhConjugation(rngs=rngs)), jit=True)
    yield entry("Frozen", lambda d, rngs: bijx.Frozen(
        bijx.CubicConjugation(rngs=rngs)), train=False)
    yield entry("Partial", lambda d, rngs: bijx.Partial(
        bijx.CubicConjugation(rngs=rngs)))
    yield entry("MetaLayer", lambda d, rngs: bijx.MetaLayer(
        lambda x: x[..., ::-1], lambda y: y[..., ::-1]), **plain)
    yield entry("Reshape", lambda d, rngs: bijx.Reshape((d,), (d, 1)), **plain,
                back=lambda z, d: z.reshape(-1, d, 1))
    yield entry("ExpandDims", lambda d, rngs: bijx.ExpandDims(), **plain,
                back=lambda z, d: z.reshape(-1, d, 1))
    yield entry("SqueezeDims", lambda d, rngs: bijx.SqueezeDims(),
                shape=lambda d: (d, 1), back=lambda z, d: z, **plain)
    for split in (True, False):
        word = "" if split else ", split=False"
        yield entry("GeneralCouplingLayer(AffineLinear%s)" % word, coupling(
            lambda rngs: bijx.AffineLinear(rngs=rngs), split))
        yield entry("GeneralCouplingLayer(MonotoneRQSpline%s)" % word, coupling(
            lambda rngs: bijx.MonotoneRQSpline(8, (), rngs=rngs), split),
            box=1.)
        yield entry("GeneralCouplingLayer(CubicRational%s)" % word, coupling(
            lambda rngs: bijx.CubicRational(rngs=rngs), split))
    steps = (1e-3, "twenty steps of fourth order, documented as steps")
    adjoint = (0.05, "gradients are of the equation solved backward")
    solved = {"log-det": steps, "round-trip": steps, "inverse's log-det": steps,
              "mass": steps, "gradient": adjoint,
              "gradient by parameters": adjoint}
    yield entry("ContFlowRK4", lambda d, rngs: bijx.ContFlowRK4(field(d, rngs)),
                jit=True, documented=solved)
    yield entry("ContFlowRK4(steps=5)", lambda d, rngs: bijx.ContFlowRK4(
        field(d, rngs), steps=5), jit=True, documented={
            k: (0.05, "five steps") for k in solved})
    yield entry("ContFlowDiffrax", lambda d, rngs: bijx.ContFlowDiffrax(
        field(d, rngs)), jit=True, documented=solved)
