#!/bin/sh
# faults.sh BUILD_DIR [--long] [CASE...]: what programs do when a call fails
# them.
#
# A small run of each is done once as it is, and once for each call that is made
# to fail (tests/faults.c): of every way by which the program comes to a call
# the first, --long: every call of files, and of memory the first, the second
# and one at random.  It then ends with status 1 and one line (2, when what it
# cannot have is its input), or goes on as if nothing had been; no file has its
# name before it is whole; and the same command afterwards gives the bytes of a
# run without a fault.
#
# LLVM's OpenMP ends a program by itself, with lines of its own, where it finds no
# memory, map or thread, and may wait for ever where there is no memory at all:
# with it such an end is taken, and memory is not made to fail.
#
# --long takes the larger experiments as well, resumed when all of their points
# are there, and the proofs that take no longer than a second.  Where the same
# command takes seconds again, after a fault that loses points, files fail once
# for every way, and memory does not.  Not highres, which reads its pictures anew
# each time: tests/kills.sh.
set -u
build=$(cd "$1" && pwd) || exit 1
shift
long=
[ "${1-}" != --long ] || { long=yes && shift; }
cd "$(dirname "$0")/.." || exit 1
plots=$PWD/plots
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
export OPENBLAS_NUM_THREADS=1
# OpenBLAS's small products for AVX-512 take memory that they do not look at.
! grep -q avx512f /proc/cpuinfo || export OPENBLAS_CORETYPE=Haswell
passed=0 failed=0 calls=0
llvm=
! ldd "$build/tools/fit" | grep -q 'libomp[.]so' || llvm=yes
# shellcheck source=tests/leftovers.sh
. tests/leftovers.sh

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "faults.sh: failed: $name: $2: status $status" >&2
        head -n 3 "$fresh/errors" >&2
    fi
}

# start COMMAND...: the program of this case, by that command, in the folder
# work.  What it writes is below work/out.
start() {
    cd "$fresh/work" || exit 1
    case $name in
    fit) "$@" "$build/tools/fit" --data "$fresh/mine.csv" --threads 1 \
        --save out/flow.theta --steps 2 --quiet ;;
    logprob) "$@" "$build/tools/logprob" --data "$fresh/mine.csv" \
        --threads 1 --load "$fresh/flow.theta" --out out/rows.csv ;;
    sample) "$@" "$build/tools/sample" --load "$fresh/flow.theta" \
        --threads 1 --n 20 --out out/drawn.csv ;;
    design) "$@" "$build/experiments/audit" --design "$fresh/mine.csv" \
        --threads 1 --out out/points.csv ;;
    flow) "$@" "$build/experiments/audit" --flow "$fresh/rows.csv" \
        --threads 1 --out out ;;
    table) "$@" "$build/experiments/optimum" --data "$fresh/mine.csv" \
        --no-train --threads 1 --out out ;;
    verdicts) "$@" "$build/tools/verdicts" out ;;
    compare) "$@" "$build/tools/compare" --same "$fresh/rows.csv" \
        "$fresh/rows.csv" ;;
    report) "$@" "$build/tools/report" out "$plots" ;;
    certify) "$@" "$build/tools/certify" "$fresh/flow.theta" --threads 1 \
        --box 0,1,0,1 --boxes 2 ;;
    calibration) "$@" "$build/tools/calibration" "$fresh/seeds" \
        out/calibration.csv ;;
    proofs/*) "$@" "$build/proofs-check/${name#*/}" --profile quick --quiet \
        --out out ;;
    *) "$@" "$build/experiments/$name" --profile quick --threads 1 --quiet \
        --out out --resume ;;
    esac >"$fresh/said" 2>"$fresh/errors" </dev/null
    status=$?
    cd "$fresh" || exit 1
    lines=$(wc -l <"$fresh/errors")
    [ -z "$llvm" ] || forget_dead
}

afresh() { # FOLDER: as it is before a run of this case
    rm -rf "$1"
    cp -R "$fresh/before" "$1"
}

with() { # FAULT [AT]: prefixes a command
    start timeout -s KILL "${patience-60}" \
        env LD_PRELOAD="$build/tests/libfaults.so" FAULT="$1" \
        FAULT_LOG="$fresh/log" FAULT_ASIDE="$fresh/aside"
}

same() { # FOLDER: has what a run without a fault leaves
    diff -r "$fresh/after/out" "$1/out" >"$fresh/differs" 2>&1
}

