#!/bin/sh
# nightly.sh BUILD HOURS TABLE [PARTS]: all that takes long, or of its parts those
# named (patterns of the shell), in so many hours; a row of TABLE for each part:
# what was tried, how often, and what was lost.
#
# Each processor takes the next part of the list at the end that is not done; the
# targets of the fuzzer, which come last, share the time that is left, by what
# former nights have not tried.  A night that was interrupted goes on with the
# parts that have no row yet, when it is called again with the same table.  No two
# nights draw the same cases: seeds are the night's number.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1 hours=$2 table=$3 wanted=${4-}
folder=$(dirname "$table")
mark=$folder/.night # the number of the night, while it lasts

case $hours in
'' | *[!0-9.]* | *.*.* | .)
    echo "nightly.sh: HOURS=$hours found, a number expected" >&2
    exit 2
    ;;
esac
mkdir -p "$folder"
[ -f "$table" ] || echo "night,part,what,tried,lost,seconds,commit" >"$table"
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
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"; forget_dead' EXIT
trap 'trap "" TERM; kill 0; exit 1' HUP INT TERM # and all that runs
# shellcheck source=tests/leftovers.sh
. tests/leftovers.sh
deadline=$(($(date +%s) + seconds))

# is_wanted PART
is_wanted() (
    set -f
    # shellcheck disable=SC2254 # patterns
    for word in ${wanted:-*}; do
        case $1 in $word) exit 0 ;; esac
    done
    exit 1
)

# take PART: whether it is wanted, no other processor has it, and it has no row of
# this night; what it says goes into $log.
take() {
    is_wanted "$1" && ! grep -q "^$night,$1," "$table" && mkdir "$fresh/$1" 2>&- &&
        log=$fresh/$1/log && began=$(date +%s)
}

add() { # PART WHAT TRIED LOST
    row="$night,$1,\"$2\",$3,$4,$(($(date +%s) - began)),$commit"
    echo "$row" >>"$table"
    printf '%-15s %-44s %12s tried, %s lost\n' "$1" "$2" "$3" "$4"
}

# counted PART WHAT COMMAND...: a part whose command says "N passed, M failed",
# once or more.
counted() {
    part=$1 what=$2
    shift 2
    take "$part" || return 0
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
    add "$part" "$what" $((tried + lost)) "$lost"
}

# Cases: as many as two hundredths of the night allow, by the rate of some; a
# million at most.
properties() { # PROGRAM
    take "properties-$1" || return 0
    most=1000000
    "$build/tests/test_properties_$1" 20000 "$night" >"$log" 2>&1
    ended=$?
    took=$(($(date +%s) - began + 1))
    cases=$((20000 * (seconds / 50) / took))
    [ "$cases" -lt "$most" ] || cases=$most
    if [ "$ended" -eq 0 ] && [ "$cases" -gt 20000 ]; then
        "$build/tests/test_properties_$1" "$cases" "$night" >"$log" 2>&1
        ended=$?
    fi
    [ "$ended" -eq 0 ] || cat "$log" >&2
    tried=$(awk '/ cases, / { for (i = 2; i <= NF; i++) if ($i == "cases,")
        n += $(i - 1) } END { print n + 0 }' "$log")
    add "properties-$1" 'random cases of laws' "$tried" $((ended != 0))
}

# Lines "target seconds": what each target lacks of ten million inputs (pictures
# a million), by the rate of the last night, and of twenty minutes without a new
# edge; an hour at most, since HDF5 would take all.
needs() {
    for target in $targets; do
        ! is_wanted "fuzz-$target" || echo "$target"
    done | awk -F '"' '
        NR == FNR {
            split($1, part, ",")
            split($3, number, ",")
            name = part[2]
            sub(/^fuzz-/, "", name)
            tried[name] += number[2]
            rate[name] = number[2] / (number[4] + 1)
            split($2, what, "none new for ")
            quiet = what[2] + 0
            still[name] = quiet + (quiet + 3 >= number[4] ? still[name] : 0)
            next
        }
        {
            goal = $1 ~ /^(png|jpeg|webp)$/ ? 1e6 : 1e7
            need = rate[$1] > 0 ? (goal - tried[$1]) / rate[$1] : 3600
            if (need < 1200 - still[$1])
                need = 1200 - still[$1]
            need = need < 60 ? 60 : need > 3600 ? 3600 : need
            print $1, need
        }' "$table" -
}

# What targets that nobody has yet need, all together.
needed() {
    while read -r target need; do
        grep -q "^$night,fuzz-$target," "$table" ||
            [ -d "$fresh/fuzz-$target" ] || echo "$need"
    done <"$fresh/needs" | awk '{ n += $1 } END { print n + 0 }'
}

