#!/bin/sh
# coverage.sh BUILD [FOLDER]: which lines of each reader (readers.txt) the seeds
# and the corpus run; with FOLDER, what a fuzzer keeps there as well
# (build-fuzz/corpus).  BUILD is made with Clang, and counts.
#
# Ends with a line for each file, and with "N passed, N failed": 95 of 100 lines
# are asked for.  BUILD/uncovered.txt has the others.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$1 more=${2-}
here=tests/fuzz
compiler=${CC-clang}
least=95
tool() { # NAME: of the compiler's version
    path=$($compiler -print-prog-name="llvm-$1")
    command -v "$path" || {
        echo "coverage.sh: no llvm-$1 of $compiler found; expected: package llvm" >&2
        exit 2
    }
}
profdata=$(tool profdata) && cov=$(tool cov) || exit 2
counters=-fprofile-instr-generate
export LLVM_PROFILE_FILE="$build/counts/%p" # of what the build runs, too
[ -f "$build/build.ninja" ] || CC=$compiler meson setup -Dbuildtype=debug \
    -Db_lundef=false -Dc_args="$counters -fcoverage-mapping -O1" \
    -Dc_link_args="$counters" "$build" || exit 2
ninja -C "$build" tests/fuzz/replay_readers tests/fuzz/replay_proofs || exit 2

rm -rf "$build/counts"
mkdir "$build/counts" || exit 2
for set in readers proofs; do
    program=$build/tests/fuzz/replay_$set
    "$program" >"$build/counts.log" || exit 1
    for target in $([ -z "$more" ] || "$program" --list); do
        [ ! -d "$more/$target" ] || find "$more/$target" -type f -print0 |
            xargs -0 -r "$program" "$target" >"$build/counts.log" || exit 1
    done
done
$profdata merge -o "$build/counts.all" "$build"/counts/* || exit 2
$cov export -format=lcov -instr-profile "$build/counts.all" \
    "$build/tests/fuzz/replay_readers" \
    -object "$build/tests/fuzz/replay_proofs" >"$build/counts.lcov" || exit 2

# A line is of the function that begins last before it.
awk -v least=$least -v left="$build/uncovered.txt" '
    FNR == NR {
        if (/^[^#]/) {
            order[++files] = $1
            for (k = 2; k <= NF; k++)
                other[$1, $k] = 1
        }
        next
    }
    /^SF:/ {
        file = substr($0, 4)
        sub(/.*\/\.\.\//, "", file)
        n = 0
    }
    /^FN:/ {
        split(substr($0, 4), at, ",")
        name = at[2]
        sub(/.*[:.]/, "", name) # of a static one its file stands before it
        starts[++n] = at[1]
        names[n] = name
    }
    /^DA:/ {
        split(substr($0, 4), at, ",")
        of = 0
        for (k = 1; k <= n; k++)
            if (starts[k] <= at[1] && (!of || starts[k] >= starts[of]))
                of = k
        if ((file, names[of]) in other)
            next
        lines[file, at[1]] = 1
        if (at[2] > 0)
            hit[file, at[1]] = 1
    }
    END {
        for (key in lines) {
            split(key, at, SUBSEP)
            all[at[1]]++
            if (key in hit)
                some[at[1]]++
            else
                print at[1] ":" at[2] | "sort -t: -k1,1 -k2,2n >" left
        }
        printf "%-36s %6s %8s %s\n", "reader", "lines", "covered", "percent"
        for (k = 1; k <= files; k++) {
            f = order[k]
            percent = all[f] ? 100 * some[f] / all[f] : 0
            printf "%-36s %6d %8d %7.1f\n", f, all[f], some[f], percent
            percent >= least ? good++ : bad++
        }
        printf "%d passed, %d failed\n", good, bad
        exit bad > 0
    }' "$here/readers.txt" "$build/counts.lcov"
