#!/bin/sh
# nflows 0.14: the inverse of a linear spline is another map in its last bin.
#
# Its search for the bin adds 1e-6 to the last knot, in place, so that the right end
# is inside; the inverse then takes slopes from the moved knots.  Where the last bin
# carries little, 1e-6 is not small: forward sends .95 to a value of slope 9e-7, the
# inverse brings it back to .9042 and says 11.42 for the log-determinant where 13.89
# is true.  In double as in float: the number 1e-6 is no rounding.
#
# Seen (x86-64): x .95, back .9042; log |det| -13.8946, of the inverse 11.4246
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 nflows==0.14
OMP_NUM_THREADS=1 "$folder/v/bin/python" - <<'PYTHON'
import sys
import torch
from nflows.transforms.splines import linear_spline

torch.set_default_dtype(torch.float64)
print("torch", torch.__version__, "nflows 0.14")
pdf = torch.zeros(1, 10)
pdf[0, -1] = -14.0
x = torch.tensor([0.95])
z, log_det = linear_spline(x, pdf)
back, log_det_back = linear_spline(z, pdf, inverse=True)
print("x %.4f -> %.9f, log |det| %.4f; back %.4f, log |det| %.4f"
      % (x, z, log_det, back, log_det_back))
first, first_ld = linear_spline(torch.tensor([0.45]), pdf)
again, again_ld = linear_spline(first, pdf, inverse=True)
print("x 0.4500 -> %.9f, log |det| %.4f; back %.4f, log |det| %.4f"
      % (first, first_ld, again, again_ld))
as_stated = (
    abs(back - x).item() > 0.01
    and abs(log_det + log_det_back).item() > 1
    and abs(again.item() - 0.45) < 1e-9
    and abs(first_ld + again_ld).item() < 1e-9
)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
