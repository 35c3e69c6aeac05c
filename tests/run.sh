#!/bin/sh
# run.sh BUILD_DIR [EMULATOR]: all tests of a build, ending with "N passed, N
# failed"; of a build for another processor the unit tests, by its emulator,
# which is some fifty times slower: the longest do less (JF_TESTS_BRIEF).
#
# A test is a program that prints such a line; one that crashes or prints none
# counts as one failed.  Of a build with sanitizers only the unit tests, the
# bad inputs and the audit's examples run: the rest would take hours.
set -u
build=${1:-build}
emulator=${2-}
patience=600 # seconds for a program
[ -z "$emulator" ] || patience=3600
[ -z "$emulator" ] || export JF_TESTS_BRIEF=yes
cd "$(dirname "$0")/.." || exit 1
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"; forget_dead' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0 names=
# shellcheck source=tests/openmp.sh
. tests/openmp.sh
forget_dead
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# A program that refuses its input stops at once and frees nothing.  The leak
# detector sees that or not, by what it finds on the stack: it must not look.
# Nor into what Arb and libhdf5 lose of their own then.
printf 'leak:%s\n' jf_args_read flow_read flint_malloc libhdf5 \
    >"$fresh/refusals"
export LSAN_OPTIONS="suppressions=$fresh/refusals:print_suppressions=0"

sanitized=
if grep -q -e '-fsanitize=' "$build/build.ninja"; then
    sanitized=yes
fi

count() { # PASSED FAILED WHAT
    passed=$((passed + $1))
    failed=$((failed + $2))
    printf '%-40s %5d passed, %d failed\n' "$3" "$1" "$2"
    [ "$2" -eq 0 ] || names="$names; $3"
}

# check WHAT COMMAND...: one check, by the status of the command.
check() {
    what=$1
    shift
    if "$@"; then
        count 1 0 "$what"
    else
        count 0 1 "$what"
    fi
}

# start WHAT COMMAND...: runs it; what it says and its status are kept for
# totals, which counts the checks that it counted itself.
start() {
    what=$1
    shift
    mkdir -p "$fresh/ran/$what"
    (
        timeout "$patience" "$@" >"$fresh/ran/$what/output" \
            2>"$fresh/ran/$what/errors"
        echo $? >"$fresh/ran/$what/status"
        since=
        spent "$what"
    )
}

# spent WHAT: notes the processor seconds of what this shell has run since it
# began, or since the last call.
spent() {
    times >"$fresh/times.$1" # of this very shell
    awk -v what="$1" '
        function seconds(text, part) {
            split(text, part, "m")
            return 60 * part[1] + part[2]
        }
        FNR == 2 { sum[++n] = seconds($1) + seconds($2) }
        END { printf "%.0f %s\n", sum[n] - (n > 1 ? sum[1] : 0), what }
        ' ${since:+"$since"} "$fresh/times.$1" >>"$fresh/seconds"
    since=$fresh/times.$1
}
since=

