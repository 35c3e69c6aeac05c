"""stribor: the transforms.

forward_and_log_det_jacobian and inverse_and_log_det_jacobian are documented to
give the log-determinant of their own direction, of shape (..., 1).  IResNet and
ContinuousIResNet are left out: they return the class NotImplementedError for it.
"""
import stribor as st
import torch
from of_torch import TorchFlow, seeded
from modules import module_entry, rows_of
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "stribor", "stribor", "torch"
TIME = 0.7


def flow(make, dtype, seed, d, extra):
    seeded(dtype, seed)
    t = make(d)
    t.eval()

    def by(f):
        def g(x):
            y, ld = f(x, **(extra(x) if extra else {}))
            return y, rows_of(ld, len(x), x)
        return g

    return TorchFlow(by(t.forward_and_log_det_jacobian),
                     by(t.inverse_and_log_det_jacobian), module=t, dtype=dtype)


def entry(name, make, extra=None, **more):
    return Entry(name, lambda d, dtype, seed: flow(make, dtype, seed, d, extra),
                 **more)


def mlp(inputs, outputs):
    return st.net.MLP(inputs, [16], outputs)


def at_time(x):
    return dict(t=torch.full((len(x), 1), TIME, dtype=x.dtype))


def coupling(kind, mask):
    def make(d):
        inner = {
            "Affine": lambda: st.Affine(d, latent_net=mlp(d, 2 * d)),
            "Spline": lambda: st.Spline(d, 5, mlp(d, 12 * d), lower=-3,
                                        upper=3),
            "Spline quadratic": lambda: st.Spline(
                d, 5, mlp(d, 14 * d), lower=-3, upper=3,
                spline_type="quadratic")}[kind]()
        return st.Coupling(inner, mask=mask)
    return make


def timed(net, mask="parity_odd"):
    return lambda d: st.ContinuousAffineCoupling(mlp(d + 1, 2 * d), net(2 * d),
                                                 mask)


def ode(net, **more):
    return lambda d: st.ContinuousTransform(d, net=net(d), atol=1e-9, rtol=1e-9,
                                            **more)


class Columns(torch.nn.Module):
    """Of a matrix, a log-determinant a row of it."""

    def __init__(self, t):
        super().__init__()
        self.t = t

    def forward(self, x):
        y, ld = self.t.forward_and_log_det_jacobian(x)
        return y, ld.sum((1, 2))

    def inverse(self, y):
        x, ld = self.t.inverse_and_log_det_jacobian(y)
        return x, ld.sum((1, 2))


def entries():
    single = dict(dims=(1, 3))
    fixed = dict(dims=(1, 3), perturb=False, train=False)
    still = dict(perturb=False, train=False)
    yield entry("Affine", lambda d: st.Affine(d), **single)
    yield entry("Affine(scale=2, shift=1)",
                lambda d: st.Affine(d, scale=2., shift=1.), **fixed)
    yield entry("AffineLU", lambda d: st.AffineLU(d))
    yield entry("MatrixExponential", lambda d: st.MatrixExponential(d))
    yield entry("MatrixExponential(t a number)", st.MatrixExponential,
                lambda x: dict(t=0.3))
    yield entry("MatrixExponential(t a tensor)", st.MatrixExponential, at_time)
    yield entry("ELU", lambda d: st.ELU(), onto=False, **fixed)
    yield entry("LeakyReLU", lambda d: st.LeakyReLU(), **fixed)
    yield entry("Sigmoid", lambda d: st.Sigmoid(), onto=False, **fixed)
    yield entry("Logit", lambda d: st.Logit(), domain=("box", 0, 1), **fixed)
    yield entry("Identity", lambda d: st.Identity(), **fixed)
    yield entry("Flip", lambda d: st.Flip(), **still)
    yield entry("Permute", st.Permute, **still)
    yield entry("Cumsum", lambda d: st.Cumsum(-1), **still)
    yield entry("Diff", lambda d: st.Diff(-1), **still)
    for name in ("CumsumColumn", "DiffColumn"):
        yield module_entry(name + "(1), rows of two columns", lambda d, n=name:
                           Columns(getattr(st, n)(1)), image=(2, 2), **still)
    for kind in ("cubic", "quadratic"):
        yield entry("Spline(spline_type='%s', lower=-3, upper=3)" % kind,
                    lambda d, k=kind: st.Spline(d, 5, lower=-3, upper=3,
                                                spline_type=k), box=3.,
                    **single)
    for mask in ("none", "ordered_right_half", "ordered_left_half",
                 "parity_even", "parity_odd", "random_half"):
        yield entry("Coupling(Affine, mask='%s')" % mask,
                    coupling("Affine", mask))
    yield entry("Coupling(Spline, mask='parity_even')",
                coupling("Spline", "parity_even"), box=3.)
    yield entry("Coupling(Spline quadratic, mask='parity_even')",
                coupling("Spline quadratic", "parity_even"), box=3.)
    for net in ("TimeIdentity", "TimeLinear", "TimeTanh", "TimeLog"):
        yield entry("ContinuousAffineCoupling(%s)" % net,
                    timed(getattr(st.net, net)), at_time)
    yield entry("ContinuousAffineCoupling(TimeFourier)",
                timed(lambda d: st.net.TimeFourier(d, 8)), at_time)
    solved = {"inverse's log-det": (1e-5, "solved to atol=rtol=1e-9, by what "
                                    "it is given"),
              "round-trip": (1e-5, "likewise"), "log-det": (1e-5, "likewise"),
              "gradient": (1e-5, "likewise"),
              "batch of one": (1e-5, "likewise: steps are of the whole batch")}
    yield entry("ContinuousTransform(DiffeqMLP)",
                ode(lambda d: st.net.DiffeqMLP(d + 1, [16], d)), train=False,
                documented=solved)
    yield entry("ContinuousTransform(DiffeqExactTraceMLP, divergence='exact')",
                ode(lambda d: st.net.DiffeqExactTraceMLP(d, [16], d, 4),
                    divergence="exact"), train=False, documented=solved)
    yield entry("ContinuousTransform(DiffeqZeroTraceMLP, divergence='exact')",
                ode(lambda d: st.net.DiffeqZeroTraceMLP(d, [16], d),
                    divergence="exact"), train=False, documented=solved)
    yield entry("NormalizingFlow([Affine, Coupling])",
                lambda d: st.NormalizingFlow(st.UnitNormal(d), [
                    st.Affine(d), coupling("Affine", "parity_odd")(d)]))
