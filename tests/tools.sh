#!/bin/sh
# tools.sh TOOLS_DIR: the tools that read tables, on small tables made here.
set -u
tools=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
a=$fresh/reference b=$fresh/fresh

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "tools: failed: $2" >&2
        cat "$fresh/log" >&2
    fi
}

# expect STATUS WHAT COMMAND...
expect() {
    wanted=$1 what=$2
    shift 2
    "$@" >"$fresh/log" 2>&1
    [ $? -eq "$wanted" ]
    result $? "$what"
}

says() { # TEXT: in what the last command printed
    grep -qF -e "$1" "$fresh/log"
    result $? "not said: $1"
}

holds() { # FILE TEXT
    grep -qF -e "$2" "$1"
    result $? "$1 does not hold: $2"
}

lacks() { # FILE TEXT
    [ -f "$1" ] && ! grep -qF -e "$2" "$1"
    result $? "$1 holds: $2"
}

tables() { # FIRST_OF_B SECOND_OF_B: one row of numbers and text in b
    rm -rf "$a" "$b"
    mkdir "$a" "$b"
    printf '# one\nname,x_nats,count\nu,2.5,3\n"v,""w""",nan,4\n' >"$a/t.csv"
    printf '# two\nname,x_nats,count\nu,%s,%s\n"v,""w""",nan,4\n' \
        "$1" "$2" >"$b/t.csv"
    printf 'table,column,rows,abs,rel,why\n*,*,,1e9,0,all\n%s\n%s\n' \
        '*,count,,0,0,exact' 't,*_nats,,0.001,0,"sums, reordered"' \
        >"$a/tolerances.csv"
}

tables 2.5 3
expect 0 "equal tables" "$tools/compare" "$a" "$b"
tables 2.5009 3
expect 0 "within the tolerance" "$tools/compare" "$a" "$b"
tables 2.5011 3
expect 1 "beyond the tolerance" "$tools/compare" "$a" "$b"
says 't row 1, x_nats: reference 2.5, fresh 2.5011'
tables nan 3
expect 1 "nan for a number" "$tools/compare" "$a" "$b"
tables 2.5 4
expect 1 "a column that must be equal" "$tools/compare" "$a" "$b"
says '1 of 6 cells differ'
tables word 3
expect 1 "text for a number" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 't,x_nats,,0,1e-6,relative' >>"$a/tolerances.csv"
echo 'u,-inf,3' >>"$a/t.csv"
echo 'u,5,3' >>"$b/t.csv"
expect 1 "a number for an infinity" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 't,count,,inf,0,any' >>"$a/tolerances.csv"
echo 'u,1,3' >>"$a/t.csv"
echo 'u,1,-inf' >>"$b/t.csv"
expect 0 "an infinite tolerance" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 't,n*,,inf,0,derived from numbers' >>"$a/tolerances.csv"
echo 'u,1,3' >>"$a/t.csv"
echo 'w,1,3' >>"$b/t.csv"
expect 0 "another word under an infinite tolerance" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 'u,1,3' >>"$a/t.csv"
echo 'w,1,3' >>"$b/t.csv"
expect 1 "another word" "$tools/compare" "$a" "$b"
tables 2.6 3
echo 't,x*,,1,0,of two patterns that fit the later one' >>"$a/tolerances.csv"
expect 0 "a later pattern" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 'u,>= 7.1,3' >>"$a/t.csv"
echo 'u,>= 7.1005,3' >>"$b/t.csv"
expect 0 "bounds within the tolerance" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 'u,>= 7.1,3' >>"$a/t.csv"
echo 'u,<= 7.1,3' >>"$b/t.csv"
expect 1 "bounds of two kinds" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 'x,1,2' >>"$b/t.csv"
expect 1 "a row too many" "$tools/compare" "$a" "$b"
tables 2.5 3
echo 'x,1' >>"$b/t.csv"
expect 1 "a ragged table" "$tools/compare" "$a" "$b"
says "$b/t.csv:5:"
tables 2.5 3
printf 'other\n1\n' >"$a/more.csv"
expect 1 "a table that is not there" "$tools/compare" "$a" "$b"
tables 2.5 3
echo '*,x,,-1,0,wrong' >>"$a/tolerances.csv"
expect 1 "a negative tolerance" "$tools/compare" "$a" "$b"