totals() { # WHAT [COMMAND...]: without a command, of what was started
    what=$1
    shift
    [ $# -eq 0 ] || start "$what" "$@"
    output=$fresh/ran/$what/output
    status=$(cat "$fresh/ran/$what/status")
    cat "$fresh/ran/$what/errors" >&2
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | awk '
        { p += $1; f += $3 } END { if (NR) print p, f }')
    good=${line% *} bad=${line#* }
    if [ -z "$line" ]; then
        good=0 bad=1
        cat "$output"
        echo "$what: no total, status $status" >&2
    elif [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        echo "$what: status $status after its total" >&2
    fi
    count "$good" "$bad" "$what"
}

# side_by_side PROGRAM...: starts "$prefix PROGRAM" for all of them, each
# processor every so many of the list, and then counts them in that order.
side_by_side() {
    lane=0
    while [ "$lane" -lt "$processors" ]; do
        turn=0
        for program in "$@"; do
            # shellcheck disable=SC2086 # a command, or nothing
            [ $((turn % processors)) -ne "$lane" ] ||
                start "${program##*/}" $prefix "$program"
            turn=$((turn + 1))
        done &
        lane=$((lane + 1))
    done
    wait
    for program in "$@"; do
        totals "${program##*/}"
    done
}
processors=$(nproc)

programs() { # FOLDER: its executables
    find "$build/$1" -maxdepth 1 -type f -perm -u+x ! -name "*.so" | sort
}

unit_tests() {
    prefix=$emulator
    # shellcheck disable=SC2046 # a list of paths
    side_by_side $(programs tests) $(programs tests/fuzz)
}

# Rows that are not as they should be: refuted for a wording taken literally,
# verified for anything else, but for what was not run since it was to be left
# out.  --planted: with every row's error planted, the other way round; and each
# row would have seen that error, and what its control plants.
unexpected_verdicts() { # [--planted] VERDICTS
    planted=
    [ "$1" != --planted ] || { planted=yes && shift; }
    awk -F, -v planted="$planted" -v wish="${PHOTOGRAPHS-}" '
        /^(#|id,)/ { next }
        { rows++ }
        wish == "no" && /,not run: no photographs,/ { next }
        { good = ($2 == "wording") != (planted != "") ? "refuted" : "verified" }
        $(NF - 1) != good { print; bad = 1 }
        planted && $(NF - 2) != "refuted" { print "control: " $0; bad = 1 }
        planted && $(NF - 6) != "p" {
            error = $(NF - 3) < 0 ? -$(NF - 3) : $(NF - 3) + 0
            if (!(error >= $(NF - 4) + 0)) { print "unseen: " $0; bad = 1 }
        }
        END { exit bad || !rows }' "$1"
}

# The same bytes whatever the number of threads, but for time and memory, and
# verdicts as they should be.  The run on one thread is a share of one, whose
# rows are joined and judged twice: as they are, and with every error planted,
# which is of the judgement alone.  The smallest program plants in a run of its
# own, too; that has the same bytes.
self_check() { # PROGRAM
    name=${1##*/}
    timeout 900 "$1" --profile quick --out "$fresh/1" --threads 1 --quiet \
        --shard 1/1 &
    one=$!
    check "$name, threads 2" timeout 900 "$1" --profile quick \
        --out "$fresh/2" --threads 2 --quiet
    check "$name, threads 1" wait "$one"
    mkdir -p "$fresh/planted"
    for rows in "$fresh"/1/*.partial; do
        sed '/^# options: /s/$/ --negative-control/' "$rows" \
            >"$fresh/planted/${rows##*/}"
    done
    check "$name, joined" timeout 900 "$1" --profile quick --out "$fresh/1" \
        --quiet --merge
    check "$name, errors planted" timeout 900 "$1" --profile quick \
        --out "$fresh/planted" --quiet --negative-control --merge
    tables=$(cd "$fresh" && find 1 2 -name '*.csv' | sed 's|^[12]/||' |
        sort -u)
    for table in $tables; do
        check "$name, threads 1 and 2: $table" \
            "$build/tools/compare" --same "$fresh/1/$table" "$fresh/2/$table"
    done
    [ -n "$tables" ] || count 0 1 "$name: no tables"
    check "$name: verdicts" \
        unexpected_verdicts "$fresh/1/verdicts/$name.csv"
    if [ "$name" = stability_single ]; then
        check "$name, errors planted in a run" timeout 900 "$1" \
            --profile quick --out "$fresh/whole" --quiet --negative-control
        check "$name, errors planted in a run: same verdicts" cmp \
            "$fresh/planted/verdicts/$name.csv" \
            "$fresh/whole/verdicts/$name.csv"
    fi
    check "$name: verdicts, errors planted" unexpected_verdicts --planted \
        "$fresh/planted/verdicts/$name.csv"
}

proofs() {
    prefix="tests/negative_control.sh --keep $fresh/proved"
    # shellcheck disable=SC2046 # a list of paths
    side_by_side $(programs proofs-check)
}

# The report on the tables that the self-checks made, and on those of proofs.
report() {
    cp -R "$fresh/proved/." "$fresh/1"
    totals index.sh tests/index.sh "$fresh/1/verdicts"
    totals report.sh tests/report.sh "$build/tools" "$fresh/1"
}

# Ends with the sum of all, below the names of what failed and the last lines
# that it said: the whole is long, and who reads may have its end alone.
finish() {
    [ ! -f "$fresh/seconds" ] || sort -rn "$fresh/seconds" | awk '
        { sum += $1; if (NR <= 8) list = list sep $2 " " $1; sep = ", " }
        END { print "processor seconds: " sum "; " list }'
    [ -z "$names" ] || echo "failed: ${names#; }"
    for ran in "$fresh"/ran/*; do
        case "$names;" in
        *"; ${ran##*/};"*) tail -n 20 "$ran/output" "$ran/errors" ;;
        esac
    done
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

unit_tests
[ -z "$emulator" ] || finish
for name in optimum audit; do
    [ -x "$build/experiments/$name" ] ||
        count 0 1 "$build/experiments/$name: not built"
done
audit=$build/experiments/audit
start bad_input.sh env ASAN_OPTIONS=detect_leaks=0 tests/bad_input.sh \
    "$build/experiments/optimum" &
start audit_data.sh env ASAN_OPTIONS=detect_leaks=0 tests/audit_data.sh \
    "$audit" &
wait
start audit_flow.sh env ASAN_OPTIONS=detect_leaks=0 tests/audit_flow.sh \
    "$audit" &
start audit_design.sh env ASAN_OPTIONS=detect_leaks=0 tests/audit_design.sh \
    "$audit" &
wait
start audit_length.sh env ASAN_OPTIONS=detect_leaks=0 tests/audit_length.sh \
    "$audit" &
[ -n "$sanitized" ] || start peers.sh tests/peers.sh "$audit" &
wait
for script in bad_input audit_data audit_flow audit_design audit_length; do
    totals "$script.sh"
done
[ -n "$sanitized" ] || totals peers.sh
if [ -z "$sanitized" ]; then
    start includes.sh tests/includes.sh "$build" &
    start install.sh tests/install.sh "$build" &
    wait
    start tools.sh tests/tools.sh "$build/tools" &
    start tolerances.sh tests/tolerances.sh "$build/tools" &
    start calibration.sh tests/calibration.sh "$build/tools" &
    wait
    start help.sh tests/help.sh "$build" &
    start flows.sh tests/flows.sh "$build" &
    start odd_names.sh tests/odd_names.sh &
    start markup.sh tests/markup.sh "$build" &
    start certify.sh tests/certify.sh "$build" &
    start photographs.sh tests/photographs.sh "$build" &
    start endurance.sh tests/endurance.sh "$build" &
    start shards.sh tests/shards.sh "$build" &
    start ranks.sh tests/ranks.sh "$build" &
    wait
    start faults.sh tests/faults.sh "$build" &
    start surroundings.sh tests/surroundings.sh "$build" &
    wait
    for script in includes install tools tolerances calibration help flows \
        certify odd_names markup photographs endurance shards ranks faults \
        surroundings; do
        totals "$script.sh"
    done
    totals packages.sh tests/packages.sh
    totals theory.sh tests/theory.sh
    proofs
    times >"$fresh/times"
    since=$fresh/times
    for program in $(programs experiments); do
        case $program in
        */throughput*) ;; # measures time: no two runs agree
        */endurance) ;;   # judges nothing; endurance.sh
        *)
            self_check "$program"
            spent "$name"
            ;;
        esac
    done
    report
fi
finish
