#!/bin/sh
# surroundings.sh BUILD_DIR [--kills N]: programs where little is as it should
# be.  Kills at random moments, and resuming to the same bytes (--kills N: so
# many, 6 otherwise, JF_SEED the seed of the moments); full disks; folders that
# cannot be written, or go away; two runs in one folder; names with line ends;
# pipes; bounds on memory; one processor, many threads; no environment, and one
# of another country.
set -u
build=$(cd "$1" && pwd) || exit 1
kills=6
[ "${2-}" != --kills ] || kills=$3
cd "$(dirname "$0")/.." || exit 1
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM
cd "$fresh" || exit 1
export OPENBLAS_NUM_THREADS=1 # its own threads
passed=0 failed=0 status=0
program=$build/experiments/stability_single
newline='
'

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "surroundings.sh: failed: $2: status $status" >&2
        head -n 3 errors >&2
    fi
}

run() { # COMMAND...
    timeout -s KILL 120 "$@" >said 2>errors </dev/null
    status=$?
    lines=$(wc -l <errors)
}

quick() { # FOLDER [OPTION...], below the prefix in "$by"
    folder=$1
    shift
    # shellcheck disable=SC2086 # a command, or nothing
    run $by "$program" --profile quick --quiet --out "$folder" "$@"
}
by=

well() { # WHAT: it ran, and left the bytes of the first run in $folder
    [ "$status" -eq 0 ] && [ "$lines" -eq 0 ] &&
        diff -r first "./$folder" >>errors
    result $? "$1"
}

refused() { # STATUS WORDS WHAT: one line, which has the words
    [ "$status" -eq "$1" ] && [ "$lines" -eq 1 ] && grep -qF -e "$2" errors
    result $? "$3"
}

quick first --threads 2
[ "$status" -eq 0 ] && [ "$lines" -eq 0 ]
result $? "as it should be"
seconds=$({ time -p "$program" --profile quick --quiet --out other; } 2>&1 |
    awk '$1 == "real" { print $2 }')

