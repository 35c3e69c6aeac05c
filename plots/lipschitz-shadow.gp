# lipschitz-shadow.gp -- A flow may lose its point and keep its density: errors
# in roundings $u$ of float against depth, twists and turns in four dimensions;
# the middle of all starts, and from the least to the largest. The map's error,
# over $|x|$, grows with the product of Lipschitz constants until nothing of $x$
# is left (grey); that of $log q$ stays below the bound of C6.9 of its own start
# (dashed: the middle one), a sum over layers, of which the largest share that
# is used is written there.
width = 640; height = 430
load 'plots/style.gp'

file = out.'/lipschitz-shadow.csv'
stats file using (column('log_q_error_u') / column('bound_u')) nooutput
share = STATS_max
stats file using 'layers' nooutput
most = STATS_max
set logscale xy
set xrange [1:most]
set yrange [0.02:1e9]
set format y '10^{%T}'
set xlabel 'layers'
set ylabel 'error in roundings of float'
set label 1 'the map' at 5, 4e5 right tc ls 2
set label 2 'log q' at 2.2, 0.08 left tc ls 1
set label 3 'nothing of x is left' at 1.1, 6e7 left tc rgb '#555555'
set label 4 'bound for log q' at 0.9 * most, 2e3 right
set label 5 sprintf('used: at most %.3f', share) at 0.9 * most, 0.05 right font ',11'
set key off
map = band(file, '1', 'layers', 'map_error_u')
log_q = band(file, '1', 'layers', 'log_q_error_u')
plot 2**24 with lines ls 8, \
     map using 1:2:4 with filledcurves ls 2 fs transparent solid 0.2 noborder, \
     log_q using 1:2:4 with filledcurves ls 1 fs transparent solid 0.2 noborder, \
     map using 1:3 with linespoints ls 2, \
     log_q using 1:3 with linespoints ls 1, \
     band(file, '1', 'layers', 'bound_u') using 1:3 with lines ls theory
