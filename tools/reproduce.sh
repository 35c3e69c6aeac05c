#!/bin/sh
# reproduce.sh BUILD CLAIM [TABLE.md]: run afresh, in the quick profile, the
# programs that docs/reproduce.md names for the claim; print its rows, and
# compare what they wrote with the reference tables.
set -eu
build=$1 claim=$2 list=${3:-docs/reproduce.md}
programs=$(awk -F ' [|] ' -v claim="$claim" '
    $1 == "| " claim { print $3 }' "$list")
if [ -z "$programs" ]; then
    echo "make reproduce: CLAIM=$claim: expected an id of $list, as C1.3" >&2
    exit 2
fi
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$fresh/reference" "$fresh/run"
for program in $programs; do
    if [ -x "$build/experiments/$program" ]; then
        tools/run_experiment.sh "$build/experiments/$program" \
            "$fresh/run/.$program-quick.stamp" --profile quick \
            --out "$fresh/run"
    else
        tools/run_proof.sh "$build/proofs-check/$program" \
            "$fresh/run/.$program-quick.proof" --profile quick \
            --out "$fresh/run"
    fi
done
"$build/tools/verdicts" --claim "$claim" "$fresh/run"
cp results/reference/tolerances.csv "$fresh/reference"
compared=
for table in results/reference/*.csv; do
    name=${table##*/}
    if [ -f "$fresh/run/$name" ]; then
        cp "$table" "$fresh/reference"
        compared=yes
    fi
done
case $build in
/*) ;;
*) build=$PWD/$build ;;
esac
[ -z "$compared" ] || (cd "$fresh" && "$build/tools/compare" reference run)
