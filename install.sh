#!/bin/sh
# install.sh -- installs what the suite needs and this machine lacks.
#
# Every need is probed by use: programs are called, libraries are compiled and
# linked against.  Nothing missing: silent, status 0.  Otherwise the Debian
# packages of what is missing, and no others, are installed (as root, or by
# sudo without a password); where that cannot be done, the one command to type
# is printed, and the status is 1.
set -u

cc=${CC:-cc}
probes=$(mktemp -d) || exit 1
trap 'rm -rf "$probes"' EXIT
trap 'exit 130' INT TERM

# need FILE PACKAGE...: what FILE stands for is missing.
missing=
lacking=
need()
{
    lacking="$lacking $1"
    shift
    for package in "$@"; do
        case " $missing " in
        *" $package "*) ;;
        *) missing="${missing:+$missing }$package" ;;
        esac
    done
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

# --- libraries: one small source each, a shared object with nothing undefined
sources()
{
    cat >"$probes/gsl.c" <<'C'
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_psi.h>
double probe_gsl(void) { return gsl_sf_psi(2.0) + (gsl_rng_env_setup() != 0); }
C
    cat >"$probes/openblas.c" <<'C'
char *openblas_get_corename(void);
void cblas_dscal(int n, double a, double *x, int step);
char *probe_openblas(double *x) { cblas_dscal(1, 2.0, x, 1); return openblas_get_corename(); }
C
    cat >"$probes/lapacke.c" <<'C'
#include <lapacke.h>
int probe_lapacke(double *a) { return (int)LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', 1, a, 1); }
C
    cat >"$probes/random123.c" <<'C'
#include <Random123/philox.h>
philox4x64_ctr_t probe_random123(philox4x64_ctr_t c, philox4x64_key_t k) { return philox4x64(c, k); }
C
    cat >"$probes/zlib.c" <<'C'
#include <zlib.h>
unsigned long probe_zlib(void) { return crc32(0, Z_NULL, 0); }
C
    cat >"$probes/arb.c" <<'C'
#include <arb.h>
void probe_arb(arb_t x) { arb_init(x); arb_log_ui(x, 2, 64); arb_clear(x); }
C
    sed 's,<arb.h>,<flint/arb.h>,' "$probes/arb.c" >"$probes/flint3.c"
}

flags()
{
    case $1 in
    gsl) echo "-lgsl -lm -Wl,--allow-shlib-undefined" ;; # its BLAS: openblas
    random123) ;;
    arb) echo "-lflint-arb -lflint" ;;
    arb-upstream) echo "-larb -lflint" ;;
    flint3) echo "-lflint" ;;
    *) pkg-config --cflags --libs "$1" 2>/dev/null || echo "-lno-$1" ;;
    esac
}

# link SOURCE FLAGS...
link()
{
    source=$1
    shift
    $cc -fopenmp -shared -fPIC -Wl,-z,defs -o "$probes/out.so" \
        "$probes/$source.c" "$@" >/dev/null 2>&1
}

link_arb()
{
    # shellcheck disable=SC2046 # flags are words
    link arb $(flags arb) || link arb $(flags arb-upstream) ||
        link flint3 $(flags flint3)
}

# All at once, which is what happens when nothing is missing.
link_all()
{
    cat "$probes/gsl.c" "$probes/openblas.c" "$probes/lapacke.c" \
        "$probes/random123.c" "$probes/zlib.c" "$probes/arb.c" \
        >"$probes/all.c"
    # shellcheck disable=SC2046
    link all $(flags arb) $(pkg-config --cflags --libs openblas lapacke zlib \
        2>/dev/null || echo -lno) -lgsl -lm
}

probe_libraries()
{
    sources
    if have "$cc" && have pkg-config; then
        link_all && return
        # shellcheck disable=SC2046
        for library in gsl openblas lapacke random123 zlib; do
            link $library $(flags $library) || need_library $library
        done
        link_arb || need_library arb
    else # nothing to probe with: ask the package database
        for library in gsl openblas lapacke random123 zlib arb; do
            packages_of $library
            # shellcheck disable=SC2086
            dpkg-query -W -f '${Status}\n' $packages 2>&1 |
                grep -qv 'ok installed' && need_library $library
        done
    fi
}

packages_of()
{
    case $1 in
    gsl) packages=libgsl-dev ;;
    openblas) packages=libopenblas-dev ;;
    lapacke) packages=liblapacke-dev ;;
    random123) packages=librandom123-dev ;;
    zlib) packages=zlib1g-dev ;;
    arb) packages="libflint-arb-dev libflint-dev" ;;
    esac
}

need_library()
{
    packages_of "$1"
    # shellcheck disable=SC2086
    need "$1" $packages
}

# --- programs
meson_is_new_enough()
{
    have meson && version=$(meson --version 2>/dev/null) &&
        [ "${version%%.*}" -ge 1 ] 2>/dev/null
}

gnuplot_draws()
{
    have gnuplot && gnuplot -e "set terminal svg; set terminal pngcairo;
        set output '$probes/out.png'; plot x" >/dev/null 2>&1 &&
        [ -s "$probes/out.png" ]
}

probe()
{
    missing=
    lacking=
    meson_is_new_enough & # the two slow probes run beside the others
    meson_job=$!
    gnuplot_draws &
    gnuplot_job=$!
    { have "$cc" && have make; } || need compiler build-essential
    have pkg-config || need pkg-config pkg-config
    have ninja || need ninja ninja-build
    probe_libraries
    wait "$meson_job" || need "meson>=1.0" meson
    wait "$gnuplot_job" || need gnuplot gnuplot-nox
}

# --- installation
known()
{
    # shellcheck disable=SC2086
    apt-cache show --no-all-versions $missing >/dev/null 2>&1
}

# From FLINT 3 on Arb is a part of libflint-dev.
without_arb_package()
{
    apt-cache show libflint-arb-dev >/dev/null 2>&1 || missing=$(echo \
        " $missing " | sed 's/ libflint-arb-dev / /; s/^ *//; s/ *$//')
}

apt()
{
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o DPkg::Lock::Timeout=300 "$@" >"$probes/log" 2>&1
}

install_missing()
{
    updated=
    if ! known; then
        apt update || return 1
        updated=1
        without_arb_package
    fi
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $missing && return
    [ -z "$updated" ] || return 1
    # The list of packages may be out of date.
    # shellcheck disable=SC2086
    apt update && apt install -y --no-install-recommends $missing
}

give_up()
{
    {
        echo "install.sh: missing:$lacking"
        if have apt-get; then
            echo "install.sh: $1; type this, then try again:"
            echo "sudo apt-get update && sudo apt-get install -y" \
                "--no-install-recommends $missing"
        else
            echo "install.sh: $1; the names in Debian are: $missing"
        fi
    } >&2
    exit 1
}

probe
[ -z "$missing" ] && exit 0

have apt-get || give_up "no apt-get on this machine"
if [ "$(id -u)" -eq 0 ]; then
    sudo=
elif have sudo && sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    give_up "neither root nor sudo without a password"
fi

echo "install.sh: installing $missing" >&2
if ! install_missing; then
    tail -n 15 "$probes/log" >&2
    give_up "apt-get failed"
fi
hash -r
probe
[ -z "$missing" ] || give_up "still missing after the installation"
