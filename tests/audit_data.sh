#!/bin/sh
# audit_data.sh PROGRAM: what the audit says of tables that are made here, and
# of those that it cannot use: status 2, one line on stderr, nothing written.
set -u
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "audit_data.sh: failed: $2" >&2
    fi
}

audit() { # TABLE OPTION...
    rm -rf "$folder/out"
    table=$1
    shift
    "$program" --data "$table" --out "$folder/out" --profile quick --quiet \
        "$@" >"$folder/stdout" 2>"$folder/stderr"
    status=$?
}

refused() { # NAME TEXT CONTENT
    printf '%b' "$3" >"$folder/$1"
    audit "$folder/$1"
    [ "$status" -eq 2 ] && [ "$(wc -l <"$folder/stderr")" -eq 1 ] &&
        [ ! -e "$folder/out" ] && grep -qF -e "$1" "$folder/stderr" &&
        grep -qF -e "$2" "$folder/stderr"
    result $? "$1 is not refused as it should be"
}

says() { # TEXT
    [ "$status" -eq 0 ] && grep -qF -e "$1" "$folder/stdout"
    result $? "$table: not said: $1"
}

lacks() { # TEXT
    [ "$status" -eq 0 ] && ! grep -qF -e "$1" "$folder/stdout"
    result $? "$table: said: $1"
}

fits() { # in 80 columns, where paths do, with nothing on stderr
    [ ! -s "$folder/stderr" ] &&
        ! grep -vF "$folder" "$folder/stdout" | grep -q '.\{81\}'
}

# near TABLE AWK_PATTERN COLUMN VALUE TOLERANCE: of one row of OUT/TABLE.csv
near() {
    awk -F, -v column="$3" -v value="$4" -v tolerance="$5" '
        /^#/ { next }
        !header { for (i = 1; i <= NF; i++) at[$i] = i; header = 1; next }
        '"$2"' { found++; x = $at[column] - value; if (x < 0) x = -x
            if (!(x <= tolerance)) bad = 1 }
        END { exit bad || found != 1 }' "$folder/out/$1.csv"
    result $? "$table: $1, $2: $3 is not $4 +- $5"
}

refused nan.csv "a finite number expected" '1,2\n3,nan\n5,6\n'
refused ragged.csv "expected" '1,2\n3,4\n5\n'
refused constant.csv "no column varies" '1,2\n1,2\n1,2\n'
refused one-row.csv "at least 2 expected" '1,2\n'
refused text.csv "expected" '1,2\n3,four\n5,6\n'

# A table far from 0, of whole numbers: what a bias costs, with and without it
# (Sigma = diag(1, 4), mu = 1e15 (1, 1)).
awk 'BEGIN { for (i = 0; i < 40; i++) for (a = -1; a < 2; a += 2)
    for (b = -2; b < 3; b += 4) printf "%.0f,%.0f\n", 1e15 + a, 1e15 + b }' \
    >"$folder/far.csv"
audit "$folder/far.csv" --verbose
near audit-summary '/EIG\(R\)/' value -38.18137241753708 1e-10
lacks "EIG(R): optimum without a bias             inf"

# The critical rate of a table times 1e100, of which the curvature has a square
# that no double holds: that of the table times 1e70, times 1e-60.
awk 'BEGIN { srand(2)
    for (i = 0; i < 100; i++) { a = rand(); b = a + rand()
        printf "%.17ge70,%.17ge70\n", a + 3, b >"'"$folder"'/less.csv"
        printf "%.17ge100,%.17ge100\n", a + 3, b >"'"$folder"'/large.csv" } }'
rate() { # of the raw table
    awk -F, '$3 == "raw" { print $4 }' "$folder/out/audit-rates.csv"
}
audit "$folder/less.csv"
less=$(rate)
audit "$folder/large.csv"
awk -v large="$(rate)" -v less="$less" 'BEGIN {
    off = large / less * 1e60 - 1
    exit !(less > 0 && off < 1e-9 && off > -1e-9) }'
result $? "large.csv: its critical rate"

