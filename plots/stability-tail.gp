# stability-tail.gp -- Two mini-batch steps of gradient descent at a rate far
# below the edge leave a parameter whose mean is infinite: $P(|w_2| > t)$ falls
# as $c / t$ (dashed, $c$ in closed form), for Gaussian data and every batch
# size. Bars: five binomial standard errors of the prediction. Cured, two steps
# stay below a bound: rates below $1/max(x^2)$ of bounded rows, log scales,
# clipped gradients; their curves end. Left: $D = 1$, rate .3; right: a 2 x 2
# matrix, rate .5, its Frobenius norm.
width = 1000; height = 430
load 'plots/style.gp'

file = out.'/stability-tail.csv'
is(s) = stringcolumn('case') eq s
seen(s) = is(s) && column('count') > 0
set multiplot layout 1, 2
set logscale xy
set format xy '10^{%T}'
set xrange [0.25:1.5e6]
set yrange [1e-7:3]
set lmargin 10
set xlabel 't'
set ylabel 'P(|w_2| > t)'
set key top right samplen 2.5
set datafile missing NaN
plot for [k = 1:2] file using (is('D=1 b='.word('1 4', k)) && column('t') > 3 ? column('t') : NaN):(column('predicted_constant') / column('t')) \
         with lines ls theory, \
     for [k = 1:2] '' using (seen('D=1 b='.word('1 4', k)) ? column('t') : NaN):'survival':(5 * column('se_survival')) \
         with yerrorbars ls k dt 1 title 'batch '.word('1 4', k), \
     '' using (seen('rate below 1/max x^2') ? column('t') : NaN):'survival' with linespoints ls 3 title 'cure: rate < 1/max x^2', \
     '' using (seen('log scale') ? column('t') : NaN):'survival' with linespoints ls 4 title 'cure: log scale', \
     '' using (seen('clipped gradient') ? column('t') : NaN):'survival' with linespoints ls 5 title 'cure: clipping', \
     NaN with lines ls theory title 'predicted c / t'
set ylabel 'P(|W_2| > t)'
plot for [k = 1:2] file using (is('D=2 b='.word('1 4', k)) && column('t') > 3 ? column('t') : NaN):(column('predicted_constant') / column('t')) \
         with lines ls theory, \
     for [k = 1:2] '' using (seen('D=2 b='.word('1 4', k)) ? column('t') : NaN):'survival':(5 * column('se_survival')) \
         with yerrorbars ls k dt 1 title 'batch '.word('1 4', k), \
     NaN with lines ls theory title 'predicted c / t'
unset multiplot
