#!/bin/sh
# bench.sh BUILD_DIR OPTION...: throughput, memory and scaling of this machine.
set -eu
program=$1/experiments/throughput
shift
if [ ! -x "$program" ]; then
    echo "make bench: $program is not among the programs built here" >&2
    exit 1
fi
"$program" "$@"