ended_by_llvm() {
    [ "$llvm" ] && [ "$status" -eq 134 ] &&
        grep -q '^OMP: Error' "$fresh/errors"
}

# Files are those of a whole run, those that were there, or marked as parts.
tidy() { # FOLDER
    (
        cd "$1/out" 2>/dev/null || exit 0
        find . -type f | while read -r file; do
            case $file in
            *.partial) ;;
            ./report.html) [ "$(tail -c 8 "$file")" = "</html>" ] ||
                echo "$file" ;;
            *) cmp -s "$file" "$fresh/after/out/$file" ||
                cmp -s "$file" "$fresh/before/out/$file" || echo "$file" ;;
            esac
        done | grep . >"$fresh/differs"
        [ $? -eq 1 ]
    )
}

trial() { # FAULT
    calls=$((calls + 1))
    afresh "$fresh/work"
    with "$1"
    if [ "$status" -eq 0 ]; then # but what is not on the disk must be told
        [ "${1%%:*}" != sync ] && [ "$lines" -eq 0 ] && same "$fresh/work" &&
            cmp -s "$fresh/said" "$fresh/said-before"
        result $? "$1"
        return
    fi
    {
        case $1 in
        open:* | read:* | close:*) [ "$status" -eq 1 ] || [ "$status" -eq 2 ] ;;
        *) [ "$status" -eq 1 ] ;;
        esac && [ "$lines" -eq 1 ] || ended_by_llvm
    } && tidy "$fresh/work"
    result $? "$1"
    start timeout 300
    [ "$status" -eq 0 ] && same "$fresh/work"
    result $? "after $1"
}

is_slow() {
    case $name in
    audit | lipschitz | principles | stability | uniqueness | volume) ;;
    *) false ;;
    esac
}

# The calls to be failed, of those that the log has.
chosen() {
    every=$long
    ! is_slow || every=
    awk -v long="$every" -v seed="$calls" '
        BEGIN { srand(seed) }
        {
            way = $1 " " $3
            n = ++count[way]
            if (n <= (long ? 2 : 1)) { print $1, $2; next }
            if (!long) next
            if ($1 != "memory") print $1, $2
            else if (rand() < 1 / (n - 2)) other[way] = $1 " " $2
        }
        END { for (way in other) print other[way] }' "$fresh/log" |
        sort -k 1,1 -k 2,2n
}

files=map,open,read,write,sync,rename,remove,close,folder,thread,fork,lock
fail_files() {
    afresh "$fresh/work"
    with "$files:EIO:list"
    chosen >"$fresh/chosen"
    while read -r kind at; do
        case $kind in
        map) errors=ENOMEM ;;
        write) errors="ENOSPC short" ;;
        folder) errors=ENOSPC ;;
        thread | fork) errors=EAGAIN ;;
        *) errors=EIO ;;
        esac
        case $long$kind in
        yesopen | yesread | yeswrite | yesclose | yessync | yeslock)
            errors="$errors EINTR"
            ;;
        esac
        for error in $errors; do
            trial "$kind:$error:$at"
        done
        [ "$kind" != write ] || trial "write:ENOSPC:$at+" # a full disk
    done <"$fresh/chosen"
}

# Of memory copies of one process fail, one call each, and from there on.
fail_memory() {
    afresh "$fresh/work"
    with memory:ENOMEM:list
    chosen | awk -v long="$long" '
        long || NR % 2 { print $2 }
        long || NR % 2 == 0 { print $2 "+" }' >"$fresh/numbers"
    calls=$((calls + $(wc -l <"$fresh/numbers")))
    afresh "$fresh/work"
    afresh "$fresh/aside"
    patience=1200 # thousands of copies, perhaps on a machine that has others
    with "memory:ENOMEM:@$fresh/numbers"
    unset patience
    [ "$status" -eq 0 ] && same "$fresh/work"
    result $? "the process whose copies found no memory"
    tidy "$fresh/aside"
    result $? "files of copies that found no memory"
    # OpenMP has its own words and one line more.
    awk '
        { rest = $0; sub(/^[0-9]+ [0-9]+ [0-9]+ /, "", rest) }
        $2 == 1 && $3 == 1 { next }
        $2 == 1 && rest ~ /^[|]libgomp: Out of memory[^|]*[|]$/ { next }
        $2 == 2 && $3 == 1 && rest ~ /: Cannot allocate memory[|]$/ { next }
        $2 == 0 && $3 == 0 { next }
        { print }' "$fresh/log" >"$fresh/errors"
    [ -s "$fresh/log" ] && [ ! -s "$fresh/errors" ]
    result $? "no memory"
}

