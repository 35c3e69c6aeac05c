#!/bin/sh
# audit_flow.sh PROGRAM: what the audit says of the flows that ship, of tables
# that are unusual, and of tables that cannot be used.
#
# Told: every example gets the diagnosis in the list below, and the correct
# flows none.  Refused: status 2, exactly one line on stderr that names the
# file, nothing written.
set -u
program=$1
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

result() { # OK WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "audit_flow.sh: $2: status $status, $lines lines on stderr" >&2
    fi
}

run() { # OPTION...
    rm -rf "$folder/out"
    "$program" --out "$folder/out" "$@" >"$folder/stdout" 2>"$folder/stderr"
    status=$?
    lines=$(wc -l <"$folder/stderr")
}

refused() { # NAME OPTION...: NAME stands in the message
    named=$1
    shift
    run "$@"
    [ "$status" -eq 2 ] && [ "$lines" -eq 1 ] && [ ! -e "$folder/out" ] &&
        grep -q -F -e "$named" "$folder/stderr"
    result $? "$*"
}

is_well() { # WHAT: the last run found nothing
    [ "$status" -eq 0 ] && [ "$lines" -eq 0 ] &&
        grep -q 'Nothing is wrong' "$folder/stdout" &&
        ! grep -q -E '^  (WRONG|MISFIT)' "$folder/stdout"
    result $? "$1"
}

is_told() { # DIAGNOSIS WHAT
    [ "$status" -eq 0 ] && [ "$lines" -eq 0 ] &&
        grep -q "Diagnosis: $1 (" "$folder/stdout"
    result $? "$2"
}

# The same files again: byte for byte, or (on another processor, where the last
# bit before rounding may differ) to one unit of float.
same() { # FILE FILE
    cmp -s "$1" "$2" || awk -F, '
        FNR == 1 { file++ }
        file == 1 { line[FNR] = $0; lines = FNR; next }
        { n = split(line[FNR], was)
          bad = bad || n != NF
          for (i = 1; i <= NF; i++) {
              size = was[i] < 0 ? -was[i] : was[i]
              if (size < 1) size = 1
              e = $i - was[i]
              if ($i != was[i] && (e > 1.2e-7 * size || -e > 1.2e-7 * size ||
                                   e != e || $i + 0 != $i)) bad = 1
          } }
        END { exit bad || FNR != lines }' "$1" "$2"
}

lines=0
"$program" --examples "$folder/flows" >"$folder/stdout" 2>"$folder/stderr"
status=$?
for file in data/flows/*.csv; do
    same "$file" "$folder/flows/${file##*/}"
    result $? "$file written again"
done
[ "$(ls data/flows/*.csv | wc -l)" -eq "$(ls "$folder/flows" | wc -l)" ]
result $? "as many examples as are written"
"$program" --examples "$folder/other" --seed 2 >"$folder/stdout" 2>&1
! same data/flows/correct.csv "$folder/other/correct.csv"
result $? "another seed is another flow"

while read -r name diagnosis; do
    run --flow "data/flows/$name.csv"
    if [ "$diagnosis" = none ]; then
        is_well "$name.csv"
    else
        is_told "$diagnosis" "$name.csv"
    fi
    grep -q "^$name.csv,consistency,C1.1," "$folder/out/audit-flow.csv"
    result $? "$name.csv: its table"
done <<'LIST'
correct none
correct-curved none
sign sign
sign-both sign
left-out left out
pixels factor
pixels-one-layer shift
layer-left-out shift
factor-d factor d
constant-plus constant
constant-missing constant
epsilon epsilon
bits bits
bits-both bits
log10 log10
log10-both log10
mean mean over dimensions
mean-both mean over dimensions
half half
half-both half
base base
base-unsaid base
order-z order of z
order-log-det order of log-det
other-batch other batch
averaged averaged over batch
log-det-averaged log-det averaged
negative sign of likelihood
not-finite not finite
noise noise
too-wide too wide
LIST

# Columns in another order, with others among them, an index without a name,
# other separators and ends of lines, packed: all the same.
correct=data/flows/correct.csv
edit() { # NAME AWK-PROGRAM
    awk -F, -v OFS=, "/^#/ { next } { head = !seen++ } $2" "$correct" \
        >"$folder/$1"
}
well() { # NAME
    run --flow "$folder/$1"
    is_well "$1"
}
edit order.csv '{ print $10, $3, $2, $9, $4, $8, $1, $5, $7, $6 }' &&
    well order.csv
edit more.csv '{ print $0, head ? "loss" : "nan" }'
run --flow "$folder/more.csv" && is_well more.csv
edit index.csv '{ print head ? "" : seen - 2, $0 }' && well index.csv
edit crlf.csv '{ printf "%s\r\n", $0 }' && well crlf.csv
edit semicolon.csv '{ gsub(",", ";"); print }' && well semicolon.csv
gzip -c "$correct" >"$folder/packed.csv.gz" && well packed.csv.gz
edit no-x.csv '{ print $1, $2, $3, $4, $5, $6 }' && well no-x.csv
grep -q 'Not to be seen without' "$folder/stdout"
result $? "no-x.csv: what cannot be seen"
# Four decimals: the tolerance follows what is written.
edit short.csv '{ if (!head) for (i = 1; i <= NF; i++) $i = sprintf("%.4f", $i)
    print }' && well short.csv

