# volume-kink.gp -- The change of volume of balls around a point where the
# determinant is not the answer: at the kink of a leaky ReLU of slopes 1 and
# $1/4$ it is $5/8$ at every radius, the mean of the two determinants (dashed:
# the determinants on either side); at a smooth point of the exponential map it
# tends to the determinant.
width = 620; height = 380
load 'plots/style.gp'

file = out.'/volume-order.csv'
is(m) = stringcolumn('map') eq m && stringcolumn('method') eq 'contour' && column('d') == 2
set logscale x 2
set xrange [0.7:0.012] reverse
set xlabel 'radius of the ball'
set ylabel 'volume of the image / of the ball'
set yrange [0.15:1.35]
set format x '2^{%L}'
set key off
set label 1 'determinant on the one side: 1' at graph 0.98, first 0.95 right
set label 2 'on the other: 1/4' at graph 0.98, first 0.29 right
set label 3 'at the kink: 5/8 at every radius' at graph 0.98, first 0.69 right tc ls 2
set label 4 'at a smooth point of determinant 1' at 0.44, 1.13 left tc ls 1
plot 1 with lines ls theory, 0.25 with lines ls theory, \
     file using (is('leaky kink') ? column('radius') : NaN):'ratio' with points ls 2 ps 1.2, \
     '' using (is('complex exponential') && column('point') == 0 ? column('radius') : NaN):'ratio' with points ls 1 ps 1.2
