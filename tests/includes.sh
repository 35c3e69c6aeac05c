#!/bin/sh
# includes.sh BUILD_DIR: who may include what, and what the programs link.
#
#   base <- linalg <- {map, net} <- layer <- train       io, data: base
#
# data may use io, train may use io, measure may use all and nothing uses it.
#
#   lib <- experiments/common <- experiments/NAME         theory: nothing
#   lib, experiments/common <- tools                      proofs-check: theory
#
# In a program main.c calls parts, parts call what stands below them, and no
# chain of calls comes back: read from the objects, by what each defines and
# what it wants.  Every rule is also shown a copy that breaks it.
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

# may := the folders of lib/ from which a file in folder $1 may include.
allowed() {
    case $1 in
    base) may="base" ;;
    linalg) may="base linalg" ;;
    map | net) may="base linalg $1" ;;
    layer) may="base linalg map net layer" ;;
    train) may="base linalg map net layer train io" ;;
    io) may="base io" ;;
    data) may="base io data" ;;
    measure) may="base linalg map net layer train io data measure" ;;
    *) may= ;;
    esac
}

# includes FILE...: "file name" for each #include "name"; files that are not
# there, and /dev/null, have none.
includes() {
    awk -F '"' '/^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]*"/ {
        print FILENAME, $2 }' "$@" /dev/null
}

# Each of these prints what breaks a rule in the sources under $1.  A rule reads
# all files by one process: they are hundreds, and rules are tried on copies.

bad_arrows() {
    for folder in "$1"/lib/*/; do
        folder=${folder%/}
        allowed "${folder##*/}"
        [ -n "$may" ] || echo "$folder/*: a folder with no rule"
    done
    # shellcheck disable=SC2046 # names without blanks
    includes $(find "$1"/lib/*/ -maxdepth 1 -name '*.[ch]') |
        while read -r from what; do
            name=${from%/*}
            name=${name##*/}
            allowed "$name"
            target=${what%%/*}
            [ "$target" != "$what" ] || target=$name
            case " ${may:-$target} " in
            *" $target "*) ;;
            *) echo "$from includes $what" ;;
            esac
        done
}

bad_calls() {
    grep -rlE '(cblas|LAPACKE)_[a-z]|<(cblas|lapacke)\.h>' "$1/lib" \
        "$1/experiments" "$1/tools" --include='*.[ch]' |
        grep -v "^$1/lib/linalg/"
}

# Experiments see the library through jf.h, what they share through common/,
# and beyond that their own folder, or the folders that it is in.
bad_experiments() {
    # shellcheck disable=SC2046 # names without blanks
    includes $(find "$1/experiments" -name '*.[ch]') |
        while read -r from what; do
            own=${from#"$1/experiments/"}
            program=${own%%/*}
            case $what in
            jf.h) continue ;;
            common/*) [ ! -f "$1/experiments/$what" ] || continue ;;
            "$program"/*) # not from one half of a program to the other
                case ${own%/*}/ in "${what%/*}"/*) continue ;; esac
                [ "${own#"$program"/}" != main.c ] || continue
                ;;
            */*) # common may use the library's headers one by one
                [ "$program" != common ] || [ ! -f "$1/lib/$what" ] || continue
                ;;
            *) [ ! -f "${from%/*}/$what" ] || continue ;;
            esac
            echo "$from includes $what"
        done
}

# Tools and tests see both through those, or through headers beside them.
bad_programs() {
    includes "$1"/tools/*.[ch] "$1"/tests/*.[ch] |
        while read -r from what; do
            case $what in
            jf.h | common/* | ../theory/claims.def) continue ;;
            esac
            case ${from##*/} in # what they test is behind no such header
            test_ball.c) [ "$what" != ball.h ] || continue ;;
            test_certify.c)
                case $what in flow_boxes.h | flow_models.h) continue ;; esac
                ;;
            test_base.c | test_glow.c)
                case $what in base/clones.h | base/trial.h) continue ;; esac
                ;;
            test_linalg.c)
                case $what in base/clones.h | linalg/multiply.h) continue ;; esac
                ;;
            test_mathml.c) [ "$what" != mathml.h ] || continue ;;
            test_drawing.c) [ "$what" != drawing.h ] || continue ;;
            test_audit.c) [ "${what%%/*}" != audit ] || continue ;;
            test_energy.c) [ "$what" != throughput/energy.h ] || continue ;;
            esac
            [ -f "${from%/*}/$what" ] || echo "$from includes $what"
        done
}

