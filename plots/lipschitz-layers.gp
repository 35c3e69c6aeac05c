# lipschitz-layers.gp -- How sharp are the Lipschitz constants that are proved of
# a trained layer? The largest stretch (left) and the least (right) that pairs of
# near points and directions show, against what is proved from the parameters
# (dashed: equal). No mark may pass it: above it on the left, below it on the
# right.
width = 1000; height = 430
load 'plots/style.gp'

file = out.'/lipschitz-layers.csv'
words = ''
stats file using (add_word(stringcolumn('layer'))) nooutput
kinds = words
of(k, c) = stringcolumn('layer') eq word(kinds, k) && stringcolumn('layer') ne 'bias' ? column(c) : NaN
set multiplot layout 1, 2
set logscale xy
set xrange [0.02:20]
set yrange [0.02:20]
set lmargin 10
set xlabel 'proved bound'
set ylabel 'measured stretch'
set key top left
set label 1 'largest stretch' at graph 0.97, 0.06 right
plot for [k = 1:words(kinds)] file using (of(k, 'largest_proved')):'largest_measured' with points ls k \
         title (word(kinds, k) eq 'bias' ? '' : (word(kinds, k) eq 'svd_bounded' ? 'SVD, bounded' : \
                 word(kinds, k) eq 'brenier' ? 'Brenier' : word(kinds, k))), \
     x with lines ls theory
set label 1 'least stretch'
set key off
plot for [k = 1:words(kinds)] file using (of(k, 'least_proved')):'least_measured' with points ls k, \
     x with lines ls theory
unset multiplot
