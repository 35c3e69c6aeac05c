#!/bin/sh
# audit_design.sh PROGRAM: designs of displaced points, the columns of an
# inverse, other bases and losses: what the audit says of a small flow in three
# dimensions that is evaluated here, by awk, correctly and with one mistake each.
#
#   z1 = x1 + .3 sin x1,  z2 = x2 exp(.5 sin x1) + cos x1,
#   z3 = sinh(.8 asinh(x3 + x1 x2 / 4));  with logit = 1 of logit x.
set -u
program=$1
cd "$(dirname "$0")/.." || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0 status=0

result() { # OK WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "audit_design.sh: failed: $2 (status $status)" >&2
        sed 's/^/    /' "$folder/stdout" "$folder/stderr" >&2
    fi
}

run() { # OPTION...
    "$program" "$@" --out "$folder/out" >"$folder/stdout" 2>"$folder/stderr"
    status=$?
}

cat >"$folder/flow.awk" <<'AWK'
function asinh(v) { return v < 0 ? -asinh(-v) : log(v + sqrt(v * v + 1)) }
function uniform() { seed = seed * 16807 % 2147483647; return seed / 2147483647 }
function normal() { return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()) }
function forward(x1, x2, x3,    h, u) {
    z[1] = x1 + .3 * sin(x1)
    z[2] = x2 * exp(.5 * sin(x1)) + cos(x1)
    h = x3 + x1 * x2 / 4; u = .8 * asinh(h)
    z[3] = (exp(u) - exp(-u)) / 2
    return log(1 + .3 * cos(x1)) + .5 * sin(x1) + log(.8) + \
        log((exp(u) + exp(-u)) / 2) - .5 * log(1 + h * h)
}
function inverse(z1, z2, z3,    k, u) {
    x[1] = z1
    for (k = 0; k < 60; k++) x[1] = z1 - .3 * sin(x[1])
    x[2] = (z2 - cos(x[1])) * exp(-.5 * sin(x[1]))
    u = asinh(z3) / .8
    x[3] = (exp(u) - exp(-u)) / 2 - x[1] * x[2] / 4
}
function sum(kind, a, b,    i, s) {
    s = 0
    for (i = 1; i <= 3; i++)
        s += kind == "normal" ? -z[i] * z[i] / 2 - half_log_2pi : \
            kind == "logistic" ? -z[i] - 2 * log(1 + exp(-z[i])) : \
            kind == "laplace" ? -(z[i] < 0 ? -z[i] : z[i]) - log(2) : \
            kind == "student" ? log(2 / (3.141592653589793 * sqrt(3))) - 2 * log(1 + z[i] * z[i] / 3) : \
            -(z[i] - a * i) ^ 2 / (2 * (b * i) ^ 2) - half_log_2pi - log(b * i)
    return s
}
BEGIN { half_log_2pi = log(6.283185307179586) / 2; seed = 12345; if (!format) format = "%.17g"
    d = 3 }
AWK

sample() { # ROWS: x.csv of the flow, y.csv of the flow behind a logit
    cat "$folder/flow.awk" - >"$folder/sample.awk" <<'AWK'
BEGIN {
    print "x1,x2,x3" >x_file; print "x1,x2,x3" >y_file
    for (i = 0; i < rows; i++) {
        inverse(normal(), normal(), normal())
        printf "%.17g,%.17g,%.17g\n", x[1], x[2], x[3] >x_file
        printf "%.17g,%.17g,%.17g\n", 1 / (1 + exp(-x[1])), 1 / (1 + exp(-x[2])), 1 / (1 + exp(-x[3])) >y_file
    }
}
AWK
    awk -v rows="$1" -v x_file="$folder/x.csv" -v y_file="$folder/y.csv" \
        -f "$folder/sample.awk"
}

