#!/bin/sh
# TensorFlow Probability: the inverse of Softfloor is not its inverse, and the
# obvious test of it passes.
#
# tfb.Softfloor(t) adds sigmoid(-1/(2t)) to its output after it has been built
# from an integer and a fractional part.  The inverse takes the two parts of the
# output without subtracting that constant first, and corrects x afterwards by
# another: right where t is infinite, wrong elsewhere, at t = 1 by up to
# ERROR1, at t = .2 by ERROR2, where rounding is far (its documentation speaks of
# instability at low temperatures).  inverse_log_det_jacobian is that of the
# wrong point.  inverse(forward(x)) is exact, since a bijector remembers what its
# forward was given; a copy of the array, or another instance, shows it.
#
# Seen (tfp-nightly 0.26.0.dev20261027, jax 0.10.2, Python 3.11, float64):
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check \
    tfp-nightly==0.26.0.dev20261027 jax==0.10.2 jaxlib==0.10.2
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$folder/v/bin/python" - <<'PYTHON'
import sys
import jax.numpy as jnp, numpy as np
import tensorflow_probability.substrates.jax as tfp

print("tensorflow_probability", tfp.__version__)
x = jnp.asarray(np.linspace(-2, 2, 4001) + 1e-4)
worst = {}
for t in (0.2, 0.5, 1.0, 5.0):
    b = tfp.bijectors.Softfloor(jnp.float64(t))
    y = b.forward(x)
    remembered = float(jnp.abs(b.inverse(y) - x).max())
    copy = jnp.asarray(np.array(y))
    back = b.inverse(copy)
    off = np.abs(np.asarray(back - x))
    k = int(np.nanargmax(off))
    ld = b.forward_log_det_jacobian(x, 0)
    ld_back = b.inverse_log_det_jacobian(copy, 0)
    apart = float(jnp.nanmax(jnp.abs(ld + ld_back)))
    worst[t] = off[k]
    print("t = %.1f  same array %.1e  a copy %.4f: x = %.4f, y = %.4f, back "
          "%.4f; log-determinants apart by %.4f"
          % (t, remembered, off[k], x[k], y[k], back[k], apart))
as_stated = worst[1.0] > 1e-3 and worst[0.2] > 0.01
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
