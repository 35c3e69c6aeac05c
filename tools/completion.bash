# completion.bash -- options of the programs, and values of some, in bash:
#
#   source tools/completion.bash
#
# What there is to complete is read from --help and --data list of the program
# on the line, so that it never lags behind.

_jacflow()
{
    local program=$1 word=$2 before=$3
    COMPREPLY=()
    command -v "$program" >/dev/null || return
    case $before in
    --profile)
        mapfile -t COMPREPLY < <(compgen -W 'quick default full' -- "$word")
        ;;
    --out)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        ;;
    --data)
        mapfile -t COMPREPLY < <(
            compgen -W "list $("$program" --data list 2>/dev/null |
                awk '{ print $1 }')" -- "$word"
            compgen -f -- "$word")
        ;;
    --seed | --threads | --columns | --size | --digits) ;;
    *)
        mapfile -t COMPREPLY < <(
            compgen -W "$("$program" --help 2>/dev/null |
                grep -oE '(^ *|, )--[a-z-]+' | tr -d ', ')" -- "$word")
        ;;
    esac
}

# The programs by the names that a user types: with the folder of the build.
for _jacflow_program in build/experiments/* build/proofs-check/*; do
    if [ -f "$_jacflow_program" ] && [ -x "$_jacflow_program" ]; then
        complete -o filenames -F _jacflow "$_jacflow_program" \
            "${_jacflow_program##*/}"
    fi
done
unset _jacflow_program
