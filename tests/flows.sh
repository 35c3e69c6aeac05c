#!/bin/sh
# flows.sh BUILD_DIR: a flow of one's own by fit, logprob, audit --flow and
# sample; files of flows that programs write with --save; bad input.
set -u
build=$1
tools=$build/tools
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
none=$fresh/none
trap 'rm -rf "$fresh"' EXIT
flow=$fresh/flow.theta

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "flows: failed: $2" >&2
        cat "$fresh/said" "$fresh/stderr" >&2
    fi
}

run() { # STATUS COMMAND...
    wanted=$1
    shift
    "$@" >"$fresh/said" 2>"$fresh/stderr"
    [ $? -eq "$wanted" ]
    result $? "$*"
}

# refused WORDS COMMAND...: one line that has them, status 2, no flow written.
refused() {
    words=$1
    shift
    rm -f "$fresh/none"
    run 2 "$@"
    [ "$(wc -l <"$fresh/stderr")" -eq 1 ] && [ ! -e "$fresh/none" ] &&
        grep -qF -e "$words" "$fresh/stderr"
    result $? "$words"
}

said() { # WORDS
    grep -qF -e "$1" "$fresh/said"
    result $? "not said: $1"
}

rows() { # FILE COUNT COLUMNS
    awk -F, -v count="$2" -v columns="$3" '
        /^#/ { next }
        NF != columns { bad = 1 }
        { n++ }
        END { exit bad || n != count + 1 }' "$1"
    result $? "$1: $2 rows of $3 columns expected"
}

# A table of the user's own, with names and units.
awk 'BEGIN {
    srand(7)
    print "length,weight"
    for (i = 0; i < 3000; i++) {
        r = sqrt(-2 * log(1 - rand())); a = 6.283185307 * rand()
        u = r * cos(a); v = r * sin(a)
        printf "%.9g,%.9g\n", 100 + 5 * u, 3e-3 * (v + u * u)
    }
}' >"$fresh/mine.csv"

run 0 "$tools/fit" --data "$fresh/mine.csv" --save "$flow" --steps 1500
said "left out"
said "EIG: the best affine flow"
run 0 "$tools/logprob" --load "$flow" --data "$fresh/mine.csv" \
    --out "$fresh/rows.csv"
rows "$fresh/rows.csv" 3000 6
run 0 "$tools/logprob" --load "$flow" --data "$fresh/mine.csv" \
    --out "$fresh/brief.csv" --likelihoods
! grep -q bits "$fresh/said"
result $? "no bits of a table that is not of whole numbers"
cut -d , -f 1-2 "$fresh/rows.csv" | cmp -s - "$fresh/brief.csv"
result $? "the first two columns alone"
run 0 "$build/experiments/audit" --flow "$fresh/rows.csv" --out "$fresh/out"
said "Nothing is wrong with these numbers"
# The same by a design: differences of z decide.
run 0 "$build/experiments/audit" --design "$fresh/mine.csv" \
    --out "$fresh/points.csv"
run 0 "$tools/logprob" --load "$flow" --data "$fresh/points.csv" \
    --columns x1,x2 --out "$fresh/design.csv"
run 0 "$build/experiments/audit" --flow "$fresh/design.csv" --out "$fresh/out"
said "A design of 20"
# What float costs it: within the bound of each row, above its last term.
run 0 "$build/experiments/audit" --theta "$flow" --data "$fresh/mine.csv" \
    --out "$fresh/out"
said "its bound by activation gradients [nats]"
rows "$fresh/out/audit-rounding.csv" 3000 9
awk -F, '/^flow.theta/ {
        n++; bad += !($5 <= 1.05 * $6 + 1e-13); less += $5 > 1.05 * $7 + 1e-13 }
    END { exit n != 3000 || bad || less < 300 }' "$fresh/out/audit-rounding.csv"
