#!/bin/bash
# fuzz.sh BUILD MINUTES [TARGET...]: libFuzzer on each target, or on those named,
# which share the minutes; BUILD is one of Meson with -Dfuzz=true.
#
# What a target learns stays in BUILD/corpus/NAME, and the next run goes on from
# there.  An input that breaks something is BUILD/corpus/NAME.found-*: the
# status is then 1.  JF_SEED is the fuzzer's seed, otherwise another each time.
# Ends with a line for each target: what was run, edges, for
# how many seconds there was no new one, inputs, findings.
#
# fuzz.sh --keep BUILD: packs what was learnt, minimised, for the test that
# repeats it (tests/fuzz/corpus), no more than some KiB for each target.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
keep=
if [ "${1-}" = --keep ]; then
    keep=yes
    shift
fi
build=$1 minutes=${2-0}
case $minutes in
*[!0-9]* | '')
    echo "fuzz.sh: MINUTES=$minutes found, a whole number expected" >&2
    exit 2
    ;;
esac
shift
[ $# -eq 0 ] || shift
# shellcheck source=tests/leftovers.sh
. tests/leftovers.sh
trap forget_dead EXIT
trap 'exit 1' HUP INT TERM
programs=$build/tests/fuzz
here=tests/fuzz
# A fault of memory, or a sum that overflows, ends the process.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

readers=$("$programs/replay_readers" --list) || exit 2
proofs=$("$programs/replay_proofs" --list) || exit 2
# shellcheck disable=SC2086 # lists of words
[ $# -gt 0 ] || set -- $readers $proofs

# Without a pipe: grep -q leaves echo a closed one, now and then before it wrote.
set_of() { # NAME: its program's
    case $'\n'$proofs$'\n' in
    *$'\n'$1$'\n'*) echo proofs ;;
    *) echo readers ;;
    esac
}

# The inputs to begin with: seeds, and what was kept.
begin() { # NAME FOLDER
    mkdir -p "$2" "$2.begin/seeds" "$2.begin/kept" # names are the same
    [ "$1" = certificate ] && other=theta || other=$1
    of=$(set_of "$other")
    "$programs/replay_$of" --seeds "$other" "$2.begin/seeds"
    [ ! -f "$here/corpus/$1" ] ||
        "$programs/replay_$of" --unpack "$here/corpus/$1" "$2.begin/kept"
}

run() { # NAME FOLDER OPTION...
    name=$1 folder=$2
    shift 2
    case $name in
    theta | certificate) words=describe ;;
    flow | design | gz) words=csv ;;
    npz) words=npy ;;
    *) words=$name ;;
    esac
    words=$here/$words.dict
    [ -f "$words" ] && words=-dict=$words || words=
    # proofs lose Arb's numbers where they stop, libhdf5 its own in damaged files
    # and asks for what a file declares, which it does not get
    leaks=1 most=64
    case $(set_of "$name")/$name in
    proofs/*) leaks=0 ;;
    */hdf5) leaks=0 most=$((1 << 40)) ;;
    esac
    # What is freed is kept for so long that a use of it is seen; a copy of the
    # process, in which HDF5 is tried, copies it too.  There it is no surprise
    # that a fault has no names.
    sanitizer=detect_leaks=$leaks:allocator_may_return_null=1
    sanitizer=$sanitizer:quarantine_size_mb=4:malloc_context_size=8
    [ "$name" != hdf5 ] ||
        sanitizer=$sanitizer:symbolize=0:max_allocation_size_mb=1024
    # shellcheck disable=SC2086 # an option or none
    ASAN_OPTIONS=$sanitizer "$programs/fuzz_$(set_of "$name")" --target="$name" $words \
        -detect_leaks=$leaks -malloc_limit_mb=$most -rss_limit_mb=2048 \
        -timeout=10 -entropic=0 \
        -seed=$((${JF_SEED:-0} ? JF_SEED + round : 0)) \
        -artifact_prefix="$folder.found-" "$@"
}

