#!/bin/bash
# calibrate.sh BUILD SEEDS TABLE PROGRAM...: the quick profile over SEEDS seeds,
# then TABLE of how each verdict falls.
#
# The seeds follow from the programs' bytes, so that whoever changes a program
# draws new ones and nobody chooses them.  A seed that is done is not run
# again.  All processors are kept busy, one thread a seed.
set -eu
export LC_ALL=C # no decimal commas
build=$1 seeds=$2 table=$3
shift 3
case $seeds in
'' | *[!0-9]* | 0)
    echo "calibrate.sh: SEEDS='$seeds' found, a whole number expected" >&2
    exit 2
    ;;
esac
programs=("${@/#/$build/experiments/}")
digest=$(cat "${programs[@]}" | sha256sum)
first=$((16#${digest:0:8}))
folder=$build/calibration/${digest:0:12}
mkdir -p "$folder"
# What the table says of where it was made.
{
    echo "# commit: $(git describe --always --dirty 2>&- || echo unknown)"
    echo "# machine: $(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
    echo "# first seed: $first; profile quick"
    echo "# programs: $*"
} >"$folder/about"

one() { # SEED PROGRAM...
    local seed=$1 out=$folder/$1 program TIMEFORMAT='%U %S'
    shift
    [ ! -f "$out.done" ] || return 0
    rm -rf "$out" "$out.seconds"
    for program; do
        { time "$program" --profile quick --seed "$seed" --threads 1 \
            --out "$out" --quiet >"$folder/log.$seed" 2>&1; } \
            2>>"$out.seconds" || {
            cat "$folder/log.$seed" >&2
            return 1
        }
    done
    find "$out" -maxdepth 1 -type f -delete # the verdicts stay
    awk '{ s += $1 + $2 } END { print s }' <"$out.seconds" >"$out.new"
    mv "$out.new" "$out.done"
    rm "$folder/log.$seed" "$out.seconds"
    [ ! -t 2 ] ||
        printf '\r%s of %s seeds' "$(find "$folder" -name '*.done' | wc -l)" \
            "$seeds" >&2
}
export -f one
export folder
seq "$first" $((first + seeds - 1)) |
    xargs -P "$(nproc)" -I{} bash -c 'set -eu; one "$@"' one {} "${programs[@]}"
mkdir -p "$(dirname "$table")"
"$build/tools/calibration" "$folder" "$table"
