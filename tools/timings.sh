#!/bin/sh
# timings.sh RESULTS PAGE: how long the programs of a run took, the longest first,
# between the marks of PAGE.  Experiments run one after another on all processors,
# proofs side by side on one each; a run that was resumed says too little, and is
# refused.
set -eu
[ $# -eq 2 ] || {
    echo "timings.sh: $# arguments found; expected: RESULTS PAGE" >&2
    exit 2
}
results=$1 page=$2
begin='<!-- timings -->' end='<!-- end of timings -->'
[ -n "$(find "$results/timings" -name '*.csv' 2>&-)" ] || {
    echo "timings.sh: $results/timings: no times; expected: those of make experiments" >&2
    exit 2
}
[ "$(grep -xF -e "$begin" -e "$end" "$page")" = "$begin
$end" ] || {
    echo "timings.sh: $page: expected: a line '$begin', and then '$end'" >&2
    exit 2
}
new=$page.$$.new
trap 'rm -f "$new" "$new.rows"' EXIT
# program, kind, profile, seconds, resumed, commit, processor
find "$results/timings" -name '*.csv' -exec sed -s -n 2p {} + |
    sort -t , -k 4,4nr -k 1,1 >"$new.rows"
awk -F , -v page="$page" '$5 != "no" || $3 != first && NR > 1 {
        print "timings.sh: " $1 ": profile " $3 ", resumed: " $5 \
            "; expected: one whole run, of one profile" >"/dev/stderr"
        exit 2
    }
    NR == 1 { first = $3 }' "$new.rows"
awk -v begin="$begin" -v end="$end" -v day="$(date -u -r "$results/timings" +%F)" \
    -v cores="$(nproc)" '
    FNR == NR {
        split($0, f, ",")
        match($0, /"[^"]*"/)
        processor = substr($0, RSTART + 1, RLENGTH - 2)
        profile = f[3]
        commit = f[6]
        if (f[2] == "experiment") {
            name[++n] = f[1]
            seconds[n] = f[4]
            all += f[4]
        } else {
            proofs++
            proved += f[4]
            if (proofs <= 3)
                longest = longest (proofs > 1 ? ", " : "") f[1] " " f[4]
        }
        next
    }
    $0 == begin {
        print
        printf "\nProfile %s, %s, %d processors, %s, commit %s:\n\n", profile,
            processor, cores, day, commit
        print "| program | seconds | share |"
        print "|---|---|---|"
        for (k = 1; k <= n; k++)
            printf "| %s | %.1f | %.0f %% |\n", name[k], seconds[k],
                100 * seconds[k] / all
        printf "| all experiments | %.1f | |\n\n", all
        if (proofs)
            printf "%d proofs take %.1f seconds of a processor (%s).\n\n",
                proofs, proved, longest
        inside = 1
    }
    $0 == end { inside = 0 }
    !inside && $0 != begin' "$new.rows" "$page" >"$new"
mv "$new" "$page"
