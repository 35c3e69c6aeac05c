#!/bin/sh
# shards.sh BUILD_DIR: a grid in shares, over ranks, stopped and killed, ends in
# the bytes of one run.
#
# Under an MPI launcher only where the build has MPI and mpiexec is there.
set -u
build=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
optimum=$build/experiments/optimum
grid="--data iris --profile quick --quiet"

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "shards: failed: $2" >&2
        cat "$fresh/errors" "$fresh/log" >&2
    fi
}
: >"$fresh/errors"

run() { # PROGRAM OPTION...: into log and errors
    timeout 300 "$@" >"$fresh/log" 2>"$fresh/errors"
}

# expect STATUS WHAT COMMAND...
expect() {
    wanted=$1 what=$2
    shift 2
    run "$@"
    [ $? -eq "$wanted" ]
    result $? "$what"
}

says() { # TEXT: in the only line of stderr
    grep -qF -e "$1" "$fresh/errors" && [ "$(wc -l <"$fresh/errors")" -eq 1 ]
    result $? "not said in one line: $1"
}

# like_one FOLDER WHAT: tables and verdicts of it, and nothing else but what a
# kill amid a write leaves, with its process in the name.
like_one() {
    diff -r -x '*.new' "$fresh/one" "$fresh/$1" >"$fresh/log" 2>&1
    result $? "$2: not the bytes of one run"
}

# shellcheck disable=SC2086 # a list of options
alone() { # FOLDER OPTION...
    folder=$fresh/$1
    shift
    run "$optimum" $grid --out "$folder" "$@"
}

alone one
result $? "one run"

for share in 3 1 2; do # any order
    alone three --shard "$share/3" --threads "$share"
    result $? "share $share of 3"
done
cp -R "$fresh/three" "$fresh/torn"
cp -R "$fresh/three" "$fresh/unlike"
alone three --merge
result $? "merge"
like_one three "3 shares"
cp "$fresh"/torn/*.2-of-3.partial "$fresh"
rm "$fresh"/torn/*.2-of-3.partial
alone torn --merge
[ $? -eq 2 ]
result $? "a share is missing: status"
says 'optimum-flows.csv: 1 of 3 points, number 2'
[ ! -e "$fresh/torn/verdicts" ]
result $? "verdicts of a part"
mv "$fresh"/*.2-of-3.partial "$fresh/torn"
sed -i 's/^# options: \(.*\) --seed 1/# options: \1 --seed 2/' \
    "$fresh"/unlike/optimum-training.csv.2-of-3.partial
alone unlike --merge
[ $? -eq 2 ]
result $? "a share of another seed: status"
says "'# options: --profile quick --seed 2 --data iris' found"

# Ends with status 2 and one line.
refuse() { # TEXT OPTION...
    text=$1
    shift
    alone bad "$@"
    [ $? -eq 2 ]
    result $? "$* is not refused"
    says "$text"
}
refuse "'0/3' found" --shard 0/3
refuse "'4/3' found" --shard 4/3
refuse "'2' found, I/N or slurm" --shard 2
refuse "no SLURM_ARRAY_TASK" --shard slurm
refuse "--merge with --shard" --merge --shard 1/2
refuse "a number above 0" --max-hours 0
refuse "shard, fit or none" --ranks all
refuse "not found: optimum-ppca.csv: 1 of 1 points" --merge

# Tasks 5, 7, 9 of a job array.
export SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=2 \
    SLURM_ARRAY_TASK_COUNT=3
for task in 5 7 9; do
    SLURM_ARRAY_TASK_ID=$task alone slurm --shard slurm --resume
    result $? "task $task"
done
SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MAX=10 refuse "without gaps" \
    --shard slurm
unset SLURM_ARRAY_TASK_MIN SLURM_ARRAY_TASK_MAX SLURM_ARRAY_TASK_STEP \
    SLURM_ARRAY_TASK_COUNT
alone slurm --merge
like_one slurm "a job array"

# shellcheck disable=SC2086 # a list of options
expect 0 "processes" tools/shares.sh 2 "$optimum" $grid --out "$fresh/local"
like_one local "2 processes of this machine"

# A share of 3, then what it left by another number, and the rest alone.
alone mixed --shard 2/3
alone mixed --shard 1/2 --resume
alone mixed --resume
result $? "the rest of two kinds of shares"
like_one mixed "shares of two kinds"

mkdir "$fresh/stopped"
: >"$fresh/stopped/stop"
alone stopped
result $? "a file stop: status"
grep -q 'stopped by the file stop' "$fresh/log"
result $? "a file stop: not said"
rm "$fresh/stopped/stop"
alone stopped --resume --max-hours 1e-9
grep -q 'stopped by --max-hours' "$fresh/log"
result $? "--max-hours"
alone stopped --resume
result $? "resumed"
like_one stopped "stopped and resumed"

# No part of any program reads or judges what is left out.
mkdir "$fresh/none"
: >"$fresh/none/stop"
for program in "$build"/experiments/*; do
    case $program in
    *.p | */throughput*) continue ;; # measures time, which has no shares
    esac
    if [ -f "$program" ] && [ -x "$program" ]; then
        expect 0 "$program, stopped before it began" "$program" --quiet \
            --profile quick --out "$fresh/none"
        grep -q 'stopped by the file stop' "$fresh/log"
        result $? "$program: not said that it stopped"
    fi
