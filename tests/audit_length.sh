#!/bin/sh
# audit_length.sh PROGRAM: the audit judged at length, in the small: some hundred
# correct flows of five families and as many with a mistake of each kind.
set -u
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

result() { # OK WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "audit_length.sh: failed: $2" >&2
        cat "$folder/stdout" "$folder/stderr" >&2
    fi
}

# The sum of a column over the rows of a table for which an awk condition on
# named columns holds.
sum() { # TABLE COLUMN [CONDITION]
    awk -F, -v name="$2" '
        /^#/ { next }
        !head++ { for (i = 1; i <= NF; i++) at[$i] = i; next }
        '"${3-1}"' { total += $at[name] }
        END { print total + 0 }' "$folder/out/audit-$1.csv"
}

"$program" --at-length --profile quick --out "$folder/out" \
    >"$folder/stdout" 2>"$folder/stderr"
result $? "it runs"
grep -q ' 0 refuted, 0 undecided' "$folder/stdout"
result $? "every row is verified"
[ "$(sum correct flows)" -ge 100 ] && [ "$(sum correct alarms)" -eq 0 ]
result $? "no correct flow is accused"
[ "$(sum correct design_alarms)" -eq 0 ] &&
    [ "$(sum correct told)" -eq "$(sum correct designs)" ]
result $? "designs accuse none and tell all"
[ "$(sum correct open)" -gt 0 ] # the control: some show too little
result $? "some flows are open to neighbours"
[ "$(sum confusion count '$at["planted"] == "none"')" -gt 0 ] &&
    [ "$(sum confusion count '$at["planted"] == "none" && $at["told"] != "none"')" -eq 0 ]
result $? "nothing is told of correct flows"
all=$(sum confusion count '$at["planted"] != "none"')
told=$(sum confusion count '$at["planted"] != "none" && $at["told"] == $at["planted"]')
[ "$all" -gt 200 ] && [ $((100 * told)) -ge $((95 * all)) ]
result $? "mistakes are told by name ($told of $all)"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
