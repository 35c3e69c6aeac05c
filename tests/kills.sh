#!/bin/bash
# kills.sh BUILD_DIR KILLS [WHAT...]: so many kills (kill -9, of all processes at
# once) of each of
#
#   experiments  make experiments PROFILE=quick
#   endurance    a long run, of its quick profile
#   report       make report, with every figure to draw
#
# in chains of ten of one run, which the same command takes up again, and then
# ends: its files must be those of a run that was left alone.  A kill comes after
# up to a fifth of the run's length, so that a chain goes through all of it;
# JF_SEED is the seed of the moments.  All runs are of a copy of the tree.
set -u
build=$(cd "$1" && pwd) || exit 1
kills=$2
shift 2
[ $# -gt 0 ] || set -- experiments endurance report
cd "$(dirname "$0")/.." || exit 1
fresh=$(mktemp -d) || exit 1
pid=
trap 'stop; rm -rf "$fresh"; forget_dead' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck source=tests/leftovers.sh
. tests/leftovers.sh
export LC_ALL=C
passed=0 failed=0

stop() {
    [ -z "$pid" ] || kill -KILL -- "-$pid" 2>&-
}

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "kills.sh: failed: $2" >&2
        tail -n 5 "$fresh/said" >&2
    fi
}

# The command WHAT that works in FOLDER.
command_of() { # WHAT FOLDER
    case $1 in
    experiments) run=(make -s experiments PROFILE=quick "OUT=$2") ;;
    endurance) run=(build/experiments/endurance --profile quick --size 64
        --quiet --resume --out "$2") ;;
    report) run=(make -s report "OUT=$2") ;;
    *)
        echo "kills.sh: $1: experiments, endurance or report expected" >&2
        exit 2
        ;;
    esac
}

# A table without what no two runs have in common: seconds, and memory.
steady() { # TABLE
    awk -F, '
        /^#/ { print; next }
        !named {
            for (i = 1; i <= NF; i++)
                left[i] = $i ~ /seconds$|_mib$/
            named = 1
        }
        {
            for (i = 1; i <= NF; i++)
                printf "%s,", left[i] ? "" : $i
            print ""
        }' "$1"
}

# Two folders have the same files, and in their tables and pictures the same;
# what a kill amid a write left is nobody's.
same() { # FOLDER OTHER
    [ "$(files "$1")" = "$(files "$2")" ] || {
        diff <(files "$1") <(files "$2") | head -n 3
        return 1
    }
    (
        cd "$1" && find . \( -name '*.csv' ! -path './timings/*' \
            -o -name '*.png' \) -print0
    ) | while IFS= read -r -d '' file; do
        case $file in
        *.csv) cmp <(steady "$1/$file") <(steady "$2/$file") ;;
        *) cmp "$1/$file" "$2/$file" ;;
        esac || exit 1
    done
}

files() { # FOLDER
    (cd "$1" && find . -type f ! -name '*.new' | sort)
}

# A whole page, of whole figures.
whole() { # FOLDER
    tail -c 20 "$1/report.html" | grep -q '</html>' &&
        ! find plots -name '*.svg' ! -name '*.new.*' -exec grep -L '</svg>' {} + | grep -q . &&
        ! find plots -name '*.png' ! -name '*.new.*' -size -1 | grep -q .
}

ended_well() { # WHAT FOLDER ALONE
    case $1 in
    experiments) same "$3" "$2" && whole "$2" ;;
    endurance) same "$3" "$2" ;;
    report) whole "$2" && cmp "$fresh/report.html" "$2/report.html" ;;
    esac >>"$fresh/said" 2>&1
}

# What a chain begins with: nothing, but a report has tables.
begin() { # WHAT FOLDER
    if [ "$1" = report ]; then
        rm -f plots/*.svg plots/*.png "$2/report.html"
    else
        rm -rf "$2"
    fi
}

copy=$fresh/copy
mkdir "$copy" && git ls-files -z | xargs -0 cp -p --parents -t "$copy" &&
    cp -a "$build" "$copy/build" && rm -f "$copy/build/.ninja_lock" &&
    cd "$copy" || exit 1

for what; do
    alone=$fresh/alone-$what chain=$fresh/chain-$what
    if [ "$what" = report ]; then # of the tables of another
        alone=$fresh/alone-experiments chain=$alone
        command_of experiments "$alone"
        [ -d "$alone" ] || "${run[@]}" >"$fresh/said" 2>&1
        begin report "$alone"
    fi
    command_of "$what" "$alone"
    began=$(date +%s%N)
    "${run[@]}" >"$fresh/said" 2>&1
    result $? "$what, left alone"
    length=$(($(date +%s%N) - began))
    [ "$what" != report ] || cp "$alone/report.html" "$fresh" || exit 1
    command_of "$what" "$chain"
    struck=0
    awk -v n="$kills" -v most="$length" -v seed="${JF_SEED-1}" 'BEGIN {
        srand(seed)
        for (k = 0; k < n; k++) printf "%.3f\n", most / 5e9 * rand()
    }' >"$fresh/moments"
    k=0
    while read -r moment; do
        [ $((k % 10)) -ne 0 ] || begin "$what" "$chain"
        setsid "${run[@]}" >"$fresh/said" 2>&1 </dev/null &
        pid=$!
        sleep "$moment"
        ! kill -KILL -- "-$pid" 2>&- || struck=$((struck + 1))
        wait "$pid" 2>&-
        pid=
        k=$((k + 1))
        if [ $((k % 10)) -eq 0 ] || [ "$k" -eq "$kills" ]; then
            "${run[@]}" >"$fresh/said" 2>&1 </dev/null
            status=$?
            [ "$status" -eq 0 ] && ended_well "$what" "$chain" "$alone"
            result $? "$what after kills, to number $k (status $status)"
        fi
    done <"$fresh/moments"
    [ "$struck" -gt $((kills / 2)) ] || [ "$kills" -eq 0 ]
    result $? "$what: $struck of $kills killed while it ran"
    echo "$what: $struck kills" >&2
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
