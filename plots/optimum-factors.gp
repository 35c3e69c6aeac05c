# optimum-factors.gp -- How many factors a linear flow needs: gap to $EIG$ of
# the best of several starts, for one random covariance of each dimension $D$.
# Left: a diagonal times $k$ Householder reflections, which reach $EIG$ at $k =
# D - 1$. Right: $K$ additive couplings of half the columns and one scalar,
# which reach it at $K = 3$ for even $D$ and at 3, 4 or 5 for odd $D$, by a
# condition on the covariance. Dashed: the gaps in closed form, and the
# tolerance. Values below 1e-16 are drawn there.
width = 1000; height = 420
load 'plots/style.gp'

file = out.'/optimum-factors.csv'
dims = '2 3 4 5 6 8'
gap(x) = abs(x) > 1e-16 ? abs(x) : 1e-16
set multiplot layout 1, 2
set logscale y
set format y '10^{%T}'
set yrange [3e-17:100]
set ytics 1e-15, 1e5
set mytics default
set xtics 1
set lmargin 10
set ylabel 'gap to EIG [nats per sample]'
set xlabel 'Householder reflections k'
set xrange [-0.3:7.3]
unset key
plot for [i = 1:6] file using (stringcolumn('family') eq 'reflections' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('gap_nats'))) \
         with linespoints ls i, \
     1e-6 with lines ls theory
unset ylabel
set xlabel 'additive couplings K'
set xrange [-0.2:5.2]
set key outside right top samplen 2
plot for [i = 1:6] file using (stringcolumn('family') eq 'couplings' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('gap_nats'))) \
         with linespoints ls i title 'D = '.word(dims, i), \
     for [i = 1:6] file using (stringcolumn('family') eq 'couplings' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('predicted_gap_nats'))) \
         with lines ls theory notitle, \
     1e-6 with lines ls theory title 'theory, tolerance'
unset multiplot
