"""rows.py: rows of the table, on their way through files of one configuration
each."""
import csv
import math
import os
import zlib

COLUMNS = ("library,version,bijection,dimension,precision,state,check,error,"
           "second,method,tolerance,verdict,note").split(",")


def number(v):
    return v if isinstance(v, str) else "%.4g" % v


def write(path, rows, seconds, commit="unknown"):
    """The rows, below the seconds of the processor that they took and the commit
    whose audit judged them."""
    with open(path + ".new", "w", newline="") as f:
        f.write("# seconds: %.2f\n# commit: %s\n" % (seconds, commit))
        out = csv.writer(f, lineterminator="\n")
        for r in rows:
            out.writerow([number(r[c]) for c in COLUMNS])
    os.replace(path + ".new", path)


def file_of(folder, *key):
    return os.path.join(folder, "%08x.csv" % zlib.crc32(
        "\t".join(map(str, key)).encode()))


def head_of(path):
    """What write was told: seconds, 0 for a process that died, and commit."""
    with open(path) as f:
        said = dict(line[2:].strip().split(": ") for line in f
                    if line[0] == "#")
    return float(said.get("seconds", math.nan)), said.get("commit", "unknown")
