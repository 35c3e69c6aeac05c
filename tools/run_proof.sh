#!/bin/sh
# run_proof.sh PROGRAM STAMP OPTION...: run, then write its status to the stamp.
#
# Log, time and line are those of run_experiment.sh.  Status 1 is a statement
# refuted or undecided: a row among the verdicts, which stops nothing here.
# Anything else but 0 is a program that failed.
set -eu
# shellcheck source=tools/one_line.sh
. "${0%/*}/one_line.sh"
program=$1 stamp=$2
shift 2
name=${program##*/}
folder=${stamp%/*}
resumed=no

mkdir -p "$folder"
rm -f "$folder/.$name-quick.proof" "$folder/.$name-default.proof" \
    "$folder/.$name-full.proof"
status=0
one_line proof "$program" "$@" || status=$?
[ "$status" -le 1 ] || exit "$status"
echo "$status" >"$stamp.$$.new"
mv "$stamp.$$.new" "$stamp"
