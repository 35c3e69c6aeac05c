# optimum-ppca.gp -- Probabilistic PCA with $q$ components: how far its optimum
# lies below $EIG$ (marks), and $(d - q)/2$ times the log of arithmetic over
# geometric mean of the discarded eigenvalues (dashed), for the shipped tables
# as they are (digits, whose covariance has rank 61 of 64, has no finite $EIG$
# and is left out).
load 'plots/style.gp'

file = out.'/optimum-ppca.csv'
names = 'iris wine diabetes breast-cancer'
set logscale y
set format y '10^{%T}'
set xlabel 'components q / d'
set ylabel 'EIG minus optimum of PPCA [nats per sample]'
set yrange [0.05:500]
set xrange [0:1]
set key off
set datafile missing NaN # a row of another table does not break a line
set label 1 'iris' at 0.27, 0.75 left
set label 2 'wine' at 0.3, 3.4 right
set label 3 'diabetes' at 0.4, 4.6 left
set label 4 'breast-cancer' at 0.22, 90 left
at(i) = stringcolumn('data') eq word(names, i) ? column('q') / column('d') : NaN
plot for [i = 1:4] file using (at(i)):'predicted_gap_nats' with lines ls theory, \
     for [i = 1:4] file using (at(i)):(column('eigen_nats') - column('ppca_nats')) with points ls i
