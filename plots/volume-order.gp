# volume-order.gp -- How fast the relative change of volume of a ball tends to
# $|det J|$: |ratio / j - 1| against the radius, volumes from values of the map
# alone. Left: closed forms. Right: trained flows on the banana, $d = 2$, and
# on four bananas side by side, $d = 8$, at one point each. Dashed, through the
# points: the predicted $r^2 Laplacian(j) / (2 (d + 2) j)$.
width = 1000; height = 460
load 'plots/style.gp'

file = out.'/volume-order.csv'
set multiplot layout 1, 2
set logscale xy
set logscale x 2
set format x '2^{%L}'
set format y '10^{%T}'
set xrange [2**-6.4:2**-0.6]
set yrange [5e-7:3]
set lmargin 9
set tmargin 2
set xlabel 'radius r of the ball'
set ylabel '|vol f(B_r) / (j vol B_r) − 1|'
set key top left samplen 1.5 font ',11' width -2
set datafile missing NaN
ball = 'contour cubature'
is_ball(d) = strstrt(ball, stringcolumn("method")) > 0
closed(m, n) = stringcolumn('map') eq m && column('d') == n && is_ball(n) && column('point') == 0
maps = '"complex exponential" "exponential" "exponential" "inversion" "twist"'
dims = '2 3 10 2 2'
set label 1 'closed forms' at graph 0.5, 1.03 center font ',12'
plot for [k = 1:5] file using (closed(word(maps, k), word(dims, k) + 0) ? column('radius') : NaN):(abs(column('predicted_coefficient')) * column('radius') ** 2) \
         with lines ls theory, \
     for [k = 1:5] '' using (closed(word(maps, k), word(dims, k) + 0) ? column('radius') : NaN):(abs(column('relative_error'))) \
         with points ls k title word(maps, k).', d = '.word(dims, k), \
     NaN with lines ls theory title 'predicted'
flows = '"affine coupling" "MAF 1-2" "Brenier" "residual"'
set label 1 'trained flows'
unset ylabel
plot for [d = 2:8:6] for [k = 1:4] file using (closed(word(flows, k).' (trained)', d) ? column('radius') : NaN):(abs(column('predicted_coefficient')) * column('radius') ** 2) \
         with lines ls theory, \
     for [k = 1:4] '' using (closed(word(flows, k).' (trained)', 2) ? column('radius') : NaN):(abs(column('relative_error'))) \
         with points ls k title word(flows, k).', d = 2', \
     for [k = 1:4] '' using (closed(word(flows, k).' (trained)', 8) ? column('radius') : NaN):(abs(column('relative_error'))) \
         with points ls k + 4 title word(flows, k).', d = 8', \
     NaN with lines ls theory title 'predicted'
unset multiplot
