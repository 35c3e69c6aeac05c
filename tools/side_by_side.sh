#!/bin/sh
# side_by_side.sh BUILD DIR OTHER: the run whose tables are in DIR beside that in
# OTHER (another seed, machine or profile): the words on the abstract that differ,
# the cells that differ by more than results/reference/tolerances.csv allows, and
# DIR/compare.html with the figures of both, of the experiments that differ.
# Status 0 whether they differ or not.
set -eu
build=$1 dir=$2 other=$3
for folder in "$other" "$dir"; do
    if [ ! -d "$folder/verdicts" ]; then
        echo "make compare: '$folder' found, a folder with the tables of a run" \
            "expected: OTHER=DIR, OUT=DIR" >&2
        exit 2
    fi
done
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

words() { # DIR: "WORDING: word" a line
    "$build/tools/report" --readme "$1" |
        sed -n 's/^| \([^|]*\) | \([^|:]*\).*/\1: \2/p' | tail -n +3
}
words "$dir" >"$fresh/here"
words "$other" >"$fresh/there"
echo "the abstract, in $other (<) and in $dir (>):"
diff "$fresh/there" "$fresh/here" | grep '^[<>]' || echo "the same words"

# The tables of OTHER are what those of DIR are compared with.
mkdir "$fresh/reference" "$fresh/this"
for table in "$other"/*.csv; do
    name=${table##*/}
    if [ "$name" != verdicts.csv ] && [ -f "$dir/$name" ]; then
        cp "$table" "$fresh/reference"
        cp "$dir/$name" "$fresh/this"
    fi
done
cp results/reference/tolerances.csv "$fresh/reference"
echo "the tables, in $other (reference) and in $dir (fresh):"
"$build/tools/compare" "$fresh/reference" "$fresh/this" |
    grep -v -e ': 0 of [0-9]* cells differ$' -e " with $fresh/" \
        >"$fresh/said" || :
if [ -s "$fresh/said" ]; then
    cat "$fresh/said"
else
    echo "no cell differs by more than its tolerance"
fi

# Figures of the tables that differ.
escape() {
    printf '%s' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g
        s/"/\&quot;/g'
}
mkdir -p "$dir/compare/this" "$dir/compare/other"
figures=
for plot in plots/*-*.gp; do
    name=${plot##*/}
    name=${name%.gp}
    tables=$(grep -v '^#' "$plot" | grep -o '/[a-z-]*\.csv' | sed 's|/||' |
        sed 's/\.csv$//' | sort -u)
    for table in $tables; do
        if grep -q "^ *${table}[ :]" "$fresh/said" &&
            [ -f "$fresh/this/$table.csv" ]; then
            figures="$figures $name"
            break
        fi
    done
done
for name in $figures; do
    for side in this other; do
        folder=$dir
        [ $side = this ] || folder=$other
        cp "plots/$name.gp" "$dir/compare/$side"
        tools/draw.sh "$folder" "$dir/compare/$side/$name.gp" || :
    done
done
{
    cat <<END
<!DOCTYPE html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Two runs</title>
<style>body{font:1rem/1.5 serif;margin:2rem}img{width:100%}
.two{display:grid;gap:1rem;grid-template-columns:1fr 1fr}pre{white-space:
pre-wrap}</style>
<h1>$(escape "$dir") beside $(escape "$other")</h1>
<pre>$(escape "$(cat "$fresh/said")")</pre>
END
    for name in $figures; do
        cat <<END
<h2>$name</h2><div class="two"><figure><img alt="$name of $(escape "$dir")"
src="compare/this/$name.svg"><figcaption>$(escape "$dir")</figcaption></figure>
<figure><img alt="$name of $(escape "$other")"
src="compare/other/$name.svg"><figcaption>$(escape "$other")</figcaption>
</figure></div>
END
    done
} >"$dir/compare.html.$$.new"
mv "$dir/compare.html.$$.new" "$dir/compare.html"
echo "$dir/compare.html"
