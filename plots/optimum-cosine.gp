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
set key off
set label 1 'scales alone' at 0.45, 13 right font ',11'
set label 2 'circular' at 0.68, 0.75 right font ',11'
set label 3 'reflecting (cosines)' at 0.6, 0.06 left font ',11'
set samples 400
plot -31.5 * log(1 - x**2) with lines ls theory, \
     file using 'correlation':'circular_gap_nats' with linespoints ls 2, \
     file using 'correlation':'cosine_gap_nats' with linespoints ls 1