done
# That of the series is made in less than a second, whatever is left out.
[ -z "$(find "$fresh/none" -name '*.csv' ! -name uniqueness-series.csv)" ]
result $? "tables of runs that stopped before they began"

# The partial file of the longest table, in at most some seconds.
await() { # FOLDER NAME
    waited=0
    while [ ! -s "$fresh/$1/$2" ] && [ "$waited" -lt 200 ]; do
        sleep 0.02
        waited=$((waited + 1))
    done
}

# Stopped with status 0, or dead, the same command ends it.
for signal in TERM USR1 KILL; do
    # shellcheck disable=SC2086 # a list of options
    "$optimum" $grid --out "$fresh/$signal" --resume >"$fresh/log" \
        2>"$fresh/errors" &
    await "$signal" optimum-linear.csv.partial
    kill "-$signal" $! 2>>"$fresh/errors"
    wait $!
    ended=$?
    [ "$signal" = KILL ] || [ "$ended" -eq 0 ]
    result $? "status after SIG$signal: $ended"
    alone "$signal" --resume
    result $? "after SIG$signal"
    like_one "$signal" "SIG$signal"
done

finish() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}

# Ranks.
# shellcheck source=tests/launcher.sh
. "$(dirname "$0")/launcher.sh"
find_launcher "$build" "$fresh/log"
if [ -z "$launcher" ]; then
    echo "shards.sh: ranks are not tested: no mpiexec for this build" >&2
    finish
fi

ranks() { # N COMMAND...
    count=$1
    shift
    # shellcheck disable=SC2086 # a command
    run $launcher -n "$count" "$@"
}

for count in 1 2 3 4; do
    # shellcheck disable=SC2086 # a list of options
    ranks "$count" "$optimum" $grid --out "$fresh/ranks$count" --threads 1 \
        --ranks shard
    result $? "$count ranks"
    like_one "ranks$count" "$count ranks"
done
# shellcheck disable=SC2086 # a list of options
ranks 2 "$optimum" $grid --out "$fresh/fit" --ranks fit
grep -q 'rank [01]: --ranks fit: training runs of optimum' "$fresh/errors"
result $? "--ranks fit of a program whose runs stand side by side"

# A rank that is killed ends all, and the rest goes on over fewer.
# shellcheck disable=SC2086 # a command and a list of options
$launcher -n 3 "$optimum" $grid --out "$fresh/killed" --ranks shard \
    --threads 1 >"$fresh/log" 2>"$fresh/errors" &
await killed optimum-linear.csv.2-of-3.partial
kill_rank "$optimum .*--out $fresh/killed "
if ! wait $!; then # it had not ended before
    # Open MPI by its rank, MPICH's launcher by its process
    grep -qiE 'rank|PID [0-9]+ RUNNING AT' "$fresh/errors" "$fresh/log"
    result $? "not said which rank died"
fi
# shellcheck disable=SC2086 # a list of options
ranks 2 "$optimum" $grid --out "$fresh/killed" --ranks shard --resume
result $? "resumed over 2 ranks"
like_one killed "a rank killed, resumed over fewer"
finish
