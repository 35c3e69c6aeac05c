# lipschitz-shadow.gp -- A flow may lose its point and keep its density: errors
# in roundings $u$ of float against depth, twists and turns in four dimensions, a
# line for every second start. The map's error, over $|x|$, grows with the
# product of Lipschitz constants until nothing of $x$ is left (grey); that of
# $log q$ (circles) stays below the bound of C6.9 of the same start (thin,
# dashed), a sum over layers.
width = 640; height = 430
load 'plots/style.gp'

file = out.'/lipschitz-shadow.csv'
stats file using 'start' nooutput
last = int(STATS_max)
of(s, c) = column('start') == s ? column(c) : NaN
set datafile missing NaN
set logscale xy
set xrange [0.85:280]
set yrange [0.02:1e9]
set format y '10^{%T}'
set xlabel 'layers'
set ylabel 'error in roundings of float'
set label 1 'the map' at 5, 3e5 right
set label 2 'log q' at 100, 0.06 left
set label 3 'nothing of x is left' at 0.92, 4e7 left
set label 4 'bounds for log q' at 270, 3e3 right
set key off
plot 2**24 with lines ls 8, \
     for [s = 0:last:2] file using (of(s, 'layers')):'map_error_u' with linespoints ls 2 ps 0.35 lw 0.6, \
     for [s = 0:last:2] file using (of(s, 'layers')):'bound_u' with lines ls theory lw 0.4, \
     for [s = 0:last:2] file using (of(s, 'layers')):'log_q_error_u' with linespoints ls 1 ps 0.45 lw 0.6
