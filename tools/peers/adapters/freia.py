"""FrEIA: every public module that maps one input to one output.

Direction: module([x]) gives [z] and log |det dz/dx|, with rev=True [x] and
log |det dx/dz|; a single number stands for all rows.  Of two inputs or outputs
(Split, Concat, GaussianMixtureModel) there is no such pair.  Images (c, h, w)
are rows of c h w numbers here.  By their warning, InvAutoFC and InvAutoConv2D
have no log-determinant; IResNetLayer's is by Hutchinson's estimator and a
series of 20 terms: exact in one dimension but for 0.8^21 / 21.
"""
import FrEIA.framework as Ff
import FrEIA.modules as Fm
import torch
from torch import nn

from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "FrEIA", "FrEIA", "torch"


def net(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, 16), nn.ReLU(), nn.Linear(16, n_out))


def image_net(n_in, n_out):
    return nn.Sequential(nn.Conv2d(n_in, 8, 3, padding=1), nn.ReLU(),
                         nn.Conv2d(8, n_out, 3, padding=1))


def flow(make, d, dtype, seed, image, context, warm, with_grad):
    seeded(dtype, seed)
    shape = image or (d,)
    m = make([shape])
    m.to(torch.get_default_dtype())
    c = torch.linspace(-1, 1, context) if context else None

    there = tuple(m.output_dims([shape])[0])

    def run(rev):
        def f(x):
            given = [x.reshape(-1, *(there if rev else shape))]
            if c is None:
                z, ld = m(given, rev=rev)
            else:
                rows = c.expand(len(x), context)
                z, ld = m(given, [rows], rev=rev)
            ld = torch.as_tensor(ld, dtype=x.dtype)
            if ld.shape == (1,):
                ld = ld.expand(len(x))
            return z[0].reshape(len(x), -1), ld
        return f

    if warm:
        m([1.5 * torch.randn(256, *shape) + .5])
    m.eval()
    return TorchFlow(run(False), run(True), module=m, dtype=dtype,
                     with_grad=with_grad)


def entry(name, make, image=None, context=0, warm=False, with_grad=False,
          **more):
    if image:
        more["dims"] = (image[0] * image[1] * image[2],)
    return Entry("modules." + name, lambda d, dtype, seed: flow(
        make, d, dtype, seed, image, context, warm, with_grad), **more)


def sequence(d, dtype, seed):
    seeded(dtype, seed)
    m = Ff.SequenceINN(d)
    for _ in range(2):
        m.append(Fm.AllInOneBlock, subnet_constructor=net)
    m.to(torch.get_default_dtype())
    m.eval()
    return TorchFlow(m, lambda z: m(z, rev=True), module=m, dtype=dtype)


def graph(d, dtype, seed):
    seeded(dtype, seed)
    nodes = [Ff.InputNode(d)]
    nodes.append(Ff.Node(nodes[-1], Fm.GLOWCouplingBlock,
                         {"subnet_constructor": net}))
    nodes.append(Ff.Node(nodes[-1], Fm.PermuteRandom, {"seed": 0}))
    nodes.append(Ff.Node(nodes[-1], Fm.RNVPCouplingBlock,
                         {"subnet_constructor": net}))
    nodes.append(Ff.OutputNode(nodes[-1]))
    m = Ff.GraphINN(nodes)
    m.eval()
    return TorchFlow(m, lambda z: m(z, rev=True), module=m, dtype=dtype)


def graph_split(d, dtype, seed):
    seeded(dtype, seed)
    first = Ff.InputNode(d)
    split = Ff.Node(first, Fm.Split, {})
    one = Ff.Node(split.out0, Fm.InvAutoAct, {})
    both = Ff.Node([one.out0, split.out1], Fm.Concat, {})
    m = Ff.GraphINN([first, split, one, both, Ff.OutputNode(both)])
    m.eval()
    return TorchFlow(m, lambda z: m(z, rev=True), module=m, dtype=dtype)


def matrix(d):
    return torch.eye(d) * 1.5 + torch.ones(d, d).triu(1) * .3


