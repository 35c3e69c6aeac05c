#!/bin/sh
# run_experiment.sh PROGRAM STAMP OPTION...: run, then touch the stamp.
# SHARDS=N: as so many processes.
#
# Its summary goes to logs/NAME.log beside the stamp, its time to
# timings/NAME.csv, and one line with both and its verdicts to the terminal.
# The tables hold one profile at a time, so stamps of the program's other
# profiles go.  Points kept from a run of an older program or of other data go
# too.
set -eu
# shellcheck source=tools/one_line.sh
. "${0%/*}/one_line.sh"
program=$1 stamp=$2
shift 2
name=${program##*/}
folder=${stamp%/*}
resumed=no

mkdir -p "$folder"
rm -f "$folder/.$name-quick.stamp" "$folder/.$name-default.stamp" \
    "$folder/.$name-full.stamp"
for kept in "$folder/$name.csv".*partial "$folder/$name"-*.csv.*partial; do
    case "$* " in *" --merge "*) break ;; esac # refuses them itself
    [ -f "$kept" ] || continue
    if [ -n "$(find "$program" data -newer "$kept")" ]; then
        rm -f "$kept"
    else
        resumed=yes
    fi
done
if [ "${SHARDS:-1}" -gt 1 ]; then
    set -- "${0%/*}/shares.sh" "$SHARDS" "$program" "$@"
else
    set -- "$program" "$@"
fi
one_line experiment "$@" || exit $?
case $(tail -n 1 "$folder/logs/$name.log") in
*': stopped by '*)
    tail -n 1 "$folder/logs/$name.log" >&2
    exit 1
    ;;
esac
touch "$stamp"
