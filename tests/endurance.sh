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

# By recipe and length: the largest stable and the least unstable rate, of the
# runs and of what they noted on the way.  A run of the greatest length is stable
# if it did not diverge; of a shorter one it is if it came so far and each judged
# set was at 8 bits there or below, or at no more than it began with.
edges() { # RUNS STEPS RATES
    awk -F, '
        FNR == 1 { n = 0; file++ }
        /^#/ { next }
        !n { n = NF; for (i = 1; i <= n; i++) is[$i] = i; next }
        file == 1 { lengths[$is["steps"] + 0]; next }
        $is["image_set"] == "elephants" { next }
        { key = $is["principle_set"] SUBSEP $is["rate"] SUBSEP $is["seed"] }
        file == 2 { bits[key, $is["image_set"], $is["step"]] = $is["bits_per_dim"]
            next }
        {
            runs[key]; recipe[$is["principle_set"]]
            diverged[key] += $is["diverged"]; came[key] = $is["steps"] + 0
            first[key, $is["image_set"]] = $is["first_bits"]
            sets[key] = sets[key] " " $is["image_set"]
        }
        function lasts(key, l, greatest, name, k, m, b, most) {
            if (came[key] < l) return 0
            if (l == greatest) return !diverged[key]
            m = split(sets[key], name, " ")
            for (k = 1; k <= m; k++) {
                b = bits[key, name[k], l]
                most = first[key, name[k]] + 0
                if (b == "" || b ~ /nan/ || b + 0 > (most > 8 ? most : 8))
                    return 0
            }
            return 1
        }
        END {
            for (l in lengths) if (l + 0 > greatest) greatest = l + 0
            for (l in lengths) for (r in recipe) {
                split("", bad)
                for (key in runs) { split(key, part, SUBSEP)
                    if (part[1] == r) { bad[part[2]] += !lasts(key, l + 0, greatest) } }
                high = "inf"; low = 0
                for (rate in bad) if (bad[rate] && (high == "inf" || rate + 0 < high))
                    high = rate + 0
                for (rate in bad) if (!bad[rate] && (high == "inf" || rate + 0 < high) \
                        && rate + 0 > low) low = rate + 0
                print r "," l "," low "," high
            }
        }' "$3" "$2" "$1" | sort
}

told() { # RATES
    awk -F, '/^#/ || $1 == "size" { next } { print $2 "," $3 "," $4 "," $5 }' \
        "$1" | sort
}

# Both sides of the edge of the greatest length: a factor of sqrt 2 apart at most,
# or one is not known.
is_narrow() { # RATES
    awk -F, '/^#/ || $1 == "size" { next }
        { low[$2] = $4; high[$2] = $5 }
        END { for (r in low)
            if (low[r] > 0 && high[r] != "inf" && high[r] / low[r] > 1.42) wide = 1
            exit wide }' "$1"
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
steps=$fresh/edge/endurance-edge.csv
told "$rates" >"$fresh/told"
edges "$runs" "$steps" "$rates" >"$fresh/edges"
diff "$fresh/told" "$fresh/edges"
result $? "rates are not those of the runs"
[ "$(wc -l <"$fresh/told")" -eq 20 ]
result $? "four recipes of five lengths expected"
is_narrow "$rates"
result $? "an edge between rates further apart than a factor of sqrt 2"
[ "$(grep -c ' steps: stable at ' "$fresh/log")" -eq 20 ]
result $? "twenty edges expected on stdout"

# Planted: a run more that diverged; bits on the way that are no more what they
# were; an edge that was not searched to its end.
awk -F, -v OFS=, '/^nature,.*,plain,/ && !done { $7 = 1 - $7; done = 1 } { print }' \
    "$runs" >"$fresh/changed.csv"
edges "$fresh/changed.csv" "$steps" "$rates" >"$fresh/edges"
! cmp -s "$fresh/told" "$fresh/edges"
result $? "planted: another verdict of a run is not seen"
awk -F, -v OFS=, '$3 == "plain" && $5 == 2 && $12 <= 0.001 { $6 = 30 } { print }' \
    "$steps" >"$fresh/changed.csv"
edges "$runs" "$fresh/changed.csv" "$rates" >"$fresh/edges"
! cmp -s "$fresh/told" "$fresh/edges"
result $? "planted: other bits on the way are not seen"
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