# The flow on the points of a file; change: what is done to w[1 .. 3] (what
# enters), z, ld and ll, by awk.
cat "$folder/flow.awk" - >"$folder/evaluate.awk" <<'AWK'
BEGIN { FS = "," }
/^#/ { next }
!head++ { printf "log_likelihood,log_abs_det,z1,z2,z3,x1,x2,x3%s\n", more; next }
{
    for (i = 1; i <= 3; i++) w[i] = $i
    ld = 0
    before()
    if (logit)
        for (i = 1; i <= 3; i++) {
            if (w[i] <= 0 || w[i] >= 1) { outside = 1; w[i] = .5 }
            own = -log(w[i]) - log(1 - w[i]); logs += own; ld += own
            w[i] = log(w[i] / (1 - w[i]))
        }
    ld += forward(w[1], w[2], w[3])
    after()
    ll = sum("normal") + ld
    last()
    # No awk but mawk 1.3.4 of 2020 prints the text nan as a number.
    row = sprintf(format "," format "," format "," format "," format, ll, ld, z[1], z[2], z[3])
    if (outside) row = "nan,nan,nan,nan,nan"
    else if (lost) row = sprintf("nan,nan," format "," format "," format, z[1], z[2], z[3])
    row = row sprintf("," format "," format "," format, $1, $2, $3)
    print row extra
    extra = ""; outside = lost = logs = 0
}
AWK

evaluate() { # FROM TO BEFORE AFTER LAST [MORE-COLUMNS]
    {
        cat "$folder/evaluate.awk"
        echo "function before() { ${3-} }
function after() { ${4-} }
function last() { ${5-} }"
    } >"$folder/one.awk"
    awk -v logit="${logit-}" -v format="${format-}" -v more="${6-}" \
        -f "$folder/one.awk" "$folder/$1" >"$folder/$2"
}

told() { # NAME WHAT
    [ "$status" -eq 0 ] && grep -q "Diagnosis: $1 (" "$folder/stdout"
    result $? "$2: $1"
}

well() { # WHAT
    [ "$status" -eq 0 ] && grep -q 'Nothing is wrong' "$folder/stdout" &&
        ! grep -q -E '^  (WRONG|MISFIT)' "$folder/stdout"
    result $? "$1"
}

decides() { # WHAT: well, and by a design
    well "$1"
    tr -s ' \n' '  ' <"$folder/stdout" | grep -q 'A design of [1-9][0-9]* points' &&
        ! grep -q '^  open' "$folder/stdout"
    result $? "$1: by the design"
}

sample 400
"$program" --design "$folder/x.csv" --out "$folder/points.csv" \
    >"$folder/stdout" 2>"$folder/stderr"
status=$?
# 20 stencils of 4d + 1 rows, a line of 65, six rows again
[ "$status" -eq 0 ] && [ "$(wc -l <"$folder/points.csv")" -eq 332 ] &&
    [ "$(awk -F, '$4 == 1' "$folder/points.csv" | wc -l)" -eq 3 ]
result $? "the design's rows"
"$program" --design "$folder/y.csv" --out "$folder/logits.csv" >/dev/null

# The correct flow: in full, as floats, in four decimals, in another order and
# on its own points.
evaluate points.csv a.csv
run --flow "$folder/a.csv" && decides "in full"
{
    head -n 1 "$folder/a.csv"
    sed 1d "$folder/a.csv" | awk '{ print NR * 7919 % 1009, $0 }' | sort -n |
        cut -d ' ' -f 2-
} >"$folder/b.csv"
run --flow "$folder/b.csv" && decides "in another order"
format=%.8g evaluate points.csv a.csv
run --flow "$folder/a.csv" && decides "eight digits"
format=%.4f evaluate points.csv a.csv
run --flow "$folder/a.csv" && decides "four decimals"
evaluate x.csv own.csv
run --flow "$folder/own.csv" && well "its own points"
logit=1 evaluate logits.csv a.csv
run --flow "$folder/a.csv" && decides "behind a logit, defined in (0, 1) alone"

grep -q '^  note .*every number is finite' "$folder/stdout" &&
    grep -q '^  ok  *C6.3  *log_abs_det is finite where z and x are' "$folder/stdout"
result $? "behind a logit: rows without z are noted, log_abs_det is accused of none"

# Where z is a number log_abs_det is one: a line of its own names the rows.
evaluate points.csv a.csv '' 'if (NR == 30 || NR == 32) lost = 1'
run --flow "$folder/a.csv" && told 'not finite' "no log_abs_det in two rows"
grep -q '^  WRONG  C6.3  log_abs_det is finite where z and x are  *2$' "$folder/stdout" &&
    tr -s ' \n' '  ' <"$folder/stdout" | grep -q 'z and x are, in rows 29, 31'
result $? "no log_abs_det in two rows: they are named"
evaluate points.csv a.csv '' 'if (NR == 30) outside = 1'
run --flow "$folder/a.csv" && well "neither z nor log_abs_det in a row"

