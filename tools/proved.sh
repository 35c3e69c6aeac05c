#!/bin/sh
# proved.sh STAMP...: is every proof program's status 0?
set -u
failed=0
for stamp in "$@"; do
    if [ "$(cat "$stamp")" != 0 ]; then
        name=${stamp##*/.}
        echo "${name%-*}: not every statement is decided as stated" >&2
        failed=1
    fi
done
exit "$failed"
