# volume-scores.gp -- Two scores of the same points, $-log q$ and the square of
# the latent radius, by exact flows of one pair of laws: 300 draws of each.
# Left: the normal plane to itself; right: two exponential variables to the
# normal plane. All flows of a panel have the same $-log q$, since all are
# exact; the radius ranks as they do, the other way round, or hardly at all.
# Dashed: the closed forms, $r^2 = 2 s$ for the identity, $-2 log(1 - exp(-s))$
# for the inversion, $s = -log q - log 2 pi$, and $2 (t - log(1 + t))$ for the
# polar map, $t = -log q$.
width = 900; height = 400
load 'plots/style.gp'

file = out.'/volume-scores.csv'
square(m) = stringcolumn('map') eq m ? column('latent_square') : NaN
set multiplot layout 1, 2 margins 0.085, 0.985, 0.15, 0.9 spacing 0.08, 0
set xlabel '−log q [nats]'
set ylabel '|z|^2' offset 1,0
set yrange [0:16]
set key off
set label 1 'identity: rank correlation 1' at 6.3, 12 right tc ls 1 font ',11'
set label 2 'inversion: −1' at 2.15, 9 left tc ls 2 font ',11'
set title 'normal plane to itself' offset 0,-0.5
base = log(2 * pi)
set xrange [base - 0.2:base + 6]
plot file using 'nll_nats':(square('identity')) with points ls 1 ps 0.4, \
     '' using 'nll_nats':(square('inversion')) with points ls 2 ps 0.4, \
     [t = 0:12] '+' using (base + t / 2):(t) with lines ls theory, \
     [t = 0.01:16] '+' using (base - log(1 - exp(-t / 2))):(t) with lines ls theory
set title 'two exponential variables to the normal plane' offset 0,-0.5
set label 1 'polar map: rank correlation 1' at 7.8, 13.5 right tc ls 3
set label 2 'product map: 0.22' at 4.5, 1 left tc rgb '#555555'
unset ylabel
set xrange [0:10]
plot file using 'nll_nats':(square('polar')) with points ls 3 ps 0.5, \
     '' using 'nll_nats':(square('product')) with points ls 8 ps 0.6, \
     2 * (x - log(1 + x)) with lines ls theory
unset multiplot
