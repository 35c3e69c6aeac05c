#!/bin/sh
# bench_columns.sh DIR: into DIR the tables that make bench alone makes, without
# rows: their names and columns, as the program's source has them.
set -eu
dir=$1
cat experiments/throughput/*.c | tr -d '\n' | sed 's/"[[:blank:]]*"//g' |
    grep -oE '"(scaling|throughput)[a-z-]*",[[:blank:]]*"[a-z0-9_,]+,[a-z0-9_]+"' |
    tr -d '" \t' | while IFS=, read -r name columns; do
    printf '# program: throughput\n%s\n' "$columns" >"$dir/$name.csv"
done