fuzz() { # TARGET
    all=$(needed)
    take "fuzz-$1" || return 0
    each=$(awk -v name="$1" -v all="$all" -v left=$((deadline - began)) \
        -v lanes="$(nproc)" '
        $1 == name { n = all > 0 ? lanes * left * $2 / all : 1 }
        END { n = n > left ? left : n; printf "%d", n < 1 ? 1 : n }' \
        "$fresh/needs")
    SECONDS_EACH=$each tests/fuzz/fuzz.sh build-fuzz 1 "$1" >"$log" 2>&1
    ended=$?
    # target, runs, edges, seconds since the last of them was new, findings
    read -r _ runs edges still _ lost <<END
$(grep "^$1 " "$log")
END
    [ "$ended" -eq 0 ] || [ "${lost:-0}" -gt 0 ] || lost=1
    [ "${lost:-1}" -eq 0 ] || tail -n 30 "build-fuzz/corpus/$1.log" >&2
    add "fuzz-$1" "inputs, ${edges:-no} edges, none new for ${still:-0} s" \
        "${runs:-0}" "${lost:-1}"
}

# Clang's OpenMP tells its thread sanitizer where threads meet, GCC's does not.
# shellcheck disable=SC2016 # for that shell
threads() {
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

# What the parts need, built by all processors; a part without fails, and says
# why.
# shellcheck disable=SC2086 # lists of words
builds() {
    HELGRIND=1 ./install.sh && CC=clang FUZZ=1 ./install.sh &&
        SECONDS_EACH=1 make -s fuzz MINUTES=0 >"$fresh/fuzz" 2>&1
    grep -q '^target' "$fresh/fuzz" || cat "$fresh/fuzz" >&2
    tests='tests/test_order_jf64 tests/test_threads_jf64 tests/test_images_jf64'
    if is_wanted threads; then
        [ -f build-thread/build.ninja ] ||
            CC=clang meson setup -Db_sanitize=thread -Db_lundef=false \
                -Dbuildtype=debugoptimized build-thread
        ninja -C build-thread $tests experiments/audit
    fi
    if is_wanted helgrind; then
        [ -f build-helgrind/build.ninja ] || meson setup -Dhelgrind=true \
            -Dbuildtype=debugoptimized build-helgrind
        ninja -C build-helgrind $tests
    fi
}

# A short night takes the short runs.
few=--few long=
if [ "$seconds" -ge 3600 ]; then
    few='' long=--long
fi
orders=$((2 + seconds / 180))
kills=$((6 + seconds * 194 / 9000)) # two hundred from two and a half hours on
[ "$kills" -lt 200 ] || kills=200

# Parts in the order in which they are taken: the longest first, of those that
# take as long as they take.
# shellcheck disable=SC2086 # options or none
parts() {
    counted kills "$kills kills each of experiments, a long run, reports" \
        env JF_SEED="$night" tests/kills.sh "$build" "$kills"
    counted planted 'faults planted in the sources' \
        tests/planted.sh "$build" $few
    counted shards 'shares, ranks, and ranks that are killed' \
        env JF_SEED="$night" tests/shards_long.sh "$build" \
        $((1 + seconds * 9 / 10800))
    counted faults 'calls that fail, one at a time' \
        tests/faults.sh "$build" $long
    counted surroundings "$kills kills, full disks and odd machines" \
        env JF_SEED="$night" tests/surroundings.sh "$build" --kills "$kills"
    counted coverage 'readers, of 95 lines in 100' \
        tests/fuzz/coverage.sh build-coverage
    properties jf64
    properties jf32
    threads
    counted helgrind 'checks of lanes and pictures under helgrind' \
        tests/helgrind.sh build-helgrind "$build"
    counted memory 'files whose sizes lie, or that are large' \
        "$build/tests/fuzz/test_proportion"
    counted corpus 'inputs kept, read again' "$build/tests/fuzz/replay_readers"
    counted corpus-proofs 'inputs kept, read again' \
        "$build/tests/fuzz/replay_proofs"
    counted order 'orders of lanes, same bytes' \
        "$build/tests/test_order_jf64" "$orders"
    counted order-single 'orders of lanes, same bytes' \
        "$build/tests/test_order_jf32" "$orders"
    for target in $targets; do
        fuzz "$target"
    done
}

builds
targets=$("$build/tests/fuzz/replay_readers" --list &&
    "$build/tests/fuzz/replay_proofs" --list)
needs >"$fresh/needs"
lane=0
while [ "$lane" -lt "$(nproc)" ]; do
    parts &
    lane=$((lane + 1))
done
wait
status=0
for begun in "$fresh"/*/; do
    part=$(basename "$begun")
    grep -q "^$night,$part," "$table" || {
        echo "nightly.sh: $part: ended without a row" >&2
        status=1
    }
done
[ "$status" -ne 0 ] || rm -f "$mark" # what has no row is taken again
# Behind what is said, which has commas: tried, lost.
grep "^$night," "$table" | sed 's/"[^"]*"//' |
    awk -F, '$5 != 0 { lost = 1 } END { exit lost }' || status=1
exit $status
