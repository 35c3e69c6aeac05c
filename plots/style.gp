# style.gp -- the look of every figure, and where it goes.
#
#   load 'plots/style.gp'    # first; draw.sh gives out, to, format and name
#   plot out.'/optimum-linear.csv' using 'steps':'gap_nats' \
#            with linespoints ls 1 title 'Cholesky', \
#        '' using 'steps':'predicted_gap_nats' with lines ls theory \
#            title 'predicted'
# Line styles 1 .. 8 are the colours of Okabe and Ito, each with its own point
# and dash, so that they are told apart in grey too; plain dashes, in black, are
# alone those of theory/theory.md.
# Terminal and output are set; width and height (points) may be given before.

if (!exists('out')) out = 'results'
if (!exists('to')) to = 'plots'
if (!exists('format')) format = 'svg'
if (!exists('width')) width = 640
if (!exists('height')) height = 420

if (format eq 'svg') {
    set terminal svg size width, height dynamic enhanced \
        font 'sans-serif,13' background '#ffffff' dashlength 1.6 linewidth 1
} else { if (format eq 'pdf') {
    set terminal pdfcairo size width / 96.0, height / 96.0 enhanced \
        font 'sans,10' background '#ffffff' dashlength 1.6 linewidth 1
} else {
    # One and a half as many pixels, for dense screens: reports hold some of
    # them in less than 3 MiB in all.
    set terminal pngcairo size 1.5 * width, 1.5 * height enhanced \
        font 'sans,13' background '#ffffff' fontscale 1.35 pointscale 1.5 \
        linewidth 1.5 dashlength 1.6 butt
} }
if (exists('name')) set output to.'/'.name.'.'.format

set datafile separator ','
set datafile commentschars '#'
set datafile columnheaders
set datafile missing 'nan'
set encoding utf8
set minussign

set style line 1 lc rgb '#0072B2' lw 1.6 dt 1 pt 7 ps 0.7
set style line 2 lc rgb '#D55E00' lw 1.6 dt (10, 3, 2, 3) pt 5 ps 0.7
set style line 3 lc rgb '#009E73' lw 1.6 dt (3, 3) pt 9 ps 0.8
set style line 4 lc rgb '#CC79A7' lw 1.6 dt (10, 3, 2, 2, 2, 3) pt 13 ps 0.9
set style line 5 lc rgb '#E69F00' lw 2.2 dt 1 pt 6 ps 0.7
set style line 6 lc rgb '#56B4E9' lw 1.6 dt (6, 2, 2, 2, 2, 2) pt 4 ps 0.7
set style line 7 lc rgb '#7F7000' lw 1.6 dt (2, 2) pt 8 ps 0.8
set style line 8 lc rgb '#666666' lw 1.6 dt (16, 3, 4, 3) pt 12 ps 0.9
theory = 9
set style line 9 lc rgb '#000000' lw 1.5 dt (8, 5) pt 0

# For heat maps: even steps of lightness.
set palette defined (0 '#440154', 0.25 '#3B528B', 0.5 '#21918C', \
    0.75 '#5EC962', 1 '#FDE725')

set border 3 linewidth 0.6 linecolor rgb '#333333'
set tics out nomirror scale 0.6
set mxtics default
set mytics default
set grid noxtics noytics
set key top right reverse Left samplen 3 spacing 1.15 noautotitle
set bars small

# The values of a column, each once, as words in the order of the rows:
#   words = ''; stats file using (add_word(sprintf('%g', column('size')))) nooutput
add_word(w) = (words = strstrt(' '.words.' ', ' '.w.' ') ? words : words.' '.w, 0)

# A file's name for the shell.
quoted(s) = "'".inner(s)."'"
inner(s) = (at = strstrt(s, "'")) ? s[1:at-1]."'\\''".inner(s[at+1:]) : s

# Of the rows that meet a condition of awk's on named columns, such as
# '$is["flow"] == "residual"': at each x the least, middle and largest y.
band(file, where, x, y) = "< awk -F, '/^#/ { next } !n { n = NF; for (i = 1; i <= n; i++) is[$i] = i; next } ".where." && $is[\"".y."\"] ~ /^[-+.0-9]/ { x = $is[\"".x."\"]; y = $is[\"".y."\"] + 0; j = ++rows[x]; while (j > 1 && v[x, j - 1] > y) { v[x, j] = v[x, j - 1]; j-- } v[x, j] = y } END { sort = \"sort -g\"; print \"x,low,middle,high\" | sort; for (x in rows) { k = rows[x]; print x \",\" v[x, 1] \",\" v[x, int((k + 1) / 2)] \",\" v[x, k] | sort } }' ".quoted(file)

# Why rows of a table are wanting, "not run: no photographs", or nothing.
#   eval(instead_of(file))   # draws that alone, and ends the script
not_run(file) = system("sed -n -e '/^#/!q' -e 's/^# \\(not run: .*\\)/\\1/p' ".quoted(file))
say_alone(text) = (said = text, strlen(text) ? 'unset border; unset tics; unset key; set label 1 said at graph 0.5, 0.5 center; plot [0:1] [0:1] NaN; exit' : '')
instead_of(file) = say_alone(not_run(file))
