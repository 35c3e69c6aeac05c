# lipschitz-bases.gp -- What another base is worth. Left: modes at $+-2$ of
# width $1/2$ over a base of modes at $+-m$; the least $M$ of exact flows,
# found as the least slope of the increasing map, is $s exp((a^2/s^2 - m^2)/2)$
# (dashed). Middle: the share of $M$ that comes back when the base has the
# weight $1/2 - e$ on one mode. Right: what the best affine flow over a normal
# base loses on Student's t, by quadrature; dashed the closed form.
width = 1000; height = 400
load 'plots/style.gp'

file = out.'/lipschitz-bases.csv'
of(p, x) = stringcolumn('part') eq p ? x : NaN
tail(d, x) = stringcolumn('part') eq 'tails' && column('d') == d ? x : NaN
set datafile missing NaN
set multiplot layout 1, 3 margins 0.075, 0.99, 0.17, 0.95 spacing 0.085, 0
set key off
set logscale y
set format y '10^{%T}'
set xlabel 'mode m of the base'
set ylabel 'least M'
set yrange [0.3:4000]
plot file using (of('modes', column('at'))):'predicted_value' with lines ls theory, \
     '' using (of('modes', column('at'))):'value' with points ls 1 ps 1
set logscale x
set format xy '10^{%T}'
set xlabel 'misplaced weight e'
set ylabel 'share of M that comes back'
set yrange [1e-4:1]
set xrange [5e-5:0.5]
plot file using (of('weights', column('at'))):'predicted_value' with lines ls theory, \
     '' using (of('weights', column('at'))):'value' with points ls 1 ps 1
set format x '%g'
set xtics (2, 3, 5, 10, 30)
set xrange [1.95:33]
set yrange [5e-4:30]
set xlabel 'degrees of freedom ν'
set ylabel 'loss of affine flows [nats]'
set key off
set label 1 'd = 1' at 5.4, 0.075 font ',11'
set label 2 'd = 10' at 7.5, 0.75 font ',11'
plot for [d in '1 10'] file using (tail(d, column('at'))):'predicted_value' with lines ls theory notitle, \
     file using (tail(1, column('at'))):'value' with points ls 1 ps 1 notitle, \
     '' using (tail(10, column('at'))):'value' with points ls 2 ps 1 notitle
unset multiplot
