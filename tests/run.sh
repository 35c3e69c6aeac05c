#!/bin/sh
# run.sh BUILD_DIR [EMULATOR]: all tests of a build, ending with "N passed, N
# failed"; of a build for another processor the unit tests, by its emulator,
# which is some fifty times slower: the longest do less (JF_TESTS_BRIEF).
#
# A test is a program that prints such a line; one that crashes or prints none
# counts as one failed.  Each processor takes the next one of the lists below
# that no other has.  Of a build with sanitizers only the unit tests, the bad
# inputs and the audit's examples run: the rest would take hours.
set -u
build=${1:-build}
emulator=${2-}
patience=900 # seconds for a test
[ -z "$emulator" ] || patience=3600
[ -z "$emulator" ] || export JF_TESTS_BRIEF=yes
cd "$(dirname "$0")/.." || exit 1
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"; forget_dead' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck source=tests/leftovers.sh
. tests/leftovers.sh
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

# turn WHAT COMMAND...: runs it, unless another processor has; in a folder of
# its own what it says, its status, and its processor's time.
turn() {
    ran=$fresh/ran/$1
    mkdir "$ran" 2>/dev/null || return 0
    (
        shift
        timeout "$patience" "$@" >"$ran/output" 2>"$ran/errors"
        echo $? >"$ran/status"
        times >"$ran/times" # of this very shell
    )
    tell "$1"
}

# tell WHAT: its line; in its folder how many passed, how many failed.
tell() {
    read -r status <"$ran/status"
    counts=$(awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3; n++ }
        END { if (n) print p, f }' "$ran/output")
    cat "$ran/errors" >&2
    if [ -z "$counts" ]; then
        counts="0 1"
        cat "$ran/output"
        echo "$1: no total, status $status" >&2
    elif [ "$status" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
        counts="${counts% *} 1"
        echo "$1: status $status after its total" >&2
    fi
    echo "$counts" >"$ran/counts"
    printf '%-40s %5d passed, %d failed\n' "$1" "${counts% *}" "${counts#* }"
}

# lanes LIST...: the turns of these lists, on all processors.
lanes() {
    lane=0
    while [ "$lane" -lt "$(nproc)" ]; do
        for list in "$@"; do
            $list
        done &
        lane=$((lane + 1))
    done
    wait
}

programs() { # FOLDER: its executables
    find "$build/$1" -maxdepth 1 -type f -perm -u+x ! -name "*.so" | sort
}

unit_tests() {
    for program in $(programs tests) $(programs tests/fuzz); do
        # shellcheck disable=SC2086 # a command, or nothing
        turn "${program##*/}" $emulator "$program"
    done
}

inputs() {
    audit=$build/experiments/audit
    for name in audit_length audit_data audit_flow audit_design; do
        turn $name.sh env ASAN_OPTIONS=detect_leaks=0 tests/$name.sh "$audit"
    done
    turn bad_input.sh env ASAN_OPTIONS=detect_leaks=0 tests/bad_input.sh \
        "$build/experiments/optimum"
}

# The longest first, so that none is alone at the end.
experiments() {
    for program in "$build"/experiments/highres $(programs experiments); do
        name=${program##*/}
        case $name in
        throughput*) ;; # measures time: no two runs agree
        endurance) ;;   # judges nothing; endurance.sh
        *) turn "$name" tests/self_check.sh "$build" "$name" "$fresh/tables" ;;
        esac
    done
}

proofs() {
    for program in $(programs proofs-check); do
        turn "${program##*/}" tests/negative_control.sh \
            --keep "$fresh/tables" "$program"
    done
}

# The first of them on the tables that experiments and proofs made.
scripts() {
    turn report.sh tests/report.sh "$build/tools" "$fresh/tables"
    for name in faults ranks endurance shards surroundings photographs flows \
        certify help includes install markup; do
        turn $name.sh tests/$name.sh "$build"
    done
    turn peers.sh tests/peers.sh "$build/experiments/audit"
    for name in tools tolerances calibration; do
        turn $name.sh tests/$name.sh "$build/tools"
    done
    for name in packages odd_names theory; do
        turn $name.sh tests/$name.sh
    done
    turn index.sh tests/index.sh "$fresh/tables/verdicts"
}

mkdir "$fresh/ran"
lanes unit_tests
if [ -z "$emulator" ]; then
    lanes inputs
    if [ -z "$sanitized" ]; then
        lanes experiments proofs
        lanes scripts
    fi
fi

# What took longest; the names of what failed, and the last lines that it said:
# the whole is long, and who reads may have its end alone.
seconds=$(cd "$fresh/ran" && awk '
    function of(text, part) { split(text, part, "m")
        return 60 * part[1] + part[2] }
    FNR == 2 { split(FILENAME, name, "/")
        printf "%.0f %s\n", of($1) + of($2), name[2] }' ./*/times 2>/dev/null)
passed=0 failed=0 names=
for ran in "$fresh"/ran/*; do
    [ -d "$ran" ] || continue # there is no test
    good=0 bad=1              # of one that its lane lost
    [ ! -f "$ran/counts" ] || read -r good bad <"$ran/counts"
    passed=$((passed + good))
    failed=$((failed + bad))
    [ "$bad" -eq 0 ] || names="$names; ${ran##*/}"
done
echo "$seconds" | sort -rn | awk '
    { sum += $1; if (NR <= 10) list = list sep $2 " " $1; sep = ", " }
    END { print "processor seconds: " sum "; " list }'
[ -z "$names" ] || echo "failed: ${names#; }"
for ran in "$fresh"/ran/*; do
    case "$names;" in
    *"; ${ran##*/};"*) tail -n 20 "$ran/output" "$ran/errors" ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
