#!/bin/sh
# ranks.sh BUILD_DIR: likelihood, gradient and training over 1 to 4 ranks, of 1
# or 2 threads, give the bytes of one process; in both precisions.
#
# Ranks only where the build has MPI and mpiexec is there.
set -u
build=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

same() { # WHAT
    if [ -s "$fresh/alone" ] &&
        cmp "$fresh/alone" "$fresh/log" >>"$fresh/errors"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "ranks: failed: $1" >&2
        cat "$fresh/errors" "$fresh/log" >&2
    fi
}

# shellcheck source=tests/launcher.sh
. "$(dirname "$0")/launcher.sh"
find_launcher "$build" "$fresh/log"
[ -n "$launcher" ] ||
    echo "ranks.sh: no ranks: no mpiexec for this build" >&2
for precision in jf64 jf32; do
    test=$build/tests/test_ranks_$precision
    "$test" 1 alone >"$fresh/alone" 2>"$fresh/errors"
    "$test" 2 alone >"$fresh/log" 2>>"$fresh/errors"
    same "one process of two threads, $precision"
    for count in ${launcher:+1 2 3 4}; do
        # shellcheck disable=SC2086 # a command
        timeout 300 $launcher -n "$count" "$test" $((1 + count % 2)) \
            >"$fresh/log" 2>"$fresh/errors"
        same "$count ranks, $precision"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
