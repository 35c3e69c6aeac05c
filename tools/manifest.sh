#!/bin/sh
# manifest.sh DIR PLOTS BUILD: DIR/manifest.json, a description of a run in the
# vocabulary of RO-Crate 1.1: every table, figure and log with its SHA-256, and
# for each program the action that made its tables: command, commit, seconds,
# processor, and the hash of the program.
# --check DIR PLOTS: are the files still those of the manifest?  Says which are
# not; status 1 then.
set -eu
export LC_ALL=C
check=
if [ "$1" = --check ]; then
    check=yes
    shift
fi
dir=$1 plots=$2 build=${3-}
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
trap 'exit 1' HUP INT TERM

# Below DIR without a dot, and figures: "HASH  SIZE  NAME" a line.  A name with
# a line break is left out: no program writes one.
files() {
    (cd "$dir" && find . -type f ! -name '.*' ! -name '*.partial' \
        ! -name manifest.json ! -name '*.new' ! -name '*
*' | sed 's|^\./||' | sort) >"$fresh/in"
    (cd "$plots" && find . -maxdepth 1 -name '*-*.svg' ! -name '*.new.svg' ! -name '*
*' | sed 's|^\./||' | sort) >"$fresh/drawn"
    for part in in drawn; do
        folder=$dir name=
        [ $part = in ] || folder=$plots name=plots/
        while IFS= read -r file; do
            printf '%s %s %s%s\n' \
                "$(sha256sum <"$folder/$file" | cut -d ' ' -f 1)" \
                "$(wc -c <"$folder/$file")" "$name" "$file"
        done <"$fresh/$part"
    done
}

if [ -n "$check" ]; then
    files | sed 's/^\([0-9a-f]*\) [0-9]* /\1 /' | sort >"$fresh/now"
    sed -n -e 's/^  {"@id": "\(.*\)", "@type": "File".*"sha256": "\(.*\)"}.*/\2 \1/' \
        -e T -e 's/\\\(.\)/\1/gp' -e t -e p "$dir/manifest.json" |
        sort >"$fresh/then"
    if comm -3 "$fresh/then" "$fresh/now" | sed 's/^[[:space:]]*[0-9a-f]* //' |
        sort -u | sed 's/$/: not as the manifest has it/' | grep .; then
        exit 1
    fi
    exit 0
fi

# The actions: a line of timings/NAME.csv each, behind it the header's options
# and what the program wrote.
actions() {
    for timing in "$dir"/timings/*.csv; do
        [ -f "$timing" ] || continue
        name=${timing##*/}
        name=${name%.csv}
        program=
        for kind in experiments proofs-check; do
            [ ! -f "$build/$kind/$name" ] || program=$build/$kind/$name
        done
        hash=
        [ -z "$program" ] || hash=$(sha256sum <"$program" | cut -d ' ' -f 1)
        printf 'run\t%s\t%s\t%s\t%s\n' "$name" "$hash" \
            "$(sed -n 's/^# options: //p' "$dir/verdicts/$name.csv" 2>&- |
                head -n 1)" "$(sed -n 2p "$timing")"
        (cd "$dir" && grep -slE "^# program: $name\$" ./*.csv verdicts/*.csv |
            sed 's|^\./||; s/^/made\t/')
    done
}

{
    files | sed 's/ /\t/; s/ /\t/; s/^/file\t/'
    actions
} | awk -F '\t' -v version="$(sed -n "s/.*version: '\([^']*\)',.*/\1/p" \
    "${0%/*}/../meson.build" | head -n 1)" '
    function text(s) { gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
    function type(s) {
        return s ~ /\.csv$/ ? "text/csv" : s ~ /\.svg$/ ? "image/svg+xml" : \
            s ~ /\.png$/ ? "image/png" : s ~ /\.html$/ ? "text/html" : \
            "text/plain"
    }
    function close_run() {
        if (open)
            more = more "]}"
        open = 0
    }
    $1 == "file" {
        parts = parts (parts ? ", " : "") "{\"@id\": " text($4) "}"
        rows = rows ",\n  {\"@id\": " text($4) ", \"@type\": \"File\", " \
            "\"encodingFormat\": " text(type($4)) ", \"contentSize\": \"" \
            $3 "\", \"sha256\": \"" $2 "\"}"
    }
    $1 == "run" {
        close_run()
        n = split($5, t, ",")
        processor = n > 6 ? t[7] : ""
        gsub(/"/, "", processor)
        more = more ",\n  {\"@id\": " text("#program-" $2) \
            ", \"@type\": \"SoftwareApplication\", \"name\": " text($2) \
            ", \"version\": " text(version) \
            (n > 5 && t[6] ? ", \"softwareVersion\": " text(t[6]) : "") \
            ($3 ? ", \"sha256\": \"" $3 "\"" : "") "}"
        more = more ",\n  {\"@id\": " text("#run-" $2) \
            ", \"@type\": \"CreateAction\", \"name\": " \
            text($2 ($4 ? " " $4 : "")) ", \"instrument\": {\"@id\": " \
            text("#program-" $2) "}, \"description\": " \
            text(t[4] " s" (processor ? " on " processor : "")) \
            ", \"result\": ["
        open = 1
        results = 0
    }
    $1 == "made" {
        more = more (results++ ? ", " : "") "{\"@id\": " text($2) "}"
    }
    END {
        close_run()
        print "{\"@context\": \"https://w3id.org/ro/crate/1.1/context\","
        print " \"@graph\": ["
        print "  {\"@id\": \"ro-crate-metadata.json\", \"@type\": " \
            "\"CreativeWork\", \"conformsTo\": {\"@id\": " \
            "\"https://w3id.org/ro/crate/1.1\"}, \"about\": {\"@id\": \"./\"}},"
        printf "  {\"@id\": \"./\", \"@type\": \"Dataset\", \"name\": " \
            "\"jacflow: tables, figures and verdicts of a run\", " \
            "\"license\": \"GPL-3.0-or-later\", \"hasPart\": [%s]}", parts
        print rows more "\n]}"
    }' >"$dir/manifest.json.$$.new"
mv "$dir/manifest.json.$$.new" "$dir/manifest.json"
