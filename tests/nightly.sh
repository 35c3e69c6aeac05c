#!/bin/sh
# nightly.sh BUILD HOURS TABLE: all that takes long, in so many hours; a row of
# TABLE for each part: what was tried, how often, and what was lost.
#
# A night that was interrupted goes on with the part at which it was, when it is
# called again with the same table.  No two nights draw the same cases: seeds are
# the night's number.  A part that the checkout lacks is no row.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1 hours=$2 table=$3
folder=$(dirname "$table")
mark=$folder/.night # the number of the night, while it lasts
status=0
mkdir -p "$folder"
[ -f "$table" ] || echo "night,part,what,tried,lost,seconds,commit" >"$table"

case $hours in
'' | *[!0-9.]* | *.*.* | .)
    echo "nightly.sh: HOURS=$hours found, a number expected" >&2
    exit 2
    ;;
esac
exec 9>"$mark.lock"
flock -n 9 || {
    echo "nightly.sh: $table: another night is at it" >&2
    exit 1
}
seconds=$(awk -v h="$hours" 'BEGIN { printf "%d", 3600 * h }')
if [ ! -f "$mark" ]; then
    awk -F, 'NR > 1 && $1 > n { n = $1 } END { print n + 1 }' "$table" >"$mark"
fi
night=$(cat "$mark")
commit=$(git rev-parse --short=12 HEAD 2>&1) || commit=none
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

# Seconds of a part that has so many hundredths of the night.
share() { # HUNDREDTHS
    echo $((seconds * $1 / 100 > 1 ? seconds * $1 / 100 : 1))
}

add() { # PART WHAT TRIED LOST SECONDS
    echo "$night,$1,\"$2\",$3,$4,$5,$commit" >>"$table"
    printf '%-12s %-44s %12s tried, %s lost\n' "$1" "$2" "$3" "$4"
    [ "$4" = 0 ] || status=1
}

is_done() { # PART
    grep -q "^$night,$1," "$table"
}

