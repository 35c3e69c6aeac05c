#!/bin/sh
# certify.sh BUILD_DIR: intervals of jacflow certify hold what is known, get
# narrower, and do not depend on threads; bad input.
set -u
certify=$1/tools/certify
flow=data/trained/uniform-1.theta
other=data/trained/uniform-2.theta
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "certify: failed: $2" >&2
        cat "$fresh"/said "$fresh"/stderr >&2
    fi
}

run() { # STATUS ARGUMENT...
    wanted=$1
    shift
    "$certify" "$@" >"$fresh/said" 2>"$fresh/stderr"
    [ $? -eq "$wanted" ]
    result $? "$*"
}

# holds FLOW QUANTITY LOW HIGH: the interval lies in [LOW, HIGH] and is one.
holds() {
    awk -F, -v f="$1" -v q="$2" -v a="$3" -v b="$4" '
        $1 == f && $2 == q && a <= $3 && $3 <= $4 && $4 <= b { found = 1 }
        END { exit !found }' "$fresh/said"
    result $? "$1 $2 within $3 and $4"
}

refused() { # WORDS ARGUMENT...
    words=$1
    shift
    run 2 "$@"
    [ "$(wc -l <"$fresh/stderr")" -eq 1 ] && [ ! -s "$fresh/said" ] &&
        grep -qF -e "$words" "$fresh/stderr"
    result $? "$words"
}

run 0 "$flow" --flow2 "$other" --box -1,1,-1,1 --boxes 8 --threads 1
holds first gap 0.0395 0.0408
holds second gap 0.0629 0.0648
holds first mass 0.9779 0.9794
holds first least_log_det 0.2 0.48
holds first largest_log_det 4 4.4
holds first lipschitz 0 120
holds both p_apart 0.2 0.5
cp "$fresh/said" "$fresh/one"
# As many parts, which are done sooner.
for threads in 1 2; do
    run 0 --flow "$flow" --flow2 "$other" --box -0.75,0.75,-0.75,0.75 \
        --boxes 8 --threads "$threads"
    cp "$fresh/said" "$fresh/threads$threads"
done
cmp -s "$fresh/threads1" "$fresh/threads2" && [ -s "$fresh/threads1" ]
result $? "threads change the bytes"
# Smaller parts: within what larger ones give; a fifth of the width at least.
run 0 "$flow" --box -1,1,-1,1 --boxes 16
awk -F, 'FNR == 1 { file++ }
    file == 1 { low[$1 $2] = $3; high[$1 $2] = $4; next }
    $2 ~ /gap|mass|log/ {
        n++; w = high[$1 $2] - low[$1 $2]
        bad += $3 < low[$1 $2] - 1e-15 || $4 > high[$1 $2] + 1e-15
        bad += $2 ~ /gap|mass|mean/ && $4 - $3 > w / 5 }
    END { exit n != 5 || bad }' "$fresh/one" "$fresh/said"
result $? "nested"
run 0 "$flow" --box -0.5,0.5,-0.5,0.5 --boxes 8 --density normal
holds first gap 1.3565 1.3568
run 0 "$flow" --box -0.5,0.5,-0.5,0.5 --boxes 4 --tolerance 1e-3
holds first mass 0.2 0.3
printf '# two\n0.5, -0.25\n1 1\n' >"$fresh/points"
run 0 "$flow" --points "$fresh/points"
holds first log_det_1 0.5290464205 0.5290464206
holds first log_q_2 -2.5862223248 -2.5862223247

awk 'BEGIN { for (i = 0; i < 64; i++) printf "%g ", (i % 7 - 3) / 8 }' \
    >"$fresh/picture"
run 0 data/trained/texture-1.theta --points "$fresh/picture"
holds first log_det_1 54.066126771 54.066126772
holds first log_q_1 -70.174084529 -70.174084528
refused "2 expected for --box" data/trained/texture-1.theta --box 0,1,0,1

# A row that cannot be read is refused before any row is written.
printf '1 1\n1 x\n' >"$fresh/bad"
refused "bad:2: 2 numbers expected" "$flow" --points "$fresh/bad"
for line in '1,,2' ',1,2' '1' '1 2 3' '1,2,'; do
    printf '# one\n\n1 1\n%s\n' "$line" >"$fresh/bad"
    refused "bad:4: 2 numbers expected" "$flow" --points "$fresh/bad"
done
printf '# none\n' >"$fresh/bad"
refused "bad: no rows found" "$flow" --points "$fresh/bad"
printf '1 ,\t1\r\n \t\r\n' >"$fresh/good"
run 0 "$flow" --points "$fresh/good"
holds first log_q_1 -2.5862223248 -2.5862223247
refused "without --flow2" "$flow" --box 0,1,0,1 --apart 0.5
refused "File too large" "$flow" --points /dev/zero

refused "--box or --points" "$flow"
refused "a parameter file" --box 0,1,0,1
refused "4 numbers" "$flow" --box 0,1,0
refused "4 numbers" "$flow" --box 0,1,0,nan
refused "a < b" "$flow" --box 1,0,0,1
refused "power of 2" "$flow" --box 0,1,0,1 --boxes 12
refused "uniform or normal" "$flow" --box 0,1,0,1 --density cauchy
refused "a positive number" "$flow" --box 0,1,0,1 --tolerance 0
refused "not a parameter file" data/iris.csv --box 0,1,0,1
refused "cannot be opened" "$fresh/none" --box 0,1,0,1
refused "no such option" "$flow" --profile quick
head -c 100 "$flow" >"$fresh/short.theta"
refused "not as many" "$fresh/short.theta" --box 0,1,0,1

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
