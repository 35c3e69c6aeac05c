# throughput-peers.gp -- Time of a training step (W6: of a likelihood) and peak
# memory of the process, ours and the best peer's (PyTorch and JAX at their best
# settings), in one run, quartiles as bars. Dashed: the time that the counted
# operations take at this machine's own rate of fused multiply-adds.
width = 900; height = 420
load 'plots/style.gp'

file = out.'/throughput-peers.csv'
own = out.'/throughput.csv'
names = 'W1 W2 W2m W3 W4 W4r W5 W5d W6-2 W6-8 W6-16 W6-64 W7 W7c'
there = system('test -f '.quoted(file).' && echo 1 || echo 0') + 0
place(w) = w eq 'W1' ? 1 : w eq 'W2' ? 2 : w eq 'W2m' ? 3 : w eq 'W3' ? 4 : w eq 'W4' ? 5 : w eq 'W4r' ? 6 : w eq 'W5' ? 7 : w eq 'W5d' ? 8 : w eq 'W6-2' ? 9 : w eq 'W6-8' ? 10 : w eq 'W6-16' ? 11 : w eq 'W6-64' ? 12 : w eq 'W7' ? 13 : w eq 'W7c' ? 14 : NaN
# W5 in double, the others in float; on all threads.
stats own using 'threads' nooutput
most = STATS_max
timed(w) = stringcolumn('mode') eq (w[1:2] eq 'W6' ? 'log_prob' : 'train') && stringcolumn('precision') eq (w[1:2] eq 'W5' ? 'double' : 'float')
ours(w) = (timed(w) && column('threads') == most) ? place(w) : NaN
best(w) = (timed(w) && column('best') == 1) ? place(w) : NaN
set datafile missing NaN
set multiplot layout 1, 2
set logscale y 10
set xrange [0.4:14.6]
unset xtics
set xtics nomirror rotate by 45 right font ',11'
do for [k = 1:words(names)] { set xtics add (word(names, k) k) }
set tmargin 3
set style fill solid 0.85 noborder
set boxwidth 0.36
set format y '%g'
set ylabel 'time of a step [ms]'
set key at graph 0, 1.09 left top horizontal samplen 2
w(x) = stringcolumn('workload')
plot own using (ours(w(0)) - 0.2):'milliseconds' with boxes lc rgb '#0072B2' title 'jacflow', \
     for [k = 1:there] file using (best(w(0)) + 0.2):'milliseconds' with boxes lc rgb '#E69F00' fs pattern 4 border lc rgb '#E69F00' title 'best peer', \
     own using (ours(w(0)) - 0.2):'lower_quartile_ms':(0):(column('upper_quartile_ms') - column('lower_quartile_ms')) with vectors nohead lc rgb '#000000' lw 2 notitle, \
     for [k = 1:there] file using (best(w(0)) + 0.2):'lower_quartile_ms':(0):(column('upper_quartile_ms') - column('lower_quartile_ms')) with vectors nohead lc rgb '#000000' lw 2 notitle, \
     own using (ours(w(0)) - 0.42):'bound_ms':(0.84):(0) with vectors nohead ls theory lw 2 title 'bound'
set ylabel 'peak memory of the process [MiB]'
unset key
plot own using (ours(w(0)) - 0.2):'peak_mib' with boxes lc rgb '#0072B2' notitle, \
     for [k = 1:there] file using (best(w(0)) + 0.2):'peak_mib' with boxes lc rgb '#E69F00' fs pattern 4 border lc rgb '#E69F00' notitle
unset multiplot