# counted PART WHAT COMMAND...: a part whose command says "N passed, M failed",
# once or more.
counted() {
    part=$1 what=$2
    shift 2
    ! is_done "$part" || return 0
    began=$(date +%s)
    "$@" >"$log" 2>&1
    ended=$?
    line=$(awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
        END { if (n) print p " passed, " f " failed" }' "$log")
    tried=${line%% *} lost=${line#*, }
    lost=${lost%% *}
    if [ -z "$line" ]; then
        tried=0 lost=1
    elif [ "$ended" -ne 0 ] && [ "$lost" -eq 0 ]; then
        lost=1
    fi
    [ "$lost" -eq 0 ] || cat "$log" >&2
    add "$part" "$what" $((tried + lost)) "$lost" $(($(date +%s) - began))
}

# Cases: as many as the part of the night allows, by the rate of some; a million
# in three hours.
properties() { # PROGRAM HUNDREDTHS
    ! is_done "properties-$1" || return 0
    began=$(date +%s)
    most=1000000
    "$build/tests/test_properties_$1" 20000 "$night" >"$log" 2>&1
    ended=$?
    took=$(($(date +%s) - began + 1))
    cases=$((20000 * $(share "$2") / took))
    [ "$cases" -lt "$most" ] || cases=$most
    if [ "$ended" -eq 0 ] && [ "$cases" -gt 20000 ]; then
        "$build/tests/test_properties_$1" "$cases" "$night" >"$log" 2>&1
        ended=$?
    fi
    [ "$ended" -eq 0 ] || cat "$log" >&2
    tried=$(awk '/ cases, / { for (i = 2; i <= NF; i++) if ($i == "cases,")
        n += $(i - 1) } END { print n + 0 }' "$log")
    add "properties-$1" 'random cases of laws' "$tried" \
        $((ended != 0)) $(($(date +%s) - began))
}

fuzz() { # HUNDREDTHS
    targets=$("$build/tests/fuzz/replay_readers" --list &&
        "$build/tests/fuzz/replay_proofs" --list)
    # shellcheck disable=SC2086 # a list of words
    each=$(($(share "$1") / $(set -- $targets && echo $#)))
    SECONDS_EACH=1 make -s fuzz MINUTES=0 >"$log" 2>&1 || {
        grep -q '^target' "$log" || {
            cat "$log" >&2
            return
        }
    }
    for target in $targets; do
        ! is_done "fuzz-$target" || continue
        began=$(date +%s)
        SECONDS_EACH=$((each > 1 ? each : 1)) tests/fuzz/fuzz.sh build-fuzz 1 \
            "$target" >"$log" 2>&1
        ended=$?
        runs=$(awk -v t="$target" '$1 == t { print $2 }' "$log")
        edges=$(awk -v t="$target" '$1 == t { print $3 }' "$log")
        lost=$(awk -v t="$target" '$1 == t { print $5 }' "$log")
        [ "$ended" -eq 0 ] || [ "${lost:-0}" -gt 0 ] || lost=1
        [ "${lost:-1}" -eq 0 ] || tail -n 30 "build-fuzz/corpus/$target.log" >&2
        add "fuzz-$target" "inputs, ${edges:-no} edges" "${runs:-0}" \
            "${lost:-1}" $(($(date +%s) - began))
    done
}

# Clang's, whose OpenMP tells its thread sanitizer where threads meet, which
# GCC's does not.
threads() {
    ! is_done threads || return 0
    tests='tests/test_order_jf64 tests/test_threads_jf64 tests/test_images_jf64'
    # shellcheck disable=SC2086 # a list of words
    {
        CC=clang ./install.sh && CC=clang FUZZ=1 ./install.sh && {
            [ -f build-thread/build.ninja ] ||
                CC=clang meson setup -Db_sanitize=thread -Db_lundef=false \
                    -Dbuildtype=debugoptimized build-thread
        } && ninja -C build-thread $tests experiments/audit
    } >"$log" 2>&1 || {
        tail -n 3 "$log" >&2
        return
    }
    # shellcheck disable=SC2016 # for that shell
    counted threads 'checks under the thread sanitizer' sh -c '
        out=$(mktemp -d) && trap "rm -rf $out" EXIT
        export TSAN_OPTIONS="halt_on_error=1 ignore_noninstrumented_modules=1"
        for test in order threads images; do
            build-thread/tests/test_${test}_jf64
        done
        for options in "--data iris" "--flow data/flows/correct.csv"; do
            build-thread/experiments/audit $options --profile quick --quiet \
                --threads 3 --out "$out" >"$out/said" &&
                echo "1 passed, 0 failed" || echo "0 passed, 1 failed"
        done' sh
}

counted corpus 'inputs kept, read again' "$build/tests/fuzz/replay_readers"
counted corpus-proofs 'inputs kept, read again' \
    "$build/tests/fuzz/replay_proofs"
counted memory 'files whose sizes lie, or that are large' \
    "$build/tests/fuzz/test_proportion"
command -v clang >/dev/null && counted coverage 'readers, of 95 lines in 100' \
    tests/fuzz/coverage.sh build-coverage
orders=$((2 + seconds / 180))
counted order 'orders of lanes, same bytes' \
    "$build/tests/test_order_jf64" "$orders"
counted order-single 'orders of lanes, same bytes' \
    "$build/tests/test_order_jf32" "$orders"
threads
properties jf64 15
properties jf32 5
fuzz 50
# A short night takes the short runs.
long=
[ "$seconds" -lt 3600 ] || long=--long
# shellcheck disable=SC2086 # an option or none
[ ! -x tests/faults.sh ] || counted faults 'calls that fail, one at a time' \
    tests/faults.sh "$build" $long
[ ! -x tests/surroundings.sh ] ||
    counted surroundings 'kills, full disks and odd machines' \
        env JF_SEED="$night" tests/surroundings.sh "$build" \
        --kills $((6 + seconds * 194 / 10800))
[ ! -x tests/shards_long.sh ] ||
    counted shards 'shares, ranks, and ranks that are killed' \
        env JF_SEED="$night" tests/shards_long.sh "$build" \
        $((1 + seconds * 9 / 10800))
few=--few
[ "$seconds" -lt 3600 ] || few=
# shellcheck disable=SC2086 # an option or none
[ ! -x tests/planted.sh ] || counted planted 'faults planted in the sources' \
    tests/planted.sh "$build" $few
rm -f "$mark"
exit $status
