# shellcheck shell=sh
# leftovers.sh -- read by others: what killed processes leave in memory.

# forget_dead: files that LLVM's OpenMP keeps for each process, by its number (a
# later process of that number may refuse to begin), and folders of fuzz targets
# (tests/fuzz/target.c).
forget_dead() {
    for left in /dev/shm/__KMP_REGISTERED_LIB_* /dev/shm/jacflow-fuzz-* \
        /tmp/jacflow-fuzz-*; do
        number=${left##*LIB_}
        number=${number##*-fuzz-}
        [ -e "/proc/${number%%[_-]*}" ] || rm -rf "$left"
    done
}
