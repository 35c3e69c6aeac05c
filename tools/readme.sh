#!/bin/sh
# readme.sh [--check] REPORT README.md DIR: put the table of claims, as REPORT
# --readme DIR prints it of the rows in DIR, between the marks <!-- claims -->
# and <!-- /claims -->; or only say whether it stands there.
set -eu
check=
if [ "$1" = --check ]; then
    check=yes
    shift
fi
report=$1 file=$2 dir=$3
for mark in '<!-- claims -->' '<!-- /claims -->'; do
    [ "$(grep -cxF "$mark" "$file")" -eq 1 ] || {
        echo "$file: one line $mark expected" >&2
        exit 1
    }
done
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
{
    sed '/^<!-- claims -->$/q' "$file"
    "$report" --readme "$dir"
    sed -n '/^<!-- \/claims -->$/,$p' "$file"
} >"$fresh"
if [ -n "$check" ]; then
    cmp -s "$fresh" "$file"
elif ! cmp -s "$fresh" "$file"; then
    cat "$fresh" >"$file"
fi
