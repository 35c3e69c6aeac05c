# shellcheck shell=sh
# openmp.sh -- read by others: what LLVM's OpenMP leaves of killed processes.

# forget_dead: a file for each, by its number; a later process of that number
# may refuse to begin for it.
forget_dead() {
    for left in /dev/shm/__KMP_REGISTERED_LIB_*; do
        number=${left##*LIB_}
        [ -e "/proc/${number%_*}" ] || rm -f "$left"
    done
}
