# completion.bash -- commands and options of jacflow and its programs, and
# values of some, in bash:
#
#   source tools/completion.bash
#
# What there is to complete is read from --help and --data list of the program
# on the line, so that it never lags behind.

# _jacflow_names COMMAND...: what its help lists before the options.
_jacflow_names()
{
    "$@" --help 2>/dev/null | awk '/^Options:/ { exit } /^  [a-z]/ { print $1 }'
}

_jacflow()
{
    local word=$2 before=$3 program=("$1")
    COMPREPLY=()
    command -v "$1" >/dev/null || return
    if [ "${1##*/}" = jacflow ]; then
        if [ "$COMP_CWORD" -eq 1 ]; then
            mapfile -t COMPREPLY < <(compgen -W \
                "$(_jacflow_names "$1") --help --version" -- "$word")
            return
        fi
        program+=("${COMP_WORDS[1]}")
        if [ "${COMP_WORDS[1]}" = prove ]; then
            if [ "$COMP_CWORD" -eq 2 ]; then
                mapfile -t COMPREPLY < <(compgen -W \
                    "$(_jacflow_names "${program[@]}") --help" -- "$word")
                return
            fi
            program+=("${COMP_WORDS[2]}")
        fi
    fi
    case $before in
    --profile)
        mapfile -t COMPREPLY < <(compgen -W 'quick default full' -- "$word")
        ;;
    --out)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        ;;
    --data)
        mapfile -t COMPREPLY < <(
            compgen -W "list $("${program[@]}" --data list 2>/dev/null |
                awk '{ print $1 }')" -- "$word"
            compgen -f -- "$word")
        ;;
    --save | --load)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        ;;
    --seed | --threads | --columns | --size | --digits) ;;
    *)
        mapfile -t COMPREPLY < <(
            compgen -W "$("${program[@]}" --help 2>/dev/null |
                grep -oE '(^ *|, )--[a-z-]+' | tr -d ', ')" -- "$word"
            # of what reads tables: folders
            case ${program[1]-} in
            compare | report | verdicts) compgen -f -- "$word" ;;
            esac)
        ;;
    esac
}

complete -o filenames -F _jacflow jacflow
# The programs by the names that a user types: with the folder of the build.
for _jacflow_program in build/jacflow build/experiments/* \
    build/proofs-check/*; do
    if [ -f "$_jacflow_program" ] && [ -x "$_jacflow_program" ]; then
        complete -o filenames -F _jacflow "$_jacflow_program" \
            "${_jacflow_program##*/}"
    fi
done
unset _jacflow_program
