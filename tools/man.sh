#!/bin/sh
# man.sh BUILD_DIR: a manual page of every program, BUILD_DIR/man/NAME.1, from
# its --help.
set -eu
build=$1
if ! command -v help2man >"$build/help2man"; then
    echo "make man: help2man is not installed; no manual pages are made"
    exit 0
fi
mkdir -p "$build/man"
count=0
for program in $(find "$build/experiments" "$build/proofs-check" -maxdepth 1 \
    -type f -perm -u+x | sort); do
    name=${program##*/}
    about=$("$program" --help | sed -n 2p)
    help2man --no-info --section 1 --source jacflow --name "${about%.}" \
        --output "$build/man/$name.1" "$program"
    count=$((count + 1))
done
echo "$count manual pages in $build/man"
