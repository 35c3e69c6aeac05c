#!/bin/sh
# shares.sh N PROGRAM OPTION...: an experiment as N processes of this machine,
# each with a share of the grid, and then its tables and verdicts.
#
# Processors are divided among them.  A signal that stops a run stops them all,
# and the same command with --resume goes on.
set -eu
shares=$1 program=$2
shift 2
each=$(($(getconf _NPROCESSORS_ONLN) / shares))
[ "$each" -gt 0 ] || each=1
said=$(mktemp -d)
running=
trap 'rm -rf "$said"' EXIT
trap 'exit 1' HUP INT
# shellcheck disable=SC2086 # a list of numbers
trap 'kill -USR1 $running' TERM USR1

share=0
while [ "$share" -lt "$shares" ]; do
    share=$((share + 1))
    "$program" "$@" --threads "$each" --shard "$share/$shares" --quiet \
        >"$said/$share" &
    running="$running $!"
done
failed=0
for process in $running; do
    # A trap interrupts wait, and not the process.
    while kill -0 "$process" 2>"$said/gone"; do
        wait "$process" || :
    done
    wait "$process" || failed=$?
done
[ "$failed" -eq 0 ] || exit "$failed"
if grep -h ': stopped by ' "$said"/[0-9]* >"$said/stopped"; then
    head -n 1 "$said/stopped"
    exit
fi
"$program" "$@" --merge
