#!/bin/sh
# GSL 2.7.1: the quantile of chi^2 far from what it should be, without an error.
#
# gsl_cdf_chisq_Qinv(.01, 50000) returns 61744.085, where .01 is exceeded at
# 50738.6 (by bisection of gsl_cdf_chisq_Q, which is right): the probability
# above what it returns is 3e-262.  At 20000 degrees of freedom the same call is
# right to 14 digits, at 100000 it returns 132866.6.  GSL's error handler is not
# called.  Whoever tests a table of 50 000 rows by this quantile never rejects.
#
# Seen with Debian 12's libgsl27 2.7.1+dfsg-5+deb12u1 (amd64):
#     20000  20468.20876  Q = 0.01         50000  61744.08527  Q = 2.9e-262
#     100000 132866.5830  Q = 0            errors: 0
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
version=2.7.1+dfsg-5+deb12u1
apt-get download -q -o APT::Sandbox::User=root "libgsl27=$version" \
    "libgslcblas0=$version" >log 2>&1 || {
    cat log
    echo "libgsl27 $version cannot be had from this machine's sources" >&2
    exit 1
}
for package in *.deb; do
    dpkg -x "$package" .
done
python3 - usr/lib/*/ <<'PYTHON'
import ctypes, sys

folder = sys.argv[1]
ctypes.CDLL(folder + "libgslcblas.so.0", ctypes.RTLD_GLOBAL)
gsl = ctypes.CDLL(folder + "libgsl.so.27")
number = ctypes.c_double
for name in ("gsl_cdf_chisq_Qinv", "gsl_cdf_chisq_Q"):
    getattr(gsl, name).restype = number
    getattr(gsl, name).argtypes = [number, number]
errors = []
handler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)
own = handler(lambda why, where, line, code: errors.append(code))
gsl.gsl_set_error_handler(own)
print("GSL", ctypes.c_char_p.in_dll(gsl, "gsl_version").value.decode())


def bisected(p, nu):
    low, high = nu, 2 * nu
    for _ in range(100):
        middle = (low + high) / 2
        if gsl.gsl_cdf_chisq_Q(middle, nu) > p:
            low = middle
        else:
            high = middle
    return low


found = {}
for nu in (20000.0, 50000.0, 100000.0):
    q = gsl.gsl_cdf_chisq_Qinv(0.01, nu)
    found[nu] = (q, bisected(0.01, nu))
    print("%7.0f  Qinv %.7g  Q of that %.3g  bisection %.7g" % (nu, q, gsl.gsl_cdf_chisq_Q(q, nu), found[nu][1]))
print("errors:", len(errors))
as_stated = (
    abs(found[2e4][0] - found[2e4][1]) < 1e-6
    and found[5e4][0] - found[5e4][1] > 10000
    and found[1e5][0] - found[1e5][1] > 30000
    and not errors
)
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
