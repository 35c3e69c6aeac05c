#!/bin/sh
# peers.sh AUDIT: the judge of other libraries on a library of one flow that has
# each mistake once (tests/peers/planted.py), and the page of the table that
# ships.  No network, no library; what needs NumPy is left out without it.
set -u
cd "$(dirname "$0")/.." || exit 1
audit=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "peers.sh: failed: $2" >&2
        head -n 20 "$fresh/log" >&2
    fi
}

export PYTHONDONTWRITEBYTECODE=1
: >"$fresh/log"
table=results/long/peers-flows.csv words=tools/peers/words

python3 tools/peers/page.py "$table" "$words" "$fresh/page.md" \
    "$fresh/words.csv" >"$fresh/log" 2>&1
result $? "each wrong row has words, and each word a row"
cmp "$fresh/page.md" docs/peers.md >"$fresh/log" 2>&1
result $? "docs/peers.md is of the table and its words: make peers-page"
cmp "$fresh/words.csv" results/long/peers-words.csv >"$fresh/log" 2>&1
result $? "peers-words.csv is of the table and its words: make peers-page"

# A wrong row more, or a finding that no row shows, is told.
sed '$p' "$table" | awk -F, -v OFS=, 'NR > 1 && last { print last } { last = $0 }
    END { $3 = "nowhere.Layer"; $12 = "wrong"; print }' >"$fresh/t.csv"