# A tolerance of some rows, and one that depends on another column.
tolerate() { # X_OF_B LINE_OF_TOLERANCES: x_nats is 2.5, count 3
    tables "$1" 3
    echo "$2" >>"$a/tolerances.csv"
}
tolerate 2.6 't,x_nats,name=u,0.11,0,one row'
expect 0 "a tolerance of that row" "$tools/compare" "$a" "$b"
tolerate 2.6 't,x_nats,name=v*,0.11,0,the other row'
expect 1 "a tolerance of another row" "$tools/compare" "$a" "$b"
tolerate 2.6 't,x_nats,name=u count=3,0.11,0,both fit'
expect 0 "a tolerance by two columns" "$tools/compare" "$a" "$b"
tolerate 2.6 't,x_nats,name=u count=4,0.11,0,one fits'
expect 1 "a tolerance of which one column fits" "$tools/compare" "$a" "$b"
tolerate 2.6 't,x_nats,name=u,0.11,0,first'
echo 't,x_nats,,1e-3,0,rows before none' >>"$a/tolerances.csv"
expect 0 "a tolerance of all rows after one of a row" "$tools/compare" "$a" "$b"
tolerate 2.8 't,x_nats,,0.101*count,0,0.303'
expect 0 "a tolerance by a column" "$tools/compare" "$a" "$b"
tolerate 2.81 't,x_nats,,0.101*count,0,0.303'
expect 1 "beyond a tolerance by a column" "$tools/compare" "$a" "$b"
says 'abs 0.303'
tolerate 2.8 't,x_nats,,0,0.01*count^2*x_nats^0.5,0.142'
expect 0 "a tolerance by powers" "$tools/compare" "$a" "$b"
tolerate 2.9 't,x_nats,,0,0.01*count^2*x_nats^0.5,0.142'
expect 1 "beyond a tolerance by powers" "$tools/compare" "$a" "$b"
tolerate 2.5 't,x_nats,,1*none,0,no such column'
expect 1 "a tolerance by a column that is not there" "$tools/compare" "$a" "$b"
tolerate 2.5 't,x_nats,,1*count^2x,0,no power'
expect 1 "a tolerance that is no expression" "$tools/compare" "$a" "$b"
tolerate 2.5 't,x_nats,none=1,1,0,no such column'
expect 1 "rows by a column that is not there" "$tools/compare" "$a" "$b"

tolerate 2.6 't,x_nats,name=u,0.2,0,one row: as it is'
expect 0 "the part of a tolerance that is used" "$tools/compare" --shares \
    "$a" "$b"
says '0.5,1,t,x_nats,name=u,0.2,0,one row'
tolerate 2.8 't,x_nats,name=u,0.2,0,one row: as it is'
expect 1 "more than a tolerance is used" "$tools/compare" --shares "$a" "$b"
says '1.5,1,t,x_nats,name=u,0.2,0,one row'
tolerate 2.5 't,x_nats,name=w,0.2,0,no row: as it is'
expect 0 "a tolerance of no cell" "$tools/compare" --shares "$a" "$b"
says '0,0,t,x_nats,name=w,0.2,0,no row'

rm -rf "$a"
mkdir "$a"
expect 1 "no reference" "$tools/compare" "$a" "$b"

# The same text but for columns of time and memory, which must be numbers.
same() { # FIELDS_OF_B...: name, x, seconds
    mkdir -p "$a" "$b"
    printf '# one\nname,x,seconds\nu,1,2.5\n' >"$a/s.csv"
    printf '# one\nname,x,seconds\n%s\n' "$1" >"$b/s.csv"
}
same u,1,2.5
expect 0 "the same file" "$tools/compare" --same "$a/s.csv" "$b/s.csv"
same u,1,7
expect 0 "another time" "$tools/compare" --same "$a/s.csv" "$b/s.csv"
same u,1,soon
expect 1 "a time that is no number" "$tools/compare" --same "$a/s.csv" "$b/s.csv"
same u,1.0,2.5
expect 1 "other digits" "$tools/compare" --same "$a/s.csv" "$b/s.csv"
says 's.csv row 1, x: 1 and 1.0'
same u,1,2.5
sed -i 's/one/two/' "$b/s.csv"
expect 1 "another header" "$tools/compare" --same "$a/s.csv" "$b/s.csv"

