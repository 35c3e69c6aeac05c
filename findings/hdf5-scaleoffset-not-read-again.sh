#!/bin/sh
# HDF5 1.14.4 to 1.14.6: what the scale-offset filter writes without an error,
# it does not read again.
#
# The filter keeps so many decimals of a float in as few bits as the span of a
# chunk needs.  Where that would be all of them, the chunk is stored as it is.
# These versions refuse to decode that: 1e9 among ordinary numbers with three
# decimals, in single precision, or an infinity, in double; and integers that
# reach from the least to the largest.  Writing, flushing and closing succeed,
# the rows are found missing by who opens the file.  They are still there:
# 1.12.2 and 2.0.0, where it is mended, read the same file.
#
# Seen (x86-64), a file by h5py 3.15.1 (HDF5 1.14.6), of six sets:
#     h5py 3.15.1 (HDF5 1.14.6)  2 read, 4 OSError
#     h5py 3.8.0 (1.12.2), 3.16.0 (2.0.0)   6 read
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for h5py in 3.8.0 3.15.1 3.16.0; do
    python3 -m venv "$h5py"
    "$h5py/bin/pip" install -q --disable-pip-version-check "h5py==$h5py" \
        numpy==1.26.4
done
cat >table.py <<'PYTHON'
import sys
import h5py, numpy

ordinary = numpy.linspace(-2, 2, 41).round(3)


def among(value, kind):
    return numpy.append(ordinary, value).astype(kind)


sets = {"single, 1e6": among(1e6, "f4"), "single, 1e9": among(1e9, "f4"),
        "double, 1e9": among(1e9, "f8"), "double, 1e16": among(1e16, "f8"),
        "double, inf": among(numpy.inf, "f8"),
        "integers": numpy.array([-2**63, 0, 2**63 - 1])}
if sys.argv[1] == "write":
    with h5py.File("table.h5", "w") as file:
        for name, x in sets.items():
            file.create_dataset(name, data=x,
                                scaleoffset=3 if x.dtype.kind == "f" else 0)
    sys.exit()
lost = []
with h5py.File("table.h5", "r") as file:
    for name, x in sets.items():
        try:
            if not numpy.allclose(file[name][:], x, rtol=1e-6, atol=1e-3):
                sys.exit("changed: %s: other values" % name)
        except OSError:
            lost.append(name)
print("HDF5", h5py.version.hdf5_version, "does not read:",
      "; ".join(lost) or "none")
wish = ["single, 1e9", "double, 1e16", "double, inf", "integers"]
sys.exit(lost != (wish if sys.argv[1] == "loses" else []))
PYTHON
3.15.1/bin/python table.py write
status=0
3.15.1/bin/python table.py loses || status=1
3.8.0/bin/python table.py reads || status=1
3.16.0/bin/python table.py reads || status=1
[ "$status" -eq 0 ] && echo "as stated" || echo "changed"
exit "$status"