result $? "errors of log q within their bounds"
run 0 "$tools/sample" --load "$flow" --n 2000 --seed 3 --out "$fresh/drawn.csv"
rows "$fresh/drawn.csv" 2000 2
# In the units of the table: mean 100, sd 5; mean .003, sd .003 sqrt(3).
awk -F, '/^[-0-9.]/ { n++; a += $1; aa += $1 * $1; b += $2; bb += $2 * $2 }
    END {
        a /= n; b /= n; s = sqrt(aa / n - a * a); t = sqrt(bb / n - b * b)
        exit !(a > 99 && a < 101 && s > 4.5 && s < 5.5 &&
            b > .0026 && b < .0034 && t > .0044 && t < .006)
    }' "$fresh/drawn.csv"
result $? "units of what is drawn"
cp "$fresh/drawn.csv" "$fresh/again.csv"
run 0 "$tools/sample" --load "$flow" --n 2000 --seed 3 --threads 1 \
    --out "$fresh/drawn.csv"
cmp -s "$fresh/drawn.csv" "$fresh/again.csv"
result $? "the same draws by one thread"

# The same flow by its text, which the file holds; another base; one column.
text=$(tail -c +37 "$flow" | tr '\0' '\n' | LC_ALL=C sed 's/[^ -~].*//;q')
run 0 "$tools/fit" --data "$fresh/mine.csv" --save "$fresh/text.theta" \
    --steps 1500 --flow "$text"
cmp -s "$flow" "$fresh/text.theta"
result $? "a flow by its text"
run 0 "$tools/fit" --data "$fresh/mine.csv" --save "$flow" --steps 20 \
    --base 'student(degrees=4)' --flow maf --held 0.5 --rate 1e-3
grep -aqF 'student(degrees=4)' "$flow"
result $? "the base in the file"
run 0 "$tools/fit" --data "$fresh/mine.csv" --columns weight --steps 50 \
    --save "$flow"
# Rows without a density: at the start of training, and of a flow that is there.
awk 'BEGIN { OFS = ","; srand(1); print "a,b"; for (i = 0; i < 60; i++)
    print 10 + rand(), rand() }' >"$fresh/box.csv"
refused 'rows have density 0, or none' "$tools/fit" --data "$fresh/box.csv" \
    --base 'uniform(a=0, b=1)' --save "$none"
refused 'outside of the map' "$tools/fit" \
    --data "$fresh/box.csv" --flow 'elementwise(d=2, map=logit())' --save "$none"
run 0 "$tools/fit" --data "$fresh/box.csv" --flow affine --steps 20 \
    --base 'uniform(a=-9, b=9)' --save "$fresh/box.theta"
printf 'a,b\n10.5,.5\n4000,0\n10.5,.5\n' >"$fresh/far.csv"
run 0 "$tools/logprob" --load "$fresh/box.theta" --data "$fresh/far.csv" \
    --out "$fresh/far-bits.csv"
grep -q '3 rows, 1 of density 0 (the first: row 2), mean log-likelihood -inf' \
    "$fresh/said" && ! grep -qi nan "$fresh/said"
result $? "a row of density 0 is counted"
refused 'row 2: its density' "$build/experiments/audit" \
    --theta "$fresh/box.theta" --data "$fresh/far.csv" --out "$fresh/out"
# Noise lies between whole numbers, and pictures have whole numbers.
refused 'multiples of 1 expected' "$tools/fit" --data "$fresh/box.csv" \
    --dequantize --save "$none"
refused 'multiples of 1 expected' "$build/experiments/optimum" \
    --data "$fresh/box.csv" --dequantize --out "$fresh/out"
run 0 "$tools/fit" --data iris --flow affine --steps 5 --save "$fresh/iris.theta"
refused 'one of pictures' "$tools/sample" --load "$fresh/iris.theta" \
    --out "$none.png"
[ ! -e "$none.png" ]
result $? "no pictures of a table"
run 0 "$tools/fit" --data digits --dequantize --flow affine --steps 50 \
    --save "$flow"
said "bits per dimension"
run 0 "$tools/sample" --load "$flow" --n 10 --out "$fresh/drawn.csv"
! grep -v '^#' "$fresh/drawn.csv" | tail -n +2 | grep -q '\.'
result $? "whole numbers"
run 0 "$tools/logprob" --load "$flow" --data digits --likelihoods \
    --out "$fresh/brief.csv"
