# highres-levels.gp -- Mean $log|det J|$ a dimension by level of Glow-type flows
# after training at the least rate, on a held-out picture; a mark a seed. Marks of
# runs that left the range of those with the principles stand at its edge.
load 'plots/style.gp'

file = out.'/highres-levels.csv'
eval(instead_of(file))
names = '"plain" "principles"'
stats file using 'rate' nooutput
least = STATS_min
stats file using 'level' nooutput
levels = STATS_max
is(k, s) = stringcolumn('principle_set') eq word(names, k) && column('size') == s && column('rate') == least
set datafile missing NaN
stats file using (stringcolumn('principle_set') eq 'principles' && column('rate') == least ? column('log_abs_det_per_dim') : NaN) nooutput
margin = 0.5 * (STATS_max - STATS_min) + 0.1
low = STATS_min - margin
high = STATS_max + margin
inside(y) = y > high ? high : y < low ? low : y
set yrange [low:high]
set xlabel 'level'
set ylabel 'log|det J| / d [nats]'
set xrange [0.5:levels + 0.5]
set xtics 1
set key top right
words = ''; stats file using (add_word(sprintf('%g', column('size')))) nooutput
size(i) = word(words, i) + 0
shift(k, i) = (k == 1 ? -0.06 : 0.06) + 0.15 * (i - (words(words) + 1) / 2.)
plot for [i = 1:words(words)] for [k = 1:2] file using (is(k, size(i)) ? column('level') + shift(k, i) : NaN):(inside(column('log_abs_det_per_dim'))) with points ls i pt (k == 1 ? 6 : 7) title word(names, k).', '.size(i), \
     0 with lines ls theory notitle
