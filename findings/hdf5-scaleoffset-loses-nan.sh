#!/bin/sh
# HDF5 2.0.0 and 1.12.2: a missing value that is stored with the scale-offset
# filter comes back as the least value of its chunk.
#
# create_dataset(..., scaleoffset=3) keeps three decimals of a float, as
# integers above the minimum of the chunk.  NaN, which is neither below nor
# above, comes back as that minimum.  Nothing warns, the other entries are right
# to their decimals, and a table without a missing value is read.  Where a NaN
# stands ahead of all others, a chunk of doubles keeps everything, NaN as well;
# of a chunk of floats 1.12.2 makes zeros of every entry, and 2.0.0 does not
# read it.
#
# Seen (x86-64, h5py 3.16.0 and 3.8.0), of .5 1.25 NaN 2 NaN -1, and of the same
# with NaN and .5 exchanged:
#     NaN third   doubles and floats  .5 1.25 -1 2 -1 -1
#     NaN first   doubles as they were; floats 0 0 0 0 0 0 in 1.12.2, OSError
#                 in 2.0.0
# Status 0 while it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for h5py in 3.8.0 3.16.0; do
    python3 -m venv "$h5py"
    "$h5py/bin/pip" install -q --disable-pip-version-check "h5py==$h5py" \
        numpy==1.26.4
done
cat >look.py <<'PYTHON'
import sys
import h5py, numpy

nan = numpy.nan
inside = numpy.array([0.5, 1.25, nan, 2, nan, -1])
ahead = numpy.array([nan, 1.25, 0.5, 2, nan, -1])
least = numpy.where(numpy.isnan(inside), -1, inside)
expected = {"double inside": least, "single inside": least,
            "double ahead": ahead}
expected["single ahead"] = numpy.zeros(6) if sys.argv[1] == "old" else None
print("HDF5", h5py.version.hdf5_version)
as_stated = True
with h5py.File("table.h5", "w") as file:
    for name in expected:
        x = inside if "inside" in name else ahead
        x = x.astype("f4" if "single" in name else "f8")
        file.create_dataset(name, data=x, scaleoffset=3)
with h5py.File("table.h5", "r") as file:
    for name, wish in expected.items():
        try:
            found = file[name][:]
        except OSError:
            found = None
        print("    %-14s" % name, found)
        as_stated &= (found is None) == (wish is None) and (
            wish is None or numpy.allclose(found, wish, rtol=0, atol=1e-3,
                                           equal_nan=True))
print("as stated" if as_stated else "changed")
sys.exit(not as_stated)
PYTHON
3.8.0/bin/python look.py old
3.16.0/bin/python look.py new
