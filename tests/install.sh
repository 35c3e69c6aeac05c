#!/bin/bash
# install.sh BUILD_DIR: what "make install" makes of a build, at its place and
# moved; the program of docs/library.md against the library, in both precisions; the
# command jacflow from another folder.
set -u
build=$(cd "$1" && pwd) || exit 1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
unset JF_DATA_DIR
export LC_ALL=C

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "install: failed: $2" >&2
        cat "$fresh/out" "$fresh/err" >&2
    fi
}

try() { # COMMAND...: its status; what it says is kept
    "$@" >"$fresh/out" 2>"$fresh/err"
}

# refuses STATUS TEXT COMMAND...: with that status and one line that holds TEXT.
refuses() {
    local wanted=$1 text=$2
    shift 2
    try "$@"
    [ $? -eq "$wanted" ] && [ ! -s "$fresh/out" ] &&
        [ "$(wc -l <"$fresh/err")" -eq 1 ] && grep -qF -e "$text" "$fresh/err"
    result $? "$*: status $wanted and one line with '$text' expected"
}

prefix=$(cat "$build/prefix" 2>/dev/null || echo /usr/local)
try make install BUILD="$build" PREFIX="$prefix" DESTDIR="$fresh/stage"
result $? "make install"
mkdir -p "$fresh/old" "$fresh/away"
mv "$fresh/stage$prefix" "$fresh/old/jf"
[ -z "$(find "$fresh/stage" -type f)" ]
result $? "files outside of the prefix"
! grep -rqF -e "$PWD" -e "$build" "$fresh/old/jf"
result $? "the place of the sources is in what is installed: $(grep -rlF \
    -e "$PWD" -e "$build" "$fresh/old/jf" | head -n 3)"

# The first block of C in docs/library.md is a whole program.
example() {
    awk '/^```c$/ && !n++ { on = 1; next } /^```$/ { on = 0 } on' docs/library.md
}
example >"$fresh/away/example.c"

# compiles PREFIX MODULE FLAG...: by pkg-config alone.
compiles() {
    local flags
    flags=$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --cflags --libs "$2") ||
        return 1
    shift 2
    # shellcheck disable=SC2086 # a list of flags
    try "${CC:-cc}" -Wall -Wextra -Werror "$@" -o "$fresh/away/example" \
        "$fresh/away/example.c" $flags
}

# OpenBLAS comes before the BLAS that GSL's own library loads, and is named.
blas_is_open() { # PROGRAM
    readelf -d "$1" | grep -q 'NEEDED.*libopenblas' &&
        ! readelf -d "$1" | grep -q 'NEEDED.*libgslcblas' &&
        ldd "$1" | awk '/libopenblas/ { open = 1 }
            /libgslcblas/ && !open { bad = 1 } END { exit bad || !open }'
}

library() { # PREFIX
    for module in jacflow jacflow_single; do
        compiles "$1" "$module"
        result $? "$module: the program of docs/library.md does not compile"
        try "$fresh/away/example" && grep -q ' nats a row$' "$fresh/out"
        result $? "$module: the program of docs/library.md does not run"
        cp "$fresh/out" "$fresh/$module"
        blas_is_open "$fresh/away/example"
        result $? "$module: not OpenBLAS"
    done
    ! cmp -s "$fresh/jacflow" "$fresh/jacflow_single"
    result $? "double and float print the same: one library for both?"
}

# commands PREFIX: every program, from a folder that has nothing to do with it.
commands() {
    local jacflow=$1/bin/jacflow name
    cd "$fresh/away" || exit 1
    try "$jacflow" --version && grep -qx 'jacflow [0-9.]*' "$fresh/out"
    result $? "jacflow --version"
    try "$jacflow" --help && cp "$fresh/out" "$fresh/help"
    result $? "jacflow --help"
    awk '/^Options:/ { exit } /^  [a-z]/ { print $1 }' "$fresh/help" \
        >"$fresh/names"
    [ "$(wc -l <"$fresh/names")" -gt 12 ]
    result $? "jacflow --help lists too little"
    while read -r name; do
        try "$jacflow" "$name" --help && [ ! -s "$fresh/err" ] &&
            grep -q "^Usage: jacflow $name " "$fresh/out"
        result $? "jacflow $name --help"
        [ "$(sed -n 2p "$fresh/out" | wc -w)" -gt 3 ] &&
            grep -qE "^  $name +[^ ]" "$fresh/help"
        result $? "jacflow --help has no line on $name"
        [ -s "$1/share/man/man1/jacflow-$name.1" ]
        result $? "no manual page of $name"
    done <"$fresh/names"
    [ -s "$1/share/jacflow/theory/theory.md" ]
    result $? "no theory/theory.md"
    try "$jacflow" prove --help
    for name in $(awk '/^  [a-z]/ { print $1 }' "$fresh/out"); do
        try "$jacflow" prove "$name" --help &&
            grep -q "^Usage: jacflow prove $name " "$fresh/out"
        result $? "jacflow prove $name --help"
    done
    try "$jacflow" prove ppca --out proofs --quiet &&
        [ -s proofs/verdicts/ppca.csv ]
    result $? "jacflow prove ppca"
    try "$jacflow" audit --data iris --profile quick --out tables --quiet &&
        grep -q '2.532764' "$fresh/out" && [ -s tables/audit-summary.csv ] &&
        head -n 1 tables/audit-summary.csv | grep -qx '# program: audit'
    result $? "jacflow audit --data iris"
    # A share of 40 opens all of them and judges the first; run.sh has the rest.
    try "$jacflow" audit --profile quick --out mistakes --quiet \
        --shard 1/40 && grep -q '^correct.csv,consistency,C1.1,.*,ok,none$' \
        mistakes/audit-flows.csv.1-of-40.partial
    result $? "jacflow audit on the flows that ship"
    try "$jacflow" report tables &&
        ! grep -q -e 'open file' -e 'not drawn' "$fresh/err" &&
        [ -s tables/report.html ] &&
        grep -q '<svg role="img" aria-labelledby="caption-audit-data"' \
            tables/report.html
    result $? "jacflow report"
    refuses 2 "'nosuch' found" "$jacflow" nosuch
    refuses 2 "'../tools/compare' found" "$jacflow" ../tools/compare
    refuses 2 "a command expected" "$jacflow"
    refuses 2 "'nosuch' found" "$jacflow" prove nosuch
    refuses 2 "a name expected" "$jacflow" prove
    refuses 2 "jacflow audit: --seed: 'x'" "$jacflow" audit --seed x
    refuses 2 "jacflow report: 'nosuch' found" "$jacflow" report nosuch
    rm -rf proofs tables mistakes
    cd "$OLDPWD" || exit 1
}

