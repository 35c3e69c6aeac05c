#!/bin/sh
# odd_names.sh: folders whose names a shell, gnuplot, awk or find might take for
# something else, and tables that try to be run: figures are drawn, lines are
# said, and nothing that a name or a file says is executed.
set -u
cd "$(dirname "$0")/.." || exit 1
here=$PWD
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
passed=0 failed=0

result() { # STATUS WHAT
    if [ "$1" -eq 0 ] && [ ! -e "$fresh/run" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "odd_names.sh: failed: $2" >&2
        cat "$fresh/log" >&2
    fi
    rm -f "$fresh/run"
}

: >"$fresh/log"
touch='touch ../run'
newline='
'
plot() { # FOLDER: a script of a figure there
    mkdir -p "$1"
    cat >"$1/t-a.gp" <<'END'
width = 300; height = 200
load 'plots/style.gp'
eval(instead_of(out.'/t-a.csv'))
plot out.'/t-a.csv' using 'a':'b'
END
}

# drawn FOLDER TABLES: of a folder below work, both as seen from there.
drawn() {
    (cd "$fresh/work" && "$here/tools/draw.sh" "$2" "$1/t-a.gp") \
        >"$fresh/log" 2>&1 && [ ! -s "$fresh/log" ] &&
        [ -s "$fresh/work/$1/t-a.svg" ] && [ -s "$fresh/work/$1/t-a.png" ]
    result $? "tables in $2, figures in $1"
    rm -f "$fresh/work/$1"/t-a.svg "$fresh/work/$1"/t-a.png
}

mkdir "$fresh/work"
ln -s "$here/plots" "$fresh/work/plots"
plot "$fresh/work/plain"
for name in "a'b" 'a"b' 'a b' "\`$touch\`" "\$($touch)" '-rf' 'a=b' '<echo' \
    "a';system('$touch');'" 'a%d' 'a\b' 'a*' "a${newline}b" 'é'; do
    mkdir -p -- "$fresh/work/./$name"
    printf 'a,b\n1,2\n2,3\n' >"$fresh/work/./$name/t-a.csv"
    drawn plain "$name"
    case $name in
    */*) ;; # a folder in a folder
    *)
        plot "$fresh/work/./$name"
        drawn "./$name" "$name"
        ;;
    esac
done

# What a table says is not run.
mkdir "$fresh/work/says"
for text in "\`$touch\`" "\"; system('$touch'); \"" "'; $touch; '" '%d @x'; do
    printf '# not run: %s\na,b\n1,2\n' "$text" >"$fresh/work/says/t-a.csv"
    drawn plain says
done

# One line of a run, by awk, and its time; in a locale with decimal commas too.
cat >"$fresh/work/stub" <<'END'
#!/bin/sh
while [ "$1" != --out ]; do shift; done
mkdir -p -- "./$2/verdicts"
printf 'id,verdict,program\nC1.1,verified,stub\n' >"./$2/verdicts/stub.csv"
END
chmod +x "$fresh/work/stub"
mkdir "$fresh/work/data"
localedef -i de_DE -f UTF-8 "$fresh/comma" >"$fresh/log" 2>&1
for name in 'a=b' "a'b" 'a b'; do
    (
        cd "$fresh/work" && LOCPATH=$fresh LC_ALL=comma timeout 20 \
            "$here/tools/run_experiment.sh" ./stub "$name/.stub-quick.stamp" \
            --profile quick --out "$name"
    ) </dev/null >"$fresh/log" 2>&1 && grep -q '1 verified$' "$fresh/log" &&
        grep -qE '^stub +runs   since [0-9:]{8}$' "$fresh/log" &&
        grep -q '^stub,experiment,quick,[0-9]*\.[0-9],no,[^,]*,".*"$' \
            "$fresh/work/$name/timings/stub.csv"
    result $? "a run into $name"
done

# make cannot have such folders as targets, and says so.
# shellcheck disable=SC2016 # as they are
for name in "a'b" 'a"b' 'a b' 'a$$b' 'a;b' 'a(b' 'a)b' 'a=b' 'a%b' 'a:b' 'a`b' \
    ''; do
    make -n "OUT=$name" clean >"$fresh/log" 2>&1
    [ $? -eq 2 ] && grep -q 'OUT=.*expected' "$fresh/log"
    result $? "make OUT='$name'"
done
make -n OUT=../a/b-c_d.e clean >"$fresh/log" 2>&1
result $? "make with a folder"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
