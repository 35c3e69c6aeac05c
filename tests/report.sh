#!/bin/sh
# report.sh TOOLS_DIR RESULTS_DIR: the report on the tables of RESULTS_DIR, of
# all experiments and proofs: what its parts owe each other, and, where Chromium
# is installed, what a reader sees.
set -u
tools=$1 results=$2
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
limit=4194304  # bytes of the report
most_sheets=13 # of paper

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "report: failed: $2" >&2
    fi
}

# Every figure of an experiment that has tables is drawn, without a word.
mkdir "$fresh/plots"
for plot in plots/*.gp; do
    name=${plot##*/}
    stem=${name%%[-.]*}
    if ls "$results/$stem"*.csv >"$fresh/log" 2>&1; then
        cp "$plot" "$fresh/plots"
    fi
done
said=$(tools/draw.sh "$results" "$fresh"/plots/*.gp 2>&1)
result $? "figures: $said"
[ -z "$said" ]
result $? "gnuplot says: $said"

# The same tables give the same bytes, a second later too; a PDF where its
# library does not pack the date away.
again() { # PLOT.gp
    for turn in 1 2; do
        tools/draw.sh "$results" "$1" && tools/draw.sh --pdf "$results" "$1"
        dated=
        ! LC_ALL=C grep -qa CreationDate "${1%.gp}".pdf || dated=${1%.gp}.pdf
        # shellcheck disable=SC2086 # a file or none
        sha256sum "${1%.gp}".svg "${1%.gp}".png $dated >"$fresh/bytes.$turn"
        sleep 1.1
    done
    cmp -s "$fresh/bytes.1" "$fresh/bytes.2"
}
mkdir "$fresh/again"
cp plots/lipschitz-budget.gp "$fresh/again/lipschitz-budget.gp"
again "$fresh/again/lipschitz-budget.gp"
result $? "lipschitz-budget: drawn again, other bytes"
sed -i 's/^set multiplot/set label 9 sprintf("%d", time(0)) at 1, 1\n&/' \
    "$fresh/again/lipschitz-budget.gp"
! again "$fresh/again/lipschitz-budget.gp"
result $? "a figure that has the time is not seen"

# Killed amid a drawing, by a gnuplot that is: what was there stays.
mkdir "$fresh/killed" "$fresh/killed/bin"
cp plots/lipschitz-budget.gp "$fresh/killed"
cat >"$fresh/killed/bin/gnuplot" <<'END'
#!/bin/sh
eval "$2; $4" # to, format, name
echo '<svg' >"$to/$name.$format"
touch "$to/struck"
kill -KILL 0
END
chmod +x "$fresh/killed/bin/gnuplot"
echo before >"$fresh/killed/lipschitz-budget.svg"
PATH="$fresh/killed/bin:$PATH" setsid -w tools/draw.sh "$results" \
    "$fresh/killed/lipschitz-budget.gp" >"$fresh/log" 2>&1
[ -f "$fresh/killed/struck" ] &&
    [ "$(cat "$fresh/killed/lipschitz-budget.svg")" = before ]
result $? "a figure half drawn has its name"

# docs/figures.md has a row for each figure, and no other.
figures() { # FIGURES.md
    sed -n 's/^| `\([a-z-]*\)` | [^|]* | [^|]* | [^|]* |$/\1/p' "$1" | sort \
        >"$fresh/rows"
    for plot in plots/*-*.gp plots/calibration.gp; do
        basename "$plot" .gp
    done | sort | cmp -s - "$fresh/rows"
}
figures docs/figures.md
result $? "docs/figures.md: not a row for each script of plots/"
sed '/^| `volume-kink`/d' docs/figures.md >"$fresh/figures.md"
! figures "$fresh/figures.md"
result $? "a figure without a row is not seen"
sed 's/^| `volume-kink`/| `volume-knick`/' docs/figures.md >"$fresh/figures.md"
! figures "$fresh/figures.md"
result $? "a row without a figure is not seen"

# The intervals that took long lie within those of this run, flow by flow, as
# both are of the same files.
within() { # LONG SHORT
    awk -F, '/^#/ { next }
        $1 == "flow" { for (i = 2; i <= NF; i++) name[i] = $i; next }
        FNR == NR { for (i = 2; i <= NF; i++) long[$1, i] = $i; next }
        { for (i = 2; i <= NF; i++) short[$1, i] = $i }
        END { for (key in short) {
                  split(key, at, SUBSEP)
                  if (name[at[2]] !~ /_(low|high)$/) continue
                  seen++
                  d = long[key] - short[key]
                  bad += name[at[2]] ~ /_low$/ ? d < -1e-12 : d > 1e-12
              }
              exit bad || seen != 20 }' "$1" "$2"
}
within results/long/two-flows.csv "$results/two-flows.csv"
result $? "results/long/two-flows.csv is not of the flows of data/trained"
sed 's/^f,/h,/; s/^g,/f,/; s/^h,/g,/' "$results/two-flows.csv" >"$fresh/exchanged"
! within results/long/two-flows.csv "$fresh/exchanged"
result $? "a table of other flows is not seen"

# What claims, verdicts, figures and answers owe each other: nothing.
"$tools/report" --check "$results" "$fresh/plots" >"$fresh/log" 2>&1
status=$?
result "$status" "claims: $(head -n 5 "$fresh/log")"

# The control: a verdict on a claim that is none, and a claim without any.
cp -R "$results" "$fresh/results"
sed -e 's/^"C3.10"/"C3.99"/' "$results/verdicts/ppca.csv" \
    >"$fresh/results/verdicts/ppca.csv"
grep -v '^C2.5,' "$results/verdicts/optimum.csv" \
    >"$fresh/results/verdicts/optimum.csv"
sed '/^C5.4aw,/d' "$results/verdicts/volume.csv" \
    >"$fresh/results/verdicts/volume.csv"
"$tools/report" --check "$fresh/results" "$fresh/plots" >"$fresh/log" 2>&1
[ $? -eq 1 ]
result $? "faulty verdicts are not seen"
for said in 'verdict on C3.99: no such id' 'claim C2.5: no verdict row' \
    'nothing answers {measured|C2.5|' \
    'abstract C5.4aw: it rests on rows that are not there'; do
    grep -qF "$said" "$fresh/log"
    result $? "not said: $said"
done
cp "$results"/verdicts/*.csv "$fresh/results/verdicts"

# The README holds the words that the rows of the quick profile give.  Without
# photographs some rows are not run.
if grep -q -F ',not run: ' "$results"/verdicts/*.csv; then
    echo "report: some rows are not run: the README is not compared" >&2
else
    tools/readme.sh --check "$tools/report" README.md "$results"
    result $? "README.md: not the words of these rows; make readme"
fi
cp README.md "$fresh"
tools/readme.sh "$tools/report" "$fresh/README.md" "$results"
result $? "no table for the README"
tools/readme.sh --check "$tools/report" "$fresh/README.md" "$results"
result $? "the table just written is not that of the rows"
sed -i 's/^| It relates to probabilistic PCA/| It relates to factor analysis/' \
    "$fresh/README.md"
! tools/readme.sh --check "$tools/report" "$fresh/README.md" "$results"
result $? "another table in the README is not seen"

# Every column has a description, those of make bench and of results/long too,
# and docs/tables.md is what they give.
mkdir "$fresh/tables"
cp "$results"/*.csv "$fresh/tables"
tools/bench_columns.sh "$fresh/tables"
tables() { # COLUMNS.csv
    "$tools/report" --tables "$fresh/tables" "$1" results/long
}
tables docs/columns.csv >"$fresh/tables.md"
result $? "columns: $(head -n 3 "$fresh/tables.md")"
cmp -s "$fresh/tables.md" docs/tables.md
result $? "docs/tables.md: not of these tables; make docs"
for name in uniqueness-exact throughput throughput-peers throughput-machine \
    scaling peers-flows calibration audit-correct; do
    grep -qx "## $name" "$fresh/tables.md"
    result $? "docs/tables.md: no table $name"
done
sed -e '/^\*,eigen_nats,/d' -e '/^scaling,cost,/d' docs/columns.csv \
    >"$fresh/columns.csv"
echo '*,no_such_column,,x' >>"$fresh/columns.csv"
tables "$fresh/columns.csv" >"$fresh/log"
[ $? -eq 1 ]
result $? "a column without a description is not seen"
for said in 'table optimum-ppca: column eigen_nats: no line' \
    'table scaling: column cost: no line' \
    'docs/columns.csv: *, no_such_column: no such column'; do
    grep -qF "$said" "$fresh/log"
    result $? "not said: $said"
done

# docs/reproduce.md names the programs that wrote each claim's rows.
programs() { # FILE
    sed -n 's/^\(| [CD][^|]*|[^|]*|[^|]*|\).*/\1/p' "$1"
}
"$tools/report" --reproduce "$results" >"$fresh/reproduce.md"
programs "$fresh/reproduce.md" >"$fresh/programs"
programs docs/reproduce.md | cmp -s - "$fresh/programs" &&
    [ "$(wc -l <"$fresh/programs")" -gt 80 ]