# Half precision in nine digits, in which most numbers below 1 are not exact.
edit half.csv 'function half(v, e) { if (v == 0) return v
        e = int(log(v < 0 ? -v : v) / log(2)); if (2 ^ e > (v < 0 ? -v : v)) e--
        e = 2 ^ (10 - e); return int(v * e + (v < 0 ? -.5 : .5)) / e }
    { for (i = 1; !head && i <= 6; i++) $i = sprintf("%.9g", half($i)); print }'
well half.csv
grep -q 'z written as float16' "$folder/stdout"
result $? "half.csv: half precision is seen"

# The control of the tolerance: a float's rounding passes, ten times that and
# one wrong digit do not.
shift_one() { # NAME BY
    edit "$1" "{ if (seen == 7) \$1 = sprintf(\"%.9g\", \$1 + $2); print }"
    run --flow "$folder/$1"
}
shift_one rounding.csv 1e-7 && is_well rounding.csv
shift_one digit.csv 1e-4
grep -q -E '^  WRONG  C1.1' "$folder/stdout"
result $? "digit.csv: one digit of one row"

# docs/own-data.md: what neighbours see of a right log_abs_det and of noise of .3,
# what is allowed for the curvature, and what a field fitted to z finds.
edit noisy.csv '{ e = seen % 2 ? -.3 : .3; if (!head) { $1 += e; $2 += e } print }'
volume='^  ok  *C4.1  *log_abs_det is the local change of volume  *'
run --flow "$correct" && grep -q "${volume}0.0365 <= 0.363\$" "$folder/stdout"
result $? "correct.csv: .037 and .36"
run --flow "$folder/noisy.csv"
[ "$status" -eq 0 ] &&
    grep -q 'Diagnosis: open, perhaps noise (C6.3)' "$folder/stdout"
result $? "noisy.csv: open, and noise by name; nobody is accused"
run --flow "$correct"
! grep -q 'perhaps noise' "$folder/stdout"
result $? "correct.csv: no noise"
run --flow "$folder/noisy.csv"
grep -q "${volume}0.289 <= 0.363\$" "$folder/stdout" &&
    grep -q 'noise of deviation 0.3 nats in log_abs_det' "$folder/stdout"
result $? "noisy.csv: .29, .36 and .3"

# A map with kinks, straight between them, has jumps in log_abs_det, which look
# like noise and repeat; with noise on them they do not.
kinked() { # NAME NOISE
    awk -v noise="$2" 'function uniform() {
            seed = seed * 16807 % 2147483647; return seed / 2147483647 }
        function normal() {
            return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()) }
        BEGIN { seed = 12345
            print "log_likelihood,log_abs_det,z1,z2,z3,x1,x2,x3"
            for (i = 0; i < 600; i++) {
                ld = 0; q = 0; zs = xs = ""
                for (j = 1; j <= 3; j++) {
                    z = normal(); q += z * z; ld += z < 0 ? log(2) : 0
                    zs = zs sprintf(",%.9g", z)
                    xs = xs sprintf(",%.9g", z < 0 ? z / 2 : z)
                }
                ld += noise * normal()
                printf "%.9g,%.9g%s%s\n", ld - q / 2 - 2.756815599614018, ld, zs, xs
            }
        }' >"$folder/$1"
    run --flow "$folder/$1"
}
kinked kinks.csv 0 && is_well kinks.csv
! grep -q 'without noise: likelihood ratio' "$folder/stdout"
result $? "kinks.csv: noise is not looked for"
kinked kinks-noise.csv .1
grep -q 'without noise: likelihood ratio' "$folder/stdout"
result $? "kinks-noise.csv: noise is looked for"

# Rows that are no numbers are counted, the others judged.
edit holes.csv '{ if (seen % 40 == 0) $3 = ""; if (seen % 50 == 0) $1 = "-inf"
    print }'
run --flow "$folder/holes.csv" && is_told 'not finite' holes.csv
grep -q '9 of 240 rows left out, the first is row 39' "$folder/stdout"
result $? "holes.csv: its count"
edit holes-sign.csv '{ if (seen % 40 == 0) $3 = "NaN"
    if (!head) { $1 -= 2 * $2 } print }'
run --flow "$folder/holes-sign.csv" && is_told sign holes-sign.csv

# One z whose square no double holds is counted as such, and hides no other.
edit large.csv '{ if (seen == 21) $3 = "1e160"; if (seen == 41) $1 += 1
    print }'
