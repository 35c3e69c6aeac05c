#!/bin/sh
# environment.sh BUILD_DIR [REFERENCE]: what the numbers of a build may depend
# on, a line each, "name: value": compiler and flags, libraries, processor, and
# the core that OpenBLAS works for (which OPENBLAS_CORETYPE chooses).
# With a file REFERENCE of such lines: those that differ from it.
set -eu
build=$1
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

# The libraries that a program loads, and the packages that they are of; where
# no package is known, the name of the file, which ends with its version.  All
# are looked for at once, under the names with and without /usr: a call of
# dpkg-query reads the lists of all packages.
libraries() { # PROGRAM...
    for program in "$@"; do
        ldd "$program" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'
    done | sort -u | xargs readlink -f | sort -u >"$fresh/loaded"
    sed 'p; s|^/usr||; p; s|^|/usr|' "$fresh/loaded" |
        xargs dpkg-query -S >"$fresh/owners" 2>"$fresh/log" || :
    awk '
        FILENAME == ARGV[1] {
            at = index($0, ": ")
            file = substr($0, at + 2)
            if (!(file in owner)) owner[file] = substr($0, 1, at - 1)
            next
        }
        {
            bare = $0
            sub(/^\/usr/, "", bare)
            n = split($0 "\n/usr" bare "\n" bare, name, "\n")
            for (i = 1; i <= n; i++)
                if (name[i] in owner) { print "package " owner[name[i]]; next }
            sub(/.*\//, "library: ")
            print
        }' "$fresh/owners" "$fresh/loaded" >"$fresh/named"
    {
        grep '^library: ' "$fresh/named" || :
        # shellcheck disable=SC2016 # dpkg's own variables
        sed -n 's/^package //p' "$fresh/named" | sort -u |
            xargs -r dpkg-query -W -f 'library: ${Package} ${Version}\n'
    } | sort -u
}

headers() { # NAME...: of the tables that two programs write here
    "$build/experiments/audit" --data iris --profile quick --quiet \
        --out "$fresh" >"$fresh/log"
    "$build/proofs-check/ppca" --quiet --out "$fresh" >"$fresh/log"
    for name in "$@"; do
        sed -n "s/^# \($name: .*\)/\1/p" "$fresh/audit-summary.csv" \
            "$fresh/verdicts/ppca.csv"
    done
}

# How a file of the library is compiled, in double.
compile() {
    grep -o '"command": "[^"]*layer_flow.c.o [^"]*"' \
        "$build/compile_commands.json" | grep -v -e -DJF_SINGLE |
        sed 's/.*: "//; s/"$//'
}

lines() {
    sed -n 's/^PRETTY_NAME="\(.*\)"/system: \1/p' /etc/os-release
    echo "architecture: $(uname -m)"
    sed -n 's/^model name[[:space:]]*/processor/p' /proc/cpuinfo | head -n 1
    echo "instructions: $(sed -n 's/^flags[^:]*: //p' /proc/cpuinfo |
        head -n 1 | tr ' ' '\n' |
        grep -xE 'sse4_2|avx|avx2|fma|avx512.*|amx_.*' | sort | xargs)"
    echo "compiler: $($(compile | sed 's/ -.*//') --version | head -n 1)"
    echo "flags: $(compile | tr ' ' '\n' | grep -E '^-([Ofm]|std|DN)' |
        grep -v diagnostics | xargs)"
    headers gsl arb flint blas 'blas core'
    libraries "$build/experiments/audit" "$build/proofs-check/ppca"
}

lines >"$fresh/lines"
if [ $# -eq 1 ]; then
    cat "$fresh/lines"
elif cmp -s "$2" "$fresh/lines"; then
    echo "environment: that of $2"
else
    echo "environment: differs from $2 (<) here (>):"
    diff "$2" "$fresh/lines" | grep '^[<>]'
fi