result $? "docs/reproduce.md: not of these rows; make docs"
tools/reproduce.sh "${tools%/*}" C1.99 >"$fresh/log" 2>&1
[ $? -eq 2 ] && grep -q 'CLAIM=C1.99: expected an id' "$fresh/log"
result $? "a claim that is none: $(cat "$fresh/log")"
"$tools/verdicts" --claim C3.10 "$results" >"$fresh/log" &&
    grep -q '^C3.10  verified by optimum: measured' "$fresh/log" &&
    ! grep -v -e '^C3.10 ' -e '^ ' "$fresh/log"
result $? "the rows of one claim: $(head -n 3 "$fresh/log")"

# A run beside itself, and beside one of which a cell is another.
cp -R "$results" "$fresh/other"
tools/side_by_side.sh "${tools%/*}" "$fresh/other" "$results" >"$fresh/log" 2>&1
[ "$(grep -c -e 'the same words' -e 'no cell differs' "$fresh/log")" -eq 2 ]
result $? "a run beside itself: $(head -n 5 "$fresh/log")"
awk -F, -v OFS=, '/^iris,/ && !done { $NF += 1; done = 1 } { print }' \
    "$results/optimum-ppca.csv" >"$fresh/other/optimum-ppca.csv"
tools/side_by_side.sh "${tools%/*}" "$fresh/other" "$results" >"$fresh/log" 2>&1
grep -q 'optimum-ppca row 1, predicted_gap_nats' "$fresh/log" &&
    [ -s "$fresh/other/compare/this/optimum-ppca.svg" ] &&
    grep -q 'compare/other/optimum-ppca.svg' "$fresh/other/compare.html"
