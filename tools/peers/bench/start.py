#!/usr/bin/env python3
"""start.py PEER WORKLOAD SETTING THREADS float|double

Becomes the worker of a framework, torch or jax, or of a library of flows on
one, by the interpreter of its environment below the folder that the variable
PEERS names; without one it says that it is absent.  start.py --environments
makes them all, of the versions of requirements/.

Settings that are read when a process starts are made here: as many threads as
are asked for, a heap that keeps what is freed, no bytecode beside the
sources."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# A peer's worker; of libraries also their framework, whose packages they see.
FRAMEWORKS = {"torch": "torch_worker.py", "jax": "jax_worker.py"}
LIBRARIES = {"nflows": "torch", "normflows": "torch", "zuko": "torch",
             "FrEIA": "torch", "flowjax": "jax"}


def refuse(what):
    print("start.py: " + what, file=sys.stderr)
    sys.exit(2)


def folder():
    if not os.environ.get("PEERS"):
        refuse("PEERS: the folder of environments expected")
    return os.path.abspath(os.environ["PEERS"])


def environment(peer):
    return os.path.join(folder(), ("base-%s" if peer in FRAMEWORKS else "%s")
                        % peer.lower())


def worker_of(peer):
    if peer in FRAMEWORKS:
        return FRAMEWORKS[peer]
    return LIBRARIES[peer] + "_libraries.py"


def environments():
    sys.path.insert(0, os.path.dirname(HERE))
    sys.dont_write_bytecode = True
    import peers
    for peer in [*FRAMEWORKS, *LIBRARIES]:
        own = environment(peer)
        requirements = os.path.join(os.path.dirname(HERE), "requirements",
                                    os.path.basename(own) + ".txt")
        under = LIBRARIES.get(peer)
        try:
            peers.make(own, requirements, under and environment(under))
        except (OSError, subprocess.CalledProcessError) as error:
            print("start.py: %s: its rows are left out: %s"
                  % (peer, error), file=sys.stderr)


def main():
    if sys.argv[1:] == ["--environments"]:
        environments()
        return
    peers = [*FRAMEWORKS, *LIBRARIES]
    if len(sys.argv) != 6 or sys.argv[1] not in peers:
        refuse("'%s' found, %s WORKLOAD SETTING THREADS float|double "
               "expected" % (" ".join(sys.argv[1:]), "|".join(peers)))
    peer, threads = sys.argv[1], sys.argv[4]
    python = os.path.join(environment(peer), "bin", "python")
    if not os.path.exists(python):
        print("absent no environment of %s: make bench PEERS=yes" % peer)
        return
    os.environ.update({
        "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads, "JAX_PLATFORMS": "cpu",
        "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000",
        "MALLOC_TOP_PAD_": "268435456", "PYTHONDONTWRITEBYTECODE": "1"})
    os.environ.pop("OMP_WAIT_POLICY", None)
    if peer in LIBRARIES:
        sys.argv[3] = peer  # they have one setting
    os.execv(python, [python, os.path.join(HERE, worker_of(peer))]
             + sys.argv[2:])


main()
