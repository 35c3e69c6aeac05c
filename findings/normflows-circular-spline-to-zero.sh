#!/bin/sh
# normflows 1.7.3: a spline with one circular coordinate sends the others to 0.
#
# CircularCoupledRationalQuadraticSpline(2, .., ind_circ=[0], tail_bound=3) makes
# coordinate 0 an angle and gives coordinate 1 linear tails: identity outside of
# [-3, 3].  A point with coordinate 1 at 3.5 or at -7 comes out with 0 there, with
# log |det| 0, and the inverse gives 0 for 0: rows collapse, and their densities
# stay finite.  The splines without a circular coordinate keep the value.
#
# Seen (x86-64): (0.5, 3.5) -> (0.5, 0), (0.5, -7) -> (0.5, 0), log |det| 0;
#     CoupledRationalQuadraticSpline: (0.5, 3.5) -> (0.5, 3.5)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 normflows==1.7.3
OMP_NUM_THREADS=1 "$folder/v/bin/python" - <<'PYTHON'
import sys
import torch, normflows

torch.manual_seed(0)
print("torch", torch.__version__, "normflows 1.7.3")
x = torch.tensor([[0.5, 1.0], [0.5, 3.5], [0.5, -7.0]])
flows = normflows.flows
circular = flows.CircularCoupledRationalQuadraticSpline(2, 1, 8, ind_circ=[0], tail_bound=3.0)
plain = flows.CoupledRationalQuadraticSpline(2, 1, 8, tail_bound=3.0)
with torch.no_grad():
    for name, flow in (("circular", circular), ("plain", plain)):
        z, log_det = flow(x)
        for row, to, ld in zip(x.tolist(), z.tolist(), log_det.tolist()):
            print("%-9s %s -> %s  log |det| %.1e" % (name, row, to, ld))
    c, p = circular(x), plain(x)
as_stated = (
    abs(c[0][0, 1] - 1) < 1e-3
    and bool((c[0][1:, 1] == 0).all())
    and bool((c[1].abs() < 1e-3).all())
    and bool((p[0][1:, 1] == x[1:, 1]).all())
)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
