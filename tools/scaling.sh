#!/bin/sh
# scaling.sh [NAME=VALUE...]: what ranks and shares are predicted to gain
# (docs/scaling.md), from the cost of parts.
#
#   step     seconds of a training step, one thread [.0164]
#   entries  of its gradient [118368]; bytes, of an entry [8]
#   rows     of its batch [1024]; lanes that it is cut into [16]
#   latency  seconds of a message between ranks [2e-6]
#   rate     bytes a second, of a rank's link [12.5e9]
#   table    a table of highres: seconds of its runs [that of results/reference]
#   start    seconds before a share's first point [1]
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
table=results/reference/highres.csv
for pair in "$@"; do
    case $pair in
    table=*) table=${pair#table=} ;;
    step=* | entries=* | bytes=* | rows=* | lanes=* | latency=* | rate=* | \
        start=*) ;;
    *)
        echo "scaling.sh: '$pair' found, NAME=VALUE expected" >&2
        exit 2
        ;;
    esac
done

# A rank has at most ceil(lanes / R) lanes; add is one all-to-all of the lanes'
# slices and one all-gather of the sums, gather three numbers a row
# (lib/base/ranks.c).
awk 'BEGIN {
    step = .0164; entries = 118368; bytes = 8; rows = 1024; lanes = 16
    latency = 2e-6; rate = 12.5e9
    for (i = 1; i < ARGC; i++) {
        split(ARGV[i], pair, "=")
        if (pair[1] == "step") step = pair[2]
        if (pair[1] == "entries") entries = pair[2]
        if (pair[1] == "bytes") bytes = pair[2]
        if (pair[1] == "rows") rows = pair[2]
        if (pair[1] == "lanes") lanes = pair[2]
        if (pair[1] == "latency") latency = pair[2]
        if (pair[1] == "rate") rate = pair[2]
    }
    n = split("1 2 4 8 16 64 1024", ranks, " ")
    print "One step of training, " lanes " lanes; fine: as many lanes as ranks"
    printf "%6s %12s %12s %10s %8s %12s %8s\n", "ranks", "bytes moved",
        "messages", "ms", "gain", "ms, fine", "gain"
    for (k = 1; k <= n; k++) {
        R = ranks[k]
        t = cost(R, lanes)
        moved = sent; count = messages
        f = cost(R, R > lanes ? R : lanes)
        printf "%6d %12.3g %12d %10.3f %8.2f %12.3f %8.2f\n", R, moved, count,
            1e3 * t, step / t, 1e3 * f, step / f
    }
}
function up(x) { return x == int(x) ? x : int(x) + 1 }
function tree(R, k) { for (k = 0; 2 ^ k < R; k++); return k }
function cost(R, L,    own, out, back) {
    own = up(L / R)
    out = own * entries * bytes * (R - 1) / R
    back = (entries * bytes + 3 * rows * 8) * (R - 1) / R
    sent = out + back
    # all-to-all: a message a rank; four all-gathers and six words: trees
    messages = R > 1 ? R - 1 + 10 * tree(R) : 0
    return step * own / L + messages * latency + sent / rate
}' "$@"

# One picture in bands: a step of Glow at 1024 x 1024, 6 levels of 4 steps, whose
# activations are recomputed.  Seconds of a rank without exchange: processor's,
# by build/tools/bands --flow glow --of R.  Messages and bytes a step, counted at
# R = 2 and 4: gathers, of all ranks alike; halos and moves, with neighbours;
# sums that go from rank to rank and back to all.
awk 'BEGIN {
    latency = 2e-6; rate = 12.5e9
    for (i = 1; i < ARGC; i++) {
        split(ARGV[i], pair, "=")
        if (pair[1] == "latency") latency = pair[2]
        if (pair[1] == "rate") rate = pair[2]
    }
    n = split("1 2 4 8 16", ranks, " ")
    split(".712 .370 .221 .132 .092", alone, " ")
    print "\nA step on one picture of 1024 x 1024, in bands"
    printf "%6s %10s %12s %12s %10s %8s\n", "ranks", "ms, alone",
        "messages", "bytes moved", "ms", "gain"
    for (k = 1; k <= n; k++) {
        R = ranks[k]
        hops = R > 1 ? R - 1 + tree(R) : 0
        messages = R > 1 ? 34 * tree(R) + 84 * (R - 1) + 66 * hops : 0
        moved = R > 1 ? 24.6e6 * (R - 1) / R + 3e6 + 7e6 * hops : 0
        t = alone[k] + messages * latency + moved / rate
        printf "%6d %10.0f %12d %12.3g %10.0f %8.2f\n", R, 1e3 * alone[k],
            messages, moved, 1e3 * t, alone[1] / t
    }
}
function tree(R, k) { for (k = 0; 2 ^ k < R; k++); return k }' "$@"

# Shares: run i is of share i modulo R, which does its runs one after another.
awk -F, 'BEGIN {
    start = 1
    for (i = 1; i < ARGC - 1; i++) {
        split(ARGV[i], pair, "=")
        if (pair[1] == "start") start = pair[2]
        ARGV[i] = ""
    }
}
/^#/ { next }
!("seconds" in at) { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    run = $at["size"] " " $at["principle_set"] " " $at["seed"] " " $at["rate"]
    if (!(run in took)) order[n++] = run
    if ($at["seconds"] + 0 > took[run] + 0) took[run] = $at["seconds"] + 0
}
END {
    for (i = 0; i < n; i++) {
        total += took[order[i]]
        if (took[order[i]] > longest) longest = took[order[i]]
    }
    printf "\nShares of %d training runs, %.2f s in all, the longest %.2f s\n",
        n, total, longest
    printf "%6s %10s %8s %12s\n", "shares", "seconds", "gain", "at best"
    m = split("1 2 4 8 16 64 1024", shares, " ")
    for (k = 1; k <= m; k++) {
        R = shares[k]; most = 0
        for (i = 0; i < R; i++) sum[i] = 0
        for (i = 0; i < n; i++) sum[i % R] += took[order[i]]
        for (i = 0; i < R; i++) if (sum[i] > most) most = sum[i]
        best = total / R > longest ? total / R : longest
        printf "%6d %10.2f %8.2f %12.2f\n", R, start + most,
            (start + total) / (start + most), (start + total) / (start + best)
    }
}' "$@" "$table"