# The theory reads nothing, and the library does not speak of claims.
bad_theory() {
    # shellcheck disable=SC2046 # names without blanks
    includes $(find "$1/theory" -name '*.[ch]') | grep -v ' claims.def$'
    grep -rniE 'claims|verdict' "$1/lib" --include='*.[ch]' \
        --include=meson.build
}

# Proofs stand on their own, but for the one about the library's own bounds, and
# for how a program reads options and writes files.
bad_proofs() {
    includes "$1"/proofs-check/*.[ch] |
        while read -r from what; do
            case ${from##*/}:$what in
            float_*) continue ;;
            ball.c:io/output.h | sizes.h:common/args.h) continue ;;
            certify.c:io/output.h | trained_flow.c:io/output.h) continue ;;
            two_flows.c:io/output.h) continue ;;
            # where the flows lie
            trained_flow.c:data/spec.h | two_flows.c:data/spec.h) continue ;;
            flow_boxes.c:base/memory.h | pair_boxes.c:base/memory.h) continue ;;
            flow_models.c:common/args.h | flow_text.c:common/args.h) continue ;;
            flow_linear.c:base/memory.h | flow_linear.c:common/args.h) continue ;;
            flow_nets.c:base/memory.h) continue ;;
            flow_file.c:base/memory.h | flow_file.c:common/args.h) continue ;;
            esac
            [ -f "${from%/*}/$what" ] || echo "$from includes $what"
        done
}

# No program leaves the locale "C", in which every number that is printed has a
# decimal point; the library reads and writes that way in any (base/number.h).
bad_locale() {
    grep -rnE '\<setlocale *\(' "$1/lib" "$1/experiments" "$1/tools" \
        "$1/proofs-check" --include='*.[ch]'
}

keeps() { # RULE: the sources break it nowhere
    found=$("$1" .)
    [ -z "$found" ] || echo "$found" >&2
    [ -z "$found" ]
    result $? "$1"
}

# catches RULE FILE LINE: with LINE added to FILE the rule is broken there, in a
# copy of the sources, which is then as it was.
catches() {
    mkdir -p "$fresh/copy/${2%/*}"
    touch "$fresh/copy/$2"
    cp "$fresh/copy/$2" "$fresh/before"
    echo "$3" >>"$fresh/copy/$2"
    "$1" "$fresh/copy" | grep -qF -e "$2" -e "${2%/*}/*"
    result $? "$1 does not see $3 in $2"
    cp "$fresh/before" "$fresh/copy/$2"
    [ -f "$2" ] || rm "$fresh/copy/$2"
    [ -d "${2%/*}" ] || rmdir "$fresh/copy/${2%/*}"
}

