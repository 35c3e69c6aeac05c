# optimum-textures.gp -- The spectral optimum on $M$ images against the truth,
# and against other images, per dimension: measured, with bars of one standard
# error, and what Wishart's law predicts.
load 'plots/style.gp'

file = out.'/optimum-textures.csv'
d(x) = column(x) / (3.0 * column('size')**2)
set logscale xy
set xrange [8:64]
set xtics (10, 12, 20, 40, 50)
unset mxtics
set format y '10^{%T}'
set xlabel 'images M in the sample'
set ylabel 'nats per dimension'
set key off
set label 1 'above other images' at 21, 0.1 left tc ls 2
set label 2 'above minus the entropy' at 18, 0.033 right tc ls 1
set label 3 'dashed: predicted' at graph 0.97, 0.95 right
plot file using 'images':(d('predicted_gap_nats')) smooth unique with lines ls theory, \
     '' using 'images':(d('predicted_excess_nats')) smooth unique with lines ls theory, \
     '' using 'images':(d('gap_nats')):(d('se_gap')) with yerrorbars ls 2 dt 1, \
     '' using 'images':(d('excess_nats')):(d('se_excess')) with yerrorbars ls 1
