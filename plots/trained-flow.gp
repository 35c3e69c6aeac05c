# trained-flow.gp -- Two trained flows under proof. Left: the certified
# interval of the gap to the uniform law, against the number of parts a side at
# first, and beside the last ones sampled values with five standard errors.
# Right: the widths of certified intervals; that of the gap stays below
# $64/N^2$ (dashed).
width = 900; height = 420
load 'plots/style.gp'

file = out.'/trained-flow.csv'
stats file using (column('n')) nooutput
least = STATS_min; most = STATS_max
set logscale x 2
set xlabel 'parts a side N'
of(name, y) = stringcolumn('flow') eq name ? y : NaN
shift(name) = name eq 'f' ? 0.94 : 1.06
wide(name, what) = of(name, column(what.'_high') - column(what.'_low'))

set multiplot layout 1, 2 margins 0.08, 0.985, 0.15, 0.92 spacing 0.1, 0
set xrange [least / 1.8:most * 2.6]
set title 'gap KL(X || q) [nats]' offset 0,-0.5
set offsets 0, 0, graph 0.45, graph 0.05
set key top left
plot for [k = 1:2] name = word('f g', k) \
         file using (column('n') * shift(name)):(of(name, column('gap_low'))):(0):(column('gap_high') - column('gap_low')) \
         with vectors heads size graph 0.02, 90 fixed ls k dt 1 lw 2.6 title name.', certified', \
     for [k = 1:2] name = word('f g', k) \
         file using (of(name, column('n') == most ? most * 1.7 * shift(name) : NaN)):(column('gap_sampled')):(5 * column('gap_se')) \
         with yerrorbars ls k + 2 dt 1 title name.', sampled'
set offsets 0, 0, 0, 0
set key bottom left
set logscale y
set format y '10^{%T}'
set xrange [least / 1.3:most * 1.3]
set title 'widths of certified intervals' offset 0,-0.5
plot file using (column('n')):(wide('f', 'gap')) with linespoints ls 1 title 'gap of f', \
     '' using (column('n')):(wide('g', 'gap')) with linespoints ls 2 title 'gap of g', \
     '' using (column('n')):(wide('f', 'mass')) with linespoints ls 3 title 'mass of f', \
     '' using (column('n')):(wide('f', 'p_apart')) with linespoints ls 5 title 'P(|ld_f - ld_g| ≥ 1/2)', \
     64 / x**2 with lines ls theory title '64/N^2'
unset multiplot
