"""torch.distributions.transforms: every public Transform that maps R^d, or a
subset of it, to as many dimensions.

Direction: t(x), with log_abs_det_jacobian(x, y), which has the shape of a batch
without the transform's event dimensions: sums over the rest are the adapter's.
For maps whose values live on a surface (a simplex, correlations) the
log-determinant is, by the source, that of their free coordinates.
"""
import torch
from torch.distributions import transforms as T

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "torch.distributions", "torch", "torch"


def flow(make, dtype, seed, d):
    """make(d) -> transform, parameters."""
    seeded(dtype, seed)
    t, theta = make(d)

    def summed(v):
        return v.reshape(v.shape[0], -1).sum(1) if v.dim() > 1 else v

    def forward(x):
        y = t(x)
        return y, summed(t.log_abs_det_jacobian(x, y))

    def inverse(y):
        x = t.inv(y)
        return x, summed(t.inv.log_abs_det_jacobian(y, x))

    return TorchFlow(forward, inverse, dtype=dtype, parameters=theta)


def entry(name, make, **more):
    return Entry("transforms." + name,
                 lambda d, dtype, seed: flow(make, dtype, seed, d), **more)


def affine(shape, event_dim):
    def make(d):
        size = {"()": (), "(1,)": (1,), "(d,)": (d,)}[shape]
        loc, log_scale = torch.randn(size), torch.randn(size) / 2
        scale = log_scale.exp()
        return T.AffineTransform(loc, scale, event_dim=event_dim), [loc, scale]
    return make


def plain(cls, **arguments):
    return lambda d: (cls(**arguments), [])


def surface(name, cls, size, free, whole, **more):
    """A map onto a surface, as one of its free coordinates: free(y) takes them
    from a value, whole(v) gives the value back."""
    def build(d, dtype, seed):
        seeded(dtype, seed)
        t = cls()

        def forward(x):
            y = t(x)
            return free(y), t.log_abs_det_jacobian(x, y)

        def inverse(v):
            y = whole(v)
            x = t.inv(y)
            return x, t.inv.log_abs_det_jacobian(y, x)

        return TorchFlow(forward, inverse, dtype=dtype, parameters=[])
    return Entry("transforms." + name, build, dims=size, onto=False,
                 perturb=False, train=False, **more)


def last_added(v):
    return torch.cat([v, 1 - v.sum(1, keepdim=True)], 1)


def below(matrix):
    n = matrix.shape[-1]
    i, j = torch.tril_indices(n, n, -1)
    return matrix[:, i, j]


def correlation_factor(v):
    n = int((1 + (1 + 8 * v.shape[1]) ** .5) / 2)
    i, j = torch.tril_indices(n, n, -1)
    m = v.new_zeros(len(v), n, n)
    m[:, i, j] = v
    rest = 1 - (m * m).sum(2)
    return m + torch.diag_embed(rest.clamp(min=0).sqrt())


def composed(d):
    return T.ComposeTransform([
        T.AffineTransform(torch.zeros(d), torch.full((d,), 2.), event_dim=1),
        T.IndependentTransform(T.SoftplusTransform(), 1),
        T.IndependentTransform(T.ExpTransform().inv, 1)]), []


def stacked(d):
    return T.StackTransform([T.ExpTransform() if k % 2 else
                             T.AffineTransform(0., 3.) for k in range(d)],
                            dim=1), []


def joined(d):
    return T.CatTransform([T.ExpTransform(), T.AffineTransform(0., 3.)],
                          dim=1, lengths=[1, d - 1]), []


def reshaped(d):
    return T.ComposeTransform([
        T.ReshapeTransform((d,), (d, 1)),
        T.IndependentTransform(T.AffineTransform(1., 2.), 2),
        T.ReshapeTransform((d, 1), (d,))]), []


def entries():
    single = dict(dims=(1, 3), perturb=False, train=False)
    for event_dim in (0, 1):
        for shape in ("()", "(1,)", "(d,)"):
            yield entry("AffineTransform(scale of shape %s, event_dim=%d)"
                        % (shape, event_dim), affine(shape, event_dim),
                        dims=(1, 5), perturb=False, train=False)
    yield entry("AffineTransform(scale a float, event_dim=1)",
                lambda d: (T.AffineTransform(.5, 2., event_dim=1), []),
                dims=(1, 5), perturb=False, train=False)
    yield entry("ExpTransform", plain(T.ExpTransform), onto=False, **single)
    yield entry("SigmoidTransform", plain(T.SigmoidTransform), onto=False,
                **single)
    yield entry("TanhTransform", plain(T.TanhTransform), onto=False, **single)
    yield entry("SoftplusTransform", plain(T.SoftplusTransform), onto=False,
                **single)
    yield entry("PowerTransform(exponent=2.5)",
                lambda d: (T.PowerTransform(torch.tensor(2.5)), []),
                domain=("above", 0), onto=False, **single)
    yield entry("PowerTransform(exponent=-1)",
                lambda d: (T.PowerTransform(torch.tensor(-1.)), []),
                domain=("above", 0), onto=False, **single)
    yield entry("CumulativeDistributionTransform", lambda d: (
        T.CumulativeDistributionTransform(
            torch.distributions.Normal(torch.zeros(d), torch.ones(d) * 2)),
        []), onto=False, **single)
    yield entry("ExpTransform().inv", lambda d: (T.ExpTransform().inv, []),
                domain=("above", 0), **single)
    yield entry("SigmoidTransform().inv",
                lambda d: (T.SigmoidTransform().inv, []),
                domain=("box", 0, 1), **single)
    yield entry("TanhTransform().inv", lambda d: (T.TanhTransform().inv, []),
                domain=("box", -1, 1), **single)
    none = dict(perturb=False, train=False)
    yield entry("IndependentTransform", lambda d: (
        T.IndependentTransform(T.TanhTransform(), 1), []), onto=False, **none)
    yield entry("ComposeTransform", composed, **none)
    yield entry("StackTransform", stacked, onto=False, **none)
    yield entry("CatTransform", joined, onto=False, **none)
    yield entry("ReshapeTransform", reshaped, **none)
    yield entry("identity_transform", lambda d: (T.identity_transform, []),
                **none)
    yield surface("StickBreakingTransform", T.StickBreakingTransform, (1, 3),
                  lambda y: y[:, :-1], last_added)
    yield surface("CorrCholeskyTransform", T.CorrCholeskyTransform, (1, 3),
                  below, correlation_factor)
