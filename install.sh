#!/bin/sh
# Installs what the build needs and is not there yet; silent when nothing is.
#
# Everything is probed by use (a program that compiles and links, a terminal
# that gnuplot knows), never by the name of a package, so that a library built
# by hand counts as present.  Packages are Debian's.
set -u

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
missing=

need() { # PACKAGE...: each named once
    for package in "$@"; do
        case " $missing " in
        *" $package "*) ;;
        *) missing="${missing:+$missing }$package" ;;
        esac
    done
}

# links NAME CODE FLAG...: does the program whose preamble is CODE link?
links() {
    name=$1 code=$2
    shift 2
    printf '%s\nreturn 0; }\n' "$code" >"$dir/$name.c"
    "${CC:-cc}" -o "$dir/$name" "$dir/$name.c" "$@" >"$dir/$name.log" 2>&1
}

# With pkg-config's flags when it knows the library.
links_module() {
    module=$1 fallback=$2 code=$3
    flags=$(pkg-config --cflags --libs "$module" 2>"$dir/$module.log") ||
        flags=$fallback
    # shellcheck disable=SC2086 # a list of flags
    links "$module" "$code" $flags -lm
}

# The module itself is what the build asks for.
has_module() {
    pkg-config --exists "$1" 2>"$dir/$1.log" && links_module "$@"
}

arb_links() {
    arb='int main(void) { arb_t x; arb_init(x); arb_clear(x);'
    old=$(printf '#include <arb.h>\n%s' "$arb")
    new=$(printf '#include <flint/arb.h>\n%s' "$arb")
    links arb1 "$old" -lflint-arb -lflint ||
        links arb2 "$old" -larb -lflint ||
        links arb3 "$new" -lflint
}

gnuplot_draws() {
    command -v gnuplot >"$dir/which" || return 1
    gnuplot -e 'print GPVAL_TERMINALS' </dev/null >"$dir/terminals" 2>&1 &&
        grep -q ' svg ' "$dir/terminals" &&
        grep -q ' pngcairo ' "$dir/terminals"
}

meson_is_new() {
    version=$(meson --version 2>"$dir/meson.log") || return 1
    [ "${version%%.*}" -ge 1 ] 2>>"$dir/meson.log"
}

# Everything in one program, which is quicker than one by one, and says
# nothing of what is missing.
all_link() {
    flags=$(pkg-config --cflags --libs openblas lapacke zlib libpng libjpeg \
        fftw3 2>"$dir/all.pc") || return 1
    # shellcheck disable=SC2086 # a list of flags
    links all '#include <arb.h>
        #include <gsl/gsl_sf_gamma.h>
        #include <lapacke.h>
        #include <Random123/philox.h>
        #include <zlib.h>
        #include <fftw3.h>
        #include <png.h>
        #include <stdio.h>
        #include <jpeglib.h>
        void cblas_dscal(int n, double a, double *x, int step);
        int main(void) { double x = 1; arb_t ball; arb_init(ball);
        arb_clear(ball); gsl_sf_lngamma(2.0); cblas_dscal(1, x, &x, 1);
        LAPACKE_dpotrf(101, 76, 1, &x, 1); zlibVersion();
        fftw_cleanup(); png_access_version_number();
        struct jpeg_error_mgr e; jpeg_std_error(&e);
        philox4x32_ctr_t c = {{0}}; philox4x32_key_t k = {{0}};
        c = philox4x32(c, k); (void)c;' \
        $flags -lflint-arb -lflint -lgsl -lm
}

probe_libraries() {
    links_module gsl '-lgsl -lopenblas' '#include <gsl/gsl_sf_gamma.h>
        int main(void) { gsl_sf_lngamma(2.0);' || need libgsl-dev
    has_module openblas '-lopenblas' '#include <cblas.h>
        int main(void) { double x = 1; cblas_dscal(1, x, &x, 1);' ||
        need libopenblas-dev
    has_module lapacke '-llapacke' '#include <lapacke.h>
        int main(void) { double x = 1; LAPACKE_dpotrf(101, 76, 1, &x, 1);' ||
        need liblapacke-dev
    links random123 '#include <Random123/philox.h>
        int main(void) { philox4x32_ctr_t c = {{0}}; philox4x32_key_t k = {{0}};
        c = philox4x32(c, k); (void)c;' || need librandom123-dev
    has_module zlib '-lz' '#include <zlib.h>
        int main(void) { zlibVersion();' || need zlib1g-dev
    has_module libpng '-lpng' '#include <png.h>
        int main(void) { png_access_version_number();' || need libpng-dev
    has_module libjpeg '-ljpeg' '#include <stdio.h>
        #include <jpeglib.h>
        int main(void) { struct jpeg_error_mgr e; jpeg_std_error(&e);' ||
        need libjpeg-dev
    has_module fftw3 '-lfftw3' '#include <fftw3.h>
        int main(void) { fftw_cleanup();' || need libfftw3-dev
    arb_links || need libflint-arb-dev libflint-dev
}

# Pictures, which PHOTOGRAPHS=no does without.
probe_photographs() {
    photographs=
    answer=$("${0%/*}/tools/photographs.sh") || exit 2
    case $answer in
    missing*) photographs=${answer#missing } ;;
    esac
    # shellcheck disable=SC2086 # a list of words
    need $photographs
}

probe() {
    missing=
    probe_photographs
    meson_is_new & # the slowest to answer
    meson=$!
    links cc 'int main(void) {' || need build-essential
    command -v make >"$dir/which" || need build-essential
    command -v ninja >"$dir/which" || need ninja-build
    command -v pkg-config >"$dir/which" || need pkg-config
    all_link || probe_libraries
    gnuplot_draws || need gnuplot-nox
    wait "$meson" || need meson
}

# Where nothing may be installed: the one line that would do it.
refuse() {
    echo "install.sh: missing: $missing" >&2
    [ -z "$1" ] || echo "install.sh: $1" >&2
    [ -z "$photographs" ] ||
        echo "install.sh: PHOTOGRAPHS=no does without $photographs" >&2
    command="apt-get update && apt-get install -y --no-install-recommends $missing"
    [ "$(id -u)" -eq 0 ] || command="sudo sh -c '$command'"
    echo "Type:  $command" >&2
    exit 1
}

# A later FLINT holds Arb itself, and libflint-arb-dev is gone with it.
drop_unknown() {
    known=
    for package in $missing; do
        case $package in
        libflint-arb-dev)
            apt-cache show "$package" >"$dir/show" 2>&1 || continue
            ;;
        esac
        known="${known:+$known }$package"
    done
    missing=$known
}

probe
[ -n "$missing" ] || exit 0

command -v apt-get >"$dir/which" ||
    refuse "no apt-get here; the names above are Debian's"
as_root=
if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>"$dir/sudo.log" || refuse "not root, and sudo asks a password"
    as_root="sudo -n"
fi
echo "install.sh: installing $missing" >&2

install_missing() {
    drop_unknown
    # shellcheck disable=SC2086 # lists of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
        --no-install-recommends $missing >"$dir/apt.log" 2>&1
}

# The lists of packages may be absent or old: fetch them when they do not do.
if ! install_missing; then
    probe
    $as_root apt-get update -q >"$dir/update.log" 2>&1
    install_missing || {
        tail -n 5 "$dir/apt.log" >&2
        probe
        refuse "apt-get failed"
    }
fi

probe
[ -z "$missing" ] || refuse "installed, but these still do not work"