! python3 tools/peers/page.py "$fresh/t.csv" "$words" >"$fresh/log" 2>&1
result $? "a wrong row without words is told"
mkdir "$fresh/words"
cp "$words"/*.csv "$fresh/words"
set -- "$fresh"/words/*.csv
printf '%s%s\n' 'torch.distributions,transforms.ExpTransform,log-det,' \
    'title,what,where,since,see,avoid' >>"$1"
! python3 tools/peers/page.py "$table" "$fresh/words" >"$fresh/log" 2>&1
result $? "words without a row are told"

# So is a finding that one method alone has seen, unless it says why.
awk -F, -v OFS=, '$12 == "wrong" && !seen { $9 = "nan"; $13 = ""; seen = 1 }
    { print }' "$table" >"$fresh/t.csv"
! python3 tools/peers/page.py "$fresh/t.csv" "$words" >"$fresh/log" 2>&1 &&
    grep -q 'no second number' "$fresh/log"
result $? "a wrong row without a second number is told"

python3 tools/peers/peers.py --library nothing >"$fresh/log" 2>&1
[ $? -eq 2 ] && grep -q "'nothing' found; expected one of" "$fresh/log"
result $? "a library that is not there is refused by name"

# A table: a configuration that was made anew replaces its rows; one that was not
# stays, of the same version and while the adapter has it; what is left is
# counted, and by which commit a library was judged.
mkdir -p "$fresh/peers/rows/zuko"
cat >"$fresh/zuko.csv" <<'TABLE'
# commit: before
# machine: another
# seconds: zuko 7, pyro 5
# missing: none
library,version,bijection,dimension,precision,state,check,error,second,method,tolerance,verdict,note
pyro,1,P,2,float64,fresh,log-det,1,,,,ok,
zuko,2,A,2,float64,fresh,log-det,1,,,,ok,old
zuko,2,A,2,float64,fresh,mass,1,,,,ok,old
zuko,2,B,2,float64,fresh,log-det,1,,,,ok,kept
zuko,1,C,2,float64,fresh,log-det,1,,,,ok,another version
zuko,2,D,2,float64,fresh,log-det,1,,,,ok,no more in the plan
TABLE
python3 - "$fresh" >"$fresh/log" 2>&1 <<'PYTHON'
import os, sys
sys.path.insert(0, "tools/peers")
import peers
from rows import COLUMNS, file_of, write
folder = sys.argv[1] + "/peers/rows/zuko"
table = sys.argv[1] + "/zuko.csv"
key = {c: file_of(folder, c, "2", "float64", "fresh") for c in "ABCE"}
with open(folder + "/plan", "w") as f:
    f.write("2\n" + "".join(os.path.basename(key[c]) + "\n" for c in "ABCE"))
write(key["A"], [dict.fromkeys(COLUMNS, "") | dict(
    library="zuko", version="2", bijection="A", dimension="2",
    precision="float64", state="fresh", check="log-det", note="new")], 3,
    "now")
peers.tell_there(table, "zuko", folder)
with open(folder + "/there") as f:
    assert f.read().count("2 ") == 3
peers.collect(table, {"zuko": "zuko"}, sys.argv[1] + "/peers")
rows, head = peers.read(table)[1:], peers.head(table)
print(rows, head)
assert [(r[0], r[2], r[-1]) for r in rows] == [
    ("pyro", "P", ""), ("zuko", "A", "new"), ("zuko", "B", "kept")]
assert head["commits"] == "pyro before, zuko before+now"
assert head["seconds"] == "pyro 5" and head["missing"] == "zuko 2/4"
assert "another" in head["machine"].split("; ")
first = open(table).read()
peers.collect(table, {"zuko": "zuko"}, sys.argv[1] + "/peers")
assert open(table).read() == first
PYTHON
result $? "rows made anew replace those of their configuration alone"

# The peers of make bench: without an environment they are absent; the table of
# a run, with peers and without, and a page without marks.
bench=tools/peers/bench
PEERS=$fresh/env python3 $bench/start.py torch W1 eager 1 float \
    >"$fresh/log" 2>&1 && grep -q '^absent no environment of torch' "$fresh/log"
result $? "a framework without an environment is absent"
PEERS=$fresh/env python3 $bench/start.py FrEIA W1 eager 1 float \
    >"$fresh/log" 2>&1 && grep -q '^absent no environment of FrEIA' "$fresh/log"
result $? "a library without an environment is absent"
PEERS=$fresh/env python3 $bench/start.py torch W1 eager 1 >"$fresh/log" 2>&1
[ $? -eq 2 ]
result $? "a peer without a precision is refused"
cat >"$fresh/fake.py" <<'PYTHON'
import sys
work = sys.argv[2]
if work == "W6-2":
    print("absent Fake W6-2: has none")
    sys.exit()
print("ready 7 1.5 0 0 0.25 Fake 1", flush=True)
for line in sys.stdin:
    print("nan nan" if work == "W6-8" else "0.5 0.25", flush=True)
PYTHON
bench() { # SCRIPT: of one thread
    "${audit%/*}/throughput" --only W6 --profile quick --threads 1 --quiet \
        --peers "$1" --out "$fresh/fake" >"$fresh/log" 2>"$fresh/stderr"
    status=$?
    cat "$fresh/stderr" >>"$fresh/log"
}
bench "$fresh/fake.py"
[ "$status" -eq 0 ] &&
    grep -q 'Fake W6-2: has none' "$fresh/log" &&
    [ "$(grep -c ',Fake 1,jit,' "$fresh/fake/throughput-peers.csv")" -eq 2 ] &&
    ! grep -q '^W6-[28],' "$fresh/fake/throughput-peers.csv" &&
    grep -q '^W6-64,log_prob,float,Fake 1,jit,1,1,500,500,500,500,250,' \
        "$fresh/fake/throughput-peers.csv"
result $? "what a peer cannot do is left out, the rest is measured"
grep -q '^coupling threads  *1 alone, no exponent$' "$fresh/log" &&
    ! grep -q 'exponent nan' "$fresh/log"
result $? "a sweep of one size has an exponent"

# What a worker says and throughput.h does not know ends the run, in one line.
cat >"$fresh/liar.py" <<'PYTHON'
import os, sys
print(os.environ["READY"], flush=True)
for line in sys.stdin:
    print(os.environ["ANSWER"], flush=True)
os._exit(0)
PYTHON
refuses() { # READY ANSWER WORDS
    READY=$1 ANSWER=$2 bench "$fresh/liar.py"
    [ "$status" -eq 1 ] && grep '^throughput: ' "$fresh/stderr" >"$fresh/line" &&
        [ "$(wc -l <"$fresh/line")" -eq 1 ] && grep -qF -e "$3" "$fresh/line"
    result $? "'$1' and '$2' are taken: status $status"
}
for answer in '-1 -1' '0.5 0' '0.5 inf' 'nan 0.5' '0.5' '0.5 0.25 7' ''; do
    refuses 'ready 7 1.5 0 0 0.25 Fake 1' "$answer" \
        "Fake 1, jit, W6-2, log_prob: '$answer' found, two numbers above 0"
done
for ready in 'ready -10 1.5 0 0 0.25 Fake 1' 'ready 7 nan 0 0 0.25 Fake 1' \
    'ready 7 1.5 0 0 -0.1 Fake 1' 'ready 7 1.5 0 0 0.25' 'nothing'; do
    refuses "$ready" '0.5 0.25' "jit, W6-2: '$ready' found"
done

# A worker that ends before it is ready is absent, which is said once; a script
# that cannot be read is no script.
cat >"$fresh/ends.py" <<'PYTHON'
import sys
if sys.argv[2] == "W6-64":
    print("ready 7 1.5 0 0 nan Fake 1", flush=True)
    sys.stdin.readline()
    print("-1 -1", flush=True)
PYTHON
bench "$fresh/ends.py"
[ "$status" -eq 1 ] && grep -q 'W6-64, log_prob' "$fresh/stderr" &&
    [ "$(grep -c 'ended before it was ready' "$fresh/stderr")" -eq 1 ] &&
    grep -q '^throughput: jax, jit, W6-2: the worker ended' "$fresh/stderr"
result $? "workers that end before they are ready are not said once"
for script in "$fresh/none.py" "$fresh"; do
    rm -rf "$fresh/fake"
    bench "$script"
    [ "$status" -eq 2 ] && [ "$(wc -l <"$fresh/stderr")" -eq 1 ] &&
        grep -qF -e "--peers $script: " "$fresh/stderr" && [ ! -e "$fresh/fake" ]
    result $? "--peers $script: status $status"
done
mkdir "$fresh/run"
cat >"$fresh/run/throughput-machine.csv" <<'TABLE'
quantity,precision,threads,value,lower_quartile,upper_quartile,unit
fma,float,2,200,200,200,GFLOP/s
fma,double,2,100,100,100,GFLOP/s
gemm,float,2,150,150,150,GFLOP/s
gemm,double,2,70,70,70,GFLOP/s
others,,2,0.000,nan,nan,processors
TABLE
cat >"$fresh/run/throughput.csv" <<'TABLE'
# options: --profile default --seed 1
workload,mode,precision,threads,milliseconds,bound_ms,fraction_of_gemm,processor_ms,peak_mib,first_step_s
W1,train,float,1,3,1,0.5,3,10,0.01
W1,train,float,2,2,0.5,0.4,4,11,0.02
TABLE
cat >"$fresh/run/throughput-peers.csv" <<'TABLE'
workload,mode,precision,peer,setting,threads,best,milliseconds,processor_ms,peak_mib,ratio,asked,first_step_s
W1,train,float,PyTorch 2,eager,1,0,9,9,300,4.5,5,3
W1,train,float,JAX 0,jit,2,1,8,15,200,4,5,4
W1,train,float,nflows 3,eager,1,0,12,10.5,300,6,5,3
W1,train,float,nflows 3,eager,2,0,11,9,300,5.5,5,3
TABLE
printf 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n' >"$fresh/page.md"
python3 $bench/page.py "$fresh/run" "$fresh/page.md" >"$fresh/log" 2>&1
row='| W1 | train | 2 | 4 | 40 | JAX jit | 8 | 4.00 | 3.00 | 5, missed'
grep -qF "$row | 11, 200 | 0.02, 4 |" "$fresh/page.md" &&
    grep -q '2 threads.*JAX 0, PyTorch 2, nflows 3;' "$fresh/page.md" &&
    grep -qxF '| W1 | train | 5.50 |' "$fresh/page.md" &&
    [ "$(head -n 1 "$fresh/page.md")" = before ] &&
    [ "$(tail -n 1 "$fresh/page.md")" = after ] && ! grep -q old "$fresh/page.md"
result $? "the best peer stands beside ours"
sed 's/^others.*/others,,2,0.5,nan,nan,processors/' \
    "$fresh/run/throughput-machine.csv" >"$fresh/busy"
