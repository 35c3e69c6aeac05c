#!/bin/sh
# flowcon 0.0.4 and enflows 0.0.1: MaskedShiftAutoregressiveTransform is inverted
# by another map: x + 2 tanh(s) one way, z - s the other.
#
# The forward step adds 2 tanh(s), s the network's output, the inverse step takes
# s off.  Both report 0, which is right for each; a flow with this layer therefore
# has a correct density and draws samples of another law.  Rows come back
# off by .4 when fresh; the more the network says, the further.
#
# Seen (torch 2.13.0, double precision, seed 0, three columns):
#     inverse(forward(x)) off by .420, forward(inverse(z)) by .422, in both;
#     log-determinants 0, by differences 2e-13 (step 1e-3) and 2e-11 (1e-5)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy matplotlib tqdm torchdiffeq==0.2.5
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    umnn==1.71 flowcon==0.0.4 enflows==0.0.1
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib, importlib.metadata, sys
import torch

torch.set_default_dtype(torch.float64)
as_stated = True
for library in ("flowcon", "enflows"):
    transforms = importlib.import_module(library + ".transforms")
    torch.manual_seed(0)
    layer = transforms.MaskedShiftAutoregressiveTransform(3, 16)
    x = torch.randn(6, 3)
    with torch.no_grad():
        z, told = layer(x)
        back, told_back = layer.inverse(z)
        again, _ = layer(back)
        s = layer.autoregressive_net(x)
        forward = float((z - x - 2 * torch.tanh(s)).abs().max())
        # the inverse step, from the right columns before
        inverse = float((layer._elementwise_inverse(z, s)[0] - (z - s)).abs().max())
        off, other = float((back - x).abs().max()), float((again - z).abs().max())
        by = []
        for h in (1e-3, 1e-5):
            j = torch.stack([(layer(x + h * e)[0] - layer(x - h * e)[0]) / (2 * h) for e in torch.eye(3)], 2)
            by.append(float((torch.linalg.slogdet(j)[1] - told).abs().max()))
    print("%s %s: inverse(forward(x)) off by %.3f, forward(inverse(z)) by %.3f; log-determinant by %.0e %.0e"
          % (library, importlib.metadata.version(library), off, other, *by))
    as_stated &= forward < 1e-12 and inverse < 1e-12 and off > 0.05 and other > 0.05
    as_stated &= max(by) < 1e-6 and not told.any() and not told_back.any()
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
