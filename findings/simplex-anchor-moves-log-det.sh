#!/bin/sh
# numpyro 0.22.0 and pyro-ppl 1.9.2: the log-determinant of
# SimplexToOrderedTransform moves with its anchor point, which only shifts the
# result.
#
# y = logit(cumsum(x)) + anchor_point, so dy/dx is that of the logit whatever the
# anchor.  log_abs_det_jacobian sums softplus(y) + softplus(-y), minus the log
# derivative of the sigmoid, at y where y - anchor_point belongs.  By default, 0,
# it is right.  With another anchor it is off by an amount that depends on x, so
# that the density of cutpoints, which the transform is made for, is another one.
#
# Seen (jax 0.10.2, torch 2.13.0, double precision; x = (.2, .3, .5), of which the
# first two count; the true value is -log(.2 .8) - log(.5 .5) = 3.218876):
#     anchor  0 1 -2: told 3.218876, 3.049894, 5.706698 in both; by differences
#     3.218876 each time, at steps 1e-4 and 1e-5
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    torch==2.13.0 pyro-ppl==1.9.2 numpyro==0.22.0 jax==0.10.2 jaxlib==0.10.2
OMP_NUM_THREADS=1 JAX_PLATFORMS=cpu "$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, math, sys
import jax, numpy as np, torch

jax.config.update("jax_enable_x64", True)
from numpyro.distributions.transforms import SimplexToOrderedTransform as OfJax
from pyro.distributions.transforms import SimplexToOrderedTransform as OfTorch

free = np.array([0.2, 0.3])
true = -sum(math.log(s * (1 - s)) for s in np.cumsum(free))


def whole(v):
    return np.append(v, 1 - v.sum())


def by_torch(anchor):
    t = OfTorch(torch.tensor(float(anchor), dtype=torch.float64))
    return lambda v: t(torch.tensor(v)).numpy(), lambda v: float(
        t.log_abs_det_jacobian(torch.tensor(v), t(torch.tensor(v))))


def by_jax(anchor):
    t = OfJax(float(anchor))
    return lambda v: np.asarray(t(v)), lambda v: float(
        t.log_abs_det_jacobian(v, t(v)))


def differences(f, h):
    columns = [(f(whole(free + h * e)) - f(whole(free - h * e))) / (2 * h)
               for e in np.eye(2)]
    return np.linalg.slogdet(np.stack(columns, 1))[1]


as_stated = True
for package, made in (("numpyro", by_jax), ("pyro-ppl", by_torch)):
    print(package, importlib.metadata.version(package))
    for anchor in (0, 1, -2):
        f, told = made(anchor)
        own, one, two = told(whole(free)), differences(f, 1e-4), differences(f, 1e-5)
        print("  anchor %2d: told %.6f, by differences %.6f %.6f, true %.6f"
              % (anchor, own, one, two, true))
        as_stated &= max(abs(one - true), abs(two - true)) < 1e-6
        as_stated &= abs(own - true) < 1e-9 if anchor == 0 else abs(own - true) > 0.02
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