# Folders: who made a table may differ, no other header line.
folders() { # FIRST_HEADER_LINE_OF_B X_OF_B SECONDS_OF_B
    rm -rf "$a" "$b"
    mkdir "$a" "$b"
    printf '# program: one\n# options: 1\nname,x\n"u",1\n' >"$a/s.csv"
    printf '# %s\n# options: 1\nname,x\n"u",%s\n' "$1" "$2" >"$b/s.csv"
    printf 'x,seconds\n1,2.5\n' >"$a/t.csv"
    printf 'x,seconds\n1,%s\n' "$3" >"$b/t.csv"
}
compare_folders() { # STATUS WHAT OPTION...
    wanted=$1 what=$2
    shift 2
    expect "$wanted" "$what" "$tools/compare" --same "$@" "$a" "$b"
}
folders 'program: two' 1 7
compare_folders 0 "tables of another program"
says '2 tables the same, 0 differ'
folders 'program: one' 1.0 2.5
compare_folders 1 "other digits in one table of two"
says 's.csv row 1, x: 1 and 1.0'
says '1 tables the same, 1 differ'
compare_folders 0 "a table that may differ" --except 's,t'
says 's: differs, as expected'
says '1 tables the same, 0 differ'
compare_folders 0 "a pattern of tables that may differ" --except '[s]*'
compare_folders 1 "another table may differ" --except t
compare_folders 2 "no table of that name" --except s,u
says '--except u: no such table'
folders 'precision: float' 1 2.5
compare_folders 1 "another header line"
folders 'program: one' 1 2.5
sed -i 's/"u"/u/' "$b/s.csv"
compare_folders 1 "the same fields, written otherwise"
folders 'program: one' 1 soon
compare_folders 1 "a time of a folder that is no number"
folders 'program: one' 1 2.5
cp "$a/t.csv" "$a/more.csv"
compare_folders 1 "a table in one folder alone"
says "more: only in $a"
rm "$b"/*.csv
compare_folders 2 "a folder without tables"
expect 2 "a folder and a file" "$tools/compare" --same "$a" "$a/s.csv"

# Verdicts of two programs; one file ends its lines with CR LF.
rm -rf "$b"
mkdir -p "$b/verdicts"
columns=id,kind,statement,hypotheses,method,broken,measured,expected,tolerance
columns=$columns,law,p_value,detectable,broken_error,control,verdict,program
{
    echo "# program: one"
    echo "$columns"
    echo 'C1.10,identity,"ten, <b>",h,m,b,0.123456789,0,1,errors,nan,1,2,refuted,verified,one'
    echo 'C1.9,identity,nine,h,"said ""so""","2 for <3>",2,<= 0.123456789,1,p,.25,1.5,.125,refuted,refuted,one'
} >"$b/verdicts/one.csv"
printf '%s\r\nC1.2,identity,"a\nb",h,m,b,nan,0,1,errors,nan,1,2,refuted,undecided,two\r\n' "$columns" \
    >"$b/verdicts/two.csv"
expect 0 "verdicts" env COLUMNS=400 "$tools/verdicts" "$b"
says '0 theorems certified; exact examples certified in 0 more programs;'
says 'of 2 claims 0 hold, 1 fails, 1 is open; 3 rows of evidence'
says 'open in this run'
says 'C3.10: no such row'
says 'C1.9 '
says 'not in claims.def'
says 'C1.9  refuted by one: measured 2, expected <= 0.123457, tolerance 1'
says 'C1.2  undecided by two: measured nan, expected 0, tolerance 1'
ids=$(sed -n 's/^\(C[0-9.]*\),.*/\1/p' "$b/verdicts.csv" | tr '\n' ' ')
[ "$ids" = "C1.2 C1.9 C1.10 " ]
result $? "order of ids: $ids"
holds "$b/verdicts.csv" \
    'C1.9,identity,nine,h,"said ""so""",2 for <3>,2,<= 0.123456789,1,p,.25,1.5,.125,refuted,refuted,one'

# The report, with a figure that exists and one that does not.
mkdir "$fresh/plots"
printf '# seed 7 of the header\nname,x\n' >"$b/optimum-linear.csv"
awk 'BEGIN { for (i = 1; i <= 201; i++) print "row" i "," i }' \
    >>"$b/optimum-linear.csv"
printf '# not run: no <b>\nx,y\n' >"$b/optimum-spectrum.csv"
printf 'x\n1\n' >"$b/a\"><b>.csv"
printf '# A <caption>\n# of two lines.\n\n# not this\n' \
    >"$fresh/plots/optimum-one.gp"
printf '# Nothing.\n' >"$fresh/plots/optimum-two.gp"
printf '# Nothing.\n' >"$fresh/plots/style.gp"
echo "<?xml?><svg><title>Gnuplot</title><g id='a'/><use href='#a'/></svg>" \
    >"$fresh/plots/optimum-one.svg"