# Chains of ten kills, or fewer, at moments of a run's length; each goes on
# where the last was killed, and the last of all ends.
moments() {
    awk -v n="$kills" -v most="$seconds" -v seed="${JF_SEED-1}" 'BEGIN {
        srand(seed)
        for (k = 0; k < n; k++) printf "%.3f\n", most * rand()
    }'
}
killed=0 chain=0
folder=chain
for moment in $(moments); do
    "$program" --profile quick --quiet --out chain --resume --threads 2 \
        >said 2>errors &
    pid=$!
    sleep "$moment"
    ! kill -KILL "$pid" 2>&- || killed=$((killed + 1))
    wait "$pid" 2>&-
    chain=$((chain + 1))
    if [ "$chain" -eq 10 ] || [ "$chain" -eq "$kills" ]; then
        quick chain --resume --threads 2
        rm -f chain/*.new chain/verdicts/*.new # of a kill amid a write
        well "resumed after $chain kills"
        rm -rf chain
        chain=0
    fi
done
if [ "$chain" -gt 0 ]; then
    quick chain --resume
    rm -f chain/*.new chain/verdicts/*.new
    well "resumed after $chain kills"
fi
[ "$killed" -gt 0 ] || [ "$kills" -eq 0 ]
result $? "killed while it ran"

# The clock was set back: what is there is of tomorrow.
run env LD_PRELOAD="$build/tests/libfaults.so" FAULT=remove:kill:1 \
    "$program" --profile quick --quiet --out later
[ -f later/stability-float.csv.partial ]
result $? "killed at its end"
find later -exec touch -d tomorrow {} +
quick later --resume
well "points of tomorrow"
find later -exec touch -d tomorrow {} +
quick later
well "tables of tomorrow"

# A second of processor time, of the some three of the default profile.
timed() { # FOLDER [OPTION...]
    folder=$1
    shift
    run "$program" --profile default --quiet --threads 1 --out "$folder" "$@"
}
timed whole
[ "$status" -eq 0 ] && [ "$lines" -eq 0 ]
result $? "the default profile"
# shellcheck disable=SC3045 # dash, bash and busybox have it
(ulimit -t 1 && exec "$program" --profile default --quiet --threads 1 \
    --out timed) >said 2>errors </dev/null
status=$?
if [ "$status" -eq 0 ]; then # a fast processor
    diff -r whole timed >>errors
else
    [ "$status" -gt 128 ] && [ ! -e timed/stability-float.csv ]
fi
result $? "a second of processor time"
timed timed --resume
[ "$status" -eq 0 ] && [ "$lines" -eq 0 ] && diff -r whole timed >>errors
result $? "resumed after a second of processor time"

# Ten thousand pictures in a folder, of two grey ones of 2 x 2 pixels, are read
# and judged in seconds.
cat >grey.txt <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAAEUlEQVR4AQEGAPn/AHibADTKBfwCEpAODDkAAAAASUVORK5CYII=
iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAAEUlEQVR4AQEGAPn/APVPAC4iBokBlSfUfjEAAAAASUVORK5CYII=
END
while read -r line; do echo "$line" | base64 -d; done <grey.txt >two.png
for _ in $(seq 5000); do cat two.png; done >all.png
mkdir pictures
split -b $(($(wc -c <two.png) / 2)) -a 4 --additional-suffix=.png \
    all.png pictures/
run "$build/experiments/optimum" --no-train --data pictures --out other
[ "$status" -eq 0 ] && [ "$lines" -eq 0 ] && grep -q "10000 pictures" said
result $? "ten thousand pictures"
rm -rf pictures

# A disk that is full, by the bound on files (of 512 bytes) and by its own.
# LLVM's OpenMP has a file itself, and does not outlive the first.
if ! ldd "$program" | grep -q 'libomp[.]so'; then
    {
        (ulimit -f 0 && exec "$program" --profile quick --quiet --out full) \
            2>&1 >/dev/null
        echo $? >status
    } | cat >errors
    status=$(cat status) lines=$(wc -l <errors)
    refused 1 "full/stability-float.csv.partial: cannot write" "ulimit -f 0"
    [ ! -e full/stability-float.csv ]
    result $? "ulimit -f 0: a table"
fi
if mkdir small && mount -t tmpfs -o size=4k none small 2>errors; then
    quick small
    refused 1 ": cannot write: No space left on device" "a full disk"
    umount small
fi
"$program" --profile quick --quiet --out other >/dev/full 2>errors
status=$? lines=$(wc -l <errors)
refused 1 "stdout: cannot write" "stdout on a full disk"

# No folder can be made there, and no file, not even by root.
quick /proc/none
refused 1 "/proc/none: cannot make the folder" "a folder in /proc"
quick /proc
refused 1 "/proc/stability-float.csv.partial: cannot write" "files in /proc"
: >file
quick file/none
refused 1 "file" "a folder below a file"

# hold FOLDER: a run there that goes on; hold ends when it has begun.
hold() {
    "$build/experiments/lipschitz" --profile default --quiet --out "$1" \
        >held 2>errors-held </dev/null &
    holder=$!
    for _ in $(seq 600); do
        [ -z "$(find "$1" -name '*.partial' -size +0 2>&-)" ] || return 0
        sleep 0.1
    done
}
hold two
run "$build/experiments/lipschitz" --profile quick --quiet --out two
refused 1 ": process $holder writes it" "two runs in one folder"
kill -KILL "$holder"
wait "$holder" 2>&-

# The folder goes while a program runs.
"$program" --profile quick --quiet --out gone >said 2>errors &
pid=$!
for _ in $(seq 600); do
    [ ! -e gone/stability-float.csv.partial ] || break
    sleep 0.02
done
rm -rf gone
wait "$pid"
status=$? lines=$(wc -l <errors)
refused 1 "its folder has gone" "a folder that goes away"

# Names.
quick "a${newline}b"
well "a folder with a line's end in its name"
cat >"c${newline}d.csv" <<END
1,2
3,x
END
run "$build/experiments/optimum" --no-train --out other \
    --data "c${newline}d.csv"
refused 2 "c?d.csv:2" "a table with a line's end in its name"

# A pipe is read once; nothing can be resumed of it.
table=$build/share/jacflow/data/iris.csv
optimum() { # OPTION...
    run "$build/experiments/optimum" --no-train "$@"
    grep -v '^[^ ]*:' said >numbers
}
optimum --data "$table" --out other
mv numbers expected
mkfifo pipe
cat "$table" >pipe &
optimum --data pipe --out other
wait $!
[ "$status" -eq 0 ] && [ "$lines" -eq 0 ] && cmp -s numbers expected
result $? "a pipe"
cat "$table" >pipe &
writer=$!
optimum --data pipe --out other --resume
refused 2 "--resume" "a pipe and --resume"
kill "$writer" 2>&- # if nobody read

# A device that never ends.
run "$build/experiments/optimum" --no-train --data /dev/zero --out other
refused 2 "/dev/zero: a device that does not end" "/dev/zero"
run "$build/tools/compare" --same /dev/zero /dev/null
refused 1 "/dev/zero: cannot read: File too large" "compare /dev/zero"

# Memory: by little and little, until it does.  OpenBLAS 0.3.29 waits for memory
# before main begins, and does not end: --version does not either, then.
within() { # MIB OPTION...: the program, in so much memory
    # shellcheck disable=SC3045 # dash, bash and busybox have it
    (ulimit -v $(($1 * 1024)) && shift &&
        exec timeout -s KILL 20 "$program" "$@") >said 2>errors </dev/null
    status=$? lines=$(wc -l <errors)
}
for mib in 60 80 100 120 160 200 300 500; do
    rm -rf little
    folder=little
    within "$mib" --profile quick --quiet --threads 1 --out little
    if [ "$status" -eq 0 ]; then
        well "$mib MiB"
    elif [ "$status" -eq 137 ] && [ "$lines" -eq 0 ]; then
        within "$mib" --version
        [ "$status" -eq 137 ] && [ ! -e little ]
        result $? "$mib MiB: it does not end"
    else
        [ "$status" -ne 139 ] && [ "$lines" -gt 0 ] &&
            [ ! -e little/verdicts/stability_single.csv ]
        result $? "$mib MiB"
    fi
done
[ "$status" -eq 0 ]
result $? "500 MiB are enough"

by="taskset -c 0"
quick one
well "one processor"
by=
quick many --threads 64
well "64 threads"

by="env -i" # but for how OpenBLAS computes, which the header tells
for variable in $(env | grep -o '^OPENBLAS_[A-Z0-9_]*=[A-Za-z0-9]*$'); do
    by="$by $variable"
done
quick bare
well "no HOME, no TMPDIR, no environment"
by="env TERM=dumb COLUMNS=20 TZ=Asia/Kathmandu"
quick narrow
well "20 columns, another zone"
localedef -i de_DE -f UTF-8 "$fresh/comma" >said 2>&1
by="env LOCPATH=$fresh LC_ALL=comma"
quick comma-run
well "a locale with decimal commas"
by=

# What LLVM's OpenMP has left of a killed process with the number of this one
# (args.c), and what it would leave of one that refuses a table it has read.
left=/dev/shm/__KMP_REGISTERED_LIB_
if [ -w /dev/shm ]; then
    # shellcheck disable=SC2016 # for the other shell
    aged='echo $$ >number; echo dead >'$left'$$_$(id -u); exec "$@"'
    run sh -c "$aged" sh "$program" --profile quick --quiet --out aged
    folder=aged
    well "a number of which OpenMP knows"
    ! ls "$left$(cat number)"_* >>errors 2>&1
    result $? "OpenMP's file of that number is there"
    awk 'BEGIN { for (k = 1; k <= 40000; k++) print k % 97 ",1" }
        END { print "1,x" }' /dev/null >bad.csv
    # shellcheck disable=SC2016 # for the other shell
    run sh -c 'echo $$ >number; exec "$@"' sh "$build/experiments/optimum" \
        --data bad.csv --no-train --threads 2 --out bad
    refused 2 "bad.csv" "a bad table"
    ! ls "$left$(cat number)"_* >>errors 2>&1
    result $? "OpenMP's file of a program that refused is there"
fi

echo "surroundings.sh: $killed kills" >&2
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
