#!/bin/sh
# Installs what the build needs and is not there yet; silent when nothing is.
#
# Everything is probed by use (a program that compiles and links, a terminal
# that gnuplot knows), never by the name of a package, so that a library built
# by hand counts as present.  Packages are Debian's, of release 12 and later.
# MPI is not among them: a build that finds libopenmpi-dev, or libmpich-dev, has
# it (docs/scaling.md).
set -u

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
compiler=${CC:-cc}
# CC=aarch64-linux-gnu-gcc builds for arm64: libraries are of that kind.
case ${compiler##*[ /]} in
aarch64-linux-gnu-gcc*) of=:arm64 ;;
*) of= ;;
esac

# A probe of those below, and what brings what it looks for.  Of a|b the first
# that this release has; name? only where this release has it.
table() {
    cat <<END
cc          $(compiler_package)
make        build-essential
ninja       ninja-build
meson       meson
pkg_config  pkg-config|pkgconf
openmp      $(openmp_package)
gsl         libgsl-dev$of
openblas    libopenblas-dev$of
lapacke     liblapacke-dev$of
random123   librandom123-dev
zlib        zlib1g-dev$of
libpng      libpng-dev$of
libjpeg     libjpeg-dev$of
libwebp     libwebp-dev$of
$(hdf5)
fftw        libfftw3-dev$of
arb         libflint-dev$of libflint-arb-dev$of?
gnuplot     gnuplot-nox
$(fuzzer)
$(helgrind)
photographs $(photographs)
END
}

# Not of another processor's, which does not stand beside this one's.
hdf5() {
    [ -n "$of" ] || echo "hdf5        libhdf5-dev"
}

# The packages of photographs that are wanting: pictures by name, which
# PHOTOGRAPHS=no does without.
photographs() {
    answer=$("${0%/*}/tools/photographs.sh")
    case $answer in
    missing*) echo "${answer#missing }" ;;
    esac
}

# CC=clang-19 is of the package of that name, CC=cc and CC=gcc of the usual one.
compiler_package() {
    name=${compiler##*[ /]}
    case $name in
    clang* | gcc-*) echo "$name build-essential" ;;
    aarch64-linux-gnu-gcc) echo "gcc-aarch64-linux-gnu build-essential" ;;
    *) echo build-essential ;;
    esac
}

# FUZZ=1: libFuzzer and the sanitizers of the Clang that is there.
fuzzer() {
    [ -z "${FUZZ-}" ] ||
        echo "fuzzer      libclang-rt-$($compiler -dumpversion |
            cut -d . -f 1)-dev"
}

# HELGRIND=1: valgrind, and what programs say to it.
helgrind() {
    [ -z "${HELGRIND-}" ] || echo "valgrind    valgrind"
}

# GCC brings its OpenMP; that of Clang has Clang's version.
openmp_package() {
    name=${compiler##*[ /]}
    case $name in
    clang-*) echo "libomp-${name#clang-}-dev" ;;
    clang) echo libomp-dev ;;
    *) echo build-essential ;;
    esac
}

# links NAME CODE FLAG...: does the program whose preamble is CODE link?
links() {
    name=$1 code=$2
    shift 2
    printf '%s\nreturn 0; }\n' "$code" >"$dir/$name.c"
    # shellcheck disable=SC2086 # CC may be two words
    $compiler -o "$dir/$name" "$dir/$name.c" "$@" >"$dir/$name.log" 2>&1
}

# has_module MODULE CODE: as pkg-config has it, which the build asks.
has_module() {
    flags=$(pkg-config --cflags --libs "$1" 2>"$dir/$1.pc") || return 1
    # shellcheck disable=SC2086 # a list of flags
    links "$1" "$2" $flags -lm
}

has_command() {
    command -v "$1" >"$dir/which"
}

has_cc() {
    links cc 'int main(void) {'
}

has_make() {
    has_command make
}

has_ninja() {
    has_command ninja
}

has_pkg_config() {
    has_command pkg-config
}

has_meson() {
    version=$(meson --version 2>"$dir/meson.log") || return 1
    [ "${version%%.*}" -ge 1 ] 2>>"$dir/meson.log"
}

