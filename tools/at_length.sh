#!/bin/bash
# at_length.sh BUILD TABLES: how often the audit accuses correct flows and tells
# mistakes, over some twenty thousand of them, into the folder TABLES.
#
# The seed follows from the program's bytes, so that whoever changes it draws
# other flows and nobody chooses them.  A run that was stopped goes on.
set -eu
export LC_ALL=C # no decimal commas
build=$1 tables=$2
program=$build/experiments/audit
digest=$(sha256sum <"$program")
folder=$build/calibration/audit-${digest:0:12}
"$program" --at-length --seed $((16#${digest:0:8})) --threads 0 --resume \
    --out "$folder"
mkdir -p "$tables"
commit=$(git describe --always --dirty 2>&- || echo unknown)
for table in audit-correct audit-confusion; do
    {
        echo "# commit: $commit"
        echo "# machine: $(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
        cat "$folder/$table.csv"
    } >"$tables/$table.csv.new"
    mv "$tables/$table.csv.new" "$tables/$table.csv"
done
