#!/bin/sh
# certified.sh PROGRAM TABLE: the table of a proof in its full profile, with the
# commit and the machine that made it.
set -eu
program=$1 table=$2
name=${table##*/}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

commit=$(git describe --always --dirty 2>&- || echo unknown)
"$program" --profile full --out "$folder"
{
    echo "# commit: $commit"
    echo "# machine: $(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
    cat "$folder/$name"
} >"$folder/whole"
mkdir -p "${table%/*}"
mv "$folder/whole" "$table"
