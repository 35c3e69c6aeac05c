#!/bin/bash
# help.sh BUILD_DIR: --help, --version and the completion of every program; no
# experiment leaves --data unread.
set -u
build=$1
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "help: failed: $2" >&2
    fi
}

# complete_help FILE OPTION...: within 80 columns, with an exit status, files,
# and all the options.
complete_help() {
    file=$1
    shift
    awk 'length($0) > 80 { bad = 1 } END { exit bad }' "$file" || return 1
    for what in '^Usage: ' '^Options:' '^Files:' '^Exit status:' "$@"; do
        grep -q -e "$what" "$file" || return 1
    done
}

common='--help --version --seed --out --profile --threads --data'
common="$common --resume --quiet"
for program in "$build"/experiments/* "$build"/proofs-check/*; do
    if [ ! -f "$program" ] || [ ! -x "$program" ]; then
        continue
    fi
    "$program" --help >"$fresh/help" 2>"$fresh/stderr" &&
        [ ! -s "$fresh/stderr" ]
    result $? "$program --help: status"
    case $program in
    */experiments/*)
        "$program" --data "$fresh/nowhere" --profile quick --out "$fresh/out" \
            >"$fresh/said" 2>"$fresh/stderr"
        [ $? -eq 2 ] && [ "$(wc -l <"$fresh/stderr")" -eq 1 ]
        result $? "$program --data: a table that is not there"
        ;;
    esac
    # shellcheck disable=SC2086 # a list of options
    complete_help "$fresh/help" $common
    result $? "$program --help"
    "$program" --version | grep -q '(jacflow)'
    result $? "$program --version"
    "$program" --no-such-option 2>"$fresh/stderr" >"$fresh/stdout"
    [ $? -eq 2 ] && [ "$(wc -l <"$fresh/stderr")" -eq 1 ]
    result $? "$program --no-such-option"
done

# The controls: a line too long, and an option that is not there.
! { cat "$fresh/help" && printf '%081d\n' 0; } >"$fresh/long" ||
    ! complete_help "$fresh/long"
result $? "a line of 81 columns is not seen"
! complete_help "$fresh/help" --no-such-option
result $? "a missing option is not seen"

# completions PROGRAM WORD BEFORE: what bash would offer.
. tools/completion.bash
offers() { # EXPECTED PROGRAM WORD BEFORE
    _jacflow "$2" "$3" "$4"
    [[ " ${COMPREPLY[*]} " == *" $1 "* ]]
    result $? "completion of $2 $4 $3: ${COMPREPLY[*]}, expected $1"
}
offers --no-train "$build/experiments/optimum" --no ""
offers --digits "$build/proofs-check/ppca" --d ""
offers quick "$build/experiments/optimum" q --profile
offers wine "$build/experiments/optimum" w --data
# at WORD...: the line that is typed.
at() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
}
at "$build/jacflow" au
offers audit "$build/jacflow" au "$build/jacflow"
at "$build/jacflow" prove pp
offers ppca "$build/jacflow" pp prove
at "$build/jacflow" audit --fl
offers --flow "$build/jacflow" --fl audit
at "$build/jacflow" optimum --data w
offers wine "$build/jacflow" w --data
_jacflow "$build/experiments/volume" --no ""
[ "${#COMPREPLY[@]}" -eq 0 ]
result $? "an option of another program is offered"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
