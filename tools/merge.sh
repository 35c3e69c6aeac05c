#!/bin/sh
# merge.sh BUILD_DIR DIR PROFILE: join the shares of experiments that DIR has
# into tables and verdicts.
set -eu
build=$1 out=$2 profile=$3
programs=$(find "$out" -maxdepth 1 -name '*.csv.*-of-*.partial' \
    -exec sed -n '1s/^# program: //p' {} \; | sort -u)
if [ -z "$programs" ]; then
    echo "merge.sh: $out: no share found, *.csv.I-of-N.partial expected" >&2
    exit 2
fi
status=0
for name in $programs; do
    "${0%/*}/run_experiment.sh" "$build/experiments/$name" \
        "$out/.$name-$profile.stamp" --profile "$profile" --out "$out" \
        --merge || status=$?
done
exit "$status"
