"""jflows: the flows of jflows.flow.

Direction: call_and_ladj(x) of a batch, data to latent.  Boxes and time
frequencies, which the library keeps from training by stop_gradient, are no
parameters.  Continuous flows integrate by steps, and say so.
"""
import equinox as eqx
import jax
from jflows import flow as F

from of_jax import JaxFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "jflows", "jflows", "jax"
KEPT = ("a", "b", "center", "halfwidth", "bound", "shift", "freqs", "order",
        "key")


def entry(name, make, **more):
    def build(d, dtype, seed):
        m = make(seeded(dtype, seed), d)

        def trained(path, leaf):
            names = [getattr(p, "name", "") for p in path]
            return eqx.is_inexact_array(leaf) and not set(names) & set(KEPT)
        theta, fixed = eqx.partition(m, jax.tree_util.tree_map_with_path(
            trained, m))

        def forward(t, x):
            return eqx.combine(t, fixed).call_and_ladj(x)

        def inverse(t, z):
            return eqx.combine(t, fixed).inv_and_ladj(z)
        return JaxFlow(forward, inverse, theta, dtype=dtype, jit=True)
    return Entry("flow." + name, build, **more)


def entries():
    def box(d, size):
        return dict(a=[-size] * d, b=[size] * d)
    small = dict(hidden_features=(16,), transforms=2)
    yield entry("NSF", lambda key, d: F.NSF(key, **box(d, 3.), **small), box=3.)
    yield entry("NCSF", lambda key, d: F.NCSF(key, **box(d, 3.), **small),
                domain=("box", -3., 3.), onto=False)
    steps = (0.02, "fixed steps of fourth order")
    solved = dict.fromkeys(("log-det", "round-trip", "inverse's log-det",
                            "mass"), steps)
    yield entry("CNF", lambda key, d: F.CNF(key, d, hidden_features=(16,)),
                documented=solved)
    # noise of order one on its quadratic term makes the equation stiff
    yield entry("OTFlow", lambda key, d: F.OTFlow(key, d, hidden=16),
                documented=solved, by=0.1)
    for mixing in ("rotation", "lu"):
        yield entry("RealNVP(mixing='%s')" % mixing, lambda key, d, m=mixing:
                    F.RealNVP(key, d, mixing=m, **small))
