# audit-flows.gp -- Left: how often a planted mistake raises an alarm, and is
# named, first or among others, over random flows (two standard errors);
# filled: the columns contradict each other, open: both are wrong alike, and
# only $x$ shows it. Right: alarms of correct flows against the level of the
# tests (dashed: equal); a triangle: none, so below 3 / flows at 95%.
width = 1000; height = 620
load 'plots/style.gp'

file = out.'/audit-alarms.csv'
stats file using 4 nooutput
rows = STATS_records
planted(x) = stringcolumn('expected') ne 'none' && column('with_x') == x
correct(x) = stringcolumn('expected') eq 'none'
y(k) = rows - k
low(x) = 100 * (column('named') - 2 * column('se_named'))
high(x) = (high_x = 100 * (column('named') + 2 * column('se_named')), high_x > 100 ? 100 : high_x)

set multiplot
set lmargin at screen 0.15
set rmargin at screen 0.66
set tmargin at screen 0.93
set bmargin at screen 0.10
set yrange [0.2:rows - 1.2]
set xrange [0:102]
set xlabel 'of the flows [%]'
set ytics scale 0 font ',11'
set grid ytics lc rgb '#cccccc' lw 0.8 dt 1
set key at screen 0.66, screen 0.985 horizontal samplen 1 font ',11'
plot file using (correct(0) ? NaN : 100 * column('alarms')):(y($0)):ytic(correct(0) ? '' : stringcolumn('mistake')) \
          with points ls 8 pt 2 ps 1.1 title 'alarm', \
     '' using (planted(0) ? 100 * column('named') : NaN):(y($0)):(low(0)):(high(0)) \
          with xerrorbars ls 1 pt 7 title 'named, by the columns', \
     '' using (planted(1) ? 100 * column('named') : NaN):(y($0)):(low(0)):(high(0)) \
          with xerrorbars ls 2 dt 1 pt 6 lw 1.4 ps 0.9 title 'named, by x', \
     '' using (correct(0) ? NaN : 100 * column('told')):(y($0)) \
          with points ls 3 pt 8 ps 1.1 title 'named first'

unset grid
unset ytics
set lmargin at screen 0.76
set rmargin at screen 0.98
set logscale xy
set xrange [3e-4:0.2]
set yrange [3e-4:0.2]
set format xy '10^{%T}'
set xtics font ',12'
set ytics font ',12' scale 0.6
set xlabel 'level of the tests'
set ylabel 'correct flows that raise an alarm' offset 1
set key at screen 0.98, screen 0.985 vertical samplen 1 font ',11'
shown(rate, n) = rate > 0 ? rate : 3 / n
is(name) = stringcolumn('mistake') eq name
set bmargin at screen 0.10
set tmargin at screen 0.84
plot x with lines ls theory title 'level', \
     for [k = 1:2] file using (is(word('correct correct-curved', k)) ? 0.05 * (k == 1 ? 0.94 : 1.06) : NaN):(column('alarms_at_05')):(2 * sqrt(column('alarms_at_05') * (1 - column('alarms_at_05')) / column('flows'))) \
          with yerrorbars ls k dt 1 pt (k == 1 ? 7 : 6) title word('correct curved', k), \
     for [k = 1:2] file using (is(word('correct correct-curved', k)) ? 1e-3 * (k == 1 ? 0.9 : 1.1) : NaN):(shown(column('alarms'), column('flows'))) \
          with points ls k pt (k == 1 ? 11 : 10) ps 1.3 title (k == 1 ? 'none: below 3 / n' : '')
unset multiplot
