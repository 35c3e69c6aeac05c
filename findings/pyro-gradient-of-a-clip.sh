#!/bin/sh
# Pyro 1.9.2: log |det| is constant, and its gradient is not 0.
#
# AffineCoupling clips log scales to [-5, 3].  Where the network's output is outside,
# log |det| does not change with x, and log_abs_det_jacobian says so; its derivative
# by autograd is that of the network as if there were no clip (the values go through
# the clip without a graph, on purpose).  z is clipped alike, and its derivative
# passes: an optimiser follows a direction in which neither changes, and Jacobians
# by autograd are not those of the values.
#
# Seen (x86-64): log |det| -5 at five points; of its derivatives by x_1 three are -54,
# -54 and 20 by autograd, all are 0 by differences.
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy==2.4.6 pyro-ppl==1.9.2
OMP_NUM_THREADS=1 "$folder/v/bin/python" - <<'PYTHON'
import sys
import pyro, torch
import pyro.distributions.transforms as transforms

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
print("torch", torch.__version__, "pyro", pyro.__version__)
t = transforms.affine_coupling(2, hidden_dims=[4])
with torch.no_grad():
    for p in t.parameters():
        p.mul_(20)


def log_det(x):
    return t.log_abs_det_jacobian(x, t(x))


x = 2 * torch.randn(200, 2)
x = x[log_det(x) == -5][:5]
step = torch.tensor([1e-3, 0.0])
keep = (log_det(x + step) == -5) & (log_det(x - step) == -5)
y = x[keep].clone().requires_grad_()
own = torch.autograd.grad(log_det(y).sum(), y)[0][:, 0]
found = ((log_det(x + step) - log_det(x - step)) / 2e-3)[keep].detach()
for a, b, c in zip(log_det(y).tolist(), own.tolist(), found.tolist()):
    print("log |det| %.4f  derivative by x_1: autograd %9.4f, differences %.4f" % (a, b, c))
as_stated = len(own) > 2 and bool((own.abs() > 1).any()) and bool((found == 0).all())
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
