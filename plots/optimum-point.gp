# optimum-point.gp -- The likelihood of one data point with noise of width $s$,
# by the eigenvalues of its auto-correlation matrix, for a point of norm
# $sqrt(d)$ in $d$ dimensions (dashed): it rises by $d - 1$ per $log(1/s)$,
# without bound. Only on the line does it stay finite. The program finds the
# closed form for 2 to 8 dimensions and $s$ down to 1e-6 within the error that
# is written there.
width = 620; height = 380
load 'plots/style.gp'

file = out.'/optimum-points.csv'
eig(d, s) = -0.5 * ((d - 1) * log(2 * pi * exp(1) * s**2) + log(2 * pi * exp(1) * (d + s**2)))
stats file using (stringcolumn('claim') eq 'C3.3' && stringcolumn('case') eq 'closed form' ? column('measured') : NaN) nooutput
set logscale x
set xrange [1:1e-6] reverse
set format x '10^{%T}'
set xlabel 'width s of the noise'
set ylabel 'best log-likelihood [nats per sample]'
set label 1 sprintf('largest error found: %.1g nats', STATS_max) at graph 0.03, 0.95
set yrange [-15:95]
set key off
set rmargin 8
dims = '1 2 4 8'
set for [i = 1:4] label 10 + i sprintf('d = %s', word(dims, i)) at 8e-7, eig(word(dims, i) + 0, 1e-6) left
plot for [i = 1:4] eig(word(dims, i) + 0, x) with lines ls theory lc rgb word('#0072B2 #D55E00 #009E73 #000000', i)
