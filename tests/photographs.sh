#!/bin/sh
# photographs.sh BUILD_DIR: the list of photographs and the README's table of
# it; and without photographs every table, verdict, figure and answer on them
# says so, with nothing in their stead.
set -u
build=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
why='not run: no photographs'

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "photographs: failed: $2" >&2
    fi
}

holds() { # FILE TEXT
    grep -qF -e "$2" "$1"
    result $? "$1 does not hold: $2"
}

# The rows that data/README.md must have, of a list.
table() { # LIST
    tail -n +2 "$1" | awk -F, '{
        n = split($3, part, "/")
        printf "| `%s` | `%s` | %s x %s | %s | %s | %s | %s |\n", part[n], $4,
            $5, $6, $1, $2, $8, $9 }'
}

# Is it the README's table, row by row, and is every row well-formed?
told() { # LIST
    table "$1" >"$fresh/table"
    grep -E '^\| `[^`]*\.(jpg|png)` \|' data/README.md | cmp -s - "$fresh/table" &&
        tail -n +2 "$1" | awk -F, '
            NF != 9 || $2 !~ /^(train|held)$/ || $3 !~ /^\/usr\/share\// ||
            $5 < 1024 || $6 < 1024 || $7 < 1 || $8 == "" || $9 == "" ||
            seen[$3]++ { bad = 1 }
            END { exit bad || NR == 0 }'
}
told data/photographs.csv
result $? "data/README.md is not data/photographs.csv"
sed -e '3s/,train,/,held,/' data/photographs.csv >"$fresh/list.csv"
! told "$fresh/list.csv"
result $? "another side than the README's is not seen"
sed -e '3p' data/photographs.csv >"$fresh/list.csv"
! told "$fresh/list.csv"
result $? "a picture listed twice is not seen"

# Of a folder: every held-out picture by every recipe and by PNG, and in words.
two=$fresh/'#t,w"o' # in tables _t_w_o
mkdir "$two"
cp results/reference/uniqueness-gallery.png results/long/highres-bits.png "$two"
"$build/experiments/highres" --profile quick --quiet --data "$two" \
    --size 32 --out "$fresh/folder" --save "$fresh/folder.theta" \
    >"$fresh/said" 2>&1
result $? "a folder: $(tail -n 1 "$fresh/said")"
for method in plain principles spectrum identity interlaced png; do
    holds "$fresh/folder/highres-codecs.csv" "_t_w_o,0,32,$method,"
done
holds "$fresh/said" '_t_w_o at 32 x 32: spectrum circular'
holds "$fresh/said" 'highres-samples.png'
[ -s "$fresh/folder/highres-samples.png" ]
result $? "no samples of a folder's flow"

# Input that cannot be used leaves what stands in the folder, and nothing of its own.
mkdir "$fresh/empty"
printf 'a,b\n1,2\nnan,3\n4,5\n' >"$fresh/nan.csv"
state() { (cd "$fresh/folder" && find . -type f -exec cksum {} + | sort -k 3); }
state >"$fresh/before"
for program in highres volume lipschitz principles stability optimum audit; do
    data=$fresh/nan.csv
    [ "$program" != highres ] || data=$fresh/empty
    "$build/experiments/$program" --profile quick --quiet --data "$data" \
        --out "$fresh/folder" >"$fresh/log" 2>&1
    [ $? -eq 2 ] && state | cmp -s - "$fresh/before"
    result $? "$program: bad input and a folder of tables: $(cat "$fresh/log")"
done

says_one_line() { # WORDS COMMAND...: status 2
    words=$1
    shift
    "$@" >"$fresh/said" 2>"$fresh/log"
    [ $? -eq 2 ] && [ "$(wc -l <"$fresh/log")" -eq 1 ] &&
        grep -qF -e "$words" "$fresh/log"
    result $? "$words: $(cat "$fresh/log")"
}
for program in highres endurance; do
    says_one_line 'no picture found, a folder of them expected' \
        "$build/experiments/$program" --profile quick --size 64 \
        --data data/iris.csv --out "$fresh/out"
    says_one_line '--columns found, which is for tables' \
        "$build/experiments/$program" --profile quick --size 64 \
        --data "$two" --columns 1 --out "$fresh/out"
done

# Pictures that are none: round trips are within what is proved or predicted.
[ "$(grep -c '^C6.3,.*,refuted,verified,highres$' \
    "$fresh/folder/verdicts/highres.csv")" -eq 3 ]
result $? "a folder: round trips: $(grep '^C6.3' \
    "$fresh/folder/verdicts/highres.csv")"

# The flow that is saved has the bits of the run on each held-out picture, the
# last fifth of the names and at most eight, within three standard errors of a
# normal law's noise, which is another.
"$build/tools/logprob" --load "$fresh/folder.theta" --likelihoods --size 32 \
    --data "$two" --out "$fresh/bits.csv" >"$fresh/said" 2>&1
result $? "logprob: $(tail -n 1 "$fresh/said")"
like_run() { # METHOD
    awk -F, -v method="$1" '
        NR == FNR {
            if ($4 == method) bits[n++] = $6
            next
        }
        /^[-0-9]/ { nats[rows++] = $1 }
        END {
            d = 3 * 32 * 32
            first = rows - int((rows + 4) / 5)
            for (k = 0; k < n; k++) {
                off = -nats[first + k] / d / log(2) - bits[k]
                bad += off < -.055 || off > .055
            }
            exit bad || n < 1
        }' "$fresh/folder/highres-codecs.csv" "$fresh/bits.csv"
}
like_run interlaced
result $? "the saved flow has other bits than the run"
! like_run principles
result $? "planted: bits of another recipe are not told from them"

