#!/bin/sh
# surjectors 0.3.3: the log-probability of a draw is not log_prob of that draw,
# once a layer drops dimensions.
#
# TransformedDistribution has log_prob(y) and sample_and_log_prob().  For
# bijections the two agree to rounding.  For the inference surjections (Slice,
# the coupling funnels), which model what they drop by a decoder, log p(dropped
# | kept) is added by one and subtracted by the other: forward adds it to the
# log-determinant, and sampling subtracts that sum.  They differ by twice the
# decoder's log-probability, some nats, and importance weights or a reverse
# divergence take the wrong one.  log_prob is right: it is what the chain rule
# gives.  The source of 0.4.0, which asks for Python 3.12, is the same.
#
# Seen (jax 0.10.2, Python 3.11; 4 dimensions, 2 kept), the first of five draws:
#     Slice                                draw -1.0518  log_prob -2.0961
#     AffineMaskedCouplingInferenceFunnel  draw -1.0517  log_prob -1.8927
#     AffineMaskedCoupling                 draw -4.4381  log_prob -4.4381
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check surjectors==0.3.3 \
    distrax==0.1.9 dm-haiku==0.0.17 jax==0.10.2 jaxlib==0.10.2 \
    tfp-nightly==0.26.0.dev20261027
JAX_PLATFORMS=cpu "$folder/v/bin/python" - <<'PYTHON'
import importlib.metadata, sys
import distrax, haiku as hk, jax, jax.numpy as jnp, surjectors
from surjectors.nn import make_mlp
from surjectors.util import make_alternating_binary_mask

print("surjectors", importlib.metadata.version("surjectors"))


def normal(n):
    return distrax.Independent(distrax.Normal(jnp.zeros(n), jnp.ones(n)), 1)


def decoder(z):
    mean, log_scale = jnp.split(hk.Linear(4)(z), 2, -1)
    return distrax.Independent(distrax.Normal(mean + 1, jnp.exp(log_scale - 1)),
                               1)


def layers():
    return {
        "Slice": (2, surjectors.Slice(2, decoder)),
        "AffineMaskedCouplingInferenceFunnel": (
            2, surjectors.AffineMaskedCouplingInferenceFunnel(
                2, decoder, make_mlp([8, 8]))),
        "AffineMaskedCoupling": (4, surjectors.AffineMaskedCoupling(
            make_alternating_binary_mask(4, True), make_mlp([8, 8])))}


def both(name):
    latent, layer = layers()[name]
    flow = surjectors.TransformedDistribution(normal(latent), layer)
    y, with_draw = flow.sample_and_log_prob((5,))
    return with_draw, flow.log_prob(y)


apart = {}
key = jax.random.PRNGKey(1)
for name in ("Slice", "AffineMaskedCouplingInferenceFunnel",
             "AffineMaskedCoupling"):
    run = hk.transform(lambda: both(name))
    a, b = run.apply(run.init(key), key)
    apart[name] = float(jnp.abs(a - b).max())
    print("%-36s with the draw %8.4f  log_prob %8.4f  largest difference %.4f"
          % (name, a[0], b[0], apart[name]))
as_stated = (apart["Slice"] > 0.5
             and apart["AffineMaskedCouplingInferenceFunnel"] > 0.5
             and apart["AffineMaskedCoupling"] < 1e-4)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