mv "$fresh/busy" "$fresh/run/throughput-machine.csv"
python3 $bench/page.py "$fresh/run" "$fresh/page.md" >"$fresh/log" 2>&1
grep -qF '| W1 | train | 2 | 4 | 40 | JAX jit | 8 |  | 3.00 | 5 |' \
    "$fresh/page.md" && grep -q 'Nothing is judged' "$fresh/page.md" &&
    grep -qxF '| W1 | train | 3.50 |' "$fresh/page.md"
result $? "nothing is judged on a busy machine"
mv "$fresh/run/throughput-peers.csv" "$fresh/peers.csv"
python3 $bench/page.py "$fresh/run" "$fresh/page.md" >"$fresh/log" 2>&1
grep -qF '| W1 | train | 2 | 4 | 40 |  |  |  |  |  | 11 | 0.02 |' "$fresh/page.md"
result $? "an absent peer has no row"
echo before >"$fresh/page.md"
python3 $bench/page.py "$fresh/run" "$fresh/page.md" >"$fresh/log" 2>&1
[ $? -eq 2 ] && [ "$(cat "$fresh/page.md")" = before ]
result $? "a page without marks is refused, and stays"

# Tables that cannot be read: one line, and the page stays.
printf '<!-- bench -->\nold\n<!-- /bench -->\n' >"$fresh/page.md"
cp "$fresh/page.md" "$fresh/old.md"
bad_run() { # TABLE SED_EDIT WORDS
    rm -rf "$fresh/bad"
    cp -r "$fresh/run" "$fresh/bad"
    sed "$2" "$fresh/run/$1.csv" >"$fresh/bad/$1.csv"
    python3 $bench/page.py "$fresh/bad" "$fresh/page.md" >"$fresh/log" 2>&1
    [ $? -eq 2 ] && [ "$(wc -l <"$fresh/log")" -eq 1 ] &&
        grep -qF -e "page.py: $fresh/bad" "$fresh/log" &&
        grep -qF -e "$3" "$fresh/log" && cmp -s "$fresh/page.md" "$fresh/old.md"
    result $? "page.py: $1 with $2 is not refused"
}
cp "$fresh/peers.csv" "$fresh/run/throughput-peers.csv"
bad_run throughput-machine 1s/value/other/ "no column 'value'"
bad_run throughput-machine /^others/d "no row 'others,,2'"
bad_run throughput-machine '/^gemm,double/d' "no row 'gemm,double,2'"
bad_run throughput-machine '2s/,2,/,2.5,/' "'2.5' found, a whole number"
bad_run throughput s/,bound_ms/,other/ "no column 'bound_ms'"
bad_run throughput '/^W1/s/,[^,]*$//' 'row 1: 9 fields found, 10 expected'
bad_run throughput '/^W1/s/,3,1,/,x,1,/' "'x' found, a number above 0 expected"
bad_run throughput '/^W1/s/,3,1,/,3,0,/' "'0' found, a number above 0 expected"
bad_run throughput s/,1,0.5,/,1,,/ "fraction_of_gemm: '' found, a number"
bad_run throughput-peers s/,asked,/,other,/ "no column 'asked'"
python3 $bench/page.py "$fresh/run" "$fresh/none.md" >"$fresh/log" 2>&1
[ $? -eq 2 ] && [ "$(wc -l <"$fresh/log")" -eq 1 ] &&
    grep -q '^page.py: .*none.md: ' "$fresh/log" && [ ! -e "$fresh/none.md" ]
