#!/bin/sh
# report.sh TOOLS_DIR RESULTS_DIR: the report on the tables of RESULTS_DIR, of
# all experiments and proofs: what its parts owe each other, and, where Chromium
# is installed, what a reader sees.
set -u
tools=$1 results=$2
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
limit=3145728 # bytes of the report

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
"$tools/report" --check "$fresh/results" "$fresh/plots" >"$fresh/log" 2>&1
[ $? -eq 1 ]
result $? "faulty verdicts are not seen"
for said in 'verdict on C3.99: no such id' 'claim C2.5: no verdict row' \
    'nothing answers {measured|C2.5|'; do
    grep -qF "$said" "$fresh/log"
    result $? "not said: $said"
done
cp "$results"/verdicts/*.csv "$fresh/results/verdicts"

# The README holds the table of the claims.
tools/readme.sh --check "$tools/report" README.md
result $? "README.md: not the table of theory/claims.def; make readme"
sed 's/^| It relates to probabilistic PCA/| It relates to factor analysis/' \
    README.md >"$fresh/README.md"
! tools/readme.sh --check "$tools/report" "$fresh/README.md"
result $? "another table in the README is not seen"

"$tools/report" "$fresh/results" "$fresh/plots" >"$fresh/log" 2>&1
result $? "no report"
page=$fresh/results/report.html
size=$(wc -c <"$page")
[ "$size" -lt "$limit" ]
result $? "$size bytes, less than $limit expected"
rows=$(grep -c 'data-name="measured"' "$page")
count=$(cat "$results"/verdicts/*.csv |
    grep -c -E ',(certified|verified|refuted|undecided),[^,]*$')
# once in the table of all, once with its claim
[ "$rows" -eq $((2 * count)) ]
result $? "$rows rows in the report, twice $count expected"

browser=
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >"$fresh/log" 2>&1; then
        browser=${browser:-$name}
    fi
done

# look PAGE WIDTH: what the checks in PAGE answer in a frame of that width, in
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
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu \
        --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars \
        --user-data-dir="$fresh/browser" --window-size=1400,1000 \
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
    for width in 1280 390; do
        look "$fresh/good.html" "$width"
        while read -r verdict what; do
            [ "$verdict" = passed ]
            result $? "at $width pixels: $what"
        done <"$fresh/seen"
        answers=$(wc -l <"$fresh/seen")
        [ "$answers" -eq 9 ]
        result $? "at $width pixels: $answers answers, expected 9"
        grep -q "at $width pixels" "$fresh/seen"
        result $? "the window is not $width wide"
        [ ! -s "$fresh/console" ]
        result $? "console: $(head -n 1 "$fresh/console")"
    done

    # The control: each fault is seen.
    cat >"$fresh/faults" <<'END'
<a href="#nowhere">x</a><a id="claim-C1.1" href="https://example.org/">y</a>
<figure id="empty"><svg></svg><figcaption></figcaption></figure>
<div style="width:3000px">wide</div><script>nothing_here()</script>
END
    with_checks "$fresh/bad.html" "$fresh/faults"
    look "$fresh/bad.html" 390
    for what in 'links within the page: #nowhere' \
        'nothing is taken from elsewhere' 'every id is there once: claim-C1.1' \
        'figures have a size and a caption: empty' \
        'no horizontal scrolling at 390 pixels' \
        'no error on the console: .*nothing_here'; do
        grep -q "^failed $what" "$fresh/seen"
        result $? "a fault is not seen: $what"
    done
    grep -q nothing_here "$fresh/console"
    result $? "the console's error is not seen"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
