# optimum-samples.gp -- Finite samples, Gaussian data in $d$ dimensions, affine
# fit by maximum likelihood on $n$ rows. Left: mean of train minus test
# likelihood. Right: how far the fitted log-determinant of the covariance lies
# below the true one. Points: simulation with bars of five standard errors;
# dashed: the exact formulas $d (d + 3)/(2 (n - d - 2))$ and $-(sum psi((n -
# i)/2) + d log(2/n))$.
width = 900; height = 420
load 'plots/style.gp'

file = out.'/optimum-samples.csv'
dims = '1 2 5 10 20 32'
set datafile missing NaN # a row of another D does not break a line
set multiplot layout 1, 2
set logscale xy
set format y '10^{%T}'
set xlabel 'samples n'
set xrange [6:1000]
set lmargin 10
unset key
# The dimension stands before the first point of its line.
array least[6]
do for [i = 1:6] {
    stats file using (column('d') == word(dims, i) ? column('n') : NaN) nooutput
    least[i] = STATS_min
}
first(i) = column('d') == word(dims, i) && column('n') == least[i] ? 0.92 * column('n') : NaN
says(i) = (i == 1 ? 'd = ' : '').word(dims, i)
set ylabel 'train minus test [nats per sample]'
set yrange [0.05:100]
plot for [i = 1:6] file using (column('d') == word(dims, i) ? column('n') : NaN):'predicted_gap_nats' smooth unique with lines ls theory, \
     for [i = 1:6] file using (column('d') == word(dims, i) ? column('n') : NaN):'gap_nats':(5 * column('se_gap')) \
         with yerrorbars ls i dt 1, \
     for [i = 1:6] file using (first(i)):'predicted_gap_nats':(says(i)) with labels right font ',11'
set ylabel 'true minus fitted log-determinant [nats]'
set yrange [0.05:100]
plot for [i = 1:6] file using (column('d') == word(dims, i) ? column('n') : NaN):(-column('predicted_logdet_bias')) smooth unique with lines ls theory, \
     for [i = 1:6] file using (column('d') == word(dims, i) ? column('n') : NaN):(-column('logdet_bias')):(5 * column('se_logdet_bias')) \
         with yerrorbars ls i dt 1, \
     for [i = 1:6] file using (first(i)):(-column('predicted_logdet_bias')):(says(i)) with labels right font ',11'
unset multiplot
