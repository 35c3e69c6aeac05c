# scaling-threads.gp -- Gain of a training step by more processors: lanes that one
# thread worked, scheduled on so many (experiments/throughput/threads.c). Crosses:
# real steps, where this machine has the processors. Dashed: as many times faster
# as there are processors.
width = 620; height = 460
load 'plots/style.gp'

file = out.'/scaling-threads.csv'
works = 'W1 W2 W2m W3 W4'
says = '"W1: RealNVP, 2 columns" "W2: RealNVP, 63 columns" "W2m: MAF, 63 columns" "W3: Glow, 32 x 32" "W4: Glow, 1024 x 1024"'
is(w) = stringcolumn('workload') eq w
set datafile missing NaN
array found[5]
do for [k = 1:5] {
    stats file using (is(word(works, k)) ? 1 : 0) nooutput
    found[k] = STATS_sum > 0
}
set logscale xy 2
set xrange [0.9:72]
set yrange [0.9:72]
set xlabel 'processors'
set ylabel 'gain over one processor, predicted'
set key left top Left reverse samplen 2.5
plot x with lines ls theory title 'processors', \
     for [k = 1:5] file using (is(word(works, k)) ? column('threads') : NaN):'gain' with linespoints ls k notitle, \
     for [k = 1:5] file using (is(word(works, k)) && column('threads') > 1 ? column('threads') : NaN):'gain_measured' with points ls k pt 2 ps 1.4 notitle, \
     for [k = 1:5] keyentry with linespoints ls (found[k] ? k : -2) title (found[k] ? word(says, k) : ''), \
     keyentry with points ls 1 pt 2 ps 1.4 lc rgb 'black' title 'measured'