# Without photographs.
export PHOTOGRAPHS=no
out=$fresh/out
for name in highres optimum; do
    "$build/experiments/$name" --profile quick --quiet --out "$out" \
        >"$fresh/said" 2>&1
    result $? "$name: $(tail -n 1 "$fresh/said")"
    count=$([ $name = highres ] && echo 6 || echo 3)
    grep -q "$count not run -> " "$fresh/said"
    result $? "$name says: $(tail -n 1 "$fresh/said")"
done
for name in highres highres-runs highres-levels highres-codecs optimum-images; do
    holds "$out/$name.csv" "# $why"
done
for name in highres highres-runs highres-levels highres-codecs; do
    rows=$(grep -c -v '^#' "$out/$name.csv")
    [ "$rows" -eq 1 ]
    result $? "$name.csv: $((rows - 1)) rows, none expected"
done
for set in texture photograph patch elephant; do
    ! grep -v '^#' "$out/optimum-images.csv" | grep -qi "$set"
    result $? "$set in optimum-images.csv"
done
rows=$(grep -c ",$why,.*,nan,undecided,undecided," "$out/verdicts/highres.csv")
[ "$rows" -eq "$(grep -c ',highres$' "$out/verdicts/highres.csv")" ]
result $? "verdicts of highres: $rows say why"
rows=$(grep -c ",$why,.*,nan,undecided,undecided," "$out/verdicts/optimum.csv")
[ "$rows" -eq 3 ]
result $? "verdicts of optimum: $rows say why, 3 expected"

mkdir "$fresh/plots"
for plot in style highres-bits highres-levels highres-rate optimum-images; do
    cp "plots/$plot.gp" "$fresh/plots"
done
said=$(tools/draw.sh "$out" "$fresh"/plots/[ho]*.gp 2>&1)
[ -z "$said" ]
result $? "gnuplot says: $said"
for figure in "$fresh"/plots/[ho]*.gp; do
    holds "${figure%.gp}.svg" "$why"
done

"$build/tools/verdicts" "$out" >"$fresh/said"
result $? "verdicts: status"
for id in C3.6 C3.7 C6.3 C8.H; do
    grep -q "^$id  not run by [a-z]*: no photographs\$" "$fresh/said"
    result $? "verdicts does not say that $id was not run"
done
"$build/tools/report" "$out" "$fresh/plots" >"$fresh/said"
result $? "report: status"
holds "$out/report.html" '<b>open in this run</b>'
"$build/tools/report" --readme "$out" | grep -F '| Stable training at 1024' |
    grep -q -F '| open in this run: C8.H'
result $? "stable training at 1024 is not open without photographs"
holds "$out/report.html" 'Not run: no photographs. A training step'
holds "$out/report.html" "highres-runs.csv</code>, 0 rows, $why</summary>"
! grep -q '&hellip; bits per dimension' "$out/report.html"
result $? "report: a number is wanting where it was not run"

# No table of theirs is compared, and the others are.
mkdir "$fresh/reference"
for name in highres-runs optimum-images optimum-textures; do
    cp "$out/$name.csv" "$fresh/reference"
done
"$build/tools/compare" "$fresh/reference" "$out" >"$fresh/said"
result $? "compare: status"
holds "$fresh/said" "highres-runs: $why"
holds "$fresh/said" '1 of 3 tables agree'
sed -i "/^#/d" "$fresh/reference/highres-runs.csv"
echo "nature,64,plain,1,.1,finished,0,1,1,1,1,1,1,1,1,1" \
    >>"$fresh/reference/highres-runs.csv"
sed -i '/^# not run/d' "$out/highres-runs.csv"
! "$build/tools/compare" "$fresh/reference" "$out" >"$fresh/said"
result $? "compare: rows that are wanting without a word are not seen"

# What is neither yes nor no is refused, and so is a faulty list.
refused() { # TEXT: in the one line that highres says
    "$build/experiments/highres" --profile quick --quiet --out "$fresh/bad" \
        >"$fresh/said" 2>"$fresh/line"
    [ $? -eq 2 ] && [ "$(wc -l <"$fresh/line")" -eq 1 ] &&
        grep -qF "$1" "$fresh/line"
    result $? "not refused with '$1': $(cat "$fresh/line")"
}
export PHOTOGRAPHS=maybe
refused 'PHOTOGRAPHS=maybe found, yes or no expected'
export PHOTOGRAPHS=yes JF_DATA_DIR="$fresh"
refused "$fresh/photographs.csv"
printf 'set,side,path,package\na,train,/a.jpg,p\n' >"$fresh/photographs.csv"
refused 'no column bytes'
printf 'set,side,path,package,bytes\na,left,/a.jpg,p,1\n' \
    >"$fresh/photographs.csv"
refused "side 'left' found"

# Some that are missing are told, and nothing is run.
sed -e '3s/,[0-9]*,\([^,]*,[^,]*\)$/,7,\1/' data/photographs.csv \
    >"$fresh/photographs.csv"
"$build/experiments/highres" --profile quick --quiet --out "$fresh/bad" \
    >"$fresh/said" 2>"$fresh/line"
result $? "a missing picture: status"
grep -q "missing or changed, such as .* of " "$fresh/line"
result $? "a missing picture is not told: $(cat "$fresh/line")"
holds "$fresh/bad/highres.csv" "# $why"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
