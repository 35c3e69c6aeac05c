# stability-rate.gp -- Gradient descent below and above the critical rate, for
# random spectra of condition 1 to 1e4: a column of marks for each spectrum, a
# row for each rate, points of one spectrum side by side by seed. Left:
# parameterisations whose optima all have the same curvature (dense, lower
# entries, log scales, relative gradient, triangular), near and far starts.
# Right: those whose optima differ ($P L U$, $Q R$, SVD, reflections, actnorm +
# 1x1, deep linear); above the edge they may move to a flatter optimum and
# converge there. Dashed: the critical rate.
width = 1000; height = 460
load 'plots/style.gp'

file = out.'/stability-rate.csv'
file2 = out.'/stability-flatter.csv'
one = 'dense|lower entries|log scales|relative gradient|triangular (exp diagonal)'
unique(s) = strstrt('|'.one.'|', '|'.s.'|') > 0
here(u) = unique(stringcolumn('parameterisation')) == u
ended(u, converged) = here(u) && column('diverged') != converged
# Seeds and parameterisations of a spectrum, spread over its column.
shift(n) = 10 ** (0.15 * (rand(0) - 0.5))
lift(n) = 0.016 * (rand(0) - 0.5)
seed = rand(11)

set multiplot layout 1, 2
set logscale x
set format x '10^{%T}'
set xrange [0.7:1.5e4]
set yrange [0.45:1.6]
set ytics 0.5, 0.1, 1.5
set lmargin 9
set tmargin 2.5
set xlabel 'condition number of the covariance'
set ylabel 'rate over critical rate'
unset key
set label 2 'bursts, or stays away' at graph 0.5, first 1.4 center font ',11' tc rgb '#D55E00'
set label 3 'converges' at graph 0.5, first 0.6 center font ',11' tc rgb '#0072B2'
set label 1 'one curvature at all optima' at graph 0.5, 1.03 center font ',12'
plot file using (ended(1, 0) ? column('condition') * shift(0) : NaN):(column('rate_over_critical') + lift(0)) \
         with points lc rgb '#D55E00' pt 2 ps 0.4 lw 0.7, \
     '' using (ended(1, 1) ? column('condition') * shift(0) : NaN):(column('rate_over_critical') + lift(0)) \
         with points lc rgb '#0072B2' pt 7 ps 0.28, \
     1 with lines ls theory
set label 1 'optima of different curvature'
set label 2 'bursts, or stays away ...' at graph 0.04, first 1.4 left
set label 4 '... or at a flatter optimum' at graph 0.97, first 1.4 right font ',11' tc rgb '#009E73'
unset ylabel
plot file using (ended(0, 1) ? column('condition') * shift(0) : NaN):(column('rate_over_critical') + lift(0)) \
         with points lc rgb '#0072B2' pt 7 ps 0.28, \
     file2 using (column('diverged') > 0 ? column('condition') * shift(0) : NaN):(column('rate_over_critical') + lift(0)) \
         with points lc rgb '#D55E00' pt 2 ps 0.4 lw 0.7, \
     '' using (column('diverged') > 0 ? NaN : column('condition') * shift(0)):(column('rate_over_critical') + lift(0)) \
         with points lc rgb '#009E73' pt 8 ps 0.4 lw 0.7, \
     1 with lines ls theory
unset multiplot
