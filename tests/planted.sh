#!/bin/bash
# planted.sh BUILD_DIR [--few] [NAME...]: faults planted in the sources, each of
# which a test must see.
#
# A fault of planted.txt is put into a copy of the tree and of the build, what
# its test needs is built, and the test must then fail; it passes without a
# fault.  --few: those marked so, which are quick; of others, that there is what
# they change.
set -u
build=$(cd "$1" && pwd) || exit 1
shift
few=
[ "${1-}" != --few ] || { few=yes && shift; }
cd "$(dirname "$0")/.." || exit 1
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
copy=$fresh/copy
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "planted.sh: failed: $2" >&2
    fi
}

# The same times, so that nothing is built that is there.
mkdir "$copy" && git ls-files -z | xargs -0 cp -p --parents -t "$copy" &&
    cp -a "$build" "$copy/build" && rm -f "$copy/build/.ninja_lock" || exit 1

# The programs that a test needs.
needs() { # TEST
    case $1 in
    faults.sh*) echo tests/libfaults.so tools/fit tools/logprob \
        tools/sample tools/report proofs-check/volume_bound \
        experiments/audit experiments/stability_single ;;
    ranks.sh*) echo tests/test_ranks_jf64 tests/test_ranks_jf32 ;;
    audit_*.sh) echo experiments/audit ;;
    peers.sh) echo experiments/audit experiments/throughput \
        experiments/throughput_double ;;
    photographs.sh*) echo experiments/highres experiments/optimum \
        tools/compare tools/logprob tools/report tools/verdicts ;;
    surroundings.sh*) echo tests/libfaults.so experiments/stability_single \
        experiments/lipschitz experiments/optimum ;;
    *) echo "tests/test_$1" ;;
    esac
}

built() { # TEST
    # shellcheck disable=SC2046 # a list of names
    ninja -C "$copy/build" $(needs "$1") >"$fresh/log" 2>&1
}

passes() { # TEST
    case $1 in
    audit_*.sh | peers.sh)
        (cd "$copy" && timeout 600 "tests/$1" build/experiments/audit)
        ;;
    *.sh*)
        # shellcheck disable=SC2086 # a command
        (cd "$copy" && set -- $1 && script=$1 && shift &&
            timeout 600 "tests/$script" build "$@")
        ;;
    *) (cd "$copy" && timeout 600 "build/tests/test_$1") ;;
    esac >"$fresh/log" 2>&1 </dev/null
}

seen=
while IFS=$'\t' read -r name mark file edit test; do
    case $name in
    '' | '#'*) continue ;;
    esac
    if [ $# -gt 0 ]; then
        [[ " $* " == *" $name "* ]] || continue
    elif [ -n "$few" ] && [ "$mark" != few ]; then # it can be planted still
        ! sed -e "$edit" "$file" | cmp -s - "$file"
        result $? "$name: nothing to plant in $file"
        continue
    fi
    if [[ "$seen" != *"|$test|"* ]]; then # without a fault
        built "$test" && passes "$test"
        result $? "$test, without a fault"
        seen="$seen|$test|"
    fi
    cp -p "$file" "$fresh/whole"
    sed -e "$edit" "$file" >"$copy/$file"
    if cmp -s "$file" "$copy/$file"; then
        result 1 "$name: nothing to plant in $file"
    elif ! built "$test"; then
        result 1 "$name: does not build"
    else
        ! passes "$test"
        result $? "$name: $test does not see it"
    fi
    cp "$fresh/whole" "$copy/$file"
done <tests/planted.txt

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
