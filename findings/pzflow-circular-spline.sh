#!/bin/sh
# pzflow 4.0.0: a circular spline sends what is just beyond its period to the
# middle, and two points on either side of it to the same place.
#
# NeuralSplineCoupling(periodic=True) documents that inputs are "mapped into the
# appropriate location in the range (-B, B)".  On a circle of period 2B that is
# x - 2B for x just above B: 5.1 is -4.9.  What is taken is |x| - B: 5.1 and
# -5.1 both become 0.1, half a turn away, the edge itself becomes 0, and beyond
# 2B the output and its log-determinant are NaN.  The log-determinant reported
# is right for that map, so that no check of derivatives sees it; the round trip
# does, and so does the angle of the same point one turn later.  So in 3.1.3,
# too.
#
# Seen (jax 0.10.2, Python 3.11; D = 2, fresh, x_1 = .3), x_2 and the output:
#      4.9000  4.9176     5.0000  0.0140     5.1000  0.0906    -5.1000  0.0906
#     -4.9000 -4.9174 (where 5.1 belongs)   10.1000  nan
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check pzflow==4.0.0 \
    jax==0.10.2 jaxlib==0.10.2
JAX_PLATFORMS=cpu "$folder/v/bin/python" - <<'PYTHON'
import importlib.metadata, math, sys
import jax, jax.numpy as jnp
from pzflow.bijectors import NeuralSplineCoupling

print("pzflow", importlib.metadata.version("pzflow"))
init, _ = NeuralSplineCoupling(B=5, periodic=True)
theta, forward, inverse = init(jax.random.PRNGKey(0), 2)
none = jnp.zeros((1, 0))


def at(v):
    x = jnp.array([[0.3, v]])
    z, log_det = forward(theta, x, conditions=none)
    back, _ = inverse(theta, z, conditions=none)
    print("x = %8.4f  z = %8.4f  log |det| = %7.4f  back %8.4f" % (
        v, z[0, 1], log_det[0], back[0, 1]))
    return float(z[0, 1])


inside, turned = at(4.9), at(-4.9)
above, below, edge, far = at(5.1), at(-5.1), at(5.0), at(10.1)
as_stated = (
    abs(above - below) < 1e-6          # two points, one place
    and abs(above - turned) > 4        # not where the same angle goes
    and abs(edge) < 1 and inside > 4   # the edge in the middle
    and math.isnan(far)
)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
