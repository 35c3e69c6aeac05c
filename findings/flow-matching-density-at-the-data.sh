#!/bin/sh
# flowMC 0.6.4: the density of a flow-matching model is that of its base at the
# data, not at the latent point.
#
# Solver.log_prob(x1) solves the flow's equation from t = 1 back to 0, which gives
# the latent point x0 and minus the integral of the divergence, and then returns
# log N(x1) plus that integral: x0 is left unused.  FlowMatchingModel.log_prob calls
# it, and the sampler's acceptance takes it for the proposal's density.  The draws
# are right, so that density and draws are of different laws.  A field that only
# shifts shows it: draws about 2, and a density about 0.
#
# Seen (jax 0.10.2, diffrax 0.7.2, double precision, one dimension, field v = 2):
#     2000 draws: mean 2.00, deviation 1.01; log p(2) told -2.918939, -.918939 is
#     true; log p(0) told -.918939, -2.918939 is true; by a field of random weights,
#     at -2, .5, 3: told -2.3752, -.9917, -5.5805, by the change of variables
#     -6.1255, -.9296, -4.5250 (steps 1e-3, 1e-4)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    flowMC==0.6.4 jax==0.10.2 jaxlib==0.10.2 diffrax==0.7.2
JAX_PLATFORMS=cpu "$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, math, sys
import jax

jax.config.update("jax_enable_x64", True)
import equinox as eqx
import jax.numpy as jnp
from diffrax import ODETerm, diffeqsolve
from flowMC.resource.model.common import MLP
from flowMC.resource.model.flowmatching.base import (
    CondOTScheduler, FlowMatchingModel, Path, Solver)

print(*("%s %s" % (p, importlib.metadata.version(p)) for p in ("flowMC", "jax", "diffrax")))


def normal(x):
    return -0.5 * x * x - 0.5 * math.log(2 * math.pi)


def model(net):
    return FlowMatchingModel(Solver(net), Path(CondOTScheduler()))


# a field that is 2 everywhere: x1 = x0 + 2, of density N(2, 1)
net = MLP([2, 4, 1], jax.random.PRNGKey(0))
last = net.layers[-1]
net = eqx.tree_at(lambda n: (n.layers[-1].weight, n.layers[-1].bias), net,
                  (jnp.zeros_like(last.weight), jnp.full_like(last.bias, 2.0)))
m = model(net)
draws = m.sample(jax.random.PRNGKey(1), 2000)
print("draws: mean %.2f, deviation %.2f" % (draws.mean(), draws.std()))
told = [float(m.log_prob(jnp.array([x]))[0]) for x in (2.0, 0.0)]
print("log p(2): told %.6f, true %.6f; log p(0): told %.6f, true %.6f"
      % (told[0], normal(0), told[1], normal(-2)))
as_stated = abs(draws.mean() - 2) < 0.1 and abs(told[0] - normal(2)) < 1e-6
as_stated &= abs(told[1] - normal(0)) < 1e-6

# weights of order one: x0 by the same equation, its slope by differences
m = model(MLP([2, 16, 1], jax.random.PRNGKey(3), scale=1.0))


def latent(x):
    term = ODETerm(lambda t, y, _: m.solver.model(jnp.append(y, t)))
    return float(diffeqsolve(term, m.solver.method, 1.0, 0.0, -0.1,
                             jnp.array([x])).ys[0, 0])


off = []
for x in (-2.0, 0.5, 3.0):
    own = float(m.log_prob(jnp.array([x]))[0])
    true = [normal(latent(x)) + math.log((latent(x + h) - latent(x - h)) / (2 * h))
            for h in (1e-3, 1e-4)]
    at_data = [t - normal(latent(x)) + normal(x) for t in true]
    print("log p(%4.1f): told %.4f, by the change of variables %.4f %.4f; "
          "with N at x %.4f" % (x, own, *true, at_data[1]))
    off.append(abs(own - true[1]))
    as_stated &= abs(own - at_data[1]) < 1e-2
as_stated &= max(off) > 0.1
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
