#!/bin/sh
# bench.sh BUILD_DIR OPTION...: throughput, memory and scaling of this machine.
# With PEERS=yes in the environment also of PyTorch and JAX, in environments
# below BUILD_DIR/peers that are made once (hundreds of megabytes).
set -eu
build=$1
program=$build/experiments/throughput
shift
for needed in "$program" "${program}_double"; do
    if [ ! -x "$needed" ]; then
        echo "make bench: $needed is not among the programs built here" >&2
        exit 1
    fi
done
case ${PEERS-} in
'') ;;
yes)
    start=$(dirname "$0")/peers/bench/start.py
    mkdir -p "$build/peers"
    export PEERS="$build/peers/env"
    python3 "$start" --environments
    set -- --peers "$start" "$@"
    ;;
*)
    echo "make bench: PEERS=$PEERS: yes or nothing expected" >&2
    exit 1
    ;;
esac
exec "$program" "$@"
