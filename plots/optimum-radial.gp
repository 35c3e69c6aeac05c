# optimum-radial.gp -- A base with heavy tails, its scale frozen and free. Left:
# Cauchy's law shifted to $theta$ on the data 2 and -2 (C2.3, dashed): two
# optima. Right: linear flows $W$ over a Student-t base of 3 degrees, 400 rows
# with outliers; the loss above its optimum along geodesics $exp(t H/2) W$
# through it is convex (C2.10), along a straight line to the mirror image of
# $W$ (grey) it is not.
width = 900; height = 400
load 'plots/style.gp'

file = out.'/optimum-radial.csv'
mean(t) = -log(pi) - 0.5 * (log(1 + (t - 2)**2) + log(1 + (t + 2)**2))
of(c, y) = column('curve') == c ? y : NaN
set datafile missing NaN
set multiplot layout 1, 2 margins 0.1, 0.985, 0.15, 0.92 spacing 0.1, 0
set key off
set samples 400
set title 'scale frozen' offset 0,-0.5
set xlabel 'shift θ'
set ylabel 'loss [nats per sample]'
set xrange [-5:5]
plot -mean(x) with lines ls theory
set title 'scale free' offset 0,-0.5
set xlabel 't'
set ylabel 'loss above the optimum [nats]'
set xrange [-1.02:1.02]
set yrange [-0.1:4]
set label 1 'straight line' at 0.09, 2.4 font ',11'
set label 2 'geodesics' at -0.62, 3.2 font ',11'
plot for [c = 0:5] file using (of(c, column('at'))):'geodesic_nats' with lines ls 1, \
     for [s in '-1 1'] file using (of(0, column('at'))):(column('at') * s > 0 ? column('line_nats') : NaN) with lines ls 8
unset multiplot
