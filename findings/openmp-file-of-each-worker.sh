#!/bin/sh
# intel-openmp 2026.2.0 (LLVM's OpenMP runtime, as MKL loads it): every worker of
# multiprocessing that has computed leaves a file in /dev/shm, for ever.
#
# The runtime marks its process by /dev/shm/__KMP_REGISTERED_LIB_PID_UID, 1 KiB
# of shared memory, and removes it in a destructor of the library.  Workers of
# Python's multiprocessing end by _exit, as do pools, data loaders and whatever
# is killed: no destructor runs.  A long sweep leaves thousands.  Process numbers
# come again, and a new process reads the file of its number before it begins: a
# whole one is recognised as dead and replaced; after one of a process that was
# killed as it began, the new process ends with "OMP: Error #15", which speaks of
# a runtime that is linked twice.
# omp_pause_resource_all(hard) before _exit removes it.
#
# Seen (Python 3.11, Linux): files left by 20 processes that each asked once for
# the number of threads
#     that end by exit:                                  0
#     workers of multiprocessing:                       20
#     workers that pause the runtime before they end:    0
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/v"
"$folder/v/bin/pip" install -q --disable-pip-version-check intel-openmp==2026.2.0
cat >"$folder/left.py" <<'PYTHON'
import ctypes, glob, importlib.metadata, multiprocessing, os, subprocess, sys

LIBRARY = glob.glob(os.path.join(sys.prefix, "lib", "libiomp5.so"))[0]
FILE = "/dev/shm/__KMP_REGISTERED_LIB_%d_%d"


def work(pause):
    openmp = ctypes.CDLL(LIBRARY)
    openmp.omp_get_max_threads()
    if pause:
        openmp.omp_pause_resource_all(2)  # hard


def left(numbers):
    """How many of these processes have a file, which is then removed."""
    files = [FILE % (n, os.getuid()) for n in numbers]
    there = [f for f in files if os.path.exists(f)]
    for f in there:
        os.remove(f)
    return len(there)


def workers(pause):
    numbers = []
    for _ in range(20):
        p = multiprocessing.Process(target=work, args=(pause,))
        p.start()
        p.join()
        numbers.append(p.pid)
    return left(numbers)


if __name__ == "__main__":
    if sys.argv[1:] == ["exit"]:
        work(False)
        sys.exit()
    print("intel-openmp", importlib.metadata.version("intel-openmp"))
    numbers = []
    for _ in range(20):
        p = subprocess.Popen([sys.executable, __file__, "exit"])
        p.wait()
        numbers.append(p.pid)
    found = left(numbers), workers(False), workers(True)
    print("by exit: %d; workers: %d; workers that pause: %d" % found)
    print("as stated" if found == (0, 20, 0) else "changed")
    sys.exit(found != (0, 20, 0))
PYTHON
"$folder/v/bin/python" "$folder/left.py"
