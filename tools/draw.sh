#!/bin/sh
# draw.sh DIR PLOT.gp...: draw each from the tables in DIR, as .svg and .png.
# With --changed first: only those older than their script or tables, and one
# that cannot be drawn is said and left.
set -u
changed=
if [ "$1" = --changed ]; then
    changed=yes
    shift
fi
out=$1
shift

is_current() { # PLOT.gp, of the experiment that its name begins with
    figure=${1%.gp}
    name=${figure##*/}
    [ -f "$figure.svg" ] && [ -f "$figure.png" ] || return 1
    [ -z "$(find "$1" plots/style.gp "$out" -maxdepth 1 \
        \( -name '*.gp' -o -name "${name%%-*}*.csv" \) \
        -newer "$figure.svg")" ]
}

draw() { # PLOT.gp
    figure=${1%.gp}
    for format in svg png; do
        gnuplot -e "out='$out'; format='$format'; name='${figure##*/}'" "$1" || {
            rm -f "$figure.svg" "$figure.png"
            echo "$1: not drawn from $out" >&2
            return 1
        }
    done
}

for plot in "$@"; do
    if [ -z "$changed" ]; then
        draw "$plot" || exit 1
    elif ! is_current "$plot"; then
        draw "$plot" || continue
    fi
done
