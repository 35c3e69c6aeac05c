# shellcheck shell=sh
# launcher.sh -- read by others: which mpiexec is of the library of a build.

# find_launcher BUILD LOG: launcher := the command, or nothing.
find_launcher() {
    launcher=
    for name in mpiexec.mpich mpiexec.openmpi mpiexec; do
        if "$name" -n 1 true >"$2" 2>&1 ||
            "$name" --allow-run-as-root -n 1 true >"$2" 2>&1; then
            launcher=$name
            case $("$name" --version 2>&1) in
            *Open*) launcher="$name --oversubscribe --allow-run-as-root" ;;
            esac
            # shellcheck disable=SC2086 # a command
            $launcher -n 2 "$1/tests/test_ranks_jf64" 1 >"$2" 2>&1
            grep -q ';' "$2" && break # what it finds is for ranks.sh
            launcher=
        fi
    done
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
