#!/bin/sh
# endurance.sh BUILD_DIR: the largest stable rates are those of the runs beside
# them; a run that is stopped and goes on ends with the same bytes; what cannot
# be asked is refused.
set -u
build=$1
program=$build/experiments/endurance
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "endurance: failed: $2" >&2
    fi
}

refuses() { # WORDS OPTION...
    words=$1
    shift
    "$program" "$@" --out "$fresh/none" >"$fresh/said" 2>&1
    [ $? -eq 2 ] && [ "$(wc -l <"$fresh/said")" -eq 1 ] &&
        grep -q -e "$words" "$fresh/said"
    result $? "$*: not refused by one line: $(cat "$fresh/said")"
}

# Of the runs of the greatest length, by recipe: the least rate at which one of
# the judged sets of a run diverged, and the largest below it.
edges() { # RUNS
    awk -F, '/^#/ { next } !n { n = NF; for (i = 1; i <= n; i++) is[$i] = i; next }
        $is["image_set"] != "elephants" {
            r = $is["principle_set"]; rate = $is["rate"] + 0
            all[r]; tried[r, rate]; bad[r, rate] += $is["diverged"] }
        END { for (r in all) { high[r] = "inf"; low = 0
            for (k in tried) { split(k, part, SUBSEP); rate = part[2] + 0
                if (part[1] == r && bad[k] && (high[r] == "inf" || rate < high[r]))
                    high[r] = rate }
            for (k in tried) { split(k, part, SUBSEP); rate = part[2] + 0
                if (part[1] == r && (high[r] == "inf" || rate < high[r]) && rate > low)
                    low = rate }
            print r "," low "," high[r] } }' "$1" | sort
}

told() { # RATES
    awk -F, '/^#/ || $1 == "size" { next } { low[$2] = $4; high[$2] = $5 }
        END { for (r in low) print r "," low[r] "," high[r] }' "$1" | sort
}

# Bits of the gap between both sides: at most sqrt 2, or no side is known.
is_narrow() { # RATES
    told "$1" | awk -F, '$2 > 0 && $3 != "inf" && $3 / $2 > 1.42 { wide = 1 }
        END { exit wide }'
}

refuses 'follow from one another' --shard 1/2
refuses 'multiple of 8' --size 12
refuses 'one of them is expected' --edge --save "$fresh/theta"

# Without photographs every table says so.
PHOTOGRAPHS=no "$program" --edge --profile quick --out "$fresh/no" \
    >"$fresh/log" 2>&1
result $? "PHOTOGRAPHS=no: $(tail -n 1 "$fresh/log")"
for table in "$fresh"/no/endurance-edge*.csv; do
    grep -q '^# not run: no photographs' "$table"
    result $? "$table does not say that there are no photographs"
done
[ "$(PHOTOGRAPHS='' tools/photographs.sh)" = all ] || {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
}

run() { # FOLDER OPTION...
    folder=$1
    shift
    "$program" "$@" --size 16 --profile quick --out "$fresh/$folder" \
        >"$fresh/log" 2>&1
}

run edge --edge
result $? "--edge: $(tail -n 1 "$fresh/log")"
rates=$fresh/edge/endurance-edge-rates.csv
runs=$fresh/edge/endurance-edge-runs.csv
[ "$(told "$rates")" = "$(edges "$runs")" ]
result $? "rates are not those of the runs"
[ "$(told "$rates" | wc -l)" -eq 4 ]
result $? "four recipes expected"
is_narrow "$rates"
result $? "an edge between rates further apart than a factor of sqrt 2"
[ "$(grep -c ' steps: stable at ' "$fresh/log")" -eq 20 ]
result $? "twenty edges expected on stdout"

# Planted: a run more that diverged; an edge that was not searched to its end.
awk -F, -v OFS=, '/^nature,.*,plain,/ && !done { $7 = 1 - $7; done = 1 } { print }' \
    "$runs" >"$fresh/changed.csv"
[ "$(told "$rates")" != "$(edges "$fresh/changed.csv")" ]
result $? "planted: another verdict of a run is not seen"
sed 's/^\(16,plain,5,\)[^,]*,[^,]*/\10.001,0.004/' "$rates" >"$fresh/wide.csv"
! is_narrow "$fresh/wide.csv"
result $? "planted: a wide edge is not seen"

# Times and memory differ between any two runs.
same() { # FOLDER FOLDER
    for table in endurance endurance-runs endurance-levels endurance-stretch \
        endurance-codecs; do
        for k in "$1" "$2"; do
            awk -F, -v OFS=, 'FNR > 1 && table == "endurance" && NF > 11 {
                $10 = ""; $11 = "" } { print }' table=$table \
                "$fresh/$k/$table.csv" >"$fresh/$k.text"
        done
        cmp -s "$fresh/$1.text" "$fresh/$2.text" || return 1
    done
}

run whole --threads 2
result $? "the long run: $(tail -n 1 "$fresh/log")"
[ "$(grep -c ', seed [12], 24 steps: ' "$fresh/log")" -eq 6 ]
result $? "the end of two seeds on three sets expected"
run stopped --threads 1 --max-hours 1e-5
[ ! -f "$fresh/stopped/endurance.csv" ]
result $? "a run that was to stop is whole"
for _ in 1 2 3 4; do # pieces, wherever they end
    run stopped --threads 1 --resume --max-hours 2e-4
done
run stopped --threads 1 --resume
result $? "--resume: $(tail -n 1 "$fresh/log")"
same whole stopped
result $? "resumed, by another number of threads: other bytes"
sed -i 's/^\(16,spectrum,1,[^,]*,24,\)/\19/' "$fresh/stopped/endurance-stretch.csv"
! same whole stopped
result $? "planted: another digit is not seen"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
