#!/bin/sh
# shards_long.sh BUILD [KILLS [PROGRAM...]]: whole programs in the quick profile
# -- optimum, uniqueness, highres -- give the bytes of one piece in 3 shares,
# over 1 to 4 ranks, and where one of 3 ranks is killed, KILLS times (10) at
# moments drawn from the length of the run, and the same command goes on; a run
# that ends before its kill is looked at, and another begins.
#
# Columns of time and memory aside.  JF_SEED draws the moments.
set -u
build=$1 kills=${2-10}
shift
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- optimum uniqueness highres
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
# shellcheck source=tests/launcher.sh
. "$(dirname "$0")/launcher.sh"

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "shards_long: failed: $2" >&2
        cat "$fresh/errors" >&2
    fi
}

run() { # COMMAND...
    timeout 1200 "$@" >"$fresh/log" 2>"$fresh/errors"
}

# like_one FOLDER WHAT: its tables, and no other files.
like_one() {
    for table in "$fresh"/one/*.csv "$fresh"/one/verdicts/*.csv; do
        file=${table#"$fresh"/one/}
        "$build/tools/compare" --same "$table" "$fresh/$1/$file" \
            >"$fresh/errors" 2>&1
        result $? "$2: $file"
    done
    [ "$(cd "$fresh/one" && find . -type f | sort)" = "$(cd "$fresh/$1" &&
        find . -type f ! -name '*.new' | sort)" ]
    result $? "$2: files"
}

killed() { # WAY SECONDS
    done=0 turn=0
    while [ "$done" -lt "$kills" ]; do
        turn=$((turn + 1))
        # shellcheck disable=SC2086 # a command and a list of options
        timeout 1200 $launcher -n 3 "$program" $options --out "$fresh/killed" \
            --resume --threads 1 --ranks "$1" >"$fresh/log" 2>"$fresh/errors" &
        pause=$(awk -v n="$turn" -v seed="${JF_SEED-1}" -v most="$2" '
            BEGIN { srand(1000 * seed + n); print most * rand() }')
        sleep "$pause"
        if kill_rank "$program .*--out $fresh/killed "; then
            done=$((done + 1))
            wait $!
        else
            wait $!
            result $? "$name, whose kill came too late"
            like_one killed "$name: ended before its kill"
            rm -rf "$fresh/killed"
        fi
    done
    # shellcheck disable=SC2086 # a command and a list of options
    run $launcher -n 3 "$program" $options --out "$fresh/killed" --resume \
        --threads 1 --ranks "$1"
    result $? "$name: after $done kills"
    like_one killed "$name: $done times one of 3 ranks killed, --ranks $1"
    echo "$name: --ranks $1: $done kills"
}

find_launcher "$build" "$fresh/log"
[ -n "$launcher" ] ||
    echo "shards_long.sh: no ranks: no mpiexec for this build" >&2
options="--profile quick --quiet"
for name in "$@"; do
    program=$build/experiments/$name
    rm -rf "${fresh:?}"/*
    : >"$fresh/errors"
    began=$(date +%s)
    # shellcheck disable=SC2086 # a list of options
    run "$program" $options --out "$fresh/one"
    result $? "$name in one piece"
    seconds=$(($(date +%s) - began + 1))
    for share in 2 3 1; do
        # shellcheck disable=SC2086 # a list of options
        run "$program" $options --out "$fresh/shares" --shard "$share/3"
        result $? "$name, share $share"
    done
    # shellcheck disable=SC2086 # a list of options
    run "$program" $options --out "$fresh/shares" --merge
    result $? "$name: merge"
    like_one shares "$name in 3 shares"
    ways=shard
    [ "$name" != highres ] || ways="shard fit"
    [ -n "$launcher" ] || ways=
    for way in $ways; do
        for count in 1 2 3 4; do
            # shellcheck disable=SC2086 # a command and a list of options
            run $launcher -n "$count" "$program" $options \
                --out "$fresh/$way$count" --threads 1 --ranks "$way"
            result $? "$name over $count ranks, --ranks $way"
            like_one "$way$count" "$name over $count ranks, --ranks $way"
        done
        rm -rf "$fresh/killed"
        killed "$way" "$seconds"
    done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