result $? "a page that is not there is not refused"
python3 $bench/page.py "$fresh/run" "$fresh/page.md" >"$fresh/log" 2>&1 &&
    ! grep -q old "$fresh/page.md"
result $? "the tables without a fault are refused"

if python3 -c 'import numpy' 2>"$fresh/log"; then
    python3 tools/peers/worker.py tests/peers/planted.py "$fresh/rows" \
        "$audit" >"$fresh/log" 2>&1
    result $? "the worker"
    python3 - "$fresh/rows" >"$fresh/log" 2>&1 <<'PYTHON'
import csv, glob, sys
sys.path.insert(0, "tools/peers")
from rows import COLUMNS
rows = [dict(zip(COLUMNS, r)) for p in glob.glob(sys.argv[1] + "/*.csv")
        for r in csv.reader(l for l in open(p) if l[0] != "#")]
names = {r["bijection"] for r in rows}
bad = len(names) != 17
for name in sorted(names):
    told = {r["check"] for r in rows if r["bijection"] == name and
            r["verdict"] in ("wrong", "not finite", "raises", "open")}
    wanted = name.split(":")[0]
    # told of the planted mistake, and of none in the flow that is right
    wrong = {r["check"] for r in rows if r["bijection"] == name and
             r["verdict"] == "wrong"}
    good = (not told if name == "none" else
            not wrong if wanted == "never wrong" else
            "mass" in wrong if wanted == "mass" else wanted in told)
    print("ok" if good else "FAILED", name, sorted(told))
    bad |= not good
