#!/bin/sh
# helgrind.sh BUILD_DIR PLAIN: lanes of a team, their order, and pictures under
# valgrind's helgrind: no race, and no lock in two orders.  BUILD_DIR is made with
# -Dhelgrind=true: helgrind sees no atomics, and is told what they order.  PLAIN is
# not, and there the same lanes are a race.
#
# Not the programs that have loops of OpenMP, whose barriers helgrind knows as
# little: they are for the thread sanitizer (nightly.sh).
set -u
build=$1 plain=$2
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "helgrind.sh: failed: $2" >&2
        tail -n 20 "$fresh/said" >&2
    fi
}

# Status 99: helgrind has something to say.
under() { # PROGRAM [ARGUMENT]
    valgrind --tool=helgrind --error-exitcode=99 "$@" >"$fresh/said" 2>&1
}

for test in threads images "order 1"; do
    # shellcheck disable=SC2086 # a test and its argument
    set -- $test
    name=$1
    shift
    under "$build/tests/test_${name}_jf64" "$@"
    result $? "$test"
done
under "$plain/tests/test_threads_jf64"
[ $? -eq 99 ]
result $? "a race that helgrind does not see"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
