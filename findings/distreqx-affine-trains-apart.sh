#!/bin/sh
# distreqx 0.0.3: an affine bijector trains its log-determinant away from its
# map, and the likelihood has no bound.
#
# ScalarAffine stores shift, scale, 1/scale and log|scale| as four arrays, and
# UnconstrainedAffine its matrix and log|det| as two.  A bijector is an Equinox
# module, so that each array is a parameter to eqx.filter_grad and to any
# optimiser: log|scale| is trained by itself, without limit, since the
# log-likelihood rises with it and nothing else depends on it.  After 200 steps
# the loss is nats below the entropy of the data, and the reported
# log-determinant has nothing to do with the map; inverse(forward(x)) is not x.
# TriangularLinear, which computes its log-determinant from its matrix, stays
# right on the same data.
#
# Seen (jax 0.10.2, Python 3.11; 256 rows of 2 columns; no affine map can have a
# loss below 4.1794 on them), log |det| of the inverse as reported, and true:
#     DiagLinear           loss -2.1595   4.0000  -7.3584
#     UnconstrainedAffine  loss  0.6156   2.0000  -1.6004
#     TriangularLinear     loss  4.4583  -1.2704  -1.2704
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check distreqx==0.0.3 \
    equinox==0.13.8 optax==0.2.8 jax==0.10.2 jaxlib==0.10.2
JAX_PLATFORMS=cpu "$folder/v/bin/python" - <<'PYTHON'
import importlib.metadata, sys
import equinox as eqx, jax, jax.numpy as jnp, numpy as np, optax
from distreqx import bijectors
from distreqx.distributions import MultivariateNormalDiag, Transformed

print("distreqx", importlib.metadata.version("distreqx"))
rows = 2 * jax.random.normal(jax.random.PRNGKey(0), (256, 2)) + 1
covariance = np.cov(np.asarray(rows).T, bias=True)
best = 0.5 * np.linalg.slogdet(2 * np.pi * np.e * covariance)[1]
print("least loss of any affine map %.4f" % best)
adam = optax.adam(1e-2)


def loss(bijector, rows):
    base = MultivariateNormalDiag(jnp.zeros(2), jnp.ones(2))
    flow = Transformed(base, bijector)
    return -jnp.mean(jax.vmap(flow.log_prob)(rows))


@eqx.filter_jit
def step(bijector, state):
    grads = eqx.filter_grad(loss)(bijector, rows)
    updates, state = adam.update(grads, state)
    return eqx.apply_updates(bijector, updates), state


found = {}
for name, bijector in (
        ("DiagLinear", bijectors.DiagLinear(jnp.ones(2))),
        ("UnconstrainedAffine",
         bijectors.UnconstrainedAffine(jnp.eye(2), jnp.zeros(2))),
        ("TriangularLinear", bijectors.TriangularLinear(jnp.eye(2)))):
    state = adam.init(eqx.filter(bijector, eqx.is_inexact_array))
    for _ in range(200):
        bijector, state = step(bijector, state)
    x, said = bijector.inverse_and_log_det(rows[0])
    true = jnp.linalg.slogdet(jax.jacfwd(bijector.inverse)(rows[0]))[1]
    found[name] = (float(loss(bijector, rows)), float(said - true))
    print("%-20s loss %8.4f  log |det| of the inverse %8.4f  true %8.4f"
          % (name, found[name][0], said, true))
as_stated = (found["DiagLinear"][0] < best - 1
             and found["UnconstrainedAffine"][0] < best - 1
             and abs(found["DiagLinear"][1]) > 1
             and found["TriangularLinear"][0] > best
             and abs(found["TriangularLinear"][1]) < 1e-4)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
