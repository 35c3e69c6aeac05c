# shellcheck shell=sh disable=SC2154 # variables of the script that reads this
# one_line.sh -- for run_experiment.sh and run_proof.sh, which read it: run a
# program, and say what became of it in one line.
#
# They set name, folder and resumed beforehand.
export LC_ALL=C # a decimal comma would be a column more

# value_of OPTION ARGUMENT...: what follows OPTION.
value_of() {
    wanted=$1
    shift
    while [ $# -gt 1 ]; do
        if [ "$1" = "$wanted" ]; then
            echo "$2"
            return
        fi
        shift
    done
}

# How many rows of each verdict the program wrote: "rows: 78 verified, 3
# refuted", and how many were not run.
verdicts_of() { # FILE
    [ -f "$1" ] || return 0 # of a run that stopped
    awk 'match($0, /,not run: [^,]*,/) {
            why = substr($0, RSTART + 1, RLENGTH - 2); idle[why]++
            next
        }
        BEGIN {
            words = "certified,certified example,verified,measured,refuted,"
            words = words "undecided"
            n_words = split(words, order, ",")
            for (k = 1; k <= n_words; k++)
                known[order[k]] = 1
        }
        { n = split($0, field, ",") }
        n > 1 && field[n - 1] in known { count[field[n - 1]]++ }
        END {
            for (k = 1; k <= n_words; k++)
                if (count[order[k]])
                    line = line (line ? ", " : "") count[order[k]] " " order[k]
            for (why in idle)
                line = line (line ? ", " : "") idle[why] " " why
            print "rows: " line
        }' <"$1"
}

# The commit of this tree, "abc1234-dirty" when files were changed since, or
# nothing where there is none.
commit_here() {
    (cd "${0%/*}/.." && git describe --always --dirty --exclude '*') 2>&- || :
}

# one_line KIND PROGRAM OPTION...: the status of the program.  Says at once that
# it begins, when, and how long it took last time.  Progress is the program's
# own, on stderr, but two bars at a time would mix.
one_line() {
    kind=$1
    shift
    log=$folder/logs/$name.log
    mkdir -p "$folder/logs" "$folder/timings"
    quiet=
    case "$kind ${MAKEFLAGS-}" in
    experiment*jobserver*) quiet=--quiet ;;
    esac
    before=$(sed -n '2s/^[^,]*,[^,]*,[^,]*,\([^,]*\),.*/, \1 s last time/p' \
        "$folder/timings/$name.csv" 2>&-) || :
    commit=$(commit_here)
    begin=$(date +%s.%N)
    ended=0
    printf '%-22s %10s   since %s%s\n' "$name" runs "$(date +%T)" "$before"
    "$@" $quiet >"$log" || ended=$?
    seconds=$(echo "$begin $(date +%s.%N)" |
        awk '{ printf "%.1f", $2 - $1 }')
    most=0
    [ "$kind" != proof ] || most=1
    if [ "$ended" -gt "$most" ]; then
        tail -n 3 "$log" >&2
        printf '%-22s %8s s   failed, status %s; %s\n' "$name" "$seconds" \
            "$ended" "$log" >&2
        return "$ended"
    fi
    columns=program,kind,profile,seconds,resumed,commit,processor
    printf '%s\n%s,%s,%s,%s,%s,%s,"%s"\n' "$columns" "$name" "$kind" \
        "$(value_of --profile "$@")" "$seconds" "$resumed" "$commit" \
        "$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo |
            head -n 1 | tr -d '"')" >"$folder/timings/$name.csv.new"
    mv "$folder/timings/$name.csv.new" "$folder/timings/$name.csv"
    printf '%-22s %8s s   %s\n' "$name" "$seconds" \
        "$(verdicts_of "$folder/verdicts/$name.csv")"
    return "$ended"
}
