# stability-cures.gp -- The bounded twin of heavy tails: mini-batches of one row
# of a law with $max x^2 = 3$. The least $|w|$ that the chains of descent came
# to: below the rate $1/max x^2$ (grey) it stays above $2 sqrt(eta (1 - eta max
# x^2))$ (dashed), above that rate nothing holds it.
width = 620; height = 400
load 'plots/style.gp'

file = out.'/stability-cures.csv'
edge = 1.0 / 3
set logscale y
set format y '10^{%T}'
set xrange [0.05:0.55]
set xlabel 'learning rate'
set ylabel 'least |w| of all chains'
set yrange [1e-7:10]
set samples 2000
set arrow 1 from edge, graph 0 to edge, graph 1 nohead ls 8
set label 1 '1 / max x^2' at edge + 0.008, graph 0.06
set key off
set label 2 'seen' at 0.35, 0.11 left tc ls 1
set label 3 'bound' at 0.2, 1.5 center
plot file using 'rate':'least_w' with points ls 1 ps 1, \
     [0.05:edge] 2 * sqrt(x * (1 - 3 * x)) with lines ls theory
