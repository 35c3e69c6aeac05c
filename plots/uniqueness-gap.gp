# uniqueness-gap.gp -- Pairs of trained flows: mean over fresh test points of
# $|log|det J_f| - log|det J_g||$, against the bound $b$ of C1.8 by their gaps
# $g_1$, $g_2$ to $-h(X)$, at their upper limits; all targets, seeds,
# architectures and three stages of training. Over the uniform base no pair is
# above $b$ (the diagonal, dashed); over the normal base pairs of a flow $f$
# and itself behind the inversion $T$, of one likelihood, stay at $2 log 2$
# whatever the gap.
width = 900; height = 460
load 'plots/style.gp'

file = out.'/uniqueness-trained.csv'
set logscale xy
set format xy '10^{%T}'
set xrange [3e-2:30]
set yrange [2e-3:30]
set xlabel 'b = g_1 + g_2 + (2 g_1)^{1/2} + (2 g_2)^{1/2} [nats]'
unset key
twisted(f) = stringcolumn('flow_b') eq 'twisted'
own(f) = twisted(0) && stringcolumn('flow_a') eq 'affine coupling'
pick(base, wanted, y) = stringcolumn('base') eq base && wanted ? y : NaN

set multiplot layout 1, 2 margins 0.1, 0.985, 0.15, 0.9 spacing 0.04, 0
do for [k = 1:2] {
    base = word('uniform normal', k)
    set title base.' base' offset 0,-0.5
    if (k == 1) { set ylabel 'mean |log |det J_f| - log |det J_g|| [nats]' } else { unset ylabel; set format y '' }
    unset label
    set label 1 '= b' at 12, 17 right font ',11'
    set label 2 'trained pairs' at graph 0.97, 0.05 right font ',11' tc ls k
    if (k == 2) { set label 3 'f and T o f, 2 log 2 if exact' at 0.04, 1.9 left font ',11' tc ls 3 }
    plot file using 'bound_nats':(pick(base, !twisted(0), column('mean_abs_difference'))) \
             with points ls k ps 0.25, \
         '' using 'bound_nats':(pick(base, k == 2 && own(0), column('mean_abs_difference'))) \
             with points ls 3 ps 0.9, \
         x with lines ls theory, \
         k == 2 ? 2 * log(2) : NaN with lines ls theory dt (2, 4)
}
unset multiplot