# Mistakes that a design shows.
design_tells() { # NAME BEFORE AFTER
    evaluate points.csv a.csv "$2" "${3-}"
    run --flow "$folder/a.csv" && told "$1" "a design"
}
design_tells sign '' 'ld = -ld'
design_tells half '' 'ld /= 2'
design_tells epsilon '' 'ld += 1e-5'
design_tells shift '' 'ld += 3'
design_tells 'scale counted once' 'w[1] *= 2; w[2] *= 2; w[3] *= 2; ld = log(2)'
design_tells 'log-det summed over rows' '' 'ld = 123.4'
design_tells noise '' 'ld += .01 * normal()'
design_tells 'no function of x' '' 'z[2] += .01 * normal()'
design_tells 'not one-to-one' 'if (w[1] > 1) w[1] = 0'
design_tells 'slope where x < 0' '' \
    'for (i = 1; i <= 3; i++) if ($i < 0) ld -= 1.6'
grep -q 'density holds less than 1' "$folder/stdout"
result $? "a slope too small: less than 1"
design_tells 'slope where x < 0' '' \
    'for (i = 1; i <= 3; i++) if ($i < 0) ld += 1.6'
grep -q 'density holds more than 1' "$folder/stdout"
result $? "a slope too large: more than 1"
design_tells 'slope of a unit' '' \
    'for (i = 1; i <= 3; i++) if (z[i] + .3 * z[1] < .2) ld -= 1.6'
grep -q 'a whole number of times' "$folder/stdout"
result $? "a unit within: whole numbers"
design_tells 'slope of a unit' '' \
    'for (i = 1; i <= 3; i++) if (z[i] < 0) { z[i] *= .1; ld += log(.1) + 1.6 }'
grep -q 'nats for each negative z_j' "$folder/stdout"
result $? "a unit behind: by z"
design_tells 'scale counted once' \
    'w[1] *= 1.7; w[2] *= 1.7; w[3] *= 1.7; ld = log(1.7)'
design_tells 'scale counted once' \
    'w[1] *= .35; w[2] *= .35; w[3] *= .35; ld = log(.35)'
design_tells 'derivative of another map' '' 'ld -= $1 * $1 / 100'
grep -q 'goes with |x1|, by a rank correlation of 1.00' "$folder/stdout"
result $? "what the difference goes with"
design_tells 'one layer' '' 'ld -= sin(w[1])'
# A leaky unit in front: its kinks accuse nobody, nor what is a constant.
leak='for (i = 1; i <= 3; i++) if (w[i] < 0) { w[i] *= .1; ld += log(.1) }'
evaluate points.csv a.csv "$leak"
run --flow "$folder/a.csv" && decides "leaky units"
evaluate points.csv a.csv 'w[1] *= 1.7; w[2] *= 1.7; w[3] *= 1.7; ld = 3 * log(1.7)'
run --flow "$folder/a.csv" && decides "a scale counted three times"
logit_tells() { # NAME BEFORE AFTER
    logit=1 evaluate logits.csv a.csv "$2" "${3-}"
    run --flow "$folder/a.csv" && told "$1" "a design behind a logit"
}
logit_tells 'logit left out' '' 'ld -= logs'
logit_tells 'logit reversed' '' 'ld -= 2 * logs'
logit_tells 'scale of pixels' '' 'ld += 3 * log(256)'
logit_tells 'lambda of the logit' '' 'ld -= 3 * log(.9)'

# A lambda, on its own points: told, or noted where neighbours show too little.
logit=1 evaluate y.csv a.csv '' 'ld -= 3 * log(.9)'
run --flow "$folder/a.csv" && told 'lambda of the logit' "its own points"
head -n 101 "$folder/y.csv" >"$folder/few.csv"
logit=1 evaluate few.csv a.csv
run --flow "$folder/a.csv" && well "few points behind a logit"
! grep -q 'by a smooth fit' "$folder/stdout"
result $? "few points behind a logit: no note"
logit=1 evaluate few.csv a.csv '' 'ld -= 3 * log(.9)'
run --flow "$folder/a.csv" && well "a lambda on few points"
tr -s ' \n' '  ' <"$folder/stdout" |
    grep -q 'by a smooth fit: .*lambda of the logit? d log(1 - 2 lambda) is -0.316 for lambda = 0.05'
result $? "a lambda on few points: noted"
evaluate x.csv a.csv '' 'ld += .03'
run --flow "$folder/a.csv" && well "a constant on own points"
grep -q 'log_abs_det in mean, by a smooth fit: off by' "$folder/stdout" &&
    grep -q 'shift? a constant' "$folder/stdout"
