#!/bin/sh
# normflow 0.1.0: Flow averages the base's log-density over the coordinates, so
# that its "likelihood" of d coordinates is no density: it holds 5.01 in two
# dimensions and 42.6 in three.
#
# Flow.forward gives z and log p: the log-determinant is a sum over coordinates,
# the base's part a mean, by the source under the words "in the log this turns
# into a sum".  What is maximised weighs the log-determinant d times too much: of
# z = a x on data of deviation 1 the best a is sqrt(d), not 1.
#
# Seen (torch 2.13.0, double precision), no coupling at all:
#     the integral of exp(log p) over the plane: 5.0133, in closed form 5.0133
#     log p at 0 in d = 2: reported -0.9189, of N(0, I) -1.8379
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy setuptools==80.9.0
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    unstable==0.5.1 normflow==0.1.0
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, math, sys
import torch
from normflow.flows import Flow
from normflow.transforms import IdentityTransform

torch.set_default_dtype(torch.float64)
print("normflow", importlib.metadata.version("normflow"))
base = torch.distributions.Normal(torch.zeros(2), torch.ones(2))
flow = Flow(IdentityTransform(), base)
at = float(flow(torch.zeros(1, 2))[1])
print("log p at 0: reported %.4f, of N(0, I) %.4f" % (at, -math.log(2 * math.pi)))
held = []
for n in (401, 801):
    line = torch.linspace(-20, 20, n)
    rows = torch.cartesian_prod(line, line)
    held.append(float(flow(rows)[1].exp().sum() * (line[1] - line[0]) ** 2))
# exp of half the log-density of N(0, 1) integrates to (2 pi)^(-1/4) sqrt(4 pi)
closed = (2 * math.pi) ** -0.5 * 4 * math.pi
print("integral over the plane: %.4f (401 nodes) %.4f (801), in closed form %.4f" % (*held, closed))
as_stated = (
    abs(at + 0.5 * math.log(2 * math.pi)) < 1e-9
    and max(abs(h - closed) for h in held) < 1e-6
)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
