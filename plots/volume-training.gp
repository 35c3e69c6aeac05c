# volume-training.gp -- E log|det J| on a fixed batch during training, every
# recorded step, two seeds. Left: nonlinear flows on the banana, whose ceiling
# (d/2) log(2 pi e) - h(X) is known; above it where E|f|^2 > d, so that the
# constraint does not hold. Middle: the scale-free profile minus the ceiling, the
# latter over the same batch, which no flow makes positive. Right: a linear flow on
# the iris table from a small, a fitting and a large start, gradient descent; it
# climbs or falls to the ceiling -1/2 log det R. Dashed: the ceilings.
width = 1180; height = 400
load 'plots/style.gp'

file = out.'/volume-training.csv'
flows = '"affine coupling" "MAF 1-2" "Brenier" "residual"'
linear = '"dense from 0.1 I" "triangular from I" "dense from 3 I"'
run(d, f) = stringcolumn('data') eq d && stringcolumn('flow') eq f
x(d, f, s) = run(d, f) && column('seed') == s ? column('step') : NaN
stats file using (stringcolumn('data') eq 'banana' ? column('bound') : NaN) nooutput
ceiling = STATS_max
stats file using (stringcolumn('data') eq 'iris' ? column('bound') : NaN) nooutput
top = STATS_max
set datafile missing NaN
set multiplot layout 1, 3
set logscale x
set format x '10^{%T}'
set tmargin 2
set lmargin 9
set xlabel 'training step'
set ylabel 'nats per sample'
set xrange [1:2000]
set yrange [ceiling - 0.75:ceiling + 0.55]
set label 1 'E log|det J|, banana' at graph 0.5, 1.04 center font ',12'
unset key
plot for [s = 1:2] for [k = 1:4] file using (x('banana', word(flows, k), s)):'mean_log_abs_det' \
         with lines ls k title (s == 1 ? word(flows, k) : ''), \
     ceiling with lines ls theory title 'ceiling'
set label 1 'profile minus ceiling, banana'
set ylabel 'excess over the ceiling [nats]'
set yrange [-0.6:0.05]
set key bottom right samplen 2 font ',11'
plot for [s = 1:2] for [k = 1:4] file using (x('banana', word(flows, k), s)):'excess_nats' \
         with lines ls k title (s == 1 ? word(flows, k) : ''), \
     0 with lines ls theory title 'ceiling'
set ylabel 'nats per sample'
set xrange [1:3000]
set label 1 'E log|det J|, linear flows, iris'
set autoscale y
set yrange [*:*]
set key bottom right
plot for [k = 1:3] file using (x('iris', word(linear, k), 1)):'mean_log_abs_det' \
         with linespoints ls k pi 8 title word(linear, k), \
     top with lines ls theory title 'ceiling'
unset multiplot
