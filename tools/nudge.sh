#!/bin/sh
# nudge.sh [SEEDS]: are the tolerances that results/reference/tolerances.csv
# calls nudged three times what a nudge changes?
#
# Builds the programs with starts that move by rounding
# (experiments/common/nudge.c) and runs the quick profile without a nudge and
# with seeds 1 to SEEDS, 6.  Of each nudged line it prints the largest part of
# the tolerance that a cell uses: a third on the core that the reference is of,
# where three times the change, rounded up to one digit, is the tolerance.
# Status 1: one leaves its tolerance.
set -eu
export LC_ALL=C # no decimal commas
cd "$(dirname "$0")/.."
seeds=${1:-6}
case $seeds in
'' | *[!0-9]* | 0)
    echo "nudge.sh: $seeds: a number of seeds expected" >&2
    exit 2
    ;;
esac
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

programs="audit highres lipschitz lipschitz_single optimum principles stability
    stability_single uniqueness volume"
meson setup -Dnudge=true "$fresh/build" >"$fresh/log"
# shellcheck disable=SC2046,SC2086
ninja -C "$fresh/build" tools/compare $(printf 'experiments/%s ' $programs) \
    >"$fresh/log" || {
    tail "$fresh/log" >&2
    exit 1
}
for seed in $(seq 0 "$seeds"); do
    for program in $programs; do
        NUDGE=$seed "$fresh/build/experiments/$program" --profile quick \
            --out "$fresh/$seed" --quiet >"$fresh/log"
    done
done
cp results/reference/tolerances.csv "$fresh/0"
for seed in $(seq 1 "$seeds"); do
    "$fresh/build/tools/compare" --shares "$fresh/0" "$fresh/$seed" ||
        [ $? -eq 1 ]
done >"$fresh/shares"
awk -F, '
    NF == 8 && $8 == "nudged" {
        line = $3 "," $4 "," $5 "," $6 "," $7
        if (!(line in most)) {
            most[line] = -1
            lines[++n] = line
        }
        if ($1 == "inf" || $1 + 0 > most[line])
            most[line] = $1 == "inf" ? 1e300 : $1 + 0
    }
    END {
        for (i = 1; i <= n; i++) {
            printf "%.2g %s\n", most[lines[i]], lines[i]
            third += most[lines[i]] > 0.335
            bad += most[lines[i]] > 1
        }
        printf "%d nudged tolerances: of %d more than a third is used, %d " \
            "do not hold\n", n, third, bad
        exit bad > 0 || n == 0
    }' "$fresh/shares"