library "$fresh/old/jf"
# A program of the user's own, which stands anywhere, knows the prefix.
printf '#include <jacflow/jf.h>\nint main(void) { puts(jf_data_folder()); }\n' \
    >"$fresh/away/example.c"
compiles "$fresh/old/jf" jacflow && "$fresh/away/example" >"$fresh/out" &&
    grep -qxF "$prefix/share/jacflow/data" "$fresh/out"
result $? "$prefix/share/jacflow/data expected"
example >"$fresh/away/example.c"
# Headers and sources of the user's own of the same names are in no one's way.
mkdir -p "$fresh/own/base" "$fresh/own/layer"
echo '#error the wrong header' >"$fresh/own/base/matrix.h"
cp "$fresh/own/base/matrix.h" "$fresh/own/base/real.h"
compiles "$fresh/old/jf" jacflow -I"$fresh/own"
result $? "headers of the user's own are included by the library's"

mv "$fresh/old" "$fresh/a new place"
ln -s "$fresh/a new place/jf/bin/jacflow" "$fresh/jacflow-link"
commands "$fresh/a new place/jf"
try "$fresh/jacflow-link" --version
result $? "by a link"
mkdir "$fresh/new"
mv "$fresh/a new place/jf" "$fresh/new/jf"
library "$fresh/new/jf"
try "$build/jacflow" --help && cmp -s "$fresh/out" "$fresh/help"
result $? "the command in the folder of the build"

# The controls: no data, no programs, no library, another example.
jf=$fresh/new/jf
refuses 2 "$fresh/nosuch/iris.csv" env JF_DATA_DIR="$fresh/nosuch" \
    "$jf/bin/jacflow" audit --data iris --out "$fresh/away/t"
# Tables are those beside the command, not those where it was installed first.
sed -i 61q "$jf/share/jacflow/data/iris.csv"
try "$jf/bin/jacflow" audit --data iris --profile quick --quiet \
    --out "$fresh/away/t" && grep -q 'iris: 60 rows' "$fresh/out"
result $? "tables of another place are read"
sed -i 's/nflows_maf_log_abs_det/other/' \
    "$jf/share/jacflow/data/foreign/iris.csv"
refuses 2 "nflows_maf_log_abs_det" "$jf/bin/jacflow" uniqueness \
    --profile quick --quiet --shard 2/40 --out "$fresh/away/t"
mv "$jf/share/jacflow/data/flows" "$jf/share/jacflow/data/gone"
refuses 2 "flows/correct.csv" "$jf/bin/jacflow" audit --profile quick \
    --quiet --shard 1/40 --out "$fresh/away/t"
mv "$jf/libexec" "$jf/gone"
refuses 1 "no such folder" "$jf/bin/jacflow" audit --help
sed -i 's/jf_coupling(D, 1/jf_coupling(D, 5/' "$fresh/away/example.c"
compiles "$jf" jacflow
refuses 1 " " "$fresh/away/example"
sed -i 's/jf_flow_new/jf_no_such_flow/' "$fresh/away/example.c"
! compiles "$jf" jacflow
result $? "a program that is wrong compiles"
[ "$(grep -c . "$fresh/away/example.c")" -gt 20 ]
result $? "no program in docs/library.md"
example >"$fresh/away/example.c"
mv "$jf/lib/libjacflow.a" "$jf/lib/gone.a"
! compiles "$jf" jacflow
result $? "a library is found elsewhere"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
