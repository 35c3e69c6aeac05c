"""protocol.py -- what the workers of other frameworks share.

A worker is what experiments/throughput/throughput.h says; its models are those
of workloads.c there.  It speaks for one workload, in one setting:

    WORKER WORKLOAD SETTING THREADS float|double
"""
import os
import sys
import time

LOG_2PI = 1.8378770664093453
WARM_UP = 3

_TABLE = (256, 4096, 4096, (2,)), (512, 2048, 2048, (63,))
_LINEAR = 1024, 1024, 1024, (512,)
# Rows of training, density and draws (0: not timed), and what a row is.
SIZES = {"W1": _TABLE[0], "W2": _TABLE[1], "W2m": (512, 2048, 256, (63,)),
         "W3": (16, 16, 16, (3, 32, 32)), "W4": (1, 1, 1, (3, 1024, 1024)),
         "W4r": (1, 0, 0, (3, 1024, 1024)),
         "W5": _LINEAR, "W5d": _LINEAR, "W5t": _LINEAR,
         **{"W6-%d" % d: (0, 256, 0, (d,)) for d in (2, 8, 16, 64)}}


def refuse(what):
    print("%s: %s" % (os.path.basename(sys.argv[0]), what), file=sys.stderr)
    sys.exit(2)


def peak_mib():
    """0: the system does not tell."""
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0


def age():
    """Seconds since this process was started; NaN: the system does not tell,
    such as a container with an uptime of its own."""
    with open("/proc/self/stat") as f:
        start = int(f.read().rsplit(")", 1)[1].split()[19])
    with open("/proc/uptime") as f:
        up = float(f.read().split()[0]) - start / os.sysconf("SC_CLK_TCK")
    return up if up >= 0 else float("nan")


def serve(name, version, calls_of):
    """calls_of(workload, setting, threads, double, shapes) -> parameters,
    {mode: call}; that of "train" makes the first step, and returns a step and
    what chooses the step that is timed."""
    if len(sys.argv) != 5 or sys.argv[1] not in SIZES \
            or not sys.argv[3].isdigit() \
            or sys.argv[4] not in ("float", "double"):
        refuse("'%s' found, WORKLOAD SETTING THREADS float|double expected"
               % " ".join(sys.argv[1:]))
    work, setting, threads, precision = sys.argv[1:]
    *rows, shape = SIZES[work]
    shapes = {mode: (n, *shape)
              for mode, n in zip(("train", "log_prob", "sample"), rows) if n}
    try:
        parameters, calls = calls_of(work, setting, int(threads),
                                     precision == "double", shapes)
        warm = next(iter(shapes))
        choose = None
        if warm == "train":
            calls["train"], choose = calls["train"]()
        else:
            calls[warm]()
        first = age()
        if choose:
            calls["train"] = choose()
        for _ in range(WARM_UP):
            calls[warm]()
    except Exception as error:  # of a framework: its row is left out
        print("absent %s %s %s: %s" % (name, setting, work,
                                       str(error).split("\n")[0][:150]),
              flush=True)
        return
    print("ready %d %.6g 0 0 %.4g %s %s" % (parameters, peak_mib(), first, name,
                                            version), flush=True)
    seen = {warm}
    for line in sys.stdin:
        mode, seconds = line.split()
        try:
            if mode not in seen:
                calls[mode]()
        except Exception as error:  # this mode alone is left out
            print("%s: %s %s %s: no %s: %s" % (
                os.path.basename(sys.argv[0]), name, setting, work, mode,
                str(error).split("\n")[0][:150]), file=sys.stderr)
            print("nan nan", flush=True)
            continue
        seen.add(mode)
        start, busy, count = time.perf_counter(), time.process_time(), 0
        while count == 0 or time.perf_counter() - start < float(seconds):
            calls[mode]()
            count += 1
        print("%.9g %.9g" % ((time.perf_counter() - start) / count,
                             (time.process_time() - busy) / count), flush=True)
