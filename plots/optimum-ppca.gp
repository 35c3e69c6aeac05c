# optimum-ppca.gp -- Probabilistic PCA with $q$ components: how far its optimum
# lies below $EIG$, $(d - q)/2$ times the log of arithmetic over geometric mean
# of the discarded eigenvalues, for the shipped tables as they are (digits,
# whose covariance has rank 61 of 64, has no finite $EIG$ and is left out).
load 'plots/style.gp'

file = out.'/optimum-ppca.csv'
names = 'iris wine diabetes breast-cancer'
set logscale y
set format y '10^{%T}'
set xlabel 'components q / d'
set ylabel 'EIG minus optimum of PPCA [nats per sample]'
set yrange [0.05:500]
set xrange [0:1]
set key bottom left
plot for [i = 1:4] file using (stringcolumn('data') eq word(names, i) ? column('q') / column('d') : NaN):'predicted_gap_nats' \
         with linespoints ls i title word(names, i)
