#!/bin/sh
# index.sh VERDICTS: the check index of theory/theory.md against the rows of a
# run of all experiments and proofs, each way: a row has a line by its id; a
# line has rows of its id, says of which ids its rows are, or is of an id that has
# none (NO_ROWS in theory/claims.def) or parts; and a row of an experiment says
# which wrong formula it must catch.  Each rule sees a place where it is broken.
set -u
verdicts=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
export LC_ALL=C.UTF-8

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "index: failed: $2" >&2
        cat "$fresh/found" >&2
    fi
}

# id, kind and wrong formula of each row, tabs between.
rows() {
    cat "$1"/*.csv | awk '
        /^(#|id,)/ { next }
        { n = 0; field = ""; quoted = 0
          for (i = 1; i <= length($0) && n < 6; i++) {
              c = substr($0, i, 1)
              if (c == "\"") quoted = !quoted
              else if (c == "," && !quoted) { f[++n] = field; field = "" }
              else field = field c
          }
          print f[1] "\t" f[2] "\t" f[6] }'
}

# id and what is measured of each line, a tab between.
lines() {
    sed -n '/^## Check index/,/^## References/p' "$1" | sed 's/\\|/!/g' |
        awk -F ' [|] ?' '/^[|] [CD][0-9]?[.]?[0-9A-Z]/ {
            sub(/^[|] /, "", $1); print $1 "\t" $2 }'
}

# Rows without a line; lines without rows; rows that no formula breaks.
unlike() { # VERDICTS THEORY CLAIMS
    rows "$1" >"$fresh/rows"
    lines "$2" >"$fresh/lines"
    sed -n 's/^NO_ROWS("\([^"]*\)".*/\1/p' "$3" >"$fresh/none"
    awk -F '\t' '
        FILENAME ~ /rows$/ {
            has[$1]
            if ($2 ~ /^(identity|statistic|optimisation|wording)$/ &&
                $3 !~ /[^ ]/)
                print "no wrong formula: " $1
            next
        }
        FILENAME ~ /none$/ { none[$1]; next }
        { line[$1] = $2 }
        END {
            for (id in has) if (!(id in line)) print "no line: " id
            for (id in line) {
                ok = id in has || id in none
                if (line[id] == "the parts below")
                    for (part in has) ok = ok || index(part, id) == 1
                if (match(line[id], /rows of [CD][^:(]*/)) {
                    ids = substr(line[id], RSTART + 8, RLENGTH - 8)
                    count = split(ids, word, /[ ,]+/)
                    ok = 1
                    for (i = 1; i <= count; i++)
                        if (word[i] ~ /^[CD][0-9]+[.]/ && !(word[i] in has))
                            ok = 0
                }
                if (!ok) print "no rows: " id
            }
        }' "$fresh/rows" "$fresh/none" "$fresh/lines"
}

theory=theory/theory.md claims=theory/claims.def
[ "$(rows "$verdicts" | wc -l)" -gt 900 ] &&
    [ "$(lines $theory | wc -l)" -gt 90 ]
result $? "rows or lines are not read"
unlike "$verdicts" $theory $claims >"$fresh/found"
[ ! -s "$fresh/found" ]
result $? "the index and the rows differ"

catches() { # WHAT FILE SED_SCRIPT: broken where a copy of FILE is edited
    rm -rf "$fresh/copy"
    mkdir "$fresh/copy"
    cp $theory $claims "$fresh/copy"
    cp -R "$verdicts" "$fresh/copy/verdicts"
    # shellcheck disable=SC2086 # a pattern
    sed -i "$3" "$fresh/copy/"$2
    unlike "$fresh/copy/verdicts" "$fresh/copy/theory.md" \
        "$fresh/copy/claims.def" >"$fresh/found"
    grep -q -F "$1" "$fresh/found"
    result $? "'$1' is not seen"
}

catches 'no line: C5.1' theory.md '/^| C5\.1 |/d'
catches 'no rows: C5.99' theory.md '/^| C5\.1 |/{p;s/C5\.1/C5.99/;}'
catches 'no rows: C6.4' claims.def '/^NO_ROWS("C6\.4"/d'
catches 'no rows: C7.7b' theory.md 's/^| C7\.7b | rows of C7\.7/| C7.7b | rows of C7.99/'
catches 'no wrong formula: C2.4' 'verdicts/*.csv' \
    's/,a segment of general flows: from f to -f,/,,/'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