has_openmp() {
    links openmp '#include <omp.h>
        int main(void) { omp_get_max_threads();' -fopenmp
}

# With OpenBLAS, as the build links it, or as pkg-config has it.
has_gsl() {
    gsl='#include <gsl/gsl_sf_gamma.h>
        int main(void) { gsl_sf_lngamma(2.0);'
    links gsl "$gsl" -lgsl -lopenblas -lm || has_module gsl "$gsl"
}

has_openblas() {
    has_module openblas '#include <cblas.h>
        int main(void) { double x = 1; cblas_dscal(1, x, &x, 1);'
}

has_lapacke() {
    has_module lapacke '#include <lapacke.h>
        int main(void) { double x = 1; LAPACKE_dpotrf(101, 76, 1, &x, 1);'
}

has_random123() {
    links random123 '#include <Random123/philox.h>
        int main(void) { philox4x32_ctr_t c = {{0}}; philox4x32_key_t k = {{0}};
        c = philox4x32(c, k); (void)c;'
}

has_fuzzer() {
    links fuzzer 'int LLVMFuzzerTestOneInput(const unsigned char *, long);
        int LLVMFuzzerTestOneInput(const unsigned char *b, long n) {
        (void)b, (void)n;' -fsanitize=fuzzer,address,undefined
}

has_valgrind() {
    has_command valgrind &&
        links valgrind '#include <valgrind/helgrind.h>
        int main(void) { (void)RUNNING_ON_VALGRIND;'
}

has_zlib() {
    has_module zlib '#include <zlib.h>
        int main(void) { zlibVersion();'
}

has_libpng() {
    has_module libpng '#include <png.h>
        int main(void) { png_access_version_number();'
}

has_libjpeg() {
    has_module libjpeg '#include <stdio.h>
        #include <jpeglib.h>
        int main(void) { struct jpeg_error_mgr e; jpeg_std_error(&e);'
}

has_libwebp() {
    has_module libwebp '#include <webp/decode.h>
        int main(void) { WebPGetDecoderVersion();'
}

has_hdf5() {
    hdf5='#include <hdf5.h>
        int main(void) { H5open();'
    has_module hdf5-serial "$hdf5" || has_module hdf5 "$hdf5"
}

has_fftw() {
    has_module fftw3 '#include <fftw3.h>
        int main(void) { fftw_cleanup();' &&
        has_module fftw3f '#include <fftw3.h>
        int main(void) { fftwf_cleanup();'
}

# Of FLINT 2 Arb is a library of its own, of FLINT 3 a part.
has_arb() {
    arb='int main(void) { arb_t x; arb_init(x); arb_clear(x);'
    old=$(printf '#include <arb.h>\n%s' "$arb")
    new=$(printf '#include <flint/arb.h>\n%s' "$arb")
    links arb1 "$old" -lflint-arb -lflint ||
        links arb2 "$new" -lflint ||
        links arb3 "$old" -larb -lflint
}

has_photographs() {
    case $("${0%/*}/tools/photographs.sh") in
    all | no) ;;
    *) return 1 ;;
    esac
}

has_gnuplot() {
    has_command gnuplot || return 1
    gnuplot -e 'print GPVAL_TERMINALS' </dev/null >"$dir/terminals" 2>&1 &&
        grep -q ' svg ' "$dir/terminals" &&
        grep -q ' pngcairo ' "$dir/terminals"
}

# lacking := what has no success, as rows of the table.  All at once, as this
# runs before every build.
probe() {
    table >"$dir/table"
    while read -r what packages; do
        [ -z "$what" ] || (has_"$what" || echo "$what $packages" >"$dir/no-$what") &
    done <"$dir/table"
    wait
    cat "$dir"/no-* >"$dir/lacking" 2>"$dir/none"
    rm -f "$dir"/no-*
}

in_release() {
    LC_ALL=C apt-cache policy "$1" 2>"$dir/policy" |
        grep -q 'Candidate: [^(]'
}

# choose NAME: of a|b the first that this release has, or a.
choose() {
    IFS='|'
    for name in $1; do
        unset IFS
        if in_release "$name"; then
            echo "$name"
            return
        fi
    done
    unset IFS
    echo "${1%%|*}"
}

# missing := the packages to install, each once.
choose_packages() {
    missing=
    for package in $(cut -d ' ' -f 2- "$dir/lacking"); do
        case $package in
        *\?)
            package=${package%?}
            in_release "$package" || continue
            ;;
        *) package=$(choose "$package") ;;
        esac
        case " $missing " in
        *" $package "*) ;;
        *) missing="${missing:+$missing }$package" ;;
        esac
    done
}

# Where nothing may be installed: the one line that would do it.
refuse() {
    echo "install.sh: missing: $missing" >&2
    [ -z "$1" ] || echo "install.sh: $1" >&2
    ! grep -q ^photographs "$dir/lacking" ||
        echo "install.sh: PHOTOGRAPHS=no does without photographs" >&2
    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    [ "$(id -u)" -eq 0 ] || command="sudo sh -c '$command'"
    echo "Type:  $command" >&2
    exit 1
}

"${0%/*}/tools/photographs.sh" >"$dir/photographs" || exit 2
probe
[ -s "$dir/lacking" ] || exit 0
choose_packages

has_command apt-get || refuse "no apt-get here; the names above are Debian's"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>"$dir/sudo.log" || refuse "not root, and sudo asks a password"
    as_root="sudo -n"
fi

release() {
    sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release
}

install_missing() {
    echo "install.sh: $(release) lacks $(cut -d ' ' -f 1 "$dir/lacking" |
        tr '\n' ' ')" >&2
    echo "install.sh: installing $missing" >&2
    # shellcheck disable=SC2086 # lists of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $missing >"$dir/apt.log" 2>&1
}

# The lists of packages may be absent or old: fetch them when they do not do.
all_known() {
    for package in $missing; do
        in_release "$package" || return 1
    done
}
if ! all_known || ! install_missing; then
    $as_root apt-get update -q >"$dir/update.log" 2>&1
    choose_packages
    install_missing || {
        tail -n 5 "$dir/apt.log" >&2
        refuse "apt-get failed"
    }
fi

probe
choose_packages
[ ! -s "$dir/lacking" ] || refuse "installed, but these still do not work"
echo "install.sh: installed" >&2
