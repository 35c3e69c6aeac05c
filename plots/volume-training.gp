# volume-training.gp -- $E log|det J|$ on a fixed batch during training, every
# recorded step, two seeds. Above left: nonlinear flows on the banana, whose
# ceiling $(d/2) log(2 pi e) - h(X)$ is known; above it where $E|f|^2 > d$, so
# that the constraint does not hold. Above right: the scale-free profile minus
# the ceiling, the latter over rows of the batch that fitted nothing, which no
# flow makes positive in the mean. Below left: a linear flow on the iris table
# from a small, a fitting and a large start, gradient descent; it climbs or
# falls to the ceiling $-1/2 log det R$. Below right: every run; how far $E
# log|det J|$ had fallen below its highest value at steps where the likelihood
# of the same batch was higher than ever before, against the largest fall of
# that likelihood along the run, which is that of the noise; $10^-4$ stands for
# less. Dashed: the ceilings; equal falls.
width = 900; height = 760
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
set multiplot layout 2, 2
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
file = out.'/volume-monotone.csv'
least(x) = x > 1e-4 ? x : 1e-4
law(x) = x eq 'iris' || x eq 'wine' || x eq 'diabetes' ? 0 : 1
fall(l) = law(stringcolumn('data')) == l ? least(column('drawdown_at_best_nats')) : NaN
set label 1 'falls while the likelihood rises, every run'
set xlabel 'largest fall of the likelihood [nats]'
set ylabel 'fall of E log|det J| at its best [nats]'
set logscale xy
set format xy '10^{%T}'
set xrange [6e-5:30]
set yrange [6e-5:30]
set key bottom right
plot file using (least(column('likelihood_drawdown_nats'))):(fall(1)) with points ls 1 title 'nonlinear, fresh draws', \
     '' using (least(column('likelihood_drawdown_nats'))):(fall(0)) with points ls 2 title 'linear, whole table', \
     x with lines ls theory title 'equal'
unset multiplot
