#!/usr/bin/env python3
"""worker.py ADAPTER.py OUT AUDIT [NAME]: the entries of one adapter, judged.

Runs in the environment of the library.  A file a configuration, OUT/HASH.csv,
appears whole; what is there is not done again.  OUT/now-PID has the one at work,
so that a process that dies is known by it (peers.py writes its row and starts
another), and OUT/plan the version and the names of all the files.  NAME: entries
that contain it alone.  With PEERS_COMPILED in the environment each entry is
compiled once, and nothing else; with PEERS_QUICK it is judged in its first
dimension and precision alone; with PEERS_MISSING what OUT/there names, for this
version, is left out.
"""
import importlib
import importlib.metadata
import os
import signal
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import judge as judged  # noqa: E402
from rows import file_of, write  # noqa: E402

ROOM = 2 << 30  # bytes
SECONDS = 120  # of the processor, of a configuration


def expired(*_):
    raise TimeoutError("%d seconds of the processor are over" % SECONDS)


def spent():
    """Processor seconds of this process and of the audits it has called."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def release():
    """What JAX keeps of flows that are done, once the process has ROOM: without
    that some libraries come to five gigabytes."""
    with open("/proc/self/statm") as f:
        held = int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    jax = sys.modules.get("jax")
    if jax and held > ROOM:
        jax.clear_caches()


def load(path):
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location("adapter_" + name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # compilers look functions up there
    spec.loader.exec_module(module)
    return module


def compiled_of(entry):
    return [(entry.dims[-1], "float32", "compiled")] * entry.compile


def planned(version, entries, folder):
    """OUT/plan: the files of all configurations, whatever is asked for now."""
    path = os.path.join(folder, "plan")
    with open(path + ".new", "w") as f:
        f.write(version + "\n")
        for entry in entries:
            for key in judged.configurations(entry) + compiled_of(entry):
                f.write(os.path.basename(file_of(folder, entry.name, *key)) +
                        "\n")
    os.replace(path + ".new", path)


def there(version, folder):
    """The files of rows that a table has already."""
    if "PEERS_MISSING" not in os.environ:
        return set()
    with open(os.path.join(folder, "there")) as f:
        lines = [line.rstrip("\n").rsplit(" ", 1) for line in f]
    return {name for of, name in lines if of == version}


def work(module, folder, audit, only, compiled):
    version = (importlib.metadata.version(module.PACKAGE) if module.PACKAGE
               else module.VERSION)
    entries = list(module.entries())
    commit = os.environ.get("PEERS_COMMIT", "unknown")
    now = os.path.join(folder, "now-%d" % os.getpid())
    seen = set()
    for entry in entries:
        if entry.name in seen:
            raise SystemExit("worker.py: %s is there twice" % entry.name)
        seen.add(entry.name)
    planned(version, entries, folder)
    known = there(version, folder)
    for at, entry in enumerate(entries):
        if only and only not in entry.name:
            continue
        plan = judged.configurations(entry)
        if "PEERS_QUICK" in os.environ:
            plan = [c for c in plan if c[:2] == plan[0][:2]]
        if compiled:
            plan = compiled_of(entry)
        for d, dtype, state in plan:
            path = file_of(folder, entry.name, d, dtype, state)
            if os.path.exists(path) or os.path.basename(path) in known:
                continue
            same = dict(library=module.LIBRARY, version=version,
                        bijection=entry.name, dimension=str(d),
                        precision=dtype, state=state)
            # what a process that dies would have said
            write(now, [
                {**same, **judged.row("build", verdict="raises",
                                      note="the process ended")}], 0, commit)
            began = spent()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                if state == "compiled":
                    _, rows = judged.judge_compiled(entry, audit)
                else:
                    rows = judged.judge(entry, d, dtype, state, audit)
            except (ImportError, FileNotFoundError):
                raise  # of the environment, not of the library
            except TimeoutError as e:
                rows = [judged.row("build", verdict="open", note=str(e))]
            except Exception as e:
                rows = [judged.row("build", verdict="raises",
                                   note=judged.first_line(e))]
            signal.setitimer(signal.ITIMER_PROF, 0)
            write(path, [{**same, **r} for r in rows], spent() - began, commit)
        print("%d/%d %s" % (at + 1, len(entries), entry.name), flush=True)
        release()
    if os.path.exists(now):
        os.remove(now)


def main():
    if len(sys.argv) not in (4, 5):
        raise SystemExit(__doc__.split("\n")[0])
    path, folder, program = sys.argv[1:4]
    os.makedirs(folder, exist_ok=True)
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, expired)
    with tempfile.TemporaryDirectory() as scratch:
        work(load(path), folder, judged.Audit(program, scratch),
             sys.argv[4] if len(sys.argv) == 5 else "",
             "PEERS_COMPILED" in os.environ)


if __name__ == "__main__":
    main()
