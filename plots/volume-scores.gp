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
set samples 1000
set key top right
set title 'normal plane to itself' offset 0,-0.5
base = log(2 * pi)
set xrange [base - 0.2:base + 6]
plot file using 'nll_nats':(square('identity')) with points ls 1 ps 0.4 title 'identity: rank correlation 1', \
     '' using 'nll_nats':(square('inversion')) with points ls 2 ps 0.4 title 'inversion: −1', \
     x > base ? 2 * (x - base) : NaN with lines ls theory title 'closed form', \
     x > base ? -2 * log(1 - exp(base - x)) : NaN with lines ls theory
set title 'two exponential variables to the normal plane' offset 0,-0.5
set key top left
unset ylabel
set xrange [0:10]
plot file using 'nll_nats':(square('polar')) with points ls 3 ps 0.5 title 'polar map: rank correlation 1', \
     '' using 'nll_nats':(square('product')) with points ls 8 ps 0.6 title 'product map: 0.22', \
     2 * (x - log(1 + x)) with lines ls theory title 'closed form'
unset multiplot
