#!/bin/sh
# torchflows 1.2.1: a sigmoidal layer within .001 of the identity reports a
# log-determinant of -11.1 nats a coordinate.
#
# The transformer is z = logit(sum_i w_i sigmoid(a_i x + b_i)).  Its derivative is
# a sum over i; the code adds the logarithms of its terms, where the logarithm of
# the sum is meant, and takes log(d / (1 - d)) for -log(d (1 - d)).  With
# parameters 0 and four hidden units all terms are equal and z = 1.0006 x, and the
# reported number is 4 (log(1/4) + 2 log(1/2)) = -11.09 at x = 0.
# CouplingDeepSF, the library's neural autoregressive flow, trains on it; the
# dense ones (DenseSigmoid) are off by thousands.
#
# Seen (torch 2.13.0, double precision, mpmath with 40 digits):
#     x = 0: reported -11.0878, true 0.0006    x = 1: reported -8.0474, true 0.0006
#     CouplingDeepSF, two dimensions, fresh: reported -42.3496, by differences
#     -0.5878 (steps 1e-3 and 1e-5)
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check torch==2.13.0 \
    numpy mpmath==1.3.0 tqdm==4.67.1 torchdiffeq==0.2.5
"$folder/v/bin/pip" install -q --disable-pip-version-check --no-deps \
    torchflows==1.2.1
"$folder/v/bin/python" -W ignore - <<'PYTHON'
import importlib.metadata, sys
import mpmath, torch
from torchflows.bijections.finite.autoregressive.architectures import CouplingDeepSF
from torchflows.bijections.finite.autoregressive.transformers.combination.sigmoid import Sigmoid

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
mpmath.mp.dps = 40
print("torchflows", importlib.metadata.version("torchflows"))
t = Sigmoid((1,))
h = torch.zeros(1, 1, 3 * t.hidden_dim)
a, b, w, _ = t.extract_parameters(h[0])


def exact(x):
    s = lambda v: 1 / (1 + mpmath.exp(-v))
    terms = [(mpmath.mpf(float(w[0, i])), mpmath.mpf(float(a[0, i])), mpmath.mpf(float(b[0, i])))
             for i in range(t.hidden_dim)]

    def z(v):
        d = mpmath.fsum(wi * s(ai * v + bi) for wi, ai, bi in terms)
        return mpmath.log(d / (1 - d))

    return float(z(mpmath.mpf(x))), float(mpmath.log(mpmath.diff(z, mpmath.mpf(x))))


as_stated = True
for x in (0.0, 1.0):
    z, told = t.forward(torch.full((1, 1), x), h)
    ez, true = exact(x)
    print("x = %g: z %.6f (exact %.6f), reported %.4f, true %.4f" % (x, float(z), ez, float(told), true))
    as_stated &= abs(float(z) - ez) < 1e-9 and abs(true) < 1e-3 and abs(float(told)) > 5
flow = CouplingDeepSF((2,))
x = torch.tensor([[0.3, -0.2]])
_, told = flow.forward(x)
by = [float(torch.linalg.slogdet(torch.stack(
    [(flow.forward(x + s * e)[0] - flow.forward(x - s * e)[0])[0] / (2 * s) for e in torch.eye(2)], 1))[1])
    for s in (1e-3, 1e-5)]
print("CouplingDeepSF: reported %.4f, by differences %.4f (1e-3) %.4f (1e-5)" % (float(told), *by))
as_stated &= abs(by[0] - by[1]) < 1e-3 and abs(float(told) - by[0]) > 10
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
