# uniqueness-gap.gp -- Pairs of trained flows: sd over test points of the
# difference of log |det J|, against the sum of their gaps to -h(X); all
# targets, seeds, architectures and three stages of training. Over the uniform
# base it falls with the gap, along sd = sqrt(2 gap) (dashed; second order in
# the log-ratio of densities); over the normal base it does not.
width = 900; height = 460
load 'plots/style.gp'

file = out.'/uniqueness-trained.csv'
set logscale xy
set format xy '10^{%T}'
set xrange [2e-4:3]
set yrange [5e-3:30]
set xlabel 'gap a + gap b [nats]'
set key top left font ',11' width -3
pick(base, y) = stringcolumn('base') eq base ? y : NaN
gap(x) = x > 2e-4 ? x : NaN

set multiplot layout 1, 2 margins 0.1, 0.985, 0.15, 0.9 spacing 0.04, 0
do for [k = 1:2] {
    base = word('uniform normal', k)
    set title base.' base' offset 0,-0.5
    if (k == 1) { set ylabel 'sd of the difference of log |det J| [nats]' } else { unset ylabel; set format y '' }
    plot file using (gap(column('kl_a_nats') + column('kl_b_nats'))):(pick(base, stringcolumn('flow_b') ne 'twisted' ? column('sd_difference') : NaN)) \
             with points ls k ps 0.25 title 'trained pairs', \
         '' using (gap(column('kl_a_nats') + column('kl_b_nats'))):(pick(base, stringcolumn('flow_b') eq 'twisted' && stringcolumn('flow_a') eq 'affine coupling' ? column('sd_difference') : NaN)) \
             with points ls 3 ps 0.5 title (k == 2 ? 'f and T o f, T the inversion' : ''), \
         sqrt(2 * x) with lines ls theory title '(2 gap)^{1/2}', \
         k == 2 ? pi / sqrt(3) : NaN with lines ls theory dt (2, 4) title (k == 2 ? 'exact: {/Symbol p} / 3^{1/2}' : '')
}
unset multiplot
