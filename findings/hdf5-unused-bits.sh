#!/bin/sh
# HDF5 1.14.4 and later: integers of which more than half the bits are unused
# are not opened, and h5py's get says that they are not there.
#
# A type of HDF5 has a size and a precision: 12 bits of a camera in a word of
# 32, or 64 bits in 32 bytes, is a valid type, which 1.12.2 writes and reads,
# the N-bit filter stores in 12 bits, and the file format allows.  Since 1.14.4
# a precision under half the size, from two bytes up, counts as "possibly
# corrupted file"; so 16 bits in 32 are read and 12 are not.  The error is a
# KeyError, which Group.get takes for an absent name: get gives None and items
# None for the data set, while "in" says True.  A file that held a column holds
# none after an upgrade.  The error names the property that lifts the check,
# which h5py 3.16 does not offer.
#
# Seen (x86-64, file by h5py 3.8.0 with HDF5 1.12.2), size and bits:
#                      4/12 plain  4/12 N-bit  4/16   8/31     32/64    2/7
#     HDF5 1.12.2      values      values      values values   values   values
#     HDF5 1.14.2      values      values      values values   values   values
#     HDF5 1.14.4      None        None        values None     None     None
#     HDF5 2.0.0       None        None        values None     None     None
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for h5py in 3.8.0 3.11.0 3.12.1 3.16.0; do
    python3 -m venv "$h5py"
    "$h5py/bin/pip" install -q --disable-pip-version-check "h5py==$h5py" \
        numpy==1.26.4
done
3.8.0/bin/python - <<'PYTHON'
import h5py, numpy

file = h5py.File("bits.h5", "w")
for name, size, bits in (("plain", 4, 12), ("nbit", 4, 12), ("half", 4, 16),
                         ("most", 8, 31), ("wide", 32, 64), ("short", 2, 7)):
    kind = h5py.h5t.STD_I64LE.copy()
    kind.set_precision(bits)
    kind.set_size(size)
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((4,))
    if name == "nbit":
        plan.set_filter(h5py.h5z.FILTER_NBIT)
    there = h5py.h5d.create(file.id, name.encode(), kind,
                            h5py.h5s.create_simple((4,)), plan)
    there.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(4))
PYTHON
cat >look.py <<'PYTHON'
import sys
import h5py, numpy

file = h5py.File("bits.h5", "r")
told = []
for name in ("plain", "nbit", "half", "most", "wide", "short"):
    values = numpy.zeros(4, numpy.int64)
    try:
        h5py.h5d.open(file.id, name.encode()).read(
            h5py.h5s.ALL, h5py.h5s.ALL, values)
        word = "values" if (values == numpy.arange(4)).all() else "wrong"
    except KeyError as error:
        word = str(file.get(name))
        why = str(error)
    told.append(word if name in file else "absent")
print("HDF5", h5py.version.hdf5_version, *told)
if "None" in told:
    print("    " + why)
    print("    None of items:",
          *(name for name, there in file.items() if there is None))
refuses = ["None", "None", "values", "None", "None", "None"]
sys.exit(told != (refuses if sys.argv[1] == "refuses" else ["values"] * 6))
PYTHON
status=0
3.8.0/bin/python look.py reads || status=1
3.11.0/bin/python look.py reads || status=1
3.12.1/bin/python look.py refuses || status=1
3.16.0/bin/python look.py refuses || status=1
[ "$status" -eq 0 ] && echo "as stated" || echo "changed"
exit "$status"
