#!/bin/sh
# GSL 2.7.1: normal draws by the ziggurat have 32 bits, whatever the generator.
#
# gsl_ran_gaussian_ziggurat fills a double from 24 bits, one of 128 widths and a
# sign.  Of a million draws more than a hundred repeat another, also with
# ranlxd2, whose uniform numbers have 48 bits.  gsl_ran_gaussian (polar) and
# gsl_ran_gaussian_ratio_method keep the generator's width, and none repeats.
# Whoever looks for equal rows, or divides by a draw (24 bits that are all 0 make
# one of exactly 0), meets it.
#
# Seen with Debian 12's libgsl27 2.7.1+dfsg-5+deb12u1 (amd64), seed 1, repeats of
# 1000000:
#     mt19937  ziggurat 131  polar 0  ratio 0
#     ranlxd2  ziggurat 133  polar 0  ratio 0
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
gsl.gsl_rng_alloc.restype = ctypes.c_void_p
gsl.gsl_rng_alloc.argtypes = [ctypes.c_void_p]
gsl.gsl_rng_set.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
gsl.gsl_rng_free.argtypes = [ctypes.c_void_p]
print("GSL", ctypes.c_char_p.in_dll(gsl, "gsl_version").value.decode())

DRAWS = 1000000
wrong = 0
for generator in ("mt19937", "ranlxd2"):
    for method in ("gaussian_ziggurat", "gaussian", "gaussian_ratio_method"):
        draw = getattr(gsl, "gsl_ran_" + method)
        draw.restype = ctypes.c_double
        draw.argtypes = [ctypes.c_void_p, ctypes.c_double]
        kind = ctypes.c_void_p.in_dll(gsl, "gsl_rng_" + generator)
        rng = gsl.gsl_rng_alloc(kind)
        gsl.gsl_rng_set(rng, 1)
        repeats = DRAWS - len({draw(rng, 1.0) for _ in range(DRAWS)})
        gsl.gsl_rng_free(rng)
        print("%-8s %-22s %4d of %d repeat" % (generator, method, repeats, DRAWS))
        expected = repeats > 50 if method == "gaussian_ziggurat" else repeats == 0
        wrong += not expected
sys.exit(wrong > 0)
PYTHON
