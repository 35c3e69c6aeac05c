#!/bin/sh
# figure.sh DIR NAME: draw plots/NAME.gp from the tables in DIR, as SVG, PNG and
# PDF.
set -eu
dir=$1 name=$2
if [ ! -f "plots/$name.gp" ] || [ "$name" = style ]; then
    echo "make figure: NAME='$name': expected one of: $(
        find plots -name '*-*.gp' -o -name calibration.gp |
            sed 's|.*/||; s|\.gp$||' | sort | xargs)" >&2
    exit 2
fi
case $name in
calibration | peers-flows) dir=results/long ;;
esac
for table in $(grep -v '^#' "plots/$name.gp" | grep -o '/[a-z-]*\.csv'); do
    if [ ! -f "$dir$table" ]; then
        echo "make figure: NAME=$name: no table $dir$table;" \
            "make ${name%%-*} makes it" >&2
        exit 1
    fi
done
tools/draw.sh "$dir" "plots/$name.gp"
tools/draw.sh --pdf "$dir" "plots/$name.gp"
echo "plots/$name.svg plots/$name.png plots/$name.pdf"
