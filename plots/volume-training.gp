# volume-training.gp -- $E log|det J|$ on a fixed batch during training, every
# recorded step, the middle of all seeds, and from the least to the largest.
# Above left: nonlinear flows on the banana, whose ceiling $(d/2) log(2 pi e) -
# h(X)$ is known; above it where $E|f|^2 > d$, so that the constraint does not
# hold. Above right: the scale-free profile minus the ceiling, the latter over
# rows of the batch that fitted nothing, which no flow makes positive in the
# mean. Below left: a linear flow on the iris table from a small, a fitting and
# a large start, gradient descent; it climbs or falls to the ceiling $-1/2 log
# det R$. Below right: every run; how far $E log|det J|$ had fallen below its
# highest value at steps where the likelihood of the same batch was higher than
# ever before, against the largest fall of that likelihood along the run, which
# is that of the noise; $10^-4$ stands for less. Dashed: the ceilings; equal
# falls.
width = 900; height = 760
load 'plots/style.gp'

file = out.'/volume-training.csv'
flows = '"affine coupling" "MAF 1-2" "Brenier" "residual"'
linear = '"dense from 0.1 I" "triangular from I" "dense from 3 I"'
over(d, f, y) = band(file, '$is["data"] == "'.d.'" && $is["flow"] == "'.f.'"', 'step', y)
is(d) = stringcolumn('data') eq d
stats file using (is('banana') ? column('bound') : NaN) nooutput
ceiling = STATS_max
stats file using (is('iris') ? column('bound') : NaN) nooutput
top = STATS_max
stats file using (is('banana') ? column('step') : NaN) nooutput
last = STATS_max
stats file using (is('iris') ? column('step') : NaN) nooutput
last_linear = STATS_max
set datafile missing NaN
set multiplot layout 2, 2
set logscale x
set format x '10^{%T}'
set tmargin 2
set lmargin 9
set xlabel 'training step'
set ylabel 'E log|det J| [nats]'
set xrange [1:last]
set yrange [ceiling - 0.75:ceiling + 0.55]
set label 1 'nonlinear flows, banana' at graph 0.5, 1.04 center font ',12'
set label 2 'ceiling' at graph 0.03, first ceiling left font ',11' offset 0, 0.5
set key top left samplen 2 font ',11'
plot for [k = 1:4] over('banana', word(flows, k), 'mean_log_abs_det') using 1:2:4 \
         with filledcurves ls k fs transparent solid 0.15 noborder, \
     for [k = 1:4] over('banana', word(flows, k), 'mean_log_abs_det') using 1:3 \
         with lines ls k title word(flows, k), \
     ceiling with lines ls theory
set label 1 'per unit of second moment, banana'
set ylabel 'excess over the ceiling [nats]'
set yrange [-0.75:0.05]
set label 2 at graph 0.03, first 0
unset key
plot for [k = 1:4] over('banana', word(flows, k), 'excess_nats') using 1:2:4 \
         with filledcurves ls k fs transparent solid 0.15 noborder, \
     for [k = 1:4] over('banana', word(flows, k), 'excess_nats') using 1:3 \
         with lines ls k, \
     0 with lines ls theory
set ylabel 'E log|det J| [nats]'
set xrange [1:last_linear]
set label 1 'linear flows, iris'
set autoscale y
set yrange [*:*]
set label 2 at graph 0.97, first top right
set key bottom right samplen 2 font ',11'
plot for [k = 1:3] over('iris', word(linear, k), 'mean_log_abs_det') using 1:3 \
         with linespoints ls k pi 8 title word(linear, k), \
     top with lines ls theory
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
unset key
set label 2 'equal' at 8, 8 left offset 0, -1
set label 3 'linear, whole table' at 2e-4, 12 left font ',11' tc ls 2
set label 4 'nonlinear, fresh draws' at 1.5e-3, 3 left font ',11' tc ls 1
plot file using (least(column('likelihood_drawdown_nats'))):(fall(1)) with points ls 1, \
     '' using (least(column('likelihood_drawdown_nats'))):(fall(0)) with points ls 2, \
     x with lines ls theory
unset multiplot
