#!/bin/sh
# draw.sh DIR PLOT.gp...: draw each from the tables in DIR, as .svg and .png
# beside it.
# With --changed FILE first: only those that have a table and are older than
# FILE, their script or their tables, and one that cannot be drawn is said and
# left.
# With --pdf first: as .pdf.
# A figure has its name when it is whole, the .svg, whose time is looked at, last.
# The same tables give the same bytes: a PDF is dated 2000, where its date can be
# seen (not with cairo 1.18, which packs it).
#
# gnuplot, and the shell that its scripts ask, see folders whose names are more
# than letters and digits by a link: a quote there would end a text, and a
# backquote or $() would be run.
set -u
changed='' formats='svg png'
if [ "$1" = --changed ]; then
    changed=$2
    shift 2
elif [ "$1" = --pdf ]; then
    formats=pdf
    shift
fi
out=$1
shift

links=
trap '[ -z "$links" ] || rm -rf "$links"' EXIT
trap 'exit 1' HUP INT TERM

# plain NAME FOLDER: put into the variable seen the folder, or a link to it.
plain() {
    seen=$2
    case $2 in
    -* | *[!A-Za-z0-9_./-]*)
        [ -n "$links" ] || links=$(TMPDIR=/tmp mktemp -d) || exit 1
        seen=$links/$1
        case $2 in
        /*) ln -sfn "$2" "$seen" ;;
        *) ln -sfn "$PWD/$2" "$seen" ;;
        esac
        ;;
    esac
}

is_current() { # PLOT.gp, of the experiment that its name begins with
    figure=${1%.gp}
    name=${figure##*/}
    [ -f "$figure.svg" ] && [ -f "$figure.png" ] || return 1
    newer=$(
        find "$1" plots/style.gp "$changed" -newer "$figure.svg"
        find "$tables/" -maxdepth 1 -name "${name%%-*}*.csv" -newer "$figure.svg"
    )
    [ -z "$newer" ]
}

# What gnuplot says is shown, but for the one thing that is no fault: a series
# of which a table of another profile has no row.
draw() { # PLOT.gp
    figure=${1%.gp}
    new=$figure.$$.new
    plain figures "${1%/*}"
    for format in $formats; do
        said=$(TZ=UTC gnuplot -e "out='$tables'; to='$seen'; format='$format'" \
            -e "name='${new##*/}'" "$1" 2>&1)
        status=$?
        printf '%s\n' "$said" | grep -v -e '^$' \
            -e 'warning: Skipping data file with no valid points$' >&2
        [ "$status" -eq 0 ] || {
            rm -f "$figure.svg" "$figure.png" "$figure.pdf" "$new".*
            echo "$1: not drawn from $out" >&2
            return 1
        }
        # a mark's name, gnuplot's "hypertext", without a script
        [ "$format" != svg ] || sed -i \
            -e "s|<g onmousemove=.*showHypertext(evt,'\(.*\)')\" onmouse.*|<g class=\"named\"><title>\1</title>|" \
            "$new.svg"
        [ "$format" != pdf ] || LC_ALL=C sed -i \
            's|/CreationDate (D:[0-9]\{14\}|/CreationDate (D:20000101000000|' \
            "$new.pdf"
    done
    for format in pdf png svg; do
        [ ! -f "$new.$format" ] || mv "$new.$format" "$figure.$format"
    done
}

has_tables() { # PLOT.gp: is any there that the script names?
    for table in $(grep -v '^#' "$1" | grep -o '/[a-z-]*\.csv'); do
        [ ! -f "$tables$table" ] || return 0
    done
    return 1
}

plain tables "$out"
tables=$seen
for plot in "$@"; do
    if [ -z "$changed" ]; then
        draw "$plot" || exit 1
    elif has_tables "$plot" && ! is_current "$plot"; then
        draw "$plot" || continue
    fi
done