run --flow "$folder/large.csv"
tr -s ' \n' ' ' <"$folder/stdout" >"$folder/words"
grep -q '1 of 240 rows left out, the first is row 20' "$folder/words" &&
    grep -q '|z|^2 or a sum in 1' "$folder/words" &&
    grep -q '1 of 239 rows contradict it; the worst is row 40' \
        "$folder/words" &&
    ! grep -q -E '^  ok .*inf' "$folder/stdout"
result $? "large.csv: a square that overflows, and a row that contradicts"
edit large-all.csv '{ if (!head) $3 = $3 "e160"; print }'
refused 'finite |z|^2' --flow "$folder/large-all.csv"

# Both columns in another logarithm: z normal, x = sinh(A^-1 z).
both() { # NAME LOG-OF-BASE
    awk -v log_base="$2" '
        function normal() {
            return sqrt(-2 * log(1 - rand())) * cos(6.283185307179586 * rand())
        }
        BEGIN {
            srand(4)
            print "log_likelihood,log_abs_det,z1,z2,x1,x2"
            for (i = 0; i < 600; i++) {
                z1 = normal(); z2 = normal()
                s1 = (.8 * z1 - .3 * z2) / 1.02
                s2 = (.2 * z1 + 1.2 * z2) / 1.02
                x1 = (exp(s1) - exp(-s1)) / 2; x2 = (exp(s2) - exp(-s2)) / 2
                ld = log(1.02) - (log(1 + x1 * x1) + log(1 + x2 * x2)) / 2
                ll = ld - (z1 * z1 + z2 * z2) / 2 - 1.8378770664093454836
                printf "%.17g,%.17g,%.17g,%.17g,%.17g,%.17g\n", ll / log_base,
                    ld / log_base, z1, z2, x1, x2
            }
        }' >"$folder/$1"
    run --flow "$folder/$1"
}
both nats.csv 1 && is_well nats.csv
both both-bits.csv 0.69314718055994531 && is_told bits both-bits.csv
grep -q 'both in bits' "$folder/stdout"
result $? "both-bits.csv: both columns"
both both-log10.csv 2.3025850929940457 && is_told log10 both-log10.csv
grep -q 'both decimal logarithms' "$folder/stdout"
result $? "both-log10.csv: both columns"

# Two models, and training rows.
run --flow "$correct" --flow2 "$correct" && is_well "a flow and itself"
run --flow "$correct" --flow2 data/flows/sign-both.csv
grep -q -E '^  MISFIT C1.2' "$folder/stdout" &&
    tr -s ' \n' ' ' <"$folder/stdout" | grep -q 'the two differ in mean'
result $? "two flows that differ in mean"
run --flow "$correct" --train data/flows/sign.csv
grep -q 'over that of training' "$folder/stdout"
result $? "the overfitting meter"

table() { # NAME TEXT: a file of that text, refused
    printf '%b' "$2" >"$folder/$1"
    refused "$1" --flow "$folder/$1"
}
head=log_likelihood,log_abs_det,z1,z2
refused missing.csv --flow "$folder/missing.csv"
mkdir "$folder/folder.csv" && refused folder.csv --flow "$folder/folder.csv"
table empty.csv ''
table header-alone.csv "$head\n"
table no-header.csv '1,2,3,4\n1,2,3,4\n1,2,3,4\n1,2,3,4\n1,2,3,4\n'
table ragged.csv "$head\n1,2,3,4\n1,2,3\n1,2,3,4\n1,2,3,4\n1,2,3,4\n"
table text.csv "$head\n1,2,3,4\n1,tensor(2.),3,4\n1,2,3,4\n1,2,3,4\n"
table few.csv "$head\n1,2,3,4\n"
table few-finite.csv "$head\n1,2,3,4\n1,2,nan,4\n"
table no-ll.csv 'log_prob,log_abs_det,z1\n1,2,3\n1,2,3\n1,2,3\n'
table no-det.csv 'log_likelihood,logdet,z1\n1,2,3\n1,2,3\n1,2,3\n'
table no-z.csv 'log_likelihood,log_abs_det\n1,2\n1,2\n1,2\n'
table gap.csv 'log_likelihood,log_abs_det,z1,z3\n1,2,3,4\n1,2,3,4\n'
table z0.csv 'log_likelihood,log_abs_det,z0,z1\n1,2,3,4\n1,2,3,4\n'
table twice.csv "$head,z2\n1,2,3,4,5\n1,2,3,4,5\n1,2,3,4,5\n1,2,3,4,5\n"
table few-x.csv "$head,x1\n1,2,3,4,5\n1,2,3,4,5\n1,2,3,4,5\n1,2,3,4,5\n"
table zero.csv "$head\n1,2,3\0000,4\n"
refused flow2 --flow2 "$correct"
refused train --train "$correct"
refused sign.csv --flow "$correct" --flow2 data/flows/sign.csv
refused pixels.csv --flow "$correct" --train data/flows/pixels.csv
refused missing.csv --flow "$correct" --flow2 "$folder/missing.csv"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