result $? "a constant on own points: noted"

# What the columns show alone: other bases, losses.
columns_tell() { # NAME LAST
    evaluate x.csv a.csv '' '' "$2"
    run --flow "$folder/a.csv" && told "$1" "its own points"
}
columns_tell 'bits per dimension' 'll = -ll / (d * log(2))'
columns_tell 'bits per dimension' 'll = ll / (d * log(2))'
columns_tell 'bits per dimension' 'll = -ll / (d * log(2)) + 8'
columns_tell 'loss without constant' 'll = -ll - d * half_log_2pi'
columns_tell 'loss without constant' 'll = -ll / d - half_log_2pi'
columns_tell constant 'll += d * half_log_2pi'
columns_tell 'logistic base' 'll = sum("logistic") + ld'
columns_tell 'Laplace base' 'll = sum("laplace") + ld'
columns_tell 'Student base' 'll = sum("student") + ld'
tr -s ' \n' '  ' <"$folder/stdout" | grep -q 'law of 3 degrees'
result $? "3 degrees of freedom"
columns_tell 'diagonal base' 'll = sum("diagonal", .3, .6) + ld'
columns_tell 'full base' \
    'll = sum("normal") + ld - .2 * (z[1] * z[2] + z[2] * z[3])'
columns_tell shift 'll += 3 * log(32)'
mean=$(awk -F, 'NR > 1 { s += $1 - $2 } END { printf "%.17g", s / (NR - 1) }' \
    "$folder/own.csv")
columns_tell 'base averaged over rows' "ll = $mean + ld"
columns_tell range 'for (i = 1; i <= 3; i++) {
        z[i] = 1 - 2 / (1 + exp(2 * z[i])); ld += log(1 - z[i] * z[i]) }
    ll = sum("normal") + ld'

columns_tell range 'for (i = 1; i <= 3; i++) {
        ld += z[i] - log(1 + exp(z[i])); z[i] = log(1 + exp(z[i])) }
    ll = sum("normal") + ld'
tr -s ' \n' '  ' <"$folder/stdout" | grep -q 'holds 0\.11[0-9]*, what'
result $? "a range of one side"
columns_tell mean 'for (i = 1; i <= 3; i++) z[i] += .5
    ll = sum("normal") + ld'
# A mixture that the base is, and one that does not hold 1.
mixture='z[1] = z[1] / 2 + (uniform() < .3 ? 3 : -1)
    m = -(z[2] ^ 2 + z[3] ^ 2) / 2 - 3 * half_log_2pi + log(2)
    ll = m + log(.3 * exp(-2 * (z[1] - 3) ^ 2) + .7 * exp(-2 * (z[1] + 1) ^ 2)) + ld'
columns_tell 'mixture base' "$mixture"
grep -q 'a mixture of 2 normal laws' "$folder/stdout"
result $? "two components"
columns_tell unknown "$mixture + .01"
# Leaky units, and the slope that they have not: own points show it by rows of
# equal signs.
sample 1000
evaluate x.csv a.csv "$leak"
run --flow "$folder/a.csv"
! grep -q -E '^  WRONG' "$folder/stdout" && ! grep -q 'Diagnosis: slope' "$folder/stdout"
result $? "leaky units on their own points"
evaluate x.csv a.csv "$leak" 'for (i = 1; i <= 3; i++) if ($i < 0) ld += 1.6'
run --flow "$folder/a.csv" && told 'slope where x < 0' "its own points"
# Far out every point has one value; values that x has already are no atom.
evaluate x.csv a.csv 'if (w[1] > 1.2) w[1] = 0'
run --flow "$folder/a.csv" && told atom "its own points"
awk -F, -v OFS=, 'NR > 1 { $1 = $1 < 0 ? -1 : 1 } { print }' "$folder/x.csv" >"$folder/discrete.csv"
evaluate discrete.csv a.csv
run --flow "$folder/a.csv" &&
    grep -q '^  ok  *C1.1  *no column of z has one value' "$folder/stdout"
result $? "a column of two values"
sample 400
evaluate x.csv own.csv

