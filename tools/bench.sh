#!/bin/sh
# bench.sh BUILD_DIR OPTION...: throughput, memory and scaling of this machine,
# against PyTorch where there is a Python to run it.
set -eu
program=$1/experiments/throughput
shift
for needed in "$program" "${program}_double"; do
    if [ ! -x "$needed" ]; then
        echo "make bench: $needed is not among the programs built here" >&2
        exit 1
    fi
done
if command -v python3 >/dev/null; then
    set -- --peers "$(dirname "$0")/peers.py" "$@"
else
    echo "make bench: no python3: PyTorch's rows are left out" >&2
fi
exec "$program" "$@"
