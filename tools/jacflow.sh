#!/bin/bash
# jacflow -- the programs by one name: jacflow COMMAND [OPTION]...
#
# Runs from the folder of a build, or from where it is installed; whatever it
# needs stands at a fixed place beside it, so that both may be moved.
set -u
here=$(dirname "$(readlink -f "$0")")
programs=$here share=$here/@SHARE@
if [ ! -d "$programs/experiments" ]; then
    programs=$here/@TO_PROGRAMS@ share=$here/@TO_SHARE@
fi

say() { # STATUS TEXT
    echo "jacflow: $2" >&2
    exit "$1"
}
[ -d "$programs/experiments" ] ||
    say 1 "$programs/experiments: no such folder; the programs belong there"

report() {
    exec "$programs/tools/report.sh" "$share/plots" "$programs/tools" "$@"
}

# summary NAME COMMAND...: the second line of its help.
summary() {
    local name=$1
    shift
    printf '  %-18s  ' "$name"
    "$@" --help | sed -n 2p | fold -s -w 58 |
        sed '2,$s/^/                      /; s/ *$//'
}

# summaries FOLDER: of its programs.
summaries() {
    local program
    for program in "$programs/$1"/*; do
        if [ -f "$program" ] && [ -x "$program" ]; then
            summary "${program##*/}" "$program"
        fi
    done
}

usage() {
    cat <<'END'
Usage: jacflow COMMAND [OPTION]...
Normalizing flows against their theory: programs, and what reads their tables.
jacflow COMMAND --help says more of each.

Experiments:
END
    summaries experiments
    cat <<'END'

Flows:
END
    summary fit "$programs/tools/fit"
    summary logprob "$programs/tools/logprob"
    summary sample "$programs/tools/sample"
    summary certify "$programs/tools/certify"
    cat <<'END'

Proofs:
  prove NAME          Certifies one theorem; jacflow prove --help lists them.

Tables:
END
    summary compare "$programs/tools/compare"
    summary report report
    summary verdicts "$programs/tools/verdicts"
    cat <<'END'

Options:
  --help              print this and exit
  --version           print the version and exit

Exit status:
  0  it ran
  1  anything else
  2  a bad command, option or input: one line on stderr says which
END
}

proofs() {
    cat <<'END'
Usage: jacflow prove NAME [OPTION]...
Certifies one theorem in ball arithmetic or exactly, and prints every statement.

Names:
END
    summaries proofs-check
}

# run FOLDER NAME CALLED ARGUMENT...: the program takes the place of this one,
# under the name by which it was called.
run() {
    local program=$programs/$1/$2 called=$3
    case $2 in
    '' | *[!a-z0-9_]*) return ;;
    esac
    shift 3
    if [ -f "$program" ] && [ -x "$program" ]; then
        exec -a "$called" "$program" "$@"
    fi
}

[ $# -gt 0 ] || say 2 "a command expected; --help lists them"
command=$1
shift
case $command in
--help) usage ;;
--version) echo "jacflow @VERSION@" ;;
prove)
    name=${1-}
    case $name in
    --help) proofs && exit ;;
    '') say 2 "prove: a name expected; prove --help lists them" ;;
    esac
    shift
    run proofs-check "$name" "jacflow prove $name" "$@"
    say 2 "prove: '$name' found, the name of a proof expected; prove --help lists them"
    ;;
report) report "$@" ;;
*)
    run experiments "$command" "jacflow $command" "$@"
    run tools "$command" "jacflow $command" "$@"
    say 2 "'$command' found, a command expected; --help lists them"
    ;;
esac
