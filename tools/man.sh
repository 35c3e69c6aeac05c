#!/bin/sh
# man.sh BUILD_DIR [TARGET]: manual pages of the command jacflow and of its
# subcommands, BUILD_DIR/man/jacflow-NAME.1, from what --help says.
# With TARGET that folder of the place that meson installs to instead.
set -eu
build=$1 to=$1/man
[ $# -eq 1 ] || to=${MESON_INSTALL_DESTDIR_PREFIX:?}/$2
jacflow=$build/jacflow
mkdir -p "$to"

# The first line of a help is its usage, the second what it is about; a line
# that ends with a colon opens a section, a word indented by two an entry.
page() { # NAME, its help on stdin
    awk -v name="$1" -v version="$("$jacflow" --version)" '
        function text(s) {
            gsub(/\\/, "\\e", s)
            gsub(/-/, "\\-", s)
            if (s ~ /^[.'\'']/) s = "\\&" s
            return s
        }
        NR == 1 { sub(/^Usage: /, ""); usage = $0; next }
        NR == 2 {
            about = $0
            sub(/\.$/, "", about)
            printf ".TH %s 1 \"\" \"%s\" \"User Commands\"\n", toupper(name),
                version
            printf ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n%s\n.SH DESCRIPTION\n",
                text(name), text(about), text(usage)
        }
        /^[A-Z][a-z ]*:$/ {
            sub(/:$/, "")
            print ".SH " toupper($0)
            next
        }
        /^$/ { print ".PP"; next }
        /^  ? ?[^ ]/ {
            sub(/^ +/, "")
            entry = $0
            rest = ""
            if (match($0, /   *[^ ]/)) {
                entry = substr($0, 1, RSTART - 1)
                rest = substr($0, RSTART + RLENGTH - 1)
            }
            print ".TP\n.B " text(entry)
            if (rest != "") print text(rest)
            next
        }
        { sub(/^ +/, ""); print text($0) }' >"$to/$1.1"
}

"$jacflow" --help >"$to/help"
page jacflow <"$to/help"
for name in $(awk '/^Options:/ { exit } /^  [a-z]/ { print $1 }' "$to/help"); do
    "$jacflow" "$name" --help | page "jacflow-$name"
done
rm "$to/help"
count=$(find "$to" -name 'jacflow*.1' | wc -l)
echo "$count manual pages in $to"
