# lipschitz-parts.gp -- What a bound $M$ on the Lipschitz constant of the inverse
# costs where modes touch and where they do not. Two normal modes at $+-2$ of
# width $1/2$: the best map of the line (solid). Two unit intervals of mass
# $1/2$ at distance $2 d = 1$: the same (marks), and $-log(2 Phi(-d/M))$, which
# no flow of any dimension beats (dashed). What cells of the convex program cost
# beyond that is written there.
width = 640; height = 430
load 'plots/style.gp'

file = out.'/lipschitz-curve.csv'
is(x) = stringcolumn('part') eq 'curve' ? x : NaN
m(x) = is(column('inverse_budget'))
over = 'intervals_kl_nats'
stats file using (m(0) >= 1 ? column(over) - column('gap_kl_nats') : NaN) nooutput
cells = STATS_max
set datafile missing NaN
set logscale xy
set format xy '10^{%T}'
set xrange [0.4:1e4]
set yrange [1e-4:12]
set xlabel 'budget M on the Lipschitz constant of the inverse'
set ylabel 'KL(data || model) [nats]'
set key off
set label 1 'two normal modes' at 1.3, 3 left tc ls 1
set label 2 'two intervals' at 4, 0.03 right tc ls 2
set label 5 sprintf('cells cost at most %.0e nats', cells) at graph 0.03, 0.06 left font ',11'
set label 3 'bound' at 9e2, 2e-4 right font ',11'
set label 4 'exact from M = 1490' at 1300, graph 0.95 right font ',11'
set arrow 1 from 1490.5, graph 0 to 1490.5, graph 1 nohead lc rgb '#999999' lw 0.8
plot file using (m(0)):'kl_nats' with lines ls 1 lw 2, \
     '' using (m(0)):'gap_kl_nats' with lines ls theory, \
     '' using (m(0)):over with points ls 2