bits=$(awk -F, '/^[-0-9]/ { sum += $1; n++ }
    END { printf "%.4f", -sum / n / 64 / log(2) }' "$fresh/brief.csv")
said ", $bits bits per dimension"
# What is drawn as a picture is what is drawn as a row, cut off at 0.
mkdir "$fresh/drawings"
for seed in 1 2; do
    run 0 "$tools/sample" --load "$flow" --n 1 --seed $seed \
        --out "$fresh/drawn$seed.csv"
    run 0 "$tools/sample" --load "$flow" --n 1 --seed $seed \
        --out "$fresh/drawings/$seed.png"
done
run 0 "$tools/logprob" --load "$flow" --data "$fresh/drawings" \
    --out "$fresh/rows.csv"
grep -hv '^[#x]' "$fresh/drawn1.csv" "$fresh/drawn2.csv" | tr , '\n' |
    awk '{ print $1 < 0 ? 0 : int($1) }' >"$fresh/drawn"
grep -v '^[#l]' "$fresh/rows.csv" | cut -d , -f 67- | tr , '\n' |
    awk '{ print int($1) }' >"$fresh/seen"
[ "$(sort -u "$fresh/seen" | wc -l)" -gt 3 ] &&
    cmp -s "$fresh/drawn" "$fresh/seen"
result $? "a row and its picture"

# like_run CODECS RECIPE SIZE OFF: whether the rows of brief.csv have the bits of
# the first seed's run within OFF: three standard errors of the noise, which is
# another, 1/sqrt(2 d) nats each.
like_run() {
    awk -F, -v recipe="$2" -v d=$((3 * $3 * $3)) -v most="$4" '
        NR == FNR {
            if ($1 == "nature" && $4 == recipe && $5 == 1)
                bits[n++] = $6
            next
        }
        /^[-0-9]/ {
            off = -$1 / d / log(2) - bits[k++]
            bad += off < -most || off > most
        }
        END { exit bad || k != n || n < 3 }' "$1" "$fresh/brief.csv"
    result $? "bits of the $2 run at $3"
}

# The flow of 1024 x 1024 that ships, and one that is saved now, on held-out
# photographs.
if [ "$(PHOTOGRAPHS='' tools/photographs.sh)" = all ]; then
    mkdir "$fresh/held"
    awk -F, '$1 == "nature" && $2 == "held" { print $3 }' data/photographs.csv |
        xargs -I '{}' ln -s '{}' "$fresh/held"
    run 0 "$tools/logprob" --load results/long/endurance.theta --likelihoods \
        --data "$fresh/held" --size 1024 --out "$fresh/brief.csv"
    like_run results/long/endurance-codecs.csv spectrum 1024 .002
    picture=$(find "$fresh/held" -type l | sort | head -n 1)
    run 0 "$tools/logprob" --load results/long/endurance.theta --likelihoods \
        --data "$picture" --size 1024 --out "$fresh/rows.csv"
    grep '^[-0-9]' "$fresh/brief.csv" | head -n 1 >"$fresh/first"
    grep '^[-0-9]' "$fresh/rows.csv" | cmp -s - "$fresh/first"
    result $? "one picture as the first of several"
    run 0 "$tools/logprob" --load results/long/interlaced.theta --likelihoods \
        --data "$fresh/held" --size 1024 --out "$fresh/brief.csv"
    like_run results/long/interlaced-codecs.csv interlaced 1024 .002
    refused "--size 1024 of 3 channels is expected" "$tools/logprob" \
        --load results/long/endurance.theta --data "$picture" --size 64 \
        --out "$none"
    run 0 "$build/experiments/endurance" --size 16 --profile quick --quiet \
        --out "$fresh/out" --save "$flow"
    run 0 "$tools/logprob" --load "$flow" --likelihoods \
        --data "$fresh/held" --size 16 --out "$fresh/brief.csv"
    like_run "$fresh/out/endurance-codecs.csv" spectrum 16 .11
    # grey pictures, by a flow of coloured ones
    run 0 "$tools/logprob" --load "$flow" --data "$fresh/drawings" --size 16 \
        --out "$fresh/rows.csv"
    rows "$fresh/rows.csv" 2 $((2 + 2 * 3 * 16 * 16))
fi

# What experiments save.
run 0 "$build/experiments/uniqueness" --profile quick --out "$fresh/out" \
    --save "$flow" --quiet
run 0 "$tools/logprob" --load "$flow" --data toy:banana:500 --out \
    "$fresh/rows.csv"
rows "$fresh/rows.csv" 500 6
for save in '' "$fresh"; do
    refused "--save '$save': expected the name of a file" \
        "$build/experiments/optimum" --profile quick --data iris \
        --out "$fresh/nowhere" --save "$save" --quiet
    [ ! -e "$fresh/nowhere" ]
    result $? "--save '$save': something was done"
done
run 0 "$build/experiments/optimum" --profile quick --data iris \
    --out "$fresh/out" --save "$flow" --quiet
run 0 "$tools/logprob" --load "$flow" --data iris --out "$fresh/rows.csv"
rows "$fresh/rows.csv" 150 10
# One row of them.
grep -v '^#' data/iris.csv | tail -n +2 | cut -d , -f 1-4 | head -n 1 \
    >"$fresh/one.csv"
run 0 "$tools/logprob" --load "$flow" --data "$fresh/one.csv" \
    --out "$fresh/row.csv"
! grep -q nan "$fresh/said"
result $? "no error of a mean of one"
awk -F, '/^[-0-9]/ && FNR < 4 { last = first; first = $1; n++ }
    END { exit !(n == 2 && first - last < 1e-12 && last - first < 1e-12) }' \
    "$fresh/rows.csv" "$fresh/row.csv"
result $? "one row as the first of several"

# Bad input.
refused "no --data" "$tools/fit" --save "$none"
refused "no --save" "$tools/fit" --data wine
refused "--flow: byte 9: expected d" "$tools/fit" --data wine --save "$none" \
    --flow 'actnorm( )'
refused "a flow of 2 columns found, wine has 13" "$tools/fit" --data wine \
    --save "$none" --flow 'actnorm(d=2)'
refused "'real' found, no such flow" "$tools/fit" --data wine --save "$none" \
    --flow real
refused "a folder of pictures" "$tools/fit" --data wine --save "$none" \
    --flow glow
refused "--base: byte 16: expected a finite number" "$tools/fit" --data wine \
    --save "$none" --base 'student(degrees=x)'
refused "--rate: 'fast' found" "$tools/fit" --data wine --save "$none" \
    --rate fast
refused "--held: '1' found" "$tools/fit" --data wine --save "$none" --held 1
refused "--profile: no such option" "$tools/fit" --profile quick
printf 'a,b\n1,1\n1,2\n1,3\n1,5\n' >"$fresh/constant.csv"
refused "constant.csv" "$tools/fit" --data "$fresh/constant.csv" --save "$none"
refused "nowhere" "$tools/fit" --data "$fresh/nowhere" --save "$none"
refused "a flow of 4 columns found, wine has 13" "$tools/logprob" \
    --load "$flow" --data wine --out "$none"
audit=$build/experiments/audit
refused "a flow of 4 columns found, wine has 13" "$audit" --theta "$flow" \
    --data wine --out "$none"
refused "not a parameter file" "$audit" --theta "$fresh/mine.csv" --data wine \
    --out "$none"
refused "--data is expected" "$audit" --theta "$flow" --out "$none"
refused "one of them is expected" "$audit" --theta "$flow" --flow "$flow" \
    --out "$none"
refused "no --load" "$tools/logprob" --data wine --out "$none"
refused "no --out" "$tools/sample" --load "$flow"
refused "--n: '0' found" "$tools/sample" --load "$flow" --n 0 --out "$none"
refused "not a parameter file" "$tools/sample" --load "$fresh/mine.csv" \
    --out "$none"
head -c 300 "$flow" >"$fresh/cut.theta"
refused "truncated" "$tools/sample" --load "$fresh/cut.theta" --out "$none"

for name in fit logprob sample; do
    run 0 "$tools/$name" --help
    awk 'length($0) > 80 { bad = 1 } END { exit bad }' "$fresh/said"
    result $? "$name --help: within 80 columns"
    run 0 "$tools/$name" --version
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
