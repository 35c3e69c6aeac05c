#!/bin/sh
# photographs.sh: of the photographs of data/photographs.csv "all" are there,
# "no" are to be used (PHOTOGRAPHS=no), or some are "missing" of the packages
# that follow; a file of another size is another picture.
set -eu
case ${PHOTOGRAPHS-} in
'' | yes) ;;
no)
    echo no
    exit
    ;;
*)
    echo "PHOTOGRAPHS=$PHOTOGRAPHS: expected yes or no" >&2
    exit 2
    ;;
esac
list=${0%/*}/../data/photographs.csv
missing=$(tail -n +2 "$list" | cut -d , -f 3,4,7 |
    while IFS=, read -r path package bytes; do
        [ -f "$path" ] && [ "$(wc -c <"$path")" -eq "$bytes" ] ||
            echo "$package"
    done | sort -u)
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 # a list of words
    echo missing $missing
else
    echo all
fi