# Columns that no density has are set aside, and the rest is audited.
awk 'BEGIN { srand(1); print "a,flat,b,again,sum"
    for (i = 0; i < 100; i++) { a = rand(); b = 2 * rand() + a * a
        printf "%.17g,2,%.17g,%.17g,%.17g\n", a, b, a, a + b } }' \
    >"$folder/columns.csv"
audit "$folder/columns.csv"
says "Set aside: flat, constant."
says "Set aside: again, equal to an earlier column."
says "Set aside: sum, a combination of earlier columns."
near audit-summary '/,rank,/' value 2 0
near audit-training '/,affine,affine,/' n 60 0

# What no density has, and what carries all the rest, is said first, and no
# advice says otherwise.  normal: the sum of twelve uniform numbers.
values() { # NAME COLUMNS
    awk 'function normal(s, k) { for (k = 0; k < 12; k++) s += rand()
            return s - 6 }
        BEGIN { srand(5); for (i = 0; i < 1000; i++) {
            a = normal(); b = normal(); '"$2"' } }' >"$folder/$1.csv"
    audit "$folder/$1.csv"
}
values code 'printf "%.17g,%.17g\n", a, i % 10 ? b : -9999'
says "column 2 is -9999 in 10.0 % of the rows: far from all others, a code?"
says "--drop-missing"
lacks "A nonlinear flow pays"
lacks "That is little"
lacks "as wide as"
near audit-values '/,code,column 2,/' share .1 1e-12
values atom 'printf "%.17g,%.17g\n", a, i % 10 ? 0 : exp(b)'
says "column 2 is 0 in 90.0 % of the rows: an atom"
lacks "as wide as"
lacks "A nonlinear flow pays"
values outlier 'printf "%.17g,%.17g\n", a, i == 6 ? 1e12 : b'
says "Row 7 alone moves EIG by"
lacks "as wide as"
lacks "That is little"
values tails 'u = rand(); printf "%.17g,%.17g\n", a, (b < 0 ? -1 : 1) / (u * u)'
says "column 2: by its 3"
says "The second moment of 1 column does not settle"
lacks "That is little"
near audit-values '/,tail,column 2,/' value 1 1
values numbers 'printf "%d,%d,%d\n", 3 * a, 50 * b, 2 * int(9 * rand())'
says "Values repeat in 3 columns: noise as wide as their smallest step, 1,"
values steps 'printf "%.2f,%.1f,%.17g\n", a / 3, b, rand()'
says "Values repeat in 2 columns: noise as wide as their smallest step, 0.01 .. 0.1,"
values thirds 'printf "%.17g,%.17g\n", int(3 * a) * .1, int(8 * b) / 7'
says "as their smallest step, 0.1 .. 0.143,"
values plain 'printf "%.17g,%.3f\n", a, b + a'
says "That is little"
for word in atom code? "alone moves" index "as wide as"; do
    lacks "$word"
done

# Fewer rows than columns: no optimum, and it is said why.
awk 'BEGIN { srand(2); for (i = 0; i < 6; i++) { line = rand()
    for (j = 1; j < 10; j++) line = line "," rand(); print line } }' \
    >"$folder/wide.csv"
audit "$folder/wide.csv"
says "The covariance has rank 5 of 10"
says "6 rows of 10 columns do not determine a covariance"
lacks "EIG(Sigma)"

# What the reader decides is said, and what it cannot is refused with the way out.
awk 'BEGIN { srand(6); print ",0,1,kind"; for (i = 0; i < 60; i++)
    print i "," rand() "," rand() * rand() "," (i % 2 ? "u" : "v") }' \
    >"$folder/dressed.CSV"
audit "$folder/dressed.CSV" --columns 2-3
says "dressed.CSV: the first line names the columns: , 0, 1, kind"
says "dressed.CSV: 60 rows of 2 columns"
cut -d, -f1-3 "$folder/dressed.CSV" >"$folder/index"
audit "$folder/index"
says "index: column 1 (no name) is set aside: it numbers the rows"
says "index: 60 rows of 2 columns"
refused kinds.csv "leave out the column with --columns 1" '1,u\n2,v\n4,u\n'
refused holes.csv "leave out such rows with --drop-missing" \
    'a,b\n1,2\n3,\n5,6\n2,1\n4,1\n7,7\n'
