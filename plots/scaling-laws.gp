# scaling-laws.gp -- Cost of a training step on one thread against size, least
# of all turns; each curve starts at one, so that slopes compare. Right: memory
# besides parameters of a Glow that recomputes its activations, by steps a
# level. Dashed: the exponents that the formulas have for large sizes.
width = 1000; height = 420
load 'plots/style.gp'

file = out.'/scaling.csv'
times = '"dense d" "plu d" "triangular d" "coupling d" "coupling rows" "coupling layers" "coupling hidden" "glow pixels"'
says = '"dense, d (16 rows)" "P L U, d" "triangular, d" "couplings, d" "couplings, rows" "couplings, layers" "couplings, width" "Glow, pixels"'
is(q) = stringcolumn('quantity') eq q
set datafile missing NaN
array first_size[8]
array first_cost[8]
array slope[8]
do for [k = 1:8] {
    stats file using (is(word(times, k)) ? column('size') : NaN) nooutput
    first_size[k] = STATS_min
    stats file using (is(word(times, k)) && column('size') == first_size[k] ? column('cost') : NaN) nooutput
    first_cost[k] = STATS_min
    stats file using (is(word(times, k)) ? column('exponent') : NaN) nooutput
    slope[k] = STATS_min
}
stats file using (is('glow memory depth') ? column('cost') : NaN) nooutput
constant = STATS_mean
set multiplot
set logscale xy 10
set lmargin at screen 0.08
set rmargin at screen 0.42
set format xy '%g'
set xlabel 'size over the least one'
set ylabel 'time over that of the least size'
set xrange [0.9:400]
set yrange [0.6:10000]
set key at screen 0.45, screen 0.96 left top Left reverse samplen 2.5 font ',11'
plot for [e = 1:3] x**e with lines ls theory notitle, \
     for [k = 1:8] file using (is(word(times, k)) ? column('size') / first_size[k] : NaN):(column('cost') / first_cost[k]) with linespoints ls k title sprintf('%s: %.2f', word(says, k), slope[k]), \
     keyentry with lines ls theory title 'exponents 1, 2, 3'
set lmargin at screen 0.76
set rmargin at screen 0.985
unset key
unset label
set format xy '%g'
set logscale x 2
set xrange [1.7:40]
set yrange [0.1:20]
set xlabel 'steps a level'
set ylabel 'stacks, besides parameters [MiB]'
plot constant with lines ls theory notitle, \
     file using (is('glow memory depth') ? column('size') : NaN):'cost' with points ls 1 ps 1.2 notitle
unset multiplot