# The inverse's columns.
back_tells() { # NAME LAST: b[1 .. 3] comes back, with lb
    evaluate x.csv a.csv '' '' "split(\$0, b, \",\"); lb = -ld; $2
        extra = sprintf(\",%.17g,%.17g,%.17g,%.17g\", b[1], b[2], b[3], lb)" \
        ,x_back1,x_back2,x_back3,log_abs_det_back
    run --flow "$folder/a.csv"
}
back_tells none '' && well "an inverse"
grep -q '^  ok  *C6.3  *x_back' "$folder/stdout" &&
    grep -q '^  ok  *C1.1  *log_abs_det_back' "$folder/stdout"
result $? "an inverse is looked at"
back_tells sign 'lb = ld' && told "sign of the inverse's log-det" "an inverse"
back_tells input 'lb = -forward(z[1], z[2], z[3]); forward(w[1], w[2], w[3])'
grep -q "Diagnosis: inverse's log-det" "$folder/stdout"
result $? "an inverse's log-det at its input"
back_tells part 'if (z[2] > 1.2) lb -= .3 * (z[2] - 1.2)' &&
    told "inverse's log-det in part" "an inverse"
grep -q 'those where z2 lies in \[1\.2' "$folder/stdout"
result $? "an inverse: in which part"
back_tells bound 'for (i = 1; i <= 3; i++) b[i] = b[i] > 1 ? 1 : b[i] < -1 ? -1 : b[i]' &&
    told 'inverse at a bound' "an inverse"
back_tells scaled 'b[2] *= 2' && told 'x scaled' "an inverse"
back_tells moved 'for (i = 1; i <= 3; i++) b[i] += .5' && told 'x moved' "an inverse"
back_tells clipped 'if (b[1] > 2) b[1] = 0' && told 'not one-to-one' "an inverse"
back_tells other 'lb += .01' && told "inverse's log-det" "an inverse"

# Noise in log_abs_det: without repeated rows by a field fitted to z, with them
# by the rows alone; rows repeated as they are, smooth errors and few decimals are
# none.
evaluate x.csv a.csv '' 'ld += .1 * normal()'
run --flow "$folder/a.csv" && told noise "own points"
{
    cat "$folder/x.csv"
    sed 1d "$folder/x.csv" | head -n 40
} >"$folder/twice.csv"
evaluate twice.csv a.csv '' 'ld += .001 * normal()'
run --flow "$folder/a.csv" && told noise "repeated rows"
grep -q '^  WRONG  C1.1  log_abs_det is one at equal x and z' "$folder/stdout"
result $? "repeated rows: which"
evaluate twice.csv a.csv
run --flow "$folder/a.csv" &&
    grep -q '^  ok  *C1.1  *log_abs_det is one at equal x and z' "$folder/stdout" &&
    grep -q 'likelihood ratio' "$folder/stdout" && ! grep -q 'perhaps noise' "$folder/stdout"
result $? "repeated rows of a correct flow"
format=%.4f evaluate x.csv a.csv
run --flow "$folder/a.csv" && well "four decimals on own points"
evaluate x.csv a.csv '' 'ld += .1 * sin(2 * w[1]) * cos(w[2])'
run --flow "$folder/a.csv"
[ "$status" -eq 0 ] && ! grep -q 'Diagnosis: noise' "$folder/stdout" &&
    ! grep -q 'perhaps noise' "$folder/stdout"
result $? "a smooth error is no noise"

# Two files are matched by x.
{
    head -n 1 "$folder/own.csv"
    sed 1d "$folder/own.csv" | sort
} >"$folder/sorted.csv"
run --flow "$folder/own.csv" --flow2 "$folder/sorted.csv" && well "two orders"
grep -q 'same point  *0$' "$folder/stdout"
result $? "two orders: the same z"
! grep -q 'have other z at equal x' "$folder/stdout"
result $? "two orders: one function"
awk -F, -v OFS=, 'NR > 1 { v = $3; $3 = $4; $4 = v } { print }' \
    "$folder/own.csv" >"$folder/order.csv"
run --flow "$folder/own.csv" --flow2 "$folder/order.csv" &&
    grep -q 'have other z at equal x' "$folder/stdout"
result $? "another order of the columns at each call"
awk -F, -v OFS=, 'NR > 1 { $6 += 1 } { print }' "$folder/own.csv" \
    >"$folder/moved.csv"
rm -rf "$folder/out"
run --flow "$folder/own.csv" --flow2 "$folder/moved.csv"
[ "$status" -eq 2 ] && [ "$(wc -l <"$folder/stderr")" -eq 1 ] &&
    [ ! -e "$folder/out" ] && grep -q '0 of 400 points' "$folder/stderr"
result $? "other points are refused"

# Rows repeated, and a constant mean.
{
    cat "$folder/own.csv"
    sed 1d "$folder/own.csv" | head -n 200
} >"$folder/a.csv"
run --flow "$folder/a.csv" && ! grep -q '^  WRONG' "$folder/stdout"
result $? "rows repeated"

# What cannot be: a design over rows, without a file, of nothing.
refused() { # NAME OPTION...
    named=$1
    shift
    "$program" "$@" >"$folder/stdout" 2>"$folder/stderr"
    status=$?
    [ "$status" -eq 2 ] && [ "$(wc -l <"$folder/stderr")" -eq 1 ] &&
        grep -q -F -e "$named" "$folder/stderr"
    result $? "$*"
}
refused '--out' --design "$folder/x.csv"
refused '--flow' --design "$folder/x.csv" --flow "$folder/own.csv" \
    --out "$folder/p.csv"
refused missing.csv --design "$folder/missing.csv" --out "$folder/p.csv"
[ ! -e "$folder/p.csv" ]
result $? "nothing is written"

# One column, with its grid; and two, whose density holds less than 1.
awk -v rows=200 -f "$folder/flow.awk" -f - >"$folder/x1.csv" <<'AWK'
BEGIN { print "x1"; for (i = 0; i < 200; i++) printf "%.17g\n", 3 * normal() }
AWK
"$program" --design "$folder/x1.csv" --out "$folder/points1.csv" >/dev/null
one() { # Z LD: of v
    awk -F, "function pr(v) { z = $1; ld = $2
            printf \"%.17g,%.17g,%.17g,%.17g\\n\", -z * z / 2 - 0.9189385332046727 + ld, ld, z, v }
        NR == 1 { print \"log_likelihood,log_abs_det,z1,x1\"; next } { pr(\$1) }" \
        "$folder/points1.csv" >"$folder/a.csv"
    run --flow "$folder/a.csv"
}
one 'v / 3' '-log(3)' && decides "one column"
grep -q '^  ok .*the density holds 1' "$folder/stdout"
result $? "one column: its mass"
one 'v / 3' '-log(3) + 3' && told shift "one column"
! grep -q nan "$folder/stdout"
result $? "one column: no scale of others"
one '3 * (1 - 2 / (1 + exp(v)))' 'log(6) + v - 2 * log(1 + exp(v))' &&
    told range "one column"
# A spike between two rows of its grid, which has a fifth of the mass: what the
# cell may hold by its ends, and no mistake.
spike='t = (v - 0.515625) / .004; t = t > 99 ? 1 : t < -99 ? -1 : 1 - 2 / (1 + exp(2 * t))'
one "v / 3; $spike; z += t / 4" 'log(1 / 3 + (1 - t * t) / 4 / .004)' &&
    well "one column, a spike between two rows"
grep -q '^  ok .*the density holds 1  *0\.8.* +- 0\.2' "$folder/stdout"
result $? "one column, a spike: what its cell may hold"
# A log-determinant that is wrong where no point of the data is, by a factor that
# is the same in all cells there, is no such cell.
one 'v / 3' 'v > 11 ? 5 - log(3) : -log(3)'
grep -q '^  WRONG .*the density holds 1' "$folder/stdout"
result $? "one column: a log-determinant that is wrong far out"
one 'v / 3' 'v > 4 ? 3 + v / 100 - log(3) : -log(3)'
grep -q '^  WRONG .*the density holds 1' "$folder/stdout"
result $? "one column: a log-determinant that is wrong in a tenth of the mass"
one 'v > 6 ? 2 : v / 3' '-log(3)'
grep -q '^  WRONG .*the density holds 1' "$folder/stdout"
result $? "one column: a map that stands still far out"
one 'v / 2 + sin(v) / 3' 'log(1/2 + cos(v) / 3 + .01 * v * v)' &&
    told 'one layer' "one column"
# A density that is narrower than a step of the grid, which one row makes wide.
awk -v rows=100 -f "$folder/flow.awk" -f - >"$folder/x1.csv" <<'AWK'
BEGIN { print "x1"; for (i = 0; i < 100; i++) printf "%.17g\n", i == 7 ? 1.1e4 : normal() }
AWK
"$program" --design "$folder/x1.csv" --out "$folder/points1.csv" >/dev/null
one 'v' '0' && well "one column, narrower than a step of its grid"
grep -q '^  open .*the density holds 1' "$folder/stdout"
result $? "one column: what a coarse grid cannot tell is open"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
