# optimum-factors.gp -- How many factors a linear flow needs: gap to $EIG$ of
# the best of several starts, for one random covariance of each dimension $d$.
# Left: a diagonal times $k$ Householder reflections, which reach $EIG$ at $k =
# d - 1$. Right: $K$ additive couplings of half the columns and one scalar,
# which reach it at $K = 3$ for even $d$ and at 3, 4 or 5 for odd $d$, by a
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
set for [i = 1:6] label i 'd = '.word(dims, i) at word(dims, i) - 1.35, 1e-9 left font ',11'
set label 7 'tolerance' at 7.2, 4e-6 right font ',11'
plot for [i = 1:6] file using (stringcolumn('family') eq 'reflections' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('gap_nats'))) \
         with linespoints ls i, \
     1e-6 with lines ls theory
unset ylabel
set xlabel 'additive couplings K'
set xrange [-0.2:5.2]
unset for [i = 1:7] label i
set label 1 'd = 2' at 1.4, 1e-9 right font ',11'
set label 2 '3 to 8' at 2.6, 1e-9 left font ',11'
plot for [i = 1:6] file using (stringcolumn('family') eq 'couplings' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('gap_nats'))) \
         with linespoints ls i, \
     for [i = 1:6] file using (stringcolumn('family') eq 'couplings' && column('d') == word(dims, i) ? column('factors') : NaN):(gap(column('predicted_gap_nats'))) \
         with lines ls theory, \
     1e-6 with lines ls theory
unset multiplot