# Threads that cannot be had: fewer do the same.
fail_threads() {
    for at in 1 2+; do
        calls=$((calls + 1))
        afresh "$fresh/work"
        # shellcheck disable=SC2016 # of the shell within
        start sh -c 'export FAULT="$1" LD_PRELOAD="$2"; shift 2
            exec "$@" --threads 4' sh "thread:EAGAIN:$at" \
            "$build/tests/libfaults.so"
        { [ "$status" -eq 0 ] && same "$fresh/work"; } ||
            { [ "$status" -eq 1 ] && grep -q '^libgomp: ' "$fresh/errors"; } ||
            ended_by_llvm
        result $? "thread $at"
    done
}

# Points of an experiment are there when it is killed at its end.
begin() {
    rm -rf "$fresh/before" "$fresh/after"
    mkdir -p "$fresh/before/out"
    afresh "$fresh/work"
    case $name in
    verdicts | report) cp -R "$fresh/tables" "$fresh/before/out/verdicts" ;;
    proofs/*) ;;
    audit | *_single | lipschitz | principles | stability | uniqueness | \
        volume)
        with remove:kill:1 2>/dev/null
        [ "$status" -eq 137 ]
        result $? "killed at its end"
        cp "$fresh/work/out"/*.partial "$fresh/before/out"
        mv "$fresh/work" "$fresh/killed"
        ;;
    esac
    afresh "$fresh/work"
    start timeout 60
    [ "$status" -eq 0 ] && [ "$lines" -eq 0 ]
    result $? "without a fault"
    mv "$fresh/work" "$fresh/after"
    cp "$fresh/said" "$fresh/said-before"
    if [ -d "$fresh/killed" ]; then
        rm "$fresh/killed/out"/*.partial
        same "$fresh/killed"
        result $? "resumed"
        rm -r "$fresh/killed"
    fi
}

# fsync stands before each rename and after the last.
in_order() {
    afresh "$fresh/work"
    with "$files:EIO:list"
    awk '$1 == "write" { dirty = 1 }
        $1 == "sync" { dirty = unnamed = 0 }
        $1 == "rename" { bad = bad || dirty || unnamed; n++; unnamed = 1 }
        END { exit bad || unnamed || !n }' "$fresh/log"
    result $? "the order of write, fsync and rename"
}

# What the cases read.
name=inputs
awk 'BEGIN {
    srand(7)
    print "length,weight"
    for (i = 0; i < 80; i++) {
        u = rand() + rand() + rand() - 1.5; v = rand() + rand() + rand() - 1.5
        printf "%.9g,%.9g\n", 100 + 5 * u, 3e-3 * (v + u * u)
    }
}' >"$fresh/mine.csv"
mkdir "$fresh/work" "$fresh/before"
for name in fit logprob proofs/volume_bound; do
    start timeout 60
    [ "$status" -eq 0 ]
    result $? "inputs"
    mv "$fresh/work/out"/* "$fresh"
done
mv "$fresh/verdicts" "$fresh/tables"
mkdir -p "$fresh/seeds/1"
cp -R "$fresh/tables" "$fresh/seeds/1/verdicts"
echo 1 >"$fresh/seeds/1.done"
echo "# commit: abc" >"$fresh/seeds/about"

# Proofs that end within a second.
short_proofs() {
    for proof in "$build"/proofs-check/*; do
        [ ! -f "$proof" ] || ! timeout 1 "$proof" --profile quick --quiet \
            --out "$fresh/proofs" >"$fresh/said" 2>&1 ||
            echo "proofs/${proof##*/}"
    done
}

cases="fit sample flow report proofs/volume_bound stability_single"
[ -z "$long" ] || cases="fit sample flow report stability_single logprob design
    table verdicts compare certify calibration lipschitz_single audit
    lipschitz principles stability uniqueness volume
    $(short_proofs)"
# shellcheck disable=SC2086 # a list of names
[ $# -gt 0 ] || set -- $cases
for name in "$@"; do
    begin
    case $name in
    fit | sample) in_order ;;
    esac
    fail_files
    [ "$llvm" ] || is_slow || fail_memory
    [ "$name" != stability_single ] || fail_threads
done

echo "faults.sh: $calls calls failed" >&2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
