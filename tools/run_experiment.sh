#!/bin/sh
# run_experiment.sh PROGRAM STAMP OPTION...: run, then touch the stamp.
#
# The tables hold one profile at a time, so stamps of the program's other
# profiles go.  Points kept from a run of an older program or of other data go
# too.
set -eu
program=$1 stamp=$2
shift 2
name=${program##*/}
folder=${stamp%/*}

mkdir -p "$folder"
rm -f "$folder/.$name-quick.stamp" "$folder/.$name-default.stamp" \
    "$folder/.$name-full.stamp"
for kept in "$folder/$name.csv.partial" "$folder/$name"-*.csv.partial; do
    if [ -f "$kept" ] && [ -n "$(find "$program" data -newer "$kept")" ]; then
        rm -f "$kept"
    fi
done
"$program" "$@"
touch "$stamp"