def entries():
    line = dict(dims=(1, 3))
    fixed = dict(perturb=False, train=False)
    small = (2, 2, 2)
    yield entry("LearnedElementwiseScaling",
                lambda s: Fm.LearnedElementwiseScaling(s), **line)
    yield entry("InvAutoAct", lambda s: Fm.InvAutoAct(s), **line)
    yield entry("InvAutoAct(learnable=False)",
                lambda s: Fm.InvAutoAct(s, learnable=False), **line, **fixed)
    yield entry("InvAutoAct (image)", lambda s: Fm.InvAutoAct(s), image=small)
    yield entry("InvAutoActTwoSided", lambda s: Fm.InvAutoActTwoSided(s),
                **line)
    yield entry("InvAutoActTwoSided (image)",
                lambda s: Fm.InvAutoActTwoSided(s), image=small)
    yield entry("InvertibleSigmoid", lambda s: Fm.InvertibleSigmoid(s),
                onto=False, **line, **fixed)
    warned = "warns that it has no tractable log-determinant, which goes to 0"
    auto = dict(documented={c: (1e9, warned) for c in (
        "log-det", "round-trip", "inverse's log-det", "mass", "gradient",
        "gradient by parameters")}, train=False)
    yield entry("InvAutoFC", lambda s: Fm.InvAutoFC(s), **auto)
    yield entry("InvAutoConv2D", lambda s: Fm.InvAutoConv2D(s), image=small,
                **auto)
    yield entry("ActNorm", lambda s: Fm.ActNorm(s), warm=True)
    yield entry("ActNorm (image)", lambda s: Fm.ActNorm(s), image=small,
                warm=True)
    series = "a series of 20 terms, by its documentation"
    iterated = "50 fixed point iterations, by its documentation"

    def residual(s, **more):
        m = Fm.IResNetLayer(s, **more)
        m.lipschitz_correction()
        return m

    one = dict(dims=(1,), with_grad=True, perturb=False, train=False,
               documented={
        "log-det": (2e-2, series), "round-trip": (1e-3, iterated),
        "inverse's log-det": (2e-2, series)})
    yield entry("IResNetLayer", residual, **one)
    yield entry("IResNetLayer(n_internal_layers=2)",
                lambda s: residual(s, n_internal_layers=2), **one)
    yield entry("OrthogonalTransform", lambda s: Fm.OrthogonalTransform(s),
                perturb=False, train=False, documented={
                    "log-det": (1e9, "the matrix is orthogonal after every "
                                "256 steps, by its documentation")})
    yield entry("HouseholderPerm(n_reflections=2)",
                lambda s: Fm.HouseholderPerm(s, n_reflections=2))
    yield entry("HouseholderPerm(fixed=True)",
                lambda s: Fm.HouseholderPerm(s, n_reflections=2, fixed=True),
                **fixed)
    yield entry("PermuteRandom", lambda s: Fm.PermuteRandom(s, seed=1),
                **fixed)
    yield entry("FixedLinearTransform", lambda s: Fm.FixedLinearTransform(
        s, M=matrix(s[0][0]), b=torch.ones(s[0][0])), **fixed)
    yield entry("Fixed1x1Conv", lambda s: Fm.Fixed1x1Conv(
        s, M=matrix(s[0][0])), image=small, **fixed)
    for kind in ("NICE", "RNVP", "GLOW", "GIN"):
        cls = getattr(Fm, kind + "CouplingBlock")
        yield entry(kind + "CouplingBlock",
                    lambda s, c=cls: c(s, subnet_constructor=net))
        yield entry(kind + "CouplingBlock (condition)",
                    lambda s, c=cls: c(s, dims_c=[(2,)],
                                       subnet_constructor=net), context=2)
        yield entry(kind + "CouplingBlock (image)",
                    lambda s, c=cls: c(s, subnet_constructor=image_net),
                    image=small)
        if kind != "NICE":
            for clamp in ("TANH", "SIGMOID"):
                yield entry("%sCouplingBlock(clamp_activation='%s')"
                            % (kind, clamp),
                            lambda s, c=cls, a=clamp: c(
                                s, subnet_constructor=net,
                                clamp_activation=a))
    yield entry("AffineCouplingOneSided", lambda s: Fm.AffineCouplingOneSided(
        s, subnet_constructor=net))
    yield entry("ConditionalAffineTransform",
                lambda s: Fm.ConditionalAffineTransform(
                    s, dims_c=[(2,)], subnet_constructor=net), context=2)
    block = Fm.AllInOneBlock
    yield entry("AllInOneBlock", lambda s: block(s, subnet_constructor=net))
    yield entry("AllInOneBlock (image)",
                lambda s: block(s, subnet_constructor=image_net), image=small)
    for name, more in (("gin_block=True", dict(gin_block=True)),
                       ("global_affine_type='SIGMOID'",
                        dict(global_affine_type="SIGMOID")),
                       ("global_affine_type='EXP'",
                        dict(global_affine_type="EXP")),
                       ("permute_soft=True", dict(permute_soft=True)),
                       ("learned_householder_permutation=2",
                        dict(learned_householder_permutation=2)),
                       ("reverse_permutation=True",
                        dict(reverse_permutation=True))):
        yield entry("AllInOneBlock(%s)" % name, lambda s, more=more: block(
            s, subnet_constructor=net, **more))
    yield entry("IRevNetDownsampling", lambda s: Fm.IRevNetDownsampling(s),
                image=small, **fixed)
    yield entry("IRevNetUpsampling", lambda s: Fm.IRevNetUpsampling(s),
                image=(4, 1, 1), **fixed)
    for name, more in (("", {}), ("(order_by_wavelet=True)",
                                  dict(order_by_wavelet=True)),
                       ("(rebalance=2)", dict(rebalance=2.))):
        yield entry("HaarDownsampling" + name,
                    lambda s, m=more: Fm.HaarDownsampling(s, **m),
                    image=small, **fixed)
        yield entry("HaarUpsampling" + name,
                    lambda s, m=more: Fm.HaarUpsampling(s, **m),
                    image=(8, 1, 1), **fixed)
    yield entry("Flatten", lambda s: Fm.Flatten(s), image=small, **fixed)
    yield entry("Reshape", lambda s: Fm.Reshape(s, output_dims=(8, 1, 1)),
                image=small, **fixed)
    yield Entry("framework.SequenceINN", sequence)
    yield Entry("framework.GraphINN", graph)
    yield Entry("framework.GraphINN (Split, Concat)", graph_split,
                dims=(2, 4))
