#!/bin/sh
# torchflows 1.2.1: the radial layer moves every coordinate by itself and counts
# the d - 1 directions across the radius for each: d (d - 1) terms too many.
#
# A radial map is x = z + beta (z - z0) / (alpha + |z - z0|), and d - 1 of its
# directions stretch by 1 + beta / (alpha + r).  Here |z - z0| is taken coordinate
# by coordinate, which makes d maps of single numbers; their log-determinant is
# the sum of d logarithms, and the code adds d - 1 of the others to each.  In one
# dimension both agree.  RadialBijection, the architecture, is made of it.
#
# Seen (torch 2.13.0, double precision, seed 0), error of the log-determinant:
#     d = 1: 0.0000    d = 2: 1.2495    d = 5: 5.1320    (steps 1e-4 and 1e-6)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy tqdm==4.67.1 torchdiffeq==0.2.5
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    torchflows==1.2.1
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, sys
import torch
from torchflows.bijections.finite.residual.radial import Radial

torch.set_default_dtype(torch.float64)
print("torchflows", importlib.metadata.version("torchflows"))
as_stated = True
for d in (1, 2, 5):
    torch.manual_seed(0)
    layer = Radial((d,))
    z = torch.randn(4, d)
    with torch.no_grad():
        x, told = layer.inverse(z)
        by = []
        for h in (1e-4, 1e-6):
            j = torch.stack([(layer.inverse(z + h * e)[0] - layer.inverse(z - h * e)[0]) / (2 * h)
                             for e in torch.eye(d)], 2)
            by.append(torch.linalg.slogdet(j)[1])
            across = j - torch.diag_embed(torch.diagonal(j, dim1=1, dim2=2))
    off = [float((told - b).abs().max()) for b in by]
    print("d = %d: log-determinant off by %.4f (step 1e-4) %.4f (1e-6); between coordinates %.1e"
          % (d, *off, float(across.abs().max())))
    as_stated &= float(across.abs().max()) < 1e-9
    as_stated &= max(off) < 1e-5 if d == 1 else min(off) > 0.1
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
