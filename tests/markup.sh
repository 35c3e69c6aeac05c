#!/bin/sh
# markup.sh BUILD: the report, the comparison and what tools say, of a folder,
# tables, columns and values whose text is markup and signs for a terminal: all
# of it is shown as text, and none of it is an element, an end of an attribute
# or an escape sequence.
set -u
cd "$(dirname "$0")/.." || exit 1
case $1 in
/*) build=$1 ;;
*) build=$PWD/$1 ;;
esac
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "markup: failed: $2" >&2
    fi
}

# An element, an end of attributes (which are all in double quotes), a
# reference, a colour of terminals and a bell.
bell=$(printf '\007')
escape=$(printf '\033')
mark="<xss-mark a='xss-one' b=\"xss-two\">&xss-three;${escape}[31m$bell"
field=$(printf '%s' "$mark" | sed 's/"/""/g')
of=$mark

# The folder is as the user types it, which may be said as it is.
results=$fresh/$(printf '%s' "$mark" | tr -d '[:cntrl:]')
mkdir -p "$results/verdicts" "$results/timings" "$fresh/plots" "$fresh/long"
head=id,kind,statement,hypotheses,method,broken,measured,expected,tolerance,law
head=$head,p_value,detectable,broken_error,control,verdict,program
{
    echo "# program: optimum$mark"
    echo "# options: --profile quick $mark"
    echo "# arb: $mark"
    echo "$head"
    for id in C1.1 "$field" C2.1; do
        printf '"%s"' "$id"
        for k in 2 3 4 5 6 7 8 9 10 11 12 13 14; do
            case $k in
            2) printf ',theorem' ;;
            *) printf ',"%s %d"' "$field" $k ;;
            esac
        done
        printf ',verified,"optimum%s"\n' "$field"
    done
} >"$results/verdicts/optimum.csv"
cp "$results/verdicts/optimum.csv" "$results/verdicts/$of.csv"
for name in optimum-ppca volume-path "$of"; do
    {
        echo "# program: optimum"
        echo "# not run: $mark"
        printf '"x%s","%s"\n1,"%s"\n2,%s\n' "$field" "$field" "$field" 3
    } >"$results/$name.csv"
done
{
    echo program,kind,profile,seconds,resumed,commit,options
    printf '"%s","%s","%s","%s","%s","%s","%s"\n' "$field" "$field" "$field" 1 \
        no "$field" "$field"
} >"$results/timings/$of.csv"
cp "$results/timings/$of.csv" "$results/timings/optimum.csv"
printf 'commit,compiler\n"%s","%s"\n' "$field" "$field" >"$results/environment.csv"
sed "s|^|$(printf '%s' "$mark" | sed 's/[&|\\]/\\&/g')|" \
    results/reference/environment.txt >"$results/environment.txt"
{
    printf '# commit: %s\n# machine: %s\n' "$mark" "$mark"
    echo '# seeds: 100; rows: 5; processor seconds a seed: 50'
    echo "# unintended verdicts: 1; runs with one: 1, a rate within $mark"
    printf 'id,program,kind,statement,runs,verified,refuted,undecided,'
    printf 'unintended,controls,control_refuted,p_law,p_least,p_uniform\n'
    printf '"%s","%s","%s","%s",100,99,0,0,1,100,90,"%s",.01,"%s"\n' "$field" \
        "$field" "$field" "$field" "$field" "$field"
} >"$fresh/long/calibration.csv"
cp plots/optimum-gap.gp plots/style.gp "$fresh/plots"
sed -i "1s|\$| $(printf '%s' "$mark" | sed 's/[&|\\]/\\&/g')|" \
    "$fresh/plots/optimum-gap.gp"
echo '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>' \
    >"$fresh/plots/optimum-gap.svg"

# inert FILE: shown, and nothing but shown.
inert() {
    [ -s "$1" ]
    result $? "$1 is not there"
    grep -q -F '&lt;xss-mark' "$1"
    result $? "$1 does not show it"
    for raw in '<xss-mark' '"xss-two"' '&xss-three' "$escape" \
        "$bell"; do
        ! grep -q -F -e "$raw" "$1"
        result $? "$1 has $raw as it is: $(grep -F -m 1 -o -e ".\{40\}$raw" \
            "$1" | cat -v)"
    done
}

# plain WHAT: of what a tool said, no sign but letters and line ends.
plain() {
    [ -s "$fresh/said" ]
    result $? "$1 says nothing"
    ! LC_ALL=C tr -d '\n\t' <"$fresh/said" | LC_ALL=C grep -q '[[:cntrl:]]'
    result $? "$1: $(LC_ALL=C grep -m 1 '[[:cntrl:]]' "$fresh/said" | cat -v)"
}

"$build/tools/report" "$results" "$fresh/plots" "$fresh/long" \
    >"$fresh/said" 2>&1
plain report
inert "$results/report.html"
"$build/tools/report" --check "$results" "$fresh/plots" >"$fresh/said" 2>&1
plain 'report --check'
"$build/tools/report" --tables "$results" docs/columns.csv >"$fresh/said" 2>&1
plain 'report --tables'
"$build/tools/report" --readme "$results" >"$fresh/said" 2>&1
plain 'report --readme'
"$build/tools/verdicts" "$results" >"$fresh/said" 2>&1
plain verdicts
"$build/tools/verdicts" --claim C1.1 "$results" >"$fresh/said" 2>&1
plain 'verdicts --claim'
cp -R "$results" "$fresh/other"
sed -i 's/^1,/4,/' "$fresh/other"/*.csv
"$build/tools/compare" "$results" "$fresh/other" >"$fresh/said" 2>&1
plain compare
"$build/tools/compare" --same "$results" "$fresh/other" >"$fresh/said" 2>&1
plain 'compare --same'
"$build/tools/calibration" "$fresh" >"$fresh/said" 2>&1
plain calibration

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
