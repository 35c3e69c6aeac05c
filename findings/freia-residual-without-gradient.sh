#!/bin/sh
# FrEIA 0.2: an invertible residual block whose log-determinant trains nothing.
#
# IResNetLayer returns z and log |det dz/dx|.  In one dimension the estimate is
# exact up to its series, and right.  It does not require a gradient: the derivative
# of the loss -log p = z^2 / 2 - log |det| by the parameters is that of z^2 / 2
# alone: training by maximum likelihood shrinks z and never meets the volume.  No
# error, no warning; with a layer beside it that has a gradient, nothing shows.
#
# Seen (x86-64): log |det| right to 1e-3, requires_grad False; the derivative of its
# mean by a weight, by differences: 0.0595
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check \
    torch==2.13.0 numpy==2.4.6 scipy==1.17.1 FrEIA==0.2
OMP_NUM_THREADS=1 "$folder/v/bin/python" - <<'PYTHON'
import sys, warnings
warnings.simplefilter("ignore")
import torch
import FrEIA.modules as modules

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
print("torch", torch.__version__, "FrEIA 0.2")
block = modules.IResNetLayer([(1,)])
block.lipschitz_correction()
x = torch.randn(8, 1)
y = x.clone().requires_grad_()
(z,), log_det = block([y])
true = torch.autograd.grad(z.sum(), y, retain_graph=True)[0].log().view(-1)
print("log |det| said", log_det[0].item(), "by the derivative of z", true[0].item())
right = (log_det - true).abs().max().item() < 1e-3
weight = next(block.parameters())


def mean(step):
    with torch.no_grad():
        weight[0, 0] += step
    value = block([x.clone()])[1].mean().item()
    with torch.no_grad():
        weight[0, 0] -= step
    return value


slope = (mean(1e-4) - mean(-1e-4)) / 2e-4
print("requires_grad:", log_det.requires_grad)
print("derivative of the mean log |det| by a weight, by differences: %.6f" % slope)
as_stated = right and not log_det.requires_grad and abs(slope) > 1e-4
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
