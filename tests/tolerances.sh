#!/bin/sh
# tolerances.sh TOOLS_DIR: what results/reference/tolerances.csv lets pass and
# what it does not: errors planted in the reference tables, just below and just
# above the tolerance of a cell.
set -u
tools=$1
reference=results/reference
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "tolerances: failed: $2" >&2
        cat "$fresh/log" >&2
    fi
}

# Every line names cells, begins its reason with what it is, and says of chaos
# what holds the claim instead.
"$tools/compare" --shares "$reference" "$reference" >"$fresh/log"
result $? "the reference is not itself"
awk -F, 'NF == 8 { n++; bad += $2 == 0 } END { exit bad || n < 100 }' \
    "$fresh/log"
result $? "a line that names no cell"
grep -v '^#' "$reference/tolerances.csv" | tail -n +2 | awk -F, '
    { why = $6; sub(/^"/, "", why) }
    why !~ /^(rounding|claim|nudged|exact|chaotic: .+)/ { print; bad = 1 }
    ($4 == "inf") != (why ~ /^chaotic/) { print; bad = 1 }
    END { exit bad }' >"$fresh/log"
result $? "a reason that says nothing"

# plant TABLE COLUMN WHERE FACTOR PLUS: in b one cell of COLUMN, the first that
# is not 0 in a row where each COLUMN=TEXT of WHERE, joined by &, holds, is
# multiplied by FACTOR, and PLUS is added.
plant() {
    rm -rf "$fresh/a" "$fresh/b"
    mkdir "$fresh/a" "$fresh/b"
    cp "$reference/$1.csv" "$reference/tolerances.csv" "$fresh/a"
    awk -F, -v OFS=, -v column="$2" -v where="$3" -v factor="$4" -v plus="$5" '
        function here(  k, pair) {
            for (k = 1; k <= n; k++) {
                split(wanted[k], pair, "=")
                if ($at[pair[1]] != pair[2])
                    return 0
            }
            return 1
        }
        BEGIN { n = split(where, wanted, "&") }
        /^#/ { print; next }
        !names {
            for (j = 1; j <= NF; j++)
                at[$j] = j
            names = 1
            print
            next
        }
        !done && here() && $at[column] + 0 != 0 {
            $at[column] = sprintf("%.17g", $at[column] * factor + plus)
            done = 1
        }
        { print }
        END { exit !done }' "$reference/$1.csv" >"$fresh/b/$1.csv"
}

# planted STATUS TABLE COLUMN WHERE FACTOR PLUS
planted() {
    wanted=$1
    shift
    if plant "$@"; then
        "$tools/compare" "$fresh/a" "$fresh/b" >"$fresh/log" 2>&1
        status=$?
    else
        status="no such cell" && : >"$fresh/log"
    fi
    [ "$status" = "$wanted" ]
    result $? "planted $*: status $status"
}

# found TABLE COLUMN WHERE ERROR: a change by ERROR of itself is found; of the
# tolerance that is then printed .9 passes and 1.1 does not.
found() {
    planted 1 "$1" "$2" "$3" "$(awk "BEGIN { printf \"%.17g\", 1 + $4 }")" 0
    allowed=$(sed -n 's/.*reference \(.*\), fresh .*(abs \(.*\), rel \(.*\))/\1 \2 \3/p' \
        "$fresh/log" | awk '{ x = $1 < 0 ? -$1 : $1; printf "%.9g", $2 + $3 * x }')
    [ -n "$allowed" ] || return
    planted 0 "$1" "$2" "$3" 1 "$(awk "BEGIN { print .9 * $allowed }")"
    planted 1 "$1" "$2" "$3" 1 "$(awk "BEGIN { print 1.1 * $allowed }")"
}

worst='condition=10000'
found stability-rate critical_rate parameterisation=dense 2e-13
found stability-rate critical_rate "parameterisation=lower entries&$worst" 2e-13
found stability-rate critical_rate 'parameterisation=log scales' 3e-15
found stability-rate critical_rate 'parameterisation=P L U' 1e-8
found stability-rate rate "parameterisation=P L U&$worst" 1e-8
found stability-rate critical_rate "parameterisation=SVD&condition=464.159" 1e-8
found stability-rate critical_rate "parameterisation=SVD&$worst" 0.1
found stability-rate rate "parameterisation=diagonal x d-1 reflections&$worst" 0.1
found stability-rate critical_rate "parameterisation=deep linear (4)&$worst" 1e-3
found stability-rate end_over_critical diverged=0 1e-3
found stability-rate steps diverged=0 0.5
found stability-rate bursts 'parameterisation=dense&rate_over_critical=1.05' 2
found stability-rate largest_gap_nats diverged=0 0.1
found stability-flatter critical_rate 'parameterisation=Q R' 1e-8
found stability-flatter rate "parameterisation=SVD&$worst" 0.1
found stability-flatter end_over_critical rate_over_critical=1 1e-3
found stability-hessian measured parameterisation=dense 1e-7
found stability-hessian measured "parameterisation=deep linear (4)&$worst" 0.1
found stability-double steps method=sgd 1e-6
found stability-float steps method=sgd 0.5
found stability-edge lambda_max linear=1 1e-5
found lipschitz-layers largest_proved flow=additive 1e-2
found lipschitz-layers radius flow=residual 1e-2
found lipschitz-layers least_measured 'flow=splines&target=gauss' 1e-2
found lipschitz-layers largest_proved 'flow=splines&target=rings' 2
found lipschitz-layers largest_proved 'flow=splines&target=checkerboard' 1
found lipschitz-budget test_nats flow=affine 1e-3
found lipschitz-budget lip_measured flow=additive 1e-2
found lipschitz-inverse condition_number flow=residual 1e-3
found lipschitz-inverse roundtrip_error flow=residual 1000
found lipschitz-gradients drift flow=residual 1000
found principles condition_number principle=full 1e-3
found principles roundtrip_error principle=full 1000
found optimum-flows test_nats status=converged 1e-3
found optimum-training gap_nats data=wine 0.1
found volume-order order method=contour 1e-2
found uniqueness-runs mean_log_abs_det status=finished 1
found audit-training steps flow=affine 1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
