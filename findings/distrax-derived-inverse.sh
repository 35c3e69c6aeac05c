#!/bin/sh
# distrax 0.1.9: Lambda derives an inverse that is not the inverse.
#
# distrax.Lambda takes a function of invertible primitives and derives the rest.
# For a power of a constant, x -> 2**x, the inverse that it derives is that of
# x -> x**2 with base and exponent mixed up, 2**(1/y): log_2(1.3195) = .4 comes
# back as 1.69, and log_prob of a transformed distribution is a finite, wrong
# number of a density that holds a sixth.  For odd integer powers, x -> x**3, a
# bijection of the line, it takes the power 1/3: NaN for every negative value.
# Forward values and their log-determinants are right; nothing is said.  Since
# 0.0.1.
#
# Seen (jax 0.10.2, tfp-nightly 0.26.0.dev20261027, Python 3.11):
#     2**x at .4: 1.3195, back 1.6910; log_prob of 2**N(0,1) there -2.744, true
#     -.910, and that density holds .156; x**3 at -2: -8, back nan
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check distrax==0.1.9 \
    jax==0.10.2 jaxlib==0.10.2 tfp-nightly==0.26.0.dev20261027
JAX_PLATFORMS=cpu "$folder/v/bin/python" - <<'PYTHON'
import math, sys
import distrax, jax.numpy as jnp

print("distrax", distrax.__version__)
power = distrax.Lambda(lambda x: 2.0 ** x)
y = power.forward(jnp.float32(0.4))
back = float(power.inverse(y))
flow = distrax.Transformed(distrax.Normal(0.0, 1.0), power)
log_prob = float(flow.log_prob(y))
u = math.log2(float(y))
true = -0.5 * u * u - 0.5 * math.log(2 * math.pi) - math.log(
    float(y) * math.log(2))
print("2**x at 0.4: %.4f  back %.4f" % (y, back))
print("log_prob there %.4f  true %.4f" % (log_prob, true))
grid = jnp.linspace(1e-3, 60.0, 400001)
p = jnp.exp(jnp.nan_to_num(flow.log_prob(grid), nan=-jnp.inf, posinf=-jnp.inf))
mass = float(jnp.sum((p[1:] + p[:-1]) / 2) * (grid[1] - grid[0]))
print("its density holds %.3f on (0.001, 60)" % mass)
cube = distrax.Lambda(lambda x: x ** 3)
cubed = float(cube.inverse(cube.forward(jnp.float32(-2.0))))
print("x**3 at -2: %.1f  back %.1f" % (cube.forward(jnp.float32(-2.0)), cubed))
as_stated = (abs(back - 0.4) > 1 and math.isfinite(log_prob)
             and abs(log_prob - true) > 0.5 and math.isnan(cubed))
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
