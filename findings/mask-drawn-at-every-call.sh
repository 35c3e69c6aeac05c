#!/bin/sh
# stribor 0.2.0: a coupling with mask='random_half' draws its mask at every call:
# the map, its log-determinant and its inverse each use another.
#
# Coupling keeps a function that makes masks, "initializes mask generator", and
# asks it in forward, in log_det_jacobian and in inverse.  For random_half that is
# a new choice of columns each time, from NumPy's global generator: the same rows
# give other values at the next call, the log-determinant is that of a map that
# was not applied, and inverse(forward(x)) is not x.  The class's own example uses
# it.
#
# Seen (torch 2.13.0, double precision, four columns, fresh, NumPy seed 0):
#     parity_even: two calls differ by 0, round trip by 2e-16, log-determinant by 0
#     random_half: by .58, .76 and 1.0
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy torchdiffeq==0.2.5 typeguard==2.13.3
# newer torchtyping than the pinned one, which torch 2 cannot load
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    torchtyping==0.1.5 stribor==0.2.0
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, sys
import numpy, torch
import stribor as st

torch.set_default_dtype(torch.float64)
print("stribor", importlib.metadata.version("stribor"))
found = {}
for mask in ("parity_even", "random_half"):
    torch.manual_seed(0)
    numpy.random.seed(0)
    layer = st.Coupling(st.Affine(4, latent_net=st.net.MLP(4, [16], 8)), mask=mask)
    layer.eval()
    x = torch.randn(5, 4)
    with torch.no_grad():
        twice = back = off = 0.0
        for _ in range(8):
            y, told = layer.forward_and_log_det_jacobian(x)
            twice = max(twice, float((layer(x) - y).abs().max()))
            back = max(back, float((layer.inverse(y) - x).abs().max()))
            # which columns this call has moved, and by what factor: the affine
            # part's own parameters at those columns decide the true sum
            moved = (y != x).any(0).double()
            scale = layer.transform.log_diag_jacobian(x, y, latent=x * (1 - moved))
            off = max(off, float(((scale * moved).sum(1) - told[:, 0]).abs().max()))
    found[mask] = twice, back, off
    print("%-12s two calls differ by %.1e, round trip by %.1e, log-determinant by %.1e" % (mask, *found[mask]))
fixed, drawn = found["parity_even"], found["random_half"]
as_stated = max(fixed) < 1e-9 and min(drawn) > 1e-2
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
