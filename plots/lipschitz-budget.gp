# lipschitz-budget.gp -- The price of a bound $M$ on the Lipschitz constant of
# the inverse. Left: two modes at $+-2$ of width $1/2$; the best map of the
# line by a convex program (solid; in the plane it is a flow, too), the best
# affine map, and trained flows of the plane whose parameters prove $M$;
# dashed: what no flow of any dimension can beat. An exact flow needs $M =
# 1490$. Right: checkerboard and rings, trained flows, a mark a seed, and the
# same bound for each.
width = 1040; height = 460
load 'plots/style.gp'

curve = out.'/lipschitz-curve.csv'
runs = out.'/lipschitz-budget.csv'
on_curve(x) = stringcolumn('part') eq 'curve' ? x : NaN
here(t, f) = stringcolumn('target') eq t && stringcolumn('flow') eq f && column('lip_budget') > 1e30
m(t, f) = here(t, f) ? column('inverse_budget') : NaN
# KL = -h - LL; bound_nats is -h minus the cost, and without cost at M = 16
stats runs using (stringcolumn('target') eq 'modes' && column('inverse_budget') == 16 ? column('bound_nats') : NaN) nooutput
modes = STATS_max
stats runs using (stringcolumn('target') eq 'checkerboard' && column('inverse_budget') == 16 ? column('bound_nats') : NaN) nooutput
board = STATS_max
stats runs using (stringcolumn('target') eq 'rings' && column('inverse_budget') == 16 ? column('bound_nats') : NaN) nooutput
rings = STATS_max
# The best map at M = 4, between the rows beside it.
m_of(x) = on_curve(column('inverse_budget'))
kl_at(x) = column('inverse_budget') == x ? on_curve(column('kl_nats')) : NaN
stats curve using (m_of(0) <= 4 ? m_of(0) : NaN) nooutput
below = STATS_max
stats curve using (m_of(0) >= 4 ? m_of(0) : NaN) nooutput
above = STATS_min
stats curve using (kl_at(below)) nooutput
dear = log(STATS_max)
stats curve using (kl_at(above)) nooutput
cheap = log(STATS_max)
four = exp(dear + (cheap - dear) * log(4 / below) / log(above / below))
set datafile missing NaN
set multiplot layout 1, 2
set logscale xy
set format xy '10^{%T}'
set xrange [0.4:1e4]
set yrange [2e-4:12]
set lmargin 10
set tmargin 2
set xlabel 'budget M on the Lipschitz constant of the inverse'
set ylabel 'KL(data || model) [nats]'
set key bottom left samplen 2.5 font ',11'
set arrow 1 from 1490.5, graph 0 to 1490.5, graph 1 nohead lc rgb '#999999' lw 0.8
set label 2 'exact from M = 1490' at 1300, graph 0.95 right font ',11'
set label 3 sprintf('M = 4 costs %.2f nats', four) at 30, 0.7 * four left font ',11'
set arrow 2 from 27, 0.7 * four to 4.8, 0.97 * four nohead lc rgb '#999999' lw 0.8
set label 4 'best map of the line' at 28, 6e-3 right font ',11' tc ls 1
set label 5 'best affine map' at 1300, 1.05 right font ',11' tc rgb '#555555'
set label 1 'two modes' at graph 0.5, 1.03 center font ',12'
plot curve using (on_curve(column('inverse_budget'))):(on_curve(column('kl_nats'))) with lines ls 1 lw 2, \
     '' using (on_curve(column('inverse_budget'))):(on_curve(column('clip_kl_nats'))) with lines ls 8, \
     runs using (m('modes', 'additive')):(modes - column('test_nats')) with points ls 2 title 'additive couplings', \
     '' using (m('modes', 'residual')):(modes - column('test_nats')) with points ls 3 title 'residual layers', \
     curve using (m_of(0) == below ? 4 : NaN):(four) with points ls 1 ps 1.1, \
     '' using (on_curve(column('inverse_budget'))):(on_curve(column('universal_kl_nats'))) with lines ls theory title 'bound for every flow'
unset arrow
do for [k = 2:5] { unset label k }
set label 1 'checkerboard, rings'
set xrange [0.4:20]
set yrange [0.05:12]
unset ylabel
set key bottom right samplen 1.5
plot runs using (m('checkerboard', 'additive')):(board - column('test_nats')) with points ls 2 title 'checkerboard, additive', \
     '' using (m('checkerboard', 'residual')):(board - column('test_nats')) with points ls 3 title 'checkerboard, residual', \
     '' using (m('rings', 'additive')):(rings - column('test_nats')) with points ls 5 title 'rings, additive', \
     '' using (m('rings', 'residual')):(rings - column('test_nats')) with points ls 6 title 'rings, residual', \
     '' using (m('checkerboard', 'additive')):(board - column('bound_nats')) with lines ls theory title 'bounds for every flow', \
     '' using (m('rings', 'additive')):(rings - column('bound_nats')) with lines ls theory
unset multiplot
