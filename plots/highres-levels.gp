# highres-levels.gp -- Mean log|det J| a dimension by level of the flow after
# training at the least rate, on a held-out picture; a mark a seed.
load 'plots/style.gp'

file = out.'/highres-levels.csv'
names = '"plain" "principles"'
stats file using 'rate' nooutput
least = STATS_min
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s && column('rate') == least
set datafile missing NaN
set xlabel 'level'
set ylabel 'log|det J| / d [nats]'
set xrange [0.5:6.5]
set xtics 1
set key top right
shift(k, s) = (k == 1 ? -0.06 : 0.06) + (s == 64 ? -0.15 : s == 256 ? 0 : 0.15)
plot for [s in '64 256 1024'] for [k = 1:2] file using (is(k, s + 0) ? column('level') + shift(k, s + 0) : NaN):'log_abs_det_per_dim' with points ls (s eq '64' ? 1 : s eq '256' ? 2 : 3) pt (k == 1 ? 6 : 7) title word(names, k).', '.s, \
     0 with lines ls theory notitle
