# stability-edge.gp -- Left: the largest stable rate, bisected, against $2 /
# lambda_max$ of the Hessian: linear flows at their optimum on tables as they
# are, standardised and whitened, trained nonlinear flows, and linear ones that
# were stopped half way, with those; dashed: equal. Splines are not twice
# differentiable; edges not within a factor of two are drawn at the lower or
# upper border. Right: the gap that is left, gradient descent and Adam at the
# same multiples of the critical rate, dense map, double precision: median of
# the last 500 steps; each point is a run. Dashed: the critical rate. Values
# below 1e-16 are drawn there.
width = 1000; height = 440
load 'plots/style.gp'

file = out.'/stability-edge.csv'
second = out.'/stability-double.csv'
is(s) = stringcolumn('transform') eq s && column('linear') > 0
floored(x) = abs(x) > 1e-16 ? abs(x) : 1e-16
spread(n) = 0.02 * (rand(0) - 0.5)
seed = rand(5)
set multiplot layout 1, 2
set logscale xy
set format xy '10^{%T}'
set xrange [3e-8:3]
set yrange [3e-8:3]
set lmargin 11
set xlabel '2 / λ_{max}'
set ylabel 'largest stable rate, measured'
set key top left samplen 1.5 font ',11'
low(y) = y > 2 ? 2.5 : y > 3e-8 ? y : 3.5e-8
plot file using (is('raw') ? column('predicted_rate') : NaN):(low(column('measured_rate'))) with points ls 1 ps 1 title 'linear, raw', \
     '' using (is('standardised') ? column('predicted_rate') : NaN):(low(column('measured_rate'))) with points ls 2 ps 1 title 'linear, standardised', \
     '' using (is('whitened') ? column('predicted_rate') : NaN):(low(column('measured_rate'))) with points ls 3 ps 1.1 title 'linear, whitened', \
     '' using (column('linear') == 0 && column('smooth') > 0 ? column('predicted_rate') : NaN):(low(column('measured_rate'))) with points ls 5 ps 1 title 'nonlinear', \
     '' using (column('smooth') == 0 ? column('predicted_rate') : NaN):(low(column('measured_rate'))) with points ls 8 ps 1 title 'splines', \
     x with lines ls theory title 'equal'
unset logscale x
set format x '%g'
set xrange [0.42:1.58]
set yrange [3e-17:1e7]
set xlabel 'rate over critical rate of gradient descent'
set ylabel 'gap to the optimum [nats per sample]'
set key top left
set arrow 1 from 1, graph 0 to 1, graph 0.8 nohead ls theory
plot second using (stringcolumn('method') eq 'sgd' ? column('rate_over_critical') + spread(0) : NaN):(floored(column('median_gap_nats'))) with points ls 1 title 'gradient descent', \
     '' using (stringcolumn('method') eq 'adam' ? column('rate_over_critical') + spread(0) : NaN):(floored(column('median_gap_nats'))) with points ls 5 title 'Adam', \
     NaN with lines ls theory title 'critical rate'
unset multiplot
