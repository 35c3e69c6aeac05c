#!/bin/sh
# bad_input.sh PROGRAM: what PROGRAM does with tables that cannot be used.
#
# Refused: status 2, exactly one line on stderr that names the file, nothing
# written.  Reported: --no-train says n, d and rank of a table that cannot be
# trained on, which without --no-train is refused.
set -u
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

result() { # OK WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "bad_input.sh: $2: status $status, $lines lines on stderr" >&2
    fi
}

run() { # FILE OPTION...
    rm -rf "$folder/out"
    input=$1
    shift
    "$program" --data "$input" --out "$folder/out" "$@" \
        >"$folder/stdout" 2>"$folder/stderr"
    status=$?
    lines=$(wc -l <"$folder/stderr")
}

refused() { # FILE OPTION...
    run "$@"
    [ "$status" -eq 2 ] && [ "$lines" -eq 1 ] && [ ! -e "$folder/out" ] &&
        grep -q -F "$(basename "$1")" "$folder/stderr"
    result $? "$*"
}

reported() { # FILE: by --no-train alone
    run "$1" --no-train
    [ "$status" -eq 0 ] && [ "$lines" -eq 0 ] && grep -q rank "$folder/stdout"
    result $? "$1 --no-train"
    refused "$1"
}

table() { # NAME TEXT: a file of that text
    printf '%b' "$2" >"$folder/$1"
}

npy() { # NAME HEADER DATA
    length=$(printf '%s\n' "$2" | wc -c)
    {
        printf '\223NUMPY\001\000'
        printf '%b' "\\0$(printf '%03o' "$length")\\0000"
        printf '%s\n' "$2"
        printf '%b' "$3"
    } >"$folder/$1"
}

both() { # NAME: refused with and without training
    refused "$folder/$1" --no-train
    refused "$folder/$1"
}

both missing.csv
mkdir "$folder/folder.csv" && both folder.csv
table ragged.csv 'x,y\n1,2\n3,4\n5\n' && both ragged.csv
table text.csv '1,2\n3,four\n5,6\n' && both text.csv
table nan.csv '1,2\n3,nan\n5,6\n' && both nan.csv
table infinite.csv '1,2\n3,inf\n5,6\n' && both infinite.csv
table hole.csv '1,2\n3,\n5,6\n' && both hole.csv
table one-row.csv '1,2\n' && both one-row.csv
table header-alone.csv 'x,y\n' && both header-alone.csv
table empty.csv '' && both empty.csv
table picture.png '\0211PNG\r\n' && both picture.png
table header.png '\0211PNG\r\n\0032\n' && both header.png
table header.jpg '\0377\0330\0377\0340' && both header.jpg
table words.jpg 'no picture\n' && both words.jpg
mkdir "$folder/pictures" && both pictures
cp "$folder/words.jpg" "$folder/pictures/words.jpg"
refused "$folder/pictures/words.jpg" --size 8
run "$folder/pictures" --size 8
[ "$status" -eq 2 ] && [ "$lines" -eq 1 ] && grep -q words.jpg "$folder/stderr"
result $? "a folder with a picture that is none"
table unknown.xyz '\0001\0002\0003\0004' && both unknown.xyz

table whole.csv '1,2\n3,4\n5,7\n'
refused "$folder/whole.csv" --size 8
refused iris --size 8
refused toy:banana --size 8
gzip -c "$folder/whole.csv" | head -c 25 >"$folder/truncated.csv.gz"
both truncated.csv.gz

f8='\0000\0000\0000\0000\0000\0000\0360\0077'
good="{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }"
npy truncated.npy "$good" "$f8" && both truncated.npy
npy objects.npy "{'descr': '|O', 'fortran_order': False, 'shape': (2, 1), }" \
    "$f8$f8" && both objects.npy
npy order.npy "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2, 1), }" \
    "$f8$f8" && both order.npy
npy negative.npy "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 1), }" \
    "$f8$f8" && both negative.npy
npy gigantic.npy \
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999, 9999999999), }" \
    "$f8$f8" && both gigantic.npy
table header.npy '\0223NUMPY\0001\0000' && both header.npy
table a-idx2-ubyte '\0000\0000\0010\0002\0000\0000\0000\0002\0000' &&
    both a-idx2-ubyte
table b-idx2-ubyte \
    '\0000\0000\0010\0002\0377\0377\0377\0377\0377\0377\0377\0377\0001' &&
    both b-idx2-ubyte

refused no-such-table --no-train
refused toy:no-such-toy --no-train
refused toy:rings:-5 --no-train
refused toy:rings:many --no-train
refused "$folder/whole.csv" --columns 3
refused "$folder/whole.csv" --columns name
refused "$folder/whole.csv:/x" --no-train
refused "$folder/none.h5:/x" --no-train
table cut.h5 '\0211HDF\0015\0012\0032\0012\0000' && both cut.h5

# Squares that are no doubles: differences of 1e200, and of 1e-200; those of
# 1e140 are read.
table huge.csv '1e200,1\n-2e200,3\n3e200,5\n1,9\n' && both huge.csv
table tiny.csv '1e-200,1\n2e-200,3\n5e-200,5\n0,9\n' && both tiny.csv
table large.csv '1e140,1\n-2e140,3\n3e140,7\n1,9\n' &&
    run "$folder/large.csv" --no-train && grep -q 'rank 2' "$folder/stdout"
result $? "large.csv"

table constant.csv '1,2\n1,3\n1,5\n1,9\n' && reported "$folder/constant.csv"
table equal.csv '1,1,3\n2,2,5\n5,5,1\n9,9,9\n1,1,1\n' &&
    reported "$folder/equal.csv"
table wide.csv '1,2,3\n4,5,9\n' && reported "$folder/wide.csv"

# The control: a good table is neither refused nor reported as such.
run "$folder/whole.csv" --no-train
[ "$status" -eq 0 ] && [ -e "$folder/out/optimum-spectrum.csv" ]
result $? whole.csv

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
