#!/bin/sh
# PyTorch 2.13.0: a tensor scale of one entry is counted once, not d times.
#
# torch.distributions.AffineTransform(0, 2.0, event_dim=1) of five coordinates has
# log |det| = 5 log 2, and says so.  With torch.tensor(2.0) or torch.tensor([2.0])
# for 2.0 it maps every point to the same values and says log 2: the number is
# summed before it is broadcast.  Every density that goes through it is off by
# 4 log 2, without a word; a scale of five entries is right.
#
# Seen (x86-64):
#     2.0 3.4657    tensor(2.) 0.6931    tensor([2.]) 0.6931
#     five entries 3.4657    differences of the values 3.4657
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --no-compile --disable-pip-version-check torch==2.13.0 numpy==2.4.6
OMP_NUM_THREADS=1 "$folder/v/bin/python" - <<'PYTHON'
import math, sys
import torch
from torch.distributions import transforms

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
print("torch", torch.__version__)
x, h, d = torch.randn(1, 5), 2.0 ** -10, 5
said = []
for name, scale in (("2.0", 2.0), ("tensor(2.)", torch.tensor(2.0)),
                    ("tensor([2.])", torch.tensor([2.0])),
                    ("five entries", torch.full((5,), 2.0))):
    t = transforms.AffineTransform(0.0, scale, event_dim=1)
    steps = h * torch.eye(d)
    slopes = (t(x + steps) - t(x - steps)) / (2 * h)
    found = torch.linalg.slogdet(slopes)[1].item()
    said.append(t.log_abs_det_jacobian(x, t(x)).item())
    print("%-13s log |det| said %.4f, by differences %.4f" % (name, said[-1], found))
right, once = 5 * math.log(2), math.log(2)
as_stated = all(abs(a - b) < 1e-9 for a, b in zip(said, (right, once, once, right)))
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
