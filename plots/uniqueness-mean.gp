# uniqueness-mean.gp -- Uniqueness in mean: pairs of trained flows, the mean
# difference of their log-determinants against what their gaps $g_1$, $g_2$ allow
# at most, $(d/2)(log r_+ - log r_-)$ with $r_+$ of $2 g_1/d$ and $r_-$ of $2
# g_2/d$, or the other way round; $r$ the roots of $r - 1 - log r = 2 g/d$, gaps
# at their upper limits, $d = 2$. All targets, seeds, architectures and three
# stages of training, over a normal base; none is above the diagonal (dashed).
width = 620; height = 460
load 'plots/style.gp'

file = out.'/uniqueness-trained.csv'
newton(r, g) = r - (r - 1 - log(r) - g) / (1 - 1 / r)
root(r, g, n) = n == 0 ? r : root(newton(r, g), g, n - 1)
above(g) = g > 0 ? log(root(1 + sqrt(2 * g) + 2 * g, g, 9)) : 0
below(g) = g > 0 ? log(root(exp(-1 - g), g, 30)) : 0
larger(a, b) = a > b ? a : b
allowed(a, b) = larger(above(a) - below(b), above(b) - below(a))
pick(base, y) = stringcolumn('base') eq base && y > 0 ? y : NaN
set logscale xy
set format xy '10^{%T}'
set xrange [0.04:5]
set yrange [1e-5:5]
set xlabel 'what the gaps allow [nats]'
set ylabel '|mean log |det J_f| - mean log |det J_g|| [nats]'
set key off
set label 1 'what both gaps allow at most' at 1.5, 2.6 right font ',11'
set label 2 'pairs of trained flows' at 0.7, 0.4 left font ',11'
plot file using (allowed(column('kl_limit_a_nats'), column('kl_limit_b_nats'))):(pick('normal', abs(column('mean_difference')))) \
         with points ls 2 ps 0.35, \
     x with lines ls theory
