#!/bin/sh
# self_check.sh BUILD_DIR NAME FOLDER: an experiment judges itself.
#
# The quick profile: the same bytes for one thread and for two, but for time and
# memory, and verdicts as they should be.  The run on one thread is a share of
# one, whose rows are joined and judged twice: as they are, and with every error
# planted, which is of the judgement alone.  The smallest experiment plants in a
# run of its own, too; that has the same bytes.  Its tables go to FOLDER.
set -u
build=$1 name=$2 folder=$3
program=$build/experiments/$name
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

# check WHAT COMMAND...: one check, by the status of the command.
check() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "self_check.sh: $name: failed: $what" >&2
    fi
}

# quick FOLDER [OPTION...]
quick() {
    out=$fresh/$1
    shift
    timeout 900 "$program" --profile quick --out "$out" --quiet "$@"
}

# Rows that are not as they should be: refuted for a wording taken literally,
# verified for anything else, but for what was not run since it was to be left
# out.  --planted: with every row's error planted, the other way round; and each
# row would have seen that error, and what its control plants.
unexpected_verdicts() { # [--planted] VERDICTS
    planted=
    [ "$1" != --planted ] || { planted=yes && shift; }
    awk -F, -v planted="$planted" -v wish="${PHOTOGRAPHS-}" '
        /^(#|id,)/ { next }
        { rows++ }
        wish == "no" && /,not run: no photographs,/ { next }
        { good = ($2 == "wording") != (planted != "") ? "refuted" : "verified" }
        $(NF - 1) != good { print; bad = 1 }
        planted && $(NF - 2) != "refuted" { print "control: " $0; bad = 1 }
        planted && $(NF - 6) != "p" {
            error = $(NF - 3) < 0 ? -$(NF - 3) : $(NF - 3) + 0
            if (!(error >= $(NF - 4) + 0)) { print "unseen: " $0; bad = 1 }
        }
        END { exit bad || !rows }' "$1"
}

quick 1 --threads 1 --shard 1/1 &
one=$!
check "threads 2" quick 2 --threads 2
check "threads 1" wait "$one"
mkdir "$fresh/planted"
for rows in "$fresh"/1/*.partial; do
    sed '/^# options: /s/$/ --negative-control/' "$rows" \
        >"$fresh/planted/${rows##*/}"
done
check "joined" quick 1 --merge
check "errors planted" quick planted --negative-control --merge
tables=$(cd "$fresh" && find 1 2 -name '*.csv' | sed 's|^[12]/||' | sort -u)
for table in $tables; do
    check "threads 1 and 2: $table" \
        "$build/tools/compare" --same "$fresh/1/$table" "$fresh/2/$table"
done
check "tables" [ -n "$tables" ]
check "verdicts" unexpected_verdicts "$fresh/1/verdicts/$name.csv"
if [ "$name" = stability_single ]; then
    check "errors planted in a run" quick whole --negative-control
    check "errors planted in a run: same verdicts" cmp \
        "$fresh/planted/verdicts/$name.csv" "$fresh/whole/verdicts/$name.csv"
fi
check "verdicts, errors planted" unexpected_verdicts --planted \
    "$fresh/planted/verdicts/$name.csv"
mkdir -p "$folder" && cp -R "$fresh/1/." "$folder"
check "tables are kept" [ $? -eq 0 ]

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
