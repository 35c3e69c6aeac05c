# lipschitz-tails.gp -- Where tails are not the base: errors in roundings $u$ of
# float, of the map over $|x|$ (squares) and of $log q$ (circles), and the bound
# of C6.9 for the latter (dashed). Left: chains of sines, the middle of all
# starts, and from the least to the largest; their tail densities are as rough
# as the map, and $log q$ is lost with it; beyond $2^24$, where nothing of $x$
# is left, the bound says nothing. Right:
# couplings trained on three rings, the largest of 1000 points: both stay below
# a hundred roundings.
width = 900; height = 420
load 'plots/style.gp'

file = out.'/lipschitz-tails.csv'
over(y) = band(file, '$is["chain"] == "sine tau=10"', 'layers', y)
in(name, c) = stringcolumn('chain') eq name ? column(c) : NaN
set datafile missing NaN
set logscale y
set format y '10^{%T}'
set xlabel 'layers'
set multiplot layout 1, 2 margins 0.09, 0.985, 0.15, 0.92 spacing 0.1, 0
set key off
set title 'chains of sines, τ = 10' offset 0,-0.5
set ylabel 'error in roundings of float'
set yrange [0.02:1e10]
set xrange [0.5:24.5]
set label 1 'no digit of x left' at 1, 4.5e7 font ',11'
plot 2**24 with lines ls 8, \
     over('map_error_u') using 1:2:4 with filledcurves ls 2 fs transparent solid 0.2 noborder, \
     over('log_q_error_u') using 1:2:4 with filledcurves ls 1 fs transparent solid 0.2 noborder, \
     over('bound_u') using 1:3 with lines ls theory, \
     over('map_error_u') using 1:3 with linespoints ls 2, \
     over('log_q_error_u') using 1:3 with linespoints ls 1
unset label 1
set title 'trained couplings, largest of 1000 points' offset 0,-0.5
unset ylabel
set logscale x 2
set xrange [3.5:18]
set yrange [0.3:100]
set xtics (4, 8, 16)
set key top left
plot file using (in('trained', 'layers')):'bound_u' with linespoints ls theory pt 0 title 'bound for log q', \
     '' using (in('trained', 'layers')):'log_q_error_u' with linespoints ls 1 title 'log q', \
     '' using (in('trained', 'layers')):'map_error_u' with linespoints ls 2 title 'the map'
unset multiplot
