#!/bin/sh
# includes.sh BUILD_DIR: who may include what, and what the programs link.
#
#   base <- linalg <- {map, net} <- layer <- train       io, data: base
#
# data may use io, train may use io, measure may use all and nothing uses it.
# Every rule is also shown a copy of the sources that breaks it.
set -u
build=${1:-build}
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "includes: failed: $2" >&2
    fi
}

# Folders of lib/ from which a file in folder $1 may include.
allowed() {
    case $1 in
    base) echo "base" ;;
    linalg) echo "base linalg" ;;
    map | net) echo "base linalg $1" ;;
    layer) echo "base linalg map net layer" ;;
    train) echo "base linalg map net layer train io" ;;
    io) echo "base io" ;;
    data) echo "base io data" ;;
    measure) echo "base linalg map net layer train io data measure" ;;
    esac
}

# includes FILE...: "file name" for each #include "name".
includes() {
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' \
        "$1" | sed "s|^|$1 |"
}

# Each of these prints what breaks a rule in the sources under $1.

bad_arrows() {
    for folder in "$1"/lib/*/; do
        name=$(basename "$folder")
        may=$(allowed "$name")
        if [ -z "$may" ]; then
            echo "$folder*: a folder with no rule"
            continue
        fi
        for file in "$folder"*.[ch]; do
            [ -f "$file" ] || continue
            includes "$file" | while read -r from what; do
                target=${what%%/*}
                [ "$target" != "$what" ] || target=$name
                case " $may " in
                *" $target "*) ;;
                *) echo "$from includes $what" ;;
                esac
            done
        done
    done
}

bad_calls() {
    grep -rlE '(cblas|LAPACKE)_[a-z]|<(cblas|lapacke)\.h>' "$1/lib" \
        "$1/experiments" "$1/tools" --include='*.[ch]' |
        grep -v "^$1/lib/linalg/"
}

# Programs see the library through jf.h, or through headers beside them.
bad_programs() {
    for file in "$1"/experiments/*.[ch] "$1"/tools/*.[ch] "$1"/tests/*.[ch]; do
        [ -f "$file" ] || continue
        includes "$file" | while read -r from what; do
            [ "$what" = jf.h ] || [ -f "${from%/*}/$what" ] ||
                [ "${from##*/} $what" = 'test_ball.c ball.h' ] ||
                echo "$from includes $what"
        done
    done
}

# Proofs stand on their own, but for the one about the library's own bounds.
bad_proofs() {
    for file in "$1"/proofs-check/*.[ch]; do
        [ -f "$file" ] || continue
        case ${file##*/} in float_*) continue ;; esac
        includes "$file" | while read -r from what; do
            [ -f "${from%/*}/$what" ] || echo "$from includes $what"
        done
    done
}

keeps() { # RULE: the sources break it nowhere
    found=$("$1" .)
    [ -z "$found" ] || echo "$found" >&2
    [ -z "$found" ]
    result $? "$1"
}

catches() { # RULE FILE LINE: with LINE added to FILE the rule is broken there
    rm -rf "$fresh/copy"
    mkdir "$fresh/copy"
    cp -R lib experiments tools tests proofs-check "$fresh/copy"
    mkdir -p "$fresh/copy/${2%/*}"
    echo "$3" >>"$fresh/copy/$2"
    "$1" "$fresh/copy" | grep -qF -e "$2" -e "${2%/*}/*"
    result $? "$1 does not see $3 in $2"
}

keeps bad_arrows
keeps bad_calls
keeps bad_programs
keeps bad_proofs
catches bad_arrows lib/base/matrix.c '#include "linalg/blas.h"'
catches bad_arrows lib/map/affine.c '#include "net/net.h"'
catches bad_arrows lib/layer/flow.c '  # include "train/fit.h"'
catches bad_arrows lib/io/table.c '#include "layer/flow.h"'
catches bad_arrows lib/train/fit.c '#include "measure/eigen.h"'
catches bad_arrows lib/other/file.c '#include "base/real.h"'
catches bad_calls lib/layer/linear.c 'static void f(void) { cblas_dscal(); }'
catches bad_calls lib/measure/some.c 'int LAPACKE_dpotrf(void);'
catches bad_calls experiments/other.c 'void f(void) { cblas_dgemm(); }'
catches bad_programs experiments/other.c '#include "layer/flow.h"'
catches bad_programs tests/test_fit.c '#include "train/fit.h"'
catches bad_proofs proofs-check/other.c '#include "jf.h"'

# The first BLAS loaded serves GSL too, and Debian's libgsl loads its own: no
# program may name that one, and OpenBLAS must come before it.
blas_is_open() {
    readelf -d "$1" >"$fresh/needed" 2>&1 &&
        ldd "$1" >"$fresh/loaded" 2>&1 &&
        ! grep -q 'NEEDED.*libgslcblas' "$fresh/needed" &&
        awk '/not found/ { bad = 1 }
            /libopenblas/ { open = 1 }
            /libgslcblas/ && !open { bad = 1 }
            END { exit bad }' "$fresh/loaded"
}

linked=0
for program in "$build"/tests/* "$build"/experiments/* "$build"/tools/* \
    "$build"/proofs-check/*; do
    if [ -f "$program" ] && [ -x "$program" ]; then
        linked=$((linked + 1))
        blas_is_open "$program"
        result $? "$program: not OpenBLAS, or a library is not found"
    fi
done
if printf 'int main(void) { return 0; }\n' >"$fresh/gsl.c" &&
    cc -o "$fresh/gsl" "$fresh/gsl.c" -Wl,--no-as-needed -lgslcblas -lopenblas; then
    ! blas_is_open "$fresh/gsl"
    result $? "a program that links libgslcblas is not seen"
fi
[ "$linked" -gt 0 ]
result $? "no program in $build"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
