#!/bin/sh
# nflows 0.14 and flowcon 0.0.4: GatedLinearUnit scales every column of a row by
# its gate and counts the gate once.
#
# outputs = inputs * sigmoid(context), log-determinant = log sigmoid(context): with a
# context of one column, as of the transforms that take one, the rows of d columns
# are scaled d times.  With a context of d columns it gives n d numbers for n rows,
# which no flow can add.  Of one column alone is it right; nothing says so.  A flow
# over d columns with it is short of (d - 1) log sigmoid(context) on every row.
#
# Seen (torch 2.13.0, double precision, context .3, sigmoid .574443):
#     d = 1: told -.554355; d = 3: told -.554355, by differences -1.663066 (steps
#     1e-4, 1e-5); a gate a column, 2 rows: log-determinants of shape (6,)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 nflows==0.14 matplotlib scipy torchdiffeq==0.2.5
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    --no-deps umnn==1.71 flowcon==0.0.4
OMP_NUM_THREADS=1 "$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib, importlib.metadata, math, sys
import torch

torch.set_default_dtype(torch.float64)
gate = -math.log1p(math.exp(-0.3))
as_stated = True
for package in ("nflows", "flowcon"):
    unit = importlib.import_module(package + ".transforms").GatedLinearUnit()
    print(package, importlib.metadata.version(package))
    for d in (1, 3):
        x, context = torch.linspace(0.1, 0.3, d)[None], torch.full((1, 1), 0.3)
        z, told = unit(x, context)
        by = []
        for h in (1e-4, 1e-5):
            j = torch.stack([(unit(x + h * e, context)[0] - unit(x - h * e, context)[0])[0]
                             / (2 * h) for e in torch.eye(d)], 1)
            by.append(torch.linalg.slogdet(j)[1].item())
        print("  d = %d: told %.6f, by differences %.6f %.6f" % (d, told.item(), *by))
        as_stated &= abs(told.item() - gate) < 1e-12
        as_stated &= max(abs(v - d * gate) for v in by) < 1e-6
    many = unit(torch.ones(2, 3), torch.zeros(2, 3))[1]
    print("  a gate a column, 2 rows: log-determinants of shape", tuple(many.shape))
    as_stated &= tuple(many.shape) == (6,)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
