# optimum-optima.gp -- The mean log-likelihood of Cauchy's law shifted to
# $theta$, on the data 2 and $-2$, in closed form (dashed): two global maxima
# at the roots of 3, since no shift has the law of the data. A grid and
# Newton's method find place and value of both within the error that is written
# there.
width = 620; height = 380
load 'plots/style.gp'

file = out.'/optimum-points.csv'
mean(t) = -log(pi) - 0.5 * (log(1 + (t - 2)**2) + log(1 + (t + 2)**2))
stats file using (stringcolumn('claim') eq 'C2.3' ? column('measured') : NaN) nooutput
set xrange [-5:5]
set samples 400
set xlabel 'shift θ of the flow x - θ'
set ylabel 'mean log-likelihood [nats per sample]'
set label 1 sprintf('largest error found: %.1g', STATS_max) at 0, -3.3 center
set label 2 '−√3' at -sqrt(3), mean(sqrt(3)) center offset 0, 0.9
set label 3 '√3' at sqrt(3), mean(sqrt(3)) center offset 0, 0.9
set yrange [-4.4:-2.3]
set key off
plot mean(x) with lines ls theory