expect 0 "report" "$tools/report" "$b" "$fresh/plots"
page=$b/report.html
holds "$page" "><g id='optimum-one-a'/><use href='#optimum-one-a'/></g></svg>"
holds "$page" '<svg role="img" aria-labelledby="caption-optimum-one">'
holds "$page" 'id="caption-optimum-one"'
lacks "$page" 'Gnuplot'
says 'it lacks '
holds "$page" 'The figure optimum-two: not made yet'
holds "$page" 'The table optimum-flows: not made yet'
holds "$page" 'seed 7 of the header'
holds "$page" 'not run: no &lt;b&gt;'
lacks "$page" '<b>.csv'
rm "$b/a\"><b>.csv"
holds "$page" 'A &lt;caption&gt; of two lines.'
holds "$page" '<code>optimum-two</code> is missing'
holds "$page" 'ten, &lt;b&gt;'
holds "$page" '<tr data-kind="identity">'
holds "$page" '<details class="how"><summary>identity, p = 0.25</summary>'
holds "$page" 'Detectable: an error of 1.5. Mistake that it would have caught: 2 for'
holds "$page" 'caught: 2 for &lt;3&gt;, which has p = 0.125.'
holds "$page" 'caught: b, an error of 2.'
holds "$page" '201 rows, the first 12 shown'
holds "$page" 'row12'
lacks "$page" 'row13'
lacks "$page" 'not this'
lacks "$page" 'src='

# Edges of the fuzzer: new beyond those of the corpus, of each process anew; the
# last 40 seconds had none.  The same without the line of the new one: all 110.
count_edges() { # LOG
    awk -v name=csv -v inputs=7 -v found=0 -v began=1000 -v now=1110 \
        -f tests/fuzz/count.awk "$1"
}
cat >"$fresh/fuzzer.log" <<LOG
1000 INFO: Seed: 5
1001 #20	INITED cov: 300 ft: 9 corp: 3/1Kb exec/s: 0 rss: 60Mb
1010 #90	NEW    cov: 300 ft: 10 corp: 4/1Kb lim: 9 exec/s: 0 rss: 60Mb L: 1/2
1050 stat::number_of_executed_units: 500
1050 INFO: Seed: 6
1051 #20	INITED cov: 305 ft: 9 corp: 3/1Kb exec/s: 0 rss: 60Mb
1070 #99	NEW    cov: 306 ft: 10 corp: 4/1Kb lim: 9 exec/s: 0 rss: 60Mb L: 1/2
1100 #990	REDUCE cov: 306 ft: 10 corp: 4/1Kb lim: 9 exec/s: 0 rss: 60Mb L: 1/2
1110 stat::number_of_executed_units: 700
LOG
expect 0 "edges of the fuzzer" count_edges "$fresh/fuzzer.log"
[ "$(tr -s ' ' <"$fresh/log")" = 'csv 1200 306 40 7 0' ]
result $? "of new edges"
grep -v '^1070' "$fresh/fuzzer.log" | sed '/^1100/s/306/305/' >"$fresh/quiet.log"
expect 0 "no new edges" count_edges "$fresh/quiet.log"
[ "$(tr -s ' ' <"$fresh/log")" = 'csv 1200 305 110 7 0' ]
result $? "of none"
sed 's/INITED/STARTED/' "$fresh/fuzzer.log" >"$fresh/changed.log"
expect 1 "a fuzzer that says it otherwise" count_edges "$fresh/changed.log"

# The page of times: the longest first, shares of experiments, proofs together; a
# resumed run and one of two profiles are refused, and the page stays.
mkdir -p "$fresh/timed/timings"
times=$fresh/timed/timings
timed() { # NAME KIND PROFILE SECONDS RESUMED
    printf '%s\n%s,%s,%s,%s,%s,abc,"Some processor"\n' \
        program,kind,profile,seconds,resumed,commit,processor "$@" \
        >"$times/$1.csv"
}
timed short experiment quick 10.0 no
timed long experiment quick 30.0 no
timed proven proof quick 2.5 no
timed shown proof quick 1.5 no
printf 'before\n<!-- timings -->\nold\n<!-- end of timings -->\nafter\n' \
    >"$fresh/times.md"
