#!/bin/sh
# flowjax 19.1.2: Householder reflections in a Scan, stacked as its own
# documentation stacks them, are no reflections; the log-determinant stays 0.
#
# Householder keeps its vector as paramax.Parameterize(x -> x / norm(x)).  Made
# under filter_vmap, that is one object around a matrix of all the vectors; Scan
# unwraps it before it scans, and norm is then the norm of the matrix, so that no
# layer's vector has length one.  A layer in R^n of n such maps x - 2 v v' x with
# |v|^2 about 1 / n is no isometry and is not its own inverse, which is what the
# inverse assumes.  Chain([Householder(v1), ...]) of the same vectors is right.
#
# Seen (jax 0.10.2, paramax 0.0.5, equinox 0.13.8, double precision), five layers
# in five dimensions as in the class's documentation:
#     Scan:  log-determinant 0, by differences -4.11 (two steps); comes back .51
#            away; the values are those of vectors divided by the matrix's norm
#     Chain: 0 and 0, comes back to 3e-16
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check jax==0.10.2 \
    jaxlib==0.10.2 equinox==0.13.8 paramax==0.0.5 flowjax==19.1.2
JAX_PLATFORMS=cpu "$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, sys
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from flowjax.bijections import Chain, Householder, Scan

jax.config.update("jax_enable_x64", True)
d = 5
vectors = jr.normal(jr.key(0), (d, d))
flows = {"Scan": Scan(eqx.filter_vmap(Householder)(vectors)),
         "Chain": Chain([Householder(v) for v in vectors])}
x = jr.normal(jr.key(1), (d,))
# by hand: the vectors divided by the norm of all of them together
by_hand = x
for v in vectors / np.linalg.norm(vectors):
    by_hand = by_hand - 2 * v * (v @ by_hand)
found = {}
for name, flow in flows.items():
    z, told = flow.transform_and_log_det(x)
    off = float(abs(flow.inverse(z) - x).max())
    by = []
    for h in (1e-3, 1e-5):
        j = np.stack([(flow.transform(x + h * e) - flow.transform(x - h * e)) / (2 * h)
                      for e in np.eye(d)], 1)
        by.append(float(np.linalg.slogdet(j)[1]))
    print("%s: log-determinant %g, by differences %.4f and %.4f; comes back to %.1e"
          % (name, told, *by, off))
    found[name] = (float(told), by, off, float(abs(z - by_hand).max()))
told, by, off, apart = found["Scan"]
as_stated = told == 0 and max(by) < -0.5 and off > 0.1 and apart < 1e-12
told, by, off, _ = found["Chain"]
as_stated &= told == 0 and max(map(abs, by)) < 1e-9 and off < 1e-12
print("flowjax", importlib.metadata.version("flowjax"),
      "as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
