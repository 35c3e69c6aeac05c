#!/bin/sh
# scikit-learn 1.9.1: with fewer rows than columns, the likelihood of PCA is not
# the one of probabilistic PCA, by tens of nats a row.
#
# PCA.score is the mean log-likelihood of probabilistic PCA, after Tipping and
# Bishop, whose noise is the mean of the d - q eigenvalues that are discarded.
# Of n < d rows, noise_variance_ is the mean of n - q of them, as its entry in
# the documentation says, and leaves out d - n zeros: it is (d - q) / (n - q)
# times too large, the covariance has more variance than the data, and score
# lies below the optimum.  With the mean of all in noise_variance_ the same
# object scores higher, on its rows and on new ones.  What is chosen by score
# (the number of components, PCA against other models) is chosen by that;
# pictures have fewer rows than pixels.
#
# Seen (x86-64, NumPy 2.4.6), ten factors and noise of variance 1, seed 0:
#       n    d  noise_variance_  mean of d - q  score on new rows  with the mean
#      50  200  3.764            .7924          -373.5             -344.4
#     400 1000  2.482            .9777          -1613.0            -1466.9
#    1000  200  .9906            .9906          no difference, as n > d
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check \
    scikit-learn==1.9.1 numpy==2.4.6
"$folder/v/bin/python" - <<'PYTHON'
import sys
import numpy, sklearn
from sklearn.decomposition import PCA

print("scikit-learn", sklearn.__version__)
as_stated = True
for n, d in ((50, 200), (400, 1000), (1000, 200)):
    q = 10
    rng = numpy.random.default_rng(0)
    factors = rng.standard_normal((q, d))
    x, new = (rng.standard_normal((n, q)) @ factors
              + rng.standard_normal((n, d)) for _ in range(2))
    model = PCA(q, svd_solver="full").fit(x)
    told, score = model.noise_variance_, (model.score(x), model.score(new))
    # The trace of the covariance is what all eigenvalues sum to.
    mean = (x.var(axis=0, ddof=1).sum()
            - model.explained_variance_.sum()) / (d - q)
    model.noise_variance_ = mean
    better = model.score(x), model.score(new)
    print("n %4d d %4d  noise_variance_ %.4g, mean of d - q %.4g;"
          " score %.1f (new rows %.1f), with it %.1f (%.1f)"
          % (n, d, told, mean, *score, *better))
    if n < d:
        factor = (d - q) / (n - q)
        as_stated &= (abs(told / mean / factor - 1) < 1e-9 and
                      all(b > s + 20 for b, s in zip(better, score)))
    else:
        as_stated &= abs(told / mean - 1) < 1e-9
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
