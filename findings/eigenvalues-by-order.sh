#!/bin/sh
# NumPy 2.2.6: the smallest eigenvalues of a covariance depend on the order of
# its columns, by thirteen orders of magnitude.
#
# The covariance D C D, C of condition 6 and D = diag(1, 2^-20, 2^-40, 2^-60),
# determines each of its eigenvalues to almost full relative precision.
# numpy.linalg.eigvalsh finds them with the columns in that order, and in the
# reverse order loses the two smallest entirely: one triangle is read, and
# rotations that begin at its large corner keep what is small, those that end
# there do not.
#
# Seen (x86-64, NumPy's own OpenBLAS), relative error of the smallest:
#     columns 0 1 2 3: 5.6e-05        columns 3 2 1 0: 1.0e+13
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check numpy==2.2.6 \
    mpmath==1.3.0
"$folder/v/bin/python" - <<'PYTHON'
import sys
import mpmath, numpy

mpmath.mp.dps = 80
c = numpy.array([[4, 2, 1, 1], [2, 4, 2, 1], [1, 2, 4, 2], [1, 1, 2, 4]]) / 4.0
scale = 2.0 ** -numpy.array([0, 20, 40, 60])  # powers of two: exact products
errors = []
print("numpy", numpy.__version__)
for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
    s = (c * scale * scale[:, None])[numpy.ix_(order, order)]
    exact = sorted(mpmath.eigsy(mpmath.matrix(s.tolist()), eigvals_only=True))
    found = numpy.linalg.eigvalsh(s)
    errors.append(abs(found[0] / float(exact[0]) - 1))
    print("columns", *order, "smallest: exact %.6e, eigvalsh %.6e, relative error %.1e"
          % (float(exact[0]), found[0], errors[-1]))
as_stated = errors[0] < 1e-3 and errors[1] > 1e3
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