expect 0 "a page of times" tools/timings.sh "$fresh/timed" "$fresh/times.md"
expect 0 "what it says" python3 -c '
import sys
lines = open(sys.argv[1]).read().split("\n")
assert lines[0] == "before" and lines[-2:] == ["after", ""], lines
rows = [l for l in lines if l.startswith("|")][2:]
assert rows == ["| long | 30.0 | 75 % |", "| short | 10.0 | 25 % |",
                "| all experiments | 40.0 | |"], rows
assert ("2 proofs take 4.0 seconds of a processor (proven 2.5, shown 1.5)."
        in lines), lines
assert "old" not in lines' "$fresh/times.md"
cp "$fresh/times.md" "$fresh/times.before"
timed shown proof quick 1.5 yes
expect 2 "times of a resumed run" tools/timings.sh "$fresh/timed" "$fresh/times.md"
timed shown proof default 1.5 no
expect 2 "times of two profiles" tools/timings.sh "$fresh/timed" "$fresh/times.md"
expect 0 "a page that stays" cmp "$fresh/times.before" "$fresh/times.md"
rm -r "$times"
expect 2 "no times" tools/timings.sh "$fresh/timed" "$fresh/times.md"

# The manifest of a run: what json can read, with the hash of every file.
mkdir "$b/timings"
echo '# program: one' >"$b/one-table.csv"
printf '%s\n%s\n' program,kind,profile,seconds,resumed,commit,processor \
    'one,experiment,quick,1.5,no,abc,"A ""fast"" one"' >"$b/timings/one.csv"
: >"$b/odd \"name\".csv"
expect 0 "manifest" tools/manifest.sh "$b" "$fresh/plots" "${tools%/*}"
expect 0 "a manifest that is JSON" python3 -c '
import hashlib, json, re, sys
graph = {x["@id"]: x for x in json.load(open(sys.argv[1]))["@graph"]}
data = open(sys.argv[2], "rb").read()
assert graph["one-table.csv"]["sha256"] == hashlib.sha256(data).hexdigest()
assert "odd \"name\".csv" in graph and "plots/optimum-one.svg" in graph
run = graph["#run-one"]
assert {"@id": "one-table.csv"} in run["result"], run
assert "1.5 s" in run["description"]
assert graph["#program-one"]["softwareVersion"] == "abc"
assert re.fullmatch("[0-9.]+", graph["#program-one"]["version"])
for part in graph["./"]["hasPart"]:
    assert part["@id"] in graph' "$b/manifest.json" "$b/one-table.csv"
expect 0 "the files of a manifest" tools/manifest.sh --check "$b" "$fresh/plots"
echo 1 >>"$b/one-table.csv"
: >"$b/more.csv"
expect 1 "other files than a manifest's" tools/manifest.sh --check "$b" \
    "$fresh/plots"
says 'one-table.csv: not as the manifest has it'
says 'more.csv: not as the manifest has it'
rm "$b"/*.csv
expect 2 "a figure that is none" tools/figure.sh "$b" none
says 'expected one of: '
expect 1 "a figure without tables" tools/figure.sh "$b" volume-kink
says 'make volume makes it'

echo 'C1.1,identity,s,h,m,b,1,1,0,tolerance,nan,1,2,refuted,maybe,one' \
    >>"$b/verdicts/one.csv"
expect 1 "a verdict that is none" "$tools/verdicts" "$b"
says 'no such verdict: maybe'
printf '%s\n"open\n' "$columns" >"$b/verdicts/one.csv"
expect 1 "an open quote" "$tools/verdicts" "$b"
says 'a quote that does not close'
expect 2 "no folder" "$tools/verdicts"
for tool in "$tools/verdicts" "$tools/report"; do
    expect 2 "no such folder" "$tool" "$fresh/nowhere" \
        $([ "${tool##*/}" = verdicts ] || echo "$fresh/plots")
    says "'$fresh/nowhere' found, a folder of tables expected"
    [ ! -e "$fresh/nowhere" ]
    result $? "a folder that nobody named"
done
refuses() { # COMMAND...: with one line
    expect 2 "$*" "$@"
    [ "$(wc -l <"$fresh/log")" -eq 1 ]
    result $? "one line of $*"
}
refuses tools/fresh.sh
refuses tools/fresh.sh --cache
refuses tools/fresh.sh --cache "$fresh/nowhere" bookworm
refuses tools/fresh.sh --nothing bookworm
refuses tools/fresh.sh Bookworm/..
refuses .ci/run nothing
for tool in compare report verdicts; do
    expect 0 "$tool --help" "$tools/$tool" --help
    says 'Usage: '
