#!/bin/sh
# nights.sh TABLE PAGE: what the nights of TABLE (tests/nightly.sh) have tried,
# summed by part, between the marks of PAGE; the page stays where it has none.  The
# seconds without a new edge add up over nights that had none in all their time.
set -eu
[ $# -eq 2 ] || {
    echo "nights.sh: $# arguments found; expected: TABLE PAGE" >&2
    exit 2
}
table=$1 page=$2
# to awk a name with = in it would be a variable
case $table in */*) ;; *) table=./$table ;; esac
case $page in */*) ;; *) page=./$page ;; esac
begin='<!-- nights -->' end='<!-- end of nights -->'
[ -s "$table" ] || {
    echo "nights.sh: $table: no such table; expected: one of make nightly" >&2
    exit 2
}
[ "$(grep -xF -e "$begin" -e "$end" "$page")" = "$begin
$end" ] || {
    echo "nights.sh: $page: expected: a line '$begin', and then '$end'" >&2
    exit 2
}
new=$page.$$.new
trap 'rm -f "$new"' EXIT
awk -v begin="$begin" -v end="$end" '
    FNR == NR {
        if (FNR == 1)
            next
        match($0, /"[^"]*"/)
        what = substr($0, RSTART + 1, RLENGTH - 2)
        split(substr($0, RSTART + RLENGTH + 1), rest, ",")
        split($0, first, ",")
        part = first[2]
        if (!(part in nights))
            order[++parts] = part
        # of a target: inputs, and the edges of the last night
        if (match(what, /none new for [0-9]+/)) {
            still = substr(what, RSTART + 13, RLENGTH - 13) + 0
            quiet[part] = still + (still + 3 >= rest[3] ? quiet[part] : 0)
            sub(/none new for [0-9]+/, "none new for " quiet[part], what)
        }
        said[part] = what
        nights[part]++
        tried[part] += rest[1]
        lost[part] += rest[2]
        seconds[part] += rest[3]
        commit[part] = rest[4]
        next
    }
    $0 == begin {
        print
        print ""
        print "| part | what | nights | tried | lost | hours | last commit |"
        print "|---|---|---|---|---|---|---|"
        for (k = 1; k <= parts; k++) {
            p = order[k]
            printf "| %s | %s | %d | %.0f | %.0f | %.2f | %s |\n", p, said[p],
                nights[p], tried[p], lost[p], seconds[p] / 3600, commit[p]
        }
        print ""
        inside = 1
    }
    $0 == end { inside = 0 }
    !inside && $0 != begin' "$table" "$page" >"$new"
mv "$new" "$page"