result $? "another cell: $(head -n 5 "$fresh/log")"
tools/side_by_side.sh "${tools%/*}" "$results" '' >"$fresh/log" 2>&1
[ $? -eq 2 ]
result $? "no other run"
rm -r "$fresh/other"

# No word on the abstract is written beside its entry.
! sed -n '/^ABSTRACT("/,/)$/p' theory/claims.def | grep -w -E 'true|false|open'
result $? "theory/claims.def: a word on the abstract is written"

# The words on the abstract follow the rows: changed(PROGRAM, SED) rows of a
# copy, and what is said of a wording then.
changed() { # PROGRAM SED
    cp "$results"/verdicts/*.csv "$fresh/results/verdicts"
    sed -i -E "$2" "$fresh/results/verdicts/$1.csv"
    ! cmp -s "$results/verdicts/$1.csv" "$fresh/results/verdicts/$1.csv"
    result $? "no row of $1 is changed by $2"
}
word() { # WORD BEGIN: of the wording, for the README, on terminal and page
    "$tools/report" --readme "$fresh/results" | grep -q -F "| $2" &&
        "$tools/report" --readme "$fresh/results" | grep -F "| $2" |
        grep -q -F "| $1"
    result $? "not '$1' in the README: $2"
    "$tools/verdicts" "$fresh/results" >"$fresh/log"
    grep -q "^$1  *$2" "$fresh/log"
    result $? "not '$1' on the terminal: $2"
    "$tools/report" "$fresh/results" "$fresh/plots" >"$fresh/log"
    grep -q "<th scope=\"row\" class=\"s\">$2.*<b>$1</b>" \
        "$fresh/results/report.html"
    result $? "not '$1' on the page: $2"
}
pca='It relates to probabilistic PCA'
unique='The Jacobian determinant mapping is unique'
large='Stable training at 1024 x 1024'
row_of='C8.H,optimisation,at 1024 x 1024 all is well,h,m,b,0,0,1'
row_of=$row_of,errors,nan,1,2,refuted
changed ppca 's/^("C3.10".*),certified example,/\1,refuted,/'
word false "$pca"
changed ppca 's/^("C3.10".*),certified example,/\1,undecided,/'
word 'open in this run' "$pca"
changed ppca '/^"C3.10"/d'
sed -i '/^C3.10,/d' "$fresh/results/verdicts/optimum.csv"
word 'open in this run' "$pca"
"$tools/report" --readme "$fresh/results" | grep -F "| $pca" |
    grep -q -F 'C3.10: no such row'
result $? "the row that is wanting is not told"
changed uniqueness 's/^(C1.3w,.*),refuted,uniqueness/\1,verified,uniqueness/'
word 'true under hypotheses' "$unique"
changed uniqueness '/^C1.3w,/d'
word 'open in this run' "$unique"
for verdict in verified refuted; do
    changed highres "\$ a $row_of,$verdict,highres"
    word "$([ $verdict = verified ] && echo true || echo false)" "$large"
done
cp "$results"/verdicts/*.csv "$fresh/results/verdicts"
sed -i '/^C8.H,.*at 1024 x 1024/d' "$fresh/results/verdicts/highres.csv"
word 'open in this run' "$large"
cp "$results"/verdicts/*.csv "$fresh/results/verdicts"

# The terminal ends with a word on each wording, and then the path of the page.
"$tools/verdicts" "$fresh/results" >"$fresh/log"
[ "$(tail -n 10 "$fresh/log" | grep -c -E '^(true|false|open) ?[a-z ]*  +[A-Z]')" \
    -eq 10 ]
result $? "the verdicts do not end with ten words: $(tail -n 3 "$fresh/log")"
"$tools/report" "$fresh/results" "$fresh/plots" >"$fresh/log"
tail -n 1 "$fresh/log" | grep -q "^$fresh/results/report.html  [0-9.]* MiB\$"
result $? "the report does not end with its path: $(tail -n 1 "$fresh/log")"

# Rows are evidence; what is counted is theorems and claims.
"$tools/verdicts" "$fresh/results" >"$fresh/log"
counted=' [0-9]+ theorems certified; .* of [0-9]+ claims [0-9]+ hold.*;'
tr -s ' \n' ' ' <"$fresh/log" | grep -q -E "$counted [0-9]+ rows of evidence"
result $? "theorems and claims are not counted: $(tail -n 4 "$fresh/log")"
theorems() {
    tr -s ' \n' ' ' <"$fresh/log" | sed 's/ theorems\? certified; .*//;s/.* //'
}
all=$(theorems)
changed twist 's/^("C1.3c","theorem".*),certified,/\1,undecided,/'
"$tools/verdicts" "$fresh/results" >"$fresh/log"
[ "$(theorems)" -eq $((all - 1)) ]
result $? "a theorem less is not seen: $(theorems) of $all"
cp "$results"/verdicts/*.csv "$fresh/results/verdicts"

# How verdicts fall over seeds, from a table made here.
mkdir "$fresh/long"
cat >"$fresh/long/calibration.csv" <<'END'
# commit: abc
# machine: a <machine>
# seeds: 100; rows: 5; processor seconds a seed: 50
# unintended verdicts: 1; runs with one: 1, a rate within 0 .. 0.05 (95 %)
id,program,kind,statement,runs,verified,refuted,undecided,unintended,controls,control_refuted,p_law,p_least,p_uniform
C1.1,one,identity,a,100,100,0,0,0,100,100,none,nan,nan
C1.2,one,statistic,b,100,99,1,0,1,100,100,uniform,.01,.4
C2.1,two,statistic,c,100,97,0,3,0,97,97,not below,.02,.9
C2.3,two,statistic,e,100,98,0,2,0,98,98,not below,.02,.9
C2.2,two,optimisation,d,100,100,0,0,0,100,96,none,nan,nan
END
cat >"$fresh/long/peers-flows.csv" <<'END'
# commit: abc
# machine: a <machine>
library,version,bijection,dimension,precision,state,check,error,second,method,tolerance,verdict,note
one,1.0,"Scale(""<b>"")",2,float32,fresh,log-det,.25,.25,derivative,1e-6,wrong,
one,1.0,"Scale(""<b>"")",5,float32,fresh,log-det,-1.5,-1.5,derivative,1e-6,wrong,
one,1.0,Shift,2,float32,fresh,log-det,0,0,derivative,1e-6,ok,
two,2.0,Shift,2,float32,fresh,log-det,0,0,derivative,1e-6,documented,
END
for name in calibration peers-flows; do
    cp "plots/$name.gp" "$fresh/plots"
    said=$(tools/draw.sh "$fresh/long" "$fresh/plots/$name.gp" 2>&1)
    [ -z "$said" ]
    result $? "$name: gnuplot says: $said"
done
for said in 'one  1 of 1' 'two  0 of 1'; do
    grep -q "$said" "$fresh/plots/peers-flows.svg"
    result $? "peers-flows: not drawn: $said"
done

"$tools/report" "$fresh/results" "$fresh/plots" "$fresh/long" \
    >"$fresh/log" 2>&1
result $? "no report"
page=$fresh/results/report.html
for said in 'id="calibration"' 'a &lt;machine&gt;' 'id="figure-calibration"' \
    '1 of 5 rows with an unintended verdict in some run: <a href="#claim-C1.2">' \
    '1 of 5 rows undecided in more than 2 of 100 runs: <a href="#claim-C2.1">' \
    'in less than 97 of 100 runs: <a href="#claim-C2.2">'; do
    grep -q -F "$said" "$page"
    result $? "calibration: not in the report: $said"
done
for said in '<td>one</td><td>1.0</td><td>2</td><td>3</td><td>1</td>' \
    '<td>two</td><td>2.0</td><td>1</td><td>1</td><td>0</td>' \
    '<code>Scale(&quot;&lt;b&gt;&quot;)</code></td><td>log-det</td><td>-1.5</td>'; do
    grep -q -F "$said" "$page"
    result $? "peers: not in the report: $said"
done
[ "$(grep -c '<td>log-det</td>' "$page")" -eq 1 ]
result $? "peers: one row a check of what is wrong expected"

# The page with the tables that took hours.
for name in endurance-edge endurance-run; do
    cp "plots/$name.gp" "$fresh/plots"
done
for name in calibration endurance-edge endurance-run peers-flows; do
    said=$(tools/draw.sh results/long "$fresh/plots/$name.gp" 2>&1)
    [ -z "$said" ]
    result $? "$name: gnuplot says: $said"
done
"$tools/report" "$fresh/results" "$fresh/plots" results/long >"$fresh/log" 2>&1
result $? "no report"
size=$(wc -c <"$page")
[ "$size" -lt "$limit" ]
result $? "$size bytes, less than $limit expected"
# Whether ten times the rate is borne is of the table, and so is what diverged.
tenfold() { # ANSWER DIVERGED
    grep -q "<td>$1</td></tr>" "$page" &&
        grep -q "<td>$2 of 2</td>" "$page"
}
tenfold yes 0
result $? "endurance: ten times the rate, and no run that diverged"
mkdir "$fresh/endurance"
cp results/long/endurance*.csv "$fresh/endurance"
sed -i 's/^\(1024,spectrum,200,\).*/\1.0002,.0003/' \
    "$fresh/endurance/endurance-edge-rates.csv"
