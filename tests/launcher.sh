# shellcheck shell=sh
# launcher.sh -- read by others: which mpiexec is of the library of a build.

# find_launcher BUILD LOG: launcher := the command, or nothing.  It must start
# two ranks that find each other: one of another library starts two processes of
# one rank each, and one that cannot start says so at length.  Where all cores
# are busy the right one has failed: all are asked again.
find_launcher() {
    for name in mpiexec.mpich mpiexec.openmpi mpiexec \
        mpiexec.mpich mpiexec.openmpi mpiexec; do
        launcher=$name
        case $("$name" --version 2>&1) in
        *Open*) launcher="$name --oversubscribe --allow-run-as-root" ;;
        esac
        # shellcheck disable=SC2086 # a command
        [ "$(timeout 60 $launcher -n 2 "$1/tests/test_ranks_jf64" count \
            2>"$2")" != 2 ] || return 0
    done
    launcher=
}

# kill_rank PATTERN: kills one process whose command line begins so, and has a
# blank behind each argument; fails where there is none.
kill_rank() {
    for process in /proc/[0-9]*; do
        if { tr '\0' ' ' <"$process/cmdline"; } 2>&- | grep -q "^$1"; then
            kill -KILL "${process#/proc/}" 2>&-
            return
        fi
    done
    return 1
}
