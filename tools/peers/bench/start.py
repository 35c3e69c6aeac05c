#!/usr/bin/env python3
"""start.py FRAMEWORK WORKLOAD SETTING THREADS float|double

Becomes the worker of a framework, torch or jax, by the interpreter of its
environment below the folder that the variable PEERS names; without one it says
that it is absent.  start.py --environments makes them all, of the versions of
requirements/base-FRAMEWORK.txt.

Settings that are read when a process starts are made here: as many threads as
are asked for, a heap that keeps what is freed, no bytecode beside the
sources."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FRAMEWORKS = {"torch": "torch_worker.py", "jax": "jax_worker.py"}


def refuse(what):
    print("start.py: " + what, file=sys.stderr)
    sys.exit(2)


def folder():
    if not os.environ.get("PEERS"):
        refuse("PEERS: the folder of environments expected")
    return os.path.abspath(os.environ["PEERS"])


def environment(framework):
    return os.path.join(folder(), "base-" + framework)


def environments():
    sys.path.insert(0, os.path.dirname(HERE))
    sys.dont_write_bytecode = True
    import peers
    for framework in FRAMEWORKS:
        try:
            peers.make(environment(framework), os.path.join(
                os.path.dirname(HERE), "requirements",
                "base-%s.txt" % framework))
        except (OSError, subprocess.CalledProcessError) as error:
            print("start.py: %s: its rows are left out: %s"
                  % (framework, error), file=sys.stderr)


def main():
    if sys.argv[1:] == ["--environments"]:
        environments()
        return
    if len(sys.argv) != 6 or sys.argv[1] not in FRAMEWORKS:
        refuse("'%s' found, torch|jax WORKLOAD SETTING THREADS float|double "
               "expected" % " ".join(sys.argv[1:]))
    framework, threads = sys.argv[1], sys.argv[4]
    python = os.path.join(environment(framework), "bin", "python")
    if not os.path.exists(python):
        print("absent no environment of %s: make bench PEERS=yes" % framework)
        return
    os.environ.update({
        "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads, "JAX_PLATFORMS": "cpu",
        "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000",
        "MALLOC_TOP_PAD_": "268435456", "PYTHONDONTWRITEBYTECODE": "1"})
    os.environ.pop("OMP_WAIT_POLICY", None)
    os.execv(python, [python, os.path.join(HERE, FRAMEWORKS[framework])]
             + sys.argv[2:])


main()
