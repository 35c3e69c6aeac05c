# throughput-roofline.gp -- Every workload on this machine's roofline, all
# threads, float (left) and double (right): operations counted from the shapes
# over the least traffic of memory, against the rate. Filled: training step;
# open: likelihood; small: sampling; of W7 x, + and a small x. Dashed: what fused
# multiply-adds and the memory allow; dotted: the best matrix product.
width = 1120; height = 440
load 'plots/style.gp'

file = out.'/throughput.csv'
machine = out.'/throughput-machine.csv'
precisions = 'float double'
stats file using 'threads' nooutput
most = STATS_max
stats file using 'gflops' nooutput
least = STATS_min
level(q, p) = (stringcolumn('quantity') eq q && stringcolumn('precision') eq p && column('threads') == most) ? column('value') : NaN
group(k) = stringcolumn('workload')[1:2] eq word('W1 W2 W3 W4 W5 W6 W7', k)
at(k, m, p) = (group(k) && stringcolumn('mode') eq m && stringcolumn('precision') eq p && column('threads') == most) ? column('gflops') : NaN
says = '"W1 RealNVP, d = 2" "W2 the same, d = 63" "W3 Glow, 32²" "W4 Glow, 1024²" "W5 linear, d = 512" "W6 residual, exact" "W7 cosine, 1024²"'
filled = '7 5 9 13 15 11 2'
open = '6 4 8 12 14 10 1'
set datafile missing NaN
stats machine using (level('fma', 'float')) nooutput
top = 4 * STATS_max
set logscale xy 10
set xrange [1:10000]
set yrange [least / 3 < 5 ? least / 3 : 5:top]
set format x '10^{%T}'
set format y '%g'
set multiplot
set xlabel 'operations per byte of memory traffic'
set ylabel '10^9 operations per second'
do for [c = 1:2] {
    p = word(precisions, c)
    stats machine using (level('fma', p)) nooutput
    fma = STATS_records > 0 ? STATS_max : NaN
    stats machine using (level('gemm', p)) nooutput
    gemm = STATS_records > 0 ? STATS_max : NaN
    stats machine using (level('triad', 'bytes')) nooutput
    triad = STATS_max
    roof(x) = triad * x < fma ? triad * x : fma
    set label 1 p.sprintf(', %d threads, memory %.0f GB/s', most, triad) at graph 0.03, 0.95 font ',12'
    set label 2 sprintf('fused multiply-add, %.0f', fma) at 9000, fma * 1.2 right font ',10'
    set lmargin at screen c == 1 ? 0.085 : 0.475
    set rmargin at screen c == 1 ? 0.405 : 0.81
    if (c == 1) { set key at screen 0.82, screen 0.9 left top Left reverse samplen 1 font ',10' } else { unset key }
    which = c == 1 ? '1 2 3 4 5 7' : '1 2 5'
    also = c == 1 ? '6' : ''
    plot roof(x) with lines ls theory notitle, \
         gemm with lines ls 8 dt (2, 3) notitle, \
         for [k in which] file using 'flops_per_byte':(at(0+k, 'train', p)) with points ls 0+k pt 0+word(filled, 0+k) ps 1.3 notitle, \
         for [k in which.' '.also] file using 'flops_per_byte':(at(0+k, 'log_prob', p)) with points ls 0+k pt 0+word(open, 0+k) ps 1.2 notitle, \
         for [k in which] file using 'flops_per_byte':(at(0+k, 'sample', p)) with points ls 0+k pt 0+word(filled, 0+k) ps 0.5 notitle, \
         for [k = 1:7] keyentry with points ls k pt 0+word(filled, k) ps 1.3 title word(says, k), \
         keyentry with points pt 7 lc rgb '#333333' ps 1.3 title 'training step', \
         keyentry with points pt 6 lc rgb '#333333' ps 1.2 title 'likelihood', \
         keyentry with points pt 7 lc rgb '#333333' ps 0.5 title 'sampling', \
         keyentry with lines ls theory title 'ceilings', \
         keyentry with lines ls 8 dt (2, 3) title 'best matrix product'
    unset ylabel
}
unset multiplot