audit "$folder/holes.csv" --drop-missing
says "holes.csv: 1 of 6 rows left out: values are missing in them"
says "holes.csv: 5 rows of 2 columns"
audit iris
lacks "names the columns"
says "1 row is equal to an earlier one."
says "noise as wide as their smallest step, 0.1,"

# Rows that repeat, and values on a grid.
awk 'BEGIN { srand(3); for (i = 0; i < 60; i++) {
    row = int(9 * rand()) / 4 "," rand(); print row; if (i < 7) print row } }' \
    >"$folder/repeats.csv"
audit "$folder/repeats.csv"
says "7 rows are equal to earlier ones."
says "Values repeat in 1 column: noise as wide as their smallest step, 0.25"
says "C2.6"

# What is printed fits a screen, and more is printed when that is asked for; what
# a large table is a sample of is said ahead, and nothing of it is on stderr.
for name in iris wine diabetes breast-cancer digits; do
    audit "$name"
    [ "$(wc -l <"$folder/stdout")" -le 50 ] &&
        fits
    result $? "$name: no screen"
    lacks "eigenvalues of the covariance"
    lacks "Plan"
    says "the same of a normal law"
done
audit iris --verbose
says "eigenvalues of the covariance   4.20005"
says "couplings, seed 4"
audit toy:gauss:1000001
says "values, moments, interval of C2.9: all 1000001"
says "directions: 200000 at random; errors 2.2 times those of all rows"
fits
result $? "a plan is on stdout alone"

# Of columns equal but for 1e-12 the digits that are left are said, and no
# optimiser is asked for others.
awk 'BEGIN { srand(9); for (i = 0; i < 400; i++) { a = rand() - .5
    printf "%.17g,%.17g\n", a, a + 1e-12 * (rand() - .5) } }' \
    >"$folder/collinear.csv"
audit "$folder/collinear.csv"
says "rounding moves each by a share of"
says " 0 refuted"
audit iris
lacks "rounding moves"

# One column; two rows.
awk 'BEGIN { srand(4); for (i = 0; i < 300; i++) print log(1 - rand()) }' \
    >"$folder/one.csv"
audit "$folder/one.csv"
near audit-summary '/,rank,/' value 1 0
near audit-rates '/,whitened,/' critical_rate 1 1e-9
says "With a trained bias divide the table by max|x|"
says "at most 0.5: from"

# Rates for any batch: 1 / max|x|^2 of rows without a bias, here 1 / 9.
printf '3,0\n-3,0\n0,1\n0,-1\n1,1\n1,-1\n-1,1\n-1,-1\n' >"$folder/nine.csv"
audit "$folder/nine.csv"
near audit-rates '/,raw,/' batch_rate 0.111111111111 1e-12
says "divide the table by 2 max|x| = 6 and"
says "units 0.0167 for W and 0.6 for b"
says "drop the bias"
says "clipped gradients bound"
printf '1,2\n2,4\n' >"$folder/two.csv"
audit "$folder/two.csv"
says "rank"

# Values that are known: the contract's, an exponential law (J = 1/2 log(2 pi /
# e) = 0.4189 for each of its two columns, a bound from below that is 0.1 short at
# most), a normal law without any, two modes eight standard deviations apart.
audit iris
near audit-summary '/EIG\(Sigma\): opt/' value -2.53276420081514 1e-12
near audit-summary '/EIG\(R\)/' value -4.97079430151133 1e-9
near audit-rates '/,whitened,/' critical_rate 1 1e-9
audit toy:exponential:4000
near audit-summary '/sphered columns/' value 0.83788 0.1
audit toy:gauss:4000
near audit-summary '/sphered columns/' value 0 0.02
near audit-spectrum '$at["suggested"] == 1' suggested 1 0
says "No gap between modes"
awk 'BEGIN { srand(5); for (i = 0; i < 2000; i++) {
    u = sqrt(-2 * log(1 - rand())); a = 6.283185307 * rand()
    print u * cos(a) + (rand() < 0.3 ? -4 : 4) "," u * sin(a) } }' \
    >"$folder/modes.csv"
audit "$folder/modes.csv"
says "The table has a gap ("

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
