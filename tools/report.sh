#!/bin/sh
# report.sh PLOTS TOOLS [DIR]: verdicts, figures and report of the tables in DIR,
# as "jacflow report" runs it: figures and their scripts go to DIR/plots.
set -eu
plots=$1 tools=$2 dir=${3:-results}
if [ "$dir" = --help ]; then
    cat <<'END'
Usage: jacflow report [DIR]
Puts verdicts, figures and tables into one page, DIR/report.html.
DIR is where programs wrote their tables [results].  Figures are drawn by
gnuplot into DIR/plots, from the scripts there.

Options:
  --help            print this and exit

Files:
  DIR/report.html   the page
  DIR/verdicts.csv  every verdict
  DIR/plots/*       figures, as SVG and PNG, and the scripts that draw them

Exit status:
  0  the report is written; what it lacks is said
  1  anything else
  2  a bad option or no folder: one line on stderr says which
END
    exit
fi
if [ $# -gt 3 ]; then
    echo "jacflow report: '$4' found, one folder expected" >&2
    exit 2
fi
if [ ! -d "$dir" ]; then
    echo "jacflow report: '$dir' found, a folder of tables expected" >&2
    exit 2
fi
case $dir in
-*) dir=./$dir ;;
esac
mkdir -p "$dir/plots"
cp -p "$plots"/*.gp "$dir/plots"
if command -v gnuplot >"$dir/plots/.gnuplot"; then
    (
        cd "$dir"
        # shellcheck disable=SC2046 # names without blanks
        "$tools/draw.sh" --changed plots/style.gp . \
            $(find plots -name '*-*.gp' | sort)
    )
else
    echo "jacflow report: no gnuplot here: the report has no figures" >&2
fi
rm -f "$dir/plots/.gnuplot"
"$tools/verdicts" "$dir"
exec "$tools/report" "$dir" "$dir/plots"
