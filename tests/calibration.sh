#!/bin/sh
# calibration.sh TOOLS_DIR: how the verdicts of many seeds are counted, on seeds
# made here.
set -u
tools=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

check() { # WHAT COMMAND...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "calibration: failed: $what" >&2
        cat "$fresh/log" >&2
    fi
}

says() { grep -q -F -e "$1" "$fresh/log"; }
holds() { grep -q -e "$1" "$fresh/table.csv"; }
ends_with() { # STATUS
    "$tools/calibration" "$fresh/runs" "$fresh/table.csv" >"$fresh/log" 2>&1
    [ $? -eq "$1" ]
}

# seed N P VERDICT CONTROL: three rows, an equality and an inequality by their
# p-values and a wording.
seed() {
    mkdir -p "$fresh/runs/$1/verdicts"
    {
        echo "# program: one"
        echo "id,kind,statement,method,expected,law,p_value,measured,control,verdict,program"
        echo "C1.1,statistic,\"a, b\",m,0,errors,$2,1,$4,$3,one"
        echo "C1.2,statistic,c,m,<= 0,errors,$2,1,refuted,verified,one"
        echo "C1.3w,wording,d,m,0,p,1e-30,1,refuted,refuted,one"
        echo "C8.H,statistic,e,not run: no photographs,nan,errors,nan,nan,undecided,undecided,one"
    } >"$fresh/runs/$1/verdicts/one.csv"
    echo 2.5 >"$fresh/runs/$1.done"
}

mkdir "$fresh/runs"
echo "# commit: abc" >"$fresh/runs/about"
check "a folder without seeds" ends_with 1

# p-values as uniform as can be.
for n in $(seq 1 50); do
    seed "$n" "$(awk "BEGIN { print ($n - 0.5) / 50 }")" verified refuted
done
mkdir -p "$fresh/runs/99/verdicts" # a seed that is not done
check "uniform p-values" ends_with 0
check "header" holds '^# commit: abc$'
check "seconds" says 'seeds: 50; rows: 3; processor seconds a seed: 2.5'
check "no unintended" says 'unintended verdicts: 0; runs with one: 0, a rate within 0 .. 0.0711'
check "none leaves its law" says 'at a level of 1e-3 for all: 0 of 2'
check "equality" holds '^C1.1,one,statistic,"a, b",50,50,0,0,0,50,50,uniform,0.01,1$'
check "wording" holds '^C1.3w,one,wording,d,50,0,50,0,0,50,50,none,nan,nan$'

# Planted: small ones too often, which both laws forbid.
for n in $(seq 1 50); do
    seed "$n" "$(awk "BEGIN { print (($n - 0.5) / 50) ^ 3 }")" verified refuted
done
check "small p-values" ends_with 0
check "both leave their law" says 'for all: 2 of 2'

# Large ones too often: the inequality may.
for n in $(seq 1 50); do
    seed "$n" "$(awk "BEGIN { print (($n - 0.5) / 50) ^ 0.3 }")" verified refuted
done
check "large p-values" ends_with 0
check "the equality leaves its law" says 'for all: 1 of 2'

# An unintended verdict, two undecided ones, a control that survives twice.
seed 7 1e-9 refuted refuted
seed 8 0.3 undecided refuted
seed 9 0.3 undecided refuted
seed 10 0.3 verified verified
seed 11 0.3 verified verified
check "verdicts" ends_with 0
check "unintended" says 'unintended verdicts: 1; runs with one: 1'
check "told" says 'seed 7  one  C1.1: a, b'
check "undecided" says 'undecided in more than 2 of 100 runs: 1'
check "controls" says 'not refuted in 97 of 100 runs: 1'
check "row" holds '^C1.1,one,statistic,"a, b",50,47,1,2,1,48,46,'

# Seeds whose rows differ.
sed -i 's/^C1.2,/C1.4,/' "$fresh/runs/12/verdicts/one.csv"
check "another row" ends_with 1
check "told" says 'claim C1.4: not a row of the other seeds'
seed 12 0.5 verified refuted
sed -i '/^C1.3w/d' "$fresh/runs/12/verdicts/one.csv"
check "a row less" ends_with 1

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
