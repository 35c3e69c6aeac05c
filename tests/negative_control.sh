#!/bin/sh
# negative_control.sh [--keep DIR] PROGRAM: of perturbed statements none is
# decided as stated, and the program says so by status 1, not by a crash; of the
# true ones all are, each with the word of its kind.  --keep: the tables of those
# go to DIR as well.
set -u
keep=
[ "$1" != --keep ] || { keep=$2 && shift 2; }
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "negative_control.sh: ${program##*/}: $2" >&2
    fi
}

program=$1
rows=$folder/verdicts/${program##*/}.csv
stated=',(certified|certified example|measured),[^,]*$'
words='^"[^"]*","(theorem".*,certified|example".*,certified example'
words="$words|measurement\".*,measured),[^,]*\$"

"$program" --quiet --profile quick --out "$folder" >/dev/null
result $? "true statements: status"
! grep -q -E ',(refuted|undecided),' "$rows"
result $? "a true statement is not decided as stated"
grep -q -E "$stated" "$rows"
result $? "no statement"
! grep -E "$stated" "$rows" | grep -v -q -E "$words"
result $? "a verdict that is not the word of its kind"
[ -z "$keep" ] || { mkdir -p "$keep" && cp -R "$folder/." "$keep"; }
result $? "nothing is kept"

"$program" --quiet --profile quick --out "$folder" --negative-control >/dev/null
[ $? -eq 1 ]
result $? "perturbed statements: status is not 1"
! grep -q -E "$stated" "$rows"
result $? "a perturbed statement is decided as stated"
grep -q -E ',(refuted|undecided),' "$rows"
result $? "no perturbed statement"

"$program" --no-such-option >/dev/null 2>"$folder/stderr"
[ $? -eq 2 ] && [ "$(wc -l <"$folder/stderr")" -eq 1 ]
result $? "an unknown option"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