done

# One version everywhere; another one is seen, and another date.
expect 0 "release.sh --check" tools/release.sh --check
for change in CITATION.cff:s/^version:.*/version:\ 9/ \
    CITATION.cff:s/^date-released:.*/date-released:\ 1999-01-01/ \
    "meson.build:s/version: '[^']*'/version: '9'/" \
    'lib/CHANGELOG.md:s/^## /## 9/'; do
    rm -rf "$fresh/release"
    mkdir -p "$fresh/release/tools" "$fresh/release/lib"
    cp meson.build CITATION.cff "$fresh/release"
    cp tools/release.sh "$fresh/release/tools"
    cp lib/CHANGELOG.md "$fresh/release/lib"
    sed -i "${change#*:}" "$fresh/release/${change%%:*}"
    expect 1 "$change" "$fresh/release/tools/release.sh" --check
    says ' expected'
done

# What tables are made with: the same here, and not the same with another GSL.
build=${tools%/*}
expect 0 "environment" tools/environment.sh "$build"
says 'compiler: '
says 'blas core: '
says 'library: '
cp "$fresh/log" "$fresh/environment.txt"
expect 0 "environment" tools/environment.sh "$build" "$fresh/environment.txt"
says 'that of'
sed -i 's/^gsl: .*/gsl: 0.1/' "$fresh/environment.txt"
expect 0 "environment" tools/environment.sh "$build" "$fresh/environment.txt"
says '< gsl: 0.1'

# What nights have tried, summed by part between the marks of a page.
cat >"$fresh/nights.csv" <<'TABLE'
night,part,what,tried,lost,seconds,commit
1,fuzz-a,"inputs, 7 edges",3000000000,1,5400,aaa
1,order,"orders of lanes, same bytes",62,0,60,aaa
2,fuzz-a,"inputs, 9 edges",2000000000,0,1800,bbb
1,fuzz-b,"inputs, 7 edges, none new for 50 s",10,0,60,aaa
2,fuzz-b,"inputs, 8 edges, none new for 20 s",10,0,23,bbb
3,fuzz-b,"inputs, 8 edges, none new for 30 s",10,0,30,ccc
1,fuzz-c,"inputs, 7 edges, none new for 60 s",10,0,60,aaa
2,fuzz-c,"inputs, 8 edges, none new for 9 s",10,0,30,bbb
TABLE
printf '%s\n' before '<!-- nights -->' old '<!-- end of nights -->' after \
    >"$fresh/nights.md"
for time in once twice; do
    expect 0 "nights, $time" tools/nights.sh "$fresh/nights.csv" \
        "$fresh/nights.md"
    holds "$fresh/nights.md" \
        '| fuzz-a | inputs, 9 edges | 2 | 5000000000 | 1 | 2.00 | bbb |'
    holds "$fresh/nights.md" \
        '| order | orders of lanes, same bytes | 1 | 62 | 0 | 0.02 | aaa |'
    # seconds without a new edge, over nights that had none in all their time
    holds "$fresh/nights.md" \
        '| fuzz-b | inputs, 8 edges, none new for 100 s | 3 | 30 | 0 | 0.03 | ccc |'
    holds "$fresh/nights.md" \
        '| fuzz-c | inputs, 8 edges, none new for 9 s | 2 | 20 | 0 | 0.03 | bbb |'
    lacks "$fresh/nights.md" old
done
[ "$(sed -n '1p;$p' "$fresh/nights.md" | tr '\n' ' ')" = 'before after ' ]
result $? "the rest of the page stays"
cp "$fresh/nights.csv" "$fresh/a=b.csv"
cp "$fresh/nights.md" "$fresh/c=d.md"
here=$PWD
expect 0 "a table named a=b.csv, a page c=d.md" sh -c \
    "cd '$fresh' && '$here/tools/nights.sh' a=b.csv c=d.md"
cmp -s "$fresh/nights.md" "$fresh/c=d.md"
result $? "the same page by other names"
printf '%s\n' '<!-- end of nights -->' '<!-- nights -->' >"$fresh/turned.md"
expect 2 "marks in the wrong order" tools/nights.sh "$fresh/nights.csv" \
    "$fresh/turned.md"
sed -i '/end of nights/d' "$fresh/nights.md"
expect 2 "a page without marks" tools/nights.sh "$fresh/nights.csv" \
    "$fresh/nights.md"
says "a line '<!-- nights -->'"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