# drop_quick NAME FOLDER: what took long by the clock, on a processor that others
# had, and does not when it is read again, was not found; 1: something was.
drop_quick() {
    found=0
    for input in "$2".found-*; do
        [ -f "$input" ] || continue
        case $input in
        *.found-slow-unit-* | *.found-timeout-*)
            if run "$1" "$2" -runs=1 "$input" >"$2.again" 2>&1 &&
                [ "$(sed -n 's/^Executed .* in \([0-9]*\) ms$/\1/p' \
                    "$2.again")" -lt 2000 ]; then
                rm "$input"
                continue
            fi
            ;;
        esac
        found=1
    done
    return "$found"
}

status=0 round=0
if [ -n "$keep" ]; then
    mkdir -p "$here/corpus"
    for name in $readers $proofs; do
        folder=$build/corpus/$name
        begin "$name" "$folder"
        rm -rf "$folder.least"
        mkdir "$folder.least"
        run "$name" "$folder" -max_len=4096 -merge=1 "$folder.least" "$folder" \
            "$folder.begin" >"$folder.log" 2>&1 || status=1
        # the smallest of them, up to a size together; what flows are made of
        # takes more
        rm -rf "$folder.kept"
        mkdir "$folder.kept"
        case $name in
        theta | certificate | describe) most=30000 ;;
        *) most=9000 ;;
        esac
        find "$folder.least" -type f -printf '%s %p\n' | sort -n |
            awk -v most="${KEEP:-$most}" '(sum += $1) <= most { print $2 }' |
            xargs -r cp -t "$folder.kept"
        "$programs/replay_$(set_of "$name")" --pack "$folder.kept" \
            "$here/corpus/$name"
    done
    exit $status
fi

seconds=$((minutes * 60 / $#))
[ -z "${SECONDS_EACH-}" ] || seconds=$SECONDS_EACH
[ "$seconds" -gt 0 ] || seconds=1
# Lines behind the second at which they came.
stamp() {
    while IFS= read -r line; do
        printf '%s %s\n' "$EPOCHSECONDS" "$line"
    done
}

printf '%-12s %12s %7s %7s %7s %s\n' target runs edges still inputs findings
for name in "$@"; do
    folder=$build/corpus/$name
    begin "$name" "$folder"
    # what proofs lose adds up: a process for so many inputs
    rounds=
    [ "$(set_of "$name")" != proofs ] || rounds=-runs=100000
    # short inputs for three quarters of the time, which is twice as many of
    # them; files that are never so short have none, nor those that cut off find
    # again what they had, and formulas are shorter
    case $name in
    hdf5 | jpeg | png | webp | theta | certificate | describe) longest=4096 ;;
    gz | flow | design | tolerances) longest=4096 ;;
    mathml) longest=128 ;;
    *) longest=512 ;;
    esac
    short=$((seconds * 3 / 4))
    began=$(date +%s) left=$seconds
    : >"$folder.log"
    while [ "$left" -gt 0 ]; do
        # the rest of the time for long ones, of what is short until then
        slice=$left
        if [ "$longest" -lt 4096 ]; then
            slice=$((left - (seconds - short)))
            [ "$slice" -gt 0 ] || longest=4096 slice=$left
        fi
        round=$((round + 1)) ended=0 before=$(wc -l <"$folder.log")
        # shellcheck disable=SC2086 # an option or none
        run "$name" "$folder" $rounds -max_len="$longest" \
            -max_total_time="$slice" -print_final_stats=1 "$folder" \
            "$folder.begin" 2>&1 | stamp >>"$folder.log" || ended=$?
        if ! drop_quick "$name" "$folder"; then
            status=1
            break
        elif [ "$ended" -ne 0 ] && ! awk -v before="$before" '
            NR > before && / ALARM: working on/ { slow = 1 }
            END { exit !slow }' "$folder.log"; then # with nothing to show
            status=1
            break
        fi
        left=$((seconds - ($(date +%s) - began)))
        [ -n "$rounds" ] || [ "$ended" -ne 0 ] || [ "$longest" -lt 4096 ] || break
    done
    rm -rf "$folder.begin"
    find "${folder%/*}" -maxdepth 1 -name "$name.found-*" >"$folder.list"
    awk -v name="$name" -v found="$(wc -l <"$folder.list")" \
        -v inputs="$(find "$folder" -type f | wc -l)" -v began="$began" \
        -v now="$(date +%s)" -f "$here/count.awk" "$folder.log" || status=1
    [ ! -s "$folder.list" ] || status=1
done
exit $status