keeps bad_arrows
keeps bad_calls
keeps bad_experiments
keeps bad_programs
keeps bad_theory
keeps bad_proofs
keeps bad_locale
mkdir "$fresh/copy"
cp -R lib experiments tools tests proofs-check theory "$fresh/copy"
catches bad_arrows lib/base/matrix.c '#include "linalg/blas.h"'
catches bad_arrows lib/map/affine.c '#include "net/net.h"'
catches bad_arrows lib/layer/flow.c '  # include "train/fit.h"'
catches bad_arrows lib/io/output.c '#include "layer/flow.h"'
catches bad_arrows lib/train/fit.c '#include "measure/eigen.h"'
catches bad_arrows lib/other/file.c '#include "base/real.h"'
catches bad_calls lib/layer/linear.c 'static void f(void) { cblas_dscal(); }'
catches bad_calls lib/measure/some.c 'int LAPACKE_dpotrf(void);'
catches bad_calls experiments/other.c 'void f(void) { cblas_dgemm(); }'
catches bad_experiments experiments/optimum/other.c '#include "layer/flow.h"'
catches bad_experiments experiments/optimum/other.c '#include "volume/volume.h"'
catches bad_experiments experiments/common/other.c '#include "volume/volume.h"'
catches bad_experiments experiments/audit/flow/a.c '#include "audit/table/parts.h"'
catches bad_programs tools/other.c '#include "optimum/optimum.h"'
catches bad_theory theory/other.c '#include "jf.h"'
catches bad_theory lib/base/matrix.c '/* claims */'
catches bad_programs tests/test_fit.c '#include "train/fit.h"'
catches bad_proofs proofs-check/other.c '#include "jf.h"'
catches bad_locale tools/other.c 'void f(void) { setlocale(LC_ALL, ""); }'
catches bad_proofs proofs-check/ppca.c '#include "common/args.h"'
# Each was seen by itself: nothing of it is left.
diff -r lib "$fresh/copy/lib" && diff -r tools "$fresh/copy/tools" &&
    diff -r experiments "$fresh/copy/experiments" &&
    diff -r proofs-check "$fresh/copy/proofs-check"
result $? "a line that was added is still there"

# bad_calls_back FOLDER...: the objects of one program, in folders of meson's.
# Prints what main.c defines and others want, and the files of a ring.
bad_calls_back() {
    {
        find "$@" -name '*.o' -exec nm -A -g --defined-only {} + |
            sed 's|^\(.*/\)*\([^/]*\.o\):.* |\2 d |'
        find "$@" -name '*.o' -exec nm -A -u {} + |
            sed 's|^\(.*/\)*\([^/]*\.o\):.* |\2 u |'
    } | awk '$2 == "d" { in_file[$3] = $1 }
        $2 == "u" { from[++n] = $1; what[n] = $3 }
        END { for (i = 1; i <= n; i++) {
            to = in_file[what[i]]
            if (to != "" && to != from[i]) print from[i], to, what[i]
        } }' >"$fresh/arrows"
    awk '$2 ~ /(^|_)main\.c\.o$/ { print $1, "wants", $3, "of", $2 }' \
        "$fresh/arrows"
    cut -d ' ' -f 1,2 "$fresh/arrows" | tsort 2>&1 >"$fresh/order" |
        sed 's/^tsort: //'
}

programs=0
for folder in "$build"/experiments/*.p "$build"/tools/*.p \
    "$build"/proofs-check/*.p; do
    [ "$(find "$folder" -name '[!.]*.o' | wc -l)" -gt 1 ] || continue
    programs=$((programs + 1))
    # A part with flags of its own is in a library, libNAME-PART.
    name=${folder##*/}
    part=$(find "${folder%/*}" -name "lib${name%.p}-*.a.p")
    # shellcheck disable=SC2086 # none, or one
    found=$(bad_calls_back "$folder" $part)
    [ -z "$found" ] || echo "$folder: $found" >&2
    [ -z "$found" ]
    result $? "$folder: main.c is called, or a ring"
done
[ "$programs" -gt 5 ]
result $? "no objects in $build"

# A ring of two files, and a part that calls the main file.
mkdir "$fresh/ring" "$fresh/back"
echo 'int b(void); int a(void) { return b(); }' >"$fresh/ring/a.c"
echo 'int a(void); int b(void) { return a(); }' >"$fresh/ring/b.c"
echo 'int p(void); int n; int main(void) { return p(); }' >"$fresh/back/x_main.c"
echo 'extern int n; int p(void) { return n; }' >"$fresh/back/x_p.c"
for folder in ring back; do
    for file in "$fresh/$folder"/*.c; do
        "${CC:-cc}" -c -o "$file.o" "$file"
    done
    [ -n "$(bad_calls_back "$fresh/$folder")" ]
    result $? "a planted $folder is not seen"
done

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
    if [ -f "$program" ] && [ -x "$program" ] &&
        [ "${program%.sh}" = "$program" ]; then
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