sed -i '0,/,finished,0,/s//,diverged,1,/' "$fresh/endurance/endurance-runs.csv"
"$tools/report" "$fresh/results" "$fresh/plots" "$fresh/endurance" \
    >"$fresh/log" 2>&1
tenfold no 1
result $? "planted: a rate that is not ten times another, a run that diverged"
"$tools/report" "$fresh/results" "$fresh/plots" results/long >"$fresh/log" 2>&1
rows=$(grep -c '<td class=n>.*<span class="v ' "$page")
count=$(cat "$results"/verdicts/*.csv |
    grep -c -v -e '^#' -e '^id,')
# once in the table of all, once with its claim
[ "$rows" -eq $((2 * count)) ]
result $? "$rows rows in the report, twice $count expected"

# What a formula cannot say is told with its place; nothing else is shown.
mkdir "$fresh/faulty"
cp "$fresh"/plots/* "$fresh/faulty"
sed -i '1s/$/ $x^ + foo$ and $y/' "$fresh/faulty/optimum-gap.gp"
"$tools/report" --check "$results" "$fresh/faulty" >"$fresh/log" 2>&1
for said in "optimum-gap formula: 'foo' found at 'foo', a letter" \
    'optimum-gap formula: a dollar sign without its second'; do
    grep -qF "$said" "$fresh/log"
    result $? "not said: $said: $(head -n 3 "$fresh/log")"
done
rm -r "$fresh/faulty"

browser=
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >"$fresh/log" 2>&1; then
        browser=${browser:-$name}
    fi
done

browse() { # OPTION...
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
        --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync \
        --user-data-dir="$fresh/browser" "$@"
}

# sheets PAGE SIZE: how many sheets of paper it takes.
sheets() {
    sed "s|</head>|<style>@page{size:$2}</style>&|" "$1" >"$fresh/paper.html"
    browse --no-pdf-header-footer --print-to-pdf="$fresh/paper.pdf" \
        "file://$fresh/paper.html" 2>"$fresh/stderr"
    grep -a -c '/Type /Page$' "$fresh/paper.pdf"
}

# found PAGE: does what the browser finds open the phrase that has it?
found() {
    browse --window-size=1280,900 --virtual-time-budget=5000 --dump-dom \
        "file://$1#:~:text=Two%20modes%20cost" 2>"$fresh/stderr" |
        grep -q '<details class="phrase[^>]* open='
}

# look PAGE WIDTH [OPTION]: what the checks in PAGE answer in a frame of that width, in
# seen; what the browser's console said, in console.
look() {
    cat >"$fresh/frame.html" <<END
<!DOCTYPE html><iframe width="$2" height="900" style="border:0"></iframe>
<pre id="answers"></pre>
<script>
window.addEventListener('message', function (e) {
    document.getElementById('answers').textContent = '\\n' + e.data + '\\n';
});
document.querySelector('iframe').src = 'file://$1';
</script>
END
    # shellcheck disable=SC2086 # an option or none
    browse ${3-} --hide-scrollbars --window-size=1400,1000 \
        --virtual-time-budget=20000 --enable-logging=stderr \
        --dump-dom "file://$fresh/frame.html" >"$fresh/dom" 2>"$fresh/stderr"
    grep 'CONSOLE' "$fresh/stderr" >"$fresh/console"
    sed -n '/<pre id="answers">/,/<\/pre>/p' "$fresh/dom" |
        grep -E '^(passed|failed) ' >"$fresh/seen"
}

# with_checks COPY FILE: the report with the checks in its head, and what is in
# FILE at its end.
with_checks() {
    awk -v more="$2" '
        { while ((at = index($0, "<head>")) && !done) {
              printf "%s<script>", substr($0, 1, at + 5)
              while ((getline line < "tests/report.js") > 0) print line
              printf "</script>"
              $0 = substr($0, at + 6); done = 1
          }
          if ($0 == "</main>" || sub(/<\/main>$/, ""))
              while ((getline line < more) > 0) print line
          print }' "$page" >"$1"
}

if [ -z "$browser" ]; then
    echo "report: no Chromium: what a reader sees is not checked" >&2
else
    with_checks "$fresh/good.html" /dev/null
    dark=--blink-settings=preferredColorScheme=0
    for way in 1280 390 "390 $dark"; do
        width=${way% *}
        # shellcheck disable=SC2086 # a width, and an option or none
        look "$fresh/good.html" $way
        while read -r verdict what; do
            [ "$verdict" = passed ]
            result $? "at $width pixels: $what"
        done <"$fresh/seen"
        answers=$(wc -l <"$fresh/seen")
        [ "$answers" -eq 23 ]
        result $? "at $width pixels: $answers answers, expected 23"
        grep -q "at $width pixels" "$fresh/seen"
        result $? "the window is not $width wide"
        [ ! -s "$fresh/console" ]
        result $? "console: $(head -n 1 "$fresh/console")"
    done

    for size in A4 letter; do
        count=$(sheets "$page" $size)
        [ "$count" -ge 10 ] && [ "$count" -le "$most_sheets" ]
        result $? "on $size: $count sheets, at most $most_sheets expected"
    done

    found "$page"
    result $? "a search does not open what it finds"
    sed 's/:not(\[open\])::details-content{display:[a-z-]*/&;display:none/' \
        "$page" >"$fresh/closed.html"
    ! found "$fresh/closed.html"
    result $? "a phrase that a search does not open is not seen"

    # The control: each fault is seen.
    sed 's|</head>|<style>@media print{#gallery{display:block!important}}</style>&|' \
        "$page" >"$fresh/large.html"
    [ "$(sheets "$fresh/large.html" A4)" -gt "$most_sheets" ]
    result $? "a page of more sheets is not seen"
    cat >"$fresh/faults" <<'END'
<a href="#nowhere">x</a><a id="claim-C1.1" href="https://example.org/">y</a>
<figure id="empty"><svg></svg><figcaption></figcaption></figure>
<div style="width:3000px">wide</div><script>nothing_here()</script>
<section id="late"><h5>A heading too deep</h5></section>
<p style="color:#bbb;background:#fff">Hardly to be seen $x$</p>
<svg role="img" aria-labelledby="nothing" width="9" height="9"></svg>
<math><mi>x</mi></math><p tabindex="3">first of all</p>
<style>#figure-optimum-gap svg,#phrase-2 svg{width:200px;min-width:0!important}
@media print{#phrase-3 svg{width:100px!important}#checked table{width:120%!important}}
</style>
END
    with_checks "$fresh/bad.html" "$fresh/faults"
    sed -i -e 's/Detectable: an error/An error/' \
        -e '0,/<details class="phrase/s//<details open class="phrase/' \
        -e '0,/<dt>measured here/s//<dt>measured/' \
        -e 's/make figure NAME=uniqueness-variance/make it/' \
        -e 's/cost 0\.1626/cost 9.1626/' \
        -e '0,/<a href="#words-[0-9]*"/s//<a tabindex="-1" href="#words-1"/' \
        -e '0,/data-kind="theorem"/s//data-kind=""/' "$fresh/bad.html"
    look "$fresh/bad.html" 390
    for what in 'links within the page: #nowhere' \
        'nothing is taken from elsewhere' 'every id is there once: claim-C1.1' \
        'figures have a size and a caption: empty' \
        'no horizontal scrolling at 390 pixels' \
        'no error on the console: .*nothing_here' \
        'rows say what they could have seen: no row says Detectable' \
        'filters: theorem' 'formulas: .* without a text' \
        'formulas: .*a dollar sign' 'headings: h5 A heading too deep' \
        'contrast: .*Hardly to be seen' 'pictures have a text: 1' \
        'the keyboard: P first of all' 'order of the sections: late' \
        'phrases: 1 is open' 'phrases: .*1 lacks measured here' \
        'phrases: .*2 has a figure with small letters' \
        'figures say their command: figure-uniqueness-variance' \
        'letters of figures are large enough: figure-optimum-gap' \
        'paper: .*TABLE cut off in checked' 'paper: .*small letters in phrase-3' \
        'marks of the libraries: .* leads elsewhere; .* cannot be reached' \
        'what newcomers ask: the cost of M = 4; the command of figure 3'; do
        grep -q "^failed $what" "$fresh/seen"
        result $? "a fault is not seen: $what"
    done
    grep -q nothing_here "$fresh/console"
    result $? "the console's error is not seen"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
