#!/bin/sh
# theory.sh: theory/theory.md has a section and a line of the check index for
# every id of theory/claims.def, names every proof program, has what it and the
# sources cite; and each rule sees a place where it is broken.
set -u
passed=0 failed=0
fresh=$(mktemp -d) || exit 1
trap 'rm -rf "$fresh"' EXIT
export LC_ALL=C.UTF-8

result() { # STATUS WHAT
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "theory: failed: $2" >&2
        cat "$fresh/found" >&2
    fi
}

# The rules print what breaks them below a folder.

ids() { # FOLDER: of claims.def
    sed -n 's/^\(CLAIM\|PART\|WORDING\|NO_ROWS\)("\([^"]*\)".*/\2/p' \
        "$1/theory/claims.def" | sort -u
}

# An id has a heading of its own or stands bold where it is treated.
sections() { # FOLDER
    sed '/^## Check index/,$d' "$1/theory/theory.md" | awk '
        /^### / { print $2 }
        { while (match($0, /\*\*[CD][0-9]?[^*` ]*\*\*/)) {
            print substr($0, RSTART + 2, RLENGTH - 4)
            $0 = substr($0, RSTART + RLENGTH)
        } }' | sort -u
}

# A line of the check index has five columns, of which none is empty.
lines() { # FOLDER
    sed -n '/^## Check index/,/^## References/p' "$1/theory/theory.md" |
        sed 's/\\|/!/g' | awk -F ' [|]' '/^[|] [CD][0-9]?[.]?[0-9A-Z]/ {
            id = $1; sub(/^[|] /, "", id)
            for (i = 2; i <= 5; i++) full += $i ~ /[^ ]/
            if (NF == 6 && full == 4 || id == "C6.5") print id
            full = 0 }' | sort
}

without_section() {
    sections "$1" >"$fresh/sections"
    ids "$1" | comm -23 - "$fresh/sections"
}

without_line() {
    lines "$1" >"$fresh/lines"
    ids "$1" | comm -23 - "$fresh/lines"
    uniq -d "$fresh/lines"
}

# Lines on nothing that is treated; C9 is a chapter.
without_place() {
    sections "$1" >"$fresh/sections"
    lines "$1" | grep -vx C9 | comm -23 - "$fresh/sections"
}

# Sections that comments and documents cite: "theory/theory.md, C3.9" or
# "section C3.9 of theory/theory.md".
cited_in_vain() {
    sections "$1" >"$fresh/sections"
    find "$1" -name .git -prune -o -name 'build*' -prune -o \
        \( -name '*.[ch]' -o -name '*.md' -o -name '*.def' -o -name '*.sh' \) \
        -type f -exec cat {} + | tr '\n' ' ' | sed 's/ [*#] / /g; s/  */ /g' |
        grep -oE -e 'theory/theory\.md.?,? [CD][0-9.]+[0-9a-zA-Z]*' \
            -e '[Ss]ection [CD][0-9.]+[0-9a-zA-Z]* of .?theory/theory\.md' |
        grep -oE '\b[CD][0-9]?\.[0-9]+[0-9a-zA-Z]*' | sort -u |
        comm -23 - "$fresh/sections"
}

unnamed_proofs() {
    for file in "$1"/proofs-check/*.c; do
        name=${file##*/}
        name=${name%.c}
        ! grep -qE '^ \* (Theorem|Theorems) ' "$file" ||
            grep -qE "[\`/]$name(\.c)?\`" "$1/theory/theory.md" || echo "$name"
    done
}

# "Name 1999", "Name (1999)", "Name and Other 1999", "Name et al. 1999".
uncited() {
    sed '1,/^## References/d' "$1/theory/theory.md" | awk '
        /^- / && NR > 1 { printf "\n" } { printf "%s ", $0 }' \
        >"$fresh/references"
    sed '/^## References/,$d' "$1/theory/theory.md" | tr '\n' ' ' |
        grep -oE '[A-Z][a-z]+( et al\.)? \(?(19|20)[0-9][0-9]' |
        sed 's/ et al\.//; s/(//' | sort -u | while read -r name year; do
        grep -q "$name.*$year" "$fresh/references" || echo "$name $year"
    done
}

# Whoever rests on the theory says where in it.
unplaced() {
    for folder in experiments lib proofs-check plots; do
        [ ! -d "$1/$folder" ] || grep -rniE --include='*.[ch]' \
            --include='*.gp' "\\bthe theory('s)?\\b" "$1/$folder"
    done
}

keeps() { # RULE
    "$1" . >"$fresh/found"
    [ ! -s "$fresh/found" ]
    result $? "$1"
}

catches() { # RULE FILE SED_SCRIPT: broken in a copy where FILE is edited
    rm -rf "$fresh/copy"
    mkdir "$fresh/copy"
    cp -R theory proofs-check README.md "$fresh/copy"
    sed -i "$3" "$fresh/copy/$2"
    "$1" "$fresh/copy" >"$fresh/found"
    [ -s "$fresh/found" ]
    result $? "$1 does not see '$3' in $2"
}

[ "$(ids . | wc -l)" -gt 90 ] && [ "$(lines . | wc -l)" -gt 90 ]
result $? "ids are not read"
keeps without_section
keeps without_line
keeps without_place
keeps cited_in_vain
keeps unnamed_proofs
keeps uncited
keeps unplaced
claims=theory/claims.def text=theory/theory.md
catches without_section $claims 's/^CLAIM("C1\.4"/CLAIM("C1.99"/'
catches without_section $text 's/^### C3\.9 /### /'
catches without_section $text 's/\*\*C2\.[0-9]*w\*\*//; s/\*\*C1\.3w\*\*//'
catches without_line $claims 's/^WORDING("C1\.3w"/WORDING("C1.99w"/'
catches without_line $text '/^| C7\.2deep |/d'
catches without_line $text 's/^\(| C4\.2 |\).*/\1 | | | |/'
catches without_line $text '/^| C5\.1 |/p'
catches without_place $text 's/^| C5\.1 |/| C5.99 |/'
catches cited_in_vain README.md '1s/$/ (theory\/theory.md, C3.99)/'
catches cited_in_vain README.md '1s/$/ (section C9.99 of theory\/theory.md)/'
catches unnamed_proofs $text 's/`ppca.//'
catches uncited $text 's/Mirsky 1975/Mirsky 1976/'
catches unplaced proofs-check/ball.h '1s/$/ (values of the theory)/'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
