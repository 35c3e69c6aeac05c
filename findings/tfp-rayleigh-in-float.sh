#!/bin/sh
# TensorFlow Probability 0.26 (nightly), on JAX: the inverse log-determinant of
# RayleighCDF has eight digits in double precision, and the obvious test says 16.
#
# It takes log(scale / tf.math.sqrt(2.)).  The substrate makes a float32 of a
# Python number whatever precision JAX has been given, so that the root of 2 is
# rounded to single; scale, y and the result are doubles, and nothing warns.
# Added to forward's log-determinant at the inverse it gives exactly 0 all the
# same, since a bijector remembers which x belongs to y; a copy of x shows it.
#
# Seen (tfp-nightly 0.26.0.dev20261027, jax 0.10.2, Python 3.11, float64, scale
# 2, y = .1 .. .9), sums that are 0 in exact arithmetic:
#     with x remembered 0, with a copy of x 1.7e-8, which is log sqrt 2 in single
#     less that in double; by 50 digits the inverse is off by the same
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check \
    tfp-nightly==0.26.0.dev20261027 jax==0.10.2 jaxlib==0.10.2 mpmath==1.3.0
JAX_PLATFORMS=cpu JAX_ENABLE_X64=1 "$folder/v/bin/python" - <<'PYTHON'
import sys
import jax.numpy as jnp, mpmath, numpy as np
import tensorflow_probability.substrates.jax as tfp

mpmath.mp.dps = 50
b = tfp.bijectors.RayleighCDF(jnp.float64(2))
y = jnp.asarray(np.linspace(0.1, 0.9, 9))
x = b.inverse(y)
told = np.asarray(b.inverse_log_det_jacobian(y, 0))
remembered = float(jnp.abs(b.forward_log_det_jacobian(x, 0) + told).max())
copy = jnp.asarray(np.array(x))
apart = float(jnp.abs(b.forward_log_det_jacobian(copy, 0) + told).max())


def exact(v):  # log d/dy of 2 sqrt(-2 log(1 - y))
    v = mpmath.mpf(float(v))
    return mpmath.log(2 / ((1 - v) * mpmath.sqrt(-2 * mpmath.log(1 - v))))


off = max(abs(float(exact(v) - mpmath.mpf(float(t)))) for v, t in zip(y, told))
single = abs(float(mpmath.log(mpmath.mpf(float(np.sqrt(np.float32(2)))) /
                              mpmath.sqrt(2))))
print("tensorflow_probability", tfp.__version__, told.dtype)
print("x remembered %.1e, a copy %.1e; off by %.1e, root of 2 in single %.1e"
      % (remembered, apart, off, single))
as_stated = (told.dtype == np.float64 and remembered == 0 and
             abs(apart - single) < 1e-12 and abs(off - single) < 1e-12)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