sys.exit(bad)
PYTHON
    result $? "each planted mistake is found, and none in the flow without"
    python3 - >"$fresh/log" 2>&1 <<'PYTHON'
import math, sys, types
sys.path.insert(0, "tools/peers")
from judge import Questions
for size, error, verdict, told in (
        (1e-3, 5e-4, "wrong", "documented"), (1e-3, 0.1, "wrong", "wrong"),
        (1e-3, math.nan, "not finite", "not finite"),
        (1e9, 1e12, "open", "documented"), (1e9, math.nan, "wrong", "wrong")):
    q = types.SimpleNamespace(rows=[], entry=types.SimpleNamespace(
        documented={"log-det": (size, "words")}))
    Questions.say(q, "log-det", error, verdict=verdict)
    assert q.rows[0]["verdict"] == told, (size, error, q.rows)
PYTHON
    result $? "what is documented explains its size, and no NaN"
    python3 - >"$fresh/log" 2>&1 <<'PYTHON'
import sys, types
import numpy as np
sys.path.insert(0, "tools/peers")
from judge import Questions
# A flow that takes no empty batch, all of whose draws come back; one whose
# inverse keeps to the half-line, which half of them do not.
def forward(x):
    assert len(x)
    return x, np.zeros(len(x))
for inverse, share in ((lambda z: z, (1, 1)), (np.abs, (0.45, 0.55))):
    flow = types.SimpleNamespace(
        forward=forward, inverse=lambda z: (inverse(z), None),
        jacobian=lambda x: np.ones((len(forward(x)[0]), 1, 1)))
    q = types.SimpleNamespace(
        rng=np.random.default_rng(1), d=1, flow=flow, dtype="float64",
        half=1e-8, cast=lambda x: x)
    q.slope_at = lambda x: Questions.slope_at(q, x)
    found = Questions.returned(q)[0]
    assert share[0] <= found <= share[1], found
PYTHON
    result $? "the share of draws that come back, of a flow that takes no empty batch"
    python3 - >"$fresh/log" 2>&1 <<'PYTHON'
import sys, types
import numpy as np
sys.path.insert(0, "tools/peers")
from judge import Questions
# A map that stretches by 1e9, in which a row alone is off by a unit in the last
# place of x, and by a thousand of them.
for off, verdict in ((1, "rounding"), (1000, "wrong")):
    def forward(x):
        moved = x * (1 + off * 2.0 ** -52) if len(x) == 1 else x
        return 1e9 * (moved - 1), np.full(len(x), np.log(1e9))
    q = types.SimpleNamespace(rows=[], half=1e-8, dtype="float64",
                              cast=lambda x: x,
                              flow=types.SimpleNamespace(forward=forward))
    q.entry = types.SimpleNamespace(documented={})
    for name in ("say", "apart", "moved_by_rounding"):
        setattr(q, name, types.MethodType(getattr(Questions, name), q))
    x = 1 + 1e-9 * np.random.default_rng(1).normal(size=(20, 1))
    Questions.batches(q, x, *forward(x), {})
    assert q.rows[0]["verdict"] == verdict, q.rows
PYTHON
    result $? "a row alone may be off by rounding, and by no more"
else
    echo "peers.sh: python3-numpy is not installed: adapters are not tested" >&2
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
