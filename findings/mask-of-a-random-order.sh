#!/bin/sh
# LINFA 1.6.6: a masked autoregressive flow with input_order='random' is not
# autoregressive: its log-determinants are wrong and it does not invert.
#
# create_masks draws the degrees of the outputs anew, for input_order='random',
# where they must be those of the inputs.  Output i then may see input i and later
# ones, the Jacobian is no triangle, and the sum of the log-scales is not its
# log-determinant; inverse solves for columns in an order that the masks do not
# have.  With input_order='sequential', the default, all is exact.
#
# Seen (torch 2.13.0, double precision, seed 0, five columns, two blocks without
# batch norm):
#     sequential: log-determinant off by 2e-10 (rounding), round trip by 7e-16
#     random:     log-determinant off by .055, round trip by .059, fresh
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 numpy
# the package asks for torch 1.13.1; its flows need no more than torch
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    linfa-vi==1.6.6
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, sys
import torch
from linfa.maf import MAF

torch.set_default_dtype(torch.float64)
print("linfa-vi", importlib.metadata.version("linfa-vi"))
found = {}
for order in ("sequential", "random"):
    torch.manual_seed(0)
    flow = MAF(2, 5, 32, 1, input_order=order, batch_norm=False)
    x = torch.randn(6, 5)
    with torch.no_grad():
        u, told = flow(x)
        back, _ = flow.inverse(u)
        off = []
        for h in (1e-4, 1e-6):
            j = torch.stack([(flow(x + h * e)[0] - flow(x - h * e)[0]) / (2 * h) for e in torch.eye(5)], 2)
            off.append(float((torch.linalg.slogdet(j)[1] - told.sum(1)).abs().max()))
    found[order] = (off, float((back - x).abs().max()))
    print("%-10s log-determinant off by %.1e (step 1e-4) %.1e (1e-6), round trip by %.1e"
          % (order, *off, found[order][1]))
(s, s_trip), (r, r_trip) = found["sequential"], found["random"]
as_stated = max(s) < 1e-6 and s_trip < 1e-9 and min(r) > 1e-3 and r_trip > 1e-3
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
