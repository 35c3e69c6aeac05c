#!/bin/sh
# sweep.sh BUILD_DIR PROFILE DIR [EXPERIMENT...]: what a second thread does for
# whole experiments.
#
# Runs each with --threads 1 and with all, in turn, ROUNDS times (default 1),
# and writes the least times to DIR/scaling-threads.csv: ratio is that of the
# time to the one of one thread.
set -eu
export LC_ALL=C # no decimal commas
build=$1 profile=$2 out=$3
shift 3
[ $# -gt 0 ] || set -- uniqueness optimum stability
most=$(getconf _NPROCESSORS_ONLN)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

# seconds EXPERIMENT THREADS: of one run
seconds() {
    start=$(date +%s.%N)
    "$build/experiments/$1" --profile "$profile" --threads "$2" \
        --out "$fresh/out" --quiet >"$fresh/said" || {
        echo "sweep.sh: $1 --threads $2 failed" >&2
        exit 1
    }
    end=$(date +%s.%N)
    rm -rf "$fresh/out"
    echo "$1 $2 $(echo "$end $start" | awk '{ printf "%.3f", $1 - $2 }')"
}

round=0
while [ "$round" -lt "${ROUNDS:-1}" ]; do
    for name in "$@"; do
        for threads in 1 "$most"; do
            seconds "$name" "$threads" >>"$fresh/times"
        done
    done
    round=$((round + 1))
done
mkdir -p "$out"
{
    echo "# program: sweep.sh"
    echo "# options: --profile $profile"
    awk 'BEGIN { print "quantity,size,seconds,ratio,rounds" }
        { key = $1 " " $2; n[key]++
          if (n[key] == 1) order[++count] = key
          if (n[key] == 1 || $3 < least[key]) least[key] = $3 }
        END { for (k = 1; k <= count; k++) {
            split(order[k], part, " ")
            printf "%s,%d,%.3f,%.4f,%d\n", part[1], part[2], least[order[k]],
                least[order[k]] / least[part[1] " 1"], n[order[k]] } }' \
        "$fresh/times"
} >"$fresh/table"
mv "$fresh/table" "$out/scaling-threads.csv"
grep -v '^#' "$out/scaling-threads.csv"
