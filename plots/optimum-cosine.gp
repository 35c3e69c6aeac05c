# optimum-cosine.gp -- Which boundary pays: what cosine-diagonal flows
# (reflecting) and circular convolutions lose on 64 samples cut from an AR(1)
# signal, against the correlation $rho$ of neighbours; dashed what scales alone
# lose, $-(63/2) log(1 - rho^2)$.
width = 620; height = 420
load 'plots/style.gp'

file = out.'/optimum-cosine.csv'
set logscale y
set format y '10^{%T}'
set xrange [0:1]
set yrange [2e-3:500]
set xlabel 'correlation of neighbours'
set ylabel 'loss [nats per signal of 64 samples]'
set key top left
set samples 400
plot -31.5 * log(1 - x**2) with lines ls theory title 'scales alone', \
     file using 'correlation':'circular_gap_nats' with linespoints ls 2 title 'circular', \
     file using 'correlation':'cosine_gap_nats' with linespoints ls 1 title 'reflecting (cosines)'
